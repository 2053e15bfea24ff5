//! `partial-export`

use std::collections::BTreeMap;

use super::{list, plural};
use crate::check::{Context, Report, Severity, rule};
use crate::estate::{Extent, NoteKind, Zone, ZoneId};

rule! {
    /// ## What it finds
    /// A zone of which less was read than there is, by its own counts; a page with
    /// more to follow; records or links that were not exported at all.
    ///
    /// ## Why it matters
    /// A name that was not read may exist. privdns then answers "unknown" rather
    /// than NXDOMAIN, and rules that need the whole list stay silent. A zone that
    /// only something else refers to is a note.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub  partial
    ///   nas  A  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    /// ```
    pub static PARTIAL_EXPORT = "partial-export" {
        summary: "less was read than there is",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    for note in estate.notes.iter().filter(|note| note.kind == NoteKind::Partial) {
        let path = &estate.input(note.origin.input).path;
        let finding = report
            .finding(format!("`{path}` {}", note.message))
            .at(note.origin, "this input is not whole")
            .help("export again with all pages; `az … list` follows them by itself");
        report.add(finding);
    }
    let mut gaps: BTreeMap<Gap, Vec<ZoneId>> = BTreeMap::new();
    for (id, zone) in estate.zone_ids() {
        for gap in [records_gap(zone), links_gap(zone)].into_iter().flatten() {
            gaps.entry(gap).or_default().push(id);
        }
    }
    for (gap, zones) in gaps {
        add(context, report, &gap, &zones);
    }
}

/// What was not read of a zone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Gap {
    /// Of its links, not of its records.
    of_links: bool,
    severity: Severity,
    /// In a sentence about one zone.
    what: String,
}

fn records_gap(zone: &Zone) -> Option<Gap> {
    let loaded = zone.record_sets.len();
    let what = match (zone.extent(), zone.declared_record_sets) {
        (Extent::Whole, _) => return None,
        (Extent::Unknown, _) => "none of its record sets were read".to_owned(),
        (Extent::Partial, _) if zone.refused > 0 => {
            "some of its record sets could not be read".to_owned()
        }
        (Extent::Partial, Some(declared)) => {
            format!("{loaded} of its {declared} record sets were read")
        }
        (Extent::Partial, None) => {
            let sets = plural(loaded, "record set was", "record sets were");
            format!("{sets} read, and nothing says that these are all")
        }
    };
    // A zone that nothing but a link or an endpoint mentions.
    let mentioned = zone.extent() == Extent::Unknown && zone.declared_record_sets.is_none();
    let severity = if mentioned { Severity::Note } else { Severity::Warning };
    Some(Gap { of_links: false, severity, what })
}

fn links_gap(zone: &Zone) -> Option<Gap> {
    let what = match (zone.links_extent(), zone.declared_links) {
        (Extent::Whole, _) => return None,
        (Extent::Unknown, Some(1)) => "its one link was not read".to_owned(),
        (Extent::Unknown, Some(declared)) => format!("none of its {declared} links were read"),
        (Extent::Partial, Some(declared)) => {
            format!("{} of its {declared} links were read", zone.links.len())
        }
        (Extent::Unknown, None) if !zone.record_sets.is_empty() => {
            "its links were not exported".to_owned()
        }
        _ => return None,
    };
    let severity = if zone.declared_links.is_none() { Severity::Note } else { Severity::Warning };
    Some(Gap { of_links: true, severity, what })
}

fn add(context: &Context<'_>, report: &mut Report<'_>, gap: &Gap, zones: &[ZoneId]) {
    let estate = context.estate();
    let message = match zones {
        [one] => format!("zone `{}`: {}", estate.zone_name(*one), gap.what),
        _ => format!(
            "{} zones, of each: {}: {}",
            zones.len(),
            gap.what,
            list(zones.iter().map(|&zone| estate.zone_name(zone)))
        ),
    };
    let (label, command) = match gap.of_links {
        true => ("which networks it answers for is not known", "link vnet list"),
        false => ("the answers for names it may hold are unknown", "record-set list"),
    };
    let (name, group) = match zones {
        [one] => (estate.zone_name(*one), estate.zone(*one).group.clone()),
        _ => ("ZONE".to_owned(), None),
    };
    let group = group.as_deref().unwrap_or("RESOURCE_GROUP");
    let mut finding = report
        .finding(message)
        .graded(gap.severity)
        .at_each(zones.iter().map(|&zone| estate.zone(zone).origin), label, "and here")
        .help(format!("az network private-dns {command} -g {group} -z {name} -o json"));
    if !gap.of_links {
        finding = finding.from(zones.iter().flat_map(|&zone| context.vnets_of(zone)));
    }
    if let (true, [one]) = (gap.of_links, zones)
        && let Some(note) = super::looks_public(context, *one)
    {
        finding = finding.note(note);
    }
    report.add(finding);
}

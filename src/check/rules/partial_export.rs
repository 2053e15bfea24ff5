//! `partial-export`

use super::plural;
use crate::check::{Context, Report, Severity, rule};
use crate::estate::{Extent, NoteKind};

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
    for (id, zone) in estate.zone_ids() {
        let name = estate.zone_name(id);
        let loaded = zone.record_sets.len();
        let group = zone.group.as_deref().unwrap_or("RESOURCE_GROUP");
        let records = match (zone.extent(), zone.declared_record_sets) {
            (Extent::Whole, _) => None,
            (Extent::Unknown, _) => Some("none of its record sets were read".to_owned()),
            (Extent::Partial, _) if zone.refused > 0 => {
                Some("some of its record sets could not be read".to_owned())
            }
            (Extent::Partial, Some(declared)) => {
                Some(format!("{loaded} of its {declared} record sets were read"))
            }
            (Extent::Partial, None) => {
                let sets = plural(loaded, "record set was", "record sets were");
                Some(format!("{sets} read, and nothing says that these are all"))
            }
        };
        if let Some(records) = records {
            let mut finding = report
                .finding(format!("zone `{name}`: {records}"))
                .from(context.vnets_of(id))
                .at(zone.origin, "the answers for names it may hold are unknown")
                .help(format!(
                    "az network private-dns record-set list -g {group} -z {name} -o json"
                ));
            // A zone that nothing but a link or an endpoint mentions.
            if zone.extent() == Extent::Unknown && zone.declared_record_sets.is_none() {
                finding.severity = Severity::Note;
            }
            report.add(finding);
        }
        let links = match (zone.links_extent(), zone.declared_links) {
            (Extent::Whole, _) => None,
            (Extent::Unknown, Some(declared)) => {
                Some(format!("none of its {declared} links were read"))
            }
            (Extent::Partial, Some(declared)) => {
                Some(format!("{} of its {declared} links were read", zone.links.len()))
            }
            (Extent::Unknown, None) if loaded > 0 => Some("its links were not exported".to_owned()),
            _ => None,
        };
        if let Some(links) = links {
            let mut finding = report
                .finding(format!("zone `{name}`: {links}"))
                .at(zone.origin, "which networks it answers for is not known")
                .help(format!(
                    "az network private-dns link vnet list -g {group} -z {name} -o json"
                ));
            if zone.declared_links.is_none() {
                finding.severity = Severity::Note;
            }
            report.add(finding);
        }
    }
}

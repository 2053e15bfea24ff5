//! `legacy-private-link-zone`

use super::list;
use crate::check::{Context, Report, rule};
use crate::public::{Catalogue, Entry};

rule! {
    /// ## What it finds
    /// A zone that stands in older editions of the Private Link zone table only. Those of
    /// Batch have rules of their own.
    ///
    /// ## Why it matters
    /// Either no public name leads to it any more, so its records are dead; or it is
    /// longer than the zone in use and takes names away from it. New endpoints are
    /// recorded in the other zone.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.search.windows.us  link hub
    ///   srch  A  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.search.azure.us  link hub
    ///   srch  A  10.0.0.7
    /// ```
    pub static LEGACY_PRIVATE_LINK_ZONE = "legacy-private-link-zone" {
        summary: "a zone of Private Link has been replaced by another",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (estate, catalogue) = (context.estate(), Catalogue::get());
    for (id, zone) in estate.zone_ids().filter(|(id, _)| estate.is_private_link(*id)) {
        let apex = estate.names.name(zone.apex);
        let entries = catalogue.zones_matching(&apex);
        let batch = context.census().form(id).is_some();
        let Some(entry) = entries.first().filter(|entry| !entry.is_current() && !batch) else {
            continue;
        };
        let mut finding = report
            .finding(format!("zone `{}` of {} has been replaced", apex.text(), entry.service))
            .modelled()
            .from(context.vnets_of(id))
            .at(zone.origin, "new endpoints are not recorded here")
            .named([zone.apex]);
        if let Some(notes) = &entry.notes {
            finding = finding.note(notes.as_str());
        }
        let current = successors(entry);
        finding = match current.is_empty() {
            true => finding.help("look the service's zone up with `privdns catalog`"),
            false => finding.help(format!("move its records to {}", list(current))),
        };
        report.add(finding);
    }
}

/// The zones that endpoints of the same kind use today.
fn successors(old: &Entry) -> Vec<&'static str> {
    let entries = Catalogue::get().entries().iter().filter(|entry| entry.is_current());
    let same = entries.filter(|entry| {
        entry.cloud == old.cloud
            && entry.resource_type.eq_ignore_ascii_case(&old.resource_type)
            && entry.subresource.eq_ignore_ascii_case(&old.subresource)
    });
    let mut zones: Vec<&str> =
        same.flat_map(|entry| &entry.private_zones).map(String::as_str).collect();
    zones.sort_unstable();
    zones.dedup();
    zones
}

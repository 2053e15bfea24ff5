//! `zone-outside-hub`

use std::collections::BTreeMap;

use super::subscription;
use crate::check::{Context, Report, rule};
use crate::estate::ZoneId;

rule! {
    /// ## What it finds
    /// Zones of Private Link in another resource group or subscription than most.
    ///
    /// ## Why it matters
    /// A zone that somebody made beside the endpoint is not linked, not watched and not
    /// cleaned up with the central ones, and sooner or later has the same name as one of
    /// them.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net   group rg-dns  link hub
    /// zone privatelink.file.core.windows.net   group rg-dns  link hub
    /// zone privatelink.queue.core.windows.net  group rg-app  link hub
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net   group rg-dns  link hub
    /// zone privatelink.file.core.windows.net   group rg-dns  link hub
    /// zone privatelink.queue.core.windows.net  group rg-dns  link hub
    /// ```
    pub static ZONE_OUTSIDE_HUB = "zone-outside-hub" {
        summary: "a zone of Private Link is not where the others are",
        severity: Note,
        set: Governance,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    let mut places: BTreeMap<(Option<String>, String), Vec<ZoneId>> = BTreeMap::new();
    for (id, zone) in estate.zone_ids().filter(|(id, _)| estate.is_private_link(*id)) {
        if let Some(group) = &zone.group {
            let place = (subscription(&zone.id), group.to_lowercase());
            places.entry(place).or_default().push(id);
        }
    }
    let all: usize = places.values().map(Vec::len).sum();
    let hub = places.iter().find(|(_, zones)| zones.len() * 2 > all).map(|(place, _)| place);
    let Some(hub) = hub else { return };
    for (place, zones) in places.iter().filter(|(place, _)| *place != hub) {
        for &zone in zones {
            let facts = estate.zone(zone);
            let finding = report
                .finding(format!(
                    "zone `{}` is in group `{}`, and most are in `{}`",
                    estate.zone_name(zone),
                    place.1,
                    hub.1
                ))
                .from(context.vnets_of(zone))
                .at(facts.origin, "made apart from the others")
                .named([facts.apex])
                .help("move its records to the central zone of that name, and delete it");
            report.add(finding);
        }
    }
}

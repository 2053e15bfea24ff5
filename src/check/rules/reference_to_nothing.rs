//! `reference-to-nothing`

use std::collections::HashSet;

use super::subscription;
use crate::check::inventory::group_zones;
use crate::check::{Context, Report, rule};
use crate::estate::Zone;

rule! {
    /// ## What it finds
    /// A private endpoint whose zone group names a zone that was not exported, though
    /// other zones of its subscription were.
    ///
    /// ## Why it matters
    /// The zone was deleted, or renamed and made anew: the platform can no longer keep
    /// the endpoint's record, and changes of its address reach nobody.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.file.core.windows.net  id /subscriptions/s1/resourceGroups/dns/providers/Microsoft.Network/privateDnsZones/privatelink.file.core.windows.net
    /// endpoint pe-sta  vnet hub  group blob  zone-group /subscriptions/s1/resourceGroups/old/providers/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  id /subscriptions/s1/resourceGroups/dns/providers/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.0.0.7
    /// endpoint pe-sta  vnet hub  group blob  zone-group /subscriptions/s1/resourceGroups/dns/providers/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net
    /// ```
    pub static REFERENCE_TO_NOTHING = "reference-to-nothing" {
        summary: "a zone group names a zone that the export lacks",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    // A zone that is only mentioned has neither counts nor lists.
    let exported = |zone: &&Zone| zone.declared_record_sets.is_some() || zone.listed;
    let zones = || estate.zones.iter().filter(exported);
    let known: HashSet<String> =
        zones().filter_map(|zone| zone.id.as_ref().map(|id| id.key())).collect();
    let listed: HashSet<String> = zones().filter_map(|zone| subscription(&zone.id)).collect();
    for endpoint in &estate.endpoints {
        for zone in group_zones(endpoint) {
            let Some(id) = &zone.id else { continue };
            let whole = subscription(&zone.id).is_some_and(|one| listed.contains(&one));
            if !whole || known.contains(&id.key()) {
                continue;
            }
            let finding = report
                .finding(format!(
                    "private endpoint `{}` is recorded in `{}` of {}, which the export lacks",
                    endpoint.name,
                    zone.apex.text(),
                    id.resource_group().unwrap_or("its group")
                ))
                .modelled()
                .from(endpoint.vnet)
                .at(endpoint.origin, "its zone group names this zone")
                .named(estate.names.get(&zone.apex))
                .help("export the zone; or, if it is gone, give the zone group the one in use");
            report.add(finding);
        }
    }
}

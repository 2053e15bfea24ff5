//! `manual-endpoint-record`

use super::{list_names, plural};
use crate::check::inventory::group_zones;
use crate::check::sweep::{addresses, by_zone};
use crate::check::{Context, Report, rule};
use crate::index::SetRef;
use crate::name::NameId;

rule! {
    /// ## What it finds
    /// A record that leads to an approved private endpoint, has no `creator`, and is in
    /// no zone of the endpoint's zone group.
    ///
    /// ## Why it matters
    /// Nobody keeps it: when the endpoint is made anew with another address, or deleted,
    /// the record stays as it is.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.0.0.7
    /// endpoint pe-sta  vnet hub  group blob
    ///   sta.blob.core.windows.net  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.0.0.7
    /// endpoint pe-sta  vnet hub  group blob  zone-group privatelink.blob.core.windows.net
    ///   sta.blob.core.windows.net  10.0.0.7
    /// ```
    pub static MANUAL_ENDPOINT_RECORD = "manual-endpoint-record" {
        summary: "an endpoint's record was made by hand",
        severity: Note,
        set: Hygiene,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate, inventory) = (context.index(), context.estate(), context.inventory());
    for (zone, sets) in by_zone(&context.sweep().endpoint_addresses) {
        let apex = estate.names.name(estate.zone(zone).apex);
        let by_hand = |set: &&SetRef| {
            let facts = index.set(**set);
            let owners: Vec<u32> =
                addresses(&facts.data).flat_map(|one| inventory.at(one)).copied().collect();
            let kept = |at: &u32| {
                group_zones(&estate.endpoints[*at as usize]).any(|zone| zone.apex == apex)
            };
            facts.creator.is_none() && !owners.is_empty() && !owners.iter().any(kept)
        };
        let sets: Vec<SetRef> = sets.iter().filter(by_hand).copied().collect();
        if sets.is_empty() {
            continue;
        }
        let names: Vec<NameId> = sets.iter().map(|&set| index.set(set).owner).collect();
        let finding = report
            .finding(format!(
                "{} kept by no zone group in `{}`: {}",
                plural(names.len(), "record of an endpoint is", "records of endpoints are"),
                estate.zone_name(zone),
                list_names(context, &names)
            ))
            .from(context.vnets_of(zone))
            .at_each(sets.iter().map(|&set| index.set(set).origin), "made by hand", "this too")
            .named(names)
            .help("give the endpoints a zone group with this zone");
        report.add(finding);
    }
}

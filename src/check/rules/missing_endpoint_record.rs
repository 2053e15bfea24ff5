//! `missing-endpoint-record`

use std::collections::BTreeMap;

use super::{address_record, list_names};
use crate::check::{Context, Report, rule};
use crate::estate::{Extent, Origin, ZoneId};
use crate::index::Evidence;
use crate::name::NameId;

rule! {
    /// ## What it finds
    /// A resource with an approved private endpoint whose name no zone of its service
    /// records, where the zone is there and linked to no network. Where a network is
    /// linked it is `dead-endpoint`.
    ///
    /// ## Why it matters
    /// The endpoint was made without a zone group and nobody added its record: every
    /// client goes to the public endpoint, and as soon as somebody links the zone the
    /// name is NXDOMAIN. Zones that were not exported, or not whole, may have the record.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net
    /// public blob sta
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.0.0.7
    /// public blob sta
    /// ```
    pub static MISSING_ENDPOINT_RECORD = "missing-endpoint-record" {
        summary: "an approved endpoint has no record in any zone",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    let mut found: BTreeMap<ZoneId, Vec<(u32, NameId, Origin)>> = BTreeMap::new();
    for (at, service) in index.services().iter().enumerate() {
        let Evidence::Stated(origin) = service.evidence else { continue };
        // A private endpoint's own network is `dead-endpoint`'s to ask.
        if !service.vnets.is_empty() || context.answers_of(at as u32).iter().any(|a| a.claimed) {
            continue;
        }
        let recorded = service.aliases.iter().any(|&alias| index.zones_at(alias).next().is_some());
        let zone = service.aliases.iter().find_map(|&alias| {
            let apex = &index.apexes()[index.apex_of(alias)? as usize];
            let whole = apex.zones.iter().all(|&zone| index.extent(zone) == Extent::Whole);
            whole.then_some((apex.zones[0], alias))
        });
        let Some((zone, owner)) = zone.filter(|_| !recorded) else { continue };
        // Accounts of Batch have rules of their own.
        if context.census().form(zone).is_none() {
            found.entry(zone).or_default().push((at as u32, owner, origin));
        }
    }
    for (zone, missing) in found {
        let names: Vec<NameId> = missing.iter().map(|one| context.service(one.0).name).collect();
        let zone_name = estate.zone_name(zone);
        let finding = report
            .finding(format!(
                "{} {} a private endpoint and no record in `{zone_name}`",
                list_names(context, &names),
                if names.len() == 1 { "has" } else { "have" }
            ))
            .modelled()
            .at_each(
                missing.iter().map(|one| one.2),
                "this has an approved private endpoint",
                "this too",
            )
            .explained_at(
                estate.zone(zone).origin,
                "this zone lacks the record, and is linked nowhere",
            )
            .help("add the record, then link the zone to the networks of the clients")
            .remedied(
                missing
                    .iter()
                    .filter_map(|&(at, owner, _)| address_record(context.service(at), zone, owner)),
            )
            .named(names);
        report.add(finding);
    }
}

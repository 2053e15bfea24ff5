//! `slow-negative-cache`

use crate::check::{Context, Report, rule};
use crate::estate::Change;
use crate::record::{RecordData, Soa};

rule! {
    /// ## What it finds
    /// Zones of Private Link whose SOA lets resolvers remember for a minute or more that
    /// a name does not exist.
    ///
    /// ## Why it matters
    /// Negative answers are kept for the lesser of the SOA's TTL and its minimum (RFC
    /// 2308, section 5): while a record is missing in a migration, every client that asks
    /// is down for that long after the record is there. New zones have 10 seconds, older
    /// ones 300.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub
    ///   @    SOA  3600  azureprivatedns.net azureprivatedns-host.microsoft.com 1 3600 300 2419200 300
    ///   sta  A    10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub
    ///   @    SOA  3600  azureprivatedns.net azureprivatedns-host.microsoft.com 1 3600 300 2419200 10
    ///   sta  A    10.0.0.7
    /// ```
    pub static SLOW_NEGATIVE_CACHE = "slow-negative-cache" {
        summary: "that a name does not exist is remembered for long",
        severity: Note,
        set: Hygiene,
        since: "0.1.0",
        run: run,
    }
}

/// From how many seconds on it is told.
const LONG: u32 = 60;

/// What Azure gives new zones, as exports show; read 2026-11.
const DEFAULT: u32 = 10;

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    for (id, zone) in estate.zone_ids().filter(|(id, _)| estate.is_private_link(*id)) {
        let at_apex = zone.record_sets.iter().filter(|set| set.owner == zone.apex);
        let soa = at_apex.filter_map(|set| match &set.data {
            RecordData::Soa(soa) => Some((set, soa)),
            _ => None,
        });
        for (set, soa) in soa {
            let kept = set.ttl.map_or(soa.minimum, |ttl| ttl.seconds().min(soa.minimum));
            if kept < LONG {
                continue;
            }
            let data = RecordData::Soa(Box::new(Soa { minimum: DEFAULT, ..**soa }));
            let finding = report
                .finding(format!(
                    "that `{}` lacks a name is remembered for {kept} seconds",
                    estate.zone_name(id)
                ))
                .from(context.vnets_of(id))
                .at(set.origin, "the minimum of this SOA")
                .named([zone.apex])
                .help("lower the SOA's minimum before a change")
                .remedied([Change::Put { zone: id, owner: zone.apex, data, ttl: set.ttl }]);
            report.add(finding);
        }
    }
}

//! `dangling-alias`

use std::collections::BTreeMap;

use super::list_vnets;
use crate::check::{Context, Report, Witness, rule};
use crate::estate::{Extent, ZoneId};
use crate::index::{Claim, Found, Place, SetRef};
use crate::record::{RecordData, RecordType};

rule! {
    /// ## What it finds
    /// An alias in a private zone whose target does not exist in the zone that
    /// claims it, or whose target is recorded in a private zone that is not linked.
    ///
    /// ## Why it matters
    /// Clients get NXDOMAIN, or a public answer, for a name the portal shows as
    /// configured. An alias to a name in a zone that is not linked is looked up in
    /// public DNS, where nobody planned for it.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   files  CNAME  nas.corp.internal
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   files  CNAME  nas.corp.internal
    ///   nas    A      10.0.0.7
    /// ```
    pub static DANGLING_ALIAS = "dangling-alias" {
        summary: "an alias leads to a name that does not exist",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// This linked zone claims the target and lacks it.
    Missing(ZoneId),
    /// This zone has the target and is not linked.
    Unlinked(ZoneId),
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    let mut found: BTreeMap<(SetRef, Why), Vec<u32>> = BTreeMap::new();
    for (zone, facts) in estate.zone_ids() {
        for (at, set) in facts.record_sets.iter().enumerate() {
            let RecordData::Cname(target) = set.data else { continue };
            let set_ref = SetRef { zone, set: at as u32 };
            let place = Place::Known(target);
            for (view_at, view) in context.views().iter().enumerate() {
                let claims = |zone: ZoneId, name| matches!(view.claim(name), Some(Claim::Zone { zone: by, .. }) if by == zone);
                // A link of a network that asks another server has no say.
                if !view.asks_azure() || !view.is_linked(zone) || !claims(zone, set.owner) {
                    continue;
                }
                let why = match view.claim(target) {
                    Some(Claim::Zone { zone: claiming, link }) => {
                        let missing = index.extent(claiming) == Extent::Whole
                            && index.look_up(claiming, &place, RecordType::A) == Found::NxDomain
                            && !view.redirects(claiming, link).0;
                        missing.then_some(Why::Missing(claiming))
                    }
                    Some(_) => None,
                    // An alias out of an old Batch zone is `batch-bridge`.
                    None if context.census().form(zone).is_some() => None,
                    None => index.zones_at(target).next().map(Why::Unlinked),
                };
                if let Some(why) = why {
                    found.entry((set_ref, why)).or_default().push(view_at as u32);
                }
            }
        }
    }
    for ((set, why), views) in found {
        let bridge = context.census().form(set.zone).is_some();
        // In an old Batch zone it is `batch-bridge` that says so.
        if bridge {
            continue;
        }
        let facts = index.set(set);
        let RecordData::Cname(target) = facts.data else { continue };
        let vnets = context.vnets(&views);
        let (owner, target_name) = (estate.names.show(facts.owner), estate.names.show(target));
        let from = list_vnets(context, &vnets);
        let mut finding = match why {
            Why::Missing(zone) => report
                .finding(format!("alias `{owner}` leads to `{target_name}`, which does not exist"))
                .at(facts.origin, "this alias leads nowhere")
                .at(
                    estate.zone(zone).origin,
                    format!("`{}` claims the target and lacks it", estate.zone_name(zone)),
                )
                .help(format!("add `{target_name}`, or remove the alias")),
            Why::Unlinked(zone) => report
                .finding(format!(
                    "alias `{owner}` leads to `{target_name}`, whose zone is not linked to {from}"
                ))
                .at(facts.origin, "this alias leads out of the linked zones")
                .at(
                    estate.zone(zone).origin,
                    format!("`{}` has the target", estate.zone_name(zone)),
                )
                .help(format!("link `{}` to {from}", estate.zone_name(zone))),
        };
        finding = finding.from(vnets.iter().copied());
        finding.witness =
            Some(Witness { vnet: vnets[0], name: facts.owner, record_type: RecordType::A });
        finding.names = vec![facts.owner];
        report.add(finding);
    }
}

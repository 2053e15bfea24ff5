//! `dangling-alias`

use std::collections::BTreeMap;

use super::{list_vnets, missing_final_dot, safe_links};
use crate::check::{Context, Report, Witness, rule};
use crate::estate::{Extent, ZoneId};
use crate::index::{Claim, Found, Place, SetRef};
use crate::name::NameId;
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
    let index = context.index();
    let mut found: BTreeMap<(SetRef, Why), Vec<u32>> = BTreeMap::new();
    for &set_ref in &context.sweep().aliases {
        let (zone, set) = (set_ref.zone, index.set(set_ref));
        let RecordData::Cname(target) = set.data else { continue };
        let place = Place::Known(target);
        for (view_at, view) in context.linked_views(zone) {
            let claims = |zone: ZoneId, name| matches!(view.claim(name), Some(Claim::Zone { zone: by, .. }) if by == zone);
            // A link of a network that asks another server has no say.
            if !view.asks_azure() || !claims(zone, set.owner) {
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
                // The zone may be linked for all that was read.
                None if view.doubt(target).is_some_and(|doubt| doubt.missing) => None,
                None => index.zones_at(target).next().map(Why::Unlinked),
            };
            if let Some(why) = why {
                found.entry((set_ref, why)).or_default().push(view_at);
            }
        }
    }
    // One cause is one finding, however many aliases it breaks.
    let mut groups: BTreeMap<(ZoneId, Why, Vec<u32>), Vec<SetRef>> = BTreeMap::new();
    for ((set, why), views) in found {
        // In an old Batch zone it is `batch-bridge` that says so.
        let batch = context.census().form(set.zone).is_some();
        if !batch && !explained_otherwise(context, set) {
            groups.entry((set.zone, why, views)).or_default().push(set);
        }
    }
    for ((zone, why, views), sets) in groups {
        add(context, report, zone, why, &views, &sets);
    }
}

/// Whether another rule tells what is wrong with the target itself.
fn explained_otherwise(context: &Context<'_>, set: SetRef) -> bool {
    let RecordData::Cname(target) = context.index().set(set).data else { return false };
    let target = context.estate().names.show(target).to_string();
    target.parse::<std::net::Ipv4Addr>().is_ok() || missing_final_dot::meant(context, set).is_some()
}

fn add(
    context: &Context<'_>,
    report: &mut Report<'_>,
    zone: ZoneId,
    why: Why,
    views: &[u32],
    sets: &[SetRef],
) {
    let (index, estate) = (context.index(), context.estate());
    let vnets = context.vnets(views);
    let from = list_vnets(context, &vnets);
    let mut sets = sets.to_vec();
    sets.sort_by_cached_key(|&set| index.set(set).origin);
    let names: Vec<NameId> = sets.iter().map(|&set| index.set(set).owner).collect();
    let target_of = |set: SetRef| match index.set(set).data {
        RecordData::Cname(target) => estate.names.show(target).to_string(),
        _ => String::new(),
    };
    let owner = estate.names.show(names[0]);
    let (first, count) = (target_of(sets[0]), sets.len());
    let (message, label, claiming, explain, help) = match why {
        Why::Missing(claiming) => (
            match count {
                1 => format!("alias `{owner}` leads to `{first}`, which does not exist"),
                _ => format!(
                    "{count} aliases of `{}` lead to names that do not exist",
                    estate.zone_name(zone)
                ),
            },
            "this alias leads nowhere",
            claiming,
            format!("`{}` claims the target and lacks it", estate.zone_name(claiming)),
            match count {
                1 => format!("add `{first}`, or remove the alias"),
                _ => "add the targets, or remove the aliases".to_owned(),
            },
        ),
        Why::Unlinked(unlinked) => (
            match count {
                1 => format!(
                    "alias `{owner}` leads to `{first}`, whose zone is not linked to {from}"
                ),
                _ => format!(
                    "{count} aliases of `{}` lead to `{}`, which is not linked to {from}",
                    estate.zone_name(zone),
                    estate.zone_name(unlinked)
                ),
            },
            "this alias leads out of the linked zones",
            unlinked,
            format!("`{}` has the target", estate.zone_name(unlinked)),
            format!("link `{}` to {from}", estate.zone_name(unlinked)),
        ),
    };
    let mut finding = report
        .finding(message)
        .from(vnets.iter().copied())
        .at(index.set(sets[0]).origin, label)
        .at(estate.zone(claiming).origin, explain)
        .help(help);
    for &set in &sets[1..] {
        finding = finding.at(index.set(set).origin, "this one too");
    }
    finding.witness = Some(Witness { vnet: vnets[0], name: names[0], record_type: RecordType::A });
    if let Why::Unlinked(unlinked) = why {
        finding.remedy = safe_links(context, unlinked, &vnets);
    }
    finding.names = names;
    report.add(finding);
}

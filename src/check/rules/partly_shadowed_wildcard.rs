//! `partly-shadowed-wildcard`

use std::collections::BTreeMap;

use super::list_vnets;
use crate::check::{Context, Report, rule};
use crate::estate::{Change, ZoneId};
use crate::index::{Claim, SetRef};

rule! {
    /// ## What it finds
    /// A wildcard below which another zone is linked to the same network.
    ///
    /// ## Why it matters
    /// The zone with the longer name answers for its part, whatever it holds: names that
    /// the wildcard seems to cover are NXDOMAIN there, and nothing in the wildcard's zone
    /// shows it.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal      link hub
    ///   *  A  10.0.0.7
    /// zone lab.corp.internal  link hub
    ///   db  A  10.0.0.8
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal      link hub
    ///   *  A  10.0.0.7
    /// zone lab.corp.internal  link hub
    ///   *   A  10.0.0.7
    ///   db  A  10.0.0.8
    /// ```
    pub static PARTLY_SHADOWED_WILDCARD = "partly-shadowed-wildcard" {
        summary: "another zone takes some of a wildcard's names",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    let mut found: BTreeMap<(SetRef, ZoneId), Vec<u32>> = BTreeMap::new();
    for &set in &context.sweep().wildcards {
        let facts = index.set(set);
        let Some(encloser) = estate.names.parent(facts.owner) else { continue };
        let within = |name| name != encloser && estate.names.is_at_or_below(name, encloser);
        for apex in index.apexes().iter().filter(|apex| within(apex.name)) {
            // Names that exist are not the wildcard's, nor is what is below them.
            let own = index.zones_at(apex.name).any(|zone| zone == set.zone);
            for &taking in apex.zones.iter().filter(|_| !own) {
                for (at, view) in context.linked_views(taking) {
                    let claims = |name, zone| matches!(view.claim(name), Some(Claim::Zone { zone: by, .. }) if by == zone);
                    if claims(apex.name, taking) && claims(facts.owner, set.zone) {
                        found.entry((set, taking)).or_default().push(at);
                    }
                }
            }
        }
    }
    for ((set, taking), views) in found {
        let facts = index.set(set);
        let taking_facts = estate.zone(taking);
        // A wildcard of its own shows that somebody thought of it.
        let star = estate.names.child(taking_facts.apex, b"*");
        if star.is_some_and(|star| index.sets_at(taking, star).next().is_some()) {
            continue;
        }
        let vnets = context.vnets(&views);
        let name = estate.zone_name(taking);
        let mut finding = report
            .finding(format!(
                "wildcard `{}` does not cover what is below `{name}` in {}",
                estate.names.show(facts.owner),
                list_vnets(context, &vnets)
            ))
            .from(vnets)
            .at(facts.origin, "this wildcard seems to cover more than it does")
            .at(taking_facts.origin, "this zone answers for its own names")
            .named([facts.owner])
            .help(format!("give `{name}` the wildcard as well, if its names are meant"));
        let owner = star.filter(|_| context.linked_views(taking).next().is_some());
        finding = finding.remedied(owner.map(|owner| Change::Put {
            zone: taking,
            owner,
            data: facts.data.clone(),
            ttl: facts.ttl,
        }));
        report.add(finding);
    }
}

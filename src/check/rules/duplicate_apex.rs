//! `duplicate-apex`

use std::collections::BTreeMap;

use super::{list_vnets, plural};
use crate::check::sweep::addresses;
use crate::check::{Context, Report, Severity, rule};
use crate::estate::ZoneId;
use crate::index::Claim;
use crate::name::NameId;

rule! {
    /// ## What it finds
    /// Several zones of one name whose records or networks are split between them;
    /// two of them linked to one network is an error.
    ///
    /// ## Why it matters
    /// Each network sees the records of its own zone only: a record made in one is
    /// missing in the other. A network cannot be linked to two zones of one name;
    /// Azure refuses it, so such an export is stale or put together by hand.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// vnet spoke
    /// zone privatelink.vaultcore.azure.net  group hub-dns  link hub
    ///   main   A  10.0.0.5
    /// zone privatelink.vaultcore.azure.net  group spoke-dns  link spoke
    ///   other  A  10.1.0.5
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// vnet spoke
    /// zone privatelink.vaultcore.azure.net  group hub-dns  link hub  link spoke
    ///   main   A  10.0.0.5
    ///   other  A  10.1.0.5
    /// ```
    pub static DUPLICATE_APEX = "duplicate-apex" {
        summary: "several zones have one name",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    for apex in context.index().apexes() {
        if apex.zones.len() < 2 {
            continue;
        }
        let name = estate.names.show(apex.name);
        let both: Vec<_> = context
            .views()
            .iter()
            .filter(|view| matches!(view.claim(apex.name), Some(Claim::Two(..))))
            .flat_map(|view| view.vnets().iter().copied())
            .collect();
        let mut finding = if both.is_empty() {
            let mut finding =
                report.finding(format!("{} zones are named `{name}`", apex.zones.len()));
            finding.vnets = apex.zones.iter().flat_map(|&zone| context.vnets_of(zone)).collect();
            match differing(context, &apex.zones) {
                None => {
                    finding.help("merge the zones, then link every network to the one that is left")
                }
                Some(owner) if is_by_design(context, &apex.zones, owner) => {
                    finding.graded(Severity::Note).help(format!(
                        "leave them: `{}` leads to another private endpoint of its resource in \
                         each, and merging would send all networks to one of them",
                        estate.names.show(owner)
                    ))
                }
                Some(owner) => finding.help(format!(
                    "they differ for `{}`: if that is meant, leave them, since merging sends all \
                     networks to one address; else settle which is right, then merge them",
                    estate.names.show(owner)
                )),
            }
        } else {
            let mut finding = report
                .finding(format!(
                    "{} linked to several zones named `{name}`, which Azure refuses",
                    match both.len() {
                        1 => format!("{} is", list_vnets(context, &both)),
                        _ => format!("{} are", list_vnets(context, &both)),
                    }
                ))
                .from(both);
            finding.severity = Severity::Error;
            finding.help("export the links again; only one of them can exist")
        };
        for &zone in &apex.zones {
            let facts = estate.zone(zone);
            let vnets = context.vnets_of(zone);
            let linked = match vnets.len() {
                0 => "linked to no network".to_owned(),
                _ => format!("linked to {}", list_vnets(context, &vnets)),
            };
            let group = facts.group.as_deref().map(|g| format!(" of {g}")).unwrap_or_default();
            let records = plural(facts.record_sets.len(), "record set", "record sets");
            let label = format!("the zone{group}: {records}, {linked}");
            finding = finding.at(facts.origin, label);
        }
        finding.names = vec![apex.name];
        report.add(finding);
    }
}

/// Whether what an owner leads to is a private endpoint of one resource in each of the zones.
fn is_by_design(context: &Context<'_>, zones: &[ZoneId], owner: NameId) -> bool {
    let Some(service) = context.service_through(owner).map(|at| context.service(at)) else {
        return false;
    };
    let sets = zones.iter().flat_map(|&zone| context.index().sets_at(zone, owner));
    let mut sets = sets.map(|set| &context.index().set(set).data);
    sets.all(|data| {
        let mut all = addresses(data).peekable();
        all.peek().is_some() && all.all(|address| service.addresses.contains(&address))
    })
}

/// An owner for which the zones have different data of one type.
fn differing(context: &Context<'_>, zones: &[ZoneId]) -> Option<NameId> {
    let estate = context.estate();
    let mut seen = BTreeMap::new();
    let sets = zones.iter().flat_map(|&zone| &estate.zone(zone).record_sets);
    // Each zone has a start of authority and name servers of its own.
    let apex = zones.first().map(|&zone| estate.zone(zone).apex);
    for set in sets.filter(|set| Some(set.owner) != apex) {
        let data = seen.entry((set.owner, set.data.record_type())).or_insert(&set.data);
        if **data != set.data {
            return Some(set.owner);
        }
    }
    None
}

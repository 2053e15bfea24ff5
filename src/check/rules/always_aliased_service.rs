//! `always-aliased-service`

use std::collections::{BTreeMap, BTreeSet};

use super::{list, list_vnets};
use crate::check::{Context, Report, rule};
use crate::estate::ZoneId;
use crate::index::Place;
use crate::name::Name;
use crate::public::{AliasCondition, Catalogue, Chain};
use crate::record::RecordType;
use crate::resolve::{Outcome, resolve};

rule! {
    /// ## What it finds
    /// A linked zone of Azure Monitor, Azure Arc or Azure Resource Manager that lacks one
    /// of the names that the service leads there with or without a private endpoint.
    ///
    /// ## Why it matters
    /// These names belong to nobody's resource: the service publishes the alias for all.
    /// From a linked network the name is NXDOMAIN as soon as the zone lacks the record,
    /// and agents, portals or `az` itself stop working.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.azure.com  link hub
    ///   other  A  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.azure.com  link hub
    ///   management  A  10.0.0.7
    /// ```
    pub static ALWAYS_ALIASED_SERVICE = "always-aliased-service" {
        summary: "a zone lacks names that are aliases into it for everybody",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    let mut found: BTreeMap<ZoneId, (BTreeSet<Name>, BTreeSet<u32>)> = BTreeMap::new();
    for name in names_of_everybody() {
        let place: Place = index.locate(&name);
        for (at, view) in context.views().iter().enumerate() {
            let answer = resolve(view, &place, RecordType::A, &mut ());
            let Some(zone) = answer
                .zone()
                .filter(|_| matches!(answer.outcome, Outcome::NxDomain | Outcome::NoData))
            else {
                continue;
            };
            // A zone on the public name itself is `hidden-public-zone`.
            if estate.is_private_link(zone) {
                let entry = found.entry(zone).or_default();
                entry.0.insert(name.clone());
                entry.1.insert(at as u32);
            }
        }
    }
    for (zone, (names, views)) in found {
        let vnets = context.vnets(&views.into_iter().collect::<Vec<_>>());
        let facts = estate.zone(zone);
        let label = match facts.record_sets.is_empty() {
            true => "this zone is empty",
            false => "this zone lacks the record",
        };
        let finding = report
            .finding(format!(
                "{} not exist in {}, with or without a private endpoint",
                match names.len() {
                    1 => format!("{} does", list(names.iter().map(Name::text))),
                    _ => format!("{} do", list(names.iter().map(Name::text))),
                },
                list_vnets(context, &vnets)
            ))
            .modelled()
            .from(vnets)
            .at(facts.origin, label)
            .named([facts.apex])
            .help("record the endpoint's addresses, or unlink the zone until there is an endpoint");
        report.add(finding);
    }
}

/// The public names that are aliases for everybody, of zones that hold nothing else.
fn names_of_everybody() -> Vec<Name> {
    let chains = Catalogue::get().chains();
    let always = |chain: &&Chain| chain.condition == AliasCondition::Always;
    // A zone of resources is linked for their sake, and few need the one name in it.
    let of_resources = |zone: &str| {
        chains.iter().any(|chain| {
            chain.condition == AliasCondition::ApprovedEndpoint
                && chain.expected_records.iter().any(|record| record.0 == zone)
        })
    };
    let alone = |chain: &&Chain| !chain.expected_records.iter().any(|one| of_resources(&one.0));
    let names = chains.iter().filter(always).filter(alone).map(|chain| chain.names[0].text());
    names
        .filter_map(|name| name.parse().ok())
        .filter(|name: &Name| !name.text().contains('{'))
        .collect()
}

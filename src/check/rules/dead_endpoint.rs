//! `dead-endpoint`

use std::collections::{BTreeMap, BTreeSet};

use super::{list, list_names, list_vnets, plural};
use crate::check::{Basis, Context, Report, Witness, rule};
use crate::estate::{Change, ZoneId};
use crate::index::{Evidence, Place};
use crate::name::NameId;
use crate::record::{RecordData, RecordType, Ttl};
use crate::resolve::{Outcome, hidden_behind};

rule! {
    /// ## What it finds
    /// A resource that is stated to have an approved private endpoint, and whose
    /// public name gives NXDOMAIN, or an address that is not the endpoint's, in a
    /// network that has a zone of its chain linked.
    ///
    /// ## Why it matters
    /// The service publishes an alias into the private zone as soon as the endpoint
    /// is approved. From then on the linked zone must have the record: without it
    /// the name does not exist for that network, public endpoint or not.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.vaultcore.azure.net  link hub
    ///   other  A  10.0.0.4
    /// public vault main
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.vaultcore.azure.net  link hub
    ///   other  A  10.0.0.4
    ///   main   A  10.0.0.5
    /// public vault main
    /// ```
    pub static DEAD_ENDPOINT = "dead-endpoint" {
        summary: "the name of a private endpoint does not lead to it",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

#[derive(Default)]
struct Dead {
    services: BTreeSet<u32>,
    views: BTreeSet<u32>,
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let index = context.index();
    let mut missing: BTreeMap<ZoneId, Dead> = BTreeMap::new();
    let mut wrong: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for answer in context.answers() {
        let service = context.service(answer.service);
        // What a record suggests can at most be hidden, which other rules say.
        if !answer.claimed || !matches!(service.evidence, Evidence::Stated(_)) {
            continue;
        }
        let census = context.census();
        match answer.answer.outcome {
            Outcome::NxDomain | Outcome::NoData => {
                let Some(zone) = answer.answer.zone() else { continue };
                let view = &context.views()[answer.views[0] as usize];
                let name = Place::Known(service.name);
                let hidden = !hidden_behind(view, &name, RecordType::A, &answer.answer).is_empty();
                let batch = census.explains(context, service, zone);
                if !hidden && !batch {
                    let dead = missing.entry(zone).or_default();
                    dead.services.insert(answer.service);
                    dead.views.extend(&answer.views);
                }
            }
            Outcome::Answered => {
                let Some(set) = answer.answer.set else { continue };
                let RecordData::A(addresses) = &index.set(set).data else { continue };
                let meets = addresses
                    .iter()
                    .any(|&address| service.addresses.contains(&std::net::IpAddr::V4(address)));
                let split = census.is_split(context, service.name);
                if !service.addresses.is_empty() && !meets && !split {
                    wrong.entry(answer.service).or_default().extend(&answer.views);
                }
            }
            _ => {}
        }
    }
    for (zone, dead) in missing {
        add_missing(context, report, zone, &dead);
    }
    for (service, views) in wrong {
        add_wrong(context, report, service, &views.into_iter().collect::<Vec<_>>());
    }
}

fn add_missing(context: &Context<'_>, report: &mut Report<'_>, zone: ZoneId, dead: &Dead) {
    let estate = context.estate();
    let names: Vec<NameId> =
        dead.services.iter().map(|&service| context.service(service).name).collect();
    let vnets = context.vnets(&dead.views.iter().copied().collect::<Vec<_>>());
    let from = list_vnets(context, &vnets);
    let zone_name = estate.zone_name(zone);
    let message = match names.len() {
        1 => {
            format!(
                "{} has an endpoint and does not resolve in {from}",
                list_names(context, &names)
            )
        }
        count => format!("{count} names have an endpoint and do not resolve in {from}"),
    };
    let mut finding = report.finding(message).from(vnets.iter().copied());
    finding.basis = Basis::Modelled;
    for &at in &dead.services {
        if let Evidence::Stated(origin) = context.service(at).evidence {
            let label = match finding.places.is_empty() {
                true => "this has an approved private endpoint",
                false => "this too",
            };
            finding = finding.at(origin, label);
        }
    }
    let explaining = estate.zone(zone).origin;
    let label = format!("zone `{zone_name}` claims the alias and lacks the record");
    let second = finding.places.len().min(1);
    finding.places.insert(second, crate::check::Place { origin: explaining, label });
    finding.witness = Some(Witness { vnet: vnets[0], name: names[0], record_type: RecordType::A });
    finding = finding.help(format!(
        "add the {} to `{zone_name}`",
        plural(names.len(), "missing record", "missing records")
    ));
    for &at in &dead.services {
        let service = context.service(at);
        let owner = service
            .aliases
            .iter()
            .copied()
            .find(|&alias| estate.names.is_at_or_below(alias, estate.zone(zone).apex));
        let addresses: Vec<_> = service
            .addresses
            .iter()
            .filter_map(|address| match address {
                std::net::IpAddr::V4(address) => Some(*address),
                std::net::IpAddr::V6(_) => None,
            })
            .collect();
        if let (Some(owner), false) = (owner, addresses.is_empty()) {
            let data = RecordData::A(addresses.into_iter().collect());
            finding.remedy.push(Change::Put { zone, owner, data, ttl: Ttl::new(10) });
        }
    }
    finding.names = names;
    report.add(finding);
}

fn add_wrong(context: &Context<'_>, report: &mut Report<'_>, at: u32, views: &[u32]) {
    let (index, estate) = (context.index(), context.estate());
    let service = context.service(at);
    let vnets = context.vnets(views);
    let view = &context.views()[views[0] as usize];
    let (answer, _) = context.trace(view, service.name, RecordType::A);
    let Some(set) = answer.set else { return };
    let facts = index.set(set);
    let found = list(facts.data.texts(&estate.names));
    let expected = list(service.addresses.iter());
    let message = format!(
        "`{}` leads to {found} in {}, and its endpoint is at {expected}",
        estate.names.show(service.name),
        list_vnets(context, &vnets)
    );
    let mut finding =
        report.finding(message).from(vnets.iter().copied()).at(facts.origin, "this record answers");
    finding.basis = Basis::Modelled;
    if let Evidence::Stated(origin) = service.evidence {
        finding = finding.at(origin, "the endpoint is stated here");
    }
    finding.witness =
        Some(Witness { vnet: vnets[0], name: service.name, record_type: RecordType::A });
    finding.names = vec![service.name];
    let addresses: Vec<_> = service
        .addresses
        .iter()
        .filter_map(|address| match address {
            std::net::IpAddr::V4(address) => Some(*address),
            std::net::IpAddr::V6(_) => None,
        })
        .collect();
    if !addresses.is_empty() {
        finding = finding.help("set the record to the endpoint's address, or remove what is stale");
        let data = RecordData::A(addresses.into_iter().collect());
        let (zone, owner, ttl) = (set.zone, facts.owner, facts.ttl);
        finding.remedy.push(Change::Put { zone, owner, data, ttl });
    }
    report.add(finding);
}

//! `dead-endpoint`

use std::collections::{BTreeMap, BTreeSet};

use super::{address_record, list_names, list_vnets, lost_by_linking, plural};
use crate::check::batch::Form;
use crate::check::context::ServiceAnswer;
use crate::check::{Basis, Context, Finding, Report, Severity, Witness, rule};
use crate::estate::{Change, Policy, VnetId, ZoneId};
use crate::index::{Assumption, Evidence, Place, Servers};
use crate::name::NameId;
use crate::record::RecordType;
use crate::resolve::{Actor, Outcome, Reach, hidden_behind};

rule! {
    /// ## What it finds
    /// A resource that is stated to have an approved private endpoint, and whose
    /// public name gives NXDOMAIN in a network that has a zone of its chain linked; or
    /// ends public in the very network that the endpoint is in. That it leads to
    /// another address is `mismatched-endpoint-address`.
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

/// Views in which a name ends public though its endpoint is in one of their networks.
type Outside = BTreeMap<Option<ZoneId>, Dead>;

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let mut missing: BTreeMap<ZoneId, Dead> = BTreeMap::new();
    let mut outside = Outside::new();
    for answer in context.answers() {
        let service = context.service(answer.service);
        // What a record suggests can at most be hidden, which other rules say. And a zone
        // whose links were not exported may answer, which `partial-export` says.
        let perhaps = answer.answer.assumed.contains(Assumption::UnexportedLinks);
        if perhaps || !matches!(service.evidence, Evidence::Stated(_)) {
            continue;
        }
        if !answer.claimed {
            find_outside(context, answer, &mut outside);
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
            _ => {}
        }
    }
    for (zone, dead) in missing {
        add_missing(context, report, zone, &dead);
    }
    for (zone, dead) in outside {
        add_outside(context, report, zone, &dead);
    }
}

/// A network that has the endpoint and no zone for it: no other network tells as
/// surely that it is a client.
fn find_outside(context: &Context<'_>, answer: &ServiceAnswer, outside: &mut Outside) {
    let service = context.service(answer.service);
    // Batch accounts without any zone are told of by the Batch rules, network by network.
    let batch = context.census().zones.iter().any(|batch| {
        let apex = context.estate().zone(batch.zone).apex;
        service.aliases.iter().any(|&a| context.estate().names.is_at_or_below(a, apex))
    });
    if batch || answer.answer.reach != Reach::Public {
        return;
    }
    let here = answer.views.iter().copied().filter(|&at| {
        context.views()[at as usize].vnets().iter().any(|vnet| service.vnets.contains(vnet))
    });
    let here: Vec<u32> = here.collect();
    if here.is_empty() {
        return;
    }
    let zones = service.aliases.iter().flat_map(|&alias| context.index().zones_at(alias));
    let dead = outside.entry(zones.min()).or_default();
    dead.services.insert(answer.service);
    dead.views.extend(here);
}

fn add_outside(context: &Context<'_>, report: &mut Report<'_>, zone: Option<ZoneId>, dead: &Dead) {
    let estate = context.estate();
    let names: Vec<NameId> =
        dead.services.iter().map(|&service| context.service(service).name).collect();
    let inside = |vnet: &VnetId| {
        dead.services.iter().any(|&service| context.service(service).vnets.contains(vnet))
    };
    let views: Vec<u32> = dead.views.iter().copied().collect();
    let mut vnets = context.vnets(&views);
    vnets.retain(inside);
    let (from, count) = (list_vnets(context, &vnets), names.len());
    let message = match count {
        1 => format!(
            "{} has an endpoint in {from} and ends public there",
            list_names(context, &names)
        ),
        _ => format!("{count} names have an endpoint in {from} and end public there"),
    };
    let mut finding = report.finding(message).from(vnets.iter().copied());
    finding.basis = Basis::Modelled;
    for &at in &dead.services {
        if let Evidence::Stated(origin) = context.service(at).evidence {
            finding = finding.at(origin, "this has an approved private endpoint");
        }
    }
    finding = doubted(context, finding, &vnets);
    let witness = names[0];
    finding.witness = Some(Witness { vnet: vnets[0], name: witness, record_type: RecordType::A });
    finding.names = names;
    let Some(zone) = zone else {
        // The zone may be one that was not exported.
        finding.severity = Severity::Warning;
        let help = "export the private zone that has the record; or make it, and link it there";
        return report.add(finding.help(help));
    };
    let zone_name = estate.zone_name(zone);
    let deciding = deciding(context, &vnets, witness);
    if deciding.is_empty() {
        let help = format!(
            "have the DNS servers of {from} forward the public name to Azure DNS of a network that \
             `{zone_name}` is linked to"
        );
        return report.add(finding.help(help));
    }
    let label = format!("`{zone_name}` has the record and is not linked there");
    finding = finding.explained_at(estate.zone(zone).origin, label);
    let lost =
        lost_by_linking(context, deciding.iter().filter_map(|&vnet| context.view_of(vnet)), zone);
    let there = list_vnets(context, &deciding);
    if lost.is_empty() {
        finding.remedy =
            deciding.iter().map(|&vnet| Change::link(zone, vnet, Policy::Default)).collect();
        finding = finding.help(format!("link `{zone_name}` to {there}"));
    } else {
        finding = finding.help(format!(
            "link `{zone_name}` to {there}, after adding what that would take away there: {}",
            list_names(context, &lost)
        ));
    }
    if deciding != vnets {
        finding = finding
            .note(format!("clients of {from} are answered with the zones that {there} has linked"));
    }
    report.add(finding);
}

/// A warning where the networks were exported and the DNS servers of none of them were: what
/// their clients get is assumed. Of a network that is known by links only it stays an error.
fn doubted(context: &Context<'_>, finding: Finding, vnets: &[VnetId]) -> Finding {
    let unknown = |vnet: &VnetId| {
        let shown = !context.estate().vnet(*vnet).space.is_empty();
        let view = context.view_of(*vnet);
        shown && view.is_some_and(|view| view.servers() == Servers::AssumedAzure)
    };
    match vnets.iter().all(unknown) {
        true => finding
            .graded(Severity::Warning)
            .note("which DNS servers the clients there ask is not known"),
        false => finding,
    }
}

/// The networks whose Azure DNS has the last word on `name` for clients of `vnets`: only a
/// link there counts. None where another server has it.
fn deciding(context: &Context<'_>, vnets: &[VnetId], name: NameId) -> Vec<VnetId> {
    let mut deciding = BTreeSet::new();
    for &vnet in vnets {
        let Some(view) = context.view_of(vnet) else { continue };
        let (_, trace) = context.trace(view, name, RecordType::A);
        match trace.hops.last().map(|hop| hop.by) {
            Some(Actor::Azure(None)) => drop(deciding.insert(vnet)),
            Some(Actor::Azure(other)) => deciding.extend(view.scope(other)),
            Some(Actor::Client | Actor::Server(_)) | None => {}
        }
    }
    deciding.into_iter().collect()
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
    finding = doubted(context, finding, &vnets);
    let explaining = estate.zone(zone).origin;
    let label = format!("zone `{zone_name}` claims the alias and lacks the record");
    finding = finding.explained_at(explaining, label);
    finding.witness = Some(Witness { vnet: vnets[0], name: names[0], record_type: RecordType::A });
    finding.names = names;
    // Zones that should not get the records: an old Batch zone, and a second zone of a name.
    if let Some(batch) = context.census().form(zone)
        && batch.form != Form::Global
    {
        let help = format!(
            "record it in the global zone and link that there; then unlink `{zone_name}`, or give it \
             an alias into the global zone"
        );
        return report.add(finding.help(help));
    }
    let apex = estate.zone(zone).apex;
    let other = estate.zone_ids().find(|(other, facts)| {
        *other != zone
            && facts.apex == apex
            && facts.record_sets.len() > estate.zone(zone).record_sets.len()
    });
    if let Some((_, other)) = other {
        let group = other.group.as_deref().unwrap_or("another resource group");
        let help = format!("link the zone `{zone_name}` of {group} there in place of this one");
        return report.add(finding.help(help));
    }
    let records = plural(finding.names.len(), "missing record", "missing records");
    finding = finding.help(format!("add the {records} to `{zone_name}`"));
    for &at in &dead.services {
        let service = context.service(at);
        let mut aliases = service.aliases.iter().copied();
        let owner = aliases.find(|&alias| estate.names.is_at_or_below(alias, apex));
        finding.remedy.extend(owner.and_then(|owner| address_record(service, zone, owner)));
    }
    report.add(finding);
}

//! `mismatched-endpoint-address`

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use super::{address_record, list, list_vnets};
use crate::check::context::ServiceAnswer;
use crate::check::{Context, Report, Severity, rule};
use crate::estate::Change;
use crate::index::{Evidence, Place, Service};
use crate::name::NameId;
use crate::record::{RecordData, RecordType};
use crate::resolve::{Asked, Outcome, Trace, hidden_behind};

rule! {
    /// ## What it finds
    /// A resource with a private endpoint of known address whose public name leads a
    /// network to an address that is not the endpoint's. Where the endpoint's own address
    /// is among those that answer it is a warning. Where what answers is a wildcard, or a
    /// record that an alias leads to, others may rightly use it, so the name gets a record of
    /// its own.
    ///
    /// ## Why it matters
    /// Clients connect to whatever has that address: most often nothing, since the
    /// endpoint was made anew; or an endpoint of another resource.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.0.0.7
    /// endpoint pe-sta  vnet hub  group blob
    ///   sta.blob.core.windows.net  10.0.0.8
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.0.0.8
    /// endpoint pe-sta  vnet hub  group blob
    ///   sta.blob.core.windows.net  10.0.0.8
    /// ```
    pub static MISMATCHED_ENDPOINT_ADDRESS = "mismatched-endpoint-address" {
        summary: "the record of an endpoint has another address",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let index = context.index();
    let mut wrong: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for answer in context.answers() {
        let service = context.service(answer.service);
        let stated = matches!(service.evidence, Evidence::Stated(_));
        if !stated || !answer.claimed || answer.answer.outcome != Outcome::Answered {
            continue;
        }
        let Some(set) = answer.answer.set else { continue };
        let RecordData::A(addresses) = &index.set(set).data else { continue };
        let known = |address: &Ipv4Addr| service.addresses.contains(&IpAddr::V4(*address));
        let told = context.census().is_split(context, service.name)
            || !is_own(service, index.set(set).owner) && is_hidden(context, answer);
        if !service.addresses.is_empty() && !addresses.iter().all(known) && !told {
            wrong.entry(answer.service).or_default().extend(&answer.views);
        }
    }
    for (service, views) in wrong {
        add(context, report, service, &views.into_iter().collect::<Vec<_>>());
    }
}

/// Whether a name is one of the service's chain.
fn is_own(service: &Service, name: NameId) -> bool {
    service.name == name || service.aliases.contains(&name)
}

/// Whether an old Batch zone answers in place of another, which is `shadowed-record`.
fn is_hidden(context: &Context<'_>, answer: &ServiceAnswer) -> bool {
    let old = answer.answer.zone().is_some_and(|zone| context.census().form(zone).is_some());
    let view = &context.views()[answer.views[0] as usize];
    let name = Place::Known(context.service(answer.service).name);
    old && !hidden_behind(view, &name, RecordType::A, &answer.answer).is_empty()
}

/// The changes that give the last name of the service's own chain a record of its own: beside
/// the wildcard, or in place of the alias, that leads to what others use as well.
fn own_record(context: &Context<'_>, service: &Service, trace: &Trace) -> Vec<Change> {
    let own = trace.hops.iter().rev().find_map(|hop| match (&hop.name, hop.asked) {
        (&Place::Known(name), Asked::Zone(claim)) if is_own(service, name) => {
            Some((name, claim.zone()))
        }
        _ => None,
    });
    let Some((owner, zone)) = own else { return Vec::new() };
    let Some(put) = address_record(service, zone, owner) else { return Vec::new() };
    let index = context.index();
    let aliases = index
        .sets_at(zone, owner)
        .map(|set| index.set(set).data.record_type())
        .filter(|&record_type| record_type == RecordType::Cname);
    let remove = aliases.map(|record_type| Change::Remove { zone, owner, record_type });
    remove.chain([put]).collect()
}

fn add(context: &Context<'_>, report: &mut Report<'_>, at: u32, views: &[u32]) {
    let (index, estate) = (context.index(), context.estate());
    let service = context.service(at);
    let vnets = context.vnets(views);
    let view = &context.views()[views[0] as usize];
    let (answer, trace) = context.trace(view, service.name, RecordType::A);
    let Some(set) = answer.set else { return };
    let facts = index.set(set);
    let expected = list(service.addresses.iter());
    let RecordData::A(addresses) = &facts.data else { return };
    let (known, other): (Vec<Ipv4Addr>, Vec<Ipv4Addr>) =
        addresses.iter().partition(|&&one| service.addresses.contains(&IpAddr::V4(one)));
    let meets = !known.is_empty();
    let found = format!("{}{}", list(other), if meets { ", too," } else { "" });
    let message = format!(
        "`{}` leads to {found} in {}, and its endpoint is at {expected}",
        estate.names.show(service.name),
        list_vnets(context, &vnets)
    );
    let mut finding = report
        .finding(message)
        .modelled()
        .from(vnets.iter().copied())
        .at(facts.origin, "this record answers");
    if meets {
        // The other address may be that of an endpoint that was not exported.
        finding.severity = Severity::Warning;
    }
    if let Evidence::Stated(origin) = service.evidence {
        finding = finding.at(origin, "the endpoint is stated here");
    }
    finding = finding.asked(&vnets, service.name, RecordType::A).named([service.name]);
    if !is_own(service, facts.owner) && !meets {
        let own = own_record(context, service, &trace);
        let help = "give the name a record of its own: others may use the one that answers";
        return report.add(finding.help(help).remedied(own));
    }
    let put = address_record(service, set.zone, facts.owner);
    if let (Some(Change::Put { zone, owner, data, .. }), false) = (put, meets) {
        finding = finding.help("set the record to the endpoint's address, or remove what is stale");
        finding.remedy.push(Change::Put { zone, owner, data, ttl: facts.ttl });
    } else {
        finding = finding.help("remove the address if no endpoint has it");
    }
    report.add(finding);
}

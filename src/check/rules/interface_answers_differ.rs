//! `interface-answers-differ`

use std::collections::BTreeMap;
use std::net::IpAddr;

use rayon::prelude::*;

use super::{list, list_names};
use crate::check::said::{asked_names, said, sorted};
use crate::check::{Context, Report, Severity, rule};
use crate::estate::{AZURE_DNS, Interface};
use crate::index::{Evidence, View};
use crate::name::NameId;

rule! {
    /// ## What it finds
    /// Network interfaces with DNS servers of their own that get no private answer, or another
    /// one, for a name that other clients of their network get a private answer for, as far as
    /// the servers are modelled; or none for the name of a private endpoint, where nobody knows
    /// what the others get.
    ///
    /// ## Why it matters
    /// The servers of an interface win over those of its network ("Name resolution for
    /// resources in Azure virtual networks", learn.microsoft.com/azure/virtual-network/
    /// virtual-networks-name-resolution-for-vms-and-role-instances, read 2026-11). So a zone
    /// that serves the whole network is not there for one machine, and nothing in the
    /// network's settings shows it. It is an error where the name of a private endpoint is
    /// among them.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    /// server dc  vnet hub  address 10.0.0.10
    ///   zone corp.internal
    /// nic app-nic  vnet hub  address 10.0.1.4  dns 10.0.0.10
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    /// server dc  vnet hub  address 10.0.0.10
    ///   forward corp.internal  168.63.129.16
    /// nic app-nic  vnet hub  address 10.0.1.4  dns 10.0.0.10
    /// ```
    pub static INTERFACE_ANSWERS_DIFFER = "interface-answers-differ" {
        summary: "an interface's own DNS servers lack what its network's have",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

/// Interfaces by what they see: the place of their network's view, and the server they ask.
type Groups = BTreeMap<(usize, IpAddr), Vec<u32>>;

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let groups = groups(context);
    if groups.is_empty() {
        return;
    }
    let names = asked_names(context, false);
    for ((view, address), interfaces) in groups {
        add(context, report, &context.views()[view], address, &interfaces, &names);
    }
}

fn groups(context: &Context<'_>) -> Groups {
    let (index, estate) = (context.index(), context.estate());
    let mut groups = Groups::new();
    if estate.interfaces.iter().all(|one| one.servers.is_empty()) {
        return groups;
    }
    let places = context.view_places();
    // What a DNS server asks for others is its own configuration's.
    let serves = |one: &Interface| {
        one.addresses.iter().any(|&address| index.party(one.vnet, address).is_modelled())
    };
    for (facts, at) in estate.interfaces.iter().zip(0u32..).filter(|(one, _)| !serves(one)) {
        let (Some(vnet), Some(&first)) = (facts.vnet, facts.servers.first()) else { continue };
        let Some(&view) = places.get(&vnet) else { continue };
        let network = &context.views()[view];
        let same = match first {
            AZURE_DNS => network.asks_azure(),
            first => network.asked().first() == Some(&first),
        };
        if !same && index.party(Some(vnet), first).is_modelled() {
            groups.entry((view, first)).or_default().push(at);
        }
    }
    groups
}

fn add(
    context: &Context<'_>,
    report: &mut Report<'_>,
    view: &View<'_>,
    address: IpAddr,
    interfaces: &[u32],
    names: &[NameId],
) {
    let (index, estate) = (context.index(), context.estate());
    let own = view.at_server(address);
    let fault = |name: &NameId| {
        let (network, here) = (said(view, *name), said(&own, *name)?);
        match network {
            Some(network) => {
                (network.is_private() && !here.agrees(&network, index)).then_some(Fault::Otherwise)
            }
            // What others get is not known, but that an endpoint has the name is.
            None => (here.is_nowhere() && is_stated(context, *name)).then_some(Fault::Nowhere),
        }
    };
    let faults: Vec<(NameId, Fault)> =
        names.par_iter().filter_map(|name| Some((*name, fault(name)?))).collect();
    for kind in [Fault::Otherwise, Fault::Nowhere] {
        let names = faults.iter().filter(|one| one.1 == kind).map(|one| one.0);
        let names = sorted(context, names);
        let Some(&first) = names.first() else { continue };
        let facts = || interfaces.iter().map(|&at| &estate.interfaces[at as usize]);
        let who = list(interfaces.iter().map(|&at| estate.interface_name(at)));
        let (asks, is) = if interfaces.len() == 1 { ("asks", "is") } else { ("ask", "are") };
        let told = match kind {
            Fault::Otherwise => "answered otherwise than other clients there about",
            Fault::Nowhere => "not told the address of an endpoint's name,",
        };
        let show =
            |view: &View<'_>| said(view, first).map_or("unknown".to_owned(), |one| one.show(index));
        let mut finding = report
            .finding(format!(
                "{who} {asks} {address} and {is} {told} {}",
                list_names(context, &names)
            ))
            .at_each(facts().map(|one| one.origin), "it has DNS servers of its own", "this too")
            .from(facts().filter_map(|one| one.vnet))
            .note(format!(
                "asked for `{}`, {address} says {}; other clients there get {}",
                estate.names.show(first),
                show(&own),
                show(view)
            ))
            .help("remove the interface's own DNS servers, or let them forward these names");
        if names.iter().any(|&name| index.service_of(name).is_some()) {
            finding.severity = Severity::Error;
        }
        report.add(finding.named(names));
    }
}

/// What is wrong with an answer that an interface gets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Other clients of the network get a private one, and not this.
    Otherwise,
    /// There is none, and there is an endpoint.
    Nowhere,
}

/// Whether it is the name of a resource that is stated to have a private endpoint.
fn is_stated(context: &Context<'_>, name: NameId) -> bool {
    let service = context.index().service_of(name);
    service.is_some_and(|service| matches!(service.evidence, Evidence::Stated(_)))
}

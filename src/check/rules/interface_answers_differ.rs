//! `interface-answers-differ`

use std::collections::BTreeMap;
use std::net::IpAddr;

use rayon::prelude::*;

use super::{list, list_names};
use crate::check::said::{asked_names, said, sorted};
use crate::check::{Context, Report, Severity, rule};
use crate::estate::Interface;
use crate::index::{Party, View};
use crate::name::NameId;

rule! {
    /// ## What it finds
    /// Network interfaces with DNS servers of their own that get no private answer, or another
    /// one, for a name that other clients of their network get a private answer for, as far as
    /// the servers are modelled.
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
        one.addresses.iter().any(|&address| index.party(address) != Party::Unknown)
    };
    for (facts, at) in estate.interfaces.iter().zip(0u32..).filter(|(one, _)| !serves(one)) {
        let (Some(vnet), Some(&first)) = (facts.vnet, facts.servers.first()) else { continue };
        let Some(&view) = places.get(&vnet) else { continue };
        if index.party(first) != Party::Unknown
            && context.views()[view].asked().first() != Some(&first)
        {
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
    let differs = |name: &NameId| {
        let (Some(network), Some(here)) = (said(view, *name), said(&own, *name)) else {
            return false;
        };
        network.is_private() && !here.agrees(&network, index)
    };
    let differing: Vec<NameId> = names.par_iter().copied().filter(differs).collect();
    let differing = sorted(context, differing);
    let Some(&first) = differing.first() else { return };
    let facts = || interfaces.iter().map(|&at| &estate.interfaces[at as usize]);
    let who = list(interfaces.iter().map(|&at| estate.interface_name(at)));
    let show = |view: &View<'_>| said(view, first).map(|said| said.show(index)).unwrap_or_default();
    let mut finding = report
        .finding(format!(
            "{who} {} {address} and {} answered otherwise than other clients there about {}",
            if interfaces.len() == 1 { "asks" } else { "ask" },
            if interfaces.len() == 1 { "is" } else { "are" },
            list_names(context, &differing)
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
    if differing.iter().any(|&name| index.service_of(name).is_some()) {
        finding.severity = Severity::Error;
    }
    report.add(finding.named(differing));
}

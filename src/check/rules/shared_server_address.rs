//! `shared-server-address`

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::list;
use crate::check::{Context, Report, rule};
use crate::estate::{Origin, VnetId};
use crate::index::Party;

rule! {
    /// ## What it finds
    /// One address at which several are stated to answer, inbound endpoints, DNS servers or
    /// firewalls: in one network, or for somebody who asks it and has none of them in its own.
    ///
    /// ## Why it matters
    /// Clients, rules and forwarders know a server by its address. Two networks that are not
    /// joined may use one address, and then each asks the server that sits in it; of several
    /// others nobody can say which is reached, so the answers are "unknown". Describe the server
    /// that is meant and leave the other out.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub    space 10.0.0.0/16
    /// vnet spoke  space 10.1.0.0/16  dns 10.0.0.4
    /// inbound in-hub  vnet hub  address 10.0.0.4
    /// server dc       vnet hub  address 10.0.0.4
    ///   forward .  168.63.129.16
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub    space 10.0.0.0/16
    /// vnet spoke  space 10.1.0.0/16  dns 10.0.0.4
    /// inbound in-hub  vnet hub  address 10.0.0.4
    /// server dc       vnet hub  address 10.0.0.5
    ///   forward .  168.63.129.16
    /// ```
    pub static SHARED_SERVER_ADDRESS = "shared-server-address" {
        summary: "several DNS servers or endpoints have one address",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

/// Who is stated to listen: a name, a place and the network.
type Stated<'e> = (&'e str, Origin, Option<VnetId>);

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    let inbound = estate.inbound.iter();
    let inbound = inbound.map(|one| (&one.addresses, (&*one.name, one.origin, one.vnet)));
    let servers = estate.servers.iter();
    let servers = servers.map(|one| (&one.addresses, (&*one.name, one.origin, one.vnet)));
    let mut listeners: BTreeMap<IpAddr, Vec<Stated<'_>>> = BTreeMap::new();
    for (addresses, one) in inbound.chain(servers) {
        for &address in addresses {
            let here = listeners.entry(address).or_default();
            if !here.contains(&one) {
                here.push(one);
            }
        }
    }
    listeners.retain(|_, here| here.len() > 1);
    if listeners.is_empty() {
        return;
    }
    let undecided = undecided(context);
    for (address, here) in listeners {
        let places: BTreeSet<Option<VnetId>> = here.iter().map(|one| one.2).collect();
        let askers = undecided.get(&address);
        if places.len() == here.len() && askers.is_none() {
            continue;
        }
        let mut finding = report
            .finding(format!(
                "{} answer at one address, {address}",
                list(here.iter().map(|one| one.0))
            ))
            .at_each(here.iter().map(|one| one.1), "this is stated to answer there", "and this")
            .from(here.iter().filter_map(|one| one.2))
            .help("find out who listens there, and correct or remove the others");
        if let Some(askers) = askers {
            finding = finding.note(format!("nobody can say which of them {} reach", list(askers)));
        }
        report.add(finding);
    }
}

/// By address: who asks it, where several may be meant.
fn undecided(context: &Context<'_>) -> BTreeMap<IpAddr, BTreeSet<String>> {
    let (index, estate) = (context.index(), context.estate());
    let mut undecided: BTreeMap<IpAddr, BTreeSet<String>> = BTreeMap::new();
    let mut ask = |who: &str, from: Option<VnetId>, address: IpAddr| {
        if index.party(from, address) == Party::Several {
            undecided.entry(address).or_default().insert(who.to_owned());
        }
    };
    for (id, vnet) in estate.vnet_ids() {
        let who = estate.vnet_name(id);
        vnet.servers.iter().flatten().for_each(|&address| ask(&who, Some(id), address));
    }
    for (one, at) in estate.interfaces.iter().zip(0u32..) {
        let who = estate.interface_name(at);
        one.servers.iter().for_each(|&address| ask(&who, one.vnet, address));
    }
    for ruleset in &estate.rulesets {
        for rule in ruleset.rules.iter().filter(|rule| rule.enabled) {
            rule.targets.iter().for_each(|target| ask(&ruleset.name, None, target.ip()));
        }
    }
    for server in &estate.servers {
        let targets = server.forwarders.iter().flat_map(|one| &one.targets);
        targets.for_each(|target| ask(&server.name, server.vnet, target.ip()));
    }
    undecided
}

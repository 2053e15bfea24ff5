//! Who asks a DNS server or an inbound endpoint.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::estate::Estate;
use crate::index::{Index, Party};

/// Who asks some addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Askers {
    /// Networks, interfaces, rules and servers that do, a sentence each.
    pub known: Vec<String>,
    /// Servers that are not modelled and may, with who asks them.
    pub perhaps: Vec<String>,
}

/// Everybody who hands questions to one of these addresses.
///
/// What nobody asks decides nothing. A server that is not modelled may ask anybody.
pub fn askers(index: &Index, addresses: &[IpAddr]) -> Askers {
    let estate = index.estate();
    let mut askers = Askers::default();
    let mut strangers = BTreeSet::new();
    for (who, how, asked) in questions(estate) {
        if asked.iter().any(|address| addresses.contains(address)) {
            askers.known.push(format!("{who} {how} it"));
            continue;
        }
        let unknown = asked.iter().filter(|one| index.party(**one) == Party::Unknown);
        strangers.extend(unknown.map(|address| (*address, who.clone())));
    }
    let perhaps = strangers.into_iter().map(|(address, who)| {
        format!("{address}, which {who} asks, is not modelled and may ask it")
    });
    let unseen = estate.vnet_ids().filter(|(_, vnet)| vnet.servers.is_none());
    let unseen = unseen.map(|(id, vnet)| {
        let kind = if vnet.site { "site" } else { "network" };
        let name = estate.vnet_name(id);
        format!("the DNS servers of the {kind} `{name}` were not read, and it may ask it")
    });
    askers.perhaps = perhaps.chain(unseen).collect();
    askers
}

/// Who asks whom, with the verb.
fn questions(estate: &Estate) -> Vec<(String, &'static str, Vec<IpAddr>)> {
    let mut questions = Vec::new();
    for (id, vnet) in estate.vnet_ids() {
        let kind = if vnet.site { "the site" } else { "the network" };
        let who = format!("{kind} `{}`", estate.vnet_name(id));
        questions.push((who, "asks", vnet.servers.clone().unwrap_or_default()));
    }
    for interface in &estate.interfaces {
        let who = format!("the interface `{}`", interface.name);
        questions.push((who, "asks", interface.servers.clone()));
    }
    for ruleset in &estate.rulesets {
        for rule in ruleset.rules.iter().filter(|rule| rule.enabled) {
            let domain = estate.names.show(rule.domain);
            let who = format!("the rule for `{domain}` of the ruleset `{}`", ruleset.name);
            questions.push((who, "forwards to", ips(&rule.targets)));
        }
    }
    for server in &estate.servers {
        for forwarder in &server.forwarders {
            let domain = estate.names.show(forwarder.domain);
            let who = format!("the forwarder for `{domain}` of `{}`", server.name);
            questions.push((who, "forwards to", ips(&forwarder.targets)));
        }
    }
    questions
}

fn ips(targets: &[std::net::SocketAddr]) -> Vec<IpAddr> {
    targets.iter().map(std::net::SocketAddr::ip).collect()
}

//! Who asks a DNS server or an inbound endpoint.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::estate::{Estate, VnetId};
use crate::index::{Index, Party};

/// Who asks some addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Askers {
    /// Networks, interfaces, rules and servers that do, a sentence each.
    pub known: Vec<String>,
    /// Servers that are not modelled and may, with who asks them.
    pub perhaps: Vec<String>,
}

/// Everybody who hands questions to an inbound endpoint or DNS server, at one of its addresses.
///
/// What nobody asks decides nothing. A server that is not modelled may ask anybody.
pub fn askers(index: &Index, thing: Party, addresses: &[IpAddr]) -> Askers {
    let estate = index.estate();
    let mut askers = Askers::default();
    let mut strangers = BTreeSet::new();
    for Question { who, how, from, asked } in questions(estate) {
        let meant = |address: &&IpAddr| {
            addresses.contains(address) && is_as(estate, index.party(from, **address), thing)
        };
        if asked.iter().any(|address| meant(&address)) {
            askers.known.push(format!("{who} {how} it"));
            continue;
        }
        for &address in &asked {
            match index.party(from, address) {
                Party::Unknown | Party::Elsewhere => {
                    strangers.insert((address, who.clone()));
                }
                Party::Several if addresses.contains(&address) => askers
                    .perhaps
                    .push(format!("{who} {how} {address}, at which several are stated to listen")),
                Party::Several | Party::Azure | Party::Inbound(_) | Party::Server(_) => {}
            }
        }
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
    askers.perhaps.extend(perhaps.chain(unseen));
    askers
}

/// Whether who listens is the one that is meant: inbound endpoints of one network are as one.
fn is_as(estate: &Estate, party: Party, thing: Party) -> bool {
    let place = |at: u32| estate.inbound[at as usize].vnet;
    match (party, thing) {
        (Party::Inbound(one), Party::Inbound(other)) => {
            one == other || (place(one).is_some() && place(one) == place(other))
        }
        _ => party == thing,
    }
}

/// Who asks whom.
struct Question {
    who: String,
    /// The verb.
    how: &'static str,
    /// The network from which it is asked, where that is known.
    from: Option<VnetId>,
    asked: Vec<IpAddr>,
}

fn questions(estate: &Estate) -> Vec<Question> {
    let mut questions = Vec::new();
    for (id, vnet) in estate.vnet_ids() {
        let kind = if vnet.site { "the site" } else { "the network" };
        let who = format!("{kind} `{}`", estate.vnet_name(id));
        let asked = vnet.servers.clone().unwrap_or_default();
        questions.push(Question { who, how: "asks", from: Some(id), asked });
    }
    for interface in &estate.interfaces {
        let who = format!("the interface `{}`", interface.name);
        let (from, asked) = (interface.vnet, interface.servers.clone());
        questions.push(Question { who, how: "asks", from, asked });
    }
    for ruleset in &estate.rulesets {
        for rule in ruleset.rules.iter().filter(|rule| rule.enabled) {
            let domain = estate.names.show(rule.domain);
            let who = format!("the rule for `{domain}` of the ruleset `{}`", ruleset.name);
            // An outbound endpoint asks from some network.
            let (from, asked) = (None, ips(&rule.targets));
            questions.push(Question { who, how: "forwards to", from, asked });
        }
    }
    for server in &estate.servers {
        for forwarder in &server.forwarders {
            let domain = estate.names.show(forwarder.domain);
            let who = format!("the forwarder for `{domain}` of `{}`", server.name);
            let (from, asked) = (server.vnet, ips(&forwarder.targets));
            questions.push(Question { who, how: "forwards to", from, asked });
        }
    }
    questions
}

fn ips(targets: &[std::net::SocketAddr]) -> Vec<IpAddr> {
    targets.iter().map(std::net::SocketAddr::ip).collect()
}

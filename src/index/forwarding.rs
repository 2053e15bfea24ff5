//! Rulesets and servers, compiled for looking up.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, SocketAddr};

use crate::estate::{Estate, ForwardingRule, RulesetId, Unsimulated, VnetId, ZoneId};
use crate::name::{NameId, Names};
use ipnet::IpNet;

use super::Index;

/// One rule, by its ruleset and its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleRef {
    /// The ruleset.
    pub ruleset: RulesetId,
    /// The place in its rules.
    pub rule: u32,
}

/// Who listens at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// Azure DNS of whoever asks (168.63.129.16).
    Azure,
    /// An inbound endpoint, by its place in the estate.
    Inbound(u32),
    /// A modelled DNS server, by its place in the estate.
    Server(u32),
    /// A server that is not modelled.
    Unknown,
    /// One of several who are stated to listen there.
    Several,
    /// Nobody who is known: the address is in the own address space of who asks, and those
    /// who are stated to listen at it sit in other networks.
    Elsewhere,
}

impl Party {
    /// Whether it is known what it answers, as far as the estate says.
    pub fn is_modelled(self) -> bool {
        matches!(self, Party::Azure | Party::Inbound(_) | Party::Server(_))
    }
}

/// Who listens at an address that does not mean the same to everybody.
#[derive(Default)]
struct Contested {
    /// All, with the network in which each sits.
    listeners: Vec<Listener>,
    /// The networks whose own address space has the address, and in which none of them sits.
    ///
    /// Each has a route for its own address space that keeps traffic within it, and networks
    /// that overlap cannot be peered: "Virtual network traffic routing",
    /// learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview, and "Virtual
    /// network peering", …/virtual-network-peering-overview; read 2026-11.
    strangers: Vec<VnetId>,
}

/// Who listens, and in which network.
pub type Listener = (Party, Option<VnetId>);

impl Contested {
    fn new(estate: &Estate, address: IpAddr, listeners: Vec<Listener>) -> Contested {
        let sits = |vnet: VnetId| listeners.iter().any(|one| one.1 == Some(vnet));
        let strangers = estate.vnet_ids().filter(|(id, vnet)| {
            !vnet.site && vnet.space.iter().any(|space| space.contains(&address)) && !sits(*id)
        });
        // A server of which nobody tells where it sits may sit in any of them.
        let placed = listeners.iter().any(|one| one.1.is_some());
        let strangers = strangers.filter(|_| placed).map(|one| one.0).collect();
        Contested { listeners, strangers }
    }

    /// Who listens for whoever asks from that network.
    fn party(&self, asker: Option<VnetId>) -> Party {
        let here = asker.and_then(|asker| self.only(|place| place == Some(asker)));
        if let Some(here) = here {
            return here;
        }
        match asker.is_some_and(|asker| self.strangers.binary_search(&asker).is_ok()) {
            true => self.only(|place| place.is_none()).unwrap_or(Party::Elsewhere),
            false => self.only(|_| true).unwrap_or(Party::Unknown),
        }
    }

    /// The one who sits in such a place.
    fn only(&self, fits: impl Fn(Option<VnetId>) -> bool) -> Option<Party> {
        let mut here = self.listeners.iter().filter(|one| fits(one.1));
        let first = here.next()?.0;
        Some(if here.next().is_some() { Party::Several } else { first })
    }
}

/// Suffixes that Azure keeps for itself: a rule for a shorter one forwards nothing below them.
///
/// "Certain domains are ignored when using a wildcard rule": "Azure DNS Private Resolver
/// endpoints and rulesets", learn.microsoft.com/azure/dns/private-resolver-endpoints-rulesets,
/// which names some; the others are the names under which no private zone can be made
/// ("What is a private DNS zone", learn.microsoft.com/azure/dns/private-dns-privatednszone).
/// Read 2026-11. The whole list is not published.
pub const RESERVED_SUFFIXES: [&str; 30] = [
    "azclient.cn",
    "azclient.ms",
    "azclient.us",
    "azure.cn",
    "azure.com",
    "azure.net",
    "azure.us",
    "chinacloudapi.cn",
    "chinacloudapp.cn",
    "cloudapp.net",
    "core.chinacloudapi.cn",
    "core.usgovcloudapi.net",
    "core.windows.net",
    "microsoft.cn",
    "microsoft.com",
    "microsoft.us",
    "msidentity.cn",
    "msidentity.com",
    "msidentity.us",
    "trafficmanager.cn",
    "trafficmanager.net",
    "usgovcloudapi.net",
    "usgovcloudapp.net",
    "usgovtrafficmanager.net",
    "windows.net",
    "windowsazure.cn",
    "windowsazure.com",
    "windowsazure.net",
    "windowsazure.us",
    "azure-api.net",
];

/// What is forwarded, and who listens where.
#[derive(Default)]
pub(super) struct Forwarding {
    /// By ruleset: its enabled rules by domain.
    rules: Vec<HashMap<NameId, u32>>,
    /// Those reserved suffixes that are known names.
    reserved: Vec<NameId>,
    /// Who listens at an address, where that does not depend on who asks.
    parties: HashMap<IpAddr, Party>,
    /// Who listens at the other addresses.
    contested: BTreeMap<IpAddr, Contested>,
    /// By server: its zones and its forwarders by domain.
    servers: Vec<HashMap<NameId, Own>>,
    /// By server: what decides there and is not simulated, by domain.
    unsimulated: Vec<HashMap<NameId, Vec<u32>>>,
}

/// What a server has for a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    /// A zone of its own.
    Zone(ZoneId),
    /// A forwarder, by its place in the server's.
    Forwarder(u32),
}

impl Forwarding {
    pub(super) fn new(estate: &mut Estate) -> Forwarding {
        let mut reserved = Vec::new();
        if !estate.rulesets.is_empty() {
            // What they divide are classes of names, so they must be known names.
            for suffix in RESERVED_SUFFIXES {
                reserved.extend(estate.names.intern_text(suffix, NameId::ROOT));
            }
        }
        let enabled = |rules: &[ForwardingRule]| -> HashMap<NameId, u32> {
            let rules = rules.iter().enumerate().filter(|(_, rule)| rule.enabled);
            rules.map(|(at, rule)| (rule.domain, at as u32)).collect()
        };
        let rules = estate.rulesets.iter().map(|ruleset| enabled(&ruleset.rules)).collect();
        let (parties, contested) = parties(estate);
        let mut servers = Vec::new();
        let mut zone = estate.zones.len() as u32;
        for server in &estate.servers {
            let mut own = HashMap::new();
            for (at, forwarder) in server.forwarders.iter().enumerate() {
                own.insert(forwarder.domain, Own::Forwarder(at as u32));
            }
            // A zone wins over a forwarder of its name.
            for facts in &server.zones {
                own.insert(facts.apex, Own::Zone(ZoneId(zone)));
                zone += 1;
            }
            servers.push(own);
        }
        let unsimulated = estate.servers.iter().map(|server| {
            let mut by_domain: HashMap<NameId, Vec<u32>> = HashMap::new();
            for (at, one) in server.unsimulated.iter().enumerate() {
                by_domain.entry(one.domain).or_default().push(at as u32);
            }
            by_domain
        });
        let unsimulated = unsimulated.collect();
        Forwarding { rules, reserved, parties, contested, servers, unsimulated }
    }

    /// The longest reserved suffix at or above a name.
    fn reserved(&self, names: &Names, node: NameId) -> Option<NameId> {
        names.ancestors(node).find(|name| self.reserved.contains(name))
    }
}

/// All who are stated to listen at each address, and where: inbound endpoints of one network,
/// which all answer with its Azure DNS, as one.
fn listeners(estate: &Estate) -> HashMap<IpAddr, Vec<Listener>> {
    let inbound = estate.inbound.iter().zip(0..);
    let inbound = inbound.map(|(one, at)| (&one.addresses, (Party::Inbound(at), one.vnet)));
    let servers = estate.servers.iter().zip(0..);
    let servers = servers.map(|(one, at)| (&one.addresses, (Party::Server(at), one.vnet)));
    let mut all: HashMap<IpAddr, Vec<Listener>> = HashMap::new();
    for (addresses, one) in inbound.chain(servers) {
        let is_endpoint = matches!(one.0, Party::Inbound(_)) && one.1.is_some();
        for &address in addresses {
            let here = all.entry(address).or_default();
            let known = here.iter().any(|other| {
                let alike = matches!(other.0, Party::Inbound(_)) && other.1 == one.1;
                *other == one || (is_endpoint && alike)
            });
            if !known {
                here.push(one);
            }
        }
    }
    all
}

fn parties(estate: &Estate) -> (HashMap<IpAddr, Party>, BTreeMap<IpAddr, Contested>) {
    let (mut parties, mut contested) = (HashMap::new(), BTreeMap::new());
    for (address, listeners) in listeners(estate) {
        let one = Contested::new(estate, address, listeners);
        match (&one.listeners[..], &one.strangers[..]) {
            ([only], []) => drop(parties.insert(address, only.0)),
            _ => drop(contested.insert(address, one)),
        }
    }
    contested.remove(&super::AZURE_DNS);
    parties.insert(super::AZURE_DNS, Party::Azure);
    (parties, contested)
}

impl Index {
    /// The rule.
    pub fn rule(&self, rule: RuleRef) -> &ForwardingRule {
        &self.estate.ruleset(rule.ruleset).rules[rule.rule as usize]
    }

    /// The enabled rules of a ruleset for a domain at or above a name, the longest first.
    pub fn rules_for(&self, ruleset: RulesetId, node: NameId) -> impl Iterator<Item = RuleRef> {
        let rules = &self.forwarding.rules[ruleset.index()];
        let above = self.estate.names.ancestors(node);
        above.filter_map(move |name| Some(RuleRef { ruleset, rule: *rules.get(&name)? }))
    }

    /// The longest reserved suffix at or above a name, where there is any ruleset.
    pub fn reserved(&self, node: NameId) -> Option<NameId> {
        self.forwarding.reserved(&self.estate.names, node)
    }

    /// Who listens at an address for whoever asks from that network, as far as the estate says:
    /// who sits in it; or else the only one there is. Of whom it is not known where they ask
    /// from, as of outbound endpoints, it is `None`.
    #[inline]
    pub fn party(&self, asker: Option<VnetId>, address: IpAddr) -> Party {
        match self.forwarding.parties.get(&address) {
            Some(&party) => party,
            None if self.forwarding.contested.is_empty() => Party::Unknown,
            None => self.contested(asker, address),
        }
    }

    fn contested(&self, asker: Option<VnetId>, address: IpAddr) -> Party {
        let contested = self.forwarding.contested.get(&address);
        contested.map_or(Party::Unknown, |one| one.party(asker))
    }

    /// Who listens at an address and port: what is known listens at port 53.
    pub fn party_at(&self, asker: Option<VnetId>, target: SocketAddr) -> Party {
        match target.port() {
            53 => self.party(asker, target.ip()),
            _ => Party::Unknown,
        }
    }

    /// Who listens at each of the addresses that do not mean the same to everybody, for
    /// whoever asks from that network: networks for which that differs see other answers.
    pub(super) fn contested_parties(&self, asker: VnetId) -> Vec<Party> {
        self.forwarding.contested.values().map(|one| one.party(Some(asker))).collect()
    }

    /// Whether it depends on who asks who listens at an address.
    pub fn is_contested(&self, address: IpAddr) -> bool {
        self.forwarding.contested.contains_key(&address)
    }

    /// All who are stated to listen at an address, with the network in which each sits.
    pub fn listeners(&self, address: IpAddr) -> Vec<Listener> {
        match (self.forwarding.parties.get(&address), self.forwarding.contested.get(&address)) {
            (Some(&party), _) => vec![(party, self.home_of(party))],
            (None, Some(contested)) => contested.listeners.clone(),
            (None, None) => Vec::new(),
        }
    }

    /// The network in which somebody sits, where that is known.
    pub fn home_of(&self, party: Party) -> Option<VnetId> {
        match party {
            Party::Inbound(at) => self.estate.inbound[at as usize].vnet,
            Party::Server(at) => self.estate.servers[at as usize].vnet,
            Party::Azure | Party::Unknown | Party::Several | Party::Elsewhere => None,
        }
    }

    /// What a server has for the longest domain at or above a name.
    pub fn own(&self, server: u32, node: NameId) -> Option<Own> {
        let own = &self.forwarding.servers[server as usize];
        self.estate.names.ancestors(node).find_map(|name| own.get(&name).copied())
    }

    /// What decides at a server about a name and is not simulated, by its place there: all
    /// that is for a domain at or above it, the nearest first.
    pub fn unsimulated(&self, server: u32, node: NameId) -> impl Iterator<Item = u32> {
        let all = &self.forwarding.unsimulated[server as usize];
        let above =
            self.estate.names.ancestors(node).take(if all.is_empty() { 0 } else { usize::MAX });
        above.filter_map(|name| all.get(&name)).flatten().copied()
    }

    /// Whether a server sits in a network: where that is stated, or else by its address.
    pub fn sits_in(&self, server: u32, vnet: VnetId) -> bool {
        let facts = &self.estate.servers[server as usize];
        let space = &self.estate.vnet(vnet).space;
        let holds = |address: &IpAddr| space.iter().any(|prefix| prefix.contains(address));
        facts.vnet.map_or_else(|| facts.addresses.iter().any(holds), |home| home == vnet)
    }

    /// Whether a part of a server's configuration surely concerns no client in a network.
    pub fn is_exempt(&self, server: u32, part: &Unsimulated, vnet: VnetId) -> bool {
        let space = &self.estate.vnet(vnet).space;
        let covered = |prefix: &IpNet| part.except.iter().any(|one| one.contains(prefix));
        part.except_localnets && self.sits_in(server, vnet)
            || !space.is_empty() && space.iter().all(covered)
    }

    /// Of what servers do for some clients only, whether those in a network are exempt.
    pub(super) fn exemptions(&self, asked: &[IpAddr], vnet: VnetId) -> Vec<bool> {
        let servers = asked.iter().filter_map(|&address| match self.party(Some(vnet), address) {
            Party::Server(at) => Some(at),
            _ => None,
        });
        let parts = servers.flat_map(|at| {
            let parts = self.estate.servers[at as usize].unsimulated.iter();
            parts.filter(|part| part.is_about_clients()).map(move |part| (at, part))
        });
        parts.map(|(at, part)| self.is_exempt(at, part, vnet)).collect()
    }

    /// The networks in which somebody who is asked by others asks Azure DNS.
    pub(super) fn answering_vnets(&self) -> Vec<VnetId> {
        let estate = &self.estate;
        let inbound = estate.inbound.iter().filter_map(|one| one.vnet);
        let servers = estate.servers.iter().filter_map(|one| one.vnet);
        let mut vnets: Vec<VnetId> =
            inbound.chain(servers).filter(|&vnet| !estate.vnet(vnet).site).collect();
        vnets.sort();
        vnets.dedup();
        vnets
    }
}

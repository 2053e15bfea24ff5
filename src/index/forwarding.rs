//! Rulesets and servers, compiled for looking up.

use std::collections::HashMap;
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
    parties: HashMap<IpAddr, Party>,
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
        let mut parties = HashMap::new();
        for (at, one) in estate.inbound.iter().enumerate() {
            for &address in &one.addresses {
                parties.entry(address).or_insert(Party::Inbound(at as u32));
            }
        }
        let mut servers = Vec::new();
        let mut zone = estate.zones.len() as u32;
        for (at, server) in estate.servers.iter().enumerate() {
            for &address in &server.addresses {
                parties.entry(address).or_insert(Party::Server(at as u32));
            }
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
        parties.insert(super::AZURE_DNS, Party::Azure);
        let unsimulated = estate.servers.iter().map(|server| {
            let mut by_domain: HashMap<NameId, Vec<u32>> = HashMap::new();
            for (at, one) in server.unsimulated.iter().enumerate() {
                by_domain.entry(one.domain).or_default().push(at as u32);
            }
            by_domain
        });
        let unsimulated = unsimulated.collect();
        Forwarding { rules, reserved, parties, servers, unsimulated }
    }

    /// The longest reserved suffix at or above a name.
    fn reserved(&self, names: &Names, node: NameId) -> Option<NameId> {
        names.ancestors(node).find(|name| self.reserved.contains(name))
    }
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

    /// Who listens at an address, as far as the estate says.
    pub fn party(&self, address: IpAddr) -> Party {
        self.forwarding.parties.get(&address).copied().unwrap_or(Party::Unknown)
    }

    /// Who listens at an address and port: what is known listens at port 53.
    pub fn party_at(&self, target: SocketAddr) -> Party {
        match target.port() {
            53 => self.party(target.ip()),
            _ => Party::Unknown,
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
        let servers = asked.iter().filter_map(|&address| match self.party(address) {
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

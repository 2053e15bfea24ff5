//! From DNS servers in a network, such as forwarder machines or a firewall's proxy, to an
//! inbound endpoint of a DNS Private Resolver.
//!
//! The network that decides moves from that of the servers to that of the endpoint, so zones
//! that are linked there only come first; then what the servers forward becomes rules; then
//! clients are sent over, network by network.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use super::consolidate::{link_all, list};
use super::planner::{Migration, Planner};
use super::step::{Remark, Step};
use crate::estate::{
    AZURE_DNS, BY_DEFAULT, Change, Forwarder, RulesetEdit, RulesetId, Server, Unsimulated, VnetId,
    ZoneId,
};
use crate::index::{Index, Party, Settings};
use crate::name::NameId;

/// Which clients to send over, and where.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Only these networks; all that have servers of their own where there are none.
    pub vnets: Vec<VnetId>,
    /// The inbound endpoint, by its place in the estate.
    pub through: usize,
    /// The ruleset for what the servers forward; that of the endpoint's network where there
    /// is none.
    pub ruleset: Option<RulesetId>,
}

/// Plans the move to an inbound endpoint.
pub fn resolver(index: &Index, scope: &Scope, settings: &Settings) -> Migration {
    let estate = index.estate();
    let mut plan = Plan { index, scope, planner: Planner::new(estate, settings) };
    plan.run();
    plan.planner.finish(estate)
}

/// The servers that networks ask, by their place in the estate, with these networks.
type Asked = BTreeMap<u32, BTreeSet<VnetId>>;

struct Plan<'i> {
    index: &'i Index,
    scope: &'i Scope,
    planner: Planner<'i>,
}

impl Plan<'_> {
    fn run(&mut self) {
        let estate = self.index.estate();
        let inbound = &estate.inbound[self.scope.through];
        let Some(deciding) = inbound.vnet else {
            let open = format!("in which network `{}` sits is unknown", inbound.name);
            return self.planner.open.push(open);
        };
        let asked = self.asked();
        let zones = self.missing_links(&asked, deciding);
        let networks: BTreeSet<VnetId> = asked.values().flatten().copied().collect();
        let Some(&first) = networks.first() else { return };
        link_all(&mut self.planner, &zones, deciding, first);
        if !self.rules(&asked, deciding) {
            return;
        }
        for vnet in networks {
            self.send(vnet);
        }
        self.leftovers(&asked);
    }

    /// The modelled servers; those that are not are to be described first.
    fn asked(&mut self) -> Asked {
        let estate = self.index.estate();
        let mut asked = Asked::new();
        let mut strangers: BTreeMap<IpAddr, Vec<String>> = BTreeMap::new();
        for (id, vnet) in estate.vnet_ids().filter(|(_, vnet)| !vnet.site) {
            let chosen = self.scope.vnets.contains(&id);
            let Some(servers) = vnet.servers.as_deref().filter(|servers| !servers.is_empty())
            else {
                continue;
            };
            if !self.scope.vnets.is_empty() && !chosen {
                continue;
            }
            let unknown: Vec<&IpAddr> =
                servers.iter().filter(|one| self.index.party(**one) == Party::Unknown).collect();
            if let Some(&&address) = unknown.first() {
                strangers.entry(address).or_default().push(estate.vnet_name(id));
                continue;
            }
            for &server in servers {
                if let Party::Server(at) = self.index.party(server) {
                    asked.entry(at).or_default().insert(id);
                }
            }
        }
        for (address, vnets) in strangers {
            self.planner.open.push(format!(
                "{address}, which {} asks, is not modelled, so what moves with it is unknown: \
                 describe it as a `server` in an .estate file beside the export",
                vnets.join(", ")
            ));
        }
        for (&at, vnets) in &asked {
            let server = &estate.servers[at as usize];
            let vnets: Vec<String> = vnets.iter().map(|&vnet| estate.vnet_name(vnet)).collect();
            let place = server.vnet.map_or("nobody knows where".to_owned(), |vnet| {
                format!("in {}", estate.vnet_name(vnet))
            });
            self.planner.facts.push(format!(
                "{} ({}, {place}) answers {}",
                server.name,
                list(&server.addresses),
                vnets.join(", ")
            ));
        }
        asked
    }

    /// The zones that are linked where the servers sit, and not where the endpoint does.
    fn missing_links(&self, asked: &Asked, deciding: VnetId) -> Vec<ZoneId> {
        let estate = self.index.estate();
        let places: BTreeSet<VnetId> =
            asked.keys().filter_map(|&at| estate.servers[at as usize].vnet).collect();
        let missing = estate.zone_ids().filter(|(_, zone)| {
            let linked = |vnet: VnetId| zone.links.iter().any(|link| link.vnet == vnet);
            !zone.gone && !linked(deciding) && places.iter().any(|&vnet| linked(vnet))
        });
        missing.map(|(id, _)| id).collect()
    }

    /// Each forwarder becomes a rule; says whether clients can go over.
    fn rules(&mut self, asked: &Asked, deciding: VnetId) -> bool {
        let wanted = self.wanted(asked);
        if wanted.is_empty() {
            return true;
        }
        let estate = &self.planner.after;
        let linked = estate
            .ruleset_ids()
            .find(|(_, one)| one.links.iter().any(|link| link.vnet == deciding));
        let only = estate.ruleset_ids().next().filter(|_| estate.rulesets.len() == 1);
        let Some(ruleset) = self.scope.ruleset.or_else(|| linked.or(only).map(|(id, _)| id)) else {
            let domains: Vec<String> =
                wanted.keys().map(|&domain| estate.names.show(domain).to_string()).collect();
            self.planner.open.push(format!(
                "the servers forward {}: that needs a forwarding ruleset of the resolver's outbound \
                 endpoint (make one and export again, or name it with --ruleset)",
                domains.join(", ")
            ));
            return false;
        };
        let label = estate.ruleset_label(ruleset);
        let mut changes = Vec::new();
        let mut open = Vec::new();
        for (&domain, targets) in &wanted {
            let own = estate.ruleset(ruleset).rules.iter().find(|rule| rule.domain == domain);
            let shown = estate.names.show(domain);
            match own.filter(|rule| rule.enabled) {
                Some(rule) if rule.targets == *targets => {}
                Some(rule) => open.push(format!(
                    "the ruleset {label} forwards `{shown}` to {}, the servers to {}: decide which is right",
                    list(&rule.targets),
                    list(targets)
                )),
                None => {
                    let edit = RulesetEdit::PutRule { domain, name: None, targets: targets.clone() };
                    changes.push(Change::Ruleset { ruleset, edit });
                }
            }
        }
        let is_linked = estate.ruleset(ruleset).links.iter().any(|link| link.vnet == deciding);
        let name = estate.vnet_name(deciding);
        self.planner.open.extend(open);
        let count = changes.len();
        let rules = if count == 1 { "rule" } else { "rules" };
        let title = format!("let the ruleset {label} have {count} {rules} of the servers");
        let mut ready = true;
        if count > 0 {
            ready &= self.planner.take(Step { title, changes, ..Step::default() });
        }
        if !is_linked {
            let edit = RulesetEdit::Link { vnet: deciding, name: None };
            ready &= self.planner.take(Step {
                title: format!("link the ruleset {label} to {name}"),
                changes: vec![Change::Ruleset { ruleset, edit }],
                ..Step::default()
            });
        }
        ready
    }

    /// What the servers send elsewhere than to Azure DNS, and the zones they have themselves.
    fn wanted(&mut self, asked: &Asked) -> BTreeMap<NameId, Vec<SocketAddr>> {
        let estate = self.index.estate();
        let own = &estate.inbound[self.scope.through].addresses;
        let mut wanted: BTreeMap<NameId, Vec<SocketAddr>> = BTreeMap::new();
        for &at in asked.keys() {
            let server = &estate.servers[at as usize];
            // Whom it serves, and what it has by itself, is nothing that it forwards.
            let hides =
                |one: &Unsimulated| one.except.is_empty() && !one.what.ends_with(BY_DEFAULT);
            if server.refused > 0 || server.unsimulated.iter().any(hides) {
                let name = &server.name;
                let open =
                    format!("`{name}` was not read in full: some of what it forwards is unknown");
                self.planner.open.push(open);
            }
            let zones = server.zones.iter().map(|zone| {
                let targets = server.addresses.iter().map(|&one| SocketAddr::new(one, 53));
                (zone.apex, targets.collect::<Vec<_>>())
            });
            for zone in &server.zones {
                self.planner.facts.push(format!(
                    "{} has `{}` itself, and has to stay for it",
                    server.name,
                    estate.names.show(zone.apex)
                ));
            }
            let forwarders = server.forwarders.iter().map(|one| (one.domain, one.targets.clone()));
            for (domain, targets) in forwarders.chain(zones).chain(self.rules_behind(server)) {
                // Azure DNS is what an inbound endpoint asks anyway.
                let azure =
                    |target: &SocketAddr| target.ip() == AZURE_DNS || own.contains(&target.ip());
                if targets.iter().all(azure) {
                    continue;
                }
                let shown = estate.names.show(domain);
                match wanted.get(&domain) {
                    Some(other) if *other != targets => self.planner.open.push(format!(
                        "the servers do not agree on `{shown}`: {} and {}",
                        list(other),
                        list(&targets)
                    )),
                    Some(_) => {}
                    None => {
                        wanted.insert(domain, targets);
                    }
                }
            }
        }
        wanted
    }

    /// The rules that a server meets that asks Azure DNS: those of its own network.
    fn rules_behind(&self, server: &Server) -> Vec<(NameId, Vec<SocketAddr>)> {
        let estate = self.index.estate();
        let rulesets = estate
            .rulesets
            .iter()
            .filter(|ruleset| ruleset.links.iter().any(|link| Some(link.vnet) == server.vnet));
        let asks_azure = |domain: NameId| {
            let covers = |one: &&Forwarder| estate.names.is_at_or_below(domain, one.domain);
            let covering = server.forwarders.iter().filter(covers);
            let longest = covering.max_by_key(|one| estate.names.depth(one.domain));
            longest.is_some_and(|one| one.targets.iter().any(|target| target.ip() == AZURE_DNS))
        };
        let rules = rulesets.flat_map(|ruleset| ruleset.rules.iter());
        let rules = rules.filter(|rule| rule.enabled && asks_azure(rule.domain));
        rules.map(|rule| (rule.domain, rule.targets.clone())).collect()
    }

    fn send(&mut self, vnet: VnetId) {
        let servers = self.index.estate().inbound[self.scope.through].addresses.clone();
        let title = format!(
            "let the clients of {} ask {}",
            self.planner.after.vnet_name(vnet),
            list(&servers)
        );
        let text = "until they renew their lease clients ask the old servers, which have to stay \
                    until then; going back is giving the old servers again"
            .to_owned();
        self.planner.take(Step {
            title,
            changes: vec![Change::SetServers { vnet, servers }],
            remarks: vec![Remark { text, look: false }],
            ..Step::default()
        });
    }

    /// Who still asks the old servers.
    fn leftovers(&mut self, asked: &Asked) {
        let estate = &self.planner.after;
        let through = &estate.inbound[self.scope.through];
        let mut open = Vec::new();
        for &at in asked.keys() {
            let old = &estate.servers[at as usize];
            for interface in &estate.interfaces {
                if interface.servers.iter().any(|one| old.addresses.contains(one)) {
                    open.push(format!(
                        "the interface `{}` asks `{}` by servers of its own: change them to {}",
                        interface.name,
                        old.name,
                        list(&through.addresses)
                    ));
                }
            }
            for server in &estate.servers {
                let names = server.forwarders.iter().filter(|one| {
                    one.targets.iter().any(|target| old.addresses.contains(&target.ip()))
                });
                for forwarder in names {
                    open.push(format!(
                        "`{}` forwards `{}` to `{}`: let it forward to {}",
                        server.name,
                        estate.names.show(forwarder.domain),
                        old.name,
                        list(&through.addresses)
                    ));
                }
            }
        }
        self.planner.open.extend(open);
    }
}

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
    Zone, ZoneId,
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

/// Where a server sends the names below domains; to nobody where it is Azure DNS.
type Table = BTreeMap<NameId, Vec<SocketAddr>>;

/// The servers that networks ask.
#[derive(Default)]
struct Servers {
    /// Those that a network asks first, which alone decide while they answer.
    first: Asked,
    /// Those that are asked where one before them is silent.
    later: Asked,
}

impl Servers {
    fn all(&self) -> BTreeSet<u32> {
        self.first.keys().chain(self.later.keys()).copied().collect()
    }

    fn networks(&self) -> BTreeSet<VnetId> {
        self.first.values().chain(self.later.values()).flatten().copied().collect()
    }
}

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
        self.disagreements(&asked);
        let zones = self.missing_links(&asked, deciding);
        let networks = asked.networks();
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
    fn asked(&mut self) -> Servers {
        let estate = self.index.estate();
        let mut asked = Servers::default();
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
            let party = |address| self.index.party(Some(id), address);
            let unknown: Vec<&IpAddr> =
                servers.iter().filter(|one| !party(**one).is_modelled()).collect();
            if let Some(&&address) = unknown.first() {
                strangers.entry(address).or_default().push(estate.vnet_name(id));
                continue;
            }
            for (place, &server) in servers.iter().enumerate() {
                let Party::Server(at) = party(server) else { continue };
                let list = if place == 0 { &mut asked.first } else { &mut asked.later };
                list.entry(at).or_default().insert(id);
            }
        }
        for (address, vnets) in strangers {
            self.planner.open.push(format!(
                "{address}, which {} asks, is not modelled, so what moves with it is unknown: \
                 describe it as a `server` in an .estate file beside the export",
                vnets.join(", ")
            ));
        }
        let lists = [(&asked.first, ""), (&asked.later, " where the servers before it are silent")];
        let lists = lists.iter().flat_map(|(list, when)| list.iter().map(move |one| (one, when)));
        for ((&at, vnets), when) in lists {
            let server = &estate.servers[at as usize];
            let vnets: Vec<String> = vnets.iter().map(|&vnet| estate.vnet_name(vnet)).collect();
            let place = server.vnet.map_or("nobody knows where".to_owned(), |vnet| {
                format!("in {}", estate.vnet_name(vnet))
            });
            self.planner.facts.push(format!(
                "{} ({}, {place}) answers {}{when}",
                server.name,
                list(&server.addresses),
                vnets.join(", ")
            ));
        }
        asked
    }

    /// Networks that ask servers which do not forward alike: which of them is asked is up to
    /// whether the one before it answers, and to the client.
    fn disagreements(&mut self, asked: &Servers) {
        let estate = self.index.estate();
        for (&first, vnets) in &asked.first {
            for (&later, others) in &asked.later {
                let both: Vec<VnetId> = vnets.intersection(others).copied().collect();
                let (one, two) = (self.table(first), self.table(later));
                let domains: BTreeSet<NameId> = one.keys().chain(two.keys()).copied().collect();
                let differ =
                    |domain: &&NameId| self.goes(&one, **domain) != self.goes(&two, **domain);
                let Some(&domain) = domains.iter().find(differ).filter(|_| !both.is_empty()) else {
                    continue;
                };
                let [one, two] = [one, two].map(|table| told(self.goes(&table, domain)));
                let vnets: Vec<String> = both.iter().map(|&vnet| estate.vnet_name(vnet)).collect();
                let names = [first, later].map(|at| &estate.servers[at as usize].name);
                self.planner.open.push(format!(
                    "{} asks `{}`, and `{}` where that is silent, and they do not forward alike: `{}` \
                     goes to {one} and to {two}. The steps keep what the first does: decide whether \
                     that is right",
                    vnets.join(", "),
                    names[0],
                    names[1],
                    estate.names.show(domain)
                ));
            }
        }
    }

    /// The zones that are linked where the servers sit and that these ask Azure DNS for, and
    /// that are not linked where the endpoint is.
    fn missing_links(&self, asked: &Servers, deciding: VnetId) -> Vec<ZoneId> {
        let estate = self.index.estate();
        let servers = asked.first.keys();
        let servers: Vec<(Option<VnetId>, Table)> =
            servers.map(|&at| (estate.servers[at as usize].vnet, self.table(at))).collect();
        let missing = estate.zone_ids().filter(|(id, zone)| {
            let linked = |vnet: VnetId| zone.links.iter().any(|link| link.vnet == vnet);
            // The chains of public names lead into a zone of Private Link, whatever the server
            // does with names that are asked for in the zone itself.
            let met = |table: &Table| match self.goes(table, zone.apex) {
                Some([]) | None => true,
                Some(_) => estate.is_private_link(*id) && table.values().any(Vec::is_empty),
            };
            let decides =
                |(place, table): &(Option<VnetId>, Table)| place.is_some_and(linked) && met(table);
            !zone.gone && !linked(deciding) && servers.iter().any(decides)
        });
        missing.map(|(id, _)| id).collect()
    }

    /// Each forwarder becomes a rule; says whether clients can go over.
    fn rules(&mut self, asked: &Servers, deciding: VnetId) -> bool {
        let wanted = self.wanted(asked);
        self.hidden(&wanted, deciding);
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

    /// Zones at the endpoint that answer for names which the servers forward: rules are looked
    /// at for names that no linked zone has ("Private Resolver architecture",
    /// learn.microsoft.com/azure/dns/private-resolver-architecture, read 2026-11).
    fn hidden(&mut self, wanted: &Table, deciding: VnetId) {
        let estate = &self.planner.after;
        let mut open = Vec::new();
        for (_, zone) in estate.zone_ids().filter(|(_, zone)| !zone.gone) {
            let covers = |domain: &&NameId| {
                let below = estate.names.is_at_or_below(zone.apex, **domain);
                let above = estate.names.is_at_or_below(**domain, zone.apex);
                above || (below && estate.names.depth(**domain) > 0)
            };
            let linked = zone.links.iter().any(|link| link.vnet == deciding);
            if let Some(&domain) = wanted.keys().find(covers).filter(|_| linked) {
                open.push(format!(
                    "the servers forward `{}` to {}, and at the endpoint the zone `{}` answers in \
                     the rule's place, for it is linked to {}: decide which is right",
                    estate.names.show(domain),
                    told(wanted.get(&domain).map(Vec::as_slice)),
                    estate.names.show(zone.apex),
                    estate.vnet_name(deciding)
                ));
            }
        }
        self.planner.open.extend(open);
    }

    /// What the servers send elsewhere than to Azure DNS, and the zones they have themselves.
    fn wanted(&mut self, asked: &Servers) -> Table {
        let estate = self.index.estate();
        let mut all = Table::new();
        let mut disputed = BTreeSet::new();
        for &at in asked.first.keys() {
            let server = &estate.servers[at as usize];
            // Whom it serves, and what it has by itself, is nothing that it forwards.
            let hides =
                |one: &Unsimulated| !one.is_about_clients() && !one.what.ends_with(BY_DEFAULT);
            if server.refused > 0 || server.unsimulated.iter().any(hides) {
                let name = &server.name;
                let open =
                    format!("`{name}` was not read in full: some of what it forwards is unknown");
                self.planner.open.push(open);
            }
            for zone in stated_zones(server) {
                self.planner.facts.push(format!(
                    "{} has `{}` itself, and has to stay for it",
                    server.name,
                    estate.names.show(zone.apex)
                ));
            }
            for (domain, targets) in self.table(at) {
                let other = all.entry(domain).or_insert_with(|| targets.clone());
                if *other != targets && disputed.insert(domain) {
                    self.planner.open.push(format!(
                        "the servers do not agree on `{}`: {} and {}",
                        estate.names.show(domain),
                        told(Some(other)),
                        told(Some(&targets))
                    ));
                }
            }
        }
        all.retain(|domain, targets| !targets.is_empty() && !disputed.contains(domain));
        all
    }

    /// Where a server sends names: the rules of its network are behind what it asks Azure DNS.
    fn table(&self, at: u32) -> Table {
        let estate = self.index.estate();
        let own = &estate.inbound[self.scope.through].addresses;
        let server = &estate.servers[at as usize];
        let zones = stated_zones(server).map(|zone| {
            let targets = server.addresses.iter().map(|&one| SocketAddr::new(one, 53));
            (zone.apex, targets.collect::<Vec<_>>())
        });
        let forwarders = server.forwarders.iter().map(|one| (one.domain, one.targets.clone()));
        let mut table = Table::new();
        for (domain, targets) in forwarders.chain(zones).chain(self.rules_behind(server)) {
            // Azure DNS is what an inbound endpoint asks anyway.
            let azure =
                |target: &SocketAddr| target.ip() == AZURE_DNS || own.contains(&target.ip());
            let elsewhere = !targets.iter().all(azure);
            table.insert(domain, if elsewhere { targets } else { Vec::new() });
        }
        table
    }

    /// Where the names of a domain go by a table; `None` where nothing in it is for them.
    fn goes<'t>(&self, table: &'t Table, domain: NameId) -> Option<&'t [SocketAddr]> {
        let names = &self.index.estate().names;
        let covering = table.iter().filter(|(own, _)| names.is_at_or_below(domain, **own));
        let longest = covering.max_by_key(|(own, _)| names.depth(**own));
        longest.map(|(_, targets)| targets.as_slice())
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
    fn leftovers(&mut self, asked: &Servers) {
        let estate = &self.planner.after;
        let through = &estate.inbound[self.scope.through];
        let mut open = Vec::new();
        for at in asked.all() {
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

/// The zones that a server's configuration speaks of: what it has besides serves nobody.
fn stated_zones(server: &Server) -> impl Iterator<Item = &Zone> {
    server.zones.iter().filter(|zone| !zone.by_default)
}

/// Where names go, in words.
fn told(targets: Option<&[SocketAddr]>) -> String {
    match targets {
        Some([]) => "Azure DNS".to_owned(),
        Some(targets) => list(targets),
        None => "nobody".to_owned(),
    }
}

//! `servers-disagree`

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use rayon::prelude::*;

use super::{list, list_names};
use crate::check::said::{asked_names, said, sorted};
use crate::check::{Context, Report, rule};
use crate::estate::{AZURE_DNS, Origin, VnetId};
use crate::index::{Party, View};
use crate::name::NameId;
use crate::record::RecordType;

rule! {
    /// ## What it finds
    /// A list of several DNS servers that give different answers for a name of the estate,
    /// as far as the servers are modelled: those of networks or of an interface, the targets
    /// of a forwarding rule, the forwarders of a DNS server.
    ///
    /// ## Why it matters
    /// Who asks goes on to the next server only when one does not answer at all; NXDOMAIN
    /// is an answer. So a name works or not, or leads to one place or another, by which
    /// server happens to be asked: faults that come and go.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub    dns 10.0.0.4,10.0.0.5
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    /// server dc-1  vnet hub  address 10.0.0.4
    ///   forward .  168.63.129.16
    /// server dc-2  vnet hub  address 10.0.0.5
    ///   zone corp.internal
    ///     record  nas.corp.internal  A  10.0.0.8
    ///   forward .  168.63.129.16
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub    dns 10.0.0.4,10.0.0.5
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    /// server dc-1  vnet hub  address 10.0.0.4
    ///   forward .  168.63.129.16
    /// server dc-2  vnet hub  address 10.0.0.5
    ///   forward .  168.63.129.16
    /// ```
    pub static SERVERS_DISAGREE = "servers-disagree" {
        summary: "servers that stand in for each other give different answers",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

/// Servers of which any may be asked, and who has them: one cause, one finding.
struct List<'i> {
    /// Who they are, before "disagree about".
    whose: String,
    /// Where they stand.
    origins: Vec<Origin>,
    /// What to say there.
    label: &'static str,
    /// Only names at or below one of these; empty for all.
    domains: Vec<NameId>,
    /// What each server says when it is asked itself, where that is the same for all askers:
    /// names that they agree about are asked for no more.
    direct: Option<Asker<'i>>,
    /// Whom it makes a difference to which server is asked, by what they see.
    askers: Vec<Asker<'i>>,
}

/// Clients, and their view for each of the servers.
struct Asker<'i> {
    /// The networks whose clients these are; none for interfaces and DNS servers.
    vnets: Vec<VnetId>,
    asking: Vec<(IpAddr, View<'i>)>,
}

impl Asker<'_> {
    /// Those of `names` for which it matters which server is asked.
    fn differing(&self, names: &[NameId]) -> Vec<NameId> {
        let differ = |name: &NameId| {
            let mut answers =
                self.asking.iter().filter_map(|(_, view)| Some((said(view, *name)?, view.index())));
            let first = answers.next();
            first.is_some_and(|(first, _)| {
                answers.any(|(other, index)| !other.agrees(&first, index))
            })
        };
        names.par_iter().copied().filter(differ).collect()
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let mut lists = of_clients(context);
    lists.extend(of_rules(context));
    lists.extend(of_forwarders(context));
    lists.retain(|list| !list.askers.is_empty());
    if lists.is_empty() {
        return;
    }
    let names = asked_names(context, true);
    for list in lists {
        add(context, report, list, &names);
    }
}

fn add(context: &Context<'_>, report: &mut Report<'_>, list: List<'_>, names: &[NameId]) {
    let (index, all) = (context.index(), &context.estate().names);
    let covered = |name: &NameId| {
        list.domains.is_empty() || list.domains.iter().any(|&top| all.is_at_or_below(*name, top))
    };
    let mut names: Vec<NameId> = names.iter().copied().filter(covered).collect();
    if let Some(direct) = &list.direct {
        names = direct.differing(&names);
    }
    let (mut differing, mut vnets) = (BTreeSet::new(), BTreeSet::new());
    let mut shown = None;
    for asker in &list.askers {
        let found = sorted(context, asker.differing(&names));
        let Some(&first) = found.first() else { continue };
        shown = shown.or(Some((asker, first)));
        vnets.extend(asker.vnets.iter().copied());
        differing.extend(found);
    }
    let Some((asker, first)) = shown else { return };
    let differing = sorted(context, differing);
    let mut finding = report
        .finding(format!("{} disagree about {}", list.whose, list_names(context, &differing)))
        .at_each(list.origins, list.label, "here too")
        .from(vnets)
        .asked(&asker.vnets, first, RecordType::A)
        .named(differing)
        .help("let all of them forward the name to the same place, or remove the odd one");
    for (address, view) in &asker.asking {
        let answer = said(view, first).map_or("unknown".to_owned(), |said| said.show(index));
        finding = finding.note(format!("asked for `{}`, {address} says {answer}", all.show(first)));
    }
    report.add(finding);
}

/// Networks that see the same, or an interface with DNS servers of its own.
struct Client<'i> {
    view: View<'i>,
    vnets: Vec<VnetId>,
    known: Vec<(String, Origin)>,
}

/// The lists of networks and interfaces; those with the same servers have one.
fn of_clients<'i>(context: &Context<'i>) -> Vec<List<'i>> {
    let estate = context.estate();
    let network = |&vnet: &VnetId| (estate.vnet_name(vnet), estate.vnet(vnet).origin);
    let networks = context.views().iter().filter(|view| view.asked().len() > 1).map(|view| {
        let (vnets, known) = (view.vnets().to_vec(), view.vnets().iter().map(network).collect());
        Client { view: view.clone(), vnets, known }
    });
    let interfaces = estate.interfaces.iter().zip(0u32..).filter_map(|(facts, at)| {
        let view = context.view_of(facts.vnet.filter(|_| facts.servers.len() > 1)?)?;
        let known = vec![(estate.interface_name(at), facts.origin)];
        Some(Client { view: view.of_interface(facts), vnets: Vec::new(), known })
    });
    let mut alike: BTreeMap<Vec<IpAddr>, Vec<Client<'i>>> = BTreeMap::new();
    for client in networks.chain(interfaces) {
        alike.entry(client.view.asked().to_vec()).or_default().push(client);
    }
    alike.into_iter().map(|(servers, clients)| of_alike(context, &servers, clients)).collect()
}

fn of_alike<'i>(context: &Context<'i>, servers: &[IpAddr], clients: Vec<Client<'i>>) -> List<'i> {
    let known = || clients.iter().flat_map(|client| &client.known);
    let whose = format!("the DNS servers of {}", list(known().map(|one| &one.0)));
    let origins = known().map(|one| one.1).collect();
    let mut askers: Vec<Asker<'i>> = Vec::new();
    for Client { view, vnets, .. } in clients {
        // What other servers say does not depend on who asks; what Azure DNS says does.
        if !servers.contains(&AZURE_DNS)
            && let Some(first) = askers.first_mut()
        {
            first.vnets.extend(vnets);
            continue;
        }
        let places = distinct(context, servers, view.vnets().first().copied());
        if places.len() > 1 {
            let asking = places.iter().map(|&at| (servers[at], view.asking(at))).collect();
            askers.push(Asker { vnets, asking });
        }
    }
    let label = "the clients here may ask any of them";
    List { whose, origins, label, domains: Vec::new(), direct: None, askers }
}

/// Rules or forwarders with the same targets.
struct Alike<'e> {
    targets: &'e [SocketAddr],
    domains: Vec<NameId>,
    origins: Vec<Origin>,
}

/// What has the same targets is one cause.
fn alike<'e>(all: impl Iterator<Item = (NameId, &'e [SocketAddr], Origin)>) -> Vec<Alike<'e>> {
    let mut found: BTreeMap<&[SocketAddr], Alike<'e>> = BTreeMap::new();
    for (domain, targets, origin) in all.filter(|one| one.1.len() > 1) {
        let (domains, origins) = (Vec::new(), Vec::new());
        let one = found.entry(targets).or_insert(Alike { targets, domains, origins });
        one.domains.push(domain);
        one.origins.push(origin);
    }
    found.into_values().collect()
}

impl Alike<'_> {
    /// Those of the targets that are modelled and may differ.
    fn servers(&self, context: &Context<'_>, home: Option<VnetId>) -> Vec<IpAddr> {
        let index = context.index();
        let modelled = self.targets.iter().filter(|one| index.party_at(**one) != Party::Unknown);
        let modelled: Vec<IpAddr> = modelled.map(SocketAddr::ip).collect();
        distinct(context, &modelled, home).into_iter().map(|at| modelled[at]).collect()
    }

    /// `` rule `a` `` or `` rules `a` and `b` ``.
    fn show(&self, context: &Context<'_>, one: &str, several: &str) -> String {
        let noun = if self.domains.len() == 1 { one } else { several };
        format!("{noun} {}", list_names(context, &self.domains))
    }
}

/// The targets of rules, for the networks that are linked.
fn of_rules<'i>(context: &Context<'i>) -> Vec<List<'i>> {
    let mut lists = Vec::new();
    for ruleset in &context.estate().rulesets {
        let rules = ruleset.rules.iter().filter(|rule| rule.enabled);
        for alike in alike(rules.map(|rule| (rule.domain, &rule.targets[..], rule.origin))) {
            let servers = alike.servers(context, None);
            let Some(any) = context.views().first().filter(|_| servers.len() > 1) else { continue };
            let rules = alike.show(context, "rule", "rules");
            let whose = format!("the targets of {rules} of `{}`", ruleset.name);
            let linked = ruleset.links.iter().filter(|link| link.pending.is_none());
            let linked: BTreeSet<VnetId> = linked.map(|link| link.vnet).collect();
            let asker = |view: &View<'i>| {
                let here = view.vnets().iter().copied().filter(|vnet| linked.contains(vnet));
                let vnets: Vec<VnetId> = here.collect();
                let ask = |&target: &IpAddr| (target, view.at_azure().forwarding_to(target));
                (!vnets.is_empty())
                    .then(|| Asker { vnets, asking: servers.iter().map(ask).collect() })
            };
            let askers = context.views().iter().filter_map(asker).collect();
            let ask = |&target: &IpAddr| (target, any.at_server(target));
            let direct = Asker { vnets: Vec::new(), asking: servers.iter().map(ask).collect() };
            let label = "any of its targets may be asked";
            let Alike { domains, origins, .. } = alike;
            lists.push(List { whose, origins, label, domains, direct: Some(direct), askers });
        }
    }
    lists
}

/// The forwarders of DNS servers, for the networks that ask these.
fn of_forwarders<'i>(context: &Context<'i>) -> Vec<List<'i>> {
    let (index, estate) = (context.index(), context.estate());
    let mut lists = Vec::new();
    for (server, at) in estate.servers.iter().zip(0u32..) {
        let mut own = server.addresses.iter().copied();
        let Some(address) = own.find(|one| index.party(*one) == Party::Server(at)) else {
            continue;
        };
        let forwarders = server.forwarders.iter();
        for alike in alike(forwarders.map(|one| (one.domain, &one.targets[..], one.origin))) {
            let servers = alike.servers(context, server.vnet);
            let view = server.vnet.and_then(|vnet| context.view_of(vnet));
            let view = view.or(context.views().first()).filter(|_| servers.len() > 1);
            let Some(view) = view.map(|view| view.at_server(address)) else { continue };
            let whose = match alike.domains[..] {
                [NameId::ROOT] => format!("the forwarders of `{}`", server.name),
                _ => {
                    let forwarders = alike.show(context, "the forwarder for", "the forwarders for");
                    format!("the targets of {forwarders} of `{}`", server.name)
                }
            };
            let asks =
                |view: &&View<'_>| view.asked().iter().any(|one| server.addresses.contains(one));
            let clients = context.views().iter().filter(asks);
            let vnets = clients.flat_map(|view| view.vnets().iter().copied()).collect();
            let ask = |&target: &IpAddr| (target, view.forwarding_to(target));
            let askers = vec![Asker { vnets, asking: servers.iter().map(ask).collect() }];
            let label = "any of these may be asked";
            let Alike { domains, origins, .. } = alike;
            lists.push(List { whose, origins, label, domains, direct: None, askers });
        }
    }
    lists
}

/// Those of the servers, by their places, that are modelled and may differ: inbound
/// endpoints of one network are as one, and so is Azure DNS asked in that network, `home`.
fn distinct(context: &Context<'_>, servers: &[IpAddr], home: Option<VnetId>) -> Vec<usize> {
    let (index, estate) = (context.index(), context.estate());
    let mut seen = BTreeMap::new();
    for (at, &address) in servers.iter().enumerate() {
        let key = match index.party(address) {
            Party::Unknown => continue,
            Party::Azure => (0, home.map(|vnet| vnet.0)),
            Party::Inbound(place) => {
                (0, estate.inbound[place as usize].vnet.map(|vnet| vnet.0).or(Some(u32::MAX)))
            }
            Party::Server(place) => (1, Some(place)),
        };
        seen.entry(key).or_insert(at);
    }
    let mut servers: Vec<usize> = seen.into_values().collect();
    servers.sort_unstable();
    servers
}

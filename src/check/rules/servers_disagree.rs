//! `servers-disagree`

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use rayon::prelude::*;

use super::{list, list_names};
use crate::check::said::{Question, questions, said_of, sorted};
use crate::check::{Context, Report, rule};
use crate::estate::{AZURE_DNS, Origin, VnetId};
use crate::index::{Party, View};
use crate::name::NameId;
use crate::record::RecordType;

rule! {
    /// ## What it finds
    /// A list of several DNS servers that give different answers for a name of the estate, of
    /// whichever type it has records, as far as the servers are modelled: those of networks or of an interface, the targets
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
    /// What each says when it is asked itself, where who has the list is no client of them.
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

impl<'i> Asker<'i> {
    fn new(servers: &[IpAddr], ask: impl Fn(IpAddr) -> View<'i>) -> Asker<'i> {
        let asking = servers.iter().map(|&server| (server, ask(server))).collect();
        Asker { vnets: Vec::new(), asking }
    }

    /// Those of `questions` for which it matters which server is asked.
    fn differing(&self, questions: &[Question]) -> Vec<Question> {
        let differ = |one: &Question| {
            let mut answers = self
                .asking
                .iter()
                .filter_map(|(_, view)| Some((said_of(view, *one)?, view.index())));
            let first = answers.next();
            first.is_some_and(|(first, _)| {
                answers.any(|(other, index)| !other.agrees(&first, index))
            })
        };
        questions.par_iter().copied().filter(differ).collect()
    }
}

/// What is asked for, worked out once there is a list to ask.
#[derive(Default)]
struct Questions(OnceCell<Vec<Question>>);

impl Questions {
    fn all(&self, context: &Context<'_>) -> &[Question] {
        self.0.get_or_init(|| questions(context))
    }

    /// Those at or below one of these.
    fn below(&self, context: &Context<'_>, domains: &[NameId]) -> Vec<Question> {
        let (names, domains) = (&context.estate().names, domains.iter().collect::<BTreeSet<_>>());
        let covered = |one: &Question| names.ancestors(one.0).any(|top| domains.contains(&top));
        self.all(context).iter().copied().filter(covered).collect()
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let names = Questions::default();
    of_clients(context, report, &names);
    of_rules(context, report, &names);
    of_forwarders(context, report, &names);
}

fn add(context: &Context<'_>, report: &mut Report<'_>, list: List<'_>, questions: &[Question]) {
    let (index, all) = (context.index(), &context.estate().names);
    // By name, the first of the types.
    let (mut differing, mut vnets) = (BTreeMap::new(), BTreeSet::new());
    let mut shown = None;
    for asker in &list.askers {
        let mut found = BTreeMap::new();
        for (name, record_type) in asker.differing(questions) {
            found.entry(name).or_insert(record_type);
        }
        let Some(&first) = sorted(context, found.keys().copied()).first() else { continue };
        shown = shown.or(Some((asker, (first, found[&first]))));
        vnets.extend(asker.vnets.iter().copied());
        differing.extend(found);
    }
    let Some((asker, first)) = shown else { return };
    let differing = sorted(context, differing.into_keys());
    let mut finding = report
        .finding(format!("{} disagree about {}", list.whose, list_names(context, &differing)))
        .at_each(list.origins, list.label, "here too")
        .from(vnets)
        .asked(&asker.vnets, first.0, first.1)
        .named(differing)
        .help("let all of them forward the name to the same place, or remove the odd one");
    let asked = match first {
        (name, RecordType::A) => format!("`{}`", all.show(name)),
        (name, other) => format!("{other} of `{}`", all.show(name)),
    };
    for (address, view) in &list.direct.as_ref().unwrap_or(asker).asking {
        let answer = said_of(view, first).map_or("unknown".to_owned(), |said| said.show(index));
        finding = finding.note(format!("asked for {asked}, {address} says {answer}"));
    }
    report.add(finding);
}

/// Networks that see the same, or an interface with DNS servers of its own.
struct Client {
    /// The place of the view.
    view: usize,
    vnets: Vec<VnetId>,
    known: Vec<(String, Origin)>,
}

/// The lists of networks and interfaces; those with the same servers are one cause.
fn of_clients(context: &Context<'_>, report: &mut Report<'_>, names: &Questions) {
    let estate = context.estate();
    let mut alike: BTreeMap<&[IpAddr], Vec<Client>> = BTreeMap::new();
    for (view, facts) in context.views().iter().enumerate() {
        let known = |&vnet: &VnetId| (estate.vnet_name(vnet), estate.vnet(vnet).origin);
        let (vnets, known) = (facts.vnets().to_vec(), facts.vnets().iter().map(known).collect());
        alike.entry(facts.asked()).or_default().push(Client { view, vnets, known });
    }
    let places = context.view_places();
    for (facts, at) in estate.interfaces.iter().zip(0u32..) {
        let view = facts.vnet.and_then(|vnet| places.get(&vnet).copied());
        let Some(view) = view.filter(|_| !facts.servers.is_empty()) else { continue };
        let known = vec![(estate.interface_name(at), facts.origin)];
        alike.entry(&facts.servers).or_default().push(Client { view, vnets: Vec::new(), known });
    }
    for (servers, clients) in alike.into_iter().filter(|(servers, _)| servers.len() > 1) {
        let list = of_alike(context, servers, clients);
        if !list.askers.is_empty() {
            add(context, report, list, names.all(context));
        }
    }
}

fn of_alike<'i>(context: &Context<'i>, servers: &[IpAddr], clients: Vec<Client>) -> List<'i> {
    let known = || clients.iter().flat_map(|client| &client.known);
    let whose = format!("the DNS servers of {}", list(known().map(|one| &one.0)));
    let origins = known().map(|one| one.1).collect();
    // What others say does not depend on who asks, where one address is one server; what Azure
    // DNS says does.
    let index = context.index();
    let depends = servers.iter().any(|&one| one == AZURE_DNS || index.is_contested(one));
    let mut askers: BTreeMap<usize, Asker<'i>> = BTreeMap::new();
    for Client { view, vnets, .. } in clients {
        let key = if depends { view } else { 0 };
        let asker = askers.entry(key).or_insert_with(|| {
            let view = &context.views()[view];
            let servers = distinct(context, servers, view.vnets().first().copied());
            Asker::new(&servers, |server| view.at_server(server))
        });
        asker.vnets.extend(vnets);
    }
    let askers = askers.into_values().filter(|asker| asker.asking.len() > 1).collect();
    let label = "the clients here may ask any of them";
    List { whose, origins, label, direct: None, askers }
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
    /// Those of the targets that are modelled and may differ, asked from `home`.
    fn servers(&self, context: &Context<'_>, home: Option<VnetId>) -> Vec<IpAddr> {
        let index = context.index();
        let is_modelled = |one: &&SocketAddr| match index.party_at(home, **one) {
            Party::Azure => home.is_some(),
            party => party.is_modelled(),
        };
        let modelled = self.targets.iter().filter(is_modelled);
        distinct(context, &modelled.map(SocketAddr::ip).collect::<Vec<_>>(), home)
    }

    /// `` rule `a` `` or `` rules `a` and `b` ``.
    fn show(&self, context: &Context<'_>, one: &str, several: &str) -> String {
        let noun = if self.domains.len() == 1 { one } else { several };
        format!("{noun} {}", list_names(context, &self.domains))
    }
}

/// The targets of rules, for the networks that are linked.
fn of_rules(context: &Context<'_>, report: &mut Report<'_>, names: &Questions) {
    for ruleset in &context.estate().rulesets {
        let rules = ruleset.rules.iter().filter(|rule| rule.enabled);
        for alike in alike(rules.map(|rule| (rule.domain, &rule.targets[..], rule.origin))) {
            let servers = alike.servers(context, None);
            let reaches =
                |view: &&View<'_>| servers.iter().all(|&one| view.party(one).is_modelled());
            let any = context.views().iter().find(reaches).filter(|_| servers.len() > 1);
            let Some(any) = any else { continue };
            // What the targets agree about need not be asked for in each network.
            let direct = Asker::new(&servers, |server| any.at_server(server));
            let differing = direct.differing(&names.below(context, &alike.domains));
            if differing.is_empty() {
                continue;
            }
            let linked = ruleset.links.iter().filter(|link| link.pending.is_none());
            let linked: BTreeSet<VnetId> = linked.map(|link| link.vnet).collect();
            let askers = context.views().iter().filter_map(|view| {
                let here = view.vnets().iter().copied().filter(|vnet| linked.contains(vnet));
                let vnets: Vec<VnetId> = here.collect();
                let ask = |server| view.at_azure().forwarding_to(server);
                (!vnets.is_empty()).then(|| Asker { vnets, ..Asker::new(&servers, ask) })
            });
            let rules = alike.show(context, "rule", "rules");
            let list = List {
                whose: format!("the targets of {rules} of `{}`", ruleset.name),
                askers: askers.collect(),
                origins: alike.origins,
                label: "any of its targets may be asked",
                direct: Some(direct),
            };
            add(context, report, list, &differing);
        }
    }
}

/// The forwarders of DNS servers, for the networks that ask these.
fn of_forwarders(context: &Context<'_>, report: &mut Report<'_>, names: &Questions) {
    let estate = context.estate();
    for (server, at) in estate.servers.iter().zip(0u32..) {
        let base = server.vnet.and_then(|vnet| context.view_of(vnet));
        let Some(base) = base.or(context.views().first()) else { continue };
        let mut own = server.addresses.iter().copied();
        let Some(address) = own.find(|one| base.party(*one) == Party::Server(at)) else {
            continue;
        };
        let forwarders = server.forwarders.iter();
        for alike in alike(forwarders.map(|one| (one.domain, &one.targets[..], one.origin))) {
            let servers = alike.servers(context, server.vnet);
            if servers.len() < 2 {
                continue;
            }
            // A target may forward to others in its turn, which is no fault of this list.
            let direct = Asker::new(&servers, |server| base.at_server(server));
            let differing = direct.differing(&names.below(context, &alike.domains));
            if differing.is_empty() {
                continue;
            }
            let view = base.at_server(address);
            let asks = |view: &&View<'_>| {
                view.asked().iter().any(|one| view.party(*one) == Party::Server(at))
            };
            let clients = context.views().iter().filter(asks);
            let vnets = clients.flat_map(|view| view.vnets().iter().copied()).collect();
            let asker = Asker::new(&servers, |server| view.forwarding_to(server));
            let whose = match alike.domains[..] {
                [NameId::ROOT] => format!("the forwarders of `{}`", server.name),
                _ => {
                    let forwarders = alike.show(context, "the forwarder for", "the forwarders for");
                    format!("the targets of {forwarders} of `{}`", server.name)
                }
            };
            let askers = vec![Asker { vnets, ..asker }];
            let label = "any of these may be asked";
            let list = List { whose, origins: alike.origins, label, direct: Some(direct), askers };
            add(context, report, list, &differing);
        }
    }
}

/// Those of the servers that are modelled and may differ: inbound endpoints of one network
/// are as one, and so is Azure DNS asked in that network, `home`.
fn distinct(context: &Context<'_>, servers: &[IpAddr], home: Option<VnetId>) -> Vec<IpAddr> {
    let (index, estate) = (context.index(), context.estate());
    let mut seen = BTreeSet::new();
    let is_new = |address: &&IpAddr| {
        let key = match index.party(home, **address) {
            Party::Unknown | Party::Several | Party::Elsewhere => return false,
            Party::Azure => (0, home.map(|vnet| vnet.0)),
            Party::Inbound(place) => {
                (0, estate.inbound[place as usize].vnet.map(|vnet| vnet.0).or(Some(u32::MAX)))
            }
            Party::Server(place) => (1, Some(place)),
        };
        seen.insert(key)
    };
    servers.iter().filter(is_new).copied().collect()
}

//! What holds for every estate, tried on random ones.
//!
//! Labels come from a small alphabet, so that names collide. A failing case is
//! printed as `.estate` text.

mod common;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;

use privdns::estate::{Change, Estate, Policy, VnetId, ZoneId};
use privdns::index::{Index, PublicAnswer, Settings, reverse_name};
use privdns::name::Name;
use privdns::plan::{Comparison, Effect, compare};
use privdns::public::{Catalogue, Next};
use privdns::record::{RecordData, RecordType};
use privdns::source::estate_text;
use proptest::prelude::*;
use proptest::sample::{Index as Pick, select};
use proptest::test_runner::TestRunner;

use common::findings;

const VNETS: [&str; 3] = ["hub", "spoke", "west"];
/// An interface in the hub with a server of its own.
const NIC: &str = "pc";
const TYPES: [RecordType; 4] =
    [RecordType::A, RecordType::Aaaa, RecordType::Txt, RecordType::Cname];

/// What an owner has: addresses (the last octets), a text, or an alias.
#[derive(Clone, Debug, PartialEq)]
enum Data {
    A(Vec<u8>),
    Txt,
    Cname(String),
}

impl Data {
    fn record_type(&self) -> RecordType {
        match self {
            Data::A(_) => RecordType::A,
            Data::Txt => RecordType::Txt,
            Data::Cname(_) => RecordType::Cname,
        }
    }

    fn text(&self) -> String {
        match self {
            Data::A(octets) => {
                octets.iter().map(|o| format!("10.0.0.{o}")).collect::<Vec<_>>().join(" ")
            }
            Data::Txt => "\"text\"".to_owned(),
            Data::Cname(target) => target.clone(),
        }
    }
}

#[derive(Clone, Debug)]
struct Zone {
    apex: String,
    /// By network: no link, or whether it redirects.
    links: [Option<bool>; 3],
    /// By owner, absolute.
    sets: BTreeMap<String, Vec<Data>>,
}

/// Whom somebody asks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Target {
    /// 168.63.129.16.
    Azure,
    /// The inbound endpoint of a network.
    Inbound(usize),
    Server(usize),
    /// An address that the inbound endpoint of each network has.
    Shared,
    /// A server that is not modelled.
    Nobody,
}

impl Target {
    fn address(self) -> String {
        match self {
            Target::Azure => "168.63.129.16".to_owned(),
            Target::Inbound(vnet) => format!("10.9.1.{vnet}"),
            Target::Server(server) => format!("10.9.2.{server}"),
            Target::Shared => "10.9.1.9".to_owned(),
            Target::Nobody => "10.9.0.9".to_owned(),
        }
    }
}

#[derive(Clone, Debug)]
struct Server {
    zones: Vec<Zone>,
    forwarders: BTreeMap<String, Target>,
    recursion: bool,
    /// One that looks all targets of aliases up itself, one that passes all on, or neither.
    product: Option<&'static str>,
}

#[derive(Clone, Debug)]
struct Model {
    zones: Vec<Zone>,
    /// By network: whom its clients ask.
    dns: [Target; 3],
    rules: BTreeMap<String, Target>,
    /// Whom the interface asks.
    nic: Option<Target>,
    /// By network: whether the rules apply.
    ruled: [bool; 3],
    /// The first one in the hub, the second one in the spoke.
    servers: Vec<Server>,
    /// What is recorded of public DNS; `None` is NXDOMAIN.
    public: BTreeMap<String, Option<Data>>,
}

impl Model {
    /// The statements, each with the lines below it.
    fn statements(&self) -> Vec<Vec<String>> {
        let mut statements: Vec<Vec<String>> = VNETS
            .iter()
            .zip(self.dns)
            .map(|(vnet, dns)| vec![format!("vnet {vnet} dns {}", dns.address())])
            .collect();
        for zone in &self.zones {
            let mut head = format!("zone {}", zone.apex);
            for (vnet, link) in VNETS.iter().zip(zone.links) {
                match link {
                    None => {}
                    Some(true) => head.push_str(&format!(" link {vnet}:redirect")),
                    Some(false) => head.push_str(&format!(" link {vnet}")),
                }
            }
            let mut statement = vec![head];
            for (owner, sets) in &zone.sets {
                for data in sets {
                    let (kind, text) = (data.record_type(), data.text());
                    statement.push(format!("  {owner}. {kind} {text}"));
                }
            }
            statements.push(statement);
        }
        statements.extend(self.forwarding());
        if let Some(target) = self.nic {
            let address = target.address();
            statements.push(vec![format!("nic {NIC} vnet hub address 10.9.3.4 dns {address}")]);
        }
        for (name, data) in &self.public {
            statements.push(vec![match data {
                None => format!("public record {name} NXDOMAIN"),
                Some(data) => {
                    format!("public record {name} {} {}", data.record_type(), data.text())
                }
            }]);
        }
        statements
    }

    fn forwarding(&self) -> Vec<Vec<String>> {
        let mut statements = Vec::new();
        for (at, vnet) in VNETS.iter().enumerate() {
            let addresses = [Target::Inbound(at), Target::Shared].map(Target::address).join(",");
            statements.push(vec![format!("inbound in-{vnet} vnet {vnet} address {addresses}")]);
        }
        let mut ruleset = vec!["ruleset rules".to_owned()];
        for (vnet, _) in VNETS.iter().zip(self.ruled).filter(|entry| entry.1) {
            ruleset[0].push_str(&format!(" link {vnet}"));
        }
        ruleset
            .extend(self.rules.iter().map(|(domain, to)| format!("  {domain} {}", to.address())));
        statements.push(ruleset);
        for (at, server) in self.servers.iter().enumerate() {
            let (vnet, address) = (VNETS[at], Target::Server(at).address());
            let recursion = if server.recursion { "on" } else { "off" };
            let product =
                server.product.map_or(String::new(), |product| format!(" product {product}"));
            let head = format!("server s{at} vnet {vnet} address {address} recursion {recursion}");
            let mut statement = vec![head + &product];
            for zone in &server.zones {
                statement.push(format!("  zone {}", zone.apex));
                for (owner, sets) in &zone.sets {
                    for data in sets {
                        let (kind, text) = (data.record_type(), data.text());
                        statement.push(format!("  record {owner}. {kind} {text}"));
                    }
                }
            }
            let forwarders = server.forwarders.iter();
            statement.extend(
                forwarders.map(|(domain, to)| format!("  forward {domain} {}", to.address())),
            );
            statements.push(statement);
        }
        statements
    }

    fn text(&self) -> String {
        self.statements().concat().join("\n") + "\n"
    }
}

fn labels(text: &str) -> Vec<&str> {
    text.split('.').collect()
}

/// Whether `name` is `ancestor` or below it.
fn below(name: &str, ancestor: &str) -> bool {
    labels(name).ends_with(&labels(ancestor))
}

/// Assumptions that are switched, each or not.
#[derive(Clone, Copy, Debug)]
struct Switched {
    ent_answer: bool,
    after_redirect: bool,
    rule_longer: bool,
    on_targets: bool,
}

impl Switched {
    const NONE: Switched = Switched {
        ent_answer: false,
        after_redirect: false,
        rule_longer: false,
        on_targets: false,
    };

    fn settings(self) -> Settings {
        let mut settings = Settings::default();
        for (switched, text) in [
            (self.ent_answer, "ent-answer=nxdomain"),
            (self.after_redirect, "after-redirect=public-only"),
            (self.rule_longer, "rule-longer-than-zone=rule-wins"),
            (self.on_targets, "rules-on-cname-targets=no"),
        ] {
            if switched {
                settings.set(text).unwrap();
            }
        }
        settings
    }
}

fn switched() -> impl Strategy<Value = Switched> {
    let flags = any::<(bool, bool, bool, bool)>();
    flags.prop_map(|(ent_answer, after_redirect, rule_longer, on_targets)| Switched {
        ent_answer,
        after_redirect,
        rule_longer,
        on_targets,
    })
}

/// A resolver to compare with: lists, strings, and no thought of speed.
fn naive(
    model: &Model,
    switched: Switched,
    vnet: usize,
    name: &str,
    record_type: RecordType,
) -> String {
    let (seen, asked, passed) = (vec![name.to_owned()], Vec::new(), Vec::new());
    let mut naive = Naive { model, switched, record_type, seen, asked, passed };
    let dns = model.dns.get(vnet).copied().or(model.nic).unwrap();
    let vnet = vnet % VNETS.len();
    let end = match dns {
        Target::Azure => naive.azure(vnet),
        Target::Nobody => End::Final("UNKNOWN ".to_owned()),
        target => naive.ask(target, vnet),
    };
    let mut via = naive.seen.split_off(1);
    let what = match end {
        End::Final(what) => what,
        End::Alias(target) => {
            via.push(target);
            "NODATA ".to_owned()
        }
    };
    format!("{what} via {}", via.join(" "))
}

/// How a question ends, the names on the way apart: an answer, or an alias that
/// was not followed.
enum End {
    Final(String),
    Alias(String),
}

struct Naive<'m> {
    model: &'m Model,
    switched: Switched,
    record_type: RecordType,
    seen: Vec<String>,
    /// Azure DNS of a network or a server, with the number of names before.
    asked: Vec<(Target, usize)>,
    /// Servers that forwarded the question, each with the domain and whom it asked.
    passed: Vec<(usize, String, Target)>,
}

impl Naive<'_> {
    fn ask(&mut self, target: Target, vnet: usize) -> End {
        match target {
            Target::Azure | Target::Shared => self.azure(vnet),
            Target::Inbound(vnet) => self.azure(vnet),
            Target::Server(at) => self.chain(target, |naive, name, _| naive.server(at, name)),
            Target::Nobody => End::Final("FORWARDED to 10.9.0.9".to_owned()),
        }
    }

    /// What a rule forwards: from which network nothing tells.
    fn by_rule(&mut self, target: Target, vnet: usize) -> End {
        match target {
            Target::Shared => End::Final("UNKNOWN ".to_owned()),
            _ => self.ask(target, vnet),
        }
    }

    fn azure(&mut self, vnet: usize) -> End {
        let mut public_only = false;
        self.chain(Target::Inbound(vnet), |naive, name, first| {
            naive.azure_once(vnet, name, first, &mut public_only)
        })
    }

    fn chain(&mut self, who: Target, mut step: impl FnMut(&mut Self, &str, bool) -> End) -> End {
        let question = (who, self.seen.len());
        if self.asked.len() >= 64 {
            return End::Final("UNKNOWN ".to_owned());
        }
        if self.asked.contains(&question) {
            return End::Final("FORWARD-LOOP ".to_owned());
        }
        self.asked.push(question);
        let start = self.seen.len();
        let end = loop {
            let name = self.seen.last().unwrap().clone();
            let first = self.seen.len() == start;
            let target = match step(self, &name, first) {
                End::Alias(target) => target,
                end => break end,
            };
            if let Target::Server(at) = who
                && !self.model.servers[at].recursion
                && self.model.servers[at].has(&target).is_none()
            {
                break End::Alias(target);
            }
            if self.leaves(&target) {
                break End::Alias(target);
            }
            let again = self.seen.contains(&target);
            self.seen.push(target);
            if again {
                break End::Final("LOOP ".to_owned());
            }
        };
        self.asked.pop();
        end
    }

    fn azure_once(&mut self, vnet: usize, name: &str, first: bool, public_only: &mut bool) -> End {
        if *public_only {
            return self.end(in_public(self.model, name, self.record_type));
        }
        let linked = self.model.zones.iter().filter(|zone| zone.links[vnet].is_some());
        let zone = linked
            .filter(|zone| below(name, &zone.apex))
            .max_by_key(|zone| labels(&zone.apex).len());
        if let Some(zone) = zone {
            let longer = self.model.rules.iter().filter(|(domain, _)| {
                **domain != "." && labels(domain).len() > labels(&zone.apex).len()
            });
            let longer = longer.map(|(domain, to)| (domain.clone(), *to)).collect();
            if self.switched.rule_longer
                && self.model.ruled[vnet]
                && let Some((_, target)) = longest(&longer, name)
            {
                return self.by_rule(target, vnet);
            }
            let mut sets = in_zone(zone, name);
            // A name that exists for the sake of names below it has no sets.
            if self.switched.ent_answer && sets == Ok(Some(Vec::new())) && name != zone.apex {
                sets = Ok(None);
            }
            let redirects = zone.links[vnet] == Some(true)
                && labels(&zone.apex).iter().any(|label| label.starts_with("privatelink"));
            if sets == Ok(None) && redirects && self.record_type != RecordType::Txt {
                sets = in_public(self.model, name, self.record_type);
                *public_only = self.switched.after_redirect;
            }
            return self.end(sets);
        }
        let applies = first || !self.switched.on_targets;
        if self.model.ruled[vnet]
            && applies
            && let Some((_, target)) = longest(&self.model.rules, name)
        {
            return self.by_rule(target, vnet);
        }
        self.end(in_public(self.model, name, self.record_type))
    }

    fn server(&mut self, at: usize, name: &str) -> End {
        let server = &self.model.servers[at];
        match server.has(name) {
            // A domain of dnsmasq is no zone: without records it does not exist.
            Some(Has::Zone(zone))
                if server.product == Some("dnsmasq")
                    && zone.apex == name
                    && zone.sets.is_empty() =>
            {
                End::Final("NXDOMAIN ".to_owned())
            }
            Some(Has::Zone(zone)) => self.end(in_zone(zone, name)),
            // The first one sits in the hub, the second one in the spoke.
            Some(Has::Forwarder(domain, target)) => {
                self.passed.push((at, domain, target));
                let end = self.ask(target, at);
                self.passed.pop();
                end
            }
            None if server.recursion => self.end(in_public(self.model, name, self.record_type)),
            None => End::Final("REFUSED ".to_owned()),
        }
    }

    /// Whether a server that forwarded the question looks up the target of an alias itself.
    fn leaves(&self, target: &str) -> bool {
        self.passed.iter().any(|(at, domain, asked)| {
            let server = &self.model.servers[*at];
            let same = matches!(server.has(target), Some(Has::Forwarder(_, to)) if to == *asked);
            let outside = domain != "." && !below(target, domain);
            !same && (server.product == Some("bind") || (server.product.is_none() && outside))
        })
    }

    fn end(&self, sets: Result<Option<Vec<Data>>, ()>) -> End {
        let sets = match sets {
            Err(()) => return End::Final("UNKNOWN ".to_owned()),
            Ok(None) => return End::Final("NXDOMAIN ".to_owned()),
            Ok(Some(sets)) => sets,
        };
        if let Some(data) = sets.iter().find(|data| data.record_type() == self.record_type) {
            return End::Final(format!("NOERROR {}", data.text()));
        }
        let alias = sets.iter().find_map(|data| match data {
            Data::Cname(target) => Some(target.clone()),
            _ => None,
        });
        alias.map_or(End::Final("NODATA ".to_owned()), End::Alias)
    }
}

fn longest(rules: &BTreeMap<String, Target>, name: &str) -> Option<(String, Target)> {
    let fits = rules.iter().filter(|(domain, _)| *domain == "." || below(name, domain));
    let depth = |domain: &str| if domain == "." { 0 } else { labels(domain).len() };
    fits.max_by_key(|(domain, _)| depth(domain)).map(|(domain, target)| (domain.clone(), *target))
}

/// What a server has for a name.
enum Has<'m> {
    Zone(&'m Zone),
    Forwarder(String, Target),
}

impl Server {
    fn has(&self, name: &str) -> Option<Has<'_>> {
        let zones = self.zones.iter().filter(|zone| below(name, &zone.apex));
        let zone = zones.max_by_key(|zone| labels(&zone.apex).len());
        let mut forwarders = self.forwarders.clone();
        if let Some(zone) = zone {
            // Only a longer one comes before the zone.
            forwarders.retain(|domain, _| {
                domain != "." && labels(domain).len() > labels(&zone.apex).len()
            });
        }
        let forwarder = longest(&forwarders, name).map(|(domain, to)| Has::Forwarder(domain, to));
        forwarder.or(zone.map(Has::Zone))
    }
}

/// The sets that answer for a name (RFC 4592); `None` is NXDOMAIN.
fn in_zone(zone: &Zone, name: &str) -> Result<Option<Vec<Data>>, ()> {
    let exists = |name: &str| name == zone.apex || zone.sets.keys().any(|owner| below(owner, name));
    if exists(name) {
        return Ok(Some(zone.sets.get(name).cloned().unwrap_or_default()));
    }
    let parts = labels(name);
    let encloser = (1..parts.len()).map(|at| parts[at..].join(".")).find(|name| exists(name));
    let wildcard = format!("*.{}", encloser.unwrap());
    // A wildcard with names below it only is an empty non-terminal.
    Ok(exists(&wildcard).then(|| zone.sets.get(&wildcard).cloned().unwrap_or_default()))
}

fn in_public(model: &Model, name: &str, wanted: RecordType) -> Result<Option<Vec<Data>>, ()> {
    match model.public.get(name) {
        None => Err(()),
        Some(None) => Ok(None),
        Some(Some(data)) => {
            // That there are addresses says nothing of other types.
            let tells = data.record_type() == wanted || matches!(data, Data::Cname(_));
            if tells { Ok(Some(vec![data.clone()])) } else { Err(()) }
        }
    }
}

fn name(alphabet: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(select(alphabet), 0..3)
        .prop_map(|labels| labels.into_iter().chain(["t"]).collect::<Vec<_>>().join("."))
}

fn data() -> impl Strategy<Value = Data> {
    prop_oneof![
        prop::collection::vec(1u8..4, 1..3).prop_map(|mut octets| {
            octets.sort();
            octets.dedup();
            Data::A(octets)
        }),
        Just(Data::Txt),
        name(&["a", "b", "privatelink"]).prop_map(Data::Cname),
    ]
}

fn zone() -> impl Strategy<Value = Zone> {
    let owner = prop::collection::vec(select(&["a", "b", "*"][..]), 0..3);
    let records = prop::collection::vec((owner, data()), 0..6);
    (name(&["a", "b", "privatelink"]), [link(), link(), link()], records).prop_map(
        |(apex, links, records)| {
            let mut sets: BTreeMap<String, Vec<Data>> = BTreeMap::new();
            for (owner, data) in records {
                let owner = owner.into_iter().chain([apex.as_str()]).collect::<Vec<_>>().join(".");
                let here = sets.entry(owner.clone()).or_default();
                let alias = matches!(data, Data::Cname(_));
                // An alias stands alone, and not at the apex.
                let fits = match alias {
                    true => here.is_empty() && owner != apex,
                    false => here.iter().all(|other| {
                        other.record_type() != data.record_type()
                            && !matches!(other, Data::Cname(_))
                    }),
                };
                if fits {
                    here.push(data);
                }
            }
            sets.retain(|_, sets| !sets.is_empty());
            Zone { apex, links, sets }
        },
    )
}

fn link() -> impl Strategy<Value = Option<bool>> {
    prop::option::weighted(0.8, any::<bool>())
}

/// The same zones with other links.
fn relinked(model: &Model, links: &[Option<bool>]) -> Model {
    let mut model = model.clone();
    let all = model.zones.iter_mut().flat_map(|zone| zone.links.iter_mut());
    for (link, new) in all.zip(links) {
        *link = *new;
    }
    model
}

fn model() -> impl Strategy<Value = Model> {
    let public = prop::collection::btree_map(
        name(&["a", "b", "privatelink"]),
        prop::option::of(data()),
        0..4,
    );
    // Half of them ask Azure DNS and have no rules.
    let plain = (Just([Target::Azure; 3]), Just([false; 3]));
    let other = ([target(), target(), target()], any::<[bool; 3]>());
    let asked = prop_oneof![plain, other];
    let nic = prop::option::weighted(0.3, target());
    let parts = (zones(1..4), public, asked, nic, rules(), [server(), server()]);
    parts.prop_map(|(zones, public, (dns, ruled), nic, rules, servers)| Model {
        zones,
        public,
        dns,
        nic,
        ruled,
        rules: rules.into_iter().filter(|(_, target)| *target != Target::Azure).collect(),
        servers: servers.into(),
    })
}

fn zones(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Zone>> {
    prop::collection::vec(zone(), count).prop_map(|mut zones| {
        // Azure links no two zones of one name to a network.
        zones.sort_by(|a, b| a.apex.cmp(&b.apex));
        zones.dedup_by(|a, b| a.apex == b.apex);
        zones
    })
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        Just(Target::Azure),
        (0usize..2).prop_map(Target::Inbound),
        (0usize..2).prop_map(Target::Server),
        Just(Target::Shared),
        Just(Target::Nobody),
    ]
}

fn rules() -> impl Strategy<Value = BTreeMap<String, Target>> {
    let domain = prop_oneof![4 => name(&["a", "b", "privatelink"]), 1 => Just(".".to_owned())];
    prop::collection::btree_map(domain, target(), 0..3)
}

fn server() -> impl Strategy<Value = Server> {
    let product = select(&[None, Some("bind"), Some("dnsmasq")][..]);
    (zones(0..2), rules(), any::<bool>(), product).prop_map(
        |(zones, forwarders, recursion, product)| Server { zones, forwarders, recursion, product },
    )
}

/// Every name of up to three labels below `t`, known or not.
fn questions() -> Vec<String> {
    let alphabet = ["a", "b", "privatelink", "zz"];
    let mut names = vec!["t".to_owned()];
    let mut last = names.clone();
    for _ in 0..3 {
        last = last
            .iter()
            .flat_map(|name| alphabet.iter().map(move |label| format!("{label}.{name}")))
            .collect();
        names.extend(last.iter().cloned());
    }
    names
}

fn answers(index: &Index) -> Vec<String> {
    let names: Vec<Name> = questions().iter().map(|name| name.parse().unwrap()).collect();
    common::answers(index, &names, &TYPES)
}

proptest! {
    #![proptest_config(common::cases(300))]

    #[test]
    fn the_engine_agrees_with_a_naive_resolver(model in model(), other in prop::option::of(switched())) {
        let text = model.text();
        let index = Index::new(common::load([text.as_str()]));
        let switched = other.unwrap_or(Switched::NONE);
        let views = index.views(&switched.settings());
        let nic = model.nic.map(|_| &NIC);
        for (at, vnet) in VNETS.iter().chain(nic).enumerate() {
            let view = &common::client(&views, vnet).unwrap();
            for name in questions() {
                for record_type in TYPES {
                    let found = common::show(view, &name.parse().unwrap(), record_type).line();
                    let expected = naive(&model, switched, at, &name, record_type);
                    prop_assert_eq!(found, expected, "{} {} {} {:?}\n{}", vnet, name, record_type, switched, text);
                }
            }
        }
    }

    #[test]
    fn the_order_of_input_does_not_matter(model in model(), picks in prop::collection::vec(any::<Pick>(), 24)) {
        let mut statements = model.statements();
        for (at, pick) in picks.iter().enumerate() {
            let other = pick.index(statements.len());
            let at = at % statements.len();
            statements.swap(at, other);
            // The records of a server stand below their zone.
            if statements[at].len() > 2 && !statements[at][0].starts_with("server") {
                let other = 1 + pick.index(statements[at].len() - 1);
                statements[at].swap(1, other);
            }
        }
        // Some of it in a file of its own.
        let split = picks[0].index(statements.len());
        let part = |part: &[Vec<String>]| format!("# part\n{}", part.concat().join("\n"));
        let (one, other) = (part(&statements[..split]), part(&statements[split..]));
        let text = model.text();
        let shuffled = || common::load([one.as_str(), other.as_str()]);
        let [ordered, shuffled] = [common::load([text.as_str()]), shuffled()].map(Index::new);
        prop_assert_eq!(answers(&ordered), answers(&shuffled), "{}\n--\n{}", one, other);
        prop_assert_eq!(findings(&ordered), findings(&shuffled), "{}\n--\n{}", one, other);
    }

    #[test]
    fn unlinking_changes_only_what_the_zone_was_asked_for(model in model()) {
        let text = model.text();
        let index = Index::new(common::load([text.as_str()]));
        let views = index.views(&Settings::default());
        for view in &views {
            for zone in view.linked() {
                let apex = index.estate().zone_name(zone);
                let without = view.without(zone);
                for name in questions() {
                    let name: Name = name.parse().unwrap();
                    for record_type in TYPES {
                        let before = common::show(view, &name, record_type);
                        let after = common::show(&without, &name, record_type);
                        if !before.zones.contains(&apex) {
                            prop_assert_eq!(before.line(), after.line(), "{} without {}\n{}", name.text(), apex, text);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_written_reads_back(model in model()) {
        let text = model.text();
        let estate = common::load([text.as_str()]);
        let written = estate_text::write(&estate);
        let again = common::load([written.as_str()]);
        prop_assert_eq!(&estate_text::write(&again), &written);
        prop_assert_eq!(answers(&Index::new(estate)), answers(&Index::new(again)), "{}\n--\n{}", text, written);
    }
}

/// Every word of the statements about who answers and forwards.
const FORWARDING: &str = "\
vnet hub  space 10.0.0.0/16

inbound in-hub  vnet hub  address 10.0.0.4,10.0.0.5
inbound in-spoke  id /subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsResolvers/r/inboundEndpoints/in-spoke

ruleset rules  group g  location westeurope  link hub:pending:name=l  partial  links-unread
  .  10.9.0.10:5353  10.9.0.11
  contoso.test  !disabled  !name \"a rule\"  10.9.0.10  [2001:db8::1]:5353
ruleset unknown  unread

site hq  dns 10.9.0.10,10.9.0.11  space 10.9.0.0/16
server dc  site hq  address 10.9.0.10  product windows
  zone corp.test
  record nas.corp.test A 60  10.9.1.7
  record corp.test TXT \"a b\"
  zone half.test partial
  zone other.test unread
  forward azure.test  10.0.0.4
  forward-first .  168.63.129.16
  stub stub.test  10.9.0.11
server ns  product bind
server cache  product unbound
server pods  product coredns
server home  product dnsmasq
server fw  kind firewall  vnet hub  address 10.0.2.4  recursion off
server old  recursion unknown  partial

nic vm1-nic  vnet hub  address 10.0.1.4,10.0.1.5  dns 10.9.0.10  vm vm1  suffix x.internal.cloudapp.net  role primary  power off
nic pc  site hq  role secondary  power on

domain-list bad
  bad.example
  .
domain-list uploaded  partial
security-policy logs  unread  partial
security-policy pol  link hub:pending:name=l
  100 allow  bad
  200 alert  uploaded  managed:AzureDnsThreatIntel  !disabled
  300 block-servfail  bad  !name r
";

#[test]
fn who_answers_and_forwards_reads_back() {
    let estate = common::load([FORWARDING]);
    assert_eq!(estate.notes, []);
    let written = estate_text::write(&estate);
    let again = common::load([written.as_str()]);
    assert_eq!(estate_text::write(&again), written);
    // Nothing of the text is lost: words do not depend on their order, nor on spaces.
    let words = |text: &str| {
        let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        words.sort();
        words
    };
    assert_eq!(words(&written), words(FORWARDING));
    // The same facts again, in another file, add nothing.
    let twice = common::load([FORWARDING, FORWARDING]);
    assert_eq!(twice.rulesets[0].rules.len(), 2);
    assert_eq!(twice.servers.len(), 7);
    assert_eq!(twice.interfaces.len(), 2);
    assert_eq!(twice.policies.len(), 2);
    assert_eq!(twice.policies[1].rules.len(), 3);
    assert_eq!(twice.domain_lists[0].domains.len(), 2);
    assert_eq!(twice.inbound.len(), 2);
    assert_eq!(twice.vnets.len(), 2);
}

/// What brute force found beside a comparison.
#[derive(Debug, Default)]
struct Tried {
    questions: usize,
    differences: usize,
}

/// What the class lemma says that an answer depends on, for an unknown name; else the name.
fn class_of(indexes: [&Index; 2], name: &Name) -> String {
    let encloser = |name: &Name| {
        let known =
            |name: &Name| indexes.iter().any(|index| index.estate().names.get(name).is_some());
        std::iter::successors(Some(name.clone()), |name| Some(name.parent())).find(known).unwrap()
    };
    let above = encloser(name);
    if above == *name {
        return format!("known {}", name.text());
    }
    let mut class = format!("below {}", above.text());
    let mut at = name.clone();
    while let Some(found) = Catalogue::get().find(&at) {
        class += &format!(" {} {}", found.chain.id, found.step);
        let Next::Alias(next) = found.next() else { break };
        // A known name, and what lies below it, are not alike.
        let above = encloser(&next);
        let at_or_below = if above == next { "at" } else { "below" };
        class += &format!(" {at_or_below} {}", above.text());
        at = next;
    }
    if let Some(address) = address_of(name) {
        let spaces = indexes.iter().flat_map(|index| &index.estate().vnets);
        let spaces = spaces.flat_map(|vnet| &vnet.space).filter(|space| space.contains(&address));
        let mut spaces: Vec<String> = spaces.map(ToString::to_string).collect();
        spaces.sort();
        spaces.dedup();
        class += &format!(" in {spaces:?} {}", is_private(&address));
    }
    class
}

/// The address that a reverse name is of.
fn address_of(name: &Name) -> Option<IpAddr> {
    let text = name.text();
    let mut octets: Vec<&str> = text.strip_suffix(".in-addr.arpa")?.split('.').collect();
    octets.reverse();
    octets.join(".").parse().ok()
}

fn is_private(address: &IpAddr) -> bool {
    matches!(address, IpAddr::V4(address) if address.is_private())
}

/// Asks everything before and after, and holds it against what a comparison lists.
fn by_brute_force(
    comparison: &Comparison<'_>,
    [old, new]: [&Index; 2],
    names: &[Name],
    types: &[RecordType],
) -> Result<Tried, String> {
    // By client, class and type.
    let mut listed: HashSet<(String, String, Option<bool>, RecordType)> = HashSet::new();
    for effect in &comparison.effects {
        let estate = old.estate();
        let vnets = effect.vnets.iter().map(|pair| &estate.vnet(pair.0).name);
        let interfaces = effect.interfaces.iter().map(|pair| pair.0 as usize);
        let clients: Vec<&String> = match effect.interfaces.is_empty() {
            true => vnets.collect(),
            false => interfaces.map(|at| &estate.interfaces[at].name).collect(),
        };
        let class = class_of([old, new], &effect.name);
        listed.extend(clients.into_iter().map(|client| {
            (client.clone(), class.clone(), effect.class.endpoint, effect.record_type)
        }));
    }
    let mut tried = Tried::default();
    for endpoint in [None, Some(true), Some(false)] {
        let mut settings = Settings::default();
        if let Some(present) = endpoint {
            let value = if present { "present" } else { "absent" };
            settings.set(&format!("unlisted-endpoint={value}")).unwrap();
        }
        let (old_views, new_views) = (old.views(&settings), new.views(&settings));
        for client in VNETS.iter().chain(&[NIC]) {
            let views = (common::client(&old_views, client), common::client(&new_views, client));
            let (Some(old_view), Some(new_view)) = views else { continue };
            for name in names {
                let open = [old, new].iter().any(|index| {
                    let answer = index.public(&index.locate(name), RecordType::A);
                    matches!(answer, PublicAnswer::Either { .. })
                });
                if open != endpoint.is_some() {
                    continue;
                }
                let class = class_of([old, new], name);
                for &record_type in types {
                    let seen = |view| {
                        let shown = common::show(view, name, record_type);
                        let address = matches!(record_type, RecordType::A | RecordType::Aaaa);
                        let reach = if address { shown.reach } else { "" };
                        // Of what is not recorded of public DNS there is but one kind.
                        let public = shown.because.starts_with("public DNS");
                        let because = if public { "" } else { &*shown.because };
                        format!("{} {reach} {because}", shown.line())
                    };
                    let (before, after) = (seen(&old_view), seen(&new_view));
                    tried.questions += 1;
                    tried.differences += usize::from(before != after);
                    let key = ((*client).to_owned(), class.clone(), endpoint, record_type);
                    if (before != after) != listed.contains(&key) {
                        let what = if before == after { "invented" } else { "missed" };
                        let name = name.text();
                        return Err(format!(
                            "{what}: {client} {name} {record_type} {endpoint:?}: {before} / {after} ({class})"
                        ));
                    }
                }
            }
        }
    }
    Ok(tried)
}

/// How much the model after differs from the one before.
#[derive(Clone, Copy, Debug)]
enum Edit {
    All,
    Links,
    Records,
    Rules,
    Servers,
    Dns,
    Public,
}

fn edited(before: &Model, other: Model, links: &[Option<bool>], edit: Edit) -> Model {
    let mut after = before.clone();
    match edit {
        Edit::All => return other,
        Edit::Links => after = relinked(before, links),
        Edit::Records => {
            for (zone, other) in after.zones.iter_mut().zip(other.zones) {
                let own = other.sets.into_iter().filter_map(|(owner, sets)| {
                    let label = owner.strip_suffix(&other.apex)?;
                    Some((format!("{label}{}", zone.apex), sets))
                });
                let own: Vec<_> = own.collect();
                let apex = &zone.apex;
                let alias_at_apex = |(owner, sets): &(String, Vec<Data>)| {
                    owner == apex && sets.iter().any(|data| matches!(data, Data::Cname(_)))
                };
                zone.sets.extend(own.into_iter().filter(|entry| !alias_at_apex(entry)));
            }
        }
        Edit::Rules => (after.rules, after.ruled) = (other.rules, other.ruled),
        Edit::Servers => after.servers = other.servers,
        Edit::Dns => {
            (after.dns, after.nic) =
                (other.dns, other.nic.or(before.nic).filter(|_| before.nic.is_some()))
        }
        Edit::Public => after.public = other.public,
    }
    after
}

fn edit() -> impl Strategy<Value = Edit> {
    use Edit::*;
    select(&[All, Links, Links, Records, Records, Rules, Servers, Dns, Public][..])
}

/// Counts what brute force asked, over all cases of a test.
fn count(total: &mut (usize, usize, usize), tried: &Tried) {
    total.0 += 1;
    total.1 += tried.questions;
    total.2 += tried.differences;
}

#[test]
fn a_comparison_misses_nothing_and_invents_nothing() {
    let names: Vec<Name> = questions().iter().map(|name| name.parse().unwrap()).collect();
    let inputs = (model(), model(), edit(), prop::collection::vec(link(), 12));
    law(15, "pairs of estates", inputs, |(before, other, edit, links)| {
        let after = edited(&before, other, &links, edit);
        let (old, new) = (before.text(), after.text());
        let old_index = Index::new(common::load([old.as_str()]));
        let new_index = Index::new(common::load([new.as_str()]));
        let comparison = compare(&old_index, &new_index, &Settings::default());
        let tried = by_brute_force(&comparison, [&old_index, &new_index], &names, &TYPES);
        tried.map_err(|why| format!("{why}\n{old}--\n{new}"))
    });
}

/// What is asked grows with the distinct views, not with the networks that have them.
#[test]
fn networks_that_see_the_same_are_compared_once() {
    let linked = |to: &dyn Fn(usize) -> bool| -> String {
        (0..1000).filter(|&vnet| to(vnet)).map(|vnet| format!(" link v{vnet}")).collect()
    };
    let (one, other) = (linked(&|vnet| vnet % 3 != 0), linked(&|vnet| vnet % 3 == 2));
    let vnets: String = (0..1000).map(|vnet| format!("vnet v{vnet}\n")).collect();
    let [old, new] = ["10.0.0.1", "10.0.0.2"].map(|address| {
        let text = format!("{vnets}zone a.t{one}\n  x A {address}\nzone b.t{other}\n");
        Index::new(common::load([text.as_str()]))
    });
    let comparison = compare(&old, &new, &Settings::default());
    assert_eq!((comparison.vnets, comparison.views), (1000, 3));
    let told = comparison.effects.iter().filter(|effect| effect.name.text() == "x.a.t");
    assert_eq!(told.map(|effect| effect.vnets.len()).sum::<usize>(), 666);
}

/// One change, of whatever there is when its turn comes.
#[derive(Clone, Debug)]
enum Deed {
    Put(Pick, Vec<&'static str>, Data),
    Remove(Pick, Pick),
    Link(Pick, Pick, bool),
    Unlink(Pick, Pick),
    Policy(Pick, Pick, bool),
    Create(String),
    Delete(Pick),
    Dns(Pick, Target),
}

fn deed(labels: &'static [&'static str]) -> impl Strategy<Value = Deed> {
    let pick = || any::<Pick>();
    let owner = prop::collection::vec(select(labels), 0..3);
    prop_oneof![
        4 => (pick(), owner, data()).prop_map(|(zone, owner, data)| Deed::Put(zone, owner, data)),
        2 => (pick(), pick()).prop_map(|(zone, set)| Deed::Remove(zone, set)),
        2 => (pick(), pick(), any::<bool>()).prop_map(|(zone, vnet, on)| Deed::Link(zone, vnet, on)),
        4 => (pick(), pick()).prop_map(|(zone, link)| Deed::Unlink(zone, link)),
        1 => (pick(), pick(), any::<bool>()).prop_map(|(zone, link, on)| Deed::Policy(zone, link, on)),
        1 => name(&["a", "b", "privatelink"]).prop_map(Deed::Create),
        1 => pick().prop_map(Deed::Delete),
        1 => (pick(), target()).prop_map(|(vnet, target)| Deed::Dns(vnet, target)),
    ]
}

impl Deed {
    /// The change that it is for this estate; `None` where there is nothing to change.
    fn change(&self, estate: &mut Estate) -> Option<Change> {
        let zones: Vec<ZoneId> =
            estate.zone_ids().filter(|(_, zone)| !zone.gone).map(|(id, _)| id).collect();
        let zone = |pick: &Pick| (!zones.is_empty()).then(|| zones[pick.index(zones.len())]);
        let vnet = |pick: &Pick| VnetId(pick.index(estate.vnets.len()) as u32);
        let link = |zone: ZoneId, pick: &Pick| {
            let links = &estate.zone(zone).links;
            (!links.is_empty()).then(|| links[pick.index(links.len())].vnet)
        };
        let policy = |on: bool| if on { Policy::NxDomainRedirect } else { Policy::Default };
        Some(match self {
            Deed::Put(pick, labels, data) => {
                let zone = zone(pick)?;
                let apex = estate.names.name(estate.zone(zone).apex);
                let labels = labels.iter().map(|label| label.as_bytes()).chain(apex.labels());
                let owner = estate.names.intern(&Name::from_labels(labels).unwrap());
                let data = match data {
                    Data::A(octets) => {
                        RecordData::A(octets.iter().map(|&o| [10, 0, 0, o].into()).collect())
                    }
                    Data::Txt => RecordData::Txt(vec![vec![b"text"[..].into()].into()].into()),
                    Data::Cname(target) => {
                        RecordData::Cname(estate.names.intern(&target.parse().unwrap()))
                    }
                };
                Change::Put { zone, owner, data, ttl: None }
            }
            Deed::Remove(pick, set) => {
                let zone = zone(pick)?;
                let sets = &estate.zone(zone).record_sets;
                let set = (!sets.is_empty()).then(|| &sets[set.index(sets.len())])?;
                let (owner, record_type) = (set.owner, set.data.record_type());
                Change::Remove { zone, owner, record_type }
            }
            Deed::Link(pick, to, on) => {
                let (zone, vnet, policy) = (zone(pick)?, vnet(to), policy(*on));
                Change::Link { zone, vnet, name: None, policy, registration: false }
            }
            Deed::Unlink(pick, at) => {
                let zone = zone(pick)?;
                Change::Unlink { zone, vnet: link(zone, at)? }
            }
            Deed::Policy(pick, at, on) => {
                let zone = zone(pick)?;
                Change::SetPolicy { zone, vnet: link(zone, at)?, policy: policy(*on) }
            }
            Deed::Create(apex) => {
                let apex = estate.names.intern(&apex.parse().unwrap());
                Change::CreateZone { apex, group: None }
            }
            Deed::Delete(pick) => Change::DeleteZone { zone: zone(pick)? },
            Deed::Dns(pick, target) => Change::SetServers {
                vnet: vnet(pick),
                servers: vec![target.address().parse().unwrap()],
            },
        })
    }
}

/// The effects as lines, in an order of their own.
fn effect_lines(comparison: &Comparison<'_>, estate: &Estate) -> Vec<String> {
    let line = |effect: &Effect| {
        let mut clients: Vec<&str> = match effect.interfaces.is_empty() {
            true => effect.vnets.iter().map(|pair| &*estate.vnet(pair.0).name).collect(),
            false => vec![NIC],
        };
        clients.sort_unstable();
        let Effect { name, class, record_type, kind, .. } = effect;
        format!("{} {class:?} {record_type} {kind:?} {clients:?}", name.text())
    };
    let mut lines: Vec<String> = comparison.effects.iter().map(line).collect();
    lines.sort();
    lines
}

/// A type that nothing records any more is not asked for as one that is.
#[test]
fn the_type_of_a_removed_set_is_forgotten() {
    let text = "vnet hub\nzone a.t link hub\n  x A 10.0.0.1\n  y TXT \"text\"\n";
    let before = Index::new(common::load([text]));
    let (zone, vnet) = (ZoneId(0), VnetId(0));
    let owner = before.estate().names.get(&"y.a.t".parse().unwrap()).unwrap();
    let record_type = RecordType::Txt;
    let removed = before.after(&[Change::Remove { zone, owner, record_type }]).unwrap();
    let unlinked = removed.after(&[Change::Unlink { zone, vnet }]).unwrap();
    assert!(before.recorded_types().contains(&record_type));
    let anew = [&removed, &unlinked].map(|index| Index::new(index.estate().clone()));
    let settings = Settings::default();
    let [incremental, full] = [[&removed, &unlinked], [&anew[0], &anew[1]]]
        .map(|[old, new]| compare(old, new, &settings));
    assert!(incremental.reached.is_some() && full.reached.is_none());
    assert_eq!(effect_lines(&incremental, removed.estate()), effect_lines(&full, anew[0].estate()));
}

/// Does one thing after the other, and holds each step and the whole against brute force
/// and against a comparison that knows nothing of the changes.
fn try_deeds(
    estate: Estate,
    deeds: &[Deed],
    names: &[Name],
    types: &[RecordType],
) -> Result<Tried, String> {
    let settings = Settings::default();
    let mut indexes = vec![Index::new(estate)];
    let mut done: Vec<Change> = Vec::new();
    for deed in deeds {
        let last = indexes.last().unwrap();
        let mut scratch = last.estate().clone();
        let Some(change) = deed.change(&mut scratch) else { continue };
        // What a step mentions may be new to the estate.
        if let Ok(next) = last.after_with(&scratch.names, std::slice::from_ref(&change)) {
            indexes.push(next);
            done.push(change);
        }
    }
    let mut tried = Tried::default();
    let last = indexes.len() - 1;
    for (at, to) in (0..last).map(|at| (at, at + 1)).chain([(0, last)]) {
        let pair = [&indexes[at], &indexes[to]];
        let fail = |why: String| format!("{why}\nstep {at} to {to} of {done:?}");
        let comparison = compare(pair[0], pair[1], &settings);
        let here = by_brute_force(&comparison, pair, names, types).map_err(fail)?;
        tried.questions += here.questions;
        tried.differences += here.differences;
        let anew = pair.map(|index| Index::new(index.estate().clone()));
        let full = compare(&anew[0], &anew[1], &settings);
        let lines = [(&comparison, pair[0]), (&full, &anew[0])]
            .map(|(comparison, index)| effect_lines(comparison, index.estate()));
        if lines[0] != lines[1] {
            return Err(fail(format!("incremental {:#?}\nfull {:#?}", lines[0], lines[1])));
        }
        if common::answers(pair[1], names, types) != common::answers(&anew[1], names, types) {
            return Err(fail(
                "an index that was changed answers otherwise than a new one".to_owned(),
            ));
        }
    }
    Ok(tried)
}

/// Runs a law over random inputs, and says how much was asked.
#[allow(clippy::print_stdout, reason = "`--nocapture` shows the counts")]
fn law<S: Strategy>(
    cases: u32,
    what: &str,
    inputs: S,
    test: impl Fn(S::Value) -> Result<Tried, String>,
) {
    let total = RefCell::new((0, 0, 0));
    let result = TestRunner::new(common::cases(cases)).run(&inputs, |input| {
        let tried = test(input).map_err(TestCaseError::fail)?;
        count(&mut total.borrow_mut(), &tried);
        Ok(())
    });
    let (cases, asked, differ) = *total.borrow();
    println!("{cases} {what}, {asked} questions before and after, {differ} differ");
    result.unwrap_or_else(|error| panic!("{error}"));
    assert!(differ > 0);
}

#[test]
fn each_step_of_a_plan_is_compared_as_if_all_were() {
    // Half of the names are enough here: each is asked at every step.
    let names: Vec<Name> =
        questions().iter().step_by(2).map(|name| name.parse().unwrap()).collect();
    let deeds = prop::collection::vec(deed(&["a", "b", "*", "privatelink"]), 1..5);
    law(10, "plans", (model(), deeds), |(model, deeds)| {
        let text = model.text();
        let tried = try_deeds(common::load([text.as_str()]), &deeds, &names, &TYPES);
        tried.map_err(|why| format!("{why}\n{text}"))
    });
}

/// Zones and owners of services, where aliases of public DNS are formed of names.
const APEXES: [&str; 8] = [
    "privatelink.batch.azure.com",
    "privatelink.eastus.batch.azure.com",
    "eastus.privatelink.batch.azure.com",
    "batch.azure.com",
    "acct.privatelink.eastus.batch.azure.com",
    "privatelink.azurecr.io",
    "eastus.data.privatelink.azurecr.io",
    "azure.com",
];
const OWNERS: [&[&str]; 8] = [
    &["acct"],
    &["acct", "eastus"],
    &["*", "eastus"],
    &["eastus"],
    &["*"],
    &["acct", "eastus", "data"],
    &["westus", "data"],
    &["*", "privatelink", "westus"],
];

/// An estate of such zones, with links, a rule, and resources that are listed.
fn services() -> impl Strategy<Value = String> {
    let records = prop::collection::btree_map(
        select(&OWNERS[..]),
        select(&["A 10.0.0.1", "A 10.0.0.2", "TXT \"x\"", "CNAME acct.westus.batch.azure.com"][..]),
        0..3,
    );
    let zone = (select(&APEXES[..]), [link(), link(), link()], records);
    let zones = prop::collection::vec(zone, 1..4);
    let listed =
        prop::collection::btree_set(select(&["batch acct.eastus", "batch acct.westus"][..]), 0..2);
    let rule = prop::option::of(select(&["batch.azure.com", ".", "privatelink.azurecr.io"][..]));
    (zones, listed, rule).prop_map(|(mut zones, listed, rule)| {
        zones.sort_by_key(|zone| zone.0);
        zones.dedup_by_key(|zone| zone.0);
        let mut text: String = VNETS.iter().map(|vnet| format!("vnet {vnet}\n")).collect();
        for (apex, links, records) in zones {
            text += &format!("zone {apex}");
            for (vnet, link) in VNETS.iter().zip(links) {
                match link {
                    None => {}
                    Some(true) => text += &format!(" link {vnet}:redirect"),
                    Some(false) => text += &format!(" link {vnet}"),
                }
            }
            text.push('\n');
            for (owner, data) in records {
                text += &format!("  {} {data}\n", owner.join("."));
            }
        }
        for one in listed {
            text += &format!("public {one}\n");
        }
        if let Some(domain) = rule {
            text += &format!("ruleset rules link west\n  {domain} 10.9.0.9\n");
        }
        text
    })
}

/// Names of accounts and registries, listed or not, and of all that their chains pass.
fn service_names() -> Vec<Name> {
    let mut names = Vec::new();
    for account in ["acct", "zz", "eastus"] {
        for region in ["eastus", "westus", "zz.eastus", "qq"] {
            for suffix in ["batch.azure.com", "privatelink.batch.azure.com"] {
                names.push(format!("{account}.{region}.{suffix}"));
            }
            names.push(format!("{account}.privatelink.{region}.batch.azure.com"));
            names.push(format!("{account}.{region}.data.azurecr.io"));
            names.push(format!("{account}.{region}.data.privatelink.azurecr.io"));
        }
        names.push(format!("{account}.azurecr.io"));
        names.push(format!("{account}.privatelink.azurecr.io"));
        names.push(format!("{account}.batch.azure.com"));
    }
    names.iter().map(|name| name.parse().unwrap()).collect()
}

#[test]
fn a_comparison_is_right_about_resources_that_nobody_lists() {
    let names = service_names();
    let types = [RecordType::A, RecordType::Cname, RecordType::Txt];
    law(12, "pairs of estates of services", (services(), services()), |(before, after)| {
        let [old, new] = [&before, &after].map(|text| Index::new(common::load([text.as_str()])));
        let comparison = compare(&old, &new, &Settings::default());
        let tried = by_brute_force(&comparison, [&old, &new], &names, &types);
        tried.map_err(|why| format!("{why}\n{before}--\n{after}"))
    });
}

#[test]
fn each_step_of_a_plan_is_right_about_resources_that_nobody_lists() {
    let names = service_names();
    let types = [RecordType::A, RecordType::Cname, RecordType::Txt];
    let owners = &["acct", "eastus", "*", "privatelink", "data"];
    let deeds = prop::collection::vec(deed(owners), 1..4);
    law(5, "plans for services", (services(), deeds), |(text, deeds)| {
        let tried = try_deeds(common::load([text.as_str()]), &deeds, &names, &types);
        tried.map_err(|why| format!("{why}\n{text}"))
    });
}

/// Machines, address spaces and reverse zones.
fn machines() -> impl Strategy<Value = String> {
    let spaces = ["", " space 10.0.0.0/16", " space 10.0.0.0/17", " space 10.1.0.0/16"];
    let vnets = [(); 3].map(|()| select(spaces.to_vec()));
    let nics = prop::collection::btree_map(
        select(&["10.0.0.4", "10.0.200.1", "10.1.0.4"][..]),
        select(&VNETS[..]),
        0..3,
    );
    let zone = prop::option::of(select(&["10.in-addr.arpa", "0.0.10.in-addr.arpa"][..]));
    (vnets, nics, zone, [link(), link(), link()], any::<bool>()).prop_map(
        |(spaces, nics, zone, links, registers)| {
            let mut text = String::new();
            for (vnet, space) in VNETS.iter().zip(spaces) {
                text += &format!("vnet {vnet}{space}\n");
            }
            let flag = if registers { ":registration" } else { "" };
            text += &format!("zone corp.t link hub{flag} link west\n");
            text += "zone lab.t link west:registration\n";
            if let Some(zone) = zone {
                text += &format!("zone {zone}");
                let linked = VNETS.iter().zip(links).filter(|(_, link)| link.is_some());
                linked.for_each(|(vnet, _)| text += &format!(" link {vnet}"));
                text += "\n  9 PTR nine.corp.t\n";
            }
            text += "nic always vnet west address 10.9.9.9 vm always\n";
            for (at, (address, vnet)) in nics.iter().enumerate() {
                text += &format!("nic n{at} vnet {vnet} address {address} vm vm{at}\n");
            }
            text
        },
    )
}

#[test]
fn a_comparison_is_right_about_reverse_names() {
    let addresses = [
        "10.0.0.4",
        "10.0.0.9",
        "10.0.200.1",
        "10.0.200.9",
        "10.1.0.4",
        "10.1.9.9",
        "10.2.0.1",
        "172.16.0.1",
        "8.8.8.8",
        "10.9.9.9",
    ];
    let mut names: Vec<Name> = addresses
        .iter()
        .map(|address| reverse_name(address.parse().unwrap()).parse().unwrap())
        .collect();
    // Machines are in the zone in which their network registers.
    let owners = ["vm0", "vm1", "x.vm0", "always", "any"];
    let zones = ["corp.t", "lab.t", "internal.cloudapp.net"];
    let forward = owners.iter().flat_map(|owner| zones.map(|zone| format!("{owner}.{zone}")));
    names.extend(forward.map(|name| name.parse::<Name>().unwrap()));
    let types = [RecordType::Ptr, RecordType::A];
    law(60, "pairs of estates of machines", (machines(), machines()), |(before, after)| {
        let [old, new] = [&before, &after].map(|text| Index::new(common::load([text.as_str()])));
        let comparison = compare(&old, &new, &Settings::default());
        let tried = by_brute_force(&comparison, [&old, &new], &names, &types);
        tried.map_err(|why| format!("{why}\n{before}--\n{after}"))
    });
    let deeds = prop::collection::vec(deed(&["9", "4", "0", "*"]), 1..4);
    law(20, "plans for machines", (machines(), deeds), |(text, deeds)| {
        let tried = try_deeds(common::load([text.as_str()]), &deeds, &names, &types);
        tried.map_err(|why| format!("{why}\n{text}"))
    });
}

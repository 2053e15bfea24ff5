//! What holds for every estate, tried on random ones.
//!
//! Labels come from a small alphabet, so that names collide. A failing case is
//! printed as `.estate` text.

mod common;

use std::collections::BTreeMap;

use privdns::index::{Index, Settings};
use privdns::name::Name;
use privdns::plan::compare;
use privdns::record::RecordType;
use privdns::source::estate_text;
use proptest::prelude::*;
use proptest::sample::{Index as Pick, select};

use common::findings;

const VNETS: [&str; 2] = ["hub", "spoke"];
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
    links: [Option<bool>; 2],
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
    /// A server that is not modelled.
    Nobody,
}

impl Target {
    fn address(self) -> String {
        match self {
            Target::Azure => "168.63.129.16".to_owned(),
            Target::Inbound(vnet) => format!("10.9.1.{vnet}"),
            Target::Server(server) => format!("10.9.2.{server}"),
            Target::Nobody => "10.9.0.9".to_owned(),
        }
    }
}

#[derive(Clone, Debug)]
struct Server {
    zones: Vec<Zone>,
    forwarders: BTreeMap<String, Target>,
    recursion: bool,
}

#[derive(Clone, Debug)]
struct Model {
    zones: Vec<Zone>,
    /// By network: whom its clients ask.
    dns: [Target; 2],
    rules: BTreeMap<String, Target>,
    /// By network: whether the rules apply.
    ruled: [bool; 2],
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
            let address = Target::Inbound(at).address();
            statements.push(vec![format!("inbound in-{vnet} vnet {vnet} address {address}")]);
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
            let mut statement =
                vec![format!("server s{at} vnet {vnet} address {address} recursion {recursion}")];
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
    let (seen, asked) = (vec![name.to_owned()], Vec::new());
    let mut naive = Naive { model, switched, record_type, seen, asked };
    let end = match model.dns[vnet] {
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
}

impl Naive<'_> {
    fn ask(&mut self, target: Target, vnet: usize) -> End {
        match target {
            Target::Azure => self.azure(vnet),
            Target::Inbound(vnet) => self.azure(vnet),
            Target::Server(at) => self.chain(target, |naive, name, _| naive.server(at, name)),
            Target::Nobody => End::Final("FORWARDED to 10.9.0.9".to_owned()),
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
        if self.asked.contains(&question) || self.asked.len() >= 16 {
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
                && let Some(target) = longest(&longer, name)
            {
                return self.ask(target, vnet);
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
            && let Some(target) = longest(&self.model.rules, name)
        {
            return self.ask(target, vnet);
        }
        self.end(in_public(self.model, name, self.record_type))
    }

    fn server(&mut self, at: usize, name: &str) -> End {
        let server = &self.model.servers[at];
        match server.has(name) {
            Some(Has::Zone(zone)) => self.end(in_zone(zone, name)),
            // The first one sits in the hub, the second one in the spoke.
            Some(Has::Forwarder(target)) => self.ask(target, at),
            None if server.recursion => self.end(in_public(self.model, name, self.record_type)),
            None => End::Final("REFUSED ".to_owned()),
        }
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

fn longest(rules: &BTreeMap<String, Target>, name: &str) -> Option<Target> {
    let fits = rules.iter().filter(|(domain, _)| *domain == "." || below(name, domain));
    let depth = |domain: &str| if domain == "." { 0 } else { labels(domain).len() };
    fits.max_by_key(|(domain, _)| depth(domain)).map(|(_, target)| *target)
}

/// What a server has for a name.
enum Has<'m> {
    Zone(&'m Zone),
    Forwarder(Target),
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
        let forwarder = longest(&forwarders, name).map(Has::Forwarder);
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
    (name(&["a", "b", "privatelink"]), link(), link(), records).prop_map(
        |(apex, one, other, records)| {
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
            Zone { apex, links: [one, other], sets }
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
    let plain = ([Just(Target::Azure), Just(Target::Azure)], Just([false, false]));
    let other = ([target(), target()], any::<[bool; 2]>());
    let asked = prop_oneof![plain, other];
    let parts = (zones(1..4), public, asked, rules(), [server(), server()]);
    parts.prop_map(|(zones, public, (dns, ruled), rules, servers)| Model {
        zones,
        public,
        dns,
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
        Just(Target::Nobody),
    ]
}

fn rules() -> impl Strategy<Value = BTreeMap<String, Target>> {
    let domain = prop_oneof![4 => name(&["a", "b", "privatelink"]), 1 => Just(".".to_owned())];
    prop::collection::btree_map(domain, target(), 0..3)
}

fn server() -> impl Strategy<Value = Server> {
    (zones(0..2), rules(), any::<bool>()).prop_map(|(zones, forwarders, recursion)| Server {
        zones,
        forwarders,
        recursion,
    })
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
        for (at, vnet) in VNETS.iter().enumerate() {
            let view = common::view(&views, vnet).unwrap();
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
server dc  site hq  address 10.9.0.10
  zone corp.test
  record nas.corp.test A 60  10.9.1.7
  record corp.test TXT \"a b\"
  zone half.test partial
  zone other.test unread
  forward azure.test  10.0.0.4
  forward .  168.63.129.16
server fw  kind firewall  vnet hub  address 10.0.2.4  recursion off
server old  recursion unknown  partial

nic vm1-nic  vnet hub  address 10.0.1.4,10.0.1.5  dns 10.9.0.10  vm vm1  role primary  power off
nic pc  site hq  role secondary  power on
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
    assert_eq!(twice.servers.len(), 3);
    assert_eq!(twice.interfaces.len(), 2);
    assert_eq!(twice.inbound.len(), 2);
    assert_eq!(twice.vnets.len(), 2);
}

proptest! {
    #![proptest_config(common::cases(100))]

    #[test]
    fn a_comparison_misses_nothing_and_invents_nothing(before in model(), after in model(), edit in any::<bool>(), links in prop::collection::vec(link(), 8)) {
        // Half of them differ in their links only, as in a move from zone to zone.
        let after = if edit { relinked(&before, &links) } else { after };
        let (old, new) = (before.text(), after.text());
        let old_index = Index::new(common::load([old.as_str()]));
        let new_index = Index::new(common::load([new.as_str()]));
        let settings = Settings::default();
        let comparison = compare(&old_index, &new_index, &settings);
        let known = |name: &Name| {
            [&old_index, &new_index].iter().any(|index| index.estate().names.get(name).is_some())
        };
        for vnet in VNETS {
            let old_view = common::view(&comparison.before, vnet).unwrap();
            let new_view = common::view(&comparison.after, vnet).unwrap();
            for name in questions() {
                let name: Name = name.parse().unwrap();
                let mut encloser = name.clone();
                while !known(&encloser) {
                    encloser = encloser.parent();
                }
                for record_type in TYPES {
                    let seen = |view| {
                        let shown = common::show(view, &name, record_type);
                        let address = matches!(record_type, RecordType::A | RecordType::Aaaa);
                        format!("{} {}", shown.line(), if address { shown.reach } else { "" })
                    };
                    let (before, after) = (seen(old_view), seen(new_view));
                    let listed = comparison.effects.iter().any(|effect| {
                        let about = match effect.class.any_other {
                            false => effect.name == name,
                            true => encloser != name && effect.name.parent() == encloser,
                        };
                        let here = effect.vnets.iter().any(|pair| old_index.estate().vnet(pair.0).name == vnet);
                        about && here && effect.record_type == record_type
                    });
                    prop_assert_eq!(before != after, listed, "{} {} {}: {} / {}\n{}--\n{}", vnet, name.text(), record_type, before, after, old, new);
                }
            }
        }
    }
}

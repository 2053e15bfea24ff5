//! Which lookups settle what is assumed of Azure, and what their answers mean.
//!
//! A [`Scratch`] says what is at hand: a private zone made for this, and perhaps a ruleset
//! or a Batch account. [`probes`] gives for each assumption that lookups in a network can
//! settle what to ask, and [`Probe::judge`] what the answers come to. Each looks at a
//! control as well: what shows that the scratch records are there and in force.
//! Where that fails nothing is settled, and the reason is told.

#![deny(clippy::disallowed_methods)]

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

use crate::index::Assumption;
use crate::name::Name;
use crate::record::RecordType;
use crate::transcript::{Observation, Status};

/// The address of the scratch records, which is nobody's (RFC 5737).
pub const HERE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

/// The address that only a wildcard has.
const WILD: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);

/// The target of the scratch rules: nobody answers there (RFC 5737).
pub const NOBODY: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 53);

/// Servers of a zone, which no private zone holds (RFC 1035, section 3.2.2).
const NS: RecordType = RecordType::Other(2);

/// What is at hand for probing.
#[derive(Clone, Debug)]
pub struct Scratch {
    /// A private zone made for this, linked to the network.
    pub zone: Name,
    /// Whether a ruleset that is linked to the network has the scratch rules.
    pub rules: bool,
    /// The address of a machine in the network whose reverse name a rule covers.
    pub machine: Option<Ipv4Addr>,
    /// A Batch account with a private endpoint, and its region.
    pub batch: Option<(String, String)>,
}

/// What the answers come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Azure does what this value of the assumption says.
    Settled(&'static str),
    /// Azure does this, and no value stands for it.
    NoValue(String),
    /// The answers do not settle it, because of this.
    Undecided(String),
    /// It was not asked, because this is needed.
    NotTried(&'static str),
}

/// The lookups for one assumption.
pub struct Probe {
    /// Which it is.
    pub assumption: Assumption,
    /// What is asked.
    pub questions: Vec<(Name, RecordType)>,
    verdict: Verdict,
}

/// What the answers come to, in the order of the questions.
type Verdict = fn(&Scratch, &[Observation]) -> Finding;

impl Probe {
    /// What the answers to the questions, in their order, come to.
    pub fn judge(&self, scratch: &Scratch, answers: &[Observation]) -> Finding {
        let finding = match (self.questions.len(), answers.len()) {
            (0, _) => Finding::NotTried(needs(self.assumption)),
            (asked, heard) if asked == heard => (self.verdict)(scratch, answers),
            _ => Finding::Undecided("not all was asked".to_owned()),
        };
        // An older table of values may lack one.
        match finding {
            Finding::Settled(value) if !self.assumption.doc().values.contains(&value) => {
                Finding::NoValue(value.to_owned())
            }
            other => other,
        }
    }
}

fn needs(assumption: Assumption) -> &'static str {
    match assumption {
        Assumption::AfterRedirect => "a Batch account with a private endpoint: --batch",
        Assumption::BuiltInOrder => "a ruleset and a machine in the network: --ruleset, --machine",
        _ => "a forwarding ruleset that is linked to the network: --ruleset",
    }
}

impl Scratch {
    fn name(&self, head: &str) -> Name {
        below(head, &self.zone)
    }

    /// A sibling of the scratch zone.
    fn sibling(&self, ending: &str) -> Name {
        let text = self.zone.text();
        let (first, rest) = text.split_once('.').unwrap_or((&text, "test"));
        let sibling = format!("{first}-{ending}.{rest}").parse();
        sibling.unwrap_or_else(|_| self.zone.clone())
    }

    /// The name that shows that the scratch zone is there.
    pub fn control(&self) -> (Name, RecordType) {
        (self.name("here"), RecordType::A)
    }

    /// Why the scratch zone does not answer, where it does not.
    pub fn missing(&self, control: &Observation) -> Option<String> {
        let shown = format!("{} is {}", control.name.text(), show(control));
        (!holds(control, HERE)).then(|| format!("{shown}, expected {HERE}"))
    }

    /// The zone that may have `NxDomainRedirect` or not.
    pub fn redirecting(&self) -> Name {
        self.name("privatelink")
    }

    /// The old zone of the Batch account, empty and redirecting, and the new one with the
    /// relative name of its record.
    pub fn batch_zones(&self) -> Option<(String, String, String)> {
        let (account, region) = self.batch.as_ref()?;
        Some((
            format!("privatelink.{region}.batch.azure.com"),
            "privatelink.batch.azure.com".to_owned(),
            format!("{account}.{region}"),
        ))
    }

    /// The scratch rules, by the label of their name and their domain.
    pub fn rules(&self) -> Vec<(&'static str, Name)> {
        if !self.rules {
            return Vec::new();
        }
        let mut rules = vec![
            ("control", self.sibling("rule")),
            ("in-zone", self.name("forwarded")),
            ("net", below("net", &Name::root())),
        ];
        rules.extend(self.machine.map(|machine| ("reverse", reverse(machine))));
        rules
    }

    /// The scratch zone as a zone file; a set without records cannot stand in one.
    pub fn zone_file(&self) -> String {
        let mut text = format!("$ORIGIN {}\n", self.zone);
        let mut line = |owner: &str, data: String| {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "{owner} 10 IN {data}");
        };
        let soa = "azureprivatedns.net. azureprivatedns-host.microsoft.com. 1 3600 300 2419200 10";
        line("@", format!("SOA {soa}"));
        line("here", format!("A {HERE}"));
        line("below.ent", format!("A {HERE}"));
        line("*.wild", format!("A {WILD}"));
        line("loop-a", "CNAME loop-b".to_owned());
        line("loop-b", "CNAME loop-a".to_owned());
        line("hop0", format!("A {HERE}"));
        for at in 1..=longest() {
            line(&format!("hop{at}"), format!("CNAME hop{}", at - 1));
        }
        if self.rules {
            line("in.forwarded", format!("A {HERE}"));
            line("to-rule", format!("CNAME x.{}", self.sibling("rule")));
            line("to-nobody", format!("CNAME x.{}", self.sibling("nobody")));
        }
        text
    }
}

/// The set of the scratch zone that has no records, beside a wildcard.
pub const EMPTY_SET: &str = "empty.wild";

fn below(head: &str, zone: &Name) -> Name {
    let labels = head.split('.').map(str::as_bytes).chain(zone.labels());
    Name::from_labels(labels).unwrap_or_else(|_| zone.clone())
}

fn reverse(machine: Ipv4Addr) -> Name {
    let [a, b, c, d] = machine.octets();
    below(&format!("{d}.{c}.{b}.{a}.in-addr.arpa"), &Name::root())
}

/// The longest chain of aliases: one more than any limit that has a value.
fn longest() -> usize {
    let values = Assumption::AliasLimit.doc().values.iter();
    values.filter_map(|value| value.parse::<usize>().ok()).max().unwrap_or(0) + 1
}

/// What to ask for each assumption that lookups in a network can settle; without questions
/// where something more is needed.
pub fn probes(scratch: &Scratch) -> Vec<Probe> {
    let a = |heads: &[&str]| -> Vec<(Name, RecordType)> {
        heads.iter().map(|head| (scratch.name(head), RecordType::A)).collect()
    };
    let mut probes = Vec::new();
    let mut add = |assumption, questions, verdict: Verdict| {
        probes.push(Probe { assumption, questions, verdict });
    };
    add(Assumption::EntAnswer, a(&["below.ent", "ent"]), ent_answer);
    let hops: Vec<String> = (0..=longest()).map(|hop| format!("hop{hop}")).collect();
    let hops: Vec<&str> = hops.iter().map(String::as_str).collect();
    add(Assumption::AliasLimit, a(&hops), alias_limit);
    add(Assumption::LoopRcode, a(&["loop-a"]), loop_rcode);
    add(Assumption::EmptySet, a(&["any.wild", EMPTY_SET]), empty_set);
    add(Assumption::ApexNs, vec![(scratch.zone.clone(), NS)], apex_ns);
    let redirecting = a(&["here.privatelink", "gone.privatelink"]);
    add(Assumption::RedirectZones, redirecting, redirect_zones);
    let account = scratch.batch_zones().map(|(.., account)| {
        (below(&format!("{account}.batch.azure.com"), &Name::root()), RecordType::A)
    });
    add(Assumption::AfterRedirect, account.into_iter().collect(), after_redirect);
    let in_force = (below("x", &scratch.sibling("rule")), RecordType::A);
    let with_rules = |mut more: Vec<(Name, RecordType)>| {
        more.insert(0, in_force.clone());
        if scratch.rules { more } else { Vec::new() }
    };
    let in_zone = with_rules(a(&["in.forwarded"]));
    add(Assumption::RuleLongerThanZone, in_zone, rule_longer_than_zone);
    let targets = with_rules(a(&["to-nobody", "to-rule"]));
    add(Assumption::RulesOnCnameTargets, targets, rules_on_cname_targets);
    let reserved = ["privdns-probe.example.net", "privdns-probe.core.windows.net"];
    let reserved = reserved.map(|name| (below(name, &Name::root()), RecordType::A));
    let reserved = if scratch.rules { reserved.to_vec() } else { Vec::new() };
    add(Assumption::ReservedSuffixes, reserved, reserved_suffixes);
    let built_in = scratch.machine.map(|machine| (reverse(machine), RecordType::Ptr));
    let built_in = built_in.map(|question| with_rules(vec![question])).unwrap_or_default();
    add(Assumption::BuiltInOrder, built_in, built_in_order);
    probes
}

/// What was seen, in a word or the data.
pub fn show(seen: &Observation) -> String {
    let data: Vec<&str> = seen.records.iter().map(|record| record.data.as_str()).collect();
    match &seen.status {
        Status::Answered => data.join(", "),
        Status::NoData if !seen.aliases.is_empty() => "aliases without an address".to_owned(),
        status => status.name().to_owned(),
    }
}

fn holds(seen: &Observation, address: Ipv4Addr) -> bool {
    seen.records.iter().any(|record| record.address() == Some(IpAddr::V4(address)))
}

/// Whether the question went to where nobody answers.
fn went_nowhere(seen: &Observation) -> bool {
    matches!(seen.status, Status::ServFail | Status::NoReply(_))
}

fn unexpected(seen: &Observation, expected: &str) -> Finding {
    let name = seen.name.text();
    Finding::Undecided(format!("{name} is {}, expected {expected}", show(seen)))
}

fn ent_answer(_: &Scratch, answers: &[Observation]) -> Finding {
    let (record, ent) = (&answers[0], &answers[1]);
    match &ent.status {
        _ if !holds(record, HERE) => unexpected(record, &HERE.to_string()),
        Status::NoData => Finding::Settled("nodata"),
        Status::NxDomain => Finding::Settled("nxdomain"),
        _ => unexpected(ent, "NODATA or NXDOMAIN"),
    }
}

/// The most aliases of a chain that is answered; each answer has one more.
fn alias_limit(_: &Scratch, answers: &[Observation]) -> Finding {
    let Some(first) = answers.iter().position(|answer| !holds(answer, HERE)) else {
        return Finding::NoValue(format!("{} aliases are followed", answers.len() - 1));
    };
    if let Some(longer) = answers[first..].iter().find(|answer| holds(answer, HERE)) {
        let (longer, shorter) = (longer.name.text(), show(&answers[first]));
        let why = format!("{longer} is answered, and a shorter chain is {shorter}: ask again");
        return Finding::Undecided(why);
    }
    if first < 2 || matches!(answers[first].status, Status::NoReply(_)) {
        return unexpected(&answers[first], "an answer or an error");
    }
    let most = first - 1;
    let mut values = Assumption::AliasLimit.doc().values.iter();
    match values.find(|value| value.parse() == Ok(most)) {
        Some(value) => Finding::Settled(value),
        None => Finding::NoValue(format!("{most} aliases are followed and {first} are not")),
    }
}

fn loop_rcode(_: &Scratch, answers: &[Observation]) -> Finding {
    match &answers[0].status {
        Status::ServFail => Finding::Settled("servfail"),
        // The control was answered by the same server just before.
        Status::NoReply(_) => Finding::Settled("time-out"),
        _ if !answers[0].aliases.is_empty() => {
            let count = answers[0].aliases.len();
            Finding::NoValue(format!("{} with {count} aliases", show(&answers[0])))
        }
        _ => unexpected(&answers[0], "an error: are both aliases there?"),
    }
}

fn empty_set(_: &Scratch, answers: &[Observation]) -> Finding {
    let (wildcard, empty) = (&answers[0], &answers[1]);
    match &empty.status {
        _ if !holds(wildcard, WILD) => unexpected(wildcard, &WILD.to_string()),
        Status::NoData => Finding::Settled("nodata"),
        Status::Answered if holds(empty, WILD) => {
            Finding::NoValue("the wildcard answers in its place".to_owned())
        }
        _ => unexpected(empty, "NODATA"),
    }
}

fn apex_ns(_: &Scratch, answers: &[Observation]) -> Finding {
    match &answers[0].status {
        Status::NoData => Finding::Settled("nodata"),
        Status::Answered => Finding::NoValue(format!("NS {}", show(&answers[0]))),
        _ => unexpected(&answers[0], "NODATA or records"),
    }
}

/// Who says that the name does not exist: the zone, or public DNS.
fn redirect_zones(_: &Scratch, answers: &[Observation]) -> Finding {
    let (there, gone) = (&answers[0], &answers[1]);
    match (&gone.status, &gone.authority) {
        _ if !holds(there, HERE) => unexpected(there, &HERE.to_string()),
        (Status::NxDomain, Some(soa)) if soa.is_azure_private() => Finding::Settled("catalogue"),
        (Status::NxDomain, Some(_)) => Finding::Settled("privatelink-label"),
        (Status::NxDomain, None) => {
            Finding::Undecided("no SOA came with NXDOMAIN, so who said it is not known".to_owned())
        }
        _ => unexpected(gone, "NXDOMAIN"),
    }
}

fn after_redirect(scratch: &Scratch, answers: &[Observation]) -> Finding {
    let Some((old, new, account)) = scratch.batch_zones() else {
        return Finding::NotTried(needs(Assumption::AfterRedirect));
    };
    let seen = &answers[0];
    let passed = |zone: &str| {
        let ending = format!(".{zone}");
        seen.names().iter().any(|name| name.text().ends_with(&ending))
    };
    let name = seen.name.text();
    if !passed(&old) {
        return Finding::Undecided(format!(
            "{name} has no alias into {old}: it has no private endpoint, or none of the old kind"
        ));
    }
    if !passed(&new) {
        return Finding::Undecided(format!("{old} does not redirect: {name} is {}", show(seen)));
    }
    match &seen.status {
        Status::Answered if holds(seen, HERE) => Finding::Settled("consult-private"),
        Status::Answered | Status::NxDomain | Status::NoData => Finding::Settled("public-only"),
        _ => unexpected(seen, &format!("{HERE}, which {account}.{new} has, or another address")),
    }
}

/// Why a rule whose target is silent is not in force, where it is not.
fn no_rule(control: &Observation) -> Option<Finding> {
    let why = || format!("{} is {}: no rule forwards it", control.name.text(), show(control));
    (!went_nowhere(control)).then(|| Finding::Undecided(why()))
}

fn rule_longer_than_zone(_: &Scratch, answers: &[Observation]) -> Finding {
    match no_rule(&answers[0]) {
        Some(undecided) => undecided,
        None if holds(&answers[1], HERE) => Finding::Settled("zone-wins"),
        None if went_nowhere(&answers[1]) => Finding::Settled("rule-wins"),
        None => unexpected(&answers[1], "the zone's address or a failure"),
    }
}

fn rules_on_cname_targets(_: &Scratch, answers: &[Observation]) -> Finding {
    let (elsewhere, target) = (&answers[1], &answers[2]);
    if let Some(undecided) = no_rule(&answers[0]) {
        return undecided;
    }
    // Without a rule the target does not exist; only then does a failure tell of one.
    match (&elsewhere.status, &target.status) {
        (Status::NxDomain, _) if went_nowhere(target) => Finding::Settled("yes"),
        (Status::NxDomain, Status::NxDomain) => Finding::Settled("no"),
        (Status::NxDomain, _) => unexpected(target, "NXDOMAIN or a failure"),
        _ => unexpected(elsewhere, "NXDOMAIN"),
    }
}

fn reserved_suffixes(_: &Scratch, answers: &[Observation]) -> Finding {
    match no_rule(&answers[0]) {
        Some(undecided) => undecided,
        None if went_nowhere(&answers[1]) => Finding::Settled("none"),
        None => match answers[1].status {
            Status::NxDomain | Status::NoData | Status::Answered => Finding::Settled("listed"),
            _ => unexpected(&answers[1], "an answer of public DNS or a failure"),
        },
    }
}

fn built_in_order(_: &Scratch, answers: &[Observation]) -> Finding {
    match no_rule(&answers[0]) {
        Some(undecided) => undecided,
        None if went_nowhere(&answers[1]) => Finding::Settled("rules-first"),
        None if answers[1].status == Status::Answered => Finding::Settled("built-in-first"),
        None => unexpected(&answers[1], "the name of a machine or a failure"),
    }
}

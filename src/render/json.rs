//! The JSON of reports, version 1.
//!
//! Written from structs of its own, so that inner types stay free to change.
//! Minor versions only add.

use serde::Serialize;

use super::assumptions::FlipV1;
use super::human::{party_text, passed_over_text, registered_interface, settled_by};
use super::locate;
use super::uncertain::uncertain;
use crate::check::{Context, Finding, Flip, Judged, Judgement, Severity, Trial};
use crate::estate::{
    BLOCKED, BlockResponse, Change, Estate, Origin, Policy, PublicFact, RulesetEdit, VnetId, ZoneId,
};
use crate::index::{Basis, Claim, Index, Place, PolicyRef, RuleRef, SetRef, View};
use crate::name::{Name, NameId};
use crate::record::{RecordData, RecordType};
use crate::resolve::{
    Actor, Answer, Asked, Decider, Gap, HopResult, Outcome, Trace, Way, alternatives, behind_rules,
    hidden_behind, resolve, ways,
};

/// The version of all reports.
pub const SCHEMA_VERSION: &str = "1.0";

/// A line and column, from 1.
#[derive(Clone, Debug, Serialize)]
pub struct PlaceV1 {
    file: String,
    line: usize,
    column: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
}

/// What a step of a plan makes stands in no input: it has the start of the first one.
pub(super) fn place(estate: &Estate, origin: Origin, label: Option<&str>) -> PlaceV1 {
    if let Some(step) = origin.step() {
        let file = estate.inputs.first().map(|input| input.path.clone()).unwrap_or_default();
        return PlaceV1 { file, line: 1, column: 1, label: Some(format!("made by step {step}")) };
    }
    let located = locate(estate, origin);
    PlaceV1 {
        file: located.path.to_owned(),
        line: located.line,
        column: located.column,
        label: label.map(str::to_owned),
    }
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordV1 {
    name: String,
    #[serde(rename = "type")]
    record_type: String,
    ttl: Option<u32>,
    data: String,
}

/// Who had the last word.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DeciderV1 {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chain: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certainty: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ruleset: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<String>,
    /// The priority and action of a policy's rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
}

/// A record set that a zone hides.
#[derive(Clone, Debug, Serialize)]
pub struct HiddenV1 {
    zone: String,
    records: Vec<RecordV1>,
    place: PlaceV1,
}

/// One hop.
#[derive(Clone, Debug, Serialize)]
pub struct HopV1 {
    hop: usize,
    name: String,
    /// Who made the hop, where it is not Azure DNS of the network that was asked from.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    asked: DeciderV1,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<LinkV1>,
    result: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    records: Vec<RecordV1>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<PlaceV1>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hides: Vec<String>,
    /// The forwarding rules that cover the name as well and were passed over, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    passed_over: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    passed_to: Option<String>,
}

/// The link by which a zone answers.
#[derive(Clone, Debug, Serialize)]
pub struct LinkV1 {
    name: String,
    /// Where it is not operational: what Azure says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    place: PlaceV1,
}

/// What another of the clients' servers would answer.
#[derive(Clone, Debug, Serialize)]
pub struct OtherServerV1 {
    server: String,
    rcode: Option<&'static str>,
    outcome: &'static str,
    reach: &'static str,
    agrees: bool,
    answers: Vec<RecordV1>,
}

/// The answer with or without a link that is not operational yet.
#[derive(Clone, Debug, Serialize)]
pub struct WayV1 {
    link: &'static str,
    when: &'static str,
    rcode: Option<&'static str>,
    outcome: &'static str,
    reach: &'static str,
    answers: Vec<RecordV1>,
    decided_by: DeciderV1,
    assumptions: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
}

/// The answer to one question.
#[derive(Clone, Debug, Serialize)]
pub struct ResolutionV1 {
    vnet: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    interface: Option<String>,
    name: String,
    #[serde(rename = "type")]
    record_type: String,
    rcode: Option<&'static str>,
    outcome: &'static str,
    reach: &'static str,
    answers: Vec<RecordV1>,
    decided_by: DeciderV1,
    assumptions: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_by: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    either: Vec<WayV1>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hidden: Vec<HiddenV1>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_servers: Vec<OtherServerV1>,
    trace: Vec<HopV1>,
}

impl ResolutionV1 {
    /// The same, asked by an interface with DNS servers of its own.
    pub fn of_interface(self, interface: &str) -> Self {
        ResolutionV1 { interface: Some(interface.to_owned()), ..self }
    }
}

/// The report of `resolve`.
#[derive(Clone, Debug, Serialize)]
pub struct ResolveV1 {
    schema_version: &'static str,
    command: &'static str,
    resolutions: Vec<ResolutionV1>,
}

impl ResolveV1 {
    /// Wraps resolutions up.
    pub fn new(resolutions: Vec<ResolutionV1>) -> Self {
        ResolveV1 { schema_version: SCHEMA_VERSION, command: "resolve", resolutions }
    }
}

fn records(name: &Name, data: &RecordData, ttl: Option<u32>, estate: &Estate) -> Vec<RecordV1> {
    let record_type = data.record_type().to_string();
    data.texts(&estate.names)
        .into_iter()
        .map(|data| RecordV1 {
            name: name.to_string(),
            record_type: record_type.clone(),
            ttl,
            data,
        })
        .collect()
}

fn set_records(index: &Index, name: &Name, set: SetRef) -> Vec<RecordV1> {
    let facts = index.set(set);
    records(name, &facts.data, facts.ttl.map(|ttl| ttl.seconds()), index.estate())
}

/// The TTL of a recorded public answer.
fn recorded_ttl(estate: &Estate, basis: Option<Basis>) -> Option<u32> {
    let Some(Basis::Recorded(at)) = basis else { return None };
    match &estate.public[at as usize] {
        PublicFact::Recorded { data: crate::estate::PublicData::Records(_, ttl), .. } => {
            ttl.map(|ttl| ttl.seconds())
        }
        _ => None,
    }
}

fn public_decider(kind: &'static str, basis: Option<Basis>) -> DeciderV1 {
    let mut decider = DeciderV1 { kind, ..DeciderV1::default() };
    match basis {
        Some(Basis::Recorded(_)) => decider.basis = Some("recorded"),
        Some(Basis::Catalogue(chain)) => {
            decider.basis = Some("catalogue");
            decider.chain = Some(chain.key());
            decider.certainty = Some(chain.certainty.name());
        }
        None => {}
    }
    decider
}

fn zone_decider(index: &Index, zone: ZoneId) -> DeciderV1 {
    let estate = index.estate();
    DeciderV1 {
        kind: "zone",
        zone: Some(estate.zone_name(zone)),
        id: estate.zone(zone).id.as_ref().map(ToString::to_string),
        ..DeciderV1::default()
    }
}

fn rule_decider(index: &Index, rule: RuleRef) -> DeciderV1 {
    let estate = index.estate();
    let ruleset = estate.ruleset(rule.ruleset);
    DeciderV1 {
        kind: "rule",
        id: ruleset.id.as_ref().map(ToString::to_string),
        ruleset: Some(ruleset.name.clone()),
        domain: Some(estate.names.name(index.rule(rule).domain).to_string()),
        ..DeciderV1::default()
    }
}

fn policy_decider(index: &Index, at: PolicyRef) -> DeciderV1 {
    let policy = &index.estate().policies[at.policy as usize];
    let rule = index.policy_rule(at);
    DeciderV1 {
        kind: "security-policy",
        id: policy.id.as_ref().map(ToString::to_string),
        policy: Some(policy.name.clone()),
        rule: Some(format!("{} {}", rule.priority, rule.action.name())),
        ..DeciderV1::default()
    }
}

fn own_decider(estate: &Estate, server: u32, zone: Option<ZoneId>) -> DeciderV1 {
    let server = &estate.servers[server as usize];
    DeciderV1 {
        kind: "server",
        id: server.id.as_ref().map(ToString::to_string),
        server: Some(server.name.clone()),
        zone: zone.map(|zone| estate.zone_name(zone)),
        ..DeciderV1::default()
    }
}

/// The domain that a server forwards; the root for a firewall that asks Azure DNS.
fn forwarder_decider(estate: &Estate, by: Actor, forwarder: Option<u32>) -> DeciderV1 {
    let mut decider = DeciderV1 { kind: "forwarder", ..DeciderV1::default() };
    if let Actor::Server(server) = by {
        let facts = &estate.servers[server as usize];
        decider.server = Some(facts.name.clone());
        let domain = forwarder.map(|at| facts.forwarders[at as usize].domain);
        decider.domain = Some(estate.names.name(domain.unwrap_or(NameId::ROOT)).to_string());
    }
    decider
}

fn decided_by(index: &Index, answer: &Answer) -> DeciderV1 {
    let estate = index.estate();
    match answer.decider {
        Decider::Zone(zone) => zone_decider(index, zone),
        Decider::Public(basis) => public_decider("public", basis),
        Decider::Rule(rule) => rule_decider(index, rule),
        Decider::Own(server, zone) => own_decider(estate, server, zone),
        Decider::Policy(rule) => policy_decider(index, rule),
        Decider::BuiltIn => DeciderV1 { kind: "built-in", ..DeciderV1::default() },
        Decider::Server(address) => DeciderV1 {
            kind: "server",
            server: address.map(|address| address.to_string()),
            ..DeciderV1::default()
        },
        Decider::None => DeciderV1 { kind: "none", ..DeciderV1::default() },
    }
}

/// One hop as JSON; `vnet` is whose link is shown.
fn hop(view: &View<'_>, vnet: VnetId, at: usize, hop: &crate::resolve::Hop) -> HopV1 {
    let index = view.index();
    let estate = index.estate();
    let name = index.name(&hop.name);
    let mut link = None;
    let mut hides = Vec::new();
    let mut basis = None;
    let mut origin = None;
    let (other, by) = match hop.by {
        Actor::Client => (None, Some("client".to_owned())),
        Actor::Azure(other) => {
            let vnet = other.and_then(|_| view.azure(other).vnet());
            (other, vnet.map(|vnet| format!("Azure DNS of {}", estate.vnet_name(vnet))))
        }
        Actor::Server(server) => {
            (None, Some(format!("server {}", estate.servers[server as usize].name)))
        }
    };
    let dns = view.azure(other);
    let asked = match hop.asked {
        Asked::Zone(claim) => {
            let links = &estate.zone(claim.zone()).links;
            let vnet = other.and_then(|_| dns.vnet()).unwrap_or(vnet);
            link = links.iter().find(|link| link.vnet == vnet).map(|link| LinkV1 {
                name: link.name.clone(),
                state: link.pending.clone(),
                place: place(estate, link.origin, None),
            });
            let hidden = dns.hidden(index, hop.name.node());
            hides = hidden.into_iter().map(|claim: Claim| estate.zone_name(claim.zone())).collect();
            zone_decider(index, claim.zone())
        }
        Asked::Public(on) => {
            basis = on;
            public_decider("public", on)
        }
        Asked::Redirected(on) => {
            basis = on;
            public_decider("redirect", on)
        }
        Asked::Policy(rule) => {
            origin = Some(index.policy_rule(rule).origin);
            policy_decider(index, rule)
        }
        Asked::BuiltIn => DeciderV1 { kind: "built-in", ..DeciderV1::default() },
        Asked::Rule(rule) => {
            origin = Some(index.rule(rule).origin);
            rule_decider(index, rule)
        }
        Asked::Own(zone) => match hop.by {
            Actor::Server(server) => own_decider(estate, server, Some(zone)),
            _ => zone_decider(index, zone),
        },
        Asked::Forwarder(forwarder) => forwarder_decider(estate, hop.by, forwarder),
        Asked::Configured => DeciderV1 { kind: "configured", ..DeciderV1::default() },
        Asked::Nobody => DeciderV1 { kind: "none", ..DeciderV1::default() },
        Asked::Server(address) => DeciderV1 {
            kind: "server",
            server: address.map(|address| address.to_string()),
            ..DeciderV1::default()
        },
    };
    let mut because = None;
    let mut passed_to = None;
    let (result, records) = match &hop.said {
        HopResult::Set(set) => {
            origin = Some(index.set(*set).origin);
            ("records", set_records(index, &name, *set))
        }
        HopResult::Records(data) => {
            if let Some(at) = registered_interface(index, hop) {
                origin = Some(estate.interfaces[at as usize].origin);
            }
            ("records", records(&name, data, recorded_ttl(estate, basis), estate))
        }
        HopResult::Alias(_, Some(set)) => {
            origin = Some(index.set(*set).origin);
            ("alias", set_records(index, &name, *set))
        }
        HopResult::Alias(target, None) => {
            let record = RecordV1 {
                name: name.to_string(),
                record_type: RecordType::Cname.to_string(),
                ttl: recorded_ttl(estate, basis),
                data: index.name(target).to_string(),
            };
            ("alias", vec![record])
        }
        HopResult::NoData => ("no-data", Vec::new()),
        HopResult::NxDomain => ("nxdomain", Vec::new()),
        HopResult::Endpoint => ("public-endpoint", Vec::new()),
        HopResult::Forwarded(address, party) => {
            passed_to = Some(party_text(estate, *address, *party));
            ("forwarded", Vec::new())
        }
        HopResult::ForwardLoop => ("forward-loop", Vec::new()),
        HopResult::Refused => ("refused", Vec::new()),
        HopResult::Permitted => ("permitted", Vec::new()),
        HopResult::Blocked(BlockResponse::ServFail) => ("blocked", Vec::new()),
        HopResult::Blocked(BlockResponse::Alias) => {
            let record = RecordV1 {
                name: name.to_string(),
                record_type: RecordType::Cname.to_string(),
                ttl: None,
                data: format!("{BLOCKED}."),
            };
            ("blocked", vec![record])
        }
        HopResult::Loop => ("alias-loop", Vec::new()),
        HopResult::Limit => ("too-many-aliases", Vec::new()),
        HopResult::Unknown(gap) => {
            because = Some(super::human::because(index, gap, &name.text()));
            ("unknown", Vec::new())
        }
    };
    if let Some(Basis::Recorded(at)) = basis {
        origin = origin.or(Some(estate.public[at as usize].origin()));
    }
    HopV1 {
        hop: at + 1,
        name: name.to_string(),
        by,
        asked,
        link,
        result,
        records,
        place: origin.map(|origin| place(estate, origin, None)),
        hides,
        passed_over: passed_over_text(view, hop),
        because,
        passed_to,
    }
}

/// What the servers behind the first one would answer.
fn other_servers(
    view: &View<'_>,
    vnet: VnetId,
    name: &Place,
    record_type: RecordType,
    trace: &Trace,
) -> Vec<OtherServerV1> {
    let bare = |view: &View<'_>| {
        let mut trace = Trace::default();
        let answer = resolve(view, name, record_type, &mut trace);
        let hops = trace.hops.iter().enumerate();
        let answers: Vec<RecordV1> =
            hops.flat_map(|(at, one)| hop(view, vnet, at, one).records).collect();
        (answer, answers)
    };
    let others = alternatives(view, trace);
    if others.is_empty() {
        return Vec::new();
    }
    let (first, first_answers) = bare(view);
    let others = others.into_iter().map(|(address, view)| {
        let (answer, answers) = bare(&view);
        OtherServerV1 {
            server: address.to_string(),
            rcode: answer.rcode().map(|rcode| rcode.name()),
            outcome: answer.outcome.name(),
            reach: answer.reach.name(),
            agrees: answer.outcome == first.outcome && answers == first_answers,
            answers,
        }
    });
    others.collect()
}

/// Why an answer is not known; what was forwarded is not.
fn because(index: &Index, answer: &Answer, hops: &[HopV1]) -> Option<String> {
    let last = hops.last()?;
    match answer.outcome {
        Outcome::Unknown(_) => last.because.clone(),
        Outcome::Forwarded(address) => {
            Some(Gap::ForwardedTo(address).explain(index, last.name.trim_end_matches('.')))
        }
        _ => None,
    }
}

/// What is answered without the link for which an answer waits, and with it.
fn either(
    view: &View<'_>,
    vnet: VnetId,
    name: &Place,
    record_type: RecordType,
    answer: &Answer,
) -> Vec<WayV1> {
    let tell = |Way { works, when, view }: Way<'_>| {
        let mut trace = Trace::default();
        let answer = resolve(&view, name, record_type, &mut trace);
        let hops = trace.hops.iter().enumerate();
        let hops: Vec<HopV1> = hops.map(|(at, one)| hop(&view, vnet, at, one)).collect();
        WayV1 {
            link: if works { "works" } else { "absent" },
            when,
            rcode: answer.rcode().map(|rcode| rcode.name()),
            outcome: answer.outcome.name(),
            reach: answer.reach.name(),
            because: because(view.index(), &answer, &hops),
            answers: hops.into_iter().flat_map(|hop| hop.records).collect(),
            decided_by: decided_by(view.index(), &answer),
            assumptions: answer.assumed.iter().map(|one| one.doc().name).collect(),
        }
    };
    ways(view, answer).into_iter().flatten().map(tell).collect()
}

/// Resolves a question and says everything about the answer.
pub fn resolution(
    view: &View<'_>,
    vnet: VnetId,
    name: &Place,
    record_type: RecordType,
) -> ResolutionV1 {
    let mut trace = Trace::default();
    let answer = resolve(view, name, record_type, &mut trace);
    let index = view.index();
    let estate = index.estate();
    let hops: Vec<HopV1> =
        trace.hops.iter().enumerate().map(|(at, one)| hop(view, vnet, at, one)).collect();
    let answers = hops.iter().flat_map(|hop| hop.records.iter().cloned()).collect();
    let behind_rules = behind_rules(view, name, record_type, &answer, &trace);
    let hidden = behind_rules
        .into_iter()
        .chain(hidden_behind(view, name, record_type, &answer))
        .map(|hidden| {
            let facts = index.set(hidden.set);
            HiddenV1 {
                zone: estate.zone_name(hidden.set.zone),
                records: set_records(index, &estate.names.name(facts.owner), hidden.set),
                place: place(estate, facts.origin, None),
            }
        })
        .collect();
    let because = because(index, &answer, &hops);
    ResolutionV1 {
        vnet: estate.vnet_name(vnet),
        interface: None,
        name: index.name(name).to_string(),
        record_type: record_type.to_string(),
        rcode: answer.rcode().map(|rcode| rcode.name()),
        outcome: answer.outcome.name(),
        reach: answer.reach.name(),
        answers,
        decided_by: decided_by(index, &answer),
        assumptions: answer.assumed.iter().map(|one| one.doc().name).collect(),
        because,
        settled_by: settled_by(view, name, &answer, &trace),
        either: either(view, vnet, name, record_type, &answer),
        hidden,
        other_servers: other_servers(view, vnet, name, record_type, &trace),
        trace: hops,
    }
}

/// One input.
#[derive(Clone, Debug, Serialize)]
pub struct InputV1 {
    path: String,
    kind: &'static str,
    sha256: String,
}

/// What was counted.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SummaryV1 {
    /// Errors.
    pub error: usize,
    /// Warnings.
    pub warning: usize,
    /// Notes.
    pub note: usize,
    /// Findings that an ignore took out.
    pub ignored: usize,
    /// Findings that the baseline holds.
    pub baseline: usize,
    /// Networks.
    pub vnets: usize,
    /// Zones.
    pub zones: usize,
    /// Record sets.
    pub record_sets: usize,
    /// Names of services that were resolved in every network.
    pub names: usize,
}

/// A change, as data and as commands.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ChangeV1 {
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vnet: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    record_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    data: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    zones: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    servers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ruleset: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    targets: Vec<String>,
    commands: Vec<String>,
}

/// A change as JSON.
pub(super) fn change(estate: &Estate, change: &Change) -> ChangeV1 {
    let mut json =
        ChangeV1 { commands: super::command::commands(estate, change), ..ChangeV1::default() };
    let of = |json: &mut ChangeV1, zone: ZoneId| {
        // A zone that an earlier change of the same step makes is not there yet.
        let Some(facts) = estate.zones.get(zone.index()) else { return };
        json.zone = Some(estate.zone_name(zone));
        json.zone_id = facts.id.as_ref().map(ToString::to_string);
    };
    match change {
        Change::Put { zone, owner, data, ttl } => {
            json.action = "put";
            of(&mut json, *zone);
            json.name = Some(estate.names.name(*owner).to_string());
            json.record_type = Some(data.record_type().to_string());
            json.ttl = ttl.map(|ttl| ttl.seconds());
            json.data = data.texts(&estate.names);
        }
        Change::Remove { zone, owner, record_type } => {
            json.action = "remove";
            of(&mut json, *zone);
            json.name = Some(estate.names.name(*owner).to_string());
            json.record_type = Some(record_type.to_string());
        }
        Change::Link { zone, vnet, policy, registration, .. } => {
            json.action = "link";
            of(&mut json, *zone);
            json.vnet = Some(estate.vnet_name(*vnet));
            json.redirect = (*policy == Policy::NxDomainRedirect).then_some(true);
            json.registration = registration.then_some(true);
        }
        Change::SetPolicy { zone, vnet, policy } => {
            json.action = "fallback";
            of(&mut json, *zone);
            json.vnet = Some(estate.vnet_name(*vnet));
            json.redirect = Some(*policy == Policy::NxDomainRedirect);
        }
        Change::Unlink { zone, vnet } => {
            json.action = "unlink";
            of(&mut json, *zone);
            json.vnet = Some(estate.vnet_name(*vnet));
        }
        Change::CreateZone { apex, group } => {
            json.action = "create-zone";
            json.zone = Some(estate.names.show(*apex).to_string());
            json.group = group.as_deref().map(str::to_owned);
        }
        Change::DeleteZone { zone } => {
            json.action = "delete-zone";
            of(&mut json, *zone);
        }
        Change::SetServers { vnet, servers } => {
            json.action = "dns-servers";
            json.vnet = Some(estate.vnet_name(*vnet));
            json.servers = servers.iter().map(ToString::to_string).collect();
        }
        Change::SetZoneGroup { endpoint, zones, .. } => {
            json.action = "zone-group";
            json.endpoint = Some(estate.endpoint(*endpoint).name.clone());
            json.zones = zones.iter().map(ToString::to_string).collect();
        }
        Change::DeleteEndpoint { endpoint, .. } => {
            json.action = "delete-endpoint";
            json.endpoint = Some(estate.endpoint(*endpoint).name.clone());
        }
        Change::Ruleset { ruleset, edit } => {
            json.ruleset = Some(estate.ruleset_label(*ruleset));
            ruleset_edit(&mut json, estate, edit);
        }
    }
    json
}

fn ruleset_edit(json: &mut ChangeV1, estate: &Estate, edit: &RulesetEdit) {
    match edit {
        RulesetEdit::PutRule { domain, targets, .. } => {
            json.action = "add-rule";
            json.domain = Some(estate.names.name(*domain).to_string());
            json.targets = targets.iter().map(ToString::to_string).collect();
        }
        RulesetEdit::RemoveRule { domain } => {
            json.action = "remove-rule";
            json.domain = Some(estate.names.name(*domain).to_string());
        }
        RulesetEdit::Link { vnet, .. } => {
            json.action = "link-ruleset";
            json.vnet = Some(estate.vnet_name(*vnet));
        }
        RulesetEdit::Unlink { vnet } => {
            json.action = "unlink-ruleset";
            json.vnet = Some(estate.vnet_name(*vnet));
        }
    }
}

/// One finding.
#[derive(Clone, Debug, Serialize)]
pub struct FindingV1 {
    rule: &'static str,
    severity: &'static str,
    message: String,
    basis: &'static str,
    fingerprint: String,
    vnets: Vec<String>,
    name: Option<String>,
    names: Vec<String>,
    zone: Option<String>,
    places: Vec<PlaceV1>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution: Option<ResolutionV1>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    remedy: Vec<ChangeV1>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trial: Option<TrialV1>,
}

/// What came of trying a remedy: `outcome` is `tried`, `refused`, `doubtful` or `untried`; names
/// are given for what was tried.
#[derive(Clone, Debug, Serialize)]
struct TrialV1 {
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ends: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unlisted_lost: Option<bool>,
    lost: Vec<String>,
    exposed: Vec<String>,
    mended: Vec<String>,
    changed: Vec<String>,
}

impl From<&Trial> for TrialV1 {
    fn from(trial: &Trial) -> Self {
        let all = |names: &[Name]| names.iter().map(ToString::to_string).collect();
        let mut shown = TrialV1 {
            outcome: "tried",
            why: None,
            ends: None,
            unlisted_lost: None,
            lost: Vec::new(),
            exposed: Vec::new(),
            mended: Vec::new(),
            changed: Vec::new(),
        };
        match trial {
            Trial::Tried { ends, mended, changed, exposed, lost, unlisted } => {
                shown.ends = Some(*ends);
                shown.unlisted_lost = Some(*unlisted);
                (shown.lost, shown.exposed) = (all(lost), all(exposed));
                (shown.mended, shown.changed) = (all(mended), all(changed));
            }
            Trial::Refused(why) => (shown.outcome, shown.why) = ("refused", Some(why.clone())),
            Trial::Doubtful(why) => (shown.outcome, shown.why) = ("doubtful", Some(why.clone())),
            Trial::Untried => shown.outcome = "untried",
        }
        shown
    }
}

/// The changes of a remedy; without commands where it is refused or does harm.
fn remedy(estate: &Estate, finding: &Finding, trial: Option<&Trial>) -> Vec<ChangeV1> {
    let harmful = trial.is_some_and(|trial| !trial.is_harmless());
    let shown = |one| match (change(estate, one), harmful) {
        (change, false) => change,
        (change, true) => ChangeV1 { commands: Vec::new(), ..change },
    };
    finding.remedy.iter().map(shown).collect()
}

/// The report of `check`.
#[derive(Clone, Debug, Serialize)]
pub struct CheckV1 {
    schema_version: &'static str,
    command: &'static str,
    inputs: Vec<InputV1>,
    /// What was counted.
    pub summary: SummaryV1,
    /// What weakens the verdicts, a sentence each.
    not_certain: Vec<String>,
    findings: Vec<FindingV1>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sensitivity: Option<Vec<FlipV1>>,
}

/// Counts findings and what was looked at.
pub fn summary(context: &Context<'_>, judgement: &Judgement) -> SummaryV1 {
    let estate = context.estate();
    SummaryV1 {
        error: judgement.count(Severity::Error),
        warning: judgement.count(Severity::Warning),
        note: judgement.count(Severity::Note),
        ignored: judgement.ignored,
        baseline: judgement.known.len(),
        vnets: estate.vnets.len(),
        zones: estate.zones.len(),
        record_sets: estate.record_set_count(),
        names: context.index().services().len(),
    }
}

impl CheckV1 {
    /// Says everything about the findings.
    pub fn new(context: &Context<'_>, judgement: &Judgement, flips: Option<&[Flip]>) -> Self {
        let estate = context.estate();
        let finding = |Judged { finding, zone, fingerprint, trial }: &Judged| FindingV1 {
            rule: finding.rule.name,
            severity: finding.severity.name(),
            message: finding.message.clone(),
            basis: finding.basis.name(),
            fingerprint: fingerprint.clone(),
            zone: zone.map(|zone| estate.zone_name(zone)),
            vnets: finding.vnets.iter().map(|&vnet| estate.vnet_name(vnet)).collect(),
            name: finding.name.map(|name| estate.names.name(name).to_string()),
            names: finding.names.iter().map(|&name| estate.names.name(name).to_string()).collect(),
            places: finding
                .places
                .iter()
                .map(|one| place(estate, one.origin, Some(&one.label)))
                .collect(),
            resolution: finding.witness.and_then(|witness| {
                let view = context.view_of(witness.vnet)?;
                let name = Place::Known(witness.name);
                Some(resolution(view, witness.vnet, &name, witness.record_type))
            }),
            notes: finding.notes.clone(),
            help: finding.help.clone(),
            remedy: remedy(estate, finding, trial.as_ref()),
            trial: trial.as_ref().map(TrialV1::from),
        };
        CheckV1 {
            schema_version: SCHEMA_VERSION,
            command: "check",
            inputs: estate
                .inputs
                .iter()
                .map(|input| InputV1 {
                    path: input.path.clone(),
                    kind: input.kind,
                    sha256: input.sha256.clone(),
                })
                .collect(),
            summary: summary(context, judgement),
            not_certain: uncertain(context),
            findings: judgement.findings.iter().map(finding).collect(),
            sensitivity: flips
                .map(|flips| flips.iter().map(|flip| FlipV1::new(context, flip)).collect()),
        }
    }
}

//! What other values of the assumptions would change.

use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;

use jiff::civil::Date;
use rayon::prelude::*;

use super::{Context, Judged, Policy, check};
use crate::estate::{Estate, RecordSet, VnetId, Zone};
use crate::index::{
    ASSUMPTIONS, Assumed, Assumption, AssumptionDoc, Index, Place, SetRef, Settings, View,
};
use crate::name::{Name, NameId};
use crate::record::{RecordData, RecordType};
use crate::resolve::{Answer, Decider, Gap, HopResult, Outcome, Rcode, Reach, Trace, resolve};

/// What one other value of one assumption changes.
pub struct Flip {
    /// The assumption.
    pub doc: &'static AssumptionDoc,
    /// The other value.
    pub value: &'static str,
    /// Findings that there would be.
    pub appears: Vec<Judged>,
    /// Findings that there would not be.
    pub goes: Vec<Judged>,
    /// Names that would be answered otherwise, those with a private endpoint first: each
    /// with the networks, the answer as it is and the other one.
    pub answers: Vec<ChangedAnswer>,
}

/// An answer that another value changes.
#[derive(Clone, Debug)]
pub struct ChangedAnswer {
    /// The name asked for; where `unlisted` is set, any name below it that nobody lists.
    pub name: NameId,
    /// Whether it stands for names that nobody lists.
    pub unlisted: bool,
    /// The type: PTR for reverse names, A for all others.
    pub record_type: RecordType,
    /// The networks that get it.
    pub vnets: Vec<VnetId>,
    /// The interfaces with DNS servers of their own that get it, by their places.
    pub interfaces: Vec<u32>,
    /// As it is.
    pub before: Verdict,
    /// Under the other value.
    pub after: Verdict,
}

/// What of an answer a client would notice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Verdict {
    /// How it ends.
    pub outcome: Outcome,
    /// The response code, where there is one.
    pub rcode: Option<Rcode>,
    /// Where it leads.
    pub reach: Reach,
    /// The final record set of a private zone.
    pub set: Option<SetRef>,
    /// The final data of public DNS or of built-in names.
    pub data: Vec<String>,
}

impl Verdict {
    fn new(view: &View<'_>, asked: Asked) -> Verdict {
        let answer = answer(view, asked);
        // An unknown server is the same unknown whoever passed the question on.
        let set = answer.set.filter(|_| !matches!(answer.decider, Decider::None));
        let mut data = Vec::new();
        if answer.outcome == Outcome::Answered && set.is_none() {
            let mut trace = Trace::default();
            resolve(view, &asked.place(view.index()), asked.record_type(), &mut trace);
            if let Some(HopResult::Records(records)) = trace.hops.last().map(|hop| &hop.said) {
                data = records.texts(&view.index().estate().names);
            }
        }
        let (outcome, rcode, reach) = (answer.outcome, answer.rcode(), answer.reach);
        Verdict { outcome, rcode, reach, set, data }
    }

    /// Whether nobody can say more of the one than of the other.
    fn is_as_unknown_as(&self, other: &Verdict) -> bool {
        self.outcome.is_unknown() && other.outcome.is_unknown()
    }
}

impl Flip {
    /// Whether nothing would be otherwise.
    pub fn is_idle(&self) -> bool {
        self.appears.is_empty() && self.goes.is_empty() && self.answers.is_empty()
    }
}

/// Runs the rules again for each other value of each assumption, and asks again for every
/// name whose answer rests on it.
///
/// Findings are the same where their fingerprints are; levels, ignores and baseline hold.
pub fn sensitivity(index: &Index, settings: &Settings, policy: &Policy, today: Date) -> Vec<Flip> {
    let run = |context: &Context<'_>| {
        let findings = check(context, |rule| policy.wants(rule));
        policy.judge(context, findings, today).findings
    };
    let context = Context::new(index, settings);
    let findings = run(&context);
    let clients = clients(&context);
    let views = views_of(&context, &context, &clients);
    let resting = resting(&context, settings, &views);
    let flips = settings.flips().map(|(doc, value, flipped)| {
        let other = Context::new(index, &flipped);
        let others = run(&other);
        // Another value than the default may end a walk before it is noted.
        let doubted = |one: &&Resting| {
            one.assumed.contains(doc.assumption) || !settings.is_default(doc.assumption)
        };
        let resting: Vec<&Resting> = resting.iter().filter(doubted).collect();
        Flip {
            doc,
            value,
            appears: missing_from(&findings, &others),
            goes: missing_from(&others, &findings),
            answers: changed(&clients, &views, &views_of(&context, &other, &clients), &resting),
        }
    });
    flips.collect()
}

/// Those of `others` that are not among `findings`.
fn missing_from(findings: &[Judged], others: &[Judged]) -> Vec<Judged> {
    let known: HashSet<&str> = findings.iter().map(|one| one.fingerprint.as_str()).collect();
    others.iter().filter(|one| !known.contains(one.fingerprint.as_str())).cloned().collect()
}

/// What is asked for: a name, and a type by [`Asked::record_type`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Asked {
    /// Names without a private endpoint come later.
    plain: bool,
    /// Names below it that nobody lists.
    unlisted: bool,
    name: NameId,
    reverse: bool,
}

/// The label that stands for those that nobody lists.
const UNLISTED: &[u8] = b"any-other-name";

impl Asked {
    fn record_type(self) -> RecordType {
        if self.reverse { RecordType::Ptr } else { RecordType::A }
    }

    fn place(self, index: &Index) -> Place {
        let below = || {
            let apex = index.estate().names.name(self.name);
            Name::from_labels(std::iter::once(UNLISTED).chain(apex.labels())).ok()
        };
        match self.unlisted.then(below).flatten() {
            Some(name) => index.locate(&name),
            None => Place::Known(self.name),
        }
    }
}

/// An answer that may rest on assumptions.
struct Resting {
    asked: Asked,
    /// Who asks, by place.
    client: u32,
    assumed: Assumed,
}

/// Networks that share a view, or interfaces of theirs with the same DNS servers of their own.
struct Client {
    vnets: Vec<VnetId>,
    interfaces: Vec<u32>,
}

fn clients(context: &Context<'_>) -> Vec<Client> {
    let networks = context.views().iter().map(View::vnets);
    let mut clients: Vec<Client> =
        networks.map(|vnets| Client { vnets: vnets.to_vec(), interfaces: Vec::new() }).collect();
    let places = context.view_places();
    let mut own: BTreeMap<(usize, &[IpAddr]), Client> = BTreeMap::new();
    for (facts, at) in context.estate().interfaces.iter().zip(0u32..) {
        let Some((vnet, &place)) = facts.vnet.and_then(|vnet| Some((vnet, places.get(&vnet)?)))
        else {
            continue;
        };
        if !facts.servers.is_empty() {
            let new = || Client { vnets: vec![vnet], interfaces: Vec::new() };
            let client = own.entry((place, &facts.servers)).or_insert_with(new);
            client.interfaces.push(at);
        }
    }
    clients.extend(own.into_values());
    clients
}

/// What each client sees in `other`, which has the same networks and interfaces.
fn views_of<'i>(
    context: &Context<'_>,
    other: &Context<'i>,
    clients: &[Client],
) -> Vec<Option<View<'i>>> {
    let places = other.view_places();
    let view = |client: &Client| {
        let view = &other.views()[*places.get(client.vnets.first()?)?];
        Some(match client.interfaces.first() {
            Some(&at) => view.of_interface(&context.estate().interfaces[at as usize]),
            None => view.clone(),
        })
    };
    clients.iter().map(view).collect()
}

/// All answers to all clients that rest on any assumption: no other can change while all
/// have their defaults.
fn resting(context: &Context<'_>, settings: &Settings, views: &[Option<View<'_>>]) -> Vec<Resting> {
    let names = names(context);
    let defaults = ASSUMPTIONS.iter().all(|doc| settings.is_default(doc.assumption));
    let ask = |&asked: &Asked| {
        let views = views.iter().zip(0u32..);
        let answers =
            views.filter_map(move |(view, at)| Some((at, assumed(view.as_ref()?, asked))));
        let resting = answers.filter(move |(_, assumed)| !defaults || !assumed.is_empty());
        resting.map(move |(client, assumed)| Resting { asked, client, assumed })
    };
    names.par_iter().flat_map_iter(ask).collect()
}

/// What an answer rests on, or, where the default of an assumption is not to know, would.
fn assumed(view: &View<'_>, asked: Asked) -> Assumed {
    let answer = answer(view, asked);
    let mut assumed = answer.assumed;
    if answer.outcome == Outcome::Unknown(Gap::EndpointUnknown) {
        assumed.add(Assumption::UnlistedEndpoint);
    }
    assumed
}

fn answer(view: &View<'_>, asked: Asked) -> Answer {
    resolve(view, &asked.place(view.index()), asked.record_type(), &mut ())
}

/// Every name that a zone, a record, an alias, a rule, a forwarder, a resource and its chain,
/// public DNS or a machine brings in, and for each zone the names that nobody lists, once.
fn names(context: &Context<'_>) -> Vec<Asked> {
    let (index, estate) = (context.index(), context.estate());
    let mut names: Vec<NameId> = Vec::new();
    for zone in estate.zones.iter().chain(estate.server_zones().map(|(_, zone)| zone)) {
        names.extend(of_zone(estate, zone));
    }
    names.extend(index.public_names());
    // Of these nobody may know whether they have an endpoint.
    let resources = estate.resources.iter().flat_map(|resource| &resource.names);
    names.extend(resources.map(|one| one.name));
    let rules = estate.rulesets.iter().flat_map(|ruleset| &ruleset.rules);
    names.extend(rules.map(|rule| rule.domain));
    let forwarders = estate.servers.iter().flat_map(|server| &server.forwarders);
    names.extend(forwarders.map(|forwarder| forwarder.domain));
    names.extend(index.built_in_names());
    names.sort_unstable();
    names.dedup();
    let reverse = reverse_roots(estate);
    let asked = |name: NameId| Asked {
        plain: index.service_of(name).is_none(),
        unlisted: false,
        name,
        reverse: reverse.iter().any(|&root| estate.names.is_at_or_below(name, root)),
    };
    let apexes = estate.zones.iter().map(|zone| Asked { unlisted: true, ..asked(zone.apex) });
    let apexes = apexes.filter(|one| !one.reverse);
    let names = names.into_iter().filter(|&name| name != NameId::ROOT);
    let mut asked: Vec<Asked> = names.map(asked).chain(apexes).collect();
    asked.sort_unstable();
    asked.dedup();
    asked
}

/// Owners, the names between them and the apex, and targets of aliases.
fn of_zone<'e>(estate: &'e Estate, zone: &'e Zone) -> impl Iterator<Item = NameId> + 'e {
    let target = |set: &RecordSet| match set.data {
        RecordData::Cname(target) => Some(target),
        _ => None,
    };
    let up = |set: &RecordSet| {
        let names = estate.names.ancestors(set.owner);
        names.take_while(|&name| estate.names.is_at_or_below(name, zone.apex) && name != zone.apex)
    };
    let names = zone.record_sets.iter().flat_map(move |set| up(set).chain(target(set)));
    std::iter::once(zone.apex).chain(names)
}

/// Below these addresses are names (RFC 1035 section 3.5, RFC 3596 section 2.5).
fn reverse_roots(estate: &Estate) -> Vec<NameId> {
    let roots = ["in-addr.arpa", "ip6.arpa"].into_iter();
    roots.filter_map(|root| estate.names.get(&root.parse::<Name>().ok()?)).collect()
}

/// Networks, and interfaces by their places.
type Told = (Vec<VnetId>, Vec<u32>);

/// The answers that are others in `flipped` than in `views`.
fn changed(
    clients: &[Client],
    views: &[Option<View<'_>>],
    flipped: &[Option<View<'_>>],
    resting: &[&Resting],
) -> Vec<ChangedAnswer> {
    let compare = |one: &&Resting| {
        let (asked, at) = (one.asked, one.client as usize);
        let verdict = |view: &Option<View<'_>>| Some(Verdict::new(view.as_ref()?, asked));
        let (before, after) = (verdict(&views[at])?, verdict(&flipped[at])?);
        let same = before == after || before.is_as_unknown_as(&after);
        (!same).then_some((asked, before, after, at))
    };
    let mut groups: BTreeMap<(Asked, Verdict, Verdict), Told> = BTreeMap::new();
    for (asked, before, after, at) in resting.par_iter().filter_map(compare).collect::<Vec<_>>() {
        let (vnets, interfaces) = groups.entry((asked, before, after)).or_default();
        match &clients[at] {
            client if client.interfaces.is_empty() => vnets.extend(&client.vnets),
            client => interfaces.extend(&client.interfaces),
        }
    }
    let one = |((asked, before, after), (mut vnets, interfaces)): ((Asked, _, _), Told)| {
        vnets.sort();
        ChangedAnswer {
            name: asked.name,
            unlisted: asked.unlisted,
            record_type: asked.record_type(),
            vnets,
            interfaces,
            before,
            after,
        }
    };
    groups.into_iter().map(one).collect()
}

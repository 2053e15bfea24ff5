//! What other values of the assumptions would change.

use std::collections::{BTreeMap, HashSet};

use jiff::civil::Date;
use rayon::prelude::*;

use super::{Context, Judged, Policy, check};
use crate::estate::{Estate, RecordSet, VnetId, Zone};
use crate::index::{ASSUMPTIONS, Assumed, AssumptionDoc, Index, Place, SetRef, Settings, View};
use crate::name::{Name, NameId};
use crate::record::{RecordData, RecordType};
use crate::resolve::{Answer, Decider, HopResult, Outcome, Rcode, Reach, Trace, resolve};

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
    /// The name asked for.
    pub name: NameId,
    /// The type: PTR for reverse names, A for all others.
    pub record_type: RecordType,
    /// The networks that get it.
    pub vnets: Vec<VnetId>,
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
        let mut trace = Trace::default();
        let name = Place::Known(asked.name);
        let answer = resolve(view, &name, asked.record_type(), &mut trace);
        // An unknown server is the same unknown whoever passed the question on.
        let set = answer.set.filter(|_| !matches!(answer.decider, Decider::None));
        let data = match trace.hops.last().map(|hop| &hop.said) {
            Some(HopResult::Records(data)) => data.texts(&view.index().estate().names),
            _ => Vec::new(),
        };
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
    let resting = resting(&context, settings);
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
            answers: changed(&context, &other, &resting),
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
    name: NameId,
    reverse: bool,
}

impl Asked {
    fn record_type(self) -> RecordType {
        if self.reverse { RecordType::Ptr } else { RecordType::A }
    }
}

/// An answer that may rest on assumptions.
struct Resting {
    asked: Asked,
    /// By its place.
    view: u32,
    assumed: Assumed,
}

/// All answers of all views that rest on any assumption: no other can change while all
/// have their defaults.
fn resting(context: &Context<'_>, settings: &Settings) -> Vec<Resting> {
    let names = names(context);
    let defaults = ASSUMPTIONS.iter().all(|doc| settings.is_default(doc.assumption));
    let ask = |&asked: &Asked| {
        let views = context.views().iter().zip(0u32..);
        let answers = views.map(move |(view, at)| (at, answer(view, asked).assumed));
        let resting = answers.filter(move |(_, assumed)| !defaults || !assumed.is_empty());
        resting.map(move |(view, assumed)| Resting { asked, view, assumed })
    };
    names.par_iter().flat_map_iter(ask).collect()
}

fn answer(view: &View<'_>, asked: Asked) -> Answer {
    resolve(view, &Place::Known(asked.name), asked.record_type(), &mut ())
}

/// Every name that a zone, a record, an alias, a rule, a forwarder, an endpoint's chain or a
/// machine brings in, once.
fn names(context: &Context<'_>) -> Vec<Asked> {
    let (index, estate) = (context.index(), context.estate());
    let mut names: Vec<NameId> = Vec::new();
    for zone in estate.zones.iter().chain(estate.server_zones().map(|(_, zone)| zone)) {
        names.extend(of_zone(estate, zone));
    }
    for service in index.services() {
        names.push(service.name);
        names.extend(service.aliases.iter().copied());
    }
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
        name,
        reverse: reverse.iter().any(|&root| estate.names.is_at_or_below(name, root)),
    };
    let names = names.into_iter().filter(|&name| name != NameId::ROOT);
    let mut asked: Vec<Asked> = names.map(asked).collect();
    asked.sort_unstable();
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

/// Those of the answers that are others in `other`, which has the same networks.
fn changed(context: &Context<'_>, other: &Context<'_>, resting: &[&Resting]) -> Vec<ChangedAnswer> {
    // Who shares a view does not depend on settings; which place it has may.
    let flipped = |view: &View<'_>| other.view_of(*view.vnets().first()?);
    let flipped: Vec<_> = context.views().iter().map(flipped).collect();
    let compare = |one: &&Resting| {
        let (asked, at) = (one.asked, one.view as usize);
        let verdict = |view: &View<'_>| Verdict::new(view, asked);
        let (before, after) = (verdict(&context.views()[at]), verdict(flipped[at]?));
        let same = before == after || before.is_as_unknown_as(&after);
        (!same).then_some((asked, before, after, at))
    };
    let mut groups: BTreeMap<(Asked, Verdict, Verdict), Vec<VnetId>> = BTreeMap::new();
    for (asked, before, after, at) in resting.par_iter().filter_map(compare).collect::<Vec<_>>() {
        let vnets = context.views()[at].vnets();
        groups.entry((asked, before, after)).or_default().extend(vnets);
    }
    let one = |((asked, before, after), mut vnets): ((Asked, _, _), Vec<VnetId>)| {
        vnets.sort();
        ChangedAnswer { name: asked.name, record_type: asked.record_type(), vnets, before, after }
    };
    groups.into_iter().map(one).collect()
}

//! The hops of one walk, kept.

use std::net::{IpAddr, SocketAddr};

use super::{Actor, Answer, Asked, Recorder, Said, resolve};
use crate::estate::BlockResponse;
use crate::index::{Party, Place, RuleRef, RulesetHold, SetRef, View};
use crate::record::{RecordData, RecordType};

/// One hop.
#[derive(Clone, Debug)]
pub struct Hop {
    /// The name that was looked up.
    pub name: Place,
    /// Who looked it up.
    pub by: Actor,
    /// Who was asked.
    pub asked: Asked,
    /// What came of it.
    pub said: HopResult,
}

/// What a hop gave, by itself.
#[derive(Clone, Debug)]
pub enum HopResult {
    /// The final record set of a private zone.
    Set(SetRef),
    /// The final record set of public DNS.
    Records(RecordData),
    /// An alias, from this set of a private zone where it is from one.
    Alias(Place, Option<SetRef>),
    /// The name exists without the type.
    NoData,
    /// The name does not exist.
    NxDomain,
    /// A public endpoint of unknown address.
    Endpoint,
    /// It was passed on to whoever listens at that address.
    Forwarded(SocketAddr, Party),
    /// An alias closed a loop.
    Loop,
    /// One alias too many.
    Limit,
    /// Who makes the hop was asked the same before.
    ForwardLoop,
    /// The server does not look it up.
    Refused,
    /// The policy lets it pass, and it is looked up.
    Permitted,
    /// The policy blocks it.
    Blocked(BlockResponse),
    /// The estate cannot say.
    Unknown(super::Gap),
}

/// All hops of one walk.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// In the order they were made.
    pub hops: Vec<Hop>,
}

impl Recorder for Trace {
    fn hop(&mut self, name: &Place, by: Actor, asked: Asked, said: Said<'_>) {
        let said = match said {
            Said::Set(set) => HopResult::Set(set),
            Said::Records(data) => HopResult::Records(data.clone()),
            Said::Alias(target, set) => HopResult::Alias(target, set),
            Said::NoData => HopResult::NoData,
            Said::NxDomain => HopResult::NxDomain,
            Said::Endpoint => HopResult::Endpoint,
            Said::Forwarded(address, party) => HopResult::Forwarded(address, party),
            Said::Loop => HopResult::Loop,
            Said::Limit => HopResult::Limit,
            Said::ForwardLoop => HopResult::ForwardLoop,
            Said::Refused => HopResult::Refused,
            Said::Permitted => HopResult::Permitted,
            Said::Blocked(response) => HopResult::Blocked(response),
            Said::Unknown(gap) => HopResult::Unknown(gap),
        };
        self.hops.push(Hop { name: name.clone(), by, asked, said });
    }

    fn again(&mut self) {
        self.hops.clear();
    }
}

impl Trace {
    /// The zones that were asked.
    pub fn zones(&self) -> impl Iterator<Item = crate::estate::ZoneId> {
        self.hops.iter().filter_map(|hop| match hop.asked {
            Asked::Zone(claim) => Some(claim.zone()),
            _ => None,
        })
    }

    /// The hops of the circle in which it was forwarded; none where it was not.
    pub fn circle(&self) -> &[Hop] {
        let Some(last) = self.hops.last() else { return &[] };
        if !matches!(last.said, HopResult::ForwardLoop) {
            return &[];
        }
        let again = |hop: &Hop| hop.by == last.by && hop.name == last.name;
        let first = self.hops.iter().position(again).unwrap_or(0);
        &self.hops[first..]
    }

    /// The last name of the chain.
    pub fn last_name(&self) -> Option<&Place> {
        self.hops.last().map(|hop| &hop.name)
    }
}

/// A record set that would have answered, had the zone before it not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// The set.
    pub set: SetRef,
}

/// The record sets that the deciding zone hides, nearest first: what the same
/// question finds when that zone, and then the next, is taken away.
pub fn hidden_behind(
    view: &View<'_>,
    name: &Place,
    record_type: RecordType,
    answer: &Answer,
) -> Vec<Hidden> {
    let mut hidden = Vec::new();
    let mut view = view.clone();
    let mut answer = *answer;
    while let Some(zone) = answer.zone() {
        view = view.without(zone);
        answer = resolve(&view, name, record_type, &mut ());
        if let Some(set) = answer.set {
            hidden.push(Hidden { set });
        }
    }
    hidden
}

/// The record set that a private zone would answer with, if no rule forwarded the question.
pub fn behind_rules(
    view: &View<'_>,
    name: &Place,
    record_type: RecordType,
    answer: &Answer,
    trace: &Trace,
) -> Option<Hidden> {
    let mut hops = trace.hops.iter();
    hops.find(|hop| matches!(hop.asked, Asked::Rule(_)))?;
    let set = resolve(&view.without_rules(), name, record_type, &mut ()).set?;
    (answer.set != Some(set)).then_some(Hidden { set })
}

/// The rules that cover the name of a hop and were passed over, the longest first: a zone, a
/// built-in name or a reserved suffix came before them.
pub fn passed_over(view: &View<'_>, hop: &Hop) -> Vec<RuleRef> {
    let Actor::Azure(other) = hop.by else { return Vec::new() };
    let (index, dns) = (view.index(), view.azure(other));
    let names = &index.estate().names;
    let covers = |rule: &RuleRef| match hop.asked {
        // A zone of its name, or of a longer one, comes first without a question.
        Asked::Zone(claim) => {
            let apex = index.estate().zone(claim.zone()).apex;
            names.depth(index.rule(*rule).domain) > names.depth(apex)
        }
        Asked::Public(_) | Asked::BuiltIn => true,
        _ => false,
    };
    match dns.rule(index, hop.name.node()) {
        Some((rule, RulesetHold::Linked)) => {
            index.rules_for(rule.ruleset, hop.name.node()).filter(covers).collect()
        }
        _ => Vec::new(),
    }
}

/// Whom else the clients, rules and servers of a walk may have asked, each with the view
/// in which they do; where nothing is known of the one or of the other, that tells nothing.
pub fn alternatives<'i>(view: &View<'i>, trace: &Trace) -> Vec<(IpAddr, View<'i>)> {
    let index = view.index();
    let own = view.asked().iter().enumerate().skip(1);
    let mut found: Vec<(IpAddr, View<'i>)> =
        own.map(|(at, &address)| (address, view.asking(at))).collect();
    for hop in &trace.hops {
        let (asker, targets) = match (hop.asked, hop.by) {
            (Asked::Rule(rule), _) => (None, &index.rule(rule).targets),
            (Asked::Forwarder(Some(at)), Actor::Server(server)) => {
                let facts = &index.estate().servers[server as usize];
                (facts.vnet, &facts.forwarders[at as usize].targets)
            }
            _ => continue,
        };
        let is_known = |target: &SocketAddr| index.party_at(asker, *target).is_modelled();
        if !targets.iter().any(is_known) {
            continue;
        }
        for target in targets.iter().skip(1).map(SocketAddr::ip) {
            if found.iter().all(|(known, _)| *known != target) {
                found.push((target, view.forwarding_to(target)));
            }
        }
    }
    found
}

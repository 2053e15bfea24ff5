//! What a link that is not operational yet makes of an answer.
//!
//! While it waits its zone, ruleset or policy may decide or not. Both ways are walked: where
//! they end alike that is the answer, else nobody can say, and both are told.

use super::{Answer, Gap, HopResult, Outcome, Recorder, Trace, resolve};
use crate::estate::Estate;
use crate::index::{Assumed, Pending, Place, PolicyVerdict, View};
use crate::record::{RecordData, RecordType};

/// How many such links one answer may wait for: each doubles the ways that it may go.
const PENDING_LIMIT: usize = 4;

/// What will become of a link that is not operational.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// It is being made or changed.
    Coming,
    /// It is being deleted.
    Going,
    /// It was not made: it stays so.
    Failed,
}

impl LinkState {
    /// By what Azure says of links; where they differ it is not known which one counts.
    ///
    /// `provisioningState` of a link: Private DNS REST reference 2024-06-01 (`Creating`,
    /// `Updating`, `Deleting`, `Succeeded`, `Failed`, `Canceled`), read 2026-11.
    pub fn of<'e>(states: impl Iterator<Item = &'e str>) -> LinkState {
        let state = |text: &str| match text.to_ascii_lowercase().as_str() {
            "deleting" => LinkState::Going,
            "failed" | "canceled" => LinkState::Failed,
            _ => LinkState::Coming,
        };
        let mut states = states.map(state);
        let first = states.next().unwrap_or(LinkState::Coming);
        if states.all(|other| other == first) { first } else { LinkState::Coming }
    }

    /// What it is, after "the link".
    pub fn describe(self) -> &'static str {
        match self {
            LinkState::Coming => "is not operational yet",
            LinkState::Going => "is being deleted",
            LinkState::Failed => "is not operational: making or changing it failed",
        }
    }

    /// What would tell which way it goes.
    pub(super) fn settled_by(self) -> &'static str {
        match self {
            LinkState::Coming => "waiting until the link is operational, and a new export",
            LinkState::Going => "waiting until the link is gone, and a new export",
            LinkState::Failed => "deleting the link and making it anew, and a new export",
        }
    }

    /// When the answer is that without the link, and when that with it.
    pub fn ways(self) -> [&'static str; 2] {
        match self {
            LinkState::Coming => ["until the link works", "once it does"],
            LinkState::Going => ["once the link is gone", "until then"],
            LinkState::Failed => ["where the link does not work", "where it does"],
        }
    }
}

impl Gap {
    /// Whose link it is that nobody can say anything of.
    pub(super) fn pending(self) -> Option<Pending> {
        match self {
            Gap::PendingLink(zone) => Some(Pending::Zone(zone)),
            Gap::PendingRuleset(ruleset) => Some(Pending::Ruleset(ruleset)),
            Gap::Policy(PolicyVerdict::Pending(at)) => Some(Pending::Policy(at.policy)),
            _ => None,
        }
    }
}

/// The state of the links that are not operational.
pub(super) fn link_state(estate: &Estate, pending: Pending) -> LinkState {
    match pending {
        Pending::Zone(zone) => {
            LinkState::of(estate.zone(zone).links.iter().filter_map(|link| link.pending.as_deref()))
        }
        Pending::Ruleset(ruleset) => {
            let links = &estate.ruleset(ruleset).links;
            LinkState::of(links.iter().filter_map(|link| link.pending.as_deref()))
        }
        Pending::Policy(policy) => {
            let links = &estate.policies[policy as usize].links;
            LinkState::of(links.iter().filter_map(|link| link.pending.as_deref()))
        }
    }
}

/// An answer that waits for a link: when it is the one, and the view in which it is.
pub struct Way<'i> {
    /// Whether the link works there.
    pub works: bool,
    /// When that is.
    pub when: &'static str,
    /// What clients see then.
    pub view: View<'i>,
}

/// The views without the link for which an answer waits, and with it.
pub fn ways<'i>(view: &View<'i>, answer: &Answer) -> Option<[Way<'i>; 2]> {
    let Outcome::Unknown(gap) = answer.outcome else { return None };
    let pending = gap.pending()?;
    let [without, with] = link_state(view.index().estate(), pending).ways();
    let way = |works, when| Way { works, when, view: view.settled(pending, works) };
    Some([way(false, without), way(true, with)])
}

/// The answer that is the same whether or not the links work that it waits for; else as it is.
#[cold]
pub(super) fn settle(
    view: &View<'_>,
    name: &Place,
    record_type: RecordType,
    answer: Answer,
    recorder: &mut impl Recorder,
) -> Answer {
    let Some((with, assumed)) = common(view, name, record_type, &answer, PENDING_LIMIT) else {
        return answer;
    };
    recorder.again();
    let answer = super::walk(&with, name, record_type, recorder);
    Answer { assumed, ..answer }
}

/// The view where all works that an answer waits for, and on what it rests, if it is the same
/// in all ways.
fn common<'i>(
    view: &View<'i>,
    name: &Place,
    record_type: RecordType,
    answer: &Answer,
    limit: usize,
) -> Option<(View<'i>, Assumed)> {
    let [without, with] = ways(view, answer).filter(|_| limit > 0)?;
    let settled = |view: View<'i>| {
        let answer = super::walk(&view, name, record_type, &mut ());
        match answer.outcome {
            Outcome::Unknown(_) => common(&view, name, record_type, &answer, limit - 1),
            _ => Some((view, answer.assumed)),
        }
    };
    let (with, mut assumed) = settled(with.view)?;
    let (without, other) = settled(without.view)?;
    if seen(&with, name, record_type) != seen(&without, name, record_type) {
        return None;
    }
    assumed.join(other);
    Some((with, assumed))
}

/// What a client sees of an answer: how it ends, the aliases, the data.
fn seen(view: &View<'_>, name: &Place, record_type: RecordType) -> impl PartialEq + use<> {
    let mut trace = Trace::default();
    let answer = resolve(view, name, record_type, &mut trace);
    let index = view.index();
    let told = |hop: super::Hop| -> Option<(Option<Place>, Option<RecordData>)> {
        match hop.said {
            HopResult::Alias(target, _) => Some((Some(target), None)),
            HopResult::Set(set) => Some((None, Some(index.set(set).data.clone()))),
            HopResult::Records(data) => Some((None, Some(data))),
            _ => None,
        }
    };
    let data: Vec<_> = trace.hops.into_iter().filter_map(told).collect();
    (answer.outcome, answer.rcode(), answer.reach, data)
}

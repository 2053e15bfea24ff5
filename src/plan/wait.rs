//! How long the old answers live on, and what a step has to wait for.

use super::comparison::Comparison;
use crate::estate::{Change, PublicData, PublicFact, RulesetEdit};
use crate::index::{Basis, Place, View};
use crate::record::{RecordData, RecordType};
use crate::resolve::{Asked, HopResult, Outcome, Trace, resolve};

/// How long a cache keeps an answer, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cached {
    /// At most so long, by what is known.
    pub seconds: Option<u32>,
    /// Whether a part of the chain has a time to live that nobody stated, so that it may
    /// be shorter; and for an error, that the SOA of the zone was not exported.
    pub unstated: bool,
    /// Whether it is an error or empty answer.
    pub negative: bool,
}

/// How long the caches of clients keep the answer to a question.
///
/// An answer lives as long as the shortest-lived record of its chain; an error as long as the
/// smaller of the TTL and the minimum of the zone's SOA (RFC 2308, section 5).
pub fn cached(view: &View<'_>, name: &Place, record_type: RecordType) -> Cached {
    let mut trace = Trace::default();
    let answer = resolve(view, name, record_type, &mut trace);
    let (index, estate) = (view.index(), view.index().estate());
    let mut cached = Cached::default();
    let mut at_most = |seconds: Option<u32>| match (seconds, cached.seconds) {
        (None, _) => cached.unstated = true,
        (Some(seconds), known) => {
            cached.seconds = Some(known.map_or(seconds, |known| known.min(seconds)));
        }
    };
    for hop in &trace.hops {
        let recorded = match hop.asked {
            Asked::Public(Some(Basis::Recorded(at)))
            | Asked::Redirected(Some(Basis::Recorded(at))) => match &estate.public[at as usize] {
                PublicFact::Recorded { data: PublicData::Records(_, ttl), .. } => *ttl,
                _ => None,
            },
            _ => None,
        };
        match &hop.said {
            HopResult::Set(set) | HopResult::Alias(_, Some(set)) => {
                at_most(index.set(*set).ttl.map(|ttl| ttl.seconds()));
            }
            HopResult::Records(_) | HopResult::Alias(_, None) | HopResult::Endpoint => {
                at_most(recorded.map(|ttl| ttl.seconds()));
            }
            _ => {}
        }
    }
    if !matches!(answer.outcome, Outcome::NoData | Outcome::NxDomain) {
        return cached;
    }
    // A chain that ends in an error is kept as an error.
    let soa = answer.zone().and_then(|zone| {
        let facts = estate.zone(zone);
        facts.record_sets.iter().take_while(|set| set.owner == facts.apex).find_map(
            |set| match &set.data {
                RecordData::Soa(soa) => Some((soa.minimum, set.ttl)),
                _ => None,
            },
        )
    });
    let seconds = soa.map(|(minimum, ttl)| ttl.map_or(minimum, |ttl| minimum.min(ttl.seconds())));
    Cached { seconds, unstated: seconds.is_none(), negative: true }
}

/// What to wait for after a step, before the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wait {
    /// The longest that caches keep an old answer of a known name, in seconds.
    pub caches: u32,
    /// Whether some of them keep it for a time that nobody stated.
    pub unstated: bool,
    /// Links are made, which take "a few minutes" to be operational ("What is a virtual
    /// network link?", learn.microsoft.com/azure/dns/private-dns-virtual-network-links, read
    /// 2026-11).
    pub links: bool,
    /// Servers change, which clients learn at the renewal of their lease.
    pub leases: bool,
}

fn is_link(change: &Change) -> bool {
    matches!(change, Change::Link { .. } | Change::Ruleset { edit: RulesetEdit::Link { .. }, .. })
}

/// What a step has to wait for.
pub fn wait(comparison: &Comparison<'_>, changes: &[Change]) -> Wait {
    let mut wait = Wait {
        links: changes.iter().any(is_link),
        leases: changes.iter().any(|change| matches!(change, Change::SetServers { .. })),
        ..Wait::default()
    };
    let known = comparison.effects.iter().filter(|effect| effect.listed() && !effect.on_the_way());
    for effect in known.filter(|effect| effect.record_type == RecordType::A) {
        let view = comparison.view_before(effect);
        let cached = cached(&view, &view.index().locate(&effect.name), effect.record_type);
        wait.caches = wait.caches.max(cached.seconds.unwrap_or(0));
        wait.unstated |= cached.seconds.is_none();
    }
    wait
}

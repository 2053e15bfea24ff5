//! The thread that owns an index and answers from it.

use std::sync::mpsc::{Receiver, Sender, channel};

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::Record;
use tokio::sync::oneshot;

use super::Simulation;
use crate::estate::{BLOCKED, BlockResponse, PublicData, PublicFact, ZoneId};
use crate::index::{Basis, Index, View};
use crate::name::Name;
use crate::record::{RecordData, RecordType, Ttl};
use crate::resolve::{Asked, Gap, Hop, HopResult, Trace, resolve};
use crate::wire;

/// The TTL of records of which nobody stated one: not to be kept, since a reload may
/// change them.
const UNSTATED_TTL: u32 = 0;

/// An answer that will come.
pub(super) type Waiting = oneshot::Receiver<Answered>;

/// What the simulation says.
pub(super) enum Answered {
    /// All of it.
    Done { rcode: ResponseCode, answers: Vec<Record>, authority: Vec<Record>, why: Option<String> },
    /// The aliases so far, and the name at which public DNS has to go on.
    Public { answers: Vec<Record>, name: Name, why: String },
    /// No private zone claims the name, where only that was asked.
    NotClaimed,
}

struct Job {
    vnet: usize,
    name: Name,
    record_type: RecordType,
    /// Whether to answer only where a private zone claims the name.
    claimed: bool,
    reply: oneshot::Sender<Answered>,
}

/// Where questions are handed in.
pub(super) struct Desk {
    jobs: Sender<Job>,
}

impl Desk {
    /// Starts the thread and waits until it can answer.
    pub fn open(simulation: Simulation) -> Desk {
        let (jobs, taken) = channel();
        let (ready, waiting) = channel();
        std::thread::spawn(move || {
            let Simulation { estate, vnets, settings } = simulation;
            let index = Index::new(estate);
            let views = index.views(&settings);
            let views: Vec<&View<'_>> = vnets
                .iter()
                .filter_map(|vnet| views.iter().find(|view| view.vnets().contains(vnet)))
                .collect();
            // Whoever waits may be gone.
            let _ = ready.send(());
            work(&views, &taken);
        });
        // An error means that the thread is gone; then no question is answered either.
        let _ = waiting.recv();
        Desk { jobs }
    }

    pub fn ask(
        &self,
        vnet: usize,
        name: Name,
        record_type: RecordType,
        claimed: bool,
    ) -> Option<Waiting> {
        let (reply, waiting) = oneshot::channel();
        self.jobs.send(Job { vnet, name, record_type, claimed, reply }).ok()?;
        Some(waiting)
    }
}

/// Answers until nobody can ask any more.
fn work(views: &[&View<'_>], jobs: &Receiver<Job>) {
    while let Ok(Job { vnet, name, record_type, claimed, reply }) = jobs.recv() {
        let Some(view) = views.get(vnet) else { continue };
        let _ = reply.send(answer(view, &name, record_type, claimed));
    }
}

fn answer(view: &View<'_>, name: &Name, record_type: RecordType, claimed: bool) -> Answered {
    let index = view.index();
    let place = index.locate(name);
    if claimed && view.claim(place.node()).is_none() {
        return Answered::NotClaimed;
    }
    let mut trace = Trace::default();
    let result = resolve(view, &place, record_type, &mut trace);
    let mut answers = Vec::new();
    let blocked = trace.hops.last().filter(|last| matches!(last.said, HopResult::Blocked(_)));
    // Of an answer that a policy blocks later nothing stands from the blocked name on.
    let stands = |hop: &&Hop| blocked.is_none_or(|last| hop.name != last.name);
    for hop in trace.hops.iter().take_while(stands).chain(blocked) {
        records(index, hop, &mut answers);
    }
    let Some(last) = trace.hops.last() else {
        return Answered::NotClaimed;
    };
    let at = index.name(&last.name);
    let public = |why: String| Answered::Public { answers: answers.clone(), name: at.clone(), why };
    let done =
        |rcode, authority, why| Answered::Done { rcode, answers: answers.clone(), authority, why };
    let explain = |gap: Gap| format!("the estate cannot say: {}", gap.explain(index, &at.text()));
    match &last.said {
        HopResult::Endpoint => public(format!(
            "{} leads to a public endpoint, whose address the estate does not hold; `--upstream` asks",
            at.text()
        )),
        HopResult::Unknown(gap @ (Gap::PublicUnrecorded | Gap::EndpointUnknown)) => {
            public(format!("{}; `--upstream` asks", explain(*gap)))
        }
        HopResult::Unknown(gap) => done(ResponseCode::ServFail, Vec::new(), Some(explain(*gap))),
        HopResult::Blocked(BlockResponse::ServFail) => {
            let why = "a DNS security policy blocks it".to_owned();
            done(ResponseCode::ServFail, Vec::new(), Some(why))
        }
        HopResult::Refused => {
            let why = "the server asked does not look it up".to_owned();
            done(ResponseCode::Refused, Vec::new(), Some(why))
        }
        HopResult::ForwardLoop => {
            let why = "the servers forward to each other".to_owned();
            done(ResponseCode::ServFail, Vec::new(), Some(why))
        }
        HopResult::Loop => {
            done(ResponseCode::ServFail, Vec::new(), Some("the aliases go round".to_owned()))
        }
        HopResult::Limit => {
            done(ResponseCode::ServFail, Vec::new(), Some("too many aliases".to_owned()))
        }
        HopResult::NoData | HopResult::NxDomain => {
            let nxdomain = result.rcode() == Some(crate::resolve::Rcode::NxDomain);
            let rcode = if nxdomain { ResponseCode::NXDomain } else { ResponseCode::NoError };
            let zone = match last.asked {
                Asked::Zone(claim) => Some(claim.zone()),
                _ => None,
            };
            done(rcode, zone.and_then(|zone| soa(index, zone)).into_iter().collect(), None)
        }
        _ => done(ResponseCode::NoError, Vec::new(), None),
    }
}

/// The records of one hop.
fn records(index: &Index, hop: &Hop, answers: &mut Vec<Record>) {
    let owner = index.name(&hop.name);
    let names = &index.estate().names;
    match &hop.said {
        HopResult::Set(set) | HopResult::Alias(_, Some(set)) => {
            let facts = index.set(*set);
            answers.extend(wire::records(&owner, seconds(facts.ttl), &facts.data, names));
        }
        HopResult::Records(data) => {
            answers.extend(wire::records(&owner, recorded_ttl(index, hop), data, names));
        }
        HopResult::Blocked(BlockResponse::Alias) => {
            let target: Option<Name> = BLOCKED.parse().ok();
            answers
                .extend(target.into_iter().flat_map(|to| wire::alias(&owner, UNSTATED_TTL, &to)));
        }
        HopResult::Alias(target, None) => {
            let target = index.name(target);
            answers.extend(wire::alias(&owner, recorded_ttl(index, hop), &target));
        }
        _ => {}
    }
}

fn seconds(ttl: Option<Ttl>) -> u32 {
    ttl.map_or(UNSTATED_TTL, Ttl::seconds)
}

/// The TTL that was recorded of a public answer.
fn recorded_ttl(index: &Index, hop: &Hop) -> u32 {
    let (Asked::Public(basis) | Asked::Redirected(basis)) = hop.asked else { return UNSTATED_TTL };
    let Some(Basis::Recorded(at)) = basis else { return UNSTATED_TTL };
    match &index.estate().public[at as usize] {
        PublicFact::Recorded { data: PublicData::Records(_, ttl), .. } => seconds(*ttl),
        _ => UNSTATED_TTL,
    }
}

/// The zone's SOA; one that was not exported is as Azure makes them.
fn soa(index: &Index, zone: ZoneId) -> Option<Record> {
    let estate = index.estate();
    let facts = estate.zone(zone);
    let apex = estate.names.name(facts.apex);
    let set = index
        .sets_at(zone, facts.apex)
        .map(|set| index.set(set))
        .find(|set| matches!(set.data, RecordData::Soa(_)));
    match set {
        Some(set) => {
            let ttl = match &set.data {
                // RFC 2308, section 5: the lesser of the two bounds negative caching.
                RecordData::Soa(soa) => seconds(set.ttl).min(soa.minimum),
                _ => UNSTATED_TTL,
            };
            wire::records(&apex, ttl, &set.data, &estate.names).into_iter().next()
        }
        None => wire::azure_soa(&apex),
    }
}

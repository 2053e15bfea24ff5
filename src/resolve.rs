//! The engine: what a network's resolver answers.
//!
//! [`resolve`] walks one question through a [`View`]: the linked zone with the
//! longest apex answers and nothing else does; a name that no linked zone claims
//! goes to public DNS; every alias starts the choice anew. It does no input or
//! output and, for names of the estate, allocates nothing. A [`Recorder`] hears of
//! each hop: [`Trace`] keeps them, `()` does not.
//!
//! The order (zones, then public DNS) is that of "What is Azure DNS Private
//! Resolver?", learn.microsoft.com/azure/dns/dns-private-resolver-overview, read
//! 2026-11. Forwarding rulesets and modelled servers have their place between
//! the two: a question no zone claims.

#![deny(clippy::disallowed_methods)]

mod trace;

use std::net::IpAddr;

use smallvec::SmallVec;

use crate::estate::{Extent, ZoneId};
use crate::index::{
    ALIAS_LIMIT, Assumed, Assumption, Basis, Claim, Doubt, Evidence, Found, Index, Place,
    PublicAnswer, Servers, SetRef, View,
};
use crate::record::{RecordData, RecordType, is_private_v4, is_private_v6};

pub use trace::{Hidden, Hop, HopResult, Trace, hidden_behind};

/// How a question ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Records of the type asked for.
    Answered,
    /// The last name exists without the type.
    NoData,
    /// The last name does not exist.
    NxDomain,
    /// The chain ends at a public endpoint whose address the estate does not hold.
    Public,
    /// A loop of aliases.
    AliasLoop,
    /// More aliases than Azure DNS is taken to follow.
    TooManyAliases,
    /// The estate cannot say.
    Unknown(Gap),
}

impl Outcome {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Answered => "answered",
            Outcome::NoData => "no-data",
            Outcome::NxDomain => "nxdomain",
            Outcome::Public => "public",
            Outcome::AliasLoop => "alias-loop",
            Outcome::TooManyAliases => "too-many-aliases",
            Outcome::Unknown(_) => "unknown",
        }
    }
}

/// Why the estate cannot say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gap {
    /// The clients ask a server that is not modelled.
    CustomServer(IpAddr),
    /// Which servers the clients ask is unknown.
    ServersUnknown,
    /// The link of the zone that would answer is not operational yet.
    PendingLink(ZoneId),
    /// The zone that would answer was not exported with its records.
    UnreadZone(ZoneId),
    /// The zone that would answer was exported in part.
    PartialZone(ZoneId),
    /// The record set that would answer could not be read in full.
    UnreadSet(ZoneId),
    /// The zone may be linked: not all of its links were read.
    UnreadLinks(ZoneId),
    /// Two zones of one name are linked, which Azure refuses.
    TwoZones(ZoneId, ZoneId),
    /// Nothing is recorded of public DNS here.
    PublicUnrecorded,
    /// Whether the resource has an approved private endpoint is unknown, and it matters.
    EndpointUnknown,
    /// Public DNS is recorded to fail.
    PublicFailure,
}

impl Gap {
    /// Why, in words; `name` is the last name of the chain.
    pub fn explain(self, index: &Index, name: &str) -> String {
        let estate = index.estate();
        let zone = |id: ZoneId| format!("`{}`", estate.zone_name(id));
        match self {
            Gap::CustomServer(address) => {
                format!("the network's clients ask {address}, which is not modelled")
            }
            Gap::ServersUnknown => {
                "the network was not exported, so its DNS servers are unknown".to_owned()
            }
            Gap::PendingLink(id) => format!("the link of zone {} is not operational yet", zone(id)),
            Gap::UnreadZone(id) => format!("the records of zone {} were not exported", zone(id)),
            Gap::PartialZone(id) => {
                format!("zone {} was read in part, and what was read lacks `{name}`", zone(id))
            }
            Gap::UnreadLinks(id) => {
                format!("zone {} may be linked: not all of its links were read", zone(id))
            }
            Gap::UnreadSet(id) => {
                format!("what zone {} has for `{name}` could not be read", zone(id))
            }
            Gap::TwoZones(id, _) => {
                format!("two zones named {} are linked, which Azure refuses", zone(id))
            }
            Gap::PublicUnrecorded => format!("public DNS is not recorded for `{name}`"),
            Gap::EndpointUnknown => format!(
                "nothing tells whether the resource of `{name}` has an approved private endpoint"
            ),
            Gap::PublicFailure => format!("public DNS is recorded to fail for `{name}`"),
        }
    }
}

/// Who had the last word.
#[derive(Clone, Copy, Debug)]
pub enum Decider {
    /// A private zone.
    Zone(ZoneId),
    /// Public DNS; on what basis, where there is one.
    Public(Option<Basis>),
    /// A DNS server that is not modelled.
    Server(Option<IpAddr>),
    /// Nobody: the walk went round or too far.
    None,
}

/// Where a client ends up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// At a private address, or at data of a private zone.
    Private,
    /// At a public address or endpoint.
    Public,
    /// Nowhere.
    None,
    /// Nobody can say.
    Unknown,
}

impl Reach {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Reach::Private => "private",
            Reach::Public => "public",
            Reach::None => "none",
            Reach::Unknown => "unknown",
        }
    }
}

/// The response code of a DNS message (RFC 1035, section 4.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rcode {
    /// The name exists.
    NoError,
    /// The name does not exist.
    NxDomain,
    /// The resolver failed.
    ServFail,
}

impl Rcode {
    /// As tools print it.
    pub fn name(self) -> &'static str {
        match self {
            Rcode::NoError => "NOERROR",
            Rcode::NxDomain => "NXDOMAIN",
            Rcode::ServFail => "SERVFAIL",
        }
    }
}

/// The answer to one question.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// How it ended.
    pub outcome: Outcome,
    /// Who had the last word.
    pub decider: Decider,
    /// The final record set, where a private zone has it.
    pub set: Option<SetRef>,
    /// Where a client ends up.
    pub reach: Reach,
    /// How many aliases were followed.
    pub aliases: u8,
    /// What the answer depends on.
    pub assumed: Assumed,
}

impl Answer {
    /// The response code; `None` where the estate cannot say.
    pub fn rcode(&self) -> Option<Rcode> {
        match self.outcome {
            Outcome::Answered | Outcome::NoData | Outcome::Public => Some(Rcode::NoError),
            Outcome::NxDomain => Some(Rcode::NxDomain),
            Outcome::AliasLoop | Outcome::TooManyAliases => Some(Rcode::ServFail),
            Outcome::Unknown(Gap::PublicFailure) => Some(Rcode::ServFail),
            Outcome::Unknown(_) => None,
        }
    }

    /// The zone that had the last word.
    pub fn zone(&self) -> Option<ZoneId> {
        match self.decider {
            Decider::Zone(zone) => Some(zone),
            _ => None,
        }
    }
}

/// Who was asked at a hop.
#[derive(Clone, Copy, Debug)]
pub enum Asked {
    /// A private zone that claims the name.
    Zone(Claim),
    /// Public DNS, since no linked zone claims the name.
    Public(Option<Basis>),
    /// Public DNS, since the zone that claims the name lacks it and its link redirects.
    Redirected(Option<Basis>),
    /// A server that is not modelled.
    Server(Option<IpAddr>),
}

/// What a hop gave.
#[derive(Clone, Debug)]
pub enum Said<'a> {
    /// The final record set of a private zone.
    Set(SetRef),
    /// The final record set of public DNS.
    Records(&'a RecordData),
    /// An alias, from this set of a private zone where it is from one.
    Alias(Place, Option<SetRef>),
    /// The name exists without the type.
    NoData,
    /// The name does not exist.
    NxDomain,
    /// A public endpoint of unknown address.
    Endpoint,
    /// An alias closed a loop.
    Loop,
    /// One alias too many.
    Limit,
    /// The estate cannot say.
    Unknown(Gap),
}

/// Hears of each hop of a walk.
pub trait Recorder {
    /// `name` was looked up at `asked`, and this came of it.
    fn hop(&mut self, name: &Place, asked: Asked, said: Said<'_>);
}

/// Hears nothing.
impl Recorder for () {
    fn hop(&mut self, _: &Place, _: Asked, _: Said<'_>) {}
}

/// Resolves one question as the network's resolver would.
pub fn resolve(
    view: &View<'_>,
    name: &Place,
    record_type: RecordType,
    recorder: &mut impl Recorder,
) -> Answer {
    let mut assumed = Assumed::default();
    let gap = match view.servers() {
        Servers::Azure => None,
        Servers::AssumedAzure => {
            assumed.add(Assumption::UnexportedDns);
            None
        }
        Servers::Custom(address) => Some((Gap::CustomServer(address), Some(address))),
        Servers::Unknown => Some((Gap::ServersUnknown, None)),
    };
    if let Some((gap, address)) = gap {
        recorder.hop(name, Asked::Server(address), Said::Unknown(gap));
        return Answer {
            outcome: Outcome::Unknown(gap),
            decider: Decider::Server(address),
            set: None,
            reach: Reach::Unknown,
            aliases: 0,
            assumed,
        };
    }
    let mut walk = Walk {
        view,
        record_type,
        assumed,
        seen: SmallVec::new(),
        redirected: false,
        public_only: false,
    };
    walk.run(name.clone(), recorder)
}

struct Walk<'v, 'i> {
    view: &'v View<'i>,
    record_type: RecordType,
    assumed: Assumed,
    /// The names so far, to notice a loop.
    seen: SmallVec<[Place; ALIAS_LIMIT + 1]>,
    /// Whether a zone's NXDOMAIN was overruled by its link's policy.
    redirected: bool,
    /// Whether private zones are out of the question since then.
    public_only: bool,
}

/// How the walk goes on after one name.
enum Step {
    Done(Answer),
    Alias(Place),
}

impl Walk<'_, '_> {
    fn run(&mut self, mut place: Place, recorder: &mut impl Recorder) -> Answer {
        loop {
            let target = match self.step(&place, recorder) {
                Step::Done(answer) => return answer,
                Step::Alias(target) => target,
            };
            self.seen.push(place);
            if self.seen.contains(&target) {
                recorder.hop(&target, Asked::Public(None), Said::Loop);
                self.assumed.add(Assumption::LoopRcode);
                return self.end(Outcome::AliasLoop, Decider::None, Reach::None);
            }
            if self.seen.len() > ALIAS_LIMIT {
                recorder.hop(&target, Asked::Public(None), Said::Limit);
                self.assumed.add(Assumption::AliasLimit);
                return self.end(Outcome::TooManyAliases, Decider::None, Reach::None);
            }
            place = target;
        }
    }

    fn end(&self, outcome: Outcome, decider: Decider, reach: Reach) -> Answer {
        let aliases = self.seen.len() as u8;
        Answer { outcome, decider, set: None, reach, aliases, assumed: self.assumed }
    }

    fn unknown(&self, gap: Gap, decider: Decider) -> Step {
        Step::Done(self.end(Outcome::Unknown(gap), decider, Reach::Unknown))
    }

    fn step(&mut self, place: &Place, recorder: &mut impl Recorder) -> Step {
        if let Some(Doubt { zone, missing }) = self.view.doubt(place.node())
            && !self.public_only
        {
            let setting = self.view.settings().value(Assumption::UnexportedLinks);
            if missing || setting == "unknown" {
                let gap = Gap::UnreadLinks(zone);
                recorder.hop(place, Asked::Public(None), Said::Unknown(gap));
                return self.unknown(gap, Decider::None);
            }
            self.assumed.add(Assumption::UnexportedLinks);
        }
        let Some(claim) = self.view.claim(place.node()) else {
            return self.public(place, false, recorder);
        };
        if self.redirected {
            self.assumed.add(Assumption::AfterRedirect);
        }
        if self.public_only {
            return self.public(place, false, recorder);
        }
        match claim {
            Claim::Zone { zone, link } => self.zone(place, claim, zone, link, recorder),
            Claim::Pending { zone, .. } => {
                recorder.hop(place, Asked::Zone(claim), Said::Unknown(Gap::PendingLink(zone)));
                self.unknown(Gap::PendingLink(zone), Decider::Zone(zone))
            }
            Claim::Two(zone, other) => {
                let gap = Gap::TwoZones(zone, other);
                recorder.hop(place, Asked::Zone(claim), Said::Unknown(gap));
                self.unknown(gap, Decider::Zone(zone))
            }
        }
    }

    fn zone(
        &mut self,
        place: &Place,
        claim: Claim,
        zone: ZoneId,
        link: u32,
        recorder: &mut impl Recorder,
    ) -> Step {
        let index = self.view.index();
        let (asked, decider) = (Asked::Zone(claim), Decider::Zone(zone));
        let mut found = index.look_up(zone, place, self.record_type);
        // What was read is certain; what was not read may be anything.
        let exact = matches!(found, Found::Set(set) | Found::Alias(set, _)
            if Place::Known(index.set(set).owner) == *place);
        let gap = match index.extent(zone) {
            _ if found == Found::Unread => Some(Gap::UnreadSet(zone)),
            Extent::Whole => None,
            _ if exact => None,
            Extent::Partial => Some(Gap::PartialZone(zone)),
            Extent::Unknown => Some(Gap::UnreadZone(zone)),
        };
        if let Some(gap) = gap {
            recorder.hop(place, asked, Said::Unknown(gap));
            return self.unknown(gap, decider);
        }
        if let Found::NoData { empty_set: true, .. } = found {
            self.assumed.add(Assumption::EmptySet);
        }
        if let Found::NoData { empty_non_terminal: true, .. } = found {
            self.assumed.add(Assumption::EntAnswer);
            if self.view.settings().value(Assumption::EntAnswer) == "nxdomain" {
                found = Found::NxDomain;
            }
        }
        match found {
            Found::Set(set) => {
                recorder.hop(place, asked, Said::Set(set));
                let reach = self.reach(&index.set(set).data, Reach::Private);
                let answer = self.end(Outcome::Answered, decider, reach);
                Step::Done(Answer { set: Some(set), ..answer })
            }
            Found::Alias(set, target) => {
                let target = Place::Known(target);
                recorder.hop(place, asked, Said::Alias(target.clone(), Some(set)));
                Step::Alias(target)
            }
            Found::NoData { .. } => {
                recorder.hop(place, asked, Said::NoData);
                Step::Done(self.end(Outcome::NoData, decider, Reach::None))
            }
            Found::NxDomain | Found::Unread => {
                recorder.hop(place, asked, Said::NxDomain);
                if !REDIRECTED_TYPES.contains(&self.record_type) {
                    return Step::Done(self.end(Outcome::NxDomain, decider, Reach::None));
                }
                let (redirects, assumed) = self.view.redirects(zone, link);
                if assumed {
                    self.assumed.add(Assumption::UnstatedPolicy);
                }
                if !redirects {
                    return Step::Done(self.end(Outcome::NxDomain, decider, Reach::None));
                }
                self.redirected = true;
                self.public_only =
                    self.view.settings().value(Assumption::AfterRedirect) == "public-only";
                self.public(place, true, recorder)
            }
        }
    }

    fn public(&mut self, place: &Place, redirected: bool, recorder: &mut impl Recorder) -> Step {
        let index = self.view.index();
        let asked = |basis: Option<Basis>| match redirected {
            true => Asked::Redirected(basis),
            false => Asked::Public(basis),
        };
        let decider = |basis: Basis| Decider::Public(Some(basis));
        match index.public(place, self.record_type) {
            PublicAnswer::Records(data, basis) => {
                recorder.hop(place, asked(Some(basis)), Said::Records(data));
                let reach = self.reach(data, Reach::Public);
                Step::Done(self.end(Outcome::Answered, decider(basis), reach))
            }
            PublicAnswer::Alias { target, basis, evidence } => {
                if let Some(Evidence::Inferred(_)) = evidence {
                    self.assumed.add(Assumption::InferredEndpoint);
                }
                recorder.hop(place, asked(Some(basis)), Said::Alias(target.clone(), None));
                if self.record_type == RecordType::Cname {
                    let answer = self.end(Outcome::Answered, decider(basis), Reach::Public);
                    return Step::Done(Answer { aliases: answer.aliases + 1, ..answer });
                }
                Step::Alias(target)
            }
            PublicAnswer::Either { target, basis } => {
                self.either(place, target, basis, asked(Some(basis)), recorder)
            }
            PublicAnswer::Endpoint(basis) => {
                // Only addresses are known to be there.
                if !matches!(self.record_type, RecordType::A | RecordType::Aaaa) {
                    let gap = Gap::PublicUnrecorded;
                    recorder.hop(place, asked(Some(basis)), Said::Unknown(gap));
                    return self.unknown(gap, decider(basis));
                }
                recorder.hop(place, asked(Some(basis)), Said::Endpoint);
                Step::Done(self.end(Outcome::Public, decider(basis), Reach::Public))
            }
            PublicAnswer::NoData(basis) => {
                recorder.hop(place, asked(Some(basis)), Said::NoData);
                Step::Done(self.end(Outcome::NoData, decider(basis), Reach::None))
            }
            PublicAnswer::NxDomain(basis) => {
                recorder.hop(place, asked(Some(basis)), Said::NxDomain);
                Step::Done(self.end(Outcome::NxDomain, decider(basis), Reach::None))
            }
            PublicAnswer::ServFail(basis) => {
                recorder.hop(place, asked(Some(basis)), Said::Unknown(Gap::PublicFailure));
                self.unknown(Gap::PublicFailure, decider(basis))
            }
            PublicAnswer::Unrecorded => {
                recorder.hop(place, asked(None), Said::Unknown(Gap::PublicUnrecorded));
                self.unknown(Gap::PublicUnrecorded, Decider::Public(None))
            }
        }
    }

    /// The resource may or may not have an endpoint: only where both lead to the
    /// same public end does that not matter.
    fn either(
        &mut self,
        place: &Place,
        target: Place,
        basis: Basis,
        asked: Asked,
        recorder: &mut impl Recorder,
    ) -> Step {
        let decider = Decider::Public(Some(basis));
        let setting = self.view.settings().value(Assumption::UnlistedEndpoint);
        if setting != "unknown" {
            self.assumed.add(Assumption::UnlistedEndpoint);
        }
        if setting == "present" {
            recorder.hop(place, asked, Said::Alias(target.clone(), None));
            if self.record_type == RecordType::Cname {
                let answer = self.end(Outcome::Answered, decider, Reach::Public);
                return Step::Done(Answer { aliases: answer.aliases + 1, ..answer });
            }
            return Step::Alias(target);
        }
        if !matches!(self.record_type, RecordType::A | RecordType::Aaaa) {
            recorder.hop(place, asked, Said::Unknown(Gap::EndpointUnknown));
            return self.unknown(Gap::EndpointUnknown, decider);
        }
        if setting == "unknown" && self.meets_a_zone(target) {
            recorder.hop(place, asked, Said::Unknown(Gap::EndpointUnknown));
            return self.unknown(Gap::EndpointUnknown, decider);
        }
        recorder.hop(place, asked, Said::Endpoint);
        Step::Done(self.end(Outcome::Public, decider, Reach::Public))
    }

    /// Whether a linked zone claims a name of the chain that starts at `alias`.
    fn meets_a_zone(&self, alias: Place) -> bool {
        let mut place = alias;
        for _ in 0..ALIAS_LIMIT {
            if !self.public_only && self.view.claim(place.node()).is_some() {
                return true;
            }
            match self.view.index().public(&place, self.record_type) {
                PublicAnswer::Alias { target, .. } | PublicAnswer::Either { target, .. } => {
                    place = target;
                }
                PublicAnswer::Endpoint(_) => return false,
                // Recorded data, or nothing known: not the plain public end.
                _ => return true,
            }
        }
        true
    }

    /// Where records lead: addresses by what they are, other data by who has it.
    fn reach(&self, data: &RecordData, source: Reach) -> Reach {
        let public = |public: bool| if public { Reach::Public } else { Reach::Private };
        match data {
            RecordData::A(addresses) => {
                let spaces = &self.view.index().estate().vnets;
                public(!addresses.iter().all(|&address| {
                    is_private_v4(address)
                        || spaces.iter().any(|vnet| {
                            vnet.space.iter().any(|space| space.contains(&IpAddr::V4(address)))
                        })
                }))
            }
            RecordData::Aaaa(addresses) => {
                public(!addresses.iter().all(|&address| is_private_v6(address)))
            }
            _ => source,
        }
    }
}

/// A zone's NXDOMAIN may be overruled only for these types.
///
/// Private DNS REST reference 2024-06-01, `resolutionPolicy` of a virtual network
/// link ("for A, AAAA, CNAME queries"); read 2026-11.
const REDIRECTED_TYPES: [RecordType; 3] = [RecordType::A, RecordType::Aaaa, RecordType::Cname];

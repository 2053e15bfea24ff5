//! Why what was seen is not what the simulation says.

use std::net::IpAddr;

use super::{Compared, End, Verdict, agree, is_modelled, simulate};
use crate::estate::{VnetId, Zone, ZoneId};
use crate::index::{ASSUMPTIONS, AZURE_DNS, Assumption, Claim, SetRef, View};
use crate::name::Name;
use crate::resolve::{Actor, Asked, Hop, HopResult, Reach};
use crate::transcript::capture::{NO_TCP, OTHER_ANSWERS};
use crate::transcript::{Authority, Observation, Server};

/// What is odd about the server that was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerDoubt {
    /// A cache on the machine itself; whom it asks is not shown.
    Local,
    /// Not one that the network hands out.
    NotOfNetwork,
}

/// How a server left a question without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Nothing came.
    Nothing,
    /// An answer came that was cut, and none over TCP.
    NoTcp,
    /// Answers to other questions came.
    Others,
}

/// A likely cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Without the link of this zone, the simulation says what was seen. The network is
    /// the one whose Azure DNS is asked, behind an inbound endpoint the endpoint's.
    NotLinked(ZoneId, VnetId),
    /// With a link of this zone, which the export lacks, it does.
    Linked(ZoneId),
    /// Where links of this zone look up in public DNS what the zone lacks, or do not, it
    /// does: whether they do then.
    Redirect(ZoneId, VnetId, bool),
    /// With the second zone of that name linked in place of the first, it does.
    SameNamed(ZoneId, ZoneId, VnetId),
    /// A zone of that name is linked, which the export lacks altogether.
    NotExported(Name),
    /// In this network it does.
    OtherNetwork(VnetId),
    /// Without any private zone it does.
    NoZones,
    /// Under this value of an assumption it does.
    Assumption(Assumption, &'static str),
    /// The zone has other data than its export.
    OtherRecord {
        /// The set of the export.
        set: SetRef,
        /// The addresses of the private endpoint, where they are known.
        endpoint: Vec<IpAddr>,
        /// Whether the endpoint has what was seen: then the export is old, not the record.
        seen_is_right: bool,
    },
    /// The zone has an alias where its export has records of another type.
    Replaced(SetRef, Name),
    /// The zone lacks a name that its export has.
    Missing(ZoneId, Name),
    /// The zone has a name that its export lacks.
    New(ZoneId, Name),
    /// Another zone said no than the simulation takes to answer; it is known where it is
    /// linked in the export.
    OtherZone(Name, Option<ZoneId>),
    /// The answer came from a cache: seconds left, of so many.
    Cached(u32, Option<u32>),
    /// The server may not be the one that counts.
    Server(ServerDoubt),
    /// Another server gave another answer to the same question.
    SplitBrain(Server),
    /// The server failed or refused: its response code.
    Failed(String),
    /// Nothing came back that answers.
    Silent(Silence),
    /// Nothing in the export explains it.
    Unexplained,
}

impl Cause {
    /// The name in reports.
    pub fn name(&self) -> &'static str {
        match self {
            Cause::NotLinked(..) => "link-missing",
            Cause::Linked(_) => "link-not-exported",
            Cause::Redirect(..) => "link-policy",
            Cause::SameNamed(..) => "same-named-zone",
            Cause::NotExported(_) => "zone-not-exported",
            Cause::OtherNetwork(_) => "other-network",
            Cause::NoZones => "no-private-zones",
            Cause::Assumption(..) => "assumption",
            Cause::OtherRecord { seen_is_right: true, .. } => "old-export",
            Cause::OtherRecord { .. } => "stale-record",
            Cause::Replaced(..) => "record-replaced",
            Cause::Missing(..) => "record-missing",
            Cause::New(..) => "record-new",
            Cause::OtherZone(..) => "other-zone",
            Cause::Cached(..) => "cached",
            Cause::Server(ServerDoubt::Local) => "local-cache",
            Cause::Server(ServerDoubt::NotOfNetwork) => "not-the-networks-server",
            Cause::SplitBrain(_) => "servers-disagree",
            Cause::Failed(_) => "server-failed",
            Cause::Silent(_) => "no-reply",
            Cause::Unexplained => "unexplained",
        }
    }
}

/// All likely causes, the best supported first; `answers` are zones that other lookups of
/// the run show to answer.
pub(super) fn causes(
    view: &View<'_>,
    views: &[View<'_>],
    compared: &Compared,
    observation: &Observation,
    answers: &[ZoneId],
) -> Vec<Cause> {
    let mut causes = Vec::new();
    match compared.verdict {
        Verdict::Same => return causes,
        Verdict::NoReply => causes.push(Cause::Silent(silence(compared))),
        // What is not known can still be hinted at.
        Verdict::CannotSay => causes.extend(
            unexported_link(view, compared)
                .or_else(|| unexported_zone(view, compared, observation)),
        ),
        Verdict::Differs => {
            if let End::Failed(rcode) = &compared.seen.end {
                causes.push(Cause::Failed(rcode.clone()));
            } else {
                supposed(view, views, compared, answers, &mut causes);
                data(view, compared, observation, answers, &mut causes);
            }
            if causes.is_empty() {
                causes.push(Cause::Unexplained);
            }
        }
    }
    let doubt = server_doubt(view, compared)
        // Whoever says nothing keeps nothing.
        .filter(|doubt| compared.verdict != Verdict::NoReply || *doubt != ServerDoubt::Local)
        .map(Cause::Server);
    // Without the SOA nothing says that the zone was asked at all.
    let unproven = matches!(causes.first(), Some(Cause::Missing(..)))
        && observation.authority.is_none()
        && doubt == Some(Cause::Server(ServerDoubt::NotOfNetwork));
    let place = if unproven { 0 } else { causes.len() };
    causes.splice(place..place, doubt);
    causes
}

/// What is known of why there is no answer.
fn silence(compared: &Compared) -> Silence {
    match &compared.seen.end {
        End::NoReply(why) if why.contains(OTHER_ANSWERS) => Silence::Others,
        End::NoReply(why) if why.contains(NO_TCP) => Silence::NoTcp,
        _ => Silence::Nothing,
    }
}

/// Whether the simulation in this view says what was seen.
pub(super) fn explains(view: &View<'_>, compared: &Compared) -> bool {
    let (expected, trace) = simulate(view, &compared.name, compared.record_type);
    let (seen, shown) = (&compared.seen, compared.shown);
    let agreement = agree(&expected, &trace, seen, shown, compared.record_type);
    agreement.verdict == Verdict::Same
}

/// Causes that were tried: links, networks, assumptions.
fn supposed(
    view: &View<'_>,
    views: &[View<'_>],
    compared: &Compared,
    answers: &[ZoneId],
    causes: &mut Vec<Cause>,
) {
    let mut zones: Vec<ZoneId> = compared.trace.zones().collect();
    zones.dedup();
    let public = view.without_zones();
    for zone in zones.iter().filter(|zone| !answers.contains(zone)) {
        if explains(&view.without(*zone), compared) {
            causes.push(Cause::NotLinked(*zone, answering(view, compared, *zone)));
        }
        causes.extend(same_named(view, compared, *zone));
    }
    causes.extend(other_policy(view, compared));
    causes.extend(unexported_link(view, compared));
    // One zone that is gone is likelier than all of them, unless there is no other.
    let answered = zones.iter().any(|zone| answers.contains(zone));
    if zones.len() > 1 && !answered && explains(&public, compared) {
        causes.push(Cause::NoZones);
    }
    for doc in &ASSUMPTIONS {
        for value in doc.values {
            let mut settings = *view.settings();
            let set = settings.set(&format!("{}={value}", doc.name));
            // An alias that was seen is the endpoint's; nobody doubts it then.
            let of_endpoint = [Assumption::InferredEndpoint, Assumption::UnlistedEndpoint];
            let is_seen = of_endpoint.contains(&doc.assumption)
                && compared.seen.names.iter().any(|name| name.text().contains(".privatelink."));
            if set.is_ok()
                && !is_seen
                && settings != *view.settings()
                && explains(&view.under(&settings), compared)
            {
                causes.push(Cause::Assumption(doc.assumption, value));
            }
        }
    }
    // The same server was in the right network a moment ago.
    let same_named = |cause: &Cause| matches!(cause, Cause::SameNamed(..));
    if causes.iter().all(same_named) && !answered {
        let other = views.iter().filter(|other| !other.vnets().contains(&compared.vnet));
        let other = other.filter(|other| explains(other, compared)).flat_map(|v| v.vnets().first());
        causes.extend(other.take(1).map(|&vnet| Cause::OtherNetwork(vnet)));
    }
}

/// A link that looks names up in public DNS which its zone lacks, or does not, unlike its
/// export; where the export does not say, that is an assumption.
fn other_policy(view: &View<'_>, compared: &Compared) -> Option<Cause> {
    compared.trace.hops.iter().find_map(|hop| {
        let Asked::Zone(Claim::Zone { zone, link }) = hop.asked else { return None };
        let (redirects, [_, unstated]) = view.redirects(zone, link);
        let other = || explains(&view.redirecting(zone, !redirects), compared);
        (unstated.is_none() && other())
            .then(|| Cause::Redirect(zone, answering(view, compared, zone), !redirects))
    })
}

/// Another zone of that name, if it explains what was seen in place of this one.
fn same_named(view: &View<'_>, compared: &Compared, zone: ZoneId) -> Option<Cause> {
    let estate = view.index().estate();
    let apex = estate.names.name(estate.zone(zone).apex);
    let mut others = zones_of(view, &apex).filter(|other| *other != zone);
    let other = others.find(|other| explains(&view.exchanged(zone, *other), compared))?;
    Some(Cause::SameNamed(zone, other, answering(view, compared, zone)))
}

/// A private zone that the export lacks and that answered: the one that said no, or the one
/// of Private Link that must have had the private address.
fn unexported_zone(
    view: &View<'_>,
    compared: &Compared,
    observation: &Observation,
) -> Option<Cause> {
    let said_no = observation.authority.as_ref().filter(|said_no| said_no.is_azure_private());
    let apex = match said_no {
        Some(said_no) => said_no.apex.clone(),
        None if compared.seen.reach == Reach::Private => private_link(compared.seen.names.last()?)?,
        None => return None,
    };
    let unknown = zones_of(view, &apex).next().is_none();
    unknown.then_some(Cause::NotExported(apex))
}

/// The zone of Private Link that a name is in, by its labels.
fn private_link(name: &Name) -> Option<Name> {
    let at = name.labels().position(|label| label.starts_with(b"privatelink"))?;
    name.text().splitn(at + 1, '.').last()?.parse().ok().filter(|_| at > 0)
}

/// Whether this zone said no: its SOA came, and no other zone has its name.
pub(super) fn said_no_itself(view: &View<'_>, observation: &Observation, zone: ZoneId) -> bool {
    let said_no = observation.authority.as_ref().filter(|said_no| said_no.is_azure_private());
    said_no.is_some_and(|said_no| zones_of(view, &said_no.apex).eq([zone]))
}

/// The network whose Azure DNS the zone answers for in this walk.
fn answering(view: &View<'_>, compared: &Compared, zone: ZoneId) -> VnetId {
    let claims = |hop: &&Hop| matches!(hop.asked, Asked::Zone(claim) if claim.zone() == zone);
    let by = compared.trace.hops.iter().find(claims).map(|hop| hop.by);
    match by {
        Some(Actor::Azure(Some(other))) => view.scope(Some(other)).first().copied(),
        _ => None,
    }
    .unwrap_or(compared.vnet)
}

/// A zone that the export does not link, and that explains what was seen if it is.
fn unexported_link(view: &View<'_>, compared: &Compared) -> Option<Cause> {
    let estate = view.index().estate();
    let names = compared.expected.names.iter().chain(&compared.seen.names);
    let mut zones: Vec<ZoneId> = Vec::new();
    for name in names {
        let mut apex = view.index().apex_of(view.index().locate(name).node());
        while let Some(at) = apex {
            let apex_here = &view.index().apexes()[at as usize];
            zones.extend(apex_here.zones.iter().filter(|zone| !view.is_linked(**zone)));
            apex = apex_here.above;
        }
    }
    zones.dedup();
    let found = zones.into_iter().find(|&zone| {
        !estate.zone(zone).record_sets.is_empty() && explains(&view.with(zone), compared)
    });
    found.map(Cause::Linked)
}

/// Causes that the data itself suggests.
fn data(
    view: &View<'_>,
    compared: &Compared,
    observation: &Observation,
    answers: &[ZoneId],
    causes: &mut Vec<Cause>,
) {
    let at = compared.hop.unwrap_or(compared.expected.names.len() - 1);
    let name = &compared.expected.names[at];
    let said_no = observation.authority.as_ref();
    let index = view.index();
    // A redirect has two hops of one name; the zone comes first.
    let hop = compared.trace.hops.iter().find(|hop| index.name(&hop.name) == *name);
    let Some(hop) = hop else { return };
    if let Asked::Zone(claim) = hop.asked {
        let zone = claim.zone();
        let apex = index.estate().names.name(index.estate().zone(zone).apex);
        let answered = matches!(compared.seen.end, End::Records(_));
        let same_zone = said_no.is_none_or(|said_no| said_no.apex == apex);
        if let Some(said_no) = said_no
            && is_public(view, said_no, &apex)
            && !answers.contains(&zone)
        {
            let cause = Cause::NotLinked(zone, answering(view, compared, zone));
            if !causes.contains(&cause) {
                causes.push(cause);
            }
            return;
        }
        match &hop.said {
            HopResult::Set(set) if answered && alias_now(compared, at).is_some() => {
                // Only a zone that was asked can have changed.
                if causes.is_empty()
                    && let Some(target) = alias_now(compared, at)
                {
                    causes.push(Cause::Replaced(*set, target.clone()));
                }
            }
            // An answer that leaves the zone's data behind comes from elsewhere, and its TTL has
            // nothing to do with the zone's.
            HopResult::Set(set) | HopResult::Alias(_, Some(set))
                if answered && causes.is_empty() =>
            {
                causes.push(other_record(view, compared, *set));
                let of = index.set(*set).ttl.map(|ttl| ttl.seconds());
                causes.extend(cached(observation, name, of));
            }
            HopResult::Set(_) | HopResult::Alias(..)
                if !answered
                    && same_zone
                    && !causes.iter().any(|cause| matches!(cause, Cause::SameNamed(..))) =>
            {
                causes.push(Cause::Missing(zone, name.clone()));
                causes.extend(said_no.and_then(kept));
            }
            // Without any record the name is gone for every type.
            HopResult::NoData if compared.seen.end == End::NxDomain && same_zone => {
                causes.push(Cause::Missing(zone, name.clone()));
            }
            HopResult::NxDomain | HopResult::NoData
                if answered && is_new(compared, answers.contains(&zone), causes) =>
            {
                causes.insert(0, Cause::New(zone, name.clone()));
            }
            _ => {}
        }
        if let Some(said_no) = said_no.filter(|_| !same_zone) {
            causes.push(other_zone(view, &said_no.apex));
        }
    } else if let Some(cause) = unexported_zone(view, compared, observation) {
        causes.push(cause);
    } else if let Some(said_no) = said_no.filter(|said_no| said_no.is_azure_private()) {
        causes.push(other_zone(view, &said_no.apex));
    }
}

/// Whether a zone may have got a record that its export lacks: nothing else explains the
/// answer, or what does is that public DNS was asked, and a private address came.
fn is_new(compared: &Compared, answers: bool, causes: &[Cause]) -> bool {
    let private = compared.seen.reach == Reach::Private;
    let redirect = |cause: &Cause| matches!(cause, Cause::Redirect(..));
    match causes.is_empty() {
        true => private || answers,
        false => private && answers && causes.iter().all(redirect),
    }
}

/// Whether public DNS said no to a name of the zone: a zone above it that is none of Azure's
/// private ones, and none of the estate's.
fn is_public(view: &View<'_>, said_no: &Authority, apex: &Name) -> bool {
    let (above, below) = (said_no.apex.labels().count(), apex.labels().count());
    let known = zones_of(view, &said_no.apex).next().is_some();
    above < below
        && said_no.apex.labels().eq(apex.labels().skip(below - above))
        && !said_no.is_azure_private()
        && !known
}

/// The zones of the estate with this apex.
fn zones_of<'v>(view: &'v View<'_>, apex: &'v Name) -> impl Iterator<Item = ZoneId> + 'v {
    let estate = view.index().estate();
    let same = move |facts: &Zone| estate.names.name(facts.apex) == *apex;
    estate.zone_ids().filter(move |(_, facts)| same(facts)).map(|(zone, _)| zone)
}

fn other_zone(view: &View<'_>, apex: &Name) -> Cause {
    let linked = zones_of(view, apex).find(|zone| view.consults(*zone));
    Cause::OtherZone(apex.clone(), linked)
}

/// The target of an alias that was seen at that hop and ends the expected chain.
fn alias_now(compared: &Compared, at: usize) -> Option<&Name> {
    let last = at + 1 == compared.expected.names.len();
    compared.seen.names.get(at + 1).filter(|_| last)
}

/// Whether a negative answer had been in a cache: its TTL is less than that of a fresh one
/// (RFC 2308, section 5).
fn kept(said_no: &Authority) -> Option<Cause> {
    let (ttl, minimum) = (said_no.ttl?, said_no.minimum?);
    (0 < ttl && ttl < minimum).then_some(Cause::Cached(ttl, Some(minimum)))
}

/// Which of the two is right, by the private endpoint.
fn other_record(view: &View<'_>, compared: &Compared, set: SetRef) -> Cause {
    let index = view.index();
    let services = compared.expected.names.iter().filter_map(|name| match index.locate(name) {
        crate::index::Place::Known(node) => index.service_of(node),
        crate::index::Place::Other { .. } => None,
    });
    let endpoint: Vec<IpAddr> =
        services.flat_map(|service| service.addresses.iter().copied()).collect();
    let seen: Vec<IpAddr> = match &compared.seen.end {
        End::Records(texts) => texts.iter().filter_map(|text| text.parse().ok()).collect(),
        _ => Vec::new(),
    };
    let seen_is_right = !seen.is_empty() && seen.iter().all(|address| endpoint.contains(address));
    Cause::OtherRecord { set, endpoint, seen_is_right }
}

/// Whether the record at `name` had been in a cache: its TTL runs down there.
fn cached(observation: &Observation, name: &Name, of: Option<u32>) -> Option<Cause> {
    let aliases = observation.aliases.iter().filter(|alias| alias.name == *name);
    let records = observation.records.iter().filter(|record| record.name == *name);
    let ttl =
        aliases.map(|alias| alias.ttl).chain(records.map(|record| record.ttl)).flatten().min()?;
    let of = of?;
    (ttl > 0 && ttl < of).then_some(Cause::Cached(ttl, Some(of)))
}

fn server_doubt(view: &View<'_>, compared: &Compared) -> Option<ServerDoubt> {
    let asked = compared.server.as_ref()?;
    let address = asked.address?;
    if address.is_loopback() {
        return Some(ServerDoubt::Local);
    }
    let handed_out = view.index().estate().vnet(compared.vnet).servers.as_deref();
    let known = match handed_out {
        Some([]) | None => address == AZURE_DNS,
        Some(servers) => address == AZURE_DNS || servers.contains(&address),
    };
    // What a modelled server says was simulated.
    let known = known || is_modelled(view, asked);
    (!known).then_some(ServerDoubt::NotOfNetwork)
}

/// Adds that servers disagree, where several were asked the same.
pub(super) fn disagreements(compared: &mut [(usize, Compared)]) {
    let seen: Vec<_> = compared
        .iter()
        .map(|(_, one)| (one.name.clone(), one.record_type, one.server.clone(), one.seen.clone()))
        .collect();
    let all = compared.iter_mut().map(|(_, one)| one);
    for one in all.filter(|one| one.verdict != Verdict::NoReply) {
        let other = seen.iter().find(|(name, record_type, server, path)| {
            (name, record_type) == (&one.name, &one.record_type)
                && *server != one.server
                && path.end != one.seen.end
                && !matches!(path.end, End::NoReply(_))
                // Public addresses change from hour to hour.
                && (path.reach, one.seen.reach) != (Reach::Public, Reach::Public)
        });
        if let Some((_, _, Some(server), _)) = other {
            one.causes.push(Cause::SplitBrain(server.clone()));
        }
    }
}

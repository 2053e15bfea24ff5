//! What a change does to one answer, and how bad that is.

use std::net::Ipv4Addr;

use super::classes::{is_local_reverse, is_of_address};
use crate::estate::{VnetId, is_private_name};
use crate::index::{Assumed, Index};
use crate::name::{Name, NameId};
use crate::record::{RecordData, RecordType};
use crate::resolve::{Answer, Gap, Outcome, Reach};

/// What a change does to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// There was an answer, and there is none, or one that refuses the client.
    Broken,
    /// The answer or the way to it is another one.
    Changed,
    /// One of the two is unknown.
    Unknown,
    /// There was no answer, and there is one.
    Fixed,
}

impl Verdict {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Broken => "broken",
            Verdict::Changed => "changed",
            Verdict::Unknown => "unknown",
            Verdict::Fixed => "fixed",
        }
    }
}

/// What exactly becomes of an answer, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// There was an answer, and there is none.
    Lost,
    /// A private address gives way to the public endpoint of a resource whose
    /// public access is disabled.
    Refused,
    /// The address that the private endpoint is stated to have gives way to another one.
    Astray,
    /// A private address gives way to a public one.
    Exposed,
    /// Other addresses.
    Address,
    /// An error gives way to the public endpoint of a resource that has a private
    /// endpoint of this estate: the mistake is hidden, not mended.
    Masked,
    /// Other data than addresses changes.
    Data,
    /// A public address gives way to a private one.
    Enclosed,
    /// No answer before and after, for another reason.
    NoAnswer,
    /// The same answer by other aliases.
    Path,
    /// One of the two is unknown.
    Unknown,
    /// Other addresses: those that the private endpoint is stated to have.
    Corrected,
    /// There was no answer, and there is one.
    Fixed,
    /// The same answer with another time to live.
    Ttl,
}

impl Kind {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Lost => "answered-to-none",
            Kind::Refused => "private-to-refused",
            Kind::Astray => "endpoint-to-other",
            Kind::Exposed => "private-to-public",
            Kind::Address => "address",
            Kind::Masked => "none-to-public",
            Kind::Data => "data",
            Kind::Enclosed => "public-to-private",
            Kind::NoAnswer => "no-answer",
            Kind::Path => "path",
            Kind::Unknown => "unknown",
            Kind::Corrected => "corrected",
            Kind::Fixed => "fixed",
            Kind::Ttl => "ttl",
        }
    }

    /// What it means, for people; nothing where the two answers say it.
    pub fn remark(self) -> &'static str {
        match self {
            Kind::Refused => "private → public, and the resource refuses public access",
            Kind::Astray => "no longer the endpoint's own address",
            Kind::Exposed => "private → public",
            Kind::Address => "other address",
            Kind::Masked => "an error turns public: its private record is still missing",
            Kind::Enclosed => "public → private",
            Kind::Path => "same answer by another path",
            Kind::Corrected => "now the endpoint's own address",
            Kind::Ttl => "time to live only",
            Kind::Lost | Kind::Data | Kind::NoAnswer | Kind::Unknown | Kind::Fixed => "",
        }
    }

    /// The verdict that it amounts to.
    pub fn verdict(self) -> Verdict {
        match self {
            Kind::Lost | Kind::Refused | Kind::Astray => Verdict::Broken,
            Kind::Unknown => Verdict::Unknown,
            Kind::Fixed => Verdict::Fixed,
            _ => Verdict::Changed,
        }
    }
}

/// Which names an effect is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class {
    /// Every name below the parent of the one that is named, but for those that are
    /// known; else that one name.
    pub any_other: bool,
    /// Of a resource that nobody lists: whether it has an approved private endpoint.
    pub endpoint: Option<bool>,
}

impl Class {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        if self.any_other { "any-other" } else { "name" }
    }
}

/// One answer that a change alters, for all networks that it alters alike.
#[derive(Clone, Debug)]
pub struct Effect {
    /// The name, or one that stands for its class.
    pub name: Name,
    /// Which names it is about.
    pub class: Class,
    /// The type asked for.
    pub record_type: RecordType,
    /// What becomes of the answer.
    pub kind: Kind,
    /// Whether there was an answer before.
    pub answered: bool,
    /// Whether that was private.
    pub private: bool,
    /// How it ends before.
    pub before: Outcome,
    /// How it ends after.
    pub after: Outcome,
    /// There was no answer before the plan either: an earlier step of it made it public.
    pub in_gap: bool,
    /// What Azure does not document and one of the two answers rests on, the other one not.
    pub assumed: Assumed,
    /// The networks, as in the estates before and after.
    pub vnets: Vec<(VnetId, VnetId)>,
    /// Interfaces with DNS servers of their own, by their places before and after, where
    /// they alone see it and not all clients of the networks.
    pub interfaces: Vec<(u32, u32)>,
    /// The places of the views in [`Comparison::before`](super::Comparison::before) and
    /// [`Comparison::after`](super::Comparison::after).
    pub views: (usize, usize),
}

impl Effect {
    /// What it amounts to.
    pub fn verdict(&self) -> Verdict {
        if self.in_gap { Verdict::Changed } else { self.kind.verdict() }
    }

    /// Whether a client that reached a private address ends public now.
    pub fn exposed(&self) -> bool {
        matches!(self.kind, Kind::Exposed | Kind::Refused)
    }

    /// Whether clients meet the name only on the way of a chain.
    pub fn on_the_way(&self) -> bool {
        self.name.labels().any(|label| label.starts_with(b"privatelink"))
    }

    /// Whether names that nobody lists, and that public DNS may have, cease to exist: a zone
    /// comes to decide for them.
    pub fn hides_public(&self) -> bool {
        self.class.any_other
            && self.before == Outcome::Unknown(Gap::PublicUnrecorded)
            && self.after == Outcome::NxDomain
            && !self.on_the_way()
            && !is_local_reverse(&self.name)
            && !is_private_name(&self.name)
    }

    /// Whether the names that Azure gives to addresses of the network cease to exist, of machines
    /// that nobody lists: a zone takes the place of the built-in reverse zone.
    pub fn hides_machines(&self) -> bool {
        self.class.any_other
            && self.before == Outcome::Unknown(Gap::BuiltInUnlisted)
            && self.after == Outcome::NxDomain
            && is_of_address(&self.name)
    }

    /// Whether it is about one name that somebody knows.
    ///
    /// A name that is known only as part of longer ones is nobody's resource. One that had a
    /// private answer is somebody's, even where a change takes all that tells of it.
    pub fn listed(&self) -> bool {
        !self.class.any_other && (self.class.endpoint.is_none() || self.private)
    }
}

/// An answer with digests of what a client sees of it.
pub(super) struct Seen {
    pub answer: Answer,
    /// The final records and where they lead.
    pub data: u64,
    /// The aliases.
    pub path: u64,
    /// The shortest time to live that is known, in seconds.
    pub ttl: Option<u32>,
}

pub(super) fn is_address(record_type: RecordType) -> bool {
    matches!(record_type, RecordType::A | RecordType::Aaaa)
}

/// What becomes of an answer; `None` where it stays.
pub(super) fn kind(
    record_type: RecordType,
    name: &Name,
    indexes: (&Index, &Index),
    before: &Seen,
    after: &Seen,
) -> Option<Kind> {
    let answers = |seen: &Seen| matches!(seen.answer.outcome, Outcome::Answered | Outcome::Public);
    let unknown = |seen: &Seen| seen.answer.outcome.is_unknown();
    if (before.data, before.path) == (after.data, after.path) {
        let both = before.ttl.zip(after.ttl).filter(|(old, new)| old != new);
        return both.map(|_| Kind::Ttl);
    }
    let (old, new) = (before.answer.reach, after.answer.reach);
    Some(match (answers(before), answers(after)) {
        _ if unknown(before) || unknown(after) => Kind::Unknown,
        // Whether a public endpoint has an IPv6 address is not known, so it cannot be lost.
        (true, false)
            if record_type == RecordType::Aaaa && before.answer.outcome == Outcome::Public =>
        {
            Kind::NoAnswer
        }
        (true, false) => Kind::Lost,
        (false, true) if new == Reach::Public && is_own(name, indexes) => Kind::Masked,
        (false, true) => Kind::Fixed,
        (false, false) => Kind::NoAnswer,
        (true, true) if before.data == after.data => Kind::Path,
        (true, true) if !is_address(record_type) => Kind::Data,
        (true, true) => match (old, new) {
            (Reach::Private, Reach::Public) if refuses(name, indexes) => Kind::Refused,
            (Reach::Private, Reach::Public) => Kind::Exposed,
            (Reach::Public, Reach::Private) => Kind::Enclosed,
            _ if is_right(name, indexes.1, &after.answer) == Some(true) => Kind::Corrected,
            _ if is_right(name, indexes.0, &before.answer) == Some(true)
                && is_right(name, indexes.1, &after.answer) == Some(false) =>
            {
                Kind::Astray
            }
            _ => Kind::Address,
        },
    })
}

/// Whether a resource of this estate has that public name and a private endpoint, or any
/// private zone has a record for it.
fn is_own(name: &Name, (before, after): (&Index, &Index)) -> bool {
    [before, after].iter().any(|index| {
        let service = index.estate().names.get(name).and_then(|name| index.service_of(name));
        let recorded = |alias: &NameId| {
            let mut zones = index.zones_at(*alias);
            zones.any(|zone| index.sets_at(zone, *alias).next().is_some())
        };
        service.is_some_and(|one| {
            one.resource.is_some()
                || !one.vnets.is_empty()
                || !one.addresses.is_empty()
                || one.aliases.iter().any(recorded)
        })
    })
}

/// Whether public access to the resource of that name is disabled.
fn refuses(name: &Name, (before, after): (&Index, &Index)) -> bool {
    [before, after].iter().any(|index| {
        let service = index.estate().names.get(name).and_then(|name| index.service_of(name));
        let resource = service.and_then(|service| service.resource);
        resource
            .is_some_and(|at| index.estate().resources[at as usize].public_access == Some(false))
    })
}

/// Whether an answer has addresses that the endpoints of the name are stated to have; `None`
/// where none is stated.
fn is_right(name: &Name, index: &Index, answer: &Answer) -> Option<bool> {
    // An alias has the addresses of the public name that leads to it.
    let service = |id| {
        index.service_of(id).or_else(|| {
            let found = crate::public::Catalogue::get().find(name)?;
            index.service_of(index.estate().names.get(&found.public_name()?)?)
        })
    };
    let stated = &index.estate().names.get(name).and_then(service)?.addresses;
    let set = answer.set.map(|set| &index.set(set).data);
    let right = |address: &Ipv4Addr| stated.contains(&(*address).into());
    (!stated.is_empty())
        .then(|| matches!(set, Some(RecordData::A(addresses)) if addresses.iter().all(right)))
}

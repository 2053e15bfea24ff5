//! What one walk over all record sets finds, so that no rule walks them again.

use std::net::IpAddr;

use crate::estate::{Estate, RecordSet, ZoneId};
use crate::index::SetRef;
use crate::record::{RecordData, is_private};

/// Record sets by what is remarkable about them, each list in the order of zones.
#[derive(Default)]
pub(super) struct Sweep {
    /// CNAME sets.
    pub aliases: Vec<SetRef>,
    /// MX and SRV sets.
    pub services: Vec<SetRef>,
    /// PTR sets.
    pub pointers: Vec<SetRef>,
    /// Sets whose owner starts with `*`.
    pub wildcards: Vec<SetRef>,
    /// Sets whose owner has a `*` further on.
    pub stray_stars: Vec<SetRef>,
    /// Sets without records.
    pub empty: Vec<SetRef>,
    /// Sets that virtual machines registered.
    pub registered: Vec<SetRef>,
    /// Sets with a `creator`.
    pub created: Vec<SetRef>,
    /// A and AAAA sets with an address that is public, or nobody's.
    pub odd_addresses: Vec<SetRef>,
    /// A and AAAA sets of zones of Private Link.
    pub endpoint_addresses: Vec<SetRef>,
    /// Sets that a limit of Azure comes into question for: many records, or long texts.
    pub large: Vec<SetRef>,
    /// Sets with a TTL of zero.
    pub without_time: Vec<SetRef>,
}

/// From how many records on a set is looked at for limits.
const LARGE: usize = 17;

/// From how many octets of texts on a set is looked at for limits.
const LONG: usize = 1000;

impl Sweep {
    pub fn new(estate: &Estate) -> Sweep {
        let mut sweep = Sweep::default();
        for (zone, facts) in estate.zone_ids() {
            let private_link = estate.is_private_link(zone);
            for (at, facts) in facts.record_sets.iter().enumerate() {
                let set = SetRef { zone, set: at as u32 };
                sweep.take(estate, set, facts, private_link);
            }
        }
        sweep
    }

    fn take(&mut self, estate: &Estate, set: SetRef, facts: &RecordSet, private_link: bool) {
        match &facts.data {
            RecordData::Cname(_) => self.aliases.push(set),
            RecordData::Mx(_) | RecordData::Srv(_) => self.services.push(set),
            RecordData::Ptr(_) => self.pointers.push(set),
            RecordData::Empty(_) => self.empty.push(set),
            RecordData::A(_) | RecordData::Aaaa(_) => {
                if addresses(&facts.data).any(|address| !is_private(address) || is_stale(address)) {
                    self.odd_addresses.push(set);
                }
                if private_link {
                    self.endpoint_addresses.push(set);
                }
            }
            RecordData::Soa(_) | RecordData::Txt(_) => {}
        }
        self.take_owner(estate, set, facts);
        if facts.registered {
            self.registered.push(set);
        }
        if facts.creator.is_some() {
            self.created.push(set);
        }
        if facts.ttl.is_some_and(|ttl| ttl.seconds() == 0) {
            self.without_time.push(set);
        }
        if count(&facts.data) >= LARGE || text_octets(&facts.data) >= LONG {
            self.large.push(set);
        }
    }

    fn take_owner(&mut self, estate: &Estate, set: SetRef, facts: &RecordSet) {
        let apex = estate.zone(set.zone).apex;
        let names = &estate.names;
        if names.label(facts.owner) == b"*" {
            self.wildcards.push(set);
        }
        let depth = names.depth(facts.owner).saturating_sub(names.depth(apex));
        if names.labels(facts.owner).take(depth).skip(1).any(|label| label == b"*") {
            self.stray_stars.push(set);
        }
    }
}

/// The addresses of an A or AAAA set.
pub(super) fn addresses(data: &RecordData) -> impl Iterator<Item = IpAddr> {
    let (v4, v6): (&[_], &[_]) = match data {
        RecordData::A(addresses) => (addresses, &[]),
        RecordData::Aaaa(addresses) => (&[], addresses),
        _ => (&[], &[]),
    };
    v4.iter().map(|&one| IpAddr::V4(one)).chain(v6.iter().map(|&one| IpAddr::V6(one)))
}

/// Whether an address is that of no host: unspecified, loopback, broadcast.
pub(super) fn is_stale(address: IpAddr) -> bool {
    address.is_unspecified()
        || address.is_loopback()
        || matches!(address, IpAddr::V4(address) if address.is_broadcast())
}

/// How many records a set has.
pub(super) fn count(data: &RecordData) -> usize {
    match data {
        RecordData::A(records) => records.len(),
        RecordData::Aaaa(records) => records.len(),
        RecordData::Mx(records) => records.len(),
        RecordData::Ptr(records) => records.len(),
        RecordData::Srv(records) => records.len(),
        RecordData::Txt(records) => records.len(),
        RecordData::Cname(_) | RecordData::Soa(_) => 1,
        RecordData::Empty(_) => 0,
    }
}

/// The octets of all strings of a TXT set.
pub(super) fn text_octets(data: &RecordData) -> usize {
    match data {
        RecordData::Txt(records) => records.iter().flatten().map(|string| string.len()).sum(),
        _ => 0,
    }
}

/// The zones of all zones' ids, for rules that go by zone.
pub(super) fn by_zone(sets: &[SetRef]) -> impl Iterator<Item = (ZoneId, &[SetRef])> {
    sets.chunk_by(|a, b| a.zone == b.zone).map(|sets| (sets[0].zone, sets))
}

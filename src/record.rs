//! Record types and record sets.
//!
//! A record set cannot mix types and an alias cannot be two, so both are said
//! in the types here rather than checked later.

#![deny(clippy::disallowed_methods)]

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;
use std::str::FromStr;

use smallvec::SmallVec;
use thiserror::Error;

use crate::name::{NameId, Names};

/// The type of a record set or of a question.
///
/// The named ones are those a private zone can hold ("Overview of private DNS
/// records", learn.microsoft.com/azure/dns/dns-private-records, read 2026-11);
/// any other can still be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum RecordType {
    A,
    Aaaa,
    Cname,
    Mx,
    Ptr,
    Soa,
    Srv,
    Txt,
    /// By its number; never held by a private zone.
    Other(u16),
}

const TYPES: [(RecordType, &str, u16); 8] = [
    (RecordType::A, "A", 1),
    (RecordType::Aaaa, "AAAA", 28),
    (RecordType::Cname, "CNAME", 5),
    (RecordType::Mx, "MX", 15),
    (RecordType::Ptr, "PTR", 12),
    (RecordType::Soa, "SOA", 6),
    (RecordType::Srv, "SRV", 33),
    (RecordType::Txt, "TXT", 16),
];

/// Types that only a question, or a zone file of another server, can have.
const OTHER_TYPES: [(&str, u16); 8] = [
    ("NS", 2),
    ("SPF", 99),
    ("CAA", 257),
    ("SVCB", 64),
    ("HTTPS", 65),
    ("DNAME", 39),
    ("DS", 43),
    ("NAPTR", 35),
];

impl RecordType {
    /// The number the DNS uses (IANA DNS parameters, "Resource Record (RR) TYPEs").
    pub fn number(self) -> u16 {
        match self {
            RecordType::Other(number) => number,
            named => TYPES.iter().find(|entry| entry.0 == named).map_or(0, |entry| entry.2),
        }
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let RecordType::Other(number) = *self {
            return match OTHER_TYPES.iter().find(|entry| entry.1 == number) {
                Some(entry) => f.pad(entry.0),
                None => f.pad(&format!("TYPE{number}")),
            };
        }
        f.pad(TYPES.iter().find(|entry| entry.0 == *self).map_or("", |entry| entry.1))
    }
}

/// A text that names no record type.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` is no record type")]
pub struct UnknownType(pub String);

impl FromStr for RecordType {
    type Err = UnknownType;

    fn from_str(text: &str) -> Result<Self, UnknownType> {
        if let Some(entry) = TYPES.iter().find(|entry| entry.1.eq_ignore_ascii_case(text)) {
            return Ok(entry.0);
        }
        if let Some(entry) = OTHER_TYPES.iter().find(|entry| entry.0.eq_ignore_ascii_case(text)) {
            return Ok(RecordType::Other(entry.1));
        }
        let number = text
            .get(..4)
            .filter(|head| head.eq_ignore_ascii_case("type"))
            .and_then(|_| text[4..].parse::<u16>().ok())
            .ok_or_else(|| UnknownType(text.to_owned()))?;
        Ok(TYPES
            .iter()
            .find(|entry| entry.2 == number)
            .map_or(RecordType::Other(number), |entry| entry.0))
    }
}

/// A time to live in seconds, 0 to 2,147,483,647 (RFC 2181, section 8).
///
/// Stored one higher, so that an absent one needs no room of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ttl(NonZeroU32);

impl Ttl {
    /// The most seconds a time to live may have.
    pub const MOST: u32 = i32::MAX as u32;

    /// `None` where `seconds` is over 2,147,483,647.
    pub fn new(seconds: u32) -> Option<Ttl> {
        (seconds <= Self::MOST).then(|| NonZeroU32::new(seconds + 1).map(Ttl)).flatten()
    }

    /// The seconds.
    pub fn seconds(self) -> u32 {
        self.0.get() - 1
    }
}

impl fmt::Debug for Ttl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.seconds())
    }
}

/// One mail exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mx {
    /// The lower is tried first.
    pub preference: u16,
    /// The host.
    pub exchange: NameId,
}

/// One service location.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub struct Srv {
    pub priority: u16,
    pub weight: u16,
    pub port: u16,
    pub target: NameId,
}

/// The start of a zone's authority; times in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub struct Soa {
    pub host: NameId,
    pub mailbox: NameId,
    pub serial: u64,
    pub refresh: u32,
    pub retry: u32,
    pub expire: u32,
    /// With the record's own TTL the bound of negative caching (RFC 2308).
    pub minimum: u32,
}

/// The character-strings of one TXT record.
pub type Strings = Box<[Box<[u8]>]>;

/// The data of one record set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordData {
    /// IPv4 addresses.
    A(SmallVec<[Ipv4Addr; 4]>),
    /// IPv6 addresses.
    Aaaa(Box<[Ipv6Addr]>),
    /// An alias to one other name.
    Cname(NameId),
    /// Mail exchanges.
    Mx(Box<[Mx]>),
    /// Names of an address.
    Ptr(Box<[NameId]>),
    /// The zone's authority.
    Soa(Box<Soa>),
    /// Service locations.
    Srv(Box<[Srv]>),
    /// Texts.
    Txt(Box<[Strings]>),
    /// A set that exists and holds nothing, as `az` can make one: NODATA, not NXDOMAIN.
    Empty(RecordType),
}

impl RecordData {
    /// The same data with the names of another table.
    pub fn renamed(&self, from: &Names, to: &mut Names) -> RecordData {
        let mut data = self.clone();
        let mut rename = |name: &mut NameId| *name = to.intern(&from.name(*name));
        match &mut data {
            RecordData::Cname(target) => rename(target),
            RecordData::Ptr(names) => names.iter_mut().for_each(rename),
            RecordData::Mx(records) => {
                records.iter_mut().for_each(|mx| rename(&mut mx.exchange));
            }
            RecordData::Srv(records) => {
                records.iter_mut().for_each(|srv| rename(&mut srv.target));
            }
            RecordData::Soa(soa) => {
                rename(&mut soa.host);
                rename(&mut soa.mailbox);
            }
            RecordData::A(_) | RecordData::Aaaa(_) | RecordData::Txt(_) | RecordData::Empty(_) => {}
        }
        data
    }

    /// The type of the set.
    pub fn record_type(&self) -> RecordType {
        match self {
            RecordData::A(_) => RecordType::A,
            RecordData::Aaaa(_) => RecordType::Aaaa,
            RecordData::Cname(_) => RecordType::Cname,
            RecordData::Mx(_) => RecordType::Mx,
            RecordData::Ptr(_) => RecordType::Ptr,
            RecordData::Soa(_) => RecordType::Soa,
            RecordData::Srv(_) => RecordType::Srv,
            RecordData::Txt(_) => RecordType::Txt,
            RecordData::Empty(record_type) => *record_type,
        }
    }

    /// How many records the set has.
    pub fn count(&self) -> usize {
        match self {
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

    /// Adds the records of `later`, each once; gives `later` back where a set
    /// cannot hold both.
    pub fn merge(&mut self, later: RecordData) -> Result<(), RecordData> {
        fn add<T: Clone + PartialEq>(kept: &mut Box<[T]>, later: &[T]) {
            let mut all = std::mem::take(kept).into_vec();
            for record in later {
                if !all.contains(record) {
                    all.push(record.clone());
                }
            }
            *kept = all.into();
        }
        match (&mut *self, &later) {
            (RecordData::A(kept), RecordData::A(later)) => {
                for address in later {
                    if !kept.contains(address) {
                        kept.push(*address);
                    }
                }
            }
            (RecordData::Aaaa(kept), RecordData::Aaaa(later)) => add(kept, later),
            (RecordData::Mx(kept), RecordData::Mx(later)) => add(kept, later),
            (RecordData::Ptr(kept), RecordData::Ptr(later)) => add(kept, later),
            (RecordData::Srv(kept), RecordData::Srv(later)) => add(kept, later),
            (RecordData::Txt(kept), RecordData::Txt(later)) => add(kept, later),
            (RecordData::Empty(_), _) => *self = later,
            (_, RecordData::Empty(_)) => {}
            (kept, later) if *kept == *later => {}
            _ => return Err(later),
        }
        Ok(())
    }

    /// Puts the records in order: a set has none, so that equal sets are equal.
    pub fn sort(&mut self, names: &Names) {
        match self {
            RecordData::A(addresses) => addresses.sort_unstable(),
            RecordData::Aaaa(addresses) => addresses.sort_unstable(),
            RecordData::Mx(records) if records.len() > 1 => {
                records.sort_by_cached_key(|mx| (mx.preference, names.name(mx.exchange)));
            }
            RecordData::Ptr(targets) if targets.len() > 1 => {
                targets.sort_by_cached_key(|&target| names.name(target));
            }
            RecordData::Srv(records) if records.len() > 1 => records.sort_by_cached_key(|srv| {
                (srv.priority, srv.weight, srv.port, names.name(srv.target))
            }),
            RecordData::Txt(records) => records.sort_unstable(),
            _ => {}
        }
    }

    /// Each record as a text of its own, in a fixed order, names lower-case and
    /// dot-terminated, TXT as quoted strings.
    pub fn texts(&self, names: &Names) -> Vec<String> {
        let show = |id: NameId| names.name(id).to_string();
        let mut texts: Vec<String> = match self {
            RecordData::A(addresses) => {
                let mut sorted = addresses.clone();
                sorted.sort();
                return sorted.iter().map(ToString::to_string).collect();
            }
            RecordData::Aaaa(addresses) => {
                let mut sorted = addresses.clone();
                sorted.sort();
                return sorted.iter().map(ToString::to_string).collect();
            }
            RecordData::Cname(target) => vec![show(*target)],
            RecordData::Mx(records) => {
                let mut sorted = records.to_vec();
                sorted.sort_by_cached_key(|mx| (mx.preference, show(mx.exchange)));
                return sorted
                    .iter()
                    .map(|mx| format!("{} {}", mx.preference, show(mx.exchange)))
                    .collect();
            }
            RecordData::Ptr(targets) => targets.iter().map(|&target| show(target)).collect(),
            RecordData::Soa(soa) => vec![format!(
                "{} {} {} {} {} {} {}",
                show(soa.host),
                show(soa.mailbox),
                soa.serial,
                soa.refresh,
                soa.retry,
                soa.expire,
                soa.minimum
            )],
            RecordData::Srv(records) => records
                .iter()
                .map(|srv| {
                    format!("{} {} {} {}", srv.priority, srv.weight, srv.port, show(srv.target))
                })
                .collect(),
            RecordData::Txt(records) => records.iter().map(|strings| quote(strings)).collect(),
            RecordData::Empty(_) => Vec::new(),
        };
        texts.sort();
        texts
    }
}

/// The strings in quotes, as a master file has them (RFC 1035, section 5.1).
pub fn quote(strings: &[Box<[u8]>]) -> String {
    let mut text = String::new();
    for (at, string) in strings.iter().enumerate() {
        if at > 0 {
            text.push(' ');
        }
        text.push('"');
        // UTF-8 is shown as it is; what is neither that nor printable is escaped.
        for chunk in string.utf8_chunks() {
            for character in chunk.valid().chars() {
                match character {
                    '"' | '\\' => {
                        text.push('\\');
                        text.push(character);
                    }
                    '\0'..='\x1f' | '\x7f' => {
                        text.push_str(&format!("\\{:03}", character as u32));
                    }
                    _ => text.push(character),
                }
            }
            for octet in chunk.invalid() {
                text.push_str(&format!("\\{octet:03}"));
            }
        }
        text.push('"');
    }
    text
}

/// Private use, shared address space, loopback and link-local (RFC 1918, 6598, 1122, 3927).
pub fn is_private_v4(address: Ipv4Addr) -> bool {
    let [a, b, ..] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || (a == 100 && (64..128).contains(&b))
}

/// Unique local, loopback and link-local (RFC 4193, 4291).
pub fn is_private_v6(address: Ipv6Addr) -> bool {
    address.is_unique_local() || address.is_loopback() || address.is_unicast_link_local()
}

/// Either of the two.
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => is_private_v6(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_in_any_case_and_by_number() {
        assert_eq!("aaaa".parse(), Ok(RecordType::Aaaa));
        assert_eq!("TYPE28".parse(), Ok(RecordType::Aaaa));
        assert_eq!("ns".parse(), Ok(RecordType::Other(2)));
        assert_eq!("TYPE2".parse::<RecordType>().unwrap().to_string(), "NS");
        assert_eq!("type777".parse::<RecordType>().unwrap().to_string(), "TYPE777");
        assert!("".parse::<RecordType>().is_err());
        assert!("typé".parse::<RecordType>().is_err());
    }

    #[test]
    fn a_ttl_may_be_zero_and_absent_in_one_word() {
        assert_eq!(Ttl::new(0).unwrap().seconds(), 0);
        assert_eq!(Ttl::new(Ttl::MOST).unwrap().seconds(), 2_147_483_647);
        assert_eq!(Ttl::new(Ttl::MOST + 1), None);
        assert_eq!(size_of::<Option<Ttl>>(), 4);
    }

    #[test]
    fn strings_are_quoted_so_that_they_can_be_read_again() {
        let strings: Strings =
            vec![b"a \"b\" \\ \x01 \xff \xc3\xa9".to_vec().into_boxed_slice()].into_boxed_slice();
        assert_eq!(quote(&strings), "\"a \\\"b\\\" \\\\ \\001 \\255 é\"");
    }
}

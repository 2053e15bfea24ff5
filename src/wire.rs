//! Between our names and records and those of DNS messages.
//!
//! Names go label by label, so that a label may hold what no text form takes.

#![deny(clippy::disallowed_methods)]

use hickory_proto::rr::{self, RData, rdata};

use crate::name::{Name, NameId, Names};
use crate::record::{RecordData, RecordType, Soa, quote};
use crate::transcript::capture::RecordV1;

/// The name on the wire.
pub fn to_wire(name: &Name) -> Option<rr::Name> {
    let mut wire = rr::Name::from_labels(name.labels()).ok()?;
    wire.set_fqdn(true);
    Some(wire)
}

/// The name of a message, in lower case.
pub fn from_wire(name: &rr::Name) -> Option<Name> {
    Name::from_labels(name.iter()).ok()
}

/// The type on the wire.
pub fn type_to_wire(record_type: RecordType) -> rr::RecordType {
    rr::RecordType::from(record_type.number())
}

/// The type of a message.
pub fn type_from_wire(record_type: rr::RecordType) -> RecordType {
    // A number that is named becomes that name.
    format!("TYPE{}", u16::from(record_type)).parse().unwrap_or(RecordType::Other(0))
}

/// A record as captures have it.
pub fn record(record: &rr::Record) -> Option<RecordV1> {
    let record_type = type_from_wire(record.record_type());
    Some(RecordV1 {
        name: from_wire(&record.name)?.to_string(),
        record_type: record_type.to_string(),
        ttl: Some(record.ttl),
        data: data(&record.data),
    })
}

fn data(data: &RData) -> String {
    let name = |name: &rr::Name| from_wire(name).map_or(name.to_string(), |name| name.to_string());
    match data {
        RData::A(address) => address.0.to_string(),
        RData::AAAA(address) => address.0.to_string(),
        RData::CNAME(target) => name(&target.0),
        RData::PTR(target) => name(&target.0),
        RData::MX(mx) => format!("{} {}", mx.preference, name(&mx.exchange)),
        RData::SRV(srv) => {
            format!("{} {} {} {}", srv.priority, srv.weight, srv.port, name(&srv.target))
        }
        RData::TXT(texts) => quote(&texts.txt_data),
        RData::SOA(soa) => format!(
            "{} {} {} {} {} {} {}",
            name(&soa.mname),
            name(&soa.rname),
            soa.serial,
            soa.refresh,
            soa.retry,
            soa.expire,
            soa.minimum
        ),
        other => other.to_string(),
    }
}

/// A record set as records of `owner`; `ttl` in seconds.
pub fn records(owner: &Name, ttl: u32, data: &RecordData, names: &Names) -> Vec<rr::Record> {
    let name = |id: &NameId| to_wire(&names.name(*id));
    let data: Vec<RData> = match data {
        RecordData::A(addresses) => addresses.iter().map(|&one| RData::A(one.into())).collect(),
        RecordData::Aaaa(addresses) => {
            addresses.iter().map(|&one| RData::AAAA(one.into())).collect()
        }
        RecordData::Cname(target) => {
            name(target).map(|target| RData::CNAME(rdata::CNAME(target))).into_iter().collect()
        }
        RecordData::Ptr(targets) => targets
            .iter()
            .filter_map(|target| Some(RData::PTR(rdata::PTR(name(target)?))))
            .collect(),
        RecordData::Mx(records) => records
            .iter()
            .filter_map(|mx| Some(RData::MX(rdata::MX::new(mx.preference, name(&mx.exchange)?))))
            .collect(),
        RecordData::Srv(records) => records
            .iter()
            .filter_map(|srv| {
                let target = name(&srv.target)?;
                Some(RData::SRV(rdata::SRV::new(srv.priority, srv.weight, srv.port, target)))
            })
            .collect(),
        RecordData::Txt(records) => records
            .iter()
            .map(|strings| {
                RData::TXT(rdata::TXT::from_bytes(strings.iter().map(|s| &**s).collect()))
            })
            .collect(),
        RecordData::Soa(soa) => soa_data(soa, names).into_iter().collect(),
        RecordData::Empty(_) => Vec::new(),
    };
    let Some(owner) = to_wire(owner) else { return Vec::new() };
    data.into_iter().map(|data| rr::Record::from_rdata(owner.clone(), ttl, data)).collect()
}

/// Times beyond what a message holds become the most it holds.
fn soa_data(soa: &Soa, names: &Names) -> Option<RData> {
    let time = |seconds: u32| i32::try_from(seconds).unwrap_or(i32::MAX);
    Some(RData::SOA(rdata::SOA::new(
        to_wire(&names.name(soa.host))?,
        to_wire(&names.name(soa.mailbox))?,
        u32::try_from(soa.serial).unwrap_or(u32::MAX),
        time(soa.refresh),
        time(soa.retry),
        time(soa.expire),
        soa.minimum,
    )))
}

/// An alias.
pub fn alias(owner: &Name, ttl: u32, target: &Name) -> Option<rr::Record> {
    let data = RData::CNAME(rdata::CNAME(to_wire(target)?));
    Some(rr::Record::from_rdata(to_wire(owner)?, ttl, data))
}

/// The SOA of a private zone as Azure makes it.
///
/// Host, mailbox and times stand in exports of fresh zones; read 2026-11.
pub fn azure_soa(apex: &Name) -> Option<rr::Record> {
    const MINIMUM: u32 = 10;
    let host = to_wire(&"azureprivatedns.net".parse().ok()?)?;
    let mailbox = to_wire(&"azureprivatedns-host.microsoft.com".parse().ok()?)?;
    let data = rdata::SOA::new(host, mailbox, 1, 3600, 300, 2_419_200, MINIMUM);
    Some(rr::Record::from_rdata(to_wire(apex)?, MINIMUM, RData::SOA(data)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_no_host_has_go_there_and_back() {
        for text in [
            "-x.example.com",
            "_sip._tcp.example.com",
            "*.example.com",
            "a\\.b.example.com",
            "\\255.x",
            ".",
        ] {
            let name: Name = text.parse().unwrap();
            assert_eq!(from_wire(&to_wire(&name).unwrap()), Some(name));
        }
    }

    #[test]
    fn types_go_there_and_back() {
        for number in [1, 2, 5, 6, 12, 15, 16, 28, 33, 65, 999] {
            let record_type = type_from_wire(rr::RecordType::from(number));
            assert_eq!(record_type.number(), number);
            assert_eq!(u16::from(type_to_wire(record_type)), number);
        }
    }
}

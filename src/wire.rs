//! Between our names and records and those of DNS messages.
//!
//! Names go label by label, so that a label may hold what no text form takes.

#![deny(clippy::disallowed_methods)]

use hickory_proto::rr::{self, RData};

use crate::name::Name;
use crate::record::{RecordType, quote};
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

//! `host`: one sentence a record.

use super::command::{self, Tool};
use super::reader::{Part, Reader};
use super::{Record, Status, normalise};
use crate::name::Name;
use crate::record::RecordType;

/// What a sentence says between the owner and the data.
const SENTENCES: [(&str, RecordType); 7] = [
    (" is an alias for ", RecordType::Cname),
    (" has address ", RecordType::A),
    (" has IPv6 address ", RecordType::Aaaa),
    (" mail is handled by ", RecordType::Mx),
    (" domain name pointer ", RecordType::Ptr),
    (" descriptive text ", RecordType::Txt),
    (" has SRV record ", RecordType::Srv),
];

pub(super) fn take(reader: &mut Reader, line: &str) -> bool {
    if line == "Using domain server:" {
        reader.draft(Tool::Host);
        reader.part = Part::Header;
        return true;
    }
    if reader.part == Part::Header && reader.draft.as_ref().is_some_and(|d| d.tool == Tool::Host) {
        return header(reader, line);
    }
    if let Some(rest) = line.strip_prefix("Host ")
        && let Some((name, why)) = rest.split_once(" not found: ")
    {
        return failed(reader, name, why);
    }
    if let Some((name, record_type)) = line.split_once(" has no ")
        && let Some(record_type) = record_type.strip_suffix(" record")
        && let (Ok(name), Ok(record_type)) = (name.parse(), record_type.parse())
    {
        let draft = start(reader, &name);
        draft.record_type = Some(record_type);
        draft.failed = Some(name);
        draft.status = Some(Status::NoData);
        return true;
    }
    SENTENCES.iter().any(|(words, record_type)| match line.split_once(words) {
        Some((name, data)) => record(reader, name, *record_type, data),
        None => false,
    })
}

/// `Name:`, `Address:` and `Aliases:` of the server, before the answer.
fn header(reader: &mut Reader, line: &str) -> bool {
    let Some((label, value)) = line.split_once(':') else { return false };
    match label {
        "Address" => reader.draft(Tool::Host).server = command::server(value.trim()),
        "Aliases" => reader.part = Part::Answer,
        _ => {}
    }
    true
}

fn start<'r>(reader: &'r mut Reader, name: &Name) -> &'r mut super::draft::Draft {
    if reader.draft.as_ref().is_some_and(|draft| draft.has_content() && !draft.follows(name)) {
        reader.end();
    }
    reader.draft(Tool::Host)
}

fn record(reader: &mut Reader, name: &str, record_type: RecordType, data: &str) -> bool {
    let Ok(name) = name.trim().parse::<Name>() else { return false };
    let data = normalise(record_type, data);
    let draft = start(reader, &name);
    // `host` asks for mail, too; that is no answer to where the name leads.
    if record_type != RecordType::Mx || draft.record_type == Some(RecordType::Mx) {
        draft.push(Record { name, record_type, ttl: None, data });
    }
    true
}

/// `Host x not found: 3(NXDOMAIN)`
fn failed(reader: &mut Reader, name: &str, why: &str) -> bool {
    let Ok(name) = name.parse::<Name>() else { return false };
    let status = match why {
        _ if why.contains("NXDOMAIN") => Status::NxDomain,
        _ if why.contains("SERVFAIL") => Status::ServFail,
        _ if why.contains("REFUSED") => Status::Refused,
        other => Status::Rcode(other.to_owned()),
    };
    let draft = start(reader, &name);
    draft.failed = Some(name);
    // After an address it may be mail that was asked for.
    reader.fail(status, false);
    true
}

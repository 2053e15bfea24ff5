//! `dig`: sections of records, whole or cut.

use super::command::{self, Tool};
use super::draft::Draft;
use super::reader::{Part, Reader};
use super::{Record, Status, capture, normalise};
use crate::name::Name;
use crate::record::RecordType;

/// A section of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Question,
    Answer,
    Authority,
    Other,
}

pub(super) fn take(reader: &mut Reader, line: &str) -> bool {
    let bare = line.trim().trim_start_matches(';').trim();
    if let Some((_, call)) = line.split_once("<<>> DiG") {
        banner(reader, call);
        return true;
    }
    if bare.starts_with("->>HEADER<<-")
        && let Some((_, status)) = bare.split_once("status:")
    {
        let status = status_of(status.split(',').next().unwrap_or("").trim());
        reader.renew(Tool::Dig).status = Some(status);
        return true;
    }
    if let Some(section) = section(bare) {
        open(reader, section);
        return true;
    }
    if let Some(error) = bare.strip_prefix("EDE:") {
        // `0 (Other): (text)`; the text may be missing.
        let text = error.split_once(": (").map_or(error, |(_, text)| text.trim_end_matches(')'));
        reader.draft(Tool::Dig).extended_error = Some(text.trim().to_owned());
        return true;
    }
    if let Some(server) = bare.strip_prefix("SERVER:") {
        if let Some(draft) = &mut reader.draft {
            draft.server = command::server(server.trim());
        }
        return true;
    }
    match reader.part {
        Part::Dig(Section::Question) if line.trim_start().starts_with(';') => {
            question(reader, bare)
        }
        Part::Short => short(reader, line.trim()),
        _ if line.starts_with(';') => false,
        _ => record(reader, line),
    }
}

fn status_of(text: &str) -> Status {
    match text {
        "NOERROR" => Status::Answered,
        "NXDOMAIN" => Status::NxDomain,
        "SERVFAIL" => Status::ServFail,
        "REFUSED" => Status::Refused,
        other => Status::Rcode(other.to_owned()),
    }
}

fn section(bare: &str) -> Option<Section> {
    match bare.strip_suffix(':')? {
        "QUESTION SECTION" => Some(Section::Question),
        "ANSWER SECTION" => Some(Section::Answer),
        "AUTHORITY SECTION" => Some(Section::Authority),
        "ADDITIONAL SECTION" | "OPT PSEUDOSECTION" => Some(Section::Other),
        _ => None,
    }
}

/// A section that was copied alone starts a lookup of its own.
fn open(reader: &mut Reader, section: Section) {
    let answered = reader.draft.as_ref().is_some_and(|draft| !draft.answers.is_empty());
    if section == Section::Question || (section == Section::Answer && answered) {
        let fresh = reader.draft.as_ref().is_some_and(|draft| {
            draft.status.is_some() && draft.answers.is_empty() && draft.authority.is_none()
        });
        if !fresh {
            reader.renew(Tool::Dig);
        }
    }
    reader.draft(Tool::Dig);
    reader.part = Part::Dig(section);
}

/// `; <<>> DiG 9.18 <<>> -x 10.0.0.4`, which may follow the command itself.
fn banner(reader: &mut Reader, text: &str) {
    let words: Vec<&str> = text.rsplit("<<>>").next().unwrap_or("").split_whitespace().collect();
    let Some(command) = command::call(Tool::Dig, &words) else { return };
    let known = reader.draft.as_ref().is_some_and(|draft| !draft.has_content());
    if !known {
        reader.hang_up();
        reader.call(command, false);
    }
    if let Some(draft) = &mut reader.draft {
        draft.tool = Tool::Dig;
    }
    reader.part = Part::Outside;
}

/// `;name. IN A`
fn question(reader: &mut Reader, bare: &str) -> bool {
    let words: Vec<&str> = bare.split_whitespace().collect();
    let [name, .., record_type] = words[..] else { return false };
    let (Ok(name), Ok(record_type)) = (name.parse(), record_type.parse()) else { return false };
    let draft = reader.draft(Tool::Dig);
    draft.asked = Some(name);
    draft.record_type = Some(record_type);
    true
}

/// A line of `+short`: the target of an alias, or data.
fn short(reader: &mut Reader, line: &str) -> bool {
    let Some(draft) = &mut reader.draft else { return false };
    if draft.push_address(line) {
        return true;
    }
    let asked = draft.record_type.unwrap_or(RecordType::A);
    let alias = matches!(asked, RecordType::A | RecordType::Aaaa);
    let record_type = if alias { RecordType::Cname } else { asked };
    if line.starts_with(';') || !is_data(record_type, line) {
        return false;
    }
    let data = normalise(record_type, line);
    draft.push(Record { name: Name::root(), record_type, ttl: None, data });
    true
}

/// Whether a line can be data of that type, as `+short` prints it.
fn is_data(record_type: RecordType, line: &str) -> bool {
    let words = line.split_whitespace().count();
    match record_type {
        RecordType::Txt => line.starts_with('"'),
        RecordType::Mx => words == 2 && line.ends_with('.'),
        RecordType::Srv => words == 4 && line.ends_with('.'),
        RecordType::Cname | RecordType::Ptr => words == 1 && line.ends_with('.'),
        RecordType::Soa => words == 7,
        _ => true,
    }
}

/// `name [ttl] IN TYPE data`
pub(super) fn parse(line: &str) -> Option<Record> {
    let mut rest = line.trim();
    let mut word = || {
        let (word, tail) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        rest = tail.trim_start();
        word
    };
    let name: Name = word().parse().ok()?;
    let mut next = word();
    let ttl = next.parse().ok();
    if ttl.is_some() {
        next = word();
    }
    if !next.eq_ignore_ascii_case("IN") {
        return None;
    }
    let record_type: RecordType = word().parse().ok()?;
    (!rest.is_empty()).then(|| Record {
        name,
        record_type,
        ttl,
        data: normalise(record_type, rest),
    })
}

fn record(reader: &mut Reader, line: &str) -> bool {
    let Some(record) = parse(line) else { return false };
    match reader.part {
        Part::Dig(Section::Other) => return true,
        Part::Dig(Section::Authority) => {
            authority(reader, &record);
            return true;
        }
        Part::Dig(_) => {}
        _ if record.record_type == RecordType::Soa
            && reader.draft.as_ref().is_some_and(|draft| {
                draft.record_type.is_some_and(|asked| asked != RecordType::Soa)
            }) =>
        {
            authority(reader, &record);
            return true;
        }
        // Records alone: whatever does not go on with the chain is another lookup.
        _ if !reader.draft.as_ref().is_some_and(|draft| draft.follows(&record.name)) => {
            another(reader, &record.name);
        }
        _ => {}
    }
    // Aliases come with every type.
    let other = |draft: &Draft| {
        draft
            .record_type
            .is_some_and(|of| of != record.record_type && record.record_type != RecordType::Cname)
    };
    if reader.draft.as_ref().is_some_and(other) {
        reader.other_type(record.record_type);
    }
    let draft = reader.draft(Tool::Dig);
    let final_type = record.record_type != RecordType::Cname;
    if draft.record_type.is_none() && final_type {
        draft.record_type = Some(record.record_type);
    }
    draft.push(record);
    true
}

/// Begins the lookup of another name.
fn another(reader: &mut Reader, name: &Name) {
    if reader.question_of(name) {
        return;
    }
    let line = reader.line;
    let draft = reader.renew(Tool::Dig);
    draft.line = line;
    draft.asked = Some(name.clone());
}

fn authority(reader: &mut Reader, record: &Record) {
    if let Some(authority) = capture::authority(record) {
        reader.draft(Tool::Dig).authority = Some(authority);
    }
}

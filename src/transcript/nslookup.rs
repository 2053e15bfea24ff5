//! `nslookup` of Windows, in any language, of Linux and of busybox.
//!
//! Words are translated, the layout is not: a server and its address, then a name, its
//! addresses and the aliases. So a line is told by what its value is, not by its label,
//! wherever that is enough.

use std::net::IpAddr;

use super::command::{self, Tool};
use super::reader::{Part, Reader};
use super::{Record, Shown, Status, normalise};
use crate::name::Name;
use crate::record::RecordType;

/// What begins the label of the server, in the languages of Windows.
const SERVERS: [&str; 8] =
    ["serv", "default serv", "standardserv", "serwer", "сервер", "服务器", "伺服器", "サーバー"];

/// The label of the name that has the addresses.
const NAMES: [&str; 9] = ["name", "nom", "nombre", "nome", "nazwa", "naam", "имя", "名称", "名前"];

pub(super) fn take(reader: &mut Reader, line: &str) -> bool {
    if let Part::Canonical(owner) = reader.part.clone() {
        reader.part = Part::Answer;
        return alias(reader, owner, line.trim());
    }
    let trimmed = line.trim();
    if let Part::Text(owner) = reader.part.clone() {
        if trimmed.starts_with('"') {
            return data(reader, owner, RecordType::Txt, trimmed);
        }
        reader.part = Part::Answer;
    }
    if let Part::Service(owner, fields) = reader.part.clone()
        && let Some((_, value)) =
            trimmed.split_once('=').filter(|_| line.starts_with(char::is_whitespace))
    {
        return service(reader, owner, fields, value.trim());
    }
    if let Some(owner) = trimmed.strip_suffix("SRV service location:") {
        let Ok(owner) = owner.trim().parse::<Name>() else { return false };
        reader.nslookup();
        reader.part = Part::Service(owner, Vec::new());
        return true;
    }
    if let Some((owner, mx)) = trimmed.split_once("MX preference = ")
        && let Some((preference, exchange)) = mx.split_once(", mail exchanger = ")
    {
        let Ok(owner) = owner.trim().parse::<Name>() else { return false };
        return data(reader, owner, RecordType::Mx, &format!("{preference} {exchange}"));
    }
    if let Some(error) = trimmed.strip_prefix("***").or_else(|| trimmed.strip_prefix("**")) {
        return failed(reader, error.trim(), trimmed.starts_with("***"));
    }
    if let Some((owner, data)) = trimmed.split_once(" = ").or_else(|| {
        // The target may stand on the next line.
        trimmed.strip_suffix('=').map(|owner| (owner.trim_end(), ""))
    }) {
        return equation(reader, owner.trim(), data.trim());
    }
    if line.starts_with(char::is_whitespace) && !trimmed.contains(": ") {
        return continued(reader, trimmed);
    }
    match label(trimmed) {
        Some((label, value)) => labelled(reader, label, value),
        None => false,
    }
}

/// A label without dots and digits, and what follows its colon.
fn label(line: &str) -> Option<(&str, &str)> {
    let (label, value) = line.split_once(':')?;
    let label = label.trim_end();
    // Busybox counts: `Address 1`.
    let plain = label.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end();
    let fine = !plain.is_empty() && !plain.contains(['.', '/', '=', '[', '(', '"']);
    (fine && plain.chars().count() < 60).then(|| (plain, value.trim()))
}

fn labelled(reader: &mut Reader, label: &str, value: &str) -> bool {
    let lower = label.to_lowercase();
    if SERVERS.iter().any(|server| lower.starts_with(server)) && !value.is_empty() {
        return server(reader, value);
    }
    let ours = reader.draft.as_ref().is_some_and(|draft| draft.tool == Tool::Nslookup);
    let is_name = NAMES.contains(&lower.as_str());
    if !ours && !is_name {
        // A pasted answer may lack its head.
        return lower.ends_with("answer") && value.is_empty();
    }
    if value.is_empty() {
        reader.part = Part::Answer;
        return true;
    }
    let first = value.split_whitespace().next().unwrap_or("");
    if reader.part == Part::Header
        && let Some(server) = command::server(first).filter(|server| server.address.is_some())
    {
        let draft = reader.draft(Tool::Nslookup);
        let name = draft.server.take().and_then(|known| known.name);
        let server = Some(super::Server { name, ..server });
        draft.server.clone_from(&server);
        reader.session = server;
        reader.part = Part::Answer;
        return true;
    }
    if first.parse::<IpAddr>().is_ok() {
        return reader.draft.is_some() && reader.draft(Tool::Nslookup).push_address(first);
    }
    let Ok(name) = first.parse::<Name>() else { return false };
    if is_name {
        return named(reader, name);
    }
    reader.draft(Tool::Nslookup).listed.push(name);
    reader.part = Part::Aliases;
    true
}

/// `Server:` begins a lookup, or the head of the one whose command was shown.
fn server(reader: &mut Reader, value: &str) -> bool {
    // The tool looks up the name of the server first; what came of that is no answer.
    let before = reader.part == Part::Outside;
    if let Some(draft) = reader.draft.as_mut().filter(|draft| before && draft.called)
        && matches!(draft.status, Some(Status::NoReply(_)))
        && draft.answers.is_empty()
    {
        draft.status = None;
    }
    let draft = reader.renew(Tool::Nslookup);
    draft.server = command::server(value.split_whitespace().next().unwrap_or(""));
    reader.part = Part::Header;
    true
}

/// `Name:` comes once on Windows, and before each address on Linux.
fn named(reader: &mut Reader, name: Name) -> bool {
    let other = reader.draft.as_ref().is_some_and(|draft| match &draft.last {
        Some(last) => *last != name,
        None => draft.status.is_some(),
    });
    if other {
        reader.end();
    }
    reader.nslookup().last = Some(name);
    reader.part = Part::Answer;
    true
}

/// A line that goes on with the addresses or aliases above.
fn continued(reader: &mut Reader, text: &str) -> bool {
    let Some(draft) = &mut reader.draft else { return false };
    if draft.tool != Tool::Nslookup {
        return false;
    }
    if draft.push_address(text) {
        return true;
    }
    match text.parse::<Name>() {
        Ok(name) if reader.part == Part::Aliases => {
            draft.listed.push(name);
            true
        }
        _ => false,
    }
}

fn alias(reader: &mut Reader, owner: Name, target: &str) -> bool {
    let Ok(target) = target.parse::<Name>() else { return false };
    let data = target.to_string();
    let draft = reader.nslookup();
    draft.push(Record { name: owner, record_type: RecordType::Cname, ttl: None, data });
    true
}

/// `a canonical name = b.`, `a name = b.`, `a text = "…"`
fn equation(reader: &mut Reader, left: &str, data: &str) -> bool {
    let mut words = left.split_whitespace();
    let Some(Ok(owner)) = words.next().map(str::parse::<Name>) else { return false };
    let what: Vec<&str> = words.collect();
    let record_type = match what.join(" ").as_str() {
        "canonical name" => RecordType::Cname,
        "name" => RecordType::Ptr,
        "text" => RecordType::Txt,
        "mail exchanger" => RecordType::Mx,
        "service" => RecordType::Srv,
        "internet address" => RecordType::A,
        "has AAAA address" | "AAAA IPv6 address" => RecordType::Aaaa,
        _ => return false,
    };
    if data.is_empty() && record_type == RecordType::Txt {
        reader.nslookup();
        reader.part = Part::Text(owner);
        return true;
    }
    if data.is_empty() && record_type != RecordType::Cname {
        return false;
    }
    // Addresses of the servers that were found are no answer of their own.
    let address = matches!(record_type, RecordType::A | RecordType::Aaaa);
    if address
        && reader.draft.as_ref().is_some_and(|draft| {
            !matches!(draft.record_type, None | Some(RecordType::A | RecordType::Aaaa))
        })
    {
        return true;
    }
    let ended = reader.draft.as_ref().is_some_and(|draft| {
        draft.status.is_some() || (!draft.answers.is_empty() && !draft.follows(&owner))
    });
    if ended {
        reader.end();
    }
    let draft = reader.nslookup();
    if record_type == RecordType::Cname {
        if data.is_empty() {
            reader.part = Part::Canonical(owner);
            return true;
        }
        return alias(reader, owner, data);
    }
    draft.record_type = Some(record_type);
    let data = normalise(record_type, data);
    draft.push(Record { name: owner, record_type, ttl: None, data });
    true
}

/// A record that is told as a whole.
fn data(reader: &mut Reader, name: Name, record_type: RecordType, data: &str) -> bool {
    let draft = reader.nslookup();
    draft.record_type = Some(record_type);
    let data = normalise(record_type, data);
    draft.push(Record { name, record_type, ttl: None, data });
    true
}

/// Windows: priority, weight, port and host, each in a line of its own.
fn service(reader: &mut Reader, owner: Name, mut fields: Vec<String>, value: &str) -> bool {
    fields.push(value.to_owned());
    if fields.len() < 4 {
        reader.part = Part::Service(owner, fields);
        return true;
    }
    reader.part = Part::Answer;
    data(reader, owner, RecordType::Srv, &fields.join(" "))
}

/// `*** dns can't find a: Non-existent domain`, `** server can't find b: NXDOMAIN`
///
/// What went wrong stays English in localised output. Windows names what was asked,
/// Linux the hop that failed.
fn failed(reader: &mut Reader, text: &str, windows: bool) -> bool {
    let told = |marks: &[&str]| marks.iter().any(|mark| text.contains(mark));
    let status = match () {
        () if told(&["Non-existent domain", "NXDOMAIN"]) => Status::NxDomain,
        () if told(&["No response"]) => Status::NoReply(text.to_owned()),
        () if told(&["Server failed", "SERVFAIL"]) => Status::ServFail,
        () if told(&["refused", "REFUSED"]) => Status::Refused,
        () if told(&["No answer", "No internal type", "No records"]) => Status::NoData,
        () => return false,
    };
    let head = text.rsplit_once(':').map_or(text, |(head, _)| head);
    let name = named_in(reader, head);
    let other = reader
        .draft
        .as_ref()
        .is_some_and(|draft| name.as_ref().is_some_and(|name| !belongs(draft, name)));
    if other {
        reader.end();
    }
    let draft = reader.nslookup();
    draft.failed = name;
    if windows && matches!(status, Status::NxDomain) {
        draft.shown = Shown::Nothing;
    }
    reader.fail(status, true);
    true
}

/// The name that an error is about. In English it comes last; other languages put it
/// before the server or the verb.
fn named_in(reader: &Reader, head: &str) -> Option<Name> {
    let draft = reader.draft.as_ref();
    let quotes = ['"', '\'', ',', '«', '»', '„', '“', '”', '‘', '’', '「', '」'];
    let words = head.split_whitespace().map(|word| word.trim_matches(quotes));
    let names: Vec<Name> = words.filter_map(|word| word.parse().ok()).collect();
    let asked = draft.and_then(|draft| draft.asked.as_ref()).map(ToString::to_string);
    let starts =
        |name: &&Name| asked.as_ref().is_some_and(|asked| name.to_string().starts_with(asked));
    if let Some(name) = names.iter().find(starts) {
        return Some(name.clone());
    }
    let server = draft.and_then(|draft| draft.server.as_ref()?.name.as_ref()?.parse::<Name>().ok());
    let dotted = |name: &&Name| name.labels().count() > 1 && Some(*name) != server.as_ref();
    let english = head.contains("find ").then(|| names.last()).flatten();
    english.or_else(|| names.iter().rfind(dotted)).cloned()
}

/// Whether an error about `name` can end this lookup.
fn belongs(draft: &super::draft::Draft, name: &Name) -> bool {
    if !draft.answers.is_empty() {
        return draft.follows(name);
    }
    match &draft.asked {
        Some(asked) => name.to_string().starts_with(&asked.to_string()),
        None => true,
    }
}

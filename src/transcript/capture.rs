//! Captures: one lookup a line, as JSON.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Alias, Authority, Observation, Record, Shown, Status, command, normalise};
use crate::name::Name;
use crate::record::RecordType;

/// The version of the lines.
pub const VERSION: &str = "1.0";

/// In why there is no answer: one came that was cut, and none over TCP.
pub const NO_TCP: &str = "the answer was cut, and over TCP";

/// In why there is no answer: what came answers other questions.
pub const OTHER_ANSWERS: &str = "sent no answer to this question";

/// One record of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordV1 {
    /// The owner, dot-terminated.
    pub name: String,
    /// The type.
    #[serde(rename = "type")]
    pub record_type: String,
    /// Seconds.
    pub ttl: Option<u32>,
    /// The data, as zone files have it.
    pub data: String,
}

/// One lookup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineV1 {
    /// The version of this form.
    pub capture: String,
    /// When the answer came, or waiting for it ended, in UTC.
    #[serde(default)]
    pub time: Option<String>,
    /// Who was asked: address and port.
    pub server: String,
    /// The name asked, dot-terminated.
    pub name: String,
    /// The type asked.
    #[serde(rename = "type")]
    pub record_type: String,
    /// The response code; `null` where nothing came.
    pub rcode: Option<String>,
    /// Why nothing came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What the server says of the answer (RFC 8914).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extended_error: Option<String>,
    /// Whether the answer came over TCP.
    #[serde(default)]
    pub tcp: bool,
    /// Milliseconds until the answer.
    #[serde(default)]
    pub milliseconds: u64,
    /// The answer section, in order.
    pub answers: Vec<RecordV1>,
    /// The SOA of the authority section.
    #[serde(default)]
    pub authority: Vec<RecordV1>,
}

/// Whether a line may be one of a capture.
pub fn recognise(line: &str) -> bool {
    line.trim_start().starts_with("{\"capture\":")
}

/// Reads one line; why not, where it is none.
pub fn read_line(line: &str, at: usize) -> Result<Observation, String> {
    let line: LineV1 = serde_json::from_str(line)
        .map_err(|error| format!("expected a line of `privdns capture`: {error}"))?;
    observation(&line, at)
}

/// Reads a value that may be a line of a capture.
pub(super) fn of_value(value: &Value, at: usize) -> Option<Observation> {
    value.get("capture")?;
    observation(&LineV1::deserialize(value).ok()?, at).ok()
}

/// The lookup of one line.
pub fn observation(line: &LineV1, at: usize) -> Result<Observation, String> {
    let name: Name = line.name.parse().map_err(|error| format!("name {error}"))?;
    let record_type: RecordType = line.record_type.parse().map_err(|error| format!("{error}"))?;
    let answers: Vec<Record> = line.answers.iter().filter_map(record).collect();
    let (aliases, records) = chain(&name, record_type, answers);
    let status = match (line.rcode.as_deref(), records.is_empty()) {
        (None, _) => Status::NoReply(line.error.clone().unwrap_or_default()),
        (Some("NOERROR"), false) => Status::Answered,
        (Some("NOERROR"), true) => Status::NoData,
        (Some("NXDOMAIN"), _) => Status::NxDomain,
        (Some("SERVFAIL"), _) => Status::ServFail,
        (Some("REFUSED"), _) => Status::Refused,
        (Some(other), _) => Status::Rcode(other.to_owned()),
    };
    Ok(Observation {
        line: at,
        name,
        record_type: Some(record_type),
        server: command::server(&line.server),
        status,
        aliases,
        shown: Shown::Whole,
        records,
        authority: line.authority.iter().filter_map(record).find_map(|record| authority(&record)),
        extended_error: line.extended_error.clone(),
    })
}

fn record(json: &RecordV1) -> Option<Record> {
    let record_type = json.record_type.parse().ok()?;
    let name = json.name.parse().ok()?;
    Some(Record { name, record_type, ttl: json.ttl, data: normalise(record_type, &json.data) })
}

/// The aliases from `name` on, and the records at their end.
pub(super) fn chain(
    name: &Name,
    record_type: RecordType,
    answers: Vec<Record>,
) -> (Vec<Alias>, Vec<Record>) {
    let mut aliases: Vec<Alias> = Vec::new();
    let mut at = name.clone();
    let next = |at: &Name| {
        let alias =
            |record: &&Record| record.record_type == RecordType::Cname && record.name == *at;
        let record = answers.iter().find(alias)?;
        Some((record.data.parse::<Name>().ok()?, record.ttl))
    };
    while record_type != RecordType::Cname
        && let Some((target, ttl)) = next(&at)
        // A loop is followed once.
        && aliases.iter().all(|alias| alias.name != at)
    {
        aliases.push(Alias { name: at, target: target.clone(), ttl });
        at = target;
    }
    let asked_alias = record_type == RecordType::Cname;
    let left = answers.into_iter().filter(|record| {
        record.record_type != RecordType::Cname || (asked_alias && record.name == *name)
    });
    (aliases, left.collect())
}

/// What a SOA record says of who said no.
pub(super) fn authority(record: &Record) -> Option<Authority> {
    if record.record_type != RecordType::Soa {
        return None;
    }
    let words: Vec<&str> = record.data.split_whitespace().collect();
    let minimum = words.get(6).and_then(|word| word.parse().ok());
    let ttl = [record.ttl, minimum].into_iter().flatten().min();
    let contacts = words.iter().take(2).filter_map(|word| word.parse().ok()).collect();
    Some(Authority { apex: record.name.clone(), contacts, ttl, minimum })
}

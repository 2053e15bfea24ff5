//! What Windows DNS servers say of themselves: `Get-DnsServerZone` and
//! `Get-DnsServerForwarder`, through `ConvertTo-Json` or `Export-Csv`.
//!
//! ```json
//! [{ "ZoneName": "database.windows.net", "ZoneType": "Forwarder",
//!    "MasterServers": [{ "IPAddressToString": "10.0.0.4" }], "PSComputerName": "dc1" }]
//! ```
//!
//! A zone of type `Forwarder` is a conditional forwarder: "Get-DnsServerZone" and
//! "Get-DnsServerForwarder", learn.microsoft.com/powershell/module/dnsserver, read 2026-11.

use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

use serde_json::{Map, Value};

use super::{Draft, PORT, Problem, Word};
use crate::estate::{Asking, Assembly, InputId, Product};
use crate::source::json::{self, Elements};
use crate::source::rows;

/// Whether the first object is a zone or the forwarders of a Windows DNS server.
pub fn recognise_json(text: &str) -> bool {
    let mut objects = objects(text);
    let Some(Ok(range)) = objects.next() else { return false };
    let (members, _) = json::members(text, range.start);
    let has = |name: &str| members.iter().any(|member| &text[member.key.clone()] == name);
    has("ZoneName") && has("ZoneType") || has("UseRootHint") && has("IPAddress")
}

/// Where the table starts and what divides its cells, if its columns are a zone's.
fn table(text: &str) -> Option<(usize, u8)> {
    let mut start = json::skip_space(text, 0);
    if text[start..].starts_with("#TYPE") {
        start += text[start..].find('\n')? + 1;
    }
    let header = text[start..].lines().next()?;
    let has = |by: char, name: &str| {
        header.split(by).any(|cell| cell.trim().trim_matches('"').eq_ignore_ascii_case(name))
    };
    let known = |by: &char| {
        has(*by, "ZoneName") && has(*by, "ZoneType")
            || has(*by, "UseRootHint") && has(*by, "IPAddress")
    };
    [',', ';', '\t'].into_iter().find(known).map(|by| (start, by as u8))
}

/// Whether the text is CSV of such objects.
pub fn recognise_csv(text: &str) -> bool {
    table(text).is_some()
}

/// Reads objects or rows into `assembly`.
pub fn read(input: InputId, text: &str, assembly: &mut Assembly) {
    let mut draft = Draft::new(input, assembly);
    draft.server.product = Some(Product::Windows);
    let items = match table(text) {
        Some((start, delimiter)) => rows(text, start, delimiter),
        None => objects(text).map(|range| parse(text, range)).collect(),
    };
    for (item, range) in items {
        let word = Word { text: &text[range.clone()], start: range.start };
        let done = item.map_err(|message| (word, message)).and_then(|item| {
            if draft.name.is_none() {
                draft.name = place_of(text, &range, &item, "PSComputerName").map(|word| word.text);
            }
            take(&mut draft, &item, word, text, &range)
        });
        if let Err(problem) = done {
            draft.refuse(problem);
        }
    }
    draft.finish();
}

type Item = (Result<Map<String, Value>, String>, Range<usize>);

/// The objects of a list, of `{"value": […]}` or of one after another.
fn objects(text: &str) -> impl Iterator<Item = Result<Range<usize>, json::Broken>> {
    let mut at = json::skip_space(text, 0);
    if text[at..].starts_with('{') {
        let (members, _) = json::members(text, at);
        let value = members.iter().find(|member| &text[member.key.clone()] == "value");
        at = match value {
            Some(value) if text[value.value.start..].starts_with('[') => value.value.start,
            _ => at,
        };
    }
    let single = text[at..].starts_with('{').then(|| json::skip_value(text, at).map(|end| at..end));
    let list = text[at..].starts_with('[').then(|| Elements::new(text, at));
    single.into_iter().chain(list.into_iter().flatten())
}

fn parse(text: &str, range: Result<Range<usize>, json::Broken>) -> Item {
    match range {
        Ok(range) => {
            let item = serde_json::from_str(&text[range.clone()]);
            (item.map_err(|error| format!("expected an object: {error}")), range)
        }
        Err(broken) => {
            let at = broken.at.min(text.len());
            (Err(broken.message), at..at)
        }
    }
}

fn rows(text: &str, start: usize, delimiter: u8) -> Vec<Item> {
    let (columns, rows) = rows::records(text, start, delimiter);
    let item = |row: csv::StringRecord| {
        let cells = row.iter().map(|cell| Value::from(cell.trim()));
        columns.iter().cloned().zip(cells).collect()
    };
    rows.into_iter().map(|(row, range)| (row.map(item), range)).collect()
}

fn member<'v>(item: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    item.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The text of a member where it stands in the input.
fn place_of<'t>(
    text: &'t str,
    range: &Range<usize>,
    item: &Map<String, Value>,
    name: &str,
) -> Option<Word<'t>> {
    let value = member(item, name)?.as_str().filter(|value| !value.is_empty())?;
    let at = text[range.clone()].find(value)?;
    let start = range.start + at;
    Some(Word { text: &text[start..start + value.len()], start })
}

fn take<'t>(
    draft: &mut Draft<'t, '_>,
    item: &Map<String, Value>,
    whole: Word<'t>,
    text: &'t str,
    range: &Range<usize>,
) -> Result<(), Problem<'t>> {
    if let Some(hint) = member(item, "UseRootHint") {
        let targets = addresses(member(item, "IPAddress"), whole)?;
        let recursion = hint
            .as_bool()
            .unwrap_or_else(|| hint.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true")));
        if !targets.is_empty() {
            draft.forward_rest(whole, targets);
        }
        if let (true, Some(rest)) = (recursion, draft.server.forwarders.last_mut()) {
            rest.asking = Asking::First;
        }
        draft.server.recursion = Some(recursion);
        draft.used();
        return Ok(());
    }
    let Some(name) = place_of(text, range, item, "ZoneName") else {
        return Err((whole, "this zone has no `ZoneName`".to_owned()));
    };
    let stated = |name: &str| {
        let value = member(item, name);
        value.is_some_and(|value| {
            value == true || value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true"))
        })
    };
    let kind = match member(item, "ZoneType") {
        // "DNS_ZONE_TYPE", [MS-DNSP] section 2.2.5.1.1, read 2026-11.
        Some(Value::Number(number)) => match number.as_u64() {
            Some(0) => "Cache",
            Some(1) => "Primary",
            Some(2) => "Secondary",
            Some(3) => "Stub",
            Some(4) => "Forwarder",
            _ => return Err((name, format!("expected a type of zone, found `{number}`"))),
        },
        kind => kind.and_then(Value::as_str).unwrap_or(""),
    };
    match kind.to_ascii_lowercase().as_str() {
        // Reverse zones that every server makes for itself, and trust anchors, are asked by nobody.
        _ if stated("IsAutoCreated") || name.text == "TrustAnchors" => {}
        _ if stated("IsPaused") || stated("IsShutdown") => {
            return draft.unsimulated_at(name, "IsPaused or IsShutdown");
        }
        "forwarder" | "stub" => {
            let targets = addresses(member(item, "MasterServers"), name)?;
            if targets.is_empty() {
                let message = format!("`{}` forwards, and states no `MasterServers`", name.text);
                return Err((name, message));
            }
            let stub = kind.eq_ignore_ascii_case("stub");
            draft.passes(name, targets, if stub { Asking::Stub } else { Asking::Forward })?;
        }
        "primary" | "secondary" => draft.zone(name)?,
        // The cache and its root hints.
        "cache" | "hint" => {}
        other => return Err((name, format!("expected a type of zone, found `{other}`"))),
    }
    draft.used();
    Ok(())
}

/// Addresses as text, as objects of .NET, or several in one cell.
fn addresses<'t>(value: Option<&Value>, place: Word<'t>) -> Result<Vec<SocketAddr>, Problem<'t>> {
    let parse = |text: &str| {
        let text = text.trim();
        if text.starts_with("System.") || text.starts_with("Microsoft.") {
            let message = format!(
                "holds `{text}` in place of addresses: write them with `Select-Object ZoneName, \
                 ZoneType, @{{n='MasterServers';e={{$_.MasterServers -join ' '}}}}`, or with \
                 `ConvertTo-Json -Depth 5`"
            );
            return Err((place, message));
        }
        let address: IpAddr = text.parse().map_err(|_| {
            (place, format!("expected the address of a DNS server, found `{text}`"))
        })?;
        Ok(SocketAddr::new(address, PORT))
    };
    let mut found = Vec::new();
    let list = match value {
        None | Some(Value::Null) => return Ok(found),
        Some(Value::Array(list)) => list.iter().collect(),
        // Windows PowerShell wraps lists.
        Some(Value::Object(object)) if object.get("value").is_some_and(Value::is_array) => {
            object["value"].as_array().into_iter().flatten().collect()
        }
        Some(one) => vec![one],
    };
    for one in list {
        let text = match one {
            Value::Object(object) => {
                let text = member(object, "IPAddressToString").and_then(Value::as_str);
                text.ok_or_else(|| (place, "this address has no `IPAddressToString`".to_owned()))?
            }
            Value::String(text) => text,
            other => return Err((place, format!("expected an address, found `{other}`"))),
        };
        for part in text.split([',', ';', ' ']).filter(|part| !part.trim().is_empty()) {
            found.push(parse(part)?);
        }
    }
    Ok(found)
}

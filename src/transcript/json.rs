//! JSON among the text: `az vm run-command`, `ConvertTo-Json`, captures.

use serde_json::Value;

use super::capture;
use super::powershell::{self, Object};
use super::reader::Reader;

/// Hands text to the reader, and what JSON holds of lookups.
pub(super) fn read(text: &str, reader: &mut Reader) {
    let mut rest = text;
    let mut line = 1;
    while let Some(start) = value_start(rest) {
        let (before, tail) = rest.split_at(start);
        let mut values = serde_json::Deserializer::from_str(tail).into_iter::<Value>();
        let Some(Ok(value)) = values.next() else {
            // No JSON after all: this line is text like any other.
            let end = tail.find('\n').map_or(tail.len(), |at| at + 1);
            reader.text(&rest[..start + end], line, 1);
            line += newlines(&rest[..start + end]);
            rest = &tail[end..];
            continue;
        };
        let end = values.byte_offset();
        reader.text(before, line, 1);
        line += newlines(before);
        reader.line = line;
        take(&value, reader);
        line += newlines(&tail[..end]);
        rest = &tail[end..];
    }
    reader.text(rest, line, 1);
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|&octet| octet == b'\n').count()
}

/// The start of the next line that opens an object or a list.
fn value_start(text: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start();
        let list = bare.starts_with('[')
            && (bare[1..].trim().is_empty() || bare[1..].trim_start().starts_with('{'));
        if bare.starts_with('{') || list {
            return Some(at + line.len() - bare.len());
        }
        at += line.len();
    }
    None
}

fn take(value: &Value, reader: &mut Reader) {
    if let Some(observation) = capture::of_value(value, reader.line) {
        reader.add(observation);
        return;
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| take(item, reader)),
        Value::Object(fields) => {
            if let Some(Value::Array(items)) = fields.get("value") {
                items.iter().for_each(|item| take(item, reader));
            } else if let Some(Value::String(message)) = fields.get("message") {
                // Lines of the text inside are not lines of the file.
                reader.text(message, reader.line, 0);
                reader.end();
            } else if fields.contains_key("Section") {
                record(fields, reader);
            }
        }
        _ => {}
    }
}

/// One record of `Resolve-DnsName | ConvertTo-Json`.
fn record(fields: &serde_json::Map<String, Value>, reader: &mut Reader) {
    let mut object = Object::default();
    for (key, value) in fields {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Array(items) => {
                let strings: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                strings.iter().map(|text| format!("\"{text}\"")).collect::<Vec<_>>().join(" ")
            }
            _ => continue,
        };
        object.set(key, &text);
    }
    powershell::add(reader, &object);
}

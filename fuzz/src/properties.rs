//! What holds for any octets at all. Run by the fuzz targets and, on mutated
//! exports, by `tests/fuzz.rs`.

use jiff::civil::Date;
use privdns::check::{Context, Policy, check};
use privdns::estate::{Assembly, Estate, NoteKind};
use privdns::index::{Index, Settings};
use privdns::render::{human, inputs};
use privdns::source::{self, Format, Role, estate_text};
use serde_json::Value;

fn read(octets: &[u8], format: Option<Format>, role: Role) -> Estate {
    let mut assembly = Assembly::default();
    source::read("fuzz", octets, format, role, &mut assembly);
    assembly.finish()
}

/// Nothing panics, whatever is read as whatever format; and what was read is
/// written as `.estate` text that reads back the same; and what was read adds up.
pub fn inputs(octets: &[u8]) {
    let formats = Format::ALL.iter().map(|&(format, _)| Some(format));
    for format in formats.chain([None]) {
        accounted_for(&read(octets, format, Role::Public), format);
        let estate = read(octets, format, Role::Estate);
        accounted_for(&estate, format);
        inputs::human(&estate, Some(80));
        let written = estate_text::write(&estate);
        let again = read(written.as_bytes(), Some(Format::Estate), Role::Estate);
        let rewritten = estate_text::write(&again);
        for (line, before) in rewritten.lines().zip(written.lines()) {
            assert_eq!(line, before);
        }
        assert_eq!(rewritten.len(), written.len());
        let index = Index::new(estate);
        let context = Context::new(&index, &Settings::default());
        let findings = check(&context, |_| true);
        let judgement = Policy::default().judge(context.estate(), findings, Date::MAX);
        for judged in &judgement.findings {
            human::finding(&context, judged, Some(80));
        }
    }
}

/// Every item is counted once, and what was not used is told.
fn accounted_for(estate: &Estate, format: Option<Format>) {
    let input = &estate.inputs[0];
    let items = input.items;
    let told = |kinds: &[NoteKind]| estate.notes.iter().any(|note| kinds.contains(&note.kind));
    let unread = told(&[NoteKind::Unreadable, NoteKind::Unrecognised]);
    assert!(items.refused == 0 || unread || told(&[NoteKind::Refused]), "refused for no reason");
    assert!(items.unsupported == 0 || told(&[NoteKind::Unsupported]), "not used for no reason");
    assert!(estate.record_set_count() == 0 || items.used > 0, "record sets of no item");
    // In these formats anybody can count what there is.
    if unread {
    } else if format == Some(Format::Estate) {
        let blank = |c: char| c.is_ascii_whitespace();
        let lines = input.text.lines().map(|line| line.trim_end().trim_start_matches(blank));
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        assert_eq!(items.met(), lines.count() as u64);
    } else if format == Some(Format::AzJson)
        && let Ok(list @ Value::Array(_)) = serde_json::from_str(&input.text)
    {
        assert_eq!(items.met(), elements(&list, 0));
    }
}

/// The elements of a list, and of the lists within it down to the depth that is read.
fn elements(value: &Value, depth: usize) -> u64 {
    match value {
        Value::Array(list) if depth < 8 => {
            list.iter().map(|element| elements(element, depth + 1)).sum()
        }
        _ => 1,
    }
}

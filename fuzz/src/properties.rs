//! What holds for any octets at all. Run by the fuzz targets and, on mutated
//! exports, by `tests/fuzz.rs`.

use jiff::civil::Date;
use privdns::check::{Context, Policy, check};
use privdns::estate::{Assembly, Estate, NoteKind};
use privdns::index::{Index, Settings};
use privdns::name::Names;
use privdns::render::convert::{self, has_zone_file};
use privdns::render::{human, inputs};
use privdns::source::{self, Format, Role, estate_text, zone_file};
use privdns::transcript::{self, capture::LineV1};
use serde_json::Value;

fn read(octets: &[u8], format: Option<Format>, role: Role) -> Estate {
    let mut assembly = Assembly::default();
    source::read("fuzz", octets, format, role, &mut assembly);
    assembly.finish()
}

/// What must hold for octets; it panics where it does not.
pub type Property = fn(&[u8]);

/// All targets by name: each reader, and `inputs`, which tells the form by content.
pub const TARGETS: [(&str, Property); 13] = [
    ("inputs", inputs),
    ("az_json", az_json),
    ("template", template),
    ("powershell", powershell),
    ("csv", csv),
    ("terraform", terraform),
    ("zone_file", zone_file),
    ("estate", estate),
    ("server_config", server_config),
    ("lookups", lookups),
    ("transcripts", transcripts),
    ("changes", changes),
    ("settings", settings),
];

/// As whatever it looks like.
pub fn inputs(octets: &[u8]) {
    reader(octets, None);
}

pub fn az_json(octets: &[u8]) {
    reader(octets, Some(Format::AzJson));
}

pub fn template(octets: &[u8]) {
    reader(octets, Some(Format::Template));
}

pub fn powershell(octets: &[u8]) {
    reader(octets, Some(Format::PowerShell));
}

pub fn csv(octets: &[u8]) {
    reader(octets, Some(Format::Csv));
}

pub fn terraform(octets: &[u8]) {
    reader(octets, Some(Format::Terraform));
}

pub fn zone_file(octets: &[u8]) {
    reader(octets, Some(Format::ZoneFile));
}

pub fn estate(octets: &[u8]) {
    reader(octets, Some(Format::Estate));
}

/// The configuration of a DNS server, as that of each kind.
pub fn server_config(octets: &[u8]) {
    use Format::{Bind, CoreDns, Dnsmasq, Unbound, WindowsDns};
    for format in [Bind, CoreDns, Dnsmasq, Unbound, WindowsDns] {
        reader(octets, Some(format));
    }
}

pub fn lookups(octets: &[u8]) {
    reader(octets, Some(Format::Lookups));
}

/// Nothing panics; what was read adds up, and is written as `.estate` text, as zone files
/// and as JSON of `az` that read back the same.
fn reader(octets: &[u8], format: Option<Format>) {
    accounted_for(&read(octets, format, Role::Public), format);
    let estate = read(octets, format, Role::Estate);
    accounted_for(&estate, format);
    inputs::human(&estate, Some(80));
    inputs::markdown(&estate);
    estate_text_again(&estate);
    zone_files_again(&estate);
    az_again(&estate);
    let index = Index::new(estate);
    let context = Context::new(&index, &Settings::default());
    let findings = check(&context, |_| true);
    let judgement = Policy::default().judge(&context, findings, Date::MAX);
    for judged in &judgement.findings {
        human::finding(&context, judged, Some(80));
    }
}

fn estate_text_again(estate: &Estate) {
    let written = estate_text::write(estate);
    let again = read(written.as_bytes(), Some(Format::Estate), Role::Estate);
    same(&estate_text::write(&again), &written);
}

fn same(one: &str, other: &str) {
    for (one, other) in one.lines().zip(other.lines()) {
        assert_eq!(one, other);
    }
    assert_eq!(one.len(), other.len());
}

/// A zone file has all record sets that hold records; a set without TTL gets the file's.
fn zone_files_again(estate: &Estate) {
    for (id, zone) in estate.zone_ids().filter(|(_, zone)| has_zone_file(zone)) {
        let written = zone_file::write(estate, id);
        let again = read(written.as_bytes(), Some(Format::ZoneFile), Role::Estate);
        let stated =
            zone.record_sets.iter().filter(|set| !set.data.texts(&estate.names).is_empty());
        assert_eq!(again.record_set_count(), stated.count(), "{written}");
        let whole = zone.record_sets.iter().all(|set| set.ttl.is_some());
        let rewritten = zone_file::write(&again, again.zone_ids().next().expect("a zone").0);
        if whole {
            let sets = |text: &str| {
                let lines = text.lines().filter(|line| !line.starts_with(';'));
                lines.map(|line| format!("{line}\n")).collect::<String>()
            };
            same(&sets(&rewritten), &sets(&written));
        }
    }
}

/// What JSON of `az` can hold it holds: once written, it is read and written the same.
fn az_again(estate: &Estate) {
    let again = |estate: &Estate| {
        let mut assembly = Assembly::default();
        let (files, _) = convert::az(estate);
        for file in &files {
            let octets = file.text.as_bytes();
            source::read(&file.path, octets, Some(Format::AzJson), Role::Estate, &mut assembly);
        }
        assembly.finish()
    };
    let first = again(estate);
    let second = again(&first);
    same(&estate_text::write(&second), &estate_text::write(&first));
}

/// Lookups are found at lines of the text; lines of captures are written as they were read.
pub fn transcripts(octets: &[u8]) {
    let text = String::from_utf8_lossy(octets);
    let found = transcript::read(&text);
    let lines = text.lines().count();
    let starts = found.observations.iter().map(|one| one.line).chain(found.skipped.iter().copied());
    starts.for_each(|line| assert!((1..=lines).contains(&line), "line {line} of {lines}"));
    transcript::is_transcript(&text);
    for line in text.lines() {
        if let Ok(line) = serde_json::from_str::<LineV1>(line) {
            let written = serde_json::to_string(&line).expect("plain data");
            assert_eq!(serde_json::from_str::<LineV1>(&written).expect("what was written"), line);
        }
    }
    lookups(octets);
}

/// What is wrong with changes has a place in the text.
pub fn changes(octets: &[u8]) {
    let text = String::from_utf8_lossy(octets);
    for read in [source::changes::read, source::terraform::steps::read] {
        match read(&text, &mut Names::default()) {
            Ok(steps) => {
                steps.iter().for_each(|step| assert_eq!(step.places.len(), step.wishes.len()));
            }
            Err(problems) => {
                assert!(!problems.is_empty());
                problems.iter().for_each(|one| assert!(text.get(one.at.clone()).is_some()));
            }
        }
    }
}

/// Whatever is wrong with settings is told.
pub fn settings(octets: &[u8]) {
    let text = String::from_utf8_lossy(octets);
    if let Some(problem) = privdns::cli::settings_problem(&text) {
        assert!(!problem.is_empty());
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

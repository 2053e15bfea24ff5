//! The engine against the answers of real name servers, one zone at a time.
//!
//! The vectors are no part of this repository: `PRIVDNS_CONFORMANCE` names the
//! directory that holds them, as `.jsonl` or `.jsonl.xz`. Without it nothing is
//! compared, and that is said.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the count is the result")]

use std::fs;
use std::path::{Path, PathBuf};

use privdns::check::{Context, check};
use privdns::estate::{Assembly, Estate};
use privdns::index::{Index, Place, Settings, View};
use privdns::name::Name;
use privdns::resolve::{Answer, HopResult, Outcome, Trace, resolve};
use privdns::source::{self, Format, Role};
use serde::Deserialize;

#[derive(Deserialize)]
struct Zone {
    id: String,
    origin: String,
    records: Vec<Record>,
    #[serde(default)]
    queries: Vec<Query>,
    #[serde(default)]
    at: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Record {
    name: String,
    #[serde(rename = "type")]
    record_type: String,
    value: String,
}

#[derive(Deserialize)]
struct Query {
    name: String,
    #[serde(rename = "type")]
    record_type: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    answer: Vec<Record>,
    #[serde(default)]
    chain: Vec<Record>,
}

fn directory() -> Option<PathBuf> {
    let directory = std::env::var_os("PRIVDNS_CONFORMANCE").map(PathBuf::from);
    if directory.is_none() {
        eprintln!("PRIVDNS_CONFORMANCE is not set: nothing was compared");
    }
    directory
}

fn zones(directory: &Path, name: &str) -> Vec<Zone> {
    let plain = directory.join(format!("{name}.jsonl"));
    let text = match fs::read_to_string(&plain) {
        Ok(text) => text,
        Err(_) => {
            let packed = fs::read(directory.join(format!("{name}.jsonl.xz"))).unwrap();
            let mut text = Vec::new();
            lzma_rs::xz_decompress(&mut &packed[..], &mut text).unwrap();
            String::from_utf8(text).unwrap()
        }
    };
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The zone as a master file, linked to a network.
fn load(zone: &Zone) -> Estate {
    let mut text = format!("{} 500 IN SOA a. b. 1 3600 300 2419200 300\n", zone.origin);
    for record in &zone.records {
        let Record { name, record_type, value } = record;
        text.push_str(&format!("{name} 500 IN {record_type} {value}\n"));
    }
    let mut assembly = Assembly::default();
    source::read(&zone.id, text.as_bytes(), Some(Format::ZoneFile), Role::Estate, &mut assembly);
    let links = format!("vnet hub\nzone {} link hub\n", zone.origin);
    source::read("links", links.as_bytes(), Some(Format::Estate), Role::Estate, &mut assembly);
    assembly.finish()
}

/// The records of a walk: the aliases in order, then the final set, sorted.
fn records(view: &View<'_>, trace: &Trace) -> Vec<Record> {
    let index = view.index();
    let estate = index.estate();
    let mut records = Vec::new();
    for hop in &trace.hops {
        let (HopResult::Set(set) | HopResult::Alias(_, Some(set))) = hop.said else { continue };
        let data = &index.set(set).data;
        let mut values = data.texts(&estate.names);
        values.sort();
        records.extend(values.into_iter().map(|value| Record {
            name: index.name(&hop.name).to_string(),
            record_type: data.record_type().to_string(),
            value,
        }));
    }
    records
}

fn ask(view: &View<'_>, query: &Query) -> (Answer, Trace) {
    let name: Name = query.name.parse().unwrap();
    let place: Place = view.index().locate(&name);
    let mut trace = Trace::default();
    let answer = resolve(view, &place, query.record_type.parse().unwrap(), &mut trace);
    (answer, trace)
}

/// Whether the walk ends at the zone's edge.
fn leaves(answer: &Answer) -> bool {
    matches!(answer.outcome, Outcome::Unknown(_)) && answer.zone().is_none()
}

fn compare(name: &str) {
    let Some(directory) = directory() else { return };
    let (mut asked, mut wrong) = (0, Vec::new());
    let zones = zones(&directory, name);
    for zone in &zones {
        let index = Index::new(load(zone));
        let views = index.views(&Settings::default());
        for query in &zone.queries {
            asked += 1;
            let (answer, trace) = ask(&views[0], query);
            let outcome = match query.kind.as_str() {
                "answer" | "cname_to_answer" => answer.outcome == Outcome::Answered,
                "nodata" | "cname_to_nodata" => answer.outcome == Outcome::NoData,
                "nxdomain" | "cname_to_nxdomain" => answer.outcome == Outcome::NxDomain,
                "cname_leaves_zone" => leaves(&answer),
                other => panic!("unknown kind {other}"),
            };
            let mut expected = query.answer.clone();
            let aliases = expected.iter().take_while(|one| one.record_type == "CNAME").count();
            expected[aliases..].sort();
            let found = records(&views[0], &trace);
            if !outcome || found != expected {
                wrong.push(format!(
                    "{} {} {}: expected {} {expected:?}, found {:?} {found:?}",
                    zone.id, query.name, query.record_type, query.kind, answer.outcome
                ));
            }
        }
    }
    println!("{name}: {} of {asked} right, {} zones", asked - wrong.len(), zones.len());
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
}

#[test]
fn answers_are_those_of_name_servers() {
    compare("private");
}

#[test]
fn answers_in_odd_zones_are_those_of_name_servers() {
    compare("private-edge");
}

#[test]
fn loops_are_found_with_their_chain() {
    let Some(directory) = directory() else { return };
    let mut asked = 0;
    let zones = zones(&directory, "cname-loops");
    for zone in &zones {
        let index = Index::new(load(zone));
        let views = index.views(&Settings::default());
        for query in &zone.queries {
            asked += 1;
            let (answer, trace) = ask(&views[0], query);
            assert_eq!(answer.outcome, Outcome::AliasLoop, "{} {}", zone.id, query.name);
            assert_eq!(records(&views[0], &trace), query.chain, "{} {}", zone.id, query.name);
        }
    }
    println!("cname-loops: {asked} of {asked} right, {} zones", zones.len());
}

#[test]
fn what_no_zone_can_hold_is_told() {
    let Some(directory) = directory() else { return };
    let zones = zones(&directory, "invalid-zones");
    for zone in &zones {
        let index = Index::new(load(zone));
        let settings = Settings::default();
        let findings = check(&Context::new(&index, &settings), |_| true);
        for name in &zone.at {
            let bare = name.trim_end_matches('.');
            let told = findings.iter().any(|finding| finding.message.contains(bare));
            let messages: Vec<&str> = findings.iter().map(|one| one.message.as_str()).collect();
            assert!(told, "{}: nothing about {bare} in {messages:#?}", zone.id);
        }
    }
    println!("invalid-zones: {0} of {0} told", zones.len());
}

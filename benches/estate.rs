//! Loading, indexing, resolving and checking generated estates, each beside a
//! reference in the same run: what counts are the ratios at the end.
//!
//! `cargo bench` runs 10,000, 100,000 and 1,000,000 record sets;
//! `PRIVDNS_BENCH_SIZES=10000` picks others.
#![allow(
    missing_docs,
    clippy::print_stdout,
    reason = "criterion's macros; the table is the result"
)]

mod generate;

use std::collections::HashMap;
use std::fs;
use std::hint::black_box;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use privdns::check::{Context, check};
use privdns::estate::{Assembly, Change, Estate, ZoneId};
use privdns::index::{Index, Place, Settings};
use privdns::plan::{compare, wait};
use privdns::record::RecordType;
use privdns::resolve::resolve;
use privdns::source::{self, Format, Role};
use serde::Deserialize;

/// How many names are asked for in one round.
const QUESTIONS: usize = 10_000;

/// Record sets of the zone that is unlinked, beside the generated ones.
const SMALL_ZONE: usize = 100;
const SMALL_ZONE_NAME: &str = "privatelink.vaultcore.azure.net";

/// Steps of the plan.
const STEPS: usize = 100;

/// What is measured, its reference, and what to design for: a ratio, or a time.
const RATIOS: [(&str, &str, &str); 8] = [
    ("json", "json bare serde", "≤ 1.5"),
    ("zone-file", "zone-file bare parse", "≤ 4"),
    ("index", "index bare hash map", ""),
    ("resolve", "resolve bare hash map", "≤ 3"),
    ("check", "index bare hash map", ""),
    // What a change costs beside compiling the estate anew.
    ("unlink compared", "index", "≤ 10 ms"),
    ("unlink of 10,000 compared", "index", ""),
    ("plan of 100 steps", "index", ""),
];

fn load(inputs: Vec<String>, format: Format, links: &str) -> Estate {
    let mut assembly = Assembly::default();
    for input in inputs {
        source::read("zone", input.into_bytes(), Some(format), Role::Estate, &mut assembly);
    }
    source::read("links", links.as_bytes(), Some(Format::Estate), Role::Estate, &mut assembly);
    assembly.finish()
}

/// A zone of a size as most have, linked to every network.
fn small_zone() -> String {
    let mut text = format!("zone {SMALL_ZONE_NAME} group rg-dns");
    (0..generate::VNETS).for_each(|vnet| text.push_str(&format!(" link vnet{vnet}")));
    for at in 0..SMALL_ZONE {
        text.push_str(&format!("\n  vault{at}  A 10  10.9.0.{at}"));
    }
    text
}

/// What `plan` does with one step once the estate is loaded.
fn try_step(index: &Index, changes: &[Change], settings: &Settings) -> (Index, usize) {
    let next = index.after(changes).unwrap();
    let comparison = compare(index, &next, settings);
    black_box(wait(&comparison, changes));
    let effects = comparison.effects.len();
    drop(comparison);
    (next, effects)
}

/// The members that a reader of record sets needs.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item<'t> {
    id: &'t str,
    name: &'t str,
    ttl: u32,
    #[serde(borrow, default)]
    a_records: Vec<Address<'t>>,
    #[serde(borrow)]
    cname_record: Option<Alias<'t>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Address<'t> {
    #[serde(rename = "ipv4Address")]
    ipv4: &'t str,
}

#[derive(Deserialize)]
struct Alias<'t> {
    cname: &'t str,
}

fn bare_serde(inputs: &[String]) -> usize {
    let mut octets = 0;
    for input in inputs {
        let items: Vec<Item<'_>> = serde_json::from_str(input).unwrap();
        for item in &items {
            octets += item.id.len() + item.name.len() + item.ttl as usize;
            octets += item.a_records.iter().map(|one| one.ipv4.len()).sum::<usize>();
            octets += item.cname_record.as_ref().map_or(0, |one| one.cname.len());
        }
    }
    octets
}

/// Owner, type and data of each line, borrowed and sorted by owner.
fn bare_parse(inputs: &[String]) -> usize {
    let mut records = Vec::new();
    for input in inputs {
        for line in input.lines().skip(2) {
            let mut words = line.split(' ');
            let owner = words.next().unwrap();
            let data = (words.nth(2).unwrap(), words.next().unwrap());
            let address: Option<Ipv4Addr> = data.1.parse().ok();
            records.push((owner, data.0, address));
        }
    }
    records.sort_unstable();
    records.len()
}

fn sizes() -> Vec<usize> {
    match std::env::var("PRIVDNS_BENCH_SIZES") {
        Ok(sizes) => sizes.split(',').map(|size| size.trim().parse().unwrap()).collect(),
        Err(_) => vec![10_000, 100_000, 1_000_000],
    }
}

fn benches(criterion: &mut Criterion) {
    for size in sizes() {
        let zones = generate::zones(size);
        let links = generate::links(&zones);
        let linked = format!("{links}{}\n", small_zone());
        let json: Vec<String> = zones.iter().map(generate::json).collect();
        let zone_files: Vec<String> = zones.iter().map(generate::zone_file).collect();
        let names: Vec<String> = zones
            .iter()
            .flat_map(|zone| zone.sets.iter().map(|(owner, _)| format!("{owner}.{}", zone.apex)))
            .collect();
        let id = |what: &str| BenchmarkId::new(what, size);

        let mut group = criterion.benchmark_group("load");
        group.sample_size(10).warm_up_time(Duration::from_millis(500));
        let octets = |inputs: &[String]| inputs.iter().map(|one| one.len() as u64).sum();
        group.throughput(Throughput::Bytes(octets(&json)));
        group.bench_function(id("json"), |b| {
            let load = |json| load(json, Format::AzJson, &links);
            b.iter_batched(|| json.clone(), load, BatchSize::PerIteration);
        });
        group.bench_function(id("json bare serde"), |b| b.iter(|| bare_serde(&json)));
        group.throughput(Throughput::Bytes(octets(&zone_files)));
        group.bench_function(id("zone-file"), |b| {
            let load = |zone_files| load(zone_files, Format::ZoneFile, &links);
            b.iter_batched(|| zone_files.clone(), load, BatchSize::PerIteration);
        });
        group.bench_function(id("zone-file bare parse"), |b| b.iter(|| bare_parse(&zone_files)));
        drop(json);

        let with_small = load(zone_files.clone(), Format::ZoneFile, &linked);
        let estate = load(zone_files, Format::ZoneFile, &links);
        assert_eq!(estate.record_set_count(), size + zones.len());
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(id("index"), |b| {
            // A loaded estate shares its names with nobody.
            let own = || {
                let mut estate = estate.clone();
                let _ = &mut *estate.names;
                estate
            };
            b.iter_batched(own, Index::new, BatchSize::PerIteration);
        });
        group.bench_function(id("index bare hash map"), |b| {
            b.iter(|| -> HashMap<&str, usize> {
                names.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect()
            });
        });
        let index = Index::new(estate);
        let settings = Settings::default();
        group.bench_function(id("check"), |b| {
            b.iter(|| check(&Context::new(&index, &settings), |_| true));
        });

        // Names in no order, as clients ask.
        let step = 7_919 % names.len();
        let asked: Vec<&str> =
            (0..QUESTIONS).map(|at| names[at * step % names.len()].as_str()).collect();
        let views = index.views(&settings);
        let places: Vec<Place> =
            asked.iter().map(|name| index.locate(&name.parse().unwrap())).collect();
        let map: HashMap<&str, usize> =
            names.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
        group.throughput(Throughput::Elements(QUESTIONS as u64));
        group.bench_function(id("resolve"), |b| {
            b.iter(|| {
                for place in &places {
                    black_box(resolve(&views[0], place, RecordType::A, &mut ()));
                }
            });
        });
        group.bench_function(id("resolve bare hash map"), |b| {
            b.iter(|| {
                for name in &asked {
                    black_box(map.get(name));
                }
            });
        });
        let zone = views[0].linked().next().unwrap();
        group.bench_function(id("unlink"), |b| b.iter(|| black_box(views[0].without(zone))));
        drop(views);
        drop(index);

        group.throughput(Throughput::Elements(1));
        let index = Index::new(with_small);
        let zone = |name: &str| index.estate().zones_like(name)[0];
        let (small, whole) = (zone(SMALL_ZONE_NAME), zone(&zones[zones.len() - 1].apex));
        let unlink = |zone: ZoneId, at: usize| {
            let vnet = index.estate().zone(zone).links[at].vnet;
            [Change::Unlink { zone, vnet }]
        };
        // What is worked out at the first comparison belongs to loading.
        assert!(try_step(&index, &unlink(small, 0), &settings).1 >= SMALL_ZONE);
        for (what, zone) in [("unlink compared", small), ("unlink of 10,000 compared", whole)] {
            let changes = unlink(zone, 0);
            group.bench_function(id(what), |b| b.iter(|| try_step(&index, &changes, &settings).1));
        }
        // Record by record, so that each step changes a zone that others have changed.
        let vault = |at: usize| {
            let set = &index.estate().zone(small).record_sets[at % SMALL_ZONE];
            let (zone, owner, record_type) = (small, set.owner, set.data.record_type());
            [Change::Remove { zone, owner, record_type }]
        };
        group.bench_function(id("plan of 100 steps"), |b| {
            b.iter(|| {
                let first = try_step(&index, &unlink(small, 0), &settings).0;
                (1..STEPS).fold(first, |last, at| try_step(&last, &vault(at - 1), &settings).0)
            });
        });
        group.finish();
    }
}

/// The median of a benchmark in nanoseconds.
fn median(name: &str, size: usize) -> Option<f64> {
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    let path = Path::new(&target).join("criterion/load").join(name).join(size.to_string());
    let text = fs::read_to_string(path.join("new/estimates.json")).ok()?;
    let estimates: serde_json::Value = serde_json::from_str(&text).ok()?;
    estimates["median"]["point_estimate"].as_f64()
}

fn print_ratios() {
    println!(
        "\n{:<26} {:>10} {:>12} {:>12} {:>7}  {:<7} reference",
        "what", "record sets", "time", "reference", "ratio", "goal"
    );
    for size in sizes() {
        for (name, reference, goal) in RATIOS {
            let (Some(time), Some(base)) = (median(name, size), median(reference, size)) else {
                continue;
            };
            let milliseconds = |time: f64| format!("{:.2} ms", time / 1e6);
            println!(
                "{name:<26} {size:>10} {:>12} {:>12} {:>7.2}  {goal:<7} {reference}",
                milliseconds(time),
                milliseconds(base),
                time / base
            );
        }
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    benches(&mut criterion);
    criterion.final_summary();
    print_ratios();
}

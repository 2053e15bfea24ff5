//! What holds for every move that `migrate` plans, tried on random estates: nobody who is
//! known loses an answer at any step, and what is written to be run says the same.

mod common;

use privdns::estate::Estate;
use privdns::index::{Index, Settings};
use privdns::plan::migration::{Scope, Strategy as Leave, migrate};
use privdns::plan::{Advice, Kind, Migration, Step, Tried, steps_of, try_steps};
use privdns::public::moves::Move;
use privdns::record::RecordType;
use privdns::render::emit::{Emit, emit};
use privdns::source::changes;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const VNETS: [&str; 3] = ["hub", "spoke", "far"];
const ZONES: [&str; 6] = [
    "privatelink.batch.azure.com",
    "privatelink.westeurope.batch.azure.com",
    "privatelink.eastus.batch.azure.com",
    "westeurope.privatelink.batch.azure.com",
    "westeurope.service.privatelink.batch.azure.com",
    "corp.test",
];

/// The owners that a zone may have, the right ones and others.
fn owners(zone: &str) -> &'static [&'static str] {
    match zone {
        "privatelink.batch.azure.com" => {
            &["a.westeurope", "b.westeurope", "a.eastus", "n.westeurope.service", "a", "*"]
        }
        "corp.test" => &["app", "nas"],
        _ => &["a", "b", "n", "*", "txt"],
    }
}

fn data(zone: &'static str) -> BoxedStrategy<String> {
    let address = (1u8..4).prop_map(|octet| format!("A 10 10.0.0.{octet}"));
    match zone {
        "corp.test" => select(
            &[
                "CNAME a.westeurope.batch.azure.com",
                "CNAME a.privatelink.westeurope.batch.azure.com",
                "A 10.9.0.1",
            ][..],
        )
        .prop_map(str::to_owned)
        .boxed(),
        "privatelink.batch.azure.com" => address.boxed(),
        _ => prop_oneof![
            6 => address,
            1 => Just("TXT verified".to_owned()),
            1 => Just("CNAME a.westeurope.privatelink.batch.azure.com".to_owned()),
            1 => Just("CNAME nas.corp.test".to_owned()),
        ]
        .boxed(),
    }
}

fn zone(apex: &'static str) -> impl Strategy<Value = String> {
    let flags = select(&["", "", "", ":redirect"][..]);
    let links = (subsequence(VNETS.to_vec(), 0..=3), flags);
    let records = prop::collection::btree_map(select(owners(apex)), data(apex), 0..4);
    let extent = select(&["", "", "", "", "", "  partial", "  links-missing"][..]);
    (links, records, extent).prop_map(move |((vnets, flag), records, extent)| {
        // Only zones of Private Link may redirect.
        let flag = if apex == "corp.test" { "" } else { flag };
        let links: String = vnets.iter().map(|vnet| format!("  link {vnet}{flag}")).collect();
        let records: String =
            records.iter().map(|(owner, data)| format!("  {owner} {data}\n")).collect();
        format!("zone {apex} group rg{links}{extent}\n{records}")
    })
}

/// Whether an account is known to have an endpoint, and by what.
fn account(name: &'static str) -> impl Strategy<Value = String> {
    let (label, group) = match name.strip_suffix(".westeurope.service") {
        Some(label) => (label, "nodeManagement"),
        None => (name.split('.').next().unwrap(), "batchAccount"),
    };
    let zone_group = prop::option::of(select(&ZONES[..3]));
    let endpoint = (1u8..4, zone_group).prop_map(move |(octet, zone)| {
        let zone = zone.map(|zone| format!("  zone-group {zone}")).unwrap_or_default();
        format!(
            "endpoint pe-{label}-{group}-{}  vnet hub  group {group}{zone}\n  {name}.batch.azure.com  10.0.0.{octet}\n",
            name.len()
        )
    });
    prop_oneof![
        2 => Just(String::new()),
        1 => Just(format!("public endpoint {name}.batch.azure.com\n")),
        3 => endpoint,
    ]
}

/// Who asks whom: Azure-provided DNS, an inbound endpoint of the hub, or a stranger.
fn network(name: &'static str) -> impl Strategy<Value = String> {
    let servers = select(&["", "", "", "  dns 10.1.0.4", "  dns 10.8.0.8"][..]);
    servers.prop_map(move |servers| {
        let servers = if name == "hub" { "" } else { servers };
        format!("vnet {name}{servers}\n")
    })
}

fn estate() -> impl Strategy<Value = String> {
    let zones = subsequence(ZONES.to_vec(), 1..=6).prop_flat_map(|zones| {
        zones.into_iter().map(|apex| zone(apex).boxed()).collect::<Vec<_>>()
    });
    let accounts: Vec<_> =
        ["a.westeurope", "b.westeurope", "a.eastus", "c.northeurope", "n.westeurope.service"]
            .map(|name| account(name).boxed())
            .into();
    let networks: Vec<_> = VNETS.map(|name| network(name).boxed()).into();
    (networks, zones, accounts).prop_map(|(networks, zones, accounts)| {
        let inbound = "inbound in-hub vnet hub address 10.1.0.4\n".to_owned();
        [networks, vec![inbound], zones, accounts].concat().concat()
    })
}

#[derive(Clone, Debug)]
struct Wanted {
    vnets: Vec<&'static str>,
    regions: Vec<&'static str>,
    fallback: bool,
    bridge: bool,
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let vnets = prop_oneof![2 => Just(Vec::new()), 1 => subsequence(VNETS.to_vec(), 1..=2)];
    let regions = select(&["", "", "westeurope", "eastus"][..]);
    (vnets, regions, any::<bool>(), any::<bool>()).prop_map(|(vnets, region, fallback, bridge)| {
        let regions = if region.is_empty() { Vec::new() } else { vec![region] };
        Wanted { vnets, regions, fallback, bridge }
    })
}

fn batch(index: &Index, wanted: &Wanted, settings: &Settings) -> Migration {
    let vnets = wanted.vnets.iter().map(|vnet| index.estate().vnets_like(vnet)[0]);
    let scope = Scope {
        vnets: vnets.collect(),
        regions: wanted.regions.iter().map(|&region| region.to_owned()).collect(),
        fallback: wanted.fallback,
        strategy: if wanted.bridge { Leave::Bridge } else { Leave::Unlink },
    };
    migrate(index, Move::named("batch").unwrap(), &scope, settings)
}

/// Says which step breaks whom, if one does.
fn broken(tried: &[Tried<'_>]) -> Result<(), String> {
    for (at, one) in tried.iter().enumerate() {
        if one.comparison.advice() == Advice::Stop {
            return Err(format!("step {} is STOP: {}", at + 1, one.step.title));
        }
        let exposed = one.comparison.effects.iter().find(|effect| {
            effect.listed() && effect.kind == Kind::Exposed && effect.record_type == RecordType::A
        });
        if let Some(effect) = exposed {
            let name = effect.name.text();
            return Err(format!("step {} exposes {name}: {}", at + 1, one.step.title));
        }
    }
    Ok(())
}

/// The steps that a written file of changes asks for.
fn read_back(text: &str, estate: &mut Estate, settings: &Settings) -> Vec<Step> {
    let mut after = estate.clone();
    let wanted = changes::read(text, &mut after.names).expect("what is written can be read");
    let mut steps = Vec::new();
    for step in wanted {
        let made = steps_of(&mut after, &step.title, &step.wishes, settings);
        steps.extend(made.unwrap_or_else(|error| panic!("{error}\n{text}")));
    }
    estate.names = after.names;
    steps
}

proptest! {
    #![proptest_config(common::cases(50))]

    #[test]
    fn no_step_of_a_batch_move_breaks_anybody(text in estate(), wanted in wanted()) {
        let settings = Settings::default();
        let index = Index::new(common::load([text.as_str()]));
        let Migration { estate, steps, open, .. } = batch(&index, &wanted, &settings);
        let indexes = try_steps(estate, &steps).unwrap();
        let tried = Tried::all(&indexes, &steps, &settings);
        if let Err(why) = broken(&tried) {
            prop_assert!(false, "{why}\n{open:#?}\n{text}");
        }
        // What is written as changes does the same.
        let written = emit(Emit::Changes, &tried);
        prop_assume!(!steps.is_empty());
        let mut again = common::load([text.as_str()]);
        let read = read_back(&written, &mut again, &settings);
        let indexes = try_steps(again, &read).unwrap();
        let tried_again = Tried::all(&indexes, &read, &settings);
        prop_assert_eq!(steps.len(), read.len(), "{}\n{}", written, text);
        if let Err(why) = broken(&tried_again) {
            prop_assert!(false, "read back: {why}\n{written}\n{text}");
        }
    }
}

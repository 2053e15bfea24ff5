//! What holds for every move that `migrate` plans, tried on random estates: nobody who is
//! known loses an answer at any step, and what is written to be run says the same.

mod common;

use privdns::estate::Estate;
use privdns::index::{Index, Settings};
use privdns::plan::migration::{Scope, Strategy as Leave, migrate};
use privdns::plan::{
    Advice, Kind, Migration, Step, Tried, consolidate, fallback, resolver, steps_of, try_steps,
};
use privdns::public::moves::Move;
use privdns::record::RecordType;
use privdns::render::emit::{Emit, emit};
use privdns::source::changes;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use common::program::run_with;

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

/// Two networks and a hub with blob zones of one name or several, and their clients' servers.
fn hub_and_spokes() -> impl Strategy<Value = String> {
    let server = select(&["", "  dns 10.1.0.4", "  dns 10.1.0.5", "  dns 10.8.0.8"][..]);
    let groups = subsequence(vec!["one", "two", "three"], 1..=3);
    let owners = || prop::collection::btree_map(select(&["a", "b", "c", "*"][..]), 1u8..4, 0..3);
    let zones = groups.prop_flat_map(move |groups| {
        let places = prop::collection::vec(0..groups.len(), 3);
        (Just(groups), places, prop::collection::vec(owners(), 3))
    });
    let corp = (select(&["", "  link hub", "  link spoke"][..]), any::<bool>());
    let flag = select(&["", "", ":redirect"][..]);
    let known = subsequence(vec!["a", "b", "d"], 0..=3);
    (prop::collection::vec(server, 2), zones, corp, flag, known).prop_map(
        |(servers, (groups, places, owners), (corp, alias), flag, known)| {
            let mut text = format!(
                "vnet hub space 10.1.0.0/24\nvnet spoke{}\nvnet far{}\n\
                 inbound in-hub vnet hub address 10.1.0.4\nruleset rules group rg\n\
                 server vm vnet spoke address 10.1.0.5\n  forward corp.test 10.9.0.1\n  forward . 168.63.129.16\n\
                 site hq dns 10.9.0.1\nserver dc site hq address 10.9.0.1 recursion off\n  zone corp.test\n  record nas.corp.test A 10.9.0.7\n",
                servers[0], servers[1]
            );
            for (at, group) in groups.iter().enumerate() {
                let links = VNETS.iter().zip(&places).filter(|(_, place)| **place == at);
                let links: String =
                    links.map(|(vnet, _)| format!("  link {vnet}{flag}")).collect();
                text.push_str(&format!(
                    "zone privatelink.blob.core.windows.net group {group}{links}\n"
                ));
                for (owner, octet) in &owners[at] {
                    text.push_str(&format!("  {owner} A 10 10.2.0.{octet}\n"));
                }
            }
            let alias = if alias { "  app CNAME a.blob.core.windows.net\n" } else { "" };
            text.push_str(&format!("zone corp.example{corp}\n{alias}"));
            for name in known {
                text.push_str(&format!("public blob {name}\n"));
            }
            text
        },
    )
}

/// No step of a plan for the estate of `text` breaks anybody, and what is written of it as
/// changes does the same, step by step.
fn holds(estate: Estate, steps: &[Step], text: &str, settings: &Settings) -> Result<(), String> {
    let indexes = try_steps(estate, steps).unwrap();
    let tried = Tried::all(&indexes, steps, settings);
    broken(&tried)?;
    if steps.is_empty() {
        return Ok(());
    }
    let written = emit(Emit::Changes, &tried);
    let mut again = common::load([text]);
    let read = read_back(&written, &mut again, settings);
    if steps.len() != read.len() {
        return Err(format!("{} steps are read back as {}\n{written}", steps.len(), read.len()));
    }
    let indexes = try_steps(again, &read).unwrap();
    let told = broken(&Tried::all(&indexes, &read, settings));
    told.map_err(|why| format!("read back: {why}\n{written}"))
}

proptest! {
    #![proptest_config(common::cases(40))]

    #[test]
    fn no_step_of_other_moves_breaks_anybody(text in hub_and_spokes(), which in 0..3) {
        let settings = Settings::default();
        let index = Index::new(common::load([text.as_str()]));
        let vnets = Vec::new();
        let Migration { estate, steps, open, .. } = match which {
            0 => {
                let (zones, into) = (Vec::new(), Some("one".to_owned()));
                let scope = consolidate::Scope { zones, into, vnets, through: Some(0) };
                consolidate::consolidate(&index, &scope, &settings)
            }
            1 => fallback::fallback(&index, &fallback::Scope { zones: Vec::new(), vnets }, &settings),
            _ => {
                let scope = resolver::Scope { vnets, through: 0, ruleset: None };
                resolver::resolver(&index, &scope, &settings)
            }
        };
        let told = holds(estate, &steps, &text, &settings);
        prop_assert!(told.is_ok(), "{}\n{open:#?}\n{text}", told.unwrap_err());
    }
}

proptest! {
    #![proptest_config(common::cases(40))]

    #[test]
    fn no_step_of_a_batch_move_breaks_anybody(text in estate(), wanted in wanted()) {
        let settings = Settings::default();
        let index = Index::new(common::load([text.as_str()]));
        let Migration { estate, steps, open, .. } = batch(&index, &wanted, &settings);
        let told = holds(estate, &steps, &text, &settings);
        prop_assert!(told.is_ok(), "{}\n{open:#?}\n{text}", told.unwrap_err());
    }
}

fn titles(out: &str) -> Vec<&str> {
    out.lines().filter(|line| line.starts_with("step ")).collect()
}

/// An account of which nobody knows the address would be lost below the global zone: the link
/// is not planned, nor what rests on it.
#[test]
fn what_would_be_lost_is_told_and_not_planned() {
    let estate = "vnet hub\nzone privatelink.westeurope.batch.azure.com link hub\n  a A 10.0.0.5\n\
                  public batch a.westeurope\npublic batch other.eastus\n";
    let (status, out, _) = run_with(&["migrate", "batch", "-"], estate);
    assert_eq!(status, 1);
    let refused = "to be decided first: `link privatelink.batch.azure.com to hub` is not planned: \
                   `other.eastus.batch.azure.com` has no answer any more in hub\n";
    assert!(out.contains(refused), "{out}");
    assert!(!titles(&out).iter().any(|title| title.contains(" link ")), "{out}");
    assert!(!out.contains("STOP"), "{out}");
    // Below a link that falls back it goes on to public DNS.
    let (_, out, _) = run_with(&["migrate", "batch", "-", "--fallback"], estate);
    assert_eq!(titles(&out).len(), 5, "{out}");
    assert!(!out.contains("not planned"), "{out}");
}

/// A zone group writes to the global zone too before the old one goes, and leaves the old one.
#[test]
fn zone_groups_move_along() {
    let estate = "vnet hub\nzone privatelink.batch.azure.com link hub\nzone privatelink.westeurope.batch.azure.com link hub\n  \
                  a A 10 !creator \"created by private endpoint pe-a with resource guid 1\" 10.0.0.5\n\
                  endpoint pe-a vnet hub group batchAccount zone-group privatelink.westeurope.batch.azure.com\n  \
                  a.westeurope.batch.azure.com 10.0.0.5\n";
    let estate = estate.replace(
        "a A 10 !creator \"created by private endpoint pe-a with resource guid 1\"",
        "a A !creator \"created by private endpoint pe-a with resource guid 1\" 10",
    );
    let (status, out, err) = run_with(&["migrate", "batch", "-"], &estate);
    assert_eq!((status, err.as_str()), (0, ""), "{out}");
    assert_eq!(
        titles(&out),
        [
            "step 1  add privatelink.batch.azure.com to the zone group of pe-a",
            "step 2  unlink privatelink.westeurope.batch.azure.com from hub",
            "step 3  take privatelink.westeurope.batch.azure.com out of the zone group of pe-a",
            "step 4  delete the zone privatelink.westeurope.batch.azure.com",
        ]
    );
    let (_, out, _) =
        run_with(&["migrate", "batch", "-", "--assume", "group-edit=recreated"], &estate);
    assert!(titles(&out)[0].contains("record 1 record in privatelink.batch.azure.com"), "{out}");
    assert!(out.contains("the zone group of `pe-a` writes to an old zone"), "{out}");
}

const HUB_AND_SPOKE: &str = "\
vnet hub
vnet spoke
inbound in-hub vnet hub address 10.0.0.4
zone privatelink.blob.core.windows.net group rg-hub link hub
  a A 10.1.0.5
zone privatelink.blob.core.windows.net group rg-spoke link spoke
  b A 10.1.0.6
zone corp.test link spoke
  nas A 10.1.0.7
";

#[test]
fn zones_of_one_name_become_one() {
    let consolidate = |options: &[&str], estate: &str| {
        run_with(&[&["migrate", "consolidate", "-"], options].concat(), estate)
    };
    let (status, out, _) = consolidate(&[], HUB_AND_SPOKE);
    assert_eq!(status, 1);
    assert!(out.contains("several have the most links, so name its group (--into)"), "{out}");
    // One link after the other leaves a gap, and the step shows it.
    let (status, out, _) = consolidate(&["--into", "rg-hub"], HUB_AND_SPOKE);
    assert_eq!(status, 1);
    let zone = "privatelink.blob.core.windows.net";
    assert_eq!(
        titles(&out),
        [
            format!("step 1  records of rg-spoke/{zone} into rg-hub/{zone}"),
            format!("step 2  unlink rg-spoke/{zone} from spoke"),
            format!("step 3  link rg-hub/{zone} to spoke"),
            format!("step 4  delete the zone rg-spoke/{zone}"),
        ]
    );
    let gap = out.split("step 2").nth(1).unwrap().split("step 3").next().unwrap();
    assert!(gap.contains("~ b.blob.core.windows.net") && gap.contains("LOOK"), "{gap}");
    // Sent to the hub first, nobody meets a gap; what the spoke alone saw is linked there.
    let through = ["--into", "rg-hub", "--through", "in-hub"];
    let (_, out, err) = consolidate(&through, HUB_AND_SPOKE);
    assert_eq!(
        titles(&out),
        [
            format!("step 1  records of rg-spoke/{zone} into rg-hub/{zone}"),
            "step 2  link corp.test to hub".to_owned(),
            "step 3  let the clients of spoke ask 10.0.0.4".to_owned(),
            "step 4  unlink the zones from spoke that decide nothing there any more".to_owned(),
            format!("step 5  delete the zone rg-spoke/{zone}"),
        ],
        "{out}{err}"
    );
    assert!(!out.contains("STOP") && !out.contains("private → public"), "{out}");
    let wrong = consolidate(&["--regions", "x"], HUB_AND_SPOKE);
    assert!(wrong.0 == 2 && wrong.2.contains("--regions is no option of this move"), "{}", wrong.2);
}

/// What fallback would hide is recorded first; where nobody knows the address that is said.
#[test]
fn links_fall_back_once_nothing_of_ones_own_hides() {
    let estate = "vnet hub\nvnet spoke\nzone privatelink.blob.core.windows.net link hub:default link spoke:unstated\n  a A 10.0.0.5\n\
                  zone corp.test link hub\n\
                  endpoint pe-b vnet hub group blob\n  b.blob.core.windows.net 10.0.0.6\n\
                  public blob c\n";
    let (status, out, err) = run_with(&["migrate", "fallback", "-"], estate);
    assert_eq!((status, err.as_str()), (1, ""), "{out}");
    assert!(
        out.contains("to be decided first: `c.blob.core.windows.net` has a private endpoint whose address is in no input"),
        "{out}"
    );
    assert!(
        out.contains("today: privatelink.blob.core.windows.net: 0 of 2 links fall back, of 1 the export does not say"),
        "{out}"
    );
    assert_eq!(
        titles(&out),
        [
            "step 1  record 1 own name that fallback would hide",
            "step 2  let hub fall back for 1 zone",
            "step 3  let spoke fall back for 1 zone",
        ]
    );
    assert!(out.contains("+ b.blob.core.windows.net  A"), "{out}");
    let hub = out.split("step 2").nth(1).unwrap().split("step 3").next().unwrap();
    assert!(hub.contains("assumes   after-redirect"), "{hub}");
    let ordinary = run_with(&["migrate", "fallback", "-", "--zones", "corp.test"], estate);
    assert!(ordinary.1.contains("`corp.test` is no Private Link zone"), "{}", ordinary.1);
}

const FORWARDERS: &str = "\
vnet hub space 10.0.0.0/24
vnet dns space 10.0.1.0/24
vnet spoke dns 10.0.1.4
site hq dns 10.9.0.10
server dc site hq address 10.9.0.10 recursion off
  zone corp.test
  record nas.corp.test A 10.9.1.7
  forward blob.core.windows.net 10.0.1.4
server vm vnet dns address 10.0.1.4
  forward corp.test 10.9.0.10
  forward . 168.63.129.16
inbound in-hub vnet hub address 10.0.0.4
ruleset rules group rg
zone privatelink.blob.core.windows.net link dns
  a A 10.1.0.5
public blob a
";

#[test]
fn clients_go_from_a_forwarder_to_a_resolver() {
    let (status, out, err) = run_with(&["migrate", "resolver", "-"], FORWARDERS);
    assert_eq!((status, err.as_str()), (1, ""), "{out}");
    assert_eq!(
        titles(&out),
        [
            "step 1  link privatelink.blob.core.windows.net to hub",
            "step 2  let the ruleset rules have 1 rule of the servers",
            "step 3  link the ruleset rules to hub",
            "step 4  let the clients of spoke ask 10.0.0.4",
        ]
    );
    assert!(out.contains("today: vm (10.0.1.4, in dns) answers spoke\n"), "{out}");
    let open = "to be decided first: `dc` forwards `blob.core.windows.net` to `vm`: let it forward to 10.0.0.4\n";
    assert!(out.contains(open), "{out}");
    assert!(!out.contains("STOP"), "{out}");
    // Without a ruleset what the server forwards would be lost.
    let bare = FORWARDERS.replace("ruleset rules group rg\n", "");
    let (status, out, _) = run_with(&["migrate", "resolver", "-"], &bare);
    assert_eq!(status, 1);
    assert!(
        out.contains("the servers forward corp.test: that needs a forwarding ruleset"),
        "{out}"
    );
    assert!(!out.contains("let the clients"), "{out}");
    // What a stranger does cannot be moved.
    let stranger = FORWARDERS.replace("vnet spoke dns 10.0.1.4", "vnet spoke dns 10.0.1.9");
    let (_, out, _) = run_with(&["migrate", "resolver", "-"], &stranger);
    assert!(out.contains("10.0.1.9, which spoke asks, is not modelled"), "{out}");
    let none = FORWARDERS.replace("inbound in-hub vnet hub address 10.0.0.4\n", "");
    let (status, _, err) = run_with(&["migrate", "resolver", "-"], &none);
    assert!(status == 2 && err.contains("no inbound endpoint is in the export"), "{err}");
}

/// The whole move of the shipped example, and what is written of it, read again.
#[test]
fn the_example_moves_as_a_whole() {
    let path = common::program::directory("moves/whole").join("move.toml");
    let emit = format!("changes={}", path.display());
    let (_, out, err) =
        run_with(&["migrate", "batch", "fixtures/batch-migration", "--emit", &emit], "");
    assert_eq!(titles(&out).len(), 19, "{out}{err}");
    assert!(!out.contains("to be decided first") && !out.contains("STOP"), "{out}");
    let again = ["plan", "fixtures/batch-migration", "--changes", path.to_str().unwrap()];
    let (status, again, err) = run_with(&again, "");
    assert!(status < 2, "{err}");
    assert_eq!(titles(&again), titles(&out));
    assert!(!again.contains("STOP"), "{again}");
}

/// A move that was done in part goes on from there: of an export after any step the rest is
/// planned, and nothing else.
#[test]
fn a_move_that_was_begun_is_planned_to_its_end() {
    let settings = Settings::default();
    let text = std::fs::read_to_string("fixtures/batch-migration.estate").unwrap();
    let wanted = Wanted { vnets: vec![], regions: vec![], fallback: false, bridge: false };
    let index = Index::new(common::load([text.as_str()]));
    let Migration { estate, steps, open, .. } = batch(&index, &wanted, &settings);
    assert_eq!((steps.len(), open), (19, vec![]));
    let indexes = try_steps(estate, &steps).unwrap();
    for (done, index) in indexes.iter().enumerate() {
        let index = Index::new(index.estate().clone());
        let again = batch(&index, &wanted, &settings);
        let titles = |steps: &[Step]| -> Vec<String> {
            steps.iter().map(|step| step.title.clone()).collect()
        };
        assert_eq!(titles(&again.steps), titles(&steps[done..]), "after step {done}");
        assert_eq!(again.open, Vec::<String>::new(), "after step {done}");
    }
}

/// `data.azurecr.io` is known as a part of a registry's data endpoint only: nobody's loss.
#[test]
fn a_label_is_no_registry() {
    let estate = "vnet hub\nvnet sp\n\
                  zone westeurope.data.privatelink.azurecr.io link hub link sp\n\
                  zone privatelink.azurecr.io link hub\n  reg.westeurope.data A 10 10.0.0.5\n  reg A 10 10.0.0.6\n";
    let (_, out, err) = run_with(&["migrate", "container-registry", "-"], estate);
    let child = "westeurope.data.privatelink.azurecr.io";
    assert_eq!(
        titles(&out),
        [
            "step 1  link privatelink.azurecr.io to sp".to_owned(),
            format!("step 2  unlink {child} from hub"),
            format!("step 3  unlink {child} from sp"),
            format!("step 4  delete the zone {child}"),
        ],
        "{out}{err}"
    );
    assert!(!out.contains("to be decided first"), "{out}");
    // A registry of that name that somebody recorded is one.
    let recorded = estate.replace("  reg A", "  data A 10 10.0.0.7\n  reg A");
    let (_, out, _) =
        run_with(&["plan", "-", "--remove", "data.privatelink.azurecr.io A"], &recorded);
    assert!(out.contains("- data.azurecr.io") && out.contains("STOP"), "{out}");
}

/// The address is the same in the old zone and in the new one: who decides shows in the SOA.
#[test]
fn a_name_that_moves_with_its_answer_has_a_check() {
    let estate = "vnet hub\nzone westeurope.privatelink.redisenterprise.cache.azure.net link hub\n  c1 A 10 10.0.0.5\n\
                  zone privatelink.redisenterprise.cache.azure.net link hub\n";
    let (_, out, err) = run_with(&["migrate", "redis-enterprise", "-"], estate);
    let check = "verify    in hub: nslookup -type=SOA westeurope.privatelink.redisenterprise.cache.azure.net  \
                 # the SOA of privatelink.redisenterprise.cache.azure.net\n";
    assert!(out.contains(check), "{out}{err}");
    let (_, az, _) = run_with(&["migrate", "redis-enterprise", "-", "--emit", "az"], estate);
    assert!(az.contains("# then in hub: nslookup -type=SOA westeurope.privatelink"), "{az}");
    // Where no private zone is left, that shows in its host.
    let (_, json, _) = run_with(
        &[
            "plan",
            "-",
            "--unlink",
            "privatelink.redisenterprise.cache.azure.net@hub",
            "--format",
            "json",
        ],
        estate,
    );
    assert!(json.contains("\"expected\": \"no SOA of the host azureprivatedns.net\""), "{json}");
}

#[test]
fn rules_that_a_forwarder_meets_in_its_network_move_along() {
    let estate = "\
vnet hub
vnet res
vnet spoke dns 10.0.0.53
server dnsvm vnet hub address 10.0.0.53
  forward . 168.63.129.16
inbound in-res vnet res address 10.3.0.4
ruleset rs-hub link hub
  onprem.test 10.9.9.9
";
    let (_, out, err) = run_with(&["migrate", "resolver", "-"], estate);
    let expected = ["link the ruleset rs-hub to res", "let the clients of spoke ask 10.3.0.4"];
    let titles = titles(&out);
    assert_eq!(titles.len(), expected.len(), "{out}{err}");
    assert!(titles.iter().zip(expected).all(|(title, end)| title.ends_with(end)), "{out}");
    // A forwarder of the server's own for the name stands before them.
    let own = estate.replace("forward . 168", "forward onprem.test 10.8.8.8\n  forward . 168");
    let (_, out, _) = run_with(&["migrate", "resolver", "-"], &own);
    assert!(out.contains("decide which is right"), "{out}");
}

/// An interface with servers of its own does not go along with its network's clients.
#[test]
fn interfaces_with_servers_of_their_own_are_clients_too() {
    let estate = HUB_AND_SPOKE.replace(
        "vnet spoke\n",
        "vnet spoke\nnic n1 vnet spoke address 10.1.0.9 dns 168.63.129.16\n",
    );
    let options = ["migrate", "consolidate", "-", "--into", "rg-hub", "--through", "in-hub"];
    let (status, out, err) = run_with(&options, &estate);
    assert_eq!((status, err.as_str()), (1, ""), "{out}");
    let open = out
        .lines()
        .find(|line| line.starts_with("to be decided first: `unlink the zones from spoke"));
    let open = open.unwrap_or_else(|| panic!("{out}"));
    assert!(open.contains("in spoke (interface n1)"), "{open}");
    let titles = titles(&out);
    assert!(!titles.iter().any(|title| title.contains("delete the zone")), "{titles:?}");
}

/// The first server of a list decides while it answers; others are told of.
#[test]
fn servers_of_one_list_that_do_not_forward_alike_are_told() {
    let estate = "\
vnet hub
vnet res
vnet sp1 dns 10.0.0.53,10.0.0.54
vnet sp2 dns 10.0.0.53
server vm1 vnet hub address 10.0.0.53
  forward blob.test 10.50.0.1
  forward . 168.63.129.16
server vm2 vnet hub address 10.0.0.54
  forward . 8.8.8.8
inbound in-res vnet res address 10.3.0.4
ruleset rs
zone corp.test link hub
  a A 10.0.0.9
zone blob.test link hub
  b A 10.0.0.10
";
    let (status, out, err) = run_with(&["migrate", "resolver", "-", "--emit", "changes"], estate);
    assert_eq!(status, 1, "{out}{err}");
    assert!(!out.contains("8.8.8.8"), "{out}");
    assert!(out.contains("domain = \"blob.test\"") || out.contains("blob.test"), "{out}");
    let (_, out, _) = run_with(&["migrate", "resolver", "-"], estate);
    let open = "sp1 asks `vm1`, and `vm2` where that is silent, and they do not forward alike: `.` goes to \
                Azure DNS and to 8.8.8.8:53";
    assert!(out.contains(open), "{out}");
    // Its clients never met the zone that the server forwards past.
    assert!(titles(&out)[0].ends_with("link corp.test to res"), "{out}");
    assert!(!out.contains("link blob.test to res"), "{out}");
    let there = estate.replace("zone blob.test link hub", "zone blob.test link hub link res");
    let (_, out, _) = run_with(&["migrate", "resolver", "-"], &there);
    let open = "the servers forward `blob.test` to 10.50.0.1:53, and at the endpoint the zone `blob.test` answers";
    assert!(out.contains(open), "{out}");
    // Chains of public names lead into a zone of Private Link, so that one is needed.
    let link = estate.replace("blob.test", "privatelink.blob.core.windows.net") + "public blob b\n";
    let (_, out, _) = run_with(&["migrate", "resolver", "-"], &link);
    assert!(out.contains("link privatelink.blob.core.windows.net to res\n"), "{out}");
    assert!(out.contains("the zone `privatelink.blob.core.windows.net` answers"), "{out}");
    assert_eq!(out.matches("let the clients of").count(), 2, "{out}");
    // Two networks with other servers: no rule for what these do not agree on.
    let apart = estate.replace("sp1 dns 10.0.0.53,", "sp1 dns ");
    let (_, out, _) = run_with(&["migrate", "resolver", "-"], &apart);
    assert!(out.contains("the servers do not agree on `.`: Azure DNS and 8.8.8.8:53"), "{out}");
}

const SUBSCRIPTION: &str = "/subscriptions/3f6b0c52-7d41-4e8a-9b1e-52a60d84c1f7/resourceGroups";

/// The subscription and the names of zone groups are those that the export has.
#[test]
fn commands_name_what_the_export_names() {
    let zone = |name: &str| {
        format!(
            "zone {name} link hub id {SUBSCRIPTION}/dns/providers/Microsoft.Network/privateDnsZones/{name}\n"
        )
    };
    let old = "privatelink.westeurope.batch.azure.com";
    let estate = format!(
        "vnet hub\n{}  acct A 10.0.0.5\n{}endpoint pe1 vnet hub group batchAccount id \
         {SUBSCRIPTION}/pe/providers/Microsoft.Network/privateEndpoints/pe1\n  acct.westeurope.batch.azure.com 10.0.0.5\n",
        zone(old),
        zone("privatelink.batch.azure.com")
    );
    let group = format!(
        r#"[{{"id": "{SUBSCRIPTION}/pe/providers/Microsoft.Network/privateEndpoints/pe1/privateDnsZoneGroups/deployedByPolicy",
        "name": "deployedByPolicy", "type": "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
        "privateDnsZoneConfigs": [{{"name": "batch-config",
        "privateDnsZoneId": "{SUBSCRIPTION}/dns/providers/Microsoft.Network/privateDnsZones/{old}",
        "recordSets": [{{"recordType": "A", "recordSetName": "acct", "fqdn": "acct.{old}", "ttl": 10,
        "ipAddresses": ["10.0.0.5"], "provisioningState": "Succeeded"}}]}}]}}]"#
    );
    let path = common::program::directory("moves/groups");
    std::fs::write(path.join("x.estate"), estate).unwrap();
    std::fs::write(path.join("zone-groups.json"), group).unwrap();
    let emit = ["migrate", "batch", ".", "--emit", "az"];
    let (_, out, err) = common::program::run_in(&path, &emit);
    let commands = out.lines().filter(|line| line.contains("az network"));
    let commands: Vec<&str> = commands.collect();
    assert!(commands.len() > 4, "{out}{err}");
    for command in commands {
        let calls = command.matches("az network").count();
        assert_eq!(command.matches("--subscription").count(), calls, "{command}");
    }
    assert!(out.contains("dns-zone-group add ") && out.contains(" -n deployedByPolicy "), "{out}");
    assert!(out.contains(" -n deployedByPolicy --zone-name batch-config"), "{out}");
    assert!(!out.contains("-n default"), "{out}");
}

/// Records of endpoints that no input has may be written again by their zone groups.
#[test]
fn zone_groups_that_are_not_known_are_told_before_a_zone_goes() {
    let estate = "vnet hub\nzone privatelink.batch.azure.com link hub\nzone privatelink.westeurope.batch.azure.com link hub\n  \
                  a A !creator \"created by private endpoint pe-a with resource guid 1\" 10 10.0.0.5\npublic batch a.westeurope\n";
    let (status, out, err) = run_with(&["migrate", "batch", "-"], estate);
    assert_eq!((status, err.as_str()), (1, ""), "{out}");
    let delete = out.split("delete the zone").nth(1).unwrap();
    assert!(
        delete.contains("whether the zone groups of `pe-a` still write to it is unknown"),
        "{out}"
    );
    assert!(delete.contains("LOOK"), "{out}");
}

#[test]
fn steps_are_written_in_several_forms_at_once() {
    let path = common::program::directory("moves/forms");
    std::fs::write(path.join("x.estate"), HUB_AND_SPOKE).unwrap();
    let move_it = ["migrate", "consolidate", "x.estate", "--into", "rg-hub", "--through", "in-hub"];
    let files = ["--emit", "az=move.sh", "--emit", "changes=move.toml"];
    let (_, out, err) = common::program::run_in(&path, &[&move_it[..], &files].concat());
    assert!(out.contains("step 1"), "{out}{err}");
    assert!(std::fs::read_to_string(path.join("move.sh")).unwrap().starts_with("#!/bin/sh"));
    assert!(std::fs::read_to_string(path.join("move.toml")).unwrap().contains("[[steps]]"));
    let both = ["--emit", "az", "--emit", "changes"];
    let (status, _, err) = common::program::run_in(&path, &[&move_it[..], &both].concat());
    assert!(status == 2 && err.contains("one form takes the place of the report"), "{err}");
}

#[test]
fn a_region_is_written_as_the_portal_shows_it() {
    let batch = ["migrate", "batch", "fixtures/batch-migration", "--vnets", "spoke-b", "--regions"];
    let [shown, short] = ["North Europe", "northeurope"]
        .map(|region| run_with(&[&batch[..], &[region]].concat(), ""));
    assert_eq!(shown, short);
    assert!(shown.0 < 2, "{}", shown.2);
}

#[test]
fn a_record_that_exists_is_imported_by_terraform() {
    let estate = "zone a.test group g\n  x A 60 10.0.0.1\nvnet hub\n";
    let plan = ["plan", "-", "--put", "x.a.test A 10 10.0.0.2", "--emit", "terraform"];
    let (_, out, err) = run_with(&plan, estate);
    assert!(
        out.contains("import {\n  to = azurerm_private_dns_a_record.x\n  id = \"ZONE_ID/A/x\"\n}"),
        "{out}{err}"
    );
    assert!(out.contains("#   put x.a.test A 10.0.0.1 in a.test, TTL 60 s"), "{out}");
    let (_, out, _) =
        run_with(&["plan", "-", "--put", "y.a.test A 10.0.0.2", "--emit", "terraform"], estate);
    assert!(!out.contains("import"), "{out}");
}

/// Azure registers machines itself once their network is linked to the zone that stays; a copy is
/// made only where that does not happen, and said.
#[test]
fn what_machines_registered_is_left_to_azure() {
    let estate = "\
vnet hub space 10.0.0.0/16
vnet app space 10.1.0.0/16
vnet web space 10.2.0.0/16
inbound in-hub vnet hub address 10.0.0.4
zone corp.internal group rg-hub link hub
  a A 10 10.0.0.9
zone corp.internal group rg-app link app:registration link web
  vm1 A !registered 10 10.1.0.4
";
    let options = ["migrate", "consolidate", "-", "--into", "rg-hub"];
    let (_, out, _) = run_with(&options, estate);
    let told = "today: `vm1.corp.internal` is registered by machines, and not copied";
    assert!(out.contains(told) && !out.contains("to be decided first"), "{out}");
    assert!(!titles(&out).iter().any(|title| title.contains("records of")), "{out}");
    assert!(out.contains("steps, as a whole: 0 broken"), "{out}");
    let copied =
        "to be decided first: `vm1.corp.internal` is registered by machines: a copy is made";
    for more in [["--through", "in-hub"], ["--vnets", "web"]] {
        let (status, out, _) = run_with(&[&options[..], &more].concat(), estate);
        assert!(status == 1 && out.contains(copied), "{out}");
        assert!(titles(&out)[0].contains("records of"), "{out}");
    }
}

//! The rules as a whole: a sound estate is quiet, however large, and each fault that
//! a rule describes raises that rule, whatever sound stands beside it.

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use privdns::check::{Context, RULES, Rule, RuleSet, check};
use privdns::index::{Index, Settings};

/// An estate with nothing to find, of names that no example has.
const SOUND: &str = "\
vnet sound-hub    space 172.20.0.0/16
vnet sound-spoke  space 172.21.0.0/16
zone sound.example  group rg-sound  link sound-hub:registration  link sound-spoke
  @       SOA    3600  azureprivatedns.net azureprivatedns-host.microsoft.com 1 3600 300 2419200 10
  @       MX     10 mail.sound.example
  mail    A      172.20.0.4
  www     CNAME  mail.sound.example
  *.apps  A      172.20.0.5
  vm1     A      !registered  172.20.0.6
zone 20.172.in-addr.arpa  group rg-sound  link sound-hub  link sound-spoke
  4.0     PTR    mail.sound.example
zone privatelink.servicebus.windows.net  group rg-sound  link sound-hub  link sound-spoke
  bus     A      172.20.1.4
endpoint pe-bus  vnet sound-hub  group namespace  zone-group privatelink.servicebus.windows.net
  bus.servicebus.windows.net  172.20.1.4
inbound sound-in  vnet sound-hub  address 172.20.2.4
ruleset sound-rules  link sound-spoke
  corp.sound.test  172.20.2.4
";

/// Rules that go by the share of networks or zones that do otherwise: those of the sound estate
/// tip the scales, and that the rule is quiet then is right.
const WEIGHING: [&str; 2] = ["uneven-links", "zone-outside-hub"];

/// Rules whose fault cannot be without that of others, and those.
const ACCOMPANIED: [(&str, &[&str]); 10] = [
    // Each is about an old zone of Batch that is still linked, which is told by itself since it
    // is what has to be done in the end; and what is in both zones is hidden by the old one.
    ("batch-bridge", &["regional-batch-zone", "shadowed-record"]),
    ("batch-incomplete-copy", &["regional-batch-zone", "shadowed-record"]),
    ("batch-link-mismatch", &["regional-batch-zone", "shadowed-record"]),
    ("shadowed-record", &["regional-batch-zone"]),
    ("split-batch-account", &["regional-batch-zone"]),
    ("ttl-before-migration", &["regional-batch-zone"]),
    // An account that is lost where the global zone is linked is missing in that zone.
    ("batch-new-exposure", &["batch-incomplete-copy", "regional-batch-zone"]),
    // What a client gets, beside why: a record in the wrong zone is missing in the right one.
    ("endpoint-in-wrong-zone", &["dead-endpoint"]),
    ("wrong-region-zone", &["dead-endpoint"]),
    // A linked zone that decides nothing has links without effect: that is the proof.
    ("decides-nothing", &["link-without-effect"]),
];

fn fired(text: &str, wanted: impl Fn(&Rule) -> bool + Sync) -> BTreeSet<&'static str> {
    let index = Index::new(common::load([text]));
    let found = check(&Context::new(&index, &Settings::default()), wanted);
    found.iter().map(|finding| finding.rule.name).collect()
}

#[test]
fn a_sound_estate_is_quiet() {
    assert_eq!(fired(SOUND, |rule| rule.set != RuleSet::Governance), BTreeSet::new());
}

#[test]
fn each_fault_raises_its_rule_and_no_other() {
    let mut wrong = String::new();
    for rule in RULES {
        let core = |one: &Rule| one.set == RuleSet::Core || one.name == rule.name;
        let example = common::rule_block(rule, "Example");
        let alone = fired(&example, core);
        let known = ACCOMPANIED.iter().find(|one| one.0 == rule.name).map_or(&[][..], |one| one.1);
        let expected: BTreeSet<&str> = known.iter().copied().chain([rule.name]).collect();
        if alone != expected {
            writeln!(wrong, "the example of {rule:?} raises {alone:?}").unwrap();
        }
        let beside = fired(&format!("{example}\n{SOUND}"), core);
        if !WEIGHING.contains(&rule.name) && beside != alone {
            writeln!(wrong, "beside a sound estate {rule:?} raises {beside:?}").unwrap();
        }
    }
    assert_eq!(wrong, "");
}

/// Networks, own zones, and zones of Private Link with their endpoints, all in order.
fn large() -> String {
    const NETWORKS: usize = 12;
    const ZONES: usize = 90;
    const RECORDS: usize = 1_000;
    const SERVICES: [(&str, &str); 5] = [
        ("blob.core.windows.net", "blob"),
        ("file.core.windows.net", "file"),
        ("queue.core.windows.net", "queue"),
        ("vaultcore.azure.net", "vault"),
        ("servicebus.windows.net", "namespace"),
    ];
    let mut text = String::new();
    let links: String = (0..NETWORKS).map(|at| format!("  link net{at}")).collect();
    for at in 0..NETWORKS {
        writeln!(text, "vnet net{at}  space 10.{at}.0.0/16").unwrap();
    }
    for zone in 0..ZONES {
        writeln!(text, "zone z{zone}.corp.internal{links}").unwrap();
        for at in 0..RECORDS {
            match at % 4 {
                0 => writeln!(text, "  a{at}  A  300  10.0.{}.{}", at / 250, at % 250),
                1 => writeln!(text, "  a{at}  CNAME  300  a{}.z{zone}.corp.internal", at - 1),
                2 => writeln!(text, "  a{at}.sub  TXT  \"record {at}\""),
                _ => writeln!(
                    text,
                    "  _s{at}._tcp  SRV  0 100 443 a{}.z{zone}.corp.internal",
                    at - 3
                ),
            }
            .unwrap();
        }
    }
    let address =
        |service: usize, at: usize| format!("10.{service}.{}.{}", 100 + at / 250, at % 250);
    for (service, (suffix, _)) in SERVICES.iter().enumerate() {
        writeln!(text, "zone privatelink.{suffix}{links}").unwrap();
        for at in 0..2_000 {
            writeln!(text, "  s{service}x{at}  A  10  {}", address(service, at)).unwrap();
        }
    }
    for (service, (suffix, group)) in SERVICES.iter().enumerate() {
        // The public name of a vault has another suffix than its zone.
        let public = if *group == "vault" { "vault.azure.net" } else { suffix };
        for at in 0..2_000 {
            let zone = format!("privatelink.{suffix}");
            writeln!(
                text,
                "endpoint pe{service}x{at}  vnet net{service}  group {group}  zone-group {zone}"
            )
            .unwrap();
            writeln!(text, "  s{service}x{at}.{public}  {}", address(service, at)).unwrap();
        }
    }
    text
}

#[test]
fn a_hundred_thousand_sound_record_sets_are_quiet() {
    let index = Index::new(common::load([large().as_str()]));
    assert_eq!(index.estate().record_set_count(), 100_000);
    let found =
        check(&Context::new(&index, &Settings::default()), |rule| rule.set != RuleSet::Governance);
    let messages: Vec<&str> = found.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(messages, [""; 0]);
}

//! `check A B --together`: two estates kept apart, today and once they are one.

mod common;

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use common::program::{directory, run_in};

const ONE: &str = "\
vnet contoso-hub    space 10.1.0.0/16
vnet contoso-spoke  space 10.2.0.0/16
zone privatelink.blob.core.windows.net  link contoso-hub  link contoso-spoke
  conta  A  10.1.0.4
zone corp.internal  link contoso-hub
  nas   A  10.1.0.7
  web   CNAME  nas.corp.internal
  same  A  10.1.0.9
zone contoso.com  link contoso-hub
  intra        A  10.1.0.8
  portal.shop  A  10.1.0.10
endpoint pe-a  vnet contoso-hub  group blob  zone-group privatelink.blob.core.windows.net
  conta.blob.core.windows.net  10.1.0.4
";

const TWO: &str = "\
vnet fabrikam-hub  space 10.2.128.0/17
zone privatelink.blob.core.windows.net  link fabrikam-hub
  fabb  A  10.9.0.4
zone privatelink.vaultcore.azure.net  link fabrikam-hub
  fabkv  A  10.9.0.5
zone corp.internal  link fabrikam-hub
  nas   A  10.9.0.7
  web   A  10.9.0.8
  only  A  10.9.0.9
  same  A  10.1.0.9
zone shop.contoso.com  link fabrikam-hub
  www  A  10.9.0.10
endpoint pe-b  vnet fabrikam-hub  group blob  zone-group privatelink.blob.core.windows.net
  fabb.blob.core.windows.net  10.9.0.4
endpoint pe-kv  vnet fabrikam-hub  group vault  zone-group privatelink.vaultcore.azure.net
  fabkv.vault.azure.net  10.9.0.5
";

fn sides(name: &str, one: &str, two: &str) -> PathBuf {
    let path = directory(&format!("together/{name}"));
    fs::write(path.join("one.estate"), one).unwrap();
    fs::write(path.join("two.estate"), two).unwrap();
    path
}

fn check(path: &std::path::Path) -> (i32, Value) {
    let arguments = ["check", "one.estate", "two.estate", "--together", "--format", "json"];
    let (status, text, err) = run_in(path, &arguments);
    assert_eq!(err, "");
    (status, serde_json::from_str(&text).unwrap())
}

/// What a network gets for a name of the other side, today and merged.
fn answer(report: &Value, side: usize, vnet: &str, name: &str) -> (String, String) {
    let answers = report["sides"][side]["answers"].as_array().unwrap().iter();
    let has = |list: &Value, one: &str| list.as_array().unwrap().iter().any(|own| own == one);
    let mut rows = answers.filter(|row| has(&row["vnets"], vnet) && has(&row["names"], name));
    let row = rows.next().unwrap_or_else(|| panic!("nobody asks for {name} from {vnet}"));
    assert!(rows.next().is_none());
    let show = |gets: &Value| {
        let zone = gets["zone"].as_str().map(|zone| format!(" by {zone}"));
        format!("{}{}", gets["answer"].as_str().unwrap(), zone.unwrap_or_default())
    };
    (show(&row["today"]), show(&row["merged"]))
}

#[test]
fn what_each_side_gets_today_and_after() {
    let (status, report) = check(&sides("both", ONE, TWO));
    assert_eq!(status, 1);
    let is = |side, vnet, name, today: &str, merged: &str| {
        let expected = (today.to_owned(), merged.to_owned());
        assert_eq!(answer(&report, side, vnet, name), expected, "{name} from {vnet}");
    };
    let blob = "NXDOMAIN by privatelink.blob.core.windows.net";
    // The zone is linked and lacks the other company's account, before any network meets.
    is(0, "contoso-hub", "fabb.blob.core.windows.net.", blob, "private");
    is(1, "fabrikam-hub", "conta.blob.core.windows.net.", blob, "private");
    is(0, "contoso-spoke", "fabkv.vault.azure.net.", "public", "private");
    // A name that both have leads to one's own, before and after.
    is(0, "contoso-hub", "nas.corp.internal.", "another host", "another host");
    is(0, "contoso-hub", "same.corp.internal.", "private", "private");
    is(0, "contoso-hub", "only.corp.internal.", "NXDOMAIN by corp.internal", "private");
    // The child zone of the one hides what the other has below its parent.
    is(0, "contoso-hub", "www.shop.contoso.com.", "NXDOMAIN by contoso.com", "private");
    let shop = "NXDOMAIN by shop.contoso.com";
    is(1, "fabrikam-hub", "portal.shop.contoso.com.", shop, shop);
}

#[test]
fn what_has_to_be_settled_first() {
    let (_, report) = check(&sides("conflicts", ONE, TWO));
    let shared = report["shared"].as_array().unwrap();
    let apexes: Vec<&str> = shared.iter().map(|one| one["apex"].as_str().unwrap()).collect();
    assert_eq!(apexes, ["corp.internal", "privatelink.blob.core.windows.net"]);
    assert_eq!((&shared[0]["same"], &shared[0]["record_sets"][1]), (&1.into(), &4.into()));
    let clashes = shared[0]["clashes"].as_array().unwrap();
    let names: Vec<&str> = clashes.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["nas.corp.internal.", "web.corp.internal."]);
    assert_eq!(clashes[1]["data"][0], "CNAME nas.corp.internal.");
    assert_eq!(clashes[0]["places"][1]["line"], 7);
    assert_eq!(report["nested"][0]["zone"], "shop.contoso.com");
    let overlaps = report["overlaps"].as_array().unwrap();
    assert_eq!(overlaps.len(), 1);
    assert_eq!(overlaps[0]["vnets"][0], "contoso-spoke");
    // Own names that are lost once the other's zones are linked, and those of nobody; the last one
    // from the spoke, where public DNS may have it today.
    let harmed = report["sides"][0]["harmed"].as_array().unwrap();
    let names: Vec<&str> = harmed.iter().map(|one| one["name"].as_str().unwrap()).collect();
    let portal = "portal.shop.contoso.com.";
    assert_eq!(names, [portal, "any-other-name.vault.azure.net.", portal]);
    assert!(report["sides"][1]["harmed"].as_array().unwrap().is_empty());
}

#[test]
fn estates_that_do_not_meet_are_quiet() {
    let one = "vnet a  space 10.1.0.0/16\nzone a.internal  link a\n  x A 10.1.0.4\n";
    let two = "vnet b  space 10.2.0.0/16\nzone b.internal  link b\n  x A 10.2.0.4\n";
    let (status, report) = check(&sides("quiet", one, two));
    assert_eq!(status, 0, "{report}");
    assert_eq!(
        answer(&report, 0, "a", "x.b.internal."),
        ("public DNS".to_owned(), "private".to_owned())
    );
}

/// Where links were not read, "nothing is lost" is not known.
#[test]
fn what_was_not_read_is_no_good_news() {
    let one = "vnet a  space 10.1.0.0/16\nzone a.internal  link a  links-unread\n  x A 10.1.0.4\n";
    let two = "vnet b  space 10.2.0.0/16\nzone b.internal  link b\n  x A 10.2.0.4\n";
    let path = sides("unread", one, two);
    let (status, report) = check(&path);
    assert_eq!(status, 1, "{report}");
    assert_eq!(report["doubts"].as_array().unwrap().len(), 1);
    let (_, text, _) = run_in(&path, &["check", "one.estate", "two.estate", "--together"]);
    assert!(text.contains("? one.estate: not all links of `a.internal` were read"), "{text}");
    assert!(text.trim_end().ends_with("; not all is known"), "{text}");
}

#[test]
fn one_zone_in_both_exports_is_no_clash() {
    let id =
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateDnsZones/c.internal";
    let text =
        |address: &str| format!("vnet hub\nzone c.internal  id {id}  link hub\n  x A {address}\n");
    let (status, report) = check(&sides("same", &text("10.1.0.4"), &text("10.1.0.5")));
    assert_eq!((status, report["shared"][0]["clashes"].as_array().unwrap().len()), (0, 0));
    // What each export shows of it is counted all the same.
    let shared = &report["shared"][0];
    assert_eq!(shared["one_zone"], true);
    assert_eq!((&shared["record_sets"], &shared["same"]), (&serde_json::json!([1, 1]), &0.into()));
}

#[test]
fn the_report_for_people_and_what_is_refused() {
    let path = sides("human", ONE, TWO);
    let arguments = ["check", "one.estate", "two.estate", "--together"];
    let (status, text, _) = run_in(&path, &arguments);
    assert_eq!(status, 1);
    for line in [
        "  - nas.corp.internal clashes",
        "      A 10.9.0.7  (two.estate:7:3)",
        "- addresses overlap: contoso-spoke (10.2.0.0/16) and fabrikam-hub (10.2.128.0/17)",
        "  - worse than today: portal.shop.contoso.com",
        "2 shared apexes, 2 clashes, 1 overlap of addresses, 3 answers lost or redirected by a merge",
    ] {
        assert!(text.lines().any(|own| own == line), "{line}\n{text}");
    }
    assert!(text.lines().all(|line| line.len() <= 120), "{text}");
    let (status, _, err) = run_in(&path, &["check", "one.estate", "--together"]);
    assert_eq!((status, err.contains("takes two estates, found 1")), (2, true), "{err}");
    let (status, _, err) = run_in(&path, &[&arguments[..], &["--format", "sarif"]].concat());
    assert_eq!((status, err.contains("human or json")), (2, true), "{err}");
}

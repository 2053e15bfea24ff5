//! Assumptions: what `assumptions` says of each, and what `check --sensitivity` finds.

mod common;

use std::fs;

use common::program::{directory, run, run_in, run_with};
use privdns::index::ASSUMPTIONS;
use serde_json::Value;

/// An account that only its record suggests, behind an old zone that lacks it.
const ESTATE: &str = "\
vnet hub
zone privatelink.eastus.batch.azure.com  link hub
zone privatelink.batch.azure.com         link hub
  acct.eastus  A  10.0.0.6
";

#[test]
fn every_assumption_is_explained() {
    let (status, table, err) = run(&["assumptions"]);
    assert_eq!((status, err.as_str()), (0, ""));
    let (_, full, _) = run(&["assumptions", "all"]);
    let (_, json, _) = run(&["assumptions", "--format", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["assumptions"].as_array().unwrap().len(), ASSUMPTIONS.len());
    for (doc, one) in ASSUMPTIONS.iter().zip(json["assumptions"].as_array().unwrap()) {
        assert!(table.lines().any(|line| line.starts_with(doc.name)), "{}", doc.name);
        assert!(full.contains(&format!("{}\n  question", doc.name)), "{}", doc.name);
        for key in ["question", "changes", "source", "certainty", "settled_by", "meanwhile"] {
            assert!(one[key].as_str().is_some_and(|text| text.len() > 3), "{} {key}", doc.name);
        }
        assert_eq!((&one["name"], &one["default"]), (&doc.name.into(), &doc.values[0].into()));
    }
}

#[test]
fn one_is_told_in_full_with_its_value_in_force() {
    let directory = directory("assumptions/settings");
    fs::write(directory.join("privdns.toml"), "[assume]\nent-answer = \"nxdomain\"\n").unwrap();
    let (status, out, _) = run_in(&directory, &["assumptions", "ent-answer"]);
    assert_eq!(status, 0);
    insta::assert_snapshot!(out, @"
    ent-answer
      question   how a private zone answers for a name that only has names below it
      value      nxdomain (set; the default is nodata); or nodata
      changes    NODATA or NXDOMAIN for such names; only NXDOMAIN lets NxDomainRedirect go on to public DNS
      source     RFC 4592 section 2.2.2 says NODATA; no document tells whether private zones follow it
      known      inferred
      test       put `x.y A` into a private zone and ask for `y`
      meanwhile  where it matters, give the name a record of its own
    ");
    let wins = ["assumptions", "ent-answer", "--assume", "ent-answer=nodata"];
    assert!(run_in(&directory, &wins).1.contains("nodata (the default); or nxdomain"));
    let (status, _, err) = run(&["assumptions", "ent-answers"]);
    assert!(status == 2 && err.contains("no assumption is named `ent-answers`"), "{err}");
}

#[test]
fn other_values_of_assumptions_are_tried() {
    let (status, out, err) = run_with(&["check", "-", "--sensitivity"], ESTATE);
    assert_eq!((status, err.as_str()), (1, ""));
    let told = out.split("under other assumptions").nth(1).unwrap();
    let (told, idle) =
        told.split_once("  no finding and no known name's answer changes with ").unwrap();
    insta::assert_snapshot!(told.trim_start_matches('\n'), @"
      ent-answer=nxdomain: 0 findings more, 0 fewer, 1 answer otherwise
        ~ eastus.privatelink.batch.azure.com A from hub: no-data (NOERROR) → NXDOMAIN
        settled by: put `x.y A` into a private zone and ask for `y`
      inferred-endpoint=unknown: 0 findings more, 1 fewer, 1 answer otherwise
        - error[shadowed-record] `acct.eastus.privatelink.batch.azure.com` is never reached from `hub`
        ~ acct.eastus.batch.azure.com A from hub: NXDOMAIN → unknown
        settled by: export the resource or its private endpoint, or look the public name up outside Azure
      inferred-endpoint=absent: 0 findings more, 1 fewer, 1 answer otherwise
        - error[shadowed-record] `acct.eastus.privatelink.batch.azure.com` is never reached from `hub`
        ~ acct.eastus.batch.azure.com A from hub: NXDOMAIN → public (NOERROR)
        settled by: export the resource or its private endpoint, or look the public name up outside Azure
    ");
    assert!(idle.contains("after-redirect=public-only"), "{idle}");
    // Without it nothing is said, and from the other side the finding goes.
    assert!(!run_with(&["check", "-"], ESTATE).1.contains("under other assumptions"));
    let flipped = ["check", "-", "--sensitivity", "--assume", "inferred-endpoint=unknown"];
    let (status, out, _) = run_with(&flipped, ESTATE);
    assert_eq!(status, 0);
    assert!(out.contains("inferred-endpoint=present: 1 finding more, 0 fewer"), "{out}");
}

#[test]
fn the_report_for_programs_has_it_too() {
    let arguments = ["check", "-", "--sensitivity", "--format", "json"];
    let (_, out, _) = run_with(&arguments, ESTATE);
    let report: Value = serde_json::from_str(&out).unwrap();
    let flips = report["sensitivity"].as_array().unwrap();
    let others: usize = ASSUMPTIONS.iter().map(|doc| doc.values.len() - 1).sum();
    assert_eq!(flips.len(), others);
    let of = |name: &str| flips.iter().find(|flip| flip["assumption"] == name).unwrap();
    assert_eq!(of("inferred-endpoint")["findings_removed"][0]["rule"], "shadowed-record");
    assert_eq!(of("after-redirect")["findings_added"], Value::Array(Vec::new()));
    let (_, schema, _) = run(&["schema", "report"]);
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&report).map(|e| e.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn answers_of_endpoints_are_compared_by_network() {
    let estate = "\
vnet hub
zone privatelink.blob.core.windows.net  link hub
  stor  A  10.0.0.4
endpoint pe  vnet hub  group blob
  stor.blob.core.windows.net  10.0.0.4
zone privatelink.vaultcore.azure.net  links-unread
vnet spoke
";
    let (_, out, _) = run_with(&["check", "-", "--sensitivity"], estate);
    let told = out.split("under other assumptions").nth(1).unwrap();
    assert!(!told.contains("stor.blob.core.windows.net A from hub"), "{told}");
    let linked = "zone privatelink.blob.core.windows.net  links-unread\n  stor  A  10.0.0.4\n";
    let estate = format!(
        "vnet hub\nvnet spoke\n{linked}endpoint pe  vnet hub  group blob\n  \
         stor.blob.core.windows.net  10.0.0.4\n"
    );
    let (_, out, _) = run_with(&["check", "-", "--sensitivity"], &estate);
    let line = "~ stor.blob.core.windows.net A from hub, spoke: public (NOERROR) → unknown";
    assert!(out.contains(line), "{out}");
}

/// Own names are asked for, too, not those of private endpoints alone; so are names that only a
/// rule or a machine brings in.
#[test]
fn answers_of_all_known_names_are_compared() {
    let estate = "\
vnet hub
zone contoso.com  link hub
  www.corp  A  10.0.0.4
ruleset rules  link hub
  corp.contoso.com  10.9.0.10
nic vm1-nic  vnet hub  address 10.0.1.4  vm vm1
vnet lab
zone lab.test  link lab
  a.b  A  10.0.0.5
";
    let (_, out, _) = run_with(&["check", "-", "--sensitivity"], estate);
    let told = out.split("under other assumptions").nth(1).unwrap();
    for line in [
        "rule-longer-than-zone=rule-wins: 0 findings more, 1 fewer, 2 answers otherwise",
        "~ corp.contoso.com A from hub: no-data (NOERROR) → forwarded",
        "~ www.corp.contoso.com A from hub: 10.0.0.4 → forwarded",
        "~ b.lab.test A from lab: no-data (NOERROR) → NXDOMAIN",
    ] {
        assert!(told.contains(line), "{line} is not in {told}");
    }
    // From the other side the same names are told, the other way round.
    let flipped = ["check", "-", "--sensitivity", "--assume", "rule-longer-than-zone=rule-wins"];
    let (_, out, _) = run_with(&flipped, estate);
    assert!(out.contains("~ www.corp.contoso.com A from hub: forwarded → 10.0.0.4"), "{out}");
    let found = out.split("under other assumptions").next().unwrap();
    assert!(!found.contains("zone-hides-rule"), "{found}");
    let unknown = ["check", "-", "--sensitivity", "--assume", "unexported-dns=unknown"];
    let linked = "zone z.test  link away\n  a  A  10.0.0.4\n";
    let (_, out, _) = run_with(&unknown, linked);
    assert!(out.contains("~ a.z.test A from away: unknown → 10.0.0.4"), "{out}");
}

/// What nobody can tell stays so; addresses are shown; interfaces with DNS servers of their own
/// and names that nobody lists are asked for, too.
/// Resources that have no endpoint, or of which nobody knows, have names that clients ask for.
#[test]
fn names_of_resources_without_a_known_endpoint_are_compared() {
    let estate = "vnet hub\nvnet spoke\nzone privatelink.vaultcore.azure.net  link hub\n  \
                  other A 10.0.0.9\nresource kvr  type Microsoft.KeyVault/vaults\n  \
                  kvr.vault.azure.net vault\nresource kvx  type Microsoft.KeyVault/vaults\n  \
                  kvx.vault.azure.net vault no-endpoint\n";
    let (_, out, _) = run_with(&["check", "-", "--sensitivity"], estate);
    for changed in [
        "~ kvr.vault.azure.net A from hub: unknown → NXDOMAIN",
        "~ kvx.privatelink.vaultcore.azure.net A from spoke: NXDOMAIN → unknown",
    ] {
        assert!(out.contains(changed), "{changed}: {out}");
    }
}

#[test]
fn answers_are_compared_as_users_see_them() {
    let estate = "\
vnet hub
zone contoso.test  link hub:registration
zone privatelink.foo.example  link hub:redirect
  a  A  10.0.1.8
zone lab.test  link other
  a.b  A  10.0.0.5
nic vm  vnet hub  address 10.0.8.8  vm vm8
ruleset rules  link hub
  corp.test  203.0.113.9
vnet other
nic app  vnet hub  address 10.0.8.9  dns 10.9.0.4
inbound in  vnet other  address 10.9.0.4
vnet far  dns 203.0.113.10
";
    let (_, out, _) = run_with(&["check", "-", "--sensitivity"], estate);
    let told = out.split("under other assumptions").nth(1).unwrap();
    for line in [
        "~ vm8.contoso.test A from hub: 10.0.8.8 → NXDOMAIN",
        "~ b.lab.test A from other, hub/app: no-data (NOERROR) → NXDOMAIN",
        "~ any other name of privatelink.foo.example A from hub: unknown → NXDOMAIN",
    ] {
        assert!(told.contains(line), "{line} is not in {told}");
    }
    for noise in ["unknown → unknown", "unknown → forwarded", "→ answered"] {
        assert!(!told.contains(noise), "{noise} is in {told}");
    }
}

/// A loop may end in no answer at all; then there is no response code.
#[test]
fn a_loop_may_time_out() {
    let estate = "vnet hub\nzone z.test link hub\n  a CNAME b.z.test\n  b CNAME a.z.test\n";
    let ask = ["resolve", "-", "a.z.test", "--vnet", "hub", "--assume", "loop-rcode=time-out"];
    assert!(run_with(&ask, estate).1.contains("no answer in time: the aliases go round"));
    let (_, out, _) = run_with(&[&ask[..], &["--format", "json"]].concat(), estate);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["resolutions"][0]["rcode"], Value::Null);
    assert_eq!(report["resolutions"][0]["outcome"], "alias-loop");
}

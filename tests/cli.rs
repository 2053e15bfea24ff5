//! The program as a user runs it: exit status, streams, formats.

mod common;

use std::fs;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use common::program::{directory, finish, privdns, run, run_with};

const FIXTURE: &str = "fixtures/batch-migration";
const CLEAN: &str = "vnet hub\nzone corp.internal link hub\n  nas A 10.0.0.7\n";

#[test]
fn no_report_overwrites_another() {
    let fixture = "fixtures/batch-migration.estate";
    for (one, other, why) in [
        ("json=twice.out", "sarif=twice.out", "two reports are to be written to twice.out"),
        ("json=twice.out", "sarif=./twice.out", "two reports are to be written to ./twice.out"),
        ("json=-", "sarif=a.out", "expected a file, found `-`"),
        ("json=a.out", "sarif=./fixtures/batch-migration.estate", "is read, and not written over"),
    ] {
        let (status, _, err) = run(&["check", fixture, "--output", one, "--output", other]);
        assert!(status == 2 && err.contains(why), "{err}");
    }
}

#[test]
fn many_interfaces_do_not_fill_the_screen() {
    let mut estate = "vnet hub\nvnet spoke\ninbound in vnet spoke address 10.9.0.4\n".to_owned();
    for at in 0..30 {
        estate.push_str(&format!("nic n{at:02} vnet hub address 10.0.0.{at} dns 10.9.0.4\n"));
    }
    estate.push_str("zone corp.test link spoke\n  a A 10.0.0.7\n");
    let (_, out, _) = run_with(&["resolve", "-", "a.corp.test"], &estate);
    assert!(out.contains("spoke, hub/n00, hub/n01"), "{out}");
    assert!(out.contains("hub/n11, 18 more interfaces\n"), "{out}");
}

#[test]
fn commands_that_belong_together_are_shown_together() {
    let alias = "vnet hub\nzone corp.test link hub\n  t CNAME 10.0.0.1\n";
    let (_, out, _) = run_with(&["check", "-"], alias);
    let lines: Vec<&str> = out.lines().filter(|line| line.contains("record-set")).collect();
    let shown: Vec<bool> =
        ["cname delete", "a create", "a add-record"].iter().map(|c| out.contains(c)).collect();
    assert!(lines.len() == 3 && shown == [true; 3], "{out}");
    assert!(!out.contains("like it"), "{out}");
    let (_, out, _) = run(&["check", FIXTURE]);
    assert!(out.contains("-a 10.4.4.10\n") && out.contains("# and 2 changes like it;"), "{out}");
}

#[test]
fn check_finds_what_is_broken_and_exits_with_1() {
    let (status, out, err) = run(&["check", FIXTURE]);
    assert_eq!((status, err.as_str()), (1, ""));
    assert!(
        out.contains("error[shadowed-record]: `prodbatch.westeurope.privatelink.batch.azure.com`")
    );
    assert!(out.contains("record-sets/privatelink.batch.azure.com.json:34:5"));
    assert!(out.contains("gets NXDOMAIN"));
    assert!(!out.contains('\u{1b}'), "no colours off a terminal");
}

#[test]
fn the_exit_status_is_that_of_the_worst_finding_that_counts() {
    assert_eq!(run_with(&["check", "-"], CLEAN).0, 0);
    let warns = format!("{CLEAN}zone unused.internal\n  a A 10.0.0.8\n");
    assert_eq!(run_with(&["check", "-"], &warns).0, 0);
    assert_eq!(run_with(&["check", "-", "--fail-on", "warning"], &warns).0, 1);
    assert_eq!(run_with(&["check", "-", "--format", "json"], &warns).0, 0);
}

#[test]
fn json_and_text_report_the_same_findings() {
    let (_, text, _) = run(&["check", FIXTURE]);
    let (status, json, _) = run(&["check", FIXTURE, "--format", "json"]);
    assert_eq!(status, 1);
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["schema_version"], "1.0");
    assert_eq!(report["command"], "check");
    let findings = report["findings"].as_array().unwrap();
    for severity in ["error", "warning", "note"] {
        let shown = text.lines().filter(|line| line.starts_with(&format!("{severity}["))).count();
        let listed = findings.iter().filter(|one| one["severity"] == severity).count();
        assert_eq!(shown, listed, "{severity}");
        assert_eq!(report["summary"][severity], listed, "{severity}");
    }
    for finding in findings {
        for key in ["rule", "severity", "message", "basis", "vnets", "name", "places", "remedy"] {
            assert!(finding.get(key).is_some(), "a finding lacks {key}");
        }
        for place in finding["places"].as_array().unwrap() {
            assert!(place["line"].as_u64().unwrap() >= 1 && place["column"].as_u64().unwrap() >= 1);
            assert!(place["file"].is_string() && place["label"].is_string());
        }
    }
    let input = &report["inputs"][0];
    assert_eq!(input["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn resolve_reports_as_the_contract_says() {
    let question = "prodbatch.westeurope.batch.azure.com";
    let (status, json, _) =
        run(&["resolve", FIXTURE, question, "--vnet", "spoke-a", "--format", "json"]);
    assert_eq!(status, 0);
    let report: Value = serde_json::from_str(&json).unwrap();
    let one = &report["resolutions"][0];
    assert_eq!(one["vnet"], "spoke-a");
    assert_eq!(one["name"], format!("{question}."));
    assert_eq!(one["type"], "A");
    assert_eq!(one["rcode"], "NXDOMAIN");
    assert_eq!(one["outcome"], "nxdomain");
    assert_eq!(one["reach"], "none");
    assert_eq!(one["answers"][0]["type"], "CNAME");
    assert_eq!(one["answers"][0]["ttl"], Value::Null);
    assert_eq!(one["answers"][0]["data"], "prodbatch.privatelink.westeurope.batch.azure.com.");
    assert_eq!(one["decided_by"]["kind"], "zone");
    assert_eq!(one["decided_by"]["zone"], "privatelink.westeurope.batch.azure.com");
    assert!(one["decided_by"]["id"].as_str().unwrap().starts_with("/subscriptions/"));
    assert_eq!(one["assumptions"], Value::Array(Vec::new()));
    assert_eq!(one["trace"].as_array().unwrap().len(), 2);
}

#[test]
fn the_trace_tells_each_hop() {
    let name = "prodbatch.westeurope.batch.azure.com";
    let (status, out, _) = run(&["resolve", FIXTURE, name, "--vnet", "spoke-a", "--trace"]);
    assert_eq!(status, 0);
    insta::assert_snapshot!(out, @"
    prodbatch.westeurope.batch.azure.com A from spoke-a
      1  prodbatch.westeurope.batch.azure.com
         no linked zone claims it: public DNS, by the catalogue (chain batch, documented)
         → CNAME prodbatch.privatelink.westeurope.batch.azure.com, since it has a private endpoint (fixtures/batch-migration/batch-accounts.json:27:5)
      2  prodbatch.privatelink.westeurope.batch.azure.com
         claimed by zone privatelink.westeurope.batch.azure.com, link to-spoke-a (fixtures/batch-migration/links/privatelink.westeurope.batch.azure.com.json:23:5)
         → NXDOMAIN: it has no `prodbatch`
      answer    NXDOMAIN: prodbatch.privatelink.westeurope.batch.azure.com does not exist
      decided   by zone privatelink.westeurope.batch.azure.com (fixtures/batch-migration/zones.json:9:5)
      hidden    prodbatch.westeurope.privatelink.batch.azure.com A 10.1.4.10 in zone privatelink.batch.azure.com is behind it (fixtures/batch-migration/record-sets/privatelink.batch.azure.com.json:34:5)
    ");
}

#[test]
fn without_a_network_every_one_is_asked() {
    let (_, out, _) = run(&["resolve", FIXTURE, "git.corp.nordwind.internal"]);
    assert!(out.contains("from hub, hub-us, spoke-a, spoke-b, spoke-c, spoke-d\n"), "{out}");
    assert!(out.contains("from spoke-legacy\n"), "{out}");
    let name = "git.corp.nordwind.internal";
    let (_, json, _) = run(&["resolve", FIXTURE, name, "--format", "json"]);
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["resolutions"].as_array().unwrap().len(), 7);
}

/// An interface with DNS servers of its own asks for itself.
#[test]
fn interfaces_ask_too() {
    let estate = "vnet hub  space 10.0.0.0/16\nzone corp.test  link hub\n  nas  A  10.0.0.7\n\
                  nic vm1-nic  vnet hub  address 10.0.1.4  dns 10.0.2.4\n\
                  server old  vnet hub  address 10.0.2.4  recursion off\n";
    let ask = |more: &[&str]| {
        let words = [&["resolve", "-", "nas.corp.test"][..], more].concat();
        let (status, out, _) = run_with(&words, estate);
        assert_eq!(status, 0, "{out}");
        out
    };
    let all = ask(&[]);
    assert!(all.contains("from hub\n  answer    10.0.0.7"), "{all}");
    assert!(all.contains("from hub/vm1-nic\n  answer    REFUSED"), "{all}");
    for name in ["vm1-nic", "hub/vm1-nic"] {
        let one = ask(&["--vnet", name]);
        assert!(one.contains("REFUSED") && !one.contains("10.0.0.7"), "{one}");
    }
    let json: Value = serde_json::from_str(&ask(&["--format", "json"])).unwrap();
    assert_eq!(json["resolutions"][1]["interface"], "vm1-nic");
}

/// A server may ask any of the servers that it forwards to.
#[test]
fn other_targets_of_a_list_are_told() {
    let estate = "vnet hub  dns 10.0.2.4\ninbound in  vnet hub  address 10.0.0.4\n\
                  zone corp.test  link hub\n  nas  A  10.0.0.7\n\
                  server dc  vnet hub  address 10.0.2.4\n  forward .  10.0.0.4  203.0.113.53\n";
    let (_, out, _) = run_with(&["resolve", "-", "nas.corp.test"], estate);
    let other = "or        forwarded to 203.0.113.53, which is not modelled, if 203.0.113.53 is \
                 asked instead";
    assert!(out.contains("answer    10.0.0.7") && out.contains(other), "{out}");
}

#[test]
fn questions_come_from_a_file_and_answers_in_its_order() {
    let queries = "spoke-a\tprodbatch.westeurope.batch.azure.com\tA\n\
                   # a comment\n\n\
                   hub-us\tprodbatch.westeurope.batch.azure.com\n\
                   nowhere\tx.test\tA\n\
                   hub\tgit.corp.nordwind.internal\tAAAA\n";
    let arguments = ["resolve", FIXTURE, "--queries", "-", "--format", "jsonl"];
    let (status, out, err) = run_with(&arguments, queries);
    assert_eq!(status, 2, "one question could not be asked");
    assert!(err.contains("-:5: no virtual network is named `nowhere`"), "{err}");
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let outcomes: Vec<&str> = lines.iter().map(|one| one["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes.len(), 3);
    assert_eq!(outcomes[..2], ["nxdomain", "answered"]);
    assert_eq!(lines[2]["vnet"], "hub");
}

#[test]
fn a_network_is_found_by_name_group_and_id() {
    let estate = "vnet hub group one id /subscriptions/s/resourceGroups/one/providers/Microsoft.Network/virtualNetworks/hub\n\
                  vnet hub group two id /subscriptions/s/resourceGroups/two/providers/Microsoft.Network/virtualNetworks/hub\n\
                  zone corp.internal link one/hub\n  nas A 10.0.0.7\n";
    let ask = |vnet: &str| run_with(&["resolve", "-", "nas.corp.internal", "--vnet", vnet], estate);
    let (status, _, err) = ask("hub");
    assert_eq!(status, 2);
    assert!(err.contains("several virtual networks are named `hub`"), "{err}");
    assert!(err.contains("resourceGroups/one") && err.contains("resourceGroups/two"), "{err}");
    let (status, out, _) = ask("one/hub");
    assert!(status == 0 && out.contains("10.0.0.7"), "{out}");
    let id = "/Subscriptions/S/resourcegroups/ONE/providers/microsoft.network/virtualnetworks/HUB";
    assert!(ask(id).1.contains("10.0.0.7"));
    assert!(
        ask("spoke").2.contains("no virtual network is named `spoke`; there are one/hub, two/hub")
    );
}

/// What came before a rule, what a rule hides, and whom an interface asks instead.
#[test]
fn the_trace_names_what_was_passed_over() {
    let estate = "vnet hub\ninbound in-hub vnet hub address 10.0.0.4\nvnet sp dns 10.99.0.1,10.0.0.4\n\
                  nic n1 vnet sp address 10.1.0.4 dns 168.63.129.16\n\
                  nic a vnet hub address 10.0.0.5\nnic a vnet sp address 10.1.0.5\n\
                  zone contoso.com link hub\n  www A 10.0.9.1\n\
                  zone privatelink.blob.core.windows.net link hub\n  sta A 10.0.7.4\n\
                  zone privatelink.vaultcore.azure.net link hub\n  kv A 10.0.7.5\n\
                  public blob sta\npublic vault kv\n\
                  server dc address 10.9.0.10 recursion off\n\
                  ruleset r link hub\n  corp.contoso.com 10.9.0.10\n  windows.net 10.9.0.10\n  \
                  vault.azure.net 10.9.0.10\n  . 10.9.0.10\nsite quiet\n";
    let ask = |name: &str, from: &str| {
        let (_, out, err) = run_with(&["resolve", "-", name, "--vnet", from, "--trace"], estate);
        out + &err
    };
    let zone = ask("xx.corp.contoso.com", "hub");
    assert!(
        zone.contains("before the rule for corp.contoso.com of ruleset r (<stdin>:17:"),
        "{zone}"
    );
    let reserved = ask("sta.blob.core.windows.net", "hub");
    let told =
        "core.windows.net is reserved for Azure, so not the rule for windows.net of ruleset r";
    assert!(reserved.contains(told) && reserved.contains("10.0.7.4"), "{reserved}");
    assert!(reserved.contains(") nor that for . (<stdin>:20:"), "{reserved}");
    let hidden = ask("kv.vault.azure.net", "hub");
    let told = "hidden    kv.privatelink.vaultcore.azure.net A 10.0.7.5 in zone";
    assert!(hidden.contains(told) && hidden.contains("REFUSED"), "{hidden}");
    let own = ask("www.contoso.com", "n1");
    assert!(
        own.contains("asks 168.63.129.16 itself, not 10.99.0.1, 10.0.0.4 as the network"),
        "{own}"
    );
    let first = ask("www.contoso.com", "sp");
    assert!(
        first.contains("or        10.0.9.1 (private), if 10.0.0.4 is asked instead"),
        "{first}"
    );
    assert!(ask("x.test", "quiet").contains("because the site states no DNS servers"));
    let two = ask("x.test", "a");
    assert!(two.contains("several interfaces are named `a`:\n  hub/a\n  sp/a"), "{two}");
}

#[test]
fn recorded_public_answers_win_over_the_catalogue() {
    let directory = directory("cli/public");
    let estate = directory.join("e.estate");
    fs::write(
        &estate,
        "vnet hub\nzone corp.internal link hub\n  p CNAME sta.blob.core.windows.net\n",
    )
    .unwrap();
    let public = directory.join("public.zone");
    fs::write(&public, "$ORIGIN .\nsta.blob.core.windows.net. 60 IN A 203.0.113.30\n").unwrap();
    let estate = estate.to_str().unwrap();
    let ask = ["resolve", estate, "p.corp.internal", "--vnet", "hub"];
    assert!(run(&ask).1.contains("the public endpoint, whose address nobody recorded"));
    let with = [&ask[..], &["--public", public.to_str().unwrap()]].concat();
    let (status, out, err) = run(&with);
    assert!(status == 0 && out.contains("203.0.113.30 (public)"), "{out}{err}");
}

#[test]
fn assumptions_can_be_switched() {
    let estate = "vnet hub\nzone z.test link hub\n  x.y A 10.0.0.1\n";
    let ask = ["resolve", "-", "y.z.test", "--vnet", "hub"];
    assert!(run_with(&ask, estate).1.contains("no data"));
    let (_, out, _) = run_with(&[&ask[..], &["--assume", "ent-answer=nxdomain"]].concat(), estate);
    assert!(out.contains("NXDOMAIN"), "{out}");
    let (status, _, err) = run_with(&[&ask[..], &["--assume", "nothing=1"]].concat(), estate);
    assert_eq!(status, 2);
    assert!(err.contains("expected one of ent-answer"), "{err}");
}

#[test]
fn what_cannot_be_read_exits_with_2() {
    let directory = directory("cli/unread");
    let path = |name: &str| directory.join(name).to_str().unwrap().to_owned();
    fs::create_dir(directory.join("empty")).unwrap();
    fs::write(directory.join("notes.md"), "# Notes\n").unwrap();
    fs::write(directory.join("cut.json"), "[{\"id\": \"/subscr").unwrap();
    for (name, message) in [
        ("empty", "holds no files"),
        ("notes.md", "this looks like documentation"),
        ("cut.json", "cut.json:1:"),
        ("missing", "cannot read"),
    ] {
        let (status, out, err) = run(&["check", &path(name)]);
        assert_eq!((status, out.as_str()), (2, ""), "{name}");
        assert!(err.contains(message), "{name}: {err}");
    }
    assert_eq!(run(&["check"]).0, 2);
    assert_eq!(run(&["frobnicate"]).0, 2);
    // Beside something that can be read, the rest is a finding.
    fs::write(directory.join("good.estate"), CLEAN).unwrap();
    let (status, out, _) = run(&["check", directory.to_str().unwrap()]);
    assert_eq!(status, 0);
    assert!(out.contains("unread-input") && out.contains("cut.json:1:"), "{out}");
}

#[test]
fn a_format_can_be_forced() {
    let zone = "@ 3600 IN A 10.0.0.1\n";
    assert_eq!(run_with(&["check", "-"], zone).0, 2);
    let with_soa = "corp.internal. 3600 IN SOA a. b. 1 2 3 4 5\nnas 3600 IN A 10.0.0.1\n";
    assert_eq!(run_with(&["check", "-", "--input-format", "zone-file"], with_soa).0, 0);
    assert!(run_with(&["check", "-", "--input-format", "xlsx"], zone).2.contains("az-json"));
}

#[test]
fn a_zone_file_that_names_no_zone_can_be_told_its_zone() {
    let zone = "nas 60 IN A 10.0.0.7\n";
    let read = ["inputs", "-", "--input-format", "zone-file"];
    let (status, _, err) = run_with(&read, zone);
    assert!(status == 2 && err.contains("`--zone ZONE` can say it"), "{err}");
    let (status, out, err) = run_with(&[&read[..], &["--zone", "corp.internal"]].concat(), zone);
    assert_eq!((status, err.as_str()), (0, ""));
    assert!(out.contains("1 zone, 1 record set"), "{out}");
    let (status, _, err) = run_with(&[&read[..], &["--zone", "a..b"]].concat(), zone);
    assert!(status == 2 && err.contains("empty label"), "{err}");
}

#[test]
fn an_export_of_a_resolver_alone_is_an_estate() {
    let ruleset = r#"[{"id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/dnsForwardingRulesets/r"}]"#;
    let (status, out, err) = run_with(&["inputs", "-"], ruleset);
    assert_eq!((status, err.as_str()), (0, ""));
    for command in ["forwarding-rule list", "vnet-link list"] {
        assert!(out.contains(command), "{out}");
    }
}

#[test]
fn reports_go_to_files_whole() {
    let directory = directory("cli/output");
    let json = directory.join("report.json");
    let argument = format!("json={}", json.display());
    let (status, out, _) = run(&["check", FIXTURE, "--output", &argument]);
    assert_eq!(status, 1);
    assert!(out.contains("error[shadowed-record]"));
    let report: Value = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
    assert_eq!(report["command"], "check");
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 1, "nothing else is left behind");
    assert_eq!(run(&["check", FIXTURE, "--output", "json=/nowhere/report.json"]).0, 2);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child =
        privdns(&["check", FIXTURE]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let (status, _, err) = finish(child.wait_with_output().unwrap());
    assert_eq!((status, err.as_str()), (0, ""));
}

#[test]
fn colours_are_asked_for_or_not() {
    assert!(run(&["rules", "--color", "always"]).0 == 0);
    let (_, out, _) = run(&["check", FIXTURE, "--color", "always"]);
    assert!(out.contains('\u{1b}'));
    let (_, out, _) = run(&["check", FIXTURE, "--color", "never"]);
    assert!(!out.contains('\u{1b}'));
}

#[test]
fn prose_fits_eighty_columns() {
    let unlink = "privatelink.westeurope.batch.azure.com@spoke-a";
    let name = "prodbatch.westeurope.batch.azure.com";
    for arguments in [
        &["plan", FIXTURE, "--unlink", unlink, "--trace"][..],
        &["migrate", "batch", FIXTURE],
        &["uses", FIXTURE, unlink],
        &["resolve", FIXTURE, name, "--trace"],
        &["assumptions"],
        &["assumptions", "ent-answer"],
        &["explain", "stale-endpoint-record"],
    ] {
        let (_, whole, err) = run(arguments);
        let text = privdns::render::wrap::fit(&whole, Some(80));
        assert!(!text.is_empty(), "{arguments:?}: {err}");
        let wide = text.lines().filter(|line| line.chars().count() > 80);
        // Commands are to be copied, and no name is cut in two.
        let fits = |line: &&str| {
            !line.contains("az ") && !line.split_whitespace().any(|word| word.len() > 60)
        };
        let wide: Vec<&str> = wide.filter(fits).collect();
        assert_eq!(wide, [""; 0], "{arguments:?}");
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&text), words(&whole), "nothing is lost");
    }
}

#[test]
fn rules_are_listed_and_explained() {
    let (status, out, _) = run(&["rules"]);
    assert_eq!(status, 0);
    assert!(out.lines().count() >= 19 && out.contains("shadowed-record"));
    let list = out;
    let (status, out, _) = run(&["explain", "shadowed-record"]);
    assert!(status == 0 && out.contains("Why it matters") && out.contains("Use instead"));
    for notice in ["unused-ignore", "expired-ignore", "unsafe-plan"] {
        let (status, text, _) = run(&["explain", notice]);
        assert!(status == 0 && text.contains("a report of the program"), "{notice}");
        assert!(list.contains(notice), "{notice}");
    }
    let (status, _, err) = run(&["explain", "shadowed"]);
    assert_eq!(status, 2);
    assert!(err.contains("the most alike are shadowed-record"), "{err}");
}

#[test]
fn completions_and_manual_pages_are_written() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let (status, out, err) = run(&["completions", shell]);
        assert_eq!((status, err.as_str()), (0, ""));
        assert!(out.contains("write-baseline"), "{shell}");
    }
    let (status, out, _) = run(&["man"]);
    assert!(status == 0 && out.contains(".TH privdns 1"), "{out}");
    let directory = std::env::temp_dir().join(format!("privdns-man-{}", std::process::id()));
    fs::create_dir_all(&directory).unwrap();
    assert_eq!(run(&["man", "--output", directory.to_str().unwrap()]).0, 0);
    let page = fs::read_to_string(directory.join("privdns-check.1")).unwrap();
    assert!(page.contains("baseline"), "{page}");
    fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn the_catalogue_tells_of_services_zones_and_names() {
    let (status, out, _) = run(&["catalog", "acct.eastus.batch.azure.com"]);
    assert_eq!(status, 0);
    assert!(out.contains("→ acct.privatelink.eastus.batch.azure.com"));
    assert!(out.contains("→ acct.eastus.privatelink.batch.azure.com"));
    assert!(out.contains("BATCH-PC"));
    let (_, out, _) = run(&["catalog", "privatelink.westeurope.batch.azure.com"]);
    assert!(out.contains("legacy"), "{out}");
    let (_, out, _) = run(&["catalog", "key vault"]);
    assert!(out.contains("privatelink.vaultcore.azure.net"), "{out}");
    let (_, out, _) = run(&["catalog"]);
    assert!(out.lines().count() > 200);
    assert_eq!(run(&["catalog", "coffee machine"]).0, 2);
}

/// What `inputs` counts of an input, or of all of them.
fn items(one: &Value) -> [u64; 3] {
    ["used", "refused", "unsupported"].map(|key| one["items"][key].as_u64().unwrap())
}

fn inputs_json(arguments: &[&str]) -> Value {
    let (status, json, err) = run(&[&["inputs", "--format", "json"], arguments].concat());
    assert_eq!((status, err.as_str()), (0, ""));
    serde_json::from_str(&json).unwrap()
}

#[test]
fn inputs_accounts_for_every_item_of_the_example() {
    let report = inputs_json(&[FIXTURE]);
    assert_eq!(report["schema_version"], "1.0");
    assert_eq!(report["command"], "inputs");
    let mut sums = [0; 3];
    for input in report["inputs"].as_array().unwrap() {
        assert_eq!(input["sha256"].as_str().unwrap().len(), 64);
        let path = input["path"].as_str().unwrap();
        // Each file of the export is one list.
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        let elements = serde_json::from_str::<Vec<Value>>(&text).map_or(0, |list| list.len());
        assert_eq!(items(input), [elements as u64, 0, 0], "{path}");
        sums = [0, 1, 2].map(|at| sums[at] + items(input)[at]);
    }
    assert_eq!(items(&report["totals"]), sums);
    assert_eq!(sums, [284, 0, 0]);
    let facts: Value = serde_json::from_str(
        r#"{"zones": 10, "record_sets": 164, "links": 44, "vnets": 7, "endpoints": 53,
            "inbound": 0, "rulesets": 0, "rules": 0, "servers": 0, "interfaces": 0,
            "security_policies": 0, "domain_lists": 0,
            "resources": 6, "public": 0}"#,
    )
    .unwrap();
    assert_eq!(report["totals"]["facts"], facts);
    // One network asks a server that nothing tells of.
    let missing = report["missing"].as_array().unwrap();
    assert_eq!(missing.len(), 1, "{missing:?}");
    let what = missing[0]["what"].as_str().unwrap();
    assert!(what.starts_with("who answers at 10.0.0.68, the DNS server of 1 network"), "{what}");
}

#[test]
fn inputs_tells_what_was_not_read_and_what_is_missing() {
    let directory = directory("cli/inputs");
    let network = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";
    let zone = format!("{network}/privateDnsZones/privatelink.batch.azure.com");
    let set = |name: &str, address: &str| {
        format!(
            r#"{{"id": "{zone}/A/{name}", "ttl": 60, "aRecords": [{{"ipv4Address": "{address}"}}]}}"#
        )
    };
    let next = "https://management.azure.com/x?$skiptoken=a";
    let files = [
        (
            "zones.json",
            format!(
                r#"[{{"id": "{zone}", "numberOfRecordSets": 9, "numberOfVirtualNetworkLinks": 2}},
                    {{"id": "{network}/loadBalancers/lb"}}]"#
            ),
        ),
        (
            "records.json",
            format!(
                r#"{{"value": [{}, {}, 7], "nextLink": "{next}"}}"#,
                set("one", "10.0.0.1"),
                set("two", "10.0.0")
            ),
        ),
        (
            "links.json",
            format!(
                r#"[{{"id": "{zone}/virtualNetworkLinks/l",
                     "virtualNetwork": {{"id": "{network}/virtualNetworks/hub"}}}}]"#
            ),
        ),
        (
            "endpoints.json",
            format!(
                r#"[{{"id": "{network}/privateEndpoints/pe",
                    "subnet": {{"id": "{network}/virtualNetworks/hub/subnets/s"}},
                    "privateLinkServiceConnections": [{{"privateLinkServiceId": "{network}/x/y"}}]}}]"#
            ),
        ),
        ("corp.zone", "$ORIGIN corp.internal.\nnas A 10.0.0.7\nbad A 10.0.0\n@ NS ns\n".to_owned()),
        ("notes.md", "# Notes\n".to_owned()),
        ("cut.json", "[".to_owned()),
    ];
    for (name, text) in &files {
        fs::write(directory.join(name), text).unwrap();
    }
    let report = inputs_json(&[directory.to_str().unwrap()]);
    let counted: Vec<(String, [u64; 3])> = report["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (one["path"].as_str().unwrap().rsplit('/').next().unwrap().to_owned(), items(one))
        })
        .collect();
    let expected = [
        ("corp.zone", [1, 1, 1]),
        ("cut.json", [0, 0, 0]),
        ("endpoints.json", [1, 0, 0]),
        ("links.json", [1, 0, 0]),
        ("notes.md", [0, 0, 0]),
        ("records.json", [1, 2, 0]),
        ("zones.json", [1, 0, 1]),
    ];
    assert_eq!(counted, expected.map(|(name, counts)| (name.to_owned(), counts)));
    assert_eq!(items(&report["totals"]), [5, 3, 2]);
    let command = &mut privdns(&["inputs", "."]);
    let (status, text, err) = finish(command.current_dir(&directory).output().unwrap());
    assert_eq!((status, err.as_str()), (0, ""));
    let missing = text.split("what is missing\n").nth(1).unwrap();
    insta::assert_snapshot!(missing, @r"
    - the links of 1 zone: corp.internal
      weakens which networks ask these zones: they seem to be asked by none
      $ az network private-dns link vnet list -g RESOURCE_GROUP -z corp.internal \
          -o json
    - links of `privatelink.batch.azure.com`: 1 of 2 were read
      weakens which networks ask this zone: some may seem not to
      $ az network private-dns link vnet list --subscription s -g rg \
          -z privatelink.batch.azure.com -o json
    - record sets of `privatelink.batch.azure.com`: 1 of 9 were read
      weakens names that seem absent from this zone: answers are unknown
      $ az network private-dns record-set list --subscription s -g rg \
          -z privatelink.batch.azure.com -o json
    - the rest of `./records.json`, which is one page of several: `nextLink` says
      that more follows
      weakens what the rest tells of: it seems not to exist
      $ az rest --method get --url 'https://management.azure.com/x?$skiptoken=a'
    - `resolutionPolicy` of 1 link, which az 2.66 or later shows:
      privatelink.batch.azure.com
      weakens names these zones lack: NXDOMAIN, or public DNS is asked
      $ az network private-dns link vnet list --subscription s -g rg \
          -z privatelink.batch.azure.com -o json
    - the DNS servers of 1 network, which other things only refer to: hub
      weakens whether these networks ask the zones at all: what `--assume
        unexported-dns` says is taken for true
      $ az network vnet list --subscription s -o json
    - the addresses of 1 private endpoint: pe
      weakens whether records lead to these endpoints, or to ones long gone
      $ az network private-endpoint dns-zone-group list --subscription s -g rg \
          --endpoint-name pe -o json
    - Batch accounts: there are none, though there are zones of Batch
      weakens which accounts there are, and what they are called
      $ az batch account list -o json
    ");
    let commands = report["missing"].as_array().unwrap().iter();
    let commands: Vec<&str> = commands.map(|one| one["command"].as_str().unwrap()).collect();
    assert!(commands.iter().all(|command| command.starts_with("az ")), "{commands:?}");
    for reason in ["expected an IPv4 address", "1 NS record not used", "expected an object"] {
        assert!(text.contains(reason), "{reason}\n{text}");
    }
}

#[test]
fn inputs_fits_a_page() {
    for estate in [FIXTURE, "fixtures/batch-migration-zonefiles", "fixtures/batch-migration.estate"]
    {
        let (_, text, _) = run(&["inputs", estate]);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
}

#[test]
fn inputs_without_links_says_that_nothing_can_be_simulated() {
    let zone = "$ORIGIN corp.internal.\nnas A 10.0.0.7\n";
    let (status, text, _) = run_with(&["inputs", "-"], zone);
    assert_eq!(status, 0);
    insta::assert_snapshot!(text, @r"
        used  refused  not used  kind           facts
    <stdin>
           1        0         0  zone-file      1 zone, 1 record set
    1 input
           1        0         0                 1 zone, 1 record set

    what is missing
    - virtual network links: there are none at all, of corp.internal
      weakens resolution cannot be simulated: no network asks any zone
      $ az network private-dns link vnet list -g RESOURCE_GROUP -z corp.internal \
          -o json
    ");
    assert_eq!(run_with(&["inputs", "-"], "# Notes\n").0, 2);
    assert_eq!(run(&["inputs", FIXTURE, "--output", "jsonl=x"]).0, 2);
}

#[test]
fn inputs_is_a_table_in_markdown_even_of_nothing() {
    let lookup = "C:\\> nslookup a.test\nServer:  UnKnown\nAddress:  10.0.0.4\n\n\
                  Name:    a.test\nAddress:  10.0.0.7\n";
    let (status, out, err) = run_with(&["inputs", "-", "--format", "markdown"], lookup);
    assert_eq!(status, 2);
    assert!(out.contains("\n| &lt;stdin> | transcript | 0 | 0 | 0 |  | is no export"), "{out}");
    assert!(err.contains("`privdns compare ESTATE --transcript FILE`"), "{err}");
    let (status, out, err) = run(&["inputs", FIXTURE, "--format", "markdown"]);
    assert_eq!((status, err.as_str()), (0, ""));
    assert!(out.lines().last().unwrap().starts_with("| 25 inputs |  | 284 | 0 | 0 | 10 zones, "));
}

/// What every tool prints of lookups is told when it is given as an export.
#[test]
fn transcripts_are_told() {
    for file in common::files(Path::new("tests/transcripts")) {
        let file = file.to_str().unwrap();
        let (status, out, err) = run(&["check", file]);
        assert_eq!((status, out.as_str()), (2, ""), "{file}");
        assert!(err.contains("this is a transcript of lookups"), "{file}: {err}");
    }
}

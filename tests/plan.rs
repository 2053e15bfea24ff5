//! `plan` and `diff` as a user runs them; `tests/laws.rs` has the law that they
//! miss nothing.

mod common;

use serde_json::Value;

use common::program::{directory, run_with};

/// The documented break: the account has its record in the global zone only.
const BREAK: &str = "\
vnet hub
vnet spoke
zone privatelink.batch.azure.com             link hub  link spoke
  new.westeurope  A  10.0.0.6
zone privatelink.westeurope.batch.azure.com  link hub  link spoke
  old  A  10.0.0.5
public batch new.westeurope
public batch old.westeurope
";

const OLD: &str = "privatelink.westeurope.batch.azure.com";

#[test]
fn unlinking_too_early_breaks_the_account_that_was_not_copied() {
    let unlink = format!("{OLD}@spoke");
    let (status, out, err) = run_with(&["plan", "-", "--unlink", &unlink], BREAK);
    assert_eq!((status, err.as_str()), (1, ""));
    let start = "step 1  unlink privatelink.westeurope.batch.azure.com@spoke\n  \
                 2 broken, 1 changed, 2 fixed, 4 unknown\n  \
                 - old.westeurope.batch.azure.com  A, AAAA, TXT  from spoke\n      \
                 before  10.0.0.5 (private), decided by zone privatelink.westeurope.batch.azure.com (<stdin>:6:3)\n      \
                 after   NXDOMAIN: old.westeurope.privatelink.batch.azure.com does not exist, \
                 decided by zone privatelink.batch.azure.com (<stdin>:3:1)\n";
    assert!(out.starts_with(start), "{out}");
    assert!(
        out.contains("  + new.westeurope.batch.azure.com  A, AAAA, TXT  from spoke\n"),
        "{out}"
    );
    assert!(out.trim_end().ends_with("  STOP: a known name is lost"), "{out}");
}

#[test]
fn a_copy_before_the_unlinking_keeps_it_alive() {
    let copy = "old.westeurope.privatelink.batch.azure.com A 10.0.0.5";
    let unlink = format!("{OLD}@spoke");
    let (status, out, _) = run_with(&["plan", "-", "--put", copy, "--unlink", &unlink], BREAK);
    assert_eq!(status, 0, "{out}");
    assert!(out.contains("step 1  put old.westeurope"), "{out}");
    assert!(out.contains("step 2  unlink"), "{out}");
    // In the other order the account is down for a while, though the end is the same.
    let (status, out, _) = run_with(&["plan", "-", "--unlink", &unlink, "--put", copy], BREAK);
    assert_eq!(status, 1);
    let whole = out.split("plan as a whole").nth(1).unwrap();
    assert!(whole.contains("0 broken"), "{whole}");
}

#[test]
fn a_new_global_zone_takes_over_every_account_that_nobody_lists() {
    let estate = "vnet hub\nzone privatelink.batch.azure.com\n  a.eastus A 10.0.0.5\n";
    let link = "privatelink.batch.azure.com@hub";
    let (status, json, _) = run_with(&["plan", "-", "--link", link, "--format", "json"], estate);
    assert_eq!(status, 1);
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["compared"]["exhaustive"], true);
    let effects = report["effects"].as_array().unwrap();
    let other = effects.iter().find(|effect| {
        let name = effect["name"].as_str().unwrap();
        effect["class"] == "any-other"
            && effect["endpoint"] == true
            && !name.contains("privatelink")
            && name.ends_with("batch.azure.com.")
            && effect["type"] == "A"
    });
    let other = other.unwrap_or_else(|| panic!("{json}"));
    assert_eq!(other["verdict"], "broken");
    assert_eq!(other["before"]["outcome"], "public");
    assert_eq!(other["after"]["outcome"], "nxdomain");
    assert_eq!(report["steps"].as_array().unwrap().len(), 1);
}

#[test]
fn fallback_brings_missing_names_back_in_public() {
    let estate = "vnet hub\nzone privatelink.blob.core.windows.net link hub\n  a A 10.0.0.5\npublic blob b\n";
    let fallback = "privatelink.blob.core.windows.net@hub";
    let (status, out, _) = run_with(&["plan", "-", "--fallback", fallback], estate);
    assert_eq!(status, 0);
    assert!(out.contains("+ b.blob.core.windows.net"), "{out}");
    assert!(out.contains("NXDOMAIN") && out.contains("the public endpoint"), "{out}");
}

#[test]
fn equal_estates_do_not_differ() {
    let arguments = ["diff", "fixtures/batch-migration", "fixtures/batch-migration.estate"];
    let (status, out, _) = run_with(&arguments, "");
    assert_eq!(status, 0);
    assert!(out.contains("0 broken, 0 changed, 0 fixed, 0 unknown"), "{out}");
    assert!(out.contains("compared 7 networks"), "{out}");
}

#[test]
fn steps_that_cannot_be_made_say_why() {
    for (step, message) in [
        (["--unlink", "nowhere.test"], "no zone is named `nowhere.test`"),
        (["--unlink", "corp.internal@nowhere"], "no virtual network is named `nowhere`"),
        (["--link", "corp.internal@hub"], "already linked to a zone named `corp.internal`"),
        (["--put", "x.test A 10.0.0.1"], "no zone holds `x.test`"),
        (["--put", "nas.corp.internal A 10.0.0"], "expected an IPv4 address, found `10.0.0`"),
        (["--put", "nas.corp.internal CNAME a.test"], "an alias cannot stand beside other data"),
        (["--put", "corp.internal CNAME a.test"], "an alias cannot stand at the apex of a zone"),
        (["--put", "x.corp.internal A 0 10.0.0.1"], "refuses a time to live of 0: it is 1 to"),
        (["--create-zone", "azure.com"], "Azure reserves the name `azure.com`"),
        (["--create-zone", "foo"], "`foo` has 1 label: a private zone's name has 2 to 34"),
        (["--create-zone", "a*b.test"], "`a*b.test` has `*`: a private zone's name has letters"),
        (["--remove", "x.corp.internal A"], "there is no A set `x.corp.internal` to remove"),
    ] {
        let estate = "vnet hub\nzone corp.internal link hub\n  nas A 10.0.0.7\n";
        let (status, _, err) = run_with(&["plan", "-", step[0], step[1]], estate);
        assert_eq!(status, 2, "{step:?}");
        assert!(err.contains(message) && err.contains(step[1]), "{step:?}: {err}");
    }
    assert_eq!(run_with(&["plan", "fixtures/batch-migration"], "").0, 2);
}

/// Records first, then links, then the old zone goes: nobody who is known is lost.
#[test]
fn the_batch_move_loses_no_known_name_at_any_step() {
    let (status, out, err) = run_with(&["migrate", "batch", "-"], BREAK);
    assert_eq!((status, err.as_str()), (0, ""), "{out}");
    let steps: Vec<&str> = out.lines().filter(|line| line.starts_with("step ")).collect();
    assert_eq!(
        steps,
        [
            "step 1  record 1 record in privatelink.batch.azure.com",
            "step 2  unlink privatelink.westeurope.batch.azure.com from hub",
            "step 3  unlink privatelink.westeurope.batch.azure.com from spoke",
            "step 4  delete the zone privatelink.westeurope.batch.azure.com",
        ]
    );
    assert_eq!(out.matches("\n  GO").count(), 4, "{out}");
    assert!(out.contains("nslookup new.westeurope.batch.azure.com  # 10.0.0.6 (private)"), "{out}");
}

#[test]
fn a_move_is_written_to_be_run() {
    let emit = |form: &str| {
        let (status, out, err) = run_with(&["migrate", "batch", "-", "--emit", form], BREAK);
        assert_eq!((status, err.as_str()), (0, ""), "{out}");
        out
    };
    let az = emit("az");
    assert!(az.contains("\n1)\n  # record 1 record in"), "{az}");
    assert!(az.contains("-n old.westeurope -a 10.0.0.5"), "{az}");
    assert!(az.contains("back-1)\n"), "{az}");
    assert!(az.contains("  az network private-dns record-set a delete"), "{az}");
    assert!(
        az.contains("# then in hub: nslookup new.westeurope.batch.azure.com  (10.0.0.6 (private))"),
        "{az}"
    );
    let powershell = emit("powershell");
    assert!(powershell.contains("New-AzPrivateDnsRecordSet -ResourceGroupName 'RESOURCE_GROUP' -ZoneName 'privatelink.batch.azure.com' -Name 'old.westeurope' -RecordType A"), "{powershell}");
    let terraform = emit("terraform");
    assert!(
        terraform.contains("resource \"azurerm_private_dns_a_record\" \"old_westeurope\" {"),
        "{terraform}"
    );
    let zone_file = emit("zonefile");
    assert!(
        zone_file.contains("$ORIGIN privatelink.batch.azure.com.\nold.westeurope IN A 10.0.0.5\n"),
        "{zone_file}"
    );
}

/// What is written as changes breaks nobody when it is tried again, step by step.
#[test]
fn the_changes_of_a_move_are_tried_again() {
    let estates = [
        ("break", BREAK.to_owned()),
        ("fixture", std::fs::read_to_string("fixtures/batch-migration.estate").unwrap()),
    ];
    for (name, estate) in estates {
        // The fixture's whole move takes a while; a bridge is part of it already.
        let strategies = if name == "fixture" { &["unlink"][..] } else { &["unlink", "bridge"] };
        for strategy in strategies.iter().copied() {
            let path = directory(&format!("plan/again-{name}-{strategy}")).join("move.toml");
            let emit = format!("changes={}", path.display());
            let mut arguments =
                vec!["migrate", "batch", "-", "--strategy", strategy, "--emit", &emit];
            if name == "fixture" {
                arguments.extend(["--vnets", "hub,spoke-c,spoke-d"]);
            }
            let (_, first, err) = run_with(&arguments, &estate);
            assert!(path.exists(), "{first}{err}");
            let (status, out, err) =
                run_with(&["plan", "-", "--changes", path.to_str().unwrap()], &estate);
            assert!(status < 2, "{err}");
            assert!(!out.contains("STOP"), "{name} {strategy}\n{out}");
            let steps = |text: &str| text.lines().filter(|line| line.starts_with("step ")).count();
            assert_eq!(steps(&first), steps(&out), "{name} {strategy}");
        }
    }
}

/// A faulty order is refused, with the names and networks that go down.
#[test]
fn an_unsafe_plan_is_not_written() {
    let unlink = format!("{OLD}@spoke");
    let copy = "old.westeurope.privatelink.batch.azure.com A 10.0.0.5";
    let plan = ["plan", "-", "--unlink", &unlink, "--put", copy, "--emit", "az"];
    let (status, out, err) = run_with(&plan, BREAK);
    assert_eq!((status, out.as_str()), (2, ""));
    assert!(err.contains("unsafe plan, nothing is written"), "{err}");
    assert!(err.contains("step 1: old.westeurope.batch.azure.com from spoke"), "{err}");
    let accept = [&plan[..], &["--accept-broken", "old.westeurope.batch.azure.com"]].concat();
    assert_eq!(run_with(&accept, BREAK).0, 1);
}

/// The old regional zone stays, with an alias for each account that it lacks.
#[test]
fn a_bridge_keeps_the_old_zone() {
    let (status, out, _) = run_with(&["migrate", "batch", "-", "--strategy", "bridge"], BREAK);
    assert_eq!(status, 0, "{out}");
    assert!(
        out.contains("step 2  bridge 1 name from privatelink.westeurope.batch.azure.com"),
        "{out}"
    );
    assert!(out.contains("+ new.westeurope.batch.azure.com"), "{out}");
    assert!(!out.contains("unlink"), "{out}");
}

/// Zones below the global one hide it, in every service that had them.
#[test]
fn other_services_have_old_zones_too() {
    for (service, child, owner, public) in [
        (
            "redis-enterprise",
            "eastus.privatelink.redisenterprise.cache.azure.net",
            "c",
            "c.eastus.redisenterprise.cache.azure.net",
        ),
        (
            "container-registry",
            "eastus.data.privatelink.azurecr.io",
            "r",
            "r.eastus.data.azurecr.io",
        ),
        ("app-service", "scm.privatelink.azurewebsites.net", "a", "a.scm.azurewebsites.net"),
    ] {
        let global = child.split_once("privatelink").unwrap().1;
        let estate = format!(
            "vnet hub\nzone privatelink{global} link hub\nzone {child} link hub\n  {owner} A 10.0.0.5\npublic endpoint {public}\n"
        );
        let (status, out, err) = run_with(&["migrate", service, "-"], &estate);
        assert!(status < 2, "{err}");
        let steps: Vec<&str> = out.lines().filter(|line| line.starts_with("step ")).collect();
        assert_eq!(steps.len(), 3, "{out}");
        assert!(steps[0].contains("record 1 record in privatelink"), "{out}");
        assert!(!out.contains("STOP") && out.contains(" 0 broken"), "{out}");
    }
    assert_eq!(run_with(&["migrate", "nothing", "-"], "vnet hub\n").0, 2);
}

/// Without a global zone it is made; a forwarder for the old one is to be decided on.
#[test]
fn the_global_zone_is_made_where_there_is_none() {
    let estate = "vnet hub\nzone privatelink.eastus.batch.azure.com group rg link hub\n  a A 10.0.0.5\npublic batch a.eastus\n";
    let (_, out, _) = run_with(&["migrate", "batch", "-"], estate);
    assert!(out.contains("step 1  make the zone privatelink.batch.azure.com"), "{out}");
    assert!(!out.contains("STOP"), "{out}");
    let (_, az, err) = run_with(&["migrate", "batch", "-", "--emit", "az"], estate);
    assert!(
        az.contains("az network private-dns zone create -g rg -n privatelink.batch.azure.com"),
        "{az}{err}"
    );
}

/// A network without the global zone loses other tenants' accounts when it is linked,
/// unless the link falls back.
#[test]
fn linking_the_global_zone_is_looked_at() {
    let estate = BREAK.replace("link hub  link spoke\n  new", "link hub\n  new");
    let (status, out, _) = run_with(&["migrate", "batch", "-"], &estate);
    assert_eq!(status, 1);
    assert!(out.contains("  LOOK: unlisted names are lost"), "{out}");
    assert!(!out.contains("STOP"), "{out}");
    assert!(out.contains("- <any other name>.<any other region>.batch.azure.com"), "{out}");
    let (status, out, _) = run_with(&["migrate", "batch", "-", "--fallback"], &estate);
    assert_eq!(status, 0, "{out}");
}

/// What nobody can decide but the owner is said first.
#[test]
fn the_batch_move_asks_what_is_open() {
    let estate = format!("{BREAK}zone privatelink.batch.usgovcloudapi.net\n");
    let conflict = estate.replace("old  A  10.0.0.5", "old  A  10.0.0.5\n  new  A  10.0.0.9");
    let (status, out, _) = run_with(&["migrate", "batch", "-"], &conflict);
    assert_eq!(status, 1);
    let first = out.lines().next().unwrap();
    assert!(
        first.starts_with(
            "to be decided first: `new.westeurope.privatelink.batch.azure.com` is 10.0.0.9"
        ),
        "{first}"
    );
    assert!(
        run_with(&["migrate", "batch", "-"], "vnet hub\n").1.contains("there is nothing to move")
    );
}

/// What was not read may be anything: nothing is planned beside it.
#[test]
fn the_batch_move_waits_for_a_whole_export() {
    let unread = |zone: &str| BREAK.replace(zone, &format!("{zone}  unread"));
    for (estate, message) in [
        (unread("link hub  link spoke\n  new"), "to be decided first"),
        (
            BREAK.replace("link hub  link spoke\n  old", "link hub  link spoke  partial\n  old"),
            "was not read in full",
        ),
        (
            BREAK.replace("link hub  link spoke\n  new", "link hub:pending  link spoke\n  new"),
            "is not operational yet",
        ),
    ] {
        let (status, out, _) = run_with(&["migrate", "batch", "-"], &estate);
        assert!(status == 1 || status == 2, "{out}");
        assert!(out.contains(message) || status == 2, "{out}");
        assert!(
            !out.contains("unlink privatelink.westeurope.batch.azure.com from hub\n  "),
            "{out}"
        );
    }
    let (status, _, err) = run_with(&["migrate", "batch", "-", "--regions", "nosuch"], BREAK);
    assert!(
        status == 2 && err.contains("no old zone of Azure Batch is for the region `nosuch`"),
        "{err}"
    );
}

/// A private address that turns public, or an answer that becomes unknown, is no GO.
#[test]
fn what_ends_public_or_unknown_is_looked_at() {
    let estate = "vnet hub\nzone privatelink.vaultcore.azure.net link hub\n  kv A 10.0.0.5\npublic vault kv\n";
    let (status, out, _) =
        run_with(&["plan", "-", "--unlink", "privatelink.vaultcore.azure.net@hub"], estate);
    assert_eq!(status, 1);
    assert!(out.contains("(private → public)") && out.contains("LOOK"), "{out}");
    let estate = "vnet hub\nzone corp.internal link hub\n  nas A 10.0.0.7\n";
    let (status, out, _) = run_with(&["plan", "-", "--unlink", "corp.internal@hub"], estate);
    assert!(status == 1 && out.contains("STOP"), "{out}");
}

#[test]
fn a_diff_is_a_difference_and_nothing_in_common_is_an_error() {
    let directory = directory("plan/diff");
    let write = |name: &str, text: &str| {
        let path = directory.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let a = write("a.estate", "vnet hub\nzone corp.internal link hub\n  nas A 10.0.0.7\n");
    let b = write("b.estate", "vnet hub\nzone corp.internal link hub\n  nas A 10.0.0.8\n");
    let c = write("c.estate", "vnet other\nzone corp.internal link other\n");
    assert_eq!(run_with(&["diff", &a, &a], "").0, 0);
    let (status, out, _) = run_with(&["diff", &a, &b], "");
    assert!(status == 1 && out.contains("~ nas.corp.internal"), "{out}");
    let (status, _, err) = run_with(&["diff", &a, &c], "");
    assert!(status == 2 && err.contains("no virtual network is in both"), "{err}");
}

#[test]
fn azure_refuses_fallback_elsewhere_and_keeps_the_soa() {
    let estate = "vnet hub\nzone corp.internal link hub\n  nas A 10.0.0.7\n";
    for step in [["--fallback", "corp.internal@hub"], ["--remove", "corp.internal SOA"]] {
        assert_eq!(run_with(&["plan", "-", step[0], step[1]], estate).0, 2);
    }
}

/// A file under the directory of a test.
fn file(test: &str, name: &str, text: &str) -> String {
    let path = directory(test).join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_file_of_changes_says_what_the_options_say() {
    let path = file(
        "plan/changes",
        "move.toml",
        "[[steps]]\ntitle = \"copy\"\nchanges = [\n  { action = \"put\", name = \"old.westeurope.privatelink.batch.azure.com\", type = \"A\", data = \"10.0.0.5\" },\n]\n\
         [[steps]]\nchanges = [\n  { action = \"unlink\", zone = \"privatelink.westeurope.batch.azure.com\", vnet = \"spoke\" },\n  { action = \"unlink\", zone = \"privatelink.westeurope.batch.azure.com\", vnet = \"hub\" },\n]\n",
    );
    let (status, out, err) = run_with(&["plan", "-", "--changes", &path], BREAK);
    assert_eq!((status, err.as_str()), (0, ""), "{out}");
    assert!(out.starts_with("step 1  copy\n"), "{out}");
    let second = "step 2  unlink privatelink.westeurope.batch.azure.com from spoke, unlink \
                  privatelink.westeurope.batch.azure.com from hub\n";
    assert!(out.contains(second), "{out}");
    assert!(
        out.contains("  rollback  link privatelink.westeurope.batch.azure.com to hub\n"),
        "{out}"
    );
}

#[test]
fn what_is_wrong_in_a_file_of_changes_is_shown_at_its_place() {
    let text =
        "changes = [\n  { action = \"unlink\", zone = \"nowhere.test\", vnet = \"hub\" },\n]\n";
    let path = file("plan/wrong-zone", "c.toml", text);
    let (status, _, err) = run_with(&["plan", "-", "--changes", &path], BREAK);
    assert_eq!(status, 2);
    assert!(err.contains("no zone is named `nowhere.test`"), "{err}");
    assert!(err.contains("c.toml:2:3"), "{err}");
    let path = file(
        "plan/wrong-key",
        "c.json",
        "{\"changes\": [\n {\"action\": \"unlink\", \"zon\": \"a\"}]}",
    );
    let (status, _, err) = run_with(&["plan", "-", "--changes", &path], BREAK);
    assert_eq!(status, 2);
    assert!(err.contains("`unlink` takes zone, vnet, found `zon`"), "{err}");
    assert!(err.contains("c.json:2:24"), "{err}");
}

/// A network cannot be linked to two zones of one name, so it sees neither for a while.
#[test]
fn merging_zones_of_one_name_shows_the_window() {
    let estate = "\
vnet hub
vnet spoke
zone privatelink.blob.core.windows.net group rg-hub link hub
  a A 10.0.0.5
zone privatelink.blob.core.windows.net group rg-spoke link spoke
  b A 10.0.0.6
  a A 10.0.0.9
";
    let zone = "privatelink.blob.core.windows.net";
    let (status, _, err) = run_with(&["plan", "-", "--merge", zone, "--into", zone], estate);
    assert_eq!(status, 2);
    assert!(err.contains(&format!("write rg-hub/{zone} or rg-spoke/{zone}")), "{err}");
    let (from, into) = (format!("rg-spoke/{zone}"), format!("rg-hub/{zone}"));
    let (status, out, _) = run_with(&["plan", "-", "--merge", &from, "--into", &into], estate);
    assert_eq!(status, 1);
    let steps: Vec<&str> = out.lines().filter(|line| line.starts_with("step ")).collect();
    assert_eq!(steps.len(), 3, "{out}");
    assert!(steps[1].ends_with("unlink rg-spoke/privatelink.blob.core.windows.net from spoke"));
    assert!(steps[2].ends_with("link rg-hub/privatelink.blob.core.windows.net to spoke"));
    assert!(
        out.contains(
            "  look      `a.privatelink.blob.core.windows.net` A is 10.0.0.9 in rg-spoke/"
        ),
        "{out}"
    );
    // Between the two the records are not seen at all.
    let window = out.split("step 2").nth(1).unwrap().split("step 3").next().unwrap();
    assert!(window.contains("~ b.blob.core.windows.net  A, AAAA"), "{window}");
    assert!(window.contains("(private → public)"), "{window}");
}

const ENDPOINTS: &str = "\
vnet hub
zone privatelink.batch.azure.com link hub
zone privatelink.westeurope.batch.azure.com link hub
  acct A !creator \"created by private endpoint pe-acct with resource guid 1\" 10.0.0.5
resource acct type Microsoft.Batch/batchAccounts id /subscriptions/s/resourceGroups/g/providers/Microsoft.Batch/batchAccounts/acct
  acct.westeurope.batch.azure.com batchAccount endpoint
endpoint pe-acct vnet hub group batchAccount target /subscriptions/s/resourceGroups/g/providers/Microsoft.Batch/batchAccounts/acct zone-group privatelink.westeurope.batch.azure.com
  acct.westeurope.batch.azure.com 10.0.0.5
";

#[test]
fn a_deleted_endpoint_takes_its_records_along() {
    let delete = ["plan", "-", "--delete-endpoint", "pe-acct"];
    let (status, out, err) = run_with(&delete, ENDPOINTS);
    assert_eq!((status, err.as_str()), (1, ""), "{out}");
    assert!(out.contains("- acct.westeurope.batch.azure.com  A"), "{out}");
    assert!(out.contains("after   NXDOMAIN: acct.privatelink.westeurope.batch.azure.com"), "{out}");
    assert!(out.contains("  assumes   alias-after-endpoint ("), "{out}");
    assert!(
        out.contains("  rollback  none: delete the private endpoint pe-acct cannot be taken back"),
        "{out}"
    );
    let (_, out, _) =
        run_with(&[&delete[..], &["--assume", "alias-after-endpoint=goes"]].concat(), ENDPOINTS);
    assert!(out.contains("after   the public endpoint"), "{out}");
}

#[test]
fn another_endpoint_of_the_same_resource_is_told_of() {
    let line = ENDPOINTS.lines().find(|line| line.starts_with("endpoint")).unwrap();
    let second = line.replace("pe-acct", "pe-second");
    let estate = format!("{ENDPOINTS}{second}\n  acct.westeurope.batch.azure.com 10.0.0.6\n");
    let (_, out, _) = run_with(&["plan", "-", "--delete-endpoint", "pe-acct"], &estate);
    assert!(out.contains("  look      `pe-second` serves the same resource"), "{out}");
}

#[test]
fn a_zone_added_to_a_group_leaves_no_gap_and_a_group_made_anew_does() {
    let add = ["plan", "-", "--add-to-group", "pe-acct=privatelink.batch.azure.com"];
    let (status, out, _) = run_with(&add, ENDPOINTS);
    assert_eq!(status, 0, "{out}");
    assert!(out.contains("+ acct.westeurope.privatelink.batch.azure.com"), "{out}");
    assert!(out.contains("  assumes   group-edit ("), "{out}");
    let recreated = [&add[..], &["--assume", "group-edit=recreated"]].concat();
    let (status, out, _) = run_with(&recreated, ENDPOINTS);
    assert_eq!(status, 1);
    assert!(out.contains("step 1  add-to-group") && out.contains("STOP"), "{out}");
    let whole = out.split("plan as a whole").nth(1).unwrap();
    assert!(whole.contains("  0 broken"), "{whole}");
    let remove = ["plan", "-", "--remove-from-group", "pe-acct"];
    assert!(run_with(&remove, ENDPOINTS).1.contains("- acct.westeurope.batch.azure.com  A"));
}

/// A missing record that fallback hides is no mended name.
#[test]
fn an_error_of_an_own_name_that_turns_public_is_not_fixed() {
    let estate = ENDPOINTS.replace(
        "  acct A !creator \"created by private endpoint pe-acct with resource guid 1\" 10.0.0.5\n",
        "",
    );
    let fallback = [
        "plan",
        "-",
        "--fallback",
        "privatelink.westeurope.batch.azure.com@hub",
        "--fallback",
        "privatelink.batch.azure.com@hub",
        "--format",
        "json",
    ];
    let (status, out, _) = run_with(&fallback, &estate);
    assert_eq!(status, 1, "{out}");
    let report: Value = serde_json::from_str(&out).unwrap();
    let effects = report["effects"].as_array().unwrap();
    let own = effects.iter().find(|effect| {
        effect["name"] == "acct.westeurope.batch.azure.com." && effect["type"] == "A"
    });
    let own = own.unwrap();
    assert_eq!(
        (own["kind"].as_str(), own["verdict"].as_str()),
        (Some("none-to-public"), Some("changed"))
    );
    assert_eq!(report["steps"][1]["advice"], "LOOK");
    // The same of a link that keeps what else it has.
    assert_eq!(report["steps"][0]["rollback"][0]["redirect"], false);
}

#[test]
fn caches_and_links_are_waited_for() {
    let estate = "\
vnet hub
vnet spoke
zone corp.test link hub
  @ SOA 3600 a.test b.test 1 3600 300 2419200 30
  nas A 600 10.0.0.7
";
    let (_, out, err) = run_with(&["plan", "-", "--put", "nas.corp.test A 60 10.0.0.8"], estate);
    assert!(out.contains("caches  keep the old answer for up to 600 s"), "{out}{err}");
    assert!(out.contains("WAIT 00:10: caches keep old answers for up to 600 s"), "{out}");
    let (_, out, _) = run_with(&["plan", "-", "--put", "new.corp.test A 60 10.0.0.8"], estate);
    assert!(out.contains("GO, then WAIT 00:01: caches keep old answers for up to 30 s"), "{out}");
    let (status, out, _) = run_with(&["plan", "-", "--put", "nas.corp.test A 60 10.0.0.7"], estate);
    assert!(status == 0 && out.contains("(time to live only)"), "{out}");
    let (_, out, _) = run_with(&["plan", "-", "--link", "corp.test@spoke"], estate);
    assert!(out.contains("until the link is `Completed`"), "{out}");
}

/// Each effect names the change of its step that makes it.
#[test]
fn each_effect_has_its_cause() {
    let estate = "vnet hub\nvnet spoke\nzone a.test link hub\n  x A 10.0.0.1\n  y A 10.0.0.2\nzone b.test link hub\n  z A 10.0.0.3\n";
    let text = "[[steps]]\nchanges = [\n { action = \"remove\", name = \"x.a.test\", type = \"A\" },\n { action = \"put\", name = \"y.a.test\", type = \"A\", data = \"10.0.0.9\" },\n { action = \"unlink\", zone = \"b.test\", vnet = \"hub\" },\n]\n";
    let path = file("plan/cause", "c.toml", text);
    let (_, out, _) = run_with(&["plan", "-", "--changes", &path, "--format", "json"], estate);
    let report: Value = serde_json::from_str(&out).unwrap();
    let cause = |name: &str| {
        let effects = report["steps"][0]["effects"].as_array().unwrap();
        let effect = effects.iter().find(|one| one["name"] == name && one["type"] == "A").unwrap();
        effect["cause"].as_u64().unwrap()
    };
    assert_eq!([cause("x.a.test."), cause("y.a.test."), cause("z.b.test.")], [1, 2, 3]);
    let (_, out, _) = run_with(&["plan", "-", "--changes", &path], estate);
    assert!(out.contains("because remove x.a.test A from a.test"), "{out}");
}

#[test]
fn deleted_and_new_zones_are_gone_and_there() {
    let estate = "vnet hub\nzone a.test link hub\n  x A 10.0.0.1\nzone b.a.test link hub\n";
    let steps = [
        "plan",
        "-",
        "--delete-zone",
        "b.a.test",
        "--create-zone",
        "rg/b.a.test",
        "--put",
        "y.b.a.test A 10.0.0.2",
        "--link",
        "b.a.test@hub",
    ];
    let (status, out, err) = run_with(&steps, estate);
    assert_eq!((status, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("+ y.b.a.test  A"), "{out}");
    assert!(
        run_with(&["plan", "-", "--create-zone", "a.test"], estate)
            .2
            .contains("there is a zone `a.test` already")
    );
}

/// Only what decides nothing may go.
#[test]
fn what_a_thing_decides_is_told_before_it_goes() {
    let (status, out, _) = run_with(&["uses", "-", OLD], BREAK);
    assert_eq!(status, 1);
    assert!(out.starts_with("`privatelink.westeurope.batch.azure.com` decides "), "{out}");
    assert!(out.contains("- old.westeurope.batch.azure.com  A"), "{out}");
    let link = format!("{OLD}@spoke");
    assert!(run_with(&["uses", "-", &link], BREAK).1.contains(" in 1 network; without it:"));
    let (status, out, _) =
        run_with(&["uses", "-", "old.privatelink.westeurope.batch.azure.com A"], BREAK);
    assert!(status == 1 && out.contains("- old.westeurope.batch.azure.com"), "{out}");
    let unlinked = "vnet hub\nzone a.test\n  x A 10.0.0.1\nzone b.test link hub\n";
    let (status, out, _) = run_with(&["uses", "-", "a.test"], unlinked);
    assert_eq!(status, 0, "{out}");
    assert!(out.contains("decides nothing: without it every answer stays in 1 network"), "{out}");
    assert_eq!(run_with(&["uses", "-", "pe-acct"], ENDPOINTS).0, 1);
    assert!(
        run_with(&["uses", "-", "nothing.test"], BREAK)
            .2
            .contains("no zone, private endpoint, forwarding ruleset, DNS server")
    );
}

/// A zone group that a plan takes away takes its records along; what is known after the apply
/// only is said.
#[test]
fn a_plan_of_terraform_is_tried() {
    let resource = |kind: &str,
                    name: &str,
                    actions: &str,
                    before: &str,
                    after: &str,
                    unknown: &str| {
        format!(
            r#"{{"address": "{kind}.{name}", "mode": "managed", "type": "{kind}", "name": "{name}",
            "change": {{"actions": [{actions}], "before": {before}, "after": {after}, "after_unknown": {unknown}}}}}"#
        )
    };
    let plan = |resources: &[String]| {
        format!(r#"{{"format_version": "1.2", "resource_changes": [{}]}}"#, resources.join(", "))
    };
    let group =
        |zones: &str| format!(r#"{{"name": "pe-acct", "private_dns_zone_group": [{zones}]}}"#);
    let text = plan(&[
        resource(
            "azurerm_private_endpoint",
            "pe",
            "\"update\"",
            &group(r#"{"private_dns_zone_ids": ["privatelink.westeurope.batch.azure.com"]}"#),
            &group(""),
            "{}",
        ),
        resource(
            "azurerm_private_dns_a_record",
            "later",
            "\"create\"",
            "null",
            r#"{"name": "b.westeurope", "zone_name": "privatelink.batch.azure.com", "ttl": 10}"#,
            r#"{"records": true}"#,
        ),
        resource(
            "azurerm_private_dns_a_record",
            "known",
            "\"create\"",
            "null",
            r#"{"name": "c.westeurope", "zone_name": "privatelink.batch.azure.com", "ttl": 10, "records": ["10.0.0.7"]}"#,
            "{}",
        ),
    ]);
    let path = file("plan/terraform", "plan.json", &text);
    let (status, out, err) = run_with(&["plan", "-", "--terraform-plan", &path], ENDPOINTS);
    assert_eq!((status, err.as_str()), (1, ""), "{out}");
    assert!(out.starts_with("step 1  Terraform: what goes\n"), "{out}");
    assert!(out.contains("- acct.westeurope.batch.azure.com  A"), "{out}");
    assert!(out.contains("STOP"), "{out}");
    assert!(out.contains("step 2  Terraform: what comes or is changed"), "{out}");
    assert!(out.contains("+ c.westeurope.privatelink.batch.azure.com"), "{out}");
    let later =
        "look      `azurerm_private_dns_a_record.later` is not tried: its records are known after";
    assert!(out.contains(later), "{out}");
    let wrong = file("plan/terraform-wrong", "plan.json", "{\"values\": {}}");
    let (status, _, err) = run_with(&["plan", "-", "--terraform-plan", &wrong], ENDPOINTS);
    assert!(status == 2 && err.contains("expected `resource_changes`"), "{err}");
}

/// Two networks; the hub's clients have rules, on premises there is a server.
const RULES: &str = "\
vnet hub space 10.1.0.0/16
vnet spoke
site hq dns 10.9.0.10
server dc site hq address 10.9.0.10
  zone corp.test
  record nas.corp.test A 10.9.1.7
ruleset rules group rg link hub
  corp.test !name corp 10.9.0.10
zone privatelink.blob.core.windows.net link hub link spoke
  a A 10.0.0.5
";

#[test]
fn rules_and_their_links_can_be_tried() {
    let plan = |steps: &[&str]| run_with(&[&["plan", "-"], steps].concat(), RULES);
    let (status, out, err) = plan(&["--remove-rule", "rules corp.test"]);
    assert_eq!((status, err.as_str()), (1, ""), "{out}");
    assert!(out.contains("? nas.corp.test  A") && out.contains("from hub\n"), "{out}");
    let back = "  rollback  let the ruleset rules forward corp.test to 10.9.0.10:53\n";
    assert!(out.contains(back), "{out}");
    let (status, out, _) =
        plan(&["--unlink-ruleset", "rules@hub", "--link-ruleset", "rules@spoke"]);
    assert_eq!(status, 1);
    let second = out.split("step 2").nth(1).unwrap().split("plan as a whole").next().unwrap();
    assert!(second.contains("nas.corp.test  A") && second.contains("from spoke"), "{second}");
    assert!(second.contains("until the link is `Completed`"), "{second}");
    // A rule for the public name takes it away from the zone.
    let (status, out, _) = plan(&["--add-rule", "rules blob.core.windows.net 10.9.0.10"]);
    assert_eq!(status, 1);
    assert!(
        out.contains("~ a.blob.core.windows.net  A") && out.contains("private → public"),
        "{out}"
    );
    let az = plan(&["--add-rule", "rules b.test 10.9.0.10,10.9.0.11:5353", "--emit", "az"]).1;
    let create = "az dns-resolver forwarding-rule create -g rg --ruleset-name rules -n b-test \
                  --domain-name b.test. --forwarding-rule-state Enabled --target-dns-servers \
                  '[{ip-address:10.9.0.10,port:53},{ip-address:10.9.0.11,port:5353}]'\n";
    assert!(az.contains(create), "{az}");
    assert!(az.contains("forwarding-rule delete -g rg --ruleset-name rules -n b-test -y"), "{az}");
    for (step, message) in [
        (["--link-ruleset", "rules@hub"], "`hub` is already linked to the ruleset `rules`"),
        (["--add-rule", "rules b.test 168.63.129.16"], "cannot be the target of a rule"),
        (["--add-rule", "rules b.test"], "expected the addresses of servers"),
        (["--add-rule", "rules b.test 10.9"], "expected ADDRESS or ADDRESS:PORT, found `10.9`"),
        (["--remove-rule", "rules b.test"], "there is no rule for `b.test` to remove"),
        (["--unlink-ruleset", "others"], "no forwarding ruleset is named `others`"),
    ] {
        let (status, _, err) = plan(&step);
        assert!(status == 2 && err.contains(message), "{step:?}: {err}");
    }
}

#[test]
fn changes_of_rules_are_written_and_read() {
    let steps = [
        "plan",
        "-",
        "--add-rule",
        "rules b.test 10.9.0.10:5353",
        "--remove-rule",
        "rules corp.test",
        "--unlink-ruleset",
        "rules@hub",
        "--link-ruleset",
        "rules@spoke",
        "--emit",
        "changes",
    ];
    let (_, written, err) = run_with(&steps, RULES);
    let path = file("plan/rules", "c.toml", &written);
    let again = ["plan", "-", "--changes", &path, "--emit", "changes"];
    let (_, out, more) = run_with(&again, RULES);
    assert_eq!(out, written, "{err}{more}");
    assert!(written.contains("targets = [\"10.9.0.10:5353\"]"), "{written}");
}

/// Rules and links of rulesets decide, too; what nobody knows is not green.
#[test]
fn only_what_is_known_to_decide_nothing_may_go() {
    let uses = |thing: &str, estate: &str| run_with(&["uses", "-", thing], estate);
    for thing in ["rules/corp.test", "rules@hub", "rules"] {
        let (status, out, err) = uses(thing, RULES);
        assert_eq!((status, err.as_str()), (1, ""), "{thing}");
        assert!(out.starts_with(&format!("`{thing}` decides ")), "{out}");
        assert!(out.contains("nas.corp.test  A"), "{out}");
    }
    let idle = RULES.replace("ruleset rules group rg link hub", "ruleset rules group rg");
    let (status, out, _) = uses("rules/corp.test", &idle);
    assert!(status == 0 && out.contains("decides nothing: without it"), "{out}");
    // A server that nobody modelled may sit where the zone is seen.
    let stranger = "vnet hub\nvnet spoke dns 10.9.9.9\nzone a.test link spoke\n  x A 10.0.0.1\n";
    let (status, out, _) = uses("a.test@spoke", stranger);
    assert_eq!(status, 1, "{out}");
    assert!(
        out.starts_with("`a.test@spoke` decides nothing that is known, but not all is known:\n")
            && out.contains("  ? spoke: the network's clients ask 10.9.9.9, which is not modelled"),
        "{out}"
    );
    // So may a link that was not read.
    let unread = "vnet hub\nzone a.test links-missing\n  x A 10.0.0.1\n";
    let (status, out, _) = uses("a.test", unread);
    assert!(status == 1 && out.contains("zone `a.test` may be linked"), "{out}");
}

/// Azure removes the records of a network's machines with its registration link, for all who see
/// the zone ("What is the autoregistration feature", read 2026-11).
#[test]
fn what_machines_registered_goes_with_the_link() {
    let hub =
        "vnet hub space 10.0.0.0/16\nvnet sp1 space 10.1.0.0/16\nvnet sp2 space 10.2.0.0/16\n";
    let zone = "zone reg.test link hub link sp1:registration link sp2:registration\n  \
                vm1 A !registered 10.1.0.5\n  vm2 A !registered 10.2.0.5\n  by-hand A 10.1.0.5\n";
    let estate = format!("{hub}{zone}");
    let plan = ["plan", "-", "--unlink", "reg.test@sp1"];
    let (status, out, _) = run_with(&plan, &estate);
    assert!(
        status == 1 && out.contains("- vm1.reg.test  A, AAAA, CNAME, TXT  from hub, sp2"),
        "{out}"
    );
    assert!(!out.contains("- vm2.reg.test") && !out.contains("- by-hand"), "{out}");
    let (status, out, _) = run_with(&["uses", "-", "reg.test@sp1"], &estate);
    assert!(status == 1 && out.contains("- vm1.reg.test"), "{out}");
    // A link that registers nothing takes nothing.
    let (_, out, _) = run_with(&["plan", "-", "--unlink", "reg.test@hub"], &estate);
    assert!(!out.contains("from sp1"), "{out}");
    // Whose they are nothing tells: no space, no interface.
    let unclear = estate.replace(" space 10.1.0.0/16", "").replace(" space 10.2.0.0/16", "");
    let (status, out, _) = run_with(&plan, &unclear);
    let look =
        "look      `vm1.reg.test` and 1 more are registered, by a machine of sp1 or of another";
    assert!(status == 1 && out.contains(look), "{out}");
    // An interface tells.
    let told = format!(
        "{unclear}nic n1 vnet sp1 address 10.1.0.5 vm vm1\n\
                        nic n2 vnet sp2 address 10.2.0.5 vm vm2\n"
    );
    let (_, out, _) = run_with(&plan, &told);
    assert!(out.contains("- vm1.reg.test") && !out.contains("are registered, by"), "{out}");
    // Of one link all that is registered is its.
    let one = zone.replace(" link sp2:registration", "");
    let (_, out, _) = run_with(&plan, &format!("vnet hub\nvnet sp1\n{one}"));
    assert!(out.contains("- vm2.reg.test  A, AAAA, CNAME, TXT  from hub"), "{out}");
}

/// A name whose addresses fare less badly than its other records is no less broken.
#[test]
fn what_is_lost_of_another_type_than_addresses_counts() {
    let estate = "vnet hub\nzone ad.test link hub\n  _ldap._tcp SRV 10 0 0 389 dc.ad.test\n  dc A 10.0.0.4\n";
    let plan = ["plan", "-", "--remove", "_ldap._tcp.ad.test SRV"];
    let (status, out, _) = run_with(&plan, estate);
    assert!(status == 1 && out.contains("  1 broken, "), "{out}");
    assert!(out.contains("  - _ldap._tcp.ad.test  SRV  from hub\n"), "{out}");
    let (_, out, _) = run_with(&[&plan[..], &["--format", "json"]].concat(), estate);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["steps"][0]["summary"]["broken"], 1);
}

/// A zone file has no word for what was registered.
#[test]
fn what_a_zone_file_leaves_open_of_machines_is_looked_at() {
    let networks = "vnet hub space 10.0.0.0/16\nvnet sp1 space 10.1.0.0/16\n\
                    zone reg.test link sp1:registration unread\n";
    let estate = directory("plan/registered");
    std::fs::write(estate.join("networks.estate"), networks).unwrap();
    let zone = "$ORIGIN reg.test.\n@ 3600 IN SOA azureprivatedns.net. host.test. 1 3600 300 86400 10\n\
                vm1 10 IN A 10.1.0.5\nother 10 IN A 10.9.0.5\n";
    std::fs::write(estate.join("reg.test.zone"), zone).unwrap();
    let plan = ["plan", estate.to_str().unwrap(), "--unlink", "reg.test@sp1"];
    let (status, out, _) = run_with(&plan, "");
    let look = "look      `vm1.reg.test` may be registered by machines of sp1, and would go";
    assert!(status == 1 && out.contains(look), "{out}");
}

/// One definition of what is settled: `uses`, `plan` and `diff` agree.
#[test]
fn who_may_ask_where_a_step_changes_something_is_looked_at() {
    let estate = "vnet hub space 10.0.0.0/16\nvnet sp1 space 10.1.0.0/16 dns 10.0.0.53\n\
                  vnet sp2 space 10.2.0.0/16\nzone a.test link hub link sp1 link sp2\n  x A 10.0.0.9\n";
    let partial = "server fw vnet hub address 10.0.0.53 partial\n  forward . 168.63.129.16\n";
    for server in ["", partial] {
        let estate = format!("{estate}{server}");
        let look = "nobody can say what the clients of sp1 get, before and after: ";
        // Its own link, and that of the network where the server sits.
        for (vnet, doubted) in [("sp1", true), ("hub", true), ("sp2", false)] {
            let link = format!("a.test@{vnet}");
            let (status, out, _) = run_with(&["plan", "-", "--unlink", &link], &estate);
            assert_eq!(out.contains(look), doubted, "{vnet}\n{out}");
            assert!(!doubted || (status == 1 && !out.contains("\n  GO")), "{out}");
            let (status, out, _) = run_with(&["uses", "-", &link], &estate);
            assert_eq!(out.contains("  ? sp1: "), doubted, "{vnet}\n{out}");
            assert_eq!(status, 1, "{out}");
            let before = file("plan/settled-before", "one.estate", &estate);
            let after = estate.replace(&format!(" link {vnet}"), "");
            let after = file("plan/settled-after", "two.estate", &after);
            for (one, other) in [(&before, &after), (&after, &before)] {
                let (status, out, _) = run_with(&["diff", one, other], "");
                assert_eq!(out.contains(look), doubted, "{vnet}\n{out}");
                assert_eq!(status, 1, "{out}");
            }
        }
    }
    // A set that comes takes nothing from anybody; nor does another time to live.
    for put in ["y.a.test A 10.0.0.1", "x.a.test A 99 10.0.0.9"] {
        let (status, out, _) = run_with(&["plan", "-", "--put", put], estate);
        assert!(status == 0 && out.contains("\n  GO"), "{out}");
    }
}

/// What the checker calls impossible is refused before it is tried.
#[test]
fn what_is_beyond_limits_is_refused() {
    let estate = "vnet hub location \"West Europe\"\nvnet us location eastus\n\
                  zone a.test group g link hub:registration\nzone b.test group g\n\
                  zone 10.in-addr.arpa group g\nruleset rs location westeurope\n  c.test 10.9.9.9\n";
    let addresses = |count: usize| {
        let all = (1..=count).map(|at| format!("10.0.0.{at}"));
        all.collect::<Vec<_>>().join(" ")
    };
    let registering = |zone: &str, vnet: &str| {
        let text = format!(
            "changes = [ {{ action = \"link\", zone = \"{zone}\", vnet = \"{vnet}\", registration = true }} ]\n"
        );
        file("plan/registering", &format!("{zone}-{vnet}.toml"), &text)
    };
    let refused = |step: [&str; 2], why: &str| {
        let (status, out, err) = run_with(&["plan", "-", step[0], step[1]], estate);
        assert!(status == 2 && err.contains(why), "{step:?}\n{out}{err}");
    };
    refused(
        ["--changes", &registering("b.test", "hub")],
        "`hub` already registers its machines in",
    );
    refused(["--changes", &registering("10.in-addr.arpa", "us")], "is a reverse zone, in which no");
    refused(["--put", &format!("x.a.test A {}", addresses(21))], "21, and Azure allows 20");
    refused(["--add-rule", &format!("rs d.test {}", addresses(7))], "7, and Azure allows 6");
    refused(["--link-ruleset", "rs@us"], "Azure links none across regions");
    for step in [
        ["--changes", &registering("b.test", "us")],
        ["--put", &format!("x.a.test A {}", addresses(20))],
        ["--add-rule", &format!("rs d.test {}", addresses(6))],
        ["--link-ruleset", "rs@hub"],
    ] {
        let (status, out, err) = run_with(&["plan", "-", step[0], step[1]], estate);
        assert!(status < 2 && err.is_empty(), "{step:?}\n{out}{err}");
    }
}

/// A zone that no network asks is still written to.
#[test]
fn who_writes_to_a_zone_that_goes_is_told() {
    let estate = "vnet hub\nzone privatelink.vaultcore.azure.net group old\n  kv1 A 10 10.0.0.9\n\
                  endpoint pe1 vnet hub group vault zone-group old/privatelink.vaultcore.azure.net\n  \
                  kv1.vault.azure.net 10.0.0.9\n";
    let zone = "privatelink.vaultcore.azure.net";
    let told = "the zone group of `pe1` writes to `privatelink.vaultcore.azure.net`";
    let (status, out, _) = run_with(&["uses", "-", zone], estate);
    assert!(status == 1 && out.contains(told) && out.contains("not all is known"), "{out}");
    let delete = ["plan", "-", "--delete-zone", zone];
    let (status, out, _) = run_with(&delete, estate);
    assert!(status == 1 && out.contains(told) && out.contains("\n  LOOK"), "{out}");
    // Once the group is gone, nobody does.
    let first = ["plan", "-", "--remove-from-group", "pe1"];
    let (_, out, _) = run_with(&[&first[..], &delete[2..]].concat(), estate);
    assert!(!out.contains(told), "{out}");
}

/// Public between two steps, and NXDOMAIN before and after the plan: nothing is lost.
#[test]
fn what_is_public_in_a_gap_only_is_not_lost() {
    let zone = "privatelink.vaultcore.azure.net";
    let estate = format!(
        "vnet hub\nvnet sp1\nvnet sp2\nzone {zone} group hub link hub\n  a A 10.0.0.5\n\
         zone {zone} group sp link sp1\n  b A 10.1.0.5\n\
         zone {zone} group sp2 link sp2\n  c A 10.2.0.5\n"
    );
    let (from, into) = (format!("sp/{zone}"), format!("hub/{zone}"));
    let merge = ["plan", "-", "--merge", &from, "--into", &into];
    let (status, out, _) = run_with(&merge, &estate);
    let gap = "~ c.vault.azure.net  A, AAAA, CNAME, TXT  from sp1  (as before the plan: public in \
               between only)";
    let gap = gap.replace(", CNAME", "");
    assert!(status == 1 && out.contains(&gap) && !out.contains("STOP"), "{out}");
    let (status, out, err) = run_with(&[&merge[..], &["--emit", "az"]].concat(), &estate);
    assert!(status == 1 && out.contains("link vnet create"), "{out}{err}");
    // Alone the same step takes a public answer.
    let link = format!("hub/{zone}@sp1");
    let alone = estate.replace("group sp link sp1", "group sp");
    let (_, out, _) = run_with(&["plan", "-", "--link", &link], &alone);
    assert!(out.contains("- c.vault.azure.net") && out.contains("STOP"), "{out}");
}

/// Neither way may leave a time to live behind, nor be empty.
#[test]
fn scripts_of_az_set_times_to_live_both_ways() {
    let estate = "vnet hub\nzone reg.test group g link hub\n  \
                  @ SOA 3600 azureprivatedns.net. azureprivatedns-host.microsoft.com. 1 3600 300 2419200 10\n  \
                  m A 300 10.0.0.4\n  c CNAME 300 m.reg.test\n";
    let emit = |put: &str| {
        let (status, out, err) = run_with(&["plan", "-", "--put", put, "--emit", "az"], estate);
        assert_eq!((status, err.as_str()), (0, ""), "{put}\n{out}");
        let lines = out.lines().filter_map(|line| {
            line.trim().strip_prefix("az network private-dns record-set ").map(str::to_owned)
        });
        lines.collect::<Vec<_>>().join("\n").replace(" -g g -z reg.test", "")
    };
    insta::assert_snapshot!(emit("m.reg.test A 99 10.0.0.4"), @"
    a update -n m --set ttl=99
    a update -n m --set ttl=300
    ");
    insta::assert_snapshot!(emit("c.reg.test CNAME 10 m.reg.test"), @"
    cname update -n c --set ttl=10
    cname update -n c --set ttl=300
    ");
    insta::assert_snapshot!(emit("n.reg.test CNAME 10 m.reg.test"), @"
    cname show -n n -o none 2>/dev/null || az network private-dns record-set cname create -n n --ttl 10
    cname set-record -n n -c m.reg.test
    cname delete -n n -y
    ");
    // An SOA is neither made nor deleted.
    let soa = "reg.test SOA 3600 azureprivatedns.net. azureprivatedns-host.microsoft.com. 1 3600 300 2419200 60";
    let text = emit(soa);
    assert_eq!(text.matches("soa update --host azureprivatedns.net --email").count(), 2, "{text}");
    assert!(text.contains("--minimum-ttl 60\n") && text.ends_with("--minimum-ttl 10"), "{text}");
    assert!(!text.contains("create") && !text.contains("delete"), "{text}");
    // What is there is not added again, of any type.
    let mail = emit("m.reg.test MX 10 c.reg.test");
    assert!(
        mail.contains(r#"--query 'mxRecords[].[preference,exchange]' -o tsv 2>/dev/null | grep -qxF -e "$(printf '10\tc.reg.test')" || "#),
        "{mail}"
    );
    let text = emit("m.reg.test TXT \"it's\" \" two\"");
    assert!(text.contains(r#"| grep -qxF -e 'it'\''s two' || "#), "{text}");
}

/// What takes a link back makes it as it was.
#[test]
fn a_link_with_registration_comes_back_with_it() {
    let estate = "vnet hub\nzone a.test group rg link hub:registration:name=own\n  x A 10.0.0.1\n";
    let unlink = ["plan", "-", "--unlink", "a.test@hub", "--emit"];
    let az = run_with(&[&unlink[..], &["az"]].concat(), estate).1;
    assert!(az.contains("link vnet create -g rg -z a.test -n own -v hub -e true\n"), "{az}");
    let report = run_with(&["plan", "-", "--unlink", "a.test@hub", "--format", "json"], estate).1;
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["steps"][0]["rollback"][0]["registration"], true);
    // So it does when the link is one of a step's own.
    let link = ["plan", "-", "--unlink", "a.test", "--format", "json"];
    let report = run_with(&link, estate).1;
    assert!(report.contains("-e true"), "{report}");
}

/// What stands in an estate is data to the shell, and every branch is one that it can read.
#[test]
fn scripts_are_read_by_a_shell_and_run_nothing_of_the_estate() {
    let evil = "vnet hub id \"/subscriptions/s/resourceGroups/$(touch x)/providers/Microsoft.Network/virtualNetworks/h'b\"\n\
                zone a.test group \"r'g; rm -rf $HOME\" link hub\n  x TXT \"`id` $(id) 'q' \\\" ;\"\n  y A 10.0.0.1\n";
    let steps = [
        "plan",
        "-",
        "--put",
        "z.a.test TXT \"$(id) `id` 'it'\"",
        "--remove",
        "x.a.test TXT",
        "--delete-zone",
        "a.test",
        "--accept-broken",
        "y.a.test",
        "--emit",
    ];
    let (status, script, err) = run_with(&[&steps[..], &["az"]].concat(), evil);
    assert!(status < 2, "{err}");
    let path = file("plan/evil", "s.sh", &script);
    let syntax = std::process::Command::new("sh").args(["-n", &path]).output().unwrap();
    assert!(syntax.status.success(), "{}\n{script}", String::from_utf8_lossy(&syntax.stderr));
    // An `az` that writes down its words is all that runs.
    let directory = std::path::Path::new(&path).parent().unwrap();
    let az = "#!/bin/sh\nfor word in \"$@\"; do printf '<%s>' \"$word\"; done >> az.log\necho >> az.log\n";
    std::fs::write(directory.join("az"), az).unwrap();
    for step in ["1", "back-1", "2", "back-2", "3", "back-3"] {
        let run = std::process::Command::new("sh")
            .args(["-c", "chmod +x az; PATH=.:/usr/bin:/bin sh s.sh \"$0\"", step])
            .current_dir(directory)
            .output()
            .unwrap();
        assert!(run.status.success(), "{step}: {}", String::from_utf8_lossy(&run.stderr));
    }
    let log = std::fs::read_to_string(directory.join("az.log")).unwrap();
    assert!(log.contains("<r'g; rm -rf $HOME>"), "{log}");
    assert!(log.contains("<$(id) `id` 'it'>"), "{log}");
    assert!(!directory.join("x").exists());
    let none = std::process::Command::new("sh").args([&path]).output().unwrap();
    assert_eq!(none.status.code(), Some(2));
}

/// Where two zones have the name, the resource group tells which one is meant.
#[test]
fn a_record_goes_to_the_zone_of_a_group() {
    let estate = "vnet hub\nvnet spoke\nzone a.test group one link hub\nzone a.test group two link spoke\n  y A 10.0.0.2\n";
    let plan = |option: &str, record: &str| run_with(&["plan", "-", option, record], estate);
    let (status, _, err) = plan("--put", "x.a.test A 10.0.0.1");
    assert!(status == 2 && err.contains("write GROUP/x.a.test"), "{err}");
    let (status, out, err) = plan("--put", "two/x.a.test TXT \"a/b\"");
    assert_eq!((status, err.as_str()), (0, ""));
    assert!(out.contains("x.a.test  every type  from spoke\n"), "{out}");
    assert!(!out.contains("from hub"), "{out}");
    assert!(plan("--remove", "two/y.a.test A").1.contains("- y.a.test  A"));
    let (status, _, err) = plan("--put", "three/x.a.test A 10.0.0.1");
    assert!(status == 2 && err.contains("no zone of the group `three` holds `x.a.test`"), "{err}");
}

/// Rules and ruleset links of a plan of Terraform are tried, too; one that touches nothing that
/// answers depend on says so.
#[test]
fn rules_of_a_plan_of_terraform_are_tried() {
    let change = |kind: &str, actions: &str, before: &str, after: &str| {
        format!(
            r#"{{"resource_changes": [{{"address": "{kind}.one", "mode": "managed", "type": "{kind}", "name": "one",
            "change": {{"actions": [{actions}], "before": {before}, "after": {after}, "after_unknown": {{}}}}}}]}}"#
        )
    };
    let try_it = |name: &str, text: &str| {
        let path = file(&format!("plan/terraform-{name}"), "plan.json", text);
        run_with(&["plan", "-", "--terraform-plan", &path], RULES)
    };
    let rule = "azurerm_private_dns_resolver_forwarding_rule";
    let body = r#"{"dns_forwarding_ruleset_id": "rules", "domain_name": "corp.test.", "enabled": true,
        "target_dns_servers": [{"ip_address": "10.9.0.99", "port": 53}]}"#;
    let (status, out, err) = try_it("rule", &change(rule, "\"update\"", body, body));
    assert_eq!((status, err.as_str()), (1, ""), "{out}");
    assert!(out.contains("? nas.corp.test  A") && out.contains("10.9.0.99"), "{out}");
    let (_, out, _) = try_it("rule-gone", &change(rule, "\"delete\"", body, "null"));
    assert!(out.starts_with("step 1  Terraform: what goes\n"), "{out}");
    assert!(out.contains("\n  ? corp.test  A"), "{out}");
    let link = "azurerm_private_dns_resolver_virtual_network_link";
    let body = r#"{"dns_forwarding_ruleset_id": "rules", "virtual_network_id": "hub"}"#;
    let (_, out, _) = try_it("link-gone", &change(link, "\"delete\"", body, "null"));
    assert!(out.contains("? nas.corp.test  A"), "{out}");
    let (status, out, _) =
        try_it("nothing", &change("azurerm_resource_group", "\"create\"", "null", "{}"));
    assert_eq!((status, out.as_str()), (0, "no step changes anything that an answer depends on\n"));
}

/// Names that clients really ask for are told by name, not as a class only.
#[test]
fn names_that_are_asked_for_are_told_of() {
    let estate = "vnet hub\nzone privatelink.batch.azure.com\n  a.eastus A 10.0.0.5\n";
    let names =
        file("plan/names", "names.txt", "partner.westeurope.batch.azure.com  # their account\n");
    let link = ["plan", "-", "--link", "privatelink.batch.azure.com@hub"];
    let (_, without, _) = run_with(&link, estate);
    assert!(!without.contains("partner"), "{without}");
    let (_, out, _) = run_with(&[&link[..], &["--names", &names]].concat(), estate);
    assert!(
        out.contains("- partner.westeurope.batch.azure.com, with a private endpoint  A"),
        "{out}"
    );
    let wrong = file("plan/names-wrong", "names.txt", "ok.test\na..b\n");
    let (status, _, err) = run_with(&[&link[..], &["--names", &wrong]].concat(), estate);
    assert!(status == 2 && err.contains("names.txt:2: name "), "{err}");
}

/// The record was all that told of the account; once it is gone with its zone, clients who got
/// a private address still get another answer.
#[test]
fn what_only_a_deleted_record_told_of_is_known() {
    let estate = "vnet west\nzone privatelink.eastus.batch.azure.com link west\n  old A 10.0.0.5\n";
    for option in ["--unlink", "--delete-zone"] {
        let arguments = ["plan", "-", option, "privatelink.eastus.batch.azure.com"];
        let (_, out, _) = run_with(&arguments, estate);
        assert!(out.contains("  LOOK: a known name ends public"), "{option}: {out}");
    }
}

/// A name that merely fits a chain of the catalogue is compared where a zone on its way goes.
#[test]
fn a_name_that_fits_a_chain_is_followed_through_it() {
    let estate = "vnet west\nzone privatelink.eastus.batch.azure.com link west\nzone b.test\n  x CNAME acct.eastus.batch.azure.com\n  y CNAME acct.eastus.privatelink.batch.azure.com\n";
    let zone = "privatelink.eastus.batch.azure.com";
    let (_, out, _) = run_with(&["plan", "-", "--delete-zone", zone], estate);
    assert!(out.contains("+ acct.eastus.batch.azure.com, with a private endpoint  A"), "{out}");
}

/// A script that stopped half-way is run again: what is there is not made again.
#[test]
fn a_step_can_be_run_again() {
    let estate = "vnet hub\nzone a.test group rg\n  y A 10.0.0.1\n";
    let steps = [
        "plan",
        "-",
        "--put",
        "x.a.test A 60 10.0.0.2",
        "--put",
        "y.a.test A 60 10.0.0.3",
        "--link",
        "a.test@hub",
        "--emit",
        "az",
    ];
    let (_, script, err) = run_with(&steps, estate);
    let path = file("plan/again", "s.sh", &script);
    let directory = std::path::Path::new(&path).parent().unwrap();
    // An `az` that keeps what was made: `create` of what is there fails, as the real one does.
    let az = "#!/bin/sh\nset -f\nall=\"$*\"\ncase $all in\n\
              *show*--query*) test -f made.records && cat made.records ;;\n\
              *vnet\\ show*) test -f made.link ;;\n*vnet\\ create*) test ! -f made.link && touch made.link ;;\n\
              *record-set\\ a\\ show*) test -f made.set ;;\n\
              *record-set\\ a\\ create*) test ! -f made.set && touch made.set ;;\n\
              *add-record*) echo ${all##* } >> made.records ;;\n\
              *remove-record*) grep -vxF ${all##* } made.records > left; mv left made.records ;;\nesac\n";
    std::fs::write(directory.join("az"), az).unwrap();
    std::fs::write(directory.join("made.records"), "10.0.0.1\n").unwrap();
    for step in ["1", "1", "2", "2", "3", "3"] {
        let run = std::process::Command::new("sh")
            .args(["-c", "chmod +x az; PATH=.:/usr/bin:/bin sh s.sh \"$0\"", step])
            .current_dir(directory)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{step}: {told}\n{script}{err}");
    }
    let records = std::fs::read_to_string(directory.join("made.records")).unwrap();
    assert_eq!(records, "10.0.0.2\n10.0.0.3\n", "{script}");
}

/// A server that nobody asks may go; one that a stranger may ask is not green.
#[test]
fn who_asks_a_server_is_told_before_it_goes() {
    let uses = |thing: &str, estate: &str| run_with(&["uses", "-", thing], estate);
    let (status, out, _) = uses("dc", RULES);
    assert_eq!(status, 1);
    assert_eq!(
        out,
        "`dc` decides for all who ask it:\n  - the site `hq` asks it\n  \
         - the rule for `corp.test` of the ruleset `rules` forwards to it\n"
    );
    let idle = format!("{RULES}inbound idle vnet hub address 10.1.0.9\n");
    assert_eq!(
        uses("idle", &idle),
        (0, "`idle` decides nothing: nobody asks it\n".to_owned(), String::new())
    );
    let stranger = format!("{idle}vnet far dns 10.8.8.8\n");
    let (status, out, _) = uses("idle", &stranger);
    assert_eq!(status, 1);
    assert!(out.contains("  ? 10.8.8.8, which the network `far` asks, is not modelled"), "{out}");
}

#[test]
fn networks_whose_links_were_not_read_may_ask_what_goes() {
    let estate = "vnet hub\nzone corp.test links-unread\n  nas A 10.0.0.7\n";
    let (status, out, err) = run_with(&["uses", "-", "corp.test"], estate);
    assert_eq!(status, 1, "{out}{err}");
    assert!(out.contains("not all links of `corp.test` were read"), "{out}");
    assert!(!out.contains("`corp.test` decides nothing:"), "{out}");
    let (status, out, _) = run_with(&["plan", "-", "--delete-zone", "corp.test"], estate);
    assert_eq!(status, 1, "{out}");
    assert!(out.contains("look      not all links of `corp.test` were read"), "{out}");
    assert!(out.contains("LOOK"), "{out}");
    // With all links read nobody asks it.
    let (status, out, _) =
        run_with(&["uses", "-", "corp.test"], &estate.replace(" links-unread", ""));
    assert!(status == 0 && out.starts_with("`corp.test` decides nothing: "), "{out}");
}

#[test]
fn rulesets_and_askers_that_were_not_read_are_told() {
    let estate = "vnet hub\nruleset rules partial links-unread\n  corp.test 10.9.9.9\n";
    let (status, out, err) = run_with(&["uses", "-", "rules"], estate);
    assert_eq!(status, 1, "{out}{err}");
    assert!(out.contains("not all rules of the ruleset `rules` were read"), "{out}");
    assert!(out.contains("not all links of the ruleset `rules` were read"), "{out}");
    let unseen = "inbound in vnet hub address 10.0.0.4\nzone corp.test link far\n";
    let (status, out, err) = run_with(&["uses", "-", "in"], &format!("vnet hub\n{unseen}"));
    assert_eq!(status, 1, "{out}{err}");
    assert!(out.contains("? the DNS servers of the network `far` were not read"), "{out}");
    let (status, out, _) = run_with(&["uses", "-", "in"], &format!("vnet hub\nvnet far\n{unseen}"));
    assert_eq!((status, out.as_str()), (0, "`in` decides nothing: nobody asks it\n"));
}

#[test]
fn who_may_lose_an_answer_that_is_not_known_is_looked_at() {
    let names = file("plan/asked", "names", "www.contoso.com\n");
    let estate = "vnet hub\nvnet spoke\nzone contoso.com link spoke\n  intra A 10.0.0.7\n";
    let link = ["plan", "-", "--link", "contoso.com@hub"];
    let (status, out, err) = run_with(&[&link[..], &["--names", &names]].concat(), estate);
    assert!(status == 1 && out.contains("LOOK"), "{out}{err}");
    // All other names below are lost if public DNS has them.
    let (status, out, _) = run_with(&link, estate);
    let hidden = "all unlisted names below contoso.com  A, AAAA, CNAME, TXT  from hub  (if public \
                  DNS has such names, they are lost)";
    assert!(status == 1 && out.contains(hidden) && out.contains("LOOK: unlisted names"), "{out}");
    let empty = "vnet hub\nzone contoso.com\n";
    let (status, out, _) = run_with(&link, empty);
    assert!(status == 1 && out.contains("LOOK: unlisted names"), "{out}");
    // It has none of a private domain; an apex without an address and what gets one are nobody's
    // loss.
    for apex in ["corp.internal", "home.arpa", "a.b.test"] {
        let estate = estate.replace("contoso.com", apex);
        let (status, out, _) = run_with(&["plan", "-", "--link", &format!("{apex}@hub")], &estate);
        assert!(status == 0 && out.contains("GO"), "{out}");
    }
    let rules = "vnet hub\nruleset rs link hub\n  corp.test 10.9.9.9\n";
    for step in [["--remove-rule", "rs corp.test"], ["--unlink-ruleset", "rs"]] {
        let (status, out, _) = run_with(&["plan", "-", step[0], step[1]], rules);
        assert!(status == 1 && out.contains("LOOK"), "{step:?}\n{out}");
    }
    // Whatever public DNS has for it: the private answer is lost.
    let (status, out, _) = run_with(&["plan", "-", "--unlink", "contoso.com@spoke"], estate);
    assert!(status == 1 && out.contains("STOP"), "{out}");
}

#[test]
fn an_answer_that_becomes_unknown_is_not_written() {
    let servers = ["plan", "-", "--dns-servers", "spoke=10.9.9.9", "--emit", "az"];
    let (status, out, err) = run_with(&servers, BREAK);
    assert_eq!((status, out.as_str()), (2, ""), "{err}");
    assert!(err.contains("unsafe plan, nothing is written"), "{err}");
}

#[test]
fn clients_of_whom_nothing_is_known_are_told_before_a_move() {
    let estate = BREAK.replace("vnet hub\n", "vnet hub dns 10.9.9.9\n");
    let (status, out, err) = run_with(&["migrate", "batch", "-"], &estate);
    assert_eq!(status, 1, "{out}{err}");
    let open = "to be decided first: nobody can say what the clients of hub get: the network's \
                clients ask 10.9.9.9, which is not modelled\n";
    assert!(out.contains(open), "{out}");
    let unexported = BREAK.replace("vnet hub\n", "");
    let options = ["migrate", "batch", "-", "--assume", "unexported-dns=unknown"];
    let (status, out, _) = run_with(&options, &unexported);
    assert!(status == 1 && out.contains("what the clients of hub get"), "{out}");
}

#[test]
fn a_difference_that_unread_links_hide_is_told() {
    let zone = "vnet hub\nzone corp.test links-unread\n";
    let before = file("plan/diff-unread", "before.estate", &format!("{zone}  nas A 10.0.0.7\n"));
    let after = file("plan/diff-unread-after", "after.estate", zone);
    let (status, out, err) = run_with(&["diff", &before, &after], "");
    assert_eq!(status, 1, "{out}{err}");
    let doubt = "  ? not all links of `corp.test` were read: which other networks ask it is \
                 unknown; its records differ\n";
    assert!(out.contains(doubt), "{out}");
    let (_, out, _) = run_with(&["diff", &before, &before], "");
    assert!(!out.contains("its records differ"), "{out}");
}

#[test]
fn what_a_plan_of_terraform_does_beside_names_is_not_passed_over() {
    let change = |kind: &str, actions: &str, before: &str, after: &str, unknown: &str| {
        format!(
            r#"{{"address": "{kind}.x", "mode": "managed", "type": "{kind}", "name": "x",
            "change": {{"actions": {actions}, "before": {before}, "after": {after}, "after_unknown": {unknown}}}}}"#
        )
    };
    let tried = |changes: &[String]| {
        let text = format!(r#"{{"resource_changes": [{}]}}"#, changes.join(", "));
        let path = file("plan/terraform-beside", "plan.json", &text);
        run_with(&["plan", "-", "--terraform-plan", &path], BREAK)
    };
    let gone = r#"{"id": "/subscriptions/s/resourceGroups/rg", "name": "hub"}"#;
    let link = r#"{"type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01"}"#;
    let proxy = r#"{"dns": [{"servers": ["10.9.9.9"]}]}"#;
    let open = r#"{"name": "b", "public_network_access_enabled": true}"#;
    let closed = r#"{"name": "b", "public_network_access_enabled": false}"#;
    let cluster = r#"{"name": "aks", "private_cluster_enabled": true}"#;
    for untried in [
        change("azurerm_resource_group", r#"["delete"]"#, gone, "null", "{}"),
        change("azurerm_virtual_network", r#"["delete"]"#, gone, "null", "{}"),
        change(
            "azurerm_private_dns_resolver_inbound_endpoint",
            r#"["delete"]"#,
            gone,
            "null",
            "{}",
        ),
        change("azurerm_firewall_policy", r#"["update"]"#, r#"{"dns": []}"#, proxy, "{}"),
        change("azurerm_storage_account", r#"["delete"]"#, gone, "null", "{}"),
        change("azurerm_batch_account", r#"["update"]"#, open, closed, "{}"),
        change("azurerm_kubernetes_cluster", r#"["create"]"#, "null", cluster, "{}"),
        change("azurerm_resource_group_template_deployment", r#"["create"]"#, "null", gone, "{}"),
        change("azapi_resource", r#"["delete"]"#, link, "null", "{}"),
        change("azapi_update_resource", r#"["create"]"#, "null", link, "{}"),
        change(
            "azurerm_virtual_network",
            r#"["update"]"#,
            r#"{"name": "hub", "dns_servers": []}"#,
            r#"{"name": "hub"}"#,
            r#"{"dns_servers": true}"#,
        ),
    ] {
        let (status, out, err) = tried(std::slice::from_ref(&untried));
        assert!(status == 1 && out.contains(" is not tried: "), "{untried}\n{out}{err}");
        assert!(out.contains("LOOK"), "{untried}\n{out}");
    }
    let servers = r#"{"virtual_network_id": "spoke", "dns_servers": ["10.9.9.9"]}"#;
    let servers =
        change("azurerm_virtual_network_dns_servers", r#"["create"]"#, "null", servers, "{}");
    let (status, out, err) = tried(&[servers]);
    assert!(status == 1 && out.contains("rollback  give spoke Azure"), "{out}{err}");
    // What the plan leaves to a later one, or to nobody, for it ended with an error.
    let zone = format!(r#"{{"name": "{OLD}"}}"#);
    let zone = change("azurerm_private_dns_zone", r#"["delete"]"#, &zone, "null", "{}");
    let deferred = format!(r#""deferred_changes": [{{"reason": "x", "resource_change": {zone}}}]"#);
    for (rest, said) in [
        (deferred.as_str(), "`azurerm_private_dns_zone.x` is not tried: Terraform defers it"),
        (r#""errored": true"#, "the plan ended with an error"),
        (r#""complete": false"#, "the plan is not complete"),
    ] {
        let text = format!(r#"{{"resource_changes": [], {rest}}}"#);
        let path = file("plan/terraform-unfinished", "plan.json", &text);
        let (status, out, err) = run_with(&["plan", "-", "--terraform-plan", &path], BREAK);
        assert!(status == 1 && out.contains(said) && out.contains("LOOK"), "{out}{err}");
    }
    // Tags of a zone are nobody's business.
    let tags = change("azurerm_private_dns_zone", r#"["update"]"#, gone, gone, "{}");
    let (status, out, _) = tried(&[tags]);
    assert!(status == 0 && out.contains("no step changes anything"), "{out}");
    // A zone goes after what stands in it, wherever the plan lists it.
    let zone = change(
        "azurerm_private_dns_zone",
        r#"["delete"]"#,
        &format!(r#"{{"name": "{OLD}"}}"#),
        "null",
        "{}",
    );
    let record = change(
        "azurerm_private_dns_a_record",
        r#"["delete"]"#,
        &format!(r#"{{"name": "old", "zone_name": "{OLD}"}}"#),
        "null",
        "{}",
    );
    let (status, out, err) = tried(&[zone, record]);
    assert!(status == 1 && out.contains("STOP"), "{out}{err}");
}

#[test]
fn a_new_zone_is_made_in_the_subscription_of_its_group() {
    let zone = |subscription: &str, group: &str, name: &str| {
        format!(
            "zone {name} group {group} id /subscriptions/{subscription}/resourceGroups/{group}\
             /providers/Microsoft.Network/privateDnsZones/{name}\n"
        )
    };
    let estate = ["vnet hub\n", &zone("one", "rg-a", "a.test"), &zone("two", "rg-b", "b.test")];
    let options = ["plan", "-", "--create-zone", "rg-b/new.test", "--emit"];
    let (_, out, err) = run_with(&[&options[..], &["az"]].concat(), &estate.concat());
    let lines: Vec<&str> = out.lines().filter(|line| line.contains("zone create")).collect();
    assert_eq!(lines.len(), 1, "{out}{err}");
    assert_eq!(lines[0].matches("--subscription two").count(), 2, "{out}");
    let (_, out, _) = run_with(&[&options[..], &["powershell"]].concat(), &estate.concat());
    let made = "New-AzPrivateDnsZone -ResourceGroupName 'rg-b' -Name 'new.test' -DefaultProfile \
                (Set-AzContext -Subscription 'two')";
    assert!(out.contains(made), "{out}");
}

#[test]
fn a_group_made_again_takes_the_record_of_its_resource() {
    let vault = "/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/kv1";
    let endpoint = |name: &str, address: &str| {
        format!(
            "endpoint {name} vnet hub group vault zone-group privatelink.vaultcore.azure.net \
             target {vault}\n  kv1.vault.azure.net {address}\n"
        )
    };
    let estate = format!(
        "vnet hub\nzone privatelink.vaultcore.azure.net link hub\n  kv1 A !creator \"created by \
         private endpoint pe1 with resource guid 1\" 10.0.0.9\nresource kv1 type \
         Microsoft.KeyVault/vaults id {vault}\n  kv1.vault.azure.net vault endpoint\n{}{}",
        endpoint("pe1", "10.0.0.9"),
        endpoint("pe2", "10.1.0.9")
    );
    let (status, out, err) = run_with(&["plan", "-", "--recreate-group", "pe2"], &estate);
    assert_eq!(status, 1, "{out}{err}");
    assert!(out.contains("after   10.1.0.9 (private)"), "{out}");
    let (status, out, _) = run_with(&["uses", "-", "pe2"], &estate);
    assert!(status == 1 && out.contains("shares its record"), "{out}");
    assert!(!out.contains("`pe2` decides nothing:"), "{out}");
}

/// What Azure refuses is told of a file as well, at its place.
#[test]
fn changes_that_azure_refuses_are_told_at_their_place() {
    let estate = "vnet hub\nzone corp.internal link hub\n";
    for (change, message) in [
        ("{ action = \"create-zone\", zone = \"azure.com\" }", "Azure reserves the name"),
        ("{ action = \"create-zone\", zone = \"foo\" }", "`foo` has 1 label"),
        (
            "{ action = \"put\", name = \"corp.internal\", type = \"CNAME\", data = \"a.test\" }",
            "an alias cannot stand at the apex",
        ),
        (
            "{ action = \"put\", name = \"x.corp.internal\", type = \"A\", ttl = 0, data = \"10.0.0.1\" }",
            "a time to live of 0",
        ),
    ] {
        let path = file("plan/refused", "changes.toml", &format!("changes = [\n  {change},\n]\n"));
        let (status, _, err) = run_with(&["plan", "-", "--changes", &path], estate);
        assert_eq!(status, 2, "{err}");
        assert!(err.contains(message) && err.contains("changes.toml:2:3"), "{err}");
    }
}

/// A server that is modelled may forward to one that is not: nobody can say what comes of it.
#[test]
fn servers_that_forward_to_strangers_are_told_before_a_move() {
    let server = "server fw vnet hub address 10.9.0.4\n  forward azure.com 10.8.8.8\n  forward . 168.63.129.16\n";
    let estate = BREAK.replace("vnet hub\n", &format!("vnet hub dns 10.9.0.4\n{server}"));
    let (status, out, err) = run_with(&["migrate", "batch", "-"], &estate);
    assert_eq!(status, 1, "{out}{err}");
    let open = "to be decided first: nobody can say what the clients of hub get: \
                `new.westeurope.batch.azure.com` is forwarded to 10.8.8.8, which is not modelled";
    assert!(out.contains(open), "{out}");
    let step = |title: &str| out.split(title).nth(1).unwrap().split("\nstep ").next().unwrap();
    let unlink = step("step 2  unlink");
    let look = "look      nobody can say what the clients of hub get, before and after: ";
    assert!(unlink.contains(look) && unlink.contains("\n  LOOK"), "{unlink}");
    // A zone that no link leads to decides nothing.
    assert!(step("step 4  delete the zone").contains("\n  GO"), "{out}");
    // What it forwards of other names does not matter here.
    let other = estate.replace("forward azure.com", "forward corp.test");
    let (status, out, _) = run_with(&["migrate", "batch", "-"], &other);
    assert!(status == 0 && !out.contains("nobody can say"), "{out}");
}

/// An effect says which assumptions it rests on: here the bridge by fallback.
#[test]
fn an_effect_says_what_it_assumes() {
    let estate = "vnet hub\nzone privatelink.eastus.batch.azure.com link hub\n\
                  zone privatelink.batch.azure.com link hub\n  acct.eastus A 10 10.0.0.12\n";
    let plan = ["plan", "-", "--fallback", "privatelink.eastus.batch.azure.com@hub"];
    let (_, out, _) = run_with(&plan, estate);
    let effect = out.split("+ acct.eastus.batch.azure.com").nth(1).unwrap();
    let effect = effect.split("\n  +").next().unwrap();
    assert!(effect.ends_with("\n      assumes after-redirect"), "{out}");
    assert!(out.contains("\n  assumes   after-redirect (whether private zones"), "{out}");
    let (_, json, _) = run_with(&[&plan[..], &["--format", "json"]].concat(), estate);
    let report: Value = serde_json::from_str(&json).unwrap();
    let step = &report["steps"][0];
    assert!(step["assumptions"].as_array().unwrap().contains(&"after-redirect".into()), "{json}");
    let effects = step["effects"].as_array().unwrap();
    let own = effects.iter().find(|one| one["name"] == "acct.eastus.batch.azure.com.").unwrap();
    assert_eq!(own["assumptions"], serde_json::json!(["after-redirect"]));
}

#[test]
fn what_a_thing_decides_is_told_as_json() {
    let estate = "vnet hub dns 10.0.0.4\nvnet other\nsite hq dns 10.9.9.9\ninbound in-hub vnet hub address 10.0.0.4\n\
                  zone corp.test link hub\n  app A 10.0.0.9\nzone lone.test\n";
    let uses = |thing: &str| {
        let (status, out, err) = run_with(&["uses", "-", thing, "--format", "json"], estate);
        let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
        (status, report)
    };
    let (status, link) = uses("corp.test@hub");
    assert_eq!((status, &link["decides"]), (1, &"something".into()));
    assert!(link["effects"].as_array().unwrap().iter().any(|one| one["name"] == "app.corp.test."));
    let (status, lone) = uses("lone.test");
    assert_eq!((status, &lone["decides"]), (0, &"nothing".into()), "{lone}");
    let (status, inbound) = uses("in-hub");
    assert_eq!((status, &inbound["decides"]), (1, &"something".into()));
    assert_eq!(inbound["asked_by"][0], "the network `hub` asks it");
    let (status, _, err) = run_with(&["uses", "-", "hub"], estate);
    assert_eq!(status, 2);
    let message =
        "hub: a virtual network decides by its links, which is corp.test@hub: ask about these";
    assert!(err.contains(message), "{err}");
}

#[test]
fn doubts_and_decisions_are_in_json() {
    let zone = "vnet hub\nzone corp.test links-unread\n";
    let before = file("plan/doubt", "before.estate", &format!("{zone}  nas A 10.0.0.7\n"));
    let after = file("plan/doubt-after", "after.estate", zone);
    let (_, out, _) = run_with(&["diff", &before, &after, "--format", "json"], "");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert!(report["doubts"][0].as_str().unwrap().contains("its records differ"), "{out}");
    let estate = BREAK.replace("vnet hub\n", "vnet hub dns 10.9.9.9\n");
    let (status, out, _) = run_with(&["migrate", "batch", "-", "--format", "json"], &estate);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((status, &report["command"]), (1, &"migrate".into()));
    assert!(report["open"][0].as_str().unwrap().contains("nobody can say"), "{out}");
    assert!(report["today"][0].as_str().unwrap().contains("1 name here only"), "{out}");
    assert_eq!(report["steps"].as_array().unwrap().len(), 4);
}

/// Of a network whose machines nobody exported, what goes with its registration link is unknown.
#[test]
fn machines_that_were_not_exported_are_looked_at_before_their_link_goes() {
    let unlink = ["plan", "-", "--unlink", "reg.internal@app"];
    let uses = ["uses", "-", "reg.internal@app"];
    // Its own clients are answered in the hub.
    let vnets = "vnet hub space 10.0.0.0/16\nvnet app space 10.1.0.0/16 dns 10.0.0.4\n\
                 inbound in vnet hub address 10.0.0.4\n";
    let zone = "zone reg.internal link app:registration link hub\n";
    let told = "the link registers the machines of app in `reg.internal`, and neither these nor their \
                records were exported: which names are lost with it is unknown";
    let bare = format!("{vnets}{zone}");
    let (status, out, _) = run_with(&unlink, &bare);
    assert!(status == 1 && out.contains(told) && out.contains("\n  LOOK"), "{out}");
    let (status, out, _) = run_with(&uses, &bare);
    assert!(status == 1 && out.contains("decides nothing that is known, but"), "{out}");
    assert!(out.contains(told), "{out}");
    let (_, out, _) = run_with(&["plan", "-", "--delete-zone", "reg.internal"], &bare);
    assert!(out.contains(told), "{out}");
    let before = file("plan/machines", "before.estate", &bare);
    let after = bare.replace(" link app:registration", "");
    let after = file("plan/machines-after", "after.estate", &after);
    let (status, out, _) = run_with(&["diff", &before, &after], "");
    assert!(status == 1 && out.contains(told), "{out}");
    let (_, out, _) = run_with(&["diff", &after, &before], "");
    assert!(!out.contains(told), "{out}");
    // Interfaces with machines, or the records that machines registered, show what there is.
    let machine = format!("{bare}nic n1 vnet app address 10.1.0.4 vm vm1\n");
    let (status, out, _) = run_with(&unlink, &machine);
    assert!(status == 1 && !out.contains(told) && out.contains("STOP"), "{out}");
    let (status, out, _) = run_with(&unlink, &format!("{bare}  vm1 A !registered 10.1.0.4\n"));
    assert!(status == 1 && !out.contains(told) && out.contains("STOP"), "{out}");
    // Another network's machines do not.
    let (_, out, _) = run_with(&unlink, &machine.replace("vnet app address", "vnet hub address"));
    assert!(out.contains(told), "{out}");
    // Nor does a link matter that registers nothing.
    let (status, out, _) = run_with(&["uses", "-", "reg.internal@hub"], &bare);
    assert!(!out.contains(told), "{status} {out}");
}

/// A zone that Azure counts as whole has what machines registered.
#[test]
fn a_counted_zone_shows_what_machines_registered() {
    let id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";
    let zone = |count: u32| {
        format!(
            r#"[{{"id": "{id}/privateDnsZones/reg.internal", "name": "reg.internal",
               "type": "Microsoft.Network/privateDnsZones", "numberOfRecordSets": {count},
               "numberOfVirtualNetworkLinks": 1}},
              {{"id": "{id}/privateDnsZones/reg.internal/virtualNetworkLinks/l", "name": "l",
               "type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
               "registrationEnabled": true, "virtualNetworkLinkState": "Completed",
               "virtualNetwork": {{"id": "{id}/virtualNetworks/app"}}}},
              {{"id": "{id}/virtualNetworks/app", "name": "app",
               "type": "Microsoft.Network/virtualNetworks",
               "addressSpace": {{"addressPrefixes": ["10.1.0.0/16"]}}}}]"#
        )
    };
    let unlink = ["plan", "-", "--unlink", "reg.internal@app"];
    let told = "the link registers the machines of app";
    // The SOA is one of those that Azure counts.
    let (status, out, err) = run_with(&unlink, &zone(1));
    assert!(status == 1 && out.contains("? reg.internal") && !out.contains(told), "{out}{err}");
    let (status, out, _) = run_with(&unlink, &zone(2));
    assert!(status == 1 && out.contains(told), "{out}");
}

/// An empty reverse zone hides what public DNS or the network itself has for addresses, unless
/// they are private ones that nobody answers for.
#[test]
fn a_reverse_zone_hides_public_and_built_in_names() {
    let estate = "vnet hub space 10.0.0.0/16\nvnet app space 10.1.0.0/16\n";
    let plan = |zone: &str, estate: &str| {
        let link = format!("{zone}@hub");
        let (status, out, _) =
            run_with(&["plan", "-", "--create-zone", zone, "--link", &link], estate);
        let step = out.split("step 2").nth(1).unwrap();
        (status, step.split("plan as a whole").next().unwrap().to_owned())
    };
    let (status, out) = plan("8.8.in-addr.arpa", estate);
    assert!(status == 1 && out.contains("LOOK: unlisted names are NXDOMAIN then"), "{out}");
    assert!(out.contains("(if public DNS has such names, they are lost)"), "{out}");
    // What was made by a step stands in no file.
    assert!(out.contains("zone 8.8.in-addr.arpa (made by step 1)"), "{out}");
    let own = "LOOK: the zone takes the place of the network's own reverse names";
    let (status, out) = plan("0.10.in-addr.arpa", estate);
    assert!(status == 1 && out.contains(own), "{out}");
    // Part of the space, and more than it.
    for zone in ["7.0.10.in-addr.arpa", "10.in-addr.arpa"] {
        let (status, out) = plan(zone, estate);
        assert!(status == 1 && out.contains(own), "{zone}: {out}");
    }
    // A machine that is known loses its name.
    let machine = format!("{estate}nic n1 vnet hub address 10.0.0.4 vm vm1\n");
    let (status, out) = plan("0.10.in-addr.arpa", &machine);
    assert!(status == 1 && out.contains("- 4.0.0.10.in-addr.arpa  PTR"), "{out}");
    assert!(out.contains("STOP: a known name is lost"), "{out}");
    // Private addresses that the network has not: NXDOMAIN before and after.
    for zone in ["1.10.in-addr.arpa", "168.192.in-addr.arpa"] {
        let (status, out) = plan(zone, estate);
        assert!(status == 0 && out.contains("\n  GO"), "{zone}: {out}");
    }
    // Without its space nobody can say.
    let (status, out) = plan("1.10.in-addr.arpa", "vnet hub\n");
    assert!(status == 1 && out.contains(own), "{out}");
}

/// That answers stay may rest on an assumption, too.
#[test]
fn what_stays_by_an_assumption_only_says_so() {
    let estate = "vnet hub location westeurope\nruleset rules location westeurope link hub\n  \
                  corp.test 10.9.0.1\n";
    let assumed = "  assumes   reserved-suffixes (which suffixes Azure resolves itself";
    let (_, out, _) = run_with(&["plan", "-", "--add-rule", "rules . 10.9.0.10"], estate);
    assert!(out.contains(assumed), "{out}");
    let ruled = format!("{estate}  . 10.9.0.10\n");
    let uses = ["uses", "-", "rules/."];
    let (_, out, _) = run_with(&uses, &ruled);
    assert!(out.contains(assumed), "{out}");
    let (_, out, _) = run_with(&[&uses[..], &["--format", "json"]].concat(), &ruled);
    let report: Value = serde_json::from_str(&out).unwrap();
    let names = report["assumptions"].as_array().unwrap();
    assert!(names.contains(&"reserved-suffixes".into()), "{names:?}");
    let before = file("plan/assumed", "before.estate", estate);
    let after = file("plan/assumed-after", "after.estate", &ruled);
    let (_, out, _) = run_with(&["diff", &before, &after], "");
    assert!(out.contains(assumed), "{out}");
    // A rule for a domain of one's own rests on no list of Azure's.
    let (_, out, _) = run_with(&["plan", "-", "--add-rule", "rules own.test 10.9.0.10"], estate);
    assert!(!out.contains(assumed), "{out}");
}

/// What stops a plan is told before what is merely unknown.
#[test]
fn what_stops_a_plan_is_shown_first() {
    let mut estate = "vnet hub\nzone contoso.internal link hub\n".to_owned();
    (0..6).for_each(|at| estate.push_str(&format!("  a{at} TXT x\n")));
    (0..6).for_each(|at| estate.push_str(&format!("  z{at} A 10.0.0.{at}\n")));
    let unlink = ["plan", "-", "--unlink", "contoso.internal@hub"];
    let (_, out, _) = run_with(&unlink, &estate);
    assert!(out.contains("STOP: a known name is lost"), "{out}");
    let lines: Vec<&str> = out.lines().filter(|line| line.starts_with("  ? ")).collect();
    for (at, line) in lines.iter().take(6).enumerate() {
        assert!(line.starts_with(&format!("  ? z{at}.contoso.internal  ")), "{out}");
        assert!(line.ends_with("(the private answer is lost, whatever public DNS has)"), "{out}");
    }
    // Of the others three are enough.
    assert!(lines.len() == 9 && out.contains("more unknown"), "{out}");
    let (_, out, _) = run_with(&[&unlink[..], &["--format", "json"]].concat(), &estate);
    let report: Value = serde_json::from_str(&out).unwrap();
    let effects = report["steps"][0]["effects"].as_array().unwrap();
    let stops = effects.iter().filter(|one| one["advice"] == "STOP").count();
    assert_eq!(stops, 6, "{out}");
}

/// Interfaces that fare as networks do are told with them, and counted once.
#[test]
fn interfaces_are_told_with_the_networks_that_fare_alike() {
    let estate = "\
vnet hub space 10.0.0.0/16
vnet app space 10.1.0.0/16 dns 10.9.9.9
inbound in vnet hub address 10.0.0.4
zone corp.internal link hub
  a A 10 10.0.0.9
nic n1 vnet app address 10.1.0.4 dns 10.0.0.4
";
    let remove = ["plan", "-", "--remove", "a.corp.internal A"];
    let (_, out, _) = run_with(&remove, estate);
    assert!(out.contains("\n  1 broken, 0 changed"), "{out}");
    let lines: Vec<&str> = out.lines().filter(|line| line.starts_with("  - ")).collect();
    assert_eq!(lines, ["  - a.corp.internal  every type  from hub and interface n1 in app"]);
    // In JSON each has its own.
    let (_, out, _) = run_with(&[&remove[..], &["--format", "json"]].concat(), estate);
    let report: Value = serde_json::from_str(&out).unwrap();
    let effects = report["effects"].as_array().unwrap();
    assert!(effects.iter().any(|one| one["interfaces"][0] == "n1"), "{out}");
    assert_eq!(report["summary"]["broken"], 1);
    // One that fares otherwise stands alone.
    let own = estate.replace("dns 10.0.0.4\n", "dns 168.63.129.16\n");
    let (_, out, _) = run_with(&["plan", "-", "--link", "corp.internal@app"], &own);
    assert!(out.contains("from interface n1 in app"), "{out}");
}

/// Azure registers machines itself where their network is linked next: no copy stands before
/// what it writes ("Private DNS FAQ", read 2026-11).
#[test]
fn what_machines_registered_is_not_copied() {
    let estate = "\
vnet hub space 10.0.0.0/16
vnet app space 10.1.0.0/16
zone corp.internal group rg-hub link hub
  a A 10 10.0.0.9
zone corp.internal group rg-app link app:registration
  vm1 A !registered 10 10.1.0.4
  b A 10 10.1.0.9
";
    let merge = ["plan", "-", "--merge", "rg-app/corp.internal", "--into", "rg-hub/corp.internal"];
    let (_, out, _) = run_with(&merge, estate);
    let told = "note      `vm1.corp.internal` is registered by machines, and not copied: Azure";
    assert!(out.contains(told) && !out.contains("rollback  remove vm1."), "{out}");
    let whole = out.split("plan as a whole").nth(1).unwrap();
    // It is there in the end, since the link brings it back.
    assert!(whole.contains("0 broken") && whole.contains("+ vm1.corp.internal"), "{whole}");
    let (_, out, _) = run_with(&[&merge[..], &["--emit", "changes"]].concat(), estate);
    assert!(out.contains("registration = true") && !out.contains("vm1"), "{out}");
    // What somebody made by hand stays what it is.
    let by_hand = estate.replace("  a A 10 10.0.0.9\n", "  vm1 A 10 10.0.0.8\n");
    let (_, out, _) = run_with(&merge, &by_hand);
    let whole = out.split("plan as a whole").nth(1).unwrap();
    assert!(whole.contains("10.0.0.8") && !whole.contains("+ vm1.corp"), "{whole}");
    // Below another apex machines have other names: a copy, and said.
    let above =
        estate.replace("zone corp.internal group rg-hub", "zone internal.test group rg-hub");
    let above = above.replace("zone corp.internal group", "zone corp.internal.test group");
    let merge = ["plan", "-", "--merge", "corp.internal.test", "--into", "internal.test"];
    let (status, out, _) = run_with(&merge, &above);
    let told =
        "look      `vm1.corp.internal.test` is registered by machines: a copy is made by hand";
    assert!(status == 1 && out.contains(told), "{out}");
    assert!(out.contains("rollback  remove vm1.corp.internal.test A"), "{out}");
}

//! `collect`: its scripts, run with an `az` that replays recorded answers.
#![cfg(unix)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use common::program::{directory, finish};

const FIXTURE: &str = "fixtures/batch-migration";

/// An `az` that answers a call with the file that is named like it, knows the
/// commands that there are, and writes down what it was asked.
const AZ: &str = r#"#!/bin/sh
here=${0%/*}/..
words= subscription= group= name= query= output=
while [ $# -gt 0 ]; do
    case $1 in
        --subscription=*) subscription=${1#*=} ;;
        --resource-group=*) group=${1#*=} ;;
        --zone-name=* | --endpoint-name=* | --dns-resolver-name=* | --ruleset-name=*) name=${1#*=} ;;
        --only-show-errors) ;;
        --query) query=$2; shift ;;
        -o) output=$2; shift ;;
        -*) echo "ERROR: unrecognized arguments: $1" >&2; exit 2 ;;
        *) words="$words${words:+ }$1" ;;
    esac
    shift
done
# A loop's own input must be left to it.
cat >/dev/null
printf '%s\n' "$words|$subscription|$group|$name|$query|$output" >>"$here/calls"
answer="$here/answers/$words"
case $words in
    version | "extension list" | "account list") ;;
    "account show") answer="$answer|$subscription" ;;
    "network private-dns zone list" | "network vnet list" | "network private-endpoint list" | \
    "network nic list" | "vm list" | "network firewall list" | "network firewall policy list" | \
    "batch account list" | "keyvault list" | "storage account list" | \
    "acr list" | "sql server list" | "sql mi list" | "cosmosdb list" | "webapp list" | \
    "functionapp list" | "aks list" | "eventhubs namespace list" | "servicebus namespace list" | \
    "cognitiveservices account list" | "appconfig list" | "eventgrid topic list" | \
    "signalr list" | "iot hub list" | "redis list" | "postgres flexible-server list" | \
    "mysql flexible-server list" | "synapse workspace list" | \
    "monitor private-link-scope list" | \
    "dns-resolver list" | "dns-resolver forwarding-ruleset list")
        answer="$answer|$subscription" ;;
    "network private-dns record-set list" | "network private-dns link vnet list" | \
    "network private-endpoint dns-zone-group list" | "dns-resolver inbound-endpoint list" | \
    "dns-resolver outbound-endpoint list" | "dns-resolver forwarding-rule list" | \
    "dns-resolver vnet-link list")
        answer="$answer|$subscription|$group|$name" ;;
    *) echo "ERROR: '$words' is misspelled or not recognized by the system." >&2; exit 2 ;;
esac
[ "$words" != "network private-dns zone list" ] || [ -z "$query" ] || answer="$answer|$query"
if [ -f "$answer|error" ]; then
    cat "$answer|error" >&2
    exit 1
elif [ -f "$answer" ]; then
    cat "$answer"
elif [ "$output" = json ]; then
    echo '[]'
fi
# Some installations warn on every call.
echo 'UserWarning: 32-bit Python' >&2
"#;

/// A directory with an `az` and its answers.
struct Azure {
    root: PathBuf,
}

impl Azure {
    /// One that is logged in to `subscriptions`, the first one its own.
    fn new(name: &str, subscriptions: &[&str]) -> Azure {
        let root = directory(&format!("collect/{name}"));
        fs::create_dir_all(root.join("answers")).unwrap();
        fs::create_dir_all(root.join("bin")).unwrap();
        let az = root.join("bin/az");
        fs::write(&az, AZ).unwrap();
        fs::set_permissions(&az, fs::Permissions::from_mode(0o755)).unwrap();
        let azure = Azure { root };
        azure.answer("version", "{\n  \"azure-cli\": \"2.91.0\",\n  \"extensions\": {}\n}\n");
        azure.answer("account list", &format!("{}\n", subscriptions.join("\n")));
        azure.answer("account show|", &format!("{}\n", subscriptions[0]));
        for subscription in subscriptions {
            azure.answer(&format!("account show|{subscription}"), &format!("{subscription}\n"));
        }
        azure
    }

    /// The estate of the fixture, call by call.
    fn of_the_fixture(name: &str) -> Azure {
        let hub = "3f6b0c52-7d41-4e8a-9b1e-52a60d84c1f7";
        let spokes = "a81d94e0-26c5-4f37-8c0b-e9137b5d6f20";
        let azure = Azure::new(name, &[hub, spokes]);
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join(FIXTURE);
        let items = |file: &Path| -> Vec<Value> {
            serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
        };
        for (file, call) in [
            ("zones.json", "network private-dns zone list"),
            ("vnets.json", "network vnet list"),
            ("private-endpoints.json", "network private-endpoint list"),
            ("batch-accounts.json", "batch account list"),
        ] {
            let mut by_subscription: BTreeMap<String, Vec<Value>> = BTreeMap::new();
            for item in items(&manifest.join(file)) {
                by_subscription.entry(part(&item, 2)).or_default().push(item);
            }
            for (subscription, items) in by_subscription {
                azure.list(&format!("{call}|{subscription}"), &items);
            }
        }
        for (directory, call) in [
            ("record-sets", "network private-dns record-set list"),
            ("links", "network private-dns link vnet list"),
        ] {
            for entry in fs::read_dir(manifest.join(directory)).unwrap() {
                let items = items(&entry.unwrap().path());
                let Some(first) = items.first() else { continue };
                let zone = format!("{}|{}|{}", part(first, 2), part(first, 4), part(first, 8));
                azure.list(&format!("{call}|{zone}"), &items);
            }
        }
        azure
    }

    fn answer(&self, call: &str, text: &str) {
        fs::write(self.root.join("answers").join(call), text).unwrap();
    }

    /// A list as `az` writes it.
    fn list(&self, call: &str, items: &[Value]) {
        self.answer(call, &format!("{}\n", serde_json::to_string_pretty(items).unwrap()));
    }

    fn fail(&self, call: &str, message: &str) {
        self.answer(&format!("{call}|error"), message);
    }

    fn mend(&self, call: &str) {
        fs::remove_file(self.root.join("answers").join(format!("{call}|error"))).unwrap();
    }

    /// The calls since this was last asked.
    fn calls(&self) -> Vec<String> {
        let file = self.root.join("calls");
        let calls = fs::read_to_string(&file).unwrap_or_default();
        let _ = fs::remove_file(&file);
        calls.lines().map(str::to_owned).collect()
    }

    /// Those of them that ask for lists.
    fn lists(&self) -> Vec<String> {
        let start = ["account ", "version|", "extension "];
        self.calls().into_iter().filter(|call| !start.iter().any(|s| call.starts_with(s))).collect()
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var("PATH").unwrap();
        command.current_dir(&self.root);
        command.env("PATH", format!("{}:{path}", self.root.join("bin").display()));
        command
    }

    /// What the program prints.
    fn script(&self, arguments: &[&str]) -> String {
        let out = finish(self.privdns(arguments).output().unwrap());
        assert_eq!((out.0, out.2.as_str()), (0, ""));
        out.1
    }

    fn privdns(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_privdns"));
        command.arg("collect").args(arguments);
        command
    }

    /// Writes the script and runs it with a shell: status and what it told.
    fn collect(&self, shell: &[&str], arguments: &[&str]) -> (i32, String) {
        let file = if shell[0] == "pwsh" { "collect.ps1" } else { "collect.sh" };
        let text = match shell[0] {
            "pwsh" => self.script(&[arguments, &["--shell", "powershell"]].concat()),
            _ => self.script(arguments),
        };
        fs::write(self.root.join(file), text).unwrap();
        let mut command = self.command(shell[0]);
        command.args(&shell[1..]).arg(file);
        let (status, out, err) = finish(command.output().unwrap());
        assert_eq!(out, "", "results are files");
        (status, err)
    }

    /// The files of the export, and their texts.
    fn files(&self, directory: &str) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        let mut directories = vec![self.root.join(directory)];
        while let Some(path) = directories.pop() {
            for entry in fs::read_dir(path).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    directories.push(path);
                } else {
                    let name = path.strip_prefix(&self.root).unwrap().to_str().unwrap().to_owned();
                    files.insert(name, fs::read_to_string(path).unwrap());
                }
            }
        }
        files
    }
}

/// A part of an item's id, after so many slashes.
fn part(item: &Value, at: usize) -> String {
    item["id"].as_str().unwrap().split('/').nth(at).unwrap().to_owned()
}

/// The shells at hand, each with its arguments.
fn shells() -> Vec<Vec<&'static str>> {
    let all: [&[&str]; 5] =
        [&["sh"], &["dash"], &["bash"], &["busybox", "sh"], &["pwsh", "-NoProfile", "-File"]];
    let path = std::env::var_os("PATH").unwrap();
    let found = |name: &str| std::env::split_paths(&path).any(|at| at.join(name).is_file());
    all.iter().filter(|shell| found(shell[0])).map(|shell| shell.to_vec()).collect()
}

/// Rule and message of each finding.
fn findings(root: &Path, directory: &str) -> BTreeSet<(String, String)> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_privdns"));
    command.current_dir(root).args(["check", directory, "--format", "json"]);
    let (_, out, err) = finish(command.output().unwrap());
    assert_eq!(err, "");
    let report: Value = serde_json::from_str(&out).unwrap();
    let text = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|one| (text(one, "rule"), text(one, "message"))).collect()
}

/// A zone as `zone list` tells it.
fn zone(subscription: &str, group: &str, name: &str) -> Value {
    let id = format!(
        "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/privateDnsZones/{name}"
    );
    serde_json::json!({
        "id": id, "location": "global", "name": name, "resourceGroup": group,
        "type": "Microsoft.Network/privateDnsZones"
    })
}

#[test]
fn an_export_says_what_the_estate_it_comes_from_says() {
    let expected = findings(Path::new(env!("CARGO_MANIFEST_DIR")), FIXTURE);
    assert!(expected.len() > 10);
    for shell in shells() {
        let azure = Azure::of_the_fixture(&format!("same-{}", shell[0]));
        let (status, told) = azure.collect(&shell, &["--all-subscriptions"]);
        assert_eq!(status, 0, "{shell:?}: {told}");
        assert!(told.contains("0 failed\nnext: privdns check privdns-export\n"), "{told}");
        assert_eq!(findings(&azure.root, "privdns-export"), expected, "{shell:?}");
        let files = azure.files("privdns-export");
        assert!(files.keys().all(|name| name.ends_with(".json")), "{files:?}");
        assert!(files.contains_key(
            "privdns-export/3f6b0c52-7d41-4e8a-9b1e-52a60d84c1f7/records.privatelink.batch.azure.com@rg-nwl-dns.json"
        ));

        // The second time all is there.
        let asked = azure.lists().len();
        assert_eq!(asked, files.len());
        let (status, told) = azure.collect(&shell, &["--all-subscriptions"]);
        assert_eq!(status, 0, "{shell:?}: {told}");
        assert!(told.contains(&format!("0 lists collected in `privdns-export`, {asked} were")));
        assert_eq!(azure.lists(), [""; 0], "{shell:?}");
        assert_eq!(azure.files("privdns-export"), files);
    }
}

#[test]
fn a_failing_call_costs_nothing_but_itself() {
    let call = "network private-dns link vnet list|s1|rg|b.test";
    let message = "ERROR: (AuthorizationFailed) The client has no right to read\nCode: X";
    for shell in shells() {
        let azure = Azure::new(&format!("failing-{}", shell[0]), &["s1"]);
        let zones = ["a.test", "b.test", "c.test"].map(|name| zone("s1", "rg", name));
        azure.list("network private-dns zone list|s1", &zones);
        azure.fail(call, message);
        let (status, told) = azure.collect(&shell, &[]);
        assert_eq!(status, 1, "{shell:?}: {told}");
        assert!(told.contains("1 failed\n"), "{told}");
        let reason = "  az network private-dns link vnet list --subscription=s1 \
                      --resource-group=rg --zone-name=b.test\n    ERROR: (AuthorizationFailed) \
                      The client has no right to read\n    Code: X\n";
        assert!(told.contains(reason), "{shell:?}: {told}");
        let files = azure.files("privdns-export");
        assert!(!files.keys().any(|name| name.contains("links.b.test") || name.ends_with(".part")));
        for there in ["records.b.test@rg", "links.c.test@rg", "storage-accounts"] {
            assert!(files.contains_key(&format!("privdns-export/s1/{there}.json")), "{there}");
        }
        assert_eq!(azure.lists().len(), files.len() + 1);

        // It goes on where it stopped; a file that was cut is asked for again.
        azure.mend(call);
        fs::write(azure.root.join("privdns-export/s1/vnets.json"), "[\n  {\n").unwrap();
        let (status, told) = azure.collect(&shell, &[]);
        assert_eq!(status, 0, "{shell:?}: {told}");
        assert_eq!(
            azure.lists(),
            [
                "network private-dns link vnet list|s1|rg|b.test||json",
                "network vnet list|s1||||json"
            ]
        );
        assert_eq!(azure.files("privdns-export").len(), files.len() + 1);
    }
}

#[test]
fn an_answer_that_is_no_list_is_not_kept() {
    let azure = Azure::new("no-list", &["s1"]);
    azure.answer("network vnet list|s1", "");
    azure.answer("keyvault list|s1", "[\n  {\n    \"tags\": [\n    ]\n");
    let (status, told) = azure.collect(&["sh"], &[]);
    assert_eq!(status, 1);
    assert!(told.contains("2 failed"), "{told}");
    assert!(told.contains("    expected a JSON list, found something else\n"), "{told}");
    let files = azure.files("privdns-export");
    assert!(!files.keys().any(|name| name.contains("vnets") || name.contains("vaults")));
}

#[test]
fn a_service_that_is_not_used_is_no_failure() {
    let azure = Azure::new("unregistered", &["s1"]);
    let message = "ERROR: (MissingSubscriptionRegistration) not registered 'Microsoft.Batch'\n";
    azure.fail("batch account list|s1", message);
    let (status, told) = azure.collect(&["sh"], &[]);
    assert_eq!(status, 0, "{told}");
    assert!(told.contains("batch account list --subscription=s1\nnote: the subscription does not"));
}

#[test]
fn names_are_only_ever_names() {
    let names = [
        ("rg", "plain.test"),
        ("rg", "it's $(touch pwned) `touch pwned` \"; touch pwned; #.test"),
        ("a (b) & c|d <e> *", "star.test"),
        ("-g", "-z"),
        ("Gruppe-ü", "bücher.test"),
        ("..", "."),
        ("100%25", "% of.test"),
        ("a_b", "x"),
        ("a b", "x"),
        // Without the sign between zone and group, these two were one.
        ("b.c", "a"),
        ("c", "a.b"),
    ];
    let long = format!("{}.test", "long-label.".repeat(20));
    let mut names: Vec<(&str, &str)> = names.to_vec();
    names.push(("rg", &long));
    let other = format!("{long}2");
    names.push(("rg", &other));
    // Double quotes would be escaped in JSON; no name of Azure has them.
    let names: Vec<_> = names.iter().map(|(group, name)| (*group, name.replace('"', ""))).collect();
    for shell in shells() {
        let azure = Azure::new(&format!("odd-{}", shell[0]), &["s1"]);
        let zones: Vec<Value> = names.iter().map(|(group, name)| zone("s1", group, name)).collect();
        azure.list("network private-dns zone list|s1", &zones);
        let (status, told) = azure.collect(&shell, &["--directory", "it's -a $(touch pwned)"]);
        assert_eq!(status, 0, "{shell:?}: {told}");
        assert!(!azure.root.join("pwned").exists());
        let asked: BTreeSet<String> = azure.lists().into_iter().collect();
        for (group, name) in &names {
            for call in ["record-set list", "link vnet list"] {
                let call = format!("network private-dns {call}|s1|{group}|{name}||json");
                assert!(asked.contains(&call), "{shell:?}: {call} is not in {asked:#?}");
            }
        }
        let files = azure.files("it's -a $(touch pwned)");
        assert_eq!(files.len(), asked.len(), "{files:#?}");
        for file in files.keys() {
            let name = file.rsplit('/').next().unwrap();
            let safe = |c: char| c.is_ascii_alphanumeric() || "._-%@~".contains(c);
            assert!(name.chars().all(safe) && name.len() < 250, "{name}");
        }
        // And the second time each of them is found.
        assert_eq!(azure.collect(&shell, &["--directory", "it's -a $(touch pwned)"]).0, 0);
        assert_eq!(azure.lists(), [""; 0], "{shell:?}");
    }
}

#[test]
fn a_list_of_another_layout_is_looped_over_too() {
    for shell in shells() {
        let azure = Azure::new(&format!("layout-{}", shell[0]), &["s1"]);
        let zone = zone("s1", "rg", "a.test");
        azure.answer("network private-dns zone list|s1", &format!("[{zone}]\n"));
        let id = zone["id"].as_str().unwrap();
        azure.answer("network private-dns zone list|s1|[].id", &format!("{id}\r\n"));
        let (status, told) = azure.collect(&shell, &[]);
        assert_eq!(status, 0, "{told}");
        assert!(
            azure.files("privdns-export").contains_key("privdns-export/s1/links.a.test@rg.json")
        );

        // Where that fails, zones are missing and it says so.
        azure.fail("network private-dns zone list|s1|[].id", "ERROR: busy");
        let (status, told) = azure.collect(&shell, &[]);
        assert_eq!(status, 1, "{told}");
        assert!(told.contains("1 failed\n"), "{told}");
    }
}

#[test]
fn resolvers_are_asked_for_where_az_can() {
    let item = |kind: &str, name: &str| {
        let id = format!("/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Network/{kind}");
        serde_json::json!({"id": format!("{id}/{name}"), "name": name})
    };
    for shell in shells() {
        let azure = Azure::new(&format!("resolvers-{}", shell[0]), &["s1"]);
        let (status, told) = azure.collect(&shell, &[]);
        assert_eq!(status, 0);
        assert!(told.contains("note: DNS resolvers and their forwarding rules are left out"));
        assert!(!azure.calls().iter().any(|call| call.starts_with("dns-resolver")));

        azure.answer("extension list", "account\ndns-resolver\n");
        azure.list("dns-resolver list|s1", &[item("dnsResolvers", "in")]);
        let ruleset = item("dnsForwardingRulesets", "rules");
        azure.list("dns-resolver forwarding-ruleset list|s1", &[ruleset]);
        let (status, told) = azure.collect(&shell, &[]);
        assert_eq!(status, 0, "{told}");
        assert_eq!(
            azure.lists(),
            [
                "dns-resolver list|s1||||json",
                "dns-resolver inbound-endpoint list|s1|rg|in||json",
                "dns-resolver outbound-endpoint list|s1|rg|in||json",
                "dns-resolver forwarding-ruleset list|s1||||json",
                "dns-resolver forwarding-rule list|s1|rg|rules||json",
                "dns-resolver vnet-link list|s1|rg|rules||json",
            ]
        );
    }
}

#[test]
fn subscriptions_are_chosen() {
    let azure = Azure::new("subscriptions", &["s1", "s2", "s3"]);
    azure.answer("account show|It's \"the\" $HUB", "s2\r\n");
    let asked = |shell: &[&str], arguments: &[&str]| {
        let _ = fs::remove_dir_all(azure.root.join("privdns-export"));
        let (status, told) = azure.collect(shell, arguments);
        let calls = azure.lists();
        let of: BTreeSet<String> =
            calls.iter().filter_map(|call| Some(call.split('|').nth(1)?.to_owned())).collect();
        (status, of.into_iter().collect::<Vec<_>>().join(" "), told)
    };
    for shell in shells() {
        assert_eq!(asked(&shell, &[]).1, "s1");
        assert_eq!(asked(&shell, &["--all-subscriptions"]).1, "s1 s2 s3");
        assert_eq!(asked(&shell, &["-s", "s3", "--subscription", "It's \"the\" $HUB"]).1, "s2 s3");
        azure.fail("account show|nowhere", "ERROR: Subscription 'nowhere' not found.");
        let (status, of, told) = asked(&shell, &["-s", "nowhere", "-s", "s3"]);
        assert_eq!((status, of.as_str()), (1, "s3"));
        assert!(told.contains("Subscription 'nowhere' not found."), "{told}");
        assert!(told.contains("  az account show --subscription=nowhere"), "{told}");
    }
    let both = finish(azure.privdns(&["-s", "s1", "--all-subscriptions"]).output().unwrap());
    assert!(both.0 == 2 && both.2.contains("cannot be used with"), "{}", both.2);
    assert_eq!(finish(azure.privdns(&["-s", ""]).output().unwrap()).0, 2);
    let lines = finish(azure.privdns(&["--directory", "a\nb"]).output().unwrap());
    assert!(lines.0 == 2 && lines.2.contains("control character '\\n'"), "{}", lines.2);
}

#[test]
fn what_az_lacks_is_told() {
    for shell in shells() {
        let azure = Azure::new(&format!("lacks-{}", shell[0]), &["s1"]);
        let (status, told) = azure.collect(&shell, &[]);
        assert!(status == 0 && !told.contains("resolutionPolicy"), "{told}");
        for (version, old) in
            [("2.65.0", true), ("2.66.0", false), ("1.99.0", true), ("3.0", false)]
        {
            azure.answer("version", &format!("{{\n  \"azure-cli\": \"{version}\"\n}}\n"));
            let (status, told) = azure.collect(&shell, &[]);
            assert_eq!(status, 0);
            assert_eq!(told.contains("leaves `resolutionPolicy` out of links"), old, "{told}");
        }

        azure.fail("account show|", "ERROR: Please run 'az login' to setup account.");
        let (status, told) = azure.collect(&shell, &[]);
        assert_eq!(status, 2);
        assert!(told.contains("error: not logged in to Azure: run `az login` first\n"), "{told}");
    }
}

/// `az account show` answers from memory, and the first call finds out.
#[test]
fn a_login_that_is_over_stops_its_subscription_only() {
    let message = "ERROR: AADSTS700082: The refresh token has expired.";
    for shell in shells() {
        let azure = Azure::new(&format!("expired-{}", shell[0]), &["s1", "s2"]);
        azure.fail("network private-dns zone list|s1", message);
        let (status, told) = azure.collect(&shell, &["--all-subscriptions"]);
        assert_eq!(status, 1, "{told}");
        assert!(told.contains("error: Azure wants another login: run `az login`\n"), "{told}");
        let lists = azure.lists();
        assert_eq!(lists.iter().filter(|call| call.contains("|s1|")).count(), 1);
        assert_eq!(lists.iter().filter(|call| call.contains("|s2|")).count(), 29);
        assert!(!azure.root.join("privdns-export/s1").exists(), "no empty directories");

        azure.fail("network private-dns zone list|s2", message);
        let (status, _) = azure.collect(&shell, &["--all-subscriptions", "--directory", "other"]);
        assert_eq!(status, 2, "nothing could be asked");
    }
}

#[test]
fn it_runs_the_script_where_az_is() {
    let azure = Azure::new("run", &["s1"]);
    azure.list("network private-dns zone list|s1", &[zone("s1", "rg", "a.test")]);
    let (status, out, err) =
        finish(azure.privdns(&["--run", "--directory=-export"]).output().unwrap());
    assert_eq!((status, out.as_str()), (0, ""), "{err}");
    assert!(err.contains("next: privdns check ./-export\n"), "{err}");
    assert!(azure.files("-export").contains_key("-export/s1/records.a.test@rg.json"));
    azure.fail("network private-dns record-set list|s1|rg|a.test", "ERROR: busy");
    assert_eq!(finish(azure.privdns(&["--run"]).output().unwrap()).0, 1);
    azure.fail("account show|", "ERROR: Please run 'az login' to setup account.");
    assert_eq!(finish(azure.privdns(&["--run"]).output().unwrap()).0, 2);
}

#[test]
fn without_az_it_says_what_to_do() {
    let azure = Azure::new("no-az", &["s1"]);
    let mut run = azure.privdns(&["--run"]);
    run.env("PATH", azure.root.join("answers"));
    let (status, out, err) = finish(run.output().unwrap());
    assert_eq!((status, out.as_str()), (2, ""));
    insta::assert_snapshot!(err, @"error: `az` is not on PATH: expected the Azure CLI, https://aka.ms/azure-cli; without `--run`, this command writes the script, to be run where `az` is");

    fs::write(azure.root.join("collect.sh"), azure.script(&[])).unwrap();
    let mut script = azure.command("/bin/sh");
    script.arg("collect.sh").env("PATH", azure.root.join("answers"));
    let (status, _, err) = finish(script.output().unwrap());
    assert_eq!(status, 2);
    insta::assert_snapshot!(err, @"error: `az` is not on PATH: expected the Azure CLI, https://aka.ms/azure-cli");
    assert!(!azure.root.join("privdns-export").exists());
}

/// PowerShell may not be at hand to run the other script.
#[test]
fn both_scripts_make_the_same_calls_into_the_same_files() {
    let azure = Azure::new("both", &["s1"]);
    let [sh, powershell] = ["sh", "powershell"].map(|shell| azure.script(&["--shell", shell]));
    let commands = AZ.split("case $words in").nth(1).unwrap().split('"');
    let commands: Vec<&str> = commands.filter(|text| text.ends_with("list")).collect();
    assert_eq!(commands.len(), 41);
    for command in commands {
        assert!(sh.contains(command), "sh: {command}");
        let words = format!("'{}'", command.replace(' ', "', '"));
        let listed = format!(" {command}'");
        assert!(powershell.contains(&words) || powershell.contains(&listed), "{command}");
    }
    let names = |text: &str| -> BTreeSet<String> {
        let parts = text.split("$here/").skip(1);
        parts.filter_map(|part| Some(part.split_once(".json")?.0.to_owned())).collect()
    };
    let lists: BTreeSet<String> =
        names(&sh).into_iter().filter(|name| !name.contains('\n')).collect();
    assert_eq!(lists, names(&powershell));
    for prefix in ["records", "links", "zone-groups", "inbound-endpoints", "ruleset-links"] {
        assert!(sh.contains(&format!("$here/{prefix}.$suffix")), "{prefix}");
        assert!(powershell.contains(&format!("Get-Child '{prefix}' ")), "{prefix}");
    }
    for script in [sh, powershell] {
        // Windows PowerShell reads a script without a mark as an old code page.
        assert!(script.is_ascii());
        assert!(!script.contains("eval ") && !script.contains("Invoke-Expression"));
        let head: Vec<&str> = script.lines().take(20).collect();
        for placeholder in ["VERSION", "DIRECTORY", "SUBSCRIPTIONS", "ALL"] {
            assert!(!head.iter().any(|line| line.ends_with(placeholder)), "{placeholder}");
        }
    }
}

#[test]
fn a_script_is_written_with_what_was_asked() {
    let azure = Azure::new("written", &["s1"]);
    let head = |arguments: &[&str]| -> String {
        let script = azure.script(arguments);
        let lines = script
            .lines()
            .skip_while(|line| !line.contains("directory = '") && !line.starts_with("directory="));
        lines.take(4).filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(head(&[]), @r"
    directory='privdns-export'
    set --
    all=no
    ");
    insta::assert_snapshot!(head(&["-s", "a b", "-s", "it's", "--directory", "all=ALL"]), @r"
    directory='all=ALL'
    set -- 'a b' 'it'\''s'
    all=no
    ");
    insta::assert_snapshot!(head(&["--shell", "powershell", "-s", "it's ’t", "-s", "$x"]), @r"
    $directory = 'privdns-export'
    $subscriptions = @('it''s ’’t', '$x')
    $all = $false
    ");
    insta::assert_snapshot!(head(&["--shell", "powershell", "--all-subscriptions"]), @r"
    $directory = 'privdns-export'
    $subscriptions = @()
    $all = $true
    ");
}

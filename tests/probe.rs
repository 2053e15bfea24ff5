//! `probe`: lookups that settle what is assumed, at a server that behaves either way.
#![cfg(all(feature = "live", unix))]

mod common;

use std::fs;
use std::net::SocketAddr;
use std::process::Command;

use common::program::{directory, fits, run, run_in};
use common::server::{Record, Reply, alias, asked, fake, has, message, nsd, soa};
use serde_json::Value;

/// How the server behaves that plays Azure.
#[derive(Clone, Copy)]
struct Azure {
    /// Whether the scratch zone is there.
    made: bool,
    /// The RCODE of an empty non-terminal.
    ent: u8,
    /// How many aliases it follows.
    limit: usize,
    /// What a loop of aliases gives; nothing where that is `None`.
    cycle: Option<u8>,
    /// Whether a wildcard answers for an empty set.
    wild: bool,
    /// Whether the apex has NS.
    ns: bool,
    /// Whether a zone of no service redirects.
    redirects: bool,
    /// Whether private zones are asked again after a redirect; `None` where nothing redirects.
    again: Option<bool>,
    /// Whether the rules are there.
    rules: bool,
    /// Whether a rule wins: over a zone, over reserved names, over built-in ones, and on
    /// targets of aliases.
    wins: bool,
}

const USUAL: Azure = Azure {
    made: true,
    ent: 0,
    limit: 16,
    cycle: Some(2),
    wild: false,
    ns: false,
    redirects: true,
    again: Some(true),
    rules: true,
    wins: false,
};

/// Sends an answer: its RCODE, its records, the zone that says no and its host.
type Send<'s> = dyn Fn(u8, &[Record], Option<(&str, &str)>) -> Reply + 's;

const NXDOMAIN: u8 = 3;
const SERVFAIL: u8 = 2;

const ZONE: &str = "privdns-probe.test";

fn a(owner: &str, last: u8) -> Record {
    (owner.to_owned(), 1, vec![192, 0, 2, last])
}

impl Azure {
    fn answer(self, query: &[u8]) -> Reply {
        let name = asked(query);
        let name = name.as_str();
        let send = |rcode, answers: &[Record], zone: Option<(&str, &str)>| {
            let authority: Vec<Record> = zone.iter().map(|(apex, host)| soa(apex, host)).collect();
            Reply::Send(vec![message(query, rcode, answers, &authority)])
        };
        let private = (ZONE, "azureprivatedns.net");
        let public = Some(("", "a.root-servers.net"));
        let failed = || send(SERVFAIL, &[], None);
        let head = name.strip_suffix(&format!(".{ZONE}"));
        match head.filter(|_| self.made) {
            Some("here" | "below.ent" | "here.privatelink") => send(0, &[a(name, 1)], None),
            Some("ent") => send(self.ent, &[], Some(private)),
            Some("any.wild") => send(0, &[a(name, 2)], None),
            Some("empty.wild") if self.wild => send(0, &[a(name, 2)], None),
            Some("empty.wild") => send(0, &[], Some(private)),
            Some("loop-a") => self.cycle.map_or(Reply::Silence, |rcode| {
                let other = format!("loop-b.{ZONE}");
                send(rcode, &[alias(name, &other), alias(&other, name)], None)
            }),
            Some("in.forwarded") if self.wins => failed(),
            Some("in.forwarded") => send(0, &[a(name, 1)], None),
            Some("to-rule") if self.wins && self.rules => failed(),
            Some("to-rule" | "to-nobody") => {
                send(NXDOMAIN, &[alias(name, "x.privdns-probe-nobody.test")], public)
            }
            Some("gone.privatelink") if self.redirects => send(NXDOMAIN, &[], public),
            Some(hop) if hop.starts_with("hop") => {
                let hops: usize = hop[3..].parse().unwrap();
                let mut chain: Vec<Record> = (0..hops.min(self.limit))
                    .map(|at| {
                        let of = |at: usize| format!("hop{}.{ZONE}", hops - at);
                        alias(&of(at), &of(at + 1))
                    })
                    .collect();
                let rcode = if hops > self.limit { SERVFAIL } else { 0 };
                chain.extend((rcode == 0).then(|| a(&format!("hop0.{ZONE}"), 1)));
                send(rcode, &chain, None)
            }
            Some(_) => send(NXDOMAIN, &[], Some(private)),
            None => self.elsewhere(name, &send),
        }
    }

    fn elsewhere(self, name: &str, send: &Send<'_>) -> Reply {
        let public = Some(("", "a.root-servers.net"));
        match name {
            ZONE if self.ns => send(0, &[(name.to_owned(), 2, vec![1, b'x', 0])], None),
            ZONE => send(0, &[], Some((ZONE, "azureprivatedns.net"))),
            "acct.eastus.batch.azure.com" => {
                let old = "acct.privatelink.eastus.batch.azure.com";
                let new = "acct.eastus.privatelink.batch.azure.com";
                let mut chain = vec![alias(name, old)];
                let zone = ("privatelink.eastus.batch.azure.com", "azureprivatedns.net");
                let Some(again) = self.again else { return send(NXDOMAIN, &chain, Some(zone)) };
                chain.push(alias(old, new));
                let last = if again { 1 } else { 99 };
                chain.push(a(new, last));
                send(0, &chain, None)
            }
            "x.privdns-probe-rule.test" | "privdns-probe.example.net" if self.rules => {
                send(SERVFAIL, &[], None)
            }
            "privdns-probe.core.windows.net" if self.rules && self.wins => {
                send(SERVFAIL, &[], None)
            }
            "4.0.0.10.in-addr.arpa" if self.rules && self.wins => send(SERVFAIL, &[], None),
            "4.0.0.10.in-addr.arpa" => {
                let target = common::server::wire_name("vm.internal.cloudapp.net");
                send(0, &[(name.to_owned(), 12, target)], None)
            }
            _ => send(NXDOMAIN, &[], public),
        }
    }

    fn start(self) -> SocketAddr {
        fake(move |_, query, _| self.answer(query))
    }
}

/// `probe` in a directory of its own: exit status, report, messages.
fn probe(test: &str, azure: Azure, more: &[&str]) -> (i32, String, String) {
    let directory = directory(&format!("probe/{test}"));
    probe_in(&directory, azure.start(), more)
}

fn probe_in(
    directory: &std::path::Path,
    server: SocketAddr,
    more: &[&str],
) -> (i32, String, String) {
    let server = server.to_string();
    let mut all = vec!["probe", "--server", &server, "--timeout", "0.3", "--rate", "900"];
    all.extend(more);
    let (status, out, err) = run_in(directory, &all);
    (status, out.replace(&server, "SERVER"), err.replace(&server, "SERVER"))
}

const EVERYTHING: [&str; 6] =
    ["--batch", "acct.eastus", "--ruleset", "hub-rg/rules", "--machine", "10.0.0.4"];

/// What was found of one assumption: the value, or the verdict and why.
fn found(azure: Azure, test: &str, assumption: &str) -> String {
    let mut more = EVERYTHING.to_vec();
    more.extend(["--format", "json", "--dry-run"]);
    let (_, out, err) = probe(test, azure, &more);
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));
    fits("probe", &out);
    let probes = report["probes"].as_array().unwrap().iter();
    let one = probes.clone().find(|one| one["assumption"] == assumption).unwrap();
    match one["value"].as_str() {
        Some(value) => value.to_owned(),
        None => {
            format!("{}: {}", one["verdict"].as_str().unwrap(), one["because"].as_str().unwrap())
        }
    }
}

#[test]
fn what_is_settled_is_written_with_the_rest_left_as_it_was() {
    let directory = directory("probe/write");
    let settings = directory.join("privdns.toml");
    let before = "# Ours.\nfail-on = \"warning\"\n\n[assume]\n# Asked of support.\n\
                  ent-answer = \"nxdomain\" # in May\n\n[[ignore]]\nrule = \"shadowed-*\"\n\
                  reason = \"moves in June\"\n";
    fs::write(&settings, before).unwrap();
    let (status, out, err) = probe_in(&directory, USUAL.start(), &["--dry-run"]);
    assert_eq!((status, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("would write what is settled to privdns.toml"), "{out}");
    assert_eq!(fs::read_to_string(&settings).unwrap(), before);

    let (status, out, err) = probe_in(&directory, USUAL.start(), &EVERYTHING);
    assert_eq!((status, err.as_str()), (0, ""), "{out}");
    insta::assert_snapshot!(out, @"
    asked SERVER, scratch zone privdns-probe.test

    assumption              before             seen                       settled
    ent-answer              nxdomain           NODATA                     nodata
    alias-limit             16                 SERVFAIL                   16
    loop-rcode              servfail           SERVFAIL                   servfail
    empty-set               nodata             NODATA                     nodata
    apex-ns                 nodata             NODATA                     nodata
    redirect-zones          privatelink-label  NXDOMAIN                   privatelink-label
    after-redirect          consult-private    192.0.2.1                  consult-private
    rule-longer-than-zone   zone-wins          192.0.2.1                  zone-wins
    rules-on-cname-targets  yes                NXDOMAIN                   no
    reserved-suffixes       listed             NXDOMAIN                   listed
    built-in-order          built-in-first     vm.internal.cloudapp.net.  built-in-first

    no lookup in a network settles unlisted-endpoint, inferred-endpoint, unexported-dns,
    unstated-policy, unexported-links, rechase-forwarded, forwarders-on-aliases, policy-order,
    node-management-chain, sovereign-batch, cross-tenant-links, duplicate-machines, group-edit,
    alias-after-endpoint, unexported-zones, unrecorded-machines, unused-alias, unread-policy,
    policy-on-forwarded; `privdns assumptions` says what does

    11 assumptions settled, 2 otherwise than before
    wrote what is settled to privdns.toml, under [assume]
    ");
    let after = fs::read_to_string(&settings).unwrap();
    let day = after.split("probed ").nth(1).unwrap()[..10].to_owned();
    insta::assert_snapshot!(after.replace(&day, "DAY"), @r#"
    # Ours.
    fail-on = "warning"

    [assume]
    # Asked of support.
    ent-answer = "nodata"  # probed DAY at 127.0.0.1
    alias-limit = "16"  # probed DAY at 127.0.0.1
    loop-rcode = "servfail"  # probed DAY at 127.0.0.1
    empty-set = "nodata"  # probed DAY at 127.0.0.1
    apex-ns = "nodata"  # probed DAY at 127.0.0.1
    redirect-zones = "privatelink-label"  # probed DAY at 127.0.0.1
    after-redirect = "consult-private"  # probed DAY at 127.0.0.1
    rule-longer-than-zone = "zone-wins"  # probed DAY at 127.0.0.1
    rules-on-cname-targets = "no"  # probed DAY at 127.0.0.1
    reserved-suffixes = "listed"  # probed DAY at 127.0.0.1
    built-in-order = "built-in-first"  # probed DAY at 127.0.0.1

    [[ignore]]
    rule = "shadowed-*"
    reason = "moves in June"
    "#);
    // And what was written is read again.
    fs::write(directory.join("e.estate"), "vnet hub dns azure\n").unwrap();
    let (_, _, err) = run_in(&directory, &["resolve", "e.estate", "a.b", "--vnet", "hub"]);
    assert_eq!(err, "");
}

#[test]
fn without_settings_a_file_is_made() {
    let directory = directory("probe/fresh");
    let (status, out, _) = probe_in(&directory, USUAL.start(), &["--config", "own.toml"]);
    assert_eq!(status, 0, "{out}");
    let text = fs::read_to_string(directory.join("own.toml")).unwrap();
    assert!(text.starts_with("[assume]\nent-answer = \"nodata\"  # probed "), "{text}");
}

#[test]
fn every_behaviour_is_recognised() {
    let wins = Azure { wins: true, ..USUAL };
    for (assumption, azure, value) in [
        ("ent-answer", USUAL, "nodata"),
        ("ent-answer", Azure { ent: NXDOMAIN, ..USUAL }, "nxdomain"),
        ("alias-limit", USUAL, "16"),
        ("loop-rcode", USUAL, "servfail"),
        ("empty-set", USUAL, "nodata"),
        ("apex-ns", USUAL, "nodata"),
        ("redirect-zones", USUAL, "privatelink-label"),
        ("redirect-zones", Azure { redirects: false, ..USUAL }, "catalogue"),
        ("after-redirect", USUAL, "consult-private"),
        ("after-redirect", Azure { again: Some(false), ..USUAL }, "public-only"),
        ("rule-longer-than-zone", USUAL, "zone-wins"),
        ("rule-longer-than-zone", wins, "rule-wins"),
        ("rules-on-cname-targets", USUAL, "no"),
        ("rules-on-cname-targets", wins, "yes"),
        ("reserved-suffixes", USUAL, "listed"),
        ("reserved-suffixes", wins, "none"),
        ("built-in-order", USUAL, "built-in-first"),
        ("built-in-order", wins, "rules-first"),
    ] {
        assert_eq!(found(azure, "each", assumption), value, "{assumption}");
    }
}

#[test]
fn what_no_value_stands_for_is_told_and_not_written() {
    for (assumption, azure, value) in [
        ("alias-limit", Azure { limit: 11, ..USUAL }, "no-value: 11 aliases are followed and 12 "),
        ("alias-limit", Azure { limit: 100, ..USUAL }, "no-value: "),
        ("empty-set", Azure { wild: true, ..USUAL }, "no-value: the wildcard answers in its place"),
        ("apex-ns", Azure { ns: true, ..USUAL }, "no-value: NS x."),
        ("loop-rcode", Azure { cycle: Some(0), ..USUAL }, "no-value: aliases without an address"),
    ] {
        let found = found(azure, "no-value", assumption);
        assert!(found.starts_with(value), "{assumption}: {found}");
    }
    let azure = Azure { wild: true, ..USUAL };
    let (status, out, _) = probe("no-value-file", azure, &["--config", "own.toml"]);
    assert_eq!(status, 2);
    assert!(
        out.contains("empty-set: the wildcard answers in its place, which no value stands for")
    );
    let file = directory_of("no-value-file").join("own.toml");
    assert!(!fs::read_to_string(file).unwrap().contains("empty-set"));
}

fn directory_of(test: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("probe").join(test)
}

#[test]
fn what_stays_undecided_says_why() {
    for (assumption, azure, why) in [
        (
            "after-redirect",
            Azure { again: None, ..USUAL },
            "undecided: privatelink.eastus.batch.azure.com does not redirect: \
             acct.eastus.batch.azure.com is NXDOMAIN",
        ),
        (
            "rule-longer-than-zone",
            Azure { rules: false, ..USUAL },
            "undecided: x.privdns-probe-rule.test is NXDOMAIN: no rule forwards it",
        ),
        (
            "reserved-suffixes",
            Azure { rules: false, ..USUAL },
            "undecided: privdns-probe.example.net is NXDOMAIN: no rule forwards it",
        ),
        (
            "ent-answer",
            Azure { ent: 5, ..USUAL },
            "undecided: ent.privdns-probe.test is REFUSED, expected NODATA or NXDOMAIN",
        ),
    ] {
        assert_eq!(found(azure, "undecided", assumption), why);
    }
}

#[test]
fn what_needs_more_is_not_tried_and_says_what() {
    let (status, out, _) = probe("bare", USUAL, &["--dry-run"]);
    assert_eq!(status, 0);
    for line in [
        "after-redirect: not tried, needs a Batch account with a private endpoint: --batch",
        "built-in-order: not tried, needs a ruleset and a machine in the network: --ruleset, --machine",
        "5 not tried",
    ] {
        assert!(out.contains(line), "{out}");
    }
}

#[test]
fn without_the_scratch_zone_the_commands_are_printed_and_nothing_is_settled() {
    let (status, out, err) = probe("unmade", Azure { made: false, ..USUAL }, &[]);
    assert_eq!((status, out.as_str()), (2, ""));
    assert!(err.contains("az network private-dns zone import -g privdns-probe"), "{err}");
    assert!(
        err.contains("here.privdns-probe.test is NXDOMAIN, expected 192.0.2.1; make it with"),
        "{err}"
    );
    assert!(!directory_of("unmade").join("privdns.toml").exists());
}

#[test]
fn mistakes_are_told_before_anybody_is_asked() {
    for (arguments, message) in [
        (&["--batch", "acct"][..], "expected ACCOUNT.REGION"),
        (&["--ruleset", "rules"], "expected GROUP/RULESET"),
        (&["--machine", "10.0.0.4"], "--ruleset"),
        (&["--zone", "test"], "expected a zone of two labels or more"),
        (&["--config", "Cargo.toml"], "unknown field"),
    ] {
        let mut all = vec!["probe", "--server", "127.0.0.1:1"];
        all.extend(arguments);
        let (status, _, err) = run(&all);
        assert_eq!(status, 2);
        assert!(err.contains(message), "{err}");
    }
}

/// The commands, run by a shell with an `az` that writes down what it is told; the zone
/// file that they import, served by NSD, is what `probe` asks for.
#[test]
fn the_commands_make_what_is_asked_for() {
    let directory = directory("probe/commands");
    let mut all = vec!["probe", "--commands", "-g", "my group", "-l", "westeurope", "--vnet", "/v"];
    all.extend(EVERYTHING);
    let (status, out, _) = run(&all);
    assert_eq!(status, 0);
    let (make, delete) = out.split_once("# Delete it once that has run.\n").unwrap();
    fs::write(directory.join("make.sh"), make).unwrap();
    let az = directory.join("az");
    fs::write(&az, "#!/bin/sh\nprintf '[%s] ' \"$@\" >> log\necho >> log\n").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&az, mode).unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-eu", "make.sh"]).current_dir(&directory).env("PATH", path(&directory));
    assert!(shell.status().unwrap().success());
    let log = fs::read_to_string(directory.join("log")).unwrap();
    insta::assert_snapshot!(log.replace("] \n", "]\n"), @"
    [group] [create] [-n] [my group] [-l] [westeurope]
    [network] [private-dns] [zone] [import] [-g] [my group] [-n] [privdns-probe.test] [-f] [privdns-probe.zone]
    [network] [private-dns] [record-set] [a] [create] [-g] [my group] [-z] [privdns-probe.test] [-n] [empty.wild]
    [network] [private-dns] [link] [vnet] [create] [-g] [my group] [-z] [privdns-probe.test] [-n] [privdns-probe] [-v] [/v] [-e] [false]
    [network] [private-dns] [zone] [create] [-g] [my group] [-n] [privatelink.privdns-probe.test]
    [network] [private-dns] [record-set] [a] [add-record] [-g] [my group] [-z] [privatelink.privdns-probe.test] [-n] [here] [-a] [192.0.2.1]
    [network] [private-dns] [link] [vnet] [create] [-g] [my group] [-z] [privatelink.privdns-probe.test] [-n] [privdns-probe] [-v] [/v] [-e] [false]
    [network] [private-dns] [link] [vnet] [update] [-g] [my group] [-z] [privatelink.privdns-probe.test] [-n] [privdns-probe] [--resolution-policy] [NxDomainRedirect]
    [network] [private-dns] [zone] [create] [-g] [my group] [-n] [privatelink.eastus.batch.azure.com]
    [network] [private-dns] [link] [vnet] [create] [-g] [my group] [-z] [privatelink.eastus.batch.azure.com] [-n] [privdns-probe] [-v] [/v] [-e] [false] [--resolution-policy] [NxDomainRedirect]
    [network] [private-dns] [zone] [create] [-g] [my group] [-n] [privatelink.batch.azure.com]
    [network] [private-dns] [record-set] [a] [add-record] [-g] [my group] [-z] [privatelink.batch.azure.com] [-n] [acct.eastus] [-a] [192.0.2.1]
    [network] [private-dns] [link] [vnet] [create] [-g] [my group] [-z] [privatelink.batch.azure.com] [-n] [privdns-probe] [-v] [/v] [-e] [false]
    [dns-resolver] [forwarding-rule] [create] [-g] [hub-rg] [--ruleset-name] [rules] [-n] [privdns-probe-control] [--domain-name] [privdns-probe-rule.test.] [--forwarding-rule-state] [Enabled] [--target-dns-servers] [[{ip-address:192.0.2.53,port:53}]]
    [dns-resolver] [forwarding-rule] [create] [-g] [hub-rg] [--ruleset-name] [rules] [-n] [privdns-probe-in-zone] [--domain-name] [forwarded.privdns-probe.test.] [--forwarding-rule-state] [Enabled] [--target-dns-servers] [[{ip-address:192.0.2.53,port:53}]]
    [dns-resolver] [forwarding-rule] [create] [-g] [hub-rg] [--ruleset-name] [rules] [-n] [privdns-probe-net] [--domain-name] [net.] [--forwarding-rule-state] [Enabled] [--target-dns-servers] [[{ip-address:192.0.2.53,port:53}]]
    [dns-resolver] [forwarding-rule] [create] [-g] [hub-rg] [--ruleset-name] [rules] [-n] [privdns-probe-reverse] [--domain-name] [4.0.0.10.in-addr.arpa.] [--forwarding-rule-state] [Enabled] [--target-dns-servers] [[{ip-address:192.0.2.53,port:53}]]
    ");
    insta::assert_snapshot!(delete, @"
    az network private-dns link vnet delete -g 'my group' -z privdns-probe.test -n privdns-probe -y
    az network private-dns zone delete -g 'my group' -n privdns-probe.test -y
    az network private-dns link vnet delete -g 'my group' -z privatelink.privdns-probe.test -n privdns-probe -y
    az network private-dns zone delete -g 'my group' -n privatelink.privdns-probe.test -y
    az network private-dns link vnet delete -g 'my group' -z privatelink.eastus.batch.azure.com -n privdns-probe -y
    az network private-dns zone delete -g 'my group' -n privatelink.eastus.batch.azure.com -y
    az network private-dns link vnet delete -g 'my group' -z privatelink.batch.azure.com -n privdns-probe -y
    az network private-dns zone delete -g 'my group' -n privatelink.batch.azure.com -y
    az dns-resolver forwarding-rule delete -g hub-rg --ruleset-name rules -n privdns-probe-control -y
    az dns-resolver forwarding-rule delete -g hub-rg --ruleset-name rules -n privdns-probe-in-zone -y
    az dns-resolver forwarding-rule delete -g hub-rg --ruleset-name rules -n privdns-probe-net -y
    az dns-resolver forwarding-rule delete -g hub-rg --ruleset-name rules -n privdns-probe-reverse -y
    rm privdns-probe.zone
    # And the group, if it holds nothing else: az group delete -n 'my group'
    ");
    if !has("nsd") {
        return;
    }
    let zone = directory.join("privdns-probe.zone");
    let running = nsd(&directory, &[(ZONE, &zone)]);
    let (_, out, err) = probe_in(&directory, running.address, &["--dry-run"]);
    // A server of names follows the aliases of its zone; what is not in the file is not there.
    assert!(out.contains("ent-answer              nodata             NODATA"), "{out}{err}");
    assert!(out.contains("here.privatelink.privdns-probe.test is NXDOMAIN"), "{out}");
}

fn path(first: &std::path::Path) -> std::ffi::OsString {
    let mut path = first.as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    path
}

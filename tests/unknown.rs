//! Unknown answers: each says why, and what would settle it.

mod common;

use common::program::run_with;
use serde_json::Value;

#[test]
fn a_link_that_does_not_work_yet_has_two_answers() {
    let estate = "\
vnet hub
zone privatelink.blob.core.windows.net  link hub:redirect:pending
  sta  A  10.1.0.4
public blob sta
public blob stb
";
    let ask = ["resolve", "-", "sta.blob.core.windows.net", "stb.blob.core.windows.net"];
    let (status, out, err) = run_with(&ask, estate);
    assert_eq!((status, err.as_str()), (0, ""));
    insta::assert_snapshot!(out, @r"
    sta.blob.core.windows.net A from hub
      answer    unknown, because the link of zone `privatelink.blob.core.windows.net` is not operational yet
      chain     sta.privatelink.blob.core.windows.net
      decided   by zone privatelink.blob.core.windows.net (<stdin>:2:1)
      settled   by waiting until the link is operational, and a new export
      either    the public endpoint, whose address nobody recorded, until the link works
      either    10.1.0.4 (private), once it does

    stb.blob.core.windows.net A from hub
      answer    the public endpoint, whose address nobody recorded
      chain     stb.privatelink.blob.core.windows.net
      decided   by public DNS, by the catalogue (chain blob, documented)
    ");
}

const PENDING: &str = "\
vnet hub
zone corp.test  link hub:pending
  nas  A  10.0.0.7
ruleset r  link hub:pending
  f.test  10.9.0.1
domain-list bad
  evil.test
security-policy p  link hub:pending
  100  block-servfail  bad
public record nas.corp.test  A  203.0.113.7
public record a.f.test       A  203.0.113.8
public record evil.test      A  203.0.113.9
";

/// The links of zones, of rulesets and of policies, in both forms of report.
#[test]
fn each_kind_of_pending_link_tells_both_answers() {
    for (name, without, with) in [
        ("nas.corp.test", ("answered", "203.0.113.7"), ("answered", "10.0.0.7")),
        ("a.f.test", ("answered", "203.0.113.8"), ("forwarded", "10.9.0.1")),
        ("evil.test", ("answered", "203.0.113.9"), ("blocked", "SERVFAIL")),
    ] {
        let (_, out, _) = run_with(&["resolve", "-", name], PENDING);
        let told: Vec<&str> =
            out.lines().filter_map(|line| line.strip_prefix("  either    ")).collect();
        let [first, second] = told[..] else { panic!("{out}") };
        assert!(first.contains(without.1) && first.ends_with(", until the link works"), "{out}");
        assert!(second.contains(with.1) && second.ends_with(", once it does"), "{out}");
        let (_, line, _) = run_with(&["resolve", "-", name, "--format", "jsonl"], PENDING);
        let one: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(one["outcome"], "unknown");
        let ways = one["either"].as_array().unwrap();
        let outcomes = ways.iter().map(|way| (&way["link"], &way["outcome"]));
        let outcomes: Vec<(&str, &str)> =
            outcomes.map(|(link, how)| (link.as_str().unwrap(), how.as_str().unwrap())).collect();
        assert_eq!(outcomes, [("absent", without.0), ("works", with.0)], "{line}");
        assert_eq!(ways[0]["answers"][0]["data"], without.1, "{line}");
    }
}

/// Of a link that goes or was not made nobody says that it only has to be waited for.
#[test]
fn a_link_that_goes_or_failed_is_not_waited_for() {
    let export = |state: &str| {
        format!(
            r#"[{{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateDnsZones/corp.test",
              "name": "corp.test", "type": "Microsoft.Network/privateDnsZones"}},
             {{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateDnsZones/corp.test/A/nas",
              "name": "nas", "type": "Microsoft.Network/privateDnsZones/A",
              "aRecords": [{{"ipv4Address": "10.0.0.7"}}]}},
             {{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateDnsZones/corp.test/virtualNetworkLinks/l",
              "name": "l", "type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
              "provisioningState": "{state}",
              "virtualNetwork": {{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/hub"}}}}]"#
        )
    };
    for (state, is, settled, ways) in [
        (
            "Updating",
            "is not operational yet",
            "waiting until the link is operational",
            ["until the link works", "once it does"],
        ),
        (
            "Deleting",
            "is being deleted",
            "waiting until the link is gone",
            ["once the link is gone", "until then"],
        ),
        (
            "Failed",
            "making or changing it failed",
            "deleting the link and making it anew",
            ["where the link does not work", "where it does"],
        ),
    ] {
        let (_, out, _) = run_with(&["resolve", "-", "nas.corp.test"], &export(state));
        for word in [is, settled, ways[0], ways[1]] {
            assert!(out.contains(word), "{word}: {out}");
        }
    }
}

/// Estates whose answer is unknown, a name, and a word of what would tell.
#[test]
fn each_unknown_says_what_would_tell() {
    for (estate, name, tells) in [
        ("vnet hub dns 10.9.0.4\n", "a.test", "server NAME  address 10.9.0.4"),
        ("vnet hub dns unknown\nzone z.test\n", "a.test", "dig a.test"),
        ("zone z.test link hub\n", "b.test", "dig b.test"),
        ("vnet hub\nzone z.test unread link hub\n", "a.z.test", "record-set list -z z.test"),
        ("vnet hub\nzone z.test partial link hub\n", "a.z.test", "record-set list -z z.test"),
        (
            "vnet hub\nzone privatelink.blob.core.windows.net link hub\n",
            "a.blob.core.windows.net",
            "dig a.blob.core.windows.net` outside Azure: an alias with",
        ),
        ("vnet hub dns 10.0.0.4\ninbound in address 10.0.0.4\n", "a.test", "inbound-endpoint list"),
        (
            "vnet hub dns 10.0.0.5\nserver s vnet hub address 10.0.0.5 recursion unknown\n",
            "a.test",
            "Get-DnsServerForwarder",
        ),
        (
            "vnet hub dns 10.0.0.5\nserver s vnet hub address 10.0.0.5 partial\n",
            "a.test",
            "asking server `s` for `a.test`",
        ),
        (
            "vnet hub dns 10.0.0.5\nserver s vnet hub address 10.0.0.5\n  zone z.test unread\n",
            "a.z.test",
            "record a.z.test …` under `zone z.test`",
        ),
        ("vnet hub\nruleset r link hub unread\n", "a.test", "forwarding-rule list"),
        ("site hq\nserver s address 10.9.0.4\n", "a.test", "`dns` of the `site`"),
    ] {
        let (_, out, _) = run_with(&["resolve", "-", name], estate);
        let told = out.lines().find_map(|line| line.strip_prefix("  settled   by "));
        assert!(told.is_some_and(|told| told.contains(tells)), "{estate}{out}");
        let (_, json, _) = run_with(&["resolve", "-", name, "--format", "json"], estate);
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["resolutions"][0]["settled_by"].as_str(), told, "{estate}");
    }
    // What is known needs nothing.
    let known = "vnet hub\nzone z.test link hub\n";
    assert!(!run_with(&["resolve", "-", "a.z.test"], known).1.contains("settled"));
}

/// Networks that share a view have addresses of their own.
#[test]
fn a_built_in_name_is_asked_for_in_each_network_by_itself() {
    let estate = "\
vnet a  space 10.0.0.0/16
vnet b  space 10.1.0.0/16
vnet c  space 10.0.0.0/16
nic n  vnet a  address 10.0.0.4  vm vm1
";
    let ask = |vnet: &str| {
        let ask = ["resolve", "-", "4.0.0.10.in-addr.arpa", "--type", "PTR", "--vnet", vnet];
        let (_, out, _) = run_with(&ask, estate);
        out.lines().find_map(|line| line.strip_prefix("  answer    ")).unwrap().to_owned()
    };
    assert_eq!(ask("a"), "vm1.internal.cloudapp.net. (private)");
    assert_eq!(ask("b"), "NXDOMAIN: 4.0.0.10.in-addr.arpa does not exist");
    // Whose addresses they may be is in no export.
    assert!(ask("c").starts_with("unknown, because"), "{}", ask("c"));
}

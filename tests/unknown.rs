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
      answer    unknown, because the link of zone `privatelink.blob.core.windows.net` is not operational yet
      chain     stb.privatelink.blob.core.windows.net
      decided   by zone privatelink.blob.core.windows.net (<stdin>:2:1)
      settled   by waiting until the link is operational, and a new export
      either    the public endpoint, whose address nobody recorded, until the link works
      either    the public endpoint, whose address nobody recorded, once it does
    ");
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

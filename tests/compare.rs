//! `compare`: what was seen beside what the simulation says, and why it differs.

mod common;

use std::fs;
use std::hash::{Hash, Hasher};

use common::program::{directory, fits, run, run_with};
use privdns::comparison;
use privdns::index::{Index, Settings};
use privdns::record::RecordType;
use privdns::render::comparison::{Entry, human};
use privdns::transcript;
use serde_json::Value;

/// A hub whose Batch account is in the regional zone; a second zone is not linked, and
/// `lab` has neither.
const ESTATE: &str = "\
vnet hub dns azure
vnet lab dns azure
zone privatelink.eastus.batch.azure.com link hub
  acct A 10.0.0.5
zone privatelink.batch.azure.com
  acct.eastus A 10.0.0.6
zone corp.internal link hub
  nas A 10.0.0.7
  _sip._tcp SRV 0 0 5061 nas
zone lab.internal link lab
  box A 10.9.0.4
";

/// `compare` of a transcript: status, then everything that is printed.
fn compare(test: &str, transcript: &str) -> (i32, String) {
    let directory = directory(&format!("compare/{test}"));
    let file = directory.join("seen.txt");
    fs::write(&file, transcript).unwrap();
    let file = file.to_str().unwrap();
    let (status, out, err) =
        run_with(&["compare", "-", "--vnet", "hub", "--transcript", file], ESTATE);
    (status, (err + &out).replace(file, "seen.txt"))
}

/// The reasons only.
fn reasons(test: &str, transcript: &str) -> Vec<String> {
    let (_, text) = compare(test, transcript);
    text.lines()
        .filter_map(|line| line.trim().strip_prefix("likely"))
        .map(|line| line.trim().to_owned())
        .collect()
}

#[test]
fn what_agrees_is_the_same() {
    let (status, text) = compare(
        "same",
        "$ host acct.eastus.batch.azure.com\n\
         acct.eastus.batch.azure.com is an alias for acct.privatelink.eastus.batch.azure.com.\n\
         acct.privatelink.eastus.batch.azure.com has address 10.0.0.5\n\
         $ dig nas.corp.internal +short\n10.0.0.7\n\
         $ host gone.corp.internal\nHost gone.corp.internal not found: 3(NXDOMAIN)\n",
    );
    insta::assert_snapshot!(text, @"
    endpoint                     expected  seen      private?  first hop that differs  server
    acct.eastus.batch.azure.com  10.0.0.5  10.0.0.5  yes       -                       not shown
    nas.corp.internal            10.0.0.7  10.0.0.7  yes       -                       not shown
    gone.corp.internal           NXDOMAIN  NXDOMAIN  nowhere   -                       not shown

    from hub: 3 answers, 3 the same
    ");
    assert_eq!(status, 0);
}

#[test]
fn a_link_that_is_missing_is_found_by_trying() {
    insta::assert_snapshot!(compare(
        "link-missing",
        "$ host acct.eastus.batch.azure.com\n\
         acct.eastus.batch.azure.com is an alias for acct.privatelink.eastus.batch.azure.com.\n\
         acct.privatelink.eastus.batch.azure.com is an alias for acct.eastus.privatelink.batch.azure.com.\n\
         acct.eastus.privatelink.batch.azure.com is an alias for end.example.net.\n\
         end.example.net has address 203.0.113.10\n",
    ).1, @"
    endpoint                     expected  seen          private?           first hop that differs                     server
    acct.eastus.batch.azure.com  10.0.0.5  203.0.113.10  no (expected yes)  2 acct.privatelink.eastus.batch.azure.com  not shown

    differs: acct.eastus.batch.azure.com A asked of a server that is not shown (seen.txt:1)
      hop  name                                     expected                                           seen
      1    acct.eastus.batch.azure.com              alias, public DNS                                  alias
      2    acct.privatelink.eastus.batch.azure.com  10.0.0.5, zone privatelink.eastus.batch.azure.com  alias of acct.eastus.privatelink.batch.azure.com
      3    acct.eastus.privatelink.batch.azure.com  -                                                  alias of end.example.net
      4    end.example.net                          -                                                  203.0.113.10
      likely   zone `privatelink.eastus.batch.azure.com` does not answer: its link to hub is missing, or the server asked is not hub's
      look at  az network private-dns link vnet list -g RESOURCE_GROUP -z privatelink.eastus.batch.azure.com -o table

    from hub: 1 answer, 1 different
    ");
}

#[test]
fn a_link_that_the_export_lacks_is_found_by_trying() {
    let reasons = reasons(
        "link-not-exported",
        "$ host other.westus.batch.azure.com\n\
         other.westus.batch.azure.com is an alias for other.privatelink.westus.batch.azure.com.\n\
         other.privatelink.westus.batch.azure.com is an alias for other.westus.privatelink.batch.azure.com.\n\
         Host other.westus.privatelink.batch.azure.com not found: 3(NXDOMAIN)\n",
    );
    insta::assert_snapshot!(reasons.join("\n"), @"zone `privatelink.batch.azure.com` answers: it is linked to hub, and the export lacks that link");
}

#[test]
fn a_record_that_changed_is_told_with_its_place() {
    insta::assert_snapshot!(compare(
        "record",
        ";; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 1\n\
         ;; QUESTION SECTION:\n;nas.corp.internal. IN A\n\n\
         ;; ANSWER SECTION:\nnas.corp.internal. 1200 IN A 10.0.0.99\n\n\
         ;; SERVER: 168.63.129.16#53(168.63.129.16)\n",
    ).1, @r#"
    endpoint           expected  seen       private?  first hop that differs  server
    nas.corp.internal  10.0.0.7  10.0.0.99  yes       1 nas.corp.internal     168.63.129.16

    differs: nas.corp.internal A asked of 168.63.129.16 (seen.txt:1)
      hop  name               expected                      seen
      1    nas.corp.internal  10.0.0.7, zone corp.internal  10.0.0.99
      likely   zone `corp.internal` answers 10.0.0.99, and its export has 10.0.0.7 (<stdin>:8)
      look at  az network private-dns record-set list -g RESOURCE_GROUP -z corp.internal --query "[?name=='nas']"

    from hub: 1 answer, 1 different
    "#);
}

#[test]
fn a_record_that_is_gone_is_told_by_the_soa() {
    let reasons = reasons(
        "gone",
        ";; ->>HEADER<<- opcode: QUERY, status: NXDOMAIN, id: 1\n\
         ;; QUESTION SECTION:\n;nas.corp.internal. IN A\n\n\
         ;; AUTHORITY SECTION:\n\
         corp.internal. 10 IN SOA azureprivatedns.net. azureprivatedns-host.microsoft.com. 1 3600 300 2419200 10\n\n\
         ;; SERVER: 10.0.0.53#53(10.0.0.53)\n",
    );
    insta::assert_snapshot!(reasons.join("\n"), @"
    zone `corp.internal` has no `nas.corp.internal` any more, which its export has
    10.0.0.53 is not the resolver that hub hands out, which is Azure-provided DNS
    ");
}

/// The JSON of the first comparison.
fn first(estate: &str, vnet: &str, transcript: &str) -> (i32, Value) {
    let mut hasher = std::hash::DefaultHasher::new();
    transcript.hash(&mut hasher);
    let file = directory(&format!("compare/first-{:x}", hasher.finish())).join("seen.txt");
    fs::write(&file, transcript).unwrap();
    let file = file.to_str().unwrap();
    let arguments = ["compare", "-", "--vnet", vnet, "--transcript", file, "--format", "json"];
    let (status, out, err) = run_with(&arguments, estate);
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));
    (status, report["comparisons"][0].clone())
}

/// The texts of the causes.
fn texts(comparison: &Value) -> Vec<&str> {
    let causes = comparison["causes"].as_array().unwrap();
    causes.iter().map(|cause| cause["text"].as_str().unwrap()).collect()
}

#[test]
fn public_dns_said_no_where_the_link_is_missing() {
    let root = "\n;; AUTHORITY SECTION:\n. 900 IN SOA a.root-servers.net. nstld.verisign-grs.com. 1 1800 900 604800 86400";
    let reasons = reasons("root", &dig("nas.corp.internal", "NXDOMAIN", root, "168.63.129.16"));
    insta::assert_snapshot!(reasons.join("\n"), @"zone `corp.internal` does not answer: its link to hub is missing");
}

#[test]
fn without_a_soa_a_strange_server_is_doubted_first() {
    let reasons = reasons("no-soa", &dig("nas.corp.internal", "NXDOMAIN", "", "10.0.0.53"));
    insta::assert_snapshot!(reasons.join("\n"), @"
    10.0.0.53 is not the resolver that hub hands out, which is Azure-provided DNS
    zone `corp.internal` has no `nas.corp.internal` any more, which its export has
    ");
}

#[test]
fn a_name_without_the_type_is_still_there() {
    let soa = "azureprivatedns.net. azureprivatedns-host.microsoft.com. 1 3600 300 2419200 10";
    let answer = format!("\n;; AUTHORITY SECTION:\ncorp.internal. 4 IN SOA {soa}");
    let reasons = reasons("type", &dig("nas.corp.internal", "NOERROR", &answer, "168.63.129.16"));
    insta::assert_snapshot!(reasons.join("\n"), @"
    zone `corp.internal` has `nas.corp.internal` without the type A now, which its export has
    a cache may have answered with what was true before: 4 of 10 seconds of the TTL are left
    ");
}

#[test]
fn an_alias_in_place_of_an_address_is_named() {
    let answer =
        "nas.corp.internal. 10 IN CNAME box.corp.internal.\nbox.corp.internal. 10 IN A 10.0.0.7";
    let reasons = reasons("alias", &dig("nas.corp.internal", "NOERROR", answer, "168.63.129.16"));
    insta::assert_snapshot!(reasons.join("\n"), @"zone `corp.internal` has an alias at `nas.corp.internal` now, to `box.corp.internal`; its export has A 10.0.0.7 there");
}

#[test]
fn a_linked_zone_that_said_no_is_not_looked_for() {
    let estate = "vnet hub dns azure\nzone internal link hub\nzone corp.internal link hub\n  nas A 10.0.0.7\n";
    let soa = "azureprivatedns.net. azureprivatedns-host.microsoft.com. 1 3600 300 2419200 10";
    let answer = format!("\n;; AUTHORITY SECTION:\ninternal. 10 IN SOA {soa}");
    let seen = dig("nas.corp.internal", "NXDOMAIN", &answer, "168.63.129.16");
    let (_, comparison) = first(estate, "hub", &seen);
    let causes = comparison["causes"].to_string();
    assert!(causes.contains("link-missing"), "{causes}");
    assert!(!causes.contains("that the export lacks"), "{causes}");
}

/// A spoke that asks the hub's inbound endpoint, a site that does, too, and one that does not.
const ENDPOINT: &str = "\
vnet hub dns azure
vnet spoke dns 10.20.0.4
vnet data dns azure
site essen dns 10.20.0.4
zone corp.internal link hub
  nas A 10.0.0.7
zone internal link hub
inbound in vnet hub address 10.20.0.4
";

#[test]
fn behind_an_endpoint_its_network_is_the_one_that_is_linked() {
    let soa = "azureprivatedns.net. azureprivatedns-host.microsoft.com. 1 3600 300 2419200 10";
    let answer = format!("\n;; AUTHORITY SECTION:\ninternal. 10 IN SOA {soa}");
    for vnet in ["spoke", "essen"] {
        let seen = dig("nas.corp.internal", "NXDOMAIN", &answer, "10.20.0.4");
        let (_, comparison) = first(ENDPOINT, vnet, &seen);
        let texts = texts(&comparison).join("\n");
        assert!(texts.contains("its link to hub is missing"), "{vnet}: {texts}");
    }
    let failed = dig("nas.corp.internal", "SERVFAIL", "", "10.20.0.4");
    let (_, comparison) = first(ENDPOINT, "essen", &failed);
    assert!(!comparison["causes"].to_string().contains("168.63.129.16"), "{comparison}");
}

#[test]
fn an_endpoint_that_is_asked_itself_answers_as_its_network() {
    let answer = "nas.corp.internal. 10 IN A 10.0.0.7";
    let (status, comparison) =
        first(ENDPOINT, "data", &dig("nas.corp.internal", "NOERROR", answer, "10.20.0.4"));
    assert_eq!((status, comparison["verdict"].as_str()), (0, Some("same")));
}

#[test]
fn powershell_lists_strings_without_quotes() {
    let estate = "vnet hub dns azure\nzone corp.internal link hub\n  note TXT \"image=2026.11 ring=stable\"\n";
    let table = |text: &str| {
        format!(
            "PS C:\\> Resolve-DnsName note.corp.internal -Type TXT\n\n\
             Name                Type TTL  Section  Strings\n----                ---- ---  -------  -------\n\
             note.corp.internal  TXT  3600 Answer   {{{text}}}\n"
        )
    };
    let verdict = |text: &str| first(estate, "hub", &table(text)).0;
    assert_eq!(verdict("image=2026.11 ring=stable"), 0);
    assert_eq!(verdict("image=2026.12 ring=stable!"), 1);
}

#[test]
fn a_lookup_that_is_not_read_is_told_and_counts() {
    let (status, text) = compare(
        "unread",
        "$ host nas.corp.internal\nnas.corp.internal has address 10.0.0.7\n\
         $ host -t caa corp.internal\ncorp.internal has CAA record 0 issue x\n",
    );
    assert_eq!(status, 2);
    assert!(text.contains("seen.txt:3: lookup not read: type CAA"), "{text}");
    assert!(text.contains("1 answer, 1 the same"), "{text}");
}

#[test]
fn colours_of_a_terminal_are_no_binary() {
    let coloured = "\u{1b}[1m$ \u{1b}[0mhost nas.corp.internal\nnas.corp.internal has address \u{1b}[32m10.0.0.7\u{1b}[0m\n";
    assert_eq!(compare("colours", coloured).0, 0);
}

#[test]
fn what_is_no_capture_is_told_once() {
    let directory = directory("compare/no-capture");
    let told = |name: &str, text: &str| {
        let file = directory.join(name);
        fs::write(&file, text).unwrap();
        let file = file.to_str().unwrap();
        let (status, _, err) =
            run_with(&["compare", "-", "--vnet", "hub", "--capture", file], ESTATE);
        assert_eq!(status, 2);
        err.replace(file, "FILE")
    };
    insta::assert_snapshot!(told("pasted", "$ host nas.corp.internal\nnas.corp.internal has address 10.0.0.7\n"), @"error: `FILE` is no capture; it holds output of tools: use --transcript");
    insta::assert_snapshot!(told("prose", "It does not work!\nNo.\n"), @"error: `FILE` is no capture: expected lines that `privdns capture` wrote");
    insta::assert_snapshot!(told("empty", ""), @"error: `FILE` is empty: no lookup was captured");
}

#[test]
fn another_zone_said_no() {
    let reasons = reasons(
        "other-zone",
        ";; ->>HEADER<<- opcode: QUERY, status: NXDOMAIN, id: 1\n\
         ;; QUESTION SECTION:\n;nas.corp.internal. IN A\n\n\
         ;; AUTHORITY SECTION:\ninternal. 10 IN SOA azureprivatedns.net. azureprivatedns-host.microsoft.com. 1 3600 300 2419200 10\n",
    );
    insta::assert_snapshot!(reasons.join("\n"), @"the SOA that came with the answer says that zone `internal` answered");
}

#[test]
fn the_answer_of_another_network_is_recognised() {
    let seen = "Server:\t\t127.0.0.53\nAddress:\t127.0.0.53#53\n\nName:\tbox.lab.internal\nAddress: 10.9.0.4\n";
    let (status, text) = compare("other-network", seen);
    // The estate does not know what public DNS says of it, so nothing is contradicted.
    assert_eq!(status, 2);
    insta::assert_snapshot!(text, @"
    endpoint          expected  seen      private?  first hop that differs  server
    box.lab.internal  unknown   10.9.0.4  yes       -                       127.0.0.53

    cannot say: box.lab.internal A asked of 127.0.0.53 (seen.txt:1)
      hop  name              expected             seen
      1    box.lab.internal  unknown, public DNS  10.9.0.4
      unknown, because public DNS is not recorded for `box.lab.internal`
      likely   zone `lab.internal` answers: it is linked to hub, and the export lacks that link
      look at  az network private-dns link vnet list -g RESOURCE_GROUP -z lab.internal -o table
      likely   127.0.0.53 is a cache on the machine itself; whom it asks is not shown
      look at  `resolvectl status`, or ask hub's server itself

    from hub: 1 answer, 1 that the export cannot say
    ");
}

#[test]
fn servers_that_disagree_are_told() {
    let answer = |address: &str, server: &str| {
        format!(
            ";; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 1\n;; QUESTION SECTION:\n\
             ;nas.corp.internal. IN A\n\n;; ANSWER SECTION:\n\
             nas.corp.internal. 3600 IN A {address}\n\n;; SERVER: {server}#53({server})\n"
        )
    };
    let both = answer("10.0.0.7", "168.63.129.16") + &answer("10.0.0.8", "10.0.0.53");
    let reasons = reasons("split", &both);
    insta::assert_snapshot!(reasons.join("\n"), @"
    zone `corp.internal` answers 10.0.0.8, and its export has 10.0.0.7 (<stdin>:8)
    10.0.0.53 is not the resolver that hub hands out, which is Azure-provided DNS
    168.63.129.16 gives another answer
    ");
}

/// An estate whose only zone answers, or not, as the export says.
const CLASSES: &str = "\
vnet hub dns azure
vnet lab dns azure
vnet own dns 10.0.0.53
zone corp.internal group main link hub
  nas   A     3600 10.0.0.7
  x.y   A     10.0.0.8
zone corp.internal group other link lab
  nas   A     10.1.0.7
zone privatelink.blob.core.windows.net link hub
  store A     10.0.0.5
endpoint pe-store vnet hub group blob
  store.blob.core.windows.net 10.0.0.6
";

/// What `dig` shows of an answer.
fn dig(name: &str, status: &str, answer: &str, server: &str) -> String {
    format!(
        ";; ->>HEADER<<- opcode: QUERY, status: {status}, id: 1\n;; QUESTION SECTION:\n\
         ;{name}. IN A\n\n;; ANSWER SECTION:\n{answer}\n\n;; SERVER: {server}#53({server})\n"
    )
}

#[test]
fn each_class_has_its_reason_and_what_to_look_at() {
    let azure = "168.63.129.16";
    let nas = "nas.corp.internal";
    let a = |name: &str, ttl: u32, address: &str| format!("{name}. {ttl} IN A {address}");
    let store = "store.blob.core.windows.net";
    let private = "store.privatelink.blob.core.windows.net";
    let chain =
        |address: &str| format!("{store}. 60 IN CNAME {private}.\n{}", a(private, 60, address));
    let soa = "azureprivatedns.net. azureprivatedns-host.microsoft.com. 1 3600 300 2419200 10";
    let no = |apex: &str| format!("\n;; AUTHORITY SECTION:\n{apex}. 10 IN SOA {soa}");
    for (kind, name, status, answer, server) in [
        ("stale-record", nas, "NOERROR", a(nas, 3600, "10.0.0.99"), azure),
        // The endpoint has 10.0.0.6, the export of the zone 10.0.0.5.
        ("stale-record", store, "NOERROR", chain("10.0.0.77"), azure),
        ("old-export", store, "NOERROR", chain("10.0.0.6"), azure),
        ("cached", nas, "NOERROR", a(nas, 120, "10.0.0.99"), azure),
        ("record-missing", nas, "NXDOMAIN", no("corp.internal"), azure),
        (
            "record-new",
            "new.corp.internal",
            "NOERROR",
            a("new.corp.internal", 10, "10.0.0.3"),
            azure,
        ),
        ("other-zone", nas, "NXDOMAIN", no("internal"), azure),
        ("other-network", nas, "NOERROR", a(nas, 10, "10.1.0.7"), azure),
        ("assumption", "y.corp.internal", "NXDOMAIN", no("corp.internal"), azure),
        ("server-failed", nas, "SERVFAIL", String::new(), azure),
        ("server-failed", nas, "REFUSED", String::new(), azure),
        ("local-cache", nas, "NOERROR", a(nas, 10, "10.0.0.99"), "127.0.0.53"),
        ("not-the-networks-server", nas, "NOERROR", a(nas, 10, "10.0.0.99"), "10.0.0.53"),
        (
            "unexplained",
            "y.corp.internal",
            "NOERROR",
            a("y.corp.internal", 10, "198.51.100.9"),
            azure,
        ),
    ] {
        let directory = directory("compare/classes");
        let file = directory.join("seen.txt");
        fs::write(&file, dig(name, status, &answer, server)).unwrap();
        let file = file.to_str().unwrap();
        let arguments = ["compare", "-", "--vnet", "hub", "--transcript", file, "--format", "json"];
        let (_, out, err) = run_with(&arguments, CLASSES);
        let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));
        fits("compare", &out);
        let causes = report["comparisons"][0]["causes"].as_array().unwrap();
        let found = causes.iter().find(|cause| cause["kind"] == kind);
        let found = found.unwrap_or_else(|| panic!("{kind}: {causes:?}"));
        assert!(!found["text"].as_str().unwrap().is_empty());
        assert!(!found["look_at"].as_array().unwrap().is_empty(), "{kind}: nothing to look at");
    }
}

#[test]
fn a_page_of_80_columns_is_enough_but_for_commands() {
    let estate = common::load([CLASSES]);
    let index = Index::new(estate);
    let views = index.views(&Settings::default());
    let vnet = views[0].vnets()[0];
    let long = "store.privatelink.blob.core.windows.net";
    let text =
        dig("nas.corp.internal", "NOERROR", "nas.corp.internal. 9 IN A 10.0.0.9", "10.0.0.53")
            + &dig(
                "store.blob.core.windows.net",
                "NOERROR",
                &format!(
                    "store.blob.core.windows.net. 60 IN CNAME {long}.\n{long}. 9 IN A 10.0.0.77"
                ),
                "127.0.0.53",
            );
    let entries: Vec<Entry> = transcript::read(&text)
        .observations
        .iter()
        .map(|seen| Entry {
            compared: comparison::compare(&views, vnet, seen, RecordType::A).unwrap(),
            file: Some("a/path/to/what/somebody/pasted.txt".to_owned()),
        })
        .collect();
    let text = human(&index, vnet, &entries, true, Some(80));
    let text = anstream::adapter::strip_str(&text).to_string();
    let wide: Vec<&str> = text
        .lines()
        .filter(|line| line.chars().count() > 80 && !line.starts_with("  look at  "))
        .collect();
    assert!(wide.is_empty(), "{wide:#?}");
    assert!(text.contains("stale record: zone"), "{text}");
}

#[test]
fn a_lookup_that_hides_its_name_says_how_to_ask_instead() {
    let loops = "$ for i in nas.corp.internal; do dig +short $i; done\n10.0.0.7\n";
    let (status, text) = compare("loop", loops);
    assert_eq!(status, 2);
    assert!(text.contains(":1: lookup not read: a variable, whose value is not shown"), "{text}");
    assert!(text.contains("`privdns capture --server IP NAME…`"), "{text}");
    assert!(text.contains("no lookup of"), "{text}");
}

#[test]
fn the_failing_hop_is_not_guessed() {
    let (status, text) = compare(
        "windows",
        "C:\\>nslookup acct.eastus.batch.azure.com\nServer:  UnKnown\nAddress:  168.63.129.16\n\n\
         *** UnKnown can't find acct.eastus.batch.azure.com: Non-existent domain\n",
    );
    assert_eq!(status, 1);
    assert!(text.contains("not shown"), "{text}");
}

#[test]
fn a_server_that_is_silent_is_neither_the_same_nor_different() {
    let (status, text) = compare(
        "silent",
        "$ dig @10.0.0.53 nas.corp.internal\n;; connection timed out; no servers could be reached\n",
    );
    assert_eq!(status, 2);
    assert!(text.contains("1 answer, 1 without a reply"), "{text}");
    assert!(text.contains("10.0.0.53 does not run, or cannot be reached"), "{text}");
    // Of many names it is said once.
    let silent = |name: &str| {
        format!("$ dig @10.0.0.53 {name}\n;; connection timed out; no servers could be reached\n")
    };
    let (status, text) = compare("silence", &["a.b", "c.d", "e.f"].map(silent).concat());
    assert_eq!((status, text.matches("does not run").count()), (2, 1), "{text}");
    assert!(text.contains("  the same for 2 more names\n"), "{text}");
}

#[test]
fn what_is_no_transcript_is_refused() {
    let (status, text) = compare("prose", "It does not work!\n");
    assert_eq!(status, 2);
    insta::assert_snapshot!(text, @"error: `seen.txt` holds no lookup that is known: expected output of nslookup, dig, host, Resolve-DnsName or `az vm run-command invoke`");
}

#[test]
fn captures_are_compared_and_bad_lines_told() {
    let directory = directory("compare/capture");
    let file = directory.join("seen.jsonl");
    let line = r#"{"capture":"1.0","server":"168.63.129.16:53","name":"nas.corp.internal.","type":"A","rcode":"NOERROR","answers":[{"name":"nas.corp.internal.","type":"A","ttl":3600,"data":"10.0.0.7"}]}"#;
    fs::write(&file, format!("{line}\n{{\"capture\":\"1.0\",\"serv")).unwrap();
    let file = file.to_str().unwrap();
    let arguments = ["compare", "-", "--vnet", "hub", "--capture", file, "--format", "json"];
    let (status, out, err) = run_with(&arguments, ESTATE);
    assert_eq!(status, 2);
    assert!(err.contains("seen.jsonl:2: expected a line of `privdns capture`"), "{err}");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["command"], "compare");
    assert_eq!(report["summary"]["same"], 1);
    assert_eq!(report["comparisons"][0]["verdict"], "same");
    assert_eq!(report["comparisons"][0]["seen"]["data"][0], "10.0.0.7");
}

#[test]
fn dig_is_a_recorded_public_answer() {
    let directory = directory("compare/public");
    let file = directory.join("dig.txt");
    fs::write(
        &file,
        "$ dig www.example.com\n;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 1\n\
         ;; ANSWER SECTION:\nwww.example.com. 300 IN CNAME acct.privatelink.eastus.batch.azure.com.\n\n\
         $ dig gone.example.com\n;; ->>HEADER<<- opcode: QUERY, status: NXDOMAIN, id: 2\n",
    )
    .unwrap();
    let file = file.to_str().unwrap();
    let names = ["www.example.com", "gone.example.com"];
    let (status, out, _) =
        run_with(&["resolve", "-", names[0], names[1], "--vnet", "hub", "--public", file], ESTATE);
    assert_eq!(status, 0);
    assert!(out.contains("10.0.0.5 (private)"), "{out}");
    assert!(out.contains("NXDOMAIN: gone.example.com does not exist"), "{out}");
}

#[test]
fn the_fixture_is_compared_by_its_own_networks() {
    let (status, _, err) = run(&[
        "compare",
        "fixtures/batch-migration",
        "--vnet",
        "nowhere",
        "--transcript",
        "tests/transcripts/host-private.txt",
    ]);
    assert_eq!(status, 2);
    assert!(err.contains("no virtual network is named `nowhere`"), "{err}");
}

/// A hub whose link of the vault's zone redirects, beside a zone of another group that has
/// the name of one of the hub's, and a server that forwards.
const LINKS: &str = "\
vnet hub dns azure
vnet data dns azure
zone privatelink.vaultcore.azure.net link hub:redirect
  known A 10.0.0.4
zone privatelink.blob.core.windows.net group main link hub
  store A 3600 10.0.0.5
  backup A 10.0.0.6
zone privatelink.blob.core.windows.net group other
  lone A 10.7.0.5
zone privatelink.westeurope.batch.azure.com link hub
  old A 10.0.0.7
zone privatelink.batch.azure.com link hub
  acct.westeurope A 10.0.0.9
server dns1 vnet hub address 10.20.1.53
  forward . 168.63.129.16
";

/// An answer of `dig` with the SOA of one of Azure's private zones.
fn no(name: &str, alias: &str, apex: &str) -> String {
    let soa = "azureprivatedns.net. azureprivatedns-host.microsoft.com. 1 3600 300 2419200 300";
    let answer =
        format!("{name}. 60 IN CNAME {alias}.\n\n;; AUTHORITY SECTION:\n{apex}. 300 IN SOA {soa}");
    dig(name, "NXDOMAIN", &answer, "168.63.129.16")
}

/// An answer of `dig` by way of aliases.
fn chain(names: &[&str], address: &str, server: &str) -> String {
    let aliases = names.windows(2).map(|two| format!("{}. 60 IN CNAME {}.\n", two[0], two[1]));
    let answer =
        format!("{}{}. 60 IN A {address}", aliases.collect::<String>(), names[names.len() - 1]);
    dig(names[0], "NOERROR", &answer, server)
}

/// Kind and text of each cause of the first lookup.
fn causes(vnet: &str, transcript: &str) -> String {
    let (_, comparison) = first(LINKS, vnet, transcript);
    let causes = comparison["causes"].as_array().unwrap().iter();
    let lines = causes
        .map(|one| format!("{}: {}", one["kind"].as_str().unwrap(), one["text"].as_str().unwrap()));
    let lines: Vec<String> = lines.collect();
    format!("{}\n{}", comparison["verdict"].as_str().unwrap(), lines.join("\n"))
}

const STORE: [&str; 2] = ["store.blob.core.windows.net", "store.privatelink.blob.core.windows.net"];
const NEW: [&str; 3] = [
    "new.blob.core.windows.net",
    "new.privatelink.blob.core.windows.net",
    "blob.ams23.store.core.windows.net",
];
const BATCH: [&str; 3] = [
    "acct.westeurope.batch.azure.com",
    "acct.privatelink.westeurope.batch.azure.com",
    "acct.westeurope.privatelink.batch.azure.com",
];
const AZURE: &str = "168.63.129.16";

#[test]
fn a_link_may_redirect_unlike_its_export() {
    insta::assert_snapshot!(causes("hub", &chain(&NEW, "20.60.1.1", AZURE)), @"
    differs
    link-missing: zone `privatelink.blob.core.windows.net` does not answer: its link to hub is missing
    link-policy: the link of zone `privatelink.blob.core.windows.net` to hub looks names up in public DNS that the zone lacks (NxDomainRedirect), unlike its export
    ");
    // Another name came from that very zone.
    let both = chain(&NEW, "20.60.1.1", AZURE) + &chain(&STORE, "10.0.0.5", AZURE);
    insta::assert_snapshot!(causes("hub", &both), @"
    differs
    link-policy: the link of zone `privatelink.blob.core.windows.net` to hub looks names up in public DNS that the zone lacks (NxDomainRedirect), unlike its export
    ");
    let vault = "foreign.privatelink.vaultcore.azure.net";
    let off = no("foreign.vault.azure.net", vault, "privatelink.vaultcore.azure.net");
    insta::assert_snapshot!(causes("hub", &off), @"
    differs
    link-policy: the link of zone `privatelink.vaultcore.azure.net` to hub does not look names up in public DNS that the zone lacks (NxDomainRedirect), unlike its export
    ");
}

#[test]
fn a_zone_that_answers_has_a_link() {
    let old = ["old.westeurope.batch.azure.com", "old.privatelink.westeurope.batch.azure.com"];
    insta::assert_snapshot!(causes("hub", &chain(&BATCH, "10.0.0.9", AZURE)), @"
    differs
    link-missing: zone `privatelink.westeurope.batch.azure.com` does not answer: its link to hub is missing
    link-policy: the link of zone `privatelink.westeurope.batch.azure.com` to hub looks names up in public DNS that the zone lacks (NxDomainRedirect), unlike its export
    ");
    let both = chain(&BATCH, "10.0.0.9", AZURE) + &chain(&old, "10.0.0.7", AZURE);
    insta::assert_snapshot!(causes("hub", &both), @"
    differs
    record-new: zone `privatelink.westeurope.batch.azure.com` has an alias at `acct.privatelink.westeurope.batch.azure.com`, to `acct.westeurope.privatelink.batch.azure.com`, now, which its export lacks
    link-policy: the link of zone `privatelink.westeurope.batch.azure.com` to hub looks names up in public DNS that the zone lacks (NxDomainRedirect), unlike its export
    ");
    // Of another server it proves nothing.
    let two = chain(&BATCH, "10.0.0.9", "10.9.9.9") + &chain(&old, "10.0.0.7", AZURE);
    insta::assert_snapshot!(causes("hub", &two), @"
    differs
    link-missing: zone `privatelink.westeurope.batch.azure.com` does not answer: its link to hub is missing, or the server asked is not hub's
    link-policy: the link of zone `privatelink.westeurope.batch.azure.com` to hub looks names up in public DNS that the zone lacks (NxDomainRedirect), unlike its export
    not-the-networks-server: 10.9.9.9 is not the resolver that hub hands out, which is Azure-provided DNS
    ");
}

#[test]
fn a_server_of_the_estate_is_simulated_where_it_was_asked() {
    insta::assert_snapshot!(causes("data", &chain(&STORE, "10.0.0.5", "10.20.1.53")), @"same");
    insta::assert_snapshot!(causes("data", &chain(&STORE, "10.0.0.55", "10.20.1.53")), @"
    differs
    stale-record: zone `privatelink.blob.core.windows.net` answers 10.0.0.55, and its export has 10.0.0.5 (<stdin>:6)
    cached: a cache may have answered with what was true before: 60 of 3600 seconds of the TTL are left
    ");
}

#[test]
fn a_zone_that_the_export_lacks_is_named() {
    let redis = ["a.redis.cache.windows.net", "a.privatelink.redis.cache.windows.net"];
    insta::assert_snapshot!(causes("hub", &chain(&redis, "10.0.0.8", AZURE)), @"
    differs
    zone-not-exported: a zone `privatelink.redis.cache.windows.net` that the export lacks is linked to hub, or to where it asks
    ");
    let gone = no(redis[0], redis[1], "privatelink.redis.cache.windows.net");
    insta::assert_snapshot!(causes("hub", &gone), @"
    differs
    zone-not-exported: a zone `privatelink.redis.cache.windows.net` that the export lacks is linked to hub, or to where it asks
    ");
}

#[test]
fn another_zone_of_the_same_name_may_be_linked() {
    let backup = "backup.privatelink.blob.core.windows.net";
    let gone = no("backup.blob.core.windows.net", backup, "privatelink.blob.core.windows.net");
    insta::assert_snapshot!(causes("hub", &gone), @"
    differs
    same-named-zone: another zone of the name `privatelink.blob.core.windows.net` answers: that of resource group `other` is linked to hub, and not that of resource group `main`
    ");
}

#[test]
fn the_ttl_of_another_record_shows_no_cache() {
    let public = [STORE[0], STORE[1], NEW[2]];
    insta::assert_snapshot!(causes("hub", &chain(&public, "20.60.1.1", AZURE)), @"
    differs
    link-missing: zone `privatelink.blob.core.windows.net` does not answer: its link to hub is missing
    ");
}

#[test]
fn types_of_which_the_same_is_told_are_told_together() {
    let gone = |of: &str| {
        dig("nas.corp.internal", "NXDOMAIN", "", "127.0.0.53").replace("IN A", &format!("IN {of}"))
    };
    let estate = "vnet hub dns azure\nzone corp.internal link hub\n  nas A 10.0.0.7\n";
    let index = Index::new(common::load([estate]));
    let views = index.views(&Settings::default());
    let vnet = views[0].vnets()[0];
    let text = gone("A") + &gone("AAAA") + &gone("SRV");
    let seen = transcript::read(&text).observations;
    let found = comparison::compare_all(&views, vnet, &seen).into_iter();
    let entries: Vec<Entry> = found.map(|(_, compared)| Entry { compared, file: None }).collect();
    let text = human(&index, vnet, &entries, true, Some(80));
    insta::assert_snapshot!(anstream::adapter::strip_str(&text).to_string(), @r#"
    asked of 127.0.0.53

    endpoint           expected  seen      private?           first hop that
                                                              differs
    nas.corp.internal  10.0.0.7  NXDOMAIN  nowhere (expected  1 nas.corp.internal
                                           yes)
    nas.corp.internal  no data   NXDOMAIN  nowhere            1 nas.corp.internal
    AAAA
    nas.corp.internal  no data   NXDOMAIN  nowhere            1 nas.corp.internal
    SRV

    differs: nas.corp.internal A asked of 127.0.0.53
      hop  name               expected                      seen
      1    nas.corp.internal  10.0.0.7, zone corp.internal  NXDOMAIN
      likely   zone `corp.internal` has no `nas.corp.internal` any more, which its
               export has
      look at  az network private-dns record-set list -g RESOURCE_GROUP -z corp.internal --query "[?name=='nas']"
      likely   127.0.0.53 is a cache on the machine itself; whom it asks is not
               shown
      look at  `resolvectl status`, or ask hub's server itself

    differs: nas.corp.internal AAAA asked of 127.0.0.53
      hop  name               expected                     seen
      1    nas.corp.internal  no data, zone corp.internal  NXDOMAIN
      likely   zone `corp.internal` has no `nas.corp.internal` any more, which its
               export has
      look at  az network private-dns record-set list -g RESOURCE_GROUP -z corp.internal --query "[?name=='nas']"
      the same for SRV

    from hub: 3 answers, 3 different
    "#);
}

#[test]
fn what_a_server_says_of_its_failure_is_told() {
    let why = "; EDE: 22 (No Reachable Authority): (10.9.0.10 is silent)\n";
    let failed = dig("nas.corp.internal", "SERVFAIL", "", AZURE)
        .replace(";; QUESTION", &format!("{why};; QUESTION"));
    insta::assert_snapshot!(causes("hub", &failed.replace("corp.internal", "privatelink.batch.azure.com")), @"
    differs
    server-failed: the server says SERVFAIL, and why: 10.9.0.10 is silent
    ");
}

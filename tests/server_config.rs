//! Configurations of DNS servers: what is read of each, whose they are, and what clients
//! of such a server get.

mod common;

use privdns::estate::{Assembly, Estate};
use privdns::record::RecordType;
use privdns::source::{self, Format, Role, estate_text};

fn load(files: &[(&str, &str)]) -> Estate {
    let mut assembly = Assembly::default();
    for (path, text) in files {
        source::read(path, text.as_bytes(), None, Role::Estate, &mut assembly);
    }
    assembly.finish()
}

/// The servers as `.estate` text, then the notes with their places.
fn show(files: &[(&str, &str)]) -> String {
    let estate = load(files);
    let text = estate_text::write(&estate);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for note in &estate.notes {
        let input = estate.input(note.origin.input);
        let (line, column) = input.position(note.origin.start);
        lines.push(format!("{}:{line}:{column}: {}", input.path, note.message));
    }
    // Of the sixteen zones of 172.16.0.0/12 one tells enough.
    let same = |line: &str| (17..32).any(|octet| line.contains(&format!(" {octet}.172.in-addr")));
    lines.retain(|line| !line.is_empty() && !same(line));
    lines.join("\n")
}

/// What of a form is used, refused and not used.
fn counts(files: &[(&str, &str)]) -> Vec<(&'static str, u32, u32, u32)> {
    let estate = load(files);
    let count = |input: &privdns::estate::Input| {
        (input.kind, input.items.used, input.items.refused, input.items.unsupported)
    };
    estate.inputs.iter().map(count).collect()
}

const NAMED: &str = r#"// on premises
options {
    directory "/var/cache/bind"; # not of interest
    forwarders port 53 { 10.9.0.53; 10.9.0.54 port 5353; };
    listen-on { 127.0.0.1; 10.9.0.10; };
};
/* conditional forwarders */
zone "blob.core.windows.net" IN { type forward; forward only; forwarders { 10.0.0.4; }; };
zone "corp.contoso.com" { type master; file "db.corp"; };
zone "lab.contoso.com" { type static-stub; server-addresses { 10.9.0.60; }; };
zone "." { type hint; file "root.hints"; };
zone "bad.test" { type forward; forwarders { 10.0.0; }; };
zone "own.test" { type forward; forwarders { }; };
logging { category default { null; }; };
include "/etc/bind/more.conf";
"#;

#[test]
fn bind_is_read() {
    let files = [("named.conf", NAMED)];
    insta::assert_snapshot!(show(&files), @r#"
    server named.conf  product bind  address 10.9.0.10  partial
      zone corp.contoso.com  unread
      forward-first .  10.9.0.53  10.9.0.54:5353
      stub lab.contoso.com  10.9.0.60
      forward blob.core.windows.net  10.0.0.4
      unsimulated .  "allow-recursion { localnets; } by default"  clients outside  names foreign
      unsimulated 10.in-addr.arpa  "zone 10.in-addr.arpa by default"
      unsimulated 100.in-addr.arpa  "zones of 100.64.0.0/10 by default"
      unsimulated 16.172.in-addr.arpa  "zone 16.172.in-addr.arpa by default"
      unsimulated 168.192.in-addr.arpa  "zone 168.192.in-addr.arpa by default"
      unsimulated d.f.ip6.arpa  "zone d.f.ip6.arpa by default"
      unsimulated own.test  "forwarders { }"
    named.conf:12:46: expected the address of a DNS server, found `10.0.0`
    named.conf:13:7: `forwarders { }` is not simulated: what the server says of `own.test` is unknown
    named.conf:15:10: `/etc/bind/more.conf` is another file: give it to the server as well, with `config`
    "#);
    assert_eq!(counts(&files), [("bind", 4, 1, 2)]);
}

#[test]
fn corefiles_are_read() {
    let text = "# comment\n.:53 {\n    errors\n    bind 10.9.0.20\n    forward . 10.0.0.4 \
                10.0.0.5:5353 {\n        max_fails 2\n    }\n}\ncorp.test:53 lab.test {\n    forward \
                . 10.9.0.10\n    forward sub.corp.test dns://10.9.0.11\n}\nk8s.test {\n    \
                kubernetes cluster.local 10.0.0.0/16\n    rewrite name a b\n    forward . nowhere\n}\n";
    let files = [("Corefile", text)];
    insta::assert_snapshot!(show(&files), @r"
    server Corefile  product coredns  address 10.9.0.20  recursion off  partial
      zone cluster.local  unread
      forward .  10.0.0.4  10.0.0.5:5353
      forward corp.test  10.9.0.10
      forward sub.corp.test  10.9.0.11
      forward lab.test  10.9.0.10
      unsimulated k8s.test  rewrite
    Corefile:15:5: `rewrite` is not simulated: what the server says of `k8s.test` is unknown
    Corefile:16:15: expected the address of a DNS server, found `nowhere`
    ");
    assert_eq!(counts(&files), [("coredns", 4, 1, 1)]);
}

#[test]
fn dnsmasq_is_read() {
    let text = "# branch\nno-resolv\nserver=/database.windows.net/vault.azure.net/10.0.0.4\n\
                server=/corp.test/10.9.0.10#5353\naddress=/printer.test/10.8.0.9\nlocal=/lan.test/\n\
                server=9.9.9.9\nlisten-address=127.0.0.1,10.8.0.2\ncache-size=1000\n\
                server=/x.test/10.9\nhost-record=nas.test,10.8.0.7\n";
    let files = [("dnsmasq.conf", text)];
    insta::assert_snapshot!(show(&files), @r"
    server dnsmasq.conf  product dnsmasq  address 10.8.0.2  recursion off  partial
      zone lan.test  unread
      zone printer.test
      record printer.test A  10.8.0.9
      record *.printer.test A  10.8.0.9
      forward .  9.9.9.9
      forward vault.azure.net  10.0.0.4
      forward database.windows.net  10.0.0.4
      forward corp.test  10.9.0.10:5353
      unsimulated 7.0.8.10.in-addr.arpa  host-record
      unsimulated nas.test  host-record
      unsimulated printer.test  address  except-types A
    dnsmasq.conf:10:16: expected the address of a DNS server, found `10.9`
    dnsmasq.conf:11:13: `host-record` is not simulated: what the server says of `nas.test` is unknown
    ");
    assert_eq!(counts(&files), [("dnsmasq", 6, 1, 1)]);
}

#[test]
fn unbound_is_read() {
    let text = "server:\n    interface: 10.7.0.2@53  # here\n    local-zone: \"10.in-addr.arpa.\" \
                nodefault\n    local-zone: \"ads.test\" static\nforward-zone:\n    name: \
                \"vault.azure.net.\"\n    forward-addr: 10.0.0.4\nforward-zone:\n    name: \".\"\n    \
                forward-addr: 10.9.0.53@5353\nstub-zone:\n    stub-addr: 10.9.0.10\n";
    let files = [("unbound.conf", text)];
    insta::assert_snapshot!(show(&files), @r#"
    server unbound.conf  product unbound  address 10.7.0.2  partial
      forward .  10.9.0.53:5353
      forward vault.azure.net  10.0.0.4
      unsimulated .  "access-control by default"
      unsimulated 100.in-addr.arpa  "zones of 100.64.0.0/10 by default"
      unsimulated 16.172.in-addr.arpa  "zone 16.172.in-addr.arpa by default"
      unsimulated 168.192.in-addr.arpa  "zone 168.192.in-addr.arpa by default"
      unsimulated d.f.ip6.arpa  "zone d.f.ip6.arpa by default"
      unsimulated test  "zone test by default"
      unsimulated ads.test  local-zone
    unbound.conf:4:18: `local-zone` is not simulated: what the server says of `ads.test` is unknown
    unbound.conf:11:1: this `stub-zone` has no `name`
    "#);
    assert_eq!(counts(&files), [("unbound", 2, 1, 1)]);
}

const ZONES: &str = r#"[
  { "ZoneName": "corp.test", "ZoneType": "Primary", "IsAutoCreated": false, "PSComputerName": "dc1" },
  { "ZoneName": "blob.core.windows.net", "ZoneType": "Forwarder",
    "MasterServers": [ { "Address": 67108874, "IPAddressToString": "10.0.0.4" }, "10.0.0.5" ] },
  { "ZoneName": "255.in-addr.arpa", "ZoneType": "Primary", "IsAutoCreated": true },
  { "ZoneName": "nobody.test", "ZoneType": "Forwarder", "MasterServers": null },
  { "ZoneName": "cut.test", "ZoneType": "For
]"#;

#[test]
fn zones_of_windows_are_read() {
    let forwarders = r#"{"UseRootHint": false, "Timeout": 3, "IPAddress": ["10.9.0.53"]}"#;
    let owner = "server dc1  address 10.9.0.10  config hq/forwarders.json\n";
    let files = [("zones.json", ZONES), ("hq/forwarders.json", forwarders), ("a.estate", owner)];
    insta::assert_snapshot!(show(&files), @r"
    server dc1  product windows  address 10.9.0.10  recursion off  partial
      zone corp.test  unread
      forward .  10.9.0.53
      forward blob.core.windows.net  10.0.0.4  10.0.0.5
    zones.json:6:18: `nobody.test` forwards, and states no `MasterServers`
    zones.json:7:41: this string has no end
    ");
    let kinds = [("estate", 1, 0, 0), ("windows-dns", 1, 0, 0), ("windows-dns", 3, 2, 0)];
    assert_eq!(counts(&files), kinds);
    // Windows PowerShell wraps lists, and `Export-Csv` writes types in place of lists.
    let wrapped = format!(
        "{{\"value\": {}, \"Count\": 1}}",
        r#"[{"ZoneName": "a.test", "ZoneType": "Secondary", "PSComputerName": "dc1"}]"#
    );
    assert!(show(&[("a.json", &wrapped)]).contains("zone a.test  unread"));
    let csv = "#TYPE Microsoft.Management.Infrastructure.CimInstance\n\"ZoneName\";\"ZoneType\";\
               \"MasterServers\";\"PSComputerName\"\n\"a.test\";\"Forwarder\";\"10.0.0.4 10.0.0.5\";\"dc1\"\n\
               \"b.test\";\"Forwarder\";\"System.Net.IPAddress[]\";\"dc1\"\n";
    let shown = show(&[("zones.csv", csv)]);
    assert!(shown.contains("forward a.test  10.0.0.4  10.0.0.5"), "{shown}");
    assert!(shown.contains("zones.csv:4:2: holds `System.Net.IPAddress[]` in place of"), "{shown}");
}

/// Whose a configuration is: by its file, by the address it listens on, by its name.
#[test]
fn a_configuration_has_an_owner() {
    let plain = "zone \"a.test\" { type forward; forwarders { 10.0.0.4; }; };\n";
    let unowned = show(&[("hq/named.conf", plain)]);
    insta::assert_snapshot!(unowned, @"hq/named.conf:1:1: is the configuration of a DNS server, and nothing says of which: add `server NAME  address IP  config named.conf` to an .estate file");
    let owners = "server dc  address 10.9.0.10  recursion on  config hq/named.conf\n\
                  server twin  address 10.9.0.11  config hq/named.conf\n\
                  server lost  address 10.9.0.12  config other.conf\n\
                  server vague  address 10.9.0.13  config bind.conf\n";
    let files = [
        ("x/hq/named.conf", plain),
        ("b/bind.conf", plain),
        ("c/bind.conf", plain),
        ("x/servers.estate", owners),
    ];
    insta::assert_snapshot!(show(&files), @r"
    server dc  product bind  address 10.9.0.10
      forward-first a.test  10.0.0.4
    server lost  address 10.9.0.12  recursion unknown  partial
    server twin  product bind  address 10.9.0.11  recursion unknown
      forward-first a.test  10.0.0.4
    server vague  address 10.9.0.13  recursion unknown  partial
    x/servers.estate:3:40: no configuration of a DNS server was read from `other.conf`
    x/servers.estate:4:41: 2 inputs are named `bind.conf`: write more of the path
    ");
    assert_eq!(counts(&files)[3], ("estate", 2, 2, 0));
    // The address says it, too.
    let listening = [("named.conf", NAMED), ("s.estate", "server dc  address 10.9.0.10\n")];
    assert!(show(&listening).contains("server dc  product bind  address 10.9.0.10  partial"));
}

/// A client on premises asks its server, which forwards to the inbound endpoint.
#[test]
fn clients_of_such_a_server_are_followed() {
    let azure = "vnet hub  space 10.0.0.0/16\ninbound in-hub  vnet hub  address 10.0.0.4\n\
                 zone privatelink.blob.core.windows.net  link hub\n  stor  A  10.0.1.5\n\
                 public blob stor\nsite hq  space 10.9.0.0/16  dns 10.9.0.10\n\
                 server dc  address 10.9.0.10  config named.conf\n";
    let named = "options { listen-on { any; }; };\nzone \"blob.core.windows.net\" { type forward; \
                 forwarders { 10.0.0.4; }; };\nzone \"corp.test\" { type slave; };\n";
    let index = privdns::index::Index::new(load(&[("a.estate", azure), ("named.conf", named)]));
    let settings = privdns::index::Settings::default();
    let views = index.views(&settings);
    let view = common::view(&views, "hq").unwrap();
    let ask = |name: &str| {
        let shown = common::show(view, &name.parse().unwrap(), RecordType::A);
        format!("{} {} {}", shown.outcome, shown.data, shown.because)
    };
    assert_eq!(ask("stor.blob.core.windows.net"), "NOERROR 10.0.1.5 ");
    assert_eq!(ask("www.contoso.com"), "UNKNOWN  public DNS is not recorded for `www.contoso.com`");
    assert_eq!(ask("x.corp.test"), "UNKNOWN  the records of zone `corp.test` were not exported");
}

/// What clients on premises get of a server that has this configuration.
fn behind(config: &str, name: &str, record_type: RecordType) -> String {
    let azure = "vnet hub  space 10.0.0.0/16\ninbound in-hub  vnet hub  address 10.0.0.4\n\
                 zone privatelink.blob.core.windows.net  link hub\n  sta  A  10.0.4.5\n\
                 zone corp.example  link hub\n  a  A  10.0.9.9\n\
                 zone 0.10.in-addr.arpa  link hub\n  9.9  PTR  a.corp.example\n\
                 public blob sta\nsite hq  space 10.9.0.0/16  dns 10.9.0.10\n\
                 server dc  address 10.9.0.10  config the.conf\n";
    let files = [("a.estate", azure), ("the.conf", config)];
    let estate = load(&files);
    // What was read can be written and read again.
    let text = estate_text::write(&estate);
    assert_eq!(estate_text::write(&load(&[("a.estate", &text)])), text);
    let index = privdns::index::Index::new(estate);
    let views = index.views(&privdns::index::Settings::default());
    let view = common::view(&views, "hq").unwrap();
    let shown = common::show(view, &name.parse().unwrap(), record_type);
    format!("{} {} {}", shown.outcome, shown.data, shown.because)
}

/// Products differ in what they make of an alias that leaves the domain which they forward.
#[test]
fn aliases_of_forwarders_are_followed_as_the_product_does() {
    let azure = "vnet hub  space 10.0.0.0/16\ninbound in-hub  vnet hub  address 10.0.0.4\n\
                 zone privatelink.vaultcore.azure.net  link hub\n  kv  A  10.0.4.6\n\
                 public endpoint kv.vault.azure.net\nsite hq  space 10.9.0.0/16  dns 10.9.0.10\n\
                 server dc  address 10.9.0.10  recursion on  config the.conf\n";
    let trace = |config: &str| {
        let index = privdns::index::Index::new(load(&[("a.estate", azure), ("the.conf", config)]));
        let views = index.views(&privdns::index::Settings::default());
        let view = common::view(&views, "hq").unwrap();
        let name = index.locate(&"kv.vault.azure.net".parse().unwrap());
        let hops = privdns::render::human::hops(view, view.vnets()[0], &name, RecordType::A);
        let shown = common::show(view, &index.name(&name), RecordType::A);
        (format!("{} {}{}", shown.outcome, shown.data, shown.assuming.join(" ")), hops)
    };
    let unbound = "server:\n  access-control: 10.0.0.0/8 allow\n  interface: 10.9.0.10\nforward-zone:\n  \
                   name: vault.azure.net\n  forward-addr: 10.0.0.4\n";
    let bind = "options { recursion yes; allow-recursion { any; }; };\nzone \"vault.azure.net\" { \
                type forward; forwarders { 10.0.0.4; }; };\n";
    let windows = r#"[{"ZoneName": "vault.azure.net", "ZoneType": "Forwarder",
                       "MasterServers": ["10.0.0.4"]}]"#;
    let itself = "server dc, which looks this alias up itself:\n     neither has nor forwards it";
    let falls_back = "and asks public DNS itself where nobody answers";
    for (config, answer, first) in [
        (unbound, "PUBLIC ", false),
        (&format!("{unbound}  forward-first: yes\n"), "PUBLIC ", true),
        (&format!("{unbound}  forward-first: no\n"), "PUBLIC ", false),
        (bind, "PUBLIC ", true),
        (&bind.replace("type forward;", "type forward; forward only;"), "PUBLIC ", false),
        (windows, "PUBLIC forwarded-aliases", false),
    ] {
        let (shown, hops) = trace(config);
        assert_eq!(shown, answer, "{config}");
        assert!(hops.contains(itself), "{hops}");
        assert_eq!(hops.contains(falls_back), first, "{hops}");
    }
    for config in [
        "no-resolv\nlisten-address=10.9.0.10\nserver=/vault.azure.net/10.0.0.4\n",
        "vault.azure.net {\n  forward . 10.0.0.4\n}\n",
        &unbound.replace("vault.", ""),
    ] {
        let (shown, hops) = trace(config);
        assert_eq!(shown, "NOERROR 10.0.4.6", "{config}");
        assert!(!hops.contains(itself), "{hops}");
    }
    let both =
        windows.replace("]}]", "]}, {\"UseRootHint\": true, \"IPAddress\": [\"10.0.0.4\"]}]");
    let (shown, hops) = trace(&both);
    assert_eq!(shown, "NOERROR 10.0.4.6", "{hops}");
}

/// What a server does that is not simulated is no firm answer.
#[test]
fn what_is_not_simulated_is_unknown() {
    let name = "sta.blob.core.windows.net";
    let ask = |config: &str| behind(config, name, RecordType::A);
    let bind = |options: &str| {
        format!("options {{ recursion yes; forwarders {{ 10.0.0.4; }}; {options} }};\n")
    };
    let corefile = |lines: &str| format!(". {{\n  forward . 10.0.0.4 {lines}\n}}\n");
    let unbound = unbound_with;
    let dnsmasq = |line: &str| format!("no-resolv\nserver=10.0.0.4\n{line}\n");
    for plain in [
        bind("allow-query { any; }; dnssec-validation auto;"),
        corefile("{\n    max_fails 2\n  }\n  cache 30\n  errors"),
        unbound("access-control: 10.0.0.0/8 allow\n  verbosity: 1"),
        dnsmasq("cache-size=1000"),
    ] {
        assert_eq!(ask(&plain), "NOERROR 10.0.4.5 ", "{plain}");
    }
    for (what, config) in [
        ("except", corefile("{\n    except blob.core.windows.net\n  }")),
        ("acl", corefile("\n  acl {\n    block\n  }")),
        ("template", corefile("\n  template IN A {\n    rcode NXDOMAIN\n  }")),
        (".:5353", corefile("").replacen('.', ".:5353", 1)),
        ("deny-answer-addresses", bind("deny-answer-addresses { 10.0.0.0/8; };")),
        ("response-policy", bind("response-policy { zone \"rpz\"; };")),
        ("allow-query", bind("allow-query { none; };")),
        ("private-address", unbound("private-address: 10.0.0.0/8")),
        ("local-data", unbound("local-data: \"sta.blob.core.windows.net. A 1.2.3.4\"")),
        ("stop-dns-rebind", dnsmasq("stop-dns-rebind")),
        ("bogus-nxdomain", dnsmasq("bogus-nxdomain=10.0.4.5")),
        ("filter-rr", dnsmasq("filter-rr=A")),
        ("host-record", dnsmasq("host-record=sta.blob.core.windows.net,1.2.3.4")),
    ] {
        let because =
            format!("the configuration of server `dc` has `{what}`, which is not simulated");
        assert_eq!(ask(&config), format!("UNKNOWN  {because}"), "{config}");
    }
    // Other names than the one that is asked for.
    assert_eq!(ask(&dnsmasq("host-record=nas.test,10.8.0.7")), "NOERROR 10.0.4.5 ");
    // Without recursion nothing is forwarded.
    assert_eq!(ask("options { recursion no; forwarders { 10.0.0.4; }; };\n"), "REFUSED  ");
}

/// Whom a server answers, and where it listens.
#[test]
fn clients_that_are_not_served_get_no_firm_answer() {
    let ask = |config: &str| behind(config, "a.corp.example", RecordType::A);
    let bind = |options: &str| format!("options {{ forwarders {{ 10.0.0.4; }}; {options} }};\n");
    let unbound = unbound_with;
    let corefile = |line: &str| format!(". {{\n  {line}\n  forward . 10.0.0.4\n}}\n");
    for served in [
        bind("allow-query { localnets; localhost; };"),
        // The site has 10.9.0.0/16.
        bind("allow-query { 10.0.0.0/8; 127.0.0.1; };"),
        format!("acl ok {{ 10.9.0.0/16; }};\n{}", bind("allow-query { ok; };")),
        bind("listen-on { 127.0.0.1; 10.9.0.10; }; listen-on-v6 { none; };"),
        bind("listen-on { any; }; listen-on-v6 { ::1; };"),
        unbound("interface: 0.0.0.0\n  access-control: 0.0.0.0/0 allow"),
        unbound("access-control: 0.0.0.0/0 refuse\n  access-control: 10.9.0.0/16 allow"),
        corefile("bind 10.9.0.10 127.0.0.1"),
        corefile("minimal"),
    ] {
        assert_eq!(ask(&served), "NOERROR 10.0.9.9 ", "{served}");
    }
    for (what, config) in [
        ("allow-query", bind("allow-query { 192.168.0.0/16; };")),
        ("allow-query", bind("allow-query { !10.9.0.0/16; any; };")),
        ("allow-query", format!("acl ok {{ 10.1.0.0/16; }};\n{}", bind("allow-query { ok; };"))),
        ("allow-recursion", bind("allow-recursion { elsewhere; };")),
        ("listen-on", bind("listen-on { 127.0.0.1; };")),
        ("access-control", unbound("access-control: 10.1.0.0/16 allow")),
        ("interface", unbound("interface: 127.0.0.1")),
        ("bind", corefile("bind 127.0.0.1")),
        ("interface", "no-resolv\nserver=10.0.0.4\ninterface=lo\n".to_owned()),
    ] {
        let because =
            format!("the configuration of server `dc` has `{what}`, which is not simulated");
        assert_eq!(ask(&config), format!("UNKNOWN  {because}"), "{config}");
    }
}

/// What clients in a network get of a server at 10.0.5.5 in the hub: in the hub itself, in a
/// spoke, on premises.
fn from(client: &str, config: &str, name: &str) -> String {
    let azure = "vnet hub  space 10.0.0.0/16  dns 10.0.5.5\nvnet spoke  space 10.1.0.0/16  dns 10.0.5.5\n\
                 site hq  space 10.9.0.0/16  dns 10.0.5.5\nsite lab  space 10.8.0.0/16  dns 10.0.5.5\n\
                 inbound in-hub  vnet hub  address 10.0.0.4\n\
                 zone corp.example  link hub\n  a  A  10.0.9.9\n\
                 server dc  vnet hub  address 10.0.5.5  config the.conf\n  zone own.example\n  \
                 record www.own.example A  10.0.9.1\n";
    let estate = load(&[("a.estate", azure), ("the.conf", config)]);
    // What was read can be written and read again.
    let text = estate_text::write(&estate);
    assert_eq!(estate_text::write(&load(&[("a.estate", &text)])), text);
    let index = privdns::index::Index::new(estate);
    let views = index.views(&privdns::index::Settings::default());
    let view = common::view(&views, client).unwrap();
    let shown = common::show(view, &name.parse().unwrap(), RecordType::A);
    format!("{} {} {}", shown.outcome, shown.data, shown.because)
}

/// Unless they are told whom to answer, BIND asks others for its own networks only, and Unbound
/// answers nobody.
#[test]
fn servers_answer_their_own_networks_by_default() {
    let bind = |options: &str| {
        format!("options {{ recursion yes; forwarders {{ 10.0.0.4; }}; {options} }};\n")
    };
    let local = "no-resolv\nserver=10.0.0.4\nlocal-service\n";
    for config in [
        bind(""),
        bind("allow-query { localnets; };"),
        bind("allow-recursion { localnets; localhost; };"),
        format!("acl near {{ localnets; }};\n{}", bind("allow-recursion { near; };")),
        local.to_owned(),
    ] {
        assert_eq!(from("hub", &config, "a.corp.example"), "NOERROR 10.0.9.9 ", "{config}");
        for outside in ["spoke", "hq"] {
            let told = from(outside, &config, "a.corp.example");
            assert!(told.starts_with("UNKNOWN  the configuration of server `dc` has `"), "{told}");
        }
    }
    // Some clients outside are named as well.
    let some = bind("allow-recursion { localnets; 10.9.0.0/16; };");
    assert_eq!(from("hub", &some, "a.corp.example"), "NOERROR 10.0.9.9 ");
    assert_eq!(from("hq", &some, "a.corp.example"), "NOERROR 10.0.9.9 ");
    // Networks that ask the same servers may be answered differently.
    assert!(from("lab", &some, "a.corp.example").starts_with("UNKNOWN"));
    // Its own zones BIND answers to everybody.
    assert_eq!(from("spoke", &bind(""), "www.own.example"), "NOERROR 10.0.9.1 ");
    for served in [
        bind("allow-query { any; };"),
        bind("allow-query-cache { any; };"),
        bind("allow-recursion { 0.0.0.0/0; };"),
        unbound_with("verbosity: 1"),
        format!("{local}listen-address=10.0.5.5\n"),
    ] {
        assert_eq!(from("spoke", &served, "a.corp.example"), "NOERROR 10.0.9.9 ", "{served}");
    }
    let forward = "forward-zone:\n  name: \".\"\n  forward-addr: 10.0.0.4\n";
    for (what, server) in [
        ("access-control by default", "server:\n  interface: 0.0.0.0\n"),
        ("interface by default", "server:\n  access-control: 0.0.0.0/0 allow\n"),
    ] {
        let told = from("hub", &format!("{server}{forward}"), "a.corp.example");
        assert!(told.contains(&format!("has `{what}`")), "{told}");
    }
}

/// One file of Unbound says what holds for the others.
#[test]
fn clients_are_stated_in_any_file() {
    let own = "server dc  address 10.9.0.10  config a.conf  config b.conf\n";
    let a = "server:\n  interface: 0.0.0.0\n  unblock-lan-zones: yes\n  local-zone: \"test\" nodefault\n";
    let b = "server:\n  access-control: 0.0.0.0/0 allow\n  unblock-lan-zones: yes\n  \
             local-zone: \"test\" nodefault\n";
    insta::assert_snapshot!(show(&[("x.estate", own), ("a.conf", a), ("b.conf", b)]), @"server dc  product unbound  address 10.9.0.10");
}

/// A configuration that listens elsewhere than where the server is asked.
#[test]
fn servers_that_listen_elsewhere_are_doubted() {
    let corefile = "corp.example {\n  bind 10.9.0.77\n  forward . 10.0.0.4\n}\n";
    let unbound = unbound_with("interface: 10.9.0.77");
    for config in [
        "options { listen-on { 10.9.0.77; }; forwarders { 10.0.0.4; }; };\n",
        "no-resolv\nserver=10.0.0.4\nlisten-address=127.0.0.1,10.9.0.77\n",
        corefile,
        &unbound,
    ] {
        assert_eq!(
            behind(config, "a.corp.example", RecordType::A),
            "UNKNOWN  the configuration of server `dc` has `listening at 10.9.0.77 alone`, which is not simulated",
            "{config}"
        );
        let files =
            [("s.estate", "server dc  address 10.9.0.10  config the.conf\n"), ("the.conf", config)];
        let told = "s.estate:1:38: server `dc` listens at 10.9.0.77, not at 10.9.0.10";
        assert!(show(&files).contains(told), "{}", show(&files));
    }
    for config in [
        "options { listen-on { 10.9.0.10; 10.9.0.77; }; forwarders { 10.0.0.4; }; };\n",
        "options { listen-on-v6 { 2001:db8::1; }; forwarders { 10.0.0.4; }; };\n",
        "no-resolv\nserver=10.0.0.4\nlisten-address=10.9.0.77\ninterface=eth0\n",
        // Another block listens everywhere.
        "a.test {\n  bind 10.9.0.77\n  log\n}\n. {\n  forward . 10.0.0.4\n}\n",
    ] {
        assert_eq!(
            behind(config, "a.corp.example", RecordType::A),
            "NOERROR 10.0.9.9 ",
            "{config}"
        );
    }
}

/// BIND forwards no name that it is authoritative for.
#[test]
fn forwarders_within_zones_of_their_own_are_doubted() {
    let zones = |own: &str| {
        format!(
            "options {{ }};\nzone \"{own}\" {{ type primary; file \"db\"; }};\n\
             zone \"corp.example\" {{ type forward; forward only; forwarders {{ 10.0.0.4; }}; }};\n"
        )
    };
    assert_eq!(
        behind(&zones("example"), "a.corp.example", RecordType::A),
        "UNKNOWN  the configuration of server `dc` has `type forward within a zone of its own`, which is not simulated"
    );
    assert_eq!(behind(&zones("a.test"), "a.corp.example", RecordType::A), "NOERROR 10.0.9.9 ");
}

/// NS records in a zone of a server's own: names below are elsewhere.
#[test]
fn delegations_of_a_server_are_unknown() {
    let text = "site hq  dns 10.9.0.10\nserver dc  site hq  address 10.9.0.10\n  zone int.example\n  \
                record int.example NS ns.int.example\n  record t.int.example A 10.1.1.1\n  \
                record del.int.example NS ns.other.example\n";
    let estate = load(&[("a.estate", text)]);
    assert!(estate.notes.is_empty(), "{:?}", estate.notes);
    let index = privdns::index::Index::new(estate);
    let views = index.views(&privdns::index::Settings::default());
    let ask = |name: &str, record_type: RecordType| {
        let shown = common::show(&views[0], &name.parse().unwrap(), record_type);
        format!("{} {}{}", shown.outcome, shown.data, shown.because)
    };
    let below = "UNKNOWN the configuration of server `dc` has `NS record`, which is not simulated";
    assert_eq!(ask("x.del.int.example", RecordType::A), below);
    assert_eq!(ask("del.int.example", RecordType::Other(2)), below);
    assert_eq!(ask("t.int.example", RecordType::A), "NOERROR 10.1.1.1");
    assert_eq!(ask("x.int.example", RecordType::A), "NXDOMAIN ");
    assert!(
        ask("int.example", RecordType::Other(2)).starts_with("UNKNOWN nothing tells what zone")
    );
}

/// Of other types than that of its address dnsmasq asks others, and of plain names nobody.
#[test]
fn dnsmasq_is_firm_for_the_type_of_an_address_only() {
    let four = dnsmasq_with("address=/corp.example/10.7.7.7");
    assert_eq!(behind(&four, "b.corp.example", RecordType::A), "NOERROR 10.7.7.7 ");
    let unknown = "UNKNOWN  the configuration of server `dc` has `address`, which is not simulated";
    for other in [RecordType::Aaaa, RecordType::Mx] {
        assert_eq!(behind(&four, "b.corp.example", other), unknown);
    }
    let six = dnsmasq_with("address=/corp.example/::");
    assert_eq!(behind(&six, "corp.example", RecordType::A), unknown);
    assert_eq!(behind(&six, "corp.example", RecordType::Aaaa), "NOERROR :: ");
    let both = dnsmasq_with("address=/corp.example/10.7.7.7\naddress=/corp.example/2001:db8::7");
    assert_eq!(behind(&both, "corp.example", RecordType::A), "NOERROR 10.7.7.7 ");
    assert_eq!(behind(&both, "corp.example", RecordType::Aaaa), "NOERROR 2001:db8::7 ");
    // Without an address there is nothing of any type.
    let none = dnsmasq_with("address=/corp.example/");
    assert_eq!(behind(&none, "a.corp.example", RecordType::Aaaa), "NXDOMAIN  ");
    assert_eq!(behind(&none, "corp.example", RecordType::A), "NXDOMAIN  ");
    let needed = dnsmasq_with("domain-needed");
    let plain = behind(&needed, "printer", RecordType::A);
    assert_eq!(
        plain,
        "UNKNOWN  the configuration of server `dc` has `domain-needed`, which is not simulated"
    );
    assert_eq!(behind(&needed, "a.corp.example", RecordType::A), "NOERROR 10.0.9.9 ");
}

/// The first value of `file` is no zone, and a block may stand in the same line.
#[test]
fn data_of_corefiles_is_read() {
    for lines in ["file db.root", "auto { directory /etc/x }", "auto {\n    directory /etc/x\n  }"]
    {
        let config = format!(". {{\n  {lines}\n  forward . 10.0.0.4\n}}\n");
        assert_eq!(
            behind(&config, "a.corp.example", RecordType::A),
            "UNKNOWN  the configuration of server `dc` was read in part",
            "{config}"
        );
    }
    let zone = ". {\n  file db.x x.test\n  azure rg:y.test\n  route53 z.test:Z1\n  forward . 10.0.0.4\n}\n";
    let shown = show(&[("s.estate", "server dc  address 10.9.0.10  config c\n"), ("c", zone)]);
    for apex in ["x.test", "y.test", "z.test"] {
        assert!(shown.contains(&format!("zone {apex}  unread")), "{shown}");
    }
    assert_eq!(behind(zone, "a.corp.example", RecordType::A), "NOERROR 10.0.9.9 ");
}

/// Names that a value of dnsmasq stands for, and whom else it asks.
#[test]
fn what_dnsmasq_has_for_patterns_is_unknown() {
    let ask = |line: &str, name: &str| {
        behind(&format!("no-resolv\nserver=10.0.0.4\n{line}\n"), name, RecordType::A)
    };
    for line in
        ["address=/#/10.7.7.7", "address=/*.corp.example/10.7.7.7", "server=/*rp.example/10.0.0.55"]
    {
        let unknown = format!(
            "UNKNOWN  the configuration of server `dc` has `{line}`, which is not simulated"
        );
        assert_eq!(ask(line, "a.corp.example"), unknown);
    }
    let line = "server=/*.blob.core.windows.net/10.0.0.4";
    assert!(ask(line, "sta.blob.core.windows.net").starts_with("UNKNOWN"));
    assert_eq!(ask(line, "a.corp.example"), "NOERROR 10.0.9.9 ");
    // A leading dot changes nothing.
    let dotted = "server=/.corp.example/10.0.0.55";
    assert_eq!(ask(dotted, "a.corp.example"), "FORWARDED to 10.0.0.55 ");
    // The servers of the system are asked as well, but for the names that it states.
    let system = "server=10.0.0.4\nserver=/corp.example/10.0.0.4\n";
    assert_eq!(
        behind(system, "sta.blob.core.windows.net", RecordType::A),
        "UNKNOWN  the configuration of server `dc` was read in part"
    );
    assert_eq!(behind(system, "a.corp.example", RecordType::A), "NOERROR 10.0.9.9 ");
    insta::assert_snapshot!(show(&[("dnsmasq.conf", &format!("listen-address=10.8.0.2\n{system}"))]), @r"
    server dnsmasq.conf  product dnsmasq  address 10.8.0.2  recursion off  partial
      forward .  10.0.0.4
      forward corp.example  10.0.0.4
    dnsmasq.conf:2:8: the servers in `/etc/resolv.conf` are asked as well, and are not known: there is no `no-resolv`
    ");
}

/// An inbound endpoint is not asked over TLS.
#[test]
fn servers_are_asked_where_they_listen() {
    let told = "FORWARDED to 10.0.0.4:853 ";
    for config in [
        ". {\n  forward . tls://10.0.0.4\n}\n",
        "options { forwarders { 10.0.0.4 tls ephemeral; }; };\n",
        "forward-zone:\n  name: \".\"\n  forward-addr: 10.0.0.4\n  forward-tls-upstream: yes\n",
    ] {
        assert_eq!(behind(config, "a.corp.example", RecordType::A), told, "{config}");
    }
}

/// `filterwin2k` is about some types; the manual page does not say what they get.
#[test]
fn what_dnsmasq_filters_of_windows_is_unknown_by_type() {
    let config = "no-resolv\nserver=10.0.0.4\nfilterwin2k\n";
    assert_eq!(behind(config, "a.corp.example", RecordType::A), "NOERROR 10.0.9.9 ");
    for filtered in [RecordType::Srv, RecordType::Soa, RecordType::Other(255)] {
        assert_eq!(
            behind(config, "a.corp.example", filtered),
            "UNKNOWN  the configuration of server `dc` has `filterwin2k`, which is not simulated"
        );
    }
    insta::assert_snapshot!(show(&[("dnsmasq.conf", &format!("listen-address=10.8.0.2\n{config}"))]), @r"
    server dnsmasq.conf  product dnsmasq  address 10.8.0.2  recursion off
      forward .  10.0.0.4
      unsimulated .  filterwin2k  types SOA,SRV,TYPE255
    dnsmasq.conf:4:1: `filterwin2k` is not simulated: what the server says of SOA, SRV, TYPE255 is unknown
    ");
}

/// What a client of `dc` gets for the reverse name of 10.0.9.9, which is forwarded.
fn reverse_behind(config: &str) -> String {
    behind(config, "9.9.0.10.in-addr.arpa", RecordType::Ptr)
}

/// Unbound that forwards all; it listens everywhere and serves all where `option` does not say.
fn unbound_with(option: &str) -> String {
    let stated = |key: &str, line| if option.contains(key) { "" } else { line };
    let interface = stated("interface:", "  interface: 0.0.0.0\n");
    let access = stated("access-control:", "  access-control: 0.0.0.0/0 allow\n");
    format!(
        "server:\n{interface}{access}  {option}\nforward-zone:\n  name: \".\"\n  forward-addr: 10.0.0.4\n"
    )
}

fn dnsmasq_with(options: &str) -> String {
    format!("no-resolv\nserver=10.0.0.4\n{options}\n")
}

/// Reverse names of private addresses are the server's own by default (RFC 6303).
#[test]
fn reverse_names_that_a_server_has_itself_do_not_exist() {
    for config in [
        unbound_with("verbosity: 1"),
        "options { forwarders { 10.0.0.4; }; };\n".to_owned(),
        "options { forward first; forwarders { 10.0.0.4; }; };\n".to_owned(),
        "options { };\n".to_owned(),
        "options { recursion no; empty-zones-enable yes; };\n".to_owned(),
        // A forwarder for other names changes nothing.
        "options { };\nzone \"1.16.172.in-addr.arpa\" { type forward; forwarders { 10.0.0.4; }; };\n"
            .to_owned(),
        dnsmasq_with("bogus-priv\nno-hosts"),
    ] {
        assert_eq!(reverse_behind(&config), "NXDOMAIN  ", "{config}");
    }
    // Unbound has `test.` itself, too.
    assert_eq!(behind(&unbound_with("verbosity: 1"), "a.test", RecordType::A), "NXDOMAIN  ");
    // Public addresses are none of these.
    let public = behind(
        "options { forwarders { 10.0.0.4; }; };\n",
        "7.2.0.192.in-addr.arpa",
        RecordType::Ptr,
    );
    assert!(public.starts_with("UNKNOWN  public DNS"), "{public}");
}

#[test]
fn reverse_names_that_a_server_leaves_to_others_are_forwarded() {
    for config in [
        unbound_with("local-zone: \"10.in-addr.arpa.\" nodefault"),
        unbound_with("unblock-lan-zones: yes"),
        "options { forward only; forwarders { 10.0.0.4; }; };\n".to_owned(),
        "options { empty-zones-enable no; forwarders { 10.0.0.4; }; };\n".to_owned(),
        "options { disable-empty-zone \"10.IN-ADDR.ARPA\"; forwarders { 10.0.0.4; }; };\n"
            .to_owned(),
        "options { };\nzone \"in-addr.arpa\" { type forward; forward only; forwarders { 10.0.0.4; }; };\n"
            .to_owned(),
        ". {\n  forward . 10.0.0.4\n}\n".to_owned(),
        // A block for a prefix is one for its reverse names.
        "10.0.0.0/16 {\n  forward . 10.0.0.4\n}\n".to_owned(),
        dnsmasq_with("no-hosts"),
    ] {
        assert_eq!(reverse_behind(&config), "NOERROR a.corp.example ", "{config}");
    }
    let prefix = "10.0.0.0/16 {\n  forward . 10.0.0.4\n}\n";
    assert_eq!(behind(prefix, "a.corp.example", RecordType::A), "REFUSED  ");
    // Without recursion there are none, either.
    assert_eq!(reverse_behind("options { recursion no; };\n"), "REFUSED  ");
}

/// No manual says in full what comes first, or who else has names for addresses.
#[test]
fn reverse_names_that_a_server_may_have_itself_are_unknown() {
    let by_default = "zone 10.in-addr.arpa by default";
    let part = "zone \"0.10.in-addr.arpa\" { type forward; forwarders { 10.0.0.4; }; };\n";
    let same = "zone \"10.in-addr.arpa\" { type forward; forwarders { 10.0.0.4; }; };\n";
    let forwarded = "\nforward-zone:\n  name: \"0.10.in-addr.arpa\"\n  forward-addr: 10.0.0.4";
    for (what, config) in [
        (by_default, format!("options {{ }};\n{part}")),
        (by_default, format!("options {{ }};\n{same}")),
        // A statement that was not read may be about it.
        (
            by_default,
            "options { };\nzone \"10.in-addr.arpa\" { type forward; forwarders { x; }; };\n"
                .to_owned(),
        ),
        (by_default, format!("{}{forwarded}\n", unbound_with("verbosity: 1"))),
        ("local-zone", unbound_with("local-zone: \"0.10.in-addr.arpa.\" transparent")),
        ("local-data-ptr", unbound_with("local-data-ptr: \"10.0.9.9 b.corp.example\"")),
        ("bogus-priv", dnsmasq_with("bogus-priv")),
        ("bogus-priv", dnsmasq_with("bogus-priv\nno-hosts\ndhcp-range=10.0.9.5,10.0.9.50,12h")),
        ("host-record", dnsmasq_with("host-record=nas.example,10.0.9.9")),
        ("host-record", dnsmasq_with("bogus-priv\nno-hosts\nhost-record=nas.example,10.0.9.9")),
    ] {
        let because =
            format!("the configuration of server `dc` has `{what}`, which is not simulated");
        assert_eq!(reverse_behind(&config), format!("UNKNOWN  {because}"), "{config}");
    }
    let shared = behind(&unbound_with("verbosity: 1"), "1.0.64.100.in-addr.arpa", RecordType::Ptr);
    assert!(shared.contains("`zones of 100.64.0.0/10 by default`"), "{shared}");
}

/// A zone in another part of the configuration takes the place of one that is there by default.
#[test]
fn zones_by_default_yield_to_other_parts() {
    let own = "server dc  address 10.9.0.10  config options.conf  config local.conf\n";
    let options = "options { forwarders { 10.0.0.4; }; };\n";
    let local = "zone \"10.in-addr.arpa\" { type primary; file \"db.10\"; };\n";
    let files = [("a.estate", own), ("etc/options.conf", options), ("etc/local.conf", local)];
    insta::assert_snapshot!(show(&files), @r#"
    server dc  product bind  address 10.9.0.10
      zone 10.in-addr.arpa  unread
      zone 16.172.in-addr.arpa  by-default
      zone 168.192.in-addr.arpa  by-default
      zone d.f.ip6.arpa  by-default
      forward-first .  10.0.0.4
      unsimulated .  "allow-recursion { localnets; } by default"  clients outside  names foreign
      unsimulated 100.in-addr.arpa  "zones of 100.64.0.0/10 by default"
    "#);
    // Written and read back it is the same.
    let text = estate_text::write(&load(&files));
    assert_eq!(estate_text::write(&load(&[("b.estate", &text)])), text);
}

/// What a snippet says holds where it is imported.
#[test]
fn snippets_are_read() {
    let corefile = "(common) {\n  cache 30 {\n    success 100\n  }\n  forward . 10.0.0.4\n}\n\
                    . {\n  bind 10.8.0.2\n  import common\n}\nk8s.example {\n  import other\n}\n";
    insta::assert_snapshot!(show(&[("Corefile", corefile)]), @r"
    server Corefile  product coredns  address 10.8.0.2  recursion off  partial
      forward .  10.0.0.4
    Corefile:12:10: `other` is another file: give it to the server as well, with `config`
    ");
    let snippet = "(up) {\n  forward . 10.0.0.4\n}\n. {\n  import up\n}\n";
    assert_eq!(behind(snippet, "a.corp.example", RecordType::A), "NOERROR 10.0.9.9 ");
}

/// The reverse names of a prefix go where `rev-server` says.
#[test]
fn reverse_servers_are_read() {
    let files = [(
        "dnsmasq.conf",
        "listen-address=10.8.0.2\nno-resolv\nrev-server=10.1.0.0/16,10.9.0.10\n",
    )];
    insta::assert_snapshot!(show(&files), @r"
    server dnsmasq.conf  product dnsmasq  address 10.8.0.2  recursion off
      forward 1.10.in-addr.arpa  10.9.0.10
    ");
}

/// Any part of a configuration can be read, and what was read can be written and read again.
#[test]
fn cut_configurations_are_read_as_far_as_they_go() {
    let corefile = ".:53 {\n  forward . 10.0.0.4 {\n    max_fails 2\n  }\n  hosts {\n  }\n}\n";
    let dnsmasq = "server=/a.test/b.test/10.0.0.4#5353\naddress=/c.test/::1\nlocal=/d.test/\n";
    let unbound = "forward-zone:\n  name: \"a.test\"\n  forward-addr: 10.0.0.4@5353\n";
    let formats = [
        (NAMED, Format::Bind),
        (corefile, Format::CoreDns),
        (dnsmasq, Format::Dnsmasq),
        (unbound, Format::Unbound),
        (ZONES, Format::WindowsDns),
    ];
    for (text, format) in formats {
        for cut in (0..text.len()).step_by(3) {
            for part in [&text[..cut], &text[cut..]] {
                let mut assembly = Assembly::default();
                source::read("x", part.as_bytes(), Some(format), Role::Estate, &mut assembly);
                let written = estate_text::write(&assembly.finish());
                let again = estate_text::write(&load(&[("y.estate", &written)]));
                assert!(written.is_empty() || again == written, "{part}\n--\n{written}--\n{again}");
            }
        }
    }
}

#[test]
fn other_texts_are_no_configuration() {
    for (text, kind) in [
        ("zone corp.test  link hub\n", "estate"),
        ("vnet hub\n", "estate"),
        ("KEY=value\nserver=x\n", "unrecognised"),
        ("server:\n  - a\n", "unrecognised"),
        ("server {\n  listen 80;\n}\n", "bind"),
        ("resource \"a\" \"b\" {\n  c = 1\n}\n", "unrecognised"),
        ("$ORIGIN corp.test.\nwww A 10.0.0.1\n", "zone-file"),
    ] {
        let estate = load(&[("x", text)]);
        let found = estate.inputs[0].kind;
        assert!(
            found == kind || kind == "unrecognised" && found.contains("unrec"),
            "{text}: {found}"
        );
    }
    for text in [
        "options {",
        "zone {{{{;",
        "zone \"a",
        ".:53 {\nforward",
        "server=/",
        "forward-zone:\nname",
        "/*",
    ] {
        for format in Format::ALL {
            let mut assembly = Assembly::default();
            source::read("x", text.as_bytes(), Some(format.0), Role::Estate, &mut assembly);
            assembly.finish();
        }
    }
    // Blocks within blocks without end cost nothing.
    let deep = format!("options {}", "{ a ".repeat(200_000));
    load(&[("x", &deep)]);
}

/// A file that is included may have a zone for any name, until it is given as well.
#[test]
fn what_is_included_and_not_given_leaves_everything_open() {
    let conf = "options { recursion yes; forwarders { 10.9.0.53; }; };\n\
                zone \"blob.core.windows.net\" { type forward; forwarders { 10.0.0.4; }; };\n\
                include \"/etc/bind/zones.conf\";\n";
    let more = "zone \"corp.test\" { type forward; forwarders { 10.0.0.5; }; };\n";
    let text = "site hq  dns 10.9.0.10\n\
                server dc  site hq  address 10.9.0.10  config named.conf";
    let ask = |files: &[(&str, &str)], name: &str| {
        let index = privdns::index::Index::new(load(files));
        let views = index.views(&privdns::index::Settings::default());
        let shown = common::show(&views[0], &name.parse().unwrap(), RecordType::A);
        format!("{} {}{}", shown.outcome, shown.data, shown.because)
    };
    let unknown = "UNKNOWN the configuration of server `dc` includes `/etc/bind/zones.conf`, which was not read";
    let files = [("named.conf", conf), ("a.estate", text)];
    assert_eq!(ask(&files, "sta.blob.core.windows.net"), unknown);
    assert_eq!(ask(&files, "www.fabrikam.com"), unknown);
    let text = format!("{text}  config zones.conf");
    let files = [("named.conf", conf), ("zones.conf", more), ("a.estate", &text)];
    assert_eq!(ask(&files, "sta.blob.core.windows.net"), "FORWARDED to 10.0.0.4");
    assert_eq!(ask(&files, "x.corp.test"), "FORWARDED to 10.0.0.5");
    assert_eq!(ask(&files, "www.fabrikam.com"), "FORWARDED to 10.9.0.53");
}

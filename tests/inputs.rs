//! Bad input: each kind has its own message and place, and its neighbours survive.

use privdns::estate::{Assembly, Estate, NoteKind};
use privdns::source::{self, Role};

fn read(inputs: &[(&str, &[u8])]) -> Estate {
    let mut assembly = Assembly::default();
    for (path, octets) in inputs {
        source::read(path, *octets, None, Role::Estate, &mut assembly);
    }
    assembly.finish()
}

fn notes(estate: &Estate) -> String {
    let notes = estate.notes.iter().filter(|note| note.kind != NoteKind::Partial);
    let lines = notes.map(|note| {
        format!("{:?} {}: {}", note.kind, estate.show_origin(note.origin), note.message)
    });
    lines.collect::<Vec<_>>().join("\n")
}

const ZONE: &str =
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/corp.internal";

fn record_set(name: &str, data: &str) -> String {
    format!(
        "  {{\n    \"id\": \"{ZONE}/A/{name}\",\n    \"name\": \"{name}\",\n    {data}\n    \
         \"ttl\": 300,\n    \"type\": \"Microsoft.Network/privateDnsZones/A\"\n  }}"
    )
}

fn good(name: &str, address: &str) -> String {
    record_set(name, &format!("\"aRecords\": [{{\"ipv4Address\": \"{address}\"}}],"))
}

#[test]
fn a_broken_address_costs_its_record_set_only() {
    let text = format!(
        "[\n{},\n{},\n{}\n]",
        good("one", "10.0.0.1"),
        good("two", "10.0.0"),
        good("three", "10.0.0.3")
    );
    let estate = read(&[("sets.json", text.as_bytes())]);
    assert_eq!(estate.record_set_count(), 2);
    insta::assert_snapshot!(notes(&estate), @"Refused sets.json:12:35: expected an IPv4 address in `ipv4Address`, found `10.0.0`");
}

#[test]
fn a_file_that_stops_in_the_middle_keeps_what_it_has() {
    let whole = format!("[\n{},\n{}\n]", good("one", "10.0.0.1"), good("two", "10.0.0.2"));
    let estate = read(&[("cut.json", &whole.as_bytes()[..whole.len() - 40])]);
    assert_eq!(estate.record_set_count(), 1);
    insta::assert_snapshot!(notes(&estate), @"Refused cut.json:14:13: this string has no end");
}

#[test]
fn a_key_that_stands_twice_is_told() {
    let text = format!(
        "[\n{},\n{}\n]",
        record_set("one", "\"ttl\": 10,\n    \"aRecords\": [{\"ipv4Address\": \"10.0.0.1\"}],"),
        good("two", "10.0.0.2")
    );
    let estate = read(&[("twice.json", text.as_bytes())]);
    assert!(estate.record_set_count() >= 1);
    insta::assert_snapshot!(notes(&estate), @"Refused twice.json:7:9: key `ttl` stands twice in this item");
}

#[test]
fn utf_16_is_read_as_powershell_writes_it() {
    let text = format!("[\n{}\n]\n", good("one", "10.0.0.1")).replace('\n', "\r\n");
    for big in [false, true] {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        let octets: Vec<u8> = units
            .flat_map(|unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect();
        let estate = read(&[("utf16.json", &octets)]);
        assert_eq!(estate.record_set_count(), 1);
    }
    let cut: Vec<u8> = [0xff, 0xfe, b'[', 0, b'x'].into();
    insta::assert_snapshot!(notes(&read(&[("odd.json", &cut)])), @r"
    Reading odd.json:1:1: is broken UTF-16; what cannot be read stands as U+FFFD
    Refused odd.json:1:2: the text ends inside a list: it was cut off
    ");
}

#[test]
fn files_that_are_no_export_say_what_they_seem_to_be() {
    let estate = read(&[
        ("empty.json", b""),
        ("blank.json", b" \n\n"),
        ("notes.md", b"# Notes\n\nWe moved the zone.\n"),
        ("list.txt", b"name,type\nwww,A\n"),
        ("binary.bin", &[0x89, b'P', b'N', b'G', 0, 1, 2, 0xff]),
        (
            "error.json",
            b"{\"error\": {\"code\": \"AuthorizationFailed\", \"message\": \"no access\"}}",
        ),
        ("number.json", b"[1, 2]"),
        (
            "table.tf",
            b"resource \"azurerm_private_dns_zone\" \"x\" {\n  name = \"corp.internal\"\n}\n",
        ),
    ]);
    insta::assert_snapshot!(notes(&estate), @r#"
    Unrecognised binary.bin:1:1: is binary
    Unreadable blank.json:1:1: is empty
    Unreadable empty.json:1:1: is empty
    Unreadable error.json:1:11: is an error answer, not an export: {"code": "AuthorizationFailed", "message": "no access"}
    Unrecognised list.txt:1:1: is no export that is known: expected JSON of `az` or PowerShell, a template, CSV of Resource Graph, a zone file or `.estate` text; the first line is `name,type`
    Unrecognised notes.md:1:1: is no export that is known: this looks like documentation; the first line is `# Notes`
    Refused number.json:1:2: expected an object, found `1`
    Refused number.json:1:5: expected an object, found `2`
    Unrecognised table.tf:1:1: is no export that is known: this looks like Terraform source; the first line is `resource "azurerm_private_dns_zone" "x" {`
    "#);
}

#[test]
fn deep_nesting_is_refused() {
    let text = "[".repeat(100_000) + &"]".repeat(100_000);
    insta::assert_snapshot!(notes(&read(&[("deep.json", text.as_bytes())])), @"Refused deep.json:1:9: lists within lists are read to a depth of 8");
}

#[test]
fn names_that_are_too_long_are_refused() {
    let long = "x".repeat(64);
    let text = format!("[\n{},\n{}\n]", good(&long, "10.0.0.1"), good("two", "10.0.0.2"));
    let estate = read(&[("long.json", text.as_bytes())]);
    assert_eq!(estate.record_set_count(), 1);
    insta::assert_snapshot!(notes(&estate), @"Refused long.json:3:12: in a record set's id: label `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx` has 64 octets, a label has at most 63");
}

/// What `az` shows of an endpoint whose records a zone group keeps has no names and
/// no addresses; its network interface has both.
#[test]
fn the_interface_of_an_endpoint_has_its_addresses() {
    let group = "/subscriptions/s/resourceGroups/g/providers";
    let endpoint = serde_json::json!([{
        "id": format!("{group}/Microsoft.Network/privateEndpoints/pe-kv1"),
        "type": "Microsoft.Network/privateEndpoints",
        "customDnsConfigs": [],
        "subnet": {"id": format!("{group}/Microsoft.Network/virtualNetworks/hub/subnets/pe")},
        "privateLinkServiceConnections": [{
            "groupIds": ["vault"],
            "privateLinkServiceId": format!("{group}/Microsoft.KeyVault/vaults/kv1"),
            "privateLinkServiceConnectionState": {"status": "Approved"},
        }],
    }]);
    let interface = serde_json::json!([{
        "id": format!("{group}/Microsoft.Network/networkInterfaces/pe-kv1.nic.1"),
        "type": "Microsoft.Network/networkInterfaces",
        "privateEndpoint": {"id": format!("{group}/microsoft.network/privateEndpoints/pe-kv1")},
        "ipConfigurations": [{
            "privateIPAddress": "10.0.0.5",
            "privateLinkConnectionProperties": {
                "fqdns": ["kv1.vault.azure.net"], "groupId": "vault", "requiredMemberName": "default",
            },
        }],
    }]);
    let (endpoint, interface) = (endpoint.to_string(), interface.to_string());
    for inputs in [
        [("a.json", endpoint.as_bytes()), ("b.json", interface.as_bytes())],
        [("a.json", interface.as_bytes()), ("b.json", endpoint.as_bytes())],
    ] {
        let estate = read(&inputs);
        assert_eq!(notes(&estate), "");
        let [endpoint] = &estate.endpoints[..] else { panic!("{:?}", estate.endpoints) };
        assert!(endpoint.vnet.is_some() && endpoint.target.is_some());
        let (name, addresses) = &endpoint.names[0];
        assert_eq!(estate.names.show(*name).to_string(), "kv1.vault.azure.net");
        assert_eq!(addresses[0].to_string(), "10.0.0.5");
    }
}

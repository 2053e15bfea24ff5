//! Bad input: each kind has its own message and place, its neighbours survive, and
//! every item is counted once.

mod common;

use std::path::Path;

use privdns::estate::{Estate, Items, NoteKind};
use privdns::index::{Index, Settings};
use privdns::record::RecordType::A;
use privdns::source::estate_text;
use proptest::prelude::*;
use serde_json::json;

use common::{Shown, read};

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
    let estate = read([("sets.json", text.as_bytes())]);
    assert_eq!(estate.record_set_count(), 2);
    insta::assert_snapshot!(notes(&estate), @"Refused sets.json:12:35: expected an IPv4 address in `ipv4Address`, found `10.0.0`");
}

#[test]
fn a_file_that_stops_in_the_middle_keeps_what_it_has() {
    let whole = format!("[\n{},\n{}\n]", good("one", "10.0.0.1"), good("two", "10.0.0.2"));
    let estate = read([("cut.json", &whole.as_bytes()[..whole.len() - 40])]);
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
    let estate = read([("twice.json", text.as_bytes())]);
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
        let estate = read([("utf16.json", &octets)]);
        assert_eq!(estate.record_set_count(), 1);
    }
    let cut: Vec<u8> = [0xff, 0xfe, b'[', 0, b'x'].into();
    insta::assert_snapshot!(notes(&read([("odd.json", &cut)])), @r"
    Reading odd.json:1:1: is broken UTF-16; what cannot be read stands as U+FFFD
    Refused odd.json:1:2: the text ends inside a list: it was cut off
    ");
}

#[test]
fn files_that_are_no_export_say_what_they_seem_to_be() {
    let inputs: [(&str, &[u8]); 8] = [
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
    ];
    let estate = read(inputs);
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
    insta::assert_snapshot!(notes(&read([("deep.json", text.as_bytes())])), @"Refused deep.json:1:9: lists within lists are read to a depth of 8");
}

#[test]
fn names_that_are_too_long_are_refused() {
    let long = "x".repeat(64);
    let text = format!("[\n{},\n{}\n]", good(&long, "10.0.0.1"), good("two", "10.0.0.2"));
    let estate = read([("long.json", text.as_bytes())]);
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
        let estate = read(inputs);
        assert_eq!(notes(&estate), "");
        let [endpoint] = &estate.endpoints[..] else { panic!("{:?}", estate.endpoints) };
        assert!(endpoint.vnet.is_some() && endpoint.target.is_some());
        let (name, addresses) = &endpoint.names[0];
        assert_eq!(estate.names.show(*name).to_string(), "kv1.vault.azure.net");
        assert_eq!(addresses[0].to_string(), "10.0.0.5");
    }
}

/// One item in each format: a good one, a bad one, and one of a kind that is not used.
fn items(format: &str, number: usize, fate: usize) -> String {
    let network = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";
    let resource = |kind: &str, values: &str| {
        format!(
            "{{\"mode\": \"managed\", \"type\": \"{kind}\", \"name\": \"r{number}\", \
             \"instances\": [{{\"attributes\": {{{values}}}}}]}}"
        )
    };
    let record = "azurerm_private_dns_a_record";
    match (format, fate) {
        ("az-json", 0) => good(&format!("n{number}"), "10.0.0.1"),
        ("az-json", 1) => good(&format!("n{number}"), "10.0.0"),
        ("az-json", _) => format!("{{\"id\": \"{network}/loadBalancers/b{number}\"}}"),
        ("zone-file", 0) => format!("n{number} A 10.0.0.1\n"),
        ("zone-file", 1) => format!("n{number} A 10.0.0\n"),
        ("zone-file", _) => format!("n{number} NS ns.corp.internal.\n"),
        ("estate", 0) => format!("  n{number} A 10.0.0.1\n"),
        ("estate", _) => format!("  n{number} A 10.0.0\n"),
        (_, 0) => resource(
            record,
            &format!("\"id\": \"{ZONE}/A/n{number}\", \"records\": [\"10.0.0.1\"]"),
        ),
        (_, 1) => resource(record, &format!("\"id\": \"{ZONE}/A/n{number}\", \"records\": null")),
        (..) => resource("random_id", "\"id\": \"x\""),
    }
}

proptest! {
    #![proptest_config(common::cases(200))]

    #[test]
    fn every_item_is_counted_once(fates in prop::collection::vec(0..3_usize, 0..12)) {
        for format in ["az-json", "zone-file", "estate", "terraform"] {
            let parts: Vec<String> =
                fates.iter().enumerate().map(|(at, fate)| items(format, at, *fate)).collect();
            let text = match format {
                "az-json" => format!("[\n{}\n]", parts.join(",\n")),
                "zone-file" => format!("$TTL 60\n$ORIGIN corp.internal.\n{}", parts.concat()),
                "estate" => format!("# a comment\nzone corp.internal\n{}", parts.concat()),
                _ => format!(
                    "{{\"version\": 4, \"lineage\": \"l\", \"resources\": [\n{}\n]}}",
                    parts.join(",\n")
                ),
            };
            let estate = read([("x", text.as_bytes())]);
            prop_assert_eq!(estate.inputs[0].kind, format);
            let count = |fate| fates.iter().filter(|one| **one == fate).count() as u32;
            let (used, refused, unsupported) = (count(0), count(1), count(2));
            let expected = match format {
                // Everything is supported here; and the zone is an item of its own.
                "estate" => Items { used: used + 1, refused: refused + unsupported, unsupported: 0 },
                _ => Items { used, refused, unsupported },
            };
            prop_assert_eq!(estate.inputs[0].items, expected, "{}\n{}", format, text);
            prop_assert_eq!(estate.record_set_count(), used as usize);
        }
    }
}

fn counts(text: &str) -> (u32, u32, u32) {
    let estate = read([("x", text.as_bytes())]);
    let Items { used, refused, unsupported } = estate.inputs[0].items;
    (used, refused, unsupported)
}

#[test]
fn what_is_read_in_part_is_used() {
    let set = record_set(
        "one",
        "\"aRecords\": [{\"ipv4Address\": \"10.0.0\"}, {\"ipv4Address\": \"10.0.0.1\"}],",
    );
    assert_eq!(counts(&format!("[{set}]")), (1, 0, 0));
}

#[test]
fn what_turns_out_not_to_fit_is_refused() {
    let zone = "$ORIGIN corp.internal.\n";
    assert_eq!(counts(&format!("{zone}a CNAME x.\na CNAME y.\na CNAME x.\n")), (2, 1, 0));
    assert_eq!(counts(&format!("{zone}a A 10.0.0.1\nb.example. A 10.0.0.2\n")), (1, 1, 0));
    assert_eq!(
        counts(&format!("{zone}$INCLUDE more\n$TTL x\na TXT ( x\n y\nb A ::1\n")),
        (0, 2, 1)
    );
    let estate = "zone corp.internal\n  a CNAME x.\n  a CNAME y.\n\n# end\n";
    assert_eq!(counts(estate), (2, 1, 0));
    // Lines go with the statement that was refused.
    assert_eq!(counts("vnet hub\nzone corp.internal lonk hub\n  a A 10.0.0.1\n"), (1, 2, 0));
}

#[test]
fn a_list_that_was_cut_off_counts_what_was_met() {
    let (one, two) = (good("one", "10.0.0.1"), good("two", "10.0.0.2"));
    assert_eq!(counts(&format!("[{one},\n{two},")), (2, 0, 0));
    assert_eq!(counts(&format!("[{one},\n{}", &two[..two.len() - 20])), (1, 1, 0));
    assert_eq!(counts(&format!("[{one}, 7, [{two}], null]")), (2, 2, 0));
}

#[test]
fn what_is_no_export_has_no_items() {
    for text in ["", "\u{0}", "# Notes\n", "{\"error\": {\"code\": \"x\"}}"] {
        assert_eq!(counts(text), (0, 0, 0), "{text}");
    }
}

#[test]
fn a_plan_counts_what_was_there_before() {
    let change = |name: &str, before: &str| {
        format!(
            "{{\"type\": \"azurerm_private_dns_a_record\", \"name\": \"{name}\", \
             \"change\": {{\"before\": {before}}}}}"
        )
    };
    let before = format!("{{\"id\": \"{ZONE}/A/n\", \"records\": [\"10.0.0.1\"]}}");
    let (old, new) = (change("old", &before), change("new", "null"));
    let plan = format!("{{\"format_version\": \"1.0\", \"resource_changes\": [{old},\n{new}, 7]}}");
    assert_eq!(counts(&plan), (1, 1, 1));
}

/// What the estate says of services and their endpoints, without places.
fn services(estate: &Estate) -> String {
    let written = estate_text::write(estate);
    let blocks = written.split("\n\n");
    let of_services = |block: &&str| {
        ["resource ", "endpoint ", "zone "].iter().any(|kind| block.trim().starts_with(kind))
    };
    blocks.filter(of_services).map(|block| format!("{}\n", block.trim())).collect()
}

const GROUP: &str = "/subscriptions/s/resourceGroups/rg/providers";

/// One vault, storage account, cluster and registry, in the properties of the management API.
fn service_items() -> Vec<(&'static str, serde_json::Value)> {
    let approved = json!({"status": "Approved"});
    let endpoint = json!({"id": format!("{GROUP}/Microsoft.Network/privateEndpoints/pe")});
    let connection = json!({"properties":
        {"privateEndpoint": endpoint, "privateLinkServiceConnectionState": approved}});
    let zone =
        format!("{GROUP}/Microsoft.Network/privateDnsZones/privatelink.westeurope.azmk8s.io");
    vec![
        (
            "Microsoft.KeyVault/vaults/kv",
            json!({"vaultUri": "https://kv.vault.azure.net/", "publicNetworkAccess": "Disabled",
                "privateEndpointConnections": [connection]}),
        ),
        (
            "Microsoft.Storage/storageAccounts/st",
            json!({"primaryEndpoints": {"blob": "https://st.z20.blob.storage.azure.net/",
                    "web": "https://st.z20.web.storage.azure.net/"},
                "secondaryEndpoints": {"blob": "https://st-secondary.z20.blob.storage.azure.net/"},
                "privateEndpointConnections": []}),
        ),
        (
            "Microsoft.ContainerService/managedClusters/aks",
            json!({"fqdn": "aks-1.hcp.westeurope.azmk8s.io",
                "privateFQDN": "aks-1.privatelink.westeurope.azmk8s.io",
                "apiServerAccessProfile": {"privateDNSZone": zone, "enablePrivateCluster": true}}),
        ),
        (
            "Microsoft.ContainerRegistry/registries/acr",
            json!({"loginServer": "acr.azurecr.io",
                "dataEndpointHostNames": ["acr.westeurope.data.azurecr.io"]}),
        ),
    ]
}

/// The object with all keys as PowerShell writes them.
fn pascal(value: &serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(members) => members
            .iter()
            .map(|(key, value)| (key[..1].to_uppercase() + &key[1..], pascal(value)))
            .collect(),
        serde_json::Value::Array(values) => values.iter().map(pascal).collect(),
        other => other.clone(),
    }
}

#[test]
fn services_are_the_same_in_every_dress() {
    let items = service_items().into_iter();
    let items = items.map(|(path, properties)| (format!("{GROUP}/{path}"), properties)).collect();
    for (dress, text) in dresses(items) {
        let estate = read([(dress, text.as_bytes())]);
        assert_eq!(estate.inputs[0].items.used, 4, "{dress}: {}", notes(&estate));
        insta::allow_duplicates! {
            insta::assert_snapshot!(services(&estate), @"
            zone privatelink.westeurope.azmk8s.io  id /subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/privatelink.westeurope.azmk8s.io  unread  links-unread
            resource acr  type Microsoft.ContainerRegistry/registries  location westeurope  id /subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/acr
              acr.azurecr.io  registry
              acr.westeurope.data.azurecr.io  registry
            resource aks  type Microsoft.ContainerService/managedClusters  location westeurope  id /subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks
              aks-1.privatelink.westeurope.azmk8s.io  management
              aks-1.hcp.westeurope.azmk8s.io  management
            resource kv  type Microsoft.KeyVault/vaults  location westeurope  id /subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv  public-access off
              kv.vault.azure.net  vault  endpoint
            resource st  type Microsoft.Storage/storageAccounts  location westeurope  id /subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st
              st.z20.blob.storage.azure.net  blob  no-endpoint
              st.z20.web.storage.azure.net  web  no-endpoint
              st-secondary.z20.blob.storage.azure.net  blob_secondary  no-endpoint
            ");
        }
    }
}

#[test]
fn terraform_has_the_same_services() {
    let resource = |kind: &str, path: &str, mut values: serde_json::Value| {
        values["id"] = format!("{GROUP}/{path}").into();
        values["location"] = "westeurope".into();
        json!({"mode": "managed", "type": kind, "name": "x", "values": values})
    };
    let resources = [
        resource(
            "azurerm_key_vault",
            "Microsoft.KeyVault/vaults/kv",
            json!({"vault_uri": "https://kv.vault.azure.net/", "public_network_access_enabled": false}),
        ),
        resource(
            "azurerm_storage_account",
            "Microsoft.Storage/storageAccounts/st",
            json!({"primary_blob_endpoint": "https://st.z20.blob.storage.azure.net/",
                "primary_web_endpoint": "https://st.z20.web.storage.azure.net/",
                "secondary_blob_endpoint": "https://st-secondary.z20.blob.storage.azure.net/",
                "secondary_web_endpoint": ""}),
        ),
        resource(
            "azurerm_kubernetes_cluster",
            "Microsoft.ContainerService/managedClusters/aks",
            json!({"fqdn": "aks-1.hcp.westeurope.azmk8s.io", "private_cluster_enabled": true,
                "private_fqdn": "aks-1.privatelink.westeurope.azmk8s.io", "private_dns_zone_id":
                format!("{GROUP}/Microsoft.Network/privateDnsZones/privatelink.westeurope.azmk8s.io")}),
        ),
        resource(
            "azurerm_container_registry",
            "Microsoft.ContainerRegistry/registries/acr",
            json!({"login_server": "acr.azurecr.io",
                "data_endpoint_host_names": ["acr.westeurope.data.azurecr.io"]}),
        ),
    ];
    let state =
        json!({"format_version": "1.0", "values": {"root_module": {"resources": resources}}});
    let estate = read([("state.json", state.to_string().as_bytes())]);
    assert_eq!(notes(&estate), "");
    // Terraform does not know of connections: whether a name has an endpoint stays open.
    insta::assert_snapshot!(services(&estate), @"
    zone privatelink.westeurope.azmk8s.io  id /subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/privatelink.westeurope.azmk8s.io  unread  links-unread
    resource acr  type Microsoft.ContainerRegistry/registries  location westeurope  id /subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/acr
      acr.azurecr.io  registry
      acr.westeurope.data.azurecr.io  registry
    resource aks  type Microsoft.ContainerService/managedClusters  location westeurope  id /subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks
      aks-1.privatelink.westeurope.azmk8s.io  management
      aks-1.hcp.westeurope.azmk8s.io  management
    resource kv  type Microsoft.KeyVault/vaults  location westeurope  id /subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv  public-access off
      kv.vault.azure.net  vault
    resource st  type Microsoft.Storage/storageAccounts  location westeurope  id /subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st
      st.z20.blob.storage.azure.net  blob
      st.z20.web.storage.azure.net  web
      st-secondary.z20.blob.storage.azure.net  blob_secondary
    ");
}

#[test]
fn a_list_of_connections_has_the_endpoints() {
    let list = json!([{
        "id": format!("{GROUP}/Microsoft.KeyVault/vaults/kv/privateEndpointConnections/pe.1"),
        "properties": {
            "privateEndpoint": {"id": format!("{GROUP}/Microsoft.Network/privateEndpoints/pe")},
            "privateLinkServiceConnectionState": {"status": "Approved"},
        },
    }, {
        "id": format!("{GROUP}/Microsoft.Batch/batchAccounts/b/privateEndpointConnections/two"),
        "groupIds": ["nodeManagement"],
        "privateLinkServiceConnectionState": {"status": "Rejected"},
    }]);
    let estate = read([("connections.json", list.to_string().as_bytes())]);
    assert_eq!(notes(&estate), "");
    insta::assert_snapshot!(services(&estate), @"
    endpoint pe  target /subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv  id /subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/pe  group vault
    endpoint two  target /subscriptions/s/resourceGroups/rg/providers/Microsoft.Batch/batchAccounts/b  group nodeManagement  not-approved
    ");
}

/// What other kinds of item mean by a key is not what a service means by it.
#[test]
fn a_service_keeps_its_own_meaning_of_a_key() {
    let item = json!([{"id": format!("{GROUP}/Microsoft.Cache/Redis/r"), "records": 1,
        "addressSpace": "x", "hostName": "r.redis.cache.windows.net"}, {
        "id": format!("{GROUP}/Microsoft.Cache/Redis/s"), "hostName": "s..redis"}]);
    let estate = read([("redis.json", item.to_string().as_bytes())]);
    assert_eq!(estate.inputs[0].items.used, 2);
    insta::assert_snapshot!(notes(&estate), @"Refused redis.json:1:163: `s..redis` has an empty label");
}

const NETWORK: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";

/// A resolver, its rules, a firewall, and a machine whose interface has servers of its own.
fn forwarding_items() -> Vec<(String, serde_json::Value)> {
    let subnet = json!({"id": format!("{NETWORK}/virtualNetworks/hub/subnets/in")});
    let hub = json!({"id": format!("{NETWORK}/virtualNetworks/hub")});
    let spoke = json!({"id": format!("{NETWORK}/virtualNetworks/spoke")});
    let interface = json!({"id": format!("{NETWORK}/networkInterfaces/vm1-nic"), "primary": true});
    let firewall = json!({"id": format!("{NETWORK}/azureFirewalls/fw")});
    let item =
        |path: &str, properties: serde_json::Value| (format!("{NETWORK}/{path}"), properties);
    vec![
        item("virtualNetworks/hub", json!({"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}})),
        item(
            "virtualNetworks/spoke",
            json!({"addressSpace": {"addressPrefixes": ["10.1.0.0/16"]},
            "dhcpOptions": {"dnsServers": ["10.0.0.4"]}}),
        ),
        item("dnsResolvers/r", json!({ "virtualNetwork": hub })),
        item(
            "dnsResolvers/r/inboundEndpoints/in",
            json!({"ipConfigurations":
            [{"subnet": subnet, "privateIpAddress": "10.0.0.4"}]}),
        ),
        item("dnsResolvers/r/outboundEndpoints/out", json!({ "subnet": subnet })),
        item("dnsForwardingRulesets/rules", json!({"dnsResolverOutboundEndpoints": []})),
        item(
            "dnsForwardingRulesets/rules/forwardingRules/corp",
            json!({
            "domainName": "corp.contoso.com.", "forwardingRuleState": "Enabled",
            "targetDnsServers": [{"ipAddress": "10.9.0.10", "port": 53},
                {"ipAddress": "10.9.0.11", "port": 5353}]}),
        ),
        item(
            "dnsForwardingRulesets/rules/forwardingRules/off",
            json!({
            "domainName": "off.contoso.com.", "forwardingRuleState": "Disabled",
            "targetDnsServers": [{"ipAddress": "10.9.0.10", "port": 53}]}),
        ),
        item(
            "dnsForwardingRulesets/rules/virtualNetworkLinks/to-spoke",
            json!({"virtualNetwork": spoke, "provisioningState": "Succeeded"}),
        ),
        item(
            "azureFirewalls/fw",
            json!({
            "ipConfigurations": [{"privateIPAddress": "10.0.2.4", "subnet": subnet}],
            "firewallPolicy": {"id": format!("{NETWORK}/firewallPolicies/p")}}),
        ),
        item(
            "firewallPolicies/p",
            json!({"dnsSettings": {"enableProxy": true,
            "servers": ["10.0.0.4"]}, "firewalls": [firewall]}),
        ),
        item(
            "networkInterfaces/vm1-nic",
            json!({
            "ipConfigurations": [{"privateIPAddress": "10.0.1.4", "subnet": subnet, "primary": true}],
            "dnsSettings": {"dnsServers": ["168.63.129.16"]}, "primary": true}),
        ),
        (
            "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm-one"
                .to_owned(),
            json!({"networkProfile": {"networkInterfaces": [interface]},
                "osProfile": {"computerName": "vm1"}}),
        ),
    ]
}

/// The four dresses of items of the management API.
fn dresses(items: Vec<(String, serde_json::Value)>) -> [(&'static str, String); 4] {
    let mut dresses: [Vec<serde_json::Value>; 4] = Default::default();
    for (id, properties) in items {
        let name = id.rsplit('/').next();
        let head = json!({"id": id, "name": name, "location": "westeurope"});
        let [mut flat, mut nested, mut row, mut shell] = [(); 4].map(|()| head.clone());
        flat.as_object_mut().unwrap().extend(properties.as_object().unwrap().clone());
        nested["properties"] = properties.clone();
        row["properties"] = properties.clone();
        row["resourceGroup"] = "rg".into();
        shell.as_object_mut().unwrap().extend(properties.as_object().unwrap().clone());
        for (dress, item) in dresses.iter_mut().zip([flat, nested, row, pascal(&shell)]) {
            dress.push(item);
        }
    }
    let [flat, nested, rows, shell] = dresses;
    [
        ("az", json!(flat).to_string()),
        ("rest", json!({"value": nested, "nextLink": null}).to_string()),
        (
            "graph",
            json!({"count": rows.len(), "data": rows, "total_records": rows.len()}).to_string(),
        ),
        ("powershell", json!(shell).to_string()),
    ]
}

#[test]
fn who_else_answers_is_the_same_in_every_dress() {
    for (dress, text) in dresses(forwarding_items()) {
        let estate = read([(dress, text.as_bytes())]);
        assert_eq!(notes(&estate), "", "{dress}");
        assert_eq!(estate.inputs[0].items.used, 13, "{dress}");
        let written = estate_text::write(&estate);
        // No list of objects of PowerShell is taken for complete.
        let written = match dress {
            "powershell" => written.replace("  unread", "").replace("  links-unread", ""),
            _ => written,
        };
        insta::allow_duplicates! {
            insta::assert_snapshot!(written, @"
            vnet hub  id /subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub  location westeurope  space 10.0.0.0/16
            vnet spoke  id /subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/spoke  location westeurope  space 10.1.0.0/16  dns 10.0.0.4

            inbound in  vnet /subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub  address 10.0.0.4  id /subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/dnsResolvers/r/inboundEndpoints/in

            ruleset rules  id /subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/dnsForwardingRulesets/rules  location westeurope  link /subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/spoke
              corp.contoso.com  !name corp  10.9.0.10  10.9.0.11:5353
              off.contoso.com  !disabled  !name off  10.9.0.10

            server fw  kind firewall  vnet /subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub  address 10.0.2.4  recursion off  id /subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/azureFirewalls/fw
              forward .  10.0.0.4

            nic vm1-nic  vnet /subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub  address 10.0.1.4  dns 168.63.129.16  vm vm1  role primary  id /subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/vm1-nic
            ");
        }
    }
}

#[test]
fn terraform_has_who_else_answers() {
    let resource = |kind: &str, id: &str, mut values: serde_json::Value| {
        values["id"] = id.replace("NETWORK", NETWORK).into();
        values["location"] = "westeurope".into();
        json!({"mode": "managed", "type": kind, "name": "x", "values": values})
    };
    let subnet = format!("{NETWORK}/virtualNetworks/hub/subnets/in");
    let spoke = format!("{NETWORK}/virtualNetworks/spoke");
    let server = |address: &str, port: u16| json!({"ip_address": address, "port": port});
    let nic = format!("{NETWORK}/networkInterfaces/vm1-nic");
    let machine =
        "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm-one";
    let resources = [
        resource(
            "azurerm_virtual_network",
            "NETWORK/virtualNetworks/hub",
            json!({"address_space": ["10.0.0.0/16"], "dns_servers": []}),
        ),
        resource(
            "azurerm_virtual_network",
            "NETWORK/virtualNetworks/spoke",
            json!({"address_space": ["10.1.0.0/16"], "dns_servers": ["10.0.0.4"]}),
        ),
        resource(
            "azurerm_private_dns_resolver",
            "NETWORK/dnsResolvers/r",
            json!({"virtual_network_id": format!("{NETWORK}/virtualNetworks/hub")}),
        ),
        resource(
            "azurerm_private_dns_resolver_inbound_endpoint",
            "NETWORK/dnsResolvers/r/inboundEndpoints/in",
            json!({"ip_configurations": [{"subnet_id": subnet, "private_ip_address": "10.0.0.4"}]}),
        ),
        resource(
            "azurerm_private_dns_resolver_outbound_endpoint",
            "NETWORK/dnsResolvers/r/outboundEndpoints/out",
            json!({ "subnet_id": subnet }),
        ),
        resource(
            "azurerm_private_dns_resolver_dns_forwarding_ruleset",
            "NETWORK/dnsForwardingRulesets/rules",
            json!({}),
        ),
        resource(
            "azurerm_private_dns_resolver_forwarding_rule",
            "NETWORK/dnsForwardingRulesets/rules/forwardingRules/corp",
            json!({"domain_name": "corp.contoso.com.", "enabled": true,
                "target_dns_servers": [server("10.9.0.10", 53), server("10.9.0.11", 5353)]}),
        ),
        resource(
            "azurerm_private_dns_resolver_forwarding_rule",
            "NETWORK/dnsForwardingRulesets/rules/forwardingRules/off",
            json!({"domain_name": "off.contoso.com.", "enabled": false, "target_dns_servers": [server("10.9.0.10", 53)]}),
        ),
        resource(
            "azurerm_private_dns_resolver_virtual_network_link",
            "NETWORK/dnsForwardingRulesets/rules/virtualNetworkLinks/to-spoke",
            json!({ "virtual_network_id": spoke }),
        ),
        resource(
            "azurerm_firewall",
            "NETWORK/azureFirewalls/fw",
            json!({"ip_configuration": [{"private_ip_address": "10.0.2.4", "subnet_id": subnet}],
                "firewall_policy_id": format!("{NETWORK}/firewallPolicies/p")}),
        ),
        resource(
            "azurerm_firewall_policy",
            "NETWORK/firewallPolicies/p",
            json!({"dns": [{"proxy_enabled": true, "servers": ["10.0.0.4"]}],
                "firewalls": [format!("{NETWORK}/azureFirewalls/fw")]}),
        ),
        resource(
            "azurerm_network_interface",
            "NETWORK/networkInterfaces/vm1-nic",
            json!({"ip_configuration": [{"private_ip_address": "10.0.1.4", "subnet_id": subnet, "primary": true}],
                "dns_servers": ["168.63.129.16"], "virtual_machine_id": machine}),
        ),
        resource(
            "azurerm_linux_virtual_machine",
            machine,
            json!({"network_interface_ids": [nic], "computer_name": "vm1"}),
        ),
    ];
    let state =
        json!({"format_version": "1.0", "values": {"root_module": {"resources": resources}}});
    let estate = read([("state.json", state.to_string().as_bytes())]);
    assert_eq!(notes(&estate), "");
    // A state knows its own resources only, so that no list of it is complete.
    let written = estate_text::write(&estate);
    let written = written.replace("  unread", "").replace("  links-unread", "");
    let (_, az) = &dresses(forwarding_items())[0];
    let az = estate_text::write(&read([("az", az.as_bytes())]));
    assert_eq!(written.lines().collect::<Vec<_>>(), az.lines().collect::<Vec<_>>());
}

#[test]
fn what_stands_within_answers_is_read() {
    let zone =
        |name: &str| json!({"id": format!("{NETWORK}/privateDnsZones/{name}"), "properties": {}});
    let batch = json!({"responses": [
        {"httpStatusCode": 200, "content": {"value": [zone("a.internal")], "nextLink": null}},
        {"httpStatusCode": 200, "content": zone("b.internal")},
        {"httpStatusCode": 403, "content": {"error": {"code": "AuthorizationFailed"}}},
        {"httpStatusCode": 204},
    ]});
    let what_if = json!({"status": "Succeeded", "changes": [
        {"changeType": "Delete", "before": zone("gone.internal"), "after": null},
        {"changeType": "Create", "before": null, "after": zone("new.internal")},
    ]});
    let estate = read([("batch.json", batch.to_string()), ("if.json", what_if.to_string())]);
    let zones: Vec<String> = estate.zone_ids().map(|(id, _)| estate.zone_name(id)).collect();
    assert_eq!(zones, ["a.internal", "b.internal", "gone.internal"]);
    insta::assert_snapshot!(notes(&estate), @r#"
    Unreadable batch.json:1:359: is an error answer, not an export: {"code":"AuthorizationFailed"}
    Unsupported batch.json:1:413: 1 item is not there before, or without content: not used
    Unsupported if.json:1:177: 1 item is not there before, or without content: not used
    "#);
    let deep = "{\"responses\": [{\"content\": ".repeat(20_000);
    read([("deep.json", deep)]);
}

#[test]
fn consoles_and_the_portal_are_told() {
    let inputs = [
        ("run.txt", "[Run cmd]\nnslookup x\nEnable succeeded: \n[stdout]\nServer:\t127.0.0.53\n"),
        (
            "portal.csv",
            "\"NAME\",\"TYPE\",\"RESOURCE GROUP\",\"LOCATION\",\"SUBSCRIPTION\"\n\"a\",\"Private DNS zone\",\"rg\",\"global\",\"s\"\n",
        ),
        (
            "pasted.txt",
            "; <<>> DiG 9.18 <<>> x.example\n;; ->>HEADER<<- opcode: QUERY, status: NXDOMAIN, id: 1\n",
        ),
    ];
    insta::assert_snapshot!(notes(&read(inputs)), @r#"
    Unrecognised pasted.txt:1:1: is no export that is known: this is a transcript of lookups; `privdns compare ESTATE --transcript FILE` holds it against an estate, `--public FILE` reads what public DNS answered; the first line is `; <<>> DiG 9.18 <<>> x.example`
    Unrecognised portal.csv:1:1: is no export that is known: this looks like the CSV of a list in the portal, which has no ids, records or links; export with `privdns collect`, or from Resource Graph with `| project id, name, type, location, resourceGroup, properties`; the first line is `"NAME","TYPE","RESOURCE GROUP","LOCATION","SUBSCRIPTION"`
    Unrecognised run.txt:1:1: is no export that is known: expected JSON of `az` or PowerShell, a template, CSV of Resource Graph, a zone file or `.estate` text; the first line is `[Run cmd]`
    "#);
}

/// An item of each form that nests deeply, between two that are good.
fn nested_inputs(depth: usize) -> [(&'static str, String); 6] {
    let deep = "{\"a\":".repeat(depth) + "{}" + &"}".repeat(depth);
    let lists = "[".repeat(depth) + &"]".repeat(depth);
    let set = |name: &str, more: &str| {
        record_set(name, &format!("\"aRecords\": [{{\"ipv4Address\": \"10.0.0.1\"}}], {more}"))
    };
    let member = format!("\"tags\": {deep},");
    // What is not read may be as deep as it likes; this is read.
    let nested = deep.replace("\"a\"", "\"properties\"");
    let read = format!("\"privateLinkServiceConnections\": [{nested}],");
    let row = |name: &str, properties: &str| {
        let quoted = properties.replace('"', "\"\"");
        format!("{ZONE}/A/{name},microsoft.network/privatednszones/a,\"{quoted}\"\n")
    };
    let plain = "{\"ttl\":60,\"records\":[{\"ipv4Address\":\"10.0.0.1\"}]}";
    let instance = |name: &str, more: &str| {
        format!(
            "{{\"mode\": \"managed\", \"type\": \"azurerm_private_dns_a_record\", \"name\": \"{name}\", \
             \"instances\": [{{\"attributes\": {{\"id\": \"{ZONE}/A/{name}\", {more} \
             \"records\": [\"10.0.0.1\"]}}}}]}}"
        )
    };
    let resource = |name: &str, more: &str| {
        format!(
            "{{\"type\": \"Microsoft.Network/privateDnsZones/A\", \"name\": \"corp.internal/{name}\", {more} \
             \"properties\": {{\"ttl\": 60, \"aRecords\": [{{\"ipv4Address\": \"10.0.0.1\"}}]}}}}"
        )
    };
    let object = |name: &str, more: &str| {
        format!(
            "{{\"Id\": \"{ZONE}/A/{name}\", \"Name\": \"{name}\", \"ZoneName\": \"corp.internal\", {more} \
             \"Ttl\": 60, \"Records\": [{{\"Ipv4Address\": \"10.0.0.1\"}}]}}"
        )
    };
    let schema = "\"$schema\": \"deploymentTemplate.json#\", \"contentVersion\": \"1\"";
    [
        ("az-json", format!("[{}, {}, {}]", set("a", ""), set("b", &read), set("c", ""))),
        ("lists", format!("[{}, {lists}, {}]", set("a", ""), set("c", ""))),
        (
            "csv",
            format!(
                "id,type,properties\n{}{}{}",
                row("a", plain),
                row("b", &deep),
                row("c", plain)
            ),
        ),
        (
            "terraform",
            format!(
                "{{\"version\": 4, \"lineage\": \"l\", \"resources\": [{}, {}, {}]}}",
                instance("a", ""),
                instance("b", &member),
                instance("c", "")
            ),
        ),
        (
            "template",
            format!(
                "{{{schema}, \"resources\": [{}, {}, {}]}}",
                resource("a", ""),
                resource("b", &member),
                resource("c", "")
            ),
        ),
        (
            "powershell",
            format!(
                "[{}, {}, {}]",
                object("a", ""),
                object("b", &member.replace("tags", "Tags")),
                object("c", "")
            ),
        ),
    ]
}

#[test]
fn what_nests_too_deep_costs_itself_only() {
    let mut told = String::new();
    for (form, text) in nested_inputs(100_000) {
        let estate = read([(form, text.as_bytes())]);
        let items = estate.inputs[0].items;
        // Of a template's resource only what is read is looked at.
        let expected = if form == "template" { (3, 0) } else { (2, 1) };
        assert_eq!((items.used, items.refused), expected, "{form}: {}", notes(&estate));
        assert_eq!(estate.record_set_count() as u32, items.used, "{form}");
        told.push_str(&format!("{}\n", notes(&estate)));
    }
    insta::assert_snapshot!(told, @r#"
    Refused az-json:10:1832: recursion limit exceeded
    Refused lists:7:13: lists within lists are read to a depth of 8
    Refused csv:3:1: expected JSON in `properties`, found `{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":`
    Refused terraform:1:372: recursion limit exceeded

    Refused powershell:1:206: recursion limit exceeded
    "#);
}

#[test]
fn the_same_id_twice_is_one_thing_or_a_contradiction() {
    let other = good("one", "10.0.0.2");
    let upper = good("one", "10.0.0.1").replace("corp.internal", "CORP.internal");
    let text =
        format!("[{}, {}, {upper}, {other}]", good("one", "10.0.0.1"), good("one", "10.0.0.1"));
    let estate = read([("twice.json", text.as_bytes())]);
    assert_eq!((estate.zones.len(), estate.record_set_count()), (1, 1));
    insta::assert_snapshot!(notes(&estate), @"Contradiction twice.json:1:4: `one.corp.internal` A is stated twice: 10.0.0.1 (TTL 300) and 10.0.0.2 (TTL 300); the first counts");
}

#[test]
fn nothing_that_is_read_nests_without_end() {
    let nested = "{\"properties\":".repeat(100_000) + "{}" + &"}".repeat(100_000);
    for key in ["ipConfigurations", "privateDnsZoneConfigs", "manualPrivateLinkServiceConnections"]
    {
        let text = format!(
            "[{{\"id\": \"{ZONE}/A/x\", \"{key}\": [{nested}]}}, {}]",
            good("y", "10.0.0.1")
        );
        let estate = read([("x.json", text.as_bytes())]);
        let told = notes(&estate);
        assert!(told.starts_with("Refused x.json:1:"), "{key}: {told}");
        assert!(told.ends_with(": recursion limit exceeded"), "{key}: {told}");
        assert_eq!(estate.record_set_count(), 1, "{key}");
    }
    let text = format!("[{{\"id\": \"{ZONE}/A/x\", \"properties\": {nested}}}]");
    assert_eq!(read([("x.json", text.as_bytes())]).record_set_count(), 1);
}

/// Aliases and rules that lead back to themselves are read, and checking them ends.
#[test]
fn cycles_are_found_and_end() {
    let alias = |name: &str, target: &str| {
        format!(
            "{{\"id\": \"{ZONE}/CNAME/{name}\", \"ttl\": 60, \"cnameRecord\": {{\"cname\": \"{target}\"}}}}"
        )
    };
    let hub = format!("{NETWORK}/virtualNetworks/hub");
    let rest = json!([
        {"id": hub, "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "dhcpOptions": {"dnsServers": []}},
        {"id": format!("{ZONE}/virtualNetworkLinks/l"), "virtualNetwork": {"id": hub}},
        {"id": format!("{NETWORK}/dnsResolvers/r/inboundEndpoints/in"),
            "ipConfigurations": [{"privateIpAddress": "10.0.0.4", "subnet": {"id": format!("{hub}/subnets/in")}}]},
        {"id": format!("{NETWORK}/dnsForwardingRulesets/f")},
        {"id": format!("{NETWORK}/dnsForwardingRulesets/f/forwardingRules/back"), "domainName": "round.example.",
            "forwardingRuleState": "Enabled", "targetDnsServers": [{"ipAddress": "10.0.0.4", "port": 53}]},
        {"id": format!("{NETWORK}/dnsForwardingRulesets/f/virtualNetworkLinks/l"), "virtualNetwork": {"id": hub}},
    ]);
    let aliases = [
        alias("a", "b.corp.internal"),
        alias("b", "a.corp.internal"),
        alias("self", "self.corp.internal"),
    ];
    let aliases = format!("[{}]", aliases.join(","));
    let estate = read([("aliases.json", aliases), ("rest.json", rest.to_string())]);
    assert_eq!(notes(&estate), "");
    let found = common::findings(&Index::new(estate)).join("\n");
    for rule in ["alias-loop", "ruleset-loop"] {
        assert!(found.contains(rule), "{found}");
    }
}

#[test]
fn names_that_cannot_be_are_refused_where_they_stand() {
    let long = vec!["x".repeat(63); 4].join(".");
    let label = "y".repeat(64);
    let names = [&*long, &*label, "b\u{fc}cher", "a..b", "nul\u{0}"];
    let sets: Vec<String> =
        names.iter().map(|name| good(&name.replace('\0', "\\u0000"), "10.0.0.1")).collect();
    let json = format!("[\n{},\n{}\n]", sets.join(",\n"), good("kept", "10.0.0.2"));
    let lines: String = names.iter().map(|name| format!("{name} A 10.0.0.1\n")).collect();
    let zone = format!("$ORIGIN corp.internal.\n$TTL 60\n{lines}kept A 10.0.0.2\n");
    let indented: String = names.iter().map(|name| format!("  {name} A 10.0.0.1\n")).collect();
    let text = format!("zone corp.internal\n{indented}  kept A 10.0.0.2\n");
    let mut told = String::new();
    for (form, text) in [("x.json", json), ("x.zone", zone), ("x.estate", text)] {
        let estate = read([(form, text.as_bytes())]);
        let kept =
            estate.zones[0].record_sets.iter().map(|set| estate.names.show(set.owner).to_string());
        let kept = kept.filter(|name| name.starts_with("kept")).count();
        assert_eq!(kept, 1, "{form}");
        let lines = notes(&estate).replace(&format!("{ZONE}/A/nul\0"), "ID");
        told.push_str(&lines.replace(&long, "LONG").replace(&label, "LABEL"));
        told.push('\n');
    }
    insta::assert_snapshot!(told, @r"
    Refused x.json:3:12: in a record set's id: `LONG` has 256 octets, a name has at most 255
    Refused x.json:10:12: in a record set's id: label `LABEL` has 64 octets, a label has at most 63
    Refused x.json:24:12: in a record set's id: `a..b` has an empty label
    Refused x.json:30:3: expected a resource id, found `ID`
    Refused x.zone:3:1: `LONG` has 256 octets, a name has at most 255
    Refused x.zone:4:1: label `LABEL` has 64 octets, a label has at most 63
    Refused x.zone:6:1: `a..b` has an empty label
    Refused x.zone:7:1: `nul\0` has a character that no name may have unescaped
    Refused x.estate:2:3: `LONG` has 256 octets, a name has at most 255
    Refused x.estate:3:3: label `LABEL` has 64 octets, a label has at most 63
    Refused x.estate:5:3: `a..b` has an empty label
    Refused x.estate:6:3: `nul\0` has a character that no name may have unescaped
    ");
}

/// Byte order marks, CRLF and UTF-16 change nothing in any form that is text.
#[test]
fn encodings_change_nothing() {
    let mut inputs: Vec<(&str, String)> = nested_inputs(1).into();
    inputs.push((
        "zone-file",
        "$ORIGIN corp.internal.\n$TTL 60\na A 10.0.0.1\n  TXT ( \"x\"\n  \"y\" )\n".to_owned(),
    ));
    inputs.push(("estate", "vnet hub\nzone corp.internal link hub\n  a A 10.0.0.1\n".to_owned()));
    for (form, text) in inputs {
        let plain = read([("x", text.as_bytes())]);
        assert!(plain.record_set_count() > 0, "{form}");
        let crlf = text.replace('\n', "\r\n");
        let wide = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            std::iter::once(0xfeff).chain(crlf.encode_utf16()).flat_map(order).collect()
        };
        let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        for octets in
            [marked, crlf.clone().into_bytes(), wide(u16::to_le_bytes), wide(u16::to_be_bytes)]
        {
            let estate = read([("x", octets)]);
            assert_eq!(estate.inputs[0].kind, plain.inputs[0].kind, "{form}");
            assert_eq!(estate.inputs[0].items, plain.inputs[0].items, "{form}");
            assert_eq!(estate_text::write(&estate), estate_text::write(&plain), "{form}");
        }
    }
}

/// A file that was still being written: what is whole is kept, and it is said that more was to come.
#[test]
fn half_written_files_keep_what_is_whole() {
    let mut inputs: Vec<(&str, String)> = nested_inputs(1).into();
    inputs.retain(|(form, _)| *form != "lists");
    inputs.push((
        "zone-file",
        "$ORIGIN corp.internal.\n$TTL 60\na A 10.0.0.1\nc A 10.0.0.2\nb TXT ( \"x\"\n  \"y\" )\n"
            .to_owned(),
    ));
    inputs.push((
        "estate",
        "zone corp.internal\n  a A 10.0.0.1\n  c A 10.0.0.2\n  b TXT \"x y\"\n".to_owned(),
    ));
    let mut told = String::new();
    for (form, text) in inputs {
        // The last item is cut in the middle.
        let cut = text.rfind(['1', 'y']).unwrap();
        let estate = read([(form, &text.as_bytes()[..cut])]);
        assert_eq!(estate.record_set_count(), 2, "{form}: {}", notes(&estate));
        let lines = estate.notes.iter().map(|note| {
            format!("{:?} {}: {}\n", note.kind, estate.show_origin(note.origin), note.message)
        });
        assert!(lines.clone().count() > 0, "{form}");
        told.extend(lines);
    }
    insta::assert_snapshot!(told, @r#"
    Refused az-json:18:5: this string has no end
    Refused csv:4:1: expected JSON in `properties`, found `{"ttl":60,"records":[{"ipv4Address":"10.`
    Refused terraform:1:763: this string has no end
    Partial terraform:1:763: this string has no end
    Refused template:1:520: this string has no end
    Refused powershell:1:616: this string has no end
    Refused zone-file:6:3: expected `"`, found the end of the line
    Refused estate:4:9: this quoted word has no end
    "#);
}

/// The batch fixture with one of its lists in another form.
fn with_list(file: &str, form: impl Fn(Vec<serde_json::Value>) -> String) -> Estate {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/batch-migration");
    let inputs = common::files(&root).into_iter().map(|path| {
        let text = std::fs::read(&path).unwrap();
        let text = match path.ends_with(file) {
            true => form(serde_json::from_slice(&text).unwrap()).into_bytes(),
            false => text,
        };
        (path.to_string_lossy().into_owned(), text)
    });
    read(inputs.collect::<Vec<_>>())
}

fn found_by(estate: Estate, rules: &[&str]) -> Vec<String> {
    let found = common::findings(&Index::new(estate));
    let by = |line: &String| rules.iter().any(|rule| line.starts_with(&format!("{rule} ")));
    found.into_iter().filter(by).collect()
}

const GONE: [&str; 3] = ["stale-endpoint-record", "endpoint-target-gone", "link-to-unknown-vnet"];

/// What a list lacks is gone only if the list is whole.
#[test]
fn a_list_that_is_not_whole_lacks_nothing() {
    for (file, rule) in [
        ("private-endpoints.json", GONE[0]),
        ("batch-accounts.json", GONE[1]),
        ("vnets.json", GONE[2]),
    ] {
        let half = |items: &[serde_json::Value]| items[..items.len() / 2].to_vec();
        let told = |form: &dyn Fn(Vec<serde_json::Value>) -> serde_json::Value| {
            found_by(with_list(file, |items| form(items).to_string()), &[rule]).len()
        };
        let base = told(&|items| json!(items));
        assert!(told(&|items| json!(half(&items))) > base, "{rule}: half of the list is the list");
        assert_eq!(told(&|items| json!({"value": half(&items), "nextLink": "https://x"})), 0);
        assert_eq!(told(&|items| json!({"data": half(&items), "skip_token": "x"})), 0);
        assert_eq!(told(&|items| json!({"data": half(&items), "total_records": items.len()})), 0);
        let refused = |mut items: Vec<serde_json::Value>| {
            items.iter_mut().take(3).for_each(|item| item["id"] = json!(12));
            json!(items)
        };
        assert_eq!(told(&refused), 0, "{rule}");
        let cut = |items: Vec<serde_json::Value>| {
            let text = serde_json::to_string_pretty(&items).unwrap();
            text[..text.len() / 3].to_owned()
        };
        assert_eq!(found_by(with_list(file, cut), &[rule]).len(), 0, "{rule}");
        assert_eq!(told(&|items| items[0].clone()), 0, "{rule}: one item is no list");
    }
}

fn answer_in_hub(estate: Estate, name: &str) -> String {
    let index = Index::new(estate);
    let views = index.views(&Settings::default());
    let view = common::view(&views, "hub").unwrap();
    let shown = common::show(view, &name.parse().unwrap(), A);
    let Shown { outcome, data, because, assuming, .. } = shown;
    format!("{outcome} {data} assuming {} because {because}", assuming.join(" "))
}

/// Links that are known to be missing may lead anywhere, whoever says so.
#[test]
fn missing_links_make_unknown_without_counts_too() {
    const ACCOUNT: &str = "prodbatchne.northeurope.batch.azure.com";
    let links = "links/privatelink.batch.azure.com.json";
    let uncounted = |form: &dyn Fn(Vec<serde_json::Value>) -> String| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/batch-migration");
        let inputs = common::files(&root).into_iter().map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let counted = text.replace("numberOfVirtualNetworkLinks\"", "uncounted\"");
            let text = match path.ends_with(links) {
                true => form(serde_json::from_str(&text).unwrap()),
                false => counted,
            };
            (path.to_string_lossy().into_owned(), text)
        });
        read(inputs.collect::<Vec<_>>())
    };
    let page = |items: Vec<serde_json::Value>| {
        json!({"value": items[2..].to_vec(), "nextLink": "https://x"}).to_string()
    };
    let refused = |mut items: Vec<serde_json::Value>| {
        items.iter_mut().take(2).for_each(|item| item["virtualNetwork"] = json!(null));
        json!(items).to_string()
    };
    for form in [&page as &dyn Fn(Vec<serde_json::Value>) -> String, &refused] {
        let answer = answer_in_hub(uncounted(form), ACCOUNT);
        assert!(answer.contains("not all of its links were read"), "{answer}");
    }
    let whole = answer_in_hub(uncounted(&|items| json!(items).to_string()), ACCOUNT);
    assert!(whole.starts_with("NOERROR"), "{whole}");
}

/// What nobody lists of zones, rulesets and policies may be linked to a network that has none.
#[test]
fn what_a_page_lacks_is_assumed_not_to_be_linked() {
    const NETWORK: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/\
                           providers/Microsoft.Network";
    let text = "vnet hub\nvnet ruled\nzone corp.test  link hub  link ruled\n  app  A  10.0.0.7\n\
                \x20 @  A  10.0.0.8\nruleset mine  link ruled\n  far.test  10.9.0.1\n\
                security-policy mine  link ruled\n\
                public record www.contoso.com  A  203.0.113.1\n";
    let ask = |kind: &str, page: bool, value: &str| -> Vec<String> {
        let id = format!("{NETWORK}/{kind}/theirs");
        let id = if kind == "privateDnsZones" { id.replace("theirs", "t.test") } else { id };
        let name = id.rsplit('/').next().unwrap();
        let kind = format!("Microsoft.Network/{kind}");
        let item = json!({"id": id, "name": name, "type": kind, "location": "westeurope"});
        let next = if page { json!("https://x") } else { json!(null) };
        let list = json!({"value": [item], "nextLink": next}).to_string();
        // What is on the page itself is linked elsewhere.
        let elsewhere = format!("{NETWORK}/virtualNetworks/elsewhere");
        let links = json!([{
            "id": format!("{id}/virtualNetworkLinks/it"),
            "name": "it",
            "type": format!("{kind}/virtualNetworkLinks"),
            "virtualNetwork": {"id": elsewhere},
            "properties": {"virtualNetwork": {"id": elsewhere}},
        }]);
        let inputs =
            [("e.estate", text.to_owned()), ("l.json", list), ("k.json", links.to_string())];
        let estate = read(inputs.map(|(path, text)| (path.to_owned(), text)));
        let index = Index::new(estate);
        let mut settings = Settings::default();
        settings.set(value).unwrap();
        let views = index.views(&settings);
        let ask = |(vnet, name): (&str, &str)| {
            let view = common::view(&views, vnet).unwrap();
            let Shown { outcome, data, assuming, .. } =
                common::show(view, &name.parse().unwrap(), A);
            let assuming: Vec<_> =
                assuming.into_iter().filter(|one| one.starts_with("unexported")).collect();
            format!("{outcome} {data} {}", assuming.join(" ")).trim_end().to_owned()
        };
        let both = |name| [("hub", name), ("ruled", name)];
        let names = ["app.corp.test", "corp.test", "www.contoso.com"];
        names.into_iter().flat_map(both).map(ask).collect()
    };
    let firm = ["NOERROR 10.0.0.7", "NOERROR 10.0.0.8", "NOERROR 203.0.113.1"];
    // By name, whether the answer in a network with a ruleset and a policy, or without, rests on it.
    let cases = [
        ("privateDnsZones", "unexported-zones", [[true, true], [false, false], [true, true]]),
        (
            "dnsForwardingRulesets",
            "unexported-links",
            [[false, false], [false, false], [true, false]],
        ),
        ("dnsResolverPolicies", "unexported-links", [[true, false], [true, false], [true, false]]),
    ];
    for (kind, assumption, rests) in cases {
        let default = format!("{assumption}=none");
        let rests: Vec<(&str, bool)> = firm
            .into_iter()
            .zip(rests)
            .flat_map(|(firm, two)| two.map(|one| (firm, one)))
            .collect();
        let expected = |shown: &dyn Fn(&str) -> String| -> Vec<String> {
            let one = |&(firm, rests): &(&str, bool)| if rests { shown(firm) } else { firm.into() };
            rests.iter().map(one).collect()
        };
        let resting = expected(&|firm| format!("{firm} {assumption}"));
        assert_eq!(ask(kind, true, &default), resting, "{kind}");
        let unknown = ask(kind, true, &format!("{assumption}=unknown"));
        assert_eq!(unknown, expected(&|_| format!("UNKNOWN  {assumption}")), "{kind}");
        assert_eq!(ask(kind, false, &default), expected(&|firm| firm.to_owned()), "{kind}");
    }
}

/// A zone on the page that is missing may claim what no other zone claims.
#[test]
fn missing_zones_are_assumed_not_to_claim() {
    let form = |items: Vec<serde_json::Value>| match items.len() {
        0 => String::new(),
        _ => json!({"value": items, "nextLink": "https://x"}).to_string(),
    };
    let answer = answer_in_hub(with_list("zones.json", form), "www.example.com");
    assert!(answer.contains("unexported-zones"), "{answer}");
    let whole =
        answer_in_hub(with_list("zones.json", |items| json!(items).to_string()), "www.example.com");
    assert!(!whole.contains("unexported-zones"), "{whole}");
}

/// Two exports of different days are one cause.
#[test]
fn an_old_copy_is_one_contradiction() {
    let sets = |address: &str| {
        let sets: Vec<String> = (0..300).map(|at| good(&format!("h{at}"), address)).collect();
        format!("[\n{}\n]", sets.join(",\n"))
    };
    let estate = read([("new.json", sets("10.0.0.1")), ("old.json", sets("10.0.0.2"))]);
    insta::assert_snapshot!(found_by(estate, &["contradicting-inputs"]).join("\n"), @"contradicting-inputs `new.json` and `old.json` contradict each other in 300 places; the first: `h0.corp.internal` A is stated twice: 10.0.0.1 (TTL 300) and 10.0.0.2 (TTL 300); the first counts []");
}

/// What a plan makes is counted, though only what was before is read.
#[test]
fn what_a_plan_makes_is_not_used_and_says_how_to_try_it() {
    let zone = |name: &str| json!({"id": ZONE.replace("corp.internal", name), "name": name, "resource_group_name": "rg"});
    let resource = |name: &str| json!({"address": name, "mode": "managed", "type": "azurerm_private_dns_zone", "name": name});
    let mut old = resource("old");
    old["values"] = zone("old.test");
    let mut new = resource("new");
    new["change"] = json!({"actions": ["create"], "before": null, "after": zone("new.test")});
    let plan = json!({"format_version": "1.2", "prior_state": {"values": {"root_module": {"resources": [old]}}},
        "planned_values": {"root_module": {}}, "resource_changes": [new]});
    let estate = read([("plan.json", plan.to_string())]);
    assert_eq!(estate.zones.len(), 1);
    assert_eq!(estate.inputs[0].items, Items { used: 1, refused: 0, unsupported: 1 });
    assert!(notes(&estate).contains("1 resource not used that the plan makes; try it with `privdns plan STATE --terraform-plan FILE`"), "{}", notes(&estate));
}

#[test]
fn source_and_yaml_say_what_they_are() {
    let bicep = "param location string\nresource z 'Microsoft.Network/privateDnsZones@2024-06-01' = {\n  name: 'corp.internal'\n}\n";
    let yaml = "apiVersion: v1\nkind: ConfigMap\ndata:\n  Corefile: |\n    .:53 {\n    }\n";
    for (text, hint) in [(bicep, "compile it with `bicep build`"), (yaml, "export as JSON")] {
        let estate = read([("file", text)]);
        assert!(notes(&estate).contains(hint), "{}", notes(&estate));
    }
}

/// `az keyvault list` leaves the names of vaults out.
#[test]
fn vaults_without_names_are_told() {
    let id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv7";
    let listed = json!([{"id": id, "name": "kv7", "type": "Microsoft.KeyVault/vaults"}]);
    let shown = json!({"id": id, "name": "kv7", "type": "Microsoft.KeyVault/vaults",
        "properties": {"vaultUri": "https://kv7.vault.azure.net/"}});
    let told = |inputs: &[(&str, String)]| {
        let estate = read(inputs.iter().map(|(path, text)| (*path, text)));
        privdns::render::inputs::human(&estate, None)
    };
    let list = ("vaults.json", listed.to_string());
    let without = told(std::slice::from_ref(&list));
    assert!(without.contains("the names of 1 key vault: kv7"), "{without}");
    assert!(without.contains("az keyvault show --subscription s -n kv7"), "{without}");
    assert!(!told(&[list, ("kv7.json", shown.to_string())]).contains("key vault"));
}

//! One estate in every form says the same: `check` and `resolve` give the same JSON,
//! but for the files and lines.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use common::forms::{self, Resource};
use common::program::{directory, run};

const FIXTURE: &str = "fixtures/batch-migration";
const NETWORK: &str = "/subscriptions/3f6b0c52-7d41-4e8a-9b1e-52a60d84c1f7/resourceGroups/rg-nwl-network/providers/Microsoft.Network";
const DATA: &str = "/subscriptions/a81d94e0-26c5-4f37-8c0b-e9137b5d6f20/resourceGroups/rg-nwl-data-westeurope/providers";

/// The shipped example, which has zones, record sets, links, networks, private endpoints
/// and Batch accounts, and all else that decides answers.
fn estate() -> Vec<Resource> {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join(FIXTURE);
    let files = common::files(&fixture).into_iter();
    let lists = files.filter(|file| file.extension().is_some_and(|ending| ending == "json"));
    let read = |file| -> Vec<Value> { serde_json::from_slice(&fs::read(file).unwrap()).unwrap() };
    let items: Vec<Value> = lists.flat_map(read).collect();
    items.iter().map(forms::of_az).chain(others()).collect()
}

/// A resolver with rules, a firewall, networks that ask them, a machine with a server of
/// its own, a key vault and a private cluster.
fn others() -> Vec<Resource> {
    let network = |path: &str, properties: Value| {
        Resource::new(format!("{NETWORK}/{path}"), "westeurope", properties)
    };
    let id = |path: &str| json!({"id": format!("{NETWORK}/{path}")});
    let vnet = |name: &str, space: &str, server: &str| {
        network(
            &format!("virtualNetworks/{name}"),
            json!({"addressSpace": {"addressPrefixes": [space]},
                "dhcpOptions": {"dnsServers": [server]}}),
        )
    };
    let subnet = id("virtualNetworks/hub/subnets/dns");
    let rule = |domain: &str, state: &str, servers: Value| json!({"domainName": domain, "forwardingRuleState": state, "targetDnsServers": servers});
    let server = |address: &str, port: u16| json!({"ipAddress": address, "port": port});
    let cluster_zone =
        format!("{DATA}/Microsoft.Network/privateDnsZones/privatelink.westeurope.azmk8s.io");
    vec![
        vnet("branch", "10.60.0.0/16", "10.0.9.4"),
        vnet("fenced", "10.61.0.0/16", "10.0.8.4"),
        network("dnsResolvers/r", json!({"virtualNetwork": id("virtualNetworks/hub")})),
        network(
            "dnsResolvers/r/inboundEndpoints/in",
            json!({"ipConfigurations": [{"subnet": subnet, "privateIpAddress": "10.0.9.4"}]}),
        ),
        network("dnsResolvers/r/outboundEndpoints/out", json!({"subnet": subnet})),
        network("dnsForwardingRulesets/rules", json!({})),
        network(
            "dnsForwardingRulesets/rules/forwardingRules/partner",
            rule(
                "partner.example.",
                "Enabled",
                json!([server("10.9.0.10", 53), server("10.9.0.11", 5353)]),
            ),
        ),
        network(
            "dnsForwardingRulesets/rules/forwardingRules/off",
            rule("off.example.", "Disabled", json!([server("10.9.0.10", 53)])),
        ),
        network(
            "dnsForwardingRulesets/rules/virtualNetworkLinks/to-hub",
            json!({"virtualNetwork": id("virtualNetworks/hub"), "provisioningState": "Succeeded"}),
        ),
        network(
            "azureFirewalls/fw",
            json!({"ipConfigurations": [{"name": "ip", "properties":
                    {"privateIPAddress": "10.0.8.4", "subnet": subnet}}],
                "firewallPolicy": id("firewallPolicies/p")}),
        ),
        network(
            "firewallPolicies/p",
            json!({"dnsSettings": {"enableProxy": true, "servers": ["10.0.9.4"]},
                "firewalls": [id("azureFirewalls/fw")]}),
        ),
        network(
            "networkInterfaces/vm1-nic",
            json!({"ipConfigurations": [{"name": "ip", "properties":
                    {"privateIPAddress": "10.0.1.77", "subnet": subnet, "primary": true}}],
                "dnsSettings": {"dnsServers": ["10.0.9.4"]}, "primary": true}),
        ),
        Resource::new(
            format!("{DATA}/Microsoft.Compute/virtualMachines/vm-one"),
            "westeurope",
            json!({"networkProfile": {"networkInterfaces":
                    [{"id": format!("{NETWORK}/networkInterfaces/vm1-nic")}]},
                "osProfile": {"computerName": "vm1"}}),
        ),
        Resource::new(
            format!("{DATA}/Microsoft.KeyVault/vaults/kv-nwl-core"),
            "westeurope",
            json!({"vaultUri": "https://kv-nwl-core.vault.azure.net/",
                "publicNetworkAccess": "Disabled",
                "privateEndpointConnections": [{"properties":
                    {"privateLinkServiceConnectionState": {"status": "Approved"}}}]}),
        ),
        Resource::new(
            format!("{DATA}/Microsoft.ContainerService/managedClusters/aks"),
            "westeurope",
            json!({"fqdn": "aks-1.hcp.westeurope.azmk8s.io",
                "privateFQDN": "aks-1.privatelink.westeurope.azmk8s.io",
                "apiServerAccessProfile":
                    {"privateDNSZone": cluster_zone, "enablePrivateCluster": true}}),
        ),
    ]
}

/// A report without what differs from file to file: places, and the order they make.
fn placeless(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for key in ["file", "line", "column", "inputs"] {
                members.remove(key);
            }
            members.values_mut().for_each(placeless);
            if let Some(Value::Array(findings)) = members.get_mut("findings") {
                findings.sort_by_cached_key(Value::to_string);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(placeless),
        Value::String(text) => {
            if let Some((before, place)) = text.split_once(" (/") {
                let after = place.split_once(')').map_or("", |(_, after)| after);
                *text = format!("{before}{after}");
            }
        }
        _ => {}
    }
}

fn report(arguments: &[&str]) -> String {
    let (status, out, errors) = run(arguments);
    assert!(status < 2, "{arguments:?}: {errors}");
    let values = serde_json::Deserializer::from_str(&out).into_iter::<Value>();
    let shown = values.map(|value| {
        let mut value = value.unwrap();
        placeless(&mut value);
        serde_json::to_string_pretty(&value).unwrap() + "\n"
    });
    shown.collect()
}

/// Names of all kinds, and some that nobody wrote down, from every network.
fn questions(estate: &[Resource]) -> String {
    let vnets = estate.iter().filter(|one| one.id.contains("/virtualNetworks/"));
    let vnets = vnets.filter(|one| !one.id.contains("/virtualNetworkLinks/"));
    let vnets: Vec<&str> = vnets.map(|one| one.id.rsplit('/').next().unwrap()).collect();
    let mut asked: BTreeSet<(String, String)> = BTreeSet::new();
    // A few of many that are alike: the program under test is not built for speed.
    for one in estate.iter().step_by(5) {
        let parts: Vec<&str> = one.id.split('/').collect();
        if let [.., "privateDnsZones", zone, kind, owner] = parts[..]
            && kind != "virtualNetworkLinks"
        {
            let name = format!("{owner}.{zone}");
            let name = name.trim_start_matches("@.").to_owned();
            asked.insert((format!("absent.{name}"), "A".to_owned()));
            asked.insert((name.clone(), "A".to_owned()));
            asked.insert((name, kind.to_owned()));
        }
    }
    for key in ["accountEndpoint", "nodeManagementEndpoint", "privateFQDN", "fqdn"] {
        let names = estate.iter().filter_map(|one| one.properties[key].as_str());
        asked.extend(names.map(|name| (name.to_owned(), "A".to_owned())));
    }
    for name in ["kv-nwl-core.vault.azure.net", "x.partner.example", "x.off.example", "vm1"] {
        asked.insert((name.to_owned(), "A".to_owned()));
    }
    let lines = vnets
        .iter()
        .flat_map(|vnet| asked.iter().map(move |(name, kind)| format!("{vnet}\t{name}\t{kind}\n")));
    lines.collect()
}

#[test]
fn every_form_gives_the_same_reports() {
    let estate = estate();
    let root = directory("forms");
    let queries = root.join("queries");
    fs::write(&queries, questions(&estate)).unwrap();
    let queries = queries.to_str().unwrap();
    // What Terraform knows is never all there is, so it cannot tell what is gone.
    let lists = ["stale-endpoint-record", "endpoint-target-gone", "link-to-unknown-vnet"];
    let lists = lists.map(|rule| format!("--level={rule}=off"));
    let lists = lists.each_ref().map(String::as_str);
    let mut expected: Option<[String; 2]> = None;
    let mut different = Vec::new();
    for (form, files) in forms::forms(&estate) {
        let path = directory(&format!("forms/{form}"));
        forms::write(&path, &files);
        let path = path.to_str().unwrap();
        let found = [
            report(&[&["check", path, "--no-trials", "--format", "json"][..], &lists[..]].concat()),
            report(&["resolve", path, "--queries", queries, "--format", "jsonl"]),
        ];
        let Some(expected) = &expected else {
            assert!(found[0].lines().count() > 1000 && found[1].lines().count() > 10_000);
            expected = Some(found);
            continue;
        };
        for (command, (found, expected)) in
            ["check", "resolve"].iter().zip(found.iter().zip(expected))
        {
            let lines = || found.lines().zip(expected.lines()).enumerate();
            if let Some((at, (found, expected))) = lines().find(|(_, (one, two))| one != two) {
                different.push(format!("{form}: {command}: {at}: {expected} became {found}"));
            } else if found.len() != expected.len() {
                different.push(format!("{form}: {command}: one goes on where the other ends"));
            }
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

//! The properties of the fuzz targets on mutated exports; see `fuzz/README.md`.

mod common;
#[path = "../fuzz/src/properties.rs"]
mod properties;

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;

/// A few small exports of each format.
fn seeds() -> Vec<Vec<u8>> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let files = [
        "batch-migration/record-sets/privatelink.eastus.batch.azure.com.json",
        "batch-migration/links/privatelink.batch.azure.com.json",
        "batch-migration/vnets.json",
        "batch-migration/batch-accounts.json",
        "batch-migration-zonefiles/zones/corp.nordwind.internal.txt",
        "batch-migration.estate",
        "hybrid/on-premises/dc1-zones.json",
        "hybrid/on-premises/dnsmasq.conf",
    ];
    let files = files.iter().map(|file| fs::read(fixtures.join(file)).unwrap());
    files
        .chain(SEEDS.iter().chain(&[STATE, FORWARDING]).map(|seed| seed.as_bytes().to_vec()))
        .collect()
}

/// What no export is: transcripts of each tool, changes, and settings.
fn other_seeds() -> Vec<Vec<u8>> {
    let transcripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let files = common::files(&transcripts).into_iter().map(|file| fs::read(file).unwrap());
    files.chain(OTHERS.iter().map(|seed| seed.as_bytes().to_vec())).collect()
}

const OTHERS: [&str; 8] = [
    "options { listen-on { 10.9.0.10; }; recursion yes; forwarders { 10.9.0.1; }; };\n\
     zone \"corp.test\" { type primary; file \"corp\"; };\n\
     zone \"azure.test\" { type forward; forward only; forwarders { 10.0.0.4 port 5353; }; };\n",
    "server:\n  interface: 10.9.0.10\n  local-data: \"a.test A 10.0.0.1\"\n\
     forward-zone:\n  name: \"azure.test\"\n  forward-addr: 10.0.0.4@53\n",
    "azure.test:53 {\n  forward . 10.0.0.4\n  cache 30\n}\n.:53 {\n  file db.test corp.test\n}\n",
    r#"{"capture": "1.0", "server": "10.0.0.4:53", "name": "a.example.", "type": "A", "rcode": "NOERROR",
        "answers": [{"name": "a.example.", "type": "A", "ttl": 60, "data": "10.0.0.7"}]}"#,
    "[[steps]]\ntitle = \"link the global zone\"\nchanges = [\n\
     { action = \"put\", name = \"acct.privatelink.batch.azure.com\", type = \"A\", ttl = 10, data = [\"10.0.0.5\"] },\n\
     { action = \"link\", zone = \"privatelink.batch.azure.com\", vnet = \"hub\" },\n\
     { action = \"unlink\", zone = \"privatelink.westeurope.batch.azure.com\", vnet = \"spoke\" }]\n",
    r#"{"changes": [{"action": "unlink", "zone": "a.b", "vnet": "hub"}, {"action": "?"}]}"#,
    r#"{"format_version": "1.2", "resource_changes": [{"address": "azurerm_private_dns_a_record.r", "mode": "managed",
        "type": "azurerm_private_dns_a_record", "change": {"actions": ["update"],
        "before": {"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateDnsZones/a.b/A/x", "ttl": 60, "records": ["10.0.0.1"]},
        "after": {"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateDnsZones/a.b/A/x", "ttl": 60, "records": ["10.0.0.2"]}}}]}"#,
    "fail-on = \"warning\"\nsets = [\"core\", \"hygiene\"]\n[levels]\nunlinked-zone = \"off\"\n\
     [assume]\nent-answer = \"nxdomain\"\n[[ignore]]\nrule = \"dangling-*\"\nname = \"*.dev\"\n\
     reason = \"moves\"\nexpires = 2027-01-31\n",
];

/// Formats of which no fixture is written.
const SEEDS: [&str; 5] = [
    r#"{"responses": [{"httpStatusCode": 200, "content": {"value": [
        {"id": "/subscriptions/S/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/st", "properties": {
            "primaryEndpoints": {"blob": "https://st.blob.core.windows.net/"}, "publicNetworkAccess": "Disabled",
            "privateEndpointConnections": [{"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}]}},
        {"id": "/subscriptions/S/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv/privateEndpointConnections/c",
         "properties": {"privateEndpoint": {"id": "/subscriptions/S/resourceGroups/g/providers/Microsoft.Network/privateEndpoints/pe"}}}]}}]}"#,
    r#"[{"id": "/subscriptions/S/resourceGroups/g/providers/Microsoft.Network/dnsResolvers/r/inboundEndpoints/in",
         "ipConfigurations": [{"privateIpAddress": "10.0.0.4", "subnet": {"id": "/subscriptions/S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/hub/subnets/in"}}]},
        {"id": "/subscriptions/S/resourceGroups/g/providers/Microsoft.Network/dnsForwardingRulesets/f/forwardingRules/x",
         "domainName": "corp.example.", "forwardingRuleState": "Enabled", "targetDnsServers": [{"ipAddress": "10.9.0.10", "port": 53}]},
        {"id": "/subscriptions/S/resourceGroups/g/providers/Microsoft.Network/dnsForwardingRulesets/f/virtualNetworkLinks/l",
         "virtualNetwork": {"id": "/subscriptions/S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/hub"}},
        {"id": "/subscriptions/S/resourceGroups/g/providers/Microsoft.Network/azureFirewalls/fw", "firewallPolicy": {"id": "x"},
         "ipConfigurations": [{"privateIPAddress": "10.0.2.4"}]},
        {"id": "/subscriptions/S/resourceGroups/g/providers/Microsoft.Network/firewallPolicies/p",
         "dnsSettings": {"enableProxy": true}, "firewalls": [{"id": "/subscriptions/S/resourceGroups/g/providers/Microsoft.Network/azureFirewalls/fw"}]},
        {"id": "/subscriptions/S/resourceGroups/g/providers/Microsoft.Network/networkInterfaces/n",
         "ipConfigurations": [{"privateIPAddress": "10.0.1.4"}], "dnsSettings": {"dnsServers": ["10.0.0.4"]}},
        {"id": "/subscriptions/S/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm",
         "networkProfile": {"networkInterfaces": [{"id": "/subscriptions/S/resourceGroups/g/providers/Microsoft.Network/networkInterfaces/n"}]}}]"#,
    r#"{"$schema": "deploymentTemplate.json", "contentVersion": "1.0.0.0",
        "parameters": {"zone": {"defaultValue": "contoso.com"}},
        "variables": {"copy": [{"name": "ips", "count": 2, "input": "[concat('10.0.0.', copyIndex('ips'))]"}]},
        "resources": [
            {"type": "Microsoft.Network/privateDnsZones", "name": "[parameters('zone')]", "resources": [
                {"type": "A", "name": "[format('a{0}', copyIndex())]", "copy": {"name": "n", "count": 3},
                 "properties": {"ttl": 60, "aRecords": [{"ipv4Address": "[variables('ips')[0]]"}]}}]},
            {"type": "Microsoft.Resources/deployments", "name": "inner", "condition": "[equals('a', 'a')]",
             "properties": {"expressionEvaluationOptions": {"scope": "inner"}, "parameters": {"z": {"value": 1}},
                "template": {"resources": {"link": {
                    "type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks", "name": "contoso.com/l",
                    "properties": {"virtualNetwork": {"id": "[resourceId('Microsoft.Network/virtualNetworks', 'hub')]"}}}}}}}
        ]}"#,
    r#"{"value": [{"Id": "/subscriptions/S/resourceGroups/g/providers/Microsoft.Network/privateDnsZones/contoso.com/A/nas",
        "Name": "nas", "ZoneName": "contoso.com", "Ttl": 300, "RecordType": 0, "Records": [{"Ipv4Address": "10.0.0.7"}]}], "Count": 1}"#,
    "id,properties_virtualNetwork_id,properties\n\
     /subscriptions/S/resourceGroups/g/providers/Microsoft.Network/privateDnsZones/contoso.com/A/nas,,\
     \"{\"\"ttl\"\":60,\"\"records\"\":[{\"\"ipv4Address\"\":\"\"10.0.0.7\"\"}]}\"\n",
];

const STATE: &str = r#"{"version": 4, "lineage": "l", "resources": [
  {"mode": "managed", "type": "azurerm_private_dns_a_record", "name": "r", "instances": [
    {"index_key": "a", "attributes": {"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateDnsZones/a.b/A/x",
      "ttl": 60, "records": ["10.0.0.1"]}},
    {"deposed": "d", "attributes": {"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateDnsZones/a.b/A/x"}}]},
  {"mode": "managed", "type": "azurerm_virtual_network", "name": "v", "instances": [
    {"attributes": {"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v"}}]},
  {"mode": "managed", "type": "random_id", "name": "i", "instances": [{"attributes": {}}]}
]}
"#;

const FORWARDING: &str = "\
site hq  dns 10.9.0.10,10.9.0.11  space 10.9.0.0/16
inbound in-hub  vnet hub  address 10.0.0.4
ruleset rules  group g  link hub:pending:name=l  links-unread
  .  10.9.0.10:5353  10.9.0.11
  contoso.test  !disabled  !name \"a rule\"  [2001:db8::1]:5353
server dc  site hq  address 10.9.0.10  recursion off
  zone corp.test partial
  record nas.corp.test A 60 10.9.1.7
  forward azure.test  10.0.0.4
nic vm1-nic  vnet hub  address 10.0.1.4  dns 10.9.0.10  vm vm1  role primary  power off
";

#[derive(Clone, Debug)]
enum Mutation {
    Set(Index, u8),
    Remove(Index, u8),
    Repeat(Index, u8),
    Insert(Index, &'static str),
    Cut(Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let words = [
        "\"", "{", "}", "[", "]", ",", "\\", "\n", "(", ";", "@", " ", "*", ".", "\u{e9}", "\0",
        "null",
    ];
    prop_oneof![
        3 => (any::<Index>(), any::<u8>()).prop_map(|(at, octet)| Mutation::Set(at, octet)),
        3 => (any::<Index>(), any::<u8>()).prop_map(|(at, count)| Mutation::Remove(at, count)),
        2 => (any::<Index>(), any::<u8>()).prop_map(|(at, count)| Mutation::Repeat(at, count)),
        5 => (any::<Index>(), prop::sample::select(words.to_vec())).prop_map(|(at, word)| Mutation::Insert(at, word)),
        1 => any::<Index>().prop_map(Mutation::Cut),
    ]
}

fn mutate(octets: &mut Vec<u8>, mutation: &Mutation) {
    if octets.is_empty() {
        return;
    }
    let range = |at: &Index, count: u8| {
        let start = at.index(octets.len());
        start..(start + usize::from(count)).min(octets.len())
    };
    match mutation {
        Mutation::Set(at, octet) => {
            let at = at.index(octets.len());
            octets[at] = *octet;
        }
        Mutation::Remove(at, count) => drop(octets.drain(range(at, *count))),
        Mutation::Repeat(at, count) => {
            let range = range(at, *count);
            let copy = octets[range.clone()].to_vec();
            octets.splice(range.end..range.end, copy);
        }
        Mutation::Insert(at, word) => {
            let at = at.index(octets.len());
            octets.splice(at..at, word.bytes());
        }
        Mutation::Cut(at) => octets.truncate(at.index(octets.len())),
    }
}

fn mutated(seed: &[u8], mutations: &[Mutation]) -> Vec<u8> {
    let mut octets = seed.to_vec();
    mutations.iter().for_each(|mutation| mutate(&mut octets, mutation));
    octets
}

/// Whatever shrinking finds is a small file, and few steps lead to one.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { max_shrink_iters: 300, ..common::cases(cases) }
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn mutated_exports_hurt_nobody(
        seed in any::<Index>(),
        mutations in prop::collection::vec(mutation(), 1..8),
    ) {
        let octets = mutated(seed.get::<Vec<u8>>(&seeds()), &mutations);
        properties::TARGETS.iter().for_each(|(_, target)| target(&octets));
    }

    #[test]
    fn other_mutated_files_hurt_nobody(
        seed in any::<Index>(),
        mutations in prop::collection::vec(mutation(), 1..8),
    ) {
        let octets = mutated(seed.get::<Vec<u8>>(&other_seeds()), &mutations);
        properties::TARGETS.iter().for_each(|(_, target)| target(&octets));
    }
}

/// Each seed as it is goes through each reader.
#[test]
fn whole_files_hurt_nobody() {
    for octets in seeds().iter().chain(&other_seeds()) {
        properties::TARGETS.iter().for_each(|(_, target)| target(octets));
    }
}

/// What `cargo fuzz list` shows is what is tested here.
#[test]
fn every_target_is_run_here() {
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets");
    let stem = |file: std::path::PathBuf| file.file_stem().unwrap().to_str().unwrap().to_owned();
    let files: Vec<String> = common::files(&targets).into_iter().map(stem).collect();
    let mut names = properties::TARGETS.map(|(name, _)| name);
    names.sort_unstable();
    assert_eq!(files, names);
}

#[test]
#[ignore = "writes files for `cargo fuzz`"]
fn write_the_corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (target, _) in properties::TARGETS {
        let directory = corpus.join(target);
        fs::create_dir_all(&directory).unwrap();
        for (at, octets) in seeds().iter().chain(&other_seeds()).enumerate() {
            fs::write(directory.join(format!("seed-{at}")), octets).unwrap();
        }
    }
}

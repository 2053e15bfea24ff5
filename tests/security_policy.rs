//! DNS security policies and machines in the forms that they are exported in.

mod common;

use privdns::estate::Assembly;
use privdns::index::{Index, Settings};
use privdns::record::RecordType;
use privdns::source::{self, Role};

const SUB: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network";

/// What each name is answered in the first network.
fn answers(files: &[(&str, &str)], names: &[&str]) -> Vec<String> {
    let mut assembly = Assembly::default();
    for (path, text) in files {
        source::read(path, text.as_bytes(), None, Role::Estate, &mut assembly);
    }
    let estate = assembly.finish();
    assert_eq!(estate.notes, [], "{:?}", estate.notes);
    let index = Index::new(estate);
    let views = index.views(&Settings::default());
    let shown = names.iter().map(|name| {
        let shown = common::show(&views[0], &name.parse().unwrap(), RecordType::A);
        format!("{} {}{}", shown.outcome, shown.data, shown.because)
    });
    shown.collect()
}

/// What the answer in the first network rests on.
fn assumptions(files: &[(&str, &str)], name: &str) -> Vec<&'static str> {
    let mut assembly = Assembly::default();
    for (path, text) in files {
        source::read(path, text.as_bytes(), None, Role::Estate, &mut assembly);
    }
    let index = Index::new(assembly.finish());
    let views = index.views(&Settings::default());
    common::show(&views[0], &name.parse().unwrap(), RecordType::A).assuming
}

fn network() -> String {
    format!(
        r#"[{{"id": "{SUB}/virtualNetworks/hub", "name": "hub", "location": "westeurope",
             "addressSpace": {{"addressPrefixes": ["10.0.0.0/16"]}}, "dhcpOptions": {{"dnsServers": []}},
             "type": "Microsoft.Network/virtualNetworks"}}]"#
    )
}

const PUBLIC: &str = "public record www.fine.example A 203.0.113.1\n\
                      public record www.bad.example A 203.0.113.2\n";

/// A list of `az`: properties at the top of each item.
#[test]
fn lists_of_az() {
    let rules = format!(
        r#"[{{"id": "{SUB}/dnsResolverPolicies/pol/dnsSecurityRules/block", "name": "block",
             "type": "Microsoft.Network/dnsResolverPolicies/dnsSecurityRules", "priority": 100,
             "action": {{"actionType": "Block"}}, "dnsSecurityRuleState": "Enabled",
             "dnsResolverDomainLists": [{{"id": "{SUB}/dnsResolverDomainLists/BAD", "resourceGroup": "g"}}]}},
            {{"id": "{SUB}/dnsResolverPolicies/pol/dnsSecurityRules/off", "name": "off",
             "type": "Microsoft.Network/dnsResolverPolicies/dnsSecurityRules", "priority": 110,
             "action": {{"actionType": "Block"}}, "dnsSecurityRuleState": "Disabled",
             "dnsResolverDomainLists": [{{"id": "{SUB}/dnsResolverDomainLists/all"}}]}}]"#
    );
    let links = format!(
        r#"[{{"id": "{SUB}/dnsResolverPolicies/pol/virtualNetworkLinks/to-hub", "name": "to-hub",
             "type": "Microsoft.Network/dnsResolverPolicies/virtualNetworkLinks",
             "provisioningState": "Succeeded",
             "virtualNetwork": {{"id": "{SUB}/virtualNetworks/hub"}}}}]"#
    );
    let lists = format!(
        r#"[{{"id": "{SUB}/dnsResolverDomainLists/bad", "name": "bad", "location": "westeurope",
             "type": "Microsoft.Network/dnsResolverDomainLists", "domains": ["bad.example."]}}]"#
    );
    let files = [
        ("vnets.json", network()),
        ("rules.json", rules),
        ("links.json", links),
        ("lists.json", lists),
        ("public.estate", PUBLIC.to_owned()),
    ];
    let files: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let names = ["www.bad.example", "www.fine.example"];
    assert_eq!(answers(&files, &names), ["BLOCKED ", "NOERROR 203.0.113.1"]);
    // Without the links nobody knows where it holds.
    let unlinked: Vec<_> = files.iter().copied().filter(|file| file.0 != "links.json").collect();
    assert_eq!(answers(&unlinked, &names), ["NOERROR 203.0.113.2", "NOERROR 203.0.113.1"]);
    assert_eq!(assumptions(&unlinked, names[0]), ["unexported-links"]);
    assert_eq!(assumptions(&unlinked, names[1]), Vec::<&str>::new());
    // Without the list nobody knows which names it holds.
    let without: Vec<_> = files.iter().copied().filter(|file| file.0 != "lists.json").collect();
    let unknown = "UNKNOWN rule 100 of DNS security policy `pol` may cover `www.fine.example`: not \
                   all of its domain lists were read";
    assert_eq!(answers(&without, &names[1..]), [unknown]);
}

/// Rows of Resource Graph, and a list that was uploaded as a file, which shows no domains.
#[test]
fn rows_of_resource_graph() {
    let text = format!(
        r#"{{"count": 4, "data": [
            {{"id": "{SUB}/dnsResolverPolicies/pol", "name": "pol", "location": "westeurope",
              "type": "microsoft.network/dnsresolverpolicies", "properties": {{}}}},
            {{"id": "{SUB}/dnsResolverPolicies/pol/dnsSecurityRules/block", "name": "block",
              "type": "microsoft.network/dnsresolverpolicies/dnssecurityrules",
              "properties": {{"priority": 100, "action": {{"actionType": "Block",
                "blockResponseCode": "SERVFAIL"}},
                "dnsResolverDomainLists": [{{"id": "{SUB}/dnsResolverDomainLists/bad"}}]}}}},
            {{"id": "{SUB}/dnsResolverPolicies/pol/virtualNetworkLinks/to-hub", "name": "to-hub",
              "type": "microsoft.network/dnsresolverpolicies/virtualnetworklinks",
              "properties": {{"virtualNetwork": {{"id": "{SUB}/virtualNetworks/hub"}}}}}},
            {{"id": "{SUB}/dnsResolverDomainLists/bad", "name": "bad",
              "type": "microsoft.network/dnsresolverdomainlists",
              "properties": {{"domains": ["bad.example."]}}}}]}}"#
    );
    let uploaded = text.replace(
        r#""domains": ["bad.example."]"#,
        r#""domainsUrl": "https://sta.blob.core.windows.net/lists/bad""#,
    );
    let names = ["www.bad.example", "www.fine.example"];
    let network = network();
    let ask = |graph: &str| {
        answers(&[("v.json", &network), ("g.json", graph), ("p.estate", PUBLIC)], &names)
    };
    assert_eq!(ask(&text), ["BLOCKED-SERVFAIL ", "NOERROR 203.0.113.1"]);
    assert!(ask(&uploaded).iter().all(|answer| answer.starts_with("UNKNOWN rule 100")));
}

/// A template names a part of a policy by its policy.
#[test]
fn resources_of_a_template() {
    let template = r#"{
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "resources": [
          {"type": "Microsoft.Network/virtualNetworks", "apiVersion": "2024-05-01", "name": "hub",
           "location": "westeurope", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}},
          {"type": "Microsoft.Network/dnsResolverDomainLists", "apiVersion": "2025-05-01", "name": "bad",
           "location": "westeurope", "properties": {"domains": ["bad.example."]}},
          {"type": "Microsoft.Network/dnsResolverPolicies", "apiVersion": "2025-05-01", "name": "pol",
           "location": "westeurope", "properties": {}},
          {"type": "Microsoft.Network/dnsResolverPolicies/dnsSecurityRules", "apiVersion": "2025-05-01",
           "name": "pol/block", "location": "westeurope", "properties": {"priority": 100,
             "action": {"actionType": "Block"},
             "dnsResolverDomainLists": [
               {"id": "[resourceId('Microsoft.Network/dnsResolverDomainLists', 'bad')]"}]}},
          {"type": "Microsoft.Network/dnsResolverPolicies/virtualNetworkLinks", "apiVersion": "2025-05-01",
           "name": "pol/to-hub", "location": "westeurope", "properties": {"virtualNetwork":
             {"id": "[resourceId('Microsoft.Network/virtualNetworks', 'hub')]"}}}
        ]}"#;
    let files = [("template.json", template), ("public.estate", PUBLIC)];
    let names = ["www.bad.example", "www.fine.example"];
    assert_eq!(answers(&files, &names), ["BLOCKED ", "NOERROR 203.0.113.1"]);
}

/// The machine of an interface is in the zone in which its network registers.
#[test]
fn machines_of_az_are_registered() {
    let zone = format!(
        r#"[{{"id": "{SUB}/privateDnsZones/contoso.test", "name": "contoso.test",
             "type": "Microsoft.Network/privateDnsZones", COUNT
             "numberOfVirtualNetworkLinks": 1}}]"#
    );
    let link = format!(
        r#"[{{"id": "{SUB}/privateDnsZones/contoso.test/virtualNetworkLinks/to-hub", "name": "to-hub",
             "type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks", "registrationEnabled": true,
             "resolutionPolicy": "Default", "virtualNetworkLinkState": "Completed",
             "provisioningState": "Succeeded", "virtualNetwork": {{"id": "{SUB}/virtualNetworks/hub"}}}}]"#
    );
    let interface = |name: &str, address: &str, suffix: &str| {
        format!(
            r#"{{"id": "{SUB}/networkInterfaces/{name}", "name": "{name}",
                "type": "Microsoft.Network/networkInterfaces",
                "dnsSettings": {{"dnsServers": [], "internalDomainNameSuffix": "{suffix}"}},
                "ipConfigurations": [{{"primary": true, "privateIPAddress": "{address}",
                  "subnet": {{"id": "{SUB}/virtualNetworks/hub/subnets/default"}}}}],
                "virtualMachine": {{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm-res"}}}}"#
        )
    };
    let suffix = "abcd.ax.internal.cloudapp.net";
    let one = format!("[{}]", interface("vm1-nic", "10.0.0.4", suffix));
    let names = ["vm1.contoso.test", "vm1.abcd.ax.internal.cloudapp.net"];
    let machine = r#"[{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm-res",
        "name": "vm-res", "type": "Microsoft.Compute/virtualMachines", "location": "westeurope",
        "powerState": "VM running", "osProfile": {"computerName": "vm1"}, "networkProfile":
        {"networkInterfaces": [{"id": "INTERFACE", "primary": true}]}}]"#;
    let machine = machine.replace("INTERFACE", &format!("{SUB}/networkInterfaces/vm1-nic"));
    let apex = format!("{SUB}/privateDnsZones/contoso.test");
    let soa = format!(
        r#"[{{"id": "{apex}/SOA/@", "name": "@", "type": "Microsoft.Network/privateDnsZones/SOA",
             "ttl": 3600, "soaRecord": {{"email": "a.b", "host": "c.d", "expireTime": 1,
               "minimumTtl": 10, "refreshTime": 1, "retryTime": 1, "serialNumber": 1}}}},
            {{"id": "{apex}/TXT/note", "name": "note", "type": "Microsoft.Network/privateDnsZones/TXT",
             "ttl": 3600, "txtRecords": [{{"value": ["x"]}}]}}]"#
    );
    let told = |interfaces: &str, machine: &str, count: &str| {
        let (network, zone) = (network(), zone.replace("COUNT", count));
        let files = [
            ("v.json", network.as_str()),
            ("z.json", &zone),
            ("l.json", &link),
            ("r.json", &soa),
            ("n.json", interfaces),
            ("m.json", machine),
        ];
        answers(&files, &names)
    };
    let ask = |interfaces: &str| told(interfaces, &machine, "");
    assert_eq!(ask(&one), ["NOERROR 10.0.0.4", "NOERROR 10.0.0.4"]);
    // By the whole list of records, with Azure's own count, it is not registered.
    let counted = told(&one, &machine, r#""numberOfRecordSets": 2,"#);
    assert_eq!(counted, ["NXDOMAIN ", "NOERROR 10.0.0.4"]);
    // An interface alone does not tell what the machine calls itself.
    let names = ["vm-res.contoso.test", "4.0.0.10.in-addr.arpa"];
    let zone = zone.replace("COUNT", "");
    let files = [
        ("v.json", network()),
        ("z.json", zone.clone()),
        ("l.json", link.clone()),
        ("r.json", soa.clone()),
        ("n.json", one.clone()),
    ];
    let files: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let unknown = "UNKNOWN nothing tells what the machine of interface `hub/vm1-nic` calls itself: \
                   `vm-res` is the name of its resource";
    assert_eq!(answers(&files, &names), [unknown, unknown]);
}

/// A firewall names its policy; not every export of the policy lists its firewalls.
#[test]
fn firewalls_have_what_their_policies_say() {
    let firewall = format!(
        r#"[{{"id": "{SUB}/azureFirewalls/fw", "name": "fw", "type": "Microsoft.Network/azureFirewalls",
             "firewallPolicy": {{"id": "{SUB}/firewallPolicies/P"}},
             "ipConfigurations": [{{"privateIPAddress": "10.0.1.4",
               "subnet": {{"id": "{SUB}/virtualNetworks/hub/subnets/AzureFirewallSubnet"}}}}]}}]"#
    );
    let behind = |firewall: &str, settings: &str, parent: &str| {
        let policy = format!(
            r#"[{{"id": "{SUB}/firewallPolicies/p", "name": "p", {settings}
                 "type": "Microsoft.Network/firewallPolicies", "location": "westeurope"}}
                {parent}]"#
        );
        let network = network().replace("[]", r#"["10.0.1.4"]"#);
        let text = "zone corp.test link hub\n  a A 10.0.0.9\n";
        let files =
            [("v.json", &*network), ("f.json", firewall), ("p.json", &policy), ("a.estate", text)];
        answers(&files, &["a.corp.test"])
    };
    let ask = |settings: &str| behind(&firewall, settings, "");
    assert_eq!(ask(r#""dnsSettings": {"enableProxy": true},"#), ["NOERROR 10.0.0.9"]);
    let off = "UNKNOWN firewall `fw` has its DNS proxy off, so it does not answer DNS";
    assert_eq!(ask(r#""dnsSettings": {"enableProxy": false},"#), [off]);
    assert_eq!(ask(""), [off]);
    // The parent says so, and was not read.
    let unread = "UNKNOWN firewall `fw` has a policy, and the DNS settings of that, or of its parent \
                  policy, were not read";
    let child =
        format!(r#""basePolicy": {{"id": "{SUB}/firewallPolicies/Base"}}, "dnsSettings": null,"#);
    assert_eq!(ask(&child), [unread]);
    let under = |child: &str, settings: &str| {
        let parent = format!(
            r#", {{"id": "{SUB}/firewallPolicies/base", "name": "base", {settings}
                  "type": "Microsoft.Network/firewallPolicies", "location": "westeurope"}}"#
        );
        behind(&firewall, child, &parent)
    };
    let on = r#""dnsSettings": {"enableProxy": true},"#;
    assert_eq!(under(&child, on), ["NOERROR 10.0.0.9"]);
    assert_eq!(under(&child, ""), [off]);
    // Its own settings override the parent's; servers without more may, or may not.
    let own = child.replace("null", r#"{"enableProxy": false}"#);
    assert_eq!(under(&own, on), [off]);
    assert_eq!(under(&child.replace("null", r#"{"servers": ["10.9.9.9"]}"#), on), [unread]);
    // Policies in a circle say nothing.
    assert_eq!(under(&child, &child.replace("Base", "p")), [unread]);
    // A firewall without a policy says so itself; its proxy is off unless it says that it is on.
    let alone = firewall
        .replace(&format!(r#""firewallPolicy": {{"id": "{SUB}/firewallPolicies/P"}},"#), "");
    assert_ne!(alone, firewall);
    assert_eq!(behind(&alone, on, ""), [off]);
    let settings = r#""additionalProperties": {"Network.DNS.EnableProxy": "true"}, "ipConf"#;
    assert_eq!(behind(&alone.replace(r#""ipConf"#, settings), "", ""), ["NOERROR 10.0.0.9"]);
}

/// AKS makes a zone for a private cluster, in a group that exports often lack.
#[test]
fn clusters_tell_of_the_zones_of_aks() {
    let cluster = r#"[{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/aks1",
        "name": "aks1", "type": "Microsoft.ContainerService/ManagedClusters", "location": "westeurope",
        "privateFqdn": "aks1-abc.1111.privatelink.westeurope.azmk8s.io", "nodeResourceGroup": "MC_g",
        "apiServerAccessProfile": {"enablePrivateCluster": true, "privateDnsZone": "system"}}]"#;
    let network = network();
    let text = "zone privatelink.westeurope.azmk8s.io link hub\n  other A 10.0.0.9\n";
    let name = "aks1-abc.1111.privatelink.westeurope.azmk8s.io";
    let files = [("v.json", &*network), ("c.json", cluster), ("a.estate", text)];
    assert_eq!(assumptions(&files, name), ["unexported-links"]);
    let own = "zone 1111.privatelink.westeurope.azmk8s.io link hub\n  aks1-abc A 10.0.0.7\n";
    let files = [("v.json", &*network), ("c.json", cluster), ("a.estate", own)];
    assert_eq!(answers(&files, &[name]), ["NOERROR 10.0.0.7"]);
}

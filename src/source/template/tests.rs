use super::*;
use crate::estate::Estate;
use crate::source::show::{self, show};

const SCHEMA: &str =
    "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";

fn read(documents: &[&str]) -> Estate {
    let documents: Vec<String> =
        documents.iter().map(|text| text.replace("SCHEMA", SCHEMA)).collect();
    show::read(&documents)
}

fn resources(resources: &str) -> String {
    format!(r#"{{"$schema": "SCHEMA", "contentVersion": "1.0.0.0", "resources": [{resources}]}}"#)
}

#[test]
fn an_export_of_a_group_is_read_whole() {
    let estate = read(&[r#"{
        "$schema": "SCHEMA", "contentVersion": "1.0.0.0",
        "parameters": {
            "privateDnsZones_contoso_com_name": {"defaultValue": "contoso.com", "type": "String"},
            "virtualNetworks_hub_externalid": {
                "defaultValue": "/subscriptions/S/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/hub",
                "type": "String"
            }
        },
        "variables": {},
        "resources": [
            {"type": "Microsoft.Network/privateDnsZones", "apiVersion": "2024-06-01",
             "name": "[parameters('privateDnsZones_contoso_com_name')]", "location": "global", "properties": {}},
            {"type": "Microsoft.Network/privateDnsZones/A", "apiVersion": "2024-06-01",
             "name": "[concat(parameters('privateDnsZones_contoso_com_name'), '/nas')]",
             "dependsOn": ["[resourceId('Microsoft.Network/privateDnsZones', parameters('privateDnsZones_contoso_com_name'))]"],
             "properties": {"ttl": 300, "aRecords": [{"ipv4Address": "10.0.0.7"}]}},
            {"type": "Microsoft.Network/privateDnsZones/SOA", "apiVersion": "2024-06-01",
             "name": "[concat(parameters('privateDnsZones_contoso_com_name'), '/@')]",
             "properties": {"ttl": 3600, "soaRecord": {"host": "azureprivatedns.net", "email": "a.b.com",
                "serialNumber": 1, "refreshTime": 3600, "retryTime": 300, "expireTime": 2419200, "minimumTtl": 10}}},
            {"type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks", "apiVersion": "2024-06-01",
             "name": "[concat(parameters('privateDnsZones_contoso_com_name'), '/to-hub')]", "location": "global",
             "properties": {"registrationEnabled": false, "resolutionPolicy": "Default",
                "virtualNetwork": {"id": "[parameters('virtualNetworks_hub_externalid')]"}}}
        ]
    }"#]);
    insta::assert_snapshot!(show(&estate), @r"
    zone contoso.com
      contoso.com SOA azureprivatedns.net. a.b.com. 1 3600 300 2419200 10
      nas.contoso.com A 10.0.0.7
      link to-hub to hub
    ");
    assert!(estate.vnets[0].id.is_some());
    assert_eq!(estate.inputs[0].kind, "template");
}

#[test]
fn symbolic_names_refer_to_networks_beside_them() {
    let estate = read(&[r#"{
        "$schema": "SCHEMA", "languageVersion": "2.0", "contentVersion": "1.0.0.0",
        "parameters": {"policy": {"type": "string", "nullable": true}},
        "resources": {
            "vnet": {"type": "Microsoft.Network/virtualNetworks", "name": "hub",
                "location": "[resourceGroup().location]",
                "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}},
            "zone": {"existing": true, "type": "Microsoft.Network/privateDnsZones", "name": "contoso.com"},
            "link": {"type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
                "name": "[format('{0}/{1}', 'contoso.com', 'l')]",
                "properties": {"registrationEnabled": true, "resolutionPolicy": "[parameters('policy')]",
                    "virtualNetwork": {"id": "[resourceId('Microsoft.Network/virtualNetworks', 'hub')]"}}}
        }
    }"#]);
    insta::assert_snapshot!(show(&estate), @r"
    zone contoso.com
      link l to hub
    ");
    assert_eq!(estate.vnets.len(), 1);
    assert_eq!(estate.vnets[0].servers, Some(Vec::new()));
    assert_eq!(estate.vnets[0].id, None);
}

#[test]
fn what_depends_on_the_deployment_is_refused_with_its_expression() {
    let estate = read(&[&resources(
        r#"
        {"type": "Microsoft.Network/privateDnsZones", "name": "[parameters('zone')]"},
        {"type": "Microsoft.Network/privateDnsZones", "name": "contoso.com"},
        {"type": "Microsoft.Network/privateDnsZones/A", "name": "contoso.com/a",
         "properties": {"ttl": 60, "aRecords": [{"ipv4Address": "[reference('nic').ip]"}]}},
        {"type": "Microsoft.Network/privateDnsZones/A", "name": "contoso.com/off", "condition": false},
        {"type": "Microsoft.Network/privateDnsZones/A", "name": "contoso.com/b",
         "condition": "[equals(resourceGroup().location, 'westeurope')]"},
        {"type": "Microsoft.Web/sites", "name": "[uniqueString('x')]"},
        {"type": "Microsoft.Network/privateDnsZones/A", "name": "contoso.com/c",
         "properties": {"ttl": 60, "aRecords": [{"ipv4Address": "10.0.0.7"}]}}"#,
    )]);
    insta::assert_snapshot!(show(&estate), @r#"
    zone contoso.com
      c.contoso.com A 10.0.0.7
    Refused: depends on deployment: `[parameters('zone')]`; there is no parameter `zone`
      at "[parameters('zone')]"
    Refused: depends on deployment: `[reference('nic').ip]`; `reference()` has no value before it
      at "[reference('nic').ip]"
    Reading: 1 resource is not deployed: the `condition` is false
      at "{\"type\": \"Microsoft.Network/privateDnsZo"
    Refused: depends on deployment: `[equals(resourceGroup().location, 'westeurope')]`; `equals()` has no value before it
      at "[equals(resourceGroup().location, 'weste"
    Unsupported: 1 item of type `microsoft.web/sites` not used
      at ""
    "#);
    assert_eq!(estate.zones[0].refused, 1);
}

#[test]
fn a_broken_resource_spoils_no_other() {
    let estate = read(&[&resources(
        r#"
{"type": "Microsoft.Network/privateDnsZones/A", "name": "contoso.com/a", "properties": {"ttl": 1x}},
{"type": "Microsoft.Network/privateDnsZones/A", "name": "contoso.com/b, "properties": {}},
7,
{"type": "Microsoft.Network/privateDnsZones/A", "name": "contoso.com/c",
 "properties": {"ttl": 60, "aRecords": [{"ipv4Address": "10.0.0.7"}]}}"#,
    )]);
    insta::assert_snapshot!(show(&estate), @r#"
    zone contoso.com
      c.contoso.com A 10.0.0.7
    Refused: expected `,` or `}`
      at "{\"ttl\": 1x}"
    Refused: this string has no end
      at "\""
    "#);
}

#[test]
fn children_and_loops_become_items() {
    let estate = read(&[r#"{
        "$schema": "SCHEMA", "contentVersion": "1.0.0.0",
        "parameters": {"hosts": {"type": "array", "defaultValue": [{"n": "a", "ip": "10.0.0.1"}, {"n": "b", "ip": "10.0.0.2"}]}},
        "variables": {"copy": [{"name": "ips", "count": "[length(parameters('hosts'))]",
            "input": {"ipv4Address": "[parameters('hosts')[copyIndex('ips')].ip]"}}]},
        "resources": [{"type": "Microsoft.Network/privateDnsZones", "name": "contoso.com", "resources": [
            {"type": "A", "name": "[parameters('hosts')[copyIndex()].n]",
             "copy": {"name": "each", "count": "[length(parameters('hosts'))]"},
             "properties": {"ttl": 60, "aRecords": [{"ipv4Address": "[parameters('hosts')[copyIndex('each')].ip]"}]}},
            {"type": "A", "name": "all", "properties": {"ttl": 60, "aRecords": "[variables('ips')]"}},
            {"type": "A", "name": "each", "properties": {"ttl": 60, "copy": [{"name": "aRecords", "count": 2,
                "input": {"ipv4Address": "[concat('10.0.1.', copyIndex('aRecords'))]"}}]}},
            {"type": "A", "name": "x", "copy": {"name": "many", "count": 900}}
        ]}]
    }"#]);
    insta::assert_snapshot!(show(&estate), @r#"
    zone contoso.com
      a.contoso.com A 10.0.0.1
      b.contoso.com A 10.0.0.2
      all.contoso.com A 10.0.0.1 10.0.0.2
      each.contoso.com A 10.0.1.0 10.0.1.1
    Refused: expected at most 800 as `count`, found `900`
      at "{\"type\": \"A\", \"name\": \"x\", \"copy\": {\"nam"
    "#);
}

#[test]
fn deployments_within_are_read_with_what_they_are_given() {
    let inner = r#"{
        "$schema": "SCHEMA", "contentVersion": "1.0.0.0",
        "parameters": {"zone": {"type": "string"}, "other": {"type": "string"}},
        "resources": [
            {"type": "Microsoft.Network/privateDnsZones/A", "name": "[format('{0}/nas', parameters('zone'))]",
             "properties": {"ttl": 60, "aRecords": [{"ipv4Address": "10.0.0.7"}]}},
            {"type": "Microsoft.Network/privateDnsZones", "name": "[parameters('other')]"}]}"#;
    let estate = read(&[&resources(
        &r#"
        {"type": "Microsoft.Resources/deployments", "name": "inner", "resourceGroup": "dns", "subscriptionId": "S",
         "properties": {"expressionEvaluationOptions": {"scope": "inner"},
            "parameters": {"zone": {"value": "[toUpper('contoso.com')]"}, "other": {"value": "[parameters('x')]"}},
            "template": INNER}},
        {"type": "Microsoft.Resources/deployments", "name": "outer", "properties": {"template": INNER}},
        {"type": "Microsoft.Resources/deployments", "name": "linked", "properties": {"templateLink": {"uri": "u"}}}"#
            .replace("INNER", inner),
    )]);
    insta::assert_snapshot!(show(&estate), @r#"
    zone contoso.com
      nas.contoso.com A 10.0.0.7
    Refused: depends on deployment: `[parameters('other')]`; there is no parameter `x`
      at "[parameters('other')]"
    Refused: depends on deployment: `[format('{0}/nas', parameters('zone'))]`; there is no parameter `zone`
      at "[format('{0}/nas', parameters('zone'))]"
    Refused: depends on deployment: `[parameters('other')]`; there is no parameter `other`
      at "[parameters('other')]"
    Refused: this deployment takes its template from elsewhere; it is not read
      at "{\"type\": \"Microsoft.Resources/deployment"
    "#);
    assert_eq!(
        estate.zones[0].id.as_ref().map(|id| id.as_str()),
        Some(
            "/subscriptions/S/resourceGroups/dns/providers/Microsoft.Network/privateDnsZones/CONTOSO.COM"
        )
    );
}

#[test]
fn zones_of_one_name_in_two_templates_are_told() {
    let zone = resources(r#"{"type": "Microsoft.Network/privateDnsZones", "name": "contoso.com"}"#);
    insta::assert_snapshot!(show(&read(&[&zone, &zone])), @r#"
    zone contoso.com
    Reading: zone `contoso.com` is in another template too, and neither says its resource group; both are read as one zone
      at "{\"type\": \"Microsoft.Network/privateDnsZo"
    "#);
}

#[test]
fn an_endpoint_joins_its_network_by_name() {
    let estate = read(&[&resources(
        r#"
        {"type": "Microsoft.Network/privateEndpoints", "name": "pe", "properties": {
            "subnet": {"id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'hub', 's')]"},
            "customDnsConfigs": [{"fqdn": "x.blob.core.windows.net", "ipAddresses": ["10.0.0.4"]}],
            "privateLinkServiceConnections": [{"name": "c", "properties": {"groupIds": ["blob"],
                "privateLinkServiceId": "[resourceId('Microsoft.Storage/storageAccounts', 'x')]"}}]}},
        {"type": "Microsoft.Network/privateEndpoints/privateDnsZoneGroups", "name": "pe/default", "properties": {
            "privateDnsZoneConfigs": [{"name": "c", "properties": {"privateDnsZoneId":
                "[resourceId('Microsoft.Network/privateDnsZones', 'privatelink.blob.core.windows.net')]"}}]}}"#,
    )]);
    insta::assert_snapshot!(show(&estate), @"zone privatelink.blob.core.windows.net");
    assert_eq!(estate.endpoints.len(), 1);
    assert_eq!(estate.vnets[0].name, "hub");
    assert_eq!(estate.endpoints[0].state, crate::estate::ConnectionState::Approved);
}

#[test]
fn hostile_templates_end() {
    let loops = r#"{"type": "Microsoft.Resources/deployments", "name": "d", "copy": {"name": "n", "count": 800},
        "properties": {"template": {"resources": [INNER]}}}"#;
    let mut text = r#"{"type": "Microsoft.Network/privateDnsZones", "name": "a.b"}"#.to_owned();
    for _ in 0..4 {
        text = loops.replace("INNER", &text);
    }
    let estate = read(&[&resources(&text)]);
    assert!(estate.notes.iter().any(|note| note.kind == NoteKind::Partial));
    for text in [
        r#"{"$schema": "SCHEMA""#,
        r#"{"$schema": "SCHEMA", "resources": 7}"#,
        r#"{"$schema": "SCHEMA", "resources": [{"type": "#,
        r#"{"$schema": "SCHEMA", "resources": [[[]]]}"#,
        r#"{"$schema": "SCHEMA", "parameters": [], "variables": 1, "resources": {"a": 1}} x"#,
        r#"{"$schema": "SCHEMA", "contentVersion": 1, "template": {"template": {}}}"#,
    ] {
        assert!(!read(&[text]).notes.is_empty(), "{text}");
    }
}

//! One estate in every form in which estates are handed over.
//!
//! Each writer is small and knows nothing of the readers: it turns resources as the
//! management API states them into what another tool would print of them. What a form
//! cannot hold stands beside it as JSON of `az`, as people would export it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

/// A resource as the management API states it.
#[derive(Clone)]
pub struct Resource {
    pub id: String,
    pub location: Value,
    pub properties: Value,
}

/// A file by its name.
pub type File = (String, Vec<u8>);

/// Lists whose elements have `properties` of their own.
const NESTED: [&str; 7] = [
    "privateLinkServiceConnections",
    "manualPrivateLinkServiceConnections",
    "privateEndpointConnections",
    "privateDnsZoneConfigs",
    "ipConfigurations",
    "subnets",
    "virtualNetworkPeerings",
];

/// What every object of the management API has outside `properties`.
const HEAD: [&str; 6] = ["id", "name", "type", "etag", "location", "tags"];

impl Resource {
    pub fn new(id: impl Into<String>, location: &str, properties: Value) -> Resource {
        Resource { id: id.into(), location: location.into(), properties }
    }

    /// The type and the names behind the provider: `("Microsoft.Network/vnets", ["hub"])`.
    fn path(&self) -> (String, Vec<&str>) {
        let provided = self.id.split("/providers/").last().unwrap();
        let steps: Vec<&str> = provided.split('/').collect();
        let kinds = steps[1..].iter().step_by(2);
        let kind = kinds.fold(steps[0].to_owned(), |kind, step| format!("{kind}/{step}"));
        (kind, steps[2..].iter().step_by(2).copied().collect())
    }

    fn kind(&self) -> String {
        self.path().0
    }

    fn name(&self) -> &str {
        self.id.rsplit('/').next().unwrap()
    }

    /// The id of what it is a part of.
    fn parent(&self) -> &str {
        self.id.rsplitn(3, '/').last().unwrap()
    }

    fn part(&self, at: usize) -> &str {
        self.id.split('/').nth(at).unwrap()
    }

    fn subscription(&self) -> &str {
        self.part(2)
    }

    fn group(&self) -> &str {
        self.part(4)
    }

    /// Its kind without the provider, such as `privateDnsZones/A`.
    fn short(&self) -> String {
        self.kind().split_once('/').unwrap().1.to_owned()
    }

    fn is(&self, kinds: &[&str]) -> bool {
        kinds.contains(&self.short().as_str())
    }

    fn is_record_set(&self) -> bool {
        let short = self.short();
        short.starts_with("privateDnsZones/") && !short.ends_with("Links")
    }
}

/// Rules and links of rulesets, which are complete only where a list of them says so.
const LISTED: [&str; 3] = [
    "dnsForwardingRulesets",
    "dnsForwardingRulesets/forwardingRules",
    "dnsForwardingRulesets/virtualNetworkLinks",
];

/// The files of the estate in each form.
pub fn forms(estate: &[Resource]) -> Vec<(&'static str, Vec<File>)> {
    // The counts in the zones say that nothing is missing; some forms have none.
    let zones = |one: &Resource| one.is(&["privateDnsZones"]);
    let listed = |one: &Resource| one.is(&LISTED);
    let with = |mut files: Vec<File>, beside: &dyn Fn(&Resource) -> bool| {
        let rest: Vec<Resource> = estate.iter().filter(|one| beside(one)).cloned().collect();
        files.extend(az(&rest));
        files
    };
    let except = |beside: &dyn Fn(&Resource) -> bool| -> Vec<Resource> {
        estate.iter().filter(|one| !beside(one)).cloned().collect()
    };
    let services = |one: &Resource| !one.kind().starts_with("Microsoft.Network/");
    let deployed = |one: &Resource| {
        services(one) || one.is(&["networkInterfaces", "azureFirewalls", "firewallPolicies"])
    };
    let unlisted = except(&listed);
    let counted = |one: &Resource| zones(one) || listed(one);
    // Terraform knows nothing of the connections that services list.
    let connected = |one: &Resource| counted(one) || services(one) && !one.is(&["virtualMachines"]);
    let undeployed = |one: &Resource| counted(one) || deployed(one);
    vec![
        ("az", az(estate)),
        ("rest", rest(estate)),
        ("graph", graph(estate)),
        ("powershell", with(powershell(&unlisted), &listed)),
        ("csv", with(csv(&unlisted), &listed)),
        ("template", with(template(&except(&|one| listed(one) || deployed(one))), &undeployed)),
        ("state", with(terraform_state(&unlisted), &connected)),
        ("show", with(terraform_show(&unlisted), &connected)),
        ("plan", with(terraform_plan(&unlisted), &connected)),
        ("azapi", with(azapi(&unlisted), &counted)),
        ("zone-files", with(zone_files(estate), &|one| !one.is_record_set())),
        ("estate", vec![("all.estate".to_owned(), estate_text(estate).into_bytes())]),
    ]
}

/// Writes files into a directory.
pub fn write(directory: &Path, files: &[File]) {
    for (name, octets) in files {
        fs::write(directory.join(name), octets).unwrap();
    }
}

fn one(name: &str, value: &Value) -> Vec<File> {
    vec![(name.to_owned(), serde_json::to_vec_pretty(value).unwrap())]
}

/// Resources by what a list of them is asked for.
fn lists(estate: &[Resource]) -> BTreeMap<String, Vec<&Resource>> {
    let mut lists: BTreeMap<String, Vec<&Resource>> = BTreeMap::new();
    for one in estate {
        let list = match one.path().1.len() {
            1 => one.kind(),
            _ if one.is_record_set() => format!("{}/ALL", one.parent()),
            _ => format!("{}/{}", one.parent(), one.short()),
        };
        lists.entry(list).or_default().push(one);
    }
    lists
}

fn rest_item(one: &Resource) -> Value {
    json!({"id": one.id, "name": one.name(), "type": one.kind(), "etag": "x",
        "location": one.location, "properties": one.properties})
}

/// Pages of the management API.
fn rest(estate: &[Resource]) -> Vec<File> {
    let page = |(at, list): (usize, Vec<&Resource>)| {
        let value: Vec<Value> = list.into_iter().map(rest_item).collect();
        one(&format!("{at}.json"), &json!({"value": value, "nextLink": null}))
    };
    lists(estate).into_values().enumerate().flat_map(page).collect()
}

/// Members of `properties` beside the others, at every level, as `az` prints them.
fn flat(value: &Value) -> Map<String, Value> {
    let mut members = Map::new();
    for (key, value) in value.as_object().unwrap() {
        match value {
            Value::Array(list) if NESTED.contains(&key.as_str()) => {
                let list: Vec<Value> = list.iter().map(|one| Value::Object(flat(one))).collect();
                members.insert(key.clone(), list.into());
            }
            inner if key == "properties" => members.extend(flat(inner)),
            other => drop(members.insert(key.clone(), other.clone())),
        }
    }
    members
}

fn az(estate: &[Resource]) -> Vec<File> {
    let item = |one: &Resource| {
        let mut item = flat(&rest_item(one));
        item.insert("resourceGroup".to_owned(), one.group().into());
        Value::Object(item)
    };
    let lists = lists(estate).into_values().enumerate();
    let file = |(at, list): (usize, Vec<&Resource>)| {
        one(&format!("az-{at}.json"), &list.into_iter().map(item).collect())
    };
    lists.flat_map(file).collect()
}

/// Rows of Resource Graph: types and groups in small letters, one name for all records.
fn graph_row(one: &Resource) -> Value {
    let mut row = rest_item(one);
    row["type"] = one.kind().to_lowercase().into();
    row["resourceGroup"] = one.group().to_lowercase().into();
    if one.is_record_set() {
        row["properties"] = generic(&one.properties);
    }
    row
}

/// A record set with `records` in place of the key of its type.
fn generic(properties: &Value) -> Value {
    let mut members = Map::new();
    for (key, value) in properties.as_object().unwrap() {
        match key.strip_suffix("Record").or(key.strip_suffix("Records")) {
            Some(_) if value.is_array() => members.insert("records".to_owned(), value.clone()),
            Some(_) => members.insert("records".to_owned(), json!([value])),
            None => members.insert(key.clone(), value.clone()),
        };
    }
    Value::Object(members)
}

fn graph(estate: &[Resource]) -> Vec<File> {
    let (records, rest): (Vec<&Resource>, Vec<&Resource>) =
        estate.iter().partition(|one| one.is_record_set() || one.is(&LISTED[1..]));
    let page = |name: &str, list: Vec<&Resource>| {
        let rows: Vec<Value> = list.into_iter().map(graph_row).collect();
        let count = rows.len();
        let page =
            json!({"count": count, "data": rows, "skip_token": null, "total_records": count});
        one(name, &page)
    };
    [page("resources.json", rest), page("dnsresources.json", records)].concat()
}

/// Rows of Resource Graph, with the properties in one cell.
fn csv(estate: &[Resource]) -> Vec<File> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let columns = ["id", "name", "type", "location", "resourceGroup"];
    writer.write_record(columns.iter().chain(&["properties"])).unwrap();
    for row in estate.iter().map(graph_row) {
        let cells = columns.map(|column| row[column].as_str().unwrap_or("").to_owned());
        let properties = row["properties"].to_string();
        writer.write_record(cells.into_iter().chain([properties])).unwrap();
    }
    vec![("rows.csv".to_owned(), writer.into_inner().unwrap())]
}

fn pascal(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| (key[..1].to_uppercase() + &key[1..], pascal(value)))
            .collect(),
        Value::Array(values) => values.iter().map(pascal).collect(),
        other => other.clone(),
    }
}

/// `… | ConvertTo-Json -Depth 10 > all.json` of Windows PowerShell: UTF-16 with CRLF.
fn powershell(estate: &[Resource]) -> Vec<File> {
    const TYPES: [&str; 8] = ["A", "AAAA", "CNAME", "MX", "PTR", "SOA", "SRV", "TXT"];
    let object = |one: &Resource| {
        let mut members = flat(&rest_item(one));
        members.remove("type");
        let mut object = pascal(&Value::Object(members));
        let zone = one.parent().rsplit('/').next().unwrap();
        if one.is_record_set() {
            let properties = generic(&one.properties);
            let mut records = pascal(&properties["records"]);
            for record in records.as_array_mut().into_iter().flatten() {
                let strings = record["Value"]
                    .as_array()
                    .map(|strings| strings.iter().filter_map(Value::as_str).collect::<String>());
                strings.into_iter().for_each(|text| record["Value"] = text.into());
            }
            let number = TYPES.iter().position(|kind| one.kind().ends_with(&format!("/{kind}")));
            object = json!({"Id": one.id, "Name": one.name(), "ZoneName": zone,
                "ResourceGroupName": one.group(), "Ttl": properties["ttl"], "RecordType": number,
                "Records": records, "Metadata": properties["metadata"],
                "IsAutoRegistered": properties["isAutoRegistered"]});
        } else if one.is(&["privateDnsZones/virtualNetworkLinks"]) {
            let network = object["VirtualNetwork"]["Id"].take();
            object["VirtualNetworkId"] = network;
            object["ZoneName"] = zone.into();
            object.as_object_mut().unwrap().remove("VirtualNetwork");
        }
        object["ResourceGroupName"] = one.group().into();
        if one.short().starts_with("privateDnsZones") && !one.is_record_set() {
            let id = object["Id"].take();
            object["ResourceId"] = id;
        }
        object
    };
    let all = Value::Array(estate.iter().map(object).collect());
    let text = serde_json::to_string_pretty(&all).unwrap().replace('\n', "\r\n");
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    vec![("all.json".to_owned(), units.flat_map(u16::to_le_bytes).collect())]
}

/// A template of a subscription with one deployment into each resource group.
fn template(estate: &[Resource]) -> Vec<File> {
    const SCHEMA: &str = "https://schema.management.azure.com/schemas/2019-04-01/";
    let mut groups: BTreeMap<(&str, &str), Vec<Value>> = BTreeMap::new();
    for one in estate {
        let (kind, names) = one.path();
        let mut properties = one.properties.clone();
        // What the service counts and says is not part of what is deployed.
        for key in ["numberOfRecordSets", "numberOfVirtualNetworkLinks", "provisioningState"] {
            properties.as_object_mut().unwrap().remove(key);
        }
        let name = match &names[..] {
            [parent, name] => format!("[format('{{0}}/{{1}}', parameters('parent'), '{name}')]")
                .replace("parameters('parent')", &format!("'{parent}'")),
            names => names.join("/"),
        };
        let resource = json!({"type": kind, "apiVersion": "2024-06-01", "name": name,
            "location": one.location, "properties": properties});
        groups.entry((one.subscription(), one.group())).or_default().push(resource);
    }
    let deployment = |((subscription, group), resources): ((&str, &str), Vec<Value>)| {
        json!({"type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01",
            "name": group, "subscriptionId": subscription, "resourceGroup": group,
            "properties": {"mode": "Incremental", "template": {
                "$schema": format!("{SCHEMA}deploymentTemplate.json#"),
                "contentVersion": "1.0.0.0", "resources": resources}}})
    };
    let all = json!({"$schema": format!("{SCHEMA}subscriptionDeploymentTemplate.json#"),
        "contentVersion": "1.0.0.0",
        "resources": groups.into_iter().map(deployment).collect::<Vec<_>>()});
    one("template.json", &all)
}

/// What Terraform's provider calls a resource, and its attributes.
fn attributes(one: &Resource) -> (&'static str, Value) {
    let stated = &flat(&one.properties);
    let stated = &Value::Object(stated.clone());
    let column = |list: &str, field: &str| -> Value {
        stated[list].as_array().unwrap().iter().map(|record| record[field].clone()).collect()
    };
    let rows = |key: &str, row: &dyn Fn(&Value) -> Value| -> Value {
        stated[key].as_array().into_iter().flatten().map(row).collect()
    };
    let fqdns = |one: &Value| json!({"fqdn": one["fqdn"], "ip_addresses": one["ipAddresses"]});
    let address = |one: &Value| {
        json!({"private_ip_address":
                one.get("privateIPAddress").unwrap_or(&one["privateIpAddress"]),
            "subnet_id": one["subnet"]["id"], "primary": one["primary"]})
    };
    let (kind, mut values) = match one.short().as_str() {
        "privateDnsZones" => (
            "azurerm_private_dns_zone",
            json!({"number_of_record_sets": stated["numberOfRecordSets"]}),
        ),
        "privateDnsZones/A" => {
            ("azurerm_private_dns_a_record", json!({"records": column("aRecords", "ipv4Address")}))
        }
        "privateDnsZones/AAAA" => (
            "azurerm_private_dns_aaaa_record",
            json!({"records": column("aaaaRecords", "ipv6Address")}),
        ),
        "privateDnsZones/PTR" => {
            ("azurerm_private_dns_ptr_record", json!({"records": column("ptrRecords", "ptrdname")}))
        }
        "privateDnsZones/CNAME" => {
            ("azurerm_private_dns_cname_record", json!({"record": stated["cnameRecord"]["cname"]}))
        }
        "privateDnsZones/MX" => {
            ("azurerm_private_dns_mx_record", json!({"record": stated["mxRecords"]}))
        }
        "privateDnsZones/SRV" => {
            ("azurerm_private_dns_srv_record", json!({"record": stated["srvRecords"]}))
        }
        "privateDnsZones/TXT" => (
            "azurerm_private_dns_txt_record",
            json!({"record": rows("txtRecords", &|record| {
                let strings = record["value"].as_array().unwrap().iter();
                json!({"value": strings.filter_map(Value::as_str).collect::<String>()})
            })}),
        ),
        "privateDnsZones/virtualNetworkLinks" => (
            "azurerm_private_dns_zone_virtual_network_link",
            json!({"virtual_network_id": stated["virtualNetwork"]["id"],
                "registration_enabled": stated["registrationEnabled"],
                "resolution_policy": stated["resolutionPolicy"]}),
        ),
        "virtualNetworks" => (
            "azurerm_virtual_network",
            json!({"address_space": stated["addressSpace"]["addressPrefixes"],
                "dns_servers": stated["dhcpOptions"]["dnsServers"]}),
        ),
        "privateEndpoints" => {
            let connection = |one: &Value| {
                json!({"name": one["name"], "is_manual_connection": false,
                    "private_connection_resource_id": one["privateLinkServiceId"],
                    "subresource_names": one["groupIds"]})
            };
            (
                "azurerm_private_endpoint",
                json!({"subnet_id": stated["subnet"]["id"],
                    "custom_dns_configs": rows("customDnsConfigs", &fqdns),
                    "private_service_connection":
                        rows("privateLinkServiceConnections", &connection),
                    "private_dns_zone_group": [], "private_dns_zone_configs": []}),
            )
        }
        "dnsResolvers" => (
            "azurerm_private_dns_resolver",
            json!({"virtual_network_id": stated["virtualNetwork"]["id"]}),
        ),
        "dnsResolvers/inboundEndpoints" => (
            "azurerm_private_dns_resolver_inbound_endpoint",
            json!({"ip_configurations": rows("ipConfigurations", &address)}),
        ),
        "dnsResolvers/outboundEndpoints" => (
            "azurerm_private_dns_resolver_outbound_endpoint",
            json!({"subnet_id": stated["subnet"]["id"]}),
        ),
        "networkInterfaces" => (
            "azurerm_network_interface",
            json!({"ip_configuration": rows("ipConfigurations", &address),
                "dns_servers": stated["dnsSettings"]["dnsServers"]}),
        ),
        "virtualMachines" => (
            "azurerm_linux_virtual_machine",
            json!({"network_interface_ids": stated["networkProfile"]["networkInterfaces"]
                    .as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Value>(),
                "computer_name": stated["osProfile"]["computerName"]}),
        ),
        "azureFirewalls" => (
            "azurerm_firewall",
            json!({"ip_configuration": rows("ipConfigurations", &address),
                "firewall_policy_id": stated["firewallPolicy"]["id"]}),
        ),
        "firewallPolicies" => (
            "azurerm_firewall_policy",
            json!({"dns": [{"proxy_enabled": stated["dnsSettings"]["enableProxy"],
                    "servers": stated["dnsSettings"]["servers"]}],
                "firewalls": rows("firewalls", &|one| one["id"].clone())}),
        ),
        "batchAccounts" => {
            ("azurerm_batch_account", json!({"account_endpoint": stated["accountEndpoint"]}))
        }
        "vaults" => ("azurerm_key_vault", json!({"vault_uri": stated["vaultUri"]})),
        "managedClusters" => (
            "azurerm_kubernetes_cluster",
            json!({"private_fqdn": stated["privateFQDN"], "fqdn": stated["fqdn"],
                "private_dns_zone_id": stated["apiServerAccessProfile"]["privateDNSZone"]}),
        ),
        other => panic!("no resource of Terraform is known for {other}"),
    };
    values["id"] = one.id.clone().into();
    values["name"] = one.name().into();
    values["location"] = one.location.clone();
    values["ttl"] = stated["ttl"].clone();
    values["tags"] = stated.get("metadata").cloned().unwrap_or(json!({}));
    (kind, values)
}

/// All resources as Terraform has them; the SOA set is a part of its zone.
fn terraform(estate: &[Resource]) -> Vec<(String, &'static str, Value)> {
    let soa = |zone: &str| {
        let set = estate.iter().find(|one| one.id == format!("{zone}/SOA/@"))?;
        let soa = &set.properties["soaRecord"];
        Some(json!([{"host_name": soa["host"], "email": soa["email"],
            "serial_number": soa["serialNumber"], "refresh_time": soa["refreshTime"],
            "retry_time": soa["retryTime"], "expire_time": soa["expireTime"],
            "minimum_ttl": soa["minimumTtl"], "ttl": set.properties["ttl"]}]))
    };
    let read = estate.iter().filter(|one| !one.short().ends_with("/SOA")).enumerate();
    read.map(|(at, one)| {
        let (kind, mut values) = attributes(one);
        if one.is(&["privateDnsZones"]) {
            values["soa_record"] = soa(&one.id).into();
        }
        (format!("r{at}"), kind, values)
    })
    .collect()
}

/// `terraform state pull`.
fn terraform_state(estate: &[Resource]) -> Vec<File> {
    let resource = |(name, kind, values): (String, &str, Value)| {
        json!({"mode": "managed", "type": kind, "name": name,
            "provider": "provider[\"registry.terraform.io/hashicorp/azurerm\"]",
            "instances": [{"schema_version": 0, "attributes": values}]})
    };
    let resources: Vec<Value> = terraform(estate).into_iter().map(resource).collect();
    let state = json!({"version": 4, "terraform_version": "1.9.0", "serial": 7, "lineage": "l",
        "outputs": {}, "resources": resources});
    one("terraform.tfstate", &state)
}

/// `terraform show -json`; the second half is in a module.
fn terraform_show(estate: &[Resource]) -> Vec<File> {
    let resource = |(name, kind, values): (String, &str, Value)| {
        json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind,
            "name": name, "values": values})
    };
    let mut root: Vec<Value> = terraform(estate).into_iter().map(resource).collect();
    let module = root.split_off(root.len() / 2);
    let state = json!({"format_version": "1.0", "terraform_version": "1.9.0",
        "values": {"root_module": {"resources": root, "child_modules": [
            {"address": "module.more", "resources": module}]}}});
    one("state.json", &state)
}

/// `terraform show -json plan.out` of a plan that removes all links, and leaves the rest.
fn terraform_plan(estate: &[Resource]) -> Vec<File> {
    let change = |(name, kind, values): (String, &str, Value)| {
        let (action, after) = match kind.ends_with("_link") {
            true => ("delete", Value::Null),
            false => ("no-op", values.clone()),
        };
        json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind,
            "name": name, "change": {"actions": [action], "before": values, "after": after}})
    };
    let changes: Vec<Value> = terraform(estate).into_iter().map(change).collect();
    let plan = json!({"format_version": "1.2", "terraform_version": "1.9.0",
        "resource_changes": changes, "configuration": {"root_module": {}}});
    one("plan.json", &plan)
}

/// Everything as `azapi_resource`, whose body is the management API's.
fn azapi(estate: &[Resource]) -> Vec<File> {
    let resource = |(at, one): (usize, &Resource)| {
        let values = json!({"id": one.id, "name": one.name(), "parent_id": one.parent(),
            "type": format!("{}@2024-06-01", one.kind()), "location": one.location,
            "body": {"properties": one.properties}});
        json!({"address": format!("azapi_resource.r{at}"), "mode": "managed",
            "type": "azapi_resource", "name": format!("r{at}"), "values": values})
    };
    let resources: Vec<Value> = estate.iter().enumerate().map(resource).collect();
    let state =
        json!({"format_version": "1.0", "values": {"root_module": {"resources": resources}}});
    one("state.json", &state)
}

/// The data of each record of a set, in the words of a master file.
fn records(set: &Resource) -> Vec<Vec<String>> {
    let properties = generic(&set.properties);
    let word = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let fields: &[&str] = match set.short().rsplit('/').next().unwrap() {
        "A" => &["ipv4Address"],
        "AAAA" => &["ipv6Address"],
        "CNAME" => &["cname"],
        "MX" => &["preference", "exchange"],
        "PTR" => &["ptrdname"],
        "SRV" => &["priority", "weight", "port", "target"],
        "SOA" => &[
            "host",
            "email",
            "serialNumber",
            "refreshTime",
            "retryTime",
            "expireTime",
            "minimumTtl",
        ],
        _ => &[],
    };
    let list = properties["records"].as_array().unwrap().iter();
    list.map(|record| match record["value"].as_array() {
        Some(strings) => strings.iter().map(|text| text.to_string()).collect(),
        None => fields.iter().map(|field| word(&record[*field])).collect(),
    })
    .collect()
}

/// `az network private-dns zone export` of each zone.
fn zone_files(estate: &[Resource]) -> Vec<File> {
    let zones = estate.iter().filter(|one| one.is(&["privateDnsZones"]));
    let file = |(at, zone): (usize, &Resource)| {
        let mut text = format!(
            "\n; Exported zone file from Azure DNS\n;      Zone name: {}\n;      Resource Group \
             Name: {}\n\n$TTL 10\n$ORIGIN {}.\n",
            zone.name(),
            zone.group(),
            zone.name()
        );
        for set in estate.iter().filter(|one| one.is_record_set() && one.parent() == zone.id) {
            let kind = set.short().rsplit('/').next().unwrap().to_owned();
            for mut words in records(set) {
                // Targets of aliases and names in the SOA set get a final dot, others do not.
                let dotted = match kind.as_str() {
                    "CNAME" => 1,
                    "SOA" => 2,
                    _ => 0,
                };
                words.iter_mut().take(dotted).for_each(|word| word.push('.'));
                let ttl = &set.properties["ttl"];
                writeln!(text, "{} {ttl} IN {kind} {}", set.name(), words.join(" ")).unwrap();
            }
        }
        (format!("{at}.txt"), text.into_bytes())
    };
    zones.enumerate().map(file).collect()
}

/// `.estate` text.
fn estate_text(estate: &[Resource]) -> String {
    let mut text = String::new();
    let join = |list: &Value| {
        list.as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(",")
    };
    let vnet_of = |subnet: &Value| {
        subnet["id"].as_str().unwrap().split("/subnets/").next().unwrap().to_owned()
    };
    for one in estate {
        let id = &one.id;
        let stated = Value::Object(flat(&one.properties));
        let location = one.location.as_str().unwrap_or("");
        let name = one.name();
        let of = |kind: &'static str| {
            estate.iter().filter(move |part| part.parent() == *id && part.short().ends_with(kind))
        };
        let first = &stated["ipConfigurations"][0];
        let line = match one.short().as_str() {
            "virtualNetworks" => {
                let servers = join(&stated["dhcpOptions"]["dnsServers"]);
                let servers = if servers.is_empty() { "azure" } else { &servers };
                let space = join(&stated["addressSpace"]["addressPrefixes"]);
                format!("vnet {name} id {id} location {location} space {space} dns {servers}")
            }
            "privateDnsZones" => {
                let mut line = format!("zone {name} id {id}");
                for link in of("/virtualNetworkLinks") {
                    let properties = &link.properties;
                    let mut flags = format!(":name={}", link.name());
                    if properties["registrationEnabled"] == true {
                        flags.push_str(":registration");
                    }
                    if properties["resolutionPolicy"] == "NxDomainRedirect" {
                        flags.push_str(":redirect");
                    }
                    let network = properties["virtualNetwork"]["id"].as_str().unwrap();
                    write!(line, " link {network}{flags}").unwrap();
                }
                for set in estate.iter().filter(|set| set.is_record_set() && set.parent() == *id) {
                    let creator = set.properties["metadata"]["creator"].as_str();
                    let creator = creator.map(|by| format!("!creator {by:?} ")).unwrap_or_default();
                    let (ttl, kind) = (&set.properties["ttl"], set.short());
                    let kind = kind.rsplit('/').next().unwrap();
                    for words in records(set) {
                        write!(
                            line,
                            "\n  {} {kind} {creator}{ttl} {}",
                            set.name(),
                            words.join(" ")
                        )
                        .unwrap();
                    }
                }
                line
            }
            "privateEndpoints" => {
                let connection = &stated["privateLinkServiceConnections"][0];
                let mut line = format!(
                    "endpoint {name} id {id} vnet {} target {} group {}",
                    vnet_of(&stated["subnet"]),
                    connection["privateLinkServiceId"].as_str().unwrap(),
                    join(&connection["groupIds"])
                );
                for config in stated["customDnsConfigs"].as_array().unwrap() {
                    let addresses = join(&config["ipAddresses"]).replace(',', " ");
                    write!(line, "\n  {} {addresses}", config["fqdn"].as_str().unwrap()).unwrap();
                }
                line
            }
            "dnsResolvers/inboundEndpoints" => format!(
                "inbound {name} id {id} vnet {} address {}",
                vnet_of(&first["subnet"]),
                first["privateIpAddress"].as_str().unwrap()
            ),
            "dnsForwardingRulesets" => {
                let mut line = format!("ruleset {name} id {id} location {location}");
                for link in of("/virtualNetworkLinks") {
                    let network = link.properties["virtualNetwork"]["id"].as_str().unwrap();
                    write!(line, " link {network}:name={}", link.name()).unwrap();
                }
                for rule in of("/forwardingRules") {
                    let stated = &rule.properties;
                    let off = stated["forwardingRuleState"] == "Disabled";
                    write!(
                        line,
                        "\n  {} {}!name {}",
                        stated["domainName"].as_str().unwrap(),
                        if off { "!disabled " } else { "" },
                        rule.name()
                    )
                    .unwrap();
                    for server in stated["targetDnsServers"].as_array().unwrap() {
                        let address = server["ipAddress"].as_str().unwrap();
                        write!(line, " {address}:{}", server["port"]).unwrap();
                    }
                }
                line
            }
            "azureFirewalls" => {
                let mut line = format!(
                    "server {name} id {id} kind firewall recursion off vnet {} address {}",
                    vnet_of(&first["subnet"]),
                    first["privateIPAddress"].as_str().unwrap()
                );
                let policy = estate.iter().find(|one| one.is(&["firewallPolicies"])).unwrap();
                let servers = join(&policy.properties["dnsSettings"]["servers"]).replace(',', " ");
                write!(line, "\n  forward . {servers}").unwrap();
                line
            }
            "networkInterfaces" => {
                let machine = estate.iter().find(|one| one.is(&["virtualMachines"])).unwrap();
                format!(
                    "nic {name} id {id} role primary vnet {} address {} dns {} vm {}",
                    vnet_of(&first["subnet"]),
                    first["privateIPAddress"].as_str().unwrap(),
                    join(&stated["dnsSettings"]["dnsServers"]),
                    machine.properties["osProfile"]["computerName"].as_str().unwrap()
                )
            }
            "batchAccounts" | "vaults" | "managedClusters" => {
                service_lines(one, &stated, &format!("location {location} id {id}"))
            }
            _ => continue,
        };
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// A resource with its names; whether they have an endpoint its connections tell.
fn service_lines(one: &Resource, stated: &Value, options: &str) -> String {
    let names: &[(&str, &str)] = match one.short().as_str() {
        "batchAccounts" => {
            &[("accountEndpoint", "batchAccount"), ("nodeManagementEndpoint", "nodeManagement")]
        }
        "vaults" => &[("vaultUri", "vault")],
        _ => &[("privateFQDN", "management"), ("fqdn", "management")],
    };
    let access = match stated["publicNetworkAccess"].as_str() {
        Some("Disabled") => " public-access off",
        Some("Enabled") => " public-access on",
        _ => "",
    };
    let mut line = format!("resource {} type {} {options}{access}", one.name(), one.kind());
    for (key, group) in names {
        let Some(name) = stated[*key].as_str() else { continue };
        let name = name.trim_start_matches("https://").trim_end_matches('/');
        let connections = stated["privateEndpointConnections"].as_array();
        let endpoint = connections.map_or("", |connections| {
            let leads_here = |one: &Value| {
                one["groupIds"]
                    .as_array()
                    .is_none_or(|groups| groups.iter().any(|own| own == group))
                    && one["privateLinkServiceConnectionState"]["status"] == "Approved"
            };
            if connections.iter().any(leads_here) { "endpoint" } else { "no-endpoint" }
        });
        write!(line, "\n  {name} {group} {endpoint}").unwrap();
    }
    let zone = stated["apiServerAccessProfile"]["privateDNSZone"].as_str();
    if let Some(zone) = zone.filter(|zone| zone.starts_with('/')) {
        let name = zone.rsplit('/').next().unwrap();
        write!(line, "\nzone {name} id {zone} unread links-unread").unwrap();
    }
    line
}

/// The resource that `az` printed, as the management API states it.
pub fn of_az(item: &Value) -> Resource {
    let nested = nest(item);
    Resource {
        id: item["id"].as_str().unwrap().to_owned(),
        location: item["location"].clone(),
        properties: nested["properties"].clone(),
    }
}

fn nest(item: &Value) -> Value {
    let (mut head, mut properties) = (Map::new(), Map::new());
    for (key, value) in item.as_object().unwrap() {
        let value = match value {
            Value::Array(list) if NESTED.contains(&key.as_str()) => list.iter().map(nest).collect(),
            other => other.clone(),
        };
        match key.as_str() {
            "resourceGroup" => {}
            key if HEAD.contains(&key) => drop(head.insert(key.to_owned(), value)),
            key => drop(properties.insert(key.to_owned(), value)),
        }
    }
    head.insert("properties".to_owned(), Value::Object(properties));
    Value::Object(head)
}

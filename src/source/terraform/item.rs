//! What a resource of Terraform stands for: items of the management API.

use std::cell::Cell;
use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::super::inventory::{self, Attributes};
use super::Resource;
use crate::estate::{NoteKind, ResourceId};

/// The types that are read, with what the management API calls them.
const KINDS: [(&str, &str); 25] = [
    (ZONE, "Microsoft.Network/privateDnsZones"),
    ("azurerm_private_dns_a_record", "Microsoft.Network/privateDnsZones/A"),
    ("azurerm_private_dns_aaaa_record", "Microsoft.Network/privateDnsZones/AAAA"),
    ("azurerm_private_dns_cname_record", "Microsoft.Network/privateDnsZones/CNAME"),
    ("azurerm_private_dns_mx_record", "Microsoft.Network/privateDnsZones/MX"),
    ("azurerm_private_dns_ptr_record", "Microsoft.Network/privateDnsZones/PTR"),
    ("azurerm_private_dns_soa_record", "Microsoft.Network/privateDnsZones/SOA"),
    ("azurerm_private_dns_srv_record", "Microsoft.Network/privateDnsZones/SRV"),
    ("azurerm_private_dns_txt_record", "Microsoft.Network/privateDnsZones/TXT"),
    (LINK, "Microsoft.Network/privateDnsZones/virtualNetworkLinks"),
    (ENDPOINT, "Microsoft.Network/privateEndpoints"),
    (VNET, "Microsoft.Network/virtualNetworks"),
    (VNET_SERVERS, "Microsoft.Network/virtualNetworks"),
    (RESOLVER, "Microsoft.Network/dnsResolvers"),
    (INBOUND, "Microsoft.Network/dnsResolvers/inboundEndpoints"),
    (OUTBOUND, "Microsoft.Network/dnsResolvers/outboundEndpoints"),
    (RULESET, "Microsoft.Network/dnsForwardingRulesets"),
    (RULE, "Microsoft.Network/dnsForwardingRulesets/forwardingRules"),
    (RULESET_LINK, "Microsoft.Network/dnsForwardingRulesets/virtualNetworkLinks"),
    (INTERFACE, "Microsoft.Network/networkInterfaces"),
    ("azurerm_linux_virtual_machine", MACHINE),
    ("azurerm_windows_virtual_machine", MACHINE),
    ("azurerm_virtual_machine", MACHINE),
    (FIREWALL, "Microsoft.Network/azureFirewalls"),
    (FIREWALL_POLICY, "Microsoft.Network/firewallPolicies"),
];
const ZONE: &str = "azurerm_private_dns_zone";
const LINK: &str = "azurerm_private_dns_zone_virtual_network_link";
const ENDPOINT: &str = "azurerm_private_endpoint";
const VNET: &str = "azurerm_virtual_network";
const VNET_SERVERS: &str = "azurerm_virtual_network_dns_servers";
const RESOLVER: &str = "azurerm_private_dns_resolver";
const INBOUND: &str = "azurerm_private_dns_resolver_inbound_endpoint";
const OUTBOUND: &str = "azurerm_private_dns_resolver_outbound_endpoint";
const RULESET: &str = "azurerm_private_dns_resolver_dns_forwarding_ruleset";
const RULE: &str = "azurerm_private_dns_resolver_forwarding_rule";
const RULESET_LINK: &str = "azurerm_private_dns_resolver_virtual_network_link";
const INTERFACE: &str = "azurerm_network_interface";
const FIREWALL: &str = "azurerm_firewall";
const FIREWALL_POLICY: &str = "azurerm_firewall_policy";
/// What the management API calls virtual machines, of which Terraform has several types.
const MACHINE: &str = "Microsoft.Compute/virtualMachines";
const AZAPI: &str = "azapi_resource";
/// Not read, but endpoints and `azapi` resources refer to these.
const SUBNET: (&str, &str) = ("azurerm_subnet", "Microsoft.Network/virtualNetworks/subnets");
const GROUP: (&str, &str) = ("azurerm_resource_group", "Microsoft.Resources/resourceGroups");

pub(super) use crate::estate::UNSTATED;

/// Where a resource of any type may be referred to.
const ANY: &str = "";

/// How many references are followed for one attribute: they may lead in circles.
const REFERENCE_LIMIT: usize = 64;

/// What was found, with what it takes to fill in what is not known.
#[derive(Default)]
pub(super) struct Document {
    pub(super) resources: Vec<Resource>,
    /// By module and address without index.
    places: HashMap<String, Vec<usize>>,
    pub(super) planned: bool,
    pub(super) subscription: String,
    pub(super) configuration: Value,
    /// How many references may still be followed for the resource at hand.
    budget: Cell<usize>,
}

/// The attribute that is not known.
type Unknown = String;

impl Document {
    pub(super) fn new(resources: Vec<Resource>) -> Document {
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, resource) in resources.iter().enumerate() {
            places.entry(join(&resource.module, &resource.local())).or_default().push(at);
        }
        Document { resources, places, ..Document::default() }
    }

    pub(super) fn missing(&self, attribute: &str) -> String {
        let why = if self.planned { "known after apply" } else { "not stated" };
        format!("`{attribute}` is {why}")
    }

    /// The items that a resource stands for.
    pub(super) fn items(
        &self,
        resource: &Resource,
        kind: &str,
        remarks: &mut Vec<(NoteKind, String)>,
    ) -> Result<Vec<Value>, Unknown> {
        let values = &resource.values;
        self.budget.set(REFERENCE_LIMIT);
        let stated_or_referred = |values: &Value, path: &[&str], wanted: &str| {
            let key = path.last().copied().unwrap_or("");
            let id = text(values, key).map(str::to_owned);
            id.or_else(|| self.referred(resource, path, wanted)).ok_or(key.to_owned())
        };
        let vnet = || stated_or_referred(values, &["virtual_network_id"], arm_type(VNET));
        let mut partly = |attribute: &str| {
            let message = format!("is read in part: {}", self.missing(attribute));
            remarks.push((NoteKind::Refused, message));
        };
        let servers = strings(values, "dns_servers");
        if resource.kind == VNET_SERVERS {
            let properties = json!({"dhcpOptions": {"dnsServers": servers?}});
            return Ok(vec![json!({"id": vnet()?, "type": kind, "properties": properties})]);
        }
        let id = self.id(resource)?;
        let mut items = Vec::new();
        let properties = match resource.kind.as_str() {
            AZAPI => {
                let mut properties = properties_of(values);
                let is = |entry: &(&str, &str)| entry.1.eq_ignore_ascii_case(kind);
                if kind.eq_ignore_ascii_case(arm_type(LINK)) {
                    if properties["virtualNetwork"]["id"].is_null() {
                        let id = self.referred(resource, &["body"], arm_type(VNET));
                        properties["virtualNetwork"] = json!({"id": id.ok_or("body")?});
                    }
                } else if KINDS.iter().any(|entry| entry.0.ends_with("_record") && is(entry)) {
                    // Without its records a set would be taken for an empty one.
                    let keys = || properties.as_object().into_iter().flat_map(|o| o.keys());
                    let data = |key: &String| key.ends_with("Record") || key.ends_with("Records");
                    keys().any(data).then_some(()).ok_or("body")?;
                }
                properties
            }
            ZONE => {
                let soa = &values["soa_record"][0];
                if text(soa, "host_name").is_some() {
                    let kind = format!("{kind}/SOA");
                    let properties = soa_of(soa);
                    items.push(json!({"id": format!("{id}/SOA/@"), "type": kind, "properties": properties}));
                }
                json!({"numberOfRecordSets": values["number_of_record_sets"]})
            }
            LINK => json!({
                "virtualNetwork": {"id": vnet()?},
                "registrationEnabled": values["registration_enabled"],
                "resolutionPolicy": values["resolution_policy"],
            }),
            VNET => {
                // Where nobody writes servers down, Azure answers: the list is empty.
                let written = values["dns_servers"].is_array()
                    || self.expression(resource, &["dns_servers"]).is_some();
                if servers.is_err() && written {
                    partly("dns_servers");
                    json!({})
                } else {
                    let space = values["address_space"].as_array().cloned().unwrap_or_default();
                    json!({
                        "addressSpace": {"addressPrefixes": space},
                        "dhcpOptions": {"dnsServers": servers.unwrap_or_default()},
                    })
                }
            }
            ENDPOINT => {
                items.extend(zone_group(&id, values));
                let configs = addresses(&values["custom_dns_configs"]);
                if values["custom_dns_configs"].as_array().map(Vec::len) != Some(configs.len()) {
                    partly("custom_dns_configs");
                }
                let subnet = stated_or_referred(values, &["subnet_id"], SUBNET.1);
                if let Err(attribute) = &subnet {
                    partly(attribute);
                }
                let connection = &values["private_service_connection"][0];
                let path = ["private_service_connection", "private_connection_resource_id"];
                let target = stated_or_referred(connection, &path, ANY).ok();
                // Azure approves what is not manual at once; of the rest Terraform does not tell.
                let manual = connection["is_manual_connection"] == true;
                if manual {
                    let message = "has a manual connection, read as not approved: whether it is, \
                                   Terraform does not say";
                    remarks.push((NoteKind::Reading, message.to_owned()));
                }
                let status = if manual { "Pending" } else { "Approved" };
                json!({
                    "subnet": {"id": subnet.ok()},
                    "privateLinkServiceConnections": [{
                        "groupIds": connection["subresource_names"],
                        "privateLinkServiceId": target,
                        "privateLinkServiceConnectionState": {"status": status},
                    }],
                    "customDnsConfigs": configs,
                })
            }
            RESOLVER | RULESET_LINK => json!({"virtualNetwork": {"id": vnet()?}}),
            OUTBOUND => {
                json!({"subnet": {"id": stated_or_referred(values, &["subnet_id"], SUBNET.1)?}})
            }
            INBOUND => {
                let configuration = &values["ip_configurations"][0];
                let path = ["ip_configurations", "subnet_id"];
                let subnet = stated_or_referred(configuration, &path, SUBNET.1).ok();
                if text(configuration, "private_ip_address").is_none() {
                    partly("private_ip_address");
                }
                json!({"ipConfigurations": [{"subnet": {"id": subnet},
                    "privateIpAddress": configuration["private_ip_address"]}]})
            }
            RULESET => json!({}),
            RULE => rule(values)?,
            INTERFACE => interface(values),
            FIREWALL => firewall(values),
            FIREWALL_POLICY => firewall_policy(values),
            _ if kind == MACHINE => machine(values),
            other => match inventory::of_terraform(other) {
                Some((_, attributes)) => {
                    let (properties, missing) = service(attributes, values);
                    if let Some(attribute) = missing {
                        partly(attribute);
                    }
                    properties
                }
                None => record(kind, values)?,
            },
        };
        let location = &values["location"];
        items.push(json!({"id": id, "type": kind, "location": location, "properties": properties}));
        Ok(items)
    }

    /// The id of a resource: stated, or put together from what is known.
    fn id(&self, resource: &Resource) -> Result<String, Unknown> {
        let values = &resource.values;
        if let Some(id) = text(values, "id").filter(|id| ResourceId::is_one(id)) {
            return Ok(id.to_owned());
        }
        if !self.planned || resource.data {
            return Err("id".to_owned());
        }
        let kind = kind_of(resource).or_else(|| {
            [SUBNET, GROUP].iter().find(|e| e.0 == resource.kind).map(|entry| entry.1.to_owned())
        });
        let kind = kind.ok_or("id")?;
        let name = text(values, "name").ok_or("name")?;
        // Many modules take the ids that are to be for their `for_each` keys.
        if let Some(id) = resource.index.as_str().and_then(ResourceId::new)
            && id.resource_type().is_some_and(|stated| stated == kind.to_ascii_lowercase())
            && id.name().eq_ignore_ascii_case(name)
        {
            return Ok(id.as_str().to_owned());
        }
        let group = || {
            let group = text(values, "resource_group_name").ok_or("resource_group_name")?;
            Ok::<_, Unknown>(format!("/subscriptions/{}/resourceGroups/{group}", self.subscription))
        };
        let within = |parent: &str, kind: &str, name: &str| match kind.matches('/').count() {
            1 => format!("{parent}/providers/{kind}/{name}"),
            _ => format!("{parent}/{}/{name}", kind.rsplit('/').next().unwrap_or(kind)),
        };
        let parent = if resource.kind == GROUP.0 {
            return Ok(format!("/subscriptions/{}/resourceGroups/{name}", self.subscription));
        } else if resource.kind == AZAPI {
            let wanted = match kind.rsplit_once('/') {
                Some((parent, _)) if parent.contains('/') => parent,
                _ => GROUP.1,
            };
            let parent = text(values, "parent_id").map(str::to_owned);
            parent.or_else(|| self.referred(resource, &["parent_id"], wanted)).ok_or("parent_id")?
        } else if resource.kind == SUBNET.0 {
            match text(values, "virtual_network_name") {
                Some(vnet) => within(&group()?, arm_type(VNET), vnet),
                None => self
                    .referred(resource, &["virtual_network_name"], arm_type(VNET))
                    .ok_or("virtual_network_name")?,
            }
        } else if kind.matches('/').count() > 1 {
            let parents = [
                ("private_dns_zone_id", ZONE),
                ("zone_name", ZONE),
                ("private_dns_zone_name", ZONE),
                ("private_dns_resolver_id", RESOLVER),
                ("dns_forwarding_ruleset_id", RULESET),
            ];
            let stated = parents.iter().find_map(|entry| text(values, entry.0));
            match stated {
                Some(id) if id.starts_with('/') => id.to_owned(),
                Some(zone) => within(&group()?, arm_type(ZONE), zone),
                None => {
                    let written =
                        |entry: &&(&str, &str)| self.expression(resource, &[entry.0]).is_some();
                    let (key, parent) = parents.iter().find(written).ok_or(parents[0].0)?;
                    self.referred(resource, &[key], arm_type(parent)).ok_or(*key)?
                }
            }
        } else {
            group()?
        };
        Ok(within(&parent, &kind, name))
    }

    /// The configuration of a module.
    fn module(&self, address: &str) -> Option<&Value> {
        let mut module = self.configuration.get("root_module")?;
        for pair in steps(address).chunks(2) {
            module = module.get("module_calls")?.get(bare(pair.get(1)?))?.get("module")?;
        }
        Some(module)
    }

    /// What the configuration writes for an attribute, or for one in its first block.
    fn expression(&self, resource: &Resource, path: &[&str]) -> Option<&Value> {
        let resources = self.module(&resource.module)?.get("resources")?.as_array()?;
        let local = resource.local();
        let own = resources.iter().find(|own| own["address"] == *local)?;
        let mut expression = own.get("expressions")?;
        for step in path {
            expression = expression.get(step)?;
            expression = expression.get(0).unwrap_or(expression);
        }
        Some(expression)
    }

    /// The id of the resource that an attribute refers to, if it is of the type `wanted`.
    fn referred(&self, resource: &Resource, path: &[&str], wanted: &str) -> Option<String> {
        let references = self.expression(resource, path)?.get("references")?;
        self.follow(references, &resource.module, &resource.index, wanted)
    }

    fn follow(
        &self,
        references: &Value,
        module: &str,
        index: &Value,
        wanted: &str,
    ) -> Option<String> {
        let references: Vec<&str> =
            references.as_array()?.iter().filter_map(Value::as_str).collect();
        let own_key = references.contains(&"each.key") || references.contains(&"count.index");
        references.iter().find_map(|reference| {
            self.budget.set(self.budget.get().checked_sub(1)?);
            let steps = steps(reference);
            let (data, steps) = match steps[..] {
                ["each" | "count" | "local" | "path" | "self" | "terraform", ..] => return None,
                ["var", name, ..] => {
                    // The caller of the module says what its variable is.
                    let (parent, call) = module.rsplit_once("module.")?;
                    let parent = parent.trim_end_matches('.');
                    let calls = self.module(parent)?.get("module_calls")?;
                    let expression = calls.get(bare(call))?.get("expressions")?.get(name)?;
                    let index = index_of(call).unwrap_or_default();
                    return self.follow(expression.get("references")?, parent, &index, wanted);
                }
                ["module", call, output, ..] => {
                    let child = join(module, &format!("module.{call}"));
                    let output = self.module(&child)?.get("outputs")?.get(output)?;
                    let references = output.get("expression")?.get("references")?;
                    return self.follow(references, &child, &Value::Null, wanted);
                }
                ["data", ref steps @ ..] => ("data.", steps.to_vec()),
                ref steps => ("", steps.to_vec()),
            };
            let [kind, name, ref attribute @ ..] = steps[..] else { return None };
            let place = join(module, &format!("{data}{kind}.{}", bare(name)));
            let same = self.places.get(&place)?;
            let key = index_of(name).or_else(|| own_key.then(|| index.clone()));
            let at = match same[..] {
                [only] => only,
                _ => *same.iter().find(|at| Some(&self.resources[**at].index) == key.as_ref())?,
            };
            let target = &self.resources[at];
            let id = match attribute.first() {
                None | Some(&("id" | "name")) => self.id(target).ok()?,
                Some(attribute) => text(&target.values, attribute)?.to_owned(),
            };
            let kind = match id.matches('/').count() {
                4 => GROUP.1.to_ascii_lowercase(),
                _ => ResourceId::new(&id)?.resource_type()?,
            };
            (wanted == ANY || kind == wanted.to_ascii_lowercase()).then_some(id)
        })
    }
}

pub(super) fn join(module: &str, address: &str) -> String {
    if module.is_empty() { address.to_owned() } else { format!("{module}.{address}") }
}

/// The steps of an address or reference; an index stays with its step.
fn steps(address: &str) -> Vec<&str> {
    let (mut steps, mut start, mut index, mut quoted, mut escaped) =
        (Vec::new(), 0, false, false, false);
    for (at, character) in address.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '[' if !quoted => index = true,
            ']' if !quoted => index = false,
            '.' if !index => {
                steps.push(&address[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if start < address.len() {
        steps.push(&address[start..]);
    }
    steps
}

/// A step without its index.
fn bare(step: &str) -> &str {
    step.split('[').next().unwrap_or(step)
}

fn index_of(step: &str) -> Option<Value> {
    let index = step.split_once('[')?.1.strip_suffix(']')?;
    serde_json::from_str(index).ok()
}

/// A string that is not empty.
pub(super) fn text<'v>(values: &'v Value, key: &str) -> Option<&'v str> {
    values[key].as_str().filter(|text| !text.is_empty())
}

/// The subscription of the provider, where there is one provider.
pub(super) fn subscription(configuration: &Value, variables: &Value) -> String {
    let providers = &configuration["provider_config"];
    let same = |provider: &&Value| provider["name"] == "azurerm";
    let count = providers.as_object().map_or(0, |all| all.values().filter(same).count());
    let stated = &providers["azurerm"]["expressions"]["subscription_id"];
    let variable = stated["references"][0].as_str().and_then(|name| name.strip_prefix("var."));
    let value = variable.map_or(&stated["constant_value"], |name| &variables[name]["value"]);
    value.as_str().filter(|id| count == 1 && !id.is_empty()).unwrap_or(UNSTATED).to_owned()
}

fn arm_type(kind: &str) -> &'static str {
    let own = KINDS.iter().find(|entry| entry.0 == kind).map(|entry| entry.1);
    own.or_else(|| Some(inventory::of_terraform(kind)?.0.kind)).unwrap_or("")
}

/// The properties of a resource of a service, and the attribute that is missed where
/// none of its names is known.
fn service(attributes: Attributes, values: &Value) -> (Value, Option<&'static str>) {
    let mut properties = Map::new();
    let mut named = false;
    for &(attribute, path) in attributes {
        let value = &values[attribute];
        named |= value.is_array() || value.is_object() || text(values, attribute).is_some();
        inventory::put(&mut properties, path, value.clone());
    }
    let access = values["public_network_access_enabled"].as_bool();
    let access = access.map(|open| if open { "Enabled" } else { "Disabled" });
    properties.insert("publicNetworkAccess".to_owned(), access.into());
    let missing = attributes.first().filter(|_| !named).map(|entry| entry.0);
    (Value::Object(properties), missing)
}

/// What the management API calls the resource, if it is one that is read.
pub(super) fn kind_of(resource: &Resource) -> Option<String> {
    if resource.kind == AZAPI {
        let kind = resource.values["type"].as_str()?.split('@').next()?;
        let group = format!("{}/privateDnsZoneGroups", arm_type(ENDPOINT));
        let known = |entry: &(&str, &str)| entry.1.eq_ignore_ascii_case(kind);
        let read = KINDS.iter().any(known) || group.eq_ignore_ascii_case(kind);
        return (read || inventory::of_type(kind).is_some()).then(|| kind.to_owned());
    }
    let kind = arm_type(&resource.kind);
    (!kind.is_empty()).then(|| kind.to_owned())
}

/// A list of strings; an element that is null is not known yet.
fn strings(values: &Value, key: &str) -> Result<Vec<Value>, Unknown> {
    let list = values[key].as_array().filter(|list| !list.iter().any(Value::is_null));
    list.cloned().ok_or_else(|| key.to_owned())
}

fn record(kind: &str, values: &Value) -> Result<Value, Unknown> {
    let list = |field: &str| -> Result<Value, Unknown> {
        Ok(strings(values, "records")?.into_iter().map(|record| json!({ field: record })).collect())
    };
    let rows = |fields: &[&str]| -> Result<Vec<Value>, Unknown> {
        let rows = strings(values, "record")?;
        let whole = |row: &Value| fields.iter().all(|field| !row[*field].is_null());
        if rows.iter().all(whole) { Ok(rows) } else { Err("record".to_owned()) }
    };
    let mut properties = match kind.rsplit('/').next().unwrap_or("") {
        "A" => json!({"aRecords": list("ipv4Address")?}),
        "AAAA" => json!({"aaaaRecords": list("ipv6Address")?}),
        "PTR" => json!({"ptrRecords": list("ptrdname")?}),
        "CNAME" => json!({"cnameRecord": {"cname": text(values, "record").ok_or("record")?}}),
        "MX" => json!({"mxRecords": rows(&["preference", "exchange"])?}),
        "SRV" => json!({"srvRecords": rows(&["priority", "weight", "port", "target"])?}),
        "SOA" => return Ok(soa_of(values)),
        _ => {
            let rows = rows(&["value"])?;
            let split = |row: &Value| json!({"value": pieces(row["value"].as_str().unwrap_or(""))});
            json!({"txtRecords": rows.iter().map(split).collect::<Vec<_>>()})
        }
    };
    properties["ttl"] = values["ttl"].clone();
    properties["metadata"] = json!({"creator": values["tags"]["creator"]});
    Ok(properties)
}

/// The rows of a block; each is an object of the management API.
fn rows(values: &Value, key: &str, row: impl Fn(&Value) -> Value) -> Value {
    values[key].as_array().into_iter().flatten().map(row).collect()
}

fn rule(values: &Value) -> Result<Value, Unknown> {
    let servers = strings(values, "target_dns_servers")?;
    if servers.iter().any(|server| text(server, "ip_address").is_none()) {
        return Err("target_dns_servers".to_owned());
    }
    let server =
        |server: &Value| json!({"ipAddress": server["ip_address"], "port": server["port"]});
    let state = if values["enabled"] == false { "Disabled" } else { "Enabled" };
    Ok(json!({
        "domainName": text(values, "domain_name").ok_or("domain_name")?,
        "targetDnsServers": servers.iter().map(server).collect::<Vec<_>>(),
        "forwardingRuleState": state,
    }))
}

fn ip_configurations(values: &Value) -> Value {
    rows(values, "ip_configuration", |row| {
        json!({"privateIPAddress": row["private_ip_address"], "primary": row["primary"],
            "subnet": {"id": row["subnet_id"]}})
    })
}

fn interface(values: &Value) -> Value {
    let machine = text(values, "virtual_machine_id");
    json!({"ipConfigurations": ip_configurations(values), "virtualMachine": {"id": machine},
        "dnsSettings": {"dnsServers": values["dns_servers"],
            "internalDomainNameSuffix": values["internal_domain_name_suffix"]}})
}

/// "The first Network Interface ID in this list will be the Primary Network Interface":
/// registry.terraform.io/providers/hashicorp/azurerm, `linux_virtual_machine`, read 2026-11.
fn machine(values: &Value) -> Value {
    let stated = text(values, "primary_network_interface_id");
    let ids: Vec<&str> = values["network_interface_ids"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let primary = stated.or(ids.first().copied());
    let interfaces: Vec<Value> =
        ids.iter().map(|id| json!({"id": id, "primary": Some(*id) == primary})).collect();
    let name = text(values, "computer_name").or(text(&values["os_profile"][0], "computer_name"));
    json!({"networkProfile": {"networkInterfaces": interfaces}, "osProfile": {"computerName": name}})
}

fn firewall(values: &Value) -> Value {
    let policy = text(values, "firewall_policy_id");
    json!({"ipConfigurations": ip_configurations(values), "firewallPolicy": {"id": policy},
        "dnsEnableProxy": values["dns_proxy_enabled"], "dnsServer": values["dns_servers"]})
}

fn firewall_policy(values: &Value) -> Value {
    let dns = &values["dns"][0];
    json!({"dnsSettings": {"enableProxy": dns["proxy_enabled"], "servers": dns["servers"]},
        "basePolicy": {"id": values["base_policy_id"]},
        "firewalls": rows(values, "firewalls", |id| json!({ "id": id }))})
}

/// Cuts a text where the provider cuts it.
///
/// `expandAzureRmPrivateDnsTxtRecords`, hashicorp/terraform-provider-azurerm
/// `internal/services/privatedns/private_dns_txt_record_resource.go`; read 2026-11.
fn pieces(mut text: &str) -> Vec<&str> {
    const SEGMENT: usize = 254;
    let mut pieces = Vec::new();
    while text.len() > SEGMENT {
        let (piece, rest) = text.split_at(text.floor_char_boundary(SEGMENT));
        pieces.push(piece);
        text = rest;
    }
    pieces.push(text);
    pieces
}

fn soa_of(soa: &Value) -> Value {
    json!({"ttl": soa["ttl"], "soaRecord": {
        "host": soa["host_name"], "email": soa["email"], "serialNumber": soa["serial_number"],
        "refreshTime": soa["refresh_time"], "retryTime": soa["retry_time"],
        "expireTime": soa["expire_time"], "minimumTtl": soa["minimum_ttl"],
    }})
}

/// Rows of `fqdn` and `ip_addresses`; what is not known yet is left out.
fn addresses(rows: &Value) -> Vec<Value> {
    let known = |row: &&Value| text(row, "fqdn").is_some() && strings(row, "ip_addresses").is_ok();
    let rows = rows.as_array().into_iter().flatten().filter(known);
    rows.map(|row| json!({"fqdn": row["fqdn"], "ipAddresses": row["ip_addresses"]})).collect()
}

/// The zone group within a private endpoint, if it has one.
fn zone_group(endpoint: &str, values: &Value) -> Option<Value> {
    let group = values["private_dns_zone_group"].get(0)?;
    let mut configs: Vec<Value> = Vec::new();
    for config in values["private_dns_zone_configs"].as_array().into_iter().flatten() {
        configs.push(json!({"name": config["name"],
            "privateDnsZoneId": config["private_dns_zone_id"],
            "recordSets": addresses(&config["record_sets"])}));
    }
    for zone in group["private_dns_zone_ids"].as_array().into_iter().flatten() {
        if !configs.iter().any(|config| config["privateDnsZoneId"] == *zone) {
            configs.push(json!({ "privateDnsZoneId": zone }));
        }
    }
    let name = text(group, "name").unwrap_or("default");
    let kind = format!("{}/privateDnsZoneGroups", arm_type(ENDPOINT));
    Some(json!({"id": format!("{endpoint}/privateDnsZoneGroups/{name}"), "type": kind,
        "properties": {"privateDnsZoneConfigs": configs}}))
}

/// The `properties` of an `azapi` resource: what Azure answered, below what was asked for.
///
/// A body is a JSON text up to azapi 1.x, then a value of any type, which a raw
/// state keeps as `value` beside `type`.
fn properties_of(values: &Value) -> Value {
    let mut properties = json!({});
    for key in ["output", "body"] {
        let mut body = values[key].clone();
        if let (Some(2), false) = (body.as_object().map(Map::len), body["type"].is_null()) {
            body = body["value"].take();
        }
        if let Some(text) = body.as_str() {
            body = serde_json::from_str(text).unwrap_or_default();
        }
        if let Some(members) = body["properties"].as_object() {
            for (key, value) in members.iter().filter(|member| !member.1.is_null()) {
                properties[key] = value.clone();
            }
        }
    }
    properties
}

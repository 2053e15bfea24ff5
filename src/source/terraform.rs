//! Terraform: states, plans and parts of them, as JSON.
//!
//! Each resource is found by its octets, parsed by itself and turned into the
//! items of the management API that it stands for. A state or plan knows its own
//! resources only, so nothing in it is ever a whole list.
//!
//! A plan is read for the estate *before* it: the prior state, or else what its
//! changes start from. Where there is nothing before, what is planned is read;
//! then many attributes are known after apply only, ids first of all. Those are
//! put together from names, or found through the configuration's references.
//!
//! Forms: "JSON Output Format", developer.hashicorp.com/terraform/internals/json-format;
//! the raw state is `internal/states/statefile/version4.go` of hashicorp/terraform. Attributes:
//! registry.terraform.io/providers/hashicorp/azurerm and …/azure/azapi; all read 2026-11.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use serde_json::{Value, json};

use super::arm;
use super::json::{self, Elements};
use crate::estate::{Assembly, InputId, NoteKind, Origin, ResourceId};

/// The types that are read, with what the management API calls them.
const KINDS: [(&str, &str); 14] = [
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
    (BATCH, "Microsoft.Batch/batchAccounts"),
];
const ZONE: &str = "azurerm_private_dns_zone";
const LINK: &str = "azurerm_private_dns_zone_virtual_network_link";
const ENDPOINT: &str = "azurerm_private_endpoint";
const VNET: &str = "azurerm_virtual_network";
const VNET_SERVERS: &str = "azurerm_virtual_network_dns_servers";
const BATCH: &str = "azurerm_batch_account";
const AZAPI: &str = "azapi_resource";
/// Not read, but endpoints and `azapi` resources refer to these.
const SUBNET: (&str, &str) = ("azurerm_subnet", "Microsoft.Network/virtualNetworks/subnets");
const GROUP: (&str, &str) = ("azurerm_resource_group", "Microsoft.Resources/resourceGroups");

/// Stands for the subscription where a plan does not state it.
const UNSTATED: &str = "unstated";

/// How deep modules may stand within modules.
const DEPTH_LIMIT: usize = 32;

/// How many references are followed for one attribute: they may lead in circles.
const REFERENCE_LIMIT: usize = 64;

/// Whether the text starts as Terraform's JSON does.
pub(super) fn recognise(text: &str) -> bool {
    const KEYS: [&str; 6] =
        ["format_version", "lineage", "root_module", "planned_values", "resource_changes", LOG_KEY];
    let start = json::skip_space(text, 0);
    // Walking the members of a large export of another kind takes longer than this search.
    text[start..].starts_with('{')
        && KEYS.iter().any(|key| text.contains(&format!("\"{key}\"")))
        && json::members(text, start).0.iter().any(|m| KEYS.contains(&&text[m.key.clone()]))
}

/// A key of each line of `terraform plan -json`.
const LOG_KEY: &str = "@level";

/// Reads every document of `text` into `assembly`.
pub(super) fn read(input: InputId, text: &str, assembly: &mut Assembly) {
    let mut reader = Reader { input, text, assembly, found: Vec::new() };
    let mut next = json::next_value(text, 0);
    while let Some(at) = next {
        let end = if text[at..].starts_with('{') { reader.document(at) } else { Some(at + 1) };
        next = end.and_then(|end| json::next_value(text, end));
    }
}

/// One resource, of any provider.
#[derive(Debug)]
struct Resource {
    /// The address of its module, empty for the root module.
    module: String,
    data: bool,
    kind: String,
    name: String,
    /// The key of `for_each`, the number of `count`, or null.
    index: Value,
    values: Value,
    /// Replaced, but still there.
    deposed: bool,
    tainted: bool,
    range: Range<usize>,
}

impl Resource {
    /// The address within its module, without index.
    fn local(&self) -> String {
        format!("{}{}.{}", if self.data { "data." } else { "" }, self.kind, self.name)
    }

    fn address(&self) -> String {
        let index = if self.index.is_null() { String::new() } else { format!("[{}]", self.index) };
        join(&self.module, &format!("{}{index}", self.local()))
    }
}

struct Reader<'t, 'a> {
    input: InputId,
    text: &'t str,
    assembly: &'a mut Assembly,
    found: Vec<Resource>,
}

impl Reader<'_, '_> {
    fn note(&mut self, kind: NoteKind, message: impl Into<String>, range: &Range<usize>) {
        let (start, length) = (range.start as u32, range.len() as u32);
        self.assembly.note(kind, message, Origin { input: self.input, start, length });
    }

    /// Reads the document at `at` and says where it ends; `None` where nothing can follow.
    fn document(&mut self, at: usize) -> Option<usize> {
        let end = json::skip_value(self.text, at);
        let whole = at..*end.as_ref().unwrap_or(&self.text.len());
        // The first octet stands for the document, lest an excerpt show all of it.
        let start = at..at + 1;
        if let Err(broken) = end {
            self.note(NoteKind::Partial, broken.message, &(broken.at..broken.at));
        }
        let text = self.text;
        let (members, _) = json::members(text, at);
        let member = |path: &[&str]| {
            let own = members.iter().find(|member| &text[member.key.clone()] == path[0])?;
            member(text, &own.value, &path[1..])
        };
        let mut planned = false;
        if member(&[LOG_KEY]).is_some() {
            let message = "is the log of `terraform … -json`, which has addresses without \
                           attributes; use `terraform show -json plan.out`";
            self.note(NoteKind::Unreadable, message, &start);
            return None;
        } else if member(&["encrypted_data"]).is_some() {
            let message = "is an encrypted state; `tofu show -json` writes it in clear";
            self.note(NoteKind::Unreadable, message, &start);
        } else if member(&["lineage"]).or_else(|| member(&["serial"])).is_some() {
            let version = member(&["version"]).map_or("none", |value| &text[value]);
            if version == "4" {
                self.each(member(&["resources"]), |reader, range| reader.instances(range));
            } else {
                let message = format!(
                    "expected a state of version 4, found {version}; `terraform show -json` of \
                     the Terraform that wrote it can be read"
                );
                self.note(NoteKind::Unreadable, message, &start);
            }
        } else if let Some(module) =
            member(&["values", "root_module"]).or_else(|| member(&["root_module"]))
        {
            self.module(&module, "", 0);
            let made = |resource: &Resource| resource.data || !resource.values["id"].is_null();
            planned = member(&["values"]).is_none() && !self.found.iter().all(made);
        } else {
            if let Some(module) = member(&["prior_state", "values", "root_module"]) {
                self.module(&module, "", 0);
            }
            // What data sources found is there for a first plan, too.
            planned = self.found.iter().all(|resource| resource.data);
            if planned {
                self.objects(member(&["resource_changes"]), |reader, mut value, range| {
                    let before = value.pointer_mut("/change/before").map(Value::take);
                    if let Some(before) = before.filter(Value::is_object) {
                        planned = false;
                        let module = value["module_address"].as_str().unwrap_or("");
                        reader.keep(&value, module, before, range);
                    }
                });
            }
            match member(&["planned_values", "root_module"]) {
                Some(module) if planned => self.module(&module, "", 0),
                _ => planned = false,
            }
        }
        let mut document = Document::new(std::mem::take(&mut self.found));
        if planned && document.resources.iter().any(|resource| kind_of(resource).is_some()) {
            let message = "nothing was there before: what is planned is read as the estate";
            self.note(NoteKind::Reading, message, &start);
            let mut parse = |key: &str| member(&[key]).and_then(|range| self.parse(&range));
            let (configuration, variables) = (parse("configuration"), parse("variables"));
            document.planned = true;
            document.configuration = configuration.unwrap_or_default();
            document.subscription =
                subscription(&document.configuration, &variables.unwrap_or_default());
        }
        self.hand_over(document, &start);
        Some(whole.end)
    }

    /// Visits the elements of a list; after one that is no JSON it goes on within it.
    fn each(
        &mut self,
        list: Option<Range<usize>>,
        mut visit: impl FnMut(&mut Self, Range<usize>) -> bool,
    ) {
        let Some(list) = list.filter(|list| self.text[list.clone()].starts_with('[')) else {
            return;
        };
        let mut elements = Elements::new(self.text, list.start);
        while let Some(element) = elements.next() {
            match element {
                Ok(range) if visit(self, range.clone()) => {}
                Ok(range) => elements.resume_within(&range),
                Err(broken) => {
                    self.note(NoteKind::Refused, broken.message, &(broken.at..broken.at));
                }
            }
        }
    }

    /// Visits the objects of a list.
    fn objects(
        &mut self,
        list: Option<Range<usize>>,
        mut visit: impl FnMut(&mut Self, Value, Range<usize>),
    ) {
        self.each(list, |reader, range| {
            let value = reader.parse(&range);
            let parsed = value.is_some();
            if let Some(value) = value.filter(Value::is_object) {
                visit(reader, value, range);
            }
            parsed
        });
    }

    /// Parses one value; what is no JSON is noted.
    fn parse(&mut self, range: &Range<usize>) -> Option<Value> {
        let parsed = serde_json::from_str(&self.text[range.clone()]);
        let head = range.start..range.start + 1;
        parsed
            .map_err(|error| {
                let message = error.to_string();
                let message = message.split(" at line ").next().unwrap_or("");
                self.note(NoteKind::Refused, message, &head);
            })
            .ok()
    }

    /// A module of `terraform show -json`.
    fn module(&mut self, module: &Range<usize>, address: &str, depth: usize) {
        let text = self.text;
        self.objects(member(text, module, &["resources"]), |reader, mut value, range| {
            let values = value.get_mut("values").map(Value::take).unwrap_or_default();
            reader.keep(&value, address, values, range);
        });
        let Some(children) = member(text, module, &["child_modules"]) else { return };
        if depth == DEPTH_LIMIT {
            let message = format!("modules within modules are read to a depth of {DEPTH_LIMIT}");
            self.note(NoteKind::Refused, message, &(children.start..children.start + 1));
            return;
        }
        self.each(Some(children), |reader, range| {
            let address = member(text, &range, &["address"]).map(|range| &text[range]);
            let address = address.and_then(|text| serde_json::from_str::<String>(text).ok());
            reader.module(&range, &address.unwrap_or_default(), depth + 1);
            true
        });
    }

    /// The instances of a resource of a raw state.
    fn instances(&mut self, range: Range<usize>) -> bool {
        let mut head = json!({});
        for key in ["mode", "type", "name", "module"] {
            let value = member(self.text, &range, &[key]);
            head[key] = value.and_then(|value| self.parse(&value)).unwrap_or_default();
        }
        let first = self.found.len();
        let instances = member(self.text, &range, &["instances"]);
        self.objects(instances, |reader, mut instance, range| {
            let values = instance.get_mut("attributes").map(Value::take).unwrap_or_default();
            for key in ["mode", "type", "name"] {
                instance[key] = head[key].clone();
            }
            reader.keep(&instance, head["module"].as_str().unwrap_or(""), values, range);
        });
        // The only instance is better shown with the head of its resource.
        if let [only] = &mut self.found[first..] {
            only.range = range;
        }
        true
    }

    fn keep(&mut self, head: &Value, module: &str, values: Value, range: Range<usize>) {
        let string = |key: &str| head[key].as_str().unwrap_or("").to_owned();
        self.found.push(Resource {
            module: module.to_owned(),
            data: head["mode"] == "data",
            kind: string("type"),
            name: string("name"),
            index: head.get("index").or_else(|| head.get("index_key")).cloned().unwrap_or_default(),
            values,
            deposed: head["deposed"].is_string(),
            tainted: head["tainted"] == true || head["status"] == "tainted",
            range,
        });
    }

    /// Turns what was found into items.
    fn hand_over(&mut self, document: Document, start: &Range<usize>) {
        let mut items: Vec<(Value, Range<usize>)> = Vec::new();
        let mut unused: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        let current: HashSet<String> =
            document.resources.iter().filter(|r| !r.deposed).filter_map(stated_id).collect();
        for resource in &document.resources {
            let range = &resource.range;
            let Some(kind) = kind_of(resource) else {
                let azapi = text(&resource.values, "type").unwrap_or("").split('@').next();
                let azapi = azapi.filter(|_| resource.kind.starts_with("azapi_")).unwrap_or("");
                let name = format!("{} {azapi}", resource.kind).trim_end().to_owned();
                unused.entry(name).or_insert((0, range.start)).0 += 1;
                continue;
            };
            // The one that takes a deposed one's place may have its id already.
            if resource.deposed && stated_id(resource).is_some_and(|id| current.contains(&id)) {
                continue;
            }
            let mut remarks = Vec::new();
            if resource.tainted || resource.deposed {
                let state = if resource.tainted { "tainted" } else { "deposed" };
                let message = format!("is {state}: read as it stands until Terraform removes it");
                remarks.push((NoteKind::Reading, message));
            }
            match document.items(resource, &kind, &mut remarks) {
                Ok(made) => items.extend(made.into_iter().map(|item| (item, range.clone()))),
                Err(attribute) => {
                    let message = format!("is not read: {}", document.missing(&attribute));
                    remarks.push((NoteKind::Refused, message));
                }
            }
            for (kind, message) in remarks {
                self.note(kind, format!("`{}` {message}", resource.address()), range);
            }
        }
        let counted = |count: usize, noun: &str| {
            format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
        };
        let (related, others): (Vec<_>, Vec<_>) =
            unused.into_iter().partition(|(kind, _)| is_related(kind));
        for (kind, (count, at)) in related {
            let message = format!("{} of type `{kind}` not used", counted(count, "resource"));
            self.note(NoteKind::Unsupported, message, &(at..at + 1));
        }
        if let Some(at) = others.iter().map(|(_, (_, at))| *at).min() {
            let count = others.iter().map(|(_, (count, _))| count).sum();
            let (count, kinds) = (counted(count, "resource"), counted(others.len(), "other type"));
            let message = format!("{count} of {kinds} not used");
            self.note(NoteKind::Unsupported, message, &(at..at + 1));
        }
        let stands_in = format!("/subscriptions/{UNSTATED}/");
        let stands_in =
            |item: &Value| item["id"].as_str().is_some_and(|id| id.starts_with(&stands_in));
        if items.iter().any(|(item, _)| stands_in(item)) {
            let message = format!(
                "the subscription is not stated: `{UNSTATED}` stands for it in the ids of what is \
                 planned"
            );
            self.note(NoteKind::Reading, message, start);
        }
        self.drop_stale_counts(&mut items);
        arm::take_items(self.input, self.text, items, self.assembly);
    }

    /// A zone's count of record sets is as old as the last refresh; where the
    /// state itself holds more of them, it says nothing of what else there is.
    fn drop_stale_counts(&mut self, items: &mut [(Value, Range<usize>)]) {
        let id_of = |item: &Value| item["id"].as_str().and_then(ResourceId::new);
        let mut held: HashMap<String, HashSet<String>> = HashMap::new();
        for id in items.iter().filter_map(|(item, _)| id_of(item)) {
            if let Some(zone) = id.up_to("privateDnsZones").filter(|zone| *zone != id)
                && id.after("virtualNetworkLinks").is_none()
            {
                held.entry(zone.key()).or_default().insert(id.key());
            }
        }
        for (item, range) in items {
            let Some(sets) = id_of(item).and_then(|id| held.get(&id.key())) else { continue };
            let Some(count) = item["properties"]["numberOfRecordSets"].as_u64() else { continue };
            // Each zone has an SOA set, which is no resource.
            let soa = sets.iter().any(|id| id.contains("/soa/"));
            let sets = sets.len() + usize::from(!soa);
            if sets as u64 > count {
                item["properties"]["numberOfRecordSets"] = Value::Null;
                let message = format!(
                    "`number_of_record_sets` is {count}, older than the {sets} sets held: not used"
                );
                self.note(NoteKind::Reading, message, range);
            }
        }
    }
}

/// What was found, with what it takes to fill in what is not known.
#[derive(Default)]
struct Document {
    resources: Vec<Resource>,
    /// By module and address without index.
    places: HashMap<String, Vec<usize>>,
    planned: bool,
    subscription: String,
    configuration: Value,
    /// How many references may still be followed for the resource at hand.
    budget: Cell<usize>,
}

/// The attribute that is not known.
type Unknown = String;

impl Document {
    fn new(resources: Vec<Resource>) -> Document {
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, resource) in resources.iter().enumerate() {
            places.entry(join(&resource.module, &resource.local())).or_default().push(at);
        }
        Document { resources, places, ..Document::default() }
    }

    fn missing(&self, attribute: &str) -> String {
        let why = if self.planned { "known after apply" } else { "not stated" };
        format!("`{attribute}` is {why}")
    }

    /// The items that a resource stands for.
    fn items(
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
            BATCH => {
                let access = values["public_network_access_enabled"].as_bool();
                let access = access.map(|open| if open { "Enabled" } else { "Disabled" });
                let endpoint = text(values, "account_endpoint");
                if endpoint.is_none() {
                    partly("account_endpoint");
                }
                json!({"accountEndpoint": endpoint, "publicNetworkAccess": access})
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
                let target = stated_or_referred(connection, &path, arm_type(BATCH)).ok();
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
            _ => record(kind, values)?,
        };
        let location = &values["location"];
        items.push(json!({"id": id, "type": kind, "location": location, "properties": properties}));
        Ok(items)
    }

    /// The id of a resource: stated, or put together from what is known.
    fn id(&self, resource: &Resource) -> Result<String, Unknown> {
        let values = &resource.values;
        if let Some(id) = text(values, "id").filter(|id| ResourceId::new(id).is_some()) {
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
            let keys = ["private_dns_zone_id", "zone_name", "private_dns_zone_name"];
            let key = keys.iter().find(|key| !values[**key].is_null());
            match key.and_then(|key| text(values, key)) {
                Some(id) if id.starts_with('/') => id.to_owned(),
                Some(zone) => within(&group()?, arm_type(ZONE), zone),
                None => {
                    let written = |key: &&&str| self.expression(resource, &[key]).is_some();
                    let key = keys.iter().find(written).ok_or(keys[0])?;
                    self.referred(resource, &[key], arm_type(ZONE)).ok_or(*key)?
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
            let at = match (same[..].first(), key) {
                (Some(only), _) if same.len() == 1 => *only,
                (_, Some(key)) => *same.iter().find(|at| self.resources[**at].index == key)?,
                _ => return None,
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
            (kind == wanted.to_ascii_lowercase()).then_some(id)
        })
    }
}

/// The place of a member within members.
fn member(text: &str, object: &Range<usize>, path: &[&str]) -> Option<Range<usize>> {
    let mut range = object.clone();
    for key in path {
        if !text[range.clone()].starts_with('{') {
            return None;
        }
        let (members, _) = json::members(text, range.start);
        range = members.into_iter().find(|member| &text[member.key.clone()] == *key)?.value;
    }
    Some(range)
}

fn join(module: &str, address: &str) -> String {
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
fn text<'v>(values: &'v Value, key: &str) -> Option<&'v str> {
    values[key].as_str().filter(|text| !text.is_empty())
}

fn stated_id(resource: &Resource) -> Option<String> {
    text(&resource.values, "id").and_then(ResourceId::new).map(|id| id.key())
}

/// The subscription of the provider, where there is one provider.
fn subscription(configuration: &Value, variables: &Value) -> String {
    let providers = &configuration["provider_config"];
    let same = |provider: &&Value| provider["name"] == "azurerm";
    let count = providers.as_object().map_or(0, |all| all.values().filter(same).count());
    let stated = &providers["azurerm"]["expressions"]["subscription_id"];
    let variable = stated["references"][0].as_str().and_then(|name| name.strip_prefix("var."));
    let value = variable.map_or(&stated["constant_value"], |name| &variables[name]["value"]);
    value.as_str().filter(|id| count == 1 && !id.is_empty()).unwrap_or(UNSTATED).to_owned()
}

fn arm_type(kind: &str) -> &'static str {
    KINDS.iter().find(|entry| entry.0 == kind).map_or("", |entry| entry.1)
}

/// What the management API calls the resource, if it is one that is read.
fn kind_of(resource: &Resource) -> Option<String> {
    if resource.kind == AZAPI {
        let kind = resource.values["type"].as_str()?.split('@').next()?;
        let group = format!("{}/privateDnsZoneGroups", arm_type(ENDPOINT));
        let known = |entry: &(&str, &str)| entry.1.eq_ignore_ascii_case(kind);
        return (KINDS.iter().any(known) || group.eq_ignore_ascii_case(kind))
            .then(|| kind.to_owned());
    }
    let kind = arm_type(&resource.kind);
    (!kind.is_empty()).then(|| kind.to_owned())
}

/// Whether a type that is not read has to do with names and networks of Azure.
fn is_related(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase().replace('_', "");
    let words = ["dns", "privateendpoint", "privatelink", "virtualnetwork"];
    kind.starts_with("az") && words.iter().any(|word| kind.contains(word))
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
        configs.push(json!({"privateDnsZoneId": config["private_dns_zone_id"],
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
        if let (Some(2), false) =
            (body.as_object().map(serde_json::Map::len), body["type"].is_null())
        {
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

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

mod item;
pub mod steps;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use serde_json::{Value, json};

use self::item::{Document, UNSTATED, join, kind_of, subscription, text};
use super::arm;
use super::json::{self, Elements};
use crate::estate::{Assembly, Extent, Fate, InputId, NoteKind, Origin, ResourceId};

/// How deep modules may stand within modules.
const DEPTH_LIMIT: usize = 32;

/// Each document has one of these keys at its top.
const KEYS: [&str; 6] =
    ["format_version", "lineage", "root_module", "planned_values", "resource_changes", LOG_KEY];
/// A key of each line of `terraform plan -json`.
const LOG_KEY: &str = "@level";

/// Whether the text starts as Terraform's JSON does.
pub(super) fn recognise(text: &str) -> bool {
    let start = json::skip_space(text, 0);
    // Walking the members of a large export of another kind takes longer than this search.
    text[start..].starts_with('{')
        && KEYS.iter().any(|key| text.contains(&format!("\"{key}\"")))
        && json::members(text, start).0.iter().any(|m| KEYS.contains(&&text[m.key.clone()]))
}

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

    fn count(&mut self, fate: Fate) {
        self.assembly.count(self.input, fate);
    }

    /// Counts something that stands where a resource is expected.
    fn refuse(&mut self, message: &str, range: &Range<usize>) {
        self.count(Fate::Refused);
        self.note(NoteKind::Refused, message, &(range.start..range.start + 1));
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
        if !KEYS.iter().any(|key| member(&[key]).is_some()) {
            self.note(NoteKind::Unrecognised, "is no state and no plan of Terraform", &start);
        } else if member(&[LOG_KEY]).is_some() {
            let message = "is the log of `terraform … -json`, which has addresses without \
                           attributes; use `terraform show -json plan.out`";
            self.note(NoteKind::Unreadable, message, &start);
            return None;
        } else if member(&["encrypted_data"]).is_some() {
            let message = "is an encrypted state; `tofu show -json` writes it in clear";
            self.note(NoteKind::Unreadable, message, &start);
        } else if member(&["lineage"]).is_some() {
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
            let stateless = self.found.iter().all(|resource| resource.data);
            planned = stateless;
            let mut made: Vec<Range<usize>> = Vec::new();
            self.objects(member(&["resource_changes"]), |reader, mut value, range| {
                let before = value.pointer_mut("/change/before").map(Value::take);
                match before.filter(Value::is_object) {
                    Some(before) if stateless => {
                        planned = false;
                        let module = value["module_address"].as_str().unwrap_or("");
                        reader.keep(&value, module, before, range);
                    }
                    Some(_) => {}
                    None if value["mode"] == "data" => {}
                    None => made.push(range),
                }
            });
            if !planned {
                self.leave_out(&made);
            }
            match member(&["planned_values", "root_module"]) {
                Some(module) if planned => self.module(&module, "", 0),
                _ => planned = false,
            }
        }
        let mut document = Document::new(std::mem::take(&mut self.found));
        if planned && document.resources.iter().any(|resource| kind_of(resource).is_some()) {
            let message =
                "what is planned is read as the estate: nothing here tells what was before";
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
                    if broken.at < self.text.len() {
                        self.count(Fate::Refused);
                    }
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
            match value {
                Some(value) if value.is_object() => visit(reader, value, range),
                Some(_) => reader.refuse("expected an object", &range),
                None => reader.count(Fate::Refused),
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

    /// Counts what a plan makes, which is not there yet.
    fn leave_out(&mut self, made: &[Range<usize>]) {
        let Some(first) = made.first() else { return };
        let message = format!(
            "{} not used that the plan makes; try it with `privdns plan STATE --terraform-plan FILE`",
            counted(made.len(), "resource")
        );
        self.note(NoteKind::Unsupported, message, &(first.start..first.start + 1));
        made.iter().for_each(|_| self.count(Fate::Unsupported));
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
        if !instances.as_ref().is_some_and(|list| self.text[list.clone()].starts_with('[')) {
            self.refuse("expected a resource with a list of `instances`", &range);
        }
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
        // The resource of each item.
        let mut makers: Vec<usize> = Vec::new();
        let mut unused: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        let current: HashSet<String> =
            document.resources.iter().filter(|r| !r.deposed).filter_map(stated_id).collect();
        for (at, resource) in document.resources.iter().enumerate() {
            let range = &resource.range;
            let Some(kind) = kind_of(resource) else {
                let azapi = text(&resource.values, "type").unwrap_or("").split('@').next();
                let azapi = azapi.filter(|_| resource.kind.starts_with("azapi_")).unwrap_or("");
                let name = format!("{} {azapi}", resource.kind).trim_end().to_owned();
                unused.entry(name).or_insert((0, range.start)).0 += 1;
                self.count(Fate::Unsupported);
                continue;
            };
            // The one that takes a deposed one's place may have its id already.
            if resource.deposed && stated_id(resource).is_some_and(|id| current.contains(&id)) {
                let message = "is deposed, and what replaces it has its id: not used";
                let message = format!("`{}` {message}", resource.address());
                self.note(NoteKind::Unsupported, message, range);
                self.count(Fate::Unsupported);
                continue;
            }
            let mut remarks = Vec::new();
            if resource.tainted || resource.deposed {
                let state = if resource.tainted { "tainted" } else { "deposed" };
                let message = format!("is {state}, to be replaced or removed: read as it stands");
                remarks.push((NoteKind::Reading, message));
            }
            match document.items(resource, &kind, &mut remarks) {
                Ok(made) => {
                    makers.extend(made.iter().map(|_| at));
                    items.extend(made.into_iter().map(|item| (item, range.clone())));
                }
                Err(attribute) => {
                    self.count(Fate::Refused);
                    let message = format!("is not read: {}", document.missing(&attribute));
                    remarks.push((NoteKind::Refused, message));
                }
            }
            for (kind, message) in remarks {
                self.note(kind, format!("`{}` {message}", resource.address()), range);
            }
        }
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
        put_servers_into_networks(&mut items);
        let fates = arm::take_items(self.input, self.text, items, Extent::Unknown, self.assembly);
        // A resource is used where any of its items is.
        let mut used: BTreeMap<usize, bool> = BTreeMap::new();
        for (maker, fate) in makers.into_iter().zip(fates) {
            *used.entry(maker).or_default() |= fate == Fate::Used;
        }
        for used in used.into_values() {
            self.count(if used { Fate::Used } else { Fate::Refused });
        }
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

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
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

fn stated_id(resource: &Resource) -> Option<String> {
    text(&resource.values, "id").and_then(ResourceId::new).map(|id| id.key())
}

/// Whether a type that is not read has to do with names and networks of Azure.
fn is_related(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase().replace('_', "");
    let words = ["dns", "privateendpoint", "privatelink", "virtualnetwork"];
    kind.starts_with("az") && words.iter().any(|word| kind.contains(word))
}

/// A network's servers may be stated by a resource of their own; its own list is empty then.
fn put_servers_into_networks(items: &mut [(Value, Range<usize>)]) {
    let servers = |item: &Value| item["properties"]["dhcpOptions"]["dnsServers"].clone();
    let key = |item: &Value| item["id"].as_str().map(str::to_ascii_lowercase);
    let stated: Vec<(Option<String>, Value)> = items
        .iter()
        .map(|(item, _)| (key(item), servers(item)))
        .filter(|(_, servers)| servers.as_array().is_some_and(|list| !list.is_empty()))
        .collect();
    for (item, _) in items {
        let empty = servers(item).as_array().is_some_and(Vec::is_empty);
        let own = stated.iter().find(|(id, _)| empty && id.is_some() && *id == key(item));
        if let Some((_, servers)) = own {
            item["properties"]["dhcpOptions"]["dnsServers"] = servers.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Role, read};
    use crate::estate::Assembly;

    const RG: &str = "/subscriptions/s/resourceGroups/rg";

    /// What was read, a line each; `RG` in the text is a resource group's id.
    fn told(text: &str) -> String {
        let text = text.replace("RG", &format!("{RG}/providers/Microsoft.Network"));
        let mut assembly = Assembly::default();
        read("main.json", text.into_bytes(), None, Role::Estate, &mut assembly);
        let estate = assembly.finish();
        let mut lines = vec![estate.inputs[0].kind.to_owned()];
        for zone in &estate.zones {
            let id = zone.id.as_ref().map_or("", |id| id.as_str());
            lines.push(format!("zone {} {:?}", id.replace(RG, "…"), zone.extent()));
            for set in &zone.record_sets {
                let (data, ttl) = (set.data.texts(&estate.names).join(" "), set.ttl);
                let ttl = ttl.map_or("-".to_owned(), |ttl| ttl.seconds().to_string());
                let creator = set.creator.as_deref().unwrap_or("");
                let (name, kind) = (estate.names.show(set.owner), set.data.record_type());
                lines.push(format!("  {name} {ttl} {kind} {data} {creator}"));
            }
            for link in &zone.links {
                let vnet = estate.vnet(link.vnet).qualified();
                lines.push(format!("  link {} {vnet} {:?}", link.name, link.policy));
            }
        }
        for vnet in &estate.vnets {
            lines.push(format!("vnet {} {:?} {:?}", vnet.qualified(), vnet.servers, vnet.space));
        }
        for endpoint in &estate.endpoints {
            let vnet = endpoint.vnet.map(|vnet| estate.vnet_name(vnet)).unwrap_or_default();
            let target = endpoint.target.as_ref().map_or("", |target| target.name());
            let (name, state) = (&endpoint.name, endpoint.state);
            lines.push(format!("endpoint {name} {vnet} {state:?} {target} {:?}", endpoint.groups));
            for (name, addresses) in &endpoint.names {
                lines.push(format!("  {} {addresses:?}", estate.names.show(*name)));
            }
        }
        for account in &estate.resources {
            let names = account.names.iter().map(|n| estate.names.show(n.name).to_string());
            let (names, open) = (names.collect::<Vec<_>>(), account.public_access);
            lines.push(format!("account {} {names:?} {open:?}", account.name));
        }
        for note in &estate.notes {
            let place = estate.show_origin(note.origin);
            lines.push(format!("{:?} {place} {}", note.kind, note.message));
        }
        lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
    }

    /// A raw state of resources: type, and attributes.
    fn state(resources: &[(&str, &str)]) -> String {
        let resources = resources.iter().map(|(kind, attributes)| {
            format!(
                r#"{{"mode": "managed", "type": "{kind}", "name": "x",
                    "instances": [{{"attributes": {{{attributes}}}}}]}}"#
            )
        });
        let resources = resources.collect::<Vec<_>>().join(",\n");
        format!("{{\"version\": 4, \"lineage\": \"l\", \"resources\": [\n{resources}\n]}}")
    }

    #[test]
    fn a_raw_state_has_zones_records_and_links() {
        let zone = r#""id": "RG/privateDnsZones/a.b", "name": "a.b", "number_of_record_sets": 1,
            "soa_record": [{"host_name": "ns.", "email": "m.", "serial_number": 1, "ttl": 60}]"#;
        let long = format!(
            r#""id": "RG/privateDnsZones/a.b/TXT/t", "record": [{{"value": "{}"}}]"#,
            "v".repeat(256)
        );
        insta::assert_snapshot!(told(&state(&[
            ("azurerm_private_dns_zone", zone),
            ("azurerm_private_dns_a_record", r#""id": "RG/privateDnsZones/a.b/A/@", "ttl": 10,
                "records": ["10.0.0.1", "10.0.0.2"], "tags": {"creator": "endpoint e"}"#),
            ("azurerm_private_dns_cname_record",
                r#""id": "RG/privateDnsZones/a.b/CNAME/c", "record": "x.y""#),
            ("azurerm_private_dns_mx_record", r#""id": "RG/privateDnsZones/a.b/MX/m",
                "record": [{"preference": 5, "exchange": "mail.x"}]"#),
            ("azurerm_private_dns_srv_record", r#""id": "RG/privateDnsZones/a.b/SRV/s",
                "record": [{"priority": 1, "weight": 2, "port": 3, "target": "t.x"}]"#),
            ("azurerm_private_dns_ptr_record",
                r#""id": "RG/privateDnsZones/a.b/PTR/1", "records": ["p.x"]"#),
            ("azurerm_private_dns_txt_record", &long),
            ("azurerm_private_dns_aaaa_record", r#""id": "RG/privateDnsZones/a.b/AAAA/n", "records": null"#),
            ("azurerm_private_dns_zone_virtual_network_link", r#""id": "RG/privateDnsZones/a.b/virtualNetworkLinks/l",
                "virtual_network_id": "RG/virtualNetworks/hub", "resolution_policy": "NxDomainRedirect""#),
        ])), @r#"
        terraform
        zone …/providers/Microsoft.Network/privateDnsZones/a.b Partial
          a.b 10 A 10.0.0.1 10.0.0.2 endpoint e
          a.b 60 SOA ns. m. 1 0 0 0 0
          c.a.b - CNAME x.y.
          m.a.b - MX 5 mail.x.
          s.a.b - SRV 1 2 3 t.x.
          1.a.b - PTR p.x.
          t.a.b - TXT "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv" "vv"
          link l rg/hub NxDomainRedirect
        vnet rg/hub None []
        Reading main.json:2:1 `number_of_record_sets` is 1, older than the 7 sets held: not used
        Refused main.json:20:1 `azurerm_private_dns_aaaa_record.x` is not read: `records` is not stated
        "#);
    }

    #[test]
    fn a_raw_state_has_networks_endpoints_and_accounts() {
        insta::assert_snapshot!(told(&state(&[
            ("azurerm_virtual_network", r#""id": "RG/virtualNetworks/hub", "address_space": ["10.0.0.0/8"]"#),
            ("azurerm_virtual_network_dns_servers",
                r#""virtual_network_id": "RG/virtualNetworks/hub", "dns_servers": ["10.0.0.4"]"#),
            ("azurerm_private_endpoint", r#""id": "RG/privateEndpoints/e", "subnet_id": "RG/virtualNetworks/hub/subnets/s",
                "private_service_connection": [{"is_manual_connection": true, "subresource_names": ["batchAccount"],
                    "private_connection_resource_id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Batch/batchAccounts/acct"}],
                "custom_dns_configs": [{"fqdn": "acct.eastus.batch.azure.com", "ip_addresses": ["10.0.0.5"]}],
                "private_dns_zone_group": [{"name": "g", "private_dns_zone_ids": ["RG/privateDnsZones/a.b", "RG/privateDnsZones/c.d"]}],
                "private_dns_zone_configs": [{"private_dns_zone_id": "RG/privateDnsZones/a.b",
                    "record_sets": [{"fqdn": "acct.a.b", "ip_addresses": ["10.0.0.5"]}]}]"#),
            ("azurerm_batch_account", r#""id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Batch/batchAccounts/acct",
                "account_endpoint": "acct.eastus.batch.azure.com", "public_network_access_enabled": false"#),
            ("azurerm_subnet", r#""id": "RG/virtualNetworks/hub/subnets/s""#),
            ("azurerm_dns_zone", r#""id": "RG/dnsZones/a.b""#),
            ("random_id", r#""id": "x""#),
        ])), @r#"
        terraform
        zone …/providers/Microsoft.Network/privateDnsZones/a.b Unknown
        zone …/providers/Microsoft.Network/privateDnsZones/c.d Unknown
        vnet rg/hub Some([10.0.0.4]) [10.0.0.0/8]
        endpoint e hub NotApproved acct ["batchAccount"]
          acct.a.b [10.0.0.5]
          acct.eastus.batch.azure.com [10.0.0.5]
        account acct ["acct.eastus.batch.azure.com"] Some(false)
        Reading main.json:6:1 `azurerm_private_endpoint.x` has a manual connection, read as not approved: whether it is, Terraform does not say
        Unsupported main.json:17:1 2 resources of 2 other types not used
        Unsupported main.json:19:1 1 resource of type `azurerm_dns_zone` not used
        "#);
    }

    #[test]
    fn azapi_bodies_are_texts_or_values() {
        insta::assert_snapshot!(told(&state(&[
            ("azapi_resource", r#""id": "RG/privateDnsZones/a.b/A/n", "type": "Microsoft.Network/privateDnsZones/A@2020-06-01",
                "body": "{\"properties\": {\"ttl\": 30, \"aRecords\": [{\"ipv4Address\": \"10.0.0.9\"}]}}""#),
            ("azapi_resource", r#""id": "RG/privateDnsZones/a.b/virtualNetworkLinks/l",
                "type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01",
                "body": {"type": ["object", {}], "value": {"properties": {"resolutionPolicy": "Default",
                    "virtualNetwork": {"id": "RG/virtualNetworks/hub"}}}}"#),
            ("azapi_resource", r#""type": "Microsoft.Network/dnsSecurityRules@2022-07-01""#),
        ])), @r"
        terraform
        zone …/providers/Microsoft.Network/privateDnsZones/a.b Partial
          n.a.b 30 A 10.0.0.9
          link l rg/hub Default
        vnet rg/hub None []
        Unsupported main.json:10:1 1 resource of type `azapi_resource Microsoft.Network/dnsSecurityRules` not used
        ");
    }

    #[test]
    fn shown_states_have_modules_and_tainted_resources() {
        insta::assert_snapshot!(told(r#"{"format_version": "1.0", "values": {"root_module": {"resources": [
            {"mode": "data", "type": "azurerm_private_dns_zone", "name": "z", "values": {"id": "RG/privateDnsZones/a.b"}},
            {"mode": "managed", "type": 1 "name": "broken"}],
            "child_modules": [{"address": "module.m[\"a.b\"]", "resources": [
            {"mode": "managed", "type": "azurerm_virtual_network", "name": "v", "index": 0, "tainted": true,
                "values": {"id": "RG/virtualNetworks/hub", "dns_servers": ["10.0.0.4"]}},
            {"mode": "managed", "type": "azurerm_private_dns_a_record", "name": "r",
                "values": {"zone_name": "a.b", "name": "n", "records": ["10.0.0.1"]}}]}]}}}"#), @r#"
        terraform
        zone …/providers/Microsoft.Network/privateDnsZones/a.b Unknown
        vnet rg/hub Some([10.0.0.4]) []
        Refused main.json:3:13 expected `,` or `}`
        Reading main.json:5:13 `module.m["a.b"].azurerm_virtual_network.v[0]` is tainted, to be replaced or removed: read as it stands
        Refused main.json:7:13 `module.m["a.b"].azurerm_private_dns_a_record.r` is not read: `id` is not stated
        "#);
    }

    /// A plan that makes a zone, a network in a module, and what refers to them.
    const PLAN: &str = r#"{"format_version": "1.2", "planned_values": {"root_module": {"resources": [
        {"address": "azurerm_private_dns_zone.z", "mode": "managed", "type": "azurerm_private_dns_zone", "name": "z",
            "values": {"name": "a.b", "resource_group_name": "rg"}},
        {"mode": "managed", "type": "azurerm_private_dns_zone_virtual_network_link", "name": "l",
            "values": {"name": "to-hub"}},
        {"mode": "managed", "type": "azurerm_private_dns_a_record", "name": "r",
            "values": {"name": "n", "records": ["10.0.0.1", null]}}],
        "child_modules": [{"address": "module.net[0]", "resources": [
        {"mode": "managed", "type": "azurerm_virtual_network", "name": "v",
            "values": {"name": "hub", "resource_group_name": "rg", "address_space": []}},
        {"mode": "managed", "type": "azurerm_virtual_network_dns_servers", "name": "d",
            "values": {"dns_servers": ["10.0.0.4"]}},
        {"mode": "managed", "type": "azurerm_private_dns_zone_virtual_network_link", "name": "l",
            "values": {"name": "from-module"}}]}]}},
        "configuration": {"root_module": {"resources": [
        {"address": "azurerm_private_dns_zone_virtual_network_link.l", "expressions": {
            "private_dns_zone_id": {"references": ["azurerm_private_dns_zone.z.id", "azurerm_private_dns_zone.z"]},
            "virtual_network_id": {"references": ["module.net[0].id", "module.net[0]", "module.net"]}}},
        {"address": "azurerm_private_dns_a_record.r", "expressions": {
            "zone_name": {"references": ["azurerm_private_dns_zone.z.name"]}}}],
        "module_calls": {"net": {"expressions": {"zone": {"references": ["azurerm_private_dns_zone.z.id"]}}, "module": {
            "outputs": {"id": {"expression": {"references": ["azurerm_virtual_network.v.id"]}}},
            "resources": [
            {"address": "azurerm_virtual_network_dns_servers.d", "expressions": {
                "virtual_network_id": {"references": ["azurerm_virtual_network.v.id"]}}},
            {"address": "azurerm_private_dns_zone_virtual_network_link.l", "expressions": {
                "private_dns_zone_name": {"references": ["var.zone"]},
                "virtual_network_id": {"references": ["var.nobody", "local.x"]}}}]}}}}},
        "resource_changes": []}"#;

    #[test]
    fn a_first_plan_is_read_for_what_it_plans() {
        insta::assert_snapshot!(told(PLAN), @r"
        terraform
        zone /subscriptions/unstated/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/a.b Unknown
          link to-hub rg/hub Unstated
        vnet rg/hub Some([10.0.0.4]) []
        Reading main.json:1:1 the subscription is not stated: `unstated` stands for it in the ids of what is planned
        Reading main.json:1:1 what is planned is read as the estate: nothing here tells what was before
        Refused main.json:6:9 `azurerm_private_dns_a_record.r` is not read: `records` is known after apply
        Refused main.json:13:9 `module.net[0].azurerm_private_dns_zone_virtual_network_link.l` is not read: `virtual_network_id` is known after apply
        ");
    }

    #[test]
    fn a_plan_is_read_for_what_was_before() {
        let before = r#"{"format_version": "1.2", "resource_changes": [{"address": "azurerm_private_dns_zone.z",
            "type": "azurerm_private_dns_zone", "name": "z", "mode": "managed", "change": {"actions": ["delete"],
            "before": {"id": "RG/privateDnsZones/old.b"}, "after": null}}], "#;
        let rest = PLAN.trim_start_matches("{\"format_version\": \"1.2\", ");
        let rest = rest.trim_end_matches(",\n        \"resource_changes\": []}");
        insta::assert_snapshot!(told(&format!("{before}{rest}}}")), @r"
        terraform
        zone …/providers/Microsoft.Network/privateDnsZones/old.b Unknown
        ");
        insta::assert_snapshot!(told(r#"{"format_version": "1.2", "resource_changes": [], "prior_state": {"values":
            {"root_module": {"resources": [{"mode": "managed", "type": "azurerm_private_dns_zone", "name": "z",
            "values": {"id": "RG/privateDnsZones/old.b", "number_of_record_sets": 1}}]}}}}"#), @r"
        terraform
        zone …/providers/Microsoft.Network/privateDnsZones/old.b Whole
        ");
    }

    #[test]
    fn what_takes_the_place_of_a_deposed_one_counts() {
        let instance = |more: &str, address: &str| {
            format!(
                r#"{{{more}, "attributes": {{"id": "RG/privateDnsZones/a.b/A/n", "records": ["{address}"]}}}}"#
            )
        };
        let (old, new) = (r#""deposed": "0a1b2c3d""#, r#""index_key": "k""#);
        let text = format!(
            r#"{{"version": 4, "lineage": "l", "resources": [{{"type": "azurerm_private_dns_a_record",
                "name": "r", "instances": [{}, {}]}}]}}"#,
            instance(old, "10.0.0.1"),
            instance(new, "10.0.0.2"),
        );
        insta::assert_snapshot!(told(&text), @"
        terraform
        zone …/providers/Microsoft.Network/privateDnsZones/a.b Partial
          n.a.b - A 10.0.0.2
        Unsupported main.json:2:44 `azurerm_private_dns_a_record.r` is deposed, and what replaces it has its id: not used
        ");
        insta::assert_snapshot!(told(&text.replacen("A/n", "A/m", 1)), @"
        terraform
        zone …/providers/Microsoft.Network/privateDnsZones/a.b Partial
          m.a.b - A 10.0.0.1
          n.a.b - A 10.0.0.2
        Reading main.json:2:44 `azurerm_private_dns_a_record.r` is deposed, to be replaced or removed: read as it stands
        ");
    }

    #[test]
    fn references_by_key_find_the_instance_of_that_key() {
        let resource = |kind: &str, key: &str, values: &str| {
            format!(
                r#"{{"type": "{kind}", "name": "x", "index": "{key}", "values": {{{values}}}}}"#
            )
        };
        let link = "azurerm_private_dns_zone_virtual_network_link";
        let zone = r#""name": "b.b", "resource_group_name": "rg""#;
        let own = r#""name": "l", "virtual_network_id": "RG/virtualNetworks/hub""#;
        insta::assert_snapshot!(told(&format!(
            r#"{{"planned_values": {{"root_module": {{"resources": [{}, {}, {}]}}}},
                "configuration": {{"provider_config": {{"azurerm": {{"name": "azurerm",
                    "expressions": {{"subscription_id": {{"references": ["var.s"]}}}}}}}},
                "root_module": {{"resources": [{{"address": "{link}.x", "expressions": {{"private_dns_zone_name":
                    {{"references": ["azurerm_private_dns_zone.x", "each.key"]}}}}}}]}}}},
                "variables": {{"s": {{"value": "s"}}}}}}"#,
            resource("azurerm_private_dns_zone", "a", &zone.replace("b.b", "a.a")),
            resource("azurerm_private_dns_zone", "b", zone),
            resource(link, "b", own),
        )), @"
        terraform
        zone …/providers/Microsoft.Network/privateDnsZones/a.a Unknown
        zone …/providers/Microsoft.Network/privateDnsZones/b.b Unknown
          link l rg/hub Unstated
        vnet rg/hub None []
        Reading main.json:1:1 what is planned is read as the estate: nothing here tells what was before
        ");
    }

    #[test]
    fn a_fragment_takes_ids_from_keys() {
        insta::assert_snapshot!(told(r#"{"root_module": {"resources": [{"mode": "managed", "type": "azurerm_private_dns_zone",
            "name": "z", "index": "RG/privateDnsZones/a.b", "values": {"name": "a.b"}}]}}"#), @r"
        terraform
        zone …/providers/Microsoft.Network/privateDnsZones/a.b Unknown
        Reading main.json:1:1 what is planned is read as the estate: nothing here tells what was before
        ");
    }

    #[test]
    fn what_holds_no_resources_says_how_to_export() {
        insta::assert_snapshot!(told("{\"@level\": \"info\"}\n{\"@level\": \"info\"}"), @r"
        terraform
        Unreadable main.json:1:1 is the log of `terraform … -json`, which has addresses without attributes; use `terraform show -json plan.out`
        ");
        insta::assert_snapshot!(told(r#"{"version": 3, "lineage": "l", "modules": []}"#), @r"
        terraform
        Unreadable main.json:1:1 expected a state of version 4, found 3; `terraform show -json` of the Terraform that wrote it can be read
        ");
        insta::assert_snapshot!(told(r#"{"lineage": "l", "encrypted_data": "…"}"#), @r"
        terraform
        Unreadable main.json:1:1 is an encrypted state; `tofu show -json` writes it in clear
        ");
        insta::assert_snapshot!(told(r#"{"format_version": "1.0"}"#), @"terraform");
    }

    #[test]
    fn strange_and_cut_documents_do_no_harm() {
        let whole = state(&[(
            "azapi_resource",
            r#""type": "Microsoft.Network/privateDnsZones", "body": {"properties": 1}"#,
        )]);
        for text in [PLAN, &whole] {
            for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
                told(&text[..end]);
            }
            for word in ["[]", "{}", "1", "\"\"", "null", "[[1]]", "{\"id\": [{}]}"] {
                for (at, _) in text.match_indices(": ") {
                    let end = super::json::skip_value(text, at + 2).unwrap();
                    told(&format!("{}: {word}{}", &text[..at], &text[end..]));
                }
            }
        }
        told(&format!("{{\"root_module\": {}", "{\"child_modules\": [".repeat(5_000)));
    }
}

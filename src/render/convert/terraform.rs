//! Terraform for the provider `azurerm`: zones, record sets and links, with an
//! `import` block for each that has a resource id.
//!
//! No provider is configured. What the language demands and the estate does not
//! state is a variable without a default, so Terraform asks for it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{File, Losses, Taken, file_name, group, identifier, is_empty, is_mention, own_soa};
use super::{program_losses, sets, texts};
use crate::estate::{Estate, Link, Policy, RecordSet, ResourceId, Zone};
use crate::name::NameId;
use crate::record::{RecordData, RecordType};

/// The major version of the provider.
///
/// From 5.0 on, records and links name their zone by its id; before, by name and
/// resource group ("Azure Provider: 5.0 Upgrade Guide").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Azurerm {
    /// 3.x and 4.x.
    V4,
    /// 5.x.
    V5,
}

/// One file a subscription, since a provider has one, and what they do not hold.
pub fn terraform(estate: &Estate, version: Azurerm) -> (Vec<File>, Losses) {
    let mut losses = Losses::default();
    program_losses(estate, "a variable asks for it", |set| !is_empty(set), &mut losses);
    count(estate, &mut losses);
    let mut subscriptions: BTreeMap<Option<String>, Vec<&Zone>> = BTreeMap::new();
    for zone in estate.zones.iter().filter(|zone| !is_mention(zone)) {
        let subscription = zone.id.as_ref().and_then(ResourceId::subscription);
        subscriptions.entry(subscription.map(str::to_ascii_lowercase)).or_default().push(zone);
    }
    let one = subscriptions.len() <= 1;
    let mut taken = Taken::default();
    let file = |(subscription, zones): (Option<String>, Vec<&Zone>)| {
        let directory = subscription.as_deref().map_or("no-subscription".to_owned(), file_name);
        let directory = taken.take(directory, ".");
        let path = if one { "zones.tf".to_owned() } else { format!("{directory}/zones.tf") };
        let mut writer = Writer::new(estate, version);
        if let Some(subscription) = subscription {
            let _ = writeln!(writer.text, "# Subscription {}.", file_name(&subscription));
        }
        zones.into_iter().for_each(|zone| writer.zone(zone));
        writer.variables();
        File { path, text: writer.text }
    };
    (subscriptions.into_iter().map(file).collect(), losses)
}

fn count(estate: &Estate, losses: &mut Losses) {
    let kept = || sets(estate).filter(|set| !set.registered);
    let empty = kept().filter(|set| is_empty(set)).count();
    losses.add(empty, "record set", "record sets", "left out, for want of records");
    let joined = kept().filter(|set| match &set.data {
        RecordData::Txt(records) => records.iter().any(|strings| strings.len() != 1),
        _ => false,
    });
    let why = "each record as one string, since this form has no other";
    losses.add(joined.count(), "TXT record set", "TXT record sets", why);
    let networks: Vec<_> = estate
        .zones
        .iter()
        .flat_map(|zone| &zone.links)
        .filter(|link| estate.vnet(link.vnet).id.is_none())
        .collect();
    let why = "to a network without a resource id; a variable asks for it";
    losses.add(networks.len(), "link", "links", why);
}

struct Writer<'e> {
    estate: &'e Estate,
    version: Azurerm,
    text: String,
    /// The names in use, by type of resource.
    taken: BTreeMap<String, Taken>,
    /// The variables: name, then type and description.
    variables: BTreeMap<String, (&'static str, String)>,
    /// The variables of networks, by network.
    networks: BTreeMap<u32, String>,
    network_names: Taken,
}

impl<'e> Writer<'e> {
    fn new(estate: &'e Estate, version: Azurerm) -> Self {
        Writer {
            estate,
            version,
            text: String::new(),
            taken: BTreeMap::new(),
            variables: BTreeMap::new(),
            networks: BTreeMap::new(),
            network_names: Taken::default(),
        }
    }

    fn zone(&mut self, zone: &Zone) {
        const KIND: &str = "azurerm_private_dns_zone";
        let apex = self.show(zone.apex);
        let name = self.name(KIND, &[&apex]);
        let resource_group = match group(zone) {
            Some(group) => quote(group),
            None => {
                let about = format!("The resource group of zone {apex}.");
                self.variable(format!("resource_group_of_{name}"), "string", about)
            }
        };
        let mut body = Body::default();
        body.put("name", quote(&apex));
        body.put("resource_group_name", resource_group);
        if let Some((set, soa)) = own_soa(self.estate, zone) {
            let mut inner = Body::default();
            inner.put("email", quote(&self.show(soa.mailbox)));
            inner.put("expire_time", soa.expire.to_string());
            inner.put("minimum_ttl", soa.minimum.to_string());
            inner.put("refresh_time", soa.refresh.to_string());
            inner.put("retry_time", soa.retry.to_string());
            if let Some(ttl) = set.ttl {
                inner.put("ttl", ttl.seconds().to_string());
            }
            body.block("soa_record", inner);
        }
        let id = zone.id.as_ref().and_then(|id| own_id(id, &apex));
        self.resource(KIND, &name, body, id.clone());
        for set in zone.record_sets.iter().filter(|set| !set.registered && !is_empty(set)) {
            self.record_set(zone, &name, id.as_deref(), set);
        }
        for link in &zone.links {
            self.link(&apex, &name, id.as_deref(), link);
        }
    }

    /// The attributes that say which zone is meant.
    fn in_zone(&self, body: &mut Body, zone: &str, key: &'static str) {
        let reference = |what: &str| format!("azurerm_private_dns_zone.{zone}.{what}");
        match self.version {
            Azurerm::V5 => body.put("private_dns_zone_id", reference("id")),
            Azurerm::V4 => {
                body.put(key, reference("name"));
                body.put("resource_group_name", reference("resource_group_name"));
            }
        }
    }

    fn record_set(&mut self, zone: &Zone, zone_name: &str, id: Option<&str>, set: &RecordSet) {
        let record_type = set.data.record_type();
        let kind = format!("azurerm_private_dns_{}_record", record_type.to_string().to_lowercase());
        let owner = self.estate.names.relative(set.owner, zone.apex);
        let mut body = Body::default();
        body.put("name", quote(&owner));
        self.in_zone(&mut body, zone_name, "zone_name");
        let ttl = match set.ttl {
            Some(ttl) => ttl.seconds().to_string(),
            None => {
                let about = "The TTL in seconds of record sets that were given without one.";
                self.variable("ttl".to_owned(), "number", about.to_owned())
            }
        };
        body.put("ttl", ttl);
        let strings = |items: Vec<String>| {
            let items: Vec<String> = items.iter().map(|item| quote(item)).collect();
            format!("[{}]", items.join(", "))
        };
        match &set.data {
            RecordData::A(addresses) => {
                body.put("records", strings(addresses.iter().map(ToString::to_string).collect()));
            }
            RecordData::Aaaa(addresses) => {
                body.put("records", strings(addresses.iter().map(ToString::to_string).collect()));
            }
            RecordData::Ptr(targets) => {
                body.put("records", strings(targets.iter().map(|&name| self.show(name)).collect()));
            }
            RecordData::Cname(target) => body.put("record", quote(&self.show(*target))),
            RecordData::Mx(records) => {
                for mx in records {
                    let mut inner = Body::default();
                    inner.put("preference", mx.preference.to_string());
                    inner.put("exchange", quote(&self.show(mx.exchange)));
                    body.block("record", inner);
                }
            }
            RecordData::Srv(records) => {
                for srv in records {
                    let mut inner = Body::default();
                    inner.put("priority", srv.priority.to_string());
                    inner.put("weight", srv.weight.to_string());
                    inner.put("port", srv.port.to_string());
                    inner.put("target", quote(&self.show(srv.target)));
                    body.block("record", inner);
                }
            }
            RecordData::Txt(records) => {
                for strings in records {
                    let mut inner = Body::default();
                    inner.put("value", quote(&texts(strings).collect::<String>()));
                    body.block("record", inner);
                }
            }
            // The SOA record is part of the zone.
            RecordData::Soa(_) | RecordData::Empty(_) => return,
        }
        // What Terraform calls the tags of a record set is its metadata.
        if let Some(creator) = set.creator.as_deref() {
            let mut inner = Body::default();
            inner.put("creator", quote(creator));
            body.map("tags", inner);
        }
        let name = match record_type {
            RecordType::Other(_) => return,
            _ => self.name(&kind, &[zone_name, &owner]),
        };
        // An owner that would be two segments of an id cannot be imported.
        let id = id.filter(|_| !owner.contains('/'));
        let id = id.map(|id| format!("{id}/{record_type}/{owner}"));
        self.resource(&kind, &name, body, id);
    }

    fn link(&mut self, apex: &str, zone_name: &str, id: Option<&str>, link: &Link) {
        const KIND: &str = "azurerm_private_dns_zone_virtual_network_link";
        let vnet = self.estate.vnet(link.vnet);
        let network = match (&vnet.id, self.networks.get(&link.vnet.0)) {
            (Some(id), _) => quote(id.as_str()),
            (None, Some(variable)) => variable.clone(),
            (None, None) => {
                let name = identifier(&["id_of", &vnet.qualified()], &mut self.network_names);
                let about = format!("The resource id of virtual network {}.", vnet.qualified());
                let variable = self.variable(name, "string", about);
                self.networks.insert(link.vnet.0, variable.clone());
                variable
            }
        };
        let mut body = Body::default();
        body.put("name", quote(&link.name));
        self.in_zone(&mut body, zone_name, "private_dns_zone_name");
        body.put("virtual_network_id", network);
        body.put("registration_enabled", link.registration.to_string());
        if link.policy == Policy::NxDomainRedirect {
            body.put("resolution_policy", quote("NxDomainRedirect"));
        } else if link.policy == Policy::Default && apex.starts_with("privatelink.") {
            // Other zones have no policy to state.
            body.put("resolution_policy", quote("Default"));
        }
        let name = self.name(KIND, &[zone_name, &link.name]);
        let id = id.map(|id| format!("{id}/virtualNetworkLinks/{}", link.name));
        self.resource(KIND, &name, body, id);
    }

    fn show(&self, name: NameId) -> String {
        self.estate.names.show(name).to_string()
    }

    fn name(&mut self, kind: &str, parts: &[&str]) -> String {
        identifier(parts, self.taken.entry(kind.to_owned()).or_default())
    }

    /// A reference to a variable, declared at the end.
    fn variable(&mut self, name: String, kind: &'static str, about: String) -> String {
        let reference = format!("var.{name}");
        self.variables.insert(name, (kind, about));
        reference
    }

    fn resource(&mut self, kind: &str, name: &str, body: Body, id: Option<String>) {
        self.divide();
        let _ = writeln!(self.text, "resource \"{kind}\" \"{name}\" {{\n{}}}", body.finish());
        if let Some(id) = id {
            let mut import = Body::default();
            import.put("to", format!("{kind}.{name}"));
            import.put("id", quote(&id));
            let _ = writeln!(self.text, "\nimport {{\n{}}}", import.finish());
        }
    }

    fn variables(&mut self) {
        for (name, (kind, about)) in std::mem::take(&mut self.variables) {
            self.divide();
            let mut body = Body::default();
            body.put("type", kind.to_owned());
            body.put("description", quote(&about));
            let _ = writeln!(self.text, "variable \"{name}\" {{\n{}}}", body.finish());
        }
    }

    fn divide(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }
}

/// The id with its fixed segments in the one case that the provider takes.
fn own_id(id: &ResourceId, apex: &str) -> Option<String> {
    Some(format!(
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Network/privateDnsZones/{apex}",
        id.subscription()?,
        id.resource_group()?,
    ))
}

/// What stands within a block, laid out as `terraform fmt` does.
#[derive(Default)]
struct Body {
    attributes: Vec<(&'static str, String)>,
    /// Blocks and maps, indented already.
    rest: String,
}

impl Body {
    fn put(&mut self, key: &'static str, value: String) {
        self.attributes.push((key, value));
    }

    fn block(&mut self, name: &str, body: Body) {
        self.nest(&format!("{name} {{"), body);
    }

    fn map(&mut self, name: &str, body: Body) {
        self.nest(&format!("{name} = {{"), body);
    }

    fn nest(&mut self, head: &str, body: Body) {
        let _ = write!(self.rest, "\n  {head}\n");
        for line in body.finish().lines() {
            let _ = writeln!(self.rest, "  {line}");
        }
        self.rest.push_str("  }\n");
    }

    fn finish(self) -> String {
        let width = self.attributes.iter().map(|(key, _)| key.len()).max().unwrap_or(0);
        let mut text = String::new();
        for (key, value) in &self.attributes {
            let _ = writeln!(text, "  {key:width$} = {value}");
        }
        text + &self.rest
    }
}

/// A quoted string, escaped as `hclwrite` does.
pub(in crate::render) fn quote(text: &str) -> String {
    let mut quoted = String::from('"');
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(character);
            }
            '$' | '%' => {
                quoted.push(character);
                if characters.peek() == Some(&'{') {
                    quoted.push(character);
                }
            }
            // Control characters, and those that would turn the line around.
            c if c.is_control() || is_hidden(c) => {
                let _ = write!(quoted, "\\u{:04x}", c as u32);
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Whether a character is not seen, or changes how others are.
pub(super) fn is_hidden(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_string_is_a_template() {
        let cases = [
            ("plain $5 100%", r#""plain $5 100%""#),
            ("${x} %{if} $${y} $", r#""$${x} %%{if} $$${y} $""#),
            ("a \"b\" \\ c\n\u{1}\u{202e}é", r#""a \"b\" \\ c\n\u0001\u202eé""#),
        ];
        for (text, expected) in cases {
            assert_eq!(quote(text), expected);
        }
    }
}

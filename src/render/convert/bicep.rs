//! Bicep: zones, record sets and links; networks as `existing` resources.
//!
//! A file is deployed to one resource group, so there is one file for each. What
//! the estate does not state is a parameter without a default.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::terraform::is_hidden;
use super::{File, Losses, Taken, file_name, group, identifier, is_mention, own_soa};
use super::{program_losses, texts, vnet_group};
use crate::estate::{Estate, Link, Policy, RecordSet, ResourceId, VnetId, Zone};
use crate::name::NameId;
use crate::record::{Mx, RecordData, Srv, Strings};

/// The version of the API that has `resolutionPolicy`.
const ZONES: &str = "Microsoft.Network/privateDnsZones";
const ZONES_VERSION: &str = "2024-06-01";
const NETWORK: &str = "Microsoft.Network/virtualNetworks@2024-05-01";

/// How many resources one deployment may have ("Resolve errors for job size
/// exceeded", learn.microsoft.com/azure/azure-resource-manager/templates, read 2026-11).
const RESOURCE_LIMIT: usize = 800;

/// One file a resource group, and what they do not hold.
pub fn bicep(estate: &Estate) -> (Vec<File>, Losses) {
    let mut losses = Losses::default();
    program_losses(estate, "a parameter asks for it", |_| true, &mut losses);
    let links = estate.zones.iter().flat_map(|zone| &zone.links);
    let networks = links.filter(|link| estate.vnet(link.vnet).id.is_none()).count();
    let why = "to a network without a resource id; a parameter asks for it";
    losses.add(networks, "link", "links", why);
    let mut groups: BTreeMap<Scope, Vec<&Zone>> = BTreeMap::new();
    for zone in estate.zones.iter().filter(|zone| !is_mention(zone)) {
        groups.entry(Scope::new(zone.id.as_ref(), group(zone))).or_default().push(zone);
    }
    let subscription = |scope: &Scope| scope.subscription.clone();
    let mut subscriptions: Vec<_> = groups.keys().map(subscription).collect();
    subscriptions.dedup();
    let mut taken = Taken::default();
    let mut files = Vec::new();
    for (scope, zones) in &groups {
        let name = scope.group.as_deref().map_or("zones".to_owned(), file_name);
        let mut path = match &scope.subscription {
            Some(subscription) if subscriptions.len() > 1 => {
                format!("{}/{name}", file_name(subscription))
            }
            _ => name,
        };
        path = taken.take(path, ".") + ".bicep";
        let mut writer = Writer::new(estate, scope);
        zones.iter().for_each(|zone| writer.zone(zone));
        let crowded = writer.resources > RESOURCE_LIMIT;
        let why = "has more than 800 resources, which one deployment cannot have";
        losses.add(usize::from(crowded), "file", "files", why);
        files.push(File { path, text: writer.finish() });
    }
    (files, losses)
}

/// Where a file is deployed to; in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Scope {
    subscription: Option<String>,
    group: Option<String>,
}

impl Scope {
    fn new(id: Option<&ResourceId>, group: Option<&str>) -> Scope {
        let subscription = id.and_then(ResourceId::subscription);
        Scope {
            subscription: subscription.map(str::to_ascii_lowercase),
            group: group.map(str::to_ascii_lowercase),
        }
    }
}

/// A value of the language.
enum Value {
    /// As it stands: a number, a word or an expression.
    Plain(String),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(&'static str, Value)>),
}

impl Value {
    fn write(&self, depth: usize, text: &mut String) {
        let indent = "  ".repeat(depth + 1);
        match self {
            Value::Plain(plain) => text.push_str(plain),
            Value::Text(string) => text.push_str(&quote(string)),
            Value::List(items) if items.is_empty() => text.push_str("[]"),
            Value::List(items) => {
                text.push_str("[\n");
                for item in items {
                    text.push_str(&indent);
                    item.write(depth + 1, text);
                    text.push('\n');
                }
                let _ = write!(text, "{}]", "  ".repeat(depth));
            }
            Value::Object(members) => {
                text.push_str("{\n");
                for (key, value) in members {
                    let _ = write!(text, "{indent}{key}: ");
                    value.write(depth + 1, text);
                    text.push('\n');
                }
                let _ = write!(text, "{}}}", "  ".repeat(depth));
            }
        }
    }
}

fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

fn plain(value: impl ToString) -> Value {
    Value::Plain(value.to_string())
}

struct Writer<'e> {
    estate: &'e Estate,
    scope: &'e Scope,
    head: String,
    text: String,
    taken: Taken,
    resources: usize,
    ttl: bool,
    /// By network: the expression of its id.
    networks: BTreeMap<VnetId, String>,
    parameters: String,
    existing: String,
}

impl<'e> Writer<'e> {
    fn new(estate: &'e Estate, scope: &'e Scope) -> Self {
        let mut head = String::new();
        if let Some(group) = &scope.group {
            let _ = write!(head, "// Resource group {}", file_name(group));
            if let Some(subscription) = &scope.subscription {
                let _ = write!(head, " of subscription {}", file_name(subscription));
            }
            head.push_str(".\n\n");
        }
        Writer {
            estate,
            scope,
            head,
            text: String::new(),
            taken: Taken::default(),
            resources: 0,
            ttl: false,
            networks: BTreeMap::new(),
            parameters: String::new(),
            existing: String::new(),
        }
    }

    fn finish(self) -> String {
        let Writer { mut head, parameters, existing, text, ttl, .. } = self;
        if ttl {
            head.push_str(
                "@description('The TTL in seconds of record sets that were given without one.')\n",
            );
            head.push_str("param ttl int\n\n");
        }
        let all = head + &parameters + &existing + &text;
        all.trim_end().to_owned() + "\n"
    }

    fn zone(&mut self, zone: &Zone) {
        let apex = self.show(zone.apex);
        let symbol = identifier(&["zone", &apex], &mut self.taken);
        let members = vec![("name", text(apex.as_str())), ("location", text("global"))];
        self.resource(&symbol, ZONES, members);
        let own = own_soa(self.estate, zone).map(|(set, _)| set);
        let kept = |set: &&RecordSet| match &set.data {
            RecordData::Soa(_) => own == Some(*set),
            _ => !set.registered,
        };
        for set in zone.record_sets.iter().filter(kept) {
            self.record_set(zone, &symbol, set);
        }
        for link in &zone.links {
            self.link(&apex, &symbol, link);
        }
    }

    fn record_set(&mut self, zone: &Zone, parent: &str, set: &RecordSet) {
        let record_type = set.data.record_type();
        let owner = self.estate.names.relative(set.owner, zone.apex);
        let mut properties = Vec::new();
        if let Some(creator) = set.creator.as_deref() {
            properties.push(("metadata", Value::Object(vec![("creator", text(creator))])));
        }
        match set.ttl {
            Some(ttl) => properties.push(("ttl", plain(ttl.seconds()))),
            None => {
                self.ttl = true;
                properties.push(("ttl", plain("ttl")));
            }
        }
        properties.extend(self.data(&set.data));
        let kind = record_type.to_string();
        let symbol = identifier(&[parent, &owner, &kind], &mut self.taken);
        let members = vec![
            ("parent", plain(parent)),
            ("name", text(owner)),
            ("properties", Value::Object(properties)),
        ];
        self.resource(&symbol, &format!("{ZONES}/{kind}"), members);
    }

    /// The data of a set with its key; none of a set without records.
    fn data(&self, data: &RecordData) -> Option<(&'static str, Value)> {
        let name = |name: NameId| text(self.show(name));
        let object = Value::Object;
        let address = |key, address: String| object(vec![(key, text(address))]);
        let (key, items): (_, Vec<Value>) = match data {
            RecordData::A(addresses) => {
                let items = addresses.iter().map(|one| address("ipv4Address", one.to_string()));
                ("aRecords", items.collect())
            }
            RecordData::Aaaa(addresses) => {
                let items = addresses.iter().map(|one| address("ipv6Address", one.to_string()));
                ("aaaaRecords", items.collect())
            }
            RecordData::Ptr(targets) => {
                let items = targets.iter().map(|&target| object(vec![("ptrdname", name(target))]));
                ("ptrRecords", items.collect())
            }
            RecordData::Mx(records) => {
                let item = |mx: &Mx| {
                    let exchange = ("exchange", name(mx.exchange));
                    object(vec![("preference", plain(mx.preference)), exchange])
                };
                ("mxRecords", records.iter().map(item).collect())
            }
            RecordData::Srv(records) => {
                let item = |srv: &Srv| {
                    object(vec![
                        ("priority", plain(srv.priority)),
                        ("weight", plain(srv.weight)),
                        ("port", plain(srv.port)),
                        ("target", name(srv.target)),
                    ])
                };
                ("srvRecords", records.iter().map(item).collect())
            }
            RecordData::Txt(records) => {
                let item = |strings: &Strings| {
                    object(vec![("value", Value::List(texts(strings).map(text).collect()))])
                };
                ("txtRecords", records.iter().map(item).collect())
            }
            RecordData::Cname(target) => {
                return Some(("cnameRecord", object(vec![("cname", name(*target))])));
            }
            RecordData::Soa(soa) => {
                let members = vec![
                    ("email", name(soa.mailbox)),
                    ("expireTime", plain(soa.expire)),
                    ("minimumTtl", plain(soa.minimum)),
                    ("refreshTime", plain(soa.refresh)),
                    ("retryTime", plain(soa.retry)),
                ];
                return Some(("soaRecord", object(members)));
            }
            RecordData::Empty(_) => return None,
        };
        Some((key, Value::List(items)))
    }

    fn link(&mut self, apex: &str, parent: &str, link: &Link) {
        let network = self.network(link.vnet);
        let mut properties = vec![("registrationEnabled", plain(link.registration))];
        if link.policy == Policy::NxDomainRedirect {
            properties.push(("resolutionPolicy", text("NxDomainRedirect")));
        } else if link.policy == Policy::Default && apex.starts_with("privatelink.") {
            // Other zones have no policy to state.
            properties.push(("resolutionPolicy", text("Default")));
        }
        properties.push(("virtualNetwork", Value::Object(vec![("id", plain(network))])));
        let symbol = identifier(&[parent, "link", &link.name], &mut self.taken);
        let members = vec![
            ("parent", plain(parent)),
            ("name", text(&*link.name)),
            ("location", text("global")),
            ("properties", Value::Object(properties)),
        ];
        self.resource(&symbol, &format!("{ZONES}/virtualNetworkLinks"), members);
    }

    /// The expression of the network's id.
    fn network(&mut self, id: VnetId) -> String {
        if let Some(known) = self.networks.get(&id) {
            return known.clone();
        }
        let vnet = self.estate.vnet(id);
        let symbol = identifier(&["vnet", &vnet.name], &mut self.taken);
        let resource = vnet.id.as_ref();
        let place = resource.and_then(|id| Some((id.subscription()?, id.resource_group()?)));
        let expression = match place {
            Some((subscription, group)) => {
                let mut members = vec![("name", text(&*vnet.name))];
                let scope = Scope::new(resource, vnet_group(vnet));
                if scope != *self.scope {
                    let (subscription, group) = (quote(subscription), quote(group));
                    let scope = format!("resourceGroup({subscription}, {group})");
                    members.push(("scope", plain(scope)));
                }
                let _ = write!(self.existing, "resource {symbol} '{NETWORK}' existing = ");
                Value::Object(members).write(0, &mut self.existing);
                self.existing.push_str("\n\n");
                format!("{symbol}.id")
            }
            None => {
                let about = format!("The resource id of virtual network {}.", vnet.qualified());
                let _ = write!(
                    self.parameters,
                    "@description({})\nparam {symbol}_id string\n\n",
                    quote(&about)
                );
                format!("{symbol}_id")
            }
        };
        self.networks.insert(id, expression.clone());
        expression
    }

    fn show(&self, name: NameId) -> String {
        self.estate.names.show(name).to_string()
    }

    fn resource(&mut self, symbol: &str, kind: &str, members: Vec<(&'static str, Value)>) {
        self.resources += 1;
        let _ = write!(self.text, "resource {symbol} '{kind}@{ZONES_VERSION}' = ");
        Value::Object(members).write(0, &mut self.text);
        self.text.push_str("\n\n");
    }
}

/// A string in single quotes, in which nothing is an expression.
fn quote(text: &str) -> String {
    let mut quoted = String::from('\'');
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\'' | '\\' => {
                quoted.push('\\');
                quoted.push(character);
            }
            '$' if characters.peek() == Some(&'{') => quoted.push_str("\\$"),
            c if c.is_control() || is_hidden(c) => {
                let _ = write!(quoted, "\\u{{{:x}}}", c as u32);
            }
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_string_is_an_expression() {
        let cases = [
            ("plain $5 {x}", "'plain $5 {x}'"),
            ("${x} $${y} $", "'\\${x} $\\${y} $'"),
            ("it's \\ \"b\"\n\u{1}\u{202e}é", "'it\\'s \\\\ \"b\"\\n\\u{1}\\u{202e}é'"),
        ];
        for (text, expected) in cases {
            assert_eq!(quote(text), expected);
        }
    }
}

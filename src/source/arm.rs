//! JSON of Azure Resource Manager, in the dresses it comes in: flattened by
//! `az`, with `properties` from the REST API, in pages, or as rows of Resource
//! Graph.
//!
//! Every item is told by its own `type` and `id`, never by the file it is in.
//! A property is looked for at the top of an item and below `properties`.

mod failover;
mod forwarding;
mod policy;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, Visitor};

use super::inventory::{self, Service};
use super::json::{self, Elements};
use super::rows;
use crate::estate::{
    Assembly, ConnectionState, Endpoint, Extent, Fate, GroupNames, InputId, Inventory, Link,
    NoteKind, Origin, Policy, RecordSet, Resource, ResourceId, RulesetId, SecurityPolicy,
    ServiceName, UNRECOGNISED, VnetId, ZoneId,
};
use crate::name::{NameId, Names};
use crate::record::{Mx, RecordData, RecordType, Soa, Srv, Ttl};
use forwarding::Stated;

/// A string that knows where it stands, unless it had to be unescaped.
#[derive(Clone, Debug)]
struct Text<'t>(Cow<'t, str>);

impl Text<'_> {
    fn as_str(&self) -> &str {
        &self.0
    }

    /// Its place within `text`, or else `item`'s.
    fn origin(&self, text: &str, item: Origin) -> Origin {
        let Cow::Borrowed(part) = &self.0 else { return item };
        let start = (part.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
        if start > text.len() {
            return item;
        }
        Origin { input: item.input, start: start as u32, length: part.len() as u32 }
    }
}

impl<'de: 't, 't> Deserialize<'de> for Text<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

/// A whole number that some tools write as a string.
#[derive(Clone, Copy, Debug)]
struct Number(u64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;
        impl Visitor<'_> for NumberVisitor {
            type Value = Number;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number from 0")
            }
            fn visit_u64<E>(self, number: u64) -> Result<Number, E> {
                Ok(Number(number))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Number, E> {
                let invalid = || E::invalid_value(serde::de::Unexpected::Str(text), &self);
                text.parse().map(Number).map_err(|_| invalid())
            }
        }
        deserializer.deserialize_any(NumberVisitor)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference<'t> {
    #[serde(borrow)]
    id: Option<Text<'t>>,
}

/// One record of any type.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'t> {
    #[serde(borrow)]
    ipv4_address: Option<Text<'t>>,
    ipv6_address: Option<Text<'t>>,
    cname: Option<Text<'t>>,
    exchange: Option<Text<'t>>,
    preference: Option<u16>,
    ptrdname: Option<Text<'t>>,
    priority: Option<u16>,
    weight: Option<u16>,
    port: Option<u16>,
    target: Option<Text<'t>>,
    value: Option<Vec<Text<'t>>>,
    host: Option<Text<'t>>,
    email: Option<Text<'t>>,
    serial_number: Option<Number>,
    refresh_time: Option<u32>,
    retry_time: Option<u32>,
    expire_time: Option<u32>,
    // The service answers with both, one of them null.
    minimum_ttl: Option<u32>,
    #[serde(rename = "minimumTTL")]
    minimum_ttl_upper: Option<u32>,
}

#[derive(Debug, Deserialize)]
struct Metadata<'t> {
    #[serde(borrow)]
    creator: Option<Text<'t>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AddressSpace<'t> {
    #[serde(borrow)]
    address_prefixes: Option<Vec<Text<'t>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DhcpOptions<'t> {
    #[serde(borrow)]
    dns_servers: Option<Vec<Text<'t>>>,
}

#[derive(Debug, Deserialize)]
struct Status<'t> {
    #[serde(borrow)]
    status: Option<Text<'t>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connection<'t> {
    #[serde(borrow)]
    group_ids: Option<Vec<Text<'t>>>,
    private_link_service_id: Option<Text<'t>>,
    private_link_service_connection_state: Option<Status<'t>>,
    properties: Option<Box<Connection<'t>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NameAddresses<'t> {
    #[serde(borrow)]
    fqdn: Option<Text<'t>>,
    ip_addresses: Option<Vec<Text<'t>>>,
}

/// One address of a network interface.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct IpConfiguration<'t> {
    #[serde(borrow, rename = "privateIPAddress", alias = "privateIpAddress")]
    address: Option<Text<'t>>,
    private_link_connection_properties: Option<LinkProperties<'t>>,
    subnet: Option<Reference<'t>>,
    properties: Option<Box<IpConfiguration<'t>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LinkProperties<'t> {
    #[serde(borrow)]
    fqdns: Option<Vec<Text<'t>>>,
    group_id: Option<Text<'t>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ZoneConfig<'t> {
    #[serde(borrow)]
    name: Option<Text<'t>>,
    private_dns_zone_id: Option<Text<'t>>,
    record_sets: Option<Vec<NameAddresses<'t>>>,
    properties: Option<Box<ZoneConfig<'t>>>,
}

/// Any item. Its `properties` have none of their own: whatever nests deeper is passed over,
/// and takes no stack.
type Item<'t> = Fields<'t, Box<Fields<'t, IgnoredAny>>>;

/// The properties of all kinds of item that are read, side by side.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "P: Deserialize<'de>"))]
struct Fields<'t, P> {
    #[serde(borrow)]
    id: Option<Text<'t>>,
    name: Option<Text<'t>>,
    #[serde(rename = "type")]
    kind: Option<Text<'t>>,
    location: Option<Text<'t>>,
    resource_group: Option<Text<'t>>,
    properties: Option<P>,
    // Record sets.
    fqdn: Option<Text<'t>>,
    ttl: Option<Number>,
    is_auto_registered: Option<bool>,
    metadata: Option<Metadata<'t>>,
    a_records: Option<Vec<Record<'t>>>,
    aaaa_records: Option<Vec<Record<'t>>>,
    cname_record: Option<Box<Record<'t>>>,
    mx_records: Option<Vec<Record<'t>>>,
    ptr_records: Option<Vec<Record<'t>>>,
    srv_records: Option<Vec<Record<'t>>>,
    txt_records: Option<Vec<Record<'t>>>,
    soa_record: Option<Box<Record<'t>>>,
    /// The one list that Resource Graph has for all types.
    records: Option<Vec<Record<'t>>>,
    // Zones.
    number_of_record_sets: Option<Number>,
    number_of_virtual_network_links: Option<Number>,
    // Links.
    virtual_network: Option<Reference<'t>>,
    registration_enabled: Option<bool>,
    resolution_policy: Option<Text<'t>>,
    virtual_network_link_state: Option<Text<'t>>,
    provisioning_state: Option<Text<'t>>,
    // Networks.
    address_space: Option<AddressSpace<'t>>,
    dhcp_options: Option<DhcpOptions<'t>>,
    // Private endpoints and their zone groups.
    subnet: Option<Reference<'t>>,
    private_link_service_connections: Option<Vec<Connection<'t>>>,
    manual_private_link_service_connections: Option<Vec<Connection<'t>>>,
    custom_dns_configs: Option<Vec<NameAddresses<'t>>>,
    // Network interfaces of private endpoints.
    private_endpoint: Option<Reference<'t>>,
    ip_configurations: Option<Vec<IpConfiguration<'t>>>,
    private_dns_zone_configs: Option<Vec<ZoneConfig<'t>>>,
}

/// The property of an item, at its top or below `properties`.
macro_rules! property {
    ($item:expr, $field:ident) => {
        $item.$field.as_ref().or_else(|| {
            let properties = $item.properties.as_deref();
            properties.and_then(|properties| properties.$field.as_ref())
        })
    };
}

/// What the documentation's examples of zone groups call the endpoint, in ids made by hand too.
///
/// "Private DNS Zone Groups - List", learn.microsoft.com/rest/api/virtualnetwork, 2023-09-01;
/// read 2026-11.
const MISNAMED_GROUP: &str = "microsoft.network/privatelinkservices/privatednszonegroups";

/// Just enough to tell what a broken item was meant to be.
#[derive(Deserialize)]
struct Head<'t> {
    #[serde(borrow)]
    id: Option<Text<'t>>,
    #[serde(rename = "type")]
    kind: Option<Text<'t>>,
}

/// How deep lists may stand within lists; exports pasted together have one or two.
const DEPTH_LIMIT: usize = 8;

/// The kinds of item that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Zone,
    RecordSet(RecordType),
    Link,
    Vnet,
    Resource(&'static Service),
    Connection,
    Endpoint,
    ZoneGroup,
    Interface,
    FailoverGroup,
    Forwarding(Part),
}

/// The kinds of item that say who else answers and forwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Resolver,
    Inbound,
    Outbound,
    Ruleset,
    Rule,
    RulesetLink,
    Machine,
    Firewall,
    FirewallPolicy,
    Policy,
    PolicyRule,
    PolicyLink,
    DomainList,
}

/// Reads every value of `text` into `assembly`.
pub(super) fn read(input: InputId, text: &str, assembly: &mut Assembly) {
    let mut reader = Reader::new(input, text, assembly);
    let mut at = json::skip_space(text, 0);
    let mut between = 0usize;
    while at < text.len() {
        match text.as_bytes()[at] {
            b'{' | b'[' => {
                let end = reader.value(at);
                at = json::skip_space(text, end);
            }
            _ => {
                between += 1;
                match json::next_value(text, at) {
                    Some(next) => at = next,
                    None => break,
                }
            }
        }
    }
    if between > 0 {
        let places = if between == 1 { "place" } else { "places" };
        let message =
            format!("text between the JSON values was passed over, in {between} {places}");
        reader.note(NoteKind::Reading, message, 0, 0);
    }
    reader.finish();
}

/// Takes items that another format was turned into, written as the management
/// API writes them, each with its octets in `text`. No record sets or links of a zone are
/// taken for all of them; of what stands for itself `extent` says whether this is a list:
/// `Unknown` for single items. What becomes of each item is the caller's to count, for
/// whom several may be one.
pub(super) fn take_items(
    input: InputId,
    text: &str,
    items: impl IntoIterator<Item = (serde_json::Value, Range<usize>)>,
    extent: Extent,
    assembly: &mut Assembly,
) -> Vec<Fate> {
    let mut reader = Reader::new(input, text, assembly);
    let cut = extent == Extent::Partial;
    let mut listed = Listed { more: true, cut, ..Listed::default() };
    let items = items.into_iter();
    let fates = items.map(|(item, range)| reader.value_item(&item, range, &mut listed)).collect();
    if extent != Extent::Unknown {
        reader.judge(listed);
    }
    reader.finish();
    fates
}

/// Whether items of this type are read where nobody has deployed them yet: what
/// names a service gives its resources is known afterwards.
pub(super) fn is_template_read(kind: &str) -> bool {
    kind_of(Some(&Text(Cow::Borrowed(kind))), None).is_some_and(is_known_before_deployment)
}

/// The type of the items of this kind, where it matters whether all of them were read.
fn inventory_kind(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Zone => Some(Inventory::ZONES),
        Kind::Vnet => Some(Inventory::VNETS),
        Kind::Endpoint => Some(Inventory::ENDPOINTS),
        Kind::Forwarding(Part::Ruleset) => Some(Inventory::RULESETS),
        Kind::Forwarding(Part::Policy) => Some(Inventory::POLICIES),
        Kind::Resource(service) => Some(service.kind),
        _ => None,
    }
}

fn is_known_before_deployment(kind: Kind) -> bool {
    use Part::{Firewall, FirewallPolicy, Machine};
    !matches!(
        kind,
        Kind::Resource(_)
            | Kind::Connection
            | Kind::Interface
            | Kind::FailoverGroup
            | Kind::Forwarding(Machine | Firewall | FirewallPolicy)
    )
}

/// The property of this name in any case, if one of that name is read of any kind of item.
pub(super) fn property_named(name: &str) -> Option<&'static str> {
    let own = PROPERTIES.into_iter().chain(FORWARDING_PROPERTIES);
    let mut known = own.chain(inventory::properties());
    known.find(|known| known.eq_ignore_ascii_case(name))
}

/// The properties that are read of items other than resources of services.
const PROPERTIES: [&str; 29] = [
    "fqdn",
    "ttl",
    "isAutoRegistered",
    "metadata",
    "aRecords",
    "aaaaRecords",
    "cnameRecord",
    "mxRecords",
    "ptrRecords",
    "srvRecords",
    "txtRecords",
    "soaRecord",
    "records",
    "numberOfRecordSets",
    "numberOfVirtualNetworkLinks",
    "virtualNetwork",
    "registrationEnabled",
    "resolutionPolicy",
    "virtualNetworkLinkState",
    "provisioningState",
    "addressSpace",
    "dhcpOptions",
    "subnet",
    "privateLinkServiceConnections",
    "manualPrivateLinkServiceConnections",
    "customDnsConfigs",
    "privateDnsZoneConfigs",
    "privateEndpoint",
    "ipConfigurations",
];

/// The properties that forwarding is read of, at the top of items.
const FORWARDING_PROPERTIES: [&str; 27] = [
    "action",
    "additionalProperties",
    "dnsResolverDomainLists",
    "dnsSecurityRuleState",
    "domains",
    "domainsUrl",
    "managedDomainLists",
    "priority",
    "dnsEnableProxy",
    "dnsServer",
    "dnsSettings",
    "domainName",
    "extended",
    "firewallPolicy",
    "firewalls",
    "forwardingRuleState",
    "instanceView",
    "ipConfiguration",
    "networkProfile",
    "osProfile",
    "powerState",
    "primary",
    "subnetId",
    "targetDnsServer",
    "targetDnsServers",
    "virtualMachine",
    "virtualNetworkId",
];

struct Reader<'t, 'a> {
    input: InputId,
    text: &'t str,
    assembly: &'a mut Assembly,
    /// By type: how many items, and where the first one is.
    unsupported: BTreeMap<String, (usize, usize)>,
    /// The links, until it is known whether the input shows resolution policies.
    links: Vec<(ZoneId, Link)>,
    shows_policies: bool,
    /// How many lists the one that is read is within, itself included.
    depth: usize,
    /// Whether Resource Graph made columns of parts of `properties` somewhere.
    projected: bool,
}

/// What one list of items showed, to judge how complete it is.
#[derive(Default)]
struct Listed {
    /// Zones with an SOA set, and zones with any other set.
    with_soa: BTreeSet<ZoneId>,
    with_data: BTreeSet<ZoneId>,
    with_links: BTreeSet<ZoneId>,
    with_rules: BTreeSet<RulesetId>,
    with_ruleset_links: BTreeSet<RulesetId>,
    /// Policies with a rule: their names, ids and where that rule is.
    with_policy_rules: Vec<(String, Option<ResourceId>, Origin)>,
    /// The same of policies with a link.
    with_policy_links: Vec<(String, Option<ResourceId>, Origin)>,
    /// The inventories that its items are in.
    inventories: BTreeSet<Inventory>,
    /// Types of which an item was refused.
    refused: BTreeSet<String>,
    /// Nothing says that it is all there is.
    more: bool,
    /// It is known not to be: a page follows, or part of it could not be told apart.
    cut: bool,
}

impl<'t, 'a> Reader<'t, 'a> {
    fn new(input: InputId, text: &'t str, assembly: &'a mut Assembly) -> Self {
        Reader {
            input,
            text,
            assembly,
            unsupported: BTreeMap::new(),
            links: Vec::new(),
            shows_policies: false,
            depth: 0,
            projected: memchr::memmem::find(text.as_bytes(), b"\"properties_").is_some(),
        }
    }

    /// Hands over what had to wait for the whole input.
    fn finish(mut self) {
        for (zone, mut link) in std::mem::take(&mut self.links) {
            // An export that shows one policy is new enough to show all that are not the default.
            if self.shows_policies && link.policy == Policy::Unstated {
                link.policy = Policy::Default;
            }
            self.assembly.put_link(zone, link);
        }
        for (kind, (count, start)) in std::mem::take(&mut self.unsupported) {
            let items = if count == 1 { "item" } else { "items" };
            let message = format!("{count} {items} of type `{kind}` not used");
            self.note(NoteKind::Unsupported, message, start, 0);
        }
    }

    fn origin(&self, start: usize, length: usize) -> Origin {
        Origin { input: self.input, start: start as u32, length: length as u32 }
    }

    fn note(&mut self, kind: NoteKind, message: impl Into<String>, start: usize, length: usize) {
        let origin = self.origin(start, length);
        self.assembly.note(kind, message, origin);
    }

    /// Reads the value at `at` and says where it ends.
    fn value(&mut self, at: usize) -> usize {
        if self.text.as_bytes()[at] == b'[' {
            return self.list(at, false);
        }
        let (members, broken) = json::members(self.text, at);
        let end = match json::skip_value(self.text, at) {
            Ok(end) => end,
            Err(error) if members.is_empty() => {
                let broken = broken.unwrap_or(error);
                self.note(NoteKind::Unreadable, broken.message, broken.at, 1);
                return self.text.len();
            }
            Err(_) => self.text.len(),
        };
        let key = |member: &json::Member| &self.text[member.key.clone()];
        let member = |name: &str| {
            let same = |member: &&json::Member| key(member).eq_ignore_ascii_case(name);
            members.iter().find(same).map(|member| member.value.clone())
        };
        let is_array = |value: &Range<usize>| self.text[value.clone()].starts_with('[');
        let text = |name: &str| {
            let value = member(name).map(|value| &self.text[value])?;
            serde_json::from_str::<String>(value).ok()
        };
        let is_list = |value: &Range<usize>| is_array(value) || rows::is_table(self.text, value);
        if rows::is_table(self.text, &(at..end)) {
            self.table(at..end, false);
            return end;
        }
        if let Some(items) = member("value").or_else(|| member("data")).filter(is_list) {
            let tokens = ["nextLink", "skip_token", "$skipToken", "skipToken"];
            let token = tokens.iter().find(|name| text(name).is_some_and(|t| !t.is_empty()));
            let number = |name: &str| {
                member(name).and_then(|value| self.text[value].trim().parse::<u64>().ok())
            };
            let total = number("total_records").or_else(|| number("totalRecords"));
            let rows = || match is_array(&items) {
                true => Elements::new(self.text, items.start).count() as u64,
                false => rows::table(self.text, items.clone()).len() as u64,
            };
            let count = total.map(|_| number("count").unwrap_or_else(rows));
            let cut = total > count;
            if let Some(token) = token {
                let message = format!("is one page of several: `{token}` says that more follows");
                self.note(NoteKind::Partial, message, at, 1);
            } else if cut {
                let message =
                    format!("holds {} of {} rows", count.unwrap_or(0), total.unwrap_or(0));
                self.note(NoteKind::Partial, message, at, 1);
            }
            let more = token.is_some() || cut;
            if is_array(&items) {
                self.list(items.start, more);
            } else {
                self.table(items, more);
            }
            return end;
        }
        if let Some(error) = member("error") {
            let what = self.text[error.clone()].chars().take(200).collect::<String>();
            let message = format!("is an error answer, not an export: {what}");
            self.note(NoteKind::Unreadable, message, error.start, error.len());
            return end;
        }
        if let (Some(code), Some(message)) = (text("code"), text("message")) {
            let message = format!("is an error answer, not an export: {code}: {message}");
            self.note(NoteKind::Unreadable, message, at, end - at);
            return end;
        }
        if let Some(list) = member("responses").or_else(|| member("changes")).filter(is_array) {
            self.wrapped(list.start);
            return end;
        }
        let foreign = [
            ("format_version", "Terraform's `show -json`"),
            ("lineage", "a Terraform state"),
            ("root_module", "a part of a Terraform plan"),
            ("$schema", "a deployment template or its parameters, beside other JSON"),
        ];
        if let Some((_, what)) = foreign.iter().find(|entry| member(entry.0).is_some()) {
            let message = format!("is {what}, which is not read");
            self.note(NoteKind::Unrecognised, message, at, 1);
            self.assembly.set_kind(self.input, UNRECOGNISED);
            return end;
        }
        let mut listed = Listed { more: true, ..Listed::default() };
        if end == self.text.len() && broken.is_some() {
            let broken = broken.unwrap_or(json::Broken { at, message: String::new() });
            self.note(NoteKind::Refused, broken.message, broken.at, 1);
            self.assembly.count(self.input, Fate::Refused);
        } else {
            self.item(at..end, &mut listed);
        }
        end
    }

    /// Reads what stands within the elements of a list: the `content` of the answers to a
    /// batch of requests, and what was `before` the changes of a what-if.
    ///
    /// "Deployments - What If", learn.microsoft.com/rest/api/resources, read 2026-11.
    fn wrapped(&mut self, list: usize) {
        let text = self.text;
        let mut later = None;
        self.depth += 1;
        for element in Elements::new(text, list) {
            let range = match element {
                Ok(range) => range,
                Err(broken) => {
                    if broken.at < text.len() {
                        self.assembly.count(self.input, Fate::Refused);
                    }
                    self.note(NoteKind::Refused, broken.message, broken.at, 1);
                    continue;
                }
            };
            let members = match text[range.clone()].starts_with('{') {
                true => json::members(text, range.start).0,
                false => Vec::new(),
            };
            let is_object = |member: &&json::Member| {
                ["content", "before"].contains(&&text[member.key.clone()])
                    && text[member.value.clone()].starts_with('{')
            };
            match members.iter().find(is_object) {
                Some(member) if self.depth <= DEPTH_LIMIT => {
                    self.value(member.value.start);
                }
                _ => {
                    self.assembly.count(self.input, Fate::Unsupported);
                    later.get_or_insert((0, range.start)).0 += 1;
                }
            }
        }
        self.depth -= 1;
        if let Some((count, start)) = later {
            let items = if count == 1 { "item is" } else { "items are" };
            let message = format!("{count} {items} not there before, or without content: not used");
            self.note(NoteKind::Unsupported, message, start, 0);
        }
    }

    /// Reads the list that starts at `at` and says where it ends.
    fn list(&mut self, at: usize, more: bool) -> usize {
        let mut listed = Listed { more, cut: more, ..Listed::default() };
        let mut elements = Elements::new(self.text, at);
        let mut end = at + 1;
        self.depth += 1;
        loop {
            if !self.projected
                && let Some((item, range)) = elements.next_parsed::<Box<Item<'t>>>()
            {
                end = range.end;
                self.parsed_item(&item, range, &mut listed);
                continue;
            }
            let Some(element) = elements.next() else { break };
            match element {
                Ok(range) if self.text.as_bytes()[range.start] != b'[' => {
                    end = range.end;
                    if !self.item(range.clone(), &mut listed) {
                        elements.resume_within(&range);
                        (listed.more, listed.cut) = (true, true);
                    }
                }
                Ok(range) if self.depth < DEPTH_LIMIT => end = self.list(range.start, more),
                Ok(range) => {
                    end = range.end;
                    (listed.more, listed.cut) = (true, true);
                    let message =
                        format!("lists within lists are read to a depth of {DEPTH_LIMIT}");
                    self.note(NoteKind::Refused, message, range.start, 1);
                    self.assembly.count(self.input, Fate::Refused);
                }
                Err(broken) => {
                    (listed.more, listed.cut) = (true, true);
                    end = self.text.len();
                    // A list that ends between items is short of what nobody met.
                    if broken.at < self.text.len() {
                        self.assembly.count(self.input, Fate::Refused);
                    }
                    self.note(NoteKind::Refused, broken.message, broken.at, 1);
                }
            }
        }
        self.depth -= 1;
        self.judge(listed);
        let closing = json::skip_space(self.text, end);
        match self.text.as_bytes().get(closing) {
            Some(b']') => closing + 1,
            _ => json::skip_value(self.text, at).unwrap_or(end.max(at + 1)),
        }
    }

    /// A list of all types has the SOA set among others, a list of links has
    /// all of a zone's links.
    fn judge(&mut self, listed: Listed) {
        for inventory in listed.inventories {
            let short = listed.cut || listed.refused.contains(&inventory.kind);
            let extent = if short { Extent::Partial } else { Extent::Whole };
            self.assembly.put_inventory(inventory, extent);
        }
        if listed.cut {
            for &zone in &listed.with_links {
                self.assembly.zone(zone).links_short = true;
            }
        }
        if listed.more {
            return;
        }
        for &zone in listed.with_soa.intersection(&listed.with_data) {
            self.assembly.zone(zone).listed = true;
        }
        for &zone in &listed.with_links {
            self.assembly.zone(zone).links_listed = true;
        }
        for &ruleset in &listed.with_rules {
            self.assembly.ruleset(ruleset).rules_listed = true;
        }
        for &ruleset in &listed.with_ruleset_links {
            self.assembly.ruleset(ruleset).links_listed = true;
        }
        for (name, id, origin) in listed.with_policy_rules {
            let policy = SecurityPolicy::new(name, id, origin);
            self.assembly.put_policy(SecurityPolicy { rules_listed: true, ..policy });
        }
        for (name, id, origin) in listed.with_policy_links {
            let policy = SecurityPolicy::new(name, id, origin);
            self.assembly.put_policy(SecurityPolicy { links_listed: true, ..policy });
        }
    }

    /// Reads one item; false where it is no JSON at all.
    fn item(&mut self, range: Range<usize>, listed: &mut Listed) -> bool {
        let slice = &self.text[range.clone()];
        let origin = self.origin(range.start, range.len());
        if self.projected
            && let Ok(row) =
                serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(slice)
            && row.keys().any(|key| key.starts_with(rows::PROJECTED))
        {
            self.row(rows::item(row), range, listed);
            return true;
        }
        match serde_json::from_str::<Item<'t>>(slice) {
            Ok(item) => {
                self.parsed_item(&item, range, listed);
                true
            }
            Err(error) => match self.service_item(slice, origin, listed) {
                Some(fate) => {
                    self.assembly.count(self.input, fate);
                    true
                }
                None => self.broken_item(range, &error, listed),
            },
        }
    }

    fn parsed_item(&mut self, item: &Item<'t>, range: Range<usize>, listed: &mut Listed) {
        let origin = self.origin(range.start, range.len());
        let fate = self.take(item, &self.text[range], origin, listed);
        self.assembly.count(self.input, fate);
    }

    /// Reads a resource of a service: what other kinds of item call as it calls something
    /// else cannot spoil it.
    fn service_item(&mut self, json: &str, origin: Origin, listed: &mut Listed) -> Option<Fate> {
        let stated = stated(json).ok()?;
        let text = |key: &str| Some(Text(Cow::Owned(stated[key].as_str()?.to_owned())));
        let (id, kind) = (text("id"), text("type"));
        let kind_of_item = kind_of(kind.as_ref(), id.as_ref())?;
        if !matches!(kind_of_item, Kind::Resource(_) | Kind::Connection | Kind::Forwarding(_)) {
            return None;
        }
        let (name, location) = (text("name"), text("location"));
        let item = Item { id, name, kind, location, ..Item::default() };
        Some(self.take(&item, json, origin, listed))
    }

    /// Reads the rows of a table.
    fn table(&mut self, range: Range<usize>, cut: bool) {
        let mut listed = Listed { more: true, cut, ..Listed::default() };
        for (row, range) in rows::table(self.text, range) {
            self.row(row, range, &mut listed);
        }
        self.judge(listed);
    }

    fn row(
        &mut self,
        row: Result<serde_json::Value, String>,
        range: Range<usize>,
        listed: &mut Listed,
    ) {
        let fate = match row {
            Ok(item) => self.value_item(&item, range, listed),
            Err(message) => {
                listed.cut = true;
                self.note(NoteKind::Refused, message, range.start, range.len());
                Fate::Refused
            }
        };
        self.assembly.count(self.input, fate);
    }

    /// Takes an item that was put together from `range` of the text.
    fn value_item(
        &mut self,
        item: &serde_json::Value,
        range: Range<usize>,
        listed: &mut Listed,
    ) -> Fate {
        let origin = self.origin(range.start, range.len());
        // Such items show no whole list of a zone's record sets or links.
        listed.more = true;
        let json = item.to_string();
        match serde_json::from_str::<Item<'_>>(&json) {
            Ok(item) => self.take(&item, &json, origin, listed),
            Err(error) => {
                listed.cut = true;
                let message = error.to_string();
                let message = message.split(" at line ").next().unwrap_or("");
                self.note(NoteKind::Refused, message, range.start, range.len());
                Fate::Refused
            }
        }
    }

    /// Puts one item, whose text is `json`, where it belongs.
    fn take(&mut self, item: &Item<'_>, json: &str, origin: Origin, listed: &mut Listed) -> Fate {
        // A template names no resource of a service.
        let usable = |kind: &Kind| {
            item.id.is_some() || item.name.is_some() || is_known_before_deployment(*kind)
        };
        let kind = kind_of(item.kind.as_ref(), item.id.as_ref());
        let Some(kind) = kind.filter(usable) else {
            let name = match (&item.kind, &item.id) {
                (Some(kind), _) => kind.as_str().to_ascii_lowercase(),
                (None, Some(id)) => ResourceId::new(id.as_str())
                    .and_then(|id| id.resource_type())
                    .unwrap_or_else(|| "unknown".to_owned()),
                (None, None) => "unknown: no `id` and no `type`; export without --query".to_owned(),
            };
            let entry = self.unsupported.entry(name).or_insert((0, origin.start as usize));
            entry.0 += 1;
            return Fate::Unsupported;
        };
        let result = match kind {
            Kind::Zone => self.zone(item, origin),
            Kind::RecordSet(record_type) => self.record_set(item, record_type, origin, listed),
            Kind::Link => self.link(item, origin, listed),
            Kind::Vnet => self.vnet(item, origin),
            Kind::Resource(service) => self.resource(item, service, json, origin),
            Kind::Connection => self.connection(item, json, origin),
            Kind::Endpoint => self.endpoint(item, origin),
            Kind::ZoneGroup => self.zone_group(item, origin),
            Kind::Interface => self.interface(item, json, origin),
            Kind::FailoverGroup => stated(json)
                .map_err(|error| (error, origin))
                .and_then(|value| self.failover_group(&Stated { value, json, origin })),
            Kind::Forwarding(part) => self.forwarding(item, part, json, origin, listed),
        };
        let id = item.id.as_ref().map(Text::as_str);
        if let Err((message, place)) = result {
            self.assembly.note(NoteKind::Refused, message, place);
            self.miss(kind, id, origin, listed);
            return Fate::Refused;
        }
        if let Some(kind) = inventory_kind(kind) {
            let id = id.and_then(ResourceId::new);
            // Whose inventory it is in is not known, and neither is which of its items it is.
            if id.is_none() {
                listed.refused.insert(kind.to_lowercase());
            }
            listed.inventories.insert(Inventory::of(kind, id.as_ref()));
        }
        Fate::Used
    }

    /// Remembers what a refused item leaves out.
    fn miss(&mut self, kind: Kind, id: Option<&str>, origin: Origin, listed: &mut Listed) {
        match kind {
            Kind::RecordSet(_) => self.mark_refused(id, origin),
            Kind::Link => match id.map(|id| self.assembly.zone_of(id, origin)) {
                Some(Ok(zone)) => self.assembly.zone(zone).links_short = true,
                _ => listed.cut = true,
            },
            _ => {}
        }
        if let Some(kind) = inventory_kind(kind) {
            listed.refused.insert(kind.to_lowercase());
        }
    }

    /// What is known of a refused record set: its zone, and perhaps its owner.
    fn mark_refused(&mut self, id: Option<&str>, origin: Origin) {
        let Some(id) = id else { return };
        let Ok(zone) = self.assembly.zone_of(id, origin) else { return };
        let apex = self.assembly.zone(zone).apex;
        let owner = id.rsplit('/').next().unwrap_or("");
        match self.assembly.names().intern_text(owner, apex) {
            Ok(owner) => self.assembly.zone(zone).unread.push(owner),
            Err(_) => self.assembly.zone(zone).refused += 1,
        }
    }

    /// Counts an item that does not parse; false where it is no JSON at all.
    fn broken_item(
        &mut self,
        range: Range<usize>,
        error: &serde_json::Error,
        listed: &mut Listed,
    ) -> bool {
        let slice = &self.text[range.clone()];
        let head: Option<Head<'t>> = serde_json::from_str(slice).ok();
        if let Some(head) = &head {
            if kind_of(head.kind.as_ref(), head.id.as_ref()).is_none() {
                let kind = head.kind.as_ref().map_or("unknown", Text::as_str).to_ascii_lowercase();
                self.unsupported.entry(kind).or_insert((0, range.start)).0 += 1;
                self.assembly.count(self.input, Fate::Unsupported);
                return true;
            }
            let origin = self.origin(range.start, range.len());
            if let Some(kind) = kind_of(head.kind.as_ref(), head.id.as_ref()) {
                self.miss(kind, head.id.as_ref().map(Text::as_str), origin, listed);
                listed.more |= !matches!(kind, Kind::RecordSet(_));
            }
        } else {
            (listed.more, listed.cut) = (true, true);
        }
        self.assembly.count(self.input, Fate::Refused);
        let offset = offset_of(slice, error.line(), error.column());
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or("").to_owned();
        let message = match message.strip_prefix("duplicate field ") {
            Some(key) => format!("key {key} stands twice in this item"),
            None if !slice.starts_with('{') => {
                let shown: String = slice.chars().take(40).collect();
                format!("expected an object, found `{shown}`")
            }
            None => message,
        };
        self.note(NoteKind::Refused, message, range.start + offset, 1);
        !error.is_syntax() && !error.is_eof()
    }

    fn zone(&mut self, item: &Item<'_>, origin: Origin) -> Outcome {
        let zone = self.zone_of_item(item, origin)?;
        let count = |number: Option<&Number>| number.map(|number| number.0 as u32);
        let sets = count(property!(item, number_of_record_sets));
        let links = count(property!(item, number_of_virtual_network_links));
        let zone = self.assembly.zone(zone);
        zone.declared_record_sets = zone.declared_record_sets.max(sets);
        zone.declared_links = zone.declared_links.max(links);
        zone.origin = origin;
        Ok(())
    }

    fn zone_of_item(&mut self, item: &Item<'_>, origin: Origin) -> Result<ZoneId, Problem> {
        let at = |error: String| (error, origin);
        if let Some(id) = &item.id {
            return self.assembly.zone_of(id.as_str(), origin).map_err(at);
        }
        let name =
            item.name.as_ref().ok_or_else(|| at("this zone has no `id` and no `name`".into()))?;
        let place = name.origin(self.text, origin);
        let group = item.resource_group.as_ref().map(Text::as_str);
        self.zone_named(name.as_str(), group, origin).map_err(|error| (error, place))
    }

    fn zone_named(
        &mut self,
        apex: &str,
        group: Option<&str>,
        origin: Origin,
    ) -> Result<ZoneId, String> {
        let names = self.assembly.names();
        let apex = names.intern_text(apex, NameId::ROOT).map_err(|error| error.to_string())?;
        Ok(self.assembly.zone_named(apex, group, origin))
    }

    /// The zone and the child's own name of an item without an id, whose name is `zone/child`.
    fn zone_and_child<'i>(
        &mut self,
        item: &'i Item<'_>,
        origin: Origin,
    ) -> Option<Result<(ZoneId, &'i str), Problem>> {
        let (zone, child) = item.name.as_ref()?.as_str().split_once('/')?;
        let group = item.resource_group.as_ref().map(Text::as_str);
        let zone = self.zone_named(zone, group, origin).map_err(|error| (error, origin));
        Some(zone.map(|zone| (zone, child)))
    }

    /// The zone that an id refers to; a template's reference may lack its head.
    fn zone_referred(&mut self, id: &str, origin: Origin) -> Result<ZoneId, String> {
        match headless(id, "privateDnsZones") {
            Some((group, name)) => self.zone_named(name, group, origin),
            None => self.assembly.zone_of(id, origin),
        }
    }

    /// The network that an id refers to; a template's reference may lack its head.
    fn vnet_referred(&mut self, id: &str, origin: Origin) -> Result<VnetId, String> {
        match headless(id, "virtualNetworks") {
            Some((group, name)) => Ok(self.assembly.vnet_named(name, group, origin)),
            None => self.assembly.vnet_of(id, origin),
        }
    }

    fn record_set(
        &mut self,
        item: &Item<'_>,
        record_type: RecordType,
        origin: Origin,
        listed: &mut Listed,
    ) -> Outcome {
        let (zone, owner) = self.owner(item, origin)?;
        match record_type {
            RecordType::Soa => listed.with_soa.insert(zone),
            _ => listed.with_data.insert(zone),
        };
        let ttl = match property!(item, ttl) {
            None => None,
            Some(number) => {
                let ttl = u32::try_from(number.0).ok().and_then(Ttl::new);
                if ttl.is_none() {
                    let message = format!(
                        "expected a TTL of at most {} seconds, found `{}`; the set is read without it",
                        Ttl::MOST,
                        number.0
                    );
                    self.assembly.note(NoteKind::Reading, message, origin);
                }
                ttl
            }
        };
        let (data, whole) = self.data(item, record_type, origin)?;
        if !whole {
            self.assembly.zone(zone).unread.push(owner);
        }
        let creator = property!(item, metadata)
            .and_then(|metadata| metadata.creator.as_ref())
            .map(|creator| creator.as_str().into());
        let registered = property!(item, is_auto_registered).copied().unwrap_or(false);
        let set = RecordSet { owner, ttl, data, registered, creator, origin };
        self.assembly.put_record_set(zone, set);
        Ok(())
    }

    /// The zone and owner of a record set: from its id, or else from `fqdn` and `name`.
    fn owner(&mut self, item: &Item<'_>, origin: Origin) -> Result<(ZoneId, NameId), Problem> {
        let id = item.id.as_ref().filter(|id| ResourceId::is_one(id.as_str()));
        if let Some(id) = id {
            let zone =
                self.assembly.zone_of(id.as_str(), origin).map_err(|error| (error, origin))?;
            let apex = self.assembly.zone(zone).apex;
            // …/privateDnsZones/ZONE/TYPE/OWNER
            let owner = id.as_str().rsplit('/').next().unwrap_or("");
            let place = id.origin(self.text, origin);
            let owner = self
                .assembly
                .names()
                .intern_text(owner, apex)
                .map_err(|error| (format!("in a record set's id: {error}"), place))?;
            return Ok((zone, owner));
        }
        if property!(item, fqdn).is_none()
            && let Some(found) = self.zone_and_child(item, origin)
        {
            let (zone, owner) = found?;
            let apex = self.assembly.zone(zone).apex;
            let owner = self.assembly.names().intern_text(owner, apex);
            return Ok((zone, owner.map_err(|error| (error.to_string(), origin))?));
        }
        let missing = || match &item.id {
            Some(id) => {
                let message = format!("expected a resource id, found `{}`", id.as_str());
                (message, id.origin(self.text, origin))
            }
            None => {
                let message = "this record set has no `id`, and no `fqdn` with a `name`, so its \
                               zone is unknown";
                (message.to_owned(), origin)
            }
        };
        let fqdn = property!(item, fqdn).ok_or_else(missing)?;
        let name = item.name.as_ref().ok_or_else(missing)?;
        let zone = match name.as_str() {
            "@" => fqdn.as_str(),
            relative => fqdn
                .as_str()
                .strip_prefix(relative)
                .and_then(|rest| rest.strip_prefix('.'))
                .ok_or_else(missing)?,
        };
        let place = fqdn.origin(self.text, origin);
        let at = |error: crate::name::NameError| (error.to_string(), place);
        let names = self.assembly.names();
        let apex = names.intern_text(zone, NameId::ROOT).map_err(at)?;
        let owner = names.intern_text(fqdn.as_str(), NameId::ROOT).map_err(at)?;
        let group = item.resource_group.as_ref().map(Text::as_str);
        Ok((self.assembly.zone_named(apex, group, origin), owner))
    }

    /// The data, and whether that is all of it.
    fn data(
        &mut self,
        item: &Item<'_>,
        record_type: RecordType,
        origin: Origin,
    ) -> Result<(RecordData, bool), Problem> {
        fn one<'r, 't>(record: Option<&'r Record<'t>>) -> Option<&'r [Record<'t>]> {
            record.map(std::slice::from_ref)
        }
        let own = match record_type {
            RecordType::A => property!(item, a_records).map(Vec::as_slice),
            RecordType::Aaaa => property!(item, aaaa_records).map(Vec::as_slice),
            RecordType::Cname => one(property!(item, cname_record).map(|record| &**record)),
            RecordType::Mx => property!(item, mx_records).map(Vec::as_slice),
            RecordType::Ptr => property!(item, ptr_records).map(Vec::as_slice),
            RecordType::Soa => one(property!(item, soa_record).map(|record| &**record)),
            RecordType::Srv => property!(item, srv_records).map(Vec::as_slice),
            RecordType::Txt => property!(item, txt_records).map(Vec::as_slice),
            RecordType::Other(_) => None,
        };
        let records = own.or_else(|| property!(item, records).map(Vec::as_slice)).unwrap_or(&[]);
        if records.is_empty() {
            return Ok((RecordData::Empty(record_type), true));
        }
        let text = self.text;
        let mut problems: Vec<Problem> = Vec::new();
        let names = self.assembly.names();
        let data = parse_data(record_type, records, names, text, origin, &mut problems);
        match data {
            // The good records of a set are kept beside the bad ones.
            Some(data) => {
                let whole = problems.is_empty();
                for (message, place) in problems {
                    self.assembly.note(NoteKind::Refused, message, place);
                }
                Ok((data, whole))
            }
            None => {
                let last = problems.pop();
                for (message, place) in problems {
                    self.assembly.note(NoteKind::Refused, message, place);
                }
                Err(last.unwrap_or_else(|| ("this record set holds nothing".to_owned(), origin)))
            }
        }
    }

    fn link(&mut self, item: &Item<'_>, origin: Origin, listed: &mut Listed) -> Outcome {
        let at = |error: String| (error, origin);
        let (zone, name) = match &item.id {
            Some(id) => {
                let zone = self.assembly.zone_of(id.as_str(), origin).map_err(at)?;
                (zone, id.as_str().trim_end_matches('/').rsplit('/').next().unwrap_or_default())
            }
            None => self
                .zone_and_child(item, origin)
                .ok_or_else(|| at("this link has no `id`".to_owned()))??,
        };
        let network = property!(item, virtual_network)
            .and_then(|network| network.id.as_ref())
            .ok_or_else(|| at("this link names no virtual network".to_owned()))?;
        let place = network.origin(self.text, origin);
        let vnet = self.vnet_referred(network.as_str(), place).map_err(|error| (error, place))?;
        let policy = match property!(item, resolution_policy).map(Text::as_str) {
            None | Some("") => Policy::Unstated,
            Some(text) if text.eq_ignore_ascii_case("Default") => Policy::Default,
            Some(text) if text.eq_ignore_ascii_case("NxDomainRedirect") => Policy::NxDomainRedirect,
            Some(other) => {
                let message = format!(
                    "expected `Default` or `NxDomainRedirect` as `resolutionPolicy`, found `{other}`"
                );
                self.assembly.note(NoteKind::Refused, message, origin);
                Policy::Unstated
            }
        };
        let state = property!(item, virtual_network_link_state).map(Text::as_str);
        let provisioning = property!(item, provisioning_state).map(Text::as_str);
        // The API reference says `Done`, the service answers `Completed`.
        let working = |state: &&str| {
            ["Completed", "Done", "Succeeded"].iter().any(|good| good.eq_ignore_ascii_case(state))
        };
        let pending = state
            .filter(|state| !working(state))
            .or_else(|| provisioning.filter(|state| !working(state)))
            .map(str::to_owned);
        let name = name.to_owned();
        let registration = property!(item, registration_enabled).copied().unwrap_or(false);
        listed.with_links.insert(zone);
        self.shows_policies |= policy != Policy::Unstated;
        self.links.push((zone, Link { name, vnet, registration, policy, pending, origin }));
        Ok(())
    }

    fn vnet(&mut self, item: &Item<'_>, origin: Origin) -> Outcome {
        let at = |error: String| (error, origin);
        let vnet = match (&item.id, &item.name) {
            (Some(id), _) => self.assembly.vnet_of(id.as_str(), origin).map_err(at)?,
            (None, Some(name)) => {
                let group = item.resource_group.as_ref().map(Text::as_str);
                self.assembly.vnet_named(name.as_str(), group, origin)
            }
            (None, None) => return Err(at("this virtual network has no `id`".into())),
        };
        let mut servers = Vec::new();
        let mut known = true;
        let stated = property!(item, dhcp_options).and_then(|options| options.dns_servers.as_ref());
        for server in stated.into_iter().flatten() {
            match server.as_str().parse() {
                Ok(address) => servers.push(address),
                Err(_) => {
                    known = false;
                    let message = format!(
                        "expected an IP address in `dnsServers`, found `{}`",
                        server.as_str()
                    );
                    let place = server.origin(self.text, origin);
                    self.assembly.note(NoteKind::Refused, message, place);
                }
            }
        }
        let mut space = Vec::new();
        let prefixes =
            property!(item, address_space).and_then(|space| space.address_prefixes.as_ref());
        for prefix in prefixes.into_iter().flatten() {
            match prefix.as_str().parse() {
                Ok(prefix) => space.push(prefix),
                Err(_) => {
                    let message = format!(
                        "expected an address prefix in `addressPrefixes`, found `{}`",
                        prefix.as_str()
                    );
                    let place = prefix.origin(self.text, origin);
                    self.assembly.note(NoteKind::Refused, message, place);
                }
            }
        }
        let location = item.location.as_ref().map(|location| location.as_str().to_owned());
        // Without `properties` of any kind the item is a mere mention of the network.
        let shown = property!(item, address_space).is_some() || stated.is_some();
        if shown && known {
            self.servers(vnet, servers, origin);
        }
        let vnet = self.assembly.vnet(vnet);
        if vnet.space.len() < space.len() {
            vnet.space = space;
        }
        vnet.location = vnet.location.take().or(location);
        // A link may spell the name in its own way.
        let id = item.id.as_ref().and_then(|id| ResourceId::new(id.as_str()));
        if let Some(id) = id.and_then(|id| id.up_to("virtualNetworks")) {
            vnet.name = id.name().to_owned();
            vnet.id = Some(id);
        }
        vnet.origin = origin;
        Ok(())
    }

    /// Two exports that disagree: the longer list counts, so that the order has no say.
    fn servers(&mut self, id: VnetId, servers: Vec<IpAddr>, origin: Origin) {
        let vnet = self.assembly.vnet(id);
        let rank = |servers: &Vec<IpAddr>| (servers.len(), servers.clone());
        let other = vnet.servers.clone();
        if other.as_ref().is_none_or(|other| rank(&servers) > rank(other)) {
            vnet.servers = Some(servers.clone());
        }
        let name = vnet.name.clone();
        let Some(other) = other.filter(|other| *other != servers) else { return };
        let show = |servers: &[IpAddr]| match servers {
            [] => "Azure-provided DNS".to_owned(),
            servers => servers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        };
        let mut both = [servers, other];
        both.sort_by_key(|servers| std::cmp::Reverse(rank(servers)));
        let (counts, not) = (show(&both[0]), show(&both[1]));
        let message = format!(
            "virtual network `{name}` is exported with {counts} and with {not} as its DNS servers; \
             {counts} counts"
        );
        self.assembly.note(NoteKind::Contradiction, message, origin);
    }

    /// A resource of a service, as far as it has names and zones.
    fn resource(
        &mut self,
        item: &Item<'_>,
        service: &Service,
        json: &str,
        origin: Origin,
    ) -> Outcome {
        let at = |error: String| (error, origin);
        let (id, name) = identity(item, "this resource").map_err(at)?;
        let stated = stated(json).map_err(at)?;
        let facts = service.facts(&stated);
        let mut names = Vec::new();
        for (text, group, endpoint) in facts.names {
            let place = place_of(text, json, origin);
            match self.assembly.names().intern_text(text, NameId::ROOT) {
                Ok(name) => names.push(ServiceName { name, group: group.to_owned(), endpoint }),
                Err(error) => self.assembly.note(NoteKind::Refused, error.to_string(), place),
            }
        }
        for zone in facts.zones {
            let place = place_of(zone, json, origin);
            if let Err(message) = self.zone_referred(zone, place) {
                self.assembly.note(NoteKind::Refused, message, place);
            }
        }
        if let Some((zone, group)) = service.system_zone(&stated) {
            let place = place_of(zone, json, origin);
            self.zone_named(zone, group, place).map_err(at)?;
        }
        self.assembly.put_resource(Resource {
            name,
            id,
            kind: service.kind.to_owned(),
            location: item.location.as_ref().map(|location| location.as_str().to_owned()),
            public_access: facts.public_access,
            names,
            origin,
        });
        Ok(())
    }

    /// A private endpoint as the resource sees it that it leads to.
    fn connection(&mut self, item: &Item<'_>, json: &str, origin: Origin) -> Outcome {
        let at = |error: String| (error, origin);
        let (id, name) = identity(item, "this private endpoint connection").map_err(at)?;
        let stated = stated(json).map_err(at)?;
        let target = id.as_ref().and_then(ResourceId::parent).ok_or_else(|| {
            at("this private endpoint connection has no `id`, so its resource is unknown".into())
        })?;
        let service = target.resource_type().and_then(|kind| inventory::of_type(&kind));
        let groups = match service {
            Some(service) => service.groups(&stated),
            None => inventory::groups(&stated),
        };
        let endpoint = inventory::texts(&stated, "privateEndpoint.id").find_map(ResourceId::new);
        let state = match inventory::is_approved(&stated) {
            Some(true) => ConnectionState::Approved,
            _ => ConnectionState::NotApproved,
        };
        self.assembly.put_endpoint(Endpoint {
            name: endpoint.as_ref().map_or(name, |endpoint| endpoint.name().to_owned()),
            id: endpoint,
            vnet: None,
            state,
            target: Some(target),
            groups: groups.into_iter().map(str::to_owned).collect(),
            names: Vec::new(),
            zone_group: Vec::new(),
            group_names: GroupNames::default(),
            gone: false,
            origin,
        });
        Ok(())
    }

    fn endpoint(&mut self, item: &Item<'_>, origin: Origin) -> Outcome {
        let at = |error: String| (error, origin);
        let (id, name) = identity(item, "this private endpoint").map_err(at)?;
        let subnet = property!(item, subnet).and_then(|subnet| subnet.id.as_ref());
        let vnet = subnet.and_then(|subnet| {
            let place = subnet.origin(self.text, origin);
            self.vnet_referred(subnet.as_str(), place).ok()
        });
        let connections: Vec<&Connection<'_>> = property!(item, private_link_service_connections)
            .into_iter()
            .chain(property!(item, manual_private_link_service_connections))
            .flatten()
            .collect();
        let approved = |connection: &&&Connection<'_>| {
            connection_state(connection) == ConnectionState::Approved
        };
        let state = match connections.iter().find(approved) {
            Some(_) => ConnectionState::Approved,
            None => ConnectionState::NotApproved,
        };
        let target = connections
            .iter()
            .find_map(|connection| {
                nested(connection, |connection| connection.private_link_service_id.as_ref())
            })
            .and_then(|id| ResourceId::new(id.as_str()));
        let groups = connections
            .iter()
            .filter_map(|connection| nested(connection, |connection| connection.group_ids.as_ref()))
            .flatten()
            .map(|group| group.as_str().to_owned())
            .collect();
        let configs = property!(item, custom_dns_configs).into_iter().flatten();
        let names = self.name_addresses(configs, origin);
        self.assembly.put_endpoint(Endpoint {
            name,
            id,
            vnet,
            state,
            target,
            groups,
            names,
            zone_group: Vec::new(),
            group_names: GroupNames::default(),
            gone: false,
            origin,
        });
        Ok(())
    }

    fn zone_group(&mut self, item: &Item<'_>, origin: Origin) -> Outcome {
        let at = |error: String| (error, origin);
        let (id, group) = identity(item, "this zone group").map_err(at)?;
        let endpoint = match id {
            Some(id) => Some(endpoint_of_group(&id).ok_or_else(|| {
                at(format!("expected an id below a private endpoint, found `{}`", id.as_str()))
            })?),
            None => None,
        };
        let configs = property!(item, private_dns_zone_configs).into_iter().flatten();
        let mut names = Vec::new();
        let mut zone_group: Vec<Box<str>> = Vec::new();
        let mut group_names = GroupNames { group: Some(group.into()), zones: Vec::new() };
        for config in configs {
            let inner = config.properties.as_deref();
            let zone = config
                .private_dns_zone_id
                .as_ref()
                .or_else(|| inner.and_then(|inner| inner.private_dns_zone_id.as_ref()));
            if let Some(zone) = zone {
                zone_group.push(zone.as_str().into());
                if let Some(name) = &config.name {
                    group_names.zones.push((zone.as_str().into(), name.as_str().into()));
                }
                // The zone is mentioned, whether it was exported or not.
                let place = zone.origin(self.text, origin);
                if let Err(message) = self.zone_referred(zone.as_str(), place) {
                    self.assembly.note(NoteKind::Refused, message, place);
                }
            }
            let sets =
                config.record_sets.as_ref().or_else(|| inner.and_then(|i| i.record_sets.as_ref()));
            names.extend(self.name_addresses(sets.into_iter().flatten(), origin));
        }
        // Without an id the group cannot be told to its endpoint; its zones are known now.
        let Some(endpoint) = endpoint else { return Ok(()) };
        self.assembly.put_endpoint(Endpoint {
            name: endpoint.name().to_owned(),
            id: Some(endpoint),
            vnet: None,
            state: ConnectionState::Approved,
            target: None,
            groups: Vec::new(),
            names,
            zone_group,
            group_names,
            gone: false,
            origin,
        });
        Ok(())
    }

    fn forwarding(
        &mut self,
        head: &Item<'_>,
        part: Part,
        json: &str,
        origin: Origin,
        listed: &mut Listed,
    ) -> Outcome {
        let value = stated(json).map_err(|error| (error, origin))?;
        let item = &Stated { value, json, origin };
        match part {
            Part::Resolver => self.resolver(item),
            Part::Inbound => self.inbound(head, item),
            Part::Outbound => self.outbound(item),
            Part::Ruleset => self.ruleset(head, item),
            Part::Rule => self.rule(head, item, listed),
            Part::RulesetLink => self.ruleset_link(head, item, listed),
            Part::Machine => self.machine(head, item),
            Part::Firewall => self.firewall(head, item),
            Part::FirewallPolicy => self.firewall_policy(head, item),
            Part::Policy => self.policy(head, item),
            Part::PolicyRule => self.policy_rule(head, item, listed),
            Part::PolicyLink => self.policy_link(head, item, listed),
            Part::DomainList => self.domain_list(head, item),
        }
    }

    /// The interface of a private endpoint has its addresses and the names they serve;
    /// any other is a client.
    fn interface(&mut self, item: &Item<'_>, json: &str, origin: Origin) -> Outcome {
        let endpoint = property!(item, private_endpoint).and_then(|endpoint| endpoint.id.as_ref());
        let Some(endpoint) = endpoint.and_then(|id| ResourceId::new(id.as_str())) else {
            let value = stated(json).map_err(|error| (error, origin))?;
            return self.client(item, &Stated { value, json, origin });
        };
        let mut vnet = None;
        let mut groups = Vec::new();
        let mut names = Vec::new();
        for configuration in property!(item, ip_configurations).into_iter().flatten() {
            let inner = configuration.properties.as_deref();
            let nested = |field: fn(&IpConfiguration<'_>) -> bool| {
                [Some(configuration), inner].into_iter().flatten().find(|one| field(one))
            };
            if let Some(subnet) = nested(|one| one.subnet.is_some())
                .and_then(|one| one.subnet.as_ref())
                .and_then(|subnet| subnet.id.as_ref())
            {
                let place = subnet.origin(self.text, origin);
                vnet = vnet.or_else(|| self.assembly.vnet_of(subnet.as_str(), place).ok());
            }
            let link = nested(|one| one.private_link_connection_properties.is_some())
                .and_then(|one| one.private_link_connection_properties.as_ref());
            let (Some(link), Some(address)) =
                (link, nested(|one| one.address.is_some()).and_then(|one| one.address.as_ref()))
            else {
                continue;
            };
            groups.extend(link.group_id.iter().map(|group| group.as_str().to_owned()));
            let entries = link.fqdns.iter().flatten().map(|fqdn| NameAddresses {
                fqdn: Some(fqdn.clone()),
                ip_addresses: Some(vec![address.clone()]),
            });
            let entries: Vec<NameAddresses<'_>> = entries.collect();
            names.extend(self.name_addresses(entries.iter(), origin));
        }
        self.assembly.put_endpoint(Endpoint {
            name: endpoint.name().to_owned(),
            id: Some(endpoint),
            vnet,
            state: ConnectionState::Approved,
            target: None,
            groups,
            names,
            zone_group: Vec::new(),
            group_names: GroupNames::default(),
            gone: false,
            origin,
        });
        Ok(())
    }

    fn name_addresses<'r, 'i: 'r>(
        &mut self,
        entries: impl Iterator<Item = &'r NameAddresses<'i>>,
        origin: Origin,
    ) -> Vec<(NameId, Vec<IpAddr>)> {
        let mut names = Vec::new();
        for entry in entries {
            let Some(fqdn) = &entry.fqdn else { continue };
            let place = fqdn.origin(self.text, origin);
            let name = match self.assembly.names().intern_text(fqdn.as_str(), NameId::ROOT) {
                Ok(name) => name,
                Err(error) => {
                    self.assembly.note(NoteKind::Refused, error.to_string(), place);
                    continue;
                }
            };
            let mut addresses = Vec::new();
            for text in entry.ip_addresses.iter().flatten() {
                match text.as_str().parse() {
                    Ok(address) => addresses.push(address),
                    Err(_) => {
                        let message = format!(
                            "expected an IP address in `ipAddresses`, found `{}`",
                            text.as_str()
                        );
                        let place = text.origin(self.text, origin);
                        self.assembly.note(NoteKind::Refused, message, place);
                    }
                }
            }
            names.push((name, addresses));
        }
        names
    }
}

/// What is wrong, and where.
type Problem = (String, Origin);
type Outcome = Result<(), Problem>;

/// The id of an item, if it has one, and its name.
fn identity(item: &Item<'_>, what: &str) -> Result<(Option<ResourceId>, String), String> {
    match (&item.id, &item.name) {
        (Some(id), _) => {
            let id = ResourceId::new(id.as_str())
                .ok_or_else(|| format!("expected a resource id, found `{}`", id.as_str()))?;
            let name = id.name().to_owned();
            Ok((Some(id), name))
        }
        (None, Some(name)) => Ok((None, name.as_str().to_owned())),
        (None, None) => Err(format!("{what} has no `id`")),
    }
}

/// The group, if stated, and the name in an id that lacks its head, as a template
/// refers to what is deployed beside it:
/// `[/resourceGroups/GROUP]/providers/Microsoft.Network/KIND/NAME[/…]`.
fn headless<'i>(id: &'i str, kind: &str) -> Option<(Option<&'i str>, &'i str)> {
    let mut segments = id.strip_prefix('/')?.split('/');
    let mut next = segments.next()?;
    let mut group = None;
    if next.eq_ignore_ascii_case("resourceGroups") {
        group = Some(segments.next()?);
        next = segments.next()?;
    }
    let fits = next.eq_ignore_ascii_case("providers")
        && segments.next()?.eq_ignore_ascii_case("Microsoft.Network")
        && segments.next()?.eq_ignore_ascii_case(kind);
    let name = segments.next().filter(|name| !name.is_empty())?;
    fits.then_some((group, name))
}

/// An item whose properties differ from service to service.
fn stated(json: &str) -> Result<serde_json::Value, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

/// Where a text stands that is part of an item's `json`.
fn place_of(text: &str, json: &str, item: Origin) -> Origin {
    match json.find(text).filter(|_| json.len() == item.length as usize) {
        Some(at) => Origin { start: item.start + at as u32, length: text.len() as u32, ..item },
        None => item,
    }
}

fn nested<'c, 't, V>(
    connection: &'c Connection<'t>,
    field: impl Fn(&'c Connection<'t>) -> Option<&'c V>,
) -> Option<&'c V> {
    field(connection).or_else(|| connection.properties.as_deref().and_then(field))
}

fn connection_state(connection: &Connection<'_>) -> ConnectionState {
    let status = nested(connection, |c| c.private_link_service_connection_state.as_ref())
        .and_then(|state| state.status.as_ref());
    match status {
        Some(status) if status.as_str().eq_ignore_ascii_case("Approved") => {
            ConnectionState::Approved
        }
        _ => ConnectionState::NotApproved,
    }
}

fn kind_of(kind: Option<&Text<'_>>, id: Option<&Text<'_>>) -> Option<Kind> {
    const ZONES: &str = "microsoft.network/privatednszones";
    let stated = kind
        .map(Text::as_str)
        .filter(|kind| kind.get(..10).is_some_and(|head| head.eq_ignore_ascii_case("microsoft.")));
    let lower = match stated {
        Some(kind) => kind.to_ascii_lowercase(),
        None => ResourceId::new(id?.as_str())?.resource_type()?,
    };
    if let Some(child) = lower.strip_prefix(ZONES).and_then(|rest| rest.strip_prefix('/')) {
        return match child {
            "virtualnetworklinks" => Some(Kind::Link),
            "all" => None,
            other => match other.parse() {
                Ok(RecordType::Other(_)) | Err(_) => None,
                Ok(record_type) => Some(Kind::RecordSet(record_type)),
            },
        };
    }
    match lower.as_str() {
        ZONES => Some(Kind::Zone),
        "microsoft.network/virtualnetworks" => Some(Kind::Vnet),
        "microsoft.network/privateendpoints" => Some(Kind::Endpoint),
        "microsoft.network/privateendpoints/privatednszonegroups" | MISNAMED_GROUP => {
            Some(Kind::ZoneGroup)
        }
        "microsoft.network/networkinterfaces" => Some(Kind::Interface),
        "microsoft.network/dnsresolvers" => Some(Kind::Forwarding(Part::Resolver)),
        "microsoft.network/dnsresolvers/inboundendpoints" => Some(Kind::Forwarding(Part::Inbound)),
        "microsoft.network/dnsresolvers/outboundendpoints" => {
            Some(Kind::Forwarding(Part::Outbound))
        }
        "microsoft.network/dnsforwardingrulesets" => Some(Kind::Forwarding(Part::Ruleset)),
        "microsoft.network/dnsforwardingrulesets/forwardingrules" => {
            Some(Kind::Forwarding(Part::Rule))
        }
        "microsoft.network/dnsforwardingrulesets/virtualnetworklinks" => {
            Some(Kind::Forwarding(Part::RulesetLink))
        }
        "microsoft.network/dnsresolverpolicies" => Some(Kind::Forwarding(Part::Policy)),
        "microsoft.network/dnsresolverpolicies/dnssecurityrules" => {
            Some(Kind::Forwarding(Part::PolicyRule))
        }
        "microsoft.network/dnsresolverpolicies/virtualnetworklinks" => {
            Some(Kind::Forwarding(Part::PolicyLink))
        }
        "microsoft.network/dnsresolverdomainlists" => Some(Kind::Forwarding(Part::DomainList)),
        "microsoft.network/azurefirewalls" => Some(Kind::Forwarding(Part::Firewall)),
        "microsoft.network/firewallpolicies" => Some(Kind::Forwarding(Part::FirewallPolicy)),
        "microsoft.sql/servers/failovergroups" => Some(Kind::FailoverGroup),
        "microsoft.compute/virtualmachines" => Some(Kind::Forwarding(Part::Machine)),
        other if other.ends_with("/privateendpointconnections") => Some(Kind::Connection),
        other => inventory::of_type(other).map(Kind::Resource),
    }
}

/// The private endpoint that a zone group belongs to.
fn endpoint_of_group(group: &ResourceId) -> Option<ResourceId> {
    if group.resource_type()? == MISNAMED_GROUP {
        let service = group.up_to("privateLinkServices")?;
        let (head, name) = service.as_str().rsplit_once('/')?;
        let (head, _) = head.rsplit_once('/')?;
        return ResourceId::new(&format!("{head}/privateEndpoints/{name}"));
    }
    group.up_to("privateEndpoints")
}

/// The data of a set; `None` where no record of it could be read.
fn parse_data(
    record_type: RecordType,
    records: &[Record<'_>],
    names: &mut Names,
    text: &str,
    origin: Origin,
    problems: &mut Vec<Problem>,
) -> Option<RecordData> {
    fn address<A: std::str::FromStr>(
        value: Option<&Text<'_>>,
        what: &str,
        text: &str,
        origin: Origin,
    ) -> Result<A, Problem> {
        let Some(value) = value else { return Err((format!("expected {what}"), origin)) };
        value.as_str().parse().map_err(|_| {
            let message = format!("expected {what}, found `{}`", value.as_str());
            (message, value.origin(text, origin))
        })
    }
    fn target(
        value: Option<&Text<'_>>,
        key: &str,
        names: &mut Names,
        text: &str,
        origin: Origin,
    ) -> Result<NameId, Problem> {
        let Some(value) = value else {
            return Err((format!("expected a name in `{key}`"), origin));
        };
        // Absolute with or without final dot, a single label too.
        names
            .intern_text(value.as_str(), NameId::ROOT)
            .map_err(|error| (format!("in `{key}`: {error}"), value.origin(text, origin)))
    }
    fn collect<T>(
        records: &[Record<'_>],
        problems: &mut Vec<Problem>,
        mut parse: impl FnMut(&Record<'_>) -> Result<T, Problem>,
    ) -> Option<Vec<T>> {
        let mut parsed = Vec::with_capacity(records.len());
        for record in records {
            match parse(record) {
                Ok(value) => parsed.push(value),
                Err(problem) => problems.push(problem),
            }
        }
        (!parsed.is_empty()).then_some(parsed)
    }
    let data = match record_type {
        RecordType::A => {
            let what = "an IPv4 address in `ipv4Address`";
            let parse = |record: &Record<'_>| {
                address::<Ipv4Addr>(record.ipv4_address.as_ref(), what, text, origin)
            };
            RecordData::A(collect(records, problems, parse)?.into_iter().collect())
        }
        RecordType::Aaaa => {
            let what = "an IPv6 address in `ipv6Address`";
            let parse = |record: &Record<'_>| {
                address::<Ipv6Addr>(record.ipv6_address.as_ref(), what, text, origin)
            };
            RecordData::Aaaa(collect(records, problems, parse)?.into())
        }
        RecordType::Cname => {
            let parse =
                |record: &Record<'_>| target(record.cname.as_ref(), "cname", names, text, origin);
            RecordData::Cname(*collect(records, problems, parse)?.first()?)
        }
        RecordType::Mx => {
            let parse = |record: &Record<'_>| {
                let exchange = target(record.exchange.as_ref(), "exchange", names, text, origin)?;
                Ok(Mx { preference: record.preference.unwrap_or(0), exchange })
            };
            RecordData::Mx(collect(records, problems, parse)?.into())
        }
        RecordType::Ptr => {
            let parse = |record: &Record<'_>| {
                target(record.ptrdname.as_ref(), "ptrdname", names, text, origin)
            };
            RecordData::Ptr(collect(records, problems, parse)?.into())
        }
        RecordType::Srv => {
            let parse = |record: &Record<'_>| {
                Ok(Srv {
                    priority: record.priority.unwrap_or(0),
                    weight: record.weight.unwrap_or(0),
                    port: record.port.unwrap_or(0),
                    target: target(record.target.as_ref(), "target", names, text, origin)?,
                })
            };
            RecordData::Srv(collect(records, problems, parse)?.into())
        }
        RecordType::Txt => {
            let parse = |record: &Record<'_>| {
                let strings = record.value.as_deref().unwrap_or(&[]);
                Ok(strings.iter().map(|string| string.as_str().as_bytes().into()).collect())
            };
            RecordData::Txt(collect(records, problems, parse)?.into())
        }
        RecordType::Soa => {
            let record = records.first()?;
            let mut name = |value: Option<&Text<'_>>, key: &str| match value {
                None => NameId::ROOT,
                Some(_) => target(value, key, names, text, origin).unwrap_or_else(|problem| {
                    problems.push(problem);
                    NameId::ROOT
                }),
            };
            RecordData::Soa(Box::new(Soa {
                host: name(record.host.as_ref(), "host"),
                mailbox: name(record.email.as_ref(), "email"),
                serial: record.serial_number.map_or(0, |number| number.0),
                refresh: record.refresh_time.unwrap_or(0),
                retry: record.retry_time.unwrap_or(0),
                expire: record.expire_time.unwrap_or(0),
                minimum: record.minimum_ttl.or(record.minimum_ttl_upper).unwrap_or(0),
            }))
        }
        RecordType::Other(_) => return None,
    };
    Some(data)
}

/// The octet of a line and column as serde_json counts them: from 1, in octets.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let start = match line {
        0 | 1 => 0,
        _ => memchr::memchr_iter(b'\n', text.as_bytes()).nth(line - 2).map_or(0, |at| at + 1),
    };
    (start + column.saturating_sub(1)).min(text.len().saturating_sub(1))
}

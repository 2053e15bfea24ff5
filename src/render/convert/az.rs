//! JSON as `az` prints it: keys sorted, indented by two, one list a file.
//!
//! What `az` adds that no estate knows (etags, limits, tags) is left out.

mod forwarding;

use serde_json::{Map, Value, json};

use super::{File, Losses, NO_TEXT, is_text, is_whole, remarks, texts, zone_files};
use super::{endpoint_vnet, group, links, sets, vnet_group, vnet_id};
use crate::estate::{
    ConnectionState, Endpoint, Estate, Extent, Link, Policy, PublicFact, RecordSet, Resource,
    ResourceId, ServiceName, Vnet, Zone,
};
use crate::name::{NameId, Names};
use crate::record::{RecordData, RecordType};

const ZONES: &str = "Microsoft.Network/privateDnsZones";
const BATCH: &str = "Microsoft.Batch/batchAccounts";

/// The files of a directory of JSON, as `az` writes it, and what they do not hold.
///
/// A list that is known in part is written as its items one after another, as
/// `az … show` gives them, so that nobody takes it for the whole.
pub fn az(estate: &Estate) -> (Vec<File>, Losses) {
    let mut losses = Losses::default();
    remarks(estate, &mut losses);
    let mut files = Vec::new();
    let mut add = |path: String, items: &[Value], whole: bool| {
        files.push(File { path, text: list(items, whole) });
    };
    let zones: Vec<Value> = estate.zones.iter().map(|zone| zone_item(estate, zone)).collect();
    add("zones.json".to_owned(), &zones, true);
    for (zone, name) in estate.zones.iter().zip(zone_files(estate)) {
        let items: Vec<Value> =
            zone.record_sets.iter().map(|set| record_set(estate, zone, set)).collect();
        if !items.is_empty() || is_whole(zone) {
            add(format!("record-sets/{name}.json"), &items, is_whole(zone));
        }
        // One policy in a file says that the others are the default, so those nobody stated
        // stand apart.
        let (unstated, stated): (Vec<&Link>, Vec<&Link>) =
            zone.links.iter().partition(|link| link.policy == Policy::Unstated);
        let items = |links: &[&Link]| -> Vec<Value> {
            links.iter().filter_map(|link| link_item(estate, zone, link)).collect()
        };
        let (unstated, stated) = (items(&unstated), items(&stated));
        let whole = zone.links_extent() == Extent::Whole;
        if !stated.is_empty() {
            add(format!("links/{name}.json"), &stated, whole);
        }
        if !unstated.is_empty() || (whole && stated.is_empty()) {
            let directory = if stated.is_empty() { "links" } else { "links-unstated" };
            add(format!("{directory}/{name}.json"), &unstated, whole);
        }
    }
    let vnets: Vec<Value> = estate.vnets.iter().filter(|vnet| !vnet.site).map(vnet_item).collect();
    add("vnets.json".to_owned(), &vnets, true);
    let endpoints: Vec<Value> =
        estate.endpoints.iter().map(|endpoint| endpoint_item(estate, endpoint)).collect();
    add("private-endpoints.json".to_owned(), &endpoints, true);
    let groups: Vec<Value> = estate.endpoints.iter().filter_map(zone_group_item).collect();
    if !groups.is_empty() {
        add("private-endpoint-zone-groups.json".to_owned(), &groups, true);
    }
    let accounts: Vec<Value> =
        accounts(estate).map(|resource| account_item(&estate.names, resource)).collect();
    add("batch-accounts.json".to_owned(), &accounts, true);
    forwarding::add(estate, &mut files, &mut losses);
    count(estate, &mut losses);
    (files, losses)
}

fn accounts(estate: &Estate) -> impl Iterator<Item = &Resource> {
    estate.resources.iter().filter(|resource| resource.kind.eq_ignore_ascii_case(BATCH))
}

fn count(estate: &Estate, losses: &mut Losses) {
    let no_id = "without a resource id, which is not made up; not seen by what reads by id";
    let zones = estate.zones.iter().filter(|zone| zone.id.is_none()).count();
    losses.add(zones, "zone", "zones", "without a resource id, which is not made up");
    let vnets = estate.vnets.iter().filter(|vnet| vnet.id.is_none() && !vnet.site).count();
    losses.add(vnets, "virtual network", "virtual networks", no_id);
    let without = |zone: &&Zone| zone.id.is_none();
    let unread = |zone: &&Zone| !is_whole(zone) || zone.links_extent() == Extent::Partial;
    let lost = estate.zones.iter().map(|zone| {
        let lost = |link: &&Link| without(&zone) || vnet_id(estate, link.vnet).is_none();
        zone.links.iter().filter(lost).count()
    });
    let why = "left out; the zone or the network has no resource id";
    losses.add(lost.sum(), "link", "links", why);
    let known = |zone: &&Zone| !zone.record_sets.is_empty() || !zone.links.is_empty();
    let parts = estate.zones.iter().filter(unread).filter(known).count();
    losses.add(
        parts,
        "zone",
        "zones",
        "known in part only; items stand one by one, as `az … show` gives them",
    );
    let owners = estate.zones.iter().map(|zone| zone.unread.len()).sum();
    losses.add(owners, "owner", "owners", "with a record set that could not be read");
    let odd = sets(estate).filter(|set| !is_text(&set.data)).count();
    losses.add(odd, "TXT record set", "TXT record sets", NO_TEXT);
    let hidden = |vnet: &&Vnet| vnet.servers.is_none() && !vnet.space.is_empty();
    let space = estate.vnets.iter().filter(hidden).count();
    let why = "without the address space, beside which no DNS servers would mean those of Azure";
    losses.add(space, "virtual network", "virtual networks", why);
    let endpoints = || estate.endpoints.iter();
    let ids = endpoints().filter(|endpoint| endpoint.id.is_none()).count();
    losses.add(ids, "private endpoint", "private endpoints", no_id);
    let vnet = endpoints().filter(|endpoint| endpoint_vnet(estate, endpoint).is_some()).count();
    let why = "with the network's id in `subnet`, since no subnet is known";
    losses.add(vnet, "private endpoint", "private endpoints", why);
    let lost =
        |endpoint: &&Endpoint| endpoint.vnet.is_some() && endpoint_vnet(estate, endpoint).is_none();
    let why = "without the network, which has no resource id";
    losses.add(endpoints().filter(lost).count(), "private endpoint", "private endpoints", why);
    let others = estate.resources.len() - accounts(estate).count();
    losses.add(others, "resource", "resources", "left out; only Batch accounts are written");
    let ids = accounts(estate).filter(|resource| resource.id.is_none()).count();
    losses.add(ids, "Batch account", "Batch accounts", no_id);
    let names = accounts(estate).map(|resource| {
        let held = GROUPS.iter().filter(|entry| service(resource, entry.0).is_some()).count();
        resource.names.len() - held
    });
    losses.add(names.sum(), "name", "names", "left out; a Batch account has two");
    let mixed = accounts(estate).map(|resource| {
        let known = resource.names.iter().any(|name| name.endpoint.is_some());
        resource.names.iter().filter(|name| known && name.endpoint.is_none()).count()
    });
    let why = "said to have no private endpoint, which is not known";
    losses.add(mixed.sum(), "name", "names", why);
    let facts = |recorded: bool| {
        let is = |fact: &&PublicFact| matches!(fact, PublicFact::Recorded { .. }) == recorded;
        estate.public.iter().filter(is).count()
    };
    let why = "left out; no export of Azure holds any";
    losses.add(facts(true), "public answer", "public answers", why);
    let why = "left out; no resource is named";
    losses.add(facts(false), "statement on an endpoint", "statements on endpoints", why);
    let names = links(estate).filter(|link| link.name.is_empty()).count();
    losses.add(names, "link", "links", "without a name");
}

/// A list, or its items one after another.
fn list(items: &[Value], whole: bool) -> String {
    if whole {
        return format!("{:#}\n", Value::from(items.to_vec()));
    }
    items.iter().map(|item| format!("{item:#}\n")).collect()
}

/// An object without the members that are not known.
fn object<const COUNT: usize>(members: [(&str, Option<Value>); COUNT]) -> Value {
    let known = members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(known.collect::<Map<String, Value>>())
}

fn text(text: impl Into<String>) -> Option<Value> {
    Some(Value::String(text.into()))
}

fn maybe(value: Option<&str>) -> Option<Value> {
    value.and_then(text)
}

fn id(id: Option<&ResourceId>) -> Option<Value> {
    maybe(id.map(ResourceId::as_str))
}

/// A reference as `az` prints it: the id, with its resource group beside.
fn reference(id: &ResourceId) -> Option<Value> {
    Some(object([("id", text(id.as_str())), ("resourceGroup", maybe(id.resource_group()))]))
}

fn show(names: &Names, name: NameId) -> Option<Value> {
    text(names.show(name).to_string())
}

fn zone_item(estate: &Estate, zone: &Zone) -> Value {
    let sets = zone.record_sets.len() as u32;
    let soa = zone.record_sets.iter().any(|set| set.data.record_type() == RecordType::Soa);
    // A zone has one SOA set, counted whether it was exported or not.
    let loaded = sets + u32::from(!soa);
    let declared = match is_whole(zone) {
        true => Some(zone.declared_record_sets.unwrap_or(loaded)),
        // Where sets were refused, the count must not make the rest look whole.
        false => zone.declared_record_sets.filter(|&declared| declared > loaded),
    };
    let links = match zone.links_extent() {
        Extent::Whole => Some(zone.declared_links.unwrap_or(zone.links.len() as u32)),
        _ => zone.declared_links,
    };
    object([
        ("id", id(zone.id.as_ref())),
        ("location", text("global")),
        ("name", show(&estate.names, zone.apex)),
        ("numberOfRecordSets", declared.map(Value::from)),
        ("numberOfVirtualNetworkLinks", links.map(Value::from)),
        ("resourceGroup", maybe(group(zone))),
        ("type", text(ZONES)),
    ])
}

fn record_set(estate: &Estate, zone: &Zone, set: &RecordSet) -> Value {
    let names = &estate.names;
    let record_type = set.data.record_type();
    let owner = names.relative(set.owner, zone.apex);
    // An owner that would be more than one segment is found by its name.
    let own = zone.id.as_ref().filter(|_| !owner.contains(['/', ':']));
    let own = own.map(|id| format!("{id}/{record_type}/{owner}"));
    let (key, data) = data(names, &set.data);
    let metadata = set.creator.as_deref().map(|creator| object([("creator", text(creator))]));
    object([
        (key, data),
        ("fqdn", text(names.name(set.owner).to_string())),
        ("id", own.map(Value::from)),
        ("isAutoRegistered", Some(set.registered.into())),
        ("metadata", metadata),
        ("name", text(owner)),
        ("resourceGroup", maybe(group(zone))),
        ("ttl", set.ttl.map(|ttl| ttl.seconds().into())),
        ("type", text(format!("{ZONES}/{record_type}"))),
    ])
}

/// The data of a set with its key; none of a set without records.
fn data(names: &Names, data: &RecordData) -> (&'static str, Option<Value>) {
    fn all<T>(records: &[T], object: impl Fn(&T) -> Value) -> Option<Value> {
        Some(records.iter().map(object).collect())
    }
    let show = |name: NameId| names.show(name).to_string();
    match data {
        RecordData::A(addresses) => {
            ("aRecords", all(addresses, |address| json!({ "ipv4Address": address.to_string() })))
        }
        RecordData::Aaaa(addresses) => {
            ("aaaaRecords", all(addresses, |address| json!({ "ipv6Address": address.to_string() })))
        }
        RecordData::Cname(target) => ("cnameRecord", Some(json!({ "cname": show(*target) }))),
        RecordData::Mx(records) => (
            "mxRecords",
            all(
                records,
                |mx| json!({ "exchange": show(mx.exchange), "preference": mx.preference }),
            ),
        ),
        RecordData::Ptr(targets) => {
            ("ptrRecords", all(targets, |&target| json!({ "ptrdname": show(target) })))
        }
        RecordData::Srv(records) => (
            "srvRecords",
            all(records, |srv| {
                json!({
                    "port": srv.port,
                    "priority": srv.priority,
                    "target": show(srv.target),
                    "weight": srv.weight,
                })
            }),
        ),
        RecordData::Txt(records) => (
            "txtRecords",
            all(records, |strings| json!({ "value": texts(strings).collect::<Vec<_>>() })),
        ),
        RecordData::Soa(soa) => (
            "soaRecord",
            Some(json!({
                "email": show(soa.mailbox),
                "expireTime": soa.expire,
                "host": show(soa.host),
                "minimumTtl": soa.minimum,
                "refreshTime": soa.refresh,
                "retryTime": soa.retry,
                "serialNumber": soa.serial,
            })),
        ),
        RecordData::Empty(_) => ("records", None),
    }
}

/// `None` where the zone or the network is known by name only: a link is nothing but two ids.
fn link_item(estate: &Estate, zone: &Zone, link: &Link) -> Option<Value> {
    let own = format!("{}/virtualNetworkLinks/{}", zone.id.as_ref()?, link.name);
    let network = vnet_id(estate, link.vnet)?;
    let policy = match link.policy {
        Policy::Unstated => None,
        Policy::Default => text("Default"),
        Policy::NxDomainRedirect => text("NxDomainRedirect"),
    };
    let pending = link.pending.as_deref();
    // The link's own state has one value for that; all others are those of provisioning.
    let (state, provisioning) = match pending {
        Some(state) if state.eq_ignore_ascii_case("InProgress") => (pending, None),
        _ => (None, pending),
    };
    Some(object([
        ("id", text(own)),
        ("location", text("global")),
        ("name", text(&*link.name)),
        ("provisioningState", maybe(provisioning)),
        ("registrationEnabled", Some(link.registration.into())),
        ("resolutionPolicy", policy),
        ("resourceGroup", maybe(group(zone))),
        ("type", text(format!("{ZONES}/virtualNetworkLinks"))),
        ("virtualNetwork", reference(network)),
        ("virtualNetworkLinkState", maybe(state)),
    ]))
}

fn vnet_item(vnet: &Vnet) -> Value {
    // Without its servers the item must be a mere mention.
    let servers = vnet.servers.as_ref();
    let strings = |items: Vec<String>| Value::from(items);
    let space = servers.map(|_| vnet.space.iter().map(ToString::to_string).collect());
    let space = space.map(|space| json!({ "addressPrefixes": strings(space) }));
    let servers = servers.map(|servers| servers.iter().map(ToString::to_string).collect());
    object([
        ("addressSpace", space),
        ("dhcpOptions", servers.map(|servers| json!({ "dnsServers": strings(servers) }))),
        ("id", id(vnet.id.as_ref())),
        ("location", maybe(vnet.location.as_deref())),
        ("name", text(&*vnet.name)),
        ("resourceGroup", maybe(vnet_group(vnet))),
        ("type", text("Microsoft.Network/virtualNetworks")),
    ])
}

/// The state of an approved connection; of others it is not known which one they have.
fn approved(approved: bool) -> Option<Value> {
    approved.then(|| json!({ "status": "Approved" }))
}

fn endpoint_item(estate: &Estate, endpoint: &Endpoint) -> Value {
    let names = &estate.names;
    let configs = endpoint.names.iter().map(|(name, addresses)| {
        let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        json!({ "fqdn": names.show(*name).to_string(), "ipAddresses": addresses })
    });
    let state = approved(endpoint.state == ConnectionState::Approved);
    let connection = object([
        ("groupIds", Some(endpoint.groups.clone().into())),
        ("privateLinkServiceConnectionState", state),
        ("privateLinkServiceId", id(endpoint.target.as_ref())),
    ]);
    object([
        ("customDnsConfigs", Some(configs.collect())),
        ("id", id(endpoint.id.as_ref())),
        ("name", text(&*endpoint.name)),
        ("privateLinkServiceConnections", Some(json!([connection]))),
        ("resourceGroup", maybe(endpoint.id.as_ref().and_then(ResourceId::resource_group))),
        ("subnet", endpoint_vnet(estate, endpoint).and_then(reference)),
        ("type", text("Microsoft.Network/privateEndpoints")),
    ])
}

/// The zone group of an endpoint, where all of it has ids.
fn zone_group_item(endpoint: &Endpoint) -> Option<Value> {
    let id = endpoint.id.as_ref().filter(|_| !endpoint.zone_group.is_empty())?;
    let zones = endpoint.zone_group.iter().filter(|zone| ResourceId::is_one(zone));
    let names = &endpoint.group_names;
    let group = names.group.as_deref().unwrap_or("default");
    let config = |zone: &str| {
        object([
            ("name", maybe(names.of(zone))),
            ("privateDnsZoneId", text(zone)),
            ("recordSets", Some(json!([]))),
        ])
    };
    let configs: Vec<Value> = zones.map(|zone| config(zone)).collect();
    Some(json!({
        "id": format!("{id}/privateDnsZoneGroups/{group}"),
        "name": group,
        "privateDnsZoneConfigs": configs,
        "type": "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
    }))
}

/// The sub-resources of a Batch account with the keys of their names.
const GROUPS: [(&str, &str); 2] =
    [("batchAccount", "accountEndpoint"), ("nodeManagement", "nodeManagementEndpoint")];

fn service<'r>(resource: &'r Resource, group: &str) -> Option<&'r ServiceName> {
    resource.names.iter().find(|name| name.group == group)
}

fn account_item(names: &Names, resource: &Resource) -> Value {
    let [account, node] = GROUPS
        .map(|(group, _)| service(resource, group).and_then(|service| show(names, service.name)));
    let known = resource.names.iter().any(|name| name.endpoint.is_some());
    let connections =
        resource.names.iter().filter(|name| name.endpoint == Some(true)).map(|name| {
            object([
                ("groupIds", Some(json!([name.group]))),
                ("privateLinkServiceConnectionState", approved(true)),
                ("type", text(format!("{BATCH}/privateEndpointConnections"))),
            ])
        });
    let access = resource.public_access.map(|on| if on { "Enabled" } else { "Disabled" });
    object([
        (GROUPS[0].1, account),
        ("id", id(resource.id.as_ref())),
        ("location", maybe(resource.location.as_deref())),
        ("name", text(&*resource.name)),
        (GROUPS[1].1, node),
        ("privateEndpointConnections", known.then(|| connections.collect())),
        ("publicNetworkAccess", maybe(access)),
        ("resourceGroup", maybe(resource.id.as_ref().and_then(ResourceId::resource_group))),
        ("type", text(BATCH)),
    ])
}

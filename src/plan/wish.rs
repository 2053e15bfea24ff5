//! Wishes turned into steps: which zone, network and endpoint is meant, and what the
//! platform does by itself.

use std::net::{IpAddr, Ipv4Addr};

use thiserror::Error;

use super::step::{Remark, Step};
use crate::estate::{
    Change, ConnectionState, EndpointId, Estate, Policy, RecordSet, RulesetEdit, RulesetId, VnetId,
    Wish, ZoneId, refused_zone_name,
};
use crate::index::{Assumption, Settings};
use crate::name::{Name, NameId};
use crate::public::Catalogue;
use crate::record::{RecordData, RecordType, Ttl};

/// The TTL of records that an endpoint's zone group makes, in seconds.
///
/// Seen in exports of record sets whose `metadata.creator` is a private endpoint, read 2026-11.
const ENDPOINT_TTL: u32 = 10;

/// A wish that cannot be fulfilled.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub struct WishError {
    /// Its place among the wishes.
    pub at: usize,
    /// Why not.
    pub message: String,
}

/// The steps that fulfil wishes which belong together: one, but for those that Azure
/// cannot do at once, such as putting a network from one zone to another of the same name.
///
/// `estate` is changed as the steps change it.
pub fn steps_of(
    estate: &mut Estate,
    title: &str,
    wishes: &[Wish],
    settings: &Settings,
) -> Result<Vec<Step>, WishError> {
    let mut steps: Vec<Step> = Vec::new();
    let mut open = false;
    for (at, wish) in wishes.iter().enumerate() {
        let failed = |message| WishError { at, message };
        let mut parts = parts(estate, wish, settings).map_err(failed)?;
        for part in &parts {
            estate.apply(&part.changes).map_err(|error| failed(error.to_string()))?;
        }
        // What is in a zone can be told once there is the zone.
        let makes = matches!(wish, Wish::CreateZone { .. });
        // What can be done at once joins what was asked for beside it.
        if let ([part], true) = (&mut parts[..], open) {
            let Some(step) = steps.last_mut() else { continue };
            step.changes.append(&mut part.changes);
            step.remarks.append(&mut part.remarks);
            step.assumes.append(&mut part.assumes);
            open = !makes;
            continue;
        }
        let single = parts.len() == 1;
        open = single && !makes;
        for mut part in parts {
            part.title = match (title, &*part.title) {
                ("", part) => part.to_owned(),
                (whole, _) if single => whole.to_owned(),
                (whole, part) => format!("{whole}: {part}"),
            };
            steps.push(part);
        }
    }
    Ok(steps)
}

pub(super) type Parts = Result<Vec<Step>, String>;

fn one(changes: Vec<Change>) -> Parts {
    Ok(vec![Step { changes, ..Step::default() }])
}

fn titled(title: String, changes: Vec<Change>) -> Step {
    Step { title, changes, ..Step::default() }
}

fn parts(estate: &mut Estate, wish: &Wish, settings: &Settings) -> Parts {
    match wish {
        Wish::Unlink { zone, vnet: Some(vnet) } => {
            let vnet = vnet_of(estate, vnet)?;
            one(vec![Change::Unlink { zone: linked_zone(estate, zone, vnet)?, vnet }])
        }
        Wish::Unlink { zone, vnet: None } => {
            let zone = zone_of(estate, zone)?;
            let links = estate.zone(zone).links.iter();
            let changes: Vec<Change> =
                links.map(|link| Change::Unlink { zone, vnet: link.vnet }).collect();
            match changes.is_empty() {
                true => Err(format!("`{}` is not linked to any network", estate.zone_name(zone))),
                false => one(changes),
            }
        }
        Wish::Link { zone, vnet, name, redirect, registration } => {
            let (zone, vnet) = (zone_of(estate, zone)?, vnet_of(estate, vnet)?);
            let policy = policy(estate, zone, *redirect)?;
            let name = name.as_deref().map(Into::into);
            one(vec![Change::Link { zone, vnet, name, policy, registration: *registration }])
        }
        Wish::SetPolicy { zone, vnet, redirect } => {
            let vnet = vnet_of(estate, vnet)?;
            let zone = linked_zone(estate, zone, vnet)?;
            let policy = policy(estate, zone, *redirect)?;
            one(vec![Change::SetPolicy { zone, vnet, policy }])
        }
        Wish::Put { zone, owner, ttl, data } => {
            let zone = zone_for(estate, zone.as_deref(), *owner)?;
            if estate.zone(zone).apex == *owner && matches!(data, RecordData::Cname(_)) {
                return Err(
                    "an alias cannot stand at the apex of a zone, which has its SOA".to_owned()
                );
            }
            if ttl.is_some_and(|ttl| ttl.seconds() == 0) {
                return Err(format!(
                    "Azure refuses a time to live of 0: it is 1 to {} seconds",
                    Ttl::MOST
                ));
            }
            one(vec![Change::Put { zone, owner: *owner, data: data.clone(), ttl: *ttl }])
        }
        Wish::Remove { zone, owner, record_type } => {
            if *record_type == RecordType::Soa {
                return Err("a zone keeps its SOA".to_owned());
            }
            let zone = zone_for(estate, zone.as_deref(), *owner)?;
            one(vec![Change::Remove { zone, owner: *owner, record_type: *record_type }])
        }
        Wish::CreateZone { apex, group } => {
            if let Some(why) = refused_zone_name(&estate.names.name(*apex)) {
                return Err(why);
            }
            one(vec![Change::CreateZone { apex: *apex, group: group.as_deref().map(Into::into) }])
        }
        Wish::DeleteZone { zone } => one(vec![Change::DeleteZone { zone: zone_of(estate, zone)? }]),
        Wish::Merge { zone, into } => merge(estate, zone_of(estate, zone)?, zone_of(estate, into)?),
        Wish::SetServers { vnet, servers } => {
            let (vnet, servers) = (vnet_of(estate, vnet)?, servers.clone());
            one(vec![Change::SetServers { vnet, servers }])
        }
        Wish::AddToGroup { endpoint, zone } => {
            let endpoint = endpoint_of(estate, endpoint)?;
            add_to_group(estate, endpoint, zone, settings)
        }
        Wish::RemoveFromGroup { endpoint, zone } => {
            let endpoint = endpoint_of(estate, endpoint)?;
            let zone = zone.as_deref().map(|zone| zone_of(estate, zone)).transpose()?;
            Ok(vec![remove_from_group(estate, endpoint, zone)?])
        }
        Wish::RecreateGroup { endpoint } => {
            let endpoint = endpoint_of(estate, endpoint)?;
            let zones = estate.endpoint(endpoint).zone_group.clone();
            let more = rewritten(estate, endpoint, &zones);
            Ok(recreate(estate, endpoint, zones, more)?)
        }
        Wish::DeleteEndpoint { endpoint } => {
            let endpoint = endpoint_of(estate, endpoint)?;
            Ok(vec![delete_endpoint(estate, endpoint, settings)])
        }
        Wish::PutRule { ruleset, domain, name, targets } => {
            let name = name.as_deref().map(Into::into);
            let edit = RulesetEdit::PutRule { domain: *domain, name, targets: targets.clone() };
            one(vec![Change::Ruleset { ruleset: ruleset_of(estate, ruleset)?, edit }])
        }
        Wish::RemoveRule { ruleset, domain } => {
            let edit = RulesetEdit::RemoveRule { domain: *domain };
            one(vec![Change::Ruleset { ruleset: ruleset_of(estate, ruleset)?, edit }])
        }
        Wish::LinkRuleset { ruleset, vnet, name } => {
            let name = name.as_deref().map(Into::into);
            let edit = RulesetEdit::Link { vnet: vnet_of(estate, vnet)?, name };
            one(vec![Change::Ruleset { ruleset: ruleset_of(estate, ruleset)?, edit }])
        }
        Wish::UnlinkRuleset { ruleset, vnet } => {
            let ruleset = ruleset_of(estate, ruleset)?;
            let vnets = match vnet {
                Some(vnet) => vec![vnet_of(estate, vnet)?],
                None => estate.ruleset(ruleset).links.iter().map(|link| link.vnet).collect(),
            };
            let unlink = |vnet| Change::Ruleset { ruleset, edit: RulesetEdit::Unlink { vnet } };
            one(vnets.into_iter().map(unlink).collect())
        }
    }
}

/// The policy that is wanted, where Azure takes it.
///
/// Only links of Private Link zones may redirect ("Fallback to internet for Azure Private DNS
/// zones", learn.microsoft.com/azure/dns/private-dns-fallback, read 2026-11).
fn policy(estate: &Estate, zone: ZoneId, redirect: bool) -> Result<Policy, String> {
    match (redirect, estate.is_private_link(zone)) {
        (false, _) => Ok(Policy::Default),
        (true, true) => Ok(Policy::NxDomainRedirect),
        (true, false) => Err(format!(
            "`{}` is no Private Link zone, and only those may redirect",
            estate.zone_name(zone)
        )),
    }
}

fn vnet_of(estate: &Estate, text: &str) -> Result<VnetId, String> {
    let show = |id: VnetId| {
        let vnet = estate.vnet(id);
        vnet.id.as_ref().map_or_else(|| vnet.qualified(), ToString::to_string)
    };
    match estate.vnets_like(text)[..] {
        [one] => Ok(one),
        [] => Err(format!("no virtual network is named `{text}`")),
        ref several => {
            let several: Vec<String> = several.iter().map(|&id| show(id)).collect();
            Err(format!("several virtual networks are named `{text}`: {}", several.join(", ")))
        }
    }
}

fn zone_of(estate: &Estate, text: &str) -> Result<ZoneId, String> {
    match estate.zones_like(text)[..] {
        [one] => Ok(one),
        [] => Err(format!("no zone is named `{text}`")),
        ref several => {
            let labels: Vec<String> = several.iter().map(|&id| estate.zone_label(id)).collect();
            Err(format!("several zones are named `{text}`: write {}", labels.join(" or ")))
        }
    }
}

fn ruleset_of(estate: &Estate, text: &str) -> Result<RulesetId, String> {
    match estate.rulesets_like(text)[..] {
        [one] => Ok(one),
        [] => Err(format!("no forwarding ruleset is named `{text}`")),
        _ => Err(format!("several forwarding rulesets are named `{text}`; write the resource id")),
    }
}

fn endpoint_of(estate: &Estate, text: &str) -> Result<EndpointId, String> {
    match estate.endpoints_like(text)[..] {
        [one] => Ok(one),
        [] => Err(format!("no private endpoint is named `{text}`")),
        _ => Err(format!("several private endpoints are named `{text}`; write the resource id")),
    }
}

/// The zone of that name that is linked to the network.
fn linked_zone(estate: &Estate, text: &str, vnet: VnetId) -> Result<ZoneId, String> {
    let zones = estate.zones_like(text);
    let linked = |zone: &ZoneId| estate.zone(*zone).links.iter().any(|link| link.vnet == vnet);
    match zones.iter().copied().find(linked) {
        Some(zone) => Ok(zone),
        None if zones.is_empty() => Err(format!("no zone is named `{text}`")),
        None => Err(format!("`{text}` is not linked to `{}`", estate.vnet_name(vnet))),
    }
}

/// The zone that is named, or that with the longest apex at or above a name; among those of
/// a resource group where the text is `GROUP/`.
fn zone_for(estate: &Estate, text: Option<&str>, owner: NameId) -> Result<ZoneId, String> {
    let group = text.and_then(|text| text.strip_suffix('/'));
    if let (Some(text), None) = (text, group) {
        return zone_of(estate, text);
    }
    let name = estate.names.show(owner).to_string();
    let in_group = |own: Option<&str>| {
        group.is_none_or(|group| own.is_some_and(|own| own.eq_ignore_ascii_case(group)))
    };
    let above = estate.zone_ids().filter(|(_, zone)| {
        let holds = estate.names.is_at_or_below(owner, zone.apex);
        !zone.gone && holds && in_group(zone.group.as_deref())
    });
    let depth = |zone: ZoneId| estate.names.depth(estate.zone(zone).apex);
    let zones: Vec<ZoneId> = above.map(|(id, _)| id).collect();
    let longest = zones.iter().map(|&zone| depth(zone)).max();
    let fitting: Vec<ZoneId> =
        zones.into_iter().filter(|&zone| Some(depth(zone)) == longest).collect();
    match fitting[..] {
        [zone] => Ok(zone),
        [] => match group {
            Some(group) => Err(format!("no zone of the group `{group}` holds `{name}`")),
            None => Err(format!("no zone holds `{name}`")),
        },
        ref several => {
            let labels: Vec<String> = several.iter().map(|&id| estate.zone_label(id)).collect();
            let labels = labels.join(", ");
            Err(format!("several zones could hold `{name}` ({labels}): write GROUP/{name}"))
        }
    }
}

/// What becomes of the records of a zone that is merged.
#[derive(Clone, Copy)]
pub(super) struct Merging {
    /// Those whose private endpoint is not in the export are copied, too.
    pub orphans: bool,
    /// Those that machines registered are left to Azure: their networks are linked to the zone
    /// that stays, with registration.
    pub registers: bool,
}

/// The records that a zone has and the other one lacks; what they have of different data is
/// told.
pub(super) fn merge_records(estate: &Estate, zone: ZoneId, into: ZoneId, merging: Merging) -> Step {
    let (from, to) = (estate.zone(zone), estate.zone(into));
    let (from_label, to_label) = (estate.zone_label(zone), estate.zone_label(into));
    let mut records = titled(format!("records of {from_label} into {to_label}"), Vec::new());
    let mut look = |text| records.remarks.push(Remark { text, look: true });
    let kept = |set: &&RecordSet| {
        set.data.record_type() != RecordType::Soa && !(merging.registers && set.registered)
    };
    for set in from.record_sets.iter().filter(kept) {
        let record_type = set.data.record_type();
        let here = to
            .record_sets
            .iter()
            .find(|other| other.owner == set.owner && other.data.record_type() == record_type);
        let name = estate.names.show(set.owner);
        if let Some(gone) = missing_creator(estate, set) {
            let fate = if merging.orphans { "may be dead" } else { "is left out" };
            look(format!("`{name}` {fate}: its private endpoint `{gone}` is not in the export"));
            if !merging.orphans {
                continue;
            }
        }
        match here {
            Some(here) if here.data == set.data => {}
            Some(here) => look(format!(
                "`{name}` {record_type} is {} in {from_label} and {} in {to_label}, which stays: \
                 decide which is right",
                set.data.texts(&estate.names).join(", "),
                here.data.texts(&estate.names).join(", "),
            )),
            None => records.changes.push(Change::Put {
                zone: into,
                owner: set.owner,
                data: set.data.clone(),
                ttl: set.ttl,
            }),
        }
    }
    records.remarks.extend(registered_remark(estate, zone, into, merging.registers));
    records
}

/// What becomes of the records that machines registered in a zone that is merged: Azure registers
/// them itself where their network is linked with registration, unless there is a record made by
/// hand, which a copy is ("Private DNS FAQ", learn.microsoft.com/azure/dns/dns-faq-private, read
/// 2026-11).
fn registered_remark(
    estate: &Estate,
    zone: ZoneId,
    into: ZoneId,
    registers: bool,
) -> Option<Remark> {
    let mut sets = estate.zone(zone).record_sets.iter().filter(|set| set.registered);
    let first = estate.names.show(sets.next()?.owner).to_string();
    let (those, are) = match sets.count() {
        0 => (format!("`{first}`"), "is"),
        more => (format!("`{first}` and {more} more"), "are"),
    };
    let into = estate.zone_label(into);
    let text = match registers {
        true => format!(
            "{those} {are} registered by machines, and not copied: Azure registers them in {into} \
             itself, once their network is linked there"
        ),
        false => format!(
            "{those} {are} registered by machines: a copy is made by hand, does not follow the \
             machine, and stands before what Azure would register in {into}; remove it once the \
             network registers there"
        ),
    };
    Some(Remark { text, look: !registers })
}

/// Records first, then network by network: a network cannot be linked to two zones of one
/// name ("virtual network cannot be linked to multiple zones with overlapping namespaces" is
/// what the API says), so between the two links it sees neither.
fn merge(estate: &Estate, zone: ZoneId, into: ZoneId) -> Parts {
    let (from, to) = (estate.zone(zone), estate.zone(into));
    let (from_label, to_label) = (estate.zone_label(zone), estate.zone_label(into));
    if zone == into {
        return Err(format!("`{from_label}` is both zones"));
    }
    if !estate.names.is_at_or_below(from.apex, to.apex) {
        return Err(format!(
            "`{from_label}` is not in `{to_label}`: its names have no place there"
        ));
    }
    // Below another apex machines would have other names.
    let linked = |vnet: VnetId| to.links.iter().any(|other| other.vnet == vnet);
    let registers = from.apex == to.apex
        && !from.links.iter().any(|link| link.registration && linked(link.vnet));
    let records = merge_records(estate, zone, into, Merging { orphans: false, registers });
    let mut steps = Vec::new();
    if !records.changes.is_empty() || !records.remarks.is_empty() {
        steps.push(records);
    }
    for link_facts in &from.links {
        let vnet = link_facts.vnet;
        let name = estate.vnet_name(vnet);
        let unlink =
            titled(format!("unlink {from_label} from {name}"), vec![Change::Unlink { zone, vnet }]);
        let change = Change::Link {
            zone: into,
            vnet,
            name: None,
            policy: link_facts.policy,
            registration: link_facts.registration,
        };
        let link = titled(format!("link {to_label} to {name}"), vec![change]);
        // Nor does it register its machines in two.
        let one_at_a_time = from.apex == to.apex || link_facts.registration;
        steps.extend(match (linked(vnet), one_at_a_time) {
            (true, _) => vec![unlink],
            (false, true) => vec![unlink, link],
            (false, false) => vec![link, unlink],
        });
    }
    for (_, endpoint) in estate.endpoint_ids() {
        let writes = endpoint.zone_group.iter().any(|own| estate.zones_like(own).contains(&zone));
        if let (true, Some(last)) = (writes && !endpoint.gone, steps.last_mut()) {
            let text = format!(
                "the zone group of `{}` still writes to {from_label}: change it to {to_label}",
                endpoint.name
            );
            last.remarks.push(Remark { text, look: true });
        }
    }
    match steps.is_empty() {
        true => Err(format!("`{from_label}` holds nothing that `{to_label}` lacks, and no link")),
        false => Ok(steps),
    }
}

/// The endpoint that a set's metadata names, where endpoints were exported and it is not one.
pub(super) fn missing_creator(estate: &Estate, set: &RecordSet) -> Option<String> {
    let name = creator_of(set)?;
    let known = estate.endpoints.iter().any(|one| !one.gone && one.name.eq_ignore_ascii_case(name));
    (!estate.endpoints.is_empty() && !known).then(|| name.to_owned())
}

/// The endpoint that wrote a set: `created by private endpoint NAME with resource guid GUID`.
pub(super) fn creator_of(set: &RecordSet) -> Option<&str> {
    let words = set.creator.as_deref()?;
    let (_, name) = words.split_once("private endpoint ")?;
    name.split_whitespace().next()
}

/// The sets that an endpoint's zone group keeps: those that say so, and in the zones of its
/// group those that hold its addresses and nothing else.
fn owned(estate: &Estate, id: EndpointId) -> Vec<(ZoneId, &RecordSet)> {
    let endpoint = estate.endpoint(id);
    let group: Vec<ZoneId> =
        endpoint.zone_group.iter().flat_map(|zone| estate.zones_like(zone)).collect();
    let addresses: Vec<IpAddr> =
        endpoint.names.iter().flat_map(|(_, addresses)| addresses).copied().collect();
    let holds = |set: &RecordSet| match (&set.data, set.creator.is_some()) {
        (RecordData::A(own), false) => {
            !own.is_empty() && own.iter().all(|own| addresses.contains(&IpAddr::V4(*own)))
        }
        _ => false,
    };
    let zones = estate.zone_ids().filter(|(_, zone)| !zone.gone);
    let sets = zones.flat_map(|(id, zone)| zone.record_sets.iter().map(move |set| (id, set)));
    sets.filter(|(zone, set)| {
        let named = creator_of(set).is_some_and(|name| name.eq_ignore_ascii_case(&endpoint.name));
        named || (group.contains(zone) && holds(set))
    })
    .collect()
}

fn removed((zone, set): (ZoneId, &RecordSet)) -> Change {
    Change::Remove { zone, owner: set.owner, record_type: set.data.record_type() }
}

/// The sets that the platform writes for an endpoint into a zone.
fn written(estate: &mut Estate, id: EndpointId, zone: ZoneId) -> Vec<Change> {
    let endpoint = estate.endpoint(id);
    let mut known: Vec<(Name, Vec<Ipv4Addr>)> = Vec::new();
    let v4 = |addresses: &[IpAddr]| -> Vec<Ipv4Addr> {
        let v4 = addresses.iter().filter_map(|address| match address {
            IpAddr::V4(address) => Some(*address),
            IpAddr::V6(_) => None,
        });
        v4.collect()
    };
    for (name, addresses) in &endpoint.names {
        known.push((estate.names.name(*name), v4(addresses)));
    }
    // What it keeps elsewhere tells its addresses, too.
    for (_, set) in owned(estate, id) {
        if let RecordData::A(addresses) = &set.data {
            known.push((estate.names.name(set.owner), addresses.to_vec()));
        }
    }
    let apex = estate.names.name(estate.zone(zone).apex);
    let mut changes: Vec<Change> = Vec::new();
    for (name, mut addresses) in known {
        addresses.sort_unstable();
        let catalogue = Catalogue::get();
        let public = catalogue.find(&name).and_then(|found| found.public_name());
        let chain = public.and_then(|public| catalogue.find(&public));
        let aliases = chain.map(|found| found.chain_names()).unwrap_or_default();
        for alias in aliases.iter().filter(|alias| alias.is_at_or_below(&apex)) {
            let owner = estate.names.intern(alias);
            let data = RecordData::A(addresses.iter().copied().collect());
            let there =
                |change: &Change| matches!(change, Change::Put { owner: own, .. } if *own == owner);
            if !addresses.is_empty() && !changes.iter().any(there) {
                changes.push(Change::Put { zone, owner, data, ttl: Ttl::new(ENDPOINT_TTL) });
            }
        }
    }
    changes
}

pub(super) fn add_to_group(
    estate: &mut Estate,
    endpoint: EndpointId,
    text: &str,
    settings: &Settings,
) -> Parts {
    let zone = zone_of(estate, text)?;
    let (name, label) = (estate.endpoint(endpoint).name.clone(), estate.zone_label(zone));
    let mut zones = estate.endpoint(endpoint).zone_group.clone();
    if zones.iter().any(|own| estate.zones_like(own).contains(&zone)) {
        return Err(format!("`{label}` is in the zone group of `{name}` already"));
    }
    let apex = estate.zone(zone).apex;
    let mut others = zones.iter().flat_map(|own| estate.zones_like(own));
    if others.any(|other| estate.zone(other).apex == apex) {
        // hashicorp/terraform-provider-azurerm issue 28966.
        return Err(format!("the zone group of `{name}` has a zone of that name already"));
    }
    let follows = written(estate, endpoint, zone);
    if follows.is_empty() {
        return Err(format!(
            "what `{name}` would write into `{label}` is unknown: no input has its addresses, or \
             none of its names belongs there"
        ));
    }
    let first = zones.is_empty();
    zones.push(text.into());
    if settings.value(Assumption::GroupEdit) == "recreated" && !first {
        return recreate(estate, endpoint, zones, follows);
    }
    let title = format!("add {label} to the zone group of {name}");
    let changes = vec![Change::SetZoneGroup { endpoint, zones, follows }];
    let assumes = if first { Vec::new() } else { vec![Assumption::GroupEdit] };
    Ok(vec![Step { title, changes, remarks: Vec::new(), assumes }])
}

pub(super) fn remove_from_group(
    estate: &Estate,
    endpoint: EndpointId,
    zone: Option<ZoneId>,
) -> Result<Step, String> {
    let facts = estate.endpoint(endpoint);
    let gone = |own: &str| zone.is_none_or(|zone| estate.zones_like(own).contains(&zone));
    let zones: Vec<Box<str>> = facts.zone_group.iter().filter(|own| !gone(own)).cloned().collect();
    let sets = owned(estate, endpoint);
    let sets = sets.into_iter().filter(|(own, _)| zone.is_none_or(|zone| zone == *own));
    let follows: Vec<Change> = sets.map(removed).collect();
    if follows.is_empty() && zones.len() == facts.zone_group.len() {
        return Err(format!("no zone group of `{}` is in the export", facts.name));
    }
    let title = match zone {
        Some(zone) => {
            format!("take {} out of the zone group of {}", estate.zone_label(zone), facts.name)
        }
        None => format!("remove the zone group of {}", facts.name),
    };
    let remarks = survivors(estate, endpoint);
    let changes = vec![Change::SetZoneGroup { endpoint, zones, follows }];
    Ok(Step { title, changes, remarks, assumes: Vec::new() })
}

/// The sets that a group writes when it is made again, beside those that it keeps: where
/// another endpoint of the resource wrote the record, it is overwritten.
fn rewritten(estate: &mut Estate, endpoint: EndpointId, group: &[Box<str>]) -> Vec<Change> {
    let kept: Vec<(ZoneId, NameId)> =
        owned(estate, endpoint).into_iter().map(|(zone, set)| (zone, set.owner)).collect();
    let zones: Vec<ZoneId> = group.iter().flat_map(|own| estate.zones_like(own)).collect();
    let all = zones.into_iter().flat_map(|zone| written(estate, endpoint, zone));
    let mut all: Vec<Change> = all.collect();
    all.retain(|change| match change {
        Change::Put { zone, owner, .. } => !kept.contains(&(*zone, *owner)),
        _ => true,
    });
    all
}

/// The group goes with its records, and comes again with them and `more`.
fn recreate(
    estate: &Estate,
    endpoint: EndpointId,
    zones: Vec<Box<str>>,
    more: Vec<Change>,
) -> Parts {
    let mut gone = remove_from_group(estate, endpoint, None)?;
    gone.title = format!("remove the zone group of {}", estate.endpoint(endpoint).name);
    let put = |(zone, set): (ZoneId, &RecordSet)| Change::Put {
        zone,
        owner: set.owner,
        data: set.data.clone(),
        ttl: set.ttl,
    };
    let follows = owned(estate, endpoint).into_iter().map(put).chain(more).collect();
    let title = format!("make the zone group of {} again", estate.endpoint(endpoint).name);
    let again = titled(title, vec![Change::SetZoneGroup { endpoint, zones, follows }]);
    Ok(vec![gone, again])
}

/// Other endpoints of the same resource, whose record goes along.
///
/// A second endpoint of one resource overwrites the record of the first, and the deletion of
/// either removes it (MicrosoftDocs/azure-docs issues 58044 and 122192, read 2026-11).
fn survivors(estate: &Estate, id: EndpointId) -> Vec<Remark> {
    let own = estate.endpoint(id);
    let in_group = |group: &String| own.groups.iter().any(|one| one.eq_ignore_ascii_case(group));
    let same = estate.endpoint_ids().filter(|(other, one)| {
        *other != id
            && !one.gone
            && one.state == ConnectionState::Approved
            && one.target.is_some()
            && one.target == own.target
            && one.groups.iter().any(in_group)
    });
    let remark = |name: &str| Remark {
        text: format!(
            "`{name}` serves the same resource and shares its record, which goes along: put it \
             again with the address of `{name}`"
        ),
        look: true,
    };
    same.map(|(_, one)| remark(&one.name)).collect()
}

fn delete_endpoint(estate: &Estate, endpoint: EndpointId, settings: &Settings) -> Step {
    let facts = estate.endpoint(endpoint);
    let sets = owned(estate, endpoint);
    let mut remarks = survivors(estate, endpoint);
    let addresses: Vec<IpAddr> =
        facts.names.iter().flat_map(|(_, addresses)| addresses).copied().collect();
    for (id, zone) in estate.zone_ids() {
        let stale = zone.record_sets.iter().filter(|set| {
            let RecordData::A(own) = &set.data else { return false };
            let dead = own.iter().any(|own| addresses.contains(&IpAddr::V4(*own)));
            dead && !sets.iter().any(|(kept, other)| *kept == id && other.owner == set.owner)
        });
        remarks.extend(stale.map(|set| Remark {
            text: format!(
                "`{}` in {} keeps an address of the endpoint, which is dead then: remove it",
                estate.names.show(set.owner),
                estate.zone_label(id)
            ),
            look: true,
        }));
    }
    let follows = sets.into_iter().map(removed).collect();
    let alias_stays = settings.value(Assumption::AliasAfterEndpoint) == "stays";
    let title = format!("delete the private endpoint {}", facts.name);
    let changes = vec![Change::DeleteEndpoint { endpoint, alias_stays, follows }];
    Step { title, changes, remarks, assumes: vec![Assumption::AliasAfterEndpoint] }
}

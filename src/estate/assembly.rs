//! Putting inputs together.

mod forwarding;
mod policy;

use forwarding::Configs;
pub use forwarding::{ConfigOf, PolicySettings};

use std::collections::HashMap;

use super::{
    Endpoint, Estate, Extent, Fate, Input, InputId, Inventory, Items, Link, Note, NoteKind, Origin,
    PublicData, PublicFact, RecordSet, Resource, ResourceId, RulesetId, Vnet, VnetId, Zone, ZoneId,
};
use crate::name::{Name, NameId, Names};
use crate::record::{RecordData, RecordType};

/// The kind of inputs of `.estate` text.
const ESTATE_TEXT: &str = "estate";

/// An estate in the making.
///
/// Zones and networks are found again by resource id. Something without an id
/// (a zone file, a line of `.estate`) waits under its name and resource group,
/// and joins the one resource of that name that turns out to exist, if exactly
/// one does.
#[derive(Default)]
pub struct Assembly {
    estate: Estate,
    zones: HashMap<Key, ZoneId>,
    vnets: HashMap<Key, VnetId>,
    rulesets: HashMap<Key, RulesetId>,
    /// Configurations of servers, and who says whose they are.
    configs: Configs,
    firewalls: forwarding::Firewalls,
    /// The zone of the last record set, since exports list zone by zone.
    last: Option<(String, ZoneId)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    /// The id in lower case.
    Id(String),
    /// Name and resource group, in lower case.
    Named(String, Option<String>),
    /// A site's name in lower case.
    Site(String),
}

impl Assembly {
    /// Registers an input; facts refer to it from now on.
    ///
    /// `sha256` is that of the octets on disk, `text` the same as UTF-8.
    pub fn add_input(
        &mut self,
        path: &str,
        kind: &'static str,
        sha256: String,
        text: String,
    ) -> InputId {
        let id = InputId(self.estate.inputs.len() as u32);
        let (path, items) = (path.to_owned(), Items::default());
        self.estate.inputs.push(Input { path, kind, sha256, items, text });
        id
    }

    /// Says what the input turned out to be.
    pub fn set_kind(&mut self, input: InputId, kind: &'static str) {
        self.estate.inputs[input.index()].kind = kind;
    }

    /// What the input was told to be.
    pub fn kind(&self, input: InputId) -> &'static str {
        self.estate.inputs[input.index()].kind
    }

    /// Says what became of one more item of the input.
    pub fn count(&mut self, input: InputId, fate: Fate) {
        self.estate.inputs[input.index()].items.count(fate);
    }

    /// Says that an item that was counted as used had to be refused after all.
    pub fn take_back(&mut self, input: InputId) {
        let items = &mut self.estate.inputs[input.index()].items;
        items.used = items.used.saturating_sub(1);
        items.count(Fate::Refused);
    }

    /// Gives the input its text, once it is read, and the digest of its octets on disk.
    pub fn put_text(&mut self, input: InputId, sha256: String, text: String) {
        let input = &mut self.estate.inputs[input.index()];
        (input.sha256, input.text) = (sha256, text);
    }

    /// The names, to add to.
    pub fn names(&mut self) -> &mut Names {
        &mut self.estate.names
    }

    /// Adds a remark.
    pub fn note(&mut self, kind: NoteKind, message: impl Into<String>, origin: Origin) {
        self.estate.notes.push(Note { kind, message: message.into(), origin, other: None });
    }

    /// The zone of this id; made if need be. `id` may go on below the zone.
    pub fn zone_of(&mut self, id: &str, origin: Origin) -> Result<ZoneId, String> {
        if let Some((prefix, zone)) = &self.last
            && id.len() >= prefix.len()
            && id.as_bytes()[..prefix.len()].eq_ignore_ascii_case(prefix.as_bytes())
            && matches!(id.as_bytes().get(prefix.len()), None | Some(b'/'))
        {
            return Ok(*zone);
        }
        let id = ResourceId::new(id)
            .and_then(|id| id.up_to("privateDnsZones"))
            .ok_or_else(|| format!("expected the id of a private DNS zone, found `{id}`"))?;
        let name: Name = id.name().parse().map_err(|error| format!("in a zone's id: {error}"))?;
        let apex = self.estate.names.intern(&name);
        let zone = *self.zones.entry(Key::Id(id.key())).or_insert_with(|| {
            let group = id.resource_group().map(str::to_owned);
            push_zone(&mut self.estate, apex, Some(id.clone()), group, origin)
        });
        self.last = Some((id.as_str().to_owned(), zone));
        Ok(zone)
    }

    /// The zone of this name (and resource group) of an input that knows no ids.
    pub fn zone_named(&mut self, apex: NameId, group: Option<&str>, origin: Origin) -> ZoneId {
        let key = named(&self.estate.names.name(apex).text(), group);
        *self.zones.entry(key).or_insert_with(|| {
            push_zone(&mut self.estate, apex, None, group.map(str::to_owned), origin)
        })
    }

    /// The zone, to be filled.
    pub fn zone(&mut self, id: ZoneId) -> &mut Zone {
        &mut self.estate.zones[id.index()]
    }

    /// The network of this id; made if need be. `id` may go on below the network.
    pub fn vnet_of(&mut self, id: &str, origin: Origin) -> Result<VnetId, String> {
        let id = ResourceId::new(id)
            .and_then(|id| id.up_to("virtualNetworks"))
            .ok_or_else(|| format!("expected the id of a virtual network, found `{id}`"))?;
        Ok(*self.vnets.entry(Key::Id(id.key())).or_insert_with(|| {
            let (name, group) = (id.name().to_owned(), id.resource_group().map(str::to_owned));
            push_vnet(&mut self.estate, name, Some(id.clone()), group, origin)
        }))
    }

    /// The network of this name (and resource group) of an input that knows no ids.
    pub fn vnet_named(&mut self, name: &str, group: Option<&str>, origin: Origin) -> VnetId {
        *self.vnets.entry(named(name, group)).or_insert_with(|| {
            let group = group.map(str::to_owned);
            push_vnet(&mut self.estate, name.to_owned(), None, group, origin)
        })
    }

    /// The network, to be filled.
    pub fn vnet(&mut self, id: VnetId) -> &mut Vnet {
        &mut self.estate.vnets[id.index()]
    }

    /// Adds a record set.
    pub fn put_record_set(&mut self, zone: ZoneId, set: RecordSet) {
        self.zone(zone).record_sets.push(set);
    }

    /// Adds a link.
    pub fn put_link(&mut self, zone: ZoneId, link: Link) {
        self.zone(zone).links.push(link);
    }

    /// Adds a private endpoint.
    pub fn put_endpoint(&mut self, endpoint: Endpoint) {
        self.estate.endpoints.push(endpoint);
    }

    /// Adds a resource.
    pub fn put_resource(&mut self, resource: Resource) {
        self.estate.resources.push(resource);
    }

    /// Says how much of an inventory a list holds; a list that is short is never made good
    /// by another, for nobody knows what it lacks.
    pub fn put_inventory(&mut self, inventory: Inventory, extent: Extent) {
        let known = self.estate.inventories.entry(inventory).or_insert(extent);
        *known = (*known).min(extent);
    }

    /// What `.estate` text states is all there is.
    fn take_text_for_whole(&mut self) {
        let estate = &self.estate;
        let is_text = |origin: Origin| estate.input(origin.input).kind == ESTATE_TEXT;
        let vnets = estate.vnets.iter().filter(|vnet| is_text(vnet.origin));
        let endpoints = estate.endpoints.iter().filter(|endpoint| is_text(endpoint.origin));
        let resources = estate.resources.iter().filter(|resource| is_text(resource.origin));
        let stated: Vec<Inventory> = vnets
            .map(|vnet| Inventory::of(Inventory::VNETS, vnet.id.as_ref()))
            .chain(endpoints.map(|one| Inventory::of(Inventory::ENDPOINTS, one.id.as_ref())))
            .chain(resources.map(|one| Inventory::of(&one.kind, one.id.as_ref())))
            .collect();
        stated.into_iter().for_each(|inventory| self.put_inventory(inventory, Extent::Whole));
    }

    /// Adds a fact of public DNS.
    pub fn put_public(&mut self, fact: PublicFact) {
        self.estate.public.push(fact);
    }

    /// Merges, sorts and hands over.
    pub fn finish(mut self) -> Estate {
        forwarding::attach_configs(&mut self);
        forwarding::attach_firewall_policies(&mut self);
        self.take_text_for_whole();
        self.join_named_zones();
        self.join_named_vnets();
        let mut estate = self.estate;
        for zone in &mut estate.zones {
            merge_record_sets(zone, &estate.names, &mut estate.notes);
            merge_links(zone, &mut estate.notes);
            zone.unread.sort_unstable();
            zone.unread.dedup();
        }
        forwarding::join_named_rulesets(&mut estate);
        sort_inputs(&mut estate);
        sort_zones(&mut estate);
        sort_vnets(&mut estate);
        merge_endpoints(&mut estate);
        merge_resources(&mut estate);
        forwarding::place_by_address(&mut estate);
        forwarding::merge_rulesets(&mut estate);
        forwarding::merge_inbound(&mut estate);
        forwarding::merge_servers(&mut estate);
        forwarding::merge_interfaces(&mut estate);
        policy::merge(&mut estate);
        merge_public(&mut estate);
        estate
            .notes
            .sort_by(|a, b| (a.origin, a.kind, &a.message).cmp(&(b.origin, b.kind, &b.message)));
        estate.notes.dedup();
        estate
    }

    /// Joins what has only a name to the one zone of that name, where there is exactly one.
    fn join_named_zones(&mut self) {
        let estate = &mut self.estate;
        let mut into: Vec<Option<ZoneId>> = vec![None; estate.zones.len()];
        for (at, zone) in estate.zones.iter().enumerate() {
            if zone.id.is_some() {
                continue;
            }
            let same_name = || {
                estate
                    .zones
                    .iter()
                    .enumerate()
                    .filter(|&(other, candidate)| other != at && candidate.apex == zone.apex)
            };
            let group = |candidate: &Zone| candidate.group.as_ref().map(|g| g.to_ascii_lowercase());
            let in_group: Vec<usize> = same_name()
                .filter(|(_, candidate)| {
                    candidate.id.is_some()
                        && (zone.group.is_none() || group(candidate) == group(zone))
                })
                .map(|(other, _)| other)
                .collect();
            // Without a group of its own it also joins a zone that has one but no id.
            let grouped: Vec<usize> = same_name()
                .filter(|(_, candidate)| zone.group.is_none() && candidate.group.is_some())
                .map(|(other, _)| other)
                .collect();
            let candidates = if in_group.is_empty() { grouped } else { in_group };
            match candidates[..] {
                [one] => into[at] = Some(ZoneId(one as u32)),
                [] => {}
                _ => estate.notes.push(Note {
                    kind: NoteKind::Contradiction,
                    message: format!(
                        "zone `{}` exists {} times, and this input does not say which one it means",
                        estate.names.show(zone.apex),
                        candidates.len()
                    ),
                    origin: zone.origin,
                    other: Some(estate.zones[candidates[0]].origin),
                }),
            }
        }
        for (at, target) in into.iter().enumerate() {
            let Some(target) = target else { continue };
            let zone = &mut estate.zones[at];
            let record_sets = std::mem::take(&mut zone.record_sets);
            let links = std::mem::take(&mut zone.links);
            let (listed, links_listed) = (zone.listed, zone.links_listed);
            let (links_short, refused) = (zone.links_short, zone.refused);
            let unread = std::mem::take(&mut zone.unread);
            let target = &mut estate.zones[target.index()];
            target.record_sets.extend(record_sets);
            target.links.extend(links);
            target.refused += refused;
            target.unread.extend(unread);
            target.listed |= listed;
            target.links_listed |= links_listed;
            target.links_short |= links_short;
        }
        let mut keep = into.iter().map(Option::is_none);
        estate.zones.retain(|_| keep.next().unwrap_or(true));
    }

    /// The same for networks; links and endpoints follow.
    fn join_named_vnets(&mut self) {
        let estate = &mut self.estate;
        let mut moved: Vec<VnetId> = (0..estate.vnets.len() as u32).map(VnetId).collect();
        let mut gone = vec![false; moved.len()];
        for (at, vnet) in estate.vnets.iter().enumerate() {
            if vnet.id.is_some() {
                continue;
            }
            let candidates: Vec<usize> = (0..estate.vnets.len())
                .filter(|&other| {
                    let candidate = &estate.vnets[other];
                    other != at
                        && candidate.site == vnet.site
                        && candidate.name.eq_ignore_ascii_case(&vnet.name)
                        && match (&vnet.group, &candidate.group) {
                            (Some(group), Some(other)) => {
                                candidate.id.is_some() && group.eq_ignore_ascii_case(other)
                            }
                            (None, Some(_)) => true,
                            (None, None) => candidate.id.is_some(),
                            (Some(_), None) => false,
                        }
                })
                .collect();
            match candidates[..] {
                [one] => {
                    moved[at] = VnetId(one as u32);
                    gone[at] = true;
                }
                [] => {}
                _ => estate.notes.push(Note {
                    kind: NoteKind::Contradiction,
                    message: format!(
                        "virtual network `{}` exists {} times, and this input does not say which one it means",
                        vnet.name,
                        candidates.len()
                    ),
                    origin: vnet.origin,
                    other: Some(estate.vnets[candidates[0]].origin),
                }),
            }
        }
        for at in 0..moved.len() {
            // A network without a group may join one without an id that itself joins another.
            while gone[moved[at].index()] && moved[moved[at].index()] != moved[at] {
                moved[at] = moved[moved[at].index()];
            }
            if gone[at] {
                let vnet = estate.vnets[at].clone();
                let target = &mut estate.vnets[moved[at].index()];
                target.servers = target.servers.take().or(vnet.servers);
                target.location = target.location.take().or(vnet.location);
                if target.space.is_empty() {
                    target.space = vnet.space;
                }
            }
        }
        let mut place = vec![VnetId(0); gone.len()];
        let mut next = 0;
        for at in 0..gone.len() {
            if !gone[at] {
                place[at] = VnetId(next);
                next += 1;
            }
        }
        let mut keep = gone.iter();
        estate.vnets.retain(|_| !keep.next().copied().unwrap_or(false));
        renumber_vnets(estate, |old| place[moved[old.index()].index()]);
    }
}

fn named(name: &str, group: Option<&str>) -> Key {
    Key::Named(name.to_ascii_lowercase(), group.map(str::to_ascii_lowercase))
}

fn push_zone(
    estate: &mut Estate,
    apex: NameId,
    id: Option<ResourceId>,
    group: Option<String>,
    origin: Origin,
) -> ZoneId {
    estate.zones.push(Zone { id, group, ..Zone::new(apex, origin) });
    ZoneId(estate.zones.len() as u32 - 1)
}

fn push_vnet(
    estate: &mut Estate,
    name: String,
    id: Option<ResourceId>,
    group: Option<String>,
    origin: Origin,
) -> VnetId {
    estate.vnets.push(Vnet {
        name,
        site: false,
        id,
        group,
        location: None,
        servers: None,
        space: Vec::new(),
        origin,
    });
    VnetId(estate.vnets.len() as u32 - 1)
}

/// One set for each owner and type.
///
/// Equal sets collapse. Of unequal ones the one with more records stays, or
/// else the one whose text sorts first, so that the order of inputs has no say.
fn merge_record_sets(zone: &mut Zone, names: &Names, notes: &mut Vec<Note>) {
    for set in &mut zone.record_sets {
        set.data.sort(names);
    }
    zone.record_sets.sort_by_key(|set| (set.owner, set.data.record_type(), set.origin));
    let same = |a: &RecordSet, b: &RecordSet| {
        a.owner == b.owner && a.data.record_type() == b.data.record_type()
    };
    if !zone.record_sets.windows(2).any(|pair| same(&pair[0], &pair[1])) {
        return;
    }
    zone.record_sets.dedup_by(|later, kept| {
        if !same(later, kept) {
            return false;
        }
        let (a, b) = (kept.data.texts(names), later.data.texts(names));
        // A set that somebody made wins over one that a virtual machine registered ("What is
        // the autoregistration feature", learn.microsoft.com/azure/dns/private-dns-autoregistration,
        // read 2026-11).
        let rank = |set: &RecordSet, texts: &[String]| {
            let order = (set.ttl.is_none(), set.ttl);
            (set.registered, std::cmp::Reverse(texts.len()), texts.to_vec(), order)
        };
        let unequal_ttl = matches!((kept.ttl, later.ttl), (Some(a), Some(b)) if a != b);
        // The SOA's serial and timers differ between exports of different days.
        let soa = kept.data.record_type() == RecordType::Soa;
        if (a != b || unequal_ttl) && !soa {
            notes.push(Note {
                kind: NoteKind::Contradiction,
                message: format!(
                    "`{}` {} is stated twice: {} and {}; {} counts",
                    names.show(kept.owner),
                    kept.data.record_type(),
                    shown(&a, kept),
                    shown(&b, later),
                    if rank(later, &b) < rank(kept, &a) { "the second" } else { "the first" },
                ),
                origin: kept.origin,
                other: Some(later.origin),
            });
        }
        if rank(later, &b) < rank(kept, &a) {
            std::mem::swap(later, kept);
        }
        kept.creator = kept.creator.take().or(later.creator.take());
        true
    });
}

/// Recorded answers of one name and type add up; what cannot be true together is told.
fn merge_public(estate: &mut Estate) {
    let Estate { public, names, notes, .. } = estate;
    public.sort_by_key(PublicFact::origin);
    let mut kept: Vec<PublicFact> = Vec::with_capacity(public.len());
    let mut places: HashMap<PublicKey, Vec<usize>> = HashMap::new();
    for fact in public.drain(..) {
        let (key, shown) = match &fact {
            PublicFact::Recorded { name, .. } => {
                (PublicKey::Name(*name), names.show(*name).to_string())
            }
            PublicFact::Endpoint { service, name, .. } => {
                let service = service.clone().unwrap_or_default();
                let shown = format!("{service} {name}").trim_start().to_owned();
                (PublicKey::Endpoint(service, name.to_ascii_lowercase()), shown)
            }
        };
        let same = places.entry(key).or_default();
        let mut other = None;
        let mut merged = false;
        for &at in same.iter() {
            match add_public(&mut kept[at], &fact, names) {
                Some(true) => merged = true,
                Some(false) => {}
                None => other = Some(kept[at].origin()),
            }
        }
        if let Some(other) = other {
            let message =
                format!("`{shown}` is recorded twice, and differently; the first one counts");
            let origin = fact.origin();
            notes.push(Note {
                kind: NoteKind::Contradiction,
                message,
                origin: other,
                other: Some(origin),
            });
        } else if !merged {
            same.push(kept.len());
            kept.push(fact);
        }
    }
    *public = kept;
}

#[derive(PartialEq, Eq, Hash)]
enum PublicKey {
    Name(NameId),
    Endpoint(String, String),
}

/// Adds `later` to `kept`: whether it is in it now, or `None` where they contradict each other.
fn add_public(kept: &mut PublicFact, later: &PublicFact, names: &Names) -> Option<bool> {
    match (kept, later) {
        (PublicFact::Endpoint { present: a, .. }, PublicFact::Endpoint { present: b, .. }) => {
            (a == b).then_some(true)
        }
        (PublicFact::Recorded { data: a, .. }, PublicFact::Recorded { data: b, .. }) => {
            match (a, b) {
                (PublicData::Records(a, ttl), PublicData::Records(b, other)) => {
                    if a.record_type() != b.record_type() {
                        let alias = |data: &RecordData| data.record_type() == RecordType::Cname;
                        return (!alias(a) && !alias(b)).then_some(false);
                    }
                    a.merge(b.clone()).ok()?;
                    a.sort(names);
                    *ttl = (*ttl).into_iter().chain(*other).min();
                    Some(true)
                }
                // That the name has no data of one type goes with data of another.
                (PublicData::Records(..), PublicData::NoData)
                | (PublicData::NoData, PublicData::Records(..)) => Some(false),
                (a, b) => (a == b).then_some(true),
            }
        }
        _ => Some(false),
    }
}

fn shown(texts: &[String], set: &RecordSet) -> String {
    let data = if texts.is_empty() { "nothing".to_owned() } else { texts.join(" ") };
    match set.ttl {
        Some(ttl) => format!("{data} (TTL {})", ttl.seconds()),
        None => data,
    }
}

/// One link for each network; a stated policy wins over an unstated one.
fn merge_links(zone: &mut Zone, notes: &mut Vec<Note>) {
    zone.links.sort_by_key(|link| (link.vnet, link.origin));
    zone.links.dedup_by(|later, kept| {
        if later.vnet != kept.vnet {
            return false;
        }
        let stated = |link: &Link| link.policy != super::Policy::Unstated;
        let mut differ = Vec::new();
        if stated(later) && stated(kept) && later.policy != kept.policy {
            let [a, b] = [&kept, &later].map(|link| policy_text(link.policy));
            differ.push(format!("resolution policy {a} and {b}"));
        }
        if later.registration != kept.registration {
            let [a, b] = [&kept, &later].map(|link| if link.registration { "on" } else { "off" });
            differ.push(format!("registration {a} and {b}"));
        }
        if later.pending != kept.pending {
            let [a, b] =
                [&kept, &later].map(|link| link.pending.as_deref().unwrap_or("operational"));
            differ.push(format!("state {a} and {b}"));
        }
        let same_name = later.name.eq_ignore_ascii_case(&kept.name);
        let rank = |link: &Link| (!stated(link), link.pending.is_some(), link.policy);
        let second = rank(later) < rank(kept);
        if !differ.is_empty() || !same_name {
            let counts = if second { "the second counts" } else { "the first counts" };
            let differ = differ.join(", ");
            let message = match same_name {
                true => format!("link `{}` is stated twice: {differ}; {counts}", kept.name),
                false => format!(
                    "links `{}` and `{}` lead from one zone to one network, which Azure refuses; \
                     {counts}",
                    kept.name, later.name
                ),
            };
            let (origin, other) = (kept.origin, Some(later.origin));
            notes.push(Note { kind: NoteKind::Contradiction, message, origin, other });
        }
        if second {
            std::mem::swap(later, kept);
        }
        true
    });
}

/// The policy as Azure writes it.
fn policy_text(policy: super::Policy) -> &'static str {
    match policy {
        super::Policy::NxDomainRedirect => "NxDomainRedirect",
        super::Policy::Default => "Default",
        super::Policy::Unstated => "unstated",
    }
}

fn sort_inputs(estate: &mut Estate) {
    let mut order: Vec<u32> = (0..estate.inputs.len() as u32).collect();
    order.sort_by(|&a, &b| {
        let path = |id: u32| &estate.inputs[id as usize].path;
        path(a).cmp(path(b)).then(a.cmp(&b))
    });
    let mut place = vec![InputId(0); order.len()];
    for (new, &old) in order.iter().enumerate() {
        place[old as usize] = InputId(new as u32);
    }
    let move_to = |origin: &mut Origin| origin.input = place[origin.input.index()];
    for zone in &mut estate.zones {
        move_to(&mut zone.origin);
        zone.record_sets.iter_mut().for_each(|set| move_to(&mut set.origin));
        zone.links.iter_mut().for_each(|link| move_to(&mut link.origin));
    }
    estate.vnets.iter_mut().for_each(|vnet| move_to(&mut vnet.origin));
    estate.endpoints.iter_mut().for_each(|endpoint| move_to(&mut endpoint.origin));
    estate.resources.iter_mut().for_each(|resource| move_to(&mut resource.origin));
    for fact in &mut estate.public {
        match fact {
            PublicFact::Recorded { origin, .. } | PublicFact::Endpoint { origin, .. } => {
                move_to(origin);
            }
        }
    }
    forwarding::origins(estate, &mut |origin| move_to(origin));
    policy::origins(estate, &mut |origin| move_to(origin));
    for note in &mut estate.notes {
        move_to(&mut note.origin);
        note.other.iter_mut().for_each(move_to);
    }
    let mut inputs: Vec<Option<Input>> =
        std::mem::take(&mut estate.inputs).into_iter().map(Some).collect();
    estate.inputs =
        order.iter().filter_map(|&old| inputs[old as usize].take()).collect::<Vec<_>>().into();
}

fn id_key(id: &Option<ResourceId>) -> String {
    id.as_ref().map(ResourceId::key).unwrap_or_default()
}

fn sort_zones(estate: &mut Estate) {
    let names = &estate.names;
    estate.zones.sort_by_cached_key(|zone| {
        (names.name(zone.apex), id_key(&zone.id), zone.group.as_ref().map(|g| g.to_lowercase()))
    });
}

fn sort_vnets(estate: &mut Estate) {
    let mut order: Vec<u32> = (0..estate.vnets.len() as u32).collect();
    order.sort_by_cached_key(|&id| {
        let vnet = &estate.vnets[id as usize];
        let group = vnet.group.as_ref().map(|group| group.to_lowercase());
        (vnet.name.to_lowercase(), vnet.site, id_key(&vnet.id), group)
    });
    let mut place = vec![VnetId(0); order.len()];
    for (new, &old) in order.iter().enumerate() {
        place[old as usize] = VnetId(new as u32);
    }
    let mut vnets: Vec<Option<Vnet>> =
        std::mem::take(&mut estate.vnets).into_iter().map(Some).collect();
    estate.vnets = order.iter().filter_map(|&old| vnets[old as usize].take()).collect();
    renumber_vnets(estate, |old| place[old.index()]);
    for zone in &mut estate.zones {
        zone.links.sort_by_key(|link| (link.vnet, link.origin));
    }
}

fn renumber_vnets(estate: &mut Estate, place: impl Fn(VnetId) -> VnetId) {
    for zone in &mut estate.zones {
        zone.links.iter_mut().for_each(|link| link.vnet = place(link.vnet));
    }
    for endpoint in &mut estate.endpoints {
        endpoint.vnet = endpoint.vnet.map(&place);
    }
    forwarding::vnets(estate, &place);
    policy::vnets(estate, &place);
}

/// One endpoint for each id; what several inputs say of it adds up.
fn merge_endpoints(estate: &mut Estate) {
    estate.endpoints.sort_by_cached_key(|endpoint| {
        (endpoint.name.to_lowercase(), id_key(&endpoint.id), endpoint.origin)
    });
    estate.endpoints.dedup_by(|later, kept| {
        if later.id.is_none() || later.id != kept.id {
            return false;
        }
        kept.vnet = kept.vnet.or(later.vnet);
        if kept.target.is_none() {
            // What names no target is a zone group, which has no state of its own.
            kept.state = later.state;
        }
        kept.target = kept.target.take().or(later.target.take());
        for group in later.groups.drain(..) {
            if !kept.groups.contains(&group) {
                kept.groups.push(group);
            }
        }
        for name in later.names.drain(..) {
            if !kept.names.contains(&name) {
                kept.names.push(name);
            }
        }
        for zone in later.zone_group.drain(..) {
            if !kept.zone_group.contains(&zone) {
                kept.zone_group.push(zone);
            }
        }
        kept.group_names.group = kept.group_names.group.take().or(later.group_names.group.take());
        kept.group_names.zones.append(&mut later.group_names.zones);
        true
    });
}

/// One resource for each id; a stated fact wins over an unstated one.
fn merge_resources(estate: &mut Estate) {
    estate.resources.sort_by_cached_key(|resource| {
        (resource.name.to_lowercase(), id_key(&resource.id), resource.origin)
    });
    estate.resources.dedup_by(|later, kept| {
        if later.id.is_none() || later.id != kept.id {
            return false;
        }
        kept.location = kept.location.take().or(later.location.take());
        kept.public_access = kept.public_access.or(later.public_access);
        for name in later.names.drain(..) {
            match kept.names.iter_mut().find(|known| known.name == name.name) {
                Some(known) => known.endpoint = known.endpoint.or(name.endpoint),
                None => kept.names.push(name),
            }
        }
        true
    });
}

//! The estate compiled for looking up: names and records, without links.
//!
//! An [`Index`] owns its [`Estate`]. Every owner, ancestor and alias target is a
//! [`NameId`]; for each the nearest apex at or above it is known, and which
//! zones have records at it or only below it. What public DNS says of the names
//! that matter is worked out once. A [`View`] adds one network's links, rulesets and servers.
//!
//! ```
//! use privdns::index::{Index, Settings};
//! use privdns::record::RecordType;
//! # use privdns::{estate::Assembly, source::{self, Role}};
//! # let mut assembly = Assembly::default();
//! # let text = "vnet hub\nzone corp.internal link hub\n  nas A 10.0.0.7\n";
//! # source::read("e", text.as_bytes(), None, Role::Estate, &mut assembly);
//! # let estate = assembly.finish();
//! let index = Index::new(estate);
//! let view = &index.views(&Settings::default())[0];
//! let nas = index.locate(&"nas.corp.internal".parse().unwrap());
//! let answer = privdns::resolve::resolve(view, &nas, RecordType::A, &mut ());
//! assert_eq!(answer.outcome, privdns::resolve::Outcome::Answered);
//! ```

#![deny(clippy::disallowed_methods)]

mod assumption;
mod azure;
mod built_in;
mod forwarding;
mod policy;
mod public;
mod reach;
mod view;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use crate::estate::{
    Change, ChangeError, Estate, Extent, PublicData, PublicFact, RecordSet, Shared, Zone, ZoneId,
};
use crate::name::{Name, NameId, Names};
use smallvec::SmallVec;

use crate::public::Catalogue;
use crate::record::{RecordData, RecordType};

pub use crate::estate::AZURE_DNS;
pub use assumption::{
    ALIAS_LIMIT, ALIASES_SEEN, ASSUMPTIONS, Assumed, Assumption, AssumptionDoc, Settings,
};
pub use azure::{AzureDns, RulesetHold};
pub use built_in::{BuiltInAnswer, MachineDoubt, RegisteredAnswer, reverse_name};
pub use forwarding::{Own, Party, RESERVED_SUFFIXES, RuleRef};
pub use policy::{PolicyRef, PolicyVerdict};
pub use public::{Basis, Evidence, PublicAnswer, Service};
pub use view::{Claim, Doubt, Servers, View, Views};

/// No apex, or no record set.
const NONE: u32 = u32::MAX;

/// Where a question stands: at a known name, or below one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A name of the estate.
    Known(NameId),
    /// Any other name.
    Other {
        /// Its longest known ancestor.
        encloser: NameId,
        /// The name.
        name: Rc<Name>,
    },
}

impl Place {
    /// The longest known name at or above.
    pub fn node(&self) -> NameId {
        match self {
            Place::Known(node) => *node,
            Place::Other { encloser, .. } => *encloser,
        }
    }
}

/// A record set, by its zone and its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SetRef {
    /// The zone.
    pub zone: ZoneId,
    /// The place in the zone's record sets.
    pub set: u32,
}

/// A zone's part in a name: the first record set there, or none where names
/// below it exist only.
#[derive(Clone, Copy, Debug)]
struct Entry {
    zone: ZoneId,
    first: u32,
}

/// All zones of one name.
#[derive(Clone, Debug)]
pub struct Apex {
    /// The name.
    pub name: NameId,
    /// The next apex above, by its place in [`Index::apexes`].
    pub above: Option<u32>,
    /// The zones; several where resource groups or subscriptions repeat a name.
    pub zones: Vec<ZoneId>,
}

/// What a zone has for a name and type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A set of the type asked for.
    Set(SetRef),
    /// An alias.
    Alias(SetRef, NameId),
    /// The name exists without the type.
    NoData {
        /// It exists only because names below it do.
        empty_non_terminal: bool,
        /// Only record sets without records say so.
        empty_set: bool,
    },
    /// The name does not exist.
    NxDomain,
    /// The owner that answers has a record set that could not be read in full.
    Unread,
}

/// The records of an estate as it was loaded, which all share that changes make of it.
struct Base {
    /// How many names there were.
    names: usize,
    /// By name: where its entries start; one more at the end.
    offsets: Vec<u32>,
    entries: Vec<Entry>,
    /// By zone: the record sets that the entries are of.
    zones: Vec<Shared<Vec<RecordSet>>>,
    tree: OnceLock<reach::Tree>,
}

impl Base {
    fn entries(&self, node: NameId) -> &[Entry] {
        match self.offsets.get(node.index()..node.index() + 2) {
            Some([from, to]) => &self.entries[*from as usize..*to as usize],
            // A change brought the name in.
            _ => &[],
        }
    }
}

/// The apexes, and by name the nearest one at or above.
struct Apexes {
    list: Vec<Apex>,
    of: Vec<u32>,
}

/// The entries of one zone: the first record set of a name.
type Entries = HashMap<NameId, u32>;

/// An estate compiled.
pub struct Index {
    estate: Estate,
    apexes: Arc<Apexes>,
    base: Arc<Base>,
    /// The entries of zones whose records changed since the base was made.
    own: HashMap<ZoneId, Arc<Entries>>,
    own_aliases: OnceLock<reach::Aliases>,
    /// By zone: how much of its records is known.
    extents: Vec<Extent>,
    /// Owners with a record set that could not be read in full.
    unread: HashSet<(ZoneId, NameId)>,
    /// By zone: whether it is one of Private Link that the catalogue knows.
    catalogued: Arc<Vec<bool>>,
    public: Arc<public::PublicDns>,
    forwarding: forwarding::Forwarding,
    built_in: built_in::BuiltIn,
    policies: Arc<policy::Policies>,
}

impl Index {
    /// Compiles `estate`.
    pub fn new(mut estate: Estate) -> Index {
        let public = Arc::new(public::PublicDns::new(&mut estate));
        let forwarding = forwarding::Forwarding::new(&mut estate);
        let built_in = built_in::BuiltIn::new(&mut estate);
        let (offsets, entries) = index_records(&estate);
        let zones = all_zones(&estate).map(|(_, zone)| zone.record_sets.clone()).collect();
        let (names, tree) = (estate.names.len(), OnceLock::new());
        Index {
            apexes: Arc::new(index_apexes(&estate)),
            base: Arc::new(Base { names, offsets, entries, zones, tree }),
            own: HashMap::new(),
            own_aliases: OnceLock::new(),
            extents: extents(&estate),
            unread: unread(&estate),
            catalogued: Arc::new(catalogued(&estate)),
            public,
            forwarding,
            built_in,
            policies: Arc::new(policy::Policies::new(&estate)),
            estate,
        }
    }

    /// The index of the estate after `changes`. Only what they reach is compiled anew; the
    /// rest is shared.
    pub fn after(&self, changes: &[Change]) -> Result<Index, ChangeError> {
        self.after_with(&self.estate.names, changes)
    }

    /// The same of changes that mention names of `names`: those of the estate come first there.
    pub fn after_with(
        &self,
        names: &Shared<Names>,
        changes: &[Change],
    ) -> Result<Index, ChangeError> {
        let mut estate = Estate { names: names.clone(), ..self.estate.clone() };
        estate.apply(changes)?;
        let made = estate.zones.len() > self.estate.zones.len();
        if made && estate.server_zones().next().is_some() {
            // The zones of servers stand behind the private ones, so their ids change.
            return Ok(Index::new(estate));
        }
        let public = match made || self.may_change_public(&estate) {
            true => Arc::new(public::PublicDns::new(&mut estate)),
            false => Arc::clone(&self.public),
        };
        let forwarding = forwarding::Forwarding::new(&mut estate);
        let built_in = built_in::BuiltIn::new(&mut estate);
        let gone = |estate: &Estate| estate.zones.iter().map(|zone| zone.gone).collect::<Vec<_>>();
        let apexes = match made || gone(&estate) != gone(&self.estate) {
            true => Arc::new(index_apexes(&estate)),
            false => Arc::clone(&self.apexes),
        };
        let catalogued = match made {
            true => Arc::new(catalogued(&estate)),
            false => Arc::clone(&self.catalogued),
        };
        let mut own = self.own.clone();
        for (id, zone) in estate.zone_ids() {
            let before = self.estate.zones.get(id.index());
            let same = |old: &Zone| {
                old.record_sets.is_same(&zone.record_sets) && old.unread == zone.unread
            };
            if !before.is_some_and(same) {
                own.insert(id, Arc::new(zone_entries(&estate.names, zone)));
            }
        }
        Ok(Index {
            apexes,
            base: Arc::clone(&self.base),
            own,
            own_aliases: OnceLock::new(),
            extents: extents(&estate),
            unread: unread(&estate),
            catalogued,
            public,
            forwarding,
            built_in,
            policies: Arc::clone(&self.policies),
            estate,
        })
    }

    /// Whether what is known of public DNS may be something else in `after`, with the same
    /// zones: by its endpoints and resources, or by records that suggest an endpoint.
    fn may_change_public(&self, after: &Estate) -> bool {
        let before = &self.estate;
        let suggests = |(old, new): (&Zone, &Zone)| {
            !old.record_sets.is_same(&new.record_sets)
                && Catalogue::get().may_match_below(&after.names.name(new.apex))
        };
        before.endpoints != after.endpoints
            || before.resources != after.resources
            || before.zones.iter().zip(&after.zones).any(suggests)
    }

    /// The estate.
    pub fn estate(&self) -> &Estate {
        &self.estate
    }

    /// Gives the estate back.
    pub fn into_estate(self) -> Estate {
        self.estate
    }

    /// All apexes, those above before those below.
    pub fn apexes(&self) -> &[Apex] {
        &self.apexes.list
    }

    /// The nearest apex at or above a name, by its place in [`Index::apexes`].
    pub fn apex_of(&self, node: NameId) -> Option<u32> {
        let mut node = node;
        let apex = loop {
            match self.apexes.of.get(node.index()) {
                Some(apex) => break *apex,
                // A change brought the name in, and no zone of its name.
                None => node = self.estate.names.parent(node)?,
            }
        };
        (apex != NONE).then_some(apex)
    }

    /// The resources that are known to be behind a Private Link name.
    pub fn services(&self) -> &[Service] {
        self.public.services()
    }

    /// The resource with that public name.
    pub fn service_of(&self, name: NameId) -> Option<&Service> {
        self.public.service_of(name)
    }

    /// What public DNS is known to say of a name.
    pub fn public(&self, place: &Place, record_type: RecordType) -> PublicAnswer<'_> {
        self.public.answer(self, place, record_type)
    }

    /// The types that are recorded of a name in public DNS.
    pub fn publicly_recorded(&self, name: &str) -> Vec<String> {
        let name = name.parse().ok().and_then(|name| self.estate.names.get(&name));
        let facts = self.estate.public.iter().filter_map(|fact| match fact {
            PublicFact::Recorded { name: owner, data: PublicData::Records(data, _), .. } => {
                (Some(*owner) == name).then(|| data.record_type().to_string())
            }
            _ => None,
        });
        facts.collect()
    }

    /// How much of a zone's records is known.
    pub fn extent(&self, zone: ZoneId) -> Extent {
        self.extents[zone.index()]
    }

    /// Whether a private zone is one of Private Link that the catalogue knows.
    pub fn is_catalogued(&self, zone: ZoneId) -> bool {
        self.catalogued[zone.index()]
    }

    /// Where `name` stands among the names of the estate.
    pub fn locate(&self, name: &Name) -> Place {
        let found = self.estate.names.find(name);
        match found.missing {
            0 => Place::Known(found.node),
            _ => Place::Other { encloser: found.node, name: Rc::new(name.clone()) },
        }
    }

    /// The name of a place.
    pub fn name(&self, place: &Place) -> Name {
        match place {
            Place::Known(node) => self.estate.names.name(*node),
            Place::Other { name, .. } => (**name).clone(),
        }
    }

    /// The record set.
    pub fn set(&self, set: SetRef) -> &RecordSet {
        &self.estate.zone(set.zone).record_sets[set.set as usize]
    }

    #[inline]
    fn entry(&self, node: NameId, zone: ZoneId) -> Option<Entry> {
        if !self.own.is_empty()
            && let Some(own) = self.own.get(&zone)
        {
            return own.get(&node).map(|&first| Entry { zone, first });
        }
        self.base.entries(node).iter().find(|entry| entry.zone == zone).copied()
    }

    /// The private zones that have record sets at a name itself.
    pub fn zones_at(&self, node: NameId) -> impl Iterator<Item = ZoneId> {
        let shared =
            self.base.entries(node).iter().filter(|entry| !self.own.contains_key(&entry.zone));
        let own = self.own.iter().filter_map(move |(&zone, entries)| {
            entries.get(&node).map(|&first| Entry { zone, first })
        });
        let entries = shared.copied().chain(own).filter(|entry| entry.first != NONE);
        let private = self.estate.zones.len();
        let zones = entries.map(|entry| entry.zone).filter(|zone| zone.index() < private);
        let mut zones: SmallVec<[ZoneId; 4]> = zones.collect();
        zones.sort_unstable();
        zones.into_iter()
    }

    /// The record sets of a zone at a name itself.
    pub fn sets_at(&self, zone: ZoneId, node: NameId) -> impl Iterator<Item = SetRef> {
        let first = self.entry(node, zone).map_or(NONE, |entry| entry.first);
        let sets = &self.estate.zone(zone).record_sets;
        (first..sets.len() as u32)
            .take_while(move |&set| sets[set as usize].owner == node)
            .map(move |set| SetRef { zone, set })
    }

    /// What `zone` has for a name at or below its apex.
    ///
    /// The name itself first, then that it has names below it, then a wildcard
    /// at its closest encloser in this zone (RFC 4592, section 3.3.1).
    #[inline]
    pub fn look_up(&self, zone: ZoneId, place: &Place, record_type: RecordType) -> Found {
        if let Place::Known(node) = place
            && let Some(entry) = self.entry(*node, zone)
        {
            return self.select(entry, *node, record_type);
        }
        self.synthesized(zone, place, record_type)
    }

    /// What the wildcard gives that covers a name which a zone lacks.
    fn synthesized(&self, zone: ZoneId, place: &Place, record_type: RecordType) -> Found {
        let names = &self.estate.names;
        let mut node = place.node();
        if let Place::Known(_) = place {
            // Not an entry of this zone, so the encloser is above.
            let Some(parent) = names.parent(node) else { return Found::NxDomain };
            node = parent;
        }
        // The apex has an entry, so the walk ends there at the latest.
        let mut encloser = Some(node);
        while let Some(at) = encloser {
            if self.entry(at, zone).is_some() {
                break;
            }
            encloser = names.parent(at);
        }
        let wildcard = encloser.and_then(|encloser| names.child(encloser, b"*"));
        match wildcard.and_then(|wildcard| Some((wildcard, self.entry(wildcard, zone)?))) {
            Some((wildcard, entry)) => self.select(entry, wildcard, record_type),
            None => Found::NxDomain,
        }
    }

    #[inline]
    fn select(&self, entry: Entry, owner: NameId, record_type: RecordType) -> Found {
        if !self.unread.is_empty() && self.unread.contains(&(entry.zone, owner)) {
            return Found::Unread;
        }
        if entry.first == NONE {
            // The apex has its SOA, whether an export lists it or not.
            let empty_non_terminal = owner != self.estate.zone(entry.zone).apex;
            return Found::NoData { empty_non_terminal, empty_set: false };
        }
        let sets = &self.estate.zone(entry.zone).record_sets;
        let (mut alias, mut empty, mut filled) = (None, false, false);
        for (at, set) in sets.iter().enumerate().skip(entry.first as usize) {
            if set.owner != owner {
                break;
            }
            let found = SetRef { zone: entry.zone, set: at as u32 };
            if let RecordData::Empty(_) = set.data {
                empty = true;
                continue;
            }
            if set.data.record_type() == record_type {
                return Found::Set(found);
            }
            filled = true;
            if let RecordData::Cname(target) = set.data {
                alias = Some((found, target));
            }
        }
        match alias {
            Some((set, target)) => Found::Alias(set, target),
            None => {
                // A name that exists besides has no data, whatever becomes of the empty set.
                let alone = !filled && owner != self.estate.zone(entry.zone).apex;
                Found::NoData { empty_non_terminal: false, empty_set: empty && alone }
            }
        }
    }
}

/// Private zones, and behind them those of servers.
fn all_zones(estate: &Estate) -> impl Iterator<Item = (ZoneId, &Zone)> {
    let zones = estate.zones.iter().chain(estate.server_zones().map(|(_, zone)| zone));
    zones.enumerate().map(|(at, zone)| (ZoneId(at as u32), zone))
}

fn extents(estate: &Estate) -> Vec<Extent> {
    all_zones(estate).map(|(_, zone)| zone.extent()).collect()
}

fn unread(estate: &Estate) -> HashSet<(ZoneId, NameId)> {
    all_zones(estate)
        .flat_map(|(id, zone)| zone.unread.iter().map(move |&owner| (id, owner)))
        .collect()
}

fn catalogued(estate: &Estate) -> Vec<bool> {
    let in_catalogue =
        |zone: &Zone| Catalogue::get().may_match_below(&estate.names.name(zone.apex));
    estate.zone_ids().map(|(id, zone)| estate.is_private_link(id) && in_catalogue(zone)).collect()
}

/// The entries of a zone: its owners, what is above them, and its apex.
fn zone_entries(names: &Names, zone: &Zone) -> Entries {
    let mut entries = Entries::new();
    for (at, set) in zone.record_sets.iter().enumerate() {
        entries.entry(set.owner).or_insert(at as u32);
    }
    let owners: Vec<NameId> =
        entries.keys().copied().chain(zone.unread.iter().copied()).chain([zone.apex]).collect();
    for owner in owners {
        let mut node = owner;
        entries.entry(node).or_insert(NONE);
        while node != zone.apex {
            let Some(parent) = names.parent(node) else { break };
            node = parent;
            if entries.contains_key(&node) {
                break;
            }
            entries.insert(node, NONE);
        }
    }
    entries
}

fn index_apexes(estate: &Estate) -> Apexes {
    let names = &estate.names;
    let mut apexes: Vec<Apex> = Vec::new();
    let mut apex_of = vec![NONE; names.len()];
    let mut zones: Vec<(ZoneId, NameId)> = estate
        .zone_ids()
        .filter(|(_, zone)| !zone.gone)
        .map(|(id, zone)| (id, zone.apex))
        .collect();
    zones.sort_by_key(|&(id, apex)| (names.depth(apex), apex, id));
    for (id, apex) in zones {
        match apexes.last_mut().filter(|last| last.name == apex) {
            Some(last) => last.zones.push(id),
            None => {
                apex_of[apex.index()] = apexes.len() as u32;
                apexes.push(Apex { name: apex, above: None, zones: vec![id] });
            }
        }
    }
    // A name comes after its ancestors, so theirs is known already.
    for node in names.ids().skip(1) {
        let above = names.parent(node).map_or(NONE, |parent| apex_of[parent.index()]);
        match apex_of[node.index()] {
            NONE => apex_of[node.index()] = above,
            own => apexes[own as usize].above = (above != NONE).then_some(above),
        }
    }
    Apexes { list: apexes, of: apex_of }
}

fn index_records(estate: &Estate) -> (Vec<u32>, Vec<Entry>) {
    let names = &estate.names;
    let mut found: Vec<(NameId, Entry)> = Vec::with_capacity(estate.record_set_count());
    // By name: the last zone that was seen there, plus one.
    let mut seen = vec![0u32; names.len()];
    for (zone, facts) in all_zones(estate) {
        let mark = zone.0 + 1;
        for (at, set) in facts.record_sets.iter().enumerate() {
            if seen[set.owner.index()] != mark {
                seen[set.owner.index()] = mark;
                found.push((set.owner, Entry { zone, first: at as u32 }));
            }
        }
        if seen[facts.apex.index()] != mark {
            seen[facts.apex.index()] = mark;
            found.push((facts.apex, Entry { zone, first: NONE }));
        }
        let owners = facts.record_sets.iter().map(|set| set.owner);
        for owner in owners.chain(facts.unread.iter().copied()) {
            let mut node = owner;
            if seen[node.index()] != mark {
                seen[node.index()] = mark;
                found.push((node, Entry { zone, first: NONE }));
            }
            while node != facts.apex {
                let Some(parent) = names.parent(node) else { break };
                node = parent;
                if seen[node.index()] == mark {
                    break;
                }
                seen[node.index()] = mark;
                found.push((node, Entry { zone, first: NONE }));
            }
        }
    }
    let mut offsets = vec![0u32; names.len() + 1];
    for (node, _) in &found {
        offsets[node.index() + 1] += 1;
    }
    for at in 1..offsets.len() {
        offsets[at] += offsets[at - 1];
    }
    let mut next = offsets.clone();
    let mut entries = vec![Entry { zone: ZoneId(0), first: NONE }; found.len()];
    for (node, entry) in found {
        let place = &mut next[node.index()];
        entries[*place as usize] = entry;
        *place += 1;
    }
    (offsets, entries)
}

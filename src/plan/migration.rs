//! The move from old zones to the global one of a service, in steps.
//!
//! Records first, then links, then the old zones go, network by network, children of the
//! global zone before regional ones: the order in which no name that is known loses its
//! answer at any step. ("Use private endpoints with Azure Batch accounts",
//! learn.microsoft.com/azure/batch/private-connectivity, read 2026-11, links first, which is
//! never better.)

use std::collections::{BTreeMap, BTreeSet};

use super::step::{Remark, Step};
use crate::estate::{Change, Estate, Extent, Policy, VnetId, ZoneId};
use crate::index::Index;
use crate::name::{Name, NameId};
use crate::public::batch::is_guid;
use crate::public::moves::{Move, Old};
use crate::record::{RecordData, Ttl};

/// How old zones are left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// They are unlinked, and deleted where nothing links them any more.
    #[default]
    Unlink,
    /// Regional ones stay linked and get an alias for each account that they lack, the
    /// documented bridge. Children of the global zone are unlinked all the same.
    Bridge,
}

/// What to move.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Only these networks; all where there are none.
    pub vnets: Vec<VnetId>,
    /// Only the old zones of these regions; all where there are none.
    pub regions: Vec<String>,
    /// Link the global zone with `NxDomainRedirect`, so that accounts it does not
    /// have go on to public DNS.
    pub fallback: bool,
    /// How old zones are left.
    pub strategy: Strategy,
}

/// A plan for the move.
#[derive(Debug)]
pub struct Migration {
    /// The estate, with the names that the steps use.
    pub estate: Estate,
    /// In order.
    pub steps: Vec<Step>,
    /// What has to be decided or made by hand first, a sentence each.
    pub open: Vec<String>,
}

/// An old zone with what its name says.
struct OldZone {
    zone: ZoneId,
    old: Old,
}

/// Plans the move of an estate.
pub fn migrate(index: &Index, what: &'static Move, scope: &Scope) -> Migration {
    let estate = index.estate();
    let mut steps = Vec::new();
    let mut open = Vec::new();
    let mut names = estate.names.clone();
    for global in what.globals {
        let zones = estate.zone_ids().filter(|(_, zone)| !zone.gone);
        let old = zones.filter_map(|(zone, facts)| {
            let old = what.old(&estate.names.name(facts.apex))?;
            (old.global == *global).then_some(OldZone { zone, old })
        });
        let in_scope = |old: &OldZone| {
            scope.regions.is_empty()
                || old.old.region.as_ref().is_some_and(|region| scope.regions.contains(region))
        };
        let mut old: Vec<OldZone> = old.filter(in_scope).collect();
        // What is unlinked first must not be what answers for others.
        old.sort_by_key(|one| (one.old.regional, one.zone));
        if old.is_empty() {
            continue;
        }
        let mut cloud = Cloud {
            index,
            what,
            scope,
            global_name: global,
            old,
            after: Estate { names: std::mem::take(&mut names), ..estate.clone() },
            steps: Vec::new(),
            open: Vec::new(),
        };
        cloud.plan();
        steps.append(&mut cloud.steps);
        open.append(&mut cloud.open);
        names = cloud.after.names;
    }
    let estate = Estate { names, ..estate.clone() };
    Migration { estate, steps, open }
}

/// The move in one cloud.
struct Cloud<'i> {
    index: &'i Index,
    what: &'static Move,
    scope: &'i Scope,
    global_name: &'static str,
    old: Vec<OldZone>,
    /// The estate as the steps so far leave it.
    after: Estate,
    steps: Vec<Step>,
    open: Vec<String>,
}

impl Cloud<'_> {
    fn plan(&mut self) {
        let Some(global) = self.global() else { return };
        if self.is_unsure(global) {
            return;
        }
        self.forwarders();
        self.copy(global);
        self.link(global);
        match self.scope.strategy {
            Strategy::Bridge => self.bridge(global),
            Strategy::Unlink => {}
        }
        self.unlink(global);
        self.clean_up();
    }

    fn push(&mut self, step: Step) {
        // What is planned fits what is there, or the trial of the plan says so.
        let _ = self.after.apply(&step.changes);
        self.steps.push(step);
    }

    fn step(&mut self, title: String, changes: Vec<Change>) {
        self.push(Step { title, changes, ..Step::default() });
    }

    /// The global zone, made where there is none.
    fn global(&mut self) -> Option<ZoneId> {
        let name = self.global_name;
        match self.after.zones_like(name)[..] {
            [one] => Some(one),
            [] => {
                let group = self.old.iter().find_map(|old| self.after.zone(old.zone).group.clone());
                let apex: Name = name.parse().ok()?;
                let apex = self.after.names.intern(&apex);
                let zone = ZoneId(self.after.zones.len() as u32);
                let change = Change::CreateZone { apex, group: group.map(Into::into) };
                self.step(format!("make the zone {name}"), vec![change]);
                Some(zone)
            }
            ref several => {
                let labels: Vec<String> =
                    several.iter().map(|&zone| self.after.zone_label(zone)).collect();
                self.open.push(format!(
                    "there are {} zones named `{name}` ({}): merge them first \
                     (privdns plan --merge … --into …)",
                    several.len(),
                    labels.join(", ")
                ));
                None
            }
        }
    }

    /// What was not read may be anything: nothing is made, changed or unlinked beside it.
    fn is_unsure(&mut self, global: ZoneId) -> bool {
        let zones = self.old.iter().map(|old| old.zone).chain([global]);
        let unsure = zones.filter(|&zone| {
            let facts = self.after.zone(zone);
            facts.extent() != Extent::Whole
                || !facts.unread.is_empty()
                || facts.links_extent() != Extent::Whole
        });
        let unsure: Vec<String> = unsure.map(|zone| self.after.zone_name(zone)).collect();
        self.open.extend(unsure.iter().map(|zone| {
            format!("`{zone}` was not read in full, its records or its links: export it again")
        }));
        !unsure.is_empty()
    }

    /// Forwarders that name an old zone never see the public name's other aliases.
    fn forwarders(&mut self) {
        let estate = self.index.estate();
        let rules = estate.rulesets.iter().flat_map(|ruleset| {
            ruleset
                .rules
                .iter()
                .map(move |rule| (format!("ruleset `{}`", ruleset.name), rule.domain))
        });
        let servers = estate.servers.iter().flat_map(|server| {
            let forwarders = server.forwarders.iter();
            forwarders.map(move |one| (format!("server `{}`", server.name), one.domain))
        });
        for (who, domain) in rules.chain(servers) {
            let names = &estate.names;
            let below = |old: &OldZone| names.is_at_or_below(domain, estate.zone(old.zone).apex);
            if self.old.iter().any(below) {
                let domain = names.show(domain);
                self.open.push(format!(
                    "{who} forwards `{domain}`, an old zone: let it forward the public name instead"
                ));
            }
        }
    }

    fn copy(&mut self, global: ZoneId) {
        let copies = self.copies(global);
        if copies.is_empty() {
            return;
        }
        let count = copies.len();
        let records = if count == 1 { "record" } else { "records" };
        let title = format!("record {count} {records} in {}", self.global_name);
        let writers = self.writers();
        let remarks = writers.iter().map(|name| Remark {
            text: format!(
                "the zone group of `{name}` writes to an old zone, and the copy of its record goes \
                 stale: rather add {} to that group (privdns plan --add-to-group)",
                self.global_name
            ),
            look: true,
        });
        let remarks = remarks.collect();
        self.push(Step { title, changes: copies, remarks, assumes: Vec::new() });
    }

    /// The endpoints whose zone groups write to an old zone and not to the global one.
    fn writers(&self) -> BTreeSet<String> {
        let estate = &self.after;
        let is_old = |zone: &ZoneId| self.old.iter().any(|old| old.zone == *zone);
        let writers = estate.endpoints.iter().filter(|endpoint| {
            let zones = endpoint.zone_group.iter().flat_map(|zone| estate.zones_like(zone));
            let zones: Vec<ZoneId> = zones.collect();
            let global = zones.iter().any(|&zone| estate.zone_name(zone) == self.global_name);
            !endpoint.gone && !global && zones.iter().any(is_old)
        });
        writers.map(|endpoint| endpoint.name.clone()).collect()
    }

    fn networks(&self) -> BTreeMap<VnetId, Vec<ZoneId>> {
        let mut networks: BTreeMap<VnetId, Vec<ZoneId>> = BTreeMap::new();
        for old in &self.old {
            for link in &self.index.estate().zone(old.zone).links {
                if self.scope.vnets.is_empty() || self.scope.vnets.contains(&link.vnet) {
                    networks.entry(link.vnet).or_default().push(old.zone);
                }
            }
        }
        networks
    }

    fn link(&mut self, global: ZoneId) {
        let policy = if self.scope.fallback { Policy::NxDomainRedirect } else { Policy::Default };
        for vnet in self.networks().into_keys() {
            if !self.after.zone(global).links.iter().any(|link| link.vnet == vnet) {
                let title = format!("link {} to {}", self.global_name, self.after.vnet_name(vnet));
                self.step(title, vec![Change::link(global, vnet, policy)]);
            }
        }
    }

    /// Aliases for the accounts that a linked regional zone lacks.
    fn bridge(&mut self, global: ZoneId) {
        let mut steps = Vec::new();
        for old in self.old.iter().filter(|old| old.old.regional) {
            let (zone, apex) = (old.zone, self.after.names.name(self.after.zone(old.zone).apex));
            let region = old.old.region.as_deref().unwrap_or("");
            let regional: Name = match format!("{region}.{}", self.global_name).parse() {
                Ok(name) => name,
                Err(_) => continue,
            };
            let sets = &self.after.zone(global).record_sets;
            let owners: BTreeSet<NameId> = sets
                .iter()
                .map(|set| set.owner)
                .filter(|&owner| self.after.names.name(owner).parent() == regional)
                .collect();
            let mut changes = Vec::new();
            for target in owners {
                let label = self.after.names.label(target).to_vec();
                let owner = Name::from_labels(std::iter::once(&label[..]).chain(apex.labels()));
                let Ok(owner) = owner else { continue };
                if label == b"*" || label == b"service" {
                    continue;
                }
                let owner = self.after.names.intern(&owner);
                if !self.after.zone(zone).record_sets.iter().any(|set| set.owner == owner) {
                    changes.push(Change::Put {
                        zone,
                        owner,
                        data: RecordData::Cname(target),
                        ttl: Ttl::new(BRIDGE_TTL),
                    });
                }
            }
            if !changes.is_empty() {
                let zone = self.after.zone_name(zone);
                steps.push((
                    format!("bridge {} from {zone} to {}", names(changes.len()), self.global_name),
                    changes,
                ));
            }
        }
        steps.into_iter().for_each(|(title, changes)| self.step(title, changes));
    }

    fn unlink(&mut self, global: ZoneId) {
        for (vnet, zones) in self.networks() {
            let name = self.after.vnet_name(vnet);
            let links = &self.after.zone(global).links;
            if links.iter().any(|link| link.vnet == vnet && link.pending.is_some()) {
                self.open.push(format!(
                    "the link of `{}` to `{name}` is not operational yet: wait for it",
                    self.global_name
                ));
                continue;
            }
            for zone in zones {
                let regional = self.old.iter().any(|old| old.zone == zone && old.old.regional);
                if regional && self.scope.strategy == Strategy::Bridge {
                    continue;
                }
                let title = format!("unlink {} from {name}", self.after.zone_name(zone));
                self.step(title, vec![Change::Unlink { zone, vnet }]);
            }
        }
    }

    /// Old zones that nothing links any more.
    fn clean_up(&mut self) {
        let writers = self.writers();
        let zones: Vec<ZoneId> = self.old.iter().map(|old| old.zone).collect();
        for zone in zones {
            let was_linked = !self.index.estate().zone(zone).links.is_empty();
            if !self.after.zone(zone).links.is_empty() || !was_linked {
                continue;
            }
            let title = format!("delete the zone {}", self.after.zone_name(zone));
            let text = if writers.is_empty() {
                "once nobody wants to go back: what the zone holds goes with it".to_owned()
            } else {
                let writers: Vec<String> = writers.iter().map(|name| format!("`{name}`")).collect();
                format!("the zone groups of {} still write to old zones", writers.join(", "))
            };
            let remarks = vec![Remark { text, look: !writers.is_empty() }];
            let changes = vec![Change::DeleteZone { zone }];
            self.push(Step { title, changes, remarks, assumes: Vec::new() });
        }
    }

    /// What the global zone lacks, or has with an address that is not the endpoint's.
    fn copies(&mut self, global: ZoneId) -> Vec<Change> {
        // By the name in the global zone: what it should have.
        let mut wanted: BTreeMap<Name, (RecordData, Option<Ttl>)> = BTreeMap::new();
        for service in self.index.services() {
            let Some(alias) = service.aliases.last() else { continue };
            let alias = self.index.estate().names.name(*alias);
            if self.is_wanted(&alias)
                && let Some(records) = service.addresses_as_records()
            {
                wanted.insert(alias, records);
            }
        }
        for at in 0..self.old.len() {
            self.copies_of(at, global, &mut wanted);
        }
        let mut changes = Vec::new();
        for (name, (data, ttl)) in wanted {
            let owner = self.after.names.intern(&name);
            let sets = &self.after.zone(global).record_sets;
            let here = sets
                .iter()
                .find(|set| set.owner == owner && set.data.record_type() == data.record_type());
            let alias = sets
                .iter()
                .any(|set| set.owner == owner && matches!(set.data, RecordData::Cname(_)));
            if alias {
                let name = name.text();
                self.open
                    .push(format!("`{name}` is an alias in the global zone: decide what it is"));
            } else if here.is_none_or(|set| set.data != data) {
                let ttl = here.map_or(ttl, |set| set.ttl);
                changes.push(Change::Put { zone: global, owner, data, ttl });
            }
        }
        changes
    }

    /// Whether the record of a resource belongs to what moves.
    fn is_wanted(&self, alias: &Name) -> bool {
        let Ok(global) = self.global_name.parse::<Name>() else { return false };
        let regions = &self.scope.regions;
        let in_scope = regions.is_empty()
            || regions.iter().any(|region| alias.labels().any(|label| label == region.as_bytes()));
        let below_old = || {
            self.old.iter().any(|old| {
                let apex = self.after.names.name(self.after.zone(old.zone).apex);
                alias.is_at_or_below(&apex)
            })
        };
        in_scope && alias.is_at_or_below(&global) && (self.what.regional || below_old())
    }

    fn copies_of(
        &mut self,
        at: usize,
        global: ZoneId,
        wanted: &mut BTreeMap<Name, (RecordData, Option<Ttl>)>,
    ) {
        let OldZone { zone: id, old } = &self.old[at];
        let estate = &self.after;
        let zone = estate.zone(*id);
        let (zone_name, apex) = (estate.zone_name(*id), estate.names.name(zone.apex));
        for set in &zone.record_sets {
            if !matches!(set.data, RecordData::A(_) | RecordData::Aaaa(_)) {
                continue;
            }
            let owner = estate.names.relative(set.owner, zone.apex);
            if owner.starts_with('*') {
                self.open.push(format!(
                    "`{zone_name}` has a wildcard, which answers for accounts that nobody lists"
                ));
                continue;
            }
            // Nobody asks a regional zone for a node management endpoint.
            let node = self.what.regional && (owner.ends_with(".service") || is_guid(&owner));
            if owner == "@" || (node && (old.regional || !zone_name.contains(".service."))) {
                continue;
            }
            let Some(name) = old.target(&estate.names.name(set.owner), &apex) else { continue };
            if wanted.contains_key(&name) {
                continue;
            }
            let there = estate.names.get(&name).and_then(|name| address_set(estate, global, name));
            match there {
                Some(data) if *data != set.data => self.open.push(format!(
                    "`{}` is {} in `{zone_name}` and {} in the global zone: decide which is right",
                    name.text(),
                    set.data.texts(&estate.names).join(", "),
                    data.texts(&estate.names).join(", ")
                )),
                Some(_) => {}
                None => {
                    wanted.insert(name, (set.data.clone(), set.ttl));
                }
            }
        }
    }
}

/// The TTL of an alias that is made as a bridge, in seconds: short, for it is to go again.
const BRIDGE_TTL: u32 = 10;

fn names(count: usize) -> String {
    format!("{count} {}", if count == 1 { "name" } else { "names" })
}

fn address_set(estate: &Estate, zone: ZoneId, owner: NameId) -> Option<&RecordData> {
    let sets = estate.zone(zone).record_sets.iter();
    let mut own = sets.filter(|set| set.owner == owner).map(|set| &set.data);
    own.find(|data| matches!(data, RecordData::A(_) | RecordData::Aaaa(_)))
}

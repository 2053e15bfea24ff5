//! The move from old zones to the global one of a service, in steps.
//!
//! Records first, then links, then the old zones go, network by network, children of the
//! global zone before regional ones: the order in which no name that is known loses its
//! answer at any step. ("Use private endpoints with Azure Batch accounts",
//! learn.microsoft.com/azure/batch/private-connectivity, read 2026-11, links first, which is
//! never better.)

use std::collections::{BTreeMap, BTreeSet};

use super::planner::{Migration, Planner};
use super::step::{Remark, Step};
use super::wish::{add_to_group, creator_of, missing_creator, remove_from_group};
use crate::estate::{Change, Endpoint, EndpointId, Estate, Extent, Policy, VnetId, ZoneId};
use crate::index::{Assumption, Index, Service, Settings, View};
use crate::name::{Name, NameId};
use crate::public::batch::is_guid;
use crate::public::moves::{Move, Old};
use crate::record::{RecordData, RecordType, Ttl};
use crate::resolve::{Gap, Outcome, resolve};

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

/// An old zone with what its name says.
struct OldZone {
    zone: ZoneId,
    old: Old,
}

/// Plans the move of an estate.
///
/// A step by which a name that somebody knows would lose its answer or its private address is
/// not taken, but what has to be decided is said.
pub fn migrate(
    index: &Index,
    what: &'static Move,
    scope: &Scope,
    settings: &Settings,
) -> Migration {
    let estate = index.estate();
    let mut planner = Planner::new(estate, settings);
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
            planner: &mut planner,
            orphans: Vec::new(),
        };
        cloud.plan();
    }
    planner.finish(estate)
}

/// The move in one cloud.
struct Cloud<'i, 's> {
    index: &'i Index,
    what: &'static Move,
    scope: &'i Scope,
    global_name: &'static str,
    old: Vec<OldZone>,
    planner: &'i mut Planner<'s>,
    /// Of records that are copied though their endpoint is not in the export.
    orphans: Vec<Remark>,
}

impl Cloud<'_, '_> {
    fn plan(&mut self) {
        self.stand();
        let apexes = self.old.iter().map(|old| self.index.estate().zone(old.zone).apex);
        let apexes = apexes.map(|apex| self.index.estate().names.name(apex));
        self.planner.moving = apexes.collect();
        let Some(global) = self.global() else { return };
        if self.is_unsure(global) {
            return;
        }
        self.strangers();
        self.forwarders();
        self.join_groups(global);
        self.copy(global);
        self.link(global);
        match self.scope.strategy {
            Strategy::Bridge => self.bridge(global),
            Strategy::Unlink => {}
        }
        self.unlink(global);
        self.leave_groups();
        self.clean_up();
    }

    fn step(&mut self, title: String, changes: Vec<Change>) {
        self.planner.take(Step { title, changes, ..Step::default() });
    }

    /// The global zone, made where there is none.
    fn global(&mut self) -> Option<ZoneId> {
        let name = self.global_name;
        match self.planner.after.zones_like(name)[..] {
            [one] => Some(one),
            [] => {
                let group =
                    self.old.iter().find_map(|old| self.planner.after.zone(old.zone).group.clone());
                let apex: Name = name.parse().ok()?;
                let apex = self.planner.after.names.intern(&apex);
                let zone = ZoneId(self.planner.after.zones.len() as u32);
                let change = Change::CreateZone { apex, group: group.map(Into::into) };
                self.step(format!("make the zone {name}"), vec![change]);
                Some(zone)
            }
            ref several => {
                let labels: Vec<String> =
                    several.iter().map(|&zone| self.planner.after.zone_label(zone)).collect();
                self.planner.open.push(format!(
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
            let facts = self.planner.after.zone(zone);
            facts.extent() != Extent::Whole
                || !facts.unread.is_empty()
                || facts.links_extent() != Extent::Whole
        });
        let unsure: Vec<String> = unsure.map(|zone| self.planner.after.zone_name(zone)).collect();
        self.planner.open.extend(unsure.iter().map(|zone| {
            format!("`{zone}` was not read in full, its records or its links: export it again")
        }));
        !unsure.is_empty()
    }

    /// Networks with an old zone whose clients ask somebody of whom nothing is known.
    fn strangers(&mut self) {
        let settings = self.planner.settings();
        let mut doubts: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let networks = self.networks();
        let estate = self.index.estate();
        let names = self.concerned();
        for view in &self.index.views(settings) {
            let here = view.vnets().iter().filter(|vnet| networks.contains_key(vnet));
            let here: Vec<VnetId> = here.copied().collect();
            if here.is_empty() {
                continue;
            }
            let mut told: Vec<Gap> = Vec::new();
            for name in &names {
                let Some(gap) = stranger(view, name).filter(|gap| !told.contains(gap)) else {
                    continue;
                };
                told.push(gap);
                let vnets = here.iter().map(|&vnet| estate.vnet_name(vnet));
                doubts.entry(gap.explain(self.index, &name.text())).or_default().extend(vnets);
            }
        }
        self.planner.open.extend(doubts.into_iter().map(|(why, vnets)| {
            format!("nobody can say what the clients of {} get: {why}", vnets.join(", "))
        }));
    }

    /// The names that the move is about: those of resources, and the apexes.
    fn concerned(&self) -> Vec<Name> {
        let names = &self.index.estate().names;
        let public = |service: &&Service| {
            service.aliases.last().is_some_and(|&alias| self.is_wanted(&names.name(alias)))
        };
        let services = self.index.services().iter().filter(public);
        let services = services.map(|service| names.name(service.name));
        let apexes = self.planner.moving.iter().cloned();
        services.chain(apexes).chain(self.global_name.parse()).collect()
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
                self.planner.open.push(format!(
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
        let stale = |name: &String| Remark {
            text: format!(
                "the zone group of `{name}` writes to an old zone, and the copy of its record goes \
                 stale: rather add {} to that group (privdns plan --add-to-group)",
                self.global_name
            ),
            look: true,
        };
        let mut remarks: Vec<Remark> = writers.iter().map(stale).collect();
        remarks.append(&mut self.orphans);
        self.planner.take(Step { title, changes: copies, remarks, assumes: Vec::new() });
    }

    /// The endpoints whose zone groups write to an old zone and not to the global one.
    fn writers(&self) -> BTreeSet<String> {
        let names = self.writing().into_iter();
        names.map(|id| self.planner.after.endpoint(id).name.clone()).collect()
    }

    fn writing(&self) -> Vec<EndpointId> {
        let estate = &self.planner.after;
        let writers = estate.endpoint_ids().filter(|(_, endpoint)| {
            let zones: Vec<ZoneId> = zones_of(estate, &endpoint.zone_group);
            let global = zones.iter().any(|&zone| estate.zone_name(zone) == self.global_name);
            !endpoint.gone && !global && zones.iter().any(|&zone| self.is_old(zone))
        });
        writers.map(|(id, _)| id).collect()
    }

    /// The endpoints whose zone groups write to a zone.
    fn writers_to(&self, zone: ZoneId) -> BTreeSet<String> {
        let estate = &self.planner.after;
        let endpoints = estate.endpoints.iter().filter(|endpoint| {
            !endpoint.gone && zones_of(estate, &endpoint.zone_group).contains(&zone)
        });
        endpoints.map(|endpoint| endpoint.name.clone()).collect()
    }

    /// That zone groups may write to a zone of which nobody knows: its records say that these
    /// endpoints made them, and the endpoints themselves are in no input.
    fn unseen_writers(&self, zone: ZoneId) -> Option<Remark> {
        let estate = self.index.estate();
        let seen = |name: &str| {
            let own = |one: &&Endpoint| one.name.eq_ignore_ascii_case(name);
            let mut known = estate.endpoints.iter().filter(own);
            known.any(|one| one.vnet.is_some() || !one.zone_group.is_empty())
        };
        let makers = estate.zone(zone).record_sets.iter().filter_map(creator_of);
        let unseen: BTreeSet<String> =
            makers.filter(|name| !seen(name)).map(|name| format!("`{name}`")).collect();
        let unseen: Vec<String> = unseen.into_iter().collect();
        (!unseen.is_empty()).then(|| Remark {
            text: format!(
                "whether the zone groups of {} still write to it is unknown: records of it are \
                 theirs, and the endpoints were not exported",
                unseen.join(", ")
            ),
            look: true,
        })
    }

    fn is_old(&self, zone: ZoneId) -> bool {
        self.old.iter().any(|old| old.zone == zone)
    }

    /// Lets zone groups write to the global zone as well, so that their records stay theirs.
    ///
    /// Only where a group can be edited in place; else the records are copied.
    fn join_groups(&mut self, global: ZoneId) {
        if self.planner.settings().value(Assumption::GroupEdit) == "recreated" {
            return;
        }
        for endpoint in self.writing() {
            let group = &self.planner.after.endpoint(endpoint).zone_group;
            if group.len() >= GROUP_LIMIT {
                continue;
            }
            let zone = zone_text(&self.planner.after, global);
            let settings = self.planner.settings();
            // What it would write may be unknown: then what is there is copied.
            let parts = add_to_group(&mut self.planner.after, endpoint, &zone, settings);
            for step in parts.into_iter().flatten() {
                self.planner.take(step);
            }
        }
    }

    /// Takes old zones that nothing links any more out of zone groups.
    fn leave_groups(&mut self) {
        let zones: Vec<ZoneId> = self.old.iter().map(|old| old.zone).collect();
        for zone in zones {
            let linked = !self.planner.after.zone(zone).links.is_empty();
            let estate = &self.planner.after;
            let joined = estate.endpoint_ids().filter(|(_, endpoint)| {
                let zones = zones_of(estate, &endpoint.zone_group);
                let global = zones.iter().any(|&zone| estate.zone_name(zone) == self.global_name);
                !endpoint.gone && global && zones.contains(&zone)
            });
            let joined: Vec<EndpointId> = joined.map(|(id, _)| id).collect();
            for endpoint in joined.into_iter().filter(|_| !linked) {
                if let Ok(mut step) = remove_from_group(&self.planner.after, endpoint, Some(zone)) {
                    step.assumes.push(Assumption::GroupEdit);
                    self.planner.take(step);
                }
            }
        }
    }

    /// How things stand: which accounts are recorded where, and which networks see what.
    fn stand(&mut self) {
        let estate = self.index.estate();
        let globals = estate.zones_like(self.global_name);
        let global_owners: BTreeSet<Name> = globals
            .iter()
            .flat_map(|&zone| &estate.zone(zone).record_sets)
            .filter(|set| is_data(&set.data))
            .map(|set| estate.names.name(set.owner))
            .collect();
        let mut lines = Vec::new();
        for old in &self.old {
            let zone = estate.zone(old.zone);
            let apex = estate.names.name(zone.apex);
            let owners = zone.record_sets.iter().filter(|set| is_data(&set.data));
            let owners =
                owners.filter_map(|set| old.old.target(&estate.names.name(set.owner), &apex));
            let owners: BTreeSet<Name> = owners.collect();
            let both = owners.intersection(&global_owners).count();
            let linked = |zone: ZoneId, vnet: VnetId| {
                estate.zone(zone).links.iter().any(|link| link.vnet == vnet)
            };
            let to_both = zone
                .links
                .iter()
                .filter(|link| globals.iter().any(|&global| linked(global, link.vnet)));
            let to_both = to_both.count();
            lines.push(format!(
                "{}: {} here only, {both} in {} too; linked to {}, {to_both} of them to {} too",
                estate.zone_label(old.zone),
                names(owners.len() - both),
                self.global_name,
                networks(zone.links.len()),
                self.global_name,
            ));
        }
        self.planner.facts.append(&mut lines);
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

    /// Links the global zone where old ones are linked; with their fallback, for what they
    /// let go on to public DNS must not end at the global zone.
    fn link(&mut self, global: ZoneId) {
        for (vnet, zones) in self.networks() {
            let estate = &self.planner.after;
            let name = estate.vnet_name(vnet);
            let policy_of = |zone: ZoneId| {
                let link = estate.zone(zone).links.iter().find(|link| link.vnet == vnet)?;
                Some(link.policy)
            };
            let redirects = |zone: &ZoneId| policy_of(*zone) == Some(Policy::NxDomainRedirect);
            let fallback = self.scope.fallback || zones.iter().any(redirects);
            let policy = if fallback { Policy::NxDomainRedirect } else { Policy::Default };
            match policy_of(global) {
                None => {
                    let title = format!("link {} to {name}", self.global_name);
                    self.step(title, vec![Change::link(global, vnet, policy)]);
                }
                Some(Policy::NxDomainRedirect) => {}
                Some(_) if fallback => {
                    let title = format!("let the link of {} to {name} fall back", self.global_name);
                    self.step(title, vec![Change::SetPolicy { zone: global, vnet, policy }]);
                }
                Some(_) => {}
            }
        }
    }

    /// Aliases for the accounts that a linked regional zone lacks.
    fn bridge(&mut self, global: ZoneId) {
        let mut steps = Vec::new();
        for old in self.old.iter().filter(|old| old.old.regional) {
            let (zone, apex) =
                (old.zone, self.planner.after.names.name(self.planner.after.zone(old.zone).apex));
            let region = old.old.region.as_deref().unwrap_or("");
            let regional: Name = match format!("{region}.{}", self.global_name).parse() {
                Ok(name) => name,
                Err(_) => continue,
            };
            let sets = &self.planner.after.zone(global).record_sets;
            let owners: BTreeSet<NameId> = sets
                .iter()
                .map(|set| set.owner)
                .filter(|&owner| self.planner.after.names.name(owner).parent() == regional)
                .collect();
            let mut changes = Vec::new();
            for target in owners {
                let label = self.planner.after.names.label(target).to_vec();
                let owner = Name::from_labels(std::iter::once(&label[..]).chain(apex.labels()));
                let Ok(owner) = owner else { continue };
                if label == b"*" || label == b"service" {
                    continue;
                }
                let owner = self.planner.after.names.intern(&owner);
                if !self.planner.after.zone(zone).record_sets.iter().any(|set| set.owner == owner) {
                    changes.push(Change::Put {
                        zone,
                        owner,
                        data: RecordData::Cname(target),
                        ttl: Ttl::new(BRIDGE_TTL),
                    });
                }
            }
            if !changes.is_empty() {
                let zone = self.planner.after.zone_name(zone);
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
            let name = self.planner.after.vnet_name(vnet);
            let links = &self.planner.after.zone(global).links;
            if links.iter().any(|link| link.vnet == vnet && link.pending.is_some()) {
                self.planner.open.push(format!(
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
                let title = format!("unlink {} from {name}", self.planner.after.zone_name(zone));
                let changes = vec![Change::Unlink { zone, vnet }];
                self.planner.take(Step { title, changes, ..Step::default() });
            }
        }
    }

    /// Old zones that nothing links any more.
    fn clean_up(&mut self) {
        // A bridge that nobody sees yet may be meant to be linked.
        let bridged = |old: &&OldZone| old.old.regional && self.scope.strategy == Strategy::Bridge;
        let zones = self.old.iter().filter(|old| !bridged(old)).map(|old| old.zone);
        let zones: Vec<ZoneId> = zones.collect();
        for zone in zones {
            if !self.planner.after.zone(zone).links.is_empty() {
                continue;
            }
            let title = format!("delete the zone {}", self.planner.after.zone_name(zone));
            let writers = self.writers_to(zone);
            let text = if writers.is_empty() {
                "once nobody wants to go back: what the zone holds goes with it".to_owned()
            } else {
                let writers: Vec<String> = writers.iter().map(|name| format!("`{name}`")).collect();
                format!("the zone groups of {} still write to it", writers.join(", "))
            };
            let mut remarks = vec![Remark { text, look: !writers.is_empty() }];
            remarks.extend(self.unseen_writers(zone));
            let changes = vec![Change::DeleteZone { zone }];
            self.planner.take(Step { title, changes, remarks, assumes: Vec::new() });
        }
    }

    /// What the global zone lacks, or has with an address that is not the endpoint's.
    fn copies(&mut self, global: ZoneId) -> Vec<Change> {
        // By the name in the global zone: what it should have.
        let mut wanted = Wanted::new();
        for service in self.index.services() {
            let Some(alias) = service.aliases.last() else { continue };
            let alias = self.index.estate().names.name(*alias);
            if self.is_wanted(&alias)
                && let Some(records) = service.addresses_as_records()
            {
                wanted.insert((alias, records.0.record_type()), records);
            }
        }
        for at in 0..self.old.len() {
            self.copies_of(at, global, &mut wanted);
        }
        let mut changes = Vec::new();
        for ((name, _), (data, ttl)) in wanted {
            let owner = self.planner.after.names.intern(&name);
            let sets = &self.planner.after.zone(global).record_sets;
            let here = sets
                .iter()
                .find(|set| set.owner == owner && set.data.record_type() == data.record_type());
            let alias = |data: &RecordData| matches!(data, RecordData::Cname(_));
            let beside = |set: &crate::estate::RecordSet| {
                set.owner == owner && alias(&set.data) != alias(&data)
            };
            if sets.iter().any(beside)
                || changes.iter().any(|change| is_beside(change, owner, &data))
            {
                let name = name.text();
                self.planner.open.push(format!(
                    "`{name}` is an alias in one zone and not in the other: decide what it is"
                ));
            } else if here.is_none_or(|set| set.data != data) {
                let ttl = here.map_or(ttl, |set| set.ttl);
                changes.push(Change::Put { zone: global, owner, data, ttl });
            }
        }
        changes
    }

    /// Whether it is an alias into the global zone, as the documented bridge is.
    fn is_bridge(&self, data: &RecordData) -> bool {
        let RecordData::Cname(target) = data else { return false };
        let global: Result<Name, _> = self.global_name.parse();
        global.is_ok_and(|global| self.planner.after.names.name(*target).is_at_or_below(&global))
    }

    /// Whether the record of a resource belongs to what moves.
    fn is_wanted(&self, alias: &Name) -> bool {
        let Ok(global) = self.global_name.parse::<Name>() else { return false };
        let regions = &self.scope.regions;
        let in_scope = regions.is_empty()
            || regions.iter().any(|region| alias.labels().any(|label| label == region.as_bytes()));
        let below_old = || {
            self.old.iter().any(|old| {
                let apex = self.planner.after.names.name(self.planner.after.zone(old.zone).apex);
                alias.is_at_or_below(&apex)
            })
        };
        in_scope && alias.is_at_or_below(&global) && (self.what.regional || below_old())
    }

    fn copies_of(&mut self, at: usize, global: ZoneId, wanted: &mut Wanted) {
        let OldZone { zone: id, old } = &self.old[at];
        let estate = &self.planner.after;
        let zone = estate.zone(*id);
        let (zone_name, apex) = (estate.zone_name(*id), estate.names.name(zone.apex));
        for set in &zone.record_sets {
            if !is_data(&set.data) || self.is_bridge(&set.data) {
                continue;
            }
            let owner = estate.names.relative(set.owner, zone.apex);
            if owner.starts_with('*') {
                self.planner.open.push(format!(
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
            let record_type = set.data.record_type();
            // The endpoint's own address wins over what stands in a zone.
            let known = |record_type| wanted.contains_key(&(name.clone(), record_type));
            if known(record_type) || (record_type == RecordType::Cname && known(RecordType::A)) {
                continue;
            }
            let there = estate.names.get(&name);
            let there = there.and_then(|name| set_of(estate, global, name, record_type));
            match there {
                Some(data) if *data != set.data => self.planner.open.push(format!(
                    "`{}` is {} in `{zone_name}` and {} in the global zone: decide which is right",
                    name.text(),
                    set.data.texts(&estate.names).join(", "),
                    data.texts(&estate.names).join(", ")
                )),
                Some(_) => {}
                None => {
                    if let Some(gone) = missing_creator(estate, set) {
                        let text = format!(
                            "`{}` is copied though its private endpoint `{gone}` is not in the \
                             export: its address may be dead",
                            estate.names.show(set.owner)
                        );
                        self.orphans.push(Remark { text, look: true });
                    }
                    wanted.insert((name, record_type), (set.data.clone(), set.ttl));
                }
            }
        }
    }
}

/// Why nobody can say what clients get for a name, where that is for whoever answers them in
/// the end: it is not modelled, or where it sits is unknown.
fn stranger(view: &View<'_>, name: &Name) -> Option<Gap> {
    let index = view.index();
    let answer = resolve(view, &index.locate(name), RecordType::A, &mut ());
    let gap = match answer.outcome {
        Outcome::Forwarded(address) => Gap::ForwardedTo(address),
        Outcome::Unknown(gap) => gap,
        _ => return None,
    };
    let by_whom = matches!(
        gap,
        Gap::CustomServer(_)
            | Gap::ForwardedTo(_)
            | Gap::SeveralServers(_)
            | Gap::ServerElsewhere(_)
            | Gap::ServersUnknown
            | Gap::SiteServers
            | Gap::ServerPlace(_)
            | Gap::InboundPlace(_)
            | Gap::PartialServer(_)
    );
    by_whom.then_some(gap)
}

/// The TTL of an alias that is made as a bridge, in seconds: short, for it is to go again.
const BRIDGE_TTL: u32 = 10;

fn names(count: usize) -> String {
    format!("{count} {}", if count == 1 { "name" } else { "names" })
}

fn networks(count: usize) -> String {
    format!("{count} {}", if count == 1 { "network" } else { "networks" })
}

/// What the global zone should have, by name and type.
type Wanted = BTreeMap<(Name, RecordType), (RecordData, Option<Ttl>)>;

/// The most zones that a zone group may have ("Azure Private Endpoint private DNS zone
/// values", learn.microsoft.com/azure/private-link/private-endpoint-dns-integration, read 2026-11).
const GROUP_LIMIT: usize = 5;

/// Whether a zone does not have it by itself.
fn is_data(data: &RecordData) -> bool {
    !matches!(data, RecordData::Soa(_) | RecordData::Empty(_))
}

fn is_beside(change: &Change, name: NameId, wanted: &RecordData) -> bool {
    let alias = |data: &RecordData| matches!(data, RecordData::Cname(_));
    matches!(change, Change::Put { owner, data, .. } if *owner == name && alias(data) != alias(wanted))
}

fn zones_of(estate: &Estate, group: &[Box<str>]) -> Vec<ZoneId> {
    group.iter().flat_map(|zone| estate.zones_like(zone)).collect()
}

/// What [`Estate::zones_like`] takes for this zone and no other.
fn zone_text(estate: &Estate, zone: ZoneId) -> String {
    let id = estate.zone(zone).id.as_ref();
    id.map_or_else(|| estate.zone_label(zone), ToString::to_string)
}

fn set_of(
    estate: &Estate,
    zone: ZoneId,
    owner: NameId,
    record_type: RecordType,
) -> Option<&RecordData> {
    let mut sets = estate.zone(zone).record_sets.iter().map(|set| (set.owner, &set.data));
    sets.find(|(own, data)| *own == owner && data.record_type() == record_type).map(|one| one.1)
}

//! The move from the old Batch zones to the global one, in steps.
//!
//! Records first, then links, then the old zones go, network by network: the
//! order in which no account that is known loses its answer at any step ("Use
//! private endpoints with Azure Batch accounts",
//! learn.microsoft.com/azure/batch/private-connectivity, read 2026-11, links first,
//! which is never better).

use std::collections::BTreeMap;

use super::step::Step;
use crate::estate::{Change, Estate, Extent, Policy, VnetId, ZoneId};
use crate::index::Index;
use crate::name::{Name, NameId};
use crate::public::batch::{Form, SUFFIXES, is_guid};
use crate::record::{RecordData, Ttl};

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

/// An old zone and the region it is for.
struct Old {
    zone: ZoneId,
    form: Form,
}

/// Plans the move of an estate.
pub fn migrate(index: &Index, scope: &Scope) -> Migration {
    let mut plan =
        Migration { estate: index.estate().clone(), steps: Vec::new(), open: Vec::new() };
    for suffix in SUFFIXES {
        let mut old = Vec::new();
        let mut global = Vec::new();
        for (zone, facts) in index.estate().zone_ids() {
            match Form::of(&index.estate().names.name(facts.apex)) {
                Some((Form::Global, own)) if own == suffix => global.push(zone),
                Some((form, own)) if own == suffix => old.push(Old { zone, form }),
                _ => {}
            }
        }
        old.retain(|old| {
            let region = old.form.region().unwrap_or("");
            scope.regions.is_empty() || scope.regions.iter().any(|wanted| wanted == region)
        });
        match (&old[..], &global[..]) {
            ([], _) => {}
            (_, [global]) => plan.cloud(index, scope, suffix, &old, *global),
            (_, []) => plan.open.push(format!(
                "there is no zone `privatelink.{suffix}`: make it and export again \
                 (az network private-dns zone create -g RESOURCE_GROUP -n privatelink.{suffix})"
            )),
            (_, several) => plan.open.push(format!(
                "there are {} zones named `privatelink.{suffix}`: decide which one stays",
                several.len()
            )),
        }
    }
    plan
}

impl Migration {
    fn cloud(&mut self, index: &Index, scope: &Scope, suffix: &str, old: &[Old], global: ZoneId) {
        // What was not read may be anything: nothing is made, changed or unlinked beside it.
        let zones = old.iter().map(|old| old.zone).chain([global]);
        let unsure: Vec<ZoneId> = zones
            .filter(|&zone| {
                let facts = index.estate().zone(zone);
                index.extent(zone) != Extent::Whole
                    || !facts.unread.is_empty()
                    || facts.links_extent() != Extent::Whole
            })
            .collect();
        for &zone in &unsure {
            let zone = self.estate.zone_name(zone);
            self.open.push(format!(
                "`{zone}` was not read in full, its records or its links: export it again"
            ));
        }
        if !unsure.is_empty() {
            return;
        }
        let copies = self.copies(index, scope, suffix, old, global);
        if !copies.is_empty() {
            let count = copies.len();
            let records = if count == 1 { "record" } else { "records" };
            let title = format!("record {count} {records} in privatelink.{suffix}");
            self.steps.push(Step { title, changes: copies, ..Step::default() });
        }
        let mut networks: BTreeMap<VnetId, Vec<&Old>> = BTreeMap::new();
        for old in old {
            for link in &self.estate.zone(old.zone).links {
                if scope.vnets.is_empty() || scope.vnets.contains(&link.vnet) {
                    networks.entry(link.vnet).or_default().push(old);
                }
            }
        }
        let linked =
            |vnet: VnetId| index.estate().zone(global).links.iter().any(|link| link.vnet == vnet);
        let policy = if scope.fallback { Policy::NxDomainRedirect } else { Policy::Default };
        for &vnet in networks.keys().filter(|&&vnet| !linked(vnet)) {
            self.steps.push(Step {
                title: format!("link privatelink.{suffix} to {}", self.estate.vnet_name(vnet)),
                changes: vec![Change::link(global, vnet, policy)],
                ..Step::default()
            });
        }
        for (vnet, old) in networks {
            let links = &index.estate().zone(global).links;
            if links.iter().any(|link| link.vnet == vnet && link.pending.is_some()) {
                self.open.push(format!(
                    "the link of `privatelink.{suffix}` to `{}` is not operational yet: wait for it",
                    self.estate.vnet_name(vnet)
                ));
                continue;
            }
            for old in old {
                let zone = self.estate.zone_name(old.zone);
                self.steps.push(Step {
                    title: format!("unlink {zone} from {}", self.estate.vnet_name(vnet)),
                    changes: vec![Change::Unlink { zone: old.zone, vnet }],
                    ..Step::default()
                });
            }
        }
    }

    /// What the global zone lacks, or has with an address that is not the endpoint's.
    fn copies(
        &mut self,
        index: &Index,
        scope: &Scope,
        suffix: &str,
        old: &[Old],
        global: ZoneId,
    ) -> Vec<Change> {
        // By the name in the global zone: what it should have.
        let mut wanted: BTreeMap<Name, (RecordData, Option<Ttl>)> = BTreeMap::new();
        for service in index.services() {
            let Some(alias) = service.aliases.last() else { continue };
            let alias = index.estate().names.name(*alias);
            let below = Form::of(&alias.parent().parent()).is_some()
                || Form::of(&alias.parent().parent().parent()).is_some();
            let in_scope = scope.regions.is_empty()
                || scope
                    .regions
                    .iter()
                    .any(|region| alias.labels().any(|label| label == region.as_bytes()));
            if below
                && in_scope
                && alias.text().ends_with(&format!("privatelink.{suffix}"))
                && let Some(records) = service.addresses_as_records()
            {
                wanted.insert(alias, records);
            }
        }
        for one in old {
            self.copies_of(index, suffix, one, global, &mut wanted);
        }
        let mut changes = Vec::new();
        for (name, (data, ttl)) in wanted {
            let owner = self.estate.names.intern(&name);
            let sets = &self.estate.zone(global).record_sets;
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

    fn copies_of(
        &mut self,
        index: &Index,
        suffix: &str,
        old: &Old,
        global: ZoneId,
        wanted: &mut BTreeMap<Name, (RecordData, Option<Ttl>)>,
    ) {
        let estate = index.estate();
        let zone = estate.zone(old.zone);
        let zone_name = estate.zone_name(old.zone);
        let region = old.form.region().unwrap_or("");
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
            let node = owner.ends_with(".service") || is_guid(&owner);
            if owner == "@" || (node && !matches!(old.form, Form::ServiceChild(_))) {
                continue;
            }
            let service = if matches!(old.form, Form::ServiceChild(_)) { ".service" } else { "" };
            let name = format!("{owner}.{region}{service}.privatelink.{suffix}");
            let Ok(name) = name.parse::<Name>() else { continue };
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

fn address_set(estate: &Estate, zone: ZoneId, owner: NameId) -> Option<&RecordData> {
    let sets = estate.zone(zone).record_sets.iter();
    let mut own = sets.filter(|set| set.owner == owner).map(|set| &set.data);
    own.find(|data| matches!(data, RecordData::A(_) | RecordData::Aaaa(_)))
}

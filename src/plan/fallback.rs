//! Which links to let fall back to public DNS, and what that would hide.
//!
//! "Fallback to internet for Azure Private DNS zones",
//! learn.microsoft.com/azure/dns/private-dns-fallback, read 2026-11.

use std::collections::{BTreeMap, BTreeSet};

use super::planner::{Migration, Planner};
use super::step::{Remark, Step};
use crate::estate::{Change, Policy, VnetId, ZoneId};
use crate::index::{Assumption, Evidence, Index, Servers, Settings, View};
use crate::name::Name;
use crate::record::RecordType;
use crate::resolve::{Outcome, Trace, resolve};

/// Where to let links fall back.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Only zones of these names; all of Private Link where there are none.
    pub zones: Vec<String>,
    /// Only these networks; all where there are none.
    pub vnets: Vec<VnetId>,
}

/// Plans fallback: own records that it would hide come first, then network by network.
pub fn fallback(index: &Index, scope: &Scope, settings: &Settings) -> Migration {
    let estate = index.estate();
    let mut plan = Plan { index, scope, planner: Planner::new(estate, settings) };
    let links = plan.links();
    plan.record(&links, settings);
    plan.switch(&links, settings);
    plan.planner.finish(estate)
}

/// The zones whose links do not fall back yet, by network.
type Links = BTreeMap<VnetId, Vec<ZoneId>>;

struct Plan<'i> {
    index: &'i Index,
    scope: &'i Scope,
    planner: Planner<'i>,
}

impl Plan<'_> {
    fn links(&mut self) -> Links {
        let estate = self.index.estate();
        let mut links = Links::new();
        for (id, zone) in estate.zone_ids().filter(|(_, zone)| !zone.gone) {
            let wanted = |text: &String| estate.zones_like(text).contains(&id);
            let named = self.scope.zones.iter().any(wanted);
            if !self.scope.zones.is_empty() && !named {
                continue;
            }
            if !estate.is_private_link(id) {
                // Only zones of Private Link may redirect.
                if named {
                    let label = estate.zone_label(id);
                    let open =
                        format!("`{label}` is no Private Link zone, and only those may fall back");
                    self.planner.open.push(open);
                }
                continue;
            }
            let chosen =
                |vnet: &VnetId| self.scope.vnets.is_empty() || self.scope.vnets.contains(vnet);
            let (done, left): (Vec<_>, Vec<_>) =
                zone.links.iter().partition(|link| link.policy == Policy::NxDomainRedirect);
            let unstated = left.iter().filter(|link| link.policy == Policy::Unstated).count();
            self.planner.facts.push(format!(
                "{}: {} of {} links fall back{}",
                estate.zone_label(id),
                done.len(),
                zone.links.len(),
                match unstated {
                    0 => String::new(),
                    count =>
                        format!(", of {count} the export does not say (API before 2024-06-01)"),
                }
            ));
            for link in left.iter().filter(|link| chosen(&link.vnet)) {
                links.entry(link.vnet).or_default().push(id);
            }
        }
        links
    }

    /// Own resources that are NXDOMAIN today would be public without a word.
    fn record(&mut self, links: &Links, settings: &Settings) {
        let mut puts: BTreeMap<Name, Change> = BTreeMap::new();
        let mut open = BTreeSet::new();
        for view in self.index.views(settings) {
            self.missing(&view, links, &mut puts, &mut open);
        }
        self.planner.open.extend(open);
        let count = puts.len();
        if count == 0 {
            return;
        }
        // The owner may be a name that the estate does not have yet.
        let changes = puts.into_iter().map(|(name, change)| match change {
            Change::Put { zone, data, ttl, .. } => {
                Change::Put { zone, owner: self.planner.after.names.intern(&name), data, ttl }
            }
            other => other,
        });
        let changes = changes.collect();
        let names = if count == 1 { "name" } else { "names" };
        let title = format!("record {count} own {names} that fallback would hide");
        self.planner.take(Step { title, changes, ..Step::default() });
    }

    fn missing(
        &self,
        view: &View<'_>,
        links: &Links,
        puts: &mut BTreeMap<Name, Change>,
        open: &mut BTreeSet<String>,
    ) {
        let estate = self.index.estate();
        for service in self.index.services() {
            if service.evidence == Evidence::Always {
                continue;
            }
            let place = crate::index::Place::Known(service.name);
            let mut trace = Trace::default();
            let answer = resolve(view, &place, RecordType::A, &mut trace);
            let Some(zone) = answer.zone().filter(|_| answer.outcome == Outcome::NxDomain) else {
                continue;
            };
            if !links.values().any(|zones| zones.contains(&zone)) {
                continue;
            }
            let Some(owner) = trace.last_name().map(|name| self.index.name(name)) else { continue };
            match service.addresses_as_records() {
                Some((data, ttl)) => {
                    let change = Change::Put { zone, owner: service.name, data, ttl };
                    puts.insert(owner, change);
                }
                None => {
                    open.insert(format!(
                        "`{}` has a private endpoint whose address is in no input, and `{}` lacks \
                         `{}`: fallback would hide that, so record it first",
                        estate.names.show(service.name),
                        estate.zone_label(zone),
                        owner.text(),
                    ));
                }
            }
        }
    }

    fn switch(&mut self, links: &Links, settings: &Settings) {
        let views = self.index.views(settings);
        for (&vnet, zones) in links {
            let estate = self.index.estate();
            let mut remarks = Vec::new();
            let view = views.iter().find(|view| view.vnets().contains(&vnet));
            if let Some(Servers::Custom(address)) = view.map(View::servers) {
                let text = format!(
                    "its clients ask {address}: these links decide for those only who ask Azure DNS \
                     from here"
                );
                remarks.push(Remark { text, look: false });
            }
            let strange = zones.iter().filter(|&&zone| !self.index.is_catalogued(zone));
            for &zone in strange {
                let zone = estate.zone_label(zone);
                let text = format!("{zone} is in no catalogue: Azure may refuse the policy");
                remarks.push(Remark { text, look: true });
            }
            let change =
                |&zone: &ZoneId| Change::SetPolicy { zone, vnet, policy: Policy::NxDomainRedirect };
            let zones_told = if zones.len() == 1 { "zone" } else { "zones" };
            let title = format!(
                "let {} fall back for {} {zones_told}",
                estate.vnet_name(vnet),
                zones.len()
            );
            let changes = zones.iter().map(change).collect();
            self.planner.take(Step {
                title,
                changes,
                remarks,
                assumes: vec![Assumption::AfterRedirect],
            });
        }
    }
}

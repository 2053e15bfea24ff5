//! Several zones of one name made one, as in hub and spoke.
//!
//! A network cannot be linked to two zones of one name ("virtual network cannot be linked to
//! multiple zones with overlapping namespaces" is what the API says), so between the one link
//! and the other it sees neither. Where its clients are first sent to an inbound endpoint, its
//! own links stop to matter, and there is no gap.

use std::collections::BTreeMap;

use super::planner::{Migration, Planner};
use super::step::{Remark, Step};
use super::wish::{Merging, add_to_group, merge_records, remove_from_group};
use crate::estate::{Change, EndpointId, Estate, Extent, VnetId, ZoneId};
use crate::index::{Index, Settings};

/// What to consolidate.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Only zones of these names; all where there are none.
    pub zones: Vec<String>,
    /// The resource group whose zone stays; that with the most links where there is none.
    pub into: Option<String>,
    /// Only these networks; all where there are none.
    pub vnets: Vec<VnetId>,
    /// The inbound endpoint that clients are sent to, by its place in the estate, instead of
    /// changing links one after the other.
    pub through: Option<usize>,
}

/// Zones of one name.
struct Merger {
    stays: ZoneId,
    goes: Vec<ZoneId>,
}

/// Plans how zones of one name become one.
pub fn consolidate(index: &Index, scope: &Scope, settings: &Settings) -> Migration {
    let estate = index.estate();
    let mut plan = Plan { scope, planner: Planner::new(estate, settings), mergers: Vec::new() };
    plan.choose();
    plan.merge();
    for vnet in plan.networks() {
        match scope.through {
            Some(inbound) => plan.send(vnet, inbound),
            None => plan.relink(vnet),
        }
    }
    plan.groups();
    plan.clean_up();
    plan.planner.finish(estate)
}

struct Plan<'s> {
    scope: &'s Scope,
    planner: Planner<'s>,
    mergers: Vec<Merger>,
}

impl Plan<'_> {
    /// Which zone of each name stays.
    fn choose(&mut self) {
        let estate = &self.planner.after;
        let mut by_name: BTreeMap<String, Vec<ZoneId>> = BTreeMap::new();
        for (id, zone) in estate.zone_ids().filter(|(_, zone)| !zone.gone) {
            let name = estate.names.show(zone.apex).to_string();
            by_name.entry(name).or_default().push(id);
        }
        by_name.retain(|name, zones| {
            let wanted = |text: &String| text.trim_end_matches('.').eq_ignore_ascii_case(name);
            zones.len() > 1 && (self.scope.zones.is_empty() || self.scope.zones.iter().any(wanted))
        });
        let (mut facts, mut open, mut mergers) = (Vec::new(), Vec::new(), Vec::new());
        for (name, zones) in by_name {
            let told: Vec<String> = zones.iter().map(|&zone| stand(estate, zone)).collect();
            facts.push(format!("{} zones are named {name}: {}", zones.len(), told.join("; ")));
            let unread = zones.iter().find(|&&zone| {
                let facts = estate.zone(zone);
                facts.extent() != Extent::Whole || facts.links_extent() != Extent::Whole
            });
            if let Some(&zone) = unread {
                let zone = estate.zone_label(zone);
                open.push(format!(
                    "`{zone}` was not read in full, its records or its links: export it again"
                ));
                continue;
            }
            match self.stays(estate, &zones) {
                Ok(stays) => {
                    let goes = zones.into_iter().filter(|&zone| zone != stays).collect();
                    mergers.push(Merger { stays, goes });
                }
                Err(why) => open.push(format!("which `{name}` stays? {why}")),
            }
        }
        self.planner.facts.extend(facts);
        self.planner.open.extend(open);
        self.mergers = mergers;
    }

    fn stays(&self, estate: &Estate, zones: &[ZoneId]) -> Result<ZoneId, String> {
        let labels = || {
            let labels: Vec<String> = zones.iter().map(|&zone| estate.zone_label(zone)).collect();
            labels.join(", ")
        };
        if let Some(group) = &self.scope.into {
            let in_group = |zone: &&ZoneId| {
                let own = estate.zone(**zone).group.as_deref();
                own.is_some_and(|own| own.eq_ignore_ascii_case(group))
            };
            let mut fitting = zones.iter().filter(in_group);
            return match (fitting.next(), fitting.next()) {
                (Some(&one), None) => Ok(one),
                (None, _) => Err(format!("none is in the group `{group}`: {}", labels())),
                _ => Err(format!("several are in groups named `{group}`: {}", labels())),
            };
        }
        let most = zones.iter().map(|&zone| estate.zone(zone).links.len()).max();
        let mut fitting = zones.iter().filter(|&&zone| Some(estate.zone(zone).links.len()) == most);
        match (fitting.next(), fitting.next()) {
            (Some(&one), None) => Ok(one),
            _ => Err(format!(
                "several have the most links, so name its group (--into): {}",
                labels()
            )),
        }
    }

    /// Records first, while nobody asks for them there.
    fn merge(&mut self) {
        let networks = self.networks();
        for (zone, into) in self.pairs() {
            let estate = &self.planner.after;
            let links = estate.zone(zone).links.iter();
            let mut registering = links.filter(|link| link.registration);
            let registers = self.scope.through.is_none()
                && registering.all(|link| networks.contains(&link.vnet));
            let merging = Merging { orphans: true, registers };
            let mut step = merge_records(estate, zone, into, merging);
            // Which of two is right has to be known before anybody is sent from one to the other.
            for remark in step.remarks.drain(..) {
                let told = match remark.look {
                    true => &mut self.planner.open,
                    false => &mut self.planner.facts,
                };
                told.push(remark.text);
            }
            if !step.changes.is_empty() {
                self.planner.take(step);
            }
        }
    }

    /// The networks that see a zone that goes.
    fn networks(&self) -> Vec<VnetId> {
        let goes = self.mergers.iter().flat_map(|merger| &merger.goes);
        let links = goes.flat_map(|&zone| &self.planner.after.zone(zone).links);
        let mut vnets: Vec<VnetId> = links.map(|link| link.vnet).collect();
        vnets.sort();
        vnets.dedup();
        vnets.retain(|vnet| self.scope.vnets.is_empty() || self.scope.vnets.contains(vnet));
        vnets
    }

    /// The zones that go, each with the one that stays.
    fn pairs(&self) -> Vec<(ZoneId, ZoneId)> {
        let pairs = |merger: &Merger| {
            let stays = merger.stays;
            merger.goes.iter().map(move |&zone| (zone, stays)).collect::<Vec<_>>()
        };
        self.mergers.iter().flat_map(pairs).collect()
    }

    /// The zones that go and are linked to a network, each with the one that stays.
    fn seen(&self, vnet: VnetId) -> Vec<(ZoneId, ZoneId)> {
        let estate = &self.planner.after;
        let linked = |zone: ZoneId| estate.zone(zone).links.iter().any(|link| link.vnet == vnet);
        self.pairs().into_iter().filter(|&(zone, _)| linked(zone)).collect()
    }

    /// One link goes and the other comes; in between there is none.
    fn relink(&mut self, vnet: VnetId) {
        for (zone, into) in self.seen(vnet) {
            let estate = &self.planner.after;
            let name = estate.vnet_name(vnet);
            let Some(link) = estate.zone(zone).links.iter().find(|link| link.vnet == vnet) else {
                continue;
            };
            let (policy, registration) = (link.policy, link.registration);
            let unlink = Step {
                title: format!("unlink {} from {name}", estate.zone_label(zone)),
                changes: vec![Change::Unlink { zone, vnet }],
                remarks: vec![Remark {
                    text: "until the next step is done and its link is operational, the network \
                           sees neither zone: `--through INBOUND` leaves no such gap"
                        .to_owned(),
                    look: true,
                }],
                ..Step::default()
            };
            let link = Step {
                title: format!("link {} to {name}", estate.zone_label(into)),
                changes: vec![Change::Link { zone: into, vnet, name: None, policy, registration }],
                ..Step::default()
            };
            if self.planner.push(unlink) {
                self.planner.push(link);
            }
        }
    }

    /// The network's clients are sent to an inbound endpoint, whose network sees what the
    /// network saw; then its own links decide nothing.
    fn send(&mut self, vnet: VnetId, inbound: usize) {
        let estate = &self.planner.after;
        let facts = &estate.inbound[inbound];
        let name = estate.vnet_name(vnet);
        let Some(hub) = facts.vnet else {
            let open = format!("in which network `{}` sits is unknown", facts.name);
            return self.planner.open.push(open);
        };
        if hub == vnet {
            self.planner.open.push(format!(
                "`{name}`, where the inbound endpoint sits, sees a zone that goes: change its links \
                 first (--vnets {name}, without --through)"
            ));
            return;
        }
        let servers = facts.addresses.clone();
        let mut wanted: Vec<ZoneId> = Vec::new();
        for (zone, facts) in estate.zone_ids() {
            let linked = |vnet: VnetId| facts.links.iter().any(|link| link.vnet == vnet);
            let merged = self.mergers.iter().find(|merger| merger.goes.contains(&zone));
            let zone = merged.map_or(zone, |merger| merger.stays);
            let there = estate.zone(zone).links.iter().any(|link| link.vnet == hub);
            if linked(vnet) && !there && !wanted.contains(&zone) {
                wanted.push(zone);
            }
        }
        if !link_all(&mut self.planner, &wanted, hub, vnet) {
            return;
        }
        let asks = self.planner.after.vnet(vnet).servers.as_ref() == Some(&servers);
        let step = Step {
            title: format!("let the clients of {name} ask {}", list(&servers)),
            changes: vec![Change::SetServers { vnet, servers }],
            ..Step::default()
        };
        if !asks && !self.planner.take(step) {
            return;
        }
        let unlink = self.seen(vnet).into_iter().map(|(zone, _)| Change::Unlink { zone, vnet });
        let changes = unlink.collect();
        let title = format!("unlink the zones from {name} that decide nothing there any more");
        self.planner.take(Step { title, changes, ..Step::default() });
    }

    /// Zone groups write to the zone that stays: a group has no two zones of one name, so the
    /// one goes first, where nobody sees it any more.
    fn groups(&mut self) {
        for (zone, into) in self.pairs() {
            let estate = &self.planner.after;
            if !estate.zone(zone).links.is_empty() {
                continue;
            }
            let writes =
                |group: &[Box<str>]| group.iter().any(|own| estate.zones_like(own).contains(&zone));
            let writers =
                estate.endpoint_ids().filter(|(_, one)| !one.gone && writes(&one.zone_group));
            let writers: Vec<EndpointId> = writers.map(|(id, _)| id).collect();
            for endpoint in writers {
                self.move_group(endpoint, zone, into);
            }
        }
    }

    fn move_group(&mut self, endpoint: EndpointId, zone: ZoneId, into: ZoneId) {
        let name = self.planner.after.endpoint(endpoint).name.clone();
        match remove_from_group(&self.planner.after, endpoint, Some(zone)) {
            Ok(step) => {
                if !self.planner.take(step) {
                    return;
                }
            }
            Err(why) => return self.planner.open.push(why),
        }
        let text = self.planner.after.zone(into).id.as_ref().map(ToString::to_string);
        let text = text.unwrap_or_else(|| self.planner.after.zone_label(into));
        let settings = self.planner.settings();
        match add_to_group(&mut self.planner.after, endpoint, &text, settings) {
            Ok(steps) => steps.into_iter().for_each(|step| {
                self.planner.take(step);
            }),
            Err(why) => self.planner.open.push(format!(
                "let the zone group of `{name}` write to {text}: it cannot be tried, since {why}"
            )),
        }
    }

    fn clean_up(&mut self) {
        for (zone, _) in self.pairs() {
            let estate = &self.planner.after;
            if !estate.zone(zone).links.is_empty() {
                continue;
            }
            let text = "once nobody wants to go back; policies and templates that make this zone \
                        would bring it back"
                .to_owned();
            self.planner.take(Step {
                title: format!("delete the zone {}", estate.zone_label(zone)),
                changes: vec![Change::DeleteZone { zone }],
                remarks: vec![Remark { text, look: false }],
                ..Step::default()
            });
        }
    }
}

/// Links zones to the network that decides for another one from now on; says whether all are.
pub(super) fn link_all(
    planner: &mut Planner<'_>,
    zones: &[ZoneId],
    deciding: VnetId,
    for_whom: VnetId,
) -> bool {
    let mut all = true;
    for &zone in zones {
        let estate = &planner.after;
        let links = &estate.zone(zone).links;
        let like = links.iter().find(|link| link.vnet == for_whom).or(links.first());
        let policy = like.map_or(crate::estate::Policy::Default, |link| link.policy);
        all &= planner.take(Step {
            title: format!("link {} to {}", estate.zone_label(zone), estate.vnet_name(deciding)),
            changes: vec![Change::link(zone, deciding, policy)],
            ..Step::default()
        });
    }
    all
}

pub(super) fn list<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// What a zone holds and who sees it.
fn stand(estate: &Estate, id: ZoneId) -> String {
    let zone = estate.zone(id);
    format!(
        "{} ({} record sets, {} links)",
        estate.zone_label(id),
        zone.record_sets.len(),
        zone.links.len()
    )
}

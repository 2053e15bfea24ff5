//! What nobody can say of a change, since it is unknown before and after it alike.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::Comparison;
use crate::estate::{
    Change, EndpointId, Estate, Extent, Link, Policy, RecordSet, RulesetEdit, RulesetId, Vnet,
    VnetId, ZoneId,
};
use crate::index::{Place, View};
use crate::name::Name;
use crate::record::RecordType;
use crate::resolve::{Asked, Gap, Outcome, Trace, resolve};

/// Answers that may rest on what a change touches, and are unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsettled {
    /// Why.
    pub why: String,
    /// A name whose answer it is.
    pub witness: Name,
    /// The networks.
    pub vnets: Vec<VnetId>,
}

impl Unsettled {
    /// What it comes to, in words; the networks are those of `estate`.
    pub fn sentence(&self, estate: &Estate) -> String {
        let vnets: Vec<String> = self.vnets.iter().map(|&vnet| estate.vnet_name(vnet)).collect();
        let witness = match self.why.contains(&format!("`{}`", self.witness.text())) {
            true => String::new(),
            false => format!(" (such as {})", self.witness.text()),
        };
        format!(
            "nobody can say what the clients of {} get, before and after: {}{witness}",
            vnets.join(", "),
            self.why,
        )
    }
}

/// The answers that are unknown because of what changes touch, or that may be: what a server
/// answers that is not modelled may rest on the zones of the network where it sits, and of
/// those whose inbound endpoints and servers it may ask.
///
/// Effects do not show them: an answer that is unknown before and after does not change.
pub fn unsettled(comparison: &Comparison<'_>, changes: &[Change]) -> Vec<Unsettled> {
    let Some(view) = comparison.before.first() else { return Vec::new() };
    let touched = Touched::by(view.index().estate(), changes);
    among(&comparison.before, comparison.reached.as_deref(), &touched)
}

/// The same of two estates that were read apart, a sentence each.
pub fn unsettled_differences(comparison: &Comparison<'_>) -> Vec<String> {
    let pairs = [(&comparison.before, &comparison.after), (&comparison.after, &comparison.before)];
    let mut found = BTreeSet::new();
    for (views, others) in pairs {
        let (Some(view), Some(other)) = (views.first(), others.first()) else { continue };
        let estate = view.index().estate();
        let touched = Touched::by(estate, &differences(estate, other.index().estate()));
        found.extend(among(views, None, &touched).iter().map(|one| one.sentence(estate)));
    }
    found.into_iter().collect()
}

/// The changes that make of what an estate has what the other one has, as far as they touch
/// what was there: a zone whose records differ stands as one that goes.
fn differences(estate: &Estate, other: &Estate) -> Vec<Change> {
    // Older exports do not say.
    let falls_back = |link: &Link| link.policy == Policy::NxDomainRedirect;
    let mut changes = Vec::new();
    for (zone, facts) in estate.zone_ids().filter(|(_, zone)| !zone.gone) {
        let there = other.zones_like(&estate.zone_label(zone)).first().copied();
        let same = there.is_some_and(|there| records(estate, zone) == records(other, there));
        if !same {
            changes.push(Change::DeleteZone { zone });
        }
        let linked = |estate: &Estate, zone: ZoneId| {
            let links = estate.zone(zone).links.iter();
            links.map(|link| (estate.vnet_name(link.vnet), falls_back(link))).collect::<Vec<_>>()
        };
        let theirs = there.map(|there| linked(other, there)).unwrap_or_default();
        for link in &facts.links {
            if !theirs.contains(&(estate.vnet_name(link.vnet), falls_back(link))) {
                changes.push(Change::Unlink { zone, vnet: link.vnet });
            }
        }
    }
    changes
}

fn among(views: &[View<'_>], reached: Option<&[Name]>, touched: &Touched) -> Vec<Unsettled> {
    let mut found: Vec<(Gap, Unsettled)> = Vec::new();
    for view in views {
        let estate = view.index().estate();
        let mut names: Vec<Name> = match reached {
            Some(reached) => reached.to_vec(),
            None => estate.names.ids().map(|id| estate.names.name(id)).collect(),
        };
        // One name that nobody recorded, below each zone.
        names.extend(touched.zones.keys().filter_map(|&zone| {
            let apex = estate.names.name(estate.zones.get(zone.index())?.apex);
            Name::from_labels(std::iter::once(&b"any-other-name"[..]).chain(apex.labels())).ok()
        }));
        for name in names {
            let place = view.index().locate(&name);
            let Some(doubt) = touched.doubt(view, &place) else { continue };
            let at = found.iter().position(|(gap, _)| *gap == doubt.gap).unwrap_or_else(|| {
                let first = Unsettled { why: doubt.why, witness: name, vnets: Vec::new() };
                found.push((doubt.gap, first));
                found.len() - 1
            });
            let entry = &mut found[at].1;
            let new = doubt.vnets.into_iter().filter(|vnet| !entry.vnets.contains(vnet));
            let new: Vec<VnetId> = new.collect();
            entry.vnets.extend(new);
            if doubt.of_all {
                break;
            }
        }
    }
    found.into_iter().map(|(_, one)| one).collect()
}

/// What was not read of the things that go by changes, a sentence each.
///
/// Networks whose links were not read ask a zone that no answer shows.
pub fn unread(estate: &Estate, changes: &[Change]) -> Vec<String> {
    let mut found = BTreeSet::new();
    for change in changes.iter().flat_map(|change| std::iter::once(change).chain(change.follows()))
    {
        match change {
            Change::DeleteZone { zone } => {
                found.extend(unread_links(estate, *zone));
                found.extend(writers(estate, *zone, changes));
            }
            Change::Remove { zone, .. } => found.extend(unread_links(estate, *zone)),
            Change::Unlink { zone, vnet } => {
                let registered = estate.registered(*zone, *vnet);
                found.extend(unclear_machines(estate, *zone, *vnet, &registered.unclear));
                found.extend(unstated_machines(estate, *zone, *vnet, &registered.unstated));
            }
            Change::Ruleset { ruleset, edit: RulesetEdit::Unlink { .. } } => {
                found.extend(unread_rules(estate, *ruleset));
            }
            Change::Ruleset { ruleset, edit: RulesetEdit::RemoveRule { .. } } => {
                found.extend(unread_ruleset_links(estate, *ruleset));
            }
            _ => {}
        }
    }
    found.into_iter().collect()
}

/// Private endpoints whose zone group writes to a zone that goes.
fn writers(estate: &Estate, zone: ZoneId, changes: &[Change]) -> Vec<String> {
    if estate.zones.get(zone.index()).is_none() {
        return Vec::new();
    }
    let leaves = |id: EndpointId| {
        changes.iter().any(|change| match change {
            Change::SetZoneGroup { endpoint, zones, .. } => {
                *endpoint == id && !zones.iter().any(|own| estate.zones_like(own).contains(&zone))
            }
            Change::DeleteEndpoint { endpoint, .. } => *endpoint == id,
            _ => false,
        })
    };
    let writes = estate.endpoint_ids().filter(|(id, one)| {
        let here = one.zone_group.iter().any(|own| estate.zones_like(own).contains(&zone));
        here && !one.gone && !leaves(*id)
    });
    writes
        .map(|(_, one)| {
            format!(
                "the zone group of `{}` writes to `{}`: take the zone out of it first",
                one.name,
                estate.zone_label(zone)
            )
        })
        .collect()
}

/// Registered records of which no input tells whether they go with a link.
fn unclear_machines(
    estate: &Estate,
    zone: ZoneId,
    vnet: VnetId,
    unclear: &[usize],
) -> Option<String> {
    let sets = &estate.zones.get(zone.index())?.record_sets;
    let names: Vec<String> =
        unclear.iter().map(|&at| estate.names.show(sets[at].owner).to_string()).collect();
    let vnet = estate.vnet_name(vnet);
    names.first().map(|first| {
        let (them, go) = match names.len() {
            1 => (format!("`{first}` is"), "it goes"),
            more => (format!("`{first}` and {} more are", more - 1), "they go"),
        };
        format!(
            "{them} registered, by a machine of {vnet} or of another network: {go} with the link \
             if it is {vnet} (its address space or interfaces would tell)"
        )
    })
}

/// Records of a network's machines that may have been registered, which a zone file cannot say.
fn unstated_machines(
    estate: &Estate,
    zone: ZoneId,
    vnet: VnetId,
    unstated: &[usize],
) -> Option<String> {
    let sets = &estate.zones.get(zone.index())?.record_sets;
    let first = estate.names.show(sets[*unstated.first()?].owner).to_string();
    let those = match unstated.len() {
        1 => format!("`{first}`"),
        more => format!("`{first}` and {} more", more - 1),
    };
    Some(format!(
        "{those} may be registered by machines of {}, and would go with the link: a zone file does \
         not say (the JSON of `az network private-dns record-set list` does)",
        estate.vnet_name(vnet)
    ))
}

/// What was not read of a ruleset, its rules or its links.
pub fn unread_ruleset(estate: &Estate, ruleset: RulesetId) -> Vec<String> {
    let parts = [unread_rules(estate, ruleset), unread_ruleset_links(estate, ruleset)];
    parts.into_iter().flatten().collect()
}

fn unread_links(estate: &Estate, zone: ZoneId) -> Option<String> {
    let known = estate.zones.get(zone.index()).filter(|zone| !zone.gone)?;
    (known.links_extent() != Extent::Whole).then(|| {
        format!(
            "not all links of `{}` were read: which other networks ask it is unknown",
            estate.zone_label(zone)
        )
    })
}

fn unread_rules(estate: &Estate, ruleset: RulesetId) -> Option<String> {
    let name = || estate.ruleset_label(ruleset);
    (!estate.ruleset(ruleset).is_whole()).then(|| {
        format!("not all rules of the ruleset `{}` were read: what it forwards is unknown", name())
    })
}

fn unread_ruleset_links(estate: &Estate, ruleset: RulesetId) -> Option<String> {
    let name = || estate.ruleset_label(ruleset);
    (!estate.ruleset(ruleset).links_listed).then(|| {
        format!(
            "not all links of the ruleset `{}` were read: which other networks it forwards for is \
             unknown",
            name()
        )
    })
}

/// Zones whose records are not the same in two exports, and of which not all links were
/// read, a sentence each: who sees the difference no answer shows.
pub fn unread_differences(before: &Estate, after: &Estate) -> Vec<String> {
    let mut found = BTreeSet::new();
    for (one, other) in [(before, after), (after, before)] {
        for (id, _) in one.zone_ids().filter(|(_, zone)| !zone.gone) {
            let label = one.zone_label(id);
            let there = other.zones_like(&label).first().copied();
            let same = there.is_some_and(|there| records(one, id) == records(other, there));
            let doubt = unread_links(one, id);
            let doubt = doubt.or_else(|| there.and_then(|there| unread_links(other, there)));
            found.extend(
                doubt.filter(|_| !same).map(|doubt| format!("{doubt}; its records differ")),
            );
        }
    }
    found.into_iter().collect()
}

/// The records of a zone as text: ids differ from export to export.
fn records(estate: &Estate, zone: ZoneId) -> BTreeSet<(String, String)> {
    // Not every form has the SOA.
    let sets = estate.zone(zone).record_sets.iter();
    let sets = sets.filter(|set| set.data.record_type() != RecordType::Soa);
    let line = |data: &crate::record::RecordData| {
        let mut texts = data.texts(&estate.names);
        texts.sort();
        format!("{} {}", data.record_type(), texts.join(" "))
    };
    sets.map(|set| (estate.names.show(set.owner).to_string(), line(&set.data))).collect()
}

/// The zones and rulesets that changes are about, and the networks where they meet clients.
#[derive(Default)]
struct Touched {
    /// `None` where it is about what a zone holds, so that all who ask it are concerned; else
    /// the networks whose links to it change.
    zones: BTreeMap<ZoneId, Option<BTreeSet<VnetId>>>,
    /// The same of rulesets.
    rulesets: BTreeMap<RulesetId, Option<BTreeSet<VnetId>>>,
    /// The networks that are concerned.
    places: BTreeSet<VnetId>,
}

/// Why an answer is unknown, and whose.
struct Doubt {
    gap: Gap,
    why: String,
    vnets: Vec<VnetId>,
    /// It is one doubt, whatever the name.
    of_all: bool,
}

/// Adds to what is known to be concerned: some networks, or all where there are none.
fn join(known: &mut Option<BTreeSet<VnetId>>, vnet: Option<VnetId>) {
    match (known.as_mut(), vnet) {
        (Some(vnets), Some(vnet)) => _ = vnets.insert(vnet),
        _ => *known = None,
    }
}

impl Touched {
    fn by(estate: &Estate, changes: &[Change]) -> Touched {
        let mut touched = Touched::default();
        changes.iter().for_each(|change| touched.take(estate, change));
        touched
    }

    fn take(&mut self, estate: &Estate, change: &Change) {
        match change {
            // A set that comes takes nothing from anybody, nor does another time to live.
            Change::Put { zone, owner, data, .. } => {
                let there = |set: &RecordSet| {
                    let same_type = set.data.record_type() == data.record_type();
                    set.owner == *owner && same_type && set.data != *data
                };
                let known = estate.zones.get(zone.index());
                if known.is_some_and(|zone| zone.record_sets.iter().any(there)) {
                    self.zone(estate, *zone, None);
                }
            }
            Change::Remove { zone, .. } | Change::DeleteZone { zone } => {
                self.zone(estate, *zone, None);
            }
            // What machines registered goes for all who see the zone.
            Change::Unlink { zone, vnet } if !estate.registered(*zone, *vnet).own.is_empty() => {
                self.zone(estate, *zone, None);
            }
            Change::Link { zone, vnet, .. }
            | Change::SetPolicy { zone, vnet, .. }
            | Change::Unlink { zone, vnet } => self.zone(estate, *zone, Some(*vnet)),
            Change::Ruleset { ruleset, edit } => {
                let vnet = match edit {
                    RulesetEdit::Link { vnet, .. } | RulesetEdit::Unlink { vnet } => Some(*vnet),
                    RulesetEdit::PutRule { .. } | RulesetEdit::RemoveRule { .. } => None,
                };
                let links = estate.ruleset(*ruleset).links.iter().map(|link| link.vnet);
                match vnet {
                    Some(vnet) => _ = self.places.insert(vnet),
                    None => self.places.extend(links),
                }
                join(self.rulesets.entry(*ruleset).or_insert_with(|| Some(BTreeSet::new())), vnet);
            }
            Change::CreateZone { .. } | Change::SetServers { .. } => {}
            Change::SetZoneGroup { .. } | Change::DeleteEndpoint { .. } => {
                change.follows().iter().for_each(|change| self.take(estate, change));
            }
        }
    }

    fn zone(&mut self, estate: &Estate, zone: ZoneId, vnet: Option<VnetId>) {
        let links = estate.zones.get(zone.index()).map(|zone| zone.links.iter());
        match vnet {
            Some(vnet) => _ = self.places.insert(vnet),
            None => self.places.extend(links.into_iter().flatten().map(|link| link.vnet)),
        }
        join(self.zones.entry(zone).or_insert_with(|| Some(BTreeSet::new())), vnet);
    }

    /// Why the answer is unknown, if what is touched may have a part in it.
    fn doubt(&self, view: &View<'_>, place: &Place) -> Option<Doubt> {
        let index = view.index();
        // Most answers are known, and a trace costs more.
        let gap = match resolve(view, place, RecordType::A, &mut ()).outcome {
            Outcome::Unknown(gap) => gap,
            Outcome::Forwarded(address) => Gap::ForwardedTo(address),
            _ => return None,
        };
        let mut trace = Trace::default();
        resolve(view, place, RecordType::A, &mut trace);
        let asked = trace.hops.iter().any(|hop| match hop.asked {
            Asked::Zone(claim) => self.has_zone(view, claim.zone()),
            Asked::Rule(rule) => self.has_ruleset(view, rule.ruleset),
            _ => false,
        });
        let about = match gap {
            Gap::PendingLink(zone)
            | Gap::UnreadZone(zone)
            | Gap::PartialZone(zone)
            | Gap::UnreadSet(zone)
            | Gap::UnreadLinks(zone) => self.has_zone(view, zone),
            Gap::TwoZones(one, other) => [one, other].iter().any(|one| self.has_zone(view, *one)),
            Gap::UnreadRules(id) | Gap::PendingRuleset(id) | Gap::UnreadRulesetLinks(id) => {
                self.has_ruleset(view, id)
            }
            _ => false,
        };
        let vnets = match asked || about {
            true => view.vnets().to_vec(),
            false => self.concerned(view, gap),
        };
        let of_all = matches!(gap, Gap::CustomServer(_) | Gap::ServersUnknown | Gap::SiteServers);
        let last = trace.last_name().map(|name| index.name(name).text()).unwrap_or_default();
        let last = if of_all { String::new() } else { last };
        (!vnets.is_empty()).then(|| Doubt { gap, why: gap.explain(index, &last), vnets, of_all })
    }

    fn has_zone(&self, view: &View<'_>, zone: ZoneId) -> bool {
        self.zones.get(&zone).is_some_and(|vnets| meets(view, vnets.as_ref()))
    }

    fn has_ruleset(&self, view: &View<'_>, ruleset: RulesetId) -> bool {
        self.rulesets.get(&ruleset).is_some_and(|vnets| meets(view, vnets.as_ref()))
    }

    /// The networks of a view that are concerned, where it is unknown who answers in the end:
    /// those whose own links change, and all if that may happen where whoever answers asks.
    fn concerned(&self, view: &View<'_>, gap: Gap) -> Vec<VnetId> {
        let estate = view.index().estate();
        let behind = match gap {
            Gap::CustomServer(address) => places_of(estate, Some(address)),
            Gap::ForwardedTo(server) => places_of(estate, Some(server.ip())),
            Gap::PartialServer(at) => match estate.servers[at as usize].vnet {
                Some(vnet) => listening(estate).chain([vnet]).collect(),
                None => places_of(estate, None),
            },
            Gap::ServersUnknown | Gap::SiteServers | Gap::ServerPlace(_) | Gap::InboundPlace(_) => {
                places_of(estate, None)
            }
            Gap::UnlistedZones | Gap::UnlistedRulesets | Gap::UnlistedPolicies => BTreeSet::new(),
            _ => return Vec::new(),
        };
        let all = !behind.is_disjoint(&self.places);
        // What a rule forwards is not looked up in the network's own zones.
        let own = !matches!(gap, Gap::ForwardedTo(_));
        let concerned = |vnet: &&VnetId| all || (own && self.places.contains(vnet));
        view.vnets().iter().filter(concerned).copied().collect()
    }
}

/// Whether some of the networks are the view's, or ones where its questions are answered.
fn meets(view: &View<'_>, vnets: Option<&BTreeSet<VnetId>>) -> bool {
    let Some(vnets) = vnets else { return true };
    !view.is_plain() || view.vnets().iter().any(|vnet| vnets.contains(vnet))
}

/// The networks whose Azure DNS a server that is not modelled may ask: that in whose address
/// space it lies, or else those whose space is not known; and those that can be asked from
/// elsewhere. Without an address all of them.
fn places_of(estate: &Estate, address: Option<IpAddr>) -> BTreeSet<VnetId> {
    let vnets = || estate.vnet_ids().filter(|(_, vnet)| !vnet.site);
    let Some(address) = address else { return vnets().map(|(id, _)| id).collect() };
    let holds = |vnet: &Vnet| vnet.space.iter().any(|net| net.contains(&address));
    let sits: Vec<VnetId> = vnets().filter(|(_, vnet)| holds(vnet)).map(|(id, _)| id).collect();
    let unknown = vnets().filter(|(_, vnet)| sits.is_empty() && vnet.space.is_empty());
    let unknown: Vec<VnetId> = unknown.map(|(id, _)| id).collect();
    listening(estate).chain(sits).chain(unknown).collect()
}

/// The networks that have an inbound endpoint or a DNS server.
fn listening(estate: &Estate) -> impl Iterator<Item = VnetId> {
    let inbound = estate.inbound.iter().filter_map(|one| one.vnet);
    inbound.chain(estate.servers.iter().filter_map(|one| one.vnet))
}

//! What nobody can say of a change, since it is unknown before and after it alike.

use std::collections::{BTreeMap, BTreeSet};

use super::Comparison;
use crate::estate::{Change, Estate, Extent, RulesetEdit, RulesetId, VnetId, ZoneId};
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

/// The answers that are unknown because of what changes touch, or that may be: what a
/// server answers that is not modelled may rest on any zone that is linked somewhere.
///
/// Effects do not show them: an answer that is unknown before and after does not change.
pub fn unsettled(comparison: &Comparison<'_>, changes: &[Change]) -> Vec<Unsettled> {
    let mut touched = Touched::default();
    changes.iter().for_each(|change| touched.take(change));
    let mut found: BTreeMap<String, Unsettled> = BTreeMap::new();
    for view in &comparison.before {
        let estate = view.index().estate();
        let all = || estate.names.ids().map(|id| estate.names.name(id)).collect();
        let mut names: Vec<Name> = comparison.reached.clone().unwrap_or_else(all);
        let apexes = touched.zones.iter().map(|&zone| estate.names.name(estate.zone(zone).apex));
        // One name that nobody recorded, below each zone.
        names.extend(apexes.filter_map(|apex| {
            Name::from_labels(std::iter::once(&b"any-other-name"[..]).chain(apex.labels())).ok()
        }));
        for name in names {
            let place = view.index().locate(&name);
            let Some(why) = touched.doubt(view, &place) else { continue };
            let entry = found.entry(why.clone()).or_insert_with(|| Unsettled {
                why,
                witness: name.clone(),
                vnets: Vec::new(),
            });
            let new = view.vnets().iter().filter(|vnet| !entry.vnets.contains(vnet));
            let new: Vec<VnetId> = new.copied().collect();
            entry.vnets.extend(new);
        }
    }
    found.into_values().collect()
}

/// What was not read of the things that go by changes, a sentence each.
///
/// Networks whose links were not read ask a zone that no answer shows.
pub fn unread(estate: &Estate, changes: &[Change]) -> Vec<String> {
    let mut found = BTreeSet::new();
    for change in changes.iter().flat_map(|change| std::iter::once(change).chain(change.follows()))
    {
        match change {
            Change::DeleteZone { zone } | Change::Remove { zone, .. } => {
                found.extend(unread_links(estate, *zone));
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
    let sets = estate.zone(zone).record_sets.iter();
    let line = |data: &crate::record::RecordData| {
        let mut texts = data.texts(&estate.names);
        texts.sort();
        format!("{} {}", data.record_type(), texts.join(" "))
    };
    sets.map(|set| (estate.names.show(set.owner).to_string(), line(&set.data))).collect()
}

/// The zones and rulesets that changes are about.
#[derive(Default)]
struct Touched {
    zones: BTreeSet<ZoneId>,
    rulesets: BTreeSet<RulesetId>,
}

impl Touched {
    fn take(&mut self, change: &Change) {
        match change {
            Change::Put { zone, .. }
            | Change::Remove { zone, .. }
            | Change::Link { zone, .. }
            | Change::SetPolicy { zone, .. }
            | Change::Unlink { zone, .. }
            | Change::DeleteZone { zone } => {
                self.zones.insert(*zone);
            }
            Change::Ruleset { ruleset, .. } => {
                self.rulesets.insert(*ruleset);
            }
            Change::CreateZone { .. } | Change::SetServers { .. } => {}
            Change::SetZoneGroup { .. } | Change::DeleteEndpoint { .. } => {
                change.follows().iter().for_each(|change| self.take(change));
            }
        }
    }

    /// Why the answer is unknown, if what is touched may have a part in it.
    fn doubt(&self, view: &View<'_>, place: &Place) -> Option<String> {
        let mut trace = Trace::default();
        let answer = resolve(view, place, RecordType::A, &mut trace);
        let index = view.index();
        let gap = match answer.outcome {
            Outcome::Unknown(gap) => gap,
            Outcome::Forwarded(address) => Gap::ForwardedTo(address),
            _ => return None,
        };
        let asked = trace.hops.iter().any(|hop| match hop.asked {
            Asked::Zone(claim) => self.zones.contains(&claim.zone()),
            Asked::Rule(rule) => self.rulesets.contains(&rule.ruleset),
            _ => false,
        });
        let about = match gap {
            Gap::PendingLink(zone)
            | Gap::UnreadZone(zone)
            | Gap::PartialZone(zone)
            | Gap::UnreadSet(zone)
            | Gap::UnreadLinks(zone) => self.zones.contains(&zone),
            Gap::TwoZones(one, other) => [one, other].iter().any(|one| self.zones.contains(one)),
            Gap::UnreadRules(id) | Gap::PendingRuleset(id) | Gap::UnreadRulesetLinks(id) => {
                self.rulesets.contains(&id)
            }
            // It may be any zone, so a plan about these settles nothing.
            Gap::UnlistedZones
            | Gap::CustomServer(_)
            | Gap::ForwardedTo(_)
            | Gap::ServersUnknown
            | Gap::SiteServers
            | Gap::ServerPlace(_)
            | Gap::InboundPlace(_)
            | Gap::PartialServer(_) => self.linked_anywhere(view),
            _ => false,
        };
        let last = trace.last_name().map(|name| index.name(name).text()).unwrap_or_default();
        // What a whole server says is one doubt, whatever the name.
        let last = if matches!(gap, Gap::CustomServer(_)) { String::new() } else { last };
        (asked || about).then(|| gap.explain(index, &last))
    }

    fn linked_anywhere(&self, view: &View<'_>) -> bool {
        let estate = view.index().estate();
        self.zones.iter().any(|&zone| !estate.zone(zone).links.is_empty())
            || self.rulesets.iter().any(|&id| !estate.ruleset(id).links.is_empty())
    }
}

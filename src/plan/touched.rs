//! What changes can reach: so much is asked, and nothing else.
//!
//! The answer to a question depends on what its walk meets. A change of links or of a
//! whole zone is met below the zone's apex; one of a record set at its owner, and where it
//! makes names exist or wildcards cover them, below these. To that come the names whose
//! aliases lead there, step by step backwards, and those that have a part of a chain of the
//! catalogue in common: a resource that nobody lists may have such an alias. Of the views those are concerned that
//! consult a changed zone, in their own network or where they are forwarded to, and
//! everything is asked in those whose servers change. `tests/laws.rs` compares that with
//! asking everything.

use std::collections::HashSet;

use crate::estate::{Zone, ZoneId, differing_owners};
use crate::index::{Index, View};
use crate::name::NameId;
use crate::public::Catalogue;

/// The one of two indexes that are akin that has all names: they are only ever added.
pub(super) fn larger<'i>(one: &'i Index, other: &'i Index) -> &'i Index {
    if one.estate().names.len() > other.estate().names.len() { one } else { other }
}

/// What differs between two indexes that are akin.
pub(super) struct Touched {
    /// The known names whose answers, or those of unknown names below, may differ.
    pub names: HashSet<NameId>,
    /// The zones that differ in more than their links.
    zones: Vec<ZoneId>,
    /// The zones that differ in their links only.
    relinked: Vec<ZoneId>,
    /// Every view may be concerned.
    everywhere: bool,
}

impl Touched {
    /// `None` if the two have nothing in common.
    pub fn between(before: &Index, after: &Index) -> Option<Touched> {
        if !before.is_akin(after) {
            return None;
        }
        let all = larger(before, after);
        let mut touched = Touched {
            names: HashSet::new(),
            zones: Vec::new(),
            relinked: Vec::new(),
            everywhere: false,
        };
        let mut found: Vec<NameId> = Vec::new();
        let count = before.estate().zones.len().max(after.estate().zones.len());
        for zone in (0..count as u32).map(ZoneId) {
            let pair = [before, after].map(|index| index.estate().zones.get(zone.index()));
            match pair {
                [Some(old), Some(new)] => {
                    touched.zone([before, after], all, zone, [old, new], &mut found);
                }
                [one, other] => {
                    touched.everywhere = true;
                    let apex = one.or(other).map(|zone| zone.apex);
                    found.extend(apex.into_iter().flat_map(|apex| all.subtree(apex)));
                }
            }
        }
        let public = before.public_differences(after);
        touched.everywhere |= !public.is_empty();
        found.extend(public);
        touched.follow_back([before, after], all, found);
        Some(touched)
    }

    /// Notes how a zone differs, if it does.
    fn zone(
        &mut self,
        indexes: [&Index; 2],
        all: &Index,
        id: ZoneId,
        [old, new]: [&Zone; 2],
        found: &mut Vec<NameId>,
    ) {
        let extents = |zone: &Zone| (zone.gone, zone.extent(), zone.links_extent());
        let known_alike = extents(old) == extents(new) && old.unread == new.unread;
        let linked_alike = old.links == new.links;
        if !known_alike || !linked_alike {
            found.extend(all.subtree(old.apex));
        }
        // A zone that may be linked is doubted everywhere.
        self.everywhere |= !known_alike;
        let registers = |zone: &Zone| zone.links.iter().any(|link| link.registration);
        if !linked_alike && (registers(old) || registers(new)) {
            // Reverse names of machines have the zone in them, and it has the machines.
            self.everywhere = true;
            for root in ["in-addr.arpa", "ip6.arpa"] {
                let root = root.parse().ok().and_then(|root| all.estate().names.get(&root));
                found.extend(root.into_iter().flat_map(|root| all.subtree(root)));
            }
            // Which zone a network registers in depends on its links to others.
            for zone in indexes.iter().flat_map(|index| &index.estate().zones) {
                if registers(zone) {
                    found.extend(all.subtree(zone.apex));
                }
            }
        }
        let recorded_alike = old.record_sets.is_same(&new.record_sets);
        match (known_alike && recorded_alike, linked_alike) {
            (true, true) => {}
            (true, false) => self.relinked.push(id),
            (false, _) => self.zones.push(id),
        }
        if recorded_alike {
            return;
        }
        // Owners that make one name exist have all that is below it in common.
        let mut tops = HashSet::new();
        for owner in differing_owners(&old.record_sets, &new.record_sets) {
            match self.top(indexes, id, owner, old.apex) {
                Some(top) if !tops.insert(top) => {}
                Some(top) => found.extend(all.subtree(top)),
                None => found.push(owner),
            }
        }
    }

    /// The name below which a changed owner can matter; `None` where that is the owner alone.
    fn top(
        &self,
        indexes: [&Index; 2],
        zone: ZoneId,
        owner: NameId,
        apex: NameId,
    ) -> Option<NameId> {
        let names = &larger(indexes[0], indexes[1]).estate().names;
        let exists = |node| indexes.iter().all(|index| index.exists(zone, node));
        let mut top = None;
        let mut node = owner;
        loop {
            if names.label(node) == b"*" && node != apex {
                top = names.parent(node);
            } else if !exists(node) {
                top = Some(node);
            }
            if node == apex || exists(node) {
                return top;
            }
            node = names.parent(node)?;
        }
    }

    /// Adds what leads to the names, and what leads there.
    fn follow_back(&mut self, indexes: [&Index; 2], all: &Index, mut open: Vec<NameId>) {
        let names = &all.estate().names;
        let mut ends = HashSet::new();
        while let Some(name) = open.pop() {
            if !self.names.insert(name) {
                continue;
            }
            for owner in indexes.iter().flat_map(|index| index.leading_to(name)) {
                match names.parent(owner) {
                    // A wildcard is an alias of everything beside it.
                    Some(parent) if names.label(owner) == b"*" => open.extend(all.subtree(parent)),
                    _ => open.push(owner),
                }
            }
            let beside = Catalogue::get().ends_of_chains(&names.name(name));
            let beside = beside.iter().filter_map(|end| names.get(end));
            open.extend(beside.filter(|&end| ends.insert(end)).flat_map(|end| all.subtree(end)));
        }
    }

    /// Whether clients with these views may meet what differs.
    pub fn concerns(&self, old: &View<'_>, new: &View<'_>) -> bool {
        let meets = |zone: &ZoneId| old.consults(*zone) || new.consults(*zone);
        let relinked = |zone: &ZoneId| old.links_of(*zone) != new.links_of(*zone);
        self.everywhere || self.zones.iter().any(meets) || self.relinked.iter().any(relinked)
    }
}

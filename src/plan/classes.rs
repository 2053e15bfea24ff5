//! The classes of names that make "all names" finite.
//!
//! **The class lemma.** Take two estates, a network of both and a record type. Let the
//! *known names* be the names of both trees: owners, apexes, alias targets, the chains of
//! all resources that have an endpoint, and all their ancestors. Two unknown names with
//! the same closest known ancestor, which fit the same name of the same chain of the
//! catalogue (or none) and of which both or neither has an endpoint, get the same answer
//! in each estate, up to the name itself.
//!
//! *Why*: which zone claims a name depends on the apexes at or above it, and apexes are
//! known. What that zone has for it depends on its closest encloser in the zone and that
//! one's wildcard, and both are known. The target of a record's alias is known, so the walk
//! goes on alike; that of the catalogue is formed of the name, and lands below the same
//! known names for both unless one of them is known, which its whole chain then is.
//!
//! So one name a class is asked, and `tests/laws.rs` compares that with asking all names
//! over a small alphabet.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::estate::Estate;
use crate::index::{Assumption, Index, Place, PublicAnswer, View};
use crate::name::Name;
use crate::public::Catalogue;
use crate::record::RecordType;

/// The label of a name that stands for all that are not known.
const ANY_OTHER: &str = "any-other-name";

/// The view where unlisted resources are taken to have an endpoint, or to have none.
pub(super) fn assume<'i>(view: &View<'i>, endpoint: Option<bool>) -> View<'i> {
    let Some(endpoint) = endpoint else { return view.clone() };
    let mut settings = *view.settings();
    let value = if endpoint { "present" } else { "absent" };
    // The value is one of the table's, so this cannot fail.
    let _ = settings.set(&format!("{}={value}", Assumption::UnlistedEndpoint));
    view.under(&settings)
}

/// Every known name, one unknown name below each, and one for each way in which
/// a resource that nobody lists may meet a zone. The mark tells known ones.
pub(super) fn classes(before: &Index, after: &Index) -> BTreeMap<Name, bool> {
    let mut known: HashSet<Name> = HashSet::new();
    for estate in [before.estate(), after.estate()] {
        known.extend(estate.names.ids().map(|id| estate.names.name(id)));
    }
    let mut names: BTreeMap<Name, bool> = BTreeMap::new();
    let other = |parent: &Name| {
        let mut label = ANY_OTHER.to_owned();
        loop {
            let labels = std::iter::once(label.as_bytes()).chain(parent.labels());
            let name = Name::from_labels(labels).ok()?;
            if !known.contains(&name) {
                return Some(name);
            }
            label.push('-');
        }
    };
    names.extend(known.iter().filter_map(other).map(|name| (name, false)));
    for estate in [before.estate(), after.estate()] {
        for zone in &estate.zones {
            let apex = estate.names.name(zone.apex);
            let others = Catalogue::get().other_names(&apex).into_iter();
            names.extend(others.filter(|name| !known.contains(name)).map(|name| (name, false)));
        }
    }
    names.extend(known.into_iter().map(|name| (name, true)));
    names
}

/// The types that tell anything apart: those that are recorded anywhere, and one
/// more of each kind, since a redirect covers some types only.
pub(super) fn types(before: &Estate, after: &Estate) -> Vec<RecordType> {
    let mut types: BTreeSet<RecordType> =
        [RecordType::A, RecordType::Aaaa, RecordType::Cname, RecordType::Txt].into();
    for estate in [before, after] {
        let sets = estate.zones.iter().flat_map(|zone| &zone.record_sets);
        types.extend(sets.map(|set| set.data.record_type()));
    }
    types.into_iter().collect()
}

/// Whether nobody knows if the resource of a name has an endpoint: then both ways are
/// asked for.
pub(super) fn is_open(view: &View<'_>, place: &Place) -> bool {
    matches!(view.index().public(place, RecordType::A), PublicAnswer::Either { .. })
}

//! What a change can reach: names below names, and aliases backwards.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::{Base, Index};
use crate::estate::{RecordSet, ZoneId};
use crate::name::{NameId, Names};
use crate::record::{RecordData, RecordType};

/// By the target of an alias: the owners.
pub(super) type Aliases = HashMap<NameId, Vec<NameId>>;

/// The children of each name, and who leads to it.
pub(super) struct Tree {
    /// By name: where its children start; one more at the end.
    starts: Vec<u32>,
    children: Vec<NameId>,
    aliases: Aliases,
    /// By zone: the types of its record sets.
    types: Vec<BTreeSet<RecordType>>,
}

impl Tree {
    fn new(names: &Names, base: &Base) -> Tree {
        let known = || names.ids().take(base.names).skip(1);
        let mut starts = vec![0u32; base.names + 1];
        for parent in known().filter_map(|id| names.parent(id)) {
            starts[parent.index() + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut children = vec![NameId::ROOT; base.names.saturating_sub(1)];
        for id in known() {
            let Some(parent) = names.parent(id) else { continue };
            children[next[parent.index()] as usize] = id;
            next[parent.index()] += 1;
        }
        let mut tree = Tree { starts, children, aliases: Aliases::new(), types: Vec::new() };
        for sets in &base.zones {
            add_aliases(sets, &mut tree.aliases);
            tree.types.push(types(sets));
        }
        tree
    }

    fn children(&self, parent: NameId) -> &[NameId] {
        match self.starts.get(parent.index()..parent.index() + 2) {
            Some([from, to]) => &self.children[*from as usize..*to as usize],
            _ => &[],
        }
    }
}

fn types(sets: &[RecordSet]) -> BTreeSet<RecordType> {
    sets.iter().map(|set| set.data.record_type()).collect()
}

fn add_aliases(sets: &[RecordSet], aliases: &mut Aliases) {
    for set in sets {
        if let RecordData::Cname(target) = set.data {
            aliases.entry(target).or_default().push(set.owner);
        }
    }
}

impl Index {
    fn tree(&self) -> &Tree {
        self.base.tree.get_or_init(|| Tree::new(&self.estate.names, &self.base))
    }

    /// Whether one of the two was made of the other, or both of a third one, so that
    /// names have the same ids and zones their places.
    pub fn is_akin(&self, other: &Index) -> bool {
        Arc::ptr_eq(&self.base, &other.base)
    }

    /// A name and all that are below it.
    pub fn subtree(&self, top: NameId) -> Vec<NameId> {
        let tree = self.tree();
        let mut below = vec![top];
        let mut at = 0;
        while let Some(&name) = below.get(at) {
            below.extend(tree.children(name));
            at += 1;
        }
        // Names that changes brought in.
        let names = &self.estate.names;
        let later = names.ids_from(self.base.names);
        below.extend(later.filter(|&id| id != top && names.is_at_or_below(id, top)));
        below
    }

    /// Whether there are names below a name.
    pub fn has_names_below(&self, name: NameId) -> bool {
        let names = &self.estate.names;
        let mut later = names.ids_from(self.base.names);
        !self.tree().children(name).is_empty() || later.any(|id| names.parent(id) == Some(name))
    }

    /// The owners of aliases that lead to a name, in zones and in public DNS.
    pub fn leading_to(&self, target: NameId) -> Vec<NameId> {
        let own = self.own_aliases.get_or_init(|| {
            let mut aliases = Aliases::new();
            for &zone in self.own.keys() {
                add_aliases(&self.estate.zone(zone).record_sets, &mut aliases);
            }
            aliases
        });
        let public = self.public.leading(&self.estate);
        let all = [&self.tree().aliases, own, public].map(|aliases| aliases.get(&target));
        all.into_iter().flatten().flatten().copied().collect()
    }

    /// The types of all record sets.
    pub fn recorded_types(&self) -> BTreeSet<RecordType> {
        let base = self.tree().types.iter().enumerate();
        let unchanged = base.filter(|(zone, _)| !self.own.contains_key(&ZoneId(*zone as u32)));
        let own = self.own.keys().map(|&zone| types(&self.estate.zone(zone).record_sets));
        unchanged.flat_map(|(_, types)| types).copied().chain(own.flatten()).collect()
    }

    /// Whether a zone has records at a name or below it.
    pub fn exists(&self, zone: ZoneId, node: NameId) -> bool {
        self.entry(node, zone).is_some()
    }

    /// The names of which public DNS says something else, as far as inputs tell.
    pub fn public_differences(&self, other: &Index) -> Vec<NameId> {
        match Arc::ptr_eq(&self.public, &other.public) {
            true => Vec::new(),
            false => self.public.differences(&other.public),
        }
    }
}

//! What of a finding counts, where only some of its names and networks are ignored or known.
//!
//! A finding is about each of its names in each of its networks: its *members*. An ignore or an
//! entry of a baseline takes a [`Block`] of them, some names in some networks, and what is left
//! is told again, narrowed to that.

use std::collections::{BTreeSet, HashMap};

use super::rules::{list_names, list_vnets};
use super::{Context, Finding};
use crate::estate::{Change, Estate, Origin, VnetId};
use crate::index::Evidence;
use crate::name::NameId;

/// Some names in some networks, each as text that outlives an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Absolute names; one that is empty for what is about no name.
    names: BTreeSet<String>,
    /// Resource ids in lower case, or `group/name`; one that is empty for no network.
    vnets: BTreeSet<String>,
}

impl Block {
    /// These names in these networks; of none, one that stands for them.
    pub fn new(
        names: impl IntoIterator<Item = String>,
        vnets: impl IntoIterator<Item = String>,
    ) -> Block {
        let (mut names, mut vnets) = (BTreeSet::from_iter(names), BTreeSet::from_iter(vnets));
        for list in [&mut names, &mut vnets] {
            if list.is_empty() {
                list.insert(String::new());
            }
        }
        Block { names, vnets }
    }

    /// All that a finding is about.
    pub fn of(estate: &Estate, finding: &Finding) -> Block {
        let names = finding.all_names().map(|name| name_key(estate, name));
        Block::new(names, finding.vnets.iter().map(|&vnet| vnet_key(estate, vnet)))
    }

    /// The names, without what stands for none.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.names.iter().filter(|name| !name.is_empty())
    }

    /// The networks, without what stands for none.
    pub fn vnets(&self) -> impl Iterator<Item = &String> {
        self.vnets.iter().filter(|vnet| !vnet.is_empty())
    }

    /// The names, or what stands for none.
    pub fn names_or_none(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    fn common(&self, other: &Block) -> Option<Block> {
        let names: BTreeSet<String> = self.names.intersection(&other.names).cloned().collect();
        let vnets: BTreeSet<String> = self.vnets.intersection(&other.vnets).cloned().collect();
        (!names.is_empty() && !vnets.is_empty()).then_some(Block { names, vnets })
    }

    /// What is left of it without `part`, which is of it.
    fn without(self, part: &Block) -> Vec<Block> {
        let names = self.names.difference(&part.names).cloned().collect();
        let vnets = self.vnets.difference(&part.vnets).cloned().collect();
        let others = Block { names, vnets: self.vnets };
        let elsewhere = Block { names: part.names.clone(), vnets };
        let rest = [others, elsewhere].into_iter();
        rest.filter(|block| !block.names.is_empty() && !block.vnets.is_empty()).collect()
    }
}

/// The name by which a baseline knows a name.
pub fn name_key(estate: &Estate, name: NameId) -> String {
    estate.names.name(name).to_string()
}

/// The name by which a baseline knows a network.
pub fn vnet_key(estate: &Estate, id: VnetId) -> String {
    let vnet = estate.vnet(id);
    vnet.id.as_ref().map_or_else(|| vnet.qualified().to_lowercase(), |id| id.key())
}

/// Takes what `other` has out of `blocks`, and hands it back.
pub fn take(blocks: &mut Vec<Block>, other: &Block) -> Vec<Block> {
    let (mut taken, mut left) = (Vec::new(), Vec::new());
    for block in blocks.drain(..) {
        match block.common(other) {
            None => left.push(block),
            Some(common) => {
                left.extend(block.without(&common));
                taken.push(common);
            }
        }
    }
    *blocks = left;
    taken
}

/// The same members in fewer blocks: those that agree in their names or in their networks are one.
pub fn joined(blocks: Vec<Block>) -> Vec<Block> {
    let mut joined: Vec<Block> = Vec::new();
    for block in blocks {
        let alike =
            joined.iter_mut().find(|one| one.names == block.names || one.vnets == block.vnets);
        match alike {
            Some(one) if one.names == block.names => one.vnets.extend(block.vnets),
            Some(one) => one.names.extend(block.names),
            None => joined.push(block),
        }
    }
    joined
}

/// What a place of the inputs is about.
#[derive(Default)]
struct About {
    names: Vec<NameId>,
    vnet: Option<VnetId>,
}

/// Places of the inputs that are about single names or networks.
pub struct Abouts<'c, 'i> {
    context: &'c Context<'i>,
    places: HashMap<Origin, About>,
}

impl<'c, 'i> Abouts<'c, 'i> {
    pub fn new(context: &'c Context<'i>) -> Abouts<'c, 'i> {
        let estate = context.estate();
        let mut places: HashMap<Origin, About> = HashMap::new();
        for zone in &estate.zones {
            for set in &zone.record_sets {
                places.entry(set.origin).or_default().names.push(set.owner);
            }
            for link in &zone.links {
                places.entry(link.origin).or_default().vnet = Some(link.vnet);
            }
            // Where records or links have no place of their own, they stand at their zone.
            places.remove(&zone.origin);
        }
        for service in context.index().services() {
            if let Evidence::Stated(origin) | Evidence::Inferred(origin) = service.evidence {
                places.entry(origin).or_default().names.push(service.name);
            }
        }
        Abouts { context, places }
    }

    /// The finding as far as it is about `block`, a part of it.
    pub fn narrowed(&self, finding: &Finding, block: &Block) -> Finding {
        let estate = self.context.estate();
        let mut narrow = finding.clone();
        narrow.names.retain(|&name| block.names.contains(&name_key(estate, name)));
        narrow.vnets.retain(|&vnet| block.vnets.contains(&vnet_key(estate, vnet)));
        narrow.name = finding.name.filter(|&name| block.names.contains(&name_key(estate, name)));
        narrow.name = narrow.name.or(narrow.names.first().copied());
        let whole: Vec<NameId> = finding.all_names().collect();
        let kept: Vec<NameId> = narrow.all_names().collect();
        let vnets = narrow.vnets.clone();
        let keeps_name = |name: NameId| {
            let own = self.own(name, &whole);
            own.is_none_or(|own| kept.contains(&own))
        };
        let keeps_vnet = |vnet: VnetId| !finding.vnets.contains(&vnet) || vnets.contains(&vnet);
        narrow.places.retain(|place| {
            let Some(about) = self.places.get(&place.origin) else { return true };
            let mut own = about.names.iter().filter_map(|&name| self.own(name, &whole)).peekable();
            let named = own.peek().is_none() || own.any(|name| kept.contains(&name));
            named && about.vnet.is_none_or(keeps_vnet)
        });
        if narrow.places.is_empty() {
            narrow.places.clone_from(&finding.places);
        }
        narrow.remedy.retain(|change| match change {
            Change::Put { owner, .. } | Change::Remove { owner, .. } => keeps_name(*owner),
            Change::Link { vnet, .. }
            | Change::Unlink { vnet, .. }
            | Change::SetPolicy { vnet, .. } => keeps_vnet(*vnet),
            _ => true,
        });
        if let Some(witness) = &mut narrow.witness {
            if let (false, Some(&first)) = (keeps_name(witness.name), kept.first()) {
                witness.name = first;
            }
            if let (false, Some(&first)) = (keeps_vnet(witness.vnet), vnets.first()) {
                witness.vnet = first;
            }
        }
        narrow.message = self.message(finding, whole.len(), &kept, &vnets);
        narrow
    }

    /// The name of a finding that `name` is, or that leads there.
    fn own(&self, name: NameId, whole: &[NameId]) -> Option<NameId> {
        if whole.contains(&name) {
            return Some(name);
        }
        let service = self.context.service_through(name)?;
        Some(self.context.service(service).name).filter(|name| whole.contains(name))
    }

    /// What the whole finding says, and which part of it this is.
    fn message(
        &self,
        finding: &Finding,
        names: usize,
        kept: &[NameId],
        vnets: &[VnetId],
    ) -> String {
        let listed = list_names(self.context, kept);
        let there = list_vnets(self.context, vnets);
        let part = match (kept.len() < names, vnets.len() < finding.vnets.len()) {
            (true, true) => format!("{listed} in {there}"),
            (true, false) => listed,
            _ => there,
        };
        format!("{}; what counts here is {part}", finding.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(names: &str, vnets: &str) -> Block {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        Block::new(words(names), words(vnets))
    }

    #[test]
    fn what_is_taken_and_what_is_left_is_the_whole() {
        let mut left = vec![block("a b c", "x y")];
        assert_eq!(take(&mut left, &block("b d", "y z")), [block("b", "y")]);
        assert_eq!(left, [block("a c", "x y"), block("b", "x")]);
        assert_eq!(take(&mut left, &block("a b c", "x")).len(), 2);
        assert_eq!(left, [block("a c", "y")]);
        assert!(take(&mut left, &block("", "y")).is_empty(), "of no name is not of every name");
    }

    #[test]
    fn blocks_that_agree_are_one() {
        let parts = vec![block("a", "x"), block("b", "x"), block("c", "y")];
        assert_eq!(joined(parts), [block("a b", "x"), block("c", "y")]);
    }
}

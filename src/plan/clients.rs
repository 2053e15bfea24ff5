//! Who is compared: the networks and the interfaces that both estates have.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::estate::{Estate, Interface, VnetId};
use crate::index::{View, Views};

/// A network before and after.
pub(super) type VnetPair = (VnetId, VnetId);

/// An interface with DNS servers of its own, by its place before and after.
pub(super) type InterfacePair = (u32, u32);

/// Clients that see the same before, and the same after.
#[derive(Clone, Debug)]
pub(super) struct Clients {
    /// The places of their views.
    pub views: (usize, usize),
    /// Their networks.
    pub vnets: Vec<VnetPair>,
    /// The interfaces, where it is they alone and not all clients of the networks.
    pub interfaces: Vec<InterfacePair>,
}

/// Everybody in both estates, and who is in one of them only.
pub(super) struct Matched {
    pub clients: Vec<Clients>,
    pub vnets: Vec<VnetPair>,
    pub interfaces: usize,
    pub unmatched: Vec<String>,
}

/// Pairs the clients of two estates. Views of interfaces with servers of their own are
/// put behind those of the networks.
pub(super) fn match_clients(before: &mut Views<'_>, after: &mut Views<'_>) -> Matched {
    let (Some(old), Some(new)) = (before.first(), after.first()) else {
        return Matched { clients: vec![], vnets: vec![], interfaces: 0, unmatched: vec![] };
    };
    let (old, new) = (old.index().estate(), new.index().estate());
    let (old_place, new_place) = (places(before), places(after));
    let (vnets, mut unmatched) = match_vnets(old, new);
    let mut by_views: BTreeMap<(usize, usize), Vec<VnetPair>> = BTreeMap::new();
    for &pair in &vnets {
        by_views.entry((old_place[&pair.0], new_place[&pair.1])).or_default().push(pair);
    }
    let whole =
        by_views.into_iter().map(|(views, vnets)| Clients { views, vnets, interfaces: Vec::new() });
    let mut clients: Vec<Clients> = whole.collect();
    let (interfaces, alone) = match_interfaces(old, new, &vnets);
    unmatched.extend(alone);
    let count = interfaces.len();
    clients.extend(by_interface(before, after, interfaces));
    Matched { clients, vnets, interfaces: count, unmatched }
}

/// The interfaces that ask the same servers in networks that see the same.
pub(super) fn by_interface(
    before: &mut Views<'_>,
    after: &mut Views<'_>,
    interfaces: Vec<(InterfacePair, VnetPair)>,
) -> Vec<Clients> {
    let (old_place, new_place) = (places(before), places(after));
    let mut found: Vec<Clients> = Vec::new();
    let mut known = HashMap::new();
    for (pair, vnets) in interfaces {
        let (old, new) = (&before[old_place[&vnets.0]], &after[new_place[&vnets.1]]);
        let facts =
            |view: &View<'_>, at: u32| view.index().estate().interfaces[at as usize].clone();
        let (one, other) = (facts(old, pair.0), facts(new, pair.1));
        let places = (old_place[&vnets.0], new_place[&vnets.1]);
        let key = (places, one.servers.clone(), other.servers.clone());
        let views = (old.of_interface(&one), new.of_interface(&other));
        let at = *known.entry(key).or_insert_with(|| {
            let (old, new) = views;
            before.push(old);
            after.push(new);
            let views = (before.len() - 1, after.len() - 1);
            found.push(Clients { views, vnets: Vec::new(), interfaces: Vec::new() });
            found.len() - 1
        });
        found[at].vnets.push(vnets);
        found[at].interfaces.push(pair);
    }
    for clients in &mut found {
        clients.vnets.sort();
        clients.vnets.dedup();
    }
    found
}

/// The view of each network, by its place.
fn places(views: &Views<'_>) -> HashMap<VnetId, usize> {
    let places = views.iter().enumerate();
    places.flat_map(|(at, view)| view.vnets().iter().map(move |&vnet| (vnet, at))).collect()
}

/// The networks that are in both estates, by id or else by name.
fn match_vnets(before: &Estate, after: &Estate) -> (Vec<VnetPair>, Vec<String>) {
    let key = |estate: &Estate, id: VnetId| {
        let vnet = estate.vnet(id);
        vnet.id.as_ref().map_or_else(|| vnet.qualified().to_lowercase(), |id| id.key())
    };
    let new: BTreeMap<String, VnetId> =
        after.vnet_ids().map(|(id, _)| (key(after, id), id)).collect();
    let mut by_name: HashMap<&str, Vec<VnetId>> = HashMap::new();
    for (id, vnet) in after.vnet_ids() {
        by_name.entry(&vnet.name).or_default().push(id);
    }
    let mut taken = HashSet::new();
    let mut matched = Vec::new();
    let mut unmatched = Vec::new();
    for (old, vnet) in before.vnet_ids() {
        // An export may know the id, and the other one the name only.
        let by_name = || match by_name.get(&*vnet.name).map(Vec::as_slice) {
            Some([only]) => Some(*only),
            _ => None,
        };
        match new.get(&key(before, old)).copied().or_else(by_name) {
            Some(new) if taken.insert(new) => matched.push((old, new)),
            _ => unmatched.push(format!("network {}", before.vnet_name(old))),
        }
    }
    let rest = after.vnet_ids().filter(|(id, _)| !taken.contains(id));
    unmatched.extend(rest.map(|(id, _)| format!("network {}", after.vnet_name(id))));
    (matched, unmatched)
}

/// The interfaces of both estates that have servers of their own in one of them at least,
/// by id or else by name, each with its network; the names of those in one estate only.
fn match_interfaces(
    before: &Estate,
    after: &Estate,
    vnets: &[VnetPair],
) -> (Vec<(InterfacePair, VnetPair)>, Vec<String>) {
    let vnets: HashMap<VnetId, VnetId> = vnets.iter().copied().collect();
    let key = |one: &Interface, vnet: VnetId| {
        (one.id.as_ref().map_or_else(|| one.name.to_lowercase(), |id| id.key()), vnet)
    };
    let mut new = HashMap::new();
    for (at, one) in after.interfaces.iter().enumerate() {
        if let Some(vnet) = one.vnet {
            new.insert(key(one, vnet), at);
        }
    }
    let (mut matched, mut alone) = (Vec::new(), Vec::new());
    let tell = |one: &Interface| format!("interface {}", one.name);
    for (at, one) in before.interfaces.iter().enumerate() {
        let Some(vnet) = one.vnet else { continue };
        let pair = vnets.get(&vnet).map(|&to| (vnet, to));
        let found = pair.and_then(|pair| Some((new.remove(&key(one, pair.1))?, pair)));
        match found {
            Some((to, pair))
                if !one.servers.is_empty() || !after.interfaces[to].servers.is_empty() =>
            {
                matched.push(((at as u32, to as u32), pair));
            }
            Some(_) => {}
            None if !one.servers.is_empty() => alone.push(tell(one)),
            _ => {}
        }
    }
    let mut rest: Vec<usize> = new.into_values().collect();
    rest.sort_unstable();
    let rest = rest.into_iter().map(|at| &after.interfaces[at]);
    alone.extend(rest.filter(|one| !one.servers.is_empty()).map(tell));
    (matched, alone)
}

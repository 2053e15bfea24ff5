//! The private endpoints of an estate, by address and by name.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use crate::estate::{Endpoint, Estate, RecordSet, ResourceId, Vnet, VnetId};
use crate::name::Name;

const ENDPOINTS: &str = crate::estate::Inventory::ENDPOINTS;

/// A zone that the zone group of a private endpoint names.
pub(super) struct GroupZone {
    /// The zone's apex.
    pub apex: Name,
    /// The zone's resource id, where the input states it.
    pub id: Option<ResourceId>,
}

/// The zones that an endpoint's zone group names: by id, by `group/apex`, or by apex.
pub(super) fn group_zones(endpoint: &Endpoint) -> impl Iterator<Item = GroupZone> {
    endpoint.zone_group.iter().filter_map(|text| {
        let id = ResourceId::new(text).and_then(|id| id.up_to("privateDnsZones"));
        let apex = text.rsplit_once('/').map_or(&**text, |(_, apex)| apex).parse().ok()?;
        Some(GroupZone { apex, id })
    })
}

/// Endpoints by their places in the estate.
#[derive(Default)]
pub(super) struct Inventory {
    by_address: HashMap<IpAddr, Vec<u32>>,
    /// By their own names in lower case.
    by_name: HashMap<String, Vec<u32>>,
    /// Subscriptions with endpoints, the addresses of all of which are known; `None`
    /// stands for what has no id.
    whole: HashSet<Option<String>>,
    /// The subscriptions of the endpoints that are in a network.
    of_vnet: HashMap<VnetId, HashSet<Option<String>>>,
}

/// The endpoint that a record set says it was made by.
///
/// Exports have "created by private endpoint NAME with resource guid GUID"; read 2026-11.
fn creator(set: &RecordSet) -> Option<&str> {
    set.creator.as_deref()?.strip_prefix("created by private endpoint ")?.split(' ').next()
}

/// The subscription of a resource in lower case, where its id is known.
pub(super) fn subscription(id: &Option<ResourceId>) -> Option<String> {
    id.as_ref().and_then(ResourceId::subscription).map(str::to_lowercase)
}

impl Inventory {
    pub fn new(estate: &Estate) -> Inventory {
        let mut inventory = Inventory::default();
        let mut partial = HashSet::new();
        for (at, endpoint) in estate.endpoints.iter().enumerate() {
            let at = at as u32;
            inventory.by_name.entry(endpoint.name.to_lowercase()).or_default().push(at);
            let addresses = || endpoint.names.iter().flat_map(|name| &name.1);
            for &address in addresses() {
                let here = inventory.by_address.entry(address).or_default();
                if here.last() != Some(&at) {
                    here.push(at);
                }
            }
            let subscription = subscription(&endpoint.id);
            if let Some(vnet) = endpoint.vnet {
                inventory.of_vnet.entry(vnet).or_default().insert(subscription.clone());
            }
            match addresses().next() {
                Some(_) => drop(inventory.whole.insert(subscription)),
                None => drop(partial.insert(subscription)),
            }
        }
        inventory.whole.retain(|subscription| !partial.contains(subscription));
        for endpoint in &estate.endpoints {
            if !estate.is_listed(ENDPOINTS, endpoint.id.as_ref()) {
                inventory.whole.remove(&subscription(&endpoint.id));
            }
        }
        inventory
    }

    /// The endpoints that have an address.
    pub fn at(&self, address: IpAddr) -> impl Iterator<Item = &u32> {
        self.by_address.get(&address).into_iter().flatten()
    }

    /// The endpoints with the name that the `creator` of a record set has.
    pub fn creators(&self, set: &RecordSet) -> impl Iterator<Item = &u32> {
        let endpoints = creator(set).and_then(|name| self.by_name.get(&name.to_lowercase()));
        endpoints.into_iter().flatten()
    }

    /// Whether the address of a record set is within networks all of whose endpoints are known,
    /// and none has it, or none has the name that it says it was made by.
    ///
    /// Where endpoints are in another subscription than their network, a record counts that
    /// names an endpoint that is not among those of the subscriptions they are in.
    pub fn is_gone(&self, estate: &Estate, set: &RecordSet, address: IpAddr) -> bool {
        let within =
            |(_, vnet): &(VnetId, &Vnet)| vnet.space.iter().any(|space| space.contains(&address));
        let mut networks = estate.vnet_ids().filter(within).peekable();
        let orphan = self.is_orphan(set);
        let foreign = |vnet: VnetId| {
            self.of_vnet.get(&vnet).is_some_and(|of| of.iter().all(|one| self.whole.contains(one)))
        };
        networks.peek().is_some()
            && networks.all(|(id, vnet)| {
                self.whole.contains(&subscription(&vnet.id)) || orphan && foreign(id)
            })
            && (orphan || !self.by_address.contains_key(&address))
    }

    /// Whether a record set says that it was made by an endpoint that nothing else tells of.
    fn is_orphan(&self, set: &RecordSet) -> bool {
        creator(set).is_some() && self.creators(set).next().is_none()
    }
}

//! Records that Azure registers for the machines of a network, and takes along with its link.
//!
//! "What is the autoregistration feature in Azure DNS private zones?",
//! learn.microsoft.com/azure/dns/private-dns-autoregistration, read 2026-11.

use std::net::IpAddr;

use super::{ChangeError, Estate, Extent, Inventory, Link, RecordSet, VnetId, Zone, ZoneId};
use crate::name::Name;
use crate::record::RecordData;

/// The kind of input that states no registration.
const ZONE_FILE: &str = "zone-file";

/// The record sets that machines of a network registered in a zone, by their places there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registered {
    /// Those of this network: they go with its link.
    pub own: Vec<usize>,
    /// Those of which no input tells whose they are.
    pub unclear: Vec<usize>,
}

/// The networks that register machines in a zone beside one that does.
struct Others {
    vnets: Vec<VnetId>,
    /// It is known that there are none.
    none: bool,
}

impl Estate {
    /// What goes from a zone with its link to a network, where that registers machines.
    pub fn registered(&self, zone: ZoneId, vnet: VnetId) -> Registered {
        let mut found = Registered::default();
        let Some((facts, others)) = self.registering(zone, vnet) else { return found };
        for (at, set) in facts.record_sets.iter().enumerate().filter(|(_, set)| set.registered) {
            let alone = others.none.then_some(true);
            match alone.or_else(|| self.is_machine_of(set, vnet, &others.vnets)) {
                Some(true) => found.own.push(at),
                Some(false) => {}
                None => found.unclear.push(at),
            }
        }
        found
    }

    /// The record sets in zone files, which cannot say what was registered, of the network's
    /// machines: they may go with its link, too.
    pub fn perhaps_registered(&self, zone: ZoneId, vnet: VnetId) -> Vec<usize> {
        let Some((facts, others)) = self.registering(zone, vnet) else { return Vec::new() };
        let in_file = |set: &RecordSet| self.input(set.origin.input).kind == ZONE_FILE;
        let own = |set: &RecordSet| self.is_machine_of(set, vnet, &others.vnets) == Some(true);
        let sets = facts.record_sets.iter().enumerate();
        let sets = sets.filter(|(_, set)| !set.registered && in_file(set) && own(set));
        sets.map(|(at, _)| at).collect()
    }

    /// The zone and who else registers machines there, where the network does.
    fn registering(&self, zone: ZoneId, vnet: VnetId) -> Option<(&Zone, Others)> {
        let facts = self.zones.get(zone.index())?;
        let registering = facts.links.iter().filter(|link| link.registration);
        let mut vnets: Vec<VnetId> = registering.map(|link| link.vnet).collect();
        if !vnets.contains(&vnet) {
            return None;
        }
        let none = vnets.len() == 1 && facts.links_extent() == Extent::Whole;
        vnets.retain(|one| *one != vnet);
        Some((facts, Others { vnets, none }))
    }

    /// Whether a network that registers in a zone may have machines that no input shows:
    /// neither they nor what they registered were read.
    pub fn has_unread_machines(&self, zone: ZoneId, vnet: VnetId) -> bool {
        self.registering(zone, vnet).is_some()
            && !self.shows_registered(zone)
            && !self.shows_machines(vnet)
    }

    /// Whether the records of a zone were read with those that machines registered: some are
    /// there and nothing is missing, or the zone has as many as Azure counts.
    fn shows_registered(&self, zone: ZoneId) -> bool {
        let zone = self.zone(zone);
        let counted = zone.declared_record_sets.is_some();
        let some = counted || zone.record_sets.iter().any(|set| set.registered);
        some && zone.extent() == Extent::Whole
    }

    /// Whether the machines of a network were read, or the interfaces that they have.
    fn shows_machines(&self, vnet: VnetId) -> bool {
        let machine = |one: &super::Interface| one.vnet == Some(vnet) && one.machine.is_some();
        self.interfaces.iter().any(machine)
            || self.is_listed(Inventory::INTERFACES, self.vnet(vnet).id.as_ref())
    }

    /// Enters what machines of a network had registered where it was linked before.
    ///
    /// A record that somebody made by hand wins over that of a machine ("Private DNS FAQ",
    /// learn.microsoft.com/azure/dns/dns-faq-private, read 2026-11).
    pub(super) fn register_again(&mut self, id: ZoneId, vnet: VnetId) {
        let Some(sets) = self.unlinked.remove(&vnet) else { return };
        let Zone { apex, origin, .. } = *self.zone(id);
        for set in sets {
            let label = self.names.name(set.owner).labels().next().map(<[u8]>::to_vec);
            let labels = label.iter().map(Vec::as_slice);
            let zone_name = self.names.name(apex);
            let Ok(owner) = Name::from_labels(labels.chain(zone_name.labels())) else { continue };
            let known = self.names.get(&owner);
            let owner = known.unwrap_or_else(|| self.names.intern(&owner));
            let zone = &mut self.zones[id.index()];
            if zone.record_sets.iter().any(|other| other.owner == owner) {
                continue;
            }
            let key = (owner, set.data.record_type());
            let at = |set: &RecordSet| (set.owner, set.data.record_type()) < key;
            let at = zone.record_sets.partition_point(at);
            zone.record_sets.insert(at, RecordSet { owner, origin, ..set });
            if let Some(declared) = &mut zone.declared_record_sets {
                *declared += 1;
            }
        }
    }

    /// Why Azure would not let a network register its machines in a zone: it does so in another
    /// ("What is a virtual network link?",
    /// learn.microsoft.com/azure/dns/private-dns-virtual-network-links), or this is a reverse zone
    /// ("Private reverse DNS zones", learn.microsoft.com/azure/dns/private-reverse-dns; read
    /// 2026-11).
    pub(super) fn can_register(&self, zone: ZoneId, vnet: VnetId) -> Result<(), ChangeError> {
        let name = self.zone_name(zone);
        if ["in-addr.arpa", "ip6.arpa"].iter().any(|end| name.ends_with(end)) {
            return Err(ChangeError::ReverseRegistration { zone: name });
        }
        let registers = |link: &Link| link.registration && link.vnet == vnet;
        let mut zones = self.zone_ids();
        match zones.find(|(_, zone)| zone.links.iter().any(registers)) {
            Some((other, _)) => Err(ChangeError::SecondRegistration {
                vnet: self.vnet_name(vnet),
                zone: self.zone_name(other),
            }),
            None => Ok(()),
        }
    }

    /// Whether a registered set is of a machine of `vnet` rather than of the others; `None`
    /// where no interface and no address space tells.
    fn is_machine_of(&self, set: &RecordSet, vnet: VnetId, others: &[VnetId]) -> Option<bool> {
        let addresses: Vec<IpAddr> = match &set.data {
            RecordData::A(own) => own.iter().map(|one| IpAddr::V4(*one)).collect(),
            RecordData::Aaaa(own) => own.iter().map(|one| IpAddr::V6(*one)).collect(),
            _ => Vec::new(),
        };
        let has = |one: &&super::Interface| one.addresses.iter().any(|at| addresses.contains(at));
        let owners = self.interfaces.iter().filter(has).filter_map(|one| one.vnet);
        let mut owners: Vec<VnetId> = owners.collect();
        owners.dedup();
        if let [owner] = owners[..] {
            return Some(owner == vnet);
        }
        // `None` where the space is not known.
        let holds = |vnet: VnetId| {
            let space = &self.vnet(vnet).space;
            let within = |at: &IpAddr| space.iter().any(|net| net.contains(at));
            (!space.is_empty()).then(|| addresses.iter().any(within))
        };
        match (holds(vnet), others.iter().any(|other| holds(*other) == Some(true))) {
            (Some(own), elsewhere) if own != elsewhere => Some(own),
            (None, true) => Some(false),
            // Of a network whose link was not read, perhaps, but not of this one.
            (Some(false), false) => Some(false),
            _ => None,
        }
    }
}

//! Records that Azure registers for the machines of a network, and takes along with its link.
//!
//! "What is the autoregistration feature in Azure DNS private zones?",
//! learn.microsoft.com/azure/dns/private-dns-autoregistration, read 2026-11.

use std::net::IpAddr;

use super::{ChangeError, Estate, Extent, Link, RecordSet, VnetId, Zone, ZoneId};
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
            match others
                .none
                .then_some(true)
                .or_else(|| self.is_machine_of(set, vnet, &others.vnets))
            {
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

//! Records that Azure registers for the machines of a network, and takes along with its link.
//!
//! "What is the autoregistration feature in Azure DNS private zones?",
//! learn.microsoft.com/azure/dns/private-dns-autoregistration, read 2026-11.

use std::net::IpAddr;

use super::{ChangeError, Estate, Extent, Link, RecordSet, VnetId, ZoneId};
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
    /// Those of the network's machines in zone files, which cannot say what was registered.
    pub unstated: Vec<usize>,
}

impl Estate {
    /// What goes from a zone with its link to a network, where that registers machines.
    pub fn registered(&self, zone: ZoneId, vnet: VnetId) -> Registered {
        let mut found = Registered::default();
        let Some(facts) = self.zones.get(zone.index()) else { return found };
        let registering: Vec<&Link> = facts.links.iter().filter(|link| link.registration).collect();
        if !registering.iter().any(|link| link.vnet == vnet) {
            return found;
        }
        let only = registering.len() == 1 && facts.links_extent() == Extent::Whole;
        let others: Vec<VnetId> =
            registering.iter().map(|link| link.vnet).filter(|one| *one != vnet).collect();
        for (at, set) in facts.record_sets.iter().enumerate().filter(|(_, set)| set.registered) {
            match only.then_some(true).or_else(|| self.is_machine_of(set, vnet, &others)) {
                Some(true) => found.own.push(at),
                Some(false) => {}
                None => found.unclear.push(at),
            }
        }
        let in_file = |set: &RecordSet| self.input(set.origin.input).kind == ZONE_FILE;
        for (at, set) in facts.record_sets.iter().enumerate() {
            if !set.registered
                && in_file(set)
                && self.is_machine_of(set, vnet, &others) == Some(true)
            {
                found.unstated.push(at);
            }
        }
        found
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

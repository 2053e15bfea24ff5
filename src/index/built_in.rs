//! The names that Azure itself gives to the machines of each network.
//!
//! `<machine>.internal.cloudapp.net`, and in the reverse zone that name and the one in
//! the zone in which the network registers; both for this network only ("Name resolution
//! for resources in Azure virtual networks", learn.microsoft.com/azure/virtual-network/
//! virtual-networks-name-resolution-for-vms-and-role-instances, read 2026-11).

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Index, Place};
use crate::estate::{Estate, Interface, VnetId};
use crate::name::{Name, NameId};
use crate::record::{RecordData, RecordType};

/// The suffix of the forward names.
const FORWARD: &str = "internal.cloudapp.net";
/// The roots of the reverse names (RFC 1035 section 3.5, RFC 3596 section 2.5).
const REVERSE: [&str; 2] = ["in-addr.arpa", "ip6.arpa"];

/// What the built-in zones of a network have for a name.
#[derive(Clone, Copy, Debug)]
pub enum BuiltInAnswer<'i> {
    /// Records of the type asked for.
    Records(&'i RecordData),
    /// The name exists without the type.
    NoData,
    /// The address is outside of the network.
    NxDomain,
    /// There may be a machine that nobody listed.
    Unlisted,
}

#[derive(Default)]
pub(super) struct BuiltIn {
    forward: Option<NameId>,
    reverse: [Option<NameId>; 2],
    records: HashMap<(VnetId, NameId), RecordData>,
}

/// Whether Azure names the machine of an interface: a running one, by its primary interface.
fn is_named(interface: &Interface) -> bool {
    interface.running != Some(false) && interface.primary != Some(false)
}

impl BuiltIn {
    pub(super) fn new(estate: &mut Estate) -> BuiltIn {
        let mut built_in = BuiltIn::default();
        if !estate.interfaces.is_empty() {
            // They divide classes of names, so they must be known names.
            for name in [FORWARD, REVERSE[0], REVERSE[1]] {
                let _ = estate.names.intern_text(name, NameId::ROOT);
            }
        }
        let [forward, reverse @ ..] =
            [FORWARD, REVERSE[0], REVERSE[1]].map(|name| estate.names.get(&name.parse().ok()?));
        (built_in.forward, built_in.reverse) = (forward, reverse);
        let Some(forward) = built_in.forward else { return built_in };
        let registers: HashMap<VnetId, NameId> = estate
            .zones
            .iter()
            .flat_map(|zone| zone.links.iter().map(move |link| (link, zone.apex)))
            .filter(|(link, _)| link.registration)
            .map(|(link, apex)| (link.vnet, apex))
            .collect();
        for interface in estate.interfaces.iter().filter(|one| is_named(one)) {
            let (Some(vnet), Some(machine)) = (interface.vnet, &interface.machine) else {
                continue;
            };
            let Ok(name) = estate.names.intern_text(machine, forward) else { continue };
            let mut names = vec![name];
            if let Some(&zone) = registers.get(&vnet) {
                names.extend(estate.names.intern_text(machine, zone));
            }
            let v4 = |address: &IpAddr| match address {
                IpAddr::V4(address) => Some(*address),
                IpAddr::V6(_) => None,
            };
            let addresses: Box<[Ipv4Addr]> = interface.addresses.iter().filter_map(v4).collect();
            if !addresses.is_empty() {
                built_in.records.insert((vnet, name), RecordData::A(addresses.to_vec().into()));
            }
            for &address in &interface.addresses {
                let reverse = estate.names.intern_text(&reverse_name(address), NameId::ROOT);
                let Ok(reverse) = reverse else { continue };
                let pointers = RecordData::Ptr(names.clone().into());
                built_in.records.insert((vnet, reverse), pointers);
            }
        }
        built_in
    }
}

impl Index {
    /// The networks whose machines Azure names.
    pub(super) fn vnets_with_machines(&self) -> impl Iterator<Item = VnetId> {
        let interfaces = self.estate.interfaces.iter();
        let named = interfaces.filter(|one| is_named(one) && one.machine.is_some());
        named.filter_map(|one| one.vnet)
    }

    /// The names that Azure gives to machines, in any network, in no order.
    pub fn built_in_names(&self) -> impl Iterator<Item = NameId> {
        self.built_in.records.keys().map(|key| key.1)
    }

    /// What the built-in zones of networks that see the same have for a name; `None`
    /// where it is not theirs to answer.
    pub fn built_in(
        &self,
        vnets: &[VnetId],
        place: &Place,
        record_type: RecordType,
    ) -> Option<BuiltInAnswer<'_>> {
        let BuiltIn { forward, reverse, records } = &self.built_in;
        let (names, node) = (&self.estate.names, place.node());
        let below = |top: &Option<NameId>| top.is_some_and(|top| names.is_at_or_below(node, top));
        let is_forward = below(forward);
        if !is_forward && !reverse.iter().any(below) {
            return None;
        }
        if let ([vnet], Place::Known(node)) = (vnets, place)
            && let Some(data) = records.get(&(*vnet, *node))
        {
            let fits = data.record_type() == record_type;
            return Some(if fits { BuiltInAnswer::Records(data) } else { BuiltInAnswer::NoData });
        }
        if is_forward {
            return Some(BuiltInAnswer::Unlisted);
        }
        let Some(address) = address_of(&self.name(place)) else {
            return Some(BuiltInAnswer::Unlisted);
        };
        let holds = |vnet: &VnetId| {
            let space = &self.estate.vnet(*vnet).space;
            (!space.is_empty()).then(|| space.iter().any(|prefix| prefix.contains(&address)))
        };
        let is_private = match address {
            IpAddr::V4(address) => address.is_private(),
            IpAddr::V6(address) => address.is_unique_local(),
        };
        match vnets.iter().all(|vnet| holds(vnet) == Some(false)) {
            true if is_private => Some(BuiltInAnswer::NxDomain),
            true => None,
            false => Some(BuiltInAnswer::Unlisted),
        }
    }
}

/// The name under which an address is looked up.
pub fn reverse_name(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.{}", REVERSE[0])
        }
        IpAddr::V6(address) => {
            let octets = address.octets();
            let nibbles = octets.iter().rev().flat_map(|octet| [octet & 15, octet >> 4]);
            nibbles.map(|nibble| format!("{nibble:x}.")).collect::<String>() + REVERSE[1]
        }
    }
}

/// The address that a reverse name is of, if it is of one.
fn address_of(name: &Name) -> Option<IpAddr> {
    let labels: Vec<&str> =
        name.labels().map(std::str::from_utf8).collect::<Result<_, _>>().ok()?;
    match labels[..] {
        [d, c, b, a, "in-addr", "arpa"] => {
            format!("{a}.{b}.{c}.{d}").parse::<Ipv4Addr>().ok().map(IpAddr::V4)
        }
        [ref nibbles @ .., "ip6", "arpa"] if nibbles.len() == 32 => {
            let digits: String = nibbles.iter().rev().copied().collect();
            u128::from_str_radix(&digits, 16).ok().map(|bits| IpAddr::V6(Ipv6Addr::from(bits)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reverse_names_and_addresses() {
        for address in ["10.1.2.3", "2001:db8::1"] {
            let address: IpAddr = address.parse().unwrap();
            assert_eq!(address_of(&reverse_name(address).parse().unwrap()), Some(address));
        }
        assert_eq!(address_of(&"1.10.in-addr.arpa".parse().unwrap()), None);
    }
}

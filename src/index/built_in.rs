//! The names that Azure itself gives to the machines of each network.
//!
//! `<machine>.internal.cloudapp.net`, and in the reverse zone that name and the one in
//! the zone in which the network registers; both for this network only ("Name resolution
//! for resources in Azure virtual networks", learn.microsoft.com/azure/virtual-network/
//! virtual-networks-name-resolution-for-vms-and-role-instances, read 2026-11).

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use super::azure::unread_links;
use super::{Doubt, Found, Index, Place};
use crate::estate::{Estate, Extent, Interface, VnetId, Zone, ZoneId};
use crate::name::{Name, NameId, Names};
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
    /// The same, and one more if the network registers its machines in this zone, of which
    /// no links were exported.
    Perhaps(&'i RecordData, ZoneId),
    /// The name exists without the type.
    NoData,
    /// The address is outside of the network.
    NxDomain,
    /// There may be a machine that nobody listed.
    Unlisted,
    /// There is a machine, and nothing tells what stands for it.
    Doubt(MachineDoubt),
}

/// Why nobody can say what stands for a machine; interfaces by their places in the estate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MachineDoubt {
    /// Either interface may be the one whose machine has the name.
    Interfaces(u32, u32),
    /// The link by which the network registers is not operational yet.
    PendingLink(ZoneId),
    /// The network may register in the zone: not all of its links were read.
    UnreadLinks(ZoneId),
    /// The network has registration links to both zones, which Azure refuses.
    Zones(ZoneId, ZoneId),
    /// Which address the interface is registered with is unknown.
    Address(u32),
    /// What the machine of the interface calls itself is unknown.
    Named(u32),
    /// Whether the interface is registered at all is taken to be unknown.
    Unrecorded(u32),
}

/// What is registered in a zone for a name of which the zone has no record itself.
#[derive(Clone, Copy, Debug)]
pub enum RegisteredAnswer<'i> {
    /// The address of this interface, by its place in the estate.
    Records(&'i RecordData, u32),
    /// A machine has the name, and no record of the type.
    NoData(u32),
    /// A machine has a name above, so that no wildcard covers this one.
    NxDomain(u32),
    /// Nobody can say.
    Doubt(MachineDoubt),
}

impl RegisteredAnswer<'_> {
    /// The interface whose machine has the name, where it is known which one.
    pub fn interface(self) -> Option<u32> {
        match self {
            RegisteredAnswer::Records(_, one)
            | RegisteredAnswer::NoData(one)
            | RegisteredAnswer::NxDomain(one) => Some(one),
            RegisteredAnswer::Doubt(_) => None,
        }
    }
}

/// An interface that stands for a machine, and the record of its address.
type Registered = Result<(u32, RecordData), MachineDoubt>;

#[derive(Default)]
pub(super) struct BuiltIn {
    forward: Option<NameId>,
    reverse: [Option<NameId>; 2],
    records: HashMap<(VnetId, NameId), Result<RecordData, MachineDoubt>>,
    registered: HashMap<(ZoneId, NameId), Registered>,
    /// By network that registers nowhere, for all that was read: a zone in which it may.
    may_register: HashMap<VnetId, Option<Doubt>>,
}

/// Whether Azure names the machine of an interface: a running one, by its primary interface.
fn is_named(interface: &Interface) -> bool {
    interface.running != Some(false) && interface.primary != Some(false)
}

/// The address that a machine is registered with: the first one of its interface, which is
/// what DHCP hands out.
///
/// Registered data come from Azure's DHCP ("Private DNS FAQ",
/// learn.microsoft.com/azure/dns/dns-faq-private, read 2026-11).
fn registered_address(interface: &Interface) -> Option<Ipv4Addr> {
    interface.addresses.iter().find_map(|address| match address {
        IpAddr::V4(address) => Some(*address),
        IpAddr::V6(_) => None,
    })
}

/// A machine of a network, as its interfaces tell of it.
struct Machine {
    vnet: VnetId,
    /// Its own name.
    label: String,
    /// Its name below [`FORWARD`].
    name: NameId,
    /// The interfaces that may stand for it.
    candidates: Vec<u32>,
    /// The one that does.
    chosen: Result<u32, MachineDoubt>,
}

fn machines(estate: &mut Estate, forward: NameId) -> Vec<Machine> {
    let mut candidates: BTreeMap<(VnetId, NameId), Vec<u32>> = BTreeMap::new();
    for (at, interface) in estate.interfaces.iter().enumerate().filter(|(_, one)| is_named(one)) {
        let (Some(vnet), Some(machine)) = (interface.vnet, &interface.machine) else { continue };
        let Ok(name) = estate.names.intern_text(machine, forward) else { continue };
        candidates.entry((vnet, name)).or_default().push(at as u32);
    }
    let machines = candidates.into_iter().map(|((vnet, name), candidates)| {
        let label = estate.interfaces[candidates[0] as usize].machine.clone().unwrap_or_default();
        let told = |at: u32| match estate.interfaces[at as usize].by_resource {
            true => Err(MachineDoubt::Named(at)),
            false => Ok(at),
        };
        let chosen = chosen(estate, &candidates).and_then(told);
        Machine { vnet, label, name, candidates, chosen }
    });
    machines.collect()
}

/// The one interface that stands for a machine, if it is known which.
fn chosen(estate: &Estate, candidates: &[u32]) -> Result<u32, MachineDoubt> {
    let is_primary = |at: &&u32| estate.interfaces[**at as usize].primary == Some(true);
    let mut primary = candidates.iter().filter(is_primary);
    match (candidates, primary.next(), primary.next()) {
        ([only], ..) => Ok(*only),
        (_, Some(one), None) => Ok(*one),
        _ => Err(MachineDoubt::Interfaces(candidates[0], candidates[1])),
    }
}

/// The zones in which each network registers its machines, and whether that works yet.
fn registers(estate: &Estate, reverse: &[Option<NameId>]) -> BTreeMap<VnetId, Vec<(ZoneId, bool)>> {
    let mut registers: BTreeMap<VnetId, Vec<(ZoneId, bool)>> = BTreeMap::new();
    for (id, zone) in registrable(estate, reverse) {
        for link in zone.links.iter().filter(|link| link.registration) {
            registers.entry(link.vnet).or_default().push((id, link.pending.is_none()));
        }
    }
    registers
}

/// The zones in which machines can be registered.
fn registrable<'e>(
    estate: &'e Estate,
    reverse: &[Option<NameId>],
) -> impl Iterator<Item = (ZoneId, &'e Zone)> {
    // Azure refuses registration in reverse zones ("Private reverse DNS zones",
    // learn.microsoft.com/azure/dns/private-reverse-dns, read 2026-11).
    let is_reverse =
        |apex: NameId| reverse.iter().flatten().any(|&top| estate.names.is_at_or_below(apex, top));
    estate.zone_ids().filter(move |(_, zone)| !zone.gone && !is_reverse(zone.apex))
}

/// A zone in which a network may register for all that was read, one that is known to have
/// links that were not read before others. A network has one link to a zone at most.
fn may_register(estate: &Estate, reverse: &[Option<NameId>], vnet: VnetId) -> Option<Doubt> {
    let is_free = |zone: &Zone| zone.links.iter().all(|link| link.vnet != vnet);
    let free = registrable(estate, reverse).filter(|(_, zone)| is_free(zone));
    free.filter_map(|(id, _)| unread_links(estate, id)).max_by_key(|doubt| doubt.missing)
}

impl BuiltIn {
    pub(super) fn new(estate: &mut Estate) -> BuiltIn {
        if !estate.interfaces.is_empty() || !estate.rulesets.is_empty() {
            // They divide classes of names, so they must be known names.
            for name in [FORWARD, REVERSE[0], REVERSE[1]] {
                let _ = estate.names.intern_text(name, NameId::ROOT);
            }
        }
        let [forward, reverse @ ..] =
            [FORWARD, REVERSE[0], REVERSE[1]].map(|name| estate.names.get(&name.parse().ok()?));
        let mut built_in = BuiltIn { forward, reverse, ..BuiltIn::default() };
        let Some(forward) = forward else { return built_in };
        let registers = registers(estate, &reverse);
        for machine in machines(estate, forward) {
            let zones = registers.get(&machine.vnet).map_or(&[][..], Vec::as_slice);
            let find = || may_register(estate, &reverse, machine.vnet).filter(|_| zones.is_empty());
            built_in.may_register.entry(machine.vnet).or_insert_with(find);
            built_in.name_machine(estate, &machine, forward);
            built_in.point_back(estate, &machine, zones);
            for &(zone, works) in zones {
                built_in.register(estate, zone, &machine, doubt_of(zones, zone, works));
            }
        }
        built_in
    }

    /// Enters the forward names of a machine.
    fn name_machine(&mut self, estate: &mut Estate, machine: &Machine, forward: NameId) {
        let data = machine.chosen.and_then(|at| address_record(estate, at));
        if let Ok(at) = machine.chosen
            && let Some(suffix) = estate.interfaces[at as usize].suffix.clone()
            && let Ok(suffix) = estate.names.intern_text(&suffix, NameId::ROOT)
            && estate.names.is_at_or_below(suffix, forward)
            && let Ok(long) = estate.names.intern_text(&machine.label, suffix)
        {
            self.records.insert((machine.vnet, long), data.clone());
        }
        self.records.insert((machine.vnet, machine.name), data);
    }

    /// Enters the reverse names of a machine.
    fn point_back(&mut self, estate: &mut Estate, machine: &Machine, zones: &[(ZoneId, bool)]) {
        let doubt = zones.iter().find_map(|&(zone, works)| doubt_of(zones, zone, works));
        let unread = self.may_register.get(&machine.vnet).copied().flatten();
        let unread = unread.filter(|unread| unread.missing);
        let doubt = doubt.or(unread.map(|unread| MachineDoubt::UnreadLinks(unread.zone)));
        let mut names = vec![machine.name];
        for &(zone, _) in zones {
            let apex = estate.zone(zone).apex;
            names.extend(estate.names.intern_text(&machine.label, apex));
        }
        for &at in &machine.candidates {
            let pointer = match (machine.chosen, doubt) {
                (Ok(chosen), _) if chosen != at => continue,
                (Err(doubt), _) | (_, Some(doubt)) => Err(doubt),
                (Ok(_), None) => Ok(RecordData::Ptr(names.clone().into())),
            };
            // Of its other addresses nobody says whether they have a name.
            let addresses = &estate.interfaces[at as usize].addresses;
            let known = if pointer.is_ok() { 1 } else { addresses.len() };
            for address in addresses.iter().take(known).copied().collect::<Vec<_>>() {
                let reverse = estate.names.intern_text(&reverse_name(address), NameId::ROOT);
                if let Ok(reverse) = reverse {
                    self.records.insert((machine.vnet, reverse), pointer.clone());
                }
            }
        }
    }

    /// Enters a machine in a zone in which its network registers.
    fn register(
        &mut self,
        estate: &mut Estate,
        zone: ZoneId,
        machine: &Machine,
        doubt: Option<MachineDoubt>,
    ) {
        let apex = estate.zone(zone).apex;
        let Ok(owner) = estate.names.intern_text(&machine.label, apex) else { return };
        let data = |at: u32| Ok((at, address_record(estate, at)?));
        let found = doubt.map_or_else(|| machine.chosen.and_then(data), Err);
        let found = match (self.registered.remove(&(zone, owner)), found) {
            (None, found) => found,
            // Two networks with machines of one name.
            (Some(Ok((one, _))), Ok((other, _))) => Err(MachineDoubt::Interfaces(one, other)),
            (Some(Err(doubt)), _) | (_, Err(doubt)) => Err(doubt),
        };
        self.registered.insert((zone, owner), found);
    }

    /// Whether private zones at or below a name are not asked: one does not take the place
    /// of the built-in forward names.
    ///
    /// "Private DNS FAQ", learn.microsoft.com/azure/dns/dns-faq-private, read 2026-11.
    pub(super) fn is_reserved(&self, names: &Names, apex: NameId) -> bool {
        self.forward.is_some_and(|forward| names.is_at_or_below(apex, forward))
    }
}

/// The record of the address of an interface.
fn address_record(estate: &Estate, at: u32) -> Result<RecordData, MachineDoubt> {
    let address = registered_address(&estate.interfaces[at as usize]);
    let data = address.map(|address| RecordData::A([address].into_iter().collect()));
    data.ok_or(MachineDoubt::Address(at))
}

/// Why it is not known what a network registers in a zone of those that it has links to.
fn doubt_of(zones: &[(ZoneId, bool)], zone: ZoneId, works: bool) -> Option<MachineDoubt> {
    match zones {
        [(one, _), (other, _), ..] => Some(MachineDoubt::Zones(*one, *other)),
        _ => (!works).then_some(MachineDoubt::PendingLink(zone)),
    }
}

impl Index {
    /// The networks whose machines Azure names.
    pub(super) fn vnets_with_machines(&self) -> impl Iterator<Item = VnetId> {
        let interfaces = self.estate.interfaces.iter();
        let named = interfaces.filter(|one| is_named(one) && one.machine.is_some());
        named.filter_map(|one| one.vnet)
    }

    /// Whether a name is at or below one of these, known or not.
    fn is_below(&self, place: &Place, top: Option<NameId>, text: Option<&Name>) -> bool {
        match (top, place) {
            (Some(top), _) => self.estate.names.is_at_or_below(place.node(), top),
            (None, Place::Known(_)) => false,
            (None, Place::Other { name, .. }) => text.is_some_and(|top| name.is_at_or_below(top)),
        }
    }

    /// The names that Azure gives to machines, in any network or registration zone, in no order.
    pub fn built_in_names(&self) -> impl Iterator<Item = NameId> {
        let registered = self.built_in.registered.keys().map(|key| key.1);
        self.built_in.records.keys().map(|key| key.1).chain(registered)
    }

    /// What the built-in zones of networks that see the same have for a name; `None`
    /// where it is not theirs to answer.
    pub fn built_in(
        &self,
        vnets: &[VnetId],
        place: &Place,
        record_type: RecordType,
    ) -> Option<BuiltInAnswer<'_>> {
        static TOPS: LazyLock<[Option<Name>; 3]> =
            LazyLock::new(|| [FORWARD, REVERSE[0], REVERSE[1]].map(|top| top.parse().ok()));
        let BuiltIn { forward, reverse, records, .. } = &self.built_in;
        let below = |top: Option<NameId>, at: usize| self.is_below(place, top, TOPS[at].as_ref());
        let is_forward = below(*forward, 0);
        if !is_forward && !below(reverse[0], 1) && !below(reverse[1], 2) {
            return None;
        }
        if let ([vnet], Place::Known(node)) = (vnets, place)
            && let Some(data) = records.get(&(*vnet, *node))
        {
            let unread = self.built_in.may_register.get(vnet).copied().flatten();
            return Some(match data {
                Ok(data) if data.record_type() == record_type => match (data, unread) {
                    (RecordData::Ptr(_), Some(unread)) => BuiltInAnswer::Perhaps(data, unread.zone),
                    _ => BuiltInAnswer::Records(data),
                },
                Ok(_) => BuiltInAnswer::NoData,
                Err(doubt) => BuiltInAnswer::Doubt(*doubt),
            });
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

    /// What a zone has besides what its records gave for a name, because networks register
    /// their machines in it; `None` where the records stand as they are: one that somebody
    /// made wins over one that a machine would register.
    ///
    /// "What is the autoregistration feature",
    /// learn.microsoft.com/azure/dns/private-dns-autoregistration, read 2026-11.
    #[inline]
    pub fn registered(
        &self,
        zone: ZoneId,
        place: &Place,
        found: Found,
        record_type: RecordType,
    ) -> Option<RegisteredAnswer<'_>> {
        match self.built_in.registered.is_empty() {
            true => None,
            false => self.registered_there(zone, place, found, record_type),
        }
    }

    fn registered_there(
        &self,
        zone: ZoneId,
        place: &Place,
        found: Found,
        record_type: RecordType,
    ) -> Option<RegisteredAnswer<'_>> {
        let registered = &self.built_in.registered;
        // A list that is whole by Azure's own count holds what machines registered, too.
        let counted = self.estate.zone(zone).declared_record_sets.is_some();
        if counted && self.extent(zone) == Extent::Whole {
            return None;
        }
        if let Found::Set(set) | Found::Alias(set, _) = found
            && Place::Known(self.set(set).owner) == *place
        {
            return None;
        }
        if let Place::Known(node) = place
            && let Some(machine) = registered.get(&(zone, *node))
        {
            return Some(match machine {
                Err(doubt) => RegisteredAnswer::Doubt(*doubt),
                Ok((at, data)) if record_type == RecordType::A => {
                    RegisteredAnswer::Records(data, *at)
                }
                Ok((at, _)) if record_type == RecordType::Aaaa && self.has_v6(*at) => {
                    RegisteredAnswer::Doubt(MachineDoubt::Address(*at))
                }
                // It has no data of that type without the machine, too.
                Ok(_)
                    if matches!(
                        found,
                        Found::NoData { empty_non_terminal: false, empty_set: false }
                    ) =>
                {
                    return None;
                }
                Ok((at, _)) => RegisteredAnswer::NoData(*at),
            });
        }
        if !matches!(found, Found::Set(_) | Found::Alias(..)) {
            return None;
        }
        // A wildcard does not cover what is below a name that exists (RFC 4592 section 3.3.1).
        let machine = |name| registered.get(&(zone, name));
        let (at, _) = self.estate.names.ancestors(place.node()).find_map(machine)?.as_ref().ok()?;
        Some(RegisteredAnswer::NxDomain(*at))
    }

    fn has_v6(&self, interface: u32) -> bool {
        self.estate.interfaces[interface as usize].addresses.iter().any(IpAddr::is_ipv6)
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

//! The classes of names that make "all names" finite.
//!
//! **The class lemma.** Take two estates, a client of both and a record type. Let the
//! *known names* be the names of either tree: owners, apexes, domains of rules and servers,
//! alias targets, the chains of all resources that have an endpoint, and all ancestors of
//! these. Two unknown names get the same answer in each estate, up to the name itself, if they
//! have the same closest known ancestor and
//!
//! 1. neither fits the catalogue; or both fit the same name of the same chain, and so do the
//!    names that the chain goes on with, each again unknown with the same closest known
//!    ancestor, or the same known name; and both or neither resource has an endpoint;
//! 2. neither is the reverse name of an address, or both addresses lie in the same address
//!    spaces of networks and ranges for private use.
//!
//! *Why*: which zone claims a name depends on the apexes at or above it, which rule or
//! server has it on the domains at or above it, and all these are known. What a zone has for
//! it depends on its closest encloser in the zone and that one's wildcard, and both are
//! known. The target of a record's alias is known, so the walk goes on alike; that of the
//! catalogue is formed of the name, which is 1. Nothing else looks at the name but the
//! built-in reverse names, which is 2. An unknown answer is the same if it is unknown for the
//! same reason, at the same zone or server.
//!
//! Where no zone, rule or server has any name of a chain, and nothing else of who asks whom
//! changes, the chain ends alike before and after. So these are asked: each known name; one
//! unknown name below each; each other chain of which a name lies below a known one, in both
//! ways where nobody knows of an endpoint; and one address for each set of ranges.
//! `tests/laws.rs` compares that with asking all names over a small alphabet, of which
//! `class_of` there says which are of one class.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use crate::estate::{Estate, PublicData, PublicFact};
use crate::index::{Assumption, Index, Place, PublicAnswer, View, reverse_name};
use crate::name::{Name, NameId};
use crate::public::Catalogue;
use crate::record::RecordType;

/// The label of a name that stands for all that are not known, and what takes its place
/// below a name so long that nothing longer fits.
const ANY_OTHER: [&str; 2] = ["any-other-name", "z"];

/// The ends of reverse names (RFC 1035 section 3.5, RFC 3596 section 2.5).
const REVERSE: [[&[u8]; 2]; 2] = [[b"in-addr", b"arpa"], [b"ip6", b"arpa"]];

/// Addresses for private use, of which public DNS says nothing (RFC 1918, RFC 4193).
const PRIVATE: [&str; 4] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

/// Addresses whose reverse names public DNS does not have: the zones that every resolver serves
/// itself (RFC 6303 section 4, RFC 7793 section 3), and all unique local addresses (RFC 4193).
const LOCAL: [&str; 14] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "255.255.255.255/32",
    "2001:db8::/32",
    "fc00::/7",
    "fe80::/10",
];

/// The view where unlisted resources are taken to have an endpoint, or to have none.
pub(super) fn assume<'i>(view: &View<'i>, endpoint: Option<bool>) -> View<'i> {
    let Some(endpoint) = endpoint else { return view.clone() };
    let mut settings = *view.settings();
    let value = if endpoint { "present" } else { "absent" };
    // The value is one of the table's, so this cannot fail.
    let _ = settings.set(&format!("{}={value}", Assumption::UnlistedEndpoint));
    view.under(&settings)
}

/// Whether it is a reverse name, which the built-in names of a network may answer.
pub(super) fn is_reverse(name: &Name) -> bool {
    let labels: Vec<&[u8]> = name.labels().collect();
    REVERSE.iter().any(|end| labels.ends_with(end))
}

/// Whether it is a reverse name that public DNS does not have.
pub(super) fn is_local_reverse(name: &Name) -> bool {
    // What is below the name of a range, and is none itself, is part of it.
    let mut name = name.clone();
    while is_reverse(&name) {
        if let Some(range) = range_of(&name) {
            let within = |local: &str| local.parse().is_ok_and(|net: IpNet| net.contains(&range));
            return LOCAL.iter().any(|local| within(local));
        }
        name = name.parent();
    }
    false
}

/// Whether it is the reverse name of one address.
pub(super) fn is_of_address(name: &Name) -> bool {
    range_of(name).is_some_and(|range| range.prefix_len() == range.max_prefix_len())
}

/// Collects classes: names that stand for them, and whether each is a known one.
pub(super) struct Classes<'i> {
    before: &'i Index,
    after: &'i Index,
    /// What rules and servers of either are for.
    domains: HashSet<Name>,
    /// Whether what nobody claims ends alike before and after, at public DNS or at a server
    /// that is not modelled.
    rest_stays: bool,
    names: HashMap<Name, bool>,
    reverse: bool,
}

impl<'i> Classes<'i> {
    pub fn new(before: &'i Index, after: &'i Index, rest_stays: bool) -> Classes<'i> {
        let mut domains = HashSet::new();
        for estate in [before.estate(), after.estate()] {
            let rules = estate.rulesets.iter().flat_map(|ruleset| &ruleset.rules);
            let rules = rules.map(|rule| rule.domain);
            let forwarders = estate.servers.iter().flat_map(|server| &server.forwarders);
            let forwarders = forwarders.map(|forwarder| forwarder.domain);
            let zones = estate.server_zones().map(|(_, zone)| zone.apex);
            let all = rules.chain(forwarders).chain(zones);
            domains.extend(all.map(|domain| estate.names.name(domain)));
        }
        Classes { before, after, domains, rest_stays, names: HashMap::new(), reverse: false }
    }

    /// All classes.
    pub fn all(mut self) -> HashMap<Name, bool> {
        let (old, new) = (&self.before.estate().names, &self.after.estate().names);
        for id in old.ids() {
            self.add(&old.name(id));
        }
        for id in new.ids() {
            let name = new.name(id);
            if old.get(&name).is_none() {
                self.add(&name);
            }
        }
        self.finish()
    }

    /// Adds the classes of a known name.
    pub fn add(&mut self, known: &Name) {
        self.names.insert(known.clone(), true);
        self.reverse |= is_reverse(known);
        if let Some(other) = self.other(known) {
            self.names.insert(other, false);
        }
        for chain in Catalogue::get().other_chains(known) {
            if !self.rest_stays || chain.iter().any(|name| self.is_claimed(name)) {
                for name in chain {
                    let is_known = self.is_known(&name);
                    self.names.entry(name).or_insert(is_known);
                }
            }
        }
    }

    /// What was added, with the classes of addresses where reverse names are among it.
    pub fn finish(mut self) -> HashMap<Name, bool> {
        if self.reverse {
            for name in self.addresses() {
                let is_known = self.is_known(&name);
                self.names.entry(name).or_insert(is_known);
            }
        }
        self.names
    }

    fn is_known(&self, name: &Name) -> bool {
        [self.before, self.after].iter().any(|index| index.estate().names.get(name).is_some())
    }

    /// Whether a zone, a rule or a server of either estate has names there.
    fn is_claimed(&self, name: &Name) -> bool {
        let by_zone = |index: &Index| {
            let node: NameId = index.estate().names.find(name).node;
            index.apex_of(node).is_some()
        };
        let mut above = name.clone();
        let mut by_domain = self.domains.contains(&above);
        while !by_domain && !self.domains.is_empty() && !above.is_root() {
            above = above.parent();
            by_domain = self.domains.contains(&above);
        }
        by_domain || by_zone(self.before) || by_zone(self.after)
    }

    /// A name right below `parent` that neither estate knows; `None` where none fits.
    fn other(&self, parent: &Name) -> Option<Name> {
        let below = |label: &str| {
            Name::from_labels(std::iter::once(label.as_bytes()).chain(parent.labels())).ok()
        };
        ANY_OTHER.iter().find_map(|&first| {
            let mut label = first.to_owned();
            loop {
                let name = below(&label)?;
                if !self.is_known(&name) {
                    return Some(name);
                }
                label.push('-');
            }
        })
    }

    /// The reverse name of one address for each set of ranges that addresses can lie in
    /// together: address spaces, private ranges, and those of known reverse names.
    fn addresses(&self) -> Vec<Name> {
        let mut ranges: BTreeSet<IpNet> = BTreeSet::new();
        ranges.extend(PRIVATE.iter().filter_map(|range| range.parse::<IpNet>().ok()));
        for estate in [self.before.estate(), self.after.estate()] {
            ranges.extend(estate.vnets.iter().flat_map(|vnet| &vnet.space).map(IpNet::trunc));
            ranges.extend(known_ranges(estate));
        }
        let ranges: Vec<IpNet> = ranges.into_iter().collect();
        let address = (0..ranges.len()).filter_map(|at| own_address(&ranges[at..]));
        address.filter_map(|address| reverse_name(address).parse().ok()).collect()
    }
}

/// The ranges of addresses whose reverse names are at or below a known name.
fn known_ranges(estate: &Estate) -> Vec<IpNet> {
    let names = &estate.names;
    let roots: Vec<NameId> = ["in-addr.arpa", "ip6.arpa"]
        .iter()
        .filter_map(|root| names.get(&root.parse::<Name>().ok()?))
        .collect();
    let below = |id: &NameId| roots.iter().any(|&root| names.is_at_or_below(*id, root));
    names.ids().filter(below).filter_map(|id| range_of(&names.name(id))).collect()
}

/// The range of a reverse name.
fn range_of(name: &Name) -> Option<IpNet> {
    let labels: Vec<&str> =
        name.labels().map(std::str::from_utf8).collect::<Result<_, _>>().ok()?;
    match &labels[..] {
        [octets @ .., "in-addr", "arpa"] if octets.len() <= 4 => {
            let mut address = [0; 4];
            for (at, octet) in octets.iter().rev().enumerate() {
                address[at] = octet.parse().ok()?;
            }
            IpNet::new(Ipv4Addr::from(address).into(), 8 * octets.len() as u8).ok()
        }
        [digits @ .., "ip6", "arpa"] if digits.len() <= 32 => {
            let text: String = digits.iter().rev().copied().collect();
            let bits = u128::from_str_radix(&format!("{text:0<32}"), 16).ok()?;
            IpNet::new(Ipv6Addr::from(bits).into(), 4 * digits.len() as u8).ok()
        }
        _ => None,
    }
}

/// An address of the first range that none of the later, narrower ones holds; they stand
/// in order.
fn own_address(ranges: &[IpNet]) -> Option<IpAddr> {
    let (range, rest) = ranges.split_first()?;
    let mut candidate = range.network();
    for inner in rest {
        if !range.contains(inner) || inner.network() > candidate {
            break;
        }
        if inner.contains(&candidate) {
            candidate = next(inner.broadcast())?;
        }
    }
    range.contains(&candidate).then_some(candidate)
}

fn next(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => {
            u32::from(address).checked_add(1).map(|bits| Ipv4Addr::from(bits).into())
        }
        IpAddr::V6(address) => {
            u128::from(address).checked_add(1).map(|bits| Ipv6Addr::from(bits).into())
        }
    }
}

/// The types that tell anything apart: those that are recorded anywhere, those that the
/// engine or the platform treats on their own, and one that nobody records.
pub(super) fn types(before: &Index, after: &Index) -> Vec<RecordType> {
    let mut types: BTreeSet<RecordType> =
        [RecordType::A, RecordType::Aaaa, RecordType::Cname].into();
    for index in [before, after] {
        let estate = index.estate();
        types.extend(index.recorded_types());
        types.extend(estate.public.iter().filter_map(|fact| match fact {
            PublicFact::Recorded { data: PublicData::Records(data, _), .. } => {
                Some(data.record_type())
            }
            _ => None,
        }));
        // The built-in reverse names are of machines.
        types.extend((!estate.interfaces.is_empty()).then_some(RecordType::Ptr));
    }
    let unrecorded = [RecordType::Txt, RecordType::Mx, RecordType::Srv, RecordType::Other(257)];
    types.extend(unrecorded.into_iter().find(|one| !types.contains(one)));
    types.into_iter().collect()
}

/// Whether nobody knows if the resource of a name has an endpoint: then both ways are
/// asked for.
pub(super) fn is_open(view: &View<'_>, place: &Place) -> bool {
    matches!(view.index().public(place, RecordType::A), PublicAnswer::Either { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No address is in two classes, and each class has one.
    #[test]
    fn each_set_of_ranges_has_an_address_of_its_own() {
        let texts = ["10.0.0.0/8", "10.0.0.0/16", "10.0.0.0/17", "10.0.128.0/17", "10.1.0.0/16"];
        let ranges: Vec<IpNet> = texts.iter().map(|text| text.parse().unwrap()).collect();
        let own: Vec<_> = (0..ranges.len()).map(|at| own_address(&ranges[at..])).collect();
        let address = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        // The second one is covered by its halves.
        let expected = [
            address("10.2.0.0"),
            None,
            address("10.0.0.0"),
            address("10.0.128.0"),
            address("10.1.0.0"),
        ];
        assert_eq!(own, expected);
        assert_eq!(own_address(&["0.0.0.0/0".parse().unwrap()]), address("0.0.0.0"));
    }

    #[test]
    fn reverse_names_have_ranges() {
        let range = |name: &str| range_of(&name.parse().unwrap()).map(|range| range.to_string());
        assert_eq!(range("1.10.in-addr.arpa").as_deref(), Some("10.1.0.0/16"));
        assert_eq!(range("in-addr.arpa").as_deref(), Some("0.0.0.0/0"));
        assert_eq!(range("8.b.d.0.1.0.0.2.ip6.arpa").as_deref(), Some("2001:db8::/32"));
        assert_eq!(range("x.10.in-addr.arpa"), None);
    }

    #[test]
    fn public_dns_has_reverse_names_of_public_addresses_only() {
        let local = |name: &str| is_local_reverse(&name.parse().unwrap());
        for name in ["2.0.10.in-addr.arpa", "x.31.172.in-addr.arpa", "0.d.f.ip6.arpa"] {
            assert!(local(name), "{name}");
        }
        // A range of which a part is private is not, nor is a name in no range.
        for name in ["8.8.in-addr.arpa", "x.8.in-addr.arpa", "172.in-addr.arpa", "10.example"] {
            assert!(!local(name), "{name}");
        }
        let one = |name: &str| is_of_address(&name.parse().unwrap());
        assert!(one("4.3.2.10.in-addr.arpa") && !one("3.2.10.in-addr.arpa"));
    }
}

//! An estate in other forms: JSON as `az` writes it, Terraform, Bicep.
//!
//! A form is a list of [`File`]s. What it cannot hold, and what it asks its
//! reader to fill in, is counted in [`Losses`], so that whoever writes the files
//! can tell; nothing goes unsaid, and nothing that the estate does not state is
//! made up. The `.estate` text and zone files are written by `source`; what they
//! lose is told here, too.

mod az;
mod bicep;
mod terraform;

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::estate::{
    Endpoint, Estate, Extent, Link, Policy, RecordSet, ResourceId, Vnet, VnetId, Zone,
};
use crate::name::NameId;
use crate::record::{RecordData, RecordType, Soa, Strings};

pub use az::az;
pub use bicep::bicep;
pub(super) use terraform::quote;
pub use terraform::{Azurerm, terraform};

/// One file of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The path below the directory of the form, with `/` between its parts.
    pub path: String,
    /// What it holds.
    pub text: String,
}

/// What a form does not hold, by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// By the reason and what it is about: one and many of it, and how many there are.
    counts: BTreeMap<(String, &'static str), (&'static str, usize)>,
}

impl Losses {
    fn add(&mut self, count: usize, one: &'static str, many: &'static str, why: &str) {
        if count > 0 {
            self.counts.entry((why.to_owned(), one)).or_insert((many, 0)).1 += count;
        }
    }

    /// One line a kind: `3 links: a zone file holds none`.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.counts.iter().map(|((why, one), (many, count))| {
            let what = if *count == 1 { one } else { many };
            format!("{count} {what}: {why}")
        })
    }
}

/// What the `.estate` text does not hold.
pub fn estate_losses(estate: &Estate) -> Losses {
    let mut losses = Losses::default();
    remarks(estate, &mut losses);
    let other = |state: &&String| !state.eq_ignore_ascii_case("InProgress");
    let states = links(estate).filter(|link| link.pending.as_ref().filter(other).is_some());
    let why = "said to be pending, without the state's name";
    losses.add(states.count(), "link", "links", why);
    let empty = sets(estate).filter(|set| is_empty(set) && set.ttl.is_some());
    let why = "without a TTL, for want of records";
    losses.add(empty.count(), "record set", "record sets", why);
    let why = "said to be partial, without how much there is";
    let counted = |zone: &&Zone| {
        let links = zone.links.len() as u32;
        !is_whole(zone) && zone.declared_record_sets.is_some()
            // One more than there are is what the text says itself.
            || zone.declared_links.is_some_and(|declared| declared > links + 1)
    };
    losses.add(estate.zones.iter().filter(counted).count(), "zone", "zones", why);
    losses
}

/// Whether a zone file of the zone would hold anything.
pub fn has_zone_file(zone: &Zone) -> bool {
    zone.record_sets.iter().any(|set| !is_empty(set))
}

/// What zone files do not hold.
pub fn zone_file_losses(estate: &Estate) -> Losses {
    let mut losses = Losses::default();
    remarks(estate, &mut losses);
    outside(estate, &mut losses, "a zone file holds none");
    losses.add(links(estate).count(), "link", "links", "a zone file holds none");
    let without = estate.zones.iter().filter(|zone| !has_zone_file(zone)).count();
    losses.add(without, "zone", "zones", "left out, for want of records");
    let written = || estate.zones.iter().filter(|zone| has_zone_file(zone));
    let ids = written().filter(|zone| zone.id.is_some()).count();
    losses.add(ids, "resource id", "resource ids", "a zone file names the resource group only");
    let why = "known in part only, which a zone file cannot say";
    losses.add(written().filter(|zone| !is_whole(zone)).count(), "zone", "zones", why);
    let no_soa = written().filter(|zone| is_whole(zone) && soa(zone).is_none()).count();
    losses.add(no_soa, "zone", "zones", "read back as partial, for want of a SOA record");
    let marked = sets(estate).filter(|set| set.registered || set.creator.is_some()).count();
    let why = "a zone file cannot say what is registered, or who made it";
    losses.add(marked, "mark of a record set", "marks of record sets", why);
    let empty = sets(estate).filter(|set| is_empty(set)).count();
    losses.add(empty, "record set", "record sets", "written as a comment, for want of records");
    let no_ttl = sets(estate).filter(|set| set.ttl.is_none() && !is_empty(set)).count();
    losses.add(no_ttl, "record set", "record sets", "with the TTL of the file, for want of an own");
    losses
}

/// The names of the zones' files without an ending, in the order of the zones.
///
/// Where zones share an apex, each gets its resource group.
pub fn zone_files(estate: &Estate) -> Vec<String> {
    let mut apexes: HashMap<NameId, usize> = HashMap::new();
    for zone in &estate.zones {
        *apexes.entry(zone.apex).or_default() += 1;
    }
    let mut taken = Taken::default();
    let name = |zone: &Zone| {
        let apex = estate.names.show(zone.apex).to_string();
        match &zone.group {
            Some(group) if apexes.get(&zone.apex).is_some_and(|&count| count > 1) => {
                taken.take(file_name(&format!("{apex}.{group}")), ".")
            }
            _ => taken.take(file_name(&apex), "."),
        }
    };
    estate.zones.iter().map(name).collect()
}

/// A text as part of a path on any system.
fn file_name(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let name: String = text.chars().map(plain).take(200).collect();
    match name.trim_matches('.') {
        "" => "root".to_owned(),
        name => name.to_owned(),
    }
}

/// Names that are in use, without regard to case.
#[derive(Default)]
struct Taken {
    names: HashSet<String>,
    /// By name: the last number that was put behind it.
    last: HashMap<String, usize>,
}

impl Taken {
    /// The name, with a number behind it where it is taken.
    fn take(&mut self, name: String, divider: &str) -> String {
        let key = name.to_ascii_lowercase();
        if self.names.insert(key.clone()) {
            return name;
        }
        let number = self.last.entry(key.clone()).or_insert(1);
        loop {
            *number += 1;
            if self.names.insert(format!("{key}{divider}{number}")) {
                return format!("{name}{divider}{number}");
            }
        }
    }
}

/// A name for a resource in a program: letters, digits and `_`, not starting with a digit.
fn identifier(parts: &[&str], taken: &mut Taken) -> String {
    let mut name = String::new();
    for part in parts {
        if !name.is_empty() {
            name.push('_');
        }
        match *part {
            "@" => name.push_str("apex"),
            part => {
                for character in part.chars() {
                    match character {
                        '*' => name.push_str("wildcard"),
                        c if c.is_ascii_alphanumeric() => name.push(c.to_ascii_lowercase()),
                        _ => name.push('_'),
                    }
                }
            }
        }
    }
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name.insert(0, '_');
    }
    name.truncate(200);
    taken.take(name, "_")
}

fn links(estate: &Estate) -> impl Iterator<Item = &Link> {
    estate.zones.iter().flat_map(|zone| &zone.links)
}

fn sets(estate: &Estate) -> impl Iterator<Item = &RecordSet> {
    estate.zones.iter().flat_map(|zone| &zone.record_sets)
}

fn is_empty(set: &RecordSet) -> bool {
    matches!(set.data, RecordData::Empty(_))
}

/// Whether all record sets of the zone are here.
fn is_whole(zone: &Zone) -> bool {
    zone.extent() == Extent::Whole && zone.unread.is_empty()
}

/// Whether something else refers to the zone, and nothing is known of it.
fn is_mention(zone: &Zone) -> bool {
    zone.record_sets.is_empty()
        && zone.links.is_empty()
        && zone.extent() == Extent::Unknown
        && zone.links_extent() == Extent::Unknown
}

fn partial(estate: &Estate) -> usize {
    let whole = |zone: &&Zone| is_whole(zone) && zone.links_extent() == Extent::Whole;
    estate.zones.iter().filter(|zone| !whole(zone)).count()
}

fn soa(zone: &Zone) -> Option<(&RecordSet, &Soa)> {
    zone.record_sets.iter().find_map(|set| match &set.data {
        RecordData::Soa(soa) => Some((set, &**soa)),
        _ => None,
    })
}

/// The SOA set, unless it is the one that Azure gives new zones, as exports show it.
///
/// Older zones have a minimum of 300, which a zone made anew would not get.
fn own_soa<'e>(estate: &Estate, zone: &'e Zone) -> Option<(&'e RecordSet, &'e Soa)> {
    soa(zone).filter(|(set, soa)| {
        let times = (soa.refresh, soa.retry, soa.expire, soa.minimum);
        estate.names.show(soa.mailbox).to_string() != "azureprivatedns-host.microsoft.com"
            || times != (3600, 300, 2_419_200, 10)
            || set.ttl.is_some_and(|ttl| ttl.seconds() != 3600)
    })
}

/// What no form can hold: what was said of the inputs.
fn remarks(estate: &Estate, losses: &mut Losses) {
    let why = "left behind; `privdns check` on the input tells it";
    losses.add(estate.notes.len(), "remark on the input", "remarks on the input", why);
}

/// What is neither zone, record set nor link.
fn outside(estate: &Estate, losses: &mut Losses, why: &str) {
    losses.add(estate.vnets.len(), "virtual network", "virtual networks", why);
    losses.add(estate.endpoints.len(), "private endpoint", "private endpoints", why);
    losses.add(estate.inbound.len(), "inbound endpoint", "inbound endpoints", why);
    losses.add(estate.rulesets.len(), "ruleset", "rulesets", why);
    losses.add(estate.servers.len(), "DNS server", "DNS servers", why);
    losses.add(estate.interfaces.len(), "network interface", "network interfaces", why);
    losses.add(estate.policies.len(), "DNS security policy", "DNS security policies", why);
    losses.add(estate.domain_lists.len(), "domain list", "domain lists", why);
    losses.add(estate.resources.len(), "resource", "resources", why);
    losses.add(estate.public.len(), "fact of public DNS", "facts of public DNS", why);
}

/// What programs that make zones, record sets and links do not hold, whichever they are;
/// `asks` says how they get what is not stated, `holds` which record sets they have.
fn program_losses(estate: &Estate, asks: &str, holds: fn(&RecordSet) -> bool, losses: &mut Losses) {
    remarks(estate, losses);
    outside(estate, losses, "left out; this form has zones, record sets and links");
    let zones = || estate.zones.iter().filter(|zone| !is_mention(zone));
    let mentions = estate.zones.len() - zones().count();
    losses.add(
        mentions,
        "zone",
        "zones",
        "left out; mentioned by something else, and not known otherwise",
    );
    losses.add(partial(estate) - mentions, "zone", "zones", "known in part only");
    let no_group = zones().filter(|zone| group(zone).is_none()).count();
    losses.add(no_group, "zone", "zones", &format!("without a resource group; {asks}"));
    let no_id = zones().filter(|zone| zone.id.is_none()).count();
    losses.add(no_id, "zone", "zones", "without a resource id");
    let kept = || sets(estate).filter(|set| set.data.record_type() != RecordType::Soa);
    let registered = kept().filter(|set| set.registered).count();
    let why = "left out; virtual machines register these";
    losses.add(registered, "record set", "record sets", why);
    let kept = || kept().filter(|set| !set.registered && holds(set));
    let no_ttl = kept().filter(|set| set.ttl.is_none()).count();
    losses.add(no_ttl, "record set", "record sets", &format!("without a TTL; {asks}"));
    let made = kept().filter(|set| set.creator.is_some()).count();
    let why = "kept by private endpoints; take out what a zone group keeps";
    losses.add(made, "record set", "record sets", why);
    let unread = estate.zones.iter().map(|zone| zone.unread.len()).sum();
    losses.add(unread, "owner", "owners", "with a record set that could not be read");
    let policy = links(estate).filter(|link| link.policy == Policy::Unstated).count();
    losses.add(policy, "link", "links", "written without a policy, since none is stated");
    let pending = links(estate).filter(|link| link.pending.is_some()).count();
    losses.add(pending, "link", "links", "pending, which only the service can say");
    let hosts = zones().filter_map(soa).filter(|(_, soa)| {
        estate.names.show(soa.host).to_string() != "azureprivatedns.net" || soa.serial != 1
    });
    let why = "without host and serial number, which the service keeps";
    losses.add(hosts.count(), "SOA record", "SOA records", why);
    let odd = kept().filter(|set| !is_text(&set.data)).count();
    losses.add(odd, "TXT record set", "TXT record sets", NO_TEXT);
}

const NO_TEXT: &str = "with octets that are no UTF-8, replaced by U+FFFD";

fn is_text(data: &RecordData) -> bool {
    let RecordData::Txt(records) = data else { return true };
    records.iter().flatten().all(|string| std::str::from_utf8(string).is_ok())
}

fn texts(strings: &Strings) -> impl Iterator<Item = String> {
    strings.iter().map(|string| String::from_utf8_lossy(string).into_owned())
}

/// The resource group of a zone.
fn group(zone: &Zone) -> Option<&str> {
    zone.id.as_ref().and_then(ResourceId::resource_group).or(zone.group.as_deref())
}

/// The resource group of a network.
fn vnet_group(vnet: &Vnet) -> Option<&str> {
    vnet.id.as_ref().and_then(ResourceId::resource_group).or(vnet.group.as_deref())
}

/// The network of an endpoint, where it has an id.
fn vnet_id(estate: &Estate, vnet: VnetId) -> Option<&ResourceId> {
    estate.vnet(vnet).id.as_ref()
}

fn endpoint_vnet<'e>(estate: &'e Estate, endpoint: &Endpoint) -> Option<&'e ResourceId> {
    endpoint.vnet.and_then(|vnet| vnet_id(estate, vnet))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_and_unlike_each_other() {
        let mut taken = Taken::default();
        let names: Vec<String> = [
            &["corp.internal", "*", "a"][..],
            &["corp.internal", "@", "a"],
            &["corp-internal", "@", "a"],
            &["corp-internal", "@", "a"],
            &["10.in-addr.arpa"],
            &["é\\032"],
        ]
        .iter()
        .map(|parts| identifier(parts, &mut taken))
        .collect();
        assert_eq!(
            names,
            [
                "corp_internal_wildcard_a",
                "corp_internal_apex_a",
                "corp_internal_apex_a_2",
                "corp_internal_apex_a_3",
                "_10_in_addr_arpa",
                "___032",
            ]
        );
        assert_eq!(file_name("../a/b\\032.c"), "_a_b_032.c");
        assert_eq!(file_name("."), "root");
    }
}

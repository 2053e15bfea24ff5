//! Two estates that are to become one, such as those of two companies that merge: what
//! clashes, and what each side's clients get for the other's names, today and afterwards.
//!
//! The estates stay apart. *Today*, one side knows of the other only what public DNS says:
//! which of its resources have a private endpoint. *After*, each side's zones hold the records
//! of both; a zone that only the other side has is linked to all networks of this one. Where
//! both have other data for one owner, each side keeps its own.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use ipnet::IpNet;

use super::comparison::{Advice, compare};
use crate::estate::{
    Estate, Extent, Link, Origin, Policy, PublicData, PublicFact, RecordSet, VnetId, Zone, ZoneId,
};
use crate::index::{Index, Settings, View};
use crate::name::{Name, NameId};
use crate::record::RecordType;
use crate::resolve::{Decider, Gap, Outcome, Reach, resolve};

/// What two estates mean for each other.
pub struct Together {
    /// Apexes that both have, by name.
    pub shared: Vec<SharedApex>,
    /// A zone of one side (0 or 1) that lies below a zone of the other: child, its side, parent.
    pub nested: Vec<(String, usize, String)>,
    /// Networks of both whose address spaces overlap.
    pub overlaps: Vec<Overlap>,
    /// What was not read, so that not all is known, a sentence each with its side.
    pub doubts: Vec<(usize, String)>,
    /// What the clients of each side get.
    pub sides: [Side; 2],
}

/// An apex that both sides have a zone of.
pub struct SharedApex {
    /// Its name.
    pub apex: String,
    /// Whether both exports show one and the same zone, which then has no other side.
    pub one_zone: bool,
    /// How many record sets each side has, SOA apart.
    pub sets: [usize; 2],
    /// How many are the same on both.
    pub same: usize,
    /// Owners with other data on each side.
    pub clashes: Vec<Clash>,
}

/// An owner that has other data on each side, so that a merged zone can hold one only.
pub struct Clash {
    /// The owner.
    pub name: Name,
    /// Its data on each side.
    pub data: [String; 2],
    /// Where it stands.
    pub origins: [Origin; 2],
}

/// Two networks, one of each side, with addresses in common.
pub struct Overlap {
    /// The networks.
    pub vnets: [VnetId; 2],
    /// The prefixes.
    pub spaces: [IpNet; 2],
}

/// What the clients of one side get.
pub struct Side {
    /// How many names the other side has.
    pub names: usize,
    /// The other's names, by what this side's networks get for them.
    pub rows: Vec<Row>,
    /// Names of this side, or of nobody, that are lost or redirected by the merge.
    pub harmed: Vec<Harm>,
}

/// Names for which some networks get the same.
pub struct Row {
    /// The networks, of this side.
    pub vnets: Vec<VnetId>,
    /// Today.
    pub today: Gets,
    /// Once the zones are merged.
    pub after: Gets,
    /// The names.
    pub names: Vec<Name>,
}

/// A name that a merge takes from the clients of a side.
pub struct Harm {
    /// The name.
    pub name: Name,
    /// Whether it stands for all names below its parent that nobody lists.
    pub any_other: bool,
    /// The networks.
    pub vnets: Vec<VnetId>,
    /// Before and after.
    pub gets: [Gets; 2],
}

/// What a client gets, in short.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gets {
    /// `private`, `public`, `another host`, `NXDOMAIN` and so on.
    pub what: &'static str,
    /// The zone that decides an error.
    pub zone: Option<String>,
}

/// Lays two estates beside each other.
pub fn together(estates: [&Estate; 2], settings: &Settings) -> Together {
    let [one, two] = estates;
    Together {
        shared: shared(one, two),
        nested: [nested(one, two, 0), nested(two, one, 1)].concat(),
        overlaps: overlaps(one, two),
        doubts: estates.iter().enumerate().flat_map(|(side, own)| doubts(own, side)).collect(),
        sides: [side(one, two, settings), side(two, one, settings)],
    }
}

/// Whether an export of each side shows one and the same zone.
fn is_same(one: &Zone, two: &Zone) -> bool {
    one.id.is_some() && one.id == two.id
}

fn living(estate: &Estate) -> impl Iterator<Item = (ZoneId, &Zone)> {
    estate.zone_ids().filter(|(_, zone)| !zone.gone)
}

/// Record sets by owner and type, of the zones of an apex that are asked for.
type Sets<'e> = BTreeMap<(Name, RecordType), (&'e RecordSet, String)>;

fn sets<'e>(estate: &'e Estate, apex: &Name, zones: &dyn Fn(&Zone) -> bool) -> Sets<'e> {
    let of = |zone: &&Zone| estate.names.name(zone.apex) == *apex && zones(zone);
    let zones = living(estate).map(|(_, zone)| zone).filter(of);
    let sets = zones.flat_map(|zone| &zone.record_sets);
    let named = sets.filter(|set| set.data.record_type() != RecordType::Soa).map(|set| {
        let mut texts = set.data.texts(&estate.names);
        texts.sort_unstable();
        let key = (estate.names.name(set.owner), set.data.record_type());
        (key, (set, texts.join(" ")))
    });
    named.collect()
}

fn apexes(estate: &Estate) -> BTreeSet<Name> {
    living(estate).map(|(_, zone)| estate.names.name(zone.apex)).collect()
}

fn shared(one: &Estate, two: &Estate) -> Vec<SharedApex> {
    let others = apexes(two);
    let both = apexes(one).into_iter().filter(|apex| others.contains(apex));
    both.map(|apex| {
        // Of a zone that both exports show, neither side has other data.
        let shows =
            |estate: &Estate, zone: &Zone| estate.zones.iter().any(|own| is_same(zone, own));
        let mine = sets(one, &apex, &|zone| !shows(two, zone));
        let theirs = sets(two, &apex, &|zone| !shows(one, zone));
        let all = [one, two].map(|estate| sets(estate, &apex, &|_| true));
        let same = all[0]
            .iter()
            .filter(|(key, (_, data))| all[1].get(*key).is_some_and(|(_, other)| other == data));
        let mut shared = SharedApex {
            apex: apex.text(),
            one_zone: mine.is_empty()
                && theirs.is_empty()
                && living(one)
                    .any(|(_, zone)| one.names.name(zone.apex) == apex && shows(two, zone)),
            sets: [all[0].len(), all[1].len()],
            same: same.count(),
            clashes: Vec::new(),
        };
        for (key, (set, data)) in &mine {
            match theirs.get(key) {
                Some((_, other)) if other == data => {}
                Some((other, text)) => shared.clashes.push(clash(key, set, data, other, text)),
                None => shared.clashes.extend(beside_alias(key, set, data, &theirs)),
            }
        }
        shared
    })
    .collect()
}

/// Zones of which not all was read.
fn doubts(estate: &Estate, side: usize) -> impl Iterator<Item = (usize, String)> {
    let part = move |(id, zone): (ZoneId, &Zone)| {
        let records = zone.extent() != Extent::Whole || !zone.unread.is_empty();
        let links = zone.links_extent() != Extent::Whole;
        let what = match (records, links) {
            (true, true) => "records and links",
            (true, false) => "records",
            (false, true) => "links",
            (false, false) => return None,
        };
        let zone = estate.zone_label(id);
        Some((
            side,
            format!("not all {what} of `{zone}` were read: what its clients get is unknown"),
        ))
    };
    living(estate).filter_map(part)
}

fn clash(
    key: &(Name, RecordType),
    one: &RecordSet,
    data: &str,
    two: &RecordSet,
    other: &str,
) -> Clash {
    let kinds = [one.data.record_type(), two.data.record_type()];
    let data = [format!("{} {data}", kinds[0]), format!("{} {other}", kinds[1])];
    Clash { name: key.0.clone(), data, origins: [one.origin, two.origin] }
}

/// An alias on one side where the other has data: no zone can have both.
fn beside_alias(
    key: &(Name, RecordType),
    set: &RecordSet,
    data: &str,
    theirs: &Sets<'_>,
) -> Option<Clash> {
    let start = (key.0.clone(), RecordType::A);
    let mut here = theirs.range(start..).take_while(|(other, _)| other.0 == key.0);
    let (_, (other, text)) =
        here.find(|(other, _)| (key.1 == RecordType::Cname) != (other.1 == RecordType::Cname))?;
    Some(clash(key, set, data, other, text))
}

fn nested(one: &Estate, two: &Estate, side: usize) -> Vec<(String, usize, String)> {
    let (mine, theirs) = (apexes(one), apexes(two));
    let below = |child: &Name| {
        let parent = theirs
            .iter()
            .filter(|parent| *parent != child && child.is_at_or_below(parent))
            .max_by_key(|parent| parent.depth())?;
        Some((child.text(), side, parent.text()))
    };
    // What both have is told as shared.
    mine.iter().filter(|child| !theirs.contains(child)).filter_map(below).collect()
}

fn overlaps(one: &Estate, two: &Estate) -> Vec<Overlap> {
    let mut overlaps = Vec::new();
    for (mine, facts) in one.vnet_ids() {
        for (theirs, other) in two.vnet_ids() {
            // Both exports may show one network.
            if facts.id.is_some() && facts.id == other.id {
                continue;
            }
            let pairs =
                facts.space.iter().flat_map(|one| other.space.iter().map(move |two| (one, two)));
            let meet = |(one, two): &(&IpNet, &IpNet)| one.contains(*two) || two.contains(*one);
            overlaps.extend(
                pairs
                    .into_iter()
                    .find(meet)
                    .map(|(one, two)| Overlap { vnets: [mine, theirs], spaces: [*one, *two] }),
            );
        }
    }
    overlaps
}

/// Where a fact of the other estate stands, once its inputs are behind one's own.
fn moved(origin: Origin, offset: u32) -> Origin {
    let mut origin = origin;
    origin.input.0 += offset;
    origin
}

/// One's own estate, knowing what public DNS says of the other's.
fn beside(own: &Estate, other: &Estate) -> Estate {
    let mut estate = own.clone();
    let offset = estate.inputs.len() as u32;
    estate.inputs.extend(other.inputs.iter().cloned());
    let theirs = Index::new(other.clone());
    for service in theirs.services() {
        estate.public.push(PublicFact::Endpoint {
            name: theirs.estate().names.name(service.name).text(),
            service: None,
            present: true,
            origin: moved(origin_of(service.evidence, other), offset),
        });
    }
    for fact in &other.public {
        if let PublicFact::Recorded { name, data, origin } = fact {
            let name = estate.names.intern(&other.names.name(*name));
            let data = match data {
                PublicData::Records(data, ttl) => {
                    PublicData::Records(data.renamed(&other.names, &mut estate.names), *ttl)
                }
                other => other.clone(),
            };
            let origin = moved(*origin, offset);
            estate.public.push(PublicFact::Recorded { name, data, origin });
        }
    }
    estate
}

fn origin_of(evidence: crate::index::Evidence, estate: &Estate) -> Origin {
    use crate::index::Evidence;
    match evidence {
        Evidence::Stated(origin) | Evidence::Inferred(origin) => origin,
        Evidence::Always => {
            let first = estate.zones.first().map(|zone| zone.origin);
            first.unwrap_or(Origin { input: crate::estate::InputId(0), start: 0, length: 0 })
        }
    }
}

/// The estate once the other's zones are merged into its own.
fn merged(mut estate: Estate, own_inputs: usize, other: &Estate) -> Estate {
    let offset = own_inputs as u32;
    for (_, theirs) in living(other) {
        if estate.zones.iter().any(|zone| is_same(zone, theirs)) {
            continue;
        }
        let apex = estate.names.intern(&other.names.name(theirs.apex));
        let sets: Vec<RecordSet> = theirs
            .record_sets
            .iter()
            .filter(|set| set.data.record_type() != RecordType::Soa)
            .map(|set| RecordSet {
                owner: estate.names.intern(&other.names.name(set.owner)),
                data: set.data.renamed(&other.names, &mut estate.names),
                origin: moved(set.origin, offset),
                ..set.clone()
            })
            .collect();
        let whole = theirs.extent() == Extent::Whole;
        let mut own: Vec<usize> =
            (0..estate.zones.len()).filter(|&at| estate.zones[at].apex == apex).collect();
        if own.is_empty() {
            own.push(estate.zones.len());
            let links = estate.vnet_ids().filter(|(_, vnet)| !vnet.site);
            let origin = moved(theirs.origin, offset);
            let links: Vec<Link> = links.map(|(vnet, _)| link(vnet, origin)).collect();
            let zone = Zone { listed: true, links_listed: true, links, ..Zone::new(apex, origin) };
            estate.zones.push(zone);
        }
        for at in own {
            join(&mut estate.zones[at], &sets, whole);
        }
    }
    estate
}

fn link(vnet: VnetId, origin: Origin) -> Link {
    let (name, policy) = ("merged".to_owned(), Policy::Default);
    Link { name, vnet, registration: false, policy, pending: None, origin }
}

/// Adds the sets of owners that a zone lacks, or has in a way that bears them.
fn join(zone: &mut Zone, sets: &[RecordSet], whole: bool) {
    let mut there: BTreeMap<NameId, Vec<RecordType>> = BTreeMap::new();
    for set in &zone.record_sets {
        there.entry(set.owner).or_default().push(set.data.record_type());
    }
    for set in sets {
        let kind = set.data.record_type();
        let own = there.get(&set.owner).map_or(&[][..], Vec::as_slice);
        let alias = kind == RecordType::Cname || own.contains(&RecordType::Cname);
        if own.contains(&kind) || alias && !own.is_empty() {
            continue;
        }
        zone.record_sets.push(set.clone());
        if let Some(declared) = &mut zone.declared_record_sets {
            *declared += 1;
        }
    }
    zone.record_sets.sort_by_key(|set| (set.owner, set.data.record_type()));
    // What the other side's export lacks, nobody can say.
    zone.refused += u32::from(!whole);
}

/// The names that a side has addresses or aliases for, and those of its endpoints.
fn names_of(estate: &Estate, index: &Index) -> BTreeSet<Name> {
    let sets = living(estate).flat_map(|(_, zone)| &zone.record_sets).filter(|set| {
        matches!(set.data.record_type(), RecordType::A | RecordType::Aaaa | RecordType::Cname)
            && estate.names.label(set.owner) != b"*"
    });
    // Below a zone of Private Link clients ask for the public name.
    let aliases = index.services().iter().flat_map(|service| service.aliases.iter());
    let aliases: HashSet<&NameId> = aliases.collect();
    let asked = sets.map(|set| set.owner).filter(|owner| !aliases.contains(owner));
    let services = index.services().iter().map(|service| service.name);
    asked.chain(services).map(|name| index.estate().names.name(name)).collect()
}

fn side(own: &Estate, other: &Estate, settings: &Settings) -> Side {
    let today = Index::new(beside(own, other));
    let after = Index::new(merged(beside(own, other), own.inputs.len(), other));
    let theirs = Index::new(other.clone());
    let names = names_of(other, &theirs);
    let their_views = theirs.views(settings);
    let mut rows: BTreeMap<(Gets, Gets), BTreeMap<Vec<VnetId>, Vec<Name>>> = BTreeMap::new();
    let (old, new) = (today.views(settings), after.views(settings));
    for name in &names {
        let mut here: BTreeMap<(Gets, Gets), Vec<VnetId>> = BTreeMap::new();
        let there: Vec<_> = their_views.iter().filter_map(|view| data(view, name)).collect();
        let gets = |view: &View<'_>, name: &Name| told(gets(view, name), data(view, name), &there);
        for view in &old {
            let now = gets(view, name);
            for &vnet in view.vnets() {
                let Some(later) = new.iter().find(|view| view.vnets().contains(&vnet)) else {
                    continue;
                };
                here.entry((now.clone(), gets(later, name))).or_default().push(vnet);
            }
        }
        for (pair, mut vnets) in here {
            vnets.sort_unstable();
            rows.entry(pair).or_default().entry(vnets).or_default().push(name.clone());
        }
    }
    let rows = rows.into_iter().flat_map(|((today, after), groups)| {
        groups.into_iter().map(move |(vnets, names)| Row {
            vnets,
            today: today.clone(),
            after: after.clone(),
            names,
        })
    });
    Side {
        names: names.len(),
        rows: rows.collect(),
        harmed: harmed(&today, &after, &names, settings),
    }
}

/// What the merge takes from names that are not the other side's.
fn harmed(today: &Index, after: &Index, theirs: &BTreeSet<Name>, settings: &Settings) -> Vec<Harm> {
    let comparison = compare(today, after, settings);
    let worse = comparison.effects.iter().filter(|effect| {
        effect.record_type == RecordType::A
            && !theirs.contains(&effect.name)
            && !effect.on_the_way()
            && effect.advice() != Advice::Go
            && !effect.hides_public()
    });
    worse
        .map(|effect| Harm {
            name: effect.name.clone(),
            any_other: effect.class.any_other,
            vnets: effect.vnets.iter().map(|pair| pair.0).collect(),
            gets: [
                gets(&comparison.view_before(effect), &effect.name),
                gets(&comparison.view_after(effect), &effect.name),
            ],
        })
        .collect()
}

/// The addresses of a name, where it has some in a zone.
fn data(view: &View<'_>, name: &Name) -> Option<Vec<String>> {
    let index = view.index();
    let answer = resolve(view, &index.locate(name), RecordType::A, &mut ());
    let mut texts = index.set(answer.set?).data.texts(&index.estate().names);
    texts.sort_unstable();
    Some(texts)
}

/// Tells an answer that none of the other side's networks gets.
fn told(gets: Gets, data: Option<Vec<String>>, there: &[Vec<String>]) -> Gets {
    let other = data.is_some_and(|data| !there.is_empty() && !there.contains(&data));
    match (gets.what, other) {
        ("private", true) => Gets { what: OTHER_HOST, zone: None },
        _ => gets,
    }
}

/// A private answer that leads to something of one's own which has the other's name.
const OTHER_HOST: &str = "another host";

/// An answer that nobody can tell.
pub const UNKNOWN: &str = "unknown";

/// What a client gets for the address of a name.
fn gets(view: &View<'_>, name: &Name) -> Gets {
    let index = view.index();
    let answer = resolve(view, &index.locate(name), RecordType::A, &mut ());
    let zone = match answer.decider {
        Decider::Zone(zone) => Some(index.estate().zone_name(zone)),
        _ => None,
    };
    let (what, zone) = match answer.outcome {
        Outcome::NxDomain => ("NXDOMAIN", zone),
        Outcome::NoData => ("no data", zone),
        Outcome::Answered if answer.reach == Reach::Public => ("public", None),
        Outcome::Answered => ("private", None),
        Outcome::Public => ("public", None),
        Outcome::Unknown(Gap::PublicUnrecorded) => ("public DNS", None),
        Outcome::Unknown(_) => (UNKNOWN, None),
        other => (other.name(), zone),
    };
    Gets { what, zone }
}

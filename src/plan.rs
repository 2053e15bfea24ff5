//! What a change does to the answers: all of them, before and after.
//!
//! Names are infinite, their answers are not. For one network every question
//! behaves like one of these *classes*: a known name; any other name whose
//! closest known ancestor is a known name (only that, its wildcard and its zones
//! matter to it); any other name that fits a chain of the catalogue, with or
//! without a private endpoint. [`compare`] asks them all, so what it does not
//! list does not change.
//!
//! ```
//! use privdns::index::{Index, Settings};
//! use privdns::plan::{Verdict, compare};
//! # use privdns::{estate::{Assembly, Estate}, source::{self, Role}};
//! # fn load(text: &str) -> Estate {
//! #     let mut assembly = Assembly::default();
//! #     source::read("e", text.as_bytes(), None, Role::Estate, &mut assembly);
//! #     assembly.finish()
//! # }
//! let before = Index::new(load("vnet hub\nzone corp.internal link hub\n  nas A 10.0.0.7\n"));
//! let after = Index::new(load("vnet hub\nzone corp.internal\n  nas A 10.0.0.7\n"));
//! let comparison = compare(&before, &after, &Settings::default());
//! // `nas` is lost, and public DNS is asked for everything else below the zone.
//! assert!(comparison.effects.iter().any(|effect| effect.name.text() == "nas.corp.internal"));
//! ```

#![deny(clippy::disallowed_methods)]

pub mod batch;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::estate::{Estate, VnetId};
use crate::index::{Assumption, Index, Place, PublicAnswer, Settings, View, Views};
use crate::name::Name;
use crate::public::Catalogue;
use crate::record::{RecordData, RecordType};
use crate::resolve::{Actor, Answer, Asked, Outcome, Reach, Recorder, Said, resolve};

/// The label of a name that stands for all that are not known.
const ANY_OTHER: &str = "any-other-name";

/// What a change does to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// There was an answer, and there is none.
    Broken,
    /// The answer or the way to it is another one.
    Changed,
    /// One of the two is unknown.
    Unknown,
    /// There was no answer, and there is one.
    Fixed,
}

impl Verdict {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Broken => "broken",
            Verdict::Changed => "changed",
            Verdict::Unknown => "unknown",
            Verdict::Fixed => "fixed",
        }
    }
}

/// Which names an effect is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class {
    /// Every name below the parent of the one that is named, but for those that are
    /// known; else that one name.
    pub any_other: bool,
    /// Of a resource that nobody lists: whether it has an approved private endpoint.
    pub endpoint: Option<bool>,
}

impl Class {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        if self.any_other { "any-other" } else { "name" }
    }
}

/// One answer that a change alters, for all networks that it alters alike.
#[derive(Clone, Debug)]
pub struct Effect {
    /// The name, or one that stands for its class.
    pub name: Name,
    /// Which names it is about.
    pub class: Class,
    /// The type asked for.
    pub record_type: RecordType,
    /// What becomes of the answer.
    pub verdict: Verdict,
    /// Whether a client that reached a private address ends public now.
    pub exposed: bool,
    /// Whether there was an answer before.
    pub answered: bool,
    /// The networks, as in the estates before and after.
    pub vnets: Vec<(VnetId, VnetId)>,
    /// The places of the views in [`Comparison::before`] and [`Comparison::after`].
    pub views: (usize, usize),
}

/// Whether a step may be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Advice {
    /// No name loses its answer.
    Go,
    /// Names that nobody lists lose it; or a known name leaves its private address for
    /// a public one, or an answer that was known becomes unknown.
    Look,
    /// A known name loses its answer.
    Stop,
}

impl Advice {
    /// The word, and what it means.
    pub fn describe(self) -> &'static str {
        match self {
            Advice::Go => "GO",
            Advice::Look => {
                "LOOK: unlisted names are lost, or a known one ends public or becomes unknown"
            }
            Advice::Stop => "STOP: a known name is lost",
        }
    }
}

/// Two estates compared.
pub struct Comparison<'i> {
    /// The views before.
    pub before: Views<'i>,
    /// The views after.
    pub after: Views<'i>,
    /// Worst first.
    pub effects: Vec<Effect>,
    /// How many networks were compared.
    pub vnets: usize,
    /// How many classes of names were asked for in each, with each type.
    pub classes: usize,
    /// Networks that only one of the estates has.
    pub unmatched: Vec<String>,
}

impl Comparison<'_> {
    /// Whether one may go on.
    pub fn advice(&self) -> Advice {
        // That an alias is gone shows in what is asked through it.
        let effects = || self.effects.iter().filter(|e| e.record_type != RecordType::Cname);
        // A name that is known only as part of longer ones is nobody's resource.
        let listed = |effect: &Effect| !effect.class.any_other && effect.class.endpoint.is_none();
        let broken = |effect: &Effect| effect.verdict == Verdict::Broken;
        if effects().any(|effect| broken(effect) && listed(effect)) {
            return Advice::Stop;
        }
        let looked_at = |effect: &Effect| {
            let unknown = effect.verdict == Verdict::Unknown && effect.answered;
            let address = effect.record_type == RecordType::A;
            broken(effect) || (listed(effect) && address && (effect.exposed || unknown))
        };
        if effects().any(looked_at) { Advice::Look } else { Advice::Go }
    }

    /// The view that an effect is seen in before, under its class's assumption.
    pub fn view_before(&self, effect: &Effect) -> View<'_> {
        assume(&self.before[effect.views.0], effect.class.endpoint)
    }

    /// The same after.
    pub fn view_after(&self, effect: &Effect) -> View<'_> {
        assume(&self.after[effect.views.1], effect.class.endpoint)
    }
}

/// The view where unlisted resources are taken to have an endpoint, or to have none.
fn assume<'i>(view: &View<'i>, endpoint: Option<bool>) -> View<'i> {
    let Some(endpoint) = endpoint else { return view.clone() };
    let mut settings = *view.settings();
    let value = if endpoint { "present" } else { "absent" };
    // The value is one of the table's, so this cannot fail.
    let _ = settings.set(&format!("{}={value}", Assumption::UnlistedEndpoint));
    view.under(&settings)
}

/// Compares the answers to every question, in every network that both have.
pub fn compare<'i>(before: &'i Index, after: &'i Index, settings: &Settings) -> Comparison<'i> {
    let (old_views, new_views) = (before.views(settings), after.views(settings));
    let (matched, unmatched) = match_vnets(before.estate(), after.estate());
    let place = |views: &Views<'_>, vnet: VnetId| {
        views.iter().position(|view| view.vnets().contains(&vnet)).unwrap_or(0)
    };
    // By the views: networks that see the same before and after are asked once.
    let mut pairs: BTreeMap<(usize, usize), Vec<(VnetId, VnetId)>> = BTreeMap::new();
    for &(old, new) in &matched {
        pairs.entry((place(&old_views, old), place(&new_views, new))).or_default().push((old, new));
    }
    let names = classes(before, after);
    let types = types(before.estate(), after.estate());
    let mut effects: BTreeMap<EffectKey, Effect> = BTreeMap::new();
    let mut counted = BTreeSet::new();
    for (&views, vnets) in &pairs {
        let pair = (&old_views[views.0], &new_views[views.1]);
        let ways_seen = [None, Some(true), Some(false)]
            .map(|endpoint| (endpoint, assume(pair.0, endpoint), assume(pair.1, endpoint)));
        for (at, (name, known)) in names.iter().enumerate() {
            let (old, new) = (before.locate(name), after.locate(name));
            let open = is_open(pair.0, &old) || is_open(pair.1, &new);
            for (endpoint, old_view, new_view) in &ways_seen {
                if endpoint.is_some() != open {
                    continue;
                }
                let class = Class { any_other: !known, endpoint: *endpoint };
                counted.insert((at, class));
                for &record_type in &types {
                    let (seen, digest) = ask(old_view, &old, record_type);
                    let (then, other) = ask(new_view, &new, record_type);
                    if digest == other {
                        continue;
                    }
                    let key = (name.clone(), class, record_type, digest, other);
                    let effect = effects.entry(key).or_insert_with(|| Effect {
                        name: name.clone(),
                        class,
                        record_type,
                        verdict: verdict(record_type, &seen, &then),
                        exposed: is_address(record_type)
                            && seen.reach == Reach::Private
                            && then.reach == Reach::Public,
                        answered: matches!(seen.outcome, Outcome::Answered | Outcome::Public),
                        vnets: Vec::new(),
                        views,
                    });
                    effect.vnets.extend(vnets);
                }
            }
        }
    }
    let mut effects: Vec<Effect> = effects.into_values().collect();
    effects.sort_by(|a, b| {
        let key = |e: &Effect| (e.verdict, !e.exposed, e.class, e.name.clone(), e.record_type);
        key(a).cmp(&key(b))
    });
    let (vnets, classes) = (matched.len(), counted.len());
    Comparison { before: old_views, after: new_views, effects, vnets, classes, unmatched }
}

/// What an effect is told apart by: the question, and the two answers' digests.
type EffectKey = (Name, Class, RecordType, u64, u64);

/// The networks that are in both estates, by id or else by name.
fn match_vnets(before: &Estate, after: &Estate) -> (Vec<(VnetId, VnetId)>, Vec<String>) {
    let key = |estate: &Estate, id: VnetId| {
        let vnet = estate.vnet(id);
        vnet.id.as_ref().map_or_else(|| vnet.qualified().to_lowercase(), |id| id.key())
    };
    let new: BTreeMap<String, VnetId> =
        after.vnet_ids().map(|(id, _)| (key(after, id), id)).collect();
    let mut taken = HashSet::new();
    let mut matched = Vec::new();
    let mut unmatched = Vec::new();
    for (old, vnet) in before.vnet_ids() {
        // An export may know the id, and the other one the name only.
        let by_name = || {
            let mut same = after.vnet_ids().filter(|(_, other)| other.name == vnet.name);
            same.next().filter(|_| same.next().is_none()).map(|(id, _)| id)
        };
        match new.get(&key(before, old)).copied().or_else(by_name) {
            Some(new) if taken.insert(new) => matched.push((old, new)),
            _ => unmatched.push(before.vnet_name(old)),
        }
    }
    let rest = after.vnet_ids().filter(|(id, _)| !taken.contains(id));
    unmatched.extend(rest.map(|(id, _)| after.vnet_name(id)));
    (matched, unmatched)
}

/// Every known name, one unknown name below each, and one for each way in which
/// a resource that nobody lists may meet a zone. The mark tells known ones.
fn classes(before: &Index, after: &Index) -> BTreeMap<Name, bool> {
    let mut known: HashSet<Name> = HashSet::new();
    for estate in [before.estate(), after.estate()] {
        known.extend(estate.names.ids().map(|id| estate.names.name(id)));
    }
    let mut names: BTreeMap<Name, bool> = BTreeMap::new();
    let other = |parent: &Name| {
        let mut label = ANY_OTHER.to_owned();
        loop {
            let labels = std::iter::once(label.as_bytes()).chain(parent.labels());
            let name = Name::from_labels(labels).ok()?;
            if !known.contains(&name) {
                return Some(name);
            }
            label.push('-');
        }
    };
    names.extend(known.iter().filter_map(other).map(|name| (name, false)));
    for estate in [before.estate(), after.estate()] {
        for zone in &estate.zones {
            let apex = estate.names.name(zone.apex);
            let others = Catalogue::get().other_names(&apex).into_iter();
            names.extend(others.filter(|name| !known.contains(name)).map(|name| (name, false)));
        }
    }
    names.extend(known.into_iter().map(|name| (name, true)));
    names
}

/// The types that tell anything apart: those that are recorded anywhere, and one
/// more of each kind, since a redirect covers some types only.
fn types(before: &Estate, after: &Estate) -> Vec<RecordType> {
    let mut types: BTreeSet<RecordType> =
        [RecordType::A, RecordType::Aaaa, RecordType::Cname, RecordType::Txt].into();
    for estate in [before, after] {
        let sets = estate.zones.iter().flat_map(|zone| &zone.record_sets);
        types.extend(sets.map(|set| set.data.record_type()));
    }
    types.into_iter().collect()
}

/// Whether nobody knows if the resource of a name has an endpoint: then both ways are
/// asked for.
fn is_open(view: &View<'_>, place: &Place) -> bool {
    matches!(view.index().public(place, RecordType::A), PublicAnswer::Either { .. })
}

fn verdict(record_type: RecordType, before: &Answer, after: &Answer) -> Verdict {
    let answers = |answer: &Answer| matches!(answer.outcome, Outcome::Answered | Outcome::Public);
    let unknown = |answer: &Answer| answer.outcome.is_unknown();
    match (answers(before), answers(after)) {
        _ if unknown(before) || unknown(after) => Verdict::Unknown,
        // Whether a public endpoint has an IPv6 address is not known, so it cannot be lost.
        (true, false) if record_type == RecordType::Aaaa && before.outcome == Outcome::Public => {
            Verdict::Changed
        }
        (true, false) => Verdict::Broken,
        (false, true) => Verdict::Fixed,
        _ => Verdict::Changed,
    }
}

/// An answer, and a digest of all that a client sees of it.
fn ask(view: &View<'_>, place: &Place, record_type: RecordType) -> (Answer, u64) {
    let mut digest = Digest { view, hasher: DefaultHasher::new() };
    let answer = resolve(view, place, record_type, &mut digest);
    answer.outcome.name().hash(&mut digest.hasher);
    if let Outcome::Forwarded(server) = answer.outcome {
        server.hash(&mut digest.hasher);
    }
    // Whose an alias or a text is does not matter to who asks for it.
    if is_address(record_type) {
        answer.reach.hash(&mut digest.hasher);
    }
    (answer, digest.hasher.finish())
}

fn is_address(record_type: RecordType) -> bool {
    matches!(record_type, RecordType::A | RecordType::Aaaa)
}

/// Takes in what a client sees: aliases and records, not who has them.
struct Digest<'v, 'i> {
    view: &'v View<'i>,
    hasher: DefaultHasher,
}

impl Digest<'_, '_> {
    fn records(&mut self, data: &RecordData) {
        data.texts(&self.view.index().estate().names).hash(&mut self.hasher);
    }
}

impl Recorder for Digest<'_, '_> {
    fn hop(&mut self, _: &Place, _: Actor, _: Asked, said: Said<'_>) {
        let index = self.view.index();
        match said {
            Said::Set(set) => self.records(&index.set(set).data),
            Said::Records(data) => self.records(data),
            Said::Alias(target, _) => index.name(&target).hash(&mut self.hasher),
            // What is told by the outcome.
            Said::NoData
            | Said::NxDomain
            | Said::Endpoint
            | Said::Loop
            | Said::Limit
            | Said::Forwarded(..)
            | Said::ForwardLoop
            | Said::Refused
            | Said::Unknown(_) => {}
        }
    }
}

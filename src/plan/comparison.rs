//! All answers of two estates, side by side.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::classes::{assume, classes, is_open, types};
use super::effect::{Class, Effect, Kind, Seen, is_address, kind};
use crate::estate::{Estate, VnetId};
use crate::index::{Index, Place, Settings, View, Views};
use crate::name::Name;
use crate::record::{RecordData, RecordType};
use crate::resolve::{Actor, Asked, Outcome, Reach, Recorder, Said, resolve};

/// Whether a step may be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Advice {
    /// No name loses its answer.
    Go,
    /// Names that nobody lists lose it; or a known name leaves its private address for
    /// a public or another one, an error turns public, or an answer that was known
    /// becomes unknown.
    Look,
    /// A known name loses its answer.
    Stop,
}

impl Advice {
    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Advice::Go => "GO",
            Advice::Look => "LOOK",
            Advice::Stop => "STOP",
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
    /// How many pairs of distinct views they make.
    pub views: usize,
    /// How many classes of names were asked for in each, with each type.
    pub classes: usize,
    /// Networks that only one of the estates has.
    pub unmatched: Vec<String>,
}

impl Comparison<'_> {
    /// Whether one may go on.
    pub fn advice(&self) -> Advice {
        self.effects.iter().map(Effect::advice).max().unwrap_or(Advice::Go)
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

impl Effect {
    /// Whether one may go on in spite of it.
    pub fn advice(&self) -> Advice {
        // That an alias is gone shows in what is asked through it.
        if self.record_type == RecordType::Cname {
            return Advice::Go;
        }
        let address = self.record_type == RecordType::A;
        match self.kind {
            // A public name on the way of a chain is no client's, and those whose chain leads
            // there are asked themselves.
            Kind::Lost if self.on_the_way() && !self.private => Advice::Look,
            Kind::Lost | Kind::Refused if self.listed() => Advice::Stop,
            Kind::Lost | Kind::Refused => Advice::Look,
            Kind::Exposed | Kind::Address | Kind::Masked if self.listed() && address => {
                Advice::Look
            }
            Kind::Unknown if self.listed() && address && self.answered => Advice::Look,
            _ => Advice::Go,
        }
    }
}

/// Compares the answers to every question, in every network that both have.
pub fn compare<'i>(before: &'i Index, after: &'i Index, settings: &Settings) -> Comparison<'i> {
    let (old_views, new_views) = (before.views(settings), after.views(settings));
    let (matched, unmatched) = match_vnets(before.estate(), after.estate());
    let (old_place, new_place) = (places(&old_views), places(&new_views));
    // By the views: networks that see the same before and after are asked once.
    let mut pairs: BTreeMap<(usize, usize), Vec<(VnetId, VnetId)>> = BTreeMap::new();
    for &(old, new) in &matched {
        pairs.entry((old_place[&old], new_place[&new])).or_default().push((old, new));
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
                    let seen = ask(old_view, &old, record_type);
                    let then = ask(new_view, &new, record_type);
                    let indexes = (before, after);
                    let Some(kind) = kind(record_type, name, indexes, &seen, &then) else {
                        continue;
                    };
                    let digests = [seen.data, seen.path, then.data, then.path];
                    let key = (name.clone(), class, record_type, kind, digests);
                    let effect = effects.entry(key).or_insert_with(|| Effect {
                        name: name.clone(),
                        class,
                        record_type,
                        kind,
                        answered: matches!(
                            seen.answer.outcome,
                            Outcome::Answered | Outcome::Public
                        ),
                        private: seen.answer.reach == Reach::Private,
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
        let key = |e: &Effect| (e.verdict(), e.kind, e.class, e.name.clone(), e.record_type);
        key(a).cmp(&key(b))
    });
    let (vnets, classes) = (matched.len(), counted.len());
    let views = pairs.len();
    Comparison { before: old_views, after: new_views, effects, vnets, views, classes, unmatched }
}

/// What an effect is told apart by: the question, and the digests of the two answers.
type EffectKey = (Name, Class, RecordType, Kind, [u64; 4]);

/// The view of each network, by its place.
fn places(views: &Views<'_>) -> HashMap<VnetId, usize> {
    let places = views.iter().enumerate();
    places.flat_map(|(at, view)| view.vnets().iter().map(move |&vnet| (vnet, at))).collect()
}

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

/// An answer, and what a client sees of it.
fn ask(view: &View<'_>, place: &Place, record_type: RecordType) -> Seen {
    let hasher = DefaultHasher::new;
    let mut digest = Digest { view, data: hasher(), path: hasher(), ttl: None };
    let answer = resolve(view, place, record_type, &mut digest);
    answer.outcome.name().hash(&mut digest.data);
    if let Outcome::Forwarded(server) = answer.outcome {
        server.hash(&mut digest.data);
    }
    // Whose an alias or a text is does not matter to who asks for it.
    if is_address(record_type) {
        answer.reach.hash(&mut digest.data);
    }
    Seen { answer, data: digest.data.finish(), path: digest.path.finish(), ttl: digest.ttl }
}

/// Takes in what a client sees: aliases and records, not who has them.
struct Digest<'v, 'i> {
    view: &'v View<'i>,
    data: DefaultHasher,
    path: DefaultHasher,
    ttl: Option<u32>,
}

impl Digest<'_, '_> {
    fn records(&mut self, data: &RecordData) {
        data.texts(&self.view.index().estate().names).hash(&mut self.data);
    }
}

impl Recorder for Digest<'_, '_> {
    fn hop(&mut self, _: &Place, _: Actor, _: Asked, said: Said<'_>) {
        let index = self.view.index();
        if let Said::Set(set) | Said::Alias(_, Some(set)) = &said
            && let Some(ttl) = index.set(*set).ttl
        {
            self.ttl = Some(self.ttl.map_or(ttl.seconds(), |known| known.min(ttl.seconds())));
        }
        match said {
            Said::Set(set) => self.records(&index.set(set).data),
            Said::Records(data) => self.records(data),
            Said::Alias(target, _) => index.name(&target).hash(&mut self.path),
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

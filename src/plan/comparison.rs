//! All answers of two estates, side by side.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::classes::{Classes, assume, is_open, is_reverse, types};
use super::clients::{Clients, match_clients};
use super::effect::{Class, Effect, Kind, Seen, is_address, kind};
use super::touched::{Touched, larger};
use crate::estate::Estate;
use crate::index::{Assumed, Assumption, Index, Place, Settings, View, Views};
use crate::name::Name;
use crate::record::{RecordData, RecordType};
use crate::resolve::{Actor, Asked, Gap, Outcome, Reach, Recorder, Said, resolve};

/// Whether a step may be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Advice {
    /// No name loses its answer.
    Go,
    /// Names that nobody lists lose it, or may; or a known name leaves its private address for
    /// a public or another one, an error turns public, or what comes of a known name is
    /// unknown, before or after, and it is not plain that it gets an answer.
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
    /// The views before: those of networks, then those of interfaces.
    pub before: Views<'i>,
    /// The views after.
    pub after: Views<'i>,
    /// Worst first.
    pub effects: Vec<Effect>,
    /// How many networks were compared.
    pub vnets: usize,
    /// How many interfaces with DNS servers of their own, which may see something else.
    pub interfaces: usize,
    /// How many pairs of distinct views they make.
    pub views: usize,
    /// The types that were asked for.
    pub types: Vec<RecordType>,
    /// How many classes of names were asked for in each, with each type.
    pub classes: usize,
    /// The known names that the changes between two estates can reach; `None` where the two
    /// were read apart, so that all were asked.
    pub reached: Option<Vec<Name>>,
    /// Networks, and interfaces with servers of their own, that only one of the estates has.
    pub unmatched: Vec<String>,
}

impl Comparison<'_> {
    /// Whether one may go on.
    pub fn advice(&self) -> Advice {
        self.effects.iter().map(Effect::advice).max().unwrap_or(Advice::Go)
    }

    /// Marks answers that are lost here and that an earlier step, of which `first` compares the
    /// first one, made public: clients had none before the plan either.
    pub(super) fn mark_gaps(&mut self, first: &Comparison<'_>) {
        for effect in &mut self.effects {
            effect.in_gap = effect.kind == Kind::Lost
                && effect.before == Outcome::Public
                && !effect.private
                && first.has_no_answer(effect);
        }
        sort(&mut self.effects);
    }

    /// Whether no client of an effect has an answer before.
    fn has_no_answer(&self, effect: &Effect) -> bool {
        let networks = &self.before[..self.network_views()];
        let none = |view: &View<'_>| {
            let view = assume(view, effect.class.endpoint);
            let place = view.index().locate(&effect.name);
            let outcome = resolve(&view, &place, effect.record_type, &mut ()).outcome;
            matches!(outcome, Outcome::NxDomain | Outcome::NoData)
        };
        let view_of = |vnet| networks.iter().find(|view| view.vnets().contains(&vnet));
        let by_network = effect.vnets.iter().all(|pair| view_of(pair.0).is_some_and(&none));
        if effect.interfaces.is_empty() {
            return by_network;
        }
        effect.interfaces.iter().all(|pair| {
            let Some(view) = networks.first() else { return false };
            let interface = &view.index().estate().interfaces[pair.0 as usize];
            let view = interface.vnet.and_then(view_of);
            view.is_some_and(|view| none(&view.of_interface(interface)))
        })
    }

    /// How many of the views before are of networks; those of interfaces follow.
    pub fn network_views(&self) -> usize {
        let mut seen = HashSet::new();
        let network =
            |view: &&View<'_>| view.vnets().first().is_some_and(|&vnet| seen.insert(vnet));
        self.before.iter().take_while(network).count()
    }

    /// The view that an effect is seen in before, under its class's assumption.
    pub fn view_before(&self, effect: &Effect) -> View<'_> {
        assume(&self.before[effect.views.0], effect.class.endpoint).of(effect.vnets[0].0)
    }

    /// The same after.
    pub fn view_after(&self, effect: &Effect) -> View<'_> {
        assume(&self.after[effect.views.1], effect.class.endpoint).of(effect.vnets[0].1)
    }
}

impl Effect {
    /// Whether a private answer gives way to public DNS, of which nothing is recorded.
    fn leaves_private(&self) -> bool {
        let public = matches!(self.after, Outcome::Unknown(Gap::PublicUnrecorded));
        self.private && public && !self.on_the_way()
    }

    /// Whether a name that clients ask for may lose an answer, since before or after is unknown.
    ///
    /// An apex or what else exists without an address is no client's.
    fn is_open_ended(&self) -> bool {
        let settled = matches!(self.after, Outcome::Answered | Outcome::Public | Outcome::NoData);
        !self.on_the_way() && !settled
    }

    /// Whether one may go on in spite of it.
    pub fn advice(&self) -> Advice {
        // That an alias is gone shows in what is asked through it.
        if self.record_type == RecordType::Cname {
            return Advice::Go;
        }
        let address = self.record_type == RecordType::A;
        match self.kind {
            // It ends as it began.
            Kind::Lost if self.in_gap => Advice::Go,
            // A public name on the way of a chain is no client's, and those whose chain leads
            // there are asked themselves.
            Kind::Lost if self.on_the_way() && !self.private => Advice::Look,
            Kind::Lost | Kind::Refused | Kind::Astray if self.listed() => Advice::Stop,
            Kind::Lost | Kind::Refused | Kind::Astray => Advice::Look,
            Kind::Exposed | Kind::Address | Kind::Masked if self.listed() && address => {
                Advice::Look
            }
            // Whatever public DNS has for the name: the private answer is lost.
            Kind::Unknown if self.listed() && address && self.leaves_private() => Advice::Stop,
            Kind::Unknown if self.listed() && address && self.answered => Advice::Look,
            Kind::Unknown if self.listed() && address && self.is_open_ended() => Advice::Look,
            Kind::Unknown if address && self.hides_public() => Advice::Look,
            _ => Advice::Go,
        }
    }
}

/// Compares the answers to every question, for all clients that both estates have.
pub fn compare<'i>(before: &'i Index, after: &'i Index, settings: &Settings) -> Comparison<'i> {
    let (mut old_views, mut new_views) = (before.views(settings), after.views(settings));
    let matched = match_clients(&mut old_views, &mut new_views);
    let touched = Touched::between(before, after);
    let some = touched.as_ref().map(|touched| {
        let mut classes = Classes::new(before, after, true);
        let names = &larger(before, after).estate().names;
        touched.names.iter().for_each(|&name| classes.add(&names.name(name)));
        Names::new(classes.finish())
    });
    let all = OnceCell::new();
    let rest_stays = forward_alike(before, after)
        && matched
            .clients
            .iter()
            .all(|clients| asks_alike((&old_views[clients.views.0], &new_views[clients.views.1])));
    let all = || all.get_or_init(|| Names::new(Classes::new(before, after, rest_stays).all()));
    let reached = touched.as_ref().map(|touched| {
        let names = &larger(before, after).estate().names;
        let mut reached: Vec<_> = touched.names.iter().copied().collect();
        reached.sort_unstable();
        reached.into_iter().map(|id| names.name(id)).collect()
    });
    let mut asking = Asking {
        indexes: (before, after),
        types: types(before, after),
        effects: BTreeMap::new(),
        counted: HashSet::new(),
    };
    for clients in &matched.clients {
        let pair = (&old_views[clients.views.0], &new_views[clients.views.1]);
        let names = match (&touched, &some) {
            (Some(touched), Some(some)) if forwards_alike(pair) => {
                if !touched.concerns(pair.0, pair.1) {
                    continue;
                }
                some
            }
            _ => all(),
        };
        asking.ask_all(pair, clients, &names.forward);
        if names.reverse.is_empty() {
            continue;
        }
        for clients in by_space(before.estate(), after.estate(), clients) {
            let first = clients.vnets[0];
            let pair = (&pair.0.of(first.0), &pair.1.of(first.1));
            asking.ask_all(pair, &clients, &names.reverse);
        }
    }
    let Asking { effects, counted, types, .. } = asking;
    let mut effects: Vec<Effect> = effects.into_values().collect();
    sort(&mut effects);
    Comparison {
        before: old_views,
        after: new_views,
        effects,
        vnets: matched.vnets.len(),
        interfaces: matched.interfaces,
        views: matched.clients.len(),
        classes: counted.len(),
        types,
        reached,
        unmatched: matched.unmatched,
    }
}

/// Worst first.
fn sort(effects: &mut [Effect]) {
    effects.sort_by_cached_key(|e| (e.verdict(), e.kind, e.class, e.name.clone(), e.record_type));
}

/// Classes of names: each name with whether it is a known one.
struct Names {
    forward: Vec<(Name, bool)>,
    reverse: Vec<(Name, bool)>,
}

impl Names {
    fn new(names: HashMap<Name, bool>) -> Names {
        let (reverse, forward) = names.into_iter().partition(|(name, _)| is_reverse(name));
        Names { forward, reverse }
    }
}

/// Whether rulesets, inbound endpoints and servers are the same in both, as far as that is
/// easily told: of them a plan changes rulesets only.
fn forward_alike(before: &Index, after: &Index) -> bool {
    let none = |index: &Index| {
        let Estate { rulesets, inbound, servers, .. } = index.estate();
        rulesets.is_empty() && inbound.is_empty() && servers.is_empty()
    };
    let ruled_alike = before.estate().rulesets == after.estate().rulesets;
    (before.is_akin(after) && ruled_alike) || (none(before) && none(after))
}

/// Whether the clients are under the same rules; the two are akin.
fn rules_alike((old, new): (&View<'_>, &View<'_>)) -> bool {
    (old.is_plain() && new.is_plain())
        || old.index().estate().rulesets == new.index().estate().rulesets
}

/// Whether the clients ask the same servers under the same rules; the two are akin.
pub(super) fn forwards_alike(pair: (&View<'_>, &View<'_>)) -> bool {
    asks_alike(pair) && rules_alike(pair)
}

/// Whether the clients ask the same servers before and after.
fn asks_alike((old, new): (&View<'_>, &View<'_>)) -> bool {
    (old.servers(), old.asked()) == (new.servers(), new.asked())
}

/// The same clients, by the address spaces of their networks: of built-in reverse names a
/// network has those of its own addresses only.
fn by_space(before: &Estate, after: &Estate, clients: &Clients) -> Vec<Clients> {
    let mut spaces: BTreeMap<_, Clients> = BTreeMap::new();
    for &(old, new) in &clients.vnets {
        let key = (&before.vnet(old).space, &after.vnet(new).space);
        let none = || Clients { vnets: Vec::new(), ..clients.clone() };
        spaces.entry(key).or_insert_with(none).vnets.push((old, new));
    }
    spaces.into_values().collect()
}

/// What an effect is told apart by: the question, the digests of the two answers, and
/// whether interfaces ask it or whole networks.
type EffectKey = (Name, Class, RecordType, Kind, [u64; 4], bool);

/// Asks before and after, and keeps what differs.
struct Asking<'i> {
    indexes: (&'i Index, &'i Index),
    types: Vec<RecordType>,
    effects: BTreeMap<EffectKey, Effect>,
    counted: HashSet<(Name, Class)>,
}

impl Asking<'_> {
    fn ask_all(&mut self, pair: (&View<'_>, &View<'_>), clients: &Clients, names: &[(Name, bool)]) {
        let ways_seen = [None, Some(true), Some(false)]
            .map(|endpoint| (endpoint, assume(pair.0, endpoint), assume(pair.1, endpoint)));
        for (name, known) in names {
            let places = (self.indexes.0.locate(name), self.indexes.1.locate(name));
            let open = is_open(pair.0, &places.0) || is_open(pair.1, &places.1);
            for (endpoint, old, new) in &ways_seen {
                if endpoint.is_some() != open {
                    continue;
                }
                let class = Class { any_other: !known, endpoint: *endpoint };
                self.counted.insert((name.clone(), class));
                self.ask((old, new), clients, (name, class), &places);
            }
        }
    }

    fn ask(
        &mut self,
        (old, new): (&View<'_>, &View<'_>),
        clients: &Clients,
        (name, class): (&Name, Class),
        places: &(Place, Place),
    ) {
        for &record_type in &self.types {
            let seen = ask(old, &places.0, record_type);
            let then = ask(new, &places.1, record_type);
            let Some(kind) = kind(record_type, name, self.indexes, &seen, &then) else { continue };
            let digests = [seen.data, seen.path, then.data, then.path];
            let by_interface = !clients.interfaces.is_empty();
            let key = (name.clone(), class, record_type, kind, digests, by_interface);
            let effect = self.effects.entry(key).or_insert_with(|| Effect {
                name: name.clone(),
                class,
                record_type,
                kind,
                answered: matches!(seen.answer.outcome, Outcome::Answered | Outcome::Public),
                private: seen.answer.reach == Reach::Private,
                before: seen.answer.outcome,
                after: then.answer.outcome,
                in_gap: false,
                assumed: Assumed::default(),
                vnets: Vec::new(),
                interfaces: Vec::new(),
                views: clients.views,
            });
            let mut assumed = seen.answer.assumed.differing(then.answer.assumed);
            // Both ways are asked for, and the class says which one it is.
            if class.endpoint.is_some() {
                assumed.remove(Assumption::UnlistedEndpoint);
            }
            effect.assumed.join(assumed);
            effect.vnets.extend(&clients.vnets);
            effect.interfaces.extend(&clients.interfaces);
        }
    }
}

/// An answer, and what a client sees of it.
fn ask(view: &View<'_>, place: &Place, record_type: RecordType) -> Seen {
    let hasher = DefaultHasher::new;
    let mut digest = Digest { view, data: hasher(), path: hasher(), ttl: None };
    let answer = resolve(view, place, record_type, &mut digest);
    answer.outcome.name().hash(&mut digest.data);
    match answer.outcome {
        Outcome::Forwarded(server) => server.hash(&mut digest.data),
        // What is unknown may be something else when it ends elsewhere.
        Outcome::Unknown(gap) => hash_gap(view.index(), gap, &mut digest.data),
        _ => {}
    }
    // Whose an alias or a text is does not matter to who asks for it.
    if is_address(record_type) {
        answer.reach.hash(&mut digest.data);
    }
    Seen { answer, data: digest.data.finish(), path: digest.path.finish(), ttl: digest.ttl }
}

/// Where an unknown answer would come from; ids differ from estate to estate.
fn hash_gap(index: &Index, gap: Gap, hasher: &mut DefaultHasher) {
    match gap {
        Gap::PublicUnrecorded | Gap::EndpointUnknown => std::mem::discriminant(&gap).hash(hasher),
        _ => gap.explain(index, "").hash(hasher),
    }
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
            // What came of it before is not told to the client.
            Said::Blocked(_) => self.data = DefaultHasher::new(),
            // What is told by the outcome.
            Said::NoData
            | Said::NxDomain
            | Said::Endpoint
            | Said::Loop
            | Said::Limit
            | Said::Forwarded(..)
            | Said::ForwardLoop
            | Said::Refused
            | Said::Permitted
            | Said::Unknown(_) => {}
        }
    }
}

//! Steps that are only taken if nobody who is known loses by them.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::clients::{Clients, InterfacePair, VnetPair, by_interface};
use super::comparison::forwards_alike;
use super::step::Step;
use super::touched::Touched;
use crate::estate::{Change, Estate, Interface, RulesetEdit, VnetId, ZoneId};
use crate::index::{Index, Place, PublicAnswer, Settings, View, Views};
use crate::name::{Name, NameId};
use crate::record::RecordType;
use crate::resolve::{Answer, Outcome, Reach, resolve};

/// How many names a refusal shows.
const SHOWN: usize = 3;

/// A plan for a move.
#[derive(Debug)]
pub struct Migration {
    /// The estate, with the names that the steps use.
    pub estate: Estate,
    /// How things stand, a sentence each.
    pub facts: Vec<String>,
    /// In order.
    pub steps: Vec<Step>,
    /// What has to be decided or made by hand first, a sentence each.
    pub open: Vec<String>,
}

/// A plan in the making.
pub(super) struct Planner<'s> {
    settings: &'s Settings,
    /// The estate as the steps so far leave it.
    pub after: Estate,
    /// The same, compiled as it was when the last step was taken: it may lack names that the
    /// next one mentions.
    now: Index,
    /// The zones that move: what they have at names that no chain leads to is nobody's loss.
    pub moving: Vec<Name>,
    pub facts: Vec<String>,
    pub steps: Vec<Step>,
    pub open: Vec<String>,
}

impl<'s> Planner<'s> {
    pub fn new(estate: &Estate, settings: &'s Settings) -> Planner<'s> {
        let now = Index::new(estate.clone());
        let after = now.estate().clone();
        let (moving, facts, steps, open) = Default::default();
        Planner { settings, after, now, moving, facts, steps, open }
    }

    pub fn settings(&self) -> &'s Settings {
        self.settings
    }

    /// The plan for `estate`, from which it started.
    pub fn finish(self, estate: &Estate) -> Migration {
        let Planner { after, facts, steps, open, .. } = self;
        let estate = Estate { names: after.names, ..estate.clone() };
        Migration { estate, facts, steps, open }
    }

    /// Takes a step, whoever loses by it.
    pub fn push(&mut self, step: Step) -> bool {
        match self.tried(&step) {
            Ok(next) => {
                self.enter(next, step);
                true
            }
            Err(error) => self.refuse(&step, &error),
        }
    }

    /// Takes a step unless a name that somebody knows loses its answer or its private
    /// address by it; says so if it does.
    pub fn take(&mut self, step: Step) -> bool {
        let next = match self.tried(&step) {
            Ok(next) => next,
            Err(error) => return self.refuse(&step, &error),
        };
        let losses = self.losses(&next, &step.changes);
        if losses.is_empty() {
            self.enter(next, step);
            return true;
        }
        let shown = losses.iter().take(SHOWN).map(|(what, names)| {
            let (name, clients) = &names[0];
            let more = match names.len() - 1 {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            format!("`{}`{more} {what} in {}", name.text(), clients.join(", "))
        });
        let shown: Vec<String> = shown.collect();
        self.refuse(&step, &shown.join("; "))
    }

    fn tried(&self, step: &Step) -> Result<Index, String> {
        let next = self.now.after_with(&self.after.names, &step.changes);
        next.map_err(|error| error.to_string())
    }

    fn enter(&mut self, next: Index, step: Step) {
        self.after = next.estate().clone();
        self.now = next;
        self.steps.push(step);
    }

    fn refuse(&mut self, step: &Step, why: &str) -> bool {
        self.open.push(format!("`{}` is not planned: {why}", step.title));
        false
    }

    /// What known names lose, by what becomes of them.
    fn losses(
        &self,
        next: &Index,
        changes: &[Change],
    ) -> BTreeMap<&'static str, Vec<(Name, Vec<String>)>> {
        let (mut old, mut new) = (self.now.views(self.settings), next.views(self.settings));
        let touched = touched(self.now.estate(), changes);
        let reached = Touched::between(&self.now, next);
        let some = reached.as_ref().map(|reached| self.somebodys(reached.names.iter().copied()));
        let all = OnceCell::new();
        let all = || all.get_or_init(|| self.somebodys(self.now.estate().names.ids()));
        let mut losses: BTreeMap<&'static str, BTreeMap<Name, Vec<String>>> = BTreeMap::new();
        for clients in self.clients(&mut old, &mut new, next.estate()) {
            let (before, after) = (&old[clients.views.0], &new[clients.views.1]);
            let apart = before.is_plain() && after.is_plain();
            let meets =
                |touched: &[VnetId]| clients.vnets.iter().any(|(vnet, _)| touched.contains(vnet));
            if apart && touched.as_deref().is_some_and(|touched| !meets(touched)) {
                continue;
            }
            let names = match (&reached, &some) {
                (Some(reached), Some(some)) if forwards_alike((before, after)) => {
                    if !reached.concerns(before, after) {
                        continue;
                    }
                    some
                }
                _ => all(),
            };
            for name in names {
                if let Some(what) = loss(before, after, name) {
                    let here = losses.entry(what).or_default();
                    here.entry(name.clone()).or_default().extend(self.show(&clients));
                }
            }
        }
        let list = |(what, names): (_, BTreeMap<_, _>)| (what, public_first(names));
        losses.into_iter().map(list).collect()
    }

    /// Everybody, by what they see before and after: networks, and interfaces that have DNS
    /// servers of their own. No step changes which of these there are.
    fn clients(&self, old: &mut Views<'_>, new: &mut Views<'_>, next: &Estate) -> Vec<Clients> {
        let mut place: HashMap<VnetId, usize> = HashMap::new();
        for (at, view) in new.iter().enumerate() {
            place.extend(view.vnets().iter().map(|&vnet| (vnet, at)));
        }
        let mut pairs: BTreeMap<(usize, usize), Vec<VnetPair>> = BTreeMap::new();
        for (at, view) in old.iter().enumerate() {
            for &vnet in view.vnets() {
                let after = place.get(&vnet);
                after.into_iter().for_each(|&to| {
                    pairs.entry((at, to)).or_default().push((vnet, vnet));
                });
            }
        }
        let networks = pairs.into_iter();
        let networks =
            networks.map(|(views, vnets)| Clients { views, vnets, interfaces: Vec::new() });
        let own = |(at, one): (usize, &Interface)| {
            let vnet = one.vnet.filter(|_| !one.servers.is_empty())?;
            Some(((at as u32, at as u32), (vnet, vnet)))
        };
        let interfaces = next.interfaces.iter().enumerate().filter_map(own).collect();
        networks.collect::<Vec<_>>().into_iter().chain(by_interface(old, new, interfaces)).collect()
    }

    /// Who they are, for a refusal.
    fn show(&self, clients: &Clients) -> Vec<String> {
        let network = |vnet: VnetId| self.after.vnet_name(vnet);
        let interface = |&(at, _): &InterfacePair| {
            let one = &self.after.interfaces[at as usize];
            format!("{} (interface {})", one.vnet.map(network).unwrap_or_default(), one.name)
        };
        match clients.interfaces.is_empty() {
            true => clients.vnets.iter().map(|pair| network(pair.0)).collect(),
            false => clients.interfaces.iter().map(interface).collect(),
        }
    }

    /// Whether a name is known as a part of longer ones only, though a resource that nobody
    /// lists might have it: `data.azurecr.io` is no registry.
    fn is_part_only(&self, id: NameId) -> bool {
        let open = |answer| matches!(answer, PublicAnswer::Either { .. });
        self.now.has_names_below(id)
            && self.now.zones_at(id).next().is_none()
            && open(self.now.public(&Place::Known(id), RecordType::A))
    }

    /// Those of the names whose loss is somebody's.
    fn somebodys(&self, ids: impl Iterator<Item = NameId>) -> Vec<Name> {
        let (names, services) = (&self.now.estate().names, self.now.services());
        let chained: HashSet<NameId> =
            services.iter().flat_map(|service| &service.aliases).copied().collect();
        // What the step brings in nobody had.
        let known = ids.filter(|id| id.index() < names.len()).map(|id| (id, names.name(id)));
        let kept = known.filter(|(id, name)| {
            let moves = self.moving.iter().any(|apex| name.is_at_or_below(apex));
            // A wildcard answers for names that nobody lists.
            let wildcard = name.labels().next() == Some(&b"*"[..]);
            chained.contains(id) || wildcard || (!moves && !self.is_part_only(*id))
        });
        kept.map(|(_, name)| name).collect()
    }
}

/// Whether clients meet the name only on the way of a chain.
fn on_the_way(name: &Name) -> bool {
    name.labels().any(|label| label.starts_with(b"privatelink"))
}

/// The names that clients ask for before those on the way of a chain.
fn public_first(names: BTreeMap<Name, Vec<String>>) -> Vec<(Name, Vec<String>)> {
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort_by_key(|(name, _)| on_the_way(name));
    names
}

/// The networks whose Azure DNS or servers a change alters; `None` where it is about
/// records, which all networks may see.
fn touched(estate: &Estate, changes: &[Change]) -> Option<Vec<VnetId>> {
    let registers = |zone: ZoneId, vnet: VnetId| !estate.registered(zone, vnet).own.is_empty();
    let one = |change: &Change| match change {
        Change::Unlink { zone, vnet } if registers(*zone, *vnet) => None,
        Change::Link { registration: true, .. } => None,
        Change::Link { vnet, .. }
        | Change::SetPolicy { vnet, .. }
        | Change::Unlink { vnet, .. }
        | Change::SetServers { vnet, .. }
        | Change::Ruleset {
            edit: RulesetEdit::Link { vnet, .. } | RulesetEdit::Unlink { vnet },
            ..
        } => Some(*vnet),
        _ => None,
    };
    changes.iter().map(one).collect()
}

/// The types that a loss is looked for in: a client's, and those that are verified by hand.
const TYPES: [RecordType; 6] = [
    RecordType::A,
    RecordType::Aaaa,
    RecordType::Txt,
    RecordType::Mx,
    RecordType::Srv,
    RecordType::Ptr,
];

/// What a name loses, if it does.
fn loss(before: &View<'_>, after: &View<'_>, name: &Name) -> Option<&'static str> {
    let ask = |view: &View<'_>, record_type| {
        resolve(view, &view.index().locate(name), record_type, &mut ())
    };
    TYPES.iter().find_map(|&record_type| {
        let old = ask(before, record_type);
        if !answers(&old) {
            return None;
        }
        let new = ask(after, record_type);
        let public = old.outcome == Outcome::Public;
        match (answers(&new), new.outcome.is_unknown()) {
            // Whether a public endpoint has an IPv6 address is not known; and a public name on
            // the way of a chain is no client's.
            _ if public && (record_type == RecordType::Aaaa || on_the_way(name)) => None,
            (_, true) => Some("is not known any more"),
            (false, _) => Some("has no answer any more"),
            _ if record_type == RecordType::A
                && (old.reach, new.reach) == (Reach::Private, Reach::Public) =>
            {
                Some("ends public")
            }
            _ => None,
        }
    })
}

fn answers(answer: &Answer) -> bool {
    matches!(answer.outcome, Outcome::Answered | Outcome::Public)
}

//! What rules look at: the index, the views, and answers worked out once.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::batch::Census;
use super::inventory::Inventory;
use super::sweep::Sweep;
use crate::estate::{Estate, VnetId, ZoneId};
use crate::index::{Claim, Index, Place, Service, Settings, View, Views};
use crate::name::NameId;
use crate::record::RecordType;
use crate::resolve::{Answer, Trace, resolve};

/// An estate to be checked.
pub struct Context<'i> {
    index: &'i Index,
    views: Views<'i>,
    /// By zone: the views it is linked in.
    linked: Vec<Vec<u32>>,
    answers: OnceLock<Vec<ServiceAnswer>>,
    census: OnceLock<Census>,
    sweep: OnceLock<Sweep>,
    by_alias: OnceLock<HashMap<NameId, u32>>,
    inventory: OnceLock<Inventory>,
}

/// The answer that several views give for the name of one service.
pub struct ServiceAnswer {
    /// The service's place in [`Index::services`].
    pub service: u32,
    /// The views, by their places.
    pub views: Vec<u32>,
    /// The answer to A.
    pub answer: Answer,
    /// Whether the chain meets a linked zone there, or where the question is forwarded to.
    pub claimed: bool,
}

/// Views in which the same zones claim the names of a chain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ViewGroup {
    views: Vec<u32>,
    claimed: bool,
}

impl<'i> Context<'i> {
    /// Prepares `index` for checks under `settings`.
    pub fn new(index: &'i Index, settings: &Settings) -> Self {
        let views = index.views(settings);
        let mut linked = vec![Vec::new(); index.estate().zones.len()];
        for (at, view) in views.iter().enumerate() {
            for zone in view.linked() {
                linked[zone.index()].push(at as u32);
            }
        }
        Context {
            index,
            views,
            linked,
            answers: OnceLock::new(),
            census: OnceLock::new(),
            sweep: OnceLock::new(),
            by_alias: OnceLock::new(),
            inventory: OnceLock::new(),
        }
    }

    /// The index.
    pub fn index(&self) -> &'i Index {
        self.index
    }

    /// The estate.
    pub fn estate(&self) -> &'i Estate {
        self.index.estate()
    }

    /// All views; networks that see the same share one.
    pub fn views(&self) -> &[View<'i>] {
        &self.views
    }

    /// The view of a network.
    pub fn view_of(&self, vnet: VnetId) -> Option<&View<'i>> {
        self.views.iter().find(|view| view.vnets().contains(&vnet))
    }

    /// The place of each network's view.
    pub(super) fn view_places(&self) -> HashMap<VnetId, usize> {
        let places = self.views.iter().enumerate();
        places.flat_map(|(at, view)| view.vnets().iter().map(move |&vnet| (vnet, at))).collect()
    }

    /// The views a zone is linked in, with their places.
    pub fn linked_views(&self, zone: ZoneId) -> impl Iterator<Item = (u32, &View<'i>)> {
        self.linked[zone.index()].iter().map(|&at| (at, &self.views[at as usize]))
    }

    /// The views a zone is linked in.
    pub fn views_of(&self, zone: ZoneId) -> impl Iterator<Item = &View<'i>> {
        self.linked_views(zone).map(|(_, view)| view)
    }

    /// The networks a zone is linked to.
    pub fn vnets_of(&self, zone: ZoneId) -> Vec<VnetId> {
        let mut vnets: Vec<VnetId> =
            self.views_of(zone).flat_map(|view| view.vnets().iter().copied()).collect();
        vnets.sort();
        vnets
    }

    /// The networks of some views.
    pub fn vnets(&self, views: &[u32]) -> Vec<VnetId> {
        let mut vnets: Vec<VnetId> =
            views.iter().flat_map(|&at| self.views[at as usize].vnets().iter().copied()).collect();
        vnets.sort();
        vnets
    }

    /// The service.
    pub fn service(&self, at: u32) -> &'i Service {
        &self.index.services()[at as usize]
    }

    /// The private endpoints, by address and name.
    pub(super) fn inventory(&self) -> &Inventory {
        self.inventory.get_or_init(|| Inventory::new(self.estate()))
    }

    /// The service whose chain passes through a name.
    pub fn service_through(&self, alias: NameId) -> Option<u32> {
        let by_alias = self.by_alias.get_or_init(|| {
            let services = self.index.services().iter().enumerate().rev();
            let aliases = services.flat_map(|(at, service)| {
                service.aliases.iter().map(move |&alias| (alias, at as u32))
            });
            aliases.collect()
        });
        by_alias.get(&alias).copied()
    }

    /// What is known of each Batch account and its zones.
    pub(super) fn census(&self) -> &Census {
        self.census.get_or_init(|| Census::new(self))
    }

    /// The record sets that rules look at, found in one walk.
    pub(super) fn sweep(&self) -> &Sweep {
        self.sweep.get_or_init(|| Sweep::new(self.estate()))
    }

    /// A walk with its hops.
    pub fn trace(&self, view: &View<'_>, name: NameId, record_type: RecordType) -> (Answer, Trace) {
        let mut trace = Trace::default();
        let answer = resolve(view, &Place::Known(name), record_type, &mut trace);
        (answer, trace)
    }

    /// What every view answers for every service that is known to have an endpoint.
    ///
    /// Views that agree on who claims the names of a chain agree on the answer as
    /// long as the walk stays on the chain, so they share one walk; a walk that
    /// leaves it by an alias of a zone is made for each view.
    pub fn answers(&self) -> &[ServiceAnswer] {
        self.answers.get_or_init(|| {
            // By the apexes that a chain passes.
            let mut groups: HashMap<Vec<Option<u32>>, Vec<ViewGroup>> = HashMap::new();
            let mut answers = Vec::new();
            for (at, service) in self.index.services().iter().enumerate() {
                let apexes: Vec<Option<u32>> = std::iter::once(&service.name)
                    .chain(service.aliases.iter())
                    .map(|&name| self.index.apex_of(name))
                    .collect();
                let groups = groups.entry(apexes).or_insert_with(|| self.group_views(service));
                for group in groups.iter() {
                    self.answer_group(at as u32, service, group, &mut answers);
                }
            }
            answers
        })
    }

    /// The answers for one service.
    pub fn answers_of(&self, service: u32) -> &[ServiceAnswer] {
        let answers = self.answers();
        // They stand by service.
        let start = answers.partition_point(|answer| answer.service < service);
        let end = answers.partition_point(|answer| answer.service <= service);
        &answers[start..end]
    }

    fn group_views(&self, service: &Service) -> Vec<ViewGroup> {
        let mut groups: HashMap<_, ViewGroup> = HashMap::new();
        for (at, view) in self.views.iter().enumerate() {
            let names = || std::iter::once(&service.name).chain(service.aliases.iter());
            let claims: Vec<_> = names()
                .map(|&name| {
                    let claim = view.claim(name)?;
                    let redirects = match claim {
                        Claim::Zone { zone, link } => view.redirects(zone, link),
                        _ => (false, [None; 2]),
                    };
                    // Which link it is does not matter, what it does has been asked.
                    Some((without_link(claim), redirects))
                })
                .collect();
            let doubts: Vec<_> = names().map(|&name| view.doubt(name)).collect();
            let claimed = claims.iter().any(Option::is_some);
            // Where rules, servers or policies have a part, views are not told apart by claims;
            // nor what a site sees, which cannot reach Azure DNS.
            let site = view.vnets().iter().any(|&vnet| self.estate().vnet(vnet).site);
            let plain = view.is_plain() && !view.azure(None).has_policies() && !site;
            let apart = (!plain).then_some(at);
            let group = groups
                .entry((view.servers(), apart, format!("{claims:?}{doubts:?}")))
                .or_insert_with(|| ViewGroup { views: Vec::new(), claimed });
            group.views.push(at as u32);
        }
        let mut groups: Vec<_> = groups.into_values().collect();
        groups.sort();
        groups
    }

    fn answer_group(
        &self,
        at: u32,
        service: &Service,
        group: &ViewGroup,
        answers: &mut Vec<ServiceAnswer>,
    ) {
        let ViewGroup { views, claimed } = group;
        let name = Place::Known(service.name);
        let ask = |view: u32, trace: &mut Trace| {
            resolve(&self.views[view as usize], &name, RecordType::A, trace)
        };
        let mut trace = Trace::default();
        let answer = ask(views[0], &mut trace);
        let on_chain = |place: &Place| match place {
            Place::Known(node) => *node == service.name || service.aliases.contains(node),
            Place::Other { .. } => false,
        };
        let left = trace.hops.iter().any(|hop| !on_chain(&hop.name));
        if !left || views.len() == 1 {
            let claimed = is_claimed(&answer, &trace, *claimed);
            answers.push(ServiceAnswer { service: at, views: views.clone(), answer, claimed });
            return;
        }
        for &view in views {
            let mut trace = Trace::default();
            let answer = ask(view, &mut trace);
            let claimed = is_claimed(&answer, &trace, *claimed);
            answers.push(ServiceAnswer { service: at, views: vec![view], answer, claimed });
        }
    }
}

/// Whether a walk met a linked zone, in whichever network decided; of one that is unknown
/// only the links here are known, `linked`.
fn is_claimed(answer: &Answer, trace: &Trace, linked: bool) -> bool {
    trace.zones().next().is_some() || (answer.outcome.is_unknown() && linked)
}

fn without_link(claim: Claim) -> Claim {
    match claim {
        Claim::Zone { zone, .. } => Claim::Zone { zone, link: 0 },
        Claim::Pending { zone, .. } => Claim::Pending { zone, link: 0 },
        two => two,
    }
}

//! One network's links over an [`Index`].

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

use super::{Apex, Assumption, Index, Settings};
use crate::estate::{Estate, Extent, Link, Policy, VnetId, ZoneId};
use crate::name::NameId;

/// The address at which a network's own resolver answers.
///
/// "What is IP address 168.63.129.16?", learn.microsoft.com/azure/virtual-network, read 2026-11.
pub const AZURE_DNS: IpAddr = IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16));

/// The place of a link that is supposed to be there.
const SUPPOSED: u32 = u32::MAX;

fn link_at(estate: &Estate, zone: ZoneId, link: u32) -> Option<&Link> {
    estate.zone(zone).links.get(link as usize)
}

/// Whom a network's clients ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Servers {
    /// Azure-provided DNS, or 168.63.129.16 as the first server.
    Azure,
    /// The network was not exported; Azure-provided DNS is assumed.
    AssumedAzure,
    /// A server that is not modelled.
    Custom(IpAddr),
    /// The network was not exported, and nothing is assumed.
    Unknown,
}

/// The linked zone that answers for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// This zone, by the link at this place in its list.
    Zone {
        /// The zone.
        zone: ZoneId,
        /// The link's place in the zone's links.
        link: u32,
    },
    /// A zone whose link is not operational yet.
    Pending {
        /// The zone.
        zone: ZoneId,
        /// The link's place in the zone's links.
        link: u32,
    },
    /// Two zones of one name, which Azure refuses to link to one network.
    Two(ZoneId, ZoneId),
}

impl Claim {
    /// The zone; the first one where there are two.
    pub fn zone(self) -> ZoneId {
        match self {
            Claim::Zone { zone, .. } | Claim::Pending { zone, .. } | Claim::Two(zone, _) => zone,
        }
    }
}

/// A zone that may be linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Doubt {
    /// The zone.
    pub zone: ZoneId,
    /// Whether it is known to have links that were not read; else none were exported.
    pub missing: bool,
}

/// What one client, or all clients with the same links and servers, can see.
#[derive(Clone)]
pub struct View<'i> {
    index: &'i Index,
    settings: Settings,
    servers: Servers,
    /// By apex: which zone answers for names whose nearest apex it is.
    claims: Vec<Option<Claim>>,
    /// By apex: a zone that would answer before that one if it were linked, which
    /// no input tells.
    doubts: Vec<Option<Doubt>>,
    /// The zones with a link, whatever its state, and the link's place.
    linked: Vec<(ZoneId, u32)>,
    vnets: Vec<VnetId>,
}

impl<'i> View<'i> {
    fn new(
        index: &'i Index,
        settings: &Settings,
        servers: Servers,
        linked: Vec<(ZoneId, u32)>,
        vnets: Vec<VnetId>,
    ) -> Self {
        let mut view = View {
            index,
            settings: *settings,
            servers,
            claims: Vec::new(),
            doubts: Vec::new(),
            linked,
            vnets,
        };
        view.compute_claims();
        view
    }

    fn compute_claims(&mut self) {
        let apexes = self.index.apexes();
        let estate = self.index.estate();
        let mut claims: Vec<Option<Claim>> = vec![None; apexes.len()];
        for &(zone, link) in &self.linked {
            let Some(apex) = self.index.apex_of(estate.zone(zone).apex) else { continue };
            let claim = &mut claims[apex as usize];
            *claim = Some(match *claim {
                Some(other) => Claim::Two(other.zone(), zone),
                None if link_at(estate, zone, link).is_some_and(|link| link.pending.is_some()) => {
                    Claim::Pending { zone, link }
                }
                None => Claim::Zone { zone, link },
            });
        }
        let mut doubts = vec![None; apexes.len()];
        // Those above come first, so what is inherited is final.
        for at in 0..claims.len() {
            let above = apexes[at].above.map(|above| above as usize);
            if claims[at].is_some() {
                continue;
            }
            claims[at] = above.and_then(|above| claims[above]);
            doubts[at] =
                self.doubt_of(&apexes[at]).or_else(|| above.and_then(|above| doubts[above]));
        }
        self.claims = claims;
        self.doubts = doubts;
    }

    /// A zone of this name that may be linked for all that was read.
    fn doubt_of(&self, apex: &Apex) -> Option<Doubt> {
        let estate = self.index.estate();
        apex.zones.iter().find_map(|&zone| {
            let facts = estate.zone(zone);
            let missing = match facts.links_extent() {
                Extent::Whole => return None,
                _ => facts.declared_links.is_some(),
            };
            Some(Doubt { zone, missing })
        })
    }

    /// The index below.
    pub fn index(&self) -> &'i Index {
        self.index
    }

    /// The assumptions in force.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whom the clients ask.
    pub fn servers(&self) -> Servers {
        self.servers
    }

    /// Whether the zones decide: the clients ask Azure-provided DNS, as far as known.
    pub fn asks_azure(&self) -> bool {
        matches!(self.servers, Servers::Azure | Servers::AssumedAzure)
    }

    /// The networks that see this.
    pub fn vnets(&self) -> &[VnetId] {
        &self.vnets
    }

    /// The zones with a link, whatever its state, by id.
    pub fn linked(&self) -> impl Iterator<Item = ZoneId> {
        self.linked.iter().map(|&(zone, _)| zone)
    }

    /// Whether a zone has a link.
    pub fn is_linked(&self, zone: ZoneId) -> bool {
        self.linked.binary_search_by_key(&zone, |entry| entry.0).is_ok()
    }

    /// The linked zone with the longest apex at or above `node`.
    ///
    /// "What is a private DNS zone", learn.microsoft.com/azure/dns/private-dns-privatednszone,
    /// and "Private reverse DNS" (a longer prefix takes precedence); read 2026-11.
    pub fn claim(&self, node: NameId) -> Option<Claim> {
        self.claims[self.index.apex_of(node)? as usize]
    }

    /// A zone that would answer before that one, or at all, if it were linked; no
    /// input tells whether it is.
    pub fn doubt(&self, node: NameId) -> Option<Doubt> {
        self.doubts[self.index.apex_of(node)? as usize]
    }

    /// The linked zones with a shorter apex that the claim on `node` hides, the longest first.
    pub fn hidden(&self, node: NameId) -> Vec<Claim> {
        let mut hidden = Vec::new();
        let Some(claim) = self.claim(node) else { return hidden };
        let mut last = claim;
        let mut apex = self.index.apex_of(node);
        while let Some(at) = apex {
            if let Some(next) = self.claims[at as usize]
                && next != last
            {
                hidden.push(next);
                last = next;
            }
            apex = self.index.apexes()[at as usize].above;
        }
        hidden
    }

    /// Whether a name that the zone of `claim` lacks is looked up in public DNS,
    /// and whether that rests on an export that cannot show it.
    ///
    /// Only zones of Private Link may have the policy ("Fallback to internet for
    /// Azure Private DNS zones", learn.microsoft.com/azure/dns/private-dns-fallback,
    /// read 2026-11).
    pub fn redirects(&self, zone: ZoneId, link: u32) -> (bool, bool) {
        let estate = self.index.estate();
        let policy = link_at(estate, zone, link).map_or(Policy::Default, |link| link.policy);
        if policy == Policy::Default || !estate.is_private_link(zone) {
            return (false, false);
        }
        match policy {
            Policy::NxDomainRedirect => (true, false),
            _ => (self.settings.value(Assumption::UnstatedPolicy) == "redirect", true),
        }
    }

    /// The same view under other assumptions about what it is asked.
    pub fn under(&self, settings: &Settings) -> View<'i> {
        let mut view = self.clone();
        view.settings = *settings;
        view
    }

    /// The same view where clients ask Azure-provided DNS itself, whatever servers the
    /// network hands out.
    pub fn at_azure(&self) -> View<'i> {
        let mut view = self.clone();
        view.servers = Servers::Azure;
        view
    }

    /// The same view with one link less.
    pub fn without(&self, zone: ZoneId) -> View<'i> {
        let mut view = self.clone();
        view.linked.retain(|entry| entry.0 != zone);
        view.compute_claims();
        view
    }

    /// The same view with one link more, which does not redirect.
    pub fn with(&self, zone: ZoneId) -> View<'i> {
        let mut view = self.clone();
        if let Err(place) = view.linked.binary_search_by_key(&zone, |entry| entry.0) {
            view.linked.insert(place, (zone, SUPPOSED));
        }
        view.compute_claims();
        view
    }

    /// The same view without any private zone: what a client elsewhere sees.
    pub fn without_zones(&self) -> View<'i> {
        let mut view = self.clone();
        view.linked.clear();
        view.compute_claims();
        view
    }
}

/// What matters of a link: the zone, its policy, and whether it is pending.
type Linked = (ZoneId, Policy, bool);

/// All views of an estate: networks with the same links and servers share one.
pub type Views<'i> = Vec<View<'i>>;

impl Index {
    /// The views of all networks, by their first network.
    pub fn views(&self, settings: &Settings) -> Views<'_> {
        let estate = self.estate();
        let mut linked: Vec<Vec<(ZoneId, u32)>> = vec![Vec::new(); estate.vnets.len()];
        for (zone, facts) in estate.zone_ids() {
            for (at, link) in facts.links.iter().enumerate() {
                linked[link.vnet.index()].push((zone, at as u32));
            }
        }
        let mut places: HashMap<(Servers, Vec<Linked>), usize> = HashMap::new();
        let mut views: Views<'_> = Vec::new();
        for ((id, vnet), linked) in estate.vnet_ids().zip(linked) {
            let servers = match vnet.servers.as_deref() {
                Some([]) => Servers::Azure,
                Some([first, ..]) if *first == AZURE_DNS => Servers::Azure,
                Some([first, ..]) => Servers::Custom(*first),
                None if settings.value(Assumption::UnexportedDns) == "azure" => {
                    Servers::AssumedAzure
                }
                None => Servers::Unknown,
            };
            let key: Vec<Linked> = linked
                .iter()
                .map(|&(zone, at)| {
                    let link = &estate.zone(zone).links[at as usize];
                    (zone, link.policy, link.pending.is_some())
                })
                .collect();
            let place = *places.entry((servers, key)).or_insert_with(|| {
                views.push(View::new(self, settings, servers, linked, Vec::new()));
                views.len() - 1
            });
            views[place].vnets.push(id);
        }
        views
    }
}

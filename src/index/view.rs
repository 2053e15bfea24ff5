//! One network's links, rulesets and servers over an [`Index`].

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use smallvec::SmallVec;

use super::azure::{AzureDns, RulesetHold, SUPPOSED, SUPPOSED_REDIRECT, link_at};
use super::policy::Linked as Policies;
use super::{Assumption, Index, Party, Settings};
use crate::estate::{AZURE_DNS, Interface, Policy, RulesetId, Vnet, VnetId, ZoneId};
use crate::name::NameId;

/// Whom a network's clients ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Servers {
    /// Azure-provided DNS, or 168.63.129.16 as the first server.
    Azure,
    /// The network was not exported; Azure-provided DNS is assumed.
    AssumedAzure,
    /// A server of their own, the first one of several.
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

/// What has a link that is not operational yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pending {
    /// A zone.
    Zone(ZoneId),
    /// A forwarding ruleset.
    Ruleset(RulesetId),
    /// A DNS security policy, by its place in the estate.
    Policy(u32),
}

/// A zone that may be linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Doubt {
    /// The zone.
    pub zone: ZoneId,
    /// Whether it is known to have links that were not read; else none were exported.
    pub missing: bool,
}

/// What one client, or all clients with the same links, rulesets and servers, can see.
#[derive(Clone)]
pub struct View<'i> {
    index: &'i Index,
    settings: Settings,
    servers: Servers,
    /// All servers in order; empty for Azure-provided DNS.
    asked: Arc<[IpAddr]>,
    /// Of a list of forwarders or of a rule's targets this one is asked, where it is there.
    instead: Option<IpAddr>,
    azure: AzureDns,
    /// Azure DNS of the networks in which others are answered, by network.
    others: Arc<[AzureDns]>,
    vnets: Vec<VnetId>,
}

impl<'i> View<'i> {
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

    /// All servers that the clients have, in order; empty for Azure-provided DNS.
    pub fn asked(&self) -> &[IpAddr] {
        &self.asked
    }

    /// Whether Azure DNS of this network alone decides: nothing is left to rules or
    /// other servers.
    pub fn is_plain(&self) -> bool {
        self.asks_azure() && self.azure.rulesets().is_empty()
    }

    /// Who listens at an address for these clients.
    pub fn party(&self, address: IpAddr) -> Party {
        self.index.party(self.vnets.first().copied(), address)
    }

    /// The same clients, if only their server at that place answered.
    pub fn asking(&self, at: usize) -> View<'i> {
        let mut view = self.clone();
        if let Some(&address) = self.asked.get(at) {
            view.asked = [address].into();
            view.servers = servers_of(&view.asked);
        }
        view
    }

    /// The same clients, if whoever forwards to this address and others asked this one.
    pub fn forwarding_to(&self, address: IpAddr) -> View<'i> {
        let mut view = self.clone();
        view.instead = Some(address);
        view
    }

    /// The one that is asked of a list of targets.
    pub fn target_of(&self, targets: &[SocketAddr]) -> Option<SocketAddr> {
        let wanted = |target: &&SocketAddr| Some(target.ip()) == self.instead;
        targets.iter().find(wanted).or(targets.first()).copied()
    }

    /// What the clients of one of its networks see, where that depends on which one it is.
    pub fn of(&self, vnet: VnetId) -> View<'i> {
        let mut view = self.clone();
        view.vnets = vec![vnet];
        view
    }

    /// What a client with this interface sees in this view's network: its own DNS
    /// servers win over the network's.
    ///
    /// "Name resolution for resources in Azure virtual networks",
    /// learn.microsoft.com/azure/virtual-network/virtual-networks-name-resolution-for-vms-and-role-instances,
    /// read 2026-11.
    pub fn of_interface(&self, interface: &Interface) -> View<'i> {
        let mut view = self.clone();
        if !interface.servers.is_empty() {
            view.asked = interface.servers.clone().into();
            view.servers = servers_of(&view.asked);
        }
        view
    }

    /// Azure DNS of this network, or of the one at that place among the others.
    pub fn azure(&self, other: Option<u32>) -> &AzureDns {
        other.map_or(&self.azure, |at| &self.others[at as usize])
    }

    /// The place of a network among those in which others are answered; `None` where
    /// it is this view's own.
    pub fn azure_of(&self, vnet: VnetId) -> Option<u32> {
        let at = self.others.binary_search_by_key(&Some(vnet), AzureDns::vnet).ok()?;
        Some(at as u32)
    }

    /// The networks for which Azure DNS at that place answers.
    pub fn scope(&self, other: Option<u32>) -> &[VnetId] {
        match other {
            None => &self.vnets,
            Some(at) => self.others[at as usize].vnet.as_slice(),
        }
    }

    /// The zones with a link, whatever its state, by id.
    pub fn linked(&self) -> impl Iterator<Item = ZoneId> {
        self.azure.linked.iter().map(|&(zone, _)| zone)
    }

    /// Whether a zone has a link.
    pub fn is_linked(&self, zone: ZoneId) -> bool {
        self.azure.linked.binary_search_by_key(&zone, |entry| entry.0).is_ok()
    }

    /// Whether a zone has a link here, or where questions are forwarded to.
    pub fn consults(&self, zone: ZoneId) -> bool {
        let linked = |dns: &AzureDns| dns.linked.binary_search_by_key(&zone, |one| one.0).is_ok();
        linked(&self.azure) || (!self.is_plain() && self.others.iter().any(linked))
    }

    /// The links of a zone here, and where questions are forwarded to: of which network, what
    /// they do with names that the zone lacks, and whether they are pending.
    pub fn links_of(&self, zone: ZoneId) -> Vec<(Option<VnetId>, Policy, bool)> {
        let others = if self.is_plain() { &[][..] } else { &self.others[..] };
        let of = |dns: &AzureDns| {
            let at = dns.linked.binary_search_by_key(&zone, |one| one.0).ok()?;
            let link = link_at(self.index.estate(), zone, dns.linked[at].1);
            let (policy, pending) =
                link.map_or((Policy::Default, false), |link| (link.policy, link.pending.is_some()));
            Some((dns.vnet, policy, pending))
        };
        std::iter::once(&self.azure).chain(others).filter_map(of).collect()
    }

    /// The linked zone with the longest apex at or above `node`.
    pub fn claim(&self, node: NameId) -> Option<Claim> {
        self.azure.claim(self.index, node)
    }

    /// A zone that would answer before that one, or at all, if it were linked; no
    /// input tells whether it is.
    pub fn doubt(&self, node: NameId) -> Option<Doubt> {
        self.azure.doubt(self.index, node)
    }

    /// The linked zones with a shorter apex that the claim on `node` hides, the longest first.
    pub fn hidden(&self, node: NameId) -> Vec<Claim> {
        self.azure.hidden(self.index, node)
    }

    /// Whether a name that a zone lacks is looked up in public DNS by that link, and what
    /// that rests on.
    ///
    /// Only zones of Private Link may have the policy ("Fallback to internet for
    /// Azure Private DNS zones", learn.microsoft.com/azure/dns/private-dns-fallback,
    /// read 2026-11).
    pub fn redirects(&self, zone: ZoneId, link: u32) -> (bool, [Option<Assumption>; 2]) {
        let estate = self.index.estate();
        let policy = match link {
            SUPPOSED_REDIRECT => Policy::NxDomainRedirect,
            link => link_at(estate, zone, link).map_or(Policy::Default, |link| link.policy),
        };
        if policy == Policy::Default || !estate.is_private_link(zone) {
            return (false, [None, None]);
        }
        let listed = self.index.is_catalogued(zone);
        let which = (!listed).then_some(Assumption::RedirectZones);
        if !listed && self.settings.value(Assumption::RedirectZones) == "catalogue" {
            return (false, [which, None]);
        }
        match policy {
            Policy::NxDomainRedirect => (true, [which, None]),
            _ => {
                let redirects = self.settings.value(Assumption::UnstatedPolicy) == "redirect";
                (redirects, [which, Some(Assumption::UnstatedPolicy)])
            }
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
        view.asked = [].into();
        view
    }

    /// The same view where clients ask this server, whatever servers the network hands out.
    pub fn at_server(&self, address: IpAddr) -> View<'i> {
        let mut view = self.clone();
        view.asked = [address].into();
        view.servers = servers_of(&view.asked);
        view
    }

    /// The same view where a zone is linked to no network that answers.
    pub fn without(&self, zone: ZoneId) -> View<'i> {
        self.relinked(zone, |linked| linked.retain(|entry| entry.0 != zone))
    }

    /// The same view where all links of a zone look names up in public DNS which the zone
    /// lacks, or none does.
    pub fn redirecting(&self, zone: ZoneId, redirect: bool) -> View<'i> {
        let supposed = if redirect { SUPPOSED_REDIRECT } else { SUPPOSED };
        self.relinked(zone, |linked| {
            linked.iter_mut().filter(|entry| entry.0 == zone).for_each(|entry| entry.1 = supposed);
        })
    }

    /// The same view where `other` is linked wherever `zone` is, in its place.
    pub fn exchanged(&self, zone: ZoneId, other: ZoneId) -> View<'i> {
        self.relinked(zone, |linked| {
            linked.retain(|entry| entry.0 != zone);
            if let Err(place) = linked.binary_search_by_key(&other, |entry| entry.0) {
                linked.insert(place, (other, SUPPOSED));
            }
        })
    }

    /// The same view with other links wherever a zone is linked that answers.
    fn relinked(&self, zone: ZoneId, change: impl Fn(&mut Vec<(ZoneId, u32)>)) -> View<'i> {
        let relink = |dns: &AzureDns| match dns.linked.iter().any(|entry| entry.0 == zone) {
            true => dns.relinked(self.index, &change),
            false => dns.clone(),
        };
        let mut view = self.clone();
        view.azure = relink(&self.azure);
        if !self.is_plain() {
            view.others = self.others.iter().map(relink).collect();
        }
        view
    }

    /// The same view where a link that is not operational yet works, or is not there.
    pub fn settled(&self, pending: Pending, works: bool) -> View<'i> {
        let settle = |dns: &AzureDns| dns.settled(self.index, pending, works);
        let mut view = self.clone();
        view.azure = settle(&self.azure);
        if !self.is_plain() {
            view.others = self.others.iter().map(settle).collect();
        }
        view
    }

    /// The same view with one link more, which does not redirect.
    pub fn with(&self, zone: ZoneId) -> View<'i> {
        let mut view = self.clone();
        view.azure = self.azure.relinked(self.index, |linked| {
            if let Err(place) = linked.binary_search_by_key(&zone, |entry| entry.0) {
                linked.insert(place, (zone, SUPPOSED));
            }
        });
        view
    }

    /// The same view where no rule forwards anything.
    pub fn without_rules(&self) -> View<'i> {
        let mut view = self.clone();
        view.azure = self.azure.clone().without_rules();
        view.others = self.others.iter().cloned().map(AzureDns::without_rules).collect();
        view
    }

    /// The same view without any private zone, ruleset or server: what a client
    /// elsewhere sees.
    pub fn without_zones(&self) -> View<'i> {
        let mut view = self.clone();
        view.azure = AzureDns::new(self.index, None, Vec::new(), SmallVec::new(), SmallVec::new());
        view
    }
}

/// What matters of a link: the zone, its policy, and whether it is pending.
type Linked = (ZoneId, Policy, bool);

/// The rulesets of a network.
type Rulesets = SmallVec<[(RulesetId, RulesetHold); 1]>;

/// What networks must have in common to share a view: their servers and who these are, links,
/// rulesets and policies; and which network it is, where that matters.
type Key = (Asked, bool, Vec<Linked>, (Rulesets, Policies), Option<VnetId>);

/// Whom a network's clients ask; who listens for them where that depends on who asks, and
/// whether what these do for some clients only concerns them.
type Asked = (Servers, Arc<[IpAddr]>, Vec<Party>, Vec<bool>);

/// All views of an estate: networks with the same links, rulesets and servers share one.
pub type Views<'i> = Vec<View<'i>>;

fn servers_of(asked: &[IpAddr]) -> Servers {
    match asked {
        [] => Servers::Azure,
        [first, ..] if *first == AZURE_DNS => Servers::Azure,
        [first, ..] => Servers::Custom(*first),
    }
}

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
        let rulesets = self.rulesets_by_vnet();
        let answering = self.answering_vnets();
        let others: Arc<[AzureDns]> = answering
            .iter()
            .map(|&vnet| {
                let (linked, rulesets) =
                    (linked[vnet.index()].clone(), rulesets[vnet.index()].clone());
                AzureDns::new(
                    self,
                    Some(vnet),
                    linked,
                    rulesets,
                    self.policies.of(vnet, estate.vnet(vnet).site),
                )
            })
            .collect();
        let mut special = answering;
        special.extend(self.vnets_with_machines());
        special.sort();
        let mut places: HashMap<Key, usize> = HashMap::new();
        let mut views: Views<'_> = Vec::new();
        for (((id, vnet), linked), rulesets) in estate.vnet_ids().zip(linked).zip(rulesets) {
            let (servers, asked) = self.servers_of(vnet, settings);
            let scope = special.binary_search(&id).is_ok().then_some(id);
            let links: Vec<Linked> = linked
                .iter()
                .map(|&(zone, at)| {
                    let link = &estate.zone(zone).links[at as usize];
                    (zone, link.policy, link.pending.is_some())
                })
                .collect();
            let policies = self.policies.of(id, vnet.site);
            let holds = (rulesets.clone(), policies.clone());
            let (contested, exempt) = (self.contested_parties(id), self.exemptions(&asked, id));
            let asking = (servers, asked.clone(), contested, exempt);
            let key = (asking, vnet.site, links, holds, scope);
            let place = *places.entry(key).or_insert_with(|| {
                let azure = AzureDns::new(self, scope, linked, rulesets, policies);
                let (others, vnets, instead) = (others.clone(), Vec::new(), None);
                let (index, settings) = (self, *settings);
                views.push(View { index, settings, servers, asked, instead, azure, others, vnets });
                views.len() - 1
            });
            views[place].vnets.push(id);
        }
        views
    }

    fn servers_of(&self, vnet: &Vnet, settings: &Settings) -> (Servers, Arc<[IpAddr]>) {
        let servers = match vnet.servers.as_deref() {
            // A site has no Azure-provided DNS to fall back to.
            Some([]) if vnet.site => Servers::Unknown,
            Some(asked) => return (servers_of(asked), asked.into()),
            None if vnet.site => Servers::Unknown,
            None if settings.value(Assumption::UnexportedDns) == "azure" => Servers::AssumedAzure,
            None => Servers::Unknown,
        };
        (servers, [].into())
    }

    /// By network: the rulesets that are linked to it, or may be.
    fn rulesets_by_vnet(&self) -> Vec<Rulesets> {
        let estate = self.estate();
        let mut rulesets: Vec<Rulesets> = vec![SmallVec::new(); estate.vnets.len()];
        for (id, ruleset) in estate.ruleset_ids() {
            for link in &ruleset.links {
                let hold = match link.pending {
                    Some(_) => RulesetHold::Pending,
                    None => RulesetHold::Linked,
                };
                rulesets[link.vnet.index()].push((id, hold));
            }
        }
        for (id, _) in estate.ruleset_ids().filter(|(_, ruleset)| !ruleset.links_listed) {
            for (vnet, held) in estate.vnets.iter().zip(&mut rulesets) {
                // A network has one ruleset at most.
                if held.is_empty() && !vnet.site {
                    held.push((id, RulesetHold::Perhaps));
                }
            }
        }
        rulesets
    }
}

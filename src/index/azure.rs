//! What Azure DNS of one network knows: its linked zones and its rulesets.

use smallvec::SmallVec;

use super::view::{Claim, Doubt};
use super::{Apex, Index, Place, RuleRef};
use crate::estate::{Estate, Extent, Inventory, Link, RulesetId, VnetId, ZoneId};
use crate::name::NameId;

/// The place of a link that is supposed to be there.
pub(super) const SUPPOSED: u32 = u32::MAX;

/// The place of a supposed link that looks names up in public DNS which its zone lacks.
pub(super) const SUPPOSED_REDIRECT: u32 = u32::MAX - 1;

pub(super) fn link_at(estate: &Estate, zone: ZoneId, link: u32) -> Option<&Link> {
    estate.zone(zone).links.get(link as usize)
}

/// How a ruleset, or a DNS security policy, comes to a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RulesetHold {
    /// By an operational link.
    Linked,
    /// By a link that is not operational yet.
    Pending,
    /// Not by any link that was read; but not all of its links were.
    Perhaps,
}

/// What answers at 168.63.129.16 in one network.
#[derive(Clone, Debug, Default)]
pub struct AzureDns {
    /// The network, where it matters which one it is: for its built-in names, and where
    /// others are answered by it.
    pub(super) vnet: Option<VnetId>,
    /// The zones with a link, whatever its state, and the link's place.
    pub(super) linked: Vec<(ZoneId, u32)>,
    /// By apex: which zone answers for names whose nearest apex it is.
    claims: Vec<Option<Claim>>,
    /// By apex: a zone that would answer before that one if it were linked, which
    /// no input tells.
    doubts: Vec<Option<Doubt>>,
    pub(super) rulesets: SmallVec<[(RulesetId, RulesetHold); 1]>,
    /// The DNS security policies that are linked.
    pub(super) policies: super::policy::Linked,
    /// What of these a list is known to lack, so that it may be linked.
    lacks: Lacks,
}

/// Of which things nothing was read that may be linked to a network.
#[derive(Clone, Copy, Debug, Default)]
struct Lacks {
    zones: bool,
    rulesets: bool,
    policies: bool,
}

impl AzureDns {
    pub(super) fn new(
        index: &Index,
        vnet: Option<VnetId>,
        linked: Vec<(ZoneId, u32)>,
        rulesets: SmallVec<[(RulesetId, RulesetHold); 1]>,
        policies: super::policy::Linked,
    ) -> AzureDns {
        let estate = index.estate();
        // A network has one ruleset at most, and one policy.
        let lacks = Lacks {
            zones: estate.lacks(Inventory::ZONES),
            rulesets: estate.lacks(Inventory::RULESETS)
                && rulesets.iter().all(|held| held.1 == RulesetHold::Perhaps),
            policies: estate.lacks(Inventory::POLICIES)
                && policies.iter().all(|held| held.1 == RulesetHold::Perhaps),
        };
        let (claims, doubts) = (Vec::new(), Vec::new());
        let mut dns = AzureDns { vnet, linked, claims, doubts, rulesets, policies, lacks };
        dns.compute_claims(index);
        dns
    }

    /// The same with other links.
    pub(super) fn relinked(
        &self,
        index: &Index,
        change: impl FnOnce(&mut Vec<(ZoneId, u32)>),
    ) -> AzureDns {
        let mut dns = self.clone();
        change(&mut dns.linked);
        dns.compute_claims(index);
        dns
    }

    /// The same without rulesets.
    pub(super) fn without_rules(mut self) -> AzureDns {
        self.rulesets.clear();
        self
    }

    /// The same where every link is operational.
    pub(super) fn settled(&self) -> AzureDns {
        let mut dns = self.clone();
        for claim in dns.claims.iter_mut().flatten() {
            if let Claim::Pending { zone, link } = *claim {
                *claim = Claim::Zone { zone, link };
            }
        }
        dns
    }

    fn compute_claims(&mut self, index: &Index) {
        let apexes = index.apexes();
        let estate = index.estate();
        let mut claims: Vec<Option<Claim>> = vec![None; apexes.len()];
        for &(zone, link) in &self.linked {
            if index.built_in.is_reserved(&estate.names, estate.zone(zone).apex) {
                continue;
            }
            let Some(apex) = index.apex_of(estate.zone(zone).apex) else { continue };
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
            let reserved = index.built_in.is_reserved(&estate.names, apexes[at].name);
            let own = if reserved { None } else { doubt_of(estate, &apexes[at]) };
            doubts[at] = own.or_else(|| above.and_then(|above| doubts[above]));
        }
        self.claims = claims;
        self.doubts = doubts;
    }

    /// Whether a zone of which nothing was read may be linked, and claim a name before the
    /// linked zone that does, or at all.
    pub fn lacks_zone(&self, index: &Index, place: &Place) -> bool {
        if !self.lacks.zones || index.built_in.is_reserved(&index.estate().names, place.node()) {
            return false;
        }
        let settles =
            |claim| matches!(place, Place::Known(node) if self.is_longest(index, claim, *node));
        !self.claim(index, place.node()).is_some_and(settles)
    }

    /// Whether no zone can have a longer apex at or above a name than the one that claims it.
    fn is_longest(&self, index: &Index, claim: Claim, node: NameId) -> bool {
        !self.lacks.zones || index.estate().zone(claim.zone()).apex == node
    }

    /// Whether a ruleset of which nothing was read may be linked.
    pub fn lacks_ruleset(&self) -> bool {
        self.lacks.rulesets
    }

    /// Whether a DNS security policy of which nothing was read may be linked.
    pub fn lacks_policy(&self) -> bool {
        self.lacks.policies
    }

    /// The network, where it matters which one it is.
    pub fn vnet(&self) -> Option<VnetId> {
        self.vnet
    }

    /// The linked zone with the longest apex at or above `node`.
    ///
    /// "What is a private DNS zone", learn.microsoft.com/azure/dns/private-dns-privatednszone,
    /// and "Private reverse DNS" (a longer prefix takes precedence); read 2026-11.
    pub fn claim(&self, index: &Index, node: NameId) -> Option<Claim> {
        self.claims[index.apex_of(node)? as usize]
    }

    /// A zone that would answer before that one, or at all, if it were linked; no
    /// input tells whether it is.
    pub fn doubt(&self, index: &Index, node: NameId) -> Option<Doubt> {
        self.doubts[index.apex_of(node)? as usize]
    }

    /// The same where that zone has the last word on all that it records: no policy, rule or
    /// link that was not read may come before it.
    pub fn settled_claim(&self, index: &Index, node: NameId) -> Option<Claim> {
        let apex = index.apex_of(node)? as usize;
        let only = self.policies.is_empty() && self.rulesets.is_empty() && !self.lacks.policies;
        let claim = self.claims[apex].filter(|claim| matches!(claim, Claim::Zone { .. }));
        claim.filter(|&claim| {
            only && self.doubts[apex].is_none() && self.is_longest(index, claim, node)
        })
    }

    /// The linked zones with a shorter apex that the claim on `node` hides, the longest first.
    pub fn hidden(&self, index: &Index, node: NameId) -> Vec<Claim> {
        let mut hidden = Vec::new();
        let Some(mut last) = self.claim(index, node) else { return hidden };
        let mut apex = index.apex_of(node);
        while let Some(at) = apex {
            if let Some(next) = self.claims[at as usize]
                && next != last
            {
                hidden.push(next);
                last = next;
            }
            apex = index.apexes()[at as usize].above;
        }
        hidden
    }

    /// Whether a DNS security policy is linked.
    pub fn has_policies(&self) -> bool {
        !self.policies.is_empty()
    }

    /// The rulesets that apply or may apply.
    pub fn rulesets(&self) -> &[(RulesetId, RulesetHold)] {
        &self.rulesets
    }

    /// The enabled rule with the longest domain at or above `node`, and how its ruleset
    /// comes here; nothing is said of reserved suffixes.
    ///
    /// "If multiple matches are present, the longest suffix is used": "What is Azure DNS
    /// Private Resolver?", learn.microsoft.com/azure/dns/dns-private-resolver-overview,
    /// read 2026-11.
    pub fn rule(&self, index: &Index, node: NameId) -> Option<(RuleRef, RulesetHold)> {
        let rule = |&(ruleset, hold): &(RulesetId, RulesetHold)| {
            Some((index.rule_for(ruleset, node)?, hold))
        };
        let depth = |found: &(RuleRef, RulesetHold)| {
            let estate = index.estate();
            estate.names.depth(index.rule(found.0).domain)
        };
        // Of two linked rulesets the first of the longest; Azure links one only.
        self.rulesets
            .iter()
            .filter_map(rule)
            .reduce(|kept, later| if depth(&later) > depth(&kept) { later } else { kept })
    }
}

/// A zone of this name that may be linked for all that was read.
fn doubt_of(estate: &Estate, apex: &Apex) -> Option<Doubt> {
    apex.zones.iter().find_map(|&zone| unread_links(estate, zone))
}

/// Whether a zone may have links that were not read.
pub(super) fn unread_links(estate: &Estate, zone: ZoneId) -> Option<Doubt> {
    let facts = estate.zone(zone);
    let missing = match facts.links_extent() {
        Extent::Whole => return None,
        _ => facts.declared_links.is_some() || facts.links_short,
    };
    Some(Doubt { zone, missing })
}

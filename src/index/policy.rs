//! DNS security policies, compiled for looking up.

use std::collections::HashSet;

use smallvec::SmallVec;

use super::azure::RulesetHold as Hold;
use super::{AzureDns, Index, Place};
use crate::estate::{Estate, PolicyAction, PolicyRule, VnetId};
use crate::name::NameId;

/// A rule of a policy, by their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyRef {
    /// The policy, by its place in the estate.
    pub policy: u32,
    /// The rule, by its place in the policy.
    pub rule: u32,
}

/// What the policies of a network say of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyVerdict {
    /// No rule covers it.
    Silent,
    /// This rule decides.
    Rule(PolicyRef, PolicyAction),
    /// This rule would block it if one of its lists holds it, and not all were read.
    UnreadList(PolicyRef),
    /// The rules of this policy were not all read.
    UnreadRules(u32),
    /// This policy would block it, and its link is not operational yet.
    Pending(PolicyRef),
    /// Both policies are linked, which Azure refuses.
    Two(u32, u32),
    /// This policy may block it, and not all of its links were read.
    Perhaps(u32),
}

/// The policies of a network, by place, each with how it comes there.
pub(super) type Linked = SmallVec<[(u32, Hold); 1]>;

/// What one rule covers.
struct Covered {
    at: PolicyRef,
    action: PolicyAction,
    domains: HashSet<NameId>,
    /// A list of the customer was not read, or not in full.
    unread: bool,
    /// A list is one that Azure keeps.
    managed: bool,
}

#[derive(Default)]
pub(super) struct Policies {
    /// By policy: its enabled rules by priority.
    rules: Vec<Vec<Covered>>,
    by_vnet: Vec<(VnetId, Linked)>,
    /// Those of which not all links were read: a network has one policy at most.
    perhaps: Linked,
}

impl Policies {
    pub(super) fn new(estate: &Estate) -> Policies {
        let mut by_vnet: Vec<(VnetId, Linked)> = Vec::new();
        for (at, policy) in estate.policies.iter().enumerate() {
            for link in &policy.links {
                let hold = if link.pending.is_some() { Hold::Pending } else { Hold::Linked };
                let linked = (at as u32, hold);
                match by_vnet.iter_mut().find(|known| known.0 == link.vnet) {
                    Some(known) => known.1.push(linked),
                    None => by_vnet.push((link.vnet, SmallVec::from_slice(&[linked]))),
                }
            }
        }
        let covered = |policy: usize, (rule, facts): (usize, &PolicyRule)| {
            let at = PolicyRef { policy: policy as u32, rule: rule as u32 };
            let (mut domains, mut unread) = (HashSet::new(), false);
            for name in &facts.lists {
                match estate.domain_lists.iter().find(|list| list.is_named(name)) {
                    Some(list) => {
                        domains.extend(&list.domains);
                        unread |= list.partial;
                    }
                    None => unread = true,
                }
            }
            let managed = !facts.managed.is_empty();
            Covered { at, action: facts.action, domains, unread, managed }
        };
        let rules = estate.policies.iter().enumerate().map(|(at, policy)| {
            let enabled = policy.rules.iter().enumerate().filter(|(_, rule)| rule.enabled);
            enabled.map(|rule| covered(at, rule)).collect()
        });
        let unread = estate.policies.iter().enumerate().filter(|(_, policy)| !policy.links_listed);
        let perhaps = unread.map(|(at, _)| (at as u32, Hold::Perhaps)).collect();
        Policies { rules: rules.collect(), by_vnet, perhaps }
    }

    /// The policies of a network, which is a site or not.
    pub(super) fn of(&self, vnet: VnetId, site: bool) -> Linked {
        match self.by_vnet.iter().find(|known| known.0 == vnet) {
            Some(known) => known.1.clone(),
            None if site => Linked::new(),
            None => self.perhaps.clone(),
        }
    }
}

impl Index {
    /// The rule of a policy.
    pub fn policy_rule(&self, at: PolicyRef) -> &PolicyRule {
        &self.estate.policies[at.policy as usize].rules[at.rule as usize]
    }

    /// What policies say of a name, and whether that rests on a list that Azure keeps.
    ///
    /// Of the rules that cover a name the one with the lowest number decides, and a domain
    /// stands for all names at or below it ("DNS security policy",
    /// learn.microsoft.com/azure/dns/dns-security-policy, read 2026-11).
    pub fn verdict(&self, dns: &AzureDns, place: &Place) -> (PolicyVerdict, bool) {
        match dns.policies[..] {
            [] => (PolicyVerdict::Silent, false),
            [(_, Hold::Perhaps), ..] => {
                let touches = |policy: u32| match self.verdict_of(policy, true, place) {
                    (PolicyVerdict::Rule(_, action), _) => matches!(action, PolicyAction::Block(_)),
                    (verdict, rests) => rests || verdict != PolicyVerdict::Silent,
                };
                let found = dns.policies.iter().map(|one| one.0).find(|&policy| touches(policy));
                (found.map_or(PolicyVerdict::Silent, PolicyVerdict::Perhaps), false)
            }
            [(one, _), (other, _), ..] => (PolicyVerdict::Two(one, other), false),
            [(only, hold)] => self.verdict_of(only, hold == Hold::Linked, place),
        }
    }

    /// The same of one policy, whose link is operational or not.
    fn verdict_of(&self, policy: u32, works: bool, place: &Place) -> (PolicyVerdict, bool) {
        let facts = &self.estate.policies[policy as usize];
        let known = facts.refused == 0 && (facts.rules_listed || !facts.rules.is_empty());
        if facts.refused > 0 {
            return (PolicyVerdict::UnreadRules(policy), false);
        }
        // Most policies are there for their logs and have no rules.
        let (mut rests, mut may_block, mut may_permit) = (!known, None, None);
        for rule in &self.policies.rules[policy as usize] {
            let mut above = self.estate.names.ancestors(place.node());
            let blocks = matches!(rule.action, PolicyAction::Block(_));
            if above.any(|name| rule.domains.contains(&name)) {
                // An unread list before it permits what this one blocks, or the reverse.
                let doubt = if blocks { may_permit } else { may_block };
                let verdict = match doubt {
                    _ if blocks && !works => PolicyVerdict::Pending(rule.at),
                    Some(unread) => PolicyVerdict::UnreadList(unread),
                    None => PolicyVerdict::Rule(rule.at, rule.action),
                };
                return (verdict, rests);
            }
            if rule.unread {
                let doubt = if blocks { &mut may_block } else { &mut may_permit };
                *doubt = doubt.or(Some(rule.at));
            }
            rests |= rule.managed && blocks;
        }
        let verdict = may_block.map_or(PolicyVerdict::Silent, PolicyVerdict::UnreadList);
        (verdict, rests)
    }
}

//! DNS security policies, compiled for looking up.

use std::collections::HashSet;

use smallvec::SmallVec;

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
}

/// The policies of a network, by place, each with whether its link is operational.
pub(super) type Linked = SmallVec<[(u32, bool); 1]>;

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
}

impl Policies {
    pub(super) fn new(estate: &Estate) -> Policies {
        let mut by_vnet: Vec<(VnetId, Linked)> = Vec::new();
        for (at, policy) in estate.policies.iter().enumerate() {
            for link in &policy.links {
                let linked = (at as u32, link.pending.is_none());
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
        Policies { rules: rules.collect(), by_vnet }
    }

    pub(super) fn of(&self, vnet: VnetId) -> Linked {
        let found = self.by_vnet.iter().find(|known| known.0 == vnet);
        found.map(|known| known.1.clone()).unwrap_or_default()
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
        let (policy, works) = match dns.policies[..] {
            [] => return (PolicyVerdict::Silent, false),
            [(one, _), (other, _), ..] => return (PolicyVerdict::Two(one, other), false),
            [only] => only,
        };
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

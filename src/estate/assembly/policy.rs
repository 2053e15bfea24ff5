//! Putting together DNS security policies and their domain lists.

use super::{Assembly, id_key};
use crate::estate::{DomainList, Estate, Origin, SecurityPolicy, VnetId};

impl Assembly {
    /// Adds a DNS security policy, or a part of one; what several inputs say of one id, or of
    /// one name where one of them knows no id, adds up.
    pub fn put_policy(&mut self, policy: SecurityPolicy) {
        self.estate.policies.push(policy);
    }

    /// Adds a domain list; what several inputs say of one adds up.
    pub fn put_domain_list(&mut self, list: DomainList) {
        self.estate.domain_lists.push(list);
    }
}

/// One policy for each id or name, its rules by priority and one link for each network.
pub(super) fn merge(estate: &mut Estate) {
    let Estate { names, policies, domain_lists, .. } = estate;
    policies.sort_by_cached_key(|one| {
        (one.name.to_lowercase(), one.id.is_none(), id_key(&one.id), one.origin)
    });
    policies.dedup_by(|later, kept| {
        let clash = later.id.is_some() && kept.id.is_some() && later.id != kept.id;
        if clash || !later.name.eq_ignore_ascii_case(&kept.name) {
            return false;
        }
        kept.rules_listed |= later.rules_listed;
        kept.links_listed |= later.links_listed;
        kept.refused += later.refused;
        kept.rules.append(&mut later.rules);
        kept.links.append(&mut later.links);
        kept.origin = kept.origin.min(later.origin);
        true
    });
    for policy in policies {
        policy.rules.sort_by(|a, b| {
            let key = |one: &crate::estate::PolicyRule| (one.priority, one.action, !one.enabled);
            (key(a), &a.lists, a.origin).cmp(&(key(b), &b.lists, b.origin))
        });
        policy.rules.dedup_by(|later, kept| {
            (later.priority, later.action, later.enabled, &later.lists, &later.managed)
                == (kept.priority, kept.action, kept.enabled, &kept.lists, &kept.managed)
        });
        policy.links.sort_by_key(|link| (link.vnet, link.pending.is_some(), link.origin));
        policy.links.dedup_by(|later, kept| later.vnet == kept.vnet);
    }
    domain_lists.sort_by_cached_key(|one| {
        (one.name.to_lowercase(), one.id.is_none(), id_key(&one.id), one.origin)
    });
    domain_lists.dedup_by(|later, kept| {
        let clash = later.id.is_some() && kept.id.is_some() && later.id != kept.id;
        if clash || !later.name.eq_ignore_ascii_case(&kept.name) {
            return false;
        }
        kept.domains.append(&mut later.domains);
        kept.partial |= later.partial;
        true
    });
    for list in domain_lists {
        list.domains.sort_by_cached_key(|&domain| names.name(domain));
        list.domains.dedup();
    }
}

/// Calls `each` with every place that a fact of policies stands at.
pub(super) fn origins(estate: &mut Estate, each: &mut impl FnMut(&mut Origin)) {
    for policy in &mut estate.policies {
        each(&mut policy.origin);
        policy.rules.iter_mut().for_each(|rule| each(&mut rule.origin));
        policy.links.iter_mut().for_each(|link| each(&mut link.origin));
    }
    estate.domain_lists.iter_mut().for_each(|list| each(&mut list.origin));
}

/// Calls `each` with every reference to a network.
pub(super) fn vnets(estate: &mut Estate, each: impl Fn(VnetId) -> VnetId) {
    let links = estate.policies.iter_mut().flat_map(|policy| &mut policy.links);
    links.for_each(|link| link.vnet = each(link.vnet));
}

//! DNS security policies, their rules and links, and the domain lists that these name.
//!
//! REST reference "DNS Resolver Policies", "DNS Security Rules", "DNS Resolver Policy Virtual
//! Network Links" and "DNS Resolver Domain Lists", learn.microsoft.com/rest/api/dns, 2025-05-01;
//! `managedDomainLists` 2025-10-01-preview; read 2026-11.

use super::forwarding::Stated;
use super::inventory::{property, texts};
use super::{Item, Listed, Outcome, Problem, Reader, headless, identity};
use crate::estate::{
    BlockResponse, DomainList, NoteKind, Origin, PolicyAction, PolicyRule, ResourceId, RulesetLink,
    SecurityPolicy,
};

impl Reader<'_, '_> {
    pub(super) fn policy(&mut self, head: &Item<'_>, item: &Stated<'_>) -> Outcome {
        let (id, name) = identity(head, "this DNS security policy").map_err(at(item.origin))?;
        self.assembly.put_policy(SecurityPolicy::new(name, id, item.origin));
        Ok(())
    }

    pub(super) fn policy_rule(
        &mut self,
        head: &Item<'_>,
        item: &Stated<'_>,
        listed: &mut Listed,
    ) -> Outcome {
        let (mut policy, name) = policy_and_child(head, item.origin)?;
        listed.with_policy_rules.push((policy.name.clone(), policy.id.clone(), item.origin));
        let rule = policy_rule_of(name, item);
        policy.refused = u32::from(rule.is_err());
        let done = rule.map(|rule| policy.rules.push(rule));
        self.assembly.put_policy(policy);
        done
    }

    pub(super) fn policy_link(
        &mut self,
        head: &Item<'_>,
        item: &Stated<'_>,
        listed: &mut Listed,
    ) -> Outcome {
        let (mut policy, name) = policy_and_child(head, item.origin)?;
        let Some(vnet) = self.network(item, &["virtualNetwork.id", "virtualNetworkId"])? else {
            return item.problem("this link names no virtual network");
        };
        listed.with_policy_links.push((policy.name.clone(), policy.id.clone(), item.origin));
        let working = |state: &&str| state.eq_ignore_ascii_case("Succeeded");
        let state = item.text("provisioningState").filter(|state| !working(state));
        let pending = state.map(str::to_owned);
        policy.links.push(RulesetLink { name, vnet, pending, origin: item.origin });
        self.assembly.put_policy(policy);
        Ok(())
    }

    pub(super) fn domain_list(&mut self, head: &Item<'_>, item: &Stated<'_>) -> Outcome {
        let origin = item.origin;
        let (id, name) = identity(head, "this domain list").map_err(at(origin))?;
        let stated = property(&item.value, "domains").is_some_and(|list| !list.is_null());
        let mut list = DomainList { name, id, domains: Vec::new(), partial: !stated, origin };
        let texts: Vec<String> = texts(&item.value, "domains[]").map(str::to_owned).collect();
        for text in texts {
            match DomainList::domain(self.assembly.names(), &text) {
                Ok(domain) => list.domains.push(domain),
                Err(message) => {
                    list.partial = true;
                    self.assembly.note(NoteKind::Refused, message, item.place(&text));
                }
            }
        }
        self.assembly.put_domain_list(list);
        Ok(())
    }
}

fn at(origin: Origin) -> impl Fn(String) -> Problem {
    move |error| (error, origin)
}

/// The policy that a rule or link is a part of, and the child's own name.
fn policy_and_child(head: &Item<'_>, origin: Origin) -> Result<(SecurityPolicy, String), Problem> {
    if let Some(id) = &head.id {
        let own = id.as_str().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        if let Some(policy) =
            ResourceId::new(id.as_str()).and_then(|id| id.up_to("dnsResolverPolicies"))
        {
            let name = policy.name().to_owned();
            return Ok((SecurityPolicy::new(name, Some(policy), origin), own.to_owned()));
        }
    }
    if let Some(id) = &head.id
        && let Some((_, policy)) = headless(id.as_str(), "dnsResolverPolicies")
    {
        let own = id.as_str().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        return Ok((SecurityPolicy::new(policy.to_owned(), None, origin), own.to_owned()));
    }
    let parts = head.name.as_ref().and_then(|name| name.as_str().split_once('/'));
    let Some((policy, name)) = parts else {
        let message = "this part of a DNS security policy has no `id`, so its policy is unknown";
        return Err((message.to_owned(), origin));
    };
    Ok((SecurityPolicy::new(policy.to_owned(), None, origin), name.to_owned()))
}

fn policy_rule_of(name: String, item: &Stated<'_>) -> Result<PolicyRule, Problem> {
    let priority = property(&item.value, "priority").and_then(serde_json::Value::as_u64);
    let Some(priority) = priority.and_then(|priority| u32::try_from(priority).ok()) else {
        return item.problem("this DNS security rule has no `priority`");
    };
    let code = item.text("action.blockResponseCode");
    let action = match item.text("action.actionType") {
        Some(action) if action.eq_ignore_ascii_case("Allow") => PolicyAction::Allow,
        Some(action) if action.eq_ignore_ascii_case("Alert") => PolicyAction::Alert,
        Some(action) if action.eq_ignore_ascii_case("Block") => {
            let fails = code.is_some_and(|code| code.eq_ignore_ascii_case("SERVFAIL"));
            let response = if fails { BlockResponse::ServFail } else { BlockResponse::Alias };
            PolicyAction::Block(response)
        }
        other => {
            let found = other.unwrap_or("nothing");
            let message =
                format!("expected `Allow`, `Alert` or `Block` as `actionType`, found `{found}`");
            return Err((message, item.place(found)));
        }
    };
    let state = item.text("dnsSecurityRuleState");
    let enabled = !state.is_some_and(|state| state.eq_ignore_ascii_case("Disabled"));
    let boxed = |path: &str| texts(&item.value, path).map(Box::from).collect();
    Ok(PolicyRule {
        name,
        priority,
        action,
        enabled,
        lists: boxed("dnsResolverDomainLists[].id"),
        managed: boxed("managedDomainLists[]"),
        origin: item.origin,
    })
}

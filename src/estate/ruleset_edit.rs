//! Changes to forwarding rulesets.

use std::net::SocketAddr;

use super::{
    AZURE_DNS, Change, ChangeError, Estate, ForwardingRule, RulesetId, RulesetLink, VnetId,
};
use crate::name::NameId;

/// The most targets of a rule ("Azure subscription and service limits, quotas, and constraints",
/// section Azure DNS Private Resolver,
/// learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits,
/// read 2026-11).
const TARGETS_OF_RULE: usize = 6;

/// A region as the management API names it: `West Europe` is `westeurope`.
pub fn plain_region(region: &str) -> String {
    region.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// One change to a ruleset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RulesetEdit {
    /// Makes the rule of a domain what is given, enabled.
    PutRule {
        /// Names at or below this; the root for all.
        domain: NameId,
        /// The rule's own name; one made of the domain where there is none.
        name: Option<Box<str>>,
        /// Who is asked, in order.
        targets: Vec<SocketAddr>,
    },
    /// Removes the rule of a domain.
    RemoveRule {
        /// The domain.
        domain: NameId,
    },
    /// Links the ruleset to a network.
    Link {
        /// The network.
        vnet: VnetId,
        /// The link's own name; `to-` and the network's where there is none.
        name: Option<Box<str>>,
    },
    /// Removes the link to a network.
    Unlink {
        /// The network.
        vnet: VnetId,
    },
}

impl Estate {
    pub(super) fn edit_ruleset(
        &mut self,
        id: RulesetId,
        edit: &RulesetEdit,
    ) -> Result<(), ChangeError> {
        match edit {
            RulesetEdit::PutRule { domain, name, targets } => {
                if targets.iter().any(|target| target.ip() == AZURE_DNS) {
                    return Err(ChangeError::AzureAsTarget);
                }
                let shown = self.names.show(*domain).to_string();
                if targets.len() > TARGETS_OF_RULE {
                    let what = format!("targets of the rule for `{shown}`");
                    let (count, most) = (targets.len(), TARGETS_OF_RULE);
                    return Err(ChangeError::TooMany { what, count, most });
                }
                let made = || shown.trim_end_matches('.').replace('.', "-");
                let ruleset = &mut self.rulesets[id.index()];
                let old = ruleset.rules.iter().position(|rule| rule.domain == *domain);
                let rule = ForwardingRule {
                    name: match (name, old.map(|at| &ruleset.rules[at])) {
                        (Some(name), _) => name.to_string(),
                        (None, Some(old)) => old.name.clone(),
                        (None, None) if made().is_empty() => "all".to_owned(),
                        (None, None) => made(),
                    },
                    domain: *domain,
                    targets: targets.clone(),
                    enabled: true,
                    origin: ruleset.origin,
                };
                match old {
                    Some(at) => ruleset.rules[at] = rule,
                    None => ruleset.rules.push(rule),
                }
                Ok(())
            }
            RulesetEdit::RemoveRule { domain } => {
                let what = format!("rule for `{}`", self.names.show(*domain));
                let rules = &mut self.rulesets[id.index()].rules;
                let at = rules.iter().position(|rule| rule.domain == *domain);
                rules.remove(at.ok_or(ChangeError::NotThere { what })?);
                Ok(())
            }
            RulesetEdit::Link { vnet, name } => {
                let linked = |link: &RulesetLink| link.vnet == *vnet;
                if let Some(ruleset) = self.rulesets.iter().find(|one| one.links.iter().any(linked))
                {
                    let (vnet, ruleset) = (self.vnet_name(*vnet), ruleset.name.clone());
                    return Err(ChangeError::SecondRuleset { vnet, ruleset });
                }
                let facts =
                    (self.ruleset(id).location.as_ref(), self.vnet(*vnet).location.as_ref());
                if let (Some(region), Some(other)) = facts
                    && plain_region(region) != plain_region(other)
                {
                    return Err(ChangeError::OtherRegion {
                        ruleset: format!("`{}` is in {region}", self.ruleset_label(id)),
                        vnet: format!("`{}` in {other}", self.vnet_name(*vnet)),
                    });
                }
                let made = || format!("to-{}", self.vnet(*vnet).name);
                let name = name.as_deref().map_or_else(made, str::to_owned);
                let ruleset = &mut self.rulesets[id.index()];
                let origin = ruleset.origin;
                let at = ruleset.links.partition_point(|link| link.vnet < *vnet);
                ruleset.links.insert(at, RulesetLink { name, vnet: *vnet, pending: None, origin });
                Ok(())
            }
            RulesetEdit::Unlink { vnet } => {
                let what = format!("ruleset link to `{}`", self.vnet_name(*vnet));
                let links = &mut self.rulesets[id.index()].links;
                let at = links.iter().position(|link| link.vnet == *vnet);
                links.remove(at.ok_or(ChangeError::NotThere { what })?);
                Ok(())
            }
        }
    }

    /// What takes an edit back, as the estate is before it.
    pub(super) fn inverse_edit(&self, ruleset: RulesetId, edit: &RulesetEdit) -> Option<Change> {
        let facts = self.ruleset(ruleset);
        let back = match edit {
            RulesetEdit::PutRule { domain, .. } | RulesetEdit::RemoveRule { domain } => {
                match facts.rules.iter().find(|rule| rule.domain == *domain) {
                    Some(rule) if rule.enabled => RulesetEdit::PutRule {
                        domain: *domain,
                        name: Some(rule.name.as_str().into()),
                        targets: rule.targets.clone(),
                    },
                    // A disabled rule forwards nothing, and neither does none.
                    _ => RulesetEdit::RemoveRule { domain: *domain },
                }
            }
            RulesetEdit::Link { vnet, .. } => RulesetEdit::Unlink { vnet: *vnet },
            RulesetEdit::Unlink { vnet } => {
                let link = facts.links.iter().find(|link| link.vnet == *vnet)?;
                RulesetEdit::Link { vnet: *vnet, name: Some(link.name.as_str().into()) }
            }
        };
        Some(Change::Ruleset { ruleset, edit: back })
    }
}

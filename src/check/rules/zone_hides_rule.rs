//! `zone-hides-rule`

use std::collections::BTreeMap;

use super::{link_origin, list_vnets};
use crate::check::{Context, Report, rule};
use crate::estate::{VnetId, ZoneId};
use crate::index::{Assumption, View};
use crate::name::NameId;

rule! {
    /// ## What it finds
    /// An enabled rule for a name at or below a zone that is linked to a network of the
    /// ruleset.
    ///
    /// ## Why it matters
    /// Azure DNS asks linked zones first and consults rules for what no zone claims
    /// ("What is Azure DNS Private Resolver?",
    /// learn.microsoft.com/azure/dns/dns-private-resolver-overview, read 2026-11). The
    /// names of the rule are NXDOMAIN there unless the zone has them, and the rule's
    /// servers are never asked.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    /// ruleset rules-hub  link hub
    ///   ad.corp.internal  10.9.0.10
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone cloud.corp.internal  link hub
    ///   nas  A  10.0.0.7
    /// ruleset rules-hub  link hub
    ///   ad.corp.internal  10.9.0.10
    /// ```
    pub static ZONE_HIDES_RULE = "zone-hides-rule" {
        summary: "a linked zone answers before a forwarding rule",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    for ruleset in &estate.rulesets {
        for rule in ruleset.rules.iter().filter(|rule| rule.enabled) {
            let mut hiding: BTreeMap<ZoneId, Vec<VnetId>> = BTreeMap::new();
            for link in ruleset.links.iter().filter(|link| link.pending.is_none()) {
                let Some(view) = context.view_of(link.vnet) else { continue };
                if let Some(claim) = view.claim(rule.domain)
                    && !wins(view, rule.domain, claim.zone())
                {
                    hiding.entry(claim.zone()).or_default().push(link.vnet);
                }
            }
            for (zone, vnets) in hiding {
                let mut finding = report
                    .finding(format!(
                        "zone `{}` answers before rule `{}` of `{}` in {}",
                        estate.zone_name(zone),
                        estate.names.show(rule.domain),
                        ruleset.name,
                        list_vnets(context, &vnets)
                    ))
                    .modelled()
                    .from(vnets.iter().copied())
                    .at(rule.origin, "the servers of this rule are never asked")
                    .at(estate.zone(zone).origin, "this zone claims the name first")
                    .named([rule.domain])
                    .help("remove the rule, or unlink the zone where the rule is meant");
                if let Some(origin) = link_origin(context, zone, vnets[0]) {
                    finding = finding.at(origin, "it is linked here");
                }
                report.add(finding);
            }
        }
    }
}

/// Whether the rule is taken to win over the zone, since its domain is longer than the apex.
fn wins(view: &View<'_>, domain: NameId, zone: ZoneId) -> bool {
    let longer = domain != view.index().estate().zone(zone).apex;
    longer && view.settings().value(Assumption::RuleLongerThanZone) == "rule-wins"
}

//! `rule-bypasses-zone`

use std::collections::BTreeMap;

use super::{list_names, list_vnets};
use crate::check::{Context, Report, rule};
use crate::estate::{ForwardingRule, Ruleset, VnetId, ZoneId};
use crate::index::{Service, View};
use crate::name::NameId;
use crate::record::RecordType;

rule! {
    /// ## What it finds
    /// An enabled rule for the public name of a resource with a private endpoint, in a
    /// network that the service's zone is linked to, that sends it to servers other than
    /// an inbound endpoint whose network has the zone.
    ///
    /// ## Why it matters
    /// The rule matches the name that clients ask for, before the alias leads to the
    /// zone. The server answers with the whole public chain, so clients get the public
    /// address and the private record is never used (MicrosoftDocs/azure-docs issue
    /// 100273).
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.0.0.7
    /// ruleset rules-hub  link hub
    ///   blob.core.windows.net  10.9.0.10
    /// public blob sta
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.0.0.7
    /// ruleset rules-hub  link hub
    ///   corp.internal  10.9.0.10
    /// public blob sta
    /// ```
    pub static RULE_BYPASSES_ZONE = "rule-bypasses-zone" {
        summary: "a forwarding rule takes a service's names away from its private zone",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    for ruleset in &context.estate().rulesets {
        // By rule, and the zone that has the records.
        let mut found: BTreeMap<(usize, ZoneId), (Vec<NameId>, Vec<VnetId>)> = BTreeMap::new();
        for service in context.index().services() {
            let Some((at, rule)) = longest(context, ruleset, service.name) else { continue };
            for link in ruleset.links.iter().filter(|link| link.pending.is_none()) {
                let Some(view) = context.view_of(link.vnet) else { continue };
                if view.claim(service.name).is_some() || leads_back(context, rule, service) {
                    continue;
                }
                let Some(zone) = zone_of(view, service) else { continue };
                let entry = found.entry((at, zone)).or_default();
                entry.0.push(service.name);
                entry.1.push(link.vnet);
            }
        }
        for ((at, zone), (mut names, mut vnets)) in found {
            names.sort_unstable();
            names.dedup();
            vnets.sort();
            vnets.dedup();
            add(context, report, (ruleset, &ruleset.rules[at]), zone, &names, &vnets);
        }
    }
}

/// The enabled rule with the longest domain at or above a name, but not one for all names:
/// that leaves Azure's own domains out.
fn longest<'r>(
    context: &Context<'_>,
    ruleset: &'r Ruleset,
    name: NameId,
) -> Option<(usize, &'r ForwardingRule)> {
    let names = &context.estate().names;
    let enabled = ruleset.rules.iter().enumerate().filter(|(_, rule)| rule.enabled);
    enabled
        .filter(|(_, rule)| names.is_at_or_below(name, rule.domain))
        .max_by_key(|(_, rule)| names.depth(rule.domain))
        .filter(|(_, rule)| names.depth(rule.domain) > 2)
}

/// The linked zone that the chain of a service leads to.
fn zone_of(view: &View<'_>, service: &Service) -> Option<ZoneId> {
    service.aliases.iter().find_map(|&alias| view.claim(alias)).map(|claim| claim.zone())
}

/// Whether the rule's first target is an inbound endpoint whose network has the zone.
fn leads_back(context: &Context<'_>, rule: &ForwardingRule, service: &Service) -> bool {
    let Some(target) = rule.targets.first() else { return false };
    let inbound = context.estate().inbound.iter().find(|one| one.addresses.contains(&target.ip()));
    let view = inbound.and_then(|one| one.vnet).and_then(|vnet| context.view_of(vnet));
    view.is_some_and(|view| zone_of(view, service).is_some())
}

fn add(
    context: &Context<'_>,
    report: &mut Report<'_>,
    (ruleset, rule): (&Ruleset, &ForwardingRule),
    zone: ZoneId,
    names: &[NameId],
    vnets: &[VnetId],
) {
    let estate = context.estate();
    let finding = report
        .finding(format!(
            "rule `{}` of `{}` sends {} past zone `{}` in {}",
            estate.names.show(rule.domain),
            ruleset.name,
            list_names(context, names),
            estate.zone_name(zone),
            list_vnets(context, vnets)
        ))
        .modelled()
        .from(vnets.iter().copied())
        .at(rule.origin, "this matches the name before its alias is known")
        .at(estate.zone(zone).origin, "this zone has the record")
        .asked(vnets, names[0], RecordType::A)
        .named(names.iter().copied())
        .help("remove the rule, or send it to an inbound endpoint whose network has the zone");
    report.add(finding);
}

//! `ruleset-loop`

use crate::check::{Context, Report, rule};

rule! {
    /// ## What it finds
    /// A rule whose target is an inbound endpoint in a network that the same ruleset is
    /// linked to, for names that no zone linked there claims.
    ///
    /// ## Why it matters
    /// The inbound endpoint asks Azure DNS of its network, the ruleset there sends the
    /// query to the inbound endpoint, and so on: clients wait and get nothing ("Azure DNS
    /// Private Resolver endpoints and rulesets",
    /// learn.microsoft.com/azure/dns/private-resolver-endpoints-rulesets, read 2026-11).
    /// A zone that is linked to that network answers before the rule, and hides the loop
    /// for its names.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// inbound in-hub  vnet hub  address 10.0.0.4
    /// ruleset rules-hub  link hub
    ///   corp.internal  10.0.0.4
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// vnet spoke
    /// inbound in-hub  vnet hub  address 10.0.0.4
    /// ruleset rules-hub  link spoke
    ///   corp.internal  10.0.0.4
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    /// ```
    pub static RULESET_LOOP = "ruleset-loop" {
        summary: "a forwarding rule sends queries back to where they come from",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    for ruleset in &estate.rulesets {
        for rule in ruleset.rules.iter().filter(|rule| rule.enabled) {
            let looping = estate.inbound.iter().find_map(|inbound| {
                let vnet = inbound.vnet?;
                let target = rule.targets.iter().any(|t| inbound.addresses.contains(&t.ip()));
                let link = ruleset.links.iter().find(|link| link.vnet == vnet)?;
                let claimed = context.view_of(vnet).is_some_and(|v| v.claim(rule.domain).is_some());
                (target && !claimed).then_some((inbound, vnet, link))
            });
            let Some((inbound, vnet, link)) = looping else { continue };
            let name = estate.names.show(rule.domain);
            let finding = report
                .finding(format!(
                    "rule `{name}` of `{}` sends queries of `{}` back to itself",
                    ruleset.name,
                    estate.vnet_name(vnet)
                ))
                .from([vnet])
                .at(rule.origin, format!("this sends them to `{}`", inbound.name))
                .at(link.origin, "which asks the network that the ruleset is linked to here")
                .at(inbound.origin, "by this endpoint")
                .named([rule.domain])
                .help("unlink the ruleset from the network of the inbound endpoint, or link the zone there");
            report.add(finding);
        }
    }
}

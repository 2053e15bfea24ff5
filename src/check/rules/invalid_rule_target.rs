//! `invalid-rule-target`

use crate::check::{Context, Report, rule};
use crate::index::AZURE_DNS;

rule! {
    /// ## What it finds
    /// A rule of a ruleset with the address of Azure DNS as a target.
    ///
    /// ## Why it matters
    /// Azure refuses it ("Azure DNS Private Resolver endpoints and rulesets",
    /// learn.microsoft.com/azure/dns/private-resolver-endpoints-rulesets, read 2026-11):
    /// Azure DNS answers what no rule takes anyway. To send a name to Azure DNS of
    /// another network, use that network's inbound endpoint.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// ruleset rules-hub  link hub
    ///   corp.internal  168.63.129.16
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// ruleset rules-hub  link hub
    ///   corp.internal  10.9.0.10
    /// ```
    pub static INVALID_RULE_TARGET = "invalid-rule-target" {
        summary: "a forwarding rule sends queries to 168.63.129.16",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    for ruleset in &estate.rulesets {
        let wrong = ruleset
            .rules
            .iter()
            .filter(|rule| rule.targets.iter().any(|target| target.ip() == AZURE_DNS));
        for rule in wrong {
            let finding = report
                .finding(format!(
                    "rule `{}` of `{}` sends queries to {AZURE_DNS}, which Azure refuses",
                    estate.names.show(rule.domain),
                    ruleset.name
                ))
                .from(ruleset.links.iter().map(|link| link.vnet))
                .at(rule.origin, "Azure DNS cannot be a target")
                .named([rule.domain])
                .help("remove the rule; what no rule takes goes to Azure DNS by itself");
            report.add(finding);
        }
    }
}

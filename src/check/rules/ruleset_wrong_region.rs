//! `ruleset-wrong-region`

use crate::check::{Context, Report, rule};
use crate::estate::plain_region;

rule! {
    /// ## What it finds
    /// A link of a DNS forwarding ruleset to a network in another region.
    ///
    /// ## Why it matters
    /// Azure refuses it: a ruleset can be linked to networks of its own region only
    /// ("Azure DNS Private Resolver endpoints and rulesets",
    /// learn.microsoft.com/azure/dns/private-resolver-endpoints-rulesets, read 2026-11).
    /// The input is of two times, or was written by hand.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub    location westeurope
    /// vnet spoke  location eastus
    /// ruleset rules-hub  location westeurope  link hub  link spoke
    ///   corp.internal  10.9.0.10
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub  location westeurope
    /// ruleset rules-hub  location westeurope  link hub
    ///   corp.internal  10.9.0.10
    /// ```
    pub static RULESET_WRONG_REGION = "ruleset-wrong-region" {
        summary: "a ruleset is linked to a network of another region",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    for ruleset in &estate.rulesets {
        let Some(region) = &ruleset.location else { continue };
        for link in &ruleset.links {
            let vnet = estate.vnet(link.vnet);
            let Some(other) =
                vnet.location.as_ref().filter(|one| plain_region(one) != plain_region(region))
            else {
                continue;
            };
            let finding = report
                .finding(format!(
                    "ruleset `{}` of {region} is linked to `{}` of {other}",
                    ruleset.name,
                    estate.vnet_name(link.vnet)
                ))
                .from([link.vnet])
                .at(link.origin, "Azure refuses a link across regions")
                .at(vnet.origin, format!("this network is in {other}"))
                .help(format!("link a ruleset of {other} to the network"));
            report.add(finding);
        }
    }
}

//! `limit-exceeded`

use crate::check::limits::{Use, uses};
use crate::check::{Context, Report, rule};

rule! {
    /// ## What it finds
    /// More record sets, links, registration links or records than a private zone can
    /// have, more zones linked to a network or in a subscription, or texts that are too
    /// long.
    ///
    /// ## Why it matters
    /// Azure refuses what is over the limit ("Azure subscription and service limits",
    /// learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits,
    /// section Azure DNS, read 2026-11): the input cannot exist as it is written, or an
    /// import of it fails half-way.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   many  A  10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.5 10.0.0.6 10.0.0.7 10.0.0.8 10.0.0.9 10.0.0.10 10.0.0.11 10.0.0.12 10.0.0.13 10.0.0.14 10.0.0.15 10.0.0.16 10.0.0.17 10.0.0.18 10.0.0.19 10.0.0.20 10.0.0.21
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   many  A  10.0.0.1 10.0.0.2 10.0.0.3
    /// ```
    pub static LIMIT_EXCEEDED = "limit-exceeded" {
        summary: "there is more of something than Azure allows",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    for one in uses(context).iter().filter(|one| one.count > one.most) {
        let Use { what, count, most, origin, .. } = one;
        let finding = report
            .finding(format!("{what}: {count}, and Azure allows {most}"))
            .at(*origin, "there is more here than can be")
            .named(one.name)
            .help("divide it, or delete what is no longer used");
        report.add(finding);
    }
}

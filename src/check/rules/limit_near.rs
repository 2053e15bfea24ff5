//! `limit-near`

use crate::check::limits::{Use, uses};
use crate::check::{Context, Report, rule};

rule! {
    /// ## What it finds
    /// At least nine tenths of a limit of private zones in use.
    ///
    /// ## Why it matters
    /// The next change may be refused, in the middle of others ("Azure subscription and
    /// service limits",
    /// learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits,
    /// section Azure DNS, read 2026-11). Some limits are raised on request.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   many  A  10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.5 10.0.0.6 10.0.0.7 10.0.0.8 10.0.0.9 10.0.0.10 10.0.0.11 10.0.0.12 10.0.0.13 10.0.0.14 10.0.0.15 10.0.0.16 10.0.0.17 10.0.0.18 10.0.0.19
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   many  A  10.0.0.1 10.0.0.2 10.0.0.3
    /// ```
    pub static LIMIT_NEAR = "limit-near" {
        summary: "there is nearly as much of something as Azure allows",
        severity: Note,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let near = |one: &&Use| one.count <= one.most && one.count * 10 >= one.most * 9;
    for one in uses(context).iter().filter(near) {
        let Use { what, count, most, origin, .. } = one;
        let finding = report
            .finding(format!("{what}: {count} of {most} that Azure allows"))
            .at(*origin, "little more fits in")
            .named(one.name)
            .help("delete what is no longer used, or divide it in time");
        report.add(finding);
    }
}

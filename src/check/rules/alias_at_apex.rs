//! `alias-at-apex`

use crate::check::{Context, Report, rule};

rule! {
    /// ## What it finds
    /// An alias whose owner is the apex of its zone.
    ///
    /// ## Why it matters
    /// The apex always has the SOA, and an alias stands alone, so Azure refuses it ("DNS
    /// zones and records overview", learn.microsoft.com/azure/dns/dns-zones-records, read
    /// 2026-11). The input is damaged or was edited by hand; what a client gets is open.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   @    CNAME  www.corp.internal
    ///   www  A      10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   @    A  10.0.0.7
    ///   www  A  10.0.0.7
    /// ```
    pub static ALIAS_AT_APEX = "alias-at-apex" {
        summary: "an alias stands at the apex of its zone",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    for &set in &context.sweep().aliases {
        let facts = context.index().set(set);
        if facts.owner != estate.zone(set.zone).apex {
            continue;
        }
        let finding = report
            .finding(format!("an alias stands at the apex of `{}`", estate.zone_name(set.zone)))
            .from(context.vnets_of(set.zone))
            .at(facts.origin, "the apex has the SOA, so no alias can stand here")
            .named([facts.owner])
            .help("give the apex the addresses themselves");
        report.add(finding);
    }
}

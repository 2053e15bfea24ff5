//! `alias-beside-data`

use crate::check::{Context, Report, rule};
use crate::record::RecordType;

rule! {
    /// ## What it finds
    /// An alias whose owner has other record sets too.
    ///
    /// ## Why it matters
    /// Azure refuses such a record set: an alias stands alone ("DNS zones and records overview",
    /// learn.microsoft.com/azure/dns/dns-zones-records, read 2026-11). The input is
    /// damaged, edited by hand, or merged from two; what a client gets is open.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  A      10.0.0.7
    ///   nas  CNAME  files.corp.internal
    ///   files  A    10.0.0.8
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas    CNAME  files.corp.internal
    ///   files  A      10.0.0.8
    /// ```
    pub static ALIAS_BESIDE_DATA = "alias-beside-data" {
        summary: "an alias stands beside other records",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    for &alias in &context.sweep().aliases {
        let (zone, alias) = (alias.zone, index.set(alias));
        let mut beside = index.sets_at(zone, alias.owner).map(|set| index.set(set));
        let other = beside.find(|set| set.data.record_type() != RecordType::Cname);
        // At the apex it is `alias-at-apex`, whatever else is there.
        let Some(other) = other.filter(|_| alias.owner != estate.zone(zone).apex) else { continue };
        let name = estate.names.show(alias.owner);
        let label = format!("the same name has {} data here", other.data.record_type());
        let finding = report
            .finding(format!("alias `{name}` stands beside other records of that name"))
            .from(context.vnets_of(zone))
            .at(alias.origin, "this alias must stand alone")
            .at(other.origin, label)
            .named([alias.owner])
            .help("keep either the alias or the data")
            .alike(
                zone,
                |count, zone| format!("{count} aliases of `{zone}` stand beside other records"),
                "keep either the aliases or the data",
            );
        report.add(finding);
    }
}

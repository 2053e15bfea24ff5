//! `alias-beside-data`

use crate::check::{Context, Report, rule};
use crate::record::RecordType;

rule! {
    /// ## What it finds
    /// An alias whose owner has other record sets too, or is the apex of its zone.
    ///
    /// ## Why it matters
    /// Azure refuses such a record set: an alias stands alone, and the apex always
    /// has the SOA ("DNS zones and records overview",
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
    let estate = context.estate();
    for (id, zone) in estate.zone_ids() {
        for sets in zone.record_sets.chunk_by(|a, b| a.owner == b.owner) {
            let Some(alias) = sets.iter().find(|set| set.data.record_type() == RecordType::Cname)
            else {
                continue;
            };
            let name = estate.names.show(alias.owner);
            let apex = alias.owner == zone.apex;
            let other = sets.iter().find(|set| set.data.record_type() != RecordType::Cname);
            if !apex && other.is_none() {
                continue;
            }
            let message = if apex {
                format!("an alias stands at the apex of `{}`", estate.zone_name(id))
            } else {
                format!("alias `{name}` stands beside other records of that name")
            };
            let mut finding = report
                .finding(message)
                .from(context.vnets_of(id))
                .at(alias.origin, "this alias must stand alone")
                .help("keep either the alias or the data");
            if let Some(other) = other {
                let label = format!("the same name has {} data here", other.data.record_type());
                finding = finding.at(other.origin, label);
            }
            finding.names = vec![alias.owner];
            report.add(finding);
        }
    }
}

//! `empty-zone`

use crate::check::{Context, Report, rule};
use crate::estate::Extent;
use crate::record::RecordType;

rule! {
    /// ## What it finds
    /// A zone without any records of its own.
    ///
    /// ## Why it matters
    /// If it is linked, all it does is to make every name below it NXDOMAIN; if it is
    /// not, it does nothing. It may wait for its first record, or be left from something
    /// that is gone.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone old.internal  link hub
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone old.internal  link hub
    ///   nas  A  10.0.0.7
    /// ```
    pub static EMPTY_ZONE = "empty-zone" {
        summary: "a zone decides nothing but that names do not exist",
        severity: Note,
        set: Hygiene,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    for (id, zone) in estate.zone_ids() {
        let records = zone.record_sets.iter().any(|set| set.data.record_type() != RecordType::Soa);
        let registers = zone.links.iter().any(|link| link.registration);
        if records || registers || zone.extent() != Extent::Whole {
            continue;
        }
        let vnets = context.vnets_of(id);
        let name = estate.zone_name(id);
        let message = match vnets.is_empty() {
            true => format!("zone `{name}` has no records and no links"),
            false => format!("zone `{name}` has no records, so all below it is NXDOMAIN"),
        };
        let finding = report
            .finding(message)
            .from(vnets.iter().copied())
            .at(zone.origin, "nothing is recorded here")
            .named([zone.apex])
            .help("delete the zone, or unlink it until it has records");
        report.add(finding);
    }
}

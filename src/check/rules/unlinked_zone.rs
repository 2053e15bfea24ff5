//! `unlinked-zone`

use super::plural;
use crate::check::{Context, Report, rule};
use crate::estate::Extent;
use crate::record::RecordType;

rule! {
    /// ## What it finds
    /// A zone with records that is linked to no virtual network.
    ///
    /// ## Why it matters
    /// Nobody can resolve its records. Either a link is missing, or the zone is a
    /// leftover that misleads whoever reads it next. Zones whose links were not
    /// exported are left alone.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal
    ///   nas  A  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    /// ```
    pub static UNLINKED_ZONE = "unlinked-zone" {
        summary: "a zone with records is linked to no network",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    for (id, zone) in context.estate().zone_ids() {
        let records =
            zone.record_sets.iter().filter(|set| set.data.record_type() != RecordType::Soa).count();
        if records == 0 || !zone.links.is_empty() || zone.links_extent() != Extent::Whole {
            continue;
        }
        let message = format!(
            "zone `{}` has {} and is linked to no virtual network",
            context.estate().zone_name(id),
            plural(records, "record set", "record sets")
        );
        let finding = report
            .finding(message)
            .at(zone.origin, "nobody can resolve its records")
            .help("link the zone to the networks that need it, or delete it");
        report.add(finding);
    }
}

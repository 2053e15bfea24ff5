//! `single-label-zone`

use crate::check::{Context, Report, rule};
use crate::estate::ZONE_NAME_LABELS;

rule! {
    /// ## What it finds
    /// A zone whose name has one label, such as `internal`, or more than 34.
    ///
    /// ## Why it matters
    /// Azure refuses it: a private zone's name has 2 to 34 labels ("What is a private
    /// Azure DNS zone", learn.microsoft.com/azure/dns/private-dns-privatednszone, read
    /// 2026-11). Were it there, it would claim every name below that label.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone internal  link hub
    ///   nas.corp  A  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    /// ```
    pub static SINGLE_LABEL_ZONE = "single-label-zone" {
        summary: "a zone's name has a single label",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    for (id, zone) in estate.zone_ids() {
        let labels = estate.names.depth(zone.apex);
        if ZONE_NAME_LABELS.contains(&labels) {
            continue;
        }
        let count = super::plural(labels, "label", "labels");
        let finding = report
            .finding(format!("the name of zone `{}` has {count}", estate.zone_name(id)))
            .from(context.vnets_of(id))
            .at(zone.origin, "a private zone's name has 2 to 34 labels")
            .named([zone.apex])
            .help("move the records to a zone with a longer name, such as one of your own domain");
        report.add(finding);
    }
}

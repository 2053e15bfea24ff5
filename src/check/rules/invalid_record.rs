//! `invalid-record`

use super::{list_names, plural};
use crate::check::sweep::by_zone;
use crate::check::{Context, Report, rule};
use crate::estate::Change;
use crate::name::NameId;
use crate::record::Ttl;

rule! {
    /// ## What it finds
    /// A record set with a TTL of zero.
    ///
    /// ## Why it matters
    /// Azure takes a TTL of 1 to 2,147,483,647 seconds ("DNS zones and records overview",
    /// learn.microsoft.com/azure/dns/dns-zones-records, read 2026-11). The input was
    /// written by another server or by hand, and an import of it fails.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  A  0  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  A  10  10.0.0.7
    /// ```
    pub static INVALID_RECORD = "invalid-record" {
        summary: "a record set has a TTL that Azure refuses",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let index = context.index();
    for (zone, sets) in by_zone(&context.sweep().without_time) {
        let facts = || sets.iter().map(|&set| index.set(set));
        let names: Vec<NameId> = facts().map(|set| set.owner).collect();
        let count = plural(names.len(), "record set has", "record sets have");
        let finding = report
            .finding(format!("{count} a TTL of zero: {}", list_names(context, &names)))
            .from(context.vnets_of(zone))
            .at_each(facts().map(|set| set.origin), "Azure refuses a TTL of zero", "here too")
            .named(names)
            .help("give it a TTL of at least one second")
            .remedied(facts().map(|set| Change::Put {
                zone,
                owner: set.owner,
                data: set.data.clone(),
                ttl: Ttl::new(1),
            }));
        report.add(match super::looks_public(context, zone) {
            Some(note) => finding.note(note),
            None => finding,
        });
    }
}

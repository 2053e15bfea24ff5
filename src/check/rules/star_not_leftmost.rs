//! `star-not-leftmost`

use crate::check::{Context, Report, rule};
use crate::estate::Change;

rule! {
    /// ## What it finds
    /// A record with a `*` label that is not the first one, such as `a.*`.
    ///
    /// ## Why it matters
    /// Only a first label `*` is a wildcard (RFC 4592, section 2.1.1). This record
    /// answers for a name with a literal `*` in it, which nobody asks for.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   api.*  A  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   *.api  A  10.0.0.7
    /// ```
    pub static STAR_NOT_LEFTMOST = "star-not-leftmost" {
        summary: "a `*` stands where it is no wildcard",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    for &set in &context.sweep().stray_stars {
        let facts = index.set(set);
        let (zone, owner, record_type) = (set.zone, facts.owner, facts.data.record_type());
        let finding = report
            .finding(format!("the `*` of `{}` is no wildcard", estate.names.show(owner)))
            .from(context.vnets_of(zone))
            .at(facts.origin, "only the first label can be a wildcard")
            .named([owner])
            .help("make the record for each name, or put the `*` first")
            .alike(
                zone,
                |count, zone| format!("the `*` of {count} names of `{zone}` is no wildcard"),
                "make the records for each name, or put the `*` first",
            )
            .remedied([Change::Remove { zone, owner, record_type }]);
        report.add(finding);
    }
}

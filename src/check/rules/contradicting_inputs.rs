//! `contradicting-inputs`

use super::of_notes;
use crate::check::{Context, Report, rule};
use crate::estate::NoteKind;

rule! {
    /// ## What it finds
    /// Two inputs, or two places of one, that cannot both be true: record sets of one
    /// name and type, links from one zone to one network, DNS servers of one network,
    /// public answers.
    ///
    /// ## Why it matters
    /// One of them is old or wrong, and privdns had to choose. The choice does not depend
    /// on the order of reading, but it may be the wrong one.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub:redirect  link hub:default
    ///   nas  A  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    /// ```
    pub static CONTRADICTING_INPUTS = "contradicting-inputs" {
        summary: "two inputs state different facts of one thing",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    of_notes(context, report, NoteKind::Contradiction, "stated here", |finding| {
        finding.help("leave out the older export")
    });
}

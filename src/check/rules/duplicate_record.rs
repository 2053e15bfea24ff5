//! `duplicate-record`

use super::of_notes;
use crate::check::{Context, Report, rule};
use crate::estate::NoteKind;

rule! {
    /// ## What it finds
    /// A line of a zone file or `.estate` file that adds nothing to the lines before it.
    ///
    /// ## Why it matters
    /// It changes no answer. It may be the trace of a bad merge, in which case the other
    /// line is missing.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    ///   nas  A  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    /// ```
    pub static DUPLICATE_RECORD = "duplicate-record" {
        summary: "a text file states one record twice",
        severity: Note,
        set: Hygiene,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    of_notes(context, report, NoteKind::Repeated, "this was said before", |finding| {
        finding.help("remove the line")
    });
}

//! `record-outside-zone`

use super::of_notes;
use crate::check::{Context, Report, rule};
use crate::estate::NoteKind;

rule! {
    /// ## What it finds
    /// A record in a file of a zone whose owner is not at or below the zone's apex.
    ///
    /// ## Why it matters
    /// Such a record cannot exist, and nobody asks this zone for it. Most often a final
    /// dot is missing or one too many, or two zones' files were put together.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas               A  10.0.0.7
    ///   db.lab.internal.  A  10.0.0.8
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    /// zone lab.internal   link hub
    ///   db   A  10.0.0.8
    /// ```
    pub static RECORD_OUTSIDE_ZONE = "record-outside-zone" {
        summary: "a record's owner is not in its zone",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    of_notes(context, report, NoteKind::OutsideZone, "this record was not read", |finding| {
        finding.help("move the record to its own zone, or mend its owner")
    });
}

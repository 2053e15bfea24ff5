//! `ttl-conflict`

use super::of_notes;
use crate::check::{Context, Report, rule};
use crate::estate::NoteKind;

rule! {
    /// ## What it finds
    /// Lines of one owner and type in a text file with different TTLs. The lowest one
    /// counts.
    ///
    /// ## Why it matters
    /// A record set has one TTL (RFC 2181, section 5.2). After an import it is the
    /// importer's choice, and a change may last longer in caches than planned.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  A  300   10.0.0.7
    ///   nas  A  3600  10.0.0.8
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  A  300  10.0.0.7
    ///   nas  A  300  10.0.0.8
    /// ```
    pub static TTL_CONFLICT = "ttl-conflict" {
        summary: "the lines of one record set have different times to live",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    of_notes(context, report, NoteKind::UnevenTtl, "read with the lower one", |finding| {
        finding.help("give all lines of the set one TTL")
    });
}

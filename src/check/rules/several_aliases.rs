//! `several-aliases`

use super::of_notes;
use crate::check::{Context, Report, rule};
use crate::estate::NoteKind;

rule! {
    /// ## What it finds
    /// A second alias of one name in a text file. The first one is read.
    ///
    /// ## Why it matters
    /// An alias set holds one record ("DNS zones and records overview",
    /// learn.microsoft.com/azure/dns/dns-zones-records, read 2026-11). Which one Azure
    /// will have after an import depends on the importer.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   files  CNAME  nas.corp.internal
    ///   files  CNAME  nas2.corp.internal
    ///   nas    A      10.0.0.7
    ///   nas2   A      10.0.0.8
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   files  CNAME  nas.corp.internal
    ///   nas    A      10.0.0.7
    ///   nas2   A      10.0.0.8
    /// ```
    pub static SEVERAL_ALIASES = "several-aliases" {
        summary: "a name has more than one alias",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    of_notes(context, report, NoteKind::SecondAlias, "this line was not read", |finding| {
        finding.help("keep the one that is meant; a name with two addresses is an A set")
    });
}

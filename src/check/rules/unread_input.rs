//! `unread-input`

use crate::check::{Context, Report, Severity, rule};
use crate::estate::{DOCUMENTATION, Input, NoteKind};

rule! {
    /// ## What it finds
    /// What was in the inputs and was not understood, each with its place; and facts
    /// that two inputs state differently.
    ///
    /// ## Why it matters
    /// A record that could not be read is missing from every answer. Items that
    /// privdns has no use for, and files that are no export, are notes.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0
    ///   web  A  10.0.0.8
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    ///   web  A  10.0.0.8
    /// ```
    pub static UNREAD_INPUT = "unread-input" {
        summary: "something in the inputs was not understood",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    for note in &estate.notes {
        let Input { path, kind, .. } = estate.input(note.origin.input);
        // Prose beside an export is nobody's mistake.
        if *kind == DOCUMENTATION {
            continue;
        }
        let whole = matches!(note.kind, NoteKind::Unreadable | NoteKind::Unrecognised);
        let message =
            if whole { format!("`{path}` {}", note.message) } else { note.message.clone() };
        let mut finding = report.finding(message);
        let label = match note.kind {
            // Rules of their own tell of those.
            NoteKind::Partial
            | NoteKind::Contradiction
            | NoteKind::OutsideZone
            | NoteKind::SecondAlias
            | NoteKind::Delegation
            | NoteKind::UnevenTtl
            | NoteKind::Repeated => continue,
            NoteKind::Reading => {
                finding.severity = Severity::Note;
                "read so"
            }
            NoteKind::Unreadable => "nothing was read here",
            NoteKind::Refused => "this was not read",
            NoteKind::Unrecognised => {
                finding.severity = Severity::Note;
                "nothing was read here"
            }
            NoteKind::Unsupported => {
                finding.severity = Severity::Note;
                "the first one is here"
            }
        };
        report.add(finding.at(note.origin, label));
    }
}

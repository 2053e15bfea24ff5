//! `unread-input`

use std::collections::BTreeMap;

use crate::check::{Context, Report, Severity, rule};
use crate::estate::{DOCUMENTATION, Input, Note, NoteKind, Origin};

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
    // One cause is one finding, wherever it was met.
    let mut causes: BTreeMap<(NoteKind, String), Vec<Origin>> = BTreeMap::new();
    let mut unused: Vec<&Note> = Vec::new();
    let estate = context.estate();
    for note in &estate.notes {
        let Input { path, kind, .. } = estate.input(note.origin.input);
        // Prose beside an export is nobody's mistake.
        if *kind == DOCUMENTATION {
            continue;
        }
        let message = match note.kind {
            // Rules of their own tell of those.
            NoteKind::Partial
            | NoteKind::Contradiction
            | NoteKind::OutsideZone
            | NoteKind::SecondAlias
            | NoteKind::Delegation
            | NoteKind::UnevenTtl
            | NoteKind::Repeated => continue,
            NoteKind::Unsupported => {
                unused.push(note);
                continue;
            }
            NoteKind::Unreadable | NoteKind::Unrecognised => format!("`{path}` {}", note.message),
            NoteKind::Refused | NoteKind::Reading => note.message.clone(),
        };
        causes.entry((note.kind, message)).or_default().push(note.origin);
    }
    for ((kind, message), origins) in causes {
        let (severity, label) = match kind {
            NoteKind::Reading => (Severity::Note, "read so"),
            NoteKind::Unrecognised => (Severity::Note, "nothing was read here"),
            NoteKind::Unreadable => (Severity::Warning, "nothing was read here"),
            _ => (Severity::Warning, "this was not read"),
        };
        let message = match origins.len() {
            1 => message,
            times => format!("{message} ({times} times)"),
        };
        let finding = report.finding(message).graded(severity);
        report.add(finding.at_each(origins, label, "here too"));
    }
    let message = match &unused[..] {
        [] => return,
        [one] => one.message.clone(),
        [one, rest @ ..] => {
            format!("{}, and {} more kinds of items are not used", one.message, rest.len())
        }
    };
    let mut finding = report.finding(message).graded(Severity::Note);
    for note in unused {
        finding = finding.at(note.origin, note.message.as_str());
    }
    report.add(finding);
}

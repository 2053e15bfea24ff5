//! `contradicting-inputs`

use std::collections::BTreeMap;

use crate::check::{Context, Report, rule};
use crate::estate::{InputId, Note, NoteKind};

/// As many contradictions of two inputs are told as one.
const SEVERAL: usize = 4;

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

const HELP: &str = "leave out the older export";

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    // Two exports of different days differ in much; that is one cause.
    let mut pairs: BTreeMap<(InputId, InputId), Vec<&Note>> = BTreeMap::new();
    for note in estate.notes.iter().filter(|note| note.kind == NoteKind::Contradiction) {
        let (one, other) = (note.origin.input, note.other.unwrap_or(note.origin).input);
        pairs.entry((one.min(other), one.max(other))).or_default().push(note);
    }
    for ((one, other), notes) in pairs {
        if one == other || notes.len() < SEVERAL {
            for note in notes {
                let finding = report.finding(&note.message).at(note.origin, "stated here");
                let finding = match note.other {
                    Some(other) => finding.at(other, "and differently here"),
                    None => finding,
                };
                report.add(finding.help(HELP));
            }
            continue;
        }
        let [one, other] = [one, other].map(|id| &estate.input(id).path);
        let message = format!(
            "`{one}` and `{other}` contradict each other in {} places; the first: {}",
            notes.len(),
            notes[0].message
        );
        let others = notes.iter().filter_map(|note| note.other);
        let finding = report
            .finding(message)
            .at_each(notes.iter().map(|note| note.origin), "stated here", "here too")
            .at_each(others, "and differently here", "here too");
        report.add(finding.help(HELP));
    }
}

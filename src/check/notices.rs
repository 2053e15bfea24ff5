//! What the program tells of its own work: not of the estate, so no rule finds it.

use super::Severity;

/// A report of the program, known by a name as rules are.
pub struct Notice {
    /// The name, such as `unused-ignore`.
    pub name: &'static str,
    /// One line.
    pub summary: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it says, why it matters and what to do, as Markdown.
    pub docs: &'static str,
}

/// All of them, by name.
pub static NOTICES: [Notice; 3] = [
    Notice {
        name: "expired-ignore",
        summary: "an ignore is past its date",
        severity: Severity::Warning,
        docs: "\
## What it finds
An `[[ignore]]` of the settings whose `expires` has passed. It covers nothing any more: the
findings it was for count again. A note where there are none left.

## Why it matters
Somebody decided to live with a fault until that day.

## What to do
Mend what it covered, or set another date together with its owner. It does not count for the
exit status, the findings do.
",
    },
    Notice {
        name: "unsafe-plan",
        summary: "a plan breaks a name that has a private endpoint",
        severity: Severity::Error,
        docs: "\
## What it finds
Steps of `plan` or `migrate` after which a name with a private endpoint has no answer any more,
one that nobody can tell, or another address than its endpoint's, in a network where it had one. `--emit` then writes nothing, and
the exit status is 2.

## Why it matters
What is emitted is meant to be run.

## What to do
Add the missing record or link before the step that breaks the name; the report without `--emit`
shows it. Where the loss is meant, `--accept-broken NAME` says so.
",
    },
    Notice {
        name: "unused-ignore",
        summary: "an ignore covers nothing",
        severity: Severity::Note,
        docs: "\
## What it finds
An `[[ignore]]` of the settings that takes no name and no network of any finding.

## Why it matters
What it was for is mended, or it never said what was meant; and it would hide the next fault of
its kind.

## What to do
Remove it; or correct its rule, zone, name or network. It does not count for the exit status.
",
    },
];

//! Workflow commands of GitHub Actions, which annotate the lines of a file.

use super::uncertain::uncertain;
use super::{Paths, human, locate};
use crate::check::{Context, Judged, Judgement, Severity};

/// A command for each finding, then a line that counts them.
///
/// GitHub shows ten errors, ten warnings and ten notices of a step ("Workflow
/// commands", docs.github.com, read 2026-11); worst stand first.
pub fn report(context: &Context<'_>, judgement: &Judgement, paths: &Paths) -> String {
    let mut text: String =
        judgement.findings.iter().map(|one| command(context, one, paths)).collect();
    text.extend(judgement.reviews.iter().map(|one| {
        let properties = format!(
            "file={},line={},title={}",
            property(&paths.relative(&one.path)),
            one.line,
            one.kind
        );
        format!("::{} {properties}::{}\n", name(one.severity), data(&one.message))
    }));
    text.push_str(&human::counts(judgement));
    text.push('\n');
    // Of the log only: annotations are few, and this is about no line.
    for why in uncertain(context) {
        text.push_str(&format!("not certain: {}\n", data(&why)));
    }
    text
}

fn name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    }
}

fn command(context: &Context<'_>, judged: &Judged, paths: &Paths) -> String {
    let finding = &judged.finding;
    let name = name(finding.severity);
    let mut properties = Vec::new();
    if let Some(place) = finding.places.first() {
        let located = locate(context.estate(), place.origin);
        let width = located.text[located.span.clone()].chars().count();
        properties.push(("file", paths.relative(located.path)));
        properties.push(("line", located.line.to_string()));
        properties.push(("endLine", located.line.to_string()));
        properties.push(("col", located.column.to_string()));
        properties.push(("endColumn", (located.column + width).to_string()));
    }
    properties.push(("title", format!("{} ({})", finding.rule.summary, finding.rule.name)));
    let properties: Vec<String> =
        properties.iter().map(|(key, value)| format!("{key}={}", property(value))).collect();
    let message = human::paragraphs(context, judged).join("\n");
    format!("::{name} {}::{}\n", properties.join(","), data(&message))
}

/// As the runner takes it back apart (`actions/toolkit`, `packages/core/src/command.ts`).
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_ends_a_command() {
        assert_eq!(data("100% a\r\n::error::b"), "100%25 a%0D%0A::error::b");
        assert_eq!(property("a:b,c\n"), "a%3Ab%2Cc%0A");
    }
}

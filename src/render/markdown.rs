//! Markdown that fits into a comment on a pull request.

use super::uncertain::uncertain;
use super::{human, locate};
use crate::check::{Context, Judged, Judgement, Severity};

/// The octets a report may have; GitHub takes comments of 65,536 characters.
const LIMIT: usize = 60_000;

/// The octets that rows may take, so that room for details is left.
const ROWS: usize = 36_000;

/// The octets that what is not certain may take.
const UNCERTAIN: usize = 6_000;

/// Counts, what is not certain, a row for each finding, then the details of as many as fit, worst first.
pub fn report(context: &Context<'_>, judgement: &Judgement) -> String {
    let count = |severity| judgement.count(severity);
    let verdict = match judgement.findings.is_empty() {
        true => "nothing found",
        false => "findings in private DNS",
    };
    let mut text = format!(
        "## privdns: {verdict}\n\n\
         | errors | warnings | notes | ignored | in the baseline |\n\
         | ---: | ---: | ---: | ---: | ---: |\n\
         | {} | {} | {} | {} | {} |\n",
        count(Severity::Error),
        count(Severity::Warning),
        count(Severity::Note),
        judgement.ignored,
        judgement.known.len(),
    );
    let uncertain = uncertain(context);
    if !uncertain.is_empty() {
        text.push('\n');
        let lines = uncertain.iter().map(|why| format!("- not certain: {}\n", escape(why)));
        let shown = fill(&mut text, &mut { UNCERTAIN }, lines);
        if shown < uncertain.len() {
            text.push_str(&format!("- and {} more of that kind\n", uncertain.len() - shown));
        }
    }
    if judgement.findings.is_empty() {
        return text;
    }
    text.push_str("\n| severity | rule | finding | where |\n| --- | --- | --- | --- |\n");
    let mut left = ROWS;
    let rows = judgement.findings.iter().map(|one| row(context, one));
    let shown = fill(&mut text, &mut left, rows);
    note_rest(&mut text, judgement.findings.len() - shown, "only counted");
    text.push('\n');
    // What rows leave over is room for details.
    left = LIMIT.saturating_sub(text.len());
    let details = judgement.findings[..shown].iter().map(|one| details(context, one));
    let detailed = fill(&mut text, &mut left, details);
    note_rest(&mut text, shown - detailed, "without details here");
    text
}

/// Appends parts as long as they fit; says how many did.
fn fill(text: &mut String, left: &mut usize, parts: impl Iterator<Item = String>) -> usize {
    let mut count = 0;
    for part in parts {
        let Some(rest) = left.checked_sub(part.len()) else { break };
        *left = rest;
        text.push_str(&part);
        count += 1;
    }
    count
}

fn note_rest(text: &mut String, rest: usize, how: &str) {
    if rest > 0 {
        let rest = human::plural(rest, "more finding is", "more findings are");
        text.push_str(&format!("\n{rest} {how}; the other reports have all.\n"));
    }
}

fn row(context: &Context<'_>, judged: &Judged) -> String {
    let finding = &judged.finding;
    let place = finding.places.first().map(|place| {
        let located = locate(context.estate(), place.origin);
        code(&format!("{}:{}", located.path, located.line))
    });
    format!(
        "| {} | {} | {} | {} |\n",
        finding.severity.name(),
        code(finding.rule.name),
        sentence(&finding.message),
        place.unwrap_or_default(),
    )
}

fn details(context: &Context<'_>, judged: &Judged) -> String {
    let finding = &judged.finding;
    let text = human::plain(&human::finding(context, judged, None));
    let fence = fence(&text);
    format!(
        "<details><summary>{} {}: {}</summary>\n\n{fence}text\n{}\n{fence}\n\n</details>\n",
        finding.severity.name(),
        code(finding.rule.name),
        sentence(&finding.message),
        text.trim_end(),
    )
}

/// A fence that no line of `text` closes.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat((longest + 1).max(3))
}

/// A message with its names, which stand in backticks, as code.
fn sentence(message: &str) -> String {
    let parts: Vec<&str> = message.split('`').collect();
    // Where backticks do not pair, a name has one itself.
    if parts.len().is_multiple_of(2) {
        return escape(message);
    }
    let part = |(at, part): (usize, &&str)| if at % 2 == 0 { escape(part) } else { code(part) };
    parts.iter().enumerate().map(part).collect()
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text))
}

/// Text that is neither Markdown nor HTML, mentions nobody, and stays in its line.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // Mentions and links to issues are found after entities are resolved.
            '@' | '#' => escaped.push_str(&format!("{c}<!-- -->")),
            '\n' | '\r' | '\t' => escaped.push(' '),
            '-' | '.' | ',' | ';' | ':' | '/' | '(' | ')' | '\'' => escaped.push(c),
            _ if c.is_ascii_punctuation() => escaped.push_str(&format!("&#{};", c as u32)),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_a_name() {
        insta::assert_snapshot!(sentence("`a|b` is <b>bold</b> for @all"), @"<code>a&#124;b</code> is &#60;b&#62;bold&#60;/b&#62; for @<!-- -->all");
        insta::assert_snapshot!(sentence("`a`b` is"), @"&#96;a&#96;b&#96; is");
    }

    #[test]
    fn a_fence_is_longer_than_any_within() {
        assert_eq!(fence("a `b` c"), "```");
        assert_eq!(fence("a ```` c"), "`````");
    }

    #[test]
    fn parts_are_taken_while_they_fit() {
        let (mut text, mut left) = (String::new(), 5);
        let parts = ["ab", "cd", "ef", "g"].map(str::to_owned).into_iter();
        assert_eq!(fill(&mut text, &mut left, parts), 2);
        assert_eq!(text, "abcd");
    }
}

//! The page of all rules, for `docs/rules.md` and for the program.

use crate::check::{NOTICES, RULES, Rule, RuleSet};

/// The page as Markdown: a table of all rules, then each with its documentation.
pub fn page() -> String {
    let mut text = "# Rules of `privdns check`\n\n\
        Written by `privdns rules --format markdown`; a test holds it to the program.\n\
        Rules of the set `core` run by default, the others with `--set` or by name \
        (`--level RULE=LEVEL`).\n"
        .to_owned();
    for set in RuleSet::ALL {
        text.push_str(&format!(
            "\n## Set `{}`\n\n| rule | severity | finds that |\n| --- | --- | --- |\n",
            set.name()
        ));
        for rule in RULES.iter().filter(|rule| rule.set == set) {
            let (name, severity) = (rule.name, rule.severity.name());
            text.push_str(&format!("| [`{name}`](#{name}) | {severity} | {} |\n", rule.summary));
        }
    }
    text.push_str(
        "\n## Reports of the program\n\nOf settings and plans, not of the estate: they have no \
         level, and no ignore takes them.\n\n| report | severity | says that |\n| --- | --- | --- |\n",
    );
    for one in &NOTICES {
        let (name, severity) = (one.name, one.severity.name());
        text.push_str(&format!("| [`{name}`](#{name}) | {severity} | {} |\n", one.summary));
    }
    RULES.iter().for_each(|rule| text.push_str(&section(rule)));
    for one in &NOTICES {
        let (name, severity) = (one.name, one.severity.name());
        text.push_str(&format!(
            "\n## {name}\n\n{severity}: {}. A report of the program.\n",
            one.summary
        ));
        text.push_str(&body(one.docs));
    }
    text
}

fn section(rule: &Rule) -> String {
    let (severity, set, since) = (rule.severity.name(), rule.set.name(), rule.since);
    let mut text = format!(
        "\n## {}\n\n{}: {}. Set `{set}`, since {since}.\n",
        rule.name, severity, rule.summary
    );
    text.push_str(&body(rule.docs));
    text
}

/// Documentation below a heading of the page.
fn body(docs: &str) -> String {
    let mut text = String::new();
    let mut fenced = false;
    for line in docs.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        fenced ^= line.starts_with("```");
        match line.strip_prefix("## ") {
            // A heading of the page has two marks.
            Some(title) if !fenced => text.push_str(&format!("\n### {title}\n\n")),
            _ if line == "```estate" => text.push_str("```text\n"),
            _ if line.is_empty() && !fenced => {}
            _ => text.push_str(&format!("{line}\n")),
        }
    }
    text
}

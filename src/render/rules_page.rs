//! The page of all rules, for `docs/rules.md` and for the program.

use crate::check::{RULES, Rule, RuleSet};

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
    RULES.iter().for_each(|rule| text.push_str(&section(rule)));
    text
}

fn section(rule: &Rule) -> String {
    let (severity, set, since) = (rule.severity.name(), rule.set.name(), rule.since);
    let mut text = format!(
        "\n## {}\n\n{}: {}. Set `{set}`, since {since}.\n",
        rule.name, severity, rule.summary
    );
    let mut fenced = false;
    for line in rule.docs.lines() {
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

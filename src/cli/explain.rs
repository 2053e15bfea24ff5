//! `explain` and `rules`: what is checked, and why.

use super::output::Output;
use super::{Failure, Verdict};
use crate::check::{RULES, rule_named};
use crate::render::table::table;

#[derive(clap::Args)]
pub struct Arguments {
    /// The name of a rule, as findings show it
    #[arg(value_name = "RULE")]
    rule: String,
}

pub fn explain(arguments: &Arguments, output: &Output) -> Result<Verdict, Failure> {
    let rule = rule_named(&arguments.rule)
        .map_err(|why| Failure::new(format!("{why}; `privdns rules` lists all")))?;
    let bold = anstyle::Style::new().bold();
    let mut text = format!(
        "{bold}{}{bold:#}: {}\n{}, of set {}, since {}\n\n",
        rule.name,
        rule.summary,
        rule.severity.name(),
        rule.set.name(),
        rule.since
    );
    for line in rule.docs.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        match line.strip_prefix("## ") {
            Some(title) => text.push_str(&format!("{bold}{title}{bold:#}\n")),
            None if line.starts_with("```") => {}
            None => text.push_str(&format!("{line}\n")),
        }
    }
    output.result(&text)?;
    Ok(Verdict::Clean)
}

pub fn rules(output: &Output) -> Result<Verdict, Failure> {
    let rows = RULES.iter().map(|rule| {
        [rule.name, rule.severity.name(), rule.set.name(), rule.summary].map(str::to_owned)
    });
    output.result(&table(&["rule", "severity", "set", "finds that"], rows, output.width()))?;
    Ok(Verdict::Clean)
}

//! `explain` and `rules`: what is checked, and why.

use super::output::Output;
use super::{Failure, Verdict};
use crate::check::{RULES, rule_named};
use crate::render::rules_page;
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
    output.prose(&text)?;
    Ok(Verdict::Clean)
}

#[derive(clap::Args)]
pub struct RulesArguments {
    /// A table, or the page of docs/rules.md with all there is to say
    #[arg(long, value_enum, default_value = "human", value_name = "FORM")]
    format: Form,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Form {
    /// A table for people
    Human,
    /// Markdown
    Markdown,
}

pub fn rules(arguments: &RulesArguments, output: &Output) -> Result<Verdict, Failure> {
    if let Form::Markdown = arguments.format {
        output.result(&rules_page::page())?;
        return Ok(Verdict::Clean);
    }
    let rows = RULES.iter().map(|rule| {
        [rule.name, rule.severity.name(), rule.set.name(), rule.summary].map(str::to_owned)
    });
    output.result(&table(&["rule", "severity", "set", "finds that"], rows, output.width()))?;
    Ok(Verdict::Clean)
}

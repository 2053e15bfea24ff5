//! `explain` and `rules`: what is checked, and why.

use super::output::Output;
use super::{Failure, Verdict};
use crate::check::{NOTICES, RULES, rule_named};
use crate::render::rules_page;
use crate::render::table::table;

#[derive(clap::Args)]
pub struct Arguments {
    /// The name of a rule, as findings show it
    #[arg(value_name = "RULE")]
    rule: String,
}

pub fn explain(arguments: &Arguments, output: &Output) -> Result<Verdict, Failure> {
    let bold = anstyle::Style::new().bold();
    let notice = NOTICES.iter().find(|notice| notice.name == arguments.rule);
    let (mut text, docs) = match notice {
        Some(notice) => {
            let (name, severity) = (notice.name, notice.severity.name());
            let head = format!("{bold}{name}{bold:#}: {}\n{severity}", notice.summary);
            (format!("{head}, a report of the program\n\n"), notice.docs)
        }
        None => {
            let rule = rule_named(&arguments.rule)
                .map_err(|why| Failure::new(format!("{why}; `privdns rules` lists all")))?;
            let (name, severity) = (rule.name, rule.severity.name());
            let head = format!("{bold}{name}{bold:#}: {}\n{severity}", rule.summary);
            (format!("{head}, of set {}, since {}\n\n", rule.set.name(), rule.since), rule.docs)
        }
    };
    for line in docs.lines() {
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
    let notices = NOTICES
        .iter()
        .map(|one| [one.name, one.severity.name(), "(program)", one.summary].map(str::to_owned));
    let rows = rows.chain(notices);
    output.result(&table(&["rule", "severity", "set", "finds that"], rows, output.width()))?;
    Ok(Verdict::Clean)
}

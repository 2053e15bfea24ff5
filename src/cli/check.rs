//! `check`: what is wrong, where, why, and what fixes it.

use std::path::PathBuf;

use clap::ValueEnum;

use super::output::{Form, Output, ReportFile, one_stdin, write_file};
use super::{Failure, Verdict, load};
use crate::check::{Context, Finding, Severity, check};
use crate::index::Index;
use crate::render::human;
use crate::render::json::CheckV1;

#[derive(clap::Args)]
pub struct Arguments {
    /// Directories (read with all below them), files, or `-`
    #[arg(required = true, value_name = "ESTATE")]
    estate: Vec<PathBuf>,
    /// The form of the report
    #[arg(long, value_parser = ["human", "json"], default_value = "human", value_name = "FORM")]
    format: String,
    /// Write a report to a file, beside the one on standard output
    #[arg(long, value_name = "FORM=FILE")]
    output: Vec<ReportFile>,
    /// The least severity that makes the exit status 1
    #[arg(long, value_enum, default_value = "error", value_name = "SEVERITY")]
    fail_on: FailOn,
    #[command(flatten)]
    options: load::Options,
}

#[derive(Clone, Copy, ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Note,
}

impl From<FailOn> for Severity {
    fn from(level: FailOn) -> Severity {
        match level {
            FailOn::Error => Severity::Error,
            FailOn::Warning => Severity::Warning,
            FailOn::Note => Severity::Note,
        }
    }
}

pub fn run(arguments: &Arguments, output: &Output) -> Result<Verdict, Failure> {
    one_stdin(arguments.estate.iter().chain(arguments.options.public()))?;
    if arguments.output.iter().any(|file| file.form == Form::Jsonl) {
        return Err(Failure::new("--output: `check` reports as human or json"));
    }
    let format = match arguments.format.as_str() {
        "json" => Form::Json,
        _ => Form::Human,
    };
    let settings = arguments.options.settings()?;
    let index = Index::new(arguments.options.load(&arguments.estate, output)?);
    let context = Context::new(&index, &settings);
    let findings = check(&context, |_| true);
    for file in &arguments.output {
        let text = report(&context, &findings, file.form, None)?;
        write_file(&file.path, &anstream::adapter::strip_str(&text).to_string())?;
    }
    output.result(&report(&context, &findings, format, output.width())?)?;
    let level = arguments.fail_on.into();
    match findings.iter().any(|finding| finding.severity >= level) {
        true => Ok(Verdict::Findings),
        false => Ok(Verdict::Clean),
    }
}

fn report(
    context: &Context<'_>,
    findings: &[Finding],
    form: Form,
    width: Option<u16>,
) -> Result<String, Failure> {
    if form == Form::Human {
        let mut text: String =
            findings.iter().map(|one| human::finding(context, one, width) + "\n").collect();
        text.push_str(&human::summary(context, findings));
        return Ok(text);
    }
    let report = CheckV1::new(context, findings);
    let text = serde_json::to_string_pretty(&report).map_err(|e| Failure::new(e.to_string()))?;
    Ok(text + "\n")
}

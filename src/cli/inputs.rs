//! `inputs`: what was read of each input, and what is missing.

use std::path::PathBuf;

use super::output::{Form, Output, ReportFile, one_stdin, write_file};
use super::{Failure, Verdict, load};
use crate::estate::Estate;
use crate::render::inputs::{InputsV1, human};

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
    output: Vec<ReportFile<Form>>,
    #[command(flatten)]
    options: load::Options,
}

pub fn run(arguments: &Arguments, output: &Output) -> Result<Verdict, Failure> {
    one_stdin(arguments.estate.iter().chain(arguments.options.public()))?;
    if arguments.output.iter().any(|file| file.form == Form::Jsonl) {
        return Err(Failure::new("--output: `inputs` reports as human or json"));
    }
    let format = match arguments.format.as_str() {
        "json" => Form::Json,
        _ => Form::Human,
    };
    arguments.options.settings(crate::index::Settings::default())?;
    let estate = arguments.options.load(&arguments.estate, output)?;
    for file in &arguments.output {
        let text = report(&estate, file.form, None)?;
        write_file(&file.path, &anstream::adapter::strip_str(&text).to_string())?;
    }
    output.result(&report(&estate, format, output.width())?)?;
    Ok(Verdict::Clean)
}

fn report(estate: &Estate, form: Form, width: Option<u16>) -> Result<String, Failure> {
    if form == Form::Human {
        return Ok(human(estate, width));
    }
    let report = InputsV1::new(estate);
    let text = serde_json::to_string_pretty(&report).map_err(|e| Failure::new(e.to_string()))?;
    Ok(text + "\n")
}

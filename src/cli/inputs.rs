//! `inputs`: what was read of each input, and what is missing.

use std::path::PathBuf;

use super::output::{Output, ReportFile, one_stdin, write_file};
use super::{Failure, Verdict, load};
use crate::estate::Estate;
use crate::render::inputs::{InputsV1, human, markdown};

#[derive(clap::Args)]
pub struct Arguments {
    /// Directories (read with all below them), files, or `-`
    #[arg(required = true, value_name = "ESTATE")]
    estate: Vec<PathBuf>,
    /// The form of the report
    #[arg(long, value_enum, default_value = "human", value_name = "FORM")]
    format: Form,
    /// Write a report to a file, beside the one on standard output
    #[arg(long, value_name = "FORM=FILE")]
    output: Vec<ReportFile<Form>>,
    #[command(flatten)]
    options: load::Options,
}

/// A form of report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// Text for people
    Human,
    /// One JSON object
    Json,
    /// A table of all inputs
    Markdown,
}

pub fn run(arguments: &Arguments, output: &Output) -> Result<Verdict, Failure> {
    one_stdin(arguments.estate.iter().chain(arguments.options.public()))?;
    arguments.options.settings(crate::index::Settings::default())?;
    let (estate, usable) = arguments.options.load_anyhow(&arguments.estate, &[], output)?;
    for file in &arguments.output {
        let text = report(&estate, file.form, None)?;
        write_file(&file.path, &anstream::adapter::strip_str(&text).to_string())?;
    }
    output.result(&report(&estate, arguments.format, output.width())?)?;
    // Why nothing was read is best seen beside what was tried.
    usable.map(|()| Verdict::Clean)
}

fn report(estate: &Estate, form: Form, width: Option<u16>) -> Result<String, Failure> {
    match form {
        Form::Human => Ok(human(estate, width)),
        Form::Markdown => Ok(markdown(estate)),
        Form::Json => {
            let report = InputsV1::new(estate);
            let text =
                serde_json::to_string_pretty(&report).map_err(|e| Failure::new(e.to_string()))?;
            Ok(text + "\n")
        }
    }
}

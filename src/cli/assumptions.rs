//! `assumptions`: what is assumed rather than known, and the test that would settle it.

use std::path::PathBuf;

use super::output::Output;
use super::settings::Settings;
use super::{Failure, Verdict, assume_help, settings};
use crate::index::{ASSUMPTIONS, AssumptionDoc};
use crate::render::assumptions::{AssumptionsV1, full, overview};

#[derive(clap::Args)]
pub struct Arguments {
    /// Explain these in full; `all` is every one; a table without it
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Text for people, or one JSON object
    #[arg(long, value_parser = ["human", "json"], default_value = "human", value_name = "FORM")]
    format: String,
    /// The settings, whose values are shown; without it, the privdns.toml at or above the
    /// working directory
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[arg(long, value_name = "NAME=VALUE", help = assume_help())]
    assume: Vec<String>,
}

pub fn run(arguments: &Arguments, output: &Output) -> Result<Verdict, Failure> {
    let chosen = Settings::load(arguments.config.as_deref(), &[])?.assumptions;
    let settings = settings(chosen, &arguments.assume)?;
    let mut docs: Vec<&'static AssumptionDoc> = Vec::new();
    for name in &arguments.names {
        match ASSUMPTIONS.iter().find(|doc| doc.name == name) {
            Some(doc) => docs.push(doc),
            None if name == "all" => docs.extend(&ASSUMPTIONS),
            None => {
                let known: Vec<&str> = ASSUMPTIONS.iter().map(|doc| doc.name).collect();
                let known = known.join(", ");
                return Err(Failure::new(format!(
                    "no assumption is named `{name}`; there are {known}"
                )));
            }
        }
    }
    if arguments.format == "json" {
        if docs.is_empty() {
            docs.extend(&ASSUMPTIONS);
        }
        let report = AssumptionsV1::new(&docs, &settings);
        let text = serde_json::to_string_pretty(&report);
        let text = text.map_err(|error| Failure::new(error.to_string()))?;
        output.result(&(text + "\n"))?;
        return Ok(Verdict::Clean);
    }
    let width = output.width();
    let text = match docs.is_empty() {
        true => overview(&settings, width),
        false => {
            let blocks: Vec<String> = docs.iter().map(|doc| full(doc, &settings, width)).collect();
            blocks.join("\n")
        }
    };
    output.prose(&text)?;
    Ok(Verdict::Clean)
}

//! `capture`: ask a server and write down what it says.

use std::path::PathBuf;

use super::ask::{Asking, gather, save};
use super::output::Output;
use super::{Failure, Verdict, load};
use crate::name::Name;
use crate::record::RecordType;

#[derive(clap::Args)]
pub struct Arguments {
    /// The names to ask for
    #[arg(value_name = "NAME", required_unless_present = "names")]
    name: Vec<String>,
    /// Names, one a line, each with a type after it where it has another one; `-` for standard input
    #[arg(long, value_name = "FILE")]
    names: Option<PathBuf>,
    /// The type of record to ask for
    #[arg(long = "type", value_name = "TYPE", default_value = "A")]
    record_type: String,
    /// Add to this file, and do not ask again what it answers already; without it, standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    asking: Asking,
}

pub fn run(arguments: &Arguments, output: &Output) -> Result<Verdict, Failure> {
    let record_type: RecordType =
        arguments.record_type.parse().map_err(|error| Failure::new(format!("{error}")))?;
    let mut names: Vec<(Name, RecordType)> = Vec::new();
    for text in &arguments.name {
        let name = load::asked_name(text).map_err(Failure::new)?;
        names.push((name, record_type));
    }
    if let Some(path) = &arguments.names {
        names.extend(load::read_names(path, record_type)?);
    }
    if names.is_empty() {
        return Err(Failure::new("there is no name to ask for"));
    }
    let servers = arguments.asking.servers(output)?;
    let manners = arguments.asking.manners();
    let file = save(arguments.output.as_ref(), output)?;
    let lines =
        gather(&names, &servers, manners, file, |line| output.result(&format!("{line}\n")))?;
    let silent = lines.iter().filter(|line| line.rcode.is_none()).count();
    if silent > 0 {
        let count = lines.len();
        output
            .error(&format!("{silent} of {count} questions were not answered; the lines say why"));
        return Ok(Verdict::Incomplete);
    }
    Ok(Verdict::Clean)
}

//! `schema`, `completions` and `man`: what editors, shells and readers want of the program.

use std::path::PathBuf;

use clap::{Command, ValueEnum};

use super::output::{Output, write_file};
use super::{Failure, Verdict};
use crate::render::schema::Document;

#[derive(clap::Args)]
pub struct SchemaArguments {
    /// The document
    #[arg(value_enum, value_name = "NAME")]
    name: Name,
}

#[derive(Clone, Copy, ValueEnum)]
enum Name {
    /// privdns.toml
    Settings,
    /// The report of `check --format json`
    Report,
    /// The answers of `resolve --format json`
    Resolution,
    /// The report of `diff`, `plan` and `migrate` with `--format json`
    Diff,
    /// The report of `compare --format json`
    Compare,
    /// One line of what `capture` writes
    Capture,
    /// The report of `probe --format json`
    Probe,
    /// The report of `uses --format json`
    Uses,
}

#[derive(clap::Args)]
pub struct CompletionArguments {
    /// The shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

#[derive(clap::Args)]
pub struct ManArguments {
    /// Write a page for each command into this directory; without it the first goes to
    /// standard output
    #[arg(short, long, value_name = "DIRECTORY")]
    output: Option<PathBuf>,
}

pub fn schema(arguments: &SchemaArguments, output: &Output) -> Result<Verdict, Failure> {
    let document = match arguments.name {
        Name::Settings => Document::Settings,
        Name::Report => Document::Report,
        Name::Resolution => Document::Resolution,
        Name::Diff => Document::Diff,
        Name::Compare => Document::Compare,
        Name::Capture => Document::Capture,
        Name::Probe => Document::Probe,
        Name::Uses => Document::Uses,
    };
    output.result(&format!("{:#}\n", document.schema()))?;
    Ok(Verdict::Clean)
}

pub fn completions(
    arguments: &CompletionArguments,
    mut command: Command,
    output: &Output,
) -> Result<Verdict, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "privdns", &mut text);
    output.result(&String::from_utf8_lossy(&text))?;
    Ok(Verdict::Clean)
}

pub fn man(
    arguments: &ManArguments,
    command: Command,
    output: &Output,
) -> Result<Verdict, Failure> {
    let command = command.disable_help_subcommand(true);
    let Some(directory) = &arguments.output else {
        output.result(&page("privdns", command)?)?;
        return Ok(Verdict::Clean);
    };
    std::fs::create_dir_all(directory)
        .map_err(|why| Failure::new(format!("cannot make {}: {why}", directory.display())))?;
    let mut pages = vec![("privdns".to_owned(), command.clone())];
    for one in command.get_subcommands() {
        let name = format!("privdns-{}", one.get_name());
        pages.push((name, one.clone()));
    }
    for (name, command) in pages {
        write_file(&directory.join(format!("{name}.1")), &page(&name, command)?)?;
    }
    Ok(Verdict::Clean)
}

/// A manual page in roff.
fn page(name: &str, command: Command) -> Result<String, Failure> {
    let mut text = Vec::new();
    let written = clap_mangen::Man::new(command).title(name).render(&mut text);
    written.map_err(|error| Failure::new(format!("cannot write a manual page: {error}")))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

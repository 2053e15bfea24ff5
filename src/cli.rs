//! The command line: one file a command.
//!
//! Results go to standard output and everything else to standard error. The exit
//! status is 0 where nothing is wrong, 1 where something is, and 2 where the
//! question could not be answered at all.

#[cfg(feature = "live")]
mod ask;
mod assumptions;
#[cfg(feature = "live")]
mod capture;
mod catalog;
mod check;
mod collect;
mod compare;
#[cfg(feature = "live")]
mod compare_live;
mod convert;
mod emit;
mod explain;
mod inputs;
mod load;
mod migrate;
mod output;
mod plan;
#[cfg(feature = "live")]
mod probe;
mod reference;
mod resolve;
#[cfg(feature = "serve")]
mod serve;
mod settings;
mod together;
mod uses;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::index::{ASSUMPTIONS, Settings};

/// Tells what every name resolves to in every Azure virtual network.
#[derive(Parser)]
#[command(name = "privdns", version, about, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Whether to colour.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: output::Color,
}

#[derive(Subcommand)]
enum Command {
    /// Get an export: write, or run, a script of `az` calls that only read
    Collect(collect::Arguments),
    /// Say what is wrong in an estate, where, why, and what fixes it
    Check(check::Arguments),
    /// Say what names resolve to in each virtual network, hop by hop
    Resolve(resolve::Arguments),
    /// Try changes before they are made: whose answers change, at every step, over all names
    Plan(Box<plan::PlanArguments>),
    /// Plan a move in steps, each tried before it is shown
    Migrate(Box<migrate::Arguments>),
    /// Say what a zone, link, record or private endpoint still decides, before it is deleted
    Uses(uses::Arguments),
    /// Compare two exports: whose answers differ, over all names
    Diff(plan::DiffArguments),
    /// Lay real lookups beside the simulation, hop by hop, with the likely reason
    Compare(compare::Arguments),
    /// Ask real servers and write down what they say, to be compared elsewhere
    #[cfg(feature = "live")]
    Capture(capture::Arguments),
    /// Settle what is assumed of Azure, by lookups in a network with a scratch zone
    #[cfg(feature = "live")]
    Probe(probe::Arguments),
    /// Answer real DNS clients as a network's resolver would
    #[cfg(feature = "serve")]
    Serve(serve::Arguments),
    /// Write an estate in another form: text, az JSON, zone files, Terraform, Bicep
    Convert(convert::Arguments),
    /// Count what was read of each input, and say what is missing and how to get it
    Inputs(inputs::Arguments),
    /// Explain what is assumed of Azure rather than known, and what would settle it
    Assumptions(assumptions::Arguments),
    /// Explain a rule: what it finds, why it matters, what to do
    Explain(explain::Arguments),
    /// List all rules
    Rules(explain::RulesArguments),
    /// Show which private zone and public aliases a Private Link service has
    Catalog(catalog::Arguments),
    /// Show the JSON Schema of a report, or of the settings
    Schema(reference::SchemaArguments),
    /// Write completions for a shell
    Completions(reference::CompletionArguments),
    /// Write manual pages
    Man(reference::ManArguments),
}

/// A reason to stop, as the user reads it.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// What could not be done, and why.
    #[error("{0}")]
    Told(String),
    /// Whoever read the results has read enough.
    #[error("standard output was closed")]
    ClosedPipe,
}

impl Failure {
    fn new(message: impl Into<String>) -> Failure {
        Failure::Told(message.into())
    }
}

/// What came of a command that could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    /// Nothing is wrong.
    Clean,
    /// There are findings at or above the level that counts.
    Findings,
    /// It was done in part; standard error tells what was not.
    Incomplete,
}

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    let matches = Arguments::command().get_matches();
    let arguments = match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => arguments,
        Err(error) => error.exit(),
    };
    let output = output::Output::new(arguments.color);
    let done = match &arguments.command {
        Command::Collect(arguments) => collect::run(arguments, &output),
        Command::Check(arguments) => check::run(arguments, &output),
        Command::Resolve(arguments) => resolve::run(arguments, &output),
        Command::Plan(arguments) => {
            // The order of the steps is in the matches only.
            let steps = matches.subcommand_matches("plan").map(plan::steps).unwrap_or_default();
            plan::plan(arguments, steps, &output)
        }
        Command::Migrate(arguments) => migrate::run(arguments, &output),
        Command::Uses(arguments) => uses::run(arguments, &output),
        Command::Diff(arguments) => plan::diff(arguments, &output),
        Command::Compare(arguments) => compare::run(arguments, &output),
        #[cfg(feature = "live")]
        Command::Capture(arguments) => capture::run(arguments, &output),
        #[cfg(feature = "live")]
        Command::Probe(arguments) => probe::run(arguments, &output),
        #[cfg(feature = "serve")]
        Command::Serve(arguments) => serve::run(arguments, &output),
        Command::Convert(arguments) => convert::run(arguments, &output),
        Command::Inputs(arguments) => inputs::run(arguments, &output),
        Command::Assumptions(arguments) => assumptions::run(arguments, &output),
        Command::Explain(arguments) => explain::explain(arguments, &output),
        Command::Rules(arguments) => explain::rules(arguments, &output),
        Command::Schema(arguments) => reference::schema(arguments, &output),
        Command::Completions(arguments) => {
            reference::completions(arguments, Arguments::command(), &output)
        }
        Command::Man(arguments) => reference::man(arguments, Arguments::command(), &output),
        Command::Catalog(arguments) => catalog::run(arguments, &output),
    };
    match done {
        Ok(Verdict::Clean) | Err(Failure::ClosedPipe) => ExitCode::SUCCESS,
        Ok(Verdict::Findings) => ExitCode::from(1),
        Ok(Verdict::Incomplete) => ExitCode::from(2),
        Err(failure) => {
            output.error(&failure.to_string());
            ExitCode::from(2)
        }
    }
}

/// Why a text is no `privdns.toml`, with an excerpt of it; for tests of all readers.
pub fn settings_problem(text: &str) -> Option<String> {
    settings::Settings::parse("privdns.toml", text).err().map(|failure| failure.to_string())
}

/// The assumptions in force once `--assume` has switched some.
fn settings(mut settings: Settings, assume: &[String]) -> Result<Settings, Failure> {
    for one in assume {
        settings.set(one).map_err(|error| Failure::new(format!("--assume: {error}")))?;
    }
    Ok(settings)
}

/// The help of `--assume`, from the table of assumptions.
fn assume_help() -> String {
    let mut text = "Switch an assumption; the first value is the default:".to_owned();
    for doc in ASSUMPTIONS.iter().filter(|doc| doc.values.len() > 1) {
        text.push_str(&format!("\n{}={}: {}", doc.name, doc.values.join("|"), doc.question));
    }
    text
}

//! `migrate`: a move in steps, each tried before it is shown.

use std::path::PathBuf;

use clap::ValueEnum;

use super::output::{Output, one_stdin};
use super::resolve::find_vnet;
use super::{Failure, Verdict, emit, load, settings};
use crate::index::Index;
use crate::plan::migration::{Scope, Strategy, migrate};
use crate::plan::{Advice, Tried, compare, try_steps};
use crate::public::moves::{MOVES, Move};
use crate::render::emit::checks;
use crate::render::human::plural;
use crate::render::plan::{Detail, counts, step};

/// How many names are given to be verified after a step.
const VERIFIED: usize = 3;

/// How the old regional zones are left.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Leave {
    /// Unlink them, then delete them
    Unlink,
    /// Keep them linked, with an alias for each account that they lack
    Bridge,
}

#[derive(clap::Args)]
pub struct Arguments {
    /// What to move: batch, redis-enterprise, container-registry, app-service, site-recovery or
    /// file-sync
    #[arg(value_name = "SERVICE", value_parser = service)]
    what: &'static Move,
    /// A directory (read with all below it), a file, or `-`
    #[arg(value_name = "ESTATE")]
    estate: PathBuf,
    /// Move these virtual networks only
    #[arg(long, value_name = "VNET", value_delimiter = ',')]
    vnets: Vec<String>,
    /// Move the zones of these regions only
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    regions: Vec<String>,
    /// Link the global zone with `NxDomainRedirect`: accounts that it lacks go on to public DNS
    #[arg(long)]
    fallback: bool,
    /// How old regional zones are left
    #[arg(long, value_enum, default_value = "unlink")]
    strategy: Leave,
    #[command(flatten)]
    emit: emit::Emission,
    #[command(flatten)]
    options: load::Options,
}

fn service(key: &str) -> Result<&'static Move, String> {
    let known: Vec<&str> = MOVES.iter().map(|one| one.key).collect();
    Move::named(key).ok_or_else(|| format!("expected {}", known.join(", ")))
}

pub fn run(arguments: &Arguments, output: &Output) -> Result<Verdict, Failure> {
    one_stdin(std::iter::once(&arguments.estate).chain(arguments.options.public()))?;
    let what = arguments.what;
    let chosen =
        settings::Settings::load(None, std::slice::from_ref(&arguments.estate))?.assumptions;
    let settings = arguments.options.settings(chosen)?;
    let estate = arguments.options.load(std::slice::from_ref(&arguments.estate), output)?;
    load::warn_unread(&estate, output);
    let vnets = arguments.vnets.iter().map(|vnet| find_vnet(&estate, vnet));
    let scope = Scope {
        vnets: vnets.collect::<Result<_, _>>()?,
        regions: arguments.regions.iter().map(|region| region.to_lowercase()).collect(),
        fallback: arguments.fallback,
        strategy: match arguments.strategy {
            Leave::Unlink => Strategy::Unlink,
            Leave::Bridge => Strategy::Bridge,
        },
    };
    let index = Index::new(estate);
    if let Some(region) = unknown_region(&index, what, &scope) {
        let service = what.service;
        return Err(Failure::new(format!("no old zone of {service} is for the region `{region}`")));
    }
    let migration = migrate(&index, what, &scope, &settings);
    let indexes = try_steps(migration.estate, &migration.steps)
        .map_err(|error| Failure::new(error.to_string()))?;
    let tried = Tried::all(&indexes, &migration.steps, &settings);
    let goes = tried.iter().all(|one| one.advice() == Advice::Go) && migration.open.is_empty();
    let verdict = if goes { Verdict::Clean } else { Verdict::Findings };
    if arguments.emit.write(&tried, output)? {
        for open in &migration.open {
            output.warning(&format!("to be decided first: {open}"));
        }
        return Ok(verdict);
    }
    let open = migration.open.iter().map(|open| format!("to be decided first: {open}\n"));
    let facts = migration.facts.iter().map(|fact| format!("today: {fact}\n"));
    let mut text: String = open.chain(facts).collect();
    if !text.is_empty() {
        text.push('\n');
    }
    for (at, one) in tried.iter().enumerate() {
        text.push_str(&show(at + 1, one));
    }
    if migration.steps.is_empty() && migration.open.is_empty() {
        text.push_str(&format!(
            "there is nothing to move: no old zone of {} is linked or holds records\n",
            what.service
        ));
    }
    let steps = plural(migration.steps.len(), "step", "steps");
    let whole = compare(&indexes[0], &indexes[indexes.len() - 1], &settings);
    text.push_str(&format!("{steps}, as a whole: {}\n", counts(&whole)));
    output.result(&text)?;
    Ok(verdict)
}

/// A region that was asked for and has no old zone.
fn unknown_region(index: &Index, what: &Move, scope: &Scope) -> Option<String> {
    let estate = index.estate();
    let old = estate.zones.iter().filter_map(|zone| what.old(&estate.names.name(zone.apex)));
    let regions: Vec<String> = old.filter_map(|old| old.region).collect();
    scope.regions.iter().find(|region| !regions.contains(region)).cloned()
}

/// A step, and some names to be asked for once it is taken.
fn show(number: usize, tried: &Tried<'_>) -> String {
    let text = step(number, tried, Detail::default());
    let checks = checks(&tried.comparison);
    let lines = checks.iter().take(VERIFIED).map(|check| {
        format!("  verify    in {}: {}  # {}\n", check.vnets, check.command, check.expected)
    });
    format!("{}\n{}\n", text.trim_end(), lines.collect::<String>())
}

//! `migrate`: a move in steps, each tried before it is shown.

use std::path::PathBuf;

use super::output::{Output, one_stdin};
use super::resolve::find_vnet;
use super::{Failure, Verdict, load, settings};
use crate::index::{Evidence, Index, Place};
use crate::plan::batch::{Scope, migrate};
use crate::plan::{Advice, Comparison, Tried, compare, try_steps};
use crate::public::batch::Form;
use crate::record::RecordType;
use crate::render::command::commands;
use crate::render::human::{brief, plural};
use crate::render::plan::{Detail, counts, step};
use crate::resolve::{Outcome, Trace, resolve};

/// How many names are given to be verified after a step.
const VERIFIED: usize = 3;

#[derive(clap::Subcommand)]
pub enum Migrate {
    /// From the regional Batch zones to the global one
    Batch(BatchArguments),
}

#[derive(clap::Args)]
pub struct BatchArguments {
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
    /// Show the commands of each step, and those that take it back
    #[arg(long, value_parser = ["az"], value_name = "FORM")]
    emit: Option<String>,
    #[command(flatten)]
    options: load::Options,
}

pub fn batch(arguments: &BatchArguments, output: &Output) -> Result<Verdict, Failure> {
    one_stdin(std::iter::once(&arguments.estate).chain(arguments.options.public()))?;
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
    };
    let index = Index::new(estate);
    if let Some(region) = unknown_region(&index, &scope) {
        return Err(Failure::new(format!("no old Batch zone is for the region `{region}`")));
    }
    let migration = migrate(&index, &scope);
    let mut text = String::new();
    for open in &migration.open {
        text.push_str(&format!("to be decided first: {open}\n"));
    }
    if !migration.open.is_empty() {
        text.push('\n');
    }
    let indexes = try_steps(migration.estate, &migration.steps)
        .map_err(|error| Failure::new(error.to_string()))?;
    let tried = Tried::all(&indexes, &migration.steps, &settings);
    for (at, one) in tried.iter().enumerate() {
        text.push_str(&show(at + 1, one, arguments.emit.is_some()));
    }
    let goes = tried.iter().all(|one| one.advice() == Advice::Go) && migration.open.is_empty();
    if migration.steps.is_empty() && migration.open.is_empty() {
        text.push_str("there is nothing to move: no old Batch zone is linked or holds records\n");
    }
    let steps = plural(migration.steps.len(), "step", "steps");
    let whole = compare(&indexes[0], &indexes[indexes.len() - 1], &settings);
    text.push_str(&format!("{steps}, as a whole: {}\n", counts(&whole)));
    output.result(&text)?;
    Ok(if goes { Verdict::Clean } else { Verdict::Findings })
}

/// A region that was asked for and has no old zone.
fn unknown_region(index: &Index, scope: &Scope) -> Option<String> {
    let estate = index.estate();
    let forms = estate.zones.iter().filter_map(|zone| Form::of(&estate.names.name(zone.apex)));
    let regions: Vec<String> =
        forms.filter_map(|(form, _)| form.region().map(str::to_owned)).collect();
    scope.regions.iter().find(|region| !regions.contains(region)).cloned()
}

fn show(number: usize, tried: &Tried<'_>, emit: bool) -> String {
    let mut text = step(number, tried, Detail::default());
    let mut lines: Vec<String> =
        verify(&tried.comparison).iter().map(|line| format!("  verify    {line}\n")).collect();
    if emit {
        let comparison = &tried.comparison;
        let (Some(old), Some(new)) = (comparison.before.first(), comparison.after.first()) else {
            return text;
        };
        let (old, new) = (old.index().estate(), new.index().estate());
        let made = tried.step.changes.iter().flat_map(|change| commands(old, change));
        lines.extend(made.map(|line| format!("  run       {line}\n")));
        let back = tried.step.changes.iter().rev().filter_map(|change| old.inverse(change));
        let back = back.flatten().flat_map(|change| commands(new, &change));
        lines.extend(back.map(|line| format!("  rollback  {line}\n")));
    }
    text.truncate(text.trim_end().len());
    format!("{text}\n{}\n", lines.concat())
}

/// Names whose answer a step touches, and what to expect of them then.
fn verify(comparison: &Comparison<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let on_the_way = |effect: &&crate::plan::Effect| {
        effect.name.labels().any(|label| label.starts_with(b"privatelink"))
    };
    let known = comparison
        .effects
        .iter()
        .filter(|effect| !effect.class.any_other && effect.record_type == RecordType::A)
        .filter(|effect| !on_the_way(effect))
        .filter(|effect| {
            // A record alone does not make a name that anybody has.
            let index = comparison.after[effect.views.1].index();
            let name = index.estate().names.get(&effect.name);
            let mut services = index.services().iter();
            let service = services.find(|service| Some(service.name) == name);
            !service.is_some_and(|service| matches!(service.evidence, Evidence::Inferred(_)))
        });
    for effect in known.take(VERIFIED) {
        let view = comparison.view_after(effect);
        let place: Place = view.index().locate(&effect.name);
        let answer = resolve(&view, &place, RecordType::A, &mut Trace::default());
        if matches!(answer.outcome, Outcome::Unknown(_)) {
            continue;
        }
        let estate = view.index().estate();
        let vnet = effect.vnets.first().map(|pair| estate.vnet_name(pair.1)).unwrap_or_default();
        let expected = brief(&view, &place, RecordType::A);
        let expected = expected.split(", decided").next().unwrap_or("").to_owned();
        lines.push(format!("in {vnet}: nslookup {}  # {expected}", effect.name.text()));
    }
    lines
}

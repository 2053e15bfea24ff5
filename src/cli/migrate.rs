//! `migrate`: a move in steps, each tried before it is shown.

use std::path::PathBuf;

use super::output::{Output, one_stdin};
use super::resolve::find_vnet;
use super::{Failure, Verdict, load, settings};
use crate::index::{Evidence, Index, Place};
use crate::plan::batch::{Scope, Step, inverse, migrate};
use crate::plan::{Advice, Comparison, compare};
use crate::public::batch::Form;
use crate::record::RecordType;
use crate::render::command::commands;
use crate::render::human::{brief, plural};
use crate::render::plan::{counts, human};
use crate::resolve::{Trace, resolve};

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
    let mut breaks = !migration.open.is_empty();
    let mut before = Index::new(migration.estate);
    for (at, step) in migration.steps.iter().enumerate() {
        let mut estate = before.estate().clone();
        estate
            .apply(&step.changes)
            .map_err(|error| Failure::new(format!("step {}, {}: {error}", at + 1, step.title)))?;
        let after = Index::new(estate);
        let comparison = compare(&before, &after, &settings);
        breaks |= comparison.advice() != Advice::Go;
        text.push_str(&one(at, step, &comparison, arguments.emit.is_some()));
        drop(comparison);
        before = after;
    }
    if migration.steps.is_empty() && migration.open.is_empty() {
        text.push_str("there is nothing to move: no old Batch zone is linked or holds records\n");
    }
    let steps = plural(migration.steps.len(), "step", "steps");
    let whole = compare(&index, &before, &settings);
    text.push_str(&format!("{steps}, as a whole: {}\n", counts(&whole)));
    output.result(&text)?;
    Ok(if breaks { Verdict::Findings } else { Verdict::Clean })
}

/// A region that was asked for and has no old zone.
fn unknown_region(index: &Index, scope: &Scope) -> Option<String> {
    let estate = index.estate();
    let forms = estate.zones.iter().filter_map(|zone| Form::of(&estate.names.name(zone.apex)));
    let regions: Vec<String> =
        forms.filter_map(|(form, _)| form.region().map(str::to_owned)).collect();
    scope.regions.iter().find(|region| !regions.contains(region)).cloned()
}

fn one(at: usize, step: &Step, comparison: &Comparison<'_>, emit: bool) -> String {
    let verdict = comparison.advice().describe();
    let mut text = format!("step {}  {}\n{}", at + 1, step.title, human(comparison));
    for line in verify(comparison) {
        text.push_str(&format!("  verify    {line}\n"));
    }
    if emit {
        let (old, new) = (&comparison.before, &comparison.after);
        let (Some(old), Some(new)) = (old.first(), new.first()) else { return text };
        let (old, new) = (old.index().estate(), new.index().estate());
        let made = step.changes.iter().flat_map(|change| commands(old, change));
        let back = step.changes.iter().rev().map(|change| inverse(old, change));
        let back: Vec<String> = back.flat_map(|change| commands(new, &change)).collect();
        made.for_each(|line| text.push_str(&format!("  run       {line}\n")));
        back.iter().for_each(|line| text.push_str(&format!("  rollback  {line}\n")));
    }
    text.push_str(&format!("  {}\n  {verdict}\n\n", counts(comparison)));
    text
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
        if answer.outcome.is_unknown() {
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

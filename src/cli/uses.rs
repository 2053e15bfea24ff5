//! `uses`: what a thing still decides.

use std::path::PathBuf;

use super::output::{Output, one_stdin};
use super::{Failure, Verdict, load, settings};
use crate::estate::{Estate, VnetId, Wish};
use crate::index::Index;
use crate::name::Name;
use crate::plan::{Tried, steps_of, try_steps, unsettled};
use crate::render::human::{self, plural};
use crate::render::plan::{Detail, counts, human as effects_of};

#[derive(clap::Args)]
pub struct Arguments {
    /// A directory (read with all below it), a file, or `-`
    #[arg(value_name = "ESTATE")]
    estate: PathBuf,
    /// ZONE, ZONE@VNET for a link, 'NAME TYPE' for a record set, a private endpoint, RULESET,
    /// RULESET@VNET, or RULESET/DOMAIN for a rule
    #[arg(value_name = "THING")]
    thing: String,
    /// Show every hop before and after
    #[arg(long)]
    trace: bool,
    #[command(flatten)]
    options: load::Options,
}

/// A thing decides what changes for somebody when it goes: every class of names is asked with
/// and without it.
pub fn run(arguments: &Arguments, output: &Output) -> Result<Verdict, Failure> {
    one_stdin(std::iter::once(&arguments.estate).chain(arguments.options.public()))?;
    let paths = std::slice::from_ref(&arguments.estate);
    let chosen = settings::Settings::load(None, paths)?.assumptions;
    let settings = arguments.options.settings(chosen)?;
    let mut estate = arguments.options.load(paths, output)?;
    load::warn_unread(&estate, output);
    let thing = &arguments.thing;
    let failed = |message: String| Failure::new(format!("{thing}: {message}"));
    let mut after = estate.clone();
    let wish = without(&mut after, thing).map_err(failed)?;
    let steps = steps_of(&mut after, thing, &[wish], &settings);
    let steps = steps.map_err(|error| failed(error.message))?;
    estate.names = after.names;
    let indexes = try_steps(estate, &steps).map_err(|error| failed(error.to_string()))?;
    let tried = Tried::all(&indexes, &steps, &settings);
    let Some(one) = tried.first() else { return Ok(Verdict::Clean) };
    let mut text = String::new();
    let effects = &one.comparison.effects;
    let remarks = one.step.remarks.iter().filter(|remark| remark.look);
    for remark in remarks.clone() {
        text.push_str(&format!("  look      {}\n", remark.text));
    }
    let doubts = unsettled(&one.comparison, &one.step.changes);
    for doubt in &doubts {
        text.push_str(&format!(
            "  ? {}: {} (such as {})\n",
            list_vnets(&indexes, &doubt.vnets),
            doubt.why,
            doubt.witness.text()
        ));
    }
    if effects.is_empty() && !doubts.is_empty() {
        output.result(&format!(
            "`{thing}` decides nothing that is known, but not all is known:\n{text}"
        ))?;
        return Ok(Verdict::Findings);
    }
    if effects.is_empty() {
        text.push_str(&format!(
            "`{thing}` decides nothing: without it every answer stays in {}, over {} each\n",
            plural(one.comparison.vnets, "network", "networks"),
            plural(one.comparison.classes, "class of names", "classes of names"),
        ));
        output.result(&text)?;
        let looked_at = remarks.count() > 0;
        return Ok(if looked_at { Verdict::Findings } else { Verdict::Clean });
    }
    let mut vnets: Vec<_> = effects.iter().flat_map(|one| &one.vnets).collect();
    vnets.sort();
    vnets.dedup();
    let mut classes: Vec<_> = effects.iter().map(|one| (&one.name, one.class)).collect();
    classes.sort();
    classes.dedup();
    let detail = Detail { trace: arguments.trace };
    output.result(&format!(
        "`{thing}` decides {} in {}; without it:\n{}{text}  {}\n",
        plural(classes.len(), "class of names", "classes of names"),
        plural(vnets.len(), "network", "networks"),
        effects_of(&one.comparison, &one.step.changes, detail),
        counts(&one.comparison),
    ))?;
    Ok(Verdict::Findings)
}

/// What takes the thing away.
fn without(estate: &mut Estate, thing: &str) -> Result<Wish, String> {
    let words: Vec<&str> = thing.split_whitespace().collect();
    if let [name, record_type] = words[..] {
        let name: Name = name.parse().map_err(|error| format!("{error}"))?;
        let record_type = record_type
            .parse()
            .map_err(|_| format!("expected a record type, found `{record_type}`"))?;
        return Ok(Wish::Remove { zone: None, owner: estate.names.intern(&name), record_type });
    }
    if let Some((one, vnet)) = thing.split_once('@') {
        let (one, vnet) = (one.to_owned(), Some(vnet.to_owned()));
        let ruleset = estate.zones_like(&one).is_empty() && !estate.rulesets_like(&one).is_empty();
        return Ok(match ruleset {
            true => Wish::UnlinkRuleset { ruleset: one, vnet },
            false => Wish::Unlink { zone: one, vnet },
        });
    }
    let text = thing.to_owned();
    if !estate.zones_like(thing).is_empty() {
        return Ok(Wish::DeleteZone { zone: text });
    }
    if !estate.endpoints_like(thing).is_empty() {
        return Ok(Wish::DeleteEndpoint { endpoint: text });
    }
    if !estate.rulesets_like(thing).is_empty() {
        return Ok(Wish::UnlinkRuleset { ruleset: text, vnet: None });
    }
    let rule = thing.rsplit_once('/').filter(|(one, _)| !estate.rulesets_like(one).is_empty());
    let Some((ruleset, domain)) = rule else {
        return Err(
            "no zone, no private endpoint and no forwarding ruleset has that name".to_owned()
        );
    };
    let domain: Name = domain.parse().map_err(|error| format!("{error}"))?;
    Ok(Wish::RemoveRule { ruleset: ruleset.to_owned(), domain: estate.names.intern(&domain) })
}

fn list_vnets(indexes: &[Index], vnets: &[VnetId]) -> String {
    let names = |index: &Index| human::list_vnets(index.estate(), vnets);
    indexes.first().map(names).unwrap_or_default()
}

//! `plan` and `diff`: whose answers change, over all names.

use std::path::PathBuf;

use clap::ArgMatches;

use super::output::{Form, Output, ReportFile, one_stdin, write_file};
use super::resolve::find_vnet;
use super::{Failure, Verdict, load, settings};
use crate::estate::{Change, Estate, Policy, VnetId, ZoneId};
use crate::index::Index;
use crate::name::{Name, NameId};
use crate::plan::{Advice, Comparison, compare};
use crate::record::RecordType;
use crate::render::plan::{PlanV1, StepV1, counts, human};
use crate::source::estate_text;

/// The options that are steps, each tried on what the ones before it leave.
const STEPS: [&str; 6] = ["unlink", "link", "fallback", "put", "remove", "delete-zone"];

#[derive(clap::Args)]
pub struct PlanArguments {
    /// A directory (read with all below it), a file, or `-`
    #[arg(value_name = "ESTATE")]
    estate: PathBuf,
    /// Remove the link of a zone to a network, or all its links
    #[arg(long, id = "unlink", value_name = "ZONE[@VNET]")]
    unlink: Vec<String>,
    /// Link a zone to a network, with `NxDomainRedirect` where `:redirect` follows
    #[arg(long, id = "link", value_name = "ZONE@VNET[:redirect]")]
    link: Vec<String>,
    /// Let a link redirect what its zone lacks to public DNS
    #[arg(long, id = "fallback", value_name = "ZONE@VNET")]
    fallback: Vec<String>,
    /// Make a record set what is given, in the zone with the longest apex
    #[arg(long, id = "put", value_name = "'NAME TYPE [TTL] DATA'")]
    put: Vec<String>,
    /// Remove a record set
    #[arg(long, id = "remove", value_name = "'NAME TYPE'")]
    remove: Vec<String>,
    /// Delete a zone with its links
    #[arg(long, id = "delete-zone", value_name = "ZONE")]
    delete_zone: Vec<String>,
    #[command(flatten)]
    report: Report,
    #[command(flatten)]
    options: load::Options,
}

#[derive(clap::Args)]
pub struct DiffArguments {
    /// The export before: a directory, a file, or `-`
    #[arg(value_name = "BEFORE")]
    before: PathBuf,
    /// The export after
    #[arg(value_name = "AFTER")]
    after: PathBuf,
    #[command(flatten)]
    report: Report,
    #[command(flatten)]
    options: load::Options,
}

#[derive(clap::Args)]
struct Report {
    /// The form of the report
    #[arg(long, value_parser = ["human", "json"], default_value = "human", value_name = "FORM")]
    format: String,
    /// Write a report to a file, beside the one on standard output
    #[arg(long, value_name = "FORM=FILE")]
    output: Vec<ReportFile<Form>>,
}

impl Report {
    fn write(
        &self,
        output: &Output,
        text: &dyn Fn(Form) -> Result<String, Failure>,
    ) -> Result<(), Failure> {
        for file in &self.output {
            let text = text(file.form)?;
            write_file(&file.path, &anstream::adapter::strip_str(&text).to_string())?;
        }
        let form = if self.format == "json" { Form::Json } else { Form::Human };
        output.result(&text(form)?)
    }
}

/// The steps in the order of the command line: option and value.
pub fn steps(matches: &ArgMatches) -> Vec<(String, String)> {
    let mut steps: Vec<(usize, String, String)> = Vec::new();
    for option in STEPS {
        let places = matches.indices_of(option).into_iter().flatten();
        let values = matches.get_many::<String>(option).into_iter().flatten();
        steps.extend(places.zip(values).map(|(at, value)| (at, option.to_owned(), value.clone())));
    }
    steps.sort();
    steps.into_iter().map(|(_, option, value)| (option, value)).collect()
}

pub fn diff(arguments: &DiffArguments, output: &Output) -> Result<Verdict, Failure> {
    let inputs = [&arguments.before, &arguments.after];
    one_stdin(inputs.into_iter().chain(arguments.options.public()))?;
    let paths = [arguments.before.clone(), arguments.after.clone()];
    let chosen = settings::Settings::load(None, &paths)?.assumptions;
    let settings = arguments.options.settings(chosen)?;
    let load = |path: &PathBuf| {
        let estate = arguments.options.load(std::slice::from_ref(path), output)?;
        load::warn_unread(&estate, output);
        Ok::<_, Failure>(estate)
    };
    let before = Index::new(load(&arguments.before)?);
    let after = Index::new(load(&arguments.after)?);
    let comparison = compare(&before, &after, &settings);
    arguments.report.write(output, &|form| match form {
        Form::Human => Ok(format!("{}{}\n", human(&comparison), counts(&comparison))),
        _ => json(&PlanV1::new("diff", &comparison, Vec::new())),
    })?;
    if comparison.vnets == 0 {
        return Err(Failure::new("no virtual network is in both estates: nothing was compared"));
    }
    match comparison.effects.is_empty() && comparison.unmatched.is_empty() {
        true => Ok(Verdict::Clean),
        false => Ok(Verdict::Findings),
    }
}

pub fn plan(
    arguments: &PlanArguments,
    steps: Vec<(String, String)>,
    output: &Output,
) -> Result<Verdict, Failure> {
    one_stdin(std::iter::once(&arguments.estate).chain(arguments.options.public()))?;
    if steps.is_empty() {
        return Err(Failure::new(
            "no step is given: --unlink, --link, --fallback, --put, --remove or --delete-zone",
        ));
    }
    let paths = std::slice::from_ref(&arguments.estate);
    let chosen = settings::Settings::load(None, paths)?.assumptions;
    let settings = arguments.options.settings(chosen)?;
    let estate = arguments.options.load(std::slice::from_ref(&arguments.estate), output)?;
    load::warn_unread(&estate, output);
    let mut indexes = vec![Index::new(estate)];
    let mut titles = Vec::new();
    for (option, value) in &steps {
        let step = |message: String| Failure::new(format!("--{option} {value}: {message}"));
        let mut estate = indexes[indexes.len() - 1].estate().clone();
        let changes = changes(&mut estate, option, value).map_err(step)?;
        estate.apply(&changes).map_err(|error| step(error.to_string()))?;
        titles.push(format!("{option} {value}"));
        indexes.push(Index::new(estate));
    }
    let compared: Vec<Comparison<'_>> =
        indexes.windows(2).map(|pair| compare(&pair[0], &pair[1], &settings)).collect();
    // Of a single step the whole is the step.
    let several =
        (compared.len() > 1).then(|| compare(&indexes[0], &indexes[indexes.len() - 1], &settings));
    arguments.report.write(output, &|form| match form {
        Form::Human => Ok(text(&titles, &compared, several.as_ref())),
        _ => {
            let whole = several.as_ref().unwrap_or(&compared[0]);
            let steps = titles.iter().zip(&compared).enumerate();
            let steps = steps.map(|(at, (title, one))| StepV1::new(at + 1, title.clone(), one));
            json(&PlanV1::new("plan", whole, steps.collect()))
        }
    })?;
    Ok(outcome(&compared.iter().collect::<Vec<_>>()))
}

fn text(
    titles: &[String],
    compared: &[Comparison<'_>],
    several: Option<&Comparison<'_>>,
) -> String {
    let mut text = String::new();
    for (at, (title, comparison)) in titles.iter().zip(compared).enumerate() {
        let verdict = comparison.advice().describe();
        text.push_str(&format!(
            "step {}  {title}\n{}  {}  {verdict}\n\n",
            at + 1,
            human(comparison),
            counts(comparison)
        ));
    }
    if let Some(whole) = several {
        text.push_str(&format!("plan as a whole\n{}  {}\n", human(whole), counts(whole)));
    }
    text
}

fn json(report: &PlanV1) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(report);
    text.map(|text| text + "\n").map_err(|error| Failure::new(error.to_string()))
}

fn outcome(compared: &[&Comparison<'_>]) -> Verdict {
    match compared.iter().any(|comparison| comparison.advice() != Advice::Go) {
        true => Verdict::Findings,
        false => Verdict::Clean,
    }
}

/// What an option asks for, as changes of this estate.
fn changes(estate: &mut Estate, option: &str, value: &str) -> Result<Vec<Change>, String> {
    match option {
        "unlink" => match value.split_once('@') {
            Some((zone, vnet)) => {
                let vnet = vnet_of(estate, vnet)?;
                Ok(vec![Change::Unlink { zone: linked_zone(estate, zone, vnet)?, vnet }])
            }
            None => Ok(unlink_all(estate, zone_of(estate, value)?)),
        },
        "delete-zone" => {
            let zone = zone_of(estate, value)?;
            let sets = &estate.zone(zone).record_sets;
            let remove = sets.iter().map(|set| Change::Remove {
                zone,
                owner: set.owner,
                record_type: set.data.record_type(),
            });
            Ok(unlink_all(estate, zone).into_iter().chain(remove).collect())
        }
        "link" => {
            let (zone, vnet) = value.split_once('@').ok_or("expected ZONE@VNET")?;
            let (vnet, policy) = match vnet.strip_suffix(":redirect") {
                Some(vnet) => (vnet, Policy::NxDomainRedirect),
                None => (vnet, Policy::Default),
            };
            let (zone, vnet) = (zone_of(estate, zone)?, vnet_of(estate, vnet)?);
            if policy == Policy::NxDomainRedirect {
                takes_fallback(estate, zone)?;
            }
            Ok(vec![Change::Link { zone, vnet, policy }])
        }
        "fallback" => {
            let (zone, vnet) = value.split_once('@').ok_or("expected ZONE@VNET")?;
            let vnet = vnet_of(estate, vnet)?;
            let zone = linked_zone(estate, zone, vnet)?;
            takes_fallback(estate, zone)?;
            let policy = Policy::NxDomainRedirect;
            Ok(vec![Change::Unlink { zone, vnet }, Change::Link { zone, vnet, policy }])
        }
        "put" => {
            let (owner, ttl, data) = estate_text::record_set(value, &mut estate.names)?;
            let zone = zone_above(estate, owner)?;
            Ok(vec![Change::Put { zone, owner, data, ttl }])
        }
        _ => {
            let words: Vec<&str> = value.split_whitespace().collect();
            let [name, record_type] = words[..] else {
                return Err("expected `NAME TYPE`".to_owned());
            };
            let name: Name = name.parse().map_err(|error| format!("{error}"))?;
            let record_type: RecordType =
                record_type.parse().map_err(|error| format!("{error}"))?;
            if record_type == RecordType::Soa {
                return Err("a zone keeps its SOA".to_owned());
            }
            let owner = estate.names.intern(&name);
            let zone = zone_above(estate, owner)?;
            Ok(vec![Change::Remove { zone, owner, record_type }])
        }
    }
}

/// Only links of Private Link zones may redirect ("Fallback to internet for Azure Private DNS
/// zones", learn.microsoft.com/azure/dns/private-dns-fallback, read 2026-11).
fn takes_fallback(estate: &Estate, zone: ZoneId) -> Result<(), String> {
    let apex = estate.zone(zone).apex;
    match estate.names.labels(apex).any(|label| label.starts_with(b"privatelink")) {
        true => Ok(()),
        false => Err(format!(
            "`{}` is no Private Link zone, and only those may redirect",
            estate.zone_name(zone)
        )),
    }
}

fn unlink_all(estate: &Estate, zone: ZoneId) -> Vec<Change> {
    let links = estate.zone(zone).links.iter();
    links.map(|link| Change::Unlink { zone, vnet: link.vnet }).collect()
}

fn vnet_of(estate: &Estate, text: &str) -> Result<VnetId, String> {
    find_vnet(estate, text).map_err(|error| error.to_string())
}

/// The zones of a name, or of `group/name`, or the one with a resource id.
fn zones_of(estate: &Estate, text: &str) -> Vec<ZoneId> {
    let text = text.trim_end_matches('.').to_lowercase();
    let (group, apex) = match text.rsplit_once('/') {
        Some((group, apex)) if !text.starts_with('/') => (Some(group), apex),
        _ => (None, text.as_str()),
    };
    estate
        .zone_ids()
        .filter(|(id, zone)| {
            let in_group = group.is_none_or(|group| {
                zone.group.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(group))
            });
            let is_it = zone.id.as_ref().is_some_and(|id| id.key() == text);
            is_it || (in_group && estate.zone_name(*id) == apex)
        })
        .map(|(id, _)| id)
        .collect()
}

fn zone_of(estate: &Estate, text: &str) -> Result<ZoneId, String> {
    match zones_of(estate, text)[..] {
        [one] => Ok(one),
        [] => Err(format!("no zone is named `{text}`")),
        _ => Err(format!("several zones are named `{text}`; write GROUP/{text}")),
    }
}

/// The zone of that name that is linked to the network.
fn linked_zone(estate: &Estate, text: &str, vnet: VnetId) -> Result<ZoneId, String> {
    let zones = zones_of(estate, text);
    let linked = |zone: &ZoneId| estate.zone(*zone).links.iter().any(|link| link.vnet == vnet);
    match zones.iter().copied().find(linked) {
        Some(zone) => Ok(zone),
        None if zones.is_empty() => Err(format!("no zone is named `{text}`")),
        None => Err(format!("`{text}` is not linked to `{}`", estate.vnet_name(vnet))),
    }
}

/// The zone with the longest apex at or above a name.
fn zone_above(estate: &Estate, owner: NameId) -> Result<ZoneId, String> {
    let name = estate.names.show(owner).to_string();
    let above = estate.zone_ids().filter(|(_, zone)| estate.names.is_at_or_below(owner, zone.apex));
    let depth = |zone: ZoneId| estate.names.depth(estate.zone(zone).apex);
    let zones: Vec<ZoneId> = above.map(|(id, _)| id).collect();
    let longest = zones.iter().map(|&zone| depth(zone)).max();
    let mut fitting = zones.into_iter().filter(|&zone| Some(depth(zone)) == longest);
    match (fitting.next(), fitting.next()) {
        (Some(zone), None) => Ok(zone),
        (None, _) => Err(format!("no zone holds `{name}`")),
        (Some(zone), Some(_)) => Err(format!(
            "several zones are named `{}`, which could hold it",
            estate.zone_name(zone)
        )),
    }
}

//! `plan` and `diff`: whose answers change, over all names.

use std::path::{Path, PathBuf};

use clap::ArgMatches;
use serde::Serialize;

use super::output::{Form, Output, ReportFile, one_stdin, write_file};
use super::{Failure, Verdict, emit, load, settings};
use crate::estate::{Estate, Wish};
use crate::index::{Assumption, Index, Settings};
use crate::name::{Name, Names};
use crate::plan::{
    Advice, Remark, Step, Tried, compare, steps_of, try_steps, unread_differences,
    unsettled_differences,
};
use crate::record::RecordType;
use crate::render::command::title;
use crate::render::plan::{Detail, PlanV1, StepV1, assumes, counts, human, step};
use crate::source::{changes, decode_text, estate_text, terraform};

/// The options that are steps, each tried on what the ones before it leave.
const STEPS: [&str; 19] = [
    "changes",
    "terraform-plan",
    "unlink",
    "link",
    "fallback",
    "put",
    "remove",
    "create-zone",
    "delete-zone",
    "merge",
    "dns-servers",
    "add-to-group",
    "remove-from-group",
    "recreate-group",
    "delete-endpoint",
    "add-rule",
    "remove-rule",
    "link-ruleset",
    "unlink-ruleset",
];

#[derive(clap::Args)]
pub struct PlanArguments {
    /// A directory (read with all below it), a file, or `-`
    #[arg(value_name = "ESTATE")]
    estate: PathBuf,
    /// The steps of a file, TOML or JSON (docs/plan.md)
    #[arg(long, id = "changes", value_name = "FILE")]
    changes: Vec<String>,
    /// What a plan of Terraform would do: the output of `terraform show -json`
    #[arg(long, id = "terraform-plan", value_name = "FILE")]
    terraform_plan: Vec<String>,
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
    #[arg(long, id = "put", value_name = "'[GROUP/]NAME TYPE [TTL] DATA'")]
    put: Vec<String>,
    /// Remove a record set
    #[arg(long, id = "remove", value_name = "'[GROUP/]NAME TYPE'")]
    remove: Vec<String>,
    /// Make a zone, empty and not linked
    #[arg(long, id = "create-zone", value_name = "[GROUP/]ZONE")]
    create_zone: Vec<String>,
    /// Delete a zone with its links and records
    #[arg(long, id = "delete-zone", value_name = "ZONE")]
    delete_zone: Vec<String>,
    /// Put the records of a zone into the one that `--into` names, and link its networks there
    #[arg(long, id = "merge", value_name = "ZONE", requires = "into")]
    merge: Vec<String>,
    /// The zone that stays
    #[arg(long, id = "into", value_name = "ZONE", requires = "merge")]
    into: Vec<String>,
    /// Change the DNS servers of a network; none for Azure-provided DNS
    #[arg(long, id = "dns-servers", value_name = "VNET=ADDRESS,…")]
    dns_servers: Vec<String>,
    /// Add a zone to the zone group of a private endpoint, or make its group
    #[arg(long, id = "add-to-group", value_name = "ENDPOINT=ZONE")]
    add_to_group: Vec<String>,
    /// Take a zone out of the zone group of a private endpoint, or remove the group
    #[arg(long, id = "remove-from-group", value_name = "ENDPOINT[=ZONE]")]
    remove_from_group: Vec<String>,
    /// Remove the zone group of a private endpoint and make it again
    #[arg(long, id = "recreate-group", value_name = "ENDPOINT")]
    recreate_group: Vec<String>,
    /// Delete a private endpoint, with the records that its zone group keeps
    #[arg(long, id = "delete-endpoint", value_name = "ENDPOINT")]
    delete_endpoint: Vec<String>,
    /// Make the rule of a forwarding ruleset for a domain what is given
    #[arg(long, id = "add-rule", value_name = "'RULESET DOMAIN ADDRESS[:PORT]…'")]
    add_rule: Vec<String>,
    /// Remove the rule of a forwarding ruleset for a domain
    #[arg(long, id = "remove-rule", value_name = "'RULESET DOMAIN'")]
    remove_rule: Vec<String>,
    /// Link a forwarding ruleset to a network
    #[arg(long, id = "link-ruleset", value_name = "RULESET@VNET")]
    link_ruleset: Vec<String>,
    /// Remove the link of a forwarding ruleset to a network, or all its links
    #[arg(long, id = "unlink-ruleset", value_name = "RULESET[@VNET]")]
    unlink_ruleset: Vec<String>,
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    emit: emit::Emission,
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

/// Names that somebody asks for, though no input has them.
#[derive(clap::Args)]
pub struct Asked {
    /// Names that clients really ask for, one a line, as from logs: what becomes of each is told,
    /// and not of all unlisted names only
    #[arg(long, value_name = "FILE")]
    names: Option<PathBuf>,
}

impl Asked {
    /// Enters them into an estate.
    pub fn enter(&self, estate: &mut Estate) -> Result<(), Failure> {
        let Some(path) = &self.names else { return Ok(()) };
        for (name, _) in load::read_names(path, RecordType::A)? {
            estate.names.intern(&name);
        }
        Ok(())
    }
}

#[derive(clap::Args)]
pub(super) struct Report {
    /// The form of the report
    #[arg(long, value_parser = ["human", "json"], default_value = "human", value_name = "FORM")]
    format: String,
    /// Write a report to a file, beside the one on standard output
    #[arg(long, value_name = "FORM=FILE")]
    output: Vec<ReportFile<Form>>,
    /// Show every hop before and after
    #[arg(long)]
    trace: bool,
}

impl Report {
    pub(super) fn detail(&self) -> Detail {
        Detail { trace: self.trace }
    }

    pub(super) fn write(
        &self,
        output: &Output,
        text: &dyn Fn(Form) -> Result<String, Failure>,
    ) -> Result<(), Failure> {
        for file in &self.output {
            let text = text(file.form)?;
            write_file(&file.path, &anstream::adapter::strip_str(&text).to_string())?;
        }
        match self.format == "json" {
            true => output.result(&text(Form::Json)?),
            false => output.prose(&text(Form::Human)?),
        }
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
    // What is merged has its other half in an option of its own.
    let mut into = matches.get_many::<String>("into").into_iter().flatten();
    steps.sort();
    for (_, _, zone) in steps.iter_mut().filter(|(_, option, _)| option == "merge") {
        if let Some(into) = into.next() {
            *zone = format!("{zone} into {into}");
        }
    }
    steps.into_iter().map(|(_, option, value)| (option, value)).collect()
}

pub fn diff(arguments: &DiffArguments, output: &Output) -> Result<Verdict, Failure> {
    let inputs = [&arguments.before, &arguments.after];
    one_stdin(inputs.into_iter().chain(arguments.options.public()))?;
    let paths = [arguments.before.clone(), arguments.after.clone()];
    let settings = arguments.options.assumptions(None, &paths)?;
    let load = |path: &PathBuf| {
        let estate = arguments.options.load(std::slice::from_ref(path), output)?;
        load::warn_unread(&estate, output);
        Ok::<_, Failure>(estate)
    };
    let before = Index::new(load(&arguments.before)?);
    let after = Index::new(load(&arguments.after)?);
    let comparison = compare(&before, &after, &settings);
    let mut doubts = unread_differences(before.estate(), after.estate());
    doubts.extend(unsettled_differences(&comparison));
    doubts.iter().for_each(|doubt| output.warning(doubt));
    arguments.report.write(output, &|form| match form {
        Form::Human => {
            let detail = arguments.report.detail();
            let doubts: String = doubts.iter().map(|doubt| format!("  ? {doubt}\n")).collect();
            let effects = human(&comparison, &[], detail);
            let assumed: Vec<Assumption> = comparison.assumed().iter().collect();
            let assumed = assumes(&assumed);
            Ok(format!("{}\n{doubts}{effects}{assumed}", counts(&comparison)))
        }
        _ => json(&PlanV1::new("diff", &comparison, Vec::new()).doubting(doubts.clone())),
    })?;
    if comparison.vnets == 0 {
        return Err(Failure::new("no virtual network is in both estates: nothing was compared"));
    }
    let same = comparison.effects.is_empty() && comparison.unmatched.is_empty();
    match same && doubts.is_empty() {
        true => Ok(Verdict::Clean),
        false => Ok(Verdict::Findings),
    }
}

pub fn plan(
    arguments: &PlanArguments,
    options: Vec<(String, String)>,
    output: &Output,
) -> Result<Verdict, Failure> {
    one_stdin(std::iter::once(&arguments.estate).chain(arguments.options.public()))?;
    let (settings, mut estate) = arguments.options.open(None, &arguments.estate, output)?;
    arguments.asked.enter(&mut estate)?;
    let given = !options.is_empty();
    let steps = wanted(&mut estate, options, &settings)?;
    if steps.is_empty() && given {
        output.result("no step changes anything that an answer depends on\n")?;
        return Ok(Verdict::Clean);
    }
    if steps.is_empty() {
        return Err(Failure::new(
            "no step is given: --changes, --unlink, --link, --put, --merge or another of \
             `privdns plan --help`",
        ));
    }
    show(estate, &steps, &settings, arguments, output)
}

/// Tries the steps and reports on them.
fn show(
    estate: Estate,
    steps: &[Step],
    settings: &Settings,
    arguments: &PlanArguments,
    output: &Output,
) -> Result<Verdict, Failure> {
    let report = &arguments.report;
    let indexes = try_steps(estate, steps).map_err(|error| Failure::new(error.to_string()))?;
    let tried = Tried::all(&indexes, steps, settings);
    if arguments.emit.write(&tried, output)? {
        return Ok(outcome(&tried));
    }
    // Of a single step the whole is the step.
    let several =
        (tried.len() > 1).then(|| compare(&indexes[0], &indexes[indexes.len() - 1], settings));
    let detail = report.detail();
    report.write(output, &|form| match form {
        Form::Human => {
            let mut text = String::new();
            for (at, one) in tried.iter().enumerate() {
                text.push_str(&step(at + 1, one, detail));
            }
            if let Some(whole) = &several {
                let changes = human(whole, &[], detail);
                text.push_str(&format!("plan as a whole\n  {}\n{changes}", counts(whole)));
            }
            Ok(text)
        }
        _ => {
            let whole = several.as_ref().unwrap_or(&tried[0].comparison);
            let steps = tried.iter().enumerate().map(|(at, one)| StepV1::new(at + 1, one));
            json(&PlanV1::new("plan", whole, steps.collect()))
        }
    })?;
    Ok(outcome(&tried))
}

pub(super) fn json(report: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(report);
    text.map(|text| text + "\n").map_err(|error| Failure::new(error.to_string()))
}

fn outcome(tried: &[Tried<'_>]) -> Verdict {
    match tried.iter().any(|one| one.advice() != Advice::Go) {
        true => Verdict::Findings,
        false => Verdict::Clean,
    }
}

/// The steps that the options ask for; names that they mention are entered into `estate`.
fn wanted(
    estate: &mut Estate,
    options: Vec<(String, String)>,
    settings: &Settings,
) -> Result<Vec<Step>, Failure> {
    let mut after = estate.clone();
    let mut steps = Vec::new();
    for (option, value) in options {
        let reader: Option<Reader> = match option.as_str() {
            "changes" => Some(changes::read),
            "terraform-plan" => Some(terraform::steps::read),
            _ => None,
        };
        if let Some(reader) = reader {
            steps.extend(from_file(&mut after, Path::new(&value), reader, settings)?);
            continue;
        }
        let title = format!("{option} {value}");
        let failed = |message: String| Failure::new(format!("--{title}: {message}"));
        let wish = wish(&mut after, &option, &value).map_err(failed)?;
        let made = steps_of(&mut after, &title, &[wish], settings);
        steps.extend(made.map_err(|error| failed(error.message))?);
    }
    estate.names = after.names;
    Ok(steps)
}

/// The estate after a file of changes: after all its steps, or the first `steps` of them.
#[cfg(feature = "live")]
pub fn after_plan(
    mut estate: Estate,
    path: &Path,
    steps: Option<usize>,
    settings: &Settings,
) -> Result<Estate, Failure> {
    let mut after = estate.clone();
    let made = from_file(&mut after, path, changes::read, settings)?;
    estate.names = after.names;
    let count = steps.unwrap_or(made.len());
    if count > made.len() {
        let message = format!("`{}` has {} steps, and no step {count}", path.display(), made.len());
        return Err(Failure::new(message));
    }
    let tried = try_steps(estate, &made[..count]);
    let tried = tried.map_err(|error| Failure::new(error.to_string()))?;
    // The estate itself comes first.
    let last = tried.into_iter().next_back().map(Index::into_estate);
    last.ok_or_else(|| Failure::new("the plan has no steps"))
}

type Reader = fn(&str, &mut Names) -> Result<Vec<changes::WantedStep>, Vec<changes::Problem>>;

/// The steps of a file.
fn from_file(
    estate: &mut Estate,
    path: &Path,
    reader: Reader,
    settings: &Settings,
) -> Result<Vec<Step>, Failure> {
    let shown = path.display().to_string();
    let text =
        decode_text(load::read(path)?).map_err(|why| Failure::new(format!("`{shown}` {why}")))?;
    let wrong = |problem: &changes::Problem| {
        let excerpt = settings::excerpt(&shown, &text, problem.at.clone());
        format!("{}\n{excerpt}", problem.message)
    };
    let wanted = reader(&text, &mut estate.names).map_err(|problems| {
        Failure::new(problems.iter().map(wrong).collect::<Vec<_>>().join("\n"))
    })?;
    let mut steps = Vec::new();
    for step in &wanted {
        let mut made = steps_of(estate, &step.title, &step.wishes, settings).map_err(|error| {
            let at = step.places[error.at].clone();
            Failure::new(wrong(&changes::Problem { message: error.message, at }))
        })?;
        if made.is_empty() {
            made.push(Step { title: step.title.clone(), ..Step::default() });
        }
        if let Some(last) = made.last_mut() {
            let remarks = step.remarks.iter().cloned();
            last.remarks.extend(remarks.map(|text| Remark { text, look: true }));
        }
        steps.extend(made);
    }
    for step in steps.iter_mut().filter(|step| step.title.is_empty()) {
        let told: Vec<String> = step.changes.iter().map(|one| title(estate, one)).collect();
        step.title = told.join(", ");
    }
    Ok(steps)
}

/// What an option asks for.
fn wish(estate: &mut Estate, option: &str, value: &str) -> Result<Wish, String> {
    let text = str::to_owned;
    let link = || value.split_once('@').ok_or("expected ZONE@VNET");
    let pair = |expected: &'static str| value.split_once('=').ok_or(expected);
    Ok(match option {
        "unlink" => match value.split_once('@') {
            Some((zone, vnet)) => Wish::Unlink { zone: text(zone), vnet: Some(text(vnet)) },
            None => Wish::Unlink { zone: text(value), vnet: None },
        },
        "delete-zone" => Wish::DeleteZone { zone: text(value) },
        "create-zone" => {
            let (group, apex) = match value.rsplit_once('/') {
                Some((group, apex)) => (Some(text(group)), apex),
                None => (None, value),
            };
            let apex: Name = apex.parse().map_err(|error| format!("{error}"))?;
            Wish::CreateZone { apex: estate.names.intern(&apex), group }
        }
        "link" => {
            let (zone, vnet) = link()?;
            let (vnet, redirect) = match vnet.strip_suffix(":redirect") {
                Some(vnet) => (vnet, true),
                None => (vnet, false),
            };
            let (zone, vnet) = (text(zone), text(vnet));
            Wish::Link { zone, vnet, name: None, redirect, registration: false }
        }
        "fallback" => {
            let (zone, vnet) = link()?;
            Wish::SetPolicy { zone: text(zone), vnet: text(vnet), redirect: true }
        }
        "put" => {
            let (zone, value) = grouped(value);
            let (owner, ttl, data) = estate_text::record_set(value, &mut estate.names)?;
            Wish::Put { zone, owner, ttl, data }
        }
        "merge" => {
            let (zone, into) =
                value.split_once(" into ").ok_or("expected `--into ZONE` beside it")?;
            Wish::Merge { zone: text(zone), into: text(into) }
        }
        "dns-servers" => {
            let (vnet, servers) = pair("expected VNET=ADDRESS,… or VNET= for Azure-provided DNS")?;
            let servers = servers.split(',').filter(|one| !one.is_empty());
            let parse = |one: &str| one.parse().map_err(|_| format!("`{one}` is no address"));
            let servers = servers.map(parse).collect::<Result<_, String>>()?;
            Wish::SetServers { vnet: text(vnet), servers }
        }
        "add-to-group" => {
            let (endpoint, zone) = pair("expected ENDPOINT=ZONE")?;
            Wish::AddToGroup { endpoint: text(endpoint), zone: text(zone) }
        }
        "remove-from-group" => match value.split_once('=') {
            Some((endpoint, zone)) => {
                Wish::RemoveFromGroup { endpoint: text(endpoint), zone: Some(text(zone)) }
            }
            None => Wish::RemoveFromGroup { endpoint: text(value), zone: None },
        },
        "recreate-group" => Wish::RecreateGroup { endpoint: text(value) },
        "delete-endpoint" => Wish::DeleteEndpoint { endpoint: text(value) },
        "add-rule" | "remove-rule" => rule_wish(estate, option, value)?,
        "link-ruleset" => {
            let (ruleset, vnet) = value.split_once('@').ok_or("expected RULESET@VNET")?;
            Wish::LinkRuleset { ruleset: text(ruleset), vnet: text(vnet), name: None }
        }
        "unlink-ruleset" => match value.split_once('@') {
            Some((ruleset, vnet)) => {
                Wish::UnlinkRuleset { ruleset: text(ruleset), vnet: Some(text(vnet)) }
            }
            None => Wish::UnlinkRuleset { ruleset: text(value), vnet: None },
        },
        _ => {
            let (zone, value) = grouped(value);
            let words: Vec<&str> = value.split_whitespace().collect();
            let [name, record_type] = words[..] else {
                return Err("expected `NAME TYPE`".to_owned());
            };
            let name: Name = name.parse().map_err(|error| format!("{error}"))?;
            let record_type: RecordType =
                record_type.parse().map_err(|error| format!("{error}"))?;
            Wish::Remove { zone, owner: estate.names.intern(&name), record_type }
        }
    })
}

/// A record with the resource group of its zone before it, as `GROUP/NAME …`.
pub(super) fn grouped(value: &str) -> (Option<String>, &str) {
    let first = value.split_whitespace().next().unwrap_or("");
    match first.split_once('/') {
        // What follows the first word may have strokes of its own.
        Some((group, _)) if !group.is_empty() => {
            let at = value.find('/').unwrap_or(0);
            (Some(format!("{group}/")), &value[at + 1..])
        }
        _ => (None, value),
    }
}

fn rule_wish(estate: &mut Estate, option: &str, value: &str) -> Result<Wish, String> {
    let mut words = value.split([' ', '\t', ',']).filter(|word| !word.is_empty());
    let (Some(ruleset), Some(domain)) = (words.next(), words.next()) else {
        return Err("expected `RULESET DOMAIN` first".to_owned());
    };
    let domain: Name = domain.parse().map_err(|error| format!("{error}"))?;
    let (ruleset, domain) = (ruleset.to_owned(), estate.names.intern(&domain));
    let parse = |word: &str| {
        changes::target(word)
            .ok_or_else(|| format!("expected ADDRESS or ADDRESS:PORT, found `{word}`"))
    };
    let targets: Vec<_> = words.map(parse).collect::<Result<_, String>>()?;
    match (option, targets.is_empty()) {
        ("add-rule", false) => Ok(Wish::PutRule { ruleset, domain, name: None, targets }),
        ("add-rule", true) => Err("expected the addresses of servers after the domain".to_owned()),
        (_, true) => Ok(Wish::RemoveRule { ruleset, domain }),
        (_, false) => Err("expected nothing after the domain".to_owned()),
    }
}

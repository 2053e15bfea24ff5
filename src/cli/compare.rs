//! `compare`: what was seen beside what the simulation says.

use std::path::{Path, PathBuf};

use super::output::{Output, ReportFile, one_stdin, write_file};
use super::resolve::find_vnet;
use super::{Failure, Verdict, load};
use crate::comparison;
use crate::estate::VnetId;
use crate::index::{Index, View};
use crate::render::comparison::{CompareV1, Entry, human};
use crate::transcript::{self, Observation, capture};

#[derive(clap::Args)]
pub struct Arguments {
    /// A directory (read with all below it), a file, or `-`
    #[arg(value_name = "ESTATE")]
    estate: PathBuf,
    /// The virtual network that the lookups were made in: a name, `group/name` or a resource id
    #[arg(long, value_name = "VNET")]
    vnet: String,
    /// What people paste of nslookup, dig, host, Resolve-DnsName or `az vm run-command`; `-` for standard input
    #[arg(long, value_name = "FILE")]
    transcript: Vec<PathBuf>,
    /// What `privdns capture` wrote
    #[arg(long, value_name = "FILE")]
    capture: Vec<PathBuf>,
    #[cfg(feature = "live")]
    #[command(flatten)]
    live: super::compare_live::Live,
    /// Show what is the same, too, however much it is
    #[arg(long)]
    all: bool,
    /// The form of the report
    #[arg(long, value_enum, default_value = "human", value_name = "FORM")]
    format: Form,
    /// Write a report to a file, beside the one on standard output
    #[arg(long, value_name = "FORM=FILE")]
    output: Vec<ReportFile<Form>>,
    /// The settings, whose assumptions hold; without it, the privdns.toml that `check` takes
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    options: load::Options,
}

/// A form of report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    /// Text for people
    Human,
    /// One JSON object
    Json,
}

/// How to ask so that an answer shows its name.
const ASK_ANEW: &str = "lookups show their names with `dig NAME` in place of `dig +short`, and \
    with `privdns capture --server IP NAME…` (or --names FILE), whose output --capture reads";

/// A lookup, and the file it is from.
struct Seen {
    observation: Observation,
    file: Option<String>,
}

pub fn run(arguments: &Arguments, output: &Output) -> Result<Verdict, Failure> {
    let files = arguments.transcript.iter().chain(&arguments.capture);
    let inputs = std::iter::once(&arguments.estate).chain(files).chain(&arguments.config);
    one_stdin(inputs.chain(arguments.options.public()))?;
    let (settings, estate) =
        arguments.options.open(arguments.config.as_deref(), &arguments.estate, output)?;
    #[cfg(feature = "live")]
    let (estate, changed) = arguments.live.plan(estate, &arguments.vnet, &settings)?;
    let index = Index::new(estate);
    let vnet = find_vnet(index.estate(), &arguments.vnet)?;
    let mut seen = Vec::new();
    let mut verdict = Verdict::Clean;
    for path in &arguments.transcript {
        verdict = verdict.max(read_transcript(path, &mut seen, output)?);
    }
    for path in &arguments.capture {
        verdict = verdict.max(read_capture(path, &mut seen, output)?);
    }
    let views = index.views(&settings);
    #[cfg(feature = "live")]
    if arguments.transcript.is_empty() && arguments.capture.is_empty() {
        let questions = arguments.live.questions(&index, vnet, changed)?;
        if arguments.live.list {
            output.result(&super::compare_live::list(&questions))?;
            return Ok(Verdict::Clean);
        }
        let observations = arguments.live.observe(&questions, output)?;
        seen.extend(observations.into_iter().map(|observation| Seen { observation, file: None }));
    }
    if seen.is_empty() {
        return Err(Failure::new(
            "there is no lookup to compare: give --transcript FILE or --capture FILE",
        ));
    }
    let entries = compare_all(&views, vnet, &seen);
    for file in &arguments.output {
        let text = report(&index, vnet, &entries, arguments, file.form, None)?;
        write_file(&file.path, &anstream::adapter::strip_str(&text).to_string())?;
    }
    output.result(&report(&index, vnet, &entries, arguments, arguments.format, output.width())?)?;
    Ok(verdict_of(&entries, verdict))
}

/// Every lookup, and every type that it is about.
fn compare_all(views: &[View<'_>], vnet: VnetId, seen: &[Seen]) -> Vec<Entry> {
    let observations = seen.iter().map(|seen| &seen.observation);
    let compared = comparison::compare_all(views, vnet, observations).into_iter();
    compared.map(|(at, compared)| Entry { compared, file: seen[at].file.clone() }).collect()
}

/// A mismatch counts before what could not be asked or read; what cannot be said does not
/// count, unless there is nothing else.
fn verdict_of(entries: &[Entry], read: Verdict) -> Verdict {
    let any = |verdict| entries.iter().any(|entry| entry.compared.verdict == verdict);
    if any(comparison::Verdict::Differs) {
        Verdict::Findings
    } else if any(comparison::Verdict::NoReply) || !any(comparison::Verdict::Same) {
        Verdict::Incomplete
    } else {
        read
    }
}

fn report(
    index: &Index,
    vnet: VnetId,
    entries: &[Entry],
    arguments: &Arguments,
    form: Form,
    width: Option<u16>,
) -> Result<String, Failure> {
    match form {
        Form::Human => Ok(human(index, vnet, entries, arguments.all, width)),
        Form::Json => {
            let report = CompareV1::new(index, vnet, entries);
            let text = serde_json::to_string_pretty(&report);
            text.map(|text| text + "\n").map_err(|error| Failure::new(error.to_string()))
        }
    }
}

fn read_text(path: &Path) -> Result<String, Failure> {
    let mut octets = load::read(path)?;
    // Colours of a terminal; the octets of UTF-16 are left alone.
    if octets.contains(&0x1b) && !octets.contains(&0) {
        octets = anstream::adapter::strip_bytes(&octets).into_vec();
    }
    crate::source::decode_text(octets)
        .map_err(|why| Failure::new(format!("`{}` {why}", path.display())))
}

/// Reads what was pasted; a lookup that cannot be read is told, and its neighbours count.
fn read_transcript(path: &Path, seen: &mut Vec<Seen>, output: &Output) -> Result<Verdict, Failure> {
    let found = transcript::read(&read_text(path)?);
    let file = path.display().to_string();
    for unread in &found.unread {
        output.error(&format!("{file}:{}: lookup not read: {}", unread.line, unread.why));
    }
    if !found.unread.is_empty() {
        output.note(ASK_ANEW);
    }
    if found.observations.is_empty() && !found.unread.is_empty() {
        return Err(Failure::new(format!("no lookup of `{file}` could be read")));
    }
    if found.observations.is_empty() {
        return Err(Failure::new(format!(
            "`{file}` holds no lookup that is known: expected output of nslookup, dig, host, \
             Resolve-DnsName or `az vm run-command invoke`"
        )));
    }
    if let Some(first) = found.skipped.first() {
        let count = found.skipped.len();
        let lines = if count == 1 { "line is" } else { "lines are" };
        output.note(&format!("{file}:{first}: {count} {lines} no part of a lookup"));
    }
    seen.extend(
        found
            .observations
            .into_iter()
            .map(|observation| Seen { observation, file: Some(file.clone()) }),
    );
    Ok(if found.unread.is_empty() { Verdict::Clean } else { Verdict::Incomplete })
}

/// Reads a capture line by line; a bad line costs nothing but itself.
fn read_capture(path: &Path, seen: &mut Vec<Seen>, output: &Output) -> Result<Verdict, Failure> {
    let text = read_text(path)?;
    let file = path.display().to_string();
    if text.trim().is_empty() {
        return Err(Failure::new(format!("`{file}` is empty: no lookup was captured")));
    }
    if !text.lines().any(capture::recognise) {
        let hint = match transcript::is_transcript(&text) {
            true => "; it holds output of tools: use --transcript",
            false => ": expected lines that `privdns capture` wrote",
        };
        return Err(Failure::new(format!("`{file}` is no capture{hint}")));
    }
    let mut verdict = Verdict::Clean;
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match capture::read_line(line, at + 1) {
            Ok(observation) => seen.push(Seen { observation, file: Some(file.clone()) }),
            Err(why) => {
                output.error(&format!("{file}:{}: {why}", at + 1));
                verdict = Verdict::Incomplete;
            }
        }
    }
    Ok(verdict)
}

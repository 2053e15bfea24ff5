//! `check`: what is wrong, where, why, and what fixes it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use jiff::civil::Date;

use super::output::{Output, ReportFile, one_stdin, write_file};
use super::settings::Settings;
use super::{Failure, Verdict, load, together};
use crate::check::{
    Context, Flip, Judgement, Known, Level, Policy, Severity, check_watched, rule_sets, sensitivity,
};
use crate::index::Index;
use crate::prove::{Against, fix_plan, lost, outcome, try_remedies};
use crate::render::baseline::BaselineV1;
use crate::render::emit::changes_file;
use crate::render::json::CheckV1;
use crate::render::wrap::fit;
use crate::render::{Paths, assumptions, github, human, junit, markdown, sarif};

#[derive(clap::Args)]
pub struct Arguments {
    /// Directories (read with all below them), files, or `-`
    #[arg(required = true, value_name = "ESTATE")]
    estate: Vec<PathBuf>,
    /// The form of the report
    #[arg(long, value_enum, default_value = "human", value_name = "FORM")]
    format: Form,
    /// Write a report to a file, beside the one on standard output
    #[arg(long, value_name = "FORM=FILE")]
    output: Vec<ReportFile<Form>>,
    /// The least severity that makes the exit status 1; `error` without it
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,
    /// Report a rule as error, warning, note or off
    #[arg(long, value_name = "RULE=LEVEL")]
    level: Vec<String>,
    /// The sets of rules that run: core (the default), hygiene, governance, or all
    #[arg(long, value_name = "SET", value_delimiter = ',')]
    set: Vec<String>,
    /// Leave out rules that came after this version, so that an update finds nothing new
    #[arg(long, value_name = "VERSION")]
    rules_as_of: Option<String>,
    /// The settings; without it, the privdns.toml at or above the estate or the working directory
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Leave out findings that this file knows; they do not count
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write down all findings, to be a baseline; the exit status stays what it is
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,
    /// Write what is suggested as changes, a step for each finding, for `plan --changes`
    #[arg(long, value_name = "FILE")]
    fix_plan: Option<PathBuf>,
    /// Do not try what is suggested on a copy of the estate
    #[arg(long)]
    no_trials: bool,
    /// Keep two estates apart, and say what each side's clients get for the other's names,
    /// today and once their zones are merged
    #[arg(long, conflicts_with_all = [
        "output", "fail_on", "level", "set", "rules_as_of", "baseline", "write_baseline", "fix_plan",
        "sensitivity",
    ])]
    together: bool,
    /// Run again with each other value of each assumption, and say which findings and answers
    /// change; in the forms human and json
    #[arg(long)]
    sensitivity: bool,
    /// Say on standard error what each rule took
    #[arg(long)]
    timings: bool,
    #[command(flatten)]
    options: load::Options,
}

/// What each rule took, measured while others ran beside it.
#[derive(Default)]
struct Timings(Mutex<Vec<(&'static str, Duration)>>);

impl Timings {
    fn take(&self, name: &'static str, run: &mut dyn FnMut()) {
        let start = Instant::now();
        run();
        let taken = (name, start.elapsed());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(taken);
    }

    /// The slowest first.
    fn table(&self) -> String {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        taken.sort_by_key(|one| (std::cmp::Reverse(one.1), one.0));
        let line = |(name, took): &(&str, Duration)| {
            format!("{:>10.3} ms  {name}\n", took.as_secs_f64() * 1e3)
        };
        taken.iter().map(line).collect()
    }
}

/// A form of report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Text for people
    Human,
    /// One JSON object
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// JUnit's XML
    Junit,
    /// Markdown, for a comment
    Markdown,
}

#[derive(Clone, Copy, ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Note,
}

impl From<FailOn> for Severity {
    fn from(level: FailOn) -> Severity {
        match level {
            FailOn::Error => Severity::Error,
            FailOn::Warning => Severity::Warning,
            FailOn::Note => Severity::Note,
        }
    }
}

/// What reports are made of.
struct Work<'w, 'i> {
    context: &'w Context<'i>,
    judgement: &'w Judgement,
    fail_on: Severity,
    /// What other assumptions change, where that is wanted.
    flips: Option<&'w [Flip]>,
}

pub fn run(arguments: &Arguments, output: &Output) -> Result<Verdict, Failure> {
    one_stdin(
        arguments
            .estate
            .iter()
            .chain(arguments.options.public())
            .chain(&arguments.config)
            .chain(&arguments.baseline),
    )?;
    separate_files(arguments)?;
    if arguments.together {
        let as_json = match arguments.format {
            Form::Human => false,
            Form::Json => true,
            _ => return Err(Failure::new("--together is reported as human or json only")),
        };
        let config = arguments.config.as_deref();
        return together::run(&arguments.estate, config, &arguments.options, as_json, output);
    }
    let mut settings = Settings::load(arguments.config.as_deref(), &arguments.estate)?;
    set_levels(&mut settings.policy, &arguments.level)?;
    if !arguments.set.is_empty() {
        settings.policy.sets =
            rule_sets(&arguments.set).map_err(|why| Failure::new(format!("--set: {why}")))?;
    }
    if let Some(version) = &arguments.rules_as_of {
        let version = version.parse();
        let as_of = version.map_err(|why| Failure::new(format!("--rules-as-of: {why}")))?;
        settings.policy.as_of = Some(as_of);
    }
    if let Some(path) = &arguments.baseline {
        settings.policy.baseline = read_baseline(path)?;
    }
    let settled = arguments.options.settings(settings.assumptions)?;
    let fail_on = arguments.fail_on.map(Severity::from).or(settings.fail_on);
    let fail_on = fail_on.unwrap_or(Severity::Error);
    let index = Index::new(arguments.options.load_beside(
        &arguments.estate,
        &own_files(arguments),
        output,
    )?);
    let context = Context::new(&index, &settled);
    let policy = &settings.policy;
    let today = today();
    let timings = Timings::default();
    let findings = check_watched(
        &context,
        |rule| policy.wants(rule),
        |rule, run| {
            timings.take(rule.name, run);
        },
    );
    let mut judgement = policy.judge(&context, findings, today);
    judgement.reviews = settings.review(&judgement, today);
    if !arguments.no_trials {
        timings.take("(trying remedies)", &mut || {
            try_remedies(&context, &settled, &mut judgement);
        });
    }
    if arguments.timings {
        output.message(&timings.table());
    }
    if let Some(path) = &arguments.write_baseline {
        let baseline = BaselineV1::new(&context, &judgement);
        write_file(path, &json(&baseline)?)?;
        let count = human::plural(baseline.len(), "finding", "findings");
        output.note(&format!("{} holds {count}", path.display()));
    }
    if let Some(path) = &arguments.fix_plan {
        write_fix_plan(path, &context, &settled, &judgement, output)?;
    }
    let flips = arguments.sensitivity.then(|| sensitivity(&index, &settled, policy, today));
    let flips = flips.as_deref();
    let work = Work { context: &context, judgement: &judgement, fail_on, flips };
    for file in &arguments.output {
        let text = work.report(file.form, None)?;
        write_file(&file.path, &anstream::adapter::strip_str(&text).to_string())?;
    }
    for one in &judgement.reviews {
        let text = format!("{}:{}: {}", one.path, one.line, one.message);
        match one.severity {
            Severity::Note => output.note(&text),
            Severity::Warning | Severity::Error => output.warning(&text),
        }
    }
    let gone = judgement.gone;
    if let Some(path) = arguments.baseline.as_ref().filter(|_| gone > 0) {
        let gone = human::plural(gone, "finding is", "findings are");
        output.note(&format!("{gone} in {} and nowhere else", path.display()));
    }
    let forms = arguments.output.iter().map(|file| file.form).chain([arguments.format]);
    if let Some(excess) = sarif::excess(&judgement).filter(|_| forms.into_iter().any(is_sarif)) {
        output.warning(&excess);
    }
    output.result(&work.report(arguments.format, output.width())?)?;
    match judgement.findings.iter().any(|one| one.finding.severity >= fail_on) {
        true => Ok(Verdict::Findings),
        false => Ok(Verdict::Clean),
    }
}

/// Of two reports to one file only the last would be left, and one in the place of an input
/// would destroy it. A baseline may be written over the one that was read.
fn separate_files(arguments: &Arguments) -> Result<(), Failure> {
    let inputs = arguments.estate.iter().chain(arguments.options.public());
    let inputs: BTreeSet<PathBuf> =
        inputs.chain(&arguments.config).map(|path| whole_path(path)).collect();
    let reports = arguments.output.iter().map(|file| ("--output", &file.path));
    let others =
        [("--write-baseline", &arguments.write_baseline), ("--fix-plan", &arguments.fix_plan)];
    let others = others.into_iter().filter_map(|(option, path)| Some((option, path.as_ref()?)));
    let mut seen = BTreeSet::new();
    for (option, path) in reports.chain(others) {
        // A device such as /dev/stderr takes any number.
        if std::fs::metadata(path).is_ok_and(|facts| !facts.is_file()) {
            continue;
        }
        let (whole, shown) = (whole_path(path), path.display());
        if inputs.contains(&whole) {
            return Err(Failure::new(format!("{option}: {shown} is read, and not written over")));
        }
        if !seen.insert(whole) {
            let why = format!("{option}: two reports are to be written to {shown}");
            return Err(Failure::new(why));
        }
    }
    Ok(())
}

/// A path by which one file is told from another, whether it exists or not.
fn whole_path(path: &Path) -> PathBuf {
    let beside = || {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new(".")).canonicalize().ok()?;
        Some(parent.join(path.file_name()?))
    };
    path.canonicalize().ok().or_else(beside).unwrap_or_else(|| path.to_owned())
}

fn is_sarif(form: Form) -> bool {
    form == Form::Sarif
}

/// Files that may lie within the estate and are none of its inputs.
fn own_files(arguments: &Arguments) -> Vec<&Path> {
    let reports = arguments.output.iter().map(|file| file.path.as_path());
    let others =
        [&arguments.config, &arguments.baseline, &arguments.write_baseline, &arguments.fix_plan];
    reports.chain(others.into_iter().flatten().map(PathBuf::as_path)).collect()
}

/// Writes the remedies that go together, and says of the others why they do not.
fn write_fix_plan(
    path: &Path,
    context: &Context<'_>,
    assumptions: &crate::index::Settings,
    judgement: &Judgement,
    output: &Output,
) -> Result<(), Failure> {
    let plan = fix_plan(context, judgement);
    for one in &plan.left {
        let why = match &one.why {
            Against::Harm(trial) => human::tried(trial),
            Against::Conflict(step) => format!("step {} does otherwise there", step + 1),
            Against::Refused(why) => format!("after the steps before it, {why}"),
        };
        output.warning(&format!("left out: {}: {}: {why}", one.rule.name, one.message));
    }
    if plan.steps.is_empty() {
        output.note(&format!("nothing to write to {}: no remedy", path.display()));
        return Ok(());
    }
    let lost = lost(&outcome(context.index(), &plan, assumptions));
    if !lost.is_empty() {
        let names = lost.iter().map(|name| name.text()).take(3).collect::<Vec<_>>().join(", ");
        let count = human::plural(lost.len(), "name", "names");
        output.warning(&format!("together the steps break {count}: {names}"));
    }
    let (old, new) = (context.estate(), plan.after.estate());
    let steps = plan.steps.iter().map(|one| (&*one.title, &*one.changes, old, new));
    write_file(path, &changes_file(steps))?;
    let count = human::plural(plan.steps.len(), "step", "steps");
    output
        .note(&format!("{} holds {count}; try: privdns plan ESTATE --changes {0}", path.display()));
    Ok(())
}

/// The date in UTC, so that a pipeline and a laptop agree.
fn today() -> Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

fn set_levels(policy: &mut Policy, levels: &[String]) -> Result<(), Failure> {
    for one in levels {
        let set = |policy: &mut Policy| -> Result<(), String> {
            let (rule, level) =
                one.split_once('=').ok_or_else(|| format!("expected RULE=LEVEL, found `{one}`"))?;
            policy.set_level(rule, level.parse::<Level>()?)
        };
        set(policy).map_err(|why| Failure::new(format!("--level: {why}")))?;
    }
    Ok(())
}

fn read_baseline(path: &Path) -> Result<Vec<Known>, Failure> {
    let octets = load::read(path)?;
    let baseline: BaselineV1 = serde_json::from_slice(&octets)
        .map_err(|error| Failure::new(format!("`{}` is no baseline: {error}", path.display())))?;
    Ok(baseline.known())
}

/// Where paths start: the checkout of GitHub Actions, if there is one, or else here.
fn paths() -> Paths {
    let directory = std::env::current_dir().unwrap_or_default().to_string_lossy().into_owned();
    let root = std::env::var("GITHUB_WORKSPACE").ok().filter(|root| !root.is_empty());
    Paths { root: root.unwrap_or_else(|| directory.clone()), directory }
}

pub fn json(report: &impl serde::Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(report).map_err(|e| Failure::new(e.to_string()))?;
    Ok(text + "\n")
}

impl Work<'_, '_> {
    fn report(&self, form: Form, width: Option<u16>) -> Result<String, Failure> {
        let Work { context, judgement, fail_on, flips } = *self;
        match form {
            Form::Human => {
                let findings = judgement.findings.iter();
                let mut text: String =
                    findings.map(|one| human::finding(context, one, width) + "\n").collect();
                text.push_str(&fit(&human::summary(context, judgement), width));
                let flips = flips.map(|flips| assumptions::sensitivity(context, flips));
                text.push_str(&fit(&flips.unwrap_or_default(), width));
                Ok(text)
            }
            Form::Json => json(&CheckV1::new(context, judgement, flips)),
            Form::Sarif => json(&sarif::Log::new(context, judgement, &paths())),
            Form::Github => Ok(github::report(context, judgement, &paths())),
            Form::Junit => junit::report(context, judgement, fail_on)
                .map_err(|error| Failure::new(error.to_string())),
            Form::Markdown => Ok(markdown::report(context, judgement)),
        }
    }
}

//! `probe`: settle what is assumed of Azure, by lookups in a network.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use super::ask::{Asking, gather};
use super::output::{Output, write_file};
use super::settings::{self, Settings};
use super::{Failure, Verdict, load};
use crate::index::AZURE_DNS;
use crate::name::Name;
use crate::probe::{Finding, Scratch, probes};
use crate::record::RecordType;
use crate::render::probe::{Place, Probed, ProbesV1, Report, commands, settled};
use crate::transcript::{Observation, capture};

#[derive(clap::Args)]
pub struct Arguments {
    /// Print the `az` commands that make what is needed, and those that delete it; ask nothing
    #[arg(long, conflicts_with = "dry_run")]
    commands: bool,
    /// Ask, but write no settings
    #[arg(long)]
    dry_run: bool,
    /// The scratch zone; nobody may use it, here or in public DNS
    #[arg(long, value_name = "ZONE", default_value = "privdns-probe.test", value_parser = name)]
    zone: Name,
    /// A Batch account with a private endpoint, for what redirects do; its names change meanwhile
    #[arg(long, value_name = "ACCOUNT.REGION", value_parser = batch)]
    batch: Option<(String, String)>,
    /// A forwarding ruleset that is linked to the network, for what rules do; `net.` goes nowhere meanwhile
    #[arg(long, value_name = "GROUP/RULESET", value_parser = ruleset)]
    ruleset: Option<(String, String)>,
    /// The address of a machine in the network, for what rules do to its reverse name
    #[arg(long, value_name = "IP", requires = "ruleset")]
    machine: Option<Ipv4Addr>,
    /// For the commands: the resource id of the network
    #[arg(long, value_name = "ID", default_value = "VNET_ID")]
    vnet: String,
    /// For the commands: a resource group for the scratch zones, best one of their own
    #[arg(short = 'g', long, value_name = "GROUP", default_value = "privdns-probe")]
    resource_group: String,
    /// For the commands: the region of that group
    #[arg(short, long, value_name = "REGION", default_value = "REGION")]
    location: String,
    /// The settings to write; without it the privdns.toml at or above this directory, or a new one here
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The form of the report
    #[arg(long, value_enum, default_value = "human", value_name = "FORM")]
    format: super::compare::Form,
    #[command(flatten)]
    asking: Asking,
}

fn name(text: &str) -> Result<Name, String> {
    let name: Name = text.parse().map_err(|error| format!("{error}"))?;
    match name.labels().count() {
        0 | 1 => Err("expected a zone of two labels or more".to_owned()),
        _ => Ok(name),
    }
}

fn batch(text: &str) -> Result<(String, String), String> {
    let plain = |word: &str| {
        !word.is_empty()
            && word.bytes().all(|octet| octet.is_ascii_lowercase() || octet.is_ascii_digit())
    };
    match text.split_once('.') {
        Some((account, region)) if plain(account) && plain(region) => {
            Ok((account.to_owned(), region.to_owned()))
        }
        _ => Err(format!("expected ACCOUNT.REGION such as prodbatch.westeurope, found `{text}`")),
    }
}

fn ruleset(text: &str) -> Result<(String, String), String> {
    match text.split_once('/') {
        Some((group, ruleset)) if !group.is_empty() && !ruleset.is_empty() => {
            Ok((group.to_owned(), ruleset.to_owned()))
        }
        _ => Err(format!("expected GROUP/RULESET, found `{text}`")),
    }
}

pub fn run(arguments: &Arguments, output: &Output) -> Result<Verdict, Failure> {
    let scratch = Scratch {
        zone: arguments.zone.clone(),
        rules: arguments.ruleset.is_some(),
        machine: arguments.machine,
        batch: arguments.batch.clone(),
    };
    if arguments.commands {
        output.result(&script(&scratch, arguments))?;
        return Ok(Verdict::Clean);
    }
    let server = server(arguments)?;
    let path = match &arguments.config {
        Some(path) => path.clone(),
        None => settings::find(&[])?.unwrap_or_else(|| PathBuf::from(settings::NAME)),
    };
    // A file that cannot be written to sense is told before anybody is asked.
    let before = match path.exists() {
        true => Settings::load(Some(&path), &[])?.assumptions,
        false => crate::index::Settings::default(),
    };
    let control = ask(&[scratch.control()], server, arguments)?;
    if let Some(why) = scratch.missing(&control[0]) {
        output.message(&script(&scratch, arguments));
        return Err(Failure::new(format!(
            "the scratch zone does not answer: {why}; make it with the commands above (or \
             --commands), in the network whose server {server} is"
        )));
    }
    let probed = probe(&scratch, server, arguments)?;
    let found = settled(&probed);
    let write = !arguments.dry_run && !found.is_empty();
    if write {
        assume(&path, &found, server)?;
    }
    let file = (!found.is_empty()).then(|| (path.display().to_string(), write));
    let server = server.to_string();
    let report = Report { server, zone: &scratch.zone, before, probed: &probed, file };
    output.result(&match arguments.format {
        super::compare::Form::Human => report.human(output.width()),
        super::compare::Form::Json => {
            let text = serde_json::to_string_pretty(&ProbesV1::from(&report));
            text.map_err(|error| Failure::new(error.to_string()))? + "\n"
        }
    })?;
    let open = |one: &Probed| matches!(one.finding, Finding::Undecided(_) | Finding::NoValue(_));
    Ok(if probed.iter().any(open) { Verdict::Incomplete } else { Verdict::Clean })
}

/// Azure's own address, unless another server is to be asked.
fn server(arguments: &Arguments) -> Result<SocketAddr, Failure> {
    match arguments.asking.named() {
        [] => Ok(SocketAddr::new(AZURE_DNS, 53)),
        [one] => Ok(*one),
        _ => Err(Failure::new("expected one --server: what it does is to be found out")),
    }
}

fn script(scratch: &Scratch, arguments: &Arguments) -> String {
    let place = Place {
        group: &arguments.resource_group,
        location: &arguments.location,
        vnet: &arguments.vnet,
        ruleset: arguments.ruleset.as_ref().map(|(group, name)| (group.as_str(), name.as_str())),
    };
    let (make, delete) = commands(scratch, &place);
    format!(
        "# Make what `privdns probe` asks for.\n{}\n\n# Delete it once that has run.\n{}\n",
        make.join("\n"),
        delete.join("\n")
    )
}

fn ask(
    questions: &[(Name, RecordType)],
    server: SocketAddr,
    arguments: &Arguments,
) -> Result<Vec<Observation>, Failure> {
    let lines = gather(questions, &[server], arguments.asking.manners(), None, |_| Ok(()))?;
    let seen = lines.iter().map(|line| capture::observation(line, 0));
    seen.collect::<Result<_, _>>().map_err(Failure::new)
}

fn probe(
    scratch: &Scratch,
    server: SocketAddr,
    arguments: &Arguments,
) -> Result<Vec<Probed>, Failure> {
    let probes = probes(scratch);
    let questions: Vec<_> = probes.iter().flat_map(|probe| probe.questions.clone()).collect();
    let mut answers = ask(&questions, server, arguments)?.into_iter();
    let probed = probes.iter().map(|probe| {
        let answers: Vec<Observation> = answers.by_ref().take(probe.questions.len()).collect();
        let finding = probe.judge(scratch, &answers);
        Probed { assumption: probe.assumption, answers, finding }
    });
    Ok(probed.collect())
}

/// Puts what was found into the settings.
fn assume(
    path: &std::path::Path,
    found: &[(&str, &str)],
    server: SocketAddr,
) -> Result<(), Failure> {
    let shown = path.display();
    let text = match path.exists() {
        true => crate::source::decode_text(load::read(path)?)
            .map_err(|why| Failure::new(format!("`{shown}` {why}")))?,
        false => String::new(),
    };
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d");
    let why = format!("probed {today} at {}", server.ip());
    let text = settings::assume(&text, found, &why)
        .map_err(|error| Failure::new(format!("`{shown}`: {error}")))?;
    write_file(path, &text)
}

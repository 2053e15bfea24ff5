//! `collect`: an export of what is in Azure, by a script of `az` calls.
//!
//! The scripts are templates beside this file: shell that can be read and run as
//! it stands, but for the lines that [`fill`] puts in.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, ExitStatus};

use clap::ValueEnum;

use super::output::Output;
use super::{Failure, Verdict};

const SH: &str = include_str!("collect/collect.sh");
const POWERSHELL: &str = include_str!("collect/collect.ps1");

/// The resources that have names: the file, and the command that lists them.
const SERVICES: [(&str, &str); 22] = [
    ("batch-accounts", "batch account list"),
    ("key-vaults", "keyvault list"),
    ("storage-accounts", "storage account list"),
    ("registries", "acr list"),
    ("sql-servers", "sql server list"),
    ("sql-managed-instances", "sql mi list"),
    ("cosmos-accounts", "cosmosdb list"),
    ("web-apps", "webapp list"),
    ("function-apps", "functionapp list"),
    ("clusters", "aks list"),
    ("event-hubs", "eventhubs namespace list"),
    ("service-buses", "servicebus namespace list"),
    ("cognitive-accounts", "cognitiveservices account list"),
    ("configuration-stores", "appconfig list"),
    ("event-grid-topics", "eventgrid topic list"),
    ("signalr", "signalr list"),
    ("iot-hubs", "iot hub list"),
    ("redis", "redis list"),
    ("postgresql-flexible-servers", "postgres flexible-server list"),
    ("mysql-flexible-servers", "mysql flexible-server list"),
    ("synapse-workspaces", "synapse workspace list"),
    ("monitor-private-link-scopes", "monitor private-link-scope list"),
];

#[derive(clap::Args)]
pub struct Arguments {
    /// A subscription, by name or id; without any, the one that `az` is set to
    #[arg(long, short, value_name = "SUBSCRIPTION", value_parser = one_line)]
    subscription: Vec<String>,
    /// Every subscription that the login may see
    #[arg(long, conflicts_with = "subscription")]
    all_subscriptions: bool,
    /// Where the export goes
    #[arg(long, value_name = "DIRECTORY", default_value = "privdns-export", value_parser = one_line)]
    directory: String,
    /// The language of the script [default: sh; with --run on Windows powershell]
    #[arg(long, value_enum, value_name = "SHELL", hide_default_value = true)]
    shell: Option<Shell>,
    /// Run the script here in place of writing it
    #[arg(long)]
    run: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shell {
    /// Any POSIX shell.
    Sh,
    /// PowerShell 7 and Windows PowerShell 5.1.
    #[value(name = "powershell")]
    PowerShell,
}

/// What can stand in a line of a script.
fn one_line(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("expected a name, found nothing".to_owned());
    }
    match text.chars().find(|c| c.is_control()) {
        Some(control) => Err(format!("expected a name, found the control character {control:?}")),
        None => Ok(text.to_owned()),
    }
}

pub fn run(arguments: &Arguments, output: &Output) -> Result<Verdict, Failure> {
    if !arguments.run {
        output.result(&script(arguments, arguments.shell.unwrap_or(Shell::Sh)))?;
        return Ok(Verdict::Clean);
    }
    let native = if cfg!(windows) { Shell::PowerShell } else { Shell::Sh };
    let shell = arguments.shell.unwrap_or(native);
    if !on_path("az") {
        return Err(Failure::new(
            "`az` is not on PATH: expected the Azure CLI, https://aka.ms/azure-cli; \
             without `--run`, this command writes the script, to be run where `az` is",
        ));
    }
    let status = match shell {
        Shell::Sh => start(Command::new("sh").arg("-c").arg(script(arguments, shell)), "sh")?,
        Shell::PowerShell => run_powershell(&script(arguments, shell))?,
    };
    match status.code() {
        Some(0) => Ok(Verdict::Clean),
        Some(1) => Ok(Verdict::Findings),
        // It has said why.
        Some(2) => Ok(Verdict::Incomplete),
        _ => Err(Failure::new(format!("the script did not finish: {status}"))),
    }
}

/// The script in one language.
fn script(arguments: &Arguments, shell: Shell) -> String {
    // A path that begins with `-` would be an option of `mkdir`.
    let directory = match arguments.directory.strip_prefix('-') {
        Some(_) => format!("./{}", arguments.directory),
        None => arguments.directory.clone(),
    };
    let quoted = |quote: fn(&str) -> String, between: &str| {
        let words: Vec<String> = arguments.subscription.iter().map(|word| quote(word)).collect();
        words.join(between)
    };
    let all = arguments.all_subscriptions;
    match shell {
        Shell::Sh => {
            let subscriptions = format!("set -- {}", quoted(quote_sh, " "));
            fill(
                SH,
                &[
                    ("directory=DIRECTORY", format!("directory={}", quote_sh(&directory))),
                    ("set -- SUBSCRIPTIONS", subscriptions.trim_end().to_owned()),
                    ("all=ALL", format!("all={}", if all { "yes" } else { "no" })),
                    ("SERVICES", services("", "\n") + "\nSERVICES"),
                ],
            )
        }
        Shell::PowerShell => fill(
            POWERSHELL,
            &[
                (
                    "$directory = DIRECTORY",
                    format!("$directory = {}", quote_powershell(&directory)),
                ),
                (
                    "$subscriptions = SUBSCRIPTIONS",
                    format!("$subscriptions = @({})", quoted(quote_powershell, ", ")),
                ),
                ("$all = ALL", format!("$all = ${all}")),
                ("$services = SERVICES", format!("$services = @({})", services("'", ", "))),
            ],
        ),
    }
}

/// The lists of services, each a word for the file and the command.
fn services(quote: &str, between: &str) -> String {
    let lists = SERVICES.map(|(file, command)| format!("{quote}{file} {command}{quote}"));
    lists.join(between)
}

/// Replaces whole lines of a template; what was put in is not looked at again.
fn fill(template: &str, lines: &[(&str, String)]) -> String {
    let version = format!("# Written by privdns {}", env!("CARGO_PKG_VERSION"));
    let mut text = String::with_capacity(template.len() + 256);
    for line in template.lines() {
        let filled = lines.iter().find(|(placeholder, _)| *placeholder == line);
        text.push_str(match filled {
            Some((_, filled)) => filled,
            None if line == "# Written by privdns VERSION" => &version,
            None => line,
        });
        text.push('\n');
    }
    text
}

/// A word as a POSIX shell takes it.
fn quote_sh(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A word as PowerShell takes it, to which typographic quotes are quotes too.
fn quote_powershell(word: &str) -> String {
    let mut text = "'".to_owned();
    for c in word.chars() {
        if matches!(c, '\'' | '\u{2018}'..='\u{201b}') {
            text.push(c);
        }
        text.push(c);
    }
    text + "'"
}

/// Whether a program of this name can be started.
fn on_path(name: &str) -> bool {
    let endings: &[&str] = if cfg!(windows) { &[".cmd", ".exe", ".bat"] } else { &[""] };
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .flat_map(|directory| endings.iter().map(move |end| directory.join(format!("{name}{end}"))))
        .any(|file| is_program(&file))
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|facts| facts.is_file() && facts.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
}

/// Runs a program to its end, with the streams of this one.
fn start(command: &mut Command, name: &str) -> Result<ExitStatus, Failure> {
    command.status().map_err(|error| Failure::new(format!("cannot run `{name}`: {error}")))
}

/// Runs a script of PowerShell, which takes one from a file only.
fn run_powershell(script: &str) -> Result<ExitStatus, Failure> {
    let name = if on_path("pwsh") { "pwsh" } else { "powershell" };
    let file = std::env::temp_dir().join(format!("privdns-collect-{}.ps1", std::process::id()));
    // Windows PowerShell takes a file for UTF-8 by its mark only.
    let text = format!("\u{feff}{script}");
    std::fs::File::create_new(&file)
        .and_then(|mut opened| opened.write_all(text.as_bytes()))
        .map_err(|error| Failure::new(format!("cannot write `{}`: {error}", file.display())))?;
    let mut command = Command::new(name);
    command.args(["-NoProfile", "-ExecutionPolicy", "Bypass", "-File"]).arg(&file);
    let status = start(&mut command, name);
    let _ = std::fs::remove_file(&file);
    status
}

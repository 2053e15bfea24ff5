//! `serve`: answer real DNS clients as a network's resolver would.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ipnet::IpNet;

use super::ask::{address, server};
use super::output::Output;
use super::plan::after_plan;
use super::resolve::find_vnet;
use super::{Failure, Verdict, load, settings};
use crate::live::Manners;
use crate::serve::{Log, Service, Simulation, serve};

#[derive(Clone, clap::Args)]
pub struct Arguments {
    /// A directory (read with all below it) or a file
    #[arg(value_name = "ESTATE")]
    estate: PathBuf,
    /// The network whose resolver is played, and where it listens; several for several
    #[arg(long, value_name = "VNET[=IP:PORT]", required = true)]
    vnet: Vec<String>,
    /// Where a network listens that has no address of its own; port 0 for any that is free
    #[arg(long, value_name = "IP[:PORT]", value_parser = listener, default_value = "127.0.0.1:5353")]
    listen: SocketAddr,
    /// Answer clients of an address or prefix as this network, whichever address they ask
    #[arg(long, value_name = "PREFIX=VNET", value_parser = client)]
    client: Vec<(IpNet, String)>,
    /// Listen where other machines can ask, too: they learn all names of the estate
    #[arg(long)]
    allow_remote: bool,
    /// Ask this server for what public DNS says; without it such names are SERVFAIL
    #[arg(long, value_name = "IP[:PORT]", value_parser = server)]
    upstream: Option<SocketAddr>,
    /// Serve the estate as it is after a plan: a file as `plan --changes` reads it
    #[arg(long, value_name = "PLAN")]
    with: Option<PathBuf>,
    /// Of the plan, the first steps only; 0 is the estate before it
    #[arg(long, value_name = "NUMBER", requires = "with")]
    at_step: Option<usize>,
    /// Tell each query and its answer on standard error
    #[arg(long)]
    log: bool,
    /// The settings, whose assumptions hold; without it, the privdns.toml that `check` takes
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    options: load::Options,
}

/// Where to listen; the port is that of the default where none is given, and not 53, which
/// takes rights.
fn listener(text: &str) -> Result<SocketAddr, String> {
    address(text, 5353)
}

fn client(text: &str) -> Result<(IpNet, String), String> {
    let parse = |prefix: &str| {
        prefix.parse().ok().or_else(|| prefix.parse::<IpAddr>().ok().map(IpNet::from))
    };
    let parts = text.split_once('=').and_then(|(prefix, vnet)| Some((parse(prefix)?, vnet)));
    let (prefix, vnet) = parts
        .ok_or_else(|| format!("expected PREFIX=VNET such as 10.1.0.0/16=spoke, found `{text}`"))?;
    Ok((prefix, vnet.to_owned()))
}

pub fn run(arguments: &Arguments, output: &Output) -> Result<Verdict, Failure> {
    if arguments.estate == Path::new("-") {
        return Err(Failure::new(
            "expected a directory or file, which can be read again; found `-`",
        ));
    }
    let listen = listeners(arguments)?;
    if let Some(upstream) = arguments.upstream
        && let Some((_, own)) = listen.iter().find(|(_, own)| is_reached(*own, upstream))
    {
        return Err(Failure::new(format!(
            "--upstream {upstream} is this server itself, which listens at {own}: it would ask \
             itself for ever"
        )));
    }
    // Others use them while this waits.
    let (arguments, output) = (arguments.clone(), Arc::new(output.clone()));
    let clients = arguments.client.clone();
    for (at, (prefix, vnet)) in clients.iter().enumerate() {
        let same = clients[..at].iter().find(|(other, _)| other.trunc() == prefix.trunc());
        if let Some((_, other)) = same {
            let prefix = prefix.trunc();
            return Err(Failure::new(format!(
                "clients of {prefix} cannot be in two networks, `{other}` and `{vnet}`"
            )));
        }
    }
    let vnets: Vec<String> = listen
        .iter()
        .map(|(vnet, _)| vnet)
        .chain(clients.iter().map(|(_, vnet)| vnet))
        .cloned()
        .collect();
    let mut seen = stamps(&arguments);
    let (simulation, mut unread) = simulate(&arguments, &vnets, &output)?;
    load::warn_of(unread.len(), &output);
    let log = arguments.log.then(|| {
        let output = output.clone();
        Arc::new(move |line: &str| output.message(&format!("{line}\n"))) as Log
    });
    // Each question that comes is asked at once, so rate and deadline do not matter.
    let (timeout, deadline) = (Duration::from_secs(2), Duration::MAX);
    let manners = Manners { timeout, attempts: 2, rate: 1000, deadline, parallel: 64 };
    let service = Service { listen, clients, upstream: arguments.upstream, manners, log };
    let tell = output.clone();
    let ready = move |bound: &[(String, SocketAddr)]| {
        for (vnet, address) in bound {
            tell.message(&format!("{vnet}: listening at {address}, UDP and TCP\n"));
        }
    };
    let reload = move || {
        let now = stamps(&arguments);
        if now == seen {
            return None;
        }
        seen = now;
        match simulate(&arguments, &vnets, &output) {
            // A file that is being written is no reason to forget what it said.
            Ok((_, now)) if now.len() > unread.len() => {
                let new = now.iter().find(|one| !unread.contains(one)).unwrap_or(&now[0]);
                output.error(&format!("{new}; what was read before is served"));
                None
            }
            Ok((simulation, now)) => {
                load::warn_of(now.len(), &output);
                unread = now;
                output.message("read again, since the inputs changed\n");
                Some(simulation)
            }
            Err(failure) => {
                output.error(&format!("{failure}; what was read before is served"));
                None
            }
        }
    };
    serve(service, simulation, ready, reload).map_err(|error| Failure::new(error.to_string()))?;
    Ok(Verdict::Clean)
}

/// Whether who asks `upstream` asks who listens at `own`.
fn is_reached(own: SocketAddr, upstream: SocketAddr) -> bool {
    let any = own.ip().is_unspecified() && upstream.ip().is_loopback();
    own.port() == upstream.port()
        && (any || own.ip() == upstream.ip() || upstream.ip().is_unspecified())
}

/// Each network with its address.
fn listeners(arguments: &Arguments) -> Result<Vec<(String, SocketAddr)>, Failure> {
    let mut listen: Vec<(String, SocketAddr)> = Vec::new();
    for text in &arguments.vnet {
        let (vnet, address) = match text.rsplit_once('=') {
            Some((vnet, address)) => (vnet, listener(address).map_err(Failure::new)?),
            None => (text.as_str(), arguments.listen),
        };
        if !address.ip().is_loopback() && !arguments.allow_remote {
            return Err(Failure::new(format!(
                "{address} can be asked by other machines, which learn all names of the estate: \
                 add --allow-remote if they may"
            )));
        }
        if address.port() != 0 && listen.iter().any(|(_, other)| *other == address) {
            return Err(Failure::new(format!(
                "two networks cannot listen at {address}: give each its own, `--vnet {vnet}=IP:PORT`"
            )));
        }
        listen.push((vnet.to_owned(), address));
    }
    Ok(listen)
}

/// The simulation, and what of the inputs could not be read.
fn simulate(
    arguments: &Arguments,
    vnets: &[String],
    output: &Output,
) -> Result<(Simulation, Vec<String>), Failure> {
    let paths = std::slice::from_ref(&arguments.estate);
    let settings = arguments.options.assumptions(arguments.config.as_deref(), paths)?;
    let mut estate = arguments.options.load(paths, output)?;
    let unread = load::unread(&estate);
    if let Some(plan) = &arguments.with {
        estate = after_plan(estate, plan, arguments.at_step, &settings)?;
    }
    let vnets = vnets.iter().map(|vnet| find_vnet(&estate, vnet)).collect::<Result<_, _>>()?;
    Ok((Simulation { estate, vnets, settings }, unread))
}

/// When each input was changed, and how long it is.
fn stamps(arguments: &Arguments) -> BTreeMap<PathBuf, (Option<SystemTime>, u64)> {
    let mut stamps = BTreeMap::new();
    let mut paths = vec![arguments.estate.clone()];
    paths.extend(arguments.options.public().iter().cloned());
    paths.extend(arguments.with.clone());
    let found = || settings::find(std::slice::from_ref(&arguments.estate)).ok().flatten();
    paths.extend(arguments.config.clone().or_else(found));
    while let Some(path) = paths.pop() {
        let Ok(facts) = std::fs::metadata(&path) else { continue };
        if facts.is_dir() {
            let entries = std::fs::read_dir(&path).into_iter().flatten();
            paths.extend(entries.filter_map(|entry| Some(entry.ok()?.path())));
        } else {
            stamps.insert(path, (facts.modified().ok(), facts.len()));
        }
    }
    stamps
}

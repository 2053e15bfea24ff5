//! `migrate`: a move in steps, each tried before it is shown.

use std::path::PathBuf;

use clap::ValueEnum;

use super::output::{Form, Output, one_stdin};
use super::plan::{Report, json};
use super::resolve::find_vnet;
use super::{Failure, Verdict, emit, load};
use crate::estate::{Estate, RulesetId, VnetId};
use crate::index::{Index, Settings};
use crate::plan::migration::{Scope, Strategy, migrate};
use crate::plan::{Advice, Comparison, Migration, Tried, compare, try_steps};
use crate::plan::{consolidate, fallback, resolver};
use crate::public::moves::{MOVES, Move};
use crate::render::emit::checks;
use crate::render::human::plural;
use crate::render::plan::{Detail, MigrationV1, PlanV1, StepV1, counts, step};

/// How many names, and how many zones, are given to be verified after a step.
const VERIFIED: usize = 3;

/// What is moved.
#[derive(Clone, Copy, Debug)]
enum What {
    /// Old zones of a service to the one that it has now.
    Service(&'static Move),
    /// Several zones of one name into one.
    Consolidate,
    /// Links to ones that fall back to public DNS.
    Fallback,
    /// Clients to an inbound endpoint of a DNS Private Resolver.
    Resolver,
}

/// The moves that are no service's.
const OTHERS: [(&str, What); 3] = [
    ("consolidate", What::Consolidate),
    ("fallback", What::Fallback),
    ("resolver", What::Resolver),
];

/// How the old regional zones are left.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Leave {
    /// Unlink them, then delete them
    Unlink,
    /// Keep them linked, with an alias for each account that they lack
    Bridge,
}

#[derive(clap::Args)]
pub struct Arguments {
    /// What to move: batch, redis-enterprise, container-registry, app-service, site-recovery or
    /// file-sync to its one zone; consolidate, several zones of one name into one; fallback, links
    /// to ones that fall back; resolver, clients from DNS servers to a DNS Private Resolver
    #[arg(value_name = "MOVE", value_parser = what)]
    what: What,
    /// A directory (read with all below it), a file, or `-`
    #[arg(value_name = "ESTATE")]
    estate: PathBuf,
    /// Move these virtual networks only
    #[arg(long, value_name = "VNET", value_delimiter = ',')]
    vnets: Vec<String>,
    /// Of a service: move the zones of these regions only
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    regions: Vec<String>,
    /// Of a service: link the global zone with `NxDomainRedirect`, so that accounts it lacks go
    /// on to public DNS
    #[arg(long)]
    fallback: bool,
    /// Of a service: how old regional zones are left
    #[arg(long, value_enum)]
    strategy: Option<Leave>,
    /// Of consolidate and fallback: zones of these names only
    #[arg(long, value_name = "ZONE", value_delimiter = ',')]
    zones: Vec<String>,
    /// Of consolidate: the resource group whose zones stay; those with the most links unless said
    #[arg(long, value_name = "GROUP")]
    into: Option<String>,
    /// Of consolidate and resolver: the inbound endpoint that clients are sent to
    #[arg(long, value_name = "INBOUND")]
    through: Option<String>,
    /// Of resolver: the ruleset for what the servers forward
    #[arg(long, value_name = "RULESET")]
    ruleset: Option<String>,
    #[command(flatten)]
    asked: super::plan::Asked,
    #[command(flatten)]
    emit: emit::Emission,
    #[command(flatten)]
    report: Report,
    #[command(flatten)]
    options: load::Options,
}

fn what(key: &str) -> Result<What, String> {
    let other = OTHERS.iter().find(|one| one.0 == key).map(|one| one.1);
    let known = MOVES.iter().map(|one| one.key).chain(OTHERS.map(|one| one.0));
    let known: Vec<&str> = known.collect();
    other
        .or_else(|| Move::named(key).map(What::Service))
        .ok_or_else(|| format!("expected {}", known.join(", ")))
}

pub fn run(arguments: &Arguments, output: &Output) -> Result<Verdict, Failure> {
    one_stdin(std::iter::once(&arguments.estate).chain(arguments.options.public()))?;
    arguments.fit()?;
    let (settings, mut estate) = arguments.options.open(None, &arguments.estate, output)?;
    arguments.asked.enter(&mut estate)?;
    let index = Index::new(estate);
    let migration = arguments.plan(&index, &settings)?;
    let indexes = try_steps(migration.estate, &migration.steps)
        .map_err(|error| Failure::new(error.to_string()))?;
    let tried = Tried::all(&indexes, &migration.steps, &settings);
    let goes = tried.iter().all(|one| one.advice() == Advice::Go) && migration.open.is_empty();
    let verdict = if goes { Verdict::Clean } else { Verdict::Findings };
    if arguments.emit.write(&tried, output)? {
        for open in &migration.open {
            output.warning(&format!("to be decided first: {open}"));
        }
        return Ok(verdict);
    }
    let whole = compare(&indexes[0], &indexes[indexes.len() - 1], &settings);
    let told = MigrationV1 { today: migration.facts, open: migration.open };
    arguments.report.write(output, &|form| match form {
        Form::Human => Ok(arguments.human(&told, &tried, &whole)),
        _ => {
            let steps = tried.iter().enumerate().map(|(at, one)| StepV1::new(at + 1, one));
            json(&PlanV1::new("migrate", &whole, steps.collect()).of_move(told.clone()))
        }
    })?;
    Ok(verdict)
}

impl Arguments {
    fn human(&self, told: &MigrationV1, tried: &[Tried<'_>], whole: &Comparison<'_>) -> String {
        let open = told.open.iter().map(|open| format!("to be decided first: {open}\n"));
        let facts = told.today.iter().map(|fact| format!("today: {fact}\n"));
        let mut text: String = open.chain(facts).collect();
        if !text.is_empty() {
            text.push('\n');
        }
        for (at, one) in tried.iter().enumerate() {
            text.push_str(&show(at + 1, one, self.report.detail()));
        }
        if tried.is_empty() && told.open.is_empty() {
            text.push_str(&format!("there is nothing to move: {}\n", self.nothing()));
        }
        let steps = plural(tried.len(), "step", "steps");
        text.push_str(&format!("{steps}, as a whole: {}\n", counts(whole)));
        text
    }

    /// An option that says nothing about this move is a mistake.
    fn fit(&self) -> Result<(), Failure> {
        let service = matches!(self.what, What::Service(_));
        let consolidate = matches!(self.what, What::Consolidate);
        let fallback = matches!(self.what, What::Fallback);
        let resolver = matches!(self.what, What::Resolver);
        let given = [
            ("--regions", !self.regions.is_empty(), service),
            ("--fallback", self.fallback, service),
            ("--strategy", self.strategy.is_some(), service),
            ("--zones", !self.zones.is_empty(), consolidate || fallback),
            ("--into", self.into.is_some(), consolidate),
            ("--through", self.through.is_some(), consolidate || resolver),
            ("--ruleset", self.ruleset.is_some(), resolver),
        ];
        match given.iter().find(|(_, given, fits)| *given && !fits) {
            Some((option, ..)) => Err(Failure::new(format!("{option} is no option of this move"))),
            None => Ok(()),
        }
    }

    fn plan(&self, index: &Index, settings: &Settings) -> Result<Migration, Failure> {
        let estate = index.estate();
        let vnets = self.vnets.iter().map(|vnet| find_vnet(estate, vnet));
        let vnets: Vec<VnetId> = vnets.collect::<Result<_, _>>()?;
        let unknown = self.zones.iter().find(|zone| estate.zones_like(zone).is_empty());
        if let Some(zone) = unknown {
            return Err(Failure::new(format!("no zone is named `{zone}`")));
        }
        let through = self.through.as_deref().map(|text| inbound(estate, text)).transpose()?;
        Ok(match self.what {
            What::Service(what) => {
                let scope = self.scope(vnets);
                if let Some(region) = unknown_region(index, what, &scope) {
                    let message =
                        format!("no old zone of {} is for the region `{region}`", what.service);
                    return Err(Failure::new(message));
                }
                migrate(index, what, &scope, settings)
            }
            What::Consolidate => {
                let (zones, into) = (self.zones.clone(), self.into.clone());
                let scope = consolidate::Scope { zones, into, vnets, through };
                consolidate::consolidate(index, &scope, settings)
            }
            What::Fallback => {
                let scope = fallback::Scope { zones: self.zones.clone(), vnets };
                fallback::fallback(index, &scope, settings)
            }
            What::Resolver => {
                let through = match (through, estate.inbound.len()) {
                    (Some(at), _) => at,
                    (None, 1) => 0,
                    (None, 0) => return Err(Failure::new(NO_INBOUND)),
                    (None, _) => {
                        let names = estate.inbound.iter().map(|one| one.name.as_str());
                        let names = names.collect::<Vec<_>>().join(", ");
                        return Err(Failure::new(format!("--through: name one of {names}")));
                    }
                };
                let ruleset =
                    self.ruleset.as_deref().map(|text| ruleset(estate, text)).transpose()?;
                let scope = resolver::Scope { vnets, through, ruleset };
                resolver::resolver(index, &scope, settings)
            }
        })
    }

    fn scope(&self, vnets: Vec<VnetId>) -> Scope {
        Scope {
            vnets,
            regions: self.regions.iter().map(|region| region_name(region)).collect(),
            fallback: self.fallback,
            strategy: match self.strategy {
                None | Some(Leave::Unlink) => Strategy::Unlink,
                Some(Leave::Bridge) => Strategy::Bridge,
            },
        }
    }

    /// Why there may be nothing to do.
    fn nothing(&self) -> String {
        match self.what {
            What::Service(what) => {
                format!("no old zone of {} is linked or holds records", what.service)
            }
            What::Consolidate => "no two zones have the same name".to_owned(),
            What::Fallback => "every link of a Private Link zone falls back".to_owned(),
            What::Resolver => "no virtual network asks a DNS server that is modelled".to_owned(),
        }
    }
}

/// The name of a region that is written as the portal shows it: `West Europe` is `westeurope`.
fn region_name(text: &str) -> String {
    text.chars().filter(|one| !one.is_whitespace()).collect::<String>().to_lowercase()
}

/// What to do where there is none.
const NO_INBOUND: &str = "no inbound endpoint is in the export: make one, or put a line such as \
                          `inbound NAME vnet VNET address ADDRESS` in an .estate file beside it";

/// The inbound endpoint of that name, id or address.
fn inbound(estate: &Estate, text: &str) -> Result<usize, Failure> {
    let is_it = |one: &crate::estate::InboundEndpoint| {
        one.name.eq_ignore_ascii_case(text)
            || one.id.as_ref().is_some_and(|id| id.as_str().eq_ignore_ascii_case(text))
            || one.addresses.iter().any(|address| address.to_string() == text)
    };
    let mut fitting = estate.inbound.iter().enumerate().filter(|(_, one)| is_it(one));
    match (fitting.next(), fitting.next()) {
        (Some((at, _)), None) => Ok(at),
        (None, _) => Err(Failure::new(format!("--through: no inbound endpoint is `{text}`"))),
        _ => Err(Failure::new(format!("--through: several inbound endpoints are `{text}`"))),
    }
}

fn ruleset(estate: &Estate, text: &str) -> Result<RulesetId, Failure> {
    match estate.rulesets_like(text)[..] {
        [one] => Ok(one),
        [] => Err(Failure::new(format!("--ruleset: no forwarding ruleset is named `{text}`"))),
        _ => Err(Failure::new(format!("--ruleset: several are named `{text}`; write the id"))),
    }
}

/// A region that was asked for and has no old zone.
fn unknown_region(index: &Index, what: &Move, scope: &Scope) -> Option<String> {
    let estate = index.estate();
    let old = estate.zones.iter().filter_map(|zone| what.old(&estate.names.name(zone.apex)));
    let regions: Vec<String> = old.filter_map(|old| old.region).collect();
    scope.regions.iter().find(|region| !regions.contains(region)).cloned()
}

/// A step, and some names to be asked for once it is taken.
fn show(number: usize, tried: &Tried<'_>, detail: Detail) -> String {
    let text = step(number, tried, detail);
    let checks = checks(tried, VERIFIED);
    let lines = checks.iter().map(|check| {
        format!("  verify    in {}: {}  # {}\n", check.vnets, check.command, check.expected)
    });
    format!("{}\n{}\n", text.trim_end(), lines.collect::<String>())
}

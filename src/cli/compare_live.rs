//! `compare` where the lookups are made now.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::ask::{self, gather, save};
use super::output::Output;
use super::plan::after_plan;
use super::resolve::find_vnet;
use super::{Failure, load};
use crate::estate::{Estate, VnetId};
use crate::index::{Index, Settings};
use crate::name::Name;
use crate::plan::{Effect, compare};
use crate::record::{RecordData, RecordType};
use crate::transcript::{Observation, capture};

/// Names to ask for, each with a type.
type Questions = Vec<(Name, RecordType)>;

/// What is asked, and of whom.
#[derive(clap::Args)]
pub struct Live {
    /// Ask for these names only: one a line, each with a type after it where that is not A
    #[arg(long, value_name = "FILE", conflicts_with_all = ["transcript", "capture", "queries"])]
    names: Option<PathBuf>,
    /// Ask these questions only: network, name and type with tabs between; those of other networks are left out
    #[arg(long, value_name = "FILE", conflicts_with_all = ["transcript", "capture"])]
    queries: Option<PathBuf>,
    /// Ask only for what a plan changes in the network: a file as `plan --changes` reads it
    #[arg(long, value_name = "PLAN", conflicts_with_all = ["transcript", "capture", "names", "queries"])]
    changed_by: Option<PathBuf>,
    /// Expect what holds after a plan, once it is carried out
    #[arg(long, value_name = "PLAN")]
    with: Option<PathBuf>,
    /// Of either plan, the first steps only; 0 is the estate before it
    #[arg(long, value_name = "NUMBER")]
    at_step: Option<usize>,
    /// Print what would be asked, for `capture --names`, and ask nothing
    #[arg(long, conflicts_with_all = ["transcript", "capture"])]
    pub list: bool,
    /// Add the answers to this capture, and do not ask again what it answers already
    #[arg(long, value_name = "FILE", conflicts_with_all = ["transcript", "capture"])]
    save: Option<PathBuf>,
    #[command(flatten)]
    asking: ask::Asking,
}

/// One question a line, as `capture --names` reads them.
pub fn list(questions: &[(Name, RecordType)]) -> String {
    questions.iter().map(|(name, record_type)| format!("{name} {record_type}\n")).collect()
}

impl Live {
    /// The estate that holds after `--with`, and the questions of `--changed-by`.
    pub fn plan(
        &self,
        estate: Estate,
        vnet: &str,
        settings: &Settings,
    ) -> Result<(Estate, Option<Questions>), Failure> {
        if self.at_step.is_some() && self.with.is_none() && self.changed_by.is_none() {
            return Err(Failure::new("--at-step needs a plan: --with or --changed-by"));
        }
        let after = |path| after_plan(estate.clone(), path, self.at_step, settings);
        let changed = match &self.changed_by {
            Some(path) => Some(changed(estate.clone(), after(path)?, vnet, settings)?),
            None => None,
        };
        match &self.with {
            Some(path) => Ok((after(path)?, changed)),
            None => Ok((estate, changed)),
        }
    }

    /// The questions that were chosen; all names of the estate without a choice.
    pub fn questions(
        &self,
        index: &Index,
        vnet: VnetId,
        changed: Option<Questions>,
    ) -> Result<Questions, Failure> {
        let questions = match (&self.names, &self.queries, changed) {
            (Some(path), _, _) => load::read_names(path, RecordType::A)?,
            (None, Some(path), _) => read_queries(path, index, vnet)?,
            (None, None, Some(changed)) => changed,
            (None, None, None) => all(index),
        };
        match questions.is_empty() {
            true if self.changed_by.is_some() => {
                Err(Failure::new("the plan changes no answer in this network"))
            }
            true => Err(Failure::new("there is no name to ask for")),
            false => Ok(questions),
        }
    }

    /// Asks.
    pub fn observe(
        &self,
        questions: &[(Name, RecordType)],
        output: &Output,
    ) -> Result<Vec<Observation>, Failure> {
        let servers = self.asking.servers(output)?;
        let file = save(self.save.as_ref(), output)?;
        let lines = gather(questions, &servers, self.asking.manners(), file, |_| Ok(()))?;
        let observed = lines.iter().map(|line| capture::observation(line, 0));
        observed.collect::<Result<_, _>>().map_err(Failure::new)
    }
}

/// What a plan changes in the network, but for names that nobody wrote down; by name.
fn changed(
    before: Estate,
    after: Estate,
    vnet: &str,
    settings: &Settings,
) -> Result<Questions, Failure> {
    let vnet = find_vnet(&before, vnet)?;
    let (before, after) = (Index::new(before), Index::new(after));
    let comparison = compare(&before, &after, settings);
    let here = |effect: &&Effect| effect.vnets.iter().any(|(old, _)| *old == vnet);
    let known = comparison.effects.iter().filter(here).filter(|effect| !effect.class.any_other);
    let questions: BTreeSet<(Name, RecordType)> =
        known.map(|effect| (effect.name.clone(), effect.record_type)).collect();
    Ok(questions.into_iter().collect())
}

fn read_queries(path: &std::path::Path, index: &Index, vnet: VnetId) -> Result<Questions, Failure> {
    let text = crate::source::decode_text(load::read(path)?)
        .map_err(|why| Failure::new(format!("`{}` {why}", path.display())))?;
    let mut questions = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let wrong = |why: String| Failure::new(format!("{}:{}: {why}", path.display(), at + 1));
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let mut fields = line.split('\t').map(str::trim);
        let (Some(network), Some(name)) = (fields.next(), fields.next()) else {
            return Err(wrong("expected network, name and type with tabs between".to_owned()));
        };
        let ours = matches!(network, "" | "*")
            || find_vnet(index.estate(), network).map_err(|error| wrong(error.to_string()))?
                == vnet;
        let name = name.parse().map_err(|error| wrong(format!("name {error}")))?;
        let record_type = fields.next().unwrap_or("A").parse();
        let record_type = record_type.map_err(|error| wrong(format!("{error}")))?;
        if ours {
            questions.push((name, record_type));
        }
    }
    Ok(questions)
}

/// Every public name of a service, every owner of records, and every recorded name; by
/// name, so that two runs ask the same in the same order.
fn all(index: &Index) -> Questions {
    let estate = index.estate();
    let names = &estate.names;
    let mut questions = BTreeSet::new();
    for service in index.services() {
        questions.insert((names.name(service.name), RecordType::A));
    }
    for set in estate.zones.iter().flat_map(|zone| &zone.record_sets) {
        let record_type = match &set.data {
            // Which zone answers shows in what it holds, not in its SOA.
            RecordData::Soa(_) => continue,
            RecordData::Cname(_) => RecordType::A,
            data => data.record_type(),
        };
        questions.insert((names.name(set.owner), record_type));
    }
    for fact in &estate.public {
        if let crate::estate::PublicFact::Recorded { name, .. } = fact {
            questions.insert((names.name(*name), RecordType::A));
        }
    }
    questions.into_iter().collect()
}

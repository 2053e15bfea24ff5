//! `--emit`: steps as something to run, unless they would break a name.

use std::path::PathBuf;

use super::Failure;
use super::output::{Output, write_file};
use crate::plan::{Effect, Tried, Verdict};
use crate::record::RecordType;
use crate::render::emit::{Emit, emit};

#[derive(clap::Args)]
pub struct Emission {
    /// Write the steps as az, powershell, terraform, zonefile or changes, to be run: to files
    /// beside the report, or one form in its place
    #[arg(long, value_name = "FORM[=FILE]", value_parser = form)]
    emit: Vec<(Emit, Option<PathBuf>)>,
    /// Write steps though they break this name, which has a private endpoint
    #[arg(long, value_name = "NAME", requires = "emit")]
    accept_broken: Vec<String>,
}

fn form(text: &str) -> Result<(Emit, Option<PathBuf>), String> {
    let (form, file) = match text.split_once('=') {
        Some((form, file)) => (form, Some(file.into())),
        None => (text, None),
    };
    let known = Emit::ALL.iter().find(|one| one.1 == form).map(|one| (one.0, file));
    let names: Vec<&str> = Emit::ALL.iter().map(|one| one.1).collect();
    known.ok_or_else(|| format!("expected {}, found `{form}`", names.join(", ")))
}

impl Emission {
    /// Writes what is asked for; says whether it takes the place of the report.
    pub fn write(&self, tried: &[Tried<'_>], output: &Output) -> Result<bool, Failure> {
        if self.emit.is_empty() {
            return Ok(false);
        }
        let mut instead = self.emit.iter().filter(|(_, file)| file.is_none());
        let (instead, more) = (instead.next(), instead.next());
        if more.is_some() {
            return Err(Failure::new(
                "--emit: one form takes the place of the report; write the others to files, as \
                 FORM=FILE",
            ));
        }
        self.brake(tried)?;
        for (form, file) in &self.emit {
            file.iter().try_for_each(|file| write_file(file, &emit(*form, tried)))?;
        }
        match instead {
            Some((form, _)) => output.result(&emit(*form, tried)).map(|()| true),
            None => Ok(false),
        }
    }

    /// Refuses a plan that breaks a name with an endpoint at any step.
    fn brake(&self, tried: &[Tried<'_>]) -> Result<(), Failure> {
        let mut broken = Vec::new();
        for (at, one) in tried.iter().enumerate() {
            for effect in one.comparison.effects.iter().filter(|effect| self.counts(one, effect)) {
                let view = one.comparison.view_before(effect);
                let estate = view.index().estate();
                let vnets = effect.vnets.iter().map(|pair| estate.vnet_name(pair.0));
                let vnets: Vec<String> = vnets.collect();
                let name = effect.name.text();
                broken.push(format!("\n  step {}: {name} from {}", at + 1, vnets.join(", ")));
            }
        }
        match broken.is_empty() {
            true => Ok(()),
            false => Err(Failure::new(format!(
                "unsafe plan, nothing is written: it breaks names that have a private endpoint \
                 (--accept-broken NAME writes it all the same){}",
                broken.concat()
            ))),
        }
    }

    fn counts(&self, tried: &Tried<'_>, effect: &Effect) -> bool {
        let comparison = &tried.comparison;
        let known = |index: &crate::index::Index| {
            let name = index.estate().names.get(&effect.name);
            name.is_some_and(|name| index.service_of(name).is_some())
        };
        let accepted =
            |name: &String| name.trim_end_matches('.').eq_ignore_ascii_case(&effect.name.text());
        // Where a known answer becomes unknown nobody can say that it stays.
        let lost = effect.verdict() == Verdict::Unknown && effect.answered;
        (lost || effect.verdict() == Verdict::Broken)
            && effect.listed()
            && effect.record_type == RecordType::A
            && (known(comparison.view_before(effect).index())
                || known(comparison.view_after(effect).index()))
            && !self.accept_broken.iter().any(accepted)
    }
}

//! Steps, each tried on what the one before it leaves.

use thiserror::Error;

use super::comparison::{Advice, Comparison, compare};
use super::unsettled::{Unsettled, unread, unsettled};
use super::wait::{Wait, wait};
use crate::estate::{Change, ChangeError, Estate};
use crate::index::{Assumption, Index, Settings};

/// Something to know about a step that no answer shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// A sentence.
    pub text: String,
    /// Whether somebody has to look at it before the step is taken.
    pub look: bool,
}

/// One step of a plan: changes that are made together.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// What is done.
    pub title: String,
    /// As changes, in order.
    pub changes: Vec<Change>,
    /// What to know of it.
    pub remarks: Vec<Remark>,
    /// What Azure does not document and the changes rest on.
    pub assumes: Vec<Assumption>,
}

/// A step that Azure would refuse.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("step {number}, {title}: {error}")]
pub struct StepError {
    /// From 1.
    pub number: usize,
    /// Its title.
    pub title: String,
    /// Why.
    pub error: ChangeError,
}

/// A step with what it does.
pub struct Tried<'p> {
    /// The step.
    pub step: &'p Step,
    /// Before and after it.
    pub comparison: Comparison<'p>,
    /// What to wait for after it.
    pub wait: Wait,
    /// What was not read of things that go, a sentence each: somebody has to look at it.
    pub doubts: Vec<String>,
    /// What nobody can say, before it and after it.
    pub unsettled: Vec<Unsettled>,
}

impl Tried<'_> {
    /// What Azure does not document and its changes or their effects rest on.
    pub fn assumptions(&self) -> Vec<Assumption> {
        let assumed = self.comparison.assumed();
        let own = &self.step.assumes;
        let others = assumed.iter().filter(|one| !own.contains(one));
        own.iter().copied().chain(others).collect()
    }

    /// What somebody has to look at because it is not known, a sentence each.
    pub fn unknowns(&self) -> Vec<String> {
        let estate = self.comparison.before.first().map(|view| view.index().estate());
        let unsettled = estate
            .into_iter()
            .flat_map(|estate| self.unsettled.iter().map(|one| one.sentence(estate)));
        self.doubts.iter().cloned().chain(unsettled).collect()
    }

    /// Whether it may be taken.
    pub fn advice(&self) -> Advice {
        let looked_at = self.step.remarks.iter().any(|remark| remark.look);
        let doubted = looked_at || !self.doubts.is_empty() || !self.unsettled.is_empty();
        self.comparison.advice().max(if doubted { Advice::Look } else { Advice::Go })
    }
}

/// The estates between steps, compiled: one more than there are steps.
pub fn try_steps(estate: Estate, steps: &[Step]) -> Result<Vec<Index>, StepError> {
    let mut indexes = vec![Index::new(estate)];
    for (at, step) in steps.iter().enumerate() {
        let refused = |error| StepError { number: at + 1, title: step.title.clone(), error };
        indexes.push(indexes[at].after(&step.changes).map_err(refused)?);
    }
    Ok(indexes)
}

impl<'p> Tried<'p> {
    /// Each step compared, over the estates between them.
    pub fn all(indexes: &'p [Index], steps: &'p [Step], settings: &Settings) -> Vec<Tried<'p>> {
        let pairs = indexes.windows(2).zip(steps);
        let mut tried: Vec<Tried<'p>> = pairs
            .map(|(pair, step)| {
                let comparison = compare(&pair[0], &pair[1], settings);
                let wait = wait(&comparison, &step.changes);
                let doubts = unread(pair[0].estate(), &step.changes);
                let unsettled = unsettled(&comparison, &step.changes);
                Tried { step, comparison, wait, doubts, unsettled }
            })
            .collect();
        if let Some((first, later)) = tried.split_first_mut() {
            later.iter_mut().for_each(|one| one.comparison.mark_gaps(&first.comparison));
        }
        tried
    }
}

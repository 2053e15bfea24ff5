//! Whether the remedy of a finding does what it says: it is applied to a copy of the
//! estate, the rule runs again, and all answers are compared.
//!
//! The copy costs as much as the estate, so a large one has its worst findings tried
//! and the others left.

#![deny(clippy::disallowed_methods)]

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::check::{Context, Finding, Judged, Judgement, Rule, Severity, Trial, check};
use crate::estate::{Change, Estate, Extent, ZoneId};
use crate::index::{Index, Place, Settings};
use crate::name::{Name, NameId};
use crate::plan::{Comparison, Effect, Verdict, compare};
use crate::record::RecordType;
use crate::resolve::{Gap, Outcome, resolve};

/// How much may be compared in one run: record sets, times views, times remedies.
const BUDGET: usize = 100_000;

/// Tries the remedies of the findings that are reported, worst first.
pub fn try_remedies(context: &Context<'_>, settings: &Settings, judgement: &mut Judgement) {
    let cost = (context.estate().record_set_count() + 1) * context.views().len().max(1);
    let remedies = judgement.findings.iter_mut().filter(|one| !one.finding.remedy.is_empty());
    let (tried, left): (Vec<_>, Vec<_>) =
        remedies.enumerate().partition(|(at, _)| (at + 1).saturating_mul(cost) <= BUDGET);
    tried.into_par_iter().for_each(|(_, one)| {
        one.trial = Some(try_one(context, settings, &one.finding));
    });
    for (_, one) in left {
        one.trial = Some(Trial::Untried);
    }
}

fn try_one(context: &Context<'_>, settings: &Settings, finding: &Finding) -> Trial {
    let after = match context.index().after(&finding.remedy) {
        Ok(after) => after,
        Err(error) => return Trial::Refused(error.to_string()),
    };
    let later = Context::new(&after, settings);
    let left = check(&later, |rule| rule.name == finding.rule.name);
    let ends = !left.iter().any(|one| is_same(one, finding)) && !is_stuck(context, &later, finding);
    let comparison = compare(context.index(), &after, settings);
    if let Some(why) = doubt(context.estate(), &finding.remedy, &comparison) {
        return Trial::Doubtful(why);
    }
    let mut trial = Trial::Tried {
        ends,
        mended: Vec::new(),
        changed: Vec::new(),
        exposed: Vec::new(),
        lost: Vec::new(),
        unlisted: false,
    };
    // That an alias is gone shows in what is asked through it.
    for effect in comparison.effects.iter().filter(|e| e.record_type != RecordType::Cname) {
        count(&mut trial, effect);
    }
    tidy(&mut trial);
    trial
}

/// Whether an error's client gets exactly what it got before.
fn is_stuck(before: &Context<'_>, after: &Context<'_>, finding: &Finding) -> bool {
    let Some(witness) = finding.witness.filter(|_| finding.severity == Severity::Error) else {
        return false;
    };
    let ask = |context: &Context<'_>| {
        let view = context.view_of(witness.vnet)?;
        let answer = resolve(view, &Place::Known(witness.name), witness.record_type, &mut ());
        let data = answer.set.map(|set| context.index().set(set).data.clone());
        Some((answer.outcome, answer.reach, answer.zone(), data))
    };
    ask(before) == ask(after)
}

/// Why nobody can say what a remedy does: a zone that it takes away or adds was read in part,
/// or one that answers from then on.
///
/// Records that are added or replaced are known themselves, whatever else their zone holds.
fn doubt(estate: &Estate, remedy: &[Change], comparison: &Comparison<'_>) -> Option<String> {
    let touched = remedy.iter().filter_map(|change| match change {
        Change::Unlink { zone, .. }
        | Change::Link { zone, .. }
        | Change::Remove { zone, .. }
        | Change::DeleteZone { zone } => Some(*zone),
        _ => None,
    });
    let mut touched = touched.peekable();
    touched.peek()?;
    let in_part = touched.find(|&zone| estate.zone(zone).extent() != Extent::Whole);
    let later = || comparison.effects.iter().find_map(|effect| unread(comparison, effect));
    let zone = in_part.or_else(later)?;
    Some(format!("not all records of `{}` were read", estate.zone_name(zone)))
}

/// The zone read in part that leaves an answer unknown after a change.
fn unread(comparison: &Comparison<'_>, effect: &Effect) -> Option<ZoneId> {
    let view = comparison.after.get(effect.views.1).filter(|_| effect.answered)?;
    let place = view.index().locate(&effect.name);
    match resolve(view, &place, effect.record_type, &mut ()).outcome {
        Outcome::Unknown(Gap::UnreadZone(zone) | Gap::PartialZone(zone) | Gap::UnreadSet(zone)) => {
            Some(zone)
        }
        _ => None,
    }
}

/// Whether a finding after the change is the one before it: it is about one of its
/// names, or if it has none about its place, in one of its networks.
fn is_same(left: &Finding, before: &Finding) -> bool {
    let meets = |vnet| before.vnets.contains(vnet);
    let here = left.vnets.is_empty() || left.vnets.iter().any(meets);
    let place = |finding: &Finding| finding.places.first().map(|place| place.origin);
    let about = match left.names.is_empty() {
        true => place(left) == place(before),
        false => left.names.iter().any(|name| before.names.contains(name)),
    };
    here && about
}

fn count(trial: &mut Trial, effect: &Effect) {
    let Trial::Tried { mended, changed, exposed, lost, unlisted, .. } = trial else { return };
    // A name that stands for all that nobody lists is no resource of the estate.
    let listed = !effect.class.any_other && effect.class.endpoint.is_none();
    let list = match effect.verdict() {
        Verdict::Broken if !listed => {
            *unlisted = true;
            return;
        }
        _ if !listed => return,
        Verdict::Broken => lost,
        _ if effect.exposed() => exposed,
        Verdict::Fixed => mended,
        Verdict::Changed | Verdict::Unknown => changed,
    };
    list.push(effect.name.clone());
}

/// Each name once, where it is worst.
fn tidy(trial: &mut Trial) {
    let Trial::Tried { mended, changed, exposed, lost, .. } = trial else { return };
    let mut seen: BTreeSet<Name> = BTreeSet::new();
    for list in [lost, exposed, mended, changed] {
        list.sort();
        list.dedup();
        list.retain(|name| seen.insert(name.clone()));
    }
}

/// The remedies of a report, one step each, as far as they go together.
pub struct FixPlan {
    /// By finding, worst first.
    pub steps: Vec<FixStep>,
    /// The remedies that are not among them.
    pub left: Vec<LeftOut>,
    /// The estate once all steps are done.
    pub after: Index,
}

/// One finding's remedy.
pub struct FixStep {
    /// The finding's rule and message.
    pub title: String,
    /// What is changed.
    pub changes: Vec<Change>,
}

/// A remedy that is not taken.
pub struct LeftOut {
    /// The finding's rule.
    pub rule: &'static Rule,
    /// Its message.
    pub message: String,
    /// Why not.
    pub why: Against,
}

/// What speaks against a remedy.
pub enum Against {
    /// Trying it showed harm, that Azure refuses it, or that nobody can say.
    Harm(Trial),
    /// The step at this place, from 0, does otherwise to the same record set.
    Conflict(usize),
    /// Once the steps before it are done, it cannot be.
    Refused(String),
}

/// The record sets of one owner, which an alias shares with nobody.
type Spot = (ZoneId, NameId);

/// Puts the remedies of the findings that are reported into one plan, worst first. One that
/// is known to do harm, or that does not go with those before it, is left out whole.
pub fn fix_plan(context: &Context<'_>, judgement: &Judgement) -> FixPlan {
    let mut estate = context.estate().clone();
    let (mut steps, mut left) = (Vec::<FixStep>::new(), Vec::new());
    let mut done: BTreeMap<Spot, Vec<(Change, usize)>> = BTreeMap::new();
    for one in judgement.findings.iter().filter(|one| !one.finding.remedy.is_empty()) {
        match step(&mut estate, &done, one) {
            Ok(changes) => {
                for change in &changes {
                    let spot = spot(change).map(|spot| done.entry(spot).or_default());
                    spot.into_iter().for_each(|here| here.push((change.clone(), steps.len())));
                }
                // What an earlier step does already needs none of its own.
                if !changes.is_empty() {
                    let title = format!("{}: {}", one.finding.rule.name, one.finding.message);
                    steps.push(FixStep { title, changes });
                }
            }
            Err(why) => {
                let (rule, message) = (one.finding.rule, one.finding.message.clone());
                left.push(LeftOut { rule, message, why });
            }
        }
    }
    FixPlan { steps, left, after: Index::new(estate) }
}

/// What the whole of a plan does to all answers.
pub fn outcome<'i>(before: &'i Index, plan: &'i FixPlan, settings: &Settings) -> Comparison<'i> {
    compare(before, &plan.after, settings)
}

/// The names whose answer a comparison shows lost.
pub fn lost(comparison: &Comparison<'_>) -> Vec<Name> {
    let lost = comparison.effects.iter().filter(|effect| {
        effect.record_type != RecordType::Cname && effect.verdict() == Verdict::Broken
    });
    let names: BTreeSet<Name> = lost.map(|effect| effect.name.clone()).collect();
    names.into_iter().collect()
}

/// The changes of a remedy that are still to be made, made; or else why it is left out.
fn step(
    estate: &mut Estate,
    done: &BTreeMap<Spot, Vec<(Change, usize)>>,
    one: &Judged,
) -> Result<Vec<Change>, Against> {
    if let Some(trial) = one.trial.as_ref().filter(|one| !one.is_harmless() || one.loses_unlisted())
    {
        return Err(Against::Harm(trial.clone()));
    }
    let mut changes = Vec::new();
    for change in &one.finding.remedy {
        let here = spot(change).and_then(|spot| done.get(&spot)).map_or(&[][..], Vec::as_slice);
        if here.iter().any(|(earlier, _)| earlier == change) {
            continue;
        }
        if let Some((_, step)) = here.iter().find(|(earlier, _)| meet(earlier, change)) {
            return Err(Against::Conflict(*step));
        }
        changes.push(change.clone());
    }
    let mut back: Vec<Change> = Vec::new();
    for change in &changes {
        let inverse = estate.inverse(change).unwrap_or_default();
        if let Err(error) = estate.apply(std::slice::from_ref(change)) {
            // It was so before, so nothing refuses it.
            let undone =
                back.iter().rev().try_for_each(|one| estate.apply(std::slice::from_ref(one)));
            debug_assert!(undone.is_ok(), "{undone:?}");
            return Err(Against::Refused(error.to_string()));
        }
        back.extend(inverse.into_iter().rev());
    }
    Ok(changes)
}

fn spot(change: &Change) -> Option<Spot> {
    match change {
        Change::Put { zone, owner, .. } | Change::Remove { zone, owner, .. } => {
            Some((*zone, *owner))
        }
        _ => None,
    }
}

/// Whether two changes of one owner's sets cannot both be meant: they are of one type, or
/// one of them makes an alias.
fn meet(one: &Change, other: &Change) -> bool {
    let kind = |change: &Change| match change {
        Change::Put { data, .. } => Some((data.record_type(), true)),
        Change::Remove { record_type, .. } => Some((*record_type, false)),
        _ => None,
    };
    let (Some((one, puts)), Some((other, other_puts))) = (kind(one), kind(other)) else {
        return false;
    };
    one == other || puts && other_puts && [one, other].contains(&RecordType::Cname)
}

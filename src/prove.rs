//! Whether the remedy of a finding does what it says: it is applied to a copy of the
//! estate, the rule runs again, and all answers are compared.
//!
//! The copy costs as much as the estate, so a large one has its worst findings tried
//! and the others left.

#![deny(clippy::disallowed_methods)]

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::check::{Context, Finding, Judgement, Trial, check};
use crate::index::Settings;
use crate::name::Name;
use crate::plan::{Effect, Verdict, compare};
use crate::record::RecordType;

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
    let left = check(&Context::new(&after, settings), |rule| rule.name == finding.rule.name);
    let ends = !left.iter().any(|one| is_same(one, finding));
    let comparison = compare(context.index(), &after, settings);
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

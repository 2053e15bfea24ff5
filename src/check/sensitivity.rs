//! What other values of the assumptions would change.

use std::collections::{BTreeMap, HashSet};

use jiff::civil::Date;

use super::{Context, Judged, Policy, check};
use crate::estate::VnetId;
use crate::index::{AssumptionDoc, Index, SetRef, Settings};
use crate::resolve::{Answer, Decider, Outcome, Rcode, Reach};

/// What one other value of one assumption changes.
pub struct Flip {
    /// The assumption.
    pub doc: &'static AssumptionDoc,
    /// The other value.
    pub value: &'static str,
    /// Findings that there would be.
    pub appears: Vec<Judged>,
    /// Findings that there would not be.
    pub goes: Vec<Judged>,
    /// Names with a private endpoint that would be answered otherwise: each with the
    /// networks, the answer as it is and the other one.
    pub answers: Vec<ChangedAnswer>,
}

/// An answer for a service's name that another value changes.
#[derive(Clone, Debug)]
pub struct ChangedAnswer {
    /// The service, by its place in [`Index::services`].
    pub service: u32,
    /// The networks that get it.
    pub vnets: Vec<VnetId>,
    /// As it is.
    pub before: Verdict,
    /// Under the other value.
    pub after: Verdict,
}

/// What of an answer a client would notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Verdict {
    /// How it ends.
    pub outcome: Outcome,
    /// The response code, where there is one.
    pub rcode: Option<Rcode>,
    /// Where it leads.
    pub reach: Reach,
    /// The final record set of a private zone.
    pub set: Option<SetRef>,
}

impl From<&Answer> for Verdict {
    fn from(answer: &Answer) -> Verdict {
        // An unknown server is the same unknown whoever passed the question on.
        let set = answer.set.filter(|_| !matches!(answer.decider, Decider::None));
        Verdict { outcome: answer.outcome, rcode: answer.rcode(), reach: answer.reach, set }
    }
}

impl Flip {
    /// Whether nothing would be otherwise.
    pub fn is_idle(&self) -> bool {
        self.appears.is_empty() && self.goes.is_empty() && self.answers.is_empty()
    }
}

/// Runs the rules again for each other value of each assumption.
///
/// Findings are the same where their fingerprints are; levels, ignores and baseline hold.
pub fn sensitivity(index: &Index, settings: &Settings, policy: &Policy, today: Date) -> Vec<Flip> {
    let run = |settings: &Settings| {
        let context = Context::new(index, settings);
        let findings = check(&context, |rule| policy.wants(rule));
        (policy.judge(&context, findings, today).findings, verdicts(&context))
    };
    let (findings, answers) = run(settings);
    let flips = settings.flips().map(|(doc, value, flipped)| {
        let (others, other_answers) = run(&flipped);
        Flip {
            doc,
            value,
            appears: missing_from(&findings, &others),
            goes: missing_from(&others, &findings),
            answers: changed(&answers, &other_answers),
        }
    });
    flips.collect()
}

/// Those of `others` that are not among `findings`.
fn missing_from(findings: &[Judged], others: &[Judged]) -> Vec<Judged> {
    let known: HashSet<&str> = findings.iter().map(|one| one.fingerprint.as_str()).collect();
    others.iter().filter(|one| !known.contains(one.fingerprint.as_str())).cloned().collect()
}

/// By service: what each network gets.
type Verdicts = Vec<Vec<(VnetId, Verdict)>>;

fn verdicts(context: &Context<'_>) -> Verdicts {
    let mut verdicts: Verdicts = vec![Vec::new(); context.index().services().len()];
    for answer in context.answers() {
        let verdict = Verdict::from(&answer.answer);
        let vnets = context.vnets(&answer.views);
        verdicts[answer.service as usize].extend(vnets.into_iter().map(|vnet| (vnet, verdict)));
    }
    verdicts.iter_mut().for_each(|one| one.sort());
    verdicts
}

fn changed(before: &Verdicts, after: &Verdicts) -> Vec<ChangedAnswer> {
    let mut changed = Vec::new();
    for (service, (before, after)) in before.iter().zip(after).enumerate() {
        let mut groups: BTreeMap<(Verdict, Verdict), Vec<VnetId>> = BTreeMap::new();
        for (&(vnet, before), &(other, after)) in before.iter().zip(after) {
            if vnet == other && before != after {
                groups.entry((before, after)).or_default().push(vnet);
            }
        }
        let service = service as u32;
        changed.extend(groups.into_iter().map(|((before, after), vnets)| ChangedAnswer {
            service,
            vnets,
            before,
            after,
        }));
    }
    changed
}

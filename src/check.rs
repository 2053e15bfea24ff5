//! Checks of an estate: rules, findings, and the report they go to.
//!
//! A rule is one file with its documentation, an example that fires it and one
//! that does not. It observes and adds findings to a [`Report`]; order, counts
//! and severities are the report's.

#![deny(clippy::disallowed_methods)]

mod batch;
mod context;
mod fingerprint;
mod inventory;
mod limits;
mod members;
mod notices;
mod policy;
mod rules;
mod said;
mod sensitivity;
mod sweep;
mod targets;

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};

use rayon::prelude::*;

use crate::estate::{Change, Origin, VnetId, ZoneId};
use crate::index::Place as Named;
use crate::name::{Name, NameId};
use crate::record::RecordType;
use crate::resolve::{Outcome, Reach, resolve};

pub use context::Context;
pub use fingerprint::zone_key;
pub use members::Block;
pub use notices::{NOTICES, Notice};
pub use policy::{Ignore, Judged, Judgement, Known, Level, Pattern, Policy, Review, Version};
pub use rules::{RULES, plural};
pub use sensitivity::{ChangedAnswer, Flip, Verdict, sensitivity};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Tidy up.
    Note,
    /// It breaks on the next change, or hides something.
    Warning,
    /// A client gets a wrong answer or none, or the estate cannot exist as written.
    Error,
}

impl Severity {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// What a finding rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// The inputs say so.
    Stated,
    /// It rests on the catalogue or on a named assumption.
    Modelled,
}

impl Basis {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Stated => "stated",
            Basis::Modelled => "modelled",
        }
    }
}

/// A place that shows a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where.
    pub origin: Origin,
    /// What is to be seen there.
    pub label: String,
}

/// A question whose answer shows a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Asked from this network.
    pub vnet: VnetId,
    /// This name.
    pub name: NameId,
    /// This type.
    pub record_type: RecordType,
}

/// What came of trying a finding's remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trial {
    /// It was applied to a copy of the estate, and all answers were compared.
    Tried {
        /// Whether the finding is gone.
        ends: bool,
        /// Names that had no answer and have one now.
        mended: Vec<Name>,
        /// Names that have another answer now, or are reached in another way.
        changed: Vec<Name>,
        /// Names that led to a private address and end public now.
        exposed: Vec<Name>,
        /// Names that had an answer and have none now, or not their endpoint's any more.
        lost: Vec<Name>,
        /// Whether names that nobody lists lose their answer.
        unlisted: bool,
    },
    /// Azure would refuse it.
    Refused(String),
    /// Nobody can say what it does, since what it touches was read in part.
    Doubtful(String),
    /// The estate is too large to try it in passing.
    Untried,
}

impl Trial {
    /// Whether no name that somebody lists is known to be worse off by the remedy.
    pub fn is_harmless(&self) -> bool {
        match self {
            Trial::Tried { lost, exposed, .. } => lost.is_empty() && exposed.is_empty(),
            Trial::Refused(_) | Trial::Doubtful(_) => false,
            Trial::Untried => true,
        }
    }

    /// Whether names that nobody lists are lost by it.
    pub fn loses_unlisted(&self) -> bool {
        matches!(self, Trial::Tried { unlisted: true, .. })
    }
}

/// Something that a rule found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// How bad it is; the rule's own severity unless it knows better.
    pub severity: Severity,
    /// One sentence, names in backticks.
    pub message: String,
    /// What it rests on.
    pub basis: Basis,
    /// The networks whose clients are affected.
    pub vnets: Vec<VnetId>,
    /// The name it is about, the first of several.
    pub name: Option<NameId>,
    /// All names it is about.
    pub names: Vec<NameId>,
    /// The primary place first, then those that explain it.
    pub places: Vec<Place>,
    /// The question that shows what a client gets.
    pub witness: Option<Witness>,
    /// Whether the client gets no private answer to that question.
    pub loses: bool,
    /// What follows, and why, a sentence each.
    pub notes: Vec<String>,
    /// What to do, in words.
    pub help: Option<String>,
    /// What to do, as changes that can be tried.
    pub remedy: Vec<Change>,
    /// How it is told together with others of its rule.
    pub alike: Option<Alike>,
}

/// Findings of one rule that have one cause, such as an import that went wrong, are told as
/// one: those of a zone.
#[derive(Clone, Copy, Debug)]
pub struct Alike {
    /// The zone that has them.
    pub zone: ZoneId,
    /// What is told of several, given how many there are and their zone; their names follow.
    pub message: fn(usize, &str) -> String,
    /// What to do about several.
    pub help: &'static str,
}

/// What a rule belongs to; a run asks for sets, or for rules by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleSet {
    /// What is wrong, or will be: on unless it is switched off.
    Core,
    /// What could be tidier.
    Hygiene,
    /// What an organisation may want of its estate.
    Governance,
}

impl RuleSet {
    /// All of them.
    pub const ALL: [RuleSet; 3] = [RuleSet::Core, RuleSet::Hygiene, RuleSet::Governance];

    /// The name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            RuleSet::Core => "core",
            RuleSet::Hygiene => "hygiene",
            RuleSet::Governance => "governance",
        }
    }
}

impl std::str::FromStr for RuleSet {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = RuleSet::ALL.into_iter().find(|set| set.name() == text);
        known.ok_or_else(|| format!("expected core, hygiene, governance or all, found `{text}`"))
    }
}

/// The sets of these names; `all` is every one.
pub fn rule_sets<T: AsRef<str>>(
    names: impl IntoIterator<Item = T>,
) -> Result<BTreeSet<RuleSet>, String> {
    let mut sets = BTreeSet::new();
    for name in names {
        match name.as_ref() {
            "all" => sets.extend(RuleSet::ALL),
            name => drop(sets.insert(name.parse()?)),
        }
    }
    Ok(sets)
}

/// A check.
pub struct Rule {
    /// The name, such as `shadowed-record`.
    pub name: &'static str,
    /// One line.
    pub summary: &'static str,
    /// How bad its findings are, as a rule.
    pub severity: Severity,
    /// What it belongs to.
    pub set: RuleSet,
    /// The version that has it first.
    pub since: &'static str,
    /// What it finds, why it matters, an example and a cure, as Markdown.
    pub docs: &'static str,
    run: fn(&Context<'_>, &mut Report<'_>),
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Declares a rule: its documentation, then its facts; without `set` it is of the core.
macro_rules! rule {
    (@set) => { $crate::check::RuleSet::Core };
    (@set $set:ident) => { $crate::check::RuleSet::$set };
    (
        $(#[doc = $doc:expr])*
        pub static $static:ident = $name:literal {
            summary: $summary:expr,
            severity: $severity:ident,
            $(set: $set:ident,)?
            since: $since:literal,
            run: $run:expr,
        }
    ) => {
        $(#[doc = $doc])*
        pub static $static: $crate::check::Rule = $crate::check::Rule {
            name: $name,
            summary: $summary,
            severity: $crate::check::Severity::$severity,
            set: $crate::check::rule!(@set $($set)?),
            since: $since,
            docs: concat!($($doc, "\n"),*),
            run: $run,
        };
    };
}
use rule;

/// Where the findings of one rule go.
pub struct Report<'r> {
    rule: &'static Rule,
    findings: &'r mut Vec<Finding>,
}

impl Report<'_> {
    /// A finding with the rule's severity, to be filled and added.
    pub fn finding(&self, message: impl Into<String>) -> Finding {
        Finding {
            rule: self.rule,
            severity: self.rule.severity,
            message: message.into(),
            basis: Basis::Stated,
            vnets: Vec::new(),
            name: None,
            names: Vec::new(),
            places: Vec::new(),
            witness: None,
            loses: false,
            notes: Vec::new(),
            help: None,
            remedy: Vec::new(),
            alike: None,
        }
    }

    /// Adds a finding.
    pub fn add(&mut self, mut finding: Finding) {
        finding.vnets.sort();
        finding.vnets.dedup();
        finding.name = finding.name.or(finding.names.first().copied());
        self.findings.push(finding);
    }
}

impl Finding {
    /// The names it is about.
    pub fn all_names(&self) -> impl Iterator<Item = NameId> {
        let first = self.name.filter(|name| !self.names.contains(name));
        self.names.iter().copied().chain(first)
    }

    /// How many questions lose their private answer: its names, in each of its networks, where
    /// the one that shows what a client gets does.
    pub fn harm(&self) -> usize {
        match self.loses {
            true => self.vnets.len().max(1) * self.all_names().count().max(1),
            false => 0,
        }
    }

    /// Adds a place; the first one is the primary.
    pub fn at(mut self, origin: Origin, label: impl Into<String>) -> Self {
        self.places.push(Place { origin, label: label.into() });
        self
    }

    /// Adds the place that explains the primary one, right after it.
    pub fn explained_at(mut self, origin: Origin, label: impl Into<String>) -> Self {
        let second = self.places.len().min(1);
        self.places.insert(second, Place { origin, label: label.into() });
        self
    }

    /// Says which networks are affected.
    pub fn from(mut self, vnets: impl IntoIterator<Item = VnetId>) -> Self {
        self.vnets.extend(vnets);
        self
    }

    /// Adds a sentence.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds a place for each origin: the first with its label, the others with `more`.
    pub fn at_each(
        mut self,
        origins: impl IntoIterator<Item = Origin>,
        first: impl Into<String>,
        more: &str,
    ) -> Self {
        let mut label = first.into();
        for origin in origins {
            self = self.at(origin, std::mem::replace(&mut label, more.to_owned()));
        }
        self
    }

    /// Says which names it is about.
    pub fn named(mut self, names: impl IntoIterator<Item = NameId>) -> Self {
        self.names.extend(names);
        self
    }

    /// Says that it rests on the catalogue or on an assumption.
    pub fn modelled(mut self) -> Self {
        self.basis = Basis::Modelled;
        self
    }

    /// Reports it as worse, or less bad, than the rule's others.
    pub fn graded(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Adds the question that shows what a client of the first of `vnets` gets.
    pub fn asked(mut self, vnets: &[VnetId], name: NameId, record_type: RecordType) -> Self {
        self.witness = vnets.first().map(|&vnet| Witness { vnet, name, record_type });
        self
    }

    /// Adds changes that end it.
    pub fn remedied(mut self, changes: impl IntoIterator<Item = Change>) -> Self {
        self.remedy.extend(changes);
        self
    }

    /// Says how it is told together with others of the zone.
    pub fn alike(
        mut self,
        zone: ZoneId,
        message: fn(usize, &str) -> String,
        help: &'static str,
    ) -> Self {
        self.alike = Some(Alike { zone, message, help });
        self
    }

    /// Says what to do.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Runs all rules, or those `wanted` takes, and puts the findings in order:
/// worst first, by severity and by how many names lose their answer in how many networks.
pub fn check(context: &Context<'_>, wanted: impl Fn(&Rule) -> bool + Sync) -> Vec<Finding> {
    check_watched(context, wanted, |_, run| run())
}

/// The same, and `watch` is handed each rule with what runs it, to take its time.
///
/// Rules run side by side. What several need is worked out by the first that asks.
pub fn check_watched(
    context: &Context<'_>,
    wanted: impl Fn(&Rule) -> bool + Sync,
    watch: impl Fn(&'static Rule, &mut dyn FnMut()) + Sync,
) -> Vec<Finding> {
    let run = |rule: &&'static Rule| {
        let mut findings = Vec::new();
        watch(rule, &mut || (rule.run)(context, &mut Report { rule, findings: &mut findings }));
        join_alike(context, findings)
    };
    let mut findings: Vec<Finding> =
        RULES.par_iter().filter(|rule| wanted(rule)).flat_map_iter(run).collect();
    fold(context, &mut findings);
    findings.par_iter_mut().for_each(|finding| finding.loses = loses(context, finding));
    findings.sort_by(order);
    findings
}

/// Rules that see one fault from two sides: a finding of the first is left to one of the second
/// that is about all its names in all its networks, or brings its whole remedy.
const TOLD_BY: [(&str, &str); 3] = [
    ("dead-endpoint", "rule-bypasses-zone"),
    ("public-fallthrough", "dead-endpoint"),
    ("batch-link-mismatch", "batch-bridge"),
];

/// Leaves out findings that another one tells: one fault is one finding.
fn fold(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let linked: HashSet<Origin> = findings
        .iter()
        .flat_map(|finding| &finding.remedy)
        .filter_map(|change| match change {
            Change::Link { zone, .. } => Some(context.estate().zone(*zone).origin),
            _ => None,
        })
        .collect();
    let is_told = |finding: &Finding| {
        let rule = finding.rule.name;
        let by = TOLD_BY.iter().find(|pair| pair.0 == rule).map(|pair| pair.1);
        let mut others = findings.iter().filter(|other| Some(other.rule.name) == by);
        let linked = || finding.places.first().is_some_and(|place| linked.contains(&place.origin));
        others.any(|other| tells(other, finding)) || rule == "unlinked-zone" && linked()
    };
    let told: Vec<bool> = findings.iter().map(is_told).collect();
    let mut told = told.into_iter();
    findings.retain(|_| !told.next().unwrap_or_default());
}

/// Whether one finding is about all that another is about, or brings what ends it.
fn tells(main: &Finding, other: &Finding) -> bool {
    let about = !other.names.is_empty()
        && other.names.iter().all(|name| main.names.contains(name))
        && other.vnets.iter().all(|vnet| main.vnets.contains(vnet));
    let ends =
        !other.remedy.is_empty() && other.remedy.iter().all(|change| main.remedy.contains(change));
    about || ends
}

/// Whether the question that shows what a client gets has no private answer.
fn loses(context: &Context<'_>, finding: &Finding) -> bool {
    let Some(witness) = finding.witness else { return false };
    let Some(view) = context.view_of(witness.vnet) else { return false };
    // Who asks for an alias itself sees how it is written; clients ask for what is behind it.
    let record_type = match witness.record_type {
        RecordType::Cname => RecordType::A,
        other => other,
    };
    let answer = resolve(view, &Named::Known(witness.name), record_type, &mut ());
    answer.outcome != Outcome::Answered || answer.reach != Reach::Private
}

/// The findings of one rule, those that are alike as one in the place of the first.
fn join_alike(context: &Context<'_>, findings: Vec<Finding>) -> Vec<Finding> {
    let mut places: HashMap<(ZoneId, Severity, Vec<VnetId>), usize> = HashMap::new();
    let mut joined: Vec<(Finding, usize)> = Vec::new();
    for finding in findings {
        let Some(alike) = finding.alike else {
            joined.push((finding, 1));
            continue;
        };
        match places.entry((alike.zone, finding.severity, finding.vnets.clone())) {
            Entry::Vacant(place) => {
                place.insert(joined.len());
                joined.push((finding, 1));
            }
            Entry::Occupied(place) => {
                let (first, count) = &mut joined[*place.get()];
                *count += 1;
                first.places.extend(finding.places);
                first.names.extend(finding.names);
                first.remedy.extend(finding.remedy);
                first.notes.clear();
            }
        }
    }
    let told = |(mut finding, count): (Finding, usize)| {
        if let (Some(alike), true) = (finding.alike, count > 1) {
            let zone = context.estate().zone_name(alike.zone);
            // Not in the order of the inputs.
            finding.names.sort_by_cached_key(|&name| context.estate().names.name(name));
            let names = rules::list_names(context, &finding.names);
            finding.message = format!("{}: {names}", (alike.message)(count, &zone));
            finding.help = Some(alike.help.to_owned());
        }
        finding
    };
    joined.into_iter().map(told).collect()
}

/// Worst first: by severity and harm, then by rule and place.
fn order(a: &Finding, b: &Finding) -> std::cmp::Ordering {
    let key = |finding: &Finding| {
        let place = finding.places.first().map(|place| place.origin);
        let worst = std::cmp::Reverse((finding.severity, finding.harm()));
        (worst, finding.rule.name, place)
    };
    key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
}

/// How many rules are suggested in place of one that there is not.
const SUGGESTED: usize = 3;

/// The rule of that name; or else the names that are most like it, in a sentence.
pub fn rule_named(name: &str) -> Result<&'static Rule, String> {
    let known = RULES.iter().copied().find(|rule| rule.name == name);
    known.ok_or_else(|| {
        if NOTICES.iter().any(|notice| notice.name == name) {
            return format!(
                "`{name}` is no rule of `check` but told by the program itself, so it has no level; \
                 `privdns explain {name}` says when"
            );
        }
        // A name that holds what was said comes before one that merely looks like it.
        let rating = |rule: &Rule| {
            let holds = f64::from(u8::from(rule.name.contains(name)));
            holds + strsim::jaro_winkler(rule.name, name)
        };
        let mut alike: Vec<(f64, &str)> =
            RULES.iter().map(|rule| (rating(rule), rule.name)).collect();
        alike.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        let alike: Vec<&str> = alike.iter().take(SUGGESTED).map(|one| one.1).collect();
        format!("no rule is named `{name}`; the most alike are {}", alike.join(", "))
    })
}

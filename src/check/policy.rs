//! What a team has decided about findings: levels of rules, ignores, and a baseline.
//!
//! Rules observe; a [`Policy`] says which of their findings are reported. What it
//! takes out is counted, and an ignore that is expired or of no use is known.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use globset::{GlobBuilder, GlobMatcher};
use jiff::civil::Date;

use super::fingerprint::{Fingerprints, zone_key, zones};
use super::members::{self, Abouts, Block};
use super::{Context, Finding, RULES, Rule, RuleSet, Severity, Trial, order, rule_named};
use crate::estate::{Estate, ZoneId};

/// What the findings of a rule are reported as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Not at all.
    Off,
    /// As this, whatever the rule says.
    As(Severity),
}

impl std::str::FromStr for Level {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "off" => Level::Off,
            "note" => Level::As(Severity::Note),
            "warning" => Level::As(Severity::Warning),
            "error" => Level::As(Severity::Error),
            _ => return Err(format!("expected error, warning, note or off, found `{text}`")),
        })
    }
}

/// A glob over a name, without regard to case; `*` passes dots and slashes too.
#[derive(Clone, Debug)]
pub struct Pattern(GlobMatcher);

impl std::str::FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // Names are compared without the final dot.
        let text = match text {
            "." => text,
            _ => text.strip_suffix('.').unwrap_or(text),
        };
        let glob = GlobBuilder::new(text).case_insensitive(true).build();
        glob.map(|glob| Pattern(glob.compile_matcher())).map_err(|error| error.to_string())
    }
}

impl Pattern {
    /// Whether it takes `text`.
    pub fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

/// Findings that somebody decided to live with.
///
/// Of a finding of the rule and zone, those of its names and networks are covered that the
/// patterns take; what else the finding is about stays.
#[derive(Clone, Debug, Default)]
pub struct Ignore {
    /// The rule.
    pub rule: Option<Pattern>,
    /// The zone that the finding is about.
    pub zone: Option<Pattern>,
    /// Its names.
    pub name: Option<Pattern>,
    /// The networks it affects, by name, `group/name` or resource id.
    pub vnet: Option<Pattern>,
    /// Why.
    pub reason: String,
    /// Who decided it.
    pub owner: Option<String>,
    /// The last day on which it holds.
    pub expires: Option<Date>,
}

impl Ignore {
    /// Whether it holds no longer.
    pub fn is_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| last < today)
    }

    /// What it covers of a finding.
    fn covers(&self, estate: &Estate, finding: &Finding, zone: Option<ZoneId>) -> Option<Block> {
        let rule = |pattern: &Pattern| pattern.matches(finding.rule.name);
        let zone =
            |pattern: &Pattern| zone.is_some_and(|zone| pattern.matches(&estate.zone_name(zone)));
        if !self.rule.as_ref().is_none_or(rule) || !self.zone.as_ref().is_none_or(zone) {
            return None;
        }
        let names: Vec<String> = finding
            .all_names()
            .filter(|&name| {
                let taken = |pattern: &Pattern| pattern.matches(&estate.names.name(name).text());
                self.name.as_ref().is_none_or(taken)
            })
            .map(|name| members::name_key(estate, name))
            .collect();
        let vnets: Vec<String> = finding
            .vnets
            .iter()
            .filter(|&&id| {
                let vnet = estate.vnet(id);
                self.vnet.as_ref().is_none_or(|pattern| {
                    pattern.matches(&vnet.name)
                        || pattern.matches(&vnet.qualified())
                        || vnet.id.as_ref().is_some_and(|id| pattern.matches(id.as_str()))
                })
            })
            .map(|&id| members::vnet_key(estate, id))
            .collect();
        // What is about no name, or no network, is not taken by a pattern for one.
        let nothing =
            self.name.is_some() && names.is_empty() || self.vnet.is_some() && vnets.is_empty();
        (!nothing).then(|| Block::new(names, vnets))
    }
}

/// A version of the program, as rules name it in `since`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u32, u32, u32);

impl Version {
    /// That of this program.
    fn latest() -> Version {
        Version::read(env!("CARGO_PKG_VERSION")).unwrap_or(Version(0, 0, 0))
    }

    /// `MAJOR.MINOR` or `MAJOR.MINOR.PATCH`.
    fn read(text: &str) -> Option<Version> {
        let mut parts = text.split('.').map(str::parse::<u32>);
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Ok(major)), Some(Ok(minor)), patch, None) => {
                Some(Version(major, minor, patch.unwrap_or(Ok(0)).ok()?))
            }
            _ => None,
        }
    }
}

impl std::str::FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match Version::read(text) {
            None => Err(format!("expected a version such as 0.1.0, found `{text}`")),
            Some(version) if version > Version::latest() => {
                let own = env!("CARGO_PKG_VERSION");
                Err(format!("`{text}` is later than this program, which is {own}"))
            }
            Some(version) => Ok(version),
        }
    }
}

/// The decisions in force.
#[derive(Clone, Debug)]
pub struct Policy {
    levels: BTreeMap<&'static str, Level>,
    /// The sets of rules that run; a rule with a level runs whatever its set.
    pub sets: BTreeSet<RuleSet>,
    /// Rules that came later are left out.
    pub as_of: Option<Version>,
    /// What is ignored.
    pub ignores: Vec<Ignore>,
    /// What is known already.
    pub baseline: Vec<Known>,
}

/// A finding, or a part of one, that a baseline holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The rule's name.
    pub rule: String,
    /// The zone, by [`zone_key`].
    pub zone: Option<String>,
    /// Its names and networks; `None` where only the whole finding is known, by its fingerprint.
    pub block: Option<Block>,
    /// The fingerprint of the finding.
    pub fingerprint: String,
}

/// Entries of a baseline, and what of each no finding has taken yet.
struct Ledger<'p> {
    left: Vec<Vec<Block>>,
    used: Vec<bool>,
    /// Entries by rule, zone and name.
    by_name: HashMap<(&'p str, Option<&'p str>, &'p str), Vec<usize>>,
    by_fingerprint: HashMap<&'p str, usize>,
}

impl<'p> Ledger<'p> {
    fn new(entries: &'p [Known]) -> Ledger<'p> {
        let mut ledger = Ledger {
            left: entries.iter().map(|one| one.block.iter().cloned().collect()).collect(),
            used: vec![false; entries.len()],
            by_name: HashMap::new(),
            by_fingerprint: HashMap::new(),
        };
        for (at, one) in entries.iter().enumerate() {
            let Some(block) = &one.block else {
                ledger.by_fingerprint.insert(&one.fingerprint, at);
                continue;
            };
            for name in block.names_or_none() {
                let key = (&*one.rule, one.zone.as_deref(), name);
                ledger.by_name.entry(key).or_default().push(at);
            }
        }
        ledger
    }

    /// Takes what is known of `blocks`, which are what counts of a finding, and hands it back.
    fn take(
        &mut self,
        rule: &str,
        zone: Option<&str>,
        fingerprint: &str,
        blocks: &mut Vec<Block>,
    ) -> Vec<Block> {
        if let Some(&at) = self.by_fingerprint.get(fingerprint) {
            self.used[at] = true;
            return std::mem::take(blocks);
        }
        let names = blocks.iter().flat_map(Block::names_or_none);
        let entries: BTreeSet<usize> = names
            .filter_map(|name| self.by_name.get(&(rule, zone, name)))
            .flatten()
            .copied()
            .collect();
        let mut known = Vec::new();
        for at in entries {
            // What one finding took is not there for another of the same names.
            for block in self.left[at].clone() {
                let taken = members::take(blocks, &block);
                for part in &taken {
                    members::take(&mut self.left[at], part);
                }
                self.used[at] |= !taken.is_empty();
                known.extend(taken);
            }
        }
        known
    }

    /// How many entries nothing was taken from.
    fn unused(&self) -> usize {
        self.used.iter().filter(|used| !**used).count()
    }
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            levels: BTreeMap::new(),
            sets: BTreeSet::from([RuleSet::Core]),
            as_of: None,
            ignores: Vec::new(),
            baseline: Vec::new(),
        }
    }
}

/// A finding that is reported.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The finding, at its level.
    pub finding: Finding,
    /// The zone it is about.
    pub zone: Option<ZoneId>,
    /// What it is told by from one run to the next.
    pub fingerprint: String,
    /// What came of trying its remedy; `None` where it has none or none was tried.
    pub trial: Option<Trial>,
}

/// The findings that are reported, in order, and what became of the others.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// Worst first.
    pub findings: Vec<Judged>,
    /// The rules that are not off.
    pub rules: Vec<&'static Rule>,
    /// How many findings are ignored, whole or in part.
    pub ignored: usize,
    /// The findings that the baseline holds, and what it holds of others.
    pub known: Vec<Judged>,
    /// How many entries of the baseline are of no use: their findings are gone, or ignored.
    pub gone: usize,
    /// By ignore: how many findings it covers, or would if it had not expired.
    pub covered: Vec<usize>,
    /// The ignores that have expired or cover nothing; whoever read the settings tells.
    pub reviews: Vec<Review>,
}

/// An ignore that wants a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// `expired-ignore` or `unused-ignore`.
    pub kind: &'static str,
    /// A warning where findings count again.
    pub severity: Severity,
    /// The file of settings.
    pub path: String,
    /// From 1.
    pub line: usize,
    /// What is to be said of it.
    pub message: String,
}

impl Judgement {
    /// How many findings are reported as this.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|one| one.finding.severity == severity).count()
    }
}

impl Policy {
    /// Reports the findings of a rule at `level`.
    pub fn set_level(&mut self, rule: &str, level: Level) -> Result<(), String> {
        let rule = rule_named(rule)?;
        self.levels.insert(rule.name, level);
        Ok(())
    }

    /// Whether the findings of a rule are wanted.
    pub fn wants(&self, rule: &Rule) -> bool {
        let later = |as_of| rule.since.parse::<Version>().is_ok_and(|since| since > as_of);
        match self.levels.get(rule.name) {
            Some(level) => *level != Level::Off,
            None => self.sets.contains(&rule.set) && !self.as_of.is_some_and(later),
        }
    }

    /// Divides the findings of [`super::check`] into those to be reported and the rest.
    ///
    /// Of a finding that is ignored or known in part, the rest is reported.
    pub fn judge(&self, context: &Context<'_>, findings: Vec<Finding>, today: Date) -> Judgement {
        let estate = context.estate();
        let zones = zones(estate, &findings);
        let mut fingerprints = Fingerprints::default();
        let whole: Vec<String> = findings
            .iter()
            .zip(&zones)
            .map(|(finding, zone)| fingerprints.next(estate, finding, *zone))
            .collect();
        let mut judgement = Judgement {
            findings: Vec::new(),
            rules: RULES.iter().copied().filter(|rule| self.wants(rule)).collect(),
            ignored: 0,
            known: Vec::new(),
            gone: 0,
            covered: vec![0; self.ignores.len()],
            reviews: Vec::new(),
        };
        let mut ledger = Ledger::new(&self.baseline);
        let abouts = OnceCell::new();
        for ((mut finding, zone), fingerprint) in findings.into_iter().zip(zones).zip(whole) {
            match self.levels.get(finding.rule.name) {
                Some(Level::Off) => continue,
                Some(Level::As(severity)) => finding.severity = *severity,
                None => {}
            }
            if self.ignores.is_empty() && self.baseline.is_empty() {
                judgement.findings.push(Judged { finding, zone, fingerprint, trial: None });
                continue;
            }
            let all = Block::of(estate, &finding);
            let mut left = vec![all.clone()];
            let mut ignored = false;
            for (ignore, covered) in self.ignores.iter().zip(&mut judgement.covered) {
                let Some(block) = ignore.covers(estate, &finding, zone) else { continue };
                *covered += 1;
                if !ignore.is_expired(today) {
                    ignored |= !members::take(&mut left, &block).is_empty();
                }
            }
            judgement.ignored += usize::from(ignored);
            let key = zone.map(|zone| zone_key(estate, zone));
            let known = ledger.take(finding.rule.name, key.as_deref(), &fingerprint, &mut left);
            let mut judged = |block: &Block| {
                if *block == all {
                    let (finding, fingerprint) = (finding.clone(), fingerprint.clone());
                    return Judged { finding, zone, fingerprint, trial: None };
                }
                let abouts = abouts.get_or_init(|| Abouts::new(context));
                let finding = abouts.narrowed(&finding, block);
                let fingerprint = fingerprints.next(estate, &finding, zone);
                Judged { finding, zone, fingerprint, trial: None }
            };
            judgement.findings.extend(members::joined(left).iter().map(&mut judged));
            judgement.known.extend(members::joined(known).iter().map(&mut judged));
        }
        judgement.gone = ledger.unused();
        judgement.findings.sort_by(|a, b| order(&a.finding, &b.finding));
        judgement
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_take_names_whole_and_without_regard_to_case() {
        let matches = |pattern: &str, text: &str| {
            let pattern: Pattern = pattern.parse().unwrap();
            pattern.matches(text)
        };
        assert!(matches("*.Batch.azure.com.", "a.b.batch.azure.com"));
        assert!(matches("{hub,spoke}-*", "spoke-a"));
        assert!(!matches("hub", "hub-us"));
        assert!("[".parse::<Pattern>().is_err());
    }

    #[test]
    fn an_entry_of_a_baseline_knows_one_finding() {
        let block = |name: &str| Block::new([name.to_owned()], ["hub".to_owned()]);
        let entry = |name| Known {
            rule: "rule".to_owned(),
            zone: None,
            block: Some(block(name)),
            fingerprint: name.to_owned(),
        };
        let entries = [entry("a"), entry("b")];
        let mut ledger = Ledger::new(&entries);
        let mut known = |name| {
            let mut left = vec![block(name)];
            (ledger.take("rule", None, "another", &mut left).len(), left.len())
        };
        assert_eq!(known("a"), (1, 0));
        assert_eq!(known("a"), (0, 1), "a second finding of the same names is new");
        assert_eq!(known("c"), (0, 1));
        assert_eq!(ledger.unused(), 1);
    }

    #[test]
    fn an_ignore_holds_through_its_last_day() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let ignore = Ignore { expires: Some(day("2026-06-30")), ..Ignore::default() };
        assert!(!ignore.is_expired(day("2026-06-30")));
        assert!(ignore.is_expired(day("2026-07-01")));
        assert!(!Ignore::default().is_expired(day("2026-07-01")));
    }
}

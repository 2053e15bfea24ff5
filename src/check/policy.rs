//! What a team has decided about findings: levels of rules, ignores, and a baseline.
//!
//! Rules observe; a [`Policy`] says which of their findings are reported. What it
//! takes out is counted, and an ignore that is expired or of no use is known.

use std::collections::{BTreeMap, BTreeSet};

use globset::{GlobBuilder, GlobMatcher};
use jiff::civil::Date;

use super::fingerprint::{fingerprints, zones};
use super::{Finding, RULES, Rule, RuleSet, Severity, Trial, order, rule_named};
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
/// A finding is covered if it is of the rule and zone, and if *all* of its names
/// and networks are covered: what is new about a known finding is not hidden.
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

    fn covers(&self, estate: &Estate, finding: &Finding, zone: Option<ZoneId>) -> bool {
        let rule = |pattern: &Pattern| pattern.matches(finding.rule.name);
        let zone =
            |pattern: &Pattern| zone.is_some_and(|zone| pattern.matches(&estate.zone_name(zone)));
        let name = |pattern: &Pattern| {
            let names = finding.names.iter().chain(&finding.name);
            all(names, |&name| pattern.matches(&estate.names.name(name).text()))
        };
        let vnet = |pattern: &Pattern| {
            all(finding.vnets.iter(), |&id| {
                let vnet = estate.vnet(id);
                pattern.matches(&vnet.name)
                    || pattern.matches(&vnet.qualified())
                    || vnet.id.as_ref().is_some_and(|id| pattern.matches(id.as_str()))
            })
        };
        self.rule.as_ref().is_none_or(rule)
            && self.zone.as_ref().is_none_or(zone)
            && self.name.as_ref().is_none_or(name)
            && self.vnet.as_ref().is_none_or(vnet)
    }
}

/// Whether there is something, and all of it passes.
fn all<T>(mut items: impl Iterator<Item = T>, mut test: impl FnMut(T) -> bool) -> bool {
    items.next().is_some_and(|first| test(first) && items.all(test))
}

/// A version of the program, as rules name it in `since`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u32, u32, u32);

impl std::str::FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split('.').map(str::parse::<u32>);
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Ok(major)), Some(Ok(minor)), patch, None) => {
                let patch = patch.unwrap_or(Ok(0));
                patch.map(|patch| Version(major, minor, patch)).map_err(|_| ())
            }
            _ => Err(()),
        }
        .map_err(|()| format!("expected a version such as 0.1.0, found `{text}`"))
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
    /// The fingerprints of findings that are known already.
    pub baseline: BTreeSet<String>,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            levels: BTreeMap::new(),
            sets: BTreeSet::from([RuleSet::Core]),
            as_of: None,
            ignores: Vec::new(),
            baseline: BTreeSet::new(),
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
    /// How many findings are ignored.
    pub ignored: usize,
    /// The findings that the baseline holds.
    pub known: Vec<Judged>,
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
    pub fn judge(&self, estate: &Estate, findings: Vec<Finding>, today: Date) -> Judgement {
        let zones = zones(estate, &findings);
        let fingerprints = fingerprints(estate, &findings, &zones);
        let mut judgement = Judgement {
            findings: Vec::new(),
            rules: RULES.iter().copied().filter(|rule| self.wants(rule)).collect(),
            ignored: 0,
            known: Vec::new(),
            covered: vec![0; self.ignores.len()],
            reviews: Vec::new(),
        };
        for ((mut finding, zone), fingerprint) in findings.into_iter().zip(zones).zip(fingerprints)
        {
            match self.levels.get(finding.rule.name) {
                Some(Level::Off) => continue,
                Some(Level::As(severity)) => finding.severity = *severity,
                None => {}
            }
            let mut ignored = false;
            for (ignore, covered) in self.ignores.iter().zip(&mut judgement.covered) {
                if ignore.covers(estate, &finding, zone) {
                    *covered += 1;
                    ignored |= !ignore.is_expired(today);
                }
            }
            let is_known = self.baseline.contains(&fingerprint);
            let judged = Judged { finding, zone, fingerprint, trial: None };
            match (ignored, is_known) {
                (true, _) => judgement.ignored += 1,
                (false, true) => judgement.known.push(judged),
                (false, false) => judgement.findings.push(judged),
            }
        }
        judgement.findings.sort_by(|a, b| order(&a.finding, &b.finding));
        judgement
    }

    /// How many entries of the baseline are of no use: their findings are gone, or ignored.
    pub fn gone(&self, judgement: &Judgement) -> usize {
        self.baseline.len() - judgement.known.len()
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
    fn an_ignore_holds_through_its_last_day() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let ignore = Ignore { expires: Some(day("2026-06-30")), ..Ignore::default() };
        assert!(!ignore.is_expired(day("2026-06-30")));
        assert!(ignore.is_expired(day("2026-07-01")));
        assert!(!Ignore::default().is_expired(day("2026-07-01")));
    }
}

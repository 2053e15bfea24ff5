//! The findings that are known already, as a file.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::json::SCHEMA_VERSION;
use crate::check::{Context, Judged, Judgement};

/// A baseline; the fingerprint counts, the rest is for who reads the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaselineV1 {
    schema_version: String,
    baseline: Vec<KnownV1>,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct KnownV1 {
    #[serde(default)]
    rule: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    fingerprint: String,
}

impl BaselineV1 {
    /// All findings, those of an earlier baseline that are still there among them.
    pub fn new(context: &Context<'_>, judgement: &Judgement) -> BaselineV1 {
        let estate = context.estate();
        let known = |judged: &Judged| KnownV1 {
            rule: judged.finding.rule.name.to_owned(),
            zone: judged.zone.map(|zone| estate.zone_name(zone)),
            name: judged.finding.name.map(|name| estate.names.name(name).to_string()),
            fingerprint: judged.fingerprint.clone(),
        };
        let mut baseline: Vec<KnownV1> =
            judgement.findings.iter().chain(&judgement.known).map(known).collect();
        baseline.sort();
        BaselineV1 { schema_version: SCHEMA_VERSION.to_owned(), baseline }
    }

    /// The fingerprints in it.
    pub fn fingerprints(self) -> BTreeSet<String> {
        self.baseline.into_iter().map(|known| known.fingerprint).collect()
    }

    /// How many findings it holds.
    pub fn len(&self) -> usize {
        self.baseline.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.baseline.is_empty()
    }
}

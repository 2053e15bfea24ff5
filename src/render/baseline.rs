//! The findings that are known already, as a file.

use serde::{Deserialize, Serialize};

use super::json::SCHEMA_VERSION;
use crate::check::{Block, Context, Judged, Judgement, Known, zone_key};

/// A baseline.
///
/// A finding is known as far as its names and networks are: of each entry those count, with
/// its rule and zone. An entry that has neither, as all those of early versions, knows a whole
/// finding by its fingerprint.
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
    /// The zone's resource id in lower case, where the estate has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zone_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    names: Vec<String>,
    /// Networks by resource id in lower case, or by `group/name`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    vnets: Vec<String>,
    fingerprint: String,
}

impl From<KnownV1> for Known {
    fn from(known: KnownV1) -> Known {
        let is_whole = known.names.is_empty() && known.vnets.is_empty();
        Known {
            rule: known.rule,
            zone: known.zone_id.or(known.zone),
            block: (!is_whole).then(|| Block::new(known.names, known.vnets)),
            fingerprint: known.fingerprint,
        }
    }
}

impl BaselineV1 {
    /// All findings, those of an earlier baseline that are still there among them.
    pub fn new(context: &Context<'_>, judgement: &Judgement) -> BaselineV1 {
        let estate = context.estate();
        let known = |judged: &Judged| {
            let block = Block::of(estate, &judged.finding);
            let zone = judged.zone.map(|zone| estate.zone_name(zone));
            let key = judged.zone.map(|zone| zone_key(estate, zone));
            KnownV1 {
                rule: judged.finding.rule.name.to_owned(),
                zone_id: key.filter(|key| Some(key) != zone.as_ref()),
                zone,
                name: judged.finding.name.map(|name| estate.names.name(name).to_string()),
                names: block.names().cloned().collect(),
                vnets: block.vnets().cloned().collect(),
                fingerprint: judged.fingerprint.clone(),
            }
        };
        let mut baseline: Vec<KnownV1> =
            judgement.findings.iter().chain(&judgement.known).map(known).collect();
        baseline.sort();
        BaselineV1 { schema_version: SCHEMA_VERSION.to_owned(), baseline }
    }

    /// What it holds.
    pub fn known(self) -> Vec<Known> {
        self.baseline.into_iter().map(Known::from).collect()
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

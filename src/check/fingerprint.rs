//! What a finding is told by from one run to the next.
//!
//! Its rule, its names, its zone and the networks it affects; not its place, since
//! an export is written anew each time, nor its level or wording. Findings that
//! agree in all of these are numbered in their order. Of a finding that is known in part,
//! the rest has a fingerprint of its own.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::Finding;
use super::members::{name_key, vnet_key};
use crate::estate::{Estate, Origin, ZoneId};

/// How many octets of a hash are shown.
const LENGTH: usize = 16;

/// The zone that each finding is about: that of its first place within a zone.
pub fn zones(estate: &Estate, findings: &[Finding]) -> Vec<Option<ZoneId>> {
    if findings.is_empty() {
        return Vec::new();
    }
    let places = findings.iter().flat_map(|finding| &finding.places);
    let mut owners: HashMap<Origin, Option<ZoneId>> =
        places.map(|place| (place.origin, None)).collect();
    let mut own = |origin: Origin, zone: ZoneId| {
        if let Some(owner) = owners.get_mut(&origin) {
            owner.get_or_insert(zone);
        }
    };
    // A zone that is only referred to stands where another zone's record may stand.
    for (id, zone) in estate.zone_ids() {
        zone.record_sets.iter().for_each(|set| own(set.origin, id));
        zone.links.iter().for_each(|link| own(link.origin, id));
    }
    for (id, zone) in estate.zone_ids() {
        own(zone.origin, id);
    }
    let zone = |finding: &Finding| {
        finding.places.iter().find_map(|place| owners.get(&place.origin).copied().flatten())
    };
    findings.iter().map(zone).collect()
}

/// The fingerprints of findings; no two are the same.
#[derive(Default)]
pub struct Fingerprints(HashMap<String, usize>);

impl Fingerprints {
    /// The fingerprint of the next finding.
    pub fn next(&mut self, estate: &Estate, finding: &Finding, zone: Option<ZoneId>) -> String {
        let mut key = key(estate, finding, zone);
        let number = self.0.entry(key.clone()).or_default();
        *number += 1;
        if *number > 1 {
            key.push_str(&format!("number {number}\n"));
        }
        let hash = Sha256::digest(key.as_bytes());
        hash.iter().take(LENGTH).map(|octet| format!("{octet:02x}")).collect()
    }
}

/// The name by which a baseline knows a zone.
pub fn zone_key(estate: &Estate, id: ZoneId) -> String {
    estate.zone(id).id.as_ref().map_or_else(|| estate.zone_name(id), |id| id.key())
}

fn key(estate: &Estate, finding: &Finding, zone: Option<ZoneId>) -> String {
    let mut names: Vec<String> = finding.all_names().map(|name| name_key(estate, name)).collect();
    let mut vnets: Vec<String> = finding.vnets.iter().map(|&id| vnet_key(estate, id)).collect();
    for list in [&mut names, &mut vnets] {
        list.sort_unstable();
        list.dedup();
    }
    let mut key = format!("rule {}\n", finding.rule.name);
    names.iter().for_each(|name| key.push_str(&format!("name {name}\n")));
    if let Some(id) = zone {
        key.push_str(&format!("zone {}\n", zone_key(estate, id)));
    }
    vnets.iter().for_each(|vnet| key.push_str(&format!("vnet {vnet}\n")));
    if names.is_empty()
        && zone.is_none()
        && vnets.is_empty()
        && let Some(place) = finding.places.first()
    {
        // What is about an input is told by its file, wherever that lies.
        let path = &estate.input(place.origin.input).path;
        key.push_str(&format!("file {}\n", path.rsplit('/').next().unwrap_or(path)));
    }
    key
}

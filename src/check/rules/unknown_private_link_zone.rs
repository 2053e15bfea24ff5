//! `unknown-private-link-zone`

use crate::check::{Context, Report, rule};
use crate::public::Catalogue;

rule! {
    /// ## What it finds
    /// A zone with a `privatelink` label that no service's public names ever lead to:
    /// misspelt, of another cloud, or made up; or one with that label misspelt.
    ///
    /// ## Why it matters
    /// The `privatelink` label and what follows are the service's choice. Records in
    /// another zone are never asked for, so clients end at the public endpoint, or
    /// nowhere. The catalogue may lack a service: `privdns catalog` shows what it has.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.window.net  link hub
    ///   sta  A  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.0.0.7
    /// ```
    pub static UNKNOWN_PRIVATE_LINK_ZONE = "unknown-private-link-zone" {
        summary: "no service asks a zone that looks like one of Private Link",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

/// By how many letters a label may differ from the one that is meant.
const SLIPS: usize = 2;

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (estate, catalogue) = (context.estate(), Catalogue::get());
    for (id, zone) in estate.zone_ids() {
        let apex = estate.names.name(zone.apex);
        let name = apex.text();
        let meant = match estate.is_private_link(id) {
            // What stands for a region may be any label, so it is looked at first.
            true => match of_region(&name) {
                None if !catalogue.zones_matching(&apex).is_empty() => continue,
                None if catalogue.may_lead_below(&apex) => continue,
                None => of_suffix(&name).or_else(|| meant(&name)),
                known => known,
            },
            false => match respelt(&name) {
                Some(meant) => Some(meant),
                None => continue,
            },
        };
        let finding = report
            .finding(format!("no service's names lead to zone `{name}`"))
            .modelled()
            .from(context.vnets_of(id))
            .at(zone.origin, "nobody asks for its records")
            .named([zone.apex]);
        report.add(match meant {
            Some(meant) => finding.help(format!("move the records to `{meant}`, if that is meant")),
            None => finding.help("look the service's zone up with `privdns catalog`"),
        });
    }
}

/// A zone of the catalogue, if the name of its region is misspelt here by one letter. Another
/// number is no slip: a region may be newer than the catalogue.
fn of_region(name: &str) -> Option<String> {
    let labels: Vec<&str> = name.split('.').collect();
    let letters = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "");
    let regions = Catalogue::get().regions();
    labels.iter().enumerate().find_map(|(at, &label)| {
        let slip = |region: &str| {
            strsim::damerau_levenshtein(label, region) == 1 && letters(label) != letters(region)
        };
        let mut near = regions.iter().map(|region| region.name.as_str()).filter(|one| slip(one));
        near.find_map(|region| {
            let mut right = labels.clone();
            right[at] = region;
            let right = right.join(".");
            let known = !Catalogue::get().zones_matching(&right.parse().ok()?).is_empty();
            known.then_some(right)
        })
    })
}

/// The zone of the service whose public names end in what follows `privatelink`.
fn of_suffix(name: &str) -> Option<String> {
    let suffix = name.strip_prefix("privatelink.")?;
    let mut entries = Catalogue::get().entries().iter().filter(|entry| entry.is_current());
    let entry = entries.find(|entry| entry.public_suffixes.iter().any(|one| one == suffix))?;
    match &entry.private_zones[..] {
        [zone] if !zone.contains('{') => Some(zone.clone()),
        _ => None,
    }
}

/// A zone of the catalogue, if its `privatelink` label is misspelt here.
fn respelt(name: &str) -> Option<String> {
    let (label, rest) = name.split_once('.')?;
    let slip = strsim::damerau_levenshtein(label, "privatelink") <= SLIPS;
    let meant = format!("privatelink.{rest}");
    let known = !Catalogue::get().zones_matching(&meant.parse().ok()?).is_empty();
    (slip && known).then_some(meant)
}

/// The zone of the catalogue that has the service's label and most of the others, one of the
/// public cloud before those of others.
fn meant(name: &str) -> Option<String> {
    let labels: Vec<&str> = name.split('.').collect();
    let rating = |zone: &str, cloud: &str| {
        let same = zone.split('.').filter(|label| labels.contains(label)).count();
        (same, cloud == "AzureCloud", (strsim::jaro_winkler(name, zone) * 1e6) as u64)
    };
    let entries = Catalogue::get().entries().iter().filter(|entry| entry.is_current());
    let zones = entries.flat_map(|entry| {
        entry.private_zones.iter().map(|zone| (zone.as_str(), entry.cloud.as_str()))
    });
    zones
        .filter(|(zone, _)| !zone.contains('{') && zone.split('.').nth(1) == labels.get(1).copied())
        .max_by_key(|&(zone, cloud)| (rating(zone, cloud), std::cmp::Reverse(zone)))
        .map(|(zone, _)| zone.to_owned())
}

//! `repeated-zone-name`

use crate::check::{Context, Report, rule};
use crate::estate::Change;
use crate::index::Place;
use crate::name::NameId;
use crate::record::RecordType;

rule! {
    /// ## What it finds
    /// A record whose name within the zone ends in the zone's own name, such as
    /// `nas.corp.internal` in `corp.internal`. In the global Batch zone it is
    /// `batch-region-label`.
    ///
    /// ## Why it matters
    /// Names of records are relative to their zone, so this one is
    /// `nas.corp.internal.corp.internal`. Nobody asks for that; the name that was meant
    /// does not exist.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas.corp.internal  A  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    /// ```
    pub static REPEATED_ZONE_NAME = "repeated-zone-name" {
        summary: "a record's owner repeats the zone's name",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    let names = &estate.names;
    for (id, zone) in estate.zone_ids() {
        // All of what repeats the name is below one name, if that is there at all.
        let mut repeated = Some(zone.apex);
        let labels: Vec<&[u8]> = names.labels(zone.apex).collect();
        for label in labels.into_iter().rev() {
            repeated = repeated.and_then(|above| names.child(above, label));
        }
        let batch = context.census().form(id).is_some();
        let Some(repeated) = repeated.filter(|_| !batch) else { continue };
        for set in zone.record_sets.iter().filter(|set| names.is_at_or_below(set.owner, repeated)) {
            let owner = names.show(set.owner).to_string();
            let apex = estate.zone_name(id);
            let meant = owner.strip_suffix(&format!(".{apex}")).unwrap_or(&owner).to_owned();
            let vnets = context.vnets_of(id);
            let mut finding = report
                .finding(format!("record `{owner}` repeats the name of its zone"))
                .from(vnets.iter().copied())
                .at(set.origin, format!("`{meant}` was meant"))
                .named([set.owner])
                .help(format!("name it `{}`", relative(&meant, &apex)))
                .alike(
                    id,
                    |count, zone| format!("{count} records of `{zone}` repeat the name of their zone"),
                    "leave the zone out of the names, or end them with a dot where they are imported",
                );
            let meant_id = meant.parse().ok().and_then(|name| match index.locate(&name) {
                Place::Known(id) => Some(id),
                Place::Other { .. } => None,
            });
            if let Some(owner) = meant_id {
                finding = finding.asked(&vnets, owner, RecordType::A);
                finding = finding.remedied(moved(context, id, owner, set));
            }
            report.add(finding);
        }
    }
}

fn relative(meant: &str, apex: &str) -> String {
    let head = meant.strip_suffix(apex).map(|head| head.trim_end_matches('.'));
    head.filter(|head| !head.is_empty()).unwrap_or("@").to_owned()
}

/// The record under its right name, where nothing stands in its place.
fn moved(
    context: &Context<'_>,
    zone: crate::estate::ZoneId,
    owner: NameId,
    set: &crate::estate::RecordSet,
) -> Vec<Change> {
    if context.index().sets_at(zone, owner).next().is_some() {
        return Vec::new();
    }
    let record_type = set.data.record_type();
    vec![
        Change::Put { zone, owner, data: set.data.clone(), ttl: set.ttl },
        Change::Remove { zone, owner: set.owner, record_type },
    ]
}

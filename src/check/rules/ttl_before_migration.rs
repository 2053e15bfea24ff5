//! `ttl-before-migration`

use super::{list_names, plural};
use crate::check::{Context, Report, rule};
use crate::estate::{Change, RecordSet};
use crate::name::NameId;
use crate::record::{RecordType, Ttl};

rule! {
    /// ## What it finds
    /// Address and alias records with a TTL of more than five minutes in a zone that the
    /// move to the global Batch zone takes away.
    ///
    /// ## Why it matters
    /// After the change clients go on with the old answer until it expires. Lower the TTL
    /// a day before, and the move is seen, or taken back, within minutes.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.eastus.batch.azure.com  link hub
    ///   acct  A  3600  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.eastus.batch.azure.com  link hub
    ///   acct  A  10  10.0.0.7
    /// ```
    pub static TTL_BEFORE_MIGRATION = "ttl-before-migration" {
        summary: "records of an old Batch zone are kept in caches for long",
        severity: Note,
        set: Hygiene,
        since: "0.1.0",
        run: run,
    }
}

/// From how many seconds on it is told.
const LONG: u32 = 300;

/// What records of endpoints have that Azure keeps, as exports show; read 2026-11.
const SHORT: u32 = 10;

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    for batch in context.census().old() {
        let (id, zone) = (batch.zone, estate.zone(batch.zone));
        let long = |set: &&RecordSet| {
            set.data.record_type() != RecordType::Soa
                && set.ttl.is_some_and(|ttl| ttl.seconds() > LONG)
        };
        let sets: Vec<&RecordSet> = zone.record_sets.iter().filter(long).collect();
        if sets.is_empty() || zone.links.is_empty() {
            continue;
        }
        let names: Vec<NameId> = sets.iter().map(|set| set.owner).collect();
        let finding = report
            .finding(format!(
                "{} of old zone `{}` for more than {LONG} seconds in caches: {}",
                plural(names.len(), "record stays", "records stay"),
                estate.zone_name(id),
                list_names(context, &names)
            ))
            .from(context.vnets_of(id))
            .at_each(sets.iter().map(|set| set.origin), "a long TTL", "and here")
            .named(names)
            .help("lower the TTL the day before the move")
            .remedied(sets.iter().map(|set| Change::Put {
                zone: id,
                owner: set.owner,
                data: set.data.clone(),
                ttl: Ttl::new(SHORT),
            }));
        report.add(finding);
    }
}

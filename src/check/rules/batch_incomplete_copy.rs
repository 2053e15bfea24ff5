//! `batch-incomplete-copy`

use super::list;
use crate::check::batch::{addresses, global_alias};
use crate::check::{Context, Report, rule};
use crate::estate::Change;
use crate::name::Name;

rule! {
    /// ## What it finds
    /// Accounts with an address in an old Batch zone that are missing in the global
    /// zone, once there is a global zone.
    ///
    /// ## Why it matters
    /// The old zone cannot be unlinked before every one of them is copied: what is
    /// missing turns NXDOMAIN at that moment, or public where the global zone is not
    /// linked.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.eastus.batch.azure.com  link hub
    ///   acct   A  10.0.0.5
    ///   other  A  10.0.0.6
    /// zone privatelink.batch.azure.com  link hub
    ///   acct.eastus  A  10.0.0.5
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.eastus.batch.azure.com  link hub
    ///   acct   A  10.0.0.5
    ///   other  A  10.0.0.6
    /// zone privatelink.batch.azure.com  link hub
    ///   acct.eastus   A  10.0.0.5
    ///   other.eastus  A  10.0.0.6
    /// ```
    pub static BATCH_INCOMPLETE_COPY = "batch-incomplete-copy" {
        summary: "accounts of an old Batch zone are missing in the global one",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    let census = context.census();
    for batch in census.old() {
        let globals: Vec<_> = census.global(batch.suffix).collect();
        let whole = |zone| index.extent(zone) == crate::estate::Extent::Whole;
        // Of a global zone that was read in part nobody can say what it lacks.
        if globals.is_empty() || !globals.iter().all(|global| whole(global.zone)) {
            continue;
        }
        let missing: Vec<(&Name, crate::index::SetRef)> = census
            .accounts
            .iter()
            .filter(|(_, recorded)| recorded.global.is_empty())
            // A copy under a wrong name is told of by `batch-region-label`.
            .filter(|(public, _)| {
                census.mislabelled.iter().all(|fault| fault.meant.as_ref() != Some(public))
            })
            .filter_map(|(public, recorded)| {
                let set = recorded.old.iter().find(|set| {
                    set.zone == batch.zone && !addresses(&index.set(**set).data).is_empty()
                })?;
                Some((public, *set))
            })
            .collect();
        let Some(&(_, first)) = missing.first() else { continue };
        let global = globals[0].zone;
        let (old_name, new_name) = (estate.zone_name(batch.zone), estate.zone_name(global));
        let mut finding = report
            .finding(format!(
                "{} of `{old_name}` {} missing in `{new_name}`",
                list(missing.iter().map(|(public, _)| public.text())),
                if missing.len() == 1 { "is" } else { "are" }
            ))
            .from(context.vnets_of(batch.zone))
            .at(index.set(first).origin, "this record has no copy")
            .at(estate.zone(global).origin, "the global zone that should have it")
            .help("copy the records with their region label before the old zone is unlinked");
        for &(public, set) in &missing {
            if set != first {
                finding = finding.at(index.set(set).origin, "this one neither");
            }
            let facts = index.set(set);
            finding.names.extend(estate.names.get(public));
            let alias = global_alias(public, batch.suffix).and_then(|name| estate.names.get(&name));
            // Of two zones of one name nobody can say which one is meant.
            if let (Some(owner), [_]) = (alias, &globals[..]) {
                let (data, ttl) = (facts.data.clone(), facts.ttl);
                finding.remedy.push(Change::Put { zone: global, owner, data, ttl });
            }
        }
        report.add(finding);
    }
}

//! `batch-region-label`

use crate::check::batch::{Form, Mislabel};
use crate::check::{Context, Report, rule};
use crate::estate::Change;

rule! {
    /// ## What it finds
    /// A record in a global Batch zone without its region label, with a short code
    /// or another region in its place, or under the zone's own name once more.
    ///
    /// ## Why it matters
    /// The global zone is asked for `<account>.<region>`, and for
    /// `<guid>.<region>.service`: nobody ever asks for the record as it stands, and
    /// the account gives NXDOMAIN.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.batch.azure.com  link hub
    ///   acct  A  10.0.0.6
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.batch.azure.com  link hub
    ///   acct.eastus  A  10.0.0.6
    /// ```
    pub static BATCH_REGION_LABEL = "batch-region-label" {
        summary: "a record in the global Batch zone has no region label or a wrong one",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    for Mislabel { set, why, meant } in &context.census().mislabelled {
        let facts = index.set(*set);
        let zone = estate.zone_name(set.zone);
        let owner = estate.names.relative(facts.owner, estate.zone(set.zone).apex);
        let mut finding = report
            .finding(format!("record `{owner}` of `{zone}` {why}"))
            .from(context.vnets_of(set.zone))
            .at(facts.origin, "no client asks for this name");
        finding.names = vec![facts.owner];
        let meant = meant.as_ref().and_then(|public| {
            let suffix = context.census().form(set.zone)?.suffix;
            crate::check::batch::global_alias(public, suffix)
        });
        if let Some(meant) = meant {
            let text = meant.text();
            let label = text.strip_suffix(&format!(".{zone}")).unwrap_or(&text);
            finding = finding.help(format!("name the record `{label}`"));
            // The name is an entry where the account is known to have an endpoint.
            if let Some(right) = estate.names.get(&meant) {
                let record_type = facts.data.record_type();
                finding.remedy = vec![
                    Change::Put {
                        zone: set.zone,
                        owner: right,
                        data: facts.data.clone(),
                        ttl: facts.ttl,
                    },
                    Change::Remove { zone: set.zone, owner: facts.owner, record_type },
                ];
            }
        } else {
            finding = finding.help("name the record `<account>.<region>`");
        }
        debug_assert!(context.census().form(set.zone).is_some_and(|b| b.form == Form::Global));
        report.add(finding);
    }
}

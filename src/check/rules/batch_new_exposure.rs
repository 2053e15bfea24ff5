//! `batch-new-exposure`

use std::collections::{BTreeMap, BTreeSet};

use super::{link_origin, list_names, list_vnets};
use crate::check::{Basis, Context, Report, Witness, rule};
use crate::estate::ZoneId;
use crate::name::NameId;
use crate::record::RecordType;
use crate::resolve::Outcome;

rule! {
    /// ## What it finds
    /// Accounts that have an endpoint and are recorded in an old zone, and that do
    /// not exist in a network which is linked to the global zone and not to that old
    /// one.
    ///
    /// ## Why it matters
    /// The global zone takes over the names of every region. Linking it for one
    /// region turns the accounts of all others NXDOMAIN that are not recorded in it;
    /// before, they were reached at their public endpoint.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// vnet spoke
    /// zone privatelink.westus.batch.azure.com  link hub
    ///   other  A  10.0.0.7
    /// zone privatelink.batch.azure.com  link hub  link spoke
    ///   acct.eastus  A  10.0.0.6
    /// public batch other.westus
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// vnet spoke
    /// zone privatelink.westus.batch.azure.com  link hub
    ///   other  A  10.0.0.7
    /// zone privatelink.batch.azure.com  link hub  link spoke
    ///   acct.eastus   A  10.0.0.6
    ///   other.westus  A  10.0.0.7
    /// public batch other.westus
    /// ```
    pub static BATCH_NEW_EXPOSURE = "batch-new-exposure" {
        summary: "the global Batch zone hides accounts of regions that were not migrated",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    let census = context.census();
    let mut found: BTreeMap<ZoneId, (BTreeSet<NameId>, BTreeSet<u32>)> = BTreeMap::new();
    for answer in context.answers() {
        let service = context.service(answer.service);
        let Some(zone) = answer.answer.zone() else { continue };
        if answer.answer.outcome == Outcome::NxDomain && census.is_exposed(context, service, zone) {
            let entry = found.entry(zone).or_default();
            entry.0.insert(service.name);
            entry.1.extend(&answer.views);
        }
    }
    for (zone, (names, views)) in found {
        let mut names: Vec<NameId> = names.into_iter().collect();
        names.sort_by_cached_key(|&name| estate.names.name(name));
        let vnets = context.vnets(&views.into_iter().collect::<Vec<_>>());
        let zone_name = estate.zone_name(zone);
        let mut finding = report
            .finding(format!(
                "{} {} not exist in {}, since `{zone_name}` is linked there",
                list_names(context, &names),
                if names.len() == 1 { "does" } else { "do" },
                list_vnets(context, &vnets)
            ))
            .from(vnets.iter().copied());
        finding.basis = Basis::Modelled;
        for &name in &names {
            let recorded = census.accounts.get(&estate.names.name(name));
            if let Some(set) = recorded.and_then(|recorded| recorded.old.first()) {
                let old = estate.zone_name(set.zone);
                let label = format!("recorded in `{old}` only");
                finding = finding.at(index.set(*set).origin, label);
            }
        }
        if let Some(origin) = link_origin(context, zone, vnets[0]) {
            finding =
                finding.explained_at(origin, "this link takes the names of every region over");
        }
        finding.witness =
            Some(Witness { vnet: vnets[0], name: names[0], record_type: RecordType::A });
        finding = finding.help(format!("copy the accounts to `{zone_name}`"));
        for &name in &names {
            let recorded = census.accounts.get(&estate.names.name(name));
            let service = index.service_of(name);
            let (Some(set), Some(service)) =
                (recorded.and_then(|recorded| recorded.old.first()), service)
            else {
                continue;
            };
            let owner = service
                .aliases
                .iter()
                .copied()
                .find(|&alias| estate.names.is_at_or_below(alias, estate.zone(zone).apex));
            if let Some(owner) = owner {
                let facts = index.set(*set);
                let (data, ttl) = (facts.data.clone(), facts.ttl);
                finding.remedy.push(crate::estate::Change::Put { zone, owner, data, ttl });
            }
        }
        finding.names = names;
        report.add(finding);
    }
}

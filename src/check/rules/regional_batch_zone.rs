//! `regional-batch-zone`

use std::collections::BTreeSet;

use super::{list, list_names, list_vnets, plural};
use crate::check::batch::Form;
use crate::check::inventory::group_zones;
use crate::check::{Basis, Context, Report, Witness, rule};
use crate::estate::{Extent, VnetId, ZoneId};
use crate::index::Place;
use crate::name::NameId;
use crate::record::RecordType;
use crate::resolve::{Gap, Outcome, Reach, resolve};

rule! {
    /// ## What it finds
    /// A Batch zone of an old form that is still linked, in any of its three forms.
    /// It says which accounts depend on it, and whether it can be unlinked now.
    ///
    /// ## Why it matters
    /// The old regional zone is the first in the chain of every account of its
    /// region, so it answers before the global zone; the landing-zone children
    /// (`<region>.privatelink.batch.azure.com`) are longer than the global zone and
    /// win over it. New endpoints are recorded in the global zone, and every one of
    /// them breaks where the old zone is linked ("Use private endpoints with Azure
    /// Batch accounts", learn.microsoft.com/azure/batch/private-connectivity, read
    /// 2026-11).
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.eastus.batch.azure.com  link hub
    ///   acct  A  10.0.0.5
    /// public batch acct.eastus
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.batch.azure.com  link hub
    ///   acct.eastus  A  10.0.0.5
    /// public batch acct.eastus
    /// ```
    pub static REGIONAL_BATCH_ZONE = "regional-batch-zone" {
        summary: "an old regional Batch zone is still linked",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    for batch in context.census().old() {
        let mut depend: BTreeSet<NameId> = BTreeSet::new();
        let mut ready: BTreeSet<VnetId> = BTreeSet::new();
        let mut waiting: BTreeSet<VnetId> = BTreeSet::new();
        let mut unclear: BTreeSet<VnetId> = BTreeSet::new();
        let mut witness = None;
        let mut gap = None;
        for view in context.views_of(batch.zone) {
            let after = view.without(batch.zone);
            let mut breaks = false;
            // What was not read may be an account that depends on it.
            let mut open = estate.zone(batch.zone).extent() != Extent::Whole;
            for service in index.services() {
                let name = Place::Known(service.name);
                let on_chain = service
                    .aliases
                    .iter()
                    .any(|&alias| view.claim(alias).is_some_and(|c| c.zone() == batch.zone));
                if !on_chain {
                    continue;
                }
                let now = resolve(view, &name, RecordType::A, &mut ());
                let then = resolve(&after, &name, RecordType::A, &mut ());
                let unknown = [then.outcome, now.outcome].into_iter().find_map(gap_of);
                if unknown.is_some() {
                    gap = gap.or(unknown);
                    open = true;
                    continue;
                }
                let address =
                    |answer: &crate::resolve::Answer| answer.set.map(|set| &index.set(set).data);
                // An account that is dead now has no answer to lose, but must not end
                // public without a word.
                let changes = now.outcome == Outcome::Answered && address(&now) != address(&then);
                if changes || (now.reach != Reach::Public && then.reach == Reach::Public) {
                    breaks = true;
                    depend.insert(service.name);
                    witness.get_or_insert((view.vnets()[0], service.name));
                }
            }
            // A wildcard answers for names that nobody lists; and without a global zone
            // whatever is left ends public.
            let wildcard = estate.names.child(estate.zone(batch.zone).apex, b"*");
            let wildcard =
                wildcard.is_some_and(|name| index.sets_at(batch.zone, name).next().is_some());
            let global = context.census().global(batch.suffix).any(|g| view.is_linked(g.zone));
            breaks |= wildcard || !global;
            let group = match (breaks, open) {
                (true, _) => &mut waiting,
                (false, true) => &mut unclear,
                (false, false) => &mut ready,
            };
            group.extend(view.vnets());
        }
        if ready.is_empty() && waiting.is_empty() && unclear.is_empty() {
            continue;
        }
        let zone_name = estate.zone_name(batch.zone);
        let all: Vec<VnetId> = ready.iter().chain(&waiting).chain(&unclear).copied().collect();
        let mut finding = report
            .finding(format!(
                "old Batch zone `{zone_name}` is still linked to {}",
                plural(all.len(), "network", "networks")
            ))
            .from(all)
            .at(
                estate.zone(batch.zone).origin,
                match batch.form {
                    Form::Regional(_) => "this zone answers before `privatelink.batch` does",
                    _ => "this zone is longer than `privatelink.batch` and wins over it",
                },
            );
        finding.basis = Basis::Modelled;
        let listed = |vnets: &BTreeSet<VnetId>| {
            list_vnets(context, &vnets.iter().copied().collect::<Vec<_>>())
        };
        if !waiting.is_empty() {
            let names: Vec<NameId> = depend.into_iter().collect();
            finding = finding.note(match names.len() {
                0 => format!(
                    "not yet from {}: it has a wildcard, or no global zone is linked there",
                    listed(&waiting)
                ),
                _ => format!(
                    "not yet from {}: {} would change, be lost or end public",
                    listed(&waiting),
                    list_names(context, &names)
                ),
            });
            finding.names = names;
        }
        if !ready.is_empty() {
            finding = finding.note(format!(
                "it can be unlinked from {} now: no known account loses its answer",
                listed(&ready)
            ));
        }
        let groups = groups_at(context, batch.zone);
        if !groups.is_empty() {
            let (noun, writes) = match groups.len() {
                1 => ("the zone group of", "writes"),
                _ => ("the zone groups of", "write"),
            };
            finding = finding.note(format!(
                "{noun} {} still {writes} here: what changes there is not recorded in the global \
                 zone until the group names that",
                list(groups)
            ));
        }
        if !unclear.is_empty() {
            let why = match estate.zone(batch.zone).extent() {
                Extent::Whole => "an answer is unknown",
                _ => "not all of its records were read",
            };
            finding = finding.note(format!("nobody can say for {}: {why}", listed(&unclear)));
        }
        if let Some((vnet, name)) = witness {
            finding.witness = Some(Witness { vnet, name, record_type: RecordType::A });
        }
        finding.remedy = ready
            .iter()
            .map(|&vnet| crate::estate::Change::Unlink { zone: batch.zone, vnet })
            .collect();
        let help = match (ready.is_empty(), gap) {
            (true, gap) if waiting.is_empty() => settle(context, batch.zone, gap),
            (true, _) => "copy its records to the global zone and link that zone first".to_owned(),
            (false, _) => "unlink it where nothing depends on it".to_owned(),
        };
        finding = finding.help(help);
        report.add(finding);
    }
}

/// Why an answer is unknown.
fn gap_of(outcome: Outcome) -> Option<Gap> {
    match outcome {
        Outcome::Unknown(gap) => Some(gap),
        _ => None,
    }
}

/// What tells whether an old zone can go, where nobody can say.
fn settle(context: &Context<'_>, old: ZoneId, gap: Option<Gap>) -> String {
    let estate = context.estate();
    let export = |zone| format!("export all record sets of `{}` first", estate.zone_name(zone));
    match gap {
        _ if estate.zone(old).extent() != Extent::Whole => export(old),
        Some(Gap::PendingLink(zone)) => format!(
            "wait until the link of `{}` is `Completed`, and export it again",
            estate.zone_name(zone)
        ),
        Some(Gap::UnreadZone(zone) | Gap::PartialZone(zone) | Gap::UnreadSet(zone)) => export(zone),
        Some(Gap::UnreadLinks(zone)) => {
            format!("export the links of `{}` first", estate.zone_name(zone))
        }
        _ => "`privdns resolve` says what is not known of its accounts: export that".to_owned(),
    }
}

/// The private endpoints whose zone group names an old zone: by its id where both are known.
fn groups_at<'i>(context: &Context<'i>, old: ZoneId) -> Vec<&'i str> {
    let estate = context.estate();
    let facts = estate.zone(old);
    let apex = estate.names.name(facts.apex);
    let endpoints = estate.endpoints.iter().filter(|endpoint| {
        group_zones(endpoint).any(|zone| match (&zone.id, &facts.id) {
            (Some(one), Some(other)) => one == other,
            _ => zone.apex == apex,
        })
    });
    endpoints.map(|endpoint| &*endpoint.name).collect()
}

//! `batch-bridge`

use super::{list_vnets, record_of, safe_links};
use crate::check::batch::{Form, global_alias};
use crate::check::{Basis, Context, Report, Witness, rule};
use crate::estate::{Change, VnetId};
use crate::index::{Claim, Found, Place};
use crate::name::Name;
use crate::record::{RecordData, RecordType};

rule! {
    /// ## What it finds
    /// A bridge, the documented mitigation, that does not carry: an alias in an old
    /// Batch zone whose target is not the account's name in the global zone, is
    /// missing there, or lies in a zone that is not linked to every network that has
    /// the old one.
    ///
    /// ## Why it matters
    /// With a wrong target the account is NXDOMAIN. Where the global zone is not
    /// linked, the chain goes on in public DNS and ends at the public endpoint
    /// without an error ("Use private endpoints with Azure Batch accounts",
    /// learn.microsoft.com/azure/batch/private-connectivity, read 2026-11).
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.eastus.batch.azure.com  link hub
    ///   acct  CNAME  acct.eastus2.privatelink.batch.azure.com
    /// zone privatelink.batch.azure.com  link hub
    ///   acct.eastus  A  10.0.0.6
    /// public batch acct.eastus
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.eastus.batch.azure.com  link hub
    ///   acct  CNAME  acct.eastus.privatelink.batch.azure.com
    /// zone privatelink.batch.azure.com  link hub
    ///   acct.eastus  A  10.0.0.6
    /// public batch acct.eastus
    /// ```
    pub static BATCH_BRIDGE = "batch-bridge" {
        summary: "an alias from an old Batch zone to the global one does not carry",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    let census = context.census();
    for (public, recorded) in &census.accounts {
        for &set in &recorded.old {
            let facts = index.set(set);
            let RecordData::Cname(target) = facts.data else { continue };
            let Some(batch) = census.form(set.zone) else { continue };
            let Some(right) = global_alias(public, batch.suffix) else { continue };
            let found = estate.names.name(target);
            let mut missing: Vec<VnetId> = Vec::new();
            let mut open: Vec<VnetId> = Vec::new();
            for view in context.views_of(set.zone) {
                match view.claim(target) {
                    // The zone may be linked for all that was read.
                    None if view.doubt(target).is_some_and(|doubt| doubt.missing) => {}
                    None => open.extend(view.vnets()),
                    Some(Claim::Zone { zone, .. }) => {
                        let gone = index.extent(zone) == crate::estate::Extent::Whole
                            && index.look_up(zone, &Place::Known(target), RecordType::A)
                                == Found::NxDomain;
                        if gone {
                            missing.extend(view.vnets());
                        }
                    }
                    Some(_) => {}
                }
            }
            let wrong = found != right;
            if !wrong && missing.is_empty() && open.is_empty() {
                continue;
            }
            // A wrong target that answers all the same is somebody's own design.
            if wrong && missing.is_empty() && open.is_empty() && !is_batch_alias(&found) {
                continue;
            }
            let owner = estate.names.show(facts.owner);
            let why = if wrong {
                format!("leads to `{}`, not to `{}`", found.text(), right.text())
            } else if !missing.is_empty() {
                format!("leads to `{}`, which does not exist", found.text())
            } else {
                let from = list_vnets(context, &open);
                format!("leads to `{}`, whose zone is not linked to {from}", found.text())
            };
            let mut vnets = missing.clone();
            vnets.extend(&open);
            if vnets.is_empty() {
                vnets = context.vnets_of(set.zone);
            }
            let mut finding = report
                .finding(format!("bridge `{owner}` {why}"))
                .from(vnets.iter().copied())
                .at(facts.origin, "this alias does not carry to the account");
            finding.basis = Basis::Modelled;
            if let Some(global) = census.global(batch.suffix).next() {
                let label = match (wrong, missing.is_empty()) {
                    (true, _) => "the global zone the account's name belongs to",
                    (false, false) => "this zone lacks the target",
                    (false, true) => "this zone is not linked everywhere the old one is",
                };
                finding = finding.at(estate.zone(global.zone).origin, label);
            }
            if let (Some(name), Some(&vnet)) = (estate.names.get(public), vnets.first()) {
                finding.witness = Some(Witness { vnet, name, record_type: RecordType::A });
                finding.names = vec![name];
            }
            let exists = !recorded.global.is_empty();
            finding = match (wrong, estate.names.get(&right)) {
                (true, Some(target)) if exists => {
                    finding.remedy.push(Change::Put {
                        zone: set.zone,
                        owner: facts.owner,
                        data: RecordData::Cname(target),
                        ttl: facts.ttl,
                    });
                    finding.help(format!("point the alias at `{}`", right.text()))
                }
                (true, _) => finding.help(format!(
                    "add `{}` to the global zone, then point the alias at it",
                    right.text()
                )),
                (false, Some(owner)) if !missing.is_empty() => {
                    let global = census.global(batch.suffix).next().map(|global| global.zone);
                    finding
                        .remedy
                        .extend(global.and_then(|zone| record_of(context, public, zone, owner)));
                    finding.help(format!("add `{}` to the global zone", right.text()))
                }
                _ => {
                    let globals: Vec<_> = census.global(batch.suffix).collect();
                    if let ([global], false) = (&globals[..], wrong) {
                        finding.remedy = safe_links(context, global.zone, &open);
                    }
                    finding.help("link the global zone to those networks too")
                }
            };
            report.add(finding);
        }
    }
}

/// Whether a name looks like an account's in a Batch zone.
fn is_batch_alias(name: &Name) -> bool {
    let mut above = name.clone();
    while !above.is_root() {
        if Form::of(&above).is_some() {
            return true;
        }
        above = above.parent();
    }
    false
}

//! `batch-node-management`

use std::collections::BTreeMap;

use super::{address_record, list_names, list_vnets, safe_links};
use crate::check::batch::{Form, is_guid};
use crate::check::{Basis, Context, Report, Witness, rule};
use crate::estate::{Origin, VnetId};
use crate::index::{Evidence, SetRef};
use crate::name::NameId;
use crate::record::RecordType;
use crate::resolve::{Outcome, Reach};

rule! {
    /// ## What it finds
    /// A node management endpoint of a Batch account whose name does not lead to a
    /// private address in a network with a Batch zone, and records of such endpoints
    /// in an old regional zone, where nobody asks for them.
    ///
    /// ## Why it matters
    /// `<guid>.<region>.service.batch.azure.com` has one alias only, into the global
    /// zone; the old regional zone is not on its way. Nodes whose pool network lacks
    /// the global zone or the record use the public endpoint, or become unusable
    /// ("Use private endpoints with Azure Batch accounts",
    /// learn.microsoft.com/azure/batch/private-connectivity, read 2026-11).
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.batch.azure.com  link hub
    ///   acct.eastus  A  10.0.0.6
    /// public batch-node 7f1c9b52-0a6e-4f38-9a55-1f5f4f0c2a10.eastus
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.batch.azure.com  link hub
    ///   acct.eastus  A  10.0.0.6
    ///   7f1c9b52-0a6e-4f38-9a55-1f5f4f0c2a10.eastus.service  A  10.0.0.7
    /// public batch-node 7f1c9b52-0a6e-4f38-9a55-1f5f4f0c2a10.eastus
    /// ```
    pub static BATCH_NODE_MANAGEMENT = "batch-node-management" {
        summary: "a node management endpoint of Batch is not reached privately",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    misplaced(context, report);
    unreached(context, report);
}

/// Records of node management endpoints where nobody asks for them.
fn misplaced(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    for batch in context.census().old() {
        if !matches!(batch.form, Form::Regional(_) | Form::Child(_)) {
            continue;
        }
        let facts = estate.zone(batch.zone);
        let sets: Vec<SetRef> = facts
            .record_sets
            .iter()
            .enumerate()
            .filter(|(_, set)| {
                let owner = estate.names.relative(set.owner, facts.apex);
                let mut labels = owner.split('.');
                let guid = labels.next().is_some_and(is_guid);
                guid || labels.next_back() == Some("service")
            })
            .map(|(at, _)| SetRef { zone: batch.zone, set: at as u32 })
            .collect();
        let Some(&first) = sets.first() else { continue };
        let names: Vec<NameId> = sets.iter().map(|&set| index.set(set).owner).collect();
        let region = batch.form.region().unwrap_or("REGION");
        let mut finding = report
            .finding(format!(
                "{} recorded in old zone `{}`, where nobody asks for {}",
                match names.len() {
                    1 => format!("node management endpoint {} is", list_names(context, &names)),
                    _ => format!("node management endpoints {} are", list_names(context, &names)),
                },
                estate.zone_name(batch.zone),
                if names.len() == 1 { "it" } else { "them" },
            ))
            .from(context.vnets_of(batch.zone))
            .at(index.set(first).origin, "no chain leads to this record")
            .help(format!(
                "record it as `<guid>.{region}.service` in `privatelink.{}`",
                batch.suffix
            ));
        for &set in &sets[1..] {
            finding = finding.at(index.set(set).origin, "nor to this one");
        }
        finding.names = names;
        report.add(finding);
    }
}

/// Names of endpoints, and where they are stated.
type Endpoints = Vec<(NameId, Origin)>;

/// Endpoints whose name does not lead to a private address, by how it ends and where.
fn unreached(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    // By the networks, and whether the name ends public there.
    let mut cases: BTreeMap<(Vec<VnetId>, bool), Endpoints> = BTreeMap::new();
    for (at, service) in index.services().iter().enumerate() {
        let node =
            service.chain.subresources.iter().any(|s| s.eq_ignore_ascii_case("nodeManagement"));
        let (true, Evidence::Stated(origin)) = (node, service.evidence) else { continue };
        let mut absent = Vec::new();
        let mut public = Vec::new();
        for answer in context.answers_of(at as u32) {
            for &view in &answer.views {
                let view = &context.views()[view as usize];
                // A client is a network that has any Batch zone for this region.
                let client = context.census().zones.iter().any(|batch| {
                    let region = batch.form.region();
                    view.is_linked(batch.zone)
                        && region.is_none_or(|region| {
                            let name = estate.names.name(service.name);
                            name.labels().any(|label| label == region.as_bytes())
                        })
                });
                if !client {
                    continue;
                }
                match answer.answer.outcome {
                    Outcome::NxDomain | Outcome::NoData => absent.extend(view.vnets()),
                    _ if answer.answer.reach == Reach::Public => public.extend(view.vnets()),
                    _ => {}
                }
            }
        }
        for (mut vnets, is_public) in [(absent, false), (public, true)] {
            vnets.sort();
            if !vnets.is_empty() {
                cases.entry((vnets, is_public)).or_default().push((service.name, origin));
            }
        }
    }
    for ((vnets, is_public), services) in cases {
        let names: Vec<NameId> = services.iter().map(|service| service.0).collect();
        let (noun, ends) = match (is_public, names.len()) {
            (true, 1) => ("endpoint", "ends public in"),
            (true, _) => ("endpoints", "end public in"),
            (false, 1) => ("endpoint", "does not exist in"),
            (false, _) => ("endpoints", "do not exist in"),
        };
        let mut finding = report
            .finding(format!(
                "node management {noun} {} {ends} {}",
                list_names(context, &names),
                list_vnets(context, &vnets)
            ))
            .help(match is_public {
                true => "link the global zone to the network",
                false => "add the record to the global zone",
            });
        for &(_, origin) in &services {
            finding = finding.at(origin, "the endpoint is stated here");
        }
        if let (false, [global]) = (is_public, &context.census().global_zones()[..]) {
            for &name in &names {
                let service = index.service_of(name);
                let put = service
                    .and_then(|service| address_record(service, *global, *service.aliases.last()?));
                finding.remedy.extend(put);
            }
        }
        if let (true, [global]) = (is_public, &context.census().global_zones()[..]) {
            let lacks =
                |vnet: &VnetId| context.view_of(*vnet).is_some_and(|view| !view.is_linked(*global));
            let lacking: Vec<VnetId> = vnets.iter().copied().filter(lacks).collect();
            finding.remedy.extend(safe_links(context, *global, &lacking));
        }
        let (vnet, name) = (vnets[0], names[0]);
        finding.basis = Basis::Modelled;
        finding.witness = Some(Witness { vnet, name, record_type: RecordType::A });
        finding.names = names;
        report.add(finding.from(vnets));
    }
}

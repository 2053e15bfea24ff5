//! `public-fallthrough`

use std::collections::{BTreeMap, BTreeSet};

use super::{list_names, list_vnets, plural};
use crate::check::{Basis, Context, Report, Severity, Witness, rule};
use crate::estate::{Origin, VnetId, ZoneId};
use crate::index::{Assumption, Evidence};
use crate::name::NameId;
use crate::record::RecordType;
use crate::resolve::{Asked, HopResult, Reach};

rule! {
    /// ## What it finds
    /// The name of a resource with a private endpoint that passes through a linked
    /// private zone and ends at the public endpoint all the same: by an alias to a
    /// zone that is not linked, or by a link that redirects names its zone lacks. And a
    /// network without the zone whose clients end at a public endpoint that is closed.
    ///
    /// ## Why it matters
    /// Nothing fails in DNS. Clients silently go over the internet, and where public
    /// access is disabled the service refuses them with an error that does not
    /// mention DNS. It is an error where public access is known to be disabled, or
    /// where the endpoint is stated, and a warning where public access is enabled, or where
    /// the network has no zone of the chain: nothing tells whether it has clients.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.vaultcore.azure.net  link hub:redirect
    ///   other  A  10.0.0.4
    /// public vault main
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.vaultcore.azure.net  link hub:redirect
    ///   other  A  10.0.0.4
    ///   main   A  10.0.0.5
    /// public vault main
    /// ```
    pub static PUBLIC_FALLTHROUGH = "public-fallthrough" {
        summary: "the name of a private endpoint ends at the public endpoint",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

#[derive(Default)]
struct Fall {
    names: BTreeSet<NameId>,
    views: BTreeSet<u32>,
    /// The alias that leads out, where it is one.
    alias: Option<Origin>,
    /// Whether public access is known to be on for all.
    open: bool,
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    refused(context, report);
    let mut falls: BTreeMap<(ZoneId, bool), Fall> = BTreeMap::new();
    for answer in context.answers() {
        let ends = answer.answer.reach == Reach::Public && answer.answer.set.is_none();
        // A zone whose links were not exported may answer, which `partial-export` says.
        let perhaps = answer.answer.assumed.contains(Assumption::UnexportedLinks);
        if !answer.claimed || !ends || perhaps {
            continue;
        }
        let service = context.service(answer.service);
        let view = &context.views()[answer.views[0] as usize];
        let (_, trace) = context.trace(view, service.name, RecordType::A);
        // The last private zone that was asked, and how the walk left it.
        let left = trace.hops.iter().rev().find_map(|hop| match (hop.asked, &hop.said) {
            (Asked::Zone(claim), HopResult::Alias(_, set)) => Some((claim.zone(), *set)),
            (Asked::Zone(claim), _) => Some((claim.zone(), None)),
            _ => None,
        });
        let Some((zone, alias)) = left else { continue };
        // An alias in an old Batch zone is `batch-bridge`.
        if alias.is_some() && context.census().form(zone).is_some() {
            continue;
        }
        let access = service.resource.and_then(|at| estate.resources[at as usize].public_access);
        let open = access == Some(true);
        let fall = falls
            .entry((zone, alias.is_some()))
            .or_insert_with(|| Fall { open: true, ..Fall::default() });
        fall.names.insert(service.name);
        fall.views.extend(&answer.views);
        fall.open &= open;
        fall.alias = fall.alias.or(alias.map(|set| index.set(set).origin));
    }
    for ((zone, by_alias), fall) in falls {
        let names: Vec<NameId> = fall.names.iter().copied().collect();
        let vnets = context.vnets(&fall.views.iter().copied().collect::<Vec<_>>());
        let message = format!(
            "{} {} a private endpoint and {} public in {}",
            list_names(context, &names),
            if names.len() == 1 { "has" } else { "have" },
            if names.len() == 1 { "ends" } else { "end" },
            list_vnets(context, &vnets)
        );
        let mut finding = report.finding(message).from(vnets.iter().copied());
        finding.basis = Basis::Modelled;
        if fall.open {
            finding.severity = Severity::Warning;
        }
        let link = super::link_origin(context, zone, vnets[0]);
        let zone_name = estate.zone_name(zone);
        finding = match (by_alias, fall.alias, link) {
            (true, Some(origin), _) => finding
                .at(origin, "this alias leads to a name that no linked zone claims")
                .help("link the zone that has the target, or point the alias at a linked one"),
            (_, _, Some(origin)) => finding
                .at(origin, "this link redirects what the zone lacks")
                .at(estate.zone(zone).origin, format!("`{zone_name}` lacks the record"))
                .help(format!("add the missing records to `{zone_name}`")),
            _ => finding.at(estate.zone(zone).origin, "the walk leaves this zone"),
        };
        finding.witness =
            Some(Witness { vnet: vnets[0], name: names[0], record_type: RecordType::A });
        if !by_alias {
            let apex = estate.zone(zone).apex;
            let put = |&name: &NameId| {
                let service = index.service_of(name)?;
                let mut aliases = service.aliases.iter().copied();
                let owner = aliases.find(|&alias| estate.names.is_at_or_below(alias, apex))?;
                super::address_record(service, zone, owner)
            };
            finding.remedy = names.iter().filter_map(put).collect();
        }
        finding.names = names;
        report.add(finding);
    }
}

/// Names and the networks in which they end at a public endpoint that is closed.
type Refused = (BTreeSet<NameId>, BTreeSet<VnetId>);

/// Networks that have no zone of a chain, where the resource is stated to refuse public access.
/// That of the endpoint itself is `dead-endpoint`; Batch has rules of its own.
fn refused(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    let mut found: BTreeMap<ZoneId, Refused> = BTreeMap::new();
    for answer in context.answers() {
        if answer.answer.assumed.contains(Assumption::UnexportedLinks) {
            continue;
        }
        let service = context.service(answer.service);
        let closed = service
            .resource
            .is_some_and(|at| estate.resources[at as usize].public_access == Some(false));
        let stated = matches!(service.evidence, Evidence::Stated(_));
        if answer.claimed || answer.answer.reach != Reach::Public || !closed || !stated {
            continue;
        }
        let mut zones = service.aliases.iter().flat_map(|&alias| context.index().zones_at(alias));
        let Some(zone) = zones.next().filter(|&zone| context.census().form(zone).is_none()) else {
            continue;
        };
        let vnets = context.vnets(&answer.views);
        let others: Vec<VnetId> =
            vnets.into_iter().filter(|vnet| !service.vnets.contains(vnet)).collect();
        if !others.is_empty() {
            let (names, vnets) = found.entry(zone).or_default();
            names.insert(service.name);
            vnets.extend(others);
        }
    }
    for (zone, (names, vnets)) in found {
        let names: Vec<NameId> = names.into_iter().collect();
        let vnets: Vec<VnetId> = vnets.into_iter().collect();
        let (zone_name, from) = (estate.zone_name(zone), list_vnets(context, &vnets));
        let finding = report
            .finding(format!(
                "{} of `{zone_name}` {} at a closed public endpoint in {from}",
                plural(names.len(), "name", "names"),
                if names.len() == 1 { "ends" } else { "end" },
            ))
            .graded(Severity::Warning)
            .modelled()
            .at(estate.zone(zone).origin, "this zone has the record and is not asked there")
            .asked(&vnets, names[0], RecordType::A)
            .remedied(super::safe_links(context, zone, &vnets))
            .from(vnets)
            .note("public access is disabled, so clients there are refused")
            .help(format!("link `{zone_name}` where {from} is answered, if it has clients"));
        report.add(finding.named(names));
    }
}

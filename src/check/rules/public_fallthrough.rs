//! `public-fallthrough`

use std::collections::{BTreeMap, BTreeSet};

use super::{list_names, list_vnets};
use crate::check::{Basis, Context, Report, Severity, Witness, rule};
use crate::estate::{Origin, ZoneId};
use crate::name::NameId;
use crate::record::RecordType;
use crate::resolve::{Asked, HopResult, Reach};

rule! {
    /// ## What it finds
    /// The name of a resource with a private endpoint that passes through a linked
    /// private zone and ends at the public endpoint all the same: by an alias to a
    /// zone that is not linked, or by a link that redirects names its zone lacks.
    ///
    /// ## Why it matters
    /// Nothing fails in DNS. Clients silently go over the internet, and where public
    /// access is disabled the service refuses them with an error that does not
    /// mention DNS. It is an error where public access is known to be disabled, or
    /// where the endpoint is stated, and a warning where public access is enabled.
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
    let mut falls: BTreeMap<(ZoneId, bool), Fall> = BTreeMap::new();
    for answer in context.answers() {
        if !answer.claimed || answer.answer.reach != Reach::Public || answer.answer.set.is_some() {
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
        finding.names = names;
        report.add(finding);
    }
}

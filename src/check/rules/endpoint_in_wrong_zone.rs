//! `endpoint-in-wrong-zone`

use crate::check::inventory::{GroupZone, group_zones};
use crate::check::{Context, Finding, Report, rule};
use crate::estate::{Change, ConnectionState, Endpoint, EndpointId, Extent, ZoneId};
use crate::name::Name;
use crate::public::Catalogue;

rule! {
    /// ## What it finds
    /// A private endpoint whose zone group names no zone that its service's names lead
    /// to. Where it is the right zone of another region it is `wrong-region-zone`.
    ///
    /// ## Why it matters
    /// The records are kept up to date where nobody looks for them. Clients end at the
    /// public endpoint, or in NXDOMAIN where the right zone is linked.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.file.core.windows.net  link hub
    /// endpoint pe-sta  vnet hub  group blob  zone-group privatelink.file.core.windows.net
    ///   sta.blob.core.windows.net  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.0.0.7
    /// endpoint pe-sta  vnet hub  group blob  zone-group privatelink.blob.core.windows.net
    ///   sta.blob.core.windows.net  10.0.0.7
    /// ```
    pub static ENDPOINT_IN_WRONG_ZONE = "endpoint-in-wrong-zone" {
        summary: "an endpoint's zone group writes into a zone that its service never asks",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

/// An endpoint none of the zones of whose zone group its service ever asks.
pub(super) struct Misplaced {
    endpoint: EndpointId,
    /// The first zone of the group.
    pub apex: Name,
    /// The names that its service asks private zones for.
    aliases: Vec<Name>,
    /// The zone is of the right kind, and of another region.
    pub other_region: bool,
}

impl Misplaced {
    /// The endpoint's own name.
    pub fn name<'c>(&self, context: &'c Context<'_>) -> &'c str {
        &context.estate().endpoint(self.endpoint).name
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    for one in misplaced(context).filter(|one| !one.other_region) {
        let message = format!(
            "private endpoint `{}` is recorded in `{}`, where its service never asks",
            one.name(context),
            one.apex.text()
        );
        report.add(finding(context, report.finding(message), &one));
    }
}

/// All such endpoints: without a name nothing can be told, and one zone that is right is
/// enough.
pub(super) fn misplaced(context: &Context<'_>) -> impl Iterator<Item = Misplaced> {
    let estate = context.estate();
    let approved = estate.endpoint_ids().filter(|(_, endpoint)| {
        !endpoint.zone_group.is_empty() && endpoint.state == ConnectionState::Approved
    });
    approved.filter_map(|(id, endpoint)| {
        if is_at_home(context, endpoint) {
            return None;
        }
        let aliases = aliases(context, endpoint);
        let asked = |zone: &GroupZone| aliases.iter().any(|alias| alias.is_at_or_below(&zone.apex));
        let zones: Vec<GroupZone> = group_zones(endpoint).collect();
        if aliases.is_empty() || zones.iter().any(asked) {
            return None;
        }
        let apex = zones.into_iter().next()?.apex;
        let other_region = aliases.iter().any(|alias| are_alike(&apex, &alias.parent()));
        Some(Misplaced { endpoint: id, apex, aliases, other_region })
    })
}

/// Whether a zone of an endpoint's group is one that its names are known to lead to: the
/// common case, told without the catalogue.
fn is_at_home(context: &Context<'_>, endpoint: &Endpoint) -> bool {
    let (index, names) = (context.index(), &context.estate().names);
    let services = || endpoint.names.iter().filter_map(|(name, _)| index.service_of(*name));
    let led_to = |apex| {
        services().any(|service| service.aliases.iter().any(|&a| names.is_at_or_below(a, apex)))
    };
    group_zones(endpoint).filter_map(|zone| names.get(&zone.apex)).any(led_to)
}

/// Whether two zones are of one service and differ in their region only.
fn are_alike(one: &Name, other: &Name) -> bool {
    let catalogue = Catalogue::get();
    let others = catalogue.zones_matching(other);
    one.labels().count() == other.labels().count()
        && catalogue
            .zones_matching(one)
            .iter()
            .any(|entry| others.iter().any(|other| std::ptr::eq(*entry, *other)))
}

/// What is told of such an endpoint, and how its group is put right.
pub(super) fn finding(context: &Context<'_>, finding: Finding, one: &Misplaced) -> Finding {
    let (estate, facts) = (context.estate(), context.estate().endpoint(one.endpoint));
    let finding = finding
        .modelled()
        .at(facts.origin, format!("the service leads to `{}`", one.aliases[0].text()))
        .named(estate.names.get(&one.apex));
    match cure(context, one) {
        Some((zone, change)) => {
            let zone = estate.zone_label(zone);
            finding.help(format!("let its zone group name `{zone}` instead")).remedied([change])
        }
        None => {
            let wanted = current_zone(&one.aliases).unwrap_or_else(|| one.aliases[0].parent());
            finding.help(format!("give its zone group the zone of `{}`", wanted.text()))
        }
    }
}

/// The first zone that the aliases lead to and that endpoints are still recorded in.
fn current_zone(aliases: &[Name]) -> Option<Name> {
    let is_current = |zone: &Name| {
        let entries = Catalogue::get().zones_matching(zone);
        entries.iter().any(|entry| entry.is_current())
    };
    aliases.iter().find_map(|alias| {
        let above = std::iter::successors(Some(alias.parent()), |name| Some(name.parent()));
        above.take_while(|name| !name.is_root()).find(is_current)
    })
}

/// The right zone, where there is one and no other of its name, with the records that
/// the platform then keeps there.
fn cure(context: &Context<'_>, one: &Misplaced) -> Option<(ZoneId, Change)> {
    let (index, estate) = (context.index(), context.estate());
    let zone =
        one.aliases.iter().find_map(
            |alias| match estate.zones_like(&alias.parent().text())[..] {
                [zone] if index.extent(zone) == Extent::Whole => Some(zone),
                _ => None,
            },
        )?;
    let names = estate.endpoint(one.endpoint).names.iter();
    let follows: Vec<Change> = names
        .filter_map(|(name, _)| {
            let service = index.service_of(*name)?;
            let apex = estate.zone(zone).apex;
            let mut aliases = service.aliases.iter().copied();
            let owner = aliases.find(|&alias| estate.names.is_at_or_below(alias, apex))?;
            super::address_record(service, zone, owner)
        })
        .collect();
    let zones = vec![estate.zone_label(zone).into()];
    (!follows.is_empty())
        .then_some((zone, Change::SetZoneGroup { endpoint: one.endpoint, zones, follows }))
}

/// The aliases of the names that an endpoint serves.
fn aliases(context: &Context<'_>, endpoint: &Endpoint) -> Vec<Name> {
    let names = endpoint.names.iter().map(|(name, _)| context.estate().names.name(*name));
    let found = names.filter_map(|name| Catalogue::get().find(&name));
    // A name in a private zone says where it is recorded, not what the service is.
    let public = found.filter(|found| found.step == 0 && !found.chain.queried_directly);
    public.flat_map(|found| found.chain_names()).collect()
}

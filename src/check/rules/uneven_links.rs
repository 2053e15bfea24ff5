//! `uneven-links`

use std::collections::BTreeSet;

use super::{list_vnets, plural};
use crate::check::{Context, Report, rule};
use crate::estate::{Change, Extent, Policy, VnetId};
use crate::index::{Assumption, Servers};
use crate::name::NameId;
use crate::record::RecordType;
use crate::resolve::Reach;

rule! {
    /// ## What it finds
    /// A zone of Private Link that most networks with such zones are linked to, and a few
    /// are not. And a network that is linked to none of them, where nearly all others are and
    /// get private answers for names that end public there. Batch has a rule of its own.
    ///
    /// ## Why it matters
    /// A network without the link ends at the public endpoint of the service, which is
    /// often closed. Networks are usually meant to have the same zones, so the missing
    /// link is more likely forgotten than wanted.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// vnet spoke-a
    /// vnet spoke-b
    /// vnet spoke-c
    /// zone privatelink.blob.core.windows.net  link hub  link spoke-a  link spoke-b  link spoke-c
    ///   sta  A  10.0.0.7
    /// zone privatelink.file.core.windows.net  link hub  link spoke-a  link spoke-b
    ///   sta  A  10.0.0.8
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// vnet spoke-a
    /// vnet spoke-b
    /// vnet spoke-c
    /// zone privatelink.blob.core.windows.net  link hub  link spoke-a  link spoke-b  link spoke-c
    ///   sta  A  10.0.0.7
    /// zone privatelink.file.core.windows.net  link hub  link spoke-a  link spoke-b  link spoke-c
    ///   sta  A  10.0.0.8
    /// ```
    pub static UNEVEN_LINKS = "uneven-links" {
        summary: "all networks but a few are linked to a zone of Private Link",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

/// Of how many networks one may lack the link to be an exception: no less than this.
const MOST: usize = 4;

/// Of how many networks with zones one may have none at all to be an exception: no less.
const MOST_OF_ALL: usize = 5;

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    let of_private_link = |id| estate.is_private_link(id) && context.census().form(id).is_none();
    let linked: BTreeSet<VnetId> = estate
        .zone_ids()
        .filter(|(id, _)| of_private_link(*id))
        .flat_map(|(_, zone)| zone.links.iter().map(|link| link.vnet))
        .collect();
    let asks = |vnet: &VnetId| context.view_of(*vnet).is_some_and(|view| view.asks_azure());
    let clients: BTreeSet<VnetId> = linked.iter().copied().filter(asks).collect();
    without_zones(context, report, &linked, clients.len());
    for apex in context.index().apexes() {
        // Zones of one name count as one: which of them is right is `duplicate-apex`.
        let &[zone] = &apex.zones[..] else { continue };
        let facts = estate.zone(zone);
        let whole = facts.links_extent() == Extent::Whole;
        if !whole || !of_private_link(zone) || facts.record_sets.is_empty() {
            continue;
        }
        let here: BTreeSet<VnetId> = facts.links.iter().map(|link| link.vnet).collect();
        let missing: Vec<VnetId> = clients.difference(&here).copied().collect();
        if missing.is_empty() || missing.len() * MOST > clients.len() {
            continue;
        }
        let finding = report
            .finding(format!(
                "{} linked to `{}`, and {} not",
                plural(clients.len() - missing.len(), "network is", "networks are"),
                estate.zone_name(zone),
                match missing.len() {
                    1 => format!("{} is", list_vnets(context, &missing)),
                    _ => format!("{} are", list_vnets(context, &missing)),
                }
            ))
            .modelled()
            .from(missing.iter().copied())
            .at(facts.origin, "this zone is not linked there")
            .named([facts.apex])
            .help("link it there as well, if its clients use the service")
            .remedied(missing.iter().map(|&vnet| Change::link(zone, vnet, Policy::Default)));
        report.add(finding);
    }
}

/// Networks that are linked to no zone of Private Link, where nearly all others are: told once
/// and not zone by zone, since nothing says which of them they need.
fn without_zones(
    context: &Context<'_>,
    report: &mut Report<'_>,
    linked: &BTreeSet<VnetId>,
    clients: usize,
) {
    let (index, estate) = (context.index(), context.estate());
    let of_private_link = |id| estate.is_private_link(id) && context.census().form(id).is_none();
    let (mut names, mut without) = (BTreeSet::new(), BTreeSet::new());
    for answer in context.answers() {
        let doubted = answer.answer.assumed.contains(Assumption::UnexportedLinks);
        if answer.claimed || doubted || answer.answer.reach != Reach::Public {
            continue;
        }
        let service = context.service(answer.service);
        let mut zones = service.aliases.iter().flat_map(|&alias| index.zones_at(alias));
        let mut others = context.answers_of(answer.service).iter();
        let private = others.any(|other| other.answer.reach == Reach::Private);
        if !private || !zones.any(of_private_link) {
            continue;
        }
        let asks = |at: &u32| context.views()[*at as usize].servers() == Servers::Azure;
        let views: Vec<u32> = answer.views.iter().copied().filter(asks).collect();
        let mut vnets = context.vnets(&views);
        vnets.retain(|vnet| !linked.contains(vnet) && !estate.vnet(*vnet).site);
        if !vnets.is_empty() {
            names.insert(service.name);
            without.extend(vnets);
        }
    }
    if without.is_empty() || without.len() * MOST_OF_ALL > clients {
        return;
    }
    let (vnets, names): (Vec<VnetId>, Vec<NameId>) =
        (without.into_iter().collect(), names.into_iter().collect());
    let finding = report
        .finding(format!(
            "{clients} networks are linked to zones of Private Link, and {} {} linked to none",
            list_vnets(context, &vnets),
            if vnets.len() == 1 { "is" } else { "are" }
        ))
        .modelled()
        .from(vnets.iter().copied())
        .at_each(vnets.iter().map(|&vnet| estate.vnet(vnet).origin), "no zone here", "nor here")
        .note(format!(
            "{} with a private answer elsewhere {} public there",
            plural(names.len(), "name", "names"),
            if names.len() == 1 { "ends" } else { "end" }
        ))
        .asked(&vnets, names[0], RecordType::A)
        .named(names)
        .help("link the zones whose services its clients use");
    report.add(finding);
}

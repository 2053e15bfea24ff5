//! `link-without-effect`

use std::net::IpAddr;

use super::{list_vnets, plural};
use crate::check::{Context, Report, rule};
use crate::estate::{Estate, Origin, Vnet, VnetId, ZoneId};

rule! {
    /// ## What it finds
    /// Zones and rulesets linked to a network whose DNS servers are all elsewhere, where nothing
    /// in the network asks Azure DNS for others.
    ///
    /// ## Why it matters
    /// Clients ask their DNS servers, and those ask Azure DNS of the network that *they*
    /// are in: only the links of that network count, of rulesets as of zones ("What is Azure
    /// DNS Private Resolver?", learn.microsoft.com/azure/dns/dns-private-resolver-overview, read
    /// 2026-11). Whoever mends a link here changes nothing.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// vnet spoke  dns 10.0.0.4  space 10.1.0.0/16
    /// inbound in-hub  vnet hub  address 10.0.0.4
    /// zone corp.internal  link spoke
    ///   nas  A  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// vnet spoke  dns 10.0.0.4  space 10.1.0.0/16
    /// inbound in-hub  vnet hub  address 10.0.0.4
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    /// ```
    pub static LINK_WITHOUT_EFFECT = "link-without-effect" {
        summary: "a network's zones or rules are not asked by its clients",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    let bypassed = |(id, vnet): &(VnetId, &Vnet)| is_bypassed(context, *id, vnet);
    let vnets: Vec<VnetId> = estate.vnet_ids().filter(bypassed).map(|(id, _)| id).collect();
    let linked = |vnet: VnetId| {
        let zones = context.view_of(vnet).map(|view| view.linked().collect::<Vec<_>>());
        zones.unwrap_or_default()
    };
    let links: Vec<(VnetId, Origin)> = vnets
        .iter()
        .flat_map(|&vnet| linked(vnet).into_iter().map(move |zone| (vnet, zone)))
        .filter(|&(vnet, zone)| !registers(estate, zone, vnet))
        .filter_map(|(vnet, zone)| Some((vnet, super::link_origin(context, zone, vnet)?)))
        .collect();
    let rules = estate.rulesets.iter().flat_map(|ruleset| &ruleset.links);
    let rules =
        rules.filter(|link| vnets.contains(&link.vnet)).map(|link| (link.vnet, link.origin));
    let links: Vec<(VnetId, Origin)> = links.into_iter().chain(rules).collect();
    let mut vnets: Vec<VnetId> = links.iter().map(|link| link.0).collect();
    vnets.sort();
    vnets.dedup();
    let Some(&first) = vnets.first() else { return };
    let finding = report
        .finding(format!(
            "{} no effect: clients of {} ask servers in other networks",
            plural(links.len(), "link has", "links have"),
            list_vnets(context, &vnets)
        ))
        .modelled()
        .from(vnets.iter().copied())
        .at_each(
            links.iter().map(|link| link.1),
            "clients of the network do not come here",
            "nor here",
        )
        .explained_at(estate.vnet(first).origin, "its DNS servers are elsewhere")
        .help("link them to the network of the DNS servers; here they can go");
    report.add(finding);
}

/// Whether machines of the network get their names in the zone through the link: an effect that
/// no client of the network has to see.
fn registers(estate: &Estate, zone: ZoneId, vnet: VnetId) -> bool {
    estate.zone(zone).links.iter().any(|link| link.vnet == vnet && link.registration)
}

/// Whether all servers of a network are known to be in other networks, and none of it
/// asks Azure DNS for others.
fn is_bypassed(context: &Context<'_>, id: VnetId, vnet: &Vnet) -> bool {
    let estate = context.estate();
    let Some(servers) = vnet.servers.as_deref().filter(|servers| !servers.is_empty()) else {
        return false;
    };
    let elsewhere = |address: &IpAddr| {
        let home = context.index().home_of(context.index().party(Some(id), *address));
        home.is_some_and(|home| home != id)
    };
    // A resolver, a server, or an interface with servers of its own may ask here.
    let asks = estate.inbound.iter().any(|one| one.vnet == Some(id))
        || estate.servers.iter().any(|one| one.vnet == Some(id))
        || estate.interfaces.iter().any(|one| one.vnet == Some(id) && !one.servers.is_empty());
    servers.iter().all(elsewhere) && !asks
}

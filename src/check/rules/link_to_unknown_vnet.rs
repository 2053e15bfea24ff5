//! `link-to-unknown-vnet`

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{list_vnets, plural, subscription};
use crate::check::{Context, Report, rule};
use crate::estate::{Inventory, Origin, VnetId};

rule! {
    /// ## What it finds
    /// A virtual network link to a network that was not exported, though other networks
    /// of its subscription were.
    ///
    /// ## Why it matters
    /// Links of deleted networks stay behind, and count towards the limit; or the export
    /// is not whole, and what that network's clients ask is not known. Subscriptions are
    /// left alone of which no list of networks was exported, or one with a page to follow,
    /// one that was cut, or one of which a network was refused.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub  id /subscriptions/s1/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/hub
    /// zone corp.internal  link hub  link /subscriptions/s1/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/gone
    ///   nas  A  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub  id /subscriptions/s1/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/hub
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    /// ```
    pub static LINK_TO_UNKNOWN_VNET = "link-to-unknown-vnet" {
        summary: "a link leads to a network that the export of its subscription lacks",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    let exported: HashSet<String> = estate
        .vnets
        .iter()
        .filter(|vnet| vnet.servers.is_some())
        .filter(|vnet| estate.is_listed(Inventory::VNETS, vnet.id.as_ref()))
        .filter_map(|vnet| subscription(&vnet.id))
        .collect();
    let unknown = |vnet: VnetId| {
        let vnet = estate.vnet(vnet);
        let here = subscription(&vnet.id).is_some_and(|one| exported.contains(&one));
        vnet.servers.is_none() && here
    };
    // One part that was not exported leaves out many networks.
    let mut found: BTreeMap<Option<String>, Vec<(VnetId, Origin)>> = BTreeMap::new();
    for zone in &estate.zones {
        for link in zone.links.iter().filter(|link| unknown(link.vnet)) {
            let subscription = subscription(&estate.vnet(link.vnet).id);
            found.entry(subscription).or_default().push((link.vnet, link.origin));
        }
    }
    for links in found.into_values() {
        let vnets: BTreeSet<VnetId> = links.iter().map(|link| link.0).collect();
        let vnets: Vec<VnetId> = vnets.into_iter().collect();
        let message = format!(
            "{} to {}, which the export of {} subscription lacks",
            plural(links.len(), "link leads", "links lead"),
            list_vnets(context, &vnets),
            if vnets.len() == 1 { "its" } else { "their" }
        );
        let finding = report
            .finding(message)
            .modelled()
            .from(vnets)
            .at_each(links.iter().map(|link| link.1), "the network may be gone", "this one, too")
            .help("export the networks; or, if they are gone, delete what they left behind");
        report.add(finding);
    }
}

//! What of Azure's limits an estate uses.
//!
//! "Azure subscription and service limits, quotas, and constraints", section Azure
//! DNS, learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits,
//! and "DNS zones and records overview", learn.microsoft.com/azure/dns/dns-zones-records;
//! read 2026-11.

use std::collections::BTreeMap;

use super::Context;
use super::sweep::text_octets;
use crate::estate::{Origin, RECORDS_OF_SET};
use crate::name::NameId;

const RECORD_SETS_OF_ZONE: usize = 25_000;
const LINKS_OF_ZONE: usize = 1_000;
const REGISTRATION_LINKS_OF_ZONE: usize = 100;
const ZONES_OF_NETWORK: usize = 1_000;
const ZONES_OF_SUBSCRIPTION: usize = 1_000;
/// In commercial Azure; 1024 in other clouds for the time being.
const TEXT_OF_SET: usize = 4_096;

/// Something that is limited.
#[derive(Clone, Debug)]
pub(super) struct Use {
    /// What, as the start of a sentence.
    pub what: String,
    /// How much there is.
    pub count: usize,
    /// How much Azure allows.
    pub most: usize,
    /// Where.
    pub origin: Origin,
    /// The name of the zone or record set.
    pub name: Option<NameId>,
}

/// All of what comes anywhere near a limit.
pub(super) fn uses(context: &Context<'_>) -> Vec<Use> {
    let mut uses = of_zones(context);
    uses.extend(of_sets(context));
    uses.extend(of_networks(context));
    uses.extend(of_subscriptions(context));
    uses
}

fn of_zones(context: &Context<'_>) -> Vec<Use> {
    let estate = context.estate();
    let mut uses = Vec::new();
    for (id, zone) in estate.zone_ids() {
        let declared = |count: Option<u32>| count.unwrap_or(0) as usize;
        let sets = zone.record_sets.len().max(declared(zone.declared_record_sets));
        let links = zone.links.len().max(declared(zone.declared_links));
        let registering = zone.links.iter().filter(|link| link.registration).count();
        let limited = [
            ("record sets", sets, RECORD_SETS_OF_ZONE),
            ("links", links, LINKS_OF_ZONE),
            ("registration links", registering, REGISTRATION_LINKS_OF_ZONE),
        ];
        let of_zone = |(what, count, most)| Use {
            what: format!("{what} of `{}`", estate.zone_name(id)),
            count,
            most,
            origin: zone.origin,
            name: Some(zone.apex),
        };
        uses.extend(limited.into_iter().filter(|one| one.1 * 2 > one.2).map(of_zone));
    }
    uses
}

fn of_sets(context: &Context<'_>) -> impl Iterator<Item = Use> {
    let (index, estate) = (context.index(), context.estate());
    context.sweep().large.iter().flat_map(|&set| {
        let facts = index.set(set);
        let name = estate.names.show(facts.owner).to_string();
        let record_type = facts.data.record_type();
        let of_set = |what: String, count, most| {
            let (origin, name) = (facts.origin, Some(facts.owner));
            Use { what, count, most, origin, name }
        };
        [
            of_set(
                format!("records in `{name}` {record_type}"),
                facts.data.count(),
                RECORDS_OF_SET,
            ),
            of_set(
                format!("octets of text in `{name}` TXT"),
                text_octets(&facts.data),
                TEXT_OF_SET,
            ),
        ]
    })
}

fn of_networks(context: &Context<'_>) -> Vec<Use> {
    let estate = context.estate();
    let views = context.views().iter();
    let linked = views.map(|view| (view, view.linked().count()));
    linked
        .filter(|(_, count)| count * 2 > ZONES_OF_NETWORK)
        .flat_map(|(view, count)| {
            view.vnets().iter().map(move |&vnet| Use {
                what: format!("zones linked to `{}`", estate.vnet_name(vnet)),
                count,
                most: ZONES_OF_NETWORK,
                origin: estate.vnet(vnet).origin,
                name: None,
            })
        })
        .collect()
}

fn of_subscriptions(context: &Context<'_>) -> Vec<Use> {
    let mut zones: BTreeMap<String, (usize, Origin)> = BTreeMap::new();
    for zone in &context.estate().zones {
        let id = zone.id.as_ref().and_then(|id| id.subscription());
        if let Some(subscription) = id {
            let entry = zones.entry(subscription.to_lowercase()).or_insert((0, zone.origin));
            entry.0 += 1;
        }
    }
    let of_subscription = |(subscription, (count, origin))| Use {
        what: format!("zones of subscription {subscription}"),
        count,
        most: ZONES_OF_SUBSCRIPTION,
        origin,
        name: None,
    };
    zones.into_iter().map(of_subscription).collect()
}

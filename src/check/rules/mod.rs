//! The rules, one file each.

mod alias_beside_data;
mod alias_loop;
mod batch_bridge;
mod batch_incomplete_copy;
mod batch_link_mismatch;
mod batch_new_exposure;
mod batch_node_management;
mod batch_region_label;
mod dangling_alias;
mod dead_endpoint;
mod duplicate_apex;
mod partial_export;
mod public_fallthrough;
mod regional_batch_zone;
mod shadowed_record;
mod split_batch_account;
mod unlinked_zone;
mod unread_input;

use super::{Context, Rule};
use crate::estate::{Change, Origin, VnetId, ZoneId};
use crate::index::{Place, Service, View};
use crate::name::{Name, NameId};
use crate::record::RecordType;
use crate::resolve::{Outcome, resolve};

/// All rules, by name.
pub static RULES: &[&Rule] = &[
    &alias_beside_data::ALIAS_BESIDE_DATA,
    &alias_loop::ALIAS_LOOP,
    &batch_bridge::BATCH_BRIDGE,
    &batch_incomplete_copy::BATCH_INCOMPLETE_COPY,
    &batch_link_mismatch::BATCH_LINK_MISMATCH,
    &batch_new_exposure::BATCH_NEW_EXPOSURE,
    &batch_node_management::BATCH_NODE_MANAGEMENT,
    &batch_region_label::BATCH_REGION_LABEL,
    &dangling_alias::DANGLING_ALIAS,
    &dead_endpoint::DEAD_ENDPOINT,
    &duplicate_apex::DUPLICATE_APEX,
    &partial_export::PARTIAL_EXPORT,
    &public_fallthrough::PUBLIC_FALLTHROUGH,
    &regional_batch_zone::REGIONAL_BATCH_ZONE,
    &shadowed_record::SHADOWED_RECORD,
    &split_batch_account::SPLIT_BATCH_ACCOUNT,
    &unlinked_zone::UNLINKED_ZONE,
    &unread_input::UNREAD_INPUT,
];

/// How many names or networks a sentence lists before it counts the rest.
const LISTED: usize = 3;

/// `` `a`, `b` and 2 more ``.
fn list<T: std::fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| format!("`{item}`")).collect();
    match &items[..] {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [init @ .., last] if items.len() <= LISTED => format!("{} and {last}", init.join(", ")),
        _ => format!("{} and {} more", items[..LISTED].join(", "), items.len() - LISTED),
    }
}

fn list_names(context: &Context<'_>, names: &[NameId]) -> String {
    list(names.iter().map(|&name| context.estate().names.show(name)))
}

fn list_vnets(context: &Context<'_>, vnets: &[VnetId]) -> String {
    list(vnets.iter().map(|&vnet| context.estate().vnet_name(vnet)))
}

fn plural(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("{count} {one}") } else { format!("{count} {many}") }
}

/// The record that leads `owner` to the endpoint of a service, where its addresses are known.
fn record_of(context: &Context<'_>, public: &Name, zone: ZoneId, owner: NameId) -> Option<Change> {
    let name = context.estate().names.get(public)?;
    address_record(context.index().service_of(name)?, zone, owner)
}

/// The same, of a service that is at hand.
fn address_record(service: &Service, zone: ZoneId, owner: NameId) -> Option<Change> {
    let (data, ttl) = service.addresses_as_records()?;
    Some(Change::Put { zone, owner, data, ttl })
}

/// The names that stop resolving in these views once `zone` is linked there.
fn lost_by_linking<'v, 'i: 'v>(
    context: &Context<'i>,
    views: impl Iterator<Item = &'v View<'i>>,
    zone: ZoneId,
) -> Vec<NameId> {
    let mut lost = Vec::new();
    for view in views.filter(|view| !view.is_linked(zone)) {
        let linked = view.with(zone);
        for service in context.index().services() {
            let name = Place::Known(service.name);
            let ask = |view: &View<'_>| resolve(view, &name, RecordType::A, &mut ()).outcome;
            if ask(&linked) == Outcome::NxDomain && ask(view) != Outcome::NxDomain {
                lost.push(service.name);
            }
        }
    }
    lost.sort_unstable();
    lost.dedup();
    lost
}

/// Where a zone is linked to a network.
fn link_origin(context: &Context<'_>, zone: ZoneId, vnet: VnetId) -> Option<Origin> {
    let links = &context.estate().zone(zone).links;
    links.iter().find(|link| link.vnet == vnet).map(|link| link.origin)
}

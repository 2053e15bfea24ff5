//! The rules, one file each.

mod address_outside_estate;
mod alias_at_apex;
mod alias_beside_data;
mod alias_chain_too_long;
mod alias_loop;
mod always_aliased_service;
mod batch_bridge;
mod batch_incomplete_copy;
mod batch_link_mismatch;
mod batch_new_exposure;
mod batch_node_management;
mod batch_region_label;
mod contradicting_inputs;
mod dangling_alias;
mod dead_endpoint;
mod decides_nothing;
mod delegation_in_private_zone;
mod dns_proxy_off;
mod duplicate_apex;
mod duplicate_record;
mod empty_zone;
mod endpoint_in_wrong_zone;
mod endpoint_not_approved;
mod endpoint_target_gone;
mod fallback_not_allowed;
mod fallback_unknown;
mod forwarder_names_privatelink;
mod hidden_public_zone;
mod interface_answers_differ;
mod invalid_name;
mod invalid_record;
mod invalid_rule_target;
mod legacy_private_link_zone;
mod limit_exceeded;
mod limit_near;
mod link_not_operational;
mod link_to_unknown_vnet;
mod link_without_effect;
mod manual_endpoint_record;
mod mismatched_endpoint_address;
mod missing_companion_record;
mod missing_endpoint_record;
mod missing_final_dot;
mod other_tenant_exposure;
mod overlapping_address_space;
mod partial_export;
mod partly_shadowed_wildcard;
mod public_address_in_private_zone;
mod public_fallthrough;
mod record_outside_zone;
mod reference_to_nothing;
mod regional_batch_zone;
mod registration_conflict;
mod registration_on_privatelink_zone;
mod repeated_zone_name;
mod reserved_zone_name;
mod reverse_mismatch;
mod rule_bypasses_zone;
mod rule_not_effective;
mod ruleset_loop;
mod ruleset_wrong_region;
mod second_registration_zone;
mod second_ruleset;
mod second_security_policy;
mod servers_disagree;
mod service_target_is_alias;
mod service_target_missing;
mod several_aliases;
mod shadowed_record;
mod shared_record_owners;
mod shared_server_address;
mod single_dns_server;
mod single_label_zone;
mod slow_negative_cache;
mod split_batch_account;
mod stale_endpoint_record;
mod star_not_leftmost;
mod target_is_address;
mod ttl_before_migration;
mod ttl_conflict;
mod uneven_fallback;
mod uneven_links;
mod unknown_private_link_zone;
mod unlinked_zone;
mod unmodelled_dns_server;
mod unreachable_platform_address;
mod unread_input;
mod wrong_region_zone;
mod zone_hides_rule;
mod zone_outside_hub;

use std::collections::BTreeMap;

use super::inventory::subscription;
use super::{Context, Finding, Report, Rule};
use crate::estate::{Change, InputId, Note, NoteKind, Origin, Policy, VnetId, ZoneId};
use crate::index::{Place, Service, View};
use crate::name::{Name, NameId};
use crate::record::{RecordData, RecordType};
use crate::resolve::{Outcome, resolve};

/// All rules, by name.
pub static RULES: &[&Rule] = &[
    &address_outside_estate::ADDRESS_OUTSIDE_ESTATE,
    &alias_at_apex::ALIAS_AT_APEX,
    &alias_beside_data::ALIAS_BESIDE_DATA,
    &alias_chain_too_long::ALIAS_CHAIN_TOO_LONG,
    &alias_loop::ALIAS_LOOP,
    &always_aliased_service::ALWAYS_ALIASED_SERVICE,
    &batch_bridge::BATCH_BRIDGE,
    &batch_incomplete_copy::BATCH_INCOMPLETE_COPY,
    &batch_link_mismatch::BATCH_LINK_MISMATCH,
    &batch_new_exposure::BATCH_NEW_EXPOSURE,
    &batch_node_management::BATCH_NODE_MANAGEMENT,
    &batch_region_label::BATCH_REGION_LABEL,
    &contradicting_inputs::CONTRADICTING_INPUTS,
    &dangling_alias::DANGLING_ALIAS,
    &dead_endpoint::DEAD_ENDPOINT,
    &decides_nothing::DECIDES_NOTHING,
    &delegation_in_private_zone::DELEGATION_IN_PRIVATE_ZONE,
    &dns_proxy_off::DNS_PROXY_OFF,
    &duplicate_apex::DUPLICATE_APEX,
    &duplicate_record::DUPLICATE_RECORD,
    &empty_zone::EMPTY_ZONE,
    &endpoint_in_wrong_zone::ENDPOINT_IN_WRONG_ZONE,
    &endpoint_not_approved::ENDPOINT_NOT_APPROVED,
    &endpoint_target_gone::ENDPOINT_TARGET_GONE,
    &fallback_not_allowed::FALLBACK_NOT_ALLOWED,
    &fallback_unknown::FALLBACK_UNKNOWN,
    &forwarder_names_privatelink::FORWARDER_NAMES_PRIVATELINK,
    &hidden_public_zone::HIDDEN_PUBLIC_ZONE,
    &interface_answers_differ::INTERFACE_ANSWERS_DIFFER,
    &invalid_name::INVALID_NAME,
    &invalid_record::INVALID_RECORD,
    &invalid_rule_target::INVALID_RULE_TARGET,
    &legacy_private_link_zone::LEGACY_PRIVATE_LINK_ZONE,
    &limit_exceeded::LIMIT_EXCEEDED,
    &limit_near::LIMIT_NEAR,
    &link_not_operational::LINK_NOT_OPERATIONAL,
    &link_to_unknown_vnet::LINK_TO_UNKNOWN_VNET,
    &link_without_effect::LINK_WITHOUT_EFFECT,
    &manual_endpoint_record::MANUAL_ENDPOINT_RECORD,
    &mismatched_endpoint_address::MISMATCHED_ENDPOINT_ADDRESS,
    &missing_companion_record::MISSING_COMPANION_RECORD,
    &missing_endpoint_record::MISSING_ENDPOINT_RECORD,
    &missing_final_dot::MISSING_FINAL_DOT,
    &other_tenant_exposure::OTHER_TENANT_EXPOSURE,
    &overlapping_address_space::OVERLAPPING_ADDRESS_SPACE,
    &partial_export::PARTIAL_EXPORT,
    &partly_shadowed_wildcard::PARTLY_SHADOWED_WILDCARD,
    &public_address_in_private_zone::PUBLIC_ADDRESS_IN_PRIVATE_ZONE,
    &public_fallthrough::PUBLIC_FALLTHROUGH,
    &record_outside_zone::RECORD_OUTSIDE_ZONE,
    &reference_to_nothing::REFERENCE_TO_NOTHING,
    &regional_batch_zone::REGIONAL_BATCH_ZONE,
    &registration_conflict::REGISTRATION_CONFLICT,
    &registration_on_privatelink_zone::REGISTRATION_ON_PRIVATELINK_ZONE,
    &repeated_zone_name::REPEATED_ZONE_NAME,
    &reserved_zone_name::RESERVED_ZONE_NAME,
    &reverse_mismatch::REVERSE_MISMATCH,
    &rule_bypasses_zone::RULE_BYPASSES_ZONE,
    &rule_not_effective::RULE_NOT_EFFECTIVE,
    &ruleset_loop::RULESET_LOOP,
    &ruleset_wrong_region::RULESET_WRONG_REGION,
    &second_registration_zone::SECOND_REGISTRATION_ZONE,
    &second_ruleset::SECOND_RULESET,
    &second_security_policy::SECOND_SECURITY_POLICY,
    &servers_disagree::SERVERS_DISAGREE,
    &service_target_is_alias::SERVICE_TARGET_IS_ALIAS,
    &service_target_missing::SERVICE_TARGET_MISSING,
    &several_aliases::SEVERAL_ALIASES,
    &shadowed_record::SHADOWED_RECORD,
    &shared_record_owners::SHARED_RECORD_OWNERS,
    &shared_server_address::SHARED_SERVER_ADDRESS,
    &single_dns_server::SINGLE_DNS_SERVER,
    &single_label_zone::SINGLE_LABEL_ZONE,
    &slow_negative_cache::SLOW_NEGATIVE_CACHE,
    &split_batch_account::SPLIT_BATCH_ACCOUNT,
    &stale_endpoint_record::STALE_ENDPOINT_RECORD,
    &star_not_leftmost::STAR_NOT_LEFTMOST,
    &target_is_address::TARGET_IS_ADDRESS,
    &ttl_before_migration::TTL_BEFORE_MIGRATION,
    &ttl_conflict::TTL_CONFLICT,
    &uneven_fallback::UNEVEN_FALLBACK,
    &uneven_links::UNEVEN_LINKS,
    &unknown_private_link_zone::UNKNOWN_PRIVATE_LINK_ZONE,
    &unlinked_zone::UNLINKED_ZONE,
    &unmodelled_dns_server::UNMODELLED_DNS_SERVER,
    &unreachable_platform_address::UNREACHABLE_PLATFORM_ADDRESS,
    &unread_input::UNREAD_INPUT,
    &wrong_region_zone::WRONG_REGION_ZONE,
    &zone_hides_rule::ZONE_HIDES_RULE,
    &zone_outside_hub::ZONE_OUTSIDE_HUB,
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

pub(super) fn list_names(context: &Context<'_>, names: &[NameId]) -> String {
    list(names.iter().map(|&name| context.estate().names.show(name)))
}

pub(super) fn list_vnets(context: &Context<'_>, vnets: &[VnetId]) -> String {
    list(vnets.iter().map(|&vnet| context.estate().vnet_name(vnet)))
}

/// A count and its noun.
pub fn plural(count: usize, one: &str, many: &str) -> String {
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

/// The changes that link a zone to networks; none where that is not the whole cure: where others
/// answer their clients, where there are several zones of the name, or where names are lost.
fn safe_links(context: &Context<'_>, zone: ZoneId, vnets: &[VnetId]) -> Vec<Change> {
    let views: Vec<&View<'_>> = vnets.iter().filter_map(|&vnet| context.view_of(vnet)).collect();
    let only = context.index().zones_at(context.estate().zone(zone).apex).nth(1).is_none();
    let here = views.iter().all(|view| view.asks_azure() && view.is_plain());
    if !only || !here || !lost_by_linking(context, views.into_iter(), zone).is_empty() {
        return Vec::new();
    }
    vnets.iter().map(|&vnet| Change::link(zone, vnet, Policy::Default)).collect()
}

/// That a zone was exported from public DNS, where its start of authority says so.
///
/// Public zones of Azure name a server such as `ns1-03.azure-dns.com`, private ones
/// `azureprivatedns.net`; seen in exports of `az network dns zone export`, read 2026-11.
fn looks_public(context: &Context<'_>, zone: ZoneId) -> Option<String> {
    let facts = context.estate().zone(zone);
    let mut apex = context.index().sets_at(zone, facts.apex);
    let soa = apex.find_map(|set| match &context.index().set(set).data {
        RecordData::Soa(soa) => Some(soa.host),
        _ => None,
    })?;
    let host = context.estate().names.name(soa).text();
    host.contains(".azure-dns.").then(|| {
        format!(
            "this looks like a public zone, which no network is linked to: its start of authority \
             names `{host}`; a private zone is exported with `az network private-dns zone export`"
        )
    })
}

/// Where a zone is linked to a network.
fn link_origin(context: &Context<'_>, zone: ZoneId, vnet: VnetId) -> Option<Origin> {
    let links = &context.estate().zone(zone).links;
    links.iter().find(|link| link.vnet == vnet).map(|link| link.origin)
}

/// The notes of a kind at their places; those that say the same of one input are one finding.
fn of_notes(
    context: &Context<'_>,
    report: &mut Report<'_>,
    kind: NoteKind,
    label: &str,
    finish: impl Fn(Finding) -> Finding,
) {
    let mut alike: BTreeMap<(InputId, &str), Vec<&Note>> = BTreeMap::new();
    for note in context.estate().notes.iter().filter(|note| note.kind == kind) {
        alike.entry((note.origin.input, &note.message)).or_default().push(note);
    }
    for ((_, message), notes) in alike {
        let origins = notes.iter().map(|note| note.origin);
        let mut finding = report.finding(message).at_each(origins, label, "here too");
        for other in notes.iter().filter_map(|note| note.other) {
            finding = finding.at(other, "and differently here");
        }
        report.add(finish(finding));
    }
}

/// The changes that make a link anew with this policy and without registration.
fn relink(zone: ZoneId, vnet: VnetId, policy: Policy) -> [Change; 2] {
    [Change::Unlink { zone, vnet }, Change::link(zone, vnet, policy)]
}

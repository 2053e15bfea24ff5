//! Changes as commands of Azure PowerShell (`Az.PrivateDns`).

use super::super::command::sibling;
use crate::estate::{Change, Estate, Policy, ResourceId, UNSTATED, VnetId, ZoneId};
use crate::record::{RecordData, Strings};

/// The commands that make a change; what only `az` does at once is left to it.
pub fn commands(estate: &Estate, change: &Change) -> Vec<String> {
    let line = |verb: &str, zone: &ZoneId, rest: String| {
        vec![format!("{verb} {} {rest}", zone_options(estate, *zone))]
    };
    let link_name = |zone: &ZoneId, vnet: &VnetId| {
        let mut links = estate.zone(*zone).links.iter();
        let link = links.find(|link| link.vnet == *vnet);
        quote(link.map_or("LINK", |link| &link.name))
    };
    let policy_name = |policy: &Policy| match policy {
        Policy::NxDomainRedirect => "NxDomainRedirect",
        _ => "Default",
    };
    match change {
        Change::Put { zone, owner, data, ttl } => {
            let name = quote(&estate.names.relative(*owner, estate.zone(*zone).apex));
            let ttl = ttl.map_or("TTL".to_owned(), |ttl| ttl.seconds().to_string());
            let kind = data.record_type();
            let records = records(estate, data).join(", ");
            line(
                "New-AzPrivateDnsRecordSet",
                zone,
                format!(
                    "-Name {name} -RecordType {kind} -Ttl {ttl} -PrivateDnsRecord @({records}) -Overwrite"
                ),
            )
        }
        Change::Remove { zone, owner, record_type } => {
            let name = quote(&estate.names.relative(*owner, estate.zone(*zone).apex));
            line(
                "Remove-AzPrivateDnsRecordSet",
                zone,
                format!("-Name {name} -RecordType {record_type}"),
            )
        }
        Change::Link { zone, vnet, name, policy, registration } => {
            let facts = estate.vnet(*vnet);
            let made = format!("to-{}", facts.name);
            let id = facts.id.as_ref().map_or("VNET_ID", |id| id.as_str());
            let mut rest = format!(
                "-Name {} -VirtualNetworkId {}",
                quote(name.as_deref().unwrap_or(&made)),
                quote(id)
            );
            if *registration {
                rest.push_str(" -EnableRegistration");
            }
            if *policy == Policy::NxDomainRedirect {
                rest.push_str(" -ResolutionPolicy NxDomainRedirect");
            }
            line("New-AzPrivateDnsVirtualNetworkLink", zone, rest)
        }
        Change::SetPolicy { zone, vnet, policy } => {
            let name = link_name(zone, vnet);
            let rest = format!("-Name {name} -ResolutionPolicy {}", policy_name(policy));
            line("Set-AzPrivateDnsVirtualNetworkLink", zone, rest)
        }
        Change::Unlink { zone, vnet } => {
            let name = link_name(zone, vnet);
            line("Remove-AzPrivateDnsVirtualNetworkLink", zone, format!("-Name {name}"))
        }
        Change::CreateZone { apex, group } => {
            let context = context(sibling(estate, group.as_deref()));
            let group = quote(group.as_deref().unwrap_or("RESOURCE_GROUP"));
            let name = quote(&estate.names.show(*apex).to_string());
            vec![format!("New-AzPrivateDnsZone -ResourceGroupName {group} -Name {name}{context}")]
        }
        Change::DeleteZone { zone } => {
            let links = estate.zone(*zone).links.iter();
            let unlink = links.map(|link| Change::Unlink { zone: *zone, vnet: link.vnet });
            let mut lines: Vec<String> =
                unlink.flat_map(|change| commands(estate, &change)).collect();
            let options = zone_options(estate, *zone).replace("-ZoneName", "-Name");
            lines.push(format!("Remove-AzPrivateDnsZone {options} -Confirm:$false"));
            lines
        }
        Change::SetServers { .. }
        | Change::SetZoneGroup { .. }
        | Change::DeleteEndpoint { .. }
        | Change::Ruleset { .. } => super::commands(estate, change),
    }
}

fn zone_options(estate: &Estate, id: ZoneId) -> String {
    let zone = estate.zone(id);
    let group = quote(zone.group.as_deref().unwrap_or("RESOURCE_GROUP"));
    let stated = zone.id.as_ref().or_else(|| sibling(estate, zone.group.as_deref()));
    let zone = quote(&estate.zone_name(id));
    format!("-ResourceGroupName {group} -ZoneName {zone}{}", context(stated))
}

/// The option that names the subscription of `id`, where it is known.
fn context(id: Option<&ResourceId>) -> String {
    let subscription = id.and_then(ResourceId::subscription).filter(|name| *name != UNSTATED);
    let option = |name| format!(" -DefaultProfile (Set-AzContext -Subscription {})", quote(name));
    subscription.map(option).unwrap_or_default()
}

fn records(estate: &Estate, data: &RecordData) -> Vec<String> {
    let config = |options: String| format!("(New-AzPrivateDnsRecordConfig {options})");
    let show = |name| quote(&estate.names.show(name).to_string());
    let joined = |strings: &Strings| {
        let parts = strings.iter().map(|part| String::from_utf8_lossy(part).into_owned());
        quote(&parts.collect::<String>())
    };
    let options: Vec<String> = match data {
        RecordData::A(list) => list.iter().map(|one| format!("-IPv4Address {one}")).collect(),
        RecordData::Aaaa(list) => list.iter().map(|one| format!("-IPv6Address {one}")).collect(),
        RecordData::Cname(target) => vec![format!("-Cname {}", show(*target))],
        RecordData::Ptr(list) => {
            list.iter().map(|one| format!("-Ptrdname {}", show(*one))).collect()
        }
        RecordData::Txt(list) => list.iter().map(|one| format!("-Value {}", joined(one))).collect(),
        RecordData::Mx(list) => list
            .iter()
            .map(|mx| format!("-Exchange {} -Preference {}", show(mx.exchange), mx.preference))
            .collect(),
        RecordData::Srv(list) => list
            .iter()
            .map(|srv| {
                let (priority, weight, port) = (srv.priority, srv.weight, srv.port);
                let target = show(srv.target);
                format!("-Priority {priority} -Weight {weight} -Port {port} -Target {target}")
            })
            .collect(),
        RecordData::Soa(_) | RecordData::Empty(_) => Vec::new(),
    };
    options.into_iter().map(config).collect()
}

/// A word that PowerShell takes as it stands; it takes other quotation marks for its own.
fn quote(text: &str) -> String {
    let mut quoted = String::from("'");
    for character in text.chars() {
        if matches!(character, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}') {
            quoted.push(character);
        }
        quoted.push(if character.is_control() { ' ' } else { character });
    }
    quoted + "'"
}

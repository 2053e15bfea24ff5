//! Changes as resources of Terraform's azurerm provider.

use super::super::command::title;
use super::one_line;
use crate::estate::{Change, Estate, Policy, ZoneId};
use crate::record::RecordData;
use crate::render::convert::quote;

/// The resource to add for a change; of what is taken away, which one to remove, for its
/// address is in nobody's export.
///
/// A record set that exists before the step has to be imported, for Terraform makes no
/// resource that is there already ("Import", developer.hashicorp.com/terraform/language/import,
/// read 2026-11).
pub fn blocks(old: &Estate, estate: &Estate, change: &Change) -> Vec<String> {
    let group = |zone: &ZoneId| {
        let group = estate.zone(*zone).group.as_deref();
        quote(group.unwrap_or("RESOURCE_GROUP"))
    };
    let zone_name = |zone: &ZoneId| quote(&estate.zone_name(*zone));
    match change {
        Change::Put { zone, owner, data, ttl } => {
            let owner = estate.names.relative(*owner, estate.zone(*zone).apex);
            let Some(records) = records(estate, data) else {
                return vec![format!("# by hand: {}", one_line(&title(estate, change)))];
            };
            let kind = data.record_type().to_string().to_lowercase();
            let ttl = ttl.map_or("var.ttl".to_owned(), |ttl| ttl.seconds().to_string());
            let resource = format!(
                "resource \"azurerm_private_dns_{kind}_record\" {} {{\n  name                = {}\n  \
                 zone_name           = {}\n  resource_group_name = {}\n  ttl                 = {ttl}\n  \
                 {records}\n}}",
                label(&owner),
                quote(&owner),
                zone_name(zone),
                group(zone),
            );
            let here = import(old, change, &kind, &owner);
            here.into_iter().chain([resource]).collect()
        }
        Change::Link { zone, vnet, name, policy, registration } => {
            let facts = estate.vnet(*vnet);
            let made = format!("to-{}", facts.name);
            let name = name.as_deref().unwrap_or(&made);
            let policy = match policy {
                Policy::NxDomainRedirect => "\n  resolution_policy     = \"NxDomainRedirect\"",
                _ => "",
            };
            vec![format!(
                "resource \"azurerm_private_dns_zone_virtual_network_link\" {} {{\n  name                  = \
                 {}\n  private_dns_zone_name = {}\n  resource_group_name   = {}\n  \
                 virtual_network_id    = {}\n  registration_enabled  = {registration}{policy}\n}}",
                label(&format!("{}_{name}", estate.zone_name(*zone))),
                quote(name),
                zone_name(zone),
                group(zone),
                quote(facts.id.as_ref().map_or("VNET_ID", |id| id.as_str())),
            )]
        }
        Change::CreateZone { apex, group } => {
            let name = estate.names.show(*apex).to_string();
            vec![format!(
                "resource \"azurerm_private_dns_zone\" {} {{\n  name                = {}\n  \
                 resource_group_name = {}\n}}",
                label(&name),
                quote(&name),
                quote(group.as_deref().unwrap_or("RESOURCE_GROUP")),
            )]
        }
        _ => vec![format!(
            "# remove or edit the resource that holds it: {}",
            one_line(&title(estate, change))
        )],
    }
}

/// The block that takes in a record set that is there before the step.
fn import(old: &Estate, change: &Change, kind: &str, owner: &str) -> Option<String> {
    let Change::Put { zone, owner: name, data, .. } = change else { return None };
    let facts = old.zones.get(zone.index())?;
    let kinds = facts.record_sets.iter().filter(|set| set.owner == *name);
    kinds.map(|set| set.data.record_type()).find(|kind| *kind == data.record_type())?;
    let id = facts.id.as_ref().map_or("ZONE_ID", |id| id.as_str());
    let id = format!("{id}/{}/{owner}", kind.to_uppercase());
    Some(format!(
        "# It exists; leave the import out where your state has it.\nimport {{\n  to = \
         azurerm_private_dns_{kind}_record.{}\n  id = {}\n}}",
        label(owner).trim_matches('"'),
        quote(&id)
    ))
}

fn records(estate: &Estate, data: &RecordData) -> Option<String> {
    let show = |name| quote(&estate.names.show(name).to_string());
    let list = |items: Vec<String>| format!("records             = [{}]", items.join(", "));
    Some(match data {
        RecordData::A(all) => list(all.iter().map(|one| quote(&one.to_string())).collect()),
        RecordData::Aaaa(all) => list(all.iter().map(|one| quote(&one.to_string())).collect()),
        RecordData::Ptr(all) => list(all.iter().map(|one| show(*one)).collect()),
        RecordData::Cname(target) => format!("record              = {}", show(*target)),
        _ => return None,
    })
}

/// The name of a resource within a module.
fn label(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' };
    let label: String = text.chars().map(plain).collect();
    let first = label.starts_with(|c: char| c.is_ascii_digit());
    quote(&if first { format!("_{label}") } else { label })
}

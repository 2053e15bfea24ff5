//! Changes as `az` commands.

use crate::estate::{Change, Estate, Policy, VnetId, ZoneId};
use crate::record::RecordData;

/// The commands that make a change, one a line.
///
/// What the estate does not state stands in capitals, to be filled in.
pub fn commands(estate: &Estate, change: &Change) -> Vec<String> {
    match change {
        Change::Put { zone, owner, data, ttl } => {
            let name = estate.names.relative(*owner, estate.zone(*zone).apex);
            let ttl = ttl.map(|ttl| format!(" --ttl {}", ttl.seconds())).unwrap_or_default();
            put(&zone_options(estate, *zone), &name, data, &ttl, estate)
        }
        Change::Remove { zone, owner, record_type } => {
            let name = estate.names.relative(*owner, estate.zone(*zone).apex);
            let kind = record_type.to_string().to_lowercase();
            let zone = zone_options(estate, *zone);
            vec![format!(
                "az network private-dns record-set {kind} delete {zone} -n {}",
                shell(&name)
            )]
        }
        Change::Link { zone, vnet, policy } => {
            let name = format!("to-{}", estate.vnet(*vnet).name);
            let policy = match policy {
                Policy::NxDomainRedirect => " --resolution-policy NxDomainRedirect",
                _ => "",
            };
            vec![format!(
                "az network private-dns link vnet create {} -n {} -v {} -e false{policy}",
                zone_options(estate, *zone),
                shell(&name),
                shell(&vnet_id(estate, *vnet))
            )]
        }
        Change::Unlink { zone, vnet } => {
            let links = &estate.zone(*zone).links;
            let name = links.iter().find(|link| link.vnet == *vnet).map(|link| link.name.as_str());
            vec![format!(
                "az network private-dns link vnet delete {} -n {}",
                zone_options(estate, *zone),
                shell(name.unwrap_or("LINK"))
            )]
        }
    }
}

fn zone_options(estate: &Estate, id: ZoneId) -> String {
    let zone = estate.zone(id);
    let group = zone.group.as_deref().unwrap_or("RESOURCE_GROUP");
    let subscriptions: std::collections::BTreeSet<_> = estate
        .zones
        .iter()
        .filter_map(|zone| zone.id.as_ref()?.subscription().map(str::to_lowercase))
        .collect();
    let subscription = zone.id.as_ref().and_then(|id| id.subscription());
    // Within one subscription the login's own is meant.
    let subscription = match subscription.filter(|_| subscriptions.len() > 1) {
        Some(subscription) => format!("--subscription {} ", shell(subscription)),
        None => String::new(),
    };
    format!("{subscription}-g {} -z {}", shell(group), shell(&estate.zone_name(id)))
}

fn vnet_id(estate: &Estate, id: VnetId) -> String {
    let vnet = estate.vnet(id);
    vnet.id.as_ref().map_or_else(|| vnet.name.clone(), ToString::to_string)
}

fn put(zone: &str, name: &str, data: &RecordData, ttl: &str, estate: &Estate) -> Vec<String> {
    let kind = data.record_type().to_string().to_lowercase();
    let name = shell(name);
    let head =
        |verb: &str| format!("az network private-dns record-set {kind} {verb} {zone} -n {name}");
    // The full names, without their final dot.
    let texts = data.texts(&estate.names).into_iter();
    let texts: Vec<String> = texts.map(|text| text.trim_end_matches('.').to_owned()).collect();
    if let RecordData::Cname(_) = data {
        return texts
            .iter()
            .map(|text| format!("{} -c {}", head("set-record"), shell(text)))
            .collect();
    }
    let mut lines = vec![format!("{}{ttl}", head("create"))];
    let add = |option: String| format!("{} {option}", head("add-record"));
    for text in &texts {
        let mut words = text.split(' ');
        let mut word = || shell(words.next().unwrap_or("")).into_owned();
        let option = match data {
            RecordData::A(_) => format!("-a {}", shell(text)),
            RecordData::Aaaa(_) => format!("-a {}", shell(text)),
            RecordData::Ptr(_) => format!("-d {}", shell(text)),
            RecordData::Mx(_) => format!("-p {} -e {}", word(), word()),
            RecordData::Srv(_) => {
                format!("-p {} -w {} -r {} -t {}", word(), word(), word(), word())
            }
            // Each string is in quotes already; `-v` takes them as they are.
            RecordData::Txt(_) => format!("-v {text}"),
            _ => continue,
        };
        lines.push(add(option));
    }
    lines
}

/// A word as a POSIX shell takes it.
fn shell(word: &str) -> std::borrow::Cow<'_, str> {
    let plain = !word.is_empty()
        && word.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"-_./:=".contains(&octet));
    if plain { word.into() } else { format!("'{}'", word.replace('\'', r"'\''")).into() }
}

//! Changes as `az` commands.

use crate::estate::{Change, Estate, Policy, ResourceId, UNSTATED, VnetId, ZoneId};
use crate::name::Name;
use crate::record::{RecordData, RecordType, Strings};

/// The commands that make a change, one a line.
///
/// What the estate does not state stands in capitals, to be filled in.
pub fn commands(estate: &Estate, change: &Change) -> Vec<String> {
    match change {
        Change::Put { zone, owner, data, ttl } => {
            let name = estate.names.relative(*owner, estate.zone(*zone).apex);
            let ttl = ttl.map(|ttl| format!(" --ttl {}", ttl.seconds())).unwrap_or_default();
            let here: Vec<&RecordData> = estate
                .zone(*zone)
                .record_sets
                .iter()
                .filter(|set| set.owner == *owner)
                .map(|set| &set.data)
                .collect();
            put(&zone_options(estate, *zone), &name, &here, data, &ttl, estate)
        }
        Change::Remove { zone, owner, record_type } => {
            let name = estate.names.relative(*owner, estate.zone(*zone).apex);
            let kind = record_type.to_string().to_lowercase();
            let zone = zone_options(estate, *zone);
            vec![format!(
                "az network private-dns record-set {kind} delete {zone} -n {} -y",
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
                "az network private-dns link vnet delete {} -n {} -y",
                zone_options(estate, *zone),
                shell(name.unwrap_or("LINK"))
            )]
        }
    }
}

/// The option that names the subscription of `id`, where it is known, and a space.
pub(super) fn subscription_option(id: Option<&ResourceId>) -> String {
    let subscription = id.and_then(ResourceId::subscription).filter(|name| *name != UNSTATED);
    let option = |name| format!("--subscription {} ", shell(name));
    subscription.map(option).unwrap_or_default()
}

pub(super) fn zone_options(estate: &Estate, id: ZoneId) -> String {
    let zone = estate.zone(id);
    let group = zone.group.as_deref().unwrap_or("RESOURCE_GROUP");
    let subscriptions: std::collections::BTreeSet<_> = estate
        .zones
        .iter()
        .filter_map(|zone| zone.id.as_ref()?.subscription().map(str::to_lowercase))
        .collect();
    // Within one subscription the login's own is meant.
    let stated = zone.id.as_ref().filter(|_| subscriptions.len() > 1);
    let subscription = subscription_option(stated);
    format!("{subscription}-g {} -z {}", shell(group), shell(&estate.zone_name(id)))
}

/// The command that shows the links of a zone.
pub fn list_links(estate: &Estate, zone: ZoneId) -> String {
    format!("az network private-dns link vnet list {} -o table", zone_options(estate, zone))
}

/// The command that shows what a zone has for a name, of any type.
pub fn show_sets(estate: &Estate, zone: ZoneId, owner: &Name) -> String {
    let apex = estate.names.name(estate.zone(zone).apex).to_string();
    let owner = owner.to_string();
    let relative = owner.strip_suffix(&apex).map_or(&*owner, |head| head.trim_end_matches('.'));
    let relative = if relative.is_empty() { "@" } else { relative };
    format!(
        "az network private-dns record-set list {} --query \"[?name=='{relative}']\"",
        zone_options(estate, zone)
    )
}

fn vnet_id(estate: &Estate, id: VnetId) -> String {
    let vnet = estate.vnet(id);
    vnet.id.as_ref().map_or_else(|| vnet.name.clone(), ToString::to_string)
}

/// Makes the set, or turns what is there into it: `create` fails on a set that
/// exists, and `add-record` leaves what was in it (azure-cli, `privatedns/custom.py`,
/// read 2026-11). What is new is added before what is old goes.
fn put(
    zone: &str,
    name: &str,
    here: &[&RecordData],
    data: &RecordData,
    ttl: &str,
    estate: &Estate,
) -> Vec<String> {
    let kind = |data: &RecordData| data.record_type().to_string().to_lowercase();
    let name = shell(name);
    let run = |data: &RecordData, verb: &str| {
        format!("az network private-dns record-set {} {verb} {zone} -n {name}", kind(data))
    };
    let mut lines = Vec::new();
    // An alias stands alone.
    let alias = |data: &RecordData| data.record_type() == RecordType::Cname;
    for other in here {
        if alias(other) != alias(data) {
            lines.push(format!("{} -y", run(other, "delete")));
        }
    }
    let wanted = options(data, estate);
    if alias(data) {
        lines.extend(wanted.iter().map(|option| format!("{} {option}", run(data, "set-record"))));
        return lines;
    }
    let same = here.iter().find(|other| other.record_type() == data.record_type());
    let had = same.map(|same| options(same, estate)).unwrap_or_default();
    if same.is_none() {
        lines.push(format!("{}{ttl}", run(data, "create")));
    }
    let missing = wanted.iter().filter(|option| !had.contains(option));
    lines.extend(missing.map(|option| format!("{} {option}", run(data, "add-record"))));
    let stale = had.iter().filter(|option| !wanted.contains(option));
    lines.extend(stale.map(|option| format!("{} {option}", run(data, "remove-record"))));
    lines
}

/// The options that state each record of a set.
fn options(data: &RecordData, estate: &Estate) -> Vec<String> {
    if let RecordData::Txt(records) = data {
        let strings = |strings: &Strings| {
            let words =
                strings.iter().map(|string| shell(&String::from_utf8_lossy(string)).into_owned());
            format!("-v {}", words.collect::<Vec<_>>().join(" "))
        };
        return records.iter().map(strings).collect();
    }
    // The full names, without their final dot.
    let texts = data.texts(&estate.names).into_iter();
    texts
        .filter_map(|text| {
            let text = text.trim_end_matches('.');
            let mut words = text.split(' ');
            let mut word = || shell(words.next().unwrap_or("")).into_owned();
            Some(match data {
                RecordData::A(_) | RecordData::Aaaa(_) => format!("-a {}", shell(text)),
                RecordData::Cname(_) => format!("-c {}", shell(text)),
                RecordData::Ptr(_) => format!("-d {}", shell(text)),
                RecordData::Mx(_) => format!("-p {} -e {}", word(), word()),
                RecordData::Srv(_) => {
                    format!("-p {} -w {} -r {} -t {}", word(), word(), word(), word())
                }
                _ => return None,
            })
        })
        .collect()
}

/// A word as a POSIX shell takes it.
pub(super) fn shell(word: &str) -> std::borrow::Cow<'_, str> {
    let plain = !word.is_empty()
        && word.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"-_./:=".contains(&octet));
    if plain { word.into() } else { format!("'{}'", word.replace('\'', r"'\''")).into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::Assembly;
    use crate::source::{self, Format, Role};

    /// The commands that make the record sets of the second zone in the first.
    fn put_all(text: &str) -> String {
        let mut assembly = Assembly::default();
        let format = Some(Format::Estate);
        source::read("e", text.as_bytes(), format, Role::Estate, &mut assembly);
        let estate = assembly.finish();
        let id = |name: &str| {
            let mut zones = estate.zone_ids();
            zones.find(|(id, _)| estate.zone_name(*id) == name).map(|(id, _)| id).unwrap()
        };
        let (zone, wanted) = (id("a.test"), id("b.test"));
        let lines = estate.zone(wanted).record_sets.iter().flat_map(|set| {
            let name = estate.names.relative(set.owner, estate.zone(wanted).apex);
            let owner = format!("{name}.a.test").parse().unwrap();
            let owner = estate.names.get(&owner).unwrap();
            commands(&estate, &Change::Put { zone, owner, data: set.data.clone(), ttl: set.ttl })
        });
        lines.collect::<Vec<_>>().join("\n").replace("az network private-dns record-set ", "")
    }

    #[test]
    fn a_set_that_exists_is_turned_into_the_one_that_is_wanted() {
        let text =
            "zone a.test group g\n x A 10.9.9.9 10.0.0.5\nzone b.test\n x A 10.0.0.5 10.0.0.6\n";
        insta::assert_snapshot!(put_all(text), @"
        a add-record -g g -z a.test -n x -a 10.0.0.6
        a remove-record -g g -z a.test -n x -a 10.9.9.9
        ");
    }

    #[test]
    fn an_alias_takes_the_place_of_other_sets() {
        let text = "zone a.test group g\n x A 10.9.9.9\nzone b.test\n x CNAME y.test\n";
        insta::assert_snapshot!(put_all(text), @"
        a delete -g g -z a.test -n x -y
        cname set-record -g g -z a.test -n x -c y.test
        ");
    }

    #[test]
    fn nothing_in_a_record_is_run_by_the_shell() {
        let text =
            "zone a.test group g\n x MX 1 m.test\nzone b.test\n x TXT \"$(id) `id` it's\" two\n";
        insta::assert_snapshot!(put_all(text), @r"
        txt create -g g -z a.test -n x
        txt add-record -g g -z a.test -n x -v '$(id) `id` it'\''s' two
        ");
    }
}

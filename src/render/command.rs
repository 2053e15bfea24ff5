//! Changes as `az` commands.

use crate::estate::{
    Change, Endpoint, Estate, Policy, RecordSet, ResourceId, RulesetEdit, RulesetId, UNSTATED,
    VnetId, ZoneId,
};
use crate::name::{Name, NameId};
use crate::record::{RecordData, RecordType, Soa, Strings, Ttl};

/// The commands that make a change, one a line.
///
/// What the estate does not state stands in capitals, to be filled in.
pub fn commands(estate: &Estate, change: &Change) -> Vec<String> {
    lines(estate, change, false)
}

/// The same as lines of a script that may be run again after it stopped half-way: what is
/// there already is not made again.
pub fn script_lines(estate: &Estate, change: &Change) -> Vec<String> {
    lines(estate, change, true)
}

/// Runs `command` unless `show` finds what it makes; `create` fails on what exists.
fn unless(show: &str, command: &str, again: bool) -> String {
    match again {
        true => format!("{show} -o none 2>/dev/null || {command}"),
        false => command.to_owned(),
    }
}

fn lines(estate: &Estate, change: &Change, again: bool) -> Vec<String> {
    match change {
        Change::Put { zone, owner, data, ttl } => {
            let name = estate.names.relative(*owner, estate.zone(*zone).apex);
            let sets = estate.zone(*zone).record_sets.iter();
            let here: Vec<&RecordSet> = sets.filter(|set| set.owner == *owner).collect();
            let zone = zone_options(estate, *zone);
            match data {
                RecordData::Soa(soa) => put_soa(&zone, &here, soa, *ttl, estate),
                _ => put(&zone, &name, &here, (data, *ttl), estate, again),
            }
        }
        Change::Remove { record_type: RecordType::Soa, .. } => {
            // A zone always has one, so what is meant is the one before, which no input shows.
            vec!["echo 'no input says what the SOA was: set it by hand' >&2".to_owned()]
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
        Change::Link { zone, vnet, name, policy, registration } => {
            let made = format!("to-{}", estate.vnet(*vnet).name);
            let name = name.as_deref().unwrap_or(&made);
            let policy = match policy {
                Policy::NxDomainRedirect => " --resolution-policy NxDomainRedirect",
                _ => "",
            };
            let link = "az network private-dns link vnet";
            let options = format!("{} -n {}", zone_options(estate, *zone), shell(name));
            let id = vnet_id(estate, *vnet);
            let create =
                format!("{link} create {options} -v {} -e {registration}{policy}", shell(&id));
            vec![unless(&format!("{link} show {options}"), &create, again)]
        }
        Change::SetPolicy { zone, vnet, policy } => {
            let policy = match policy {
                Policy::NxDomainRedirect => "NxDomainRedirect",
                _ => "Default",
            };
            vec![format!(
                "az network private-dns link vnet update {} -n {} --resolution-policy {policy}",
                zone_options(estate, *zone),
                shell(link_name(estate, *zone, *vnet)),
            )]
        }
        Change::Unlink { zone, vnet } => {
            vec![format!(
                "az network private-dns link vnet delete {} -n {} -y",
                zone_options(estate, *zone),
                shell(link_name(estate, *zone, *vnet))
            )]
        }
        Change::CreateZone { apex, group } => {
            let group = group.as_deref().unwrap_or("RESOURCE_GROUP");
            let name = estate.names.show(*apex).to_string();
            let zone = "az network private-dns zone";
            let subscription = subscription_option(sibling(estate, Some(group)));
            let options = format!("{subscription}-g {} -n {}", shell(group), shell(&name));
            let create = format!("{zone} create {options}");
            vec![unless(&format!("{zone} show {options}"), &create, again)]
        }
        Change::DeleteZone { zone } => delete_zone(estate, *zone),
        Change::SetServers { vnet, servers } => {
            let servers: Vec<String> = servers.iter().map(ToString::to_string).collect();
            // An empty text is what takes all of them away.
            let servers = if servers.is_empty() { "''".to_owned() } else { servers.join(" ") };
            let id = vnet_id(estate, *vnet);
            vec![format!("az network vnet update --ids {} --dns-servers {servers}", shell(&id))]
        }
        Change::SetZoneGroup { endpoint, zones, .. } => {
            zone_group(estate, estate.endpoint(*endpoint), zones)
        }
        Change::DeleteEndpoint { endpoint, .. } => {
            let options = endpoint_options(estate.endpoint(*endpoint), "-n");
            vec![format!("az network private-endpoint delete {options}")]
        }
        Change::Ruleset { ruleset, edit } => vec![ruleset_command(estate, *ruleset, edit)],
    }
}

/// A change in words.
pub fn title(estate: &Estate, change: &Change) -> String {
    let records = |owner: NameId, data: &RecordData| {
        let data_text = data.texts(&estate.names).join(" ");
        format!("{} {} {data_text}", estate.names.show(owner), data.record_type())
    };
    let zone = |zone: &ZoneId| match estate.zones.get(zone.index()) {
        Some(_) => estate.zone_label(*zone),
        None => "the new zone".to_owned(),
    };
    let redirecting = |policy: &Policy| match policy {
        Policy::NxDomainRedirect => " with NxDomainRedirect",
        _ => "",
    };
    match change {
        Change::Put { zone: id, owner, data, .. } => {
            format!("put {} in {}", records(*owner, data), zone(id))
        }
        Change::Remove { zone: id, owner, record_type } => {
            format!("remove {} {record_type} from {}", estate.names.show(*owner), zone(id))
        }
        Change::Link { zone: id, vnet, policy, registration, .. } => format!(
            "link {} to {}{}{}",
            zone(id),
            estate.vnet_name(*vnet),
            redirecting(policy),
            if *registration { " with registration" } else { "" }
        ),
        Change::SetPolicy { zone: id, vnet, policy } => format!(
            "let the link of {} to {} {}",
            zone(id),
            estate.vnet_name(*vnet),
            if *policy == Policy::NxDomainRedirect { "fall back" } else { "not fall back" },
        ),
        Change::Unlink { zone: id, vnet } => {
            format!("unlink {} from {}", zone(id), estate.vnet_name(*vnet))
        }
        Change::CreateZone { apex, .. } => {
            format!("make the zone {}", estate.names.show(*apex))
        }
        Change::DeleteZone { zone: id } => format!("delete the zone {}", zone(id)),
        Change::SetServers { vnet, servers } if servers.is_empty() => {
            format!("give {} Azure-provided DNS", estate.vnet_name(*vnet))
        }
        Change::SetServers { vnet, servers } => {
            let servers: Vec<String> = servers.iter().map(ToString::to_string).collect();
            format!("give {} the servers {}", estate.vnet_name(*vnet), servers.join(", "))
        }
        Change::SetZoneGroup { endpoint, zones, .. } => {
            let name = &estate.endpoint(*endpoint).name;
            let last = |zone: &str| zone.rsplit('/').next().unwrap_or(zone).to_owned();
            let zones: Vec<String> = zones.iter().map(|zone| last(zone)).collect();
            match zones.is_empty() {
                true => format!("remove the zone group of {name}"),
                false => format!("set the zone group of {name} to {}", zones.join(", ")),
            }
        }
        Change::DeleteEndpoint { endpoint, .. } => {
            format!("delete the private endpoint {}", estate.endpoint(*endpoint).name)
        }
        Change::Ruleset { ruleset, edit } => {
            let ruleset = estate.ruleset_label(*ruleset);
            match edit {
                RulesetEdit::PutRule { domain, targets, .. } => format!(
                    "let the ruleset {ruleset} forward {} to {}",
                    estate.names.show(*domain),
                    list(targets)
                ),
                RulesetEdit::RemoveRule { domain } => format!(
                    "remove the rule for {} from the ruleset {ruleset}",
                    estate.names.show(*domain)
                ),
                RulesetEdit::Link { vnet, .. } => {
                    format!("link the ruleset {ruleset} to {}", estate.vnet_name(*vnet))
                }
                RulesetEdit::Unlink { vnet } => {
                    format!("unlink the ruleset {ruleset} from {}", estate.vnet_name(*vnet))
                }
            }
        }
    }
}

fn list<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// "az dns-resolver forwarding-rule" and "az dns-resolver vnet-link",
/// learn.microsoft.com/cli/azure/dns-resolver, read 2026-11.
fn ruleset_command(estate: &Estate, id: RulesetId, edit: &RulesetEdit) -> String {
    let ruleset = estate.ruleset(id);
    let group = ruleset.group.as_deref().unwrap_or("RESOURCE_GROUP");
    let options = format!(
        "{}-g {} --ruleset-name {}",
        subscription_option(ruleset.id.as_ref()),
        shell(group),
        shell(&ruleset.name)
    );
    let link = |vnet: &VnetId| {
        let link = ruleset.links.iter().find(|link| link.vnet == *vnet);
        link.map_or("LINK", |link| link.name.as_str())
    };
    let rule = |domain: &NameId| {
        let rule = ruleset.rules.iter().find(|rule| rule.domain == *domain);
        rule.map(|rule| rule.name.clone()).filter(|name| !name.is_empty())
    };
    match edit {
        RulesetEdit::PutRule { domain, name, targets } => {
            let shown = estate.names.name(*domain).to_string();
            let made = match shown.trim_end_matches('.') {
                "" => "all".to_owned(),
                domain => domain.replace('.', "-"),
            };
            let name = name.as_deref().map(str::to_owned).or_else(|| rule(domain));
            let target = |one: &std::net::SocketAddr| {
                format!("{{ip-address:{},port:{}}}", one.ip(), one.port())
            };
            let targets: Vec<String> = targets.iter().map(target).collect();
            format!(
                "az dns-resolver forwarding-rule create {options} -n {} --domain-name {} \
                 --forwarding-rule-state Enabled --target-dns-servers {}",
                shell(&name.unwrap_or(made)),
                shell(&shown),
                shell(&format!("[{}]", targets.join(",")))
            )
        }
        RulesetEdit::RemoveRule { domain } => format!(
            "az dns-resolver forwarding-rule delete {options} -n {} -y",
            shell(&rule(domain).unwrap_or_else(|| "RULE".to_owned()))
        ),
        RulesetEdit::Link { vnet, name } => {
            let made = format!("to-{}", estate.vnet(*vnet).name);
            let name = name.as_deref().unwrap_or(&made);
            let vnet = vnet_id(estate, *vnet);
            let (name, vnet) = (shell(name), shell(&vnet));
            format!("az dns-resolver vnet-link create {options} -n {name} --id {vnet}")
        }
        RulesetEdit::Unlink { vnet } => {
            format!("az dns-resolver vnet-link delete {options} -n {} -y", shell(link(vnet)))
        }
    }
}

fn link_name(estate: &Estate, zone: ZoneId, vnet: VnetId) -> &str {
    let links = &estate.zone(zone).links;
    let link = links.iter().find(|link| link.vnet == vnet);
    link.map_or("LINK", |link| link.name.as_str())
}

/// The links first: Azure keeps a zone that has any.
fn delete_zone(estate: &Estate, zone: ZoneId) -> Vec<String> {
    let links = estate.zone(zone).links.iter();
    let unlink = links.map(|link| Change::Unlink { zone, vnet: link.vnet });
    let mut lines: Vec<String> = unlink.flat_map(|change| commands(estate, &change)).collect();
    let options = zone_options(estate, zone).replace(" -z ", " -n ");
    lines.push(format!("az network private-dns zone delete {options} -y"));
    lines
}

/// Brings the zone group of an endpoint to these zones, one call for each that comes or goes.
fn zone_group(estate: &Estate, endpoint: &Endpoint, zones: &[Box<str>]) -> Vec<String> {
    let options = endpoint_options(endpoint, "--endpoint-name");
    let stated = endpoint.group_names.group.as_deref();
    let options = format!("{options} -n {}", shell(stated.unwrap_or("default")));
    let group = "az network private-endpoint dns-zone-group";
    if zones.is_empty() {
        return vec![format!("{group} delete {options}")];
    }
    let id = |zone: &str| match estate.zones_like(zone)[..] {
        [one] => estate.zone(one).id.as_ref().map_or_else(|| zone.to_owned(), ToString::to_string),
        _ => zone.to_owned(),
    };
    // Where no input names it, a zone is called in its group as it is, with hyphens.
    let made = |zone: &str| zone.rsplit('/').next().unwrap_or(zone).replace('.', "-");
    let name = |zone: &str| match endpoint.group_names.of(zone) {
        Some(stated) => stated.to_owned(),
        None => made(zone),
    };
    let come = zones.iter().filter(|zone| !endpoint.zone_group.contains(zone));
    let go = endpoint.zone_group.iter().filter(|zone| !zones.contains(zone));
    let verb = if endpoint.zone_group.is_empty() { "create" } else { "add" };
    let mut lines: Vec<String> = come
        .map(|zone| {
            format!(
                "{group} {verb} {options} --zone-name {} --private-dns-zone {}",
                shell(&name(zone)),
                shell(&id(zone))
            )
        })
        .collect();
    lines.extend(
        go.map(|zone| format!("{group} remove {options} --zone-name {}", shell(&name(zone)))),
    );
    lines
}

/// The options that name an endpoint.
fn endpoint_options(endpoint: &Endpoint, name: &str) -> String {
    let group = endpoint.id.as_ref().and_then(ResourceId::resource_group);
    let subscription = subscription_option(endpoint.id.as_ref());
    format!(
        "{subscription}-g {} {name} {}",
        shell(group.unwrap_or("RESOURCE_GROUP")),
        shell(&endpoint.name)
    )
}

/// The option that names the subscription of `id`, where it is known, and a space.
pub(super) fn subscription_option(id: Option<&ResourceId>) -> String {
    let subscription = id.and_then(ResourceId::subscription).filter(|name| *name != UNSTATED);
    let option = |name| format!("--subscription {} ", shell(name));
    subscription.map(option).unwrap_or_default()
}

/// The options that name a zone; its subscription too, for the login's own may be another.
pub(super) fn zone_options(estate: &Estate, id: ZoneId) -> String {
    let zone = estate.zone(id);
    let group = zone.group.as_deref().unwrap_or("RESOURCE_GROUP");
    let stated = zone.id.as_ref().or_else(|| sibling(estate, zone.group.as_deref()));
    let subscription = subscription_option(stated);
    format!("{subscription}-g {} -z {}", shell(group), shell(&estate.zone_name(id)))
}

/// A zone of the same resource group, in whose subscription a new zone is made.
pub(super) fn sibling<'e>(estate: &'e Estate, group: Option<&str>) -> Option<&'e ResourceId> {
    let group = group?;
    let in_group = |own: &str| own.eq_ignore_ascii_case(group);
    let here = estate.zones.iter().filter(|zone| zone.group.as_deref().is_some_and(in_group));
    here.filter_map(|zone| zone.id.as_ref()).next()
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

/// The SOA, which can only be updated ("az network private-dns record-set soa",
/// learn.microsoft.com/cli/azure/network/private-dns/record-set/soa, read 2026-11).
fn put_soa(
    zone: &str,
    here: &[&RecordSet],
    soa: &Soa,
    ttl: Option<Ttl>,
    estate: &Estate,
) -> Vec<String> {
    let name = |id: NameId| estate.names.show(id).to_string();
    let (host, email) = (name(soa.host), name(soa.mailbox));
    let mut lines = vec![format!(
        "az network private-dns record-set soa update {zone} --host {} --email {} \
         --serial-number {} --refresh-time {} --retry-time {} --expire-time {} --minimum-ttl {}",
        shell(host.trim_end_matches('.')),
        shell(email.trim_end_matches('.')),
        soa.serial,
        soa.refresh,
        soa.retry,
        soa.expire,
        soa.minimum,
    )];
    let there = here.iter().find(|set| set.data.record_type() == RecordType::Soa);
    let ttl = ttl.filter(|ttl| there.is_none_or(|set| set.ttl != Some(*ttl)));
    lines.extend(ttl.map(|ttl| {
        format!(
            "echo 'az cannot set the time to live of an SOA: it is to be {}' >&2",
            ttl.seconds()
        )
    }));
    lines
}

/// Makes the set, or turns what is there into it: `create` fails on a set that
/// exists, `add-record` leaves what was in it, and `set-record` its time to live, which is 3600
/// where there was none (azure-cli, `privatedns/custom.py`, read 2026-11). What is new is added
/// before what is old goes.
fn put(
    zone: &str,
    name: &str,
    here: &[&RecordSet],
    (data, ttl): (&RecordData, Option<Ttl>),
    estate: &Estate,
    again: bool,
) -> Vec<String> {
    let kind = |data: &RecordData| data.record_type().to_string().to_lowercase();
    let name = shell(name);
    let run = |data: &RecordData, verb: &str| {
        format!("az network private-dns record-set {} {verb} {zone} -n {name}", kind(data))
    };
    let mut lines = Vec::new();
    // An alias stands alone.
    let alias = |data: &RecordData| data.record_type() == RecordType::Cname;
    for other in here.iter().map(|set| &set.data) {
        if alias(other) != alias(data) {
            lines.push(format!("{} -y", run(other, "delete")));
        }
    }
    let same = here.iter().find(|set| set.data.record_type() == data.record_type());
    match (same, ttl) {
        // What sets the alias makes it.
        (None, None) if alias(data) => {}
        (None, ttl) => {
            let ttl = ttl.map(|ttl| format!(" --ttl {}", ttl.seconds())).unwrap_or_default();
            lines.push(unless(&run(data, "show"), &format!("{}{ttl}", run(data, "create")), again));
        }
        (Some(same), Some(ttl)) if same.ttl != Some(ttl) => {
            lines.push(format!("{} --set ttl={}", run(data, "update"), ttl.seconds()));
        }
        _ => {}
    }
    let wanted = options(data, estate);
    let had = same.map(|same| options(&same.data, estate)).unwrap_or_default();
    if alias(data) {
        let wanted = wanted.iter().filter(|option| !had.contains(option));
        lines.extend(wanted.map(|option| format!("{} {option}", run(data, "set-record"))));
        return lines;
    }
    let guard = |record: &Record, sign: &str| match (again, &record.seen) {
        (true, Some((query, line))) => format!(
            "{sign}{} --query {} -o tsv 2>/dev/null | grep -qxF -e {line} || ",
            run(data, "show"),
            shell(query)
        ),
        _ => String::new(),
    };
    let wanted = records(data, estate);
    let missing = wanted.iter().filter(|record| !had.contains(&record.option));
    lines.extend(missing.map(|record| {
        format!("{}{} {}", guard(record, ""), run(data, "add-record"), record.option)
    }));
    let old = same.map(|same| records(&same.data, estate)).unwrap_or_default();
    let stale = old.iter().filter(|record| wanted.iter().all(|one| one.option != record.option));
    lines.extend(stale.map(|record| {
        format!("{}{} {}", guard(record, "! "), run(data, "remove-record"), record.option)
    }));
    lines
}

/// A record of a set as `az` takes and shows it.
struct Record {
    /// The options that state it.
    option: String,
    /// What shows the records of a set, one a line, and the word for the line of this one;
    /// `None` where a line cannot tell.
    seen: Option<(&'static str, String)>,
}

/// The options that state each record of a set.
fn options(data: &RecordData, estate: &Estate) -> Vec<String> {
    records(data, estate).into_iter().map(|record| record.option).collect()
}

fn records(data: &RecordData, estate: &Estate) -> Vec<Record> {
    if let RecordData::Txt(records) = data {
        return records.iter().map(txt).collect();
    }
    // The full names, without their final dot.
    let texts = data.texts(&estate.names).into_iter();
    texts
        .filter_map(|text| {
            let text = text.trim_end_matches('.');
            let mut words = text.split(' ');
            let mut word = || shell(words.next().unwrap_or("")).into_owned();
            // Fields stand with tabs between them.
            let fields = || format!("\"$(printf '{}')\"", text.replace(' ', "\\t"));
            let one = || shell(text).into_owned();
            let (option, query, line) = match data {
                RecordData::A(_) => (format!("-a {}", one()), "aRecords[].ipv4Address", one()),
                RecordData::Aaaa(_) => {
                    (format!("-a {}", one()), "aaaaRecords[].ipv6Address", one())
                }
                RecordData::Ptr(_) => (format!("-d {}", one()), "ptrRecords[].ptrdname", one()),
                RecordData::Mx(_) => (
                    format!("-p {} -e {}", word(), word()),
                    "mxRecords[].[preference,exchange]",
                    fields(),
                ),
                RecordData::Srv(_) => (
                    format!("-p {} -w {} -r {} -t {}", word(), word(), word(), word()),
                    "srvRecords[].[priority,weight,port,target]",
                    fields(),
                ),
                RecordData::Cname(_) => {
                    return Some(Record { option: format!("-c {}", one()), seen: None });
                }
                _ => return None,
            };
            // What a format of `printf` or another shell would take for more than text.
            let plain = text.bytes().all(|octet| !b"\\%'\"`$".contains(&octet));
            Some(Record { option, seen: plain.then_some((query, line)) })
        })
        .collect()
}

/// A text, of which the strings are shown as one.
fn txt(strings: &Strings) -> Record {
    let texts = || strings.iter().map(|string| String::from_utf8_lossy(string));
    let words: Vec<String> = texts().map(|text| shell(&text).into_owned()).collect();
    let whole: String = texts().collect();
    let plain = !whole.is_empty()
        && whole.bytes().all(|octet| (octet == b' ' || octet.is_ascii_graphic()) && octet != b'\\');
    let line = shell(&whole).into_owned();
    Record {
        option: format!("-v {}", words.join(" ")),
        seen: plain.then_some(("txtRecords[].join('', value)", line)),
    }
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

    /// az makes an alias with 3600 and leaves the time to live of what is there.
    #[test]
    fn the_time_to_live_is_set_whatever_is_there() {
        let text = "zone a.test group g\n x A 300 10.0.0.5\n y CNAME 300 t.test\n v A 10.0.0.5\n \
                    under.z A 10.0.0.9\nzone b.test\n x A 10 10.0.0.5\n y CNAME 10 t.test\n \
                    z CNAME 10 t.test\n v A 10.0.0.5\n";
        insta::assert_snapshot!(put_all(text), @"
        a update -g g -z a.test -n x --set ttl=10
        cname update -g g -z a.test -n y --set ttl=10
        cname create -g g -z a.test -n z --ttl 10
        cname set-record -g g -z a.test -n z -c t.test
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

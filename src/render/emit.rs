//! Steps as something to run: scripts, declarations, or changes to be tried again.

mod powershell;
mod terraform;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::command::{commands, script_lines, title};
use super::human::{brief, list_vnets, plain};
use super::plan::verdict;
use crate::estate::{Change, Estate, Policy, RulesetEdit, VnetId, ZoneId};
use crate::index::{Evidence, Place, View};
use crate::plan::{Comparison, Effect, Tried};
use crate::record::RecordType;
use crate::resolve::resolve;

/// What steps are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emit {
    /// A shell script of `az` calls, one step at a time.
    Az,
    /// A script of Azure PowerShell, one step at a time.
    PowerShell,
    /// Resources of Terraform's azurerm provider.
    Terraform,
    /// Records in the form of `az network private-dns zone import`.
    ZoneFile,
    /// A file for `privdns plan --changes`.
    Changes,
}

impl Emit {
    /// All forms, with the names they have on the command line.
    pub const ALL: [(Emit, &'static str); 5] = [
        (Emit::Az, "az"),
        (Emit::PowerShell, "powershell"),
        (Emit::Terraform, "terraform"),
        (Emit::ZoneFile, "zonefile"),
        (Emit::Changes, "changes"),
    ];
}

/// What a client has to get after a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The networks to ask from.
    pub vnets: String,
    /// The question, as it is typed.
    pub command: String,
    /// What has to come.
    pub expected: String,
}

/// What to ask after a step: names that somebody has whose answers it changes, then zones
/// that come to decide or cease to; at most so many of either.
pub fn checks(tried: &Tried<'_>, most: usize) -> Vec<Check> {
    let (names, zones) = (name_checks(&tried.comparison), zone_checks(tried));
    names.take(most).chain(zones.into_iter().take(most)).collect()
}

fn name_checks<'c>(comparison: &'c Comparison<'_>) -> impl Iterator<Item = Check> + 'c {
    let known = comparison.effects.iter().filter(|effect| {
        effect.listed() && !effect.on_the_way() && effect.record_type == RecordType::A
    });
    known.filter_map(|effect| check(comparison, effect))
}

/// The zones whose links a step changes. An address may be the same in both zones; the SOA that
/// is named for the apex is that of the zone that decides, and `azureprivatedns.net` is the host
/// of a private zone's (seen in exports, read 2026-11).
fn zone_checks(tried: &Tried<'_>) -> Vec<Check> {
    let Some((old, new)) = estates(tried) else { return Vec::new() };
    let mut found: BTreeMap<(String, String), Vec<VnetId>> = BTreeMap::new();
    for (zone, vnet) in tried.step.changes.iter().flat_map(|change| relinked(old, change)) {
        let apex = new.zone(zone).apex;
        let decided = |views: &[View<'_>]| {
            let view = views.iter().find(|view| view.vnets().contains(&vnet))?;
            let answer = resolve(view, &Place::Known(apex), RecordType::Soa, &mut ());
            Some((answer.zone(), answer.outcome.is_unknown()))
        };
        let Comparison { before, after, .. } = &tried.comparison;
        let (Some((before, _)), Some((after, unknown))) = (decided(before), decided(after)) else {
            continue;
        };
        let name = |zone: Option<ZoneId>| zone.map(|zone| new.zone_name(zone));
        let expected = match after {
            // That both zones have the same name, nothing can show.
            _ if name(before) == name(after) => continue,
            Some(zone) if !unknown => format!("the SOA of {}", new.zone_name(zone)),
            None => "no SOA of the host azureprivatedns.net".to_owned(),
            Some(_) => continue,
        };
        found.entry((new.zone_name(zone), expected)).or_default().push(vnet);
    }
    let check = |((apex, expected), vnets): (_, Vec<VnetId>)| Check {
        vnets: list_vnets(new, &vnets),
        command: format!("nslookup -type=SOA {apex}"),
        expected,
    };
    found.into_iter().map(check).collect()
}

/// The links that a change makes or ends.
fn relinked(old: &Estate, change: &Change) -> Vec<(ZoneId, VnetId)> {
    match change {
        Change::Link { zone, vnet, .. } | Change::Unlink { zone, vnet } => vec![(*zone, *vnet)],
        Change::DeleteZone { zone } => {
            old.zone(*zone).links.iter().map(|link| (*zone, link.vnet)).collect()
        }
        _ => Vec::new(),
    }
}

fn check(comparison: &Comparison<'_>, effect: &Effect) -> Option<Check> {
    let view = comparison.view_after(effect);
    let index = view.index();
    let place: Place = index.locate(&effect.name);
    // A record alone does not make a name that anybody has.
    let service = index.estate().names.get(&effect.name).and_then(|name| index.service_of(name));
    let inferred = |evidence| matches!(evidence, Evidence::Inferred(_));
    let answer = resolve(&view, &place, RecordType::A, &mut ());
    if service.is_some_and(|service| inferred(service.evidence)) || answer.outcome.is_unknown() {
        return None;
    }
    let vnets: Vec<VnetId> = effect.vnets.iter().map(|pair| pair.1).collect();
    let expected = plain(&brief(&view, &place, RecordType::A));
    Some(Check {
        vnets: list_vnets(index.estate(), &vnets),
        command: format!("nslookup {}", effect.name.text()),
        expected: expected.split(", decided").next().unwrap_or("").to_owned(),
    })
}

/// The estates before and after a step.
fn estates<'t>(tried: &'t Tried<'_>) -> Option<(&'t Estate, &'t Estate)> {
    let (old, new) = (tried.comparison.before.first()?, tried.comparison.after.first()?);
    Some((old.index().estate(), new.index().estate()))
}

/// The changes that take a step back, last first.
fn back(tried: &Tried<'_>, old: &Estate) -> Vec<Change> {
    let changes = tried.step.changes.iter().rev();
    changes.filter_map(|change| old.inverse(change)).flatten().collect()
}

/// The steps in this form.
pub fn emit(form: Emit, tried: &[Tried<'_>]) -> String {
    match form {
        Emit::Az => script(tried, &SHELL, &script_lines),
        Emit::PowerShell => script(tried, &POWERSHELL, &powershell::commands),
        Emit::Terraform => document(tried, "#", &terraform::blocks),
        Emit::ZoneFile => document(tried, ";", &|_, new, change| zone_file(new, change)),
        Emit::Changes => changes(tried),
    }
}

/// How a script picks the step to run.
struct Script {
    head: &'static str,
    case: fn(&str) -> String,
    end: &'static str,
    tail: &'static str,
}

/// Only what is asked for is run, so that nobody runs all steps at once.
const SHELL: Script = Script {
    head: "#!/bin/sh\n# Run one step at a time: sh FILE 1; take it back: sh FILE back-1.\nset -e\ncase \
           \"${1:-}\" in\n",
    case: |word| format!("{word})\n"),
    end: "  ;;\n",
    tail: "*)\n  echo 'name one step, such as 1 or back-1' >&2\n  exit 2\n  ;;\nesac\n",
};

const POWERSHELL: Script = Script {
    head: "# Run one step at a time: ./FILE 1; take it back: ./FILE back-1.\nparam([Parameter(Mandatory)][string]$Step)\n$ErrorActionPreference = 'Stop'\nswitch ($Step) {\n",
    case: |word| format!("'{word}' {{\n"),
    end: "}\n",
    tail: "default { throw 'name one step, such as 1 or back-1' }\n}\n",
};

type Lines<'a> = &'a dyn Fn(&Estate, &Change) -> Vec<String>;

fn script(tried: &[Tried<'_>], form: &Script, lines: Lines<'_>) -> String {
    let mut text = form.head.to_owned();
    for (at, one) in tried.iter().enumerate() {
        let Some((old, new)) = estates(one) else { continue };
        let mut case = |word: String, estate: &Estate, changes: &[Change]| {
            text.push_str(&(form.case)(&word));
            text.push_str(&comments(one, "  #", word.starts_with("back")));
            let before = text.len();
            for line in changes.iter().flat_map(|change| lines(estate, change)) {
                let _ = writeln!(text, "  {line}");
            }
            // A branch without a command is none.
            if text.len() == before {
                text.push_str("  echo 'nothing to run'\n");
            }
            text.push_str(form.end);
        };
        case((at + 1).to_string(), old, &one.step.changes);
        case(format!("back-{}", at + 1), new, &back(one, old));
    }
    text.push_str(form.tail);
    text
}

/// The title of a step, whether to take it, and what to ask after it.
fn comments(tried: &Tried<'_>, mark: &str, back: bool) -> String {
    let step = tried.step;
    if back {
        return format!("{mark} back: {}\n", one_line(&step.title));
    }
    let mut text = format!("{mark} {}\n{mark} {}\n", one_line(&step.title), plain(&verdict(tried)));
    for remark in &step.remarks {
        let _ = writeln!(text, "{mark} note: {}", one_line(&remark.text));
    }
    for doubt in tried.unknowns() {
        let _ = writeln!(text, "{mark} note: {}", one_line(&doubt));
    }
    for Check { vnets, command, expected } in checks(tried, usize::MAX) {
        let _ = writeln!(text, "{mark} then in {vnets}: {command}  ({expected})");
    }
    text
}

/// Text that stays within a comment.
fn one_line(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
}

/// The text of a change, of the estates before and after its step.
type Parts<'a> = &'a dyn Fn(&Estate, &Estate, &Change) -> Vec<String>;

fn document(tried: &[Tried<'_>], mark: &str, lines: Parts<'_>) -> String {
    let mut text = String::new();
    for (at, one) in tried.iter().enumerate() {
        let Some((old, new)) = estates(one) else { continue };
        let _ = writeln!(text, "{mark} step {}", at + 1);
        text.push_str(&comments(one, mark, false));
        for line in one.step.changes.iter().flat_map(|change| lines(old, new, change)) {
            let _ = writeln!(text, "{line}");
        }
        let _ = writeln!(text, "{mark} rollback:");
        for change in back(one, old) {
            let ttl = match change {
                Change::Put { ttl: Some(ttl), .. } => format!(", TTL {} s", ttl.seconds()),
                _ => String::new(),
            };
            let _ = writeln!(text, "{mark}   {}{ttl}", one_line(&title(new, &change)));
        }
        text.push('\n');
    }
    text
}

/// Records; anything else is no matter of a zone file.
fn zone_file(estate: &Estate, change: &Change) -> Vec<String> {
    let Change::Put { zone, owner, data, ttl } = change else {
        return vec![format!("; by other means: {}", one_line(&title(estate, change)))];
    };
    let facts = estate.zone(*zone);
    let name = estate.names.relative(*owner, facts.apex);
    let ttl = ttl.map_or(String::new(), |ttl| format!("{} ", ttl.seconds()));
    let kind = data.record_type();
    let origin = format!("$ORIGIN {}.", estate.zone_name(*zone));
    let records = data.texts(&estate.names).into_iter();
    let records = records.map(|text| format!("{name} {ttl}IN {kind} {text}"));
    std::iter::once(origin).chain(records).collect()
}

/// A file for `plan --changes`.
fn changes(tried: &[Tried<'_>]) -> String {
    let steps = tried.iter().filter_map(|one| {
        let (old, new) = estates(one)?;
        Some((one.step.title.as_str(), one.step.changes.as_slice(), old, new))
    });
    changes_file(steps)
}

/// Steps as a file for `plan --changes`: each with its title, its changes, and the estates
/// before and after it, by which things are named.
pub fn changes_file<'s>(
    steps: impl IntoIterator<Item = (&'s str, &'s [Change], &'s Estate, &'s Estate)>,
) -> String {
    let mut text = "# For `privdns plan ESTATE --changes FILE`.\n".to_owned();
    for (title, changes, old, new) in steps {
        let _ = write!(text, "\n[[steps]]\ntitle = {}\nchanges = [\n", quote(title));
        for change in changes {
            for fields in wishes(old, new, change) {
                let fields: Vec<String> =
                    fields.iter().map(|(key, value)| format!("{key} = {value}")).collect();
                let _ = writeln!(text, "  {{ {} }},", fields.join(", "));
            }
        }
        text.push_str("]\n");
    }
    text
}

type Fields = Vec<(&'static str, String)>;

/// A change as a file of changes has it.
fn wishes(old: &Estate, new: &Estate, change: &Change) -> Vec<Fields> {
    let zone = |zone: &ZoneId| match old.zones.get(zone.index()).filter(|zone| !zone.gone) {
        Some(_) => quote(&old.zone_label(*zone)),
        None => quote(&new.zone_label(*zone)),
    };
    let vnet = |vnet: &VnetId| quote(&new.vnet_name(*vnet));
    let name = |owner| quote(&new.names.name(owner).text());
    let action = |action: &str| ("action", quote(action));
    let one = |fields: Fields| vec![fields];
    match change {
        Change::Put { zone: id, owner, data, ttl } => {
            let data_texts = data.texts(&new.names);
            let texts: Vec<String> = data_texts.iter().map(|text| quote(text)).collect();
            let mut fields = vec![action("put"), ("zone", zone(id)), ("name", name(*owner))];
            fields.push(("type", quote(&data.record_type().to_string())));
            fields.extend(ttl.map(|ttl| ("ttl", ttl.seconds().to_string())));
            fields.push(("data", format!("[{}]", texts.join(", "))));
            one(fields)
        }
        Change::Remove { zone: id, owner, record_type } => one(vec![
            action("remove"),
            ("zone", zone(id)),
            ("name", name(*owner)),
            ("type", quote(&record_type.to_string())),
        ]),
        Change::Link { zone: id, vnet: to, name, policy, registration } => {
            let mut fields = vec![action("link"), ("zone", zone(id)), ("vnet", vnet(to))];
            fields.extend(name.as_deref().map(|name| ("link", quote(name))));
            if *policy == Policy::NxDomainRedirect {
                fields.push(("redirect", "true".to_owned()));
            }
            if *registration {
                fields.push(("registration", "true".to_owned()));
            }
            one(fields)
        }
        Change::SetPolicy { zone: id, vnet: to, policy } => {
            let redirect = (*policy == Policy::NxDomainRedirect).to_string();
            let fields = vec![action("fallback"), ("zone", zone(id)), ("vnet", vnet(to))];
            one([fields, vec![("redirect", redirect)]].concat())
        }
        Change::Unlink { zone: id, vnet: from } => {
            one(vec![action("unlink"), ("zone", zone(id)), ("vnet", vnet(from))])
        }
        Change::CreateZone { apex, group } => {
            let mut fields = vec![action("create-zone"), ("zone", name(*apex))];
            fields.extend(group.as_deref().map(|group| ("group", quote(group))));
            one(fields)
        }
        Change::DeleteZone { zone: id } => one(vec![action("delete-zone"), ("zone", zone(id))]),
        Change::SetServers { vnet: of, servers } => {
            let servers: Vec<String> = servers.iter().map(|one| quote(&one.to_string())).collect();
            let servers = format!("[{}]", servers.join(", "));
            one(vec![action("dns-servers"), ("vnet", vnet(of)), ("servers", servers)])
        }
        Change::SetZoneGroup { endpoint, zones, .. } => {
            let facts = old.endpoint(*endpoint);
            let fields = |word: &str, zone: &str| {
                let endpoint = facts.id.as_ref().map_or(&*facts.name, |id| id.as_str());
                vec![action(word), ("endpoint", quote(endpoint)), ("zone", quote(zone))]
            };
            let come = zones.iter().filter(|zone| !facts.zone_group.contains(zone));
            let go = facts.zone_group.iter().filter(|zone| !zones.contains(zone));
            let go = go.map(|zone| fields("remove-from-group", zone));
            come.map(|zone| fields("add-to-group", zone)).chain(go).collect()
        }
        Change::DeleteEndpoint { endpoint, .. } => {
            let facts = old.endpoint(*endpoint);
            let endpoint = facts.id.as_ref().map_or(&*facts.name, |id| id.as_str());
            one(vec![action("delete-endpoint"), ("endpoint", quote(endpoint))])
        }
        Change::Ruleset { ruleset, edit } => {
            let ruleset = ("ruleset", quote(&old.ruleset_label(*ruleset)));
            let (word, fields) = match edit {
                RulesetEdit::PutRule { domain, name: own, targets } => {
                    let targets: Vec<String> =
                        targets.iter().map(|one| quote(&one.to_string())).collect();
                    let targets = format!("[{}]", targets.join(", "));
                    let mut fields = vec![("domain", name(*domain)), ("targets", targets)];
                    fields.extend(own.as_deref().map(|own| ("rule", quote(own))));
                    ("add-rule", fields)
                }
                RulesetEdit::RemoveRule { domain } => {
                    ("remove-rule", vec![("domain", name(*domain))])
                }
                RulesetEdit::Link { vnet: to, name } => {
                    let mut fields = vec![("vnet", vnet(to))];
                    fields.extend(name.as_deref().map(|own| ("link", quote(own))));
                    ("link-ruleset", fields)
                }
                RulesetEdit::Unlink { vnet: from } => {
                    ("unlink-ruleset", vec![("vnet", vnet(from))])
                }
            };
            one([vec![action(word), ruleset], fields].concat())
        }
    }
}

/// A basic string of TOML; JSON's escapes are among its.
fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

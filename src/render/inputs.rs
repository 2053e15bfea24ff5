//! What was read of each input, and what is missing.
//!
//! Every item of every input is counted once ([`Items`]),
//! and every fact at the one input it stands in, so that both add up. What is
//! missing are *gaps*: what no input tells, which questions that weakens, and
//! the commands that get it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use anstyle::{AnsiColor, Style};
use serde::{Deserialize, Serialize};

use super::command::{shell, subscription_option, zone_options};
use super::human::plural;
use super::json::SCHEMA_VERSION;
use super::locate;
use crate::estate::{
    Endpoint, Estate, Extent, InputId, Items, Note, NoteKind, Policy, PublicFact, Resource,
    ResourceId, Ruleset, SecurityPolicy, Server, ServerKind, VnetId, Zone, ZoneId,
};

const BOLD: Style = Style::new().bold();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default().bold();

/// Where there is no terminal to fit.
const WIDTH: usize = 80;
const NARROWEST: usize = 60;

/// Where the facts of an input start: behind the counts and the longest kind.
const FACTS_COLUMN: usize = 44;

/// The most names that a gap lists; JSON has the commands for all.
const NAMED: usize = 6;
/// The most commands that are shown of a gap.
const SHOWN_COMMANDS: usize = 6;
/// The most reasons that are shown of an input.
const SHOWN_NOTES: usize = 3;

/// Facts by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FactsV1 {
    zones: usize,
    record_sets: usize,
    links: usize,
    vnets: usize,
    endpoints: usize,
    inbound: usize,
    rulesets: usize,
    rules: usize,
    servers: usize,
    interfaces: usize,
    security_policies: usize,
    domain_lists: usize,
    resources: usize,
    public: usize,
}

impl FactsV1 {
    /// The facts of each input.
    fn of_inputs(estate: &Estate) -> Vec<FactsV1> {
        let mut all = vec![FactsV1::default(); estate.inputs.len()];
        for zone in &estate.zones {
            all[zone.origin.input.index()].zones += 1;
            zone.record_sets.iter().for_each(|one| all[one.origin.input.index()].record_sets += 1);
            zone.links.iter().for_each(|one| all[one.origin.input.index()].links += 1);
        }
        estate.vnets.iter().for_each(|one| all[one.origin.input.index()].vnets += 1);
        estate.endpoints.iter().for_each(|one| all[one.origin.input.index()].endpoints += 1);
        estate.resources.iter().for_each(|one| all[one.origin.input.index()].resources += 1);
        estate.inbound.iter().for_each(|one| all[one.origin.input.index()].inbound += 1);
        for ruleset in &estate.rulesets {
            all[ruleset.origin.input.index()].rulesets += 1;
            ruleset.rules.iter().for_each(|one| all[one.origin.input.index()].rules += 1);
            ruleset.links.iter().for_each(|one| all[one.origin.input.index()].links += 1);
        }
        estate.servers.iter().for_each(|one| all[one.origin.input.index()].servers += 1);
        estate.interfaces.iter().for_each(|one| all[one.origin.input.index()].interfaces += 1);
        for policy in &estate.policies {
            all[policy.origin.input.index()].security_policies += 1;
            policy.rules.iter().for_each(|one| all[one.origin.input.index()].rules += 1);
            policy.links.iter().for_each(|one| all[one.origin.input.index()].links += 1);
        }
        estate.domain_lists.iter().for_each(|one| all[one.origin.input.index()].domain_lists += 1);
        estate.public.iter().for_each(|one| all[one.origin().input.index()].public += 1);
        all
    }

    fn add(&mut self, other: &FactsV1) {
        self.zones += other.zones;
        self.record_sets += other.record_sets;
        self.links += other.links;
        self.vnets += other.vnets;
        self.endpoints += other.endpoints;
        self.inbound += other.inbound;
        self.rulesets += other.rulesets;
        self.rules += other.rules;
        self.servers += other.servers;
        self.interfaces += other.interfaces;
        self.security_policies += other.security_policies;
        self.domain_lists += other.domain_lists;
        self.resources += other.resources;
        self.public += other.public;
    }

    fn text(&self) -> String {
        let kinds = [
            (self.zones, "zone", "zones"),
            (self.record_sets, "record set", "record sets"),
            (self.links, "link", "links"),
            (self.vnets, "network", "networks"),
            (self.endpoints, "endpoint", "endpoints"),
            (self.inbound, "inbound endpoint", "inbound endpoints"),
            (self.rulesets, "ruleset", "rulesets"),
            (self.rules, "rule", "rules"),
            (self.servers, "DNS server", "DNS servers"),
            (self.interfaces, "interface", "interfaces"),
            (self.security_policies, "DNS security policy", "DNS security policies"),
            (self.domain_lists, "domain list", "domain lists"),
            (self.resources, "resource", "resources"),
            (self.public, "public fact", "public facts"),
        ];
        let stated = kinds.iter().filter(|kind| kind.0 > 0);
        stated.map(|&(count, one, many)| plural(count, one, many)).collect::<Vec<_>>().join(", ")
    }
}

/// What became of items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ItemsV1 {
    used: u64,
    refused: u64,
    unsupported: u64,
}

impl From<Items> for ItemsV1 {
    fn from(items: Items) -> ItemsV1 {
        ItemsV1 {
            used: items.used.into(),
            refused: items.refused.into(),
            unsupported: items.unsupported.into(),
        }
    }
}

impl ItemsV1 {
    fn add(&mut self, other: &ItemsV1) {
        self.used += other.used;
        self.refused += other.refused;
        self.unsupported += other.unsupported;
    }
}

/// Why something of an input was not used, and where it stands.
#[derive(Clone, Debug, Serialize)]
pub struct ReasonV1 {
    line: usize,
    column: usize,
    message: String,
}

/// One input.
#[derive(Clone, Debug, Serialize)]
pub struct InputV1 {
    path: String,
    kind: &'static str,
    sha256: String,
    items: ItemsV1,
    facts: FactsV1,
    reasons: Vec<ReasonV1>,
}

/// All inputs together.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct TotalsV1 {
    inputs: usize,
    items: ItemsV1,
    facts: FactsV1,
}

/// Something that no input tells.
#[derive(Clone, Debug, Serialize)]
pub struct MissingV1 {
    what: String,
    weakens: String,
    /// One command a line.
    command: String,
}

/// The report of `inputs`.
#[derive(Clone, Debug, Serialize)]
pub struct InputsV1 {
    schema_version: &'static str,
    command: &'static str,
    inputs: Vec<InputV1>,
    totals: TotalsV1,
    missing: Vec<MissingV1>,
}

impl InputsV1 {
    /// Counts everything.
    pub fn new(estate: &Estate) -> InputsV1 {
        let facts = FactsV1::of_inputs(estate);
        let mut reasons = reasons(estate);
        let reason = |note: &Note| {
            let located = locate(estate, note.origin);
            ReasonV1 { line: located.line, column: located.column, message: note.message.clone() }
        };
        let inputs: Vec<InputV1> = estate
            .inputs
            .iter()
            .zip(facts)
            .enumerate()
            .map(|(at, (input, facts))| InputV1 {
                path: input.path.clone(),
                kind: input.kind,
                sha256: input.sha256.clone(),
                items: input.items.into(),
                facts,
                reasons: reasons
                    .remove(&InputId(at as u32))
                    .map_or_else(Vec::new, |notes| notes.into_iter().map(reason).collect()),
            })
            .collect();
        let mut totals = TotalsV1 { inputs: inputs.len(), ..TotalsV1::default() };
        for input in &inputs {
            totals.items.add(&input.items);
            totals.facts.add(&input.facts);
        }
        let missing = gaps(estate)
            .into_iter()
            .map(|gap| MissingV1 {
                what: gap.what,
                weakens: gap.weakens.to_owned(),
                command: gap.commands.join("\n"),
            })
            .collect();
        InputsV1 { schema_version: SCHEMA_VERSION, command: "inputs", inputs, totals, missing }
    }
}

/// Something that no input tells.
struct Gap {
    what: String,
    /// Which questions it weakens.
    weakens: &'static str,
    /// What gets it.
    commands: Vec<String>,
}

/// Everything that is missing, the weightiest first.
fn gaps(estate: &Estate) -> Vec<Gap> {
    let mut gaps = Vec::new();
    if estate.zones.is_empty() {
        gaps.push(Gap {
            what: "private DNS zones: there are none".to_owned(),
            weakens: "everything: without zones all names are public",
            commands: vec!["az network private-dns zone list -o json".to_owned()],
        });
    }
    link_gaps(estate, &mut gaps);
    record_gaps(estate, &mut gaps);
    page_gaps(estate, &mut gaps);
    policy_gap(estate, &mut gaps);
    network_gap(estate, &mut gaps);
    server_gap(estate, &mut gaps);
    ruleset_gaps(estate, &mut gaps);
    include_gaps(estate, &mut gaps);
    policy_gaps(estate, &mut gaps);
    endpoint_gaps(estate, &mut gaps);
    vault_gap(estate, &mut gaps);
    gaps
}

fn links_command(estate: &Estate, zone: ZoneId) -> String {
    format!("az network private-dns link vnet list {} -o json", zone_options(estate, zone))
}

fn link_gaps(estate: &Estate, gaps: &mut Vec<Gap>) {
    let unread: Vec<(ZoneId, &Zone)> =
        estate.zone_ids().filter(|(_, zone)| zone.links_extent() == Extent::Unknown).collect();
    if !unread.is_empty() {
        let names = unread.iter().map(|(id, zone)| match zone.declared_links {
            Some(declared) => format!("{} (0 of {declared})", estate.zone_name(*id)),
            None => estate.zone_name(*id),
        });
        let zones = plural(unread.len(), "zone", "zones");
        let none = estate.zones.iter().all(|zone| zone.links.is_empty());
        gaps.push(Gap {
            what: match none {
                true => format!("virtual network links: there are none at all, of {}", list(names)),
                false => format!("the links of {zones}: {}", list(names)),
            },
            weakens: match none {
                true => "resolution cannot be simulated: no network asks any zone",
                false => "which networks ask these zones: they seem to be asked by none",
            },
            commands: unread.iter().map(|(id, _)| links_command(estate, *id)).collect(),
        });
    }
    let mut undeclared = Vec::new();
    for (id, zone) in estate.zone_ids().filter(|(_, z)| z.links_extent() == Extent::Partial) {
        let (name, read) = (estate.zone_name(id), zone.links.len());
        let Some(declared) = zone.declared_links else {
            undeclared.push((id, format!("{name} ({read})")));
            continue;
        };
        gaps.push(Gap {
            what: format!("links of `{name}`: {read} of {declared} were read"),
            weakens: "which networks ask this zone: some may seem not to",
            commands: vec![links_command(estate, id)],
        });
    }
    if !undeclared.is_empty() {
        gaps.push(Gap {
            what: format!(
                "links of which nothing says that these are all: {}",
                list(undeclared.iter().map(|(_, name)| name.clone()))
            ),
            weakens: "which networks ask these zones: some may seem not to",
            commands: undeclared.iter().map(|(id, _)| links_command(estate, *id)).collect(),
        });
    }
}

fn record_gaps(estate: &Estate, gaps: &mut Vec<Gap>) {
    let command = |zone: ZoneId| {
        let zone = zone_options(estate, zone);
        format!("az network private-dns record-set list {zone} -o json")
    };
    let of_extent = |extent| estate.zone_ids().filter(move |(_, zone)| zone.extent() == extent);
    let unread: Vec<(ZoneId, &Zone)> = of_extent(Extent::Unknown).collect();
    if !unread.is_empty() {
        let names = unread.iter().map(|(id, zone)| match zone.declared_record_sets {
            Some(declared) => format!("{} (0 of {declared})", estate.zone_name(*id)),
            None => estate.zone_name(*id),
        });
        let zones = plural(unread.len(), "zone", "zones");
        gaps.push(Gap {
            what: format!("the record sets of {zones}: {}", list(names)),
            weakens: "every name these zones claim: answers are unknown",
            commands: unread.iter().map(|(id, _)| command(*id)).collect(),
        });
    }
    let mut undeclared = Vec::new();
    for (id, zone) in of_extent(Extent::Partial) {
        let (name, read) = (estate.zone_name(id), zone.record_sets.len());
        gaps.push(Gap {
            what: match zone.declared_record_sets {
                Some(declared) if read as u64 >= u64::from(declared) => {
                    format!("record sets of `{name}`: {read} read, and some could not be")
                }
                Some(declared) => {
                    format!("record sets of `{name}`: {read} of {declared} were read")
                }
                None if zone.refused > 0 => {
                    format!("record sets of `{name}`: {read} read, and some could not be")
                }
                None => {
                    undeclared.push((id, format!("{name} ({read})")));
                    continue;
                }
            },
            weakens: "names that seem absent from this zone: answers are unknown",
            commands: vec![command(id)],
        });
    }
    if !undeclared.is_empty() {
        gaps.push(Gap {
            what: format!(
                "record sets of which nothing says that these are all: {}",
                list(undeclared.iter().map(|(_, name)| name.clone()))
            ),
            weakens: "names that seem absent from these zones: answers are unknown",
            commands: undeclared.iter().map(|(id, _)| command(*id)).collect(),
        });
    }
}

/// The members of a page that lead to the next one.
#[derive(Default, Deserialize)]
struct Page {
    #[serde(rename = "nextLink")]
    next_link: Option<String>,
    #[serde(alias = "skipToken", alias = "$skipToken")]
    skip_token: Option<String>,
    count: Option<u64>,
}

/// Whether a link leads to the management API of one of Azure's clouds.
fn is_management(link: &str) -> bool {
    let hosts = ["azure.com", "usgovcloudapi.net", "chinacloudapi.cn"];
    let rest = link.strip_prefix("https://management.");
    let path = rest.and_then(|rest| hosts.iter().find_map(|host| rest.strip_prefix(host)));
    path.is_some_and(|path| path.starts_with('/') || path.starts_with(":443/"))
}

fn page_gaps(estate: &Estate, gaps: &mut Vec<Gap>) {
    // What is pasted into a shell and sent with a login is looked at twice.
    let plain = |text: &String| !text.is_empty() && text.bytes().all(|o| o.is_ascii_graphic());
    for note in estate.notes.iter().filter(|note| note.kind == NoteKind::Partial) {
        let input = estate.input(note.origin.input);
        let what = format!("the rest of `{}`, which {}", input.path, note.message);
        let command = if input.kind == "terraform" {
            "terraform show -json > state.json".to_owned()
        } else {
            let text = input.text.get(note.origin.start as usize..).unwrap_or("");
            let mut values = serde_json::Deserializer::from_str(text).into_iter::<Page>();
            let page = values.next().and_then(Result::ok).unwrap_or_default();
            let azure = |link: &String| plain(link) && is_management(link);
            if let Some(link) = page.next_link {
                let link = Some(link).filter(azure).unwrap_or("NEXT_LINK".to_owned());
                format!("az rest --method get --url {}", shell(&link))
            } else if let Some(token) = page.skip_token {
                let token = Some(token).filter(plain).unwrap_or("SKIP_TOKEN".to_owned());
                format!("az graph query -q QUERY --first 1000 --skip-token {}", shell(&token))
            } else {
                let count = page.count.unwrap_or(0);
                format!("az graph query -q QUERY --first 1000 --skip {count}")
            }
        };
        gaps.push(Gap {
            what,
            weakens: "what the rest tells of: it seems not to exist",
            commands: vec![command],
        });
    }
}

fn policy_gap(estate: &Estate, gaps: &mut Vec<Gap>) {
    let unstated =
        |zone: &Zone| zone.links.iter().filter(|link| link.policy == Policy::Unstated).count();
    // Only zones of Private Link may have the policy, so only theirs is missed.
    let zones: Vec<(ZoneId, usize)> = estate
        .zone_ids()
        .filter(|(id, _)| estate.is_private_link(*id))
        .map(|(id, zone)| (id, unstated(zone)))
        .filter(|(_, count)| *count > 0)
        .collect();
    let count: usize = zones.iter().map(|(_, count)| count).sum();
    if count > 0 {
        let names = zones.iter().map(|(id, _)| estate.zone_name(*id));
        gaps.push(Gap {
            what: format!(
                "`resolutionPolicy` of {}, which az 2.66 or later shows: {}",
                plural(count, "link", "links"),
                list(names)
            ),
            weakens: "names these zones lack: NXDOMAIN, or public DNS is asked",
            commands: zones.iter().map(|(id, _)| links_command(estate, *id)).collect(),
        });
    }
}

fn network_gap(estate: &Estate, gaps: &mut Vec<Gap>) {
    let unknown = || estate.vnet_ids().filter(|(_, vnet)| vnet.servers.is_none());
    let commands: BTreeSet<String> = unknown()
        .map(|(_, vnet)| match (&vnet.id, &vnet.group) {
            (Some(id), _) => {
                format!("az network vnet list {}-o json", subscription_option(Some(id)))
            }
            (None, Some(group)) => {
                format!("az network vnet show -g {} -n {} -o json", shell(group), shell(&vnet.name))
            }
            (None, None) => "az network vnet list -o json".to_owned(),
        })
        .collect();
    let names: Vec<String> = unknown().map(|(id, _)| estate.vnet_name(id)).collect();
    if !names.is_empty() {
        gaps.push(Gap {
            what: format!(
                "the DNS servers of {}, which other things only refer to: {}",
                plural(names.len(), "network", "networks"),
                list(names.into_iter())
            ),
            weakens: "whether these networks ask the zones at all: what `--assume \
                      unexported-dns` says is taken for true",
            commands: commands.into_iter().collect(),
        });
    }
}

/// The address of Azure DNS in every network ("What is IP address 168.63.129.16?",
/// learn.microsoft.com/azure/virtual-network, read 2026-11).
const AZURE_DNS: IpAddr = IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16));

/// DNS servers of networks of which nothing is known but the address.
fn server_gap(estate: &Estate, gaps: &mut Vec<Gap>) {
    let inbound = estate.inbound.iter().flat_map(|one| &one.addresses);
    let servers = estate.servers.iter().flat_map(|one| &one.addresses);
    let known: BTreeSet<&IpAddr> = inbound.chain(servers).chain([&AZURE_DNS]).collect();
    let mut unknown: BTreeMap<&IpAddr, Vec<VnetId>> = BTreeMap::new();
    for (id, vnet) in estate.vnet_ids() {
        let asked = vnet.servers.iter().flatten().collect::<BTreeSet<_>>();
        for address in asked.difference(&known) {
            unknown.entry(address).or_default().push(id);
        }
    }
    if unknown.is_empty() {
        return;
    }
    let networks: BTreeSet<&VnetId> = unknown.values().flatten().collect();
    let in_azure = |address: &&&IpAddr| {
        let spaces = estate.vnets.iter().filter(|vnet| !vnet.site).flat_map(|vnet| &vnet.space);
        spaces.into_iter().any(|prefix| prefix.contains(**address))
    };
    let commands = match unknown.keys().any(|address| in_azure(&address)) {
        true => {
            let subscriptions: BTreeSet<String> = estate
                .vnets
                .iter()
                .map(|vnet| subscription_option(vnet.id.as_ref()))
                .filter(|option| !option.is_empty())
                .collect();
            let mut options: Vec<String> = subscriptions.into_iter().collect();
            if options.is_empty() {
                options.push(String::new());
            }
            let lists = ["az dns-resolver list", "az network firewall list"];
            let command = |option: &String| lists.map(|list| format!("{list} {option}-o json"));
            options.iter().flat_map(command).collect()
        }
        false => Vec::new(),
    };
    gaps.push(Gap {
        what: format!(
            "who answers at {}, the DNS {} of {}; what is not in Azure can be told as a \
             `server` of `.estate` text, with its configuration as `config FILE`",
            list(unknown.keys().map(|address| address.to_string())),
            if unknown.len() == 1 { "server" } else { "servers" },
            plural(networks.len(), "network", "networks"),
        ),
        weakens: "all that these networks ask: what such a server answers is unknown",
        commands,
    });
}

/// Rulesets, and firewalls, of which it is not known all that they forward.
/// Files that configurations of DNS servers include.
fn include_gaps(estate: &Estate, gaps: &mut Vec<Gap>) {
    for server in estate.servers.iter().filter(|server| !server.includes.is_empty()) {
        let files = server.includes.iter().map(|file| format!("`{file}`"));
        gaps.push(Gap {
            what: format!(
                "what the configuration of DNS server {} includes: {}",
                server.name,
                list(files)
            ),
            weakens: "every name that is asked of it",
            commands: Vec::new(),
        });
    }
}

fn policy_gaps(estate: &Estate, gaps: &mut Vec<Gap>) {
    let unread = |policy: &&SecurityPolicy| {
        policy.refused > 0 || (!policy.rules_listed && policy.rules.is_empty())
    };
    let command = |list: &str, policy: &SecurityPolicy| {
        let subscription = subscription_option(policy.id.as_ref());
        let group = policy.id.as_ref().and_then(ResourceId::resource_group);
        format!(
            "az dns-resolver policy {list} list {subscription}-g {} --policy-name {} -o json",
            shell(group.unwrap_or("RESOURCE_GROUP")),
            shell(&policy.name)
        )
    };
    for policy in estate.policies.iter().filter(unread) {
        gaps.push(Gap {
            what: format!("the rules of DNS security policy {}", policy.name),
            weakens: "which names are blocked in its networks",
            commands: vec![command("dns-security-rule", policy)],
        });
    }
    for policy in estate.policies.iter().filter(|policy| !policy.links_listed) {
        gaps.push(Gap {
            what: format!("the links of DNS security policy {}", policy.name),
            weakens: "in which networks it blocks names",
            commands: vec![command("vnet-link", policy)],
        });
    }
    let rules = estate.policies.iter().flat_map(|policy| &policy.rules);
    let mut lists: Vec<&str> =
        rules.flat_map(|rule| rule.lists.iter().map(|list| &**list)).collect();
    lists.sort_unstable();
    lists.dedup();
    let is_read = |text: &str| {
        let found = estate.domain_lists.iter().find(|list| list.is_named(text));
        found.is_some_and(|list| !list.partial)
    };
    for text in lists.into_iter().filter(|text| !is_read(text)) {
        let name = text.rsplit('/').next().unwrap_or(text);
        gaps.push(Gap {
            what: format!("the domains of domain list {name}"),
            weakens: "which names a DNS security policy covers",
            commands: vec!["az dns-resolver domain-list list -o json".to_owned()],
        });
    }
}

fn ruleset_gaps(estate: &Estate, gaps: &mut Vec<Gap>) {
    let command = |list: &str, ruleset: &Ruleset| {
        let subscription = subscription_option(ruleset.id.as_ref());
        let group = ruleset.group.as_deref().unwrap_or("RESOURCE_GROUP");
        format!(
            "az dns-resolver {list} list {subscription}-g {} --ruleset-name {} -o json",
            shell(group),
            shell(&ruleset.name)
        )
    };
    let mut tell = |part: &str, list_name: &str, weakens, is_known: fn(&Ruleset) -> bool| {
        let unknown: Vec<&Ruleset> =
            estate.rulesets.iter().filter(|ruleset| !is_known(ruleset)).collect();
        if !unknown.is_empty() {
            let names = unknown.iter().map(|ruleset| ruleset.name.clone());
            let rulesets = plural(unknown.len(), "ruleset", "rulesets");
            gaps.push(Gap {
                what: format!("the {part} of {rulesets}: {}", list(names)),
                weakens,
                commands: unknown.iter().map(|ruleset| command(list_name, ruleset)).collect(),
            });
        }
    };
    let weakens = "what Azure DNS of linked networks forwards, and to whom";
    tell("forwarding rules", "forwarding-rule", weakens, |ruleset| ruleset.rules_listed);
    let weakens = "which networks' queries are forwarded by them";
    tell("links", "vnet-link", weakens, |ruleset| ruleset.links_listed);
    let unknown: Vec<&Server> = estate
        .servers
        .iter()
        .filter(|server| server.kind == ServerKind::Firewall && server.refused > 0)
        .collect();
    if !unknown.is_empty() {
        let commands: BTreeSet<String> = unknown
            .iter()
            .map(|server| subscription_option(server.id.as_ref()))
            .map(|subscription| format!("az network firewall policy list {subscription}-o json"))
            .collect();
        gaps.push(Gap {
            what: format!(
                "the policies of {}: {}",
                plural(unknown.len(), "firewall", "firewalls"),
                list(unknown.iter().map(|server| server.name.clone()))
            ),
            weakens: "whether these firewalls answer DNS at all, and whom they ask",
            commands: commands.into_iter().collect(),
        });
    }
}

/// `az keyvault list` tells of vaults without their properties, `az keyvault show` has them:
/// Azure/azure-cli, command_modules/keyvault, read 2026-11.
fn vault_gap(estate: &Estate, gaps: &mut Vec<Gap>) {
    let nameless = |one: &&Resource| {
        one.kind.eq_ignore_ascii_case("Microsoft.KeyVault/vaults") && one.names.is_empty()
    };
    let vaults: Vec<&Resource> = estate.resources.iter().filter(nameless).collect();
    if vaults.is_empty() {
        return;
    }
    let command = |vault: &&Resource| {
        let subscription = subscription_option(vault.id.as_ref());
        format!("az keyvault show {subscription}-n {} -o json", shell(&vault.name))
    };
    gaps.push(Gap {
        what: format!(
            "the names of {}: {}",
            plural(vaults.len(), "key vault", "key vaults"),
            list(vaults.iter().map(|vault| vault.name.clone()))
        ),
        weakens: "what clients of these vaults get: their public names are not known",
        commands: vaults.iter().map(command).collect(),
    });
}

fn endpoint_gaps(estate: &Estate, gaps: &mut Vec<Gap>) {
    let bare: Vec<&Endpoint> = estate
        .endpoints
        .iter()
        .filter(|endpoint| endpoint.names.iter().all(|(_, addresses)| addresses.is_empty()))
        .collect();
    let command = |endpoint: &&Endpoint| {
        let id = endpoint.id.as_ref();
        let subscription = subscription_option(id);
        let group = id.and_then(|id| id.resource_group()).unwrap_or("RESOURCE_GROUP");
        let (group, name) = (shell(group), shell(&endpoint.name));
        // One that only a zone group or a resource speaks of was not exported itself;
        // another keeps its addresses in its zone group.
        match endpoint.vnet {
            Some(_) => format!(
                "az network private-endpoint dns-zone-group list {subscription}-g {group} \
                 --endpoint-name {name} -o json"
            ),
            None => format!(
                "az network private-endpoint show {subscription}-g {group} -n {name} -o json"
            ),
        }
    };
    if !bare.is_empty() {
        gaps.push(Gap {
            what: format!(
                "the addresses of {}: {}",
                plural(bare.len(), "private endpoint", "private endpoints"),
                list(bare.iter().map(|endpoint| endpoint.name.clone()))
            ),
            weakens: "whether records lead to these endpoints, or to ones long gone",
            commands: bare.iter().map(command).collect(),
        });
    }
    let private_link: Vec<String> = estate
        .zone_ids()
        .filter(|(id, _)| estate.is_private_link(*id))
        .map(|(id, _)| estate.zone_name(id))
        .collect();
    let stated = estate.public.iter().any(|fact| matches!(fact, PublicFact::Endpoint { .. }));
    if estate.endpoints.is_empty() && !private_link.is_empty() && !stated {
        gaps.push(Gap {
            what: "private endpoints: there are none, though there are zones of Private Link"
                .to_owned(),
            weakens: "which names have a private endpoint: records only suggest it",
            commands: vec!["az network private-endpoint list -o json".to_owned()],
        });
    }
    let batch = |kind: &str| kind.eq_ignore_ascii_case("Microsoft.Batch/batchAccounts");
    let accounts = estate.resources.iter().any(|resource| batch(&resource.kind));
    if private_link.iter().any(|name| name.contains(".batch.")) && !accounts && !stated {
        gaps.push(Gap {
            what: "Batch accounts: there are none, though there are zones of Batch".to_owned(),
            weakens: "which accounts there are, and what they are called",
            commands: vec!["az batch account list -o json".to_owned()],
        });
    }
}

/// Names, of which the first ones stand for all where there are many.
fn list(names: impl Iterator<Item = String>) -> String {
    let mut names: Vec<String> = names.collect();
    if names.len() > NAMED + 1 {
        let more = names.len() - NAMED;
        names.truncate(NAMED);
        names.push(format!("{more} more"));
    }
    names.join(", ")
}

/// The table of inputs, and what is missing; `width` is the terminal's.
pub fn human(estate: &Estate, width: Option<u16>) -> String {
    let report = InputsV1::new(estate);
    let width = width.map_or(WIDTH, |width| usize::from(width).max(NARROWEST));
    let mut reasons = reasons(estate);
    let heads = ["used", "refused", "not used"];
    let mut text = format!("{BOLD}{}{BOLD:#}\n", row(&heads.map(str::to_owned), "kind", "facts"));
    for (at, input) in report.inputs.iter().enumerate() {
        text.push_str(&path_lines(&input.path, width));
        let id = InputId(at as u32);
        let contradicts = estate.notes.iter().any(|note| {
            let places = [Some(note.origin), note.other];
            note.kind == NoteKind::Contradiction
                && places.into_iter().flatten().any(|place| place.input == id)
        });
        let configures = ["bind", "coredns", "dnsmasq", "unbound", "windows-dns"];
        let otherwise = match contradicts {
            false if configures.contains(&input.kind) => "what a DNS server has and forwards",
            true => "what others state, too, in part otherwise; `privdns check` tells what counts",
            // A fact stands at the input that states it first.
            false => "what others state, too",
        };
        text.push_str(&counts(&input.items, input.kind, &input.facts, otherwise, width));
        let reasons = reasons.remove(&id).unwrap_or_default();
        for note in reasons.iter().take(SHOWN_NOTES) {
            let located = locate(estate, note.origin);
            let reason = format!("{}:{} {}", located.line, located.column, note.message);
            text.push_str(&fill(&reason, "    ", "      ", width));
        }
        if reasons.len() > SHOWN_NOTES {
            let more = reasons.len() - SHOWN_NOTES;
            text.push_str(&format!("    {more} more; `--format json` has all\n"));
        }
    }
    let inputs = plural(report.totals.inputs, "input", "inputs");
    text.push_str(&format!("{BOLD}{inputs}{BOLD:#}\n"));
    text.push_str(&counts(&report.totals.items, "", &report.totals.facts, "", width));
    text.push('\n');
    let gaps = gaps(estate);
    if gaps.is_empty() {
        text.push_str("Nothing is missing that any input speaks of.\n");
        return text;
    }
    text.push_str(&format!("{BOLD}what is missing{BOLD:#}\n"));
    for gap in gaps {
        let what = fill(&gap.what, "", "  ", width);
        text.push_str(&format!("{DOUBTFUL}-{DOUBTFUL:#} {what}"));
        text.push_str(&fill(gap.weakens, "  weakens ", "    ", width));
        for command in gap.commands.iter().take(SHOWN_COMMANDS) {
            text.push_str(&command_lines(command, width));
        }
        if gap.commands.len() > SHOWN_COMMANDS {
            let more = plural(gap.commands.len() - SHOWN_COMMANDS, "more command", "more commands");
            text.push_str(&format!("  {more}; `--format json` has all\n"));
        }
    }
    text
}

/// Why items of each input were not used.
fn reasons(estate: &Estate) -> BTreeMap<InputId, Vec<&Note>> {
    let mut reasons: BTreeMap<InputId, Vec<&Note>> = BTreeMap::new();
    for note in &estate.notes {
        let told = [
            NoteKind::Unreadable,
            NoteKind::Unrecognised,
            NoteKind::Unsupported,
            NoteKind::Delegation,
        ];
        if note.kind.is_refusal() || told.contains(&note.kind) {
            reasons.entry(note.origin.input).or_default().push(note);
        }
    }
    // What could not be read weighs more than what nobody wanted.
    let unwanted = |note: &&Note| matches!(note.kind, NoteKind::Unsupported | NoteKind::Delegation);
    reasons.values_mut().for_each(|notes| notes.sort_by_key(unwanted));
    reasons
}

/// The table of inputs as Markdown, with the first reason why something was not used.
pub fn markdown(estate: &Estate) -> String {
    let report = InputsV1::new(estate);
    let mut text = "| input | format | used | refused | not used | facts | why not |\n\
                    | --- | --- | ---: | ---: | ---: | --- | --- |\n"
        .to_owned();
    let mut line = |head: &str, kind: &str, items: &ItemsV1, facts: &FactsV1, why: &str| {
        let ItemsV1 { used, refused, unsupported } = items;
        let facts = facts.text();
        let cells = [head, kind, &facts, why].map(markdown_cell);
        let [head, kind, facts, why] = cells;
        text.push_str(&format!(
            "| {head} | {kind} | {used} | {refused} | {unsupported} | {facts} | {why} |\n"
        ));
    };
    let reasons = reasons(estate);
    for (at, input) in report.inputs.iter().enumerate() {
        let notes = reasons.get(&InputId(at as u32)).map_or(&[][..], Vec::as_slice);
        let mut why = notes.first().map(|note| note.message.clone()).unwrap_or_default();
        if notes.len() > 1 {
            why.push_str(&format!(" (and {} more)", notes.len() - 1));
        }
        line(&input.path, input.kind, &input.items, &input.facts, &why);
    }
    let inputs = plural(report.totals.inputs, "input", "inputs");
    line(&inputs, "", &report.totals.items, &report.totals.facts, "");
    text
}

/// Text that stays within its cell.
fn markdown_cell(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.replace('|', "\\|").replace('<', "&lt;")
}

/// The line of an input; `without` is said of one that is used and adds no fact.
fn counts(items: &ItemsV1, kind: &str, facts: &FactsV1, without: &str, width: usize) -> String {
    let numbers = [items.used, items.refused, items.unsupported].map(|count| count.to_string());
    let facts = match facts.text() {
        none if none.is_empty() && items.used > 0 => without.to_owned(),
        facts => facts,
    };
    let indent = " ".repeat(FACTS_COLUMN);
    let facts = wrap(&facts, width.saturating_sub(FACTS_COLUMN));
    row(&numbers, kind, &facts.join(&format!("\n{indent}"))) + "\n"
}

fn row(numbers: &[String; 3], kind: &str, facts: &str) -> String {
    let [used, refused, unsupported] = numbers;
    let text = format!("{used:>8}{refused:>9}{unsupported:>10}  {kind:<13}  {facts}");
    text.trim_end().to_owned()
}

/// A path, cut behind a `/` where it does not fit.
fn path_lines(path: &str, width: usize) -> String {
    let mut lines = String::new();
    let mut used = 0;
    for part in path.split_inclusive('/') {
        let length = part.chars().count();
        if used > 0 && used + length > width {
            lines.push_str("\n  ");
            used = 2;
        }
        lines.push_str(part);
        used += length;
    }
    lines + "\n"
}

/// A command, cut before its options where it does not fit, as shells take it.
fn command_lines(command: &str, width: usize) -> String {
    let mut lines = "  $ ".to_owned();
    let mut used = lines.len();
    let mut quoted = false;
    let mut start = 0;
    let mut parts = Vec::new();
    for (at, character) in command.char_indices() {
        quoted ^= character == '\'';
        if character == ' ' && !quoted && command[at..].starts_with(" -") {
            parts.push(&command[start..at]);
            start = at;
        }
    }
    parts.push(&command[start..]);
    for (at, part) in parts.into_iter().enumerate() {
        let length = part.chars().count();
        // Two columns are for what goes on in the next line.
        if at > 0 && used + length + 2 > width {
            lines.push_str(" \\\n     ");
            used = 5;
        }
        lines.push_str(part);
        used += length;
    }
    lines + "\n"
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    // Names stay in one piece.
    let options = textwrap::Options::new(width)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .break_words(false);
    textwrap::wrap(text, options).into_iter().map(std::borrow::Cow::into_owned).collect()
}

/// Lines that fit, the first behind `first`, the others behind `rest`.
fn fill(text: &str, first: &str, rest: &str, width: usize) -> String {
    let margin = first.len().max(rest.len()).max(2);
    let lines = wrap(text, width.saturating_sub(margin));
    format!("{first}{}\n", lines.join(&format!("\n{rest}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::Assembly;
    use crate::source::{self, Role};

    /// What gets the rest of a page that ends with `members`.
    fn next(members: &str) -> String {
        let text = format!(r#"{{"value": [], {members}}}"#);
        let mut assembly = Assembly::default();
        source::read("page.json", text.into_bytes(), None, Role::Estate, &mut assembly);
        let mut gaps = Vec::new();
        page_gaps(&assembly.finish(), &mut gaps);
        gaps.iter().flat_map(|gap| gap.commands.clone()).collect()
    }

    #[test]
    fn a_page_leads_to_the_next_one() {
        let link = "https://management.azure.com:443/x?$skiptoken=a";
        assert_eq!(
            next(&format!(r#""nextLink": "{link}""#)),
            format!("az rest --method get --url '{link}'")
        );
        assert_eq!(next(r#""nextLink": """#), "");
        let query = "az graph query -q QUERY --first 1000";
        assert_eq!(next(r#""skip_token": "t""#), format!("{query} --skip-token t"));
        assert_eq!(next(r#""count": 5, "total_records": 9"#), format!("{query} --skip 5"));
    }

    #[test]
    fn a_login_is_sent_to_nobody_else() {
        for link in [
            "https://management.example/x",
            "https://management.azure.com.example/x",
            "https://management.azure.com:443@example/x",
            "https://management.azure.com/\\u001b[0m",
        ] {
            let command = next(&format!(r#""nextLink": "{link}""#));
            assert_eq!(command, "az rest --method get --url NEXT_LINK", "{link}");
        }
    }

    #[test]
    fn commands_are_cut_before_options_only() {
        assert_eq!(
            command_lines("az x -g 'a -b' -n nnnnnnnnnn -o json", 26),
            "  $ az x -g 'a -b' \\\n      -n nnnnnnnnnn \\\n      -o json\n"
        );
    }
}

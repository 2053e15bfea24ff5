//! Putting together who answers and forwards.

use std::collections::HashSet;
use std::net::IpAddr;

use super::{Assembly, Key, id_key, merge_record_sets, named};
use crate::estate::{
    BY_DEFAULT, Estate, Forwarder, ForwardingRule, InboundEndpoint, InputId, Interface, Note,
    NoteKind, Origin, ResourceId, Ruleset, RulesetId, RulesetLink, Server, ServerKind, Unsimulated,
    VnetId, Zone,
};
use crate::name::{NameId, Names};

impl Assembly {
    /// The site of this name; made if need be. It is never joined with a network.
    pub fn site_named(&mut self, name: &str, origin: Origin) -> VnetId {
        let key = Key::Site(name.to_ascii_lowercase());
        *self.vnets.entry(key).or_insert_with(|| {
            let id = super::push_vnet(&mut self.estate, name.to_owned(), None, None, origin);
            self.estate.vnets[id.index()].site = true;
            id
        })
    }

    /// The ruleset of this id; made if need be. `id` may go on below the ruleset.
    pub fn ruleset_of(&mut self, id: &str, origin: Origin) -> Result<RulesetId, String> {
        let id = ResourceId::new(id)
            .and_then(|id| id.up_to("dnsForwardingRulesets"))
            .ok_or_else(|| format!("expected the id of a forwarding ruleset, found `{id}`"))?;
        let (name, group) = (id.name().to_owned(), id.resource_group().map(str::to_owned));
        let key = Key::Id(id.key());
        Ok(self.ruleset_at(key, name, Some(id), group, origin))
    }

    /// The ruleset of this name (and resource group) of an input that knows no ids.
    ///
    /// It joins the one ruleset of that name that has an id, if exactly one does.
    pub fn ruleset_named(&mut self, name: &str, group: Option<&str>, origin: Origin) -> RulesetId {
        let group_owned = group.map(str::to_owned);
        self.ruleset_at(named(name, group), name.to_owned(), None, group_owned, origin)
    }

    fn ruleset_at(
        &mut self,
        key: Key,
        name: String,
        id: Option<ResourceId>,
        group: Option<String>,
        origin: Origin,
    ) -> RulesetId {
        let rulesets = &mut self.estate.rulesets;
        *self.rulesets.entry(key).or_insert_with(|| {
            rulesets.push(Ruleset {
                name,
                id,
                group,
                location: None,
                rules_listed: false,
                links_listed: false,
                refused: 0,
                rules: Vec::new(),
                links: Vec::new(),
                origin,
            });
            RulesetId(rulesets.len() as u32 - 1)
        })
    }

    /// The ruleset, to be filled.
    pub fn ruleset(&mut self, id: RulesetId) -> &mut Ruleset {
        &mut self.estate.rulesets[id.index()]
    }

    /// Adds a rule.
    pub fn put_rule(&mut self, ruleset: RulesetId, rule: ForwardingRule) {
        self.ruleset(ruleset).rules.push(rule);
    }

    /// Adds a link of a ruleset.
    pub fn put_ruleset_link(&mut self, ruleset: RulesetId, link: RulesetLink) {
        self.ruleset(ruleset).links.push(link);
    }

    /// Adds an inbound endpoint; what several inputs say of one id adds up.
    pub fn put_inbound(&mut self, endpoint: InboundEndpoint) {
        self.estate.inbound.push(endpoint);
    }

    /// Adds a DNS server; what several inputs say of one id, or of one name where one
    /// of them knows no id, adds up.
    pub fn put_server(&mut self, server: Server) {
        self.estate.servers.push(server);
    }

    /// Says where the DNS settings of a firewall policy stand; what a firewall itself says is apart.
    pub fn put_firewall_policy(&mut self, policy: ResourceId, settings: PolicySettings) {
        self.firewalls.policies.push((policy, settings));
    }

    /// Says which policy a firewall has.
    pub fn put_policy_of_firewall(&mut self, firewall: ResourceId, policy: ResourceId) {
        self.firewalls.firewalls.push((firewall, policy));
    }

    /// Adds a network interface; what several inputs say of one id adds up. An input
    /// that lists virtual machines puts one for each interface of a machine, with what
    /// it knows of it.
    pub fn put_interface(&mut self, interface: Interface) {
        self.estate.interfaces.push(interface);
    }
}

/// Says whose configuration a file is.
#[derive(Clone, Debug)]
pub struct ConfigOf {
    /// The server, by name.
    pub server: String,
    /// The file, by its path or the end of it.
    pub path: String,
    /// Where that is said.
    pub origin: Origin,
    /// The statement about the server.
    pub statement: Origin,
}

/// Where the DNS settings of a firewall policy stand.
///
/// "A child policy inherits all parent policy DNS settings, but it can override the parent
/// policy": "Azure Firewall policy DNS settings",
/// learn.microsoft.com/azure/firewall-manager/dns-settings, read 2026-11.
#[derive(Clone, Debug)]
pub enum PolicySettings {
    /// In the policy itself: what its firewalls do.
    Own(Server),
    /// In its parent.
    Of(ResourceId),
}

/// Firewalls that name their policies, and what policies say.
#[derive(Default)]
pub(super) struct Firewalls {
    policies: Vec<(ResourceId, PolicySettings)>,
    /// A firewall and its policy.
    firewalls: Vec<(ResourceId, ResourceId)>,
}

impl Firewalls {
    /// What the firewalls of a policy do, as it or the nearest one above it says.
    fn settings<'f>(&'f self, mut policy: &'f ResourceId) -> Option<&'f Server> {
        // Policies that are their own parents are no way out.
        for _ in 0..=self.policies.len() {
            let said = || self.policies.iter().filter(|known| known.0 == *policy).map(|one| &one.1);
            let own = said().find(|one| matches!(one, PolicySettings::Own(_)));
            match own.or_else(|| said().next())? {
                PolicySettings::Own(says) => return Some(says),
                PolicySettings::Of(parent) => policy = parent,
            }
        }
        None
    }
}

/// Gives what a policy says to the firewalls that name it: not every policy lists its own.
pub(super) fn attach_firewall_policies(assembly: &mut Assembly) {
    let firewalls = std::mem::take(&mut assembly.firewalls);
    for (firewall, policy) in &firewalls.firewalls {
        let Some(says) = firewalls.settings(policy) else { continue };
        let (name, id) = (firewall.name().to_owned(), Some(firewall.clone()));
        assembly.estate.servers.push(Server { name, id, ..says.clone() });
    }
}

/// Configurations of servers, as they were met.
#[derive(Default)]
pub(super) struct Configs {
    read: Vec<ReadConfig>,
    owners: Vec<ConfigOf>,
}

/// A configuration of a server.
struct ReadConfig {
    input: InputId,
    /// The name that it gives to its server.
    name: Option<String>,
    /// What it says.
    server: Server,
    /// Whether the server listens at addresses that it does not tell.
    anywhere: bool,
}

impl Assembly {
    /// Adds a configuration of a server that is told elsewhere, or by `name`; `anywhere` where
    /// the server listens at addresses that it does not tell.
    pub fn put_server_config(
        &mut self,
        input: InputId,
        name: Option<String>,
        server: Server,
        anywhere: bool,
    ) {
        self.configs.read.push(ReadConfig { input, name, server, anywhere });
    }

    /// Says whose configuration a file is.
    pub fn put_config_of(&mut self, owner: ConfigOf) {
        self.configs.owners.push(owner);
    }
}

/// Whether `path` is `wanted`, or ends with it as a whole.
fn is_path(path: &str, wanted: &str) -> bool {
    let wanted = wanted.replace('\\', "/");
    let wanted = wanted.trim_start_matches("./");
    let head = path.strip_suffix(wanted);
    head.is_some_and(|head| head.is_empty() || head.ends_with('/'))
}

/// The last part of a path, in lower case.
fn file_name(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or(path).to_lowercase()
}

/// Gives each configuration to the servers whose it is: as is said of its file, by the
/// name that it states, or by the address it listens on.
pub(super) fn attach_configs(assembly: &mut Assembly) {
    let Configs { read, owners } = std::mem::take(&mut assembly.configs);
    let mut listeners: Vec<Listener> = Vec::new();
    let mut taken = vec![false; read.len()];
    let given: HashSet<(String, String)> =
        owners.iter().map(|owner| (owner.server.clone(), file_name(&owner.path))).collect();
    for owner in owners {
        let paths =
            |input: InputId| is_path(&assembly.estate.inputs[input.index()].path, &owner.path);
        let found: Vec<usize> = (0..read.len()).filter(|&at| paths(read[at].input)).collect();
        let mut server = match found[..] {
            [one] => {
                taken[one] = true;
                hear(&mut listeners, &assembly.estate.servers, &owner, &read[one]);
                read[one].server.clone()
            }
            _ => {
                let message = match found.len() {
                    0 => format!("no configuration of a DNS server was read from `{}`", owner.path),
                    count => {
                        format!("{count} inputs are named `{}`: write more of the path", owner.path)
                    }
                };
                found.iter().for_each(|&at| taken[at] = true);
                assembly.note(NoteKind::Refused, message, owner.origin);
                assembly.take_back(owner.origin.input);
                Server::unread(owner.origin)
            }
        };
        // What is included and given by itself is not missing.
        let included = server.includes.len();
        server.includes.retain(|path| !given.contains(&(owner.server.clone(), file_name(path))));
        server.refused -= (included - server.includes.len()) as u32;
        server.name = owner.server;
        server.origin = owner.statement;
        assembly.estate.servers.push(server);
    }
    listeners.into_iter().for_each(|one| doubt_addresses(assembly, one));
    let rest = read.into_iter().zip(taken).filter(|(_, taken)| !taken);
    for (ReadConfig { input, name, mut server, .. }, _) in rest {
        let shares = |other: &&Server| {
            other.addresses.iter().any(|address| server.addresses.contains(address))
        };
        let known = assembly.estate.servers.iter().find(shares).map(|other| other.name.clone());
        let listens = !server.addresses.is_empty();
        let file = || {
            let path = &assembly.estate.inputs[input.index()].path;
            path.rsplit('/').next().unwrap_or(path).to_owned()
        };
        match known.or(name).or_else(|| listens.then(file)) {
            Some(name) => {
                server.name = name;
                assembly.estate.servers.push(server);
            }
            None => {
                let message = format!(
                    "is the configuration of a DNS server, and nothing says of which: add `server \
                     NAME  address IP  config {}` to an .estate file",
                    file()
                );
                let origin = server.origin;
                assembly.note(NoteKind::Unsupported, message, origin);
            }
        }
    }
}

/// Where a server listens by all of its configurations.
struct Listener {
    owner: ConfigOf,
    /// Where it is stated to listen.
    stated: Vec<IpAddr>,
    addresses: Vec<IpAddr>,
    anywhere: bool,
}

/// Adds where a server listens by one more of its configurations.
fn hear(listeners: &mut Vec<Listener>, servers: &[Server], owner: &ConfigOf, read: &ReadConfig) {
    let at = listeners.iter().position(|one| one.owner.server == owner.server);
    let at = at.unwrap_or_else(|| {
        let named = servers.iter().filter(|one| one.name == owner.server);
        let stated = named.flat_map(|one| one.addresses.iter().copied()).collect();
        let (owner, addresses) = (owner.clone(), Vec::new());
        listeners.push(Listener { owner, stated, addresses, anywhere: false });
        listeners.len() - 1
    });
    listeners[at].addresses.extend(&read.server.addresses);
    listeners[at].anywhere |= read.anywhere;
}

/// Notes that a server listens at none of the addresses that are stated of it. Something may
/// stand before it, so what clients get there is not known.
fn doubt_addresses(assembly: &mut Assembly, listener: Listener) {
    let Listener { owner, mut stated, addresses, anywhere } = listener;
    // Of the other family of addresses its configurations may not speak.
    stated.retain(|one| addresses.iter().any(|other| other.is_ipv4() == one.is_ipv4()));
    if anywhere || stated.is_empty() || stated.iter().any(|one| addresses.contains(one)) {
        return;
    }
    let told = |all: &[IpAddr]| all.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(", ");
    let (listening, stated) = (told(&addresses), told(&stated));
    let message = format!("server `{}` listens at {listening}, not at {stated}", owner.server);
    assembly.note(NoteKind::Contradiction, message, owner.origin);
    let what = format!("listening at {listening} alone");
    let part = Unsimulated::new(NameId::ROOT, what, owner.origin);
    let mut server = Server { refused: 0, ..Server::unread(owner.statement) };
    server.name = owner.server;
    server.unsimulated.push(part);
    assembly.estate.servers.push(server);
}

/// Takes everything of `later` that `kept` lacks.
fn fill<T>(kept: &mut Option<T>, later: &mut Option<T>) {
    if kept.is_none() {
        *kept = later.take();
    }
}

fn fill_list<T: PartialEq>(kept: &mut Vec<T>, later: &mut Vec<T>) {
    for item in later.drain(..) {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
}

fn contradiction(message: String, origin: Origin, other: Origin) -> Note {
    Note { kind: NoteKind::Contradiction, message, origin, other: Some(other) }
}

/// Rulesets without an id join the one of their name, where there is exactly one.
pub(super) fn join_named_rulesets(estate: &mut Estate) {
    let into: Vec<Option<usize>> = (0..estate.rulesets.len())
        .map(|at| {
            let ruleset = &estate.rulesets[at];
            if ruleset.id.is_some() {
                return None;
            }
            let group = |ruleset: &Ruleset| ruleset.group.as_ref().map(|g| g.to_lowercase());
            let mut same = estate.rulesets.iter().enumerate().filter(|(_, other)| {
                other.id.is_some()
                    && other.name.eq_ignore_ascii_case(&ruleset.name)
                    && (ruleset.group.is_none() || group(ruleset) == group(other))
            });
            same.next().filter(|_| same.next().is_none()).map(|(other, _)| other)
        })
        .collect();
    for (at, target) in into.iter().enumerate() {
        let Some(target) = *target else { continue };
        let mut from = estate.rulesets[at].clone();
        let to = &mut estate.rulesets[target];
        to.rules.append(&mut from.rules);
        to.links.append(&mut from.links);
        to.rules_listed |= from.rules_listed;
        to.links_listed |= from.links_listed;
        to.refused += from.refused;
        fill(&mut to.location, &mut from.location);
    }
    let mut keep = into.iter().map(Option::is_none);
    estate.rulesets.retain(|_| keep.next().unwrap_or(true));
}

/// Puts rulesets in order, one rule for each domain and one link for each network.
pub(super) fn merge_rulesets(estate: &mut Estate) {
    let Estate { names, rulesets, notes, .. } = estate;
    rulesets.sort_by_cached_key(|ruleset| {
        let group = ruleset.group.as_ref().map(|group| group.to_lowercase());
        (ruleset.name.to_lowercase(), id_key(&ruleset.id), group)
    });
    for ruleset in rulesets {
        ruleset.rules.sort_by_cached_key(|rule| {
            (names.name(rule.domain), !rule.enabled, rule.targets.clone(), rule.origin)
        });
        ruleset.rules.dedup_by(|later, kept| {
            if later.domain != kept.domain {
                return false;
            }
            if (later.enabled, &later.targets) != (kept.enabled, &kept.targets) {
                let message = format!(
                    "ruleset `{}` has two rules for `{}`, which Azure refuses",
                    ruleset.name,
                    names.show(kept.domain)
                );
                notes.push(contradiction(message, kept.origin, later.origin));
            }
            if kept.name.is_empty() {
                kept.name = std::mem::take(&mut later.name);
            }
            true
        });
        ruleset.links.sort_by_key(|link| (link.vnet, link.pending.is_some(), link.origin));
        ruleset.links.dedup_by(|later, kept| later.vnet == kept.vnet);
    }
}

/// One inbound endpoint for each id.
pub(super) fn merge_inbound(estate: &mut Estate) {
    estate.inbound.sort_by_cached_key(|one| (one.name.to_lowercase(), id_key(&one.id), one.origin));
    estate.inbound.dedup_by(|later, kept| {
        let same = later.id == kept.id && (later.id.is_some() || later.name == kept.name);
        if same && (later.id.is_some() || later.vnet == kept.vnet) {
            fill(&mut kept.vnet, &mut later.vnet);
            fill_list(&mut kept.addresses, &mut later.addresses);
            return true;
        }
        false
    });
}

/// One server for each id or name, one zone and one forwarder for each domain.
pub(super) fn merge_servers(estate: &mut Estate) {
    let Estate { names, servers, notes, .. } = estate;
    servers.sort_by_cached_key(|one| {
        (one.name.to_lowercase(), one.id.is_none(), id_key(&one.id), one.origin)
    });
    servers.dedup_by(|later, kept| {
        let same_name = later.name.eq_ignore_ascii_case(&kept.name);
        let clash = later.id.is_some() && kept.id.is_some() && later.id != kept.id;
        let elsewhere = later.vnet.is_some() && kept.vnet.is_some() && later.vnet != kept.vnet;
        if !same_name || clash || elsewhere || later.kind != kept.kind {
            return false;
        }
        fill(&mut kept.id, &mut later.id);
        fill(&mut kept.vnet, &mut later.vnet);
        fill(&mut kept.product, &mut later.product);
        fill(&mut kept.recursion, &mut later.recursion);
        fill_list(&mut kept.addresses, &mut later.addresses);
        kept.refused += later.refused;
        kept.includes.append(&mut later.includes);
        kept.zones.append(&mut later.zones);
        kept.forwarders.append(&mut later.forwarders);
        kept.unsimulated.append(&mut later.unsimulated);
        let everything = |one: &Forwarder| one.domain == NameId::ROOT;
        if kept.kind == ServerKind::Firewall && kept.forwarders.iter().any(everything) {
            // Its policy, which may be in another input, says all that there is to know.
            kept.refused = 0;
            kept.includes.clear();
        }
        true
    });
    for server in servers {
        server
            .zones
            .sort_by_cached_key(|zone| (names.name(zone.apex), zone.by_default, zone.origin));
        server.zones.dedup_by(join_server_zones);
        for zone in &mut server.zones {
            merge_record_sets(zone, names, notes);
            zone.unread.sort_unstable();
            zone.unread.dedup();
        }
        server.forwarders.sort_by_cached_key(|one| (names.name(one.domain), one.origin));
        server.forwarders.dedup_by(|later, kept| {
            if later.domain != kept.domain {
                return false;
            }
            fill_list(&mut kept.targets, &mut later.targets);
            true
        });
        doubt_default_zones(server, names);
        let unsimulated = &mut server.unsimulated;
        settle_defaults(unsimulated);
        unsimulated
            .sort_by_cached_key(|one| (names.name(one.domain), one.what.clone(), one.origin));
        unsimulated
            .dedup_by(|later, kept| *later == Unsimulated { origin: later.origin, ..kept.clone() });
    }
}

/// Takes away what exempts all clients, and what a server does by default where another part of
/// its configuration states it.
fn settle_defaults(unsimulated: &mut Vec<Unsimulated>) {
    let stated: HashSet<String> = unsimulated.iter().map(|one| one.what.clone()).collect();
    unsimulated.retain(|one| {
        let default = one.what.strip_suffix(BY_DEFAULT).map(str::trim_end);
        let serves_all = one.except.iter().any(|prefix| prefix.prefix_len() == 0);
        !serves_all && !default.is_some_and(|what| stated.contains(what))
    });
}

/// Takes zones away that a server has by default, where nobody can say whether it has them: some of
/// its configuration was not read, or it forwards names of them.
///
/// BIND makes no such zone where forwarding that is `only` covers it (its reader knows); what
/// comes first otherwise no manual says in full.
fn doubt_default_zones(server: &mut Server, names: &Names) {
    let Server { zones, forwarders, unsimulated, refused, .. } = server;
    zones.retain(|zone| {
        let mut doubt = |domain| {
            let what = format!("zone {} {BY_DEFAULT}", names.show(zone.apex));
            unsimulated.push(Unsimulated::new(domain, what, zone.origin));
        };
        let mut special =
            forwarders.iter().map(|one| one.domain).filter(|&one| one != NameId::ROOT);
        if !zone.by_default {
            return true;
        }
        if *refused > 0 || special.clone().any(|above| names.is_at_or_below(zone.apex, above)) {
            doubt(zone.apex);
            return false;
        }
        special.by_ref().filter(|&one| names.is_at_or_below(one, zone.apex)).for_each(doubt);
        true
    });
}

fn join_server_zones(later: &mut Zone, kept: &mut Zone) -> bool {
    if later.apex != kept.apex {
        return false;
    }
    if later.by_default {
        // What the configuration says of a zone takes the place of what holds without a word.
        return true;
    }
    kept.listed |= later.listed;
    kept.refused += later.refused;
    kept.unread.append(&mut later.unread);
    kept.record_sets.append(&mut later.record_sets);
    true
}

/// One interface for each id; a stated fact wins over an unstated one.
pub(super) fn merge_interfaces(estate: &mut Estate) {
    estate
        .interfaces
        .sort_by_cached_key(|one| (one.name.to_lowercase(), id_key(&one.id), one.vnet, one.origin));
    estate.interfaces.dedup_by(|later, kept| {
        let same = match (&later.id, &kept.id) {
            (None, None) => later.name == kept.name && later.vnet == kept.vnet,
            (later, kept) => later == kept,
        };
        if !same {
            return false;
        }
        fill(&mut kept.vnet, &mut later.vnet);
        // A machine knows its name better than an interface knows its machine's; what tells
        // of machines has no addresses.
        let told = later.addresses.is_empty() || (kept.by_resource && !later.by_resource);
        if later.machine.is_some() && (told || kept.machine.is_none()) {
            (kept.machine, kept.by_resource) = (later.machine.take(), later.by_resource);
        }
        fill(&mut kept.suffix, &mut later.suffix);
        fill(&mut kept.primary, &mut later.primary);
        fill(&mut kept.running, &mut later.running);
        fill_list(&mut kept.addresses, &mut later.addresses);
        if kept.servers.is_empty() {
            kept.servers = std::mem::take(&mut later.servers);
        }
        true
    });
}

/// Calls `each` with every place that a fact of forwarding stands at.
pub(super) fn origins(estate: &mut Estate, each: &mut impl FnMut(&mut Origin)) {
    for ruleset in &mut estate.rulesets {
        each(&mut ruleset.origin);
        ruleset.rules.iter_mut().for_each(|rule| each(&mut rule.origin));
        ruleset.links.iter_mut().for_each(|link| each(&mut link.origin));
    }
    for server in &mut estate.servers {
        each(&mut server.origin);
        server.forwarders.iter_mut().for_each(|one| each(&mut one.origin));
        server.unsimulated.iter_mut().for_each(|one| each(&mut one.origin));
        for zone in &mut server.zones {
            each(&mut zone.origin);
            zone.record_sets.iter_mut().for_each(|set| each(&mut set.origin));
        }
    }
    estate.inbound.iter_mut().for_each(|one| each(&mut one.origin));
    estate.interfaces.iter_mut().for_each(|one| each(&mut one.origin));
}

/// Calls `each` with every reference to a network.
pub(super) fn vnets(estate: &mut Estate, each: impl Fn(VnetId) -> VnetId) {
    let each_option = |vnet: &mut Option<VnetId>| *vnet = vnet.map(&each);
    for ruleset in &mut estate.rulesets {
        ruleset.links.iter_mut().for_each(|link| link.vnet = each(link.vnet));
    }
    estate.inbound.iter_mut().for_each(|one| each_option(&mut one.vnet));
    estate.servers.iter_mut().for_each(|one| each_option(&mut one.vnet));
    estate.interfaces.iter_mut().for_each(|one| each_option(&mut one.vnet));
}

/// What has an address but no network joins the one network whose space holds it.
pub(super) fn place_by_address(estate: &mut Estate) {
    let Estate { vnets, inbound, servers, interfaces, .. } = estate;
    let home = |addresses: &[IpAddr]| -> Option<VnetId> {
        let holds = |at: &usize| {
            let space = &vnets[*at].space;
            addresses.iter().any(|address| space.iter().any(|prefix| prefix.contains(address)))
        };
        let mut found = (0..vnets.len()).filter(holds);
        let first = found.next()?;
        found.next().is_none().then_some(VnetId(first as u32))
    };
    for one in inbound.iter_mut().filter(|one| one.vnet.is_none()) {
        one.vnet = home(&one.addresses);
    }
    for one in servers.iter_mut().filter(|one| one.vnet.is_none()) {
        one.vnet = home(&one.addresses);
    }
    for one in interfaces.iter_mut().filter(|one| one.vnet.is_none()) {
        one.vnet = home(&one.addresses);
    }
}

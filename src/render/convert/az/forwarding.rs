//! Resolvers' endpoints, rulesets, firewalls and interfaces as `az` prints them.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::{id, list, maybe, object, reference, text};
use crate::estate::{
    Estate, Interface, ResourceId, Ruleset, Server, ServerKind, Vnet, VnetId, Zone,
};
use crate::name::NameId;
use crate::render::convert::{File, Losses, vnet_id};

const NETWORK: &str = "Microsoft.Network";
const DNS_PORT: u16 = 53;

/// Adds the files of who else answers and forwards.
pub(super) fn add(estate: &Estate, files: &mut Vec<File>, losses: &mut Losses) {
    let mut add = |path: &str, items: Vec<Value>, whole: bool| {
        if !items.is_empty() {
            files.push(File { path: path.to_owned(), text: list(&items, whole) });
        }
    };
    add("inbound-endpoints.json", inbound(estate), true);
    let rulesets = || estate.rulesets.iter().filter(|ruleset| ruleset.id.is_some());
    add("rulesets.json", rulesets().map(ruleset_item).collect(), true);
    for whole in [true, false] {
        let is = |known: bool| move |_: &&Ruleset| known == whole;
        let name = |name: &str| {
            if whole { format!("{name}.json") } else { format!("{name}-partial.json") }
        };
        let listed = rulesets().filter(|ruleset| is(ruleset.is_whole())(ruleset));
        let rules = listed.flat_map(|ruleset| rules(estate, ruleset)).collect();
        add(&name("forwarding-rules"), rules, whole);
        let listed = rulesets().filter(|ruleset| is(ruleset.links_listed)(ruleset));
        let links = listed.flat_map(|ruleset| links(estate, ruleset)).collect();
        add(&name("ruleset-links"), links, whole);
    }
    let firewalls = estate.servers.iter().filter_map(|server| firewall(estate, server));
    add("firewalls.json", firewalls.collect(), true);
    let interfaces = estate.interfaces.iter().filter(|one| one.id.is_some());
    add("interfaces.json", interfaces.map(|one| interface(estate, one)).collect(), true);
    count(estate, losses);
}

fn count(estate: &Estate, losses: &mut Losses) {
    let why = "left out; without a resource id, which is not made up";
    let rulesets = estate.rulesets.iter().filter(|one| one.id.is_none());
    losses.add(rulesets.count(), "ruleset", "rulesets", why);
    let inbound = estate.inbound.iter().filter(|one| one.id.is_none());
    losses.add(inbound.count(), "inbound endpoint", "inbound endpoints", why);
    let interfaces = || estate.interfaces.iter();
    let without = interfaces().filter(|one| one.id.is_none());
    losses.add(without.count(), "network interface", "network interfaces", why);
    let lost = |ruleset: &Ruleset| {
        ruleset.links.iter().filter(|link| vnet_id(estate, link.vnet).is_none()).count()
    };
    let why = "left out; the network has no resource id";
    losses.add(estate.rulesets.iter().map(lost).sum(), "ruleset link", "ruleset links", why);
    let empty = estate.rulesets.iter().filter(|one| one.is_whole() && one.rules.is_empty());
    let why = "without saying that it has no rules";
    losses.add(empty.count(), "ruleset", "rulesets", why);
    let servers = estate.servers.iter().filter(|server| firewall(estate, server).is_none());
    let why = "left out; `az` knows firewalls that forward everything, and nothing else";
    losses.add(servers.count(), "DNS server", "DNS servers", why);
    let why = "left out; there is no writer for it";
    losses.add(estate.policies.len(), "DNS security policy", "DNS security policies", why);
    losses.add(estate.domain_lists.len(), "domain list", "domain lists", why);
    let sites = estate.vnets.iter().filter(|vnet: &&Vnet| vnet.site);
    losses.add(sites.count(), "site", "sites", "left out; it is not in Azure");
    let machines = interfaces().filter(|one| one.machine.is_some() || one.running.is_some());
    let why = "without its virtual machine, whose resource id is not known";
    losses.add(machines.count(), "network interface", "network interfaces", why);
}

/// A part of a network, as far as it is known which one: the network itself.
fn subnet(estate: &Estate, vnet: Option<VnetId>) -> Option<Value> {
    vnet.and_then(|vnet| vnet_id(estate, vnet)).and_then(reference)
}

fn inbound(estate: &Estate) -> Vec<Value> {
    let known = estate.inbound.iter().filter(|one| one.id.is_some());
    known
        .map(|one| {
            let configurations = one.addresses.iter().map(|address| {
                object([
                    ("privateIpAddress", text(address.to_string())),
                    ("subnet", subnet(estate, one.vnet)),
                ])
            });
            object([
                ("id", id(one.id.as_ref())),
                ("ipConfigurations", Some(configurations.collect())),
                ("name", text(&*one.name)),
                ("type", text(format!("{NETWORK}/dnsResolvers/inboundEndpoints"))),
            ])
        })
        .collect()
}

fn ruleset_item(ruleset: &Ruleset) -> Value {
    object([
        ("id", id(ruleset.id.as_ref())),
        ("location", maybe(ruleset.location.as_deref())),
        ("name", text(&*ruleset.name)),
        ("resourceGroup", maybe(ruleset.id.as_ref().and_then(ResourceId::resource_group))),
        ("type", text(format!("{NETWORK}/dnsForwardingRulesets"))),
    ])
}

fn child(ruleset: &Ruleset, kind: &str, name: &str) -> Option<Value> {
    text(format!("{}/{kind}/{name}", ruleset.id.as_ref()?))
}

fn rules(estate: &Estate, ruleset: &Ruleset) -> Vec<Value> {
    let item = |(at, rule): (usize, &crate::estate::ForwardingRule)| {
        // Text that was written by hand names no rules.
        let name = match rule.name.as_str() {
            "" => format!("rule-{}", at + 1),
            name => name.to_owned(),
        };
        let targets = rule
            .targets
            .iter()
            .map(|target| json!({ "ipAddress": target.ip().to_string(), "port": target.port() }));
        let state = if rule.enabled { "Enabled" } else { "Disabled" };
        let domain = estate.names.show(rule.domain).to_string();
        object([
            ("domainName", text(format!("{}.", domain.trim_end_matches('.')))),
            ("forwardingRuleState", text(state)),
            ("id", child(ruleset, "forwardingRules", &name)),
            ("name", text(name)),
            ("targetDnsServers", Some(targets.collect())),
            ("type", text(format!("{NETWORK}/dnsForwardingRulesets/forwardingRules"))),
        ])
    };
    ruleset.rules.iter().enumerate().map(item).collect()
}

fn links(estate: &Estate, ruleset: &Ruleset) -> Vec<Value> {
    let known = ruleset.links.iter().enumerate();
    known
        .filter_map(|(at, link)| {
            let network = vnet_id(estate, link.vnet)?;
            let name = match link.name.as_str() {
                "" => format!("link-{}", at + 1),
                name => name.to_owned(),
            };
            Some(object([
                ("id", child(ruleset, "virtualNetworkLinks", &name)),
                ("name", text(name)),
                ("provisioningState", maybe(link.pending.as_deref())),
                ("type", text(format!("{NETWORK}/dnsForwardingRulesets/virtualNetworkLinks"))),
                ("virtualNetwork", reference(network)),
            ]))
        })
        .collect()
}

/// A firewall that forwards everything, on the port of DNS.
fn firewall(estate: &Estate, server: &Server) -> Option<Value> {
    let [everything] = &server.forwarders[..] else { return None };
    let plain = |target: &SocketAddr| target.port() == DNS_PORT;
    let zones: &[Zone] = &server.zones;
    let fits = server.kind == ServerKind::Firewall
        && server.id.is_some()
        && zones.is_empty()
        && server.refused == 0
        && everything.domain == NameId::ROOT
        && everything.targets.iter().all(plain);
    if !fits {
        return None;
    }
    let targets: Vec<String> =
        everything.targets.iter().map(|target| target.ip().to_string()).collect();
    let configurations = server.addresses.iter().map(|address| {
        object([
            ("privateIPAddress", text(address.to_string())),
            ("subnet", subnet(estate, server.vnet)),
        ])
    });
    let proxy = if targets.is_empty() { "false" } else { "true" };
    let settings =
        json!({"Network.DNS.EnableProxy": proxy, "Network.DNS.Servers": targets.join(",")});
    Some(object([
        ("additionalProperties", Some(settings)),
        ("id", id(server.id.as_ref())),
        ("ipConfigurations", Some(configurations.collect())),
        ("name", text(&*server.name)),
        ("type", text(format!("{NETWORK}/azureFirewalls"))),
    ]))
}

fn interface(estate: &Estate, interface: &Interface) -> Value {
    let configurations = interface.addresses.iter().enumerate().map(|(at, address)| {
        object([
            ("primary", Some((at == 0).into())),
            ("privateIPAddress", text(address.to_string())),
            ("subnet", subnet(estate, interface.vnet)),
        ])
    });
    let servers: Vec<String> = interface.servers.iter().map(ToString::to_string).collect();
    let mut settings = json!({ "dnsServers": servers });
    if let Some(suffix) = &interface.suffix {
        settings["internalDomainNameSuffix"] = suffix.as_str().into();
    }
    object([
        ("dnsSettings", Some(settings)),
        ("id", id(interface.id.as_ref())),
        ("ipConfigurations", Some(configurations.collect())),
        ("name", text(&*interface.name)),
        ("primary", interface.primary.map(Value::Bool)),
        ("type", text(format!("{NETWORK}/networkInterfaces"))),
    ])
}

//! Who else answers and forwards: resolvers and their rulesets, firewalls with DNS
//! proxy, and the machines and interfaces that have servers of their own.
//!
//! REST references "DNS Resolver", "Azure Firewalls", "Firewall Policies", "Network
//! Interfaces" and "Virtual Machines", learn.microsoft.com/rest/api; their recorded answers in
//! Azure/azure-cli-extensions `src/dns-resolver`; and for Azure PowerShell the models in
//! Azure/azure-powershell `src/DnsResolver` and `src/Network`; read 2026-11.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde_json::Value;

use super::inventory::{property, texts};
use super::{Item, Listed, Outcome, Problem, Reader, headless, identity, place_of};
use crate::estate::{
    Asking, Forwarder, ForwardingRule, InboundEndpoint, Interface, NoteKind, Origin,
    PolicySettings, ResourceId, RulesetId, RulesetLink, Server, ServerKind, VnetId,
};
use crate::name::NameId;

/// Where DNS servers listen unless a rule states a port.
const DNS_PORT: u16 = 53;

/// Azure DNS, seen from any network.
///
/// "What is IP address 168.63.129.16?", learn.microsoft.com/azure/virtual-network, read 2026-11.
const AZURE_DNS: IpAddr = IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16));

/// An item whose parts are looked up by path, with its text and place.
pub(super) struct Stated<'j> {
    pub value: Value,
    pub json: &'j str,
    pub origin: Origin,
}

impl Stated<'_> {
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        texts(&self.value, path).next()
    }

    /// The first of several paths that leads to something.
    fn any(&self, paths: &[&str]) -> Option<&str> {
        paths.iter().find_map(|path| self.text(path))
    }

    fn flag(&self, path: &str) -> Option<bool> {
        match property(&self.value, path)? {
            Value::Bool(flag) => Some(*flag),
            other => other.as_str()?.to_ascii_lowercase().parse().ok(),
        }
    }

    pub(super) fn place(&self, text: &str) -> Origin {
        place_of(text, self.json, self.origin)
    }

    pub(super) fn problem<T>(&self, message: impl Into<String>) -> Result<T, Problem> {
        Err((message.into(), self.origin))
    }
}

impl Reader<'_, '_> {
    /// A resolver itself forwards nothing; it says which network it is for.
    pub(super) fn resolver(&mut self, item: &Stated<'_>) -> Outcome {
        self.network(item, &["virtualNetwork.id", "virtualNetworkId"]).map(drop)
    }

    /// What is sent out leaves the resolver's network; the endpoint holds no names.
    pub(super) fn outbound(&mut self, item: &Stated<'_>) -> Outcome {
        self.network(item, &["subnet.id", "subnetId"]).map(drop)
    }

    pub(super) fn inbound(&mut self, head: &Item<'_>, item: &Stated<'_>) -> Outcome {
        let at = |error: String| (error, item.origin);
        let (id, name) = identity(head, "this inbound endpoint").map_err(at)?;
        let mut addresses = Vec::new();
        for path in ["ipConfigurations[].privateIpAddress", "ipConfiguration[].privateIpAddress"] {
            let found: Vec<&str> = texts(&item.value, path).collect();
            addresses.extend(self.addresses(found.into_iter(), "privateIpAddress", item));
        }
        // A template names it within its resolver.
        let name = name.rsplit('/').next().unwrap_or_default().to_owned();
        let vnet = self.network(
            item,
            &[
                "ipConfigurations[].subnet.id",
                "ipConfiguration[].subnet.id",
                "ipConfiguration[].subnetId",
            ],
        )?;
        let origin = item.origin;
        self.assembly.put_inbound(InboundEndpoint { name, id, vnet, addresses, origin });
        Ok(())
    }

    pub(super) fn ruleset(&mut self, head: &Item<'_>, item: &Stated<'_>) -> Outcome {
        let at = |error: String| (error, item.origin);
        let ruleset = match (&head.id, &head.name) {
            (Some(id), _) => self.assembly.ruleset_of(id.as_str(), item.origin).map_err(at)?,
            (None, Some(name)) => {
                let group = head.resource_group.as_ref().map(|group| group.as_str());
                self.assembly.ruleset_named(name.as_str(), group, item.origin)
            }
            (None, None) => return item.problem("this ruleset has no `id`"),
        };
        let location = head.location.as_ref().map(|location| location.as_str().to_owned());
        let ruleset = self.assembly.ruleset(ruleset);
        ruleset.location = ruleset.location.take().or(location);
        ruleset.origin = item.origin;
        Ok(())
    }

    /// The ruleset of a rule or link, and the child's own name.
    fn ruleset_and_child(
        &mut self,
        head: &Item<'_>,
        origin: Origin,
    ) -> Result<(RulesetId, String), Problem> {
        if let Some(id) = &head.id {
            let ruleset = match headless(id.as_str(), "dnsForwardingRulesets") {
                Some((group, name)) => self.assembly.ruleset_named(name, group, origin),
                None => self
                    .assembly
                    .ruleset_of(id.as_str(), origin)
                    .map_err(|error| (error, origin))?,
            };
            let name = id.as_str().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            return Ok((ruleset, name.to_owned()));
        }
        let parts = head.name.as_ref().and_then(|name| name.as_str().split_once('/'));
        let Some((ruleset, name)) = parts else {
            let message = "this part of a ruleset has no `id`, so its ruleset is unknown";
            return Err((message.to_owned(), origin));
        };
        let group = head.resource_group.as_ref().map(|group| group.as_str());
        Ok((self.assembly.ruleset_named(ruleset, group, origin), name.to_owned()))
    }

    pub(super) fn rule(
        &mut self,
        head: &Item<'_>,
        item: &Stated<'_>,
        listed: &mut Listed,
    ) -> Outcome {
        let (ruleset, name) = self.ruleset_and_child(head, item.origin)?;
        listed.with_rules.insert(ruleset);
        let rule = self.rule_of(name, item);
        self.assembly.ruleset(ruleset).refused += u32::from(rule.is_err());
        rule.map(|rule| self.assembly.put_rule(ruleset, rule))
    }

    fn rule_of(&mut self, name: String, item: &Stated<'_>) -> Result<ForwardingRule, Problem> {
        let Some(domain) = item.text("domainName") else {
            return item.problem("this forwarding rule has no `domainName`");
        };
        let interned = self.assembly.names().intern_text(domain, NameId::ROOT);
        let domain = interned.map_err(|error| (error.to_string(), item.place(domain)))?;
        let enabled = match item.text("forwardingRuleState") {
            None => true,
            Some(state) if state.eq_ignore_ascii_case("Enabled") => true,
            Some(state) if state.eq_ignore_ascii_case("Disabled") => false,
            Some(state) => {
                let message = format!(
                    "expected `Enabled` or `Disabled` as `forwardingRuleState`, found `{state}`"
                );
                return Err((message, item.place(state)));
            }
        };
        let stated = ["targetDnsServers", "targetDnsServer"];
        let stated = stated.iter().find_map(|key| property(&item.value, key));
        let mut targets = Vec::new();
        let servers = match stated {
            Some(Value::Array(servers)) => &servers[..],
            // PowerShell may unwrap a list of one.
            Some(only) => std::slice::from_ref(only),
            None => &[],
        };
        for server in servers {
            let address = texts(server, "ipAddress").next().unwrap_or("");
            let Ok(ip) = address.parse() else {
                let message = format!("expected an IP address in `ipAddress`, found `{address}`");
                return Err((message, item.place(address)));
            };
            let port = match property(server, "port") {
                None => Some(DNS_PORT),
                Some(port) => port.as_u64().and_then(|port| u16::try_from(port).ok()),
            };
            let Some(port) = port else {
                return item.problem(format!("expected a port from 0 to {}", u16::MAX));
            };
            targets.push(SocketAddr::new(ip, port));
        }
        if targets.is_empty() {
            return item.problem("this forwarding rule has no `targetDnsServers`");
        }
        Ok(ForwardingRule { name, domain, targets, enabled, origin: item.origin })
    }

    pub(super) fn ruleset_link(
        &mut self,
        head: &Item<'_>,
        item: &Stated<'_>,
        listed: &mut Listed,
    ) -> Outcome {
        let (ruleset, name) = self.ruleset_and_child(head, item.origin)?;
        let Some(vnet) = self.network(item, &["virtualNetwork.id", "virtualNetworkId"])? else {
            return item.problem("this link names no virtual network");
        };
        listed.with_ruleset_links.insert(ruleset);
        let working = |state: &&str| state.eq_ignore_ascii_case("Succeeded");
        let state = item.text("provisioningState").filter(|state| !working(state));
        let pending = state.map(str::to_owned);
        let link = RulesetLink { name, vnet, pending, origin: item.origin };
        self.assembly.put_ruleset_link(ruleset, link);
        Ok(())
    }

    /// An interface that belongs to no private endpoint.
    pub(super) fn client(&mut self, head: &Item<'_>, item: &Stated<'_>) -> Outcome {
        let at = |error: String| (error, item.origin);
        let (id, name) = identity(head, "this network interface").map_err(at)?;
        let empty = Vec::new();
        let configurations = property(&item.value, "ipConfigurations").and_then(Value::as_array);
        let mut configurations: Vec<&Value> = configurations.unwrap_or(&empty).iter().collect();
        let primary = |configuration: &&Value| {
            property(configuration, "primary").and_then(Value::as_bool) != Some(true)
        };
        configurations.sort_by_key(primary);
        let found: Vec<&str> =
            configurations.iter().flat_map(|one| texts(one, "privateIpAddress")).collect();
        let addresses = self.addresses(found.into_iter(), "privateIPAddress", item);
        let servers = self.servers_of_interface(item);
        let vnet = self.network(item, &["ipConfigurations[].subnet.id"])?;
        let machine = texts(&item.value, "virtualMachine.id").find_map(ResourceId::new);
        self.assembly.put_interface(Interface {
            name,
            id,
            vnet,
            addresses,
            servers,
            by_resource: machine.is_some(),
            machine: machine.map(|machine| machine.name().to_owned()),
            suffix: item.text("dnsSettings.internalDomainNameSuffix").map(str::to_owned),
            primary: item.flag("primary"),
            running: None,
            origin: item.origin,
        });
        Ok(())
    }

    /// The servers of an interface: those that are applied to it, where any are.
    ///
    /// In an availability set these are those of all interfaces in the set, and "what is
    /// configured on each of those VMs": `NetworkInterfaceDnsSettings`, REST reference of network
    /// interfaces, read 2026-11.
    fn servers_of_interface(&mut self, item: &Stated<'_>) -> Vec<IpAddr> {
        for (path, name) in [
            ("dnsSettings.appliedDnsServers[]", "appliedDnsServers"),
            ("dnsSettings.dnsServers[]", "dnsServers"),
        ] {
            let stated: Vec<&str> = texts(&item.value, path).collect();
            if !stated.is_empty() {
                return self.addresses(stated.into_iter(), name, item);
            }
        }
        Vec::new()
    }

    /// A virtual machine: what its interfaces are registered as.
    pub(super) fn machine(&mut self, head: &Item<'_>, item: &Stated<'_>) -> Outcome {
        let at = |error: String| (error, item.origin);
        let (_, name) = identity(head, "this virtual machine").map_err(at)?;
        let machine = item.text("osProfile.computerName").map_or(name, str::to_owned);
        let profile = property(&item.value, "networkProfile");
        let list = profile.and_then(|profile| property(profile, "networkInterfaces"));
        let interfaces = list.and_then(Value::as_array);
        let only = interfaces.is_some_and(|list| list.len() == 1);
        for interface in interfaces.into_iter().flatten() {
            let Some(id) = texts(interface, "id").find_map(ResourceId::new) else { continue };
            let primary = property(interface, "primary").and_then(Value::as_bool);
            self.assembly.put_interface(Interface {
                name: id.name().to_owned(),
                id: Some(id),
                vnet: None,
                addresses: Vec::new(),
                servers: Vec::new(),
                machine: Some(machine.clone()),
                by_resource: false,
                suffix: None,
                primary: primary.or(only.then_some(true)),
                running: is_running(&item.value),
                origin: item.origin,
            });
        }
        Ok(())
    }

    /// A firewall: a DNS server where it, or its policy, has DNS proxy on, and else one that does
    /// not answer.
    pub(super) fn firewall(&mut self, head: &Item<'_>, item: &Stated<'_>) -> Outcome {
        let at = |error: String| (error, item.origin);
        let (id, name) = identity(head, "this firewall").map_err(at)?;
        let found: Vec<&str> = texts(&item.value, "ipConfigurations[].privateIpAddress").collect();
        let addresses = self.addresses(found.into_iter(), "privateIPAddress", item);
        let vnet = self.network(item, &["ipConfigurations[].subnet.id"])?;
        let own = property(&item.value, "additionalProperties");
        let own = |key: &str| own.and_then(|own| property(own, key)).and_then(Value::as_str);
        let policy = item.text("firewallPolicy.id");
        let has_policy = policy.is_some();
        if let (Some(id), Some(policy)) = (&id, policy.and_then(ResourceId::new)) {
            self.assembly.put_policy_of_firewall(id.clone(), policy);
        }
        let proxy = own("Network.DNS.EnableProxy").map(|on| on.eq_ignore_ascii_case("true"));
        let proxy = proxy.or_else(|| item.flag("dnsEnableProxy")).unwrap_or(false);
        let mut forwarders = Vec::new();
        if !has_policy && !proxy {
            forwarders.push(passes_nothing_on(item));
        } else if !has_policy {
            let list = own("Network.DNS.Servers").unwrap_or("");
            let servers = list.split(',').map(str::trim).filter(|text| !text.is_empty());
            let servers = servers.chain(texts(&item.value, "dnsServer[]"));
            let servers: Vec<&str> = servers.collect();
            forwarders.push(self.everything_to(servers.into_iter(), item));
        }
        self.assembly.put_server(Server {
            name,
            id,
            kind: ServerKind::Firewall,
            product: None,
            addresses,
            vnet,
            recursion: Some(false),
            // What a policy says is in an item of its own.
            refused: u32::from(has_policy),
            zones: Vec::new(),
            forwarders,
            unsimulated: Vec::new(),
            includes: Vec::new(),
            origin: item.origin,
        });
        Ok(())
    }

    /// A firewall policy says for its firewalls whether and to whom they forward, or its parent does.
    pub(super) fn firewall_policy(&mut self, head: &Item<'_>, item: &Stated<'_>) -> Outcome {
        let settings = property(&item.value, "dnsSettings").filter(|settings| !settings.is_null());
        let proxy = settings.and_then(|settings| property(settings, "enableProxy"));
        let firewalls = texts(&item.value, "firewalls[].id").filter_map(ResourceId::new);
        let firewalls: Vec<ResourceId> = firewalls.collect();
        let id = head.id.as_ref().and_then(|id| ResourceId::new(id.as_str()));
        let parent = item.text("basePolicy.id").and_then(ResourceId::new);
        let forwarder = match (proxy.and_then(Value::as_bool), parent) {
            (Some(true), _) => {
                let servers: Vec<&str> = texts(&item.value, "dnsSettings.servers[]").collect();
                self.everything_to(servers.into_iter(), item)
            }
            (None, Some(parent)) => {
                // Whether servers alone override all of the parent's settings no document says.
                if texts(&item.value, "dnsSettings.servers[]").next().is_none() {
                    for firewall in firewalls {
                        self.assembly.put_policy_of_firewall(firewall, parent.clone());
                    }
                    if let Some(id) = id {
                        self.assembly.put_firewall_policy(id, PolicySettings::Of(parent));
                    }
                }
                return Ok(());
            }
            _ => passes_nothing_on(item),
        };
        let says = Server {
            kind: ServerKind::Firewall,
            recursion: Some(false),
            refused: 0,
            forwarders: vec![forwarder],
            ..Server::unread(item.origin)
        };
        for firewall in firewalls {
            let name = firewall.name().to_owned();
            self.assembly.put_server(Server { name, id: Some(firewall), ..says.clone() });
        }
        if let Some(id) = id {
            self.assembly.put_firewall_policy(id, PolicySettings::Own(says));
        }
        Ok(())
    }

    /// A firewall without servers of its own asks Azure DNS.
    fn everything_to<'v>(
        &mut self,
        servers: impl Iterator<Item = &'v str>,
        item: &Stated<'_>,
    ) -> Forwarder {
        let mut servers = self.addresses(servers, "servers", item);
        if servers.is_empty() {
            servers.push(AZURE_DNS);
        }
        let targets = servers.into_iter().map(|server| SocketAddr::new(server, DNS_PORT)).collect();
        Forwarder { asking: Asking::Forward, domain: NameId::ROOT, targets, origin: item.origin }
    }

    /// The network that the first of several paths leads to, or a subnet of it.
    pub(super) fn network(
        &mut self,
        item: &Stated<'_>,
        paths: &[&str],
    ) -> Result<Option<VnetId>, Problem> {
        let Some(id) = item.any(paths) else { return Ok(None) };
        let place = item.place(id);
        self.vnet_referred(id, place).map(Some).map_err(|error| (error, place))
    }

    /// The addresses among texts; what is none is told.
    fn addresses<'v>(
        &mut self,
        texts: impl Iterator<Item = &'v str>,
        key: &str,
        item: &Stated<'_>,
    ) -> Vec<IpAddr> {
        let mut addresses = Vec::new();
        for text in texts.filter(|text| !text.is_empty()) {
            match text.parse() {
                Ok(address) => addresses.push(address),
                Err(_) => {
                    let message = format!("expected an IP address in `{key}`, found `{text}`");
                    self.assembly.note(NoteKind::Refused, message, item.place(text));
                }
            }
        }
        addresses
    }
}

/// A DNS proxy that is off, as it is unless stated: "When this setting is enabled, the firewall
/// listens on port 53" ("Azure Firewall policy DNS settings",
/// learn.microsoft.com/azure/firewall-manager/dns-settings, read 2026-11).
fn passes_nothing_on(item: &Stated<'_>) -> Forwarder {
    let (domain, targets) = (NameId::ROOT, Vec::new());
    Forwarder { asking: Asking::Forward, domain, targets, origin: item.origin }
}

/// Whether a machine is allocated: `az vm list --show-details`, the instance view, and
/// Resource Graph each have their own place for it.
fn is_running(machine: &Value) -> Option<bool> {
    let states =
        ["powerState", "instanceView.statuses[].code", "extended.instanceView.powerState.code"];
    let mut states = states.iter().flat_map(|path| texts(machine, path));
    states.find_map(|state| {
        let state = state.rsplit(['/', ' ']).next().unwrap_or(state);
        let state = state.to_ascii_lowercase();
        ["running", "starting", "stopped", "stopping", "deallocated", "deallocating"]
            .contains(&state.as_str())
            .then(|| !state.starts_with("dealloc"))
    })
}

//! Why the estate cannot say.

use std::net::{IpAddr, SocketAddr};

use super::walk::{FORWARD_LIMIT, PORT};
use crate::estate::{Estate, RulesetId, ServerKind, ZoneId};
use crate::index::{Index, MachineDoubt, Party, PolicyRef, PolicyVerdict, RuleRef};

/// A server as reports have it: its port where that is not the usual one.
pub fn shown_target(target: SocketAddr) -> String {
    match target.port() {
        PORT => target.ip().to_string(),
        _ => target.to_string(),
    }
}

/// Why the estate cannot say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gap {
    /// The clients ask a server that is not modelled.
    CustomServer(IpAddr),
    /// It was forwarded to a server that is not modelled.
    ForwardedTo(SocketAddr),
    /// Which servers the clients ask is unknown.
    ServersUnknown,
    /// The site of the clients states no DNS servers.
    SiteServers,
    /// The link of the zone that would answer is not operational yet.
    PendingLink(ZoneId),
    /// The zone that would answer was not exported with its records.
    UnreadZone(ZoneId),
    /// The zone that would answer was exported in part.
    PartialZone(ZoneId),
    /// The record set that would answer could not be read in full.
    UnreadSet(ZoneId),
    /// The zone may be linked: not all of its links were read.
    UnreadLinks(ZoneId),
    /// A zone that an incomplete list lacks may answer.
    UnlistedZones,
    /// A ruleset that an incomplete list lacks may forward.
    UnlistedRulesets,
    /// A DNS security policy that an incomplete list lacks may block.
    UnlistedPolicies,
    /// Two zones of one name are linked, which Azure refuses.
    TwoZones(ZoneId, ZoneId),
    /// Nothing is recorded of public DNS here.
    PublicUnrecorded,
    /// Whether the resource has an approved private endpoint is unknown, and it matters.
    EndpointUnknown,
    /// Public DNS is recorded to fail.
    PublicFailure,
    /// A machine of the network may have this built-in name.
    BuiltInUnlisted,
    /// A machine has the name, and nothing tells what stands for it.
    Machine(MachineDoubt),
    /// The zone has an SOA that no input shows.
    UnreadSoa(ZoneId),
    /// Whether a DNS security policy blocks the name is unknown.
    Policy(PolicyVerdict),
    /// What rules a DNS security policy has, or what a list of Azure holds, is taken to be unknown.
    UnreadPolicy,
    /// More servers pass the question on, one to the next, than are simulated.
    TooManyServers,
    /// The rules of the ruleset were not all read.
    UnreadRules(RulesetId),
    /// The link of the ruleset whose rule would forward is not operational yet.
    PendingRuleset(RulesetId),
    /// The ruleset, whose rule would forward, may be linked: not all of its links were read.
    UnreadRulesetLinks(RulesetId),
    /// Two rulesets are linked, which Azure refuses.
    TwoRulesets(RulesetId, RulesetId),
    /// The rule has no target.
    NoTarget(RuleRef),
    /// The rule leads to 168.63.129.16, which Azure refuses.
    AzureAsTarget(RuleRef),
    /// The clients of a site, or this server there, ask Azure DNS, which cannot be
    /// reached from there.
    AzureUnreachable(Option<u32>),
    /// In which network the server sits that asks Azure DNS is unknown.
    ServerPlace(u32),
    /// In which network the inbound endpoint sits is unknown.
    InboundPlace(u32),
    /// Whether the server looks up what it neither has nor forwards is unknown.
    ServerRecursion(u32),
    /// The server's configuration was read in part.
    PartialServer(u32),
    /// Something that is not simulated decides at the server, by its place there.
    Unsimulated(u32, u32),
    /// The forwarder of the server for the name has no target.
    NoForwarder(u32),
    /// What a private zone answers for NS at its apex is taken to be unknown.
    ApexNs(ZoneId),
}

impl Gap {
    /// What would settle it: an export, a line of `.estate` text, or a look-up; `name` is the
    /// last name of the chain.
    pub fn settled_by(self, index: &Index, name: &str) -> Option<String> {
        let estate = index.estate();
        let zone = |id: ZoneId| estate.zone_name(id);
        let server = |at: u32| &estate.servers[at as usize].name;
        let missing = |at: u32| match &estate.servers[at as usize].includes[..] {
            [] => String::new(),
            files => format!(", or the files `{}` with `config`", files.join("`, `")),
        };
        let said = match self {
            Gap::ForwardedTo(target) if target.port() != PORT => format!(
                "asking {} for `{name}`: no server with another port than {PORT} can be described",
                shown_target(target)
            ),
            Gap::ForwardedTo(target) => return Gap::CustomServer(target.ip()).settled_by(index, name),
            Gap::CustomServer(address) => format!(
                "asking {address} for `{name}`, or describing it: `server NAME  address {address}` in \
                 an .estate file, with the zones and forwarders of its configuration"
            ),
            Gap::ServersUnknown => "the export of `az network vnet list`".to_owned(),
            Gap::SiteServers => "`dns` of the `site` in an .estate file".to_owned(),
            Gap::PendingLink(_) | Gap::PendingRuleset(_) => {
                "waiting until the link is operational, and a new export".to_owned()
            }
            Gap::UnreadZone(id) | Gap::PartialZone(id) | Gap::UnreadSet(id)
                if (id.index()) < estate.zones.len() =>
            {
                format!("the whole of `az network private-dns record-set list -z {}`", zone(id))
            }
            Gap::UnreadZone(id) | Gap::PartialZone(id) | Gap::UnreadSet(id) => format!(
                "`record {name} …` under `zone {}` of the server in an .estate file, or asking it",
                zone(id)
            ),
            Gap::UnreadLinks(id) => {
                format!("the whole of `az network private-dns link vnet list -z {}`", zone(id))
            }
            Gap::UnlistedZones => {
                "the whole of `az network private-dns zone list`, with all pages".to_owned()
            }
            Gap::UnlistedRulesets => {
                "the whole of `az dns-resolver forwarding-ruleset list`, with all pages".to_owned()
            }
            Gap::UnlistedPolicies => {
                "the whole of `az dns-resolver policy list`, with all pages".to_owned()
            }
            Gap::TwoZones(..) | Gap::TwoRulesets(..) => {
                "a new export: Azure has one of the two links at most".to_owned()
            }
            Gap::PublicUnrecorded | Gap::PublicFailure => format!(
                "`dig {name}` outside Azure, put in a file for `--public`"
            ),
            Gap::EndpointUnknown => format!(
                "`dig {name}` outside Azure: an alias with `privatelink` means that it has one; \
                 `--public` reads the output"
            ),
            Gap::BuiltInUnlisted => {
                "the exports of `az network nic list` and `az vm list -d`".to_owned()
            }
            Gap::Machine(MachineDoubt::UnreadLinks(id)) => {
                format!("the whole of `az network private-dns link vnet list -z {}`", zone(id))
            }
            Gap::Machine(MachineDoubt::PendingLink(_)) => {
                "waiting until the link is operational, and a new export".to_owned()
            }
            Gap::Machine(MachineDoubt::Zones(..)) => {
                "a new export: Azure has one of the two links at most".to_owned()
            }
            Gap::Machine(_) => format!(
                "`dig {name}` in the network, or the exports of `az network nic list` and `az vm list \
                 -d`"
            ),
            Gap::Policy(PolicyVerdict::Pending(_)) => {
                "waiting until the link is operational, and a new export".to_owned()
            }
            Gap::Policy(PolicyVerdict::Two(..)) => {
                "a new export: Azure has one of the two links at most".to_owned()
            }
            Gap::Policy(PolicyVerdict::Perhaps(_)) => {
                "the whole of `az dns-resolver policy vnet-link list`".to_owned()
            }
            Gap::Policy(PolicyVerdict::UnreadList(_)) => format!(
                "the domains of the list in an .estate file (`domain-list NAME`), or `dig {name}` in \
                 the network"
            ),
            Gap::Policy(_) | Gap::UnreadPolicy => format!(
                "the whole of `az dns-resolver policy dns-security-rule list`, or `dig {name}` in the \
                 network"
            ),
            Gap::UnreadSoa(id) => format!("`dig SOA {}` in a network with the zone", zone(id)),
            Gap::UnreadRules(_) => {
                "the whole of `az dns-resolver forwarding-rule list`".to_owned()
            }
            Gap::UnreadRulesetLinks(_) => {
                "the whole of `az dns-resolver vnet-link list`".to_owned()
            }
            Gap::ServerPlace(at) => {
                format!("`vnet VNET` or `site SITE` at `server {}` in an .estate file", server(at))
            }
            Gap::InboundPlace(_) => {
                "the export of `az dns-resolver inbound-endpoint list`, or `vnet VNET` at `inbound` \
                 in an .estate file"
                    .to_owned()
            }
            Gap::ServerRecursion(at) => format!(
                "its configuration (of Windows DNS, `Get-DnsServerForwarder`), or `recursion on` or \
                 `off` at `server {}` in an .estate file",
                server(at)
            ),
            Gap::NoForwarder(at) if estate.servers[at as usize].kind == ServerKind::Firewall => {
                return None;
            }
            Gap::PartialServer(at) | Gap::NoForwarder(at) | Gap::Unsimulated(at, _) => format!(
                "asking server `{}` for `{name}`, or what it does with it in an .estate file{}",
                server(at),
                missing(at)
            ),
            Gap::ApexNs(id) => format!("`dig NS {}` in a network with the zone", zone(id)),
            // What Azure refuses cannot be looked at.
            Gap::NoTarget(_)
            | Gap::AzureAsTarget(_)
            | Gap::AzureUnreachable(_)
            | Gap::TooManyServers => return None,
        };
        Some(said)
    }

    /// Why, in words; `name` is the last name of the chain.
    pub fn explain(self, index: &Index, name: &str) -> String {
        let estate = index.estate();
        let zone = |id: ZoneId| format!("`{}`", estate.zone_name(id));
        let ruleset = |id: RulesetId| format!("`{}`", estate.ruleset(id).name);
        let server = |at: u32| format!("`{}`", estate.servers[at as usize].name);
        let rule = |rule: RuleRef| {
            let domain = estate.names.show(index.rule(rule).domain);
            format!("the rule for `{domain}` of ruleset {}", ruleset(rule.ruleset))
        };
        match self {
            Gap::CustomServer(address) => {
                format!("the network's clients ask {address}, which is not modelled")
            }
            Gap::ForwardedTo(target)
                if target.port() != PORT && index.party(target.ip()) != Party::Unknown =>
            {
                format!(
                    "`{name}` is forwarded to port {} of {}, which is known to listen at port \
                     {PORT} alone",
                    target.port(),
                    target.ip()
                )
            }
            Gap::ForwardedTo(target) => format!(
                "`{name}` is forwarded to {}, which is not modelled: a `server` in an \
                 .estate file, or asking it, would tell",
                shown_target(target)
            ),
            Gap::SiteServers => "the site states no DNS servers for its clients".to_owned(),
            Gap::ServersUnknown => {
                "the network was not exported, so its DNS servers are unknown".to_owned()
            }
            Gap::PendingLink(id) => format!("the link of zone {} is not operational yet", zone(id)),
            Gap::UnreadZone(id) => format!("the records of zone {} were not exported", zone(id)),
            Gap::PartialZone(id) => {
                format!("zone {} was read in part, and what was read lacks `{name}`", zone(id))
            }
            Gap::UnreadLinks(id) => {
                format!("zone {} may be linked: not all of its links were read", zone(id))
            }
            Gap::UnreadSet(id) => {
                format!("what zone {} has for `{name}` could not be read", zone(id))
            }
            Gap::UnlistedZones => {
                format!("a zone that was not read may claim `{name}`: not all zones were listed")
            }
            Gap::UnlistedRulesets => format!(
                "a ruleset that was not read may be linked and cover `{name}`: not all rulesets were \
                 listed"
            ),
            Gap::UnlistedPolicies => format!(
                "a DNS security policy that was not read may be linked and block `{name}`: not all \
                 policies were listed"
            ),
            Gap::TwoZones(id, _) => {
                format!("two zones named {} are linked, which Azure refuses", zone(id))
            }
            Gap::PublicUnrecorded => format!("public DNS is not recorded for `{name}`"),
            Gap::EndpointUnknown => format!(
                "nothing tells whether the resource of `{name}` has an approved private endpoint"
            ),
            Gap::PublicFailure => format!("public DNS is recorded to fail for `{name}`"),
            Gap::BuiltInUnlisted => {
                format!("`{name}` is a built-in name, and not every machine was exported")
            }
            Gap::Machine(doubt) => explain_machine(estate, doubt, name),
            Gap::Policy(verdict) => explain_policy(index, verdict, name),
            Gap::UnreadPolicy => {
                format!("nothing tells whether the network's DNS security policy blocks `{name}`")
            }
            Gap::UnreadSoa(id) => {
                format!("zone {} has an SOA record, and no input shows it", zone(id))
            }
            Gap::TooManyServers => format!(
                "more than {FORWARD_LIMIT} servers would pass the question for `{name}` on, one to the \
                 next"
            ),
            Gap::UnreadRules(id) => {
                format!("the rules of ruleset {} were not all read", ruleset(id))
            }
            Gap::PendingRuleset(id) => {
                format!("the link of ruleset {} is not operational yet", ruleset(id))
            }
            Gap::UnreadRulesetLinks(id) => {
                format!("ruleset {} may be linked: not all of its links were read", ruleset(id))
            }
            Gap::TwoRulesets(id, other) => format!(
                "rulesets {} and {} are both linked, which Azure refuses",
                ruleset(id),
                ruleset(other)
            ),
            Gap::NoTarget(at) => format!("{} has no target", rule(at)),
            Gap::AzureAsTarget(at) => {
                format!("{} leads to 168.63.129.16, which Azure refuses", rule(at))
            }
            Gap::AzureUnreachable(None) => {
                "the clients ask 168.63.129.16, which answers in virtual networks only".to_owned()
            }
            Gap::AzureUnreachable(Some(at)) => format!(
                "server {} asks 168.63.129.16, which answers in virtual networks only",
                server(at)
            ),
            Gap::ServerPlace(at) => format!(
                "server {} asks Azure DNS, and nothing tells in which network it sits",
                server(at)
            ),
            Gap::InboundPlace(at) => format!(
                "nothing tells in which network inbound endpoint `{}` is",
                estate.inbound[at as usize].name
            ),
            Gap::ServerRecursion(at) => format!(
                "nothing tells whether server {} looks up what it neither has nor forwards",
                server(at)
            ),
            Gap::PartialServer(at) => match &estate.servers[at as usize].includes[..] {
                [] => format!("the configuration of server {} was read in part", server(at)),
                [file, ..] => format!(
                    "the configuration of server {} includes `{file}`, which was not read",
                    server(at)
                ),
            },
            Gap::Unsimulated(at, what) => format!(
                "the configuration of server {} has `{}`, which is not simulated",
                server(at),
                estate.servers[at as usize].unsimulated[what as usize].what
            ),
            Gap::ApexNs(id) => {
                format!("nothing tells what zone {} answers for NS at its apex", zone(id))
            }
            Gap::NoForwarder(at) if estate.servers[at as usize].kind == ServerKind::Firewall => {
                format!("firewall {} has its DNS proxy off, so it does not answer DNS", server(at))
            }
            Gap::NoForwarder(at) => {
                format!("the forwarder of server {} for `{name}` has no target", server(at))
            }
        }
    }
}

/// Why nobody can say what stands for a machine, in words.
fn explain_machine(estate: &Estate, doubt: MachineDoubt, name: &str) -> String {
    let interface = |at: u32| format!("`{}`", estate.interface_name(at));
    match doubt {
        MachineDoubt::Interfaces(one, other) => format!(
            "interfaces {} and {} may both stand for `{name}`, and nothing tells which one does",
            interface(one),
            interface(other)
        ),
        MachineDoubt::PendingLink(zone) => format!(
            "the link by which machines are registered in zone `{}` is not operational yet",
            estate.zone_name(zone)
        ),
        MachineDoubt::UnreadLinks(zone) => format!(
            "the network may register its machines in zone `{}`: not all of its links were read",
            estate.zone_name(zone)
        ),
        MachineDoubt::Zones(one, other) => format!(
            "the network has registration links to `{}` and `{}`, which Azure refuses",
            estate.zone_name(one),
            estate.zone_name(other)
        ),
        MachineDoubt::Address(at) => {
            format!("nothing tells what is registered of interface {}", interface(at))
        }
        MachineDoubt::Named(at) => format!(
            "nothing tells what the machine of interface {} calls itself: `{}` is the name of its \
             resource",
            interface(at),
            estate.interfaces[at as usize].machine.as_deref().unwrap_or_default()
        ),
        MachineDoubt::Unrecorded(at) => {
            format!("nothing tells whether interface {} is registered", interface(at))
        }
    }
}

/// Why nobody can say whether a policy blocks a name, in words.
fn explain_policy(index: &Index, verdict: PolicyVerdict, name: &str) -> String {
    let policy = |at: u32| format!("`{}`", index.estate().policies[at as usize].name);
    let rule = |at: PolicyRef| {
        let facts = index.policy_rule(at);
        format!("rule {} of DNS security policy {}", facts.priority, policy(at.policy))
    };
    match verdict {
        PolicyVerdict::UnreadList(at) => {
            format!("{} may cover `{name}`: not all of its domain lists were read", rule(at))
        }
        PolicyVerdict::UnreadRules(at) => {
            format!("the rules of DNS security policy {} were not all read", policy(at))
        }
        PolicyVerdict::Perhaps(at) => format!(
            "DNS security policy {} may be linked: not all of its links were read",
            policy(at)
        ),
        PolicyVerdict::Pending(at) => {
            format!("{} blocks `{name}`, and the policy's link is not operational yet", rule(at))
        }
        PolicyVerdict::Two(one, other) => format!(
            "DNS security policies {} and {} are both linked, which Azure refuses",
            policy(one),
            policy(other)
        ),
        PolicyVerdict::Silent | PolicyVerdict::Rule(..) => String::new(),
    }
}

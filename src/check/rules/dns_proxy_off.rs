//! `dns-proxy-off`

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::list;
use crate::check::{Context, Report, Severity, rule};
use crate::estate::{Origin, ServerKind, VnetId};
use crate::index::{Own, Party};
use crate::name::NameId;

rule! {
    /// ## What it finds
    /// Networks, interfaces, forwarding rules and DNS servers that ask an Azure Firewall whose DNS
    /// proxy is off.
    ///
    /// ## Why it matters
    /// Without the proxy the firewall does not listen for DNS, so no name at all resolves for who
    /// asks it, and the proxy is off unless somebody enables it ("Azure Firewall DNS settings",
    /// learn.microsoft.com/azure/firewall/dns-settings, read 2026-11). Where there are other servers
    /// to ask, each answer comes late, and the finding is a warning.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub    space 10.0.0.0/16
    /// vnet spoke  space 10.1.0.0/16  dns 10.0.1.4
    /// server fw  kind firewall  vnet hub  address 10.0.1.4
    ///   forward .
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub    space 10.0.0.0/16
    /// vnet spoke  space 10.1.0.0/16  dns 10.0.1.4
    /// server fw  kind firewall  vnet hub  address 10.0.1.4
    ///   forward .  168.63.129.16
    /// ```
    pub static DNS_PROXY_OFF = "dns-proxy-off" {
        summary: "clients ask a firewall that does not answer DNS",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

/// Who asks a firewall.
struct Asker {
    who: String,
    origin: Origin,
    vnet: Option<VnetId>,
    /// There is somebody else to ask.
    others: bool,
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    let off: BTreeMap<u32, Origin> = (0u32..)
        .zip(&estate.servers)
        .filter(|(_, server)| server.kind == ServerKind::Firewall)
        .filter_map(|(at, server)| match index.own(at, NameId::ROOT)? {
            Own::Forwarder(place) => Some((at, &server.forwarders[place as usize])),
            Own::Zone(_) => None,
        })
        .filter(|(_, forwarder)| forwarder.targets.is_empty())
        .map(|(at, forwarder)| (at, forwarder.origin))
        .collect();
    if off.is_empty() {
        return;
    }
    let mut found: BTreeMap<(u32, bool), Vec<Asker>> = BTreeMap::new();
    for (asker, first) in askers(context) {
        if let Party::Server(at) = index.party(asker.vnet, first)
            && off.contains_key(&at)
        {
            found.entry((at, asker.others)).or_default().push(asker);
        }
    }
    for ((at, others), askers) in found {
        let asks = if askers.len() == 1 { "asks" } else { "ask" };
        let (effect, severity) = match others {
            false => ("nothing resolves there", Severity::Error),
            true => ("each answer waits until another server is asked", Severity::Warning),
        };
        let finding = report
            .finding(format!(
                "{} {asks} firewall `{}`, whose DNS proxy is off: {effect}",
                list(askers.iter().map(|one| &one.who)),
                estate.servers[at as usize].name
            ))
            .graded(severity)
            .at_each(askers.iter().map(|one| one.origin), "asks the firewall", "here too")
            .from(askers.iter().filter_map(|one| one.vnet))
            .explained_at(off[&at], "its DNS proxy is off")
            .help("enable the DNS proxy of the firewall, or of its policy where it has one (`az network firewall policy update --enable-dns-proxy true`); or have another DNS server asked");
        report.add(finding);
    }
}

/// All who ask DNS servers, each with the first of these.
fn askers(context: &Context<'_>) -> Vec<(Asker, IpAddr)> {
    let estate = context.estate();
    let mut askers = Vec::new();
    let mut ask = |who: String, origin: Origin, vnet: Option<VnetId>, asked: &[IpAddr]| {
        if let [first, others @ ..] = asked {
            askers.push((Asker { who, origin, vnet, others: !others.is_empty() }, *first));
        }
    };
    for (id, vnet) in estate.vnet_ids() {
        let asked = vnet.servers.as_deref().unwrap_or_default();
        ask(estate.vnet_name(id), vnet.origin, Some(id), asked);
    }
    for (one, at) in estate.interfaces.iter().zip(0u32..) {
        ask(estate.interface_name(at), one.origin, one.vnet, &one.servers);
    }
    for ruleset in &estate.rulesets {
        for rule in ruleset.rules.iter().filter(|rule| rule.enabled) {
            let asked: Vec<IpAddr> = rule.targets.iter().map(|target| target.ip()).collect();
            let domain = estate.names.show(rule.domain);
            ask(format!("{domain} of {}", ruleset.name), rule.origin, None, &asked);
        }
    }
    for server in &estate.servers {
        for forwarder in &server.forwarders {
            let asked: Vec<IpAddr> = forwarder.targets.iter().map(|target| target.ip()).collect();
            ask(server.name.clone(), forwarder.origin, server.vnet, &asked);
        }
    }
    askers
}

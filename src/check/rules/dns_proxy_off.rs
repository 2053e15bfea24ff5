//! `dns-proxy-off`

use super::list;
use super::unmodelled_dns_server::clients;
use crate::check::{Context, Report, rule};
use crate::estate::{Server, ServerKind};
use crate::index::Party;
use crate::name::NameId;

rule! {
    /// ## What it finds
    /// Networks and interfaces whose first DNS server is an Azure Firewall with its DNS proxy off.
    ///
    /// ## Why it matters
    /// Only with the proxy on does a firewall listen on port 53 ("Azure Firewall policy DNS
    /// settings", learn.microsoft.com/azure/firewall-manager/dns-settings, read 2026-11). It is
    /// off unless the firewall's policy, or a parent of that, turns it on. Clients wait for an
    /// answer that does not come, and then ask their next server, if they have one.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// vnet spoke  dns 10.0.3.4
    /// server fw  kind firewall  vnet hub  address 10.0.3.4
    ///   forward .
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// vnet spoke  dns 10.0.3.4
    /// server fw  kind firewall  vnet hub  address 10.0.3.4
    ///   forward .  168.63.129.16
    /// ```
    pub static DNS_PROXY_OFF = "dns-proxy-off" {
        summary: "clients ask a firewall whose DNS proxy is off",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

/// Whether it is a firewall that is known to pass nothing on.
fn is_off(server: &Server) -> bool {
    let nobody =
        server.forwarders.iter().any(|one| one.domain == NameId::ROOT && one.targets.is_empty());
    server.kind == ServerKind::Firewall && nobody
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    for (address, clients) in clients(context) {
        let Party::Server(at) = index.party(address) else { continue };
        let firewall = &estate.servers[at as usize];
        if !is_off(firewall) {
            continue;
        }
        let who = list(clients.iter().map(|one| &one.0));
        let asks = if clients.len() == 1 { "asks" } else { "ask" };
        let finding = report
            .finding(format!(
                "{who} {asks} {address}, firewall `{}`, which has its DNS proxy off and does not answer",
                firewall.name
            ))
            .at_each(clients.iter().map(|one| one.1), "its DNS server", "here too")
            .explained_at(firewall.origin, "nothing turns its DNS proxy on")
            .from(clients.iter().map(|one| one.2))
            .help("turn DNS proxy on in the firewall's policy, or give the clients other DNS servers");
        report.add(finding);
    }
}

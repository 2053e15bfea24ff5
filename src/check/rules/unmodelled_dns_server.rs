//! `unmodelled-dns-server`

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::list;
use crate::check::{Context, Report, rule};
use crate::estate::{Origin, VnetId};
use crate::index::Party;

rule! {
    /// ## What it finds
    /// Networks and interfaces whose first DNS server is neither Azure DNS, nor an inbound endpoint, nor
    /// a server that the estate describes; or whose own address space has the address of one that
    /// sits in another network, which they cannot reach by it.
    ///
    /// ## Why it matters
    /// What such a server answers is not known, so every answer from there is
    /// "unknown". A few lines of `.estate` text with its forwarders, or its configuration
    /// (`config FILE`), make it known.
    ///
    /// ## Example
    /// ```estate
    /// vnet spoke  dns 10.9.0.10
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet spoke  dns 10.9.0.10
    /// server dc  vnet spoke  address 10.9.0.10
    ///   forward .  168.63.129.16
    /// ```
    pub static UNMODELLED_DNS_SERVER = "unmodelled-dns-server" {
        summary: "a network asks a DNS server that nothing tells of",
        severity: Note,
        since: "0.1.0",
        run: run,
    }
}

/// Who asks a server: a name, a place and the network.
type Client = (String, Origin, VnetId);

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    let networks = estate.vnet_ids().filter_map(|(id, vnet)| {
        let first = *vnet.servers.as_ref()?.first()?;
        Some((first, (estate.vnet_name(id), vnet.origin, id)))
    });
    let interfaces = estate.interfaces.iter().zip(0u32..).filter_map(|(one, at)| {
        Some((*one.servers.first()?, (estate.interface_name(at), one.origin, one.vnet?)))
    });
    let mut unknown: BTreeMap<(IpAddr, bool), Vec<Client>> = BTreeMap::new();
    for (server, client) in networks.chain(interfaces) {
        let elsewhere = match index.party(Some(client.2), server) {
            Party::Unknown => false,
            Party::Elsewhere => true,
            // The last is `shared-server-address`.
            Party::Azure | Party::Inbound(_) | Party::Server(_) | Party::Several => continue,
        };
        unknown.entry((server, elsewhere)).or_default().push(client);
    }
    for ((server, elsewhere), clients) in unknown {
        let who = list(clients.iter().map(|one| &one.0));
        let asks = if clients.len() == 1 { "asks" } else { "ask" };
        let known = if elsewhere {
            "where nobody in the same network is known to listen"
        } else {
            "of which nothing is known"
        };
        let finding = report
            .finding(format!("{who} {asks} {server}, {known}"))
            .at_each(clients.iter().map(|one| one.1), "its DNS server", "here too")
            .from(clients.iter().map(|one| one.2))
            .help("describe the server in a `.estate` file beside the export: `server NAME vnet VNET address IP`, with `config FILE` where its configuration lies there (named.conf, Corefile, Get-DnsServerZone | ConvertTo-Json …)");
        let listeners = index.listeners(server).into_iter().filter_map(|one| one.1);
        let places: Vec<String> = listeners.map(|vnet| estate.vnet_name(vnet)).collect();
        report.add(match elsewhere {
            true => finding.note(format!(
                "who is known to listen at {server} sits in {}, and the address is in the own \
                 address space of who asks: Azure routes it within their network",
                list(places)
            )),
            false => finding,
        });
    }
}

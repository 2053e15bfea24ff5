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
    /// a server that the estate describes.
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

/// Who asks which server first.
pub(super) fn clients(context: &Context<'_>) -> BTreeMap<IpAddr, Vec<Client>> {
    let estate = context.estate();
    let networks = estate.vnet_ids().filter_map(|(id, vnet)| {
        let first = *vnet.servers.as_ref()?.first()?;
        Some((first, (estate.vnet_name(id), vnet.origin, id)))
    });
    let interfaces = estate.interfaces.iter().zip(0u32..).filter_map(|(one, at)| {
        Some((*one.servers.first()?, (estate.interface_name(at), one.origin, one.vnet?)))
    });
    let mut asked: BTreeMap<IpAddr, Vec<Client>> = BTreeMap::new();
    for (server, client) in networks.chain(interfaces) {
        asked.entry(server).or_default().push(client);
    }
    asked
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let unknown = |asked: &IpAddr| context.index().party(*asked) == Party::Unknown;
    for (server, clients) in clients(context).into_iter().filter(|(server, _)| unknown(server)) {
        let who = list(clients.iter().map(|one| &one.0));
        let asks = if clients.len() == 1 { "asks" } else { "ask" };
        let finding = report
            .finding(format!("{who} {asks} {server}, of which nothing is known"))
            .at_each(clients.iter().map(|one| one.1), "its DNS server", "here too")
            .from(clients.iter().map(|one| one.2))
            .help("describe the server in a `.estate` file beside the export: `server NAME vnet VNET address IP`, with `config FILE` where its configuration lies there (named.conf, Corefile, Get-DnsServerZone | ConvertTo-Json …)");
        report.add(finding);
    }
}

//! `unmodelled-dns-server`

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::list_vnets;
use crate::check::{Context, Report, rule};
use crate::estate::VnetId;
use crate::index::AZURE_DNS;

rule! {
    /// ## What it finds
    /// Networks whose first DNS server is neither Azure DNS, nor an inbound endpoint, nor
    /// a server that the estate describes.
    ///
    /// ## Why it matters
    /// What such a server answers is not known, so every answer from these networks is
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

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    let inbound = estate.inbound.iter().flat_map(|one| &one.addresses);
    let servers = estate.servers.iter().flat_map(|one| &one.addresses);
    let known: Vec<&IpAddr> = inbound.chain(servers).chain([&AZURE_DNS]).collect();
    let mut unknown: BTreeMap<IpAddr, Vec<VnetId>> = BTreeMap::new();
    for (id, vnet) in estate.vnet_ids() {
        let first = vnet.servers.as_ref().and_then(|servers| servers.first());
        if let Some(&server) = first.filter(|server| !known.contains(server)) {
            unknown.entry(server).or_default().push(id);
        }
    }
    for (server, vnets) in unknown {
        let origins = vnets.iter().map(|&vnet| estate.vnet(vnet).origin);
        let finding = report
            .finding(format!(
                "{} {server}, of which nothing is known",
                match vnets.len() {
                    1 => format!("{} asks", list_vnets(context, &vnets)),
                    _ => format!("{} ask", list_vnets(context, &vnets)),
                }
            ))
            .at_each(origins, "its DNS server", "here too")
            .from(vnets.iter().copied())
            .help("describe the server in a `.estate` file beside the export: `server NAME vnet VNET address IP`, with `config FILE` where its configuration lies there (named.conf, Corefile, Get-DnsServerZone | ConvertTo-Json …)");
        report.add(finding);
    }
}

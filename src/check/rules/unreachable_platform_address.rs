//! `unreachable-platform-address`

use crate::check::{Context, Report, rule};
use crate::index::AZURE_DNS;

rule! {
    /// ## What it finds
    /// A DNS server in a site, that is outside of Azure, that forwards to the address of
    /// Azure DNS.
    ///
    /// ## Why it matters
    /// That address answers machines of virtual networks only ("Azure Private Endpoint
    /// DNS integration",
    /// learn.microsoft.com/azure/private-link/private-endpoint-dns-integration, read
    /// 2026-11). The server waits, then fails or asks somebody else, who knows the public
    /// answer.
    ///
    /// ## Example
    /// ```estate
    /// site hq
    /// server dc-hq  site hq  address 10.9.0.10
    ///   forward blob.core.windows.net  168.63.129.16
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// site hq
    /// vnet hub
    /// inbound in-hub  vnet hub  address 10.0.0.4
    /// server dc-hq  site hq  address 10.9.0.10
    ///   forward blob.core.windows.net  10.0.0.4
    /// ```
    pub static UNREACHABLE_PLATFORM_ADDRESS = "unreachable-platform-address" {
        summary: "a server outside of Azure forwards to 168.63.129.16",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    for server in &estate.servers {
        let Some(site) = server.vnet.filter(|&vnet| estate.vnet(vnet).site) else { continue };
        let wrong = server
            .forwarders
            .iter()
            .filter(|forwarder| forwarder.targets.iter().any(|target| target.ip() == AZURE_DNS));
        for forwarder in wrong {
            let finding = report
                .finding(format!(
                    "`{}` in `{}` forwards `{}` to {AZURE_DNS}, which it cannot reach",
                    server.name,
                    estate.vnet_name(site),
                    estate.names.show(forwarder.domain)
                ))
                .from([site])
                .at(forwarder.origin, "this address answers within Azure only")
                .named([forwarder.domain])
                .help("forward to the inbound endpoint of a resolver, or to a server in Azure");
            report.add(finding);
        }
    }
}

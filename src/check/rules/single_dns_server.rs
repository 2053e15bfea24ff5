//! `single-dns-server`

use crate::check::{Context, Report, rule};
use crate::index::AZURE_DNS;

rule! {
    /// ## What it finds
    /// A network with a single DNS server that is not Azure-provided DNS.
    ///
    /// ## Why it matters
    /// While that server is being patched or has failed, nothing resolves in the network,
    /// the names of Azure services included.
    ///
    /// ## Example
    /// ```estate
    /// vnet spoke  dns 10.0.0.4
    /// server dns1  vnet spoke  address 10.0.0.4
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet spoke  dns 10.0.0.4,10.0.0.5
    /// server dns1  vnet spoke  address 10.0.0.4,10.0.0.5
    /// ```
    pub static SINGLE_DNS_SERVER = "single-dns-server" {
        summary: "a network asks one DNS server only",
        severity: Note,
        set: Governance,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    for (id, vnet) in estate.vnet_ids() {
        let Some([server]) = vnet.servers.as_deref() else { continue };
        if *server == AZURE_DNS {
            continue;
        }
        let finding = report
            .finding(format!("`{}` asks {server} and no other server", estate.vnet_name(id)))
            .from([id])
            .at(vnet.origin, "one DNS server only")
            .help("give it a second server, or a resolver's inbound endpoint");
        report.add(finding);
    }
}

//! `reserved-zone-name`

use crate::check::{Context, Report, rule};
use crate::estate::RESERVED_ZONE_NAMES;

rule! {
    /// ## What it finds
    /// A zone named as one of the domains that Azure reserves, such as `azure.com` or
    /// `core.windows.net`.
    ///
    /// ## Why it matters
    /// Azure refuses to make it ("What is a private Azure DNS zone",
    /// learn.microsoft.com/azure/dns/private-dns-privatednszone, read 2026-11). Were it
    /// linked, it would hide most of Azure from the network.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone core.windows.net  link hub
    ///   sta.blob  A  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.0.0.7
    /// ```
    pub static RESERVED_ZONE_NAME = "reserved-zone-name" {
        summary: "a zone has a name that Azure keeps for itself",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    for (id, zone) in estate.zone_ids() {
        let name = estate.zone_name(id);
        if !RESERVED_ZONE_NAMES.contains(&name.as_str()) {
            continue;
        }
        let finding = report
            .finding(format!("zone `{name}` has a name that Azure reserves"))
            .from(context.vnets_of(id))
            .at(zone.origin, "Azure refuses to make this zone")
            .named([zone.apex])
            .help("use the zone of the Private Link service, as `privdns catalog` shows it");
        report.add(finding);
    }
}

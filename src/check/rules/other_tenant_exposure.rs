//! `other-tenant-exposure`

use super::list;
use crate::check::{Context, Report, rule};
use crate::estate::{Link, Policy, VnetId, ZoneId};

rule! {
    /// ## What it finds
    /// Zones of Private Link that are linked without `NxDomainRedirect`, in one finding.
    ///
    /// ## Why it matters
    /// A resource that has a private endpoint anywhere, in another tenant too, is an
    /// alias into this zone. Where the zone lacks it, it does not exist for the network,
    /// though its public endpoint may be open ("Azure Private Endpoint DNS integration",
    /// learn.microsoft.com/azure/private-link/private-endpoint-dns-integration, read
    /// 2026-11). Whether clients need such resources no export tells.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub:redirect
    ///   sta  A  10.0.0.7
    /// ```
    pub static OTHER_TENANT_EXPOSURE = "other-tenant-exposure" {
        summary: "a zone makes resources with endpoints that it lacks NXDOMAIN, whosever they are",
        severity: Note,
        set: Governance,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    let mut found: Vec<(ZoneId, &Link)> = Vec::new();
    for (id, zone) in estate.zone_ids().filter(|(id, _)| context.index().is_catalogued(*id)) {
        let finals = zone.links.iter().filter(|link| link.policy == Policy::Default);
        found.extend(finals.map(|link| (id, link)));
    }
    if found.is_empty() {
        return;
    }
    let mut zones: Vec<ZoneId> = found.iter().map(|one| one.0).collect();
    zones.dedup();
    let vnets: Vec<VnetId> = found.iter().map(|one| one.1.vnet).collect();
    let finding = report
        .finding(format!(
            "resources of others that have a private endpoint do not exist where {} linked",
            match zones.len() {
                1 => format!("{} is", list(zones.iter().map(|&zone| estate.zone_name(zone)))),
                _ => format!("{} are", list(zones.iter().map(|&zone| estate.zone_name(zone)))),
            }
        ))
        .modelled()
        .from(vnets)
        .at_each(found.iter().map(|one| one.1.origin), "NXDOMAIN is final here", "here too")
        .named(zones.iter().map(|&zone| estate.zone(zone).apex))
        .help("link with the policy NxDomainRedirect where clients use resources of others");
    report.add(finding);
}

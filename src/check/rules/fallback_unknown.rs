//! `fallback-unknown`

use super::plural;
use crate::check::{Context, Report, rule};
use crate::estate::{Origin, Policy, VnetId};

rule! {
    /// ## What it finds
    /// Links of zones of Private Link whose export does not tell their
    /// `resolutionPolicy`.
    ///
    /// ## Why it matters
    /// A link with `NxDomainRedirect` sends what its zone lacks to public DNS, one
    /// without gives NXDOMAIN. Exports by API versions before 2024-06-01 do not show
    /// which it is ("Fallback to internet for Azure Private DNS zones",
    /// learn.microsoft.com/azure/dns/private-dns-fallback, read 2026-11). privdns assumes
    /// that nothing redirects (`unstated-policy`).
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub:unstated
    ///   sta  A  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.0.0.7
    /// ```
    pub static FALLBACK_UNKNOWN = "fallback-unknown" {
        summary: "the export cannot show which links redirect",
        severity: Note,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    let mut links: Vec<(Origin, VnetId)> = Vec::new();
    for (id, zone) in estate.zone_ids() {
        let unstated = zone.links.iter().filter(|link| link.policy == Policy::Unstated);
        let here = unstated.filter(|_| estate.is_private_link(id));
        links.extend(here.map(|link| (link.origin, link.vnet)));
    }
    links.sort();
    if links.is_empty() {
        return;
    }
    let count = plural(links.len(), "link", "links");
    let finding = report
        .finding(format!("the export does not tell whether {count} of Private Link redirect"))
        .modelled()
        .from(links.iter().map(|link| link.1))
        .at_each(links.iter().map(|link| link.0), "no `resolutionPolicy` here", "nor here")
        .help("export the links with az 2.66 or later");
    report.add(finding);
}

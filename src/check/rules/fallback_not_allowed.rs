//! `fallback-not-allowed`

use super::list_vnets;
use crate::check::{Context, Report, rule};
use crate::estate::{Change, Link, Policy, VnetId};

rule! {
    /// ## What it finds
    /// A link with `NxDomainRedirect` whose zone is not one of Private Link.
    ///
    /// ## Why it matters
    /// Azure takes that policy for zones of Private Link only ("Fallback to internet for
    /// Azure Private DNS zones", learn.microsoft.com/azure/dns/private-dns-fallback, read
    /// 2026-11). Whoever counts on it gets NXDOMAIN; privdns answers so.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub:redirect
    ///   nas  A  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    /// ```
    pub static FALLBACK_NOT_ALLOWED = "fallback-not-allowed" {
        summary: "a link redirects, and its zone is none of Private Link",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    for (id, zone) in estate.zone_ids() {
        let redirects = |link: &&Link| link.policy == Policy::NxDomainRedirect;
        let links: Vec<&Link> = zone.links.iter().filter(redirects).collect();
        if links.is_empty() || estate.is_private_link(id) {
            continue;
        }
        let vnets: Vec<VnetId> = links.iter().map(|link| link.vnet).collect();
        let finding = report
            .finding(format!(
                "`{}` is no zone of Private Link, and its link to {} redirects",
                estate.zone_name(id),
                list_vnets(context, &vnets)
            ))
            .from(vnets.iter().copied())
            .at_each(links.iter().map(|l| l.origin), "Azure refuses `NxDomainRedirect`", "here too")
            .help("link it without the policy, and add the records that are missing")
            .remedied(vnets.iter().map(|&vnet| Change::SetPolicy {
                zone: id,
                vnet,
                policy: Policy::Default,
            }));
        report.add(finding);
    }
}

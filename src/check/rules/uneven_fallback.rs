//! `uneven-fallback`

use super::list_vnets;
use crate::check::{Context, Report, rule};
use crate::estate::{Change, Link, Policy, VnetId};

rule! {
    /// ## What it finds
    /// A zone of which some links have `NxDomainRedirect` and others have not.
    ///
    /// ## Why it matters
    /// A name that the zone lacks is NXDOMAIN in one network and public in another. A
    /// fault then shows in one place only, and is looked for in the network rather than
    /// in the zone.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// vnet spoke
    /// zone privatelink.blob.core.windows.net  link hub:redirect  link spoke
    ///   sta  A  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// vnet spoke
    /// zone privatelink.blob.core.windows.net  link hub:redirect  link spoke:redirect
    ///   sta  A  10.0.0.7
    /// ```
    pub static UNEVEN_FALLBACK = "uneven-fallback" {
        summary: "some links of a zone redirect and others do not",
        severity: Note,
        set: Hygiene,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    for (id, zone) in estate.zone_ids() {
        let of = |policy| zone.links.iter().filter(move |link| link.policy == policy);
        let (redirects, finals): (Vec<&Link>, Vec<&Link>) =
            (of(Policy::NxDomainRedirect).collect(), of(Policy::Default).collect());
        let few = if redirects.len() <= finals.len() { &redirects } else { &finals };
        let (Some(one), Some(other)) = (redirects.first(), finals.first()) else { continue };
        let vnets: Vec<VnetId> = few.iter().map(|link| link.vnet).collect();
        let policy = if few[0].policy == Policy::Default { one.policy } else { Policy::Default };
        let finding = report
            .finding(format!(
                "names that `{}` lacks are public in some networks and NXDOMAIN in others: its \
                 link differs in {}",
                estate.zone_name(id),
                list_vnets(context, &vnets)
            ))
            .from(vnets.iter().copied())
            .at(one.origin, "this link redirects")
            .at(other.origin, "this one does not")
            .named([zone.apex])
            .help("give all links of the zone one policy")
            .remedied(vnets.iter().map(|&vnet| Change::SetPolicy { zone: id, vnet, policy }));
        report.add(finding);
    }
}

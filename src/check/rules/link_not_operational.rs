//! `link-not-operational`

use super::{list_vnets, plural};
use crate::check::{Context, Report, rule};
use crate::estate::{Link, VnetId};

rule! {
    /// ## What it finds
    /// A virtual network link in a state other than `Completed` and `Succeeded`.
    ///
    /// ## Why it matters
    /// Until the link works the zone does not answer for the network; how long that takes
    /// is not documented. privdns answers "unknown" for every name the zone claims there.
    /// Links that stay so were often made to a network that is gone.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub:pending
    ///   nas  A  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    /// ```
    pub static LINK_NOT_OPERATIONAL = "link-not-operational" {
        summary: "a link does not work yet, or no longer",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    for (id, zone) in estate.zone_ids() {
        let pending = |link: &&Link| link.pending.is_some();
        let links: Vec<&Link> = zone.links.iter().filter(pending).collect();
        let Some(state) = links.first().and_then(|link| link.pending.as_deref()) else { continue };
        let vnets: Vec<VnetId> = links.iter().map(|link| link.vnet).collect();
        let finding = report
            .finding(format!(
                "{} of `{}` not operational: {}",
                plural(links.len(), "link", "links"),
                estate.zone_name(id),
                list_vnets(context, &vnets)
            ))
            .from(vnets)
            .at_each(links.iter().map(|l| l.origin), format!("its state is `{state}`"), "this too")
            .help("export the links again in some minutes; delete and make anew what stays so");
        report.add(finding);
    }
}

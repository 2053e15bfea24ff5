//! `registration-on-privatelink-zone`

use super::{list_vnets, relink};
use crate::check::{Context, Report, rule};
use crate::estate::{Link, VnetId};

rule! {
    /// ## What it finds
    /// A registration link of a zone of Private Link.
    ///
    /// ## Why it matters
    /// Every virtual machine of the network gets a name among those of the service: a
    /// machine that is called like an account takes its name, and clients of the service
    /// are led to it. The network cannot register anywhere else.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub:registration
    ///   sta  A  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.0.0.7
    /// zone corp.internal  link hub:registration
    /// ```
    pub static REGISTRATION_ON_PRIVATELINK_ZONE = "registration-on-privatelink-zone" {
        summary: "machines are registered in a zone of Private Link",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    for (id, zone) in estate.zone_ids() {
        let registers = |link: &&Link| link.registration;
        let links: Vec<&Link> = zone.links.iter().filter(registers).collect();
        if links.is_empty() || !estate.is_private_link(id) {
            continue;
        }
        let vnets: Vec<VnetId> = links.iter().map(|link| link.vnet).collect();
        let finding = report
            .finding(format!(
                "{} registers its machines in `{}`",
                list_vnets(context, &vnets),
                estate.zone_name(id)
            ))
            .from(vnets)
            .at_each(links.iter().map(|l| l.origin), "this link registers", "this too")
            .help("link the zone without registration, and register in a zone of your own")
            .remedied(links.iter().flat_map(|link| relink(id, link.vnet, link.policy)));
        report.add(finding);
    }
}

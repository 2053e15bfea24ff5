//! `link-not-operational`

use super::{list_vnets, plural};
use crate::check::{Context, Report, rule};
use crate::estate::{Origin, VnetId};

rule! {
    /// ## What it finds
    /// A virtual network link, of a zone or of a forwarding ruleset, in a state other than
    /// `Completed` and `Succeeded`.
    ///
    /// ## Why it matters
    /// Until the link works the zone does not answer for the network, and the ruleset forwards
    /// nothing; how long that takes is not documented. privdns answers "unknown" for every
    /// name the zone claims there, or a rule covers, unless the answer is the same either way.
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
        let pending = zone.links.iter();
        let pending =
            pending.filter_map(|one| Some((one.vnet, one.origin, one.pending.as_deref()?)));
        add(context, report, &estate.zone_name(id), &pending.collect::<Vec<_>>());
    }
    for (id, ruleset) in estate.ruleset_ids() {
        let pending = ruleset.links.iter();
        let pending =
            pending.filter_map(|one| Some((one.vnet, one.origin, one.pending.as_deref()?)));
        add(context, report, &estate.ruleset_label(id), &pending.collect::<Vec<_>>());
    }
}

/// A link that is not operational: its network, its place and its state.
type Pending<'e> = (VnetId, Origin, &'e str);

fn add(context: &Context<'_>, report: &mut Report<'_>, of: &str, links: &[Pending<'_>]) {
    let Some((_, _, state)) = links.first() else { return };
    let vnets: Vec<VnetId> = links.iter().map(|link| link.0).collect();
    let finding = report
        .finding(format!(
            "{} of `{of}` not operational: {}",
            plural(links.len(), "link", "links"),
            list_vnets(context, &vnets)
        ))
        .from(vnets)
        .at_each(links.iter().map(|link| link.1), format!("its state is `{state}`"), "this too")
        .help("export the links again in some minutes; delete and make anew what stays so");
    report.add(finding);
}

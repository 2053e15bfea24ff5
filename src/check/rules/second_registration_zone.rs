//! `second-registration-zone`

use std::collections::BTreeMap;

use super::list;
use crate::check::{Context, Report, rule};
use crate::estate::{Origin, VnetId, ZoneId};

rule! {
    /// ## What it finds
    /// A network with registration links to more than one zone.
    ///
    /// ## Why it matters
    /// A network can register its virtual machines in one zone only ("What is a virtual
    /// network link?", learn.microsoft.com/azure/dns/private-dns-virtual-network-links,
    /// read 2026-11). Azure refuses the second link, so the input is of two times or was
    /// edited.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub:registration
    ///   vm1  A  !registered  10.0.0.7
    /// zone lab.internal   link hub:registration
    ///   vm1  A  !registered  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub:registration
    ///   vm1  A  !registered  10.0.0.7
    /// zone lab.internal   link hub
    ///   vm1  A  10.0.0.7
    /// ```
    pub static SECOND_REGISTRATION_ZONE = "second-registration-zone" {
        summary: "a network registers its machines in several zones",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    let mut registering: BTreeMap<VnetId, Vec<(ZoneId, Origin)>> = BTreeMap::new();
    for (id, zone) in estate.zone_ids() {
        for link in zone.links.iter().filter(|link| link.registration) {
            registering.entry(link.vnet).or_default().push((id, link.origin));
        }
    }
    for (vnet, links) in registering.into_iter().filter(|(_, links)| links.len() > 1) {
        let zones = list(links.iter().map(|link| estate.zone_name(link.0)));
        let finding = report
            .finding(format!("`{}` registers its machines in {zones}", estate.vnet_name(vnet)))
            .from([vnet])
            .at_each(links.iter().map(|link| link.1), "registers here", "and here")
            .help("keep one registration link, and link the other zones without registration");
        report.add(finding);
    }
}

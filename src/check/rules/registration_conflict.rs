//! `registration-conflict`

use super::{list_names, list_vnets, relink};
use crate::check::sweep::by_zone;
use crate::check::{Context, Report, Severity, rule};
use crate::estate::{Extent, Link, VnetId};
use crate::name::NameId;

rule! {
    /// ## What it finds
    /// A registration link of a reverse zone; or records that virtual machines registered
    /// in a zone that no network registers in.
    ///
    /// ## Why it matters
    /// Azure refuses registration in reverse zones ("Private reverse DNS zones",
    /// learn.microsoft.com/azure/dns/private-reverse-dns, read 2026-11). Records of a
    /// network go when its link goes or stops registering ("What is the autoregistration
    /// feature", learn.microsoft.com/azure/dns/private-dns-autoregistration, read
    /// 2026-11); what is still in the export is of another time.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone 10.in-addr.arpa  link hub:registration
    ///   7.0.0  PTR  vm1.corp.internal
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone 10.in-addr.arpa  link hub
    ///   7.0.0  PTR  vm1.corp.internal
    /// ```
    pub static REGISTRATION_CONFLICT = "registration-conflict" {
        summary: "machines are registered where Azure does not",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    for (id, zone) in estate.zone_ids() {
        let name = estate.zone_name(id);
        let reverse = [".in-addr.arpa", ".ip6.arpa"].iter().any(|end| name.ends_with(end));
        let registers = |link: &&Link| link.registration;
        let links: Vec<&Link> = zone.links.iter().filter(registers).filter(|_| reverse).collect();
        if links.is_empty() {
            continue;
        }
        let vnets: Vec<VnetId> = links.iter().map(|link| link.vnet).collect();
        let finding = report
            .finding(format!("{} registers in reverse zone `{name}`", list_vnets(context, &vnets)))
            .from(vnets)
            .at_each(links.iter().map(|l| l.origin), "Azure refuses registration here", "this too")
            .help("link the zone without registration; Azure keeps PTR records by itself")
            .remedied(links.iter().flat_map(|link| relink(id, link.vnet, link.policy)));
        report.add(finding);
    }
    for (id, sets) in by_zone(&context.sweep().registered) {
        let zone = estate.zone(id);
        let whole = zone.links_extent() == Extent::Whole;
        if !whole || zone.links.iter().any(|link| link.registration) {
            continue;
        }
        let names: Vec<NameId> = sets.iter().map(|&set| index.set(set).owner).collect();
        let finding = report
            .finding(format!(
                "{} registered in `{}`, and no network registers there",
                match names.len() {
                    1 => format!("{} is", list_names(context, &names)),
                    _ => format!("{} are", list_names(context, &names)),
                },
                estate.zone_name(id)
            ))
            .graded(Severity::Warning)
            .from(context.vnets_of(id))
            .at_each(sets.iter().map(|&set| index.set(set).origin), "left behind", "this too")
            .named(names)
            .help("export the zone's links and records at one time");
        report.add(finding);
    }
}

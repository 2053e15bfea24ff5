//! `address-outside-estate`

use super::{list_names, plural};
use crate::check::sweep::{addresses, by_zone};
use crate::check::{Context, Report, rule};
use crate::index::SetRef;
use crate::name::NameId;
use crate::record::is_private;

rule! {
    /// ## What it finds
    /// Private addresses in zones of Private Link that are in no network's address space,
    /// where the space of every network was exported.
    ///
    /// ## Why it matters
    /// A private endpoint's address is one of its network. The network may be in a
    /// subscription that was not exported, or the address is wrong.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub  space 10.0.0.0/16
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.9.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub  space 10.0.0.0/16
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.0.0.7
    /// ```
    pub static ADDRESS_OUTSIDE_ESTATE = "address-outside-estate" {
        summary: "a private address is in none of the networks",
        severity: Note,
        set: Hygiene,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    // Without all address spaces nothing can be said of any address.
    if estate.vnets.is_empty() || estate.vnets.iter().any(|vnet| vnet.space.is_empty()) {
        return;
    }
    let outside = |address| {
        let within = estate.vnets.iter().flat_map(|vnet| &vnet.space).any(|s| s.contains(&address));
        is_private(address) && !within
    };
    for (zone, sets) in by_zone(&context.sweep().endpoint_addresses) {
        let found = |set: &&SetRef| addresses(&index.set(**set).data).any(outside);
        let sets: Vec<SetRef> = sets.iter().filter(found).copied().collect();
        if sets.is_empty() {
            continue;
        }
        let names: Vec<NameId> = sets.iter().map(|&set| index.set(set).owner).collect();
        let finding = report
            .finding(format!(
                "{} of `{}` outside all address spaces: {}",
                plural(names.len(), "record leads", "records lead"),
                estate.zone_name(zone),
                list_names(context, &names)
            ))
            .from(context.vnets_of(zone))
            .at_each(
                sets.iter().map(|&set| index.set(set).origin),
                "no network has this address",
                "nor this one",
            )
            .named(names)
            .help("export the network that has the address, or correct it");
        report.add(finding);
    }
}

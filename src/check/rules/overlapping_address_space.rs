//! `overlapping-address-space`

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use super::list_vnets;
use crate::check::{Context, Report, rule};
use crate::estate::VnetId;

rule! {
    /// ## What it finds
    /// Networks whose address spaces overlap.
    ///
    /// ## Why it matters
    /// They cannot be peered, and an address in a record does not tell which of them it
    /// is in: a record can lead to a machine that is not meant.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub    space 10.0.0.0/16
    /// vnet spoke  space 10.0.4.0/24
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub    space 10.0.0.0/16
    /// vnet spoke  space 10.1.4.0/24
    /// ```
    pub static OVERLAPPING_ADDRESS_SPACE = "overlapping-address-space" {
        summary: "two networks have the same addresses",
        severity: Note,
        set: Governance,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    let mut spaces: Vec<(IpAddr, IpNet, VnetId)> = Vec::new();
    for (id, vnet) in estate.vnet_ids() {
        spaces.extend(vnet.space.iter().map(|&space| (space.network(), space, id)));
    }
    spaces.sort_by_key(|&(start, space, id)| (start, space.prefix_len(), id));
    // Prefixes either hold one another or do not meet, so the widest comes first and holds
    // what overlaps.
    let widest = |a: &(IpAddr, IpNet, VnetId), b: &(IpAddr, IpNet, VnetId)| a.1.contains(&b.1);
    let mut told: BTreeSet<BTreeSet<VnetId>> = BTreeSet::new();
    let mut rest = &spaces[..];
    while let [outer, ..] = rest {
        let (within, behind) =
            rest.split_at(rest.iter().take_while(|one| widest(outer, one)).count());
        rest = behind;
        let vnets: BTreeSet<VnetId> = within.iter().map(|one| one.2).collect();
        if vnets.len() > 1 && told.insert(vnets.clone()) {
            add(context, report, within, &vnets);
        }
    }
}

/// The networks whose prefixes overlap in one place are one finding.
fn add(
    context: &Context<'_>,
    report: &mut Report<'_>,
    within: &[(IpAddr, IpNet, VnetId)],
    vnets: &BTreeSet<VnetId>,
) {
    let estate = context.estate();
    let (_, outer, first) = within[0];
    let all: Vec<VnetId> = vnets.iter().copied().collect();
    let message = match within.iter().find(|one| one.2 != first) {
        Some((_, space, second)) if all.len() == 2 => format!(
            "`{}` with {outer} and `{}` with {space} overlap",
            estate.vnet_name(first),
            estate.vnet_name(*second)
        ),
        _ => {
            format!("{} networks overlap in {outer}: {}", all.len(), list_vnets(context, &all))
        }
    };
    let mut finding = report
        .finding(message)
        .from(all.iter().copied())
        .help("give all but one of them another address space");
    let mut seen = BTreeSet::new();
    for (_, space, vnet) in within.iter().filter(|one| seen.insert(one.2)) {
        finding = finding.at(estate.vnet(*vnet).origin, format!("has {space}"));
    }
    report.add(finding);
}

//! `overlapping-address-space`

use std::net::IpAddr;

use ipnet::IpNet;

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
    // Prefixes either hold one another or do not meet, so one behind holds what follows.
    let mut holding: Vec<(IpNet, VnetId)> = Vec::new();
    let mut told: Vec<(VnetId, VnetId)> = Vec::new();
    for (_, space, id) in spaces {
        while holding.last().is_some_and(|(outer, _)| !outer.contains(&space)) {
            holding.pop();
        }
        if let Some(&(outer, other)) = holding.last().filter(|(_, other)| *other != id)
            && !told.contains(&(other, id))
        {
            told.push((other, id));
            let (first, second) = (estate.vnet_name(other), estate.vnet_name(id));
            let finding = report
                .finding(format!("`{first}` with {outer} and `{second}` with {space} overlap"))
                .from([other, id])
                .at(estate.vnet(other).origin, format!("has {outer}"))
                .at(estate.vnet(id).origin, format!("has {space}"))
                .help("give one of them another address space");
            report.add(finding);
        }
        holding.push((space, id));
    }
}

//! `reverse-mismatch`

use std::net::{IpAddr, Ipv4Addr};

use crate::check::sweep::addresses;
use crate::check::{Context, Report, rule};
use crate::record::RecordData;

rule! {
    /// ## What it finds
    /// A PTR record whose name is in a zone of the estate, has addresses there, and none
    /// of them is this one.
    ///
    /// ## Why it matters
    /// One of the two is stale. Logs and checks that look up both ways name the wrong
    /// machine.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal    link hub
    ///   nas  A  10.0.0.8
    /// zone 10.in-addr.arpa  link hub
    ///   7.0.0  PTR  nas.corp.internal
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal    link hub
    ///   nas  A  10.0.0.7
    /// zone 10.in-addr.arpa  link hub
    ///   7.0.0  PTR  nas.corp.internal
    /// ```
    pub static REVERSE_MISMATCH = "reverse-mismatch" {
        summary: "a name of an address does not have that address",
        severity: Note,
        set: Hygiene,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    for &set in &context.sweep().pointers {
        let facts = index.set(set);
        let owner = estate.names.show(facts.owner).to_string();
        let (Some(address), RecordData::Ptr(targets)) = (address_of(&owner), &facts.data) else {
            continue;
        };
        for &target in targets {
            let sets: Vec<_> = index
                .zones_at(target)
                .flat_map(|zone| index.sets_at(zone, target))
                .map(|set| index.set(set))
                .filter(|set| addresses(&set.data).any(|one| one.is_ipv4()))
                .collect();
            let has = sets.iter().any(|set| addresses(&set.data).any(|one| one == address));
            let Some(other) = sets.first().filter(|_| !has) else { continue };
            let finding = report
                .finding(format!(
                    "{address} is named `{}`, which has another address",
                    estate.names.show(target)
                ))
                .from(context.vnets_of(set.zone))
                .at(facts.origin, "this names the address")
                .at(other.origin, "the name leads elsewhere")
                .named([facts.owner])
                .help("correct the one that is stale");
            report.add(finding);
        }
    }
}

/// The address that a name below `in-addr.arpa` stands for.
fn address_of(owner: &str) -> Option<IpAddr> {
    let octets = owner.strip_suffix(".in-addr.arpa")?;
    let reversed: Vec<&str> = octets.split('.').rev().collect();
    reversed.join(".").parse::<Ipv4Addr>().ok().map(IpAddr::V4)
}

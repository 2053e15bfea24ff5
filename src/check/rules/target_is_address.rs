//! `target-is-address`

use std::net::Ipv4Addr;

use crate::check::{Context, Report, rule};
use crate::estate::Change;
use crate::name::NameId;
use crate::record::{RecordData, RecordType};

rule! {
    /// ## What it finds
    /// An alias, MX, SRV or PTR record that leads to something like `10.0.0.7`.
    ///
    /// ## Why it matters
    /// The target of such a record is a name. Clients look for a host called `10.0.0.7`
    /// below a top-level domain `7`, and get NXDOMAIN.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  CNAME  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    /// ```
    pub static TARGET_IS_ADDRESS = "target-is-address" {
        summary: "a name was expected, and an address stands there",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    let sweep = context.sweep();
    let address = |name: NameId| {
        let four = estate.names.depth(name) == 4;
        four.then(|| estate.names.show(name).to_string().parse::<Ipv4Addr>().ok()).flatten()
    };
    for &set in sweep.aliases.iter().chain(&sweep.services).chain(&sweep.pointers) {
        let facts = index.set(set);
        let Some(address) = targets(&facts.data).into_iter().find_map(address) else { continue };
        let record_type = facts.data.record_type();
        let vnets = context.vnets_of(set.zone);
        let name = estate.names.show(facts.owner);
        let mut finding = report
            .finding(format!("{record_type} `{name}` leads to `{address}`, and needs a name"))
            .from(vnets.iter().copied())
            .at(facts.origin, "this is an address")
            .asked(&vnets, facts.owner, record_type)
            .named([facts.owner])
            .help("put a name there that has the address; or make it an A record")
            .alike(
                set.zone,
                |count, zone| {
                    format!("{count} records of `{zone}` lead to addresses, and need names")
                },
                "put names there that have the addresses; or make them A records",
            );
        if record_type == RecordType::Cname {
            let (zone, owner, ttl) = (set.zone, facts.owner, facts.ttl);
            let data = RecordData::A([address].as_slice().into());
            let remove = Change::Remove { zone, owner, record_type };
            finding = finding.remedied([remove, Change::Put { zone, owner, data, ttl }]);
        }
        report.add(finding);
    }
}

/// The names that a set leads to.
fn targets(data: &RecordData) -> Vec<NameId> {
    match data {
        RecordData::Cname(target) => vec![*target],
        RecordData::Mx(records) => records.iter().map(|mx| mx.exchange).collect(),
        RecordData::Srv(records) => records.iter().map(|srv| srv.target).collect(),
        RecordData::Ptr(targets) => targets.to_vec(),
        _ => Vec::new(),
    }
}

//! `shared-server-address`

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::list;
use crate::check::{Context, Report, rule};
use crate::estate::{Origin, VnetId};

rule! {
    /// ## What it finds
    /// One address at which several are stated to answer: inbound endpoints, DNS servers,
    /// firewalls.
    ///
    /// ## Why it matters
    /// Clients, rules and forwarders know a server by its address, so nobody can say whom they
    /// ask. privdns takes inbound endpoints before servers and the first of several: if that
    /// is not who listens, every answer by that address is wrong. Two networks that are not
    /// joined may use one address; describe the server that is meant and leave the other out.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub    space 10.0.0.0/16
    /// vnet spoke  space 10.1.0.0/16  dns 10.0.0.4
    /// inbound in-hub  vnet hub  address 10.0.0.4
    /// server dc       vnet hub  address 10.0.0.4
    ///   forward .  168.63.129.16
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub    space 10.0.0.0/16
    /// vnet spoke  space 10.1.0.0/16  dns 10.0.0.4
    /// inbound in-hub  vnet hub  address 10.0.0.4
    /// server dc       vnet hub  address 10.0.0.5
    ///   forward .  168.63.129.16
    /// ```
    pub static SHARED_SERVER_ADDRESS = "shared-server-address" {
        summary: "several DNS servers or endpoints have one address",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

/// Who is stated to listen: a name, a place and the network.
type Listener<'e> = (&'e str, Origin, Option<VnetId>);

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    let inbound = estate.inbound.iter();
    let inbound = inbound.map(|one| (&one.addresses, (&*one.name, one.origin, one.vnet)));
    let servers = estate.servers.iter();
    let servers = servers.map(|one| (&one.addresses, (&*one.name, one.origin, one.vnet)));
    let mut listeners: BTreeMap<IpAddr, Vec<Listener<'_>>> = BTreeMap::new();
    for (addresses, one) in inbound.chain(servers) {
        for &address in addresses {
            let here = listeners.entry(address).or_default();
            if !here.contains(&one) {
                here.push(one);
            }
        }
    }
    for (address, here) in listeners.into_iter().filter(|(_, here)| here.len() > 1) {
        let finding = report
            .finding(format!(
                "{} answer at one address, {address}",
                list(here.iter().map(|one| one.0))
            ))
            .at_each(here.iter().map(|one| one.1), "this is taken to answer there", "and not this")
            .from(here.iter().filter_map(|one| one.2))
            .help("find out who listens there, and correct or remove the others");
        report.add(finding);
    }
}

//! `endpoint-not-approved`

use crate::check::inventory::Inventory;
use crate::check::sweep::addresses;
use crate::check::{Context, Report, rule};
use crate::estate::ConnectionState;
use crate::record::RecordType;

rule! {
    /// ## What it finds
    /// A record with the address of a private endpoint that is pending, rejected or
    /// disconnected, or whose `creator` names one.
    ///
    /// ## Why it matters
    /// The service drops connections through such an endpoint: the name resolves, and
    /// clients time out. Rejected and disconnected endpoints stay so until they are made
    /// anew.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.0.0.7
    /// endpoint pe-sta  vnet hub  group blob  not-approved
    ///   sta.blob.core.windows.net  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.0.0.7
    /// endpoint pe-sta  vnet hub  group blob
    ///   sta.blob.core.windows.net  10.0.0.7
    /// ```
    pub static ENDPOINT_NOT_APPROVED = "endpoint-not-approved" {
        summary: "a record leads to an endpoint whose connection is not approved",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    let inventory: &Inventory = context.inventory();
    for &set in &context.sweep().endpoint_addresses {
        let facts = index.set(set);
        let by_address = addresses(&facts.data).flat_map(|one| inventory.at(one));
        let by_creator = inventory.creators(facts);
        let mut endpoints: Vec<u32> = by_address.chain(by_creator).copied().collect();
        endpoints.sort_unstable();
        // Of several endpoints that may be meant, one that works is enough.
        let approved = |at: &u32| estate.endpoints[*at as usize].state == ConnectionState::Approved;
        if endpoints.iter().any(approved) {
            continue;
        }
        let Some(&first) = endpoints.first() else { continue };
        let endpoint = &estate.endpoints[first as usize];
        let vnets = context.vnets_of(set.zone);
        let finding = report
            .finding(format!(
                "`{}` leads to private endpoint `{}`, whose connection is not approved",
                estate.names.show(facts.owner),
                endpoint.name
            ))
            .from(vnets.iter().copied())
            .at(facts.origin, "this record leads to it")
            .at(endpoint.origin, "this connection is not approved")
            .asked(&vnets, facts.owner, RecordType::A)
            .named([facts.owner])
            .help("let the owner of the resource approve it, or make the endpoint anew");
        report.add(finding);
    }
}

//! `stale-endpoint-record`

use super::{list_names, plural};
use crate::check::sweep::{addresses, by_zone};
use crate::check::{Context, Report, rule};
use crate::estate::{Change, ZoneId};
use crate::index::SetRef;
use crate::name::NameId;
use crate::record::RecordType;

rule! {
    /// ## What it finds
    /// A record of a zone of Private Link with an address within a network all of whose
    /// private endpoints are known, none of which has it; or made by an endpoint that is
    /// gone.
    ///
    /// ## Why it matters
    /// The endpoint was deleted and its record stayed: clients get an address nobody
    /// answers at, or one that is given to the next machine. An endpoint is in the
    /// subscription of its network ("What is a private endpoint?",
    /// learn.microsoft.com/azure/private-link/private-endpoint-overview, read 2026-11),
    /// so its export is taken to be whole where it has a list of endpoints of it, all with
    /// addresses. A list is not whole where a page follows, it was cut, or an endpoint was
    /// refused; a single endpoint and what Terraform knows are no list. Where endpoints of
    /// another subscription are in the network, only a record counts that names the endpoint
    /// it was made by, which is in none of the lists.
    /// The API server of an AKS cluster may be in the network itself, without an
    /// endpoint ("API Server VNet Integration",
    /// learn.microsoft.com/azure/aks/api-server-vnet-integration, read 2026-11), so zones of
    /// AKS are left alone.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub  space 10.0.0.0/16
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.0.0.7
    ///   old  A  10.0.0.9
    /// endpoint pe-sta  vnet hub  group blob
    ///   sta.blob.core.windows.net  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub  space 10.0.0.0/16
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.0.0.7
    /// endpoint pe-sta  vnet hub  group blob
    ///   sta.blob.core.windows.net  10.0.0.7
    /// ```
    pub static STALE_ENDPOINT_RECORD = "stale-endpoint-record" {
        summary: "a record has an address that no endpoint has",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate, inventory) = (context.index(), context.estate(), context.inventory());
    for (zone, sets) in by_zone(&context.sweep().endpoint_addresses) {
        if has_no_endpoints(context, zone) {
            continue;
        }
        let stale = |set: &&SetRef| {
            let facts = index.set(**set);
            let mut all = addresses(&facts.data).peekable();
            // A record with another address than its endpoint is `mismatched-endpoint-address`.
            let service = context.service_through(facts.owner).map(|at| context.service(at));
            let known = service.is_some_and(|service| !service.addresses.is_empty());
            all.peek().is_some()
                && !known
                && all.all(|address| inventory.is_gone(estate, facts, address))
        };
        let is_taken = |set: &SetRef| {
            addresses(&index.set(*set).data).any(|one| inventory.at(one).next().is_some())
        };
        let (taken, free): (Vec<SetRef>, Vec<SetRef>) =
            sets.iter().filter(stale).copied().partition(is_taken);
        add(context, report, zone, &free, false);
        add(context, report, zone, &taken, true);
    }
}

/// Tells of stale records: those whose address is `taken` by another endpoint, or the others.
fn add(context: &Context<'_>, report: &mut Report<'_>, zone: ZoneId, sets: &[SetRef], taken: bool) {
    let (index, estate) = (context.index(), context.estate());
    if sets.is_empty() {
        return;
    }
    let names: Vec<NameId> = sets.iter().map(|&set| index.set(set).owner).collect();
    let vnets = context.vnets_of(zone);
    let finding = report
        .finding(format!(
            "{} of `{}` {}: {}",
            plural(names.len(), "record", "records"),
            estate.zone_name(zone),
            match (taken, names.len()) {
                (false, 1) => "leads to an address that no private endpoint has",
                (false, _) => "lead to an address that no private endpoint has",
                (true, 1) => "was made by an endpoint that is gone, and leads to another one",
                (true, _) => "were made by endpoints that are gone, and lead to others",
            },
            list_names(context, &names)
        ))
        .modelled()
        .from(vnets.iter().copied())
        .at_each(
            sets.iter().map(|&set| index.set(set).origin),
            match taken {
                false => "no endpoint has this address",
                true => "the endpoint that made this is in no list",
            },
            "nor this one",
        )
        .asked(&vnets, names[0], RecordType::A)
        .named(names)
        .help("remove what is stale, after asking who made it")
        .remedied(sets.iter().map(|&set| {
            let facts = index.set(set);
            let record_type = facts.data.record_type();
            Change::Remove { zone: set.zone, owner: facts.owner, record_type }
        }));
    report.add(finding);
}

/// Whether a zone's records may lead to what is no private endpoint: zones of AKS.
fn has_no_endpoints(context: &Context<'_>, zone: ZoneId) -> bool {
    let estate = context.estate();
    estate.names.labels(estate.zone(zone).apex).any(|label| label == b"azmk8s")
}

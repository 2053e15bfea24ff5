//! `public-address-in-private-zone`

use std::collections::BTreeMap;

use super::list_names;
use crate::check::sweep::{addresses, is_stale};
use crate::check::{Context, Report, rule};
use crate::estate::{Change, ZoneId};
use crate::index::{Evidence, SetRef};
use crate::name::NameId;
use crate::record::{RecordType, is_private};

rule! {
    /// ## What it finds
    /// Records of a zone of Private Link with a public address, or with one that no host
    /// has such as `0.0.0.0` or `127.0.0.1`; and sets without records that were made in
    /// advance.
    ///
    /// ## Why it matters
    /// The zone takes the name over from public DNS: a placeholder, or an empty set,
    /// makes the service unreachable for the network, and a copied public address goes
    /// stale when the service moves. An address within a network of the estate is private
    /// there, whatever its range.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  20.60.1.4
    ///   stb  A  0.0.0.0
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.0.0.7
    ///   stb  A  10.0.0.8
    /// ```
    pub static PUBLIC_ADDRESS_IN_PRIVATE_ZONE = "public-address-in-private-zone" {
        summary: "an endpoint's record holds an address that is no private one",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    Empty,
    Nobodys,
    Public,
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    let mut found: BTreeMap<(ZoneId, Fault), Vec<SetRef>> = BTreeMap::new();
    let sweep = context.sweep();
    // That a known endpoint's name gives no address is `dead-endpoint`.
    let is_stated = |owner| {
        let service = context.service_through(owner).map(|at| context.service(at));
        service.is_some_and(|service| matches!(service.evidence, Evidence::Stated(_)))
    };
    for &set in sweep.odd_addresses.iter().chain(&sweep.empty) {
        if !estate.is_private_link(set.zone) {
            continue;
        }
        let facts = index.set(set);
        let of_address = matches!(facts.data.record_type(), RecordType::A | RecordType::Aaaa);
        let here =
            |address| estate.vnets.iter().any(|v| v.space.iter().any(|s| s.contains(&address)));
        let public = |address| !is_private(address) && !here(address);
        let fault = if addresses(&facts.data).any(is_stale) {
            Fault::Nobodys
        } else if addresses(&facts.data).any(public) {
            Fault::Public
        } else if of_address && addresses(&facts.data).next().is_none() && !is_stated(facts.owner) {
            Fault::Empty
        } else {
            continue;
        };
        found.entry((set.zone, fault)).or_default().push(set);
    }
    for ((zone, fault), sets) in found {
        let names: Vec<NameId> = sets.iter().map(|&set| index.set(set).owner).collect();
        let shown = list_names(context, &names);
        let (message, label, help) = match fault {
            Fault::Public => (
                format!("{shown}: a public address in a zone of Private Link"),
                "this is no endpoint's address",
                "record the endpoint's address, or remove the record if there is no endpoint",
            ),
            Fault::Nobodys => (
                format!("{shown}: a placeholder in place of an endpoint's address"),
                "no host has this address",
                "remove the record until the endpoint is there",
            ),
            Fault::Empty => (
                format!("{shown}: a set without records hides the public name"),
                "this set is empty, so clients get no address",
                "remove the set until the endpoint is there",
            ),
        };
        let vnets = context.vnets_of(zone);
        let remove = sets.iter().map(|&set| {
            let facts = index.set(set);
            Change::Remove { zone, owner: facts.owner, record_type: facts.data.record_type() }
        });
        let finding = report
            .finding(message)
            .from(vnets.iter().copied())
            .at_each(sets.iter().map(|&set| index.set(set).origin), label, "this too")
            .asked(&vnets, names[0], RecordType::A)
            .help(help)
            .remedied(remove.filter(|_| fault != Fault::Public))
            .named(names);
        report.add(finding);
    }
}

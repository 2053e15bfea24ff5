//! `shared-record-owners`

use std::collections::BTreeMap;

use super::{list, list_names};
use crate::check::inventory::group_zones;
use crate::check::{Context, Report, rule};
use crate::estate::{ConnectionState, Endpoint};
use crate::name::{Name, NameId};

rule! {
    /// ## What it finds
    /// Two approved private endpoints of one resource and sub-resource whose zone groups
    /// write into the same zone.
    ///
    /// ## Why it matters
    /// The last one that was made owns the record's address. When either is deleted, the
    /// record goes, and the other's clients get NXDOMAIN though their endpoint is there.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// vnet spoke
    /// zone privatelink.blob.core.windows.net  link hub  link spoke
    ///   sta  A  10.0.0.7
    /// endpoint pe-hub    vnet hub    group blob  zone-group privatelink.blob.core.windows.net
    ///   sta.blob.core.windows.net  10.0.0.7
    /// endpoint pe-spoke  vnet spoke  group blob  zone-group privatelink.blob.core.windows.net
    ///   sta.blob.core.windows.net  10.1.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.0.0.7
    /// endpoint pe-hub    vnet hub    group blob  zone-group privatelink.blob.core.windows.net
    ///   sta.blob.core.windows.net  10.0.0.7
    /// ```
    pub static SHARED_RECORD_OWNERS = "shared-record-owners" {
        summary: "two endpoints of one resource keep one record",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    // By zone, and the names that the endpoints serve.
    let mut owners: BTreeMap<(Name, String), BTreeMap<NameId, Vec<&Endpoint>>> = BTreeMap::new();
    let approved = |one: &&Endpoint| one.state == ConnectionState::Approved;
    for endpoint in estate.endpoints.iter().filter(approved) {
        for zone in group_zones(endpoint) {
            let id = zone.id.as_ref().map(|id| id.key()).unwrap_or_default();
            let names = owners.entry((zone.apex, id)).or_default();
            for (name, _) in &endpoint.names {
                // A name in the zone, and the public one that leads there, are one record.
                let service = context.service_through(*name).map(|at| context.service(at).name);
                let owners: &mut Vec<&Endpoint> =
                    names.entry(service.unwrap_or(*name)).or_default();
                if !owners.contains(&endpoint) {
                    owners.push(endpoint);
                }
            }
        }
    }
    for ((apex, _), names) in owners {
        // By the endpoints, since several names may have the same ones.
        let mut groups: BTreeMap<Vec<&str>, (Vec<NameId>, Vec<&Endpoint>)> = BTreeMap::new();
        for (name, endpoints) in names.into_iter().filter(|(_, endpoints)| endpoints.len() > 1) {
            let key = endpoints.iter().map(|one| one.name.as_str()).collect();
            groups.entry(key).or_insert((Vec::new(), endpoints)).0.push(name);
        }
        for (_, (names, endpoints)) in groups {
            let finding = report
                .finding(format!(
                    "private endpoints {} keep the record of {} in `{}` together",
                    list(endpoints.iter().map(|one| &one.name)),
                    list_names(context, &names),
                    apex.text()
                ))
                .from(endpoints.iter().filter_map(|one| one.vnet))
                .at_each(endpoints.iter().map(|one| one.origin), "this one keeps it", "and this one")
                .named(names)
                .help("give one of them a zone of its own that only its network is linked to, or no zone group");
            report.add(finding);
        }
    }
}

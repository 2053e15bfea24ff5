//! `endpoint-target-gone`

use std::collections::HashSet;

use crate::check::{Context, Report, rule};
use crate::estate::ResourceId;

rule! {
    /// ## What it finds
    /// A private endpoint whose resource was not exported, though others of its type and
    /// subscription were.
    ///
    /// ## Why it matters
    /// The endpoint outlived its resource, and its record leads nowhere. Deleting it
    /// frees the address; a new resource of that name needs a new endpoint. Types are left
    /// alone of which no list was exported, or one that is not whole: a page follows, it was
    /// cut, or a resource was refused.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// resource kept  type Microsoft.Batch/batchAccounts  id /subscriptions/s1/resourceGroups/g/providers/Microsoft.Batch/batchAccounts/kept
    /// endpoint pe-gone  vnet hub  group batchAccount  target /subscriptions/s1/resourceGroups/g/providers/Microsoft.Batch/batchAccounts/gone
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// resource kept  type Microsoft.Batch/batchAccounts  id /subscriptions/s1/resourceGroups/g/providers/Microsoft.Batch/batchAccounts/kept
    /// endpoint pe-kept  vnet hub  group batchAccount  target /subscriptions/s1/resourceGroups/g/providers/Microsoft.Batch/batchAccounts/kept
    /// ```
    pub static ENDPOINT_TARGET_GONE = "endpoint-target-gone" {
        summary: "an endpoint leads to a resource that the export lacks",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    let ids = || estate.resources.iter().filter_map(|resource| resource.id.as_ref());
    let known: HashSet<String> = ids().map(ResourceId::key).collect();
    let kind = |id: &ResourceId| {
        Some((id.subscription()?.to_lowercase(), id.resource_type()?.to_lowercase()))
    };
    let listed: HashSet<(String, String)> = ids().filter_map(kind).collect();
    for endpoint in &estate.endpoints {
        let Some(target) = &endpoint.target else { continue };
        let whole = kind(target)
            .is_some_and(|kind| estate.is_listed(&kind.1, Some(target)) && listed.contains(&kind));
        if !whole || known.contains(&target.key()) {
            continue;
        }
        let finding = report
            .finding(format!(
                "private endpoint `{}` leads to `{}`, which the export lacks",
                endpoint.name,
                target.name()
            ))
            .modelled()
            .from(endpoint.vnet)
            .at(endpoint.origin, "its resource may be gone")
            .named(endpoint.names.iter().map(|one| one.0))
            .help("export the resource; or, if it is gone, delete the endpoint and its records");
        report.add(finding);
    }
}

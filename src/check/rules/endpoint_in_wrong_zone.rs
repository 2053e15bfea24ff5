//! `endpoint-in-wrong-zone`

use crate::check::inventory::{GroupZone, group_zones};
use crate::check::{Context, Report, rule};
use crate::estate::{ConnectionState, Endpoint};
use crate::name::Name;
use crate::public::Catalogue;

rule! {
    /// ## What it finds
    /// A private endpoint whose zone group names no zone that its service's names lead
    /// to; or, where it is the right zone of another region, that one.
    ///
    /// ## Why it matters
    /// The records are kept up to date where nobody looks for them. Clients end at the
    /// public endpoint, or in NXDOMAIN where the right zone is linked. Policies that
    /// attach zone groups without asking for the region do this to every endpoint of
    /// other regions.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.file.core.windows.net  link hub
    /// endpoint pe-sta  vnet hub  group blob  zone-group privatelink.file.core.windows.net
    ///   sta.blob.core.windows.net  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.0.0.7
    /// endpoint pe-sta  vnet hub  group blob  zone-group privatelink.blob.core.windows.net
    ///   sta.blob.core.windows.net  10.0.0.7
    /// ```
    pub static ENDPOINT_IN_WRONG_ZONE = "endpoint-in-wrong-zone" {
        summary: "an endpoint's zone group writes into a zone that its service never asks",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    for endpoint in &estate.endpoints {
        if endpoint.zone_group.is_empty() || endpoint.state != ConnectionState::Approved {
            continue;
        }
        // Without a name nothing can be told; and one zone that is right is enough.
        let aliases = aliases(context, endpoint);
        let asked = |zone: &GroupZone| aliases.iter().any(|alias| alias.is_at_or_below(&zone.apex));
        let zones: Vec<GroupZone> = group_zones(endpoint).collect();
        let Some(zone) = zones.first().filter(|_| !aliases.is_empty()) else { continue };
        if zones.iter().any(asked) {
            continue;
        }
        let name = zone.apex.text();
        let wanted = aliases[0].parent();
        let finding = report
            .finding(format!(
                "private endpoint `{}` is recorded in `{name}`, where its service never asks",
                endpoint.name
            ))
            .modelled()
            .at(endpoint.origin, format!("the service leads to `{}`", aliases[0].text()))
            .named(estate.names.get(&zone.apex))
            .help(format!("give its zone group the zone of `{}`", wanted.text()));
        report.add(finding);
    }
}

/// The aliases of the names that an endpoint serves.
fn aliases(context: &Context<'_>, endpoint: &Endpoint) -> Vec<Name> {
    let names = endpoint.names.iter().map(|(name, _)| context.estate().names.name(*name));
    let found = names.filter_map(|name| Catalogue::get().find(&name));
    // A name in a private zone says where it is recorded, not what the service is.
    let public = found.filter(|found| found.step == 0 && !found.chain.queried_directly);
    public.flat_map(|found| found.chain_names()).collect()
}

//! `wrong-region-zone`

use super::endpoint_in_wrong_zone::{finding, misplaced};
use crate::check::{Context, Report, rule};

rule! {
    /// ## What it finds
    /// A private endpoint whose zone group names its service's zone of another region.
    ///
    /// ## Why it matters
    /// Its name leads to the zone of its own region. There nobody keeps the record:
    /// clients end at the public endpoint, or in NXDOMAIN where that zone is linked. A
    /// policy that attaches one zone to every endpoint of a service does this to all
    /// resources of other regions.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.westeurope.kusto.windows.net  link hub
    ///   dev   A  10.0.0.8
    /// zone privatelink.eastus.kusto.windows.net  link hub
    ///   main  A  10.0.0.7
    /// endpoint pe-main  vnet hub  group cluster  zone-group privatelink.eastus.kusto.windows.net
    ///   main.westeurope.kusto.windows.net  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.westeurope.kusto.windows.net  link hub
    ///   dev   A  10.0.0.8
    ///   main  A  10.0.0.7
    /// endpoint pe-main  vnet hub  group cluster  zone-group privatelink.westeurope.kusto.windows.net
    ///   main.westeurope.kusto.windows.net  10.0.0.7
    /// ```
    pub static WRONG_REGION_ZONE = "wrong-region-zone" {
        summary: "an endpoint's zone group writes into the zone of another region",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    for one in misplaced(context).filter(|one| one.other_region) {
        let message = format!(
            "private endpoint `{}` is recorded in `{}`, the zone of another region",
            one.name(context),
            one.apex.text()
        );
        report.add(finding(context, report.finding(message), &one));
    }
}

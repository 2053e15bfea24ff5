//! `invalid-name`

use crate::check::{Context, Report, rule};
use crate::estate::fits_zone_name;

rule! {
    /// ## What it finds
    /// A zone whose name has a character other than a letter, a digit, a hyphen or an
    /// underscore.
    ///
    /// ## Why it matters
    /// Azure refuses it ("Naming rules and restrictions for Azure resources",
    /// learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules,
    /// read 2026-11). The input was damaged or written by hand.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp*.internal  link hub
    ///   nas  A  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp-1.internal  link hub
    ///   nas  A  10.0.0.7
    /// ```
    pub static INVALID_NAME = "invalid-name" {
        summary: "a zone's name has a character that Azure refuses",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    for (id, zone) in estate.zone_ids() {
        let wrong = estate.names.labels(zone.apex).flatten().find(|octet| !fits_zone_name(**octet));
        let Some(&wrong) = wrong else { continue };
        let finding = report
            .finding(format!(
                "the name of zone `{}` has `{}`, which Azure refuses",
                estate.zone_name(id),
                char::from(wrong).escape_default()
            ))
            .from(context.vnets_of(id))
            .at(zone.origin, "letters, digits, hyphens and underscores are allowed")
            .named([zone.apex])
            .help("mend the name in the input; such a zone cannot be made");
        report.add(finding);
    }
}

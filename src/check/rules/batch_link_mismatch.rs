//! `batch-link-mismatch`

use super::{list_names, list_vnets, lost_by_linking};
use crate::check::{Basis, Context, Report, rule};
use crate::estate::{Change, Extent, Policy, VnetId};

rule! {
    /// ## What it finds
    /// Networks that are linked to an old Batch zone with accounts and not to the
    /// global zone, once there is a global zone.
    ///
    /// ## Why it matters
    /// They depend on the old zone alone. When it is unlinked or emptied, their
    /// accounts do not fail but end at the public endpoint; with public access
    /// disabled that shows as refused connections, not as a DNS error.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// vnet spoke
    /// zone privatelink.eastus.batch.azure.com  link hub  link spoke
    ///   acct  A  10.0.0.5
    /// zone privatelink.batch.azure.com  link hub
    ///   acct.eastus  A  10.0.0.5
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// vnet spoke
    /// zone privatelink.eastus.batch.azure.com  link hub  link spoke
    ///   acct  A  10.0.0.5
    /// zone privatelink.batch.azure.com  link hub  link spoke
    ///   acct.eastus  A  10.0.0.5
    /// ```
    pub static BATCH_LINK_MISMATCH = "batch-link-mismatch" {
        summary: "networks have an old Batch zone and not the global one",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    let census = context.census();
    for batch in census.old() {
        let globals: Vec<_> = census.global(batch.suffix).map(|global| global.zone).collect();
        let known = globals.iter().all(|&zone| estate.zone(zone).links_extent() == Extent::Whole);
        let used = census
            .accounts
            .values()
            .any(|recorded| recorded.old.iter().any(|set| set.zone == batch.zone));
        if globals.is_empty() || !known || !used {
            continue;
        }
        let lacking: Vec<VnetId> = context
            .views_of(batch.zone)
            .filter(|view| !globals.iter().any(|&zone| view.is_linked(zone)))
            .flat_map(|view| view.vnets().iter().copied())
            .collect();
        if lacking.is_empty() {
            continue;
        }
        let (old_name, new_name) = (estate.zone_name(batch.zone), estate.zone_name(globals[0]));
        let mut finding = report
            .finding(format!(
                "{} linked to `{old_name}` and not to `{new_name}`",
                match lacking.len() {
                    1 => format!("{} is", list_vnets(context, &lacking)),
                    _ => format!("{} are", list_vnets(context, &lacking)),
                }
            ))
            .from(lacking.iter().copied());
        finding.basis = Basis::Modelled;
        for &vnet in &lacking {
            if let Some(origin) = super::link_origin(context, batch.zone, vnet) {
                let label = format!("`{}` has the old zone only", estate.vnet_name(vnet));
                finding = finding.at(origin, label);
            }
        }
        let explaining = estate.zone(globals[0]).origin;
        finding = finding.explained_at(explaining, "this zone is not linked there");
        let them = if lacking.len() == 1 { "it" } else { "them" };
        let [global] = globals[..] else {
            report.add(finding.help("link one of the global zones before the old zone goes"));
            continue;
        };
        let lost = lost_by_linking(context, context.views_of(batch.zone), global);
        if lost.is_empty() {
            finding = finding.help(format!("link `{new_name}` to {them} before the old zone goes"));
            finding.remedy =
                lacking.iter().map(|&vnet| Change::link(global, vnet, Policy::Default)).collect();
        } else {
            finding = finding.help(format!(
                "add to `{new_name}` what linking it would take away there ({}), then link it",
                list_names(context, &lost)
            ));
        }
        report.add(finding);
    }
}

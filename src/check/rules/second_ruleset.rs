//! `second-ruleset`

use std::collections::BTreeMap;

use super::list;
use crate::check::{Context, Report, rule};
use crate::estate::{Origin, RulesetId, VnetId};

rule! {
    /// ## What it finds
    /// A network that is linked to more than one forwarding ruleset.
    ///
    /// ## Why it matters
    /// A network can be linked to one ruleset only (MicrosoftDocs/azure-docs pull request
    /// 125137, read 2026-11). Azure refuses the second link, so the input is of two times or
    /// was edited, and nobody can say which rules hold: names that no zone claims are
    /// "unknown" there.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// ruleset rules-hub  link hub
    ///   corp.example  10.9.0.10
    /// ruleset rules-lab  link hub
    ///   lab.example   10.9.0.11
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// ruleset rules-hub  link hub
    ///   corp.example  10.9.0.10
    ///   lab.example   10.9.0.11
    /// ```
    pub static SECOND_RULESET = "second-ruleset" {
        summary: "a network is linked to several forwarding rulesets",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    let mut linked: BTreeMap<VnetId, Vec<(RulesetId, Origin)>> = BTreeMap::new();
    for (id, ruleset) in estate.ruleset_ids() {
        for link in &ruleset.links {
            linked.entry(link.vnet).or_default().push((id, link.origin));
        }
    }
    for (vnet, links) in linked.into_iter().filter(|(_, links)| links.len() > 1) {
        let rulesets = list(links.iter().map(|link| estate.ruleset_label(link.0)));
        let finding = report
            .finding(format!("`{}` is linked to {rulesets}", estate.vnet_name(vnet)))
            .from([vnet])
            .at_each(links.iter().map(|link| link.1), "one link is here", "and one here")
            .help("export both again; keep one link, and move the rules that are missed there");
        report.add(finding);
    }
}

//! `second-ruleset`

use std::collections::BTreeMap;

use super::list;
use crate::check::{Context, Report, rule};
use crate::estate::{Origin, VnetId};

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
    let links = estate.ruleset_ids().flat_map(|(id, ruleset)| {
        ruleset.links.iter().map(move |link| (link.vnet, estate.ruleset_label(id), link.origin))
    });
    tell_second(context, report, links);
}

/// Tells of networks with several links where Azure allows one: each link's network, what it is
/// of, and its place.
pub(super) fn tell_second(
    context: &Context<'_>,
    report: &mut Report<'_>,
    links: impl Iterator<Item = (VnetId, String, Origin)>,
) {
    let mut linked: BTreeMap<VnetId, Vec<(String, Origin)>> = BTreeMap::new();
    for (vnet, label, origin) in links {
        linked.entry(vnet).or_default().push((label, origin));
    }
    for (vnet, links) in linked.into_iter().filter(|(_, links)| links.len() > 1) {
        let finding = report
            .finding(format!(
                "`{}` is linked to {}",
                context.estate().vnet_name(vnet),
                list(links.iter().map(|link| &*link.0))
            ))
            .from([vnet])
            .at_each(links.iter().map(|link| link.1), "one link is here", "and one here")
            .help("export both again; keep one link, and move the rules that are missed there");
        report.add(finding);
    }
}

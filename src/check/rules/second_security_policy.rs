//! `second-security-policy`

use std::collections::BTreeMap;

use super::list;
use crate::check::{Context, Report, rule};
use crate::estate::{Origin, VnetId};

rule! {
    /// ## What it finds
    /// A network that is linked to more than one DNS security policy.
    ///
    /// ## Why it matters
    /// A network can be linked to one policy only ("DNS security policy",
    /// learn.microsoft.com/azure/dns/dns-security-policy, read 2026-11). Azure refuses the
    /// second link, so the input is of two times or was edited, and nobody can say which
    /// rules hold: every answer is "unknown" there.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// domain-list bad
    ///   malware.example
    /// security-policy watch  link hub
    ///   100 alert bad
    /// security-policy guard  link hub
    ///   100 block bad
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// domain-list bad
    ///   malware.example
    /// security-policy guard  link hub
    ///   100 block bad
    /// ```
    pub static SECOND_SECURITY_POLICY = "second-security-policy" {
        summary: "a network is linked to several DNS security policies",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    let mut linked: BTreeMap<VnetId, Vec<(&str, Origin)>> = BTreeMap::new();
    for policy in &estate.policies {
        for link in &policy.links {
            linked.entry(link.vnet).or_default().push((&policy.name, link.origin));
        }
    }
    for (vnet, links) in linked.into_iter().filter(|(_, links)| links.len() > 1) {
        let policies = list(links.iter().map(|link| link.0));
        let finding = report
            .finding(format!("`{}` is linked to {policies}", estate.vnet_name(vnet)))
            .from([vnet])
            .at_each(links.iter().map(|link| link.1), "one link is here", "and one here")
            .help("export both again; keep one link, and move the rules that are missed there");
        report.add(finding);
    }
}

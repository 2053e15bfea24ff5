//! `second-security-policy`

use super::second_ruleset::tell_second;
use crate::check::{Context, Report, rule};

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
    let policies = context.estate().policies.iter();
    let links = policies.flat_map(|policy| {
        policy.links.iter().map(|link| (link.vnet, policy.name.to_string(), link.origin))
    });
    tell_second(context, report, links);
}

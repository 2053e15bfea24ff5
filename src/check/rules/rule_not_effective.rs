//! `rule-not-effective`

use crate::check::{Context, Report, rule};
use crate::index::{Assumption, RESERVED_SUFFIXES, View};
use crate::name::{Name, NameId};

rule! {
    /// ## What it finds
    /// An enabled rule for the parent of a domain that Azure keeps to itself, such as
    /// `windows.net` over `core.windows.net`.
    ///
    /// ## Why it matters
    /// Azure resolves names of its reserved domains itself unless a rule names that
    /// domain or one below it: `db.database.windows.net` is forwarded,
    /// `sta.blob.core.windows.net` is not ("Azure DNS Private Resolver endpoints and
    /// rulesets", learn.microsoft.com/azure/dns/private-resolver-endpoints-rulesets, read
    /// 2026-11; MicrosoftDocs/azure-docs issue 122204). A rule for all names, `.`, is
    /// known to leave them out and is not told of. The list is not published in full; nothing
    /// is said where `reserved-suffixes` is assumed to be `none`.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// ruleset rules-hub  link hub
    ///   windows.net  10.9.0.10
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// ruleset rules-hub  link hub
    ///   windows.net       10.9.0.10
    ///   core.windows.net  10.9.0.10
    /// ```
    pub static RULE_NOT_EFFECTIVE = "rule-not-effective" {
        summary: "a forwarding rule takes less than it seems to",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    let listed = |view: &View<'_>| view.settings().value(Assumption::ReservedSuffixes) == "listed";
    if !context.views().iter().any(listed) {
        return;
    }
    for ruleset in &estate.rulesets {
        let rules = || ruleset.rules.iter().filter(|rule| rule.enabled);
        for rule in rules().filter(|rule| rule.domain != NameId::ROOT) {
            let domain = estate.names.name(rule.domain);
            let kept = RESERVED_SUFFIXES.iter().find_map(|reserved| {
                let reserved: Name = reserved.parse().ok()?;
                let below = reserved != domain && reserved.is_at_or_below(&domain);
                let named = rules().any(|rule| estate.names.name(rule.domain) == reserved);
                (below && !named).then_some(reserved)
            });
            let Some(kept) = kept else { continue };
            let finding = report
                .finding(format!(
                    "rule `{}` of `{}` does not take what is below `{}`",
                    domain.text(),
                    ruleset.name,
                    kept.text()
                ))
                .modelled()
                .from(ruleset.links.iter().map(|link| link.vnet))
                .at(rule.origin, "Azure keeps a part of this to itself")
                .named([rule.domain])
                .help(format!("add a rule for `{}`, if its names are meant, too", kept.text()));
            report.add(finding);
        }
    }
}

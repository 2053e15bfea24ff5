//! `service-target-is-alias`

use crate::check::targets::{Target, targets};
use crate::check::{Context, Report, rule};
use crate::index::Found;

rule! {
    /// ## What it finds
    /// An MX or SRV record whose target is an alias.
    ///
    /// ## Why it matters
    /// The target of such a record must have addresses itself (RFC 2181, section 10.3,
    /// and RFC 2782). Some clients follow the alias, others fail.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   _ldap._tcp  SRV    0 100 389 ldap.corp.internal
    ///   ldap        CNAME  dc1.corp.internal
    ///   dc1         A      10.0.0.4
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   _ldap._tcp  SRV  0 100 389 dc1.corp.internal
    ///   dc1         A    10.0.0.4
    /// ```
    pub static SERVICE_TARGET_IS_ALIAS = "service-target-is-alias" {
        summary: "a mail or service record leads to an alias",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    for Target { set, name, found, vnets, .. } in
        targets(context, |found| matches!(found, Found::Alias(..)))
    {
        let Found::Alias(alias, target) = found else { continue };
        let facts = index.set(set);
        let finding = report
            .finding(format!(
                "{} `{}` leads to `{}`, which is an alias",
                facts.data.record_type(),
                estate.names.show(facts.owner),
                estate.names.show(name)
            ))
            .from(vnets)
            .at(facts.origin, "this must lead to a host")
            .at(index.set(alias).origin, "this is an alias")
            .named([facts.owner])
            .help(format!("let it lead to `{}`", estate.names.show(target)))
            .alike(
                set.zone,
                |count, zone| format!("{count} MX or SRV records of `{zone}` lead to aliases"),
                "let them lead to what the aliases lead to",
            );
        report.add(finding);
    }
}

//! `service-target-missing`

use crate::check::targets::{Target, targets};
use crate::check::{Context, Report, rule};
use crate::index::Found;

rule! {
    /// ## What it finds
    /// An MX or SRV record whose target the zone that claims it lacks.
    ///
    /// ## Why it matters
    /// Clients find the service's record and no host behind it. Domain controllers, mail
    /// and telephony then fail in ways that do not look like DNS.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   _ldap._tcp  SRV  0 100 389 dc1.corp.internal
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   _ldap._tcp  SRV  0 100 389 dc1.corp.internal
    ///   dc1         A    10.0.0.4
    /// ```
    pub static SERVICE_TARGET_MISSING = "service-target-missing" {
        summary: "a mail or service record leads to a name that does not exist",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    for Target { set, name, zone, vnets, .. } in
        targets(context, |found| matches!(found, Found::NxDomain))
    {
        let facts = context.index().set(set);
        let finding = report
            .finding(format!(
                "{} `{}` leads to `{}`, which does not exist",
                facts.data.record_type(),
                estate.names.show(facts.owner),
                estate.names.show(name)
            ))
            .from(vnets.iter().copied())
            .at(facts.origin, "no host is behind this record")
            .at(estate.zone(zone).origin, "this zone claims the target and lacks it")
            .asked(&vnets, name, crate::record::RecordType::A)
            .named([facts.owner])
            .help(format!("add `{}`, or remove the record", estate.names.show(name)))
            .alike(
                set.zone,
                |count, zone| {
                    format!("{count} MX or SRV records of `{zone}` lead to names that do not exist")
                },
                "add the names they lead to, or remove the records",
            );
        report.add(finding);
    }
}

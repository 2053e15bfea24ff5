//! `forwarder-names-privatelink`

use crate::check::{Context, Report, rule};
use crate::estate::Origin;
use crate::name::NameId;
use crate::public::{Catalogue, Next};

rule! {
    /// ## What it finds
    /// A conditional forwarder of a DNS server, or a rule of a ruleset, for a
    /// `privatelink` name.
    ///
    /// ## Why it matters
    /// Clients ask for the public name. A server that forwards what it does not know gets
    /// the whole public chain in one answer, and never asks for the `privatelink` name:
    /// clients get the public address. "The conditional forwarding must be made to the
    /// recommended public DNS zone forwarder, such as `database.windows.net` instead of
    /// `privatelink.database.windows.net`"
    /// (learn.microsoft.com/azure/private-link/private-endpoint-dns-integration, read
    /// 2026-11).
    ///
    /// ## Example
    /// ```estate
    /// site hq
    /// vnet hub
    /// inbound in-hub  vnet hub  address 10.0.0.4
    /// server dc-hq  site hq  address 10.9.0.10
    ///   forward privatelink.blob.core.windows.net  10.0.0.4
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// site hq
    /// vnet hub
    /// inbound in-hub  vnet hub  address 10.0.0.4
    /// server dc-hq  site hq  address 10.9.0.10
    ///   forward blob.core.windows.net  10.0.0.4
    /// ```
    pub static FORWARDER_NAMES_PRIVATELINK = "forwarder-names-privatelink" {
        summary: "a forwarder names the private zone in place of the public one",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    let mut add = |what: String, domain: NameId, origin: Origin| {
        let private = |label: &[u8]| label.starts_with(b"privatelink");
        if !estate.names.labels(domain).any(private) {
            return;
        }
        let mut finding = report
            .finding(format!("{what} names `{}`, not the public zone", estate.names.show(domain)))
            .modelled()
            .at(origin, "clients ask for another name")
            .named([domain]);
        finding = match public_of(&estate.names.show(domain).to_string()) {
            Some(public) => finding.help(format!("forward `{public}` in its place")),
            None => finding.help("forward the service's public name in its place"),
        };
        report.add(finding);
    };
    for server in &estate.servers {
        for forwarder in &server.forwarders {
            add(format!("a forwarder of `{}`", server.name), forwarder.domain, forwarder.origin);
        }
    }
    for ruleset in &estate.rulesets {
        for rule in ruleset.rules.iter().filter(|rule| rule.enabled) {
            add(format!("a rule of `{}`", ruleset.name), rule.domain, rule.origin);
        }
    }
}

/// The public domain whose names lead to names below a private zone.
fn public_of(zone: &str) -> Option<String> {
    let name = format!("any.{zone}").parse().ok()?;
    let found = Catalogue::get().find(&name)?;
    let leads = !matches!(found.next(), Next::Nothing);
    leads.then(|| found.chain.public_suffix().to_owned())
}

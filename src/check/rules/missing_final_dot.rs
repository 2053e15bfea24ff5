//! `missing-final-dot`

use crate::check::{Context, Report, rule};
use crate::estate::Change;
use crate::index::{Found, Place, SetRef};
use crate::name::{Name, NameId};
use crate::public::Catalogue;
use crate::record::{RecordData, RecordType};

rule! {
    /// ## What it finds
    /// An alias whose target ends in the zone's name after another whole name: one of a
    /// zone of the estate, or of a service's domain. The final dot was forgotten in a
    /// zone file.
    ///
    /// ## Why it matters
    /// A name without a final dot is relative in a zone file. The target reads
    /// `www.contoso.com.corp.internal`, and does not exist, so clients get NXDOMAIN.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   files  CNAME  nas.lab.internal.corp.internal
    /// zone lab.internal   link hub
    ///   nas    A      10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   files  CNAME  nas.lab.internal
    /// zone lab.internal   link hub
    ///   nas    A      10.0.0.7
    /// ```
    pub static MISSING_FINAL_DOT = "missing-final-dot" {
        summary: "an alias leads into its own zone by mistake",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    for &set in &context.sweep().aliases {
        let Some(meant) = meant(context, set) else { continue };
        let facts = index.set(set);
        let RecordData::Cname(target) = facts.data else { continue };
        let vnets = context.vnets_of(set.zone);
        let mut finding = report
            .finding(format!(
                "alias `{}` leads to `{}`, where `{}` was meant",
                estate.names.show(facts.owner),
                estate.names.show(target),
                meant.text()
            ))
            .from(vnets.iter().copied())
            .at(facts.origin, format!("without the final dot; `{meant}` was meant"))
            .asked(&vnets, facts.owner, RecordType::A)
            .named([facts.owner])
            .help(format!("let it lead to `{meant}`"))
            .alike(
                set.zone,
                |count, zone| {
                    format!("{count} aliases of `{zone}` lack the final dot of their targets")
                },
                "end the targets with a dot, and import them anew",
            );
        if let Place::Known(target) = index.locate(&meant) {
            finding = finding.remedied([Change::Put {
                zone: set.zone,
                owner: facts.owner,
                data: RecordData::Cname(target),
                ttl: facts.ttl,
            }]);
        }
        report.add(finding);
    }
}

/// The name that an alias was meant to lead to, where its final dot was forgotten.
pub(super) fn meant(context: &Context<'_>, set: SetRef) -> Option<Name> {
    let (index, estate) = (context.index(), context.estate());
    let RecordData::Cname(target) = index.set(set).data else { return None };
    let apex = estate.zone(set.zone).apex;
    let missing =
        || index.look_up(set.zone, &Place::Known(target), RecordType::A) == Found::NxDomain;
    if target == apex || !estate.names.is_at_or_below(target, apex) || !missing() {
        return None;
    }
    let meant: Name = estate.names.relative(target, apex).parse().ok()?;
    // An own name, or one of a service: what else stands there may be a plain host.
    let own = match index.locate(&meant).node() {
        NameId::ROOT => false,
        node => index.apex_of(node).is_some(),
    };
    let service = || Catalogue::get().find(&meant).is_some_and(|found| !found.chain.generated);
    (meant.depth() > 1 && (own || service())).then_some(meant)
}

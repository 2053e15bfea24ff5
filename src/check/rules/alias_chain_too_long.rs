//! `alias-chain-too-long`

use std::collections::BTreeMap;

use super::list_names;
use crate::check::{Context, Report, rule};
use crate::estate::Origin;
use crate::index::Place;
use crate::name::NameId;
use crate::record::{RecordData, RecordType};
use crate::resolve::{Outcome, resolve};

rule! {
    /// ## What it finds
    /// A chain of aliases with more members than Azure DNS is taken to follow.
    ///
    /// ## Why it matters
    /// A resolver gives up on long chains; how long a one Azure follows is not documented
    /// (`alias-limit`). Each alias is one more zone that must be linked and whole.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   a1   CNAME  a2.corp.internal
    ///   a2   CNAME  a3.corp.internal
    ///   a3   CNAME  a4.corp.internal
    ///   a4   CNAME  a5.corp.internal
    ///   a5   CNAME  a6.corp.internal
    ///   a6   CNAME  a7.corp.internal
    ///   a7   CNAME  a8.corp.internal
    ///   a8   CNAME  a9.corp.internal
    ///   a9   CNAME  a10.corp.internal
    ///   a10  CNAME  a11.corp.internal
    ///   a11  CNAME  a12.corp.internal
    ///   a12  CNAME  a13.corp.internal
    ///   a13  CNAME  a14.corp.internal
    ///   a14  CNAME  a15.corp.internal
    ///   a15  CNAME  a16.corp.internal
    ///   a16  CNAME  a17.corp.internal
    ///   a17  CNAME  a18.corp.internal
    ///   a18  A      10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   a1  CNAME  a2.corp.internal
    ///   a2  A      10.0.0.7
    /// ```
    pub static ALIAS_CHAIN_TOO_LONG = "alias-chain-too-long" {
        summary: "aliases lead on further than Azure is taken to follow",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let index = context.index();
    // By the views: where each alias stands, and its owner.
    let mut groups: BTreeMap<Vec<u32>, Vec<(Origin, NameId)>> = BTreeMap::new();
    for &alias in &context.sweep().aliases {
        let set = index.set(alias);
        let RecordData::Cname(target) = set.data else { continue };
        let too_long = context.linked_views(alias.zone).filter(|(_, view)| {
            let name = Place::Known(set.owner);
            let ask = || resolve(view, &name, RecordType::A, &mut ()).outcome;
            view.claim(target).is_some() && ask() == Outcome::TooManyAliases
        });
        let views: Vec<u32> = too_long.map(|(at, _)| at).collect();
        if !views.is_empty() {
            groups.entry(views).or_default().push((set.origin, set.owner));
        }
    }
    for (views, mut aliases) in groups {
        aliases.sort();
        let limit = context.views()[views[0] as usize].settings().alias_limit();
        let vnets = context.vnets(&views);
        let owners: Vec<NameId> = aliases.iter().map(|alias| alias.1).collect();
        let finding = report
            .finding(format!(
                "{} {} through more than {limit} aliases",
                list_names(context, &owners),
                if owners.len() == 1 { "leads" } else { "lead" }
            ))
            .modelled()
            .from(vnets.iter().copied())
            .at_each(
                aliases.iter().map(|alias| alias.0),
                "a chain that is too long starts here",
                "and here",
            )
            .asked(&vnets, owners[0], RecordType::A)
            .named(owners)
            .help("let the first name lead to the last");
        report.add(finding);
    }
}

//! `alias-loop`

use std::collections::BTreeMap;

use crate::check::{Context, Report, Witness, rule};
use crate::index::{Place, SetRef};
use crate::name::NameId;
use crate::record::{RecordData, RecordType};
use crate::resolve::{HopResult, Outcome};

rule! {
    /// ## What it finds
    /// Aliases that lead back to themselves.
    ///
    /// ## Why it matters
    /// A resolver gives up: clients get SERVFAIL, or an answer without an address,
    /// and wait for it.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   a  CNAME  b.corp.internal
    ///   b  CNAME  a.corp.internal
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   a  CNAME  b.corp.internal
    ///   b  A      10.0.0.7
    /// ```
    pub static ALIAS_LOOP = "alias-loop" {
        summary: "aliases lead back to themselves",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    let mut loops: BTreeMap<Vec<SetRef>, (NameId, Vec<u32>)> = BTreeMap::new();
    for &alias in &context.sweep().aliases {
        let (zone, set) = (alias.zone, index.set(alias));
        let RecordData::Cname(target) = set.data else { continue };
        for (at, view) in context.linked_views(zone) {
            // Only what a private zone leads on can come back to it.
            if view.claim(target).is_none() {
                continue;
            }
            let name = Place::Known(set.owner);
            let answer = crate::resolve::resolve(view, &name, RecordType::A, &mut ());
            if answer.outcome != Outcome::AliasLoop {
                continue;
            }
            let (_, trace) = context.trace(view, set.owner, RecordType::A);
            let Some(closing) = trace.last_name().cloned() else { continue };
            let mut members: Vec<SetRef> = trace
                .hops
                .iter()
                .skip_while(|hop| hop.name != closing)
                .filter_map(|hop| match hop.said {
                    HopResult::Alias(_, set) => set,
                    _ => None,
                })
                .collect();
            members.sort_by_cached_key(|&set| estate.names.name(index.set(set).owner));
            let entry = loops.entry(members).or_insert((set.owner, Vec::new()));
            entry.1.push(at);
        }
    }
    for (members, (name, views)) in loops {
        let vnets = context.vnets(&views);
        let owners: Vec<NameId> = members.iter().map(|&set| index.set(set).owner).collect();
        let message = match owners[..] {
            [one] => format!("alias `{}` leads to itself", estate.names.show(one)),
            _ => format!(
                "{} aliases lead back to `{}`",
                owners.len(),
                estate.names.show(*owners.first().unwrap_or(&name))
            ),
        };
        let mut finding = report
            .finding(message)
            .from(vnets.iter().copied())
            .help("let one of the names hold an address");
        if let Some(first) = members.first() {
            finding = finding.alike(
                first.zone,
                |count, zone| format!("{count} circles of aliases go through `{zone}`"),
                "in each of them, let one of the names hold an address",
            );
        }
        for &set in &members {
            let RecordData::Cname(target) = index.set(set).data else { continue };
            let label = format!("leads to `{}`", estate.names.show(target));
            finding = finding.at(index.set(set).origin, label);
        }
        finding.witness =
            vnets.first().map(|&vnet| Witness { vnet, name, record_type: RecordType::A });
        finding.names = owners;
        report.add(finding);
    }
}

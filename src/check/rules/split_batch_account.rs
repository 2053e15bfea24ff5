//! `split-batch-account`

use crate::check::batch::addresses;
use crate::check::{Context, Report, Witness, rule};
use crate::record::RecordType;

rule! {
    /// ## What it finds
    /// A Batch account that is recorded in an old zone and in the global zone with
    /// different addresses.
    ///
    /// ## Why it matters
    /// Which address a client gets depends on the zones its network is linked to,
    /// and changes the moment the old zone is unlinked. One of the two addresses is
    /// usually that of an endpoint that no longer exists.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.eastus.batch.azure.com  link hub
    ///   acct  A  10.0.0.5
    /// zone privatelink.batch.azure.com  link hub
    ///   acct.eastus  A  10.0.0.6
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.eastus.batch.azure.com  link hub
    ///   acct  A  10.0.0.5
    /// zone privatelink.batch.azure.com  link hub
    ///   acct.eastus  A  10.0.0.5
    /// ```
    pub static SPLIT_BATCH_ACCOUNT = "split-batch-account" {
        summary: "a Batch account has different addresses in the old and the global zone",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    for (public, recorded) in &context.census().accounts {
        let split = recorded.old.iter().find_map(|&old| {
            let there = addresses(&index.set(old).data);
            let differs = |set: &&crate::index::SetRef| {
                let here = addresses(&index.set(**set).data);
                !here.is_empty() && !there.is_empty() && here != there
            };
            recorded.global.iter().find(differs).map(|&global| (old, global))
        });
        let Some((old, global)) = split else { continue };
        let data = |set| index.set(set).data.texts(&estate.names).join(", ");
        let (old_zone, new_zone) = (estate.zone_name(old.zone), estate.zone_name(global.zone));
        let mut vnets = context.vnets_of(old.zone);
        vnets.extend(context.vnets_of(global.zone));
        let mut finding = report
            .finding(format!(
                "Batch account `{}` is at {} in the old zone and at {} in the global one",
                public.text(),
                data(old),
                data(global)
            ))
            .from(vnets)
            .at(index.set(old).origin, format!("{} in `{old_zone}`", data(old)))
            .at(index.set(global).origin, format!("{} in `{new_zone}`", data(global)))
            .help("find out which address the endpoint has, and set both records to it");
        let name = estate.names.get(public);
        finding.names = name.into_iter().collect();
        if let (Some(name), Some(&vnet)) = (name, context.vnets_of(old.zone).first()) {
            finding.witness = Some(Witness { vnet, name, record_type: RecordType::A });
        }
        // The endpoint's own address settles it.
        let stated = name
            .and_then(|name| index.service_of(name))
            .map(|service| service.addresses.clone())
            .unwrap_or_default();
        let right = [old, global].into_iter().find(|&set| {
            addresses(&index.set(set).data)
                .iter()
                .any(|&address| stated.contains(&std::net::IpAddr::V4(address)))
        });
        if let Some(right) = right {
            let wrong = if right == old { global } else { old };
            let facts = index.set(wrong);
            finding = finding.note(format!("the private endpoint is at {}", data(right)));
            finding.remedy.push(crate::estate::Change::Put {
                zone: wrong.zone,
                owner: facts.owner,
                data: index.set(right).data.clone(),
                ttl: facts.ttl,
            });
        }
        report.add(finding);
    }
}

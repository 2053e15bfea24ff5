//! Azure Batch: which zones an estate has for it, and which account is recorded where.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::Context;
use crate::estate::ZoneId;
use crate::index::{Evidence, Service, SetRef};
use crate::name::{Name, NameId};
use crate::public::Catalogue;
pub(super) use crate::public::batch::{Form, SUFFIXES, global_alias, is_guid};
use crate::record::RecordData;

/// A zone for Batch.
#[derive(Clone, Debug)]
pub(super) struct BatchZone {
    pub zone: ZoneId,
    pub form: Form,
    /// The cloud's public suffix.
    pub suffix: &'static str,
}

/// Where an account is recorded.
#[derive(Clone, Debug, Default)]
pub(super) struct Recorded {
    /// In old zones (any form but the global one), under the name the zone is asked for.
    pub old: Vec<SetRef>,
    /// In global zones, with its region label.
    pub global: Vec<SetRef>,
}

/// A record in a global zone that nobody asks for.
#[derive(Clone, Debug)]
pub(super) struct Mislabel {
    pub set: SetRef,
    /// What is wrong, as the end of a sentence about the record.
    pub why: String,
    /// The public name of the account it was meant for, where that is clear.
    pub meant: Option<Name>,
}

/// All Batch zones, and the accounts by public name.
#[derive(Default)]
pub(super) struct Census {
    pub zones: Vec<BatchZone>,
    /// Accounts and node management endpoints by their public name.
    pub accounts: BTreeMap<Name, Recorded>,
    pub mislabelled: Vec<Mislabel>,
}

impl Census {
    pub fn new(context: &Context<'_>) -> Census {
        let estate = context.estate();
        let mut census = Census::default();
        for (zone, facts) in estate.zone_ids() {
            if let Some((form, suffix)) = Form::of(&estate.names.name(facts.apex)) {
                census.zones.push(BatchZone { zone, form, suffix });
            }
        }
        for batch in &census.zones {
            let facts = estate.zone(batch.zone);
            for (at, set) in facts.record_sets.iter().enumerate() {
                if !is_address_or_alias(&set.data) {
                    continue;
                }
                let owner = estate.names.relative(set.owner, facts.apex);
                if owner == "@" || owner.starts_with('*') {
                    continue;
                }
                // Nobody asks an old regional zone for a node management endpoint.
                let node = owner.ends_with(".service") || is_guid(&owner);
                if node && matches!(batch.form, Form::Regional(_) | Form::Child(_)) {
                    continue;
                }
                let public = match &batch.form {
                    Form::Global => format!("{owner}.{}", batch.suffix),
                    Form::Regional(region) | Form::Child(region) => {
                        format!("{owner}.{region}.{}", batch.suffix)
                    }
                    Form::ServiceChild(region) => {
                        format!("{owner}.{region}.service.{}", batch.suffix)
                    }
                };
                let Ok(public) = public.parse::<Name>() else { continue };
                let recorded = census.accounts.entry(public).or_default();
                let set = SetRef { zone: batch.zone, set: at as u32 };
                match batch.form {
                    Form::Global => recorded.global.push(set),
                    _ => recorded.old.push(set),
                }
            }
        }
        census.find_mislabelled(context);
        census
    }

    /// Takes records out of `accounts` that stand under a name no chain asks for.
    fn find_mislabelled(&mut self, context: &Context<'_>) {
        let (index, estate) = (context.index(), context.estate());
        // The regions in which an account of a name is known.
        let mut regions: BTreeMap<(String, &str), Vec<String>> = BTreeMap::new();
        let known = index.services().iter().map(|service| estate.names.name(service.name));
        let listed = estate.resources.iter().flat_map(|resource| &resource.names);
        let listed = listed.map(|name| estate.names.name(name.name));
        let old = self.accounts.iter().filter(|(_, recorded)| !recorded.old.is_empty());
        let evidence: Vec<Name> =
            known.chain(listed).chain(old.map(|(name, _)| name.clone())).collect();
        for public in &evidence {
            if let Some((account, region, suffix)) = split_public(public) {
                let regions = regions.entry((account, suffix)).or_default();
                if !regions.contains(&region) {
                    regions.push(region);
                }
            }
        }
        let mut faults: Vec<(Name, Mislabel)> = Vec::new();
        for (public, recorded) in &self.accounts {
            for &set in &recorded.global {
                let Some(batch) = self.form(set.zone) else { continue };
                let zone = estate.zone(set.zone);
                let owner = estate.names.relative(index.set(set).owner, zone.apex);
                let account = account_of(&owner).unwrap_or("");
                let mut others =
                    regions.get(&(account.to_owned(), batch.suffix)).cloned().unwrap_or_default();
                others.retain(|region| {
                    if owner == format!("{account}.{region}") {
                        // What is known of the record itself is no evidence for it.
                        return recorded.old.len() + stated(context, public) > 0;
                    }
                    // An account that has its record was not meant by this one.
                    let name = format!("{account}.{region}.{}", batch.suffix).parse::<Name>();
                    let other = name.ok().and_then(|name| self.accounts.get(&name));
                    other.is_none_or(|other| other.global.is_empty())
                });
                if let Some((why, region)) = mislabel(&owner, batch.suffix, &others) {
                    let meant = region.and_then(|region| {
                        format!("{}.{region}.{}", account_of(&owner)?, batch.suffix).parse().ok()
                    });
                    faults.push((public.clone(), Mislabel { set, why, meant }));
                }
            }
        }
        for (public, fault) in faults {
            if let Some(recorded) = self.accounts.get_mut(&public) {
                recorded.global.retain(|set| *set != fault.set);
                if recorded.global.is_empty() && recorded.old.is_empty() {
                    self.accounts.remove(&public);
                }
            }
            self.mislabelled.push(fault);
        }
    }

    /// Whether another Batch rule says why a service gives NXDOMAIN in `zone`.
    pub fn explains(&self, context: &Context<'_>, service: &Service, zone: ZoneId) -> bool {
        let estate = context.estate();
        let public = estate.names.name(service.name);
        let Some(batch) = self.form(zone) else { return false };
        let node =
            service.chain.subresources.iter().any(|s| s.eq_ignore_ascii_case("nodeManagement"));
        let bridged = self.accounts.get(&public).is_some_and(|recorded| {
            recorded
                .old
                .iter()
                .any(|&set| matches!(context.index().set(set).data, RecordData::Cname(_)))
        });
        let mislabelled = batch.form == Form::Global
            && self.mislabelled.iter().any(|fault| fault.meant.as_ref() == Some(&public));
        node || bridged || mislabelled || self.is_exposed(context, service, zone)
    }

    /// Whether an account is recorded in an old zone and asked for in a global one that lacks it.
    pub fn is_exposed(&self, context: &Context<'_>, service: &Service, zone: ZoneId) -> bool {
        let global = self.form(zone).is_some_and(|batch| batch.form == Form::Global);
        let public = context.estate().names.name(service.name);
        global
            && self.accounts.get(&public).is_some_and(|recorded| {
                let plain =
                    |set: &SetRef| !matches!(context.index().set(*set).data, RecordData::Cname(_));
                recorded.global.is_empty() && recorded.old.iter().any(plain)
            })
    }

    /// Whether an account has different addresses in old and global zones.
    pub fn is_split(&self, context: &Context<'_>, name: NameId) -> bool {
        let index = context.index();
        let public = context.estate().names.name(name);
        self.accounts.get(&public).is_some_and(|recorded| {
            recorded.old.iter().any(|&old| {
                recorded.global.iter().any(|&global| {
                    let (old, global) =
                        (addresses(&index.set(old).data), addresses(&index.set(global).data));
                    !old.is_empty() && !global.is_empty() && old != global
                })
            })
        })
    }

    /// The form of a zone, if it is one for Batch.
    pub fn form(&self, zone: ZoneId) -> Option<&BatchZone> {
        self.zones.iter().find(|batch| batch.zone == zone)
    }

    /// The old zones, in any of their forms.
    pub fn old(&self) -> impl Iterator<Item = &BatchZone> {
        self.zones.iter().filter(|batch| batch.form != Form::Global)
    }

    /// The global zones of all clouds.
    pub fn global_zones(&self) -> Vec<ZoneId> {
        let global = self.zones.iter().filter(|batch| batch.form == Form::Global);
        global.map(|batch| batch.zone).collect()
    }

    /// The global zones, of one cloud.
    pub fn global(&self, suffix: &str) -> impl Iterator<Item = &BatchZone> {
        self.zones.iter().filter(move |batch| batch.form == Form::Global && batch.suffix == suffix)
    }
}

fn is_address_or_alias(data: &RecordData) -> bool {
    matches!(data, RecordData::A(_) | RecordData::Aaaa(_) | RecordData::Cname(_))
}

/// The IPv4 addresses of a set, sorted; none for other data.
pub(super) fn addresses(data: &RecordData) -> Vec<Ipv4Addr> {
    match data {
        RecordData::A(addresses) => {
            let mut sorted = addresses.to_vec();
            sorted.sort();
            sorted
        }
        _ => Vec::new(),
    }
}

/// How many inputs state that a public name has an endpoint: 0 or 1.
fn stated(context: &Context<'_>, public: &Name) -> usize {
    let name = context.estate().names.get(public);
    let service = name.and_then(|name| context.index().service_of(name));
    usize::from(service.is_some_and(|service| matches!(service.evidence, Evidence::Stated(_))))
}

/// The account of an owner in a global zone; none for node management endpoints.
fn account_of(owner: &str) -> Option<&str> {
    let account = owner.split('.').next()?;
    (!owner.split('.').any(|label| label == "service")).then_some(account)
}

/// The account, region and suffix of an account's public name.
fn split_public(public: &Name) -> Option<(String, String, &'static str)> {
    let text = public.text();
    let (head, suffix) = SUFFIXES
        .iter()
        .find_map(|suffix| Some((text.strip_suffix(suffix)?.strip_suffix('.')?, *suffix)))?;
    let (account, region) = head.split_once('.')?;
    (!region.split('.').any(|label| label == "service"))
        .then(|| (account.to_owned(), region.to_owned(), suffix))
}

/// What is wrong with an owner in a global zone, and the region that was meant,
/// where the account is known in one region only.
fn mislabel(owner: &str, suffix: &str, regions: &[String]) -> Option<(String, Option<String>)> {
    let only = match regions {
        [one] => Some(one.clone()),
        _ => None,
    };
    let labels: Vec<&str> = owner.split('.').collect();
    if owner.ends_with(&format!("privatelink.{suffix}")) {
        let region =
            labels.get(1).filter(|label| **label != "privatelink").map(|l| (*l).to_owned());
        return Some(("repeats the zone's name".to_owned(), region.or(only)));
    }
    if labels.contains(&"service") {
        return None;
    }
    let [_, region @ ..] = &labels[..] else { return None };
    if region.is_empty() {
        return Some(("has no region label".to_owned(), only));
    }
    let region = region.join(".");
    let all = Catalogue::get().regions();
    let last = region.rsplit('.').next().unwrap_or(&region);
    if all.iter().any(|known| known.name == last) {
        let elsewhere = !regions.is_empty() && !regions.contains(&region);
        return elsewhere.then(|| {
            let known = regions.join("`, `");
            (format!("has region `{region}`, and the account is in `{known}`"), only)
        });
    }
    if let Some(known) = all.iter().find(|known| known.geo_code.as_deref() == Some(last)) {
        let why = format!("has the code `{last}` in place of region `{}`", known.name);
        return Some((why, Some(known.name.to_string())));
    }
    (!regions.is_empty() && !regions.contains(&region)).then(|| {
        let known = regions.join("`, `");
        (format!("has `{region}` for a region, and the account is in `{known}`"), only)
    })
}

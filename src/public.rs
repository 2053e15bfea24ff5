//! What is known of public DNS: the Private Link catalogue.
//!
//! The catalogue holds, for three clouds, the private zone of every service and
//! the aliases that its public names have. Names are written as [`Template`]s, in
//! which `privatelink` is a reserved label: no placeholder stands for it.
//! Everything has a source with its date, see [`Catalogue::source`].
//!
//! ```
//! use privdns::public::{Catalogue, Next};
//!
//! let found = Catalogue::get().find(&"acct.eastus.batch.azure.com".parse().unwrap()).unwrap();
//! assert_eq!(found.chain.id, "batch-account");
//! let Next::Alias(alias) = found.next() else { panic!() };
//! assert_eq!(alias.text(), "acct.privatelink.eastus.batch.azure.com");
//! ```

#![deny(clippy::disallowed_methods)]

pub mod batch;
pub mod moves;
mod template;

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::name::Name;
pub use template::{Bindings, Template};

/// When a public name is an alias into a `privatelink` name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AliasCondition {
    /// While a private endpoint connection is approved.
    #[serde(rename = "approved_private_endpoint")]
    ApprovedEndpoint,
    /// For everybody, with or without a private endpoint.
    Always,
    /// Never; clients use the name in the private zone.
    None,
    /// No source says.
    Unknown,
}

impl AliasCondition {
    /// The condition as a clause.
    pub fn describe(self) -> &'static str {
        match self {
            AliasCondition::ApprovedEndpoint => "while a private endpoint connection is approved",
            AliasCondition::Always => "always, with or without a private endpoint",
            AliasCondition::None => "never; clients ask for the name in the private zone",
            AliasCondition::Unknown => "unknown when",
        }
    }
}

/// How well a fact is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// A document of the service says so.
    Documented,
    /// Seen in public tooling, exports or lookups.
    Observed,
    /// Formed by pattern.
    Inferred,
}

impl Certainty {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Certainty::Documented => "documented",
            Certainty::Observed => "observed",
            Certainty::Inferred => "inferred",
        }
    }
}

/// The public aliases of a service's names.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The key, unique in the catalogue.
    pub id: String,
    /// `AzureCloud`, `AzureUSGovernment` or `AzureChinaCloud`.
    pub cloud: String,
    /// What it is.
    pub service: String,
    /// Resource types of the management API.
    pub resource_types: Vec<String>,
    /// The sub-resources (group ids) that an endpoint of it may have.
    pub subresources: Vec<String>,
    /// When the aliases exist.
    pub condition: AliasCondition,
    /// How well the aliases are known.
    pub certainty: Certainty,
    /// Where private records belong, as zone and owner.
    pub expected_records: Vec<(String, String)>,
    /// Keys of [`Catalogue::source`].
    pub source: Vec<String>,
    /// What is odd about it.
    pub notes: Option<String>,
    /// Made from the zone table by the common pattern, not written down for this service.
    pub generated: bool,
    /// The client asks for the `privatelink` name itself, no public alias leads there.
    pub queried_directly: bool,
    /// The public name, then its aliases in order.
    pub names: Vec<Template>,
}

impl Chain {
    /// The end of the public name that holds no placeholder.
    pub fn public_suffix(&self) -> &str {
        self.names[0].literal_suffix()
    }

    /// The names of a resource that nobody lists, with what `bindings` say of it.
    fn of_another(&self, bindings: &Bindings) -> Vec<Name> {
        let has_form = self.names.iter().any(Template::has_region_within_label);
        let other = |placeholder: &str| match placeholder {
            "guid" => "00000000-0000-0000-0000-000000000000".to_owned(),
            "n" | "partitionId" => "0".to_owned(),
            // Within a label a region is told by its name; no estate is in this one.
            "region" if has_form => "jioindiawest".to_owned(),
            other => format!("any-other-{}", other.to_lowercase()),
        };
        self.names.iter().filter_map(|name| name.fill_with(bindings, &other)).collect()
    }
}

/// A private zone of a service.
#[derive(Clone, Debug, Deserialize)]
pub struct Entry {
    /// `AzureCloud`, `AzureUSGovernment` or `AzureChinaCloud`.
    pub cloud: String,
    /// What it is.
    pub service: String,
    /// The resource type of the management API.
    pub resource_type: String,
    /// The sub-resource (group id).
    pub subresource: String,
    /// Zone names, with placeholders.
    pub private_zones: Vec<String>,
    /// Which of several zones an endpoint needs: `single`, `all`, `one_of`, `first_plus_optional`.
    pub zone_choice: String,
    /// The ends of the public names.
    pub public_suffixes: Vec<String>,
    suffix_to_zone: Vec<SuffixToZone>,
    /// `current` or `legacy`.
    pub status: String,
    /// How well it is known.
    pub certainty: Certainty,
    /// Keys of [`Catalogue::source`].
    pub source: Vec<String>,
    /// What is odd about it.
    pub notes: Option<String>,
}

impl Entry {
    /// Whether the zone is one that new endpoints use.
    pub fn is_current(&self) -> bool {
        self.status == "current"
    }
}

#[derive(Clone, Debug, Deserialize)]
struct SuffixToZone {
    public_suffix: String,
    zone: Option<String>,
}

/// A region.
#[derive(Clone, Debug, Deserialize)]
pub struct Region {
    /// The cloud it is in.
    pub cloud: String,
    /// The name in the management API, such as `westeurope`.
    pub name: String,
    /// The name people read.
    pub display_name: String,
    /// The short code that Backup zones use.
    pub geo_code: Option<String>,
}

/// Where a fact comes from.
#[derive(Clone, Debug, Deserialize)]
pub struct Source {
    /// The key that facts cite.
    pub key: String,
    /// The document.
    pub title: String,
    /// Its date, as far as it is known.
    pub date: String,
}

/// What the catalogue knows of Private Link.
pub struct Catalogue {
    chains: Vec<Chain>,
    entries: Vec<Entry>,
    regions: Vec<Region>,
    region_names: HashSet<String>,
    sources: Vec<Source>,
    /// By the literal end of a name: the places in `chains` and their steps.
    by_suffix: HashMap<String, Vec<(u32, u8)>>,
    /// What is above the keys of `by_suffix`.
    above_suffixes: HashSet<String>,
}

/// A name that fits a chain.
#[derive(Clone, Debug)]
pub struct Match {
    /// The chain.
    pub chain: &'static Chain,
    /// 0 for the public name, then the place among the aliases.
    pub step: usize,
    bindings: Bindings,
}

/// Where a name of a chain leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// To this alias, when the chain's condition holds.
    Alias(Name),
    /// To the service's public endpoint.
    PublicEndpoint,
    /// No public name: clients ask for it in a private zone.
    Nothing,
    /// To an alias with a part that the name does not hold.
    NotBound,
}

impl Match {
    /// The public name, if this name tells it.
    pub fn public_name(&self) -> Option<Name> {
        self.chain.names[0].fill(&self.bindings)
    }

    /// Where the name leads.
    pub fn next(&self) -> Next {
        if self.chain.queried_directly {
            return Next::Nothing;
        }
        match self.chain.names.get(self.step + 1) {
            Some(alias) => alias.fill(&self.bindings).map_or(Next::NotBound, Next::Alias),
            None => Next::PublicEndpoint,
        }
    }

    /// All aliases of the chain in order; none if one of them cannot be told.
    pub fn chain_names(&self) -> Vec<Name> {
        let names: Option<Vec<Name>> =
            self.chain.names[1..].iter().map(|alias| alias.fill(&self.bindings)).collect();
        names.unwrap_or_default()
    }
}

impl Catalogue {
    /// The catalogue, read once.
    pub fn get() -> &'static Catalogue {
        static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::read);
        &CATALOGUE
    }

    #[expect(clippy::expect_used, reason = "the data is part of the program and a test reads it")]
    fn read() -> Catalogue {
        let entries: Vec<Entry> =
            serde_json::from_str(include_str!("public/data/privatelink-zones.json"))
                .expect("the zones are well-formed");
        let file: ChainFile = serde_json::from_str(include_str!("public/data/public-chains.json"))
            .expect("the chains are well-formed");
        let regions: Vec<Region> = serde_json::from_str(include_str!("public/data/regions.json"))
            .expect("the regions are well-formed");
        let sources: Vec<Source> = serde_json::from_str(include_str!("public/data/sources.json"))
            .expect("the sources are well-formed");
        let mut chains: Vec<Chain> = file.chains.into_iter().map(Chain::from).collect();
        let generated = generate(&entries, &chains);
        chains.extend(generated);
        let mut by_suffix: HashMap<String, Vec<(u32, u8)>> = HashMap::new();
        for (at, chain) in chains.iter().enumerate() {
            for (step, name) in chain.names.iter().enumerate() {
                let suffix = name.literal_suffix().to_ascii_lowercase();
                by_suffix.entry(suffix).or_default().push((at as u32, step as u8));
            }
        }
        let above = |suffix: &String| {
            let tails = std::iter::successors(suffix.split_once('.'), |(_, t)| t.split_once('.'));
            tails.map(|(_, tail)| tail.to_owned()).collect::<Vec<_>>()
        };
        let above_suffixes = by_suffix.keys().flat_map(above).collect();
        let region_names = regions.iter().map(|region| region.name.clone()).collect();
        Catalogue { chains, entries, regions, region_names, sources, by_suffix, above_suffixes }
    }

    /// All chains, those that a source describes before those made by pattern.
    pub fn chains(&self) -> &[Chain] {
        &self.chains
    }

    /// All private zones.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// All regions.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// The source with that key.
    pub fn source(&self, key: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.key == key)
    }

    fn is_region(&self, label: &[u8]) -> bool {
        std::str::from_utf8(label).is_ok_and(|label| self.region_names.contains(label))
    }

    /// The chain that `name` is part of; the one that fits most closely.
    ///
    /// Among equals that one wins whose public name `name` tells in full, then
    /// the one that a source describes, then the earlier step.
    pub fn find(&'static self, name: &Name) -> Option<Match> {
        let text = name.text();
        let is_region = |label: &[u8]| self.is_region(label);
        let mut best = None;
        let mut rest = Some(text.as_str());
        while let Some(suffix) = rest {
            for &(at, step) in self.by_suffix.get(suffix).into_iter().flatten() {
                let chain = &self.chains[at as usize];
                let template = &chain.names[step as usize];
                let Some(bindings) = template.fit(name, &is_region) else { continue };
                let bound = chain.names.iter().filter(|name| name.is_bound(&bindings)).count();
                let closeness = template.closeness();
                let key = (
                    closeness.literal_labels(),
                    bound == chain.names.len(),
                    closeness,
                    !chain.generated,
                    std::cmp::Reverse((step, at)),
                );
                if best.as_ref().is_none_or(|(known, _)| key > *known) {
                    best = Some((key, Match { chain, step: step as usize, bindings }));
                }
            }
            rest = suffix.split_once('.').map(|(_, tail)| tail);
        }
        best.map(|(_, found)| found)
    }

    /// Whether names at or below `apex` may be part of a chain.
    pub fn may_match_below(&self, apex: &Name) -> bool {
        self.chains.iter().flat_map(|chain| &chain.names).any(|name| name.may_fit_below(apex))
    }

    /// Whether an alias of a public name may lead to a name at or below `apex`, or
    /// clients ask for one there by themselves.
    pub fn may_lead_below(&self, apex: &Name) -> bool {
        self.chains.iter().any(|chain| {
            let public = usize::from(!chain.queried_directly);
            chain.names.iter().skip(public).any(|name| name.may_fit_below(apex))
        })
    }

    /// The chains of resources that nobody lists of which a name is at or below `known`,
    /// each as the names that it has.
    ///
    /// What a chain shares with `known` is taken from there; the rest is some other
    /// resource's.
    pub fn other_chains(&self, known: &Name) -> Vec<Vec<Name>> {
        let through = self.through(known);
        let mut chains: Vec<Vec<Name>> =
            through.iter().map(|(chain, bindings)| chain.of_another(bindings)).collect();
        chains.sort();
        chains.dedup();
        chains
    }

    /// The ends of all names of chains that pass a name at or below `known`: every other
    /// name of such a chain is at or below one of them.
    pub fn ends_of_chains(&self, known: &Name) -> Vec<Name> {
        let first = known.labels().next();
        let mut ends: Vec<Name> = Vec::new();
        for (chain, bindings) in self.through(known) {
            ends.extend(chain.names.iter().filter_map(|name| name.bound_end(&bindings, first)));
        }
        ends.sort();
        ends.dedup();
        ends
    }

    /// The chains that may pass a name at or below `known`, with what it tells of them.
    fn through(&self, known: &Name) -> Vec<(&Chain, Bindings)> {
        let is_region = |label: &[u8]| self.is_region(label);
        let mut chains = Vec::new();
        let text = known.text();
        let mut rest = Some(text.as_str());
        while let Some(suffix) = rest {
            for &(at, step) in self.by_suffix.get(suffix).into_iter().flatten() {
                let chain = &self.chains[at as usize];
                let ends = chain.names[step as usize].fit_ends(known, &is_region);
                chains.extend(ends.into_iter().map(|bindings| (chain, bindings)));
            }
            rest = suffix.split_once('.').map(|(_, tail)| tail);
        }
        if known.is_root() || self.above_suffixes.contains(&text) {
            let end = if known.is_root() { String::new() } else { format!(".{text}") };
            let below =
                |name: &Template| name.literal_suffix().to_ascii_lowercase().ends_with(&end);
            let below = self.chains.iter().filter(|chain| chain.names.iter().any(below));
            chains.extend(below.map(|chain| (chain, Bindings::default())));
        }
        chains
    }

    /// The services whose private zone has this name, current ones first.
    pub fn zones_matching(&self, apex: &Name) -> Vec<&Entry> {
        let is_region = |label: &[u8]| self.is_region(label);
        let mut entries: Vec<&Entry> = self
            .entries
            .iter()
            .filter(|entry| {
                entry
                    .private_zones
                    .iter()
                    .any(|zone| Template::new(zone).fit(apex, &is_region).is_some())
            })
            .collect();
        entries.sort_by_key(|entry| !entry.is_current());
        entries
    }

    /// The chain with that key: an id, one of commercial Azure without its
    /// `-AzureCloud`, or one of a few short words such as `batch` or `blob`.
    pub fn service(&'static self, key: &str) -> Option<&'static Chain> {
        let id = SHORT_KEYS.iter().find(|entry| entry.0 == key).map_or(key, |entry| entry.1);
        let commercial = format!("{id}-AzureCloud");
        self.chains.iter().find(|chain| {
            chain.id.eq_ignore_ascii_case(id) || chain.id.eq_ignore_ascii_case(&commercial)
        })
    }
}

/// Short keys for the services that people name most.
const SHORT_KEYS: [(&str, &str); 8] = [
    ("batch", "batch-account"),
    ("blob", "storage-blob"),
    ("file", "storage-file"),
    ("queue", "storage-queue"),
    ("table", "storage-table"),
    ("dfs", "storage-dfs"),
    ("web", "storage-web"),
    ("vault", "keyvault"),
];

impl Chain {
    /// The shortest key that [`Catalogue::service`] takes for it.
    pub fn key(&self) -> &str {
        let id = self.id.strip_suffix("-AzureCloud").unwrap_or(&self.id);
        SHORT_KEYS.iter().find(|entry| entry.1 == id).map_or(id, |entry| entry.0)
    }
}

/// The chains that the zone table implies for services without one of their own:
/// `{name}.{suffix}` is an alias of `{name}.privatelink.{suffix}`.
fn generate(entries: &[Entry], chains: &[Chain]) -> Vec<Chain> {
    let mut covered: HashSet<(String, String)> = chains
        .iter()
        .flat_map(|chain| {
            let cloud = &chain.cloud;
            chain.expected_records.iter().map(|(zone, _)| (cloud.clone(), zone.clone()))
        })
        .collect();
    let mut generated = Vec::new();
    for entry in entries.iter().filter(|entry| entry.is_current()) {
        for pair in &entry.suffix_to_zone {
            let Some(zone) = &pair.zone else { continue };
            if *zone != format!("privatelink.{}", pair.public_suffix)
                || !covered.insert((entry.cloud.clone(), zone.clone()))
            {
                continue;
            }
            let id = match entry.cloud.as_str() {
                "AzureCloud" => pair.public_suffix.clone(),
                cloud => format!("{}-{cloud}", pair.public_suffix),
            };
            generated.push(Chain {
                id,
                cloud: entry.cloud.clone(),
                service: entry.service.clone(),
                resource_types: vec![entry.resource_type.clone()],
                subresources: vec![entry.subresource.clone()],
                condition: AliasCondition::ApprovedEndpoint,
                certainty: Certainty::Inferred,
                expected_records: vec![(zone.clone(), "{name}".to_owned())],
                source: entry.source.clone(),
                notes: entry.notes.clone(),
                generated: true,
                queried_directly: false,
                names: vec![
                    Template::new(&format!("{{name}}.{}", pair.public_suffix)),
                    Template::new(&format!("{{name}}.{zone}")),
                ],
            });
        }
    }
    generated
}

#[derive(Deserialize)]
struct ChainFile {
    chains: Vec<ChainRow>,
}

#[derive(Deserialize)]
struct ChainRow {
    id: String,
    cloud: String,
    service: String,
    resource_type: OneOrMany,
    subresources: Vec<String>,
    public_name: String,
    alias_condition: AliasCondition,
    #[serde(default)]
    alias_names: Vec<String>,
    #[serde(default)]
    queried_directly: bool,
    expected_records: Vec<ExpectedRecord>,
    certainty: Certainty,
    source: Vec<String>,
    notes: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct ExpectedRecord {
    zone: String,
    name: String,
}

impl From<ChainRow> for Chain {
    fn from(row: ChainRow) -> Chain {
        let names = std::iter::once(&row.public_name).chain(&row.alias_names);
        Chain {
            names: names.map(|name| Template::new(name)).collect(),
            id: row.id,
            cloud: row.cloud,
            service: row.service,
            resource_types: match row.resource_type {
                OneOrMany::One(one) => vec![one],
                OneOrMany::Many(many) => many,
            },
            subresources: row.subresources,
            condition: row.alias_condition,
            certainty: row.certainty,
            expected_records: row
                .expected_records
                .into_iter()
                .map(|record| (record.zone, record.name))
                .collect(),
            source: row.source,
            notes: row.notes,
            generated: false,
            // Without an alias the catalogue cannot say where the name leads.
            queried_directly: row.queried_directly || row.alias_names.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(name: &str) -> Match {
        let found = Catalogue::get().find(&name.parse().unwrap());
        found.unwrap_or_else(|| panic!("{name} fits no chain"))
    }

    fn walk(name: &str) -> Vec<String> {
        let mut names = vec![name.to_owned()];
        while let Next::Alias(alias) = find(names.last().unwrap()).next() {
            names.push(alias.text());
        }
        names
    }

    #[test]
    fn batch_has_two_aliases_the_old_one_first() {
        assert_eq!(
            walk("acct.eastus.batch.azure.com"),
            [
                "acct.eastus.batch.azure.com",
                "acct.privatelink.eastus.batch.azure.com",
                "acct.eastus.privatelink.batch.azure.com",
            ]
        );
        assert_eq!(find("acct.eastus.privatelink.batch.azure.com").next(), Next::PublicEndpoint);
    }

    #[test]
    fn batch_in_other_clouds_has_one_alias() {
        for suffix in ["batch.usgovcloudapi.net", "batch.chinacloudapi.cn"] {
            let name = format!("acct.usgovvirginia.{suffix}");
            assert_eq!(
                walk(&name),
                [name.clone(), format!("acct.usgovvirginia.privatelink.{suffix}")]
            );
        }
    }

    #[test]
    fn node_management_has_no_old_alias() {
        let node = "11111111-2222-3333-4444-555555555555.eastus.service";
        let chain = walk(&format!("{node}.batch.azure.com"));
        assert_eq!(chain[1..], [format!("{node}.privatelink.batch.azure.com")]);
    }

    #[test]
    fn every_example_walks_as_the_catalogue_says() {
        let file: serde_json::Value =
            serde_json::from_str(include_str!("public/data/public-chains.json")).unwrap();
        let mut walked = 0;
        for row in file["chains"].as_array().unwrap() {
            for example in row["examples"].as_array().into_iter().flatten() {
                let (Some(name), Some(with)) =
                    (example["public_name"].as_str(), example["with_private_endpoint"].as_array())
                else {
                    continue;
                };
                let chain = walk(name);
                let said: Vec<&str> = with.iter().filter_map(|name| name.as_str()).collect();
                let aliases = row["alias_names"].as_array().map_or(0, Vec::len);
                // A failover group's server, say, is not told by the public name.
                let bound = chain.len() > aliases;
                if bound {
                    assert_eq!(chain[1..], said[..aliases], "{name}");
                    walked += 1;
                }
            }
        }
        assert!(walked > 15, "{walked}");
    }

    #[test]
    fn every_chain_finds_itself_again() {
        let catalogue = Catalogue::get();
        let is_region = |label: &[u8]| catalogue.is_region(label);
        for chain in catalogue.chains() {
            for (step, template) in chain.names.iter().enumerate() {
                let text = template
                    .text()
                    .replace("{region}", "eastus")
                    .replace("{regionCode}", "eus")
                    .replace("{guid}", "11111111-2222-3333-4444-555555555555")
                    .replace("{n}", "1")
                    .replace(['{', '}'], "");
                let name: Name = text.parse().unwrap();
                let bindings = template.fit(&name, &is_region);
                assert!(bindings.is_some(), "{} {text}", chain.id);
                assert_eq!(template.fill(&bindings.unwrap()).unwrap(), name);
                // Another chain may fit more closely, none may lead elsewhere.
                let found = catalogue.find(&name).unwrap();
                if found.chain.id == chain.id {
                    assert_eq!(found.step, step);
                }
            }
        }
    }

    #[test]
    fn the_closer_chain_wins() {
        assert_eq!(find("acct.blob.core.windows.net").chain.id, "storage-blob-AzureCloud");
        assert_eq!(
            find("acct-secondary.blob.core.windows.net").chain.id,
            "storage-blob-secondary-AzureCloud"
        );
        assert_eq!(
            find("acct.privatelink.blob.core.windows.net").public_name().unwrap().text(),
            "acct.blob.core.windows.net"
        );
        assert_eq!(find("srv.database.windows.net").chain.id, "sql-AzureCloud");
        assert_eq!(
            find("scadvisorcontentpl.blob.core.windows.net").chain.id,
            "monitor-solutions-blob"
        );
    }

    #[test]
    fn services_without_a_chain_get_the_pattern() {
        let found = find("app.azureiotcentral.com");
        assert!(found.chain.generated);
        assert_eq!(walk("app.azureiotcentral.com")[1], "app.privatelink.azureiotcentral.com");
    }

    #[test]
    fn zones_are_current_or_legacy() {
        let catalogue = Catalogue::get();
        let zones = |apex: &str| catalogue.zones_matching(&apex.parse().unwrap());
        assert!(zones("privatelink.batch.azure.com").iter().any(|entry| entry.is_current()));
        let old = zones("privatelink.eastus.batch.azure.com");
        assert!(!old.is_empty() && old.iter().all(|entry| !entry.is_current()));
        assert!(zones("privatelink.blob.core.windows.net").len() >= 7);
        assert!(zones("corp.internal").is_empty());
    }

    #[test]
    fn keys_name_chains() {
        let catalogue = Catalogue::get();
        assert_eq!(catalogue.service("batch").unwrap().public_suffix(), "batch.azure.com");
        assert_eq!(catalogue.service("vault").unwrap().public_suffix(), "vault.azure.net");
        for chain in catalogue.chains() {
            assert_eq!(catalogue.service(chain.key()).unwrap().id, chain.id);
        }
    }

    #[test]
    fn every_source_is_known() {
        let catalogue = Catalogue::get();
        let cited = catalogue.chains().iter().flat_map(|chain| &chain.source);
        for key in cited.chain(catalogue.entries().iter().flat_map(|entry| &entry.source)) {
            assert!(catalogue.source(key).is_some(), "{key}");
        }
    }

    #[test]
    fn only_private_link_zones_are_looked_into() {
        let catalogue = Catalogue::get();
        let may = |apex: &str| catalogue.may_match_below(&apex.parse().unwrap());
        assert!(may("privatelink.eastus.batch.azure.com"));
        assert!(may("eastus.privatelink.batch.azure.com"));
        assert!(may("azure.com"));
        assert!(!may("corp.internal"));
    }
}

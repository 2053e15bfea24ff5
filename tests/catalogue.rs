//! Every chain of the catalogue, in all three clouds, from the public name to the record
//! that an endpoint writes, to NXDOMAIN without it, and to the public end without the zone.

mod common;

use std::collections::BTreeMap;

use privdns::estate::{Assembly, Estate};
use privdns::index::{Index, Settings};
use privdns::public::{AliasCondition, Catalogue, Chain};
use privdns::record::RecordType;
use privdns::source::{self, Role};

/// A template with something in place of each placeholder.
fn fill(template: &str) -> String {
    template
        .replace("{region}", "eastus")
        .replace("{regionCode}", "eus")
        .replace("{guid}", "11111111-2222-3333-4444-555555555555")
        .replace("{n}", "1")
        .replace(['{', '}'], "")
        .to_lowercase()
}

fn names(chain: &Chain) -> Vec<String> {
    chain.names.iter().map(|name| fill(name.text())).collect()
}

/// What a client in `hub` gets for a name, and the aliases on the way.
fn ask(estate: &str, name: &str) -> (String, Vec<String>) {
    let index = Index::new(common::load([estate]));
    let views = index.views(&Settings::default());
    let view = common::view(&views, "hub").unwrap();
    let shown = common::show(view, &name.parse().unwrap(), RecordType::A);
    (format!("{} {}", shown.outcome, shown.data).trim().to_owned(), shown.via)
}

/// Chains that an endpoint, or nobody's, gives an alias.
fn aliased() -> impl Iterator<Item = (&'static Chain, Vec<String>)> {
    let chains = Catalogue::get().chains().iter();
    // Only its resource tells that a name is a failover group's and no server's.
    let chains = chains.filter(|chain| !chain.id.starts_with("sql-failover-group"));
    let chains = chains.filter(|chain| {
        chain.condition != AliasCondition::None && !chain.queried_directly && chain.names.len() > 1
    });
    chains.map(|chain| (chain, names(chain)))
}

#[test]
fn every_record_is_found_through_the_public_name() {
    let mut walked: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (chain, names) in aliased() {
        for (zone, owner) in &chain.expected_records {
            let (zone, owner) = (fill(zone), fill(owner));
            let record = format!("{owner}.{zone}");
            // A record for another name of the same resource is found through that one.
            let Some(at) = names.iter().position(|name| *name == record) else { continue };
            let estate = |records: &str, link: &str| {
                format!("vnet hub\nzone {zone}  {link}\n{records}public endpoint {}\n", names[0])
            };
            let found = ask(&estate(&format!("  {owner}  A  10.1.2.3\n"), "link hub"), &names[0]);
            let expected = ("NOERROR 10.1.2.3".to_owned(), names[1..=at].to_vec());
            if found != expected {
                wrong.push(format!("{}: {} in {zone}: {found:?}", chain.id, names[0]));
            }
            let found = ask(&estate("", "link hub"), &names[0]);
            if found.0 != "NXDOMAIN" || found.1 != names[1..=at] {
                wrong.push(format!("{}: {} without record: {found:?}", chain.id, names[0]));
            }
            let found = ask(&estate("", ""), &names[0]);
            if found.0 != "PUBLIC" || found.1 != names[1..] {
                wrong.push(format!("{}: {} without link: {found:?}", chain.id, names[0]));
            }
            *walked.entry(&chain.cloud).or_default() += 1;
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    // All three clouds are there.
    let counts: Vec<usize> = walked.values().copied().collect();
    assert!(counts.len() == 3 && counts.iter().all(|&count| count > 25), "{walked:?}");
}

/// Recorded answers win over the catalogue, and each answer says which it is.
#[test]
fn recorded_answers_win_over_the_catalogue() {
    let mut asked = 0;
    for (chain, names) in aliased() {
        let estate =
            format!("vnet hub\npublic endpoint {0}\npublic record {0} A 203.0.113.9\n", names[0]);
        let found = ask(&estate, &names[0]);
        assert_eq!(found, ("NOERROR 203.0.113.9".to_owned(), Vec::new()), "{}", chain.id);
        asked += 1;
    }
    assert!(asked > 100, "{asked}");
}

fn load(texts: &[&str]) -> Estate {
    let mut assembly = Assembly::default();
    for text in texts {
        source::read("test", text.as_bytes(), None, Role::Estate, &mut assembly);
    }
    assembly.finish()
}

/// The listener of a failover group leads to the record of whichever server is primary.
#[test]
fn a_failover_group_leads_to_its_primary_server() {
    let group = |server: &str, role: &str, partner: &str| {
        format!(
            r#"{{"id": "/subscriptions/S/resourceGroups/g/providers/Microsoft.Sql/servers/{server}/failoverGroups/shop",
               "name": "shop", "type": "Microsoft.Sql/servers/failoverGroups", "location": "West Europe",
               "replicationRole": "{role}", "partnerServers": [
               {{"id": "/subscriptions/S/resourceGroups/g/providers/Microsoft.Sql/servers/{partner}"}}]}}"#
        )
    };
    let estate = "vnet hub\nzone privatelink.database.windows.net link hub\n  sql-we A 10.1.0.4\n  \
                  sql-ne A 10.2.0.4\npublic sql sql-we\npublic sql sql-ne\n";
    // Both servers list the group.
    let both = format!(
        "[{},{}]",
        group("sql-we", "Primary", "sql-ne"),
        group("sql-ne", "Secondary", "sql-we")
    );
    for groups in [both.as_str(), &group("sql-we", "Primary", "sql-ne")] {
        let estate = load(&[estate, groups]);
        assert_eq!(estate.notes, []);
        let index = Index::new(estate);
        let views = index.views(&Settings::default());
        let view = common::view(&views, "hub").unwrap();
        let ask = |name: &str| common::show(view, &name.parse().unwrap(), RecordType::A);
        let shown = ask("shop.database.windows.net");
        assert_eq!((shown.outcome, shown.data.as_str()), ("NOERROR", "10.1.0.4"));
        assert_eq!(
            shown.via,
            ["sql-we.database.windows.net", "sql-we.privatelink.database.windows.net"]
        );
        assert_eq!(ask("shop.secondary.database.windows.net").data, "10.2.0.4");
    }
    let refused = load(&[group("sql-we", "Primary", "sql-ne")
        .replace("\"replicationRole\": \"Primary\",", "")
        .as_str()]);
    assert_eq!(refused.notes[0].message, "this failover group has no `replicationRole`");
}

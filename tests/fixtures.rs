//! The shipped example: its three forms agree, and its README is true.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use privdns::check::{Context, check};
use privdns::index::{Index, Settings};
use privdns::name::Name;
use privdns::record::RecordType;

use common::{TYPES, answers, findings, names_and_below, read_paths};

const FORMS: [&str; 3] = ["batch-migration", "batch-migration-zonefiles", "batch-migration.estate"];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

#[test]
fn three_forms_are_one_estate() {
    let [json, zone_files, text] = FORMS.map(|form| Index::new(read_paths(&[&fixture(form)])));
    let names = names_and_below(json.estate());
    assert!(names.len() > 500);
    let expected = answers(&json, &names, &TYPES);
    assert_eq!(expected, answers(&zone_files, &names, &TYPES));
    assert_eq!(expected, answers(&text, &names, &TYPES));
    let expected = findings(&json);
    assert!(expected.len() > 10);
    assert_eq!(expected, findings(&zone_files));
    assert_eq!(expected, findings(&text));
}

/// The cells of the table that has `first` as its first heading.
fn table(text: &str, first: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| -> Vec<String> {
        let line = line.trim().trim_matches('|');
        line.split('|').map(|cell| cell.trim().replace(['`', '*'], "")).collect()
    };
    let mut lines = text.lines().skip_while(|line| !line.starts_with(&format!("| {first} |")));
    let head = lines.next().map(cells).unwrap_or_default();
    let rows = lines.skip(1).take_while(|line| line.starts_with('|')).map(cells);
    std::iter::once(head).chain(rows).collect()
}

#[test]
fn the_readme_tells_what_each_network_gets() {
    let readme = fs::read_to_string(fixture("batch-migration/README.md")).unwrap();
    let rows = table(&readme, "name | endpoint");
    let nodes = table(&readme, "account | node management endpoint");
    let index = Index::new(read_paths(&[&fixture("batch-migration")]));
    let views = index.views(&Settings::default());
    let accounts: Vec<Name> =
        index.services().iter().map(|service| index.estate().names.name(service.name)).collect();
    let mut compared = 0;
    for row in &rows[1..] {
        let (account, node) = match row[0].strip_suffix(", nodes") {
            Some(account) => (account, true),
            None => (row[0].as_str(), false),
        };
        let name: Name = match node {
            true => nodes.iter().find(|row| row[0] == account).unwrap()[1].parse().unwrap(),
            false => accounts
                .iter()
                .find(|name| name.text().starts_with(&format!("{account}.")))
                .unwrap()
                .clone(),
        };
        for (vnet, cell) in rows[0].iter().zip(row).skip(2) {
            let shown = common::show(common::view(&views, vnet).unwrap(), &name, RecordType::A);
            let found = match shown.outcome {
                "NOERROR" if shown.data == row[1] => "ok",
                "NOERROR" => &shown.data,
                "PUBLIC" => "public",
                other => other,
            };
            assert_eq!(found, cell, "{} from {vnet}", name.text());
            compared += 1;
        }
    }
    assert_eq!(compared, 12 * 6);
}

/// Each fault that the README says was planted is found by the check it names.
#[test]
fn every_planted_fault_is_found() {
    let readme = fs::read_to_string(fixture("batch-migration/README.md")).unwrap();
    let index = Index::new(read_paths(&[&fixture("batch-migration")]));
    let settings = Settings::default();
    let found = check(&Context::new(&index, &settings), |_| true);
    let mut looked_for = 0;
    let text = readme.split("## Planted faults").nth(1).unwrap();
    for line in text.lines().filter(|line| line.starts_with("| ")) {
        let Some(cell) = line.split('|').nth(3) else { continue };
        if cell.contains("silent") {
            continue;
        }
        for name in cell.split('`').skip(1).step_by(2) {
            assert!(found.iter().any(|one| one.rule.name == name), "{name} finds nothing");
            looked_for += 1;
        }
    }
    assert!(looked_for >= 12, "{looked_for}");
}

//! The tables of the READMEs of `fixtures/hybrid`, `aks` and `arc` are what the program says;
//! `tests/screens.rs` has their screens.

mod common;

use std::fs;
use std::path::Path;

use privdns::index::{Index, Settings};
use privdns::record::RecordType;

fn readme(fixture: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    fs::read_to_string(root.join(fixture).join("README.md")).unwrap()
}

/// Each table that starts with `name` has what clients in the networks of its head get.
#[test]
fn tables_are_true() {
    let mut compared = 0;
    for (fixture, estates) in
        [("hybrid", &["hybrid"][..]), ("aks", &["aks"]), ("arc", &["arc/azure", "arc/21vianet"])]
    {
        let text = readme(fixture);
        let tables: Vec<&str> = text.split("\n| name |").skip(1).collect();
        assert_eq!(tables.len(), estates.len(), "{fixture}");
        for (table, estate) in tables.iter().zip(estates) {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
            let index = Index::new(common::read_paths(&[&root.join(estate)]));
            let views = index.views(&Settings::default());
            let rows =
                table.lines().take_while(|line| line.starts_with('|') || line.ends_with('|'));
            let mut rows = rows.map(|line| {
                let cells = line.trim().trim_matches('|').split('|');
                cells.map(|cell| cell.trim().replace('`', "")).collect::<Vec<_>>()
            });
            let head = rows.next().unwrap();
            for row in rows.skip(1) {
                for (vnet, cell) in head.iter().zip(&row[1..]) {
                    let view = common::client(&views, vnet).unwrap();
                    let shown = common::show(&view, &row[0].parse().unwrap(), RecordType::A);
                    let found = match shown.outcome {
                        "NOERROR" => shown.data,
                        "PUBLIC" => "public".to_owned(),
                        "UNKNOWN" => "unknown".to_owned(),
                        other => other.to_owned(),
                    };
                    assert_eq!(&found, cell, "{fixture}: {} from {vnet}", row[0]);
                    compared += 1;
                }
            }
        }
    }
    assert!(compared >= 75, "{compared}");
}

/// No fixture has anything in it that could not be read.
#[test]
fn everything_is_read() {
    for estate in ["hybrid", "aks", "arc/azure", "arc/21vianet"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let estate = common::read_paths(&[&root.join(estate)]);
        for input in &estate.inputs {
            let items = input.items;
            assert_eq!((items.refused, items.unsupported), (0, 0), "{}", input.path);
        }
    }
}

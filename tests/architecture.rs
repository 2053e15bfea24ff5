//! Which module may use which, and which ones are pure.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module with all that it may use; `docs/architecture.md` tells what they are.
const TABLE: [(&str, &[&str]); 18] = [
    ("name", &[]),
    ("record", &["name"]),
    ("estate", &["record", "name"]),
    ("transcript", &["record", "name"]),
    ("wire", &["transcript", "record", "name"]),
    ("live", &["wire", "transcript", "record", "name"]),
    ("source", &["transcript", "estate", "record", "name"]),
    ("public", &["record", "name"]),
    ("index", &["estate", "public", "record", "name"]),
    ("resolve", &["index", "estate", "public", "record", "name"]),
    ("check", &["resolve", "index", "estate", "public", "record", "name"]),
    ("plan", &["resolve", "index", "estate", "public", "record", "name"]),
    ("comparison", &["transcript", "resolve", "index", "estate", "public", "record", "name"]),
    ("probe", &["transcript", "index", "estate", "public", "record", "name"]),
    ("prove", &["check", "plan", "resolve", "index", "estate", "name", "record"]),
    (
        "serve",
        &["live", "wire", "transcript", "resolve", "index", "estate", "public", "record", "name"],
    ),
    (
        "render",
        &[
            "comparison",
            "probe",
            "transcript",
            "check",
            "plan",
            "resolve",
            "index",
            "estate",
            "public",
            "record",
            "name",
        ],
    ),
    (
        "cli",
        &[
            "render",
            "probe",
            "prove",
            "check",
            "plan",
            "resolve",
            "index",
            "estate",
            "public",
            "record",
            "name",
            "source",
            "serve",
            "live",
            "wire",
            "comparison",
            "transcript",
        ],
    ),
];

/// The modules that may touch files, sockets, the clock and the environment.
const IMPURE: [&str; 3] = ["cli", "live", "serve"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn rust_files(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            rust_files(&entry.unwrap().path(), found);
        }
    } else if path.extension().is_some_and(|ending| ending == "rs") {
        found.push(path.to_owned());
    }
}

/// The code of a module, without comments and unit tests.
fn code(module: &str) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    rust_files(&source().join(format!("{module}.rs")), &mut files);
    if source().join(module).is_dir() {
        rust_files(&source().join(module), &mut files);
    }
    assert!(!files.is_empty(), "{module} has no files");
    files
        .into_iter()
        .map(|file| {
            let text = fs::read_to_string(&file).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap();
            let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            (file, lines.collect::<Vec<_>>().join("\n"))
        })
        .collect()
}

#[test]
fn the_table_names_every_module() {
    let modules: BTreeSet<String> = fs::read_to_string(source().join("lib.rs"))
        .unwrap()
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';').map(str::to_owned))
        .collect();
    let table: BTreeSet<String> = TABLE.iter().map(|(module, _)| (*module).to_owned()).collect();
    assert_eq!(modules, table);
}

#[test]
fn modules_use_what_lies_upstream_only() {
    for (module, allowed) in TABLE {
        for (file, code) in code(module) {
            let file = file.display();
            assert!(
                !code.contains("crate::{"),
                "{file}: one `use` a module, so that this can tell"
            );
            for part in code.split("crate::").skip(1) {
                let used: String =
                    part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                if TABLE.iter().any(|(known, _)| *known == used) {
                    let fine = used == module || allowed.contains(&used.as_str());
                    assert!(fine, "{file}: `{module}` must not use `{used}`");
                }
            }
        }
    }
}

#[test]
fn pure_modules_say_so_first() {
    for (module, _) in TABLE {
        let text = fs::read_to_string(source().join(format!("{module}.rs"))).unwrap();
        let pure = text.contains("\n#![deny(clippy::disallowed_methods)]\n");
        assert_eq!(pure, !IMPURE.contains(&module), "{module}");
    }
}

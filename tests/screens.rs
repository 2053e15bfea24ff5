//! Every screen that the documents show is what the program prints.
//!
//! A screen is a block of `text` whose lines with `$ privdns …` are commands, each followed
//! by what it prints on standard output and then on standard error. A line `…` stands for
//! any number of lines. Commands run at the top of the repository.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::program::run;

/// The documents that may have screens.
fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = vec![root.join("README.md")];
    for directory in ["docs", "fixtures"] {
        let markdown = |path: &PathBuf| path.extension().is_some_and(|end| end == "md");
        found.extend(common::files(&root.join(directory)).into_iter().filter(markdown));
    }
    found
}

/// The commands of a document, each with the lines that are shown of it.
fn screens(text: &str) -> Vec<(&str, Vec<&str>)> {
    let blocks = text.split("```text\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    let mut found: Vec<(&str, Vec<&str>)> = Vec::new();
    for block in blocks.filter(|block| block.starts_with("$ privdns ")) {
        for line in block.lines() {
            match (line.strip_prefix("$ privdns "), found.last_mut()) {
                (Some(command), _) => found.push((command, Vec::new())),
                (None, Some((_, shown))) => shown.push(line),
                (None, None) => {}
            }
        }
    }
    found
}

/// The words of a command line; single quotes keep words together.
fn words(command: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let parts = command.split('\'').enumerate();
    for (at, part) in parts {
        match at % 2 {
            0 => found.extend(part.split_whitespace().map(str::to_owned)),
            _ => found.push(part.to_owned()),
        }
    }
    found
}

/// The first line that is shown and not printed where it should be.
fn missing<'s>(shown: &[&'s str], printed: &str) -> Option<&'s str> {
    let mut lines = printed.trim_end().lines();
    let mut gap = false;
    for &wanted in shown {
        if wanted == "…" {
            gap = true;
            continue;
        }
        let found = if gap { lines.find(|line| *line == wanted) } else { lines.next() };
        if found != Some(wanted) {
            return Some(wanted);
        }
        gap = false;
    }
    (!gap && lines.next().is_some()).then_some("(more is printed than is shown)")
}

#[test]
fn documents_show_what_is_printed() {
    let mut wrong = String::new();
    let mut compared = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for (command, shown) in screens(&text) {
            let words = words(command);
            let arguments: Vec<&str> = words.iter().map(String::as_str).collect();
            let (_, out, err) = run(&arguments);
            let printed = out + &err;
            if let Some(line) = missing(&shown, &printed) {
                let document = document.display();
                wrong += &format!("{document}: {command}\nnot so: {line}\n{printed}\n");
            }
            compared += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(compared >= 6, "{compared}");
}

#[test]
fn a_screen_is_told_from_what_is_printed() {
    assert_eq!(missing(&["a", "…", "d"], "a\nb\nc\nd\n"), None);
    assert_eq!(missing(&["a", "…"], "a\nb\n"), None);
    assert_eq!(missing(&["a", "…", "e"], "a\nb\n"), Some("e"));
    assert_eq!(missing(&["b"], "a\nb\n"), Some("b"));
    assert!(missing(&["a"], "a\nb\n").is_some());
    assert_eq!(words("plan - --put 'a.b A 1' x"), ["plan", "-", "--put", "a.b A 1", "x"]);
}

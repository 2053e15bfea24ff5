//! What the documentation of the rules says, done: the example fires, the cure is
//! quiet, and a remedy takes the finding away.

mod common;

use std::path::Path;

use privdns::check::{Context, Finding, RULES, Rule, Severity, check};
use privdns::index::{Index, Settings};

/// The `.estate` block under a heading of a rule's documentation.
fn block(rule: &Rule, heading: &str) -> String {
    let docs: Vec<&str> =
        rule.docs.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    let docs = docs.join("\n");
    let section = docs
        .split("## ")
        .find(|section| section.starts_with(heading))
        .unwrap_or_else(|| panic!("{rule:?} has no `{heading}`"));
    let block = section.split("```estate\n").nth(1);
    let block = block.and_then(|rest| rest.split("```").next());
    block.unwrap_or_else(|| panic!("{rule:?}: `{heading}` has no estate")).to_owned()
}

fn findings(index: &Index, rule: &Rule) -> Vec<Finding> {
    let settings = Settings::default();
    check(&Context::new(index, &settings), |one| one.name == rule.name)
}

#[test]
fn every_rule_is_documented() {
    for rule in RULES {
        for heading in ["What it finds", "Why it matters", "Example", "Use instead"] {
            assert!(rule.docs.contains(&format!("## {heading}\n")), "{rule:?} lacks {heading}");
        }
        let spec = format!("tests/spec/rules/{}.md", rule.name);
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(&spec).exists(), "{spec} is missing");
    }
    let mut names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    names.dedup();
    assert!(names.is_sorted() && names.len() == RULES.len(), "rules stand by name, once each");
}

#[test]
fn examples_fire() {
    for rule in RULES {
        let found = findings(&Index::new(common::load([block(rule, "Example").as_str()])), rule);
        assert!(!found.is_empty(), "the example of {rule:?} finds nothing");
        for finding in &found {
            assert!(!finding.places.is_empty(), "{rule:?} shows no place");
        }
    }
}

#[test]
fn cures_are_quiet() {
    for rule in RULES {
        let found =
            findings(&Index::new(common::load([block(rule, "Use instead").as_str()])), rule);
        let messages: Vec<&str> = found.iter().map(|one| one.message.as_str()).collect();
        assert!(messages.is_empty(), "the cure of {rule:?} finds {messages:?}");
    }
}

/// Tries every remedy that `rule` gives for an estate: each takes its finding
/// away and brings no error of another kind. Returns how many were tried.
fn try_remedies(text: &str, rule: &Rule) -> usize {
    let settings = Settings::default();
    let index = Index::new(common::load([text]));
    let before = check(&Context::new(&index, &settings), |_| true);
    let found = findings(&index, rule);
    let with_remedy = found.iter().filter(|one| !one.remedy.is_empty());
    with_remedy
        .map(|finding| {
            let mut estate = index.estate().clone();
            estate.apply(&finding.remedy).unwrap_or_else(|error| panic!("{rule:?}: {error}"));
            let after = Index::new(estate);
            for left in check(&Context::new(&after, &settings), |_| true) {
                let same = left.rule.name == rule.name && left.message == finding.message;
                assert!(!same, "{rule:?}: the remedy leaves `{}`", finding.message);
                let worse = left.severity == Severity::Error
                    && before.iter().all(|one| one.rule.name != left.rule.name);
                assert!(!worse, "{rule:?}: the remedy brings `{}`", left.message);
            }
        })
        .count()
}

#[test]
fn remedies_cure() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/batch-migration.estate");
    let fixture = std::fs::read_to_string(fixture).unwrap();
    let tried: usize = RULES
        .iter()
        .map(|rule| try_remedies(&block(rule, "Example"), rule) + try_remedies(&fixture, rule))
        .sum();
    assert!(tried > 10, "only {tried} remedies were tried");
}

//! `check --fix-plan`: what is suggested, as changes that `plan` takes; done, the findings
//! are gone and nothing is broken.

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use privdns::check::{Context, Policy, RULES, check};
use privdns::index::{Index, Settings};
use privdns::plan::steps_of;
use privdns::prove::{fix_plan, lost, outcome, try_remedies};
use privdns::render::emit::changes_file;
use privdns::source::changes;

use common::program::{directory, run_in};

/// Writes the plan for an estate, reads it back and does it. Returns the findings with a
/// step before, those of the same rules after, and how many steps there are.
fn done(
    text: &str,
    rules: impl Fn(&str) -> bool + Sync,
) -> (BTreeSet<String>, BTreeSet<String>, usize) {
    let settings = Settings::default();
    let index = Index::new(common::load([text]));
    let context = Context::new(&index, &settings);
    let found = check(&context, |rule| rules(rule.name));
    let mut judgement = Policy::default().judge(&context, found, jiff::civil::Date::MAX);
    try_remedies(&context, &settings, &mut judgement);
    let plan = fix_plan(&context, &judgement);
    let steps = plan.steps.iter();
    let steps = steps.map(|one| (&*one.title, &*one.changes, index.estate(), plan.after.estate()));
    let file = changes_file(steps);
    let mut estate = index.estate().clone();
    if plan.steps.is_empty() {
        return (BTreeSet::new(), BTreeSet::new(), 0);
    }
    let broken = lost(&outcome(&index, &plan, &settings));
    assert!(broken.is_empty(), "{text}\n{broken:?}");
    let wanted = changes::read(&file, &mut estate.names)
        .unwrap_or_else(|problems| panic!("{file}\n{problems:?}"));
    assert_eq!(wanted.len(), plan.steps.len());
    for step in &wanted {
        let made = steps_of(&mut estate, &step.title, &step.wishes, &settings);
        made.unwrap_or_else(|error| panic!("{file}\n{error}"));
    }
    let after = Index::new(estate);
    let left = check(&Context::new(&after, &settings), |rule| rules(rule.name));
    let left = left.iter().map(|one| format!("{}: {}", one.rule.name, one.message));
    let titles = plan.steps.iter().map(|one| one.title.clone()).collect();
    (titles, left.collect(), plan.steps.len())
}

#[test]
fn what_is_written_ends_what_was_found() {
    let mut total = 0;
    for rule in RULES {
        let example = common::rule_block(rule, "Example");
        let (before, after, steps) = done(&example, |name| name == rule.name);
        let stays: Vec<_> = before.intersection(&after).collect();
        assert!(stays.is_empty(), "{rule:?}: {stays:?}");
        total += steps;
    }
    assert!(total > 12, "{total} examples gave a step");
}

#[test]
fn the_fixture_is_mended_as_a_whole() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/batch-migration.estate");
    let text = std::fs::read_to_string(fixture).unwrap();
    let (before, after, steps) = done(&text, |_| true);
    assert!(steps > 4, "{steps}");
    let stays: Vec<_> = before.intersection(&after).collect();
    assert!(stays.is_empty(), "{stays:?}");
}

#[test]
fn the_program_writes_it_and_plan_takes_it() {
    let directory = directory("fix_plan/written");
    let estate = "vnet hub\nzone privatelink.vaultcore.azure.net link hub\n  other A 10.0.0.4\n\
                  endpoint pe vnet hub group vault\n  main.vault.azure.net 10.0.0.5\n";
    std::fs::write(directory.join("a.estate"), estate).unwrap();
    let check = ["check", "a.estate", "--fix-plan", "fix.toml"];
    let (status, _, err) = run_in(&directory, &check);
    assert_eq!(status, 1);
    assert_eq!(err, "note: fix.toml holds 1 step; try: privdns plan ESTATE --changes fix.toml\n");
    let (status, text, err) = run_in(&directory, &["plan", "a.estate", "--changes", "fix.toml"]);
    assert_eq!((status, err.as_str()), (0, ""), "{text}");
    assert!(text.contains("+ main.vault.azure.net"), "{text}");
    // Nothing to mend, nothing written.
    std::fs::remove_file(directory.join("fix.toml")).unwrap();
    std::fs::write(directory.join("a.estate"), "vnet hub\n").unwrap();
    let (status, _, err) = run_in(&directory, &check);
    assert_eq!((status, directory.join("fix.toml").exists()), (0, false));
    assert_eq!(err, "note: nothing to write to fix.toml: no remedy\n");
}

#[test]
fn remedies_that_do_harm_or_do_not_agree_are_told() {
    // One account twice in the old zone's data: two remedies want other data at one owner.
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/batch-migration.estate");
    let directory = directory("fix_plan/harm");
    std::fs::copy(fixture, directory.join("a.estate")).unwrap();
    let (_, _, err) = run_in(&directory, &["check", "a.estate", "--fix-plan", "fix.toml"]);
    let left: Vec<&str> = err.lines().filter(|line| line.contains("left out")).collect();
    assert_eq!(left.len(), 1, "{err}");
    assert!(left[0].contains("batch-region-label") && left[0].contains("but breaks"), "{err}");
}

#[test]
fn the_worse_finding_wins_where_two_want_other_data() {
    let settings = Settings::default();
    let estate = "vnet hub\nzone corp.internal link hub\n  a A 0 10.0.0.7\n  b A 0 10.0.0.8\n";
    let index = Index::new(common::load([estate]));
    let context = Context::new(&index, &settings);
    let mut found = check(&context, |rule| rule.name == "invalid-record");
    // The same finding once more, wanting another address.
    let mut other = found[0].clone();
    other.message = "another".to_owned();
    for change in &mut other.remedy {
        if let privdns::estate::Change::Put { data, .. } = change {
            *data = privdns::record::RecordData::A(vec!["10.9.9.9".parse().unwrap()].into());
        }
    }
    found.push(other);
    let judgement = Policy::default().judge(&context, found, jiff::civil::Date::MAX);
    let plan = fix_plan(&context, &judgement);
    assert_eq!((plan.steps.len(), plan.left.len()), (1, 1));
    assert!(matches!(plan.left[0].why, privdns::prove::Against::Conflict(0)));
}

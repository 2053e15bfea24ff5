//! What the documentation of the rules says, done: the example fires, the cure is
//! quiet, and a remedy takes the finding away.

mod common;

use std::path::Path;

use privdns::check::{Context, Finding, Policy, RULES, Rule, Severity, Trial, check};
use privdns::estate::{Change, VnetId, ZoneId};
use privdns::index::{Index, Settings};
use privdns::prove;
use privdns::record::RecordType;

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
fn the_page_of_rules_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    let page = std::fs::read_to_string(path).unwrap();
    // `cargo run -- rules --format markdown > docs/rules.md` makes it so.
    assert!(page == privdns::render::rules_page::page(), "docs/rules.md is of other rules");
}

#[test]
fn examples_fire() {
    for rule in RULES {
        let found = findings(
            &Index::new(common::load([common::rule_block(rule, "Example").as_str()])),
            rule,
        );
        assert!(!found.is_empty(), "the example of {rule:?} finds nothing");
        for finding in &found {
            assert!(!finding.places.is_empty(), "{rule:?} shows no place");
        }
    }
}

#[test]
fn cures_are_quiet() {
    for rule in RULES {
        let found = findings(
            &Index::new(common::load([common::rule_block(rule, "Use instead").as_str()])),
            rule,
        );
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

/// The findings of one rule, their remedies tried.
fn tried(text: &str, rule: &Rule, change: impl Fn(&mut Finding)) -> Vec<Trial> {
    let settings = Settings::default();
    let index = Index::new(common::load([text]));
    let context = Context::new(&index, &settings);
    let mut found = findings(&index, rule);
    found.iter_mut().for_each(change);
    let mut judgement = Policy::default().judge(&context, found, jiff::civil::Date::MAX);
    prove::try_remedies(&context, &settings, &mut judgement);
    judgement.findings.into_iter().filter_map(|one| one.trial).collect()
}

#[test]
fn trials_say_that_examples_are_mended() {
    let mut count = 0;
    for rule in RULES {
        for trial in tried(&common::rule_block(rule, "Example"), rule, |_| {}) {
            let Trial::Tried { ends, lost, exposed, .. } = &trial else {
                panic!("{rule:?}: {trial:?}")
            };
            // What was recorded by mistake may go; nothing that was right.
            let meant =
                ["stale-endpoint-record", "public-address-in-private-zone", "star-not-leftmost"];
            let fine =
                lost.is_empty() || meant.contains(&rule.name) || rule.name == "repeated-zone-name";
            assert!(*ends && fine && exposed.is_empty(), "{rule:?}: {trial:?}");
            count += 1;
        }
    }
    assert!(count > 15, "{count} examples have a remedy");
}

/// The owners that the remedy of the one finding of a rule sets, and what came of trying it.
fn suggested(text: &str, rule: &str) -> (Vec<String>, Trial) {
    let rule = privdns::check::rule_named(rule).unwrap();
    let owners = std::cell::RefCell::new(Vec::new());
    let index = Index::new(common::load([text]));
    let names = &index.estate().names;
    let note = |finding: &mut Finding| {
        owners.borrow_mut().extend(finding.remedy.iter().filter_map(|change| match change {
            Change::Put { owner, .. } => Some(names.name(*owner).text()),
            _ => None,
        }));
    };
    let [trial] = &tried(text, rule, note)[..] else { panic!("{text}") };
    let trial = trial.clone();
    (owners.into_inner(), trial)
}

#[test]
fn a_name_gets_a_record_of_its_own_where_others_use_the_one_that_answers() {
    let endpoints = "endpoint pe-sta  vnet hub  group blob\n  sta.blob.core.windows.net  10.0.0.7\n\
                     endpoint pe-stc  vnet hub  group blob\n  stc.blob.core.windows.net  10.0.0.6\n";
    let zone = "vnet hub\nzone privatelink.blob.core.windows.net  link hub\n";
    let shared = "  sta  CNAME  shared.corp.test\n  stc  CNAME  shared.corp.test\n\
                  zone corp.test  link hub\n  shared  A  10.0.0.6\n";
    for records in ["  *  A  10.0.0.6\n", shared] {
        let estate = format!("{zone}{records}{endpoints}");
        let (owners, trial) = suggested(&estate, "mismatched-endpoint-address");
        assert_eq!(owners, ["sta.privatelink.blob.core.windows.net"]);
        assert!(matches!(&trial, Trial::Tried { ends: true, .. }) && trial.is_harmless());
    }
}

#[test]
fn a_trial_sees_that_another_endpoint_is_missed() {
    let estate = "vnet hub\nzone privatelink.blob.core.windows.net  link hub\n  *  A  10.0.0.6\n\
                  endpoint pe-sta  vnet hub  group blob\n  sta.blob.core.windows.net  10.0.0.7\n\
                  endpoint pe-stc  vnet hub  group blob\n  stc.blob.core.windows.net  10.0.0.6\n";
    let rule = privdns::check::rule_named("mismatched-endpoint-address").unwrap();
    let rewrite = |finding: &mut Finding| {
        for change in &mut finding.remedy {
            if let Change::Put { owner, .. } = change {
                let index = Index::new(common::load([estate]));
                let names = &index.estate().names;
                *owner =
                    names.get(&"*.privatelink.blob.core.windows.net".parse().unwrap()).unwrap();
            }
        }
    };
    let [trial] = &tried(estate, rule, rewrite)[..] else { panic!() };
    let Trial::Tried { lost, .. } = trial else { panic!("{trial:?}") };
    let lost: Vec<String> = lost.iter().map(|name| name.text()).collect();
    assert_eq!(lost, ["stc.privatelink.blob.core.windows.net", "stc.blob.core.windows.net"]);
    assert!(!trial.is_harmless());
}

#[test]
fn trials_say_what_they_break() {
    let estate = "vnet hub\nzone corp.internal  link hub\n  nas  A  10.0.0.7\n  db  A  0  10.0.0.8\n  web  A  0  10.0.0.9\n";
    let rule = privdns::check::rule_named("invalid-record").unwrap();
    let remove = |finding: &mut Finding| {
        let (zone, owner, record_type) = (ZoneId(0), finding.names[0], RecordType::A);
        finding.remedy = vec![Change::Remove { zone, owner, record_type }];
    };
    let [Trial::Tried { ends, lost, .. }] = &tried(estate, rule, remove)[..] else { panic!() };
    let lost: Vec<String> = lost.iter().map(|name| name.text()).collect();
    // The other name still has the fault, and the one that is gone is missed.
    assert!(!ends);
    assert_eq!(lost, ["db.corp.internal"]);
    let link = |finding: &mut Finding| {
        let policy = privdns::estate::Policy::Default;
        finding.remedy = vec![Change::link(ZoneId(0), VnetId(0), policy)];
    };
    let [Trial::Refused(why)] = &tried(estate, rule, link)[..] else { panic!() };
    assert_eq!(why, "`hub` is already linked to a zone named `corp.internal`");
}

/// The zone that is meant has the service's label, and is of the public cloud if nothing tells.
#[test]
fn a_zone_that_no_service_asks_is_told_the_right_one() {
    let rule = privdns::check::rule_named("unknown-private-link-zone").unwrap();
    for (zone, meant) in [
        ("privatelink.blob.storage.azure.net", "`privatelink.blob.core.windows.net`"),
        ("privatelink.vaultcore.azure.com", "`privatelink.vaultcore.azure.net`"),
        ("privatelink.blob.core.usgovcloudapi.com", "`privatelink.blob.core.usgovcloudapi.net`"),
        ("privatelink.core.windows.net", "`privdns catalog`"),
    ] {
        let estate = format!("vnet hub\nzone {zone}  link hub\n  x  A  10.0.0.7\n");
        let index = Index::new(common::load([&*estate]));
        let help: Vec<_> = findings(&index, rule).into_iter().filter_map(|one| one.help).collect();
        assert!(help.len() == 1 && help[0].contains(meant), "{zone}: {help:?}");
    }
}

/// A longer rule that is taken to win is not hidden.
#[test]
fn a_zone_hides_no_rule_that_is_taken_to_win() {
    let rule = privdns::check::rule_named("zone-hides-rule").unwrap();
    let index = Index::new(common::load([&*common::rule_block(rule, "Example")]));
    let mut settings = Settings::default();
    settings.set("rule-longer-than-zone=rule-wins").unwrap();
    let found = check(&Context::new(&index, &settings), |one| one.name == rule.name);
    assert!(found.is_empty());
}

/// What a zone that was read in part holds, nobody knows; so nobody can say what goes with it.
#[test]
fn what_was_read_in_part_is_not_tried() {
    let estate = "vnet hub\nzone corp.internal  link hub  partial\n  nas  A  0  10.0.0.7\n";
    let rule = privdns::check::rule_named("invalid-record").unwrap();
    let unlink = |finding: &mut Finding| {
        finding.remedy = vec![Change::Unlink { zone: ZoneId(0), vnet: VnetId(0) }];
    };
    let [trial] = &tried(estate, rule, unlink)[..] else { panic!() };
    assert_eq!(*trial, Trial::Doubtful("not all records of `corp.internal` were read".into()));
    assert!(!trial.is_harmless());
}

/// Clients of `spoke` ask in `hub`: a link to `spoke` does nothing for them, one to `hub` does.
#[test]
fn a_remedy_ends_an_error_only_if_the_client_gets_another_answer() {
    let estate = "vnet hub  space 10.0.0.0/16
vnet spoke  space 10.1.0.0/16  dns 10.0.0.4
inbound in-hub  vnet hub  address 10.0.0.4
zone privatelink.blob.core.windows.net
  sta  A  10.1.1.4
endpoint pe-sta  vnet spoke  group blob
  sta.blob.core.windows.net  10.1.1.4
";
    let rule = privdns::check::rule_named("dead-endpoint").unwrap();
    let ends = |change: &dyn Fn(&mut Finding)| match &tried(estate, rule, change)[..] {
        [Trial::Tried { ends, .. }] => *ends,
        other => panic!("{other:?}"),
    };
    assert!(ends(&|finding| {
        let hub = Change::link(ZoneId(0), VnetId(0), privdns::estate::Policy::Default);
        assert_eq!(finding.remedy, [hub]);
    }));
    assert!(!ends(&|finding| {
        let spoke = Change::link(ZoneId(0), VnetId(1), privdns::estate::Policy::Default);
        finding.remedy = vec![spoke];
    }));
}

#[test]
fn remedies_cure() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/batch-migration.estate");
    let fixture = std::fs::read_to_string(fixture).unwrap();
    let tried: usize = RULES
        .iter()
        .map(|rule| {
            try_remedies(&common::rule_block(rule, "Example"), rule) + try_remedies(&fixture, rule)
        })
        .sum();
    assert!(tried > 10, "only {tried} remedies were tried");
}

#[test]
fn findings_fit_a_terminal() {
    let settings = Settings::default();
    let mut wide = String::new();
    for rule in RULES {
        let index = Index::new(common::load([common::rule_block(rule, "Example").as_str()]));
        let context = Context::new(&index, &settings);
        let found = findings(&index, rule);
        let judgement = Policy::default().judge(&context, found, jiff::civil::Date::MAX);
        for one in &judgement.findings {
            let text = privdns::render::human::finding(&context, one, Some(80));
            let text = privdns::render::human::plain(&text);
            // Excerpts have a bar, their places an arrow; commands are to be copied.
            let excerpt =
                |line: &str| [" |", "-->", ":::", " az "].iter().any(|m| line.contains(m));
            // Nor is a name cut in two, be it as long as half a line.
            let name = |line: &str| line.split_whitespace().any(|word| word.len() >= 40);
            for line in text.lines().filter(|line| line.chars().count() > 80) {
                if !excerpt(line) && !name(line) {
                    wide.push_str(&format!("{line}\n"));
                }
            }
            let whole = privdns::render::human::finding(&context, one, None);
            assert!(whole.contains(&one.finding.message), "cut though there is no terminal");
        }
    }
    assert_eq!(wide, "");
}

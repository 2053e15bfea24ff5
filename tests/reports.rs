//! `check` in a pipeline: forms of report that agree, settings, baselines.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use quick_xml::events::Event;
use serde_json::Value;

use common::program::{self, finish, fits, privdns, run, run_in, run_with};

/// A directory of this test's own, with an estate that has one error and two warnings.
fn directory(name: &str) -> PathBuf {
    let path = program::directory(&format!("reports/{name}"));
    fs::create_dir_all(path.join("estate")).unwrap();
    fs::write(path.join("estate/hub.estate"), ESTATE).unwrap();
    path
}

const FIXTURE: &str = "fixtures/batch-migration";
const FORMS: [&str; 6] = ["human", "json", "sarif", "github", "junit", "markdown"];
const ESTATE: &str = "vnet hub group net\nvnet spoke group net\n\
                      zone corp.internal link hub link spoke\n  files CNAME gone.corp.internal\n\
                      zone one.internal\n  a A 10.0.0.8\n\
                      zone two.internal\n  a A 10.0.0.9\n";

fn settings(directory: &Path, text: &str) {
    fs::write(directory.join("privdns.toml"), text).unwrap();
}

fn json(directory: &Path, arguments: &[&str]) -> Value {
    let arguments = [&["check", "estate", "--format", "json"], arguments].concat();
    serde_json::from_str(&run_in(directory, &arguments).1).unwrap()
}

/// How many errors, warnings and notes a report tells of.
fn count(form: &str, text: &str) -> [usize; 3] {
    let names = match form {
        "github" => ["error", "warning", "notice"],
        _ => ["error", "warning", "note"],
    };
    let starts = |start: String| text.lines().filter(|line| line.starts_with(&start)).count();
    let value = || serde_json::from_str::<Value>(text).unwrap();
    names.map(|name| match form {
        "human" => starts(format!("{name}[")),
        "github" => starts(format!("::{name} ")),
        "markdown" => starts(format!("| {name} | <code>")),
        "json" => {
            let findings = value()["findings"].as_array().unwrap().clone();
            findings.iter().filter(|one| one["severity"] == name).count()
        }
        "sarif" => {
            let results = value()["runs"][0]["results"].as_array().unwrap().clone();
            results.iter().filter(|one| one["level"] == name).count()
        }
        "junit" => elements(text)
            .iter()
            .filter(|(_, attributes)| attributes.contains(&format!("message={name}: ")))
            .count(),
        _ => panic!("{form}"),
    })
}

/// Each start of an element, with its attributes as `name=value`, and that the XML is one.
fn elements(text: &str) -> Vec<(String, String)> {
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut elements, mut depth) = (Vec::new(), 0);
    loop {
        match reader.read_event().unwrap() {
            event @ (Event::Start(_) | Event::Empty(_)) => {
                depth += usize::from(matches!(event, Event::Start(_)));
                let (Event::Start(start) | Event::Empty(start)) = event else { unreachable!() };
                let attributes: Vec<String> = start
                    .attributes()
                    .map(|attribute| {
                        let attribute = attribute.unwrap();
                        let value = quick_xml::escape::unescape(&attribute.value).unwrap();
                        format!("{}={value}", attribute.key.as_ref())
                    })
                    .collect();
                elements.push((start.name().as_ref().to_owned(), attributes.join(" ")));
            }
            Event::End(_) => depth -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
    elements
}

#[test]
fn all_forms_report_the_same_findings() {
    let directory = directory("forms");
    let outputs: Vec<String> = FORMS
        .iter()
        .map(|form| format!("--output={form}={}", directory.join(form).display()))
        .collect();
    let mut arguments = vec!["check", FIXTURE, "--no-trials"];
    arguments.extend(outputs.iter().map(String::as_str));
    let (status, text, _) = run(&arguments);
    let expected = count("human", &text);
    assert_eq!(status, 1);
    assert!(expected[0] > 0 && expected[1] > 0, "{expected:?}");
    for form in FORMS {
        let file = fs::read_to_string(directory.join(form)).unwrap();
        assert_eq!(count(form, &file), expected, "{form}");
        let (status, text, _) = run(&["check", FIXTURE, "--no-trials", "--format", form]);
        assert_eq!((status, text == file), (1, true), "{form}");
    }
}

#[test]
fn sarif_is_valid_and_says_where() {
    let schema = include_str!("data/sarif-schema-2.1.0.json");
    let mut schema: Value = serde_json::from_str(schema).unwrap();
    // It has a bracket that opens nothing, which not every engine takes.
    for of in ["run", "toolComponent"] {
        let language = format!("/definitions/{of}/properties/language");
        let language = schema.pointer_mut(&language).unwrap();
        language.as_object_mut().unwrap().remove("pattern");
    }
    let options = jsonschema::options().should_validate_formats(true);
    let validator = options.build(&schema).unwrap();
    let (_, text, _) = run(&["check", FIXTURE, "--format", "sarif"]);
    let report: Value = serde_json::from_str(&text).unwrap();
    let errors: Vec<String> = validator.iter_errors(&report).map(|one| one.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");

    let run = &report["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for rule in rules {
        assert!(rule["help"]["markdown"].as_str().unwrap().contains("## Why it matters"));
        assert!(!rule["fullDescription"]["text"].as_str().unwrap().is_empty());
    }
    let results = run["results"].as_array().unwrap();
    let mut fingerprints: Vec<&str> = Vec::new();
    for result in results {
        let at = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(rules[at]["id"], result["ruleId"]);
        let related = result["relatedLocations"].as_array().cloned().unwrap_or_default();
        for place in result["locations"].as_array().unwrap().iter().chain(&related) {
            let place = &place["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            let file = fs::read_to_string(uri).unwrap();
            let region = &place["region"];
            let number = |key: &str| region[key].as_u64().unwrap() as usize;
            let line = file.lines().nth(number("startLine") - 1).unwrap();
            let width = number("endColumn") - number("startColumn");
            let shown: String = line.chars().skip(number("startColumn") - 1).take(width).collect();
            assert_eq!(region["snippet"]["text"], shown.as_str());
        }
        let basis = result["properties"]["basis"].as_str().unwrap();
        assert!(["stated", "modelled"].contains(&basis));
        fingerprints.push(result["partialFingerprints"]["privdns/v1"].as_str().unwrap());
    }
    let total = fingerprints.len();
    fingerprints.sort_unstable();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), total, "each is told from the others");
}

#[test]
fn sarif_keeps_the_worst_that_github_shows() {
    let mut estate =
        "vnet hub\nzone broken.internal link hub\n  x CNAME gone.broken.internal\n".to_owned();
    for at in 0..5_100 {
        estate.push_str(&format!("zone z{at}.internal\n  a A 10.0.0.1\n"));
    }
    let (_, text, err) = run_with(&["check", "-", "--format", "sarif"], &estate);
    let report: Value = serde_json::from_str(&text).unwrap();
    let results = report["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 5_000);
    assert_eq!(results[0]["level"], "error");
    assert_eq!(
        results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        "%3Cstdin%3E"
    );
    let notice = &report["runs"][0]["invocations"][0]["toolExecutionNotifications"][0];
    let notice = notice["message"]["text"].as_str().unwrap();
    assert!(notice.starts_with("of 5101 findings"), "{notice}");
    assert!(err.contains(notice), "{err}");
    // A comment has room for less.
    let (_, text, _) = run_with(&["check", "-", "--format", "markdown"], &estate);
    assert!(text.len() < 65_536, "{}", text.len());
    assert!(text.contains("| 1 | 5100 | 0 |") && text.contains("more findings are only counted"));
}

#[test]
fn annotations_start_at_the_root_of_the_repository() {
    let directory = directory("workspace");
    let mut command = privdns(&["check", "estate", "--format", "github"]);
    command.current_dir(&directory);
    let root = directory.parent().unwrap();
    let (_, text, _) = finish(command.env("GITHUB_WORKSPACE", root).output().unwrap());
    let first = text.lines().next().unwrap();
    assert!(first.starts_with("::error file=workspace/estate/hub.estate,line=4,"), "{first}");
    assert!(text.ends_with("1 error, 2 warnings, 0 notes\n"), "{text}");
}

#[test]
fn junit_fails_what_the_exit_status_counts() {
    let directory = directory("junit");
    let cases = |fail_on: &str| {
        let arguments = ["check", "estate", "--format", "junit", "--fail-on", fail_on];
        let elements = elements(&run_in(&directory, &arguments).1);
        let count = |name: &str| elements.iter().filter(|one| one.0 == name).count();
        (count("failure"), count("skipped"), elements[0].1.clone())
    };
    let (failures, skipped, sums) = cases("error");
    assert_eq!((failures, skipped), (1, 2));
    assert!(sums.contains("failures=1 skipped=2"), "{sums}");
    assert_eq!(cases("warning").0, 3);
}

#[test]
fn strange_names_do_no_harm() {
    let estate = "vnet hub\nzone corp.internal link hub\n  \
                  a|b<i>&`x`%0A]]> CNAME gone.corp.internal\n";
    for form in FORMS {
        let (status, text, err) = run_with(&["check", "-", "--format", form], estate);
        assert_eq!(status, 1, "{form}: {err}");
        assert_eq!(count(form, &text), [1, 0, 0], "{form}: {text}");
    }
    let (_, text, _) = run_with(&["check", "-", "--format", "markdown"], estate);
    let row = text.lines().find(|line| line.starts_with("| error |")).unwrap();
    assert_eq!(row.matches('|').count(), 5, "{row}");
    assert!(!row.contains("<i>"), "{row}");
}

#[test]
fn sets_of_rules_are_asked_for() {
    // Nothing is wrong; a DNS server alone is a matter of taste, and so is a zone that is
    // empty and that nobody asks.
    let estate = "vnet hub  dns 10.0.0.4\nserver dc  vnet hub  address 10.0.0.4\n\
                  zone old.internal  link hub\n";
    let rules = |arguments: &[&str]| -> Vec<String> {
        let arguments = [&["check", "-", "--format", "json"], arguments].concat();
        let (_, text, err) = run_with(&arguments, estate);
        let report: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{err}"));
        let findings = report["findings"].as_array().unwrap().iter();
        findings.map(|one| one["rule"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(rules(&[]), [""; 0]);
    assert_eq!(rules(&["--set", "core,hygiene"]), ["decides-nothing", "empty-zone"]);
    let all = ["decides-nothing", "empty-zone", "single-dns-server"];
    assert_eq!(rules(&["--set", "all"]), all);
    // A level switches a rule on, and a version leaves out what came later.
    assert_eq!(rules(&["--level", "single-dns-server=error"]), ["single-dns-server"]);
    assert_eq!(rules(&["--set", "all", "--rules-as-of", "0.0.9"]), [""; 0]);
    assert_eq!(run_with(&["check", "-", "--set", "extra"], estate).0, 2);
    assert_eq!(run_with(&["check", "-", "--rules-as-of", "new"], estate).0, 2);
    let (status, _, err) = run_with(&["check", "-", "--rules-as-of", "9.9"], estate);
    assert!(status == 2 && err.contains("later than this program"), "{err}");
    let (status, _, err) = run_with(&["check", "-", "--level", "unsafe-plan=off"], estate);
    assert!(status == 2 && err.contains("no rule of `check`"), "{err}");
    let directory = directory("sets");
    settings(&directory, "sets = [\"governance\"]\nrules-as-of = \"0.1.0\"\n");
    let (status, _, err) = run_in(&directory, &["check", "estate"]);
    assert_eq!((status, err.as_str()), (0, ""));
}

#[test]
fn settings_beside_the_estate_decide_and_the_command_line_wins() {
    let directory = directory("settings");
    let check =
        |arguments: &[&str]| run_in(&directory, &[&["check", "estate"], arguments].concat()).0;
    assert_eq!((check(&[]), check(&["--level", "dangling-alias=note"])), (1, 0));
    let text =
        "fail-on = \"warning\"\n[levels]\ndangling-alias = \"off\"\nunlinked-zone = \"note\"\n";
    settings(&directory, text);
    assert_eq!(check(&[]), 0);
    assert_eq!(check(&["--fail-on", "note"]), 1);
    assert_eq!(check(&["--level", "unlinked-zone=error"]), 1);
    let report = json(&directory, &[]);
    assert_eq!((&report["summary"]["error"], &report["summary"]["note"]), (&0.into(), &2.into()));
    // From elsewhere it is found above the estate; and in the estate it is no input.
    let estate = directory.join("estate");
    assert_eq!(run(&["check", estate.to_str().unwrap()]).0, 0);
    fs::rename(directory.join("privdns.toml"), estate.join("privdns.toml")).unwrap();
    assert_eq!(json(&directory, &[])["inputs"].as_array().unwrap().len(), 1);
    // Another file takes its place.
    fs::write(directory.join("other.toml"), "").unwrap();
    assert_eq!(check(&["--config", "other.toml"]), 1);
    for (arguments, message) in [
        (["--level", "dangling-alias"], "expected RULE=LEVEL"),
        (["--level", "dangling=off"], "no rule is named `dangling`"),
        (["--level", "dangling-alias=bad"], "expected error, warning, note or off"),
        (["--config", "missing.toml"], "cannot read `missing.toml`"),
    ] {
        let (status, _, err) = run_in(&directory, &[&["check", "estate"], &arguments[..]].concat());
        assert_eq!(status, 2);
        assert!(err.contains(message), "{err}");
    }
}

#[test]
fn settings_of_several_estates_have_to_be_chosen() {
    let directory = directory("several");
    fs::create_dir(directory.join("other")).unwrap();
    fs::write(directory.join("other/other.estate"), ESTATE).unwrap();
    for estate in ["estate", "other"] {
        fs::write(directory.join(estate).join("privdns.toml"), "").unwrap();
    }
    let (status, _, err) = run_in(&directory, &["check", "estate", "other"]);
    assert_eq!(status, 2);
    assert!(err.contains("choose with --config"), "{err}");
}

#[test]
fn assumptions_come_from_settings_too() {
    let directory = directory("assume");
    let estate = "zone z.test link hub\n  a CNAME y.z.test\n";
    fs::write(directory.join("estate/hub.estate"), estate).unwrap();
    let check = |arguments: &[&str]| {
        let status = run_in(&directory, &[&["check", "estate"], arguments].concat()).0;
        let resolve = ["resolve", "estate", "y.z.test"];
        let (_, text, _) = run_in(&directory, &[&resolve, arguments].concat());
        (status, text.contains("NXDOMAIN"))
    };
    assert_eq!(check(&[]), (1, true));
    settings(&directory, "[assume]\nunexported-dns = \"unknown\"\n");
    assert_eq!(check(&[]), (0, false));
    assert_eq!(check(&["--assume", "unexported-dns=azure"]), (1, true));
}

#[test]
fn ignores_take_what_they_name_and_are_reviewed() {
    let directory = directory("ignores");
    settings(
        &directory,
        "[[ignore]]\nzone = \"one.*\"\nreason = \"kept\"\nexpires = 9999-12-31\n\
         [[ignore]]\nrule = \"unlinked-*\"\nzone = \"TWO.internal.\"\nreason = \"moves\"\n\
         owner = \"net\"\nexpires = 2001-01-01\n\
         [[ignore]]\nname = \"nothing.*\"\nvnet = \"hub\"\nreason = \"half\"\n",
    );
    let (status, text, err) = run_in(&directory, &["check", "estate"]);
    assert_eq!(status, 1);
    assert!(text.contains("1 error, 1 warning, 0 notes, 1 ignored in"), "{text}");
    insta::assert_snapshot!(err, @"
    warning: privdns.toml:5: this ignore expired on 2001-01-01, so 1 finding counts again (moves, net)
    note: privdns.toml:11: this ignore covers nothing (half)
    ");
    assert_eq!(json(&directory, &[])["summary"]["ignored"], 1);
    // Pipelines are told, too.
    let (_, text, _) = run_in(&directory, &["check", "estate", "--format", "github"]);
    assert!(text.contains("::warning file=privdns.toml,line=5,title=expired-ignore::"), "{text}");
    assert!(text.contains("::notice file=privdns.toml,line=11,title=unused-ignore::"), "{text}");
    let (_, text, _) = run_in(&directory, &["check", "estate", "--format", "sarif"]);
    let report: Value = serde_json::from_str(&text).unwrap();
    let told = &report["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    assert_eq!(told.as_array().unwrap().len(), 2);
    // One of the finding's networks, then both.
    let alias = |vnet: &str| {
        let text = format!("[[ignore]]\nname = \"files.*\"\nvnet = \"{vnet}\"\nreason = \"all\"\n");
        settings(&directory, &text);
        run_in(&directory, &["check", "estate"])
    };
    let (status, text, err) = alias("hub");
    assert_eq!((status, err.as_str()), (1, ""));
    assert!(text.contains("1 error, 2 warnings, 0 notes, 1 ignored in"), "{text}");
    assert!(text.contains("which does not exist; what counts here is `spoke`\n"), "{text}");
    assert!(text.contains("files.corp.internal A from spoke gets"), "{text}");
    let (status, _, err) = alias("net/{hub,spoke}");
    assert_eq!((status, err.as_str()), (0, ""));
}

/// Stale aliases of one cause, in a zone that is linked to these networks.
fn group(directory: &Path, aliases: &[&str], vnets: &[&str]) {
    let networks: String = vnets.iter().map(|vnet| format!("vnet {vnet}\n")).collect();
    let links: String = vnets.iter().map(|vnet| format!(" link {vnet}")).collect();
    let aliases: String =
        aliases.iter().map(|name| format!("  {name} CNAME gone-{name}.corp.internal\n")).collect();
    let text = format!("{networks}zone corp.internal{links}\n  here A 10.0.0.4\n{aliases}");
    fs::write(directory.join("estate/hub.estate"), text).unwrap();
}

/// The names and networks of each finding.
fn members(report: &Value) -> Vec<String> {
    let list = |value: &Value| {
        let items = value.as_array().unwrap().iter().filter_map(Value::as_str);
        items.collect::<Vec<_>>().join(" ")
    };
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|one| format!("{} in {}", list(&one["names"]), list(&one["vnets"]))).collect()
}

#[test]
fn of_a_group_that_is_known_only_the_rest_is_new() {
    let directory = directory("group");
    group(&directory, &["a1", "a2", "a3"], &["hub", "spoke"]);
    let (_, _, err) = run_in(&directory, &["check", "estate", "--write-baseline", "known.json"]);
    assert!(err.contains("known.json holds 1 finding\n"), "{err}");
    let check = || json(&directory, &["--baseline", "known.json", "--fail-on", "note"]);
    let new = || members(&check());
    assert_eq!(new(), [""; 0]);
    // One is mended.
    group(&directory, &["a1", "a3"], &["hub", "spoke"]);
    assert_eq!(new(), [""; 0]);
    assert_eq!(check()["summary"]["baseline"], 1);
    // One more, and only that; what it suggests is about that, too.
    group(&directory, &["a1", "a2", "a3", "b1"], &["hub", "spoke"]);
    let report = check();
    assert_eq!(members(&report), ["b1.corp.internal. in hub spoke"]);
    let one = &report["findings"][0];
    assert!(
        one["message"].as_str().unwrap().ends_with("; what counts here is `b1.corp.internal`"),
        "{one}"
    );
    assert_eq!(one["resolution"]["name"], "b1.corp.internal.");
    let labels: Vec<&Value> = one["places"].as_array().unwrap().iter().collect();
    assert_eq!(labels.len(), 2, "its own line and the zone: {labels:?}");
    let fingerprint = one["fingerprint"].clone();
    // It stays the same while others come and go.
    group(&directory, &["b1", "a2"], &["hub", "spoke"]);
    assert_eq!(check()["findings"][0]["fingerprint"], fingerprint);
    // A network more, and only that; then both.
    group(&directory, &["a1", "a2", "a3"], &["hub", "spoke", "third"]);
    assert_eq!(new(), ["a1.corp.internal. a2.corp.internal. a3.corp.internal. in third"]);
    group(&directory, &["a1", "a2", "b1"], &["hub", "spoke", "third"]);
    assert_eq!(
        new(),
        ["b1.corp.internal. in hub spoke third", "a1.corp.internal. a2.corp.internal. in third"]
    );
    // Written anew it holds all of them, in whatever parts.
    let update = ["check", "estate", "--baseline", "known.json", "--write-baseline", "known.json"];
    run_in(&directory, &update);
    assert_eq!(new(), [""; 0]);
}

#[test]
fn globs_take_names_and_networks_out_of_a_group() {
    let directory = directory("globs");
    group(&directory, &["a1", "a2", "b1"], &["hub", "spoke"]);
    let left = |ignore: &str| {
        settings(&directory, &format!("[[ignore]]\n{ignore}\nreason = \"r\"\n"));
        members(&json(&directory, &[]))
    };
    assert_eq!(left("name = \"a1.*\""), ["a2.corp.internal. b1.corp.internal. in hub spoke"]);
    assert_eq!(
        left("vnet = \"spoke\""),
        ["a1.corp.internal. a2.corp.internal. b1.corp.internal. in hub"]
    );
    assert_eq!(
        left("rule = \"dangling-alias\"\nname = \"a*\"\nvnet = \"hub\""),
        ["b1.corp.internal. in hub spoke", "a1.corp.internal. a2.corp.internal. in spoke"]
    );
    assert_eq!(left("name = \"{a,b}?.*\""), [""; 0]);
    // What is ignored is not in what is suggested.
    let stale = "vnet hub\nzone corp.internal link hub\n  a.*.x A 10.0.0.4\n  b.*.x A 10.0.0.5\n";
    fs::write(directory.join("estate/hub.estate"), stale).unwrap();
    settings(&directory, "[[ignore]]\nname = \"a.*\"\nreason = \"r\"\n");
    let report = json(&directory, &["--level", "star-not-leftmost=error"]);
    let one = &report["findings"][0];
    assert_eq!(one["remedy"].as_array().unwrap().len(), 1, "{one}");
    assert_eq!(one["remedy"][0]["name"], "b.*.x.corp.internal.");
}

#[test]
fn a_baseline_of_an_early_version_still_knows_whole_findings() {
    let directory = directory("early");
    group(&directory, &["a1", "a2"], &["hub"]);
    let fingerprint = json(&directory, &[])["findings"][0]["fingerprint"].clone();
    let early = serde_json::json!({ "schema_version": "1.0", "baseline": [
        { "rule": "dangling-alias", "zone": "corp.internal", "fingerprint": fingerprint }
    ]});
    fs::write(directory.join("known.json"), early.to_string()).unwrap();
    let new = || members(&json(&directory, &["--baseline", "known.json"]));
    assert_eq!(new(), [""; 0]);
    group(&directory, &["a1", "a2", "a3"], &["hub"]);
    assert_eq!(new().len(), 1, "another group is another finding");
}

#[test]
fn the_worst_stands_first_in_every_form() {
    let directory = directory("order");
    // The rule that stands last by name breaks most; what breaks nothing at all stands last.
    let text = "vnet hub\nvnet spoke\n\
         zone corp.internal link hub link spoke\n  a CNAME 10.0.0.4\n  b CNAME 10.0.0.5\n  c CNAME 10.0.0.6\n\
         zone one.internal link hub\n  x CNAME gone.one.internal\n\
         zone two.internal link hub\n  @ CNAME a.two.internal\n  a A 10.0.0.4\n";
    fs::write(directory.join("estate/hub.estate"), text).unwrap();
    let report = json(&directory, &[]);
    let findings = report["findings"].as_array().unwrap();
    let rules: Vec<&str> = findings.iter().map(|one| one["rule"].as_str().unwrap()).collect();
    assert_eq!(rules[..3], ["target-is-address", "dangling-alias", "alias-at-apex"], "{report}");
    for form in ["human", "sarif", "github", "markdown"] {
        let (_, text, _) = run_in(&directory, &["check", "estate", "--format", form]);
        let text = text.split("\"results\"").last().unwrap();
        let at: Vec<usize> = rules[..3].iter().map(|rule| text.find(*rule).unwrap()).collect();
        assert!(at.is_sorted(), "{form}: {at:?}\n{text}");
    }
}

#[test]
fn every_form_says_what_is_not_certain() {
    let directory = directory("uncertain");
    let text = "vnet hub dns 10.9.9.9\nzone corp.internal link hub\n  a A 10.0.0.4\n";
    fs::write(directory.join("estate/hub.estate"), text).unwrap();
    for form in FORMS {
        let (_, text, _) = run_in(&directory, &["check", "estate", "--format", form]);
        assert!(text.contains("10.9.9.9, which is not modelled"), "{form}: {text}");
    }
    let sure = json(&directory, &[]);
    assert_eq!(sure["not_certain"].as_array().unwrap().len(), 1, "{sure}");
}

/// What is not certain of these inputs, by file name.
fn not_certain(name: &str, inputs: &[(&str, &str)]) -> Vec<String> {
    let directory = directory(name);
    fs::remove_file(directory.join("estate/hub.estate")).unwrap();
    for (file, text) in inputs {
        fs::write(directory.join("estate").join(file), text).unwrap();
    }
    let report = json(&directory, &[]);
    let lines = report["not_certain"].as_array().unwrap().iter();
    lines.map(|line| line.as_str().unwrap().to_owned()).collect()
}

/// A database with an endpoint whose record the hub has.
const SQL: &str = "\
vnet hub space 10.0.0.0/16
zone privatelink.database.windows.net link hub
  sql1 A 10.0.2.4
endpoint pe vnet hub group sqlServer
  sql1.database.windows.net 10.0.2.4
";

#[test]
fn names_of_endpoints_with_unknown_answers_are_told() {
    let sql = |rest: &str| format!("{SQL}{rest}");
    assert_eq!(not_certain("sure", &[("a.estate", SQL)]), [""; 0]);
    let forwards = "vnet spoke dns 10.0.0.9\nvnet other dns 10.0.0.9\n\
        server fwd vnet hub address 10.0.0.9\n  forward . 8.8.8.8\n";
    assert_eq!(
        not_certain("forwards", &[("a.estate", &sql(forwards))]),
        ["other, spoke: what clients get for `sql1.database.windows.net` is unknown, since \
          8.8.8.8 is asked, which is not modelled"]
    );
    let stands_in = "vnet spoke dns 10.0.0.4,10.99.0.1\ninbound in vnet hub address 10.0.0.4\n";
    assert_eq!(
        not_certain("stands-in", &[("a.estate", &sql(stands_in))]),
        ["spoke: clients ask 10.99.0.1 where 10.0.0.4 does not answer, and it is not modelled"]
    );
    let unread = "vnet spoke\nruleset r unread link spoke\n";
    assert_eq!(
        not_certain("unread", &[("a.estate", &sql(unread))]),
        ["spoke: what clients get for `sql1.database.windows.net` is unknown, since the rules of \
          ruleset `r` were not all read"]
    );
    let unlisted = "security-policy guard link hub\n  100 block elsewhere\n";
    assert_eq!(
        not_certain("unlisted", &[("a.estate", &sql(unlisted))]),
        [
            "hub: what clients get for `sql1.database.windows.net` is unknown, since rule 100 of DNS \
          security policy `guard` may cover `sql1.database.windows.net`: not all of its domain \
          lists were read"
        ]
    );
}

#[test]
fn names_of_resources_that_lead_nowhere_are_told() {
    let cluster = |name: &str, zone: &str| {
        format!(
            r#"[{{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/aks", "name": "aks", "type": "Microsoft.ContainerService/managedClusters", "location": "westeurope", "privateFqdn": "{name}", "apiServerAccessProfile": {{"enablePrivateCluster": true, "privateDnsZone": "{zone}"}}}}]"#
        )
    };
    let estate = "vnet hub\nzone privatelink.westeurope.azmk8s.io link hub\n  aks-a A 10.0.9.4\n";
    let private = "aks-a.1111.privatelink.westeurope.azmk8s.io";
    let system = cluster(private, "system");
    assert_eq!(
        not_certain("system", &[("a.estate", estate), ("c.json", &system)]),
        [format!("`{private}`: the private zone that would have it was not read")]
    );
    let own = cluster("aks-a.privatelink.westeurope.azmk8s.io", "system");
    assert_eq!(not_certain("own", &[("a.estate", estate), ("c.json", &own)]), [""; 0]);
    let site = r#"[{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/sta", "name": "sta", "type": "Microsoft.Storage/storageAccounts", "primaryEndpoints": {"web": "https://sta.z2.web.core.usgovcloudapi.net/"}, "privateEndpointConnections": [{"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}, "groupIds": ["web"]}}]}]"#;
    assert_eq!(
        not_certain("site", &[("a.estate", "vnet hub\n"), ("s.json", site)]),
        [
            "`sta.z2.web.core.usgovcloudapi.net`: a private endpoint has it, and no chain is known by which \
          public DNS leads there"
        ]
    );
}

#[test]
fn a_baseline_holds_what_is_known() {
    let directory = directory("baseline");
    let (status, _, err) =
        run_in(&directory, &["check", "estate", "--write-baseline", "known.json"]);
    assert_eq!(status, 1, "to write it down changes nothing");
    assert!(err.contains("known.json holds 3 findings"), "{err}");
    let known = ["check", "estate", "--baseline", "known.json", "--fail-on", "note"];
    let (status, text, err) = run_in(&directory, &known);
    assert_eq!((status, err.as_str()), (0, ""));
    assert!(text.contains("0 errors, 0 warnings, 0 notes, 3 in the baseline"), "{text}");
    assert_eq!(json(&directory, &["--baseline", "known.json"])["summary"]["baseline"], 3);

    // Lines and levels may move; what is new counts, what is gone is told.
    let moved =
        ESTATE.replace("vnet hub", "# moved\n\nvnet hub").replace("two.internal", "new.internal");
    fs::write(directory.join("estate/hub.estate"), moved).unwrap();
    let (status, text, err) =
        run_in(&directory, &[&known[..], &["--level", "dangling-alias=warning"]].concat());
    assert_eq!(status, 1);
    assert!(text.contains("0 errors, 1 warning, 0 notes, 2 in the baseline"), "{text}");
    assert!(err.contains("1 finding is in known.json and nowhere else"), "{err}");
    // Another network is another finding.
    let more = ESTATE.replace("vnet spoke", "vnet third group net\nvnet spoke");
    let more = more.replace("link hub", "link hub link third");
    fs::write(directory.join("estate/hub.estate"), more).unwrap();
    assert!(run_in(&directory, &known).1.contains("1 error, "));
    // Brought up to date, with the file within the estate.
    let update =
        ["check", "estate", "--baseline", "known.json", "--write-baseline", "estate/known.json"];
    assert_eq!(run_in(&directory, &update).0, 1);
    let (status, _, err) =
        run_in(&directory, &["check", "estate", "--baseline", "estate/known.json"]);
    assert_eq!((status, err.as_str()), (0, ""));

    fs::write(directory.join("bad.json"), "[]").unwrap();
    let (status, _, err) = run_in(&directory, &["check", "estate", "--baseline", "bad.json"]);
    assert_eq!(status, 2);
    assert!(err.contains("`bad.json` is no baseline"), "{err}");
}

#[test]
fn reports_fit_the_schemas_that_are_shipped() {
    let (_, report, _) = run(&["check", FIXTURE, "--format", "json", "--set", "all"]);
    fits("report", &report);
    let name = "prodbatch.westeurope.batch.azure.com";
    let others = ["nas.corp.nordwind.internal", "www.contoso.com"];
    let ask = [&["resolve", FIXTURE, name][..], &others, &["--format", "json"]].concat();
    fits("resolution", &run(&ask).1);
    let unlink = "privatelink.northeurope.batch.azure.com@spoke-b";
    fits("diff", &run(&["plan", FIXTURE, "--unlink", unlink, "--format", "json"]).1);
    let (_, diff, _) = run(&["diff", FIXTURE, FIXTURE, "--format", "json"]);
    fits("diff", &diff);
    fits("diff", &run(&["migrate", "redis-enterprise", FIXTURE, "--format", "json"]).1);
    for thing in ["corp.nordwind.internal", "privatelink.batch.azure.com@hub"] {
        let (_, uses, _) = run(&["uses", FIXTURE, thing, "--format", "json"]);
        fits("uses", &uses);
    }
}

#[test]
fn settings_fit_their_schema_and_mistakes_do_not() {
    let (_, schema, _) = run(&["schema", "settings"]);
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let fits = |text: &str| {
        let table: toml::Table = text.parse().unwrap();
        validator.is_valid(&serde_json::to_value(table).unwrap())
    };
    assert!(fits(
        "fail-on = \"note\"\nsets = [\"all\"]\nrules-as-of = \"0.1.0\"\n[levels]\nunlinked-zone = \"off\"\n"
    ));
    assert!(fits("[assume]\nent-answer = \"nxdomain\"\n"));
    assert!(fits("[[ignore]]\nzone = \"*\"\nreason = \"r\"\nexpires = \"2027-06-30\"\n"));
    for wrong in [
        "level = 1",
        "sets = [\"x\"]",
        "[[ignore]]\nreason = \"r\"",
        "[levels]\nunlinked-zone = \"bad\"",
        "[levels]\nunlinked-zones = \"off\"",
        "[assume]\nent-answers = \"nodata\"",
        "[assume]\nent-answer = \"perhaps\"",
    ] {
        assert!(!fits(wrong), "{wrong}");
    }
}

#[test]
fn what_the_page_of_pipelines_shows_works() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/pipelines.md")).unwrap();
    let directory = program::directory("reports/page");
    fs::create_dir(directory.join("privdns-export")).unwrap();
    // What is wrong can be mended, and is new: the baseline is of the day before.
    let before = "vnet hub\nzone corp.internal link hub\n  x CNAME gone.corp.internal\n";
    fs::write(directory.join("privdns-export/a.estate"), before).unwrap();
    fs::create_dir(directory.join("contoso-export")).unwrap();
    fs::write(directory.join("contoso-export/a.estate"), ESTATE).unwrap();
    fs::create_dir(directory.join("fabrikam-export")).unwrap();
    fs::write(directory.join("fabrikam-export/a.estate"), "vnet far\nzone far.internal link far\n")
        .unwrap();
    let known = ["check", "privdns-export", "--write-baseline", "known.json", "--no-trials"];
    assert_eq!(run_in(&directory, &known).0, 1);
    let now = format!("{before}  a A 0 10.0.0.7\n");
    fs::write(directory.join("privdns-export/a.estate"), now).unwrap();
    // The settings of the page are settings.
    let settings = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    fs::write(directory.join("privdns.toml"), settings.unwrap()).unwrap();
    let mut commands = 0;
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(start) = line.find("privdns check ").or_else(|| line.find("privdns plan ")) else {
            continue;
        };
        if line.contains('`') {
            continue;
        }
        let mut command = line[start..].to_owned();
        while let Some(more) = lines.next_if(|line| line.trim_start().starts_with("--")) {
            command.push(' ');
            command.push_str(more.trim());
        }
        let arguments: Vec<&str> = command.split_whitespace().skip(1).collect();
        let (status, _, err) = run_in(&directory, &arguments);
        assert!(status < 2, "{command}\n{err}");
        commands += 1;
    }
    assert_eq!(commands, 6, "each command of the page was run");
    for written in ["privdns.sarif", "privdns.md", "privdns.xml", "fix.toml"] {
        assert!(directory.join(written).exists(), "{written}");
    }
}

/// Zones of one company in files, in the order of `order`.
fn files(directory: &Path, order: &[usize], lines: &str) {
    let zones = [
        "zone one.internal group net link hub\n  a CNAME gone.one.internal\n  b CNAME a.one.internal\n",
        "zone two.internal group net\n  a A 10.0.0.9\n",
        "zone three.internal group net link hub\n  t CNAME 10.0.0.4\n  u CNAME 10.0.0.5\n",
    ];
    fs::create_dir_all(directory.join("estate")).unwrap();
    for (at, &zone) in order.iter().enumerate() {
        let text = format!("{lines}vnet hub group net\n{}", zones[zone]);
        fs::write(directory.join(format!("estate/{at}.estate")), text).unwrap();
    }
}

#[test]
fn fingerprints_outlive_a_new_export() {
    let directory = program::directory("reports/fingerprints");
    files(&directory, &[0, 1, 2], "");
    let write = ["check", "estate", "--write-baseline", "known.json"];
    let (_, _, err) = run_in(&directory, &write);
    assert!(err.contains("known.json holds 3 findings"), "{err}");
    // Other lines, other names of files, another order.
    files(&directory, &[2, 0, 1], "# exported again\n\n");
    let known = ["check", "estate", "--baseline", "known.json", "--fail-on", "note"];
    let (status, text, err) = run_in(&directory, &known);
    assert_eq!((status, err.as_str()), (0, ""), "{text}");
    assert!(text.contains("0 errors, 0 warnings, 0 notes, 3 in the baseline"), "{text}");
}

#[test]
fn a_thousand_records_of_one_cause_are_one_finding() {
    let mut estate = "vnet hub\nvnet spoke\n\
                      zone privatelink.eastus.batch.azure.com link hub link spoke\n\
                      zone privatelink.batch.azure.com link hub link spoke\n"
        .to_owned();
    let mut public = String::new();
    for at in 0..1_000 {
        let name = format!("acct{at}.eastus");
        estate.push_str(&format!("  {name} A 10.0.{}.{}\n", at / 250, at % 250));
        public.push_str(&format!("public batch {name}\n"));
    }
    estate.push_str(&public);
    estate.push_str("zone corp.internal link hub\n");
    for at in 0..1_000 {
        estate.push_str(&format!("  t{at} CNAME 10.0.0.{}\n", at % 250));
        estate.push_str(&format!("  r{at}.corp.internal A 10.0.0.1\n"));
    }
    let check = |form: &str| {
        let (status, text, err) =
            run_with(&["check", "-", "--no-trials", "--format", form], &estate);
        assert_eq!(status, 1, "{err}");
        text
    };
    let report: Value = serde_json::from_str(&check("json")).unwrap();
    for rule in ["shadowed-record", "target-is-address", "repeated-zone-name"] {
        let findings = report["findings"].as_array().unwrap().iter();
        let mut findings = findings.filter(|one| one["rule"] == rule);
        let one = findings.next().unwrap();
        assert!(findings.next().is_none(), "{rule} is told more than once");
        assert!(one["places"].as_array().unwrap().len() >= 1_000, "{rule} has its whole list");
        assert!(one["message"].as_str().unwrap().contains("1000"), "{rule}");
    }
    let text = check("human");
    assert!(text.lines().count() < 200, "{}", text.lines().count());
    // What code scanning takes of one result.
    let report: Value = serde_json::from_str(&check("sarif")).unwrap();
    let run = &report["runs"][0];
    for result in run["results"].as_array().unwrap() {
        let count = |key: &str| result[key].as_array().map_or(0, Vec::len);
        assert!(count("locations") + count("relatedLocations") <= 100);
    }
    for rule in run["tool"]["driver"]["rules"].as_array().unwrap() {
        assert!(rule["properties"]["tags"].as_array().unwrap().len() <= 10);
    }
}

#[test]
fn reports_are_written_whole_or_not_at_all() {
    let directory = directory("whole");
    fs::write(directory.join("old.json"), "old").unwrap();
    let (status, _, err) =
        run_in(&directory, &["check", "estate", "--output", "json=missing/new.json"]);
    assert_eq!((status, err.contains("cannot write missing/new.json")), (2, true), "{err}");
    let outputs = ["--output", "json=old.json", "--output", "sarif=new.sarif"];
    let (status, ..) = run_in(&directory, &[&["check", "estate"], &outputs[..]].concat());
    assert_eq!(status, 1);
    let report = fs::read_to_string(directory.join("old.json")).unwrap();
    assert!(serde_json::from_str::<Value>(&report).is_ok());
    let names = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().ends_with(".part")));
}

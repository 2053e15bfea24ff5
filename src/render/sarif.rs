//! SARIF 2.1.0, as code scanning takes it (OASIS, 27 March 2020, with errata 01).
//!
//! What is cut to stay within GitHub's limits is told in a notification of the run
//! ("SARIF results exceed limits", docs.github.com, read 2026-11).

use std::collections::BTreeMap;

use serde::Serialize;

use super::uncertain::uncertain;
use super::{Paths, human, locate};
use crate::check::{Context, Judged, Judgement, Place, Rule, Severity};

/// The results that GitHub shows of a run.
const RESULTS: usize = 5_000;

/// The locations that GitHub shows of a result.
const LOCATIONS: usize = 100;

/// The networks that are listed of a result.
const NETWORKS: usize = 100;

/// The longest excerpt, in octets; an export may be one line.
const SNIPPET: usize = 400;

/// The key of fingerprints; another way to make them is another version.
const FINGERPRINT: &str = "privdns/v1";

/// The report.
#[derive(Clone, Debug, Serialize)]
pub struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    invocations: [Invocation; 1],
    /// Columns count characters.
    column_kind: &'static str,
    results: Vec<SarifResult>,
}

#[derive(Clone, Debug, Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<ReportingDescriptor>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ReportingDescriptor {
    id: &'static str,
    short_description: Message,
    full_description: Message,
    default_configuration: Configuration,
    help: Message,
    properties: RuleProperties,
}

#[derive(Clone, Debug, Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Clone, Debug, Serialize)]
struct RuleProperties {
    tags: [&'static str; 2],
    /// What GitHub shows for a rule that is not about security.
    #[serde(rename = "problem.severity")]
    severity: &'static str,
    since: &'static str,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Clone, Debug, Serialize)]
struct Notification {
    level: &'static str,
    message: Message,
}

#[derive(Clone, Debug, Serialize)]
struct Message {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    markdown: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Message,
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    properties: Properties,
}

#[derive(Clone, Debug, Serialize)]
struct Properties {
    basis: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    vnets: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<LogicalLocation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Clone, Debug, Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    /// The column after the last.
    end_column: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<Snippet>,
}

#[derive(Clone, Debug, Serialize)]
struct Snippet {
    text: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    fully_qualified_name: String,
    kind: &'static str,
}

impl Log {
    /// All rules, and the findings as far as GitHub shows them, worst first.
    pub fn new(context: &Context<'_>, judgement: &Judgement, paths: &Paths) -> Log {
        let shown = judgement.findings.len().min(RESULTS);
        let result = |judged: &Judged| result(context, judgement, judged, paths);
        Log {
            schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
            version: "2.1.0",
            runs: [Run {
                tool: Tool {
                    driver: Driver {
                        name: "privdns",
                        semantic_version: env!("CARGO_PKG_VERSION"),
                        rules: judgement.rules.iter().map(|rule| descriptor(rule)).collect(),
                    },
                },
                invocations: [Invocation {
                    execution_successful: true,
                    tool_execution_notifications: notifications(context, judgement),
                }],
                column_kind: "unicodeCodePoints",
                results: judgement.findings[..shown].iter().map(result).collect(),
            }],
        }
    }
}

/// What is cut, in a sentence.
pub fn excess(judgement: &Judgement) -> Option<String> {
    let total = judgement.findings.len();
    (total > RESULTS).then(|| {
        format!("of {total} findings the SARIF holds the {RESULTS} worst, as many as GitHub shows")
    })
}

/// What is cut, the ignores that want a look, and what weakens the verdicts.
fn notifications(context: &Context<'_>, judgement: &Judgement) -> Vec<Notification> {
    let reviews = judgement.reviews.iter().map(|one| {
        let text = format!("{}:{}: {}", one.path, one.line, one.message);
        (level(one.severity), text)
    });
    let cut = excess(judgement).map(|text| ("warning", text));
    let uncertain = uncertain(context);
    let uncertain = uncertain.iter().map(|why| ("note", format!("not certain: {why}")));
    let all = cut.into_iter().chain(reviews).chain(uncertain);
    let notification = |(level, text): (&'static str, String)| Notification {
        level,
        message: plain(without_links(&text)),
    };
    all.map(notification).collect()
}

fn plain(text: String) -> Message {
    Message { text, markdown: None }
}

fn level(severity: Severity) -> &'static str {
    // SARIF has the same names.
    severity.name()
}

fn descriptor(rule: &Rule) -> ReportingDescriptor {
    let docs: Vec<&str> =
        rule.docs.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    let docs = docs.join("\n").trim().to_owned();
    let about = format!("{} {}", section(&docs, "What it finds"), section(&docs, "Why it matters"));
    ReportingDescriptor {
        id: rule.name,
        short_description: plain(rule.summary.to_owned()),
        full_description: plain(match about.trim() {
            "" => rule.summary.to_owned(),
            about => about.to_owned(),
        }),
        default_configuration: Configuration { level: level(rule.severity) },
        help: Message { text: docs.clone(), markdown: Some(docs) },
        properties: RuleProperties {
            tags: ["azure", "private-dns"],
            severity: match rule.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "recommendation",
            },
            since: rule.since,
        },
    }
}

/// The text below a heading, in one line.
fn section(docs: &str, title: &str) -> String {
    let lines = docs.lines().skip_while(|line| line.strip_prefix("## ") != Some(title)).skip(1);
    let words = lines.take_while(|line| !line.starts_with("## ")).flat_map(str::split_whitespace);
    words.collect::<Vec<_>>().join(" ")
}

fn result(
    context: &Context<'_>,
    judgement: &Judgement,
    judged: &Judged,
    paths: &Paths,
) -> SarifResult {
    let (estate, finding) = (context.estate(), &judged.finding);
    let text = human::paragraphs(context, judged).join("\n");
    let place = |place: &Place| location(context, place, paths);
    let mut places = finding.places.iter().take(LOCATIONS).map(place);
    // GitHub refuses a result without a location.
    let mut primary = places.next().or_else(|| {
        let input = estate.inputs.first()?;
        Some(Location {
            id: None,
            physical_location: physical(paths.uri(&input.path), None),
            logical_locations: Vec::new(),
            message: None,
        })
    });
    if let Some(primary) = &mut primary {
        primary.logical_locations = finding
            .name
            .iter()
            .map(|&name| LogicalLocation {
                fully_qualified_name: estate.names.name(name).text(),
                kind: "resource",
            })
            .collect();
    }
    let number = |(at, place): (usize, Location)| Location { id: Some(at + 1), ..place };
    SarifResult {
        rule_id: finding.rule.name,
        rule_index: judgement.rules.iter().position(|rule| rule.name == finding.rule.name),
        level: level(finding.severity),
        message: plain(without_links(&text)),
        related_locations: places.enumerate().map(number).collect(),
        locations: primary.into_iter().collect(),
        partial_fingerprints: BTreeMap::from([(FINGERPRINT, judged.fingerprint.clone())]),
        properties: Properties {
            basis: finding.basis.name(),
            zone: judged.zone.map(|zone| estate.zone_name(zone)),
            vnets: finding.vnets.iter().take(NETWORKS).map(|&id| estate.vnet_name(id)).collect(),
        },
    }
}

fn physical(uri: String, region: Option<Region>) -> PhysicalLocation {
    PhysicalLocation { artifact_location: ArtifactLocation { uri }, region }
}

fn location(context: &Context<'_>, place: &Place, paths: &Paths) -> Location {
    let located = locate(context.estate(), place.origin);
    let text = &located.text[located.span.clone()];
    let region = Region {
        start_line: located.line,
        start_column: located.column,
        end_line: located.line,
        end_column: located.column + text.chars().count(),
        snippet: (text.len() <= SNIPPET).then(|| Snippet { text: text.to_owned() }),
    };
    Location {
        id: None,
        physical_location: physical(paths.uri(located.path), Some(region)),
        logical_locations: Vec::new(),
        message: Some(plain(without_links(&place.label))),
    }
}

/// Text in which no brackets make a link (section 3.11.6).
fn without_links(text: &str) -> String {
    text.replace('\\', r"\\").replace('[', r"\[").replace(']', r"\]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_names_are_no_links() {
        assert_eq!(without_links(r"`[a](1)\`"), r"`\[a\](1)\\`");
    }

    #[test]
    fn sections_of_the_documentation_are_found() {
        let docs = "## What it finds\nOne\ntwo.\n\n## Why it matters\nThree.";
        assert_eq!(section(docs, "What it finds"), "One two.");
        assert_eq!(section(docs, "Why it matters"), "Three.");
        assert_eq!(section(docs, "Nothing"), "");
    }
}

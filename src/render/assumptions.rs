//! Assumptions: what they are, and what other values of them would change.

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::human::{list_vnets, plural};
use super::json::SCHEMA_VERSION;
use super::table::{list, table};
use crate::check::{ChangedAnswer, Context, Flip, Judged, Verdict};
use crate::index::{ASSUMPTIONS, AssumptionDoc, Settings};

const BOLD: Style = Style::new().bold();
const COMES: Style = AnsiColor::Red.on_default();
const GOES: Style = AnsiColor::Green.on_default();

/// The most findings and answers that are shown of one value; JSON has all.
const SHOWN: usize = 5;

/// How well the default is known, in a word.
fn certainty(doc: &AssumptionDoc) -> &'static str {
    doc.certainty.map_or("unknown", |certainty| certainty.name())
}

/// All assumptions in a table.
pub fn overview(settings: &Settings, width: Option<u16>) -> String {
    let rows = ASSUMPTIONS.iter().map(|doc| {
        let value = settings.value(doc.assumption);
        [doc.name, value, certainty(doc), doc.question].map(str::to_owned)
    });
    table(&["assumption", "value", "known", "what is not known"], rows, width)
}

/// One assumption in full.
pub fn full(doc: &AssumptionDoc, settings: &Settings, width: Option<u16>) -> String {
    let value = settings.value(doc.assumption);
    let default = doc.values[0];
    let mut values = match value == default {
        true => format!("{value} (the default)"),
        false => format!("{value} (set; the default is {default})"),
    };
    let others: Vec<&str> = doc.values.iter().filter(|one| **one != value).copied().collect();
    values.push_str(&match others.is_empty() {
        true => "; fixed, and overruled by recorded facts only".to_owned(),
        false => format!("; or {}", others.join(", ")),
    });
    let rows = [
        ("question", doc.question.to_owned()),
        ("value", values),
        ("changes", doc.changes.to_owned()),
        ("source", doc.source.to_owned()),
        ("known", certainty(doc).to_owned()),
        ("test", doc.settled_by.to_owned()),
        ("meanwhile", doc.meanwhile.to_owned()),
    ];
    let rows = rows.map(|(head, body)| (head.to_owned(), body));
    format!("{BOLD}{}{BOLD:#}\n{}", doc.name, list(rows, width))
}

/// One assumption.
#[derive(Clone, Debug, Serialize)]
struct AssumptionV1 {
    name: &'static str,
    value: &'static str,
    default: &'static str,
    values: &'static [&'static str],
    question: &'static str,
    changes: &'static str,
    source: &'static str,
    certainty: &'static str,
    settled_by: &'static str,
    meanwhile: &'static str,
}

/// The report of `assumptions`.
#[derive(Clone, Debug, Serialize)]
pub struct AssumptionsV1 {
    schema_version: &'static str,
    command: &'static str,
    assumptions: Vec<AssumptionV1>,
}

impl AssumptionsV1 {
    /// Says everything about them.
    pub fn new(docs: &[&'static AssumptionDoc], settings: &Settings) -> Self {
        let one = |doc: &&'static AssumptionDoc| AssumptionV1 {
            name: doc.name,
            value: settings.value(doc.assumption),
            default: doc.values[0],
            values: doc.values,
            question: doc.question,
            changes: doc.changes,
            source: doc.source,
            certainty: certainty(doc),
            settled_by: doc.settled_by,
            meanwhile: doc.meanwhile,
        };
        let assumptions = docs.iter().map(one).collect();
        AssumptionsV1 { schema_version: SCHEMA_VERSION, command: "assumptions", assumptions }
    }
}

fn verdict(context: &Context<'_>, verdict: &Verdict) -> String {
    let index = context.index();
    match verdict.set {
        Some(set) => index.set(set).data.texts(&index.estate().names).join(", "),
        None if !verdict.data.is_empty() => verdict.data.join(", "),
        None => match verdict.rcode {
            None if verdict.outcome.is_loop() => format!("{} (no answer)", verdict.outcome.name()),
            Some(rcode) if !verdict.outcome.name().eq_ignore_ascii_case(rcode.name()) => {
                format!("{} ({})", verdict.outcome.name(), rcode.name())
            }
            Some(rcode) => rcode.name().to_owned(),
            None => verdict.outcome.name().to_owned(),
        },
    }
}

fn name(context: &Context<'_>, changed: &ChangedAnswer) -> String {
    context.estate().names.name(changed.name).text()
}

/// What other values would change, in words.
pub fn sensitivity(context: &Context<'_>, flips: &[Flip]) -> String {
    let mut text = format!("\n{BOLD}under other assumptions{BOLD:#}\n");
    for flip in flips.iter().filter(|flip| !flip.is_idle()) {
        let doc = flip.doc;
        text.push_str(&format!(
            "  {BOLD}{}={}{BOLD:#}: {} more, {} fewer, {} otherwise\n",
            doc.name,
            flip.value,
            plural(flip.appears.len(), "finding", "findings"),
            flip.goes.len(),
            plural(flip.answers.len(), "answer", "answers"),
        ));
        lines(&mut text, &flip.appears, |one| finding_line("+", COMES, one));
        lines(&mut text, &flip.goes, |one| finding_line("-", GOES, one));
        lines(&mut text, &flip.answers, |one| {
            format!(
                "~ {} {} from {}: {} → {}",
                name(context, one),
                one.record_type,
                list_vnets(context.estate(), &one.vnets),
                verdict(context, &one.before),
                verdict(context, &one.after),
            )
        });
        text.push_str(&format!("    settled by: {}\n", doc.settled_by));
    }
    let idle: Vec<String> = flips
        .iter()
        .filter(|flip| flip.is_idle())
        .map(|flip| format!("{}={}", flip.doc.name, flip.value))
        .collect();
    if !idle.is_empty() {
        text.push_str(&format!(
            "  no finding and no known name's answer changes with {}\n",
            idle.join(", ")
        ));
    }
    text
}

fn lines<T>(text: &mut String, all: &[T], line: impl Fn(&T) -> String) {
    for one in all.iter().take(SHOWN) {
        text.push_str(&format!("    {}\n", line(one)));
    }
    if all.len() > SHOWN {
        text.push_str(&format!("    … and {} more\n", all.len() - SHOWN));
    }
}

fn finding_line(sign: &str, style: Style, judged: &Judged) -> String {
    let finding = &judged.finding;
    let head = format!("{}[{}]", finding.severity.name(), finding.rule.name);
    format!("{style}{sign}{style:#} {head} {}", finding.message)
}

/// A finding that comes or goes.
#[derive(Clone, Debug, Serialize)]
struct FlippedFindingV1 {
    rule: &'static str,
    severity: &'static str,
    message: String,
    fingerprint: String,
}

/// An answer that differs.
#[derive(Clone, Debug, Serialize)]
struct FlippedAnswerV1 {
    name: String,
    #[serde(rename = "type")]
    record_type: String,
    vnets: Vec<String>,
    before: String,
    after: String,
}

/// What one other value changes.
#[derive(Clone, Debug, Serialize)]
pub struct FlipV1 {
    assumption: &'static str,
    value: &'static str,
    findings_added: Vec<FlippedFindingV1>,
    findings_removed: Vec<FlippedFindingV1>,
    answers_changed: Vec<FlippedAnswerV1>,
    settled_by: &'static str,
}

impl FlipV1 {
    /// Says what a value changes.
    pub fn new(context: &Context<'_>, flip: &Flip) -> Self {
        let finding = |judged: &Judged| FlippedFindingV1 {
            rule: judged.finding.rule.name,
            severity: judged.finding.severity.name(),
            message: judged.finding.message.clone(),
            fingerprint: judged.fingerprint.clone(),
        };
        let estate = context.estate();
        let answer = |one: &ChangedAnswer| FlippedAnswerV1 {
            name: format!("{}.", name(context, one)),
            record_type: one.record_type.to_string(),
            vnets: one.vnets.iter().map(|&vnet| estate.vnet_name(vnet)).collect(),
            before: verdict(context, &one.before),
            after: verdict(context, &one.after),
        };
        FlipV1 {
            assumption: flip.doc.name,
            value: flip.value,
            findings_added: flip.appears.iter().map(finding).collect(),
            findings_removed: flip.goes.iter().map(finding).collect(),
            answers_changed: flip.answers.iter().map(answer).collect(),
            settled_by: flip.doc.settled_by,
        }
    }
}

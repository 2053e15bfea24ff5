//! JSON Schemas of what the program writes, and of its settings.
//!
//! A report of a later minor version may have more members, so none are forbidden; in
//! settings a member that is not known is a mistake.

use serde_json::{Value, json};

use crate::check::RULES;
use crate::index::ASSUMPTIONS;

/// The documents that have a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// `privdns.toml`, as JSON.
    Settings,
    /// The report of `check`.
    Report,
    /// The answers of `resolve`.
    Resolution,
    /// The report of `diff`, of `plan` and of `migrate`.
    Diff,
    /// The report of `compare`.
    Compare,
    /// One line of `capture`.
    Capture,
    /// The report of `probe`.
    Probe,
    /// The report of `uses`.
    Uses,
}

impl Document {
    fn text(self) -> &'static str {
        match self {
            Document::Settings => include_str!("schema/settings.json"),
            Document::Report => include_str!("schema/report.json"),
            Document::Resolution => include_str!("schema/resolution.json"),
            Document::Diff => include_str!("schema/diff.json"),
            Document::Compare => include_str!("schema/compare.json"),
            Document::Capture => include_str!("schema/capture.json"),
            Document::Probe => include_str!("schema/probe.json"),
            Document::Uses => include_str!("schema/uses.json"),
        }
    }

    /// The schema, whole: what several documents have is in its `$defs`.
    #[expect(clippy::expect_used, reason = "the data is part of the program and a test reads it")]
    pub fn schema(self) -> Value {
        let mut schema: Value = serde_json::from_str(self.text()).expect("a schema is JSON");
        if self == Document::Settings {
            name_settings(&mut schema["properties"]);
        } else {
            let shared = include_str!("schema/defs.json");
            schema["$defs"] = serde_json::from_str(shared).expect("the definitions are JSON");
        }
        schema
    }
}

/// Names what has a level and what can be assumed, so that a slip shows while it is typed.
fn name_settings(properties: &mut Value) {
    let rules: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    properties["levels"]["propertyNames"] = json!({ "enum": rules });
    let values = ASSUMPTIONS.iter().map(|doc| {
        let known = json!({ "enum": doc.values, "description": doc.question });
        (doc.name.to_owned(), known)
    });
    properties["assume"]["properties"] = Value::Object(values.collect());
    properties["assume"]["additionalProperties"] = json!(false);
}

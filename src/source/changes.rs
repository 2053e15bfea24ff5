//! Changes written down, in steps: TOML or JSON of the same shape.
//!
//! ```toml
//! [[steps]]
//! title = "link the global zone"
//! changes = [{ action = "link", zone = "privatelink.batch.azure.com", vnet = "hub" }]
//! ```
//!
//! A list `changes` at the top makes each change a step of its own. Everything that is wrong
//! is told, each at its place. `docs/plan.md` has all actions.

use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

use super::{estate_text, json};
use crate::estate::Wish;
use crate::name::{Name, NameId, Names};

/// One step, as it is written.
#[derive(Clone, Debug, Default)]
pub struct WantedStep {
    /// Its title; empty where none is given.
    pub title: String,
    /// What it asks for.
    pub wishes: Vec<Wish>,
    /// Where each of them stands.
    pub places: Vec<Range<usize>>,
    /// What it asks for and cannot be tried, a sentence each.
    pub remarks: Vec<String>,
}

/// Something that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What was expected and what was found.
    pub message: String,
    /// The octets.
    pub at: Range<usize>,
}

/// A value and where it stands.
struct Value {
    is: Is,
    at: Range<usize>,
}

enum Is {
    Text(String),
    Number(u64),
    Flag(bool),
    List(Vec<Value>),
    Table(Vec<(String, Range<usize>, Value)>),
    Other,
}

/// Reads steps; names are entered into `names`.
pub fn read(text: &str, names: &mut Names) -> Result<Vec<WantedStep>, Vec<Problem>> {
    let start = json::skip_space(text, 0);
    let document = match text[start..].starts_with(['{', '[']) && !text[start..].starts_with("[[") {
        true => of_json(text),
        false => of_toml(text),
    };
    let document = document.map_err(|problem| vec![problem])?;
    let mut reader = Reader { names, problems: Vec::new() };
    let steps = reader.steps(&document);
    match reader.problems.is_empty() {
        true => Ok(steps),
        false => Err(reader.problems),
    }
}

fn of_toml(text: &str) -> Result<Value, Problem> {
    let parsed = toml::de::DeTable::parse(text).map_err(|error| Problem {
        message: error.message().to_owned(),
        at: error.span().unwrap_or(0..0),
    })?;
    Ok(Value { at: parsed.span(), is: toml_table(parsed.get_ref()) })
}

fn toml_table(table: &toml::de::DeTable<'_>) -> Is {
    let members = table.iter().map(|(key, value)| {
        (key.get_ref().to_string(), key.span(), toml_value(value.get_ref(), value.span()))
    });
    Is::Table(members.collect())
}

fn toml_value(value: &toml::de::DeValue<'_>, at: Range<usize>) -> Value {
    use toml::de::DeValue;
    let is = match value {
        DeValue::String(text) => Is::Text(text.to_string()),
        DeValue::Integer(number) => {
            u64::from_str_radix(number.as_str(), number.radix()).map_or(Is::Other, Is::Number)
        }
        DeValue::Boolean(flag) => Is::Flag(*flag),
        DeValue::Array(list) => {
            Is::List(list.iter().map(|one| toml_value(one.get_ref(), one.span())).collect())
        }
        DeValue::Table(table) => toml_table(table),
        _ => Is::Other,
    };
    Value { is, at }
}

fn of_json(text: &str) -> Result<Value, Problem> {
    let parsed: Result<serde::de::IgnoredAny, _> = serde_json::from_str(text);
    if let Err(error) = parsed {
        let line_start: usize =
            text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let mut at = (line_start + error.column().saturating_sub(1)).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or("").to_owned();
        return Err(Problem { message, at: at..at });
    }
    let start = json::skip_space(text, 0);
    Ok(json_value(text, start..text.trim_end().len()))
}

/// A value of text that is known to be JSON.
fn json_value(text: &str, at: Range<usize>) -> Value {
    let own = &text[at.clone()];
    let is = match own.as_bytes().first() {
        Some(b'"') => serde_json::from_str(own).map_or(Is::Other, Is::Text),
        Some(b'[') => {
            let elements = json::Elements::new(text, at.start).flatten();
            Is::List(elements.map(|range| json_value(text, range)).collect())
        }
        Some(b'{') => {
            let members = json::members(text, at.start).0.into_iter().map(|member| {
                let quoted = &text[member.key.start - 1..member.key.end + 1];
                let key = serde_json::from_str(quoted).unwrap_or_default();
                (key, member.key, json_value(text, member.value))
            });
            Is::Table(members.collect())
        }
        _ => match (own.parse(), own) {
            (Ok(number), _) => Is::Number(number),
            (_, "true") => Is::Flag(true),
            (_, "false") => Is::Flag(false),
            _ => Is::Other,
        },
    };
    Value { is, at }
}

/// The actions with the keys that each needs and may have.
const ACTIONS: [(&str, &[&str], &[&str]); 17] = [
    ("put", &["name", "type", "data"], &["ttl", "zone"]),
    ("remove", &["name", "type"], &["zone"]),
    ("link", &["zone", "vnet"], &["redirect", "registration", "link"]),
    ("unlink", &["zone"], &["vnet"]),
    ("fallback", &["zone", "vnet"], &["redirect"]),
    ("create-zone", &["zone"], &["group"]),
    ("delete-zone", &["zone"], &[]),
    ("merge", &["zone", "into"], &[]),
    ("dns-servers", &["vnet", "servers"], &[]),
    ("add-to-group", &["endpoint", "zone"], &[]),
    ("remove-from-group", &["endpoint"], &["zone"]),
    ("recreate-group", &["endpoint"], &[]),
    ("delete-endpoint", &["endpoint"], &[]),
    ("add-rule", &["ruleset", "domain", "targets"], &["rule"]),
    ("remove-rule", &["ruleset", "domain"], &[]),
    ("link-ruleset", &["ruleset", "vnet"], &["link"]),
    ("unlink-ruleset", &["ruleset"], &["vnet"]),
];

/// Keys that reports of privdns write beside, and that say nothing more.
const IGNORED: [&str; 2] = ["commands", "zone_id"];

struct Reader<'n> {
    names: &'n mut Names,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn problem(&mut self, at: &Range<usize>, message: impl Into<String>) {
        self.problems.push(Problem { message: message.into(), at: at.clone() });
    }

    fn steps(&mut self, document: &Value) -> Vec<WantedStep> {
        let mut steps = Vec::new();
        let Is::Table(members) = &document.is else {
            self.problem(&document.at, "expected a table with `steps` or `changes`");
            return steps;
        };
        for (key, place, value) in members {
            match (key.as_str(), &value.is) {
                ("steps", Is::List(list)) => {
                    steps.extend(list.iter().filter_map(|step| self.step(step)));
                }
                ("changes", Is::List(list)) => steps.extend(list.iter().filter_map(|change| {
                    let wish = self.wish(change)?;
                    let places = vec![change.at.clone()];
                    Some(WantedStep { wishes: vec![wish], places, ..WantedStep::default() })
                })),
                ("steps" | "changes", _) => self.problem(&value.at, "expected a list"),
                _ => self.problem(place, format!("expected `steps` or `changes`, found `{key}`")),
            }
        }
        if steps.is_empty() && self.problems.is_empty() {
            self.problem(&document.at, "there is no step");
        }
        steps
    }

    fn step(&mut self, value: &Value) -> Option<WantedStep> {
        let Is::Table(members) = &value.is else {
            self.problem(&value.at, "expected a step: a table with `changes`");
            return None;
        };
        let mut step = WantedStep::default();
        for (key, place, value) in members {
            match (key.as_str(), &value.is) {
                ("title", Is::Text(title)) => step.title.clone_from(title),
                ("changes", Is::List(list)) => {
                    for change in list {
                        if let Some(wish) = self.wish(change) {
                            step.wishes.push(wish);
                            step.places.push(change.at.clone());
                        }
                    }
                }
                ("title", _) => self.problem(&value.at, "expected a text"),
                ("changes", _) => self.problem(&value.at, "expected a list of changes"),
                _ => self.problem(place, format!("expected `title` or `changes`, found `{key}`")),
            }
        }
        if step.wishes.is_empty() && self.problems.is_empty() {
            self.problem(&value.at, "this step has no changes");
        }
        Some(step)
    }

    fn wish(&mut self, value: &Value) -> Option<Wish> {
        let Is::Table(members) = &value.is else {
            self.problem(&value.at, "expected a change: a table with `action`");
            return None;
        };
        let known = || ACTIONS.map(|action| action.0).join(", ");
        let Some((_, _, action)) = members.iter().find(|(key, ..)| key == "action") else {
            self.problem(&value.at, format!("expected `action`: one of {}", known()));
            return None;
        };
        let Is::Text(name) = &action.is else {
            self.problem(&action.at, format!("expected one of {}", known()));
            return None;
        };
        let Some((name, needed, allowed)) = ACTIONS.iter().find(|one| one.0 == name) else {
            self.problem(&action.at, format!("expected one of {}, found `{name}`", known()));
            return None;
        };
        let before = self.problems.len();
        for (key, place, _) in members {
            let fits = key == "action" || needed.contains(&key.as_str());
            if !fits && !allowed.contains(&key.as_str()) && !IGNORED.contains(&key.as_str()) {
                let keys = [*needed, *allowed].concat().join(", ");
                self.problem(place, format!("`{name}` takes {keys}, found `{key}`"));
            }
        }
        for key in *needed {
            if !members.iter().any(|(own, ..)| own == key) {
                self.problem(&value.at, format!("`{name}` needs `{key}`"));
            }
        }
        if self.problems.len() > before {
            return None;
        }
        let wish = self.fulfil(name, &Fields { members, at: &value.at });
        wish.map_err(|problem| self.problems.push(problem)).ok()
    }

    fn fulfil(&mut self, action: &str, fields: &Fields<'_>) -> Result<Wish, Problem> {
        let zone = || fields.zone();
        Ok(match action {
            "put" => {
                let (name, kind) = (fields.text("name")?, fields.text("type")?);
                let ttl = fields.number("ttl")?.map(|ttl| format!("{ttl} ")).unwrap_or_default();
                let line = format!("{name} {kind} {ttl}{}", fields.words("data")?.join(" "));
                let (owner, ttl, data) = estate_text::record_set(&line, self.names)
                    .map_err(|message| fields.problem("data", message))?;
                Wish::Put { zone: fields.optional("zone")?, owner, ttl, data }
            }
            "remove" => {
                let record_type = fields.text("type")?;
                let record_type = record_type.parse().map_err(|_| {
                    fields.problem("type", format!("expected a record type, found `{record_type}`"))
                })?;
                let owner = self.name(fields, "name")?;
                Wish::Remove { zone: fields.optional("zone")?, owner, record_type }
            }
            "link" => Wish::Link {
                zone: zone()?,
                vnet: fields.text("vnet")?,
                name: fields.optional("link")?,
                redirect: fields.flag("redirect")?.unwrap_or(false),
                registration: fields.flag("registration")?.unwrap_or(false),
            },
            "unlink" => Wish::Unlink { zone: zone()?, vnet: fields.optional("vnet")? },
            "fallback" => Wish::SetPolicy {
                zone: zone()?,
                vnet: fields.text("vnet")?,
                redirect: fields.flag("redirect")?.unwrap_or(true),
            },
            "create-zone" => {
                let apex = self.name(fields, "zone")?;
                Wish::CreateZone { apex, group: fields.optional("group")? }
            }
            "delete-zone" => Wish::DeleteZone { zone: zone()? },
            "merge" => Wish::Merge { zone: zone()?, into: fields.text("into")? },
            "dns-servers" => {
                let servers = fields.words("servers")?;
                let servers: Result<_, _> = servers.iter().map(|one| one.parse()).collect();
                let message = "expected addresses of servers, none for Azure-provided DNS";
                let servers = servers.map_err(|_| fields.problem("servers", message))?;
                Wish::SetServers { vnet: fields.text("vnet")?, servers }
            }
            "add-to-group" => {
                Wish::AddToGroup { endpoint: fields.text("endpoint")?, zone: zone()? }
            }
            "remove-from-group" => Wish::RemoveFromGroup {
                endpoint: fields.text("endpoint")?,
                zone: fields.optional("zone")?,
            },
            "recreate-group" => Wish::RecreateGroup { endpoint: fields.text("endpoint")? },
            "add-rule" => {
                let targets = fields.words("targets")?;
                let targets = targets.iter().map(|one| target(one)).collect::<Option<Vec<_>>>();
                let message = "expected addresses of servers, with `:PORT` where it is not 53";
                let targets = targets.filter(|targets| !targets.is_empty());
                Wish::PutRule {
                    ruleset: fields.text("ruleset")?,
                    domain: self.name(fields, "domain")?,
                    name: fields.optional("rule")?,
                    targets: targets.ok_or_else(|| fields.problem("targets", message))?,
                }
            }
            "remove-rule" => Wish::RemoveRule {
                ruleset: fields.text("ruleset")?,
                domain: self.name(fields, "domain")?,
            },
            "link-ruleset" => Wish::LinkRuleset {
                ruleset: fields.text("ruleset")?,
                vnet: fields.text("vnet")?,
                name: fields.optional("link")?,
            },
            "unlink-ruleset" => Wish::UnlinkRuleset {
                ruleset: fields.text("ruleset")?,
                vnet: fields.optional("vnet")?,
            },
            _ => Wish::DeleteEndpoint { endpoint: fields.text("endpoint")? },
        })
    }

    fn name(&mut self, fields: &Fields<'_>, key: &str) -> Result<NameId, Problem> {
        let name: Result<Name, _> = fields.text(key)?.parse();
        let name = name.map_err(|error| fields.problem(key, error.to_string()))?;
        Ok(self.names.intern(&name))
    }
}

/// A server that is asked: an address, with a port where it is not 53.
pub fn target(text: &str) -> Option<SocketAddr> {
    let plain = text.parse().map(|address: IpAddr| SocketAddr::new(address, 53));
    plain.ok().or_else(|| text.parse().ok())
}

/// The members of one change.
struct Fields<'v> {
    members: &'v [(String, Range<usize>, Value)],
    at: &'v Range<usize>,
}

impl Fields<'_> {
    fn get(&self, key: &str) -> Option<&Value> {
        self.members.iter().find(|(own, ..)| own == key).map(|(_, _, value)| value)
    }

    fn problem(&self, key: &str, message: impl Into<String>) -> Problem {
        let at = self.get(key).map_or(self.at, |value| &value.at);
        Problem { message: message.into(), at: at.clone() }
    }

    fn optional(&self, key: &str) -> Result<Option<String>, Problem> {
        match self.get(key).map(|value| &value.is) {
            None => Ok(None),
            Some(Is::Text(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.problem(key, format!("expected a text for `{key}`"))),
        }
    }

    fn text(&self, key: &str) -> Result<String, Problem> {
        let text = self.optional(key)?;
        text.ok_or_else(|| self.problem(key, format!("`{key}` is missing")))
    }

    /// The zone: by its id, where a report of privdns gave it.
    fn zone(&self) -> Result<String, Problem> {
        match self.optional("zone_id")? {
            Some(id) => Ok(id),
            None => self.text("zone"),
        }
    }

    fn number(&self, key: &str) -> Result<Option<u64>, Problem> {
        match self.get(key).map(|value| &value.is) {
            None => Ok(None),
            Some(Is::Number(number)) => Ok(Some(*number)),
            Some(_) => Err(self.problem(key, format!("expected a number for `{key}`"))),
        }
    }

    fn flag(&self, key: &str) -> Result<Option<bool>, Problem> {
        match self.get(key).map(|value| &value.is) {
            None => Ok(None),
            Some(Is::Flag(flag)) => Ok(Some(*flag)),
            Some(_) => Err(self.problem(key, format!("expected true or false for `{key}`"))),
        }
    }

    /// A text, or a list of texts.
    fn words(&self, key: &str) -> Result<Vec<String>, Problem> {
        let failed =
            || self.problem(key, format!("expected a text or a list of texts for `{key}`"));
        let text = |value: &Value| match &value.is {
            Is::Text(text) => Ok(text.clone()),
            _ => Err(failed()),
        };
        match self.get(key).map(|value| &value.is) {
            Some(Is::Text(text)) => Ok(vec![text.clone()]),
            Some(Is::List(list)) => list.iter().map(text).collect(),
            _ => Err(failed()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<(String, String)> {
        let problems = read(text, &mut Names::default()).map(|_| ()).unwrap_err();
        problems.into_iter().map(|one| (text[one.at].to_owned(), one.message)).collect()
    }

    #[test]
    fn toml_and_json_say_the_same() {
        let toml = "[[steps]]\ntitle = \"one\"\nchanges = [\n  \
                    { action = \"put\", name = \"a.b.test\", type = \"A\", ttl = 10, data = [\"10.0.0.1\", \"10.0.0.2\"] },\n  \
                    { action = \"link\", zone = \"b.test\", vnet = \"hub\", redirect = true },\n]\n\
                    [[steps]]\nchanges = [{ action = \"dns-servers\", vnet = \"hub\", servers = [] }]\n";
        let json = r#"{"steps": [{"title": "one", "changes": [
            {"action": "put", "name": "a.b.test.", "type": "A", "ttl": 10, "data": ["10.0.0.1", "10.0.0.2"], "commands": []},
            {"action": "link", "zone": "b.test", "vnet": "hub", "redirect": true}]},
            {"changes": [{"action": "dns-servers", "vnet": "hub", "servers": []}]}]}"#;
        let (mut names, mut others) = (Names::default(), Names::default());
        let (one, other) = (read(toml, &mut names).unwrap(), read(json, &mut others).unwrap());
        assert_eq!(one.len(), 2);
        for (one, other) in one.iter().zip(&other) {
            assert_eq!((&one.title, &one.wishes), (&other.title, &other.wishes));
        }
    }

    #[test]
    fn everything_wrong_is_told_at_its_place() {
        let text = "changes = [{ action = \"unlnk\", zone = \"a.test\" }, { action = \"put\", name = \"x.test\" },\n\
                    { action = \"put\", name = \"x.test\", type = \"A\", data = \"10.0.0\" }, { action = \"link\", zone = \"a\", vnet = 3 }]\n";
        let found = problems(text);
        assert_eq!(found[0].0, "\"unlnk\"");
        assert!(found[0].1.ends_with("found `unlnk`"), "{found:?}");
        assert_eq!(found[1].1, "`put` needs `type`");
        assert_eq!(found[3].0, "\"10.0.0\"");
        assert_eq!((found[4].0.as_str(), found[4].1.as_str()), ("3", "expected a text for `vnet`"));
        assert_eq!(problems("{\"steps\": [}")[0].0, "");
        assert_eq!(problems("stps = []")[0].0, "stps");
        assert_eq!(problems("")[0].1, "there is no step");
    }
}

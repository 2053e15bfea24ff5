//! The expressions of deployment templates, as far as they have a value before
//! the deployment.
//!
//! `[concat(parameters('zone'), '/', 'nas')]` has one if the parameter has a
//! default. What only Azure knows (`reference`, `uniqueString`, …) has none, and
//! neither has what is built on it. The subscription and the group of the
//! deployment are [`UNKNOWN`] letters until the whole text is put together, for
//! an id says enough without them.
//!
//! Microsoft Learn, "Syntax and expressions in ARM templates"; read 2026-11. What the
//! functions do was seen in exports and in what Bicep compiles to.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Map, Value};

/// Stands for a text that only the deployment knows.
pub(super) const UNKNOWN: char = '\u{fffc}';

/// The most turns of one `copy` loop.
///
/// Microsoft Learn, "Resource iteration in ARM templates": "the count can't exceed 800";
/// read 2026-11.
pub(super) const MOST_COPIES: u64 = 800;

/// How deep values, expressions and variables may stand within each other.
const DEPTH_LIMIT: usize = 160;

/// Where something is deployed, as far as the template says.
#[derive(Clone, Default)]
pub(super) struct Scope {
    pub subscription: Option<String>,
    pub group: Option<String>,
}

impl Scope {
    /// The id of a resource, with [`UNKNOWN`] in it where need be; `None` if type and name
    /// do not fit each other.
    pub fn id(&self, kind: &str, names: &[&str]) -> Option<String> {
        let unknown = UNKNOWN.to_string();
        let subscription = self.subscription.as_ref().unwrap_or(&unknown);
        let group = self.group.as_ref().unwrap_or(&unknown);
        let head = format!("/subscriptions/{subscription}/resourceGroups/{group}");
        Some(head + &below(kind, names)?)
    }
}

/// `/providers/NAMESPACE/KIND/NAME…`
fn below(kind: &str, names: &[&str]) -> Option<String> {
    let mut kinds = kind.split('/');
    let mut id = format!("/providers/{}", kinds.next()?);
    let kinds: Vec<&str> = kinds.collect();
    if kinds.len() != names.len() || kinds.is_empty() {
        return None;
    }
    for (kind, name) in kinds.iter().zip(names) {
        id.push_str(&format!("/{kind}/{name}"));
    }
    Some(id)
}

/// A text without [`UNKNOWN`]: an id loses the head that is not known, any other
/// text has no value.
fn settle(text: &str) -> Option<String> {
    if !text.contains(UNKNOWN) {
        return Some(text.to_owned());
    }
    let is = |segment: &str, word: &str| segment.eq_ignore_ascii_case(word);
    let segments: Vec<&str> = text.split('/').collect();
    let rest = match segments[..] {
        ["", head, _, kind, ..] if is(head, "subscriptions") && is(kind, "resourceGroups") => {
            let group = segments.get(4)?;
            &segments[if group.contains(UNKNOWN) { 5 } else { 3 }..]
        }
        ["", head, ..] if is(head, "subscriptions") => segments.get(3..)?,
        _ => return None,
    };
    let settled = format!("/{}", rest.join("/"));
    (!settled.contains(UNKNOWN)).then_some(settled)
}

/// What a parameter is before the deployment.
#[derive(Clone)]
pub(super) enum Parameter {
    /// Its default, not evaluated yet.
    Default(Value),
    /// What the deployment within a template was given, or why that is not known.
    Given(Result<Value, String>),
}

/// What the names in an expression mean.
#[derive(Clone, Default)]
pub(super) struct Frame {
    /// By name in lower case.
    pub parameters: Rc<HashMap<String, Parameter>>,
    /// By name in lower case, not evaluated yet.
    pub variables: Rc<HashMap<String, Value>>,
    pub scope: Scope,
    /// The loops over variables, by name in lower case.
    pub copies: Rc<HashMap<String, Value>>,
    /// The loops that turn, the innermost last.
    pub loops: Vec<(String, u64)>,
}

/// Why something has no value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// The expression as it stands in the resource; empty if no expression is to blame.
    pub expression: String,
    /// What in it is not known.
    pub reason: String,
}

fn problem<T>(reason: impl Into<String>) -> Result<T, Problem> {
    Err(Problem { expression: String::new(), reason: reason.into() })
}

type Evaluated = Result<Value, Problem>;

/// Evaluates; `budget` bounds time and memory together.
pub(super) struct Evaluator<'f> {
    pub frame: &'f Frame,
    pub budget: &'f Cell<usize>,
    pub depth: usize,
}

impl Evaluator<'_> {
    /// The value with all expressions in it evaluated, and no [`UNKNOWN`] left.
    pub fn value(&self, value: &Value) -> Evaluated {
        self.settled(self.resolve(value)?)
    }

    fn settled(&self, value: Value) -> Evaluated {
        Ok(match value {
            Value::String(text) => match settle(&text) {
                Some(text) => Value::String(text),
                None => {
                    let expression = text.replace(UNKNOWN, "…");
                    let reason = "it holds what the deployment is given".to_owned();
                    return Err(Problem { expression, reason });
                }
            },
            Value::Array(values) => {
                Value::Array(values.into_iter().map(|v| self.settled(v)).collect::<Result<_, _>>()?)
            }
            Value::Object(members) => {
                let settled = members.into_iter().map(|(key, v)| Ok((key, self.settled(v)?)));
                Value::Object(settled.collect::<Result<_, _>>()?)
            }
            other => other,
        })
    }

    /// A text with all expressions evaluated.
    pub fn text(&self, value: &Value) -> Result<String, Problem> {
        match self.value(value)? {
            Value::String(text) => Ok(text),
            other => problem(format!("expected a text, found `{other}`")),
        }
    }

    fn deeper(&self) -> Result<Evaluator<'_>, Problem> {
        self.charge(1)?;
        if self.depth >= DEPTH_LIMIT {
            return problem("it is nested too deeply, or refers to itself");
        }
        Ok(Evaluator { depth: self.depth + 1, ..*self })
    }

    /// Takes from the budget; variables that double each other would fill any memory.
    fn charge(&self, units: usize) -> Result<(), Problem> {
        match self.budget.get().checked_sub(units) {
            Some(left) => self.budget.set(left),
            None => {
                self.budget.set(0);
                return problem("evaluating this template takes too long");
            }
        }
        Ok(())
    }

    /// The value with all expressions in it evaluated.
    pub fn resolve(&self, value: &Value) -> Evaluated {
        let inner = self.deeper()?;
        match value {
            Value::String(text) => inner
                .string(text)
                .map_err(|problem| Problem { expression: text.clone(), reason: problem.reason }),
            Value::Array(values) => {
                Ok(Value::Array(values.iter().map(|v| inner.resolve(v)).collect::<Result<_, _>>()?))
            }
            Value::Object(members) => {
                let mut resolved = Map::new();
                for (key, value) in members {
                    match (key.as_str(), value) {
                        ("copy", Value::Array(copies)) if is_copies(copies) => {
                            for copy in copies {
                                let name = copy["name"].as_str().unwrap_or_default();
                                resolved.insert(name.to_owned(), inner.copied(copy)?);
                            }
                        }
                        _ => {
                            resolved.insert(key.clone(), inner.resolve(value)?);
                        }
                    }
                }
                Ok(Value::Object(resolved))
            }
            other => Ok(other.clone()),
        }
    }

    /// The array that a loop over a property or variable makes.
    fn copied(&self, copy: &Value) -> Evaluated {
        let name = copy["name"].as_str().unwrap_or_default();
        let count = self.count(&copy["count"])?;
        let mut frame = self.frame.clone();
        // `copyIndex()` without a name means the loop of the resource, so that stays last.
        frame.loops.insert(0, (name.to_owned(), 0));
        let mut values = Vec::new();
        for turn in 0..count {
            frame.loops[0].1 = turn;
            values.push(Evaluator { frame: &frame, ..*self }.resolve(&copy["input"])?);
        }
        Ok(Value::Array(values))
    }

    /// How often a loop turns.
    pub fn count(&self, count: &Value) -> Result<u64, Problem> {
        match self.resolve(count)? {
            Value::Number(count) if count.as_u64().is_some_and(|count| count <= MOST_COPIES) => {
                Ok(count.as_u64().unwrap_or(0))
            }
            other => problem(format!("expected at most {MOST_COPIES} as `count`, found `{other}`")),
        }
    }

    fn string(&self, text: &str) -> Evaluated {
        self.charge(text.len())?;
        if text.starts_with("[[") && text.ends_with(']') {
            return Ok(Value::String(text[1..].to_owned()));
        }
        let Some(source) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
            return Ok(Value::String(text.to_owned()));
        };
        match parse(source) {
            Some(expression) => self.evaluate(&expression),
            None => problem("it is no expression that is understood"),
        }
    }

    fn evaluate(&self, expression: &Expression) -> Evaluated {
        let inner = self.deeper()?;
        match expression {
            Expression::Literal(value) => Ok(value.clone()),
            Expression::Member(of, key) => {
                // Of a variable only the part that is asked for needs a value.
                if let Some(raw) = inner.raw(expression) {
                    return inner.resolve(raw);
                }
                let of = inner.evaluate(of)?;
                let key = inner.evaluate(key)?;
                match member(&of, &key) {
                    Some(value) => Ok(value.clone()),
                    None => problem(format!("there is no `{}` in it", plain(&key))),
                }
            }
            Expression::Call(name, arguments) => {
                inner.call(&name.to_ascii_lowercase(), name, arguments)
            }
        }
    }

    fn raw(&self, expression: &Expression) -> Option<&Value> {
        match expression {
            Expression::Call(name, arguments) if name.eq_ignore_ascii_case("variables") => {
                match &arguments[..] {
                    [Expression::Literal(Value::String(name))] => {
                        self.frame.variables.get(&name.to_ascii_lowercase())
                    }
                    _ => None,
                }
            }
            Expression::Member(of, key) => match &**key {
                Expression::Literal(key) => member(self.raw(of)?, key),
                _ => None,
            },
            _ => None,
        }
    }

    /// The value of the function `name`, written as `shown`.
    fn call(&self, name: &str, shown: &str, arguments: &[Expression]) -> Evaluated {
        // These two leave out what they do not need.
        match (name, arguments) {
            ("if", [condition, then, otherwise]) => {
                return match self.evaluate(condition)? {
                    Value::Bool(true) => self.evaluate(then),
                    Value::Bool(false) => self.evaluate(otherwise),
                    other => problem(format!("`{other}` is neither true nor false")),
                };
            }
            ("coalesce", _) => {
                for argument in arguments {
                    match self.evaluate(argument)? {
                        Value::Null => {}
                        value => return Ok(value),
                    }
                }
                return Ok(Value::Null);
            }
            _ => {}
        }
        let values: Vec<Value> =
            arguments.iter().map(|argument| self.evaluate(argument)).collect::<Result<_, _>>()?;
        self.charge(growth(name, &values))?;
        let value = match (name, &values[..]) {
            ("parameters", [Value::String(name)]) => self.parameter(name)?,
            ("variables", [Value::String(name)]) => {
                let key = name.to_ascii_lowercase();
                match (self.frame.variables.get(&key), self.frame.copies.get(&key)) {
                    (Some(value), _) => self.resolve(value)?,
                    (None, Some(copy)) => self.copied(copy)?,
                    (None, None) => return problem(format!("there is no variable `{name}`")),
                }
            }
            ("copyindex", _) => return self.copy_index(&values),
            ("resourcegroup", []) | ("subscription", []) => self.surroundings(name),
            _ => match pure(name, &values, &self.frame.scope) {
                Some(value) => value,
                None => return problem(format!("`{shown}()` has no value before it")),
            },
        };
        self.charge(weight(&value))?;
        Ok(value)
    }

    fn parameter(&self, name: &str) -> Evaluated {
        match self.frame.parameters.get(&name.to_ascii_lowercase()) {
            Some(Parameter::Default(value)) => self.resolve(value),
            Some(Parameter::Given(Ok(value))) => Ok(value.clone()),
            Some(Parameter::Given(Err(reason))) => problem(reason),
            None => problem(format!("there is no parameter `{name}`")),
        }
    }

    fn copy_index(&self, values: &[Value]) -> Evaluated {
        let (name, offset) = match values {
            [] => (None, 0),
            [Value::String(name)] => (Some(name), 0),
            [Value::Number(offset)] => (None, offset.as_u64().unwrap_or(0)),
            [Value::String(name), Value::Number(offset)] => {
                (Some(name), offset.as_u64().unwrap_or(0))
            }
            _ => return problem("`copyIndex()` takes a name and a number"),
        };
        let turning = self.frame.loops.iter().rev();
        let found = match name {
            Some(name) => turning.into_iter().find(|turning| turning.0.eq_ignore_ascii_case(name)),
            None => self.frame.loops.last(),
        };
        match found {
            Some((_, turn)) => Ok(turn.saturating_add(offset).into()),
            None => problem("`copyIndex()` stands outside of its loop"),
        }
    }

    /// What `resourceGroup()` and `subscription()` give.
    fn surroundings(&self, name: &str) -> Value {
        let unknown = || UNKNOWN.to_string();
        let scope = &self.frame.scope;
        let subscription = scope.subscription.clone().unwrap_or_else(unknown);
        let id = format!("/subscriptions/{subscription}");
        if name == "subscription" {
            return serde_json::json!({ "id": id, "subscriptionId": subscription });
        }
        let group = scope.group.clone().unwrap_or_else(unknown);
        let id = format!("{id}/resourceGroups/{group}");
        serde_json::json!({ "id": id, "name": group, "location": unknown() })
    }
}

/// Whether a member named `copy` is a loop over properties.
fn is_copies(copies: &[Value]) -> bool {
    let is_copy = |copy: &Value| {
        copy["name"].is_string() && copy.get("count").is_some() && copy.get("input").is_some()
    };
    !copies.is_empty() && copies.iter().all(is_copy)
}

/// The part of a value; names are compared without regard to case.
fn member<'v>(of: &'v Value, key: &Value) -> Option<&'v Value> {
    match (of, key) {
        (Value::Object(members), Value::String(key)) => members.get(key).or_else(|| {
            let same = |entry: &(&String, &Value)| entry.0.eq_ignore_ascii_case(key);
            members.iter().find(same).map(|entry| entry.1)
        }),
        (Value::Array(values), Value::Number(at)) => {
            values.get(usize::try_from(at.as_u64()?).ok()?)
        }
        _ => None,
    }
}

/// Roughly the memory that a value takes.
fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => 1 + text.len(),
        Value::Array(values) => 1 + values.iter().map(weight).sum::<usize>(),
        Value::Object(members) => {
            1 + members.iter().map(|(key, value)| key.len() + weight(value)).sum::<usize>()
        }
        _ => 1,
    }
}

/// The octets that a function may make of few by repeating them, to be paid before they are made.
fn growth(name: &str, values: &[Value]) -> usize {
    match (name, values) {
        ("replace", [Value::String(text), Value::String(old), Value::String(new)])
            if !old.is_empty() =>
        {
            text.matches(old.as_str()).count().saturating_mul(new.len())
        }
        ("format", [Value::String(pattern), rest @ ..]) => {
            let longest = rest.iter().map(weight).max().unwrap_or(0);
            pattern.matches('{').count().saturating_mul(longest)
        }
        _ => 0,
    }
}

/// The text of a value as `concat` and `format` write it.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        other => other.to_string(),
    }
}

fn is_known(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.contains(UNKNOWN),
        Value::Array(values) => values.iter().all(is_known),
        Value::Object(members) => members.values().all(is_known),
        _ => true,
    }
}

/// The functions whose value depends on nothing but their arguments.
///
/// The few that exports, Bicep and the modules of Azure Verified Modules use
/// for names and ids; nothing is gained by more, for the rest is `reference`.
fn pure(name: &str, values: &[Value], scope: &Scope) -> Option<Value> {
    let flag = |value: &Value| value.as_bool();
    let scalar = |value: &Value| !value.is_array() && !value.is_object() && !value.is_null();
    Some(match (name, values) {
        ("true", []) => true.into(),
        ("false", []) => false.into(),
        ("null", []) => Value::Null,
        ("concat", [Value::Array(_), ..]) => {
            let arrays: Option<Vec<&Vec<Value>>> = values.iter().map(Value::as_array).collect();
            Value::Array(arrays?.into_iter().flatten().cloned().collect())
        }
        ("concat", _) if values.iter().all(scalar) => {
            values.iter().map(plain).collect::<String>().into()
        }
        ("format", [Value::String(pattern), rest @ ..]) => format(pattern, rest)?.into(),
        ("tolower", [Value::String(text)]) => text.to_lowercase().into(),
        ("toupper", [Value::String(text)]) => text.to_uppercase().into(),
        ("string", [value]) if scalar(value) => plain(value).into(),
        ("createarray", _) => Value::Array(values.to_vec()),
        ("createobject", []) => Value::Object(Map::new()),
        ("resourceid", _) => resource_id(values, scope)?.into(),
        ("subscriptionresourceid", _) => {
            let (subscription, kind, names) = split_arguments(values)?;
            let known = subscription.first().copied().or(scope.subscription.as_deref());
            let unknown = UNKNOWN.to_string();
            let head = format!("/subscriptions/{}", known.unwrap_or(&unknown));
            (head + &below(kind, &names)?).into()
        }
        ("extensionresourceid", [Value::String(of), rest @ ..]) => {
            let (_, kind, names) = split_arguments(rest)?;
            (of.clone() + &below(kind, &names)?).into()
        }
        ("split", [Value::String(text), Value::String(by)]) if !by.is_empty() => {
            // No name holds a slash, so those of an id are all there.
            if by != "/" && text.contains(UNKNOWN) {
                return None;
            }
            Value::Array(text.split(by.as_str()).map(Value::from).collect())
        }
        ("last", [Value::Array(values)]) => values.last().cloned().unwrap_or(Value::Null),
        ("first", [Value::Array(values)]) => values.first().cloned().unwrap_or(Value::Null),
        ("length", [Value::Array(values)]) => values.len().into(),
        ("tryget", [of, key]) => member(of, key).cloned().unwrap_or(Value::Null),
        ("empty", [value]) => match value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(values) => values.is_empty(),
            Value::Object(members) => members.is_empty(),
            _ => return None,
        }
        .into(),
        ("not", [value]) => (!flag(value)?).into(),
        ("and", _) => {
            values.iter().map(flag).collect::<Option<Vec<_>>>()?.iter().all(|flag| *flag).into()
        }
        ("or", _) => values.iter().map(flag).collect::<Option<Vec<_>>>()?.contains(&true).into(),
        // What is not known may turn out to be equal, or hold anything.
        _ if !values.iter().all(is_known) => return None,
        ("equals", [a, b]) => (a == b).into(),
        ("length", [Value::String(text)]) => text.chars().count().into(),
        ("replace", [Value::String(text), Value::String(old), Value::String(new)])
            if !old.is_empty() =>
        {
            text.replace(old.as_str(), new).into()
        }
        ("contains", [Value::String(text), Value::String(part)]) => {
            text.contains(part.as_str()).into()
        }
        ("contains", [Value::Array(values), value]) => values.contains(value).into(),
        ("contains", [of @ Value::Object(_), key]) => member(of, key).is_some().into(),
        ("startswith", [Value::String(text), Value::String(part)]) => {
            text.to_lowercase().starts_with(&part.to_lowercase()).into()
        }
        ("endswith", [Value::String(text), Value::String(part)]) => {
            text.to_lowercase().ends_with(&part.to_lowercase()).into()
        }
        ("add", [a, b]) => a.as_i64()?.checked_add(b.as_i64()?)?.into(),
        _ => return None,
    })
}

/// What stands before the type, the type, and the names after it.
fn split_arguments(values: &[Value]) -> Option<(Vec<&str>, &str, Vec<&str>)> {
    let texts: Vec<&str> = values.iter().map(Value::as_str).collect::<Option<_>>()?;
    let at = texts.iter().position(|text| text.contains('/'))?;
    Some((texts[..at].to_vec(), texts[at], texts[at + 1..].to_vec()))
}

fn resource_id(values: &[Value], scope: &Scope) -> Option<String> {
    let (before, kind, names) = split_arguments(values)?;
    let mut scope = scope.clone();
    match before[..] {
        [] => {}
        [group] => scope.group = Some(group.to_owned()),
        [subscription, group] => {
            scope = Scope {
                subscription: Some(subscription.to_owned()),
                group: Some(group.to_owned()),
            };
        }
        _ => return None,
    }
    scope.id(kind, &names)
}

/// `{0}` and `{{`; a form behind a colon is left to Azure.
fn format(pattern: &str, values: &[Value]) -> Option<String> {
    let mut text = String::new();
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let brace = &rest[at..];
        if let Some(after) = brace.strip_prefix("{{") {
            text.push('{');
            rest = after;
        } else if let Some(after) = brace.strip_prefix("}}") {
            text.push('}');
            rest = after;
        } else {
            let (number, after) = brace.strip_prefix('{')?.split_once('}')?;
            text.push_str(&plain(values.get(number.parse::<usize>().ok()?)?));
            rest = after;
        }
    }
    text.push_str(rest);
    Some(text)
}

enum Expression {
    Literal(Value),
    Call(String, Vec<Expression>),
    Member(Box<Expression>, Box<Expression>),
}

/// What stands between the brackets; `None` where it is no expression.
fn parse(source: &str) -> Option<Expression> {
    let mut parser = Parser { rest: source };
    let expression = parser.expression(0)?;
    parser.space();
    parser.rest.is_empty().then_some(expression)
}

struct Parser<'s> {
    rest: &'s str,
}

impl<'s> Parser<'s> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, sign: char) -> bool {
        self.space();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn word(&mut self) -> Option<&'s str> {
        let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
        let end = self.rest.find(|c| !part(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    fn expression(&mut self, depth: usize) -> Option<Expression> {
        if depth > DEPTH_LIMIT {
            return None;
        }
        self.space();
        let mut expression = match self.rest.chars().next()? {
            '\'' => Expression::Literal(self.quoted()?.into()),
            '-' | '0'..='9' => {
                let end = self.rest[1..].find(|c: char| !c.is_ascii_digit());
                let (number, rest) = self.rest.split_at(end.map_or(self.rest.len(), |at| at + 1));
                self.rest = rest;
                Expression::Literal(number.parse::<i64>().ok()?.into())
            }
            _ => {
                let mut name = self.word()?.to_owned();
                // A function of the template's own: `namespace.name(…)`.
                if self.take('.') {
                    name = format!("{name}.{}", self.word()?);
                }
                let arguments = self.arguments(depth)?;
                Expression::Call(name, arguments)
            }
        };
        // Members nest to the left; dropping them recurses, so they count as depth too.
        for _ in depth..DEPTH_LIMIT {
            if self.take('.') {
                self.space();
                let key = Expression::Literal(self.word()?.into());
                expression = Expression::Member(Box::new(expression), Box::new(key));
            } else if self.take('[') {
                let key = self.expression(depth + 1)?;
                if !self.take(']') {
                    return None;
                }
                expression = Expression::Member(Box::new(expression), Box::new(key));
            } else {
                break;
            }
        }
        Some(expression)
    }

    fn arguments(&mut self, depth: usize) -> Option<Vec<Expression>> {
        if !self.take('(') {
            return None;
        }
        let mut arguments = Vec::new();
        if self.take(')') {
            return Some(arguments);
        }
        loop {
            arguments.push(self.expression(depth + 1)?);
            if self.take(')') {
                return Some(arguments);
            }
            if !self.take(',') {
                return None;
            }
        }
    }

    /// A text in single quotes; two of them stand for one.
    fn quoted(&mut self) -> Option<String> {
        let mut text = String::new();
        loop {
            let (part, rest) = self.rest.strip_prefix('\'')?.split_once('\'')?;
            text.push_str(part);
            self.rest = rest;
            if !rest.starts_with('\'') {
                return Some(text);
            }
            text.push('\'');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame {
        let parameters = [
            ("zone", Parameter::Default("contoso.com".into())),
            ("none", Parameter::Given(Err("parameter `none` has no default".into()))),
            ("null", Parameter::Given(Ok(Value::Null))),
            ("list", Parameter::Default(serde_json::json!(["a", "b"]))),
        ];
        let variables = [
            ("deep", serde_json::json!({"Name": "[toUpper('x')]", "id": "[reference('x')]"})),
            ("loop", "[variables('loop')]".into()),
        ];
        let lower = |(name, value): (&str, Value)| (name.to_owned(), value);
        Frame {
            parameters: Rc::new(parameters.map(|(name, p)| (name.to_owned(), p)).into()),
            variables: Rc::new(variables.map(lower).into()),
            loops: vec![("zones".to_owned(), 3)],
            ..Frame::default()
        }
    }

    fn evaluate(text: &str) -> String {
        let budget = Cell::new(10_000);
        let frame = frame();
        let evaluator = Evaluator { frame: &frame, budget: &budget, depth: 0 };
        match evaluator.value(&text.into()) {
            Ok(value) => value.to_string(),
            Err(problem) => problem.reason,
        }
    }

    #[test]
    fn what_repeats_its_arguments_is_paid_before_it_is_made() {
        let text = Value::from("a".repeat(1_000));
        assert_eq!(growth("replace", &[text.clone(), "a".into(), text.clone()]), 1_000_000);
        assert_eq!(growth("replace", &[text.clone(), "".into(), text.clone()]), 0);
        assert_eq!(growth("format", &["{0}".repeat(7).into(), text.clone()]), 7 * 1_001);
        // 81 times 200 octets are more than there is to spend, each by itself is not.
        let many = format!("[replace('{}', 'a', '{}')]", "a".repeat(81), "b".repeat(200));
        assert_eq!(evaluate(&many), "evaluating this template takes too long");
    }

    #[test]
    fn expressions_have_the_value_of_the_deployment() {
        for (text, value) in [
            ("plain", r#""plain""#),
            ("[[x]", r#""[x]""#),
            ("[not closed", r#""[not closed""#),
            ("[parameters('ZONE')]", r#""contoso.com""#),
            ("[ concat ( 'it''s ' , 1, true()) ]", r#""it's 1True""#),
            ("[format('{0}/{{{1}}}', parameters('zone'), 2)]", r#""contoso.com/{2}""#),
            ("[if(equals(parameters('zone'), 'x'), reference('y'), 'no')]", r#""no""#),
            ("[and(equals('a', 'a'), not(empty(parameters('list'))))]", "true"),
            ("[or(false(), false())]", "false"),
            ("[coalesce(parameters('null'), createArray())]", "[]"),
            ("[variables('deep').name]", r#""X""#),
            ("[parameters('list')[add(0, 1)]]", r#""b""#),
            ("[last(split('a/b/c', '/'))]", r#""c""#),
            ("[concat('zone', copyIndex(), '-', copyIndex('zones', 1))]", r#""zone3-4""#),
            (
                "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'hub', 'inner')]",
                r#""/providers/Microsoft.Network/virtualNetworks/hub/subnets/inner""#,
            ),
            (
                "[resourceId('net', 'Microsoft.Network/virtualNetworks', 'hub')]",
                r#""/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/hub""#,
            ),
            (
                "[resourceId('S', 'net', 'Microsoft.Network/virtualNetworks', 'hub')]",
                r#""/subscriptions/S/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/hub""#,
            ),
            (
                "[concat(resourceGroup().id, '/providers/Microsoft.Network/virtualNetworks/hub')]",
                r#""/providers/Microsoft.Network/virtualNetworks/hub""#,
            ),
        ] {
            assert_eq!(evaluate(text), value, "{text}");
        }
    }

    #[test]
    fn what_only_azure_knows_has_no_value() {
        for (text, reason) in [
            ("[parameters('none')]", "parameter `none` has no default"),
            ("[parameters('nothing')]", "there is no parameter `nothing`"),
            ("[reference('x').id]", "`reference()` has no value before it"),
            ("[contoso.name('x')]", "`contoso.name()` has no value before it"),
            ("[resourceGroup().location]", "it holds what the deployment is given"),
            ("[equals(resourceGroup().name, 'x')]", "`equals()` has no value before it"),
            ("[parameters('list')[7]]", "there is no `7` in it"),
            ("[variables('loop')]", "it is nested too deeply, or refers to itself"),
            ("[format('{0:D3}', 1)]", "`format()` has no value before it"),
            ("[concat('a']", "it is no expression that is understood"),
        ] {
            assert_eq!(evaluate(text), reason, "{text}");
        }
    }

    #[test]
    fn hostile_expressions_end() {
        let nested = format!("[{}'a'{}]", "concat(".repeat(500), ")".repeat(500));
        assert_eq!(evaluate(&nested), "it is no expression that is understood");
        let members = format!("[variables('deep'){}]", ".a".repeat(500));
        assert_eq!(evaluate(&members), "it is no expression that is understood");
        let long = format!("[concat({}'a')]", "parameters('zone'),".repeat(400));
        assert_eq!(evaluate(&long), "evaluating this template takes too long");
        for text in ["[]", "[']", "['é", "[-]", "[a.]", "[a().[]]", "[()]", "[1é]", "[[", "["] {
            evaluate(text);
        }
    }
}

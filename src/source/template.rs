//! Deployment templates: `az group export`, the portal's "Export template", what
//! Bicep compiles to, and modules of Azure Verified Modules.
//!
//! ```json
//! { "$schema": "https://schema.management.azure.com/…/deploymentTemplate.json#",
//!   "parameters": { "zone": { "type": "string", "defaultValue": "contoso.com" } },
//!   "resources": [
//!     { "type": "Microsoft.Network/privateDnsZones/A",
//!       "name": "[concat(parameters('zone'), '/nas')]",
//!       "properties": { "ttl": 300, "aRecords": [{ "ipv4Address": "10.0.0.7" }] } } ] }
//! ```
//!
//! A template states resources by type and name, not by id. What has a value
//! before the deployment is read, and a resource that needs more is refused with
//! the expression it hangs on: nothing is made up. The brackets are walked in the
//! text, so that a resource has its place and a broken one spoils no other.
//!
//! Microsoft Learn, "Use linked and nested templates to deploy Azure resources" and
//! "Set name and type for child resources"; read 2026-11.

mod expression;

use std::cell::Cell;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::arm;
use super::json::{self, Elements};
use crate::estate::{Assembly, Extent, Fate, InputId, NoteKind, Origin};
use crate::name::NameId;
use expression::{Evaluator, Frame, Parameter, Problem, Scope};

/// How deep templates and children may stand within each other.
///
/// "Child resources can only be defined five levels deep": Microsoft Learn, "Set name
/// and type for child resources"; read 2026-11. Templates nest besides.
const DEPTH_LIMIT: usize = 12;

/// What evaluating may cost, in octets read and made: far more than the few megabytes
/// of a template that can be deployed need.
const BUDGET: usize = 40_000_000;

/// Where a template is told from other JSON: `$schema` comes first in every tool.
const HEAD: usize = 16 << 10;

/// Whether the text is a template, or has one as `template`, as the REST API answers
/// to `exportTemplate`.
pub(super) fn recognise(text: &str) -> bool {
    let at = json::skip_space(text, 0);
    let mut end = text.len().min(at + HEAD);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = text[at..end].to_ascii_lowercase();
    let marks = ["deploymenttemplate.json", "\"contentversion\""];
    if !head.starts_with('{') || !marks.iter().any(|mark| head.contains(mark)) {
        return false;
    }
    let members = Members::of(text, at..text.len());
    let inner = members.get("template").map(|range| Members::of(text, range));
    is_template(&members) || inner.is_some_and(|members| is_template(&members))
}

fn is_template(members: &Members<'_>) -> bool {
    match members.text("$schema") {
        Some(schema) => schema.to_ascii_lowercase().contains("deploymenttemplate"),
        None => ["contentVersion", "resources"].iter().all(|key| members.get(key).is_some()),
    }
}

/// Reads every template of `text` into `assembly`.
pub(super) fn read(input: InputId, text: &str, assembly: &mut Assembly) {
    let mut reader = Reader {
        input,
        text,
        assembly,
        items: Vec::new(),
        budget: Cell::new(BUDGET),
        exhausted: false,
        undeployed: None,
    };
    let mut at = json::next_value(text, 0);
    if at.is_none_or(|at| at > json::skip_space(text, 0)) {
        let message = "text before the template was passed over";
        reader.note(NoteKind::Reading, message, 0..0);
    }
    while let Some(start) = at {
        let end = json::skip_value(text, start).unwrap_or(text.len());
        let members = Members::of(text, start..end);
        match members.get("template").filter(|_| members.get("resources").is_none()) {
            Some(template) => reader.template(template, &Context::default()),
            None => reader.template(start..end, &Context::default()),
        }
        at = json::next_value(text, end);
    }
    reader.finish();
}

/// The members of an object in the text.
struct Members<'t> {
    text: &'t str,
    members: Vec<json::Member>,
    broken: Option<json::Broken>,
}

impl<'t> Members<'t> {
    fn of(text: &'t str, range: Range<usize>) -> Self {
        if !text[range.clone()].starts_with('{') {
            return Members { text, members: Vec::new(), broken: None };
        }
        let (members, broken) = json::members(text, range.start);
        Members { text, members, broken }
    }

    fn key(&self, member: &json::Member) -> &'t str {
        &self.text[member.key.clone()]
    }

    fn get(&self, name: &str) -> Option<Range<usize>> {
        let same = |member: &&json::Member| self.key(member).eq_ignore_ascii_case(name);
        self.members.iter().find(same).map(|member| member.value.clone())
    }

    fn value(&self, name: &str) -> Option<Value> {
        serde_json::from_str(&self.text[self.get(name)?]).ok()
    }

    fn text(&self, name: &str) -> Option<String> {
        match self.value(name)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }
}

/// What surrounds a resource.
#[derive(Clone, Default)]
struct Context {
    frame: Frame,
    /// Where the resource goes; expressions of an outer template mean another place.
    target: Scope,
    /// Type and name of the resource that this one is a child of.
    parent: Option<(String, String)>,
    depth: usize,
}

struct Reader<'t, 'a> {
    input: InputId,
    text: &'t str,
    assembly: &'a mut Assembly,
    items: Vec<(Value, Range<usize>)>,
    budget: Cell<usize>,
    exhausted: bool,
    /// How many resources have a false condition, and where the first one is.
    undeployed: Option<(usize, Range<usize>)>,
}

impl<'t> Reader<'t, '_> {
    fn origin(&self, range: Range<usize>) -> Origin {
        Origin { input: self.input, start: range.start as u32, length: range.len() as u32 }
    }

    fn note(&mut self, kind: NoteKind, message: impl Into<String>, range: Range<usize>) {
        let origin = self.origin(range);
        self.assembly.note(kind, message, origin); // What is refused here is one item each time.
        if kind == NoteKind::Refused {
            self.assembly.count(self.input, Fate::Refused);
        }
    }

    /// Refuses what is in `range`, because an expression has no value.
    fn refuse(&mut self, problem: &Problem, range: &Range<usize>) {
        let Problem { expression, reason } = problem;
        // Where the expression stands, unless it was written with escapes.
        let quoted = Value::from(expression.as_str()).to_string();
        let place = self.text[range.clone()]
            .find(&quoted)
            .filter(|_| !expression.is_empty())
            .map(|at| range.start + at + 1..range.start + at + quoted.len() - 1);
        let shown: String = match expression.char_indices().nth(160) {
            Some((at, _)) => format!("{}…", &expression[..at]),
            None => expression.clone(),
        };
        let message = match &*shown {
            "" => reason.clone(),
            _ => format!("depends on deployment: `{shown}`; {reason}"),
        };
        self.note(NoteKind::Refused, message, place.unwrap_or(range.clone()));
    }

    /// Whether there is still budget for so many octets.
    fn afford(&mut self, range: &Range<usize>) -> bool {
        match self.budget.get().checked_sub(range.len() + 200) {
            Some(left) => self.budget.set(left),
            None => {
                self.budget.set(0);
                if !self.exhausted {
                    self.exhausted = true;
                    let message = "evaluating this template takes too long; the rest is not read";
                    self.note(NoteKind::Partial, message, range.start..range.start + 1);
                }
            }
        }
        !self.exhausted
    }

    fn template(&mut self, range: Range<usize>, outer: &Context) {
        if !self.afford(&range) {
            return;
        }
        let members = Members::of(self.text, range.clone());
        let mut context = outer.clone();
        context.parent = None;
        self.declare(&members, &mut context.frame);
        match members.get("resources") {
            Some(resources) => self.resources(resources, &context),
            None => {
                let message = "expected `resources` in this deployment template";
                self.note(NoteKind::Refused, message, range.start..range.start + 1);
            }
        }
        if let Some(broken) = members.broken {
            self.note(NoteKind::Refused, broken.message, broken.at..broken.at + 1);
        }
    }

    /// Parameters that were not given, and variables.
    fn declare(&mut self, members: &Members<'t>, frame: &mut Frame) {
        let mut parameters = (*frame.parameters).clone();
        if let Some(range) = members.get("parameters") {
            let declared = Members::of(self.text, range);
            for member in &declared.members {
                let name = declared.key(member);
                let inner = Members::of(self.text, member.value.clone());
                let parameter = match inner.value("defaultValue") {
                    Some(Value::Null) | None if inner.value("nullable") == Some(true.into()) => {
                        Parameter::Given(Ok(Value::Null))
                    }
                    // An export writes null for a secret.
                    Some(Value::Null) | None => {
                        Parameter::Given(Err(format!("parameter `{name}` has no default")))
                    }
                    Some(value) => Parameter::Default(value),
                };
                parameters.entry(name.to_ascii_lowercase()).or_insert(parameter);
            }
        }
        frame.parameters = Rc::new(parameters);
        let mut variables = HashMap::new();
        let mut copies = HashMap::new();
        if let Some(range) = members.get("variables") {
            let declared = Members::of(self.text, range);
            for member in &declared.members {
                let slice = &self.text[member.value.clone()];
                let name = declared.key(member).to_ascii_lowercase();
                match serde_json::from_str(slice) {
                    Ok(Value::Array(loops)) if name == "copy" => {
                        for copy in loops {
                            let name = copy["name"].as_str().unwrap_or("").to_ascii_lowercase();
                            copies.insert(name, copy);
                        }
                    }
                    Ok(value) => {
                        variables.insert(name, value);
                    }
                    Err(_) => {
                        let message = format!("expected JSON in the variable `{name}`");
                        self.note(NoteKind::Refused, message, member.value.clone());
                    }
                }
            }
        }
        frame.variables = Rc::new(variables);
        frame.copies = Rc::new(copies);
    }

    /// A list of resources, or the object by symbolic names of `languageVersion` 2.0.
    fn resources(&mut self, range: Range<usize>, context: &Context) {
        if self.text[range.clone()].starts_with('{') {
            let members = Members::of(self.text, range);
            for member in &members.members {
                self.resource(member.value.clone(), context);
            }
            if let Some(broken) = members.broken {
                self.note(NoteKind::Refused, broken.message, broken.at..broken.at + 1);
            }
            return;
        }
        let mut elements = Elements::new(self.text, range.start);
        while let Some(element) = elements.next() {
            match element {
                Ok(range) => {
                    let (_, broken) = json::members(self.text, range.start);
                    if let (Some(broken), true) =
                        (broken, self.text[range.clone()].starts_with('{'))
                    {
                        self.note(NoteKind::Refused, broken.message, broken.at..broken.at + 1);
                        elements.resume_within(&range);
                    } else {
                        self.resource(range, context);
                    }
                }
                Err(broken) => {
                    self.note(NoteKind::Refused, broken.message, broken.at..broken.at + 1);
                }
            }
        }
    }

    fn resource(&mut self, range: Range<usize>, context: &Context) {
        if context.depth >= DEPTH_LIMIT {
            let message = format!("templates are read to a depth of {DEPTH_LIMIT}");
            self.note(NoteKind::Refused, message, range.start..range.start + 1);
            return;
        }
        let members = Members::of(self.text, range.clone());
        let Some(kind) = members.text("type") else {
            let message = "expected a resource with a `type`";
            self.note(NoteKind::Refused, message, range.start..range.start + 1);
            return;
        };
        let kind = match &context.parent {
            // A child states its own part, or all of it.
            Some((parent, _)) if !kind.contains('.') => format!("{parent}/{kind}"),
            _ => kind,
        };
        let copy = match members.value("copy") {
            None => None,
            Some(copy) => {
                let budget = &self.budget;
                let evaluator = Evaluator { frame: &context.frame, budget, depth: 0 };
                match evaluator.count(&copy["count"]) {
                    Ok(count) => Some((copy["name"].as_str().unwrap_or("").to_owned(), count)),
                    Err(problem) => {
                        if is_used(&kind) {
                            self.refuse(&problem, &range);
                        }
                        return;
                    }
                }
            }
        };
        match copy {
            None => self.instance(&range, &members, &kind, context),
            Some((name, count)) => {
                for turn in 0..count {
                    let mut context = context.clone();
                    context.frame.loops.push((name.clone(), turn));
                    self.instance(&range, &members, &kind, &context);
                }
            }
        }
    }

    /// One resource, of which a loop makes several.
    fn instance(
        &mut self,
        range: &Range<usize>,
        members: &Members<'t>,
        kind: &str,
        context: &Context,
    ) {
        if !self.afford(range) {
            return;
        }
        let used = is_used(kind);
        let deployed = members.value("condition").map(|condition| {
            Evaluator { frame: &context.frame, budget: &self.budget, depth: 0 }.value(&condition)
        });
        match deployed {
            None | Some(Ok(Value::Bool(true))) => {}
            Some(Ok(Value::Bool(false))) => {
                let first = self.undeployed.get_or_insert((0, range.clone()));
                first.0 += 1;
                return;
            }
            Some(Ok(other)) => {
                let message =
                    format!("expected a `condition` that is true or false, found `{other}`");
                return self.note(NoteKind::Refused, message, range.clone());
            }
            // What is below it depends on it too.
            Some(Err(problem)) if used || members.get("resources").is_some() => {
                return self.refuse(&problem, range);
            }
            Some(Err(_)) => {}
        }
        if is_deployment(kind) {
            return self.deployment(range, members, context);
        }
        let name = members.value("name").unwrap_or_default();
        let name = Evaluator { frame: &context.frame, budget: &self.budget, depth: 0 }.text(&name);
        let name = name.map(|name| match &context.parent {
            Some((_, parent)) if !name.contains('/') => format!("{parent}/{name}"),
            _ => name,
        });
        // Bicep's `existing` states what another deployment made.
        let existing = members.value("existing") == Some(true.into());
        match &name {
            _ if existing => {}
            _ if !used => self.items.push((serde_json::json!({ "type": kind }), range.clone())),
            Ok(name) => self.item(range, members, kind, name, context),
            Err(problem) => self.refuse(problem, range),
        }
        let Some(children) = members.get("resources") else { return };
        match name {
            Ok(name) => {
                let mut context = context.clone();
                context.parent = Some((kind.to_owned(), name));
                context.depth += 1;
                self.resources(children, &context);
            }
            Err(_) => {
                let message = "the children of this resource are not read: its name is not known";
                self.note(NoteKind::Refused, message, children.start..children.start + 1);
            }
        }
    }

    /// Makes an item as the management API would answer with.
    fn item(
        &mut self,
        range: &Range<usize>,
        members: &Members<'t>,
        kind: &str,
        name: &str,
        context: &Context,
    ) {
        let stated = match members.get("properties").map(|at| (self.text.get(at.clone()), at)) {
            None => Ok(Value::Null),
            Some((slice, at)) => serde_json::from_str(slice.unwrap_or_default()).map_err(|error| {
                let message = error.to_string();
                (message.split(" at line ").next().unwrap_or("").to_owned(), at)
            }),
        };
        let stated: Value = match stated {
            Ok(stated) => stated,
            Err((message, at)) => {
                self.mark_refused(kind, name, range, context);
                return self.note(NoteKind::Refused, message, at);
            }
        };
        let frame = &context.frame;
        let evaluator = Evaluator { frame, budget: &self.budget, depth: 0 };
        let properties = match &stated {
            // What nobody reads need not have a value.
            Value::Object(stated) => {
                let kept = stated.iter().filter(|(key, _)| *key == "copy" || is_property(key));
                let kept: Map<String, Value> =
                    kept.map(|(key, value)| (key.clone(), value.clone())).collect();
                evaluator.value(&Value::Object(kept))
            }
            other => evaluator.value(other),
        };
        let location = members.value("location").and_then(|place| evaluator.text(&place).ok());
        let mut properties = match properties {
            Ok(properties) => properties,
            Err(problem) => {
                self.mark_refused(kind, name, range, context);
                return self.refuse(&problem, range);
            }
        };
        if kind.eq_ignore_ascii_case("Microsoft.Network/privateEndpoints") {
            approve(&mut properties);
        }
        let mut item = Map::new();
        let target = &context.target;
        if target.subscription.is_some() && target.group.is_some() {
            let names: Vec<&str> = name.split('/').collect();
            item.extend(target.id(kind, &names).map(|id| ("id".to_owned(), id.into())));
        }
        item.insert("type".to_owned(), kind.into());
        item.insert("name".to_owned(), name.into());
        item.insert("properties".to_owned(), properties);
        item.extend(location.map(|location| ("location".to_owned(), location.into())));
        let group = target.group.as_deref();
        item.extend(group.map(|group| ("resourceGroup".to_owned(), group.into())));
        self.items.push((Value::Object(item), range.clone()));
    }

    /// The zone of a record set that is not read holds more than is known.
    fn mark_refused(&mut self, kind: &str, name: &str, range: &Range<usize>, context: &Context) {
        let is_link = kind.to_ascii_lowercase().ends_with("/virtualnetworklinks");
        let is_child = kind.to_ascii_lowercase().starts_with("microsoft.network/privatednszones/");
        if is_link || !is_child {
            return;
        }
        let apex = name.split('/').next().unwrap_or_default();
        let origin = self.origin(range.clone());
        if let Ok(apex) = self.assembly.names().intern_text(apex, NameId::ROOT) {
            let zone = self.assembly.zone_named(apex, context.target.group.as_deref(), origin);
            self.assembly.zone(zone).refused += 1;
        }
    }

    /// A template within this one.
    fn deployment(&mut self, range: &Range<usize>, members: &Members<'t>, context: &Context) {
        let properties = members.get("properties").unwrap_or(range.end..range.end);
        let properties = Members::of(self.text, properties);
        let Some(template) = properties.get("template") else {
            let message = "this deployment takes its template from elsewhere; it is not read";
            return self.note(NoteKind::Refused, message, range.clone());
        };
        let evaluator = Evaluator { frame: &context.frame, budget: &self.budget, depth: 0 };
        let text = |name| members.value(name).map(|value| evaluator.text(&value).ok());
        let mut inner = context.clone();
        inner.depth += 1;
        if let Some(subscription) = text("subscriptionId") {
            inner.target = Scope { subscription, group: None };
        }
        if let Some(group) = text("resourceGroup") {
            inner.target.group = group;
        }
        let options = properties.value("expressionEvaluationOptions").unwrap_or_default();
        if options["scope"].as_str().is_some_and(|scope| scope.eq_ignore_ascii_case("inner")) {
            let mut given = HashMap::new();
            if let Some(range) = properties.get("parameters") {
                let stated = Members::of(self.text, range);
                for member in &stated.members {
                    let name = stated.key(member);
                    let value = Members::of(self.text, member.value.clone()).value("value");
                    let value = match value {
                        None => Err(format!("parameter `{name}` is given no value")),
                        Some(value) => evaluator.resolve(&value).map_err(|problem| problem.reason),
                    };
                    given.insert(name.to_ascii_lowercase(), Parameter::Given(value));
                }
            }
            inner.frame = Frame {
                parameters: Rc::new(given),
                scope: inner.target.clone(),
                ..Frame::default()
            };
            self.template(template, &inner);
        } else if self.afford(&template) {
            // The expressions mean what they mean outside.
            inner.parent = None;
            let members = Members::of(self.text, template);
            if let Some(resources) = members.get("resources") {
                self.resources(resources, &inner);
            }
        }
    }

    fn finish(mut self) {
        if let Some((count, range)) = self.undeployed.take() {
            let resources = if count == 1 { "resource is" } else { "resources are" };
            let message = format!("{count} {resources} not deployed: the `condition` is false");
            self.note(NoteKind::Reading, message, range);
        }
        self.tell_namesakes();
        let items = std::mem::take(&mut self.items);
        let fates = arm::take_items(self.input, self.text, items, Extent::Unknown, self.assembly);
        fates.into_iter().for_each(|fate| self.assembly.count(self.input, fate));
    }

    /// Templates that state no resource group may mean one zone or several.
    fn tell_namesakes(&mut self) {
        let mut seen = BTreeSet::new();
        let mut namesakes = Vec::new();
        for (item, range) in &self.items {
            let zone = item["type"].as_str().unwrap_or_default();
            let is_zone = zone.eq_ignore_ascii_case("Microsoft.Network/privateDnsZones");
            let (Some(name), true) = (item["name"].as_str(), is_zone) else { continue };
            if item.get("resourceGroup").is_some() || !seen.insert(name.to_ascii_lowercase()) {
                continue;
            }
            let origin = self.origin(range.clone());
            let Ok(apex) = self.assembly.names().intern_text(name, NameId::ROOT) else { continue };
            let zone = self.assembly.zone_named(apex, None, origin);
            let other = self.assembly.zone(zone).origin.input;
            if other != self.input && self.assembly.kind(other) == self.assembly.kind(self.input) {
                namesakes.push((name.to_owned(), range.clone()));
            }
        }
        for (name, range) in namesakes {
            let message = format!(
                "zone `{name}` is in another template too, and neither says its resource group; \
                 both are read as one zone"
            );
            self.note(NoteKind::Reading, message, range);
        }
    }
}

/// Whether a resource of this type, or what is within it, is read.
fn is_used(kind: &str) -> bool {
    is_deployment(kind) || arm::is_template_read(kind)
}

fn is_deployment(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("Microsoft.Resources/deployments")
}

fn is_property(key: &str) -> bool {
    arm::property_named(key).is_some()
}

/// States what a template leaves to the service: a connection that is not
/// "manual" is approved when the endpoint is made.
///
/// Microsoft Learn, "Manage a Private Endpoint connection", the automatic approval method;
/// read 2026-11.
fn approve(properties: &mut Value) {
    let Some(Value::Array(connections)) = properties.get_mut("privateLinkServiceConnections")
    else {
        return;
    };
    for connection in connections {
        let Some(Value::Object(inner)) = connection.get_mut("properties") else { continue };
        inner
            .entry("privateLinkServiceConnectionState")
            .or_insert_with(|| serde_json::json!({ "status": "Approved" }));
    }
}

#[cfg(test)]
mod tests;

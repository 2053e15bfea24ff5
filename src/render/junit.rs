//! JUnit's XML, which most pipelines show as tests: a suite for each rule, a case
//! for each of its findings, or one that passes.

use std::borrow::Cow;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::uncertain::uncertain;
use super::{human, locate};
use crate::check::{Context, Judged, Judgement, Rule, Severity};

/// The report; what is below `fail_on` is skipped rather than failed, so that the
/// pipeline's verdict is that of the exit status.
pub fn report(
    context: &Context<'_>,
    judgement: &Judgement,
    fail_on: Severity,
) -> io::Result<String> {
    let suites: Vec<Suite> = judgement
        .rules
        .iter()
        .map(|rule| Suite {
            rule,
            cases: judgement
                .findings
                .iter()
                .filter(|one| one.finding.rule.name == rule.name)
                .map(|one| Case::new(context, one, fail_on))
                .collect(),
        })
        .collect();
    let sum = |count: fn(&Suite) -> usize| suites.iter().map(count).sum::<usize>().to_string();
    let (tests, failures, skipped) = (sum(Suite::tests), sum(Suite::failures), sum(Suite::skipped));
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer
        .create_element("testsuites")
        .with_attributes([
            ("name", "privdns"),
            ("tests", tests.as_str()),
            ("failures", &failures),
            ("skipped", &skipped),
            ("errors", "0"),
        ])
        .write_inner_content(|writer| {
            let uncertain = uncertain(context);
            if !uncertain.is_empty() {
                let properties = writer.create_element("properties");
                properties.write_inner_content(|writer| {
                    uncertain.iter().try_for_each(|why| {
                        let (name, value) = ("not certain", clean(why));
                        let property = writer.create_element("property");
                        let property =
                            property.with_attributes([("name", name), ("value", &*value)]);
                        property.write_empty().map(drop)
                    })
                })?;
            }
            suites.iter().try_for_each(|suite| suite.write(writer))
        })?;
    let mut text = String::from_utf8(writer.into_inner()).map_err(io::Error::other)?;
    text.push('\n');
    Ok(text)
}

struct Suite {
    rule: &'static Rule,
    cases: Vec<Case>,
}

impl Suite {
    /// A rule that finds nothing is a test that passes.
    fn tests(&self) -> usize {
        self.cases.len().max(1)
    }

    fn failures(&self) -> usize {
        self.cases.iter().filter(|case| case.fails).count()
    }

    fn skipped(&self) -> usize {
        self.cases.len() - self.failures()
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        let (tests, failures, skipped) =
            (self.tests().to_string(), self.failures().to_string(), self.skipped().to_string());
        let suite = writer.create_element("testsuite").with_attributes([
            ("name", self.rule.name),
            ("tests", tests.as_str()),
            ("failures", &failures),
            ("skipped", &skipped),
            ("errors", "0"),
        ]);
        suite.write_inner_content(|writer| {
            if self.cases.is_empty() {
                let attributes =
                    [("classname", self.rule.name), ("name", "no finding"), ("time", "0")];
                writer.create_element("testcase").with_attributes(attributes).write_empty()?;
            }
            self.cases.iter().try_for_each(|case| case.write(self.rule, writer))
        })?;
        Ok(())
    }
}

struct Case {
    name: String,
    place: Option<(String, String)>,
    severity: &'static str,
    fails: bool,
    text: String,
}

impl Case {
    fn new(context: &Context<'_>, judged: &Judged, fail_on: Severity) -> Case {
        let finding = &judged.finding;
        let place = finding.places.first().map(|place| {
            let located = locate(context.estate(), place.origin);
            (clean(located.path).into_owned(), located.line.to_string())
        });
        let text = human::plain(&human::finding(context, judged, None));
        Case {
            name: clean(&finding.message.replace(['\n', '\r', '\t'], " ")).into_owned(),
            place,
            severity: finding.severity.name(),
            fails: finding.severity >= fail_on,
            text: clean(&text).into_owned(),
        }
    }

    fn write(&self, rule: &Rule, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        let mut case = writer
            .create_element("testcase")
            .with_attributes([("classname", rule.name), ("name", self.name.as_str())]);
        if let Some((file, line)) = &self.place {
            case = case.with_attributes([("file", file.as_str()), ("line", line)]);
        }
        case.with_attribute(("time", "0")).write_inner_content(|writer| {
            let message = format!("{}: {}", self.severity, self.name);
            let element = match self.fails {
                true => writer.create_element("failure").with_attribute(("type", self.severity)),
                false => writer.create_element("skipped"),
            };
            element
                .with_attribute(("message", message.as_str()))
                .write_text_content(BytesText::new(&self.text))?;
            Ok(())
        })?;
        Ok(())
    }
}

/// Without what XML 1.0 cannot hold, even escaped (section 2.2).
fn clean(text: &str) -> Cow<'_, str> {
    let refused = |c: char| {
        (c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r'))
            || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    // DEL is a character of XML.
    let refused = |c: char| refused(c) && c != '\u{7f}';
    match text.contains(refused) {
        true => text.replace(refused, "\u{fffd}").into(),
        false => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        assert_eq!(clean("a\u{0}b\u{1b}[0m\n"), "a\u{fffd}b\u{fffd}[0m\n");
        assert_eq!(clean("<é>\u{7f}"), "<é>\u{7f}");
    }
}

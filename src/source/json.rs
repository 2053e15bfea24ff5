//! Finding the values of a JSON text without parsing them.
//!
//! serde_json reads a whole document or nothing. An export is a long list of
//! items, of which one may be broken or cut off; so the lists are walked here,
//! by brackets and quotes only, and each item is parsed by itself.

use std::ops::Range;

use serde::Deserialize;

/// Where and why the walk stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// The octet.
    pub at: usize,
    /// What was expected and what was found.
    pub message: String,
}

fn broken<T>(at: usize, message: impl Into<String>) -> Result<T, Broken> {
    Err(Broken { at, message: message.into() })
}

fn found(text: &str, at: usize) -> String {
    match text.get(at..).and_then(|rest| rest.chars().next()) {
        Some(character) => format!("found `{}`", character.escape_default()),
        None => "the text ends".to_owned(),
    }
}

pub(super) fn skip_space(text: &str, mut at: usize) -> usize {
    let octets = text.as_bytes();
    while octets.get(at).is_some_and(|octet| b" \t\r\n".contains(octet)) {
        at += 1;
    }
    at
}

/// The end of the string that starts at `at`.
fn skip_string(text: &str, at: usize) -> Result<usize, Broken> {
    let octets = text.as_bytes();
    let mut next = at + 1;
    while let Some(step) = octets.get(next..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        next += step;
        if octets[next] == b'"' {
            return Ok(next + 1);
        }
        next += 2;
    }
    broken(at, "this string has no end")
}

/// The end of the value that starts at `at`, by brackets and quotes only.
pub(super) fn skip_value(text: &str, at: usize) -> Result<usize, Broken> {
    let octets = text.as_bytes();
    match octets.get(at) {
        Some(b'"') => skip_string(text, at),
        Some(b'{' | b'[') => {
            let mut depth = 0usize;
            let mut next = at;
            while let Some(&octet) = octets.get(next) {
                match octet {
                    b'"' => {
                        next = skip_string(text, next)?;
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => {
                        depth -= 1;
                        if depth == 0 {
                            return Ok(next + 1);
                        }
                    }
                    _ => {}
                }
                next += 1;
            }
            broken(at, "this value has no end: the text ends first")
        }
        Some(octet) if octet.is_ascii_alphanumeric() || *octet == b'-' => {
            let rest = &octets[at..];
            let plain = |octet: &u8| octet.is_ascii_alphanumeric() || b"+-.".contains(octet);
            Ok(at + rest.iter().position(|octet| !plain(octet)).unwrap_or(rest.len()))
        }
        _ => broken(at, format!("expected a value, {}", found(text, at))),
    }
}

/// The elements of the array that starts at `start`; after a break, what can
/// still be found behind it.
pub(super) struct Elements<'t> {
    text: &'t str,
    at: usize,
    done: bool,
}

impl<'t> Elements<'t> {
    pub fn new(text: &'t str, start: usize) -> Self {
        Elements { text, at: start + 1, done: false }
    }

    /// After an element turned out to be no JSON: goes on at the first object
    /// within it that opens as the element did, for quotes that do not pair up
    /// join neighbours.
    pub fn resume_within(&mut self, element: &Range<usize>) {
        let indent = line_indent(self.text, element.start);
        if let Some(next) = next_object(self.text, element.start + 1, indent)
            && next < element.end
        {
            self.at = next;
        }
    }

    /// The next element, where it is an object that parses as `T`: it is walked once then, by
    /// the parser. Otherwise nothing is passed over, and [`Elements::next`] tells what stands
    /// there.
    pub fn next_parsed<T: Deserialize<'t>>(&mut self) -> Option<(T, Range<usize>)> {
        let start = self.skip_separators();
        let rest = self.text.get(start..).filter(|rest| rest.starts_with('{'))?;
        let mut values = serde_json::Deserializer::from_str(rest).into_iter();
        let value = values.next()?.ok()?;
        self.at = start + values.byte_offset();
        Some((value, start..self.at))
    }

    /// The start of the next element, or of what ends the list.
    fn skip_separators(&self) -> usize {
        let mut at = skip_space(self.text, self.at);
        while self.text.as_bytes().get(at) == Some(&b',') {
            at = skip_space(self.text, at + 1);
        }
        at
    }
}

impl Iterator for Elements<'_> {
    type Item = Result<Range<usize>, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let octets = self.text.as_bytes();
        let at = self.skip_separators();
        match octets.get(at) {
            Some(b']') => {
                self.done = true;
                None
            }
            None => {
                self.done = true;
                Some(broken(at, "the text ends inside a list: it was cut off"))
            }
            Some(_) => match skip_value(self.text, at) {
                Ok(end) => {
                    self.at = end;
                    Some(Ok(at..end))
                }
                Err(error) => {
                    // What follows is found again at the next line that opens an object
                    // at the same indent, as every tool writes lists.
                    let indent = line_indent(self.text, at);
                    match next_object(self.text, at + 1, indent) {
                        Some(next) => self.at = next,
                        None => self.done = true,
                    }
                    Some(Err(error))
                }
            },
        }
    }
}

/// The white space before `at` on its line, if there is nothing else.
fn line_indent(text: &str, at: usize) -> Option<&str> {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let indent = &text[start..at];
    indent.trim().is_empty().then_some(indent)
}

fn next_object(text: &str, mut from: usize, indent: Option<&str>) -> Option<usize> {
    let opening = format!("\n{}{{", indent?);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let at = text.get(from..)?.find(&opening)?;
    Some(from + at + opening.len() - 1)
}

/// A member of an object: where its key (without quotes) and its value stand.
pub(super) struct Member {
    pub key: Range<usize>,
    pub value: Range<usize>,
}

/// The members of the object that starts at `start`, up to the first break.
pub(super) fn members(text: &str, start: usize) -> (Vec<Member>, Option<Broken>) {
    let mut members = Vec::new();
    let octets = text.as_bytes();
    let mut at = start + 1;
    loop {
        at = skip_space(text, at);
        match octets.get(at) {
            Some(b',') => at += 1,
            Some(b'}') => return (members, None),
            Some(b'"') => {
                let key = match skip_string(text, at) {
                    Ok(end) => at + 1..end - 1,
                    Err(error) => return (members, Some(error)),
                };
                at = skip_space(text, key.end + 1);
                if octets.get(at) != Some(&b':') {
                    let message = format!("expected `:`, {}", found(text, at));
                    return (members, Some(Broken { at, message }));
                }
                at = skip_space(text, at + 1);
                match skip_value(text, at) {
                    Ok(end) => {
                        members.push(Member { key, value: at..end });
                        at = end;
                    }
                    Err(error) => {
                        // An array that was cut off still has elements.
                        if octets.get(at) == Some(&b'[') {
                            members.push(Member { key, value: at..text.len() });
                            return (members, None);
                        }
                        return (members, Some(error));
                    }
                }
            }
            _ => {
                let message = format!("expected a key in quotes or `}}`, {}", found(text, at));
                return (members, Some(Broken { at, message }));
            }
        }
    }
}

/// The first place from `from` on where a line starts a value.
pub(super) fn next_value(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let next = skip_space(text, at);
        match text.as_bytes().get(next)? {
            b'{' | b'[' => return Some(next),
            _ => at = next + text[next..].find('\n')?,
        }
    }
}

/// Whether the text, which starts with a bracket, goes on as JSON does: consoles write
/// `[stdout]`.
pub(super) fn may_start(text: &str) -> bool {
    let rest = text.trim_start();
    let Some(rest) = rest.strip_prefix('[') else { return true };
    let rest = rest.trim_start();
    let word = rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
    !rest.starts_with(|c: char| c.is_alphabetic()) || ["true", "false", "null"].contains(&word)
}

/// Whether some line starts a JSON value that goes on over lines.
pub(super) fn starts_in_a_line(text: &str) -> bool {
    next_value(text, 0).is_some_and(|at| {
        let line = text[at..].lines().next().unwrap_or("").trim_end();
        matches!(line, "{" | "[" | "[]" | "{}") || line.starts_with("{\"") || line.starts_with("[{")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(text: &str) -> Vec<Result<&str, String>> {
        Elements::new(text, 0)
            .map(|element| element.map(|range| &text[range]).map_err(|error| error.message))
            .collect()
    }

    #[test]
    fn elements_are_found_whatever_they_hold() {
        assert_eq!(elements(r#"[1, "]\"", {"a": ["}"]} ,null]"#).len(), 4);
        assert_eq!(elements("[]"), []);
    }

    #[test]
    fn an_element_that_parses_is_passed_over_once() {
        let text = r#"[ {"a": 1}, {"a": "x"}, [3], {"a": 4} , {"a""#;
        let mut elements = Elements::new(text, 0);
        type Numbers = std::collections::BTreeMap<String, u8>;
        let mut parsed = Vec::new();
        let mut others = Vec::new();
        loop {
            match elements.next_parsed::<Numbers>() {
                Some((value, range)) => parsed.push((value["a"], &text[range])),
                None => match elements.next() {
                    Some(Ok(range)) => others.push(&text[range]),
                    _ => break,
                },
            }
        }
        assert_eq!(parsed, [(1, "{\"a\": 1}"), (4, "{\"a\": 4}")]);
        assert_eq!(others, ["{\"a\": \"x\"}", "[3]"]);
    }

    #[test]
    fn a_cut_list_gives_what_came_before_the_cut() {
        let found = elements("[{\"a\": 1}, {\"a\": 2}, {\"a\":");
        assert_eq!(found[..2], [Ok("{\"a\": 1}"), Ok("{\"a\": 2}")]);
        assert_eq!(found[2], Err("this value has no end: the text ends first".to_owned()));
        assert_eq!(found.len(), 3);
        assert_eq!(elements("[1, ").len(), 2);
    }

    #[test]
    fn the_list_goes_on_behind_a_missing_quote() {
        let text = "[\n  {\n    \"a\": \"1\n  },\n  {\n    \"a\": \"2\"\n  }\n]";
        let found = elements(text);
        assert!(found[0].is_err());
        assert_eq!(found[1], Ok("{\n    \"a\": \"2\"\n  }"));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn hostile_text_ends_the_walk() {
        for text in ["[", "[\"\\", "[{{{{", "[é", "[,,,", "[:]", &"[".repeat(100_000)] {
            assert!(elements(text).len() < 3, "{text:.9}");
            let _ = members(text, 0);
        }
    }

    #[test]
    fn values_between_other_lines_are_found() {
        assert!(starts_in_a_line("$ az network vnet list\n[\n  {}\n]\n"));
        assert!(!starts_in_a_line("some text\n[link] to something\n"));
    }
}

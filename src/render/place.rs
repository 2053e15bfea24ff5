//! From an [`Origin`] to a line worth showing.

use std::ops::Range;

use crate::estate::{Estate, Input, Origin};

/// A place within one line of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<'e> {
    /// The path of the input.
    pub path: &'e str,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The whole line.
    pub text: &'e str,
    /// The octets of the line that are meant.
    pub span: Range<usize>,
}

/// The line of a place that says most.
///
/// An item of JSON goes over many lines; what names it is its `name`.
pub fn locate(estate: &Estate, origin: Origin) -> Located<'_> {
    let input = estate.input(origin.input);
    let start = (origin.start as usize).min(input.text.len());
    let end = (start + origin.length as usize).min(input.text.len());
    let range = match input.text.get(start..end) {
        Some(text) if text.contains('\n') => named_line(text, start),
        Some(text) => {
            named_member(text).map_or(start..end, |own| start + own.start..start + own.end)
        }
        _ => start..end,
    };
    at(input, range)
}

/// Within a JSON item that starts at `start`: its own `"name": …`; else its first line.
fn named_line(item: &str, start: usize) -> Range<usize> {
    let first = item.find('\n').map_or(start..start + item.len(), |end| start..start + end);
    if !item.starts_with('{') {
        return first;
    }
    let mut best: Option<(usize, Range<usize>)> = None;
    let mut offset = start;
    for line in item.split_inclusive('\n') {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        if text.starts_with("\"name\":") && best.as_ref().is_none_or(|best| indent < best.0) {
            let text = text.trim_end().trim_end_matches(',');
            best = Some((indent, offset + indent..offset + indent + text.len()));
        }
        offset += line.len();
    }
    best.map_or(first, |best| best.1)
}

/// Within a JSON item on one line: its own `"name": …`.
fn named_member(item: &str) -> Option<Range<usize>> {
    let octets = item.as_bytes();
    if !item.starts_with('{') {
        return None;
    }
    let (mut depth, mut at) = (0usize, 0);
    let mut name = None;
    while at < octets.len() {
        match octets[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let end = string_end(octets, at)?;
                match name {
                    // The value after the name; only a text is worth showing.
                    Some(start) if depth == 1 => return Some(start..end),
                    _ if depth == 1 && &item[at..end] == "\"name\"" => name = Some(at),
                    _ => {}
                }
                at = end - 1;
            }
            b',' if depth == 1 => name = None,
            _ => {}
        }
        at += 1;
    }
    None
}

/// Behind the string that starts at `start`.
fn string_end(octets: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match octets.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at + 1),
            _ => at += 1,
        }
    }
}

fn at(input: &Input, range: Range<usize>) -> Located<'_> {
    let mut start = range.start;
    while !input.text.is_char_boundary(start) {
        start -= 1;
    }
    let (line, column) = input.position(start as u32);
    let line_start = memchr::memrchr(b'\n', &input.text.as_bytes()[..start]).map_or(0, |at| at + 1);
    let rest = &input.text[line_start..];
    let text = rest.lines().next().unwrap_or("");
    let from = start - line_start;
    let mut to = (range.end.max(start + 1) - line_start).min(text.len()).max(from);
    while !text.is_char_boundary(to) {
        to += 1;
    }
    Located { path: &input.path, line, column, text, span: from..to }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::{Assembly, InputId};

    #[test]
    fn an_item_is_shown_by_its_own_name() {
        let text = "[\n  {\n    \"id\": \"x\",\n    \"inner\": {\n      \"name\": \"no\"\n    },\n    \"name\": \"yes\",\n    \"z\": 1\n  }\n]";
        let mut assembly = Assembly::default();
        let input = assembly.add_input("a.json", "az-json", String::new(), text.to_owned());
        let estate = assembly.finish();
        let origin = Origin { input, start: 4, length: (text.len() - 6) as u32 };
        let located = locate(&estate, origin);
        assert_eq!((located.line, located.column), (7, 5));
        assert_eq!(&located.text[located.span.clone()], "\"name\": \"yes\"");
    }

    #[test]
    fn an_item_on_one_line_is_shown_by_its_own_name() {
        let text =
            r#"[{"id":"a\"b","inner":{"name":"no"},"list":["name","x"],"name" : "yes","z":1}]"#;
        let mut assembly = Assembly::default();
        let input = assembly.add_input("a.json", "az-json", String::new(), text.to_owned());
        let estate = assembly.finish();
        let length = (text.len() - 2) as u32;
        let located = locate(&estate, Origin { input, start: 1, length });
        assert_eq!(&located.text[located.span.clone()], r#""name" : "yes""#);
    }

    #[test]
    fn a_place_behind_the_end_is_the_end() {
        let mut assembly = Assembly::default();
        assembly.add_input("a", "estate", String::new(), "é\n".to_owned());
        let estate = assembly.finish();
        let located = locate(&estate, Origin { input: InputId(0), start: 99, length: 9 });
        assert_eq!((located.line, located.column), (2, 1));
        let located = locate(&estate, Origin { input: InputId(0), start: 1, length: 1 });
        assert_eq!((located.line, located.column), (1, 1));
    }
}

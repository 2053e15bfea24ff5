//! Prose that fits the terminal it goes to.

use textwrap::{Options, WordSeparator, WordSplitter};

/// The narrowest a terminal is taken to be.
const NARROWEST: usize = 40;

/// How far in a label may stand before its text, as in `  answer    10.0.0.4`.
const LABELLED: usize = 16;

/// Text whose lines have at most `width` columns; without one, as it is.
///
/// What does not fit goes on below where the text of its line starts, after its bullet or
/// label. Names stay in one piece however long they are, and so do commands, which are meant to
/// be copied: lines that start with the name of a shell's program.
pub fn fit(text: &str, width: Option<u16>) -> String {
    let Some(width) = width.map(usize::from) else { return text.to_owned() };
    let width = width.max(NARROWEST);
    let line = |line: &str| match textwrap::core::display_width(line) > width && !is_command(line) {
        true => fold(line, width, hang(line)),
        false => line.to_owned(),
    };
    let lines: Vec<String> = text.split('\n').map(line).collect();
    lines.join("\n")
}

/// One line in as many as it takes, those after the first set in by `indent`.
pub fn fold(line: &str, width: usize, indent: usize) -> String {
    let start = line.len() - line.trim_start_matches(' ').len();
    let (margin, rest) = line.split_at(start);
    let below = " ".repeat(indent);
    let options = Options::new(width)
        .initial_indent(margin)
        .subsequent_indent(&below)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false);
    textwrap::fill(rest, options)
}

/// Where the text of a line starts: after its margin, and its bullet or label.
fn hang(line: &str) -> usize {
    let plain = super::human::plain(line);
    let margin = plain.len() - plain.trim_start_matches(' ').len();
    let rest = &plain[margin..];
    if rest.starts_with(['-', '?', '*', '→', '#']) && rest.split_once(' ').is_some() {
        return margin + 2;
    }
    // A label is followed by two spaces at least.
    let label = rest.find("  ").map(|at| {
        let after = rest[at..].len() - rest[at..].trim_start_matches(' ').len();
        margin + rest[..at].chars().count() + after
    });
    label.filter(|&at| at <= LABELLED).unwrap_or(margin + 2)
}

fn is_command(line: &str) -> bool {
    let plain = super::human::plain(line);
    let text = plain.trim_start_matches([' ', '|', '=', '$']);
    ["az ", "privdns ", "dig ", "nslookup ", "Resolve-DnsName "]
        .iter()
        .any(|program| text.starts_with(program))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_below_their_text() {
        let text = "  answer    one two three four five six seven eight\n\
                    - a bullet that is longer than forty columns are\n\
                    short\n\
                    az network private-dns zone list --query '[].name'\n";
        insta::assert_snapshot!(fit(text, Some(20)), @"
          answer    one two three four five six
                    seven eight
        - a bullet that is longer than forty
          columns are
        short
        az network private-dns zone list --query '[].name'
        ");
        assert_eq!(fit(text, None), text);
    }

    #[test]
    fn colours_take_no_columns() {
        let bold = anstyle::Style::new().bold();
        let text = format!("{bold}{}{bold:#} end", "x".repeat(35));
        assert_eq!(fit(&text, Some(40)), text);
    }
}

//! Tables that fit a width.

use comfy_table::{ContentArrangement, Table, presets};

/// The narrowest a table is drawn; below it, comfy-table gives columns one character.
const NARROWEST: u16 = 40;

/// The shortest lines that cells are broken into between words and labels.
const SHORTEST: usize = 8;

/// The blanks between two columns.
const GAP: u16 = 2;

/// A table without lines; `width` in columns, as wide as it needs to be without one.
///
/// In a narrow one names are broken between labels, so that they can still be read.
pub fn table<R, C>(header: &[&str], rows: R, width: Option<u16>) -> String
where
    R: IntoIterator<Item = C>,
    C: IntoIterator<Item = String>,
{
    let mut rows: Vec<Vec<String>> =
        rows.into_iter().map(|row| row.into_iter().collect()).collect();
    rows.insert(0, header.iter().map(|&word| word.to_owned()).collect());
    let (rows, width) = narrowed(rows, width);
    let mut rows = rows.into_iter();
    let mut table = new(width);
    table.set_header(rows.next().unwrap_or_default());
    finish(table, rows)
}

/// Pairs of a word and what it is about, indented.
pub fn list(rows: impl IntoIterator<Item = (String, String)>, width: Option<u16>) -> String {
    finish(new(width), rows.into_iter().map(|(head, body)| vec![format!("  {head}"), body]))
}

/// Rows of a table, and the width that comfy-table is to make them fit, if it must.
type Fitted = (Vec<Vec<String>>, Option<u16>);

/// The rows with cells broken into lines that are no shorter than they must be for all to fit.
fn narrowed(rows: Vec<Vec<String>>, width: Option<u16>) -> Fitted {
    let Some(room) = width.map(|width| usize::from(width.max(NARROWEST))) else {
        return (rows, None);
    };
    let fits = |rows: &[Vec<String>]| {
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let longest = |cell: &String| cell.lines().map(|line| line.chars().count()).max();
        let column = |at: usize| rows.iter().filter_map(|row| longest(row.get(at)?)).max();
        let cells: usize = (0..columns).filter_map(column).sum();
        cells + usize::from(GAP) * columns.saturating_sub(1) <= room
    };
    let folded = |limit: usize, longest: usize| -> Vec<Vec<String>> {
        let fold = |cell: &String| fold(cell, limit, longest);
        rows.iter().map(|row| row.iter().map(fold).collect()).collect()
    };
    if fits(&rows) {
        return (rows, None);
    }
    let whole = (SHORTEST..room).rev().map(|limit| folded(limit, usize::MAX));
    // Labels that are too long are broken, and no others.
    let broken = (1..room).rev().map(|limit| folded(limit, limit));
    match whole.chain(broken).find(|rows| fits(rows)) {
        Some(rows) => (rows, None),
        None => (rows, width),
    }
}

/// A text in lines of at most `limit` characters where its words and labels allow that; those
/// with more than `longest` are broken as well.
fn fold(text: &str, limit: usize, longest: usize) -> String {
    let indent = text.len() - text.trim_start().len();
    let longest = longest.saturating_sub(indent).max(1);
    let mut lines = vec![" ".repeat(indent)];
    let mut start = true;
    for word in text.split_whitespace() {
        // An address stays in one piece.
        let breaks = |c: char| matches!(c, '.' | '/') && word.contains(char::is_alphabetic);
        let pieces = word.split_inclusive(breaks).flat_map(|piece| parts(piece, longest));
        for (at, piece) in pieces.enumerate() {
            let gap = if at == 0 && !start { " " } else { "" };
            let last = lines.len() - 1;
            let used = lines[last].chars().count() + gap.len() + piece.chars().count();
            if used > limit && !start {
                lines.push(format!("{}{piece}", " ".repeat(indent)));
            } else {
                lines[last].push_str(gap);
                lines[last].push_str(piece);
            }
            start = false;
        }
    }
    lines.join("\n")
}

/// A text in parts of so many characters.
fn parts(text: &str, longest: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = rest.char_indices().nth(longest).map_or(rest.len(), |(end, _)| end);
        let (part, tail) = rest.split_at(end);
        rest = tail;
        (!part.is_empty()).then_some(part)
    })
}

fn new(width: Option<u16>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty();
    match width {
        Some(width) => {
            table
                .set_content_arrangement(ContentArrangement::Dynamic)
                .set_width(width.max(NARROWEST));
        }
        None => {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
    }
    table
}

fn finish(mut table: Table, rows: impl Iterator<Item = Vec<String>>) -> String {
    for row in rows {
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    let mut text = table.trim_fmt();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_broken_between_labels() {
        let name = "prodbatchne.northeurope.batch.azure.com".to_owned();
        let hop = "  2 nwlnetrack.privatelink.blob.core.windows.net".to_owned();
        insta::assert_snapshot!(table(&["endpoint", "first hop"], [[name.clone(), hop.clone()]], Some(44)), @"
        endpoint            first hop
        prodbatchne.          2 nwlnetrack.
        northeurope.batch.    privatelink.blob.
        azure.com             core.windows.net
        ");
        let wide = table(&["endpoint", "first hop"], [[name, hop]], Some(200));
        assert_eq!(wide.lines().count(), 2);
    }

    #[test]
    fn of_labels_only_those_are_broken_that_do_not_fit() {
        let long = "256d0495-f956-4269-92ee-78c510a13d91.service.batch.azure.com".to_owned();
        let rows = [
            [long.clone(), "10.10.4.10".to_owned(), format!("1 {long}")],
            ["simbatchne.privatelink.azure.com".to_owned(), "10.0.0.1".to_owned(), "-".to_owned()],
        ];
        insta::assert_snapshot!(table(&["endpoint", "expected", "hop"], rows, Some(60)), @"
    endpoint                 expected    hop
    256d0495-f956-4269-92ee  10.10.4.10  1
    -78c510a13d91.service.               256d0495-f956-4269-92ee
    batch.azure.com                      -78c510a13d91.service.
                                         batch.azure.com
    simbatchne.privatelink.  10.0.0.1    -
    azure.com
    ");
    }

    #[test]
    fn what_cannot_be_broken_stays_within_the_width_all_the_same() {
        let long = "x".repeat(60);
        let text = table(&["a", "b"], [[long.clone(), long]], Some(50));
        assert!(text.lines().all(|line| line.len() <= 50), "{text}");
    }
}

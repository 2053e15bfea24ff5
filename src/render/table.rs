//! Tables that fit a width.

use comfy_table::{ContentArrangement, Table, presets};

/// The narrowest a table is drawn; below it, comfy-table gives columns one character.
const NARROWEST: u16 = 40;

/// A table without lines; `width` in columns, as wide as it needs to be without one.
pub fn table<R, C>(header: &[&str], rows: R, width: Option<u16>) -> String
where
    R: IntoIterator<Item = C>,
    C: IntoIterator<Item = String>,
{
    let mut table = new(width);
    table.set_header(header.to_vec());
    finish(table, rows)
}

/// Pairs of a word and what it is about, indented.
pub fn list(rows: impl IntoIterator<Item = (String, String)>, width: Option<u16>) -> String {
    finish(new(width), rows.into_iter().map(|(head, body)| [format!("  {head}"), body]))
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

fn finish<R, C>(mut table: Table, rows: R) -> String
where
    R: IntoIterator<Item = C>,
    C: IntoIterator<Item = String>,
{
    for row in rows {
        table.add_row(row.into_iter().collect::<Vec<String>>());
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let mut text = table.trim_fmt();
    text.push('\n');
    text
}

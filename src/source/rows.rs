//! Rows of Resource Graph: `{columns, rows}` tables of the REST API, rows whose
//! query projected parts of `properties`, and CSV from the portal or `Export-Csv`.
//!
//! ```text
//! id,name,type,properties
//! /subscriptions/…/privateDnsZones/contoso.com/A/nas,nas,…,"{""ttl"":300,""records"":[…]}"
//! ```
//!
//! A column `properties_virtualNetwork_id` holds `properties.virtualNetwork.id`.
//! Such names are in the sample answers of the REST reference "Resources - Resources"
//! (Resource Graph, 2024-04-01); read 2026-11. Tables (`resultFormat: table`) and the
//! portal's CSV are read as documented; no recorded one was at hand.

use std::ops::Range;

use serde_json::{Map, Value};

use super::arm;
use super::json::{self, Elements};
use crate::estate::{Assembly, Extent, Fate, InputId, NoteKind, Origin};

/// How a column is called that was a part of `properties`.
pub(super) const PROJECTED: &str = "properties_";

/// The item that a row describes, or why it describes none.
pub(super) fn item(row: impl IntoIterator<Item = (String, Value)>) -> Result<Value, String> {
    let mut item = Map::new();
    let mut properties = Map::new();
    for (column, value) in row {
        if value.is_null() || value.as_str() == Some("") {
            continue;
        }
        let same = |name: &&&str| name.eq_ignore_ascii_case(&column);
        if let Some(name) = ["id", "name", "type", "location", "resourceGroup"].iter().find(same) {
            item.insert((*name).to_owned(), value);
        } else if column.eq_ignore_ascii_case("ResourceId") {
            // `Search-AzGraph` adds it to what has an `id` already.
            item.entry("id").or_insert(value);
        } else if column.eq_ignore_ascii_case("properties") {
            match value {
                Value::Object(stated) => properties.extend(stated),
                Value::String(text) => match serde_json::from_str(&text) {
                    Ok(Value::Object(stated)) => properties.extend(stated),
                    _ => {
                        let shown: String = text.chars().take(40).collect();
                        return Err(format!("expected JSON in `properties`, found `{shown}`"));
                    }
                },
                other => return Err(format!("expected JSON in `properties`, found `{other}`")),
            }
        } else if let Some(path) = column
            .get(..PROJECTED.len())
            .filter(|head| head.eq_ignore_ascii_case(PROJECTED))
            .and_then(|head| column.get(head.len()..))
        {
            place(&mut properties, path, value);
        } else if let Some(name) = arm::property_named(&column) {
            properties.insert(name.to_owned(), value);
        }
    }
    if !item.get("id").is_some_and(Value::is_string) {
        return Err("this row has no `id`; query again with `| project id, name, type, location, \
                    resourceGroup, properties`"
            .to_owned());
    }
    item.insert("properties".to_owned(), Value::Object(properties));
    Ok(Value::Object(item))
}

/// Puts a value where `virtualNetwork_id` says.
fn place(properties: &mut Map<String, Value>, path: &str, value: Value) {
    let (name, inner) = path.split_once('_').unwrap_or((path, ""));
    // The portal may write the columns in capitals.
    let name = arm::property_named(name).unwrap_or(name);
    if inner.is_empty() {
        properties.insert(name.to_owned(), value);
        return;
    }
    let outer = properties.entry(name).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(outer) = outer {
        // What is read lies one level down, such as `id` and `dnsServers`.
        let inner = if inner.eq_ignore_ascii_case("id") { "id" } else { inner };
        outer.insert(inner.to_owned(), value);
    }
}

/// Whether the value is a table.
pub(super) fn is_table(text: &str, range: &Range<usize>) -> bool {
    columns_and_rows(text, range).is_some()
}

fn columns_and_rows(text: &str, range: &Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
    // A table has no more than these two, so that other objects are not walked through.
    let rest = text[range.clone()].strip_prefix('{')?.trim_start();
    if !rest.starts_with("\"columns\"") && !rest.starts_with("\"rows\"") {
        return None;
    }
    let (members, _) = json::members(text, range.start);
    let list = |name: &str| {
        let member = members.iter().find(|member| &text[member.key.clone()] == name)?;
        text[member.value.clone()].starts_with('[').then(|| member.value.clone())
    };
    Some((list("columns")?, list("rows")?))
}

/// The items of a table, or why a row is none, each with its place.
pub(super) fn table(text: &str, range: Range<usize>) -> Vec<(Result<Value, String>, Range<usize>)> {
    let Some((columns, rows)) = columns_and_rows(text, &range) else { return Vec::new() };
    let columns: Vec<Value> = serde_json::from_str(&text[columns]).unwrap_or_default();
    let columns: Vec<&str> =
        columns.iter().map(|column| column["name"].as_str().unwrap_or("")).collect();
    let rows = Elements::new(text, rows.start);
    rows.map(|row| match row {
        Ok(row) => {
            let item = match serde_json::from_str::<Vec<Value>>(&text[row.clone()]) {
                Ok(cells) if cells.len() == columns.len() => {
                    item(columns.iter().map(|&column| column.to_owned()).zip(cells))
                }
                Ok(cells) => Err(uneven(columns.len(), cells.len())),
                Err(error) => Err(format!("expected a row of cells: {error}")),
            };
            (item, row)
        }
        Err(broken) => (Err(broken.message), broken.at..(broken.at + 1).min(text.len())),
    })
    .collect()
}

fn uneven(columns: usize, cells: usize) -> String {
    format!("expected {columns} cells, found {cells}")
}

/// Whether the text is CSV whose first line names an `id` column.
pub(super) fn recognise(text: &str) -> bool {
    delimiter(text).is_some()
}

/// Where the header starts, and what divides the cells: a comma, or what else
/// Excel and `Export-Csv -UseCulture` write.
fn delimiter(text: &str) -> Option<(usize, u8)> {
    let mut start = json::skip_space(text, 0);
    // Windows PowerShell writes the type of the objects first.
    if text[start..].starts_with("#TYPE") {
        start += text[start..].find('\n')? + 1;
    }
    let header = text[start..].lines().next()?;
    let cells = |by: char| header.split(by).map(|cell| cell.trim().trim_matches('"'));
    let is_name = |cell: &str| cell.chars().all(|c| c.is_ascii_alphanumeric() || "_ .".contains(c));
    let is_id = |cell: &str| ["id", "ResourceId"].iter().any(|id| id.eq_ignore_ascii_case(cell));
    let by = [',', ';', '\t']
        .into_iter()
        .find(|&by| cells(by).count() > 1 && cells(by).all(is_name) && cells(by).any(is_id))?;
    Some((start, by as u8))
}

/// The cells of a row, or why there are none, and where it stands.
pub(super) type Row = (Result<csv::StringRecord, String>, Range<usize>);

/// The columns of a CSV that starts at `start`, and its rows with the place of each; a row
/// with other cells than columns says so.
pub(super) fn records(text: &str, start: usize, delimiter: u8) -> (Vec<String>, Vec<Row>) {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(&text.as_bytes()[start..]);
    let columns: Vec<String> = match reader.headers() {
        Ok(columns) => columns.iter().map(|column| column.trim().to_owned()).collect(),
        Err(_) => Vec::new(),
    };
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    // The text is UTF-8 and held in memory, so that nothing can fail but the end of it.
    while reader.read_record(&mut record).unwrap_or(false) {
        let begin = record.position().map_or(start, |position| start + position.byte() as usize);
        let end = (start + reader.position().byte() as usize).min(text.len());
        let slice = text.get(begin..end).unwrap_or("");
        let skipped = slice.len() - slice.trim_start().len();
        let range = begin + skipped..begin + skipped + slice.trim().len();
        let row = match record.len() == columns.len() {
            true => Ok(record.clone()),
            false => Err(uneven(columns.len(), record.len())),
        };
        rows.push((row, range));
    }
    (columns, rows)
}

/// Reads the rows of a CSV into `assembly`.
pub(super) fn read(input: InputId, text: &str, assembly: &mut Assembly) {
    let (start, delimiter) = delimiter(text).unwrap_or((0, b','));
    let (columns, rows) = records(text, start, delimiter);
    let (mut items, mut extent) = (Vec::new(), Extent::Whole);
    for (row, range) in rows {
        let cells = |row: csv::StringRecord| {
            item(columns.iter().cloned().zip(row.iter().map(cell).collect::<Vec<_>>()))
        };
        match row.and_then(cells) {
            Ok(item) => items.push((item, range)),
            Err(message) => {
                let (start, length) = (range.start as u32, range.len() as u32);
                assembly.note(NoteKind::Refused, message, Origin { input, start, length });
                assembly.count(input, Fate::Refused);
                extent = Extent::Partial;
            }
        }
    }
    let fates = arm::take_items(input, text, items, extent, assembly);
    fates.into_iter().for_each(|fate| assembly.count(input, fate));
}

/// What a cell holds: JSON, true or false, or text.
fn cell(text: &str) -> Value {
    match text.trim() {
        text if text.starts_with(['{', '[']) => {
            serde_json::from_str(text).unwrap_or_else(|_| text.into())
        }
        text if text.eq_ignore_ascii_case("true") => true.into(),
        text if text.eq_ignore_ascii_case("false") => false.into(),
        "null" => Value::Null,
        text => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use crate::source::show::{read, show};

    const ZONE: &str = "/subscriptions/S/resourceGroups/dns/providers/Microsoft.Network/privateDnsZones/contoso.com";
    const HUB: &str =
        "/subscriptions/S/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/hub";

    fn document(text: &str) -> String {
        text.replace("ZONE", ZONE).replace("HUB", HUB)
    }

    #[test]
    fn a_table_is_read() {
        let text = document(
            r#"{"totalRecords": 3, "count": 2, "data": {
            "columns": [{"name": "id", "type": "string"}, {"name": "type", "type": "string"}, {"name": "properties", "type": "object"}],
            "rows": [
                ["ZONE/a/nas", "microsoft.network/privatednszones/a", {"ttl": 60, "records": [{"ipv4Address": "10.0.0.7"}]}],
                ["ZONE/a/short"]
            ]}, "facets": [], "resultTruncated": "false"}"#,
        );
        let estate = read(&[&text]);
        insta::assert_snapshot!(show(&estate), @r#"
        zone contoso.com
          nas.contoso.com A 10.0.0.7
        Partial: holds 2 of 3 rows
          at "{"
        Refused: expected 3 cells, found 1
          at "[\"/subscriptions/S/resourceGroups/dns/pr"
        "#);
        assert_eq!(estate.inputs[0].kind, "az-json");
        let bare = text.split_once("\"data\": ").map(|(_, rest)| rest).unwrap_or_default();
        let bare = bare.split(", \"facets\"").next().unwrap_or_default();
        assert_eq!(read(&[bare]).record_set_count(), 1);
    }

    #[test]
    fn projected_columns_are_put_back() {
        let text = document(
            r#"{"count": 2, "data": [
            {"id": "ZONE/virtualNetworkLinks/l", "properties_resolutionPolicy": "NxDomainRedirect",
             "properties_virtualNetwork_id": "HUB", "properties_registrationEnabled": false},
            {"privateDnsZone": "contoso.com", "properties_resolutionPolicy": "Default"}
        ]}"#,
        );
        let estate = read(&[text]);
        insta::assert_snapshot!(show(&estate), @r#"
        zone contoso.com
          link l to hub
        Refused: this row has no `id`; query again with `| project id, name, type, location, resourceGroup, properties`
          at "{\"privateDnsZone\": \"contoso.com\", \"prope"
        "#);
        assert_eq!(estate.zones[0].links[0].policy, crate::estate::Policy::NxDomainRedirect);
    }

    #[test]
    fn csv_is_read_with_any_delimiter() {
        let comma = document(
            "ID,NAME,TYPE,PROPERTIES\r\nZONE/a/nas,nas,microsoft.network/privatednszones/a,\
             \"{\"\"ttl\"\":60,\"\"records\"\":[{\"\"ipv4Address\"\":\"\"10.0.0.7\"\"}]}\"\r\n\
             ZONE/a/cut,cut,microsoft.network/privatednszones/a,\"{\"\"ttl\"\":60\"\r\n\
             ZONE/a/short\r\n,none,,\r\n",
        );
        let semicolon = document(
            "#TYPE Selected\n\"id\";\"properties_virtualNetwork_id\";\"properties_registrationEnabled\"\n\
             \"ZONE/virtualNetworkLinks/l\";\"HUB\";\"True\"\n",
        );
        let estate = read(&[comma, semicolon]);
        insta::assert_snapshot!(show(&estate), @r#"
        zone contoso.com
          nas.contoso.com A 10.0.0.7
          link l to hub
        Refused: expected JSON in `properties`, found `{"ttl":60`
          at "/subscriptions/S/resourceGroups/dns/prov"
        Refused: expected 4 cells, found 1
          at "/subscriptions/S/resourceGroups/dns/prov"
        Refused: this row has no `id`; query again with `| project id, name, type, location, resourceGroup, properties`
          at ",none,,"
        "#);
        assert!(estate.inputs.iter().all(|input| input.kind == "csv"));
        assert!(estate.zones[0].links[0].registration);
    }

    #[test]
    fn other_text_is_no_csv() {
        for text in
            ["id", "a,b\n", "id: 7, name\n", "", "#TYPE x", "id IN A 10.0.0.1\n", "vnet id\n"]
        {
            assert!(!super::recognise(text), "{text}");
        }
        for text in ["id,name\n\"", "id,name\n\"a", "id,properties\nx,{\n", "id;é\n", "id,name"] {
            read(&[text]);
        }
    }
}

//! `catalog`: which zone and which aliases a Private Link service has.

use super::output::Output;
use super::{Failure, Verdict};
use crate::name::Name;
use crate::public::{Catalogue, Chain, Entry, Match, Next};
use crate::render::table::{list, table};

#[derive(clap::Args)]
pub struct Arguments {
    /// A service (`batch`, `key vault`), a private zone, or a name that clients ask for
    #[arg(value_name = "SERVICE|ZONE|NAME")]
    about: Vec<String>,
}

/// The most services that are shown in full rather than listed.
const IN_FULL: usize = 6;

pub fn run(arguments: &Arguments, output: &Output) -> Result<Verdict, Failure> {
    let about = arguments.about.join(" ");
    let catalogue = Catalogue::get();
    let width = output.width();
    if about.is_empty() {
        output.result(&all(catalogue, width))?;
        return Ok(Verdict::Clean);
    }
    let mut text = String::new();
    let name: Option<Name> = about.parse().ok().filter(|_| about.contains('.'));
    let zones = name.as_ref().map(|name| catalogue.zones_matching(name)).unwrap_or_default();
    if let Some(found) = name.as_ref().and_then(|name| catalogue.find(name)) {
        text.push_str(&chain_of(&found));
        text.push('\n');
        text.push_str(&chain(catalogue, found.chain, width));
    } else if !zones.is_empty() {
        let chains: Vec<&Chain> =
            zones.iter().flat_map(|zone| chains_of(catalogue, zone)).collect();
        let blocks = zones.iter().map(|zone| entry(catalogue, zone, width));
        text.push_str(&blocks.collect::<Vec<_>>().join("\n"));
        let mut seen: Vec<&str> = Vec::new();
        for one in chains {
            if !seen.contains(&one.id.as_str()) {
                seen.push(&one.id);
                text.push('\n');
                text.push_str(&chain(catalogue, one, width));
            }
        }
    } else {
        let found = search(catalogue, &about);
        match found.len() {
            0 => {
                return Err(Failure::new(format!(
                    "nothing in the catalogue is or serves `{about}`; `privdns catalog` lists all"
                )));
            }
            1..=IN_FULL => {
                let blocks = found.iter().map(|one| chain(catalogue, one, width));
                text.push_str(&blocks.collect::<Vec<_>>().join("\n"));
            }
            _ => text.push_str(&table(&HEADER, found.into_iter().map(row), width)),
        }
    }
    output.result(&text)?;
    Ok(Verdict::Clean)
}

const HEADER: [&str; 5] = ["key", "service", "cloud", "public name", "aliases"];

fn row(chain: &Chain) -> [String; 5] {
    let aliases: Vec<&str> = chain.names[1..].iter().map(|name| name.text()).collect();
    [
        chain.key().to_owned(),
        chain.service.clone(),
        chain.cloud.clone(),
        chain.names[0].text().to_owned(),
        aliases.join(" "),
    ]
}

fn all(catalogue: &'static Catalogue, width: Option<u16>) -> String {
    table(&HEADER, catalogue.chains().iter().map(row), width)
}

/// The chains whose key is `about`, or else those that have all its words somewhere.
fn search(catalogue: &'static Catalogue, about: &str) -> Vec<&'static Chain> {
    let about = about.to_lowercase();
    let mut found: Vec<&Chain> = Vec::new();
    if let Some(chain) = catalogue.service(&about) {
        found.push(chain);
    }
    for chain in catalogue.chains() {
        let text = format!(
            "{} {} {} {} {}",
            chain.key(),
            chain.service,
            chain.resource_types.join(" "),
            chain.subresources.join(" "),
            chain.names[0].text()
        )
        .to_lowercase();
        if about.split_whitespace().all(|word| text.contains(word))
            && found.iter().all(|known| known.id != chain.id)
        {
            found.push(chain);
        }
    }
    found
}

/// The chains that have their records in a zone.
fn chains_of<'c>(catalogue: &'c Catalogue, entry: &Entry) -> Vec<&'c Chain> {
    catalogue
        .chains()
        .iter()
        .filter(|chain| {
            chain.cloud == entry.cloud
                && chain.expected_records.iter().any(|(zone, _)| entry.private_zones.contains(zone))
        })
        .collect()
}

/// The aliases of one name, from it on.
fn chain_of(found: &Match) -> String {
    let mut text = String::new();
    if let Some(public) = found.public_name() {
        text.push_str(&format!("{}\n", public.text()));
    }
    for (at, alias) in found.chain_names().iter().enumerate() {
        let here = if at + 1 == found.step { "   (asked for)" } else { "" };
        text.push_str(&format!("  → {}{here}\n", alias.text()));
    }
    let end = match found.next() {
        Next::Nothing => "  asked for directly: only a private zone has it",
        Next::NotBound => "  → an alias with a part that this name does not hold",
        _ => "  → the service's public endpoint",
    };
    text.push_str(&format!("{end}\n"));
    text
}

fn title(text: &str) -> String {
    let bold = anstyle::Style::new().bold();
    format!("{bold}{text}{bold:#}\n")
}

fn sources(catalogue: &Catalogue, keys: &[String]) -> Vec<(String, String)> {
    let sources = keys.iter().filter_map(|key| catalogue.source(key));
    sources
        .map(|source| {
            let text = format!("{}: {} ({})", source.key, source.title, source.date);
            ("source".to_owned(), text)
        })
        .collect()
}

fn chain(catalogue: &Catalogue, chain: &Chain, width: Option<u16>) -> String {
    let mut rows: Vec<(String, String)> = Vec::new();
    let mut row = |head: &str, body: String| rows.push((head.to_owned(), body));
    row("key", chain.key().to_owned());
    row("cloud", chain.cloud.clone());
    row(
        "resource",
        format!("{} ({})", chain.resource_types.join(", "), chain.subresources.join(", ")),
    );
    row("name", chain.names[0].text().to_owned());
    for (at, alias) in chain.names[1..].iter().enumerate() {
        row(&format!("alias {}", at + 1), alias.text().to_owned());
    }
    row("aliased", chain.condition.describe().to_owned());
    for (zone, owner) in &chain.expected_records {
        row("record", format!("{owner} in zone {zone}"));
    }
    let known = match chain.generated {
        true => "inferred, from the zone table by the common pattern".to_owned(),
        false => chain.certainty.name().to_owned(),
    };
    row("known", known);
    if let Some(notes) = &chain.notes {
        row("note", notes.clone());
    }
    rows.extend(sources(catalogue, &chain.source));
    title(&chain.service) + &list(rows, width)
}

fn entry(catalogue: &Catalogue, entry: &Entry, width: Option<u16>) -> String {
    let mut rows: Vec<(String, String)> = Vec::new();
    let mut row = |head: &str, body: String| rows.push((head.to_owned(), body));
    row("zones", entry.private_zones.join(", "));
    row("status", entry.status.clone());
    row("cloud", entry.cloud.clone());
    row("resource", format!("{} ({})", entry.resource_type, entry.subresource));
    row("serves", entry.public_suffixes.join(", "));
    row("known", entry.certainty.name().to_owned());
    if let Some(notes) = &entry.notes {
        row("note", notes.clone());
    }
    rows.extend(sources(catalogue, &entry.source));
    title(&entry.service) + &list(rows, width)
}

//! Two estates that are to become one, for people and programs.

use std::collections::BTreeSet;

use serde::Serialize;

use super::human::{list_vnets, plural};
use super::json::{PlaceV1, SCHEMA_VERSION, place};
use crate::estate::{Estate, VnetId};
use crate::name::Name;
use crate::plan::together::{Gets, Harm, Row, Side, Together, UNKNOWN};

/// The most names that are shown of a group; JSON has all.
const SHOWN: usize = 3;

/// How the two sides are called.
pub struct Sides<'s> {
    /// Their estates.
    pub estates: [&'s Estate; 2],
    /// Their paths, as they were given.
    pub titles: [String; 2],
}

/// Whether something has to be settled before the two can be one.
pub fn has_conflicts(together: &Together) -> bool {
    !together.overlaps.is_empty()
        || together.shared.iter().any(|one| !one.clashes.is_empty())
        || together.sides.iter().any(|side| !side.harmed.is_empty())
}

/// Whether what they mean for each other is not known in full.
pub fn is_open(together: &Together) -> bool {
    !together.doubts.is_empty() || unknown(together) > 0
}

/// How many names have answers that are not known, today or merged.
fn unknown(together: &Together) -> usize {
    let is = |gets: &Gets| gets.what == UNKNOWN;
    let rows = together.sides.iter().flat_map(|side| &side.rows);
    let names = rows.filter(|row| is(&row.today) || is(&row.after)).flat_map(|row| &row.names);
    names.collect::<BTreeSet<_>>().len()
}

fn some(names: &[Name]) -> String {
    let mut text: Vec<String> = names.iter().take(SHOWN).map(Name::text).collect();
    if names.len() > SHOWN {
        text.push(format!("{} more", names.len() - SHOWN));
    }
    text.join(", ")
}

fn got(gets: &Gets) -> String {
    match &gets.zone {
        Some(zone) => format!("{} by {zone}", gets.what),
        None => gets.what.to_owned(),
    }
}

/// The report for people.
pub fn human(together: &Together, sides: &Sides<'_>) -> String {
    let mut text = String::new();
    let mut line = |body: String| {
        text.push_str(&body);
        text.push('\n');
    };
    let [one, two] = &sides.titles;
    line(format!("{one} and {two} together"));
    line(String::new());
    for shared in &together.shared {
        let [mine, theirs] = shared.sets;
        if shared.one_zone {
            line(format!(
                "both exports show one zone {}: {} in {one}, {theirs} in {two}, {} the same",
                shared.apex,
                plural(mine, "record set", "record sets"),
                shared.same
            ));
            continue;
        }
        line(format!(
            "both have {}: {}, {} on the other side, {} the same",
            shared.apex,
            plural(mine, "record set", "record sets"),
            theirs,
            shared.same
        ));
        for clash in &shared.clashes {
            line(format!("  - {} clashes", clash.name.text()));
            for side in [0, 1] {
                let place = sides.estates[side].show_origin(clash.origins[side]);
                line(format!("      {}  ({place})", clash.data[side]));
            }
        }
    }
    for (child, side, parent) in &together.nested {
        line(format!(
            "{child} of {} lies below {parent} of {}: where both are linked, it answers for its names",
            sides.titles[*side],
            sides.titles[1 - *side]
        ));
    }
    for overlap in &together.overlaps {
        let name = |side: usize| {
            let vnet = sides.estates[side].vnet_name(overlap.vnets[side]);
            format!("{vnet} ({})", overlap.spaces[side])
        };
        line(format!("- addresses overlap: {} and {}", name(0), name(1)));
    }
    for (side, doubt) in &together.doubts {
        line(format!("? {}: {doubt}", sides.titles[*side]));
    }
    for (at, side) in together.sides.iter().enumerate() {
        line(String::new());
        text_of_side(side, sides, at).into_iter().for_each(&mut line);
    }
    line(String::new());
    line(totals(together));
    text
}

fn text_of_side(side: &Side, sides: &Sides<'_>, at: usize) -> Vec<String> {
    let (estate, title) = (sides.estates[at], &sides.titles[at]);
    let names = plural(side.names, "name", "names");
    let mut lines =
        vec![format!("clients of {title}, asking for {names} of {}", sides.titles[1 - at])];
    for Row { vnets, today, after, names } in &side.rows {
        let mark = match (today == after, after.what) {
            (true, "private") => '=',
            (_, "private") => '+',
            (_, "public" | "public DNS") => '~',
            _ => '-',
        };
        lines.push(format!("  {mark} {}: {}", plural(names.len(), "name", "names"), some(names)));
        lines.push(format!("      from    {}", list_vnets(estate, vnets)));
        lines.push(format!("      today   {}", got(today)));
        lines.push(format!("      merged  {}", got(after)));
    }
    for Harm { name, any_other, vnets, gets } in &side.harmed {
        let what = match any_other {
            true => format!("all unlisted names below {}", name.parent().text()),
            false => name.text(),
        };
        lines.push(format!("  - worse than today: {what}"));
        lines.push(format!("      from    {}", list_vnets(estate, vnets)));
        lines.push(format!("      today   {}", got(&gets[0])));
        lines.push(format!("      merged  {}", got(&gets[1])));
    }
    lines
}

fn totals(together: &Together) -> String {
    let clashes = together.shared.iter().map(|one| one.clashes.len()).sum();
    let harmed = together.sides.iter().map(|side| side.harmed.len()).sum();
    let open = match (is_open(together), unknown(together)) {
        (false, _) => String::new(),
        (true, 0) => "; not all is known".to_owned(),
        (true, names) => {
            let names = plural(names, "name", "names");
            format!("; not all is known: the answers for {names} are not")
        }
    };
    format!(
        "{}, {}, {}, {} by a merge{open}",
        plural(together.shared.len(), "shared apex", "shared apexes"),
        plural(clashes, "clash", "clashes"),
        plural(together.overlaps.len(), "overlap of addresses", "overlaps of addresses"),
        plural(harmed, "answer lost or redirected", "answers lost or redirected"),
    )
}

/// The report for programs.
#[derive(Serialize)]
pub struct TogetherV1 {
    schema_version: &'static str,
    command: &'static str,
    sides: Vec<SideV1>,
    shared: Vec<SharedV1>,
    nested: Vec<NestedV1>,
    overlaps: Vec<OverlapV1>,
    doubts: Vec<DoubtV1>,
}

#[derive(Serialize)]
struct DoubtV1 {
    estate: String,
    message: String,
}

#[derive(Serialize)]
struct SideV1 {
    estate: String,
    foreign_names: usize,
    answers: Vec<RowV1>,
    harmed: Vec<HarmV1>,
}

#[derive(Serialize)]
struct RowV1 {
    vnets: Vec<String>,
    today: GetsV1,
    merged: GetsV1,
    names: Vec<String>,
}

#[derive(Serialize)]
struct HarmV1 {
    name: String,
    class: &'static str,
    vnets: Vec<String>,
    today: GetsV1,
    merged: GetsV1,
}

#[derive(Serialize)]
struct GetsV1 {
    answer: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
}

#[derive(Serialize)]
struct SharedV1 {
    apex: String,
    one_zone: bool,
    record_sets: [usize; 2],
    same: usize,
    clashes: Vec<ClashV1>,
}

#[derive(Serialize)]
struct ClashV1 {
    name: String,
    data: [String; 2],
    places: [PlaceV1; 2],
}

#[derive(Serialize)]
struct NestedV1 {
    zone: String,
    estate: String,
    below: String,
}

#[derive(Serialize)]
struct OverlapV1 {
    vnets: [String; 2],
    spaces: [String; 2],
}

impl TogetherV1 {
    /// Of what was found.
    pub fn new(together: &Together, sides: &Sides<'_>) -> TogetherV1 {
        let [one, two] = sides.estates;
        let clash = |clash: &crate::plan::together::Clash| ClashV1 {
            name: clash.name.to_string(),
            data: clash.data.clone(),
            places: [place(one, clash.origins[0], None), place(two, clash.origins[1], None)],
        };
        let shared = together.shared.iter().map(|shared| SharedV1 {
            apex: shared.apex.clone(),
            one_zone: shared.one_zone,
            record_sets: shared.sets,
            same: shared.same,
            clashes: shared.clashes.iter().map(clash).collect(),
        });
        let nested = together.nested.iter().map(|(zone, side, below)| NestedV1 {
            zone: zone.clone(),
            estate: sides.titles[*side].clone(),
            below: below.clone(),
        });
        let overlaps = together.overlaps.iter().map(|overlap| OverlapV1 {
            vnets: [one.vnet_name(overlap.vnets[0]), two.vnet_name(overlap.vnets[1])],
            spaces: overlap.spaces.map(|space| space.to_string()),
        });
        let doubts = together.doubts.iter().map(|(side, message)| DoubtV1 {
            estate: sides.titles[*side].clone(),
            message: message.clone(),
        });
        let each = together.sides.iter().enumerate();
        TogetherV1 {
            schema_version: SCHEMA_VERSION,
            command: "check --together",
            sides: each.map(|(at, side)| side_v1(side, sides, at)).collect(),
            shared: shared.collect(),
            nested: nested.collect(),
            overlaps: overlaps.collect(),
            doubts: doubts.collect(),
        }
    }
}

fn side_v1(side: &Side, sides: &Sides<'_>, at: usize) -> SideV1 {
    let estate = sides.estates[at];
    let vnets = |vnets: &[VnetId]| vnets.iter().map(|&vnet| estate.vnet_name(vnet)).collect();
    let gets = |gets: &Gets| GetsV1 { answer: gets.what, zone: gets.zone.clone() };
    let answers = side.rows.iter().map(|row| RowV1 {
        vnets: vnets(&row.vnets),
        today: gets(&row.today),
        merged: gets(&row.after),
        names: row.names.iter().map(ToString::to_string).collect(),
    });
    let harmed = side.harmed.iter().map(|harm| HarmV1 {
        name: harm.name.to_string(),
        class: if harm.any_other { "any-other" } else { "name" },
        vnets: vnets(&harm.vnets),
        today: gets(&harm.gets[0]),
        merged: gets(&harm.gets[1]),
    });
    SideV1 {
        estate: sides.titles[at].clone(),
        foreign_names: side.names,
        answers: answers.collect(),
        harmed: harmed.collect(),
    }
}

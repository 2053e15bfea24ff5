//! What holds for every estate, tried on random ones.
//!
//! Labels come from a small alphabet, so that names collide. A failing case is
//! printed as `.estate` text.

mod common;

use std::collections::BTreeMap;

use privdns::index::{Index, Settings};
use privdns::name::Name;
use privdns::plan::compare;
use privdns::record::RecordType;
use privdns::source::estate_text;
use proptest::prelude::*;
use proptest::sample::{Index as Pick, select};

use common::findings;

const VNETS: [&str; 2] = ["hub", "spoke"];
const TYPES: [RecordType; 4] =
    [RecordType::A, RecordType::Aaaa, RecordType::Txt, RecordType::Cname];

/// What an owner has: addresses (the last octets), a text, or an alias.
#[derive(Clone, Debug, PartialEq)]
enum Data {
    A(Vec<u8>),
    Txt,
    Cname(String),
}

impl Data {
    fn record_type(&self) -> RecordType {
        match self {
            Data::A(_) => RecordType::A,
            Data::Txt => RecordType::Txt,
            Data::Cname(_) => RecordType::Cname,
        }
    }

    fn text(&self) -> String {
        match self {
            Data::A(octets) => {
                octets.iter().map(|o| format!("10.0.0.{o}")).collect::<Vec<_>>().join(" ")
            }
            Data::Txt => "\"text\"".to_owned(),
            Data::Cname(target) => target.clone(),
        }
    }
}

#[derive(Clone, Debug)]
struct Zone {
    apex: String,
    /// By network: no link, or whether it redirects.
    links: [Option<bool>; 2],
    /// By owner, absolute.
    sets: BTreeMap<String, Vec<Data>>,
}

#[derive(Clone, Debug)]
struct Model {
    zones: Vec<Zone>,
    /// What is recorded of public DNS; `None` is NXDOMAIN.
    public: BTreeMap<String, Option<Data>>,
}

impl Model {
    /// The statements, each with the lines below it.
    fn statements(&self) -> Vec<Vec<String>> {
        let mut statements: Vec<Vec<String>> =
            VNETS.iter().map(|vnet| vec![format!("vnet {vnet}")]).collect();
        for zone in &self.zones {
            let mut head = format!("zone {}", zone.apex);
            for (vnet, link) in VNETS.iter().zip(zone.links) {
                match link {
                    None => {}
                    Some(true) => head.push_str(&format!(" link {vnet}:redirect")),
                    Some(false) => head.push_str(&format!(" link {vnet}")),
                }
            }
            let mut statement = vec![head];
            for (owner, sets) in &zone.sets {
                for data in sets {
                    let (kind, text) = (data.record_type(), data.text());
                    statement.push(format!("  {owner}. {kind} {text}"));
                }
            }
            statements.push(statement);
        }
        for (name, data) in &self.public {
            statements.push(vec![match data {
                None => format!("public record {name} NXDOMAIN"),
                Some(data) => {
                    format!("public record {name} {} {}", data.record_type(), data.text())
                }
            }]);
        }
        statements
    }

    fn text(&self) -> String {
        self.statements().concat().join("\n") + "\n"
    }
}

fn labels(text: &str) -> Vec<&str> {
    text.split('.').collect()
}

/// Whether `name` is `ancestor` or below it.
fn below(name: &str, ancestor: &str) -> bool {
    labels(name).ends_with(&labels(ancestor))
}

/// A resolver to compare with: lists, strings, and no thought of speed.
fn naive(model: &Model, vnet: usize, name: &str, record_type: RecordType) -> String {
    let mut seen = vec![name.to_owned()];
    loop {
        let at = seen.last().unwrap().clone();
        let via = |seen: &[String]| format!("via {}", seen[1..].join(" "));
        let linked = model.zones.iter().filter(|zone| zone.links[vnet].is_some());
        let zone = linked
            .filter(|zone| below(&at, &zone.apex))
            .max_by_key(|zone| labels(&zone.apex).len());
        let mut sets = match zone {
            Some(zone) => in_zone(zone, &at),
            None => in_public(model, &at, record_type),
        };
        if let Some(zone) = zone {
            let redirects = zone.links[vnet] == Some(true)
                && labels(&zone.apex).iter().any(|label| label.starts_with("privatelink"));
            if sets == Ok(None) && redirects && record_type != RecordType::Txt {
                sets = in_public(model, &at, record_type);
            }
        }
        let sets = match sets {
            Err(()) => return format!("UNKNOWN  {}", via(&seen)),
            Ok(None) => return format!("NXDOMAIN  {}", via(&seen)),
            Ok(Some(sets)) => sets,
        };
        if let Some(data) = sets.iter().find(|data| data.record_type() == record_type) {
            return format!("NOERROR {} {}", data.text(), via(&seen));
        }
        let alias = sets.iter().find_map(|data| match data {
            Data::Cname(target) => Some(target.clone()),
            _ => None,
        });
        match alias {
            None => return format!("NODATA  {}", via(&seen)),
            Some(target) if seen.contains(&target) => {
                seen.push(target);
                return format!("LOOP  {}", via(&seen));
            }
            Some(target) => seen.push(target),
        }
    }
}

/// The sets that answer for a name (RFC 4592); `None` is NXDOMAIN.
fn in_zone(zone: &Zone, name: &str) -> Result<Option<Vec<Data>>, ()> {
    let exists = |name: &str| name == zone.apex || zone.sets.keys().any(|owner| below(owner, name));
    if exists(name) {
        return Ok(Some(zone.sets.get(name).cloned().unwrap_or_default()));
    }
    let parts = labels(name);
    let encloser = (1..parts.len()).map(|at| parts[at..].join(".")).find(|name| exists(name));
    let wildcard = format!("*.{}", encloser.unwrap());
    // A wildcard with names below it only is an empty non-terminal.
    Ok(exists(&wildcard).then(|| zone.sets.get(&wildcard).cloned().unwrap_or_default()))
}

fn in_public(model: &Model, name: &str, wanted: RecordType) -> Result<Option<Vec<Data>>, ()> {
    match model.public.get(name) {
        None => Err(()),
        Some(None) => Ok(None),
        Some(Some(data)) => {
            // That there are addresses says nothing of other types.
            let tells = data.record_type() == wanted || matches!(data, Data::Cname(_));
            if tells { Ok(Some(vec![data.clone()])) } else { Err(()) }
        }
    }
}

fn name(alphabet: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(select(alphabet), 0..3)
        .prop_map(|labels| labels.into_iter().chain(["t"]).collect::<Vec<_>>().join("."))
}

fn data() -> impl Strategy<Value = Data> {
    prop_oneof![
        prop::collection::vec(1u8..4, 1..3).prop_map(|mut octets| {
            octets.sort();
            octets.dedup();
            Data::A(octets)
        }),
        Just(Data::Txt),
        name(&["a", "b", "privatelink"]).prop_map(Data::Cname),
    ]
}

fn zone() -> impl Strategy<Value = Zone> {
    let owner = prop::collection::vec(select(&["a", "b", "*"][..]), 0..3);
    let records = prop::collection::vec((owner, data()), 0..6);
    (name(&["a", "b", "privatelink"]), link(), link(), records).prop_map(
        |(apex, one, other, records)| {
            let mut sets: BTreeMap<String, Vec<Data>> = BTreeMap::new();
            for (owner, data) in records {
                let owner = owner.into_iter().chain([apex.as_str()]).collect::<Vec<_>>().join(".");
                let here = sets.entry(owner.clone()).or_default();
                let alias = matches!(data, Data::Cname(_));
                // An alias stands alone, and not at the apex.
                let fits = match alias {
                    true => here.is_empty() && owner != apex,
                    false => here.iter().all(|other| {
                        other.record_type() != data.record_type()
                            && !matches!(other, Data::Cname(_))
                    }),
                };
                if fits {
                    here.push(data);
                }
            }
            sets.retain(|_, sets| !sets.is_empty());
            Zone { apex, links: [one, other], sets }
        },
    )
}

fn link() -> impl Strategy<Value = Option<bool>> {
    prop::option::weighted(0.8, any::<bool>())
}

/// The same zones with other links.
fn relinked(model: &Model, links: &[Option<bool>]) -> Model {
    let mut model = model.clone();
    let all = model.zones.iter_mut().flat_map(|zone| zone.links.iter_mut());
    for (link, new) in all.zip(links) {
        *link = *new;
    }
    model
}

fn model() -> impl Strategy<Value = Model> {
    let public = prop::collection::btree_map(
        name(&["a", "b", "privatelink"]),
        prop::option::of(data()),
        0..4,
    );
    (prop::collection::vec(zone(), 1..4), public).prop_map(|(mut zones, public)| {
        // Azure links no two zones of one name to a network.
        zones.sort_by(|a, b| a.apex.cmp(&b.apex));
        zones.dedup_by(|a, b| a.apex == b.apex);
        Model { zones, public }
    })
}

/// Every name of up to three labels below `t`, known or not.
fn questions() -> Vec<String> {
    let alphabet = ["a", "b", "privatelink", "zz"];
    let mut names = vec!["t".to_owned()];
    let mut last = names.clone();
    for _ in 0..3 {
        last = last
            .iter()
            .flat_map(|name| alphabet.iter().map(move |label| format!("{label}.{name}")))
            .collect();
        names.extend(last.iter().cloned());
    }
    names
}

fn answers(index: &Index) -> Vec<String> {
    let names: Vec<Name> = questions().iter().map(|name| name.parse().unwrap()).collect();
    common::answers(index, &names, &TYPES)
}

proptest! {
    #![proptest_config(common::cases(300))]

    #[test]
    fn the_engine_agrees_with_a_naive_resolver(model in model()) {
        let text = model.text();
        let index = Index::new(common::load([text.as_str()]));
        let views = index.views(&Settings::default());
        for (at, vnet) in VNETS.iter().enumerate() {
            let view = common::view(&views, vnet).unwrap();
            for name in questions() {
                for record_type in TYPES {
                    let found = common::show(view, &name.parse().unwrap(), record_type).line();
                    let expected = naive(&model, at, &name, record_type);
                    prop_assert_eq!(found, expected, "{} {} {}\n{}", vnet, name, record_type, text);
                }
            }
        }
    }

    #[test]
    fn the_order_of_input_does_not_matter(model in model(), picks in prop::collection::vec(any::<Pick>(), 24)) {
        let mut statements = model.statements();
        for (at, pick) in picks.iter().enumerate() {
            let other = pick.index(statements.len());
            let at = at % statements.len();
            statements.swap(at, other);
            if statements[at].len() > 2 {
                let other = 1 + pick.index(statements[at].len() - 1);
                statements[at].swap(1, other);
            }
        }
        // Some of it in a file of its own.
        let split = picks[0].index(statements.len());
        let part = |part: &[Vec<String>]| format!("# part\n{}", part.concat().join("\n"));
        let (one, other) = (part(&statements[..split]), part(&statements[split..]));
        let text = model.text();
        let shuffled = || common::load([one.as_str(), other.as_str()]);
        let [ordered, shuffled] = [common::load([text.as_str()]), shuffled()].map(Index::new);
        prop_assert_eq!(answers(&ordered), answers(&shuffled), "{}\n--\n{}", one, other);
        prop_assert_eq!(findings(&ordered), findings(&shuffled), "{}\n--\n{}", one, other);
    }

    #[test]
    fn unlinking_changes_only_what_the_zone_was_asked_for(model in model()) {
        let text = model.text();
        let index = Index::new(common::load([text.as_str()]));
        let views = index.views(&Settings::default());
        for view in &views {
            for zone in view.linked() {
                let apex = index.estate().zone_name(zone);
                let without = view.without(zone);
                for name in questions() {
                    let name: Name = name.parse().unwrap();
                    for record_type in TYPES {
                        let before = common::show(view, &name, record_type);
                        let after = common::show(&without, &name, record_type);
                        if !before.zones.contains(&apex) {
                            prop_assert_eq!(before.line(), after.line(), "{} without {}\n{}", name.text(), apex, text);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_written_reads_back(model in model()) {
        let text = model.text();
        let estate = common::load([text.as_str()]);
        let written = estate_text::write(&estate);
        let again = common::load([written.as_str()]);
        prop_assert_eq!(&estate_text::write(&again), &written);
        prop_assert_eq!(answers(&Index::new(estate)), answers(&Index::new(again)), "{}\n--\n{}", text, written);
    }
}

/// Every word of the statements about who answers and forwards.
const FORWARDING: &str = "\
vnet hub  space 10.0.0.0/16

inbound in-hub  vnet hub  address 10.0.0.4,10.0.0.5
inbound in-spoke  id /subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsResolvers/r/inboundEndpoints/in-spoke

ruleset rules  group g  location westeurope  link hub:pending:name=l  partial  links-unread
  .  10.9.0.10:5353  10.9.0.11
  contoso.test  !disabled  !name \"a rule\"  10.9.0.10  [2001:db8::1]:5353
ruleset unknown  unread

site hq  dns 10.9.0.10,10.9.0.11  space 10.9.0.0/16
server dc  site hq  address 10.9.0.10
  zone corp.test
  record nas.corp.test A 60  10.9.1.7
  record corp.test TXT \"a b\"
  zone half.test partial
  zone other.test unread
  forward azure.test  10.0.0.4
  forward .  168.63.129.16
server fw  kind firewall  vnet hub  address 10.0.2.4  recursion off
server old  recursion unknown  partial

nic vm1-nic  vnet hub  address 10.0.1.4,10.0.1.5  dns 10.9.0.10  vm vm1  role primary  power off
nic pc  site hq  role secondary  power on
";

#[test]
fn who_answers_and_forwards_reads_back() {
    let estate = common::load([FORWARDING]);
    assert_eq!(estate.notes, []);
    let written = estate_text::write(&estate);
    let again = common::load([written.as_str()]);
    assert_eq!(estate_text::write(&again), written);
    // Nothing of the text is lost: words do not depend on their order, nor on spaces.
    let words = |text: &str| {
        let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        words.sort();
        words
    };
    assert_eq!(words(&written), words(FORWARDING));
    // The same facts again, in another file, add nothing.
    let twice = common::load([FORWARDING, FORWARDING]);
    assert_eq!(twice.rulesets[0].rules.len(), 2);
    assert_eq!(twice.servers.len(), 3);
    assert_eq!(twice.interfaces.len(), 2);
    assert_eq!(twice.inbound.len(), 2);
    assert_eq!(twice.vnets.len(), 2);
}

proptest! {
    #![proptest_config(common::cases(100))]

    #[test]
    fn a_comparison_misses_nothing_and_invents_nothing(before in model(), after in model(), edit in any::<bool>(), links in prop::collection::vec(link(), 8)) {
        // Half of them differ in their links only, as in a move from zone to zone.
        let after = if edit { relinked(&before, &links) } else { after };
        let (old, new) = (before.text(), after.text());
        let old_index = Index::new(common::load([old.as_str()]));
        let new_index = Index::new(common::load([new.as_str()]));
        let settings = Settings::default();
        let comparison = compare(&old_index, &new_index, &settings);
        let known = |name: &Name| {
            [&old_index, &new_index].iter().any(|index| index.estate().names.get(name).is_some())
        };
        for vnet in VNETS {
            let old_view = common::view(&comparison.before, vnet).unwrap();
            let new_view = common::view(&comparison.after, vnet).unwrap();
            for name in questions() {
                let name: Name = name.parse().unwrap();
                let mut encloser = name.clone();
                while !known(&encloser) {
                    encloser = encloser.parent();
                }
                for record_type in TYPES {
                    let seen = |view| {
                        let shown = common::show(view, &name, record_type);
                        let address = matches!(record_type, RecordType::A | RecordType::Aaaa);
                        format!("{} {}", shown.line(), if address { shown.reach } else { "" })
                    };
                    let (before, after) = (seen(old_view), seen(new_view));
                    let listed = comparison.effects.iter().any(|effect| {
                        let about = match effect.class.any_other {
                            false => effect.name == name,
                            true => encloser != name && effect.name.parent() == encloser,
                        };
                        let here = effect.vnets.iter().any(|pair| old_index.estate().vnet(pair.0).name == vnet);
                        about && here && effect.record_type == record_type
                    });
                    prop_assert_eq!(before != after, listed, "{} {} {}: {} / {}\n{}--\n{}", vnet, name.text(), record_type, before, after, old, new);
                }
            }
        }
    }
}

//! Names with placeholders, such as `{name}.privatelink.{region}.batch.azure.com`.

use smallvec::SmallVec;

use crate::name::Name;

/// Labels that no placeholder stands for: they are what makes a name a Private Link name.
const RESERVED: [&[u8]; 2] = [b"privatelink", b"privatelink-global"];

/// A name with placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    text: String,
    /// Host first.
    labels: Vec<Vec<Part>>,
    closeness: Closeness,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(Box<[u8]>),
    Placeholder(Placeholder),
}

/// The place of a placeholder's name in [`PLACEHOLDERS`].
type Placeholder = u8;

/// All placeholders; the first three are told by their form within a label.
const PLACEHOLDERS: [&str; 15] = [
    "region",
    "guid",
    "n",
    "name",
    "regionCode",
    "partitionId",
    "subzone",
    "dnsPrefix",
    "instanceName",
    "slot",
    "dnsZone",
    "app",
    "group",
    "label",
    "stamp",
];
const REGION: Placeholder = 0;
const GUID: Placeholder = 1;
const NUMBER: Placeholder = 2;
const DNS_PREFIX: Placeholder = 7;

/// What placeholders stand for, in the order they were met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bindings(SmallVec<[Binding; 3]>);

type Binding = (Placeholder, SmallVec<[u8; 24]>);

impl Bindings {
    fn get(&self, placeholder: Placeholder) -> Option<&[u8]> {
        self.0.iter().find(|entry| entry.0 == placeholder).map(|entry| &*entry.1)
    }
}

/// How closely a template fits: the more of it is literal, the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Closeness {
    literal_labels: usize,
    literal_octets: usize,
}

impl Closeness {
    pub fn literal_labels(self) -> usize {
        self.literal_labels
    }
}

impl Template {
    /// Reads `text`; what stands in braces is a placeholder.
    pub fn new(text: &str) -> Template {
        let labels: Vec<Vec<Part>> = text.split('.').map(parts).collect();
        let literal_labels = labels.iter().filter(|label| is_literal(label)).count();
        let literal_octets = labels.iter().flatten().map(|part| match part {
            Part::Literal(text) => text.len(),
            Part::Placeholder(_) => 0,
        });
        let closeness = Closeness { literal_labels, literal_octets: literal_octets.sum() };
        Template { text: text.to_owned(), labels, closeness }
    }

    /// The template as it is written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The labels at the end that hold no placeholder.
    pub fn literal_suffix(&self) -> &str {
        let literal = self.labels.iter().rev().take_while(|label| is_literal(label)).count();
        let skipped = self.labels.len() - literal;
        match skipped {
            0 => &self.text,
            _ => self.text.splitn(skipped + 1, '.').nth(skipped).unwrap_or(""),
        }
    }

    /// How much of the template is literal.
    pub(super) fn closeness(&self) -> Closeness {
        self.closeness
    }

    /// Fits `name`, and tells what the placeholders stand for.
    ///
    /// `{region}` may take two labels where the last is a region, since some
    /// accounts have a label before it; `is_region` tells.
    pub fn fit(&self, name: &Name, is_region: &dyn Fn(&[u8]) -> bool) -> Option<Bindings> {
        let labels: SmallVec<[&[u8]; 8]> = name.labels().collect();
        let mut bindings = Bindings::default();
        fit_labels(&self.labels, &labels, is_region, &mut bindings).then_some(bindings)
    }

    /// Whether a name at or below `apex` may fit.
    pub fn may_fit_below(&self, apex: &Name) -> bool {
        let apex: SmallVec<[&[u8]; 8]> = apex.labels().collect();
        self.labels.iter().rev().zip(apex.iter().rev()).all(|(parts, label)| match &parts[..] {
            [Part::Literal(literal)] => literal[..] == **label,
            [Part::Placeholder(_)] => !RESERVED.contains(label),
            _ => true,
        })
    }

    /// The ways in which names at or below `end` fit, as bindings of what `end` tells.
    pub fn fit_ends(&self, end: &Name, is_region: &dyn Fn(&[u8]) -> bool) -> Vec<Bindings> {
        let labels: SmallVec<[&[u8]; 8]> = end.labels().collect();
        let mut ends = Vec::new();
        for skipped in 0..self.labels.len() {
            let mut bindings = Bindings::default();
            if !fit_labels(&self.labels[skipped..], &labels, is_region, &mut bindings) {
                continue;
            }
            // A region may have one label more, which `end` does not tell.
            if let (Some(region), Some(&first)) = (bindings.get(REGION), labels.first())
                && region == first
                && is_region(first)
            {
                let mut longer = bindings.clone();
                let region = longer.0.iter_mut().filter(|entry| entry.0 == REGION);
                region.for_each(|entry| entry.1.insert_many(0, *b"any-other-label."));
                ends.push(longer);
            }
            ends.push(bindings);
        }
        ends
    }

    /// The end of the names that fit and share these bindings, as far as they tell it.
    ///
    /// A region that is the `first` label of what was bound may have one more before it.
    pub fn bound_end(&self, bindings: &Bindings, first: Option<&[u8]>) -> Option<Name> {
        let is_bound = |part: &Part| match part {
            Part::Literal(_) => true,
            Part::Placeholder(placeholder) => bindings.get(*placeholder).is_some(),
        };
        let open = bindings.get(REGION).filter(|region| Some(*region) == first).is_some();
        let mut from = self.labels.len();
        while from > 0 && self.labels[from - 1].iter().all(is_bound) {
            from -= 1;
            if open && self.labels[from].contains(&Part::Placeholder(REGION)) {
                break;
            }
        }
        fill(&self.labels[from..], bindings)
    }

    /// Whether a region is part of a label, where it is told by its form.
    pub fn has_region_within_label(&self) -> bool {
        let region = |part: &Part| *part == Part::Placeholder(REGION);
        self.labels.iter().any(|label| label.len() > 1 && label.iter().any(region))
    }

    /// The name with `other` for each placeholder that has no value.
    pub fn fill_with(&self, bindings: &Bindings, other: &dyn Fn(&str) -> String) -> Option<Name> {
        let mut bindings = bindings.clone();
        for part in self.labels.iter().flatten() {
            if let Part::Placeholder(placeholder) = part
                && bindings.get(*placeholder).is_none()
            {
                let value = other(PLACEHOLDERS[usize::from(*placeholder)]);
                bindings.0.push((*placeholder, SmallVec::from_slice(value.as_bytes())));
            }
        }
        self.fill(&bindings)
    }

    /// Whether all placeholders have a value.
    pub fn is_bound(&self, bindings: &Bindings) -> bool {
        self.labels.iter().flatten().all(|part| match part {
            Part::Literal(_) => true,
            Part::Placeholder(placeholder) => bindings.get(*placeholder).is_some(),
        })
    }

    /// The name with the placeholders' values; none where one has no value.
    pub fn fill(&self, bindings: &Bindings) -> Option<Name> {
        fill(&self.labels, bindings)
    }
}

fn fill(template: &[Vec<Part>], bindings: &Bindings) -> Option<Name> {
    let mut labels: SmallVec<[SmallVec<[u8; 32]>; 8]> = SmallVec::new();
    for parts in template {
        let mut label: SmallVec<[u8; 32]> = SmallVec::new();
        for part in parts {
            match part {
                Part::Literal(text) => label.extend_from_slice(text),
                Part::Placeholder(placeholder) => {
                    label.extend_from_slice(bindings.get(*placeholder)?);
                }
            }
        }
        match &parts[..] {
            // Only such a placeholder may hold a dot, see `fit`.
            [Part::Placeholder(REGION)] => {
                labels.extend(label.split(|&octet| octet == b'.').map(SmallVec::from_slice));
            }
            _ => labels.push(label),
        }
    }
    Name::from_labels(labels).ok()
}

fn is_literal(label: &[Part]) -> bool {
    label.iter().all(|part| matches!(part, Part::Literal(_)))
}

fn parts(label: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = label;
    while let Some((literal, tail)) = rest.split_once('{') {
        let (placeholder, tail) = tail.split_once('}').unwrap_or((tail, ""));
        if !literal.is_empty() {
            parts.push(Part::Literal(literal.to_ascii_lowercase().into_bytes().into()));
        }
        match PLACEHOLDERS.iter().position(|known| *known == placeholder) {
            Some(known) => parts.push(Part::Placeholder(known as Placeholder)),
            // Braces stand in no name, so such a template fits nothing.
            None => parts.push(Part::Literal(format!("{{{placeholder}}}").into_bytes().into())),
        }
        rest = tail;
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest.to_ascii_lowercase().into_bytes().into()));
    }
    parts
}

fn bind(bindings: &mut Bindings, placeholder: Placeholder, value: &[u8]) -> bool {
    match bindings.get(placeholder) {
        Some(bound) => bound == value,
        None => {
            bindings.0.push((placeholder, SmallVec::from_slice(value)));
            true
        }
    }
}

fn fit_labels(
    template: &[Vec<Part>],
    labels: &[&[u8]],
    is_region: &dyn Fn(&[u8]) -> bool,
    bindings: &mut Bindings,
) -> bool {
    let Some((parts, template)) = template.split_first() else { return labels.is_empty() };
    let Some((label, rest)) = labels.split_first() else { return false };
    let before = bindings.0.len();
    let whole = match &parts[..] {
        [Part::Placeholder(_)] if RESERVED.contains(label) => return false,
        // Names of Batch's node management have `service` where accounts have their region.
        [Part::Placeholder(REGION)] if *label == b"service" => return false,
        // Listeners of failover groups have `secondary` where managed instances have their prefix.
        [Part::Placeholder(DNS_PREFIX)] if *label == b"secondary" => return false,
        [Part::Placeholder(placeholder)] => Some(*placeholder),
        _ => None,
    };
    let fits = match whole {
        Some(placeholder) => bind(bindings, placeholder, label),
        None => fit_within(parts, label, is_region, bindings),
    };
    if fits && fit_labels(template, rest, is_region, bindings) {
        return true;
    }
    bindings.0.truncate(before);
    let (Some(placeholder), Some((second, rest))) = (whole, rest.split_first()) else {
        return false;
    };
    let fits = placeholder == REGION
        && is_region(second)
        && bind(bindings, placeholder, &[*label, *second].join(&b'.'))
        && fit_labels(template, rest, is_region, bindings);
    if !fits {
        bindings.0.truncate(before);
    }
    fits
}

/// Fits a label of several parts: there a placeholder is told by its form, or
/// `my-account` would be the account `my` in a region `account`.
fn fit_within(
    parts: &[Part],
    label: &[u8],
    is_region: &dyn Fn(&[u8]) -> bool,
    bindings: &mut Bindings,
) -> bool {
    let Some((part, parts)) = parts.split_first() else { return label.is_empty() };
    let placeholder = match part {
        Part::Literal(literal) => {
            return label
                .strip_prefix(&literal[..])
                .is_some_and(|rest| fit_within(parts, rest, is_region, bindings));
        }
        Part::Placeholder(placeholder) => *placeholder,
    };
    let before = bindings.0.len();
    // The longest value first, so that a name may hold the separator.
    for end in (1..=label.len()).rev() {
        let (value, rest) = label.split_at(end);
        if has_form(placeholder, value, is_region)
            && bind(bindings, placeholder, value)
            && fit_within(parts, rest, is_region, bindings)
        {
            return true;
        }
        bindings.0.truncate(before);
    }
    false
}

fn has_form(placeholder: Placeholder, value: &[u8], is_region: &dyn Fn(&[u8]) -> bool) -> bool {
    match placeholder {
        REGION => is_region(value),
        GUID => value.len() >= 32 && value.iter().all(|&c| c == b'-' || c.is_ascii_hexdigit()),
        NUMBER => value.iter().all(u8::is_ascii_digit),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(template: &str, name: &str) -> Option<Bindings> {
        let is_region = |label: &[u8]| matches!(label, b"eastus" | b"westeurope");
        Template::new(template).fit(&name.parse().unwrap(), &is_region)
    }

    fn value(template: &str, name: &str, placeholder: &str) -> Option<String> {
        let bindings = fit(template, name)?;
        let placeholder = PLACEHOLDERS.iter().position(|known| *known == placeholder)?;
        bindings
            .get(placeholder as Placeholder)
            .map(|value| String::from_utf8_lossy(value).into_owned())
    }

    #[test]
    fn privatelink_is_no_value() {
        let template = "{name}.{region}.batch.azure.com";
        assert!(fit(template, "acct.eastus.batch.azure.com").is_some());
        assert!(fit(template, "privatelink.eastus.batch.azure.com").is_none());
        assert!(fit(template, "eastus.privatelink.batch.azure.com").is_none());
        assert!(fit("{name}.privatelink.{region}.x", "a.privatelink.eastus.x").is_some());
    }

    #[test]
    fn a_region_may_have_a_label_before_it() {
        let template = "{name}.{region}.batch.azure.com";
        let name = "acct.south.eastus.batch.azure.com";
        assert_eq!(value(template, name, "region").as_deref(), Some("south.eastus"));
        assert_eq!(value(template, "acct.eastus.other.batch.azure.com", "region"), None);
        let bindings = fit(template, name).unwrap();
        let alias = Template::new("{name}.privatelink.{region}.batch.azure.com").fill(&bindings);
        assert_eq!(alias.unwrap().text(), "acct.privatelink.south.eastus.batch.azure.com");
    }

    #[test]
    fn within_a_label_values_have_their_form() {
        let template = "{name}-{region}.documents.azure.com";
        assert_eq!(value(template, "my-db-eastus.documents.azure.com", "name").unwrap(), "my-db");
        assert!(fit(template, "my-account.documents.azure.com").is_none());
        let guid = "ml-ws-eastus-11111111-2222-3333-4444-555555555555.eastus.notebooks.azure.net";
        let template = "ml-{name}-{region}-{guid}.{region}.notebooks.azure.net";
        assert_eq!(value(template, guid, "name").unwrap(), "ws");
        assert!(fit(template, &guid.replace(".eastus", ".westeurope")).is_none());
    }

    #[test]
    fn the_literal_end_has_no_placeholder() {
        assert_eq!(
            Template::new("{name}.{region}.batch.azure.com").literal_suffix(),
            "batch.azure.com"
        );
        assert_eq!(Template::new("management.azure.com").literal_suffix(), "management.azure.com");
        assert_eq!(Template::new("{label}-x.io").literal_suffix(), "io");
    }
}

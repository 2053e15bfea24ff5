//! Domain names: absolute, lower-case, and stored once.
//!
//! A [`Name`] is a name by itself. [`Names`] is the tree of all names of an
//! estate; there a name is a [`NameId`], a chain is followed without touching
//! text, and "is below" is a walk over parents.
//!
//! ```
//! use privdns::name::{Name, Names};
//!
//! let mut names = Names::default();
//! let zone = names.intern(&"privatelink.batch.azure.com".parse().unwrap());
//! let acct: Name = "Acct.EastUS.privatelink.batch.azure.com.".parse().unwrap();
//! let found = names.find(&acct);
//! assert_eq!((found.node, found.missing), (zone, 2));
//! ```

#![deny(clippy::disallowed_methods)]

use std::fmt;
use std::str::FromStr;

use hashbrown::HashTable;
use smallvec::SmallVec;
use thiserror::Error;

/// The most octets a label may have (RFC 1035, section 2.3.4).
pub const LABEL_LIMIT: usize = 63;
/// The most octets a name may have on the wire, root included (RFC 1035, section 2.3.4).
pub const NAME_LIMIT: usize = 255;

/// Why a text is no domain name.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NameError {
    /// Two dots in a row, or a dot in front.
    #[error("`{name}` has an empty label")]
    EmptyLabel {
        /// The text as it stands.
        name: String,
    },
    /// Nothing at all, where a name is needed.
    #[error("a name is missing")]
    Missing,
    /// A label of more than 63 octets.
    #[error("label `{label}` has {length} octets, a label has at most 63")]
    LabelTooLong {
        /// The label as it stands.
        label: String,
        /// Its octets.
        length: usize,
    },
    /// A name of more than 255 octets.
    #[error("`{name}` has {length} octets, a name has at most 255")]
    TooLong {
        /// The name as it stands.
        name: String,
        /// Its octets on the wire.
        length: usize,
    },
    /// A `\` that nothing, or no number up to 255, follows.
    #[error("`{name}` has a broken `\\` escape")]
    BadEscape {
        /// The text as it stands.
        name: String,
    },
    /// A white space or control character that is not escaped.
    #[error("`{}` has a character that no name may have unescaped", name.escape_debug())]
    BadCharacter {
        /// The text as it stands.
        name: String,
    },
}

/// An absolute domain name in lower case.
///
/// Kept in wire form without the root's zero octet: a length and that many
/// octets, label after label, the host first. ASCII letters are lower case,
/// since DNS compares without regard to case (RFC 4343).
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Name {
    wire: SmallVec<[u8; 64]>,
}

impl Name {
    /// The root.
    pub fn root() -> Self {
        Self::default()
    }

    /// Reads `text`; a name without a final dot is taken below `origin`.
    ///
    /// `@` is the origin itself. Escapes are those of master files
    /// (RFC 1035, section 5.1): `\.` and `\065`.
    pub fn parse(text: &str, origin: &Name) -> Result<Self, NameError> {
        if text == "@" {
            return Ok(origin.clone());
        }
        let mut labels = Labels::default();
        let absolute = labels.read(text)?;
        let mut name = Name { wire: SmallVec::from_slice(labels.wire()) };
        if !absolute {
            name.wire.extend_from_slice(&origin.wire);
        }
        name.check(text)?;
        Ok(name)
    }

    /// The name of `labels`, host first, in lower case.
    pub fn from_labels<L: AsRef<[u8]>>(
        labels: impl IntoIterator<Item = L>,
    ) -> Result<Self, NameError> {
        let mut name = Name::default();
        for label in labels {
            let label = label.as_ref();
            if label.is_empty() {
                return Err(NameError::EmptyLabel { name: name.to_string() });
            }
            check_label(label)?;
            name.wire.push(label.len() as u8);
            name.wire.extend(label.iter().map(u8::to_ascii_lowercase));
        }
        name.check("")?;
        Ok(name)
    }

    fn check(&self, text: &str) -> Result<(), NameError> {
        let length = self.wire.len() + 1;
        if length > NAME_LIMIT {
            let name = if text.is_empty() { self.to_string() } else { text.to_owned() };
            return Err(NameError::TooLong { name, length });
        }
        Ok(())
    }

    /// The labels, host first; none for the root.
    pub fn labels(&self) -> impl Iterator<Item = &[u8]> + Clone {
        let mut rest = &self.wire[..];
        std::iter::from_fn(move || {
            let (&length, tail) = rest.split_first()?;
            let (label, tail) = tail.split_at(length as usize);
            rest = tail;
            Some(label)
        })
    }

    /// How many labels the name has; the root has none.
    pub fn depth(&self) -> usize {
        self.labels().count()
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.wire.is_empty()
    }

    /// The name one label up; the root for the root.
    pub fn parent(&self) -> Name {
        match self.wire.first() {
            None => Name::root(),
            Some(&length) => Name { wire: SmallVec::from_slice(&self.wire[1 + length as usize..]) },
        }
    }

    /// Whether this name is `ancestor` or below it, by whole labels.
    pub fn is_at_or_below(&self, ancestor: &Name) -> bool {
        let Some(above) = self.depth().checked_sub(ancestor.depth()) else { return false };
        let skipped: usize = self.labels().take(above).map(|label| label.len() + 1).sum();
        self.wire[skipped..] == ancestor.wire[..]
    }

    /// The text without the final dot: `acct.eastus.batch.azure.com`; `.` for the root.
    pub fn text(&self) -> String {
        let mut text = self.to_string();
        if text.len() > 1 {
            text.pop();
        }
        text
    }
}

/// With the final dot, specials escaped: `acct.eastus.batch.azure.com.`
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() {
            return f.write_str(".");
        }
        for label in self.labels() {
            write_label(label, f)?;
            f.write_str(".")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Reads an absolute name, with or without the final dot.
impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Name::parse(text, &Name::root())
    }
}

/// By labels from the root down, so that a name sorts right before what is below it.
impl Ord for Name {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        fn reversed(name: &Name) -> SmallVec<[&[u8]; 16]> {
            let mut labels: SmallVec<[&[u8]; 16]> = name.labels().collect();
            labels.reverse();
            labels
        }
        reversed(self).cmp(&reversed(other))
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

fn check_label(label: &[u8]) -> Result<(), NameError> {
    if label.len() > LABEL_LIMIT {
        let text = String::from_utf8_lossy(label).into_owned();
        return Err(NameError::LabelTooLong { label: text, length: label.len() });
    }
    Ok(())
}

fn write_label(label: &[u8], out: &mut impl fmt::Write) -> fmt::Result {
    for (at, &octet) in label.iter().enumerate() {
        match octet {
            b'.' | b'\\' | b'"' | b';' | b'(' | b')' | b'$' => {
                write!(out, "\\{}", octet as char)?;
            }
            // A lone `@` is the origin; within a longer label it is a plain character.
            b'@' if at == 0 && label.len() == 1 => out.write_str("\\@")?,
            0x21..=0x7e => out.write_char(octet as char)?,
            _ => write!(out, "\\{octet:03}")?,
        }
    }
    Ok(())
}

/// The labels of one text in wire form, on the stack.
struct Labels {
    octets: [u8; NAME_LIMIT + 1],
    length: usize,
    /// Where each label starts.
    starts: SmallVec<[u8; 32]>,
}

impl Default for Labels {
    fn default() -> Self {
        Labels { octets: [0; NAME_LIMIT + 1], length: 0, starts: SmallVec::new() }
    }
}

impl Labels {
    /// Reads `text` and says whether it ended in a dot, thus is absolute.
    fn read(&mut self, text: &str) -> Result<bool, NameError> {
        let owned = || text.to_owned();
        if text.is_empty() {
            return Err(NameError::Missing);
        }
        if text == "." {
            return Ok(true);
        }
        let bytes = text.as_bytes();
        let mut start = self.open(text)?;
        let mut at = 0;
        while at < bytes.len() {
            let octet = match bytes[at] {
                b'.' => {
                    at += 1;
                    self.close(start, text)?;
                    if at == bytes.len() {
                        return Ok(true);
                    }
                    start = self.open(text)?;
                    continue;
                }
                b'\\' => {
                    let escape = || NameError::BadEscape { name: owned() };
                    let next = *bytes.get(at + 1).ok_or_else(escape)?;
                    if next.is_ascii_digit() {
                        let digits = text.get(at + 1..at + 4).ok_or_else(escape)?;
                        at += 3;
                        digits.parse::<u8>().map_err(|_| escape())?
                    } else {
                        at += 1;
                        next
                    }
                }
                0..=0x20 | 0x7f => return Err(NameError::BadCharacter { name: owned() }),
                octet => octet,
            };
            self.push(octet.to_ascii_lowercase(), text)?;
            at += 1;
        }
        self.close(start, text)?;
        Ok(false)
    }

    fn push(&mut self, octet: u8, text: &str) -> Result<(), NameError> {
        if self.length >= NAME_LIMIT {
            return Err(NameError::TooLong { name: text.to_owned(), length: text.len() + 1 });
        }
        self.octets[self.length] = octet;
        self.length += 1;
        Ok(())
    }

    fn open(&mut self, text: &str) -> Result<usize, NameError> {
        let start = self.length;
        self.starts.push(start as u8);
        self.push(0, text)?;
        Ok(start)
    }

    fn close(&mut self, start: usize, text: &str) -> Result<(), NameError> {
        let label = &self.octets[start + 1..self.length];
        if label.is_empty() {
            return Err(NameError::EmptyLabel { name: text.to_owned() });
        }
        check_label(label)?;
        self.octets[start] = label.len() as u8;
        Ok(())
    }

    fn wire(&self) -> &[u8] {
        &self.octets[..self.length]
    }

    /// From the one nearest the root to the host.
    fn root_first(&self) -> impl Iterator<Item = &[u8]> {
        self.starts.iter().rev().map(|&start| {
            let start = start as usize;
            let length = self.octets[start] as usize;
            &self.octets[start + 1..start + 1 + length]
        })
    }
}

/// A name of an estate, by its place in [`Names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameId(u32);

impl NameId {
    /// The root.
    pub const ROOT: NameId = NameId(0);

    /// The place among all names, from 0.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The longest known ancestor of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The name itself when it is known, else its longest known ancestor: its *encloser*.
    pub node: NameId,
    /// How many labels below `node` the name has; 0 when it is known.
    pub missing: usize,
}

#[derive(Clone, Copy)]
struct Node {
    parent: u32,
    start: u32,
    length: u8,
    /// Labels up to the root.
    depth: u8,
    /// Octets on the wire, without the root.
    octets: u8,
}

/// The names of an estate, each stored once.
///
/// A name and all its ancestors are entries, so the longest known ancestor of
/// any other name (its *encloser*) can be found, which is all that an absent
/// name can depend on.
#[derive(Clone)]
pub struct Names {
    nodes: Vec<Node>,
    labels: Vec<u8>,
    children: HashTable<u32>,
    hasher: hashbrown::DefaultHashBuilder,
}

impl Default for Names {
    fn default() -> Self {
        let root = Node { parent: 0, start: 0, length: 0, depth: 0, octets: 0 };
        Names {
            nodes: vec![root],
            labels: Vec::new(),
            children: HashTable::new(),
            hasher: hashbrown::DefaultHashBuilder::default(),
        }
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} names", self.len())
    }
}

impl Names {
    /// How many names there are, the root and all ancestors included.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Never: the root is always there.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// All names, ancestors before what is below them.
    pub fn ids(&self) -> impl Iterator<Item = NameId> + use<> {
        self.ids_from(0)
    }

    /// The names that came after the first `count`.
    pub fn ids_from(&self, count: usize) -> impl Iterator<Item = NameId> + use<> {
        (count as u32..self.nodes.len() as u32).map(NameId)
    }

    /// The entry of `name`, made if need be.
    pub fn intern(&mut self, name: &Name) -> NameId {
        let labels: SmallVec<[&[u8]; 16]> = name.labels().collect();
        let mut node = NameId::ROOT;
        for label in labels.into_iter().rev() {
            node = self.child_or_insert(node, label);
        }
        node
    }

    /// The entry of the name that `text` gives below `origin`, made if need be.
    ///
    /// As [`Name::parse`], without the detour over a [`Name`].
    pub fn intern_text(&mut self, text: &str, origin: NameId) -> Result<NameId, NameError> {
        if text == "@" {
            return Ok(origin);
        }
        let mut labels = Labels::default();
        let absolute = labels.read(text)?;
        let mut node = if absolute { NameId::ROOT } else { origin };
        let length = labels.length + self.nodes[node.index()].octets as usize + 1;
        if length > NAME_LIMIT {
            return Err(NameError::TooLong { name: text.to_owned(), length });
        }
        for label in labels.root_first() {
            node = self.child_or_insert(node, label);
        }
        Ok(node)
    }

    /// The child of `parent` with this lower-case label, if it is known.
    pub fn child(&self, parent: NameId, label: &[u8]) -> Option<NameId> {
        let hash = hash(&self.hasher, parent.0, label);
        let (nodes, labels) = (&self.nodes, &self.labels);
        self.children
            .find(hash, |&id| is_child(nodes, labels, id, parent.0, label))
            .map(|&id| NameId(id))
    }

    fn child_or_insert(&mut self, parent: NameId, label: &[u8]) -> NameId {
        let Names { nodes, labels, children, hasher } = self;
        let entry = children.entry(
            hash(hasher, parent.0, label),
            |&id| is_child(nodes, labels, id, parent.0, label),
            |&id| {
                let node = nodes[id as usize];
                hash(hasher, node.parent, label_of(labels, node))
            },
        );
        match entry {
            hashbrown::hash_table::Entry::Occupied(entry) => NameId(*entry.get()),
            hashbrown::hash_table::Entry::Vacant(entry) => {
                let above = nodes[parent.index()];
                let id = nodes.len() as u32;
                entry.insert(id);
                nodes.push(Node {
                    parent: parent.0,
                    start: labels.len() as u32,
                    length: label.len() as u8,
                    depth: above.depth + 1,
                    octets: above.octets + label.len() as u8 + 1,
                });
                labels.extend_from_slice(label);
                NameId(id)
            }
        }
    }

    /// The longest known ancestor of `name`, or the name itself.
    pub fn find(&self, name: &Name) -> Found {
        let labels: SmallVec<[&[u8]; 16]> = name.labels().collect();
        let mut node = NameId::ROOT;
        let mut missing = labels.len();
        for label in labels.into_iter().rev() {
            match self.child(node, label) {
                Some(child) => node = child,
                None => break,
            }
            missing -= 1;
        }
        Found { node, missing }
    }

    /// The id of `name`, if it is known.
    pub fn get(&self, name: &Name) -> Option<NameId> {
        let found = self.find(name);
        (found.missing == 0).then_some(found.node)
    }

    /// The name one label up; `None` for the root.
    pub fn parent(&self, id: NameId) -> Option<NameId> {
        (id != NameId::ROOT).then(|| NameId(self.nodes[id.index()].parent))
    }

    /// The name and all above it, up to and with the root.
    pub fn ancestors(&self, id: NameId) -> impl Iterator<Item = NameId> + '_ {
        std::iter::successors(Some(id), |&id| self.parent(id))
    }

    /// The first label in lower case; empty for the root.
    pub fn label(&self, id: NameId) -> &[u8] {
        label_of(&self.labels, self.nodes[id.index()])
    }

    /// How many labels the name has.
    pub fn depth(&self, id: NameId) -> usize {
        self.nodes[id.index()].depth as usize
    }

    /// Whether `id` is `ancestor` or below it, by whole labels.
    pub fn is_at_or_below(&self, id: NameId, ancestor: NameId) -> bool {
        let Some(above) = self.depth(id).checked_sub(self.depth(ancestor)) else { return false };
        self.ancestors(id).nth(above) == Some(ancestor)
    }

    /// The labels, host first.
    pub fn labels(&self, id: NameId) -> impl Iterator<Item = &[u8]> {
        self.ancestors(id).take(self.depth(id)).map(|id| self.label(id))
    }

    /// The name by itself.
    pub fn name(&self, id: NameId) -> Name {
        let mut name = Name::default();
        for label in self.labels(id) {
            name.wire.push(label.len() as u8);
            name.wire.extend_from_slice(label);
        }
        name
    }

    /// The text without the final dot, to be printed.
    pub fn show(&self, id: NameId) -> impl fmt::Display + '_ {
        struct Show<'n>(&'n Names, NameId);
        impl fmt::Display for Show<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                if self.1 == NameId::ROOT {
                    return f.write_str(".");
                }
                for (at, label) in self.0.labels(self.1).enumerate() {
                    if at > 0 {
                        f.write_str(".")?;
                    }
                    write_label(label, f)?;
                }
                Ok(())
            }
        }
        Show(self, id)
    }

    /// The text relative to `apex`, `@` for the apex itself; absolute with a
    /// final dot where `id` is not below it.
    pub fn relative(&self, id: NameId, apex: NameId) -> String {
        if id == apex {
            return "@".to_owned();
        }
        if !self.is_at_or_below(id, apex) {
            return self.name(id).to_string();
        }
        let mut text = String::new();
        for (at, label) in self.labels(id).take(self.depth(id) - self.depth(apex)).enumerate() {
            if at > 0 {
                text.push('.');
            }
            // Writing to a String cannot fail.
            let _ = write_label(label, &mut text);
        }
        text
    }
}

fn hash(hasher: &hashbrown::DefaultHashBuilder, parent: u32, label: &[u8]) -> u64 {
    use std::hash::{BuildHasher, Hasher};
    let mut state = hasher.build_hasher();
    state.write_u32(parent);
    state.write(label);
    state.finish()
}

fn label_of(labels: &[u8], node: Node) -> &[u8] {
    &labels[node.start as usize..node.start as usize + node.length as usize]
}

fn is_child(nodes: &[Node], labels: &[u8], id: u32, parent: u32, label: &[u8]) -> bool {
    let node = nodes[id as usize];
    node.parent == parent && label_of(labels, node) == label
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    #[test]
    fn case_and_final_dot_do_not_matter() {
        assert_eq!(name("WestEurope.Batch.azure.COM."), name("westeurope.batch.azure.com"));
        assert_eq!(name("a.b").to_string(), "a.b.");
        assert_eq!(name(".").text(), ".");
    }

    #[test]
    fn escapes_are_kept_apart_from_dots() {
        let odd = name(r"a\.b\032c.d");
        assert_eq!(odd.depth(), 2);
        assert_eq!(odd.to_string(), r"a\.b\032c.d.");
        assert_eq!(name(&odd.to_string()), odd);
    }

    #[test]
    fn relative_names_take_the_origin() {
        let origin = name("contoso.com");
        assert_eq!(Name::parse("www", &origin).unwrap(), name("www.contoso.com"));
        assert_eq!(Name::parse("www.", &origin).unwrap(), name("www"));
        assert_eq!(Name::parse("@", &origin).unwrap(), origin);
    }

    #[test]
    fn limits_are_kept() {
        let label = "x".repeat(64);
        insta::assert_snapshot!(label.parse::<Name>().unwrap_err(), @"label `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx` has 64 octets, a label has at most 63");
        let long = vec!["x".repeat(63); 4].join(".");
        assert!(matches!(long.parse::<Name>(), Err(NameError::TooLong { .. })));
        let origin = name(&vec!["x".repeat(63); 3].join("."));
        assert!(matches!(
            Name::parse(&"y".repeat(63), &origin),
            Err(NameError::TooLong { length: 257, .. })
        ));
        let mut names = Names::default();
        let origin = names.intern(&origin);
        assert!(names.intern_text(&"y".repeat(63), origin).is_err());
        assert!(names.intern_text(&"y".repeat(61), origin).is_ok());
    }

    #[test]
    fn broken_text_is_refused() {
        for text in ["", "a..b", ".a", "a b", "a\\", r"a\9", r"a\999", "a\0b"] {
            assert!(text.parse::<Name>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn ancestors_are_found_by_whole_labels() {
        let mut names = Names::default();
        let zone = names.intern(&name("b.example.com"));
        let owner = names.intern_text("a", zone).unwrap();
        assert!(names.is_at_or_below(owner, zone));
        assert!(names.is_at_or_below(zone, zone));
        let other = names.intern(&name("xb.example.com"));
        assert!(!names.is_at_or_below(other, zone));
        assert!(!name("xb.example.com").is_at_or_below(&name("b.example.com")));
        assert!(name("a.b.example.com").is_at_or_below(&name("b.example.com")));
        assert_eq!(names.name(owner), name("a.b.example.com"));
        assert_eq!(names.relative(owner, zone), "a");
        assert_eq!(names.relative(zone, zone), "@");
        assert_eq!(names.relative(other, zone), "xb.example.com.");
        assert_eq!(names.show(owner).to_string(), "a.b.example.com");
    }

    #[test]
    fn names_sort_below_their_ancestors() {
        let mut all = [name("b.a"), name("a"), name("a.b"), name("c.b.a")];
        all.sort();
        assert_eq!(all, [name("a"), name("b.a"), name("c.b.a"), name("a.b")]);
    }
}

//! `privdns.toml`: what a team has decided, kept beside the estate.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Group, Level as Title, Renderer, Snippet};
use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;

use super::output::Output;
use super::{Failure, load};
use crate::check::{Ignore, Judgement, Level, Pattern, Policy, RULES, Severity, rule_sets};
use crate::index::Settings as Assumptions;
use crate::render::human::plural;

/// The name that is looked for.
pub const NAME: &str = "privdns.toml";

/// The file as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Tables {
    fail_on: Option<Spanned<String>>,
    sets: Option<Vec<Spanned<String>>>,
    rules_as_of: Option<Spanned<String>>,
    #[serde(default)]
    levels: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    assume: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    ignore: Vec<Spanned<IgnoreTable>>,
}

/// `[[ignore]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct IgnoreTable {
    rule: Option<Spanned<String>>,
    zone: Option<Spanned<String>>,
    name: Option<Spanned<String>>,
    vnet: Option<Spanned<String>>,
    reason: Spanned<String>,
    owner: Option<String>,
    expires: Option<Spanned<toml::Value>>,
}

/// What a file of settings says, or nothing where there is none.
#[derive(Debug, Default)]
pub struct Settings {
    path: String,
    /// The least severity that counts.
    pub fail_on: Option<Severity>,
    /// The values of assumptions.
    pub assumptions: Assumptions,
    /// Levels and ignores.
    pub policy: Policy,
    /// The line of each ignore.
    lines: Vec<usize>,
}

impl Settings {
    /// Reads `config`, or else what lies at or above the estate or the working directory.
    pub fn load(config: Option<&Path>, estate: &[PathBuf]) -> Result<Settings, Failure> {
        let path = match config {
            Some(path) => path.to_owned(),
            None => match find(estate)? {
                Some(path) => path,
                None => return Ok(Settings::default()),
            },
        };
        let octets = load::read(&path)?;
        let shown = path.display().to_string();
        let text = crate::source::decode_text(octets)
            .map_err(|why| Failure::new(format!("`{shown}` {why}")))?;
        Settings::parse(&shown, &text)
    }

    /// Reads the text of a file.
    pub fn parse(path: &str, text: &str) -> Result<Settings, Failure> {
        let wrong = |span: Range<usize>, message: &str| {
            Failure::new(format!("{message}\n{}", excerpt(path, text, span)))
        };
        let tables: Tables = toml::from_str(text)
            .map_err(|error| wrong(error.span().unwrap_or(0..0), error.message()))?;
        let mut settings = Settings { path: path.to_owned(), ..Settings::default() };
        if let Some(fail_on) = &tables.fail_on {
            settings.fail_on = match fail_on.get_ref().parse() {
                Ok(Level::As(severity)) => Some(severity),
                _ => {
                    let found = fail_on.get_ref();
                    let message = format!("expected error, warning or note, found `{found}`");
                    return Err(wrong(fail_on.span(), &message));
                }
            };
        }
        if let Some(sets) = &tables.sets {
            settings.policy.sets.clear();
            for set in sets {
                let named = rule_sets([set.get_ref()]).map_err(|why| wrong(set.span(), &why))?;
                settings.policy.sets.extend(named);
            }
        }
        if let Some(version) = &tables.rules_as_of {
            let as_of = version.get_ref().parse();
            settings.policy.as_of = Some(as_of.map_err(|w: String| wrong(version.span(), &w))?);
        }
        for (rule, level) in &tables.levels {
            let parsed =
                level.get_ref().parse().map_err(|why: String| wrong(level.span(), &why))?;
            settings
                .policy
                .set_level(rule.get_ref(), parsed)
                .map_err(|why| wrong(rule.span(), &why))?;
        }
        for (name, value) in &tables.assume {
            let set = settings.assumptions.set(&format!("{}={}", name.get_ref(), value.get_ref()));
            set.map_err(|why| wrong(name.span().start..value.span().end, &why))?;
        }
        for table in &tables.ignore {
            settings.lines.push(text[..table.span().start].matches('\n').count() + 1);
            let ignore = ignore(table.get_ref(), table.span(), &wrong)?;
            settings.policy.ignores.push(ignore);
        }
        Ok(settings)
    }

    /// Tells of ignores that are expired or of no use.
    pub fn review(&self, judgement: &Judgement, today: Date, output: &Output) {
        for ((ignore, line), covered) in
            self.policy.ignores.iter().zip(&self.lines).zip(&judgement.covered)
        {
            let place = format!("{}:{line}", self.path);
            let owner = ignore.owner.as_ref().map(|owner| format!(", {owner}")).unwrap_or_default();
            let about = format!("({}{owner})", ignore.reason.replace(['\n', '\r'], " "));
            match (covered, ignore.expires.filter(|_| ignore.is_expired(today))) {
                (0, Some(day)) => output.note(&format!(
                    "{place}: this ignore expired on {day} and covers nothing {about}"
                )),
                (0, None) => output.note(&format!("{place}: this ignore covers nothing {about}")),
                (&covered, Some(day)) => output.warning(&format!(
                    "{place}: this ignore expired on {day}, so {} again {about}",
                    plural(covered, "finding counts", "findings count"),
                )),
                (_, None) => {}
            }
        }
    }
}

fn ignore(
    table: &IgnoreTable,
    span: Range<usize>,
    wrong: &impl Fn(Range<usize>, &str) -> Failure,
) -> Result<Ignore, Failure> {
    let pattern = |text: &Option<Spanned<String>>| {
        let parse = |text: &Spanned<String>| {
            text.get_ref().parse().map_err(|why: String| wrong(text.span(), &why))
        };
        text.as_ref().map(parse).transpose()
    };
    let rule: Option<Pattern> = pattern(&table.rule)?;
    if let (Some(pattern), Some(text)) = (&rule, &table.rule)
        && !RULES.iter().any(|rule| pattern.matches(rule.name))
    {
        let message = format!("no rule is named `{}`", text.get_ref());
        return Err(wrong(text.span(), &message));
    }
    if [&table.rule, &table.zone, &table.name, &table.vnet].iter().all(|one| one.is_none()) {
        return Err(wrong(span, "an ignore needs a rule, zone, name or vnet"));
    }
    if table.reason.get_ref().trim().is_empty() {
        return Err(wrong(table.reason.span(), "an ignore needs a reason"));
    }
    let expires = table.expires.as_ref().map(|expires| {
        let text = match expires.get_ref() {
            toml::Value::Datetime(day) => day.to_string(),
            toml::Value::String(day) => day.clone(),
            _ => String::new(),
        };
        // Whatever follows a date would be forgotten.
        let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text);
        day.ok_or_else(|| wrong(expires.span(), "expected a date such as 2027-06-30"))
    });
    Ok(Ignore {
        rule,
        zone: pattern(&table.zone)?,
        name: pattern(&table.name)?,
        vnet: pattern(&table.vnet)?,
        reason: table.reason.get_ref().clone(),
        owner: table.owner.clone(),
        expires: expires.transpose()?,
    })
}

/// The line of a mistake, without colours: where it goes is not known here.
pub(super) fn excerpt(path: &str, text: &str, span: Range<usize>) -> String {
    // A table is shown by its first line.
    let end = text[span.start..].find('\n').map_or(text.len(), |at| span.start + at);
    let span = span.start..span.end.min(end).max(span.start);
    let snippet = Snippet::source(text).path(path).annotation(AnnotationKind::Primary.span(span));
    Renderer::plain().render(&[Group::with_level(Title::ERROR).element(snippet)])
}

/// The file at or above the estate; or else at or above the working directory.
pub fn find(estate: &[PathBuf]) -> Result<Option<PathBuf>, Failure> {
    let mut found: Vec<PathBuf> = Vec::new();
    for path in estate.iter().filter(|path| *path != Path::new("-")) {
        // An estate that cannot be read is told of when it is read.
        let Ok(path) = std::fs::canonicalize(path) else { continue };
        found.extend(above(&path));
    }
    found.sort();
    found.dedup();
    match &found[..] {
        [] => {
            let directory = std::env::current_dir().and_then(std::fs::canonicalize);
            Ok(directory.ok().and_then(|directory| above(&directory)).map(short))
        }
        [one] => Ok(Some(short(one.clone()))),
        [one, other, ..] => Err(Failure::new(format!(
            "the estates have settings of their own, `{}` and `{}`: choose with --config",
            one.display(),
            other.display()
        ))),
    }
}

/// Puts values of assumptions into settings and leaves all else as it is, comments too;
/// `why` becomes the comment of each.
#[cfg(feature = "live")]
pub fn assume(text: &str, values: &[(&str, &str)], why: &str) -> Result<String, String> {
    let mut document: toml_edit::DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| error.to_string())?;
    let table = document.entry("assume").or_insert(toml_edit::table());
    // A table in one line has no room for comments.
    let open = table.is_table();
    let table = table.as_table_like_mut().ok_or("expected `assume` to be a table")?;
    for (name, value) in values {
        let mut value = toml_edit::Value::from(*value);
        value.decor_mut().set_prefix(" ");
        if open {
            value.decor_mut().set_suffix(format!("  # {why}"));
        }
        match table.get_mut(name) {
            Some(known) => *known = toml_edit::Item::Value(value),
            None => {
                table.insert(name, toml_edit::Item::Value(value));
            }
        }
    }
    Ok(document.to_string())
}

fn above(path: &Path) -> Option<PathBuf> {
    path.ancestors().map(|directory| directory.join(NAME)).find(|file| file.is_file())
}

/// The path from the working directory, where it lies below.
fn short(path: PathBuf) -> PathBuf {
    let directory = std::env::current_dir().and_then(std::fs::canonicalize);
    match directory.ok().and_then(|directory| path.strip_prefix(directory).ok()) {
        Some(below) => below.to_owned(),
        None => path.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        Settings::parse("privdns.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn all_keys_are_taken() {
        let settings = Settings::parse(
            "privdns.toml",
            r#"
            fail-on = "warning"
            [levels]
            unlinked-zone = "off"
            [assume]
            ent-answer = "nxdomain"
            [[ignore]]
            rule = "shadowed-*"
            zone = "privatelink.*"
            name = "*.batch.azure.com"
            vnet = "hub"
            reason = "moves in June"
            owner = "network team"
            expires = 2026-06-30
            [[ignore]]
            rule = "dead-endpoint"
            reason = "kept"
            expires = "2026-07-01"
            "#,
        )
        .unwrap();
        assert_eq!(settings.fail_on, Some(Severity::Warning));
        assert_eq!(settings.policy.ignores.len(), 2);
        assert_eq!(settings.lines, [7, 15]);
        assert_eq!(settings.policy.ignores[1].expires, "2026-07-01".parse().ok());
    }

    #[test]
    fn mistakes_are_shown_where_they_are() {
        insta::assert_snapshot!(refused("fail-on = \"error\"\nlevel = 1\n"), @"
        unknown field `level`, expected one of `fail-on`, `sets`, `rules-as-of`, `levels`, `assume`, `ignore`
         --> privdns.toml:2:1
          |
        2 | level = 1
          | ^^^^^
        ");
        insta::assert_snapshot!(refused("[levels]\nunlinked = \"off\"\n").split(';').next().unwrap(), @"no rule is named `unlinked`");
        insta::assert_snapshot!(refused("[levels]\nunlinked-zone = \"none\"\n"), @r#"
        expected error, warning, note or off, found `none`
         --> privdns.toml:2:17
          |
        2 | unlinked-zone = "none"
          |                 ^^^^^^
        "#);
        insta::assert_snapshot!(refused("[assume]\nent-answer = \"maybe\"\n"), @r#"
        expected nodata or nxdomain for `ent-answer`, found `maybe`
         --> privdns.toml:2:1
          |
        2 | ent-answer = "maybe"
          | ^^^^^^^^^^^^^^^^^^^^
        "#);
        insta::assert_snapshot!(refused("[[ignore]]\nrule = \"unlinked-zone\"\n"), @"
        missing field `reason`
         --> privdns.toml:1:1
          |
        1 | [[ignore]]
          | ^^^^^^^^^^
        ");
        insta::assert_snapshot!(refused("[[ignore]]\nreason = \"because\"\n"), @"
        an ignore needs a rule, zone, name or vnet
         --> privdns.toml:1:1
          |
        1 | [[ignore]]
          | ^^^^^^^^^^
        ");
        insta::assert_snapshot!(refused("[[ignore]]\nrule = \"x\"\nreason = \"y\"\n"), @r#"
        no rule is named `x`
         --> privdns.toml:2:8
          |
        2 | rule = "x"
          |        ^^^
        "#);
        insta::assert_snapshot!(refused("[[ignore]]\nzone = \"z\"\nreason = \"y\"\nexpires = 2026-06-30T01:00:00\n"), @"
        expected a date such as 2027-06-30
         --> privdns.toml:4:11
          |
        4 | expires = 2026-06-30T01:00:00
          |           ^^^^^^^^^^^^^^^^^^^
        ");
        insta::assert_snapshot!(refused("[[ignore]\n"), @"
        unclosed array table, expected `]`
         --> privdns.toml:1:10
          |
        1 | [[ignore]
          |          ^
        ");
    }
}

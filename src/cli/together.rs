//! `check --together`: what two estates mean for each other.

use std::path::PathBuf;

use super::output::Output;
use super::{Failure, Verdict, load};
use crate::plan::together::together;
use crate::render::together::{Sides, TogetherV1, has_conflicts, human, is_open};

/// Lays the two estates beside each other, apart as they are.
pub fn run(
    paths: &[PathBuf],
    config: Option<&std::path::Path>,
    options: &load::Options,
    as_json: bool,
    output: &Output,
) -> Result<Verdict, Failure> {
    let [one, two] = paths else {
        let found = paths.len();
        return Err(Failure::new(format!("--together takes two estates, found {found}")));
    };
    let settings = options.assumptions(config, paths)?;
    let load = |path: &PathBuf| {
        let estate = options.load(std::slice::from_ref(path), output)?;
        load::warn_unread(&estate, output);
        Ok::<_, Failure>(estate)
    };
    let (first, second) = (load(one)?, load(two)?);
    let found = together([&first, &second], &settings);
    let sides = Sides {
        estates: [&first, &second],
        titles: [one.display().to_string(), two.display().to_string()],
    };
    match as_json {
        true => output.result(&super::check::json(&TogetherV1::new(&found, &sides))?)?,
        false => output.prose(&human(&found, &sides))?,
    }
    let settled = !has_conflicts(&found) && !is_open(&found);
    Ok(if settled { Verdict::Clean } else { Verdict::Findings })
}

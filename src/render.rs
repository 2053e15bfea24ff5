//! Saying what was found: for people, as JSON, and as pipelines want it; writing an
//! estate in other forms.
//!
//! Everything here makes text and prints nothing. Text for people carries ANSI
//! colours; whoever prints it strips them where they do not belong.

#![deny(clippy::disallowed_methods)]

pub mod assumptions;
pub mod baseline;
pub mod command;
pub mod comparison;
pub mod convert;
pub mod emit;
pub mod github;
pub mod human;
pub mod inputs;
pub mod json;
pub mod junit;
pub mod markdown;
mod paths;
mod place;
pub mod plan;
pub mod probe;
pub mod rules_page;
pub mod sarif;
pub mod schema;
pub mod table;
pub mod together;
mod uncertain;
pub mod wrap;

pub use paths::Paths;
pub use place::{Located, locate};

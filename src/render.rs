//! Saying what was found, for people and as JSON; writing an estate in other forms.
//!
//! Everything here makes text and prints nothing. Text for people carries ANSI
//! colours; whoever prints it strips them where they do not belong.

#![deny(clippy::disallowed_methods)]

pub mod command;
pub mod convert;
pub mod human;
pub mod inputs;
pub mod json;
mod place;
pub mod plan;
pub mod table;

pub use place::{Located, locate};

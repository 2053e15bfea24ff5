//! What a change does to the answers: all of them, before and after.
//!
//! Names are infinite, their answers are not: for one network every question
//! behaves like one of finitely many *classes* (see the lemma in `plan/classes.rs`).
//! [`compare`] asks them all, so what it does not list does not change. A plan is a
//! list of [`Step`]s; each is compared with what the one before it leaves, so that a
//! name that is down for a while shows, though start and end are fine.
//!
//! ```
//! use privdns::index::{Index, Settings};
//! use privdns::plan::{Verdict, compare};
//! # use privdns::{estate::{Assembly, Estate}, source::{self, Role}};
//! # fn load(text: &str) -> Estate {
//! #     let mut assembly = Assembly::default();
//! #     source::read("e", text.as_bytes(), None, Role::Estate, &mut assembly);
//! #     assembly.finish()
//! # }
//! let before = Index::new(load("vnet hub\nzone corp.internal link hub\n  nas A 10.0.0.7\n"));
//! let after = Index::new(load("vnet hub\nzone corp.internal\n  nas A 10.0.0.7\n"));
//! let comparison = compare(&before, &after, &Settings::default());
//! // `nas` is lost, and public DNS is asked for everything else below the zone.
//! assert!(comparison.effects.iter().any(|effect| effect.name.text() == "nas.corp.internal"));
//! ```

#![deny(clippy::disallowed_methods)]

mod askers;
mod cause;
mod classes;
mod clients;
mod comparison;
pub mod consolidate;
mod effect;
pub mod fallback;
pub mod migration;
mod planner;
pub mod resolver;
mod step;
pub mod together;
mod touched;
mod unsettled;
mod wait;
mod wish;

pub use askers::{Askers, askers};
pub use cause::cause;
pub use comparison::{Advice, Comparison, compare};
pub use effect::{Class, Effect, Kind, Verdict};
pub use planner::Migration;
pub use step::{Remark, Step, StepError, Tried, try_steps};
pub use unsettled::{Unsettled, unread_differences, unread_ruleset, unsettled_differences};
pub use wait::{Cached, Wait, cached, wait};
pub use wish::{WishError, steps_of};

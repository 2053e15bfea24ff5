//! privdns tells what every name resolves to in every Azure virtual network.
#![doc = include_str!("../docs/architecture.md")]

pub mod check;
pub mod cli;
pub mod comparison;
pub mod estate;
pub mod index;
#[cfg(feature = "live")]
pub mod live;
pub mod name;
pub mod plan;
pub mod probe;
pub mod prove;
pub mod public;
pub mod record;
pub mod render;
pub mod resolve;
#[cfg(feature = "serve")]
pub mod serve;
pub mod source;
pub mod transcript;
#[cfg(feature = "live")]
pub mod wire;

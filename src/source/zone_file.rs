//! placeholder
use crate::estate::{Assembly, InputId};
#[allow(missing_docs)]
pub fn recognise(_: &str) -> bool {
    false
}
#[allow(missing_docs)]
pub fn read(_: InputId, _: &str, _: Option<&str>, _: &mut Assembly) {}
#[allow(missing_docs)]
pub fn read_public(_: InputId, _: &str, _: &mut Assembly) {}

//! Parts of an estate that copies of it have in common until one of them changes.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use crate::name::{Name, NameError, NameId, Names};

/// A value that clones share; who changes it gets a copy of their own first.
///
/// A plan has an estate for each of its steps, and they differ in little.
#[derive(Default, PartialEq, Eq)]
pub struct Shared<T>(Arc<T>);

impl<T> Shared<T> {
    /// Whether nobody has changed either since one was cloned from the other.
    pub fn is_same(&self, other: &Shared<T>) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Shared(Arc::clone(&self.0))
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T> From<T> for Shared<T> {
    fn from(value: T) -> Self {
        Shared(Arc::new(value))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone> DerefMut for Shared<T> {
    fn deref_mut(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

impl<T: Clone> IntoIterator for Shared<Vec<T>> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.0).into_iter()
    }
}

impl<'t, T> IntoIterator for &'t Shared<Vec<T>> {
    type Item = &'t T;
    type IntoIter = std::slice::Iter<'t, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'t, T: Clone> IntoIterator for &'t mut Shared<Vec<T>> {
    type Item = &'t mut T;
    type IntoIter = std::slice::IterMut<'t, T>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::make_mut(&mut self.0).iter_mut()
    }
}

/// A name that is there already is no change.
impl Shared<Names> {
    /// As [`Names::intern`].
    pub fn intern(&mut self, name: &Name) -> NameId {
        if let Some(names) = Arc::get_mut(&mut self.0) {
            return names.intern(name);
        }
        match self.0.get(name) {
            Some(id) => id,
            None => Arc::make_mut(&mut self.0).intern(name),
        }
    }

    /// As [`Names::intern_text`].
    pub fn intern_text(&mut self, text: &str, origin: NameId) -> Result<NameId, NameError> {
        if let Some(names) = Arc::get_mut(&mut self.0) {
            return names.intern_text(text, origin);
        }
        let name = Name::parse(text, &self.0.name(origin))?;
        Ok(self.intern(&name))
    }
}

//! Whom criteria are about at all.

use super::facts::Facts;
use super::{Criteria, words};

/// Whom criteria are about at all. Of nobody else they are ever true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Those who have at least one stored occurrence of an event that the criteria name.
    Involved,
    /// Those, and whoever has a live contact.
    Everybody,
}

/// Whether the user is someone whom the criteria are about.
#[inline]
pub(super) fn includes<F: Facts + ?Sized>(criteria: &Criteria, facts: &F) -> bool {
    (criteria.scope == Scope::Everybody && facts.live_contact())
        || criteria
            .needs
            .series_numbers()
            .any(|series| !facts.series(series).is_empty())
}

/// What it takes to be in scope, in words.
pub(super) fn in_words(criteria: &Criteria) -> String {
    let events = words::events(&criteria.events());
    match (events, criteria.scope) {
        (Some(events), Scope::Involved) => format!("{events} at least once, ever"),
        (Some(events), Scope::Everybody) => {
            format!("a live contact, or {events} at least once, ever")
        }
        (None, _) => "a live contact".into(),
    }
}

//! Whom criteria are about at all.

use super::facts::{Facts, Membership, Series};
use super::legs::{Leg, Subject};
use super::numbers::{InnerNo, PropertyNo, SeriesNo};
use super::tree::{self, Condition, Junction};
use super::value::PropertyValue;
use super::zones::{NoZones, Zones};
use super::{Criteria, words};
use crate::time::Instant;

/// Whom criteria are about at all. Of nobody else they are ever true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Those who have at least one stored occurrence of an event that the criteria name.
    Involved,
    /// Those, and whoever has a live contact.
    Everybody,
}

/// Whether the user is someone whom the criteria are about, as far as that has to be asked: not where nobody else
/// can match.
#[inline]
pub(super) fn admits<F: Facts + ?Sized>(criteria: &Criteria, facts: &F) -> bool {
    criteria.implies_scope || includes(criteria, facts)
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

/// Somebody of whom nothing is known but that they are in scope.
struct Nobody;

impl Facts for Nobody {
    fn series(&self, _: SeriesNo) -> Series<'_> {
        Series::default()
    }

    fn property(&self, _: PropertyNo) -> Option<&PropertyValue> {
        None
    }

    fn membership(&self, _: InnerNo) -> Membership {
        Membership::Never
    }

    fn user(&self) -> &str {
        ""
    }

    fn live_contact(&self) -> bool {
        false
    }

    fn zones(&self) -> &dyn Zones {
        &NoZones
    }
}

/// See [`Criteria::holds_without_any`]. Of nothing but events, none of which there are, the clock changes
/// nothing.
pub(super) fn holds_without_any(root: &Condition, scope: Scope) -> bool {
    let now = Instant::NEG_INFINITY;
    scope == Scope::Involved && tree::hold(root, &Nobody, now).truth
}

/// Whether whoever matches has done something that a leg counts, at any time, so that they are in scope. Then
/// whoever has done nothing of it never matches, and nobody needs to know whether they are in scope. Of a leg that
/// counts occurrences, and of which there is none, the clock changes nothing.
pub(super) fn is_implied(condition: &Condition, asked: bool) -> bool {
    match condition {
        Condition::Leg(leg) => {
            matches!(leg.subject(), Subject::Series(_))
                && leg.hold(&Nobody, Instant::NEG_INFINITY).truth != asked
        }
        Condition::Not(inner) => is_implied(inner, !asked),
        Condition::Composite {
            operator,
            conditions,
        } => {
            let implies = |part: &Condition| is_implied(part, asked);
            match if asked { *operator } else { operator.dual() } {
                Junction::And => conditions.iter().any(implies),
                Junction::Or => conditions.iter().all(implies),
            }
        }
    }
}

/// Whether whoever matches is a member of some bucket that the criteria name. Then nobody begins to match by no more
/// than becoming known.
pub(super) fn takes_members_only(condition: &Condition, asked: bool) -> bool {
    match condition {
        Condition::Leg(Leg::Bucket(leg)) => leg.takes_members_only(asked),
        Condition::Leg(_) => false,
        Condition::Not(inner) => takes_members_only(inner, !asked),
        Condition::Composite {
            operator,
            conditions,
        } => {
            let takes = |part: &Condition| takes_members_only(part, asked);
            match if asked { *operator } else { operator.dual() } {
                Junction::And => conditions.iter().any(takes),
                Junction::Or => conditions.iter().all(takes),
            }
        }
    }
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

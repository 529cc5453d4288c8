//! Truth over time.
//!
//! With no new data the only thing that happens is that occurrences grow too old for their
//! windows. So every node's truth is a step function, and one walk over the tree at an instant
//! tells both its value and a time until which it certainly stays so. Stepping from one such time
//! to the next finds the first instant at which the value really differs; steps of legs that do
//! not matter to the tree are mostly never visited.

use super::{
    Condition, Criteria, EventLeg, Facts, Junction, PropertyLeg, PropertyTest, PropertyValue,
    Verdict,
};
use crate::time::{Instant, Span};
use std::cmp::Ordering;

/// The first instant that Postgres's calendar no longer has (294277-01-01). The clock never gets
/// there, and a flip after it could not be stored.
pub(super) const END_OF_CALENDAR: Instant = Instant::END_OF_CALENDAR;

/// A truth and how long it certainly holds: up to but not including `until`.
#[derive(Clone, Copy)]
struct Hold {
    truth: bool,
    /// Infinity: for good.
    until: Instant,
}

impl Hold {
    fn forever(truth: bool) -> Hold {
        Hold {
            truth,
            until: Instant::INFINITY,
        }
    }
}

pub(super) fn evaluate<F: Facts + ?Sized>(criteria: &Criteria, facts: &F, now: Instant) -> Verdict {
    if !in_scope(criteria, facts) {
        return Verdict {
            truth: false,
            flips_at: None,
        };
    }
    of_node(&criteria.root, facts, now)
}

/// The truth of one node and its flip, whatever the scope.
pub(super) fn of_node<F: Facts + ?Sized>(
    condition: &Condition,
    facts: &F,
    now: Instant,
) -> Verdict {
    let first = hold(condition, facts, now);
    let mut until = first.until;
    // Every `until` is a step of some leg and later than the one before, and a leg has at most
    // two steps: the loop ends.
    while until < END_OF_CALENDAR {
        let then = hold(condition, facts, until);
        if then.truth != first.truth {
            return Verdict {
                truth: first.truth,
                flips_at: Some(until),
            };
        }
        until = then.until;
    }
    Verdict {
        truth: first.truth,
        flips_at: None,
    }
}

pub(super) fn last_flip<F: Facts + ?Sized>(
    criteria: &Criteria,
    facts: &F,
    after: Instant,
    until: Instant,
) -> Option<Instant> {
    if after >= until || !in_scope(criteria, facts) {
        return None;
    }
    let mut last = None;
    let mut current = hold(&criteria.root, facts, after);
    while current.until <= until && current.until < END_OF_CALENDAR {
        let at = current.until;
        let then = hold(&criteria.root, facts, at);
        if then.truth != current.truth {
            last = Some(at);
        }
        current = then;
    }
    last
}

/// Whether the user is someone whom the criteria are about at all.
pub(super) fn in_scope<F: Facts + ?Sized>(criteria: &Criteria, facts: &F) -> bool {
    (criteria.has_property_leg() && facts.live_contact())
        || (0..criteria.events.len()).any(|event| facts.occurrence(event, 1).is_some())
}

/// The recursion is as deep as the tree, which the parser bounds.
fn hold<F: Facts + ?Sized>(condition: &Condition, facts: &F, at: Instant) -> Hold {
    match condition {
        Condition::Property(leg) => Hold::forever(property(leg, facts)),
        Condition::Event(leg) => event(leg, facts, at),
        Condition::Composite {
            operator,
            conditions,
        } => composite(*operator, conditions, facts, at),
    }
}

/// One condition of the deciding value (false for *and*, true for *or*) decides for as long as it
/// holds, so the longest such holds the whole. With none, the whole holds until the first changes.
fn composite<F: Facts + ?Sized>(
    operator: Junction,
    conditions: &[Condition],
    facts: &F,
    at: Instant,
) -> Hold {
    let deciding = operator == Junction::Or;
    let mut decided: Option<Instant> = None;
    let mut undecided = Instant::INFINITY;
    for condition in conditions {
        let part = hold(condition, facts, at);
        if part.truth == deciding {
            if part.until == Instant::INFINITY {
                return Hold::forever(deciding);
            }
            decided = decided.max(Some(part.until));
        } else {
            undecided = undecided.min(part.until);
        }
    }
    match decided {
        Some(until) => Hold {
            truth: deciding,
            until,
        },
        None => Hold {
            truth: !deciding,
            until: undecided,
        },
    }
}

/// The number of occurrences in the window only falls as time goes on: it passes below `high`
/// when the occurrence of that rank leaves, and later below `low`.
fn event<F: Facts + ?Sized>(leg: &EventLeg, facts: &F, at: Instant) -> Hold {
    let leaves = |rank: u64| leaves_at(facts.occurrence(leg.event, rank), leg.within);
    match leg.range.high {
        Some(0) => return Hold::forever(false),
        Some(rank) => match leaves(rank) {
            Some(until) if counts(until, at) => {
                return Hold {
                    truth: false,
                    until,
                };
            }
            _ => {}
        },
        None => {}
    }
    match leg.range.low {
        0 => Hold::forever(true),
        rank => match leaves(rank) {
            Some(until) if counts(until, at) => Hold { truth: true, until },
            _ => Hold::forever(false),
        },
    }
}

/// The first instant at which the occurrence no longer counts: infinity when it always does,
/// `None` when there is none. Infinities absorb what is added to them, so an occurrence at
/// infinity never leaves, and one at minus infinity has left before any time.
pub(super) fn leaves_at(occurrence: Option<Instant>, within: Option<Span>) -> Option<Instant> {
    let occurred_at = occurrence?;
    Some(match within {
        None => Instant::INFINITY,
        Some(within) => occurred_at.plus(within).next(),
    })
}

/// Whether an occurrence that leaves at `until` is still inside at `at`.
pub(super) fn counts(until: Instant, at: Instant) -> bool {
    at < until || until == Instant::INFINITY
}

fn property<F: Facts + ?Sized>(leg: &PropertyLeg, facts: &F) -> bool {
    passes(&leg.test, facts.property(leg.property))
}

/// Whether a value (or that there is none) is what a leg asks for.
pub(super) fn passes(test: &PropertyTest, value: Option<&PropertyValue>) -> bool {
    use super::PropertyValue::{Null, Number};
    let ordering = |than| match value {
        Some(Number(number)) => Some(number.cmp(than)),
        _ => None,
    };
    match test {
        PropertyTest::Exists => !matches!(value, None | Some(Null)),
        PropertyTest::NotExists => matches!(value, None | Some(Null)),
        PropertyTest::Eq(scalar) => value.is_some_and(|value| scalar.equals(value)),
        PropertyTest::Neq(scalar) => !value.is_some_and(|value| scalar.equals(value)),
        PropertyTest::Gt(than) => ordering(than) == Some(Ordering::Greater),
        PropertyTest::Gte(than) => ordering(than).is_some_and(Ordering::is_ge),
        PropertyTest::Lt(than) => ordering(than) == Some(Ordering::Less),
        PropertyTest::Lte(than) => ordering(than).is_some_and(Ordering::is_le),
        PropertyTest::Contains(scalar) => value.is_some_and(|value| scalar.is_contained_in(value)),
    }
}

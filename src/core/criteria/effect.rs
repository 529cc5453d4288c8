//! What one more occurrence can do to the truth.

use super::Criteria;
use super::numbers::SeriesNo;
use super::tree::Condition;
use crate::time::{Instant, Span};

/// How the truth with one more occurrence of a series compares with the truth without it, whatever
/// else is known of the user. For a user in scope: the first occurrence that criteria ask about brings
/// somebody into it, and with that any truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effect {
    /// Which way it differs, at any instant.
    pub order: Order,
    /// Before this it does not differ.
    pub from: Onset,
}

/// How two truths compare, one of which has one more occurrence than the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// They are the same.
    Same,
    /// From false to true at most: `exists`, "at least".
    Up,
    /// From true to false at most: `not_exists`, "at most".
    Down,
    /// Either way: "exactly", or legs that disagree.
    Either,
}

/// From when on an occurrence makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Onset {
    /// As soon as it is stored, even if it is yet to come.
    AtOnce,
    /// As soon as it happened longer ago than that.
    After(Span),
}

impl Order {
    /// How they compare if each of two parts compares like that, and more truth in a part means
    /// more truth in the whole.
    #[must_use]
    pub fn and(self, other: Order) -> Order {
        match (self, other) {
            (Order::Same, order) | (order, Order::Same) => order,
            (one, other) if one == other => one,
            _ => Order::Either,
        }
    }

    fn opposite(self) -> Order {
        match self {
            Order::Up => Order::Down,
            Order::Down => Order::Up,
            order => order,
        }
    }
}

impl Onset {
    /// The first instant at which an occurrence at that instant makes a difference.
    pub fn of(self, occurred_at: Instant) -> Instant {
        match self {
            Onset::AtOnce => Instant::NEG_INFINITY,
            Onset::After(span) => occurred_at.plus(span).next(),
        }
    }
}

impl Effect {
    /// An occurrence that does nothing.
    pub const NONE: Effect = Effect {
        order: Order::Same,
        from: Onset::AtOnce,
    };

    /// An occurrence that does so at once.
    pub fn at_once(order: Order) -> Effect {
        Effect {
            order,
            from: Onset::AtOnce,
        }
    }

    /// What both together can do.
    #[must_use]
    pub fn and(self, other: Effect) -> Effect {
        match (self.order, other.order) {
            (Order::Same, _) => other,
            (_, Order::Same) => self,
            (one, other_order) => Effect {
                order: one.and(other_order),
                from: self.from.min(other.from),
            },
        }
    }
}

/// *And* and *or* pass on what their parts do: neither turns anything round, as negation does.
pub(super) fn of(criteria: &Criteria, series: SeriesNo) -> Effect {
    fn of_node(condition: &Condition, series: SeriesNo) -> Effect {
        match condition {
            Condition::Leg(leg) => leg.effect(series),
            Condition::Not(inner) => {
                let effect = of_node(inner, series);
                Effect {
                    order: effect.order.opposite(),
                    ..effect
                }
            }
            Condition::Composite { conditions, .. } => conditions
                .iter()
                .map(|part| of_node(part, series))
                .fold(Effect::NONE, Effect::and),
        }
    }
    of_node(&criteria.root, series)
}

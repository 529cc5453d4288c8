//! What one more occurrence of an event can do to the truth.

use super::{Condition, Criteria};

/// Which way another occurrence of an event can move the truth, now or at any later instant,
/// whatever else is known of the user. For a user in scope: the first event that criteria name
/// brings somebody into it, and with that any truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lean {
    /// From false to true at most: `exists`, "at least".
    Helps,
    /// From true to false at most: `not_exists`, "at most".
    Hurts,
    /// Either way: "exactly", or legs that disagree.
    Either,
}

impl Lean {
    /// What both together can do.
    #[must_use]
    pub fn and(self, other: Lean) -> Lean {
        if self == other { self } else { Lean::Either }
    }
}

/// *And* and *or* pass on what their legs do: neither turns anything round.
pub(super) fn of(criteria: &Criteria, event: usize) -> Lean {
    fn of_node(condition: &Condition, event: usize) -> Option<Lean> {
        match condition {
            Condition::Property(_) => None,
            Condition::Event(leg) if leg.event != event => None,
            Condition::Event(leg) => Some(match (leg.range.low, leg.range.high) {
                (_, None) => Lean::Helps,
                (0, Some(_)) => Lean::Hurts,
                _ => Lean::Either,
            }),
            Condition::Composite { conditions, .. } => conditions
                .iter()
                .filter_map(|condition| of_node(condition, event))
                .reduce(Lean::and),
        }
    }
    of_node(&criteria.root, event).unwrap_or(Lean::Either)
}

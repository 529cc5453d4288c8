//! The tree of a document, and the one rule by which truths are combined.
//!
//! A leg's truth is a step function of time. Going forwards a leg tells its truth and until when
//! that certainly lasts; going backwards, its truth as far as it is known and since when that has
//! lasted. *And* and *or* treat both directions alike, so there is one rule for both ([`Parts`]).
//!
//! Negation stays where the document has it. Forwards it turns a truth round. Backwards the
//! question is not "was it true?" but "is it known that it was true?" or "… that it was false?",
//! and negation exchanges the two questions (as it exchanges *and* and *or*). So whatever nobody
//! knows answers "no" to both, below a negation as anywhere else, and never becomes a claim.

use super::facts::Facts;
use super::legs::Leg;
use crate::time::Instant;
use std::cmp::Reverse;

/// A node of the tree.
#[derive(Clone, Debug)]
pub enum Condition {
    /// What must hold of the user.
    Leg(Leg),
    /// What must not hold.
    Not(Box<Condition>),
    /// Several conditions in one.
    Composite {
        /// Whether all or any of them must hold.
        operator: Junction,
        /// In the order of the document; never empty.
        conditions: Vec<Condition>,
    },
}

/// How a composite combines its conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Junction {
    /// All must hold.
    And,
    /// One is enough.
    Or,
}

impl Junction {
    /// The one that says the same of the opposites.
    pub(super) fn dual(self) -> Junction {
        match self {
            Junction::And => Junction::Or,
            Junction::Or => Junction::And,
        }
    }
}

/// How far a truth lasts in one direction of time. The farther is the greater.
pub(super) trait Edge: Copy + Ord {
    /// For good.
    const FOR_GOOD: Self;
}

/// Forwards: the first instant that is no longer certain.
impl Edge for Instant {
    const FOR_GOOD: Instant = Instant::INFINITY;
}

/// Backwards: the earliest instant that is certain.
impl Edge for Reverse<Instant> {
    const FOR_GOOD: Reverse<Instant> = Reverse(Instant::NEG_INFINITY);
}

/// A truth and how far it certainly lasts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch<E> {
    pub truth: bool,
    pub edge: E,
}

impl<E: Edge> Stretch<E> {
    #[inline]
    pub fn for_good(truth: bool) -> Stretch<E> {
        Stretch {
            truth,
            edge: E::FOR_GOOD,
        }
    }

    #[inline]
    pub fn opposite(self) -> Stretch<E> {
        Stretch {
            truth: !self.truth,
            ..self
        }
    }
}

/// The truth at an instant, up to but not including `edge`.
pub(super) type Hold = Stretch<Instant>;

/// The truth at an instant of the past, and ever since `edge`.
pub(super) type Known = Stretch<Reverse<Instant>>;

/// What a leg tells of an instant of the past.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    /// `None`: nobody wrote down what would tell.
    pub truth: Option<bool>,
    /// The leg has told the same of every instant since then.
    pub since: Instant,
}

/// More must be read before that instant of the past can be told.
#[derive(Clone, Copy, Debug)]
pub(super) struct TooShallow;

/// Parts of a composite, as they come together. One part of the deciding value (false for *and*, true
/// for *or*) decides for as long as it lasts, whatever the others are, so the longest such lasts as
/// long as the whole. With none, the whole lasts until the first of them changes.
struct Parts<E> {
    deciding: bool,
    decided: Option<E>,
    undecided: E,
}

impl<E: Edge> Parts<E> {
    #[inline]
    fn new(operator: Junction) -> Parts<E> {
        Parts {
            deciding: operator == Junction::Or,
            decided: None,
            undecided: E::FOR_GOOD,
        }
    }

    /// Adds one; returns the whole if the others make no difference any more.
    #[inline]
    fn add(&mut self, part: Stretch<E>) -> Option<Stretch<E>> {
        if part.truth != self.deciding {
            self.undecided = self.undecided.min(part.edge);
        } else if part.edge == E::FOR_GOOD {
            return Some(part);
        } else {
            self.decided = self.decided.max(Some(part.edge));
        }
        None
    }

    #[inline]
    fn whole(self) -> Stretch<E> {
        match self.decided {
            Some(edge) => Stretch {
                truth: self.deciding,
                edge,
            },
            None => Stretch {
                truth: !self.deciding,
                edge: self.undecided,
            },
        }
    }
}

/// The truth of a node at an instant, and until when it certainly lasts if nothing but the clock
/// moves. The recursion is as deep as the tree, which the parser bounds.
pub(super) fn hold<F: Facts + ?Sized>(condition: &Condition, facts: &F, at: Instant) -> Hold {
    match condition {
        Condition::Leg(leg) => leg.hold(facts, at),
        Condition::Not(inner) => hold(inner, facts, at).opposite(),
        Condition::Composite {
            operator,
            conditions,
        } => {
            let mut parts = Parts::new(*operator);
            for part in conditions {
                if let Some(whole) = parts.add(hold(part, facts, at)) {
                    return whole;
                }
            }
            parts.whole()
        }
    }
}

/// Combines what is known of the past. Where more must be read, that is needed only if nothing else
/// decides.
pub(super) fn combine(
    operator: Junction,
    known: impl Iterator<Item = Result<Known, TooShallow>>,
) -> Result<Known, TooShallow> {
    let mut parts = Parts::new(operator);
    let mut shortage = None;
    for part in known {
        match part {
            Ok(part) => {
                if let Some(whole) = parts.add(part) {
                    return Ok(whole);
                }
            }
            Err(too_shallow) => shortage = Some(too_shallow),
        }
    }
    match shortage {
        Some(too_shallow) if parts.decided.is_none() => Err(too_shallow),
        _ => Ok(parts.whole()),
    }
}

/// Whether it is known of an instant `at`, not after `now`, that the node was `asked` then.
pub(super) fn was<F: Facts + ?Sized>(
    condition: &Condition,
    asked: bool,
    facts: &F,
    at: Instant,
    now: Instant,
) -> Result<Known, TooShallow> {
    match condition {
        Condition::Leg(leg) => {
            let held = leg.held(facts, at, now)?;
            Ok(Known {
                truth: held.truth == Some(asked),
                edge: Reverse(held.since),
            })
        }
        Condition::Not(inner) => was(inner, !asked, facts, at, now),
        Condition::Composite {
            operator,
            conditions,
        } => {
            let operator = if asked { *operator } else { operator.dual() };
            let parts = conditions.iter();
            combine(operator, parts.map(|part| was(part, asked, facts, at, now)))
        }
    }
}

impl Condition {
    /// Calls `visit` with every leg.
    pub(super) fn legs<'c>(&'c self, visit: &mut impl FnMut(&'c Leg)) {
        match self {
            Condition::Leg(leg) => visit(leg),
            Condition::Not(inner) => inner.legs(visit),
            Condition::Composite { conditions, .. } => {
                conditions.iter().for_each(|part| part.legs(visit));
            }
        }
    }

    /// Calls `visit` with every leg and its path, in the order of the document.
    pub(super) fn legs_at<'c>(&'c self, path: String, visit: &mut impl FnMut(&'c Leg, &str)) {
        match self {
            Condition::Leg(leg) => visit(leg, &path),
            Condition::Not(_) | Condition::Composite { .. } => {
                for (part, path) in self.parts(&path) {
                    part.legs_at(path, visit);
                }
            }
        }
    }

    /// What stands directly below, with its path.
    pub(super) fn parts(&self, path: &str) -> Vec<(&Condition, String)> {
        match self {
            Condition::Leg(_) => Vec::new(),
            Condition::Not(inner) => vec![(inner, format!("{path}.condition"))],
            Condition::Composite { conditions, .. } => conditions
                .iter()
                .enumerate()
                .map(|(index, part)| (part, format!("{path}.conditions[{index}]")))
                .collect(),
        }
    }
}

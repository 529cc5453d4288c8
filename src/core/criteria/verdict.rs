//! Truth from now on: what criteria say at an instant, and when to look again.
//!
//! With no new data only the clock moves. One walk over the tree at an instant tells both the truth
//! and a time until which it certainly stays so. Stepping from one such time to the next finds the
//! first instant at which the truth really differs; steps of legs that do not matter to the tree are
//! mostly never visited.
//!
//! A document may have more steps than it is worth going through at once. Then stepping stops, and
//! the instant that it came to is where the clock looks again: a timer may be too early. What is
//! *dated* is never the timer but the step that is found by looking back ([`last_flip`]).

use super::facts::Facts;
use super::since::Unread;
use super::{Criteria, scope, tree};
use crate::time::Instant;

/// The first instant that Postgres's calendar no longer has (294277-01-01). The clock never gets
/// there, and a flip after it could not be stored.
pub(super) const END_OF_CALENDAR: Instant = Instant::END_OF_CALENDAR;

/// How many steps ahead are looked at: twice as many as the legs of one document can have together
/// where none has more than two.
pub const PATIENCE: usize = 1_024;

/// What evaluation finds out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// Whether the criteria hold now.
    pub truth: bool,
    /// If no new data comes, the truth does not change before this; `None` when the clock alone
    /// changes nothing any more.
    pub look_at: Option<Instant>,
    /// It changes then.
    pub exact: bool,
}

impl Verdict {
    /// What stays as it is.
    pub fn for_good(truth: bool) -> Verdict {
        Verdict {
            truth,
            look_at: None,
            exact: true,
        }
    }

    /// When the truth changes, if that is known.
    pub fn flips_at(self) -> Option<Instant> {
        self.look_at.filter(|_| self.exact)
    }
}

#[inline]
pub(super) fn evaluate<F: Facts + ?Sized>(
    criteria: &Criteria,
    facts: &F,
    now: Instant,
    patience: usize,
) -> Verdict {
    if !scope::admits(criteria, facts) {
        return Verdict::for_good(false);
    }
    of_node(&criteria.root, facts, now, patience)
}

/// What one node says, whatever the scope.
#[inline]
pub(super) fn of_node<F: Facts + ?Sized>(
    condition: &tree::Condition,
    facts: &F,
    now: Instant,
    patience: usize,
) -> Verdict {
    let first = tree::hold(condition, facts, now);
    let change = |at, exact| Verdict {
        truth: first.truth,
        look_at: Some(at),
        exact,
    };
    let mut until = first.edge;
    let mut patience = patience;
    // Every `until` is later than the one before.
    while until < END_OF_CALENDAR {
        if patience == 0 {
            return change(until, false);
        }
        let then = tree::hold(condition, facts, until);
        if then.truth != first.truth {
            return change(until, true);
        }
        until = then.edge;
        patience -= 1;
    }
    Verdict::for_good(first.truth)
}

/// The last instant in (`after`, `until`] at which the clock alone changed the truth.
pub(super) fn last_flip<F: Facts + ?Sized>(
    criteria: &Criteria,
    facts: &F,
    after: Instant,
    until: Instant,
) -> Result<Option<Instant>, Unread> {
    if after >= until || !scope::admits(criteria, facts) {
        return Ok(None);
    }
    let mut reaches = true;
    criteria.root.legs(&mut |leg| {
        reaches = reaches && leg.reaches(&criteria.needs, facts, after);
    });
    if !reaches {
        return Err(Unread { true_since: None });
    }
    let mut last = None;
    let mut current = tree::hold(&criteria.root, facts, after);
    while current.edge <= until && current.edge < END_OF_CALENDAR {
        let at = current.edge;
        let then = tree::hold(&criteria.root, facts, at);
        if then.truth != current.truth {
            last = Some(at);
        }
        current = then;
    }
    Ok(last)
}

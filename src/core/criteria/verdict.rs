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
//!
//! Anniversaries come again without an end, and two of them may never be on one day. So where there are any, nothing
//! is looked for beyond a [`HORIZON`].

use super::facts::Facts;
use super::since::Unread;
use super::{Criteria, scope, tree};
use crate::time::{Instant, Span};

/// The first instant that Postgres's calendar no longer has (294277-01-01). The clock never gets
/// there, and a flip after it could not be stored.
pub(super) const END_OF_CALENDAR: Instant = Instant::END_OF_CALENDAR;

/// How many steps ahead are looked at: twice as many as the legs of one document can have together
/// where none has more than two.
pub const PATIENCE: usize = 1_024;

/// How far ahead is looked where something comes again every year: a little more than that.
pub const HORIZON: Span = Span(400 * Span::DAY.0);

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
    let horizon = horizon(criteria.is_endless, now);
    until(&criteria.root, facts, now, patience, horizon)
}

/// Whether the clock may change a node again and again, without an end.
pub(super) fn is_endless(condition: &tree::Condition) -> bool {
    let mut is_endless = false;
    condition.legs(&mut |leg| is_endless |= leg.is_endless());
    is_endless
}

/// Nothing is looked for from then on.
#[inline]
fn horizon(is_endless: bool, now: Instant) -> Instant {
    if is_endless {
        now.plus(HORIZON)
    } else {
        Instant::INFINITY
    }
}

/// What one node says, whatever the scope.
pub(super) fn of_node<F: Facts + ?Sized>(
    condition: &tree::Condition,
    facts: &F,
    now: Instant,
    patience: usize,
) -> Verdict {
    let horizon = horizon(is_endless(condition), now);
    until(condition, facts, now, patience, horizon)
}

#[inline]
fn until<F: Facts + ?Sized>(
    condition: &tree::Condition,
    facts: &F,
    now: Instant,
    patience: usize,
    horizon: Instant,
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
        if patience == 0 || until >= horizon {
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
    if !criteria.is_endless {
        return Ok(flipped(criteria, facts, after, until));
    }
    // The last of endlessly many: as far back as need be, a few steps first; but not to before the calendar began.
    let after = after.max(Instant::START_OF_CALENDAR);
    let mut span = HORIZON;
    loop {
        let from = until.minus(span).max(after);
        let flip = flipped(criteria, facts, from, until);
        if flip.is_some() || from <= after {
            return Ok(flip);
        }
        span = Span(span.0.saturating_mul(8));
    }
}

/// The last flip in (`after`, `until`], of all that there are.
fn flipped<F: Facts + ?Sized>(
    criteria: &Criteria,
    facts: &F,
    after: Instant,
    until: Instant,
) -> Option<Instant> {
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
    last
}

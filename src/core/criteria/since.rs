//! Truth in the past: since when have criteria held?
//!
//! Forwards in time only the clock changes anything (see `verdict.rs`); backwards, occurrences also
//! arrive. What was true of a user at an earlier instant is what the evaluator would have said then,
//! given what was stored then, and of some things nobody wrote down when they changed. So a leg
//! answers "true", "false" or "unknown", and the walk goes back for as long as the criteria are
//! *known* to have been true.

use super::Criteria;
use super::facts::{Facts, Membership};
use super::legs::event::past;
use super::tree::{self, Junction, Known, TooShallow, combine};
use crate::time::{Instant, Span};
use std::cmp::Reverse;

/// The walk came to where more occurrences must be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The criteria have been true at least since then; `None`: not even the present is certain.
    pub true_since: Option<Instant>,
}

pub(super) const ALWAYS: Instant = Instant::NEG_INFINITY;

pub(super) fn true_since<F: Facts + ?Sized>(
    criteria: &Criteria,
    facts: &F,
    now: Instant,
) -> Result<Option<Instant>, Unread> {
    let mut since = None;
    let mut at = now;
    // Each step goes back to where some condition last changed, of which there are finitely many.
    loop {
        let known = whole(criteria, facts, at, now);
        let known = known.map_err(|TooShallow| Unread { true_since: since })?;
        let Reverse(edge) = known.edge;
        if !known.truth || edge == ALWAYS {
            return Ok(since.filter(|_| !known.truth));
        }
        since = Some(edge);
        at = before(edge);
    }
}

pub(super) fn before(at: Instant) -> Instant {
    at.minus(Span::MICROSECOND)
}

/// The tree, together with the scope: nobody was a candidate before their first occurrence, or before they
/// were in a bucket that the criteria name. Since when somebody has had a contact nobody knows.
fn whole<F: Facts + ?Sized>(
    criteria: &Criteria,
    facts: &F,
    at: Instant,
    now: Instant,
) -> Result<Known, TooShallow> {
    if criteria.implies_scope {
        return tree::was(&criteria.root, true, facts, at, now);
    }
    let series = criteria.needs.plain_numbers();
    let scope = series.map(|series| past::reached(facts.series(series), 1, at, now));
    let members = criteria.needs.inner_numbers();
    let members = members.map(|bucket| Ok(was_member(facts.membership(bucket), at, now)));
    let scope = combine(Junction::Or, scope.chain(members));
    let tree = tree::was(&criteria.root, true, facts, at, now);
    combine(Junction::And, [scope, tree].into_iter())
}

/// Whether somebody is known to have been in a bucket, and so to have had a contact.
fn was_member(membership: Membership, at: Instant, now: Instant) -> Known {
    match membership {
        Membership::Member { since } if at >= since.min(now) => Known {
            truth: true,
            edge: Reverse(since.min(now)),
        },
        _ => Known {
            truth: false,
            edge: Reverse(ALWAYS),
        },
    }
}

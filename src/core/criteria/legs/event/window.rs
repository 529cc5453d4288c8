//! Which occurrences are inside a range that moves with the clock.

use super::{enters_at, leaves_at};
use crate::time::{Instant, Span};

/// A range of ages. An occurrence is inside from when it is old enough until it is too old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Only occurrences at most this old are inside; longer than `older`.
    pub within: Option<Span>,
    /// Only occurrences older than this are inside; `None`: from their beginning on, and before.
    pub older: Option<Span>,
}

/// Which of a series, latest first, are inside at an instant: those from the place `entered` up to but
/// not including the place `left`.
pub(in crate::criteria::legs) struct Inside<'f> {
    pub latest: &'f [Instant],
    pub entered: usize,
    pub left: usize,
}

impl Inside<'_> {
    pub fn count(&self) -> u64 {
        self.left.saturating_sub(self.entered) as u64
    }
}

impl Window {
    /// Whether whatever happened is inside, at any time.
    pub(in crate::criteria::legs) fn is_lifetime(self) -> bool {
        self.within.is_none() && self.older.is_none()
    }

    pub(in crate::criteria::legs) fn enters(self, occurred_at: Instant) -> Instant {
        self.older
            .map_or(Instant::NEG_INFINITY, |older| enters_at(occurred_at, older))
    }

    pub(in crate::criteria::legs) fn leaves(self, occurred_at: Instant) -> Instant {
        leaves_at(Some(occurred_at), self.within).unwrap_or(Instant::INFINITY)
    }

    pub(in crate::criteria::legs) fn inside(self, latest: &[Instant], at: Instant) -> Inside<'_> {
        let is_ahead = |enters: Instant| at < enters || enters == Instant::INFINITY;
        let stays = |leaves: Instant| at < leaves || leaves == Instant::INFINITY;
        Inside {
            latest,
            entered: latest.partition_point(|o| is_ahead(self.enters(*o))),
            left: latest.partition_point(|o| stays(self.leaves(*o))),
        }
    }

    /// When the next one enters or leaves; infinity when none does.
    pub(in crate::criteria::legs) fn next(self, inside: &Inside) -> Instant {
        let at = |place: usize| {
            let place = place.checked_sub(1)?;
            inside.latest.get(place).copied()
        };
        let enters = at(inside.entered).map(|o| self.enters(o));
        let leaves = at(inside.left).map(|o| self.leaves(o));
        let next = enters.into_iter().chain(leaves).min();
        next.unwrap_or(Instant::INFINITY)
    }

    /// The same, and goes on to that instant.
    pub(super) fn step(self, inside: &mut Inside) -> Instant {
        let next = self.next(inside);
        self.go(inside, next);
        next
    }

    /// Goes on to an instant, which must not be an earlier one.
    pub(in crate::criteria::legs) fn go(self, inside: &mut Inside, at: Instant) {
        let reached = |instant: Instant| instant <= at && instant != Instant::INFINITY;
        let mut entered = inside.entered;
        while entered > 0 && reached(self.enters(inside.latest[entered - 1])) {
            entered -= 1;
        }
        let mut left = inside.left;
        while left > 0 && reached(self.leaves(inside.latest[left - 1])) {
            left -= 1;
        }
        (inside.entered, inside.left) = (entered, left);
    }
}

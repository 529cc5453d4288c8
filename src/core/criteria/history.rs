//! Truth in the past: since when has it been as it is?
//!
//! Forward in time only departures matter (see `truth.rs`); back in time occurrences also arrive.
//! What was true of a user at an earlier instant is what the evaluator would have said then, given
//! the occurrences there were. Where a property decides there is no telling, because nobody wrote
//! down when it changed; so the walk back counts every property leg as false, which in a tree of
//! *and* and *or* leaves just what the events alone make true.

use super::{Condition, Criteria, EventLeg, Junction};
use crate::time::{Instant, Span};

/// The occurrences of one event of one user, as far as they were read.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// Latest first.
    pub latest: Vec<Instant>,
    /// `latest` goes back to the very first occurrence.
    pub complete: bool,
    /// Occurrences counted from the first, by rank; `None` when there are fewer. Needed only for
    /// what is not complete: the ranks of the criteria's [`EventNeed`](super::EventNeed).
    pub first: Vec<(u64, Option<Instant>)>,
}

/// The walk came to where more occurrences must be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The criteria have been true at least since then; `None`: not even the present is certain.
    pub true_since: Option<Instant>,
}

/// A truth, and since when it has held without a break.
#[derive(Clone, Copy, Debug)]
struct Hold {
    truth: bool,
    since: Instant,
}

const ALWAYS: Instant = Instant::NEG_INFINITY;

pub(super) fn true_since(
    criteria: &Criteria,
    past: &[&Past],
    now: Instant,
) -> Result<Option<Instant>, Unread> {
    let walk = Walk { past, now };
    let mut since = None;
    let mut at = now;
    // Each step goes back to where some condition last changed, of which there are finitely many.
    loop {
        let hold = walk
            .whole(criteria, at)
            .ok_or(Unread { true_since: since })?;
        if !hold.truth || hold.since == ALWAYS {
            return Ok(since.filter(|_| !hold.truth));
        }
        since = Some(hold.since);
        at = before(hold.since);
    }
}

fn before(at: Instant) -> Instant {
    at.minus(Span::MICROSECOND)
}

struct Walk<'a> {
    /// By the event's index in [`Criteria::events`].
    past: &'a [&'a Past],
    now: Instant,
}

/// All methods answer for an instant `at`, not after `now`; `None` where more must be read.
impl Walk<'_> {
    /// The tree, together with the scope: nobody was a candidate before their first occurrence.
    fn whole(&self, criteria: &Criteria, at: Instant) -> Option<Hold> {
        let scope = (0..self.past.len()).map(|event| self.ever(event, 1, at));
        let scope = combine(Junction::Or, scope);
        let tree = self.hold(&criteria.root, at);
        combine(Junction::And, [scope, tree].into_iter())
    }

    fn hold(&self, condition: &Condition, at: Instant) -> Option<Hold> {
        match condition {
            Condition::Property(_) => Some(Hold {
                truth: false,
                since: ALWAYS,
            }),
            Condition::Event(leg) => self.event(leg, at),
            Condition::Composite {
                operator,
                conditions,
            } => combine(*operator, conditions.iter().map(|c| self.hold(c, at))),
        }
    }

    fn event(&self, leg: &EventLeg, at: Instant) -> Option<Hold> {
        let at_least = |rank| match leg.within {
            None => self.ever(leg.event, rank, at),
            Some(within) => self.in_window(leg.event, rank, within, at),
        };
        let low = at_least(leg.range.low);
        let high = leg.range.high.map(|rank| {
            at_least(rank).map(|hold| Hold {
                truth: !hold.truth,
                ..hold
            })
        });
        combine(Junction::And, [Some(low), high].into_iter().flatten())
    }

    /// Whether the event had happened `rank` times.
    fn ever(&self, event: usize, rank: u64, at: Instant) -> Option<Hold> {
        let past = self.past[event];
        let arrival = if rank == 0 {
            Some(ALWAYS)
        } else if past.complete {
            let index = usize::try_from(rank).ok();
            let index = index.and_then(|rank| past.latest.len().checked_sub(rank));
            index.map(|index| self.arrival(past.latest[index]))
        } else {
            let first = past.first.iter().find(|(r, _)| *r == rank)?.1;
            first.map(|occurrence| self.arrival(occurrence))
        };
        Some(match arrival {
            Some(since) if since <= at => Hold { truth: true, since },
            _ => Hold {
                truth: false,
                since: ALWAYS,
            },
        })
    }

    /// Whether `rank` occurrences were in the window.
    ///
    /// Between two arrivals the occurrence of a rank is the same one, and it is in the window until
    /// it leaves. So the answer is true in the earlier and false in the later part of each stretch,
    /// and the walk goes on from stretch to stretch while the answer at their ends is the same.
    fn in_window(&self, event: usize, rank: u64, within: Span, at: Instant) -> Option<Hold> {
        let Some(rank) = rank.checked_sub(1) else {
            return Some(Hold {
                truth: true,
                since: ALWAYS,
            });
        };
        let past = self.past[event];
        let latest = &past.latest;
        let arrival = |place: usize| latest.get(place).map(|at| self.arrival(*at));
        // When the occurrence of that rank leaves, in the stretch after the arrival at `place`.
        let leaves = |place: usize| {
            let place = usize::try_from(rank)
                .ok()
                .and_then(|rank| rank.checked_add(place));
            match place.and_then(|place| latest.get(place)) {
                Some(occurrence) => Some(occurrence.plus(within).next()),
                None => past.complete.then_some(ALWAYS),
            }
        };
        let mut place = latest.partition_point(|occurrence| self.arrival(*occurrence) > at);
        let mut until = leaves(place)?;
        let truth = at < until;
        loop {
            let Some(start) = arrival(place) else {
                // Before the first occurrence.
                return Some(Hold {
                    truth,
                    since: if truth { ALWAYS } else { until },
                });
            };
            if !truth && until > start {
                return Some(Hold {
                    truth,
                    since: until,
                });
            }
            while arrival(place) == Some(start) {
                place += 1;
            }
            match leaves(place) {
                Some(earlier) if (before(start) < earlier) == truth => until = earlier,
                _ => {
                    return Some(Hold {
                        truth,
                        since: start,
                    });
                }
            }
        }
    }

    /// Since when an occurrence has been there. One that lies in the future counts now, and nobody
    /// knows since when.
    fn arrival(&self, occurrence: Instant) -> Instant {
        occurrence.min(self.now)
    }
}

/// One condition of the deciding value decides for as long as it holds, so the longest such holds
/// the whole, whatever the others are. With none the whole holds since the last of them changed.
fn combine(operator: Junction, parts: impl Iterator<Item = Option<Hold>>) -> Option<Hold> {
    let deciding = operator == Junction::Or;
    let mut decided: Option<Instant> = None;
    let mut undecided = ALWAYS;
    let mut unread = false;
    for part in parts {
        match part {
            Some(hold) if hold.truth == deciding => {
                decided = Some(decided.map_or(hold.since, |since| since.min(hold.since)));
            }
            Some(hold) => undecided = undecided.max(hold.since),
            None => unread = true,
        }
    }
    match decided {
        Some(since) => Some(Hold {
            truth: deciding,
            since,
        }),
        None if unread => None,
        None => Some(Hold {
            truth: !deciding,
            since: undecided,
        }),
    }
}

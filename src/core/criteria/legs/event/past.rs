//! How often an event had happened at an instant of the past, and since when.

use super::EventLeg;
use crate::criteria::facts::Series;
use crate::criteria::since::{ALWAYS, before};
use crate::criteria::tree::{Held, Junction, Known, TooShallow, combine};
use crate::time::{Instant, Span};
use std::cmp::Reverse;

/// See [`held`](crate::criteria::legs::LegKind::held).
pub(super) fn held(
    leg: &EventLeg,
    series: Series<'_>,
    at: Instant,
    now: Instant,
) -> Result<Held, TooShallow> {
    let at_least = |rank| match leg.within {
        None => reached(series, rank, at, now),
        Some(within) => in_window(series, rank, within, at, now),
    };
    let low = at_least(leg.range.low);
    let high = leg.range.high;
    let high = high.map(|rank| at_least(rank).map(Known::opposite));
    let both = [Some(low), high].into_iter().flatten();
    combine(Junction::And, both).map(|known| Held {
        truth: Some(known.truth),
        since: known.edge.0,
    })
}

/// Whether it had happened `rank` times.
pub(in crate::criteria) fn reached(
    series: Series<'_>,
    rank: u64,
    at: Instant,
    now: Instant,
) -> Result<Known, TooShallow> {
    let occurrence = if rank == 0 {
        Some(ALWAYS)
    } else if series.is_complete() {
        let index = usize::try_from(rank).ok();
        let index = index.and_then(|rank| series.latest.len().checked_sub(rank));
        index.map(|index| series.latest[index])
    } else {
        let mut first = series.first.iter();
        first.find(|(r, _)| *r == rank).ok_or(TooShallow)?.1
    };
    let arrived = occurrence.map(|occurrence| arrival(occurrence, now));
    Ok(match arrived {
        Some(since) if since <= at => since_when(true, since),
        _ => Known::for_good(false),
    })
}

/// Whether `rank` occurrences were in the window.
///
/// Between two arrivals the occurrence of a rank is the same one, and it is in the window until
/// it leaves. So the answer is true in the earlier and false in the later part of each stretch,
/// and the walk goes on from stretch to stretch while the answer at their ends is the same.
fn in_window(
    series: Series<'_>,
    rank: u64,
    within: Span,
    at: Instant,
    now: Instant,
) -> Result<Known, TooShallow> {
    let Some(rank) = rank.checked_sub(1) else {
        return Ok(Known::for_good(true));
    };
    let latest = series.latest;
    let arrival = |place: usize| latest.get(place).map(|at| arrival(*at, now));
    // When the occurrence of that rank leaves, in the stretch after the arrival at `place`.
    let leaves = |place: usize| {
        let place = usize::try_from(rank)
            .ok()
            .and_then(|rank| rank.checked_add(place));
        match place.and_then(|place| latest.get(place)) {
            Some(occurrence) => Ok(occurrence.plus(within).next()),
            None if series.is_complete() => Ok(ALWAYS),
            None => Err(TooShallow),
        }
    };
    let mut place = latest.partition_point(|occurrence| (*occurrence).min(now) > at);
    let mut until = leaves(place)?;
    let truth = at < until;
    if truth {
        place += steps_within(&latest[place..], rank, within, now);
    }
    loop {
        let Some(start) = arrival(place) else {
            // Before the first occurrence.
            return Ok(since_when(truth, if truth { ALWAYS } else { until }));
        };
        if !truth && until > start {
            return Ok(since_when(truth, until));
        }
        while arrival(place) == Some(start) {
            place += 1;
        }
        match leaves(place) {
            Ok(earlier) if (before(start) < earlier) == truth => until = earlier,
            _ => return Ok(since_when(truth, start)),
        }
    }
}

/// How many of the latest occurrences can be passed over because the answer was true all the while
/// before their arrivals; perhaps fewer. Of those that arrived together the last decides: where it lets
/// pass, so do the others, and where it does not, the walk comes to it from whichever of them it is left
/// at. What happened at the beginning of time is too long ago for any window.
fn steps_within(latest: &[Instant], rank: u64, within: Span, now: Instant) -> usize {
    let rank = usize::try_from(rank).unwrap_or(usize::MAX);
    let before_them = latest.get(rank.saturating_add(1)..).unwrap_or_default();
    let mut pairs = latest.iter().zip(before_them);
    let is_over =
        |(arrived, leaving): (&Instant, &Instant)| arrival(*arrived, now).since(*leaving) > within;
    pairs.position(is_over).unwrap_or(before_them.len())
}

fn since_when(truth: bool, since: Instant) -> Known {
    Known {
        truth,
        edge: Reverse(since),
    }
}

/// Since when an occurrence has been there. One that lies in the future counts now, and nobody
/// knows since when.
fn arrival(occurrence: Instant, now: Instant) -> Instant {
    occurrence.min(now)
}

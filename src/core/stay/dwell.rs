//! Dwell: who has been in for how long, and when that is to be said.

use super::{Dwell, DwellSchedule, Policy, Stay};
use crate::time::{Instant, Span};

/// The dwells that fire now (none if `fires` says so), and the instant at which the next one falls
/// due, which is in the past when the clock is late.
pub fn dwell(
    policy: &Policy,
    now: Instant,
    stay: &Stay,
    fires: bool,
) -> (Vec<Dwell>, Option<Instant>) {
    let anchor = stay.dwell_anchor_at.unwrap_or(stay.entered_at);
    let mut dwells = Vec::new();
    let mut next: Option<Instant> = None;
    for (place, schedule) in policy.dwell.iter().enumerate() {
        let label = &schedule.label;
        // Intervals that differ in writing only ("1 day", "24 hours") are one schedule: its count
        // and the key of its transition go by the label.
        if policy.dwell[..place]
            .iter()
            .any(|earlier| earlier.label == *label)
        {
            continue;
        }
        let mut fired = stay
            .dwell_counts
            .iter()
            .find(|(l, _)| l == label)
            .map_or(0, |(_, n)| *n);
        let whole = now
            .since(anchor)
            .0
            .checked_div(schedule.interval.0)
            .unwrap_or(0);
        let reached = if schedule.recurring {
            whole
        } else {
            whole.min(1)
        };
        if fires && reached > fired {
            dwells.push(Dwell {
                label: label.clone(),
                ordinal: reached,
                effective_at: due(anchor, schedule, reached),
                announce: true,
            });
            fired = reached;
        }
        if schedule.recurring || fired == 0 {
            let at = due(anchor, schedule, fired.saturating_add(1));
            next = Some(next.map_or(at, |next| next.min(at)));
        }
    }
    (dwells, next)
}

/// When the `ordinal`-th interval of a schedule is complete.
fn due(anchor: Instant, schedule: &DwellSchedule, ordinal: i64) -> Instant {
    anchor.storable_plus(Span(schedule.interval.0.saturating_mul(ordinal)))
}

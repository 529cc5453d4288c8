//! The rules of a bucket that have nothing to do with its criteria.

use super::Stay;
use crate::time::{Instant, Span};

/// Gate on the *announcement* of re-entries; the stay itself is always recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EntryLimit {
    #[default]
    Unlimited,
    Once,
    /// Announce when the last leave is at least this long ago; without a period, always.
    OncePerPeriod(Option<Span>),
}

/// One entry of `dwell_after` (fires once a stay) or `dwell_every` (fires once an interval).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DwellSchedule {
    pub recurring: bool,
    pub interval: Span,
    /// `after-<ms>` or `every-<ms>`: how the transition is named, and the key of its count.
    pub label: String,
}

impl DwellSchedule {
    pub fn new(recurring: bool, interval: Span) -> DwellSchedule {
        let kind = if recurring { "every" } else { "after" };
        DwellSchedule {
            recurring,
            interval,
            label: format!("{kind}-{}", interval.millis()),
        }
    }
}

/// The rules of a bucket that have nothing to do with its criteria.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    pub entry_limit: EntryLimit,
    pub min_dwell: Option<Span>,
    pub max_dwell: Option<Span>,
    pub dwell: Vec<DwellSchedule>,
    /// What took effect before this instant is recorded and not announced.
    pub quiet_before: Option<Instant>,
}

impl Policy {
    /// Before this the criteria do not end a stay.
    pub fn earliest_leave(&self, entered_at: Instant) -> Option<Instant> {
        self.min_dwell.map(|span| entered_at.storable_plus(span))
    }

    /// Whether nobody is told of what takes effect at an instant.
    pub fn is_quiet_at(&self, effective_at: Instant) -> bool {
        self.quiet_before.is_some_and(|from| effective_at < from)
    }
}

/// Whether the entry limit lets a join be announced now; `past` is the latest stay, if any.
pub fn announces(limit: EntryLimit, past: Option<&Stay>, now: Instant) -> bool {
    let Some(past) = past else { return true };
    match limit {
        EntryLimit::Unlimited | EntryLimit::OncePerPeriod(None) => true,
        EntryLimit::Once => false,
        EntryLimit::OncePerPeriod(Some(period)) => past
            .ended
            .is_none_or(|ended| ended.left_at.plus(period) <= now),
    }
}

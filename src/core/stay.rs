//! What one stay of one user in one bucket does: join, leave, dwell, and when to look again.
//!
//! [`decide`] is the only place in hogsend where somebody joins or leaves. Ingest, the clock,
//! backfills and manual calls differ in what they know and in what they may announce, and say so
//! in a [`Cause`]; none of them decides for itself.

mod dwell;
mod settled;

use crate::time::{Instant, Span};

pub use dwell::dwell;
pub use settled::settled;

/// How long a clock look that may not join yet (the first backfill is still running) waits before
/// it is tried again.
pub const HELD_RETRY: Span = Span::MINUTE;

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
}

/// The latest stay of a user in a bucket, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    pub entry_count: i32,
    pub entered_at: Instant,
    pub max_dwell_at: Option<Instant>,
    /// Since when the criteria have been true, where that is earlier than `entered_at` and known.
    pub dwell_anchor_at: Option<Instant>,
    /// Label and highest ordinal of each dwell that has fired in this stay.
    pub dwell_counts: Vec<(String, i64)>,
    /// `None` while the stay is active.
    pub ended: Option<Ended>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    pub left_at: Instant,
    pub reason: Reason,
}

/// Why a stay ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    Criteria,
    MaxDwell,
    Manual,
    BucketDeleted,
    /// The contact was deleted. Never announced.
    Deleted,
}

impl Reason {
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Criteria => "criteria",
            Reason::MaxDwell => "maxDwell",
            Reason::Manual => "manual",
            Reason::BucketDeleted => "bucketDeleted",
            Reason::Deleted => "deleted",
        }
    }

    pub fn from_name(name: &str) -> Option<Reason> {
        [
            Reason::Criteria,
            Reason::MaxDwell,
            Reason::Manual,
            Reason::BucketDeleted,
            Reason::Deleted,
        ]
        .into_iter()
        .find(|reason| reason.as_str() == name)
    }
}

impl Stay {
    /// Puts what a clock that was ahead has dated to instants that have not come where it was found
    /// out: at `now`. How long the stay may last counts from there, too. Says whether there was any.
    pub fn redate(&mut self, now: Instant) -> bool {
        let ahead = self.entered_at.since(now);
        let began_ahead = ahead.0 > 0;
        if began_ahead {
            self.entered_at = now;
            self.max_dwell_at = self.max_dwell_at.map(|at| at.minus(ahead));
            self.dwell_anchor_at = self.dwell_anchor_at.filter(|at| *at <= now);
        }
        match &mut self.ended {
            Some(ended) if ended.left_at > now => {
                ended.left_at = now;
                true
            }
            _ => began_ahead,
        }
    }
}

/// What made us look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// New, changed or removed data: an event, a contact, or a change of the definition.
    Data,
    /// Nothing but the passing of time.
    Clock,
    /// Everybody is looked at again, though neither their data nor the criteria have changed.
    Review,
    /// The same, because the system's clock was ahead: what was decided then was decided by an instant
    /// that has not come.
    Correction,
}

/// What may be done about somebody who ought to join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joining {
    /// Join and announce it, under the entry limit.
    Announced,
    /// Join without a word: the user belonged before anybody watched.
    Silent,
    /// Do not join (nor dwell) yet; look again later.
    Held,
}

/// Where the user stands with regard to the bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The contact is deleted: nobody to be a member.
    Gone,
    /// The bucket is being deleted.
    BucketGone,
    /// A dynamic bucket, evaluated.
    Evaluated {
        truth: bool,
        flips_at: Option<Instant>,
        /// Since when that truth has held, as far as the data tells; never after `now`.
        since: Instant,
        /// The criteria have been false at some time after the latest stay ended. A stay that
        /// timed out, or is about to, ends at its `max_dwell_at`, however late that is noticed.
        lapsed: bool,
    },
    /// A manual bucket; what somebody asks for, if anything.
    Manual { wanted: Option<bool> },
}

/// Everything [`decide`] needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    pub now: Instant,
    pub cause: Cause,
    pub joining: Joining,
    /// Whatever happens is recorded and not announced.
    pub muted: bool,
    pub stay: Option<&'a Stay>,
    pub standing: Standing,
}

/// A stay that begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Join {
        entry_count: i32,
        max_dwell_at: Option<Instant>,
        announce: bool,
        effective_at: Instant,
    },
    Leave {
        entry_count: i32,
        reason: Reason,
        announce: bool,
        effective_at: Instant,
    },
}

/// A dwell that fires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dwell {
    pub label: String,
    /// 1 for `after`; for `every` the number of whole intervals since the anchor.
    pub ordinal: i64,
    /// The instant at which this ordinal fell due.
    pub effective_at: Instant,
    /// Unless it is, it is recorded as fired all the same, and never made up for.
    pub announce: bool,
}

/// What to write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    pub change: Option<Change>,
    pub dwells: Vec<Dwell>,
    /// When this pair must be looked at again at the latest; `None`: not before new data.
    pub timer: Option<Instant>,
}

/// Decides what becomes of one (user, bucket) pair.
pub fn decide(policy: &Policy, look: &Look) -> Decision {
    let mut decision = match look.stay {
        Some(stay) if stay.ended.is_none() => member(policy, look, stay),
        past => outsider(policy, look, past),
    };
    // Silence changes nothing but what is said: stays, counts and timers are those of a loud world.
    let is_silent = |at: Instant| look.muted || policy.is_quiet_at(at);
    if let Some(
        Change::Join {
            announce,
            effective_at,
            ..
        }
        | Change::Leave {
            announce,
            effective_at,
            ..
        },
    ) = &mut decision.change
    {
        *announce &= !is_silent(*effective_at);
    }
    for dwell in &mut decision.dwells {
        dwell.announce = !is_silent(dwell.effective_at);
    }
    decision
}

impl Policy {
    /// Whether nobody is told of what takes effect at an instant.
    pub fn is_quiet_at(&self, effective_at: Instant) -> bool {
        self.quiet_before.is_some_and(|from| effective_at < from)
    }
}

fn member(policy: &Policy, look: &Look, stay: &Stay) -> Decision {
    let leave = |reason, announce, effective_at| Decision {
        change: Some(Change::Leave {
            entry_count: stay.entry_count,
            reason,
            announce,
            effective_at,
        }),
        ..Decision::default()
    };
    match look.standing {
        Standing::Gone => return leave(Reason::Deleted, false, look.now),
        Standing::BucketGone => return leave(Reason::BucketDeleted, true, look.now),
        _ => {}
    }
    if let Some(limit) = stay.max_dwell_at.filter(|limit| *limit <= look.now) {
        // The clock alone brings nobody back whose criteria stayed true, but it must notice when
        // they stop being true: hence the timer.
        let timer = match look.standing {
            Standing::Evaluated {
                flips_at,
                lapsed,
                truth,
                ..
            } => {
                if truth && lapsed {
                    Some(look.now)
                } else {
                    flips_at
                }
            }
            _ => None,
        };
        return Decision {
            timer,
            ..leave(Reason::MaxDwell, true, limit)
        };
    }

    let earliest_leave = policy.earliest_leave(stay.entered_at);
    let next_look = match look.standing {
        Standing::Manual {
            wanted: Some(false),
        } => return leave(Reason::Manual, true, look.now),
        Standing::Evaluated {
            truth: false,
            flips_at,
            since,
            ..
        } => match earliest_leave {
            Some(at) if at > look.now => Some(at),
            at => {
                let effective_at = at.map_or(since, |at| at.max(since));
                return Decision {
                    timer: flips_at,
                    ..leave(Reason::Criteria, true, effective_at)
                };
            }
        },
        // A flip before the earliest leave could do nothing: one look then answers both.
        Standing::Evaluated { flips_at, .. } => {
            flips_at.map(|flip| earliest_leave.map_or(flip, |at| at.max(flip)))
        }
        _ => None,
    };

    // Dwell belongs to the clock, so that a statement yields one transition a pair at most.
    let fires = look.cause == Cause::Clock && look.joining != Joining::Held;
    let (dwells, next_dwell) = dwell(policy, look.now, stay, fires);
    let next_dwell = match look.joining {
        Joining::Held => next_dwell.map(|at| at.max(look.now.storable_plus(HELD_RETRY))),
        _ => next_dwell,
    };
    Decision {
        change: None,
        dwells,
        timer: [stay.max_dwell_at, next_look, next_dwell]
            .into_iter()
            .flatten()
            .min(),
    }
}

fn outsider(policy: &Policy, look: &Look, past: Option<&Stay>) -> Decision {
    let (since, flips_at) = match look.standing {
        Standing::Gone | Standing::BucketGone => return Decision::default(),
        Standing::Manual { wanted: Some(true) } => (look.now, None),
        Standing::Manual { .. } => return Decision::default(),
        Standing::Evaluated {
            truth: false,
            flips_at,
            ..
        } => {
            return Decision {
                timer: flips_at,
                ..Decision::default()
            };
        }
        Standing::Evaluated {
            flips_at,
            since,
            lapsed,
            ..
        } => {
            let timed_out_at = past.and_then(|stay| match stay.ended {
                Some(Ended {
                    left_at,
                    reason: Reason::MaxDwell,
                }) => Some(stay.max_dwell_at.unwrap_or(left_at)),
                _ => None,
            });
            // Nobody has timed out in the future: the clock that said so was ahead.
            let timed_out_at = timed_out_at.filter(|at| *at <= look.now);
            if look.cause != Cause::Data && timed_out_at.is_some() && !lapsed {
                return Decision {
                    timer: flips_at,
                    ..Decision::default()
                };
            }
            // The truth may be older than the leave, which it did not prevent: nobody is back
            // since before they were out.
            let out_since = match look.joining {
                // Their dwell counts from here; what it counted before was of the earlier stay.
                Joining::Silent => past.and_then(|stay| stay.ended).map(|ended| ended.left_at),
                _ => None,
            };
            let out_since = timed_out_at.or(out_since);
            (out_since.map_or(since, |at| at.max(since)), flips_at)
        }
    };
    if look.joining == Joining::Held {
        let timer = Some(look.now.storable_plus(HELD_RETRY));
        return Decision {
            timer,
            ..Decision::default()
        };
    }

    let entry_count = past.map_or(0, |stay| stay.entry_count).saturating_add(1);
    let max_dwell_at = policy.max_dwell.map(|span| look.now.storable_plus(span));
    let stay = Stay {
        entry_count,
        entered_at: look.now,
        max_dwell_at,
        // A silent join's `effective_at` is stored as its anchor; the timer must not be later.
        dwell_anchor_at: (look.joining == Joining::Silent).then_some(since),
        dwell_counts: Vec::new(),
        ended: None,
    };
    let earliest_leave = policy.earliest_leave(look.now);
    let next_leave = flips_at.map(|flip| earliest_leave.map_or(flip, |at| at.max(flip)));
    let (_, next_dwell) = dwell(policy, look.now, &stay, false);
    Decision {
        change: Some(Change::Join {
            entry_count,
            max_dwell_at,
            announce: look.joining == Joining::Announced
                && announces(policy.entry_limit, past, look.now),
            effective_at: since,
        }),
        dwells: Vec::new(),
        timer: [max_dwell_at, next_leave, next_dwell]
            .into_iter()
            .flatten()
            .min(),
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

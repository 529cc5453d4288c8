//! What one stay of one user in one bucket does: join, leave, dwell, and when to look again.
//!
//! [`decide`] is the only place in hogsend where somebody joins or leaves. Ingest, the clock,
//! backfills and manual calls differ in what they know and in what they may announce, and say so
//! in a [`Cause`]; none of them decides for itself.

mod dwell;
mod member;
mod merge;
mod outsider;
mod policy;
mod settled;
mod stored;

use crate::time::{Instant, Span};

pub use dwell::dwell;
pub use merge::{Merged, Placed, merge};
pub use policy::{DwellSchedule, EntryLimit, Policy, announces};
pub use settled::settled;
pub use stored::{Ended, Reason, Stay};

use member::member;
use outsider::outsider;

/// How long a clock look that may not join yet (the first backfill is still running) waits before
/// it is tried again.
pub const HELD_RETRY: Span = Span::MINUTE;

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
    /// Another id has turned out to be the user's; `carried`: the stay was that id's. Until now it was
    /// otherwise, and nothing has happened.
    Merge { carried: bool },
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
        look_at: Option<Instant>,
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

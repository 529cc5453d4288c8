//! What the clock will do about a (user, bucket) pair if no new data comes.
//!
//! It is found out by asking [`decide`] at one instant after the other, as the clock will.

use crate::criteria::{Criteria, Facts, Unread};
use crate::stay::{Cause, Change, Joining, Look, Policy, Reason, Standing, Stay, decide};
use crate::time::{Instant, Span};

/// What comes again every year is looked for no farther ahead than that.
const LIFETIME: Span = Span(36_525 * Span::DAY.0);

/// The next join or leave and when it comes; at `now` if it is due. `None`: as it is, it stays.
///
/// `stay` is the latest one, active or ended; the contact is live. Without criteria the bucket is
/// kept by hand.
///
/// # Errors
///
/// [`Unread`] where [`lapsed`] must have more read.
pub fn next_change<F: Facts + ?Sized>(
    policy: &Policy,
    criteria: Option<&Criteria>,
    facts: &F,
    stay: Option<&Stay>,
    now: Instant,
) -> Result<Option<(Instant, Change)>, Unread> {
    // Dwell moves nobody, and its timers would have no end.
    let policy = Policy {
        dwell: Vec::new(),
        ..policy.clone()
    };
    let mut at = now;
    // The instants are steps, of which there are finitely many, and two ends of a stay; where something comes again
    // every year, those of a lifetime.
    loop {
        let (change, timer) = change_at(&policy, criteria, facts, stay, (at, Cause::Clock))?;
        if let Some(change) = change {
            return Ok(Some((at, change)));
        }
        let is_seen = |next: &Instant| {
            let is_endless = criteria.is_some_and(Criteria::is_endless);
            *next > at && !(is_endless && *next > now.plus(LIFETIME))
        };
        match timer.filter(is_seen) {
            Some(next) => at = next,
            None => return Ok(None),
        }
    }
}

/// The join or leave that a look at an instant comes to, and when to look again.
///
/// # Errors
///
/// [`Unread`] where [`lapsed`] must have more read.
pub fn change_at<F: Facts + ?Sized>(
    policy: &Policy,
    criteria: Option<&Criteria>,
    facts: &F,
    stay: Option<&Stay>,
    (at, cause): (Instant, Cause),
) -> Result<(Option<Change>, Option<Instant>), Unread> {
    let standing = match criteria {
        Some(criteria) => {
            let verdict = criteria.evaluate(facts, at);
            Standing::Evaluated {
                truth: verdict.truth,
                look_at: verdict.look_at,
                // Only dates what happens, which is not asked here.
                since: at,
                lapsed: match stay {
                    Some(stay) => lapsed(criteria, facts, stay, at)?,
                    None => false,
                },
            }
        }
        None => Standing::Manual { wanted: None },
    };
    let look = Look {
        now: at,
        cause,
        joining: Joining::Announced,
        muted: false,
        stay,
        standing,
    };
    let decision = decide(policy, &look);
    Ok((decision.change, decision.timer))
}

/// Whether the criteria have been false at some time since a stay timed out, or ran out of time
/// without anybody having looked: before that the clock alone brings nobody back.
///
/// Data that made them false in between was looked at when it came, and whatever made them true
/// again brought the user back then; so the present facts suffice.
///
/// # Errors
///
/// [`Unread`] when the stay ran out of time further back than what was read of a series tells.
pub fn lapsed<F: Facts + ?Sized>(
    criteria: &Criteria,
    facts: &F,
    stay: &Stay,
    now: Instant,
) -> Result<bool, Unread> {
    let timed_out_at = match stay.ended {
        None => stay.max_dwell_at.filter(|limit| *limit <= now),
        Some(ended) if ended.reason == Reason::MaxDwell => stay.max_dwell_at,
        Some(_) => None,
    };
    let Some(at) = timed_out_at else {
        return Ok(false);
    };
    let flipped = criteria.last_flip(facts, at, now)?.is_some();
    Ok(flipped || !criteria.evaluate(facts, at).truth)
}

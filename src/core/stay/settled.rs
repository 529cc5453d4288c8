//! When an event cannot change anything, whatever else is known of the user.

use super::{Reason, Stay};
use crate::criteria::Lean;
use crate::time::Instant;

/// Whether an occurrence that leans one way leaves a (user, bucket) pair as it is: there would be
/// no change, and no timer to set. A cheap way out of reading and evaluating the user's events.
///
/// It holds for pairs that were looked at as they ought to be, whose `timer` therefore is not later
/// than the next thing that the clock would do. A member to whom an event can only help stays at
/// least as long as without it. Somebody outside whom it can only hurt comes in no sooner, if they
/// were in scope before: `always_in_scope` says that whoever has a contact is. Where the timer is
/// due, nobody has looked yet, and it does not hold.
pub fn settled(
    lean: Lean,
    always_in_scope: bool,
    stay: Option<&Stay>,
    timer: Option<Instant>,
    now: Instant,
) -> bool {
    if timer.is_some_and(|due| due <= now) {
        return false;
    }
    match (lean, stay) {
        (Lean::Helps, Some(stay)) if stay.ended.is_none() => {
            stay.max_dwell_at.is_none_or(|limit| limit > now)
        }
        (Lean::Hurts, None) => always_in_scope,
        // Who timed out may match all along, and then any event brings them back.
        (Lean::Hurts, Some(stay)) => {
            let ended = stay.ended.map(|ended| ended.reason);
            always_in_scope && ended.is_some_and(|reason| reason != Reason::MaxDwell)
        }
        _ => false,
    }
}

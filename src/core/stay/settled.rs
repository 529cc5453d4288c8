//! When an event cannot change anything, whatever else is known of the user.

use super::{Reason, Stay};
use crate::criteria::{Effect, Order};
use crate::time::Instant;

/// Whether an occurrence that can do no more than that leaves a (user, bucket) pair as it is: there
/// would be no change, and no timer to set. A cheap way out of reading and evaluating the user's events.
///
/// It holds for pairs that were looked at as they ought to be, whose `timer` therefore is not later
/// than the next thing that the clock would do. A member to whom an event can only help stays at
/// least as long as without it. Somebody outside whom it can only hurt comes in no sooner, unless it
/// brings them into scope and that is enough, which `newcomers` says
/// ([`Criteria::holds_without_any`](crate::criteria::Criteria::holds_without_any)). Where the timer is
/// due, nobody has looked yet, and it does not hold.
///
/// Before `begins` the occurrence makes no difference: that is the earliest of [`Onset::of`](crate::criteria::Onset::of)
/// of all that happened. Where the clock looks again by then, whatever the
/// effect is, it will find it.
pub fn settled(
    effect: Effect,
    begins: Instant,
    newcomers: bool,
    stay: Option<&Stay>,
    timer: Option<Instant>,
    now: Instant,
) -> bool {
    if timer.is_some_and(|due| due <= now) {
        return false;
    }
    let order = match timer {
        Some(due) if due <= begins => Order::Same,
        _ => effect.order,
    };
    let can_help = matches!(order, Order::Up | Order::Either);
    let can_hurt = matches!(order, Order::Down | Order::Either);
    match stay.map(|stay| (stay, stay.ended)) {
        Some((stay, None)) => !can_hurt && stay.max_dwell_at.is_none_or(|limit| limit > now),
        None => !can_help && !newcomers,
        // Who timed out may match all along, and then any event brings them back.
        Some((_, Some(ended))) => !can_help && !newcomers && ended.reason != Reason::MaxDwell,
    }
}

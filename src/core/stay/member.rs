//! What becomes of somebody who is a member.

use super::dwell::dwell;
use super::{Cause, Change, Decision, HELD_RETRY, Joining, Look, Policy, Reason, Standing, Stay};

pub(super) fn member(policy: &Policy, look: &Look, stay: &Stay) -> Decision {
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
        // The other id was in, and the person is not: nobody has left.
        Standing::Evaluated {
            truth: false,
            look_at,
            ..
        } if look.cause == (Cause::Merge { carried: true }) => {
            return Decision {
                timer: look_at,
                ..leave(Reason::Merged, false, look.now)
            };
        }
        _ => {}
    }
    if let Some(limit) = stay.max_dwell_at.filter(|limit| *limit <= look.now) {
        // The clock alone brings nobody back whose criteria stayed true, but it must notice when
        // they stop being true: hence the timer.
        let timer = match look.standing {
            Standing::Evaluated {
                look_at,
                lapsed,
                truth,
                ..
            } => {
                if truth && lapsed {
                    Some(look.now)
                } else {
                    look_at
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
            look_at,
            since,
            ..
        } => match earliest_leave {
            Some(at) if at > look.now => Some(at),
            at => {
                let effective_at = at.map_or(since, |at| at.max(since));
                return Decision {
                    timer: look_at,
                    ..leave(Reason::Criteria, true, effective_at)
                };
            }
        },
        // A flip before the earliest leave could do nothing: one look then answers both.
        Standing::Evaluated { look_at, .. } => {
            look_at.map(|flip| earliest_leave.map_or(flip, |at| at.max(flip)))
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

//! What becomes of somebody who is no member.

use super::dwell::dwell;
use super::policy::announces;
use super::{
    Cause, Change, Decision, Ended, HELD_RETRY, Joining, Look, Policy, Reason, Standing, Stay,
};

pub(super) fn outsider(policy: &Policy, look: &Look, past: Option<&Stay>) -> Decision {
    let (since, look_at) = match look.standing {
        Standing::Gone | Standing::BucketGone => return Decision::default(),
        Standing::Manual { wanted: Some(true) } => (look.now, None),
        Standing::Manual { .. } => return Decision::default(),
        Standing::Evaluated {
            truth: false,
            look_at,
            ..
        } => {
            return Decision {
                timer: look_at,
                ..Decision::default()
            };
        }
        Standing::Evaluated {
            look_at,
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
                    timer: look_at,
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
            (out_since.map_or(since, |at| at.max(since)), look_at)
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
    let next_leave = look_at.map(|flip| earliest_leave.map_or(flip, |at| at.max(flip)));
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

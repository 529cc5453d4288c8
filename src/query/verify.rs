//! What the next refresh would find, for readers: nothing is locked, and nobody is moved.

use hogsend_core::stay::{Ended, Policy, Reason};
use hogsend_core::time::Instant;

use super::members;
use super::merge::{Merge, Step};
use crate::pg::context::Context;
use crate::pg::sql::Session;
use crate::pipeline::PASS;
use crate::store::refreshes::{self, Acquaintance, Refresh};
use crate::store::stays;

/// Hands to `visit` each user whom the query has as a member, or not, where it is stored otherwise
/// and the rules of the bucket do not keep it so.
pub fn differences(
    context: &Context,
    bucket: &Refresh,
    policy: &Policy,
    now: Instant,
    mut visit: impl FnMut(&str, bool),
) {
    let wanted = match members(context, bucket, false) {
        Ok(wanted) => wanted,
        Err(failure) => failure.of(&bucket.bucket).raise(),
    };
    Session::read(context, |session| {
        let mut merge = Merge::begin(session, &bucket.bucket, &wanted, bucket.mode == "fill");
        loop {
            let chunk: Vec<(String, Step)> = merge.by_ref().take(PASS).collect();
            session.nested(|session| judge(session, bucket, policy, now, &chunk, &mut visit));
            if chunk.len() < PASS {
                break;
            }
        }
        merge.close();
    });
    wanted.close();
}

fn judge(
    session: &Session,
    bucket: &Refresh,
    policy: &Policy,
    now: Instant,
    chunk: &[(String, Step)],
    visit: &mut impl FnMut(&str, bool),
) {
    let joins = chunk.iter().filter(|(_, step)| *step == Step::Join);
    let users: Vec<&str> = joins.map(|(user, _)| user.as_str()).collect();
    let known = refreshes::acquaintances(session, &users);
    let past = stays::latest(session, &users, &vec![bucket.bucket.as_str(); users.len()]);
    // The next refresh will hold out those who have timed out since the last.
    let timed_out = |ended: Ended| {
        bucket.mode != "fill"
            && ended.reason == Reason::MaxDwell
            && Some(ended.left_at) > bucket.refreshed_at
    };
    let mut joiners = known.into_iter().zip(past).map(|(known, stay)| {
        let ended = stay.and_then(|stay| stay.ended);
        known != Acquaintance::Deleted && !ended.is_some_and(timed_out)
    });
    for (user, step) in chunk {
        match *step {
            Step::Join if joiners.next() == Some(true) => visit(user, true),
            Step::Leave { entered_at } if policy.earliest_leave(entered_at) <= Some(now) => {
                visit(user, false);
            }
            _ => {}
        }
    }
}

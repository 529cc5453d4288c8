//! Holding what is stored against what a full recomputation says.

mod totals;

use hogsend_core::stay::{Change, Reason};
use hogsend_core::time::Instant;
use pgrx::pg_sys;
use pgrx::prelude::*;

use crate::pg::clock;
use crate::pg::context::Context;
use crate::pg::error::{Refusal, unknown_bucket};
use crate::pg::sql::{Arg, Session, Statement};
use crate::pipeline::{Judged, run};
use crate::query;
use crate::registry::Registry;
use crate::store::stays::EVERY_BUCKET;
use crate::store::{definitions, jobs, queue, refreshes};
use crate::survey::survey;

/// user, stored, computed, detail.
type Difference = (String, String, String, String);

/// A row for each user of whom something else is stored than a recomputation says, in one
/// snapshot, and for each total of the bucket's series that is not what the events come to. Users whose timer is due, or who are queued, are no difference, and neither are those to
/// whom a job of the bucket has yet to come.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
// pgrx reads the columns from the type itself and cannot see through an alias.
#[allow(clippy::type_complexity)]
fn hogsend_verify(
    bucket_id: Option<&str>,
    fcinfo: pg_sys::FunctionCallInfo,
) -> TableIterator<
    'static,
    (
        name!(user_id, String),
        name!(stored, String),
        name!(computed, String),
        name!(detail, String),
    ),
> {
    let context = Context::of_call(fcinfo);
    context.require_tables();
    let bucket_id = bucket_id.unwrap_or_else(|| unknown_bucket("NULL").raise());
    TableIterator::new(differences(&context, bucket_id))
}

fn differences(context: &Context, bucket_id: &str) -> Vec<Difference> {
    let (bucket, enabled, job) = Session::read(context, |session| {
        let bucket = definitions::one(session, bucket_id);
        let enabled = definitions::is_enabled(session, bucket_id);
        // Also one that sets right what a clock that was ahead has done, of which the bucket knows nothing.
        (bucket, enabled, jobs::is_open(session, bucket_id))
    });
    let bucket = bucket.unwrap_or_else(|| unknown_bucket(bucket_id).raise());
    if !enabled {
        Refusal::note(format!("bucket \"{bucket_id}\" is disabled"))
            .detail("Nothing is promised of a disabled bucket: it keeps its members as they are.")
            .notice();
        return Vec::new();
    }
    if job {
        Refusal::note(format!("the job of bucket \"{bucket_id}\" is not done"))
            .detail("Users whom it has not reached yet are left out.")
            .notice();
    }
    let now = clock::now();
    let mut differences = Vec::new();
    let by_query = bucket.by_query;
    let policy = bucket.policy.clone();
    let registry = Registry::of_bucket(bucket);
    survey(context, &registry, run::AUDIT, now, |session, judged| {
        let Some(difference) = difference(session, judged, now) else {
            return;
        };
        let unreached = job && jobs::unreached(session, &[judged.user], &[bucket_id]) == [true];
        if !unreached && !is_queued(session, judged.user, now) {
            differences.push(difference);
        }
    });
    Session::read(context, |session| {
        totals::differences(session, &registry, &mut differences);
    });
    let followed = by_query
        .then(|| Session::read(context, |s| refreshes::of(s, bucket_id)))
        .flatten();
    if let Some(followed) = followed {
        query::differences(context, &followed, &policy, now, |user, is_member| {
            let (was, is, detail) = match is_member {
                true => (OUTSIDER, MEMBER, "The query returns them."),
                false => (MEMBER, OUTSIDER, "The query does not return them."),
            };
            differences.push((user.into(), was.into(), is.into(), detail.into()));
        });
    }
    Session::read(context, |session| {
        let rows = session.execute(&GONE, &[Arg::Text(bucket_id)]);
        differences.extend((0..rows.len()).filter_map(|row| {
            let user = rows.text(row, 1)?.to_owned();
            let detail = String::from("There is no live contact of that id.");
            Some((user, MEMBER.into(), OUTSIDER.into(), detail))
        }));
        let rows = session.execute(&TORN, &[Arg::Text(bucket_id)]);
        differences.extend((0..rows.len()).filter_map(|row| {
            let user = rows.text(row, 1)?.to_owned();
            let is = [OUTSIDER, MEMBER][usize::from(rows.bool(row, 2)?)];
            let was = [OUTSIDER, MEMBER][usize::from(rows.bool(row, 3)?)];
            let detail = String::from("By status it is the one and by left_at the other.");
            Some((user, was.into(), is.into(), detail))
        }));
        let rows = session.execute(&UNREADABLE, &[Arg::Text(bucket_id)]);
        differences.extend((0..rows.len()).filter_map(|row| {
            let user = rows.text(row, 1)?.to_owned();
            let detail = String::from("The stay has no entered_at or no entry_count.");
            Some((user, MEMBER.into(), OUTSIDER.into(), detail))
        }));
    });
    differences
}

const MEMBER: &str = "member";
const OUTSIDER: &str = "not a member";

fn difference(session: &Session, judged: &Judged, now: Instant) -> Option<Difference> {
    let (stored, decision) = (&judged.stored, &judged.decision);
    if stored.timer.is_some_and(|due| due <= now) {
        return None;
    }
    let is_member = stored
        .stay
        .as_ref()
        .is_some_and(|stay| stay.ended.is_none());
    let was = if is_member { MEMBER } else { OUTSIDER };
    let row = |is: &str, detail: String| {
        Some((
            judged.user.to_owned(),
            was.to_owned(),
            is.to_owned(),
            detail,
        ))
    };
    match decision.change {
        Some(Change::Join { .. }) => return row(MEMBER, "The criteria hold.".into()),
        Some(Change::Leave { reason, .. }) => {
            let why = match reason {
                Reason::MaxDwell => "The stay is older than max_dwell.",
                _ => "The criteria do not hold.",
            };
            return row(OUTSIDER, why.into());
        }
        None => {}
    }
    if let Some(dwell) = decision.dwells.first() {
        let due = clock::in_words(session, dwell.effective_at);
        return row(was, format!("Dwell {} was due at {due}.", dwell.label));
    }
    let wanted = decision.timer?;
    match stored.timer {
        Some(due) if due <= wanted => None,
        Some(due) => row(
            was,
            format!(
                "The timer is due at {} and must be at {}.",
                clock::in_words(session, due),
                clock::in_words(session, wanted)
            ),
        ),
        None => row(
            was,
            format!(
                "There is no timer; one is due at {}.",
                clock::in_words(session, wanted)
            ),
        ),
    }
}

static QUEUED: Statement = Statement::new(
    "SELECT true FROM {s}.bucket_timers t
     WHERE t.user_id = $1 AND t.bucket_id = $2 AND t.due_at <= $3",
    &[pg_sys::TEXTOID, pg_sys::TEXTOID, pg_sys::TIMESTAMPTZOID],
);

/// Whether the user waits for a fresh look at everything.
fn is_queued(session: &Session, user: &str, now: Instant) -> bool {
    let arguments = [Arg::Text(user), Arg::Text(EVERY_BUCKET), Arg::Instant(now)];
    !session.execute(&QUEUED, &arguments).is_empty() || queue::contains(session, user)
}

/// Constraints forbid it, which go with a column that is dropped. Members are told by the status, and the
/// stay that an evaluation finds by left_at.
static TORN: Statement = Statement::new(
    "SELECT m.user_id, m.left_at IS NULL, m.status IS NOT DISTINCT FROM 'active'
     FROM {s}.bucket_memberships m
     WHERE m.bucket_id = $1 AND (m.left_at IS NULL) <> (m.status IS NOT DISTINCT FROM 'active')
     ORDER BY m.user_id",
    &[pg_sys::TEXTOID],
);

/// A column that was dropped and added again is NULL. Whoever is in such a stay is shown as a member, and an
/// evaluation, which must know its number and since when it lasts, does not find it.
static UNREADABLE: Statement = Statement::new(
    "SELECT m.user_id FROM {s}.bucket_memberships m
     WHERE m.bucket_id = $1 AND m.status = 'active' AND (m.entered_at IS NULL OR m.entry_count IS NULL)
     ORDER BY m.user_id",
    &[pg_sys::TEXTOID],
);

static GONE: Statement = Statement::new(
    "SELECT m.user_id FROM {s}.bucket_memberships m
     LEFT JOIN {s}.contacts c ON c.user_id = m.user_id
     WHERE m.bucket_id = $1 AND m.status = 'active'
       AND (c.user_id IS NULL OR c.deleted_at IS NOT NULL)
     ORDER BY m.user_id",
    &[pg_sys::TEXTOID],
);

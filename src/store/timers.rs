//! Timers: when the clock has to look at a pair, or at everything of a user. They change under the
//! user's lock (I2), and none is later than the next thing that the clock would do (I3).

use hogsend_core::time::Instant;
use pgrx::pg_sys;

use super::by_size::{BySize, by_size};
use super::jobs::Job;
use super::remembered;
use crate::pg::direct::{self, Latest, Place, Repetition, Source, Table, Target, Writer};
use crate::pg::fit::Column;
use crate::pg::row::Row;
use crate::pg::settings;
use crate::pg::sql::{Arg, Session, Statement};
use crate::pg::subtransaction::{self, attempt};

/// What is not to be said of a user by the look that a timer brings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quiet {
    /// That they joined.
    pub silent: bool,
    /// Anything.
    pub muted: bool,
}

static ARM: Statement = Statement::new(
    "INSERT INTO {s}.bucket_timers AS t (user_id, bucket_id, due_at, silent{+, muted+})
     SELECT a.user_id, a.bucket_id, a.due_at, $4{+, $5+} FROM unnest($1, $2, $3) AS a (user_id, bucket_id, due_at)
     ON CONFLICT (user_id, bucket_id)
     DO UPDATE SET due_at = EXCLUDED.due_at, silent = t.silent OR EXCLUDED.silent,
                   {+muted = t.muted OR EXCLUDED.muted,+} failures = 0, error = NULL",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TIMESTAMPTZARRAYOID,
        pg_sys::BOOLOID,
        pg_sys::BOOLOID,
    ],
);

/// Sets timers, replacing what was there.
pub fn arm(session: &Session, timers: &[(&str, &str, Instant)], quiet: Quiet) {
    if timers.is_empty() {
        return;
    }
    let users: Vec<_> = timers.iter().map(|t| t.0).collect();
    remembered::forget(users.iter().copied());
    let buckets: Vec<_> = timers.iter().map(|t| t.1).collect();
    let due: Vec<_> = timers.iter().map(|t| Some(t.2)).collect();
    session.execute(
        &ARM,
        &[
            Arg::Texts(&users),
            Arg::Texts(&buckets),
            Arg::Instants(&due),
            Arg::Bool(quiet.silent),
            Arg::Bool(quiet.muted),
        ],
    );
}

static TIMERS: Target<7> = Target {
    table: c"bucket_timers",
    columns: [
        Column::text(c"user_id"),
        Column::text(c"bucket_id"),
        Column::instant(c"due_at"),
        Column::boolean(c"silent"),
        Column::int(c"failures"),
        Column::text(c"error"),
        Column::boolean(c"muted"),
    ],
    is_numbered: false,
    checks: &[],
    partial: None,
};

/// Sets timers of pairs that were seen to have none: a few of them without SQL.
pub fn arm_new(session: &Session, timers: &[(&str, &str, Instant)], quiet: Quiet) {
    let direct = session.direct().filter(|_| timers.len() <= direct::MOST);
    if timers.is_empty() {
        return;
    }
    let Some(writer) = direct.and_then(|context| Writer::open(context, &TIMERS)) else {
        return arm(session, timers, quiet);
    };
    remembered::forget(timers.iter().map(|t| t.0));
    let mut others = timers.to_vec();
    others.retain(|(user, bucket, due)| {
        let row = [
            Arg::Text(user),
            Arg::Text(bucket),
            Arg::Instant(*due),
            Arg::Bool(quiet.silent),
            Arg::Int(0),
            Arg::OptText(None),
            Arg::Bool(quiet.muted),
        ];
        !writer.insert(&row, true, Repetition::Undone)
    });
    writer.close();
    arm(session, &others, quiet);
}

static OF_ONE: Source<2> = Source {
    table: c"bucket_timers",
    key: &[Column::user(c"user_id"), Column::bucket(c"bucket_id")],
    compared: 2,
    columns: [Column::user(c"user_id"), Column::bucket(c"bucket_id")],
};

/// Places in [`TIMERS`].
const USER_ID: usize = 0;
const BUCKET_ID: usize = 1;
const DUE_AT: usize = 2;
const FAILURES: usize = 4;
const ERROR: usize = 5;

/// Where the timers of pairs are; `None` where only SQL can tell.
fn places(session: &Session, timers: &[(&str, &str)]) -> Option<Vec<Option<Place>>> {
    let context = session.direct().filter(|_| timers.len() <= FEW)?;
    let table = Table::open(context, &OF_ONE, false)?;
    let snapshot = Latest::take();
    let place = |(user, bucket): &(&str, &str)| {
        let mut found = None;
        table.backwards(&snapshot, &[user, bucket], |_| {
            found = Some(table.place());
            false
        });
        found
    };
    let places = timers.iter().map(place).collect();
    snapshot.release();
    table.close();
    Some(places)
}

/// Sets the timer of a run, which has none or another one: without SQL where that can be done.
pub fn set(session: &Session, user: &str, timer: &str, due: Instant) {
    let Some(place) = places(session, &[(user, timer)]).and_then(|mut places| places.pop()) else {
        return arm(session, &[(user, timer, due)], Quiet::default());
    };
    let Some(place) = place else {
        return arm_new(session, &[(user, timer, due)], Quiet::default());
    };
    let writer = session
        .direct()
        .and_then(|context| Writer::open(context, &TIMERS));
    let is_set = writer.is_some_and(|writer| {
        let is_it =
            |row: &Row| row.text(USER_ID) == Some(user) && row.text(BUCKET_ID) == Some(timer);
        let set = [
            (DUE_AT, Arg::Instant(due)),
            (FAILURES, Arg::Int(0)),
            (ERROR, Arg::OptText(None)),
        ];
        let is_set = writer.update(place, is_it, set, true);
        writer.close();
        is_set
    });
    if !is_set {
        arm(session, &[(user, timer, due)], Quiet::default());
    }
}

/// Removes timers of runs, of which a few are mostly not there.
pub fn unset(session: &Session, timers: &[(&str, &str)]) {
    if timers.is_empty() {
        return;
    }
    match places(session, timers) {
        Some(places) if places.iter().all(Option::is_none) => {}
        _ => disarm(session, timers),
    }
}

/// Timers of a bucket that are not there.
static ARM_NEW: Statement = Statement::new(
    "INSERT INTO {s}.bucket_timers AS t (user_id, bucket_id, due_at, silent{+, muted+})
     SELECT a.user_id, $2, a.due_at, $4{+, $5+} FROM unnest($1, $3) AS a (user_id, due_at)",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTOID,
        pg_sys::TIMESTAMPTZARRAYOID,
        pg_sys::BOOLOID,
        pg_sys::BOOLOID,
    ],
);
/// The same of several buckets.
static ARM_NEW_OF_MANY: Statement = Statement::new(
    "INSERT INTO {s}.bucket_timers AS t (user_id, bucket_id, due_at, silent{+, muted+})
     SELECT a.user_id, a.bucket_id, a.due_at, $4{+, $5+} FROM unnest($1, $2, $3) AS a (user_id, bucket_id, due_at)",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TIMESTAMPTZARRAYOID,
        pg_sys::BOOLOID,
        pg_sys::BOOLOID,
    ],
);

/// Sets timers of pairs that have none. It is an error if one has.
pub fn arm_unasked(session: &Session, timers: &[(&str, &str, Instant)]) {
    insert(session, timers, Quiet::default());
}

/// Without asking whether they are there.
fn insert(session: &Session, timers: &[(&str, &str, Instant)], quiet: Quiet) {
    let Some((_, bucket, _)) = timers.first() else {
        return;
    };
    let users: Vec<_> = timers.iter().map(|t| t.0).collect();
    remembered::forget(users.iter().copied());
    let due: Vec<_> = timers.iter().map(|t| Some(t.2)).collect();
    let buckets: Vec<&str>;
    let (statement, of) = if timers.iter().all(|t| t.1 == *bucket) {
        (&ARM_NEW, Arg::Text(bucket))
    } else {
        buckets = timers.iter().map(|t| t.1).collect();
        (&ARM_NEW_OF_MANY, Arg::Texts(&buckets))
    };
    let arguments = [
        Arg::Texts(&users),
        of,
        Arg::Instants(&due),
        Arg::Bool(quiet.silent),
        Arg::Bool(quiet.muted),
    ];
    session.execute(statement, &arguments);
}

/// For so few it is not worth a subtransaction.
pub const FEW: usize = 32;

/// The same in a job that is the first to look at a bucket: but for what is left of an earlier bucket of that
/// name nobody has a timer of it, so it is tried without. To ask for each whether it is there costs as much
/// as to write it, and to write it so that nobody can come in between half as much again.
pub fn arm_first(session: &Session, timers: &[(&str, &str, Instant)], quiet: Quiet) {
    if timers.len() <= FEW || !subtransaction::is_cheap() {
        return arm(session, timers, quiet);
    }
    if attempt(|| insert(session, timers, quiet)).is_err() {
        // Whatever it was: if it was no timer that is there, this fails as well.
        arm(session, timers, quiet);
    }
}

static PUT_OFF: Statement = Statement::new(
    "INSERT INTO {s}.bucket_timers AS t (user_id, bucket_id, due_at, silent, failures, error{+, muted+})
     VALUES ($1, $2, $3 + interval '1 minute', true, 1, $4{+, $5+})
     ON CONFLICT (user_id, bucket_id)
     DO UPDATE SET due_at = EXCLUDED.due_at, silent = true, {+muted = t.muted OR EXCLUDED.muted,+}
                   failures = t.failures + 1, error = EXCLUDED.error",
    &[
        pg_sys::TEXTOID,
        pg_sys::TEXTOID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::TEXTOID,
        pg_sys::BOOLOID,
    ],
);

/// Leaves a user whom a job could not evaluate to the clock, which tries again as the job would.
pub fn put_off(session: &Session, user: &str, job: &Job, error: &str, now: Instant) {
    remembered::forget([user]);
    let arguments = [
        Arg::Text(user),
        Arg::Text(&job.bucket),
        Arg::Instant(now),
        Arg::Text(error),
        Arg::Bool(job.muted || !settings::announce()),
    ];
    session.execute(&PUT_OFF, &arguments);
}

static DISARM: BySize = by_size!(
    "DELETE FROM {s}.bucket_timers t USING unnest($1, $2) AS d (user_id, bucket_id)
     WHERE t.user_id = d.user_id AND t.bucket_id = d.bucket_id",
    "AND t.user_id = ANY ($1)",
    "",
    &[pg_sys::TEXTARRAYOID, pg_sys::TEXTARRAYOID],
);

/// Removes timers.
pub fn disarm(session: &Session, timers: &[(&str, &str)]) {
    if timers.is_empty() {
        return;
    }
    let users: Vec<_> = timers.iter().map(|t| t.0).collect();
    remembered::forget(users.iter().copied());
    let buckets: Vec<_> = timers.iter().map(|t| t.1).collect();
    DISARM.execute(
        session,
        timers.len(),
        &[Arg::Texts(&users), Arg::Texts(&buckets)],
    );
}

static DISARM_USERS: Statement = Statement::new(
    "DELETE FROM {s}.bucket_timers t WHERE t.user_id = ANY ($1)",
    &[pg_sys::TEXTARRAYOID],
);

/// Removes all timers of users.
pub fn disarm_users(session: &Session, users: &[&str]) {
    if !users.is_empty() {
        remembered::forget(users.iter().copied());
        session.execute(&DISARM_USERS, &[Arg::Texts(users)]);
    }
}

static DISARM_BUCKETS: Statement = Statement::new(
    "DELETE FROM {s}.bucket_timers t WHERE t.bucket_id = ANY ($1)",
    &[pg_sys::TEXTARRAYOID],
);

/// Removes all timers of buckets.
pub fn disarm_buckets(session: &Session, buckets: &[&str]) {
    if !buckets.is_empty() {
        session.execute(&DISARM_BUCKETS, &[Arg::Texts(buckets)]);
    }
}

static DISARM_ORPHANS: Statement = Statement::new(
    "DELETE FROM {s}.bucket_timers t
     WHERE t.bucket_id <> '*' AND NOT starts_with(t.bucket_id, 'journey:') AND NOT EXISTS (SELECT FROM {s}.buckets b WHERE b.id = t.bucket_id)",
    &[],
);

/// Removes the timers of buckets that are no more, of whoever has one.
pub fn disarm_orphans(session: &Session) {
    session.execute(&DISARM_ORPHANS, &[]);
}

/// One timer that is due.
pub struct Due {
    pub user: String,
    /// Or `*`, or the name of a run's.
    pub bucket: String,
    pub quiet: Quiet,
    /// Where it was when it was found to be due.
    place: Option<Place>,
}

/// Locks the users of due timers as it finds them, oldest first, and passes over those who are
/// locked already: they are being looked at, or will be by the next run.
static DUE: Statement = Statement::new(
    "SELECT t.user_id, t.bucket_id, t.silent, {+t.muted+|false+}, t.ctid FROM {s}.bucket_timers t
     JOIN {s}.contacts c ON c.user_id = t.user_id
     WHERE t.due_at <= $1 ORDER BY t.due_at LIMIT $2
     FOR NO KEY UPDATE OF c SKIP LOCKED",
    &[pg_sys::TIMESTAMPTZOID, pg_sys::INT8OID],
);
pub fn due(session: &Session, now: Instant, limit: i64) -> Vec<Due> {
    let rows = session.execute(&DUE, &[Arg::Instant(now), Arg::BigInt(limit)]);
    (0..rows.len())
        .filter_map(|row| {
            let (user, bucket) = (rows.text(row, 1)?, rows.text(row, 2)?);
            let quiet = Quiet {
                silent: rows.bool(row, 3).unwrap_or(false),
                muted: rows.bool(row, 4).unwrap_or(false),
            };
            Some(Due {
                user: user.to_owned(),
                bucket: bucket.to_owned(),
                quiet,
                place: rows.place(row, 5),
            })
        })
        .collect()
}

/// Removes timers that were due, and whatever timers those pairs have by now: those that are where they were
/// without SQL, which would look for each of them.
pub fn disarm_due(session: &Session, timers: &[&Due]) {
    if timers.is_empty() {
        return;
    }
    let direct = session.direct();
    let removed = direct.and_then(|context| {
        let writer = Writer::open(context, &TIMERS)?;
        let places = timers.iter().map(|due| due.place);
        let is_it = |n: usize, row: &Row| {
            row.text(USER_ID) == Some(timers[n].user.as_str())
                && row.text(BUCKET_ID) == Some(timers[n].bucket.as_str())
        };
        let removed = writer.delete(places, is_it);
        writer.close();
        Some(removed)
    });
    let removed = removed.unwrap_or_else(|| vec![false; timers.len()]);
    remembered::forget(timers.iter().map(|due| due.user.as_str()));
    let others = timers.iter().zip(removed).filter(|(_, removed)| !removed);
    let others: Vec<(&str, &str)> = others
        .map(|(due, _)| (due.user.as_str(), due.bucket.as_str()))
        .collect();
    disarm(session, &others);
}

static DUE_OF: Statement = Statement::new(
    "SELECT q.n FROM unnest($1, $2) WITH ORDINALITY AS q (user_id, bucket_id, n)
     CROSS JOIN LATERAL (SELECT FROM {s}.bucket_timers t
                         WHERE t.user_id = q.user_id AND t.bucket_id = q.bucket_id
                           AND t.due_at <= $3 AND NOT t.silent LIMIT 1) t",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TIMESTAMPTZOID,
    ],
);

/// For each (user, bucket), whether its timer is due.
pub fn due_of(session: &Session, pairs: &[(&str, &str)], now: Instant) -> Vec<bool> {
    let users: Vec<&str> = pairs.iter().map(|(user, _)| *user).collect();
    let buckets: Vec<&str> = pairs.iter().map(|(_, bucket)| *bucket).collect();
    let arguments = [Arg::Texts(&users), Arg::Texts(&buckets), Arg::Instant(now)];
    let rows = session.execute(&DUE_OF, &arguments);
    let mut due = vec![false; pairs.len()];
    for row in 0..rows.len() {
        if let Some(n) = rows.bigint(row, 1) {
            due[n as usize - 1] = true;
        }
    }
    due
}

/// Nobody could be locked for these: the contact went away while triggers were disabled. Only the
/// oldest are looked at, because all that are due are more in each of very many runs: behind those
/// that somebody else has locked there is a next run. They are deleted by their places, and asked once
/// more, because a row of another partition may have the same.
static DROP_ORPHANS: Statement = Statement::new(
    "DELETE FROM {s}.bucket_timers o WHERE o.ctid = ANY (ARRAY(
         SELECT d.at FROM (SELECT t.ctid AS at, t.user_id FROM {s}.bucket_timers t
                           WHERE t.due_at <= $1 ORDER BY t.due_at LIMIT $2) d
         LEFT JOIN LATERAL (SELECT true AS is_known FROM {s}.contacts c
                            WHERE c.user_id = d.user_id LIMIT 1) c ON true
         WHERE c.is_known IS NULL))
       AND (SELECT true FROM {s}.contacts c WHERE c.user_id = o.user_id LIMIT 1) IS NULL",
    &[pg_sys::TIMESTAMPTZOID, pg_sys::INT8OID],
);
/// Removes the oldest timers that are due for nobody; whether there were any.
pub fn drop_orphans(session: &Session, now: Instant, most: i64) -> bool {
    let arguments = [Arg::Instant(now), Arg::BigInt(most)];
    session.execute(&DROP_ORPHANS, &arguments).processed > 0
}

/// Tried again after 1, 2, 4 … minutes, at most an hour.
static POSTPONE: Statement = Statement::new(
    "UPDATE {s}.bucket_timers t
     SET due_at = $3 + interval '1 minute' * least(60, power(2, least(t.failures, 6))),
         failures = t.failures + 1, error = $4
     WHERE t.user_id = $1 AND t.bucket_id = $2",
    &[
        pg_sys::TEXTOID,
        pg_sys::TEXTOID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::TEXTOID,
    ],
);

/// Puts off the timer of a pair that could not be evaluated, and keeps the reason with it.
pub fn postpone(session: &Session, user: &str, bucket: &str, error: &str, now: Instant) {
    let now = Arg::Instant(now);
    let arguments = [Arg::Text(user), Arg::Text(bucket), now, Arg::Text(error)];
    session.execute(&POSTPONE, &arguments);
}

//! Tables `bucket_refreshes` and `bucket_holdouts`: where query buckets are.

use hogsend_core::time::{Instant, Span};
use pgrx::pg_sys;

use crate::pg::settings;
use crate::pg::sql::{Arg, Rows, Session, Statement};

/// The state of a query bucket, and its query.
pub struct Refresh {
    pub bucket: String,
    pub query: String,
    pub search_path: String,
    /// As whom the query runs; `None` if that was never settled.
    pub role: Option<pg_sys::Oid>,
    /// What that role was called then.
    pub role_name: String,
    /// `fill`, `review` or `refresh`.
    pub mode: String,
    pub every: Span,
    pub due_at: Instant,
    pub refreshed_at: Option<Instant>,
    pub error: Option<String>,
    /// Until it has been brought in line once, whoever it moves is moved without a word.
    pub muted: bool,
}

macro_rules! refreshes {
    () => {
        "SELECT r.bucket_id, b.query, coalesce(b.query_path, ''), r.role_id::bigint,
                coalesce(b.query_role, ''), r.mode,
                (extract(epoch FROM b.refresh_every) * 1000000)::bigint,
                r.due_at, r.refreshed_at, r.error, r.muted
         FROM {s}.bucket_refreshes r JOIN {s}.buckets b ON b.id = r.bucket_id
         WHERE b.kind = 'query' AND b.query IS NOT NULL "
    };
}

static OF_BUCKET: Statement = Statement::new(
    concat!(refreshes!(), "AND r.bucket_id = $1"),
    &[pg_sys::TEXTOID],
);
static LOCK: Statement = Statement::new(
    concat!(refreshes!(), "AND r.bucket_id = $1 FOR UPDATE OF r"),
    &[pg_sys::TEXTOID],
);
static NEXT: Statement = Statement::new(
    concat!(
        refreshes!(),
        "AND b.enabled AND r.due_at <= $1 ORDER BY r.due_at, r.bucket_id LIMIT 1
         FOR UPDATE OF r SKIP LOCKED"
    ),
    &[pg_sys::TIMESTAMPTZOID],
);
static IS_DUE: Statement = Statement::new(
    "SELECT true FROM {s}.bucket_refreshes r JOIN {s}.buckets b ON b.id = r.bucket_id
     WHERE b.kind = 'query' AND b.enabled AND r.due_at <= $1 LIMIT 1",
    &[pg_sys::TIMESTAMPTZOID],
);

/// The state of a bucket; `None` if it follows no query.
pub fn of(session: &Session, bucket: &str) -> Option<Refresh> {
    first(&session.execute(&OF_BUCKET, &[Arg::Text(bucket)]))
}

/// The same, once nobody else refreshes the bucket.
pub fn lock(session: &Session, bucket: &str) -> Option<Refresh> {
    first(&session.execute(&LOCK, &[Arg::Text(bucket)]))
}

/// What has been due for longest and is in nobody's hands.
pub fn next(session: &Session, now: Instant) -> Option<Refresh> {
    first(&session.execute(&NEXT, &[Arg::Instant(now)]))
}

/// Whether any is due, in somebody's hands or not.
pub fn is_due(session: &Session, now: Instant) -> bool {
    !session.execute(&IS_DUE, &[Arg::Instant(now)]).is_empty()
}

fn first(rows: &Rows) -> Option<Refresh> {
    if rows.is_empty() {
        return None;
    }
    let text = |column| Some(rows.text(0, column)?.to_owned());
    Some(Refresh {
        bucket: text(1)?,
        query: text(2)?,
        search_path: text(3)?,
        role: rows.bigint(0, 4).map(|oid| pg_sys::Oid::from(oid as u32)),
        role_name: text(5)?,
        mode: text(6)?,
        every: Span(rows.bigint(0, 7)?),
        due_at: rows.instant(0, 8)?,
        refreshed_at: rows.instant(0, 9),
        error: text(10),
        muted: rows.bool(0, 11).unwrap_or(false),
    })
}

/// What a refresh did.
pub struct Done {
    /// Everybody is in line.
    pub complete: bool,
    /// Nobody is left who would join silently.
    pub settled: bool,
    pub started: Instant,
    pub due_at: Instant,
    /// How long the query ran.
    pub took: Span,
    pub returned: i64,
    pub entered: i64,
    pub left: i64,
    /// Whom it could not move, and why.
    pub error: Option<String>,
}

static DONE: Statement = Statement::new(
    "UPDATE {s}.bucket_refreshes r
     SET refreshed_at = CASE WHEN $2 THEN $4 ELSE r.refreshed_at END,
         mode = CASE WHEN $3 THEN 'refresh' ELSE r.mode END, muted = r.muted AND NOT $3,
         due_at = $5, took = $6 * interval '1 microsecond', returned = $7, entered = $8, \"left\" = $9,
         failures = 0, error = $10
     WHERE r.bucket_id = $1",
    &[
        pg_sys::TEXTOID,
        pg_sys::BOOLOID,
        pg_sys::BOOLOID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::INT8OID,
        pg_sys::INT8OID,
        pg_sys::INT8OID,
        pg_sys::INT8OID,
        pg_sys::TEXTOID,
    ],
);

pub fn done(session: &Session, bucket: &str, done: &Done) {
    session.execute(
        &DONE,
        &[
            Arg::Text(bucket),
            Arg::Bool(done.complete),
            Arg::Bool(done.settled),
            Arg::Instant(done.started),
            Arg::Instant(done.due_at),
            Arg::BigInt(done.took.0),
            Arg::BigInt(done.returned),
            Arg::BigInt(done.entered),
            Arg::BigInt(done.left),
            Arg::OptText(done.error.as_deref()),
        ],
    );
}

/// Tried again after 1, 2, 4 … minutes, at most an hour.
static FAIL: Statement = Statement::new(
    "UPDATE {s}.bucket_refreshes r
     SET due_at = $2 + interval '1 minute' * least(60, power(2, least(r.failures, 6))),
         failures = r.failures + 1, error = $3
     WHERE r.bucket_id = $1",
    &[pg_sys::TEXTOID, pg_sys::TIMESTAMPTZOID, pg_sys::TEXTOID],
);

pub fn fail(session: &Session, bucket: &str, error: &str, now: Instant) {
    let arguments = [Arg::Text(bucket), Arg::Instant(now), Arg::Text(error)];
    session.execute(&FAIL, &arguments);
}

/// The role is settled by its name only when a query is defined or a copy adopted: from then on it is
/// that role, whatever it or another is called.
static SET_DUE: Statement = Statement::new(
    "INSERT INTO {s}.bucket_refreshes AS r (bucket_id, role_id, mode, due_at, muted)
     SELECT b.id, (SELECT o.oid FROM pg_roles o WHERE o.rolname = b.query_role), $2, $3, $5
     FROM {s}.buckets b WHERE b.id = ANY ($1)
     ON CONFLICT (bucket_id) DO UPDATE
     SET role_id = CASE WHEN $4 THEN EXCLUDED.role_id ELSE r.role_id END,
         mode = CASE r.mode WHEN 'fill' THEN 'fill' ELSE EXCLUDED.mode END,
         due_at = EXCLUDED.due_at, muted = r.muted OR EXCLUDED.muted, failures = 0, error = NULL",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTOID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::BOOLOID,
        pg_sys::BOOLOID,
    ],
);

/// Has buckets refreshed at once, as `fill` or `review`; `binds` settles whose rights their queries have.
/// As with jobs, what hogsend.announce = off has begun stays silent to its end.
pub fn set_due(session: &Session, buckets: &[&str], mode: &str, binds: bool, now: Instant) {
    if !buckets.is_empty() {
        let mode = Arg::Text(mode);
        let arguments = [
            Arg::Texts(buckets),
            mode,
            Arg::Instant(now),
            Arg::Bool(binds),
            Arg::Bool(!settings::announce()),
        ];
        session.execute(&SET_DUE, &arguments);
    }
}

static SOONER: Statement = Statement::new(
    "UPDATE {s}.bucket_refreshes r
     SET due_at = CASE WHEN r.failures > 0 OR r.refreshed_at IS NULL THEN r.due_at
                       ELSE greatest(r.refreshed_at + b.refresh_every, $2) END
     FROM {s}.buckets b WHERE b.id = r.bucket_id AND r.bucket_id = ANY ($1)",
    &[pg_sys::TEXTARRAYOID, pg_sys::TIMESTAMPTZOID],
);

/// Refreshes buckets as often as they say by now.
pub fn reschedule(session: &Session, buckets: &[&str], now: Instant) {
    if !buckets.is_empty() {
        session.execute(&SOONER, &[Arg::Texts(buckets), Arg::Instant(now)]);
    }
}

static END: Statement = Statement::new(
    "WITH ended AS (
         DELETE FROM {s}.bucket_refreshes r
         WHERE NOT EXISTS (SELECT FROM {s}.buckets b WHERE b.id = r.bucket_id AND b.kind = 'query')
         RETURNING r.bucket_id)
     DELETE FROM {s}.bucket_holdouts h USING ended e WHERE h.bucket_id = e.bucket_id",
    &[],
);

/// Forgets what is kept of buckets that follow no query any more.
pub fn end_orphans(session: &Session) {
    session.execute(&END, &[]);
}

/// Members in byte order, and among them those who are held out, who have no `entered_at`.
pub static KNOWN: Statement = Statement::new(
    "SELECT k.user_id, k.entered_at FROM (
         SELECT m.user_id, m.entered_at FROM {s}.bucket_memberships m
         WHERE m.bucket_id = $1 AND m.status = 'active'
         UNION ALL
         SELECT h.user_id, NULL FROM {s}.bucket_holdouts h WHERE h.bucket_id = $1) k
     ORDER BY k.user_id COLLATE \"C\", k.entered_at",
    &[pg_sys::TEXTOID],
);

static STRANGERS: Statement = Statement::new(
    "SELECT q.n, c.user_id IS NULL FROM unnest($1) WITH ORDINALITY AS q (user_id, n)
     LEFT JOIN {s}.contacts c ON c.user_id = q.user_id
     WHERE c.deleted_at IS NULL",
    &[pg_sys::TEXTARRAYOID],
);

/// Who is a user to hogsend, to be, or no more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Acquaintance {
    Known,
    Unknown,
    Deleted,
}

pub fn acquaintances(session: &Session, users: &[&str]) -> Vec<Acquaintance> {
    let mut found = vec![Acquaintance::Deleted; users.len()];
    let rows = session.execute(&STRANGERS, &[Arg::Texts(users)]);
    for row in 0..rows.len() {
        if let Some(n) = rows.bigint(row, 1) {
            found[n as usize - 1] = match rows.bool(row, 2) {
                Some(true) => Acquaintance::Unknown,
                _ => Acquaintance::Known,
            };
        }
    }
    found
}

static HOLD_OUT: Statement = Statement::new(
    "INSERT INTO {s}.bucket_holdouts (user_id, bucket_id)
     SELECT q.user_id, $2 FROM unnest($1) AS q (user_id)
     CROSS JOIN LATERAL (
         SELECT m.left_reason, m.left_at FROM {s}.bucket_memberships m
         WHERE m.user_id = q.user_id AND m.bucket_id = $2
         ORDER BY m.entry_count DESC LIMIT 1) l
     WHERE l.left_reason = 'maxDwell' AND (l.left_at > $3 OR $3 IS NULL)
     ON CONFLICT DO NOTHING",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTOID,
        pg_sys::TIMESTAMPTZOID,
    ],
);

/// Remembers those of `users`, whom the query returns, who have timed out since the last refresh.
pub fn hold_out(session: &Session, bucket: &str, users: &[&str], refreshed_at: Option<Instant>) {
    if !users.is_empty() {
        let since = refreshed_at.map_or(Arg::OptText(None), Arg::Instant);
        session.execute(&HOLD_OUT, &[Arg::Texts(users), Arg::Text(bucket), since]);
    }
}

static LET_GO: Statement = Statement::new(
    "DELETE FROM {s}.bucket_holdouts h WHERE h.user_id = ANY ($1) AND h.bucket_id = $2",
    &[pg_sys::TEXTARRAYOID, pg_sys::TEXTOID],
);
static LET_ALL_GO: Statement = Statement::new(
    "DELETE FROM {s}.bucket_holdouts h WHERE h.bucket_id = $1",
    &[pg_sys::TEXTOID],
);

/// Forgets that users were held out: the query returned them no more.
pub fn let_go(session: &Session, bucket: &str, users: &[&str]) {
    if !users.is_empty() {
        session.execute(&LET_GO, &[Arg::Texts(users), Arg::Text(bucket)]);
    }
}

/// Forgets all of a bucket's: the question is another.
pub fn let_all_go(session: &Session, bucket: &str) {
    session.execute(&LET_ALL_GO, &[Arg::Text(bucket)]);
}

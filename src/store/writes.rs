//! Writing stays, transitions and timers, one statement each for a whole set.

use hogsend_core::time::Instant;
use pgrx::pg_sys;

use crate::sql::{Arg, Session, Statement};

/// A stay that begins or ends.
pub struct Move<'a> {
    pub user: &'a str,
    pub bucket: &'a str,
    /// `None` for a join.
    pub reason: Option<&'static str>,
    pub entry_count: i32,
    pub announce: bool,
    pub effective_at: Instant,
    pub max_dwell_at: Option<Instant>,
    pub dwell_anchor_at: Option<Instant>,
}

/// A dwell that fires.
pub struct DwellRow<'a> {
    pub user: &'a str,
    pub bucket: &'a str,
    pub entry_count: i32,
    pub label: &'a str,
    pub ordinal: i64,
    pub effective_at: Instant,
}

/// The stays and their outbox rows change together or not at all: a transition is written only
/// for a stay that this statement has really begun or ended. Numbers are taken in the order given,
/// while the users' locks are held, so they follow commit order for each user.
static MOVES: Statement = Statement::new(
    "WITH move AS (
         SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) WITH ORDINALITY AS m
             (user_id, bucket_id, reason, entry_count, announce, effective_at, max_dwell_at, dwell_anchor_at, n)
     ), begun AS (
         INSERT INTO {s}.bucket_memberships AS m
             (user_id, bucket_id, entry_count, status, entered_at, source, max_dwell_at, dwell_anchor_at)
         SELECT v.user_id, v.bucket_id, v.entry_count, 'active', $9, $10, v.max_dwell_at, v.dwell_anchor_at
         FROM move v WHERE v.reason IS NULL
         ON CONFLICT DO NOTHING
         RETURNING m.user_id, m.bucket_id
     ), ended AS (
         UPDATE {s}.bucket_memberships m
         SET status = 'left', left_at = $9, left_reason = v.reason
         FROM move v
         WHERE v.reason IS NOT NULL AND m.user_id = v.user_id AND m.bucket_id = v.bucket_id
           AND m.entry_count = v.entry_count AND m.status = 'active'
         RETURNING m.user_id, m.bucket_id
     ), done AS (
         SELECT v.*, CASE WHEN v.reason IS NULL THEN 'entered' ELSE 'left' END AS transition
         FROM move v
         JOIN (SELECT * FROM begun UNION ALL SELECT * FROM ended) c
           ON c.user_id = v.user_id AND c.bucket_id = v.bucket_id
     ), told AS (
         INSERT INTO {s}.bucket_transitions AS t
             (event, bucket_id, user_id, transition, entry_count, reason, source,
              effective_at, recorded_at, idempotency_key)
         SELECT format('bucket:%s:%s', d.transition, d.bucket_id), d.bucket_id, d.user_id,
                d.transition, d.entry_count, d.reason, $10, d.effective_at, $9,
                format('bucket:%s:%s:%s:%s', d.bucket_id, d.user_id, d.transition, d.entry_count)
         FROM done d WHERE d.announce ORDER BY d.n
         RETURNING t.id, t.user_id, t.bucket_id
     )
     SELECT d.n, t.id FROM done d
     LEFT JOIN told t ON t.user_id = d.user_id AND t.bucket_id = d.bucket_id",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::INT4ARRAYOID,
        pg_sys::BOOLARRAYOID,
        pg_sys::TIMESTAMPTZARRAYOID,
        pg_sys::TIMESTAMPTZARRAYOID,
        pg_sys::TIMESTAMPTZARRAYOID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::TEXTOID,
    ],
);

/// Begins and ends stays, at most one a pair. Returns, for each move that took place, its place in
/// `moves` and the number of its outbox row if it was announced.
pub fn moves(
    session: &Session,
    moves: &[Move],
    now: Instant,
    source: &str,
) -> Vec<(usize, Option<i64>)> {
    if moves.is_empty() {
        return Vec::new();
    }
    let users: Vec<_> = moves.iter().map(|m| m.user).collect();
    let buckets: Vec<_> = moves.iter().map(|m| m.bucket).collect();
    let reasons: Vec<_> = moves.iter().map(|m| m.reason).collect();
    let counts: Vec<_> = moves.iter().map(|m| m.entry_count).collect();
    let announce: Vec<_> = moves.iter().map(|m| m.announce).collect();
    let effective: Vec<_> = moves.iter().map(|m| Some(m.effective_at)).collect();
    let limits: Vec<_> = moves.iter().map(|m| m.max_dwell_at).collect();
    let anchors: Vec<_> = moves.iter().map(|m| m.dwell_anchor_at).collect();
    let rows = session.execute(
        &MOVES,
        &[
            Arg::Texts(&users),
            Arg::Texts(&buckets),
            Arg::OptTexts(&reasons),
            Arg::Ints(&counts),
            Arg::Bools(&announce),
            Arg::Instants(&effective),
            Arg::Instants(&limits),
            Arg::Instants(&anchors),
            Arg::Instant(now),
            Arg::Text(source),
        ],
    );
    (0..rows.len())
        .filter_map(|row| Some((rows.bigint(row, 1)? as usize - 1, rows.bigint(row, 2))))
        .collect()
}

static DWELLS: Statement = Statement::new(
    "WITH dwell AS (
         SELECT * FROM unnest($1, $2, $3, $4, $5, $6) WITH ORDINALITY AS d
             (user_id, bucket_id, entry_count, label, ordinal, effective_at, n)
     ), counted AS (
         UPDATE {s}.bucket_memberships m
         SET dwell_counts = m.dwell_counts || d.counts
         FROM (SELECT user_id, bucket_id, entry_count, jsonb_object_agg(label, ordinal) AS counts
               FROM dwell GROUP BY user_id, bucket_id, entry_count) d
         WHERE m.user_id = d.user_id AND m.bucket_id = d.bucket_id
           AND m.entry_count = d.entry_count AND m.status = 'active'
         RETURNING m.user_id, m.bucket_id
     ), told AS (
         INSERT INTO {s}.bucket_transitions AS t
             (event, bucket_id, user_id, transition, entry_count, source, dwell_label, dwell_count,
              effective_at, recorded_at, idempotency_key)
         SELECT format('bucket:dwell:%s:%s', d.bucket_id, d.label), d.bucket_id, d.user_id, 'dwell',
                d.entry_count, $8, d.label, d.ordinal, d.effective_at, $7,
                format('bucket:%s:%s:dwell:%s:%s:%s', d.bucket_id, d.user_id, d.entry_count, d.label, d.ordinal)
         FROM dwell d JOIN counted c ON c.user_id = d.user_id AND c.bucket_id = d.bucket_id
         ORDER BY d.n
         RETURNING t.id, t.user_id, t.bucket_id, t.dwell_label
     )
     SELECT d.n, t.id FROM told t JOIN dwell d
         ON d.user_id = t.user_id AND d.bucket_id = t.bucket_id AND d.label = t.dwell_label",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::INT4ARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::INT8ARRAYOID,
        pg_sys::TIMESTAMPTZARRAYOID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::TEXTOID,
    ],
);

/// Records dwells and writes their outbox rows. Returns places in `dwells` and outbox numbers.
pub fn dwells(
    session: &Session,
    dwells: &[DwellRow],
    now: Instant,
    source: &str,
) -> Vec<(usize, i64)> {
    if dwells.is_empty() {
        return Vec::new();
    }
    let users: Vec<_> = dwells.iter().map(|d| d.user).collect();
    let buckets: Vec<_> = dwells.iter().map(|d| d.bucket).collect();
    let counts: Vec<_> = dwells.iter().map(|d| d.entry_count).collect();
    let labels: Vec<_> = dwells.iter().map(|d| d.label).collect();
    let ordinals: Vec<_> = dwells.iter().map(|d| d.ordinal).collect();
    let effective: Vec<_> = dwells.iter().map(|d| Some(d.effective_at)).collect();
    let rows = session.execute(
        &DWELLS,
        &[
            Arg::Texts(&users),
            Arg::Texts(&buckets),
            Arg::Ints(&counts),
            Arg::Texts(&labels),
            Arg::BigInts(&ordinals),
            Arg::Instants(&effective),
            Arg::Instant(now),
            Arg::Text(source),
        ],
    );
    (0..rows.len())
        .filter_map(|row| Some((rows.bigint(row, 1)? as usize - 1, rows.bigint(row, 2)?)))
        .collect()
}

static ARM: Statement = Statement::new(
    "INSERT INTO {s}.bucket_timers AS t (user_id, bucket_id, due_at, silent)
     SELECT a.user_id, a.bucket_id, a.due_at, $4 FROM unnest($1, $2, $3) AS a (user_id, bucket_id, due_at)
     ON CONFLICT (user_id, bucket_id)
     DO UPDATE SET due_at = EXCLUDED.due_at, silent = t.silent OR EXCLUDED.silent,
                   failures = 0, error = NULL",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TIMESTAMPTZARRAYOID,
        pg_sys::BOOLOID,
    ],
);

/// Sets timers, replacing what was there.
pub fn arm(session: &Session, timers: &[(&str, &str, Instant)], silent: bool) {
    if timers.is_empty() {
        return;
    }
    let users: Vec<_> = timers.iter().map(|t| t.0).collect();
    let buckets: Vec<_> = timers.iter().map(|t| t.1).collect();
    let due: Vec<_> = timers.iter().map(|t| Some(t.2)).collect();
    session.execute(
        &ARM,
        &[
            Arg::Texts(&users),
            Arg::Texts(&buckets),
            Arg::Instants(&due),
            Arg::Bool(silent),
        ],
    );
}

static DISARM: Statement = Statement::new(
    "DELETE FROM {s}.bucket_timers t USING unnest($1, $2) AS d (user_id, bucket_id)
     WHERE t.user_id = d.user_id AND t.bucket_id = d.bucket_id",
    &[pg_sys::TEXTARRAYOID, pg_sys::TEXTARRAYOID],
);

/// Removes timers.
pub fn disarm(session: &Session, timers: &[(&str, &str)]) {
    if timers.is_empty() {
        return;
    }
    let users: Vec<_> = timers.iter().map(|t| t.0).collect();
    let buckets: Vec<_> = timers.iter().map(|t| t.1).collect();
    session.execute(&DISARM, &[Arg::Texts(&users), Arg::Texts(&buckets)]);
}

static DISARM_USERS: Statement = Statement::new(
    "DELETE FROM {s}.bucket_timers t WHERE t.user_id = ANY ($1)",
    &[pg_sys::TEXTARRAYOID],
);

/// Removes all timers of users.
pub fn disarm_users(session: &Session, users: &[&str]) {
    if !users.is_empty() {
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

//! Runs of journeys, as they are stored. They change under the lock on the user's contact (I2 in doc/design.md).

use hogsend_core::run::{Labels, Run, State, Status, Wait};
use hogsend_core::time::Instant;
use pgrx::pg_sys;

use super::by_size::{BySize, by_size};
use crate::pg::sql::{Arg, Rows, Session, Statement};

/// What stands before the id of a journey in table `bucket_timers`; no bucket's id can begin so.
pub const TIMER_PREFIX: &str = "journey:";

/// How the timer of a run is called, in the place of a bucket.
pub fn timer_of(journey: &str) -> String {
    format!("{TIMER_PREFIX}{journey}")
}

/// A run as it is stored.
pub struct Stored {
    pub run: Run,
    pub label: Option<String>,
    /// For what it waits; `None`: it sleeps, or does not wait.
    pub wait_event: Option<String>,
    /// What that must satisfy, as JSON.
    pub wait_filter: Option<String>,
    labels: Option<String>,
}

impl Stored {
    /// What is kept for the statistics.
    pub fn labels(&self) -> Labels {
        Labels::parse(self.labels.as_deref().unwrap_or("{}"))
    }
}

macro_rules! run_columns {
    () => {
        "r.id, r.entry_count, r.status, r.step, r.started_at, r.since, r.ended_at, r.wait_until, r.label,
         r.wait_event, r.wait_filter::text, r.labels::text"
    };
}

pub(super) use run_columns;

/// Reads the columns of `run_columns!`, of which the first is `first`.
fn stored(rows: &Rows, row: usize, first: usize) -> Option<Stored> {
    let text = |place: usize| rows.text(row, first + place).map(str::to_owned);
    let status = rows.text(row, first + 2).and_then(Status::from_name);
    let wait_event = text(9);
    let state = match (rows.instant(row, first + 6), rows.instant(row, first + 7)) {
        (Some(at), _) => State::Ended {
            status: status.filter(|s| !s.is_live()).unwrap_or(Status::Exited),
            at,
        },
        (None, Some(until)) if status == Some(Status::Waiting) => State::Waiting(Wait {
            until,
            for_event: wait_event.is_some(),
        }),
        _ => State::Active,
    };
    Some(Stored {
        run: Run {
            id: rows.bigint(row, first)?,
            entry_count: rows.int(row, first + 1)?,
            step: rows.bigint(row, first + 3)?,
            started_at: rows.instant(row, first + 4)?,
            since: rows.instant(row, first + 5)?,
            state,
        },
        label: text(8),
        wait_event,
        wait_filter: text(10),
        labels: text(11),
    })
}

static LATEST: Statement = Statement::new(
    concat!(
        "SELECT q.n, ",
        run_columns!(),
        " FROM unnest($1, $2) WITH ORDINALITY AS q (user_id, journey_id, n)
          CROSS JOIN LATERAL (
              SELECT r.* FROM {s}.journey_runs r
              WHERE r.user_id = q.user_id AND r.journey_id = q.journey_id
              ORDER BY r.entry_count DESC LIMIT 1) r"
    ),
    &[pg_sys::TEXTARRAYOID, pg_sys::TEXTARRAYOID],
);

/// The latest run of each pair of a user and a journey, live or ended, in the order asked.
pub fn latest(session: &Session, users: &[&str], journeys: &[&str]) -> Vec<Option<Stored>> {
    let mut latest: Vec<Option<Stored>> = Vec::new();
    latest.resize_with(users.len(), || None);
    if users.is_empty() {
        return latest;
    }
    let rows = session.execute(&LATEST, &[Arg::Texts(users), Arg::Texts(journeys)]);
    for row in 0..rows.len() {
        if let Some(n) = rows.bigint(row, 1) {
            latest[n as usize - 1] = stored(&rows, row, 2);
        }
    }
    latest
}

/// A live run: its user, its journey, and what is stored.
pub type Live = (String, String, Stored);

/// Reads user, journey and the columns of `run_columns!`.
pub(super) fn live(rows: &Rows) -> Vec<Live> {
    (0..rows.len())
        .filter_map(|row| {
            let user = rows.text(row, 1)?.to_owned();
            let journey = rows.text(row, 2)?.to_owned();
            Some((user, journey, stored(rows, row, 3)?))
        })
        .collect()
}

static LIVE_OF_USERS: Statement = Statement::new(
    concat!(
        "SELECT r.user_id, r.journey_id, ",
        run_columns!(),
        " FROM {s}.journey_runs r WHERE r.user_id = ANY ($1) AND r.ended_at IS NULL"
    ),
    &[pg_sys::TEXTARRAYOID],
);

/// The live runs of users.
pub fn live_of_users(session: &Session, users: &[&str]) -> Vec<Live> {
    if users.is_empty() {
        return Vec::new();
    }
    live(&session.execute(&LIVE_OF_USERS, &[Arg::Texts(users)]))
}

/// From a user on, as [`active_of_bucket`](super::stays::active_of_bucket).
static LIVE_OF_JOURNEY: Statement = Statement::new(
    concat!(
        "SELECT r.user_id, r.journey_id, ",
        run_columns!(),
        " FROM {s}.journey_runs r
          WHERE r.ended_at IS NULL AND (r.journey_id, r.user_id) >= ($1, $2) AND r.journey_id <= $1
          ORDER BY r.journey_id, r.user_id LIMIT $3"
    ),
    &[pg_sys::TEXTOID, pg_sys::TEXTOID, pg_sys::INT8OID],
);

/// The live runs of a journey, of the next users from a given one on, at most `limit`.
pub fn live_of_journey(session: &Session, journey: &str, from: &str, limit: i64) -> Vec<Live> {
    let arguments = [Arg::Text(journey), Arg::Text(from), Arg::BigInt(limit)];
    live(&session.execute(&LIVE_OF_JOURNEY, &arguments))
}

static WITHOUT_CONTACT: Statement = Statement::new(
    "SELECT r.user_id FROM {s}.journey_runs r
     LEFT JOIN LATERAL (SELECT true AS is_known FROM {s}.contacts c
                        WHERE c.user_id = r.user_id LIMIT 1) c ON true
     WHERE r.user_id >= $1 AND r.ended_at IS NULL AND c.is_known IS NULL
     ORDER BY r.user_id LIMIT $2",
    &[pg_sys::TEXTOID, pg_sys::INT8OID],
);

/// Those of the next users from a given one on who have a live run and no contact row (after TRUNCATE
/// contacts); with at most `limit` runs, of which the last may not be all of its user's.
pub fn users_without_contact(session: &Session, from: &str, limit: i64) -> Vec<String> {
    let arguments = [Arg::Text(from), Arg::BigInt(limit)];
    let rows = session.execute(&WITHOUT_CONTACT, &arguments);
    let users = (0..rows.len()).filter_map(|row| rows.text(row, 1).map(str::to_owned));
    let mut users: Vec<String> = users.collect();
    users.dedup();
    users
}

static ORPHANED: Statement = Statement::new(
    "SELECT DISTINCT r.journey_id FROM {s}.journey_runs r
     WHERE r.ended_at IS NULL AND NOT EXISTS (SELECT FROM {s}.journeys j WHERE j.id = r.journey_id)",
    &[],
);

/// Journeys that are no more and have live runs.
pub fn orphaned(session: &Session) -> Vec<String> {
    let rows = session.execute(&ORPHANED, &[]);
    let journeys = (0..rows.len()).filter_map(|row| rows.text(row, 1).map(str::to_owned));
    journeys.collect()
}

/// Under the users' locks there can be no live run; but what a user's trigger made of it is the user's affair,
/// and no INSERT fails for that.
static BEGIN: Statement = Statement::new(
    "INSERT INTO {s}.journey_runs AS r (user_id, journey_id, entry_count, status, step, started_at, since, labels)
     SELECT v.user_id, v.journey_id, v.entry_count, 'active', 1, $4, $4, $5::jsonb
     FROM unnest($1, $2, $3) WITH ORDINALITY AS v (user_id, journey_id, entry_count, n)
     ORDER BY v.n
     ON CONFLICT DO NOTHING
     RETURNING r.id, r.user_id, r.journey_id",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::INT4ARRAYOID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::TEXTOID,
    ],
);

/// Begins runs: (user, journey, entry count). Returns the numbers of those that have begun, with user and journey.
pub fn begin<'s>(
    session: &'s Session,
    runs: &[(&str, &str, i32)],
    now: Instant,
) -> Vec<(i64, &'s str, &'s str)> {
    if runs.is_empty() {
        return Vec::new();
    }
    let users: Vec<&str> = runs.iter().map(|run| run.0).collect();
    let journeys: Vec<&str> = runs.iter().map(|run| run.1).collect();
    let counts: Vec<i32> = runs.iter().map(|run| run.2).collect();
    let rows = session.execute(
        &BEGIN,
        &[
            Arg::Texts(&users),
            Arg::Texts(&journeys),
            Arg::Ints(&counts),
            Arg::Instant(now),
            Arg::Text(&Labels::started().text()),
        ],
    );
    (0..rows.len())
        .filter_map(|row| Some((rows.bigint(row, 1)?, rows.text(row, 2)?, rows.text(row, 3)?)))
        .collect()
}

/// A run that ends without a word.
pub struct Ended<'a> {
    pub run: i64,
    pub user: &'a str,
    pub labels: String,
}

static END: BySize = by_size!(
    "UPDATE {s}.journey_runs r
     SET status = 'exited', ended_at = $5, since = $5, reason = $4, labels = v.labels::jsonb,
         wait_event = NULL, wait_filter = NULL, wait_until = NULL
     FROM unnest($1, $2, $3) AS v (run_id, user_id, labels)
     WHERE r.id = v.run_id AND r.user_id = v.user_id AND r.ended_at IS NULL",
    "AND r.id = ANY ($1)",
    "",
    &[
        pg_sys::INT8ARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTOID,
        pg_sys::TIMESTAMPTZOID,
    ],
);

/// Ends runs without a word, for a reason.
pub fn end(session: &Session, runs: &[Ended], reason: &str, now: Instant) {
    if runs.is_empty() {
        return;
    }
    let ids: Vec<i64> = runs.iter().map(|run| run.run).collect();
    let users: Vec<&str> = runs.iter().map(|run| run.user).collect();
    let labels: Vec<&str> = runs.iter().map(|run| run.labels.as_str()).collect();
    END.execute(
        session,
        runs.len(),
        &[
            Arg::BigInts(&ids),
            Arg::Texts(&users),
            Arg::Texts(&labels),
            Arg::Text(reason),
            Arg::Instant(now),
        ],
    );
}

/// Whose a run is, and of which journey.
pub struct Owner {
    pub user: String,
    pub journey: String,
    /// It has not ended, and the step that is answered is its last and was not answered before. What is
    /// false is so for ever.
    pub is_open: bool,
    /// The journey is known to wait for the event in question.
    pub is_awaited: bool,
}

static OWNER: Statement = Statement::new(
    "SELECT r.user_id, r.journey_id,
            r.ended_at IS NULL AND ($3 IS NULL OR r.step_id = $3 AND r.status = 'active') IS TRUE,
            coalesce((SELECT $2 = ANY (j.waits_for) FROM {s}.journeys j WHERE j.id = r.journey_id), false)
     FROM {s}.journey_runs r WHERE r.id = $1 LIMIT 1",
    &[pg_sys::INT8OID, pg_sys::TEXTOID, pg_sys::INT8OID],
);

/// Whose a run is; `event`: for what it is to wait; `step`: which one is answered.
pub fn owner(session: &Session, run: i64, event: Option<&str>, step: Option<i64>) -> Option<Owner> {
    let arguments = [Arg::BigInt(run), Arg::OptText(event), Arg::OptBigInt(step)];
    let rows = session.execute(&OWNER, &arguments);
    if rows.is_empty() {
        return None;
    }
    Some(Owner {
        user: rows.text(0, 1)?.to_owned(),
        journey: rows.text(0, 2)?.to_owned(),
        is_open: rows.bool(0, 3).unwrap_or(false),
        is_awaited: rows.bool(0, 4).unwrap_or(false),
    })
}

static OF_USER: Statement = Statement::new(
    concat!(
        "SELECT r.step_id, ",
        run_columns!(),
        " FROM {s}.journey_runs r WHERE r.id = $2 AND r.user_id = $1"
    ),
    &[pg_sys::TEXTOID, pg_sys::INT8OID],
);

/// A run of a user, and the number of the outbox row that told of it last; `None`: it is not that user's.
pub fn of_user(session: &Session, user: &str, run: i64) -> Option<(Stored, Option<i64>)> {
    let rows = session.execute(&OF_USER, &[Arg::Text(user), Arg::BigInt(run)]);
    if rows.is_empty() {
        return None;
    }
    Some((stored(&rows, 0, 2)?, rows.bigint(0, 1)))
}

/// What is to be stored of a run that its runner has said something of.
pub struct Written<'a> {
    pub run: &'a Run,
    pub user: &'a str,
    pub label: Option<&'a str>,
    /// A jsonb; `None`: it stays.
    pub state: Option<pg_sys::Datum>,
    pub error: Option<&'a str>,
    pub wait_event: Option<&'a str>,
    pub wait_filter: Option<&'a str>,
    pub labels: &'a str,
}

static WRITE: Statement = Statement::new(
    "UPDATE {s}.journey_runs r
     SET status = $3, label = $4, state = coalesce($5, r.state), since = $6, ended_at = $7, error = $8,
         wait_event = $9, wait_filter = $10::jsonb, wait_until = $11, labels = $12::jsonb
     WHERE r.id = $1 AND r.user_id = $2",
    &[
        pg_sys::INT8OID,
        pg_sys::TEXTOID,
        pg_sys::TEXTOID,
        pg_sys::TEXTOID,
        pg_sys::JSONBOID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::TEXTOID,
        pg_sys::TEXTOID,
        pg_sys::TEXTOID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::TEXTOID,
    ],
);

/// Stores it.
pub fn write(session: &Session, written: &Written) {
    let run = written.run;
    session.execute(
        &WRITE,
        &[
            Arg::BigInt(run.id),
            Arg::Text(written.user),
            Arg::Text(run.status().as_str()),
            Arg::OptText(written.label),
            Arg::Raw(written.state),
            Arg::Instant(run.since),
            Arg::OptInstant(run.ended_at()),
            Arg::OptText(written.error),
            Arg::OptText(written.wait_event),
            Arg::OptText(written.wait_filter),
            Arg::OptInstant(run.timer()),
            Arg::Text(written.labels),
        ],
    );
}

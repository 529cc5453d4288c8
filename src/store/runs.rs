//! Runs of journeys, as they are stored. They change under the lock on the user's contact (I2 in doc/design.md).

pub mod ahead;
pub(super) mod labels;
pub mod live;
pub mod written;

use hogsend_core::run::{Labels, Run, State, Status, Wait};
use hogsend_core::time::Instant;
use pgrx::pg_sys;

use super::by_size::{BySize, by_size};
use crate::pg::direct::{Latest, Place, Source, Table};
use crate::pg::fit::Column;
use crate::pg::row::Row;
use crate::pg::sql::{Arg, Rows, Session, Statement, json_text};
use labels::Kept;

/// What stands before the id of a journey in table `bucket_timers`; no bucket's id can begin so.
pub const TIMER_PREFIX: &str = "journey:";

/// How the timer of a run is called, in the place of a bucket.
pub fn timer_of(journey: &str) -> String {
    format!("{TIMER_PREFIX}{journey}")
}

/// A run as it is stored.
#[derive(Clone)]
pub struct Stored {
    pub run: Run,
    /// The outbox row that told of it last.
    pub step_id: Option<i64>,
    /// Where it was read, if it was fetched by index.
    pub place: Option<Place>,
    pub label: Option<String>,
    /// For what it waits; `None`: it sleeps, or does not wait.
    pub wait_event: Option<String>,
    /// What that must satisfy, as JSON.
    pub wait_filter: Option<String>,
    labels: Option<Kept>,
}

impl Stored {
    /// What is kept for the statistics.
    pub fn labels(&self) -> Labels {
        let kept = self.labels.as_ref();
        kept.map_or_else(|| Labels::parse("{}"), Kept::labels)
    }
}

macro_rules! run_columns {
    () => {
        "r.id, r.entry_count, r.status, r.step, r.started_at, r.since, r.ended_at, r.wait_until, r.label,
         r.wait_event, r.wait_filter::text, r.labels::text, r.step_id"
    };
}

pub(super) use run_columns;

/// Reads the columns of `run_columns!`, of which the first is `first`.
fn stored(rows: &Rows, row: usize, first: usize) -> Option<Stored> {
    let text = |place: usize| rows.text(row, first + place).map(str::to_owned);
    let wait_event = text(9);
    let (ended_at, until) = (rows.instant(row, first + 6), rows.instant(row, first + 7));
    Some(Stored {
        run: Run {
            id: rows.bigint(row, first)?,
            entry_count: rows.int(row, first + 1)?,
            step: rows.bigint(row, first + 3)?,
            started_at: rows.instant(row, first + 4)?,
            since: rows.instant(row, first + 5)?,
            state: state(
                rows.text(row, first + 2),
                ended_at,
                until,
                wait_event.is_some(),
            ),
        },
        step_id: rows.bigint(row, first + 12),
        place: None,
        label: text(8),
        wait_event,
        wait_filter: text(10),
        labels: text(11).map(Kept::Text),
    })
}

/// What the columns say together.
fn state(
    status: Option<&str>,
    ended_at: Option<Instant>,
    until: Option<Instant>,
    for_event: bool,
) -> State {
    let status = status.and_then(Status::from_name);
    match (ended_at, until) {
        (Some(at), _) => State::Ended {
            status: status.filter(|s| !s.is_live()).unwrap_or(Status::Exited),
            at,
        },
        (None, Some(until)) if status == Some(Status::Waiting) => {
            State::Waiting(Wait { until, for_event })
        }
        _ => State::Active,
    }
}

static RUNS: Source<13> = Source {
    table: c"journey_runs",
    key: &[
        Column::user(c"user_id"),
        Column::key(c"journey_id"),
        Column::int(c"entry_count"),
    ],
    compared: 2,
    columns: [
        Column::bigint(c"id"),
        Column::int(c"entry_count"),
        Column::key(c"status"),
        Column::bigint(c"step"),
        Column::instant(c"started_at"),
        Column::instant(c"since"),
        Column::instant(c"ended_at"),
        Column::instant(c"wait_until"),
        Column::text(c"label"),
        Column::key(c"wait_event"),
        Column::json(c"wait_filter"),
        Column::json(c"labels"),
        Column::bigint(c"step_id"),
    ],
};

/// Reads the columns of [`RUNS`].
fn stored_of(row: &Row, place: Place) -> Option<Stored> {
    let text = |place: usize| row.text(place).map(str::to_owned);
    let instant = |place: usize| row.bigint(place).map(Instant);
    let wait_event = text(9);
    Some(Stored {
        run: Run {
            id: row.bigint(0)?,
            entry_count: row.int(1)?,
            step: row.bigint(3)?,
            started_at: instant(4)?,
            since: instant(5)?,
            state: state(row.text(2), instant(6), instant(7), wait_event.is_some()),
        },
        step_id: row.bigint(12),
        place: Some(place),
        label: text(8),
        wait_event,
        wait_filter: row.datum(10).map(json_text),
        // SAFETY: it is a jsonb, or would not have been read by index.
        labels: row.datum(11).map(|labels| unsafe { Kept::of(labels) }),
    })
}

/// Up to so many pairs the index is asked directly: as many users as are looked at together. One statement would
/// be as fast, but does not tell the places at which the runs are then written.
const FEW: usize = 1000;

fn latest_directly(
    session: &Session,
    users: &[&str],
    journeys: &[&str],
) -> Option<Vec<Option<Stored>>> {
    let context = session.direct().filter(|_| users.len() <= FEW)?;
    let table = Table::open(context, &RUNS, false)?;
    let snapshot = Latest::take();
    let pairs = users.iter().zip(journeys);
    let latest = pairs.map(|(user, journey)| {
        let mut latest = None;
        // Backwards, so that the latest comes first.
        table.backwards(&snapshot, &[user, journey], |row| {
            latest = stored_of(&row, table.place());
            false
        });
        latest
    });
    let latest = latest.collect();
    snapshot.release();
    table.close();
    Some(latest)
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
    if users.is_empty() {
        return Vec::new();
    }
    if let Some(latest) = latest_directly(session, users, journeys) {
        return latest;
    }
    let mut latest: Vec<Option<Stored>> = vec![None; users.len()];
    let rows = session.execute(&LATEST, &[Arg::Texts(users), Arg::Texts(journeys)]);
    for row in 0..rows.len() {
        if let Some(n) = rows.bigint(row, 1) {
            latest[n as usize - 1] = stored(&rows, row, 2);
        }
    }
    latest
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

/// What is to be stored of a run that its runner has said something of.
pub struct Written<'a> {
    pub run: &'a Run,
    pub user: &'a str,
    pub label: Option<&'a str>,
    /// A jsonb; `None`: it stays.
    pub state: Option<pg_sys::Datum>,
    pub error: Option<&'a str>,
    /// `None`: it waits as it did.
    pub wait: Option<WaitsFor<'a>>,
    pub labels: &'a Labels,
}

/// For what a run waits, if it does.
pub struct WaitsFor<'a> {
    pub event: Option<&'a str>,
    /// A jsonb.
    pub filter: Option<pg_sys::Datum>,
}

static NOTE: Statement = Statement::new(
    "UPDATE {s}.journey_runs r SET label = $3, state = coalesce($4, r.state), since = $5, labels = $6::jsonb
     WHERE r.id = $1 AND r.user_id = $2",
    &[
        pg_sys::INT8OID,
        pg_sys::TEXTOID,
        pg_sys::TEXTOID,
        pg_sys::JSONBOID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::TEXTOID,
    ],
);
static WRITE: Statement = Statement::new(
    "UPDATE {s}.journey_runs r
     SET label = $3, state = coalesce($4, r.state), since = $5, labels = $6::jsonb, status = $7, ended_at = $8,
         error = $9, wait_event = $10, wait_filter = $11, wait_until = $12
     WHERE r.id = $1 AND r.user_id = $2",
    &[
        pg_sys::INT8OID,
        pg_sys::TEXTOID,
        pg_sys::TEXTOID,
        pg_sys::JSONBOID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::TEXTOID,
        pg_sys::TEXTOID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::TEXTOID,
        pg_sys::TEXTOID,
        pg_sys::JSONBOID,
        pg_sys::TIMESTAMPTZOID,
    ],
);

/// Stores it; `place`: where the run was read, if that is known.
pub fn write(session: &Session, place: Option<Place>, written: &Written) {
    if written::write(session, place, written) {
        return;
    }
    let run = written.run;
    let labels = written.labels.text();
    let mut arguments = vec![
        Arg::BigInt(run.id),
        Arg::Text(written.user),
        Arg::OptText(written.label),
        Arg::Raw(written.state),
        Arg::Instant(run.since),
        Arg::Text(&labels),
    ];
    let Some(wait) = &written.wait else {
        session.execute(&NOTE, &arguments);
        return;
    };
    arguments.extend([
        Arg::Text(run.status().as_str()),
        Arg::OptInstant(run.ended_at()),
        Arg::OptText(written.error),
        Arg::OptText(wait.event),
        Arg::Raw(wait.filter),
        Arg::OptInstant(run.timer()),
    ]);
    session.execute(&WRITE, &arguments);
}

//! Runs that have not ended, of whoever has one.

use pgrx::pg_sys;

use super::{Stored, run_columns, stored};
use crate::pg::sql::{Arg, Rows, Session, Statement};

/// A live run: its user, its journey, and what is stored.
pub type Live = (String, String, Stored);

/// Reads user, journey and the columns of `run_columns!`.
pub fn live(rows: &Rows) -> Vec<Live> {
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

/// From a user on, as [`active_of_bucket`](crate::store::stays::active_of_bucket).
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

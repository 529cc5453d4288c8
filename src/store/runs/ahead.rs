//! Runs of a time when the system's clock was ahead.

use hogsend_core::run::{Run, State};
use hogsend_core::time::Instant;
use pgrx::pg_sys;

use super::live::live;
use super::{run_columns, timer_of};
use crate::pg::direct;
use crate::pg::sql::{Arg, Session, Statement};
use crate::store::column;
use crate::store::timers::{self, Quiet};

/// So many are set right at a time.
const MOST: i64 = 10_000;

macro_rules! ahead {
    ($what:expr, $rest:literal) => {
        concat!(
            "SELECT ",
            $what,
            " FROM {s}.journey_runs r JOIN {s}.contacts c ON c.user_id = r.user_id
              WHERE r.since > $1 OR r.started_at > $1 OR r.ended_at > $1 ",
            $rest
        )
    };
}

/// By no index, because nobody asks for them but once a clock was set right.
static AHEAD: Statement = Statement::new(
    ahead!(
        concat!("r.user_id, r.journey_id, ", run_columns!()),
        "LIMIT $2 FOR NO KEY UPDATE OF c SKIP LOCKED"
    ),
    &[pg_sys::TIMESTAMPTZOID, pg_sys::INT8OID],
);
static ANY: Statement = Statement::new(ahead!("true", "LIMIT 1"), &[pg_sys::TIMESTAMPTZOID]);
static REDATE: Statement = Statement::new(
    "UPDATE {s}.journey_runs r
     SET started_at = v.started_at, since = v.since, ended_at = v.ended_at, wait_until = v.wait_until
     FROM unnest($1, $2, $3, $4, $5, $6) AS v (run_id, user_id, started_at, since, ended_at, wait_until)
     WHERE r.id = v.run_id AND r.user_id = v.user_id",
    &[
        pg_sys::INT8ARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TIMESTAMPTZARRAYOID,
        pg_sys::TIMESTAMPTZARRAYOID,
        pg_sys::TIMESTAMPTZARRAYOID,
        pg_sys::TIMESTAMPTZARRAYOID,
    ],
);

/// Puts what is dated to instants that have not come to now, as [`Run::redate`] has it; false where some are left
/// for the next time, because somebody has their users in hands or they are too many.
pub fn redate(session: &Session, now: Instant) -> bool {
    if direct::is_empty(session, c"journey_runs") {
        return true;
    }
    let rows = session.execute(&AHEAD, &[Arg::Instant(now), Arg::BigInt(MOST)]);
    let mut runs = live(&rows);
    for (.., stored) in &mut runs {
        stored.run.redate(now);
    }
    if !runs.is_empty() {
        let until = |run: &Run| match run.state {
            State::Waiting(wait) => Some(wait.until),
            _ => None,
        };
        session.execute(
            &REDATE,
            &[
                Arg::BigInts(&column(&runs, |(.., s)| s.run.id)),
                Arg::Texts(&column(&runs, |(user, ..)| user.as_str())),
                Arg::Instants(&column(&runs, |(.., s)| Some(s.run.started_at))),
                Arg::Instants(&column(&runs, |(.., s)| Some(s.run.since))),
                Arg::Instants(&column(&runs, |(.., s)| s.run.ended_at())),
                Arg::Instants(&column(&runs, |(.., s)| until(&s.run))),
            ],
        );
        let waiting = runs.iter().filter_map(|(user, journey, stored)| {
            Some((user.as_str(), timer_of(journey), until(&stored.run)?))
        });
        let waiting: Vec<(&str, String, Instant)> = waiting.collect();
        let waiting: Vec<(&str, &str, Instant)> = waiting
            .iter()
            .map(|(u, t, at)| (*u, t.as_str(), *at))
            .collect();
        timers::arm(session, &waiting, Quiet::default());
    }
    session.execute(&ANY, &[Arg::Instant(now)]).is_empty()
}

//! The runs that were kept of other ids become the user's.

use hogsend_core::time::Instant;
use pgrx::pg_sys;

use super::super::by_size::{BySize, by_size};
use super::super::column;
use super::super::runs::live::{Live, live};
use super::super::runs::run_columns;
use crate::pg::sql::{Arg, Session, Statement};

static LATEST_OF_USERS: Statement = Statement::new(
    concat!(
        "SELECT DISTINCT ON (r.user_id, r.journey_id) r.user_id, r.journey_id, ",
        run_columns!(),
        " FROM {s}.journey_runs r WHERE r.user_id = ANY ($1)
          ORDER BY r.user_id, r.journey_id, r.entry_count DESC"
    ),
    &[pg_sys::TEXTARRAYOID],
);

/// The latest runs of users of each journey of which they have ever had one.
pub fn latest_of_users(session: &Session, users: &[&str]) -> Vec<Live> {
    live(&session.execute(&LATEST_OF_USERS, &[Arg::Texts(users)]))
}

/// The latest run of a user, which gets another entry count, or ends: for which reason, and what is kept then.
pub struct Renumbered<'a> {
    pub user: &'a str,
    pub run: i64,
    pub entry_count: i32,
    pub ended: Option<(&'static str, String)>,
}

/// The runs that another id had of a journey.
pub struct Inherited<'a> {
    pub alias: &'a str,
    pub journey: &'a str,
    pub user: &'a str,
    /// The latest of them.
    pub latest: i64,
    /// The entry count of the latest.
    pub entry_count: i32,
    /// By how much those of the others grow.
    pub behind: i32,
    /// As above, of the latest.
    pub ended: Option<(&'static str, String)>,
}

macro_rules! ends {
    ($condition:literal, $now:literal) => {
        concat!(
            "status = CASE WHEN ",
            $condition,
            " THEN 'exited' ELSE r.status END,
             since = CASE WHEN ",
            $condition,
            " THEN ",
            $now,
            " ELSE r.since END,
             ended_at = CASE WHEN ",
            $condition,
            " THEN ",
            $now,
            " ELSE r.ended_at END,
             reason = CASE WHEN ",
            $condition,
            " THEN v.reason ELSE r.reason END,
             labels = CASE WHEN ",
            $condition,
            " THEN v.labels::jsonb ELSE r.labels END,
             wait_event = CASE WHEN ",
            $condition,
            " THEN NULL ELSE r.wait_event END,
             wait_filter = CASE WHEN ",
            $condition,
            " THEN NULL ELSE r.wait_filter END,
             wait_until = CASE WHEN ",
            $condition,
            " THEN NULL ELSE r.wait_until END"
        )
    };
}

static RENUMBER: BySize = by_size!(
    concat!(
        "UPDATE {s}.journey_runs r SET entry_count = v.entry_count, ",
        ends!("v.reason IS NOT NULL", "$6"),
        " FROM unnest($1, $2, $3, $4, $5) AS v (run_id, user_id, entry_count, reason, labels)
          WHERE r.id = v.run_id AND r.user_id = v.user_id"
    ),
    "AND r.id = ANY ($1)",
    "",
    &[
        pg_sys::INT8ARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::INT4ARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TIMESTAMPTZOID,
    ],
);

static MOVE: BySize = by_size!(
    concat!(
        "UPDATE {s}.journey_runs r
         SET user_id = v.user_id,
             entry_count = CASE WHEN r.id = v.latest THEN v.entry_count ELSE r.entry_count + v.behind END, ",
        ends!("r.id = v.latest AND v.reason IS NOT NULL", "$9"),
        " FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
              AS v (alias, journey_id, user_id, latest, entry_count, behind, reason, labels)
          WHERE r.user_id = v.alias AND r.journey_id = v.journey_id"
    ),
    "AND r.user_id = ANY ($1)",
    "",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::INT8ARRAYOID,
        pg_sys::INT4ARRAYOID,
        pg_sys::INT4ARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TIMESTAMPTZOID,
    ],
);

/// Makes the runs of other ids the users', and ends and numbers anew those of the users before.
pub fn inherit(
    session: &Session,
    renumbered: &[Renumbered],
    inherited: &[Inherited],
    now: Instant,
) {
    // First, because a user has one live run of a journey.
    if !renumbered.is_empty() {
        let arguments = [
            Arg::BigInts(&column(renumbered, |r| r.run)),
            Arg::Texts(&column(renumbered, |r| r.user)),
            Arg::Ints(&column(renumbered, |r| r.entry_count)),
            Arg::OptTexts(&column(renumbered, |r| r.ended.as_ref().map(|e| e.0))),
            Arg::OptTexts(&column(renumbered, |r| {
                r.ended.as_ref().map(|e| e.1.as_str())
            })),
            Arg::Instant(now),
        ];
        RENUMBER.execute(session, renumbered.len(), &arguments);
    }
    if !inherited.is_empty() {
        let arguments = [
            Arg::Texts(&column(inherited, |i| i.alias)),
            Arg::Texts(&column(inherited, |i| i.journey)),
            Arg::Texts(&column(inherited, |i| i.user)),
            Arg::BigInts(&column(inherited, |i| i.latest)),
            Arg::Ints(&column(inherited, |i| i.entry_count)),
            Arg::Ints(&column(inherited, |i| i.behind)),
            Arg::OptTexts(&column(inherited, |i| i.ended.as_ref().map(|e| e.0))),
            Arg::OptTexts(&column(inherited, |i| {
                i.ended.as_ref().map(|e| e.1.as_str())
            })),
            Arg::Instant(now),
        ];
        MOVE.execute(session, inherited.len(), &arguments);
    }
}

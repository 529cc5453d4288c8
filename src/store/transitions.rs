//! Transitions: what the outbox says of stays that begin, dwell and end, numbered under the locks of their
//! users (I9 in doc/design.md).

use hogsend_core::time::Instant;
use pgrx::pg_sys;

use super::column;
use crate::pg::direct;
use crate::pg::sql::{Arg, Session, Statement};

/// A row of the outbox, and what listeners are told of it; without its number.
pub struct Transition<'a> {
    pub user: &'a str,
    pub bucket: &'a str,
    /// `entered`, `left` or `dwell`.
    pub transition: &'static str,
    pub entry_count: i32,
    pub reason: Option<&'static str>,
    /// Label and ordinal.
    pub dwell: Option<(&'a str, i64)>,
    pub effective_at: Instant,
}

impl Transition<'_> {
    /// Whether that is its name, as the outbox has it in `event`.
    pub fn is_named(&self, event: &str) -> bool {
        let rest = event.strip_prefix("bucket:");
        let rest = rest.and_then(|rest| rest.strip_prefix(self.transition)?.strip_prefix(':'));
        let rest = rest.and_then(|rest| rest.strip_prefix(self.bucket));
        match (rest, self.dwell) {
            (Some(rest), None) => rest.is_empty(),
            (Some(rest), Some((label, _))) => rest.strip_prefix(':') == Some(label),
            (None, _) => false,
        }
    }
}

macro_rules! tell {
    ($part:literal, $from:literal) => {
        Statement::new(
            concat!(
    "INSERT INTO {s}.bucket_transitions AS t
         (event, bucket_id, user_id, transition, entry_count, reason, source, dwell_label, dwell_count,
          effective_at, recorded_at, idempotency_key)
     SELECT concat_ws(':', 'bucket', v.transition, v.bucket_id, v.label), v.bucket_id, v.user_id,
            v.transition, v.entry_count, v.reason, $10, v.label, v.ordinal, v.effective_at, $9,
            concat_ws(':', 'bucket', v.bucket_id, v.user_id, v.transition, v.entry_count, v.label, v.ordinal",
     $part, ")
     FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) WITH ORDINALITY
         AS v (user_id, bucket_id, transition, entry_count, reason, label, ordinal, effective_at, n) ",
     $from, "
     ORDER BY v.n
     RETURNING t.id"),
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::INT4ARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::INT8ARRAYOID,
        pg_sys::TIMESTAMPTZARRAYOID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::TEXTOID,
    ],
)
    };
}

/// Numbers are taken in the order given, while the users' locks are held, so they follow commit
/// order for each user.
static TELL: Statement = tell!("", "");
/// The same where users have been erased: entries of one who is back are counted from 1 again, and a
/// further part keeps their keys apart from those of before. With the limit no plan reads all of them.
static TELL_OF_ERASED: Statement = tell!(
    ", 'life-' || (e.times + 1)",
    "LEFT JOIN LATERAL (
         SELECT e.times FROM {s}.bucket_erasures e
         WHERE e.user_hash = sha256(convert_to(v.user_id, 'UTF8')) LIMIT 1) e ON true"
);

/// Writes outbox rows and returns their numbers, in the order given.
pub fn tell(session: &Session, told: &[Transition], now: Instant, source: &str) -> Vec<i64> {
    if told.is_empty() {
        return Vec::new();
    }
    let somebody_was_erased = !direct::is_empty(session, c"bucket_erasures");
    let statement = if somebody_was_erased {
        &TELL_OF_ERASED
    } else {
        &TELL
    };
    let rows = session.execute(
        statement,
        &[
            Arg::Texts(&column(told, |t| t.user)),
            Arg::Texts(&column(told, |t| t.bucket)),
            Arg::Texts(&column(told, |t| t.transition)),
            Arg::Ints(&column(told, |t| t.entry_count)),
            Arg::OptTexts(&column(told, |t| t.reason)),
            Arg::OptTexts(&column(told, |t| t.dwell.map(|(label, _)| label))),
            Arg::OptBigInts(&column(told, |t| t.dwell.map(|(_, ordinal)| ordinal))),
            Arg::Instants(&column(told, |t| Some(t.effective_at))),
            Arg::Instant(now),
            Arg::Text(source),
        ],
    );
    (0..rows.len())
        .filter_map(|row| rows.bigint(row, 1))
        .collect()
}

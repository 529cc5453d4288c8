//! Transitions: what the outbox says of stays that begin, dwell and end, numbered under the locks of their
//! users (I9 in doc/design.md).

use hogsend_core::time::Instant;
use pgrx::pg_sys;

use super::column;
use crate::pg::direct::{self, Repetition, Target, Writer};
use crate::pg::fit::Column;
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

static LIVES: Statement = Statement::new(
    "SELECT v.n, e.times FROM unnest($1) WITH ORDINALITY AS v (user_id, n)
     CROSS JOIN LATERAL (
         SELECT e.times FROM {s}.bucket_erasures e
         WHERE e.user_hash = sha256(convert_to(v.user_id, 'UTF8')) LIMIT 1) e",
    &[pg_sys::TEXTARRAYOID],
);

static OUTBOX: Target<14> = Target {
    table: c"bucket_transitions",
    columns: [
        Column::bigint(c"id"),
        Column::text(c"event"),
        Column::text(c"bucket_id"),
        Column::text(c"user_id"),
        Column::text(c"transition"),
        Column::int(c"entry_count"),
        Column::text(c"reason"),
        Column::text(c"source"),
        Column::text(c"dwell_label"),
        Column::bigint(c"dwell_count"),
        Column::instant(c"effective_at"),
        Column::instant(c"recorded_at"),
        Column::text(c"idempotency_key"),
        Column::of(c"xid", pg_sys::XID8OID),
    ],
    is_numbered: true,
    checks: CHECKS,
    partial: None,
};

/// What every row of ours meets, as Postgres prints it.
pub(super) const CHECKS: &[&str] = &[
    "(transition = ANY (ARRAY['entered'::text, 'left'::text, 'dwell'::text, 'started'::text, 'resumed'::text, 'exited'::text]))",
];

/// Writes outbox rows and returns their numbers, in the order given.
pub fn tell(session: &Session, told: &[Transition], now: Instant, source: &str) -> Vec<i64> {
    if told.is_empty() {
        return Vec::new();
    }
    let somebody_was_erased = !direct::is_empty(session, c"bucket_erasures");
    if let Some(numbers) = tell_few(session, told, somebody_was_erased, now, source) {
        return numbers;
    }
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

/// The same for a few, without SQL; `None` where that cannot be done.
fn tell_few(
    session: &Session,
    told: &[Transition],
    somebody_was_erased: bool,
    now: Instant,
    source: &str,
) -> Option<Vec<i64>> {
    let context = session.direct().filter(|_| told.len() <= direct::MOST)?;
    let lives = match somebody_was_erased {
        true => lives(session, &column(told, |t| t.user)),
        false => vec![None; told.len()],
    };
    let writer = Writer::open(context, &OUTBOX)?;
    let rows = told.iter().zip(lives);
    let numbers = rows.map(|(t, life)| t.write(&writer, life, now, source));
    let numbers = numbers.collect();
    writer.close();
    Some(numbers)
}

/// Which life of each user it is, of those who were erased: the second, or a later one.
pub(super) fn lives(session: &Session, users: &[&str]) -> Vec<Option<i32>> {
    let mut lives = vec![None; users.len()];
    if direct::is_empty(session, c"bucket_erasures") {
        return lives;
    }
    let rows = session.execute(&LIVES, &[Arg::Texts(users)]);
    for row in 0..rows.len() {
        if let (Some(n), Some(times)) = (rows.bigint(row, 1), rows.int(row, 2)) {
            lives[n as usize - 1] = Some(times + 1);
        }
    }
    lives
}

/// The transaction that writes, as the outbox notes it.
pub(super) fn own_transaction() -> Arg<'static> {
    // SAFETY: whoever writes has a transaction, which gets an id here if it has none yet.
    let transaction = unsafe { pg_sys::GetTopFullTransactionId() };
    Arg::Raw(Some(pg_sys::Datum::from(transaction.value)))
}

impl Transition<'_> {
    pub fn event(&self) -> String {
        match self.dwell {
            Some((label, _)) => format!("bucket:{}:{}:{label}", self.transition, self.bucket),
            None => format!("bucket:{}:{}", self.transition, self.bucket),
        }
    }

    fn idempotency_key(&self, life: Option<i32>) -> String {
        let mut key = format!(
            "bucket:{}:{}:{}:{}",
            self.bucket, self.user, self.transition, self.entry_count
        );
        if let Some((label, ordinal)) = self.dwell {
            key = format!("{key}:{label}:{ordinal}");
        }
        match life {
            Some(life) => format!("{key}:life-{life}"),
            None => key,
        }
    }

    fn write(&self, writer: &Writer<14>, life: Option<i32>, now: Instant, source: &str) -> i64 {
        let number = writer.number();
        let row = [
            Arg::BigInt(number),
            Arg::Text(&self.event()),
            Arg::Text(self.bucket),
            Arg::Text(self.user),
            Arg::Text(self.transition),
            Arg::Int(self.entry_count),
            Arg::OptText(self.reason),
            Arg::Text(source),
            Arg::OptText(self.dwell.map(|(label, _)| label)),
            Arg::OptBigInt(self.dwell.map(|(_, ordinal)| ordinal)),
            Arg::Instant(self.effective_at),
            Arg::Instant(now),
            Arg::Text(&self.idempotency_key(life)),
            own_transaction(),
        ];
        writer.insert(&row, true, Repetition::Fails);
        number
    }
}

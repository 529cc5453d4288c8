//! Writing stays and transitions, one statement each for a whole set.

use std::collections::{BTreeMap, HashSet};

use hogsend_core::time::Instant;
use pgrx::pg_sys;

use super::by_size::{BySize, by_size};
use super::remembered;
use crate::pg::direct;
use crate::pg::settings;
use crate::pg::sql::{Arg, Rows, Session, Statement};

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
    pub announce: bool,
}

macro_rules! begin {
    ($conflict:literal) => {
        concat!(
            "INSERT INTO {s}.bucket_memberships AS m
                 (user_id, bucket_id, entry_count, status, entered_at, source, max_dwell_at, dwell_anchor_at
                  {+, announced+})
             SELECT v.user_id, v.bucket_id, v.entry_count, 'active', $7, $8, v.max_dwell_at, v.dwell_anchor_at
                    {+, v.announced+}
             FROM unnest($1, $2, $3, $4, $5, $6)
                 AS v (user_id, bucket_id, entry_count, max_dwell_at, dwell_anchor_at, announced) ",
            $conflict,
            " RETURNING m.user_id, m.bucket_id"
        )
    };
}

const BEGIN_ARGUMENTS: &[pg_sys::Oid] = &[
    pg_sys::TEXTARRAYOID,
    pg_sys::TEXTARRAYOID,
    pg_sys::INT4ARRAYOID,
    pg_sys::TIMESTAMPTZARRAYOID,
    pg_sys::TIMESTAMPTZARRAYOID,
    pg_sys::BOOLARRAYOID,
    pg_sys::TIMESTAMPTZOID,
    pg_sys::TEXTOID,
];
static BEGIN: Statement = Statement::new(begin!("ON CONFLICT DO NOTHING"), BEGIN_ARGUMENTS);
/// Under the users' locks there can be no conflict, and looking for one costs a third. Only a job
/// relies on that: an error in it is contained, while an INSERT of the application's must not fail.
static BEGIN_IN_JOB: Statement = Statement::new(begin!(""), BEGIN_ARGUMENTS);
static END: BySize = by_size!(
    "UPDATE {s}.bucket_memberships m SET status = 'left', left_at = $6, left_reason = v.reason
            {+, left_announced = v.announced+}
     FROM unnest($1, $2, $3, $4, $5) AS v (user_id, bucket_id, entry_count, reason, announced)
     WHERE m.user_id = v.user_id AND m.bucket_id = v.bucket_id
       AND m.entry_count = v.entry_count AND m.left_at IS NULL",
    "AND m.user_id = ANY ($1)",
    "RETURNING m.user_id, m.bucket_id",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::INT4ARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::BOOLARRAYOID,
        pg_sys::TIMESTAMPTZOID,
    ],
);

/// Begins and ends stays, at most one a pair. Returns, for each move that took place, its place in
/// `moves` and the number of its outbox row if it was announced.
///
/// A transition is written only for a stay that was really begun or ended here. Who that was is
/// matched in memory: joined in SQL it costs the square of their number, because the planner does
/// not know how many there are.
pub fn moves(
    session: &Session,
    moves: &[Move],
    now: Instant,
    source: &str,
) -> Vec<(usize, Option<i64>)> {
    remembered::forget(moves.iter().map(|m| m.user));
    let (begins, ends): (Vec<&Move>, Vec<&Move>) = moves.iter().partition(|m| m.reason.is_none());
    let mut changed: HashSet<(&str, &str)> = HashSet::new();
    if !begins.is_empty() {
        let in_job = source == "backfill" && !settings::test_no_lock();
        let rows = session.execute(
            if in_job { &BEGIN_IN_JOB } else { &BEGIN },
            &[
                Arg::Texts(&begins.iter().map(|m| m.user).collect::<Vec<_>>()),
                Arg::Texts(&begins.iter().map(|m| m.bucket).collect::<Vec<_>>()),
                Arg::Ints(&begins.iter().map(|m| m.entry_count).collect::<Vec<_>>()),
                Arg::Instants(&begins.iter().map(|m| m.max_dwell_at).collect::<Vec<_>>()),
                Arg::Instants(&begins.iter().map(|m| m.dwell_anchor_at).collect::<Vec<_>>()),
                Arg::Bools(&begins.iter().map(|m| m.announce).collect::<Vec<_>>()),
                Arg::Instant(now),
                Arg::Text(source),
            ],
        );
        changed.extend(pairs(&rows));
    }
    if !ends.is_empty() {
        let rows = END.execute(
            session,
            ends.len(),
            &[
                Arg::Texts(&ends.iter().map(|m| m.user).collect::<Vec<_>>()),
                Arg::Texts(&ends.iter().map(|m| m.bucket).collect::<Vec<_>>()),
                Arg::Ints(&ends.iter().map(|m| m.entry_count).collect::<Vec<_>>()),
                Arg::OptTexts(&ends.iter().map(|m| m.reason).collect::<Vec<_>>()),
                Arg::Bools(&ends.iter().map(|m| m.announce).collect::<Vec<_>>()),
                Arg::Instant(now),
            ],
        );
        changed.extend(pairs(&rows));
    }
    let done: Vec<usize> = (0..moves.len())
        .filter(|place| changed.contains(&(moves[*place].user, moves[*place].bucket)))
        .collect();
    let told: Vec<Told> = done
        .iter()
        .map(|place| &moves[*place])
        .filter(|m| m.announce)
        .map(|m| Told {
            user: m.user,
            bucket: m.bucket,
            transition: if m.reason.is_none() {
                "entered"
            } else {
                "left"
            },
            entry_count: m.entry_count,
            reason: m.reason,
            dwell: None,
            effective_at: m.effective_at,
        })
        .collect();
    let mut numbers = tell(session, &told, now, source).into_iter();
    let mut number = |announce| if announce { numbers.next() } else { None };
    done.into_iter()
        .map(|place| (place, number(moves[place].announce)))
        .collect()
}

static COUNT_DWELLS: BySize = by_size!(
    "UPDATE {s}.bucket_memberships m SET dwell_counts = m.dwell_counts || v.counts::jsonb
     FROM unnest($1, $2, $3, $4) AS v (user_id, bucket_id, entry_count, counts)
     WHERE m.user_id = v.user_id AND m.bucket_id = v.bucket_id
       AND m.entry_count = v.entry_count AND m.left_at IS NULL",
    "AND m.user_id = ANY ($1)",
    "RETURNING m.user_id, m.bucket_id",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::INT4ARRAYOID,
        pg_sys::TEXTARRAYOID,
    ],
);

/// Records dwells and writes the outbox rows of those that are announced. Returns places in `dwells`
/// and outbox numbers.
/// The dwells of a pair must stand together.
pub fn dwells(
    session: &Session,
    dwells: &[DwellRow],
    now: Instant,
    source: &str,
) -> Vec<(usize, Option<i64>)> {
    if dwells.is_empty() {
        return Vec::new();
    }
    remembered::forget(dwells.iter().map(|d| d.user));
    let stays: Vec<&[DwellRow]> = dwells
        .chunk_by(|a, b| a.user == b.user && a.bucket == b.bucket)
        .collect();
    let counts: Vec<String> = stays
        .iter()
        .map(|stay| {
            let counts: BTreeMap<&str, i64> = stay.iter().map(|d| (d.label, d.ordinal)).collect();
            serde_json::to_string(&counts).unwrap_or_else(|_| String::from("{}"))
        })
        .collect();
    let rows = COUNT_DWELLS.execute(
        session,
        stays.len(),
        &[
            Arg::Texts(&stays.iter().map(|s| s[0].user).collect::<Vec<_>>()),
            Arg::Texts(&stays.iter().map(|s| s[0].bucket).collect::<Vec<_>>()),
            Arg::Ints(&stays.iter().map(|s| s[0].entry_count).collect::<Vec<_>>()),
            Arg::Texts(&counts.iter().map(String::as_str).collect::<Vec<_>>()),
        ],
    );
    let changed: HashSet<(&str, &str)> = pairs(&rows).into_iter().collect();
    let done: Vec<usize> = (0..dwells.len())
        .filter(|place| changed.contains(&(dwells[*place].user, dwells[*place].bucket)))
        .collect();
    let told: Vec<Told> = done
        .iter()
        .map(|place| &dwells[*place])
        .filter(|d| d.announce)
        .map(|d| Told {
            user: d.user,
            bucket: d.bucket,
            transition: "dwell",
            entry_count: d.entry_count,
            reason: None,
            dwell: Some((d.label, d.ordinal)),
            effective_at: d.effective_at,
        })
        .collect();
    let mut numbers = tell(session, &told, now, source).into_iter();
    let mut number = |announce| if announce { numbers.next() } else { None };
    done.into_iter()
        .map(|place| (place, number(dwells[place].announce)))
        .collect()
}

/// An outbox row to be.
struct Told<'a> {
    user: &'a str,
    bucket: &'a str,
    transition: &'static str,
    entry_count: i32,
    reason: Option<&'static str>,
    dwell: Option<(&'a str, i64)>,
    effective_at: Instant,
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
fn tell(session: &Session, told: &[Told], now: Instant, source: &str) -> Vec<i64> {
    if told.is_empty() {
        return Vec::new();
    }
    let labels: Vec<_> = told
        .iter()
        .map(|t| t.dwell.map(|(label, _)| label))
        .collect();
    let ordinals: Vec<_> = told
        .iter()
        .map(|t| t.dwell.map(|(_, ordinal)| ordinal))
        .collect();
    let somebody_was_erased = !direct::is_empty(session, c"bucket_erasures");
    let rows = session.execute(
        if somebody_was_erased {
            &TELL_OF_ERASED
        } else {
            &TELL
        },
        &[
            Arg::Texts(&told.iter().map(|t| t.user).collect::<Vec<_>>()),
            Arg::Texts(&told.iter().map(|t| t.bucket).collect::<Vec<_>>()),
            Arg::Texts(&told.iter().map(|t| t.transition).collect::<Vec<_>>()),
            Arg::Ints(&told.iter().map(|t| t.entry_count).collect::<Vec<_>>()),
            Arg::OptTexts(&told.iter().map(|t| t.reason).collect::<Vec<_>>()),
            Arg::OptTexts(&labels),
            Arg::OptBigInts(&ordinals),
            Arg::Instants(
                &told
                    .iter()
                    .map(|t| Some(t.effective_at))
                    .collect::<Vec<_>>(),
            ),
            Arg::Instant(now),
            Arg::Text(source),
        ],
    );
    (0..rows.len())
        .filter_map(|row| rows.bigint(row, 1))
        .collect()
}

/// (user, bucket) of each row.
fn pairs<'s>(rows: &Rows<'s>) -> Vec<(&'s str, &'s str)> {
    (0..rows.len())
        .filter_map(|row| Some((rows.text(row, 1)?, rows.text(row, 2)?)))
        .collect()
}

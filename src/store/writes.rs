//! Writing stays as they begin, dwell and end, one statement each for a whole set: under the locks of
//! their users (invariant I2 of doc/design.md).

mod few;

use std::collections::{BTreeMap, HashSet};

use hogsend_core::stay::{Change, Dwell};
use hogsend_core::time::Instant;
use pgrx::pg_sys;

use super::by_size::{BySize, by_size};
use super::transitions::{self, Transition};
use super::{column, remembered, stays};
use crate::pg::direct::Place;
use crate::pg::settings;
use crate::pg::sql::{Arg, Rows, Session, Statement};

/// A stay that begins or ends.
pub struct Move<'a> {
    pub user: &'a str,
    pub bucket: &'a str,
    pub change: Change,
    /// Of a stay that begins: since when its dwells are counted, if not from now on.
    pub dwell_anchor_at: Option<Instant>,
    /// Of a stay that ends: where it was read, if that is known.
    pub place: Option<Place>,
    /// It took a move in a bucket that this one names.
    pub followed: bool,
}

impl<'a> Move<'a> {
    pub fn begins(&self) -> bool {
        matches!(self.change, Change::Join { .. })
    }

    fn entry_count(&self) -> i32 {
        match self.change {
            Change::Join { entry_count, .. } | Change::Leave { entry_count, .. } => entry_count,
        }
    }

    fn is_announced(&self) -> bool {
        match self.change {
            Change::Join { announce, .. } | Change::Leave { announce, .. } => announce,
        }
    }

    fn max_dwell_at(&self) -> Option<Instant> {
        match self.change {
            Change::Join { max_dwell_at, .. } => max_dwell_at,
            Change::Leave { .. } => None,
        }
    }

    pub fn transition(&self) -> Transition<'a> {
        let (transition, entry_count, reason, effective_at) = match self.change {
            Change::Join {
                entry_count,
                effective_at,
                ..
            } => ("entered", entry_count, None, effective_at),
            Change::Leave {
                entry_count,
                reason,
                effective_at,
                ..
            } => ("left", entry_count, Some(reason.as_str()), effective_at),
        };
        Transition {
            user: self.user,
            bucket: self.bucket,
            transition,
            entry_count,
            reason,
            dwell: None,
            effective_at,
        }
    }
}

/// A dwell that fires, of the user's present stay.
pub struct Dwelled<'a> {
    pub user: &'a str,
    pub bucket: &'a str,
    pub entry_count: i32,
    pub dwell: Dwell,
}

impl Dwelled<'_> {
    pub fn transition(&self) -> Transition<'_> {
        Transition {
            user: self.user,
            bucket: self.bucket,
            transition: "dwell",
            entry_count: self.entry_count,
            reason: None,
            dwell: Some((&self.dwell.label, self.dwell.ordinal)),
            effective_at: self.dwell.effective_at,
        }
    }
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
/// The same of whom none is announced: then it is enough to know how many have begun.
static BEGIN_SILENTLY: Statement = Statement::new(
    "INSERT INTO {s}.bucket_memberships AS m
         (user_id, bucket_id, entry_count, status, entered_at, source, max_dwell_at, dwell_anchor_at
          {+, announced+})
     SELECT v.user_id, v.bucket_id, v.entry_count, 'active', $6, $7, v.max_dwell_at, v.dwell_anchor_at {+, false+}
     FROM unnest($1, $2, $3, $4, $5) AS v (user_id, bucket_id, entry_count, max_dwell_at, dwell_anchor_at)",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::INT4ARRAYOID,
        pg_sys::TIMESTAMPTZARRAYOID,
        pg_sys::TIMESTAMPTZARRAYOID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::TEXTOID,
    ],
);
/// And who differ in nothing but who they are and since when they have matched: each column that is read
/// from an array costs a twentieth.
static BEGIN_ALIKE: Statement = Statement::new(
    "INSERT INTO {s}.bucket_memberships AS m
         (user_id, bucket_id, entry_count, status, entered_at, source, max_dwell_at, dwell_anchor_at
          {+, announced+})
     SELECT v.user_id, $2, $3, 'active', $6, $7, $4, v.dwell_anchor_at {+, false+}
     FROM unnest($1, $5) AS v (user_id, dwell_anchor_at)",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTOID,
        pg_sys::INT4OID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::TIMESTAMPTZARRAYOID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::TEXTOID,
    ],
);
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
    if moves.is_empty() {
        return Vec::new();
    }
    remembered::forget(moves.iter().map(|m| m.user));
    let done = few::moves(session, moves, now, source);
    let (done, others): (Vec<_>, Vec<_>) = moves.iter().zip(done).partition(|(_, done)| *done);
    let mut changed: HashSet<(&str, &str)> = done.iter().map(|(m, _)| (m.user, m.bucket)).collect();
    let others = others.into_iter().map(|(m, _)| m);
    let (begins, ends): (Vec<&Move>, Vec<&Move>) = others.partition(|m| m.begins());
    let in_job = source == "backfill" && !settings::test_no_lock();
    let mut all_begun = false;
    if in_job && !begins.is_empty() && !begins.iter().any(|m| m.is_announced()) {
        all_begun = begin_silently(session, &begins, now, source);
        if !all_begun {
            changed.extend(begun(session, &begins));
        }
    } else if !begins.is_empty() {
        let rows = session.execute(
            if in_job { &BEGIN_IN_JOB } else { &BEGIN },
            &[
                Arg::Texts(&column(&begins, |m| m.user)),
                Arg::Texts(&column(&begins, |m| m.bucket)),
                Arg::Ints(&column(&begins, |m| m.entry_count())),
                Arg::Instants(&column(&begins, |m| m.max_dwell_at())),
                Arg::Instants(&column(&begins, |m| m.dwell_anchor_at)),
                Arg::Bools(&column(&begins, |m| m.is_announced())),
                Arg::Instant(now),
                Arg::Text(source),
            ],
        );
        changed.extend(pairs(&rows));
    }
    if !ends.is_empty() {
        let reasons = column(&ends, |m| m.transition().reason);
        let rows = END.execute(
            session,
            ends.len(),
            &[
                Arg::Texts(&column(&ends, |m| m.user)),
                Arg::Texts(&column(&ends, |m| m.bucket)),
                Arg::Ints(&column(&ends, |m| m.entry_count())),
                Arg::OptTexts(&reasons),
                Arg::Bools(&column(&ends, |m| m.is_announced())),
                Arg::Instant(now),
            ],
        );
        changed.extend(pairs(&rows));
    }
    let is_done = |m: &Move| all_begun && m.begins() || changed.contains(&(m.user, m.bucket));
    announced(
        session,
        moves,
        is_done,
        Move::is_announced,
        Move::transition,
        now,
        source,
    )
}

/// Whether all have begun.
fn begin_silently(session: &Session, begins: &[&Move], now: Instant, source: &str) -> bool {
    fn kind<'a>(m: &Move<'a>) -> (&'a str, i32, Option<Instant>) {
        (m.bucket, m.entry_count(), m.max_dwell_at())
    }
    let (bucket, entry_count, max_dwell_at) = kind(begins[0]);
    let users = column(begins, |m| m.user);
    let anchors = column(begins, |m| m.dwell_anchor_at);
    let rows = if begins.iter().all(|m| kind(m) == kind(begins[0])) {
        let arguments = [
            Arg::Texts(&users),
            Arg::Text(bucket),
            Arg::Int(entry_count),
            Arg::OptInstant(max_dwell_at),
            Arg::Instants(&anchors),
            Arg::Instant(now),
            Arg::Text(source),
        ];
        session.execute(&BEGIN_ALIKE, &arguments)
    } else {
        let arguments = [
            Arg::Texts(&users),
            Arg::Texts(&column(begins, |m| m.bucket)),
            Arg::Ints(&column(begins, |m| m.entry_count())),
            Arg::Instants(&column(begins, |m| m.max_dwell_at())),
            Arg::Instants(&anchors),
            Arg::Instant(now),
            Arg::Text(source),
        ];
        session.execute(&BEGIN_SILENTLY, &arguments)
    };
    rows.processed == begins.len() as u64
}

/// Those that have begun, of pairs that were not active before: a trigger or a rule of the user's may have
/// kept the others from it.
fn begun<'a>(session: &Session, begins: &[&Move<'a>]) -> HashSet<(&'a str, &'a str)> {
    let active = stays::active_of_users(session, &column(begins, |m| m.user));
    let active: HashSet<(&str, &str)> = active
        .iter()
        .map(|(user, bucket, _)| (user.as_str(), bucket.as_str()))
        .collect();
    let pairs = begins.iter().map(|m| (m.user, m.bucket));
    pairs.filter(|pair| active.contains(pair)).collect()
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
    dwells: &[Dwelled],
    now: Instant,
    source: &str,
) -> Vec<(usize, Option<i64>)> {
    if dwells.is_empty() {
        return Vec::new();
    }
    remembered::forget(dwells.iter().map(|d| d.user));
    let stays: Vec<&[Dwelled]> = dwells
        .chunk_by(|a, b| a.user == b.user && a.bucket == b.bucket)
        .collect();
    let counts: Vec<String> = stays
        .iter()
        .map(|stay| {
            let counts: BTreeMap<&str, i64> = stay
                .iter()
                .map(|d| (d.dwell.label.as_str(), d.dwell.ordinal))
                .collect();
            serde_json::to_string(&counts).unwrap_or_else(|_| String::from("{}"))
        })
        .collect();
    let rows = COUNT_DWELLS.execute(
        session,
        stays.len(),
        &[
            Arg::Texts(&column(&stays, |s| s[0].user)),
            Arg::Texts(&column(&stays, |s| s[0].bucket)),
            Arg::Ints(&column(&stays, |s| s[0].entry_count)),
            Arg::Texts(&column(&counts, String::as_str)),
        ],
    );
    let changed: HashSet<(&str, &str)> = pairs(&rows).into_iter().collect();
    let is_done = |d: &Dwelled| changed.contains(&(d.user, d.bucket));
    let is_announced = |d: &Dwelled| d.dwell.announce;
    announced(
        session,
        dwells,
        is_done,
        is_announced,
        Dwelled::transition,
        now,
        source,
    )
}

/// Writes the outbox rows of what really took place and is to be announced. Returns the place of
/// everything that took place, with its number if it was announced.
fn announced<'r, T>(
    session: &Session,
    rows: &'r [T],
    is_done: impl Fn(&T) -> bool,
    is_announced: impl Fn(&T) -> bool,
    transition: impl Fn(&'r T) -> Transition<'r>,
    now: Instant,
    source: &str,
) -> Vec<(usize, Option<i64>)> {
    let done = rows.iter().enumerate().filter(|(_, row)| is_done(row));
    let done: Vec<(usize, &T)> = done.collect();
    let told = done.iter().filter(|(_, row)| is_announced(row));
    let told: Vec<Transition> = told.map(|(_, row)| transition(row)).collect();
    let mut numbers = transitions::tell(session, &told, now, source).into_iter();
    let number =
        |(place, row): (usize, &T)| (place, is_announced(row).then(|| numbers.next()).flatten());
    done.into_iter().map(number).collect()
}

/// (user, bucket) of each row.
fn pairs<'s>(rows: &Rows<'s>) -> Vec<(&'s str, &'s str)> {
    (0..rows.len())
        .filter_map(|row| Some((rows.text(row, 1)?, rows.text(row, 2)?)))
        .collect()
}

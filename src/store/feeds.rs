//! Table `feeds`, as far as imports are concerned: how far each has come.

use hogsend_core::time::Instant;
use pgrx::pg_sys;

use crate::pg::context::Context;
use crate::pg::direct;
use crate::pg::sql::{Arg, Rows, Session, Statement};

const NAME: &[pg_sys::Oid] = &[pg_sys::TEXTOID];

/// Whether there is such a table: those of an earlier release are without until they are migrated.
pub fn exists(context: &Context) -> bool {
    context.table(c"feeds") != pg_sys::InvalidOid
}

/// How far an import has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The table whose rows come next, or the first after it. In the order of their oids, so that whatever is
    /// renamed or dropped meanwhile, none is left out.
    pub part: u32,
    /// Its file, of this installation: in another one, or in a copy, the rows are elsewhere.
    pub file: Option<i64>,
    /// The next page, and the one at which the part ends: what was written since it was begun was mirrored.
    pub block: i64,
    pub blocks: i64,
}

/// A table with rows of its own: the one that was attached, or a partition.
pub struct Part {
    pub oid: pg_sys::Oid,
    pub owner: pg_sys::Oid,
    pub name: String,
    pub file: i64,
    pub blocks: i64,
    /// As ANALYZE and VACUUM saw it last; negative when they did not.
    pub rows: i64,
    /// Rows are hidden from its owner.
    pub hides: bool,
}

static RELATION: Statement =
    Statement::new("SELECT {s}.hogsend_feed_relation($1)::oid::bigint", NAME);

/// The table that is attached under a name.
pub fn relation(session: &Session, feed: &str) -> Option<pg_sys::Oid> {
    let rows = session.execute(&RELATION, &[Arg::Text(feed)]);
    oid(&rows, 0, 1)
}

fn oid(rows: &Rows, row: usize, column: usize) -> Option<pg_sys::Oid> {
    if row >= rows.len() {
        return None;
    }
    let number = u32::try_from(rows.bigint(row, column)?).ok()?;
    Some(pg_sys::Oid::from(number))
}

macro_rules! part {
    ($which:literal) => {
        concat!(
            "SELECT c.oid::bigint, c.relowner::bigint, format('%I.%I', n.nspname, c.relname),
                    pg_relation_filenode(c.oid)::bigint + (SELECT ('x' || substr(md5(i.id::text), 1, 7))::bit(28)::bigint << 32 FROM {s}.hogsend_instance i),
                    pg_relation_size(c.oid) / current_setting('block_size')::bigint, c.reltuples::bigint,
                    c.relrowsecurity AND c.relforcerowsecurity AND NOT (SELECT r.rolsuper OR r.rolbypassrls FROM pg_roles r WHERE r.oid = c.relowner)
             FROM (SELECT $1::oid UNION SELECT t.relid::oid FROM pg_partition_tree($1::oid::regclass) t) AS p (oid)
             JOIN pg_class c ON c.oid = p.oid AND c.relkind = 'r'
             JOIN pg_namespace n ON n.oid = c.relnamespace ",
            $which
        )
    };
}
static PART_FROM: Statement = Statement::new(
    part!("WHERE c.oid >= $2::oid ORDER BY c.oid LIMIT 1"),
    &[pg_sys::INT8OID, pg_sys::INT8OID],
);
static PARTS: Statement = Statement::new(part!("ORDER BY c.oid"), &[pg_sys::INT8OID]);

fn part(rows: &Rows, row: usize) -> Option<Part> {
    Some(Part {
        oid: oid(rows, row, 1)?,
        owner: oid(rows, row, 2)?,
        name: rows.text(row, 3)?.to_owned(),
        file: rows.bigint(row, 4)?,
        blocks: rows.bigint(row, 5)?,
        rows: rows.bigint(row, 6)?,
        hides: rows.bool(row, 7)?,
    })
}

/// The first part of an attached table with that oid, or a later one.
pub fn part_from(session: &Session, relation: pg_sys::Oid, from: u32) -> Option<Part> {
    let relation = i64::from(relation.to_u32());
    let arguments = [Arg::BigInt(relation), Arg::BigInt(i64::from(from))];
    part(&session.execute(&PART_FROM, &arguments), 0)
}

/// All parts of an attached table.
pub fn parts(session: &Session, relation: pg_sys::Oid) -> Vec<Part> {
    let rows = session.execute(&PARTS, &[Arg::BigInt(i64::from(relation.to_u32()))]);
    (0..rows.len()).filter_map(|row| part(&rows, row)).collect()
}

macro_rules! claim {
    ($how:literal) => {
        Statement::new(
            concat!(
                "SELECT f.import, f.part::bigint, f.file, f.block, f.blocks FROM {s}.feeds f WHERE f.name = $1 FOR UPDATE",
                $how
            ),
            NAME,
        )
    };
}
static CLAIM: Statement = claim!("");
static TRY_CLAIM: Statement = claim!(" SKIP LOCKED");

/// Takes a feed in hands, and says whether its import is done, and how far it came. Nothing where somebody
/// else has it, unless they are waited for.
pub fn claim(session: &Session, feed: &str, waits: bool) -> Option<(bool, Position)> {
    let statement = if waits { &CLAIM } else { &TRY_CLAIM };
    let rows = session.execute(statement, &[Arg::Text(feed)]);
    if rows.is_empty() {
        return None;
    }
    let status = rows.text(0, 1)?;
    let position = Position {
        part: rows
            .bigint(0, 2)
            .and_then(|part| u32::try_from(part).ok())
            .unwrap_or_default(),
        file: rows.bigint(0, 3),
        block: rows.bigint(0, 4).unwrap_or_default(),
        blocks: rows.bigint(0, 5).unwrap_or_default(),
    };
    Some((status == "done", position))
}

/// Of imports that were called for, one at a time; the clock, which takes a turn now and then, is none.
static BE_THE_ONLY_ONE: Statement = Statement::new(
    "SELECT pg_try_advisory_xact_lock((f.tableoid::bigint - 2147483648)::integer, hashtext(f.name)) FROM {s}.feeds f WHERE f.name = $1",
    NAME,
);

/// Whether nobody else who was called to is at an import; nobody will be until we commit.
pub fn be_the_only_one(session: &Session, feed: &str) -> bool {
    let rows = session.execute(&BE_THE_ONLY_ONE, &[Arg::Text(feed)]);
    rows.is_empty() || rows.bool(0, 1).unwrap_or_default()
}

/// Events of the feed that were there before have no higher number than the last that was given by then.
static BEGIN: Statement = Statement::new(
    "UPDATE {s}.feeds f
     SET last_event = (SELECT coalesce(pg_sequence_last_value(n.of_events), 0)
                       FROM (SELECT pg_get_serial_sequence('{s}.user_events', 'id')::regclass AS of_events) AS n
                       WHERE has_sequence_privilege(n.of_events, 'SELECT')),
         import = 'running', part = NULL, file = NULL, block = NULL, blocks = NULL, rows_total = $2,
         rows_imported = 0, rows_skipped = 0, rows_failed = 0, error = NULL, error_at = NULL, imported_at = NULL, moved_at = $3
     WHERE f.name = $1",
    &[pg_sys::TEXTOID, pg_sys::INT8OID, pg_sys::TIMESTAMPTZOID],
);
static FORGET_NOTES: Statement =
    Statement::new("DELETE FROM {s}.feed_notes n WHERE n.feed = $1", NAME);

/// Begins an import from the first row. What was said before of rows that were left out is said anew.
pub fn begin(session: &Session, feed: &str, total: Option<i64>, now: Instant) {
    let arguments = [Arg::Text(feed), Arg::OptBigInt(total), Arg::Instant(now)];
    session.execute(&BEGIN, &arguments);
    session.execute(&FORGET_NOTES, &[Arg::Text(feed)]);
}

/// Without "import", whose change all sessions are told of.
static PROGRESS: Statement = Statement::new(
    "UPDATE {s}.feeds f
     SET part = $2::text, file = $3, block = $4, blocks = $5, rows_imported = f.rows_imported + $6,
         rows_skipped = f.rows_skipped + $7, rows_failed = f.rows_failed + $8,
         error = coalesce($9, f.error), error_at = CASE WHEN $9 IS NULL THEN f.error_at ELSE $10 END, moved_at = $10
     WHERE f.name = $1",
    &[
        pg_sys::TEXTOID,
        pg_sys::INT8OID,
        pg_sys::INT8OID,
        pg_sys::INT8OID,
        pg_sys::INT8OID,
        pg_sys::INT8OID,
        pg_sys::INT8OID,
        pg_sys::INT8OID,
        pg_sys::TEXTOID,
        pg_sys::TIMESTAMPTZOID,
    ],
);

/// Rows that an import has looked at, and what became of those that came to nothing.
#[derive(Default)]
pub struct Looked<'e> {
    pub rows: i64,
    pub skipped: i64,
    pub failed: i64,
    pub error: Option<&'e str>,
}

/// Stores how far an import has come.
pub fn progress(session: &Session, feed: &str, at: &Position, looked: &Looked, now: Instant) {
    session.execute(
        &PROGRESS,
        &[
            Arg::Text(feed),
            Arg::BigInt(i64::from(at.part)),
            Arg::OptBigInt(at.file),
            Arg::BigInt(at.block),
            Arg::BigInt(at.blocks),
            Arg::BigInt(looked.rows),
            Arg::BigInt(looked.skipped),
            Arg::BigInt(looked.failed),
            Arg::OptText(looked.error),
            Arg::Instant(now),
        ],
    );
}

static FINISH: Statement = Statement::new(
    "UPDATE {s}.feeds f
     SET import = 'done', part = NULL, file = NULL, block = NULL, blocks = NULL, imported_at = $2, moved_at = $2,
         error = CASE WHEN f.rows_failed > 0 THEN f.error END, error_at = CASE WHEN f.rows_failed > 0 THEN f.error_at END
     WHERE f.name = $1",
    &[pg_sys::TEXTOID, pg_sys::TIMESTAMPTZOID],
);

pub fn finish(session: &Session, feed: &str, now: Instant) {
    session.execute(&FINISH, &[Arg::Text(feed), Arg::Instant(now)]);
}

static FAIL: Statement = Statement::new(
    "UPDATE {s}.feeds f SET error = $2, error_at = $3 WHERE f.name = $1 AND (f.error IS DISTINCT FROM $2 OR f.error_at < $3 - interval '1 minute')",
    &[pg_sys::TEXTOID, pg_sys::TEXTOID, pg_sys::TIMESTAMPTZOID],
);

/// Writes down why an import cannot go on; the clock tries again.
pub fn fail(session: &Session, feed: &str, error: &str, now: Instant) {
    let arguments = [Arg::Text(feed), Arg::Text(error), Arg::Instant(now)];
    session.execute(&FAIL, &arguments);
}

static TOTALS: Statement = Statement::new(
    "SELECT f.rows_imported, coalesce(f.rows_total, 0) FROM {s}.feeds f WHERE f.name = $1",
    NAME,
);

/// How many rows an import has looked at, and how many there were.
pub fn totals(session: &Session, feed: &str) -> (i64, i64) {
    let rows = session.execute(&TOTALS, &[Arg::Text(feed)]);
    [1, 2].map(|n| rows.bigint(0, n).unwrap_or_default()).into()
}

static IS_DONE: Statement = Statement::new(
    "SELECT true FROM {s}.feeds f WHERE f.name = $1 AND f.import = 'done'",
    NAME,
);

pub fn is_done(session: &Session, feed: &str) -> bool {
    !session.execute(&IS_DONE, &[Arg::Text(feed)]).is_empty()
}

static NAME_OF: Statement = Statement::new("SELECT $1::oid::regclass::text", &[pg_sys::INT8OID]);

/// What a table is called.
pub fn name_of(session: &Session, relation: pg_sys::Oid) -> String {
    let rows = session.execute(&NAME_OF, &[Arg::BigInt(i64::from(relation.to_u32()))]);
    rows.text(0, 1).unwrap_or_default().to_owned()
}

static QUOTED_NAME: Statement = Statement::new(
    "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid",
    &[pg_sys::INT8OID],
);

/// How a table is named whatever the search_path is.
pub fn quoted_name(session: &Session, relation: pg_sys::Oid) -> String {
    let arguments = [Arg::BigInt(i64::from(relation.to_u32()))];
    let rows = session.execute(&QUOTED_NAME, &arguments);
    rows.text(0, 1).unwrap_or_default().to_owned()
}

static OPEN: Statement = Statement::new(
    "SELECT f.name FROM {s}.feeds f WHERE f.import <> 'done' ORDER BY f.attached_at, f.name",
    &[],
);

/// The feeds whose import is not done.
pub fn open(session: &Session) -> Vec<String> {
    let rows = session.execute(&OPEN, &[]);
    let name = |row| rows.text(row, 1).map(str::to_owned);
    (0..rows.len()).filter_map(name).collect()
}

static IS_KNOWN: Statement = Statement::new("SELECT true FROM {s}.feeds f WHERE f.name = $1", NAME);

pub fn is_known(session: &Session, feed: &str) -> bool {
    !session.execute(&IS_KNOWN, &[Arg::Text(feed)]).is_empty()
}

static HAS_NOTES: Statement = Statement::new("SELECT true FROM {s}.feed_notes n LIMIT 1", &[]);

/// Whether writers have noted anything.
pub fn has_notes(session: &Session) -> bool {
    !direct::is_empty(session, c"feed_notes") && !session.execute(&HAS_NOTES, &[]).is_empty()
}

/// Those of feeds that somebody has in hands stay for the next time, and those of feeds that are no more go.
static FOLD: Statement = Statement::new(
    "WITH free AS MATERIALIZED (
         SELECT f.name FROM {s}.feeds f FOR UPDATE SKIP LOCKED
     ), gone AS (
         DELETE FROM {s}.feed_notes n
         WHERE n.id IN (SELECT o.id FROM {s}.feed_notes o
                        WHERE o.feed IN (SELECT name FROM free) OR NOT EXISTS (SELECT FROM {s}.feeds f WHERE f.name = o.feed)
                        ORDER BY o.id LIMIT $1 FOR UPDATE SKIP LOCKED)
         RETURNING n.id, n.feed, n.skipped, n.failed, n.error, n.noted_at
     )
     UPDATE {s}.feeds f
     SET rows_skipped = f.rows_skipped + g.skipped, rows_failed = f.rows_failed + g.failed,
         error = coalesce(g.error, f.error), error_at = coalesce(g.error_at, f.error_at)
     FROM (SELECT d.feed, sum(d.skipped)::bigint AS skipped, sum(d.failed)::bigint AS failed,
                  (array_agg(d.error ORDER BY d.id DESC) FILTER (WHERE d.error IS NOT NULL))[1] AS error,
                  max(d.noted_at) FILTER (WHERE d.error IS NOT NULL) AS error_at
           FROM gone d GROUP BY d.feed) AS g
     WHERE f.name = g.feed",
    &[pg_sys::INT8OID],
);

/// Adds up to so many notes of writers to their feeds.
pub fn fold_notes(session: &Session, limit: i64) {
    session.execute(&FOLD, &[Arg::BigInt(limit)]);
}

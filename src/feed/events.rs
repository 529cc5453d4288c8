//! Rows that are events: the event of a row is found by its user and its idempotency key, which is made of
//! the feed's name and the row's key.

use std::ffi::CStr;

use pgrx::{PgSqlErrorCode, pg_sys};

use super::known::Feed;
use super::notes::Notes;
use super::parts;
use crate::pg::error::Refusal;
use crate::pg::locks;
use crate::pg::row::text;
use crate::pg::settings::{self, Evaluate};
use crate::pg::spool::Spool;
use crate::pg::sql::{Arg, Session, Statement};
use crate::pg::subtransaction::{attempt, attempt_told};
use crate::registry;

const NAME: &[pg_sys::Oid] = &[pg_sys::TEXTOID];

/// Whether a row `$r` is an event. What an index cannot hold could not be stored, and is none.
macro_rules! is_event {
    ($r:literal) => {
        concat!(
            "(",
            $r,
            ".kept AND ",
            $r,
            ".key <> '' AND ",
            $r,
            ".user_id <> '' AND ",
            $r,
            ".event <> '' AND ",
            $r,
            ".occurred_at IS NOT NULL AND octet_length(",
            $r,
            ".user_id) + octet_length(",
            $r,
            ".event) < 2000 AND octet_length(",
            $r,
            ".user_id) + octet_length(",
            $r,
            ".key) < 2000) IS TRUE"
        )
    };
}

/// Whose the events of a row are: what an alias did, the user did.
macro_rules! person {
    ($r:literal) => {
        concat!(
            "coalesce((SELECT a.user_id FROM {s}.user_aliases a WHERE a.alias = ",
            $r,
            ".user_id), ",
            $r,
            ".user_id)"
        )
    };
}

pub(super) use {is_event as is_event_sql, person};

macro_rules! both {
    ($and:literal) => {
        Statement::new(
            concat!(
        "SELECT d.key, CASE WHEN d.was THEN ",
        person!("o"),
        " END, CASE WHEN d.\"is\" THEN ",
        person!("n"),
        " END,
                n.event, n.occurred_at, n.value, n.properties, (n.kept AND NOT d.\"is\") IS TRUE
         FROM hogsend_was o FULL JOIN hogsend_is n ON n.key = o.key
         CROSS JOIN LATERAL (SELECT coalesce(n.key, o.key) AS key, ",
        is_event!("o"),
        " AS was, ",
        is_event!("n"),
        " AS \"is\") AS d
         WHERE (d.was, o.kept AND NOT d.was) IS DISTINCT FROM (d.\"is\", n.kept AND NOT d.\"is\")
            OR d.\"is\" AND (o.user_id, o.event, o.occurred_at, o.value, o.properties)
                       IS DISTINCT FROM (n.user_id, n.event, n.occurred_at, n.value, n.properties)",
    $and
    ),
    &[],
)
    };
}

/// The same of a row that was read. `None`: it is not to be one.
fn is_event(row: &[Option<pg_sys::Datum>]) -> Option<bool> {
    let [key, user, event, occurred_at, _, _, kept] = row else {
        return Some(false);
    };
    if kept.is_none_or(|kept| kept.value() as u8 == 0) {
        return None;
    }
    let length = |text: &Option<pg_sys::Datum>| {
        // SAFETY: the first three are texts; their sizes are read and nothing else.
        text.map_or(0, |text| unsafe { pg_sys::toast_raw_datum_size(text) })
            .saturating_sub(pg_sys::VARHDRSZ)
    };
    let [key, user, event] = [key, user, event].map(length);
    let is_named = key > 0 && user > 0 && event > 0 && occurred_at.is_some();
    Some(is_named && user + event < 2000 && user + key < 2000)
}

const ONE_EVENT: &[pg_sys::Oid] = &[
    pg_sys::TEXTOID,
    pg_sys::TEXTOID,
    pg_sys::TEXTOID,
    pg_sys::TEXTOID,
    pg_sys::TIMESTAMPTZOID,
    pg_sys::NUMERICOID,
    pg_sys::JSONBOID,
];

static INSERT_ONE: Statement = Statement::new(
    "INSERT INTO {s}.user_events (user_id, event, occurred_at, value, properties, source, idempotency_key)
     VALUES ($3, $4, $5, $6, coalesce($7, '{}'), $1, $1 || ':' || $2)
     ON CONFLICT DO NOTHING",
    ONE_EVENT,
);

static INSERT_ALL: Statement = Statement::new(
    "INSERT INTO {s}.user_events (user_id, event, occurred_at, value, properties, source, idempotency_key)
     SELECT r.user_id, r.event, r.occurred_at, r.value, coalesce(r.properties, '{}'), $1, $1 || ':' || r.key
     FROM hogsend_is r ON CONFLICT DO NOTHING",
    NAME,
);

/// The same of keys of which none comes twice: to look for each takes less than to try each.
static INSERT_NEW: Statement = Statement::new(
    "INSERT INTO {s}.user_events (user_id, event, occurred_at, value, properties, source, idempotency_key)
     SELECT r.user_id, r.event, r.occurred_at, r.value, coalesce(r.properties, '{}'), $1, $1 || ':' || r.key
     FROM hogsend_is r
     WHERE NOT EXISTS (SELECT FROM {s}.user_events e WHERE e.user_id = r.user_id AND e.idempotency_key = $1 || ':' || r.key)",
    NAME,
);

/// The same of rows that an import comes to, of which none is likely to have its event already: to look for each
/// takes a fifth of the time.
static INSERT_UNASKED: Statement = Statement::new(
    "INSERT INTO {s}.user_events (user_id, event, occurred_at, value, properties, source, idempotency_key)
     SELECT r.user_id, r.event, r.occurred_at, r.value, coalesce(r.properties, '{}'), $1, $1 || ':' || r.key
     FROM hogsend_is r",
    NAME,
);

/// The same, and if one of them is there already after all, it is known then which are.
fn insert_unasked(session: &Session, feed: &Feed) -> bool {
    let name = [Arg::Text(&feed.name)];
    match attempt_told(|| session.execute(&INSERT_UNASKED, &name).processed) {
        Ok(_) => true,
        Err(failed) if failed.code == PgSqlErrorCode::ERRCODE_UNIQUE_VIOLATION => {
            feed.repeats.note();
            false
        }
        Err(failed) => Refusal::new(failed.code, failed.message).raise(),
    }
}

/// Inserts the events of rows, if all of them are events, and new; returns whether that is done, or
/// there is nothing to do. `is_import`: an import has come to them.
fn insert(session: &Session, feed: &Feed, is: &Spool, is_import: bool) -> bool {
    let (mut events, mut others, mut all) = (0, 0, 0);
    let mut only = None;
    is.rewind();
    while let Some(row) = is.next_row() {
        all += 1;
        match is_event(&row) {
            Some(true) => events += 1,
            Some(false) => others += 1,
            None => {}
        }
        if all > 1 && others > 0 {
            return false;
        }
        // The values are gone as soon as the next are asked for, even where there are none.
        if is.len() == 1 {
            only = Some(row);
            break;
        }
    }
    if events == 0 && others == 0 {
        return true;
    }
    if events < all {
        return false;
    }
    let inserted = match (all, only) {
        (1, Some(row)) => {
            let values = row[..6].iter().map(|value| Arg::Raw(*value));
            let arguments: Vec<Arg> = [Arg::Text(&feed.name)].into_iter().chain(values).collect();
            session.execute(&INSERT_ONE, &arguments)
        }
        _ => {
            is.register(session, c"hogsend_is");
            if is_import
                && feed.key_is_column
                && feed.repeats.are_unlikely()
                && insert_unasked(session, feed)
            {
                return true;
            }
            let statement = if feed.key_is_column {
                &INSERT_NEW
            } else {
                &INSERT_ALL
            };
            session.execute(statement, &[Arg::Text(&feed.name)])
        }
    };
    inserted.processed == all
}

/// Rows that say something else than before: what they were, and what they are.
static BOTH: Statement = both!("");
/// The same, and all that are events: as long as an import is under way, a row that says what it said may
/// have moved to where the import has been already.
static BOTH_WANTED: Statement = both!(" OR d.\"is\"");
static LATER: Statement = Statement::new(
    concat!(
        "SELECT n.key, NULL::text, CASE WHEN d.\"is\" THEN ",
        person!("n"),
        " END,
                n.event, n.occurred_at, n.value, n.properties, (n.kept AND NOT d.\"is\") IS TRUE
         FROM hogsend_is n CROSS JOIN LATERAL (SELECT ",
        is_event!("n"),
        " AS \"is\") AS d"
    ),
    &[],
);
static EARLIER: Statement = Statement::new(
    concat!(
        "SELECT o.key, ",
        person!("o"),
        ", NULL::text, NULL::text, NULL::timestamptz, NULL::numeric, NULL::jsonb, false
         FROM hogsend_was o WHERE ",
        is_event!("o")
    ),
    &[],
);

/// What those return. `skipped`: the row is kept, and no event.
const CHANGE: [(&CStr, pg_sys::Oid); 8] = [
    (c"key", pg_sys::TEXTOID),
    (c"was", pg_sys::TEXTOID),
    (c"user_id", pg_sys::TEXTOID),
    (c"event", pg_sys::TEXTOID),
    (c"occurred_at", pg_sys::TIMESTAMPTZOID),
    (c"value", pg_sys::NUMERICOID),
    (c"properties", pg_sys::JSONBOID),
    (c"skipped", pg_sys::BOOLOID),
];

static COUNT: Statement = Statement::new(
    "SELECT count(*) FILTER (WHERE d.was IS NOT NULL AND d.was IS DISTINCT FROM d.user_id),
            count(*) FILTER (WHERE d.user_id IS NOT NULL), count(*) FILTER (WHERE d.skipped)
     FROM hogsend_changes d",
    &[],
);

static REMOVE: Statement = Statement::new(
    "DELETE FROM {s}.user_events e USING hogsend_changes d
     WHERE d.was IS NOT NULL AND d.was IS DISTINCT FROM d.user_id AND e.user_id = d.was AND e.idempotency_key = $1 || ':' || d.key",
    NAME,
);

static CORRECT: Statement = Statement::new(
    "UPDATE {s}.user_events e
     SET event = d.event, occurred_at = d.occurred_at, value = d.value, properties = coalesce(d.properties, '{}'), source = $1
     FROM hogsend_changes d
     WHERE d.user_id IS NOT NULL AND e.user_id = d.user_id AND e.idempotency_key = $1 || ':' || d.key
       AND (e.event, e.occurred_at, e.value, e.properties)
           IS DISTINCT FROM (d.event, d.occurred_at, d.value, coalesce(d.properties, '{}'))",
    NAME,
);

/// What is another row's now, of the same user, is the same event under another key: nobody leaves and comes
/// back because a key was changed.
static MOVE: Statement = Statement::new(
    "UPDATE {s}.user_events e
     SET event = d.event, occurred_at = d.occurred_at, value = d.value, properties = coalesce(d.properties, '{}'), source = $1,
         idempotency_key = $1 || ':' || d.key
     FROM (SELECT o.was, o.key, row_number() OVER (PARTITION BY o.was ORDER BY o.key) AS n
           FROM hogsend_changes o WHERE o.was IS NOT NULL AND o.user_id IS NULL) AS o
     JOIN (SELECT c.*, row_number() OVER (PARTITION BY c.user_id ORDER BY c.key) AS n
           FROM hogsend_changes c WHERE c.user_id IS NOT NULL AND c.was IS NULL) AS d ON d.user_id = o.was AND d.n = o.n
     WHERE e.user_id = o.was AND e.idempotency_key = $1 || ':' || o.key
       AND NOT EXISTS (SELECT FROM {s}.user_events x WHERE x.user_id = o.was AND x.idempotency_key = $1 || ':' || d.key)",
    NAME,
);

/// Of rows that were no events before.
static ADD_NEW: Statement = Statement::new(
    "INSERT INTO {s}.user_events (user_id, event, occurred_at, value, properties, source, idempotency_key)
     SELECT d.user_id, d.event, d.occurred_at, d.value, coalesce(d.properties, '{}'), $1, $1 || ':' || d.key
     FROM hogsend_changes d WHERE d.user_id IS NOT NULL AND d.was IS NULL
     ON CONFLICT DO NOTHING",
    NAME,
);

static ADD: Statement = Statement::new(
    "INSERT INTO {s}.user_events (user_id, event, occurred_at, value, properties, source, idempotency_key)
     SELECT d.user_id, d.event, d.occurred_at, d.value, coalesce(d.properties, '{}'), $1, $1 || ':' || d.key
     FROM hogsend_changes d WHERE d.user_id IS NOT NULL
     ON CONFLICT DO NOTHING",
    NAME,
);

/// Brings the events from what rows said to what they say; if they may be refused, in parts. An import goes row by row
/// itself, and stops for what concerns them all.
pub fn apply(
    session: &Session,
    feed: &Feed,
    was: Option<&Spool>,
    is: Option<&Spool>,
    is_import: bool,
    notes: &mut Notes,
) {
    let in_parts = feed.is_altered && !is_import;
    if let Some(is) = is {
        let is_done = match was {
            Some(_) => false,
            None if in_parts => {
                attempt(|| session.nested(|session| insert(session, feed, is, false)))
                    .unwrap_or(false)
            }
            None => insert(session, feed, is, is_import),
        };
        if is_done {
            return;
        }
        is.register(session, c"hogsend_is");
    }
    if let Some(was) = was {
        was.register(session, c"hogsend_was");
    }
    let compare = match (was, is) {
        (Some(_), Some(_)) if feed.imports => &BOTH_WANTED,
        (Some(_), Some(_)) => &BOTH,
        (None, _) => &LATER,
        (Some(_), None) => &EARLIER,
    };
    // The event of a row that is there already is not, or says so already; as long as an import is under way
    // it is history, unless the row was no event before.
    let is_history = feed.imports && was.is_some();
    let changes = Spool::of(&CHANGE);
    session.put(compare, &changes);
    if in_parts {
        parts::write(&changes, &CHANGE, notes, &|part| {
            session.nested(|session| write(session, feed, part, is_history))
        });
    } else if !changes.is_empty() {
        notes.skipped += write(session, feed, &changes, is_history);
    }
    changes.close();
}

static LOCK: Statement = Statement::new(
    "SELECT count(*) FROM (
         SELECT FROM {s}.contacts c
         WHERE c.user_id IN (SELECT d.was FROM hogsend_changes d WHERE d.was IS NOT NULL
                             UNION SELECT d.user_id FROM hogsend_changes d WHERE d.user_id IS NOT NULL)
         ORDER BY c.user_id COLLATE \"C\" FOR NO KEY UPDATE OF c) AS l",
    &[],
);

/// Whether any of the events that rows say is one that buckets or journeys know, and so locks its user.
fn are_evaluated(session: &Session, changes: &Spool) -> bool {
    if settings::evaluate() != Evaluate::on {
        return false;
    }
    let registry = registry::current(&locks::share_definitions(session.context()));
    changes.rewind();
    while let Some(row) = changes.next_row() {
        // SAFETY: the column is a text, which is looked at before the next row is asked for.
        let event = row[3].and_then(|event| unsafe { text(event) });
        if let Some(event) = event
            && (registry.events.number(event).is_some() || registry.journeys.named(event).is_some())
        {
            return !registry.suspended;
        }
    }
    false
}

/// Writes changes together. Returns how many rows are no events and should be.
fn write(session: &Session, feed: &Feed, changes: &Spool, is_history: bool) -> i64 {
    let name = [Arg::Text(&feed.name)];
    changes.register(session, c"hogsend_changes");
    let counts = session.execute(&COUNT, &[]);
    let [obsolete, wanted, skipped] = [1, 2, 3].map(|n| counts.bigint(0, n).unwrap_or_default());
    // Each of the statements that follow locks those whom it is about, in their order. All of them are locked before the
    // first, or two sessions that take from one and give to another could wait for each other.
    if wanted > 0 && obsolete + wanted > 1 && are_evaluated(session, changes) {
        session.execute(&LOCK, &[]);
    }
    if obsolete > 0 {
        // If it cannot be done so, it is done in two steps.
        if wanted > 0 {
            let _ = attempt(|| session.execute(&MOVE, &name).processed);
        }
        session.execute(&REMOVE, &name);
    }
    if wanted > 0 && (session.execute(&CORRECT, &name).processed as i64) < wanted {
        if is_history {
            session.execute(&ADD_NEW, &name);
        }
        settings::silently(is_history, || session.execute(&ADD, &name));
    }
    skipped
}

//! Rows that are events: the event of a row is found by its user and its idempotency key, which is made of
//! the feed's name and the row's key.

use std::ffi::CStr;

use pgrx::pg_sys;

use super::known::Feed;
use super::notes::Notes;
use crate::pg::settings;
use crate::pg::spool::Spool;
use crate::pg::sql::{Arg, Session, Statement};

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

static INSERT: Statement = Statement::new(
    concat!(
        "INSERT INTO {s}.user_events (user_id, event, occurred_at, value, properties, source, idempotency_key)
         SELECT r.user_id, r.event, r.occurred_at, r.value, coalesce(r.properties, '{}'), $1, $1 || ':' || r.key
         FROM hogsend_is r WHERE ",
        is_event!("r"),
        " ON CONFLICT DO NOTHING"
    ),
    NAME,
);

/// Rows that say something else than before: what they were, and what they are.
static BOTH: Statement = Statement::new(
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
                       IS DISTINCT FROM (n.user_id, n.event, n.occurred_at, n.value, n.properties)"
    ),
    &[],
);
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

static ADD: Statement = Statement::new(
    "INSERT INTO {s}.user_events (user_id, event, occurred_at, value, properties, source, idempotency_key)
     SELECT d.user_id, d.event, d.occurred_at, d.value, coalesce(d.properties, '{}'), $1, $1 || ':' || d.key
     FROM hogsend_changes d WHERE d.user_id IS NOT NULL
     ON CONFLICT DO NOTHING",
    NAME,
);

/// Brings the events from what rows said to what they say.
pub fn apply(
    session: &Session,
    feed: &Feed,
    was: Option<&Spool>,
    is: Option<&Spool>,
    notes: &mut Notes,
) {
    let name = [Arg::Text(&feed.name)];
    if let Some(is) = is {
        is.register(session, c"hogsend_is");
        // The common case: all of them are events, and new.
        if was.is_none() && session.execute(&INSERT, &name).processed as i64 == is.len() {
            return;
        }
    }
    if let Some(was) = was {
        was.register(session, c"hogsend_was");
    }
    let compare = match (was, is) {
        (Some(_), Some(_)) => &BOTH,
        (None, _) => &LATER,
        (Some(_), None) => &EARLIER,
    };
    let changes = Spool::of(&CHANGE);
    session.put(compare, &changes);
    if !changes.is_empty() {
        changes.register(session, c"hogsend_changes");
        let counts = session.execute(&COUNT, &[]);
        let [obsolete, wanted, skipped] =
            [1, 2, 3].map(|n| counts.bigint(0, n).unwrap_or_default());
        notes.skipped += skipped;
        if obsolete > 0 {
            session.execute(&REMOVE, &name);
        }
        if wanted > 0
            && (session.execute(&CORRECT, &name).processed as i64) < wanted
            && was.is_some()
        {
            // An event that should have been there was not: as long as an import is under way it is history.
            settings::silently(feed.imports, || session.execute(&ADD, &name));
            // Or it was, from an earlier time, and has said since what it says now.
        }
    }
    changes.close();
}

//! Which events there are, as far as that is known without reading all of them: no index begins with
//! the name, because it would make every INSERT dearer.

use std::collections::HashSet;

use pgrx::pg_sys;

use crate::pg::sql::{Arg, Rows, Session, Statement};

static CAN_BE_READ: Statement = Statement::new(
    "SELECT count(*) = 2 FROM pg_class c
     WHERE c.relnamespace = $1::oid AND c.relname IN ('user_events', 'contacts') AND c.relkind IN ('r', 'p')
       AND has_table_privilege(c.oid, 'SELECT') AND NOT row_security_active(c.oid)",
    &[pg_sys::INT8OID],
);

/// Whether the tables are there, and the caller may read all rows of them.
pub fn can_be_read(session: &Session) -> bool {
    let rows = session.execute(&CAN_BE_READ, &[namespace(session)]);
    rows.bool(0, 1).unwrap_or(false)
}

fn namespace(session: &Session) -> Arg<'static> {
    Arg::BigInt(session.namespace().to_u32().into())
}

static RECENT: Statement = Statement::new(
    "SELECT DISTINCT r.event
     FROM (SELECT e.event FROM {s}.user_events e ORDER BY e.id DESC LIMIT $1) r",
    &[pg_sys::INT8OID],
);

/// The names of the last events that came, so many; none, if there are no events.
pub fn recent_names(session: &Session, most: i64) -> HashSet<String> {
    names(&session.execute(&RECENT, &[Arg::BigInt(most)]))
}

/// The names that ANALYZE has found.
#[derive(Default)]
pub struct Analyzed {
    pub names: HashSet<String>,
    /// Whether these are all that there were in its sample.
    pub are_all: bool,
}

static ANALYZED: Statement = Statement::new(
    "SELECT v.event, s.n_distinct > 0 AND s.n_distinct <= cardinality(m.events)
     FROM pg_namespace n
     JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = 'user_events' AND s.attname = 'event'
     CROSS JOIN LATERAL (SELECT s.most_common_vals::text::text[] AS events) m
     CROSS JOIN LATERAL unnest(m.events) v (event)
     WHERE n.oid = $1::oid",
    &[pg_sys::INT8OID],
);

pub fn analyzed_names(session: &Session) -> Analyzed {
    let rows = session.execute(&ANALYZED, &[namespace(session)]);
    Analyzed {
        names: names(&rows),
        are_all: !rows.is_empty() && (0..rows.len()).all(|row| rows.bool(row, 2) == Some(true)),
    }
}

static DONE: Statement = Statement::new(
    "SELECT n.event FROM unnest($1) n (event)
     WHERE EXISTS (
         SELECT FROM {s}.contacts c
         CROSS JOIN LATERAL (
             SELECT FROM {s}.user_events e
             WHERE e.user_id = c.user_id AND e.event = n.event LIMIT 1) e)",
    &[pg_sys::TEXTARRAYOID],
);

/// Those of the names whose event a user who is known ever did: a look-up for each user and name.
pub fn done_by_anybody(session: &Session, names: &[&str]) -> HashSet<String> {
    self::names(&session.execute(&DONE, &[Arg::Texts(names)]))
}

fn names(rows: &Rows) -> HashSet<String> {
    (0..rows.len())
        .filter_map(|row| rows.text(row, 1).map(str::to_owned))
        .collect()
}

//! Single events as they are stored now.

use std::collections::HashMap;

use hogsend_core::time::Instant;
use pgrx::pg_sys;

use super::source::OF_EVENT_IN_SQL;
use crate::pg::event_row::Event;
use crate::pg::sql::{Arg, Rows, Session, Statement};

static STORED: Statement = Statement::new(
    "SELECT q.n, e.event, e.occurred_at, e.properties, e.value, e.source
     FROM unnest($1, $2) WITH ORDINALITY AS q (id, user_id, n)
     JOIN {s}.user_events e ON e.id = q.id AND e.user_id = q.user_id",
    &[pg_sys::INT8ARRAYOID, pg_sys::TEXTARRAYOID],
);

/// Events as they are stored now, by (id, user).
pub struct StoredEvents<'s> {
    rows: Rows<'s>,
    places: HashMap<(i64, String), usize>,
}

impl<'s> StoredEvents<'s> {
    pub fn read(session: &'s Session, events: &[(i64, &str)]) -> Option<StoredEvents<'s>> {
        if events.is_empty() {
            return None;
        }
        let ids: Vec<i64> = events.iter().map(|event| event.0).collect();
        let users: Vec<&str> = events.iter().map(|event| event.1).collect();
        session.context().require_event_rows();
        let rows = session.execute(&STORED, &[Arg::BigInts(&ids), Arg::Texts(&users)]);
        let place = |row| {
            let (id, user) = events[rows.bigint(row, 1)? as usize - 1];
            Some(((id, user.to_owned()), row))
        };
        let places = (0..rows.len()).filter_map(place).collect();
        Some(StoredEvents { rows, places })
    }

    /// The event, if it still has that name and is of that instant.
    pub fn find(&self, id: i64, user: &str, name: &str, at: Instant) -> Option<Event<'s>> {
        let row = *self.places.get(&(id, user.to_owned()))?;
        let is_same = self.rows.text(row, 2) == Some(name) && self.rows.instant(row, 3) == Some(at);
        is_same.then(|| self.rows.event(row, OF_EVENT_IN_SQL))
    }
}

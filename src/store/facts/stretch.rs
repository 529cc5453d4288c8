//! What the users of a stretch did, all at once.

use std::cell::OnceCell;
use std::collections::HashMap;

use hogsend_core::time::Instant;
use pgrx::pg_sys;

use super::{EVENTS, Occurrences};
use crate::pg::direct::{Latest, Table};
use crate::pg::sql::{Arg, Session, Statement};

static OF_STRETCH: Statement = Statement::new(
    "SELECT e.user_id, e.occurred_at FROM {s}.user_events e
     WHERE e.user_id >= $1 AND e.user_id <= $2 AND e.event = $3 LIMIT $4",
    &[
        pg_sys::TEXTOID,
        pg_sys::TEXTOID,
        pg_sys::TEXTOID,
        pg_sys::INT8OID,
    ],
);

/// Everything that happened by the name of `event` to `users`, who stand in the order of the index
/// and leave nobody out. `None` when it is more than `limit`: then only questions are in order.
pub fn of_stretch(
    session: &Session,
    users: &[&str],
    event: &str,
    limit: usize,
) -> Option<Vec<Occurrences>> {
    let (Some(first), Some(last)) = (users.first(), users.last()) else {
        return Some(Vec::new());
    };
    let mut found = Found::of(users);
    let mut count = 0;
    let mut add = |user: Option<&str>, at: Option<Instant>| {
        if let (Some(user), Some(at)) = (user, at) {
            found.add(user, at);
        }
        count += 1;
        count <= limit
    };
    if let Some(table) = session
        .direct()
        .and_then(|c| Table::open(c, &EVENTS, false))
    {
        let snapshot = Latest::take();
        table.entries::<3>(&snapshot, (first, last), Some(event), |row| {
            add(row.text(0), row.bigint(2).map(Instant))
        });
        snapshot.release();
        table.close();
    } else {
        let arguments = [
            Arg::Text(first),
            Arg::Text(last),
            Arg::Text(event),
            Arg::BigInt(limit as i64 + 1),
        ];
        let rows = session.execute(&OF_STRETCH, &arguments);
        for row in 0..rows.len() {
            add(rows.text(row, 1), rows.instant(row, 2));
        }
    }
    (count <= limit).then(|| found.in_order())
}

/// Occurrences as they come, for users who are known beforehand.
struct Found<'u> {
    users: &'u [&'u str],
    occurrences: Vec<Occurrences>,
    /// Whose came last: rows of one user come together.
    at: usize,
    places: OnceCell<HashMap<&'u str, usize>>,
}

impl<'u> Found<'u> {
    fn of(users: &'u [&'u str]) -> Found<'u> {
        let nothing = Occurrences {
            complete: true,
            ..Occurrences::default()
        };
        Found {
            users,
            occurrences: vec![nothing; users.len()],
            at: 0,
            places: OnceCell::new(),
        }
    }

    fn add(&mut self, user: &str, at: Instant) {
        // Events of somebody who has no contact are nobody's.
        if let Some(place) = self.place(user) {
            self.at = place;
            self.occurrences[place].dense.push(at);
        }
    }

    fn place(&self, user: &str) -> Option<usize> {
        let near = self.users[self.at..].iter().take(16);
        let near = near.clone().position(|known| *known == user);
        near.map(|steps| self.at + steps).or_else(|| {
            let places = || {
                self.users
                    .iter()
                    .enumerate()
                    .map(|(n, u)| (*u, n))
                    .collect()
            };
            self.places.get_or_init(places).get(user).copied()
        })
    }

    fn in_order(mut self) -> Vec<Occurrences> {
        for occurrences in &mut self.occurrences {
            occurrences.dense.sort_unstable_by(|a, b| b.cmp(a));
        }
        self.occurrences
    }
}

//! What the users of a stretch did, all at once.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

use hogsend_core::criteria::SeriesOf;
use hogsend_core::time::Instant;
use pgrx::pg_sys;

use super::{EVENTS, Occurrences, recent, rows};
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

/// All occurrences of a series to `users`, who stand in the order of the index and leave nobody out;
/// adds how many rows had to be fetched. `None` when it is more than `limit`, or can be read one by one only: then questions are in order.
pub fn of_stretch(
    session: &Session,
    users: &[&str],
    of: &SeriesOf,
    limit: usize,
    fetched: &mut usize,
) -> Option<Rc<Vec<Occurrences>>> {
    if !of.is_plain() {
        return rows::of_stretch(session, users, of, limit, fetched);
    }
    let event = of.events.first()?.as_str();
    let (Some(first), Some(last)) = (users.first(), users.last()) else {
        return Some(Rc::default());
    };
    let table = session.direct();
    let table = table.and_then(|c| Table::open(c, &EVENTS, false));
    let Some(table) = table else {
        let arguments = [
            Arg::Text(first),
            Arg::Text(last),
            Arg::Text(event),
            Arg::BigInt(limit as i64 + 1),
        ];
        let rows = session.execute(&OF_STRETCH, &arguments);
        let mut found = Found::of(users, limit);
        for row in 0..rows.len() {
            found.add(rows.text(row, 1), rows.instant(row, 2));
        }
        return found.in_order();
    };
    let (context, snapshot) = (session.context(), Latest::take());
    let kept = recent::find(context, &snapshot, users, event);
    let answer = kept.unwrap_or_else(|| {
        let mut found = Found::of(users, limit);
        table.entries::<3>(&snapshot, (first, last), Some(event), |row| {
            found.add(row.text(0), row.bigint(2).map(Instant))
        });
        let answer = found.in_order();
        recent::keep(context, &snapshot, users, event, &answer);
        answer
    });
    snapshot.release();
    table.close();
    answer
}

/// Occurrences as they come, for users who are known beforehand.
struct Found<'u> {
    users: &'u [&'u str],
    occurrences: Vec<Occurrences>,
    /// How many have come, and may.
    count: usize,
    limit: usize,
    /// Whose came last: rows of one user come together.
    at: usize,
    places: OnceCell<HashMap<&'u str, usize>>,
}

impl<'u> Found<'u> {
    fn of(users: &'u [&'u str], limit: usize) -> Found<'u> {
        Found {
            users,
            occurrences: vec![Occurrences::default(); users.len()],
            count: 0,
            limit,
            at: 0,
            places: OnceCell::new(),
        }
    }

    /// Whether more may come.
    fn add(&mut self, user: Option<&str>, at: Option<Instant>) -> bool {
        // Events of somebody who has no contact are nobody's.
        if let (Some(place), Some(at)) = (user.and_then(|user| self.place(user)), at) {
            self.at = place;
            self.occurrences[place].dense.push(at);
        }
        self.count += 1;
        self.count <= self.limit
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

    fn in_order(mut self) -> Option<Rc<Vec<Occurrences>>> {
        if self.count > self.limit {
            return None;
        }
        for occurrences in &mut self.occurrences {
            let dense = &mut occurrences.dense;
            dense.sort_unstable_by(|a, b| b.cmp(a));
            dense.shrink_to_fit();
            occurrences.visited = dense.len();
            // All are there, and none is marked.
            occurrences.oldest = dense.last().map(|at| (*at, true));
        }
        Some(Rc::new(self.occurrences))
    }
}

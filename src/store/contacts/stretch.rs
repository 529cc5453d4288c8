//! Contacts in the order of the index on ids, a stretch at a time: how jobs walk over everybody.

use hogsend_core::criteria::PropertyValue;
use pgrx::pg_sys;

use super::{CONTACTS, Contact, Key, Properties, names, properties, try_lock, values};
use crate::pg::context::Context;
use crate::pg::direct::{Claim, Holders, Latest, Seen, Table};
use crate::pg::moment::Ended;
use crate::pg::row::Row;
use crate::pg::sql::{Arg, Session, Statement};
use crate::registry::KeyNo;

/// What it takes to lock contacts that were looked at without a lock.
pub struct Sight<'c> {
    direct: Option<Direct<'c>>,
}

struct Direct<'c> {
    table: Table<'c, 3>,
    latest: Latest,
    /// In the order of the contacts.
    seen: Vec<Seen>,
}

/// The next `limit` contacts after a given user, in the order of the index on ids.
pub fn next_stretch<'c>(
    session: &Session<'c>,
    after: Option<&str>,
    limit: i64,
    keys: &[Key],
) -> (Vec<(String, Contact)>, Sight<'c>) {
    let context = session.direct();
    if let Some((contacts, direct)) = context.and_then(|c| look_directly(c, after, limit, keys)) {
        let direct = Some(direct);
        return (contacts, Sight { direct });
    }
    let contacts = look_in_sql(session, after, limit, keys);
    (contacts, Sight { direct: None })
}

fn look_directly<'c>(
    context: &'c Context,
    after: Option<&str>,
    limit: i64,
    keys: &[Key],
) -> Option<(Vec<(String, Contact)>, Direct<'c>)> {
    let table = Table::open(context, &CONTACTS, true)?;
    let latest = Latest::take();
    let single = single(keys);
    let mut contacts: Vec<(String, Contact)> = Vec::new();
    let mut all_seen: Vec<Seen> = Vec::new();
    let read = |row: Row, seen: Seen| {
        if let Some(user) = row.text(2).filter(|user| Some(*user) != after) {
            let properties = match (single, keys) {
                (Some((number, path)), _) => {
                    let document = row.json(1);
                    with_value(number, document.and_then(|document| document.value(path)))
                }
                (None, []) => Properties::None,
                (None, keys) => Properties::Many(values(&row, 1, keys)),
            };
            let contact = Contact {
                deleted: !row.is_null(0),
                holders: Holders::default(),
                properties,
            };
            contacts.push((user.to_owned(), contact));
            all_seen.push(seen);
        }
        (contacts.len() as i64) < limit
    };
    table.forwards(&latest, after.unwrap_or(""), read);
    let direct = Direct {
        table,
        latest,
        seen: all_seen,
    };
    Some((contacts, direct))
}

static STRETCH: Statement = Statement::new(
    "SELECT c.user_id, c.deleted_at IS NOT NULL,
            CASE WHEN $4 IS NOT NULL THEN (c.properties -> $4)::text
                 WHEN $3 <> '{}' THEN
                     (SELECT jsonb_object_agg(k, c.properties -> k)::text
                      FROM unnest($3) k WHERE c.properties ? k) END
     FROM {s}.contacts c WHERE c.user_id >= $1 ORDER BY c.user_id LIMIT $2",
    &[
        pg_sys::TEXTOID,
        pg_sys::INT8OID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTOID,
    ],
);

fn look_in_sql(
    session: &Session,
    after: Option<&str>,
    limit: i64,
    keys: &[Key],
) -> Vec<(String, Contact)> {
    // From the user reached on, who is then dropped: one text for the first stretch and the others.
    let (start, skip) = (after.unwrap_or(""), i64::from(after.is_some()));
    let single = single(keys);
    let rows = session.execute(
        &STRETCH,
        &[
            Arg::Text(start),
            Arg::BigInt(limit + skip),
            Arg::Texts(&names(keys)),
            Arg::OptText(single.map(|(_, path)| path.key())),
        ],
    );
    let contact = |row| Contact {
        deleted: rows.bool(row, 2).unwrap_or(false),
        holders: Holders::default(),
        properties: match (single, rows.text(row, 3)) {
            (Some((number, path)), json) => {
                let value = json.and_then(|json| PropertyValue::parse_at(json, path.rest()));
                with_value(number, value)
            }
            (None, Some(json)) => Properties::Many(properties(json, keys)),
            (None, None) => Properties::None,
        },
    };
    (0..rows.len())
        .filter_map(|row| Some((rows.text(row, 1)?, row)))
        .filter(|(user, _)| Some(*user) != after)
        .map(|(user, row)| (user.to_owned(), contact(row)))
        .collect()
}

/// The only key that is asked for.
fn single<'k>(keys: &[Key<'k>]) -> Option<Key<'k>> {
    match keys {
        [key] => Some(*key),
        _ => None,
    }
}

fn with_value(number: KeyNo, value: Option<PropertyValue>) -> Properties {
    value.map_or(Properties::None, |value| Properties::Single(number, value))
}

impl Sight<'_> {
    /// Whether those who are locked next need, as a rule, not be looked at again.
    pub fn is_lasting(&self) -> bool {
        self.direct.is_some()
    }

    /// Whether nobody has changed a contact since a moment, nor locked it, by its place among all.
    pub fn is_as_it_was(&self, place: usize, then: &Ended) -> bool {
        let direct = self.direct.as_ref();
        direct.is_some_and(|direct| direct.seen[place].is_as_it_was(then))
    }

    /// Locks none of the contacts.
    pub fn release(self) {
        if let Some(direct) = self.direct {
            direct.latest.release();
            direct.table.close();
        }
    }

    /// Locks some of the contacts, each with its place among all, and waits for nobody. Who is
    /// [`Claim::Changed`] is locked too, and must be looked at again.
    pub fn claim(self, session: &Session, contacts: &[(usize, &str)]) -> Vec<Claim> {
        let mut claims = vec![Claim::Changed; contacts.len()];
        if let Some(direct) = &self.direct {
            for (claim, (place, _)) in claims.iter_mut().zip(contacts) {
                *claim = direct.table.claim(&direct.latest, &direct.seen[*place]);
            }
        }
        self.release();
        // Those in doubt are locked as they are now, whatever row that is.
        let mut doubtful: Vec<(&mut Claim, &str)> = claims
            .iter_mut()
            .zip(contacts)
            .map(|(claim, (_, user))| (claim, *user))
            .collect();
        doubtful.retain(|(claim, _)| **claim == Claim::Changed);
        let users: Vec<&str> = doubtful.iter().map(|(_, user)| *user).collect();
        if !users.is_empty() {
            let free = try_lock(session, &users);
            for (claim, user) in doubtful {
                if !free.contains(user) {
                    *claim = Claim::Busy;
                }
            }
        }
        claims
    }
}

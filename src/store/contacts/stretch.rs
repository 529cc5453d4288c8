//! Contacts in the order of the index on ids, a stretch at a time: how jobs walk over everybody.

use std::rc::Rc;

use hogsend_core::criteria::PropertyValue;
use pgrx::pg_sys;

use super::{Contact, Properties, properties};
use crate::direct::Holders;
use crate::sql::{Arg, Session, Statement};

macro_rules! stretch {
    ($lock:literal) => {
        concat!(
            "SELECT c.user_id, c.deleted_at IS NOT NULL,
                    CASE WHEN $4 IS NOT NULL THEN (c.properties -> $4)::text
                         WHEN $3 <> '{}' THEN
                             (SELECT jsonb_object_agg(k, c.properties -> k)::text
                              FROM unnest($3) k WHERE c.properties ? k) END
             FROM {s}.contacts c WHERE c.user_id >= $1 ORDER BY c.user_id LIMIT $2 ",
            $lock
        )
    };
}

const STRETCH: &[pg_sys::Oid] = &[
    pg_sys::TEXTOID,
    pg_sys::INT8OID,
    pg_sys::TEXTARRAYOID,
    pg_sys::TEXTOID,
];
static READ_STRETCH: Statement = Statement::new(stretch!(""), STRETCH);
static LOCK_STRETCH: Statement =
    Statement::new(stretch!("FOR NO KEY UPDATE OF c SKIP LOCKED"), STRETCH);

/// The next `limit` contacts after a given user, in the order of the index on ids. With `lock` they
/// are locked, except those whom somebody else has locked, who are left out.
pub fn stretch(
    session: &Session,
    after: Option<&str>,
    limit: i64,
    keys: &[&str],
    lock: bool,
) -> Vec<(String, Contact)> {
    // From the user reached on, who is then dropped: one text for the first stretch and the others.
    let (start, skip) = (after.unwrap_or(""), i64::from(after.is_some()));
    let single = match keys {
        [key] => Some(*key),
        _ => None,
    };
    let statement = if lock { &LOCK_STRETCH } else { &READ_STRETCH };
    let rows = session.execute(
        statement,
        &[
            Arg::Text(start),
            Arg::BigInt(limit + skip),
            Arg::Texts(keys),
            Arg::OptText(single),
        ],
    );
    let name: Option<Rc<str>> = single.map(Rc::from);
    let contact = |row| {
        let json: Option<&str> = rows.text(row, 3);
        Contact {
            deleted: rows.bool(row, 2).unwrap_or(false),
            holders: Holders::default(),
            properties: match (&name, json) {
                (Some(name), Some(json)) => {
                    Properties::Single(Rc::clone(name), PropertyValue::parse(json))
                }
                (None, Some(json)) => Properties::Many(properties(json)),
                (_, None) => Properties::None,
            },
        }
    };
    (0..rows.len())
        .filter_map(|row| Some((rows.text(row, 1)?, row)))
        .filter(|(user, _)| Some(*user) != after)
        .map(|(user, row)| (user.to_owned(), contact(row)))
        .collect()
}

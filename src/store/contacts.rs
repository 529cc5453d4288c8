//! Contacts: the row that is a user's lock, and what is known of the user.

pub mod email;
mod patch;
mod stretch;

use std::collections::{HashMap, HashSet};

use hogsend_core::criteria::{Path, PropertyValue};
use pgrx::{PgSqlErrorCode, pg_sys};
use serde_json::value::RawValue;

use super::aliases::{self, Pair};
use super::own::OwnWrite;
use super::remembered;
use crate::pg::context::Context;
use crate::pg::direct::{self, Holders, Locked, Place, Source, Table};
use crate::pg::error::Refusal;
use crate::pg::fit::Column;
use crate::pg::row::Row;
use crate::pg::settings;
use crate::pg::sql::{Arg, Rows, Session, Statement};
use crate::registry::KeyNo;

pub use patch::{Patch, patch, patch_given, patch_renamed};
pub use stretch::{Sight, next_stretch};

/// A contact row, as far as evaluation asks.
#[derive(Default)]
pub struct Contact {
    pub deleted: bool,
    /// Whose lock the row bears.
    pub holders: Holders,
    /// The properties that were asked for and are there.
    properties: Properties,
}

#[derive(Default)]
enum Properties {
    #[default]
    None,
    /// The only one that was asked for: a stretch has thousands of these.
    Single(KeyNo, PropertyValue),
    Many(Vec<(KeyNo, PropertyValue)>),
}

/// A property that is asked for: the number that stands for it, and where it is.
pub type Key<'k> = (KeyNo, &'k Path);

/// The different top-level keys, with which the others are read.
fn names<'k>(keys: &[Key<'k>]) -> Vec<&'k str> {
    let mut names: Vec<&str> = keys.iter().map(|(_, path)| path.key()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

impl Contact {
    pub fn property(&self, number: KeyNo) -> Option<&PropertyValue> {
        match &self.properties {
            Properties::None => None,
            Properties::Single(key, value) => (*key == number).then_some(value),
            Properties::Many(all) => {
                let found = all.iter().find(|(key, _)| *key == number);
                found.map(|(_, value)| value)
            }
        }
    }
}

macro_rules! contact_columns {
    () => {
        "SELECT c.user_id, c.deleted_at IS NOT NULL,
                CASE WHEN $2 <> '{}' THEN
                    (SELECT jsonb_object_agg(k, c.properties -> k)::text
                     FROM unnest($2) k WHERE c.properties ? k) END
         FROM {s}.contacts c "
    };
}

static LOCK_ONE_BARE: Statement = Statement::new(
    "SELECT c.user_id, c.deleted_at IS NOT NULL, NULL::text FROM {s}.contacts c
     WHERE c.user_id = $1 FOR NO KEY UPDATE OF c",
    &[pg_sys::TEXTOID],
);
static LOCK_ONE: Statement = Statement::new(
    concat!(
        contact_columns!(),
        "WHERE c.user_id = $1 FOR NO KEY UPDATE OF c"
    ),
    &[pg_sys::TEXTOID, pg_sys::TEXTARRAYOID],
);
static LOCK_MANY: Statement = Statement::new(
    concat!(
        contact_columns!(),
        "WHERE c.user_id = ANY ($1) ORDER BY c.user_id COLLATE \"C\" FOR NO KEY UPDATE OF c"
    ),
    &[pg_sys::TEXTARRAYOID, pg_sys::TEXTARRAYOID],
);
static READ_MANY: Statement = Statement::new(
    concat!(contact_columns!(), "WHERE c.user_id = ANY ($1)"),
    &[pg_sys::TEXTARRAYOID, pg_sys::TEXTARRAYOID],
);

/// Locks the contacts of `users` in byte order, so that two statements never wait for each other
/// in a circle, and reads them as they are once locked. Users without a contact are left out.
pub fn lock(session: &Session, users: &[&str], keys: &[Key]) -> HashMap<String, Contact> {
    if settings::test_no_lock() {
        return read(session, users, keys);
    }
    if let [user] = users
        && let Some(context) = session.direct()
        && let Some(contact) = lock_directly(context, user, keys)
    {
        return contact
            .map(|contact| ((*user).to_owned(), contact))
            .into_iter()
            .collect();
    }
    let rows = match users {
        [] => return HashMap::new(),
        [user] if keys.is_empty() => session.execute(&LOCK_ONE_BARE, &[Arg::Text(user)]),
        [user] => session.execute(&LOCK_ONE, &[Arg::Text(user), Arg::Texts(&names(keys))]),
        users => session.execute(&LOCK_MANY, &[Arg::Texts(users), Arg::Texts(&names(keys))]),
    };
    collect(&rows, keys)
}

pub(super) static CONTACTS: Source<3> = Source {
    table: c"contacts",
    key: &[Column::user(c"user_id")],
    compared: 1,
    columns: [
        Column::instant(c"deleted_at"),
        Column::json(c"properties"),
        Column::user(c"user_id"),
    ],
};

/// The same for one user, without SQL; `None` where that cannot be done.
fn lock_directly(context: &Context, user: &str, keys: &[Key]) -> Option<Option<Contact>> {
    lock_at(context, user, remembered::place(user), keys)
}

/// The same for one whose contact may still be at that place.
pub fn lock_at(
    context: &Context,
    user: &str,
    place: Option<Place>,
    keys: &[Key],
) -> Option<Option<Contact>> {
    if settings::test_no_lock() {
        return None;
    }
    let table = Table::open_bare(context, &CONTACTS, true)?;
    let locked = table.lock(user, place, |row, holders| Contact {
        deleted: !row.is_null(0),
        holders,
        properties: match keys {
            [] => Properties::None,
            keys => Properties::Many(values(&row, 1, keys)),
        },
    });
    table.close();
    match locked {
        Locked::Found(contact) => Some(Some(contact)),
        Locked::Missing => Some(None),
        Locked::Unsure => None,
    }
}

/// The values of those of `keys` that a row's document of properties has.
fn values(row: &Row, place: usize, keys: &[Key]) -> Vec<(KeyNo, PropertyValue)> {
    let document = row.json(place);
    let value = |(number, path): &Key| Some((*number, document.as_ref()?.value(path)?));
    keys.iter().filter_map(value).collect()
}

/// Reads contacts without a lock: for readers, and where the lock is held already.
pub fn read(session: &Session, users: &[&str], keys: &[Key]) -> HashMap<String, Contact> {
    let arguments = [Arg::Texts(users), Arg::Texts(&names(keys))];
    collect(&session.execute(&READ_MANY, &arguments), keys)
}

fn collect(rows: &Rows, keys: &[Key]) -> HashMap<String, Contact> {
    (0..rows.len())
        .filter_map(|row| {
            let contact = Contact {
                deleted: rows.bool(row, 2).unwrap_or(false),
                holders: Holders::default(),
                properties: rows.text(row, 3).map_or(Properties::None, |json| {
                    Properties::Many(properties(json, keys))
                }),
            };
            Some((rows.text(row, 1)?.to_owned(), contact))
        })
        .collect()
}

/// Values stay text until they are asked about: a user's number may have more digits than a float
/// and a user's document any depth.
fn properties(json: &str, keys: &[Key]) -> Vec<(KeyNo, PropertyValue)> {
    let document = serde_json::from_str::<HashMap<String, &RawValue>>(json).unwrap_or_default();
    let value = |(number, path): &Key| {
        let value = document.get(path.key())?;
        let value = PropertyValue::parse_at(value.get(), path.rest())?;
        Some((*number, value))
    };
    keys.iter().filter_map(value).collect()
}

static CREATE_MISSING: Statement = Statement::new(
    "INSERT INTO {s}.contacts AS c (user_id, created_at, updated_at)
     SELECT u, $2, $2 FROM unnest($1) u
     WHERE NOT EXISTS (SELECT FROM {s}.contacts o WHERE o.user_id = u)
     ORDER BY u COLLATE \"C\"
     ON CONFLICT DO NOTHING
     RETURNING c.user_id",
    &[pg_sys::TEXTARRAYOID, pg_sys::TIMESTAMPTZOID],
);
/// The same for one, at two thirds of the cost.
static CREATE_ONE: Statement = Statement::new(
    "INSERT INTO {s}.contacts AS c (user_id, created_at, updated_at) VALUES ($1, $2, $2)
     ON CONFLICT DO NOTHING
     RETURNING c.user_id",
    &[pg_sys::TEXTOID, pg_sys::TIMESTAMPTZOID],
);
static EXISTS: Statement = Statement::new(
    "SELECT true FROM {s}.contacts c WHERE c.user_id = $1",
    &[pg_sys::TEXTOID],
);

/// Whether the user has a contact row, deleted or not.
pub fn exists(session: &Session, user: &str) -> bool {
    if let Some(found) = session
        .direct()
        .and_then(|context| exists_directly(context, user))
    {
        return found;
    }
    !session.execute(&EXISTS, &[Arg::Text(user)]).is_empty()
}

/// The same without SQL; `None` where that cannot be done.
pub fn exists_directly(context: &Context, user: &str) -> Option<bool> {
    let found = direct::find(context, &CONTACTS, user, |_| ())?;
    Some(found.is_some())
}

/// The longest user id, in bytes: it fits into an index row beside the longest id of a bucket, so
/// that nobody can be known for whom no membership could be stored.
const LONGEST_ID: usize = 2000;

/// Raises an error where a contact is to have an id that is too long. Not a CHECK of the table's,
/// because each makes every INSERT dearer.
pub fn check_id(user: &str) {
    if user.len() > LONGEST_ID {
        let state = PgSqlErrorCode::ERRCODE_PROGRAM_LIMIT_EXCEEDED;
        Refusal::new(state, "user id is too long")
            .detail(format!(
                "It has {} bytes, and at most {LONGEST_ID} are possible.",
                user.len()
            ))
            .hint("Identify the user by something shorter, such as a hash.")
            .raise()
    }
}

/// Raises an error where a contact is written that has nobody's id.
pub fn check_name(user: &str) {
    if user.is_empty() {
        Refusal::invalid("user_id must not be empty")
            .detail("That of a contact is.")
            .hint("Give every contact the id of a user.")
            .raise()
    }
}

/// What came of making users known.
#[derive(Default)]
pub struct Made {
    /// Who got a contact.
    pub created: Vec<String>,
    /// Whose id is somebody's other id: they get none, and what is said of them is said of that user.
    pub aliases: Vec<Pair>,
}

static MISSING: Statement = Statement::new(
    "SELECT u FROM unnest($1) u WHERE NOT EXISTS (SELECT FROM {s}.contacts c WHERE c.user_id = u)",
    &[pg_sys::TEXTARRAYOID],
);
static UNMAKE: Statement = Statement::new(
    "DELETE FROM {s}.contacts c WHERE c.user_id = ANY ($1)",
    &[pg_sys::TEXTARRAYOID],
);

/// Creates contacts for those of `users` (distinct) who have none, but for aliases.
///
/// Who has a contact is no alias, and is not asked about.
pub fn create_missing(session: &Session, users: &[&str]) -> Made {
    if direct::is_empty(session, aliases::TABLE) {
        return create_unknown(session, users);
    }
    create_unknown(session, &missing(session, users))
}

/// The same for users who had no contact a moment ago.
///
/// They are asked about twice: before, so that nothing is written for those who have been aliases for
/// long; and once their contacts are ours. Whoever makes an alias of an id holds the contact of that id, or
/// makes one to hold, until the pair is committed. So either we waited for them, and see the pair now; or
/// they wait for us, and find our contact.
pub fn create_unknown(session: &Session, users: &[&str]) -> Made {
    let mut made = Made {
        created: Vec::new(),
        aliases: aliases::of(session, users),
    };
    let names = aliases::names(&made.aliases);
    let others = users.iter().copied();
    let users: Vec<&str> = others.filter(|user| !names.contains(user)).collect();
    made.created = create_rows(session, &users);
    let created: Vec<&str> = made.created.iter().map(String::as_str).collect();
    let late = aliases::of(session, &created);
    if !late.is_empty() {
        let names = aliases::names(&late);
        unmake(session, &names.iter().copied().collect::<Vec<_>>());
        made.created.retain(|user| !names.contains(user.as_str()));
        made.aliases.extend(late);
    }
    made
}

/// Takes contacts away that this transaction has made.
pub fn unmake(session: &Session, users: &[&str]) {
    let _own = OwnWrite::begin();
    session.execute(&UNMAKE, &[Arg::Texts(users)]);
}

/// Those of `users` who have no contact.
fn missing<'u>(session: &Session, users: &[&'u str]) -> Vec<&'u str> {
    match users {
        [user] if exists(session, user) => Vec::new(),
        [user] => vec![*user],
        users => {
            let rows = session.execute(&MISSING, &[Arg::Texts(users)]);
            let missing: HashSet<&str> = (0..rows.len()).filter_map(|r| rows.text(r, 1)).collect();
            let users = users.iter().copied();
            users.filter(|user| missing.contains(user)).collect()
        }
    }
}

/// The same users with the users in the place of aliases, as far as it shows now. Nobody is locked.
pub fn resolve(session: &Session, users: Vec<String>) -> Vec<String> {
    if users.is_empty() || direct::is_empty(session, aliases::TABLE) {
        return users;
    }
    let names: Vec<&str> = users.iter().map(String::as_str).collect();
    let mut met: Vec<Pair> = Vec::new();
    for names in names.chunks(crate::pipeline::PASS) {
        session.nested(|session| met.extend(aliases_among(session, names)));
    }
    aliases::replace(users, &met)
}

/// Which of `users` are aliases, and whose.
pub fn aliases_among(session: &Session, users: &[&str]) -> Vec<Pair> {
    if users.is_empty() || direct::is_empty(session, aliases::TABLE) {
        return Vec::new();
    }
    aliases::of(session, &missing(session, users))
}

/// Whom an id means.
pub fn user_of(session: &Session, user: &str) -> String {
    let users = resolve(session, vec![user.to_owned()]);
    users.into_iter().next().unwrap_or_default()
}

/// The same without asking whether they are aliases: for whoever makes aliases of them.
pub fn create_rows(session: &Session, users: &[&str]) -> Vec<String> {
    users.iter().for_each(|user| check_id(user));
    let _own = OwnWrite::begin();
    let now = Arg::Instant(crate::pg::clock::now());
    let rows = match users {
        [] => return Vec::new(),
        [user] => session.execute(&CREATE_ONE, &[Arg::Text(user), now]),
        users => session.execute(&CREATE_MISSING, &[Arg::Texts(users), now]),
    };
    (0..rows.len())
        .filter_map(|row| rows.text(row, 1).map(str::to_owned))
        .collect()
}

/// Locks the contacts of users who did something, and makes those that are missing; aliases get
/// none. For more than one user contacts should exist before the first lock is taken, so that two
/// statements do not wait for each other in a circle; here they are missing only if somebody was
/// erased, or became an alias, while we waited for them.
pub fn lock_or_create(
    session: &Session,
    users: &[&str],
    keys: &[Key],
) -> (HashMap<String, Contact>, Made) {
    let mut contacts = lock(session, users, keys);
    let mut made = Made::default();
    if contacts.len() < users.len() {
        let missing: Vec<&str> = users
            .iter()
            .copied()
            .filter(|user| !contacts.contains_key(*user))
            .collect();
        made = create_unknown(session, &missing);
        contacts.extend(lock(session, &missing, keys));
    }
    (contacts, made)
}

/// The same of aliases too: for whoever makes aliases of them.
pub fn lock_or_create_rows(session: &Session, users: &[&str]) {
    let contacts = lock(session, users, &[]);
    if contacts.len() < users.len() {
        let others = users.iter().copied();
        let missing: Vec<&str> = others.filter(|u| !contacts.contains_key(*u)).collect();
        create_rows(session, &missing);
        lock(session, &missing, &[]);
    }
}

static TRY_LOCK: Statement = Statement::new(
    "SELECT c.user_id FROM {s}.contacts c WHERE c.user_id = ANY ($1)
     FOR NO KEY UPDATE OF c SKIP LOCKED",
    &[pg_sys::TEXTARRAYOID],
);

/// Locks those of `users` whom nobody else has locked, without waiting; returns whom.
pub fn try_lock(session: &Session, users: &[&str]) -> HashSet<String> {
    let rows = session.execute(&TRY_LOCK, &[Arg::Texts(users)]);
    (0..rows.len())
        .filter_map(|row| rows.text(row, 1).map(str::to_owned))
        .collect()
}

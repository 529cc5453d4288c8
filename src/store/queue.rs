//! Table `user_queue`: users whom the clock is to look at, and what is still to be applied to them.
//!
//! Whoever puts a user here locks no user, and so neither waits nor knows the order in which others
//! commit. Rows are taken away only under the lock on the user's contact, and only those that were
//! seen then: one that commits later, whatever its number, is there for the next who looks.

use std::collections::HashSet;

use hogsend_core::time::Instant;
use pgrx::pg_sys;

use crate::pg::context::Context;
use crate::pg::direct::{self, Latest, Source, Table};
use crate::pg::fit::Column;
use crate::pg::sql::{Arg, Rows, Session, Statement};
use crate::store::timers::Quiet;

/// What became of what a row names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// An event was stored.
    Inserted,
    /// An event was corrected, and this is what it says now.
    Updated,
    /// An event is gone, or this is what it said before it was corrected.
    Deleted,
    /// A property of the contact has another value.
    Property,
    /// The contact came, or came back: everything is to be looked at.
    Contact,
}

impl What {
    fn as_str(self) -> &'static str {
        match self {
            What::Inserted => "inserted",
            What::Updated => "updated",
            What::Deleted => "deleted",
            What::Property => "property",
            What::Contact => "contact",
        }
    }

    /// What nobody knows of is taken for the widest.
    fn of(text: &str) -> What {
        match text {
            "inserted" => What::Inserted,
            "updated" => What::Updated,
            "deleted" => What::Deleted,
            "property" => What::Property,
            _ => What::Contact,
        }
    }

    /// Whether a user to whom this happened is known from then on.
    pub fn creates_contact(self) -> bool {
        matches!(self, What::Inserted | What::Updated)
    }
}

/// One thing that happened to a user.
#[derive(Clone, Debug)]
pub struct Touch {
    pub user: String,
    pub what: What,
    /// Of the event, or of the property; `None` where everything is to be looked at.
    pub name: Option<String>,
    pub event_id: Option<i64>,
    pub occurred_at: Option<Instant>,
    /// A patch that has not been applied.
    pub email: Option<String>,
    /// As JSON, an object.
    pub properties: Option<String>,
}

impl Touch {
    pub fn has_patch(&self) -> bool {
        self.email.is_some() || self.properties.is_some()
    }
}

/// A row of the queue.
pub struct Queued {
    pub id: i64,
    pub quiet: Quiet,
    pub queued_at: Option<Instant>,
    pub touch: Touch,
}

/// Whether there is such a table: those of an earlier release are without until they are migrated.
pub fn exists(context: &Context) -> bool {
    context.table(c"user_queue") != pg_sys::InvalidOid
}

static APPEND_ONE: Statement = Statement::new(
    "INSERT INTO {s}.user_queue
         (user_id, what, name, event_id, occurred_at, user_email, contact_properties, silent, muted, queued_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10)",
    &[
        pg_sys::TEXTOID,
        pg_sys::TEXTOID,
        pg_sys::TEXTOID,
        pg_sys::INT8OID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::TEXTOID,
        pg_sys::TEXTOID,
        pg_sys::BOOLOID,
        pg_sys::BOOLOID,
        pg_sys::TIMESTAMPTZOID,
    ],
);
static APPEND: Statement = Statement::new(
    "INSERT INTO {s}.user_queue
         (user_id, what, name, event_id, occurred_at, user_email, contact_properties, silent, muted, queued_at)
     SELECT v.user_id, v.what, v.name, v.event_id, v.occurred_at, v.email, v.properties::jsonb, $8, $9, $10
     FROM unnest($1, $2, $3, $4, $5, $6, $7) WITH ORDINALITY
         AS v (user_id, what, name, event_id, occurred_at, email, properties, n)
     ORDER BY v.n",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::INT8ARRAYOID,
        pg_sys::TIMESTAMPTZARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::BOOLOID,
        pg_sys::BOOLOID,
        pg_sys::TIMESTAMPTZOID,
    ],
);

/// Puts what happened at the end of the queue, in the order given.
pub fn append(session: &Session, touches: &[Touch], quiet: Quiet, now: Instant) {
    let (silent, muted) = (Arg::Bool(quiet.silent), Arg::Bool(quiet.muted));
    let now = Arg::Instant(now);
    match touches {
        [] => {}
        [touch] => {
            let arguments = [
                Arg::Text(&touch.user),
                Arg::Text(touch.what.as_str()),
                Arg::OptText(touch.name.as_deref()),
                Arg::OptBigInt(touch.event_id),
                Arg::OptInstant(touch.occurred_at),
                Arg::OptText(touch.email.as_deref()),
                Arg::OptText(touch.properties.as_deref()),
                silent,
                muted,
                now,
            ];
            session.execute(&APPEND_ONE, &arguments);
        }
        touches => {
            let texts = |field: fn(&Touch) -> Option<&str>| -> Vec<Option<&str>> {
                touches.iter().map(field).collect()
            };
            let events: Vec<_> = touches.iter().map(|t| t.event_id).collect();
            let instants: Vec<_> = touches.iter().map(|t| t.occurred_at).collect();
            let arguments = [
                Arg::OptTexts(&texts(|t| Some(&t.user))),
                Arg::OptTexts(&texts(|t| Some(t.what.as_str()))),
                Arg::OptTexts(&texts(|t| t.name.as_deref())),
                Arg::OptBigInts(&events),
                Arg::Instants(&instants),
                Arg::OptTexts(&texts(|t| t.email.as_deref())),
                Arg::OptTexts(&texts(|t| t.properties.as_deref())),
                silent,
                muted,
                now,
            ];
            session.execute(&APPEND, &arguments);
        }
    }
}

/// Whether nobody is queued.
pub fn is_empty(session: &Session) -> bool {
    session.execute(&ANY, &[]).is_empty()
}

/// A row that failed is left alone for a while.
static HEAD: Statement = Statement::new(
    "SELECT q.id, q.user_id, q.what FROM {s}.user_queue q
     WHERE q.id > $1 AND (q.retry_at IS NULL OR q.retry_at <= $2)
     ORDER BY q.id LIMIT $3",
    &[pg_sys::INT8OID, pg_sys::TIMESTAMPTZOID, pg_sys::INT8OID],
);

/// Who comes first in the queue, and whether what is seen of them makes them known.
pub struct Head {
    /// Distinct, in byte order.
    pub users: Vec<(String, bool)>,
    /// The number of the last row; `None` at the end of the queue.
    pub last: Option<i64>,
}

/// Looks at the next rows after a number, without touching them.
pub fn head(session: &Session, after: i64, now: Instant, rows: i64) -> Head {
    let arguments = [Arg::BigInt(after), Arg::Instant(now), Arg::BigInt(rows)];
    let rows = session.execute(&HEAD, &arguments);
    let mut users: std::collections::BTreeMap<&str, bool> = std::collections::BTreeMap::new();
    let mut last = None;
    for row in 0..rows.len() {
        last = rows.bigint(row, 1).max(last);
        if let (Some(user), Some(what)) = (rows.text(row, 2), rows.text(row, 3)) {
            *users.entry(user).or_default() |= What::of(what).creates_contact();
        }
    }
    let users = users.into_iter();
    Head {
        users: users
            .map(|(user, known)| (user.to_owned(), known))
            .collect(),
        last,
    }
}

static TAKE: Statement = Statement::new(
    "DELETE FROM {s}.user_queue q WHERE q.user_id = ANY ($1)
     RETURNING q.id, q.user_id, q.what, q.name, q.event_id, q.occurred_at, q.user_email,
               q.contact_properties::text, q.silent, q.muted, q.queued_at",
    &[pg_sys::TEXTARRAYOID],
);

/// Takes all rows of users whose contacts are locked, in the order of their numbers.
pub fn take(session: &Session, users: &[&str]) -> Vec<Queued> {
    let mut taken = collect(&session.execute(&TAKE, &[Arg::Texts(users)]));
    taken.sort_unstable_by_key(|row| row.id);
    taken
}

fn collect(rows: &Rows) -> Vec<Queued> {
    let owned = |row, column| rows.text(row, column).map(str::to_owned);
    (0..rows.len())
        .filter_map(|row| {
            Some(Queued {
                id: rows.bigint(row, 1)?,
                quiet: Quiet {
                    silent: rows.bool(row, 9).unwrap_or(false),
                    muted: rows.bool(row, 10).unwrap_or(false),
                },
                queued_at: rows.instant(row, 11),
                touch: Touch {
                    user: owned(row, 2)?,
                    what: What::of(rows.text(row, 3)?),
                    name: owned(row, 4),
                    event_id: rows.bigint(row, 5),
                    occurred_at: rows.instant(row, 6),
                    email: owned(row, 7),
                    properties: owned(row, 8),
                },
            })
        })
        .collect()
}

static DROP_MISSING: Statement = Statement::new(
    "DELETE FROM {s}.user_queue q
     WHERE q.user_id = ANY ($1)
       AND NOT EXISTS (SELECT FROM {s}.contacts c WHERE c.user_id = q.user_id)",
    &[pg_sys::TEXTARRAYOID],
);

/// Takes those of `users` from the queue whose contacts are gone.
pub fn drop_missing(session: &Session, users: &[&str]) {
    if !users.is_empty() {
        session.execute(&DROP_MISSING, &[Arg::Texts(users)]);
    }
}

/// Of those whom nobody has in hands: the clock has them, and comes before the statement.
static DROP_NOBODIES_OF: Statement = Statement::new(
    "DELETE FROM {s}.user_queue q
     WHERE q.user_id = ANY ($1) AND q.id = ANY (ARRAY(
         SELECT w.id FROM {s}.user_queue w
         WHERE w.user_id = ANY ($1)
           AND NOT EXISTS (SELECT FROM {s}.contacts c WHERE c.user_id = w.user_id)
           AND NOT EXISTS (SELECT FROM {s}.user_events e
                           WHERE e.user_id = w.user_id AND NOT starts_with(e.event, 'bucket:'))
         FOR UPDATE OF w SKIP LOCKED))",
    &[pg_sys::TEXTARRAYOID],
);

/// Takes those of `users` from the queue who have neither a contact nor an event any more.
pub fn drop_nobodies_of(session: &Session, users: &[&str]) {
    if !users.is_empty() {
        session.execute(&DROP_NOBODIES_OF, &[Arg::Texts(users)]);
    }
}

static DROP_NOBODIES: Statement = Statement::new(
    "DELETE FROM {s}.user_queue q
     WHERE q.id = ANY (ARRAY(
         SELECT w.id FROM {s}.user_queue w
         WHERE NOT EXISTS (SELECT FROM {s}.contacts c WHERE c.user_id = w.user_id)
         FOR UPDATE OF w SKIP LOCKED))",
    &[],
);

/// The same of everybody, when there are no events any more.
pub fn drop_nobodies(session: &Session) {
    if exists(session.context()) && !direct::is_empty(session, c"user_queue") {
        session.execute(&DROP_NOBODIES, &[]);
    }
}

static WAITS: Statement = Statement::new(
    "SELECT q.user_id FROM {s}.user_queue q
     WHERE q.id <= $1 AND (q.retry_at IS NULL OR q.retry_at <= $2)
     ORDER BY q.id LIMIT 1",
    &[pg_sys::INT8OID, pg_sys::TIMESTAMPTZOID],
);

/// Who waits in the queue up to a row and could be looked at, if there is anybody.
pub fn waits(session: &Session, until: i64, now: Instant) -> Option<String> {
    let arguments = [Arg::BigInt(until), Arg::Instant(now)];
    let rows = session.execute(&WAITS, &arguments);
    (!rows.is_empty()).then(|| rows.text(0, 1).map(str::to_owned))?
}

static DROP_STRAYS: Statement = Statement::new(
    "DELETE FROM {s}.user_queue q
     WHERE q.user_id = ANY ($1) AND q.what NOT IN ('inserted', 'updated')
       AND NOT EXISTS (SELECT FROM {s}.contacts c WHERE c.user_id = q.user_id)",
    &[pg_sys::TEXTARRAYOID],
);

/// Takes what makes nobody known of users who have no contact: it was about one who is gone.
pub fn drop_strays(session: &Session, users: &[&str]) {
    if !users.is_empty() {
        session.execute(&DROP_STRAYS, &[Arg::Texts(users)]);
    }
}

static DROP_ALL: Statement = Statement::new("DELETE FROM {s}.user_queue", &[]);

/// After TRUNCATE contacts.
pub fn drop_all(session: &Session) {
    session.execute(&DROP_ALL, &[]);
}

/// Tried again after 1, 2, 4 … minutes, at most an hour, as timers are.
static PUT_OFF: Statement = Statement::new(
    "UPDATE {s}.user_queue q
     SET retry_at = $2 + interval '1 minute' * least(60, power(2, least(q.failures, 6))),
         failures = q.failures + 1, error = $3
     WHERE q.user_id = $1",
    &[pg_sys::TEXTOID, pg_sys::TIMESTAMPTZOID, pg_sys::TEXTOID],
);

/// Leaves a user who could not be looked at in the queue for a while.
pub fn put_off(session: &Session, user: &str, error: &str, now: Instant) {
    let arguments = [Arg::Text(user), Arg::Instant(now), Arg::Text(error)];
    session.execute(&PUT_OFF, &arguments);
}

static QUEUED: Source<2> = Source {
    table: c"user_queue",
    key: &[Column::user(c"user_id"), Column::bigint(c"id")],
    compared: 1,
    columns: [
        Column::text(c"user_email"),
        Column::json(c"contact_properties"),
    ],
};
static ANY: Statement = Statement::new("SELECT true FROM {s}.user_queue q LIMIT 1", &[]);
static PATCHES: Statement = Statement::new(
    "SELECT q.id, q.user_id, q.what, NULL, NULL::bigint, NULL::timestamptz, q.user_email,
            q.contact_properties::text, q.silent, q.muted, q.queued_at
     FROM {s}.user_queue q
     WHERE q.user_id = ANY ($1) AND (q.user_email IS NOT NULL OR q.contact_properties IS NOT NULL)
     ORDER BY q.id",
    &[pg_sys::TEXTARRAYOID],
);
static CLEAR: Statement = Statement::new(
    "UPDATE {s}.user_queue q SET user_email = NULL, contact_properties = NULL
     WHERE q.user_id = ANY ($1) AND (q.user_email IS NOT NULL OR q.contact_properties IS NOT NULL)",
    &[pg_sys::TEXTARRAYOID],
);

/// Takes the patches of users whose contacts are locked out of the queue, in the order of their
/// numbers, and leaves the rest of the rows.
pub fn take_patches(session: &Session, users: &[&str]) -> Vec<Queued> {
    if !may_have_patches(session, users) {
        return Vec::new();
    }
    let patches = collect(&session.execute(&PATCHES, &[Arg::Texts(users)]));
    if !patches.is_empty() {
        session.execute(&CLEAR, &[Arg::Texts(users)]);
    }
    patches
}

/// Mostly the queue is empty, or the user is not in it.
fn may_have_patches(session: &Session, users: &[&str]) -> bool {
    if let [user] = users
        && let Some(context) = session.direct()
        && let Some(table) = Table::open(context, &QUEUED, false)
    {
        let mut found = false;
        let latest = Latest::take();
        table.backwards(&latest, &[user], |row| {
            found = !row.is_null(0) || !row.is_null(1);
            !found
        });
        latest.release();
        table.close();
        return found;
    }
    !users.is_empty() && !session.execute(&ANY, &[]).is_empty()
}

static STRANGERS: Statement = Statement::new(
    "SELECT DISTINCT q.user_id FROM {s}.user_queue q
     WHERE q.user_id = ANY ($1) AND NOT EXISTS (SELECT FROM {s}.contacts c WHERE c.user_id = q.user_id)",
    &[pg_sys::TEXTARRAYOID],
);

/// Those of `users` who wait for the clock and have no contact, in byte order.
pub fn strangers(session: &Session, users: &[&str]) -> Vec<String> {
    if !exists(session.context()) {
        return Vec::new();
    }
    let rows = session.execute(&STRANGERS, &[Arg::Texts(users)]);
    let waiting = (0..rows.len()).filter_map(|row| rows.text(row, 1).map(str::to_owned));
    let mut waiting: Vec<String> = waiting.collect();
    waiting.sort_unstable();
    waiting
}

static AMONG: Statement = Statement::new(
    "SELECT u FROM unnest($1) u WHERE EXISTS (SELECT FROM {s}.user_queue q WHERE q.user_id = u)",
    &[pg_sys::TEXTARRAYOID],
);

/// Those of `users` who wait for the clock.
pub fn among(session: &Session, users: &[&str]) -> HashSet<String> {
    let rows = session.execute(&AMONG, &[Arg::Texts(users)]);
    let user = |row| rows.text(row, 1).map(str::to_owned);
    (0..rows.len()).filter_map(user).collect()
}

/// Whether a user waits for the clock, without SQL; `None` where that cannot be done.
pub fn contains_directly(context: &Context, user: &str) -> Option<bool> {
    if direct::is_empty_table(context, c"user_queue") {
        return Some(false);
    }
    direct::find(context, &QUEUED, user, |_| ()).map(|found| found.is_some())
}

static IS_QUEUED: Statement = Statement::new(
    "SELECT true FROM {s}.user_queue q WHERE q.user_id = $1 LIMIT 1",
    &[pg_sys::TEXTOID],
);

/// Whether a user waits for the clock.
pub fn contains(session: &Session, user: &str) -> bool {
    exists(session.context()) && !session.execute(&IS_QUEUED, &[Arg::Text(user)]).is_empty()
}

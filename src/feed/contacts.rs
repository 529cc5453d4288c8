//! Rows that are contacts: the contact of a row is found by the user's id, which is the row's key.
//!
//! A feed owns the properties that it names, and the e-mail address if it names one; others of the contact
//! stay. What an alias is said to be nobody is: its contact is the user's, who has a row of their own that
//! says what is so, or is none of the table's.
//!
//! What is written goes through the triggers of `contacts`, which evaluate each statement once; and each
//! user is written by one of them alone, so that nobody leaves and enters again on the way.

use std::ffi::CStr;

use pgrx::{PgSqlErrorCode, pg_sys};

use super::known::Feed;
use super::notes::Notes;
use super::parts;
use crate::erase;
use crate::pg::clock;
use crate::pg::error::Refusal;
use crate::pg::locks;
use crate::pg::settings;
use crate::pg::spool::Spool;
use crate::pg::sql::{Arg, Session, Statement};
use crate::store::contacts::email;

/// Whether a row `$r` has the id of a user. What an index cannot hold could not be stored.
macro_rules! has_user {
    ($r:literal) => {
        concat!(
            "(",
            $r,
            ".key <> '' AND octet_length(",
            $r,
            ".key) <= 2000) IS TRUE"
        )
    };
}

/// Whether a row `$r` is a contact.
macro_rules! is_contact {
    ($r:literal) => {
        concat!(
            "(",
            $r,
            ".kept AND ",
            has_user!($r),
            " AND coalesce(jsonb_typeof(",
            $r,
            ".properties) = 'object', true)) IS TRUE"
        )
    };
}

macro_rules! is_alias {
    ($key:literal) => {
        concat!(
            "EXISTS (SELECT FROM {s}.user_aliases a WHERE a.alias = ",
            $key,
            ")"
        )
    };
}

/// Rows that say something else than before. Of a row that could not be read only the key is known, and
/// `kept` is NULL: whether it is a contact nobody knows, and its contact stays as it is. So does that of a row whose key
/// is another name of the same person now: it is there, under that name.
static BOTH: Statement = Statement::new(
    concat!(
        "SELECT coalesce(n.key, o.key, ''),
                CASE WHEN d.\"is\" THEN CASE WHEN ", is_alias!("n.key"), " THEN 4 ELSE 1 END
                     WHEN d.gone THEN CASE WHEN ", is_alias!("o.key"), " OR o.key IN (
                         SELECT a.user_id FROM hogsend_is x JOIN {s}.user_aliases a ON a.alias = x.key
                         WHERE x.kept IS NOT FALSE) THEN 0 ELSE 2 END
                     ELSE 4 END,
                n.email, n.properties,
                ARRAY(SELECT k FROM jsonb_object_keys(CASE jsonb_typeof(o.properties) WHEN 'object' THEN o.properties ELSE '{}' END) k
                      WHERE NOT coalesce(n.properties, '{}') ? k)
         FROM hogsend_was o FULL JOIN hogsend_is n ON n.key = o.key
         CROSS JOIN LATERAL (SELECT ", is_contact!("o"), " AS was, ", is_contact!("n"), " AS \"is\",
                                    ", has_user!("o"), " AND (n.key IS NULL OR n.kept IS FALSE AND o.kept IS NOT FALSE) AS gone) AS d
         WHERE d.\"is\" AND (NOT d.was OR (o.email, o.properties) IS DISTINCT FROM (n.email, n.properties))
            OR d.gone OR n.kept AND NOT d.\"is\" AND (o.kept AND NOT d.was) IS NOT TRUE"
    ),
    &[],
);
/// Rows that say what they said before. As long as an import is under way they are written all the same:
/// their new versions may lie where the import has been already.
static UNCHANGED: Statement = Statement::new(
    concat!(
        "SELECT n.key, CASE WHEN ",
        is_alias!("n.key"),
        " THEN 0 WHEN n.kept THEN 1 ELSE 3 END, n.email, n.properties, NULL::text[]
         FROM hogsend_was o JOIN hogsend_is n ON n.key = o.key
         WHERE ",
        is_contact!("o"),
        " AND ",
        is_contact!("n"),
        " AND (o.email, o.properties) IS NOT DISTINCT FROM (n.email, n.properties)
            OR NOT o.kept AND NOT n.kept AND ",
        has_user!("n")
    ),
    &[],
);
static LATER: Statement = Statement::new(
    concat!(
        "SELECT coalesce(n.key, ''),
                CASE WHEN d.\"is\" THEN CASE WHEN ",
        is_alias!("n.key"),
        " THEN 4 ELSE 1 END
                     WHEN n.kept THEN 4
                     WHEN ",
        is_alias!("n.key"),
        " THEN 0 ELSE 3 END,
                n.email, n.properties, NULL::text[]
         FROM hogsend_is n CROSS JOIN LATERAL (SELECT ",
        is_contact!("n"),
        " AS \"is\") AS d
         WHERE n.kept OR n.kept IS FALSE AND ",
        has_user!("n")
    ),
    &[],
);
static EARLIER: Statement = Statement::new(
    concat!(
        "SELECT o.key, CASE WHEN ",
        is_alias!("o.key"),
        " THEN 0 ELSE 2 END, NULL::text, NULL::jsonb, NULL::text[]
         FROM hogsend_was o WHERE ",
        has_user!("o")
    ),
    &[],
);

/// What those return. `gone`: properties that the row has no more.
const CHANGE: [(&CStr, pg_sys::Oid); 5] = [
    (c"user_id", pg_sys::TEXTOID),
    (c"what", pg_sys::INT4OID),
    (c"email", pg_sys::TEXTOID),
    (c"properties", pg_sys::JSONBOID),
    (c"gone", pg_sys::TEXTARRAYOID),
];

/// What a change is, by its number.
const PRESENT: usize = 1;
/// There was a row, and is none that is kept.
const GONE: usize = 2;
/// A row came that is not kept: whoever it is about is a deleted user. Nothing of them is erased, because
/// nothing was said before that could be taken back.
const ABSENT: usize = 3;
/// The row is kept, and no contact.
const SKIPPED: usize = 4;

static ADD: Statement = Statement::new(
    "INSERT INTO {s}.contacts AS c (user_id, email, properties, created_at, updated_at)
     SELECT d.user_id, nullif(lower(btrim(d.email, $1)), ''), coalesce(d.properties, '{}'), $2, $2
     FROM hogsend_changes d
     WHERE d.what = 1 AND NOT EXISTS (SELECT FROM {s}.contacts o WHERE o.user_id = d.user_id)
     ORDER BY d.user_id COLLATE \"C\"
     ON CONFLICT DO NOTHING",
    &[pg_sys::TEXTOID, pg_sys::TIMESTAMPTZOID],
);

/// How many of those who are to have a contact have one, which is locked.
static LOCK: Statement = Statement::new(
    "SELECT count(*) FILTER (WHERE l.what = 1)
     FROM (SELECT d.what FROM hogsend_changes d JOIN {s}.contacts c ON c.user_id = d.user_id
           WHERE d.what IN (1, 2, 3) ORDER BY c.user_id COLLATE \"C\" FOR NO KEY UPDATE OF c) AS l",
    &[],
);

static CORRECT: Statement = Statement::new(
    "UPDATE {s}.contacts c
     SET properties = c.properties - $3 - coalesce(d.gone, '{}') || coalesce(d.properties, '{}'),
         email = CASE WHEN $4 THEN nullif(lower(btrim(d.email, $1)), '') ELSE c.email END, deleted_at = NULL, updated_at = $2
     FROM hogsend_changes d
     WHERE d.what = 1 AND c.user_id = d.user_id
       AND (c.deleted_at IS NOT NULL
            OR c.properties - $3 - coalesce(d.gone, '{}') || coalesce(d.properties, '{}') <> c.properties
            OR $4 AND nullif(lower(btrim(d.email, $1)), '') IS DISTINCT FROM c.email)",
    &[
        pg_sys::TEXTOID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::BOOLOID,
    ],
);

static MARK: Statement = Statement::new(
    "UPDATE {s}.contacts c SET deleted_at = $1, updated_at = $1
     FROM hogsend_changes d
     WHERE (d.what = 3 OR d.what = 2 AND $2) AND c.user_id = d.user_id AND c.deleted_at IS NULL",
    &[pg_sys::TIMESTAMPTZOID, pg_sys::BOOLOID],
);

/// Brings the contacts from what rows said to what they say.
pub fn apply(
    session: &Session,
    feed: &Feed,
    was: Option<&Spool>,
    is: Option<&Spool>,
    notes: &mut Notes,
) {
    if let Some(is) = is {
        is.register(session, c"hogsend_is");
    }
    if let Some(was) = was {
        was.register(session, c"hogsend_was");
    }
    let compare = match (was, is) {
        (Some(_), Some(_)) => &BOTH,
        (None, _) => &LATER,
        (Some(_), None) => &EARLIER,
    };
    let writer = Writer {
        session,
        feed,
        is_new: was.is_none(),
    };
    if feed.imports && was.is_some() && is.is_some() {
        settings::silently(true, || writer.write_what(&UNCHANGED, notes));
    }
    writer.write_what(compare, notes);
}

struct Writer<'a> {
    session: &'a Session<'a>,
    feed: &'a Feed,
    /// Whether the rows are new, as far as is known.
    is_new: bool,
}

/// Contacts may be erased between two looks at them.
const PASSES: usize = 4;

impl Writer<'_> {
    fn write_what(&self, compare: &'static Statement, notes: &mut Notes) {
        let changes = Spool::of(&CHANGE);
        self.session.put(compare, &changes);
        parts::write(&changes, &CHANGE, notes, &|part| self.write_all(part));
        changes.close();
    }

    /// Returns how many rows are no contacts and should be.
    fn write_all(&self, changes: &Spool) -> i64 {
        let mut counts = [0; SKIPPED + 1];
        let mut forgotten = Vec::new();
        changes.rewind();
        while let Some((user, what)) = changes.next() {
            let what = what as usize;
            counts[what] += 1;
            if what == GONE && self.feed.forgets {
                forgotten.push(user);
            }
        }
        if counts[PRESENT] + counts[GONE] + counts[ABSENT] > 0 {
            self.session.nested(|session| {
                // Definitions come first in everybody's order of locks.
                locks::share_definitions(session.context());
                changes.register(session, c"hogsend_changes");
                self.bring(session, &counts);
                if !forgotten.is_empty() {
                    erase::forget(session, &forgotten);
                }
            });
        }
        counts[SKIPPED]
    }

    fn bring(&self, session: &Session, counts: &[i64; SKIPPED + 1]) {
        let others = counts[GONE] + counts[ABSENT];
        let is_one = counts[PRESENT] + others == 1;
        // As a rule the contact of a row that was there is there, too.
        if is_one && counts[PRESENT] == 1 && !self.is_new && self.correct(session) == 1 {
            return;
        }
        // A single contact that is to be marked is locked by that.
        let added = match is_one && counts[PRESENT] == 0 {
            true => 0,
            false => self.complete(session, counts),
        };
        if counts[PRESENT] > added {
            self.correct(session);
        }
        if counts[ABSENT] > 0 || counts[GONE] > 0 && !self.feed.forgets {
            let arguments = [Arg::Instant(clock::now()), Arg::Bool(!self.feed.forgets)];
            session.execute(&MARK, &arguments);
        }
    }

    /// Sees to it that everybody who is to have a contact has one, and locks those that were there; returns
    /// how many are new. Contacts that are new are locked, and those who are missing come before the first
    /// lock on others: two statements never wait for each other in a circle.
    fn complete(&self, session: &Session, counts: &[i64; SKIPPED + 1]) -> i64 {
        let (wanted, others) = (counts[PRESENT], counts[GONE] + counts[ABSENT]);
        let mut added = 0;
        for _ in 0..PASSES {
            if wanted > added {
                added += self.add(session);
            }
            if added == wanted && others == 0 || locked(session) >= wanted {
                return added;
            }
        }
        refuse()
    }

    fn add(&self, session: &Session) -> i64 {
        let arguments = [Arg::Text(email::white_space()), Arg::Instant(clock::now())];
        // A contact that should have been there was not: as long as an import is under way it is history.
        let is_history = self.feed.imports && !self.is_new;
        let done = settings::silently(is_history, || session.execute(&ADD, &arguments));
        done.processed as i64
    }

    fn correct(&self, session: &Session) -> i64 {
        let owned = self.feed.owned.iter().flatten();
        let owned: Vec<&str> = owned.map(String::as_str).collect();
        let arguments = [
            Arg::Text(email::white_space()),
            Arg::Instant(clock::now()),
            Arg::Texts(&owned),
            Arg::Bool(self.feed.owns_email),
        ];
        session.execute(&CORRECT, &arguments).processed as i64
    }
}

/// Nobody erases the same users again and again.
fn refuse() -> ! {
    let state = PgSqlErrorCode::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE;
    Refusal::new(state, "a contact was not stored, and nothing says why")
        .detail("Whoever is to be in table \"contacts\" is not after an INSERT.")
        .hint("See which index, trigger, rule or policy of the table keeps rows from being stored.")
        .raise()
}

fn locked(session: &Session) -> i64 {
    let count = session.execute(&LOCK, &[]);
    count.bigint(0, 1).unwrap_or_default()
}

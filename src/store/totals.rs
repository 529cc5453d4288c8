//! Table `bucket_totals`: what all events of a series of a user come to, for those of whom it takes long to add
//! them up.
//!
//! A row says what the events say, or is not there (I16 in doc/design.md). That nobody need ask for whom there
//! is one, and that it is right to delete one wherever there is a doubt, is what all of this rests on. Rows are
//! written under the lock on the user's contact (I2).

mod one;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};

use hogsend_core::criteria::Total;
use hogsend_core::decimal::Decimal;
use hogsend_core::time::Instant;
use pgrx::pg_sys;

use super::by_size::{BySize, by_size};
use super::{column, queue, remembered};
use crate::pg::context::Context;
use crate::pg::direct::{self, Latest, Source, Table};
use crate::pg::fit::Column;
use crate::pg::moment;
use crate::pg::row::Row;
use crate::pg::settings;
use crate::pg::sql::{Arg, Rows, Session, Statement};

pub use one::add_to_one;

const TABLE: &std::ffi::CStr = c"bucket_totals";

/// Whether so many events had to be looked at that it is worth the while to keep what they come to.
pub fn are_worth_keeping(visited: usize) -> bool {
    visited >= settings::totals_from()
}

/// What a series of a user comes to.
pub struct Kept {
    pub user: String,
    /// The series, by [`SeriesOf::name`](hogsend_core::criteria::SeriesOf::name).
    pub series: String,
    pub total: Total,
}

/// What the series of some users come to, by user and series.
pub type Known = HashMap<(String, String), Total>;

/// Whether totals can be kept: tables of an earlier release have no place for them.
pub fn exists(context: &Context) -> bool {
    context.table(TABLE) != pg_sys::InvalidOid
}

/// Whether anybody may have a total.
pub fn may_be(context: &Context) -> bool {
    exists(context) && !direct::is_empty_table(context, TABLE)
}

pub(super) static OF_USER: Source<7> = Source {
    table: TABLE,
    key: &[Column::user(c"user_id"), Column::key(c"series")],
    compared: 2,
    columns: [
        Column::key(c"series"),
        Column::bigint(c"n"),
        Column::numeric(c"total"),
        Column::numeric(c"least"),
        Column::numeric(c"most"),
        Column::instant(c"first_at"),
        Column::instant(c"last_at"),
    ],
};

macro_rules! total_columns {
    () => {
        "SELECT t.user_id, t.series, t.n, t.total, t.least, t.most, t.first_at, t.last_at FROM {s}.bucket_totals t "
    };
}

static OF_USERS: Statement = Statement::new(
    concat!(total_columns!(), "WHERE t.user_id = ANY ($1)"),
    &[pg_sys::TEXTARRAYOID],
);

/// What is written of a total. Whatever cannot be read is as good as not there.
fn total_of(
    n: Option<i64>,
    [sum, least, most]: [Option<Decimal>; 3],
    [first, last]: [Option<Instant>; 2],
) -> Option<Total> {
    Some(Total {
        count: u64::try_from(n?).ok()?,
        sum: sum?,
        ends: least.zip(most),
        span: first.zip(last),
    })
}

fn of_rows(rows: &Rows) -> impl Iterator<Item = Kept> {
    (0..rows.len()).filter_map(|row| {
        Some(Kept {
            user: rows.text(row, 1)?.to_owned(),
            series: rows.text(row, 2)?.to_owned(),
            total: total_of(
                rows.bigint(row, 3),
                [4, 5, 6].map(|column| rows.decimal(row, column)),
                [7, 8].map(|column| rows.instant(row, column)),
            )?,
        })
    })
}

/// A row of [`OF_USER`].
pub(super) fn of_row(row: &Row) -> Option<(String, Total)> {
    let series = row.text(0)?.to_owned();
    let total = total_of(
        row.bigint(1),
        [2, 3, 4].map(|place| row.decimal(place)),
        [5, 6].map(|place| row.bigint(place).map(Instant)),
    )?;
    Some((series, total))
}

/// The totals of a user, without SQL; `None` where that cannot be done.
pub fn of_user_directly(context: &Context, user: &str) -> Option<Vec<(String, Total)>> {
    let table = Table::open(context, &OF_USER, false)?;
    let latest = Latest::take();
    let mut found = Vec::new();
    table.backwards(&latest, &[user], |row| {
        found.extend(of_row(&row));
        true
    });
    latest.release();
    table.close();
    Some(found)
}

/// The totals of users.
pub fn of_users(session: &Session, users: &[&str]) -> Known {
    let mut known = Known::new();
    if let ([user], Some(context)) = (users, session.direct())
        && let Some(found) = of_user_directly(context, user)
    {
        let of_user = |(series, total)| (((*user).to_owned(), series), total);
        known.extend(found.into_iter().map(of_user));
        return known;
    }
    let rows = session.execute(&OF_USERS, &[Arg::Texts(users)]);
    known.extend(of_rows(&rows).map(|kept| ((kept.user, kept.series), kept.total)));
    known
}

/// Those of `users` of whom events may have come without anybody having added them: they wait in the queue, into
/// which whoever writes there puts them without having their locks.
pub fn in_doubt<'u>(session: &Session, users: &[&'u str]) -> HashSet<&'u str> {
    if direct::is_empty(session, c"user_queue") {
        return HashSet::new();
    }
    let queued = queue::among(session, users);
    let is_queued = |user: &&&'u str| queued.contains(**user);
    users.iter().filter(is_queued).copied().collect()
}

static ADD: BySize = by_size!(
    "UPDATE {s}.bucket_totals t
     SET n = t.n + d.n, total = trim_scale(t.total + d.total::numeric), least = least(t.least, d.least::numeric),
         most = greatest(t.most, d.most::numeric), first_at = least(t.first_at, d.first_at),
         last_at = greatest(t.last_at, d.last_at)
     FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS d (user_id, series, n, total, least, most, first_at, last_at)
     WHERE t.user_id = d.user_id AND t.series = d.series",
    "AND t.user_id = ANY ($1)",
    "",
    ROWS,
);
const ROWS: &[pg_sys::Oid] = &[
    pg_sys::TEXTARRAYOID,
    pg_sys::TEXTARRAYOID,
    pg_sys::INT8ARRAYOID,
    pg_sys::TEXTARRAYOID,
    pg_sys::TEXTARRAYOID,
    pg_sys::TEXTARRAYOID,
    pg_sys::TIMESTAMPTZARRAYOID,
    pg_sys::TIMESTAMPTZARRAYOID,
];

/// Adds what came to the totals that there are.
pub fn add(session: &Session, came: &[(&str, &str, &Total)]) {
    if !came.is_empty() {
        with_rows(came, |rows| {
            ADD.execute(session, came.len(), rows);
        });
    }
}

static PUT: Statement = Statement::new(
    "INSERT INTO {s}.bucket_totals AS t (user_id, series, n, total, least, most, first_at, last_at)
     SELECT d.user_id, d.series, d.n, d.total::numeric, d.least::numeric, d.most::numeric, d.first_at, d.last_at
     FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS d (user_id, series, n, total, least, most, first_at, last_at)
     ON CONFLICT (user_id, series)
     DO UPDATE SET n = EXCLUDED.n, total = EXCLUDED.total, least = EXCLUDED.least, most = EXCLUDED.most,
                   first_at = EXCLUDED.first_at, last_at = EXCLUDED.last_at",
    ROWS,
);

/// Keeps what was added up just now. The same may have been added up more than once.
pub fn put(session: &Session, kept: Vec<Kept>) {
    if kept.is_empty() {
        return;
    }
    let key = |kept: &Kept| (kept.user.clone(), kept.series.clone());
    let kept: BTreeMap<(String, String), Kept> =
        kept.into_iter().map(|kept| (key(&kept), kept)).collect();
    let kept: Vec<Kept> = kept.into_values().collect();
    added_up(kept.iter().map(|kept| kept.user.as_str()));
    remembered::forget(kept.iter().map(|kept| kept.user.as_str()));
    let rows: Vec<(&str, &str, &Total)> = kept
        .iter()
        .map(|kept| (kept.user.as_str(), kept.series.as_str(), &kept.total))
        .collect();
    with_rows(&rows, |rows| {
        session.execute(&PUT, rows);
    });
}

/// Hands rows over as columns.
fn with_rows(rows: &[(&str, &str, &Total)], run: impl FnOnce(&[Arg])) {
    let text = |number: &Decimal| number.to_string();
    let sums: Vec<String> = rows.iter().map(|row| text(&row.2.sum)).collect();
    let ends = |end: fn(&(Decimal, Decimal)) -> &Decimal| -> Vec<Option<String>> {
        let of_row = |row: &(&str, &str, &Total)| row.2.ends.as_ref().map(|ends| text(end(ends)));
        rows.iter().map(of_row).collect()
    };
    let (least, most) = (ends(|ends| &ends.0), ends(|ends| &ends.1));
    let counts: Vec<i64> = rows
        .iter()
        .map(|row| i64::try_from(row.2.count).unwrap_or(i64::MAX))
        .collect();
    let sums: Vec<&str> = sums.iter().map(String::as_str).collect();
    let least: Vec<Option<&str>> = least.iter().map(Option::as_deref).collect();
    let most: Vec<Option<&str>> = most.iter().map(Option::as_deref).collect();
    let first: Vec<_> = rows.iter().map(|row| row.2.span.map(|s| s.0)).collect();
    let last: Vec<_> = rows.iter().map(|row| row.2.span.map(|s| s.1)).collect();
    run(&[
        Arg::Texts(&column(rows, |row| row.0)),
        Arg::Texts(&column(rows, |row| row.1)),
        Arg::BigInts(&counts),
        Arg::Texts(&sums),
        Arg::OptTexts(&least),
        Arg::OptTexts(&most),
        Arg::Instants(&first),
        Arg::Instants(&last),
    ]);
}

static DROP: Statement = Statement::new(
    "DELETE FROM {s}.bucket_totals t WHERE t.user_id = ANY ($1)",
    &[pg_sys::TEXTARRAYOID],
);

/// Forgets what is kept of users: something is done to their events that nobody adds up.
pub fn drop_of(session: &Session, users: &[&str]) {
    if !users.is_empty() && may_be(session.context()) {
        session.execute(&DROP, &[Arg::Texts(users)]);
    }
}

static DROP_ALL: Statement = Statement::new("DELETE FROM {s}.bucket_totals", &[]);

/// The same of everybody.
pub fn drop_all(session: &Session) {
    if may_be(session.context()) {
        session.execute(&DROP_ALL, &[]);
    }
}

static DROP_SERIES: Statement = Statement::new(
    "DELETE FROM {s}.bucket_totals t WHERE t.series = ANY ($1)",
    &[pg_sys::TEXTARRAYOID],
);

/// Forgets what is kept of series. Nobody else may be at work with them.
pub fn drop_series(session: &Session, series: &[&str]) {
    if !series.is_empty() && may_be(session.context()) {
        session.execute(&DROP_SERIES, &[Arg::Texts(series)]);
    }
}

/// From one series to the next, and not through all rows.
static SERIES: Statement = Statement::new(
    "WITH RECURSIVE s AS (
         SELECT (SELECT min(t.series) FROM {s}.bucket_totals t) AS series
         UNION ALL
         SELECT (SELECT min(t.series) FROM {s}.bucket_totals t WHERE t.series > s.series) FROM s WHERE s.series IS NOT NULL
     )
     SELECT s.series FROM s WHERE s.series IS NOT NULL",
    &[],
);
static PRUNE: Statement = Statement::new(
    "DELETE FROM {s}.bucket_totals t
     WHERE t.series = ANY ($1) AND t.ctid = ANY (ARRAY(
         SELECT o.ctid FROM {s}.bucket_totals o WHERE o.series = ANY ($1) LIMIT $2 FOR UPDATE SKIP LOCKED))",
    &[pg_sys::TEXTARRAYOID, pg_sys::INT8OID],
);

/// Removes rows of series that are not `used` any more, at most so many; whether there may be others.
pub fn prune(session: &Session, used: &HashSet<&str>, most: i64) -> bool {
    let rows = session.execute(&SERIES, &[]);
    let all = (0..rows.len()).filter_map(|row| rows.text(row, 1));
    let unused: Vec<&str> = all.filter(|series| !used.contains(series)).collect();
    if unused.is_empty() {
        return false;
    }
    let arguments = [Arg::Texts(&unused), Arg::BigInt(most)];
    session.execute(&PRUNE, &arguments).processed as i64 >= most
}

static OF_SERIES: Statement = Statement::new(
    concat!(
        total_columns!(),
        "WHERE t.series = $1 AND t.user_id > $2 ORDER BY t.user_id LIMIT $3"
    ),
    &[pg_sys::TEXTOID, pg_sys::TEXTOID, pg_sys::INT8OID],
);

/// The next totals of one series after a user, at most so many, in the order of the users.
pub fn of_series(session: &Session, series: &str, after: &str, most: i64) -> Vec<Kept> {
    let arguments = [Arg::Text(series), Arg::Text(after), Arg::BigInt(most)];
    of_rows(&session.execute(&OF_SERIES, &arguments)).collect()
}

/// Of so many users it is known one by one when their totals were added up in this transaction.
const MOST_NOTED: usize = 10_000;

/// By which command something of a user was added up, in this transaction.
#[derive(Default)]
struct AddedUp {
    transaction: u32,
    /// By any of the users who are not noted.
    all: u32,
    users: HashMap<Box<str>, u32>,
}

thread_local! {
    static ADDED_UP: RefCell<AddedUp> = RefCell::default();
}

/// Notes that something of users is being added up by the present command. It is not taken back with a part of the
/// transaction that is undone: to be in doubt is never wrong.
fn added_up<'u>(users: impl Iterator<Item = &'u str>) {
    let (transaction, command) = (moment::own_transaction(true), moment::commands());
    ADDED_UP.with_borrow_mut(|noted| {
        if noted.transaction != transaction {
            *noted = AddedUp {
                transaction,
                ..AddedUp::default()
            };
        }
        for user in users {
            if noted.users.len() < MOST_NOTED {
                noted.users.insert(user.into(), command);
            } else {
                noted.all = command;
            }
        }
    });
}

/// Whether a statement that began at a command may have been under way when something of the user was added up, so
/// that nobody knows whether what it brings is part of it: inside a statement on events others can be run by a trigger
/// on them, and a statement can have several parts.
pub fn may_contain(user: &str, command: u32) -> bool {
    let transaction = moment::own_transaction(false);
    ADDED_UP.with_borrow(|noted| {
        let of_user = noted.users.get(user).copied().unwrap_or(0);
        noted.transaction == transaction && of_user.max(noted.all) > command
    })
}

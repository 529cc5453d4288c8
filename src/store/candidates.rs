//! Whom a bucket could be about: walking over contacts in the order of their ids, and counting.

use std::cell::Cell;
use std::collections::BTreeSet;

use hogsend_core::criteria::{Criteria, Scope};
use pgrx::pg_sys;

use super::contacts::CONTACTS;
use super::facts::EVENTS;
use crate::pg::direct::{Latest, Table};
use crate::pg::sql::{Arg, Session, Statement};
use crate::registry::Bucket;

static IDS: Statement = Statement::new(
    "SELECT c.user_id FROM {s}.contacts c WHERE c.user_id >= $1 ORDER BY c.user_id LIMIT $2",
    &[pg_sys::TEXTOID, pg_sys::INT8OID],
);

/// The ids of the next `limit` contacts after a given one.
pub fn ids(session: &Session, after: Option<&str>, limit: i64) -> Vec<String> {
    let (start, skip) = (after.unwrap_or(""), i64::from(after.is_some()));
    let rows = session.execute(&IDS, &[Arg::Text(start), Arg::BigInt(limit + skip)]);
    (0..rows.len())
        .filter_map(|row| rows.text(row, 1))
        .filter(|user| Some(*user) != after)
        .map(str::to_owned)
        .collect()
}

fn event_names(bucket: &Bucket) -> Vec<&str> {
    bucket.criteria.iter().flat_map(Criteria::events).collect()
}

static COUNT_CONTACTS: Statement = Statement::new(
    "SELECT count(*) FROM (SELECT FROM {s}.contacts c LIMIT $1) c",
    &[pg_sys::INT8OID],
);
/// The look-up is a LATERAL with a LIMIT and by equality, because the planner would rather read all
/// events, or all events of a user, than look up what is asked for.
static COUNT_WITH_EVENTS: Statement = Statement::new(
    "SELECT count(*) FROM (
         SELECT FROM {s}.contacts c
         CROSS JOIN LATERAL (
             SELECT FROM unnest($2) AS name (event)
             CROSS JOIN LATERAL (
                 SELECT FROM {s}.user_events e
                 WHERE e.user_id = c.user_id AND e.event = name.event LIMIT 1) e
             LIMIT 1) e
         WHERE c.deleted_at IS NULL LIMIT $1) c",
    &[pg_sys::INT8OID, pg_sys::TEXTARRAYOID],
);

/// How many contacts there are.
pub fn contacts(session: &Session) -> i64 {
    count(session, &COUNT_CONTACTS, &[Arg::BigInt(i64::MAX)])
}

/// How many contacts there are; of more than `most`, one more than that.
pub fn contacts_up_to(session: &Session, most: i64) -> i64 {
    let enough = Arg::BigInt(most.saturating_add(1));
    count(session, &COUNT_CONTACTS, &[enough])
}

/// So many look-ups a transaction are made to count candidates, or 10 times the limit, because each
/// contact must be looked up where they are rare, and all writers wait meanwhile.
const LOOK_UPS: i64 = 100_000;

thread_local! {
    /// The transaction that has made some, and how many.
    static MADE: Cell<(pg_sys::TransactionId, i64)> =
        const { Cell::new((pg_sys::InvalidTransactionId, 0)) };
}

/// How many candidates each of some buckets has that are defined together, at most, and as far as one
/// more than `limit`; `None` where nobody counts, which is among very many contacts.
pub fn of_buckets(session: &Session, buckets: &[&Bucket], limit: i64) -> Vec<Option<i64>> {
    // SAFETY: definitions are written, so the transaction has an id.
    let transaction = unsafe { pg_sys::GetTopTransactionId() };
    let made = match MADE.get() {
        (before, made) if before == transaction => made,
        _ => 0,
    };
    let most = limit.saturating_mul(10).max(LOOK_UPS);
    let counted = [Arg::BigInt(most.saturating_add(1))];
    let contacts = count(session, &COUNT_CONTACTS, &counted);
    if contacts <= limit {
        return vec![Some(contacts); buckets.len()];
    }
    // Whoever has a contact is a candidate of what is about everybody.
    let is_counted = |bucket: &&Bucket| {
        let criteria = bucket.criteria.as_ref();
        criteria.is_some_and(|criteria| criteria.scope() == Scope::Involved)
    };
    let named = buckets.iter().copied().filter(is_counted);
    let names: BTreeSet<&str> = named.clone().flat_map(event_names).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let look_ups = contacts.saturating_mul(names.len() as i64);
    if names.is_empty() || contacts > most || made.saturating_add(look_ups) > most {
        return vec![None; buckets.len()];
    }
    MADE.set((transaction, made + look_ups));
    let places = |bucket: &Bucket| -> Vec<usize> {
        let own = event_names(bucket);
        let is_own = |place: &usize| own.contains(&names[*place]);
        (0..names.len()).filter(is_own).collect()
    };
    let asked: Vec<Vec<usize>> = named.map(places).collect();
    let mut counts = with_events_directly(session, &names, &asked, limit)
        .unwrap_or_else(|| with_events_in_sql(session, &names, &asked, limit))
        .into_iter();
    buckets
        .iter()
        .map(|bucket| is_counted(bucket).then(|| counts.next()).flatten())
        .collect()
}

/// How many live contacts have done any of some events, which are asked for by their places in `names`;
/// for each of `asked`, and as far as one more than `limit`. Goes over the contacts once.
fn with_events_directly(
    session: &Session,
    names: &[&str],
    asked: &[Vec<usize>],
    limit: i64,
) -> Option<Vec<i64>> {
    let context = session.direct()?;
    let contacts = Table::open(context, &CONTACTS, false)?;
    let Some(events) = Table::open(context, &EVENTS, false) else {
        contacts.close();
        return None;
    };
    let latest = Latest::take();
    let mut counts = vec![0; asked.len()];
    let mut done = vec![false; names.len()];
    let mut visited: u32 = 0;
    contacts.forwards(&latest, "", |row, _| {
        visited += 1;
        if visited.is_multiple_of(1024) {
            pgrx::check_for_interrupts!();
        }
        if let (true, Some(user)) = (row.is_null(0), row.text(2)) {
            for (name, done) in names.iter().zip(&mut done) {
                *done = false;
                events.backwards(&latest, &[user, name], |_| {
                    *done = true;
                    false
                });
            }
            for (count, places) in counts.iter_mut().zip(asked) {
                *count += i64::from(places.iter().any(|place| done[*place]));
            }
        }
        counts.iter().any(|count| *count <= limit)
    });
    latest.release();
    events.close();
    contacts.close();
    Some(counts)
}

/// The same where that is to be asked in SQL.
fn with_events_in_sql(
    session: &Session,
    names: &[&str],
    asked: &[Vec<usize>],
    limit: i64,
) -> Vec<i64> {
    let of_one = |places: &Vec<usize>| {
        let events: Vec<&str> = places.iter().map(|place| names[*place]).collect();
        let arguments = [Arg::BigInt(limit.saturating_add(1)), Arg::Texts(&events)];
        count(session, &COUNT_WITH_EVENTS, &arguments)
    };
    asked.iter().map(of_one).collect()
}

fn count(session: &Session, statement: &'static Statement, arguments: &[Arg]) -> i64 {
    session
        .execute(statement, arguments)
        .bigint(0, 1)
        .unwrap_or(0)
}

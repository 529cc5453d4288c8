//! Whether what is there is what the rows of an attached table say.

use pgrx::pg_sys;
use pgrx::prelude::*;

use super::events::{is_event_sql, person};
use super::import::{hidden, unattached};
use super::known::{Feed, Kind};
use super::notes::Notes;
use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::spool::Spool;
use crate::pg::sql::{Arg, Rows, Session, Statement};
use crate::store::contacts::email;
use crate::store::feeds;

/// No more differences are returned: of so many rows nobody looks at each, and memory is limited.
const MOST: usize = 100_000;

static EVENTS: Statement = Statement::new(
    concat!(
        "WITH wanted AS (
             SELECT r.key, ",
        person!("r"),
        " AS user_id, r.event, r.occurred_at, r.value, coalesce(r.properties, '{}') AS properties
             FROM hogsend_rows r WHERE ",
        is_event_sql!("r"),
        "
         ), found AS (
             SELECT substr(e.idempotency_key, length($1) + 2) AS key, e.user_id, e.event, e.occurred_at, e.value, e.properties, e.source
             FROM {s}.user_events e WHERE starts_with(e.idempotency_key, $1 || ':')
         )
         SELECT coalesce(w.key, f.key), coalesce(w.user_id, f.user_id),
                CASE WHEN f.key IS NULL THEN 'missing' WHEN w.key IS NULL THEN 'extra' ELSE 'different' END,
                CASE WHEN w.key IS NOT NULL THEN
                    jsonb_build_object('event', w.event, 'occurred_at', w.occurred_at, 'value', w.value, 'properties', w.properties)::text END,
                CASE WHEN f.key IS NOT NULL THEN
                    jsonb_build_object('event', f.event, 'occurred_at', f.occurred_at, 'value', f.value, 'properties', f.properties)::text END
         FROM wanted w FULL JOIN found f ON f.user_id = w.user_id AND f.key = w.key
         WHERE f.key IS NULL OR w.key IS NULL AND f.source = $1
            OR w.key IS NOT NULL AND (f.event, f.occurred_at, f.value, f.properties)
                                     IS DISTINCT FROM (w.event, w.occurred_at, w.value, w.properties)
         LIMIT $2"
    ),
    &[pg_sys::TEXTOID, pg_sys::INT8OID],
);

/// Of a contact, as far as the feed owns it: the properties that are listed ($3), or those that a row names.
static CONTACTS: Statement = Statement::new(
    "SELECT w.key, w.user_id, CASE WHEN c.user_id IS NULL THEN 'missing' ELSE 'different' END, w.said::text,
            CASE WHEN c.user_id IS NOT NULL THEN c.said::text END
     FROM (SELECT r.key, r.key AS user_id, r.kept,
                  coalesce(r.properties, '{}') AS properties,
                  jsonb_build_object('deleted', NOT r.kept)
                  || CASE WHEN r.kept THEN jsonb_build_object('properties', coalesce(r.properties, '{}')) ELSE '{}' END
                  || CASE WHEN r.kept AND $5 THEN jsonb_build_object('email', nullif(lower(btrim(r.email, $1)), '')) ELSE '{}' END AS said
           FROM hogsend_rows r
           WHERE (r.key <> '' AND octet_length(r.key) < 2000 AND r.kept IS NOT NULL) IS TRUE
             AND (r.properties IS NULL OR jsonb_typeof(r.properties) = 'object')
             AND NOT EXISTS (SELECT FROM {s}.user_aliases a WHERE a.alias = r.key)) AS w
     LEFT JOIN LATERAL (
         SELECT c.user_id,
                jsonb_build_object('deleted', c.deleted_at IS NOT NULL)
                || CASE WHEN w.kept THEN jsonb_build_object('properties', coalesce((
                       SELECT jsonb_object_agg(k.name, c.properties -> k.name)
                       FROM (SELECT unnest($3) WHERE $4 UNION SELECT jsonb_object_keys(w.properties) WHERE NOT $4) AS k (name)
                       WHERE c.properties ? k.name), '{}')) ELSE '{}' END
                || CASE WHEN w.kept AND $5 THEN jsonb_build_object('email', c.email) ELSE '{}' END AS said
         FROM {s}.contacts c WHERE c.user_id = w.user_id) AS c ON true
     WHERE CASE WHEN c.user_id IS NULL THEN w.kept IS TRUE ELSE c.said IS DISTINCT FROM w.said END
     LIMIT $2",
    &[
        pg_sys::TEXTOID,
        pg_sys::INT8OID,
        pg_sys::TEXTARRAYOID,
        pg_sys::BOOLOID,
        pg_sys::BOOLOID,
    ],
);

type Difference = (
    Option<String>,
    Option<String>,
    String,
    Option<String>,
    Option<String>,
);

/// Where an attached table and what was made of it differ, as text.
#[pg_extern(stable, security_definer)]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)]
fn hogsend_feed_differences(
    feed: Option<&str>,
    fcinfo: pg_sys::FunctionCallInfo,
) -> TableIterator<
    'static,
    (
        name!(key, Option<String>),
        name!(user_id, Option<String>),
        name!(problem, String),
        name!(expected, Option<String>),
        name!(found, Option<String>),
    ),
> {
    let context = Context::of_call(fcinfo);
    context.require_tables();
    let Some(feed) = feed else {
        Refusal::null("name")
            .detail("hogsend_verify_feed(name) compares what is attached under the name with what came of it.")
            .hint("SELECT name FROM bucket_feeds lists what is attached.")
            .raise()
    };
    TableIterator::new(differences(&context, feed))
}

fn differences(context: &Context, name: &str) -> Vec<Difference> {
    let (relation, parts) = Session::read(context, |session| {
        let Some(relation) = feeds::relation(session, name) else {
            unattached(session, name).raise()
        };
        (relation, feeds::parts(session, relation))
    });
    if let Some(part) = parts.iter().find(|part| part.hides) {
        hidden(&part.name).raise();
    }
    let feed = Feed::of_table(context, name, relation).unwrap_or_else(|why| {
        Refusal::unknown(format!("feed \"{name}\" cannot be read"))
            .detail(why)
            .hint("SELECT hogsend_detach() it, and attach it anew.")
            .raise()
    });
    let mut notes = Notes::default();
    let table = Session::read(context, |session| feeds::quoted_name(session, relation));
    let rows = feed.read_of(&table, &mut notes);
    if let Some(error) = notes.error {
        Refusal::note(format!("rows of {table} cannot be read: {}", notes.failed))
            .detail(error)
            .hint("Nothing is expected of them.")
            .notice();
    }
    let mut found = Session::read(context, |session| compare(session, &feed, &rows));
    rows.close();
    if found.len() > MOST {
        found.truncate(MOST);
        Refusal::note(format!("there are more than {MOST} differences"))
            .detail("These are some of them.")
            .hint("An import that is under way has yet to come to its rows; bucket_feeds shows it.")
            .notice();
    }
    found
}

fn compare(session: &Session, feed: &Feed, rows: &Spool) -> Vec<Difference> {
    rows.register(session, c"hogsend_rows");
    let most = Arg::BigInt(MOST as i64 + 1);
    let found = match feed.kind {
        Kind::Events => session.execute(&EVENTS, &[Arg::Text(&feed.name), most]),
        Kind::Contacts => {
            let owned: Vec<&str> = feed.owned.iter().flatten().map(String::as_str).collect();
            let arguments = [
                Arg::Text(email::white_space()),
                most,
                Arg::Texts(&owned),
                Arg::Bool(feed.owned.is_some()),
                Arg::Bool(feed.owns_email),
            ];
            session.execute(&CONTACTS, &arguments)
        }
    };
    (0..found.len())
        .map(|row| difference(&found, row))
        .collect()
}

fn difference(rows: &Rows, row: usize) -> Difference {
    let text = |column| rows.text(row, column).map(str::to_owned);
    (
        text(1),
        text(2),
        text(3).unwrap_or_default(),
        text(4),
        text(5),
    )
}

//! Whether several rows of a table have one key, of which no index knows.

use pgrx::pg_sys;
use pgrx::prelude::*;

use super::known::Feed;
use super::notes::Notes;
use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::role;
use crate::pg::sql::{Session, Statement};

static REPEATED: Statement = Statement::new(
    "SELECT r.key FROM hogsend_rows r WHERE r.key <> '' AND r.kept GROUP BY r.key HAVING count(*) > 1 LIMIT 1",
    &[],
);

/// A key that several rows have, of a feed that is being attached. They are read as ever: with the rights
/// of their owner, whoever attaches, and without those that cannot be read.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_repeated_key(
    feed: &str,
    relation: pg_sys::Oid,
    fcinfo: pg_sys::FunctionCallInfo,
) -> Option<String> {
    let context = Context::of_call(fcinfo);
    if !role::has_rights_of(role::current(), role::owner_of_table(relation)) {
        Refusal::new(
            PgSqlErrorCode::ERRCODE_INSUFFICIENT_PRIVILEGE,
            "must be owner of the table",
        )
        .detail("Keys of its rows are returned.")
        .hint("SET ROLE to its owner.")
        .raise()
    }
    let feed = Feed::of_table(&context, feed, relation).unwrap_or_else(|why| {
        Refusal::invalid("the feed cannot be read")
            .detail(format!("It is so that {why}."))
            .hint("hogsend_attach_events() and hogsend_attach_contacts() make what reads it.")
            .raise()
    });
    let rows = feed.read_all(&mut Notes::default());
    let key = Session::write(&context, |session| {
        rows.register(session, c"hogsend_rows");
        let found = session.execute(&REPEATED, &[]);
        let key = (!found.is_empty()).then(|| found.text(0, 1)).flatten();
        key.map(str::to_owned)
    });
    rows.close();
    key
}

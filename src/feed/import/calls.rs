//! What is called of an import, by name.

use pgrx::pg_sys;
use pgrx::prelude::*;

use super::{ROWS_A_PAGE, STRETCH, Why, advance, busy, hidden, patience, range, unattached};
use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::sql::Session;
use crate::pg::{clock, locks, settings};
use crate::store::feeds::{self, Part};

/// Takes up what an attached table has, if it is little; whoever attaches has the table locked.
#[pg_extern(security_definer)]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_begin_import(feed: &str, fcinfo: pg_sys::FunctionCallInfo) {
    let context = Context::of_call(fcinfo);
    let limit = i64::from(settings::inline_backfill());
    let (relation, parts) = Session::write(&context, |session| {
        let Some(relation) = feeds::relation(session, feed) else {
            unattached(session, feed).raise()
        };
        (relation, feeds::parts(session, relation))
    });
    if let Some(part) = parts.iter().find(|part| part.hides) {
        hidden(&part.name).raise();
    }
    let mut rows = 0;
    for part in &parts {
        if rows <= limit {
            rows += range::count(part, limit + 1 - rows);
        }
    }
    let is_little = rows <= limit;
    let total = if is_little {
        rows
    } else {
        estimate(&parts).max(rows)
    };
    Session::write(&context, |session| {
        feeds::begin(session, feed, Some(total), clock::now());
    });
    if is_little {
        locks::share_definitions(&context);
        loop {
            match advance(&context, feed, STRETCH, patience(), true) {
                Ok(piece) if piece.done => return,
                Ok(piece) if piece.stuck => break,
                Ok(_) => {}
                Err(Why::Failed(refusal)) => refusal.raise(),
                Err(_) => break,
            }
        }
    }
    let table = Session::write(&context, |session| feeds::name_of(session, relation));
    Refusal::note(format!(
        "the rows of {table} will be imported in the background"
    ))
    .detail(if is_little {
        "Somebody has locked rows of it, or contacts, that it needs."
    } else {
        "It has more of them than hogsend.inline_backfill."
    })
    .hint(format!(
        "hogsend_reconcile() goes on with it each time; CALL hogsend_import({}) does it now.",
        quoted(feed)
    ))
    .notice();
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// How many rows there are, as far as ANALYZE or the size tell.
fn estimate(parts: &[Part]) -> i64 {
    let rows = |part: &Part| match part.rows {
        rows if rows > 0 => rows,
        _ => part.blocks * ROWS_A_PAGE,
    };
    parts.iter().map(rows).sum()
}

/// Begins the import of a feed anew, if it is done; true if it was.
#[pg_extern(security_definer)]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_restart_import(feed: &str, fcinfo: pg_sys::FunctionCallInfo) -> bool {
    let context = Context::of_call(fcinfo);
    context.require_tables();
    clock::require_writable();
    let relation = Session::write(&context, |session| {
        feeds::relation(session, feed).unwrap_or_else(|| unattached(session, feed).raise())
    });
    if !Session::write(&context, |session| feeds::is_done(session, feed)) {
        return false;
    }
    // Those who have not heard of it are at the end of their transactions: they do not write what has not
    // changed. Nothing else is locked while they are waited for.
    locks::keep_writers_out(relation);
    Session::write(&context, |session| {
        let (is_done, _) = feeds::claim(session, feed, true).unwrap_or_default();
        if is_done {
            let parts = feeds::parts(session, relation);
            if let Some(part) = parts.iter().find(|part| part.hides) {
                hidden(&part.name).raise();
            }
            feeds::begin(session, feed, Some(estimate(&parts)), clock::now());
        }
        is_done
    })
}

/// What hogsend_import() does between two commits.
#[pg_extern(security_definer)]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)]
fn hogsend_import_chunk(
    feed: Option<&str>,
    rows: Option<i32>,
    fcinfo: pg_sys::FunctionCallInfo,
) -> TableIterator<
    'static,
    (
        name!(looked_at, i64),
        name!(imported, i64),
        name!(total, i64),
        name!(done, bool),
        name!(stuck, bool),
    ),
> {
    let context = Context::of_call(fcinfo);
    context.require_tables();
    clock::require_writable();
    let (Some(feed), Some(rows @ 1..)) = (feed, rows) else {
        Refusal::invalid("hogsend_import_chunk() takes a feed and a positive number of rows")
            .detail(format!(
                "feed is {}, and rows is {}.",
                feed.map_or("NULL".into(), quoted),
                rows.map_or("NULL".into(), |rows| rows.to_string())
            ))
            .hint("CALL hogsend_import(feed) imports all of them.")
            .raise()
    };
    if !Session::write(&context, |session| feeds::be_the_only_one(session, feed)) {
        busy(feed).raise();
    }
    locks::share_definitions(&context);
    let piece = match advance(&context, feed, i64::from(rows), patience(), true) {
        Ok(piece) => piece,
        Err(Why::Failed(refusal)) => refusal.raise(),
        Err(Why::Gone) => Session::write(&context, |session| unattached(session, feed).raise()),
    };
    let (imported, total) = Session::write(&context, |session| feeds::totals(session, feed));
    TableIterator::once((
        piece.rows,
        imported,
        total.max(imported),
        piece.done,
        piece.stuck,
    ))
}

//! What statements on `buckets` mean for those that follow a query.

use super::{as_author, run};
use crate::pg::clock;
use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::fit::Column;
use crate::pg::role;
use crate::pg::sql::{Session, Statement};
use crate::pg::trigger::{Call, Side};
use crate::store::refreshes::{self, Refresh};

use hogsend_core::time::{Instant, Span};

/// Without those of another installation: hogsend_adopt() begins with them, when the tables that
/// they read are there.
static INSERTED: Statement = Statement::new(
    "SELECT n.id, n.query, n.query_path, n.query_role, n.enabled FROM hogsend_new n
     WHERE n.kind = 'query' AND n.instance_id = (SELECT i.id FROM {s}.hogsend_instance i)
     ORDER BY n.id",
    &[],
);
static REDEFINED: Statement = Statement::new(
    "SELECT n.id, n.query, n.query_path, n.query_role, n.enabled
     FROM hogsend_new n JOIN hogsend_old o USING (id)
     WHERE n.kind = 'query' AND (n.query, n.query_path, n.query_role, n.kind)
           IS DISTINCT FROM (o.query, o.query_path, o.query_role, o.kind)
     ORDER BY n.id",
    &[],
);
/// Adopted, or enabled; and whether it is the first.
static REVIVED: Statement = Statement::new(
    "SELECT n.id, n.instance_id IS DISTINCT FROM o.instance_id
     FROM hogsend_new n JOIN hogsend_old o USING (id)
     WHERE n.kind = 'query' AND (n.query, n.query_path, n.query_role, n.kind)
           IS NOT DISTINCT FROM (o.query, o.query_path, o.query_role, o.kind)
       AND (n.instance_id IS DISTINCT FROM o.instance_id OR n.enabled AND NOT o.enabled)
     ORDER BY n.id",
    &[],
);
static RESCHEDULED: Statement = Statement::new(
    "SELECT n.id FROM hogsend_new n JOIN hogsend_old o USING (id)
     WHERE n.kind = 'query' AND o.kind = 'query' AND n.refresh_every IS DISTINCT FROM o.refresh_every",
    &[],
);
static ENDED: Statement = Statement::new(
    "SELECT o.id FROM hogsend_old o JOIN hogsend_new n USING (id)
     WHERE o.kind = 'query' AND n.kind <> 'query'",
    &[],
);

/// Tables of an earlier release, under a library that is newer than what is installed, know no queries.
fn knows_queries(context: &Context) -> bool {
    context.has_new_columns()
}

static KIND: [Column; 1] = [Column::key(c"kind")];

pub fn on_insert(session: &Session, call: &Call) {
    let mut queries = false;
    call.for_each(Side::New, &KIND, |row| {
        queries |= row.text(0) == Some("query");
    });
    if queries && knows_queries(&call.context) {
        define(&call.context, session, &INSERTED);
    }
}

pub fn on_update(context: &Context, session: &Session) {
    if !knows_queries(context) {
        return;
    }
    define(context, session, &REDEFINED);
    let rows = session.execute_once(&REVIVED, &[]);
    let of = |adopted: bool| -> Vec<&str> {
        let wanted = (0..rows.len()).filter(|row| rows.bool(*row, 2) == Some(adopted));
        wanted.filter_map(|row| rows.text(row, 1)).collect()
    };
    for adopted in [false, true] {
        refreshes::set_due(session, &of(adopted), "review", adopted, clock::now());
    }
    let rows = session.execute_once(&RESCHEDULED, &[]);
    let rescheduled: Vec<&str> = (0..rows.len())
        .filter_map(|row| rows.text(row, 1))
        .collect();
    refreshes::reschedule(session, &rescheduled, clock::now());
    if !session.execute_once(&ENDED, &[]).is_empty() {
        refreshes::end_orphans(session);
    }
}

pub fn on_delete(context: &Context, session: &Session) {
    if !knows_queries(context) {
        return;
    }
    refreshes::end_orphans(session);
}

/// Sees that the queries can be run as who signed them, and leaves them to the clock: nobody who
/// writes has to wait for a query of somebody else's.
fn define(context: &Context, session: &Session, statement: &'static Statement) {
    let rows = session.execute_once(statement, &[]);
    let mut defined: Vec<&str> = Vec::new();
    for row in 0..rows.len() {
        let text = |column| rows.text(row, column).unwrap_or_default().to_owned();
        let bucket = Refresh {
            bucket: text(1),
            query: text(2),
            search_path: text(3),
            role: role::by_name(&text(4)),
            role_name: text(4),
            mode: "fill".into(),
            every: Span(0),
            due_at: Instant(0),
            refreshed_at: None,
            error: None,
            muted: false,
        };
        check(context, &bucket);
        defined.extend(rows.text(row, 1));
        if rows.bool(row, 5) == Some(true) {
            Refusal::note(format!(
                "bucket \"{}\" will be filled in the background",
                bucket.bucket
            ))
            .detail("Its query is run by the clock.")
            .hint(format!(
                "The next hogsend_reconcile() does it; SELECT * FROM hogsend_refresh('{}') does it now.",
                bucket.bucket
            ))
            .notice();
        }
    }
    refreshes::set_due(session, &defined, "fill", true, clock::now());
}

fn check(context: &Context, bucket: &Refresh) {
    if let Err(failure) = as_author(context, bucket, run::check) {
        failure.of(&bucket.bucket).raise()
    }
}

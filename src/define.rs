//! Statements on `buckets`: what a new, changed or deleted definition does to its members.
//!
//! Whether a definition may be stored at all is checked before, in sql/definitions.sql.

use std::collections::HashMap;

use hogsend_core::stay::Standing;
use hogsend_core::time::Instant;

use crate::delivery::Outbox;
use crate::pg::locks::Definitions;
use crate::pg::sql::{Session, Statement};
use crate::pg::trigger::{Call, Operation, Side, trigger_function};
use crate::pg::{clock, locks, settings};
use crate::pipeline::{Batch, PASS};
use crate::registry::journeys::{self, Journeys};
use crate::store::facts::recent;
use crate::store::{jobs, namesakes, queue, stays, timers};
use crate::{backfill, nesting, query, registry, warnings};

trigger_function!(hogsend_on_buckets, pg_finfo_hogsend_on_buckets, on_buckets);

trigger_function!(
    hogsend_before_buckets,
    pg_finfo_hogsend_before_buckets,
    before_buckets
);

/// The lock on definitions comes first in everybody's order of locks, so a statement must have it
/// before it has any row.
fn before_buckets(call: &Call) {
    let context = &call.context;
    let definitions = locks::own_definitions(context);
    recent::enter();
    match call.operation {
        Operation::Insert | Operation::Update => work_off_queue(&definitions),
        // Afterwards nobody knows which they were.
        Operation::Truncate => {
            context.require_columns();
            Session::write(context, |session| {
                namesakes::note_all(session, clock::now());
            });
        }
        Operation::Delete => {}
    }
    recent::leave();
}

/// Who waits in the queue for the clock did what they did before the definition, which must find them as
/// it finds everybody: known, with their patches, and joined in silence. As many as a statement fills
/// buckets with; where there are more, the buckets are filled in the background, once the clock has come to all
/// of them.
pub fn work_off_queue(definitions: &Definitions) {
    let context = definitions.context;
    if !queue::exists(context) || Session::write(context, queue::is_empty) {
        return;
    }
    context.require_columns();
    let registry = registry::current(definitions);
    if !registry.suspended {
        let rows = i64::from(settings::inline_backfill());
        let worked = crate::queue::work_off(context, &registry, rows);
        worked.outbox.send();
    }
}

/// Without those of another installation (see sql/definitions.sql): hogsend_adopt() begins with them.
static INSERTED: Statement = Statement::new(
    "SELECT n.id FROM hogsend_new n
     WHERE n.enabled AND n.kind = 'dynamic'
       AND n.instance_id = (SELECT i.id FROM {s}.hogsend_instance i)
     ORDER BY n.id",
    &[],
);
/// A change of the criteria, of what arms timers, or from disabled to enabled; and whether it is
/// one of the criteria. What only a person reads changes nothing; whitespace and key order neither,
/// because the hash does not see them. A bucket that is kept by hand has no criteria, but its
/// members dwell and time out, and while it is disabled their timers are dropped.
static CHANGED: Statement = Statement::new(
    "SELECT n.id, n.kind = 'dynamic'
                   AND (o.kind <> 'dynamic' OR n.criteria_hash IS DISTINCT FROM o.criteria_hash)
     FROM hogsend_new n JOIN hogsend_old o USING (id)
     WHERE n.enabled
       AND (NOT o.enabled OR o.kind <> n.kind
            OR (n.criteria_hash, n.min_dwell, n.max_dwell, n.dwell_after, n.dwell_every, n.instance_id)
               IS DISTINCT FROM
               (o.criteria_hash, o.min_dwell, o.max_dwell, o.dwell_after, o.dwell_every, o.instance_id))
     ORDER BY n.id",
    &[],
);
static DELETED: Statement = Statement::new(
    "SELECT o.id, {+o.quiet_before+|NULL::timestamptz+} FROM hogsend_old o",
    &[],
);
static TRUNCATED: Statement = Statement::new(
    "SELECT DISTINCT m.bucket_id, NULL::timestamptz FROM {s}.bucket_memberships m
     WHERE m.status = 'active'
       AND NOT EXISTS (SELECT FROM {s}.buckets b WHERE b.id = m.bucket_id)",
    &[],
);

fn on_buckets(call: &Call) {
    call.context.require_columns();
    // INSERT … ON CONFLICT DO UPDATE is both, and mostly one of them alone.
    let writes = matches!(call.operation, Operation::Insert | Operation::Update);
    if writes && call.has_none(Side::New) {
        return;
    }
    let definitions = locks::own_definitions(&call.context);
    recent::enter();
    registry::announce_change(&call.context);
    Session::write(&call.context, |session| {
        session.register_transition_tables(call.data());
        let defined = warnings::defined_by(session, call);
        nesting::check(session, &defined);
        warnings::say(session, defined);
        let rows = match call.operation {
            Operation::Insert => session.execute_once(&INSERTED, &[]),
            Operation::Update => session.execute_once(&CHANGED, &[]),
            Operation::Delete => session.execute_once(&DELETED, &[]),
            Operation::Truncate => session.execute(&TRUNCATED, &[]),
        };
        let ids = |kind: Option<bool>| -> Vec<&str> {
            let of_kind = |row: &usize| kind.is_none() || rows.bool(*row, 2) == kind;
            let rows_of_kind = (0..rows.len()).filter(of_kind);
            rows_of_kind.filter_map(|row| rows.text(row, 1)).collect()
        };
        let mut outbox = Outbox::default();
        let mut begin = |buckets: &[&str], mode| {
            backfill::begin(&definitions, session, buckets, mode, &mut outbox);
        };
        match call.operation {
            Operation::Insert => {
                begin(&ids(None), "backfill");
                query::on_insert(session, call);
            }
            Operation::Update => {
                begin(&ids(Some(true)), "reevaluate");
                begin(&ids(Some(false)), "review");
                query::on_update(&call.context, session);
            }
            Operation::Delete | Operation::Truncate => {
                let quiet: HashMap<&str, Instant> = (0..rows.len())
                    .filter_map(|row| Some((rows.text(row, 1)?, rows.instant(row, 2)?)))
                    .collect();
                if call.operation == Operation::Truncate {
                    // Which buckets those were that nobody is in is not known any more.
                    timers::disarm_orphans(session);
                }
                let journeys = journeys::current(&definitions, session);
                let gone = ids(None);
                if call.operation == Operation::Delete {
                    nesting::check_deleted(session, &gone);
                    namesakes::note(session, &gone, clock::now());
                }
                end_buckets(session, &journeys, &gone, &quiet, &mut outbox);
                query::on_delete(&call.context, session);
            }
        }
        outbox.send();
    });
    recent::leave();
}

/// Ends the stays of buckets that are no more, and tells the flows that run on them, unless the
/// bucket was to be quiet.
fn end_buckets(
    session: &Session,
    journeys: &Journeys,
    buckets: &[&str],
    quiet: &HashMap<&str, Instant>,
    outbox: &mut Outbox,
) {
    timers::disarm_buckets(session, buckets);
    jobs::end_orphans(session, clock::now());
    for bucket in buckets {
        let mut last: Option<String> = None;
        loop {
            pgrx::check_for_interrupts!();
            let next = session.nested(|session| {
                let from = last.as_deref().unwrap_or_default();
                let members = stays::active_of_bucket(session, bucket, from, PASS as i64);
                let next = members.last().map(|(user, _, _)| user.clone());
                let mut batch = Batch::new(journeys, "event", clock::now());
                let quiet_before = quiet.get(bucket).copied();
                for (user, bucket, stay) in members {
                    batch.end(user, bucket, &stay, Standing::BucketGone, quiet_before);
                }
                batch.write(session, outbox);
                next
            });
            if next.is_none() || next == last {
                break;
            }
            last = next;
        }
    }
}

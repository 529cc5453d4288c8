//! Statements on `buckets`: what a new, changed or deleted definition does to its members.
//!
//! Whether a definition may be stored at all is checked before, in sql/definitions.sql.

use hogsend_core::stay::Standing;

use crate::delivery::Outbox;
use crate::pipeline::{Batch, PASS};
use crate::sql::{Session, Statement};
use crate::store::{stays, writes};
use crate::trigger::{Call, Operation, trigger_function};
use crate::{backfill, clock, locks, registry};

trigger_function!(hogsend_on_buckets, pg_finfo_hogsend_on_buckets, on_buckets);

static INSERTED: Statement = Statement::new(
    "SELECT n.id FROM hogsend_new n WHERE n.enabled AND n.kind = 'dynamic' ORDER BY n.id",
    &[],
);
/// A change of the criteria, of what arms timers, or from disabled to enabled. What only a person
/// reads changes nothing; whitespace and key order neither, because the hash does not see them.
static CHANGED: Statement = Statement::new(
    "SELECT n.id FROM hogsend_new n JOIN hogsend_old o USING (id)
     WHERE n.enabled AND n.kind = 'dynamic'
       AND (NOT o.enabled OR o.kind <> 'dynamic'
            OR (n.criteria_hash, n.min_dwell, n.max_dwell, n.dwell_after, n.dwell_every, n.instance_id)
               IS DISTINCT FROM
               (o.criteria_hash, o.min_dwell, o.max_dwell, o.dwell_after, o.dwell_every, o.instance_id))
     ORDER BY n.id",
    &[],
);
static DELETED: Statement = Statement::new("SELECT o.id FROM hogsend_old o", &[]);
static TRUNCATED: Statement = Statement::new(
    "SELECT DISTINCT m.bucket_id FROM {s}.bucket_memberships m
     WHERE m.status = 'active'
       AND NOT EXISTS (SELECT FROM {s}.buckets b WHERE b.id = m.bucket_id)",
    &[],
);

fn on_buckets(call: &Call) {
    locks::own_definitions(&call.context);
    registry::announce_change(&call.context);
    Session::write(&call.context, |session| {
        session.register_transition_tables(call.data());
        let (rows, mode) = match call.operation {
            Operation::Insert => (session.execute_once(&INSERTED, &[]), Some("backfill")),
            Operation::Update => (session.execute_once(&CHANGED, &[]), Some("reevaluate")),
            Operation::Delete => (session.execute_once(&DELETED, &[]), None),
            Operation::Truncate => (session.execute(&TRUNCATED, &[]), None),
        };
        let ids: Vec<&str> = (0..rows.len())
            .filter_map(|row| rows.text(row, 1))
            .collect();
        if ids.is_empty() {
            return;
        }
        let mut outbox = Outbox::default();
        match mode {
            Some(mode) => backfill::begin(&call.context, session, &ids, mode, &mut outbox),
            None => end_buckets(session, &ids, &mut outbox),
        }
        outbox.send(session);
    });
}

/// Ends the stays of buckets that are no more, and tells the flows that run on them.
fn end_buckets(session: &Session, buckets: &[&str], outbox: &mut Outbox) {
    writes::disarm_buckets(session, buckets);
    loop {
        pgrx::check_for_interrupts!();
        let more = session.nested(|session| {
            let members = stays::active_of_buckets(session, buckets, PASS as i64);
            if members.is_empty() {
                return false;
            }
            let mut batch = Batch::new("event", clock::now());
            for (user, bucket, stay) in members {
                batch.end(user, bucket, &stay, Standing::BucketGone);
            }
            batch.write(session, outbox);
            true
        });
        if !more {
            return;
        }
    }
}

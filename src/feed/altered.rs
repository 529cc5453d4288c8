//! Whether somebody has made tables of ours into something that can refuse what is written to them.
//!
//! The tables are the user's, who may alter them as he likes. A statement on a table that is attached does not
//! fail for it: what cannot be written or evaluated is left out and noted. That takes a subtransaction a
//! statement, of which a server has not very many to give, so it is done only where something is altered.

use pgrx::pg_sys;

use crate::pg::context::Context;
use crate::pg::sql::{Arg, Rows, Session, Statement};
use crate::pg::subtransaction::attempt;

/// The names of what `sql/tables.sql` makes of each table: its CHECK constraints, its indexes, and its columns that
/// are NOT NULL. A table with others may refuse rows; so may one with rules, policies or triggers, with domains and
/// types of limited length, with columns that Postgres computes, or one that our definer may not write to.
static ANY_IS_ALTERED: Statement = Statement::new(
    "SELECT EXISTS (
     SELECT FROM (VALUES
        ('contacts', '{contacts_properties_object}', '{contacts_pkey}', '{user_id,properties,created_at,updated_at}'),
        ('user_events', '{}', '{user_events_pkey,user_events_user_event_time,user_events_idempotency_key}',
         '{id,user_id,event,properties,occurred_at}'),
        ('buckets', '{}', '{buckets_pkey,buckets_instance,buckets_depends_on}',
         '{id,name,enabled,kind,entry_limit,dwell_after,dwell_every,created_at,updated_at}'),
        ('bucket_memberships', '{bucket_memberships_check,bucket_memberships_entry_count_check,bucket_memberships_status_check,bucket_memberships_left_reason_check,bucket_memberships_source_check}',
         '{bucket_memberships_pkey,bucket_memberships_active,bucket_memberships_members}',
         '{user_id,bucket_id,entry_count,status,entered_at,source,dwell_counts}'),
        ('bucket_timers', '{}', '{bucket_timers_pkey,bucket_timers_due}', '{user_id,bucket_id,due_at,silent,failures,muted}'),
        ('bucket_transitions', '{bucket_transitions_transition_check}',
         '{bucket_transitions_pkey,bucket_transitions_user,bucket_transitions_xid}',
         '{id,event,user_id,transition,entry_count,source,effective_at,recorded_at,idempotency_key,xid}'),
        ('bucket_jobs', '{bucket_jobs_mode_check,bucket_jobs_status_check}',
         '{bucket_jobs_pkey,bucket_jobs_open,bucket_jobs_unfinished}',
         '{id,bucket_id,mode,announces,muted,status,processed,joined,left,created_at,moved_at}'),
        ('bucket_erasures', '{}', '{bucket_erasures_pkey}', '{user_hash,times}'),
        ('bucket_counts', '{}', '{bucket_counts_pkey}', '{bucket_id,since,entered,left,entered_silently,left_silently}'),
        ('bucket_refreshes', '{bucket_refreshes_mode_check}', '{bucket_refreshes_pkey}', '{bucket_id,mode,due_at,failures,muted}'),
        ('bucket_holdouts', '{}', '{bucket_holdouts_pkey,bucket_holdouts_bucket}', '{user_id,bucket_id}'),
        ('bucket_totals', '{}', '{bucket_totals_pkey,bucket_totals_series}', '{user_id,series,n,total}'),
        ('user_queue', '{}', '{user_queue_pkey,user_queue_user}', '{id,user_id,what,silent,muted,queued_at,failures}'),
        ('user_aliases', '{}', '{user_aliases_pkey,user_aliases_open,user_aliases_user}', '{alias,user_id,identified_at}'),
        ('journeys', '{}', '{journeys_pkey,journeys_instance}',
         '{id,name,enabled,starts_on,exits_on,waits_for,entry_limit,created_at,updated_at}'),
        ('journey_runs', '{}', '{journey_runs_pkey,journey_runs_live,journey_runs_of_journey,journey_runs_user}',
         '{id,user_id,journey_id,entry_count,status,step,started_at,since,labels}')
     ) AS made (name, checks, indexes, required)
     JOIN pg_class t ON t.relname = made.name AND t.relnamespace = $1::oid
     WHERE t.relkind <> 'r' OR t.relhassubclass OR t.relispartition OR t.relrowsecurity OR t.relhasrules
        OR NOT (has_table_privilege(t.oid, 'SELECT') AND has_table_privilege(t.oid, 'INSERT')
                AND has_table_privilege(t.oid, 'UPDATE') AND has_table_privilege(t.oid, 'DELETE'))
        OR EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = t.oid AND c.contype = 'c' AND c.conname <> ALL (made.checks::text[]))
        OR EXISTS (SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                   WHERE i.indrelid = t.oid AND c.relname <> ALL (made.indexes::text[]))
        OR EXISTS (SELECT FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid
                   WHERE g.tgrelid = t.oid AND g.tgenabled <> 'D' AND (p.pronamespace <> $1::oid OR p.proname NOT LIKE 'hogsend%'))
        OR EXISTS (SELECT FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
                   WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
                     AND (a.attnotnull AND a.attname <> ALL (made.required::text[])
                          OR a.attgenerated <> '' OR a.attidentity = 'a' OR a.atttypmod <> -1 OR y.typtype = 'd')))",
    &[pg_sys::INT8OID],
);

/// Whether a table has numbers that are yet to be given, because its rows were copied from elsewhere or its
/// numbers begin anew; or whether nothing gives numbers, or they come to an end. `$1`: our schema.
static ANY_IS_BEHIND: Statement = Statement::new(
    "SELECT EXISTS (
     SELECT FROM (VALUES
        ('user_events', (SELECT e.id FROM {s}.user_events e ORDER BY e.id DESC LIMIT 1)),
        ('bucket_transitions', (SELECT t.id FROM {s}.bucket_transitions t ORDER BY t.id DESC LIMIT 1)),
        ('user_queue', (SELECT q.id FROM {s}.user_queue q ORDER BY q.id DESC LIMIT 1)),
        ('journey_runs', (SELECT r.id FROM {s}.journey_runs r ORDER BY r.id DESC LIMIT 1))
     ) AS numbered (name, last)
     LEFT JOIN pg_sequence s ON s.seqrelid = pg_get_serial_sequence($1 || '.' || numbered.name, 'id')::regclass
     WHERE (s.seqincrement > 0 AND s.seqmax = 9223372036854775807
            AND numbered.last > coalesce(pg_sequence_last_value(s.seqrelid::regclass), 0) IS NOT TRUE) IS NOT TRUE)",
    &[pg_sys::TEXTOID],
);

/// Whether what is written to our tables may be refused.
pub fn may_refuse(context: &Context) -> bool {
    if !context.all_fit() {
        return true;
    }
    let asked = attempt(|| {
        Session::write(context, |session| {
            let is = |rows: Rows| rows.bool(0, 1).unwrap_or(true);
            let namespace = Arg::BigInt(i64::from(context.namespace().to_u32()));
            is(session.execute(&ANY_IS_ALTERED, &[namespace]))
                || is(session.execute(&ANY_IS_BEHIND, &[Arg::Text(context.quoted())]))
        })
    });
    // Whoever cannot even ask will not be able to write.
    asked.unwrap_or(true)
}

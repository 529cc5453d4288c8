//! The clock: what has come due since the last look, oldest first.

use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};

use hogsend_core::time::Span;
use pgrx::datum::Interval;
use pgrx::prelude::*;
use pgrx::{PgSqlErrorCode, pg_sys};

use crate::delivery::Outbox;
use crate::feed::import;
use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::sql::{Arg, Session, Statement};
use crate::pg::subtransaction::attempt;
use crate::pg::{clock, locks, settings};
use crate::pipeline::{PASS, Pipeline, Subject, Tally, run};
use crate::registry::{self, BucketNo, Registry};
use crate::runs;
use crate::store::runs::TIMER_PREFIX;
use crate::store::stays::EVERY_BUCKET;
use crate::store::timers::{self, Due};
use crate::store::{jobs, reconciled, retention, totals};
use crate::{backfill, query, queue, strays};

/// So many timers that are due are looked for together. Whoever looks again passes by all those that this transaction
/// has removed, which stand at the beginning of their index until it ends.
const AT_ONCE: i64 = 10 * PASS as i64;

/// entered, left, dwelled, rearmed, backfilled, remaining, oldest due.
type Row = (i32, i32, i32, i32, i32, bool, Option<Interval>);

/// Does what is due. Any number may run at once: each skips users whom somebody else has locked.
#[pg_extern(security_definer)]
#[search_path(pg_catalog, pg_temp)]
// pgrx reads the columns from the type itself and cannot see through an alias.
#[allow(clippy::type_complexity)]
fn hogsend_reconcile(
    max_users: default!(Option<i32>, 10000),
    fcinfo: pg_sys::FunctionCallInfo,
) -> TableIterator<
    'static,
    (
        name!(entered, i32),
        name!(left, i32),
        name!(dwelled, i32),
        name!(rearmed, i32),
        name!(backfilled, i32),
        name!(remaining, bool),
        name!(oldest_due, Option<Interval>),
    ),
> {
    TableIterator::once(reconcile(max_users, fcinfo))
}

fn reconcile(max_users: Option<i32>, fcinfo: pg_sys::FunctionCallInfo) -> Row {
    let Some(max_users) = max_users.filter(|n| *n > 0) else {
        Refusal::invalid("max_users must be a positive number")
            .detail(format!(
                "max_users is {}.",
                max_users.map_or("NULL".into(), |n| n.to_string())
            ))
            .hint("Leave it out for 10000.")
            .raise()
    };
    let context = Context::of_call(fcinfo);
    context.require_tables();
    clock::require_writable();
    let mut done = Done::default();
    let Some(definitions) = locks::try_share_definitions(&context) else {
        // A definition is under way. It does not take long, and the clock waits for nobody.
        Session::write(&context, |session| {
            done.look_ahead(&context, session, false)
        });
        return done.row();
    };
    let registry = registry::current(&definitions);
    if registry.suspended {
        Refusal::suspended().warn();
        return done.row();
    }
    let reconcile = Reconcile {
        context: &context,
        registry: &registry,
    };
    let max_users = i64::from(max_users);
    Session::write(&context, strays::look_for_new);
    // What came in is older than what the clock finds out about the same user now. Neither keeps the
    // other waiting for ever.
    reconcile.handle_queue(max_users / 2 + 1, &mut done);
    reconcile.handle_due(max_users, &mut done);
    reconcile.advance_job(max_users, &mut done);
    let refreshed = query::refresh_due(&context, &registry);
    done.tally.add(refreshed.tally);
    done.tally.add(refreshed.elsewhere);
    done.outbox.absorb(refreshed.outbox);
    reconcile.prune(max_users);
    let imported = import::work_off(&context, max_users);
    done.backfilled += imported.rows;
    std::mem::take(&mut done.outbox).send();
    Session::write(&context, |session| {
        done.look_ahead(&context, session, true);
        done.remaining |= query::is_due(session, &registry) || imported.remaining;
    });
    done.row()
}

#[derive(Default)]
struct Done {
    tally: Tally,
    backfilled: i64,
    outbox: Outbox,
    remaining: bool,
    oldest_due: Option<i64>,
}

impl Done {
    /// Finds out what is still due, and how late the oldest of it is; and notes that we looked.
    /// While a definition is under way it begins no job.
    fn look_ahead(&mut self, context: &Context, session: &Session, may_correct: bool) {
        let now = clock::now();
        let mut rows = session.execute(&OLDEST, &[Arg::Instant(now)]);
        if rows.instant(0, 1).is_some() && timers::drop_orphans(session, now, PASS as i64) {
            rows = session.execute(&OLDEST, &[Arg::Instant(now)]);
        }
        let oldest = [rows.instant(0, 1), rows.instant(0, 4)];
        let oldest = oldest.into_iter().flatten().min();
        self.oldest_due = oldest.map(|due| now.since(due).0.max(0));
        self.remaining = self.oldest_due.is_some() || rows.bool(0, 2).unwrap_or(false);
        let last = rows.instant(0, 3);
        self.remaining |= reconciled::note(context, session, last, now, may_correct);
    }

    fn row(self) -> Row {
        let count = |n: i64| i32::try_from(n).unwrap_or(i32::MAX);
        let late = self.oldest_due.and_then(|micros| {
            let days = i32::try_from(micros / 86_400_000_000).unwrap_or(i32::MAX);
            Interval::new(0, days, micros % 86_400_000_000).ok()
        });
        (
            count(self.tally.entered),
            count(self.tally.left),
            count(self.tally.dwelled),
            count(self.tally.rearmed),
            count(self.backfilled),
            self.remaining,
            late,
        )
    }
}

static OLDEST: Statement = Statement::new(
    "SELECT (SELECT min(t.due_at) FROM {s}.bucket_timers t WHERE t.due_at <= $1),
            EXISTS (SELECT FROM {s}.bucket_jobs j WHERE j.status IN ('pending', 'running')),
            (SELECT c.reconciled_at FROM {s}.hogsend_clock c),
            {+(SELECT q.queued_at FROM {s}.user_queue q
               WHERE q.retry_at IS NULL OR q.retry_at <= $1 ORDER BY q.id LIMIT 1)+|NULL::timestamptz+}",
    &[pg_sys::TIMESTAMPTZOID],
);
thread_local! {
    /// The definitions for which nothing is kept that nobody asks about.
    static PRUNED_FOR: Cell<u64> = const { Cell::new(0) };
}

struct Reconcile<'a> {
    context: &'a Context,
    registry: &'a Registry,
}

impl Reconcile<'_> {
    /// Goes on with the oldest job that can go on. One whose next user is in somebody's hands does
    /// not hold up the others.
    fn advance_job(&self, limit: i64, done: &mut Done) {
        let mut after = 0;
        while let Some(mut job) = Session::write(self.context, |s| jobs::next(s, after)) {
            after = job.id;
            if Session::write(self.context, |s| jobs::waits_for(s, &job)).is_some() {
                continue;
            }
            let mut outbox = Outbox::default();
            match backfill::advance(
                self.context,
                self.registry,
                &mut job,
                limit,
                false,
                false,
                &mut outbox,
            ) {
                Ok(chunk) => {
                    done.tally.add(chunk.tally);
                    done.backfilled += chunk.processed;
                    done.outbox.absorb(outbox);
                    if chunk.processed > 0 || chunk.done {
                        return;
                    }
                }
                Err(error) => {
                    return Session::write(self.context, |session| {
                        jobs::fail(session, &job, &error, clock::now());
                    });
                }
            }
        }
    }

    /// Removes old transitions, a few at a time, if it is asked to.
    fn prune(&self, limit: i64) {
        let age = Span(i64::from(settings::retention()) * 1_000_000);
        if age.0 > 0 {
            Session::write(self.context, |session| {
                retention::prune(self.context, session, clock::now().minus(age), limit);
            });
        }
        self.prune_totals(limit);
    }

    /// Removes what is kept of series that no bucket asks about any more. There is nothing of that kind again
    /// before a definition changes.
    fn prune_totals(&self, limit: i64) {
        if PRUNED_FOR.get() == self.registry.number || !totals::may_be(self.context) {
            return;
        }
        let used: HashSet<&str> = self.registry.streams.all_kept().collect();
        let is_left = Session::write(self.context, |s| totals::prune(s, &used, limit));
        if !is_left {
            PRUNED_FOR.set(self.registry.number);
        }
    }

    fn handle_queue(&self, rows: i64, done: &mut Done) {
        let worked = queue::work_off(self.context, self.registry, rows);
        done.tally.add(worked.tally);
        // Looked at, whether it moved them or not: whoever calls us in a loop sees that we went on.
        done.tally.rearmed += worked.users;
        done.outbox.absorb(worked.outbox);
    }

    fn handle_due(&self, max_users: i64, done: &mut Done) {
        let mut left = max_users;
        while left > 0 {
            pgrx::check_for_interrupts!();
            let due = Session::write(self.context, |session| {
                timers::due(session, clock::now(), left.min(AT_ONCE))
            });
            if due.is_empty() {
                return;
            }
            left -= due.len() as i64;
            for due in due.chunks(PASS) {
                pgrx::check_for_interrupts!();
                self.handle(due, done);
            }
        }
    }

    /// Handles timers together, and if that fails in halves, until the one that fails is alone:
    /// it is put off and the reason is kept with it, and the others go on.
    fn handle(&self, due: &[Due], done: &mut Done) {
        let result = attempt(|| Session::write(self.context, |session| self.look(session, due)));
        match (result, due) {
            (Ok((tally, outbox)), _) => {
                done.tally.add(tally);
                done.outbox.absorb(outbox);
            }
            (Err(error), [Due { user, bucket, .. }]) => {
                let what = match bucket.strip_prefix(TIMER_PREFIX) {
                    Some(journey) => format!("journey \"{journey}\""),
                    None => format!("bucket \"{bucket}\""),
                };
                Refusal::new(
                    PgSqlErrorCode::ERRCODE_WARNING,
                    format!("user \"{user}\" could not be evaluated for {what}"),
                )
                .detail(error.clone())
                .hint("It will be tried again; bucket_timers.error keeps the reason.")
                .warn();
                Session::write(self.context, |session| {
                    timers::postpone(session, user, bucket, &error, clock::now());
                });
            }
            (Err(_), due) => {
                let (older, newer) = due.split_at(due.len() / 2);
                self.handle(older, done);
                self.handle(newer, done);
            }
        }
    }

    /// What is due at the same time in a bucket and in one that it names is found out in that order, however the
    /// timers were handed out.
    fn take_inner_along(&self, session: &Session, by_clock: &mut BTreeMap<&str, Subject>) {
        if !self.registry.is_nested() {
            return;
        }
        let mut asked: Vec<(&str, BucketNo)> = Vec::new();
        for (user, subject) in by_clock.iter() {
            let named = self.registry.all_named_by(&subject.buckets).into_iter();
            let others = named.filter(|number| subject.buckets.binary_search(number).is_err());
            asked.extend(others.map(|number| (*user, number)));
        }
        if asked.is_empty() {
            return;
        }
        let pairs = asked.iter();
        let pairs = pairs.map(|(user, number)| (*user, self.registry.bucket(*number).id.as_str()));
        let due = timers::due_of(session, &pairs.collect::<Vec<_>>(), clock::now());
        for ((user, number), _) in asked.into_iter().zip(due).filter(|(_, is_due)| *is_due) {
            if let Some(subject) = by_clock.get_mut(user) {
                subject.buckets.insert(number);
            }
        }
    }

    fn look(&self, session: &Session, due: &[Due]) -> (Tally, Outbox) {
        let mut by_clock: BTreeMap<&str, Subject> = BTreeMap::new();
        let mut queued: BTreeMap<&str, Subject> = BTreeMap::new();
        let mut passed_over: [BTreeMap<&str, Subject>; 2] = Default::default();
        let mut idle: Vec<&Due> = Vec::new();
        let mut waiting: Vec<(&Due, &str)> = Vec::new();
        for timer in due {
            let Due {
                user,
                bucket,
                quiet,
                ..
            } = timer;
            if bucket == EVERY_BUCKET {
                let entry = queued.entry(user).or_insert_with(|| Subject::new(user));
                entry.everything = true;
                entry.silent = quiet.silent;
                entry.muted = quiet.muted;
                idle.push(timer);
            } else if let Some(journey) = bucket.strip_prefix(TIMER_PREFIX) {
                waiting.push((timer, journey));
            } else if let Some(number) = self.registry.by_id(bucket) {
                let group = if quiet.silent {
                    idle.push(timer);
                    &mut passed_over[usize::from(quiet.muted)]
                } else {
                    &mut by_clock
                };
                // The clock changes nothing of what is known of them.
                let nothing = || Subject::of_statement(user);
                let subject = group.entry(user).or_insert_with(nothing);
                subject.buckets.insert(number);
            } else {
                // Disabled: enabling looks at everybody again.
                idle.push(timer);
            }
        }
        self.take_inner_along(session, &mut by_clock);
        let pipeline = Pipeline::new(session, self.registry);
        // First, because looking may set a timer anew.
        timers::disarm_due(session, &idle);
        let mut outbox = Outbox::default();
        let mut tally = Tally::default();
        for (muted, passed_over) in [false, true].into_iter().zip(passed_over) {
            let mut passed_over: Vec<Subject> = passed_over.into_values().collect();
            let run = run::FILL.muted(muted);
            tally.add(pipeline.run(&mut passed_over, run, &mut outbox));
        }
        let mut queued: Vec<Subject> = queued.into_values().collect();
        tally.add(pipeline.run(&mut queued, run::QUEUED, &mut outbox));
        let mut by_clock: Vec<Subject> = by_clock.into_values().collect();
        tally.add(pipeline.run(&mut by_clock, run::CLOCK, &mut outbox));
        // Last, because what runs wait for may be one of those transitions.
        let source = run::CLOCK.source;
        tally.rearmed += runs::due(session, &waiting, source, clock::now(), &mut outbox);
        (tally, outbox)
    }
}

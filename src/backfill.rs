//! Jobs: bringing the members of a new or changed bucket in line with the data there is.
//!
//! A job walks over the contacts in the order of their ids and remembers how far it came, so it
//! can be interrupted anywhere and goes on from there; what it does goes through the same pipeline
//! as everything else. Small ones run inside the defining statement, the others are carried on by
//! the clock or by CALL hogsend_backfill().

mod new;
mod walk;

use std::collections::BTreeMap;

use pgrx::prelude::*;
use pgrx::{PgSqlErrorCode, pg_sys};

use crate::delivery::Outbox;
use crate::pg::context::Context;
use crate::pg::error::{Refusal, unknown_bucket};
use crate::pg::locks::Definitions;
use crate::pg::sql::Session;
use crate::pg::subtransaction::attempt;
use crate::pg::{clock, settings};
use crate::pipeline::{Pipeline, Tally, Visit, run};
use crate::registry::{self, Bucket, Registry};
use crate::store::facts::rows::ahead::{self, Coming};
use crate::store::{
    candidates, contacts, definitions, jobs, namesakes, queue, stays, timers, totals,
};

use walk::Walk;

pub use crate::store::jobs::Job;

/// How many contacts are looked at together: half of what hogsend_backfill() does between two
/// commits.
const STRETCH: i64 = 2500;

/// After TRUNCATE user_events: a job for every bucket that references events.
pub fn reevaluate_event_buckets(definitions: &Definitions) {
    let registry = registry::current(definitions);
    let concerned = registry.buckets.iter().filter(|b| !b.streams.is_empty());
    let buckets: Vec<&str> = concerned.map(|bucket| bucket.id.as_str()).collect();
    Session::write(definitions.context, |session| {
        jobs::create(session, &buckets, "reevaluate", clock::now());
    });
    registry::announce_change(definitions.context);
}

/// Creates the jobs of buckets that were defined or changed, and runs those that are small enough
/// to the end, here and now: the definitions lock keeps every writer out, so nobody is missed.
pub fn begin(
    definitions: &Definitions,
    session: &Session,
    buckets: &[&str],
    mode: &str,
    outbox: &mut Outbox,
) {
    if buckets.is_empty() {
        return;
    }
    jobs::create(session, buckets, mode, clock::now());
    let registry = registry::of_some(definitions, session, buckets);
    // While nobody asked what their series come to nobody has kept it in line; and whoever asks for a review knows of
    // events that came or went unseen.
    let series: Vec<&str> = registry.streams.all_kept().collect();
    totals::drop_series(session, &series);
    if registry.suspended {
        return;
    }
    let open = jobs::open_of(session, buckets);
    let candidates = count(session, &registry, &open);
    let limit = i64::from(settings::inline_backfill());
    // Who waits in the queue is a candidate, too. More of them than that were left there.
    let somebody_waits = waits(session, i64::MAX).is_some();
    let is_large = |id: &&str| somebody_waits || candidates[*id].is_none_or(|n| n > limit);
    let large: Vec<&str> = candidates.keys().copied().filter(is_large).collect();
    tell_large(&large);
    let mut jobs = open.to_vec();
    jobs.retain(|job| !large.contains(&job.bucket.as_str()));
    // Each after those that it names.
    jobs.sort_by_key(|job| registry.by_id(&job.bucket));
    if registry.is_nested() {
        tell_waiting(&leave_waiting(session, &registry, &mut jobs, mode));
    }
    let of = |job: &Job| candidates.get(job.bucket.as_str()).copied().flatten();
    if mode == "backfill" {
        let earlier = namesakes::of_earlier(session, buckets);
        let (new, others): (Vec<Job>, Vec<Job>) = jobs
            .into_iter()
            .partition(|job| !earlier.contains(&job.bucket));
        let in_order = others.is_empty() || !registry.is_nested();
        jobs = others;
        if in_order {
            jobs.extend(new::fill(session, &registry, new, of, outbox));
        } else {
            jobs.extend(new);
        }
        jobs.sort_by_key(|job| registry.by_id(&job.bucket));
    }
    for mut job in jobs {
        // Nobody whom it could be about, and nobody in it.
        if job.mode == "backfill"
            && of(&job) == Some(0)
            && stays::active_of_bucket(session, &job.bucket, "", 1).is_empty()
        {
            jobs::release(session, &job, clock::now());
            jobs::progress(session, &job, 0, 0, true, clock::now());
            continue;
        }
        loop {
            let step = session.nested(|session| {
                let step = step(session, &registry, &mut job, STRETCH, true, outbox);
                if step.stuck {
                    wait_for_next(session, &job);
                }
                step
            });
            if step.done {
                break;
            }
        }
    }
    // A finished first backfill lets the clock join.
    registry::announce_change(definitions.context);
}

/// How many candidates the buckets of jobs have, where that is known. All are counted together.
fn count<'j>(
    session: &Session,
    registry: &Registry,
    jobs: &'j [Job],
) -> BTreeMap<&'j str, Option<i64>> {
    let limit = i64::from(settings::inline_backfill());
    let numbered = jobs.iter().filter_map(|job| {
        let number = registry.by_id(&job.bucket)?;
        Some((job.bucket.as_str(), registry.bucket(number)))
    });
    let (ids, buckets): (Vec<&str>, Vec<&Bucket>) = numbered.unzip();
    let counts = candidates::of_buckets(session, &buckets, limit);
    ids.into_iter().zip(counts).collect()
}

/// Takes those from jobs that must wait for the first backfill of a bucket that is filled in the background, and
/// those that wait for these; returns their buckets, each with the one that it waits for.
fn leave_waiting(
    session: &Session,
    registry: &Registry,
    jobs: &mut Vec<Job>,
    mode: &str,
) -> Vec<(String, String)> {
    let mut waiting: Vec<(String, String)> = Vec::new();
    if mode != "backfill" {
        return waiting;
    }
    let all = std::mem::take(jobs);
    for job in all {
        let number = registry.by_id(&job.bucket);
        let named = number.map_or(&[][..], |number| &registry.bucket(number).named);
        let ids = named.iter().map(|named| registry.named_id(*named));
        let open = ids.filter(|id| !jobs.iter().any(|job| job.bucket == *id));
        let inner = open
            .filter(|id| jobs::is_first_open(session, id))
            .map(str::to_owned)
            .next();
        match inner {
            Some(inner) => waiting.push((job.bucket, inner)),
            None => jobs.push(job),
        }
    }
    waiting
}

fn tell_waiting(waiting: &[(String, String)]) {
    for (bucket, inner) in waiting.iter().take(TOLD) {
        Refusal::note(format!("bucket \"{bucket}\" will be filled in the background"))
            .detail(format!("It names bucket \"{inner}\", which is not filled yet."))
            .hint(format!(
                "hogsend_reconcile() goes on with both; CALL hogsend_backfill('{bucket}') does them now."
            ))
            .notice();
    }
}

/// A notice a bucket, up to so many.
const TOLD: usize = 10;

fn tell_large(buckets: &[&str]) {
    for bucket in buckets.iter().take(TOLD) {
        Refusal::note(format!("bucket \"{bucket}\" will be filled in the background"))
            .detail("It has, or may have, more candidates than hogsend.inline_backfill.")
            .hint(format!(
                "hogsend_reconcile() goes on with it each time; CALL hogsend_backfill('{bucket}') does it now."
            ))
            .notice();
    }
    if buckets.len() > TOLD {
        let more = buckets.len() - TOLD;
        Refusal::note(format!("and so will {more} more"))
            .detail("They have, or may have, more candidates than hogsend.inline_backfill.")
            .hint("SELECT bucket_id FROM bucket_jobs WHERE status <> 'done' lists them.")
            .notice();
    }
}

/// What a part of a job did.
#[derive(Default)]
pub struct Chunk {
    pub tally: Tally,
    /// Contacts looked at.
    pub processed: i64,
    pub done: bool,
    /// It stopped before somebody who is locked.
    stuck: bool,
}

/// Works on up to `limit` further contacts of a job. It stops before the first who is locked by
/// somebody else, and goes on from there the next time, when it first waits for them if it `waits`
/// for anybody. Whoever `goes_on` will come for the rest at once. It does not begin before the queue is worked off as far as that is older than the job.
/// Somebody who cannot be evaluated is left to the clock, which tries again, and the
/// others go on.
///
/// # Errors
///
/// The text of an error that is not about a single user.
pub fn advance(
    context: &Context,
    registry: &Registry,
    job: &mut Job,
    limit: i64,
    waits: bool,
    goes_on: bool,
    outbox: &mut Outbox,
) -> Result<Chunk, String> {
    let mut chunk = Chunk::default();
    let mut size = STRETCH;
    if Session::write(context, |session| older(session, job)).is_some() {
        return Ok(chunk);
    }
    if waits {
        Session::write(context, |session| wait_for_next(session, job));
    }
    while chunk.processed < limit && !chunk.done && !chunk.stuck {
        pgrx::check_for_interrupts!();
        let contacts = size.min(limit - chunk.processed);
        let mut next = job.clone();
        let result = attempt(|| {
            Session::write(context, |session| {
                let mut part = Outbox::default();
                let step = step(session, registry, &mut next, contacts, goes_on, &mut part);
                (step, part)
            })
        });
        let step = match result {
            Ok((step, part)) => {
                outbox.absorb(part);
                size = (size * 2).min(STRETCH);
                step
            }
            Err(_) if contacts > 1 => {
                size = contacts / 2;
                continue;
            }
            Err(error) => {
                next = job.clone();
                attempt(|| {
                    Session::write(context, |session| pass_over(session, &mut next, &error))
                })?
            }
        };
        *job = next;
        chunk.tally.add(step.tally);
        chunk.processed += step.processed;
        chunk.done = step.done;
        chunk.stuck = step.stuck;
    }
    if chunk.done {
        // A finished first backfill lets the clock join.
        registry::announce_change(context);
    }
    Ok(chunk)
}

/// Works on the next contacts, together. Whoever `goes_on` will come for the rest at once.
fn step(
    session: &Session,
    registry: &Registry,
    job: &mut Job,
    limit: i64,
    goes_on: bool,
    outbox: &mut Outbox,
) -> Chunk {
    let number = registry.by_id(&job.bucket);
    // A bucket that is disabled or deleted by now has nothing to evaluate.
    let Some(number) = number else {
        jobs::progress(session, job, 0, 0, true, clock::now());
        return Chunk {
            done: true,
            ..Chunk::default()
        };
    };
    let run = match job.mode.as_str() {
        "review" => run::REVIEW,
        "correction" => run::CORRECTION,
        _ => run::FILL,
    };
    let run = run.muted(job.muted);
    let walk = Walk {
        pipeline: Pipeline::new(session, registry),
        numbers: &[number],
        visit: match job.mode.as_str() {
            "backfill" => Visit::First,
            _ => Visit::Again,
        },
        run,
        coming: goes_on.then(|| Coming {
            job: job.id,
            contacts: job.total.map_or(0, |total| total - job.processed),
        }),
    };
    let after = job.reached.clone();
    let part = walk.step(after.as_deref(), limit, outbox);
    let chunk = Chunk {
        tally: part.tally,
        processed: part.processed,
        done: !part.stuck && part.processed < limit,
        stuck: part.stuck,
    };
    job.reached = part.last.or(after);
    job.processed += chunk.processed;
    if chunk.done {
        job.total = Some(job.processed);
        ahead::forget();
        if walk.visit == Visit::First {
            jobs::release(session, job, clock::now());
        }
    } else if job.total.is_none() {
        job.total = Some(candidates::contacts(session));
    }
    let Tally { entered, left, .. } = chunk.tally.of_asked();
    jobs::progress(session, job, entered, left, chunk.done, clock::now());
    chunk
}

/// Who waits in the queue up to a row.
fn waits(session: &Session, until: i64) -> Option<String> {
    let exists = queue::exists(session.context());
    exists.then(|| queue::waits(session, until, clock::now()))?
}

/// Who waits in the queue since before a job.
fn older(session: &Session, job: &Job) -> Option<String> {
    job.queued_until.and_then(|until| waits(session, until))
}

/// Works the queue off as far as that is older than a job, or up to so many rows of it: whoever is in it is
/// to be known before the job comes to its end. Also returns whether contacts are locked by it.
fn work_off_older(
    context: &Context,
    registry: &Registry,
    job: &Job,
    rows: i64,
    outbox: &mut Outbox,
) -> (Tally, bool) {
    if Session::write(context, |session| older(session, job)).is_none() {
        return (Tally::default(), false);
    }
    let worked = crate::queue::work_off(context, registry, rows);
    outbox.absorb(worked.outbox);
    if !worked.holds {
        // Somebody else has the user; nothing is locked here that they could wait for.
        Session::write(context, |session| {
            if let Some(user) = older(session, job) {
                contacts::lock(session, &[&user], &[]);
            }
        });
    }
    (worked.tally, worked.holds)
}

/// Waits for the next contact, if somebody has locked them. Nothing else may be locked yet, or the
/// two could wait for each other.
fn wait_for_next(session: &Session, job: &Job) {
    if let [user] = candidates::ids(session, job.reached.as_deref(), 1).as_slice() {
        contacts::lock(session, &[user], &[]);
    }
}

/// Leaves the next contact to the clock, with the reason why it could not be evaluated.
fn pass_over(session: &Session, job: &mut Job, error: &str) -> Chunk {
    let mut chunk = Chunk::default();
    if let Some(user) = candidates::ids(session, job.reached.as_deref(), 1).pop() {
        contacts::lock(session, &[&user], &[]);
        timers::put_off(session, &user, job, error, clock::now());
        job.reached = Some(user);
        job.processed += 1;
        chunk.processed = 1;
    }
    jobs::progress(session, job, 0, 0, false, clock::now());
    chunk
}

/// The job to begin with so that a job can go on: its own, or one that it waits for.
fn innermost(session: &Session, asked: Job) -> Job {
    let mut job = asked;
    // Deeper than this nothing goes but round in a circle.
    for _ in 0..jobs::DEEPEST {
        let inner = jobs::waits_for(session, &job);
        let inner = inner.and_then(|inner| jobs::open_of(session, &[&inner]).into_iter().next());
        match inner {
            Some(inner) => job = inner,
            None => break,
        }
    }
    job
}

fn missing(argument: &str) -> Refusal {
    Refusal::null(argument).detail("hogsend_backfill_chunk(bucket_id, contacts) goes on with the job of one bucket, by so many contacts.")
    .hint("CALL hogsend_backfill(bucket_id) does all of it.")
}

/// A part of a bucket's job, for hogsend_backfill(): no row if there is nothing left to do.
#[pg_extern(security_definer)]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)]
fn hogsend_backfill_chunk(
    bucket_id: Option<&str>,
    contacts: Option<i32>,
    fcinfo: pg_sys::FunctionCallInfo,
) -> TableIterator<
    'static,
    (
        name!(processed, i64),
        name!(total, i64),
        name!(joined, i64),
        name!(left, i64),
        name!(done, bool),
    ),
> {
    let context = Context::of_call(fcinfo);
    context.require_tables();
    clock::require_writable();
    let bucket_id = bucket_id.unwrap_or_else(|| missing("bucket_id").raise());
    let contacts = contacts.unwrap_or_else(|| missing("contacts").raise());
    if contacts < 1 {
        Refusal::invalid("contacts must be positive")
            .detail(format!("It is {contacts}."))
            .hint("Say how many contacts are to be looked at, for example 1000.")
            .raise();
    }
    let registry = registry::for_writing(&context);
    let job = Session::write(&context, |session| {
        if !definitions::is_defined(session, bucket_id) {
            unknown_bucket(bucket_id).raise();
        }
        jobs::open_of(session, &[bucket_id]).into_iter().next()
    });
    let Some(asked) = job else {
        return TableIterator::new(Vec::new());
    };
    // What it names comes first, and this is over when its own turn has come and it is done.
    let mut job = Session::write(&context, |session| innermost(session, asked.clone()));
    let is_other = job.id != asked.id;
    let mut outbox = Outbox::default();
    let limit = i64::from(contacts);
    let (earlier, holds) = work_off_older(&context, &registry, &job, limit, &mut outbox);
    let advanced = advance(
        &context,
        &registry,
        &mut job,
        limit,
        !holds,
        true,
        &mut outbox,
    );
    let mut chunk = match advanced {
        Ok(chunk) => chunk,
        Err(error) => Refusal::new(
            PgSqlErrorCode::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
            format!("the backfill of bucket \"{bucket_id}\" cannot go on"),
        )
        .detail(error)
        .hint("What was done so far is kept; call it again once the cause is removed.")
        .raise(),
    };
    outbox.send();
    chunk.tally.add(earlier);
    TableIterator::once((
        job.processed,
        job.total.unwrap_or(job.processed),
        chunk.tally.of_asked().entered,
        chunk.tally.of_asked().left,
        chunk.done && !is_other,
    ))
}

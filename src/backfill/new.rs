//! Buckets that are new, and of an id that no bucket had before: nobody has been in them, nobody has a
//! timer of them, and the lock on the definitions keeps everybody else out. So nothing is looked for that
//! might be there, and all that one statement defines is filled together: what users did is read once,
//! and what is written for a user lies together in the indexes that lead from users to buckets.

use crate::delivery::Outbox;
use crate::pg::clock;
use crate::pg::direct;
use crate::pg::sql::Session;
use crate::pg::subtransaction::{self, attempt};
use crate::pipeline::{Pipeline, Visit, run};
use crate::registry::{BucketNo, Registry};
use crate::store::facts::rows::ahead::{self, Coming};
use crate::store::{candidates, jobs, timers};

use super::walk::Walk;
use super::{Job, STRETCH};

/// How many pairs are written together, about.
const PAIRS: usize = 20_000;

/// Fills buckets by their jobs; returns those that are to be filled as if something might be there: because
/// it is not worth the while, or something was there. How many candidates a job has, if that is known, is
/// told by `candidates`.
pub fn fill(
    session: &Session,
    registry: &Registry,
    jobs: Vec<Job>,
    candidates: impl Fn(&Job) -> Option<i64>,
    outbox: &mut Outbox,
) -> Vec<Job> {
    // Those whose bucket is disabled, or cannot be read, have nothing to evaluate.
    let (jobs, mut others): (Vec<Job>, Vec<Job>) = jobs
        .into_iter()
        .partition(|job| registry.by_id(&job.bucket).is_some());
    let (nobody, jobs): (Vec<Job>, Vec<Job>) =
        jobs.into_iter().partition(|job| candidates(job) == Some(0));
    for job in nobody {
        jobs::progress(session, &job, 0, 0, true, clock::now());
    }
    let all: i64 = jobs.iter().filter_map(candidates).sum();
    if all <= timers::FEW as i64 || !subtransaction::is_cheap() {
        others.extend(jobs);
        return others;
    }
    let filled = attempt(|| {
        session.nested(|session| {
            let mut part = Outbox::default();
            for group in groups(session, registry, &jobs) {
                fill_together(session, registry, &group, &mut part);
            }
            part
        })
    });
    match filled {
        Ok(part) => outbox.absorb(part),
        // Whatever it was: if it was nothing that is there, it comes again.
        Err(_) => others.extend(jobs),
    }
    others
}

/// The jobs with their buckets, as they are filled together. A bucket that asks more of events than when they
/// happened may want all of them read through ([`ahead`]), which is for one job alone. And where what is
/// written has consequences, each bucket has to see those of the one before.
fn groups<'j>(
    session: &Session,
    registry: &Registry,
    jobs: &'j [Job],
) -> Vec<Vec<(BucketNo, &'j Job)>> {
    let numbered = |job: &'j Job| Some((registry.by_id(&job.bucket)?, job));
    let mut numbered: Vec<(BucketNo, &Job)> = jobs.iter().filter_map(numbered).collect();
    numbered.sort_unstable_by_key(|(number, _)| *number);
    let tables = [c"bucket_memberships", c"bucket_timers"];
    let has_consequences = tables
        .iter()
        .any(|t| !direct::is_plainly_written(session, t));
    let is_plain = |(number, _): &(BucketNo, &Job)| {
        let mut streams = registry.bucket(*number).streams.iter();
        !has_consequences && streams.all(|stream| registry.streams.of(*stream).is_plain())
    };
    // Who is in a bucket must be known before those are filled that name it.
    let level = |(number, _): &(BucketNo, &Job)| registry.bucket(*number).level;
    let levels = numbered.chunk_by(|one, other| level(one) == level(other));
    let mut groups: Vec<Vec<(BucketNo, &Job)>> = Vec::new();
    for of_level in levels {
        let (together, alone): (Vec<_>, Vec<_>) = of_level.iter().copied().partition(is_plain);
        groups.extend(Some(together).filter(|all| !all.is_empty()));
        groups.extend(alone.into_iter().map(|one| vec![one]));
    }
    groups
}

fn fill_together(
    session: &Session,
    registry: &Registry,
    group: &[(BucketNo, &Job)],
    outbox: &mut Outbox,
) {
    let numbers: Vec<BucketNo> = group.iter().map(|(number, _)| *number).collect();
    let mut jobs: Vec<Job> = group.iter().map(|(_, job)| (*job).clone()).collect();
    let mut entered = vec![0; jobs.len()];
    let mut reached: Option<String> = None;
    let mut processed = 0;
    let mut total = None;
    let mut size = STRETCH.min((PAIRS / jobs.len()).max(1) as i64);
    loop {
        let part = session.nested(|session| {
            let walk = Walk {
                pipeline: Pipeline::new(session, registry),
                numbers: &numbers,
                visit: Visit::New,
                // They were all begun by one statement.
                run: run::FILL.muted(jobs[0].muted),
                coming: (jobs.len() == 1).then(|| Coming {
                    job: jobs[0].id,
                    contacts: total.map_or(0, |total: i64| total - processed),
                }),
            };
            walk.step_of_new(reached.as_deref(), size, outbox)
        });
        processed += part.processed;
        reached = part.last.or(reached);
        for (all, of_part) in entered.iter_mut().zip(part.entered) {
            *all += of_part;
        }
        if part.processed < size {
            break;
        }
        if jobs.len() == 1 {
            total = total.or_else(|| Some(candidates::contacts(session)));
        }
        match part.wanted {
            wanted if wanted > PAIRS => size = (size / 2).max(1),
            wanted if wanted < PAIRS / 4 => size = (size * 2).min(STRETCH),
            _ => {}
        }
    }
    ahead::forget();
    for (job, entered) in jobs.iter_mut().zip(entered) {
        job.reached = reached.clone();
        job.processed = processed;
        job.total = Some(processed);
        jobs::progress(session, job, entered, 0, true, clock::now());
    }
}

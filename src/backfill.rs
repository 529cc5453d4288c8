//! Jobs: bringing the members of a new or changed bucket in line with the data there is.
//!
//! A job walks over the candidates in chunks and remembers how far it came, so it can be
//! interrupted anywhere; a chunk goes through the same pipeline as everything else.

use hogsend_core::stay::{Cause, Joining};
use pgrx::pg_sys;

use crate::clock;
use crate::delivery::Outbox;
use crate::pipeline::{self, Pipeline, Run, Subject, Tally};
use crate::registry::Registry;
use crate::sql::{Arg, Session, Statement};
use crate::store::contacts;

/// What a job does: those who match join silently, those who no longer match leave.
const RUN: Run = Run {
    source: "backfill",
    cause: Cause::Data,
    joining: Joining::Silent,
    creates_contacts: false,
};

/// A job that is not finished.
pub struct Job {
    id: i64,
    bucket: String,
    reached: Option<String>,
}

impl Job {
    pub fn bucket(&self) -> &str {
        &self.bucket
    }
}

static CREATE: Statement = Statement::new(
    "WITH again AS (
         UPDATE {s}.bucket_jobs j SET reached = NULL, processed = 0, total = NULL
         WHERE j.bucket_id = ANY ($1) AND j.status IN ('pending', 'running')
         RETURNING j.bucket_id
     )
     INSERT INTO {s}.bucket_jobs (bucket_id, mode)
     SELECT b, $2 FROM unnest($1) b WHERE b NOT IN (SELECT bucket_id FROM again)",
    &[pg_sys::TEXTARRAYOID, pg_sys::TEXTOID],
);

/// Creates jobs for buckets. One that is still open starts again from the first user, and stays
/// what it is: a first backfill remains silent.
pub fn create(session: &Session, buckets: &[&str], mode: &str) {
    if !buckets.is_empty() {
        session.execute(&CREATE, &[Arg::Texts(buckets), Arg::Text(mode)]);
    }
}

static EVENT_BUCKETS: Statement = Statement::new(
    "SELECT b.id FROM {s}.buckets b
     WHERE b.enabled AND b.kind = 'dynamic'
       AND jsonb_path_exists(b.criteria, 'lax $.**.eventName')",
    &[],
);

/// After TRUNCATE user_events: a job for every bucket that references events.
pub fn reevaluate_event_buckets(session: &Session) {
    let rows = session.execute(&EVENT_BUCKETS, &[]);
    let buckets: Vec<&str> = (0..rows.len())
        .filter_map(|row| rows.text(row, 1))
        .collect();
    create(session, &buckets, "reevaluate");
}

static OPEN_OF_BUCKETS: Statement = Statement::new(
    "SELECT j.id, j.bucket_id, j.reached FROM {s}.bucket_jobs j
     WHERE j.bucket_id = ANY ($1) AND j.status IN ('pending', 'running')
     ORDER BY j.id FOR UPDATE",
    &[pg_sys::TEXTARRAYOID],
);
static OPEN: Statement = Statement::new(
    "SELECT j.id, j.bucket_id, j.reached FROM {s}.bucket_jobs j
     WHERE j.status IN ('pending', 'running')
     ORDER BY j.id LIMIT 1 FOR UPDATE SKIP LOCKED",
    &[],
);

fn jobs(session: &Session, statement: &'static Statement, arguments: &[Arg]) -> Vec<Job> {
    let rows = session.execute(statement, arguments);
    (0..rows.len())
        .filter_map(|row| {
            Some(Job {
                id: rows.bigint(row, 1)?,
                bucket: rows.text(row, 2)?.to_owned(),
                reached: rows.text(row, 3).map(str::to_owned),
            })
        })
        .collect()
}

/// The open jobs of buckets.
pub fn open_of(session: &Session, buckets: &[&str]) -> Vec<Job> {
    jobs(session, &OPEN_OF_BUCKETS, &[Arg::Texts(buckets)])
}

/// The oldest open job that nobody else is working on.
pub fn next(session: &Session) -> Option<Job> {
    jobs(session, &OPEN, &[]).pop()
}

/// Candidates are the users in the bucket's scope, and its members.
static CANDIDATES: Statement = Statement::new(
    "SELECT c.user_id FROM {s}.contacts c
     WHERE ($1 IS NULL OR c.user_id > $1) AND c.deleted_at IS NULL
       AND ($2 OR EXISTS (SELECT FROM {s}.user_events e
                          WHERE e.user_id = c.user_id AND e.event = ANY ($3))
               OR EXISTS (SELECT FROM {s}.bucket_memberships m
                          WHERE m.user_id = c.user_id AND m.bucket_id = $4 AND m.status = 'active'))
     ORDER BY c.user_id LIMIT $5",
    &[
        pg_sys::TEXTOID,
        pg_sys::BOOLOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTOID,
        pg_sys::INT8OID,
    ],
);
static PROGRESS: Statement = Statement::new(
    "UPDATE {s}.bucket_jobs j
     SET status = CASE WHEN $6 THEN 'done' ELSE 'running' END,
         reached = coalesce($2, j.reached),
         processed = j.processed + $3, joined = j.joined + $4, \"left\" = j.\"left\" + $5,
         total = CASE WHEN $6 THEN j.processed + $3 ELSE j.total END,
         started_at = coalesce(j.started_at, $7),
         finished_at = CASE WHEN $6 THEN $7 END
     WHERE j.id = $1",
    &[
        pg_sys::INT8OID,
        pg_sys::TEXTOID,
        pg_sys::INT8OID,
        pg_sys::INT8OID,
        pg_sys::INT8OID,
        pg_sys::BOOLOID,
        pg_sys::TIMESTAMPTZOID,
    ],
);

/// What a chunk of a job did.
pub struct Chunk {
    pub tally: Tally,
    pub processed: i64,
    pub done: bool,
}

/// Works on up to `limit` further candidates of a job. Unless it `waits`, it stops before the first
/// who is locked by somebody else, and goes on from there the next time.
pub fn advance(
    session: &Session,
    registry: &Registry,
    job: &mut Job,
    limit: i64,
    waits: bool,
    outbox: &mut Outbox,
) -> Chunk {
    let bucket = registry
        .by_id(&job.bucket)
        .map(|number| (number, &registry.buckets[number]));
    // A bucket that is disabled, deleted or manual by now has nothing to evaluate.
    let criteria = bucket.and_then(|(number, b)| Some((number, b, b.criteria.as_ref()?)));
    let mut subjects: Vec<Subject> = Vec::new();
    if let Some((number, bucket, criteria)) = criteria {
        let events: Vec<&str> = criteria
            .events()
            .iter()
            .map(|need| need.event.as_str())
            .collect();
        let rows = session.execute(
            &CANDIDATES,
            &[
                Arg::OptText(job.reached.as_deref()),
                Arg::Bool(criteria.has_property_leg()),
                Arg::Texts(&events),
                Arg::Text(&bucket.id),
                Arg::BigInt(limit),
            ],
        );
        subjects.extend((0..rows.len()).filter_map(|row| {
            let mut subject = Subject {
                user: rows.text(row, 1)?.to_owned(),
                ..Subject::default()
            };
            subject.buckets.insert(number);
            Some(subject)
        }));
    }
    let found = subjects.len() as i64;
    if !waits {
        let users: Vec<&str> = subjects.iter().map(|s| s.user.as_str()).collect();
        let free = contacts::try_lock(session, &users);
        let reachable = subjects
            .iter()
            .take_while(|s| free.contains(&s.user))
            .count();
        subjects.truncate(reachable);
    }
    let processed = subjects.len() as i64;
    if let Some(last) = subjects.last() {
        job.reached = Some(last.user.clone());
    }
    // The walk is in the order of the index; locks are taken in byte order, like everywhere.
    subjects.sort_unstable_by(|a, b| a.user.cmp(&b.user));
    let tally = pipeline::run(&Pipeline { session, registry }, &mut subjects, RUN, outbox);
    let done = processed == found && found < limit;
    session.execute(
        &PROGRESS,
        &[
            Arg::BigInt(job.id),
            Arg::OptText(job.reached.as_deref()),
            Arg::BigInt(processed),
            Arg::BigInt(tally.entered),
            Arg::BigInt(tally.left),
            Arg::Bool(done),
            Arg::Instant(clock::now()),
        ],
    );
    Chunk {
        tally,
        processed,
        done,
    }
}

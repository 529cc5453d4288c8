//! Definitions: what stands in `buckets` and, of jobs that are not done, in `bucket_jobs`.

use std::collections::{HashMap, HashSet};

use hogsend_core::stay::{DwellSchedule, EntryLimit, Policy};
use hogsend_core::time::Span;
use pgrx::pg_sys;

use crate::language;
use crate::pg::error::Refusal;
use crate::pg::sql::{Arg, Rows, Session, Statement};
use crate::registry::bucket::{Bucket, OpenJob};

macro_rules! definition_columns {
    () => {
    "SELECT b.id, b.kind, b.criteria, b.entry_limit,
            (extract(epoch FROM b.entry_period) * 1000000)::bigint,
            (extract(epoch FROM b.min_dwell) * 1000000)::bigint,
            (extract(epoch FROM b.max_dwell) * 1000000)::bigint,
            (SELECT string_agg(((extract(epoch FROM s) * 1000000)::bigint)::text, ',') FROM unnest(b.dwell_after) s),
            (SELECT string_agg(((extract(epoch FROM s) * 1000000)::bigint)::text, ',') FROM unnest(b.dwell_every) s)
            , {+b.quiet_before+|NULL::timestamptz+}
     FROM {s}.buckets b "
    };
}

static LOAD: Statement = Statement::new(
    concat!(definition_columns!(), "WHERE b.enabled ORDER BY b.id"),
    &[],
);
static LOAD_SOME: Statement = Statement::new(
    concat!(
        definition_columns!(),
        "WHERE b.id = ANY ($1) AND b.enabled ORDER BY b.id"
    ),
    &[pg_sys::TEXTARRAYOID],
);
static LOAD_ONE: Statement = Statement::new(
    concat!(definition_columns!(), "WHERE b.id = $1"),
    &[pg_sys::TEXTOID],
);

/// A job that sets right what a clock that was ahead has done is none of the writers' concern: nobody
/// is held, nobody joins silently. Not joined to the definitions: with ten thousand of them no plan that was made for ten may
/// decide how often the jobs are read.
static OPEN_JOBS: Statement = Statement::new(
    "SELECT j.bucket_id, min(j.mode), {+bool_or(j.muted)+|false+}, {+max(j.queued_until)+|NULL::bigint+} FROM {s}.bucket_jobs j
     WHERE j.status <> 'done' {+AND NOT j.announces+} GROUP BY j.bucket_id",
    &[],
);

/// Whether any bucket or journey is another installation's. The first and the last by the index tell: every definition
/// asks this, and there may be very many.
static SUSPENDED: Statement = Statement::new(
    "SELECT EXISTS (
         SELECT FROM (VALUES
             ((SELECT ARRAY[b.instance_id] FROM {s}.buckets b ORDER BY b.instance_id LIMIT 1)),
             ((SELECT ARRAY[b.instance_id] FROM {s}.buckets b ORDER BY b.instance_id DESC LIMIT 1))
             {+, ((SELECT ARRAY[j.instance_id] FROM {s}.journeys j ORDER BY j.instance_id LIMIT 1)),
                 ((SELECT ARRAY[j.instance_id] FROM {s}.journeys j ORDER BY j.instance_id DESC LIMIT 1))+}) AS end_of (ids)
         WHERE end_of.ids IS NOT NULL
           AND end_of.ids[1] IS DISTINCT FROM (SELECT i.id FROM {s}.hogsend_instance i))",
    &[],
);

/// All that are enabled, in the order of their ids.
pub fn enabled(session: &Session) -> Vec<Bucket> {
    compile_all(session, session.execute(&LOAD, &[]))
}

/// Those of some that are enabled, and those that name them, and so on, in the order of their ids.
pub fn enabled_of(session: &Session, ids: &[&str]) -> Vec<Bucket> {
    let all = with_dependants(session, ids);
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    compile_all(session, session.execute(&LOAD_SOME, &[Arg::Texts(&all)]))
}

static DEPENDANTS: Statement = Statement::new(
    "SELECT b.id FROM {s}.buckets b
     WHERE {+b.depends_on IS NOT NULL AND b.depends_on && $1+|$1 IS NULL+} ORDER BY b.id",
    &[pg_sys::TEXTARRAYOID],
);

/// The buckets that name any of some, enabled or not.
pub fn dependants(session: &Session, ids: &[&str]) -> Vec<String> {
    let rows = session.execute(&DEPENDANTS, &[Arg::Texts(ids)]);
    let ids = (0..rows.len()).filter_map(|row| rows.text(row, 1));
    ids.map(str::to_owned).collect()
}

/// Buckets with those that name them, and so on.
fn with_dependants(session: &Session, ids: &[&str]) -> Vec<String> {
    let mut all: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    let mut known: HashSet<String> = all.iter().cloned().collect();
    let mut open = all.clone();
    while !open.is_empty() {
        let asked: Vec<&str> = open.iter().map(String::as_str).collect();
        open = dependants(session, &asked);
        open.retain(|id| known.insert(id.clone()));
        all.extend(open.iter().cloned());
    }
    all
}

fn compile_all(session: &Session, rows: Rows) -> Vec<Bucket> {
    let jobs = open_jobs(session);
    let buckets = (0..rows.len()).filter_map(|row| compile(&rows, row, &jobs));
    buckets.collect()
}

/// Whether nothing is evaluated here; see [`Registry::suspended`](crate::registry::Registry::suspended).
pub fn suspended(session: &Session) -> bool {
    let rows = session.execute(&SUSPENDED, &[]);
    !rows.is_empty() && rows.bool(0, 1).unwrap_or(false)
}

/// One bucket as it is defined now, enabled or not; `None` if there is none.
pub fn one(session: &Session, id: &str) -> Option<Bucket> {
    let rows = session.execute(&LOAD_ONE, &[Arg::Text(id)]);
    if rows.is_empty() {
        return None;
    }
    compile(&rows, 0, &open_jobs(session))
}

/// By bucket: the job, whether it is muted, and which rows of the queue are older.
type Jobs = HashMap<String, (OpenJob, bool, i64)>;

fn open_jobs(session: &Session) -> Jobs {
    let rows = session.execute(&OPEN_JOBS, &[]);
    (0..rows.len())
        .filter_map(|row| {
            let job = match rows.text(row, 2)? {
                "backfill" => OpenJob::Backfill,
                _ => OpenJob::Reevaluation,
            };
            let muted = rows.bool(row, 3).unwrap_or(false);
            let queued_until = rows.bigint(row, 4).unwrap_or(0);
            Some((rows.text(row, 1)?.to_owned(), (job, muted, queued_until)))
        })
        .collect()
}

/// What the columns of that name say.
pub fn entry_limit(name: Option<&str>, period: Option<Span>) -> EntryLimit {
    match name {
        Some("once") => EntryLimit::Once,
        Some("once_per_period") => EntryLimit::OncePerPeriod(period),
        _ => EntryLimit::Unlimited,
    }
}

fn compile(rows: &Rows, row: usize, jobs: &Jobs) -> Option<Bucket> {
    let id = rows.text(row, 1)?;
    let span = |column| rows.bigint(row, column).map(Span);
    let mut dwell = Vec::new();
    for (column, recurring) in [(8, false), (9, true)] {
        let spans = rows.text(row, column).unwrap_or_default();
        dwell.extend(
            spans
                .split(',')
                .filter_map(|micros| micros.parse().ok())
                .map(|micros| DwellSchedule::new(recurring, Span(micros))),
        );
    }
    let policy = Policy {
        entry_limit: entry_limit(rows.text(row, 4), span(5)),
        min_dwell: span(6),
        max_dwell: span(7),
        dwell,
        quiet_before: rows.instant(row, 10),
    };
    let criteria = match rows.text(row, 2) {
        Some("manual" | "query") => None,
        _ => match language::parse_stored(rows.stored(row, 3).as_ref()) {
            Ok(criteria) => Some(criteria),
            Err(problems) => {
                // Only possible when the check was bypassed. The other buckets go on.
                let problem = problems.first();
                Refusal::invalid(format!(
                    "bucket \"{id}\" is skipped: its criteria cannot be read"
                ))
                .detail(problem.map_or(String::new(), |p| format!("At {}: {}.", p.path, p.message)))
                .hint(problem.map_or(String::new(), |p| p.hint.clone()))
                .warn();
                return None;
            }
        },
    };
    let job = jobs.get(id);
    Some(Bucket {
        criteria,
        by_query: rows.text(row, 2) == Some("query"),
        policy,
        job: job.map(|(job, ..)| *job),
        job_is_muted: job.is_some_and(|(_, muted, _)| *muted),
        queued_until: job.map_or(0, |(.., until)| *until),
        ..Bucket::new(id)
    })
}

static ENABLED: Statement = Statement::new(
    "SELECT b.enabled FROM {s}.buckets b WHERE b.id = $1",
    &[pg_sys::TEXTOID],
);
/// Whether there is such a bucket, enabled or not.
pub fn is_defined(session: &Session, bucket_id: &str) -> bool {
    !session
        .execute(&ENABLED, &[Arg::Text(bucket_id)])
        .is_empty()
}

/// Whether the bucket is defined and enabled.
pub fn is_enabled(session: &Session, bucket_id: &str) -> bool {
    let rows = session.execute(&ENABLED, &[Arg::Text(bucket_id)]);
    !rows.is_empty() && rows.bool(0, 1) == Some(true)
}

static CRITERIA: Statement = Statement::new(
    "SELECT b.criteria::text FROM {s}.buckets b WHERE b.id = $1",
    &[pg_sys::TEXTOID],
);

/// What is written in the definition of a bucket.
pub enum Written {
    /// There is no such bucket.
    Nothing,
    NoCriteria,
    Criteria(String),
}

pub fn criteria_of(session: &Session, bucket_id: &str) -> Written {
    let rows = session.execute(&CRITERIA, &[Arg::Text(bucket_id)]);
    if rows.is_empty() {
        return Written::Nothing;
    }
    match rows.text(0, 1) {
        None => Written::NoCriteria,
        Some(text) => Written::Criteria(text.to_owned()),
    }
}

//! The enabled buckets, compiled, once a backend; and which of them an event or property concerns.
//!
//! The cache is as fresh as a relation's: a definition announces a change of table `buckets`, which
//! reaches every backend before it next locks a relation, and ours again when a (sub)transaction that
//! defined something is rolled back.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use hogsend_core::criteria::{Criteria, Lean};
use hogsend_core::stay::{DwellSchedule, EntryLimit, Policy};
use hogsend_core::time::Span;
use pgrx::pg_sys;

use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::locks::{self, Definitions};
use crate::pg::memory;
use crate::pg::sql::{Arg, Rows, Session, Statement};

/// One enabled bucket.
pub struct Bucket {
    pub id: String,
    /// `None` for a manual bucket, and for one that follows a query.
    pub criteria: Option<Criteria>,
    /// Its members are those whom a query returns.
    pub by_query: bool,
    pub policy: Policy,
    /// The job that is not done yet, if there is one.
    pub job: Option<OpenJob>,
    /// For each of `criteria.events()`: its number in [`Registry::events`].
    pub events: Vec<usize>,
    /// For each of `criteria.events()`: what more of it can do.
    pub leans: Vec<Lean>,
    /// For each of `criteria.properties()`: its number in [`Registry::properties`].
    pub properties: Vec<usize>,
}

/// A job that has not come to all users yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenJob {
    /// The first: until it is done the clock neither joins nor dwells.
    Backfill,
    /// One after a change.
    Reevaluation,
}

/// Everything defined and enabled, indexed.
#[derive(Default)]
pub struct Registry {
    /// Differs from that of every other registry that this backend has loaded.
    pub number: u64,
    pub buckets: Vec<Bucket>,
    pub events: Names,
    pub properties: Names,
    /// Buckets with a property leg: a new contact comes into their scope.
    pub with_property: Vec<usize>,
    /// The buckets come from another installation: this database was restored from a dump, and
    /// nothing is evaluated until somebody says that it is meant to be (hogsend_adopt).
    pub suspended: bool,
    /// Some bucket follows a query.
    pub has_queries: bool,
    /// Some bucket has an open job: what statements change must be noted.
    pub jobs_open: bool,
    by_id: HashMap<String, usize>,
}

/// Names with the buckets that mention them.
#[derive(Default)]
pub struct Names {
    numbers: HashMap<String, usize>,
    pub names: Vec<String>,
    pub buckets: Vec<Vec<usize>>,
}

impl Names {
    pub fn number(&self, name: &str) -> Option<usize> {
        self.numbers.get(name).copied()
    }

    fn add(&mut self, name: &str, bucket: usize) -> usize {
        let number = self.number(name).unwrap_or_else(|| {
            self.numbers.insert(name.to_owned(), self.names.len());
            self.names.push(name.to_owned());
            self.buckets.push(Vec::new());
            self.names.len() - 1
        });
        self.buckets[number].push(bucket);
        number
    }
}

impl Registry {
    pub fn by_id(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// A registry of criteria alone, for readers that were asked about just those.
    pub fn of_one(id: &str, criteria: Criteria) -> Registry {
        Registry::of_bucket(Bucket {
            id: id.to_owned(),
            criteria: Some(criteria),
            by_query: false,
            policy: Policy::default(),
            job: None,
            events: Vec::new(),
            leans: Vec::new(),
            properties: Vec::new(),
        })
    }

    /// A registry of a single bucket.
    pub fn of_bucket(bucket: Bucket) -> Registry {
        let mut registry = Registry::default();
        registry.add(bucket);
        registry
    }

    fn add(&mut self, mut bucket: Bucket) {
        let index = self.buckets.len();
        self.jobs_open |= bucket.job.is_some();
        self.has_queries |= bucket.by_query;
        if let Some(criteria) = &bucket.criteria {
            bucket.events = criteria
                .events()
                .iter()
                .map(|need| self.events.add(&need.event, index))
                .collect();
            bucket.leans = (0..bucket.events.len()).map(|n| criteria.lean(n)).collect();
            bucket.properties = criteria
                .properties()
                .iter()
                .map(|p| self.properties.add(p, index))
                .collect();
            if criteria.has_property_leg() {
                self.with_property.push(index);
            }
        }
        self.by_id.insert(bucket.id.clone(), index);
        self.buckets.push(bucket);
    }
}

thread_local! {
    static CACHE: RefCell<Option<Rc<Registry>>> = const { RefCell::new(None) };
    /// The context that it was loaded for, and the changes of its table after which.
    static LOADED_FOR: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
    static BUCKETS: Cell<pg_sys::Oid> = const { Cell::new(pg_sys::InvalidOid) };
    /// How many have been loaded.
    static LOADED: Cell<u64> = const { Cell::new(0) };
}

/// Tells every backend, with our commit, that definitions have changed.
pub fn announce_change(context: &Context) {
    memory::announce(context.table(c"buckets"));
}

macro_rules! definition_columns {
    () => {
    "SELECT b.id, b.kind, b.criteria::text, b.entry_limit,
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
static LOAD_ONE: Statement = Statement::new(
    concat!(definition_columns!(), "WHERE b.id = $1"),
    &[pg_sys::TEXTOID],
);

/// A job that sets right what a clock that was ahead has done is none of the writers' concern: nobody
/// is held, nobody joins silently. Not joined to the definitions: with ten thousand of them no plan that was made for ten may
/// decide how often the jobs are read.
static OPEN_JOBS: Statement = Statement::new(
    "SELECT j.bucket_id, min(j.mode) FROM {s}.bucket_jobs j
     WHERE j.status <> 'done' {+AND NOT j.announces+} GROUP BY j.bucket_id",
    &[],
);

static SUSPENDED: Statement = Statement::new(
    "SELECT EXISTS (SELECT FROM {s}.buckets b
                    WHERE b.instance_id IS DISTINCT FROM (SELECT i.id FROM {s}.hogsend_instance i))",
    &[],
);

/// The registry as of now, if it need not be loaded.
pub fn at_hand(definitions: &Definitions) -> Option<Rc<Registry>> {
    let now = (
        definitions.context.number,
        memory::changes_of(BUCKETS.get()),
    );
    if LOADED_FOR.get() != now {
        return None;
    }
    CACHE.with(|cache| cache.borrow().clone())
}

/// What every function begins with that was called to write: the lock on the definitions, which comes
/// first in everybody's order of locks, and then the definitions. Raises an error where nothing is to
/// be evaluated (see [`Registry::suspended`]).
pub fn for_writing(context: &Context) -> Rc<Registry> {
    let registry = current(&locks::share_definitions(context));
    if registry.suspended {
        Refusal::suspended().raise();
    }
    registry
}

/// The registry as of now. Hold the returned value for one statement, not longer.
pub fn current(definitions: &Definitions) -> Rc<Registry> {
    if let Some(registry) = at_hand(definitions) {
        return registry;
    }
    let context = definitions.context;
    // Nor may what was read before be taken for valid, if an error ends the reading.
    CACHE.set(None);
    BUCKETS.set(context.table(c"buckets"));
    LOADED_FOR.set((context.number, memory::changes_of(BUCKETS.get())));
    let registry = Rc::new(Session::write(context, load));
    CACHE.with(|cache| *cache.borrow_mut() = Some(Rc::clone(&registry)));
    registry
}

fn load(session: &Session) -> Registry {
    let rows = session.execute(&LOAD, &[]);
    let jobs = open_jobs(session);
    let mut registry = Registry {
        number: LOADED.replace(LOADED.get() + 1) + 1,
        suspended: suspended(session),
        ..Registry::default()
    };
    for row in 0..rows.len() {
        if let Some(bucket) = compile(&rows, row, &jobs) {
            registry.add(bucket);
        }
    }
    registry
}

/// Whether nothing is evaluated here; see [`Registry::suspended`].
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

fn open_jobs(session: &Session) -> HashMap<String, OpenJob> {
    let rows = session.execute(&OPEN_JOBS, &[]);
    (0..rows.len())
        .filter_map(|row| {
            let job = match rows.text(row, 2)? {
                "backfill" => OpenJob::Backfill,
                _ => OpenJob::Reevaluation,
            };
            Some((rows.text(row, 1)?.to_owned(), job))
        })
        .collect()
}

fn compile(rows: &Rows, row: usize, jobs: &HashMap<String, OpenJob>) -> Option<Bucket> {
    let id = rows.text(row, 1)?.to_owned();
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
        entry_limit: match rows.text(row, 4) {
            Some("once") => EntryLimit::Once,
            Some("once_per_period") => EntryLimit::OncePerPeriod(span(5)),
            _ => EntryLimit::Unlimited,
        },
        min_dwell: span(6),
        max_dwell: span(7),
        dwell,
        quiet_before: rows.instant(row, 10),
    };
    let criteria = match (rows.text(row, 2), rows.text(row, 3)) {
        (Some("manual" | "query"), _) => None,
        (_, text) => match Criteria::parse(text.unwrap_or("null")) {
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
    Some(Bucket {
        job: jobs.get(&id).copied(),
        id,
        criteria,
        by_query: rows.text(row, 2) == Some("query"),
        policy,
        events: Vec::new(),
        leans: Vec::new(),
        properties: Vec::new(),
    })
}

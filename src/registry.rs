//! The enabled buckets and the journeys, compiled, once a backend; and which of them an event or property
//! concerns.
//!
//! The cache is as fresh as a relation's: a definition announces a change of table `buckets` or `journeys`, which
//! reaches every backend before it next locks a relation, and ours again when a (sub)transaction that
//! defined something is rolled back. Of the two only what has changed is loaded anew.

pub mod bucket;
pub mod journeys;
mod names;
mod nesting;
mod paths;
mod streams;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::ops::Deref;
use std::rc::Rc;

use hogsend_core::criteria::{Criteria, Order, Path, Scope};
use pgrx::pg_sys;

use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::locks::{self, Definitions};
use crate::pg::memory;
use crate::pg::sql::Session;
use crate::store::definitions;
pub use bucket::{Bucket, OpenJob};
use journeys::Journeys;
use names::Names;
pub use names::{BucketNo, EventNo, KeyNo, NamedNo, Number, StreamNo};
pub use nesting::in_order;
use paths::Paths;
use streams::Streams;

/// Everything defined, indexed.
#[derive(Default)]
pub struct Registry {
    compiled: Rc<Buckets>,
    pub journeys: Rc<Journeys>,
    /// The definitions come from another installation: this database was restored from a dump, and
    /// nothing is evaluated until somebody says that it is meant to be (hogsend_adopt).
    pub suspended: bool,
}

/// The buckets are what most ask a registry for.
impl Deref for Registry {
    type Target = Buckets;

    fn deref(&self) -> &Buckets {
        &self.compiled
    }
}

/// All buckets that are enabled, indexed.
#[derive(Default)]
pub struct Buckets {
    /// Differs from that of all other buckets that this backend has loaded.
    pub number: u64,
    pub buckets: Vec<Bucket>,
    pub events: Names<EventNo>,
    pub properties: Paths,
    pub streams: Streams,
    /// Buckets into which a new contact may come by no more than being there.
    pub about_everybody: Vec<BucketNo>,
    /// Some bucket follows a query.
    pub has_queries: bool,
    /// Some bucket has an open job: what statements change must be noted.
    pub jobs_open: bool,
    /// The different `queued_until` of its buckets, in order.
    pub queue_marks: Vec<i64>,
    /// Buckets that others name.
    named: Names<NamedNo>,
    by_id: HashMap<String, BucketNo>,
}

impl Registry {
    /// A registry of criteria alone, for readers that were asked about just those.
    pub fn of_one(id: &str, criteria: Criteria) -> Registry {
        Registry::of_bucket(Bucket {
            criteria: Some(criteria),
            ..Bucket::new(id)
        })
    }

    /// A registry of a single bucket.
    pub fn of_bucket(bucket: Bucket) -> Registry {
        let mut compiled = Buckets::default();
        compiled.add(bucket);
        Registry {
            compiled: Rc::new(compiled),
            ..Registry::default()
        }
    }

    /// A registry of some buckets that are enabled, or are taken for such.
    pub fn of_buckets(buckets: impl Iterator<Item = Bucket>) -> Registry {
        Registry {
            compiled: Rc::new(Buckets::of_enabled(buckets.collect())),
            ..Registry::default()
        }
    }

    /// What tells it from others: the numbers of its buckets and of its journeys.
    pub fn numbers(&self) -> (u64, u64) {
        (self.number, self.journeys.number)
    }
}

impl Buckets {
    pub fn by_id(&self, id: &str) -> Option<BucketNo> {
        self.by_id.get(id).copied()
    }

    pub fn bucket(&self, number: BucketNo) -> &Bucket {
        &self.buckets[number.place()]
    }

    /// The properties that some buckets ask for, and where they are.
    pub fn keys_of(&self, buckets: impl Iterator<Item = BucketNo>) -> Vec<(KeyNo, &Path)> {
        let buckets: BTreeSet<BucketNo> = buckets
            .filter(|bucket| !self.bucket(*bucket).properties.is_empty())
            .collect();
        let numbers = buckets
            .iter()
            .flat_map(|bucket| &self.bucket(*bucket).properties);
        let numbers: BTreeSet<KeyNo> = numbers.copied().collect();
        let key = |number: KeyNo| (number, self.properties.path(number));
        numbers.into_iter().map(key).collect()
    }

    fn of_enabled(mut enabled: Vec<Bucket>) -> Buckets {
        nesting::order(&mut enabled);
        let mut buckets = Buckets {
            number: next_number(),
            ..Buckets::default()
        };
        enabled.into_iter().for_each(|bucket| buckets.add(bucket));
        if buckets.is_nested() {
            for bucket in &mut buckets.buckets {
                bucket.as_named = buckets.named.number(&bucket.id);
            }
        }
        buckets
    }

    /// The number of the bucket where there is a single one.
    pub fn only(&self) -> BucketNo {
        BucketNo::new(0)
    }

    fn add(&mut self, mut bucket: Bucket) {
        let number = BucketNo::new(self.buckets.len());
        self.jobs_open |= bucket.job.is_some();
        self.has_queries |= bucket.by_query;
        if let Err(place) = self.queue_marks.binary_search(&bucket.queued_until)
            && bucket.queued_until > 0
        {
            self.queue_marks.insert(place, bucket.queued_until);
        }
        if let Some(criteria) = &bucket.criteria {
            bucket.effects = criteria.effects();
            // Where nobody matches who has done nothing that is counted, an event that is not counted
            // brings nobody in.
            bucket.takes_newcomers = criteria.holds_without_any();
            for (need, effect) in criteria.series().iter().zip(&bucket.effects) {
                let events = need.of.events.iter();
                let events: Vec<EventNo> =
                    events.map(|name| self.events.add(name, number)).collect();
                let stream = self.streams.add(need, &events);
                if bucket.takes_newcomers || effect.order != Order::Same || need.keeps_total {
                    self.streams.concerns(stream, number);
                }
                bucket.streams.push(stream);
            }
            bucket.properties = criteria
                .properties()
                .iter()
                .map(|p| self.properties.add(p, number))
                .collect();
            bucket.named = criteria
                .buckets()
                .iter()
                .map(|id| self.named.add(id, number))
                .collect();
            // Who must be in another bucket first comes by a move there.
            if criteria.scope() == Scope::Everybody && !criteria.takes_members_only() {
                self.about_everybody.push(number);
            }
        }
        self.by_id.insert(bucket.id.clone(), number);
        self.buckets.push(bucket);
    }
}

thread_local! {
    static CACHE: RefCell<Option<Rc<Registry>>> = const { RefCell::new(None) };
    /// The context that it was loaded for, and the changes of its tables after which.
    static LOADED_FOR: Cell<Basis> = const { Cell::new((0, 0, 0)) };
    static BUCKETS: Cell<pg_sys::Oid> = const { Cell::new(pg_sys::InvalidOid) };
    /// How many have been loaded.
    static LOADED: Cell<u64> = const { Cell::new(0) };
}

/// The context, the changes of table `buckets`, and those of table `journeys`.
type Basis = (u64, u64, u64);

fn basis(context: &Context) -> Basis {
    let (context, journeys) = journeys::basis(context);
    (context, memory::changes_of(BUCKETS.get()), journeys)
}

/// A number that no registry had, nor its journeys.
fn next_number() -> u64 {
    LOADED.replace(LOADED.get() + 1) + 1
}

/// Tells every backend, with our commit, that definitions of buckets have changed.
pub fn announce_change(context: &Context) {
    memory::announce(context.table(c"buckets"));
}

/// The registry as of now, if it need not be loaded.
pub fn at_hand(held: &Definitions) -> Option<Rc<Registry>> {
    if LOADED_FOR.get() != basis(held.context) {
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
pub fn current(held: &Definitions) -> Rc<Registry> {
    if let Some(registry) = at_hand(held) {
        return registry;
    }
    let context = held.context;
    // Nor may what was read before be taken for valid, if an error ends the reading.
    let before = (CACHE.take(), LOADED_FOR.get());
    BUCKETS.set(context.table(c"buckets"));
    let now = basis(context);
    LOADED_FOR.set(now);
    let registry = Rc::new(Session::write(context, |session| Registry {
        compiled: match before {
            (Some(registry), (context, buckets, _)) if (context, buckets) == (now.0, now.1) => {
                Rc::clone(&registry.compiled)
            }
            _ => Rc::new(Buckets::of_enabled(definitions::enabled(session))),
        },
        ..around(held, session)
    }));
    CACHE.with(|cache| *cache.borrow_mut() = Some(Rc::clone(&registry)));
    registry
}

/// What goes with the buckets.
fn around(held: &Definitions, session: &Session) -> Registry {
    Registry {
        journeys: journeys::current(held, session),
        suspended: definitions::suspended(session),
        ..Registry::default()
    }
}

/// The registry of some buckets and those that name them, for whoever has to do with no others: to load all there
/// are for each one that is defined takes the square of their number.
pub fn of_some(held: &Definitions, session: &Session, ids: &[&str]) -> Registry {
    Registry {
        compiled: Rc::new(Buckets::of_enabled(definitions::enabled_of(session, ids))),
        ..around(held, session)
    }
}

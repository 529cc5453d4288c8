//! The enabled buckets, compiled, once a backend; and which of them an event or property concerns.
//!
//! The cache is as fresh as a relation's: a definition announces a change of table `buckets`, which
//! reaches every backend before it next locks a relation, and ours again when a (sub)transaction that
//! defined something is rolled back.

pub mod bucket;
mod names;
mod paths;
mod streams;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use hogsend_core::criteria::{Criteria, Order, Scope};
use pgrx::pg_sys;

use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::locks::{self, Definitions};
use crate::pg::memory;
use crate::pg::sql::Session;
use crate::store::definitions;
pub use bucket::{Bucket, OpenJob};
use names::Names;
pub use names::{BucketNo, EventNo, KeyNo, Number, StreamNo};
use paths::Paths;
use streams::Streams;

/// Everything defined and enabled, indexed.
#[derive(Default)]
pub struct Registry {
    /// Differs from that of every other registry that this backend has loaded.
    pub number: u64,
    pub buckets: Vec<Bucket>,
    pub events: Names<EventNo>,
    pub properties: Paths,
    pub streams: Streams,
    /// Buckets into whose scope a new contact comes.
    pub about_everybody: Vec<BucketNo>,
    /// The buckets come from another installation: this database was restored from a dump, and
    /// nothing is evaluated until somebody says that it is meant to be (hogsend_adopt).
    pub suspended: bool,
    /// Some bucket follows a query.
    pub has_queries: bool,
    /// Some bucket has an open job: what statements change must be noted.
    pub jobs_open: bool,
    /// The different `queued_until` of its buckets, in order.
    pub queue_marks: Vec<i64>,
    by_id: HashMap<String, BucketNo>,
}

impl Registry {
    pub fn by_id(&self, id: &str) -> Option<BucketNo> {
        self.by_id.get(id).copied()
    }

    pub fn bucket(&self, number: BucketNo) -> &Bucket {
        &self.buckets[number.place()]
    }

    /// A registry of criteria alone, for readers that were asked about just those.
    pub fn of_one(id: &str, criteria: Criteria) -> Registry {
        Registry::of_bucket(Bucket {
            criteria: Some(criteria),
            ..Bucket::new(id)
        })
    }

    /// A registry of a single bucket.
    pub fn of_bucket(bucket: Bucket) -> Registry {
        let mut registry = Registry::default();
        registry.add(bucket);
        registry
    }

    fn of_enabled(session: &Session, buckets: Vec<Bucket>) -> Registry {
        let mut registry = Registry {
            number: LOADED.replace(LOADED.get() + 1) + 1,
            suspended: definitions::suspended(session),
            ..Registry::default()
        };
        buckets.into_iter().for_each(|bucket| registry.add(bucket));
        registry
    }

    /// The number of the bucket in a registry of a single one.
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
                if bucket.takes_newcomers || effect.order != Order::Same {
                    self.streams.concerns(stream, number);
                }
                bucket.streams.push(stream);
            }
            bucket.properties = criteria
                .properties()
                .iter()
                .map(|p| self.properties.add(p, number))
                .collect();
            if criteria.scope() == Scope::Everybody {
                self.about_everybody.push(number);
            }
        }
        self.by_id.insert(bucket.id.clone(), number);
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

/// The registry as of now, if it need not be loaded.
pub fn at_hand(held: &Definitions) -> Option<Rc<Registry>> {
    let now = (held.context.number, memory::changes_of(BUCKETS.get()));
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
pub fn current(held: &Definitions) -> Rc<Registry> {
    if let Some(registry) = at_hand(held) {
        return registry;
    }
    let context = held.context;
    // Nor may what was read before be taken for valid, if an error ends the reading.
    CACHE.set(None);
    BUCKETS.set(context.table(c"buckets"));
    LOADED_FOR.set((context.number, memory::changes_of(BUCKETS.get())));
    let registry = Rc::new(Session::write(context, load));
    CACHE.with(|cache| *cache.borrow_mut() = Some(Rc::clone(&registry)));
    registry
}

fn load(session: &Session) -> Registry {
    Registry::of_enabled(session, definitions::enabled(session))
}

/// The registry of some buckets alone, for whoever has to do with no others: to load all there are for each
/// one that is defined takes the square of their number.
pub fn of_some(_held: &Definitions, session: &Session, ids: &[&str]) -> Registry {
    Registry::of_enabled(session, definitions::enabled_of(session, ids))
}

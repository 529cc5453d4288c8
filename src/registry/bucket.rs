//! A bucket, as its definition says and as it is compiled.

use hogsend_core::criteria::{Criteria, Effect, Order};
use hogsend_core::stay::Policy;

use super::names::{KeyNo, NamedNo, StreamNo};

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
    /// And it tells nobody of anything.
    pub job_is_muted: bool,
    /// Rows of the queue up to this one are older than that job; 0 for none.
    pub queued_until: i64,
    /// For each of `criteria.series()`: its number in [`Registry::streams`](super::Registry::streams).
    pub streams: Vec<StreamNo>,
    /// Somebody may join by no more than coming into scope.
    pub takes_newcomers: bool,
    /// For each of `criteria.series()`: what more of it can do.
    pub effects: Vec<Effect>,
    /// For each of `criteria.properties()`: its number in [`Registry::properties`](super::Registry::properties).
    pub properties: Vec<KeyNo>,
    /// For each of `criteria.buckets()`: its number among the [buckets that are named](super::Buckets::named).
    pub named: Vec<NamedNo>,
    /// Its own number among those, if others name it.
    pub as_named: Option<NamedNo>,
    /// One more than that of the highest enabled bucket that it names.
    pub level: u32,
}

impl Bucket {
    /// One without criteria, which nothing is said of yet.
    pub fn new(id: &str) -> Bucket {
        Bucket {
            id: id.to_owned(),
            criteria: None,
            by_query: false,
            policy: Policy::default(),
            job: None,
            job_is_muted: false,
            queued_until: 0,
            streams: Vec::new(),
            takes_newcomers: false,
            effects: Vec::new(),
            properties: Vec::new(),
            named: Vec::new(),
            as_named: None,
            level: 0,
        }
    }

    /// Whether one more event of a series can be anything to it: some leg counts it, or whoever comes into
    /// scope by it may match.
    pub fn is_concerned_by(&self, series: StreamNo) -> bool {
        let place = self.streams.iter().position(|number| *number == series);
        place.is_some_and(|place| self.takes_newcomers || self.effects[place].order != Order::Same)
    }
}

/// A job that has not come to all users yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenJob {
    /// The first: until it is done the clock neither joins nor dwells.
    Backfill,
    /// One after a change.
    Reevaluation,
}

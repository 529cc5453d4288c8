//! Buckets that name the same event and count some of its occurrences only, each other ones: of a user
//! who is new to all of them few are of any concern.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use super::{Numbers, Pipeline};
use crate::registry::{EventNo, Number, Registry, StreamNo};
use crate::store::facts::rows;

/// Fewer are looked at sooner than rows are read to tell them apart.
const MANY_BUCKETS: usize = 16;
/// Of users who did it more often, every bucket that names it is looked at.
const MOST_ROWS: u64 = 64;

/// Whether it pays to read what somebody did, instead of looking at all buckets that name it.
pub fn pays(registry: &Registry, event: EventNo) -> bool {
    registry.streams.asks_more(event) && registry.events.concerned(event).len() > MANY_BUCKETS
}

/// Adds to what was `found` for each user the buckets that count any of their occurrences of an event.
pub fn add(
    pipeline: &Pipeline,
    mut did: Vec<(String, EventNo)>,
    found: &mut HashMap<String, Numbers>,
) {
    if did.is_empty() {
        return;
    }
    did.sort_unstable();
    did.dedup();
    let registry = pipeline.registry;
    let names = registry.events.all();
    let pairs = did.iter();
    let pairs: Vec<(&str, &str)> = pairs
        .map(|(user, event)| (user.as_str(), names[event.place()]))
        .collect();
    let streams: RefCell<Vec<BTreeSet<StreamNo>>> = RefCell::new(vec![BTreeSet::new(); did.len()]);
    let complete = rows::each_latest(pipeline.session, &pairs, MOST_ROWS, &|place, at, row| {
        registry.streams.matching(did[place].1, at, &row, |stream| {
            streams.borrow_mut()[place].insert(stream);
        });
    });
    for (((user, event), streams), complete) in did.iter().zip(streams.into_inner()).zip(complete) {
        let buckets = found.entry(user.clone()).or_default();
        if complete {
            for stream in streams {
                buckets.extend(registry.streams.concerned(stream).iter().copied());
            }
        } else {
            buckets.extend(registry.events.concerned(*event));
        }
    }
}

//! Buckets that name others: in which order they are judged, and whom a move concerns.
//!
//! The numbers of buckets are given in that order, so that whatever goes over buckets in the order of their numbers
//! comes to a bucket after all that it names.

use std::collections::HashMap;

use hogsend_core::criteria::Criteria;

use super::names::Number;
use super::{Bucket, BucketNo, Buckets, NamedNo};

/// Puts buckets into the order in which they are judged: those that name none, then those that name such, and so on;
/// equal ones in the order they have. Tells each its level.
pub(super) fn order(buckets: &mut [Bucket]) {
    let is_nested = |bucket: &Bucket| !named_by(bucket).is_empty();
    if !buckets.iter().any(is_nested) {
        return;
    }
    let places: HashMap<&str, usize> = buckets
        .iter()
        .enumerate()
        .map(|(place, bucket)| (bucket.id.as_str(), place))
        .collect();
    // What is disabled moves nobody, so it is on no level.
    let names = |place: usize| {
        let named = named_by(&buckets[place]).iter();
        named.filter_map(|id| places.get(id.as_str()).copied())
    };
    let mut levels: Vec<u32> = vec![0; buckets.len()];
    // Each round settles one level more. Definitions with a circle are refused; where the check was bypassed, this
    // ends all the same.
    for _ in 0..buckets.len() {
        let mut is_settled = true;
        for place in 0..buckets.len() {
            let below = names(place).map(|inner| levels[inner] + 1).max();
            let level = below.unwrap_or(0).min(buckets.len() as u32);
            is_settled &= level == levels[place];
            levels[place] = level;
        }
        if is_settled {
            break;
        }
    }
    drop(places);
    for (bucket, level) in buckets.iter_mut().zip(levels) {
        bucket.level = level;
    }
    buckets.sort_by_key(|bucket| bucket.level);
}

/// Buckets, each after those of them that it names.
pub fn in_order(mut buckets: Vec<Bucket>) -> Vec<Bucket> {
    order(&mut buckets);
    buckets
}

/// The ids that a bucket's criteria name.
fn named_by(bucket: &Bucket) -> &[String] {
    bucket.criteria.as_ref().map_or(&[], Criteria::buckets)
}

impl Buckets {
    /// Whether some bucket names another one.
    pub fn is_nested(&self) -> bool {
        !self.named.is_empty()
    }

    /// A bucket that others name, enabled or not.
    pub fn named(&self, id: &str) -> Option<NamedNo> {
        self.named.number(id)
    }

    /// The id of a bucket that others name.
    pub fn named_id(&self, number: NamedNo) -> &str {
        self.named.name(number)
    }

    /// The buckets that name it.
    pub fn dependants(&self, number: NamedNo) -> impl ExactSizeIterator<Item = BucketNo> + '_ {
        self.named.concerned(number)
    }

    /// The enabled buckets that buckets name, and what those name, and so on.
    pub fn all_named_by(&self, buckets: &[BucketNo]) -> Vec<BucketNo> {
        let mut all: Vec<BucketNo> = Vec::new();
        let mut open: Vec<BucketNo> = buckets.to_vec();
        while let Some(number) = open.pop() {
            for named in &self.bucket(number).named {
                let inner = self.by_id(self.named_id(*named));
                if let Some(inner) = inner.filter(|inner| !all.contains(inner)) {
                    all.push(inner);
                    open.push(inner);
                }
            }
        }
        all.sort_unstable_by_key(|number| number.place());
        all
    }
}

//! A set of numbers: a user's buckets, mostly three or so, and there are very many users.

use std::ops::Deref;

use crate::registry::BucketNo;

/// Numbers in ascending order, each once.
#[derive(Clone, Default)]
pub struct Numbers(Vec<BucketNo>);

impl Numbers {
    pub fn insert(&mut self, number: BucketNo) {
        self.extend([number]);
    }

    pub fn extend(&mut self, numbers: impl IntoIterator<Item = BucketNo>) {
        let numbers = numbers.into_iter();
        self.0.reserve_exact(numbers.size_hint().0);
        self.0.extend(numbers);
        if !self.0.is_sorted_by(|a, b| a < b) {
            self.0.sort_unstable();
            self.0.dedup();
        }
    }

    pub fn remove(&mut self, number: BucketNo) {
        self.0.retain(|n| *n != number);
    }
}

impl Deref for Numbers {
    type Target = [BucketNo];

    fn deref(&self) -> &[BucketNo] {
        &self.0
    }
}

//! Where in the properties of contacts buckets look, with their numbers.
//!
//! A statement that changes a contact is known by the top-level keys that it changed; what stands under one
//! of them may be on many paths.

use std::collections::HashMap;

use hogsend_core::criteria::Path;

use super::names::{BucketNo, KeyNo, Number};

/// Paths with the buckets that read there.
#[derive(Default)]
pub struct Paths {
    numbers: HashMap<Path, KeyNo>,
    paths: Vec<Path>,
    buckets: Vec<Vec<BucketNo>>,
    /// The paths that begin with a key.
    under: HashMap<String, Vec<KeyNo>>,
}

impl Paths {
    pub fn path(&self, number: KeyNo) -> &Path {
        &self.paths[number.place()]
    }

    /// All of them with their numbers.
    pub fn numbered(&self) -> Vec<(KeyNo, &Path)> {
        let paths = self.paths.iter().enumerate();
        paths
            .map(|(place, path)| (KeyNo::new(place), path))
            .collect()
    }

    /// The different top-level keys.
    pub fn keys(&self) -> Vec<&str> {
        self.under.keys().map(String::as_str).collect()
    }

    /// The numbers of the paths that begin with a key.
    pub fn under(&self, key: &str) -> &[KeyNo] {
        self.under.get(key).map_or(&[], Vec::as_slice)
    }

    /// The buckets that read there.
    pub fn concerned(&self, number: KeyNo) -> impl ExactSizeIterator<Item = BucketNo> + '_ {
        self.buckets[number.place()].iter().copied()
    }

    /// Notes that a bucket reads there.
    pub(super) fn add(&mut self, path: &Path, bucket: BucketNo) -> KeyNo {
        let number = self.numbers.get(path).copied().unwrap_or_else(|| {
            let number = KeyNo::new(self.paths.len());
            self.numbers.insert(path.clone(), number);
            self.paths.push(path.clone());
            self.buckets.push(Vec::new());
            let under = self.under.entry(path.key().to_owned()).or_default();
            under.push(number);
            number
        });
        self.buckets[number.place()].push(bucket);
        number
    }
}

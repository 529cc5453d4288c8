//! Where in the properties of contacts buckets look, with their numbers.
//!
//! A statement that changes a contact is known by the top-level keys that it changed; what stands under one
//! of them may be on many paths.

use std::cell::OnceCell;
use std::collections::HashMap;

use hogsend_core::criteria::{Criteria, Path, PropertyNo, PropertyValue, ValueKey};

use super::Buckets;
use super::names::{BucketNo, KeyNo, Number};

/// Paths with the buckets that read there.
#[derive(Default)]
pub struct Paths {
    numbers: HashMap<Path, KeyNo>,
    paths: Vec<Path>,
    buckets: Vec<Vec<BucketNo>>,
    /// For each path, once something on it has changed.
    watchers: Vec<OnceCell<Watchers>>,
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
    pub fn reading(&self, number: KeyNo) -> impl ExactSizeIterator<Item = BucketNo> + '_ {
        self.buckets[number.place()].iter().copied()
    }

    /// Notes that a bucket reads there.
    pub(super) fn add(&mut self, path: &Path, bucket: BucketNo) -> KeyNo {
        let number = self.numbers.get(path).copied().unwrap_or_else(|| {
            let number = KeyNo::new(self.paths.len());
            self.numbers.insert(path.clone(), number);
            self.paths.push(path.clone());
            self.buckets.push(Vec::new());
            self.watchers.push(OnceCell::new());
            let under = self.under.entry(path.key().to_owned()).or_default();
            under.push(number);
            number
        });
        self.buckets[number.place()].push(bucket);
        number
    }
}

/// The buckets that read on a path, by what changes there may matter to them.
struct Watchers {
    /// Sorted.
    by_value: Vec<(ValueKey, BucketNo)>,
    presence: Vec<BucketNo>,
    others: Vec<BucketNo>,
}

impl Buckets {
    /// The buckets of which some leg is of another truth for the value after a change than for the one
    /// before.
    pub fn concerned_by_value(
        &self,
        number: KeyNo,
        was: Option<&PropertyValue>,
        is: Option<&PropertyValue>,
    ) -> Vec<BucketNo> {
        let watchers = &self.properties.watchers[number.place()];
        let watchers = watchers.get_or_init(|| Watchers::new(self, number));
        let mut buckets = watchers.others.clone();
        for value in [was, is].into_iter().flatten() {
            if let Some(wanted) = ValueKey::of(value) {
                let from = watchers.by_value.partition_point(|(key, _)| *key < wanted);
                let same = watchers.by_value[from..].iter();
                let same = same.take_while(|(key, _)| *key == wanted);
                buckets.extend(same.map(|(_, bucket)| *bucket));
            }
        }
        let is_there =
            |value: Option<&PropertyValue>| !matches!(value, None | Some(PropertyValue::Null));
        if is_there(was) != is_there(is) {
            buckets.extend(&watchers.presence);
        }
        buckets.sort_unstable();
        buckets.dedup();
        buckets.retain(|bucket| {
            self.of_bucket_at(*bucket, number)
                .is_none_or(|(criteria, property)| criteria.tells_apart(property, was, is))
        });
        buckets
    }

    /// A bucket's criteria, and what they call the path.
    fn of_bucket_at(&self, bucket: BucketNo, number: KeyNo) -> Option<(&Criteria, PropertyNo)> {
        let bucket = self.bucket(bucket);
        let place = bucket
            .properties
            .iter()
            .position(|known| *known == number)?;
        let criteria = bucket.criteria.as_ref()?;
        Some((criteria, criteria.property_numbers().nth(place)?))
    }
}

impl Watchers {
    fn new(registry: &Buckets, number: KeyNo) -> Watchers {
        let mut watchers = Watchers {
            by_value: Vec::new(),
            presence: Vec::new(),
            others: Vec::new(),
        };
        for bucket in registry.properties.reading(number) {
            let Some((criteria, property)) = registry.of_bucket_at(bucket, number) else {
                continue;
            };
            let telling = criteria.telling(property);
            if telling.others {
                watchers.others.push(bucket);
                continue;
            }
            if telling.presence {
                watchers.presence.push(bucket);
            }
            let keys = telling.keys.into_iter();
            watchers.by_value.extend(keys.map(|key| (key, bucket)));
        }
        watchers.by_value.sort_unstable();
        watchers
    }
}

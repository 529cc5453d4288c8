//! Names with their numbers. Each kind of number is a type of its own, so that the number of a bucket
//! cannot be taken for that of an event.

use std::collections::HashMap;
use std::marker::PhantomData;

/// A place in a list of the registry, from 0 on; good for that registry only.
pub trait Number: Copy {
    fn new(place: usize) -> Self;
    fn place(self) -> usize;
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(usize);

        impl Number for $name {
            fn new(place: usize) -> $name {
                $name(place)
            }

            fn place(self) -> usize {
                self.0
            }
        }
    )*};
}

numbers! {
    /// A bucket.
    BucketNo
    /// An event that some bucket names.
    EventNo
    /// A path into the properties of contacts at which some bucket reads.
    KeyNo
    /// A series that some bucket counts.
    StreamNo
    /// A bucket that some bucket names.
    NamedNo
    /// A journey.
    JourneyNo
    /// An event or a transition that some journey mentions.
    NameNo
}

/// Names with the buckets that mention them.
pub struct Names<N> {
    numbers: HashMap<String, usize>,
    names: Vec<String>,
    buckets: Vec<Vec<BucketNo>>,
    of: PhantomData<N>,
}

impl<N> Default for Names<N> {
    fn default() -> Names<N> {
        Names {
            numbers: HashMap::new(),
            names: Vec::new(),
            buckets: Vec::new(),
            of: PhantomData,
        }
    }
}

impl<N: Number> Names<N> {
    pub fn number(&self, name: &str) -> Option<N> {
        self.numbers.get(name).copied().map(N::new)
    }

    /// All of them, in the order of their numbers.
    pub fn all(&self) -> Vec<&str> {
        self.names.iter().map(String::as_str).collect()
    }

    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    pub fn name(&self, number: N) -> &str {
        &self.names[number.place()]
    }

    /// The buckets that mention a name.
    pub fn concerned(&self, number: N) -> impl ExactSizeIterator<Item = BucketNo> + '_ {
        self.buckets[number.place()].iter().copied()
    }

    /// Notes that a bucket mentions a name.
    pub(super) fn add(&mut self, name: &str, bucket: BucketNo) -> N {
        let place = self.numbers.get(name).copied().unwrap_or_else(|| {
            self.numbers.insert(name.to_owned(), self.names.len());
            self.names.push(name.to_owned());
            self.buckets.push(Vec::new());
            self.names.len() - 1
        });
        // One bucket after the other is added, and may name it several times.
        if self.buckets[place].last() != Some(&bucket) {
            self.buckets[place].push(bucket);
        }
        N::new(place)
    }
}

//! The numbers by which criteria and what is known of a user speak of the same things.
//!
//! Each is a type of its own, so that the number of a series cannot be taken for that of a property.

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(usize);

        impl $name {
            pub(super) fn new(index: usize) -> $name {
                $name(index)
            }

            /// The place in that list, from 0 on.
            pub fn index(self) -> usize {
                self.0
            }
        }
    )*};
}

numbers! {
    /// One of [`Criteria::series`](super::Criteria::series).
    SeriesNo
    /// One of [`Criteria::properties`](super::Criteria::properties).
    PropertyNo
    /// One of [`Criteria::buckets`](super::Criteria::buckets).
    InnerNo
}

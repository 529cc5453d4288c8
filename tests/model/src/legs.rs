//! What each kind of leg means: a file each, and a line each in the table.

pub mod bucket;
pub mod compare;
pub mod date;
pub mod event;
pub mod everyone;
pub mod measure;
pub mod property;
pub mod sample;
pub mod sequence;

pub use bucket::Bucket;
pub use compare::Compare;
pub use date::Date;
pub use event::{Check, Event, Pick};
pub use everyone::Everyone;
pub use measure::Measure;
pub use property::Property;
pub use sample::Sample;
pub use sequence::Sequence;

use crate::facts::{Facts, Occurrence, Seen};
use crate::json::Fields;
use crate::random::Random;
use crate::value::Value;
use crate::world::World;

/// What is said of a leg by itself.
pub trait Meaning {
    /// Whether it holds at an instant, of what is stored now.
    fn holds(&self, seen: &Seen, at: i64) -> bool;

    /// Whether it held at an instant of the past, of what had happened by then; None where nobody knows.
    fn held(&self, seen: &Seen, at: i64) -> Option<bool> {
        Some(self.holds(seen, at))
    }

    /// Finds every instant at which the clock alone may change whether it holds: the first at which it
    /// is different.
    fn changes(&self, facts: &Facts, found: &mut dyn FnMut(i128));

    /// The events that it names.
    fn events(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// Whether it may count an occurrence, at one time or another.
    fn counts(&self, _occurrence: &Occurrence) -> bool {
        false
    }

    /// Whether it asks of occurrences of an event what they say of themselves.
    fn asks_of(&self, _event: &str) -> bool {
        false
    }

    /// The properties that it asks for.
    fn properties(&self) -> &[&'static str] {
        &[]
    }

    /// Whether it holds of the one value of a property and not of the other.
    fn tells_apart(&self, _property: &str, _one: Option<&Value>, _other: Option<&Value>) -> bool {
        false
    }

    /// The bucket whose members it asks for.
    fn bucket(&self) -> Option<&'static str> {
        None
    }

    /// Whether it is about every live contact, and not only about those who did what it names.
    fn is_about_everybody(&self) -> bool {
        self.events().is_empty()
    }

    /// Whether the clock changes it again and again, without an end.
    fn is_endless(&self) -> bool {
        false
    }

    /// Whether it only says what must not be where it is to be as `asked`: of nothing but such legs no
    /// bucket can be made.
    fn only_denies(&self, asked: bool) -> bool;

    /// The fields of its object.
    fn fields(&self, random: &mut Random) -> Fields;
}

/// `Leg` has a variant for each kind, called as its type; the numbers are how often it is made at random: in a
/// world that measures, and in another.
macro_rules! legs {
    ($($Kind:ident: $measuring:literal / $plain:literal),* $(,)?) => {
        #[derive(Clone, Debug, PartialEq)]
        pub enum Leg {
            Bucket(Bucket),
            $($Kind($Kind)),*
        }

        impl Leg {
            pub fn meaning(&self) -> &dyn Meaning {
                match self {
                    Leg::Bucket(leg) => leg,
                    $(Leg::$Kind(leg) => leg),*
                }
            }

            /// The same with one thing less.
            pub fn smaller(&self) -> Vec<Leg> {
                match self {
                    Leg::Bucket(leg) => leg.smaller().into_iter().map(Leg::Bucket).collect(),
                    Leg::Event(leg) => leg.smaller().into_iter().map(Leg::Event).collect(),
                    Leg::Sequence(leg) => leg.smaller().into_iter().map(Leg::Sequence).collect(),
                    Leg::Compare(leg) => leg.smaller().into_iter().map(Leg::Compare).collect(),
                    Leg::Measure(leg) => leg.smaller().into_iter().map(Leg::Measure).collect(),
                    _ => Vec::new(),
                }
            }

            pub fn random(random: &mut Random, world: &World) -> Leg {
                // Where there are no buckets none can be named, and nothing is drawn for it.
                if !world.buckets.is_empty() && random.one_in(5) {
                    return Leg::Bucket(Bucket::random(random, world));
                }
                let kinds: [(usize, fn(&mut Random, &World) -> Leg); _] =
                    [$((if world.measures { $measuring } else { $plain }, |random, world| Leg::$Kind($Kind::random(random, world)))),*];
                let mut place = random.below(kinds.iter().map(|(weight, _)| weight).sum());
                for (weight, make) in kinds {
                    if place < weight {
                        return make(random, world);
                    }
                    place -= weight;
                }
                unreachable!("the sum of the weights")
            }
        }
    };
}

legs! {
    Property: 4 / 4,
    Date: 3 / 2,
    Event: 8 / 8,
    Measure: 3 / 0,
    Compare: 2 / 0,
    Sequence: 3 / 0,
    Everyone: 1 / 1,
    Sample: 1 / 1,
}

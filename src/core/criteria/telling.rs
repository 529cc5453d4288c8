//! What a change of a property can matter to: only legs that are of another truth for the new value than for
//! the old one.
//!
//! Where many criteria ask for a value of one property, those that a change may matter to are looked up by the values
//! before and after.

use super::Criteria;
use super::fold::fold;
use super::legs::Leg;
use super::legs::property::{Folded, PropertyTest};
use super::list::List;
use super::numbers::PropertyNo;
use super::value::{PropertyValue, Scalar};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Longer lists are rather looked through than looked up: to keep so many keys takes more memory than the lists.
const MAX_KEYS: usize = 64;

/// Under what a value is looked up. Different values may have the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueKey(u64);

/// Which changes of a property may matter to criteria.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Telling {
    /// From or to a value with one of these keys.
    pub keys: Vec<ValueKey>,
    /// From absent or null to a value, or back.
    pub presence: bool,
    /// Any.
    pub others: bool,
}

impl Criteria {
    /// Whether some leg about the property is of another truth for the one than for the other.
    pub fn tells_apart(
        &self,
        property: PropertyNo,
        one: Option<&PropertyValue>,
        other: Option<&PropertyValue>,
    ) -> bool {
        let mut apart = false;
        self.root().legs(&mut |leg| {
            apart |= match leg {
                Leg::Property(leg) => {
                    leg.property == property && leg.test.passes(one) != leg.test.passes(other)
                }
                // What is on another day now may be on the same one at some time.
                Leg::Date(leg) => leg.tells_apart(property, one, other),
                _ => false,
            };
        });
        apart
    }

    /// Which changes of the property may matter.
    pub fn telling(&self, property: PropertyNo) -> Telling {
        let mut telling = Telling::default();
        self.root().legs(&mut |leg| match leg {
            Leg::Property(leg) if leg.property == property => leg.test.add_to(&mut telling),
            Leg::Date(leg) => telling.others |= leg.reads(property),
            _ => {}
        });
        telling
    }
}

impl ValueKey {
    /// That of a value; `None` where no two values are the same.
    pub fn of(value: &PropertyValue) -> Option<ValueKey> {
        Some(match value {
            PropertyValue::Bool(value) => ValueKey::new(0, &value.to_string()),
            PropertyValue::Number(value) => ValueKey::new(1, &value.to_string()),
            PropertyValue::String(value) => ValueKey::new(2, &fold(value)),
            PropertyValue::Null | PropertyValue::Array(_) | PropertyValue::Opaque => return None,
        })
    }

    fn of_scalar(scalar: &Scalar) -> ValueKey {
        match scalar {
            Scalar::Bool(value) => ValueKey::new(0, &value.to_string()),
            Scalar::Number(value) => ValueKey::new(1, &value.to_string()),
            Scalar::String(value) => ValueKey::new(2, &fold(value)),
        }
    }

    fn new(kind: u8, text: &str) -> ValueKey {
        let mut hasher = DefaultHasher::new();
        (kind, text).hash(&mut hasher);
        ValueKey(hasher.finish())
    }
}

impl PropertyTest {
    fn add_to(&self, telling: &mut Telling) {
        match self {
            PropertyTest::Exists | PropertyTest::NotExists => telling.presence = true,
            PropertyTest::Eq(value) | PropertyTest::Neq(value) => {
                telling.keys.push(ValueKey::of_scalar(value));
            }
            PropertyTest::In(list) | PropertyTest::NotIn(list) => list.add_to(telling),
            PropertyTest::Folded(folded) => match &**folded {
                Folded::Eq(text) | Folded::Neq(text) => telling.keys.push(ValueKey::new(2, text)),
                Folded::In(list) | Folded::NotIn(list) => list.add_to(telling),
                _ => telling.others = true,
            },
            _ => telling.others = true,
        }
    }
}

impl List {
    fn add_to(&self, telling: &mut Telling) {
        if self.len() > MAX_KEYS {
            telling.others = true;
        } else {
            telling
                .keys
                .extend(self.values().filter_map(|value| ValueKey::of(&value)));
        }
    }
}

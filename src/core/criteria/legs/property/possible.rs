//! Whether anybody's value can pass several tests.

use super::folded::Folded;
use super::value_test::PropertyTest;
use crate::criteria::value::{PropertyValue, Scalar};
use crate::decimal::Decimal;

/// Types of which a value may be, a bit each.
const ANY: u8 = 0b111;
const NUMBER: u8 = 0b001;
const STRING: u8 = 0b010;
const ARRAY: u8 = 0b100;

/// Of which types a value may be that passes the test, as far as others ask for a type, too.
fn kinds_of(test: &PropertyTest) -> u8 {
    match test {
        PropertyTest::Gt(_) | PropertyTest::Gte(_) | PropertyTest::Lt(_) | PropertyTest::Lte(_) => {
            NUMBER
        }
        PropertyTest::StartsWith(_) | PropertyTest::EndsWith(_) | PropertyTest::Matches(_) => {
            STRING
        }
        PropertyTest::Folded(folded) => match **folded {
            Folded::Neq(_) | Folded::NotIn(_) => ANY,
            Folded::Contains(_) => STRING | ARRAY,
            _ => STRING,
        },
        PropertyTest::Contains(Scalar::String(_)) => STRING | ARRAY,
        PropertyTest::Contains(_) | PropertyTest::ContainsAny(_) | PropertyTest::ContainsAll(_) => {
            ARRAY
        }
        _ => ANY,
    }
}

/// Whether some value passes all of these tests, or may.
pub(super) fn can_pass(tests: &[&PropertyTest]) -> bool {
    let passes = |value: Option<&PropertyValue>| tests.iter().all(|t| t.passes(value));
    let mut least: Option<(&Decimal, bool)> = None;
    let mut most = least;
    for test in tests {
        match test {
            PropertyTest::Eq(scalar) => return passes(Some(&value_of(scalar))),
            PropertyTest::NotExists => return passes(None),
            PropertyTest::Gt(than) => least = least.max(Some((than, true))),
            PropertyTest::Gte(than) => least = least.max(Some((than, false))),
            PropertyTest::Lt(than) => most = lower(most, (than, true)),
            PropertyTest::Lte(than) => most = lower(most, (than, false)),
            PropertyTest::In(list) => {
                let mut values = list.values();
                return values.any(|value| passes(Some(&value)));
            }
            _ => {}
        }
    }
    if tests.iter().fold(ANY, |kinds, test| kinds & kinds_of(test)) == 0 {
        return false;
    }
    match (least, most) {
        (Some((least, _)), Some((most, _))) if least > most => false,
        (Some((least, _)), Some((most, _))) if least == most => {
            passes(Some(&PropertyValue::Number(least.clone())))
        }
        _ => true,
    }
}

/// The stricter of two upper bounds; of equal ones the one that leaves the bound itself out.
fn lower<'d, T: Ord>(one: Option<(&'d T, bool)>, other: (&'d T, bool)) -> Option<(&'d T, bool)> {
    match one {
        Some(one) if (one.0, !one.1) <= (other.0, !other.1) => Some(one),
        _ => Some(other),
    }
}

fn value_of(scalar: &Scalar) -> PropertyValue {
    match scalar {
        Scalar::Bool(value) => PropertyValue::Bool(*value),
        Scalar::Number(value) => PropertyValue::Number(value.clone()),
        Scalar::String(value) => PropertyValue::String(value.clone()),
    }
}

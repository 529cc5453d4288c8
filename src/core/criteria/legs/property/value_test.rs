//! What a leg asks of one value, whoever's it is.

use super::folded::Folded;
use super::pattern::Pattern;
use crate::criteria::canonical::Writer;
use crate::criteria::hints::quote;
use crate::criteria::list::List;
use crate::criteria::value::{PropertyValue, Scalar};
use crate::criteria::words::{self, number, scalar};
use crate::decimal::Decimal;
use std::cmp::Ordering;

/// What must hold of a value, or of there being none. Values of another type than asked for are
/// never equal, never in order and contain nothing.
#[derive(Clone, Debug)]
pub enum PropertyTest {
    /// Present and not null.
    Exists,
    /// Absent or null.
    NotExists,
    /// The same type and value.
    Eq(Scalar),
    /// Anything but that, absence included.
    Neq(Scalar),
    /// A number beyond the given one.
    Gt(Decimal),
    /// A number not below the given one.
    Gte(Decimal),
    /// A number below the given one.
    Lt(Decimal),
    /// A number not beyond the given one.
    Lte(Decimal),
    /// A string with the given one in it, or an array with an equal element.
    Contains(Scalar),
    /// One of the list.
    In(Box<List>),
    /// Anything but those, absence included.
    NotIn(Box<List>),
    /// A string that begins with the given one.
    StartsWith(String),
    /// A string that ends with the given one.
    EndsWith(String),
    /// An array with an element that is one of the list.
    ContainsAny(Box<List>),
    /// An array with all of the list among its elements.
    ContainsAll(Box<List>),
    /// Anything but an array with one of the list, absence included.
    ContainsNone(Box<List>),
    /// A string in which a regular expression finds something.
    Matches(Box<Pattern>),
    /// One of the comparisons with strings, whatever the case.
    Folded(Box<Folded>),
}

impl PropertyTest {
    /// Writes operator and value in the canonical form.
    pub(in crate::criteria) fn write(&self, into: &mut Writer) {
        match self {
            PropertyTest::Exists => into.operator("exists"),
            PropertyTest::NotExists => into.operator("not_exists"),
            PropertyTest::Eq(value) => into.scalar("eq", value),
            PropertyTest::Neq(value) => into.scalar("neq", value),
            PropertyTest::Contains(value) => into.scalar("contains", value),
            PropertyTest::Gt(number) => into.compared("gt", number),
            PropertyTest::Gte(number) => into.compared("gte", number),
            PropertyTest::Lt(number) => into.compared("lt", number),
            PropertyTest::Lte(number) => into.compared("lte", number),
            PropertyTest::In(list) => into.compared("in", list.json()),
            PropertyTest::NotIn(list) => into.compared("not_in", list.json()),
            PropertyTest::StartsWith(text) => into.text_compared("starts_with", text),
            PropertyTest::EndsWith(text) => into.text_compared("ends_with", text),
            PropertyTest::ContainsAny(list) => into.compared("contains_any", list.json()),
            PropertyTest::ContainsAll(list) => into.compared("contains_all", list.json()),
            PropertyTest::ContainsNone(list) => into.compared("contains_none", list.json()),
            PropertyTest::Matches(pattern) => pattern.write(into),
            PropertyTest::Folded(folded) => folded.write(into),
        }
    }

    /// Whether a value (or that there is none) is what is asked for.
    pub fn passes(&self, value: Option<&PropertyValue>) -> bool {
        use PropertyValue::{Null, Number};
        let ordering = |than| match value {
            Some(Number(number)) => Some(number.cmp(than)),
            _ => None,
        };
        match self {
            PropertyTest::Exists => !matches!(value, None | Some(Null)),
            PropertyTest::NotExists => matches!(value, None | Some(Null)),
            PropertyTest::Eq(scalar) => value.is_some_and(|value| scalar.equals(value)),
            PropertyTest::Neq(scalar) => !value.is_some_and(|value| scalar.equals(value)),
            PropertyTest::Gt(than) => ordering(than) == Some(Ordering::Greater),
            PropertyTest::Gte(than) => ordering(than).is_some_and(Ordering::is_ge),
            PropertyTest::Lt(than) => ordering(than) == Some(Ordering::Less),
            PropertyTest::Lte(than) => ordering(than).is_some_and(Ordering::is_le),
            PropertyTest::Contains(scalar) => {
                value.is_some_and(|value| scalar.is_contained_in(value))
            }
            _ => self.passes_slowly(value),
        }
    }

    /// The same of tests that take longer, apart from those that must be quick.
    #[inline(never)]
    fn passes_slowly(&self, value: Option<&PropertyValue>) -> bool {
        let text = || match value {
            Some(PropertyValue::String(text)) => Some(text.as_str()),
            _ => None,
        };
        match self {
            PropertyTest::In(list) => value.is_some_and(|value| list.has(value)),
            PropertyTest::NotIn(list) => !value.is_some_and(|value| list.has(value)),
            PropertyTest::StartsWith(start) => text().is_some_and(|t| t.starts_with(&**start)),
            PropertyTest::EndsWith(end) => text().is_some_and(|t| t.ends_with(&**end)),
            PropertyTest::ContainsAny(list) => value.is_some_and(|value| list.shares(value)),
            PropertyTest::ContainsAll(list) => value.is_some_and(|value| list.is_within(value)),
            PropertyTest::ContainsNone(list) => !value.is_some_and(|value| list.shares(value)),
            PropertyTest::Matches(pattern) => text().is_some_and(|text| pattern.is_in(text)),
            PropertyTest::Folded(folded) => folded.passes(value),
            _ => false,
        }
    }

    /// What is asked, in words that follow the name of the property.
    pub fn words(&self) -> String {
        match self {
            PropertyTest::Exists => "is set".into(),
            PropertyTest::NotExists => "is not set".into(),
            PropertyTest::Eq(value) => format!("is {}", scalar(value)),
            PropertyTest::Neq(value) => format!("is not {}", scalar(value)),
            PropertyTest::Gt(value) => format!("is more than {}", number(value)),
            PropertyTest::Gte(value) => format!("is at least {}", number(value)),
            PropertyTest::Lt(value) => format!("is less than {}", number(value)),
            PropertyTest::Lte(value) => format!("is at most {}", number(value)),
            PropertyTest::Contains(value) => format!("contains {}", scalar(value)),
            PropertyTest::In(list) => format!("is one of {}", list.in_words("or")),
            PropertyTest::NotIn(list) => format!("is none of {}", list.in_words("or")),
            PropertyTest::StartsWith(text) => format!("starts with {}", quote(text)),
            PropertyTest::EndsWith(text) => format!("ends with {}", quote(text)),
            PropertyTest::ContainsAny(list) => format!("contains any of {}", list.in_words("or")),
            PropertyTest::ContainsAll(list) => format!("contains all of {}", list.in_words("and")),
            PropertyTest::ContainsNone(list) => format!("contains none of {}", list.in_words("or")),
            PropertyTest::Matches(pattern) => pattern.words(),
            PropertyTest::Folded(folded) => folded.words(),
        }
    }

    /// The same shortly, where it is one condition among others: `> 50`, `= "DE"`, `is set`.
    pub(in crate::criteria) fn briefly(&self) -> String {
        match self {
            PropertyTest::Eq(value) => format!("= {}", scalar(value)),
            PropertyTest::Neq(value) => format!("≠ {}", scalar(value)),
            PropertyTest::Gt(value) => format!("> {}", number(value)),
            PropertyTest::Gte(value) => format!("≥ {}", number(value)),
            PropertyTest::Lt(value) => format!("< {}", number(value)),
            PropertyTest::Lte(value) => format!("≤ {}", number(value)),
            _ => self.words(),
        }
    }

    /// A value in words, with what is wrong about its type.
    pub fn observed(&self, value: &PropertyValue) -> String {
        let shown = words::value(value);
        match mismatch(self, value) {
            // Objects are not shown, but named by their type.
            Some((kind, wanted)) if shown == kind => format!("{kind}, {wanted}"),
            Some((kind, wanted)) => format!("{shown}: {kind}, {wanted}"),
            None => shown,
        }
    }
}

/// The type of a value that is not of the type a test is about, and the type that would be.
fn mismatch(test: &PropertyTest, value: &PropertyValue) -> Option<(&'static str, String)> {
    let is = words::kind(value)?;
    let wanted = match test {
        PropertyTest::Exists | PropertyTest::NotExists => return None,
        PropertyTest::Eq(scalar) | PropertyTest::Neq(scalar) => words::scalar_kind(scalar),
        PropertyTest::Gt(_) | PropertyTest::Gte(_) | PropertyTest::Lt(_) | PropertyTest::Lte(_) => {
            "a number"
        }
        PropertyTest::Contains(_) if matches!(value, PropertyValue::Array(_)) => return None,
        PropertyTest::Contains(Scalar::String(_)) => match value {
            PropertyValue::String(_) => return None,
            _ => return Some((is, "neither a string nor an array".into())),
        },
        PropertyTest::In(list) | PropertyTest::NotIn(list) => list.kind(),
        PropertyTest::StartsWith(_) | PropertyTest::EndsWith(_) | PropertyTest::Matches(_) => {
            "a string"
        }
        PropertyTest::Folded(folded) => match (&**folded, value) {
            (Folded::Contains(_), PropertyValue::Array(_) | PropertyValue::String(_)) => {
                return None;
            }
            (Folded::Contains(_), _) => return Some((is, "neither a string nor an array".into())),
            _ => "a string",
        },
        PropertyTest::Contains(_)
        | PropertyTest::ContainsAny(_)
        | PropertyTest::ContainsAll(_)
        | PropertyTest::ContainsNone(_) => "an array",
    };
    (is != wanted).then(|| (is, format!("not {wanted}")))
}

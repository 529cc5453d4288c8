//! Values of properties, and the comparisons that legs make with them.

use super::json::{self, Kind};
use super::path::Step;
use crate::decimal::Decimal;

/// A property's value as far as criteria can tell values apart.
///
/// There is no equality on purpose: two [`PropertyValue::Opaque`] stand for values that may
/// differ.
#[derive(Clone, Debug)]
pub enum PropertyValue {
    /// JSON's null: present, but not there for `exists`.
    Null,
    /// True or false.
    Bool(bool),
    /// A number with all its digits.
    Number(Decimal),
    /// A string, unescaped.
    String(String),
    /// An array: its scalars, and `Opaque` in the place of what is nested in it.
    Array(Vec<PropertyValue>),
    /// An object, something nested, or what could not be understood: it exists and no more.
    Opaque,
}

/// A value that criteria compare with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scalar {
    /// True or false.
    Bool(bool),
    /// A number.
    Number(Decimal),
    /// A string.
    String(String),
}

impl PropertyValue {
    /// Reads the JSON text of one value, as `jsonb` prints it. Never fails and never recurses:
    /// what cannot be understood is [`PropertyValue::Opaque`].
    pub fn parse(json: &str) -> PropertyValue {
        let json = json.trim_matches(json::WHITE_SPACE);
        match json::kind(json) {
            Some(Kind::Array) => match json::array(json) {
                Some(items) => {
                    PropertyValue::Array(items.iter().map(|item| scalar(item.get())).collect())
                }
                None => PropertyValue::Opaque,
            },
            _ => scalar(json),
        }
    }

    /// The same of what stands further down in the value that the text is of; `None` where there is
    /// nothing. Positions are those of arrays only, and names those of objects.
    pub fn parse_at(json: &str, steps: &[Step]) -> Option<PropertyValue> {
        let mut json = json;
        for step in steps {
            let inner = json.trim_matches(json::WHITE_SPACE);
            let found = match (step, json::kind(inner)) {
                (Step::Key(name), Some(Kind::Object)) => {
                    let mut entries = json::object(inner)?.into_iter().rev();
                    entries.find(|(key, _)| key == name)?.1
                }
                (Step::Position(place), Some(Kind::Array)) => {
                    *json::array(inner)?.get(*place as usize)?
                }
                _ => return None,
            };
            json = found.get();
        }
        Some(PropertyValue::parse(json))
    }
}

fn scalar(json: &str) -> PropertyValue {
    let understood = match json::kind(json) {
        Some(Kind::Null) => (json == "null").then_some(PropertyValue::Null),
        Some(Kind::Bool) => json::boolean(json).map(PropertyValue::Bool),
        Some(Kind::Number) => Decimal::parse(json).map(PropertyValue::Number),
        Some(Kind::String) => json::string(json).map(PropertyValue::String),
        Some(Kind::Array | Kind::Object) | None => None,
    };
    understood.unwrap_or(PropertyValue::Opaque)
}

impl Scalar {
    /// Whether `value` has the same type and is the same.
    pub fn equals(&self, value: &PropertyValue) -> bool {
        match (self, value) {
            (Scalar::Bool(mine), PropertyValue::Bool(theirs)) => mine == theirs,
            (Scalar::Number(mine), PropertyValue::Number(theirs)) => mine == theirs,
            (Scalar::String(mine), PropertyValue::String(theirs)) => mine == theirs,
            _ => false,
        }
    }

    /// Whether `value` is a string that has this string in it, or an array with an equal element.
    pub fn is_contained_in(&self, value: &PropertyValue) -> bool {
        match (self, value) {
            (Scalar::String(part), PropertyValue::String(whole)) => whole.contains(part.as_str()),
            (_, PropertyValue::Array(items)) => items.iter().any(|item| self.equals(item)),
            _ => false,
        }
    }
}

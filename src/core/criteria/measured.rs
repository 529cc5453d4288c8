//! What is taken of each occurrence of a series, to be added up or compared.

use super::canonical::Writer;
use super::filter::{EventRow, Field};
use super::value::{PropertyValue, Scalar};
use super::zones::{self, Zones};
use crate::decimal::Decimal;
use crate::time::{Instant, Span};

/// What is measured of a series. Two that are equal take the same of every occurrence.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Measured {
    /// The number that stands there; whatever is no number is nothing.
    Number(Field),
    /// The scalar that stands there.
    Scalar(Field),
    /// The local day on which it happened, in the zone of that name.
    Day(String),
    /// The scalars that stand in all of these places, as one; and the ids of the occurrences are read.
    Keys(Vec<Field>),
}

/// What was taken of one occurrence; `None` where there is nothing to be taken.
pub type Taken = Option<Scalar>;

impl Measured {
    /// How the day on which an event happened is called in documents.
    pub(super) const DAY: &str = "$day";

    /// What is to be taken of an occurrence at that instant.
    pub fn take(&self, at: Instant, row: &impl EventRow, zones: &dyn Zones) -> Taken {
        match self {
            Measured::Number(field) => match row.field(field)? {
                PropertyValue::Number(number) => {
                    Some(number).filter(Decimal::is_numeric).map(Scalar::Number)
                }
                _ => None,
            },
            Measured::Scalar(field) => match row.field(field)? {
                PropertyValue::Number(number) => {
                    Some(number).filter(Decimal::is_numeric).map(Scalar::Number)
                }
                PropertyValue::Bool(value) => Some(Scalar::Bool(value)),
                PropertyValue::String(value) => Some(Scalar::String(value)),
                PropertyValue::Null | PropertyValue::Array(_) | PropertyValue::Opaque => None,
            },
            Measured::Keys(fields) => key(fields, row),
            Measured::Day(zone) => {
                let day = day_of(zone, at, zones)?;
                let number = Decimal::whole(day.unsigned_abs());
                Some(Scalar::Number(if day < 0 {
                    number.negated()
                } else {
                    number
                }))
            }
        }
    }

    pub(super) fn write(&self, into: &mut Writer) {
        match self {
            Measured::Number(Field::Value) => {}
            Measured::Number(field) | Measured::Scalar(field) => match field {
                Field::Property(path) => into.raw("of", path.json()),
                Field::Value => into.text("of", Field::VALUE),
                Field::Source => into.text("of", Field::SOURCE),
            },
            // What reads keys writes them itself.
            Measured::Keys(_) => {}
            Measured::Day(zone) => {
                into.text("of", Measured::DAY);
                if !zones::is_utc(zone) {
                    into.text("zone", zone);
                }
            }
        }
    }

    /// In words that follow "the sum of" or "different".
    pub(super) fn words(&self) -> String {
        match self {
            Measured::Number(field) | Measured::Scalar(field) => field.words(),
            Measured::Keys(fields) => {
                let all: Vec<String> = fields.iter().map(Field::words).collect();
                all.join(" and ")
            }
            Measured::Day(zone) if zones::is_utc(zone) => "days".into(),
            Measured::Day(zone) => format!("days in {zone}"),
        }
    }
}

/// Several scalars as one, such that others are another one; `None` where one of them is missing.
fn key(fields: &[Field], row: &impl EventRow) -> Taken {
    // No empty text: the C library takes 300 ns to find out that two of them are the same, because it has
    // the processor look at where they would be.
    if fields.is_empty() {
        return Some(Scalar::Bool(true));
    }
    let mut key = String::new();
    for field in fields {
        let part = match row.field(field)? {
            PropertyValue::Number(number) => format!("n{number}"),
            PropertyValue::Bool(value) => format!("b{value}"),
            PropertyValue::String(value) => format!("s{value}"),
            PropertyValue::Null | PropertyValue::Array(_) | PropertyValue::Opaque => return None,
        };
        // Its length tells where each ends.
        key.push_str(&format!("{}:{part}", part.len()));
    }
    Some(Scalar::String(key))
}

/// The number of the local day of an instant, counted from 2000-01-01; `None` where there is no such zone, or
/// no such day.
fn day_of(zone: &str, at: Instant, zones: &dyn Zones) -> Option<i64> {
    if !at.is_finite() {
        return None;
    }
    if zones::is_utc(zone) {
        return Some(at.0.div_euclid(Span::DAY.0));
    }
    zones.day_of(zone, at)
}

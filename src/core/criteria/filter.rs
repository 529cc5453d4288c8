//! What must hold of an event itself for it to count: a tree of tests of the event's own document.
//!
//! A filter is decided once, where the event is read, and for good: no clock is in it.

use super::Problem;
use super::canonical::Writer;
use super::json;
use super::legs::LegKind;
use super::legs::property::{PropertyLeg, PropertyTest};
use super::moment::Beside;
use super::parse;
use super::path::Path;
use super::tree::Junction;
use super::value::PropertyValue;
use super::value::Scalar;
use super::zones::Zones;

use serde_json::value::RawValue;

/// A part of an event that a filter can ask for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// A place in the event's `properties`.
    Property(Path),
    /// The column `value`.
    Value,
    /// The column `source`.
    Source,
}

impl Field {
    /// How the column `value` is called in documents.
    pub(super) const VALUE: &str = "$value";
    /// How the column `source` is called in documents.
    pub(super) const SOURCE: &str = "$source";

    fn write(&self, into: &mut Writer) {
        match self {
            Field::Property(path) => into.raw("property", path.json()),
            Field::Value => into.text("property", Field::VALUE),
            Field::Source => into.text("property", Field::SOURCE),
        }
    }

    /// As it is written in a document.
    pub(super) fn json(&self) -> String {
        match self {
            Field::Property(path) => path.json(),
            Field::Value => format!("\"{}\"", Field::VALUE),
            Field::Source => format!("\"{}\"", Field::SOURCE),
        }
    }

    pub(super) fn words(&self) -> String {
        match self {
            Field::Property(path) => path.in_words(),
            Field::Value => Field::VALUE.into(),
            Field::Source => Field::SOURCE.into(),
        }
    }
}

/// One event, as filters see it.
pub trait EventRow {
    /// What stands there; `None` where there is nothing (a missing key, SQL's NULL).
    fn field(&self, field: &Field) -> Option<PropertyValue>;

    /// Whether what stands there has the same type and is the same: for rows that can tell without
    /// taking it out.
    fn equals(&self, field: &Field, scalar: &Scalar) -> bool {
        self.field(field).is_some_and(|value| scalar.equals(&value))
    }
}

/// A document that is all there is to say of what happened.
pub struct Document<'a> {
    fields: Vec<(String, &'a RawValue)>,
}

impl<'a> Document<'a> {
    /// `json` is an object; anything else says nothing.
    pub fn new(json: &'a str) -> Document<'a> {
        Document {
            fields: json::object(json).unwrap_or_default(),
        }
    }
}

impl EventRow for Document<'_> {
    fn field(&self, field: &Field) -> Option<PropertyValue> {
        let Field::Property(path) = field else {
            return None;
        };
        let mut fields = self.fields.iter().rev();
        let (_, value) = fields.find(|(key, _)| key == path.key())?;
        PropertyValue::parse_at(value.get(), path.rest())
    }
}

/// A condition on one event.
#[derive(Clone, Debug)]
pub struct Filter {
    root: Test,
    text: String,
}

/// A node of the tree.
#[derive(Clone, Debug)]
pub(super) enum Test {
    Of { field: Field, test: PropertyTest },
    When { field: Field, test: Box<Beside> },
    Not(Box<Test>),
    All(Vec<Test>),
    Any(Vec<Test>),
}

impl Filter {
    pub(super) fn new(root: Test) -> Filter {
        let mut writer = Writer::new();
        root.write(&mut writer);
        let text = writer.finish();
        Filter { root, text }
    }

    /// Reads and checks a document that is a filter by itself, with these time zones.
    pub fn parse_in(json: &str, zones: &dyn Zones) -> Result<Filter, Vec<Problem>> {
        parse::filter::document(json, zones)
    }

    /// What it asks for, in words that follow "with".
    pub fn words(&self) -> String {
        self.root.words(None)
    }

    /// The canonical form: the same for filters that mean the same by the rules of documents.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the event counts.
    pub fn passes(&self, row: &impl EventRow, zones: &dyn Zones) -> bool {
        self.root.passes(row, zones)
    }

    /// Where the whole filter is that one field equals one value: which, so that many such filters
    /// are one look-up. One of several conditions that must all hold is as good: whoever fails it
    /// fails the filter.
    pub fn equality(&self) -> Option<(&Field, &Scalar)> {
        self.root.equality()
    }

    /// Calls `visit` with every field that is asked for, some more than once.
    pub fn fields<'f>(&'f self, visit: &mut impl FnMut(&'f Field)) {
        self.root.fields(visit);
    }
}

impl Test {
    fn passes(&self, row: &impl EventRow, zones: &dyn Zones) -> bool {
        match self {
            Test::Of {
                field,
                test: PropertyTest::Eq(scalar),
            } => row.equals(field, scalar),
            Test::Of {
                field,
                test: PropertyTest::Neq(scalar),
            } => !row.equals(field, scalar),
            Test::Of { field, test } => test.passes(row.field(field).as_ref()),
            Test::When { field, test } => test.passes(row.field(field).as_ref(), zones),
            Test::Not(inner) => !inner.passes(row, zones),
            Test::All(parts) => parts.iter().all(|part| part.passes(row, zones)),
            Test::Any(parts) => parts.iter().any(|part| part.passes(row, zones)),
        }
    }

    fn equality(&self) -> Option<(&Field, &Scalar)> {
        match self {
            Test::Of {
                field,
                test: PropertyTest::Eq(scalar),
            } => Some((field, scalar)),
            Test::All(parts) => parts.iter().find_map(Test::equality),
            _ => None,
        }
    }

    fn fields<'f>(&'f self, visit: &mut impl FnMut(&'f Field)) {
        match self {
            Test::Of { field, .. } | Test::When { field, .. } => visit(field),
            Test::Not(inner) => inner.fields(visit),
            Test::All(parts) | Test::Any(parts) => {
                parts.iter().for_each(|part| part.fields(visit));
            }
        }
    }

    fn write(&self, into: &mut Writer) {
        match self {
            Test::Of { field, test } => {
                into.kind(PropertyLeg::TYPE);
                field.write(into);
                test.write(into);
            }
            Test::When { field, test } => {
                into.kind(PropertyLeg::TYPE);
                field.write(into);
                test.write(into);
            }
            Test::Not(inner) => into.negation(|into| inner.write(into)),
            Test::All(parts) => into.composite(Junction::And, parts, &mut |into, part| {
                part.write(into);
            }),
            Test::Any(parts) => into.composite(Junction::Or, parts, &mut |into, part| {
                part.write(into);
            }),
        }
        into.close();
    }

    /// In words; a part of several with another junction stands in brackets.
    fn words(&self, inside: Option<Junction>) -> String {
        let (junction, parts) = match self {
            Test::Of { field, test } => return format!("{} {}", field.words(), test.briefly()),
            Test::When { field, test } => return format!("{} {}", field.words(), test.words()),
            Test::Not(inner) => return format!("not ({})", inner.words(None)),
            Test::All(parts) => (Junction::And, parts),
            Test::Any(parts) => (Junction::Or, parts),
        };
        let between = match junction {
            Junction::And => " and ",
            Junction::Or => " or ",
        };
        let said: Vec<String> = parts.iter().map(|p| p.words(Some(junction))).collect();
        let said = said.join(between);
        match inside {
            Some(outer) if outer != junction && parts.len() > 1 => format!("({said})"),
            _ => said,
        }
    }
}

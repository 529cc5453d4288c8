//! Lists of values that criteria compare with.
//!
//! They may be long, every session keeps its own, and most sessions never ask most of them: so all values stand in one
//! piece of memory as they were read, and are put in order when somebody asks for the first time. From then on a value
//! is looked up by halving.

mod order;
mod values;

use super::fold::fold;
use super::hints::quote;
use super::json::Kind;
use super::value::PropertyValue;
use super::words;
use crate::decimal::Decimal;
use std::sync::OnceLock;
pub use values::Values;

/// How many values a list may have.
pub const MAX_LIST: usize = 10_000;
/// As many values are named in words.
const NAMED: usize = 10;

/// Values of one type; never empty. Equal ones count as one.
#[derive(Clone, Debug)]
pub struct List {
    kind: ScalarKind,
    /// As [`Values`] writes them.
    bytes: Box<[u8]>,
    /// Where the different ones begin, in the order of the bytes of their texts.
    order: OnceLock<Box<[u32]>>,
}

/// The types of values that criteria compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ScalarKind {
    Bool,
    Number,
    String,
}

impl List {
    /// Of values that are of one type; `None` if there are none, or of several types.
    pub fn new(values: Values) -> Option<List> {
        let (kind, bytes) = values.finish()?;
        Some(List {
            kind,
            bytes,
            order: OnceLock::new(),
        })
    }

    fn order(&self) -> &[u32] {
        self.order.get_or_init(|| order::of(&self.bytes))
    }

    /// How many different values there are.
    pub fn len(&self) -> usize {
        self.order().len()
    }

    /// Never: a list has values.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The text of the value that begins at a place.
    fn text(&self, start: u32) -> &str {
        str::from_utf8(self.value(start)).unwrap_or_default()
    }

    fn value(&self, start: u32) -> &[u8] {
        values::at(&self.bytes, start as usize).0
    }

    /// Where the value is in the list, if its type and the value are there.
    fn place(&self, value: &PropertyValue) -> Option<usize> {
        let number;
        let wanted = match (self.kind, value) {
            (ScalarKind::Bool, PropertyValue::Bool(true)) => "true",
            (ScalarKind::Bool, PropertyValue::Bool(false)) => "false",
            (ScalarKind::String, PropertyValue::String(text)) => text.as_str(),
            (ScalarKind::Number, PropertyValue::Number(value)) => {
                number = value.to_string();
                number.as_str()
            }
            _ => return None,
        };
        self.find(wanted)
    }

    /// Where the text of a value is in the list.
    fn find(&self, wanted: &str) -> Option<usize> {
        let wanted = wanted.as_bytes();
        let found = self
            .order()
            .binary_search_by(|start| self.value(*start).cmp(wanted));
        found.ok()
    }

    /// The same values whatever their case; `None` if they are no strings.
    pub(super) fn folded(&self) -> Option<List> {
        if self.kind != ScalarKind::String {
            return None;
        }
        let mut folded = Values::with_capacity(self.bytes.len());
        let mut place = 0;
        while place < self.bytes.len() {
            let (value, next) = values::at(&self.bytes, place);
            folded.string(&fold(str::from_utf8(value).unwrap_or_default()));
            place = next;
        }
        List::new(folded)
    }

    /// Whether the text is one of them.
    pub(super) fn has_text(&self, text: &str) -> bool {
        self.kind == ScalarKind::String && self.find(text).is_some()
    }

    /// Whether the value is one of them.
    pub fn has(&self, value: &PropertyValue) -> bool {
        self.place(value).is_some()
    }

    /// Whether an element of the array is one of them; false of what is no array.
    pub fn shares(&self, value: &PropertyValue) -> bool {
        match value {
            PropertyValue::Array(items) => items.iter().any(|item| self.has(item)),
            _ => false,
        }
    }

    /// Whether each of them is an element of the array; false of what is no array.
    pub fn is_within(&self, value: &PropertyValue) -> bool {
        let PropertyValue::Array(items) = value else {
            return false;
        };
        if items.len() < self.len() {
            return false;
        }
        let mut found: Vec<usize> = items.iter().filter_map(|item| self.place(item)).collect();
        found.sort_unstable();
        found.dedup();
        found.len() == self.len()
    }

    /// The values, as users have them.
    pub(super) fn values(&self) -> impl Iterator<Item = PropertyValue> + '_ {
        self.order().iter().map(|start| {
            let text = self.text(*start);
            match self.kind {
                ScalarKind::Bool => PropertyValue::Bool(text == "true"),
                ScalarKind::String => PropertyValue::String(text.to_owned()),
                ScalarKind::Number => {
                    Decimal::parse(text).map_or(PropertyValue::Opaque, PropertyValue::Number)
                }
            }
        })
    }

    /// As JSON.
    pub(super) fn json(&self) -> String {
        let mut json = String::with_capacity(self.bytes.len() + 3 * self.len() + 2);
        for (place, start) in self.order().iter().enumerate() {
            json.push(if place == 0 { '[' } else { ',' });
            let text = self.text(*start);
            match self.kind {
                ScalarKind::String => {
                    json.push_str(&serde_json::to_string(text).unwrap_or_default());
                }
                ScalarKind::Bool | ScalarKind::Number => json.push_str(text),
            }
        }
        json.push(']');
        json
    }

    /// The first of them and how many more there are: `"a", "b" or "c"`.
    pub(super) fn in_words(&self, junction: &str) -> String {
        let first = self.order().iter().take(NAMED);
        let first = first.map(|start| self.text(*start));
        let mut named: Vec<String> = first
            .map(|text| match self.kind {
                ScalarKind::String => quote(text),
                ScalarKind::Bool => text.to_owned(),
                ScalarKind::Number => {
                    Decimal::parse(text).map_or_else(String::new, |number| words::number(&number))
                }
            })
            .collect();
        match self.len() - named.len() {
            0 => {}
            1 => named.push("1 other".into()),
            more => named.push(format!("{more} others")),
        }
        match named.as_slice() {
            [] => String::new(),
            [only] => only.clone(),
            [first @ .., last] => format!("{} {junction} {last}", first.join(", ")),
        }
    }

    /// The type of the values, in words.
    pub(super) fn kind(&self) -> &'static str {
        let kind = match self.kind {
            ScalarKind::Bool => Kind::Bool,
            ScalarKind::Number => Kind::Number,
            ScalarKind::String => Kind::String,
        };
        kind.in_words()
    }
}

//! Lists of values that criteria compare with.
//!
//! They may be long, and every session keeps its own: so all values stand in one text, each of them in
//! the form in which equal values are the same, and a value is looked up among them by halving.

use super::fold::fold;
use super::hints::quote;
use super::json::Kind;
use super::value::{PropertyValue, Scalar};
use super::words;
use crate::decimal::Decimal;

/// How many values a list may have.
pub const MAX_LIST: usize = 10_000;
/// As many values are named in words.
const NAMED: usize = 10;

/// Different values of one type, in the order of the bytes of their texts; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    kind: ScalarKind,
    text: Box<str>,
    /// Where in the text each value ends.
    ends: Box<[u32]>,
}

/// The types of values that criteria compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ScalarKind {
    Bool,
    Number,
    String,
}

impl ScalarKind {
    fn of(scalar: &Scalar) -> ScalarKind {
        match scalar {
            Scalar::Bool(_) => ScalarKind::Bool,
            Scalar::Number(_) => ScalarKind::Number,
            Scalar::String(_) => ScalarKind::String,
        }
    }
}

impl List {
    /// Of values that are of one type; `None` if there are none, or of several types.
    pub(super) fn new(values: Vec<Scalar>) -> Option<List> {
        let kind = ScalarKind::of(values.first()?);
        if values.iter().any(|value| ScalarKind::of(value) != kind) {
            return None;
        }
        let mut texts: Vec<String> = values
            .into_iter()
            .map(|value| match value {
                Scalar::Bool(value) => value.to_string(),
                Scalar::Number(value) => value.to_string(),
                Scalar::String(value) => value,
            })
            .collect();
        texts.sort_unstable();
        texts.dedup();
        let mut end = 0;
        let ends = texts.iter().map(|text| {
            end += text.len();
            u32::try_from(end).ok()
        });
        let ends: Option<Box<[u32]>> = ends.collect();
        Some(List {
            kind,
            ends: ends?,
            text: texts.concat().into(),
        })
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Never: a list has values.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    fn text(&self, place: usize) -> &str {
        let end = |place: usize| self.ends.get(place).map_or(0, |end| *end as usize);
        let start = place.checked_sub(1).map_or(0, end);
        self.text.get(start..end(place)).unwrap_or_default()
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
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.text(middle).cmp(wanted) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    /// The same values whatever their case; `None` if they are no strings.
    pub(super) fn folded(&self) -> Option<List> {
        if self.kind != ScalarKind::String {
            return None;
        }
        let texts =
            (0..self.len()).map(|place| Scalar::String(fold(self.text(place)).into_owned()));
        List::new(texts.collect())
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
        (0..self.len()).map(|place| {
            let text = self.text(place);
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
        let mut json = String::with_capacity(self.text.len() + 4 * self.len() + 2);
        for place in 0..self.len() {
            json.push(if place == 0 { '[' } else { ',' });
            let text = self.text(place);
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
        let mut named: Vec<String> = (0..self.len().min(NAMED))
            .map(|place| match self.kind {
                ScalarKind::String => quote(self.text(place)),
                ScalarKind::Bool => self.text(place).to_owned(),
                ScalarKind::Number => Decimal::parse(self.text(place))
                    .map_or_else(String::new, |number| words::number(&number)),
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

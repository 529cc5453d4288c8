//! Paths into JSON documents: the name of a top-level key, or several names and positions.

use super::hints::{cut, quote};
use super::json::{self, Kind};
use super::parse::walk::{Node, Walk};
use super::words;
use crate::decimal::Decimal;
use serde_json::value::RawValue;
use std::fmt::Write;

/// Words for a path have about as many characters at most.
const SHOWN: usize = 120;

/// Where in a document a value stands. Never empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    /// The top-level key.
    key: String,
    /// What follows below it.
    rest: Vec<Step>,
}

/// One step down.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Into an object, by the name of a key.
    Key(String),
    /// Into an array, by the position of an element, from 0 on.
    Position(u32),
}

impl Path {
    /// The path of a top-level key.
    pub fn of_key(key: impl Into<String>) -> Path {
        Path {
            key: key.into(),
            rest: Vec::new(),
        }
    }

    /// The path that goes on from there.
    #[must_use]
    pub fn then(mut self, step: Step) -> Path {
        self.rest.push(step);
        self
    }

    /// The top-level key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The steps below the top-level key; none for the key itself.
    pub fn rest(&self) -> &[Step] {
        &self.rest
    }

    /// The canonical form: a top-level key is a string, anything else an array.
    pub fn json(&self) -> String {
        let quoted = |text: &str| serde_json::to_string(text).unwrap_or_default();
        if self.rest.is_empty() {
            return quoted(&self.key);
        }
        let mut json = format!("[{}", quoted(&self.key));
        for step in &self.rest {
            json.push(',');
            match step {
                Step::Key(name) => json.push_str(&quoted(name)),
                // Writing into memory cannot fail.
                Step::Position(place) => _ = write!(json, "{place}"),
            }
        }
        json.push(']');
        json
    }

    /// For people: `address.country`, `tags[0]`. A name with a dot in it stands in quotation marks, so
    /// that it is not taken for two.
    pub(super) fn in_words(&self) -> String {
        fn name(name: &str) -> String {
            if name.contains('.') {
                quote(name)
            } else {
                words::name(name)
            }
        }
        let mut said = name(&self.key);
        for step in &self.rest {
            if said.len() > SHOWN {
                said.push('…');
                break;
            }
            match step {
                Step::Key(key) => _ = write!(said, ".{}", name(key)),
                Step::Position(place) => _ = write!(said, "[{place}]"),
            }
        }
        said
    }
}

impl<'a> Walk<'a> {
    /// A path in a required field: a name, or an array of names and positions.
    pub fn path(&mut self, node: &Node<'a>, field: &str, owner: &str) -> Option<Path> {
        let raw = match node.field(field) {
            Some(raw) if json::kind(raw.get()) != Some(Kind::String) => raw,
            _ => return self.name(node, field, owner).map(Path::of_key),
        };
        let at = self.offset(raw);
        let Some(items) = json::array(raw.get()) else {
            let found = json::kind(raw.get()).map_or("not JSON", Kind::in_words);
            let message = format!(
                "{} is {found} and must be a string or an array",
                quote(field)
            );
            let hint = r#"give a name in quotation marks, or a path such as ["address","country"]"#;
            self.problem_in(field, at, message, hint);
            return None;
        };
        if items.is_empty() {
            let message = format!("{} is an empty array", quote(field));
            let hint = r#"give the names on the way to the value, such as ["address","country"]"#;
            self.problem_in(field, at, message, hint);
            return None;
        }
        let mut steps = Vec::with_capacity(items.len());
        let mut complete = true;
        for (index, item) in items.into_iter().enumerate() {
            if self.is_stopped() {
                return None;
            }
            let element = format!("{field}[{index}]");
            match self.inside(&element, |walk| walk.step(item, index)) {
                Some(step) => steps.push(step),
                None => complete = false,
            }
        }
        if !complete {
            return None;
        }
        let mut steps = steps.into_iter();
        match steps.next()? {
            Step::Key(key) => Some(Path {
                key,
                rest: steps.collect(),
            }),
            Step::Position(_) => None,
        }
    }

    /// An element of a path.
    fn step(&mut self, raw: &'a RawValue, index: usize) -> Option<Step> {
        let at = self.offset(raw);
        let (message, hint) = match json::kind(raw.get()) {
            Some(Kind::String) => match json::string(raw.get()) {
                Some(name) if !name.is_empty() => return Some(Step::Key(name)),
                Some(_) => ("a name of the path is empty".into(), "give a name"),
                None => (
                    "a name of the path is not a valid string".into(),
                    "remove the escaped half of a surrogate pair",
                ),
            },
            Some(Kind::Number) if index == 0 => (
                "the path begins with a position".into(),
                "begin with the name of a property, which an object of properties has",
            ),
            Some(Kind::Number) => match position(raw.get()) {
                Some(place) => return Some(Step::Position(place)),
                None => (
                    format!("a position cannot be {}", cut(raw.get())),
                    "give a whole number from 0 on, which is the first element of an array",
                ),
            },
            kind => (
                format!(
                    "an element of the path is {} and must be a string or a number",
                    kind.map_or("not JSON", Kind::in_words)
                ),
                "give the name of a key, or a position in an array",
            ),
        };
        self.problem(at, message, hint);
        None
    }
}

/// No array has more elements than that.
fn position(number: &str) -> Option<u32> {
    u32::try_from(Decimal::parse(number)?.to_u64()?).ok()
}

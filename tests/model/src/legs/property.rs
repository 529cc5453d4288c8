//! What is asked of a property of the contact.

use super::Meaning;
use crate::facts::{Facts, Seen};
use crate::json::{self, Fields};
use crate::random::Random;
use crate::value::{Number, Step, Value, compares};
use crate::world::World;
use std::mem::discriminant;

#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    pub name: &'static str,
    /// The way down from there.
    pub below: Vec<Step>,
    pub operator: &'static str,
    /// `Null` where the operator takes none.
    pub value: Value,
    /// Whether texts are equal that differ by case alone.
    pub ignore_case: bool,
}

type Pattern = (&'static str, fn(&str) -> bool);

/// Regular expressions with what they say of a text. Of letters they name small ones only.
const PATTERNS: [Pattern; 6] = [
    ("", |_| true),
    ("^pro", |text| text.starts_with("pro")),
    ("r.*l$", |text| {
        text.ends_with('l') && text.contains('r') && !text.contains('\n')
    }),
    ("^\\d+$", |text| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
    }),
    ("^é\\s$", |text| text == "é\n"),
    ("o(t|$)", |text| text.ends_with('o') || text.contains("ot")),
];

impl Property {
    pub fn random(random: &mut Random, world: &World) -> Property {
        let name = random.pick(world.properties);
        Property {
            below: Step::some(random),
            ..Property::of(name, random, world)
        }
    }

    /// One that is about the top-level key of that name.
    pub fn of(name: &'static str, random: &mut Random, world: &World) -> Property {
        let operator = random.pick(&[
            "eq",
            "neq",
            "gt",
            "gte",
            "lt",
            "lte",
            "exists",
            "not_exists",
            "contains",
            "contains",
            "in",
            "not_in",
            "starts_with",
            "ends_with",
            "matches",
            "matches",
            "contains_any",
            "contains_all",
            "contains_none",
        ]);
        let value = match operator {
            "exists" | "not_exists" => Value::Null,
            "gt" | "gte" | "lt" | "lte" => Value::Number(Number::new(random.pick(world.numbers))),
            "starts_with" | "ends_with" => Value::Text(random.pick(world.texts)),
            "matches" => Value::Text(random.pick(&PATTERNS).0),
            "in" | "not_in" | "contains_any" | "contains_all" | "contains_none" => {
                Value::List(list(random, world))
            }
            _ => Value::scalar(random, world),
        };
        let may_ignore_case = match &value {
            Value::Text(_) => true,
            Value::List(values) => !operator.starts_with("contains") && values[0].is_text(),
            _ => false,
        };
        Property {
            name,
            below: Vec::new(),
            operator,
            ignore_case: may_ignore_case && random.one_in(3),
            value,
        }
    }
}

impl Property {
    /// Whether what is at the top-level key is as is asked.
    pub fn passes(&self, theirs: Option<&Value>) -> bool {
        let theirs = theirs.and_then(|value| value.at(&self.below));
        let is_there = theirs.is_some_and(|theirs| *theirs != Value::Null);
        match self.operator {
            "exists" => is_there,
            "not_exists" => !is_there,
            "eq" => theirs.is_some_and(|theirs| self.same(theirs, &self.value)),
            "neq" => !theirs.is_some_and(|theirs| self.same(theirs, &self.value)),
            "contains" => match (theirs, &self.value) {
                (Some(Value::Text(whole)), Value::Text(part)) => {
                    self.cased(whole).contains(&self.cased(part))
                }
                (Some(Value::List(elements)), value) => self.is_among(elements, value),
                _ => false,
            },
            "in" => theirs.is_some_and(|theirs| self.is_among(self.list(), theirs)),
            "not_in" => !theirs.is_some_and(|theirs| self.is_among(self.list(), theirs)),
            "matches" => match (theirs, &self.value) {
                (Some(Value::Text(text)), Value::Text(pattern)) => {
                    let known = PATTERNS.iter().find(|(known, _)| known == pattern);
                    known.is_some_and(|(_, finds)| finds(&self.cased(text)))
                }
                _ => false,
            },
            "contains_any" => self.shares_an_element(theirs),
            "contains_none" => !self.shares_an_element(theirs),
            "contains_all" => match theirs {
                Some(Value::List(elements)) => self.list().iter().all(|v| elements.contains(v)),
                _ => false,
            },
            "starts_with" | "ends_with" => match (theirs, &self.value) {
                (Some(Value::Text(whole)), Value::Text(part)) if self.operator == "ends_with" => {
                    self.cased(whole).ends_with(&self.cased(part))
                }
                (Some(Value::Text(whole)), Value::Text(part)) => {
                    self.cased(whole).starts_with(&self.cased(part))
                }
                _ => false,
            },
            order => match (theirs.and_then(Value::number), self.value.number()) {
                (Some(theirs), Some(value)) => compares(theirs, order, value),
                _ => false,
            },
        }
    }
}

/// The operators that can ignore case.
const OF_STRINGS: [&str; 8] = [
    "eq",
    "neq",
    "contains",
    "in",
    "not_in",
    "starts_with",
    "ends_with",
    "matches",
];

/// A few values of one type.
fn list(random: &mut Random, world: &World) -> Vec<Value> {
    let first = Value::scalar(random, world);
    let mut values = vec![first];
    for _ in 0..random.below(4) {
        let other = Value::scalar(random, world);
        if discriminant(&other) == discriminant(&values[0]) {
            values.push(other);
        }
    }
    values
}

impl Property {
    /// Whether two values are the same.
    fn same(&self, one: &Value, other: &Value) -> bool {
        match (one, other) {
            (Value::Text(one), Value::Text(other)) => self.cased(one) == self.cased(other),
            _ => one == other,
        }
    }

    /// The texts of the worlds have no letters but such as are the same in small where they differ by
    /// case alone.
    fn cased(&self, text: &str) -> String {
        if self.ignore_case {
            text.to_lowercase()
        } else {
            text.to_owned()
        }
    }

    fn is_among(&self, values: &[Value], theirs: &Value) -> bool {
        values.iter().any(|value| self.same(value, theirs))
    }

    fn list(&self) -> &[Value] {
        match &self.value {
            Value::List(values) => values,
            _ => &[],
        }
    }

    fn shares_an_element(&self, theirs: Option<&Value>) -> bool {
        match theirs {
            Some(Value::List(elements)) => elements.iter().any(|e| self.list().contains(e)),
            _ => false,
        }
    }
}

impl Meaning for Property {
    fn holds(&self, seen: &Seen, _at: i64) -> bool {
        let theirs = seen.properties.and_then(|all| all.get(self.name));
        self.passes(theirs)
    }

    fn held(&self, _seen: &Seen, _at: i64) -> Option<bool> {
        None
    }

    fn changes(&self, _facts: &Facts, _found: &mut dyn FnMut(i128)) {}

    fn properties(&self) -> &[&'static str] {
        std::slice::from_ref(&self.name)
    }

    fn tells_apart(&self, property: &str, one: Option<&Value>, other: Option<&Value>) -> bool {
        self.name == property && self.passes(one) != self.passes(other)
    }

    fn only_denies(&self, asked: bool) -> bool {
        match asked {
            true => matches!(
                self.operator,
                "neq" | "not_exists" | "not_in" | "contains_none"
            ),
            false => matches!(self.operator, "eq" | "exists" | "in" | "contains_any"),
        }
    }

    fn fields(&self, random: &mut Random) -> Fields {
        let mut fields = vec![
            ("type", json::text("property")),
            ("property", json::path(random, self.name, &self.below)),
            ("operator", json::text(self.operator)),
        ];
        if let Value::List(values) = &self.value {
            // In any order, some of them several times.
            let mut values = values.clone();
            for _ in 0..random.below(3) {
                values.push(random.pick(&values));
            }
            for last in (1..values.len()).rev() {
                values.swap(last, random.below(last + 1));
            }
            fields.push(("value", Value::List(values).json()));
        } else if self.value != Value::Null || random.one_in(4) {
            fields.push(("value", self.value.json()));
        }
        let may_be_said = OF_STRINGS.contains(&self.operator);
        if self.ignore_case || may_be_said && random.one_in(8) {
            fields.push(("ignoreCase", self.ignore_case.to_string()));
        }
        fields
    }
}

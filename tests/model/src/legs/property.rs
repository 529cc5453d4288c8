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
}

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
            "contains_any",
            "contains_all",
            "contains_none",
        ]);
        let value = match operator {
            "exists" | "not_exists" => Value::Null,
            "gt" | "gte" | "lt" | "lte" => Value::Number(Number::new(random.pick(world.numbers))),
            "starts_with" | "ends_with" => Value::Text(random.pick(world.texts)),
            "in" | "not_in" | "contains_any" | "contains_all" | "contains_none" => {
                Value::List(list(random, world))
            }
            _ => Value::scalar(random, world),
        };
        Property {
            name,
            below: Vec::new(),
            operator,
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
            "eq" => theirs == Some(&self.value),
            "neq" => theirs != Some(&self.value),
            "contains" => match (theirs, &self.value) {
                (Some(Value::Text(whole)), Value::Text(part)) => whole.contains(part),
                (Some(Value::List(elements)), value) => elements.contains(value),
                _ => false,
            },
            "in" => theirs.is_some_and(|theirs| self.list().contains(theirs)),
            "not_in" => !theirs.is_some_and(|theirs| self.list().contains(theirs)),
            "contains_any" => self.shares_an_element(theirs),
            "contains_none" => !self.shares_an_element(theirs),
            "contains_all" => match theirs {
                Some(Value::List(elements)) => self.list().iter().all(|v| elements.contains(v)),
                _ => false,
            },
            "starts_with" | "ends_with" => match (theirs, &self.value) {
                (Some(Value::Text(whole)), Value::Text(part)) if self.operator == "ends_with" => {
                    whole.ends_with(part)
                }
                (Some(Value::Text(whole)), Value::Text(part)) => whole.starts_with(part),
                _ => false,
            },
            order => match (theirs.and_then(Value::number), self.value.number()) {
                (Some(theirs), Some(value)) => compares(theirs, order, value),
                _ => false,
            },
        }
    }
}

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
    /// A name may be a path of one.
    fn path(&self, random: &mut Random) -> String {
        if self.below.is_empty() && !random.one_in(8) {
            return json::text(self.name);
        }
        let mut steps = vec![json::text(self.name)];
        for step in &self.below {
            steps.push(match step {
                Step::Name(name) => json::text(name),
                Step::Place(place) => json::whole(random, *place as u64),
            });
        }
        format!("[{}]", steps.join(","))
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
            ("property", self.path(random)),
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
        fields
    }
}

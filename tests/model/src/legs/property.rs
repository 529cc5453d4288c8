//! What is asked of a property of the contact.

use super::Meaning;
use crate::facts::{Facts, Seen};
use crate::json::{self, Fields};
use crate::random::Random;
use crate::value::{Number, Value, compares};
use crate::world::World;

#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    pub name: &'static str,
    pub operator: &'static str,
    /// `Null` where the operator takes none.
    pub value: Value,
}

impl Property {
    pub fn random(random: &mut Random, world: &World) -> Property {
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
        ]);
        let value = match operator {
            "exists" | "not_exists" => Value::Null,
            "gt" | "gte" | "lt" | "lte" => Value::Number(Number::new(random.pick(world.numbers))),
            _ => Value::scalar(random, world),
        };
        Property {
            name: random.pick(world.properties),
            operator,
            value,
        }
    }
}

impl Meaning for Property {
    fn holds(&self, seen: &Seen, _at: i64) -> bool {
        let theirs = seen.properties.and_then(|all| all.get(self.name));
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
            order => match (theirs.and_then(Value::number), self.value.number()) {
                (Some(theirs), Some(value)) => compares(theirs, order, value),
                _ => false,
            },
        }
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
            true => matches!(self.operator, "neq" | "not_exists"),
            false => matches!(self.operator, "eq" | "exists"),
        }
    }

    fn fields(&self, random: &mut Random) -> Fields {
        let mut fields = vec![
            ("type", json::text("property")),
            ("property", json::text(self.name)),
            ("operator", json::text(self.operator)),
        ];
        if self.value != Value::Null || random.one_in(4) {
            fields.push(("value", self.value.json()));
        }
        fields
    }
}

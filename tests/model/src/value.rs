//! Values of JSON: those that criteria ask for and those that users have.

use crate::json;
use crate::random::Random;
use crate::world::World;

/// Values are equal when they are of one type and say the same.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Number(Number),
    Text(&'static str),
    List(Vec<Value>),
    /// It equals nothing that criteria can say.
    Object(Vec<(&'static str, Value)>),
}

/// A number as it is written, and what it is.
#[derive(Clone, Copy, Debug)]
pub struct Number {
    pub written: &'static str,
    millionths: i128,
}

impl Number {
    /// Digits with or without a point and an exponent, of which none is smaller than a millionth.
    pub fn new(written: &'static str) -> Number {
        let (digits, exponent) = written.split_once(['e', 'E']).unwrap_or((written, "0"));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let exponent: i32 = exponent.parse().expect("an exponent");
        let number: i128 = format!("{whole}{fraction}").parse().expect("digits");
        let scale = exponent + 6 - fraction.len() as i32;
        let power = 10_i128.pow(scale.unsigned_abs());
        let millionths = if scale < 0 {
            assert_eq!(number % power, 0, "{written} has more than millionths");
            number / power
        } else {
            number * power
        };
        Number {
            written,
            millionths,
        }
    }
}

impl Number {
    /// A whole number that nobody has written.
    pub fn whole(number: i64) -> Number {
        Number {
            written: "a whole number",
            millionths: i128::from(number) * 1_000_000,
        }
    }

    pub fn millionths(self) -> i128 {
        self.millionths
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        self.millionths == other.millionths
    }
}

/// Whether `left` stands to `right` as an operator of order says.
pub fn compares<T: PartialOrd>(left: T, operator: &str, right: T) -> bool {
    match operator {
        "gt" => left > right,
        "gte" => left >= right,
        "lt" => left < right,
        "lte" => left <= right,
        "eq" => left == right,
        other => unreachable!("{other}"),
    }
}

/// One step down in a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Name(&'static str),
    Place(usize),
}

/// The keys of objects inside properties. One looks like a position.
const INNER: [&str; 3] = ["0", "b.c", "plan"];

impl Step {
    fn any(random: &mut Random) -> Step {
        match random.below(2) {
            0 => Step::Place(random.below(3)),
            _ => Step::Name(random.pick(&INNER)),
        }
    }

    /// Mostly none.
    pub fn some(random: &mut Random) -> Vec<Step> {
        let steps = random.pick(&[0, 0, 0, 0, 1, 1, 2]);
        (0..steps).map(|_| Step::any(random)).collect()
    }
}

impl Value {
    /// Whether it is a text.
    pub fn is_text(&self) -> bool {
        matches!(self, Value::Text(_))
    }

    /// The number that the value is.
    pub fn number(&self) -> Option<i128> {
        match self {
            Value::Number(number) => Some(number.millionths),
            _ => None,
        }
    }

    /// As Postgres prints it, but for the ways in which numbers can be written.
    pub fn json(&self) -> String {
        match self {
            Value::Null => "null".into(),
            Value::Bool(value) => value.to_string(),
            Value::Number(number) => number.written.into(),
            Value::Text(text) => json::text(text),
            Value::List(values) => {
                let values: Vec<String> = values.iter().map(Value::json).collect();
                format!("[{}]", values.join(", "))
            }
            Value::Object(entries) => {
                let entry = |(key, value): &(&'static str, Value)| {
                    format!("{}: {}", json::text(key), value.json())
                };
                let entries: Vec<String> = entries.iter().map(entry).collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }

    /// What criteria may ask for.
    pub fn scalar(random: &mut Random, world: &World) -> Value {
        match random.below(6) {
            0 => Value::Bool(random.one_in(2)),
            1 | 2 => Value::Number(Number::new(random.pick(world.numbers))),
            _ => Value::Text(random.pick(world.texts)),
        }
    }

    /// What a property may be.
    pub fn any(random: &mut Random, world: &World) -> Value {
        match random.below(9) {
            0..=5 => Value::scalar(random, world),
            6 => Value::Null,
            7 => Value::object(random, world),
            _ => Value::elements(random, world),
        }
    }

    fn element(random: &mut Random, world: &World) -> Value {
        match random.below(11) {
            0..=5 => Value::scalar(random, world),
            6 => Value::Null,
            7 => Value::Object(Vec::new()),
            8 => Value::elements(random, world),
            _ => Value::object(random, world),
        }
    }

    fn elements(random: &mut Random, world: &World) -> Value {
        let elements = random.below(4);
        let element = |_| Value::element(random, world);
        Value::List((0..elements).map(element).collect())
    }

    /// The keys are in the order in which Postgres keeps them.
    fn object(random: &mut Random, world: &World) -> Value {
        let mut entries = Vec::new();
        for key in INNER {
            if random.one_in(2) {
                entries.push((key, Value::element(random, world)));
            }
        }
        Value::Object(entries)
    }

    /// What stands further down.
    pub fn at(&self, steps: &[Step]) -> Option<&Value> {
        let Some((step, rest)) = steps.split_first() else {
            return Some(self);
        };
        let inner = match (self, step) {
            (Value::Object(entries), Step::Name(name)) => {
                &entries.iter().find(|(key, _)| key == name)?.1
            }
            (Value::List(elements), Step::Place(place)) => elements.get(*place)?,
            _ => return None,
        };
        inner.at(rest)
    }
}

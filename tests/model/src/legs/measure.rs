//! What is said of events, added up or compared.

use super::{Event, Meaning};
use crate::facts::{Facts, INFINITY, MINUS_INFINITY, Occurrence, Seen};
use crate::json::{self, Fields};
use crate::random::Random;
use crate::value::{Number, Step, Value, compares};
use crate::world::World;

#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Which events, and when; what they are counted by is nothing here.
    pub events: Event,
    /// `sum`, `avg`, `min`, `max` or `distinct`.
    pub measure: &'static str,
    pub taken: Taken,
    pub operator: &'static str,
    pub bound: Number,
}

/// What is taken of an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Taken {
    /// A column, or a property and what is further down in it.
    Of(&'static str, Vec<Step>),
    /// The day in UTC on which it happened.
    Day,
}

const DAY: i64 = 86_400_000_000;
const NUMBERS: [&str; 4] = ["sum", "avg", "min", "max"];

impl Measure {
    pub fn random(random: &mut Random, world: &World) -> Measure {
        let events = Event::in_range(random, world);
        let operator = random.pick(&["gt", "gte", "lt", "lte", "eq"]);
        let place = |random: &mut Random, columns: &[&'static str]| match random.below(3) {
            0 => Taken::Of(random.pick(columns), Vec::new()),
            _ => Taken::Of(random.pick(world.properties), Step::some(random)),
        };
        if random.one_in(3) {
            let taken = match random.below(3) {
                0 => Taken::Day,
                _ => place(random, &["$value", "$source"]),
            };
            return Measure {
                events,
                measure: "distinct",
                taken,
                operator,
                bound: Number::new(random.pick(&["0", "1", "2", "3.0", "4"])),
            };
        }
        let taken = place(random, &["$value"]);
        Measure {
            events,
            measure: random.pick(&NUMBERS),
            taken,
            operator,
            bound: Number::new(random.pick(world.numbers)),
        }
    }

    fn taken(&self, occurrence: &Occurrence) -> Option<Value> {
        let document = &occurrence.document;
        match &self.taken {
            Taken::Day if [INFINITY, MINUS_INFINITY].contains(&occurrence.at) => None,
            Taken::Day => Some(Value::Number(Number::whole(occurrence.at.div_euclid(DAY)))),
            Taken::Of("$value", _) => document.value.clone(),
            Taken::Of("$source", _) => document.source.map(Value::Text),
            Taken::Of(name, steps) => document.properties.get(*name)?.at(steps).cloned(),
        }
    }

    fn is_so(&self, values: &[Value]) -> bool {
        let bound = self.bound.millionths();
        let numbers: Vec<i128> = values.iter().filter_map(Value::number).collect();
        let sum: i128 = numbers.iter().sum();
        let so = |number: i128| compares(number, self.operator, bound);
        match self.measure {
            "sum" => so(sum),
            "avg" => !numbers.is_empty() && compares(sum, self.operator, bound * numbers.len() as i128),
            "min" => numbers.iter().min().is_some_and(|least| so(*least)),
            "max" => numbers.iter().max().is_some_and(|most| so(*most)),
            _ => {
                let mut different: Vec<&Value> = Vec::new();
                for value in values {
                    let is_scalar = matches!(value, Value::Bool(_) | Value::Number(_) | Value::Text(_));
                    if is_scalar && !different.contains(&value) {
                        different.push(value);
                    }
                }
                so(different.len() as i128 * 1_000_000)
            }
        }
    }
}

impl Meaning for Measure {
    fn holds(&self, seen: &Seen, at: i64) -> bool {
        let all = self.events.of(|name| seen.of(name));
        let inside = all.iter().filter(|o| self.events.is_inside(o.at, at));
        let values: Vec<Value> = inside.filter_map(|o| self.taken(o)).collect();
        self.is_so(&values)
    }

    fn changes(&self, facts: &Facts, found: &mut dyn FnMut(i128)) {
        self.events.changes(facts, found);
    }

    fn events(&self) -> &[&'static str] {
        &self.events.names
    }

    fn counts(&self, occurrence: &Occurrence) -> bool {
        self.events.counts(occurrence)
    }

    fn asks_of(&self, event: &str) -> bool {
        self.events.names.contains(&event)
    }

    fn only_denies(&self, _: bool) -> bool {
        false
    }

    fn fields(&self, random: &mut Random) -> Fields {
        let mut fields = self.events.fields(random);
        fields.retain(|(key, _)| *key != "check");
        fields.push(("check", json::text(self.measure)));
        fields.push(("operator", json::text(self.operator)));
        fields.push(("value", self.bound.written.into()));
        match &self.taken {
            Taken::Day => fields.push(("of", json::text("$day"))),
            Taken::Of("$value", _) if self.measure != "distinct" && random.one_in(2) => {}
            Taken::Of(name, steps) if steps.is_empty() && random.one_in(2) => {
                fields.push(("of", json::text(name)));
            }
            Taken::Of(name, steps) => {
                let mut path = vec![json::text(name)];
                path.extend(steps.iter().map(|step| match step {
                    Step::Name(name) => json::text(name),
                    Step::Place(place) => place.to_string(),
                }));
                fields.push(("of", format!("[{}]", path.join(","))));
            }
        }
        fields
    }
}

impl Measure {
    /// The same with one thing less.
    pub fn smaller(&self) -> Vec<Measure> {
        let events = self.events.smaller().into_iter();
        let fewer = events.map(|events| Measure { events, ..self.clone() });
        fewer.collect()
    }
}

//! What is said of events, added up or compared.

use super::{Event, Meaning};
use crate::facts::{Facts, INFINITY, MINUS_INFINITY, Occurrence, Seen};
use crate::json::{self, Fields};
use crate::random::Random;
use crate::value::{Number, Step, Value, compares};
use crate::world::World;

/// A measure, whatever it is compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    /// Which events, and when; what they are counted by is nothing here.
    pub events: Event,
    /// `count`, `sum`, `avg`, `min`, `max` or `distinct`.
    pub measure: &'static str,
    pub taken: Taken,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    pub side: Box<Side>,
    pub operator: &'static str,
    pub bound: Number,
}

/// What all that it ever measures comes to, in millionths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// How many events, or numbers of such.
    pub count: usize,
    pub sum: i128,
    pub least: Option<i128>,
    pub most: Option<i128>,
    /// When the first and the last of the events happened, whatever they say.
    pub first: Option<i64>,
    pub last: Option<i64>,
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

impl Side {
    fn distinct(random: &mut Random, world: &World) -> Side {
        Side {
            events: Event::in_range(random, world),
            measure: "distinct",
            taken: match random.below(3) {
                0 => Taken::Day,
                _ => place(random, world, &["$value", "$source"]),
            },
        }
    }

    fn of_numbers(random: &mut Random, world: &World) -> Side {
        let mut events = Event::in_range(random, world);
        if random.one_in(3) {
            // Of all that ever happened it may be kept what it comes to.
            (events.within, events.older) = (None, None);
        }
        Side {
            events,
            measure: random.pick(&NUMBERS),
            taken: place(random, world, &["$value"]),
        }
    }

    /// One that is compared with another one.
    pub fn random(random: &mut Random, world: &World) -> Side {
        match random.below(3) {
            0 => Side::distinct(random, world),
            1 => Side::of_numbers(random, world),
            _ => Side {
                measure: "count",
                ..Side::of_numbers(random, world)
            },
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

    /// What it is, in millionths, and by what that is still to be divided; None where it has no value.
    pub fn value(&self, seen: &Seen, at: i64) -> Option<(i128, i128)> {
        const WHOLE: i128 = 1_000_000;
        let all = self.events.of(|name| seen.of(name));
        let inside = all.iter().filter(|o| self.events.is_inside(o.at, at));
        let values: Vec<Value> = inside.clone().filter_map(|o| self.taken(o)).collect();
        let numbers: Vec<i128> = values.iter().filter_map(Value::number).collect();
        let sum: i128 = numbers.iter().sum();
        match self.measure {
            "count" => Some((inside.count() as i128 * WHOLE, 1)),
            "sum" => Some((sum, 1)),
            "avg" => (!numbers.is_empty()).then_some((sum, numbers.len() as i128)),
            "min" => numbers.iter().min().map(|least| (*least, 1)),
            "max" => numbers.iter().max().map(|most| (*most, 1)),
            _ => {
                let mut different: Vec<&Value> = Vec::new();
                for value in &values {
                    let is_scalar =
                        matches!(value, Value::Bool(_) | Value::Number(_) | Value::Text(_));
                    if is_scalar && !different.contains(&value) {
                        different.push(value);
                    }
                }
                Some((different.len() as i128 * WHOLE, 1))
            }
        }
    }

    /// How many of some events there are.
    pub fn count(events: Event) -> Side {
        Side {
            events,
            measure: "count",
            taken: Taken::Of("$value", Vec::new()),
        }
    }

    /// What all of them come to, whenever they happened within the range's absolute ends.
    pub fn total(&self, facts: &Facts) -> Total {
        let ever = Event {
            within: None,
            older: None,
            ..self.events.clone()
        };
        let all = ever.of(|name| facts.of(name));
        let all = all.into_iter().filter(|o| ever.is_inside(o.at, 0));
        let all: Vec<&Occurrence> = all.collect();
        let numbers: Vec<i128> = match self.measure {
            "count" => Vec::new(),
            _ => all.iter().filter_map(|o| self.taken(o)?.number()).collect(),
        };
        Total {
            count: match self.measure {
                "count" => all.len(),
                _ => numbers.len(),
            },
            sum: numbers.iter().sum(),
            least: numbers.iter().min().copied(),
            most: numbers.iter().max().copied(),
            first: all.iter().map(|o| o.at).min(),
            last: all.iter().map(|o| o.at).max(),
        }
    }

    pub fn asks_of(&self, event: &str) -> bool {
        let asks = self.measure != "count" || self.events.filter.is_some();
        self.events.names.contains(&event) && asks
    }

    pub fn fields(&self, random: &mut Random) -> Fields {
        let mut fields = self.events.fields(random);
        fields.retain(|(key, _)| *key != "check");
        fields.push(("check", json::text(self.measure)));
        match &self.taken {
            _ if self.measure == "count" => {}
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

    /// The same with one thing less.
    pub fn smaller(&self) -> Vec<Side> {
        let events = self.events.smaller().into_iter();
        let fewer = events.map(|events| Side {
            events,
            ..self.clone()
        });
        fewer.collect()
    }
}

fn place(random: &mut Random, world: &World, columns: &[&'static str]) -> Taken {
    match random.below(3) {
        0 => Taken::Of(random.pick(columns), Vec::new()),
        _ => Taken::Of(random.pick(world.properties), Step::some(random)),
    }
}

impl Measure {
    pub fn random(random: &mut Random, world: &World) -> Measure {
        let operator = random.pick(&["gt", "gte", "lt", "lte", "eq"]);
        if random.one_in(3) {
            return Measure {
                side: Box::new(Side::distinct(random, world)),
                operator,
                bound: Number::new(random.pick(&["0", "1", "2", "3.0", "4"])),
            };
        }
        Measure {
            side: Box::new(Side::of_numbers(random, world)),
            operator,
            bound: Number::new(random.pick(world.numbers)),
        }
    }

    /// The same with one thing less.
    pub fn smaller(&self) -> Vec<Measure> {
        let sides = self.side.smaller().into_iter();
        let fewer = sides.map(|side| Measure {
            side: Box::new(side),
            ..self.clone()
        });
        fewer.collect()
    }
}

impl Meaning for Measure {
    fn holds(&self, seen: &Seen, at: i64) -> bool {
        let value = self.side.value(seen, at);
        value.is_some_and(|(value, divisor)| {
            compares(value, self.operator, self.bound.millionths() * divisor)
        })
    }

    fn changes(&self, facts: &Facts, found: &mut dyn FnMut(i128)) {
        self.side.events.changes(facts, found);
    }

    fn events(&self) -> Vec<&'static str> {
        self.side.events.names.clone()
    }

    fn counts(&self, occurrence: &Occurrence) -> bool {
        self.side.events.counts(occurrence)
    }

    fn asks_of(&self, event: &str) -> bool {
        self.side.asks_of(event)
    }

    fn only_denies(&self, _: bool) -> bool {
        false
    }

    fn fields(&self, random: &mut Random) -> Fields {
        let mut fields = self.side.fields(random);
        fields.push(("operator", json::text(self.operator)));
        fields.push(("value", self.bound.written.into()));
        fields
    }
}

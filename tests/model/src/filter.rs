//! What is asked of single events.

use crate::facts::Occurrence;
use crate::json;
use crate::legs::{Date, Meaning, Property};
use crate::node::Operator;
use crate::random::Random;
use crate::value::{Step, Value};
use crate::world::World;

#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// `$value` and `$source` are the event's columns.
    Test(Property),
    When(Date),
    Not(Box<Filter>),
    Several(Operator, Vec<Filter>),
}

const COLUMNS: [&str; 2] = ["$value", "$source"];

impl Filter {
    pub fn random(random: &mut Random, world: &World, depth: usize) -> Filter {
        if random.one_in(8) {
            let name = match random.below(3) {
                0 => random.pick(&COLUMNS),
                _ if world.dates.is_empty() => random.pick(world.properties),
                _ => random.pick(world.dates),
            };
            return Filter::When(Date::of_event(name, random, world));
        }
        if depth == 0 || random.one_in(2) {
            return Filter::Test(match random.below(3) {
                0 => Property::of(random.pick(&COLUMNS), random, world),
                _ => {
                    let below = Step::some(random);
                    let name = random.pick(world.properties);
                    Property {
                        below,
                        ..Property::of(name, random, world)
                    }
                }
            });
        }
        if random.one_in(3) {
            return Filter::Not(Box::new(Filter::random(random, world, depth - 1)));
        }
        let operator = random.pick(&[Operator::And, Operator::Or]);
        let parts = 1 + random.below(3);
        let parts = (0..parts).map(|_| Filter::random(random, world, depth - 1));
        Filter::Several(operator, parts.collect())
    }

    /// The parts of it.
    pub fn smaller(&self) -> Vec<Filter> {
        match self {
            Filter::Test(_) | Filter::When(_) => Vec::new(),
            Filter::Not(inner) => vec![(**inner).clone()],
            Filter::Several(_, parts) => parts.clone(),
        }
    }

    /// Whether the event is as is asked.
    pub fn passes(&self, occurrence: &Occurrence) -> bool {
        let document = &occurrence.document;
        let source = document.source.map(Value::Text);
        let field = |name| match name {
            "$value" => document.value.as_ref(),
            "$source" => source.as_ref(),
            name => document.properties.get(name),
        };
        match self {
            Filter::Test(test) => test.passes(field(test.name)),
            Filter::When(test) => test.passes(field(test.name), None, 0),
            Filter::Not(inner) => !inner.passes(occurrence),
            Filter::Several(Operator::And, parts) => parts.iter().all(|p| p.passes(occurrence)),
            Filter::Several(Operator::Or, parts) => parts.iter().any(|p| p.passes(occurrence)),
        }
    }

    pub fn json(&self, random: &mut Random) -> String {
        let fields = match self {
            Filter::Test(test) => test.fields(random),
            Filter::When(test) => test.fields(random),
            Filter::Not(inner) => vec![
                ("type", json::text("not")),
                ("condition", inner.json(random)),
            ],
            Filter::Several(operator, parts) => {
                let parts: Vec<String> = parts.iter().map(|part| part.json(random)).collect();
                vec![
                    ("type", json::text("composite")),
                    ("operator", json::text(operator.name())),
                    ("conditions", format!("[{}]", parts.join(","))),
                ]
            }
        };
        json::object(random, fields)
    }
}

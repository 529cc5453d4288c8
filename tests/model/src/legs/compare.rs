//! Two measures, compared with each other.

use super::Meaning;
use super::measure::Side;
use crate::facts::{Facts, Occurrence, Seen};
use crate::json::{self, Fields};
use crate::random::Random;
use crate::value::{Number, compares};
use crate::world::World;

#[derive(Clone, Debug, PartialEq)]
pub struct Compare {
    pub left: Box<Side>,
    pub operator: &'static str,
    pub right: Box<Side>,
    pub factor: Number,
}

impl Compare {
    pub fn random(random: &mut Random, world: &World) -> Compare {
        let left = Side::random(random, world);
        let right = match random.below(3) {
            // The same of another range, as people ask.
            0 => Side {
                events: Side::random(random, world).events,
                ..left.clone()
            },
            _ => Side::random(random, world),
        };
        Compare {
            left: Box::new(left),
            operator: random.pick(&["gt", "gte", "lt", "lte", "eq"]),
            right: Box::new(right),
            factor: Number::new(random.pick(&["1", "1.0", "1", "0.5", "2", "-1", "0"])),
        }
    }

    /// The same with one thing less.
    pub fn smaller(&self) -> Vec<Compare> {
        let left = self.left.smaller().into_iter();
        let left = left.map(|left| Compare {
            left: Box::new(left),
            ..self.clone()
        });
        let right = self.right.smaller().into_iter();
        let right = right.map(|right| Compare {
            right: Box::new(right),
            ..self.clone()
        });
        left.chain(right).collect()
    }

    fn sides(&self) -> [&Side; 2] {
        [&self.left, &self.right]
    }
}

impl Meaning for Compare {
    fn holds(&self, seen: &Seen, at: i64) -> bool {
        let values = self.sides().map(|side| side.value(seen, at));
        let [Some((left, by_left)), Some((right, by_right))] = values else {
            return false;
        };
        // In millionths of millionths, because the factor has them, too.
        let left = left * 1_000_000 * by_right;
        compares(
            left,
            self.operator,
            right * self.factor.millionths() * by_left,
        )
    }

    fn changes(&self, facts: &Facts, found: &mut dyn FnMut(i128)) {
        for side in self.sides() {
            side.events.changes(facts, found);
        }
    }

    fn events(&self) -> Vec<&'static str> {
        let names = self.sides().into_iter().flat_map(|side| &side.events.names);
        names.copied().collect()
    }

    fn counts(&self, occurrence: &Occurrence) -> bool {
        self.sides()
            .iter()
            .any(|side| side.events.counts(occurrence))
    }

    fn asks_of(&self, event: &str) -> bool {
        self.sides().iter().any(|side| side.asks_of(event))
    }

    fn only_denies(&self, _: bool) -> bool {
        false
    }

    fn fields(&self, random: &mut Random) -> Fields {
        let sides = self.sides().map(|side| {
            let mut fields = side.fields(random);
            if random.one_in(2) {
                fields.retain(|(key, _)| *key != "type");
            }
            json::object(random, fields)
        });
        let [left, right] = sides;
        let mut fields = vec![
            ("type", json::text("compare")),
            ("left", left),
            ("operator", json::text(self.operator)),
            ("right", right),
        ];
        if self.factor.millionths() != 1_000_000 || random.one_in(2) {
            fields.push(("factor", self.factor.written.into()));
        }
        fields
    }
}

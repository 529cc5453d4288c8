//! Random criteria and definitions.

use super::{EVENTS, Generator};
use crate::criteria::{Check, SPELLINGS, Tree, Value, Window};
use crate::history::{Definition, EntryLimit};
use crate::instant::HOUR;

pub const PROPERTIES: [&str; 2] = ["p", "q"];

impl Generator<'_> {
    pub fn criteria(&mut self) -> Tree {
        loop {
            let depth = self.random.below(3);
            let tree = self.tree(depth);
            if tree.is_positive() {
                return tree;
            }
        }
    }

    fn tree(&mut self, depth: usize) -> Tree {
        if depth > 0 && !self.random.one_in(4) {
            let parts = 1 + self.random.below(3);
            return Tree::Composite {
                operator: self.random.pick(&["and", "or"]),
                conditions: (0..parts).map(|_| self.tree(depth - 1)).collect(),
            };
        }
        if self.random.one_in(4) {
            return self.property();
        }
        let check = match self.random.below(7) {
            0 | 1 => Check::Exists,
            2 => Check::NotExists,
            3 => Check::Count,
            _ => {
                let operator = self.random.pick(&["gt", "gte", "lt", "lte", "eq"]);
                Check::Bound(operator, self.random.below(4))
            }
        };
        Tree::Event {
            event: self.random.pick(&EVENTS),
            check,
            within: self.random.maybe(4, |random| Window {
                span: random.between(1, 8) * HOUR + random.pick(&[0, 0, 0, 0, 1, -1]),
                spelling: random.below(SPELLINGS),
            }),
        }
    }

    fn property(&mut self) -> Tree {
        let operator = self.random.pick(&[
            "eq",
            "eq",
            "neq",
            "gt",
            "gte",
            "lt",
            "lte",
            "exists",
            "not_exists",
            "contains",
        ]);
        let value = match operator {
            "exists" | "not_exists" => None,
            "gt" | "gte" | "lt" | "lte" => Some(self.number()),
            _ => Some(self.scalar()),
        };
        Tree::Property {
            property: self.random.pick(&PROPERTIES),
            operator,
            value,
        }
    }

    fn number(&mut self) -> Value {
        // The last two are the same number to a float.
        let numbers = [
            "1",
            "1.0",
            "-2",
            "12345678901234567890.1",
            "12345678901234567890.2",
        ];
        Value::Number(self.random.pick(&numbers))
    }

    fn scalar(&mut self) -> Value {
        match self.random.below(5) {
            0 => Value::Bool(self.random.one_in(2)),
            1 | 2 => self.number(),
            _ => Value::Text(self.random.pick(&["pro", "prop", "1"])),
        }
    }

    /// What a contact's property may be.
    pub fn value(&mut self) -> Value {
        match self.random.below(8) {
            0 => Value::Null,
            1 => {
                let elements = self.random.below(3);
                Value::List((0..elements).map(|_| self.scalar()).collect())
            }
            _ => self.scalar(),
        }
    }

    /// A dynamic bucket or, without criteria, one that is kept by hand.
    pub fn bucket(&mut self, criteria: Option<Tree>) -> Definition {
        let span = |random: &mut crate::random::Random| random.between(1, 6) * HOUR;
        let min_dwell = self.random.one_in(3).then(|| span(self.random));
        let max_dwell = self
            .random
            .one_in(3)
            .then(|| span(self.random).max(min_dwell.unwrap_or(0)));
        // In the past, or yet to come; now and then at the instant of something.
        let quiet_before = self.random.one_in(4).then(|| {
            self.now + self.random.between(-8, 4) * HOUR + self.random.pick(&[0, 0, 0, 1])
        });
        let mut spans = || {
            let number = if self.random.one_in(3) {
                1 + self.random.below(2)
            } else {
                0
            };
            let mut spans: Vec<i64> = (0..number).map(|_| span(self.random)).collect();
            spans.sort_unstable();
            spans.dedup();
            spans
        };
        Definition {
            criteria,
            quiet_before,
            dwell_after: spans(),
            dwell_every: spans(),
            enabled: !self.random.one_in(12),
            entry_limit: match self.random.below(6) {
                0 => EntryLimit::Once,
                1 | 2 => EntryLimit::Period(self.random.maybe(4, span)),
                _ => EntryLimit::Unlimited,
            },
            min_dwell,
            max_dwell,
        }
    }
}

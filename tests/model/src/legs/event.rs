//! How often something happened, ever or within a window that ends now.

use super::Meaning;
use crate::facts::{Facts, INFINITY, MINUS_INFINITY, Seen};
use crate::json::{self, Fields};
use crate::random::Random;
use crate::value::compares;
use crate::world::World;

#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub name: &'static str,
    pub check: Check,
    /// How long the window is.
    pub within: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Check {
    Exists,
    NotExists,
    /// A count without a bound: at least one.
    Count,
    Bound(&'static str, u64),
}

impl Event {
    pub fn random(random: &mut Random, world: &World) -> Event {
        let check = match random.below(6) {
            0 => Check::Exists,
            1 | 2 => Check::NotExists,
            _ if random.one_in(8) => Check::Count,
            _ => {
                let is_huge = random.one_in(50);
                let few = random.below(6) as u64;
                let bound = if is_huge { u64::MAX - few } else { few };
                Check::Bound(random.pick(&["gt", "gte", "lt", "lte", "eq"]), bound)
            }
        };
        Event {
            name: random.pick(world.events),
            check,
            within: random.maybe(4, |random| world.grid.window(random)),
        }
    }

    fn is_inside(&self, occurred_at: i64, at: i64) -> bool {
        match (self.within, occurred_at) {
            (None, _) | (Some(_), INFINITY) => true,
            (Some(_), MINUS_INFINITY) => false,
            (Some(within), _) => i128::from(occurred_at) >= i128::from(at) - i128::from(within),
        }
    }
}

impl Meaning for Event {
    fn holds(&self, seen: &Seen, at: i64) -> bool {
        // The earliest come first, and what is inside a window is later than what is not.
        let all = seen.of(self.name);
        let outside = all.partition_point(|o| !self.is_inside(o.at, at));
        let count = (all.len() - outside) as u64;
        match self.check {
            Check::Exists | Check::Count => count > 0,
            Check::NotExists => count == 0,
            Check::Bound(operator, bound) => compares(count, operator, bound),
        }
    }

    fn changes(&self, facts: &Facts, found: &mut dyn FnMut(i128)) {
        let Some(within) = self.within else {
            return;
        };
        for occurrence in facts.of(self.name) {
            if occurrence.at != MINUS_INFINITY && occurrence.at != INFINITY {
                // It is inside for the last time when it is exactly as old as the window is long.
                found(i128::from(occurrence.at) + i128::from(within) + 1);
            }
        }
    }

    fn events(&self) -> &[&'static str] {
        std::slice::from_ref(&self.name)
    }

    fn only_denies(&self, asked: bool) -> bool {
        let denies = if asked {
            Check::NotExists
        } else {
            Check::Exists
        };
        self.check == denies && self.within.is_none()
    }

    fn fields(&self, random: &mut Random) -> Fields {
        let check = match self.check {
            Check::Exists => "exists",
            Check::NotExists => "not_exists",
            Check::Count | Check::Bound(..) => "count",
        };
        let mut fields = vec![
            ("type", json::text("event")),
            ("eventName", json::text(self.name)),
            ("check", json::text(check)),
        ];
        if let Check::Bound(operator, bound) = self.check {
            fields.push(("operator", json::text(operator)));
            fields.push(("value", json::whole(random, bound)));
        }
        if let Some(within) = self.within {
            fields.push(("within", json::span(random, within)));
        }
        fields
    }
}

//! How often something happened, ever or in a range of time, and what the first or the last time was like.

use super::Meaning;
use crate::facts::{Facts, INFINITY, MINUS_INFINITY, Occurrence, Seen};
use crate::filter::Filter;
use crate::json::{self, Fields};
use crate::random::Random;
use crate::value::compares;
use crate::world::World;

#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// All of them count together.
    pub names: Vec<&'static str>,
    pub check: Check,
    /// How long ago at most.
    pub within: Option<i64>,
    /// Longer ago than that.
    pub older: Option<i64>,
    /// Not before.
    pub since: Option<i64>,
    /// Before.
    pub until: Option<i64>,
    /// What the events must be like.
    pub filter: Option<Box<Filter>>,
    /// Only one of them is looked at, and what it must be like.
    pub pick: Option<(Pick, Option<Box<Filter>>)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pick {
    First,
    Last,
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
    /// One name, or several in any order.
    fn names(&self, random: &mut Random) -> String {
        let mut names: Vec<String> = self.names.iter().map(|name| json::text(name)).collect();
        if let [only] = names.as_slice()
            && !random.one_in(8)
        {
            return only.clone();
        }
        let first = random.below(names.len());
        names.rotate_left(first);
        if random.one_in(3) {
            names.push(names[0].clone());
        }
        format!("[{}]", names.join(","))
    }

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
        let plain = Event::windowed(random, world, check);
        if world.is_rich && random.one_in(2) {
            plain.enriched(random, world)
        } else {
            plain
        }
    }

    /// Events in a range, whatever they are counted by.
    pub fn in_range(random: &mut Random, world: &World) -> Event {
        let event = Event::windowed(random, world, Check::Exists).enriched(random, world);
        Event {
            pick: None,
            check: Check::Exists,
            ..event
        }
    }

    fn windowed(random: &mut Random, world: &World, check: Check) -> Event {
        Event {
            within: random.maybe(4, |random| world.grid.window(random)),
            ..Event::plain(random.pick(world.events), check)
        }
    }

    /// How often one event happened, ever.
    pub fn plain(name: &'static str, check: Check) -> Event {
        Event {
            names: vec![name],
            check,
            within: None,
            older: None,
            since: None,
            until: None,
            filter: None,
            pick: None,
        }
    }

    /// The same, asked for in a way that is rarer.
    fn enriched(mut self, random: &mut Random, world: &World) -> Event {
        for _ in 0..random.pick(&[0, 0, 0, 1, 1, 2]) {
            self.names.push(random.pick(world.events));
        }
        let some_filter = |random: &mut Random| {
            let depth = random.below(3);
            Box::new(Filter::random(random, world, depth))
        };
        self.filter = random.one_in(2).then(|| some_filter(random));
        if random.one_in(2) {
            let one = world.grid.window(random);
            let other = self.within.filter(|within| *within != one);
            (self.older, self.within) = match other {
                None => (Some(one), None),
                Some(other) => (Some(one.min(other)), Some(one.max(other))),
            };
        }
        if self.filter.is_some() && random.one_in(4) {
            // So may how many of all there are that pass.
            (self.within, self.older) = (None, None);
        }
        if random.one_in(3) {
            let edge = |random: &mut Random| {
                let at = world.grid.instant(random);
                (random.one_in(2) && json::can_name(at)).then_some(at)
            };
            let (one, other) = (edge(random), edge(random));
            (self.since, self.until) = match (one, other) {
                (Some(one), Some(other)) if one > other => (Some(other), Some(one)),
                (Some(one), Some(other)) if one == other => (Some(one), None),
                ends => ends,
            };
        }
        if random.one_in(4) {
            let pick = random.pick(&[Pick::First, Pick::Last]);
            self.pick = Some((pick, random.one_in(2).then(|| some_filter(random))));
            self.check = random.pick(&[Check::Exists, Check::NotExists]);
        }
        self
    }

    /// The same, asked with one condition less.
    pub fn smaller(&self) -> Vec<Event> {
        let mut smaller = Vec::new();
        let mut without = |change: &dyn Fn(&mut Event)| {
            let mut event = self.clone();
            change(&mut event);
            if event != *self {
                smaller.push(event);
            }
        };
        if self.names.len() > 1 {
            for place in 0..self.names.len() {
                without(&|event| {
                    event.names.remove(place);
                });
            }
        }
        without(&|event| event.filter = None);
        without(&|event| event.within = None);
        without(&|event| event.older = None);
        without(&|event| event.since = None);
        without(&|event| event.until = None);
        without(&|event| event.pick = None);
        if let Some((pick, Some(_))) = self.pick {
            without(&|event| event.pick = Some((pick, None)));
        }
        for filter in self.filter.iter().flat_map(|filter| filter.smaller()) {
            without(&|event| event.filter = Some(Box::new(filter.clone())));
        }
        smaller
    }

    pub(super) fn is_inside(&self, occurred_at: i64, at: i64) -> bool {
        let age = i128::from(at) - i128::from(occurred_at);
        let is_old = |span: i64| match occurred_at {
            INFINITY => false,
            MINUS_INFINITY => true,
            _ => age > i128::from(span),
        };
        self.within.is_none_or(|within| !is_old(within))
            && self.older.is_none_or(is_old)
            && self.since.is_none_or(|since| occurred_at >= since)
            && self.until.is_none_or(|until| occurred_at < until)
    }

    /// Those that the filter lets through.
    pub(super) fn of<'f>(
        &self,
        all: impl Fn(&'static str) -> &'f [Occurrence],
    ) -> Vec<&'f Occurrence> {
        let mut names = self.names.clone();
        names.sort_unstable();
        names.dedup();
        let named = names.into_iter().flat_map(all);
        named
            .filter(|o| self.filter.as_ref().is_none_or(|filter| filter.passes(o)))
            .collect()
    }
}

impl Meaning for Event {
    fn holds(&self, seen: &Seen, at: i64) -> bool {
        let mut all = self.of(|name| seen.of(name));
        if let Some((pick, having)) = &self.pick {
            all.sort_by_key(|o| (o.at, o.id));
            let picked = match pick {
                Pick::First => all.first(),
                Pick::Last => all.last(),
            };
            let is_so = picked.is_some_and(|o| {
                self.is_inside(o.at, at) && having.as_ref().is_none_or(|having| having.passes(o))
            });
            return is_so == (self.check == Check::Exists);
        }
        let count = all.iter().filter(|o| self.is_inside(o.at, at)).count() as u64;
        match self.check {
            Check::Exists | Check::Count => count > 0,
            Check::NotExists => count == 0,
            Check::Bound(operator, bound) => compares(count, operator, bound),
        }
    }

    fn changes(&self, facts: &Facts, found: &mut dyn FnMut(i128)) {
        for occurrence in self.of(|name| facts.of(name)) {
            if occurrence.at != MINUS_INFINITY && occurrence.at != INFINITY {
                // It is as old as a window is long for the last time, and then older.
                for span in self.within.into_iter().chain(self.older) {
                    found(i128::from(occurrence.at) + i128::from(span) + 1);
                }
            }
        }
    }

    fn events(&self) -> Vec<&'static str> {
        self.names.clone()
    }

    fn counts(&self, occurrence: &Occurrence) -> bool {
        let is_in_time = self.pick.is_some()
            || self.since.is_none_or(|since| occurrence.at >= since)
                && self.until.is_none_or(|until| occurrence.at < until);
        let passes = self
            .filter
            .as_ref()
            .is_none_or(|filter| filter.passes(occurrence));
        self.names.contains(&occurrence.event) && is_in_time && passes
    }

    fn asks_of(&self, event: &str) -> bool {
        let having = self.pick.as_ref().and_then(|(_, having)| having.as_ref());
        self.names.contains(&event) && (self.filter.is_some() || having.is_some())
    }

    fn only_denies(&self, asked: bool) -> bool {
        let denies = if asked {
            Check::NotExists
        } else {
            Check::Exists
        };
        self.check == denies && self.within.is_none() && self.since.is_none()
    }

    fn fields(&self, random: &mut Random) -> Fields {
        let check = match self.check {
            Check::Exists => "exists",
            Check::NotExists => "not_exists",
            Check::Count | Check::Bound(..) => "count",
        };
        let mut fields = vec![
            ("type", json::text("event")),
            ("eventName", self.names(random)),
            ("check", json::text(check)),
        ];
        if let Check::Bound(operator, bound) = self.check {
            fields.push(("operator", json::text(operator)));
            fields.push(("value", json::whole(random, bound)));
        }
        for (key, span) in [("within", self.within), ("olderThan", self.older)] {
            if let Some(span) = span {
                fields.push((key, json::span(random, span)));
            }
        }
        for (key, at) in [("since", self.since), ("until", self.until)] {
            if let Some(at) = at {
                fields.push((key, json::instant(random, at)));
            }
        }
        if let Some(filter) = &self.filter {
            fields.push(("where", filter.json(random)));
        }
        if let Some((pick, having)) = &self.pick {
            let pick = match pick {
                Pick::First => "first",
                Pick::Last => "last",
            };
            fields.push(("pick", json::text(pick)));
            if let Some(having) = having {
                fields.push(("having", having.json(random)));
            }
        }
        fields
    }
}

//! Several things, one after the other.

use super::{Event, Meaning};
use crate::facts::{Facts, INFINITY, MINUS_INFINITY, Occurrence, Seen};
use crate::json::{self, Fields};
use crate::random::Random;
use crate::value::Value;
use crate::world::World;

#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    /// The first one, and when it must have happened.
    pub first: Box<Event>,
    pub next: Vec<Next>,
    /// The properties that must be the same in all.
    pub same: Vec<&'static str>,
}

/// A further step.
#[derive(Clone, Debug, PartialEq)]
pub struct Next {
    /// Which events; when is nothing here.
    pub events: Event,
    /// How long after the one before at the latest.
    pub within: Option<i64>,
    /// It must not come.
    pub never: bool,
}

impl Sequence {
    pub fn random(random: &mut Random, world: &World) -> Sequence {
        let mut first = Box::new(Event::in_range(random, world));
        let count = random.pick(&[1, 1, 1, 2, 2, 3]);
        let mut next: Vec<Next> = (0..count)
            .map(|_| Next {
                events: Event::in_range(random, world),
                within: random.one_in(2).then(|| world.grid.window(random)),
                never: false,
            })
            .collect();
        if let Some(last) = next.last_mut().filter(|_| random.one_in(2)) {
            last.never = true;
            if last.within.is_none() && first.within.is_none() {
                let longer = first.older.map_or(0, |older| older + 1);
                first.within = Some(longer + world.grid.window(random));
            }
        }
        let same = match random.below(4) {
            0 => vec![random.pick(world.properties)],
            1 => world.properties[..2].to_vec(),
            _ => Vec::new(),
        };
        Sequence { first, next, same }
    }

    /// The same with one thing less.
    pub fn smaller(&self) -> Vec<Sequence> {
        let mut smaller = Vec::new();
        for place in 0..self.next.len() {
            if self.next.len() > 1 {
                let mut fewer = self.clone();
                fewer.next.remove(place);
                smaller.push(fewer);
            }
        }
        if !self.same.is_empty() {
            let mut fewer = self.clone();
            fewer.same.clear();
            smaller.push(fewer);
        }
        smaller
    }

    /// What must be the same in all; None where something is missing.
    fn key(&self, occurrence: &Occurrence) -> Option<Vec<Value>> {
        let properties = &occurrence.document.properties;
        let of = |name: &&str| {
            let value = properties.get(*name)?;
            let is_scalar = matches!(value, Value::Bool(_) | Value::Number(_) | Value::Text(_));
            is_scalar.then(|| value.clone())
        };
        self.same.iter().map(of).collect()
    }

    /// Whether the steps from `place` on follow an occurrence.
    fn goes_on(&self, seen: &Seen, before: &Occurrence, place: usize, at: i64) -> bool {
        let Some(step) = self.next.get(place) else {
            return true;
        };
        let latest = step.within.map(|within| match before.at {
            INFINITY | MINUS_INFINITY => i128::from(before.at),
            finite => i128::from(finite) + i128::from(within),
        });
        let all = step.events.of(|name| seen.of(name));
        let mut following = all.into_iter().filter(|o| {
            (o.at, o.id) > (before.at, before.id)
                && latest.is_none_or(|latest| i128::from(o.at) <= latest)
                && self.key(o).is_some()
                && self.key(o) == self.key(before)
        });
        if step.never {
            let is_over = match (latest, before.at) {
                (None, _) | (_, MINUS_INFINITY) => true,
                (_, INFINITY) => false,
                (Some(latest), _) => i128::from(at) > latest,
            };
            return is_over && following.next().is_none();
        }
        following.any(|o| self.goes_on(seen, o, place + 1, at))
    }
}

impl Meaning for Sequence {
    fn holds(&self, seen: &Seen, at: i64) -> bool {
        let all = self.first.of(|name| seen.of(name));
        all.into_iter().any(|o| {
            self.first.is_inside(o.at, at) && self.key(o).is_some() && self.goes_on(seen, o, 0, at)
        })
    }

    fn changes(&self, facts: &Facts, found: &mut dyn FnMut(i128)) {
        self.first.changes(facts, found);
        if let Some(within) = self
            .next
            .last()
            .filter(|last| last.never)
            .and_then(|last| last.within)
        {
            for occurrence in facts.occurrences() {
                if occurrence.at != MINUS_INFINITY && occurrence.at != INFINITY {
                    found(i128::from(occurrence.at) + i128::from(within) + 1);
                }
            }
        }
    }

    fn events(&self) -> Vec<&'static str> {
        let next = self.next.iter().flat_map(|step| &step.events.names);
        self.first.names.iter().chain(next).copied().collect()
    }

    fn counts(&self, occurrence: &Occurrence) -> bool {
        // What follows a first step that is in the range comes after its beginning, too.
        let is_late_enough = self.first.since.is_none_or(|since| occurrence.at >= since);
        let follows = |step: &Next| {
            let Event { names, filter, .. } = &step.events;
            let passes = filter.as_ref().is_none_or(|f| f.passes(occurrence));
            names.contains(&occurrence.event) && passes
        };
        self.first.counts(occurrence) || is_late_enough && self.next.iter().any(follows)
    }

    fn asks_of(&self, event: &str) -> bool {
        self.events().contains(&event)
    }

    fn only_denies(&self, _: bool) -> bool {
        false
    }

    fn fields(&self, random: &mut Random) -> Fields {
        let mut range = self.first.fields(random);
        let mut steps = vec![step(random, &self.first, None, false)];
        for next in &self.next {
            steps.push(step(random, &next.events, next.within, next.never));
        }
        range.retain(|(key, _)| ["within", "olderThan", "since", "until"].contains(key));
        let mut fields = vec![
            ("type", json::text("sequence")),
            ("steps", format!("[{}]", steps.join(","))),
        ];
        fields.extend(range);
        if !self.same.is_empty() || random.one_in(8) {
            let mut same: Vec<String> = self.same.iter().map(|name| json::text(name)).collect();
            same.reverse();
            fields.push(("match", format!("[{}]", same.join(","))));
        }
        fields
    }
}

fn step(random: &mut Random, events: &Event, within: Option<i64>, never: bool) -> String {
    let mut fields = events.fields(random);
    fields.retain(|(key, _)| ["eventName", "where"].contains(key));
    if let Some(within) = within {
        fields.push(("within", json::span(random, within)));
    }
    if never || random.one_in(4) {
        fields.push(("never", never.to_string()));
    }
    json::object(random, fields)
}

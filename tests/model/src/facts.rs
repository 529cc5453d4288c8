//! What is stored of a user, and what of it is seen at an instant. Instants are microseconds.

use crate::json;
use crate::random::Random;
use crate::value::{Number, Value};
use crate::world::World;
use std::collections::BTreeMap;

pub const MINUS_INFINITY: i64 = i64::MIN;
pub const INFINITY: i64 = i64::MAX;
/// 294277-01-01 in microseconds since 2000, where Postgres's calendar ends.
pub const CALENDAR_END: i64 = 9_223_371_331_200_000_000;

pub type Properties = BTreeMap<String, Value>;

/// What an event says of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    pub properties: Properties,
    /// A number, if it is there.
    pub value: Option<Value>,
    pub source: Option<&'static str>,
}

/// Something that the user did.
#[derive(Clone, Debug, PartialEq)]
pub struct Occurrence {
    pub event: &'static str,
    pub at: i64,
    /// Tells those of one instant apart, and which comes first.
    pub id: i64,
    pub document: Document,
}

impl Occurrence {
    /// One that says nothing of itself.
    pub fn new(event: &'static str, at: i64) -> Occurrence {
        Occurrence {
            event,
            at,
            id: 0,
            document: Document::default(),
        }
    }

    /// One whose id is another one than those of others with other numbers below 64.
    pub fn random(
        random: &mut Random,
        world: &World,
        event: &'static str,
        number: usize,
    ) -> Occurrence {
        let at = world.occurred_at(random);
        if !world.is_rich {
            return Occurrence::new(event, at);
        }
        Occurrence {
            event,
            at,
            id: (random.below(100) * 64 + number) as i64,
            document: Document::random(random, world),
        }
    }

    fn key(&self) -> (&'static str, i64, i64) {
        (self.event, self.at, self.id)
    }
}

impl Document {
    pub fn random(random: &mut Random, world: &World) -> Document {
        let number = |random: &mut Random| Value::Number(Number::new(random.pick(world.numbers)));
        Document {
            properties: world.contact(random),
            value: random.maybe(3, number),
            source: random.maybe(3, |random| random.pick(world.texts)),
        }
    }

    /// The properties as JSON.
    pub fn json(&self) -> String {
        let entry =
            |(key, value): (&String, &Value)| format!("{}: {}", json::text(key), value.json());
        let entries: Vec<String> = self.properties.iter().map(entry).collect();
        format!("{{{}}}", entries.join(", "))
    }
}

/// A user.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// In order of events and, of each event, the earliest first, of one instant the one with the least id.
    occurrences: Vec<Occurrence>,
    /// The id.
    pub user: String,
    /// None where there is no live contact.
    pub properties: Option<Properties>,
    /// The latest stay in each bucket in which the user has ever been.
    pub memberships: BTreeMap<&'static str, Membership>,
}

/// How a user stands with a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    pub is_member: bool,
    /// Since when.
    pub since: i64,
}

impl Facts {
    pub fn new(
        occurrences: impl IntoIterator<Item = Occurrence>,
        properties: Option<Properties>,
    ) -> Facts {
        let mut occurrences: Vec<Occurrence> = occurrences.into_iter().collect();
        occurrences.sort_by(|one, other| one.key().cmp(&other.key()));
        Facts {
            occurrences,
            user: String::new(),
            properties,
            memberships: BTreeMap::new(),
        }
    }

    /// The same with that id.
    pub fn called(self, user: impl Into<String>) -> Facts {
        Facts {
            user: user.into(),
            ..self
        }
    }

    /// A few occurrences of each event and, mostly, a contact with some properties.
    pub fn random(random: &mut Random, world: &World) -> Facts {
        let mut occurrences = Vec::new();
        for event in world.events {
            for _ in 0..random.pick(&[0, 0, 1, 1, 2, 3, 4, 7]) {
                let number = occurrences.len();
                occurrences.push(Occurrence::random(random, world, event, number));
            }
        }
        let has_contact = !random.one_in(4);
        let user = format!("u{}", random.below(200));
        let mut memberships = BTreeMap::new();
        for bucket in world.buckets {
            let stay = random.maybe(3, |random| Membership {
                is_member: !random.one_in(3),
                since: world.grid.instant(random),
            });
            memberships.extend(stay.map(|stay| (*bucket, stay)));
        }
        Facts {
            user,
            memberships,
            ..Facts::new(occurrences, has_contact.then(|| world.contact(random)))
        }
    }

    pub fn occurrences(&self) -> &[Occurrence] {
        &self.occurrences
    }

    /// The occurrences of an event, the earliest first.
    pub fn of(&self, event: &str) -> &[Occurrence] {
        let from = self.occurrences.partition_point(|o| o.event < event);
        let len = self.occurrences[from..].partition_point(|o| o.event == event);
        &self.occurrences[from..from + len]
    }

    pub fn add(&mut self, occurrence: Occurrence) {
        let place = self
            .occurrences
            .partition_point(|other| other.key() < occurrence.key());
        self.occurrences.insert(place, occurrence);
    }

    pub fn remove(&mut self, occurrence: &Occurrence) {
        let place = self.occurrences.iter().position(|o| o == occurrence);
        self.occurrences.remove(place.expect("an occurrence"));
    }

    /// What is there now, whenever it is said to have happened.
    pub fn now(&self) -> Seen<'_> {
        Seen {
            facts: self,
            now: INFINITY,
            until: INFINITY,
            user: &self.user,
            properties: self.properties.as_ref(),
        }
    }

    /// What is known of an instant of the past: what had happened by then, and nothing of properties,
    /// because nobody writes down when they change. What lies in the future of `now` is there at `now`
    /// and was not before.
    pub fn as_of(&self, at: i64, now: i64) -> Seen<'_> {
        Seen {
            facts: self,
            now,
            until: if at == now { INFINITY } else { at },
            user: &self.user,
            properties: None,
        }
    }
}

/// What is seen of a user.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'f> {
    facts: &'f Facts,
    /// As which instant the present is known.
    now: i64,
    until: i64,
    pub user: &'f str,
    /// Of a live contact.
    pub properties: Option<&'f Properties>,
}

impl<'f> Seen<'f> {
    /// The occurrences of an event, the earliest first.
    pub fn of(&self, event: &str) -> &'f [Occurrence] {
        let all = self.facts.of(event);
        &all[..all.partition_point(|o| o.at <= self.until)]
    }

    /// How the user stands with a bucket; None: they have never been in it.
    pub fn membership(&self, bucket: &str) -> Option<Membership> {
        self.facts.memberships.get(bucket).copied()
    }

    /// Whether how they stand now is how they stood at an instant: nobody is asked for stays before the last.
    pub fn is_of_present_stay(&self, bucket: &str, at: i64) -> bool {
        let stay = self.membership(bucket);
        stay.is_none_or(|stay| at >= stay.since.min(self.now))
    }
}

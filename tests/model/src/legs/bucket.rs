//! Who is in another bucket, or is not, and for how long.

use super::Meaning;
use crate::facts::{Facts, Seen};
use crate::json::{self, Fields};
use crate::random::Random;
use crate::world::World;

#[derive(Clone, Debug, PartialEq)]
pub struct Bucket {
    pub id: &'static str,
    pub is_member: bool,
    /// For at least so long, in microseconds.
    pub lasting: Option<i64>,
}

impl Bucket {
    pub fn random(random: &mut Random, world: &World) -> Bucket {
        Bucket {
            id: random.pick(world.buckets),
            is_member: !random.one_in(3),
            lasting: random.maybe(3, |random| world.grid.window(random)),
        }
    }

    pub fn smaller(&self) -> Vec<Bucket> {
        let plain = Bucket {
            lasting: None,
            ..self.clone()
        };
        self.lasting.map(|_| plain).into_iter().collect()
    }
}

impl Meaning for Bucket {
    fn holds(&self, seen: &Seen, at: i64) -> bool {
        let Some(stay) = seen.membership(self.id) else {
            return !self.is_member;
        };
        let is_long = |lasting| i128::from(at) >= i128::from(stay.since) + i128::from(lasting);
        stay.is_member == self.is_member && self.lasting.is_none_or(is_long)
    }

    fn held(&self, seen: &Seen, at: i64) -> Option<bool> {
        let is_known = seen.is_of_present_stay(self.id, at);
        is_known.then(|| self.holds(seen, at))
    }

    fn changes(&self, facts: &Facts, found: &mut dyn FnMut(i128)) {
        if let (Some(stay), Some(lasting)) = (facts.memberships.get(self.id), self.lasting) {
            found(i128::from(stay.since) + i128::from(lasting));
        }
    }

    fn bucket(&self) -> Option<&'static str> {
        Some(self.id)
    }

    fn only_denies(&self, asked: bool) -> bool {
        self.is_member != asked
    }

    fn fields(&self, random: &mut Random) -> Fields {
        let mut fields = vec![
            ("type", json::text("bucket")),
            ("bucket", json::text(self.id)),
        ];
        if !self.is_member || random.one_in(3) {
            fields.push(("member", self.is_member.to_string()));
        }
        if let Some(lasting) = self.lasting {
            fields.push(("for", json::span(random, lasting)));
        }
        fields
    }
}

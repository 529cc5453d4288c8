//! Random definitions.

use super::{BY_HAND, Generator};
use crate::history::{Definition, EntryLimit};
use crate::instant::HOUR;
use hogsend_model::{Leg, Node, Operator, Random, legs};

impl Generator<'_> {
    pub fn criteria(&mut self) -> Node {
        if !self.world.is_rich || !self.random.one_in(5) {
            return Node::criteria(self.random, self.world);
        }
        // What the first or the last one is like; inside of a larger tree that seldom matters.
        loop {
            let event = legs::Event::random(self.random, self.world);
            let has_condition = matches!(event.pick, Some((_, Some(_))));
            let node = Node::Leg(Leg::Event(event));
            if has_condition && !node.only_denies() {
                return node;
            }
        }
    }

    pub fn is_nested(&self) -> bool {
        !self.world.buckets.is_empty()
    }

    /// Mostly about a bucket that is there, comes later in the order of names, and so leads to no circle.
    pub fn nested_criteria(&mut self, bucket: &str) -> Node {
        let criteria = self.criteria();
        if !self.is_nested() || self.random.one_in(5) {
            return criteria;
        }
        let is_there = |id: &&&str| self.defined.contains_key(**id);
        let below = self.world.buckets.iter().filter(is_there);
        let below = below.filter(|id| **id == BY_HAND || **id > bucket);
        let below: Vec<&'static str> = below.copied().collect();
        loop {
            let mut leg = legs::Bucket::random(self.random, self.world);
            if !below.is_empty() && !self.random.one_in(40) {
                leg.id = self.random.pick(&below);
            }
            let leg = Node::Leg(Leg::Bucket(leg));
            let node = match self.random.below(5) {
                0 | 1 => leg,
                2 => Node::Composite(Operator::Or, vec![leg, criteria.clone()]),
                _ => Node::Composite(Operator::And, vec![criteria.clone(), leg]),
            };
            if !node.only_denies() {
                return node;
            }
        }
    }

    /// A dynamic bucket or, without criteria, one that is kept by hand.
    pub fn bucket(&mut self, criteria: Option<Node>) -> Definition {
        let span = |random: &mut Random| random.between(1, 6) * HOUR;
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
            spelling: self.random.bits(),
        }
    }
}

//! Trees of legs: what they mean, and when that changes.

use crate::facts::{CALENDAR_END, Facts, Occurrence, Seen};
use crate::json;
use crate::legs::{Leg, Meaning};
use crate::random::Random;
use crate::value::Value;
use crate::world::World;

#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Leg(Leg),
    Not(Box<Node>),
    Composite(Operator, Vec<Node>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    And,
    Or,
}

impl Operator {
    pub fn name(self) -> &'static str {
        match self {
            Operator::And => "and",
            Operator::Or => "or",
        }
    }
}

impl Node {
    pub fn random(random: &mut Random, world: &World, depth: usize) -> Node {
        if depth == 0 || random.one_in(3) {
            return Node::Leg(Leg::random(random, world));
        }
        if random.one_in(5) {
            return Node::Not(Box::new(Node::random(random, world, depth - 1)));
        }
        let operator = random.pick(&[Operator::And, Operator::Or]);
        let parts = 1 + random.below(4);
        let parts = (0..parts).map(|_| Node::random(random, world, depth - 1));
        Node::Composite(operator, parts.collect())
    }

    /// Such as a bucket can be made of.
    pub fn criteria(random: &mut Random, world: &World) -> Node {
        loop {
            let depth = random.below(4);
            let node = Node::random(random, world, depth);
            if !node.only_denies() {
                return node;
            }
        }
    }

    /// Every tree with one thing less of which a bucket can be made.
    pub fn smaller(&self) -> Vec<Node> {
        let mut smaller = self.parts_of();
        smaller.retain(|node| !node.only_denies());
        smaller
    }

    fn parts_of(&self) -> Vec<Node> {
        match self {
            Node::Leg(leg) => leg.smaller().into_iter().map(Node::Leg).collect(),
            Node::Not(inner) => {
                let within = inner.parts_of().into_iter().map(|n| Node::Not(Box::new(n)));
                std::iter::once((**inner).clone()).chain(within).collect()
            }
            Node::Composite(operator, parts) => {
                let mut smaller = parts.clone();
                for (place, part) in parts.iter().enumerate() {
                    if parts.len() > 1 {
                        let mut fewer = parts.clone();
                        fewer.remove(place);
                        smaller.push(Node::Composite(*operator, fewer));
                    }
                    for lesser in part.parts_of() {
                        let mut parts = parts.clone();
                        parts[place] = lesser;
                        smaller.push(Node::Composite(*operator, parts));
                    }
                }
                smaller
            }
        }
    }

    /// Written in ways that `random` chooses.
    pub fn json(&self, random: &mut Random) -> String {
        let fields = match self {
            Node::Leg(leg) => leg.meaning().fields(random),
            Node::Not(inner) => vec![
                ("type", json::text("not")),
                ("condition", inner.json(random)),
            ],
            Node::Composite(operator, parts) => {
                let parts: Vec<String> = parts.iter().map(|part| part.json(random)).collect();
                vec![
                    ("type", json::text("composite")),
                    ("operator", json::text(operator.name())),
                    ("conditions", format!("[{}]", parts.join(" , "))),
                ]
            }
        };
        json::object(random, fields)
    }

    /// All its legs, in the order of the document.
    pub fn legs(&self) -> Vec<&dyn Meaning> {
        match self {
            Node::Leg(leg) => vec![leg.meaning()],
            Node::Not(inner) => inner.legs(),
            Node::Composite(_, parts) => parts.iter().flat_map(Node::legs).collect(),
        }
    }

    fn any_leg(&self, is_wanted: &dyn Fn(&dyn Meaning) -> bool) -> bool {
        match self {
            Node::Leg(leg) => is_wanted(leg.meaning()),
            Node::Not(inner) => inner.any_leg(is_wanted),
            Node::Composite(_, parts) => parts.iter().any(|part| part.any_leg(is_wanted)),
        }
    }

    pub fn names(&self, event: &str) -> bool {
        self.any_leg(&|leg| leg.events().contains(&event))
    }

    /// Whether any of the legs may count it.
    pub fn counts(&self, occurrence: &Occurrence) -> bool {
        self.any_leg(&|leg| leg.counts(occurrence))
    }

    /// Whether any of the legs asks of occurrences of an event what they say of themselves.
    pub fn asks_of(&self, event: &str) -> bool {
        self.any_leg(&|leg| leg.asks_of(event))
    }

    /// Whether they say of somebody of whom nothing is known that they belong, if they are one whom this
    /// is about.
    pub fn takes_newcomers(&self) -> bool {
        !self.is_about_everybody() && self.holds(&Facts::default(), 0)
    }

    /// Whether what happened can be anything to it: some leg may count it, or it brings in whoever had
    /// done nothing before.
    pub fn concerns_event(&self, occurrence: &Occurrence) -> bool {
        self.counts(occurrence) || self.names(occurrence.event) && self.takes_newcomers()
    }

    pub fn asks_for(&self, property: &str) -> bool {
        self.any_leg(&|leg| leg.properties().contains(&property))
    }

    /// Whether some leg of it holds of the one value of a property and not of the other.
    pub fn tells_apart(&self, property: &str, one: Option<&Value>, other: Option<&Value>) -> bool {
        self.any_leg(&|leg| leg.tells_apart(property, one, other))
    }

    /// Whether it says anything about events.
    pub fn names_events(&self) -> bool {
        self.any_leg(&|leg| !leg.events().is_empty())
    }

    pub fn is_about_everybody(&self) -> bool {
        self.any_leg(&|leg| leg.is_about_everybody())
    }

    /// Whether the clock changes some of it again and again, without an end.
    pub fn is_endless(&self) -> bool {
        self.any_leg(&|leg| leg.is_endless())
    }

    /// Whether it is refused, because it only says what must not be.
    pub fn only_denies(&self) -> bool {
        self.only_denies_as(true)
    }

    /// The same where the tree is to be as `asked`.
    fn only_denies_as(&self, asked: bool) -> bool {
        match self {
            Node::Leg(leg) => leg.meaning().only_denies(asked),
            Node::Not(inner) => inner.only_denies_as(!asked),
            Node::Composite(_, parts) => parts.iter().all(|part| part.only_denies_as(asked)),
        }
    }

    /// Whether the user is one whom this is about at all.
    pub fn concerns(&self, facts: &Facts) -> bool {
        let is_live = facts.properties.is_some();
        is_live && self.is_about_everybody() || self.has_happened(&facts.now())
    }

    /// The buckets whose members it asks for.
    pub fn buckets(&self) -> Vec<&'static str> {
        self.legs().iter().filter_map(|leg| leg.bucket()).collect()
    }

    /// Whether the user is known to have been in one of these at an instant, and so to have been known.
    fn was_member(&self, seen: &Seen, at: i64) -> bool {
        self.buckets().into_iter().any(|bucket| {
            let is_member = seen.membership(bucket).is_some_and(|stay| stay.is_member);
            is_member && seen.is_of_present_stay(bucket, at)
        })
    }

    /// Whether any of the events that it names had happened.
    pub fn has_happened(&self, seen: &Seen) -> bool {
        self.any_leg(&|leg| leg.events().iter().any(|event| !seen.of(event).is_empty()))
    }

    /// Whether the user belongs at an instant, if nothing but the clock moves.
    pub fn truth(&self, facts: &Facts, at: i64) -> bool {
        self.concerns(facts) && self.holds(facts, at)
    }

    /// The same of the tree alone, whoever the user is.
    pub fn holds(&self, facts: &Facts, at: i64) -> bool {
        match self {
            Node::Leg(leg) => leg.meaning().holds(&facts.now(), at),
            Node::Not(inner) => !inner.holds(facts, at),
            Node::Composite(Operator::And, parts) => parts.iter().all(|p| p.holds(facts, at)),
            Node::Composite(Operator::Or, parts) => parts.iter().any(|p| p.holds(facts, at)),
        }
    }

    /// Every instant within the calendar at which the clock alone may change the truth, in order.
    pub fn changes(&self, facts: &Facts) -> Vec<i64> {
        let mut found = Vec::new();
        for leg in self.legs() {
            leg.changes(facts, &mut |at| {
                let at = i64::try_from(at).ok().filter(|at| *at < CALENDAR_END);
                found.extend(at);
            });
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The first of these instants, which are in order, after `now` at which the truth is another one.
    pub fn next_flip(&self, facts: &Facts, now: i64, instants: &[i64]) -> Option<i64> {
        let truth = self.truth(facts, now);
        let mut later = instants.iter().copied().filter(|at| *at > now);
        later.find(|at| self.truth(facts, *at) != truth)
    }

    /// The last of these instants, which are in order, after `after` and not after `until` at which the
    /// truth became another one.
    pub fn last_flip(
        &self,
        facts: &Facts,
        after: i64,
        until: i64,
        instants: &[i64],
    ) -> Option<i64> {
        let mut truth = self.truth(facts, after);
        let mut last = None;
        for at in instants {
            if after < *at && *at <= until && self.truth(facts, *at) != truth {
                (truth, last) = (!truth, Some(*at));
            }
        }
        last
    }

    /// Since when this has held, as far as what is stored tells: what had not happened yet does not
    /// count, and what nobody knows does not hold. None where it does not hold `now`, or has held for as
    /// long as anything has been going on.
    pub fn true_since(&self, facts: &Facts, now: i64) -> Option<i64> {
        let moments = self.moments(facts, now);
        let latest_first = moments.iter().rev();
        let held = latest_first.take_while(|at| self.was_true(facts, **at, now));
        let first = moments.len() - held.count();
        (first > 0).then(|| moments.get(first).copied()).flatten()
    }

    /// Every instant up to `now` at which it may have begun or ceased to hold, in order.
    pub fn moments(&self, facts: &Facts, now: i64) -> Vec<i64> {
        let mut moments = self.changes(facts);
        let happened = facts.occurrences().iter().map(|o| o.at);
        // Whoever is concerned by something that happened was not just before it.
        moments.extend(happened.flat_map(|at| [at.saturating_sub(1), at]));
        // Of the stay before the last nobody knows.
        let stays = facts.memberships.values().map(|stay| stay.since);
        moments.extend(stays.flat_map(|at| [at.saturating_sub(1), at]));
        // Before the present, whatever lies in the future had not come.
        moments.extend([now - 1, now]);
        moments.retain(|at| *at <= now && *at > i64::MIN + 1);
        moments.sort_unstable();
        moments.dedup();
        moments
    }

    /// Whether the user is known to have belonged at an instant of the past.
    pub fn was_true(&self, facts: &Facts, at: i64, now: i64) -> bool {
        let seen = facts.as_of(at, now);
        let is_concerned = self.has_happened(&seen) || self.was_member(&seen, at);
        is_concerned && self.held(&seen, at) == Some(true)
    }

    fn held(&self, seen: &Seen, at: i64) -> Option<bool> {
        let (decisive, parts) = match self {
            Node::Leg(leg) => return leg.meaning().held(seen, at),
            Node::Not(inner) => return inner.held(seen, at).map(|truth| !truth),
            Node::Composite(Operator::And, parts) => (false, parts),
            Node::Composite(Operator::Or, parts) => (true, parts),
        };
        let parts: Vec<Option<bool>> = parts.iter().map(|part| part.held(seen, at)).collect();
        if parts.contains(&Some(decisive)) {
            Some(decisive)
        } else if parts.contains(&None) {
            None
        } else {
            Some(!decisive)
        }
    }
}

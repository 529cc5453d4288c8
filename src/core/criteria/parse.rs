//! From a JSON document to criteria, or to all that is wrong with it.

pub(super) mod filter;
pub(super) mod instant;
pub(super) mod walk;
mod window;

use super::hints::{did_you_mean, list, quote};
use super::json::{self, Kind};
use super::legs::{self, KINDS};
use super::stored::Stored;
use super::tree::{Condition, Junction};
use super::zones::Zones;
use super::{Criteria, MAX_DEPTH, Problem};
use serde_json::value::RawValue;
use walk::{Node, Walk};

const EXAMPLE: &str =
    r#"write an object such as {"type":"event","eventName":"app.opened","check":"exists"}"#;

/// What a condition can be that is no leg.
const COMPOSITE: &str = "composite";
const NOT: &str = "not";

/// Whatever a condition can be.
fn types() -> Vec<&'static str> {
    let legs = KINDS.iter().map(|kind| kind.name);
    legs.chain([COMPOSITE, NOT]).collect()
}

/// See [`Criteria::parse_in`].
pub(super) fn document(text: &str, zones: &dyn Zones) -> Result<Criteria, Vec<Problem>> {
    read(text, Walk::new(text, zones))
}

/// See [`Criteria::parse_stored`].
pub(super) fn stored(stored: Stored, zones: &dyn Zones) -> Result<Criteria, Vec<Problem>> {
    let (text, lists) = stored.into_parts();
    let mut walk = Walk::new(&text, zones);
    walk.trusted = true;
    walk.lists = lists;
    read(&text, walk)
}

fn read<'a>(text: &'a str, mut walk: Walk<'a>) -> Result<Criteria, Vec<Problem>> {
    let root = match json::document(text) {
        Some(root) => walk.condition(root, 0),
        None => {
            walk.problem(0, "the criteria are not valid JSON", EXAMPLE);
            None
        }
    };
    if walk.only_negations() {
        walk.problem(
            0,
            "the criteria consist of negations only, which nearly everybody meets",
            "add a condition that says who is meant, such as an event that exists or a property \
             with a value",
        );
    }
    walk.finish(root)
}

impl<'a> Walk<'a> {
    /// Reads one condition. The recursion is bounded by [`MAX_DEPTH`].
    fn condition(&mut self, raw: &'a RawValue, depth: usize) -> Option<Condition> {
        let at = self.offset(raw);
        let Some(node) = self.node(raw, at) else {
            self.count_leg(at, false);
            return None;
        };
        let kind = self.kind_of(&node);
        match kind.as_deref() {
            Some(COMPOSITE) => return self.composite(&node, depth),
            Some(NOT) => return self.negation(&node, depth),
            _ => {}
        }
        let kind = kind.and_then(|name| KINDS.iter().find(|kind| kind.name == name));
        let leg = kind.and_then(|kind| (kind.read)(self, &node));
        let negation = kind.is_some_and(|kind| (kind.is_negation)(&node, self.asked()));
        self.count_leg(at, negation);
        leg.map(Condition::Leg)
    }

    /// The type of a condition; reports one that is missing or unknown.
    fn kind_of(&mut self, node: &Node<'a>) -> Option<String> {
        let Some(raw) = node.field("type") else {
            let composite = node.field("conditions").map(|_| COMPOSITE);
            let not = node.field("condition").map(|_| NOT);
            let hint = match legs::guess(node).or(composite).or(not) {
                None => format!("add \"type\": {}", list(&types())),
                Some(guess) => format!("add \"type\": {}", quote(guess)),
            };
            self.problem(node.at, "the condition has no \"type\"", hint);
            return None;
        };
        let at = self.offset(raw);
        let kind = self.string_field("type", raw)?;
        if kind == "email_engagement" {
            self.problem_in(
                "type",
                at,
                "conditions of type \"email_engagement\" are not supported",
                "store opens and clicks as user events and use a condition of type \"event\"",
            );
        } else if !types().contains(&kind.as_str()) {
            self.problem_in(
                "type",
                at,
                format!("unknown type {}", quote(&kind)),
                did_you_mean(&kind, &types()),
            );
        }
        Some(kind)
    }

    /// A condition that is not to hold. Inside it the walk asks for the opposite.
    fn negation(&mut self, node: &Node<'a>, depth: usize) -> Option<Condition> {
        if depth >= MAX_DEPTH {
            self.passed_over();
            self.problem(
                node.at,
                format!("conditions are nested deeper than {MAX_DEPTH}"),
                "leave out pairs of negations, which say nothing",
            );
            return None;
        }
        self.check_keys(node, NOT, &["type", "condition"]);
        let Some(raw) = node.field("condition") else {
            self.passed_over();
            self.problem(
                node.at,
                "a negation needs a \"condition\"",
                "add \"condition\": the one that must not hold",
            );
            return None;
        };
        let inner = self.inside("condition", |walk| {
            walk.turned(|walk| walk.condition(raw, depth + 1))
        });
        inner.map(|inner| Condition::Not(Box::new(inner)))
    }

    fn composite(&mut self, node: &Node<'a>, depth: usize) -> Option<Condition> {
        if depth >= MAX_DEPTH {
            self.passed_over();
            self.problem(
                node.at,
                format!("composites are nested deeper than {MAX_DEPTH}"),
                "flatten composites of the same operator into one",
            );
            return None;
        }
        let (operator, conditions) =
            self.composite_of(node, |walk, part| walk.condition(part, depth + 1))?;
        Some(Condition::Composite {
            operator,
            conditions,
        })
    }

    /// Operator and parts of a composite, each of which `read` reads; `None` unless all is well.
    fn composite_of<T>(
        &mut self,
        node: &Node<'a>,
        mut read: impl FnMut(&mut Self, &'a RawValue) -> Option<T>,
    ) -> Option<(Junction, Vec<T>)> {
        self.check_keys(node, "composite", &["type", "operator", "conditions"]);
        let operator = self.choice(
            node,
            "operator",
            "a composite",
            &[("and", Junction::And), ("or", Junction::Or)],
        );
        let Some(raw) = node.field("conditions") else {
            self.passed_over();
            self.problem(
                node.at,
                "a composite needs \"conditions\"",
                "add \"conditions\": an array of at least one condition",
            );
            return None;
        };
        let at = self.offset(raw);
        let Some(items) = json::array(raw.get()) else {
            self.passed_over();
            let found = json::kind(raw.get()).map_or("not JSON", Kind::in_words);
            self.problem_in(
                "conditions",
                at,
                format!("\"conditions\" is {found} and must be an array"),
                "put the conditions into [ ]",
            );
            return None;
        };
        if items.is_empty() {
            self.passed_over();
            self.problem_in(
                "conditions",
                at,
                "\"conditions\" is empty",
                "add at least one condition, or remove the composite",
            );
            return None;
        }
        let mut parts = Vec::new();
        let mut complete = true;
        for (index, item) in items.into_iter().enumerate() {
            if self.is_stopped() {
                return None;
            }
            let field = format!("conditions[{index}]");
            match self.inside(&field, |walk| read(walk, item)) {
                Some(part) => parts.push(part),
                None => complete = false,
            }
        }
        Some((operator?, parts)).filter(|_| complete)
    }
}

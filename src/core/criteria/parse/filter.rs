//! Conditions on events themselves: trees of tests of what one event says.

use super::super::filter::{Field, Filter, Test};
use super::super::hints::{did_you_mean, list, quote};
use super::super::json::{self, Kind};
use super::super::legs::date::{DateTest, Named};
use super::super::legs::property::{AskedOfValue, PropertyLeg};
use super::super::moment::{Beside, Moment};
use super::super::tree::Junction;
use super::super::zones::Zones;
use super::super::{MAX_DEPTH, Problem, legs::LegKind};
use super::walk::{Node, Walk};
use super::{COMPOSITE, NOT};
use serde_json::value::RawValue;

/// What a condition on an event can be.
const TYPES: [&str; 3] = [PropertyLeg::TYPE, COMPOSITE, NOT];

/// What goes by the clock, which decides about no event.
const BY_THE_CLOCK: [&str; 6] = [
    "within_last",
    "within_next",
    "older_than",
    "later_than",
    "on_day",
    "anniversary",
];

const EXAMPLE: &str =
    r#"write an object such as {"type":"property","property":"amount","operator":"gt","value":50}"#;

/// See [`Filter::parse_in`].
pub(in crate::criteria) fn document(text: &str, zones: &dyn Zones) -> Result<Filter, Vec<Problem>> {
    let mut walk = Walk::new(text, zones);
    let root = match json::document(text) {
        Some(root) => walk.filter_node(root, 0),
        None => {
            walk.problem(0, "the filter is not valid JSON", EXAMPLE);
            None
        }
    };
    walk.finish_filter(root)
}

impl<'a> Walk<'a> {
    /// The filter in a field; reports what is wrong with it.
    pub(in crate::criteria) fn filter(&mut self, field: &str, raw: &'a RawValue) -> Option<Filter> {
        self.inside(field, |walk| walk.filter_node(raw, 0))
            .map(Filter::new)
    }

    /// One node of it. The recursion is bounded by [`MAX_DEPTH`].
    fn filter_node(&mut self, raw: &'a RawValue, depth: usize) -> Option<Test> {
        let at = self.offset(raw);
        if json::kind(raw.get()) != Some(Kind::Object) {
            let found = json::kind(raw.get()).map_or("not JSON", Kind::in_words);
            let message = format!("the filter is {found} and must be an object");
            self.problem(at, message, EXAMPLE);
            return None;
        }
        let node = self.node(raw, at)?;
        let kind = self.filter_type(&node)?;
        if kind == PropertyLeg::TYPE {
            self.count_test(at);
            return self.filter_test(&node);
        }
        if depth >= MAX_DEPTH {
            self.problem(
                at,
                format!("the filter is nested deeper than {MAX_DEPTH}"),
                "flatten composites of the same operator into one, and leave out pairs of negations",
            );
            return None;
        }
        if kind == NOT {
            self.check_keys(&node, NOT, &["type", "condition"]);
            let Some(raw) = node.field("condition") else {
                self.problem(
                    at,
                    "a negation needs a \"condition\"",
                    "add \"condition\": the one that must not hold",
                );
                return None;
            };
            let inner = self.inside("condition", |walk| walk.filter_node(raw, depth + 1));
            return inner.map(|inner| Test::Not(Box::new(inner)));
        }
        let (operator, parts) =
            self.composite_of(&node, |walk, part| walk.filter_node(part, depth + 1))?;
        Some(match operator {
            Junction::And => Test::All(parts),
            Junction::Or => Test::Any(parts),
        })
    }

    fn filter_type(&mut self, node: &Node<'a>) -> Option<String> {
        let Some(raw) = node.field("type") else {
            let guess = [
                ("property", PropertyLeg::TYPE),
                ("conditions", COMPOSITE),
                ("condition", NOT),
            ];
            let guess = guess.iter().find(|(field, _)| node.field(field).is_some());
            let hint = match guess {
                None => format!("add \"type\": {}", list(&TYPES)),
                Some((_, guess)) => format!("add \"type\": {}", quote(guess)),
            };
            self.problem(node.at, "the condition has no \"type\"", hint);
            return None;
        };
        let at = self.offset(raw);
        let kind = self.string_field("type", raw)?;
        if TYPES.contains(&kind.as_str()) {
            return Some(kind);
        }
        if super::types().contains(&kind.as_str()) {
            self.problem_in(
                "type",
                at,
                format!("a filter cannot have a condition of type {}", quote(&kind)),
                "a filter is about one event: test its properties, \"$value\" or \"$source\"",
            );
        } else {
            let message = format!("unknown type {}", quote(&kind));
            self.problem_in("type", at, message, did_you_mean(&kind, &TYPES));
        }
        None
    }

    fn filter_test(&mut self, node: &Node<'a>) -> Option<Test> {
        self.check_keys(node, PropertyLeg::TYPE, PropertyLeg::KEYS);
        let field = self.filter_field(node);
        let operator = node.text("operator");
        if let (Some(operator), Some(raw)) = (&operator, node.field("operator"))
            && BY_THE_CLOCK.contains(&operator.as_str())
        {
            self.problem_in(
                "operator",
                self.offset(raw),
                format!(
                    "the operator {} goes by the clock, and a filter cannot",
                    quote(operator)
                ),
                "say with \"within\", \"olderThan\", \"since\" and \"until\" when it happened",
            );
            return None;
        }
        let asked = AskedOfValue::read(self, node);
        let (field, asked) = (field?, asked?);
        let (test, zone, unit) = match asked {
            AskedOfValue::Value(test) => return Some(Test::Of { field, test }),
            AskedOfValue::Time { test, zone, unit } => (test, zone, unit),
        };
        let Named::Fixed(zone) = zone else {
            let raw = node.field("zone");
            self.problem_in(
                "zone",
                raw.map_or(node.at, |raw| self.offset(raw)),
                "the zone of a filter is the same for everybody",
                "write the name of a zone, such as \"Europe/Berlin\"",
            );
            return None;
        };
        let (is_before, than) = match test {
            DateTest::Before(Moment::At(than)) => (true, than),
            DateTest::After(Moment::At(than)) => (false, than),
            _ => return None,
        };
        let test = Box::new(Beside {
            is_before,
            than,
            zone,
            unit,
        });
        Some(Test::When { field, test })
    }

    /// What is tested: a place in the properties, or a column.
    fn filter_field(&mut self, node: &Node<'a>) -> Option<Field> {
        self.event_field(node, "property", "a condition on an event's property")
    }

    /// A place in an event's properties, or a column of it.
    pub(in crate::criteria) fn event_field(
        &mut self,
        node: &Node<'a>,
        field: &str,
        owner: &str,
    ) -> Option<Field> {
        let path = self.path(node, field, owner)?;
        if !path.key().starts_with('$') {
            return Some(Field::Property(path));
        }
        match (path.key(), path.rest()) {
            (Field::VALUE, []) => Some(Field::Value),
            (Field::SOURCE, []) => Some(Field::Source),
            (name, rest) => {
                let is_column = [Field::VALUE, Field::SOURCE].contains(&name) && !rest.is_empty();
                let (message, hint) = if is_column {
                    let message = format!("there is nothing inside {}", quote(name));
                    (message, "leave out what follows it".to_owned())
                } else {
                    let message = format!("an event has no {}", quote(name));
                    (message, did_you_mean(name, &[Field::VALUE, Field::SOURCE]))
                };
                let at = node.field(field).map_or(node.at, |raw| self.offset(raw));
                self.problem_in(field, at, message, hint);
                None
            }
        }
    }
}

//! What criteria mean at an instant: the events are counted, nothing is remembered.

use crate::criteria::{Check, Tree, Value};
use std::collections::BTreeMap;

/// What is stored of a user whose contact is live.
pub struct Facts<'a> {
    /// Which event, and when.
    pub events: Vec<(&'a str, i64)>,
    /// None where nobody knows: then nothing holds of any.
    pub properties: Option<&'a BTreeMap<String, Value>>,
}

impl Facts<'_> {
    /// Whether the user belongs at an instant, if nothing but the clock moves.
    pub fn truth(&self, tree: &Tree, at: i64) -> bool {
        self.in_scope(tree) && self.holds(tree, at)
    }

    fn in_scope(&self, tree: &Tree) -> bool {
        has_property_leg(tree) || self.events.iter().any(|(event, _)| names(tree, event))
    }

    fn holds(&self, tree: &Tree, at: i64) -> bool {
        match tree {
            Tree::Property {
                property,
                operator,
                value,
            } => self.properties.is_some_and(|properties| {
                compare(properties.get(*property), operator, value.as_ref())
            }),
            Tree::Event {
                event,
                check,
                within,
            } => {
                let inside = |when: i64| within.is_none_or(|window| when >= at - window.span);
                let is_counted = |(name, when): &&(&str, i64)| name == event && inside(*when);
                passes(*check, self.events.iter().filter(is_counted).count())
            }
            Tree::Composite {
                operator,
                conditions,
            } => {
                let mut conditions = conditions.iter().map(|c| self.holds(c, at));
                match *operator {
                    "and" => conditions.all(|holds| holds),
                    _ => conditions.any(|holds| holds),
                }
            }
        }
    }

    /// Every instant at which the clock alone may change the truth: an event is seen for the last
    /// time when it is exactly as old as the window is long.
    pub fn departures(&self, tree: &Tree) -> Vec<i64> {
        let mut found = Vec::new();
        windows(tree, &mut |name, span| {
            let of_name = self.events.iter().filter(|(event, _)| *event == name);
            found.extend(of_name.map(|(_, at)| at + span + 1));
        });
        found
    }

    /// The last instant after `after` and not after `until` at which the clock alone changed the
    /// truth.
    pub fn last_flip(&self, tree: &Tree, after: i64, until: i64) -> Option<i64> {
        let mut instants = self.departures(tree);
        instants.retain(|at| after < *at && *at <= until);
        instants.retain(|at| self.truth(tree, *at) != self.truth(tree, at - 1));
        instants.into_iter().max()
    }

    /// Since when the criteria have held, as far as the events tell: what had not happened yet does
    /// not count, and when a property changed nobody knows, so none counts either.
    pub fn true_since(&self, tree: &Tree, now: i64) -> Option<i64> {
        let at_the_time = |at: i64| {
            let happened = |(_, when): &&(&str, i64)| *when <= at || at == now;
            let facts = Facts {
                events: self.events.iter().filter(happened).copied().collect(),
                properties: None,
            };
            facts.events.iter().any(|(event, _)| names(tree, event)) && facts.holds(tree, at)
        };
        let mut instants = self.departures(tree);
        instants.extend(self.events.iter().map(|(_, at)| *at));
        // Before the present, whatever lies in the future had not come.
        instants.push(now - 1);
        instants.retain(|at| *at < now);
        instants.push(now);
        instants.sort_unstable();
        let held = instants.into_iter().rev().take_while(|at| at_the_time(*at));
        held.last()
    }
}

/// Whether criteria name an event.
pub fn names(tree: &Tree, name: &str) -> bool {
    match tree {
        Tree::Property { .. } => false,
        Tree::Event { event, .. } => *event == name,
        Tree::Composite { conditions, .. } => conditions.iter().any(|c| names(c, name)),
    }
}

/// Whether criteria ask for a property.
pub fn asks_for(tree: &Tree, name: &str) -> bool {
    match tree {
        Tree::Property { property, .. } => *property == name,
        Tree::Event { .. } => false,
        Tree::Composite { conditions, .. } => conditions.iter().any(|c| asks_for(c, name)),
    }
}

pub fn has_property_leg(tree: &Tree) -> bool {
    match tree {
        Tree::Property { .. } => true,
        Tree::Event { .. } => false,
        Tree::Composite { conditions, .. } => conditions.iter().any(has_property_leg),
    }
}

/// Whether criteria say anything about events.
pub fn has_event_leg(tree: &Tree) -> bool {
    match tree {
        Tree::Property { .. } => false,
        Tree::Event { .. } => true,
        Tree::Composite { conditions, .. } => conditions.iter().any(has_event_leg),
    }
}

fn windows(tree: &Tree, visit: &mut impl FnMut(&str, i64)) {
    match tree {
        Tree::Property { .. } => {}
        Tree::Event { event, within, .. } => {
            if let Some(window) = within {
                visit(event, window.span);
            }
        }
        Tree::Composite { conditions, .. } => {
            conditions.iter().for_each(|c| windows(c, visit));
        }
    }
}

fn passes(check: Check, count: usize) -> bool {
    match check {
        Check::Exists | Check::Count => count > 0,
        Check::NotExists => count == 0,
        Check::Bound("gt", bound) => count > bound,
        Check::Bound("gte", bound) => count >= bound,
        Check::Bound("lt", bound) => count < bound,
        Check::Bound("lte", bound) => count <= bound,
        Check::Bound(_, bound) => count == bound,
    }
}

fn compare(stored: Option<&Value>, operator: &str, asked: Option<&Value>) -> bool {
    let is_there = stored.is_some_and(|value| !matches!(value, Value::Null));
    let is_equal = || matches!((stored, asked), (Some(a), Some(b)) if same(a, b));
    let ordered = |wanted: fn(i128, i128) -> bool| match (stored, asked) {
        (Some(Value::Number(a)), Some(Value::Number(b))) => wanted(decimal(a), decimal(b)),
        _ => false,
    };
    match operator {
        "exists" => is_there,
        "not_exists" => !is_there,
        "eq" => is_equal(),
        "neq" => !is_equal(),
        "gt" => ordered(|a, b| a > b),
        "gte" => ordered(|a, b| a >= b),
        "lt" => ordered(|a, b| a < b),
        "lte" => ordered(|a, b| a <= b),
        _ => match (stored, asked) {
            (Some(Value::Text(a)), Some(Value::Text(b))) => a.contains(b),
            (Some(Value::List(a)), Some(b)) => a.iter().any(|element| same(element, b)),
            _ => false,
        },
    }
}

/// Whether two values are of the same type and equal.
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Number(a), Value::Number(b)) => decimal(a) == decimal(b),
        (Value::Text(a), Value::Text(b)) => a == b,
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        _ => false,
    }
}

/// A number in millionths. Histories have none with more digits.
fn decimal(text: &str) -> i128 {
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (-1, text),
        None => (1, text),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let number = format!("{whole}{fraction:0<6}");
    sign * number.parse::<i128>().expect("digits")
}

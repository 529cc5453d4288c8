//! The definition of criteria, written down a second time and as plainly as possible: every
//! occurrence is looked at, every instant at which anything could change is tried, and nothing is
//! shared with the crate.

/// A value, in JSON and in a contact. Numbers are hundredths.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Hundredths(i64),
    Text(&'static str),
    Array(Vec<Value>),
    Object,
}

#[derive(Clone, Debug)]
pub enum Node {
    Property {
        name: usize,
        operator: &'static str,
        value: Value,
    },
    Event {
        name: usize,
        check: &'static str,
        bound: Option<(&'static str, u64)>,
        within: Option<i64>,
    },
    Composite {
        operator: &'static str,
        nodes: Vec<Node>,
    },
}

pub const MINUS_INFINITY: i64 = i64::MIN;
pub const INFINITY: i64 = i64::MAX;
/// 294277-01-01, where Postgres's calendar ends.
pub const CALENDAR_END: i64 = 9_223_371_331_200_000_000;

/// A user: when each event happened, in no order, and the properties if there is a live contact.
#[derive(Clone, Debug)]
pub struct User {
    pub events: Vec<Vec<i64>>,
    pub contact: Option<Vec<Option<Value>>>,
}

impl Node {
    /// Calls `seen` with every leg.
    pub fn legs<'a>(&'a self, seen: &mut dyn FnMut(&'a Node)) {
        match self {
            Node::Composite { nodes, .. } => nodes.iter().for_each(|node| node.legs(seen)),
            leg => seen(leg),
        }
    }

    pub fn negations_only(&self) -> bool {
        let mut only = true;
        self.legs(&mut |leg| {
            only &= match leg {
                Node::Property { operator, .. } => matches!(*operator, "neq" | "not_exists"),
                Node::Event { check, within, .. } => *check == "not_exists" && within.is_none(),
                Node::Composite { .. } => unreachable!(),
            }
        });
        only
    }

    /// Whether the user is a member at `now`.
    pub fn truth(&self, user: &User, now: i64) -> bool {
        let mut scope = false;
        self.legs(&mut |leg| {
            scope |= match leg {
                Node::Property { .. } => user.contact.is_some(),
                Node::Event { name, .. } => !user.events[*name].is_empty(),
                Node::Composite { .. } => unreachable!(),
            }
        });
        scope && self.holds(user, now)
    }

    /// The tree alone, whoever the user is.
    pub fn holds(&self, user: &User, now: i64) -> bool {
        match self {
            Node::Composite {
                operator: "and",
                nodes,
            } => nodes.iter().all(|n| n.holds(user, now)),
            Node::Composite { nodes, .. } => nodes.iter().any(|n| n.holds(user, now)),
            Node::Event {
                name,
                check,
                bound,
                within,
            } => {
                let count = user.events[*name]
                    .iter()
                    .filter(|at| inside(**at, *within, now))
                    .count() as u64;
                match (*check, bound) {
                    ("not_exists", _) => count == 0,
                    ("count", Some(("gt", n))) => count > *n,
                    ("count", Some(("gte", n))) => count >= *n,
                    ("count", Some(("lt", n))) => count < *n,
                    ("count", Some(("lte", n))) => count <= *n,
                    ("count", Some(("eq", n))) => count == *n,
                    _ => count > 0,
                }
            }
            Node::Property {
                name,
                operator,
                value,
            } => {
                let theirs = user.contact.as_ref().and_then(|all| all[*name].as_ref());
                let present = theirs.is_some_and(|theirs| *theirs != Value::Null);
                let numbers = match (theirs, value) {
                    (Some(Value::Hundredths(theirs)), Value::Hundredths(mine)) => {
                        Some((*theirs, *mine))
                    }
                    _ => None,
                };
                match *operator {
                    "exists" => present,
                    "not_exists" => !present,
                    "eq" => theirs == Some(value),
                    "neq" => theirs != Some(value),
                    "gt" => numbers.is_some_and(|(theirs, mine)| theirs > mine),
                    "gte" => numbers.is_some_and(|(theirs, mine)| theirs >= mine),
                    "lt" => numbers.is_some_and(|(theirs, mine)| theirs < mine),
                    "lte" => numbers.is_some_and(|(theirs, mine)| theirs <= mine),
                    "contains" => match (theirs, value) {
                        (Some(Value::Text(whole)), Value::Text(part)) => whole.contains(part),
                        (Some(Value::Array(items)), mine) => items.contains(mine),
                        _ => false,
                    },
                    other => unreachable!("{other}"),
                }
            }
        }
    }

    /// Every instant at which an occurrence leaves a window, and those beside it, in order, that
    /// are in the calendar.
    pub fn instants(&self, user: &User) -> Vec<i64> {
        let mut all = Vec::new();
        self.legs(&mut |leg| {
            if let Node::Event {
                name,
                within: Some(within),
                ..
            } = leg
            {
                for at in user.events[*name].iter().filter(|at| finite(**at)) {
                    let edge = i128::from(*at) + i128::from(*within);
                    all.extend((edge - 1..=edge + 1).filter(|t| *t < i128::from(CALENDAR_END)));
                }
            }
        });
        let mut all: Vec<i64> = all
            .into_iter()
            .filter_map(|t| i64::try_from(t).ok())
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

fn finite(at: i64) -> bool {
    at != MINUS_INFINITY && at != INFINITY
}

fn inside(at: i64, within: Option<i64>, now: i64) -> bool {
    match within {
        None => true,
        Some(_) if at == INFINITY => true,
        Some(_) if at == MINUS_INFINITY => false,
        Some(within) => i128::from(at) >= i128::from(now) - i128::from(within),
    }
}

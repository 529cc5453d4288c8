//! Random trees and users, full of coincidences: times stand on a coarse grid or one microsecond
//! beside it, windows are multiples of the same grid, and names and values are few.

use super::model::{INFINITY, MINUS_INFINITY, Node, User, Value};
use super::random::Random;

pub const EVENTS: [&str; 4] = ["app.opened", "paid", "ünïcode \"quoted\"", "mail.sent"];
pub const PROPERTIES: [&str; 4] = ["plan", "score", "tags", "a\\b"];

/// The scale on which one case plays: the step of the grid and its origin, in microseconds.
pub struct Grid {
    pub step: i64,
    pub origin: i64,
}

impl Grid {
    pub fn new(random: &mut Random) -> Grid {
        let step = [1, 10, 1_000_000, 3_600_000_000, 86_400_000_000][random.below(5)];
        let origin = match random.below(40) {
            0 => super::model::CALENDAR_END - 12 * step,
            1 => -211_813_488_000_000_000,
            2 => 0,
            _ => 800_000_000_000_000,
        };
        Grid { step, origin }
    }

    pub fn instant(&self, random: &mut Random) -> i64 {
        self.origin + random.between(0, 12) * self.step + beside(random)
    }

    fn window(&self, random: &mut Random) -> i64 {
        (random.between(1, 6) * self.step + beside(random)).max(1)
    }
}

/// Mostly on the grid, sometimes one microsecond off.
fn beside(random: &mut Random) -> i64 {
    match random.below(6) {
        0 => 1,
        1 => -1,
        _ => 0,
    }
}

pub fn user(random: &mut Random, grid: &Grid) -> User {
    let events = EVENTS
        .iter()
        .map(|_| {
            let number = [0, 0, 1, 1, 2, 3, 4, 7][random.below(8)];
            (0..number)
                .map(|_| match random.below(60) {
                    0 => INFINITY,
                    1 => MINUS_INFINITY,
                    _ => grid.instant(random),
                })
                .collect()
        })
        .collect();
    let contact = (!random.one_in(4)).then(|| {
        PROPERTIES
            .iter()
            .map(|_| (!random.one_in(4)).then(|| value(random, true)))
            .collect()
    });
    User { events, contact }
}

fn value(random: &mut Random, any: bool) -> Value {
    match random.below(if any { 9 } else { 6 }) {
        0 => Value::Bool(random.one_in(2)),
        1 | 2 => Value::Hundredths([0, -100, 100, 150, 1000, 99][random.below(6)]),
        3..=5 => Value::Text(random.pick(&["", "pro", "trial", "proton", "1", "true", "é\n"])),
        6 => Value::Null,
        7 => Value::Object,
        _ => Value::Array((0..random.below(4)).map(|_| element(random)).collect()),
    }
}

/// Whatever may stand in an array; what is nested in it equals nothing that criteria can say.
fn element(random: &mut Random) -> Value {
    match value(random, true) {
        Value::Array(_) => Value::Object,
        other => other,
    }
}

pub fn tree(random: &mut Random, grid: &Grid, depth: usize) -> Node {
    if depth == 0 || random.one_in(3) {
        return if random.one_in(3) {
            property(random)
        } else {
            event(random, grid)
        };
    }
    Node::Composite {
        operator: random.pick(&["and", "or"]),
        nodes: (0..1 + random.below(4))
            .map(|_| tree(random, grid, depth - 1))
            .collect(),
    }
}

fn property(random: &mut Random) -> Node {
    let operators = [
        "eq",
        "neq",
        "gt",
        "gte",
        "lt",
        "lte",
        "exists",
        "not_exists",
        "contains",
        "contains",
    ];
    let operator = random.pick(&operators);
    let value = match operator {
        "exists" | "not_exists" => Value::Null,
        "gt" | "gte" | "lt" | "lte" => {
            Value::Hundredths([0, -100, 100, 150, 1000, 99][random.below(6)])
        }
        _ => value(random, false),
    };
    Node::Property {
        name: random.below(PROPERTIES.len()),
        operator,
        value,
    }
}

fn event(random: &mut Random, grid: &Grid) -> Node {
    let check = random.pick(&[
        "exists",
        "not_exists",
        "not_exists",
        "count",
        "count",
        "count",
    ]);
    let bound = (check == "count" && !random.one_in(8)).then(|| {
        let huge = random.one_in(50);
        let n = if huge {
            u64::MAX - random.below(3) as u64
        } else {
            random.below(6) as u64
        };
        (random.pick(&["gt", "gte", "lt", "lte", "eq"]), n)
    });
    let within = (!random.one_in(4)).then(|| grid.window(random));
    Node::Event {
        name: random.below(EVENTS.len()),
        check,
        bound,
        within,
    }
}

/// The tree as JSON, each thing in one of the ways in which it can be written.
pub fn json(random: &mut Random, node: &Node) -> String {
    let mut fields = Vec::new();
    match node {
        Node::Property {
            name,
            operator,
            value,
        } => {
            fields.push(("type", quoted("property")));
            fields.push(("property", quoted(PROPERTIES[*name])));
            fields.push(("operator", quoted(operator)));
            if *value != Value::Null || random.one_in(4) {
                fields.push(("value", value_json(random, value)));
            }
        }
        Node::Event {
            name,
            check,
            bound,
            within,
        } => {
            fields.push(("type", quoted("event")));
            fields.push(("eventName", quoted(EVENTS[*name])));
            fields.push(("check", quoted(check)));
            if let Some((operator, n)) = bound {
                fields.push(("operator", quoted(operator)));
                let number = if random.one_in(5) {
                    format!("{n}.0")
                } else {
                    n.to_string()
                };
                fields.push(("value", number));
            }
            if let Some(within) = within {
                fields.push(("within", within_json(random, *within)));
            }
        }
        Node::Composite { operator, nodes } => {
            fields.push(("type", quoted("composite")));
            fields.push(("operator", quoted(operator)));
            let nodes: Vec<String> = nodes.iter().map(|node| json(random, node)).collect();
            fields.push(("conditions", format!("[{}]", nodes.join(" , "))));
        }
    }
    for last in (1..fields.len()).rev() {
        fields.swap(last, random.below(last + 1));
    }
    let space = random.pick(&["", " ", "\n\t"]);
    let fields: Vec<String> = fields
        .iter()
        .map(|(key, value)| format!("{space}\"{key}\":{space}{value}"))
        .collect();
    format!("{{{}{space}}}", fields.join(","))
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

pub fn value_json(random: &mut Random, value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Hundredths(n) => match random.below(4) {
            0 => format!("{n}e-2"),
            1 => format!("{n}.000E-02"),
            2 if n % 100 == 0 => (n / 100).to_string(),
            _ => {
                let sign = if *n < 0 { "-" } else { "" };
                format!("{sign}{}.{:02}", n.abs() / 100, n.abs() % 100)
            }
        },
        Value::Text(text) => quoted(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| value_json(random, item)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object => random
            .pick(&["{}", r#"{"pro": 1}"#, r#"{"a": [1, {"b": []}]}"#])
            .into(),
    }
}

fn within_json(random: &mut Random, micros: i64) -> String {
    let (days, rest) = (micros / 86_400_000_000, micros % 86_400_000_000);
    let (hours, rest_of_day) = (rest / 3_600_000_000, rest % 3_600_000_000);
    let seconds = |micros: i64| format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    match random.below(7) {
        0 => format!(r#"{{"seconds":{}}}"#, seconds(micros)),
        1 => format!(r#"{{"seconds":{micros}e-6}}"#),
        2 => format!(
            r#"{{"seconds":{},"days":{days},"hours":{hours}}}"#,
            seconds(rest_of_day)
        ),
        3 => format!(r#""{micros} microseconds""#),
        4 => format!(
            r#""{days} days {hours} hours {} secs""#,
            seconds(rest_of_day)
        ),
        5 => format!(r#""P{days}DT{hours}H{}S""#, seconds(rest_of_day)),
        _ => {
            let (minutes, rest) = (rest_of_day / 60_000_000, rest_of_day % 60_000_000);
            format!(
                r#""{days} days {hours:02}:{minutes:02}:{:09}""#,
                seconds(rest)
            )
            .replace(":0000000", ":00")
            .replacen("  ", " ", 1)
        }
    }
}

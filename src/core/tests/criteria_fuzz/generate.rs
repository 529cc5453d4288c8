//! Documents: valid ones, and what becomes of them when they are mutilated.

use hogsend_model::Random;

/// JSON as a text editor sees it: objects may repeat keys, and a scalar is any text.
#[derive(Clone)]
pub enum Json {
    Object(Vec<(String, Json)>),
    Array(Vec<Json>),
    Text(String),
}

impl Json {
    pub fn write(&self, random: &mut Random, out: &mut String) {
        match self {
            Json::Text(text) => out.push_str(text),
            Json::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    item.write(random, out);
                }
                out.push(']');
            }
            Json::Object(fields) => {
                out.push('{');
                for (index, (key, value)) in fields.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    out.push_str(if random.one_in(8) { " \n" } else { "" });
                    out.push_str(&serde_json::to_string(key).unwrap());
                    out.push(':');
                    value.write(random, out);
                }
                out.push('}');
            }
        }
    }
}

fn text(text: impl Into<String>) -> Json {
    Json::Text(text.into())
}

fn string(value: &str) -> Json {
    Json::Text(serde_json::to_string(value).unwrap())
}

fn object(fields: Vec<(&str, Json)>) -> Json {
    Json::Object(
        fields
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

const NAMES: [&str; 6] = [
    "app.opened",
    "plan",
    "x",
    "naïve ☃",
    "a\"b\\c\u{1}",
    "bucket",
];
const NUMBERS: [&str; 12] = [
    "0",
    "1",
    "-1",
    "3.50",
    "1e400",
    "-1e-400",
    "12345678901234567890123.1",
    "1E+2",
    "0.0e99999",
    "-0",
    "18446744073709551616",
    "7",
];
/// Lengths that windows may have, without their quotation marks or braces.
const WINDOWS: [&str; 12] = [
    r#""14 days""#,
    r#""1 day 12 hours""#,
    r#""36:00:00""#,
    r#""2 days 03:04:05.5""#,
    r#""P14D""#,
    r#""PT36H""#,
    r#""1.5 hours""#,
    r#"{"days":1}"#,
    r#"{"seconds":0.5,"hours":1}"#,
    r#"{"minutes":1e3}"#,
    r#""1 week""#,
    r#"{"days":2,"hours":-1}"#,
];

/// A document that is right, as a tree.
pub fn valid(random: &mut Random, depth: usize) -> Json {
    if depth > 0 && random.one_in(8) {
        // A second part, because a negation alone may be refused.
        let parts = vec![
            object(vec![
                ("type", string("not")),
                ("condition", valid(random, depth - 1)),
            ]),
            valid(random, 0),
        ];
        return object(vec![
            ("type", string("composite")),
            ("operator", string(random.pick(&["and", "or"]))),
            ("conditions", Json::Array(parts)),
        ]);
    }
    if depth > 0 && random.one_in(2) {
        let conditions = (0..1 + random.below(3))
            .map(|_| valid(random, depth - 1))
            .collect();
        return object(vec![
            ("type", string("composite")),
            ("operator", string(random.pick(&["and", "or"]))),
            ("conditions", Json::Array(conditions)),
        ]);
    }
    if random.one_in(10) {
        return match random.below(3) {
            0 => object(vec![("type", string("everyone"))]),
            1 => object(vec![
                ("type", string("bucket")),
                ("bucket", string(random.pick(&NAMES))),
                ("member", text("true")),
                (
                    "for",
                    text(random.pick(&["\"14 days\"", "{\"hours\":1.5}"])),
                ),
            ]),
            _ => object(vec![
                ("type", string("sample")),
                ("salt", string(random.pick(&NAMES))),
                ("from", text(random.pick(&["0", "1.5", "0.0e9", "1e-400"]))),
                ("to", text(random.pick(&["100", "2", "1e2", "99.999"]))),
            ]),
        };
    }
    if random.one_in(2) {
        let name = string(random.pick(&NAMES));
        return test(random, name);
    }
    event(random)
}

/// A condition on a value, whoever's it is.
fn test(random: &mut Random, property: Json) -> Json {
    let scalar = match random.below(3) {
        0 => text(random.pick(&["true", "false"])),
        1 => text(random.pick(&NUMBERS)),
        _ => string(random.pick(&NAMES)),
    };
    let (operator, value) = match random.below(6) {
        4 => (
            random.pick(&["in", "contains_any", "contains_all"]),
            Some(Json::Array(vec![scalar.clone(), scalar])),
        ),
        5 => (
            random.pick(&["starts_with", "ends_with"]),
            Some(string(random.pick(&NAMES))),
        ),
        0 => ("exists", None),
        1 => (
            random.pick(&["gt", "gte", "lt", "lte"]),
            Some(text(random.pick(&NUMBERS))),
        ),
        _ => (random.pick(&["eq", "contains"]), Some(scalar)),
    };
    let mut fields = vec![
        ("type", string("property")),
        ("property", property),
        ("operator", string(operator)),
    ];
    fields.extend(value.map(|value| ("value", value)));
    object(fields)
}

/// A condition on a single event.
fn filter(random: &mut Random, depth: usize) -> Json {
    if depth == 0 || random.one_in(2) {
        let path = match random.below(4) {
            0 => string("$value"),
            1 => Json::Array(vec![string("$source")]),
            2 => Json::Array(vec![string("items"), text("0.0"), string("")]),
            _ => string(random.pick(&NAMES)),
        };
        let path = match path {
            // Names below the first are not empty.
            Json::Array(mut steps) if steps.len() == 3 => {
                steps[2] = string(random.pick(&NAMES));
                Json::Array(steps)
            }
            path => path,
        };
        return test(random, path);
    }
    if random.one_in(3) {
        return object(vec![
            ("type", string("not")),
            ("condition", filter(random, depth - 1)),
        ]);
    }
    let parts = (0..1 + random.below(3))
        .map(|_| filter(random, depth - 1))
        .collect();
    object(vec![
        ("type", string("composite")),
        ("operator", string(random.pick(&["and", "or"]))),
        ("conditions", Json::Array(parts)),
    ])
}

/// Instants in order.
const INSTANTS: [&str; 6] = [
    "0001-01-01",
    "1999-12-31T23:59:59.999999Z",
    "2000-01-01",
    "2024-02-29 12:00+05:45",
    "2026-05-01T00:00:00,5-0330",
    "9999-12-31",
];

fn event(random: &mut Random) -> Json {
    let name = match random.one_in(4) {
        true => {
            let several = 1 + random.below(3);
            Json::Array((0..several).map(|_| string(random.pick(&NAMES))).collect())
        }
        false => string(random.pick(&NAMES)),
    };
    let mut fields = vec![("type", string("event")), ("eventName", name)];
    let check = random.below(3);
    match check {
        0 => fields.push(("check", string("exists"))),
        1 => fields.push(("check", string("count"))),
        _ => fields.extend([
            ("check", string("count")),
            (
                "operator",
                string(random.pick(&["gt", "gte", "lt", "lte", "eq"])),
            ),
            (
                "value",
                text(random.pick(&["0", "1", "3.0", "1e2", "99999999999999999999"])),
            ),
        ]),
    }
    match random.below(4) {
        0 => {}
        1 => {
            let older = random.pick(&[r#"{"hours":1.5}"#, r#""PT1S""#, r#""1 day""#]);
            fields.push(("olderThan", text(older)));
            if random.one_in(2) {
                fields.push(("within", text(r#""60 days""#)));
            }
        }
        _ => fields.push(("within", text(random.pick(&WINDOWS)))),
    }
    if random.one_in(4) {
        let (since, until) = (random.below(3), 3 + random.below(3));
        if random.one_in(2) {
            fields.push(("since", string(INSTANTS[since])));
        }
        if random.one_in(2) {
            fields.push(("until", string(INSTANTS[until])));
        }
        fields.push(("zone", string(random.pick(&["UTC", "utc"]))));
    }
    let depth = random.below(4);
    if random.one_in(3) {
        fields.push(("where", filter(random, depth)));
    }
    if check == 0 && random.one_in(2) {
        fields.push(("pick", string(random.pick(&["first", "last"]))));
        if random.one_in(2) {
            fields.push(("having", filter(random, depth)));
        }
    }
    object(fields)
}

/// Breaks one thing somewhere in the tree, or nothing where there is nothing of the kind.
pub fn break_tree(random: &mut Random, json: &mut Json) {
    match json {
        Json::Object(fields) if !fields.is_empty() => {
            let index = random.below(fields.len());
            match random.below(8) {
                0 => drop(fields.remove(index)),
                1 => fields[index].0 = key(random),
                2 => {
                    let again = fields[index].clone();
                    fields.push(again);
                }
                3 => {
                    let value = junk(random);
                    fields.push((key(random), value));
                }
                4 => fields[index].1 = junk(random),
                _ => break_tree(random, &mut fields[index].1),
            }
        }
        Json::Array(items) if !items.is_empty() => {
            let index = random.below(items.len());
            match random.below(8) {
                0 => drop(items.remove(index)),
                1 => items[index] = junk(random),
                _ => break_tree(random, &mut items[index]),
            }
        }
        other => *other = junk(random),
    }
}

fn key(random: &mut Random) -> String {
    let keys = [
        "type",
        "property",
        "eventname",
        "event_name",
        "eventName",
        "check",
        "operator",
        "value",
        "within",
        "conditions",
        "condition",
        "",
        "w€eird key",
        "days",
        "weeks",
        "month",
        "opertor",
        "filters",
        "where",
        "having",
        "pick",
        "olderThan",
        "older_than",
        "since",
        "until",
        "zone",
        "salt",
        "from",
        "bucket",
        "member",
        "for",
    ];
    random.pick(&keys).to_owned()
}

/// Something that is probably wrong where it stands.
fn junk(random: &mut Random) -> Json {
    let texts = [
        "null",
        "true",
        "[]",
        "{}",
        "[[]]",
        "-5",
        "2.5",
        "1e400",
        "1e99999999999999999999",
        "\"\"",
        "\"eq\"",
        "\"gte\"",
        "\"exists\"",
        "\"not_exists\"",
        "\"neq\"",
        "\"in\"",
        "\"not_in\"",
        "\"contains_none\"",
        "[1,\"a\",null]",
        "\"count\"",
        "\"composite\"",
        "\"not\"",
        "\"sample\"",
        "\"bucket\"",
        "\"everyone\"",
        "\"event\"",
        "\"property\"",
        "\"email_engagement\"",
        "\"bucket:entered:x\"",
        "\"journey:started:x\"",
        "[\"a\",\"bucket:x\",7]",
        "\"$value\"",
        "\"$amount\"",
        "[\"$value\",0]",
        "\"first\"",
        "\"last\"",
        "\"within_last\"",
        "\"2026-02-30\"",
        "\"2026-05-01\"",
        "\"2026-05-01T12:00\"",
        "\"0000-01-01\"",
        "\"Nowhere/Land\"",
        "{\"property\":\"tz\"}",
        "{\"type\":\"event\"}",
        "\"2 months\"",
        "\"-1 day\"",
        "\"P1M\"",
        "\"25\"",
        "\"1 day ago\"",
        "{\"days\":0}",
        "{\"days\":1e30}",
        "{\"weeks\":2}",
        "{\"days\":\"1\"}",
        "\"\\ud800\"",
        "{\"\\ud800\":1}",
        "\"\\u0000\"",
        "nul",
        "01",
        "\"",
        "\u{1F600}",
    ];
    match random.below(40) {
        0 => {
            let depth = random.below(300);
            text("[".repeat(depth) + &"]".repeat(depth))
        }
        1 => string(&"né".repeat(random.below(400))),
        2 => text("9".repeat(1 + random.below(400))),
        3 => {
            let chars = [
                '1', '0', ' ', ':', '.', '-', '+', 'd', 'a', 'y', 's', 'P', 'T', 'H', 'm', 'é',
            ];
            string(
                &(0..random.below(14))
                    .map(|_| chars[random.below(16)])
                    .collect::<String>(),
            )
        }
        _ => text(random.pick(&texts)),
    }
}

/// Breaks the text itself.
pub fn break_text(random: &mut Random, text: &mut String) {
    let mut bytes = std::mem::take(text).into_bytes();
    for _ in 0..1 + random.below(3) {
        let at = random.below(bytes.len() + 1);
        match random.below(6) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, random.bits() as u8),
            2 if at < bytes.len() => drop(bytes.remove(at)),
            3 if at < bytes.len() => bytes[at] = random.bits() as u8,
            4 if at < bytes.len() => bytes[at] = b"{}[],:\"\\0e-."[random.below(12)],
            _ => {
                let deep = b"[{\""[random.below(3)];
                let many = random.below(50);
                bytes.splice(at..at, std::iter::repeat_n(deep, many));
            }
        }
    }
    *text = String::from_utf8_lossy(&bytes).into_owned();
}

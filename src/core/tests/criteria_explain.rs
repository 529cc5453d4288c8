//! Explanations, by name: what people read. That they agree with the evaluator is checked on
//! random trees.

#[path = "criteria_explain/agreement.rs"]
mod agreement;
#[path = "criteria_explain/events.rs"]
mod events;
#[path = "criteria_support/facts.rs"]
mod facts;

use facts::Listed;
use hogsend_core::criteria::{
    Criteria, EXPLAIN_DEPTH, Explanation, Finding, Path, Precision, PropertyValue,
};
use hogsend_core::time::{Instant, Span};
use std::collections::HashMap;

/// Occurrences of events, latest first, and properties, by name.
#[derive(Default)]
struct User {
    events: HashMap<&'static str, Vec<Instant>>,
    properties: HashMap<&'static str, PropertyValue>,
    live: bool,
}

fn known(criteria: &Criteria, user: &User) -> Listed {
    let times = |event: &str| user.events.get(event).cloned().unwrap_or_default();
    let property = |path: &Path| user.properties.get(path.key()).cloned();
    Listed::of(criteria, times, property, user.live)
}

/// Now is hour 0; what happened so many hours ago.
fn ago(hours: i64) -> Instant {
    Instant(-hours * Span::HOUR.0)
}

fn did(event: &'static str, hours_ago: &[i64]) -> User {
    User {
        events: HashMap::from([(event, hours_ago.iter().map(|h| ago(*h)).collect())]),
        ..User::default()
    }
}

fn has(property: &'static str, json: &str) -> User {
    User {
        properties: HashMap::from([(property, PropertyValue::parse(json))]),
        live: true,
        ..User::default()
    }
}

/// Instants as hours from now; seconds where they are wanted.
fn say(at: Instant, precision: Precision) -> String {
    match precision {
        _ if !at.is_finite() => "never-never".into(),
        Precision::Minute => format!("h{:+}", at.0.div_euclid(Span::HOUR.0)),
        Precision::Second => format!("s{:+}", at.0.div_euclid(Span::SECOND.0)),
    }
}

fn explain(json: &str, user: &User) -> Explanation {
    let criteria = Criteria::parse(json).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    criteria.explain(&known(&criteria, user), Instant(0), &say)
}

fn event(rest: &str) -> String {
    format!(r#"{{"type":"event","eventName":"app.opened",{rest}}}"#)
}

fn count(operator: &str, value: &str, within: &str) -> String {
    event(&format!(
        r#""check":"count","operator":"{operator}","value":{value}{within}"#
    ))
}

fn property(operator: &str, value: &str) -> String {
    format!(r#"{{"type":"property","property":"plan","operator":"{operator}","value":{value}}}"#)
}

fn composite(operator: &str, parts: &[String]) -> String {
    let parts = parts.join(",");
    format!(r#"{{"type":"composite","operator":"{operator}","conditions":[{parts}]}}"#)
}

const WEEK: &str = r#","within":{"days":7}"#;

/// Explains criteria of one leg: "what it asks for | whether that holds | what was found".
#[track_caller]
fn leg(json: &str, user: &User, told: &str) -> Option<Instant> {
    let [node] = <[Finding; 1]>::try_from(explain(json, user).nodes).expect("one node");
    let line = format!("{} | {} | {}", node.condition, node.result, node.observed);
    assert_eq!((node.path.as_str(), line.as_str()), ("$", told));
    node.flips_at
}

#[test]
fn absence() {
    let json = event(&format!(r#""check":"not_exists"{WEEK}"#));
    let tell = |hours: &[i64], observed: &str| {
        let told = format!("no app.opened in the last 7 days | {observed}");
        leg(&json, &did("app.opened", hours), &told)
    };
    tell(&[], "true | never");
    let seen = "true | none in the window; latest h-960, 40 days ago";
    assert_eq!(tell(&[40 * 24, 50 * 24], seen), None);
    let seen = "false | once, on h-2; leaves the window on h+166";
    assert_eq!(tell(&[2], seen), Some(ago(-166).next()));
    let seen = "false | 3 times; latest h-2; all leave the window by h+166";
    assert_eq!(tell(&[2, 20, 150], seen), Some(ago(-166).next()));

    let ever = [r#""check":"not_exists""#, r#""check":"exists""#].map(event);
    let told = explain(&composite("or", &ever), &User::default());
    assert_eq!(told.nodes[1].condition, "no app.opened ever");
}

#[test]
fn negation() {
    let opened = event(&format!(r#""check":"exists"{WEEK}"#));
    let json = format!(r#"{{"type":"not","condition":{opened}}}"#);
    for (hours, result, observed, flips_at) in [
        (2, false, "it holds", Some(ago(-166).next())),
        (200, true, "it does not hold", None),
    ] {
        let told = explain(&json, &did("app.opened", &[hours]));
        let [whole, inner] = <[Finding; 2]>::try_from(told.nodes).expect("two nodes");
        assert_eq!(
            (whole.path.as_str(), inner.path.as_str()),
            ("$", "$.condition")
        );
        assert_eq!((whole.condition.as_str(), whole.result), ("not:", result));
        assert_eq!(
            (whole.observed.as_str(), whole.flips_at),
            (observed, flips_at)
        );
        assert_eq!(inner.result, !result);
    }
}

#[test]
fn lists_beginnings_and_ends() {
    let tell = |operator: &str, value: &str, theirs: &str, told: &str| {
        leg(&property(operator, value), &has("plan", theirs), told);
    };
    tell("in", "[10, 2]", "2", "plan is one of 10 or 2 | true | 2");
    let told = r#"plan is one of "a", "b" or "c" | false | 1: a number, not a string"#;
    tell("in", r#"["c", "a", "b"]"#, "1", told);
    let told = r#"plan contains all of "a" and "b" | false | ["a"]"#;
    tell("contains_all", r#"["a", "b"]"#, r#"["a"]"#, told);
    let told = r#"plan contains any of "a" | false | "a": a string, not an array"#;
    tell("contains_any", r#"["a"]"#, r#""a""#, told);
    tell(
        "starts_with",
        r#""p""#,
        r#""pro""#,
        r#"plan starts with "p" | true | "pro""#,
    );
    let told = r#"plan ends with "p" | false | 1: a number, not a string"#;
    tell("ends_with", r#""p""#, "1", told);
    let many: Vec<String> = (100..200).map(|n| n.to_string()).collect();
    let told = "plan is one of 100, 101, 102, 103, 104, 105, 106, 107, 108, 109 or 90 others \
                | true | 150";
    tell("in", &format!("[{}]", many.join(",")), "150", told);
}

#[test]
fn samples_and_everyone() {
    let user = has("plan", "1");
    let json = r#"{"type":"sample","salt":"holdout","from":0,"to":12.50}"#;
    let found = explain(json, &user).nodes.remove(0);
    assert_eq!(
        found.condition,
        r#"in the sample "holdout" from 0 % up to 12.5 %"#
    );
    let (number, percent) = found
        .observed
        .strip_prefix("at ")
        .unwrap()
        .split_once(' ')
        .unwrap();
    assert_eq!(percent, "%");
    assert_eq!(found.result, number.parse::<f64>().unwrap() < 12.5);
    leg(
        r#"{"type":"everyone"}"#,
        &user,
        "everyone | true | a live contact",
    );
}

#[test]
fn presence() {
    let json = event(&format!(r#""check":"exists"{WEEK}"#));
    let tell = |hours: &[i64], observed: &str| {
        let told = format!("app.opened at least once in the last 7 days | {observed}");
        leg(&json, &did("app.opened", hours), &told)
    };
    tell(&[], "false | never");
    // Rounded down to days it would be as old as the window is long.
    let seen = "false | none in the window; latest h-171, just over 7 days ago";
    tell(&[7 * 24 + 3], seen);
    let seen = "true | 2 times; latest h+1 (yet to come); all leave the window by h+169";
    tell(&[-1, 3], seen);

    let ever = event(r#""check":"exists""#);
    let told = "app.opened at least once | true | once, on h-3";
    leg(&ever, &did("app.opened", &[3]), told);
    let told = "app.opened at least once | true | 2 times; latest h-3";
    leg(&ever, &did("app.opened", &[3, 9000]), told);
}

#[test]
fn counts() {
    let tell = |operator: &str, value: &str, within: &str, times: i64, told: &str| {
        let hours: Vec<i64> = (0..times).map(|n| n * 10 + 2).collect();
        let json = count(operator, value, within);
        leg(
            &json,
            &did("app.opened", &hours),
            &format!("app.opened {told}"),
        )
    };
    let told = "at least 10 times in the last 7 days | false | \
                3 of 10; latest h-2; the oldest leaves the window on h+146";
    assert_eq!(tell("gte", "10", WEEK, 3, told), None);
    let told = "at least 10 times in the last 7 days | false | \
                1 of 10; latest h-2; leaves the window on h+166";
    tell("gte", "10", WEEK, 1, told);
    let told = "at least 10 times in the last 7 days | true | \
                12 times; latest h-2; 3 leave the window by h+76";
    let flips_at = tell("gte", "10", WEEK, 12, told);
    assert_eq!(flips_at, Some(ago(-76).next()));
    let told = "at least 10 times in the last 7 days | true | \
                10 times; latest h-2; the oldest leaves the window on h+76";
    tell("gte", "10", WEEK, 10, told);

    let told = "at most once in the last 7 days | false | \
                5 times, 4 too many; latest h-2; 4 leave the window by h+156";
    tell("lte", "1", WEEK, 5, told);
    let told = "at most once in the last 7 days | true | \
                once, on h-2; leaves the window on h+166";
    tell("lte", "1", WEEK, 1, told);

    let told = "more than 2 times | false | 2 of 3; latest h-2";
    tell("gt", "2", "", 2, told);
    let told = "exactly 3 times | false | 5 times, 2 too many; latest h-2";
    tell("eq", "3", "", 5, told);
    let told = "less than 3 times | true | 2 times; latest h-2";
    tell("lt", "3", "", 2, told);
    let told = "less than 0 times | false | 2 times; latest h-2";
    tell("lt", "0", "", 2, told);
}

#[test]
fn more_than_anybody_counts() {
    assert_eq!(EXPLAIN_DEPTH, 1000);
    let tell = |operator: &str, value: &str, within: &str, times: usize, told: &str| {
        let user = did("app.opened", &vec![1; times]);
        leg(
            &count(operator, value, within),
            &user,
            &format!("app.opened {told}"),
        )
    };
    let told = "at least once | true | 999 times; latest h-1";
    tell("gte", "1", "", 999, told);
    let told = "at least 5000 times | true | at least 5000 times; latest h-1";
    tell("gte", "5000", "", 6000, told);
    let told = "at least 9000 times | false | at least 1000 of 9000; latest h-1";
    tell("gte", "9000", "", 6000, told);
    let told = "at most 5000 times in the last 7 days | false | \
                at least 5001 times, too many; latest h-1";
    tell("lte", "5000", WEEK, 6000, told);
}

#[test]
fn short_windows_show_seconds() {
    let tell = |within: &str| {
        let user = User {
            events: HashMap::from([("app.opened", vec![Instant(-90 * Span::SECOND.0)])]),
            ..User::default()
        };
        let json = event(&format!(r#""check":"exists","within":{within}"#));
        explain(&json, &user).nodes.remove(0)
    };
    let seen = "once, on s-90; leaves the window on s+1710";
    assert_eq!(tell(r#"{"minutes":30}"#).observed, seen);
    for (within, said) in [
        (r#"{"days":1}"#, "24 hours"),
        (r#"{"hours":1}"#, "hour"),
        (r#""36 hours""#, "36 hours"),
        (r#"{"days":1,"hours":2}"#, "1 day 2 hours"),
        (r#"{"seconds":0.25}"#, "0.25 seconds"),
    ] {
        let words = format!("app.opened at least once in the last {said}");
        assert_eq!(tell(within).condition, words);
    }
}

#[test]
fn infinite_times() {
    let json = event(&format!(r#""check":"exists"{WEEK}"#));
    let tell = |at: Instant, observed: &str| {
        let user = User {
            events: HashMap::from([("app.opened", vec![at])]),
            ..User::default()
        };
        let told = format!("app.opened at least once in the last 7 days | {observed}");
        leg(&json, &user, &told)
    };
    let seen = "false | none in the window; latest never-never";
    tell(Instant::NEG_INFINITY, seen);
    let seen = "true | once, on never-never (yet to come)";
    tell(Instant::INFINITY, seen);
}

#[test]
fn properties() {
    let tell = |operator: &str, value: &str, theirs: &str, told: &str| {
        let json = property(operator, value);
        leg(&json, &has("plan", theirs), &format!("plan {told}"))
    };
    let trial = r#""trial""#;
    tell("eq", trial, trial, r#"is "trial" | true | "trial""#);
    tell("eq", trial, r#""Trial""#, r#"is "trial" | false | "Trial""#);
    tell("gt", "5.0", "5", "is more than 5 | false | 5");
    tell("lt", "1e400", "5", "is less than 1e400 | true | 5");
    tell("lte", "5", "null", "is at most 5 | false | null");
    let told = r#"contains "trial" | true | ["new", "trial"]"#;
    tell("contains", trial, r#"["new","trial"]"#, told);

    // Of the wrong type, which is easily overlooked.
    let five = r#""5""#;
    let told = r#"is 5 | false | "5": a string, not a number"#;
    tell("eq", "5", five, told);
    let told = r#"is at least 5 | false | "5": a string, not a number"#;
    tell("gte", "5", five, told);
    let told = "is true | false | an object, not a boolean";
    tell("eq", "true", r#"{"a":1}"#, told);
    let told = r#"contains "trial" | false | 7: a number, neither a string nor an array"#;
    tell("contains", trial, "7", told);
    let told = r#"contains 7 | false | "7 of 9": a string, not an array"#;
    tell("contains", "7", r#""7 of 9""#, told);

    tell(
        "starts_with",
        trial,
        r#""trials""#,
        r#"starts with "trial" | true | "trials""#,
    );
    tell(
        "matches",
        r#""^\\d+$""#,
        "5",
        r#"matches "^\\d+$" | false | 5: a number, not a string"#,
    );
    let folded = |operator: &str, value: &str, theirs: &str, told: &str| {
        let json = property(operator, value).replace('}', r#","ignoreCase":true}"#);
        leg(&json, &has("plan", theirs), &format!("plan {told}"))
    };
    let told = r#"is "pro" (ignoring case) | true | "PRO""#;
    folded("eq", r#""Pro""#, r#""PRO""#, told);
    let told = r#"is one of "a" or "b" (ignoring case) | false | 1: a number, not a string"#;
    folded("in", r#"["A","b","a"]"#, "1", told);
    let told = r#"contains "é" (ignoring case) | true | ["É"]"#;
    folded("contains", r#""é""#, r#"["É"]"#, told);
    let told =
        r#"contains "é" (ignoring case) | false | 1: a number, neither a string nor an array"#;
    folded("contains", r#""é""#, "1", told);
    let told = r#"matches "^T" (ignoring case) | true | "trial""#;
    folded("matches", r#""^T""#, trial, told);

    let set = r#"{"type":"property","property":"plan","operator":"exists"}"#;
    leg(set, &has("other", "1"), "plan is set | false | absent");
    leg(set, &has("plan", "null"), "plan is set | false | null");
}

#[test]
fn names_that_are_none() {
    let name = |name: &str| {
        let name = serde_json::to_string(name).expect("a string");
        let json = format!(r#"{{"type":"property","property":{name},"operator":"exists"}}"#);
        explain(&json, &User::default()).nodes[0].condition.clone()
    };
    assert_eq!(name("utm/source-1"), "utm/source-1 is set");
    assert_eq!(name("größe"), "größe is set");
    assert_eq!(name("is set"), r#""is set" is set"#);
    assert_eq!(name("o'neil\"\n"), r#""o'neil\"\n" is set"#);
    assert_eq!(name("🦔"), r#""🦔" is set"#);
    assert_eq!(
        name(&"x".repeat(100_000)),
        format!(r#""{}…" is set"#, "x".repeat(60))
    );
}

#[test]
fn paths_in_words() {
    let path = |path: &str| {
        let json = format!(r#"{{"type":"property","property":{path},"operator":"exists"}}"#);
        explain(&json, &User::default()).nodes[0].condition.clone()
    };
    assert_eq!(path(r#"["address","country"]"#), "address.country is set");
    assert_eq!(path(r#"["tags",0,"x"]"#), "tags[0].x is set");
    // What could be taken for another path is quoted.
    assert_eq!(
        path(r#"["address.country"]"#),
        r#""address.country" is set"#
    );
    assert_eq!(path(r#"["a","b.c"]"#), r#"a."b.c" is set"#);
    assert_eq!(path(r#"["tags[0]"]"#), r#""tags[0]" is set"#);
    assert_eq!(path(r#"["tags","0"]"#), "tags.0 is set");
    let long = format!(r#"["a"{}]"#, r#","b""#.repeat(10_000));
    assert!(path(&long).ends_with(".b.b… is set"));
    assert!(path(&long).len() < 200);
}

#[test]
fn trees() {
    let opened = event(&format!(r#""check":"exists"{WEEK}"#));
    let inner = composite("or", &[property("eq", r#""pro""#), opened.clone()]);
    let json = composite("and", &[property("neq", r#""x""#), inner, opened]);
    let told: Vec<(String, String, bool, String)> = explain(&json, &has("plan", r#""pro""#))
        .nodes
        .into_iter()
        .map(|node| (node.path, node.condition, node.result, node.observed))
        .collect();
    let asks = "app.opened at least once in the last 7 days";
    let expected = [
        ("$", "all of:", false, "2 of 3 hold"),
        ("$.conditions[0]", r#"plan is not "x""#, true, r#""pro""#),
        ("$.conditions[1]", "any of:", true, "1 of 2 holds"),
        (
            "$.conditions[1].conditions[0]",
            r#"plan is "pro""#,
            true,
            r#""pro""#,
        ),
        ("$.conditions[1].conditions[1]", asks, false, "never"),
        ("$.conditions[2]", asks, false, "never"),
    ]
    .map(|(path, asks, result, seen)| (path.into(), asks.into(), result, seen.into()));
    assert_eq!(told, expected);
}

#[test]
fn scope() {
    let never = event(&format!(r#""check":"not_exists"{WEEK}"#));
    let nobody = User::default();
    let scope = |json: &str, user: &User| {
        let scope = explain(json, user).out_of_scope?;
        assert_eq!((scope.path.as_str(), scope.result), ("scope", false));
        Some(format!("{}? {}", scope.condition, scope.observed))
    };
    let told = explain(&never, &nobody);
    assert!(
        told.nodes[0].result,
        "true of somebody whom it is not about"
    );
    assert_eq!(
        scope(&never, &nobody).as_deref(),
        Some("app.opened at least once, ever? never, and only people who once did can be members")
    );
    assert_eq!(scope(&never, &did("app.opened", &[9000])), None);
    let plan = property("eq", r#""pro""#);
    assert_eq!(
        scope(&plan, &nobody).as_deref(),
        Some("a live contact? none")
    );
    assert_eq!(scope(&plan, &has("other", "1")), None);
    let both = composite("and", &[plan, never]);
    assert_eq!(
        scope(&both, &nobody).as_deref(),
        Some("a live contact, or app.opened at least once, ever? neither")
    );
    let events: Vec<String> = (0..9)
        .map(|n| format!(r#"{{"type":"event","eventName":"e{n}","check":"exists"}}"#))
        .collect();
    let asks = |n: usize| {
        explain(&composite("or", &events[..n]), &nobody)
            .out_of_scope
            .map(|s| s.condition)
    };
    assert_eq!(asks(2).as_deref(), Some("e0 or e1 at least once, ever"));
    assert_eq!(
        asks(4).as_deref(),
        Some("e0, e1, e2 or one other event at least once, ever")
    );
    assert_eq!(
        asks(9).as_deref(),
        Some("e0, e1, e2 or 6 other events at least once, ever")
    );
}

//! Every refusal, with its path, its message and its hint, word for word: they are what people
//! read when a definition fails.

#[path = "criteria_refusals/dates.rs"]
mod dates;
#[path = "criteria_refusals/events.rs"]
mod events;
#[path = "criteria_refusals/legs.rs"]
mod legs;
#[path = "criteria_refusals/lists.rs"]
mod lists;
#[path = "criteria_refusals/negation.rs"]
mod negation;
#[path = "criteria_refusals/samples.rs"]
mod samples;
#[path = "criteria_refusals/strings.rs"]
mod strings;
#[path = "criteria_refusals/windows.rs"]
mod windows;

use hogsend_core::criteria::{Criteria, MAX_PROBLEMS};

const EXAMPLE: &str =
    r#"write an object such as {"type":"event","eventName":"app.opened","check":"exists"}"#;

/// One problem and no other.
fn refused(json: &str, path: &str, message: &str, hint: &str) {
    let problems = Criteria::parse(json).expect_err(json);
    let found: Vec<_> = problems
        .iter()
        .map(|p| (p.path.as_str(), p.message.as_str(), p.hint.as_str()))
        .collect();
    assert_eq!(found, [(path, message, hint)], "{json}");
}

/// The paths of all problems, in order.
fn paths(json: &str) -> Vec<String> {
    let problems = Criteria::parse(json).err().unwrap_or_default();
    problems.into_iter().map(|problem| problem.path).collect()
}

fn property(rest: &str) -> String {
    format!(r#"{{"type":"property","property":"plan",{rest}}}"#)
}

fn event(rest: &str) -> String {
    format!(r#"{{"type":"event","eventName":"paid",{rest}}}"#)
}

fn within(within: &str) -> String {
    event(&format!(r#""check":"exists","within":{within}"#))
}

#[test]
fn documents() {
    let invalid = "the criteria are not valid JSON";
    for json in [
        "",
        "   ",
        "{",
        "nul",
        "{} {}",
        "[1,]",
        "\u{0}",
        "{\"type\":\"event\"",
    ] {
        refused(json, "$", invalid, EXAMPLE);
    }
    for (json, found) in [
        ("null", "null"),
        ("true", "a boolean"),
        ("1e400", "a number"),
        ("\"event\"", "a string"),
        ("[]", "an array"),
    ] {
        let message = format!("the criteria are {found} and must be an object");
        refused(json, "$", &message, EXAMPLE);
    }
    refused(
        r#"{"type":"event","\ud800":1}"#,
        "$",
        "a key of the object is not a valid string",
        "remove the escaped half of a surrogate pair",
    );
}

#[test]
fn types() {
    let none = "the condition has no \"type\"";
    refused(
        "{}",
        "$",
        none,
        r#"add "type": "property", "event", "compare", "sequence", "bucket", "sample", "everyone", "composite" or "not""#,
    );
    refused(r#"{"eventName":"a"}"#, "$", none, r#"add "type": "event""#);
    refused(
        r#"{"property":"a"}"#,
        "$",
        none,
        r#"add "type": "property""#,
    );
    refused(
        r#"{"conditions":[]}"#,
        "$",
        none,
        r#"add "type": "composite""#,
    );
    refused(
        r#"{"type":"evnt"}"#,
        "$.type",
        r#"unknown type "evnt""#,
        r#"did you mean "event"?"#,
    );
    refused(
        r#"{"type":"zzz"}"#,
        "$.type",
        r#"unknown type "zzz""#,
        r#"use "property", "event", "compare", "sequence", "bucket", "sample", "everyone", "composite" or "not""#,
    );
    refused(
        r#"{"type":7}"#,
        "$.type",
        r#""type" is a number and must be a string"#,
        "write it in quotation marks",
    );
    refused(
        r#"{"type":"\udc00"}"#,
        "$.type",
        r#""type" is not a valid string"#,
        "remove the escaped half of a surrogate pair",
    );
    refused(
        r#"{"type":"email_engagement","templateKey":"welcome","check":"opened"}"#,
        "$.type",
        "conditions of type \"email_engagement\" are not supported",
        "store opens and clicks as user events and use a condition of type \"event\"",
    );
}

#[test]
fn composites() {
    refused(
        r#"{"type":"composite","operator":"and"}"#,
        "$",
        r#"a composite needs "conditions""#,
        r#"add "conditions": an array of at least one condition"#,
    );
    refused(
        r#"{"type":"composite","operator":"and","conditions":[]}"#,
        "$.conditions",
        r#""conditions" is empty"#,
        "add at least one condition, or remove the composite",
    );
    refused(
        r#"{"type":"composite","operator":"and","conditions":{"type":"event"}}"#,
        "$.conditions",
        r#""conditions" is an object and must be an array"#,
        "put the conditions into [ ]",
    );
    let leg = event(r#""check":"exists""#);
    refused(
        &format!(r#"{{"type":"composite","conditions":[{leg}]}}"#),
        "$",
        r#"a composite needs "operator""#,
        r#"add "operator": "and" or "or""#,
    );
    refused(
        &format!(r#"{{"type":"composite","operator":"not","conditions":[{leg}]}}"#),
        "$.operator",
        r#"unknown operator "not""#,
        r#"use "and" or "or""#,
    );
    refused(
        &format!(r#"{{"type":"composite","operator":"any","conditions":[{leg}]}}"#),
        "$.operator",
        r#"unknown operator "any""#,
        r#"did you mean "or"?"#,
    );
    refused(
        &format!(r#"{{"type":"composite","operator":"or","conditions":[{leg},"x"]}}"#),
        "$.conditions[1]",
        "the condition is a string and must be an object",
        EXAMPLE,
    );
}

#[test]
fn keys() {
    let repeated = "keep one of them";
    refused(
        r#"{"type":"event","eventName":"a","eventName":"b","check":"exists"}"#,
        "$.eventName",
        r#"the key "eventName" is repeated"#,
        repeated,
    );
    for (json, kind, path, key, hint) in [
        (
            event(r#""check":"exists","evntName":1"#),
            "event",
            "$.evntName",
            "evntName",
            r#"did you mean "eventName"?"#,
        ),
        (
            event(r#""check":"exists","event_name":1"#),
            "event",
            "$.event_name",
            "event_name",
            r#"did you mean "eventName"?"#,
        ),
        (
            event(r#""check":"exists","a key":1"#),
            "event",
            r#"$["a key"]"#,
            "a key",
            r#"use "type", "eventName", "check", "operator", "value", "within", "olderThan", "since", "until", "where", "of", "pick", "having" or "zone""#,
        ),
        (
            event(r#""check":"exists","":1"#),
            "event",
            r#"$[""]"#,
            "",
            r#"use "type", "eventName", "check", "operator", "value", "within", "olderThan", "since", "until", "where", "of", "pick", "having" or "zone""#,
        ),
        (
            property(r#""operator":"exists","within":"1 day""#),
            "property",
            "$.within",
            "within",
            r#"use "type", "property", "operator", "value", "ignoreCase", "zone" or "unit""#,
        ),
        (
            format!(
                r#"{{"type":"composite","operator":"or","condition":1,"conditions":[{}]}}"#,
                event(r#""check":"exists""#)
            ),
            "composite",
            "$.condition",
            "condition",
            r#"did you mean "conditions"?"#,
        ),
    ] {
        let message = format!(r#"unknown key "{key}" in a condition of type "{kind}""#);
        refused(&json, path, &message, hint);
    }
}

#[test]
fn negations_only() {
    let message = "the criteria consist of negations only, which nearly everybody meets";
    let hint = "add a condition that says who is meant, such as an event that exists or a \
                property with a value";
    let neq = property(r#""operator":"neq","value":1"#);
    let absent = property(r#""operator":"not_exists""#);
    let never = event(r#""check":"not_exists""#);
    for leg in [&neq, &absent, &never] {
        refused(leg, "$", message, hint);
    }
    let all = |operator, legs: &[&str]| {
        let legs = legs.join(",");
        format!(r#"{{"type":"composite","operator":"{operator}","conditions":[{legs}]}}"#)
    };
    refused(
        &all("or", &[&neq, &all("and", &[&absent, &never])]),
        "$",
        message,
        hint,
    );
    // It is told along with other problems, as long as those leave no doubt about it.
    assert_eq!(
        paths(&all("and", &[&neq, &never.replace("paid", "")])),
        ["$", "$.conditions[1].eventName"]
    );
    assert_eq!(paths(&all("and", &[&neq, "{}"])), ["$.conditions[1]"]);
    for positive in [
        event(r#""check":"not_exists","within":{"days":7}"#),
        event(r#""check":"count","operator":"eq","value":0"#),
        event(r#""check":"exists""#),
        property(r#""operator":"eq","value":false"#),
    ] {
        assert!(
            Criteria::parse(&all("and", &[&neq, &never, &positive])).is_ok(),
            "{positive}"
        );
    }
}

#[test]
fn depth_and_legs_are_limited() {
    let leg = event(r#""check":"exists""#);
    let nested = |depth: usize| {
        r#"{"type":"composite","operator":"and","conditions":["#.repeat(depth)
            + &leg
            + &"]}".repeat(depth)
    };
    assert!(Criteria::parse(&nested(32)).is_ok());
    let hint = "flatten composites of the same operator into one";
    for depth in [33, 34, 200] {
        let path = format!("${}", ".conditions[0]".repeat(32));
        refused(
            &nested(depth),
            &path,
            "composites are nested deeper than 32",
            hint,
        );
    }
    let wide = |legs: usize| {
        let legs = vec![leg.as_str(); legs].join(",");
        format!(r#"{{"type":"composite","operator":"and","conditions":[{legs}]}}"#)
    };
    assert!(Criteria::parse(&wide(256)).is_ok());
    for legs in [257, 1_000] {
        let hint = "split the bucket, or mark users with one property instead of many conditions";
        let message = "the criteria have more than 256 conditions, composites not counted";
        refused(&wide(legs), "$.conditions[256]", message, hint);
    }
}

#[test]
fn all_problems_are_told_in_the_order_of_the_text() {
    let json = r#"{"type":"composite","operator":"xor","conditions":[
        {"check":"count","value":-1,"within":{"weeks":1,"days":"x"},"type":"event","extra":1},
        {"type":"composite","operator":"and","conditions":[
            {"type":"property","operator":"gt","value":"9"},
            null]},
        {"type":"property","property":"plan","operator":"neq","value":"pro"}]}"#;
    assert_eq!(
        paths(json),
        [
            "$.operator",
            "$.conditions[0]",
            "$.conditions[0]",
            "$.conditions[0].value",
            "$.conditions[0].within.weeks",
            "$.conditions[0].within.days",
            "$.conditions[0].extra",
            "$.conditions[1].conditions[0]",
            "$.conditions[1].conditions[0].value",
            "$.conditions[1].conditions[1]",
        ]
    );
}

#[test]
fn reading_stops_after_enough_problems() {
    let many = format!(
        r#"{{"type":"composite","operator":"or","conditions":[{}]}}"#,
        vec!["{}"; 200].join(",")
    );
    assert_eq!(paths(&many).len(), MAX_PROBLEMS);
    let units: Vec<String> = (0..5_000).map(|n| format!(r#""unit{n}":1"#)).collect();
    assert_eq!(
        paths(&within(&format!("{{{}}}", units.join(",")))).len(),
        MAX_PROBLEMS
    );
    let long = format!(r#"{{"type":"{}"}}"#, "x".repeat(1_000_000));
    assert!(Criteria::parse(&long).unwrap_err()[0].message.len() < 200);
}

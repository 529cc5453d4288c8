//! Every refusal, with its path, its message and its hint, word for word: they are what people
//! read when a definition fails.

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
    Criteria::parse(json)
        .expect_err(json)
        .into_iter()
        .map(|problem| problem.path)
        .collect()
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
        r#"add "type": "property", "event" or "composite""#,
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
        r#"use "property", "event" or "composite""#,
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
fn properties() {
    refused(
        r#"{"type":"property","operator":"exists"}"#,
        "$",
        r#"a condition on a property needs "property""#,
        r#"add "property": its name"#,
    );
    refused(
        r#"{"type":"property","property":"","operator":"exists"}"#,
        "$.property",
        r#""property" is empty"#,
        "give a name",
    );
    refused(
        r#"{"type":"property","property":null,"operator":"exists"}"#,
        "$.property",
        r#""property" is null and must be a string"#,
        "write it in quotation marks",
    );
    refused(
        &property(r#""value":1"#),
        "$",
        r#"a condition on a property needs "operator""#,
        r#"add "operator": "eq", "neq", "gt", "gte", "lt", "lte", "exists", "not_exists" or "contains""#,
    );
    for (written, meant) in [
        ("==", "eq"),
        (">=", "gte"),
        ("EQ", "eq"),
        ("contain", "contains"),
    ] {
        refused(
            &property(&format!(r#""operator":"{written}","value":1"#)),
            "$.operator",
            &format!(r#"unknown operator "{written}""#),
            &format!(r#"did you mean "{meant}"?"#),
        );
    }
    refused(
        &property(r#""operator":"between","value":1"#),
        "$.operator",
        r#"unknown operator "between""#,
        r#"use "eq", "neq", "gt", "gte", "lt", "lte", "exists", "not_exists" or "contains""#,
    );
    refused(
        &property(r#""operator":["eq"],"value":1"#),
        "$.operator",
        r#""operator" is an array and must be a string"#,
        "write it in quotation marks",
    );
}

#[test]
fn property_values() {
    for operator in ["eq", "contains"] {
        refused(
            &property(&format!(r#""operator":"{operator}""#)),
            "$",
            &format!(r#"the operator "{operator}" needs a "value""#),
            r#"add "value": a string, a number or a boolean"#,
        );
        let set = |value| property(&format!(r#""operator":"{operator}","value":{value}"#));
        refused(
            &set("null"),
            "$.value",
            r#""value" is null and must be a string, a number or a boolean"#,
            r#"use the operator "exists" or "not_exists" to ask for null"#,
        );
        for (value, found) in [("[1]", "an array"), ("{}", "an object")] {
            refused(
                &set(value),
                "$.value",
                &format!(r#""value" is {found} and must be a string, a number or a boolean"#),
                "compare with one string, number or boolean, or ask with \"exists\" whether \
                 there is any value",
            );
        }
    }
    for operator in ["gt", "gte", "lt", "lte"] {
        refused(
            &property(&format!(r#""operator":"{operator}""#)),
            "$",
            &format!(r#"the operator "{operator}" needs a "value""#),
            r#"add "value": a number"#,
        );
        for (value, found, hint) in [
            (r#""10.0""#, "a string", "write 10 without quotation marks"),
            (
                r#""ten""#,
                "a string",
                r#"give "value" a number, or compare with "eq""#,
            ),
            (
                "true",
                "a boolean",
                r#"give "value" a number, or compare with "eq""#,
            ),
            (
                "null",
                "null",
                r#"give "value" a number, or compare with "eq""#,
            ),
        ] {
            refused(
                &property(&format!(r#""operator":"{operator}","value":{value}"#)),
                "$.value",
                &format!(r#"the operator "{operator}" needs a number, not {found}"#),
                hint,
            );
        }
    }
    refused(
        &property(r#""operator":"gt","value":1e99999999999999999999999"#),
        "$.value",
        r#""value" is out of range"#,
        "give a number with a smaller exponent",
    );
    refused(
        &property(r#""operator":"exists","value":false"#),
        "$.value",
        r#"the operators "exists" and "not_exists" take no value"#,
        r#"remove "value", or use "eq" to compare with it"#,
    );
    assert!(Criteria::parse(&property(r#""operator":"exists","value":null"#)).is_ok());
}

#[test]
fn events() {
    refused(
        r#"{"type":"event","check":"exists"}"#,
        "$",
        r#"a condition on an event needs "eventName""#,
        r#"add "eventName": its name"#,
    );
    refused(
        r#"{"type":"event","eventName":"","check":"exists"}"#,
        "$.eventName",
        r#""eventName" is empty"#,
        "give a name",
    );
    refused(
        r#"{"type":"event","eventName":1,"check":"exists"}"#,
        "$.eventName",
        r#""eventName" is a number and must be a string"#,
        "write it in quotation marks",
    );
    refused(
        r#"{"type":"event","eventName":"bucket:entered:vip","check":"exists"}"#,
        "$.eventName",
        r#"the event name "bucket:entered:vip" is reserved"#,
        r#"name an event of your own: those that begin with "bucket:" are never evaluated"#,
    );
    let name = |length| {
        format!(
            r#"{{"type":"event","eventName":"{}","check":"exists"}}"#,
            "é".repeat(length)
        )
    };
    assert!(Criteria::parse(&name(250)).is_ok());
    refused(
        &name(251),
        "$.eventName",
        "the event name is 502 bytes long, more than 500",
        "use a shorter name",
    );
    refused(
        r#"{"type":"event","eventName":"paid"}"#,
        "$",
        r#"a condition on an event needs "check""#,
        r#"add "check": "exists", "not_exists" or "count""#,
    );
    refused(
        &event(r#""check":"exist""#),
        "$.check",
        r#"unknown check "exist""#,
        r#"did you mean "exists"?"#,
    );
    refused(
        &event(r#""check":{}"#),
        "$.check",
        r#""check" is an object and must be a string"#,
        "write it in quotation marks",
    );
}

#[test]
fn counts() {
    let both = r#"give both "operator" and "value", or neither for at least one"#;
    refused(
        &event(r#""check":"count","operator":"gte""#),
        "$",
        r#"the check "count" has no "value""#,
        both,
    );
    refused(
        &event(r#""check":"count","value":2"#),
        "$",
        r#"the check "count" has no "operator""#,
        both,
    );
    for operator in ["neq", "contains", "exists"] {
        refused(
            &event(&format!(
                r#""check":"count","operator":"{operator}","value":2"#
            )),
            "$.operator",
            &format!(r#"unknown operator "{operator}""#),
            r#"use "gt", "gte", "lt", "lte" or "eq""#,
        );
    }
    let whole = r#"give "value" a whole number from 0 on"#;
    let count = |value| {
        event(&format!(
            r#""check":"count","operator":"gte","value":{value}"#
        ))
    };
    for value in ["-1", "1.5", "-0.5", "1e-400"] {
        refused(
            &count(value),
            "$.value",
            &format!("a count cannot be {value}"),
            whole,
        );
    }
    for (value, found) in [(r#""3""#, "a string"), ("null", "null"), ("[]", "an array")] {
        let message = format!(r#"the check "count" needs a whole number, not {found}"#);
        refused(&count(value), "$.value", &message, whole);
    }
    for value in ["0", "-0", "3.0", "3e2", "1e400", "18446744073709551616"] {
        assert!(Criteria::parse(&count(value)).is_ok(), "{value}");
    }
    for check in ["exists", "not_exists"] {
        // The second leg is there because a bare absence would be a negation only.
        let json = format!(
            r#"{{"type":"composite","operator":"and","conditions":[{},{}]}}"#,
            event(&format!(
                r#""check":"{check}","operator":"gte","value":null"#
            )),
            event(r#""check":"exists""#)
        );
        let problems = Criteria::parse(&json).expect_err("two problems");
        let [operator, value] = problems.as_slice() else {
            panic!("{problems:?}")
        };
        assert_eq!(operator.path, "$.conditions[0].operator");
        assert_eq!(
            operator.message,
            r#""operator" belongs to the check "count" only"#
        );
        assert_eq!(
            operator.hint,
            r#"remove "operator", or use the check "count""#
        );
        assert_eq!(value.path, "$.conditions[0].value");
        assert_eq!(
            value.message,
            r#""value" belongs to the check "count" only"#
        );
    }
}

#[test]
fn windows() {
    for (value, found) in [("14", "a number"), ("null", "null"), ("[1]", "an array")] {
        refused(
            &within(value),
            "$.within",
            &format!(r#""within" is {found} and must be an object or an interval string"#),
            "write {\"days\": 14} or \"14 days\", or leave \"within\" out to count all occurrences",
        );
    }
    let varying = "use days: the length of a month or a year varies";
    for (key, hint) in [
        ("weeks", "use days: a week is 7 of them"),
        ("months", varying),
        ("year", varying),
        ("milliseconds", "use seconds with a fraction"),
        ("day", r#"did you mean "days"?"#),
        ("Hours", r#"did you mean "hours"?"#),
        (
            "fortnights",
            r#"use "days", "hours", "minutes" or "seconds""#,
        ),
    ] {
        let message = format!(r#"unknown unit "{key}" in "within""#);
        refused(
            &within(&format!(r#"{{"{key}":1}}"#)),
            &format!("$.within.{key}"),
            &message,
            hint,
        );
    }
    refused(
        &within(r#"{"days":"14"}"#),
        "$.within.days",
        r#""days" is a string and must be a number"#,
        r#"write it like {"days": 14}"#,
    );
    refused(
        &within(r#"{"days":1,"days":1}"#),
        "$.within.days",
        r#"the key "days" is repeated"#,
        "keep one of them",
    );
    refused(
        &within(r#"{"days":1e99999999999999999999}"#),
        "$.within.days",
        r#""days" is out of range"#,
        "give a number with a smaller exponent",
    );
    refused(
        &within(r#"{"\ud800":1}"#),
        "$.within",
        r#"a key of "within" is not a valid string"#,
        "use days, hours, minutes or seconds",
    );
    let empty = r#"give a length of at least one microsecond, such as {"days": 14}"#;
    for value in [
        "{}",
        r#"{"days":0}"#,
        r#"{"seconds":4e-7}"#,
        r#""0 days""#,
        r#""00:00""#,
    ] {
        refused(&within(value), "$.within", "the window is empty", empty);
    }
    for value in [
        r#"{"days":-1}"#,
        r#"{"days":1,"hours":-25}"#,
        r#""-1 day""#,
        r#""-00:00:01""#,
    ] {
        let hint = "give a length above zero: a window always looks back";
        refused(&within(value), "$.within", "the window is negative", hint);
    }
    let ago = "leave \"ago\" out: a window always looks back";
    refused(
        &within(r#""1 day ago""#),
        "$.within",
        "the window is negative",
        ago,
    );
    let all = "leave \"within\" out to count all occurrences";
    for value in [
        r#"{"days":106751992}"#,
        r#"{"seconds":1e400}"#,
        r#""9223372036854775808 us""#,
    ] {
        refused(&within(value), "$.within", "the window is too long", all);
    }
}

#[test]
fn window_strings() {
    let varying = "use days: the length of a month or a year varies";
    for (text, unit) in [
        ("2 months", "months"),
        ("1 mon", "months"),
        ("1 year 3 days", "years"),
        ("P1Y", "years"),
        ("P2M", "months"),
        ("1 decade", "decades"),
        ("1 century", "centuries"),
    ] {
        let message = format!("a window cannot be given in {unit}");
        refused(
            &within(&format!("\"{text}\"")),
            "$.within",
            &message,
            varying,
        );
    }
    for text in ["14", "1 day 5", "P14", "P1D2", "5 5 days"] {
        let message = format!(r#"a number without a unit in the interval "{text}""#);
        let hint = r#"name the unit, as in "14 days""#;
        refused(&within(&format!("\"{text}\"")), "$.within", &message, hint);
    }
    refused(
        &within(r#""3 fortnights""#),
        "$.within",
        r#"unknown unit "fortnights" in the interval "3 fortnights""#,
        "use days, hours, minutes or seconds",
    );
    let examples = "write it like \"14 days\", \"1 day 12 hours\", \"36:00:00\" or \"P14D\"";
    for text in [
        "",
        " ",
        "@",
        "days",
        "a day",
        "1..5 days",
        "--1 day",
        "12:60",
        "12:00:60",
        "1:2:3:4",
        ":30",
        "1.5:00",
        "12:-30",
        "P",
        "PT",
        "P1DT",
        "P1H",
        "PT1D",
        "PTT1H",
        "1 day, 2 hours",
        "1-2 days",
        ". days",
        "12:",
    ] {
        let json = within(&serde_json::to_string(text).unwrap());
        let problems = Criteria::parse(&json).expect_err(text);
        assert_eq!(problems.len(), 1, "{text}");
        assert_eq!(problems[0].path, "$.within", "{text}");
        assert_eq!(
            problems[0].message,
            format!("\"{text}\" is not an interval")
        );
        assert_eq!(problems[0].hint, examples);
    }
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
            r#"use "type", "eventName", "check", "operator", "value" or "within""#,
        ),
        (
            event(r#""check":"exists","":1"#),
            "event",
            r#"$[""]"#,
            "",
            r#"use "type", "eventName", "check", "operator", "value" or "within""#,
        ),
        (
            property(r#""operator":"exists","within":"1 day""#),
            "property",
            "$.within",
            "within",
            r#"use "type", "property", "operator" or "value""#,
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

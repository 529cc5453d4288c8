//! The refusals of what is asked of single events: names, filters, ranges and picks.

use super::{event, paths, refused};
use hogsend_core::criteria::{Criteria, MAX_EVENT_NAMES};

fn exists(rest: &str) -> String {
    event(&format!(r#""check":"exists",{rest}"#))
}

fn filtered(filter: &str) -> String {
    exists(&format!(r#""where":{filter}"#))
}

/// A test of `property` in a filter.
fn test(rest: &str) -> String {
    filtered(&format!(r#"{{"type":"property",{rest}}}"#))
}

fn named(names: &str) -> String {
    format!(r#"{{"type":"event","eventName":{names},"check":"exists"}}"#)
}

fn accepted(json: &str) {
    if let Err(problems) = Criteria::parse(json) {
        panic!("{json}: {problems:?}");
    }
}

#[test]
fn names() {
    let names = |number: usize| {
        let names: Vec<String> = (0..number).map(|n| format!(r#""e{n}""#)).collect();
        named(&format!("[{}]", names.join(",")))
    };
    accepted(&names(MAX_EVENT_NAMES));
    refused(
        &names(MAX_EVENT_NAMES + 1),
        "$.eventName",
        r#""eventName" has 21 elements, more than 20"#,
        "count them in several conditions, or store them under one name",
    );
    refused(
        &named("[]"),
        "$.eventName",
        r#""eventName" is empty"#,
        "give a name",
    );
    for (name, message, hint) in [
        (
            "7",
            "the name of an event is a number and must be a string",
            "write it in quotation marks",
        ),
        (r#""""#, "the name of an event is empty", "give a name"),
        (
            r#""\ud800""#,
            "the name of an event is not a valid string",
            "remove the escaped half of a surrogate pair",
        ),
        (
            r#""bucket:entered:vip""#,
            r#"the event name "bucket:entered:vip" is reserved"#,
            "name an event of your own: those that begin with \"bucket:\" are never evaluated",
        ),
        (
            r#""journey:started:winback""#,
            r#"the event name "journey:started:winback" is reserved"#,
            "name an event of your own: those that begin with \"journey:\" are of journeys",
        ),
    ] {
        let several = named(&format!(r#"["paid",{name},"seen"]"#));
        refused(&several, "$.eventName[1]", message, hint);
    }
    refused(
        &named(&format!(r#"["a","{}"]"#, "x".repeat(501))),
        "$.eventName[1]",
        "the event name is 501 bytes long, more than 500",
        "use a shorter name",
    );
    refused(
        &named(r#""journey:x""#),
        "$.eventName",
        r#"the event name "journey:x" is reserved"#,
        "name an event of your own: those that begin with \"journey:\" are of journeys",
    );
    refused(
        &named("{}"),
        "$.eventName",
        r#""eventName" is an object and must be a string"#,
        "write it in quotation marks",
    );
}

#[test]
fn ages() {
    refused(
        &exists(r#""olderThan":14"#),
        "$.olderThan",
        r#""olderThan" is a number and must be an object or an interval string"#,
        "write {\"days\": 14} or \"14 days\", or leave \"olderThan\" out to count all occurrences",
    );
    refused(
        &exists(r#""olderThan":{"weeks":1}"#),
        "$.olderThan.weeks",
        r#"unknown unit "weeks" in "olderThan""#,
        "use days: a week is 7 of them",
    );
    refused(
        &exists(r#""olderThan":"1 month""#),
        "$.olderThan",
        "a window cannot be given in months",
        "use days: the length of a month or a year varies",
    );
    for (within, older) in [("30 days", "30 days"), ("24 hours", "2 days")] {
        refused(
            &exists(&format!(r#""within":"{within}","olderThan":"{older}""#)),
            "$.olderThan",
            &match older {
                "2 days" => "nothing is older than 2 days and not older than 1 day".to_owned(),
                same => format!("nothing is older than {same} and not older than {same}"),
            },
            "make \"within\" longer than \"olderThan\"",
        );
    }
    accepted(&exists(
        r#""within":{"seconds":0.000002},"olderThan":{"seconds":0.000001}"#,
    ));
}

#[test]
fn instants() {
    let examples = "write it like \"2026-05-01T12:00:00+02:00\", \"2026-05-01T10:00:00Z\" or \
                    \"2026-05-01\", which is the start of that day in the \"zone\"";
    for field in ["since", "until"] {
        for (value, found) in [("7", "a number"), ("null", "null"), ("{}", "an object")] {
            refused(
                &exists(&format!(r#""{field}":{value}"#)),
                &format!("$.{field}"),
                &format!(r#""{field}" is {found} and must be an instant or a date"#),
                examples,
            );
        }
        for text in [
            "",
            "yesterday",
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-1-1",
            "26-01-01",
            "2026-01-01T",
            "2026-01-01T25:00Z",
            "2026-01-01T24:00:01Z",
            "2026-01-01T12:60Z",
            "2026-01-01T12:00:60Z",
            "2026-01-01T12:00:00.Z",
            "2026-01-01T12:00:00+16",
            "2026-01-01T12:00:00 CET",
            "2026-01-01T12:00:00Z Z",
            "+2026-01-01T12:00:00Z",
            "２026-01-01",
            "2026-01-0é",
            "1900-02-29",
        ] {
            refused(
                &exists(&format!(r#""{field}":"{text}""#)),
                &format!("$.{field}"),
                &format!(r#""{field}" is no instant: "{text}""#),
                examples,
            );
        }
        refused(
            &exists(&format!(r#""{field}":"2026-05-01T12:00""#)),
            &format!("$.{field}"),
            &format!(r#""{field}" has no offset from UTC: "2026-05-01T12:00""#),
            r#"add one, such as "2026-05-01T12:00Z""#,
        );
        for text in ["0000-12-31", "0000-01-01T00:00Z", "9999-12-31T23:59-01:00"] {
            refused(
                &exists(&format!(r#""{field}":"{text}""#)),
                &format!("$.{field}"),
                &format!(r#""{field}" is out of range"#),
                "give a year from 1 to 9999",
            );
        }
    }
    for until in ["2026-05-01", "2026-05-01T00:00:00Z", "2026-05-01T01:59+02"] {
        let json = exists(&format!(r#""since":"2026-05-01","until":"{until}""#));
        let said = match until {
            "2026-05-01T01:59+02" => "2026-04-30 23:59:00 UTC",
            _ => "2026-05-01",
        };
        refused(
            &json,
            "$.until",
            &format!("nothing is before {said} and not before 2026-05-01"),
            "make \"until\" later than \"since\"",
        );
    }
}

#[test]
fn zones() {
    refused(
        &exists(r#""since":"2026-05-01","zone":"Mars/Olympus""#),
        "$.zone",
        r#"there is no time zone "Mars/Olympus""#,
        "write a name that pg_timezone_names has, such as \"Europe/Berlin\"",
    );
    refused(
        &exists(r#""since":"2026-05-01","zone":{"property":"tz"}"#),
        "$.zone",
        r#"the zone of "since" and "until" is the same for everybody"#,
        "write the name of a zone, such as \"Europe/Berlin\"",
    );
    refused(
        &exists(r#""since":"2026-05-01","zone":2"#),
        "$.zone",
        r#""zone" is a number and must be a string"#,
        "write it in quotation marks",
    );
    // What is the default may be written out wherever it could be.
    accepted(&exists(r#""within":"7 days","zone":"UTC""#));
}

#[test]
fn filters() {
    let example = r#"write an object such as {"type":"property","property":"amount","operator":"gt","value":50}"#;
    refused(
        &filtered("7"),
        "$.where",
        "the filter is a number and must be an object",
        example,
    );
    refused(
        &filtered(r#"{"property":"amount","operator":"exists"}"#),
        "$.where",
        r#"the condition has no "type""#,
        r#"add "type": "property""#,
    );
    refused(
        &filtered("{}"),
        "$.where",
        r#"the condition has no "type""#,
        r#"add "type": "property", "composite" or "not""#,
    );
    for kind in ["event", "sample", "everyone"] {
        refused(
            &filtered(&format!(r#"{{"type":"{kind}"}}"#)),
            "$.where.type",
            &format!(r#"a filter cannot have a condition of type "{kind}""#),
            "a filter is about one event: test its properties, \"$value\" or \"$source\"",
        );
    }
    refused(
        &filtered(r#"{"type":"propety"}"#),
        "$.where.type",
        r#"unknown type "propety""#,
        r#"did you mean "property"?"#,
    );
    refused(
        &test(r#""operator":"exists""#),
        "$.where",
        r#"a condition on an event's property needs "property""#,
        r#"add "property": its name"#,
    );
    for operator in [
        "within_last",
        "within_next",
        "older_than",
        "later_than",
        "on_day",
        "anniversary",
    ] {
        refused(
            &test(&format!(
                r#""property":"paid_at","operator":"{operator}","value":1"#
            )),
            "$.where.operator",
            &format!(r#"the operator "{operator}" goes by the clock, and a filter cannot"#),
            "say with \"within\", \"olderThan\", \"since\" and \"until\" when it happened",
        );
    }
    for (property, message, hint) in [
        (
            r#""$amount""#,
            r#"an event has no "$amount""#,
            r#"use "$value" or "$source""#,
        ),
        (
            r#""$values""#,
            r#"an event has no "$values""#,
            r#"did you mean "$value"?"#,
        ),
        (
            r#"["$user"]"#,
            r#"an event has no "$user""#,
            r#"use "$value" or "$source""#,
        ),
        (
            r#"["$value","x"]"#,
            r#"there is nothing inside "$value""#,
            "leave out what follows it",
        ),
    ] {
        refused(
            &test(&format!(r#""property":{property},"operator":"exists""#)),
            "$.where.property",
            message,
            hint,
        );
    }
    // Of names further down nothing is said.
    accepted(&test(r#""property":["a","$b"],"operator":"exists""#));
    accepted(&test(r#""property":["$value"],"operator":"exists""#));
    refused(
        &filtered(r#"{"type":"not"}"#),
        "$.where",
        "a negation needs a \"condition\"",
        "add \"condition\": the one that must not hold",
    );
    refused(
        &filtered(r#"{"type":"composite","operator":"and","conditions":[]}"#),
        "$.where.conditions",
        "\"conditions\" is empty",
        "add at least one condition, or remove the composite",
    );
    refused(
        &test(r#""property":"a","operator":"gt","value":"7""#),
        "$.where.value",
        "the operator \"gt\" needs a number, not a string",
        "write 7 without quotation marks",
    );
    refused(
        &test(r#""property":"a","operator":"exists","within":"1 day""#),
        "$.where.within",
        r#"unknown key "within" in a condition of type "property""#,
        r#"use "type", "property", "operator", "value", "ignoreCase", "zone" or "unit""#,
    );
}

#[test]
fn filters_that_are_too_large() {
    let leaf = r#"{"type":"property","property":"a","operator":"exists"}"#;
    let nested = |depth: usize| {
        let open = r#"{"type":"not","condition":"#.repeat(depth);
        filtered(&format!("{open}{leaf}{}", "}".repeat(depth)))
    };
    accepted(&nested(32));
    refused(
        &nested(33),
        &format!("$.where{}", ".condition".repeat(32)),
        "the filter is nested deeper than 32",
        "flatten composites of the same operator into one, and leave out pairs of negations",
    );
    // However deep: nothing is read beyond.
    assert_eq!(paths(&nested(5_000)).len(), 1);
    let wide = |tests: usize| {
        let tests = vec![leaf; tests].join(",");
        filtered(&format!(
            r#"{{"type":"composite","operator":"or","conditions":[{tests}]}}"#
        ))
    };
    // The leg itself is one of them.
    accepted(&wide(255));
    refused(
        &wide(256),
        "$",
        "the criteria have more than 256 conditions, composites not counted",
        "split the bucket, or mark users with one property instead of many conditions",
    );
    assert_eq!(paths(&wide(400)), ["$.where.conditions[256]"]);
}

#[test]
fn picks() {
    refused(
        &exists(r#""pick":"latest""#),
        "$.pick",
        r#"unknown pick "latest""#,
        r#"use "first" or "last""#,
    );
    let having = r#""having":{"type":"property","property":"a","operator":"exists"}"#;
    refused(
        &exists(having),
        "$.having",
        "\"having\" is about the occurrence that \"pick\" picks, and there is no \"pick\"",
        "add \"pick\": \"first\" or \"last\", or say in \"where\" which events count",
    );
    for bound in ["", r#","operator":"gte","value":2"#] {
        refused(
            &event(&format!(r#""check":"count","pick":"last"{bound}"#)),
            "$.check",
            "of one occurrence there is nothing to count",
            "use the check \"exists\" or \"not_exists\", or remove \"pick\"",
        );
    }
    refused(
        &exists(r#""pick":"first","having":7"#),
        "$.having",
        "the filter is a number and must be an object",
        r#"write an object such as {"type":"property","property":"amount","operator":"gt","value":50}"#,
    );
    accepted(&exists(&format!(r#""pick":"first",{having}"#)));
}

/// Whoever never did something is nearly everybody; a lower edge makes it those who stopped.
#[test]
fn negations() {
    let denies = |rest: &str| event(&format!(r#""check":"not_exists"{rest}"#));
    for rest in [
        "",
        r#","olderThan":"1 day""#,
        r#","until":"2026-01-01""#,
        r#","pick":"last""#,
        r#","pick":"first","olderThan":"1 day""#,
        r#","where":{"type":"property","property":"a","operator":"exists"}"#,
        r#","pick":"last","having":{"type":"property","property":"a","operator":"exists"}"#,
    ] {
        refused(
            &denies(rest),
            "$",
            "the criteria consist of negations only, which nearly everybody meets",
            "add a condition that says who is meant, such as an event that exists or a property \
             with a value",
        );
        let turned = event(&format!(r#""check":"exists"{rest}"#));
        assert_eq!(
            paths(&format!(r#"{{"type":"not","condition":{turned}}}"#)),
            ["$"]
        );
        accepted(&format!(
            r#"{{"type":"composite","operator":"and","conditions":[{},{{"type":"everyone"}}]}}"#,
            denies(rest)
        ));
    }
    for rest in [
        r#","since":"2026-01-01""#,
        r#","within":"2 days","olderThan":"1 day""#,
        r#","pick":"last","within":"1 day""#,
        r#","pick":"first","since":"2026-01-01""#,
    ] {
        accepted(&denies(rest));
    }
}

#[test]
fn all_at_once() {
    let json = r#"{"type":"event","eventName":["a",1,"bucket:x"],"check":"count","operator":"gte",
        "within":"1 month","olderThan":-1,"since":"soon","until":"2026-01-01T12:00","zone":"Nowhere",
        "where":{"type":"composite","operator":"or","conditions":[
            {"type":"event","eventName":"b","check":"exists"},
            {"type":"property","property":"$x","operator":"exists"},
            {"type":"property","property":"p","operator":"on_day","value":0}]},
        "pick":"any","having":{"type":"not"}}"#;
    let expected = [
        "$",
        "$.eventName[1]",
        "$.eventName[2]",
        "$.within",
        "$.olderThan",
        "$.since",
        "$.until",
        "$.zone",
        "$.where.conditions[0].type",
        "$.where.conditions[1].property",
        "$.where.conditions[2].operator",
        "$.pick",
        "$.having",
    ];
    assert_eq!(paths(json), expected);
}

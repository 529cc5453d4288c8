//! What is wrong with conditions on dates.

use super::{event, paths, property, refused};

const TIMES: [&str; 8] = [
    "before",
    "after",
    "within_last",
    "within_next",
    "older_than",
    "later_than",
    "on_day",
    "anniversary",
];

const DAYS: &str = "give whole days after today: 0 is today, 1 tomorrow, -1 yesterday";
const INSTANTS: &str = "write it like \"2026-05-01T12:00:00+02:00\", \"2026-05-01T10:00:00Z\" or \
                        \"2026-05-01\", which is the start of that day in the \"zone\"";
const LENGTHS: &str = "write {\"days\": 14} or \"14 days\"";

fn asked(operator: &str, value: &str) -> String {
    property(&format!(r#""operator":"{operator}","value":{value}"#))
}

#[test]
fn a_value_is_needed() {
    for operator in TIMES {
        let needed = match operator {
            "before" | "after" => "an instant or a date, such as \"2026-05-01\"",
            "on_day" | "anniversary" => {
                "how many days after today, such as 0 for today or 1 for tomorrow"
            }
            _ => "a length of time, such as \"3 days\"",
        };
        refused(
            &property(&format!(r#""operator":"{operator}""#)),
            "$",
            &format!(r#"the operator "{operator}" needs a "value""#),
            &format!(r#"add "value": {needed}"#),
        );
    }
}

#[test]
fn days_are_whole_numbers() {
    for operator in ["on_day", "anniversary"] {
        for (value, found) in [
            ("1.5", "1.5"),
            ("-0.1", "-0.1"),
            ("1e-1", "1e-1"),
            ("\"1\"", "a string"),
            ("null", "null"),
            ("[]", "an array"),
            ("true", "a boolean"),
        ] {
            let message = format!(r#"the operator "{operator}" needs a whole number, not {found}"#);
            refused(&asked(operator, value), "$.value", &message, DAYS);
        }
        for value in ["0", "-0.0", "1.0", "-3", "10e2", "1e400", "-1e400"] {
            assert!(paths(&asked(operator, value)).is_empty(), "{value}");
        }
    }
}

#[test]
fn lengths() {
    for operator in ["within_last", "within_next", "older_than", "later_than"] {
        for (value, message, hint) in [
            (
                "3",
                "\"value\" is a number and must be an object or an interval string",
                LENGTHS,
            ),
            (
                "\"0 days\"",
                "the length is empty",
                "give a length of at least one microsecond, such as {\"days\": 14}",
            ),
            (
                "\"-3 days\"",
                "the length is negative",
                "give a length above zero",
            ),
            (
                "\"1 month\"",
                "a length cannot be given in months",
                "use days: the length of a month or a year varies",
            ),
            (
                "{\"days\":1e30}",
                "the length is too long",
                "give a shorter one",
            ),
        ] {
            refused(&asked(operator, value), "$.value", message, hint);
        }
        assert_eq!(paths(&asked(operator, "{\"weeks\":1}")), ["$.value.weeks"]);
    }
}

#[test]
fn instants() {
    for operator in ["before", "after"] {
        for (value, message, hint) in [
            (
                "1767225600",
                "\"value\" is a number and must be an instant or a date",
                INSTANTS,
            ),
            ("\"soon\"", "\"value\" is no instant: \"soon\"", INSTANTS),
            (
                "\"2026-02-29\"",
                "\"value\" is no instant: \"2026-02-29\"",
                INSTANTS,
            ),
            (
                "\"2026-05-01T12:00\"",
                "\"value\" has no offset from UTC: \"2026-05-01T12:00\"",
                "add one, such as \"2026-05-01T12:00Z\"",
            ),
            (
                "\"0000-12-31\"",
                "\"value\" is out of range",
                "give a year from 1 to 9999",
            ),
        ] {
            refused(&asked(operator, value), "$.value", message, hint);
            let own = property(&format!(
                r#""operator":"{operator}","value":{value},"zone":{{"property":"tz"}}"#
            ));
            refused(&own, "$.value", message, hint);
        }
    }
}

#[test]
fn zones_and_units() {
    let with = |rest: &str| property(&format!(r#""operator":"on_day","value":0,{rest}"#));
    refused(
        &with(r#""zone":"Mars/Olympus""#),
        "$.zone",
        r#"there is no time zone "Mars/Olympus""#,
        "write a name that pg_timezone_names has, such as \"Europe/Berlin\"",
    );
    refused(
        &with(r#""zone":{}"#),
        "$.zone",
        r#"a zone of somebody's own needs "property""#,
        "add \"property\": its name",
    );
    refused(
        &with(r#""zone":{"property":"tz","default":"UTC"}"#),
        "$.zone.default",
        r#"unknown key "default" in a zone"#,
        r#"use "property""#,
    );
    assert_eq!(
        paths(&with(r#""zone":{"property":[]}"#)),
        ["$.zone.property"]
    );
    assert_eq!(paths(&with(r#""zone":5"#)), ["$.zone"]);
    refused(
        &with(r#""unit":"minutes""#),
        "$.unit",
        r#"unknown unit "minutes""#,
        r#"use "seconds" or "milliseconds""#,
    );
    refused(
        &with(r#""unit":"millisecond""#),
        "$.unit",
        r#"unknown unit "millisecond""#,
        r#"did you mean "milliseconds"?"#,
    );
    for operator in ["eq", "exists", "in", "matches"] {
        let value = match operator {
            "eq" => r#","value":"a""#,
            "in" => r#","value":["a"]"#,
            "matches" => r#","value":"a""#,
            _ => "",
        };
        for (field, said) in [("zone", r#""UTC""#), ("unit", r#""seconds""#)] {
            refused(
                &property(&format!(
                    r#""operator":"{operator}"{value},"{field}":{said}"#
                )),
                &format!("$.{field}"),
                &format!(r#""{field}" means nothing for the operator "{operator}""#),
                "remove it",
            );
        }
    }
    for operator in TIMES {
        let json = property(&format!(r#""operator":"{operator}","ignoreCase":true"#));
        assert_eq!(paths(&json), ["$", "$.ignoreCase"]);
    }
}

#[test]
fn of_an_event_no_clock_is_asked() {
    let of = |rest: &str| {
        event(&format!(
            r#""check":"exists","where":{{"type":"property","property":"due",{rest}}}"#
        ))
    };
    let before = r#""operator":"before","value":"2026-05-01""#;
    assert!(paths(&of(before)).is_empty());
    refused(
        &of(&format!(r#"{before},"zone":{{"property":"tz"}}"#)),
        "$.where.zone",
        "the zone of a filter is the same for everybody",
        "write the name of a zone, such as \"Europe/Berlin\"",
    );
}

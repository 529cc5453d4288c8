//! The refusals of windows.

use super::{refused, within};
use hogsend_core::criteria::Criteria;

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

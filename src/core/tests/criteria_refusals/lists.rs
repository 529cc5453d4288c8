//! Lists of values, and texts that values begin or end with.

use super::{paths, property, refused};
use hogsend_core::criteria::{Criteria, MAX_LIST};

const OPERATORS: [&str; 5] = [
    "in",
    "not_in",
    "contains_any",
    "contains_all",
    "contains_none",
];

fn list(operator: &str, value: &str) -> String {
    property(&format!(r#""operator":"{operator}","value":{value}"#))
}

/// In company, because some of them are negations.
fn with_another(leg: &str) -> String {
    let other = property(r#""operator":"exists""#);
    format!(r#"{{"type":"composite","operator":"and","conditions":[{other},{leg}]}}"#)
}

#[test]
fn lists_are_arrays_of_one_type() {
    for operator in OPERATORS {
        let in_company = |value: &str| with_another(&list(operator, value));
        let at = "$.conditions[1]";
        refused(
            &with_another(&property(&format!(r#""operator":"{operator}""#))),
            at,
            &format!(r#"the operator "{operator}" needs a "value""#),
            r#"add "value": an array of strings, of numbers or of booleans"#,
        );
        for (value, found) in [
            (r#""a""#, "a string"),
            ("null", "null"),
            ("{}", "an object"),
        ] {
            let message = format!(r#"the operator "{operator}" needs an array, not {found}"#);
            let path = format!("{at}.value");
            refused(
                &in_company(value),
                &path,
                &message,
                "put the values into [ ]",
            );
        }
        let path = format!("{at}.value");
        let hint = "give at least one value, or remove the condition";
        refused(
            &in_company("[]"),
            &path,
            r#""value" is an empty array"#,
            hint,
        );
        let hint = "remove it, or ask about it in a condition of its own";
        for (element, found) in [("null", "null"), ("[1]", "an array"), ("{}", "an object")] {
            let message =
                format!("an element is {found} and must be a string, a number or a boolean");
            let path = format!("{at}.value[1]");
            refused(
                &in_company(&format!("[1,{element}]")),
                &path,
                &message,
                hint,
            );
        }
        refused(
            &in_company(r#"["a",1]"#),
            &format!("{at}.value[1]"),
            "an element is a number, and the first one is a string",
            r#"give values of one type, and combine a condition for each type with "or""#,
        );
    }
    // All of them are told.
    assert_eq!(
        paths(&list("in", r#"[true,1,null,"a",false,"\ud800"]"#)),
        ["$.value[1]", "$.value[2]", "$.value[3]", "$.value[5]"]
    );
    assert_eq!(
        paths(&list("in", r#"[1,1e99999999999999999999]"#)),
        ["$.value[1]"]
    );
}

#[test]
fn lists_have_an_end() {
    let numbers = |most: usize| {
        let numbers: Vec<String> = (0..most).map(|n| n.to_string()).collect();
        list("in", &format!("[{}]", numbers.join(",")))
    };
    assert!(Criteria::parse(&numbers(MAX_LIST)).is_ok());
    refused(
        &numbers(MAX_LIST + 1),
        "$.value",
        r#""value" has 10001 elements, more than 10000"#,
        "mark users with a property of their own instead of listing so many values",
    );
}

#[test]
fn lists_that_only_deny() {
    for (operator, denies) in [
        ("in", false),
        ("contains_any", false),
        ("contains_all", false),
        ("not_in", true),
        ("contains_none", true),
    ] {
        let leg = list(operator, "[1]");
        let not = format!(r#"{{"type":"not","condition":{leg}}}"#);
        assert_eq!(Criteria::parse(&leg).is_err(), denies, "{operator}");
        let denies = matches!(operator, "in" | "contains_any");
        assert_eq!(Criteria::parse(&not).is_err(), denies, "not {operator}");
    }
}

#[test]
fn beginnings_and_ends_are_strings() {
    for operator in ["starts_with", "ends_with"] {
        refused(
            &property(&format!(r#""operator":"{operator}""#)),
            "$",
            &format!(r#"the operator "{operator}" needs a "value""#),
            r#"add "value": a string"#,
        );
        for (value, found) in [
            ("1", "a number"),
            ("null", "null"),
            (r#"["a"]"#, "an array"),
        ] {
            let message = format!(r#"the operator "{operator}" needs a string, not {found}"#);
            let hint = "write it in quotation marks";
            refused(&list(operator, value), "$.value", &message, hint);
        }
    }
}

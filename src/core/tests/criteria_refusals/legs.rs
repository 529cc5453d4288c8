//! The refusals of legs.

use super::{event, property, refused};
use hogsend_core::criteria::Criteria;

const PATH: &str = r#"give a name in quotation marks, or a path such as ["address","country"]"#;

#[test]
fn paths() {
    let at = |path: &str| format!(r#"{{"type":"property","property":{path},"operator":"exists"}}"#);
    for (path, found) in [
        ("1", "a number"),
        ("{}", "an object"),
        ("true", "a boolean"),
    ] {
        let message = format!(r#""property" is {found} and must be a string or an array"#);
        refused(&at(path), "$.property", &message, PATH);
    }
    refused(
        &at("[]"),
        "$.property",
        r#""property" is an empty array"#,
        r#"give the names on the way to the value, such as ["address","country"]"#,
    );
    refused(
        &at(r#"[0,"a"]"#),
        "$.property[0]",
        "the path begins with a position",
        "begin with the name of a property, which an object of properties has",
    );
    for position in [
        "-1",
        "0.5",
        "4294967296",
        "1e400",
        "1e-99999999999999999999",
    ] {
        refused(
            &at(&format!(r#"["a",{position}]"#)),
            "$.property[1]",
            &format!("a position cannot be {position}"),
            "give a whole number from 0 on, which is the first element of an array",
        );
    }
    for (element, found) in [
        ("null", "null"),
        (r#"["b"]"#, "an array"),
        ("false", "a boolean"),
    ] {
        refused(
            &at(&format!(r#"["a",{element}]"#)),
            "$.property[1]",
            &format!("an element of the path is {found} and must be a string or a number"),
            "give the name of a key, or a position in an array",
        );
    }
    refused(
        &at(r#"["a","b",""]"#),
        "$.property[2]",
        "a name of the path is empty",
        "give a name",
    );
    refused(
        &at(r#"["\ud800"]"#),
        "$.property[0]",
        "a name of the path is not a valid string",
        "remove the escaped half of a surrogate pair",
    );
    // All that is wrong is said at once.
    assert_eq!(
        super::paths(&at(r#"[1,"",-1,"a",{}]"#)),
        [
            "$.property[0]",
            "$.property[1]",
            "$.property[2]",
            "$.property[4]"
        ]
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
        r#""property" is null and must be a string or an array"#,
        PATH,
    );
    refused(
        &property(r#""value":1"#),
        "$",
        r#"a condition on a property needs "operator""#,
        r#"add "operator": "eq", "neq", "gt", "gte", "lt", "lte", "exists", "not_exists", "contains", "in", "not_in", "starts_with", "ends_with", "matches", "contains_any", "contains_all", "contains_none", "before", "after", "within_last", "within_next", "older_than", "later_than", "on_day" or "anniversary""#,
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
        r#"use "eq", "neq", "gt", "gte", "lt", "lte", "exists", "not_exists", "contains", "in", "not_in", "starts_with", "ends_with", "matches", "contains_any", "contains_all", "contains_none", "before", "after", "within_last", "within_next", "older_than", "later_than", "on_day" or "anniversary""#,
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
        r#"add "check": "exists", "not_exists", "count", "sum", "avg", "min", "max" or "distinct""#,
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
            r#""operator" belongs to checks that compare only"#
        );
        assert_eq!(
            operator.hint,
            r#"remove "operator", or use the check "count""#
        );
        assert_eq!(value.path, "$.conditions[0].value");
        assert_eq!(
            value.message,
            r#""value" belongs to checks that compare only"#
        );
    }
}

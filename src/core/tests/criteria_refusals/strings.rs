//! Regular expressions, and where the case of letters means nothing.

use super::{paths, property, refused};
use hogsend_core::criteria::{Criteria, MAX_PATTERN};

fn matches(pattern: &str) -> String {
    property(&format!(
        r#""operator":"matches","value":{}"#,
        serde_json::to_string(pattern).unwrap()
    ))
}

const UNREADABLE: &str = "put a backslash before characters that stand for themselves; there are no \
                          back-references, and nothing looks ahead or back";
const TOO_LARGE: &str = "repeat fewer times, or name fewer characters";

#[test]
fn patterns_need_a_string() {
    refused(
        &property(r#""operator":"matches""#),
        "$",
        r#"the operator "matches" needs a "value""#,
        r#"add "value": a string"#,
    );
    refused(
        &property(r#""operator":"matches","value":["a"]"#),
        "$.value",
        r#"the operator "matches" needs a string, not an array"#,
        "write it in quotation marks",
    );
}

#[test]
fn patterns_that_cannot_be_read() {
    for (pattern, character, fault) in [
        ("a(b", 2, "unclosed group"),
        ("äöü)", 4, "unopened group"),
        ("*", 1, "repetition operator missing expression"),
        (r"(a)\1", 4, "backreferences are not supported"),
        (
            "foo(?=bar)",
            4,
            "look-around, including look-ahead and look-behind, is not supported",
        ),
        (
            "[z-a]",
            2,
            "invalid character class range, the start must be <= the end",
        ),
        (r"\p{Nothing}", 1, "Unicode property not found"),
        (
            "a\u{5d0}\\",
            3,
            "incomplete escape sequence, reached end of pattern prematurely",
        ),
        ("a{4294967296}", 3, "decimal literal invalid"),
    ] {
        let message = format!("the regular expression is wrong at character {character}: {fault}");
        refused(&matches(pattern), "$.value", &message, UNREADABLE);
    }
    let deep = format!("{}a{}", "(".repeat(100), ")".repeat(100));
    refused(
        &matches(&deep),
        "$.value",
        "the regular expression is wrong at character 51: exceed the maximum number of nested \
         parentheses/brackets (50)",
        UNREADABLE,
    );
}

/// Each with the place of what makes it too large.
#[test]
fn patterns_that_are_too_large() {
    for (pattern, character) in [
        (r"\w{5000}", 1),
        (r"^ab(?:c|x\w{5000}|d)$", 10),
        (r"(?i)(é|(.{500}){500})", 8),
        (r"a{1000}{1000}", 1),
    ] {
        let message =
            format!("the regular expression is wrong at character {character}: it is too large");
        refused(&matches(pattern), "$.value", &message, TOO_LARGE);
    }
    let longest = "é".repeat(MAX_PATTERN / 2);
    assert!(Criteria::parse(&matches(&longest)).is_ok());
    refused(
        &matches(&format!("{longest}a")),
        "$.value",
        &format!(
            "the regular expression is wrong at character {}: it has more than {MAX_PATTERN} bytes",
            MAX_PATTERN / 2 + 1
        ),
        TOO_LARGE,
    );
}

#[test]
fn case_is_of_strings() {
    let refused_for = |operator: &str, value: &str| {
        refused(
            &property(&format!(
                r#""operator":"{operator}","value":{value},"ignoreCase":false"#
            )),
            "$.ignoreCase",
            &format!(r#""ignoreCase" means nothing for the operator "{operator}""#),
            "remove it",
        );
    };
    for operator in ["gt", "gte", "lt", "lte"] {
        refused_for(operator, "1");
    }
    refused_for("exists", "null");
    refused_for("contains_any", r#"["a"]"#);
    refused_for("contains_all", r#"["a"]"#);
    for (rest, kind) in [
        (r#""operator":"eq","value":1"#, "a number"),
        (r#""operator":"contains","value":true"#, "a boolean"),
        (r#""operator":"in","value":[1,2]"#, "a number"),
    ] {
        refused(
            &property(&format!(r#"{rest},"ignoreCase":true"#)),
            "$.ignoreCase",
            &format!(r#""ignoreCase" means nothing for {kind}"#),
            r#"compare with a string, or remove "ignoreCase""#,
        );
        assert!(Criteria::parse(&property(&format!(r#"{rest},"ignoreCase":false"#))).is_ok());
    }
    for (written, found) in [
        (r#""true""#, "a string"),
        ("1", "a number"),
        ("null", "null"),
    ] {
        refused(
            &property(&format!(
                r#""operator":"matches","value":"a","ignoreCase":{written}"#
            )),
            "$.ignoreCase",
            &format!(r#""ignoreCase" is {found} and must be true or false"#),
            "write true or false without quotation marks",
        );
    }
    // What is wrong with the value is said, too.
    let both = property(r#""operator":"in","ignoreCase":"yes","value":[]"#);
    assert_eq!(paths(&both), ["$.ignoreCase", "$.value"]);
}

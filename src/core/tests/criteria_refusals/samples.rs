//! Samples, and everyone.

use super::{paths, refused};
use hogsend_core::criteria::Criteria;

fn sample(rest: &str) -> String {
    format!(r#"{{"type":"sample","salt":"s",{rest}}}"#)
}

#[test]
fn percentages() {
    let hint = "give percent: a number from 0 to 100";
    refused(&sample(r#""from":0"#), "$", "a sample needs \"to\"", hint);
    refused(&sample(r#""to":1"#), "$", "a sample needs \"from\"", hint);
    for (json, path, message) in [
        (
            r#""from":-0.1,"to":10"#,
            "$.from",
            r#""from" is outside 0 to 100: -0.1"#,
        ),
        (
            r#""from":0,"to":100.01"#,
            "$.to",
            r#""to" is outside 0 to 100: 100.01"#,
        ),
        (
            r#""from":0,"to":1e400"#,
            "$.to",
            r#""to" is outside 0 to 100: 1e400"#,
        ),
        (
            r#""from":"0","to":1"#,
            "$.from",
            r#""from" is a string and must be a number"#,
        ),
        (
            r#""from":0,"to":null"#,
            "$.to",
            r#""to" is null and must be a number"#,
        ),
    ] {
        refused(&sample(json), path, message, hint);
    }
    for empty in [r#""from":10,"to":1e1"#, r#""from":10,"to":9"#] {
        refused(
            &sample(empty),
            "$.to",
            "the sample is empty: \"to\" is not more than \"from\"",
            "give \"to\" a larger number than \"from\"; it is not in the sample itself",
        );
    }
    refused(
        r#"{"type":"sample","from":0,"to":1}"#,
        "$",
        "a sample needs \"salt\"",
        "add \"salt\": a text of your own, and another one for another sample",
    );
    assert_eq!(
        paths(r#"{"type":"sample","salt":7,"from":-1,"to":101,"x":1}"#),
        ["$.salt", "$.from", "$.to", "$.x"]
    );
    assert_eq!(paths(r#"{"type":"everyone","x":1}"#), ["$.x"]);
}

/// Everyone says who is meant, wherever it stands.
#[test]
fn everyone_is_no_negation() {
    let join = |leg: &str| {
        let never = r#"{"type":"event","eventName":"paid","check":"not_exists"}"#;
        format!(r#"{{"type":"composite","operator":"and","conditions":[{never},{leg}]}}"#)
    };
    for leg in [r#"{"type":"everyone"}"#, &sample(r#""from":0,"to":1"#)] {
        assert!(Criteria::parse(leg).is_ok());
        assert!(Criteria::parse(&join(leg)).is_ok());
    }
}

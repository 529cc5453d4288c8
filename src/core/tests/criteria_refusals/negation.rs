//! Negation, and what consists of nothing else.

use super::{event, paths, property, refused};
use hogsend_core::criteria::Criteria;

fn not(condition: &str) -> String {
    format!(r#"{{"type":"not","condition":{condition}}}"#)
}

fn join(operator: &str, conditions: &[&str]) -> String {
    let conditions = conditions.join(",");
    format!(r#"{{"type":"composite","operator":"{operator}","conditions":[{conditions}]}}"#)
}

/// What is asked is what the legs say once negation has been moved to them, however it is spelled.
#[test]
fn negations_only_by_their_meaning() {
    let exists = event(r#""check":"exists""#);
    let never = event(r#""check":"not_exists""#);
    let is = property(r#""operator":"eq","value":1"#);
    let is_not = property(r#""operator":"neq","value":1"#);
    let set = property(r#""operator":"exists""#);
    for negations in [
        not(&exists),
        not(&is),
        not(&set),
        not(&not(&is_not)),
        not(&not(&never)),
        join("and", &[&not(&exists), &is_not]),
        not(&join("or", &[&exists, &is, &not(&is_not)])),
    ] {
        assert_eq!(paths(&negations), ["$"], "{negations}");
    }
    // It is told along with other problems, inside a negation too.
    let wrong = not(&exists.replace("paid", ""));
    assert_eq!(paths(&wrong), ["$", "$.condition.eventName"]);
    assert_eq!(paths(&not("{}")), ["$.condition"]);
    for positive in [
        not(&never),
        not(&is_not),
        not(&not(&exists)),
        not(&event(r#""check":"exists","within":{"days":7}"#)),
        not(&event(r#""check":"count","operator":"gte","value":1"#)),
        not(&join("and", &[&never, &is])),
        not(&property(r#""operator":"gt","value":1"#)),
    ] {
        assert_eq!(paths(&positive), [""; 0], "{positive}");
    }
}

#[test]
fn negation_takes_one_condition() {
    let leg = event(r#""check":"exists""#);
    refused(
        r#"{"type":"not"}"#,
        "$",
        "a negation needs a \"condition\"",
        "add \"condition\": the one that must not hold",
    );
    let hint = r#"did you mean "condition"?"#;
    let message = r#"unknown key "conditions" in a condition of type "not""#;
    let json = format!(r#"{{"type":"not","condition":{leg},"conditions":[]}}"#);
    assert_eq!(paths(&json), ["$", "$.conditions"]);
    refused(
        &json.replace("exists", "not_exists"),
        "$.conditions",
        message,
        hint,
    );
    assert_eq!(paths(&not("[1]")), ["$.condition"]);
    // Whoever forgets the type is told which it was.
    let message = "the condition has no \"type\"";
    let untyped = format!(r#"{{"condition":{leg}}}"#);
    refused(&untyped, "$", message, r#"add "type": "not""#);
}

#[test]
fn negations_are_nested_as_deep_as_composites() {
    let nested = |depth: usize| {
        r#"{"type":"not","condition":"#.repeat(depth)
            + &event(r#""check":"exists""#)
            + &"}".repeat(depth)
    };
    assert!(Criteria::parse(&nested(32)).is_ok());
    let hint = "leave out pairs of negations, which say nothing";
    for depth in [33, 34, 20_000] {
        let path = format!("${}", ".condition".repeat(32));
        let message = "conditions are nested deeper than 32";
        refused(&nested(depth), &path, message, hint);
    }
}

//! What a change of a property can matter to.

use hogsend_core::criteria::{Criteria, PropertyNo, PropertyValue, ValueKey};

fn leg(property: &str, rest: &str) -> String {
    format!(r#"{{"type":"property","property":{property},{rest}}}"#)
}

fn any_of(legs: &[String]) -> Criteria {
    let legs = legs.join(",");
    let json = format!(r#"{{"type":"composite","operator":"or","conditions":[{legs}]}}"#);
    Criteria::parse(&json).unwrap_or_else(|problems| panic!("{json}: {problems:?}"))
}

fn number(criteria: &Criteria, place: usize) -> PropertyNo {
    criteria.property_numbers().nth(place).unwrap()
}

fn value(json: &str) -> Option<PropertyValue> {
    (!json.is_empty()).then(|| PropertyValue::parse(json))
}

const VALUES: [&str; 16] = [
    "",
    "null",
    "true",
    "false",
    "0",
    "1",
    "1.0",
    "15",
    r#""pro""#,
    r#""PRO""#,
    r#""trial""#,
    r#""x""#,
    "[]",
    r#"["pro"]"#,
    "{}",
    r#""1""#,
];

/// Whatever tells two values apart is found by one of the two, or by there being one, or by chance.
#[test]
fn whatever_tells_two_values_apart_is_looked_up() {
    let everyone = r#"{"type":"everyone"}"#.to_owned();
    for rest in [
        r#""operator":"eq","value":"pro""#,
        r#""operator":"eq","value":1.00"#,
        r#""operator":"neq","value":true"#,
        r#""operator":"eq","value":"Pro","ignoreCase":true"#,
        r#""operator":"neq","value":"Pro","ignoreCase":true"#,
        r#""operator":"in","value":["trial","pro"]"#,
        r#""operator":"not_in","value":[0,1]"#,
        r#""operator":"in","value":["TRIAL","PRO"],"ignoreCase":true"#,
        r#""operator":"exists""#,
        r#""operator":"not_exists""#,
        r#""operator":"gt","value":0"#,
        r#""operator":"matches","value":"^p""#,
        r#""operator":"contains","value":"pro""#,
        r#""operator":"starts_with","value":"P","ignoreCase":true"#,
        r#""operator":"contains_any","value":["pro"]"#,
    ] {
        let criteria = any_of(&[everyone.clone(), leg(r#""p""#, rest)]);
        let property = number(&criteria, 0);
        let telling = criteria.telling(property);
        let mut apart = 0;
        for one in VALUES.map(value) {
            for other in VALUES.map(value) {
                if !criteria.tells_apart(property, one.as_ref(), other.as_ref()) {
                    continue;
                }
                apart += 1;
                let is_there =
                    |v: &Option<PropertyValue>| !matches!(v, None | Some(PropertyValue::Null));
                let by_value = [&one, &other].into_iter().flatten().any(|value| {
                    ValueKey::of(value).is_some_and(|key| telling.keys.contains(&key))
                });
                let by_presence = telling.presence && is_there(&one) != is_there(&other);
                assert!(
                    telling.others || by_value || by_presence,
                    "{rest}: {one:?} and {other:?}"
                );
            }
        }
        assert!(apart > 0, "{rest}");
        let is_looked_up =
            rest.contains("eq\"") || rest.contains("in\",") || rest.contains("exists");
        assert_eq!(
            telling.others,
            !is_looked_up || rest.contains("starts"),
            "{rest}"
        );
    }
}

#[test]
fn each_leg_is_asked_for_itself() {
    let criteria = any_of(&[
        leg(r#""p""#, r#""operator":"eq","value":1"#),
        leg(r#""p""#, r#""operator":"eq","value":2"#),
        leg(r#"["p","q"]"#, r#""operator":"gt","value":5"#),
    ]);
    let (p, q) = (number(&criteria, 0), number(&criteria, 1));
    let apart = |property, one: &str, other: &str| {
        criteria.tells_apart(property, value(one).as_ref(), value(other).as_ref())
    };
    // The whole holds of both, but each leg of one of them only.
    assert!(apart(p, "1", "2"));
    assert!(apart(p, "1", "3"));
    assert!(!apart(p, "3", "4"));
    assert!(!apart(p, "1", "1.0"));
    assert!(!apart(p, "", "7"));
    assert!(apart(q, "5", "6"));
    assert!(!apart(q, "6", "7"));
    assert!(!apart(q, "1", "2"));
    assert_eq!(criteria.telling(p).keys.len(), 2);
}

/// Long lists take no more memory than they must: they are looked through.
#[test]
fn long_lists_are_not_looked_up() {
    let list = |length: usize| {
        let values: Vec<String> = (0..length).map(|n| n.to_string()).collect();
        let list = format!(r#""operator":"in","value":[{}]"#, values.join(","));
        let criteria = any_of(&[leg(r#""p""#, &list)]);
        criteria.telling(number(&criteria, 0))
    };
    assert_eq!((list(64).keys.len(), list(64).others), (64, false));
    assert_eq!((list(65).keys.len(), list(65).others), (0, true));
}

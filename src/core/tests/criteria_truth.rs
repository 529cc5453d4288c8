//! Truth and flips, by name: the cases that people will argue about. The laws prove the rest.

#[path = "criteria_support/facts.rs"]
mod facts;

use facts::Listed;
use hogsend_core::criteria::{Criteria, PropertyValue};
use hogsend_core::time::Instant;

/// Occurrences of event `a` and `b`, latest first, in seconds; and the property `p`.
#[derive(Default, Clone)]
struct User {
    a: Vec<Instant>,
    b: Vec<Instant>,
    p: Option<PropertyValue>,
    live: bool,
}

fn known(criteria: &Criteria, user: &User) -> Listed {
    let times = |event: &str| if event == "a" { &user.a } else { &user.b };
    Listed::of(
        criteria,
        |event| times(event).clone(),
        |_| user.p.clone(),
        user.live,
    )
}

#[test]
fn strings_of_any_size_and_case() {
    let holds = |test: &str, value: &str| {
        let json = format!(r#"{{"type":"property","property":"p",{test}}}"#);
        let criteria = Criteria::parse(&json).unwrap();
        let user = User {
            p: Some(PropertyValue::parse(value)),
            live: true,
            ..User::default()
        };
        criteria.evaluate(&known(&criteria, &user), at(0)).truth
    };
    let folded = |operator: &str, value: &str, theirs: &str| {
        let test = format!(r#""operator":"{operator}","value":{value},"ignoreCase":true"#);
        holds(&test, theirs)
    };
    assert!(folded("eq", r#""ΣΣς""#, r#""σςΣ""#));
    assert!(!folded("eq", r#""STRASSE""#, r#""straße""#));
    assert!(folded("starts_with", r#""K""#, "\"\u{212a}elvin\""));
    assert!(folded("in", r#"["a","É"]"#, r#""é""#));
    assert!(folded("contains", r#""AÉ""#, r#""xaéx""#));
    assert!(folded("contains", r#""AÉ""#, r#"[1,"aé"]"#));
    assert!(!folded("contains", r#""AÉ""#, r#"["aéx"]"#));
    assert!(folded("matches", r#""^É+$""#, r#""éÉé""#));
    assert!(!holds(r#""operator":"matches","value":"^É+$""#, r#""éÉé""#));
    // It finds anywhere, unless it is anchored.
    assert!(holds(r#""operator":"matches","value":"b\\d""#, r#""ab1c""#));
    assert!(!holds(
        r#""operator":"matches","value":"^b\\d""#,
        r#""ab1c""#
    ));
    let long = format!("\"{}\"", "x".repeat(10_000_000));
    assert!(!holds(
        r#""operator":"matches","value":"x*[0-9]x?[a-z]{3}y""#,
        &long
    ));
    assert!(folded("ends_with", r#""XXX""#, &long));
    let digits = "7".repeat(10_000);
    for test in [
        r#""operator":"matches","value":"7""#,
        r#""operator":"eq","value":"7","ignoreCase":true"#,
    ] {
        assert!(!holds(test, &digits));
    }
}

const S: i64 = 1_000_000;

fn at(seconds: i64) -> Instant {
    Instant(seconds * S)
}

/// The instant after `seconds`.
fn after(seconds: i64) -> Instant {
    Instant(seconds * S + 1)
}

fn opened(times: &[i64]) -> User {
    User {
        a: times.iter().map(|t| at(*t)).collect(),
        ..User::default()
    }
}

fn with(value: &str) -> User {
    User {
        p: Some(PropertyValue::parse(value)),
        live: true,
        ..User::default()
    }
}

fn leg(rest: &str) -> String {
    format!(r#"{{"type":"event","eventName":"a",{rest}}}"#)
}

fn property(operator: &str, value: &str) -> String {
    format!(r#"{{"type":"property","property":"p","operator":"{operator}","value":{value}}}"#)
}

fn join(operator: &str, legs: &[String]) -> String {
    let legs = legs.join(",");
    format!(r#"{{"type":"composite","operator":"{operator}","conditions":[{legs}]}}"#)
}

fn look(json: &str, user: &User, now: Instant) -> (bool, Option<Instant>) {
    let criteria = Criteria::parse(json).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    let verdict = criteria.evaluate(&known(&criteria, user), now);
    assert!(verdict.exact, "{verdict:?}");
    (verdict.truth, verdict.flips_at())
}

#[test]
fn a_window_ends_one_microsecond_after_its_last_instant() {
    let exists = leg(r#""check":"exists","within":{"seconds":10}"#);
    let user = opened(&[100]);
    assert_eq!(look(&exists, &user, at(100)), (true, Some(after(110))));
    assert_eq!(look(&exists, &user, at(110)), (true, Some(after(110))));
    assert_eq!(look(&exists, &user, after(110)), (false, None));
    let lapsed = leg(r#""check":"not_exists","within":{"seconds":10}"#);
    assert_eq!(look(&lapsed, &user, at(110)), (false, Some(after(110))));
    assert_eq!(look(&lapsed, &user, after(110)), (true, None));
}

#[test]
fn events_of_the_future_are_inside() {
    let exists = leg(r#""check":"exists","within":{"seconds":10}"#);
    assert_eq!(
        look(&exists, &opened(&[500]), at(100)),
        (true, Some(after(510)))
    );
}

#[test]
fn infinite_events() {
    let exists = leg(r#""check":"exists","within":{"seconds":10}"#);
    let ever = leg(r#""check":"exists""#);
    let lapsed = leg(r#""check":"not_exists","within":{"seconds":10}"#);
    let user = |at| User {
        a: vec![at],
        ..User::default()
    };
    assert_eq!(look(&exists, &user(Instant::INFINITY), at(0)), (true, None));
    assert_eq!(
        look(&exists, &user(Instant::NEG_INFINITY), at(0)),
        (false, None)
    );
    assert_eq!(
        look(&lapsed, &user(Instant::NEG_INFINITY), at(0)),
        (true, None)
    );
    assert_eq!(
        look(&ever, &user(Instant::NEG_INFINITY), at(0)),
        (true, None)
    );
}

#[test]
fn flips_after_the_end_of_the_calendar_never_come() {
    let end = Instant(9_223_371_331_200_000_000);
    let user = |ago| User {
        a: vec![Instant(end.0 - ago)],
        ..User::default()
    };
    let exists = leg(r#""check":"exists","within":{"seconds":10}"#);
    assert_eq!(
        look(&exists, &user(10 * S + 2), at(0)).1,
        Some(Instant(end.0 - 1))
    );
    assert_eq!(look(&exists, &user(10 * S + 1), at(0)), (true, None));
    let long = leg(r#""check":"exists","within":{"days":106751991}"#);
    assert_eq!(look(&long, &user(1), at(0)), (true, None));
    let criteria = Criteria::parse(&exists).unwrap();
    let user = user(10 * S + 1);
    assert_eq!(
        criteria
            .last_flip(&known(&criteria, &user), at(0), Instant::INFINITY)
            .unwrap(),
        None
    );
}

#[test]
fn counts_go_down_with_the_clock() {
    let count = |operator, n| {
        leg(&format!(
            r#""check":"count","operator":"{operator}","value":{n},"within":{{"seconds":10}}"#
        ))
    };
    let user = opened(&[106, 103, 100]);
    assert_eq!(
        look(&count("gte", 2), &user, at(106)),
        (true, Some(after(113)))
    );
    assert_eq!(
        look(&count("gt", 2), &user, at(106)),
        (true, Some(after(110)))
    );
    assert_eq!(
        look(&count("lt", 2), &user, at(106)),
        (false, Some(after(113)))
    );
    assert_eq!(
        look(&count("lte", 2), &user, at(106)),
        (false, Some(after(110)))
    );
    // True only between two steps.
    assert_eq!(
        look(&count("eq", 2), &user, at(106)),
        (false, Some(after(110)))
    );
    assert_eq!(
        look(&count("eq", 2), &user, after(110)),
        (true, Some(after(113)))
    );
    assert_eq!(look(&count("eq", 2), &user, after(113)), (false, None));
    assert_eq!(
        look(&count("eq", 0), &user, after(113)),
        (false, Some(after(116)))
    );
    assert_eq!(look(&count("gte", 0), &user, at(106)), (true, None));
    assert_eq!(look(&count("lt", 0), &user, at(106)), (false, None));
    // Two at one instant leave together, and the count is never one.
    let twins = opened(&[100, 100]);
    assert_eq!(look(&count("eq", 1), &twins, at(100)), (false, None));
}

#[test]
fn steps_that_do_not_change_the_tree_are_no_flips() {
    let short = leg(r#""check":"exists","within":{"seconds":10}"#);
    let long = leg(r#""check":"exists","within":{"seconds":20}"#);
    let user = opened(&[100]);
    let any = join("or", &[short.clone(), long.clone()]);
    assert_eq!(look(&any, &user, at(100)), (true, Some(after(120))));
    let all = join("and", &[short, long]);
    assert_eq!(look(&all, &user, at(100)), (true, Some(after(110))));
    // At one instant one leg falls and the other rises: nobody sees a change.
    let swap = join(
        "or",
        &[
            leg(r#""check":"exists","within":{"seconds":10}"#),
            leg(r#""check":"not_exists","within":{"seconds":10}"#),
        ],
    );
    assert_eq!(look(&swap, &user, at(100)), (true, None));
}

#[test]
fn scope() {
    let lapsed = leg(r#""check":"not_exists","within":{"seconds":10}"#);
    let nobody = User {
        live: true,
        ..User::default()
    };
    // Never opened is not lapsed, with or without a contact.
    assert_eq!(look(&lapsed, &nobody, at(0)), (false, None));
    // A property leg brings every live contact in, but no deleted one.
    let trial = join("and", &[lapsed.clone(), property("neq", "\"pro\"")]);
    assert_eq!(look(&trial, &nobody, at(0)), (true, None));
    assert_eq!(look(&trial, &User::default(), at(0)), (false, None));
    // Any named event brings its user in, also where another event decides.
    let other = join(
        "and",
        &[
            lapsed,
            r#"{"type":"event","eventName":"b","check":"count"}"#.to_owned(),
        ],
    );
    let user = User {
        b: vec![at(1)],
        ..User::default()
    };
    assert_eq!(look(&other, &user, at(0)), (true, None));
}

#[test]
fn the_last_flip() {
    let lapsed = leg(r#""check":"not_exists","within":{"seconds":10}"#);
    let criteria = Criteria::parse(&lapsed).unwrap();
    let user = opened(&[100]);
    let last = |from: Instant, to: Instant| {
        criteria
            .last_flip(&known(&criteria, &user), from, to)
            .unwrap()
    };
    assert_eq!(last(at(0), at(1_000)), Some(after(110)));
    assert_eq!(last(at(110), after(110)), Some(after(110)));
    assert_eq!(last(after(110), at(1_000)), None);
    assert_eq!(last(at(0), at(110)), None);
    assert_eq!(
        last(Instant::NEG_INFINITY, Instant::INFINITY),
        Some(after(110))
    );
    assert_eq!(last(at(1_000), at(0)), None);
}

#[test]
fn since_when() {
    const PAST: Instant = Instant::NEG_INFINITY;
    let since = |check: &str, a: &[Instant]| {
        let criteria = Criteria::parse(&leg(check)).unwrap();
        let user = User {
            a: a.to_vec(),
            ..User::default()
        };
        criteria.true_since(&known(&criteria, &user), at(1_000))
    };
    let once = r#""check":"exists","within":{"seconds":10}"#;
    let thrice = r#""check":"count","operator":"gte","value":3,"within":{"seconds":10}"#;
    let ages = [1_500, 995, 990, 990, 981, 975, 964, 960].map(at);
    // A gap ends it where nothing is left in the window one microsecond before the next arrival.
    assert_eq!(since(once, &ages), Ok(Some(at(975))));
    assert_eq!(since(thrice, &ages), Ok(Some(at(995))));
    let last = Instant(980 * S - 1);
    let touching = [at(1_000), at(990), last, Instant(970 * S - 3), at(969)];
    assert_eq!(since(once, &touching), Ok(Some(last)));
    // Those of the future are there now, and what happened at the beginning of time is in no window.
    let ahead = [Instant::INFINITY, at(2_000), at(1_001), at(990), PAST, PAST];
    assert_eq!(since(once, &ahead), Ok(Some(at(990))));
    assert_eq!(since(thrice, &ahead), Ok(Some(at(1_000))));
    assert_eq!(since(once, &[Instant::INFINITY]), Ok(Some(at(1_000))));
    assert_eq!(since(once, &[PAST, PAST, PAST]), Ok(None));
    assert_eq!(
        since(thrice, &[at(999), at(998), at(997), PAST]),
        Ok(Some(at(999)))
    );
}

#[test]
fn properties_compare_strictly() {
    let truth = |operator: &str, value: &str, theirs: &str| {
        // The event keeps negations company and brings the user into scope.
        let json = join(
            "and",
            &[property(operator, value), leg(r#""check":"count""#)],
        );
        let user = User {
            a: vec![at(0)],
            ..with(theirs)
        };
        look(&json, &user, at(0)).0
    };
    for (operator, value, theirs, expected) in [
        ("eq", "1", "1.0", true),
        ("eq", "1", "\"1\"", false),
        ("eq", "12345678901234567890", "12345678901234567891", false),
        ("eq", "true", "true", true),
        ("eq", "true", "1", false),
        ("eq", "\"a\"", "\"a\"", true),
        ("eq", "\"a\"", "\"A\"", false),
        ("eq", "\"a\"", "[\"a\"]", false),
        ("neq", "\"a\"", "[\"a\"]", true),
        ("neq", "\"a\"", "null", true),
        ("neq", "1", "1.00", false),
        ("gt", "9", "10", true),
        ("gt", "9", "\"10\"", false),
        ("gt", "1", "1", false),
        ("gte", "1", "1.0", true),
        ("lt", "1e400", "1e399", true),
        ("lt", "1", "null", false),
        ("lte", "1", "true", false),
        ("lte", "-1", "-1.5", true),
        ("contains", "\"ro\"", "\"pro\"", true),
        ("contains", "\"\"", "\"\"", true),
        ("contains", "\"ro\"", "[\"pro\"]", false),
        ("contains", "\"pro\"", "[1, \"pro\"]", true),
        ("contains", "1", "[\"1\", 1.0]", true),
        ("contains", "1", "[\"1\"]", false),
        ("contains", "1", "\"1\"", false),
        ("contains", "true", "[true]", true),
        ("contains", "\"a\"", "{\"a\": 1}", false),
        ("in", r#"["pro", "free"]"#, "\"free\"", true),
        ("in", r#"["pro", "free"]"#, "\"fre\"", false),
        ("in", r#"["1", "true"]"#, "1", false),
        ("in", "[2, 10, 1]", "1.00", true),
        ("in", "[2, 10, 1e1]", "10", true),
        ("in", "[2, 10]", "\"10\"", false),
        ("in", "[true]", "true", true),
        ("in", "[true]", "false", false),
        ("in", "[1]", "[1]", false),
        ("in", "[1]", "null", false),
        ("not_in", "[1]", "null", true),
        ("not_in", "[1]", "1.0", false),
        ("not_in", r#"["a"]"#, "{}", true),
        ("starts_with", "\"pr\"", "\"pro\"", true),
        ("starts_with", "\"ro\"", "\"pro\"", false),
        ("starts_with", "\"\"", "\"\"", true),
        ("starts_with", "\"1\"", "1", false),
        ("starts_with", "\"a\"", "[\"a\"]", false),
        ("ends_with", "\"ro\"", "\"pro\"", true),
        ("ends_with", "\"proo\"", "\"pro\"", false),
        ("contains_any", r#"["a", "b"]"#, r#"["x", "b"]"#, true),
        ("contains_any", r#"["a", "b"]"#, r#"["x", ["b"]]"#, false),
        ("contains_any", r#"["a", "b"]"#, "\"a\"", false),
        ("contains_all", r#"["a", "b"]"#, r#"["b", 1, "a"]"#, true),
        ("contains_all", r#"["a", "b"]"#, r#"["a", "a"]"#, false),
        ("contains_all", "[1, 1.0]", "[1]", true),
        ("contains_all", "[1]", "1", false),
        ("contains_none", r#"["a"]"#, r#"["b"]"#, true),
        ("contains_none", r#"["a"]"#, r#"["b", "a"]"#, false),
        ("contains_none", r#"["a"]"#, "\"a\"", true),
        ("contains_none", "[1]", "[]", true),
        ("exists", "null", "null", false),
        ("exists", "null", "{}", true),
        ("exists", "null", "false", true),
        ("exists", "null", "\"\"", true),
        ("not_exists", "null", "null", true),
        ("not_exists", "null", "[]", false),
    ] {
        assert_eq!(
            truth(operator, value, theirs),
            expected,
            "{theirs} {operator} {value}"
        );
    }
    let missing = User {
        live: true,
        a: vec![at(0)],
        ..User::default()
    };
    for (operator, value, expected) in [
        ("eq", "1", false),
        ("neq", "1", true),
        ("exists", "null", false),
        ("lte", "1", false),
        ("not_exists", "null", true),
        ("contains", "\"\"", false),
        ("in", "[1]", false),
        ("not_in", "[1]", true),
        ("starts_with", "\"\"", false),
        ("ends_with", "\"\"", false),
        ("contains_any", "[1]", false),
        ("contains_all", "[1]", false),
        ("contains_none", "[1]", true),
    ] {
        let json = join(
            "and",
            &[property(operator, value), leg(r#""check":"count""#)],
        );
        assert_eq!(look(&json, &missing, at(0)).0, expected, "{operator}");
    }
}

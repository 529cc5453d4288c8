//! Measures of events by hand: how they are read and written, what is refused, and what people will argue
//! about. The laws prove the rest.

#[path = "criteria_support/facts.rs"]
mod facts;

use facts::Listed;
use hogsend_core::criteria::{
    Criteria, EventRow, Field, Measured, PropertyValue, Scalar, Taken, Zones,
};
use hogsend_core::decimal::Decimal;
use hogsend_core::time::{Instant, Span};

fn parse(rest: &str) -> Criteria {
    let json = format!(r#"{{"type":"event","eventName":"a",{rest}}}"#);
    Criteria::parse(&json).unwrap_or_else(|problems| panic!("{json}: {problems:?}"))
}

fn canonical(rest: &str) -> String {
    let text = parse(rest).canonical();
    let rest = text
        .strip_prefix(r#"{"type":"event","eventName":"a","#)
        .unwrap();
    rest.strip_suffix('}').unwrap().to_owned()
}

fn number(text: &str) -> Taken {
    Some(Scalar::Number(Decimal::parse(text).unwrap()))
}

const SECOND: i64 = Span::SECOND.0;

/// The truth for occurrences at so many seconds, latest first, of which that was taken; and when it flips.
fn verdict(rest: &str, rows: &[(i64, Taken)], now: i64) -> (bool, Option<Instant>) {
    let criteria = parse(rest);
    let mut listed = Listed::of(
        &criteria,
        |_| rows.iter().map(|(at, _)| Instant(at * SECOND)).collect(),
        |_| None,
        true,
    );
    for values in &mut listed.values {
        *values = rows.iter().map(|(_, value)| value.clone()).collect();
    }
    let verdict = criteria.evaluate(&listed, Instant(now * SECOND));
    (verdict.truth, verdict.flips_at())
}

#[test]
fn canonical_forms_leave_defaults_out() {
    let same = |written: &str, text: &str| assert_eq!(canonical(written), text);
    let sum = r#""check":"sum","operator":"gt","value":5"#;
    same(sum, sum);
    same(
        r#""value":5.0,"of":"$value","operator":"gt","check":"sum","zone":"utc""#,
        sum,
    );
    same(
        &format!(r#"{sum},"of":["amount"]"#),
        &format!(r#"{sum},"of":"amount""#),
    );
    let deep = r#""check":"min","operator":"lte","value":-1.5,"of":["lines",0,"price"],"within":{"seconds":86400},"olderThan":{"seconds":3600}"#;
    same(deep, deep);
    let days = r#""check":"distinct","operator":"eq","value":3,"of":"$day""#;
    same(days, days);
    same(&format!(r#"{days},"zone":"UTC""#), days);
    let value = r#""check":"distinct","operator":"eq","value":3,"of":"$value""#;
    same(value, value);
}

#[test]
fn sums_are_exact_and_of_nothing_zero() {
    let tenths = [(30, number("0.1")), (20, number("0.2"))];
    assert!(verdict(r#""check":"sum","operator":"eq","value":0.3"#, &tenths, 40).0);
    assert!(verdict(r#""check":"avg","operator":"eq","value":0.15"#, &tenths, 40).0);
    let long = [
        (30, number("99.999999999999999999999999999999")),
        (20, number("0.000000000000000000000000000001")),
        (10, number("1e5000")),
        (5, number("-1e5000")),
    ];
    assert!(verdict(r#""check":"sum","operator":"eq","value":100"#, &long, 40).0);
    let third = [(30, number("1")), (20, number("0")), (10, number("0"))];
    assert!(
        !verdict(
            r#""check":"avg","operator":"lte","value":0.33333333333333333333"#,
            &third,
            40
        )
        .0
    );
    let nothing = [(30, None)];
    assert!(verdict(r#""check":"sum","operator":"eq","value":0"#, &nothing, 40).0);
    for check in ["avg", "min", "max"] {
        for operator in ["gt", "gte", "lt", "lte", "eq"] {
            let leg = format!(r#""check":"{check}","operator":"{operator}","value":0"#);
            assert!(!verdict(&leg, &nothing, 40).0, "{leg}");
        }
    }
}

/// A negative number that leaves lets a sum rise: both directions, by the clock.
#[test]
fn sums_rise_and_fall_by_the_clock() {
    let rows = [(30, number("10")), (20, number("-8")), (10, number("5"))];
    let leg = r#""check":"sum","operator":"gte","value":6,"within":"100 seconds""#;
    let at = |seconds: i64| Some(Instant(seconds * SECOND).next());
    // 7, then 2, then 10, then nothing.
    assert_eq!(verdict(leg, &rows, 40), (true, at(110)));
    assert_eq!(verdict(leg, &rows, 115), (false, at(120)));
    assert_eq!(verdict(leg, &rows, 125), (true, at(130)));
    assert_eq!(verdict(leg, &rows, 135), (false, None));
}

#[test]
fn different_things_are_told_apart_by_type_and_value() {
    let text = |text: &str| Some(Scalar::String(text.to_owned()));
    let rows = [
        (50, text("1")),
        (40, number("1.0")),
        (30, number("1")),
        (20, Some(Scalar::Bool(true))),
        (10, None),
    ];
    let leg =
        |value: u32| format!(r#""check":"distinct","operator":"eq","value":{value},"of":"x""#);
    assert!(verdict(&leg(3), &rows, 60).0);
    assert!(!verdict(&leg(4), &rows, 60).0);
}

/// An hour ahead of UTC.
struct Ahead;

impl Zones for Ahead {
    fn instant(&self, _: &str, local: i64) -> Option<Instant> {
        Some(Instant(local - Span::HOUR.0))
    }

    fn local(&self, _: &str, at: Instant) -> Option<i64> {
        Some(at.0 + Span::HOUR.0)
    }

    fn next_change(&self, _: &str, _: Instant) -> Option<Instant> {
        Some(Instant::INFINITY)
    }
}

struct Says(PropertyValue);

impl EventRow for Says {
    fn field(&self, _: &Field) -> Option<PropertyValue> {
        Some(self.0.clone())
    }
}

#[test]
fn what_is_taken() {
    let says = |json: &str| Says(PropertyValue::parse(json));
    let take = |measured: &Measured, json: &str| measured.take(Instant(0), &says(json), &Ahead);
    let (numbers, scalars) = (
        Measured::Number(Field::Value),
        Measured::Scalar(Field::Value),
    );
    assert_eq!(take(&numbers, "1.50"), number("1.5"));
    assert_eq!(take(&scalars, "1.50"), number("1.5"));
    for nothing in ["null", "[1]", r#"{"a":1}"#, "1e200000", "1e-16384"] {
        assert_eq!(
            (take(&numbers, nothing), take(&scalars, nothing)),
            (None, None),
            "{nothing}"
        );
    }
    for other in ["true", r#""1""#] {
        assert_eq!(take(&numbers, other), None);
        assert!(take(&scalars, other).is_some());
    }
    let day = |zone: &str, at: i64| {
        Measured::Day(zone.to_owned()).take(Instant(at), &says("null"), &Ahead)
    };
    assert_eq!(day("UTC", -1), number("-1"));
    assert_eq!(day("UTC", Span::DAY.0 - 1), number("0"));
    assert_eq!(day("Elsewhere", Span::DAY.0 - 1), number("1"));
    assert_eq!(day("UTC", i64::MAX), None);
}

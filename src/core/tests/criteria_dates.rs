//! Dates, by hand: which instants values say, when a day is there, and what is said of it.

#[path = "criteria_support/facts.rs"]
#[allow(dead_code, reason = "not all of it is asked for")]
mod facts;

use facts::Listed;
use facts::rows::Clocks;
use hogsend_core::criteria::{Criteria, HORIZON, PropertyValue};
use hogsend_core::time::{Instant, Span};

fn at(text: &str) -> Instant {
    Instant::from_iso(&format!("{text}+00")).unwrap_or_else(|| panic!("{text}"))
}

fn parse(json: &str) -> Criteria {
    Criteria::parse_in(json, &Clocks).unwrap_or_else(|wrong| panic!("{json}: {wrong:?}"))
}

fn leg(rest: &str) -> Criteria {
    parse(&format!(r#"{{"type":"property","property":"due",{rest}}}"#))
}

/// Somebody with that value, and a zone.
fn user(criteria: &Criteria, due: &str, zone: &str) -> Listed {
    let property = |path: &hogsend_core::criteria::Path| {
        let json = match path.key() {
            "due" => due,
            _ => zone,
        };
        (!json.is_empty()).then(|| PropertyValue::parse(json))
    };
    Listed::of(criteria, |_| Vec::new(), property, true)
}

/// The truth at an instant, and when it flips.
fn tells(criteria: &Criteria, due: &str, now: &str) -> (bool, Option<Instant>) {
    let verdict = criteria.evaluate(&user(criteria, due, ""), at(now));
    (verdict.truth, verdict.flips_at())
}

/// Every flip after an instant, a few at most.
fn flips(criteria: &Criteria, due: &str, after: &str) -> Vec<String> {
    let user = user(criteria, due, "");
    let mut now = at(after);
    let mut flips = Vec::new();
    while let Some(flip) = criteria.evaluate(&user, now).flips_at()
        && flips.len() < 5
    {
        let truth = criteria.evaluate(&user, flip).truth;
        let said = flip.to_iso();
        flips.push(format!("{} {truth}", said.trim_end_matches("+00")));
        now = flip;
    }
    flips
}

#[test]
fn what_is_an_instant() {
    let noon = leg(r#""operator":"after","value":"2026-05-01T12:00Z""#);
    let before = leg(r#""operator":"before","value":"2026-05-01T12:00:00.000001Z""#);
    let now = "2026-01-01 00:00:00";
    let is_noon = |due: &str| tells(&noon, due, now).0 && tells(&before, due, now).0;
    for due in [
        r#""2026-05-01T12:00:00Z""#,
        r#"" 2026-05-01 14:00+0200 ""#,
        r#""2026-05-01t03:30-08:30""#,
        r#""2026-05-01T12:00""#,
        r#""2026-05-01T12:00:00.0000004""#,
        "1777636800",
        "1777636800.0000004",
        "1.7776368e9",
    ] {
        assert!(is_noon(due), "{due}");
    }
    for due in [
        "",
        "null",
        "true",
        r#""soon""#,
        r#""2026-05""#,
        r#""2026-02-30""#,
        r#""1777636800""#,
        r#""0000-05-01""#,
        r#""infinity""#,
        "[1777636800]",
        "{}",
        "1e400",
        "-1e400",
        "9224318016000",
        "-210866803201",
    ] {
        assert!(
            !tells(&noon, due, now).0 && !tells(&before, due, now).0,
            "{due}"
        );
    }
    for (due, is_late) in [("9224318015999", true), ("-210866803200", false)] {
        assert_eq!(
            (tells(&noon, due, now).0, tells(&before, due, now).0),
            (is_late, !is_late)
        );
    }
    let of_milliseconds =
        leg(r#""operator":"after","value":"2026-05-01T12:00Z","unit":"milliseconds""#);
    assert!(tells(&of_milliseconds, "1777636800000", now).0);
    assert!(!tells(&of_milliseconds, "1777636799999.9", now).0);
    assert!(tells(&of_milliseconds, "1777636799999.9996", now).0);
}

#[test]
fn lengths_end_where_they_are_said_to() {
    let due = r#""2026-05-10T00:00:00Z""#;
    let of = |operator: &str| leg(&format!(r#""operator":"{operator}","value":"3 days""#));
    let from = "2026-05-01 00:00:00";
    assert_eq!(
        flips(&of("within_last"), due, from),
        [
            "2026-05-10 00:00:00 true",
            "2026-05-13 00:00:00.000001 false"
        ]
    );
    assert_eq!(
        flips(&of("within_next"), due, from),
        ["2026-05-07 00:00:00 true", "2026-05-10 00:00:00 false"]
    );
    assert_eq!(
        flips(&of("older_than"), due, from),
        ["2026-05-13 00:00:00.000001 true"]
    );
    assert_eq!(
        flips(&of("later_than"), due, from),
        ["2026-05-07 00:00:00 false"]
    );
}

#[test]
fn a_day_begins_at_the_first_instant_that_exists() {
    let today = |zone: &str| leg(&format!(r#""operator":"on_day","value":0,"zone":"{zone}""#));
    let days = |zone: &str, due: &str| flips(&today(zone), due, "2025-01-01 00:00:00");
    // Clocks in Havana went from midnight to one o'clock on 9 March 2025, and back from one to midnight on 2
    // November.
    assert_eq!(
        days("America/Havana", r#""2025-03-09""#),
        ["2025-03-09 05:00:00 true", "2025-03-10 04:00:00 false"]
    );
    assert_eq!(
        days("America/Havana", r#""2025-11-02""#),
        ["2025-11-02 04:00:00 true", "2025-11-03 05:00:00 false"]
    );
    assert_eq!(
        days("Pacific/Kiritimati", r#""2025-06-01""#),
        ["2025-05-31 10:00:00 true", "2025-06-01 10:00:00 false"]
    );
    // The day begins, goes back to the one before, and begins again.
    let st_johns = leg(r#""operator":"on_day","value":0,"zone":"America/St_Johns""#);
    assert_eq!(
        flips(&st_johns, r#""2000-10-29""#, "2000-10-01 00:00:00"),
        [
            "2000-10-29 02:30:00 true",
            "2000-10-29 02:31:00 false",
            "2000-10-29 03:30:00 true",
            "2000-10-30 03:30:00 false"
        ]
    );
    // Samoa left 30 December 2011 out: it begins at the next instant, with the 31st.
    let samoa = leg(r#""operator":"on_day","value":0,"zone":"Pacific/Apia""#);
    for due in [r#""2011-12-30""#, r#""2011-12-31""#] {
        assert_eq!(
            flips(&samoa, due, "2011-12-01 00:00:00"),
            ["2011-12-30 10:00:00 true", "2011-12-31 10:00:00 false"]
        );
    }
}

#[test]
fn local_times_that_come_twice_or_never() {
    let before = |text: &str, than: &str| {
        let leg = leg(&format!(
            r#""operator":"before","value":"{than}","zone":"Europe/Berlin""#
        ));
        tells(&leg, &format!("\"{text}\""), "2026-01-01 00:00:00").0
    };
    // The later of both.
    assert!(!before("2026-10-25T02:30", "2026-10-25T01:30:00Z"));
    assert!(before("2026-10-25T02:30", "2026-10-25T01:30:00.000001Z"));
    // With the offset before the gap.
    assert!(!before("2026-03-29T02:30", "2026-03-29T01:30:00Z"));
    assert!(before("2026-03-29T02:30", "2026-03-29T01:30:00.000001Z"));
}

#[test]
fn so_many_days_from_today() {
    let of = |days: &str| leg(&format!(r#""operator":"on_day","value":{days}"#));
    let is = |days: &str, today: &str| tells(&of(days), r#""2026-05-10""#, today).0;
    assert!(is("0", "2026-05-10 23:59:59.999999"));
    assert!(!is("0", "2026-05-11 00:00:00"));
    assert!(is("1", "2026-05-09 00:00:00") && is("1.0", "2026-05-09 12:00:00"));
    assert!(is("-1", "2026-05-11 00:00:00") && is("30", "2026-04-10 08:00:00"));
    for far in ["1e400", "-1e400", "9e18", "99999999999"] {
        assert_eq!(
            tells(&of(far), r#""2026-05-10""#, "2026-05-10 00:00:00"),
            (false, None),
            "{far}"
        );
    }
}

#[test]
fn anniversaries() {
    let of = |days: &str| leg(&format!(r#""operator":"anniversary","value":{days}"#));
    assert_eq!(
        flips(&of("0"), r#""1990-05-17""#, "2026-06-01 00:00:00"),
        [
            "2027-05-17 00:00:00 true",
            "2027-05-18 00:00:00 false",
            "2028-05-17 00:00:00 true",
            "2028-05-18 00:00:00 false",
            "2029-05-17 00:00:00 true"
        ]
    );
    // The year does not matter: not one that is yet to come, either.
    assert!(tells(&of("0"), r#""2300-05-17""#, "2026-05-17 12:00:00").0);
    let leap_day = r#""2000-02-29""#;
    assert_eq!(
        flips(&of("0"), leap_day, "2026-06-01 00:00:00"),
        [
            "2027-02-28 00:00:00 true",
            "2027-03-01 00:00:00 false",
            "2028-02-29 00:00:00 true",
            "2028-03-01 00:00:00 false",
            "2029-02-28 00:00:00 true"
        ]
    );
    assert!(!tells(&of("0"), leap_day, "2028-02-28 12:00:00").0);
    assert!(!tells(&of("0"), r#""2000-02-28""#, "2028-02-29 12:00:00").0);
    assert!(tells(&of("0"), leap_day, "2100-02-28 12:00:00").0);
    // A week before, and the day after.
    assert!(tells(&of("7"), leap_day, "2027-02-21 00:00:00").0);
    assert!(tells(&of("-1"), leap_day, "2027-03-01 00:00:00").0);
    // As many days as 400 years have are none.
    for days in ["146097", "-292194", "1.46097e5"] {
        assert!(
            tells(&of(days), leap_day, "2028-02-29 00:00:00").0,
            "{days}"
        );
    }
    // 10^30 is 29,719 more than so many times 146,097.
    assert!(
        tells(&of("1e30"), r#""1990-05-17""#, "1908-12-31 00:00:00").0 || {
            let days =
                (0..146_097i64).find(|days| (0..30).fold(1, |n, _| n * 10 % 146_097) == *days);
            let same = of(&days.unwrap().to_string());
            let mut day = at("2026-01-01 00:00:00");
            (0..366).all(|_| {
                let user = user(&same, r#""1990-05-17""#, "");
                let (one, other) = (same.evaluate(&user, day), of("1e30").evaluate(&user, day));
                day = day.plus(Span::DAY);
                one == other
            })
        }
    );
}

#[test]
fn a_zone_of_ones_own() {
    let criteria = leg(r#""operator":"on_day","value":0,"zone":{"property":"tz"}"#);
    let day = |zone: &str| {
        let user = user(&criteria, r#""2026-05-10""#, zone);
        let flip = criteria
            .evaluate(&user, at("2026-05-01 00:00:00"))
            .flips_at();
        flip.map(Instant::to_iso).unwrap_or_default()
    };
    assert_eq!(day(r#""Europe/Berlin""#), "2026-05-09 22:00:00+00");
    assert_eq!(day(r#""America/New_York""#), "2026-05-10 04:00:00+00");
    for none in ["", "null", r#""Mars/Olympus""#, r#""UTC+2""#, "5", r#""""#] {
        assert_eq!(day(none), "2026-05-10 00:00:00+00", "{none}");
    }
    let before = leg(r#""operator":"before","value":"2026-05-10","zone":{"property":"tz"}"#);
    let is_before = |due: &str, zone: &str| {
        let user = user(&before, due, zone);
        before.evaluate(&user, at("2026-05-01 00:00:00")).truth
    };
    let due = r#""2026-05-09T23:00Z""#;
    assert!(is_before(due, "") && is_before(due, r#""America/New_York""#));
    assert!(!is_before(due, r#""Europe/Berlin""#));
}

#[test]
fn two_anniversaries_that_never_meet_are_looked_at_once_a_year() {
    let both = parse(
        r#"{"type":"composite","operator":"and","conditions":[
           {"type":"property","property":"due","operator":"anniversary","value":0},
           {"type":"property","property":"due","operator":"anniversary","value":1}]}"#,
    );
    let user = user(&both, r#""1990-05-17""#, "");
    let now = at("2026-06-01 00:00:00");
    let verdict = both.evaluate(&user, now);
    assert!(!verdict.truth && !verdict.exact);
    let look_at = verdict.look_at.expect("a look");
    assert!(look_at >= now.plus(HORIZON) && look_at < now.plus(HORIZON).plus(HORIZON));
    let told = both.explain(&user, now, &|at, _| at.to_iso());
    assert_eq!(told.nodes[0].flips_at, None);
    assert_eq!(told.nodes[1].flips_at, Some(at("2027-05-17 00:00:00")));
    let never = both.last_flip(&user, Instant::NEG_INFINITY, now);
    assert_eq!(never, Ok(None));
    let one = leg(r#""operator":"anniversary","value":0"#);
    assert_eq!(
        one.last_flip(&user, Instant::NEG_INFINITY, now),
        Ok(Some(at("2026-05-18 00:00:00")))
    );
}

#[test]
fn words() {
    let said = |rest: &str| {
        let criteria = leg(rest);
        criteria.outline().words
    };
    for (rest, words) in [
        (
            r#""operator":"before","value":"2026-05-01""#,
            "due is before 2026-05-01",
        ),
        (
            r#""operator":"after","value":"2026-05-01T12:00Z","unit":"milliseconds""#,
            "due is at 2026-05-01 12:00:00 UTC or after (numbers are milliseconds)",
        ),
        (
            r#""operator":"before","value":"2026-05-01","zone":"Europe/Berlin""#,
            "due is before 2026-04-30 22:00:00 UTC in Europe/Berlin",
        ),
        (
            r#""operator":"before","value":"2026-05-01","zone":{"property":["geo","tz"]}"#,
            "due is before 2026-05-01 in the zone of geo.tz",
        ),
        (
            r#""operator":"within_last","value":"1 day""#,
            "due is in the last 24 hours",
        ),
        (
            r#""operator":"within_next","value":"3 days""#,
            "due is in the next 3 days",
        ),
        (
            r#""operator":"older_than","value":"3 days""#,
            "due is more than 3 days ago",
        ),
        (
            r#""operator":"later_than","value":"90 minutes""#,
            "due is more than 90 minutes ahead",
        ),
        (r#""operator":"on_day","value":0"#, "due is today"),
        (r#""operator":"on_day","value":1"#, "due is tomorrow"),
        (r#""operator":"on_day","value":-1"#, "due is yesterday"),
        (
            r#""operator":"on_day","value":-3"#,
            "due is 3 days before today",
        ),
        (
            r#""operator":"on_day","value":30"#,
            "due is 30 days after today",
        ),
        (
            r#""operator":"anniversary","value":0,"zone":{"property":"tz"}"#,
            "due has an anniversary today in the zone of tz",
        ),
        (
            r#""operator":"anniversary","value":7,"zone":"Asia/Kathmandu""#,
            "due has an anniversary 7 days after today in Asia/Kathmandu",
        ),
    ] {
        assert_eq!(said(rest), words);
    }
}

#[test]
fn what_was_found() {
    let found = |rest: &str, due: &str, zone: &str| {
        let criteria = leg(rest);
        let user = user(&criteria, due, zone);
        let told = criteria.explain(&user, at("2026-05-09 22:30:00"), &|at, _| at.to_iso());
        told.nodes[0].observed.clone()
    };
    let berlin = r#""operator":"on_day","value":0,"zone":"Europe/Berlin""#;
    let own = r#""operator":"on_day","value":0,"zone":{"property":"tz"}"#;
    let plain = r#""operator":"on_day","value":0"#;
    let last = r#""operator":"within_last","value":"3 days","zone":{"property":"tz"}"#;
    for (rest, due, zone, told) in [
        (plain, "", "", "absent"),
        (plain, "null", "", "null"),
        (plain, r#""soon""#, "", r#""soon": no instant"#),
        (plain, "true", "", "true: no instant"),
        (
            plain,
            r#""2026-05-10""#,
            "",
            "2026-05-10, today is 2026-05-09",
        ),
        (
            berlin,
            r#""2026-05-10""#,
            "",
            "2026-05-10, today is 2026-05-10 in Europe/Berlin",
        ),
        (
            own,
            r#""2026-05-10T02:00Z""#,
            r#""America/New_York""#,
            "2026-05-09, today is 2026-05-09 in America/New_York",
        ),
        (
            own,
            r#""2026-05-10""#,
            r#""Mars/Olympus""#,
            r#"2026-05-10, today is 2026-05-09 in UTC, "Mars/Olympus" being no time zone"#,
        ),
        (
            own,
            r#""2026-05-10""#,
            "",
            "2026-05-10, today is 2026-05-09 in UTC, no zone being known",
        ),
        (
            last,
            r#""2026-05-10""#,
            r#""Europe/Berlin""#,
            r#"2026-05-09 22:00:00+00, which is "2026-05-10" in Europe/Berlin"#,
        ),
        (last, "1778364000", "5", "2026-05-09 22:00:00+00"),
    ] {
        assert_eq!(found(rest, due, zone), told);
    }
}

#[test]
fn a_change_matters_where_it_says_another_instant() {
    let criteria = leg(r#""operator":"on_day","value":0,"zone":{"property":"tz"}"#);
    let [due, tz] = [0, 1].map(|place| criteria.property_numbers().nth(place).unwrap());
    let apart = |property, one: &str, other: &str| {
        let value = |json: &str| (!json.is_empty()).then(|| PropertyValue::parse(json));
        criteria.tells_apart(property, value(one).as_ref(), value(other).as_ref())
    };
    assert!(apart(due, r#""2026-05-10""#, r#""2026-05-11""#));
    assert!(apart(due, "", r#""2026-05-11""#));
    assert!(!apart(due, "", r#""soon""#));
    assert!(!apart(due, "null", "true"));
    assert!(!apart(due, "1778364000", r#""2026-05-09T22:00:00Z""#));
    assert!(apart(tz, "", r#""Europe/Berlin""#));
    assert!(!apart(tz, "", "5") && !apart(tz, "null", r#""UTC""#));
    assert!(criteria.telling(due).others && criteria.telling(tz).others);
}

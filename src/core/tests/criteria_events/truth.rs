//! Truth and flips.

use super::known::Known;
use super::{OVER_50, after, all, at, leg, parse};
use hogsend_core::criteria::{Unread, Verdict};
use hogsend_core::time::Instant;

fn look(json: &str, user: &Known, now: Instant) -> Verdict {
    parse(json).evaluate(user, now)
}

fn says(json: &str, user: &Known, now: Instant) -> (bool, Option<Instant>) {
    let verdict = look(json, user, now);
    assert!(verdict.exact, "{verdict:?}");
    (verdict.truth, verdict.flips_at())
}

/// Between 60 and 30 seconds ago.
const BETWEEN: &str = r#""check":"exists","within":"60 seconds","olderThan":"30 seconds""#;

#[test]
fn events_enter_a_range_and_leave_it() {
    let json = leg(BETWEEN);
    let user = Known::all(&[at(100)]);
    assert_eq!(says(&json, &user, at(100)), (false, Some(after(130))));
    // Not older than that, to the microsecond.
    assert_eq!(says(&json, &user, at(130)), (false, Some(after(130))));
    assert_eq!(says(&json, &user, after(130)), (true, Some(after(160))));
    assert_eq!(says(&json, &user, at(160)), (true, Some(after(160))));
    assert_eq!(says(&json, &user, after(160)), (false, None));
    // One enters as the other leaves: nothing changes in between.
    let user = Known::all(&[at(130), at(100)]);
    assert_eq!(says(&json, &user, at(135)), (true, Some(after(190))));
    let user = Known::all(&[at(131), at(100)]);
    assert_eq!(says(&json, &user, at(135)), (true, Some(after(160))));
    assert_eq!(says(&json, &user, after(160)), (false, Some(after(161))));
}

#[test]
fn exactly_so_many_in_a_range() {
    let json = leg(
        r#""check":"count","operator":"eq","value":1,"within":"60 seconds","olderThan":"30 seconds""#,
    );
    let user = Known::all(&[at(110), at(100)]);
    let mut now = Some(at(0));
    let mut flips = Vec::new();
    for _ in 0..10 {
        let Some((truth, Some(next))) = now.map(|now| says(&json, &user, now)) else {
            break;
        };
        flips.push((truth, next));
        now = Some(next);
    }
    let expected = [
        (false, after(130)),
        (true, after(140)),
        (false, after(160)),
        (true, after(170)),
    ];
    assert_eq!(flips, expected);
}

#[test]
fn a_range_without_a_far_edge_is_only_entered() {
    let thrice = leg(r#""check":"count","operator":"gte","value":3,"olderThan":"30 seconds""#);
    let times = [at(300), at(200), at(100), at(50), at(10)];
    let user = Known::all(&times);
    assert_eq!(says(&thrice, &user, at(40)), (false, Some(after(130))));
    assert_eq!(says(&thrice, &user, after(130)), (true, None));
    // Three that are old enough decide for good, and no more are read.
    assert_eq!(
        says(&thrice, &Known::read(&times, 5), at(150)),
        (true, None)
    );
    let few = leg(r#""check":"count","operator":"lt","value":3,"olderThan":"30 seconds""#);
    assert_eq!(says(&few, &user, at(40)), (true, Some(after(130))));
    let any = leg(r#""check":"count","operator":"gte","value":0,"olderThan":"30 seconds""#);
    assert_eq!(says(&any, &user, at(0)), (true, None));
}

#[test]
fn events_at_no_instant() {
    let user = Known::all(&[Instant::INFINITY, Instant::NEG_INFINITY]);
    let count = |rest: &str, n: u64| {
        let json = format!(r#""check":"count","operator":"eq","value":{n},{rest}"#);
        says(&leg(&json), &user, at(100)) == (true, None)
    };
    // The one has always been over, and the other is always to come.
    assert!(count(r#""olderThan":"30 seconds""#, 1));
    assert!(count(r#""within":"60 seconds""#, 1));
    assert!(count(
        r#""within":"60 seconds","olderThan":"30 seconds""#,
        0
    ));
    let last = leg(r#""check":"exists","pick":"last","olderThan":"30 seconds""#);
    assert_eq!(says(&last, &user, at(100)), (false, None));
    let first = leg(r#""check":"exists","pick":"first","olderThan":"30 seconds""#);
    assert_eq!(says(&first, &user, at(100)), (true, None));
    let recent = leg(r#""check":"exists","pick":"first","within":"30 seconds""#);
    assert_eq!(says(&recent, &user, at(100)), (false, None));
}

/// So many steps that do not matter are gone through at once, and no more.
#[test]
fn steps_have_an_end() {
    let json = leg(
        r#""check":"count","operator":"gte","value":2,"within":"100 seconds","olderThan":"99 seconds""#,
    );
    let apart: Vec<Instant> = (0..200).rev().map(|n| at(10 * n)).collect();
    let user = Known::all(&apart);
    let verdict = parse(&json).evaluate_with_patience(&user, at(0), 0);
    // Two steps an event: 32 events of them.
    assert_eq!(verdict.look_at, Some(after(31 * 10 + 100)));
    assert!(!verdict.truth && !verdict.exact);
    assert_eq!(says(&json, &user, at(0)), (false, None));
}

#[test]
fn one_occurrence_is_looked_at() {
    let having = r#""having":{"type":"property","property":"p","operator":"exists"}"#;
    let last = leg(&format!(r#""check":"exists","pick":"last",{having}"#));
    let first = leg(&format!(r#""check":"exists","pick":"first",{having}"#));
    let not_last = leg(&format!(
        r#""check":"not_exists","within":"60 seconds","pick":"last",{having}"#
    ));
    // Of one instant the first in the list is the last one.
    let user = Known::marked(&[
        (at(100), true),
        (at(100), false),
        (at(50), true),
        (at(50), false),
    ]);
    assert_eq!(says(&last, &user, at(200)), (true, None));
    assert_eq!(says(&first, &user, at(200)), (false, None));
    assert_eq!(says(&not_last, &user, at(100)), (false, Some(after(160))));
    assert_eq!(says(&not_last, &user, after(160)), (true, None));
    let nobody = Known::all(&[]);
    assert_eq!(says(&last, &nobody, at(0)), (false, None));
}

#[test]
fn the_picked_one_enters_a_range_and_leaves_it() {
    let json = leg(&BETWEEN.replace(r#""check""#, r#""pick":"last","check""#));
    let user = Known::all(&[at(200), at(100)]);
    // That the one before was in the range is nothing to it.
    assert_eq!(says(&json, &user, at(140)), (false, Some(after(230))));
    assert_eq!(says(&json, &user, after(230)), (true, Some(after(260))));
    assert_eq!(says(&json, &user, after(260)), (false, None));
    let on_the_day = |edge: &str| {
        let json = format!(r#""check":"exists","pick":"first",{edge}"#);
        says(&leg(&json), &Known::all(&[at(86_400), at(86_400)]), at(0))
    };
    assert_eq!(on_the_day(r#""since":"2000-01-02""#), (true, None));
    assert_eq!(on_the_day(r#""until":"2000-01-02""#), (false, None));
    assert_eq!(
        on_the_day(r#""until":"2000-01-02T00:00:00.000001Z""#),
        (true, None)
    );
    assert_eq!(
        on_the_day(r#""since":"2000-01-02T00:00:00.000001Z""#),
        (false, None)
    );
}

/// Whoever looks back from now is told where what was read does not suffice.
#[test]
fn looking_back_may_need_more() {
    let back = |json: &str, user: &Known, from: i64, to: i64| {
        parse(json).last_flip(user, at(from), at(to))
    };
    let unread = Err(Unread { true_since: None });
    let times = [at(100), at(50), at(10)];
    let once = leg(&format!(
        r#""check":"exists","within":"30 seconds",{OVER_50}"#
    ));
    // Read was up to the last one that is over.
    let read = Known::read(&times, 2);
    assert_eq!(back(&once, &read, 80, 200), Ok(Some(after(130))));
    assert_eq!(back(&once, &read, 0, 200), Ok(Some(after(130))));
    let thrice = once.replace(
        r#""check":"exists""#,
        r#""check":"count","operator":"gte","value":3"#,
    );
    assert_eq!(back(&thrice, &read, 81, 200), Ok(None));
    // Another one of the same instant, which was not read, would have been in the window then.
    assert_eq!(back(&thrice, &read, 80, 200), unread);
    // What was yet to come then was inside, and the first of the three left first.
    let flip = Ok(Some(after(40)));
    assert_eq!(back(&thrice, &Known::all(&times), 0, 200), flip);

    let between = leg(&BETWEEN.replace(r#""check""#, &format!("{OVER_50},\"check\"")));
    assert_eq!(back(&between, &read, 110, 200), unread);
    assert_eq!(back(&between, &read, 111, 200), Ok(Some(after(160))));
    let old = leg(r#""check":"count","operator":"gte","value":2,"olderThan":"30 seconds""#);
    assert_eq!(back(&old, &read, 80, 200), unread);
    assert_eq!(back(&old, &read, 131, 200), Ok(None));
}

#[test]
fn what_nobody_can_match() {
    let count = |operator: &str, n: u64, range: &str| {
        leg(&format!(
            r#""check":"count","operator":"{operator}","value":{n}{range}"#
        ))
    };
    let wide = r#","within":"60 days","olderThan":"10 days""#;
    let narrow = r#","within":"50 days","olderThan":"20 days""#;
    let never = |one: String, other: String| parse(&all("and", &[&one, &other])).never().is_some();
    assert!(never(count("gte", 3, narrow), count("lt", 3, wide)));
    assert!(!never(count("gte", 3, wide), count("lt", 3, narrow)));
    assert!(!never(count("gte", 2, narrow), count("lt", 3, wide)));
    assert!(never(
        count("gte", 3, narrow),
        count("lt", 3, r#","within":"60 days""#)
    ));
    assert!(!never(
        count("gte", 3, r#","within":"50 days""#),
        count("lt", 3, wide)
    ));
    assert!(never(count("gte", 3, narrow), count("lt", 3, "")));
    assert!(never(
        count("gte", 1, r#","olderThan":"2 days""#),
        count("lt", 1, r#","olderThan":"1 day""#)
    ));
    assert!(!never(
        count("gte", 1, r#","olderThan":"1 day""#),
        count("lt", 1, r#","olderThan":"2 days""#)
    ));
    // Another filter is about others.
    assert!(!never(
        count("gte", 3, narrow),
        count("lt", 3, &format!("{wide},{OVER_50}"))
    ));
    // Who has none of those may have others, and is in scope.
    let none = leg(&format!(
        r#""check":"count","operator":"lt","value":1,{OVER_50}"#
    ));
    assert!(parse(&none).never().is_none());
    assert!(
        parse(&leg(r#""check":"count","operator":"lt","value":1"#))
            .never()
            .is_some()
    );
}

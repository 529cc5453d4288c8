//! The entry limit: it gates the announcement, never the stay.

use hogsend_core::stay::EntryLimit::{Once, OncePerPeriod, Unlimited};
use hogsend_core::stay::{Joining, Reason};

use crate::case::{Case, check, clock, data, join, span};

const CRITERIA: Reason = Reason::Criteria;

#[test]
fn the_first_join_is_always_announced() {
    check([
        ("unlimited", data(10).limit(Unlimited), join(1, true, 10)),
        ("once", data(10).limit(Once), join(1, true, 10)),
        (
            "once, by the clock",
            clock(10).limit(Once),
            join(1, true, 10),
        ),
        (
            "once a period",
            data(10).limit(OncePerPeriod(Some(span(99)))),
            join(1, true, 10),
        ),
        (
            "once a period of no length",
            data(10).limit(OncePerPeriod(None)),
            join(1, true, 10),
        ),
    ]);
}

#[test]
fn unlimited_announces_every_join() {
    check([
        ("soon", data(6).left(1, 5, CRITERIA), join(2, true, 6)),
        (
            "at the same instant",
            data(5).left(1, 5, CRITERIA),
            join(2, true, 5),
        ),
        (
            "for the hundredth time",
            data(6).left(99, 5, CRITERIA),
            join(100, true, 6),
        ),
    ]);
}

#[test]
fn once_never_announces_again_but_the_stay_is_kept() {
    check([
        (
            "soon",
            data(6).limit(Once).left(1, 5, CRITERIA),
            join(2, false, 6),
        ),
        (
            "ages later",
            data(1_000_000).limit(Once).left(1, 5, CRITERIA),
            join(2, false, 1_000_000),
        ),
        (
            "whatever ended it",
            data(6).limit(Once).left(4, 5, Reason::MaxDwell),
            join(5, false, 6),
        ),
        (
            "by the clock",
            clock(6).limit(Once).left(1, 5, CRITERIA),
            join(2, false, 6),
        ),
    ]);
}

#[test]
fn once_per_period_counts_from_the_last_leave() {
    // In at 0, out at 30: a period counted from the entry would be over 30 minutes sooner.
    let row = |now| {
        data(now)
            .limit(OncePerPeriod(Some(span(60))))
            .left(1, 30, CRITERIA)
    };
    check([
        ("at once: no", row(30), join(2, false, 30)),
        ("a period after the entry: no", row(60), join(2, false, 60)),
        ("a minute short: no", row(89), join(2, false, 89)),
        ("exactly a period: yes", row(90), join(2, true, 90)),
        ("later: yes", row(91), join(2, true, 91)),
    ]);
    let mut short = row(90);
    short.now = hogsend_core::time::Instant(short.now.0 - 1);
    assert!(matches!(
        short.decide().change,
        Some(hogsend_core::stay::Change::Join {
            announce: false,
            ..
        })
    ));
}

#[test]
fn once_per_period_counts_from_when_we_saw_the_leave() {
    // The leave is the row's left_at, whatever instant its max_dwell_at named.
    let row = |now: i64| {
        let case = data(now).limit(OncePerPeriod(Some(span(60)))).max(20);
        let mut case = case.left(1, 50, Reason::MaxDwell);
        case.policy.max_dwell = None;
        case
    };
    check([
        (
            "a period after max_dwell_at: no",
            row(80),
            join(2, false, 80),
        ),
        ("a period after left_at: yes", row(110), join(2, true, 110)),
    ]);
}

#[test]
fn once_per_period_without_a_period_always_announces() {
    let row = |now| data(now).limit(OncePerPeriod(None)).left(3, 30, CRITERIA);
    check([
        ("at once", row(30), join(4, true, 30)),
        ("later", row(31), join(4, true, 31)),
    ]);
}

#[test]
fn a_period_beyond_the_calendar_never_ends() {
    let forever = hogsend_core::time::Span(i64::MAX);
    check([(
        "and does not wrap round",
        data(60)
            .limit(OncePerPeriod(Some(forever)))
            .left(1, 30, CRITERIA),
        join(2, false, 60),
    )]);
}

#[test]
fn a_silent_first_stay_counts_as_a_prior_stay() {
    // A stay does not remember whether it was announced: members since the backfill are not new.
    let first = data(5).joining(Joining::Silent).decide();
    assert_eq!(first, join(1, false, 5));
    check([
        (
            "once",
            data(60).limit(Once).left(1, 30, CRITERIA),
            join(2, false, 60),
        ),
        (
            "once a period, too soon",
            data(60)
                .limit(OncePerPeriod(Some(span(60))))
                .left(1, 30, CRITERIA),
            join(2, false, 60),
        ),
    ]);
}

#[test]
fn the_limit_bears_on_joins_only() {
    let row: Case = data(10).limit(Once).member(5).not(10);
    check([("a leave is announced", row, crate::leave(CRITERIA, 10))]);
    let second = data(10)
        .limit(Once)
        .member(5)
        .stay(|stay| stay.entry_count = 2)
        .not(10);
    assert!(matches!(
        second.decide().change,
        Some(hogsend_core::stay::Change::Leave {
            announce: true,
            entry_count: 2,
            ..
        })
    ));
    check([(
        "a silent join stays silent where the limit would allow it",
        data(10).limit(Unlimited).joining(Joining::Silent),
        join(1, false, 10),
    )]);
}

#[test]
fn a_suppressed_join_still_has_its_deadlines() {
    use crate::case::Expect;
    check([(
        "max_dwell and dwell go on",
        data(40).limit(Once).max(30).after(5).left(1, 30, CRITERIA),
        join(2, false, 40).until(70).timer(45),
    )]);
}

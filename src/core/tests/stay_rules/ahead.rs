//! A clock that was ahead: what it dated to instants that have not come.

use hogsend_core::stay::{Ended, Reason, Stay};

use crate::case::{Expect, at, check, clock, correction, join, leave, review, wait};

fn stay(entered: i64, limit: Option<i64>, left: Option<i64>) -> Stay {
    Stay {
        entry_count: 1,
        entered_at: at(entered),
        max_dwell_at: limit.map(at),
        dwell_anchor_at: None,
        dwell_counts: Vec::new(),
        ended: left.map(|left| Ended {
            left_at: at(left),
            reason: Reason::Criteria,
        }),
    }
}

#[test]
fn what_lies_in_the_future_is_put_where_it_was_found_out() {
    let redated = |mut stay: Stay| stay.redate(at(20)).then_some(stay);
    assert_eq!(redated(stay(20, Some(30), None)), None);
    assert_eq!(redated(stay(5, Some(30), Some(20))), None);
    // It may last as long as it might have.
    assert_eq!(
        redated(stay(90, Some(100), None)),
        Some(stay(20, Some(30), None))
    );
    assert_eq!(
        redated(stay(90, None, Some(95))),
        Some(stay(20, None, Some(20)))
    );
    // Before the clock was ahead it began rightly.
    assert_eq!(
        redated(stay(5, Some(35), Some(95))),
        Some(stay(5, Some(35), Some(20)))
    );
    let mut anchored = stay(90, None, None);
    anchored.dwell_anchor_at = Some(at(85));
    assert!(anchored.redate(at(20)));
    assert_eq!(anchored.dwell_anchor_at, None);
}

#[test]
fn who_was_moved_too_early_is_moved_back_and_told_of() {
    check([
        (
            "back, since now",
            correction(20).left(1, 20, Reason::Criteria),
            join(2, true, 20),
        ),
        (
            "out of what they joined too early",
            correction(20).member(20).not(20),
            leave(Reason::Criteria, 20),
        ),
        (
            "who timed out too early",
            correction(20).max(30).left(1, 20, Reason::MaxDwell),
            join(2, true, 20).until(50).timer(50),
        ),
        (
            "the clock sees that as well",
            clock(20).max(30).left(1, 20, Reason::MaxDwell),
            join(2, true, 20).until(50).timer(50),
        ),
        (
            "but not who timed out in time",
            correction(40)
                .max(30)
                .left(1, 40, Reason::MaxDwell)
                .flips(90),
            wait(90),
        ),
        (
            "and not in an ordinary review",
            review(40).max(30).left(1, 40, Reason::MaxDwell).flips(90),
            wait(90),
        ),
    ]);
}

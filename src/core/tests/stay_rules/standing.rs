//! What is not a matter of criteria: deleted contacts, deleted buckets, manual buckets.

use hogsend_core::stay::{Reason, Standing};

use crate::case::{self, Expect, check, clock, data, join, leave, wait};

#[test]
fn a_deleted_contact_is_no_member_and_no_news() {
    let gone = |case: case::Case| case.standing(Standing::Gone);
    check([
        (
            "a member leaves without a word",
            gone(data(10).member(5)),
            leave(Reason::Deleted, 10),
        ),
        (
            "min_dwell holds nobody",
            gone(data(10).min(60).member(5)),
            leave(Reason::Deleted, 10),
        ),
        (
            "it wins over max_dwell",
            gone(clock(99).max(5).member(5)),
            leave(Reason::Deleted, 99),
        ),
        (
            "nobody dwells in it",
            gone(clock(99).after(5).member(5)),
            leave(Reason::Deleted, 99),
        ),
        ("an outsider stays out", gone(data(10)), wait(None)),
        (
            "one who was here stays out",
            gone(clock(10).left(1, 5, Reason::Criteria)),
            wait(None),
        ),
    ]);
}

#[test]
fn a_deleted_bucket_is_left_and_says_so() {
    let gone = |case: case::Case| case.standing(Standing::BucketGone);
    check([
        (
            "a member leaves, announced",
            gone(data(10).member(5)),
            leave(Reason::BucketDeleted, 10),
        ),
        (
            "min_dwell holds nobody",
            gone(data(10).min(60).member(5)),
            leave(Reason::BucketDeleted, 10),
        ),
        (
            "it wins over max_dwell",
            gone(data(99).max(5).member(5)),
            leave(Reason::BucketDeleted, 99),
        ),
        ("nobody joins it", gone(data(10)), wait(None)),
    ]);
}

#[test]
fn a_manual_bucket_does_what_it_is_told() {
    let told = |case: case::Case, wanted| case.standing(Standing::Manual { wanted });
    check([
        ("add", told(data(10), Some(true)), join(1, true, 10)),
        (
            "add again later",
            told(data(10).left(3, 5, Reason::Manual), Some(true)),
            join(4, true, 10),
        ),
        (
            "add after max_dwell",
            told(data(40).max(30).left(1, 30, Reason::MaxDwell), Some(true)),
            join(2, true, 40).until(70).timer(70),
        ),
        (
            "add a member: nothing",
            told(data(10).member(5), Some(true)),
            wait(None),
        ),
        (
            "remove",
            told(data(10).member(5), Some(false)),
            leave(Reason::Manual, 10),
        ),
        (
            "remove: min_dwell is about criteria only",
            told(data(10).min(60).member(5), Some(false)),
            leave(Reason::Manual, 10),
        ),
        (
            "remove an outsider: nothing",
            told(data(10), Some(false)),
            wait(None),
        ),
        ("the clock neither adds", told(clock(10), None), wait(None)),
        ("nor removes", told(clock(10).member(5), None), wait(None)),
        (
            "but max_dwell holds",
            told(clock(35).max(30).member(5), None),
            leave(Reason::MaxDwell, 35),
        ),
        (
            "and is armed",
            told(data(6).max(30).member(5), Some(true)),
            wait(35),
        ),
        (
            "and so does dwell",
            told(clock(20).after(15).member(5), None),
            wait(None).dwell(case::after(15), 1, 20),
        ),
    ]);
}

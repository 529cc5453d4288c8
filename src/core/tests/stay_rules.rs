//! Every rule of what a stay does, by name, one row each.
//!
//! The rules are those of the specification's section 5 (and of the engine it is modelled on,
//! where the page is silent). `stay_model.rs` proves that they also add up over time.

#[path = "stay_rules/ahead.rs"]
mod ahead;
#[path = "stay_rules/case.rs"]
mod case;
#[path = "stay_rules/dwell.rs"]
mod dwell;
#[path = "stay_rules/limits.rs"]
mod limits;
#[path = "stay_rules/max_dwell.rs"]
mod max_dwell;
#[path = "stay_rules/merge.rs"]
mod merge;
#[path = "stay_rules/silence.rs"]
mod silence;
#[path = "stay_rules/standing.rs"]
mod standing;

use case::{Expect, check, clock, data, join, leave, span, wait};
use hogsend_core::stay::{HELD_RETRY, Joining, Reason};

#[test]
fn who_matches_joins() {
    check([
        ("an event makes them match", data(10), join(1, true, 10)),
        (
            "the clock makes them match",
            clock(10).since(9),
            join(1, true, 9),
        ),
        (
            "judged by when it happened, not when it came",
            data(10).since(3),
            join(1, true, 3),
        ),
        (
            "the look is armed for the flip",
            data(10).flips(50),
            join(1, true, 10).timer(50),
        ),
        (
            "the entry count goes on from all earlier stays",
            data(10).left(7, 5, Reason::Criteria),
            join(8, true, 10),
        ),
        (
            "max_dwell runs from the join",
            data(10).max(30),
            join(1, true, 10).until(40).timer(40),
        ),
        (
            "max_dwell runs from the join even where the truth is older",
            clock(10).since(2).max(30),
            join(1, true, 2).until(40).timer(40),
        ),
    ]);
}

#[test]
fn who_does_not_match_stays_out() {
    check([
        (
            "and nothing is armed without a flip",
            data(10).not(0),
            wait(None),
        ),
        (
            "and is looked at when that flips",
            data(10).not(0).flips(12),
            wait(12),
        ),
        (
            "whatever was before",
            clock(10).not(0).left(3, 5, Reason::Criteria).flips(12),
            wait(12),
        ),
    ]);
}

#[test]
fn a_member_who_matches_costs_nothing() {
    check([
        ("no change, no timer", data(10).member(5), wait(None)),
        (
            "only the flip is armed",
            data(10).member(5).flips(11),
            wait(11),
        ),
        ("by the clock too", clock(10).member(5).flips(11), wait(11)),
    ]);
}

#[test]
fn a_member_who_no_longer_matches_leaves() {
    check([
        (
            "by data",
            data(10).member(5).not(10),
            leave(Reason::Criteria, 10),
        ),
        (
            "by the clock, since the flip",
            clock(10).member(5).not(8),
            leave(Reason::Criteria, 8),
        ),
        (
            "and is looked at when they would match again",
            data(10).member(5).not(10).flips(60),
            leave(Reason::Criteria, 10).timer(60),
        ),
        (
            "and the leave carries the stay's own entry count",
            data(10).member(5).stay(|stay| stay.entry_count = 1).not(9),
            leave(Reason::Criteria, 9),
        ),
    ]);
}

#[test]
fn min_dwell_defers_a_leave_and_never_drops_it() {
    check([
        (
            "too young: look again when old enough",
            data(10).min(20).member(5).not(10),
            wait(25),
        ),
        (
            "a minute short of it, still",
            clock(24).min(20).member(5).not(10),
            wait(25),
        ),
        (
            "at that very instant they leave, as of then",
            clock(25).min(20).member(5).not(10),
            leave(Reason::Criteria, 25),
        ),
        (
            "a late clock does not move that instant",
            clock(31).min(20).member(5).not(10),
            leave(Reason::Criteria, 25),
        ),
        (
            "an old member leaves as of the flip",
            clock(40).min(20).member(5).not(38),
            leave(Reason::Criteria, 38),
        ),
        (
            "a flip to true in the meantime is for the same look",
            data(10).min(20).member(5).not(10).flips(12),
            wait(25),
        ),
        (
            "back in time: nothing to leave",
            clock(25).min(20).member(5).since(12),
            wait(None),
        ),
        (
            "a flip before the earliest leave waits for it",
            data(6).min(20).member(5).flips(8),
            wait(25),
        ),
        (
            "a flip after it does not",
            data(6).min(20).member(5).flips(26),
            wait(26),
        ),
        (
            "nor one at that instant",
            data(6).min(20).member(5).flips(25),
            wait(25),
        ),
        (
            "the join arms the same",
            data(5).min(20).flips(8),
            join(1, true, 5).timer(25),
        ),
        (
            "the join arms a later flip",
            data(5).min(20).flips(80),
            join(1, true, 5).timer(80),
        ),
    ]);
}

#[test]
fn a_silent_join_is_a_stay_like_any_other() {
    let silent = |case: case::Case| case.joining(Joining::Silent);
    check([
        ("not announced", silent(data(10)), join(1, false, 10)),
        (
            "it counts on",
            silent(data(10).left(2, 5, Reason::Criteria)),
            join(3, false, 10),
        ),
        (
            "max_dwell runs",
            silent(data(10).max(9)),
            join(1, false, 10).until(19).timer(19),
        ),
        (
            "leaves are announced",
            silent(data(10).member(5).not(10)),
            leave(Reason::Criteria, 10),
        ),
        (
            "since when, as the data tells",
            silent(data(10).since(2)),
            join(1, false, 2),
        ),
    ]);
}

#[test]
fn while_the_backfill_runs_the_clock_does_not_join() {
    let held = |case: case::Case| case.joining(Joining::Held);
    assert_eq!(HELD_RETRY, span(1), "the rows below count on it");
    check([
        ("it tries again later", held(clock(10)), wait(11)),
        (
            "even where a flip comes sooner",
            held(clock(10)).flips(10),
            wait(11),
        ),
        (
            "nobody who does not match is kept waiting",
            held(clock(10)).not(9),
            wait(None),
        ),
        (
            "leaves go on",
            held(clock(10).member(5)).not(9),
            leave(Reason::Criteria, 9),
        ),
        (
            "max_dwell goes on",
            held(clock(40).max(30).member(5)),
            leave(Reason::MaxDwell, 35),
        ),
        (
            "max_dwell leaves nobody to join again",
            held(clock(40).max(30).left(1, 30, Reason::MaxDwell)).flips(44),
            wait(44),
        ),
    ]);
}

#[test]
fn the_timer_is_the_earliest_of_all_that_may_come() {
    let busy = |case: case::Case| case.min(2).max(30).after(10).every(7);
    check([
        ("dwell every", busy(data(6)).member(5).flips(20), wait(12)),
        (
            "dwell after",
            busy(data(6)).member(5).fired(case::every(7), 2).flips(20),
            wait(15),
        ),
        ("the flip", busy(data(6)).member(5).flips(9), wait(9)),
        (
            "the earliest leave",
            busy(data(5)).member(5).flips(6),
            wait(7),
        ),
        (
            "max_dwell",
            busy(data(6))
                .member(5)
                .fired(case::after(10), 1)
                .fired(case::every(7), 5)
                .flips(40),
            wait(35),
        ),
        (
            "the join arms the same",
            busy(data(5)).flips(6),
            join(1, true, 5).until(35).timer(7),
        ),
        (
            "a join arms dwell",
            busy(data(5)).flips(60),
            join(1, true, 5).until(35).timer(12),
        ),
    ]);
}

#[test]
fn reasons_keep_their_names() {
    for name in [
        "criteria",
        "maxDwell",
        "manual",
        "bucketDeleted",
        "deleted",
        "merged",
    ] {
        assert_eq!(Reason::from_name(name).map(Reason::as_str), Some(name));
    }
    assert_eq!(Reason::from_name("Criteria"), None);
}

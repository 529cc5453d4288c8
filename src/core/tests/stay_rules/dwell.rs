//! Dwell: how long somebody has been in, said once or again and again.

use hogsend_core::stay::{DwellSchedule, Joining, Reason, Standing};
use hogsend_core::time::Span;

use crate::case::{Expect, after, at, check, clock, data, every, join, leave, wait};

#[test]
fn dwell_after_fires_once_a_stay() {
    check([
        ("not yet", clock(14).after(10).member(5), wait(15)),
        (
            "on time",
            clock(15).after(10).member(5),
            wait(None).dwell(after(10), 1, 15),
        ),
        (
            "late, as of its instant",
            clock(99).after(10).member(5),
            wait(None).dwell(after(10), 1, 15),
        ),
        (
            "never twice",
            clock(99).after(10).member(5).fired(after(10), 1),
            wait(None),
        ),
        (
            "each schedule for itself",
            clock(16).after(10).after(20).member(5),
            wait(25).dwell(after(10), 1, 15),
        ),
        (
            "two that are due together",
            clock(26).after(10).after(20).member(5),
            wait(None).dwell(after(10), 1, 15).dwell(after(20), 1, 25),
        ),
        (
            "one fired long ago does not stop the other",
            clock(26).after(10).after(20).member(5).fired(after(10), 1),
            wait(None).dwell(after(20), 1, 25),
        ),
    ]);
}

#[test]
fn dwell_every_fires_once_an_interval_with_its_true_ordinal() {
    check([
        ("not yet", clock(14).every(10).member(5), wait(15)),
        (
            "the first",
            clock(15).every(10).member(5),
            wait(25).dwell(every(10), 1, 15),
        ),
        (
            "the second",
            clock(25).every(10).member(5).fired(every(10), 1),
            wait(35).dwell(every(10), 2, 25),
        ),
        (
            "not again before it",
            clock(24).every(10).member(5).fired(every(10), 1),
            wait(25),
        ),
        (
            "what was missed comes as one, as of the last of them",
            clock(57).every(10).member(5).fired(every(10), 1),
            wait(65).dwell(every(10), 5, 55),
        ),
        (
            "missed from the start",
            clock(54).every(10).member(5),
            wait(55).dwell(every(10), 4, 45),
        ),
        (
            "beside one of the same length that fires once",
            clock(25).after(10).every(10).member(5),
            wait(35).dwell(after(10), 1, 15).dwell(every(10), 2, 25),
        ),
    ]);
}

#[test]
fn dwell_counts_from_the_anchor_where_one_is_known() {
    check([
        (
            "after",
            clock(5).after(10).member(5).anchor(-5),
            wait(None).dwell(after(10), 1, 5),
        ),
        (
            "a minute short of it",
            clock(5).after(10).member(5).anchor(-4),
            wait(6),
        ),
        (
            "every: the ordinal counts the time before anybody watched",
            clock(6).every(10).member(5).anchor(-30),
            wait(10).dwell(every(10), 3, 0),
        ),
        (
            "armed from the anchor",
            data(5).every(10).member(5).anchor(-30),
            wait(-20),
        ),
        (
            "max_dwell and min_dwell do not: they count from the entry",
            data(6).min(20).max(40).member(5).anchor(-100).flips(7),
            wait(25),
        ),
    ]);
}

#[test]
fn a_silent_join_arms_dwell_from_when_the_truth_began() {
    // The stored anchor will be the join's effective_at: a timer counted from the entry would let
    // somebody who has been there for a week wait another one.
    let silent = |now| data(now).joining(Joining::Silent);
    check([
        (
            "after",
            silent(10).since(4).after(10),
            join(1, false, 4).timer(14),
        ),
        (
            "after, long due",
            silent(90).since(4).after(10),
            join(1, false, 4).timer(14),
        ),
        (
            "every",
            silent(10).since(4).every(10),
            join(1, false, 4).timer(14),
        ),
        (
            "who was here before counts from the leave: what was before it counted then",
            silent(10).since(4).left(1, 7, Reason::Criteria).after(10),
            join(2, false, 7).timer(17),
        ),
        (
            "an announced join counts from the entry",
            data(10).since(4).after(10),
            join(1, true, 4).timer(20),
        ),
    ]);
}

#[test]
fn dwell_belongs_to_the_clock() {
    check([
        (
            "data fires none, but leaves it due",
            data(99).after(10).member(5),
            wait(15),
        ),
        (
            "nor every",
            data(99).every(10).member(5).fired(every(10), 2),
            wait(35),
        ),
        (
            "nor does a manual call",
            data(99)
                .after(10)
                .member(5)
                .standing(Standing::Manual { wanted: Some(true) }),
            wait(15),
        ),
    ]);
}

#[test]
fn who_leaves_in_a_run_does_not_dwell_in_it() {
    check([
        (
            "criteria",
            clock(15).after(10).member(5).not(15),
            leave(Reason::Criteria, 15),
        ),
        (
            "max_dwell",
            clock(15).max(10).after(10).member(5),
            leave(Reason::MaxDwell, 15),
        ),
        (
            "a late run: though the dwell fell due before the leave",
            clock(99).after(10).every(3).member(5).not(80),
            leave(Reason::Criteria, 80),
        ),
        (
            "the deleted",
            clock(15).after(10).member(5).standing(Standing::Gone),
            leave(Reason::Deleted, 15),
        ),
        (
            "whose leave is deferred is still in, and dwells",
            clock(15).min(20).after(10).member(5).not(12),
            wait(25).dwell(after(10), 1, 15),
        ),
    ]);
}

#[test]
fn a_rejoin_starts_dwell_over() {
    let again = data(40)
        .after(10)
        .every(7)
        .left(1, 30, Reason::Criteria)
        .fired(after(10), 1)
        .fired(every(7), 4)
        .anchor(-50);
    check([(
        "it is armed from the new entry",
        again,
        join(2, true, 40).timer(47),
    )]);
    // What the new stay stores is empty counts, so the first ordinal is 1 again.
    check([(
        "and counts from one",
        clock(47)
            .after(10)
            .every(7)
            .member(40)
            .stay(|stay| stay.entry_count = 2),
        wait(50).dwell(every(7), 1, 47),
    )]);
}

#[test]
fn a_join_never_dwells_in_the_same_look() {
    check([(
        "not even a silent one that is long due",
        clock(90).after(1).since(4),
        join(1, true, 4).timer(91),
    )]);
}

#[test]
fn while_the_backfill_runs_nobody_dwells() {
    let held = |now| clock(now).joining(Joining::Held);
    check([
        (
            "due, but it must wait",
            held(20).after(10).member(5),
            wait(21),
        ),
        ("not yet due", held(6).after(10).member(5), wait(15)),
        (
            "a flip is looked at in the meantime",
            held(20).after(10).member(5).flips(20),
            wait(20),
        ),
        (
            "max_dwell is looked at in the meantime",
            {
                held(20)
                    .after(10)
                    .member(5)
                    .stay(|stay| stay.max_dwell_at = Some(at(21)))
            },
            wait(21),
        ),
        (
            "fired when it is over",
            clock(21).after(10).member(5),
            wait(None).dwell(after(10), 1, 15),
        ),
    ]);
}

#[test]
fn labels_name_the_kind_and_the_milliseconds() {
    assert_eq!(after(10), "after-600000");
    assert_eq!(every(1), "every-60000");
    assert_eq!(DwellSchedule::new(true, Span(1_500)).label, "every-1");
    assert_eq!(
        DwellSchedule::new(false, Span(7 * Span::DAY.0)).label,
        "after-604800000"
    );
}

#[test]
fn the_same_schedule_twice_fires_once() {
    check([
        (
            "after",
            clock(16).after(10).after(10).member(5),
            wait(None).dwell(after(10), 1, 15),
        ),
        (
            "every, with another between",
            clock(16).every(10).after(10).every(10).member(5),
            wait(25).dwell(every(10), 1, 15).dwell(after(10), 1, 15),
        ),
    ]);
}

#[test]
fn a_schedule_of_no_length_is_survived() {
    // The definition refuses it; a division by zero here would take the whole run down.
    let case = clock(20).after(0).every(0).member(5);
    assert!(case.decide().dwells.is_empty());
}

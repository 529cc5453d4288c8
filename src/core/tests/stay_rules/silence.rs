//! Silence: what happens, and is told to nobody.

use hogsend_core::stay::{EntryLimit, Joining, Reason, Standing};

use crate::case::{Expect, after, check, clock, data, every, join, leave, wait};

#[test]
fn what_took_effect_before_the_quiet_ends_is_not_announced() {
    check([
        (
            "an entry",
            data(10).since(3).quiet_before(4),
            join(1, false, 3),
        ),
        (
            "at that very instant it is",
            data(10).since(4).quiet_before(4),
            join(1, true, 4),
        ),
        (
            "a late look at something early is silent, whenever it comes",
            clock(99).since(3).quiet_before(4),
            join(1, false, 3),
        ),
        (
            "a leave",
            data(10).not(8).member(5).quiet_before(9),
            leave(Reason::Criteria, 8).unheard(),
        ),
        (
            "a leave at that very instant",
            data(10).not(9).member(5).quiet_before(9),
            leave(Reason::Criteria, 9),
        ),
        (
            "a leave that was put off counts from when it could be",
            clock(10).not(6).min(4).member(5).quiet_before(9),
            leave(Reason::Criteria, 9),
        ),
        (
            "a stay that timed out",
            clock(50).max(15).member(5).quiet_before(21),
            leave(Reason::MaxDwell, 20).unheard(),
        ),
        (
            "the end of the bucket",
            data(10)
                .member(5)
                .standing(Standing::BucketGone)
                .quiet_before(11),
            leave(Reason::BucketDeleted, 10).unheard(),
        ),
    ]);
}

#[test]
fn a_dwell_in_the_quiet_is_recorded_as_fired() {
    check([
        (
            "once a stay: it does not come later",
            clock(99).after(10).member(5).quiet_before(16),
            wait(None).dwell(after(10), 1, 15).unheard(),
        ),
        (
            "at that very instant it is announced",
            clock(99).after(10).member(5).quiet_before(15),
            wait(None).dwell(after(10), 1, 15),
        ),
        (
            "again and again: the next one goes by its own instant",
            clock(46).every(10).member(5).quiet_before(46),
            wait(55).dwell(every(10), 4, 45).unheard(),
        ),
        (
            "who has been there for long, and whose next falls due after it",
            clock(55)
                .every(10)
                .member(5)
                .fired(every(10), 4)
                .quiet_before(46),
            wait(65).dwell(every(10), 5, 55),
        ),
    ]);
}

#[test]
fn a_muted_look_does_the_same_without_a_word() {
    check([
        (
            "an entry, whose dwell counts from now",
            data(10).since(3).muted().after(10),
            join(1, false, 3).timer(20),
        ),
        (
            "a leave",
            data(10).not(10).member(5).muted(),
            leave(Reason::Criteria, 10).unheard(),
        ),
        (
            "a dwell",
            clock(15).after(10).member(5).muted(),
            wait(None).dwell(after(10), 1, 15).unheard(),
        ),
        (
            "somebody who joins silently anyway",
            data(10).since(3).joining(Joining::Silent).muted(),
            join(1, false, 3),
        ),
    ]);
}

#[test]
fn a_silent_stay_counts() {
    check([(
        "under once, nobody was told of the first and nobody is of the second",
        data(10)
            .limit(EntryLimit::Once)
            .left(1, 5, Reason::Criteria),
        join(2, false, 10),
    )]);
}

//! What events and transitions do.

use hogsend_core::run::Policy;
use hogsend_core::run::Role::{Awaited, Exit as Ends, Start};
use hogsend_core::run::Run;
use hogsend_core::stay::EntryLimit;

use crate::case::{
    EXITED, IN_TIME, active, check, ended, now, open, sleeps, span, starts, then, waits,
};

#[test]
fn who_is_not_in_the_journey_begins() {
    let any = open(EntryLimit::Unlimited);
    let closed = Policy {
        enabled: false,
        ..any
    };
    check([
        (
            "for the first time",
            any,
            None,
            now([Start]),
            Some((starts(1), 0)),
        ),
        (
            "again",
            any,
            Some(ended(10)),
            now([Start]),
            Some((starts(4), 0)),
        ),
        (
            "by the first",
            any,
            None,
            now([Start, Start]),
            Some((starts(1), 0)),
        ),
        ("not by nothing", any, None, now([]), None),
        (
            "not by what others wait for",
            any,
            Some(ended(5)),
            now([Awaited]),
            None,
        ),
        ("not where it is closed", closed, None, now([Start]), None),
        (
            "nor where that ends it",
            any,
            None,
            now([Start, Ends]),
            None,
        ),
        ("in either order", any, None, now([Ends, Start]), None),
        (
            "an end for nobody is nothing",
            any,
            Some(ended(5)),
            now([Ends]),
            None,
        ),
        (
            "a clock that was ahead does not hold anybody back",
            any,
            Some(ended(99)),
            now([Start]),
            Some((starts(4), 0)),
        ),
        (
            "the count stays what can be stored",
            any,
            Some(Run {
                entry_count: i32::MAX,
                ..ended(5)
            }),
            now([Start]),
            Some((starts(i32::MAX), 0)),
        ),
    ]);
}

#[test]
fn the_entry_limit_gates_the_beginning() {
    let once = open(EntryLimit::Once);
    let after = |minutes| open(EntryLimit::OncePerPeriod(Some(span(minutes))));
    let begins = Some((starts(4), 0));
    check([
        ("once", once, None, now([Start]), Some((starts(1), 0))),
        ("never again", once, Some(ended(1)), now([Start]), None),
        (
            "the first in any period",
            after(60),
            None,
            now([Start]),
            Some((starts(1), 0)),
        ),
        ("too soon", after(6), Some(ended(5)), now([Start]), None),
        (
            "soon enough",
            after(5),
            Some(ended(5)),
            now([Start]),
            begins,
        ),
        (
            "no period, no limit",
            open(EntryLimit::OncePerPeriod(None)),
            Some(ended(10)),
            now([Start]),
            begins,
        ),
        (
            "who is in does not begin twice",
            after(0),
            Some(active()),
            now([Start]),
            None,
        ),
    ]);
}

#[test]
fn who_is_in_the_journey_goes_on_or_ends() {
    let any = open(EntryLimit::Unlimited);
    let closed = Policy {
        enabled: false,
        ..any
    };
    let exits = |place| Some((EXITED, place));
    check([
        ("active", any, Some(active()), now([Ends]), exits(0)),
        ("waiting", any, Some(waits(20)), now([Ends]), exits(0)),
        ("asleep", any, Some(sleeps(20)), now([Ends]), exits(0)),
        (
            "the end wins over what is waited for",
            any,
            Some(waits(20)),
            now([Awaited, Ends]),
            exits(1),
        ),
        (
            "and over a start",
            any,
            Some(active()),
            now([Ends, Start]),
            exits(0),
        ),
        (
            "the first end is the one",
            any,
            Some(active()),
            now([Start, Ends, Ends]),
            exits(1),
        ),
        (
            "what is waited for",
            any,
            Some(waits(20)),
            now([Start, Awaited, Awaited]),
            Some((IN_TIME, 1)),
        ),
        (
            "a closed entrance does not matter any more",
            closed,
            Some(waits(20)),
            now([Awaited]),
            Some((IN_TIME, 0)),
        ),
        (
            "nor to the end",
            closed,
            Some(waits(20)),
            now([Ends]),
            exits(0),
        ),
        (
            "the time is up and the clock is late",
            any,
            Some(waits(9)),
            now([Awaited]),
            Some((IN_TIME, 0)),
        ),
        (
            "who sleeps waits for nothing",
            any,
            Some(sleeps(20)),
            now([Awaited]),
            None,
        ),
        (
            "nor who is awake",
            any,
            Some(active()),
            now([Awaited]),
            None,
        ),
        (
            "a start is nothing to either",
            any,
            Some(waits(20)),
            now([Start]),
            None,
        ),
    ]);
}

#[test]
fn what_was_put_by_counts_from_when_it_came() {
    let any = open(EntryLimit::Unlimited);
    check([
        (
            "an end from before the run",
            any,
            Some(active()),
            then([(Ends, 0)]),
            None,
        ),
        (
            "one from when it began",
            any,
            Some(active()),
            then([(Ends, 1)]),
            Some((EXITED, 0)),
        ),
        (
            "an event from before the wait",
            any,
            Some(waits(20)),
            then([(Awaited, 1)]),
            None,
        ),
        (
            "one from when it was told, or later",
            any,
            Some(waits(20)),
            then([(Awaited, 1), (Awaited, 2), (Awaited, 3)]),
            Some((IN_TIME, 1)),
        ),
        (
            "a start that came while the last run was under way",
            any,
            Some(ended(5)),
            then([(Start, 4)]),
            None,
        ),
        (
            "one that came after it",
            any,
            Some(ended(5)),
            then([(Start, 4), (Start, 5)]),
            Some((starts(4), 1)),
        ),
        (
            "a start that an end followed",
            any,
            None,
            then([(Start, 4), (Ends, 6)]),
            None,
        ),
        (
            "in one and the same statement the end wins",
            any,
            None,
            then([(Ends, 4), (Start, 4)]),
            None,
        ),
        (
            "a start after the last end",
            any,
            None,
            then([(Start, 3), (Ends, 4), (Start, 5)]),
            Some((starts(1), 2)),
        ),
    ]);
}

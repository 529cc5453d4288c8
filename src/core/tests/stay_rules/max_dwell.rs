//! max_dwell: a stay ends when it is that old, and what may follow.

use hogsend_core::stay::Reason;

use crate::case::{self, Expect, at, check, clock, data, join, leave, review, wait};

#[test]
fn max_dwell_ends_a_stay_whatever_the_criteria_say() {
    check([
        (
            "still true",
            clock(35).max(30).member(5),
            leave(Reason::MaxDwell, 35),
        ),
        (
            "a minute short of it, not yet",
            clock(34).max(30).member(5),
            wait(35),
        ),
        (
            "it wins over criteria",
            clock(35).max(30).member(5).not(35),
            leave(Reason::MaxDwell, 35),
        ),
        (
            "even criteria that failed before it, when the clock is late",
            clock(40).max(30).member(5).not(33),
            leave(Reason::MaxDwell, 35),
        ),
        (
            "as of its instant, however late",
            clock(99).max(30).member(5),
            leave(Reason::MaxDwell, 35),
        ),
        (
            "data that comes first ends it too",
            data(36).max(30).member(5),
            leave(Reason::MaxDwell, 35),
        ),
        (
            "it wins over min_dwell of the same length",
            clock(35).min(30).max(30).member(5).not(20),
            leave(Reason::MaxDwell, 35),
        ),
        (
            "what was stored at the join counts, not the policy of today",
            clock(35)
                .member(5)
                .stay(|stay| stay.max_dwell_at = Some(at(30))),
            leave(Reason::MaxDwell, 30),
        ),
        (
            "while it is in force no longer policy moves it",
            clock(35).member(5).max(1).flips(90),
            wait(90),
        ),
        ("it is armed", data(6).max(30).member(5).flips(90), wait(35)),
        (
            "and so is what comes before it",
            data(6).max(30).member(5).flips(9),
            wait(9),
        ),
    ]);
}

#[test]
fn after_max_dwell_data_rejoins_and_the_clock_only_after_a_lapse() {
    let out = |case: case::Case| case.max(30).left(1, 30, Reason::MaxDwell);
    check([
        ("data", out(data(40)), join(2, true, 40).until(70).timer(70)),
        (
            "data of the time before: as of the leave, which it did not prevent",
            out(data(40)).since(3),
            join(2, true, 30).until(70).timer(70),
        ),
        (
            "data that came late: as of when it happened",
            out(data(40)).since(33),
            join(2, true, 33).until(70).timer(70),
        ),
        (
            "data after a lapse, as of the flip",
            out(data(50)).since(48).lapsed(),
            join(2, true, 48).until(80).timer(80),
        ),
        ("the clock: no", out(clock(40)), wait(None)),
        (
            "a second look at everybody: no",
            out(review(40)).flips(44),
            wait(44),
        ),
        (
            "a second look after a lapse, as of the flip",
            out(review(50)).since(48).lapsed(),
            join(2, false, 48).until(80).timer(80),
        ),
        (
            "the clock: no, but it watches for the lapse",
            out(clock(40)).flips(44),
            wait(44),
        ),
        (
            "the lapse itself",
            out(clock(44)).not(44).flips(48),
            wait(48),
        ),
        (
            "the clock after a lapse, as of the flip",
            out(clock(50)).since(48).lapsed(),
            join(2, true, 48).until(80).timer(80),
        ),
        (
            "the leave arms the flip to false",
            clock(30).max(30).member(0).flips(33),
            leave(Reason::MaxDwell, 30).timer(33),
        ),
        (
            "the leave arms the flip to true",
            clock(30).max(30).member(0).not(29).flips(33),
            leave(Reason::MaxDwell, 30).timer(33),
        ),
        (
            "a leave so late that the lapse is over is followed at once",
            clock(40).max(30).member(0).since(35).lapsed().flips(60),
            leave(Reason::MaxDwell, 30).timer(40),
        ),
        (
            "who left for another reason is not held back",
            clock(40).left(1, 30, Reason::Criteria),
            join(2, true, 40),
        ),
    ]);
}

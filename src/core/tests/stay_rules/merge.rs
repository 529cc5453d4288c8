//! Another id is the user's.

use hogsend_core::stay::{EntryLimit, Reason};

use crate::case::{Expect, after, check, identity, join, leave, span, wait};

#[test]
fn a_stay_of_the_other_id_goes_on_or_ends_without_a_word() {
    check([
        (
            "it goes on, and is not announced",
            identity(10, true).member(0),
            wait(None),
        ),
        (
            "it goes on until its own time is up",
            identity(10, true).max(30).member(0),
            wait(30),
        ),
        (
            "its dwells go on, those that have fired not again",
            identity(10, true)
                .after(5)
                .after(20)
                .member(0)
                .fired(after(5), 1),
            wait(20),
        ),
        (
            "what has not been said by now the clock says",
            identity(10, true).after(5).member(0),
            wait(5),
        ),
        (
            "the person does not belong: nobody has left",
            identity(10, true).not(3).member(0),
            leave(Reason::Merged, 10).unheard(),
        ),
        (
            "nor does min_dwell keep them",
            identity(10, true).min(60).not(3).member(0).flips(90),
            leave(Reason::Merged, 10).unheard().timer(90),
        ),
        (
            "nor was their time up",
            identity(10, true).max(5).not(3).member(0),
            leave(Reason::Merged, 10).unheard(),
        ),
        (
            "but where they belong it was",
            identity(10, true).max(5).member(0),
            leave(Reason::MaxDwell, 5),
        ),
    ]);
}

#[test]
fn a_stay_of_the_users_own_ends_aloud() {
    check([
        (
            "no longer a match",
            identity(10, false).not(10).member(0),
            leave(Reason::Criteria, 10),
        ),
        (
            "not before min_dwell",
            identity(10, false).min(60).not(10).member(0),
            wait(60),
        ),
    ]);
}

#[test]
fn who_matches_by_both_histories_joins_under_the_limit() {
    let week = EntryLimit::OncePerPeriod(Some(span(100)));
    check([
        ("for the first time", identity(10, false), join(1, true, 10)),
        (
            "again, as far as the limit lets it be said",
            identity(50, false)
                .limit(EntryLimit::Once)
                .left(2, 5, Reason::Criteria),
            join(3, false, 50),
        ),
        (
            "a stay of the other id counts",
            identity(50, false).limit(week).left(2, 5, Reason::Merged),
            join(3, false, 50),
        ),
        (
            "who timed out and has matched ever since does not come back by a name",
            identity(50, false).left(1, 5, Reason::MaxDwell),
            wait(None),
        ),
        (
            "who has not, does",
            identity(50, false).left(1, 5, Reason::MaxDwell).lapsed(),
            join(2, true, 50),
        ),
    ]);
}

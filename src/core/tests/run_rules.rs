//! Every rule of what becomes of a run, by name, one row each.
//!
//! `run_model.rs` proves that they also add up over time.

use hogsend_core::run::{
    Call, Caller, Change, Exit, Happened, Label, Labels, MOST_LABELS, Policy, Role, Run, State,
    Status, Transition, Wait, due, end, happen, tell,
};
use hogsend_core::stay::EntryLimit;
use hogsend_core::time::{Instant, Span};

fn at(minute: i64) -> Instant {
    Instant(minute * Span::MINUTE.0)
}

fn span(minutes: i64) -> Span {
    Span(minutes * Span::MINUTE.0)
}

fn open(entry_limit: EntryLimit) -> Policy {
    Policy {
        enabled: true,
        entry_limit,
    }
}

/// Begun at 1, and there since 2.
fn run(state: State) -> Run {
    Run {
        id: 7,
        entry_count: 3,
        step: 4,
        started_at: at(1),
        since: at(2),
        state,
    }
}

fn waits(until: i64) -> Run {
    run(State::Waiting(Wait {
        until: at(until),
        for_event: true,
    }))
}

fn sleeps(until: i64) -> Run {
    run(State::Waiting(Wait {
        until: at(until),
        for_event: false,
    }))
}

fn ended(minute: i64) -> Run {
    run(State::Ended {
        status: Status::Completed,
        at: at(minute),
    })
}

fn active() -> Run {
    run(State::Active)
}

/// What comes now, each in one role, in that order.
fn now<const N: usize>(roles: [Role; N]) -> Vec<Happened> {
    let came = roles.into_iter().enumerate();
    came.map(|(place, role)| Happened {
        role,
        place,
        arrived: None,
    })
    .collect()
}

/// What was put by at some minute, and comes up now.
fn then<const N: usize>(came: [(Role, i64); N]) -> Vec<Happened> {
    let came = came.into_iter().enumerate();
    came.map(|(place, (role, minute))| Happened {
        role,
        place,
        arrived: Some(at(minute)),
    })
    .collect()
}

const EXITED: Change = Change::Exit(Exit::Happening);
const IN_TIME: Change = Change::Resume {
    timed_out: Some(false),
};

fn starts(entry_count: i32) -> Change {
    Change::Start { entry_count }
}

/// Checks a table of what happens at minute 10.
fn check<const N: usize>(
    rows: [(
        &str,
        Policy,
        Option<Run>,
        Vec<Happened>,
        Option<(Change, usize)>,
    ); N],
) {
    for (name, policy, latest, happened, expected) in rows {
        let found = happen(&policy, latest.as_ref(), &happened, at(10));
        assert_eq!(found, expected, "{name}");
    }
}

use Role::{Awaited, Exit as Ends, Start};

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

#[test]
fn the_clock_ends_a_wait_whose_time_has_come() {
    let resumes = |timed_out| Some(Change::Resume { timed_out });
    for (name, run, expected) in [
        ("a wait", waits(10), resumes(Some(true))),
        ("a sleep", sleeps(9), resumes(None)),
        ("not before", waits(11), None),
        ("not who is awake", active(), None),
        ("not what has ended", ended(5), None),
    ] {
        assert_eq!(due(&run, at(10)), expected, "{name}");
    }
}

#[test]
fn a_runner_tells_a_live_run_where_to_go_on() {
    let until = at(15);
    let waits_until = |for_event| Change::Wait { until, for_event };
    let all = [
        (Call::Sleep { until }, waits_until(false)),
        (Call::WaitFor { until }, waits_until(true)),
        (Call::Checkpoint, Change::Checkpoint),
        (Call::Complete, Change::Complete),
        (Call::Fail, Change::Fail),
    ];
    let last = Caller::Answers { is_last: true };
    let older = Caller::Answers { is_last: false };
    for (call, change) in all {
        for (name, run, caller, may) in [
            ("anybody", active(), Caller::Anybody, true),
            ("anybody, anew", waits(20), Caller::Anybody, true),
            ("anybody, too late", ended(5), Caller::Anybody, false),
            ("the answer", active(), last, true),
            ("the answer to an older step", active(), older, false),
            ("a second answer", waits(20), last, false),
            ("a second answer after a sleep", sleeps(20), last, false),
            ("a late answer", waits(20), older, false),
            ("an answer after the end", ended(5), last, false),
        ] {
            let expected = may.then_some(change);
            assert_eq!(tell(&run, call, caller), expected, "{name}: {call:?}");
        }
    }
}

#[test]
fn what_ends_a_run_from_outside_ends_no_other() {
    for exit in [Exit::JourneyDeleted, Exit::ContactDeleted, Exit::Merged] {
        for run in [active(), waits(20), sleeps(20)] {
            assert_eq!(end(&run, exit), Some(Change::Exit(exit)));
        }
        assert_eq!(end(&ended(5), exit), None);
    }
    let reasons = [Exit::JourneyDeleted, Exit::ContactDeleted, Exit::Merged].map(Exit::reason);
    let expected = ["journeyDeleted", "deleted", "merged"].map(Some);
    assert_eq!(reasons, expected);
    assert_eq!(Exit::Happening.reason(), None);
}

#[test]
fn a_change_makes_the_next_state() {
    let is = |status, step, since: i64| (status, step, at(since));
    let until = at(15);
    for (run, change, expected) in [
        (waits(20), IN_TIME, is(Status::Active, 5, 10)),
        (active(), EXITED, is(Status::Exited, 5, 10)),
        (
            active(),
            Change::Exit(Exit::JourneyDeleted),
            is(Status::Exited, 5, 10),
        ),
        (
            waits(20),
            Change::Exit(Exit::ContactDeleted),
            is(Status::Exited, 4, 10),
        ),
        (
            waits(20),
            Change::Exit(Exit::Merged),
            is(Status::Exited, 4, 10),
        ),
        (
            waits(20),
            Change::Wait {
                until,
                for_event: false,
            },
            is(Status::Waiting, 4, 10),
        ),
        (active(), Change::Complete, is(Status::Completed, 4, 10)),
        (active(), Change::Fail, is(Status::Failed, 4, 10)),
        (active(), Change::Checkpoint, is(Status::Active, 4, 10)),
        // It still waits since when it was told to.
        (waits(20), Change::Checkpoint, is(Status::Waiting, 4, 2)),
    ] {
        let after = run.after(change, at(10));
        assert_eq!((after.status(), after.step, after.since), expected);
        assert_eq!(after.is_live(), after.ended_at().is_none());
        assert_eq!(after.ended_at().unwrap_or(at(10)), at(10));
        let timer = match change {
            Change::Wait { until, .. } => Some(until),
            Change::Checkpoint => run.timer(),
            _ => None,
        };
        assert_eq!(after.timer(), timer, "{change:?}");
        assert_eq!(
            (after.id, after.entry_count, after.started_at),
            (run.id, run.entry_count, run.started_at)
        );
    }
    let begun = Run::started(9, 2, at(10));
    assert_eq!((begun.status(), begun.step), (Status::Active, 1));
    assert_eq!((begun.started_at, begun.since), (at(10), at(10)));
}

#[test]
fn the_outbox_says_what_the_runner_cannot_know() {
    let until = at(15);
    let for_event = true;
    for (change, transition) in [
        (starts(1), Some(Transition::Started)),
        (IN_TIME, Some(Transition::Resumed)),
        (EXITED, Some(Transition::Exited)),
        (Change::Exit(Exit::JourneyDeleted), Some(Transition::Exited)),
        (Change::Exit(Exit::ContactDeleted), None),
        (Change::Exit(Exit::Merged), None),
        (Change::Wait { until, for_event }, None),
        (Change::Checkpoint, None),
        (Change::Complete, None),
        (Change::Fail, None),
    ] {
        assert_eq!(change.transition(), transition, "{change:?}");
    }
    let names =
        [Transition::Started, Transition::Resumed, Transition::Exited].map(Transition::as_str);
    assert_eq!(names, ["started", "resumed", "exited"]);
}

#[test]
fn a_clock_that_was_ahead_is_put_right() {
    let mut run = waits(20);
    assert!(!run.redate(at(2)));
    assert_eq!(run, waits(20));
    // Told at 2 to wait for 18 minutes, and it is 0.
    assert!(run.redate(at(0)));
    assert_eq!((run.started_at, run.since), (at(0), at(0)));
    assert_eq!(run.timer(), Some(at(18)));
    let mut run = ended(8);
    assert!(run.redate(at(5)));
    assert_eq!((run.since, run.ended_at()), (at(2), Some(at(5))));
    let mut run = active();
    assert!(run.redate(at(1)));
    assert_eq!((run.started_at, run.since), (at(1), at(1)));
}

#[test]
fn states_keep_their_names() {
    for name in ["active", "waiting", "completed", "failed", "exited"] {
        assert_eq!(Status::from_name(name).map(Status::as_str), Some(name));
    }
    assert_eq!(Status::from_name("Active"), None);
    assert_eq!(Status::from_name(""), None);
}

#[test]
fn labels_say_how_the_run_went() {
    let until = at(15);
    let wait = Change::Wait {
        until,
        for_event: true,
    };
    let timed_out = Change::Resume {
        timed_out: Some(true),
    };
    let mut labels = Labels::started();
    assert_eq!(labels.text(), r#"{"":{"reached":1}}"#);
    labels.note(wait, "", Some("mail"), Span(1_500_000));
    assert_eq!(
        labels.text(),
        r#"{"":{"reached":1,"seconds":1.5},"mail":{"reached":1}}"#
    );
    labels.note(timed_out, "mail", None, span(2));
    // What the runner takes after the wait is not the wait.
    labels.note(wait, "mail", Some("mail"), span(9));
    let expected = Label {
        reached: 2,
        timed_out: 1,
        ..Label::default()
    };
    assert_eq!(labels.get("mail"), Some(&expected));
    labels.note(EXITED, "mail", None, span(1));
    let expected = Label {
        exited: 1,
        seconds: Some(60.0),
        ..expected
    };
    assert_eq!(labels.get("mail"), Some(&expected));
    assert_eq!(Labels::parse(&labels.text()), labels);
    // A clock that went back does not make it a negative time.
    labels.note(Change::Complete, "other", None, Span(-1));
    assert_eq!(labels.get("other").and_then(|l| l.seconds), Some(0.0));
}

#[test]
fn labels_are_read_whatever_is_there_and_do_not_grow_for_ever() {
    for text in ["", "null", "[]", r#"{"a":1}"#, r#"{"a":{"reached":"x"}}"#] {
        let mut labels = Labels::parse(text);
        labels.reach("a");
        assert_eq!(labels.get("a").map(|l| l.reached), Some(1), "{text}");
    }
    // What somebody has added to a label does not hurt.
    let labels = Labels::parse(r#"{"a":{"reached":2,"colour":"red"}}"#);
    assert_eq!(labels.get("a").map(|l| l.reached), Some(2));
    let mut labels = Labels::started();
    for n in 0..2 * MOST_LABELS {
        labels.reach(&format!("label {n}"));
    }
    assert_eq!(labels.iter().count(), MOST_LABELS);
    labels.reach("label 0");
    assert_eq!(labels.get("label 0").map(|l| l.reached), Some(2));
}

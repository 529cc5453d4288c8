//! Every rule of what becomes of a run, by name, one row each.
//!
//! `run_model.rs` proves that they also add up over time.

#[path = "run_rules/case.rs"]
mod case;
#[path = "run_rules/happened.rs"]
mod happened;
#[path = "run_rules/labels.rs"]
mod labels;

use case::{EXITED, IN_TIME, active, at, ended, sleeps, starts, waits};
use hogsend_core::run::{Call, Caller, Change, Exit, Run, Status, Transition, due, end, tell};

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

//! A short way to say "this run, and this happens", so that a rule fits on a line.

use hogsend_core::run::{Change, Exit, Happened, Policy, Role, Run, State, Status, Wait, happen};
use hogsend_core::stay::EntryLimit;
use hogsend_core::time::{Instant, Span};

pub fn at(minute: i64) -> Instant {
    Instant(minute * Span::MINUTE.0)
}

pub fn span(minutes: i64) -> Span {
    Span(minutes * Span::MINUTE.0)
}

pub fn open(entry_limit: EntryLimit) -> Policy {
    Policy {
        enabled: true,
        entry_limit,
    }
}

/// Begun at 1, and there since 2.
pub fn run(state: State) -> Run {
    Run {
        id: 7,
        entry_count: 3,
        step: 4,
        started_at: at(1),
        since: at(2),
        state,
    }
}

pub fn waits(until: i64) -> Run {
    run(State::Waiting(Wait {
        until: at(until),
        for_event: true,
    }))
}

pub fn sleeps(until: i64) -> Run {
    run(State::Waiting(Wait {
        until: at(until),
        for_event: false,
    }))
}

pub fn ended(minute: i64) -> Run {
    run(State::Ended {
        status: Status::Completed,
        at: at(minute),
    })
}

pub fn active() -> Run {
    run(State::Active)
}

/// What comes now, each in one role, in that order.
pub fn now<const N: usize>(roles: [Role; N]) -> Vec<Happened> {
    let came = roles.into_iter().enumerate();
    came.map(|(place, role)| Happened {
        role,
        place,
        arrived: None,
    })
    .collect()
}

/// What was put by at some minute, and comes up now.
pub fn then<const N: usize>(came: [(Role, i64); N]) -> Vec<Happened> {
    let came = came.into_iter().enumerate();
    came.map(|(place, (role, minute))| Happened {
        role,
        place,
        arrived: Some(at(minute)),
    })
    .collect()
}

pub const EXITED: Change = Change::Exit(Exit::Happening);
pub const IN_TIME: Change = Change::Resume {
    timed_out: Some(false),
};

pub fn starts(entry_count: i32) -> Change {
    Change::Start { entry_count }
}

/// A rule's name, the journey, the user's latest run, what happens, and what becomes of it by which.
pub type Row = (
    &'static str,
    Policy,
    Option<Run>,
    Vec<Happened>,
    Option<(Change, usize)>,
);

/// Checks a table of what happens at minute 10.
pub fn check<const N: usize>(rows: [Row; N]) {
    for (name, policy, latest, happened, expected) in rows {
        let found = happen(&policy, latest.as_ref(), &happened, at(10));
        assert_eq!(found, expected, "{name}");
    }
}

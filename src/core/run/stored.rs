//! A run as it is stored, and what a change makes of it.

use super::Change;
use crate::time::Instant;

/// A run of a user through a journey, as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub id: i64,
    /// 1 for the user's first run of the journey.
    pub entry_count: i32,
    /// The ordinal of its last outbox row: 1 for `started`.
    pub step: i64,
    pub started_at: Instant,
    /// Since when it waits, or is where it is.
    pub since: Instant,
    pub state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its runner has the next word.
    Active,
    Waiting(Wait),
    Ended {
        status: Status,
        at: Instant,
    },
}

/// What a run waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    pub until: Instant,
    /// An event may come first; otherwise it sleeps.
    pub for_event: bool,
}

/// The name of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    Active,
    Waiting,
    Completed,
    Failed,
    Exited,
}

impl Status {
    const ALL: [Status; 5] = [
        Status::Active,
        Status::Waiting,
        Status::Completed,
        Status::Failed,
        Status::Exited,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Waiting => "waiting",
            Status::Completed => "completed",
            Status::Failed => "failed",
            Status::Exited => "exited",
        }
    }

    pub fn from_name(name: &str) -> Option<Status> {
        Status::ALL
            .into_iter()
            .find(|status| status.as_str() == name)
    }

    /// Whether a run may still go on.
    pub fn is_live(self) -> bool {
        matches!(self, Status::Active | Status::Waiting)
    }
}

impl Run {
    /// The run that begins now.
    pub fn started(id: i64, entry_count: i32, now: Instant) -> Run {
        Run {
            id,
            entry_count,
            step: 1,
            started_at: now,
            since: now,
            state: State::Active,
        }
    }

    pub fn status(&self) -> Status {
        match self.state {
            State::Active => Status::Active,
            State::Waiting(_) => Status::Waiting,
            State::Ended { status, .. } => status,
        }
    }

    /// Whether it may still go on.
    pub fn is_live(&self) -> bool {
        self.status().is_live()
    }

    pub fn ended_at(&self) -> Option<Instant> {
        match self.state {
            State::Ended { at, .. } => Some(at),
            _ => None,
        }
    }

    /// When the clock must look at it at the latest; `None`: never.
    pub fn timer(&self) -> Option<Instant> {
        match self.state {
            State::Waiting(wait) => Some(wait.until),
            _ => None,
        }
    }

    /// This run after a change other than a start, which makes a new one.
    pub fn after(self, change: Change, now: Instant) -> Run {
        let ended = |status| State::Ended { status, at: now };
        let state = match change {
            Change::Start { .. } | Change::Resume { .. } => State::Active,
            Change::Exit(_) => ended(Status::Exited),
            Change::Wait { until, for_event } => State::Waiting(Wait { until, for_event }),
            Change::Checkpoint => self.state,
            Change::Complete => ended(Status::Completed),
            Change::Fail => ended(Status::Failed),
        };
        // Since when it waits decides which events are too old to end the wait, and a word about
        // where it is does not change that.
        let goes_on_waiting =
            change == Change::Checkpoint && matches!(self.state, State::Waiting(_));
        Run {
            step: self.step + i64::from(change.transition().is_some()),
            since: if goes_on_waiting { self.since } else { now },
            state,
            ..self
        }
    }

    /// Puts what a clock that was ahead has dated to instants that have not come where it was found
    /// out: at `now`. What it waits for counts from there, too. Says whether there was any.
    ///
    /// That holds for a run that sleeps until an instant as well as for one that sleeps for a time: an
    /// instant that was meant by the right clock had passed by the one that was ahead.
    pub fn redate(&mut self, now: Instant) -> bool {
        let was = *self;
        if let State::Waiting(wait) = &mut self.state
            && self.since > now
        {
            wait.until = wait.until.minus(self.since.since(now));
        }
        if let State::Ended { at, .. } = &mut self.state {
            *at = (*at).min(now);
        }
        self.started_at = self.started_at.min(now);
        self.since = self.since.min(now);
        *self != was
    }
}

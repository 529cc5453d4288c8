//! Where one user is in one journey: a run begins, waits, goes on and ends.
//!
//! The steps of a journey are somebody else's program, the *runner*. What is decided here is what may
//! follow what: [`happen`] says what events and transitions do to a run, [`due`] what the clock does,
//! [`tell`] what the runner may do, [`end`] what ends a run from outside. Nobody else decides about
//! a run, and a run that has ended stays ended.

mod happened;
mod labels;
mod merge;
mod stored;
mod told;

use crate::stay::EntryLimit;
use crate::time::{Instant, Span};

pub use happened::{Happened, Role, happen};
pub use labels::{Label, Labels, MOST_LABELS, Outcome};
pub use merge::{Merged, Placed, merge};
pub use stored::{Run, State, Status, Wait};
pub use told::{Call, Caller, tell};

/// A label may have so many bytes.
pub const LONGEST_LABEL: usize = 200;

/// A run may wait so long: ten years.
pub const LONGEST_WAIT: Span = Span(3_653 * Span::DAY.0);

/// The rules of a journey that are about whom it takes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Unless it is, nobody begins; who is under way goes on.
    pub enabled: bool,
    /// Gate on the beginning itself: what it does not let in is not recorded either.
    pub entry_limit: EntryLimit,
}

/// Why a run ends that its runner has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// An event or a transition that the journey names; its name is the reason.
    Happening,
    JourneyDeleted,
    /// The contact was deleted. Never announced.
    ContactDeleted,
    /// The person has an older run of the journey under another id. Never announced.
    Merged,
}

impl Exit {
    /// The reason as it is stored; `None`: the name of what happened.
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Exit::Happening => None,
            Exit::JourneyDeleted => Some("journeyDeleted"),
            Exit::ContactDeleted => Some("deleted"),
            Exit::Merged => Some("merged"),
        }
    }
}

/// What becomes of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// There is a new one.
    Start { entry_count: i32 },
    /// It waits no longer, and its runner is to go on. `timed_out` is `None` after a sleep.
    Resume { timed_out: Option<bool> },
    /// It ends, whatever its runner had in mind.
    Exit(Exit),
    /// The runner wants it to wait. `for_event`: for an event, `until` at the latest; else it sleeps.
    Wait { until: Instant, for_event: bool },
    /// The runner says how far it has come.
    Checkpoint,
    /// The runner has come to the end.
    Complete,
    /// The runner gives up.
    Fail,
}

/// What the outbox says of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    Started,
    Resumed,
    Exited,
}

impl Transition {
    pub fn as_str(self) -> &'static str {
        match self {
            Transition::Started => "started",
            Transition::Resumed => "resumed",
            Transition::Exited => "exited",
        }
    }
}

impl Change {
    /// The row that it puts into the outbox, if any: what the runner did itself it need not be told.
    pub fn transition(self) -> Option<Transition> {
        match self {
            Change::Start { .. } => Some(Transition::Started),
            Change::Resume { .. } => Some(Transition::Resumed),
            Change::Exit(Exit::Happening | Exit::JourneyDeleted) => Some(Transition::Exited),
            Change::Exit(Exit::ContactDeleted | Exit::Merged)
            | Change::Wait { .. }
            | Change::Checkpoint
            | Change::Complete
            | Change::Fail => None,
        }
    }
}

/// What the clock does: it ends a wait whose time has come.
pub fn due(run: &Run, now: Instant) -> Option<Change> {
    match run.state {
        State::Waiting(wait) if wait.until <= now => Some(Change::Resume {
            timed_out: wait.for_event.then_some(true),
        }),
        _ => None,
    }
}

/// What ends a run from outside, if it has not ended: the contact's deletion, or the journey's.
pub fn end(run: &Run, exit: Exit) -> Option<Change> {
    run.is_live().then_some(Change::Exit(exit))
}

//! What a runner may do to a run.

use super::{Change, Run, State};
use crate::time::Instant;

/// What a runner says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Sleep { until: Instant },
    WaitFor { until: Instant },
    Checkpoint,
    Complete,
    Fail,
}

/// Who says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Somebody who names no step.
    Anybody,
    /// A worker that answers a step; `is_last`: the run has had none since.
    Answers { is_last: bool },
}

/// Decides what becomes of a run by what its runner says; `None`: nothing, the run is no longer live, or
/// somebody else has answered that step.
///
/// A step is answered once: by the first call that lets the run wait, or ends it. A worker that is late with
/// the same step cannot let it wait anew; who names none can.
pub fn tell(run: &Run, call: Call, caller: Caller) -> Option<Change> {
    let may = match (run.state, caller) {
        (State::Ended { .. }, _) => false,
        (_, Caller::Anybody) => true,
        (State::Active, Caller::Answers { is_last }) => is_last,
        (State::Waiting(_), Caller::Answers { .. }) => false,
    };
    may.then_some(match call {
        Call::Sleep { until } => Change::Wait {
            until,
            for_event: false,
        },
        Call::WaitFor { until } => Change::Wait {
            until,
            for_event: true,
        },
        Call::Checkpoint => Change::Checkpoint,
        Call::Complete => Change::Complete,
        Call::Fail => Change::Fail,
    })
}

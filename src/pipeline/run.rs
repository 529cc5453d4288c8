//! The kinds of runs: why users are looked at, and what a look may do. They stand side by side, so that
//! it can be seen in what they differ; whoever adds a writer adds its run here.
//!
//! | run | users are looked at because | stays begin and end at | joins are | source |
//! |---|---|---|---|---|
//! | [`ARRIVAL`] | they did something; who has no contact gets one | the event | announced | event |
//! | [`DATA`] | events or contacts changed | the event | announced | event |
//! | [`MANUAL`] | somebody adds or removes them | now | announced | manual |
//! | [`MERGE`] | another id is theirs | now | announced | event |
//! | [`CLOCK`] | a timer is due | the flip | announced | reconcile |
//! | [`QUEUED`] | what was put off is their turn | the event | announced | reconcile |
//! | [`REQUERY`] | a query was asked again | the refresh | announced | reconcile |
//! | [`FILL`] | a job: the bucket has other criteria, or is new | the event | silent | backfill |
//! | [`REVIEW`] | a job: the same criteria, after nobody looked for a while | the event | silent | backfill |
//! | [`CORRECTION`] | a job: the system's clock was ahead | now | announced | backfill |
//! | [`TRIAL`] | a preview asks what [`FILL`] would do, and writes nothing | | | |
//! | [`AUDIT`] | verify asks what [`CLOCK`] would do, and writes nothing | | | |

use hogsend_core::stay::{Cause, Joining};

/// What a run is about.
#[derive(Clone, Copy)]
pub struct Run {
    /// `event`, `reconcile`, `backfill` or `manual`: recorded with stays and transitions.
    pub source: &'static str,
    /// Decides from when on things are taken to have been so.
    pub cause: Cause,
    pub joining: Joining,
    /// Users without a contact get one, because they did something; otherwise they belong nowhere.
    pub creates_contacts: bool,
    /// Nothing is announced, whatever happens to whomever.
    pub muted: bool,
}

pub const DATA: Run = Run {
    source: "event",
    cause: Cause::Data,
    joining: Joining::Announced,
    creates_contacts: false,
    muted: false,
};

pub const ARRIVAL: Run = Run {
    creates_contacts: true,
    ..DATA
};

/// Contacts are made before, because the bucket is to be theirs whatever they did.
pub const MANUAL: Run = Run {
    source: "manual",
    ..DATA
};

/// Stays that the other id began go on, or end, without a word.
pub const MERGE: Run = Run {
    cause: Cause::Merge { carried: false },
    ..DATA
};

pub const CLOCK: Run = Run {
    source: "reconcile",
    cause: Cause::Clock,
    ..DATA
};

pub const QUEUED: Run = Run {
    cause: Cause::Data,
    ..CLOCK
};

/// The passing of time has changed what the query returns, as far as anybody knows.
pub const REQUERY: Run = CLOCK;

pub const FILL: Run = Run {
    source: "backfill",
    joining: Joining::Silent,
    ..DATA
};

/// Nobody knows since when those have matched who match.
pub const REVIEW: Run = Run {
    cause: Cause::Review,
    ..FILL
};

/// Who is back in a bucket that a later instant took them out of is announced, as the leave was.
pub const CORRECTION: Run = Run {
    cause: Cause::Correction,
    joining: Joining::Announced,
    ..FILL
};

/// Nobody asks since when those have matched who would join.
pub const TRIAL: Run = Run {
    joining: Joining::Announced,
    ..FILL
};

/// What the clock would change now, where no timer is due, is wrong.
pub const AUDIT: Run = CLOCK;

impl Run {
    /// The same, without a word about anybody if so.
    pub fn muted(self, muted: bool) -> Run {
        Run { muted, ..self }
    }

    /// The same, before it has been asked since when those have matched who would join.
    pub fn undated(self) -> Run {
        Run {
            joining: Joining::Announced,
            ..self
        }
    }
}

//! Runs of journeys: what begins, resumes and ends them.
//!
//! What becomes of a run is decided in the core (`hogsend_core::run`). Whoever writes stays comes by here with
//! what it announces ([`happened`]), in the same statement and under the same locks.

mod awaited;
mod calls;
mod due;
mod filters;
mod given;
mod happened;
mod journey_gone;
mod outcome;

pub use due::due;
pub use happened::{Happening, What, happened};
pub use journey_gone::journeys_gone;
pub use outcome::bury;

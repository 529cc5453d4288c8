//! Reads and writes of our tables, each for a whole set of users at once. Statements stand elsewhere
//! only where they are about one thing alone: the rows that a trigger was handed (`ingest`, `define`),
//! an erasure, what explain shows.
//!
//! Nothing here decides anything. Memberships and timers of a user are written only while the
//! user's contact row is locked (see [`contacts`]), which is what makes them consistent.

pub mod aliases;
mod by_size;
pub mod candidates;
pub mod contacts;
pub mod corrections;
pub mod definitions;
pub mod events;
pub mod facts;
pub mod feeds;
pub mod jobs;
pub mod journeys;
pub mod merges;
pub mod namesakes;
pub mod own;
pub mod queue;
pub mod reconciled;
pub mod refreshes;
pub mod remembered;
pub mod retention;
pub mod runs;
pub mod seen_contacts;
pub mod stays;
pub mod steps;
pub mod timers;
pub mod totals;
pub mod transitions;
pub mod writes;
pub mod zones;

/// One column of many rows, as an argument of a statement.
fn column<'r, R, C>(rows: &'r [R], of: impl Fn(&'r R) -> C) -> Vec<C> {
    rows.iter().map(of).collect()
}

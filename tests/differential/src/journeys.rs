//! The same for runs of journeys: histories of what starts, resumes and exits them, of what runners say of them, and
//! of what is done to journeys and users, against the diary of `hogsend_model`.
//!
//! They have two buckets of their own, whose transitions are plain enough to be told here once more: one that is kept
//! by hand, and those who did `c` within three hours. So the other histories, which have all kinds of buckets, need
//! not know of journeys.

pub mod compare;
pub mod generate;
pub mod history;
pub mod model;
pub mod play;
mod sql;

use crate::instant::HOUR;

pub const USERS: [&str; 3] = ["u1", "Ü 'n", "%4"];
pub const JOURNEYS: [&str; 2] = ["j", "K-2.l"];
/// The bucket that is kept by hand, and the one of those who did [`FRESH_EVENT`] within [`WINDOW`].
pub const HAND: &str = "hand";
pub const FRESH: &str = "fresh";
pub const FRESH_EVENT: &str = "c";
pub const WINDOW: i64 = 3 * HOUR;
/// What happens.
pub const EVENTS: [&str; 4] = ["a", "b", "c", "d"];
/// What journeys and runs may name.
pub const NAMES: [&str; 8] = [
    "a",
    "b",
    "c",
    "d",
    "bucket:entered:hand",
    "bucket:left:hand",
    "bucket:entered:fresh",
    "bucket:left:fresh",
];

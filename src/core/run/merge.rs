//! Two ids that are one person: what becomes of the runs that each had of a journey.
//!
//! All runs go into one history. The one that goes on, or else the one that ended last, stands last in it,
//! because what may begin depends on it. Of several that are under way the oldest goes on.

use super::Run;
use crate::time::Instant;

/// What becomes of the runs that one id had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// By how much the entry counts grow of all its runs but the latest.
    pub behind: i32,
    /// The entry count of the latest.
    pub entry_count: i32,
    /// The latest is live, and ends: the person has an older one, or is nobody to have any.
    pub ends: bool,
}

/// What becomes of the runs that several ids had of a journey.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// For each id.
    pub placed: Vec<Placed>,
    /// The id whose run goes on as the person's, if any does.
    pub live: Option<usize>,
}

/// Merges the histories of ids, of each of which this is the latest run: first that of the user, if the user
/// has ever had one, then those of the other ids, in the order in which they were named. `is_live`: there is
/// a contact to have a run.
pub fn merge<'a>(latest: impl IntoIterator<Item = &'a Run>, is_live: bool) -> Merged {
    let latest: Vec<&Run> = latest.into_iter().collect();
    let live = (0..latest.len()).filter(|&place| latest[place].is_live());
    let oldest = live.min_by_key(|&place| (latest[place].started_at, latest[place].id));
    let ended = |&place: &usize| latest[place].ended_at().unwrap_or(Instant::NEG_INFINITY);
    let last = oldest.or_else(|| (0..latest.len()).max_by_key(ended));
    let all = latest.iter().map(|run| run.entry_count);
    let all = all.fold(0, i32::saturating_add);
    let mut before: i32 = 0;
    let mut placed = Vec::with_capacity(latest.len());
    for (place, run) in latest.iter().enumerate() {
        let behind = before;
        let is_last = last == Some(place);
        before = before.saturating_add(run.entry_count - i32::from(is_last));
        placed.push(Placed {
            behind,
            entry_count: if is_last { all } else { before },
            ends: run.is_live() && !(is_last && is_live),
        });
    }
    Merged {
        placed,
        live: oldest.filter(|_| is_live),
    }
}

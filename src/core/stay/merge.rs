//! Two ids that are one person: what becomes of the stays that each had in a bucket.
//!
//! All stays go into one history, and the latest of all stands last in it: who is in now, or else how the last
//! stay ended, is what every rule asks for. Entry counts are given anew only where that takes it, and none
//! is ever given to a stay that is still to be announced that was announced with another one before.

use super::Stay;
use crate::time::Instant;

/// What becomes of the stays that one id had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// By how much the entry counts grow of all its stays but the latest.
    pub behind: i32,
    /// The entry count of the latest.
    pub entry_count: i32,
    /// The latest is active, and ends: the person is in by another stay, or is nobody to be in.
    pub ends: bool,
}

/// What becomes of the stays that several ids had in a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// For each id.
    pub placed: Vec<Placed>,
    /// The id whose active stay is the person's now, if there is any.
    pub member: Option<usize>,
}

/// Merges the histories of ids, of each of which this is the latest stay: first that of the user, if the user
/// has ever been in the bucket, then those of the other ids, in the order in which they were named. `is_live`:
/// there is a contact to be a member.
///
/// The stays of an id go behind those of the ids before it. If the person is in already, or left it later than
/// the other id did, that latest stay of theirs goes behind them.
pub fn merge<'a>(latest: impl IntoIterator<Item = &'a Stay>, is_live: bool) -> Merged {
    let mut placed: Vec<Placed> = Vec::new();
    // Which of them is the last, and when it ended.
    let mut last: Option<(usize, Option<Instant>)> = None;
    for (place, stay) in latest.into_iter().enumerate() {
        let ended = stay.ended.map(|ended| ended.left_at);
        let is_in = ended.is_none();
        let (before, before_ended) = match last {
            Some((place, ended)) => (placed[place].entry_count, ended),
            None => (0, Some(Instant::NEG_INFINITY)),
        };
        let stays_last = match (before_ended, ended) {
            (None, _) => last.is_some(),
            (Some(_), None) => false,
            (Some(before), Some(ended)) => before > ended,
        };
        let entry_count = before.saturating_add(stay.entry_count);
        if let (true, Some((of, _))) = (stays_last, last) {
            let behind = before - 1;
            placed.push(Placed {
                behind,
                entry_count: entry_count - 1,
                ends: is_in,
            });
            placed[of].entry_count = entry_count;
            continue;
        }
        let ends = is_in && !is_live;
        placed.push(Placed {
            behind: before,
            entry_count,
            ends,
        });
        // One that ends now ended after all others.
        last = Some((place, if ends { Some(Instant::INFINITY) } else { ended }));
    }
    Merged {
        member: last
            .filter(|(_, ended)| ended.is_none())
            .map(|(place, _)| place),
        placed,
    }
}

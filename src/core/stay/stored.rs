//! A stay as it is stored, and why it ended.

use crate::criteria::Membership;
use crate::time::Instant;

/// The latest stay of a user in a bucket, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    pub entry_count: i32,
    pub entered_at: Instant,
    pub max_dwell_at: Option<Instant>,
    /// Since when the criteria have been true, where that is earlier than `entered_at` and known.
    pub dwell_anchor_at: Option<Instant>,
    /// Label and highest ordinal of each dwell that has fired in this stay.
    pub dwell_counts: Vec<(String, i64)>,
    /// `None` while the stay is active.
    pub ended: Option<Ended>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    pub left_at: Instant,
    pub reason: Reason,
}

/// Why a stay ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    Criteria,
    MaxDwell,
    Manual,
    BucketDeleted,
    /// The contact was deleted. Never announced.
    Deleted,
    /// It was the stay of somebody who is in under another id. Never announced.
    Merged,
}

impl Reason {
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Criteria => "criteria",
            Reason::MaxDwell => "maxDwell",
            Reason::Manual => "manual",
            Reason::BucketDeleted => "bucketDeleted",
            Reason::Deleted => "deleted",
            Reason::Merged => "merged",
        }
    }

    pub fn from_name(name: &str) -> Option<Reason> {
        [
            Reason::Criteria,
            Reason::MaxDwell,
            Reason::Manual,
            Reason::BucketDeleted,
            Reason::Deleted,
            Reason::Merged,
        ]
        .into_iter()
        .find(|reason| reason.as_str() == name)
    }
}

impl Stay {
    /// How somebody stands with a bucket of whom that is the latest stay there.
    pub fn membership(stay: Option<&Stay>) -> Membership {
        match stay {
            None => Membership::Never,
            Some(stay) => match stay.ended {
                None => Membership::Member {
                    since: stay.entered_at,
                },
                Some(ended) => Membership::Left {
                    since: ended.left_at,
                },
            },
        }
    }

    /// Puts what a clock that was ahead has dated to instants that have not come where it was found
    /// out: at `now`. How long the stay may last counts from there, too. Says whether there was any.
    pub fn redate(&mut self, now: Instant) -> bool {
        let ahead = self.entered_at.since(now);
        let began_ahead = ahead.0 > 0;
        if began_ahead {
            self.entered_at = now;
            self.max_dwell_at = self.max_dwell_at.map(|at| at.minus(ahead));
            self.dwell_anchor_at = self.dwell_anchor_at.filter(|at| *at <= now);
        }
        match &mut self.ended {
            Some(ended) if ended.left_at > now => {
                ended.left_at = now;
                true
            }
            _ => began_ahead,
        }
    }
}

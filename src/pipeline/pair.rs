//! A (user, bucket) pair on its way to a decision.

use hogsend_core::criteria::Verdict;
use hogsend_core::stay::{Ended, Joining, Reason};
use hogsend_core::time::Instant;

use super::Subject;
use super::user_facts::FactsOf;
use crate::registry::Bucket;
use crate::store::stays::Stored;

/// What is known of the pair so far.
pub struct Pair<'a, 'k> {
    pub subject: &'a Subject,
    pub bucket: &'a Bucket,
    pub facts: FactsOf<'k>,
    /// `None` for a bucket without criteria.
    pub verdict: Option<Verdict>,
    pub stored: Stored,
    pub joining: Joining,
    /// Their leave is not announced: a job that says nothing would have been first to see it.
    pub muted: bool,
    /// For those who join silently: since when they have matched, where the events tell.
    pub true_since: Option<Instant>,
}

impl Pair<'_, '_> {
    /// The criteria hold, or somebody asks for it.
    pub fn belongs(&self) -> bool {
        match self.verdict {
            Some(verdict) => verdict.truth,
            None => self.subject.wanted == Some(true),
        }
    }

    /// Not a member, and belongs.
    pub fn would_join(&self) -> bool {
        self.belongs()
            && self
                .stored
                .stay
                .as_ref()
                .is_none_or(|stay| stay.ended.is_some())
    }

    /// A member who, by the criteria, does not belong.
    pub fn would_leave(&self) -> bool {
        let is_member = self.stored.stay.as_ref().is_some_and(|s| s.ended.is_none());
        is_member && !self.belongs()
    }

    /// How the latest stay ended, if it did.
    fn ended(&self) -> Option<Ended> {
        self.stored.stay.as_ref()?.ended
    }

    /// The contact was deleted while they were in, and is back.
    pub fn comes_back(&self) -> bool {
        self.ended().is_some_and(|e| e.reason == Reason::Deleted)
    }

    /// The query has not returned them at some time after their latest stay timed out.
    pub fn was_absent(&self) -> bool {
        let timed_out = self.ended().filter(|e| e.reason == Reason::MaxDwell);
        timed_out.is_some_and(|e| self.subject.absent_at >= Some(e.left_at))
    }
}

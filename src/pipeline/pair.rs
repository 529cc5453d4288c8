//! A (user, bucket) pair on its way to a decision.

use hogsend_core::criteria::Verdict;
use hogsend_core::stay::{Ended, Joining, Reason, Stay};
use hogsend_core::time::Instant;

use super::cascade::InnerMove;
use super::user_facts::FactsOf;
use super::{Run, Subject};
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
    /// What this pass has done with the user in buckets that this one names.
    pub moved: Vec<InnerMove>,
    /// It is looked at for nothing else.
    pub followed: bool,
    /// For those who join silently: since when they have matched, where the events tell.
    pub true_since: Option<Instant>,
    /// Of a pair with criteria, once it is known.
    pub dated: Option<Dated>,
}

/// What looking back tells.
#[derive(Clone, Copy)]
pub struct Dated {
    /// Since when the present truth has held, for what is announced.
    pub since: Instant,
    /// See [`lapsed`](hogsend_core::outlook::lapsed).
    pub lapsed: bool,
}

impl<'a, 'k> Pair<'a, 'k> {
    pub fn new(
        subject: &'a Subject,
        bucket: &'a Bucket,
        facts: FactsOf<'k>,
        verdict: Option<Verdict>,
        run: Run,
    ) -> Pair<'a, 'k> {
        Pair {
            subject,
            bucket,
            facts,
            verdict,
            stored: Stored::default(),
            joining: run.joining,
            muted: run.muted,
            moved: Vec::new(),
            followed: false,
            true_since: None,
            dated: None,
        }
    }
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

    /// Somebody may be told something of it: who comes, who goes, and whose time is over.
    pub fn may_move(&self, now: Instant) -> bool {
        let is_over = |stay: &Stay| stay.max_dwell_at.is_some_and(|limit| limit <= now);
        self.would_join() || self.would_leave() || self.stored.stay.as_ref().is_some_and(is_over)
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

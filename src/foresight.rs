//! How somebody will stand with buckets that criteria name, if nothing but the clock moves; and how they stood.
//!
//! Nothing is written: what the clock would do is asked of the same function that decides for it, at one instant
//! after the other, in one bucket after the other.

use std::collections::HashSet;

use hogsend_core::criteria::{Criteria, Membership};
use hogsend_core::outlook::{change_at, next_change};
use hogsend_core::stay::{Cause, Change, Ended, Stay};
use hogsend_core::time::Instant;

use crate::explain::DeepFacts;
use crate::pg::sql::Session;
use crate::registry::{Bucket, OpenJob, in_order};
use crate::store::{definitions, stays};

/// After so many moves of one user the rest is left as it is.
const MOST: usize = 10_000;

/// A bucket that is named, and how the user stands with it.
struct Inner {
    bucket: Bucket,
    /// The clock moves people in it.
    works: bool,
    known: DeepFacts,
    stay: Option<Stay>,
}

/// Everything that criteria name, and what that names, in the order in which it is judged.
pub struct Foresight {
    inner: Vec<Inner>,
    /// Buckets that nothing can be said of but how the user stands with them.
    others: Vec<(String, Membership)>,
}

impl Foresight {
    /// How a user stands now with what criteria name.
    pub fn load(session: &Session, criteria: &Criteria, user: &str, now: Instant) -> Foresight {
        let mut buckets: Vec<Bucket> = Vec::new();
        let mut seen: HashSet<String> = HashSet::new();
        let mut open: Vec<String> = criteria.buckets().to_vec();
        while let Some(id) = open.pop() {
            if !seen.insert(id.clone()) {
                continue;
            }
            if let Some(bucket) = definitions::one(session, &id) {
                open.extend(bucket.criteria.iter().flat_map(|c| c.buckets()).cloned());
                buckets.push(bucket);
            }
        }
        let buckets = in_order(buckets);
        let ids: Vec<&str> = buckets.iter().map(|bucket| bucket.id.as_str()).collect();
        let stays = stays::latest(session, &vec![user; ids.len()], &ids);
        let is_suspended = definitions::suspended(session);
        let inner = buckets.into_iter().zip(stays).map(|(bucket, stay)| Inner {
            works: !is_suspended
                && bucket.job != Some(OpenJob::Backfill)
                && definitions::is_enabled(session, &bucket.id),
            known: DeepFacts::load(session, bucket.criteria.as_ref(), user, now),
            bucket,
            stay,
        });
        let mut foresight = Foresight {
            inner: inner.collect(),
            others: Vec::new(),
        };
        // What cannot be read.
        let unread = seen.iter().filter(|id| foresight.of(id).is_none());
        let unread: Vec<&str> = unread.map(String::as_str).collect();
        let stays = stays::latest(session, &vec![user; unread.len()], &unread);
        foresight.others = unread
            .into_iter()
            .zip(stays)
            .map(|(id, stay)| (id.to_owned(), Stay::membership(stay.as_ref())))
            .collect();
        foresight
    }

    /// Lets the clock go on from `now` to an instant.
    pub fn advance(&mut self, now: Instant, until: Instant) {
        let mut at = now;
        for _ in 0..MOST {
            let Some((place, next, change)) = self.next(at).filter(|(_, next, _)| *next <= until)
            else {
                return;
            };
            at = next;
            self.apply(place, change, at);
            self.follow(place, at);
        }
    }

    /// The bucket in which the clock moves the user next, and how.
    fn next(&self, now: Instant) -> Option<(usize, Instant, Change)> {
        let mut next: Option<(usize, Instant, Change)> = None;
        for (place, inner) in self.inner.iter().enumerate() {
            let (policy, criteria) = (&inner.bucket.policy, inner.bucket.criteria.as_ref());
            if !inner.works || !inner.known.is_live() {
                continue;
            }
            let change = next_change(policy, criteria, &inner.known, inner.stay.as_ref(), now);
            if let Ok(Some((at, change))) = change
                && next.is_none_or(|(_, earliest, _)| at < earliest)
            {
                next = Some((place, at, change));
            }
        }
        next
    }

    /// Moves the user in a bucket, of which all that name it know then.
    fn apply(&mut self, place: usize, change: Change, at: Instant) {
        let inner = &mut self.inner[place];
        match change {
            Change::Join {
                entry_count,
                max_dwell_at,
                ..
            } => {
                inner.stay = Some(Stay {
                    entry_count,
                    entered_at: at,
                    max_dwell_at,
                    dwell_anchor_at: None,
                    dwell_counts: Vec::new(),
                    ended: None,
                });
            }
            Change::Leave { reason, .. } => {
                if let Some(stay) = &mut inner.stay {
                    stay.ended = Some(Ended {
                        left_at: at,
                        reason,
                    });
                }
            }
        }
        let membership = Stay::membership(inner.stay.as_ref());
        let id = inner.bucket.id.clone();
        for other in &mut self.inner {
            let criteria = other.bucket.criteria.as_ref();
            if let Some(criteria) = criteria {
                other.known.learn(criteria, &id, membership);
            }
        }
    }

    /// Whoever has moved in a bucket is looked at in those that name it, to which that is data.
    fn follow(&mut self, moved: usize, at: Instant) {
        let mut moved = vec![moved];
        for place in moved[0] + 1..self.inner.len() {
            let inner = &self.inner[place];
            let Some(criteria) = inner.bucket.criteria.as_ref().filter(|_| inner.works) else {
                continue;
            };
            let is_named = |other: &usize| {
                let id = &self.inner[*other].bucket.id;
                criteria.buckets().contains(id)
            };
            if !moved.iter().any(is_named) || !inner.known.is_live() {
                continue;
            }
            let policy = &inner.bucket.policy;
            let stay = inner.stay.as_ref();
            let decision = change_at(
                policy,
                Some(criteria),
                &inner.known,
                stay,
                (at, Cause::Data),
            );
            if let Ok((Some(change), _)) = decision {
                self.apply(place, change, at);
                moved.push(place);
            }
        }
    }

    fn of(&self, id: &str) -> Option<&Inner> {
        self.inner.iter().find(|inner| inner.bucket.id == id)
    }

    /// How the user stands with a bucket by now.
    pub fn membership(&self, id: &str) -> Membership {
        let others = self.others.iter();
        match self.of(id) {
            Some(inner) => Stay::membership(inner.stay.as_ref()),
            None => others
                .filter(|(other, _)| other == id)
                .map(|(_, membership)| *membership)
                .next()
                .unwrap_or_default(),
        }
    }
}

/// How a user stands with each bucket that criteria name, at an instant: as they stood then, or as they will if
/// nothing but the clock moves. `None` where that is how they stand now.
pub fn memberships(
    session: &Session,
    criteria: &Criteria,
    user: &str,
    at: Instant,
    now: Instant,
) -> Vec<Membership> {
    let ids = criteria.buckets();
    if ids.is_empty() {
        return Vec::new();
    }
    if at < now {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        return stays::as_of(session, user, &ids, at);
    }
    let mut foresight = Foresight::load(session, criteria, user, now);
    foresight.advance(now, at);
    ids.iter().map(|id| foresight.membership(id)).collect()
}

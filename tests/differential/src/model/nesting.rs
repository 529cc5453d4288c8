//! Buckets that name others: which definitions are refused, in which order buckets are looked at, and who follows
//! whom.

use super::stay::Look;
use super::{Cause, Model, Moved, Refused, Since, When};
use crate::generate::{BUCKETS, BY_HAND};
use hogsend_model::{Facts, Membership, Node};
use std::collections::{BTreeMap, BTreeSet};

/// Those that criteria name.
pub(super) fn named(criteria: Option<&Node>) -> Vec<&'static str> {
    criteria.map_or_else(Vec::new, Node::buckets)
}

impl Model {
    /// How a user stands with each bucket in which they have ever been.
    pub(super) fn memberships(&self, user: &str) -> BTreeMap<&'static str, Membership> {
        let ids = BUCKETS.into_iter().chain([BY_HAND]);
        let standing = ids.filter_map(|id| {
            let last = self.stays.get(&(user.to_owned(), id.to_owned()))?.last()?;
            let membership = Membership {
                is_member: last.is_active(),
                since: last.left_at.unwrap_or(last.entered_at),
            };
            Some((id, membership))
        });
        standing.collect()
    }

    /// Whether criteria of a bucket may be what they are to be.
    pub(super) fn check_named(&self, id: &str, criteria: Option<&Node>) -> Result<(), Refused> {
        // What it leads to, in as many steps as there are buckets.
        let mut reached: BTreeSet<&str> = named(criteria).into_iter().collect();
        for bucket in &reached {
            if *bucket != id && !self.buckets.contains_key(*bucket) {
                return Err(Refused("22023"));
            }
        }
        for _ in 0..self.buckets.len() {
            let next = reached
                .iter()
                .filter_map(|bucket| self.buckets.get(*bucket));
            let next: Vec<&str> = next.flat_map(|d| named(d.criteria.as_ref())).collect();
            reached.extend(next);
        }
        match reached.contains(id) {
            true => Err(Refused("22023")),
            false => Ok(()),
        }
    }

    /// Whether some bucket names it.
    pub(super) fn is_named(&self, id: &str) -> bool {
        let mut all = self.buckets.values();
        all.any(|definition| named(definition.criteria.as_ref()).contains(&id))
    }

    /// The enabled buckets, each after those that it names.
    pub(super) fn in_order(&self) -> Vec<String> {
        let mut left = self.enabled();
        let mut order: Vec<String> = Vec::new();
        while !left.is_empty() {
            let is_free = |id: &String| {
                let names = named(self.buckets[id].criteria.as_ref());
                !names
                    .iter()
                    .any(|name| left.iter().any(|other| other == name))
            };
            let free: Vec<String> = left.iter().filter(|id| is_free(id)).cloned().collect();
            assert!(!free.is_empty(), "a circle: {left:?}");
            left.retain(|id| !free.contains(id));
            order.extend(free);
        }
        order
    }

    /// The enabled buckets that name one.
    fn dependants(&self, id: &str) -> Vec<String> {
        let mut all = self.enabled();
        all.retain(|other| named(self.buckets[other].criteria.as_ref()).contains(&id));
        all
    }

    /// Looks at buckets in order, and at those into which it brings somebody that one of these moves them. Whoever
    /// follows is looked at as `follows` says; held where that says so and the bucket is being filled.
    pub(super) fn look_in_order(
        &mut self,
        user: &str,
        looks: &BTreeMap<String, Look>,
        follows: Look,
        wanted: Option<bool>,
    ) -> bool {
        let start = self.facts(user);
        let mut brought: BTreeMap<String, Vec<Move>> = BTreeMap::new();
        let mut has_moved = false;
        for bucket in self.in_order() {
            let own = looks.get(&bucket);
            let look = match (own, brought.get(&bucket)) {
                (None, None) => continue,
                (Some(look), None) => *look,
                (_, Some(moves)) => {
                    let look = follow(own, moves, follows);
                    let is_mute = own.is_none() && moves.iter().all(|m| m.muted);
                    Look {
                        held: follows.held && self.is_first(&bucket),
                        muted: look.muted || is_mute,
                        belonged: self.followed_unnoticed(user, &bucket, own, moves, &start),
                        ..look
                    }
                }
            };
            let moved = self.look(user, &bucket, look, wanted);
            has_moved |= moved != Moved::Not;
            if matches!(moved, Moved::In | Moved::Out) {
                let last = self.last_move.expect("a move");
                for dependant in self.dependants(&bucket) {
                    self.seen.insert("followed from one bucket into another");
                    let of_bucket = Move {
                        bucket: known(&bucket),
                        silent: look.silent || look.belonged,
                        ..last
                    };
                    brought.entry(dependant).or_default().push(Move {
                        silent: of_bucket.silent && moved == Moved::In,
                        ..of_bucket
                    });
                }
            }
        }
        has_moved
    }

    /// Whether somebody who follows belonged before, as far as a job has yet to come to them or moves were silent:
    /// who moved without a word is taken for somebody who was there before.
    fn followed_unnoticed(
        &self,
        user: &str,
        bucket: &str,
        own: Option<&Look>,
        moves: &[Move],
        start: &Facts,
    ) -> bool {
        let is_silent = moves.iter().any(|m| m.silent);
        if !is_silent && (own.is_some() || !self.is_ahead(user, bucket)) {
            return own.is_some_and(|look| look.belonged);
        }
        let mut facts = match (&self.earlier, own) {
            (Some(earlier), Some(_)) if !earlier.is_live(user) => return false,
            (Some(earlier), Some(_)) => earlier.facts(user),
            _ => start.clone(),
        };
        facts.memberships = start.memberships.clone();
        let now = self.memberships(user);
        for silent in moves.iter().filter(|m| m.silent) {
            facts.memberships.insert(silent.bucket, now[silent.bucket]);
        }
        let criteria = self.buckets[bucket].criteria.as_ref();
        criteria.is_some_and(|tree| tree.truth(&facts, self.now))
    }
}

/// A stay that has begun or ended in a bucket that others name.
#[derive(Clone, Copy, Debug)]
pub struct Move {
    pub bucket: &'static str,
    pub effective: When,
    /// They joined without a word, because they were there before.
    pub silent: bool,
    /// Nothing is said of it.
    pub muted: bool,
}

fn known(bucket: &str) -> &'static str {
    let mut all = BUCKETS.into_iter().chain([BY_HAND]);
    all.find(|id| *id == bucket).expect("a bucket")
}

/// A look at a bucket into which moves in others have brought somebody. They are data, and the last of them dates
/// what comes of it, unless the clock has turned the truth since.
fn follow(own: Option<&Look>, moves: &[Move], follows: Look) -> Look {
    let own_since = own.map(|look| look.since);
    let mut latest: Option<i64> = match own_since {
        Some(Since::Event(at)) => Some(at),
        _ => None,
    };
    let mut is_known = own_since != Some(Since::Unknown);
    for moved in moves {
        match moved.effective {
            When::At(at) => latest = latest.max(Some(at)),
            When::Between(..) => is_known = false,
        }
    }
    Look {
        cause: Cause::Data,
        since: match latest {
            Some(at) if is_known => Since::Event(at),
            _ => Since::Unknown,
        },
        ..*own.unwrap_or(&follows)
    }
}

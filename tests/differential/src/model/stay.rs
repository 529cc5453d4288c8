//! One look at one user and one bucket: who joins, who leaves, who dwells.

use super::nesting::Move;
use super::{Cause, Model, Moved, Since, Stay, Transition, When};
use crate::history::EntryLimit;
use hogsend_model::{Facts, Node};

/// Why and how a pair is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub cause: Cause,
    /// Joins are not announced.
    pub silent: bool,
    /// Nothing is announced.
    pub muted: bool,
    /// The job of the bucket has yet to come to the user, and would find that they belonged already before what
    /// has happened: they join without a word.
    pub belonged: bool,
    /// Nobody joins or dwells yet.
    pub held: bool,
    /// None where it is not said.
    pub source: Option<&'static str>,
    /// What tells since when the present truth has held.
    pub since: Since,
}

impl Model {
    /// Looks at a pair whose contact is live and whose bucket is enabled. `wanted` is what somebody
    /// asks for of a bucket that is kept by hand.
    pub(super) fn look(
        &mut self,
        user: &str,
        bucket: &str,
        look: Look,
        wanted: Option<bool>,
    ) -> Moved {
        let definition = self.buckets[bucket].clone();
        let pair = (user.to_owned(), bucket.to_owned());
        let past = self.stays.get(&pair).and_then(|stays| stays.last());
        let past = past.cloned();
        let now = self.now;
        let muted = look.muted || self.muted || self.would_leave_unheard(user, bucket, look);
        self.hushed = look.muted || self.would_leave_unheard(user, bucket, look);
        let quiet_before = definition.quiet_before;
        let facts = self.facts(user);
        let criteria = definition.criteria.as_ref();
        let truth = criteria.map(|tree| tree.truth(&facts, now));

        let Some(stay) = past.clone().filter(Stay::is_active) else {
            let belongs = truth.unwrap_or(wanted == Some(true));
            if !belongs || look.held {
                return Moved::Not;
            }
            let timed_out = past.as_ref().and_then(Stay::timed_out_at);
            if let (Some(at), Some(tree)) = (timed_out, criteria) {
                // Only data brings somebody back before the criteria have once been false.
                if look.cause != Cause::Data && !was_false_since(&facts, tree, at, now) {
                    return Moved::Not;
                }
            }
            let silent = look.silent || look.belonged;
            let announced = !silent && announces(&definition.entry_limit, past.as_ref(), now);
            // Nobody is back since before they were out.
            let out_since = match (timed_out, silent) {
                (Some(at), _) => Some(at),
                (None, true) => past.as_ref().and_then(|stay| stay.left_at),
                _ => None,
            };
            let anchor = if silent {
                let since = criteria.and_then(|tree| tree.true_since(&facts, now));
                since.map(|since| out_since.map_or(since, |at| at.max(since)))
            } else {
                None
            };
            let effective = match criteria {
                Some(tree) => since(&facts, tree, look.since, now).not_before(out_since),
                None => When::At(now),
            };
            self.begin(
                &pair,
                look.source,
                anchor.filter(|at| *at < now),
                told(muted || !announced, quiet_before, effective),
                effective,
            );
            return Moved::In;
        };

        if let Some(limit) = stay.max_dwell_at.filter(|at| *at <= now) {
            self.end(
                &pair,
                "maxDwell",
                look.source,
                When::At(limit),
                muted,
                quiet_before,
            );
            return Moved::Out;
        }
        if criteria.is_none() && wanted == Some(false) {
            self.end(
                &pair,
                "manual",
                look.source,
                When::At(now),
                muted,
                quiet_before,
            );
            return Moved::Out;
        }
        if let (Some(tree), Some(false)) = (criteria, truth) {
            let earliest = definition.min_dwell.map(|span| stay.entered_at + span);
            // Who must stay a little longer is in for that long, and dwells.
            if earliest.is_none_or(|at| at <= now) {
                let effective = since(&facts, tree, look.since, now).not_before(earliest);
                self.end(
                    &pair,
                    "criteria",
                    look.source,
                    effective,
                    muted,
                    quiet_before,
                );
                return Moved::Out;
            }
        }
        if look.cause == Cause::Clock && !look.held {
            return self.dwell(&pair, &stay, muted);
        }
        Moved::Not
    }

    /// A job that says nothing would have been first to see that somebody does not belong; but while a bucket is
    /// filled for the first time leaves are the clock's.
    fn would_leave_unheard(&self, user: &str, bucket: &str, look: Look) -> bool {
        let Some(job) = self.jobs.get(bucket).filter(|job| job.muted) else {
            return false;
        };
        let by_clock = job.first && look.cause == Cause::Clock;
        let comes_first = job.is_ahead(user) && !by_clock && !look.silent && !look.belonged;
        comes_first && !self.matches(bucket, user, self.now)
    }

    fn note_move(&mut self, effective: When) {
        self.last_move = Some(Move {
            bucket: "",
            effective,
            silent: false,
            muted: self.hushed,
        });
    }

    /// Begins a stay.
    fn begin(
        &mut self,
        pair: &(String, String),
        source: Option<&'static str>,
        dwell_anchor_at: Option<i64>,
        announced: Option<bool>,
        effective: When,
    ) {
        self.note_move(effective);
        let max_dwell = self.buckets[&pair.1].max_dwell;
        let stays = self.stays.entry(pair.clone()).or_default();
        let entry_count = stays.last().map_or(1, |stay| stay.entry_count + 1);
        stays.push(Stay {
            entry_count,
            entered_at: self.now,
            left_at: None,
            left_reason: None,
            source,
            max_dwell_at: max_dwell.map(|span| self.now + span),
            dwell_anchor_at,
            announced,
            left_announced: None,
            fired: Vec::new(),
        });
        let erased = self.erased.get(&pair.0).copied().unwrap_or(0);
        if announced != Some(false) {
            let quiet_before = self.buckets[&pair.1].quiet_before;
            self.outbox.push(Transition {
                user: pair.0.clone(),
                bucket: pair.1.clone(),
                transition: "entered",
                entry_count,
                reason: None,
                source,
                dwell: None,
                effective_at: effective.not_before(quiet_before.filter(|_| announced.is_none())),
                certain: announced.is_some(),
                recorded_at: self.now,
                erased,
            });
        }
    }

    /// Ends the stay that is under way.
    pub(super) fn end(
        &mut self,
        pair: &(String, String),
        reason: &'static str,
        source: Option<&'static str>,
        effective: When,
        muted: bool,
        quiet_before: Option<i64>,
    ) {
        self.note_move(effective);
        let stays = self.stays.get_mut(pair).expect("a stay");
        let stay = stays.last_mut().expect("a stay");
        stay.left_at = Some(self.now);
        stay.left_reason = Some(reason);
        let announced = told(muted, quiet_before, effective);
        stay.left_announced = announced;
        let erased = self.erased.get(&pair.0).copied().unwrap_or(0);
        if announced != Some(false) {
            self.outbox.push(Transition {
                user: pair.0.clone(),
                bucket: pair.1.clone(),
                transition: "left",
                entry_count: stay.entry_count,
                reason: Some(reason),
                source,
                dwell: None,
                effective_at: effective.not_before(quiet_before.filter(|_| announced.is_none())),
                certain: announced.is_some(),
                recorded_at: self.now,
                erased,
            });
        }
    }

    fn dwell(&mut self, pair: &(String, String), stay: &Stay, muted: bool) -> Moved {
        let definition = self.buckets[&pair.1].clone();
        let anchor = stay.dwell_anchor_at.unwrap_or(stay.entered_at);
        let after = definition.dwell_after.iter().map(|span| ("after", *span));
        let every = definition.dwell_every.iter().map(|span| ("every", *span));
        let erased = self.erased.get(&pair.0).copied().unwrap_or(0);
        let mut moved = Moved::Not;
        for (kind, span) in after.chain(every) {
            let label = format!("{kind}-{}", span / 1000);
            let whole = (self.now - anchor).div_euclid(span);
            let reached = if kind == "after" { whole.min(1) } else { whole };
            let stays = self.stays.get_mut(pair).expect("a stay");
            let fired = &mut stays.last_mut().expect("a stay").fired;
            let before = fired.iter().find(|(l, _)| *l == label).map_or(0, |f| f.1);
            if reached <= before {
                continue;
            }
            fired.retain(|(l, _)| *l != label);
            fired.push((label.clone(), reached));
            moved = Moved::Dwelt;
            self.dwells += 1;
            let effective_at = When::At(anchor + span * reached);
            if told(muted, definition.quiet_before, effective_at) == Some(false) {
                self.seen.insert("dwell, unannounced");
                continue;
            }
            self.outbox.push(Transition {
                user: pair.0.clone(),
                bucket: pair.1.clone(),
                transition: "dwell",
                entry_count: stay.entry_count,
                reason: None,
                source: Some("reconcile"),
                dwell: Some((label, reached)),
                effective_at,
                certain: true,
                recorded_at: self.now,
                erased,
            });
        }
        moved
    }
}

/// Whether the criteria were false at some instant from `from` on, had the events been what they
/// are now.
fn was_false_since(facts: &Facts, tree: &Node, from: i64, now: i64) -> bool {
    let mut instants = tree.changes(facts);
    instants.retain(|at| from < *at && *at <= now);
    instants.push(from);
    instants.iter().any(|at| !tree.truth(facts, *at))
}

/// Whether what took effect at an instant is announced; `None` where that is open.
fn told(muted: bool, quiet_before: Option<i64>, effective: When) -> Option<bool> {
    let Some(from) = quiet_before.filter(|_| !muted) else {
        return Some(!muted);
    };
    match effective {
        When::At(at) => Some(at >= from),
        When::Between(low, _) if low >= from => Some(true),
        When::Between(_, high) if high < from => Some(false),
        When::Between(..) => None,
    }
}

fn announces(limit: &EntryLimit, past: Option<&Stay>, now: i64) -> bool {
    let Some(past) = past else { return true };
    match limit {
        EntryLimit::Unlimited | EntryLimit::Period(None) => true,
        EntryLimit::Once => false,
        EntryLimit::Period(Some(period)) => past.left_at.is_some_and(|left| left + period <= now),
    }
}

/// When the user last moved in a bucket that criteria name.
fn moved_at(facts: &Facts, tree: &Node) -> i64 {
    let named = tree.buckets().into_iter();
    let moved = named.filter_map(|bucket| Some(facts.memberships.get(bucket)?.since));
    moved.max().unwrap_or(i64::MIN)
}

/// Since when the present truth has held.
fn since(facts: &Facts, tree: &Node, since: Since, now: i64) -> When {
    let last_flip = |after| tree.last_flip(facts, after, now, &tree.changes(facts));
    match since {
        Since::Clock => match last_flip(i64::MIN) {
            // Before they moved in a bucket that these name it may have been otherwise.
            Some(flip) if flip > moved_at(facts, tree) => When::At(flip),
            _ => When::Between(i64::MIN, now),
        },
        // New data decides, unless the clock has turned the truth after it.
        Since::Event(at) => {
            let at = at.min(now);
            When::At(last_flip(at).unwrap_or(at))
        }
        Since::Now => When::At(now),
        Since::Unknown => When::Between(i64::MIN, now),
    }
}

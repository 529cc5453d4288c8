//! From "look at these users" to memberships, transitions and timers. Every writer goes this way.
//!
//! lock the users in order → read facts, stays and timers → truth and flip (pure) → decide (pure)
//! → write. A pass takes a constant number of statements however many users it has.

mod batch;
mod known;

use std::collections::{BTreeSet, HashMap};

use hogsend_core::criteria::{Criteria, Verdict};
use hogsend_core::stay::{self, Cause, Joining, Look, Reason, Standing};
use hogsend_core::time::Instant;

use crate::clock;
use crate::delivery::Outbox;
use crate::registry::{Bucket, Registry};
use crate::sql::Session;
use crate::store::contacts::{self, Contact};
use crate::store::facts;
use crate::store::stays::{self, Stored};

pub use batch::Batch;
pub use known::{Known, KnownOf, load as load_known};

/// Stands for every bucket in table `bucket_timers`: the user is queued for a fresh look.
pub const EVERY_BUCKET: &str = "*";

/// Users handled by one pass: bounds memory, and keeps plans those of small sets.
pub const PASS: usize = 1000;

/// What is known beforehand of a user who must be looked at.
#[derive(Default, Clone)]
pub struct Subject {
    pub user: String,
    /// Buckets to look at, by their place in the registry.
    pub buckets: BTreeSet<usize>,
    /// Look at every bucket that could have to do with the user.
    pub everything: bool,
    /// Latest occurrence of each event (by number) that this statement brought or took.
    pub occurred: Vec<(usize, Instant)>,
    /// Joins of this user are not announced.
    pub silent: bool,
}

impl Subject {
    /// When the latest of the statement's events that the bucket names happened, if it did.
    fn latest(&self, bucket: &Bucket, now: Instant) -> Option<Instant> {
        let named = self
            .occurred
            .iter()
            .filter(|(event, _)| bucket.events.contains(event));
        named.map(|(_, at)| (*at).min(now)).max()
    }
}

/// What a run is about.
#[derive(Clone, Copy)]
pub struct Run {
    /// `event`, `reconcile`, `backfill` or `manual`: recorded with stays and transitions.
    pub source: &'static str,
    pub cause: Cause,
    pub joining: Joining,
    /// Users without a contact get one, because they did something; otherwise they belong nowhere.
    pub creates_contacts: bool,
}

/// What a run did. Counts stays begun and ended, announced or not.
#[derive(Default, Clone, Copy, Debug)]
pub struct Tally {
    pub entered: i64,
    pub left: i64,
    pub dwelled: i64,
    pub rearmed: i64,
}

impl Tally {
    pub fn add(&mut self, other: Tally) {
        self.entered += other.entered;
        self.left += other.left;
        self.dwelled += other.dwelled;
        self.rearmed += other.rearmed;
    }
}

/// A writer's connection with everything a pass needs.
pub struct Pipeline<'a> {
    pub session: &'a Session<'a>,
    pub registry: &'a Registry,
}

/// Looks at users, in passes. `subjects` must be sorted by user, each user once.
pub fn run(pipeline: &Pipeline, subjects: &mut [Subject], run: Run, outbox: &mut Outbox) -> Tally {
    let mut tally = Tally::default();
    for chunk in subjects.chunks_mut(PASS) {
        pgrx::check_for_interrupts!();
        tally.add(pipeline.pass(chunk, run, outbox));
    }
    tally
}

impl Pipeline<'_> {
    fn pass(&self, subjects: &mut [Subject], run: Run, outbox: &mut Outbox) -> Tally {
        let contacts = self.lock(subjects, run);
        let now = clock::now();
        self.expand(subjects);

        let is_live = |s: &&Subject| {
            contacts
                .get(&s.user)
                .is_some_and(|contact| !contact.deleted)
        };
        let live: Vec<&Subject> = subjects.iter().filter(is_live).collect();
        let gone: Vec<&str> = subjects
            .iter()
            .filter(|s| !is_live(s))
            .map(|s| s.user.as_str())
            .collect();
        let pairs: Vec<(usize, usize)> = live
            .iter()
            .enumerate()
            .flat_map(|(place, subject)| subject.buckets.iter().map(move |b| (place, *b)))
            .collect();
        let known = load_known(self.session, self.registry, &live, &contacts);
        let verdicts = self.evaluate(&known, &pairs, now);
        let stored = self.stored(&live, &pairs, &verdicts);

        let mut batch = Batch::new(run.source, now);
        for (((place, number), stored), verdict) in pairs.iter().zip(&stored).zip(verdicts) {
            let (subject, bucket) = (live[*place], &self.registry.buckets[*number]);
            let joining = match (run.joining, run.cause) {
                (Joining::Announced, _) if subject.silent => Joining::Silent,
                (Joining::Announced, Cause::Clock) if bucket.backfilling => Joining::Held,
                (joining, _) => joining,
            };
            let standing = match (verdict, &bucket.criteria) {
                (Some(verdict), Some(criteria)) => {
                    let facts = known[*place].of(self.registry, bucket);
                    Self::standing(
                        subject, bucket, criteria, &facts, verdict, stored, run.cause, now,
                    )
                }
                _ => Standing::Manual { wanted: None },
            };
            let look = Look {
                now,
                cause: run.cause,
                joining,
                stay: stored.stay.as_ref(),
                standing,
            };
            let decision = stay::decide(&bucket.policy, &look);
            batch.record(
                &subject.user,
                &bucket.id,
                stored,
                decision,
                joining,
                run.cause,
            );
        }
        batch.farewell(self.session, &gone);
        batch.write(self.session, outbox)
    }

    /// Locks the subjects' contacts and reads them. A contact that is created here has no
    /// properties yet, so it does not matter which of them were asked for.
    fn lock(&self, subjects: &mut [Subject], run: Run) -> HashMap<String, Contact> {
        let properties = &self.registry.properties.names;
        let keys: Vec<&str> = if subjects.iter().any(|s| s.everything) {
            properties.iter().map(String::as_str).collect()
        } else {
            let buckets: BTreeSet<usize> =
                subjects.iter().flat_map(|s| &s.buckets).copied().collect();
            let numbers: BTreeSet<usize> = buckets
                .iter()
                .flat_map(|bucket| &self.registry.buckets[*bucket].properties)
                .copied()
                .collect();
            numbers
                .iter()
                .map(|number| properties[*number].as_str())
                .collect()
        };
        let users: Vec<&str> = subjects.iter().map(|s| s.user.as_str()).collect();
        if !run.creates_contacts {
            return contacts::lock(self.session, &users, &keys);
        }
        let (contacts, created) = contacts::lock_or_create(self.session, &users, &keys);
        for subject in subjects {
            subject.everything |= created.contains(&subject.user);
        }
        contacts
    }

    /// Replaces "everything" by the buckets that can possibly concern the user: those that name an
    /// event that the user ever did, those with a property leg, and those the user is in.
    fn expand(&self, subjects: &mut [Subject]) {
        let users: Vec<&str> = subjects
            .iter()
            .filter(|s| s.everything)
            .map(|s| s.user.as_str())
            .collect();
        if users.is_empty() {
            return;
        }
        let events: Vec<&str> = self
            .registry
            .events
            .names
            .iter()
            .map(String::as_str)
            .collect();
        let mut found: HashMap<String, BTreeSet<usize>> = HashMap::new();
        for (user, event) in facts::events_of(self.session, &users, &events) {
            if let Some(number) = self.registry.events.number(&event) {
                found
                    .entry(user)
                    .or_default()
                    .extend(&self.registry.events.buckets[number]);
            }
        }
        for (user, bucket, _) in stays::active_of_users(self.session, &users) {
            found
                .entry(user)
                .or_default()
                .extend(self.registry.by_id(&bucket));
        }
        for subject in subjects.iter_mut().filter(|s| s.everything) {
            subject
                .buckets
                .extend(found.remove(&subject.user).unwrap_or_default());
            subject.buckets.extend(&self.registry.with_property);
        }
    }

    /// Truth and flip of each pair; `None` for a manual bucket.
    fn evaluate(
        &self,
        known: &[Known],
        pairs: &[(usize, usize)],
        now: Instant,
    ) -> Vec<Option<Verdict>> {
        pairs
            .iter()
            .map(|(place, number)| {
                let bucket = &self.registry.buckets[*number];
                let criteria = bucket.criteria.as_ref()?;
                Some(criteria.evaluate(&known[*place].of(self.registry, bucket), now))
            })
            .collect()
    }

    /// What is stored of each pair. A stay that has ended is read only for those who are about to
    /// join: for everybody else it makes no difference.
    fn stored(
        &self,
        subjects: &[&Subject],
        pairs: &[(usize, usize)],
        verdicts: &[Option<Verdict>],
    ) -> Vec<Stored> {
        let buckets: Vec<&str> = pairs
            .iter()
            .map(|(_, b)| self.registry.buckets[*b].id.as_str())
            .collect();
        let users: Vec<&str> = pairs
            .iter()
            .map(|(s, _)| subjects[*s].user.as_str())
            .collect();
        let mut stored = match subjects {
            [] => return Vec::new(),
            [subject] => stays::of_user(self.session, &subject.user, &buckets),
            _ => stays::of_pairs(self.session, &users, &buckets),
        };
        let outside: Vec<usize> = (0..pairs.len())
            .filter(|i| stored[*i].stay.is_none() && verdicts[*i].is_some_and(|v| v.truth))
            .collect();
        let their_users: Vec<&str> = outside.iter().map(|i| users[*i]).collect();
        let their_buckets: Vec<&str> = outside.iter().map(|i| buckets[*i]).collect();
        let latest = stays::latest(self.session, &their_users, &their_buckets);
        for (place, stay) in outside.into_iter().zip(latest) {
            stored[place].stay = stay;
        }
        stored
    }

    #[allow(clippy::too_many_arguments)]
    fn standing(
        subject: &Subject,
        bucket: &Bucket,
        criteria: &Criteria,
        facts: &KnownOf,
        verdict: Verdict,
        stored: &Stored,
        cause: Cause,
        now: Instant,
    ) -> Standing {
        let since = match (cause, stored.timer) {
            // The clock is late by as much as the flip is past. Since the user's last event it has
            // been at work alone, so the last flip since then began the present state, however
            // often the look was put off. Without one it is the stay that dates what happens.
            (Cause::Clock, Some(due)) => {
                let due = due.min(now);
                let before = Instant(due.0.saturating_sub(1));
                let alone_since = facts.latest(now).map_or(before, |at| at.min(before));
                criteria.last_flip(facts, alone_since, now).unwrap_or(due)
            }
            // New data decides since when, unless the clock has turned the truth after it: an event
            // that arrives late can make a user lapsed since a week after it happened.
            _ => subject
                .latest(bucket, now)
                .or_else(|| facts.latest(now).filter(|_| !criteria.has_property_leg()))
                .map_or(now, |at| criteria.last_flip(facts, at, now).unwrap_or(at)),
        };
        // After a stay that timed out the clock brings nobody back whose criteria have been true
        // all the while. Data that made them false in between was looked at when it came, and
        // whatever made them true again brought the user back then; so the present facts suffice.
        let timed_out_at = stored.stay.as_ref().and_then(|stay| match stay.ended {
            None => stay.max_dwell_at.filter(|limit| *limit <= now),
            Some(ended) if ended.reason == Reason::MaxDwell => stay.max_dwell_at,
            Some(_) => None,
        });
        let lapsed = timed_out_at.is_some_and(|at| {
            !criteria.evaluate(facts, at).truth || criteria.last_flip(facts, at, now).is_some()
        });
        Standing::Evaluated {
            truth: verdict.truth,
            flips_at: verdict.flips_at,
            since,
            lapsed,
        }
    }
}

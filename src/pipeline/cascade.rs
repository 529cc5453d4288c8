//! From a move in one bucket to those that name it, in the same pass.
//!
//! Buckets are judged level by level in the order in which they depend on each other ([`Bucket::level`]), so that a
//! bucket is judged once all that it names have been. Whoever moves brings those buckets in that name the one they
//! moved in; a level without a move costs nothing.
//!
//! A move is data to those: it takes effect when they are judged, it dates what comes of it, and where it is not to
//! be announced because the user was there all along, or because nothing of it is to be said, neither is that.

use std::collections::{BTreeMap, HashMap, HashSet};

use hogsend_core::criteria::Membership;
use hogsend_core::stay::{Change, Joining, Stay};
use hogsend_core::time::Instant;

use super::pair::Pair;
use super::user_facts::{UserFacts, load_memberships, load_of};
use super::{Judged, Pipeline, Run, Subject};
use crate::registry::{BucketNo, NamedNo, Registry};
use crate::store::contacts::{self, Contact};
use crate::store::stays::Stored;

/// A stay that has begun or ended in a bucket that others name.
#[derive(Clone, Copy)]
pub struct InnerMove {
    pub named: NamedNo,
    pub before: Membership,
    after: Membership,
    effective_at: Instant,
    /// Who joined was there before anybody looked.
    pub silent: bool,
    /// Nothing is said of it, whatever it is.
    pub muted: bool,
}

impl InnerMove {
    /// What a decision does to a bucket that others name, if it does anything.
    pub fn of(judged: &Judged, now: Instant) -> Option<InnerMove> {
        let named = judged.bucket.as_named?;
        let (after, effective_at, silent) = match judged.decision.change? {
            Change::Join { effective_at, .. } => {
                let silent = judged.joining == Joining::Silent;
                (Membership::Member { since: now }, effective_at, silent)
            }
            Change::Leave { effective_at, .. } => {
                (Membership::Left { since: now }, effective_at, false)
            }
        };
        Some(InnerMove {
            named,
            before: Stay::membership(judged.stored.stay.as_ref()),
            after,
            effective_at,
            silent,
            muted: judged.muted,
        })
    }

    /// When the latest of some moves took effect.
    pub fn latest(moves: &[InnerMove], now: Instant) -> Option<Instant> {
        moves.iter().map(|moved| moved.effective_at.min(now)).max()
    }
}

/// A pair on a level: whose it is, by the place of the subject, and whether it was to be looked at anyway.
struct Open {
    place: usize,
    number: BucketNo,
    is_asked: bool,
}

/// Pairs of subjects, with the moves that concern each.
type Whose<'a, 'o> = (&'o [&'a Subject], &'o [Open], Vec<Vec<InnerMove>>);

/// What has been decided so far, and what is still to be.
struct Levels<'s> {
    registry: &'s Registry,
    subjects: &'s [&'s Subject],
    open: BTreeMap<u32, Vec<Open>>,
    known: HashSet<(usize, BucketNo)>,
    /// By the place of the subject.
    moved: HashMap<usize, Vec<InnerMove>>,
}

impl<'s> Levels<'s> {
    fn new(registry: &'s Registry, subjects: &'s [&'s Subject]) -> Levels<'s> {
        let mut levels = Levels {
            registry,
            subjects,
            open: BTreeMap::new(),
            known: HashSet::new(),
            moved: HashMap::new(),
        };
        for (place, subject) in subjects.iter().enumerate() {
            for number in subject.buckets.iter() {
                levels.add(place, *number, true);
            }
        }
        for (place, subject) in subjects.iter().enumerate() {
            for moved in &subject.moved {
                levels.learn(place, *moved);
            }
        }
        levels
    }

    fn add(&mut self, place: usize, number: BucketNo, is_asked: bool) {
        let level = self.registry.bucket(number).level;
        self.open.entry(level).or_default().push(Open {
            place,
            number,
            is_asked,
        });
    }

    /// Takes down a move, and opens the pairs that it concerns.
    fn learn(&mut self, place: usize, moved: InnerMove) {
        self.moved.entry(place).or_default().push(moved);
        let asked = &self.subjects[place].buckets;
        for number in self.registry.dependants(moved.named) {
            if asked.binary_search(&number).is_err() && self.known.insert((place, number)) {
                self.add(place, number, false);
            }
        }
    }

    /// The next level: first what was to be looked at anyway, then what moves have brought in.
    fn next(&mut self) -> Option<(u32, [Vec<Open>; 2])> {
        let (level, open) = self.open.pop_first()?;
        let (asked, mut brought): (Vec<Open>, Vec<Open>) =
            open.into_iter().partition(|open| open.is_asked);
        brought.sort_unstable_by_key(|open| (open.place, open.number));
        Some((level, [asked, brought]))
    }

    /// What the moves of its user are to a pair.
    fn concerning(&self, open: &Open) -> Vec<InnerMove> {
        let Some(moved) = self.moved.get(&open.place) else {
            return Vec::new();
        };
        let named = &self.registry.bucket(open.number).named;
        let concerning = moved.iter().filter(|moved| named.contains(&moved.named));
        concerning.copied().collect()
    }
}

impl Pipeline<'_> {
    /// Whether some of a subject's buckets name others, or are named.
    pub(super) fn has_levels(&self, subject: &Subject) -> bool {
        let mut buckets = subject.buckets.iter().map(|n| self.registry.bucket(*n));
        !subject.moved.is_empty()
            || buckets.any(|bucket| bucket.level > 0 || bucket.as_named.is_some())
    }

    /// The same as [`Pipeline::judge`] where buckets name each other; whoever moves is looked at by those, too.
    /// Decisions come in the order in which they are made.
    pub(super) fn judge_levels<'a>(
        &'a self,
        subjects: &[&'a Subject],
        contacts: &HashMap<String, Contact>,
        mut known: Vec<UserFacts>,
        stored: Vec<Option<Vec<Stored>>>,
        run: Run,
        now: Instant,
    ) -> Vec<Judged<'a>> {
        let mut levels = Levels::new(self.registry, subjects);
        for (place, moved) in &levels.moved {
            let known = &mut known[*place];
            moved
                .iter()
                .for_each(|moved| known.learn(moved.named, moved.after));
        }
        // Of each subject in the order of its buckets, which is that of their levels.
        let mut stored: Vec<_> = stored
            .into_iter()
            .map(|of_user| of_user.map(Vec::into_iter))
            .collect();
        let mut all: Vec<Judged> = Vec::new();
        while let Some((level, [asked, brought])) = levels.next() {
            for open in [asked, brought] {
                let moved: Vec<Vec<InnerMove>> =
                    open.iter().map(|o| levels.concerning(o)).collect();
                let judged = match open.first() {
                    None => continue,
                    Some(first) if first.is_asked => {
                        let next = |open: &Open| stored.get_mut(open.place)?.as_mut()?.next();
                        let stored = open.iter().map(next).collect();
                        let facts = |place: usize| &known[place];
                        let whose = (subjects, &*open, moved);
                        self.judge_pairs(whose, facts, contacts, stored, run, now)
                    }
                    Some(_) => {
                        let whose = (subjects, &*open, moved);
                        self.judge_brought(whose, &known, contacts, run, now)
                    }
                };
                for (open, judged) in open.iter().zip(judged) {
                    if let Some(moved) = InnerMove::of(&judged, now) {
                        known[open.place].learn(moved.named, moved.after);
                        levels.learn(open.place, moved);
                    }
                    all.push(judged);
                }
            }
            // Who names it stands above it, unless somebody has forced a circle in.
            levels.open.retain(|other, _| *other > level);
        }
        all
    }

    /// Judges pairs of which nothing has been read yet, because it took a move to bring them in.
    fn judge_brought<'a>(
        &'a self,
        whose: Whose<'a, '_>,
        known: &[UserFacts],
        contacts: &HashMap<String, Contact>,
        run: Run,
        now: Instant,
    ) -> Vec<Judged<'a>> {
        let (subjects, open, _) = &whose;
        let users: Vec<&[Open]> = open
            .chunk_by(|one, other| one.place == other.place)
            .collect();
        let numbers = users.iter();
        let numbers: Vec<Vec<BucketNo>> = numbers
            .map(|open| open.iter().map(|open| open.number).collect())
            .collect();
        let places: Vec<usize> = users.iter().map(|open| open[0].place).collect();
        let names = places.iter().map(|place| subjects[*place].user.as_str());
        let asked: Vec<(&str, &[BucketNo])> = names
            .zip(&numbers)
            .map(|(user, numbers)| (user, &**numbers))
            .collect();
        // Of the contacts only those properties were read that were asked for before.
        let keys = self.registry.keys_of(numbers.iter().flatten().copied());
        let read;
        let contacts = if keys.is_empty() {
            contacts
        } else {
            let names: Vec<&str> = asked.iter().map(|(user, _)| *user).collect();
            read = contacts::read(self.session, &names, &keys);
            &read
        };
        let (session, registry) = (self.session, self.registry);
        let keep = Some(&self.to_keep);
        let mut facts = load_of(session, registry, &asked, contacts, keep, now);
        for (facts, place) in facts.iter_mut().zip(&places) {
            facts.learn_from(&known[*place]);
        }
        let buckets = asked.iter().map(|(_, numbers)| *numbers);
        load_memberships(
            self.session,
            self.registry,
            facts.iter_mut().collect(),
            buckets,
        );
        let facts = |place: usize| &facts[places.binary_search(&place).unwrap_or_default()];
        self.judge_pairs(whose, facts, contacts, Vec::new(), run, now)
    }

    fn judge_pairs<'a, 'k>(
        &'a self,
        (subjects, open, moved): Whose<'a, '_>,
        known: impl Fn(usize) -> &'k UserFacts<'k>,
        contacts: &HashMap<String, Contact>,
        stored: Vec<Option<Stored>>,
        run: Run,
        now: Instant,
    ) -> Vec<Judged<'a>>
    where
        'a: 'k,
    {
        let mut pairs: Vec<Pair> = Vec::with_capacity(open.len());
        for (open, moved) in open.iter().zip(moved) {
            let (facts, verdict) = self.evaluate(open.number, known(open.place), now);
            let bucket = self.registry.bucket(open.number);
            let mut pair = self.pair(subjects[open.place], bucket, facts, verdict, run);
            let is_mute = !open.is_asked && moved.iter().all(|moved| moved.muted);
            pair.muted |= is_mute;
            pair.moved = moved;
            pair.followed = !open.is_asked;
            pairs.push(pair);
        }
        let mut stored = stored.into_iter();
        let mut unread: Vec<&mut Pair> = Vec::new();
        for pair in &mut pairs {
            match stored.next().flatten() {
                Some(stored) => pair.stored = stored,
                None => unread.push(pair),
            }
        }
        self.read_stored_of(unread);
        self.set_joining(&mut pairs, contacts, run, now);
        self.decide(pairs, run, now)
    }
}

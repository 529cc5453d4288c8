//! One bucket and all contacts of a stretch: what jobs and surveys look at.

use std::collections::HashSet;

use hogsend_core::criteria::Verdict;
use hogsend_core::time::Instant;

use super::judge::set_stored;
use super::pair::Pair;
use super::user_facts::{Shared, UserFacts, load_stretch};
use super::{Judged, Pipeline, Run, Subject};
use crate::registry::{BucketNo, Registry};
use crate::store::contacts::{Contact, Sight};
use crate::store::facts::rows::ahead::Coming;
use crate::store::stays;
use crate::store::totals::Kept;

/// What may be there already of a bucket whose contacts are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// Nothing: no bucket of its id was there before, and its definition keeps everybody else out.
    New,
    /// Nobody has been looked at for it, but an earlier bucket of its id may have left stays, and others
    /// may have written some.
    First,
    Again,
}

/// A bucket's view of the contacts of a stretch, in their order.
pub struct Stretch<'k> {
    number: BucketNo,
    contacts: &'k [(String, Contact)],
    known: Vec<UserFacts<'k>>,
    /// Places of those whom the bucket is about, now or later, and of those who are in it. All
    /// others are left alone.
    concerned: Vec<(usize, Option<Verdict>)>,
    members: HashSet<String>,
}

impl Stretch<'_> {
    /// Those whom the bucket concerns: their places among the contacts.
    pub fn places(&self) -> impl Iterator<Item = usize> {
        self.concerned.iter().map(|(place, _)| *place)
    }

    /// What series come to of which that is to be kept, of all contacts by their places.
    pub fn added_up(&self, registry: &Registry) -> Vec<(usize, Kept)> {
        let bucket = registry.bucket(self.number);
        let all = self.known.iter().zip(self.contacts).enumerate();
        let live = all.filter(|(_, (_, (_, contact)))| !contact.deleted);
        live.flat_map(|(place, (known, _))| {
            let added_up = known.added_up(registry, bucket).into_iter();
            added_up.map(move |kept| (place, kept))
        })
        .collect()
    }

    /// The same as subjects.
    pub fn subjects(&self) -> Vec<Subject> {
        let users = self.places().map(|place| &self.contacts[place].0);
        users.map(|user| Subject::new(user)).collect()
    }
}

impl Pipeline<'_> {
    /// Reads what one bucket asks of all contacts of a stretch, unless it was read for another, and sees
    /// whom it concerns. Of a job it is told what is coming, and how the contacts were seen.
    pub fn view<'k>(
        &self,
        contacts: &'k [(String, Contact)],
        number: BucketNo,
        visit: Visit,
        coming: Option<(Coming, &Sight)>,
        shared: &mut Shared,
        now: Instant,
    ) -> Stretch<'k> {
        let bucket = self.registry.bucket(number);
        let (session, registry) = (self.session, self.registry);
        let known = load_stretch(session, registry, bucket, contacts, coming, shared, now);
        let members = match (contacts.first(), contacts.last()) {
            (Some((first, _)), Some((last, _))) if visit != Visit::New => {
                stays::active_in_stretch(self.session, &bucket.id, first, last)
            }
            _ => HashSet::new(),
        };
        let concerned = known.iter().zip(contacts).enumerate();
        let concerned = concerned.filter_map(|(place, (known, (user, contact)))| {
            if contact.deleted {
                return None;
            }
            let (_, verdict) = self.evaluate(number, known, now);
            let concerns = verdict.is_some_and(|v| v.truth || v.look_at.is_some());
            (concerns || members.contains(user)).then_some((place, verdict))
        });
        Stretch {
            number,
            contacts,
            concerned: concerned.collect(),
            known,
            members,
        }
    }

    /// Decides about the bucket of a stretch and each of its subjects. On a first visit of the
    /// bucket the timers there may be do not matter: those that are set are set exactly, and others
    /// are only early.
    pub fn judge_stretch<'a>(
        &'a self,
        stretch: &Stretch,
        subjects: &'a [Subject],
        visit: Visit,
        run: Run,
        now: Instant,
    ) -> Vec<Judged<'a>> {
        let bucket = self.registry.bucket(stretch.number);
        let concerned = subjects.iter().zip(&stretch.concerned);
        let mut pairs: Vec<Pair> = concerned
            .map(|(subject, (place, verdict))| {
                let facts = stretch.known[*place].of(bucket);
                self.pair(subject, bucket, facts, *verdict, run)
            })
            .collect();
        if visit == Visit::First {
            let is_member = |pair: &&mut Pair| stretch.members.contains(&pair.subject.user);
            let (mut members, mut others): (Vec<&mut Pair>, Vec<&mut Pair>) =
                pairs.iter_mut().partition(is_member);
            self.read_stays(&mut members);
            others.retain(|pair| pair.would_join());
            let users: Vec<&str> = others.iter().map(|p| p.subject.user.as_str()).collect();
            if let Some(ever) = stays::ever_in_bucket(self.session, &bucket.id, &users) {
                others.retain(|pair| ever.contains(&pair.subject.user));
            }
            self.read_stays(&mut others);
        } else if visit == Visit::Again {
            let users: Vec<&str> = subjects.iter().map(|s| s.user.as_str()).collect();
            let buckets = vec![bucket.id.as_str(); users.len()];
            set_stored(&mut pairs, stays::of_pairs(self.session, &users, &buckets));
        }
        self.decide(pairs, run, now)
    }
}

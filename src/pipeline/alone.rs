//! The short way of a statement that brings events: pairs that they cannot change are not evaluated; and where it
//! concerns one user, what the session remembers is not read.

use std::collections::HashMap;

use hogsend_core::criteria::{Effect, Order};
use hogsend_core::stay;
use hogsend_core::time::Instant;

use super::{Judged, Numbers, Pipeline, Run, Subject};
use crate::pg::context::Context;
use crate::pg::direct::Holders;
use crate::registry::{Bucket, BucketNo, OpenJob, Registry};
use crate::store::contacts::Contact;
use crate::store::remembered;
use crate::store::stays::{self, OfUser, Stored};

/// What a statement that concerns one user comes to.
pub(super) enum Alone {
    /// There is nothing to write.
    Nothing,
    /// Something may change in the buckets that the subject is left with. This is stored of them, in
    /// their order, and was read under the lock.
    Stored(Vec<Stored>),
    /// The buckets that the subject is left with are looked at in the ordinary way: nothing was read that
    /// could be relied on.
    Unknown,
}

impl Pipeline<'_> {
    /// Takes those buckets from a locked subject for whom what happened changes nothing, and tells what
    /// is to be done about the others. What is remembered is good for seeing that there is nothing to
    /// write, and for no more; what was `found` was read under the lock.
    pub(super) fn alone(
        &self,
        subject: &mut Subject,
        contacts: &HashMap<String, Contact>,
        found: Option<OfUser>,
        run: Run,
        now: Instant,
    ) -> Alone {
        let Some(contact) = contacts.get(&subject.user).filter(|c| !c.deleted) else {
            return Alone::Unknown;
        };
        if !subject.arrivals_only {
            return Alone::Unknown;
        }
        if subject.buckets.is_empty() {
            return Alone::Nothing;
        }
        let numbers = subject.buckets.to_vec();
        if let Some(found) = found {
            return self.alone_as_found(subject, &numbers, found, now);
        }
        let holders = contact.holders;
        let Some(stored) = remembered::of(self.registry, &subject.user, holders, &numbers) else {
            return self.alone_as_read(subject, holders, &numbers, now);
        };
        let remaining = self.leave_out_settled(subject, &numbers, stored, now);
        if remaining.is_empty() {
            return Alone::Nothing;
        }
        let judged = self.judge(&[subject], contacts, vec![Some(remaining)], run, now);
        if judged.iter().any(Judged::writes) {
            Alone::Unknown
        } else {
            Alone::Nothing
        }
    }

    /// The same of locked subjects who are many: takes from each those buckets for whom what happened changes nothing.
    /// Returns what is stored of the others, of each subject in whose case that was read.
    pub(super) fn together(
        &self,
        subjects: &mut [Subject],
        contacts: &HashMap<String, Contact>,
        now: Instant,
    ) -> Vec<Option<Vec<Stored>>> {
        let mut known = vec![None; subjects.len()];
        let Some(context) = self.session.direct() else {
            return known;
        };
        let is_live = |subject: &Subject| contacts.get(&subject.user).is_some_and(|c| !c.deleted);
        let looked_at: Vec<usize> = (0..subjects.len())
            .filter(|place| {
                let subject = &subjects[*place];
                subject.arrivals_only && !subject.buckets.is_empty() && is_live(subject)
            })
            .collect();
        let asked = looked_at.iter().map(|place| {
            let subject = &subjects[*place];
            let buckets = subject.buckets.iter();
            let ids = buckets.map(|number| self.registry.bucket(*number).id.as_str());
            (subject.user.as_str(), ids.collect())
        });
        let found = stays::of_users_directly(context, asked).unwrap_or_default();
        for (place, found) in looked_at.into_iter().zip(found) {
            let subject = &mut subjects[place];
            known[place] = found.map(|found| {
                let numbers = subject.buckets.to_vec();
                match self.alone_as_found(subject, &numbers, found, now) {
                    Alone::Stored(stored) => stored,
                    Alone::Nothing | Alone::Unknown => {
                        subject.buckets = Numbers::default();
                        Vec::new()
                    }
                }
            });
        }
        known
    }

    fn alone_as_read(
        &self,
        subject: &mut Subject,
        holders: Holders,
        numbers: &[BucketNo],
        now: Instant,
    ) -> Alone {
        let directly = |context| of_user(context, self.registry, &subject.user, numbers);
        let Some(found) = self.session.direct().and_then(directly) else {
            return Alone::Unknown;
        };
        if !found.is_queued {
            let stored = &found.stored;
            remembered::keep(self.registry, &subject.user, holders, numbers, stored);
        }
        self.alone_as_found(subject, numbers, found, now)
    }

    fn alone_as_found(
        &self,
        subject: &mut Subject,
        numbers: &[BucketNo],
        found: OfUser,
        now: Instant,
    ) -> Alone {
        if found.is_queued {
            // What was done while evaluation was off has not been looked at.
            return Alone::Stored(found.stored);
        }
        let remaining = self.leave_out_settled(subject, numbers, found.stored, now);
        if remaining.is_empty() {
            Alone::Nothing
        } else {
            Alone::Stored(remaining)
        }
    }

    /// Returns what is stored of the pairs that are not settled.
    fn leave_out_settled(
        &self,
        subject: &mut Subject,
        numbers: &[BucketNo],
        stored: Vec<Stored>,
        now: Instant,
    ) -> Vec<Stored> {
        let mut remaining = Vec::new();
        for (number, of_pair) in numbers.iter().zip(stored) {
            if is_settled(self.registry, *number, subject, &of_pair, now) {
                subject.buckets.remove(*number);
            } else {
                remaining.push(of_pair);
            }
        }
        remaining
    }
}

/// What is stored of a user's pairs with buckets; `None` where only SQL can tell.
pub(super) fn of_user(
    context: &Context,
    registry: &Registry,
    user: &str,
    numbers: &[BucketNo],
) -> Option<OfUser> {
    let id = |number: &BucketNo| registry.bucket(*number).id.as_str();
    let ids: Vec<&str> = numbers.iter().map(id).collect();
    stays::of_user_directly(context, user, &ids)
}

/// Whether what happened changes nothing in a bucket of which that is stored.
pub(super) fn is_settled(
    registry: &Registry,
    number: BucketNo,
    subject: &Subject,
    stored: &Stored,
    now: Instant,
) -> bool {
    let bucket = registry.bucket(number);
    let stay = stored.stay.as_ref();
    let is_in = stay.is_some_and(|stay| stay.ended.is_none());
    match bucket.job {
        // Those to whom it has yet to come are no members and may match, whatever happens to them.
        Some(OpenJob::Backfill) if !is_in => return false,
        // Nor need members be as they ought to be: TRUNCATE took their events, or the criteria are other
        // ones.
        Some(OpenJob::Reevaluation) => return false,
        _ => {}
    }
    effect(bucket, subject).is_some_and(|(effect, begins)| {
        let newcomers = bucket.takes_newcomers;
        stay::settled(effect, begins, newcomers, stay, stored.timer, now)
    })
}

/// What the events that happened can do in a bucket together, and from when on.
fn effect(bucket: &Bucket, subject: &Subject) -> Option<(Effect, Instant)> {
    let effects = subject.occurred.iter().filter_map(|(series, _, earliest)| {
        let place = bucket.streams.iter().position(|number| number == series)?;
        let effect = bucket.effects[place];
        let begins = match effect.order {
            Order::Same => Instant::INFINITY,
            _ => effect.from.of(*earliest),
        };
        Some((effect, begins))
    });
    effects.reduce(|(one, begins), (other, later)| (one.and(other), begins.min(later)))
}

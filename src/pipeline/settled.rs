//! The cheap way out: pairs that an event cannot change are not evaluated.

use std::collections::HashMap;

use hogsend_core::criteria::Lean;
use hogsend_core::stay;
use hogsend_core::time::Instant;

use super::{Pipeline, Subject};
use crate::pg::clock;
use crate::pg::context::Context;
use crate::registry::{Bucket, OpenJob, Registry};
use crate::store::contacts::{self, Contact};
use crate::store::remembered;
use crate::store::stays::{self, Stored};

/// What is stored of the pairs that are left to look at.
pub(super) struct Left {
    /// In the order of the subject's buckets.
    pub stored: Vec<Stored>,
    /// Not read now: good for seeing that there is nothing to write, and for no more.
    pub remembered: bool,
}

impl Pipeline<'_> {
    /// Takes those buckets from a locked subject for whom what happened changes nothing. `None`: all
    /// must be looked at, and nothing has been read.
    pub(super) fn leave_out_settled(
        &self,
        subject: &mut Subject,
        contacts: &HashMap<String, Contact>,
        now: Instant,
    ) -> Option<Left> {
        let contact = contacts.get(&subject.user).filter(|c| !c.deleted)?;
        if !subject.arrivals_only {
            return None;
        }
        let numbers = subject.buckets.to_vec();
        let holders = contact.holders;
        let remembered = remembered::of(self.registry, &subject.user, holders, &numbers);
        let mut left = Left {
            stored: Vec::new(),
            remembered: remembered.is_some(),
        };
        let stored = match remembered {
            Some(stored) => stored,
            None => {
                let id = |number: &usize| self.registry.buckets[*number].id.as_str();
                let ids: Vec<&str> = numbers.iter().map(id).collect();
                let found = stays::of_user_directly(self.session, &subject.user, &ids)?;
                if found.is_queued {
                    // What was done while evaluation was off has not been looked at.
                    left.stored = found.stored;
                    return Some(left);
                }
                let user = &subject.user;
                remembered::keep(self.registry, user, holders, &numbers, &found.stored);
                found.stored
            }
        };
        for (number, of_pair) in numbers.iter().zip(stored) {
            if is_settled(self.registry, *number, subject, &of_pair, now) {
                subject.buckets.remove(*number);
            } else {
                left.stored.push(of_pair);
            }
        }
        Some(left)
    }
}

/// Whether what happened changes nothing in any bucket, as far as memory and the lock on the contact
/// tell, which is taken if memory says so. Needs nobody's rights and no SQL.
pub fn is_settled_by_memory(context: &Context, registry: &Registry, subject: &Subject) -> bool {
    if !subject.arrivals_only {
        return false;
    }
    let user = &subject.user;
    let buckets = &subject.buckets;
    let settled_now = || {
        let now = clock::now();
        move |number: usize, stored: &Stored| is_settled(registry, number, subject, stored, now)
    };
    let Some(place) = remembered::held(registry, user, buckets, settled_now()) else {
        return false;
    };
    let contact = contacts::lock_at(context, user, place, &[]).flatten();
    contact
        .filter(|contact| !contact.deleted)
        .is_some_and(|contact| {
            remembered::holds(registry, user, contact.holders, buckets, settled_now())
        })
}

fn is_settled(
    registry: &Registry,
    number: usize,
    subject: &Subject,
    stored: &Stored,
    now: Instant,
) -> bool {
    let bucket = &registry.buckets[number];
    let Some(criteria) = &bucket.criteria else {
        return false;
    };
    // Of a bucket's first job it is all the same: those to whom it has yet to come are no members, and
    // an event that can only keep somebody out lets nobody join. A later one has members, and others,
    // who may not be as they ought to be: TRUNCATE took their events, or the criteria are other ones.
    if bucket.job == Some(OpenJob::Reevaluation) {
        return false;
    }
    lean(bucket, subject).is_some_and(|lean| {
        let in_scope = criteria.has_property_leg();
        stay::settled(lean, in_scope, stored.stay.as_ref(), stored.timer, now)
    })
}

/// What the events that happened can do in a bucket together.
fn lean(bucket: &Bucket, subject: &Subject) -> Option<Lean> {
    let leans = subject.occurred.iter().filter_map(|(event, _)| {
        let place = bucket.events.iter().position(|number| number == event)?;
        Some(bucket.leans[place])
    });
    leans.reduce(Lean::and)
}

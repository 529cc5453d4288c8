//! The cheap way out: pairs that an event cannot change are not evaluated.

use std::collections::HashMap;

use hogsend_core::criteria::Lean;
use hogsend_core::stay;
use hogsend_core::time::Instant;

use super::{Pipeline, Subject};
use crate::registry::Bucket;
use crate::store::contacts::Contact;
use crate::store::stays::{self, Stored};

impl Pipeline<'_> {
    /// Takes those buckets from a locked subject for whom what happened changes nothing, and
    /// returns what is stored of the others, in their order. `None`: all must be looked at, and
    /// nothing has been read.
    pub(super) fn leave_out_settled(
        &self,
        subject: &mut Subject,
        contacts: &HashMap<String, Contact>,
        now: Instant,
    ) -> Option<Vec<Stored>> {
        let live = contacts.get(&subject.user).is_some_and(|c| !c.deleted);
        if !subject.arrivals_only || !live {
            return None;
        }
        let buckets: Vec<&Bucket> = subject
            .buckets
            .iter()
            .map(|n| &self.registry.buckets[*n])
            .collect();
        let ids: Vec<&str> = buckets.iter().map(|bucket| bucket.id.as_str()).collect();
        let found = stays::of_user_directly(self.session, &subject.user, &ids)?;
        if found.is_queued {
            // What was done while evaluation was off has not been looked at.
            return Some(found.stored);
        }
        let mut open = Vec::with_capacity(buckets.len());
        let mut stored = Vec::new();
        for ((number, bucket), of_pair) in subject.buckets.iter().zip(buckets).zip(found.stored) {
            if !is_settled(bucket, subject, &of_pair, now) {
                open.push(*number);
                stored.push(of_pair);
            }
        }
        subject.buckets = open.into_iter().collect();
        Some(stored)
    }
}

fn is_settled(bucket: &Bucket, subject: &Subject, stored: &Stored, now: Instant) -> bool {
    let (Some(criteria), None) = (&bucket.criteria, bucket.job) else {
        // While a job is under way, pairs may not have been looked at yet.
        return false;
    };
    let leans = subject.occurred.iter().filter_map(|(event, _)| {
        let place = bucket.events.iter().position(|number| number == event)?;
        Some(bucket.leans[place])
    });
    leans.reduce(Lean::and).is_some_and(|lean| {
        let in_scope = criteria.has_property_leg();
        stay::settled(lean, in_scope, stored.stay.as_ref(), stored.timer, now)
    })
}

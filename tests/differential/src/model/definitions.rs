//! Buckets that are defined, changed and dropped, and the one that is kept by hand.

use super::statements::{Concern, Concerns};
use super::stay::Look;
use super::{Cause, Model, Refused, Since, When};
use crate::history::Definition;
use std::collections::{BTreeMap, BTreeSet};

impl Model {
    pub(super) fn define(&mut self, id: &str, definition: &Definition) -> Result<(), Refused> {
        if self
            .buckets
            .get(id)
            .is_some_and(|before| is_same(before, definition))
        {
            return Ok(());
        }
        self.check_named(id, definition.criteria.as_ref())?;
        self.work_off_before_definition();
        self.put(id, definition);
        Ok(())
    }

    /// Whoever waits for the clock did what they did before the definition.
    pub(super) fn work_off_before_definition(&mut self) {
        if !self.background {
            self.work_off(usize::MAX, "worked off by a definition");
        }
    }

    pub(super) fn put(&mut self, id: &str, definition: &Definition) {
        let before = self.buckets.insert(id.into(), definition.clone());
        if !definition.enabled {
            return;
        }
        let rules = |d: &Definition| {
            (
                d.min_dwell,
                d.max_dwell,
                d.dwell_after.clone(),
                d.dwell_every.clone(),
            )
        };
        let is_new = before.is_none();
        let cause = match before {
            None if definition.criteria.is_none() => return,
            None => Cause::Data,
            Some(before) if before.criteria != definition.criteria => Cause::Data,
            Some(before) if !before.enabled || rules(&before) != rules(definition) => Cause::Review,
            Some(_) => return,
        };
        self.open_job(id, cause, is_new);
        // Who is in the queue is a candidate, too.
        if !self.queue.is_empty() {
            self.seen.insert("defined over a queue");
        } else if self.waits_for(id).is_some() {
            self.seen.insert("waits for a bucket that it names");
        } else if !(self.background && self.has_candidates(id)) {
            self.fill(id, usize::MAX);
        }
    }

    pub(super) fn drop(&mut self, id: &str) -> Result<(), Refused> {
        if self.buckets.contains_key(id) && self.is_named(id) {
            return Err(Refused("2BP01"));
        }
        let Some(definition) = self.buckets.remove(id) else {
            return Ok(());
        };
        self.jobs.remove(id);
        let of_bucket = self.stays.iter().filter(|((_, bucket), _)| bucket == id);
        let active = of_bucket.filter(|(_, stays)| stays.iter().any(|stay| stay.is_active()));
        let pairs: Vec<_> = active.map(|(pair, _)| pair.clone()).collect();
        for pair in pairs {
            let (now, quiet_before) = (When::At(self.now), definition.quiet_before);
            self.end(&pair, "bucketDeleted", None, now, self.muted, quiet_before);
        }
        Ok(())
    }

    pub(super) fn manual(
        &mut self,
        id: &str,
        users: &[&'static str],
        into: bool,
        silent: bool,
    ) -> Result<(), Refused> {
        match self.buckets.get(id) {
            None => return Err(Refused("42704")),
            Some(bucket) if !bucket.enabled => return Err(Refused("55000")),
            Some(bucket) if bucket.criteria.is_some() => return Err(Refused("22023")),
            Some(_) => {}
        }
        let users: BTreeSet<&str> = users.iter().copied().collect();
        if into {
            let mut concerns = Concerns::new();
            for user in users.iter().filter(|u| !self.contacts.contains_key(**u)) {
                concerns.insert((*user).into(), Concern::default());
            }
            self.introduce(&mut concerns);
            concerns
                .values_mut()
                .for_each(|concern| concern.muted = silent);
            // Whether evaluation is off is a question to statements on events and contacts.
            let evaluate = std::mem::take(&mut self.evaluate);
            let mut quiet = Concerns::new();
            for user in concerns.keys().cloned().collect::<Vec<_>>() {
                let taken = self.take_patches(&user);
                self.overtake(&user, taken, &mut concerns, &mut quiet);
            }
            self.look_at(&quiet);
            self.look_at(&concerns);
            self.evaluate = evaluate;
        }
        let look = Look {
            cause: Cause::Data,
            silent: false,
            muted: silent,
            belonged: false,
            held: false,
            source: Some("manual"),
            since: Since::Now,
        };
        for user in users {
            if self.is_live(user) {
                let looks = BTreeMap::from([(id.to_owned(), look)]);
                self.look_in_order(user, &looks, look, Some(into));
            }
        }
        Ok(())
    }
}

/// Whether a definition says what another does.
fn is_same(a: &Definition, b: &Definition) -> bool {
    let spans = |d: &Definition| {
        let dwells = (d.dwell_after.clone(), d.dwell_every.clone());
        (d.min_dwell, d.max_dwell, dwells)
    };
    let rules = |d: &Definition| (d.enabled, d.entry_limit, spans(d), d.quiet_before);
    a.criteria == b.criteria && rules(a) == rules(b)
}

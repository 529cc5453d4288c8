//! Buckets that are defined, changed and dropped, and the one that is kept by hand.

use super::statements::{Concern, Concerns};
use super::stay::Look;
use super::{Cause, Model, Refused, Since, When};
use crate::history::Definition;
use std::collections::BTreeSet;

impl Model {
    pub(super) fn define(&mut self, id: &str, definition: &Definition) {
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
        if !(self.background && self.has_candidates(id)) {
            self.fill(id, usize::MAX);
        }
    }

    pub(super) fn drop(&mut self, id: &str) {
        if self.buckets.remove(id).is_none() {
            return;
        }
        self.jobs.remove(id);
        let of_bucket = self.stays.iter().filter(|((_, bucket), _)| bucket == id);
        let active = of_bucket.filter(|(_, stays)| stays.iter().any(|stay| stay.is_active()));
        let pairs: Vec<_> = active.map(|(pair, _)| pair.clone()).collect();
        for pair in pairs {
            self.end(&pair, "bucketDeleted", None, Some(When::At(self.now)));
        }
    }

    pub(super) fn manual(
        &mut self,
        id: &str,
        users: &[&'static str],
        into: bool,
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
            // Whether evaluation is off is a question to statements on events and contacts.
            let off = std::mem::take(&mut self.off);
            self.look_at(&concerns);
            self.off = off;
        }
        let look = Look {
            cause: Cause::Data,
            silent: false,
            held: false,
            source: Some("manual"),
            since: Since::Now,
        };
        for user in users {
            if self.is_live(user) {
                self.look(user, id, look, Some(into));
            }
        }
        Ok(())
    }
}

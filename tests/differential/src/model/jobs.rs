//! Jobs: going over the contacts for a bucket that is new or changed.

use super::nesting::named;
use super::statements::Concern;
use super::stay::Look;
use super::{Cause, Job, Model, Since};
use hogsend_model::Node;
use std::collections::BTreeMap;

impl Job {
    pub(super) fn is_ahead(&self, user: &str) -> bool {
        self.reached
            .as_ref()
            .is_none_or(|reached| user > reached.as_str())
    }
}

impl Model {
    /// Opens a job; one that is open begins again, and remains what it is if that is more.
    pub(super) fn open_job(&mut self, bucket: &str, cause: Cause, first: bool) {
        let muted = self.muted || self.jobs.get(bucket).is_some_and(|job| job.muted);
        let (cause, first) = match self.jobs.get(bucket) {
            Some(job) if job.cause == Cause::Data => (Cause::Data, job.first),
            _ => (cause, first),
        };
        self.last_job += 1;
        let number = self
            .jobs
            .get(bucket)
            .map_or(self.last_job, |job| job.number);
        let job = Job {
            number,
            cause,
            first,
            reached: None,
            queued_until: self.queue.last().map(|row| row.number),
            muted,
        };
        self.jobs.insert(bucket.into(), job);
    }

    /// Goes on with the bucket's job, if there is one, over so many contacts.
    pub(super) fn fill(&mut self, bucket: &str, contacts: usize) {
        let mut bucket = bucket.to_owned();
        while let Some(inner) = self.waits_for(&bucket) {
            bucket = inner;
        }
        let bucket = bucket.as_str();
        if !self.jobs.contains_key(bucket) {
            return;
        }
        // Who is in the queue since before the job is to be known before it ends.
        if self.waits_for_queue(bucket) {
            self.work_off(contacts, "worked off by a job");
        }
        if !self.waits_for_queue(bucket) {
            self.go_over(bucket, contacts, Some("backfill"));
        }
    }

    /// Ends the bucket's job in a reconcile, which may have come to some users by their timers.
    pub(super) fn fill_somehow(&mut self, bucket: &str) {
        self.go_over(bucket, usize::MAX, None);
    }

    fn go_over(&mut self, bucket: &str, contacts: usize, source: Option<&'static str>) {
        let Some(mut job) = self.jobs.remove(bucket) else {
            return;
        };
        if !self.buckets[bucket].enabled {
            return;
        }
        let ahead = self.contacts.keys().filter(|user| job.is_ahead(user));
        let users: Vec<String> = ahead.take(contacts).cloned().collect();
        let look = Look {
            cause: job.cause,
            silent: true,
            muted: job.muted,
            belonged: false,
            held: false,
            source,
            since: Since::Unknown,
        };
        for user in &users {
            if self.is_live(user) {
                let looks = BTreeMap::from([(bucket.to_owned(), look)]);
                self.look_in_order(user, &looks, look, None);
            }
        }
        if users.len() == contacts {
            job.reached = users.last().cloned().or(job.reached);
            self.jobs.insert(bucket.into(), job);
        }
    }

    /// Whether the bucket's job has yet to come to the user.
    pub(super) fn is_ahead(&self, user: &str, bucket: &str) -> bool {
        self.jobs.get(bucket).is_some_and(|job| job.is_ahead(user))
    }

    /// The bucket that is to be filled before this one is, for the first time both.
    pub(super) fn waits_for(&self, bucket: &str) -> Option<String> {
        if !self.is_first(bucket) {
            return None;
        }
        let named = named(self.buckets[bucket].criteria.as_ref()).into_iter();
        let open = named.filter(|id| self.is_first(id));
        let first = open.min_by_key(|id| self.jobs[*id].number)?;
        Some(first.to_owned())
    }

    /// Whether the bucket is being filled for the first time.
    pub(super) fn is_first(&self, bucket: &str) -> bool {
        self.jobs.get(bucket).is_some_and(|job| job.first)
    }

    /// Whether the job of the bucket has yet to come to the user, who belonged to it already before
    /// the statement that is under way: then nobody is told that they join. What it took from the queue that
    /// is older than the job was so before.
    pub(super) fn belonged_unnoticed(&self, user: &str, bucket: &str, concern: &Concern) -> bool {
        let (Some(earlier), Some(tree)) = (&self.earlier, &self.buckets[bucket].criteria) else {
            return false;
        };
        if !self.is_ahead(user, bucket) || !earlier.is_live(user) {
            return false;
        }
        let mut properties = earlier.contacts[user].properties.clone();
        let until = self.jobs[bucket].queued_until.unwrap_or(0);
        for (_, patch) in concern.overtaken.iter().filter(|(row, _)| *row <= until) {
            for (name, value) in patch {
                properties.insert((*name).into(), value.clone());
            }
        }
        let mut facts = earlier.facts(user);
        facts.properties = Some(properties);
        tree.truth(&facts, self.now)
    }

    fn waits_for_queue(&self, bucket: &str) -> bool {
        let until = self.jobs[bucket].queued_until;
        let first = self.queue.first().map(|row| row.number);
        matches!((first, until), (Some(first), Some(until)) if first <= until)
    }

    /// Whether the bucket could be about anybody.
    pub(super) fn has_candidates(&self, bucket: &str) -> bool {
        let Some(tree) = &self.buckets[bucket].criteria else {
            return !self.contacts.is_empty();
        };
        let is_candidate = |user: &String| tree.concerns(&self.facts(user));
        self.live_users().iter().any(is_candidate)
    }

    /// Takes all events; everybody waits for the jobs that follow.
    pub(super) fn truncate(&mut self) {
        self.events.clear();
        // Who is nobody but one who did something is nobody now.
        let contacts = &self.contacts;
        self.queue.retain(|row| contacts.contains_key(&row.user));
        for bucket in self.enabled() {
            let criteria = self.buckets[&bucket].criteria.as_ref();
            if criteria.is_some_and(Node::names_events) {
                self.open_job(&bucket, Cause::Data, false);
            }
        }
    }
}

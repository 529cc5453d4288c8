//! Jobs: going over the contacts for a bucket that is new or changed.

use super::stay::Look;
use super::{Cause, Job, Model, Since};
use hogsend_model::Node;

impl Job {
    fn is_ahead(&self, user: &str) -> bool {
        self.reached
            .as_ref()
            .is_none_or(|reached| user > reached.as_str())
    }
}

impl Model {
    /// Opens a job; one that is open begins again, and remains what it is if that is more.
    pub(super) fn open_job(&mut self, bucket: &str, cause: Cause, first: bool) {
        let (cause, first) = match self.jobs.get(bucket) {
            Some(job) if job.cause == Cause::Data => (Cause::Data, job.first),
            _ => (cause, first),
        };
        let job = Job {
            cause,
            first,
            reached: None,
        };
        self.jobs.insert(bucket.into(), job);
    }

    /// Goes on with the bucket's job, if there is one, over so many contacts.
    pub(super) fn fill(&mut self, bucket: &str, contacts: usize) {
        self.go_over(bucket, contacts, Some("backfill"));
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
            held: false,
            source,
            since: Since::Unknown,
        };
        for user in &users {
            if self.is_live(user) {
                self.look(user, bucket, look, None);
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

    /// Whether the bucket is being filled for the first time.
    pub(super) fn is_first(&self, bucket: &str) -> bool {
        self.jobs.get(bucket).is_some_and(|job| job.first)
    }

    /// Whether the job of the bucket has yet to come to the user, who belonged to it already before
    /// the statement that is under way: then nobody is told that they join.
    pub(super) fn belonged_unnoticed(&self, user: &str, bucket: &str) -> bool {
        let (Some(earlier), Some(tree)) = (&self.earlier, &self.buckets[bucket].criteria) else {
            return false;
        };
        self.is_ahead(user, bucket)
            && earlier.is_live(user)
            && tree.truth(&earlier.facts(user), self.now)
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
        for bucket in self.enabled() {
            let criteria = self.buckets[&bucket].criteria.as_ref();
            if criteria.is_some_and(Node::names_events) {
                self.open_job(&bucket, Cause::Data, false);
            }
        }
    }
}

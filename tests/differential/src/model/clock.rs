//! The clock: what a reconcile does about users who are queued, and about everybody whom only time
//! has moved.

use super::stay::Look;
use super::{Cause, Model, Moved, Quiet, Since, Stay};

impl Model {
    /// As many runs as there are jobs, and one more.
    pub(super) fn reconcile(&mut self) {
        let before = self.count();
        self.run();
        let after = self.count();
        for place in 0..self.done.len() {
            self.done[place] += after[place] - before[place];
        }
    }

    /// How many stays there are, how many of them have ended, and how many dwells.
    fn count(&self) -> [usize; 3] {
        let stays = || self.stays.values().flatten();
        [
            stays().count(),
            stays().filter(|stay| !stay.is_active()).count(),
            self.dwells,
        ]
    }

    fn run(&mut self) {
        self.work_off(usize::MAX, "worked off by the clock");
        self.look_at_queued();
        loop {
            for bucket in self.enabled() {
                for user in self.live_users() {
                    self.look_by_clock(&user, &bucket);
                }
            }
            let Some(bucket) = self.jobs.keys().next().cloned() else {
                return;
            };
            self.fill_somehow(&bucket);
        }
    }

    fn look_at_queued(&mut self) {
        for (user, Quiet { muted, silent }) in std::mem::take(&mut self.queued) {
            for bucket in self.enabled() {
                let look = Look {
                    cause: Cause::Data,
                    // Nobody has kept what they did, so the job might have been first.
                    silent,
                    muted,
                    belonged: self.is_ahead(&user, &bucket)
                        && self.matches(&bucket, &user, self.now),
                    held: false,
                    source: Some("reconcile"),
                    since: Since::Unknown,
                };
                self.look(&user, &bucket, look, None);
            }
        }
    }

    /// Timers are not modelled: the clock looks at everybody, and must find nothing to do about
    /// those whom the extension does not look at.
    fn look_by_clock(&mut self, user: &str, bucket: &str) {
        let is_ahead = self.is_ahead(user, bucket);
        let says_nothing = self.jobs.get(bucket).is_some_and(|job| job.muted);
        let is_clocks = self.is_first(bucket) && says_nothing;
        if is_ahead && !is_clocks && !self.is_timed_out(user, bucket) {
            // Who has a timer that is due, the clock may come to before the job does. The end is
            // the same.
            return;
        }
        let look = Look {
            cause: Cause::Clock,
            silent: false,
            muted: false,
            belonged: false,
            held: self.is_first(bucket) || is_ahead,
            // A reconcile while the bucket was disabled dropped the timers that were due, so that the
            // job may be the first to come to somebody who timed out.
            source: (!is_ahead).then_some("reconcile"),
            since: Since::Clock,
        };
        // Who timed out may come back at once.
        while matches!(self.look(user, bucket, look, None), Moved::In | Moved::Out) {}
    }

    /// Whether the user is a member who has stayed for too long.
    fn is_timed_out(&self, user: &str, bucket: &str) -> bool {
        let pair = (user.to_owned(), bucket.to_owned());
        let stay = self.stays.get(&pair).and_then(|stays| stays.last());
        let limit = stay
            .filter(|stay| Stay::is_active(stay))
            .and_then(|stay| stay.max_dwell_at);
        limit.is_some_and(|limit| limit <= self.now)
    }
}

//! The clock: what a reconcile does about users who are queued, and about everybody whom only time
//! has moved.

use super::stay::Look;
use super::{Cause, Model, Quiet, Since, Stay};

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

    pub(super) fn run(&mut self) {
        self.work_off(usize::MAX, "worked off by the clock");
        self.look_at_queued();
        loop {
            for user in self.live_users() {
                self.look_by_clock(&user);
            }
            let open = self.jobs.keys().filter(|id| self.waits_for(id).is_none());
            let Some(bucket) = open.min_by_key(|id| self.jobs[*id].number).cloned() else {
                return;
            };
            self.fill_somehow(&bucket);
        }
    }

    fn look_at_queued(&mut self) {
        for (user, Quiet { muted, silent }) in std::mem::take(&mut self.queued) {
            let plain = Look {
                cause: Cause::Data,
                silent,
                muted,
                belonged: false,
                held: false,
                source: Some("reconcile"),
                since: Since::Unknown,
            };
            let looks = self.enabled().into_iter().map(|bucket| {
                // Nobody has kept what they did, so the job might have been first.
                let belonged =
                    self.is_ahead(&user, &bucket) && self.matches(&bucket, &user, self.now);
                (bucket, Look { belonged, ..plain })
            });
            let looks = looks.collect();
            self.look_in_order(&user, &looks, plain, None);
        }
    }

    /// Timers are not modelled: the clock looks at everybody, and must find nothing to do about
    /// those whom the extension does not look at.
    fn look_by_clock(&mut self, user: &str) {
        let follows = Look {
            cause: Cause::Data,
            silent: false,
            muted: false,
            belonged: false,
            held: true,
            source: Some("reconcile"),
            since: Since::Unknown,
        };
        loop {
            let looks = self.enabled().into_iter();
            let looks =
                looks.filter_map(|bucket| Some((bucket.clone(), self.clocks(user, &bucket)?)));
            let looks = looks.collect();
            // Who timed out may come back at once.
            if !self.look_in_order(user, &looks, follows, None) {
                return;
            }
        }
    }

    /// How the clock looks at a pair.
    fn clocks(&self, user: &str, bucket: &str) -> Option<Look> {
        let is_ahead = self.is_ahead(user, bucket);
        let says_nothing = self.jobs.get(bucket).is_some_and(|job| job.muted);
        let is_clocks = self.is_first(bucket) && says_nothing;
        if is_ahead && !is_clocks && !self.is_timed_out(user, bucket) {
            // Who has a timer that is due, the clock may come to before the job does. The end is
            // the same.
            return None;
        }
        Some(Look {
            cause: Cause::Clock,
            silent: false,
            muted: false,
            belonged: false,
            held: self.is_first(bucket) || is_ahead,
            // A reconcile while the bucket was disabled dropped the timers that were due, so that the
            // job may be the first to come to somebody who timed out.
            source: (!is_ahead).then_some("reconcile"),
            since: Since::Clock,
        })
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

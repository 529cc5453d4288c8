//! The clock, and what was left to it.

use super::{Event, Model};
use std::collections::BTreeSet;

impl Model {
    /// The clock is to look at a user of whom nobody keeps what they did.
    pub(super) fn leave(&mut self, user: &'static str) {
        if !self.contacts[user] {
            *self.unseen.entry(user).or_default() |= self.is_muted;
        }
    }

    pub(super) fn reconcile(&mut self) {
        self.work_off();
        for (user, is_muted) in std::mem::take(&mut self.unseen) {
            self.seen.insert("nobody had looked");
            let moved = self.look_at_fresh(user, &[]);
            if !is_muted {
                self.happen(user, moved.as_slice(), "reconcile");
            }
        }
        for (user, is_deleted) in self.contacts.clone() {
            if is_deleted {
                continue;
            }
            if let Some(left) = self.leave_fresh_by_clock(user) {
                self.happen(user, &[left], "reconcile");
            }
            self.time_out(user);
        }
    }

    /// What was left to the clock happens, a user's all together; first that of which nothing is said.
    pub(super) fn work_off(&mut self) {
        let mut queue = std::mem::take(&mut self.queue);
        for row in &mut queue {
            row.event.user = self.who(row.event.user);
        }
        queue.retain(|row| row.is_kept);
        let users: BTreeSet<&'static str> = queue.iter().map(|row| row.event.user).collect();
        for user in users {
            let rows = || queue.iter().filter(|row| row.event.user == user);
            let is_new = self.meet(user);
            // Whoever is new is so by the first.
            let met = rows().next().map(|row| row.is_muted).filter(|_| is_new);
            for is_muted in [true, false] {
                let rows = rows().filter(|row| row.is_muted == is_muted);
                let events: Vec<(Event, Option<i64>)> = rows
                    .map(|row| (row.event.clone(), Some(row.arrived_at)))
                    .collect();
                if !events.is_empty() {
                    self.seen.insert("worked off");
                    self.arrive(user, &events, met == Some(is_muted), is_muted);
                }
            }
        }
    }
}

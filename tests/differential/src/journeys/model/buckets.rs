//! Who is in the two buckets.

use super::{Happened, Model, What};
use crate::journeys::{FRESH, HAND, WINDOW};

/// The stays of a user in a bucket.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stays {
    number: i64,
    is_in: bool,
}

impl Stays {
    pub fn is_in(&self) -> bool {
        self.is_in
    }
}

impl Model {
    /// When the last of what counts is too old, which it is a moment after its window has ended; `None`: there is
    /// nothing.
    fn fresh_until(&self, user: &str) -> Option<i64> {
        let last = self.fresh_events.get(user)?.iter().max()?;
        Some(last + WINDOW + 1)
    }

    /// A look at who did what the bucket counts, if not only the time has passed.
    pub(super) fn look_at_fresh(&mut self, user: &'static str, new: &[i64]) -> Option<Happened> {
        let is_true = self.fresh_until(user).is_some_and(|until| until > self.now);
        // Which of several dates what they bring about is not told here.
        let effective_at = match new {
            [at] if is_true => Some((*at).min(self.now)),
            _ => None,
        };
        self.move_to(user, FRESH, is_true, effective_at)
    }

    pub(super) fn leave_fresh_by_clock(&mut self, user: &'static str) -> Option<Happened> {
        let until = self.fresh_until(user)?;
        if until > self.now {
            return None;
        }
        self.move_to(user, FRESH, false, Some(until))
    }

    pub(super) fn move_by_hand(&mut self, user: &'static str, into: bool) -> Option<Happened> {
        self.move_to(user, HAND, into, Some(self.now))
    }

    fn move_to(
        &mut self,
        user: &'static str,
        bucket: &'static str,
        into: bool,
        effective_at: Option<i64>,
    ) -> Option<Happened> {
        let stays = self.stays.entry((user, bucket)).or_default();
        if stays.is_in == into {
            return None;
        }
        stays.is_in = into;
        stays.number += i64::from(into);
        let transition = if into { "entered" } else { "left" };
        Some(Happened {
            name: format!("bucket:{transition}:{bucket}"),
            effective_at,
            put_by_at: None,
            what: What::Transition(stays.number),
        })
    }

    pub(super) fn end_stays(&mut self, user: &str) {
        let stays = self.stays.iter_mut();
        let of_user = stays.filter(|((of, _), _)| *of == user);
        of_user.for_each(|(_, stays)| stays.is_in = false);
    }
}

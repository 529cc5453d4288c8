//! The decisions of one pass, written down together.

use hogsend_core::stay::{self, Cause, Change, Joining, Look, Policy, Standing, Stay};
use hogsend_core::time::Instant;

use super::{Judged, Tally};
use crate::delivery::Outbox;
use crate::pg::settings;
use crate::pg::sql::Session;
use crate::store::corrections;
use crate::store::stays;
use crate::store::timers::{self, Quiet};
use crate::store::writes::{self, Dwelled, Move};

/// What one pass has to write.
pub struct Batch<'a> {
    source: &'static str,
    now: Instant,
    redated: Vec<(&'a str, &'a str)>,
    moves: Vec<Move<'a>>,
    farewells: Vec<(String, String, Change)>,
    dwells: Vec<Dwelled<'a>>,
    arm: Vec<(&'a str, &'a str, Instant)>,
    disarm: Vec<(&'a str, &'a str)>,
    disarm_users: Vec<&'a str>,
    /// A job is the first to look at its bucket.
    first: bool,
    rearmed: i64,
}

impl<'a> Batch<'a> {
    pub fn new(source: &'static str, now: Instant) -> Batch<'a> {
        Batch {
            source,
            now,
            redated: Vec::new(),
            moves: Vec::new(),
            farewells: Vec::new(),
            dwells: Vec::new(),
            arm: Vec::new(),
            disarm: Vec::new(),
            disarm_users: Vec::new(),
            first: false,
            rearmed: 0,
        }
    }

    /// The same for a job that is the first to look at its bucket; whom it records must stand in the order
    /// of the index.
    pub fn of_first(first: bool, source: &'static str, now: Instant) -> Batch<'a> {
        Batch {
            first,
            ..Batch::new(source, now)
        }
    }

    /// Takes down what was decided about a pair.
    pub fn record(&mut self, judged: Judged<'a>, cause: Cause) {
        let Judged {
            user,
            bucket,
            stored,
            redated,
            joining,
            decision,
        } = judged;
        let bucket = bucket.id.as_str();
        if redated {
            self.redated.push((user, bucket));
        }
        let was_due = stored.timer.is_some_and(|due| due <= self.now);
        if cause == Cause::Clock && decision.change.is_none() && decision.dwells.is_empty() {
            self.rearmed += i64::from(was_due);
        }
        self.set_timer(user, bucket, stored.timer, decision.timer, cause);
        if let Some(change) = decision.change {
            let dwell_anchor_at = match change {
                Change::Join { effective_at, .. } if joining == Joining::Silent => {
                    Some(effective_at).filter(|at| *at < self.now)
                }
                _ => None,
            };
            self.moves.push(Move {
                user,
                bucket,
                change,
                dwell_anchor_at,
            });
        }
        if let Some(stay) = stored.stay {
            let dwells = decision.dwells.into_iter();
            self.dwells.extend(dwells.map(|dwell| Dwelled {
                user,
                bucket,
                entry_count: stay.entry_count,
                dwell,
            }));
        }
    }

    /// Timers are lazy: one that is early enough is left alone, because it costs nothing until it
    /// comes due and then finds out what there is to wait for. Only the clock sets it exactly.
    fn set_timer(
        &mut self,
        user: &'a str,
        bucket: &'a str,
        stored: Option<Instant>,
        wanted: Option<Instant>,
        cause: Cause,
    ) {
        match (stored, wanted) {
            (None, Some(at)) => self.arm.push((user, bucket, at)),
            (Some(due), Some(at)) if at < due || (cause == Cause::Clock && at != due) => {
                self.arm.push((user, bucket, at));
            }
            (Some(_), None) if cause == Cause::Clock => self.disarm.push((user, bucket)),
            _ => {}
        }
    }

    /// Ends every stay of users who have no live contact, and drops their timers.
    pub fn farewell(&mut self, session: &Session, gone: &[&'a str]) {
        for (user, bucket, stay) in stays::active_of_users(session, gone) {
            self.end(user, bucket, &stay, Standing::Gone, None);
        }
        self.disarm_users.extend(gone);
    }

    /// Ends a stay because the contact or the bucket is no more, whose `quiet_before` was this.
    pub fn end(
        &mut self,
        user: String,
        bucket: String,
        stay: &Stay,
        standing: Standing,
        quiet_before: Option<Instant>,
    ) {
        let policy = Policy {
            quiet_before,
            ..Policy::default()
        };
        let look = Look {
            now: self.now,
            cause: Cause::Data,
            joining: Joining::Announced,
            muted: !settings::announce(),
            stay: Some(stay),
            standing,
        };
        if let Some(change) = stay::decide(&policy, &look).change {
            self.farewells.push((user, bucket, change));
        }
    }

    /// Writes everything: stays and outbox rows, dwells, timers. Numbers what is announced for the
    /// outbox, in the order in which it was decided.
    pub fn write(&self, session: &Session, outbox: &mut Outbox) -> Tally {
        let mut tally = Tally {
            rearmed: self.rearmed,
            ..Tally::default()
        };
        corrections::redate(session, &self.redated, self.now);
        for (place, id) in writes::moves(session, &self.moves, self.now, self.source) {
            self.told(&self.moves[place], id, &mut tally, outbox);
        }
        let farewells = self.farewells.iter();
        let farewells: Vec<Move> = farewells
            .map(|(user, bucket, change)| Move {
                user,
                bucket,
                change: *change,
                dwell_anchor_at: None,
            })
            .collect();
        for (place, id) in writes::moves(session, &farewells, self.now, self.source) {
            self.told(&farewells[place], id, &mut tally, outbox);
        }
        for (place, id) in writes::dwells(session, &self.dwells, self.now, self.source) {
            tally.dwelled += 1;
            if let Some(id) = id {
                outbox.add(id, self.source, &self.dwells[place].transition());
            }
        }
        timers::disarm(session, &self.disarm);
        timers::disarm_users(session, &self.disarm_users);
        if self.first {
            timers::arm_first(session, &self.arm, Quiet::default());
        } else {
            timers::arm(session, &self.arm, Quiet::default());
        }
        tally
    }

    /// Counts a stay that began or ended, and hands it to the outbox if it is announced.
    fn told(&self, moved: &Move, id: Option<i64>, tally: &mut Tally, outbox: &mut Outbox) {
        if moved.begins() {
            tally.entered += 1;
        } else {
            tally.left += 1;
        }
        if let Some(id) = id {
            outbox.add(id, self.source, &moved.transition());
        }
    }
}

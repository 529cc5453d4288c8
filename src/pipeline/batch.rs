//! The decisions of one pass, written down together.

use hogsend_core::stay::{self, Cause, Change, Joining, Look, Policy, Standing, Stay};
use hogsend_core::time::Instant;

use super::arrivals::Arrival;
use super::{Judged, Tally, Visit};
use crate::delivery::Outbox;
use crate::pg::settings;
use crate::pg::sql::Session;
use crate::registry::journeys::Journeys;
use crate::runs::{self, Happening, What};
use crate::store::corrections;
use crate::store::stays;
use crate::store::timers::{self, Quiet};
use crate::store::totals;
use crate::store::transitions::Transition;
use crate::store::writes::{self, Dwelled, Move};

/// What one pass has to write.
pub struct Batch<'a> {
    journeys: &'a Journeys,
    source: &'static str,
    now: Instant,
    redated: Vec<(&'a str, &'a str)>,
    moves: Vec<Move<'a>>,
    farewells: Vec<(String, String, Change)>,
    dwells: Vec<Dwelled<'a>>,
    /// Timers of pairs that have none, and of those that have another.
    arm: Vec<(&'a str, &'a str, Instant)>,
    rearm: Vec<(&'a str, &'a str, Instant)>,
    disarm: Vec<(&'a str, &'a str)>,
    /// Those who have no live contact.
    gone: Vec<&'a str>,
    arrivals: Vec<(&'a str, &'a [Arrival])>,
    visit: Visit,
    rearmed: i64,
}

impl<'a> Batch<'a> {
    pub fn new(journeys: &'a Journeys, source: &'static str, now: Instant) -> Batch<'a> {
        Batch {
            journeys,
            source,
            now,
            redated: Vec::new(),
            moves: Vec::new(),
            farewells: Vec::new(),
            dwells: Vec::new(),
            arm: Vec::new(),
            rearm: Vec::new(),
            disarm: Vec::new(),
            gone: Vec::new(),
            arrivals: Vec::new(),
            visit: Visit::Again,
            rearmed: 0,
        }
    }

    /// The same for a job; whom it records must stand in the order of the index.
    pub fn of_job(
        visit: Visit,
        journeys: &'a Journeys,
        source: &'static str,
        now: Instant,
    ) -> Batch<'a> {
        Batch {
            visit,
            ..Batch::new(journeys, source, now)
        }
    }

    /// Takes down what was decided about a pair.
    pub fn record(&mut self, judged: Judged<'a>) {
        let Judged {
            user,
            bucket,
            stored,
            redated,
            joining,
            cause,
            followed,
            decision,
            ..
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
                place: stored.place,
                followed,
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
                self.rearm.push((user, bucket, at));
            }
            (Some(_), None) if cause == Cause::Clock => self.disarm.push((user, bucket)),
            _ => {}
        }
    }

    /// Takes down what a user did that journeys mention.
    pub fn arrive(&mut self, user: &'a str, arrivals: &'a [Arrival]) {
        if !arrivals.is_empty() {
            self.arrivals.push((user, arrivals));
        }
    }

    /// Ends every stay and every run of users who have no live contact, and drops their timers.
    pub fn farewell(&mut self, session: &Session, gone: &[&'a str]) {
        for (user, bucket, stay) in stays::active_of_users(session, gone) {
            self.end(user, bucket, &stay, Standing::Gone, None);
        }
        self.gone.extend(gone);
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

    /// Writes everything: stays and outbox rows, dwells, runs, timers. Numbers what is announced for the
    /// outbox, in the order in which it was decided, and runs of journeys after it.
    pub fn write(&self, session: &Session, outbox: &mut Outbox) -> Tally {
        self.write_each(session, outbox, |_| {})
    }

    /// The same, and hands over each stay that has begun or ended.
    pub fn write_each(
        &self,
        session: &Session,
        outbox: &mut Outbox,
        mut moved: impl FnMut(&Move),
    ) -> Tally {
        let mut tally = Tally {
            rearmed: self.rearmed,
            ..Tally::default()
        };
        let mut happened = self.arrived();
        corrections::redate(session, &self.redated, self.now);
        for (place, id) in writes::moves(session, &self.moves, self.now, self.source) {
            moved(&self.moves[place]);
            let told = self.told(&self.moves[place], id, &mut tally, outbox);
            happened.extend(self.happening(told));
        }
        let farewells = self.farewells.iter();
        let farewells: Vec<Move> = farewells
            .map(|(user, bucket, change)| Move {
                user,
                bucket,
                change: *change,
                dwell_anchor_at: None,
                place: None,
                followed: false,
            })
            .collect();
        for (place, id) in writes::moves(session, &farewells, self.now, self.source) {
            moved(&farewells[place]);
            let told = self.told(&farewells[place], id, &mut tally, outbox);
            happened.extend(self.happening(told));
        }
        for (place, id) in writes::dwells(session, &self.dwells, self.now, self.source) {
            tally.dwelled += 1;
            if let Some(id) = id {
                let transition = self.dwells[place].transition();
                outbox.add(id, self.source, &transition);
                happened.extend(self.happening(Some(transition)));
            }
        }
        if !self.journeys.is_empty() {
            runs::bury(session, &self.gone, self.now);
        }
        let (journeys, source) = (self.journeys, self.source);
        runs::happened(session, journeys, &happened, source, self.now, outbox);
        timers::disarm(session, &self.disarm);
        timers::disarm_users(session, &self.gone);
        totals::drop_of(session, &self.gone);
        match self.visit {
            Visit::New => timers::arm_unasked(session, &self.arm),
            Visit::First => timers::arm_first(session, &self.arm, Quiet::default()),
            Visit::Again => timers::arm_new(session, &self.arm, Quiet::default()),
        }
        timers::arm(session, &self.rearm, Quiet::default());
        tally
    }

    /// The events that journeys mention.
    fn arrived(&self) -> Vec<Happening<'_>> {
        let arrivals = self.arrivals.iter();
        let arrivals = arrivals.flat_map(|(user, all)| all.iter().map(|one| (*user, one)));
        arrivals
            .map(|(user, arrival)| Happening {
                user,
                name: arrival.name,
                arrived: arrival.arrived(),
                what: What::Event(arrival),
            })
            .collect()
    }

    /// A transition that is announced, if journeys mention it.
    fn happening<'t>(&self, transition: Option<Transition<'t>>) -> Option<Happening<'t>> {
        let transition = transition?;
        Some(Happening {
            user: transition.user,
            name: self.journeys.of_transition(&transition)?,
            arrived: None,
            what: What::Transition(transition),
        })
    }

    /// Counts a stay that began or ended, and hands it to the outbox if it is announced; then it also returns it.
    fn told<'t>(
        &self,
        moved: &Move<'t>,
        id: Option<i64>,
        tally: &mut Tally,
        outbox: &mut Outbox,
    ) -> Option<Transition<'t>> {
        let followed = i64::from(moved.followed);
        if moved.begins() {
            tally.entered += 1;
            tally.followed.0 += followed;
        } else {
            tally.left += 1;
            tally.followed.1 += followed;
        }
        let transition = moved.transition();
        outbox.add(id?, self.source, &transition);
        Some(transition)
    }
}

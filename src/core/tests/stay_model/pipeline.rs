//! Drives `decide` the way the extension does: one stored stay, one stored timer.
//!
//! Data looks at the pair at once and may only make the timer earlier (an event that moves a flip
//! further away writes nothing). The clock looks only when the timer is due, and sets it exactly.

use hogsend_core::stay::{
    Cause, Change, Decision, Ended, Joining, Look, Policy, Reason, Standing, Stay, decide,
};
use hogsend_core::time::Instant;

use crate::naive::Seen;
use crate::world::{BEFORE, DataChange, END, Facts, World};

struct Pipeline<'a> {
    world: &'a World,
    policy: Policy,
    facts: &'a Facts,
    stay: Option<Stay>,
    timer: Option<Instant>,
    seen: Vec<Seen>,
}

pub fn run(world: &World, clock: &dyn Fn(i64) -> bool, end: i64) -> Vec<Seen> {
    let nothing = Facts::Deleted;
    let mut pipeline = Pipeline {
        world,
        policy: world.policy(),
        facts: &nothing,
        stay: None,
        timer: None,
        seen: Vec::new(),
    };
    for t in 0..=end {
        for change in world
            .changes
            .iter()
            .filter(|c| c.tick == t && !c.after_clock)
        {
            pipeline.data(t, change);
        }
        if clock(t) {
            pipeline.clock(t);
        }
        for change in world
            .changes
            .iter()
            .filter(|c| c.tick == t && c.after_clock)
        {
            pipeline.data(t, change);
        }
    }
    pipeline.seen
}

impl<'a> Pipeline<'a> {
    fn data(&mut self, t: i64, change: &'a DataChange) {
        let facts = &change.facts;
        self.facts = facts;
        let decision = self.look(t, Cause::Data, change.joining, change.muted);
        self.timer = self.timer.into_iter().chain(decision.timer).min();
        if matches!(facts, Facts::Deleted | Facts::BucketDeleted) {
            // Nothing that was armed may be needed any more: the timers go with the user.
            self.timer = None;
        }
        assert!(
            decision.dwells.is_empty(),
            "data made somebody dwell at {t}"
        );
    }

    fn clock(&mut self, t: i64) {
        let joining = if t < self.world.held_until {
            Joining::Held
        } else {
            Joining::Announced
        };
        let now = self.world.instant(t);
        let mut looks = 0;
        while self.timer.is_some_and(|timer| timer <= now) {
            self.timer = self.look(t, Cause::Clock, joining, false).timer;
            looks += 1;
            assert!(looks <= 2, "the clock spins at {t}");
        }
    }

    fn look(&mut self, t: i64, cause: Cause, joining: Joining, muted: bool) -> Decision {
        let standing = self.standing(t, cause);
        let now = self.world.instant(t);
        let look = Look {
            now,
            cause,
            joining,
            muted,
            stay: self.stay.as_ref(),
            standing,
        };
        let decision = decide(&self.policy, &look);
        self.apply(t, joining, &decision);
        decision
    }

    fn standing(&self, t: i64, cause: Cause) -> Standing {
        let truth = match self.facts {
            Facts::Deleted => return Standing::Gone,
            Facts::BucketDeleted => return Standing::BucketGone,
            Facts::Told(_) if cause == Cause::Clock => return Standing::Manual { wanted: None },
            Facts::Told(wanted) => return Standing::Manual { wanted: *wanted },
            Facts::Truth(truth) => truth,
        };
        let at = |tick: i64| truth[(tick + BEFORE) as usize];
        let is = at(t);
        let since = (-BEFORE..=t)
            .rev()
            .take_while(|tick| at(*tick) == is)
            .last();
        let flips_at = (t + 1..=END).find(|tick| at(*tick) != is);
        let out_since = self
            .stay
            .as_ref()
            .and_then(|stay| match (stay.ended, stay.max_dwell_at) {
                (
                    Some(Ended {
                        reason: Reason::MaxDwell,
                        ..
                    })
                    | None,
                    limit,
                ) => limit,
                (Some(ended), _) => Some(ended.left_at),
            });
        let lapsed =
            out_since.is_some_and(|from| (self.world.tick(from)..=t).any(|tick| !at(tick)));
        Standing::Evaluated {
            truth: is,
            look_at: flips_at.map(|tick| self.world.instant(tick)),
            since: self.world.instant(since.expect("now is one of the ticks")),
            lapsed,
        }
    }

    fn apply(&mut self, t: i64, joining: Joining, decision: &Decision) {
        let now = self.world.instant(t);
        match decision.change {
            Some(Change::Join {
                entry_count,
                max_dwell_at,
                announce,
                effective_at,
            }) => {
                let silent = joining == Joining::Silent;
                self.stay = Some(Stay {
                    entry_count,
                    entered_at: now,
                    max_dwell_at,
                    dwell_anchor_at: (silent && effective_at < now).then_some(effective_at),
                    dwell_counts: Vec::new(),
                    ended: None,
                });
                let effective = self.world.tick(effective_at);
                self.seen.push(Seen::Entered {
                    at: t,
                    entry: entry_count,
                    announced: announce,
                    effective,
                });
            }
            Some(Change::Leave {
                entry_count,
                reason,
                announce,
                effective_at,
            }) => {
                let stay = self.stay.as_mut().expect("nobody leaves who never came");
                stay.ended = Some(Ended {
                    left_at: now,
                    reason,
                });
                let effective = self.world.tick(effective_at);
                self.seen.push(Seen::Left {
                    at: t,
                    entry: entry_count,
                    reason,
                    announced: announce,
                    effective,
                });
            }
            None => {}
        }
        for dwell in &decision.dwells {
            let stay = self.stay.as_mut().expect("nobody dwells who never came");
            stay.dwell_counts.retain(|(label, _)| *label != dwell.label);
            stay.dwell_counts.push((dwell.label.clone(), dwell.ordinal));
            self.seen.push(Seen::Dwelt {
                at: t,
                entry: stay.entry_count,
                label: dwell.label.clone(),
                ordinal: dwell.ordinal,
                announced: dwell.announce,
                effective: self.world.tick(dwell.effective_at),
            });
        }
    }
}

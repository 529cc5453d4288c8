//! The rules once more, as the specification words them: no timers, no arithmetic, no cleverness.
//!
//! At every tick at which it may look at all, the model looks at everything and scans the whole
//! timeline tick by tick for what it needs to know. It shares no code with `decide`.

use hogsend_core::stay::{Joining, Reason};

use crate::world::{BEFORE, DataChange, Facts, Limit, Rules, World, label};

/// Something that happened. `at` is when it was seen, `effective` since when it is so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    Entered {
        at: i64,
        entry: i32,
        announced: bool,
        effective: i64,
    },
    Left {
        at: i64,
        entry: i32,
        reason: Reason,
        announced: bool,
        effective: i64,
    },
    Dwelt {
        at: i64,
        entry: i32,
        label: String,
        ordinal: i64,
        announced: bool,
        effective: i64,
    },
}

struct NaiveStay {
    entered: i64,
    anchor: i64,
    /// When the row was closed, and the instant as of which it ended.
    left: Option<(i64, Reason, i64)>,
}

struct Model<'a> {
    rules: &'a Rules,
    facts: &'a Facts,
    muted: bool,
    stays: Vec<NaiveStay>,
    seen: Vec<Seen>,
}

pub fn run(world: &World, clock: &dyn Fn(i64) -> bool, end: i64) -> Vec<Seen> {
    let nothing = Facts::Deleted;
    let mut model = Model {
        rules: &world.rules,
        facts: &nothing,
        muted: false,
        stays: Vec::new(),
        seen: Vec::new(),
    };
    for t in 0..=end {
        for change in world
            .changes
            .iter()
            .filter(|c| c.tick == t && !c.after_clock)
        {
            model.data(t, change);
        }
        if clock(t) {
            while model.look(t, true, t < world.held_until, true) {}
        }
        for change in world
            .changes
            .iter()
            .filter(|c| c.tick == t && c.after_clock)
        {
            model.data(t, change);
        }
    }
    model.seen
}

impl<'a> Model<'a> {
    fn data(&mut self, t: i64, change: &'a DataChange) {
        self.facts = &change.facts;
        self.muted = change.muted;
        self.look(t, false, false, change.joining == Joining::Announced);
        self.muted = false;
    }

    /// Looks once. Says whether anything happened.
    fn look(&mut self, t: i64, by_clock: bool, held: bool, aloud: bool) -> bool {
        let before = self.seen.len();
        match self.stays.last() {
            Some(stay) if stay.left.is_none() => self.look_at_member(t, by_clock, held),
            _ => self.look_at_outsider(t, by_clock, held, aloud),
        }
        self.seen.len() > before
    }

    /// Whether anybody is told of what took effect then.
    fn is_heard(&self, effective: i64) -> bool {
        !self.muted && self.rules.quiet_before.is_none_or(|end| effective >= end)
    }

    fn truth(&self, t: i64) -> bool {
        match self.facts {
            Facts::Truth(truth) => truth[(t + BEFORE) as usize],
            _ => panic!("asked for a truth that nobody knows"),
        }
    }

    /// The first tick from which on the truth has been what it is at `t`.
    fn since(&self, t: i64) -> i64 {
        let mut start = t;
        while start > -BEFORE && self.truth(start - 1) == self.truth(t) {
            start -= 1;
        }
        start
    }

    fn leave(&mut self, t: i64, reason: Reason, announced: bool, effective: i64) {
        let announced = announced && self.is_heard(effective);
        let entry = self.stays.len() as i32;
        self.stays.last_mut().unwrap().left = Some((t, reason, effective));
        self.seen.push(Seen::Left {
            at: t,
            entry,
            reason,
            announced,
            effective,
        });
    }

    fn look_at_member(&mut self, t: i64, by_clock: bool, held: bool) {
        let entered = self.stays.last().unwrap().entered;
        match self.facts {
            Facts::Deleted => return self.leave(t, Reason::Deleted, false, t),
            Facts::BucketDeleted => return self.leave(t, Reason::BucketDeleted, true, t),
            _ => {}
        }
        if let Some(longest) = self.rules.max_dwell
            && t - entered >= longest
        {
            return self.leave(t, Reason::MaxDwell, true, entered + longest);
        }
        match self.facts {
            // Being told is an act, not a state: the clock does not repeat it.
            Facts::Told(Some(false)) if !by_clock => {
                return self.leave(t, Reason::Manual, true, t);
            }
            Facts::Truth(_) if !self.truth(t) => {
                let shortest = self.rules.min_dwell.unwrap_or(0);
                if t - entered >= shortest {
                    let mut effective = self.since(t);
                    if self.rules.min_dwell.is_some() && effective < entered + shortest {
                        effective = entered + shortest;
                    }
                    return self.leave(t, Reason::Criteria, true, effective);
                }
            }
            _ => {}
        }
        if by_clock && !held {
            self.dwell(t);
        }
    }

    fn dwell(&mut self, t: i64) {
        let entry = self.stays.len() as i32;
        let anchor = self.stays.last().unwrap().anchor;
        for (recurring, interval) in &self.rules.dwell {
            let name = label(*recurring, *interval);
            let mut already = 0;
            for seen in &self.seen {
                match seen {
                    Seen::Dwelt {
                        entry: e,
                        label,
                        ordinal,
                        ..
                    } if *e == entry && *label == name => {
                        already = *ordinal;
                    }
                    _ => {}
                }
            }
            let (mut ordinal, mut effective, mut step) = (0, 0, 0);
            for tick in anchor + 1..=t {
                step += 1;
                if step == *interval && (*recurring || ordinal == 0) {
                    (ordinal, effective, step) = (ordinal + 1, tick, 0);
                }
            }
            if ordinal > already {
                self.seen.push(Seen::Dwelt {
                    at: t,
                    entry,
                    label: name,
                    ordinal,
                    announced: self.is_heard(effective),
                    effective,
                });
            }
        }
    }

    fn look_at_outsider(&mut self, t: i64, by_clock: bool, held: bool, aloud: bool) {
        let last_left = self.stays.last().and_then(|stay| stay.left);
        let mut effective = match self.facts {
            Facts::Truth(_) if self.truth(t) => self.since(t),
            Facts::Told(Some(true)) if !by_clock => t,
            _ => return,
        };
        if let (Facts::Truth(_), Some((_, Reason::MaxDwell, end))) = (self.facts, last_left) {
            let lapsed = (end..=t).any(|tick| !self.truth(tick));
            if by_clock && !lapsed {
                return;
            }
            if effective < end {
                effective = end;
            }
        } else if let (Facts::Truth(_), false, Some((left, _, _))) = (self.facts, aloud, last_left)
        {
            // In silence nobody is back since before they left.
            effective = effective.max(left);
        }
        if by_clock && held {
            return;
        }
        let allowed = match (self.rules.limit, last_left) {
            (_, None) | (Limit::Unlimited | Limit::Period(None), _) => true,
            (Limit::Once, _) => false,
            (Limit::Period(Some(period)), Some((left_at, _, _))) => t - left_at >= period,
        };
        let anchor = if aloud { t } else { effective };
        self.stays.push(NaiveStay {
            entered: t,
            anchor,
            left: None,
        });
        let entry = self.stays.len() as i32;
        self.seen.push(Seen::Entered {
            at: t,
            entry,
            announced: aloud && allowed && self.is_heard(effective),
            effective,
        });
    }
}

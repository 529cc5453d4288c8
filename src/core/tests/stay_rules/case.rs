//! A short way to say "this bucket, this stay, this look", so that a rule fits on a line.

use hogsend_core::stay::{
    Cause, Change, Decision, DwellSchedule, Ended, EntryLimit, Joining, Look, Policy, Reason,
    Standing, Stay, decide,
};
use hogsend_core::time::{Instant, Span};

/// All instants of these tests are whole minutes, and all spans too.
pub fn at(minute: i64) -> Instant {
    Instant(minute * Span::MINUTE.0)
}

pub fn span(minutes: i64) -> Span {
    Span(minutes * Span::MINUTE.0)
}

pub fn after(minutes: i64) -> String {
    DwellSchedule::new(false, span(minutes)).label
}

pub fn every(minutes: i64) -> String {
    DwellSchedule::new(true, span(minutes)).label
}

/// One call of `decide`, built from an ordinary one by naming what differs.
#[derive(Clone, Debug)]
pub struct Case {
    pub policy: Policy,
    pub now: Instant,
    pub cause: Cause,
    pub joining: Joining,
    pub muted: bool,
    pub stay: Option<Stay>,
    pub standing: Standing,
}

fn case(cause: Cause, now: i64) -> Case {
    Case {
        policy: Policy {
            entry_limit: EntryLimit::Unlimited,
            ..Policy::default()
        },
        now: at(now),
        cause,
        joining: Joining::Announced,
        muted: false,
        stay: None,
        standing: Standing::Evaluated {
            truth: true,
            look_at: None,
            since: at(now),
            lapsed: false,
        },
    }
}

/// New data makes us look: true, as of now, never flips; nobody was ever here.
pub fn data(now: i64) -> Case {
    case(Cause::Data, now)
}

/// The same, but only the clock makes us look.
pub fn clock(now: i64) -> Case {
    case(Cause::Clock, now)
}

/// Everybody is looked at again, in silence.
pub fn review(now: i64) -> Case {
    case(Cause::Review, now).joining(Joining::Silent)
}

/// The same aloud, after the clock was ahead.
pub fn correction(now: i64) -> Case {
    case(Cause::Correction, now)
}

/// Another id turns out to be the user's; `carried`: whose the stay was.
pub fn identity(now: i64, carried: bool) -> Case {
    case(Cause::Merge { carried }, now)
}

impl Case {
    pub fn limit(mut self, limit: EntryLimit) -> Case {
        self.policy.entry_limit = limit;
        self
    }
    pub fn min(mut self, minutes: i64) -> Case {
        self.policy.min_dwell = Some(span(minutes));
        self
    }
    pub fn max(mut self, minutes: i64) -> Case {
        self.policy.max_dwell = Some(span(minutes));
        self
    }
    pub fn after(mut self, minutes: i64) -> Case {
        self.policy
            .dwell
            .push(DwellSchedule::new(false, span(minutes)));
        self
    }
    pub fn every(mut self, minutes: i64) -> Case {
        self.policy
            .dwell
            .push(DwellSchedule::new(true, span(minutes)));
        self
    }
    pub fn joining(mut self, joining: Joining) -> Case {
        self.joining = joining;
        self
    }
    pub fn standing(mut self, standing: Standing) -> Case {
        self.standing = standing;
        self
    }

    /// False since `minute`.
    pub fn not(mut self, minute: i64) -> Case {
        if let Standing::Evaluated { truth, since, .. } = &mut self.standing {
            (*truth, *since) = (false, at(minute));
        }
        self
    }
    pub fn since(mut self, minute: i64) -> Case {
        if let Standing::Evaluated { since, .. } = &mut self.standing {
            *since = at(minute);
        }
        self
    }
    pub fn flips(mut self, minute: i64) -> Case {
        if let Standing::Evaluated { look_at, .. } = &mut self.standing {
            *look_at = Some(at(minute));
        }
        self
    }
    pub fn lapsed(mut self) -> Case {
        if let Standing::Evaluated { lapsed, .. } = &mut self.standing {
            *lapsed = true;
        }
        self
    }

    /// In since `minute`, for the first time; `max_dwell_at` as the policy so far sets it.
    pub fn member(mut self, minute: i64) -> Case {
        self.stay = Some(Stay {
            entry_count: 1,
            entered_at: at(minute),
            max_dwell_at: self.policy.max_dwell.map(|max| at(minute).plus(max)),
            dwell_anchor_at: None,
            dwell_counts: Vec::new(),
            ended: None,
        });
        self
    }
    /// In at 0 for the `entry_count`-th time, out at `minute`.
    pub fn left(mut self, entry_count: i32, minute: i64, reason: Reason) -> Case {
        self = self.member(0);
        self.stay(|stay| {
            stay.entry_count = entry_count;
            stay.ended = Some(Ended {
                left_at: at(minute),
                reason,
            });
        })
    }
    pub fn stay(mut self, change: impl FnOnce(&mut Stay)) -> Case {
        change(self.stay.as_mut().expect("name the stay first"));
        self
    }
    pub fn anchor(self, minute: i64) -> Case {
        self.stay(|stay| stay.dwell_anchor_at = Some(at(minute)))
    }
    pub fn fired(self, label: String, ordinal: i64) -> Case {
        self.stay(|stay| stay.dwell_counts.push((label, ordinal)))
    }

    pub fn quiet_before(mut self, minute: i64) -> Case {
        self.policy.quiet_before = Some(at(minute));
        self
    }
    pub fn muted(mut self) -> Case {
        self.muted = true;
        self
    }

    pub fn decide(&self) -> Decision {
        decide(
            &self.policy,
            &Look {
                now: self.now,
                cause: self.cause,
                joining: self.joining,
                muted: self.muted,
                stay: self.stay.as_ref(),
                standing: self.standing,
            },
        )
    }
}

/// Checks every row of a table and names the one that fails.
pub fn check<const N: usize>(rows: [(&str, Case, Decision); N]) {
    for (name, case, expected) in rows {
        assert_eq!(case.decide(), expected, "{name}\n{case:#?}");
    }
}

/// Nothing happens; look again at `timer`.
pub fn wait(timer: impl Into<Option<i64>>) -> Decision {
    Decision {
        timer: timer.into().map(at),
        ..Decision::default()
    }
}

pub fn join(entry_count: i32, announce: bool, effective: i64) -> Decision {
    let change = Change::Join {
        entry_count,
        max_dwell_at: None,
        announce,
        effective_at: at(effective),
    };
    Decision {
        change: Some(change),
        ..Decision::default()
    }
}

pub fn leave(reason: Reason, effective: i64) -> Decision {
    let announce = reason != Reason::Deleted;
    let change = Change::Leave {
        entry_count: 1,
        reason,
        announce,
        effective_at: at(effective),
    };
    Decision {
        change: Some(change),
        ..Decision::default()
    }
}

/// The parts of an expected decision that few rules are about.
pub trait Expect {
    fn timer(self, minute: i64) -> Decision;
    fn until(self, minute: i64) -> Decision;
    fn dwell(self, label: String, ordinal: i64, effective: i64) -> Decision;
    fn unheard(self) -> Decision;
}

impl Expect for Decision {
    fn timer(mut self, minute: i64) -> Decision {
        self.timer = Some(at(minute));
        self
    }
    /// The join's `max_dwell_at`.
    fn until(mut self, minute: i64) -> Decision {
        if let Some(Change::Join { max_dwell_at, .. }) = &mut self.change {
            *max_dwell_at = Some(at(minute));
        }
        self
    }
    fn dwell(mut self, label: String, ordinal: i64, effective: i64) -> Decision {
        let effective_at = at(effective);
        self.dwells.push(hogsend_core::stay::Dwell {
            label,
            ordinal,
            effective_at,
            announce: true,
        });
        self
    }
    /// The same, and nobody is told.
    fn unheard(mut self) -> Decision {
        if let Some(Change::Join { announce, .. } | Change::Leave { announce, .. }) =
            &mut self.change
        {
            *announce = false;
        }
        for dwell in &mut self.dwells {
            dwell.announce = false;
        }
        self
    }
}

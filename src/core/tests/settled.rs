//! That a settled pair needs no evaluation, against evaluating it, over random lives: events come
//! and go, the clock looks when a timer is due, and every arrival is asked about first.
//!
//! `HOGSEND_CASES` runs more of them; `HOGSEND_FIRST_CASE` starts elsewhere.

#[path = "criteria_oracle/generate.rs"]
#[allow(dead_code)]
mod generate;
#[path = "criteria_oracle/model.rs"]
#[allow(dead_code)]
mod model;
#[path = "criteria_support/random.rs"]
#[allow(dead_code)]
mod random;

use generate::{EVENTS, Grid};
use hogsend_core::criteria::{Criteria, Facts, Lean, PropertyValue};
use hogsend_core::outlook::lapsed;
use hogsend_core::stay::{
    Cause, Change, Decision, DwellSchedule, Ended, Joining, Look, Policy, Standing, Stay, decide,
    settled,
};
use hogsend_core::time::{Instant, Span};
use model::{CALENDAR_END, User};
use random::Random;

/// A user of whom only events are known, and that there is a contact.
struct Known<'a>(&'a Criteria, &'a User);

impl Facts for Known<'_> {
    fn occurrence(&self, event: usize, rank: u64) -> Option<Instant> {
        let name = &self.0.events()[event].event;
        let index = EVENTS.iter().position(|event| event == name)?;
        let mut times = self.1.events[index].clone();
        times.sort_unstable_by(|a, b| b.cmp(a));
        let place = usize::try_from(rank - 1).ok()?;
        times.get(place).copied().map(Instant)
    }

    fn property(&self, _: usize) -> Option<&PropertyValue> {
        None
    }

    fn live_contact(&self) -> bool {
        true
    }
}

/// One pair, and how the pipeline would keep it.
struct Pair<'a> {
    criteria: &'a Criteria,
    policy: &'a Policy,
    stay: Option<Stay>,
    timer: Option<Instant>,
}

impl Pair<'_> {
    fn decide(&self, user: &User, cause: Cause, now: Instant) -> Decision {
        let facts = Known(self.criteria, user);
        let verdict = self.criteria.evaluate(&facts, now);
        let stay = self.stay.as_ref();
        let look = Look {
            now,
            cause,
            joining: Joining::Announced,
            muted: false,
            stay,
            standing: Standing::Evaluated {
                truth: verdict.truth,
                flips_at: verdict.flips_at,
                since: now,
                lapsed: stay.is_some_and(|stay| lapsed(self.criteria, &facts, stay, now)),
            },
        };
        decide(self.policy, &look)
    }

    /// Whether a decision would write anything; timers are lazy.
    fn writes(&self, decision: &Decision) -> bool {
        let later = |at| self.timer.is_none_or(|due| at < due);
        decision.change.is_some() || decision.timer.is_some_and(later)
    }

    fn apply(&mut self, decision: Decision, cause: Cause, now: Instant) {
        let exact = cause == Cause::Clock;
        if exact
            || self.writes(&Decision {
                change: None,
                ..decision.clone()
            })
        {
            self.timer = decision.timer;
        }
        if let Some(stay) = &mut self.stay {
            for dwell in decision.dwells {
                stay.dwell_counts.retain(|(label, _)| *label != dwell.label);
                stay.dwell_counts.push((dwell.label, dwell.ordinal));
            }
        }
        match decision.change {
            Some(Change::Join {
                entry_count,
                max_dwell_at,
                ..
            }) => {
                self.stay = Some(Stay {
                    entry_count,
                    entered_at: now,
                    max_dwell_at,
                    dwell_anchor_at: None,
                    dwell_counts: Vec::new(),
                    ended: None,
                });
            }
            Some(Change::Leave { reason, .. }) => {
                if let Some(stay) = &mut self.stay {
                    stay.ended = Some(Ended {
                        left_at: now,
                        reason,
                    });
                }
            }
            None => {}
        }
    }
}

/// What an arrival of these events can do, as the pipeline asks.
fn lean_of(criteria: &Criteria, event: usize) -> Option<Lean> {
    let place = criteria
        .events()
        .iter()
        .position(|need| need.event == EVENTS[event])?;
    Some(criteria.lean(place))
}

fn span(random: &mut Random, grid: &Grid) -> Option<Span> {
    random
        .one_in(3)
        .then(|| Span((random.between(1, 6) * grid.step).max(1)))
}

/// `lean` is what the pipeline believes of an event; returns an arrival at which that was wrong.
fn live(
    case: u64,
    lean: impl Fn(&Criteria, usize) -> Option<Lean>,
    settled_pairs: &mut [u64; 2],
) -> Option<String> {
    let mut random = Random::new(case ^ 0x5e771ed);
    let random = &mut random;
    let grid = Grid::new(random);
    if grid.origin.abs() > CALENDAR_END / 2 {
        return None;
    }
    let depth = random.below(3);
    let tree = generate::tree(random, &grid, depth);
    let Ok(criteria) = Criteria::parse(&generate::json(random, &tree)) else {
        return None;
    };
    let policy = Policy {
        min_dwell: span(random, &grid),
        max_dwell: span(random, &grid),
        dwell: span(random, &grid)
            .map(|every| DwellSchedule::new(true, every))
            .into_iter()
            .collect(),
        ..Policy::default()
    };
    let mut user = User {
        events: vec![Vec::new(); EVENTS.len()],
        contact: Some(Vec::new()),
    };
    let mut pair = Pair {
        criteria: &criteria,
        policy: &policy,
        stay: None,
        timer: None,
    };
    let mut now = grid.origin;
    if criteria.has_property_leg() {
        // The contact is new: they come into scope.
        let decision = pair.decide(&user, Cause::Data, Instant(now));
        pair.apply(decision, Cause::Data, Instant(now));
    }
    for _ in 0..24 {
        now += random.between(0, 2) * grid.step + random.between(0, 1);
        // The clock is sometimes late.
        while let Some(due) = pair.timer.filter(|due| due.0 <= now && !random.one_in(4)) {
            let decision = pair.decide(&user, Cause::Clock, Instant(now));
            pair.apply(decision, Cause::Clock, Instant(now));
            if pair.timer == Some(due) {
                break;
            }
        }
        let event = random.below(EVENTS.len());
        let at = now + random.between(-8, 2) * grid.step + random.between(-1, 1);
        let before = lean(&criteria, event);
        let gone = random.one_in(5) && !user.events[event].is_empty();
        if gone {
            user.events[event].pop();
        } else {
            user.events[event].push(at);
        }
        if before.is_none() {
            continue;
        }
        let decision = pair.decide(&user, Cause::Data, Instant(now));
        if let (Some(lean), false) = (before, gone)
            && settled(
                lean,
                criteria.has_property_leg(),
                pair.stay.as_ref(),
                pair.timer,
                Instant(now),
            )
        {
            settled_pairs[usize::from(lean == Lean::Hurts)] += 1;
            if pair.writes(&decision) {
                return Some(format!(
                    "case {case} at {now}: {decision:?} though {lean:?}, {:?}, timer {:?}, {user:?}\n{}",
                    pair.stay,
                    pair.timer,
                    criteria.canonical()
                ));
            }
        }
        pair.apply(decision, Cause::Data, Instant(now));
    }
    None
}

#[test]
fn a_settled_pair_stays_as_it_is() {
    let cases = random::cases("HOGSEND_CASES", 60_000);
    let first = random::cases("HOGSEND_FIRST_CASE", 0);
    let mut seen = [0; 2];
    for case in first..first + cases {
        if let Some(wrong) = live(case, lean_of, &mut seen) {
            panic!("{wrong}");
        }
    }
    println!("settled: {cases} lives; settled by help, by hurt: {seen:?}");
    assert!(
        cases < 1_000 || seen.iter().all(|number| *number > cases / 20),
        "{seen:?}"
    );
}

/// The test above can fail: were every event taken for one that helps, or for one that hurts, it
/// would be noticed.
#[test]
fn a_wrong_lean_is_noticed() {
    for wrong in [Lean::Helps, Lean::Hurts] {
        let believed = |criteria: &Criteria, event| lean_of(criteria, event).map(|_| wrong);
        let mut lives = 0..5_000;
        assert!(
            lives.any(|case| live(case, believed, &mut [0; 2]).is_some()),
            "{wrong:?}"
        );
    }
}

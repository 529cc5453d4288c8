//! That a settled pair needs no evaluation, against evaluating it, over random lives: events come
//! and go, the clock looks when a timer is due, and every arrival is asked about first.
//!
//! `HOGSEND_CASES` runs more of them; `HOGSEND_FIRST_CASE` starts elsewhere.

#[path = "criteria_support/facts.rs"]
mod facts;

use facts::{Listed, rows};
use hogsend_core::criteria::{Criteria, Effect, Order, Scope};
use hogsend_core::outlook::lapsed;
use hogsend_core::stay::{
    Cause, Change, Decision, DwellSchedule, Ended, Joining, Look, Policy, Standing, Stay, decide,
    settled,
};
use hogsend_core::time::{Instant, Span};
use hogsend_model::{
    CALENDAR_END, Facts, Grid, Node, Occurrence, Properties, Random, World, random,
};

/// One pair, and how the pipeline would keep it.
struct Pair<'a> {
    criteria: &'a Criteria,
    policy: &'a Policy,
    stay: Option<Stay>,
    timer: Option<Instant>,
}

impl Pair<'_> {
    fn decide(&self, user: &Facts, cause: Cause, now: Instant) -> Decision {
        let facts = Listed::stored(self.criteria, user);
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
                look_at: verdict.look_at,
                since: now,
                lapsed: stay.is_some_and(|stay| lapsed(self.criteria, &facts, stay, now).unwrap()),
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

/// What an occurrence can do, as the pipeline asks; `None` where the criteria do not name its event.
fn effect_of(criteria: &Criteria, occurrence: &Occurrence) -> Option<Effect> {
    let names_it = criteria.events().contains(&occurrence.event);
    let series = criteria.series().iter().zip(criteria.effects());
    let its = series.filter(|(need, _)| rows::is_in(&need.of, occurrence));
    names_it.then(|| its.fold(Effect::NONE, |all, (_, effect)| all.and(effect)))
}

fn span(random: &mut Random, grid: &Grid) -> Option<Span> {
    random
        .one_in(3)
        .then(|| Span((random.between(1, 6) * grid.step).max(1)))
}

/// `effect` is what the pipeline believes of an event; returns an arrival at which that was wrong.
fn live(
    case: u64,
    effect: impl Fn(&Criteria, &Occurrence) -> Option<Effect>,
    settled_pairs: &mut [u64; 3],
) -> Option<String> {
    let mut random = Random::new(case ^ 0x5e771ed);
    let random = &mut random;
    let world = World::any(random);
    let grid = &world.grid;
    if grid.origin.abs() > CALENDAR_END / 2 {
        return None;
    }
    let depth = random.below(3);
    let tree = Node::random(random, &world, depth);
    let Ok(criteria) = Criteria::parse_in(&tree.json(random), &rows::Clocks) else {
        return None;
    };
    let policy = Policy {
        min_dwell: span(random, grid),
        max_dwell: span(random, grid),
        dwell: span(random, grid)
            .map(|every| DwellSchedule::new(true, every))
            .into_iter()
            .collect(),
        ..Policy::default()
    };
    // Of whom only events are known, and that there is a contact.
    let mut user = Facts::new([], Some(Properties::new()));
    let mut pair = Pair {
        criteria: &criteria,
        policy: &policy,
        stay: None,
        timer: None,
    };
    let mut now = grid.origin;
    if criteria.scope() == Scope::Everybody {
        // The contact is new: they come into scope.
        let decision = pair.decide(&user, Cause::Data, Instant(now));
        pair.apply(decision, Cause::Data, Instant(now));
    }
    for number in 0..24 {
        now += random.between(0, 2) * grid.step + random.between(0, 1);
        // The clock is sometimes late.
        while let Some(due) = pair.timer.filter(|due| due.0 <= now && !random.one_in(4)) {
            let decision = pair.decide(&user, Cause::Clock, Instant(now));
            pair.apply(decision, Cause::Clock, Instant(now));
            if pair.timer == Some(due) {
                break;
            }
        }
        let event = random.pick(world.events);
        let at = now + random.between(-8, 2) * grid.step + random.between(-1, 1);
        let arrival = Occurrence {
            at,
            ..Occurrence::random(random, &world, event, number)
        };
        let before = effect(&criteria, &arrival);
        let there = user.of(event);
        let gone = (!there.is_empty() && random.one_in(5)).then(|| random.pick(there));
        match &gone {
            Some(occurrence) => user.remove(occurrence),
            None => user.add(arrival),
        }
        if before.is_none() {
            continue;
        }
        let decision = pair.decide(&user, Cause::Data, Instant(now));
        if let (Some(effect), None) = (before, gone)
            && settled(
                effect,
                effect.from.of(Instant(at)),
                criteria.holds_without_any(),
                pair.stay.as_ref(),
                pair.timer,
                Instant(now),
            )
        {
            let begins = effect.from.of(Instant(at));
            let is_later = pair.timer.is_some_and(|due| due <= begins);
            settled_pairs[match effect.order {
                _ if is_later => 2,
                Order::Down => 1,
                _ => 0,
            }] += 1;
            if pair.writes(&decision) {
                return Some(format!(
                    "case {case} at {now}: {decision:?} though {effect:?}, {:?}, timer {:?}, {user:?}\n{}",
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
    let mut seen = [0; 3];
    for case in first..first + cases {
        if let Some(wrong) = live(case, effect_of, &mut seen) {
            panic!("{wrong}");
        }
    }
    println!("settled: {cases} lives; settled by help, by hurt, by time: {seen:?}");
    assert!(
        cases < 1_000 || seen.iter().all(|number| *number > cases / 50),
        "{seen:?}"
    );
}

/// The test above can fail: were every event taken for one that helps, or for one that hurts, it
/// would be noticed.
#[test]
fn a_wrong_effect_is_noticed() {
    for wrong in [Order::Same, Order::Up, Order::Down].map(Effect::at_once) {
        let believed =
            |criteria: &Criteria, arrival: &Occurrence| effect_of(criteria, arrival).map(|_| wrong);
        let mut lives = 0..5_000;
        assert!(
            lives.any(|case| live(case, believed, &mut [0; 3]).is_some()),
            "{wrong:?}"
        );
    }
}

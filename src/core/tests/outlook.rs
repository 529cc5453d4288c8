//! What the clock will do, against trying every instant.
//!
//! `HOGSEND_CASES` runs more of them; `HOGSEND_FIRST_CASE` starts elsewhere.

#[path = "criteria_support/facts.rs"]
mod facts;

use facts::Listed;
use facts::rows::Clocks;
use hogsend_core::criteria::Criteria;
use hogsend_core::outlook::next_change;
use hogsend_core::stay::{Change, DwellSchedule, Ended, Policy, Reason, Stay};
use hogsend_core::time::{Instant, Span};
use hogsend_model::{CALENDAR_END, Facts, Grid, Node, Properties, Random, World, random};

fn span(random: &mut Random, grid: &Grid) -> Option<Span> {
    (!random.one_in(3)).then(|| Span((random.between(1, 6) * grid.step).max(1)))
}

/// What the rules say at one instant: does the stay begin or end, and why?
fn changes(
    tree: &Node,
    user: &Facts,
    policy: &Policy,
    stay: &Stay,
    at: i64,
    now: i64,
) -> Option<Option<Reason>> {
    let truth = tree.truth(user, at);
    let Some(ended) = stay.ended else {
        let earliest = policy.min_dwell.map(|min| stay.entered_at.plus(min).0);
        return if stay.max_dwell_at.is_some_and(|limit| limit.0 <= at) {
            Some(Some(Reason::MaxDwell))
        } else if !truth && earliest.is_none_or(|earliest| earliest <= at) {
            Some(Some(Reason::Criteria))
        } else {
            None
        };
    };
    // Who timed out comes back once the criteria have been false in between.
    let held_out = ended.reason == Reason::MaxDwell && {
        let limit = stay.max_dwell_at?.0;
        let mut between = tree.changes(user);
        between.extend([limit, now]);
        !between
            .into_iter()
            .any(|t| limit <= t && t <= at && !tree.truth(user, t))
    };
    (truth && !held_out).then_some(None)
}

fn run(case: u64, seen: &mut [u64; 4]) {
    let mut random = Random::new(case ^ 0x7100c);
    let random = &mut random;
    let world = World::any(random);
    let grid = &world.grid;
    if grid.origin.abs() > CALENDAR_END / 2 {
        // Where the calendar ends stays would begin or end outside of it.
        return;
    }
    let depth = random.below(4);
    let tree = Node::random(random, &world, depth);
    let Ok(criteria) = Criteria::parse_in(&tree.json(random), &Clocks) else {
        return;
    };
    let mut user = Facts::random(random, &world);
    // Of contacts it is only known whether there is one.
    user.properties = user.properties.map(|_| Properties::new());
    let policy = Policy {
        min_dwell: span(random, grid),
        max_dwell: span(random, grid),
        dwell: vec![DwellSchedule::new(true, Span(1))],
        ..Policy::default()
    };
    let now = grid.instant(random);
    let entered_at = Instant(now - random.between(0, 4) * grid.step);
    let max_dwell_at = policy.max_dwell.map(|max| entered_at.plus(max));
    let reason = match random.below(3) {
        0 => Reason::MaxDwell,
        _ => Reason::Criteria,
    };
    let out = random.one_in(2)
        && (reason != Reason::MaxDwell || max_dwell_at.is_some_and(|at| at.0 <= now));
    let stay = Stay {
        entry_count: 1,
        entered_at,
        max_dwell_at,
        dwell_anchor_at: None,
        dwell_counts: Vec::new(),
        ended: out.then_some(Ended {
            left_at: Instant(now),
            reason,
        }),
    };

    let mut instants = tree.changes(&user);
    instants.extend(max_dwell_at.map(|at| at.0));
    instants.extend(policy.min_dwell.map(|min| entered_at.plus(min).0));
    instants.retain(|at| *at > now);
    instants.push(now);
    instants.sort_unstable();
    let expected = instants.iter().find_map(|at| {
        let reason = changes(&tree, &user, &policy, &stay, *at, now)?;
        Some((*at, reason))
    });
    let facts = Listed::stored(&criteria, &user);
    let found = next_change(&policy, Some(&criteria), &facts, Some(&stay), Instant(now)).unwrap();
    let found = found.map(|(at, change)| match change {
        Change::Join { .. } => (at.0, None),
        Change::Leave { reason, .. } => (at.0, Some(reason)),
    });
    assert_eq!(
        found,
        expected,
        "case {case}, now {now}, {policy:?}, {stay:?}, {user:?}\n{}",
        criteria.canonical()
    );
    seen[match found {
        None => 0,
        Some((_, None)) => 1,
        Some((_, Some(Reason::MaxDwell))) => 2,
        Some(_) => 3,
    }] += 1;
}

#[test]
fn the_clock_does_what_was_foretold() {
    let cases = random::cases("HOGSEND_CASES", 30_000);
    let first = random::cases("HOGSEND_FIRST_CASE", 0);
    let mut seen = [0; 4];
    for case in first..first + cases {
        run(case, &mut seen);
    }
    println!("outlook: {cases} cases; nothing, joins, time out, leaves: {seen:?}");
    assert!(
        cases < 1_000 || seen.iter().all(|number| *number > cases / 50),
        "{seen:?}"
    );
}

/// A bucket that is kept by hand: only time moves anybody, out.
#[test]
fn kept_by_hand() {
    let criteria = Criteria::parse(r#"{"type":"event","eventName":"paid","check":"exists"}"#);
    let criteria = criteria.expect("criteria");
    let facts = Listed::stored(&criteria, &Facts::default());
    let stay = |max_dwell_at| Stay {
        entry_count: 2,
        entered_at: Instant(0),
        max_dwell_at,
        dwell_anchor_at: None,
        dwell_counts: Vec::new(),
        ended: None,
    };
    let next = |stay: Option<&Stay>| {
        next_change(&Policy::default(), None, &facts, stay, Instant(50))
            .unwrap()
            .map(|(at, _)| at)
    };
    assert_eq!(next(None), None);
    assert_eq!(next(Some(&stay(None))), None);
    assert_eq!(next(Some(&stay(Some(Instant(70))))), Some(Instant(70)));
    assert_eq!(next(Some(&stay(Some(Instant(30))))), Some(Instant(50)));
}

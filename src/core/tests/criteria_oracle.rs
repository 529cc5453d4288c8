//! The evaluator against the definition, on random criteria and histories.
//!
//! `HOGSEND_CASES=10000000 cargo test -p hogsend-core --test criteria_oracle` runs more of them;
//! `HOGSEND_FIRST_CASE` starts elsewhere. Case *n* is always the same.

#[path = "criteria_oracle/generate.rs"]
mod generate;
#[path = "criteria_oracle/model.rs"]
mod model;
#[path = "criteria_support/random.rs"]
mod random;

use generate::{EVENTS, Grid, PROPERTIES};
use hogsend_core::criteria::{Criteria, Facts, PropertyValue, Verdict};
use hogsend_core::time::Instant;
use model::{CALENDAR_END, Node, User};
use random::Random;

/// Facts that answer only what the criteria said they would ask.
struct Listed<'a> {
    criteria: &'a Criteria,
    /// For each event of the criteria, latest first.
    occurrences: Vec<Vec<i64>>,
    properties: Vec<Option<PropertyValue>>,
    live: bool,
}

impl<'a> Listed<'a> {
    fn new(random: &mut Random, criteria: &'a Criteria, user: &User) -> Listed<'a> {
        let index = |names: &[&str], name: &str| names.iter().position(|n| *n == name).unwrap();
        let occurrences = criteria.events().iter().map(|need| {
            let mut times = user.events[index(&EVENTS, &need.event)].clone();
            times.sort_unstable_by(|a, b| b.cmp(a));
            times
        });
        let properties = criteria.properties().iter().map(|name| {
            let value = user.contact.as_ref()?[index(&PROPERTIES, name)].as_ref()?;
            Some(PropertyValue::parse(&generate::value_json(random, value)))
        });
        Listed {
            criteria,
            occurrences: occurrences.collect(),
            properties: properties.collect(),
            live: user.contact.is_some(),
        }
    }
}

impl Facts for Listed<'_> {
    fn occurrence(&self, event: usize, rank: u64) -> Option<Instant> {
        let need = &self.criteria.events()[event];
        assert!(
            need.ranks.contains(&rank),
            "rank {rank} of {need:?} was never announced"
        );
        let index = usize::try_from(rank - 1).unwrap();
        self.occurrences[event]
            .get(index)
            .map(|micros| Instant(*micros))
    }

    fn property(&self, property: usize) -> Option<&PropertyValue> {
        self.properties[property].as_ref()
    }

    fn live_contact(&self) -> bool {
        self.live
    }
}

/// The first instant after `now` at which the truth is another one.
fn next_flip(tree: &Node, user: &User, now: i64, instants: &[i64]) -> Option<i64> {
    let truth = tree.truth(user, now);
    instants
        .iter()
        .copied()
        .find(|t| *t > now && tree.truth(user, *t) != truth)
}

/// The last instant in (after, until] at which the truth is another one than just before.
fn last_flip(tree: &Node, user: &User, after: i64, until: i64, instants: &[i64]) -> Option<i64> {
    let mut truth = tree.truth(user, after);
    let mut last = None;
    for t in instants
        .iter()
        .copied()
        .filter(|t| *t > after && *t <= until)
    {
        if tree.truth(user, t) != truth {
            (truth, last) = (!truth, Some(t));
        }
    }
    last
}

#[derive(Default, Debug)]
struct Seen {
    refused: u64,
    evaluations: u64,
    true_now: u64,
    becomes_false: u64,
    becomes_true: u64,
    flipped_before: u64,
    every_microsecond: u64,
}

fn run(case: u64, seen: &mut Seen) {
    let mut random = Random::new(case);
    let random = &mut random;
    let grid = Grid::new(random);
    let depth = random.below(5);
    let tree = generate::tree(random, &grid, depth);
    let json = generate::json(random, &tree);
    let criteria = match Criteria::parse(&json) {
        Ok(criteria) => criteria,
        Err(problems) => {
            assert!(tree.negations_only(), "case {case}: {problems:?}\n{json}");
            seen.refused += 1;
            return;
        }
    };
    assert!(
        !tree.negations_only(),
        "case {case}: only negations\n{json}"
    );
    let again = Criteria::parse(&criteria.canonical()).expect("canonical criteria");
    assert_eq!(again.canonical(), criteria.canonical(), "case {case}");

    for _ in 0..2 {
        let user = generate::user(random, &grid);
        let facts = Listed::new(random, &criteria, &user);
        let mut instants = tree.instants(&user);
        if grid.step == 1 && grid.origin < CALENDAR_END - 100 {
            // So small a world that every microsecond can be tried.
            instants = (grid.origin - 40..grid.origin + 60).collect();
            seen.every_microsecond += 1;
        }
        let on_edge = |random: &mut Random| match instants.len() {
            0 => grid.instant(random),
            n if random.one_in(3) => instants[random.below(n)],
            _ => grid.instant(random),
        };
        let now = on_edge(random).min(CALENDAR_END - 1);
        let verdict = criteria.evaluate(&facts, Instant(now));
        let expected = Verdict {
            truth: tree.truth(&user, now),
            flips_at: next_flip(&tree, &user, now, &instants).map(Instant),
        };
        let context = || format!("case {case}, now {now}\n{json}\n{user:?}");
        assert_eq!(verdict, expected, "{}", context());
        // The copy read from the canonical form has its own numbering but the same facts.
        assert_eq!(
            again.evaluate(&facts, Instant(now)),
            expected,
            "canonical, {}",
            context()
        );

        let (after, until) = (on_edge(random), on_edge(random));
        let (after, until) = (after.min(until), after.max(until).min(CALENDAR_END - 1));
        let last = criteria.last_flip(&facts, Instant(after), Instant(until));
        let expected_last = last_flip(&tree, &user, after, until, &instants).map(Instant);
        assert_eq!(
            last,
            expected_last,
            "last flip in ({after}, {until}], {}",
            context()
        );
        assert_eq!(
            criteria.last_flip(&facts, Instant(until), Instant(after)),
            None
        );

        seen.evaluations += 1;
        seen.true_now += u64::from(verdict.truth);
        seen.becomes_false += u64::from(verdict.truth && verdict.flips_at.is_some());
        seen.becomes_true += u64::from(!verdict.truth && verdict.flips_at.is_some());
        seen.flipped_before += u64::from(last.is_some());
    }
}

#[test]
fn the_evaluator_agrees_with_the_definition() {
    let cases = random::cases("HOGSEND_CASES", 100_000);
    let first = random::cases("HOGSEND_FIRST_CASE", 0);
    let mut seen = Seen::default();
    let start = std::time::Instant::now();
    for case in first..first + cases {
        run(case, &mut seen);
    }
    println!(
        "criteria oracle: {cases} cases in {:.1?}, no difference: {seen:?}",
        start.elapsed()
    );
    // A generator that only makes dull cases would prove nothing.
    assert!(seen.refused < cases / 4);
    for interesting in [
        seen.true_now,
        seen.becomes_false,
        seen.becomes_true,
        seen.flipped_before,
    ] {
        assert!(
            cases < 1_000 || interesting > seen.evaluations / 20,
            "{seen:?}"
        );
    }
}

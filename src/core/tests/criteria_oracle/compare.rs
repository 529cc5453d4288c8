//! One random comparison of the evaluator with the definition.

use super::known::Known;
use hogsend_core::criteria::{Criteria, Verdict};
use hogsend_core::time::Instant;
use hogsend_model::{CALENDAR_END, Facts, Node, Random, World};

/// What kinds of cases there were.
#[derive(Default, Debug)]
pub struct Seen {
    pub refused: u64,
    pub evaluations: u64,
    pub true_now: u64,
    pub becomes_false: u64,
    pub becomes_true: u64,
    pub flipped_before: u64,
    pub every_microsecond: u64,
    pub never: u64,
}

/// Makes criteria and users by what `random` says, and compares. `late` is by how many microseconds
/// the evaluator is asked late: none, unless a difference is wanted.
pub fn compare(case: u64, random: &mut Random, seen: &mut Seen, late: i64) {
    let world = World::any(random);
    let grid = &world.grid;
    let depth = random.below(5);
    let tree = Node::random(random, &world, depth);
    let json = tree.json(random);
    let criteria = match Criteria::parse(&json) {
        Ok(criteria) => criteria,
        Err(problems) => {
            assert!(tree.only_denies(), "case {case}: {problems:?}\n{json}");
            seen.refused += 1;
            return;
        }
    };
    assert!(!tree.only_denies(), "case {case}: only negations\n{json}");
    let again = Criteria::parse(&criteria.canonical()).expect("canonical criteria");
    assert_eq!(again.canonical(), criteria.canonical(), "case {case}");
    if random.one_in(4) {
        let respelled = Criteria::parse(&tree.json(random)).expect("the same criteria");
        assert_eq!(respelled.canonical(), criteria.canonical(), "case {case}");
    }
    let never = criteria.never();
    assert_eq!(again.never(), never, "case {case}\n{json}");
    seen.never += u64::from(never.is_some());

    for _ in 0..2 {
        let stored = Facts::random(random, &world);
        let facts = Known::new(&criteria, &stored);
        let instants = if grid.step == 1 && grid.origin < CALENDAR_END - 100 {
            // So small a world that every microsecond can be tried.
            seen.every_microsecond += 1;
            (grid.origin - 40..grid.origin + 60).collect()
        } else {
            with_neighbours(tree.changes(&stored))
        };
        let on_edge = |random: &mut Random| match instants.len() {
            0 => grid.instant(random),
            n if random.one_in(3) => instants[random.below(n)],
            _ => grid.instant(random),
        };
        let now = on_edge(random).min(CALENDAR_END - 1);
        let verdict = criteria.evaluate(&facts, Instant(now + late));
        let expected = Verdict {
            truth: tree.truth(&stored, now),
            flips_at: tree.next_flip(&stored, now, &instants).map(Instant),
        };
        let context = || format!("case {case}, now {now}\n{json}\n{stored:?}");
        assert_eq!(verdict, expected, "{}", context());
        // The copy read from the canonical form has its own numbering but the same facts.
        assert_eq!(
            again.evaluate(&facts, Instant(now)),
            expected,
            "canonical, {}",
            context()
        );

        let ever = verdict.truth || verdict.flips_at.is_some();
        assert!(never.is_none() || !ever, "{never:?}, {}", context());

        let (after, until) = (on_edge(random), on_edge(random));
        let (after, until) = (after.min(until), after.max(until).min(CALENDAR_END - 1));
        let last = criteria.last_flip(&facts, Instant(after), Instant(until));
        let expected_last = tree
            .last_flip(&stored, after, until, &instants)
            .map(Instant);
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

/// These instants and those a microsecond beside them, within the calendar.
fn with_neighbours(changes: Vec<i64>) -> Vec<i64> {
    let mut all: Vec<i64> = changes.iter().flat_map(|at| at - 1..=at + 1).collect();
    all.retain(|at| *at < CALENDAR_END);
    all.sort_unstable();
    all.dedup();
    all
}

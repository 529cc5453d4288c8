//! One random comparison of the evaluator with the definition.

use super::generate::{self, EVENTS, Grid, PROPERTIES};
use super::model::{CALENDAR_END, Node, User};
use super::random::Random;
use hogsend_core::criteria::{Criteria, Facts, PropertyValue, Verdict};
use hogsend_core::time::Instant;

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
    let never = criteria.never();
    assert_eq!(again.never(), never, "case {case}\n{json}");
    seen.never += u64::from(never.is_some());

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
        let verdict = criteria.evaluate(&facts, Instant(now + late));
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

        let ever = verdict.truth || verdict.flips_at.is_some();
        assert!(never.is_none() || !ever, "{never:?}, {}", context());

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

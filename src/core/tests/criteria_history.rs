//! The walk back through history against the definition: try every instant.
//!
//! `HOGSEND_CASES` runs more of them; `HOGSEND_FIRST_CASE` starts elsewhere.

use hogsend_core::criteria::{Criteria, Past};
use hogsend_core::time::Instant;
use hogsend_model::{CALENDAR_END, Facts, Node, Random, World, random};

#[derive(Default, Debug)]
struct Seen {
    trees: u64,
    dated: u64,
    untold: u64,
    by_arrival: u64,
    by_departure: u64,
    read_again: u64,
}

fn run(case: u64, seen: &mut Seen) {
    let mut random = Random::new(case ^ 0x5eed);
    let random = &mut random;
    let world = World::any(random);
    let depth = random.below(5);
    let tree = Node::random(random, &world, depth);
    let Ok(criteria) = Criteria::parse(&tree.json(random)) else {
        return;
    };
    seen.trees += 1;
    for _ in 0..2 {
        let user = Facts::random(random, &world);
        let now = world.grid.instant(random).min(CALENDAR_END - 1);

        let expected = tree.true_since(&user, now).map(Instant);
        let is_true = tree.was_true(&user, now, now);

        let whole: Vec<Past> = criteria
            .events()
            .iter()
            .map(|need| {
                let latest_first = user.of(&need.event).iter().rev();
                let latest: Vec<Instant> = latest_first.map(|o| Instant(o.at)).collect();
                let from_first = |rank: &u64| {
                    let index = latest.len().checked_sub(usize::try_from(*rank).ok()?)?;
                    latest.get(index).copied()
                };
                let first = need.ranks.iter().map(|r| (*r, from_first(r))).collect();
                Past {
                    first,
                    complete: true,
                    latest,
                }
            })
            .collect();
        let context = || format!("case {case}, now {now}\n{tree:?}\n{user:?}");
        let answer = criteria.true_since(&whole.iter().collect::<Vec<_>>(), Instant(now));
        assert_eq!(answer, Ok(expected), "{}", context());

        // The same read in steps, each as deep as a reader happens to read.
        let mut depth = random.below(3);
        let mut reads = 0;
        loop {
            let part: Vec<Past> = whole
                .iter()
                .map(|past| Past {
                    latest: past.latest.iter().take(depth).copied().collect(),
                    complete: depth > past.latest.len(),
                    first: if reads == 0 {
                        Vec::new()
                    } else {
                        past.first.clone()
                    },
                })
                .collect();
            match criteria.true_since(&part.iter().collect::<Vec<_>>(), Instant(now)) {
                Ok(answer) => {
                    assert_eq!(answer, expected, "at depth {depth}, {}", context());
                    break;
                }
                Err(unread) => {
                    if let Some(since) = unread.true_since {
                        let moments = tree.moments(&user, now);
                        let mut later = moments.iter().filter(|at| **at >= since.0);
                        let all = later.all(|at| tree.was_true(&user, *at, now));
                        assert!(all, "{unread:?}, {}", context());
                    }
                    reads += 1;
                    depth += 1 + random.below(2);
                    seen.read_again += 1;
                }
            }
        }

        seen.untold += u64::from(!is_true);
        seen.dated += u64::from(expected.is_some());
        let arrived = expected.is_some_and(|at| user.occurrences().iter().any(|o| o.at == at.0));
        seen.by_arrival += u64::from(arrived);
        seen.by_departure += u64::from(expected.is_some() && !arrived);
    }
}

#[test]
fn the_walk_back_agrees_with_the_definition() {
    let cases = random::cases("HOGSEND_CASES", 100_000);
    let first = random::cases("HOGSEND_FIRST_CASE", 0);
    let mut seen = Seen::default();
    let start = std::time::Instant::now();
    for case in first..first + cases {
        run(case, &mut seen);
    }
    println!(
        "criteria history: {cases} cases in {:.1?}, no difference: {seen:?}",
        start.elapsed()
    );
    for interesting in [
        seen.dated,
        seen.by_arrival,
        seen.by_departure,
        seen.read_again,
    ] {
        assert!(cases < 1_000 || interesting > cases / 50, "{seen:?}");
    }
}

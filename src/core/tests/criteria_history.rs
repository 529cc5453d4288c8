//! The walk back through history against the definition: try every instant.
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
use hogsend_core::criteria::{Criteria, Past};
use hogsend_core::time::Instant;
use model::{CALENDAR_END, Node, User};
use random::Random;

/// The user as of an earlier instant: without what had not happened, and of no known properties.
/// What lies in the future of `now` was there at `now` and not before.
fn as_of(user: &User, at: i64, now: i64) -> User {
    let there = |occurrence: &&i64| **occurrence <= at || at == now;
    User {
        events: user
            .events
            .iter()
            .map(|times| times.iter().filter(there).copied().collect())
            .collect(),
        contact: None,
    }
}

/// The tree without its property legs: `None` when nothing true is left of it.
fn events_alone(tree: &Node) -> Option<Node> {
    match tree {
        Node::Property { .. } => None,
        Node::Event { .. } => Some(tree.clone()),
        Node::Composite { operator, nodes } => {
            let left: Vec<Node> = nodes.iter().filter_map(events_alone).collect();
            let broken = *operator == "and" && left.len() < nodes.len();
            (!broken && !left.is_empty()).then_some(Node::Composite {
                operator,
                nodes: left,
            })
        }
    }
}

/// Whether the user was a candidate and the events alone made the criteria true.
fn was_true(tree: &Node, alone: &Node, user: &User, at: i64, now: i64) -> bool {
    let then = as_of(user, at, now);
    let mut scope = false;
    tree.legs(&mut |leg| {
        if let Node::Event { name, .. } = leg {
            scope |= !then.events[*name].is_empty();
        }
    });
    // `truth` asks for the scope of what is left of the tree, which may be narrower.
    scope && alone.holds(&then, at)
}

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
    let grid = Grid::new(random);
    let depth = random.below(5);
    let tree = generate::tree(random, &grid, depth);
    let Ok(criteria) = Criteria::parse(&generate::json(random, &tree)) else {
        return;
    };
    seen.trees += 1;
    for _ in 0..2 {
        let user = generate::user(random, &grid);
        let now = grid.instant(random).min(CALENDAR_END - 1);

        // Every instant at which anything can have changed, latest first.
        let mut instants: Vec<i64> = tree.instants(&user);
        for at in user.events.iter().flatten() {
            instants.extend([at.saturating_sub(1), *at, at.saturating_add(1)]);
        }
        instants.extend([now - 1, now]);
        instants.retain(|at| *at <= now && *at > i64::MIN + 1);
        instants.sort_unstable_by(|a, b| b.cmp(a));
        instants.dedup();
        let alone = events_alone(&tree);
        let truth = |at| {
            alone
                .as_ref()
                .is_some_and(|alone| was_true(&tree, alone, &user, at, now))
        };
        let run = instants.iter().take_while(|at| truth(**at)).count();
        let expected = match run {
            0 => None,
            // True as far back as anything ever changed.
            n if n == instants.len() => None,
            n => Some(Instant(instants[n - 1])),
        };

        let whole: Vec<Past> = criteria
            .events()
            .iter()
            .map(|need| {
                let event = EVENTS.iter().position(|name| *name == need.event).unwrap();
                let mut latest: Vec<Instant> =
                    user.events[event].iter().map(|at| Instant(*at)).collect();
                latest.sort_unstable_by(|a, b| b.cmp(a));
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
                        let mut later = instants.iter().filter(|at| **at >= since.0);
                        assert!(later.all(|at| truth(*at)), "{unread:?}, {}", context());
                    }
                    reads += 1;
                    depth += 1 + random.below(2);
                    seen.read_again += 1;
                }
            }
        }

        seen.untold += u64::from(run == 0);
        seen.dated += u64::from(expected.is_some());
        let arrived = expected.is_some_and(|at| user.events.iter().flatten().any(|e| *e == at.0));
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

//! One random world in which the laws are tried.

use super::planned::rows::Clocks;
use hogsend_core::criteria::Criteria;
use hogsend_core::time::Instant;
use hogsend_model::{CALENDAR_END, Facts, Leg, Node, Random, World};
use std::mem::discriminant;

/// What a document is made of.
#[derive(Clone, Copy, Debug)]
pub enum Shape<'l> {
    /// One leg of the kind of this one, by itself.
    Like(&'l Leg),
    /// A tree of all kinds.
    Tree,
}

pub struct Case {
    /// The document as it was made, and what it means.
    pub tree: Node,
    pub criteria: Criteria,
    /// How it was written.
    pub json: String,
    /// The same in other words.
    pub respelled: String,
    pub user: Facts,
    pub world: World,
    /// Wherever the truth can change, and beside, in order.
    pub instants: Vec<i64>,
    pub now: i64,
    name: String,
}

impl Case {
    /// `None` for a document that is refused, as it ought to be.
    pub fn new(name: &str, random: &mut Random, shape: Shape) -> Option<Case> {
        let world = World::any(random);
        let depth = random.below(5);
        let tree = match shape {
            Shape::Like(example) => loop {
                let leg = Leg::random(random, &world);
                if discriminant(&leg) == discriminant(example) {
                    break Node::Leg(leg);
                }
            },
            Shape::Tree => Node::random(random, &world, depth),
        };
        let json = tree.json(random);
        let criteria = match Criteria::parse_in(&json, &Clocks) {
            Ok(criteria) => criteria,
            Err(problems) => {
                assert!(tree.only_denies(), "{name}: {problems:?}\n{json}");
                return None;
            }
        };
        assert!(!tree.only_denies(), "{name}: only negations\n{json}");
        let user = Facts::random(random, &world);
        let mut case = Case {
            instants: with_neighbours(tree.changes(&user)),
            respelled: tree.json(random),
            tree,
            criteria,
            json,
            user,
            now: 0,
            world,
            name: name.to_owned(),
        };
        if case.is_small() {
            // So small a world that every microsecond can be tried; and there may be days.
            let origin = case.world.grid.origin;
            case.instants.extend(origin - 40..origin + 60);
            case.instants.sort_unstable();
            case.instants.dedup();
        }
        case.now = case.instant(random);
        Some(case)
    }

    pub fn is_small(&self) -> bool {
        let grid = &self.world.grid;
        grid.step == 1 && grid.origin < CALENDAR_END - 100
    }

    /// An instant of the calendar, now and then one at which something changes.
    pub fn instant(&self, random: &mut Random) -> i64 {
        let at = match self.instants.len() {
            0 => self.world.grid.instant(random),
            n if random.one_in(3) => self.instants[random.below(n)],
            _ => self.world.grid.instant(random),
        };
        if self.tree.is_endless() && !self.is_near(at) {
            return self.world.grid.origin.min(CALENDAR_END - 1);
        }
        at.min(CALENDAR_END - 1)
    }

    /// Whether an instant lies so that all anniversaries around it are known: the model lists some years of them.
    fn is_near(&self, at: i64) -> bool {
        const YEAR: i64 = 366 * 86_400_000_000;
        let origin = self.world.grid.origin;
        let first = (origin - 2 * YEAR).max(Instant::START_OF_CALENDAR.0);
        (first..=origin.saturating_add(6 * YEAR)).contains(&at)
    }

    /// What is right.
    pub fn truth(&self, user: &Facts, at: i64) -> bool {
        self.tree.truth(user, at)
    }

    /// Whether it is known that the user belonged at an instant of the past.
    pub fn was_true(&self, at: i64) -> bool {
        self.tree.was_true(&self.user, at, self.now)
    }

    pub fn context(&self) -> String {
        let Case {
            name, now, user, ..
        } = self;
        format!("{name}, now {now}\n{}\n{user:?}", self.criteria.canonical())
    }
}

/// Instants in order, and those just before and after them that are in the calendar.
pub fn with_neighbours(changes: Vec<i64>) -> Vec<i64> {
    let mut all: Vec<i64> = changes.iter().flat_map(|at| at - 1..=at + 1).collect();
    all.retain(|at| *at < CALENDAR_END);
    all.sort_unstable();
    all.dedup();
    all
}

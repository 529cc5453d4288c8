//! Random histories, small and full of coincidences: few users, few events, and instants that stand
//! on a grid of hours or a microsecond beside it, as do the ends of windows.

mod definitions;
mod statements;

use crate::history::{Definition, Evaluate, Part, Statement, Step};
use crate::instant::{HOUR, START};
use hogsend_model::{Grid, Random, World};
use std::collections::BTreeMap;

pub const USERS: [&str; 4] = ["u1", "u2", "Ü 'n", "%4"];
/// What criteria name.
pub const EVENTS: [&str; 3] = ["a", "b", "c"];
pub const BUCKETS: [&str; 3] = ["x", "y", "z"];
/// What criteria are made of. A window is on the grid of instants or a microsecond beside it.
pub const WORLD: World = World {
    events: &EVENTS,
    properties: &["p", "q"],
    buckets: &[],
    // The last two are the same number to a float.
    numbers: &[
        "1",
        "1.0",
        "-2",
        "12345678901234567890.1",
        "12345678901234567890.2",
    ],
    texts: &["pro", "prop", "1"],
    infinities: false,
    is_rich: false,
    measures: false,
    dates: &["born"],
    zone_names: &["zone"],
    zones: &hogsend_model::zones::REAL,
    grid: Grid {
        origin: START,
        step: HOUR,
        times: (-9, 24),
        windows: 8,
    },
};
/// The same where events say something of themselves, and criteria ask for that and for ranges of time.
pub const RICH: World = World {
    is_rich: true,
    measures: true,
    grid: Grid {
        origin: START,
        step: HOUR,
        times: (-9, 24),
        windows: 8,
    },
    ..WORLD
};
/// The same where criteria name other buckets: each can be named by any other, and those that come first in the order
/// of their names mostly name those that come later.
pub const NESTED: World = World {
    buckets: &[BY_HAND, "z", "y", "x"],
    ..WORLD
};
/// The one that is kept by hand.
pub const BY_HAND: &str = "hand";

/// Random statements, one after the other.
pub struct Generator<'r> {
    pub random: &'r mut Random,
    world: &'static World,
    /// What the clock has been set to.
    now: i64,
    /// What each bucket was last said to be.
    defined: BTreeMap<&'static str, Definition>,
    /// How many events were given an id.
    numbered: i64,
}

/// The history of a seed.
pub fn history(seed: u64, world: &'static World) -> Vec<Step> {
    let random = &mut Random::new(seed);
    let steps = random.between(10, 20);
    let mut generator = Generator::new(random, world);
    let mut history: Vec<Step> = Vec::new();
    // Some users are there before the first bucket.
    for _ in 0..generator.random.below(3) {
        history.push(Step::Alone(generator.arrival()));
    }
    for place in 0..1 + generator.random.below(3) {
        let step = match BUCKETS.into_iter().rev().nth(place) {
            // What can be named, before what names it.
            Some(bucket) if generator.is_nested() => {
                if place == 0 && !generator.random.one_in(3) {
                    history.push(Step::Alone(generator.kept_by_hand()));
                }
                generator.definition_of(bucket)
            }
            _ => generator.definition(),
        };
        history.push(Step::Alone(step));
    }
    if generator.random.one_in(4) {
        history.push(Step::Alone(Statement::Evaluate(Evaluate::Later)));
    }
    while (history.len() as i64) < steps {
        if generator.random.one_in(15) {
            history.extend(generator.what_waits().map(Step::Alone));
        }
        let step = generator.step();
        history.push(step);
    }
    history.push(Step::Alone(Statement::Evaluate(Evaluate::On)));
    history.push(Step::Alone(Statement::Reconcile));
    history
}

/// Definitions without rules about stays, and data that comes meanwhile or earlier.
pub fn definitions_and_data(seed: u64, world: &'static World) -> (Vec<Step>, Vec<Step>) {
    let random = &mut Random::new(seed);
    let mut generator = Generator::new(random, world);
    let definitions = BUCKETS.map(|bucket| {
        let definition = Definition::plain(generator.criteria());
        Step::Alone(Statement::Define {
            bucket,
            definition: Box::new(definition),
        })
    });
    let steps = generator.random.between(6, 16);
    let mut data: Vec<Step> = (0..steps).map(|_| generator.data_step()).collect();
    data.push(Step::Alone(generator.jump()));
    (definitions.into(), data)
}

impl<'r> Generator<'r> {
    fn new(random: &'r mut Random, world: &'static World) -> Generator<'r> {
        Generator {
            random,
            world,
            now: START,
            defined: BTreeMap::new(),
            numbered: 0,
        }
    }
}

impl Generator<'_> {
    fn step(&mut self) -> Step {
        match self.random.below(10) {
            0..=2 => Step::Alone(self.jump()),
            3 | 4 => Step::Alone(Statement::Reconcile),
            5 => self.transaction(Generator::statement_or_reconcile),
            _ => Step::Alone(self.statement()),
        }
    }

    fn data_step(&mut self) -> Step {
        match self.random.below(6) {
            0 => Step::Alone(self.jump()),
            1 => self.transaction(Generator::data),
            _ => Step::Alone(self.data()),
        }
    }

    fn transaction(&mut self, statement: fn(&mut Self) -> Statement) -> Step {
        let parts = 1 + self.random.below(3);
        let parts = (0..parts).map(|_| self.part(statement)).collect();
        Step::Transaction {
            parts,
            commit: !self.random.one_in(4),
        }
    }

    fn part(&mut self, statement: fn(&mut Self) -> Statement) -> Part {
        if !self.random.one_in(3) {
            return Part::Plain(statement(self));
        }
        let statements = 1 + self.random.below(2);
        Part::Savepoint {
            statements: (0..statements).map(|_| statement(self)).collect(),
            release: self.random.one_in(3),
        }
    }

    fn statement_or_reconcile(&mut self) -> Statement {
        match self.random.below(12) {
            0 | 1 => Statement::Reconcile,
            2 => self.jump(),
            _ => self.statement(),
        }
    }

    /// Time passes: less than a window, or more than most.
    fn jump(&mut self) -> Statement {
        let hours = self.random.pick(&[0, 1, 1, 1, 2, 2, 3, 5, 9]);
        let grid = (self.now + HOUR / 2).div_euclid(HOUR) + hours;
        self.now = self.now.max(grid * HOUR + self.beside());
        Statement::Now(self.now)
    }

    /// Mostly nothing, otherwise the smallest step there is.
    fn beside(&mut self) -> i64 {
        self.random.pick(&[0, 0, 0, 0, 1, -1])
    }
}

//! Runs against a model that keeps nothing but a diary, over random lives.
//!
//! A life is one user, one journey, a clock that may be late, and two workers of a runner that may die
//! between any two calls and come back with what they had read. The engine of this test does with the core
//! what the extension does; the model answers each question by reading its diary from the beginning.
//! `HOGSEND_CASES` says how many lives, `HOGSEND_FIRST_CASE` where to begin.

#[path = "run_model/engine.rs"]
mod engine;
#[path = "run_model/life.rs"]
mod life;
#[path = "run_model/naive.rs"]
mod naive;
#[path = "run_model/worker.rs"]
mod worker;

use std::collections::HashMap;

use engine::Engine;
use hogsend_model::{Random, random};
use life::{Act, Kind, Life};
use naive::Naive;
use worker::Worker;

/// What both are asked, and have to answer alike.
fn agree(case: u64, life: &Life, engine: &Engine, naive: &Naive, after: &dyn std::fmt::Debug) {
    let (rows, expected) = (engine.rows(), naive.rows());
    assert_eq!(
        rows, expected,
        "case {case}, after {after:?}: the outbox\n{life:#?}"
    );
    let (runs, expected) = (engine.runs(), naive.runs());
    assert_eq!(
        runs, expected,
        "case {case}, after {after:?}: the runs\n{life:#?}"
    );
}

fn both<T: PartialEq + std::fmt::Debug>(case: u64, engine: T, naive: T) -> T {
    assert_eq!(engine, naive, "case {case}: the answers");
    engine
}

struct Play<'a> {
    case: u64,
    life: &'a Life,
    engine: Engine,
    naive: Naive,
    workers: [Worker; 2],
    random: Random,
}

impl Play<'_> {
    fn act(&mut self, at: i64, act: &Act) {
        match act {
            Act::Statement { events, how } => {
                self.engine.statement(at, events, *how);
                self.naive.statement(at, events, *how);
            }
            Act::Clock => {
                self.engine.clock(at);
                self.naive.clock(at);
            }
            Act::Enabled(enabled) => {
                self.engine.enabled(*enabled);
                self.naive.enabled(*enabled);
            }
            Act::Contact { deleted } => {
                self.engine.contact(at, *deleted);
                self.naive.contact(at, *deleted);
            }
            Act::JourneyDeleted => {
                self.engine.journey_deleted(at);
                self.naive.journey_deleted(at);
            }
            Act::ByHand(call) => {
                let run = self.engine.runs().len() as i32;
                if run > 0 {
                    let done = self.engine.call(at, run, call, None);
                    both(self.case, done, self.naive.call(at, run, call, None));
                    if done && call.answers() {
                        let rows = self.engine.rows().iter();
                        let row = rows.rev().find(|row| row.entry_count == run);
                        let key = row.expect("a run begins with a row").key();
                        self.engine.world.by_hand.insert(key);
                    }
                }
            }
            Act::Works(which) => {
                let mut worker = std::mem::take(&mut self.workers[*which]);
                worker.works(self, at);
                self.workers[*which] = worker;
            }
            Act::Dies(which) => self.workers[*which] = Worker::default(),
        }
        agree(self.case, self.life, &self.engine, &self.naive, act);
    }
}

fn live(case: u64, seen: &mut HashMap<String, u64>) {
    let mut random = Random::new(case ^ 0x0a57_11fe);
    let life = Life::random(&mut random);
    let mut play = Play {
        case,
        life: &life,
        engine: Engine::new(&life.journey),
        naive: Naive::new(&life.journey),
        workers: Default::default(),
        random,
    };
    for (at, act) in &life.acts {
        play.act(*at, act);
    }
    // Then nothing happens any more, and everybody works: each run comes to its end.
    play.workers = Default::default();
    let mut at = life.acts.last().map_or(0, |(at, _)| *at);
    for _ in 0..200 {
        at += 1;
        play.act(at, &Act::Clock);
        play.finish(at);
    }
    let runs = play.engine.runs();
    let live: Vec<_> = runs.iter().filter(|run| run.ended.is_none()).collect();
    assert!(
        live.is_empty(),
        "case {case}: {live:?} goes on for ever\n{life:#?}"
    );
    worker::account(case, &play.engine.world, play.engine.rows(), &runs);
    for row in play.engine.rows() {
        let timed_out = row
            .timed_out
            .map_or("", |it| if it { " timed out" } else { " in time" });
        let which = match row.kind {
            Kind::Exited if row.reason.as_deref() == Some("journeyDeleted") => " by deletion",
            _ => timed_out,
        };
        *seen.entry(format!("{:?}{which}", row.kind)).or_default() += 1;
    }
    for run in &runs {
        let how = format!(
            "{}{}",
            run.status,
            if run.entry_count > 1 { " again" } else { "" }
        );
        *seen.entry(how).or_default() += 1;
        if let Some(reason @ ("deleted" | "journeyDeleted")) = run.reason.as_deref() {
            *seen.entry(reason.to_owned()).or_default() += 1;
        }
    }
    for (what, often) in &play.engine.world.counts {
        *seen.entry((*what).to_owned()).or_default() += often;
    }
}

#[test]
fn runs_are_what_the_diary_says() {
    let cases = random::cases("HOGSEND_CASES", 10_000);
    let first = random::cases("HOGSEND_FIRST_CASE", 0);
    let mut seen = HashMap::new();
    for case in first..first + cases {
        live(case, &mut seen);
    }
    let mut all: Vec<_> = seen.iter().collect();
    all.sort();
    println!("runs: {cases} lives: {all:?}");
    // Lives in which something never happens prove nothing about it.
    for what in SEEN {
        let often = seen.get(what).copied().unwrap_or(0);
        assert!(
            cases < 1_000 || often * 100 >= cases,
            "{what} happened {often} times in {cases} lives"
        );
    }
}

const SEEN: [&str; 17] = [
    "Started",
    "Resumed",
    "Resumed timed out",
    "Resumed in time",
    "Exited",
    "Exited by deletion",
    "completed",
    "completed again",
    "failed",
    "exited again",
    "deleted",
    "journeyDeleted",
    "crashed",
    "came again",
    "refused",
    "late worker",
    "told anew",
];

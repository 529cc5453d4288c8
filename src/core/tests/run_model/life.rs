//! What happens in a random life, and the world of which both sides of the test keep one.

use std::collections::{HashMap, HashSet};

use hogsend_model::Random;
pub use hogsend_model::diary::{Kind, Limit};

/// The events of a life by number. 0 and 1 begin a run, 2 ends it, and a run may wait for any of them.
pub const STARTS: [usize; 2] = [0, 1];
pub const EXIT: usize = 2;
pub const NAMES: usize = 5;

pub fn name(event: usize) -> String {
    match event {
        EXIT => "exit".to_owned(),
        _ => format!("event {event}"),
    }
}

/// The journey, in ticks.
#[derive(Clone, Copy, Debug)]
pub struct Journey {
    pub limit: Limit,
    /// How long a tick is, in microseconds.
    pub unit: i64,
}

#[derive(Clone, Copy, Debug)]
pub struct Event {
    pub name: usize,
    /// What the filters of waits are about.
    pub amount: i64,
    /// When it happened, in ticks before it comes.
    pub ago: i64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum How {
    Evaluated,
    /// Put by, and looked at when the clock comes.
    Later,
    /// `hogsend.announce` is off.
    Silent,
}

/// What somebody tells a run.
#[derive(Clone, Debug)]
pub enum Call {
    Sleep {
        ticks: i64,
        label: &'static str,
    },
    WaitFor {
        event: usize,
        least: i64,
        ticks: i64,
        label: &'static str,
    },
    Checkpoint {
        label: &'static str,
    },
    Complete,
    Fail,
}

#[derive(Clone, Debug)]
pub enum Act {
    Statement {
        events: Vec<Event>,
        how: How,
    },
    Clock,
    Enabled(bool),
    Contact {
        deleted: bool,
    },
    JourneyDeleted,
    /// Somebody who names no step tells the latest run something.
    ByHand(Call),
    /// One of the two workers does a bit of its work.
    Works(usize),
    /// It dies; another one of that name comes up.
    Dies(usize),
}

#[derive(Clone, Debug)]
pub struct Life {
    pub journey: Journey,
    /// What happens at which tick, in that order.
    pub acts: Vec<(i64, Act)>,
}

const LABELS: [&str; 4] = ["mail", "pause", "second mail", "\"odd\" \\ label"];

impl Call {
    pub fn random(random: &mut Random) -> Call {
        let label = random.pick(&LABELS);
        match random.below(12) {
            0 => Call::Complete,
            1 => Call::Fail,
            2 => Call::Checkpoint { label },
            // An instant that has passed is due at once.
            3..6 => Call::Sleep {
                ticks: random.between(-1, 6),
                label,
            },
            _ => Call::WaitFor {
                event: random.below(NAMES),
                least: random.between(0, 2),
                ticks: random.between(0, 8),
                label,
            },
        }
    }

    /// It is the answer to a step: after it the run waits or has ended.
    pub fn answers(&self) -> bool {
        !matches!(self, Call::Checkpoint { .. })
    }
}

impl Life {
    pub fn random(random: &mut Random) -> Life {
        let limit = match random.below(4) {
            0 | 1 => Limit::Unlimited,
            2 => Limit::Once,
            _ => Limit::Period(random.maybe(5, |random| random.between(0, 8))),
        };
        // A microsecond shows what is off by one.
        let unit = random.pick(&[1, 60_000_000]);
        let mut at = 0;
        let mut acts = Vec::new();
        let clocks = random.between(1, 4) as usize;
        for _ in 0..random.between(4, 40) {
            // Much happens at one and the same instant.
            at += if random.one_in(2) {
                0
            } else {
                random.between(1, 4)
            };
            acts.push((at, act(random)));
            if random.one_in(clocks) {
                acts.push((at, Act::Clock));
            }
        }
        Life {
            journey: Journey { limit, unit },
            acts,
        }
    }
}

fn act(random: &mut Random) -> Act {
    match random.below(40) {
        0 => Act::Enabled(random.one_in(2)),
        1 => Act::Contact {
            deleted: !random.one_in(2),
        },
        2 if random.one_in(3) => Act::JourneyDeleted,
        3 | 4 => Act::Clock,
        5 => Act::ByHand(Call::random(random)),
        6 | 7 => Act::Dies(random.below(2)),
        8..22 => Act::Works(random.below(2)),
        _ => Act::Statement {
            events: (0..random.between(1, 3)).map(|_| event(random)).collect(),
            how: match random.below(6) {
                0 => How::Silent,
                1 | 2 => How::Later,
                _ => How::Evaluated,
            },
        },
    }
}

fn event(random: &mut Random) -> Event {
    Event {
        // The one that ends everything is rare.
        name: match random.below(3 * NAMES) {
            EXIT => EXIT,
            n if n % NAMES == EXIT => 0,
            n => n % NAMES,
        },
        amount: random.between(0, 2),
        ago: if random.one_in(3) {
            random.between(-2, 9)
        } else {
            0
        },
    }
}

/// A row of the outbox.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub entry_count: i32,
    pub step: i64,
    pub kind: Kind,
    pub reason: Option<String>,
    pub label: Option<String>,
    pub timed_out: Option<bool>,
    pub effective: i64,
}

impl Row {
    pub fn key(&self) -> String {
        format!("{:?}:{}:{}", self.kind, self.entry_count, self.step)
    }
}

/// Where a run is, in ticks.
#[derive(Clone, Debug, PartialEq)]
pub struct Where {
    pub entry_count: i32,
    pub status: &'static str,
    pub label: Option<String>,
    pub since: i64,
    pub waits_until: Option<i64>,
    pub waits_for: Option<String>,
    pub ended: Option<i64>,
    pub reason: Option<String>,
    /// A label, how often the run reached it, timed out there, ended there, and how many ticks it was there.
    pub labels: Vec<(String, i64, i64, i64, Option<i64>)>,
}

/// What is there once, whichever side of the test asks: how far the runner has acknowledged, and what it
/// has done.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// The place of the last row that is acknowledged, from 1 on.
    pub acknowledged: usize,
    /// The keys of the steps whose effects are in the database.
    pub ledger: Vec<String>,
    /// Those that somebody who names no step has answered.
    pub by_hand: HashSet<String>,
    /// The places of the rows that were acknowledged, and how often something was delivered.
    pub delivered: HashMap<usize, u64>,
    pub counts: HashMap<&'static str, u64>,
}

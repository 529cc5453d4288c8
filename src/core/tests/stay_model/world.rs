//! A random little world: one bucket, one user, a timeline of whole ticks.

use hogsend_core::stay::{DwellSchedule, EntryLimit, Joining, Policy};
use hogsend_core::time::{Instant, Span};

/// Data reaches back this many ticks before the first look.
pub const BEFORE: i64 = 8;
/// Data and definitions change before this tick; after it only time passes.
pub const BUSY: i64 = 36;
/// Long enough after `BUSY` that every deferred or timed leave has come.
pub const END: i64 = BUSY + 40;

/// SplitMix64: small, and the same on every machine, so that a seed is a bug report.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % limit as u64) as i64
    }

    pub fn one_in(&mut self, n: i64) -> bool {
        self.below(n) == 0
    }

    fn maybe(&mut self, n: i64, low: i64, high: i64) -> Option<i64> {
        (!self.one_in(n)).then(|| low + self.below(high - low + 1))
    }
}

/// The policy in ticks, for the model; `World::policy` is the same in spans.
#[derive(Clone, Debug)]
pub struct Rules {
    pub limit: Limit,
    pub min_dwell: Option<i64>,
    pub max_dwell: Option<i64>,
    /// Recurring, and the interval.
    pub dwell: Vec<(bool, i64)>,
    /// Nobody is told of what took effect before.
    pub quiet_before: Option<i64>,
}

#[derive(Clone, Copy, Debug)]
pub enum Limit {
    Unlimited,
    Once,
    Period(Option<i64>),
}

/// What the stored data say from some tick on, until they are changed again.
#[derive(Clone, Debug)]
pub enum Facts {
    /// The truth at every tick from `-BEFORE` to `END`, if no more data comes.
    Truth(Vec<bool>),
    Told(Option<bool>),
    Deleted,
    BucketDeleted,
}

#[derive(Clone, Debug)]
pub struct DataChange {
    pub tick: i64,
    pub facts: Facts,
    pub joining: Joining,
    /// The session has asked for silence.
    pub muted: bool,
    /// Whether a clock look at the same tick comes before this change.
    pub after_clock: bool,
}

#[derive(Clone, Debug)]
pub struct World {
    pub unit: Span,
    pub rules: Rules,
    pub changes: Vec<DataChange>,
    /// The clock neither joins nor dwells before this tick.
    pub held_until: i64,
    /// At which ticks a late clock looks at what is due. One that is on time does at all.
    pub late_ticks: Vec<bool>,
}

impl World {
    pub fn random(random: &mut Random) -> World {
        // A microsecond shows what is off by one; a minute is the retry of a held look.
        let unit = if random.one_in(2) {
            Span::MICROSECOND
        } else {
            Span::MINUTE
        };
        let held_until = match unit {
            Span::MINUTE if random.one_in(3) => random.below(BUSY),
            _ => 0,
        };
        let lateness = 2 + random.below(12);
        World {
            unit,
            rules: rules(random),
            changes: if random.one_in(8) {
                manual(random)
            } else {
                dynamic(random)
            },
            held_until,
            late_ticks: (0..=END)
                .map(|tick| tick > BUSY || random.one_in(lateness))
                .collect(),
        }
    }

    pub fn policy(&self) -> Policy {
        let span = |ticks: i64| Span(ticks * self.unit.0);
        Policy {
            entry_limit: match self.rules.limit {
                Limit::Unlimited => EntryLimit::Unlimited,
                Limit::Once => EntryLimit::Once,
                Limit::Period(period) => EntryLimit::OncePerPeriod(period.map(span)),
            },
            min_dwell: self.rules.min_dwell.map(span),
            max_dwell: self.rules.max_dwell.map(span),
            dwell: self
                .rules
                .dwell
                .iter()
                .map(|&(recurring, ticks)| DwellSchedule {
                    recurring,
                    interval: span(ticks),
                    label: label(recurring, ticks),
                })
                .collect(),
            quiet_before: self.rules.quiet_before.map(|tick| self.instant(tick)),
        }
    }

    pub fn instant(&self, tick: i64) -> Instant {
        Instant(tick * self.unit.0)
    }

    pub fn tick(&self, instant: Instant) -> i64 {
        assert_eq!(
            instant.0 % self.unit.0,
            0,
            "{instant:?} is between two ticks"
        );
        instant.0 / self.unit.0
    }
}

/// Named in ticks: real labels are in milliseconds, too coarse to tell microseconds apart.
pub fn label(recurring: bool, ticks: i64) -> String {
    format!("{}-{ticks}", if recurring { "every" } else { "after" })
}

fn rules(random: &mut Random) -> Rules {
    let min_dwell = random.maybe(2, 1, 8);
    let mut dwell = Vec::new();
    for _ in 0..random.below(3) {
        let schedule = (random.one_in(2), 1 + random.below(9));
        if !dwell.contains(&schedule) {
            dwell.push(schedule);
        }
    }
    Rules {
        limit: match random.below(4) {
            0 => Limit::Unlimited,
            1 => Limit::Once,
            _ => Limit::Period(random.maybe(6, 1, 10)),
        },
        min_dwell,
        max_dwell: random.maybe(2, min_dwell.unwrap_or(1), 14),
        dwell,
        quiet_before: random.one_in(3).then(|| random.below(BUSY) - BEFORE / 2),
    }
}

/// Ticks at which something changes, rising, the first at 0.
fn ticks(random: &mut Random) -> Vec<i64> {
    let mut ticks = vec![0];
    for _ in 0..random.below(6) {
        ticks.push(1 + random.below(BUSY - 1));
    }
    ticks.sort_unstable();
    ticks.dedup();
    ticks
}

fn dynamic(random: &mut Random) -> Vec<DataChange> {
    let mut truth = vec![random.one_in(2); (BEFORE + END + 1) as usize];
    let mut changes = Vec::new();
    let mut deleted = false;
    for tick in ticks(random) {
        // Mostly new events, which change what is to come; now and then a correction of the past.
        let from = if random.one_in(4) { -BEFORE } else { tick };
        redraw(random, &mut truth, from);
        // The first look may be the backfill; clearing deleted_at is silent as well.
        let silent = deleted || random.one_in(if tick == 0 { 2 } else { 12 });
        deleted = random.one_in(12);
        changes.push(DataChange {
            tick,
            facts: if deleted {
                Facts::Deleted
            } else {
                Facts::Truth(truth.clone())
            },
            joining: if silent {
                Joining::Silent
            } else {
                Joining::Announced
            },
            muted: random.one_in(8),
            after_clock: random.one_in(2),
        });
    }
    bucket_deleted(random, &mut changes);
    changes
}

fn redraw(random: &mut Random, truth: &mut [bool], from: i64) {
    let busy = (BEFORE + BUSY) as usize;
    let mut value = random.one_in(2);
    let mut at = (BEFORE + from) as usize;
    let longest = 2 + random.below(20);
    while at < busy {
        let end = (at + 1 + random.below(longest) as usize).min(busy);
        truth[at..end].fill(value);
        (at, value) = (end, !value);
    }
    truth[busy..].fill(value);
}

fn manual(random: &mut Random) -> Vec<DataChange> {
    let mut changes: Vec<_> = ticks(random)
        .into_iter()
        .map(|tick| DataChange {
            tick,
            facts: match random.below(12) {
                0 => Facts::Deleted,
                n => Facts::Told(Some(n % 2 == 0)),
            },
            joining: Joining::Announced,
            muted: random.one_in(8),
            after_clock: random.one_in(2),
        })
        .collect();
    bucket_deleted(random, &mut changes);
    changes
}

fn bucket_deleted(random: &mut Random, changes: &mut [DataChange]) {
    if let Some(last) = changes.last_mut().filter(|_| random.one_in(12)) {
        last.facts = Facts::BucketDeleted;
    }
}

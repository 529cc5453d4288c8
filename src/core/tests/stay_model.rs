//! `decide` against a model that knows no timers, over random worlds.
//!
//! The pipeline looks at a pair only when data or its timer says so; the model looks always. That
//! they see the same things at the same ticks proves both the rules and that no timer is ever
//! late. `HOGSEND_STAY_WORLDS` says how many worlds, `HOGSEND_STAY_SEED` where to begin.

#[path = "stay_model/naive.rs"]
mod naive;
#[path = "stay_model/pipeline.rs"]
mod pipeline;
#[path = "stay_model/world.rs"]
mod world;

use std::collections::HashMap;

use naive::Seen;
use world::{END, Facts, Random, World};

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}

fn member_at_last(seen: &[Seen]) -> bool {
    let last = seen
        .iter()
        .rev()
        .find(|seen| !matches!(seen, Seen::Dwelt { .. }));
    matches!(last, Some(Seen::Entered { .. }))
}

/// What no consumer may ever see, however late the clock.
fn broken(seen: &[Seen]) -> Option<String> {
    let mut ordinals: HashMap<(i32, &str), i64> = HashMap::new();
    let (mut entries, mut inside) = (0, false);
    for one in seen {
        match one {
            Seen::Entered {
                at,
                entry,
                effective,
                ..
            } => {
                if inside || *entry != entries + 1 || effective > at {
                    return Some(format!("out of order: {one:?}"));
                }
                (entries, inside) = (*entry, true);
            }
            Seen::Left {
                at,
                entry,
                effective,
                ..
            } => {
                if !inside || *entry != entries || effective > at {
                    return Some(format!("out of order: {one:?}"));
                }
                inside = false;
            }
            Seen::Dwelt {
                at,
                entry,
                label,
                ordinal,
                effective,
                ..
            } => {
                let last = ordinals.insert((*entry, label), *ordinal).unwrap_or(0);
                let again = label.starts_with("after") && *ordinal != 1;
                if !inside || *entry != entries || *ordinal <= last || again || effective > at {
                    return Some(format!("out of order: {one:?}"));
                }
            }
        }
    }
    None
}

/// Whom time alone leaves inside in the end: those whose criteria hold and who may stay for ever.
fn belongs_at_last(world: &World) -> bool {
    let inside = match &world
        .changes
        .last()
        .expect("there is always a first change")
        .facts
    {
        Facts::Truth(truth) => *truth.last().expect("a truth is never empty"),
        Facts::Told(wanted) => *wanted == Some(true),
        Facts::Deleted | Facts::BucketDeleted => false,
    };
    inside && world.rules.max_dwell.is_none()
}

fn compare(seed: u64, world: &World, clock: &dyn Fn(i64) -> bool, which: &str) -> Vec<Seen> {
    let expected = naive::run(world, clock, END);
    let actual = pipeline::run(world, clock, END);
    let first = expected
        .iter()
        .zip(&actual)
        .take_while(|(a, b)| a == b)
        .count();
    assert!(
        expected == actual,
        "seed {seed}, clock {which}: after {first} alike the model saw {:?}, the pipeline {:?}\n\
         {world:?}\nthe model saw {expected:#?}",
        expected.get(first),
        actual.get(first),
    );
    if let Some(what) = broken(&actual) {
        panic!("seed {seed}, clock {which}: {what}\n{world:?}\n{actual:#?}");
    }
    assert_eq!(
        member_at_last(&actual),
        belongs_at_last(world),
        "seed {seed}, clock {which}: who is inside in the end?\n{world:?}\n{actual:#?}"
    );
    actual
}

#[test]
fn decide_agrees_with_the_naive_model() {
    let first = setting("HOGSEND_STAY_SEED", 1);
    let worlds = setting("HOGSEND_STAY_WORLDS", 100_000);
    let mut happened: HashMap<&'static str, u64> = HashMap::new();
    for seed in first..first + worlds {
        // Neighbouring seeds must not give neighbouring worlds.
        let world = World::random(&mut Random(seed.wrapping_mul(0x2545_F491_4F6C_DD1D)));
        let on_time = compare(seed, &world, &|_| true, "on time");
        let late = compare(
            seed,
            &world,
            &|tick| world.late_ticks[tick as usize],
            "late",
        );
        assert_eq!(
            member_at_last(&on_time),
            member_at_last(&late),
            "seed {seed}: lateness decided who is inside in the end"
        );
        for one in on_time.iter().chain(&late) {
            *happened.entry(kind(one)).or_default() += 1;
        }
    }
    // A world generator that never makes something happen proves nothing about it.
    for what in KINDS {
        let often = happened.get(what).copied().unwrap_or(0);
        assert!(
            often * 1_000 >= worlds,
            "{what} happened {often} times in {worlds} worlds"
        );
    }
}

const KINDS: [&str; 12] = [
    "entered",
    "entered unheard",
    "criteria",
    "maxDwell",
    "manual",
    "bucketDeleted",
    "deleted",
    "dwell",
    "dwell coalesced",
    "deferred",
    "left unheard",
    "dwell unheard",
];

fn kind(seen: &Seen) -> &'static str {
    match seen {
        Seen::Entered {
            announced: true, ..
        } => "entered",
        Seen::Entered { .. } => "entered unheard",
        Seen::Left {
            announced: false,
            reason,
            ..
        } if *reason != hogsend_core::stay::Reason::Deleted => "left unheard",
        Seen::Left {
            at,
            effective,
            reason: hogsend_core::stay::Reason::Criteria,
            ..
        } if effective < at => "deferred",
        Seen::Left { reason, .. } => reason.as_str(),
        Seen::Dwelt {
            announced: false, ..
        } => "dwell unheard",
        Seen::Dwelt { ordinal: 1, .. } => "dwell",
        Seen::Dwelt { .. } => "dwell coalesced",
    }
}

//! The laws that every kind of leg keeps, and every tree of them, against the definition
//! (tests/model), on random documents and histories. A kind that the model knows is held to all of
//! them.
//!
//! `HOGSEND_CASES=10000000 cargo test -p hogsend-core --test criteria_laws` runs more of them;
//! `HOGSEND_FIRST_CASE` starts elsewhere. Case *n* is always the same.

#[path = "criteria_laws/case.rs"]
mod case;
#[path = "criteria_laws/laws.rs"]
mod laws;
#[path = "criteria_laws/planned.rs"]
mod planned;

use case::Shape;
use hogsend_model::{Leg, Random, World, random};
use laws::Seen;
use std::mem::discriminant;

/// One leg of each kind that there is.
fn kinds() -> Vec<Leg> {
    let mut random = Random::new(0);
    let mut kinds: Vec<Leg> = Vec::new();
    for _ in 0..10_000 {
        let world = World::any(&mut random);
        let leg = Leg::random(&mut random, &world);
        if !kinds
            .iter()
            .any(|known| discriminant(known) == discriminant(&leg))
        {
            kinds.push(leg);
        }
    }
    kinds
}

fn try_all(shape: Shape, ordinary: u64) -> Seen {
    let cases = random::cases("HOGSEND_CASES", ordinary);
    let first = random::cases("HOGSEND_FIRST_CASE", 0);
    let mut seen = Seen::default();
    let start = std::time::Instant::now();
    for number in first..first + cases {
        let name = format!("{shape:?}, case {number}");
        laws::all(&name, &mut Random::new(number), shape, &mut seen, 0);
    }
    let took = start.elapsed();
    println!("criteria laws, {shape:?}: {cases} cases in {took:.1?}: {seen:?}");
    seen
}

#[test]
fn every_kind_of_leg_keeps_the_laws() {
    for kind in kinds() {
        let seen = try_all(Shape::Like(&kind), 20_000);
        assert!(seen.refused < seen.cases * 3 / 4, "{seen:?}");
        assert!(seen.true_now > seen.cases / 20, "{seen:?}");
    }
}

#[test]
fn every_tree_keeps_the_laws() {
    let seen = try_all(Shape::Tree, 120_000);
    let cases = seen.cases;
    // A generator that only makes dull cases would prove nothing.
    assert!(seen.refused < cases / 4, "{seen:?}");
    let common = [
        seen.true_now,
        seen.becomes_false,
        seen.becomes_true,
        seen.bounds,
        seen.flipped_before,
        seen.dated,
        seen.read_again,
        seen.up,
        seen.down,
    ];
    let is_common = |number: u64| number > cases / 50;
    assert!(
        cases < 1_000 || common.into_iter().all(is_common),
        "{seen:?}"
    );
    assert!(cases < 1_000 || seen.never > 0, "{seen:?}");
    let is_tried = seen.forgotten > cases / 50 && seen.lasting > cases / 50;
    assert!(cases < 1_000 || is_tried, "{seen:?}");
}

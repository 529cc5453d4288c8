//! The evaluator against the definition, on random criteria and histories.
//!
//! `HOGSEND_CASES=10000000 cargo test -p hogsend-core --test criteria_oracle` runs more of them;
//! `HOGSEND_FIRST_CASE` starts elsewhere. Case *n* is always the same.

#[path = "criteria_oracle/compare.rs"]
mod compare;
#[path = "criteria_support/known.rs"]
mod known;

use compare::{Seen, compare};
use hogsend_model::{Random, random};

#[test]
fn the_evaluator_agrees_with_the_definition() {
    let cases = random::cases("HOGSEND_CASES", 100_000);
    let first = random::cases("HOGSEND_FIRST_CASE", 0);
    let mut seen = Seen::default();
    let start = std::time::Instant::now();
    for case in first..first + cases {
        compare(case, &mut Random::new(case), &mut seen, 0);
    }
    println!(
        "criteria oracle: {cases} cases in {:.1?}, no difference: {seen:?}",
        start.elapsed()
    );
    // A generator that only makes dull cases would prove nothing.
    assert!(seen.refused < cases / 4);
    assert!(cases < 1_000 || seen.never > cases / 100, "{seen:?}");
    for interesting in [
        seen.true_now,
        seen.becomes_false,
        seen.becomes_true,
        seen.flipped_before,
    ] {
        assert!(
            cases < 1_000 || interesting > seen.evaluations / 20,
            "{seen:?}"
        );
    }
}

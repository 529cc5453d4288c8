//! The evaluator against the definition (tests/model). The input takes every
//! decision that is taken there by chance, so coverage can steer towards rare trees and histories.
#![no_main]

#[path = "../../../src/core/tests/criteria_oracle/compare.rs"]
mod compare;
#[path = "../../../src/core/tests/criteria_support/known.rs"]
mod known;

use compare::{Seen, compare};
use hogsend_fuzz::planted;
use hogsend_model::Random;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|decisions: &[u8]| {
    // The planted bug: a clock that is a microsecond late.
    let late = i64::from(planted());
    let random = &mut Random::of_bytes(decisions);
    compare(0, random, &mut Seen::default(), late);
});

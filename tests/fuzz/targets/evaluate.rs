//! The evaluator against the definition (src/core/tests/criteria_oracle). The input takes every
//! decision that is taken there by chance, so coverage can steer towards rare trees and histories.
#![no_main]

#[path = "../../../src/core/tests/criteria_oracle/compare.rs"]
mod compare;
#[path = "../../../src/core/tests/criteria_oracle/generate.rs"]
mod generate;
#[path = "../../../src/core/tests/criteria_oracle/model.rs"]
mod model;

use compare::{Seen, compare};
use hogsend_fuzz::{planted, random};
use libfuzzer_sys::fuzz_target;
use random::Random;

fuzz_target!(|decisions: &[u8]| {
    // The planted bug: a clock that is a microsecond late.
    let late = i64::from(planted());
    compare(0, &mut Random::new(decisions), &mut Seen::default(), late);
});

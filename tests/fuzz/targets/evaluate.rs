//! The laws of criteria against the definition (src/core/tests/criteria_laws.rs, tests/model). The input
//! takes every decision that is taken there by chance, so coverage can steer towards rare trees and
//! histories.
#![no_main]

#[allow(dead_code)]
#[path = "../../../src/core/tests/criteria_laws/case.rs"]
mod case;
#[path = "../../../src/core/tests/criteria_laws/laws.rs"]
mod laws;
#[path = "../../../src/core/tests/criteria_laws/planned.rs"]
mod planned;

use case::Shape;
use hogsend_fuzz::planted;
use hogsend_model::Random;
use laws::{Seen, all};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|decisions: &[u8]| {
    // The planted bug: a clock that is a microsecond late.
    let late = i64::from(planted());
    let random = &mut Random::of_bytes(decisions);
    all("fuzzed", random, Shape::Tree, &mut Seen::default(), late);
});

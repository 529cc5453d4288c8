//! Documents that are nearly right (the generator of src/core/tests/criteria_fuzz): the input takes
//! every decision that is taken there by chance, so coverage can steer deep into the grammar.
#![no_main]

#[path = "../../../src/core/tests/criteria_fuzz/generate.rs"]
mod generate;

use generate::{break_text, break_tree, valid};
use hogsend_fuzz::{document, planted};
use hogsend_model::Random;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|decisions: &[u8]| {
    let random = &mut Random::of_bytes(decisions);
    let depth = random.below(5);
    let mut json = valid(random, depth);
    let broken = random.below(4);
    for _ in 0..broken {
        break_tree(random, &mut json);
    }
    let mut text = String::new();
    json.write(random, &mut text);
    if broken > 0 && random.one_in(3) {
        break_text(random, &mut text);
    }
    let canonical = document::check(&text);
    assert!(broken > 0 || canonical.is_some(), "{text}");
    // The planted bug: it takes two windows in one tree to come there.
    let windows = canonical.map_or(0, |text| text.matches(r#""within":{"#).count());
    assert!(windows < 2 || !planted(), "{text}");
});

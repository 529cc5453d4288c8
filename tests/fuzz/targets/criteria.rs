//! Any text as criteria, as a property's value and as a number.
#![no_main]

use hogsend_core::criteria::PropertyValue;
use hogsend_core::decimal::Decimal;
use hogsend_fuzz::{document, planted};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    document::check(text);
    let _ = PropertyValue::parse(text);
    if let Some(number) = Decimal::parse(text) {
        let again = Decimal::parse(&number.to_string()).expect("a number as it is printed");
        // The planted bug: numbers with an exponent.
        let same = number == again && !(planted() && text.contains("1e"));
        assert!(same, "{text} became {number}");
    }
});

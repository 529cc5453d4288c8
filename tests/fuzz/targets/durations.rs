//! Texts as windows: no text makes the reader panic, and what it accepts has one length, however it
//! is written. The plain ones (`1.5 hours 30 s`) are read a second time by a naive reader.
#![no_main]

use hogsend_core::criteria::words;
use hogsend_core::criteria::{Condition, Criteria, Leg};
use hogsend_core::time::Span;
use hogsend_fuzz::planted;
use libfuzzer_sys::fuzz_target;

/// The window that a text means, or the hint for whoever wrote it.
fn window(text: &str) -> Result<Span, String> {
    let leg = serde_json::json!({
        "type": "event", "eventName": "x", "check": "exists", "within": text
    });
    match Criteria::parse(&leg.to_string()) {
        Ok(criteria) => match criteria.root() {
            Condition::Leg(Leg::Event(leg)) => Ok(leg.within.expect("a window was given")),
            other => panic!("{text:?} became {other:?}"),
        },
        Err(problems) => {
            let [problem] = problems.as_slice() else {
                panic!("{text:?}: {problems:?}")
            };
            assert_eq!(problem.path, "$.within", "{text:?}: {problem:?}");
            assert!(!problem.message.is_empty() && !problem.hint.is_empty());
            Err(problem.hint.clone())
        }
    }
}

/// Whole numbers with at most six decimal places, one space, a unit in full; nothing else. In
/// millionths of a microsecond, so that nothing is rounded.
fn naive(text: &str) -> Option<i128> {
    let mut total: i128 = 0;
    let mut words = text.split(' ');
    while let Some(number) = words.next() {
        let unit: i128 = match words.next()? {
            "day" | "days" => 86_400_000_000,
            "hour" | "hours" => 3_600_000_000,
            "minute" | "minutes" => 60_000_000,
            "second" | "seconds" => 1_000_000,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || whole.len() > 12 || fraction.len() > 6 {
            return None;
        }
        let millionths: i128 = format!("{whole}{fraction:0<6}").parse().ok()?;
        total += millionths * unit;
    }
    Some(total)
}

/// Half away from zero, as the reader rounds.
fn rounded(millionths: i128) -> i128 {
    (millionths + 500_000) / 1_000_000
}

fuzz_target!(|text: &str| {
    let span = window(text);
    if let Some(total) = naive(text) {
        // The planted bug: a microsecond too many.
        let micros = rounded(total) + i128::from(planted());
        let expected = i64::try_from(micros).ok().filter(|m| *m > 0).map(Span);
        assert_eq!(span.as_ref().ok(), expected.as_ref(), "{text:?}");
    }
    let Ok(span) = span else { return };
    assert!(span > Span(0), "{text:?}");
    for same in [
        words::duration(span),
        format!("{} microseconds", span.0),
        format!(" {}\t", text.to_ascii_uppercase()),
    ] {
        assert_eq!(window(&same), Ok(span), "{text:?} as {same:?}");
    }
});

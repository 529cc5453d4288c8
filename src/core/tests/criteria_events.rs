//! What is asked of single events, and of ranges of time with two ends, by name: how it is read and
//! planned, and the cases that people will argue about. The laws prove the rest.

#[path = "criteria_events/known.rs"]
mod known;
#[path = "criteria_events/plan.rs"]
mod plan;
#[path = "criteria_events/reading.rs"]
mod reading;
#[path = "criteria_events/truth.rs"]
mod truth;

use hogsend_core::criteria::Criteria;
use hogsend_core::time::Instant;

const S: i64 = 1_000_000;

/// So many seconds after the beginning of 2000.
fn at(seconds: i64) -> Instant {
    Instant(seconds * S)
}

/// The instant after that.
fn after(seconds: i64) -> Instant {
    at(seconds).next()
}

fn parse(json: &str) -> Criteria {
    Criteria::parse(json).unwrap_or_else(|problems| panic!("{json}: {problems:?}"))
}

/// A leg about event `a`.
fn leg(rest: &str) -> String {
    format!(r#"{{"type":"event","eventName":"a",{rest}}}"#)
}

fn all(operator: &str, legs: &[&str]) -> String {
    let legs = legs.join(",");
    format!(r#"{{"type":"composite","operator":"{operator}","conditions":[{legs}]}}"#)
}

const OVER_50: &str =
    r#""where":{"type":"property","property":"amount","operator":"gt","value":50}"#;

//! Which occurrences may be forgotten without changing who matches, now or later.

use super::Criteria;
use super::legs::Leg;
use super::legs::event::Pick;
use super::numbers::SeriesNo;
use super::scope::Scope;
use crate::time::{Instant, Span};

/// Why nothing may be forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lasting {
    /// A leg asks about all of the past. What it asks, in words.
    Leg(String),
    /// Who ever did something that the criteria name belongs as long as that is known, with nothing lately.
    Involvement,
}

pub(super) fn before(criteria: &Criteria, now: Instant) -> Result<Instant, Lasting> {
    let mut earliest = Instant::INFINITY;
    let mut lasting = None;
    criteria.root.legs(&mut |leg| {
        if let Some(least) = least(criteria, leg, now) {
            earliest = earliest.min(least);
            if least == Instant::NEG_INFINITY && lasting.is_none() {
                lasting = Some(leg.words(&criteria.needs));
            }
        }
    });
    // Of whom nothing is left nobody knows that they were ever concerned.
    if criteria.scope == Scope::Involved && criteria.holds_without_any {
        return Err(Lasting::Involvement);
    }
    match lasting {
        Some(leg) => Err(Lasting::Leg(leg)),
        None => Ok(earliest),
    }
}

/// What happened before is nothing to the leg, from `now` on; `None`: nothing that happened is.
fn least(criteria: &Criteria, leg: &Leg, now: Instant) -> Option<Instant> {
    let of = |series: SeriesNo, within: Option<Span>, since: Option<Instant>| {
        let of_series = criteria.needs.of(series).and_then(|of| of.since);
        let within = within.map(|span| now.minus(span));
        let bounds = [of_series, within, since].into_iter().flatten();
        Some(bounds.max().unwrap_or(Instant::NEG_INFINITY))
    };
    match leg {
        Leg::Event(leg) => of(leg.series, leg.within, None),
        Leg::Between(leg) => of(leg.series, leg.within, None),
        Leg::Measure(leg) => of(leg.side.series, leg.side.window.within, None),
        Leg::Compare(leg) => {
            let sides = [&leg.left, &leg.right];
            sides
                .into_iter()
                .filter_map(|side| of(side.series, side.window.within, None))
                .min()
        }
        // With one that is too old it is as with none; but of another one that comes first nothing is known.
        Leg::Picked(leg) if leg.pick == Pick::Last => of(leg.series, leg.within, leg.since),
        Leg::Picked(leg) => of(leg.series, None, None),
        Leg::Sequence(leg) => {
            let steps = leg.steps.iter();
            steps
                .filter_map(|step| of(step.series, leg.window.within, None))
                .min()
        }
        Leg::Property(_) | Leg::Date(_) | Leg::Bucket(_) | Leg::Sample(_) | Leg::Everyone(_) => {
            None
        }
    }
}

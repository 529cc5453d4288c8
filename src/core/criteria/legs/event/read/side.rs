//! Reading what is measured of a series in a range: for a leg of its own, and for a side of a comparison.

use super::measure;
use super::{Check, EventLeg, Range};
use crate::criteria::legs::event::measure::Side;
use crate::criteria::legs::event::window::Window;
use crate::criteria::legs::event::{Measure, MeasureLeg};
use crate::criteria::legs::{Leg, LegKind};
use crate::criteria::needs::{Enough, SeriesOf};
use crate::criteria::parse::walk::{Node, Walk};
use std::sync::Arc;

const SIDE_KEYS: [&str; 9] = [
    "type",
    "eventName",
    "check",
    "of",
    "within",
    "olderThan",
    "since",
    "until",
    "where",
];

/// What can be measured of a side of a comparison.
const SIDE_CHECKS: [(&str, Measure); 6] = [
    ("count", Measure::Count),
    ("sum", Measure::Sum),
    ("avg", Measure::Avg),
    ("min", Measure::Min),
    ("max", Measure::Max),
    ("distinct", Measure::Distinct),
];

/// Reads a side of a comparison: an event leg without what it is compared with.
pub(in crate::criteria::legs) fn measured_side<'a>(
    walk: &mut Walk<'a>,
    node: &Node<'a>,
) -> Option<Side> {
    walk.check_keys(node, "measure", &SIDE_KEYS);
    if node.field("type").is_some() {
        walk.choice(node, "type", "a measure", &[(EventLeg::TYPE, ())])?;
    }
    let events = walk.event_names(node);
    let measure = walk.choice(node, "check", "a measure", &SIDE_CHECKS);
    let none = walk.nothing_measured(
        node,
        (measure == Some(Measure::Count)).then_some(Check::Count),
    );
    let measured = match measure {
        None => None,
        Some(Measure::Count) => Some(None),
        Some(measure) => walk.measured(node, measure).map(Some),
    };
    let range = walk.range(node);
    let filter = walk.optional(node, "where", Walk::filter);
    none?;
    let series = SeriesOf {
        events: events?,
        since: None,
        until: None,
        filter: filter?.map(Arc::new),
        marking: None,
        measured: measured?,
    };
    Some(side(walk, series, measure?, range?))
}

/// A leg that measures the occurrences of a series in a range.
pub(super) fn measuring(
    walk: &mut Walk,
    series: SeriesOf,
    bound: measure::Bound,
    between: Range,
) -> Leg {
    let of = SeriesOf {
        measured: Some(bound.measured),
        ..series
    };
    Leg::Measure(Box::new(MeasureLeg {
        side: side(walk, of, bound.measure, between),
        operator: bound.operator,
        value: bound.value,
    }))
}

fn side(walk: &mut Walk, series: SeriesOf, measure: Measure, between: Range) -> Side {
    let of = SeriesOf {
        since: between.since,
        until: between.until,
        ..series
    };
    // Whatever enters and leaves again must be known; of what never leaves, all.
    let enough = Enough {
        count: None,
        beyond: None,
        older: between.within,
    };
    let window = Window {
        within: between.within,
        older: between.older,
    };
    Side {
        series: match window.is_lifetime() && measure.has_total() {
            true => walk.needs.total(of, enough),
            false => walk.needs.latest(of, enough),
        },
        measure,
        window,
    }
}

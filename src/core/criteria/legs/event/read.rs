//! Reading a leg about an event.

mod measure;
mod range;
mod side;

use super::{
    BetweenLeg, Comparison, CountBound, EventCheck, EventLeg, Leg, LegKind, Measure, Pick,
    PickedLeg, range,
};
use crate::criteria::filter::Filter;
use crate::criteria::hints::{cut, quote};
use crate::criteria::json::{self, Kind};
use crate::criteria::needs::{Enough, SeriesOf};
use crate::criteria::parse::walk::{Node, Walk};
use crate::criteria::{MAX_COUNT, MAX_EVENT_NAME, MAX_EVENT_NAMES};
use serde_json::value::RawValue;
use std::sync::Arc;

pub(in crate::criteria::legs) use range::Range;
pub(in crate::criteria::legs) use side::measured_side;
use side::measuring;

/// The checks of an event leg before their bound is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Check {
    Exists,
    NotExists,
    Count,
    Measure(Measure),
}

const CHECKS: [(&str, Check); 8] = [
    ("exists", Check::Exists),
    ("not_exists", Check::NotExists),
    ("count", Check::Count),
    ("sum", Check::Measure(Measure::Sum)),
    ("avg", Check::Measure(Measure::Avg)),
    ("min", Check::Measure(Measure::Min)),
    ("max", Check::Measure(Measure::Max)),
    ("distinct", Check::Measure(Measure::Distinct)),
];

/// A check with its bound.
enum Bound {
    Of(EventCheck),
    OfMeasure(measure::Bound),
}

pub(in crate::criteria::legs) const COMPARISONS: [(&str, Comparison); 5] = [
    ("gt", Comparison::Gt),
    ("gte", Comparison::Gte),
    ("lt", Comparison::Lt),
    ("lte", Comparison::Lte),
    ("eq", Comparison::Eq),
];

const PICKS: [(&str, Pick); 2] = [("first", Pick::First), ("last", Pick::Last)];

const KEYS: [&str; 14] = [
    "type",
    "eventName",
    "check",
    "operator",
    "value",
    "within",
    "olderThan",
    "since",
    "until",
    "where",
    "of",
    "pick",
    "having",
    "zone",
];

/// Beginnings of the names of events that nobody stores.
const RESERVED: [&str; 2] = ["bucket:", "journey:"];

/// Whether a leg, however wrong otherwise, only says what must not be. With a lower edge it is about
/// people who stopped, which is positive.
pub(in crate::criteria::legs) fn is_negation(node: &Node, asked: bool) -> bool {
    let denies = if asked { "not_exists" } else { "exists" };
    let has_lower_edge = ["within", "since"]
        .iter()
        .any(|edge| node.field(edge).is_some());
    node.text("check").as_deref() == Some(denies) && !has_lower_edge
}

/// Reads a leg about an event, whichever kind it is of.
pub(in crate::criteria::legs) fn leg<'a>(walk: &mut Walk<'a>, node: &Node<'a>) -> Option<Leg> {
    walk.check_keys(node, EventLeg::TYPE, &KEYS);
    let events = walk.event_names(node);
    let check = walk.choice(node, "check", "a condition on an event", &CHECKS);
    let measured = walk.nothing_measured(node, check);
    let check = check.and_then(|check| match check {
        Check::Measure(measure) => walk.measure(node, measure).map(Bound::OfMeasure),
        check => walk.event_check(node, check).map(Bound::Of),
    });
    let range = walk.range(node);
    let filter = walk.optional(node, "where", Walk::filter);
    let counts = matches!(
        check,
        Some(Bound::Of(EventCheck::Count(_)) | Bound::OfMeasure(_))
    );
    let pick = walk.pick(node, counts);
    measured?;
    let (events, check, range) = (events?, check?, range?);
    let (filter, pick) = (filter?.map(Arc::new), pick?);
    let series = SeriesOf {
        events,
        since: None,
        until: None,
        filter,
        marking: None,
        measured: None,
    };
    let check = match (check, &pick) {
        (Bound::Of(check), Some(_)) => check,
        (Bound::Of(check), None) => return Some(counted(walk, series, check, range)),
        (Bound::OfMeasure(_), Some(_)) => return None,
        (Bound::OfMeasure(bound), None) => return Some(measuring(walk, series, bound, range)),
    };
    let (pick, having) = pick?;
    let of = SeriesOf {
        marking: having.map(Arc::new),
        ..series
    };
    let series = match pick {
        Pick::First => walk.needs.oldest(of),
        Pick::Last if of.is_plain() => walk.needs.counted(of, &[1], None),
        Pick::Last => walk.needs.latest(of, Enough::count(1)),
    };
    Some(Leg::Picked(Box::new(PickedLeg {
        series,
        pick,
        exists: check == EventCheck::Exists,
        within: range.within,
        older: range.older,
        since: range.since,
        until: range.until,
    })))
}

/// A leg that counts the occurrences of a series in a range.
fn counted(walk: &mut Walk, series: SeriesOf, check: EventCheck, between: Range) -> Leg {
    let range = range(check);
    let of = SeriesOf {
        since: between.since,
        until: between.until,
        ..series
    };
    let within = between.within;
    let Some(older) = between.older else {
        let ranks = [Some(range.low), range.high].into_iter().flatten();
        let ranks: Vec<u64> = ranks.filter(|rank| *rank > 0).collect();
        return Leg::Event(EventLeg {
            has_total: within.is_none() && of.filter.is_some(),
            series: walk.needs.counted(of, &ranks, within),
            check,
            within,
            range,
        });
    };
    let enough = match within {
        // Whatever enters and leaves again must be known.
        Some(within) => Enough {
            count: None,
            beyond: None,
            older: Some(within),
        },
        None => Enough {
            count: Some(range.most().max(1)),
            beyond: Some(older),
            older: None,
        },
    };
    Leg::Between(Box::new(BetweenLeg {
        series: walk.needs.latest(of, enough),
        check,
        within,
        older,
        range,
    }))
}

impl<'a> Walk<'a> {
    /// One name or several, in order and each once.
    pub(in crate::criteria::legs) fn event_names(
        &mut self,
        node: &Node<'a>,
    ) -> Option<Vec<String>> {
        let raw = node.field("eventName");
        let raw = raw.filter(|raw| json::kind(raw.get()) == Some(Kind::Array));
        let Some(raw) = raw else {
            let name = self.name(node, "eventName", "a condition on an event")?;
            let at = node
                .field("eventName")
                .map_or(node.at, |raw| self.offset(raw));
            if let Some((message, hint)) = unusable(&name) {
                self.problem_in("eventName", at, message, hint);
                return None;
            }
            return Some(vec![name]);
        };
        let at = self.offset(raw);
        let items = json::array(raw.get()).unwrap_or_default();
        if items.is_empty() {
            self.problem_in("eventName", at, "\"eventName\" is empty", "give a name");
            return None;
        }
        if items.len() > MAX_EVENT_NAMES {
            let message = format!(
                "\"eventName\" has {} elements, more than {MAX_EVENT_NAMES}",
                items.len()
            );
            let hint = "count them in several conditions, or store them under one name";
            self.problem_in("eventName", at, message, hint);
            return None;
        }
        let mut names = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            let field = format!("eventName[{index}]");
            names.push(self.inside(&field, |walk| walk.event_name(item)));
        }
        let mut names: Vec<String> = names.into_iter().collect::<Option<_>>()?;
        names.sort_unstable();
        names.dedup();
        Some(names)
    }

    /// One of several names.
    fn event_name(&mut self, raw: &'a RawValue) -> Option<String> {
        let at = self.offset(raw);
        let kind = json::kind(raw.get());
        if kind != Some(Kind::String) {
            let found = kind.map_or("not JSON", Kind::in_words);
            let message = format!("the name of an event is {found} and must be a string");
            self.problem(at, message, "write it in quotation marks");
            return None;
        }
        let wrong = match json::string(raw.get()).as_deref() {
            Some("") => ("the name of an event is empty".into(), "give a name"),
            Some(name) => match unusable(name) {
                None => return Some(name.to_owned()),
                Some(wrong) => wrong,
            },
            None => (
                "the name of an event is not a valid string".into(),
                "remove the escaped half of a surrogate pair",
            ),
        };
        self.problem(at, wrong.0, wrong.1);
        None
    }

    /// Which occurrence is looked at, if only one is, and what must hold of it.
    fn pick(&mut self, node: &Node<'a>, counts: bool) -> Option<Option<(Pick, Option<Filter>)>> {
        let having = self.optional(node, "having", Walk::filter);
        if node.field("pick").is_none() {
            let Some(raw) = node.field("having") else {
                return Some(None);
            };
            self.problem_in(
                "having",
                self.offset(raw),
                "\"having\" is about the occurrence that \"pick\" picks, and there is no \"pick\"",
                "add \"pick\": \"first\" or \"last\", or say in \"where\" which events count",
            );
            return None;
        }
        let pick = self.choice(node, "pick", "a condition on an event", &PICKS);
        if let (true, Some(raw)) = (counts, node.field("check")) {
            self.problem_in(
                "check",
                self.offset(raw),
                "of one occurrence there is nothing to count",
                "use the check \"exists\" or \"not_exists\", or remove \"pick\"",
            );
            return None;
        }
        Some(Some((pick?, having?)))
    }

    /// Only counts have a bound, and a bound has two halves.
    fn event_check(&mut self, node: &Node<'a>, check: Check) -> Option<EventCheck> {
        if check != Check::Count {
            let mut fine = true;
            for field in ["operator", "value"] {
                if let Some(raw) = node.field(field) {
                    self.problem_in(
                        field,
                        self.offset(raw),
                        format!("{} belongs to checks that compare only", quote(field)),
                        format!("remove {}, or use the check \"count\"", quote(field)),
                    );
                    fine = false;
                }
            }
            return fine.then_some(match check {
                Check::Exists => EventCheck::Exists,
                _ => EventCheck::NotExists,
            });
        }
        let operator = node.field("operator");
        let value = node.field("value");
        if operator.is_none() && value.is_none() {
            return Some(EventCheck::Count(None));
        }
        for (there, missing) in [(operator, "value"), (value, "operator")] {
            if there.is_some() && node.field(missing).is_none() {
                self.problem(
                    node.at,
                    format!("the check \"count\" has no {}", quote(missing)),
                    "give both \"operator\" and \"value\", or neither for at least one",
                );
            }
        }
        let operator =
            operator.and_then(|_| self.choice(node, "operator", "the count", &COMPARISONS));
        let value = value.and_then(|raw| self.count(raw));
        Some(EventCheck::Count(Some(CountBound {
            operator: operator?,
            value: value?,
        })))
    }

    fn count(&mut self, raw: &RawValue) -> Option<u64> {
        let at = self.offset(raw);
        let kind = json::kind(raw.get());
        if kind != Some(Kind::Number) {
            let found = kind.map_or("not JSON", Kind::in_words);
            self.problem_in(
                "value",
                at,
                format!("the check \"count\" needs a whole number, not {found}"),
                "give \"value\" a whole number from 0 on",
            );
            return None;
        }
        let number = self.decimal("value", raw)?;
        if number.is_negative() || !number.is_whole() {
            self.problem_in(
                "value",
                at,
                format!("a count cannot be {}", cut(raw.get())),
                "give \"value\" a whole number from 0 on",
            );
            return None;
        }
        Some(
            number
                .to_u64()
                .map_or(MAX_COUNT, |count| count.min(MAX_COUNT)),
        )
    }
}

/// What is wrong with the name of an event, and what to do.
fn unusable(name: &str) -> Option<(String, &'static str)> {
    if let Some(reserved) = RESERVED
        .iter()
        .find(|reserved| name.starts_with(**reserved))
    {
        let hint = match *reserved {
            "bucket:" => {
                "name an event of your own: those that begin with \"bucket:\" are never evaluated"
            }
            _ => "name an event of your own: those that begin with \"journey:\" are of journeys",
        };
        return Some((format!("the event name {} is reserved", quote(name)), hint));
    }
    (name.len() > MAX_EVENT_NAME).then(|| {
        let message = format!(
            "the event name is {} bytes long, more than {MAX_EVENT_NAME}",
            name.len()
        );
        (message, "use a shorter name")
    })
}

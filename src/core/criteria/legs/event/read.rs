//! Reading a leg about an event.

use super::{Comparison, CountBound, EventCheck, EventLeg, range};
use crate::criteria::hints::{cut, quote};
use crate::criteria::json::{self, Kind};
use crate::criteria::parse::walk::{Node, Walk};
use crate::criteria::{MAX_COUNT, MAX_EVENT_NAME};
use serde_json::value::RawValue;

/// The checks of an event leg before their bound is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Check {
    Exists,
    NotExists,
    Count,
}

const CHECKS: [(&str, Check); 3] = [
    ("exists", Check::Exists),
    ("not_exists", Check::NotExists),
    ("count", Check::Count),
];

const COMPARISONS: [(&str, Comparison); 5] = [
    ("gt", Comparison::Gt),
    ("gte", Comparison::Gte),
    ("lt", Comparison::Lt),
    ("lte", Comparison::Lte),
    ("eq", Comparison::Eq),
];

/// Whether a leg, however wrong otherwise, only says what must not be. With a window it is about
/// people who stopped, which is positive.
pub(super) fn is_negation(node: &Node, asked: bool) -> bool {
    let denies = if asked { "not_exists" } else { "exists" };
    node.text("check").as_deref() == Some(denies) && node.field("within").is_none()
}

pub(super) fn leg<'a>(walk: &mut Walk<'a>, node: &Node<'a>) -> Option<EventLeg> {
    let known = ["type", "eventName", "check", "operator", "value", "within"];
    walk.check_keys(node, "event", &known);
    let name = walk.event_name(node);
    let check = walk.choice(node, "check", "a condition on an event", &CHECKS);
    let check = check.and_then(|check| walk.event_check(node, check));
    let within = match node.field("within") {
        None => Some(None),
        Some(raw) => walk.within(raw).map(Some),
    };
    let (name, check, within) = (name?, check?, within?);
    let range = range(check);
    let ranks = [Some(range.low), range.high].into_iter().flatten();
    let ranks = ranks.filter(|rank| *rank > 0);
    Some(EventLeg {
        series: walk.needs.series(name, ranks),
        check,
        within,
        range,
    })
}

impl<'a> Walk<'a> {
    fn event_name(&mut self, node: &Node<'a>) -> Option<String> {
        let name = self.name(node, "eventName", "a condition on an event")?;
        let at = node
            .field("eventName")
            .map_or(node.at, |raw| self.offset(raw));
        if name.starts_with("bucket:") {
            self.problem_in(
                "eventName",
                at,
                format!("the event name {} is reserved", quote(&name)),
                "name an event of your own: those that begin with \"bucket:\" are never evaluated",
            );
            return None;
        }
        if name.len() > MAX_EVENT_NAME {
            self.problem_in(
                "eventName",
                at,
                format!(
                    "the event name is {} bytes long, more than {MAX_EVENT_NAME}",
                    name.len()
                ),
                "use a shorter name",
            );
            return None;
        }
        Some(name)
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
                        format!("{} belongs to the check \"count\" only", quote(field)),
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

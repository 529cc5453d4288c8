//! Legs: what each of the two kinds may say.

use super::duration::{self, Complaint, Total, Unit};
use super::hints::{cut, did_you_mean, quote};
use super::json::{self, Kind};
use super::parse::{Node, Walk};
use super::{
    Comparison, Condition, CountBound, CountRange, EventCheck, EventLeg, MAX_COUNT, MAX_EVENT_NAME,
    PropertyLeg, PropertyTest, Scalar,
};
use crate::decimal::Decimal;
use crate::time::Span;
use serde_json::value::RawValue;

/// The operators of a property leg before their value is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Eq,
    Neq,
    Gt,
    Gte,
    Lt,
    Lte,
    Exists,
    NotExists,
    Contains,
}

const OPERATORS: [(&str, Operator); 9] = [
    ("eq", Operator::Eq),
    ("neq", Operator::Neq),
    ("gt", Operator::Gt),
    ("gte", Operator::Gte),
    ("lt", Operator::Lt),
    ("lte", Operator::Lte),
    ("exists", Operator::Exists),
    ("not_exists", Operator::NotExists),
    ("contains", Operator::Contains),
];

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

/// Whether a property leg, however wrong otherwise, only says what must not be.
pub(super) fn is_negated_property(node: &Node) -> bool {
    matches!(
        text(node, "operator").as_deref(),
        Some("neq" | "not_exists")
    )
}

/// The same for an event leg. With a window it is about people who stopped, which is positive.
pub(super) fn is_negated_event(node: &Node) -> bool {
    text(node, "check").as_deref() == Some("not_exists") && node.field("within").is_none()
}

fn text(node: &Node, field: &str) -> Option<String> {
    json::string(node.field(field)?.get())
}

impl<'a> Walk<'a> {
    pub(super) fn property_leg(&mut self, node: &Node<'a>) -> Option<Condition> {
        self.check_keys(node, "property", &["type", "property", "operator", "value"]);
        let name = self.name(node, "property", "a condition on a property");
        let operator = self.choice(node, "operator", "a condition on a property", &OPERATORS);
        let test = operator.and_then(|operator| self.property_test(node, operator));
        let (name, test) = (name?, test?);
        Some(Condition::Property(PropertyLeg {
            property: self.property_index(name),
            test,
        }))
    }

    fn property_test(&mut self, node: &Node<'a>, operator: Operator) -> Option<PropertyTest> {
        Some(match operator {
            Operator::Exists | Operator::NotExists => {
                let value = node.field("value");
                if let Some(raw) = value.filter(|raw| json::kind(raw.get()) != Some(Kind::Null)) {
                    self.problem_in(
                        "value",
                        self.offset(raw),
                        "the operators \"exists\" and \"not_exists\" take no value",
                        "remove \"value\", or use \"eq\" to compare with it",
                    );
                    return None;
                }
                match operator {
                    Operator::Exists => PropertyTest::Exists,
                    _ => PropertyTest::NotExists,
                }
            }
            Operator::Eq => PropertyTest::Eq(self.scalar(node, "eq")?),
            Operator::Neq => PropertyTest::Neq(self.scalar(node, "neq")?),
            Operator::Contains => PropertyTest::Contains(self.scalar(node, "contains")?),
            Operator::Gt => PropertyTest::Gt(self.number(node, "gt")?),
            Operator::Gte => PropertyTest::Gte(self.number(node, "gte")?),
            Operator::Lt => PropertyTest::Lt(self.number(node, "lt")?),
            Operator::Lte => PropertyTest::Lte(self.number(node, "lte")?),
        })
    }

    /// The value of an operator that compares with a string, a number or a boolean.
    fn scalar(&mut self, node: &Node<'a>, operator: &str) -> Option<Scalar> {
        let Some(raw) = node.field("value") else {
            self.problem(
                node.at,
                format!("the operator {} needs a \"value\"", quote(operator)),
                "add \"value\": a string, a number or a boolean",
            );
            return None;
        };
        let hint = match json::kind(raw.get()) {
            Some(Kind::Bool) => return json::boolean(raw.get()).map(Scalar::Bool),
            Some(Kind::String) => return self.string_field("value", raw).map(Scalar::String),
            Some(Kind::Number) => return self.decimal("value", raw).map(Scalar::Number),
            Some(Kind::Null) => "use the operator \"exists\" or \"not_exists\" to ask for null",
            _ => {
                "compare with one string, number or boolean, or ask with \"exists\" whether \
                  there is any value"
            }
        };
        let found = json::kind(raw.get()).map_or("not JSON", Kind::in_words);
        self.problem_in(
            "value",
            self.offset(raw),
            format!("\"value\" is {found} and must be a string, a number or a boolean"),
            hint,
        );
        None
    }

    /// The value of an operator that compares with a number.
    fn number(&mut self, node: &Node<'a>, operator: &str) -> Option<Decimal> {
        let Some(raw) = node.field("value") else {
            self.problem(
                node.at,
                format!("the operator {} needs a \"value\"", quote(operator)),
                "add \"value\": a number",
            );
            return None;
        };
        if json::kind(raw.get()) == Some(Kind::Number) {
            return self.decimal("value", raw);
        }
        let found = json::kind(raw.get()).map_or("not JSON", Kind::in_words);
        let message = format!(
            "the operator {} needs a number, not {found}",
            quote(operator)
        );
        let hint = match json::string(raw.get()).as_deref().and_then(Decimal::parse) {
            Some(number) => format!("write {number} without quotation marks"),
            None => "give \"value\" a number, or compare with \"eq\"".to_owned(),
        };
        self.problem_in("value", self.offset(raw), message, hint);
        None
    }

    fn decimal(&mut self, field: &str, raw: &RawValue) -> Option<Decimal> {
        let number = Decimal::parse(raw.get());
        if number.is_none() {
            let message = format!("{} is out of range", quote(field));
            self.problem_in(
                field,
                self.offset(raw),
                message,
                "give a number with a smaller exponent",
            );
        }
        number
    }

    pub(super) fn event_leg(&mut self, node: &Node<'a>) -> Option<Condition> {
        let known = ["type", "eventName", "check", "operator", "value", "within"];
        self.check_keys(node, "event", &known);
        let name = self.event_name(node);
        let check = self.choice(node, "check", "a condition on an event", &CHECKS);
        let check = check.and_then(|check| self.event_check(node, check));
        let within = match node.field("within") {
            None => Some(None),
            Some(raw) => self.within(raw).map(Some),
        };
        let (name, check, within) = (name?, check?, within?);
        let range = range(check);
        let ranks = [Some(range.low), range.high]
            .into_iter()
            .flatten()
            .filter(|rank| *rank > 0);
        Some(Condition::Event(EventLeg {
            event: self.event_index(name, ranks),
            check,
            within,
            range,
        }))
    }

    /// A name in a required field, which must not be empty.
    fn name(&mut self, node: &Node<'a>, field: &str, owner: &str) -> Option<String> {
        let Some(raw) = node.field(field) else {
            let hint = format!("add {}: its name", quote(field));
            self.problem(node.at, format!("{owner} needs {}", quote(field)), hint);
            return None;
        };
        let name = self.string_field(field, raw)?;
        if name.is_empty() {
            let message = format!("{} is empty", quote(field));
            self.problem_in(field, self.offset(raw), message, "give a name");
            return None;
        }
        Some(name)
    }

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

    fn within(&mut self, raw: &'a RawValue) -> Option<Span> {
        let span = match json::kind(raw.get()) {
            Some(Kind::String) => duration::from_text(&self.string_field("within", raw)?),
            Some(Kind::Object) => self.within_object(raw)?.finish(),
            kind => {
                let found = kind.map_or("not JSON", Kind::in_words);
                Err(Complaint::new(
                    format!("\"within\" is {found} and must be an object or an interval string"),
                    "write {\"days\": 14} or \"14 days\", or leave \"within\" out to count all \
                     occurrences",
                ))
            }
        };
        match span {
            Ok(span) => Some(span),
            Err(Complaint { message, hint }) => {
                self.problem_in("within", self.offset(raw), message, hint);
                None
            }
        }
    }

    /// The sum of the parts of a window, or `None` when problems have been reported.
    fn within_object(&mut self, raw: &'a RawValue) -> Option<Total> {
        let Some(parts) = json::object(raw.get()) else {
            self.problem_in(
                "within",
                self.offset(raw),
                "a key of \"within\" is not a valid string",
                "use days, hours, minutes or seconds",
            );
            return None;
        };
        self.inside("within", |walk| {
            let mut total = Total::new();
            let mut seen: Vec<&str> = Vec::new();
            let mut fine = true;
            for (key, raw) in &parts {
                let part = walk.window_part(key, raw, &mut seen);
                match part {
                    Some((number, unit)) => total.add(&number, unit),
                    None => fine = false,
                }
                if walk.is_stopped() {
                    break;
                }
            }
            fine.then_some(total)
        })
    }

    /// One number with its unit.
    fn window_part(
        &mut self,
        key: &str,
        raw: &RawValue,
        seen: &mut Vec<&'static str>,
    ) -> Option<(Decimal, Unit)> {
        let at = self.offset(raw);
        let Some((name, unit)) = WINDOW_UNITS.iter().find(|(name, _)| *name == key) else {
            let message = format!("unknown unit {} in \"within\"", quote(key));
            self.problem_in(key, at, message, unit_hint(key));
            return None;
        };
        if seen.contains(name) {
            let message = format!("the key {} is repeated", quote(name));
            self.problem_in(name, at, message, "keep one of them");
            return None;
        }
        seen.push(name);
        if json::kind(raw.get()) != Some(Kind::Number) {
            let found = json::kind(raw.get()).map_or("not JSON", Kind::in_words);
            self.problem_in(
                name,
                at,
                format!("{} is {found} and must be a number", quote(name)),
                format!("write it like {{{}: 14}}", quote(name)),
            );
            return None;
        }
        Some((self.decimal(name, raw)?, *unit))
    }
}

const WINDOW_UNITS: [(&str, Unit); 4] = [
    ("days", Unit::Days),
    ("hours", Unit::Hours),
    ("minutes", Unit::Minutes),
    ("seconds", Unit::Seconds),
];

/// What to use in the place of a unit that windows do not have.
fn unit_hint(written: &str) -> String {
    match written {
        "week" | "weeks" => "use days: a week is 7 of them".to_owned(),
        "month" | "months" | "year" | "years" | "quarter" | "quarters" => {
            "use days: the length of a month or a year varies".to_owned()
        }
        "milliseconds" | "microseconds" => "use seconds with a fraction".to_owned(),
        _ => did_you_mean(written, &WINDOW_UNITS.map(|(name, _)| name)),
    }
}

/// How many occurrences a check asks for.
fn range(check: EventCheck) -> CountRange {
    let (low, high) = match check {
        EventCheck::Exists | EventCheck::Count(None) => (1, None),
        EventCheck::NotExists => (0, Some(1)),
        EventCheck::Count(Some(CountBound { operator, value })) => {
            // Bounds are far below overflow, see MAX_COUNT.
            let beyond = value.saturating_add(1);
            match operator {
                Comparison::Gt => (beyond, None),
                Comparison::Gte => (value, None),
                Comparison::Lt => (0, Some(value)),
                Comparison::Lte => (0, Some(beyond)),
                Comparison::Eq => (value, Some(beyond)),
            }
        }
    };
    CountRange { low, high }
}

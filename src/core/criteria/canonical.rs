//! The one form in which equal criteria are written.

use super::{
    Comparison, Condition, CountBound, EventCheck, EventNeed, Junction, PropertyTest, Scalar,
};
use crate::decimal::Decimal;
use std::fmt::{Display, Write};

pub(super) fn write(root: &Condition, events: &[EventNeed], properties: &[String]) -> String {
    let mut writer = Writer {
        out: String::new(),
        events,
        properties,
    };
    writer.condition(root);
    writer.out
}

struct Writer<'a> {
    out: String,
    events: &'a [EventNeed],
    properties: &'a [String],
}

impl Writer<'_> {
    fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::Property(leg) => {
                let name = self.properties.get(leg.property).map(String::as_str);
                let _ = write!(
                    self.out,
                    r#"{{"type":"property","property":{}"#,
                    quoted(name)
                );
                self.property_test(&leg.test);
            }
            Condition::Event(leg) => {
                let name = self.events.get(leg.event).map(|need| need.event.as_str());
                let _ = write!(self.out, r#"{{"type":"event","eventName":{}"#, quoted(name));
                self.check(leg.check);
                if let Some(within) = leg.within {
                    let micros = within.0.unsigned_abs().to_string();
                    let seconds = Decimal::from_digits(false, micros.as_bytes(), b"", Some(-6));
                    let seconds = seconds.unwrap_or_else(Decimal::zero);
                    let _ = write!(self.out, r#","within":{{"seconds":{seconds}}}"#);
                }
            }
            Condition::Composite {
                operator,
                conditions,
            } => {
                let operator = match operator {
                    Junction::And => "and",
                    Junction::Or => "or",
                };
                let _ = write!(
                    self.out,
                    r#"{{"type":"composite","operator":"{operator}","conditions":["#
                );
                for (index, condition) in conditions.iter().enumerate() {
                    if index > 0 {
                        self.out.push(',');
                    }
                    self.condition(condition);
                }
                self.out.push(']');
            }
        }
        self.out.push('}');
    }

    fn property_test(&mut self, test: &PropertyTest) {
        match test {
            PropertyTest::Exists => self.operator("exists"),
            PropertyTest::NotExists => self.operator("not_exists"),
            PropertyTest::Eq(value) => self.scalar("eq", value),
            PropertyTest::Neq(value) => self.scalar("neq", value),
            PropertyTest::Contains(value) => self.scalar("contains", value),
            PropertyTest::Gt(number) => self.compared("gt", number),
            PropertyTest::Gte(number) => self.compared("gte", number),
            PropertyTest::Lt(number) => self.compared("lt", number),
            PropertyTest::Lte(number) => self.compared("lte", number),
        }
    }

    fn check(&mut self, check: EventCheck) {
        let name = match check {
            EventCheck::Exists => "exists",
            EventCheck::NotExists => "not_exists",
            EventCheck::Count(_) => "count",
        };
        let _ = write!(self.out, r#","check":"{name}""#);
        if let EventCheck::Count(Some(CountBound { operator, value })) = check {
            let operator = match operator {
                Comparison::Gt => "gt",
                Comparison::Gte => "gte",
                Comparison::Lt => "lt",
                Comparison::Lte => "lte",
                Comparison::Eq => "eq",
            };
            self.compared(operator, value);
        }
    }

    fn operator(&mut self, operator: &str) {
        let _ = write!(self.out, r#","operator":"{operator}""#);
    }

    fn compared(&mut self, operator: &str, value: impl Display) {
        self.operator(operator);
        let _ = write!(self.out, r#","value":{value}"#);
    }

    fn scalar(&mut self, operator: &str, value: &Scalar) {
        match value {
            Scalar::Bool(value) => self.compared(operator, value),
            Scalar::Number(value) => self.compared(operator, value),
            Scalar::String(value) => self.compared(operator, quoted(Some(value))),
        }
    }
}

/// A string as JSON. Writing a string into memory cannot fail.
fn quoted(text: Option<&str>) -> String {
    serde_json::to_string(text.unwrap_or_default()).unwrap_or_default()
}

//! The one form in which equal criteria are written. Defaults are never written out, so that the
//! text of a document stays the same when the language learns more (I10 in doc/design.md).

use super::needs::Needs;
use super::tree::{Condition, Junction};
use super::value::Scalar;
use std::fmt::{Display, Write};

pub(super) fn write(root: &Condition, needs: &Needs) -> String {
    let mut writer = Writer { out: String::new() };
    writer.condition(root, needs);
    writer.out
}

/// Writes fields one after the other.
pub(super) struct Writer {
    out: String,
}

impl Writer {
    fn condition(&mut self, condition: &Condition, needs: &Needs) {
        match condition {
            Condition::Leg(leg) => {
                self.kind(leg.kind());
                leg.write(needs, self);
            }
            Condition::Not(inner) => {
                self.kind("not");
                self.out.push_str(r#","condition":"#);
                self.condition(inner, needs);
            }
            Condition::Composite {
                operator,
                conditions,
            } => {
                self.kind("composite");
                self.operator(match operator {
                    Junction::And => "and",
                    Junction::Or => "or",
                });
                self.out.push_str(r#","conditions":["#);
                for (index, condition) in conditions.iter().enumerate() {
                    if index > 0 {
                        self.out.push(',');
                    }
                    self.condition(condition, needs);
                }
                self.out.push(']');
            }
        }
        self.out.push('}');
    }

    fn kind(&mut self, kind: &str) {
        let _ = write!(self.out, r#"{{"type":"{kind}""#);
    }

    /// A field whose value is already JSON.
    pub fn raw(&mut self, field: &str, value: impl Display) {
        let _ = write!(self.out, r#","{field}":{value}"#);
    }

    pub fn text(&mut self, field: &str, text: &str) {
        self.raw(field, quoted(text));
    }

    pub fn operator(&mut self, operator: &str) {
        self.text("operator", operator);
    }

    /// An operator with a number or a boolean.
    pub fn compared(&mut self, operator: &str, value: impl Display) {
        self.operator(operator);
        self.raw("value", value);
    }

    /// An operator with a string.
    pub fn text_compared(&mut self, operator: &str, text: &str) {
        self.compared(operator, quoted(text));
    }

    pub fn scalar(&mut self, operator: &str, value: &Scalar) {
        match value {
            Scalar::Bool(value) => self.compared(operator, value),
            Scalar::Number(value) => self.compared(operator, value),
            Scalar::String(value) => self.text_compared(operator, value),
        }
    }
}

/// A string as JSON. Writing a string into memory cannot fail.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

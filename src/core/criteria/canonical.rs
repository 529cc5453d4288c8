//! The one form in which equal criteria are written. Defaults are never written out, so that the
//! text of a document stays the same when the language learns more (I10 in doc/design.md).

use super::needs::Needs;
use super::tree::{Condition, Junction};
use super::value::Scalar;
use crate::decimal::Decimal;
use crate::time::{Instant, Span};
use std::fmt::{Display, Write};

pub(super) fn write(root: &Condition, needs: &Needs) -> String {
    let mut writer = Writer::new();
    writer.condition(root, needs);
    writer.out
}

/// Writes fields one after the other.
pub(super) struct Writer {
    out: String,
}

impl Writer {
    pub fn new() -> Writer {
        Writer { out: String::new() }
    }

    /// What was written.
    pub fn finish(self) -> String {
        self.out
    }

    /// Closes an object that [`Writer::kind`] has begun.
    pub fn close(&mut self) {
        self.out.push('}');
    }

    fn condition(&mut self, condition: &Condition, needs: &Needs) {
        match condition {
            Condition::Leg(leg) => {
                self.kind(leg.kind());
                leg.write(needs, self);
            }
            Condition::Not(inner) => {
                self.negation(|writer| writer.condition(inner, needs));
            }
            Condition::Composite {
                operator,
                conditions,
            } => {
                self.composite(*operator, conditions, &mut |writer, part| {
                    writer.condition(part, needs);
                });
            }
        }
        self.close();
    }

    /// A composite, up to the closing brace; `write` writes a part.
    pub fn composite<T>(
        &mut self,
        operator: Junction,
        parts: &[T],
        write: &mut dyn FnMut(&mut Writer, &T),
    ) {
        self.kind("composite");
        self.operator(match operator {
            Junction::And => "and",
            Junction::Or => "or",
        });
        self.out.push_str(r#","conditions":["#);
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            write(self, part);
        }
        self.out.push(']');
    }

    /// A negation, up to the closing brace; `write` writes what is inside.
    pub fn negation(&mut self, write: impl FnOnce(&mut Writer)) {
        self.kind("not");
        self.out.push_str(r#","condition":"#);
        write(self);
    }

    /// Begins an object of that type.
    pub fn kind(&mut self, kind: &str) {
        let _ = write!(self.out, r#"{{"type":"{kind}""#);
    }

    /// A field whose value is already JSON.
    pub fn raw(&mut self, field: &str, value: impl Display) {
        let _ = write!(self.out, r#","{field}":{value}"#);
    }

    /// A field that is an object, of which `write` writes the fields.
    pub fn object(&mut self, field: &str, write: impl FnOnce(&mut Writer)) {
        let mut inner = Writer::new();
        write(&mut inner);
        let fields = inner.finish();
        self.raw(
            field,
            format_args!("{{{}}}", fields.trim_start_matches(',')),
        );
    }

    /// A field that is an array of objects, of which `write` writes the fields.
    pub fn objects<T>(&mut self, field: &str, all: &[T], mut write: impl FnMut(&T, &mut Writer)) {
        let objects: Vec<String> = all
            .iter()
            .map(|one| {
                let mut inner = Writer::new();
                write(one, &mut inner);
                format!("{{{}}}", inner.finish().trim_start_matches(','))
            })
            .collect();
        self.raw(field, format_args!("[{}]", objects.join(",")));
    }

    pub fn text(&mut self, field: &str, text: &str) {
        self.raw(field, quoted(text));
    }

    /// A list of texts, or the only one by itself.
    pub fn texts(&mut self, field: &str, texts: &[String]) {
        match texts {
            [only] => self.text(field, only),
            several => {
                let quoted: Vec<String> = several.iter().map(|text| quoted(text)).collect();
                self.raw(field, format_args!("[{}]", quoted.join(",")));
            }
        }
    }

    /// A length of time.
    pub fn span(&mut self, field: &str, span: Span) {
        let micros = span.0.unsigned_abs().to_string();
        let seconds = Decimal::from_digits(false, micros.as_bytes(), b"", Some(-6));
        let seconds = seconds.unwrap_or_else(Decimal::zero);
        self.raw(field, format_args!(r#"{{"seconds":{seconds}}}"#));
    }

    /// An instant of the calendar.
    pub fn instant(&mut self, field: &str, instant: Instant) {
        let iso = instant.to_iso().replace(' ', "T").replace("+00", "Z");
        self.text(field, &iso);
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

//! Lengths of time: the `within` and the `olderThan` of an event leg.

use super::super::duration::{self, Complaint, Total, Unit};
use super::super::hints::{did_you_mean, quote};
use super::super::json::{self, Kind};
use super::walk::Walk;
use crate::decimal::Decimal;
use crate::time::Span;
use serde_json::value::RawValue;

impl<'a> Walk<'a> {
    /// The length in a field; reports what is none.
    pub(in crate::criteria) fn length(&mut self, field: &str, raw: &'a RawValue) -> Option<Span> {
        let span = match json::kind(raw.get()) {
            Some(Kind::String) => duration::from_text(&self.string_field(field, raw)?),
            Some(Kind::Object) => self.length_object(field, raw)?.finish(),
            kind => {
                let found = kind.map_or("not JSON", Kind::in_words);
                Err(Complaint::new(
                    format!(
                        "{} is {found} and must be an object or an interval string",
                        quote(field)
                    ),
                    "write {\"days\": 14} or \"14 days\", or leave \"within\" out to count all \
                     occurrences",
                ))
            }
        };
        match span {
            Ok(span) => Some(span),
            Err(Complaint { message, hint }) => {
                let (message, hint) = if field == VALUE {
                    (of_value(&message), of_value(&hint))
                } else {
                    (message, hint.replace("\"within\"", &quote(field)))
                };
                self.problem_in(field, self.offset(raw), message, hint);
                None
            }
        }
    }

    /// The sum of the parts of a length, or `None` when problems have been reported.
    fn length_object(&mut self, field: &str, raw: &'a RawValue) -> Option<Total> {
        let Some(parts) = json::object(raw.get()) else {
            self.problem_in(
                field,
                self.offset(raw),
                format!("a key of {} is not a valid string", quote(field)),
                "use days, hours, minutes or seconds",
            );
            return None;
        };
        self.inside(field, |walk| {
            let mut total = Total::new();
            let mut seen: Vec<&str> = Vec::new();
            let mut fine = true;
            for (key, raw) in &parts {
                let part = walk.part_of_length(field, key, raw, &mut seen);
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
    fn part_of_length(
        &mut self,
        field: &str,
        key: &str,
        raw: &RawValue,
        seen: &mut Vec<&'static str>,
    ) -> Option<(Decimal, Unit)> {
        let at = self.offset(raw);
        let Some((name, unit)) = WINDOW_UNITS.iter().find(|(name, _)| *name == key) else {
            let message = format!("unknown unit {} in {}", quote(key), quote(field));
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

/// The field in which a length stands that is no window.
const VALUE: &str = "value";

/// What is said of windows, said of a length.
fn of_value(said: &str) -> String {
    said.replace("the window", "the length")
        .replace("a window cannot", "a length cannot")
        .replace(": a window always looks back", "")
        .replace(", or leave \"within\" out to count all occurrences", "")
        .replace(
            "leave \"within\" out to count all occurrences",
            "give a shorter one",
        )
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

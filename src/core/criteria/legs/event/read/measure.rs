//! Reading what an event leg measures.

use super::super::{Comparison, Measure};
use super::{COMPARISONS, Check};
use crate::criteria::filter::Field;
use crate::criteria::hints::{cut, did_you_mean, list, quote};
use crate::criteria::json::{self, Kind};
use crate::criteria::measured::Measured;
use crate::criteria::parse::walk::{Node, Walk};
use crate::criteria::zones;
use crate::decimal::Decimal;
use serde_json::value::RawValue;

/// A measure with its bound.
pub(super) struct Bound {
    pub measure: Measure,
    pub measured: Measured,
    pub operator: Comparison,
    pub value: Decimal,
}

impl<'a> Walk<'a> {
    /// What is measured, and what it is compared with.
    pub(super) fn measure(&mut self, node: &Node<'a>, measure: Measure) -> Option<Bound> {
        let measured = self.measured(node, measure);
        let mut complete = true;
        for (missing, example) in [("operator", "\"gte\""), ("value", "100")] {
            if node.field(missing).is_none() {
                self.problem(
                    node.at,
                    format!(
                        "the check {} has no {}",
                        quote(measure.name()),
                        quote(missing)
                    ),
                    format!(
                        "say what it is compared with: add {}: {example}",
                        quote(missing)
                    ),
                );
                complete = false;
            }
        }
        if !complete {
            return None;
        }
        let operator = self.choice(node, "operator", "the measure", &COMPARISONS);
        let value = node.field("value").and_then(|raw| match measure {
            Measure::Distinct => self.count(raw).map(Decimal::whole),
            _ => self.amount(measure, raw),
        });
        Some(Bound {
            measure,
            measured: measured?,
            operator: operator?,
            value: value?,
        })
    }

    /// The number that sums and the like are compared with.
    fn amount(&mut self, measure: Measure, raw: &RawValue) -> Option<Decimal> {
        let at = self.offset(raw);
        let kind = json::kind(raw.get());
        if kind != Some(Kind::Number) {
            let found = kind.map_or("not JSON", Kind::in_words);
            self.problem_in(
                "value",
                at,
                format!(
                    "the check {} needs a number, not {found}",
                    quote(measure.name())
                ),
                "give \"value\" a number without quotation marks",
            );
            return None;
        }
        let number = self.decimal("value", raw)?;
        if !number.is_numeric() {
            self.problem_in(
                "value",
                at,
                format!("no sum is ever {}", cut(raw.get())),
                "give \"value\" a number that numeric can hold",
            );
            return None;
        }
        Some(number)
    }

    /// What is taken of each occurrence.
    pub(super) fn measured(&mut self, node: &Node<'a>, measure: Measure) -> Option<Measured> {
        let is_distinct = measure == Measure::Distinct;
        let Some(raw) = node.field("of") else {
            if !is_distinct {
                return Some(Measured::Number(Field::Value));
            }
            self.problem(
                node.at,
                "the check \"distinct\" needs \"of\"",
                "say what is to differ: add \"of\" with a property of the event, or \"$day\"",
            );
            return None;
        };
        let at = self.offset(raw);
        let path = self.path(node, "of", "a measure")?;
        if !path.key().starts_with('$') {
            let field = Field::Property(path);
            return Some(match is_distinct {
                true => Measured::Scalar(field),
                false => Measured::Number(field),
            });
        }
        let name = path.key();
        let known: &[&str] = match is_distinct {
            true => &[Field::VALUE, Field::SOURCE, Measured::DAY],
            false => &[Field::VALUE],
        };
        if known.contains(&name) && !path.rest().is_empty() {
            let message = format!("there is nothing inside {}", quote(name));
            self.problem_in("of", at, message, "leave out what follows it");
            return None;
        }
        match name {
            Field::VALUE if is_distinct => Some(Measured::Scalar(Field::Value)),
            Field::VALUE => Some(Measured::Number(Field::Value)),
            Field::SOURCE if is_distinct => Some(Measured::Scalar(Field::Source)),
            // Whether there is such a zone was asked with the range.
            Measured::DAY if is_distinct => {
                let zone = node.text("zone");
                Some(Measured::Day(zone.unwrap_or_else(|| zones::UTC.to_owned())))
            }
            Field::SOURCE | Measured::DAY => {
                let message = format!("{} is no number", quote(name));
                let hint = "use the check \"distinct\", or the path of a number, or \"$value\"";
                self.problem_in("of", at, message, hint);
                None
            }
            name => {
                let message = format!("an event has no {}", quote(name));
                self.problem_in("of", at, message, did_you_mean(name, known));
                None
            }
        }
    }

    /// Reports what is measured where nothing is.
    pub(super) fn nothing_measured(&mut self, node: &Node<'a>, check: Option<Check>) -> Option<()> {
        let Some(raw) = node.field("of") else {
            return Some(());
        };
        if check.is_none_or(|check| matches!(check, Check::Measure(_))) {
            return Some(());
        }
        let names = Measure::NAMES.map(|(name, _)| name);
        self.problem_in(
            "of",
            self.offset(raw),
            "\"of\" says what is measured, and nothing is",
            format!("remove \"of\", or use one of the checks {}", list(&names)),
        );
        None
    }
}

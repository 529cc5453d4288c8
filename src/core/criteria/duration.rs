//! Lengths of windows: sums of numbers with units, exact until the end.

mod text;

pub(super) use text::read as from_text;

use crate::decimal::Decimal;
use crate::time::Span;

/// A unit of fixed length. Months and years are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Microseconds,
    Milliseconds,
    Seconds,
    Minutes,
    Hours,
    Days,
    Weeks,
}

impl Unit {
    fn micros(self) -> u64 {
        let span = match self {
            Unit::Microseconds => Span::MICROSECOND,
            Unit::Milliseconds => Span::MILLISECOND,
            Unit::Seconds => Span::SECOND,
            Unit::Minutes => Span::MINUTE,
            Unit::Hours => Span::HOUR,
            Unit::Days => Span::DAY,
            Unit::Weeks => Span(7 * Span::DAY.0),
        };
        span.0.unsigned_abs()
    }
}

/// What is wrong with a length, and what to do.
pub(super) struct Complaint {
    pub message: String,
    pub hint: String,
}

impl Complaint {
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Complaint {
        Complaint {
            message: message.into(),
            hint: hint.into(),
        }
    }

    pub fn varying(unit: &str) -> Complaint {
        Complaint::new(
            format!("a window cannot be given in {unit}"),
            "use days: the length of a month or a year varies",
        )
    }

    fn too_long() -> Complaint {
        Complaint::new(
            "the window is too long",
            "leave \"within\" out to count all occurrences",
        )
    }
}

/// Sums are kept to this many places of a microsecond. What is finer is cut off: it could only
/// matter to a total that lies within 10^-24 seconds of half a microsecond.
const PLACES: u8 = 18;
const ONE: i128 = 1_000_000_000_000_000_000;

/// A sum of numbers with units. `None` once it has overflowed.
pub(super) struct Total(Option<i128>);

impl Total {
    pub fn new() -> Total {
        Total(Some(0))
    }

    pub fn add(&mut self, number: &Decimal, unit: Unit) {
        self.0 = self.0.and_then(|sum| {
            number
                .times(unit.micros())
                .to_fixed(PLACES)
                .and_then(|part| sum.checked_add(part))
        });
    }

    /// The sum rounded to the microsecond, half away from zero.
    pub fn finish(self) -> Result<Span, Complaint> {
        let sum = self.0.ok_or_else(Complaint::too_long)?;
        if sum < 0 {
            return Err(Complaint::new(
                "the window is negative",
                "give a length above zero: a window always looks back",
            ));
        }
        let micros = sum / ONE + i128::from(sum % ONE >= ONE / 2);
        match i64::try_from(micros) {
            Err(_) => Err(Complaint::too_long()),
            Ok(0) => Err(Complaint::new(
                "the window is empty",
                "give a length of at least one microsecond, such as {\"days\": 14}",
            )),
            Ok(micros) => Ok(Span(micros)),
        }
    }
}

//! What is kept of all the occurrences of a series, so that whoever asks about all of them need not read them.
//!
//! A total answers what goes by no clock: how many there are, their sum, the least and the greatest. Another
//! occurrence is added to it; one that is gone cannot be taken away from the least and the greatest, so whoever
//! keeps totals drops them then, and adds up again.

use super::measured::Taken;
use super::value::Scalar;
use crate::decimal::Decimal;
use crate::time::Instant;

/// What all the occurrences of a series come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    /// How many there are; of a series of which numbers are taken how many numbers.
    pub count: u64,
    /// The sum of the numbers.
    pub sum: Decimal,
    /// The least and the greatest of them.
    pub ends: Option<(Decimal, Decimal)>,
    /// When the first and the last happened, with or without a number.
    pub span: Option<(Instant, Instant)>,
}

/// A number with more digits than that before the point, or behind it, is not kept: to add to one with very many
/// costs more than it saves, and whatever is added to those that are, no sum comes to more than what `numeric` holds.
const MOST_DIGITS: u16 = 1_000;

impl Default for Total {
    /// That of nothing.
    fn default() -> Total {
        Total {
            count: 0,
            sum: Decimal::zero(),
            ends: None,
            span: None,
        }
    }
}

impl Total {
    /// Adds an occurrence. Of a series that measures nothing each counts.
    pub fn add(&mut self, at: Instant, value: &Taken, is_measured: bool) {
        self.reach(at);
        match value {
            Some(Scalar::Number(number)) => self.add_number(number),
            _ if !is_measured => self.count += 1,
            _ => {}
        }
    }

    fn reach(&mut self, at: Instant) {
        let (first, last) = self.span.unwrap_or((at, at));
        self.span = Some((first.min(at), last.max(at)));
    }

    fn add_number(&mut self, number: &Decimal) {
        self.count += 1;
        self.sum = self.sum.plus(number);
        match &mut self.ends {
            None => self.ends = Some((number.clone(), number.clone())),
            Some((least, most)) => {
                if number < least {
                    least.clone_from(number);
                }
                if number > most {
                    most.clone_from(number);
                }
            }
        }
    }

    /// Adds what others come to.
    pub fn add_all(&mut self, others: &Total) {
        if let Some((first, last)) = others.span {
            self.reach(first);
            self.reach(last);
        }
        self.count += others.count;
        self.sum = self.sum.plus(&others.sum);
        self.ends = match (self.ends.take(), &others.ends) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c.clone()), b.max(d.clone()))),
            (one, other) => one.or_else(|| other.clone()),
        };
    }

    /// Whether its numbers are short enough to be kept.
    pub fn can_be_kept(&self) -> bool {
        let ends = self.ends.iter().flat_map(|(least, most)| [least, most]);
        let mut numbers = ends.chain([&self.sum]);
        numbers.all(|number| number.is_within(MOST_DIGITS))
    }
}

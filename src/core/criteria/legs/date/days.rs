//! Days counted from today, and when a local day is the one that is asked for.

use crate::criteria::tree::Hold;
use crate::criteria::zones::{self, Zones};
use crate::decimal::Decimal;
use crate::iso;
use crate::time::{Instant, Span};

/// No calendar has so many days.
const ENDLESS: i64 = 1 << 40;
/// Days in 400 years, after which the calendar repeats itself.
const ERA: i64 = 146_097;

/// A number of days after today; below zero before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Days {
    /// As the document has it: a whole number.
    pub number: Decimal,
    /// The same; of numbers that no calendar has some other that none has either.
    days: i64,
    /// As many days as may be taken for it where only month and day matter.
    of_era: i64,
}

impl Days {
    /// `None` for what is no whole number.
    pub(super) fn new(number: Decimal) -> Option<Days> {
        if !number.is_whole() {
            return None;
        }
        let days = number.to_fixed(0).and_then(|days| i64::try_from(days).ok());
        let beyond = if number.is_negative() {
            -ENDLESS
        } else {
            ENDLESS
        };
        Some(Days {
            days: days.unwrap_or(beyond).clamp(-ENDLESS, ENDLESS),
            of_era: i64::from(number.modulo(ERA as u32)),
            number,
        })
    }

    /// As a number, where it is not too large to be said as one.
    pub(super) fn small(&self) -> Option<i64> {
        (self.days.abs() < ENDLESS).then_some(self.days)
    }

    /// The day that comes so many days before that one.
    pub(super) fn before(&self, day: i64) -> i64 {
        day - self.days
    }

    /// The first day from `from` on, so many days after which is the anniversary of a day.
    pub(super) fn anniversary(&self, of: i64, from: i64) -> i64 {
        let (_, month, day) = iso::date(of);
        let earliest = from + self.of_era;
        let (year, ..) = iso::date(earliest);
        let in_year = |year: i64| match (month, day) {
            // In years without it the day before.
            (2, 29) => iso::day_number(year, 2, 28 + i64::from(is_leap(year))),
            _ => iso::day_number(year, month, day),
        };
        let this = in_year(year);
        let anniversary = if this >= earliest {
            this
        } else {
            in_year(year + 1)
        };
        anniversary - self.of_era
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Whether the local day is one that is asked for; `wanted` tells the first of them from a day on, and there is none
/// within days of another.
///
/// Far from such a day the next look is a day before anybody's can begin: no clock is farther than a day from that in
/// Greenwich. Near to it each local day is looked at by itself, and each change of the clocks, which may repeat a
/// part of the day before.
pub(super) fn hold(
    zone: &str,
    zones: &dyn Zones,
    at: Instant,
    wanted: &dyn Fn(i64) -> Option<i64>,
) -> Hold {
    if !at.is_finite() {
        // No day is infinitely far away.
        return Hold {
            truth: false,
            edge: at.max(Instant(i64::MIN + 1)),
        };
    }
    let near = at.0.div_euclid(Span::DAY.0) - 1;
    let Some(day) = wanted(near) else {
        return Hold::for_good(false);
    };
    let soonest = Instant(day.saturating_sub(1).saturating_mul(Span::DAY.0));
    if at < soonest {
        return Hold {
            truth: false,
            edge: soonest,
        };
    }
    Hold {
        truth: zones::day_of(zone, at, zones) == day,
        edge: zones::day_ends(zone, at, zones),
    }
}

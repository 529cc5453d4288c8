//! Where a day begins.

use crate::iso;
use crate::time::{Instant, Span};

/// The zones that the server knows, for dates in documents.
pub trait Zones {
    /// The first instant of that local day, which is one of the calendar; `None` where there is no zone
    /// of that name.
    fn start_of_day(&self, zone: &str, year: i32, month: u8, day: u8) -> Option<Instant>;

    /// The number of the local day of an instant that is none of the infinities, counted from 2000-01-01; `None`
    /// where there is no zone of that name.
    fn day_of(&self, zone: &str, at: Instant) -> Option<i64>;
}

/// Nothing but UTC.
pub(super) struct NoZones;

impl Zones for NoZones {
    fn start_of_day(&self, _: &str, _: i32, _: u8, _: u8) -> Option<Instant> {
        None
    }

    fn day_of(&self, _: &str, _: Instant) -> Option<i64> {
        None
    }
}

/// How the zone is called that needs no looking up.
pub(super) const UTC: &str = "UTC";

pub(super) fn is_utc(zone: &str) -> bool {
    zone.eq_ignore_ascii_case(UTC)
}

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Day {
    pub year: i32,
    pub month: u8,
    pub day: u8,
}

impl Day {
    /// `None` if the calendar has no such day.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Day> {
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let last = match month {
            2 if is_leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        let day = (1..=last).contains(&day).then_some(day)?;
        Some(Day { year, month, day })
    }

    /// Its beginning in UTC.
    pub fn in_utc(self) -> Instant {
        let number = iso::day_number(self.year.into(), self.month.into(), self.day.into());
        Instant(number.saturating_mul(Span::DAY.0))
    }

    /// Its beginning in a zone, if there is such a zone.
    pub fn begins(self, zone: &str, zones: &dyn Zones) -> Option<Instant> {
        if is_utc(zone) {
            return Some(self.in_utc());
        }
        zones.start_of_day(zone, self.year, self.month, self.day)
    }
}

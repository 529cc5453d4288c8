//! What clocks show elsewhere, and where a day begins.

use crate::iso;
use crate::time::{Instant, Span};

/// The zones that the server knows. A local time is what clocks there show: microseconds since theirs showed
/// 2000-01-01 00:00.
///
/// Every answer is `None` where there is no zone of that name, or nothing that it could say of such an instant.
pub trait Zones {
    /// The instant at which clocks show that. One that comes twice is the later one, and one that does not exist
    /// is read with the offset before the gap.
    fn instant(&self, zone: &str, local: i64) -> Option<Instant>;

    /// What clocks show at an instant.
    fn local(&self, zone: &str, at: Instant) -> Option<i64>;

    /// The first instant after that one at which clocks are put forward or back; infinity if that never comes. It
    /// may be one at which they are not, but not a later one.
    fn next_change(&self, zone: &str, after: Instant) -> Option<Instant>;

    /// The first instant of that local day, which is one of the calendar.
    fn start_of_day(&self, zone: &str, year: i32, month: u8, day: u8) -> Option<Instant> {
        let number = iso::day_number(year.into(), month.into(), day.into());
        self.instant(zone, number.saturating_mul(Span::DAY.0))
    }

    /// The number of the local day of an instant, counted from 2000-01-01.
    fn day_of(&self, zone: &str, at: Instant) -> Option<i64> {
        Some(self.local(zone, at)?.div_euclid(Span::DAY.0))
    }
}

/// Nothing but UTC.
#[derive(Clone, Copy, Debug)]
pub struct NoZones;

impl Zones for NoZones {
    fn instant(&self, _: &str, _: i64) -> Option<Instant> {
        None
    }

    fn local(&self, _: &str, _: Instant) -> Option<i64> {
        None
    }

    fn next_change(&self, _: &str, _: Instant) -> Option<Instant> {
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

/// The instant at which clocks in a zone show that; where there is no such zone, clocks in Greenwich.
pub(super) fn instant(zone: &str, local: i64, zones: &dyn Zones) -> Instant {
    let there = (!is_utc(zone))
        .then(|| zones.instant(zone, local))
        .flatten();
    there.unwrap_or(Instant(local))
}

/// The number of the local day of an instant of the calendar, counted from 2000-01-01; where there is no such zone,
/// of that in Greenwich.
pub(super) fn day_of(zone: &str, at: Instant, zones: &dyn Zones) -> i64 {
    let there = (!is_utc(zone)).then(|| zones.day_of(zone, at)).flatten();
    there.unwrap_or_else(|| at.0.div_euclid(Span::DAY.0))
}

/// The first instant after that one at which the local day may be another one.
pub(super) fn day_ends(zone: &str, at: Instant, zones: &dyn Zones) -> Instant {
    let midnight = |local: i64| {
        let rest = Span::DAY.0 - local.rem_euclid(Span::DAY.0);
        at.plus(Span(rest))
    };
    let there = (!is_utc(zone)).then(|| zones.local(zone, at)).flatten();
    let Some(local) = there else {
        return midnight(at.0);
    };
    let change = zones.next_change(zone, at).unwrap_or(Instant::INFINITY);
    midnight(local).min(change)
}

/// Whether there is a zone of that name.
pub(super) fn is_known(zone: &str, zones: &dyn Zones) -> bool {
    is_utc(zone) || zones.instant(zone, 0).is_some()
}

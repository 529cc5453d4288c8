//! Values that say when something is: what they say, and at which instant that is in a zone.

use super::canonical::Writer;
use super::parse::instant::{self, Written};
use super::value::PropertyValue;
use super::words;
use super::zones::{self, Day, UTC, Zones};
use crate::iso;
use crate::time::{Instant, Span};

/// 1970-01-01, from which numbers count.
const EPOCH: i128 = -946_684_800_000_000;

/// What a number counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Seconds since 1970.
    #[default]
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
}

/// What a value says, whatever the zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    At(Instant),
    /// What clocks show then.
    Local(i64),
}

impl Unit {
    pub(super) const NAMES: [(&'static str, Unit); 2] = [
        ("seconds", Unit::Seconds),
        ("milliseconds", Unit::Milliseconds),
    ];

    /// The decimal places of it that a timestamp can tell.
    fn places(self) -> u8 {
        match self {
            Unit::Seconds => 6,
            Unit::Milliseconds => 3,
        }
    }

    /// Writes it in the canonical form, unless it is the one that goes without saying.
    pub(super) fn write(self, into: &mut Writer) {
        if self == Unit::Milliseconds {
            into.text("unit", "milliseconds");
        }
    }
}

impl Reading {
    /// What a value says; `None` for what is no instant.
    pub fn of(value: &PropertyValue, unit: Unit) -> Option<Reading> {
        match value {
            PropertyValue::String(text) => {
                let (reading, micros) = match instant::read(text)? {
                    Written::At(at) => (Reading::At(at), at.0),
                    Written::Day(day) => (Reading::Local(day.in_utc().0), day.in_utc().0),
                    Written::Local(local) => (Reading::Local(local), local),
                };
                (micros >= instant::FIRST.in_utc().0).then_some(reading)
            }
            PropertyValue::Number(number) => {
                let tenths = number.to_fixed(unit.places() + 1)?;
                let micros = (tenths + 5).div_euclid(10).checked_add(EPOCH)?;
                let at = i64::try_from(micros).ok().map(Instant)?;
                let calendar = Instant::START_OF_CALENDAR..Instant::END_OF_CALENDAR;
                calendar.contains(&at).then_some(Reading::At(at))
            }
            _ => None,
        }
    }

    /// When that is, clocks being those of the zone.
    pub fn instant(self, zone: &str, zones: &dyn Zones) -> Instant {
        match self {
            Reading::At(at) => at,
            Reading::Local(local) => zones::instant(zone, local, zones),
        }
    }
}

/// An instant that criteria name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The same for everybody.
    At(Instant),
    /// The beginning of a day, by its number from 2000-01-01 on, where that is another instant for some than for
    /// others.
    Day(i64),
}

impl Moment {
    pub(super) fn instant(self, zone: &str, zones: &dyn Zones) -> Instant {
        match self {
            Moment::At(at) => at,
            Moment::Day(day) => zones::instant(zone, day.saturating_mul(Span::DAY.0), zones),
        }
    }

    pub(super) fn write(self, field: &str, into: &mut Writer) {
        match self {
            Moment::At(at) => into.instant(field, at),
            Moment::Day(day) => into.text(field, &date(day)),
        }
    }

    pub(super) fn words(self) -> String {
        match self {
            Moment::At(at) => words::instant(at),
            Moment::Day(day) => date(day),
        }
    }
}

impl From<Day> for Moment {
    fn from(day: Day) -> Moment {
        Moment::Day(day.in_utc().0.div_euclid(Span::DAY.0))
    }
}

/// A day by its number, as ISO 8601 has it.
pub(super) fn date(number: i64) -> String {
    let (year, month, day) = iso::date(number);
    format!("{year:04}-{month:02}-{day:02}")
}

/// On which side of an instant a value is to be: what can be asked of an event, too, because no clock is in it.
#[derive(Clone, Debug)]
pub struct Beside {
    /// Before it, and not at it or after.
    pub is_before: bool,
    pub than: Instant,
    pub zone: Box<str>,
    pub unit: Unit,
}

impl Beside {
    pub(super) fn operator(is_before: bool) -> &'static str {
        if is_before { "before" } else { "after" }
    }

    pub(super) fn passes(&self, value: Option<&PropertyValue>, zones: &dyn Zones) -> bool {
        let reading = value.and_then(|value| Reading::of(value, self.unit));
        reading.is_some_and(|reading| {
            (reading.instant(&self.zone, zones) < self.than) == self.is_before
        })
    }

    pub(super) fn write(&self, into: &mut Writer) {
        into.operator(Beside::operator(self.is_before));
        into.instant("value", self.than);
        write_zone(&self.zone, into);
        self.unit.write(into);
    }

    /// In words that follow the name of what is tested.
    pub(super) fn words(&self) -> String {
        let than = words::instant(self.than);
        let asked = if self.is_before {
            format!("before {than}")
        } else {
            format!("since {than}")
        };
        match zones::is_utc(&self.zone) {
            true => asked,
            false => format!("{asked} ({})", self.zone),
        }
    }
}

/// Writes a zone that does not go without saying.
pub(super) fn write_zone(zone: &str, into: &mut Writer) {
    if !zones::is_utc(zone) {
        into.text("zone", zone);
    }
}

/// The zone of whoever names none.
pub(super) fn utc() -> Box<str> {
    UTC.into()
}

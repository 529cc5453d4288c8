//! Instants in documents: ISO 8601 with an offset from UTC, or a date, which stands for the beginning of
//! that day.

use super::super::hints::{cut, quote};
use super::super::json;
use super::super::moment::Moment;
use super::super::zones::{self, Day};
use super::walk::{Node, Walk};
use crate::time::{Instant, Span};
use serde_json::value::RawValue;

/// Instants of documents lie in the years from 1 to 9999, which ISO 8601 writes with four digits.
pub(in crate::criteria) const FIRST: Day = Day {
    year: 1,
    month: 1,
    day: 1,
};
const BEYOND_LAST: Day = Day {
    year: 10_000,
    month: 1,
    day: 1,
};

const EXAMPLES: &str = "write it like \"2026-05-01T12:00:00+02:00\", \"2026-05-01T10:00:00Z\" or \
                        \"2026-05-01\", which is the start of that day in the \"zone\"";

/// What an instant in a document says.
pub(in crate::criteria) enum Written {
    At(Instant),
    Day(Day),
    /// What clocks show, without an offset.
    Local(i64),
}

impl<'a> Walk<'a> {
    /// The instant in a field, dates being those of the zone; reports what is none.
    pub(in crate::criteria) fn instant(
        &mut self,
        field: &str,
        raw: &'a RawValue,
        zone: &str,
    ) -> Option<Instant> {
        let instant = match self.written(field, raw)? {
            Written::At(instant) => Some(instant),
            Written::Day(day) if day.year < FIRST.year => None,
            Written::Day(day) => day.begins(zone, self.zones),
            Written::Local(_) => None,
        };
        self.in_calendar(field, raw, instant)
    }

    /// The same, where days begin for each one at another instant.
    pub(in crate::criteria) fn instant_or_day(
        &mut self,
        field: &str,
        raw: &'a RawValue,
    ) -> Option<Moment> {
        let (moment, about) = match self.written(field, raw)? {
            Written::At(instant) => (Moment::At(instant), instant),
            Written::Day(day) => (Moment::from(day), day.in_utc()),
            Written::Local(_) => return None,
        };
        self.in_calendar(field, raw, Some(about)).map(|_| moment)
    }

    /// What is written in a field, which is an instant with its offset or a date; reports what is neither.
    fn written(&mut self, field: &str, raw: &'a RawValue) -> Option<Written> {
        let at = self.offset(raw);
        if json::kind(raw.get()) != Some(json::Kind::String) {
            let found = json::kind(raw.get()).map_or("not JSON", json::Kind::in_words);
            let message = format!(
                "{} is {found} and must be an instant or a date",
                quote(field)
            );
            self.problem_in(field, at, message, EXAMPLES);
            return None;
        }
        let text = self.string_field(field, raw)?;
        match read(&text) {
            Some(Written::Local(_)) => {
                let message = format!("{} has no offset from UTC: {}", quote(field), quote(&text));
                let hint = format!("add one, such as {}", quote(&format!("{}Z", cut(&text))));
                self.problem_in(field, at, message, hint);
                None
            }
            None => {
                let message = format!("{} is no instant: {}", quote(field), quote(&text));
                self.problem_in(field, at, message, EXAMPLES);
                None
            }
            written => written,
        }
    }

    /// An instant, if it is one that documents can name; reports any other.
    fn in_calendar(
        &mut self,
        field: &str,
        raw: &RawValue,
        instant: Option<Instant>,
    ) -> Option<Instant> {
        let calendar = FIRST.in_utc()..BEYOND_LAST.in_utc();
        let instant = instant.filter(|instant| calendar.contains(instant));
        if instant.is_none() {
            let message = format!("{} is out of range", quote(field));
            self.problem_in(
                field,
                self.offset(raw),
                message,
                "give a year from 1 to 9999",
            );
        }
        instant
    }

    /// The zone that a condition names, UTC if it names none; reports what is no zone.
    pub(in crate::criteria) fn zone(&mut self, node: &Node<'a>) -> Option<String> {
        let Some(raw) = node.field("zone") else {
            return Some(zones::UTC.to_owned());
        };
        let at = self.offset(raw);
        if json::kind(raw.get()) == Some(json::Kind::Object) {
            self.problem_in(
                "zone",
                at,
                "the zone of \"since\" and \"until\" is the same for everybody",
                "write the name of a zone, such as \"Europe/Berlin\"",
            );
            return None;
        }
        let zone = self.string_field("zone", raw)?;
        if FIRST_OF_2000.begins(&zone, self.zones).is_none() {
            let message = format!("there is no time zone {}", quote(&zone));
            let hint = "write a name that pg_timezone_names has, such as \"Europe/Berlin\"";
            self.problem_in("zone", at, message, hint);
            return None;
        }
        Some(zone)
    }
}

/// Whatever zone there is has this day.
const FIRST_OF_2000: Day = Day {
    year: 2000,
    month: 1,
    day: 1,
};

/// What a text says that is an instant or a date.
pub(in crate::criteria) fn read(text: &str) -> Option<Written> {
    let text = text.trim_matches(json::WHITE_SPACE);
    let mut rest = Rest(text);
    let year = rest.number(4)?;
    rest.skip('-')?;
    let month = rest.number(2)?;
    rest.skip('-')?;
    let day = rest.number(2)?;
    let day = Day::new(
        i32::try_from(year).ok()?,
        u8::try_from(month).ok()?,
        u8::try_from(day).ok()?,
    )?;
    if rest.0.is_empty() {
        return Some(Written::Day(day));
    }
    rest.any_of(&['T', 't', ' '])?;
    let time = rest.time()?;
    if rest.0.is_empty() {
        return Some(Written::Local(day.in_utc().0 + time));
    }
    let offset = rest.utc_offset()?;
    // Four digits of years are far from overflow.
    let instant = day.in_utc().0 + time - offset;
    rest.0.is_empty().then_some(Written::At(Instant(instant)))
}

/// What has not been read of an instant.
struct Rest<'t>(&'t str);

impl Rest<'_> {
    fn any_of(&mut self, expected: &[char]) -> Option<()> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(())
    }

    fn skip(&mut self, expected: char) -> Option<()> {
        self.any_of(&[expected])
    }

    /// So many digits.
    fn number(&mut self, digits: usize) -> Option<i64> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
        self.0 = rest;
        is_number.then(|| number.parse().ok()).flatten()
    }

    /// Hours and minutes and, if they are there, seconds with a fraction, in microseconds.
    fn time(&mut self) -> Option<i64> {
        let hour = self.number(2)?;
        self.skip(':')?;
        let minute = self.number(2)?;
        let (mut second, mut micros) = (0, 0);
        if self.skip(':').is_some() {
            second = self.number(2)?;
            if self.any_of(&['.', ',']).is_some() {
                micros = self.fraction()?;
            }
        }
        let of_day = Span::HOUR.0 * hour + Span::MINUTE.0 * minute + Span::SECOND.0 * second;
        let is_time = minute < 60 && second < 60 && of_day + micros <= Span::DAY.0;
        is_time.then_some(of_day + micros)
    }

    /// The digits of a fraction of a second, in microseconds, rounded.
    fn fraction(&mut self) -> Option<i64> {
        let end = self.0.find(|c: char| !c.is_ascii_digit());
        let (digits, rest) = self.0.split_at_checked(end.unwrap_or(self.0.len()))?;
        self.0 = rest;
        let places: String = digits.chars().chain(['0'; 7]).take(7).collect();
        let tenths: i64 = places.parse().ok().filter(|_| !digits.is_empty())?;
        Some((tenths + 5) / 10)
    }

    /// `Z`, or how far a clock is ahead, in microseconds.
    fn utc_offset(&mut self) -> Option<i64> {
        if self.any_of(&['Z', 'z']).is_some() {
            return Some(0);
        }
        let sign = if self.skip('+').is_some() {
            1
        } else {
            self.skip('-')?;
            -1
        };
        let hour = self.number(2)?;
        let mut minute = 0;
        if !self.0.is_empty() {
            // With or without a colon.
            let _ = self.skip(':');
            minute = self.number(2)?;
        }
        (hour < 16 && minute < 60).then_some(sign * (Span::HOUR.0 * hour + Span::MINUTE.0 * minute))
    }
}

//! Instants as text that says the same to everybody: in Greenwich, year first, as Postgres's ISO
//! style writes them, so that Postgres reads them back whatever its time zone and date style are.

use crate::time::{Instant, Span};

const INFINITY: &str = "infinity";
const NEG_INFINITY: &str = "-infinity";

/// Days from 0000-03-01, where a year's leap day is its last, to 2000-01-01.
const DAYS_BEFORE_2000: i64 = 730_425;
/// Days in 400 years, after which the calendar repeats itself.
const DAYS_IN_ERA: i64 = 146_097;
/// Years beyond this are refused unread: Postgres's calendar ends long before, and they would overflow.
const LAST_YEAR: i64 = 300_000;

impl Instant {
    /// This instant as text. There is one text for each instant.
    pub fn to_iso(self) -> String {
        if !self.is_finite() {
            let text = if self == Instant::INFINITY {
                INFINITY
            } else {
                NEG_INFINITY
            };
            return text.to_owned();
        }
        let (year, month, day) = date(self.0.div_euclid(Span::DAY.0));
        let micros = self.0.rem_euclid(Span::DAY.0);
        let (hour, minute) = (micros / Span::HOUR.0, micros / Span::MINUTE.0 % 60);
        let (second, fraction) = (micros / Span::SECOND.0 % 60, micros % Span::SECOND.0);
        let fraction = format!(".{fraction:06}");
        let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
        // The year before the first is the first before Christ.
        let (year, era) = if year > 0 {
            (year, "")
        } else {
            (1 - year, " BC")
        };
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}{fraction}+00{era}")
    }

    /// The instant of a text of [`Instant::to_iso`]; `None` for any other text.
    pub fn from_iso(text: &str) -> Option<Instant> {
        let instant = match text {
            INFINITY => Instant::INFINITY,
            NEG_INFINITY => Instant::NEG_INFINITY,
            text => read(text)?,
        };
        (instant.to_iso() == text).then_some(instant)
    }
}

/// Reads such a text, and some others.
fn read(text: &str) -> Option<Instant> {
    let (text, before_christ) = match text.strip_suffix(" BC") {
        Some(text) => (text, true),
        None => (text, false),
    };
    let (date, time) = text.strip_suffix("+00")?.split_once(' ')?;
    let [year, month, day] = numbers(date, '-')?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let [hour, minute, second] = numbers(time, ':')?;
    if year > LAST_YEAR || fraction.len() > 6 {
        return None;
    }
    let year = if before_christ { 1 - year } else { year };
    let micros = number(&format!("{fraction:0<6}"))?;
    let of_day = Span::HOUR.0 * hour + Span::MINUTE.0 * minute + Span::SECOND.0 * second + micros;
    let midnight = day_number(year, month, day).checked_mul(Span::DAY.0)?;
    midnight.checked_add(of_day).map(Instant)
}

fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let mut parts = text.split(separator).map(number);
    let found = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(found)
}

/// At most six digits.
fn number(text: &str) -> Option<i64> {
    let plain = text.len() <= 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// Year (0 being the first before Christ), month and day of the day with this number, 2000-01-01 having
/// number 0.
pub(crate) fn date(day_number: i64) -> (i64, i64, i64) {
    let days = day_number + DAYS_BEFORE_2000;
    let (era, of_era) = (days.div_euclid(DAYS_IN_ERA), days.rem_euclid(DAYS_IN_ERA));
    let of_century = of_era / 1_460 - of_era / 36_524 + of_era / (DAYS_IN_ERA - 1);
    let year = (of_era - of_century) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    // Months from March on: 31, 30, 31, 30, 31 days, and again.
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = (from_march + 2) % 12 + 1;
    (400 * era + year + i64::from(month <= 2), month, day)
}

/// The number of a day, 2000-01-01 having number 0.
pub(crate) fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * DAYS_IN_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - DAYS_BEFORE_2000
}

//! Numbers and times as people read them.

use crate::iso;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A number with a comma before each three digits: `1,234,567`.
pub(super) fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut said = String::from(if number < 0 { "−" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            said.push(',');
        }
        said.push(digit);
    }
    said
}

/// So many of something: `1 member`, `2 members`.
pub(super) fn of(number: i64, thing: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{} {thing}{s}", count(number))
}

/// A length of time in two digits or three: `40 ms`, `1.5 s`, `12 min`, `36 h`, `9 days`.
pub(super) fn length(seconds: f64) -> String {
    let units = [(86_400.0, " days"), (3_600.0, " h"), (60.0, " min")];
    let seconds = if seconds.is_finite() {
        seconds.max(0.0)
    } else {
        0.0
    };
    for (unit, name) in units {
        if seconds >= 2.0 * unit {
            return decimal(seconds / unit, name);
        }
    }
    if seconds >= 1.0 || seconds == 0.0 {
        return decimal(seconds, " s");
    }
    decimal(seconds * 1_000.0, " ms")
}

fn decimal(number: f64, unit: &str) -> String {
    if number >= 10.0 || (number - number.round()).abs() < 0.05 {
        format!("{number:.0}{unit}")
    } else {
        format!("{number:.1}{unit}")
    }
}

/// A day, by its number since the beginning of 2000: `9 Nov`.
pub(super) fn day(number: i64) -> String {
    let (_, month, day) = iso::date(within_the_calendar(number));
    let month = usize::try_from(month - 1).map_or("", |month| MONTHS[month % 12]);
    format!("{day} {month}")
}

/// The same with its year, as in a table: `2026-11-09`.
pub(super) fn date(number: i64) -> String {
    let (year, month, day) = iso::date(within_the_calendar(number));
    format!("{year:04}-{month:02}-{day:02}")
}

/// Days that a database can have.
fn within_the_calendar(number: i64) -> i64 {
    number.clamp(-700_000, 100_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_read_them() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_000), "1,000");
        assert_eq!(count(-1_234_567), "−1,234,567");
        assert_eq!(count(i64::MIN), "−9,223,372,036,854,775,808");
        assert_eq!(of(1, "member"), "1 member");
        assert_eq!(of(0, "member"), "0 members");
    }

    #[test]
    fn lengths_as_people_read_them() {
        assert_eq!(length(0.0), "0 s");
        assert_eq!(length(0.0004), "0.4 ms");
        assert_eq!(length(0.25), "250 ms");
        assert_eq!(length(1.5), "1.5 s");
        assert_eq!(length(119.0), "119 s");
        assert_eq!(length(120.0), "2 min");
        assert_eq!(length(86_400.0), "24 h");
        assert_eq!(length(9.25 * 86_400.0), "9.2 days");
        assert_eq!(length(f64::NAN), "0 s");
        assert_eq!(length(-5.0), "0 s");
    }

    #[test]
    fn days_as_people_read_them() {
        assert_eq!(day(0), "1 Jan");
        assert_eq!(date(59), "2000-02-29");
        assert_eq!(date(i64::MAX).len(), "275790-11-11".len());
        assert!(!day(i64::MIN).is_empty());
    }
}

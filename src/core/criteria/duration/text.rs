//! Interval strings: what Postgres prints and people type (`14 days`, `1 day 12:30:00`), and
//! ISO 8601 (`P1DT12H`).

use super::super::hints::quote;
use super::{Complaint, Total, Unit};
use crate::decimal::Decimal;
use crate::time::Span;

const EXAMPLES: &str = "write it like \"14 days\", \"1 day 12 hours\", \"36:00:00\" or \"P14D\"";

/// Reads an interval string.
pub(in super::super) fn read(written: &str) -> Result<Span, Complaint> {
    let lower = written.trim().to_ascii_lowercase();
    let mut total = Total::new();
    match lower.strip_prefix('p') {
        Some(designators) => iso(designators, &mut total),
        None => words(lower.strip_prefix('@').unwrap_or(&lower), &mut total),
    }
    .map_err(|wrong| wrong.complaint(written))?;
    total.finish()
}

/// Why a string is no window.
enum Wrong {
    /// It cannot be read.
    Malformed,
    /// A number stands alone.
    NoUnit,
    /// This is no unit.
    UnknownUnit(String),
    /// This unit's length varies.
    Varying(&'static str),
    /// It ends in `ago`.
    Ago,
}

impl Wrong {
    fn complaint(self, written: &str) -> Complaint {
        let written = quote(written);
        match self {
            Wrong::Malformed => Complaint::new(format!("{written} is not an interval"), EXAMPLES),
            Wrong::NoUnit => Complaint::new(
                format!("a number without a unit in the interval {written}"),
                "name the unit, as in \"14 days\"",
            ),
            Wrong::UnknownUnit(unit) => Complaint::new(
                format!("unknown unit {} in the interval {written}", quote(&unit)),
                "use days, hours, minutes or seconds",
            ),
            Wrong::Varying(unit) => Complaint::varying(unit),
            Wrong::Ago => Complaint::new(
                "the window is negative",
                "leave \"ago\" out: a window always looks back",
            ),
        }
    }
}

/// Numbers with units, and clock times, in any order.
fn words(text: &str, total: &mut Total) -> Result<(), Wrong> {
    let mut rest = text.trim_start();
    if rest.is_empty() {
        return Err(Wrong::Malformed);
    }
    while !rest.is_empty() {
        if rest == "ago" {
            return Err(Wrong::Ago);
        }
        let (figure, after) = take_while(rest, |c| {
            c.is_ascii_digit() || matches!(c, '.' | ':' | '+' | '-')
        });
        if figure.is_empty() {
            return Err(Wrong::Malformed);
        }
        rest = after.trim_start();
        if figure.contains(':') {
            clock(figure, total)?;
            continue;
        }
        let number = number(figure).ok_or(Wrong::Malformed)?;
        let (name, after) = take_while(rest, char::is_alphabetic);
        if name.is_empty() {
            return Err(
                if rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_digit()) {
                    Wrong::NoUnit
                } else {
                    Wrong::Malformed
                },
            );
        }
        total.add(&number, unit(name)?);
        rest = after.trim_start();
    }
    Ok(())
}

/// `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fraction`; a sign is that of the whole.
fn clock(figure: &str, total: &mut Total) -> Result<(), Wrong> {
    let (sign, unsigned) = sign(figure);
    let mut parts = unsigned.split(':');
    for (unit, limit) in [
        (Unit::Hours, None),
        (Unit::Minutes, Some(60)),
        (Unit::Seconds, Some(60)),
    ] {
        let Some(part) = parts.next() else {
            // Seconds may be left out.
            if unit == Unit::Seconds {
                break;
            }
            return Err(Wrong::Malformed);
        };
        let fraction_allowed = unit == Unit::Seconds;
        let number = Some(part)
            .filter(|part| {
                part.bytes()
                    .all(|b| b.is_ascii_digit() || fraction_allowed && b == b'.')
            })
            .and_then(|part| signed_number(sign, part))
            .ok_or(Wrong::Malformed)?;
        let whole = number.to_fixed(0);
        if limit.is_some_and(|limit| whole.is_none_or(|whole| whole.abs() >= limit)) {
            return Err(Wrong::Malformed);
        }
        total.add(&number, unit);
    }
    if parts.next().is_some() {
        Err(Wrong::Malformed)
    } else {
        Ok(())
    }
}

/// What follows the `P` of ISO 8601, lower-cased. An `M` means months before the `T` and minutes
/// after it.
fn iso(text: &str, total: &mut Total) -> Result<(), Wrong> {
    let mut rest = text;
    let mut in_time = false;
    let mut needs_number = true;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('t').filter(|_| !in_time) {
            (in_time, needs_number, rest) = (true, true, after);
            continue;
        }
        let (figure, after) =
            take_while(rest, |c| c.is_ascii_digit() || matches!(c, '.' | '+' | '-'));
        let number = number(figure).ok_or(Wrong::Malformed)?;
        let mut designators = after.chars();
        let unit = match (designators.next(), in_time) {
            (Some('y'), false) => return Err(Wrong::Varying("years")),
            (Some('m'), false) => return Err(Wrong::Varying("months")),
            (Some('w'), false) => Unit::Weeks,
            (Some('d'), false) => Unit::Days,
            (Some('h'), true) => Unit::Hours,
            (Some('m'), true) => Unit::Minutes,
            (Some('s'), true) => Unit::Seconds,
            (None, _) => return Err(Wrong::NoUnit),
            _ => return Err(Wrong::Malformed),
        };
        total.add(&number, unit);
        needs_number = false;
        rest = designators.as_str();
    }
    if needs_number {
        Err(Wrong::Malformed)
    } else {
        Ok(())
    }
}

/// The units of Postgres's interval input that have a fixed length.
fn unit(name: &str) -> Result<Unit, Wrong> {
    Ok(match name {
        "us" | "usec" | "usecs" | "usecond" | "useconds" | "microsecond" | "microseconds"
        | "microsecon" => Unit::Microseconds,
        "ms" | "msec" | "msecs" | "msecond" | "mseconds" | "millisecond" | "milliseconds"
        | "millisecon" => Unit::Milliseconds,
        "s" | "sec" | "secs" | "second" | "seconds" => Unit::Seconds,
        "m" | "min" | "mins" | "minute" | "minutes" => Unit::Minutes,
        "h" | "hr" | "hrs" | "hour" | "hours" => Unit::Hours,
        "d" | "day" | "days" => Unit::Days,
        "w" | "week" | "weeks" => Unit::Weeks,
        "mon" | "mons" | "month" | "months" => return Err(Wrong::Varying("months")),
        "quarter" | "quarters" | "qtr" => return Err(Wrong::Varying("quarters")),
        "y" | "yr" | "yrs" | "year" | "years" => return Err(Wrong::Varying("years")),
        "dec" | "decs" | "decade" | "decades" => return Err(Wrong::Varying("decades")),
        "c" | "cent" | "century" | "centuries" => return Err(Wrong::Varying("centuries")),
        "mil" | "mils" | "millennium" | "millennia" => return Err(Wrong::Varying("millennia")),
        "ago" => return Err(Wrong::NoUnit),
        _ => return Err(Wrong::UnknownUnit(name.to_owned())),
    })
}

/// The beginning of `text` that passes `wanted`, and the rest.
fn take_while(text: &str, wanted: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !wanted(c)).unwrap_or(text.len()))
}

/// Whether negative, and the text without its sign.
fn sign(figure: &str) -> (bool, &str) {
    match figure.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, figure.strip_prefix('+').unwrap_or(figure)),
    }
}

fn number(figure: &str) -> Option<Decimal> {
    let (negative, unsigned) = sign(figure);
    signed_number(negative, unsigned)
}

/// Digits with at most one point among or beside them: `14`, `1.5`, `.5`, `03`.
fn signed_number(negative: bool, unsigned: &str) -> Option<Decimal> {
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !digits(whole) || !digits(fraction) {
        return None;
    }
    Decimal::from_digits(negative, whole.as_bytes(), fraction.as_bytes(), Some(0))
}

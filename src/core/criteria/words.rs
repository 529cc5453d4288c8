//! Criteria and what they are about in English, for people.
//!
//! Lengths of windows are said exactly; ages are said roughly, as people do. Names and texts that
//! could be taken for anything else stand in JSON's quotation marks, and long ones are cut.

use super::hints::{cut, quote};
use super::json::Kind;
use super::value::{PropertyValue, Scalar};
use crate::decimal::Decimal;
use crate::time::{Instant, Span};

/// About as many characters of a user's value are shown.
const SHOWN: usize = 60;
/// As many names of a list are shown.
const NAMED: usize = 3;

/// Units in which lengths are said, longest first.
const UNITS: [(Span, &str); 4] = [
    (Span::DAY, "day"),
    (Span::HOUR, "hour"),
    (Span::MINUTE, "minute"),
    (Span::SECOND, "second"),
];

/// A length, exactly: `14 days`, `1 day 2 hours`, `0.5 seconds`. One and a half of a unit is said
/// in the next smaller one: `36 hours`, `90 minutes`. Nothing is shorter than no time.
pub fn duration(span: Span) -> String {
    let mut rest = span.0.max(0);
    for pair in UNITS.windows(2) {
        if let [(unit, _), (smaller, name)] = pair
            && rest == unit.0 + unit.0 / 2
        {
            return plural(rest / smaller.0, name);
        }
    }
    let mut parts = Vec::new();
    for (unit, name) in UNITS {
        let whole = rest / unit.0;
        rest %= unit.0;
        if unit == Span::SECOND && rest > 0 {
            let seconds = format!("{whole}.{rest:06}");
            parts.push(format!("{} seconds", seconds.trim_end_matches('0')));
        } else if whole > 0 {
            parts.push(plural(whole, name));
        }
    }
    if parts.is_empty() {
        return plural(0, "second");
    }
    parts.join(" ")
}

/// A length in the largest unit of which it has two, rounded down: `40 days`, `30 hours`.
pub fn roughly(span: Span) -> String {
    let span = span.0.max(0);
    let (unit, name) = UNITS
        .into_iter()
        .find(|(unit, _)| span / unit.0 >= 2)
        .unwrap_or((Span::SECOND, "second"));
    plural(span / unit.0, name)
}

/// How often: `once`, `3 times`.
pub(super) fn times(number: u64) -> String {
    match number {
        1 => "once".into(),
        number => format!("{number} times"),
    }
}

fn plural(number: i64, unit: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{s}")
}

/// An instant that criteria name: a date where it is the beginning of a day in Greenwich.
pub(super) fn instant(at: Instant) -> String {
    let iso = at.to_iso();
    match iso.strip_suffix(" 00:00:00+00") {
        Some(date) => date.to_owned(),
        None => format!("{} UTC", iso.trim_end_matches("+00")),
    }
}

/// When something happened, of which these are the ends; `None` where it may be any time.
pub(super) fn range(
    within: Option<Span>,
    older: Option<Span>,
    since: Option<Instant>,
    until: Option<Instant>,
) -> Option<String> {
    let relative = match (within, older) {
        (None, None) => None,
        (Some(within), None) => Some(window(within)),
        (None, Some(older)) => Some(format!("more than {} ago", duration(older))),
        (Some(within), Some(older)) => {
            let (within, older) = (duration(within), duration(older));
            // The same unit is said once.
            let far = match (within.split_once(' '), older.split_once(' ')) {
                (Some((number, unit)), Some((_, same))) if unit == same => number,
                _ => within.as_str(),
            };
            Some(format!("between {far} and {older} ago"))
        }
    };
    let since = since.map(|since| format!("since {}", instant(since)));
    let until = until.map(|until| format!("before {}", instant(until)));
    let said: Vec<String> = [relative, since, until].into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join(" "))
}

/// "The last day" would be heard as yesterday.
pub(super) fn window(within: Span) -> String {
    let length = match UNITS.into_iter().find(|(unit, _)| *unit == within) {
        Some((Span::DAY, _)) => "24 hours".into(),
        Some((_, name)) => name.into(),
        None => duration(within),
    };
    format!("in the last {length}")
}

/// Some of the events, of which any will do; `None` if there are none.
pub(super) fn events(events: &[&str]) -> Option<String> {
    let mut names: Vec<String> = events.iter().take(NAMED).map(|event| name(event)).collect();
    match events.len().saturating_sub(NAMED) {
        0 => {}
        1 => names.push("one other event".into()),
        more => names.push(format!("{more} other events")),
    }
    match names.as_slice() {
        [] => None,
        [only] => Some(only.clone()),
        [first @ .., last] => Some(format!("{} or {last}", first.join(", "))),
    }
}

/// A name as it is if it looks like one and is not long, or else quoted.
pub(super) fn name(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-.:/$@#".contains(c);
    if name.chars().all(plain) && cut(name) == name {
        name.to_owned()
    } else {
        quote(name)
    }
}

pub(super) fn scalar(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Bool(value) => value.to_string(),
        Scalar::Number(value) => number(value),
        Scalar::String(value) => quote(value),
    }
}

/// A value as JSON, shortened when long.
pub(super) fn value(value: &PropertyValue) -> String {
    match value {
        PropertyValue::Null => "null".into(),
        PropertyValue::Bool(value) => value.to_string(),
        PropertyValue::Number(value) => number(value),
        PropertyValue::String(value) => quote(value),
        PropertyValue::Array(items) => array(items),
        PropertyValue::Opaque => "an object".into(),
    }
}

fn array(items: &[PropertyValue]) -> String {
    let mut shown = String::from("[");
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            shown.push_str(", ");
        }
        if shown.len() > SHOWN {
            return format!("{shown}…] ({} elements)", items.len());
        }
        match item {
            PropertyValue::Array(_) | PropertyValue::Opaque => shown.push('…'),
            item => shown.push_str(&value(item)),
        }
    }
    shown.push(']');
    shown
}

/// The type of a value; `None` for null, which is no value of any type.
pub(super) fn kind(value: &PropertyValue) -> Option<&'static str> {
    let kind = match value {
        PropertyValue::Null => return None,
        PropertyValue::Bool(_) => Kind::Bool,
        PropertyValue::Number(_) => Kind::Number,
        PropertyValue::String(_) => Kind::String,
        PropertyValue::Array(_) => Kind::Array,
        PropertyValue::Opaque => Kind::Object,
    };
    Some(kind.in_words())
}

/// The type of a value that criteria compare with.
pub(super) fn scalar_kind(scalar: &Scalar) -> &'static str {
    let kind = match scalar {
        Scalar::Bool(_) => Kind::Bool,
        Scalar::Number(_) => Kind::Number,
        Scalar::String(_) => Kind::String,
    };
    kind.in_words()
}

/// A number in full as long as that is readable; one that is cut keeps its size.
pub(super) fn number(number: &Decimal) -> String {
    let text = number.to_string();
    let (mantissa, exponent) = match text.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, exponent),
        None => return cut(&text),
    };
    let (sign, size) = match mantissa.strip_prefix('-') {
        Some(size) => ("-", size),
        None => ("", mantissa),
    };
    let digits = size.replace('.', "");
    match exponent.parse::<usize>() {
        // One digit stands before the point, the exponent says how many more belong there.
        Ok(more) if more < SHOWN => {
            let (whole, fraction) = digits.split_at(digits.len().min(more + 1));
            let point = if fraction.is_empty() { "" } else { "." };
            cut(&format!(
                "{sign}{whole:0<width$}{point}{fraction}",
                width = more + 1
            ))
        }
        _ => format!("{}e{exponent}", cut(mantissa)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_as_people_say_them() {
        let said = |micros| duration(Span(micros));
        let hours = |n: i64| duration(Span(n * Span::HOUR.0));
        assert_eq!(hours(24), "1 day");
        assert_eq!(hours(14 * 24), "14 days");
        assert_eq!(hours(36), "36 hours");
        assert_eq!(hours(26), "1 day 2 hours");
        assert_eq!(said(5_400_000_000), "90 minutes");
        assert_eq!(said(90_000_000), "90 seconds");
        assert_eq!(said(1_500_000), "1.5 seconds");
        assert_eq!(said(86_400_000_001), "1 day 0.000001 seconds");
        assert_eq!(said(0), "0 seconds");
        assert_eq!(said(-5), "0 seconds");
        assert_eq!(
            said(i64::MAX),
            "106751991 days 4 hours 54.775807 seconds",
            "the longest there is"
        );
    }

    #[test]
    fn ages_as_people_say_them() {
        let said = |minutes: i64| roughly(Span(minutes * Span::MINUTE.0));
        assert_eq!(said(0), "0 seconds");
        assert_eq!(said(1), "60 seconds");
        assert_eq!(said(90), "90 minutes");
        assert_eq!(said(30 * 60 + 5), "30 hours");
        assert_eq!(said(48 * 60), "2 days");
        assert_eq!(said(400 * 24 * 60 + 700), "400 days");
    }

    #[test]
    fn numbers_keep_their_size() {
        let said = |literal: &str| number(&Decimal::parse(literal).expect("a number"));
        assert_eq!(said("19.90"), "19.9");
        assert_eq!(
            said("-1234567890123456789012345678901234567890"),
            "-1234567890123456789012345678901234567890"
        );
        assert_eq!(said("1e30"), format!("1{}", "0".repeat(30)));
        assert_eq!(
            said("123456789012345678901234.5"),
            "123456789012345678901234.5"
        );
        assert_eq!(said("1e400"), "1e400");
        assert_eq!(said("1e-7"), "1e-7");
        let long = "7".repeat(500);
        assert_eq!(said(&long), format!("7.{}…e499", "7".repeat(58)));
        assert_eq!(said(&format!("0.{long}")), format!("0.{}…", "7".repeat(58)));
    }

    #[test]
    fn values_are_cut_and_quoted() {
        let said = |json: &str| value(&PropertyValue::parse(json));
        assert_eq!(said(r#""it's \"so\"\n""#), r#""it's \"so\"\n""#);
        assert_eq!(
            said(r#"["a", 1, null, {"b": 2}, []]"#),
            r#"["a", 1, null, …, …]"#
        );
        assert_eq!(said("[]"), "[]");
        assert_eq!(said(r#"{"a": 1}"#), "an object");
        let many = format!("[{}1]", "1000000, ".repeat(50));
        assert!(said(&many).ends_with("1000000, …] (51 elements)"));
        assert!(said(&format!("[{}1]", "\"🦔\", ".repeat(50))).len() < 100);
    }
}

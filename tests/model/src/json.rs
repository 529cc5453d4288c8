//! JSON as people write it: in any order, with or without spaces, each thing in one of its ways.

use crate::random::Random;
use crate::value::Step;

/// Keys with what they hold, which is JSON.
pub type Fields = Vec<(&'static str, String)>;

/// A string with its quotation marks.
pub fn text(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            c if c < ' ' => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

pub fn object(random: &mut Random, mut fields: Fields) -> String {
    for last in (1..fields.len()).rev() {
        fields.swap(last, random.below(last + 1));
    }
    let space = random.pick(&["", " ", "\n\t"]);
    let fields: Vec<String> = fields
        .iter()
        .map(|(key, value)| format!("{space}\"{key}\":{space}{value}"))
        .collect();
    format!("{{{}{space}}}", fields.join(","))
}

/// A path, which a name is by itself.
pub fn path(random: &mut Random, name: &str, below: &[Step]) -> String {
    if below.is_empty() && !random.one_in(8) {
        return text(name);
    }
    let mut steps = vec![text(name)];
    for step in below {
        steps.push(match step {
            Step::Name(name) => text(name),
            Step::Place(place) => whole(random, *place as u64),
        });
    }
    format!("[{}]", steps.join(","))
}

/// A whole number.
pub fn whole(random: &mut Random, number: u64) -> String {
    if random.one_in(5) {
        format!("{number}.0")
    } else {
        number.to_string()
    }
}

/// A duration.
pub fn span(random: &mut Random, micros: i64) -> String {
    let (days, rest) = (micros / 86_400_000_000, micros % 86_400_000_000);
    let (hours, rest_of_day) = (rest / 3_600_000_000, rest % 3_600_000_000);
    let seconds = |micros: i64| format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    match random.below(8) {
        0 => format!(r#"{{"seconds":{}}}"#, seconds(micros)),
        1 => format!(r#"{{"seconds":{micros}e-6}}"#),
        2 => format!(
            r#"{{"seconds":{},"days":{days},"hours":{hours}}}"#,
            seconds(rest_of_day)
        ),
        3 => format!(r#""{micros} microseconds""#),
        4 => format!(
            r#""{days} days {hours} hours {} secs""#,
            seconds(rest_of_day)
        ),
        5 => format!(r#""P{days}DT{hours}H{}S""#, seconds(rest_of_day)),
        6 => format!(r#""{} seconds""#, seconds(micros)),
        _ => {
            let (minutes, rest) = (rest_of_day / 60_000_000, rest_of_day % 60_000_000);
            let clock = format!("{hours:02}:{minutes:02}:{:0>9}", seconds(rest));
            format!(
                r#""{days} days {}""#,
                clock.strip_suffix(".000000").unwrap_or(&clock)
            )
        }
    }
}

const DAY: i64 = 86_400_000_000;

/// Year, month and day of the day with that number, 2000-01-01 having number 0.
pub fn date(day_number: i64) -> (i64, usize, i64) {
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    // From 2000 on, whole cycles of 400 years at a time, and then year by year.
    let mut year = 2000 + day_number.div_euclid(146_097) * 400;
    let mut rest = day_number.rem_euclid(146_097);
    loop {
        let days = if is_leap(year) { 366 } else { 365 };
        if rest < days {
            break;
        }
        (rest, year) = (rest - days, year + 1);
    }
    let february = if is_leap(year) { 29 } else { 28 };
    for (month, days) in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        .iter()
        .enumerate()
    {
        if rest < *days {
            return (year, month + 1, rest + 1);
        }
        rest -= days;
    }
    unreachable!("a year is over by then")
}

/// Whether documents can name an instant and its neighbours, whatever the offset that is written.
pub fn can_name(micros: i64) -> bool {
    let second = 1_000_000;
    (-63_000_000_000 * second..252_000_000_000 * second).contains(&micros)
}

/// An instant, some distance from UTC, or a date, which is its midnight in UTC.
pub fn instant(random: &mut Random, micros: i64) -> String {
    if micros.rem_euclid(DAY) == 0 && random.one_in(2) {
        return text(&date_of(micros));
    }
    text(&with_offset(random, micros))
}

/// The date that is there at that time of UTC.
pub fn date_of(micros: i64) -> String {
    let (year, month, day) = date(micros.div_euclid(DAY));
    format!("{year:04}-{month:02}-{day:02}")
}

/// An instant, some distance from UTC.
pub fn with_offset(random: &mut Random, micros: i64) -> String {
    let (ahead, offset) = random.pick(&[
        (0, "Z"),
        (0, "+00:00"),
        (120, "+02:00"),
        (120, "+0200"),
        (120, "+02"),
        (-570, "-09:30"),
    ]);
    let clock = local(random, micros + ahead * 60_000_000);
    format!("{clock}{offset}")
}

/// What clocks show, that being so long after they showed the beginning of 2000.
pub fn local(random: &mut Random, local: i64) -> String {
    let date = date_of(local);
    let of_day = local.rem_euclid(DAY);
    let (hour, minute) = (of_day / 3_600_000_000, of_day / 60_000_000 % 60);
    let (second, fraction) = (of_day / 1_000_000 % 60, of_day % 1_000_000);
    let second = match (second, fraction) {
        (0, 0) if random.one_in(2) => String::new(),
        (second, 0) => format!(":{second:02}"),
        (second, fraction) => format!(":{second:02}.{fraction:06}"),
    };
    let between = random.pick(&["T", " "]);
    format!("{date}{between}{hour:02}:{minute:02}{second}")
}

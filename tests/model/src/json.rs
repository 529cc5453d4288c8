//! JSON as people write it: in any order, with or without spaces, each thing in one of its ways.

use crate::random::Random;

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

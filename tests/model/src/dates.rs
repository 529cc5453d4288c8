//! Values that say when something is, written in one of the ways in which that can be written.

use crate::facts::CALENDAR_END;
use crate::json;
use crate::random::Random;
use crate::value::{Number, Value};
use crate::world::World;
use crate::zones::{DAY, Zone};
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

/// 1970-01-01, from which numbers count.
const EPOCH: i64 = -946_684_800_000_000;
/// 4714-11-24 BC, before which there is no timestamp.
const CALENDAR_BEGIN: i64 = -211_813_488_000_000_000;

/// When something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    At(i64),
    /// What clocks show then.
    Local(i64),
}

impl When {
    pub fn instant(self, zone: &Zone) -> i64 {
        match self {
            When::At(at) => at,
            When::Local(local) => zone.instant(local),
        }
    }
}

/// Texts that were made here, once each, and what they say.
fn texts() -> &'static Mutex<HashMap<&'static str, Option<When>>> {
    static TEXTS: OnceLock<Mutex<HashMap<&'static str, Option<When>>>> = OnceLock::new();
    TEXTS.get_or_init(Mutex::default)
}

fn kept(text: String, says: Option<When>) -> &'static str {
    let mut texts = texts().lock().expect("the texts");
    if let Some((known, known_says)) = texts.get_key_value(text.as_str()) {
        assert_eq!(*known_says, says, "{known}");
        return known;
    }
    let text: &'static str = text.leak();
    texts.insert(text, says);
    text
}

/// Some value that says when something is, or nearly does: around the time at which the world plays.
pub fn value(random: &mut Random, world: &World) -> Value {
    let mut at = world.grid.instant(random);
    for _ in 0..random.pick(&[0, 0, 0, 1, 2]) {
        // About as many years earlier, or days later.
        at = match random.below(3) {
            0 => at.saturating_add(random.between(-3, 3) * DAY),
            _ => at.saturating_sub(random.between(0, 30) * 365 * DAY),
        };
    }
    at = at.clamp(CALENDAR_BEGIN, CALENDAR_END - 1);
    if !json::can_name(at) {
        return number(random, at);
    }
    match random.below(8) {
        0 => Value::any(random, world),
        1 => number(random, at),
        2 | 3 => {
            let text = json::with_offset(random, at);
            text_of(text, When::At(at))
        }
        4 => {
            // Clocks show that somewhere.
            let text = json::local(random, at);
            text_of(text, When::Local(at))
        }
        5 => text_of(json::date_of(leap_day(at)), When::Local(leap_day(at))),
        _ => {
            let midnight = at - at.rem_euclid(DAY);
            text_of(json::date_of(midnight), When::Local(midnight))
        }
    }
}

/// A 29 February of some leap year.
fn leap_day(at: i64) -> i64 {
    // 2000-02-29 has number 59; between 1904 and 2096 every fourth year has one.
    let (first, four_years) = (59 * DAY, 1_461 * DAY);
    let year = (at - first).div_euclid(four_years).clamp(-24, 24);
    first + year * four_years
}

fn text_of(text: String, says: When) -> Value {
    Value::Text(kept(text, Some(says)))
}

/// A number of seconds since 1970; read as milliseconds it is another instant.
fn number(random: &mut Random, at: i64) -> Value {
    let micros = i128::from(at) - i128::from(EPOCH);
    let (seconds, rest) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let written = match rest {
        0 if random.one_in(4) => format!("{seconds}.000"),
        0 => seconds.to_string(),
        _ if micros < 0 => {
            let micros = micros.unsigned_abs();
            format!("-{}.{:06}", micros / 1_000_000, micros % 1_000_000)
        }
        rest => format!("{seconds}.{rest:06}"),
    };
    Value::Number(Number::new(kept(written, None)))
}

/// What a value says.
pub fn read(value: &Value, milliseconds: bool) -> Option<When> {
    match value {
        Value::Text(text) => *texts().lock().expect("the texts").get(text)?,
        Value::Number(number) => {
            let micros = match milliseconds {
                false => number.millionths(),
                true => (number.millionths() + 500).div_euclid(1_000),
            };
            let at = i64::try_from(micros + i128::from(EPOCH)).ok()?;
            (CALENDAR_BEGIN..CALENDAR_END)
                .contains(&at)
                .then_some(When::At(at))
        }
        _ => None,
    }
}

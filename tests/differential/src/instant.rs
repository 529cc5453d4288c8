//! Instants as microseconds since 2000, which is how criteria count them, and how SQL writes them.

/// What instants are counted from.
pub const EPOCH: &str = "2000-01-01 00:00:00+00";
pub const SECOND: i64 = 1_000_000;
pub const HOUR: i64 = 3600 * SECOND;
pub const DAY: i64 = 24 * HOUR;

/// The beginning of 2026.
const YEAR: i64 = (26 * 365 + 7) * DAY;
/// A day of March 2026, when histories begin: the one before clocks are put forward in America.
pub const START: i64 = YEAR + (31 + 28 + 6) * DAY;

/// Days of the months of 2026, from January on.
const MONTHS: [i64; 8] = [31, 28, 31, 30, 31, 30, 31, 31];

/// An instant of January to August 2026 as Postgres reads it.
pub fn text(at: i64) -> String {
    let mut day = (at - YEAR).div_euclid(DAY);
    let rest = at.rem_euclid(DAY);
    let mut month = 0;
    while day >= MONTHS[month] {
        day -= MONTHS[month];
        month += 1;
    }
    assert!(day >= 0, "{at} lies before 2026");
    let seconds = rest / SECOND;
    format!(
        "2026-{:02}-{:02} {:02}:{:02}:{:02}.{:06}+00",
        month + 1,
        day + 1,
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
        rest % SECOND
    )
}

/// An interval as Postgres reads it.
pub fn interval(span: i64) -> String {
    format!("{}.{:06} seconds", span / SECOND, span % SECOND)
}

//! Time zones: what clocks show in a few places, from lists of the instants at which they are put forward or back.
//! Instants and local times are microseconds, the one since 2000-01-01 in Greenwich, the other since clocks showed that.

use crate::facts::MINUS_INFINITY;
use std::sync::OnceLock;

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;
pub const DAY: i64 = 24 * HOUR;

pub struct Zone {
    pub name: &'static str,
    /// From when on clocks are so far ahead of Greenwich; the first since ever.
    ahead: Vec<(i64, i64)>,
}

/// Places that servers know, too. Their clocks are right from 1998 to 2001 and from 2013 on.
pub const REAL: [&str; 8] = [
    "Europe/Berlin",
    "America/Havana",
    "America/St_Johns",
    "America/New_York",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
    "Pacific/Apia",
];
/// Places where clocks do what they hardly ever do anywhere, around the instants at which worlds play; and some real
/// ones.
pub const ODD: [&str; 6] = [
    "Test/Jumps",
    "Test/Midnights",
    "Europe/Berlin",
    "America/Havana",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
];

impl Zone {
    /// The zone of that name; none where there is none.
    pub fn find(name: &str) -> Option<&'static Zone> {
        static ALL: OnceLock<Vec<Zone>> = OnceLock::new();
        let all = ALL.get_or_init(all);
        all.iter().find(|zone| zone.name == name)
    }

    pub fn utc() -> &'static Zone {
        Zone::find("UTC").expect("the zone of Greenwich")
    }

    fn ahead(&self, at: i64) -> i64 {
        let mut ahead = self.ahead.iter().rev();
        let (_, ahead) = ahead.find(|(from, _)| *from <= at).expect("the first");
        *ahead
    }

    /// What clocks show at an instant.
    pub fn local(&self, at: i64) -> i64 {
        at.saturating_add(self.ahead(at))
    }

    /// The local day of an instant, counted from 2000-01-01.
    pub fn day(&self, at: i64) -> i64 {
        self.local(at).div_euclid(DAY)
    }

    /// When clocks show that: the later instant, if they do so twice, and if they never do, when they would have
    /// without the change that they skip it by.
    pub fn instant(&self, local: i64) -> i64 {
        let offsets = self.ahead.iter().map(|(_, ahead)| *ahead);
        let all = offsets.map(|ahead| local.saturating_sub(ahead));
        if let Some(at) = all.filter(|at| self.local(*at) == local).max() {
            return at;
        }
        for pair in self.ahead.windows(2) {
            let [(_, before), (at, after)] = pair else {
                continue;
            };
            if at + before <= local && local < at + after {
                return local - before;
            }
        }
        unreachable!("{local} in {}", self.name)
    }

    /// Every instant at which clocks are put forward or back.
    pub fn changes(&self) -> impl Iterator<Item = i64> {
        self.ahead.iter().skip(1).map(|(at, _)| *at)
    }

    /// Every instant at which a local day may begin.
    pub fn beginnings(&self, day: i64) -> impl Iterator<Item = i128> {
        let offsets = self.ahead.iter().map(|(_, ahead)| *ahead);
        offsets.map(move |ahead| i128::from(day) * i128::from(DAY) - i128::from(ahead))
    }
}

/// The number of a day, 2000-01-01 having number 0.
pub fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let mut number = 0;
    // Every 400 years are the same number of days.
    let eras = (year - 2000).div_euclid(400);
    number += eras * 146_097;
    let year = year - eras * 400;
    for earlier in 2000..year {
        number += if is_leap(earlier) { 366 } else { 365 };
    }
    for earlier in 1..month {
        number += days_in(year, earlier);
    }
    number + day - 1
}

pub fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The first Sunday of a month from a day on.
fn sunday(year: i64, month: i64, from: i64) -> i64 {
    let number = day_number(year, month, from);
    // 2000-01-02 was one.
    number + (1 - number).rem_euclid(7)
}

fn last_sunday(year: i64, month: i64) -> i64 {
    sunday(year, month, days_in(year, month) - 6)
}

/// Instants at which worlds begin: 2000 and May 2025.
const BEGINNINGS: [i64; 2] = [0, 800_000_000 * SECOND];

fn all() -> Vec<Zone> {
    let fixed = |name, hours_and_minutes: (i64, i64)| Zone {
        name,
        ahead: vec![(
            MINUS_INFINITY,
            hours_and_minutes.0 * HOUR + hours_and_minutes.1 * 60 * SECOND,
        )],
    };
    // Changes a year, in which clocks are put forward at the first and back at the second.
    let yearly = |name, ahead: i64, summer: &dyn Fn(i64) -> Option<(i64, i64)>| {
        let mut all = vec![(MINUS_INFINITY, ahead)];
        for year in 1998..2060 {
            if let Some((begins, ends)) = summer(year) {
                all.extend([(begins, ahead + HOUR), (ends, ahead)]);
            }
        }
        Zone { name, ahead: all }
    };
    // In North America summer began and ended at a time on clocks.
    let american = |year: i64, ahead: i64, begins: i64, ends: i64| {
        let (first, last) = match year {
            ..2007 => (sunday(year, 4, 1), last_sunday(year, 10)),
            _ => (sunday(year, 3, 8), sunday(year, 11, 1)),
        };
        (
            first * DAY + begins - ahead,
            last * DAY + ends - ahead - HOUR,
        )
    };
    let minute = 60 * SECOND;
    let newfoundland = -(3 * HOUR + 30 * minute);
    let samoa = vec![
        (MINUS_INFINITY, -11 * HOUR),
        (day_number(2011, 12, 30) * DAY + 10 * HOUR, 14 * HOUR),
        (day_number(2021, 4, 3) * DAY + 14 * HOUR, 13 * HOUR),
    ];
    let mut jumps = vec![(MINUS_INFINITY, HOUR)];
    let mut midnights = vec![(MINUS_INFINITY, -5 * HOUR)];
    for origin in BEGINNINGS {
        jumps.extend([
            (origin + 2 * DAY + 3 * HOUR, 2 * HOUR),
            (origin + 3 * DAY, -10 * HOUR),
            (origin + 5 * DAY + 17, 14 * HOUR),
            (origin + 30 * DAY, HOUR),
        ]);
        // When clocks show midnight, they are put forward; back from one o'clock, so that midnight comes twice; back
        // to the day before, when it has just begun.
        let midnight = origin - origin.rem_euclid(DAY) + 5 * HOUR;
        midnights.extend([
            (midnight + DAY, -4 * HOUR),
            (midnight + 2 * DAY, -5 * HOUR),
            (midnight + 4 * DAY + minute, -6 * HOUR),
            (midnight + 8 * DAY, -5 * HOUR),
        ]);
    }
    vec![
        fixed("UTC", (0, 0)),
        fixed("Asia/Kathmandu", (5, 45)),
        fixed("Pacific/Kiritimati", (14, 0)),
        fixed("Etc/GMT+12", (-12, 0)),
        yearly("Europe/Berlin", HOUR, &|year| {
            let (first, last) = (last_sunday(year, 3), last_sunday(year, 10));
            Some((first * DAY + HOUR, last * DAY + HOUR))
        }),
        yearly("America/New_York", -5 * HOUR, &|year| {
            Some(american(year, -5 * HOUR, 2 * HOUR, 2 * HOUR))
        }),
        yearly("America/St_Johns", newfoundland, &|year| {
            let at = if year < 2012 { minute } else { 2 * HOUR };
            Some(american(year, newfoundland, at, at))
        }),
        yearly("America/Havana", -5 * HOUR, &|year| match year {
            1998 | 1999 => Some((
                last_sunday(year, 3) * DAY + 5 * HOUR,
                last_sunday(year, 10) * DAY + 5 * HOUR,
            )),
            2000..=2003 => Some((
                sunday(year, 4, 1) * DAY + 5 * HOUR,
                last_sunday(year, 10) * DAY + 5 * HOUR,
            )),
            2013.. => Some((
                sunday(year, 3, 8) * DAY + 5 * HOUR,
                sunday(year, 11, 1) * DAY + 5 * HOUR,
            )),
            _ => None,
        }),
        Zone {
            name: "Pacific/Apia",
            ahead: samoa,
        },
        Zone {
            name: "Test/Jumps",
            ahead: jumps,
        },
        Zone {
            name: "Test/Midnights",
            ahead: midnights,
        },
    ]
}

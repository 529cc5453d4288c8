//! Instants as text: what Postgres writes for them with `TimeZone = UTC` and `DateStyle = ISO`.

use hogsend_core::time::{Instant, Span};
use proptest::prelude::*;

/// What Postgres says of both.
const KNOWN: [(i64, &str); 13] = [
    (0, "2000-01-01 00:00:00+00"),
    (1, "2000-01-01 00:00:00.000001+00"),
    (-1, "1999-12-31 23:59:59.999999+00"),
    (500_000, "2000-01-01 00:00:00.5+00"),
    (820_540_800_000_000, "2026-01-01 00:00:00+00"),
    (5_097_600_000_000, "2000-02-29 00:00:00+00"),
    (-3_155_673_600_000_000, "1900-01-01 00:00:00+00"),
    (-63_082_281_600_000_000, "0001-01-01 00:00:00+00"),
    (-63_082_281_600_000_001, "0001-12-31 23:59:59.999999+00 BC"),
    (252_455_659_200_000_000, "10000-01-01 12:00:00+00"),
    (-211_813_488_000_000_000, "4714-11-24 00:00:00+00 BC"),
    (i64::MAX, "infinity"),
    (i64::MIN, "-infinity"),
];

#[test]
fn an_instant_has_the_text_that_postgres_gives_it() {
    for (micros, text) in KNOWN {
        assert_eq!(Instant(micros).to_iso(), text);
        assert_eq!(Instant::from_iso(text), Some(Instant(micros)), "{text}");
    }
}

#[test]
fn other_texts_are_not_read() {
    let others = [
        "",
        "now",
        "Infinity",
        "2026-01-01",
        "2026-01-01 12:00+00",
        "2026-01-01T12:00:00+00",
        "2026-01-01 12:00:00+00:00",
        "2026-01-01 12:00:00.50+00",
        "2026-01-01 12:00:00.0000001+00",
        "2026-01-01 12:00:00.+00",
        "2026-01-01 12:00:00+01",
        "2026-01-01 12:00:00",
        "2026-01-01 24:00:00+00",
        "2026-02-29 12:00:00+00",
        "2026-13-01 12:00:00+00",
        "2026-00-01 12:00:00+00",
        "2026-01-+1 12:00:00+00",
        "02026-01-01 12:00:00+00",
        "0000-01-01 00:00:00+00",
        "999999-01-01 00:00:00+00",
        "2026-01-01-01 12:00:00+00",
        "2026-01-01 12:00:00+00 BC ",
        "٢٠٢٦-01-01 12:00:00+00",
    ];
    for text in others {
        assert_eq!(Instant::from_iso(text), None, "{text}");
    }
}

/// The plainest calendar there is: a day at a time.
#[test]
fn days_follow_each_other() {
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let (mut year, mut month, mut day) = (1896, 1, 1);
    let mut at = Instant::from_iso("1896-01-01 00:00:00+00").expect("an instant");
    while year < 2405 {
        assert_eq!(
            at.to_iso(),
            format!("{year:04}-{month:02}-{day:02} 00:00:00+00")
        );
        let last = match month {
            2 => 28 + i64::from(is_leap(year)),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        day += 1;
        if day > last {
            (month, day) = (month + 1, 1);
        }
        if month > 12 {
            (year, month) = (year + 1, 1);
        }
        at = at.plus(Span::DAY);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn what_is_written_is_read(micros in any::<i64>()) {
        let micros = micros.min(Instant::END_OF_CALENDAR.0 - 1);
        let text = Instant(micros).to_iso();
        prop_assert_eq!(Instant::from_iso(&text), Some(Instant(micros)), "{}", text);
    }

    #[test]
    fn no_text_is_a_surprise(text in "[0-9]{1,7}-[0-9]{1,3}-[0-9]{1,3} [0-9]{1,7}:[0-9]{2}:[0-9]{2}(\\.[0-9]{0,7})?\\+00( BC)?") {
        if let Some(instant) = Instant::from_iso(&text) {
            prop_assert_eq!(instant.to_iso(), text);
        }
    }
}

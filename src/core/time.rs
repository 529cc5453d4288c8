//! Instants and spans in the unit in which Postgres stores them: whole microseconds.

/// A point in time: microseconds since 2000-01-01 00:00 UTC, exactly Postgres's `timestamptz`.
///
/// Postgres's `infinity` and `-infinity` are the two ends of the range, so that comparisons need
/// no special case; arithmetic saturates there and never leaves them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

/// A length of time in microseconds. A day is always 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub i64);

impl Instant {
    /// Postgres's `infinity`: later than everything.
    pub const INFINITY: Instant = Instant(i64::MAX);
    /// Postgres's `-infinity`: earlier than everything.
    pub const NEG_INFINITY: Instant = Instant(i64::MIN);

    /// 4714-11-24 BC, before which Postgres has no timestamp other than `-infinity`.
    pub const START_OF_CALENDAR: Instant = Instant(-211_813_488_000_000_000);

    /// 294277-01-01, where Postgres's calendar ends: it reads no timestamp from here on, other than
    /// `infinity`.
    pub const END_OF_CALENDAR: Instant = Instant(9_223_371_331_200_000_000);

    /// Whether this is an instant of the calendar, and neither infinity.
    pub fn is_finite(self) -> bool {
        self != Self::INFINITY && self != Self::NEG_INFINITY
    }

    /// This instant `span` later. Infinities stay where they are; overflow saturates to them.
    pub fn plus(self, span: Span) -> Instant {
        if self.is_finite() {
            Instant(self.0.saturating_add(span.0))
        } else {
            self
        }
    }

    /// This instant `span` later, to be stored: infinity where the calendar has ended by then.
    pub fn storable_plus(self, span: Span) -> Instant {
        match self.plus(span) {
            at if at < Self::END_OF_CALENDAR => at,
            _ => Self::INFINITY,
        }
    }

    /// This instant `span` earlier. Infinities stay where they are; overflow saturates to them.
    pub fn minus(self, span: Span) -> Instant {
        if self.is_finite() {
            Instant(self.0.saturating_sub(span.0))
        } else {
            self
        }
    }

    /// The next microsecond, the finest step that Postgres can tell.
    pub fn next(self) -> Instant {
        self.plus(Span(1))
    }

    /// How long after `earlier` this instant is; negative when it is before. Saturates.
    pub fn since(self, earlier: Instant) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    pub const MICROSECOND: Span = Span(1);
    pub const MILLISECOND: Span = Span(1_000);
    pub const SECOND: Span = Span(1_000_000);
    pub const MINUTE: Span = Span(60 * Self::SECOND.0);
    pub const HOUR: Span = Span(60 * Self::MINUTE.0);
    pub const DAY: Span = Span(24 * Self::HOUR.0);

    /// Whole milliseconds, rounded down: the unit in which dwell events are named.
    pub fn millis(self) -> i64 {
        self.0.div_euclid(Self::MILLISECOND.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn infinities_absorb_and_overflow_saturates() {
        assert_eq!(Instant::INFINITY.minus(Span::DAY), Instant::INFINITY);
        assert_eq!(Instant::NEG_INFINITY.plus(Span::DAY), Instant::NEG_INFINITY);
        assert_eq!(Instant(i64::MAX - 5).plus(Span::DAY), Instant::INFINITY);
        let last = Instant(Instant::END_OF_CALENDAR.0 - 1);
        assert_eq!(last.storable_plus(Span(0)), last);
        assert_eq!(last.storable_plus(Span(1)), Instant::INFINITY);
        assert_eq!(
            Instant::NEG_INFINITY.storable_plus(Span(1)),
            Instant::NEG_INFINITY
        );
        assert_eq!(
            Instant(i64::MIN + 5).minus(Span::DAY),
            Instant::NEG_INFINITY
        );
        assert_eq!(Instant(10).since(Instant(3)), Span(7));
    }
}

//! Legs about how often an event happened, and about the first or the last time that it did.
//!
//! All that can be said of single occurrences, by a filter or an absolute range, is in the series, and
//! nothing to these legs. What goes by the clock is here:
//!
//! * [`EventLeg`] counts up to the present, ever or in a window. Any check of a number is a range, so
//!   two occurrences tell everything: the one whose rank is the least that is wanted must be there, and
//!   the one whose rank is one too many must not be. As time goes on occurrences only leave the window,
//!   so the number only falls: such a leg has two steps at most.
//! * [`BetweenLeg`] counts what happened some time ago at least: occurrences enter as well as leave.
//! * [`MeasureLeg`] adds up or compares what is said of the occurrences.
//! * [`PickedLeg`] looks at one occurrence.

mod between;
pub(super) mod measure;
pub(super) mod observed;
pub(in crate::criteria) mod past;
mod picked;
pub(super) mod read;
pub(super) mod window;

pub use between::BetweenLeg;
pub use measure::{Measure, MeasureLeg, Side};
pub use picked::{Pick, PickedLeg};
pub use window::Window;

use super::{Leg, LegKind, Subject};
use crate::criteria::canonical::Writer;
use crate::criteria::effect::{Effect, Order};
use crate::criteria::explain::{Precision, Sight};
use crate::criteria::facts::{Facts, Series};
use crate::criteria::needs::{Needs, SeriesOf};
use crate::criteria::numbers::SeriesNo;
use crate::criteria::scope::Scope;
use crate::criteria::tree::{Held, Hold, TooShallow};
use crate::criteria::verdict::Verdict;
use crate::time::{Instant, Span};

/// A leg about an event.
#[derive(Clone, Debug)]
pub struct EventLeg {
    /// The occurrences of that event.
    pub series: SeriesNo,
    /// What must hold of the number of occurrences.
    pub check: EventCheck,
    /// Only occurrences at most this old count; `None`: all do. Always above zero.
    pub within: Option<Span>,
    /// The same check as a range, for evaluation.
    range: CountRange,
    /// How many there are may be kept.
    has_total: bool,
}

/// What an event leg asks of the number of occurrences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventCheck {
    /// At least one.
    Exists,
    /// None.
    NotExists,
    /// As many as the bound says; without a bound at least one.
    Count(Option<CountBound>),
}

/// The bound of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountBound {
    /// How the number of occurrences compares with `value`.
    pub operator: Comparison,
    /// At most [`MAX_COUNT`].
    pub value: u64,
}

/// How a count compares with its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// More than.
    Gt,
    /// At least.
    Gte,
    /// Less than.
    Lt,
    /// At most.
    Lte,
    /// Exactly.
    Eq,
}

impl Comparison {
    pub(super) fn name(self) -> &'static str {
        match self {
            Comparison::Gt => "gt",
            Comparison::Gte => "gte",
            Comparison::Lt => "lt",
            Comparison::Lte => "lte",
            Comparison::Eq => "eq",
        }
    }
}

/// Any check of a count is a range: at least `low` and fewer than `high`. So one occurrence tells
/// each side: the one of rank `low` must be there, and the one of rank `high` must not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct CountRange {
    /// 0 asks nothing.
    low: u64,
    /// `None` asks nothing; 0 can never be met.
    high: Option<u64>,
}

/// How many occurrences a check asks for.
fn range(check: EventCheck) -> CountRange {
    let (low, high) = match check {
        EventCheck::Exists | EventCheck::Count(None) => (1, None),
        EventCheck::NotExists => (0, Some(1)),
        EventCheck::Count(Some(CountBound { operator, value })) => {
            // Bounds are far below overflow, see MAX_COUNT.
            let beyond = value.saturating_add(1);
            match operator {
                Comparison::Gt => (beyond, None),
                Comparison::Gte => (value, None),
                Comparison::Lt => (0, Some(value)),
                Comparison::Lte => (0, Some(beyond)),
                Comparison::Eq => (value, Some(beyond)),
            }
        }
    };
    CountRange { low, high }
}

impl LegKind for EventLeg {
    const TYPE: &'static str = "event";
    const TELLTALE: &'static str = "eventName";

    fn write(&self, needs: &Needs, into: &mut Writer) {
        let of = needs.of(self.series);
        write_counted(of, self.check, into);
        if let Some(within) = self.within {
            into.span("within", within);
        }
        write_range_and_filter(of, into);
    }

    #[inline]
    fn hold<F: Facts + ?Sized>(&self, facts: &F, at: Instant) -> Hold {
        if self.has_total
            && let Some(total) = facts.total(self.series)
        {
            return Hold::for_good(self.range.has(total.count));
        }
        let series = facts.series(self.series);
        let leaves = |rank: u64| leaves_at(series.rank(rank), self.within);
        match self.range.high {
            Some(0) => return Hold::for_good(false),
            Some(rank) => match leaves(rank) {
                Some(edge) if counts(edge, at) => return Hold { truth: false, edge },
                _ => {}
            },
            None => {}
        }
        match self.range.low {
            0 => Hold::for_good(true),
            rank => match leaves(rank) {
                Some(edge) if counts(edge, at) => Hold { truth: true, edge },
                _ => Hold::for_good(false),
            },
        }
    }

    fn held<F: Facts + ?Sized>(
        &self,
        facts: &F,
        at: Instant,
        now: Instant,
    ) -> Result<Held, TooShallow> {
        past::held(self, facts.series(self.series), at, now)
    }

    fn reaches<F: Facts + ?Sized>(&self, needs: &Needs, facts: &F, at: Instant) -> bool {
        let Some(within) = self.within else {
            return true;
        };
        let series = facts.series(self.series);
        // Single occurrences are there wherever they lie.
        needs.of(self.series).is_none_or(SeriesOf::is_plain)
            || self.range.is_constant()
            || reaches_window(series, within, at)
            || series.rank(self.range.most()).is_some()
    }

    fn effect(&self, series: SeriesNo) -> Effect {
        if series != self.series {
            return Effect::NONE;
        }
        Effect::at_once(self.range.order())
    }

    fn scope(&self) -> Scope {
        Scope::Involved
    }

    fn agrees(&self, asked: &[&Leg]) -> bool {
        self.demand().agrees(asked)
    }

    fn rules_out(&self, series: SeriesNo) -> bool {
        self.series == series && self.within.is_none() && self.range.high == Some(1)
    }

    fn subject(&self) -> Subject {
        Subject::Series(self.series)
    }

    fn words(&self, needs: &Needs) -> String {
        observed::asked(self, needs)
    }

    fn observed<F: Facts + ?Sized>(&self, sight: &Sight<'_, F>, verdict: Verdict) -> String {
        observed::found(self, sight, verdict)
    }

    fn precision(&self) -> Precision {
        self.within.map_or(Precision::Minute, Precision::beside)
    }
}

impl EventLeg {
    fn demand(&self) -> Demand {
        Demand {
            series: self.series,
            within: self.within,
            older: None,
            range: self.range,
        }
    }
}

impl CountRange {
    fn has(self, count: u64) -> bool {
        count >= self.low && self.high.is_none_or(|high| count < high)
    }

    /// Whether every number is in it, or none.
    fn is_constant(self) -> bool {
        matches!((self.low, self.high), (0, None) | (_, Some(0)))
    }

    /// Beyond that many there is no difference any more.
    fn most(self) -> u64 {
        self.low.max(self.high.unwrap_or(0))
    }

    /// What one more can do.
    fn order(self) -> Order {
        match (self.low, self.high) {
            (_, None) => Order::Up,
            (0, Some(_)) => Order::Down,
            _ => Order::Either,
        }
    }
}

/// How many occurrences a leg asks for, and when they are to have happened.
struct Demand {
    series: SeriesNo,
    within: Option<Span>,
    older: Option<Span>,
    range: CountRange,
}

impl Demand {
    fn of(leg: &Leg) -> Option<Demand> {
        match leg {
            Leg::Event(leg) => Some(leg.demand()),
            Leg::Between(leg) => Some(leg.demand()),
            _ => None,
        }
    }

    /// Whether nothing that is asked excludes it.
    fn agrees(&self, asked: &[&Leg]) -> bool {
        let others = asked.iter().filter_map(|leg| Demand::of(leg));
        let mut others = others.filter(|other| other.series == self.series);
        self.range.high != Some(0)
            && others.all(|other| !other.excludes(self) && !self.excludes(&other))
    }

    /// Whether as many as this asks for are more than the other allows: whatever is in a range is in a
    /// wider one.
    fn excludes(&self, fewer: &Demand) -> bool {
        let reaches_back = match (fewer.within, self.within) {
            (None, _) => true,
            (Some(long), Some(short)) => long >= short,
            (Some(_), None) => false,
        };
        // None is narrower than any length: it leaves nothing out.
        reaches_back
            && fewer.older <= self.older
            && fewer.range.high.is_some_and(|high| self.range.low >= high)
    }
}

/// Whether everything was read that is inside a window at `at` or later.
pub(super) fn reaches_window(series: Series<'_>, within: Span, at: Instant) -> bool {
    series.is_complete() || at >= series.from.plus(within)
}

/// The canonical form of what is counted, and how.
fn write_counted(of: Option<&SeriesOf>, check: EventCheck, into: &mut Writer) {
    write_names(of, into);
    let name = match check {
        EventCheck::Exists => "exists",
        EventCheck::NotExists => "not_exists",
        EventCheck::Count(_) => "count",
    };
    into.text("check", name);
    if let EventCheck::Count(Some(CountBound { operator, value })) = check {
        into.compared(operator.name(), value);
    }
}

pub(super) fn write_names(of: Option<&SeriesOf>, into: &mut Writer) {
    into.texts("eventName", of.map_or(&[], |of| &of.events));
}

/// The canonical form of what decides for good which occurrences count.
fn write_range_and_filter(of: Option<&SeriesOf>, into: &mut Writer) {
    let Some(of) = of else { return };
    write_absolute(of.since, of.until, into);
    write_filter(Some(of), into);
}

pub(super) fn write_filter(of: Option<&SeriesOf>, into: &mut Writer) {
    if let Some(filter) = of.and_then(|of| of.filter.as_ref()) {
        into.raw("where", filter.text());
    }
}

pub(super) fn write_absolute(since: Option<Instant>, until: Option<Instant>, into: &mut Writer) {
    for (field, instant) in [("since", since), ("until", until)] {
        if let Some(instant) = instant {
            into.instant(field, instant);
        }
    }
}

/// The first instant at which an occurrence is older than `older`: infinity where it never is.
fn enters_at(occurred_at: Instant, older: Span) -> Instant {
    occurred_at.plus(older).next()
}

/// The first instant at which the occurrence no longer counts: infinity when it always does,
/// `None` when there is none. Infinities absorb what is added to them, so an occurrence at
/// infinity never leaves, and one at minus infinity has left before any time.
fn leaves_at(occurrence: Option<Instant>, within: Option<Span>) -> Option<Instant> {
    let occurred_at = occurrence?;
    Some(match within {
        None => Instant::INFINITY,
        Some(within) => occurred_at.plus(within).next(),
    })
}

/// Whether an occurrence that leaves at `until` is still inside at `at`.
fn counts(until: Instant, at: Instant) -> bool {
    at < until || until == Instant::INFINITY
}

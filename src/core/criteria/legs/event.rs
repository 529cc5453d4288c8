//! Legs about how often an event happened.
//!
//! Any check of a number is a range, so two occurrences tell everything: the one whose rank is the
//! least that is wanted must be there, and the one whose rank is one too many must not be. As time goes
//! on occurrences only leave the window, so the number only falls: such a leg has two steps at most.

mod observed;
pub(in crate::criteria) mod past;
mod read;

use super::{Leg, LegKind, Subject};
use crate::criteria::canonical::Writer;
use crate::criteria::effect::{Effect, Order};
use crate::criteria::explain::{Precision, Sight};
use crate::criteria::facts::Facts;
use crate::criteria::needs::Needs;
use crate::criteria::numbers::SeriesNo;
use crate::criteria::parse::walk::{Node, Walk};
use crate::criteria::scope::Scope;
use crate::criteria::tree::{Held, Hold, TooShallow};
use crate::criteria::verdict::Verdict;
use crate::decimal::Decimal;
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
    fn name(self) -> &'static str {
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

    fn read<'a>(walk: &mut Walk<'a>, node: &Node<'a>) -> Option<EventLeg> {
        read::leg(walk, node)
    }

    fn is_negation(node: &Node, asked: bool) -> bool {
        read::is_negation(node, asked)
    }

    fn write(&self, needs: &Needs, into: &mut Writer) {
        into.text("eventName", needs.event(self.series));
        let check = match self.check {
            EventCheck::Exists => "exists",
            EventCheck::NotExists => "not_exists",
            EventCheck::Count(_) => "count",
        };
        into.text("check", check);
        if let EventCheck::Count(Some(CountBound { operator, value })) = self.check {
            into.compared(operator.name(), value);
        }
        if let Some(within) = self.within {
            let micros = within.0.unsigned_abs().to_string();
            let seconds = Decimal::from_digits(false, micros.as_bytes(), b"", Some(-6));
            into.raw(
                "within",
                format_args!(r#"{{"seconds":{}}}"#, seconds.unwrap_or_else(Decimal::zero)),
            );
        }
    }

    #[inline]
    fn hold<F: Facts + ?Sized>(&self, facts: &F, at: Instant) -> Hold {
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

    fn effect(&self, series: SeriesNo) -> Effect {
        if series != self.series {
            return Effect::NONE;
        }
        Effect::at_once(match (self.range.low, self.range.high) {
            (_, None) => Order::Up,
            (0, Some(_)) => Order::Down,
            _ => Order::Either,
        })
    }

    fn scope(&self) -> Scope {
        Scope::Involved
    }

    fn agrees(&self, asked: &[&Leg]) -> bool {
        let mut others = asked.iter().filter_map(|leg| match leg {
            Leg::Event(other) if other.series == self.series => Some(other),
            _ => None,
        });
        self.range.high != Some(0)
            && others.all(|other| !other.excludes(self) && !self.excludes(other))
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
    /// Whether as many as this asks for are more than the other allows: whatever is inside a window
    /// is inside a longer one.
    fn excludes(&self, fewer: &EventLeg) -> bool {
        let is_inside = match (fewer.within, self.within) {
            (None, _) => true,
            (Some(long), Some(short)) => long >= short,
            (Some(_), None) => false,
        };
        is_inside && fewer.range.high.is_some_and(|high| self.range.low >= high)
    }
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

//! Legs about what is said of occurrences: the sum of their numbers, how many of them differ.
//!
//! Everything in the range is read, and one walk over it finds the truth and its own next step: whatever
//! enters is added, whatever leaves is taken away again.

mod observed;
mod state;

use super::window::{Inside, Window};
use super::{Comparison, CountRange, reaches_window, write_names, write_range_and_filter};
use crate::criteria::canonical::Writer;
use crate::criteria::effect::{Effect, Onset, Order};
use crate::criteria::explain::{Precision, Sight};
use crate::criteria::facts::{Facts, Series};
use crate::criteria::legs::{Leg, LegKind, Subject};
use crate::criteria::needs::{Needs, SeriesOf};
use crate::criteria::numbers::SeriesNo;
use crate::criteria::scope::Scope;
use crate::criteria::since::ALWAYS;
use crate::criteria::total::Total;
use crate::criteria::tree::{Held, Hold, TooShallow};
use crate::criteria::verdict::{END_OF_CALENDAR, Verdict};
use crate::decimal::Decimal;
use crate::time::Instant;
pub(in crate::criteria::legs) use state::State;

/// What is made of all that was taken of the occurrences in the range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The sum of numbers: 0 of none.
    Sum,
    /// Their sum divided by how many they are; of none there is none.
    Avg,
    /// The least; of none there is none.
    Min,
    /// The greatest; of none there is none.
    Max,
    /// How many different ones there are.
    Distinct,
    /// How many occurrences there are: in comparisons only.
    Count,
}

impl Measure {
    pub(super) const NAMES: [(&'static str, Measure); 5] = [
        ("sum", Measure::Sum),
        ("avg", Measure::Avg),
        ("min", Measure::Min),
        ("max", Measure::Max),
        ("distinct", Measure::Distinct),
    ];

    /// Whether it follows from what is kept of all of them. Which are different does not.
    pub(super) fn has_total(self) -> bool {
        self != Measure::Distinct
    }

    pub(super) fn name(self) -> &'static str {
        let mut names = Measure::NAMES.iter();
        names
            .find(|(_, measure)| *measure == self)
            .map_or("count", |(name, _)| name)
    }
}

/// A leg about a measure of occurrences.
#[derive(Clone, Debug)]
pub struct MeasureLeg {
    /// What is measured.
    pub side: Side,
    /// How it compares with `value`.
    pub operator: Comparison,
    /// What it is compared with.
    pub value: Decimal,
}

impl Comparison {
    pub(in crate::criteria::legs) fn holds<T: Ord + ?Sized>(self, left: &T, right: &T) -> bool {
        let order = left.cmp(right);
        match self {
            Comparison::Gt => order.is_gt(),
            Comparison::Gte => order.is_ge(),
            Comparison::Lt => order.is_lt(),
            Comparison::Lte => order.is_le(),
            Comparison::Eq => order.is_eq(),
        }
    }
}

/// What is measured, and of what.
#[derive(Clone, Debug)]
pub struct Side {
    /// The occurrences, and what is taken of them.
    pub series: SeriesNo,
    /// What is made of that.
    pub measure: Measure,
    /// When they must have happened.
    pub window: Window,
}

impl Side {
    /// What the series comes to, where that is what is measured and it is known.
    pub(in crate::criteria::legs) fn total<'f, F: Facts + ?Sized>(
        &self,
        facts: &'f F,
    ) -> Option<&'f Total> {
        let is_total = self.window.is_lifetime() && self.measure.has_total();
        is_total.then(|| facts.total(self.series)).flatten()
    }

    /// What the range holds at an instant, and which of the series it is.
    pub(in crate::criteria::legs) fn state<'f, F: Facts + ?Sized>(
        &self,
        facts: &'f F,
        at: Instant,
    ) -> (State<'f>, Inside<'f>) {
        if let Some(total) = self.total(facts) {
            let none = self.window.inside(&[], at);
            return (State::of_total(self.measure, total), none);
        }
        let series = facts.series(self.series);
        let inside = self.window.inside(series.latest, at);
        let mut state = State::of(self.measure);
        state.add(series.values, inside.entered..inside.left);
        (state, inside)
    }

    /// Goes on to an instant.
    pub(in crate::criteria::legs) fn go<'f>(
        &self,
        series: Series<'f>,
        (state, inside): &mut (State<'f>, Inside<'f>),
        at: Instant,
    ) {
        let (entered, left) = (inside.entered, inside.left);
        self.window.go(inside, at);
        // Whatever is both old enough and too old at once comes first, and goes.
        state.add(series.values, inside.entered..entered);
        state.take(series.values, inside.left..left);
    }

    /// What the range held at an instant of the past, and since when.
    pub(in crate::criteria::legs) fn was<'f>(
        &self,
        series: Series<'f>,
        at: Instant,
        now: Instant,
    ) -> Result<(State<'f>, Instant), TooShallow> {
        // What was not read had left by then.
        let all_gone = match self.window.within {
            _ if series.is_complete() => ALWAYS,
            Some(within) if reaches_window(series, within, at) => series.from.plus(within),
            _ => return Err(TooShallow),
        };
        // Without a near edge an occurrence is inside from when it happened, and one that is yet to come is
        // inside now.
        let enters = |o: Instant| match self.window.older {
            Some(_) => self.window.enters(o),
            None => o.min(now),
        };
        let mut inside = self.window.inside(series.latest, at);
        if self.window.older.is_none() {
            inside.entered = series.latest.partition_point(|o| at < enters(*o));
        }
        let mut state = State::of(self.measure);
        state.add(
            series.values,
            inside.entered..inside.left.max(inside.entered),
        );
        let entered = series.latest.get(inside.entered).map(|o| enters(*o));
        let left = series
            .latest
            .get(inside.left)
            .map(|o| self.window.leaves(*o));
        let steps = [entered, left].into_iter().flatten();
        Ok((state, steps.fold(all_gone, Instant::max)))
    }

    pub(in crate::criteria::legs) fn reaches<F: Facts + ?Sized>(
        &self,
        facts: &F,
        at: Instant,
    ) -> bool {
        if self.total(facts).is_some() {
            return true;
        }
        let series = facts.series(self.series);
        let in_window = |within| reaches_window(series, within, at);
        series.is_complete() || self.window.within.is_some_and(in_window)
    }

    /// Before this one more occurrence makes no difference.
    pub(in crate::criteria::legs) fn onset(&self) -> Onset {
        self.window.older.map_or(Onset::AtOnce, Onset::After)
    }

    pub(in crate::criteria::legs) fn precision(&self) -> Precision {
        let ends = [self.window.within, self.window.older]
            .into_iter()
            .flatten();
        ends.map(Precision::beside)
            .max()
            .unwrap_or(Precision::Minute)
    }

    /// The canonical form of the events and the check.
    fn write_measured(&self, of: Option<&SeriesOf>, into: &mut Writer) {
        write_names(of, into);
        into.text("check", self.measure.name());
    }

    /// The canonical form of the rest.
    fn write_rest(&self, of: Option<&SeriesOf>, into: &mut Writer) {
        if let Some(measured) = of.and_then(|of| of.measured.as_ref()) {
            measured.write(into);
        }
        if let Some(within) = self.window.within {
            into.span("within", within);
        }
        if let Some(older) = self.window.older {
            into.span("olderThan", older);
        }
        write_range_and_filter(of, into);
    }

    /// The canonical form by itself.
    pub(in crate::criteria::legs) fn write(&self, needs: &Needs, into: &mut Writer) {
        let of = needs.of(self.series);
        self.write_measured(of, into);
        self.write_rest(of, into);
    }
}

impl MeasureLeg {
    /// Of how many different ones it is a range.
    fn distinct(&self) -> Option<CountRange> {
        let whole = self
            .value
            .to_u64()
            .filter(|_| self.side.measure == Measure::Distinct)?;
        Some(super::range(super::EventCheck::Count(Some(
            super::CountBound {
                operator: self.operator,
                value: whole,
            },
        ))))
    }
}

impl LegKind for MeasureLeg {
    const TYPE: &'static str = super::EventLeg::TYPE;
    const TELLTALE: &'static str = super::EventLeg::TELLTALE;

    fn write(&self, needs: &Needs, into: &mut Writer) {
        let of = needs.of(self.side.series);
        self.side.write_measured(of, into);
        into.compared(self.operator.name(), &self.value);
        self.side.write_rest(of, into);
    }

    fn hold<F: Facts + ?Sized>(&self, facts: &F, at: Instant) -> Hold {
        let series = facts.series(self.side.series);
        let mut there = self.side.state(facts, at);
        let truth = there.0.compares(self.operator, &self.value);
        loop {
            let edge = self.side.window.next(&there.1);
            if edge >= END_OF_CALENDAR {
                return Hold::for_good(truth);
            }
            self.side.go(series, &mut there, edge);
            // To the very next flip: to begin anew somewhere on the way would add up all of it again.
            if there.0.compares(self.operator, &self.value) != truth {
                return Hold { truth, edge };
            }
        }
    }

    fn held<F: Facts + ?Sized>(
        &self,
        facts: &F,
        at: Instant,
        now: Instant,
    ) -> Result<Held, TooShallow> {
        let (state, since) = self.side.was(facts.series(self.side.series), at, now)?;
        Ok(Held {
            truth: Some(state.compares(self.operator, &self.value)),
            since,
        })
    }

    fn reaches<F: Facts + ?Sized>(&self, _: &Needs, facts: &F, at: Instant) -> bool {
        self.side.reaches(facts, at)
    }

    fn effect(&self, series: SeriesNo) -> Effect {
        if series != self.side.series {
            return Effect::NONE;
        }
        let order = match (self.side.measure, self.operator) {
            (Measure::Distinct, _) => self.distinct().map_or(Order::Either, CountRange::order),
            (Measure::Max, Comparison::Gt | Comparison::Gte)
            | (Measure::Min, Comparison::Lt | Comparison::Lte) => Order::Up,
            _ => Order::Either,
        };
        Effect {
            order,
            from: self.side.onset(),
        }
    }

    fn scope(&self) -> Scope {
        Scope::Involved
    }

    fn agrees(&self, _: &[&Leg]) -> bool {
        // Of numbers nobody knows what they may be; but fewer than none are not different.
        self.distinct().is_none_or(|range| range.high != Some(0))
    }

    fn rules_out(&self, _: SeriesNo) -> bool {
        // What it does not add up may still have happened.
        false
    }

    fn subject(&self) -> Subject {
        Subject::Series(self.side.series)
    }

    fn words(&self, needs: &Needs) -> String {
        observed::asked(self, needs)
    }

    fn observed<F: Facts + ?Sized>(&self, sight: &Sight<'_, F>, verdict: Verdict) -> String {
        observed::found(self, sight, verdict)
    }

    fn precision(&self) -> Precision {
        self.side.precision()
    }
}

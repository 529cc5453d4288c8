//! Legs about how often an event happened some time ago.
//!
//! An occurrence is inside from when it is old enough until it is too old, so the number rises and falls
//! as time goes on. All that may be inside was read, but of a range without a far edge, which nothing
//! leaves: there it suffices to know as many as the check can tell apart.

use super::window::Window;
use super::{
    CountRange, Demand, EventCheck, observed, reaches_window, write_counted, write_range_and_filter,
};
use crate::criteria::canonical::Writer;
use crate::criteria::effect::{Effect, Onset};
use crate::criteria::explain::{Precision, Sight};
use crate::criteria::facts::{Facts, Series};
use crate::criteria::legs::{Leg, LegKind, Subject};
use crate::criteria::needs::Needs;
use crate::criteria::numbers::SeriesNo;
use crate::criteria::scope::Scope;
use crate::criteria::since::ALWAYS;
use crate::criteria::tree::{Held, Hold, TooShallow};
use crate::criteria::verdict::{END_OF_CALENDAR, Verdict};
use crate::time::{Instant, Span};

/// How many entries and departures are looked at in one go. Beyond, the clock looks again.
const STEPS: usize = 64;

/// A leg about how often an event happened some time ago.
#[derive(Clone, Debug)]
pub struct BetweenLeg {
    /// The occurrences.
    pub series: SeriesNo,
    /// What must hold of the number of those in the range.
    pub check: EventCheck,
    /// Only occurrences at most this old count; longer than `older`.
    pub within: Option<Span>,
    /// Only occurrences older than this count.
    pub older: Span,
    /// The same check as a range, for evaluation.
    pub(super) range: CountRange,
}

impl BetweenLeg {
    pub(super) fn demand(&self) -> Demand {
        Demand {
            series: self.series,
            within: self.within,
            older: Some(self.older),
            range: self.range,
        }
    }

    pub(super) fn window(&self) -> Window {
        Window {
            within: self.within,
            older: Some(self.older),
        }
    }

    /// See [`held`](LegKind::held). Whatever is older than `older` has been there for as long, so the past
    /// is as the present tells it.
    fn was(&self, series: Series<'_>, at: Instant) -> Result<Held, TooShallow> {
        let window = self.window();
        let inside = window.inside(series.latest, at);
        let count = inside.count();
        // What was not read had left by then.
        let all_gone = match self.within {
            _ if self.range.is_constant() || series.is_complete() => ALWAYS,
            None if count >= self.range.most() => ALWAYS,
            Some(within) if reaches_window(series, within, at) => series.from.plus(within),
            _ => return Err(TooShallow),
        };
        let entered = inside.latest.get(inside.entered).map(|o| window.enters(*o));
        let left = inside.latest.get(inside.left).map(|o| window.leaves(*o));
        let steps = [entered, left].into_iter().flatten();
        Ok(Held {
            truth: Some(self.range.has(count)),
            since: steps.fold(all_gone, Instant::max),
        })
    }
}

impl LegKind for BetweenLeg {
    const TYPE: &'static str = super::EventLeg::TYPE;
    const TELLTALE: &'static str = super::EventLeg::TELLTALE;

    fn write(&self, needs: &Needs, into: &mut Writer) {
        let of = needs.of(self.series);
        write_counted(of, self.check, into);
        if let Some(within) = self.within {
            into.span("within", within);
        }
        into.span("olderThan", self.older);
        write_range_and_filter(of, into);
    }

    fn hold<F: Facts + ?Sized>(&self, facts: &F, at: Instant) -> Hold {
        let window = self.window();
        let mut inside = window.inside(facts.series(self.series).latest, at);
        let truth = self.range.has(inside.count());
        if self.range.is_constant() {
            return Hold::for_good(truth);
        }
        let mut edge = at;
        for _ in 0..STEPS {
            edge = window.step(&mut inside);
            if edge >= END_OF_CALENDAR {
                return Hold::for_good(truth);
            }
            if self.range.has(inside.count()) != truth {
                break;
            }
        }
        Hold { truth, edge }
    }

    fn held<F: Facts + ?Sized>(
        &self,
        facts: &F,
        at: Instant,
        _: Instant,
    ) -> Result<Held, TooShallow> {
        self.was(facts.series(self.series), at)
    }

    fn reaches<F: Facts + ?Sized>(&self, _: &Needs, facts: &F, at: Instant) -> bool {
        self.was(facts.series(self.series), at).is_ok()
    }

    fn effect(&self, series: SeriesNo) -> Effect {
        if series != self.series {
            return Effect::NONE;
        }
        Effect {
            order: self.range.order(),
            from: Onset::After(self.older),
        }
    }

    fn scope(&self) -> Scope {
        Scope::Involved
    }

    fn agrees(&self, asked: &[&Leg]) -> bool {
        self.demand().agrees(asked)
    }

    fn rules_out(&self, _: SeriesNo) -> bool {
        // What it does not count may still have happened.
        false
    }

    fn subject(&self) -> Subject {
        Subject::Series(self.series)
    }

    fn words(&self, needs: &Needs) -> String {
        observed::asked_between(self, needs)
    }

    fn observed<F: Facts + ?Sized>(&self, sight: &Sight<'_, F>, verdict: Verdict) -> String {
        observed::found_between(self, sight, verdict)
    }

    fn precision(&self) -> Precision {
        let within = self.within.map(Precision::beside);
        within
            .max(Some(Precision::beside(self.older)))
            .unwrap_or(Precision::Minute)
    }
}

//! Legs about how often an event happened some time ago.
//!
//! An occurrence is inside from when it is old enough until it is too old, so the number rises and falls
//! as time goes on. All that may be inside was read, but of a range without a far edge, which nothing
//! leaves: there it suffices to know as many as the check can tell apart.

use super::{
    CountRange, Demand, EventCheck, enters_at, leaves_at, observed, reaches_window, write_counted,
    write_range_and_filter,
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

/// Which of a series, latest first, are inside at an instant: those from the place `entered` up to but
/// not including the place `left`.
pub(super) struct Inside<'f> {
    latest: &'f [Instant],
    pub entered: usize,
    pub left: usize,
}

impl Inside<'_> {
    pub fn count(&self) -> u64 {
        self.left.saturating_sub(self.entered) as u64
    }
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

    pub(super) fn enters(&self, occurred_at: Instant) -> Instant {
        enters_at(occurred_at, self.older)
    }

    pub(super) fn leaves(&self, occurred_at: Instant) -> Instant {
        leaves_at(Some(occurred_at), self.within).unwrap_or(Instant::INFINITY)
    }

    pub(super) fn inside<'f>(&self, latest: &'f [Instant], at: Instant) -> Inside<'f> {
        let is_ahead = |enters: Instant| at < enters || enters == Instant::INFINITY;
        let stays = |leaves: Instant| at < leaves || leaves == Instant::INFINITY;
        Inside {
            latest,
            entered: latest.partition_point(|o| is_ahead(self.enters(*o))),
            left: latest.partition_point(|o| stays(self.leaves(*o))),
        }
    }

    /// When the next one enters or leaves; infinity when none does. Goes on to that instant.
    pub(super) fn step(&self, inside: &mut Inside) -> Instant {
        let at = |place: usize| {
            let place = place.checked_sub(1)?;
            inside.latest.get(place).copied()
        };
        let enters = at(inside.entered).map(|o| self.enters(o));
        let leaves = at(inside.left).map(|o| self.leaves(o));
        let next = enters.into_iter().chain(leaves).min();
        let next = next.unwrap_or(Instant::INFINITY);
        let reached = |instant: Instant| instant <= next && instant != Instant::INFINITY;
        let mut entered = inside.entered;
        while entered > 0 && reached(self.enters(inside.latest[entered - 1])) {
            entered -= 1;
        }
        let mut left = inside.left;
        while left > 0 && reached(self.leaves(inside.latest[left - 1])) {
            left -= 1;
        }
        (inside.entered, inside.left) = (entered, left);
        next
    }

    /// See [`held`](LegKind::held). Whatever is older than `older` has been there for as long, so the past
    /// is as the present tells it.
    fn was(&self, series: Series<'_>, at: Instant) -> Result<Held, TooShallow> {
        let inside = self.inside(series.latest, at);
        let count = inside.count();
        // What was not read had left by then.
        let all_gone = match self.within {
            _ if self.range.is_constant() || series.is_complete() => ALWAYS,
            None if count >= self.range.most() => ALWAYS,
            Some(within) if reaches_window(series, within, at) => series.from.plus(within),
            _ => return Err(TooShallow),
        };
        let entered = inside.latest.get(inside.entered).map(|o| self.enters(*o));
        let left = inside.latest.get(inside.left).map(|o| self.leaves(*o));
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
        let mut inside = self.inside(facts.series(self.series).latest, at);
        let truth = self.range.has(inside.count());
        if self.range.is_constant() {
            return Hold::for_good(truth);
        }
        let mut edge = at;
        for _ in 0..STEPS {
            edge = self.step(&mut inside);
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
